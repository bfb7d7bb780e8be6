#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""A device is flashed in the middle of an attack from the whole LAN.

One device is flashed in quiet, then another while everything that can be done
from the LAN is done at once.  Checked is how it ended, how long it took, what
memory it cost, and that nobody was spoken to who should not be.
"""
import os
import re
import subprocess
import sys
import time

import lan

EACH = "chunk-ms=60,reboot-ms=500"
DEVICES = f"""
    --device id=1000a00001,{EACH}
    --device id=1000a00002,{EACH}
    --device id=1000e00001,fault=endless-body
    --device id=1000e00002,fault=endless-100
    --device id=1000e00003
"""
QUIET, ATTACKED = "1000a00001", "1000a00002"
ENDLESS = ["1000e00001", "1000e00002"]
CLASH, TWIN = "1000e00003", "10.66.0.150"
INVENTED, HALF, SLOW, IDLE = 6000, 200, 500, 2000
KNOWN = 2000  # before the flash begins; 4096 is all that MaxDevices allows
MOST_KIB = 32 * 1024
SLOWER = 2
ATTACKERS = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                         "attackers.py")


class Attack:
    """One of attackers.py, and what it has said."""

    def __init__(self, folder, where, kind, *words):
        self.path = os.path.join(folder, kind)
        with open(self.path, "w") as out:
            self.process = subprocess.Popen(
                [*where, sys.executable, "-B", ATTACKERS, kind,
                 *map(str, words)], stdout=out)

    def said(self):
        if self.process.poll() is not None:
            raise lan.Failure("%s has ended" % self.path)
        with open(self.path) as f:
            return f.read().splitlines()

    def end(self):
        self.process.kill()
        self.process.wait()


def peak_kib(daemon):
    with open("/proc/%d/status" % daemon.process.pid) as f:
        return next(int(line.split()[1]) for line in f if
                    line.startswith("VmHWM:"))


def flash(daemon, ident):
    """The seconds until it has all, and until it is flashed."""
    begin = time.monotonic()
    daemon.ctl("approve", ident)
    daemon.wait_for(ident, "rebooting", 120)
    fetched = time.monotonic() - begin
    daemon.wait_for(ident, "flashed", 120)
    return fetched, time.monotonic() - begin


def has_connected(crowd):
    """Each of them has been let in, or turned away."""
    words = (crowd.said() or [""])[-1].split()
    made = dict(zip(words[::2], map(int, words[1::2])))
    return all(made.get(kind, 0) >= count for kind, count in (
        ("half", HALF), ("slow", SLOW), ("idle", IDLE)))


def known(daemon):
    """How many devices it knows; what was announced does not ever count."""
    return sum(daemon.ask("status")[1]["counts"].values())


def attack(folder, daemon):
    """What flash() says, and what the crowd had done by then."""
    evil = ["ip", "netns", "exec", "evil"]
    flood = Attack(folder, evil, "announce", INVENTED, ATTACKED, CLASH)
    twin = Attack(folder, evil, "pretend", TWIN, CLASH)
    crowd = Attack(folder, evil, "connect", "10.66.0.1", 8266, HALF, SLOW,
                   IDLE)
    try:
        lan.wait(lambda: has_connected(crowd), 60, "the crowd is there")
        lan.wait(flood.said, 60, "all devices have been invented")
        lan.wait(lambda: known(daemon) >= KNOWN, 90, "most are known")
        taken = flash(daemon, ATTACKED)
        flood.said()
        if "asked" not in twin.said():
            raise lan.Failure("nobody has asked the twin")
        return taken, crowd.said()[-1]
    finally:
        flood.end()
        crowd.end()
        twin.end()


def check_contacts(lines):
    """How many devices it spoke to, or who may be one; and nobody else."""
    real = [address for address, _ in lan.sim_devices()]
    invented = ["10.66.0.%d" % n for n in range(2, 102)] + [TWIN]
    # The one that is flashed may be Tasmota by now, at its address or another.
    spoken = {line for line in lines[1:] if
              line not in ("udp 224.0.0.251 5353", "tcp %s 80" % real[0]) and
              not re.fullmatch(r"udp 192\.168\.77\.(1\d+|[2-9]\d?) 9", line)}
    wrong = spoken - {"tcp %s 8081" % address for address in real + invented}
    if wrong:
        raise lan.Failure("it spoke to %r" % wrong)
    return len(spoken)


def check_ends(daemon):
    for ident in ENDLESS:
        daemon.wait_for(ident, "failed", 60, "bad-answer")
    device = daemon.wait_for(CLASH, "refused", 60, "wrong-device")
    lan.expect(device["detail"], "both %s and %s say that they are %s" % (
        device["address"], TWIN, CLASH), "two claimants")
    lan.expect(len(daemon.logged("a connection too many, and was refused")), 1,
               "lines of connections that were refused")


def main(folder):
    lan.strangers_up()
    daemon = lan.Daemon(folder, discovery=dict(Backend="embedded"),
                        limits=dict(ProbeTimeoutSec=4, GoneSec=1))
    lan.make_image(daemon.images + "/first.bin", "valid")
    daemon.policy("10-these", dict(Image="first.bin", Action="ask"),
                  match=dict(DeviceId=" ".join((QUIET, ATTACKED, CLASH))))
    daemon.policy("20-bad", dict(Image="first.bin", Attempts=1),
                  match=dict(DeviceId=" ".join(ENDLESS)))
    watch = Attack(folder, [], "watch")
    lan.wait(watch.said, 20, "somebody watches")
    with lan.stopped_at_end(daemon):
        daemon.start()
        for ident in QUIET, ATTACKED:
            daemon.wait_for(ident, "held", 30, "approval")
        quiet = flash(daemon, QUIET)
        attacked, crowd = attack(folder, daemon)
        print("in quiet:  all fetched in %4.1f s, flashed in %4.1f s" % quiet)
        print("in attack: all fetched in %4.1f s, flashed in %4.1f s" %
              attacked)
        print("%d devices known, connections tried: %s" % (
            known(daemon), crowd))
        print("peak of resident memory: %d KiB" % peak_kib(daemon))
        print("spoken to: %d addresses, and nobody who must not be" %
              check_contacts(watch.said()))
        check_ends(daemon)
        if any(a > SLOWER * q for q, a in zip(quiet, attacked)):
            raise lan.Failure("more than twice as slow")
        if not lan.has_sanitizer() and peak_kib(daemon) > MOST_KIB:
            raise lan.Failure("more than %d KiB" % MOST_KIB)
    watch.end()


lan.run(main, DEVICES)
