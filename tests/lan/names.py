#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""A device is called by its id, the start of it, its label or its address, with
every verb; its label outlives a death of the daemon, and is in what hooks get.

The verbs of the control protocol are asked themselves, as any client can.
"""
import json
import os
import re

import lan

HALL, OTHER, LAST = "1000e10001", "1000e10002", "2000e10003"
DEVICES = " ".join("--device id=%s,chunk-ms=1,reboot-ms=200" % ident
                   for ident in (HALL, OTHER, LAST))
LABEL = "K\u00fcche \U0001f4a1 links"
LIMITS = dict(GoneSec=1, VerdictSec=3, LeaveTimeoutSec=5)


def ask(daemon, what, name, **args):
    return daemon.ask(what, id=name, **args)[1]


def code(daemon, what, name, **args):
    answer = ask(daemon, what, name, **args)
    return "ok" if answer["ok"] else answer["code"]


def names_of(daemon, ident):
    """Each way to call it."""
    address = daemon.device(ident)["address"]
    return [ident, ident.upper(), ident[:1], LABEL, LABEL.replace("K", "k"),
            address, "::ffff:" + address]


def every_verb_knows_every_name(daemon):
    """LAST is the only one that begins with 2."""
    answer = ask(daemon, "label", LAST, label=LABEL)
    lan.expect((answer["ok"], answer["id"], answer["label"]),
               (True, LAST, LABEL), "label")
    for name in names_of(daemon, LAST):
        lan.expect(ask(daemon, "show", name)["device"]["id"], LAST,
                   "show " + name)
        plan = daemon.ask("plan", id=name)[0]
        lan.expect([(p["id"], p["label"]) for p in plan], [(LAST, LABEL)],
                   "plan " + name)
        for verb, args, want in (
                ("pause", {}, "ok"), ("flash", dict(image="fw.bin"), "ok"),
                ("cancel", {}, "ok"), ("cancel", {}, "EALREADY"),
                ("approve", {}, "EALREADY"), ("retry", {}, "EINVAL"),
                ("flash", dict(image="fw.bin"), "ok"), ("forget", {}, "ok"),
                ("resume", {}, "ok")):
            if verb in ("pause", "resume"):
                daemon.ctl(verb)
                continue
            answer = ask(daemon, verb, name, **args)
            lan.expect(("ok" if answer["ok"] else answer["code"],
                        answer["id"], answer["label"]), (want, LAST, LABEL),
                       "%s %s: %s" % (verb, name, answer))
            if verb == "forget":  # and is found again, without a label
                daemon.wait_for(LAST, "seen", 20)
                lan.expect(daemon.device(LAST)["label"], None, "its label")
                ask(daemon, "label", LAST, label=LABEL)
        lan.expect(daemon.ask("history", id=name)[1]["ok"], True,
                   "history " + name)
        lan.expect(LAST in daemon.ctl("wait", name, "--state", "seen"), True,
                   "wait " + name)
        said = daemon.ctl("label", name, LABEL, code=2)
        lan.expect("that is its label already" in said, True, said)


def what_fits_several_or_none(daemon):
    answer = ask(daemon, "cancel", "1000")
    lan.expect((answer["code"], answer["ids"], answer["error"]),
               ("ENOTUNIQ", [HALL, OTHER],
                "1000 matches 2 devices: %s, %s" % (HALL, OTHER)), "1000")
    said = daemon.ctl("forget", "1000", code=3)
    lan.expect("1000 matches 2 devices: " + HALL in said, True, said)
    said = daemon.ctl("show", "K\u00fcche links", code=3)
    lan.expect("no such device" in said, True, said)
    lan.expect(ask(daemon, "show", HALL[:-1] + "9")["error"],
               "%s9: no such device; did you mean %s or %s?" % (
                   HALL[:-1], HALL, OTHER), "a mistyped id")
    lan.expect({d["state"] for d in daemon.devices().values()}, {"seen"},
               "nothing was done")


def what_is_no_label(daemon):
    for label in ("", " a", "-a", OTHER, "1000E1000F", "10.0.0.1", "fe80::1",
                  "a\u202eb", "a\tb", "x" * 65, "\u200b"):
        lan.expect(code(daemon, "label", HALL, label=label), "EINVAL",
                   repr(label))
    lan.expect(code(daemon, "label", HALL, label=LABEL), "EEXIST", "twice")
    lan.expect(code(daemon, "label", HALL), "EALREADY", "it has none")
    lan.expect(daemon.ask("label", id=HALL, label=7)[1]["code"], "EINVAL", "7")
    lan.expect(code(daemon, "label", HALL, label="\U0001f4a1" * 64), "ok",
               "the longest")
    lan.expect(code(daemon, "label", HALL), "ok", "removed")
    lan.expect(daemon.device(HALL)["label"], None, "removed")


def labels_outlive_the_daemon(daemon):
    """Killed right after the answer; of those that wait, and of one at work."""
    daemon.ctl("label", OTHER, "1000")  # the start of ids, too
    daemon.kill()
    daemon.start()
    devices = daemon.devices()
    lan.expect([devices[i]["label"] for i in (HALL, OTHER, LAST)
                if i in devices], ["1000", LABEL] if HALL not in devices else
               [None, "1000", LABEL], "labels after the restart")
    daemon.wait_for(LAST, "seen", 20)
    lan.expect(ask(daemon, "show", "1000")["device"]["id"], OTHER, "1000")
    daemon.ctl("label", "1000")
    record = os.path.join(daemon.state, "devices", OTHER + ".json")
    lan.expect(os.path.exists(record), False, "a record for nothing")
    # While the job asks: a record that is written now says so.
    lan.wait(lambda: daemon.device(OTHER)["present"], 20, "it answers")
    lan.sim("set", OTHER, "fault=no-answer")
    daemon.ctl("flash", OTHER, "--image", "fw.bin")
    daemon.wait_for(OTHER, "probing", 20)
    daemon.ctl("label", OTHER, "busy")
    daemon.kill()
    lan.sim("set", OTHER, "fault=none")
    daemon.start()
    lan.expect(daemon.device("busy")["id"], OTHER, "busy")
    lan.expect(daemon.wait_for("busy", "flashed", 30)["label"], "busy",
               "after the flash")


def labels_are_shown(daemon):
    with open(daemon.hooks + "/10-label", "w") as f:
        f.write('#!/bin/sh\necho "$REFLASHD_STATE of $REFLASHD_LABEL" '
                '>>%s/hooked\n' % daemon.folder)
    os.chmod(f.name, 0o755)
    lan.expect(daemon.ctl("flash", LABEL, "--image", "fw.bin"),
               "device %s (%s): to be flashed\n" % (LAST, LABEL), "flash")
    daemon.wait_for(LAST, "flashed", 30)

    def hooked():
        try:
            with open(daemon.folder + "/hooked") as f:
                return "flashed of %s\n" % LABEL in f.read()
        except FileNotFoundError:
            return False
    lan.wait(hooked, 20, "the hook gets the label")
    lan.expect([e["label"] for e in daemon.ctl_json(
        "history", LABEL)["history"]], [LABEL], "history")
    said = daemon.ctl("flash", LABEL, code=1)
    lan.expect("reflashctl: %s (%s): it has been flashed" % (LABEL, LAST)
               in said, True, said)
    line, = daemon.logged("told to download")[-1:]
    lan.expect(bool(re.search(r"device %s \(%s, [0-9.]+\): told" % (
        LAST, LABEL), line)), True, line)


def twins_lose_their_label(daemon):
    """Records can be copied; the first keeps it."""
    daemon.ctl("label", HALL, "one")
    daemon.stop()
    path = os.path.join(daemon.state, "devices", "%s.json")
    with open(path % LAST) as f:
        record = json.load(f)
    record["label"] = "ONE"
    with open(path % LAST, "w") as f:
        json.dump(record, f)
    daemon.start()
    devices = daemon.devices()
    lan.expect((devices[HALL]["label"], devices[LAST]["label"]),
               ("one", None), "labels of twins")
    lan.expect(len(daemon.logged("device %s loses its label ONE" % LAST)), 1,
               "in the log")


def main(folder):
    daemon = lan.Daemon(folder, limits=LIMITS)
    lan.make_image(daemon.images + "/fw.bin", "small")
    with lan.stopped_at_end(daemon):
        daemon.start()
        daemon.wait_for_all({"seen"}, 20)
        every_verb_knows_every_name(daemon)
        what_fits_several_or_none(daemon)
        what_is_no_label(daemon)
        labels_outlive_the_daemon(daemon)
        labels_are_shown(daemon)
        twins_lose_their_label(daemon)


lan.run(main, DEVICES)
