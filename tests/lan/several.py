#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""One order for a hundred devices: each has its line, and none is forgotten.

The devices are approved, cancelled, tried again, ordered and forgotten, all at
once and by policy; a death of the daemon right after the answer loses none of it.
"""
import json
import re
import subprocess

import lan

COUNT = 100
DEVICES = "--devices %d --each chunk-ms=1,reboot-ms=100" % COUNT
LIMITS = dict(MaxParallel=COUNT, GoneSec=1, VerdictSec=5, LeaveTimeoutSec=10,
              FirstFetchSec=30, StallSec=30, FlashTimeoutSec=120,
              ProbeTimeoutSec=30, UnlockTimeoutSec=30, ConfirmTimeoutSec=30,
              OfferTimeoutSec=30)


def outcomes(items):
    return {item["id"]: item["ok"] for item in items}


def order(daemon, what, count, refused=0, **args):
    """The items of an order for several; the reply has these numbers."""
    items, reply = daemon.ask(what, **args)
    lan.expect((reply["ok"], reply["count"], reply["refused"], len(items)),
               (count > 0, count, refused, count + refused),
               "%s %s: %s" % (what, args, reply))
    lan.expect(sum(item["ok"] for item in items), count, "those carried out")
    for item in items:
        lan.expect(set(item) >= {"id", "label", "ok"} and
                   (item["ok"] or bool(item["code"] and item["error"])), True,
                   str(item))
    return items


def held(daemon, reason):
    return {i for i, d in daemon.devices().items()
            if (d["state"], d["reason"]) == ("held", reason)}


def cancel_and_retry(daemon, idents, first):
    """Those of the first policy, then all; and as it was."""
    items = order(daemon, "cancel", len(first), policy="10-first")
    lan.expect(set(outcomes(items)), first, "those of the policy")
    lan.expect(held(daemon, "cancelled"), first, "cancelled")
    items = order(daemon, "cancel", COUNT - len(first), all=True)
    daemon.kill()
    daemon.start()
    lan.expect(held(daemon, "cancelled"), idents, "after a death")
    lan.expect(daemon.ask("cancel", all=True)[1]["code"], "EALREADY", "again")
    # What was cancelled is flashed by its own name alone.
    items = order(daemon, "flash", 0, COUNT, all=True)
    lan.expect({item["code"] for item in items}, {"EBUSY"}, "left out")
    order(daemon, "retry", len(first), all=True, policy="10-first")
    order(daemon, "retry", COUNT - len(first), all=True)
    daemon.wait_for_all({"held"}, 60)
    lan.wait(lambda: held(daemon, "approval") == idents, 60,
             "all wait for an approval again")


def approve_for_one_image(daemon, sha256):
    items = order(daemon, "approve", 0, COUNT, all=True, sha256="0" * 64)
    lan.expect({item["code"] for item in items}, {"ESTALE"}, "another image")
    items = order(daemon, "approve", COUNT, all=True, preview=True)
    lan.expect({item["image"]["sha256"] for item in items}, {sha256}, "shown")
    lan.expect(len(held(daemon, "approval")), COUNT, "only a preview")
    daemon.ctl("pause")
    order(daemon, "approve", COUNT, all=True, sha256=sha256, who="ann")
    daemon.kill()
    daemon.start()
    lan.wait(lambda: len(held(daemon, "paused")) == COUNT, 60,
             "all are approved after a death")
    lan.expect(daemon.ask("approve", all=True)[1]["code"], "EALREADY", "again")


def wait_for_all(daemon, idents):
    """reflashctl follows all of them, with a line for each."""
    child = subprocess.Popen(
        [lan.BUILD + "/reflashctl", "--socket", daemon.control, "flash",
         "--all", "--wait", "--who", "ben"], stdout=subprocess.PIPE,
        universal_newlines=True)
    said = "".join(child.stdout.readline() for _ in range(COUNT))
    daemon.ctl("resume")
    said += child.communicate(timeout=120)[0]
    lan.expect(child.returncode, 0, "exit code")
    for end in "to be flashed", "flashed":
        lan.expect({m.group(1) for m in re.finditer(
            r"^device (\w+): %s" % end, said, re.M)}, idents, end)
    lan.expect({e["who"] for e in daemon.ctl_json("history")["history"]},
               {"ben"}, "who ordered it")


def forget_all(daemon, idents):
    said = json.loads(daemon.ctl("--json", "forget", "--all"))
    lan.expect((said["changed"], set(said["ids"]),
                {o["ok"] for o in said["outcomes"]}),
               (COUNT, idents, {True}), "forgotten")


def main(folder):
    daemon = lan.Daemon(folder, limits=LIMITS)
    sha256 = lan.make_image(daemon.images + "/fw.bin", "small")
    idents = {ident for _, ident in lan.sim_devices()}
    first = set(sorted(idents)[:30])
    daemon.policy("10-first", dict(Action="ask", Image="fw.bin"),
                  match=dict(DeviceId=" ".join(sorted(first))))
    daemon.policy("20-others", dict(Action="ask", Image="fw.bin"))
    with lan.stopped_at_end(daemon):
        daemon.start()
        lan.wait(lambda: held(daemon, "approval") == idents, 60,
                 "all wait for an approval")
        cancel_and_retry(daemon, idents, first)
        approve_for_one_image(daemon, sha256)
        wait_for_all(daemon, idents)
        forget_all(daemon, idents)
    print("%d devices, each with its outcome, by each of five orders" % COUNT)


lan.run(main, DEVICES)
