#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The main job, on a LAN of healthy devices: flash.py BACKEND

All of them boot exactly the image, saw no breach of protocol, and the log has
one line for each step and no other.
"""
import re

import lan

SIZE = 504848
STEPS = [
    r"seen \(diy_plug(, firmware 3\.[67]\.[06])?\)",
    r"probing \(policy 50-all, image first\.bin, attempt 1 of 3\)",
    r"unlocking: .+", r"confirming: .+", r"offering: .+",
    r"told to download http://192\.168\.77\.1:8266/\w{22}/\S+ \(%d bytes\)" % SIZE,
    r"downloading: .+",
] + [r"downloading %d %% \(\d+ of %d bytes\)" % (n, SIZE)
     for n in range(10, 110, 10)] + [
    r"it reports 0 \(success\)", r"rebooting: .+", r"flashed: .+",
]


def check_log(daemon, ident, address):
    subject = "reflashd: device %s (%s): " % (ident, address)
    lines = [line[len(subject):] for line in daemon.logged(ident)]
    for step, line in zip(STEPS, lines):
        if not re.fullmatch(step, line):
            raise lan.Failure("%s: %r instead of %r" % (ident, line, step))
    lan.expect(len(lines), len(STEPS), "lines of the log for " + ident)


def check_device(seen, sha):
    for key, want in dict(booted_sha256=sha, verdict=0, flash_told=1, boots=1,
                          breaches=[]).items():
        lan.expect(seen[key], want, "%s: %s" % (seen["id"], key))
    lan.expect(seen["requests"]["other"], 0, "calls of another kind")


def main(folder, backend):
    daemon = lan.Daemon(folder, discovery=dict(Backend=backend))
    sha = lan.make_image(daemon.images + "/first.bin", "valid")
    daemon.policy("50-all", dict(Image="first.bin", Sha256=sha))
    with lan.stopped_at_end(daemon):
        daemon.start()
        daemon.wait_for_all({"flashed"}, 90)
        seen = lan.report(folder + "/report")
        lan.expect({d["firmware"] for d in seen.values()},
                   {"3.3.0", "3.6.0", "3.7.6"}, "firmware of the devices")
        for address, ident in lan.sim_devices():
            check_device(seen[ident], sha)
            check_log(daemon, ident, address)
        lan.expect([(e["state"], e["sha256"]) for e in daemon.history()],
                   [("flashed", sha)] * len(seen), "history")
    print("%d devices flashed with %s; %d lines in the log for each" % (
        len(seen), daemon.logged("discovery: ")[-1].split(": ")[2],
        len(STEPS)))


lan.run(main, "--devices 3 --each chunk-ms=10,reboot-ms=500")
