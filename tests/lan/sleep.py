#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The machine sleeps, or the daemon does not get to run, while a flashed device
is to come back.

The time in which nobody has looked for it does not count.
"""
import mmap
import signal
import struct
import time

import lan

EACH = "chunk-ms=1,reboot-ms=200,join-ms=200,after=tasmota-later"
DEVICES = f"""
    --device id=1000c30001,{EACH},address=other
    --device id=1000c30002,{EACH}
"""
AWAITED, MISSED = "1000c30001", "1000c30002"
HOUR = 3600


class Machine:
    """Knows how long it has slept."""

    def __init__(self, path):
        self.path = path
        with open(path, "wb") as f:
            f.write(bytes(8))
        with open(path, "r+b") as f:
            self.page = mmap.mmap(f.fileno(), 8)

    def sleep(self, seconds):
        slept, = struct.unpack("<Q", self.page)
        self.page[:] = struct.pack("<Q", slept + seconds)


def stop_for(daemon, seconds):
    """As an overloaded machine does."""
    until = time.monotonic() + seconds
    daemon.process.send_signal(signal.SIGSTOP)
    lan.wait(lambda: time.monotonic() > until, seconds + 10, "that time")
    daemon.process.send_signal(signal.SIGCONT)
    lan.wait(lambda: daemon.logged("reflashd did not get to run for"), 20,
             "that it is said")


def main(folder):
    machine = Machine(folder + "/slept")
    daemon = lan.Daemon(folder, discovery=dict(Backend="embedded",
                                               RequerySec=2))
    daemon.env = dict(LD_PRELOAD=lan.BUILD + "/sleep_shim.so",
                      SLEEP_SHIM=machine.path,
                      ASAN_OPTIONS="verify_asan_link_order=0")
    lan.make_image(daemon.images + "/fw.bin", "valid", "--size", "81920",
                   "--payload", "tasmota-lite")
    daemon.policy("10-one", dict(Image="fw.bin", Attempts=1),
                  match=dict(DeviceId=AWAITED),
                  verify=dict(Expect="tasmota", TimeoutSec=60))
    daemon.policy("20-other", dict(Image="fw.bin", Attempts=1, Action="ask"),
                  verify=dict(Expect="tasmota", TimeoutSec=10))
    with lan.stopped_at_end(daemon):
        daemon.start()
        daemon.wait_for(AWAITED, "verifying", 30)
        machine.sleep(HOUR)
        lan.sim("join", AWAITED)
        device = daemon.wait_for(AWAITED, "verified", 60)
        print("%s: %s" % (AWAITED, device["detail"]))
        daemon.ctl("approve", MISSED)
        daemon.wait_for(MISSED, "verifying", 30)
        stop_for(daemon, 15)
        lan.sim("join", MISSED)
        daemon.wait_for(MISSED, "verified", 60)
        lan.expect(lan.report(folder + "/report")[AWAITED]["breaches"], [],
                   "breaches")


lan.run(main, DEVICES)
