#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The counters of reflashctl metrics over twenty flashes, good and bad ones, are
what the history has, and the bytes what the devices were handed.
"""
import collections
import re

import lan

EACH = "chunk-ms=1,reboot-ms=200"
DEVICES = """--devices 14 --each %s
    --device fault=unlock-500 --device fault=unlock-500
    --device fault=flash-413 --device fault=verdict-409*1
    --device fault=verdict-409*1 --device fault=never-fetch""" % EACH
COUNT = 20
SERIES = re.compile(r'(reflashd_[a-z_]+)(?:\{[a-z]+="([^"]*)"\})? ([0-9]+)')


def metrics(daemon):
    """{name: {value of the label or None: number}}"""
    found = collections.defaultdict(dict)
    for line in daemon.ctl("metrics").splitlines():
        if not line.startswith("#"):
            name, label, number = SERIES.fullmatch(line).groups()
            found[name][label] = int(number)
    return found


def without_zeros(numbers):
    return {key: n for key, n in numbers.items() if n}


def count(entries, key, states):
    return dict(collections.Counter(
        e[key] for e in entries if e["state"] in states and e[key]))


def look(daemon, size):
    history = daemon.ctl_json("history")["history"]
    now = metrics(daemon)
    lan.expect(without_zeros(now["reflashd_flashes_total"]),
               count(history, "state", set(now["reflashd_flashes_total"])),
               "ends as in the history")
    lan.expect(without_zeros(now["reflashd_failures_total"]),
               count(history, "reason", {"held", "failed"}),
               "reasons as in the history")
    good = [e for e in history if e["state"] in ("flashed", "verified")]
    took = now["reflashd_flash_duration_seconds_bucket"]
    lan.expect((now["reflashd_flash_duration_seconds_count"][None],
                now["reflashd_flash_duration_seconds_sum"][None],
                took["+Inf"], took["60"]),
               (len(good), sum(e["seconds"] for e in good), len(good),
                sum(e["seconds"] <= 60 for e in good)), "durations")
    lan.expect(now["reflashd_image_bytes_total"][None] >= len(good) * size,
               True, "bytes that were handed over")
    lan.expect(now["reflashd_http_requests_total"]["206"] >= len(good), True,
               "requests for ranges")
    lan.expect(sum(now["reflashd_devices"].values()), COUNT, "devices")
    return history, now


def main(folder):
    daemon = lan.Daemon(folder, limits=dict(MaxParallel=COUNT))
    lan.make_image(daemon.images + "/fw.bin", "small")
    with open(daemon.images + "/fw.bin", "rb") as f:
        size = len(f.read())
    daemon.policy("10-all", dict(Image="fw.bin", Attempts=2),
                  rollout=dict(StopAfterFailures=0, MaxParallel=COUNT))
    with lan.stopped_at_end(daemon):
        daemon.start()
        daemon.wait_for_all({"flashed", "failed", "refused"}, 120)
        history, now = look(daemon, size)
        lan.expect(now["reflashd_flashes_total"]["flashed"] >= 14, True,
                   "flashed")
        lan.expect(now["reflashd_failures_total"]["unlock-refused"], 4,
                   "two attempts of two devices")
        before = now
        daemon.ctl("retry", "--all")
        lan.wait(lambda: len(daemon.ctl_json("history")["history"]) >
                 len(history), 60, "another attempt ends")
        daemon.wait_for_all({"flashed", "failed", "refused"}, 120)
        history, now = look(daemon, size)
        for name, series in before.items():
            if name.endswith(("_total", "_bucket", "_sum", "_count")):
                for label, number in series.items():
                    lan.expect(now[name][label] >= number, True,
                               "%s{%s} only rises" % (name, label))
        lan.expect(now["reflashd_flashes_total"] !=
                   before["reflashd_flashes_total"], True, "it has risen")
    print("%d lines of the history, and each is counted" % len(history))


lan.run(main, DEVICES)
