#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The clock of this machine is set while a canary soaks, and between two runs.

FIRST is flashed while the clock shows 1970, SECOND must soak for an hour, and
TIMED may only go in a window.
"""
import calendar
import mmap
import re
import struct
import time

import lan

EACH = "chunk-ms=1,reboot-ms=200"
DEVICES = f"""
    --device id=1000c60001,{EACH},after=tasmota-later,address=other
    --device id=1000c60002,{EACH},after=tasmota-later,address=other
    --device id=1000c60003,{EACH}
"""
TIMED = "1000c60003"
SOAK, YEAR = 3599, 365 * 86400


class Clock:
    """The clock on the wall of the daemon, ahead by so many seconds."""

    def __init__(self, path):
        self.path = path
        with open(path, "wb") as f:
            f.write(bytes(16))
        with open(path, "r+b") as f:
            self.page = mmap.mmap(f.fileno(), 16)

    def set(self, ahead):
        self.page[:] = struct.pack("<qq", 0, int(ahead))


def togo(daemon, ident):
    """The seconds that the device still soaks."""
    device = daemon.wait_for(ident, "held", 10, "soak")
    minutes, seconds = re.match(
        r"until \d\d:\d\d on \w{3} \d+ \w{3}, (\d+) min(?: (\d+) s)? to go$",
        device["detail"]).groups()
    return 60 * int(minutes) + int(seconds or 0)


def soaks_on(daemon, ident, what):
    """It has been decided anew, and nothing has been won."""
    before = togo(daemon, ident)
    lan.wait(lambda: togo(daemon, ident) < before - 1, 30, "it is looked at")
    left = togo(daemon, ident)
    print("%s: %d s to go" % (what, left))
    lan.expect(left > SOAK - 300, True, what)


def first_two(daemon):
    """Which of them has been flashed, and which soaks."""
    def split():
        devices = daemon.devices()
        done = [i for i in devices if devices[i]["state"] == "flashed"]
        soak = [i for i in devices if devices[i]["reason"] == "soak"]
        return done and soak and (done[0], soak[0])
    return lan.wait(split, 60, "one is flashed, the other soaks")


def window(daemon, clock):
    device = daemon.wait_for(TIMED, "held", 10, "window")
    print(device["detail"])
    lan.expect("clock of this machine is not set" in device["detail"], True,
               "why the window is closed")
    clock.set(0)
    daemon.wait_for(TIMED, "flashed", 60)


def main(folder):
    clock = Clock(folder + "/clock")
    daemon = lan.Daemon(folder, discovery=dict(Backend="embedded",
                                               RequerySec=2))
    daemon.env = dict(LD_PRELOAD=lan.BUILD + "/sleep_shim.so",
                      SLEEP_SHIM=clock.path,
                      ASAN_OPTIONS="verify_asan_link_order=0")
    lan.make_image(daemon.images + "/fw.bin", "valid", "--size", "81920",
                   "--payload", "tasmota-lite")
    daemon.policy("10-timed", dict(Image="fw.bin", Window="00:00-24:00"),
                  match=dict(DeviceId=TIMED))
    daemon.policy("20-all", dict(Image="fw.bin", Attempts=1),
                  rollout=dict(Canary=1, SoakSec=SOAK))
    clock.set(-time.time())
    with lan.stopped_at_end(daemon):
        daemon.start()
        first, second = first_two(daemon)
        window(daemon, clock)
        soaks_on(daemon, second, "the clock is set forward")
        since = calendar.timegm(time.strptime(
            daemon.device(first)["since"], "%Y-%m-%dT%H:%M:%SZ"))
        lan.expect(abs(time.time() - since) < 300, True, "its time")
        seconds = [e["seconds"] for e in daemon.history()]
        lan.expect(all(s < 120 for s in seconds), True,
                   "how long it took: %s" % seconds)
        daemon.kill()
        clock.set(YEAR)
        daemon.start()
        soaks_on(daemon, second, "a restart, and a year ahead")
        clock.set(0)
        lan.sim("join", first)
        daemon.wait_for(first, "verified", 60)
        soaks_on(daemon, second, "the clock is set back")


lan.run(main, DEVICES)
