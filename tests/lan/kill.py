#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Kill reflashd in each state that a job can be in.

Each time it is started again at once; in the end every device must have been
flashed once, and the history must be whole.
"""
import json
import os
import socket

import lan
import torture

QUICK = "reboot-ms=300"
DEVICES = f"""
    --device fw=3.3.0,{QUICK}
    --device fw=3.7.6,{QUICK}
    --device fw=3.6.0,fault=flash-424*1,{QUICK}
    --device fw=3.6.0,fault=verdict-409*1,{QUICK}
    --device id=1000f00001,fault=unlock-500,{QUICK}
"""
STATES = ["probing", "unlocking", "confirming", "offering", "downloading",
          "rebooting", "held", "failed", "flashed"]

# Its unlock is refused, and it has but one attempt.
FAILS = "1000f00001"

# One death costs a device a second of its download.
LIMITS = dict(MaxParallel=4, StallSec=5, FirstFetchSec=4, OfferTimeoutSec=4,
              VerdictSec=3, LeaveTimeoutSec=6, GoneSec=1)


class Changes:
    """What monitor tells, one (id, state, reason) at a time."""

    def __init__(self, daemon):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(daemon.control)
        self.socket.sendall(b'{"v":1,"do":"monitor"}\n')
        self.lines = self.socket.makefile()
        while "ok" not in json.loads(self.lines.readline()):
            pass

    def __iter__(self):
        try:
            for line in self.lines:
                device = json.loads(line).get("device")
                if device is not None:
                    yield device["id"], device["state"], device["reason"]
        except (ConnectionError, ValueError):  # it was killed
            pass


def kill_in(daemon, wanted):
    """The state of those wanted in which it died; None: it was later."""
    changes = Changes(daemon)
    for ident, state, reason in changes:
        if state not in wanted or (state, reason) == ("held", "slot"):
            continue
        daemon.kill()
        later = [change[1] for change in changes if change[0] == ident]
        return state if not later or later[-1] == state else None
    raise lan.Failure("it ended by itself")


def lose_last_line(daemon):
    """As a death between a record and the history would: it comes back."""
    history = daemon.history()
    daemon.stop()
    path = os.path.join(daemon.state, "history.jsonl")
    with open(path) as f:
        lines = f.readlines()
    with open(path, "w") as f:
        f.writelines(lines[:-1])
    daemon.start()
    lan.expect(daemon.history(), history, "history after the loss of a line")


def main(folder):
    daemon = lan.Daemon(folder, limits=LIMITS)
    sha = lan.make_image(os.path.join(daemon.images, "image.bin"),
                         "valid", "--size", "81920")
    daemon.policy("10-fails", dict(Image="image.bin", Attempts=1),
                  match=dict(DeviceId=FAILS))
    daemon.policy("20-all", dict(Image="image.bin", Attempts=10))
    with lan.stopped_at_end(daemon):
        wanted = set(STATES)
        while wanted:
            daemon.start()
            wanted.discard(kill_in(daemon, wanted))
        daemon.start()
        daemon.wait_for(FAILS, "failed", 60)
        daemon.wait_for_all(["flashed", "failed"], 60)
        seen = lan.report(os.path.join(folder, "report"))
        failed = seen.pop(FAILS)
        lan.expect((failed["flash_told"], failed["boots"]), (0, 0), FAILS)
        history = torture.check(daemon, sha, seen)
        ends = [e["state"] for e in history if e["device"] == FAILS]
        lan.expect(ends, ["failed"], FAILS + ": history")
        lose_last_line(daemon)
    print("killed while %s: %d devices flashed, told %d times" % (
        ", ".join(STATES), len(seen),
        sum(d["flash_told"] for d in seen.values())))


# A device may see a breach: main() has looked at them.
lan.run(main, DEVICES, ends=(0, lan.BREACH), loopback=True)
