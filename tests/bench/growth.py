#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Memory and time beside the number of devices: growth.py RESULT

For each number of devices a LAN of its own, on which they are found, asked,
and matched with a policy that observes; then what the daemon and the scanner
hold, and what a list costs.  More than the kernel's table of neighbours has
room for (gc_thresh3 of arp(7), 1024) answer more slowly.  Straight lines through that say what one more
device costs.  At the end, 10,000 announcements in a minute.
"""
import json
import os
import subprocess
import sys
import time

import bench

COUNTS = (1, 10, 100, 1000, 4000)
LISTS = 10
FLOOD_DEVICES = 1000
FLOOD = 10000       # announcements in a minute
ROUNDS = FLOOD // FLOOD_DEVICES


def fit(points):
    """(what one costs, what none costs, r squared) of a straight line."""
    n = len(points)
    mean_x = sum(x for x, _ in points) / n
    mean_y = sum(y for _, y in points) / n
    xx = sum((x - mean_x) ** 2 for x, _ in points)
    xy = sum((x - mean_x) * (y - mean_y) for x, y in points)
    yy = sum((y - mean_y) ** 2 for _, y in points)
    slope = xy / xx
    return dict(slope=slope, base=mean_y - slope * mean_x,
                r2=xy * xy / (xx * yy) if yy > 0 else 1.0)


def known(daemon):
    return sum(daemon.ask("status")[1]["counts"].values())


def costs(pids):
    row = {}
    for name, pid in pids.items():
        row[name + "_kib"] = bench.kib(pid, "RssAnon")
        row[name + "_cpu"] = bench.cpu_seconds(pid)
    return row


def settle(pids):
    """Until each of them has next to nothing to do for two seconds."""
    while True:
        before = {name: bench.cpu_seconds(pid) for name, pid in pids.items()}
        time.sleep(2)
        if all(bench.cpu_seconds(pid) - before[name] < 0.02
               for name, pid in pids.items()):
            return


def list_ms(daemon, verb):
    """Processor time of the daemon for one list, and time until it is here."""
    spent, start = bench.cpu_seconds(daemon.process.pid), time.monotonic()
    for _ in range(LISTS):
        daemon.ask(verb)
    return (1000 * (bench.cpu_seconds(daemon.process.pid) - spent) / LISTS,
            1000 * (time.monotonic() - start) / LISTS)


def flood(lan, pids, count):
    """All announce themselves again, ROUNDS times in a minute."""
    before, start = costs(pids), time.monotonic()
    for n in range(ROUNDS):
        lan.sim("announce", "all")
        left = start + (n + 1) * 60 / ROUNDS - time.monotonic()
        time.sleep(max(0, left))
    after, took = costs(pids), time.monotonic() - start
    return dict(announcements=ROUNDS * count, seconds=took, **{
        name + "_cpu_percent": 100 * (after[name + "_cpu"] -
                                      before[name + "_cpu"]) / took
        for name in pids}, **{
        name + "_kib_more": after[name + "_kib"] - before[name + "_kib"]
        for name in pids})


def measure(path, count):
    """On one LAN; its row goes into the file."""
    folder = bench.enter_lan("--devices", str(count))
    import lan
    daemon = lan.Daemon(folder, discovery=dict(Backend="embedded",
                                               RequerySec=3600))
    daemon.policy("50-all", dict(Action="observe"))
    with lan.stopped_at_end(daemon):
        start = time.monotonic()
        daemon.start()
        lan.wait(lambda: known(daemon) == count, 180, "all are known")
        took = time.monotonic() - start
        scanner = bench.child(daemon.process.pid, "reflash-scan")
        pids = dict(daemon=daemon.process.pid, scanner=scanner)
        settle(pids)
        row = dict(devices=count, known_seconds=took, **costs(pids))
        row["list_cpu_ms"], row["list_ms"] = list_ms(daemon, "devices")
        row["plan_cpu_ms"], row["plan_ms"] = list_ms(daemon, "plan")
        if count == FLOOD_DEVICES:
            row["flood"] = flood(lan, pids, count)
    with open(path, "w") as f:
        json.dump(row, f)


def main(path):
    result = bench.Result("growth", "libevent-core-2.1-7", "libjansson4",
                          "libavahi-core7", "libc6")
    rows = []
    for count in COUNTS:
        part = "%s.%d" % (path, count)
        subprocess.run([sys.executable, "-B", *sys.argv[:1], part, str(count)],
                       check=True)
        with open(part) as f:
            row = json.load(f)
        os.unlink(part)
        rows.append(row)
        bench.say("  %4d devices: known after %5.2f s; the daemon has %5d KiB "
                  "of its own and took %6.1f ms of a processor, the scanner "
                  "%5d KiB and %6.1f ms; a list %5.1f ms" % (
                      count, row["known_seconds"], row["daemon_kib"],
                      1000 * row["daemon_cpu"], row["scanner_kib"],
                      1000 * row["scanner_cpu"], row["list_ms"]))
    fits = {key: fit([(row["devices"], row[key]) for row in rows])
            for key in ("daemon_kib", "scanner_kib", "daemon_cpu",
                        "scanner_cpu", "list_cpu_ms")}
    for key, line in fits.items():
        bench.say("  %s: %.3g + %.3g for each device (r2 = %.4f)" % (
            key, line["base"], line["slope"], line["r2"]))
    floods = [row.pop("flood") for row in rows if "flood" in row]
    bench.say("  %d announcements in a minute: %.1f %% of a processor for the "
              "daemon, %.1f %% for the scanner" % (
                  floods[0]["announcements"], floods[0]["daemon_cpu_percent"],
                  floods[0]["scanner_cpu_percent"]))
    result.case("growth", rows=rows, fits=fits, flood=floods[0])
    result.aim("memory of the daemon for each device",
               fits["daemon_kib"]["slope"], 10, "KiB")
    result.aim("memory of the scanner for each device",
               fits["scanner_kib"]["slope"], 10, "KiB")
    result.aim("how straight the line of the memory is",
               fits["daemon_kib"]["r2"], 0.95, least=True)
    result.write(path)


if len(sys.argv) > 2:
    measure(sys.argv[1], int(sys.argv[2]))
else:
    main(sys.argv[1])
