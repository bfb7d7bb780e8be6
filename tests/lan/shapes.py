#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""reflashctl --json, each verb, fits the schemas in tests/schema: with no
device, with one and with a hundred.

A daemon that knows no device, one that knows one and one that knows a hundred
are taken through all that reflashctl can ask of them; every document must fit
its schema in tests/schema.
"""
import collections
import json
import os
import subprocess
import sys

import lan
import web

sys.path.append(os.path.join(os.path.dirname(__file__), "../ctl"))
import schema  # noqa: E402

DEVICES = "--devices 101 --each chunk-ms=1,reboot-ms=100,hang-s=5"
POLICY = "50-all"
STRANGER = "1000ffffff"  # an id that no device has
NAMES = dict(wait="show", watch="monitor")


class Stage(lan.Daemon):
    def __init__(self, folder, devices):
        self.ids = [ident for _, ident in devices]
        folder = os.path.join(folder, str(len(devices)))
        os.makedirs(folder)
        super().__init__(folder, limits=dict(GoneSec=1), discovery=dict(
            Backend="none", RequerySec=2,
            Device=[" ".join(device) for device in devices]))
        self.sha = lan.make_image(self.images + "/image.bin")
        self.policy(POLICY, dict(Action="ask", Image="image.bin", Attempts=1))
        self.count = collections.Counter()  # of documents, by verb

    def run(self, verb, *words, code=0, or_code=None):
        """What it prints, without what it says."""
        done = subprocess.run(
            [lan.BUILD + "/reflashctl", "--socket", self.control, "--json",
             verb, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            universal_newlines=True, timeout=120)
        if done.returncode not in (code, or_code):
            raise lan.Failure("reflashctl %s %s: exit code %d instead of %d:"
                              " %s" % (verb, " ".join(words), done.returncode,
                                       code, done.stderr))
        return done.stdout

    def look(self, verb, *words, **codes):
        """What the verb prints, which has its shape."""
        value = json.loads(self.run(verb, *words, **codes))
        self.check(verb, value)
        return value

    def check(self, verb, value):
        lan.expect(list(value)[0], "format", verb)
        try:
            schema.check(value, NAMES.get(verb, verb) if os.path.exists(
                schema.path(NAMES.get(verb, verb))) else "change")
        except AssertionError as e:
            raise lan.Failure("%s with %d devices: %s in %s" % (
                verb, len(self.ids), e, json.dumps(value)[:2000]))
        self.count[verb] += 1

    def look_at_all(self):
        """The same number of things in each list, whatever happens."""
        for verb in "devices", "plan":
            lan.expect(len(self.look(verb)[verb]), len(self.ids), verb)
        counts = self.look("status")["counts"]
        lan.expect(sum(counts.values()), len(self.ids), "counts")
        lan.expect(self.look("joining")["joining"], [],
                   "an image of no known kind opens no access point")
        return counts

    def listen(self, verb):
        """Into a file that is looked at when all is over."""
        with open(os.path.join(self.folder, verb), "w") as f:
            return subprocess.Popen(
                [lan.BUILD + "/reflashctl", "--socket", self.control,
                 "--json", verb], stdout=f)

    def heard(self, verb, process, end):
        """All events up to the one that has this."""
        path = os.path.join(self.folder, verb)

        def lines():
            with open(path) as f:
                return f.readlines()
        lan.wait(lambda: end in "".join(lines()), 20, "%s: %s" % (verb, end))
        process.terminate()
        process.wait()
        events = [json.loads(line) for line in lines()]
        for event in events:
            self.check(verb, event)
        return events


def look_without_changes(stage):
    stage.look_at_all()
    lan.expect(stage.look("history"), dict(format=1, history=[]), "history")
    lan.expect(len(stage.look("policies")["policies"]), 1, "policies")
    stage.look("policy", POLICY)
    stage.look("check", stage.images + "/image.bin")
    release = os.path.join(stage.folder, "release.bin")
    lan.make_image(release, "valid")
    lan.expect(len(stage.look("images")["images"]), 1, "images")
    for changed in True, False:
        lan.expect(stage.look("add", release)["changed"], changed, "add")
    lan.expect(len(stage.look("images")["images"]), 2, "images")
    look_for_advice(stage)
    if os.path.exists(lan.BUILD + "/reflash-download"):
        with open(release, "rb") as f:
            server = web.Web(f.read(), {"/release.bin": web.good})
        url, sha = server.url + "/release.bin", lan.sha256(release)
        stage.look("download", url, code=1)
        stage.look("download", url, "--sha256", sha)
    lan.expect(len(stage.look("download")["catalog"]), 1, "the catalogue")
    image, = stage.look("check", release)["images"]
    lan.expect([note.split(" is ")[0].split(" the device ")[0]
                for note in image["notes"]],
               ["The version", "After the flash"],
               "the notes: its version is concluded, and it wants a Wi-Fi")
    for words in ((), (POLICY,)):
        for verb in "pause", "resume":
            lan.expect(stage.look(verb, *words)["changed"], 1, verb)
            lan.expect(stage.look(verb, *words, code=2)["changed"], 0, verb)
    stage.look("reload")
    lan.expect(len(stage.look("policies")["policies"]), 1, "policies")
    stage.look("policy", POLICY)
    stage.look("metrics")
    if stage.ids:
        stage.look("propose", "--image", "release.bin")


def look_for_advice(stage):
    """A first policy, for which there must be a device; and nothing is broken."""
    lan.wait(lambda: all(device["flashable"] for device in
                         stage.devices().values()), 60, "all have answered")
    if stage.ids:
        lan.expect(stage.look("propose")["proposal"]["ids"], sorted(stage.ids),
                   "devices of the proposal")
    else:
        lan.expect(stage.run("propose", code=2), "", "propose")
        stage.count["propose"] += 1
    # On a busy machine an answer may come too late for it, which it reports.
    stage.look("doctor", or_code=4)


def ask_for_a_stranger(stage):
    """Who is not found is told in words, and nothing is printed."""
    for verb in ("show", "plan", "history", "approve", "flash", "retry",
                 "cancel", "forget", "label"):
        lan.expect(stage.run(verb, STRANGER, code=3), "", verb)


def order_and_cancel(stage, ident):
    stage.look("label", ident, "Hall lamp")
    stage.look("label", ident)
    lan.sim("set", ident, "fault=unlock-hang")
    stage.look("retry", ident, code=2)
    stage.look("flash", ident)
    stage.look("wait", ident, "--state", "unlocking", "--timeout", "20s")
    stage.look("cancel", ident)
    stage.look("wait", ident, "--timeout", "20s", code=2)
    lan.sim("set", ident, "fault=none")
    stage.look("retry", ident)
    stage.look("wait", ident, "--state", "held", "--timeout", "20s")


def flash_all(stage, first, failing):
    stage.look("approve", first)
    stage.look("wait", first, "--timeout", "60s")
    lan.expect(stage.look("approve", "--all", code=0 if failing else 2)
               ["changed"], len(stage.ids) - 1, "approved")

    def ended():
        for ident in first, failing or first:
            stage.look("show", ident)
            stage.look("plan", ident)
        counts = stage.look_at_all()
        return counts["flashed"] + counts["failed"] == len(stage.ids)
    lan.wait(ended, 120, "all are flashed or have failed")


def some_devices(stage):
    first, failing = stage.ids[0], stage.ids[-1]
    if first == failing:
        failing = None
    else:
        lan.sim("set", failing, "fault=verdict-410")
    listeners = [(verb, stage.listen(verb)) for verb in ("monitor", "watch")]
    for ident in stage.ids:
        stage.wait_for(ident, "held", 60, "approval")
    look_without_changes(stage)
    stage.look("label", first, "Hall")
    lan.expect(stage.look("show", "Hall")["device"]["label"], "Hall", "label")
    order_and_cancel(stage, first)
    flash_all(stage, first, failing)
    # The cancelled one has two ends.
    lan.expect(len(stage.look("history")["history"]), len(stage.ids) + 1,
               "history")
    lan.expect(len(stage.look("history", first)["history"]), 2, first)
    stage.look("forget", first)
    for verb, process in listeners:
        events = stage.heard(verb, process, '"forgotten"')
        lan.expect({e["event"] for e in events}, {"change", "forgotten"}, verb)
        lan.expect({e["id"] for e in events}, set(stage.ids), verb)


def no_device(stage):
    look_without_changes(stage)
    lan.expect(stage.look("approve", "--all", code=2),
               dict(format=1, verb="approve", changed=0, ids=[], policy=None,
                    unsaved=None, outcomes=[]),
               "approve --all")


def main(folder):
    verbs = set(subprocess.run(
        [lan.BUILD + "/reflashctl", "_complete", ""], check=True,
        stdout=subprocess.PIPE, universal_newlines=True).stdout.split("\n"))
    # What web prints, tests/web/refused.py looks at.
    verbs = {line.split("\t")[0] for line in verbs if line} - {"help", "web"}
    devices = lan.sim_devices()
    for known in [], devices[:1], devices[1:]:
        stage = Stage(folder, known)
        with lan.stopped_at_end(stage):
            stage.start()
            ask_for_a_stranger(stage)
            if known:
                some_devices(stage)
                lan.expect(set(stage.count), verbs, "verbs")
            else:
                no_device(stage)
        print("%d devices, documents that fit their schema: %s" % (
            len(known), ", ".join("%s %d" % pair
                                  for pair in sorted(stage.count.items()))))


lan.run(main, DEVICES)
