#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""An older version has run in between: what it did not know is there again.

Here a record is changed as version 0.1.0 does it: where it writes one, it writes
the keys that it knows; where it cannot read one, it sets the record aside and takes
the device for failed.
"""
import json
import os

import lan

LABELLED, ASKED, ORDERED, CANCELLED = ("1000e3000%d" % n for n in range(1, 5))
DEVICES = " ".join("--device id=%s,chunk-ms=1,reboot-ms=200" % ident
                   for ident in (LABELLED, ASKED, ORDERED, CANCELLED))
# Those of its record, and of the image in it.
KNOWN = set("""format id name address port mac type firmware variant omit_id old_form
    state since hold reason detail policy image not_before attempt attempts tried damaged
    no_verdict told begun must_return upgrade_token upgrade_sha256 upgrade_from
    upgraded_to approved ordered by_order again order_image retry unsure must_finish
    cancelled expect clock kept prefix approved_policy next_upgrade next_minimal vouched
    excused""".split())
KNOWN_OF_IMAGE = {"name", "sha256", "size", "kind"}
LABELS = {LABELLED: "K\u00fcche", ASKED: "Hall", CANCELLED: "Cellar"}


def path_of(daemon, ident):
    return "%s/devices/%s.json" % (daemon.state, ident)


def read(path):
    with open(path) as f:
        return json.load(f)


def write(path, record):
    with open(path, "w") as f:
        json.dump(record, f)


def written_anew(record):
    """By 0.1.0, which reads what it knows and writes that."""
    old = {key: value for key, value in record.items() if key in KNOWN}
    if old["image"]:
        old["image"] = {key: value for key, value in old["image"].items()
                        if key in KNOWN_OF_IMAGE}
    return old


def given_up(record):
    """By 0.1.0: the device of a record that it could not read."""
    lost = dict(written_anew(record), state="failed", reason="record-lost",
                hold=None, detail="reason is unknown", image=None, attempt=1,
                attempts=0, approved=None, ordered=False, retry=False,
                again=False, cancelled=None, told=None, policy="", kept=None)
    return lost


def restarted(daemon, change):
    daemon.stop()
    change()
    daemon.start()


def labels(daemon):
    return {ident: device["label"] for ident, device in daemon.devices().items()
            if device["label"]}


def prepare(daemon, first):
    daemon.start()
    for ident in (ASKED, ORDERED, CANCELLED):
        daemon.wait_for(ident, "held", reason=None)
    daemon.wait_for(LABELLED, "held")
    for ident, label in LABELS.items():
        daemon.ctl("label", ident, label)
    daemon.ctl("pause")
    daemon.ctl("approve", "--yes", ASKED)
    answer = daemon.ask("flash", id=ORDERED, sha256=lan.sha256(first))[1]
    lan.expect(answer["ok"], True, str(answer))
    answer = daemon.ask("cancel", id=CANCELLED, who="the person who was here "
                        "before all the others")[1]
    lan.expect(answer["ok"], True, str(answer))


def an_order_for_one_image_is_none_there(daemon, first):
    """It would flash any image of that name."""
    daemon.stop()
    record = read(path_of(daemon, ORDERED))
    lan.expect((record["ordered"], record["retry"], record["again"]),
               (False, False, False), "what 0.1.0 takes for an order")
    daemon.start()
    lan.expect(read(path_of(daemon, ORDERED))["only"]["ordered"], True,
               "the order after a restart")
    lan.make_image(first, "valid", "--size", "86016")
    daemon.ctl("reload")
    daemon.wait_for(ORDERED, "refused", 30, "image-changed")
    daemon.stop()
    lan.expect(read(path_of(daemon, ORDERED))["reason"], "image-missing",
               "the reason that 0.1.0 reads")
    daemon.start()
    daemon.wait_for(ORDERED, "refused", 30, "image-changed")
    lan.make_image(first, "valid", "--size", "81920")
    daemon.ctl("reload")
    daemon.wait_for(ORDERED, "held", 30)


def what_it_writes_anew_has_its_label_again(daemon):
    def rewrite():
        for ident in LABELS:
            path = path_of(daemon, ident)
            write(path, written_anew(read(path)))

    before = labels(daemon)
    lan.expect(before, LABELS, "labels")
    restarted(daemon, rewrite)
    lan.expect(labels(daemon), before, "labels after an older version")
    lan.expect(len(daemon.logged("has its label .* again")), 3, "lines")
    restarted(daemon, lambda: None)
    lan.expect(labels(daemon), before, "labels after one more start")
    lan.expect(len(daemon.logged("has its label .* again")), 3, "lines still")
    record = read(path_of(daemon, CANCELLED))
    lan.expect(record["cancelled"], "the person who was here before ",
               "who has cancelled: what 0.1.0 has room for")
    print(daemon.logged("has its label")[0])


def what_it_cannot_read_is_taken_back(daemon):
    path, before = path_of(daemon, ASKED), []

    def set_aside():
        before.append(read(path))
        os.rename(path, path + ".unreadable-1")
        write(path, given_up(before[0]))

    daemon.wait_for(ASKED, "held")
    restarted(daemon, set_aside)
    daemon.wait_for(ASKED, "held")
    record = read(path)
    lan.expect((record["approved"], record["label"]),
               (before[0]["approved"], "Hall"), "approval and label")
    lan.expect(os.path.exists(path + ".unreadable-1"), False, "left aside")
    lan.expect(len(daemon.logged("is taken back")), 1, "lines")
    print(daemon.logged("is taken back")[0])


def but_not_where_somebody_has_gone_on(daemon):
    path = path_of(daemon, CANCELLED)

    def set_aside():
        before = read(path)
        os.rename(path, path + ".unreadable-1")
        write(path, dict(given_up(before), state="held", hold="cancelled",
                         reason=None, cancelled="uid 0"))

    restarted(daemon, set_aside)
    lan.expect(daemon.device(CANCELLED)["state"], "held", "the state")
    lan.expect(os.path.exists(path + ".unreadable-1"), True, "is aside")
    lan.expect(len(daemon.logged("is taken back")), 1, "lines still")


def what_is_forgotten_has_no_label(daemon):
    """Also for an older version that finds the device again."""
    daemon.ctl("forget", LABELLED)
    daemon.wait_for(LABELLED, "held")
    lan.expect(LABELLED in read(daemon.state + "/labels.json"), False,
               "the label of a forgotten device")
    daemon.ctl("label", ASKED)
    lan.expect(read(daemon.state + "/labels.json"),
               {CANCELLED: LABELS[CANCELLED]}, "the labels that are left")


def main(folder):
    daemon = lan.Daemon(folder)
    first = daemon.images + "/first.bin"
    lan.make_image(first, "valid", "--size", "81920")
    daemon.policy("50-all", dict(Action="ask", Image="first.bin"))
    with lan.stopped_at_end(daemon):
        prepare(daemon, first)
        an_order_for_one_image_is_none_there(daemon, first)
        what_it_writes_anew_has_its_label_again(daemon)
        what_it_cannot_read_is_taken_back(daemon)
        but_not_where_somebody_has_gone_on(daemon)
        what_is_forgotten_has_no_label(daemon)
        daemon.ctl("resume")
        for ident in (ASKED, ORDERED):
            daemon.wait_for(ident, "flashed")
        told = {ident: seen["flash_told"]
                for ident, seen in lan.report(folder + "/report").items()}
        lan.expect(told, {LABELLED: 0, ASKED: 1, ORDERED: 1, CANCELLED: 0},
                   "how often each was told")


lan.run(main, DEVICES)
