#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""How reflashd ends with each fault of reflash-sim, all at once: with the right
reason, told to flash no more often than it should be; and each fault has a row.
The faults of the new firmware are for other tests.

A row is: the fault (and "/firmware" where it is not 3.6.0), the state and its
reason in the end, how often the device is told to fetch, and what becomes of
it; "|" stands between two ends that are both right.  Every device has one
attempt.  Where there is no multicast the rows of MULTICAST are left out and
those of ALONE end otherwise.
"""
import os

import lan

SECONDS = 150
GOOD = "flashed - 1 booted"


def refused(reason):
    return "refused %s 0 stock" % reason


def untold(reason):
    return "failed %s 0 stock" % reason


def told(reason, state="stock"):
    return "failed %s 1 %s" % (reason, state)


TABLE = {
    "none": GOOD, "none/3.3.0": GOOD, "none/3.7.6": GOOD,
    # discovery
    "mdns-mute": GOOD, "query-mute": GOOD, "announce-late": GOOD,
    "no-address": GOOD, "duplicates": GOOD, "false-goodbye": GOOD,
    "goodbye": GOOD, "seq-restart": GOOD, "no-seq": GOOD, "no-port": GOOD,
    "lower-case": GOOD, "txt-reversed": GOOD, "txt-split": GOOD,
    "txt-broken": GOOD, "txt-empty": GOOD, "txt-other-id": GOOD,
    # Both are heard before it begins, or one of them is flashed.
    "clash": "|".join((refused("wrong-device"), untold("wrong-device"),
                       GOOD, "flashed - 0 stock")),
    # mode and identity
    "encrypted": refused("not-diy-mode"),
    "paired": untold("no-answer"),
    "wrong-id": untold("wrong-device"),
    "not-found": untold("wrong-device"),
    "all-401": refused("not-diy-mode"),
    "all-400": refused("not-diy-mode"), "all-422": untold("bad-answer"),
    "only-without-id/3.7.6": GOOD,
    "weak-signal": GOOD,
    "id-changes-before-flash": untold("wrong-device"),
    "address-changes": GOOD,
    # whether its three reconnects last until its announcement is heard
    "address-changes-in-flash": "|".join((GOOD, told("stalled"))),
    # transport
    "no-answer": untold("no-answer"), "port-closed": untold("no-answer"),
    "unreachable": untold("no-answer"), "rst": untold("no-answer"),
    "busy": untold("no-answer"), "empty-reply": untold("no-answer"),
    "not-json": untold("bad-answer"), "not-object": untold("bad-answer"),
    "no-error-key": untold("bad-answer"),
    "error-string": untold("bad-answer"), "no-data": untold("bad-answer"),
    "html": untold("bad-answer"), "not-http": untold("bad-answer"),
    "http-500": untold("bad-answer"), "no-length": GOOD,
    "http-1.0": GOOD, "chunked": GOOD, "text-html": GOOD, "keep-open": GOOD,
    "http-1.0/3.3.0": GOOD, "chunked/3.3.0": GOOD,
    "short-body": untold("bad-answer"), "slow": GOOD,
    "byte-a-second": untold("no-answer"),
    "endless-body": untold("bad-answer"),
    "endless-header": untold("bad-answer"),
    "endless-100": untold("bad-answer"),
    "busy*3": GOOD, "rst*2": GOOD, "empty-reply@info*1": GOOD,
    "rst@flash": untold("never-fetched"),
    # unlock
    "unlock-500": untold("unlock-refused"),
    "unlock-503": untold("unlock-unreachable"),
    "unlock-422": untold("unlock-refused"),
    "unlock-hang": untold("no-answer"),
    "unlock-empty": untold("unlock-unreachable"),
    "unlock-empty-works": GOOD,
    "unlock-no-effect": untold("unlock-no-effect"),
    "unlock-late": GOOD,
    "unlocked": GOOD,
    # flash
    "flash-403": untold("offer-refused"), "flash-403*1": GOOD,
    "flash-408": untold("offer-refused"),
    "flash-413": untold("image-too-large"),
    "flash-422": untold("offer-refused"),
    "flash-424": untold("offer-refused"),
    "flash-471": told("digest-error"),
    "flash-empty": told("never-fetched"),
    "flash-empty-works": GOOD,
    "flash-hang": told("never-fetched"),
    "flash-hang-works": GOOD,
    "flash-reply-last": GOOD,
    "never-fetch": told("never-fetched"),
    # download
    "fetch-late": GOOD,
    "stops-first-chunk": told("download-error"),
    "stall-half": told("stalled", "flashing"),
    "vanish-half": told("stalled", "away"),
    "abort-half": told("download-error"),
    "reboot-half": told("stalled"),
    "reconnects": GOOD, "fetch-slow": GOOD, "repeats-range": GOOD,
    "query-string": GOOD, "no-slash": GOOD,
    "fetch-from-other": told("never-fetched"),
    # verdict
    "verdict-404": told("download-error"),
    "verdict-406": told("device-error"),
    "verdict-409": told("digest-error"),
    "verdict-410": told("device-error"),
    "verdict-new-connection": GOOD,
    "verdict-never": GOOD,
    "verdict-never-stays": told("came-back-stock"),
    "verdict-from-other": told("download-error"),
    "verdict-early": told("download-error"),
    "verdict-garbage": GOOD, "verdict-string": GOOD,
    "verdict-twice": GOOD,
    # afterwards
    "does-not-leave": told("came-back-stock"),
    "flash-hang-works+does-not-leave": told("came-back-stock"),
    "flash-empty-works+does-not-leave": told("came-back-stock"),
    "flash-reply-last+does-not-leave": told("came-back-stock"),
    "comes-back-stock": told("came-back-stock"),
    "leaves-late": GOOD,
}

# Those that only an announcement tells of.
MULTICAST = {"clash", "address-changes"}

# Those that no announcement tells of: they stand in the configuration.
CONFIGURED = {"mdns-mute", "query-mute", "txt-other-id"}

# Those of which only somebody else has answered: his MAC is not theirs.
STRANGERS = {"wrong-id", "not-found"}

# Where nothing but the configuration says that they are there.
ALONE = {
    "port-closed": "held absent 0 stock", "unreachable": "held absent 0 stock",
    "address-changes-in-flash": told("stalled"),
}


def ident(index):
    return "10001%05x" % index


def devices():
    for i, row in enumerate(TABLE):
        fault, _, firmware = row.partition("/")
        yield ("--device=id=%s,fw=%s,chunk-ms=20,reboot-ms=500,hang-s=20,"
               "fault=%s" % (ident(i), firmware or "3.6.0", fault))


def discovery(multicast):
    if not multicast:
        return None
    rows = {ident(i): row for i, row in enumerate(TABLE)}
    return dict(Backend="embedded", RequerySec=5, Device=[
        " ".join(device) for device in lan.sim_devices()
        if rows[device[1]] in CONFIGURED])


def wanted(row, multicast):
    if multicast:
        return TABLE[row]
    if row in MULTICAST:
        return None
    return ALONE.get(row, TABLE[row])


def is_settled(device, want):
    return device is not None and (
        device["state"] in ("flashed", "failed", "refused") or
        want.startswith("%s %s " % (device["state"], device["reason"])))


def compare(rows, devices, seen):
    wrong = 0
    for name, (row, want) in rows.items():
        device = devices.get(name, dict(state=None, reason=None, detail=None))
        saw = seen[name]
        have = "%s %s %d %s" % (device["state"], device["reason"] or "-",
                                saw["flash_told"], saw["state"])
        if have not in want.split("|") or (saw["state"] == "booted") != (saw["boots"] == 1):
            print("%s (%s): %s instead of %s: %s" % (
                row, name, have, want, device["detail"]))
            wrong += 1
        if row in STRANGERS and device["mac"] is not None:
            print("%s (%s): learnt %s" % (row, name, device["mac"]))
            wrong += 1
        for breach in saw["breaches"]:
            print("%s (%s): breach: %s" % (row, name, breach))
            wrong += 1
    return wrong


def run(folder):
    lan.expect_row_for_each_fault(
        TABLE, ("tasmota-", "module-", "upgrade-", "minimal-", "esphome-"))
    multicast = lan.has_multicast()
    rows = {ident(i): (row, wanted(row, multicast))
            for i, row in enumerate(TABLE) if wanted(row, multicast)}
    daemon = lan.Daemon(
        folder, discovery=discovery(multicast),
        limits=dict(MaxParallel=200, LeaveTimeoutSec=30, UnlockTimeoutSec=10))
    lan.make_image(os.path.join(daemon.images, "image.bin"))
    daemon.policy("10-all", dict(Image="image.bin", Attempts=1))
    with lan.stopped_at_end(daemon):
        daemon.start()
        try:
            lan.wait(lambda: all(
                is_settled(device, want) for device, want in
                ((devices.get(name), want) for devices in [daemon.devices()]
                 for name, (_, want) in rows.items())), SECONDS, "all end")
        except lan.Failure as e:
            print(e)
        wrong = compare(rows, daemon.devices(),
                        lan.report(os.path.join(folder, "report")))
    print("%d faults%s, %d wrong" % (
        len(rows), "" if multicast else " (without multicast)", wrong))
    return 1 if wrong else 0


lan.run(run, " ".join(devices()), loopback=True)
