#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""What the disk has after a power cut: what was written last is lost.

CUT has every byte, and this machine has written down but some of them, and
never hears its verdict: it is not flashed again, and found as what it is now.
STALE is told to fetch an image that it once had every byte of: what was noted
of that must be gone before it is told, or it would count as fetched.
DARK is the one whose power is cut, in the middle: it never answers again, and
what is known of its download must not be lost in that silence.
"""
import json
import os
import re
import struct

import lan

EACH = "reboot-ms=200,join-ms=200,restart-ms=200"
DEVICES = f"""
    --device id=1000c10001,{EACH},chunk-ms=200,after=tasmota
    --device id=1000c10002,{EACH},fault=never-fetch
    --device id=1000c10003,{EACH},chunk-ms=5,fault=vanish-half
"""
CUT, STALE, DARK = "1000c10001", "1000c10002", "1000c10003"
SIZE = 81920        # 4 s at the pace of the device


def path(daemon, ident, what):
    return "%s/devices/%s.%s" % (daemon.state, ident, what)


def record(daemon, ident):
    with open(path(daemon, ident, "json")) as f:
        return json.load(f)


def keep(daemon, ident):
    """The files of the device, as they are now."""
    kept = {}
    for what in "json", "progress":
        with open(path(daemon, ident, what), "rb") as f:
            kept[what] = f.read()
    return kept


def bytes_of(daemon, ident):
    return (daemon.device(ident).get("progress") or {"bytes": 0})["bytes"]


def cut(daemon):
    lan.wait(lambda: bytes_of(daemon, CUT) >= SIZE // 2, 30, "half of it")
    kept = keep(daemon, CUT)
    lan.expect(json.loads(kept["json"])["told"]["whole"], False, "whole")
    lan.wait(lambda: record(daemon, CUT)["told"]["whole"], 30,
             "it is written down that it has all")
    daemon.kill()
    for what, data in kept.items():
        with open(path(daemon, CUT, what), "wb") as f:
            f.write(data)
    lan.wait(lambda: lan.report(daemon.folder + "/report")[CUT]["tasmota"], 30,
             "its new firmware")
    daemon.start()


def stale(daemon):
    daemon.wait_for(STALE, "held", reason="approval")
    with open(path(daemon, STALE, "progress"), "wb") as f:
        f.write(struct.pack("<Q", SIZE))
    daemon.ctl("approve", STALE)
    daemon.wait_for(STALE, "downloading")
    lan.expect(os.path.exists(path(daemon, STALE, "progress")), False,
               "what was noted of another attempt")
    lan.expect(record(daemon, STALE)["told"]["bytes"], 0, "bytes")


def dark(folder):
    # It is taken to be there for three times RequerySec.
    daemon = lan.Daemon(folder, limits=dict(StallSec=4), discovery=dict(
        Backend="none", RequerySec=60, Device=[
            " ".join(d) for d in lan.sim_devices() if d[1] == DARK]))
    lan.make_image(daemon.images + "/fw.bin", "valid", "--size", str(SIZE))
    daemon.policy("10-dark", dict(Image="fw.bin", Attempts=3))
    with lan.stopped_at_end(daemon):
        daemon.start()
        see_dark(daemon)


def see_dark(daemon):
    device = daemon.wait_for(DARK, "failed", 90)
    print("%s: %s: %s" % (DARK, device["reason"], device["detail"]))
    lan.expect(device["reason"], "stalled", "its reason")
    for part in (r"in attempt 1: it stopped at \d+ of %d bytes" % SIZE,
                 r"; since then no answer in attempts 2 and 3$"):
        lan.expect(bool(re.search(part, device["detail"])), True, part)
    lan.expect("Do not switch the device off" in device["advice"], True, "its advice")
    ends = [e for e in daemon.history() if e["device"] == DARK]
    lan.expect([e["reason"] for e in ends],
               ["stalled", "no-answer", "stalled"], "its history")
    lan.expect(0 < ends[2]["bytes"] == ends[0]["bytes"] < SIZE, True,
               "its bytes: %s" % ends)


def main(folder):
    daemon = lan.Daemon(folder, limits=dict(StallSec=4))
    lan.make_image(daemon.images + "/fw.bin", "valid", "--size", str(SIZE),
                   "--payload", "tasmota-lite")
    daemon.policy("10-cut", dict(Image="fw.bin", Attempts=2),
                  match=dict(DeviceId=CUT), verify=dict(Expect="tasmota"))
    daemon.policy("20-stale", dict(Image="fw.bin", Attempts=1, Action="ask"),
                  match=dict(DeviceId=STALE))
    with lan.stopped_at_end(daemon):
        daemon.start()
        stale(daemon)
        cut(daemon)
        device = daemon.wait_for(CUT, "verified", 60)
        print("%s: %s" % (CUT, device["detail"]))
        lan.expect(len(daemon.logged(CUT + ".*stalled")) > 0, True,
                   "it was given up")
        seen = lan.report(folder + "/report")[CUT]
        lan.expect((seen["flash_told"], seen["boots"], seen["breaches"]),
                   (1, 1, []), "what it saw")
        daemon.wait_for(STALE, "failed", 30, "never-fetched")
    dark(folder + "/dark")


lan.run(main, DEVICES)
