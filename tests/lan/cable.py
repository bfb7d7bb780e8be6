# SPDX-License-Identifier: ISC
"""Somebody pulls this machine's cable while a device should leave: cable.py
FOLDER

The device stays, and nobody can see that; it must not be called flashed.
"""
import subprocess
import sys

import lan

GONE_SEC, OUT_SEC = 3, 10   # the cable is out for longer than gone is gone


def cable(how):
    subprocess.run(["ip", "link", "set", "eth0", how], check=True)


def main(folder):
    daemon = lan.Daemon(folder, limits=dict(GoneSec=GONE_SEC,
                                            LeaveTimeoutSec=12))
    ident = lan.sim_devices()[0][1]
    lan.make_image(daemon.images + "/first.bin", "small")
    daemon.policy("10-all", dict(Image="first.bin", Attempts=1))
    with lan.stopped_at_end(daemon):
        daemon.start("-D", "device")
        daemon.wait_for(ident, "rebooting", 60)
        cable("down")
        answers = len(daemon.logged("answer: unreachable"))
        lan.wait(lambda: len(daemon.logged("answer: unreachable")) >=
                 answers + OUT_SEC // 2, 120, "it is asked in vain")
        lan.expect(daemon.state_of(ident), "rebooting", "without a cable")
        cable("up")
        device = daemon.wait_for(ident, "failed", 60)
        lan.expect(device["reason"], "came-back-stock", "its reason")


main(*sys.argv[1:])
