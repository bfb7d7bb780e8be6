#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""A device that comes last is flashed, however many invented ones came before,
which no policy can tell from real ones.

They would be at work for ever, as there is nobody to answer.
"""
import os
import subprocess
import sys

import lan

DEVICES = """
    --device id=2000a00001,chunk-ms=5,reboot-ms=200,fault=mdns-mute
"""
REAL, SOME = "2000a00001", 100  # its id comes behind those of the others
ATTACKERS = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                         "attackers.py")


def main(folder):
    lan.strangers_up()
    daemon = lan.Daemon(folder, discovery=dict(Backend="embedded"),
                        limits=dict(MaxParallel=4, ProbeTimeoutSec=600))
    lan.make_image(daemon.images + "/first.bin", "small")
    daemon.policy("10-all", dict(Image="first.bin"),
                  match=dict(Type="diy_plug"))
    with open(os.path.join(folder, "crowd"), "w") as out:
        crowd = subprocess.Popen(
            ["ip", "netns", "exec", "evil", sys.executable, "-B", ATTACKERS,
             "announce", str(SOME), "1fff000000"], stdout=out)
    try:
        with lan.stopped_at_end(daemon):
            daemon.start()
            lan.wait(lambda: daemon.ask("status")[1]["counts"].get(
                "held", 0) >= SOME / 2, 60, "a crowd waits")
            lan.sim("set", REAL, "fault=query-mute")
            lan.sim("announce", REAL)
            daemon.wait_for(REAL, "flashed", 60)
            counts = daemon.ask("status")[1]["counts"]
            lan.expect(counts["probing"], 2, "invented ones at work")
    finally:
        crowd.kill()
        crowd.wait()


lan.run(main, DEVICES)
