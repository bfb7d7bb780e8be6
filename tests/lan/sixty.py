#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Sixty devices of a dozen kinds in three policies, as a person sees them: the
screens of devices, status, policies, plan and watch.

Each fits its terminal, and begins with what needs a person.  The screens are
what this prints; with a folder as its argument they are kept there, too.
"""
import os
import re
import sys

import lan

sys.path.append(os.path.join(os.path.dirname(__file__), "../ctl"))
import schema  # noqa: E402
from terminal import Terminal  # noqa: E402

FAST = "chunk-ms=2,reboot-ms=200,join-ms=300,hang-s=5"
# What becomes of each kind: how many, the beginning of their ids, what is
# special, and the state, reason and note in the end.
KINDS = [
    (14, "1000a1", "after=tasmota", "verified", None, "runs new firmware"),
    (1, "1000a1", "fault=verdict-409", "failed", "digest-error",
     "do NOT unplug"),
    (3, "1000a1", "fault=never-fetch", "failed", "never-fetched",
     "never downloaded"),
    (2, "1000a1", "fault=stall-half+weak-signal", "failed", "stalled",
     "download broke off"),
    (4, "1000a1", "fault=encrypted", "refused", "not-diy-mode",
     "eWeLink mode"),
    (4, "1000a1", "model=minir3", "refused", "wrong-chip", "ESP32 chip"),
    (3, "1000a1", "model=bulb", "refused", "wrong-type", "a bulb"),
    (5, "1000a2", "", "held", "approval", "can be flashed"),
    (4, "1000a2", "after=ap", "flashed", None, "wants your Wi-Fi"),
    (3, "1000a2", "chunk-ms=1000", "downloading", None, "is being flashed"),
    (1, "1000a3", "fault=verdict-404", "failed", "download-error",
     "download broke off"),
    (5, "1000a3", "fault=verdict-404", "held", "paused", "can be flashed"),
    (5, "1000ff", "", "seen", None, "can be flashed"),
    (3, "1000ff", "fw=3.1.0", "seen", None, "firmware too old"),
    (2, "1000ff", "fault=paired", "seen", None, "does not answer"),
    (1, "1000ff", "model=strip", "seen", None, "several relays"),
]
URGENT = ("keep-on", "failed", "stuck")


def kinds():
    """(id, kind) of each device."""
    number = 0
    for kind in KINDS:
        for _ in range(kind[0]):
            number += 1
            yield "%s%04d" % (kind[1], number), kind


def devices():
    for ident, kind in kinds():
        yield "--device=id=%s,%s%s" % (ident, FAST,
                                       kind[2] and "," + kind[2])


def write_policies(daemon):
    flash = dict(Image="lite.bin", Attempts=1)
    daemon.policy("10-house", flash, match=dict(DeviceId="1000a1*"),
                  verify=dict(Expect="tasmota", TimeoutSec=60))
    daemon.policy("20-ask", dict(flash, Action="ask"),
                  match=dict(DeviceId="1000a2*"))
    daemon.policy("30-garage", flash, match=dict(DeviceId="1000a3*"),
                  rollout=dict(Canary=1))


def outcome(device):
    return device["state"], device["reason"], device["note"]


def wait_for_the_rest(daemon, leave=()):
    """Of the garage any device may be the one that fails, and stops it."""
    want = [str((kind[1], *kind[3:])) for _, kind in kinds()
            if kind[3] not in leave]

    def unlike():
        missing, others = list(want), []
        for ident, device in daemon.devices().items():
            one = str((ident[:6], *outcome(device)))
            if one in missing:
                missing.remove(one)
            else:
                others.append(ident + one)
        return missing and (missing, others)
    try:
        lan.wait(lambda: not unlike(), 240, "")
    except lan.Failure:
        raise lan.Failure("missing are %s; unlike them are %s" % unlike())


def approve(daemon, state):
    """Those that become so."""
    for ident, kind in kinds():
        if kind[1] == "1000a2" and kind[3] == state:
            daemon.wait_for(ident, "held", 60, "approval")
            daemon.ctl("approve", ident)


class Screens:
    def __init__(self, daemon, folder):
        self.daemon, self.folder = daemon, folder
        self.env = dict(REFLASHD_SOCKET=daemon.control, NO_COLOR="1",
                        LC_ALL="C.UTF-8", TZ="UTC")

    def keep(self, name, lines):
        print("---- %s:" % name)
        print("\n".join(lines) + "\n", flush=True)
        if self.folder:
            with open(os.path.join(self.folder, name), "w") as f:
                f.write("\n".join(lines) + "\n")

    def printed(self, columns, *words):
        """What a verb prints on a terminal, which fits it."""
        with Terminal(columns, 250, [
                "sh", "-c", "%s/reflashctl %s; echo rc=$?; cat" % (
                    lan.BUILD, " ".join(words))], self.env) as terminal:
            lines = terminal.see("^rc=0$")
        lines = lines[:lines.index("rc=0")]
        # A line that is too long would have been broken by the terminal.
        value = self.daemon.ctl_json(*words)
        schema.check(value, words[0])
        self.keep("reflashctl-%s-%d" % ("-".join(words).replace("--", ""),
                                        columns), lines)
        return lines

    def watched(self, columns, rows, *patterns):
        with Terminal(columns, rows, [
                "sh", "-c", "%s/reflashctl watch; echo rc=$?; cat" %
                lan.BUILD], self.env) as terminal:
            lines = terminal.see("^q: quit", *patterns)
            lan.expect(len(lines) <= rows, True, "lines of watch")
            self.keep("reflashctl-watch-%dx%d" % (columns, rows), lines)
            terminal.type("q")
            terminal.see("^rc=0$")
        return lines


def ids_in(lines):
    """Of the devices that have a line; an id in a sentence has none."""
    return re.findall(r"^(1000[0-9a-f]{6})  ", "\n".join(lines), re.M)


def check_lists(screens, known):
    needing = [ident for ident, device in known.items()
               if device["attention"]]
    urgent = {ident for ident in needing
              if known[ident]["attention"] in URGENT}
    for columns in 80, 140:
        lines = screens.printed(columns, "devices")
        shown = ids_in(lines)
        lan.expect(sorted(shown), sorted(known), "devices")
        lan.expect(set(shown[:len(needing)]), set(needing), "those on top")
        lan.expect(known[shown[0]]["attention"], "keep-on", "the first one")
        lan.expect(len(needing) <= 21, True, "they fit the first screen")
        for ident in shown:
            line, = [line for line in lines if line.startswith(ident)]
            lan.expect(known[ident]["note"] in line, True, line)
            lan.expect((known[ident]["type"] or "-") in line, True, line)
            lan.expect(known[ident]["address"] in line, True, line)
        lines = screens.printed(columns, "devices", "--attention")
        lan.expect(sorted(ids_in(lines)), sorted(needing), "--attention")
        lines = screens.printed(columns, "plan")
        lan.expect(sorted(ids_in(lines)), sorted(known), "plan")
        lan.expect(set(ids_in(lines)[:len(needing)]), set(needing),
                   "those on top of the plan")
    lines = screens.printed(80, "joining")
    lan.expect(max(map(len, lines)) <= 40, True, "columns of joining")
    return urgent


def check_words(screens, known, columns):
    """status and policies say in words what is to be done."""
    lines = screens.printed(columns, "status")
    first = " ".join(line.strip() for line in lines[:23])
    for words in ("do NOT switch off", "policy 30-garage has stopped",
                  "have failed: the device accepted the order",
                  "wait for your approval: reflashctl approve",
                  "wait for your Wi-Fi: reflashctl joining",
                  "reflashctl resume 30-garage"):
        lan.expect(words in first, True, "%s in %s" % (words, first))
    for ident, device in known.items():
        if device["attention"] in URGENT:
            lan.expect(ident in first, True, ident + " in status")
    lines = screens.printed(columns, "policies")
    for name in "10-house", "20-ask", "30-garage":
        lan.expect(any(name in line for line in lines[:24]), True, name)


def check_watch(screens, urgent):
    """On the first page, at both sizes."""
    todo = (r"^do NOT switch off 1000a10015: .*retry 1000a10015$",
            r"^policy 30-garage has stopped: .*reflashctl resume 30-garage$",
            r"^.*wait for your approval: reflashctl approve",
            r"^.*wait for your Wi-Fi: reflashctl joining$")
    for columns, rows in (80, 24), (140, 40):
        lines = screens.watched(
            columns, rows, "^60 devices: 7 failed, 3 downloading, 10 held, "
            "11 refused, 4 flashed,", "14 verified,? ?", *todo)
        shown = ids_in(lines)
        lan.expect(set(shown[:len(urgent)]), urgent, "those on top")
        lan.expect(sum("downloading" in line for line in lines), 4,
                   "those at work, and the counts")


def check_log(daemon):
    """Four devices are followed closely, and the others in quarters."""
    lines = daemon.logged(r": downloading \d+ %")
    per_device = {}
    for line in lines:
        ident = line.split("device ")[1].split()[0]
        per_device.setdefault(ident, []).append(
            int(re.search(r"(\d+) %", line)[1]))
    often = [ident for ident, percents in per_device.items()
             if len(percents) > 4]
    lan.expect(len(often) <= 4, True, "devices with many lines: %s" % often)
    for ident, kind in kinds():
        if kind[3] == "verified" and ident not in often:
            lan.expect(per_device[ident], [25, 50, 75, 100], ident)
    print("%d lines of progress, where there were %d" % (
        len(lines), 10 * len(per_device)))


def main(folder, keep=None):
    daemon = lan.Daemon(folder, discovery=dict(Backend="embedded"),
                        limits=dict(MaxParallel=8, FlashTimeoutSec=600))
    lan.make_image(daemon.images + "/lite.bin", "valid")
    write_policies(daemon)
    with lan.stopped_at_end(daemon):
        daemon.start()
        approve(daemon, "flashed")
        wait_for_the_rest(daemon, leave=("downloading",))
        approve(daemon, "downloading")
        wait_for_the_rest(daemon)
        known = daemon.devices()
        screens = Screens(daemon, keep)
        urgent = check_lists(screens, known)
        for columns in 80, 140:
            check_words(screens, known, columns)
        check_watch(screens, urgent)
        check_log(daemon)


lan.run(main, " ".join(devices()))
