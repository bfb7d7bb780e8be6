#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The results as tables and plots: report.py FOLDER DOCUMENT

Reads FOLDER/NAME.json, writes FOLDER/NAME.svg where there is something to
draw, and puts the tables into the document, between the two marks.
"""
import json
import os
import sys

import plot

TOP = 8     # functions of a profile
BEGIN, END = "<!-- results -->\n", "<!-- end of results -->\n"


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| %s |\n" % " | ".join(map(str, line))
                   for line in lines) + "\n"


def bounds(of, form="%.2f"):
    return (form + " (" + form + " to " + form + ")") % (
        of["median"], of["low"], of["high"])


def aims(data):
    rows = [(aim["what"], "%s %.3g %s" % (
        "at least" if aim["least"] else "at most", aim["limit"], aim["unit"]),
        "%.3g %s" % (aim["got"], aim["unit"]),
        "met" if aim["met"] else "**not met**") for aim in data["aims"]]
    return table(("aim", "limit", "measured", ""), rows) if rows else ""


def ranges(data):
    rows = []
    for case in data["cases"]:
        rows.append([case["name"]] + [
            "%.0f" % case[who]["rate"]["median"]
            for who in ("nginx", "reflashd")] + [
            bounds(case["ratio"])] + [
            "%.1f" % case[who]["cpu_us"]["median"]
            for who in ("nginx", "reflashd")] + [
            bounds(case["ratio_of_work"])])
    return table(("", "nginx, 1/s", "reflashd, 1/s", "ratio of the pairs",
                  "nginx, µs each", "reflashd, µs each", "ratio of that"),
                 rows)


def profile(data):
    rows = [(case["name"], "%.1f" % sum(case["calls"].values()), ", ".join(
        "%.3g %s" % (n, name) for name, n in sorted(case["calls"].items())),
        "%.0f" % case["instructions"]) for case in data["cases"]]
    return table(("each", "system calls", "which", "instructions"), rows)


def steps(data):
    """What each change of the server has done: counts, then functions."""
    rows, tops = [], []
    for case in data["cases"]:
        row = [case["name"]]
        for kind in "range", "connection":
            row += ["%.0f" % sum(case[kind]["calls"].values()),
                    "%.0f" % case[kind]["instructions"]]
        rows.append(row)
        tops.append((case["name"], ", ".join(
            "%s %.0f" % (name.strip("_"), count)
            for count, name in case["range"]["top"][:TOP])))
    return (table(("", "a range: system calls", "instructions",
                   "a connection and a range: system calls", "instructions"),
                  rows) +
            table(("", "of a range: the functions with most instructions"),
                  tops))


def thousand(data):
    rows = []
    for case in data["cases"]:
        rows.append((case["name"], "%.1f s" % case["known_seconds"],
                     "%.1f s" % case["seconds"],
                     "%.1f s" % case["bound_seconds"],
                     "%.1f %%" % (100 * case["daemon_cpu"]),
                     "%.1f MiB" % (case["peak_kib"] / 1024),
                     bounds(case["list_ms"], "%.0f") + " ms",
                     "%.1f ms" % case["pause_ms"],
                     bounds(case["save_ms"]) + " ms"))
    return table(("", "all known after", "all flashed after", "bound",
                  "daemon, of a processor", "resident at most",
                  "reflashctl devices", "longest pause",
                  "a write to this disk"), rows)


def one(data):
    rows = [(case["name"], case["calls"], "%d ms" % case["device_minimum_ms"],
             bounds(case["accepted_ms"], "%.0f") + " ms",
             bounds(case["verdict_ms"], "%.0f") + " ms", case["breaches"])
            for case in data["cases"]]
    return table(("", "calls", "of which the device takes",
                  "announcement to accepted order",
                  "announcement to verdict",
                  "breaches of the devices' protocol"), rows)


def growth(data):
    case = data["cases"][0]
    rows = [(row["devices"], "%.2f s" % row["known_seconds"],
             "%d KiB" % row["daemon_kib"], "%d KiB" % row["scanner_kib"],
             "%.0f ms" % (1000 * row["daemon_cpu"]),
             "%.0f ms" % (1000 * row["scanner_cpu"]),
             "%.1f ms" % row["list_ms"]) for row in case["rows"]]
    lines = [(name, "%.4g + %.4g n" % (fit["base"], fit["slope"]),
              "%.4f" % fit["r2"]) for name, fit in case["fits"].items()]
    flood = case["flood"]
    return (table(("devices", "all known after", "daemon", "scanner",
                   "daemon, processor", "scanner, processor", "a list"), rows)
            + table(("straight line", "for n devices", "r²"), lines) +
            "%d announcements in %.0f s: %.1f %% of a processor for the "
            "daemon, %.1f %% for the scanner; %d KiB and %d KiB more than "
            "before.\n\n" % (
                flood["announcements"], flood["seconds"],
                flood["daemon_cpu_percent"], flood["scanner_cpu_percent"],
                flood["daemon_kib_more"], flood["scanner_kib_more"]))


def rest(data):
    case = data["cases"][0]
    rows = [(name, case["wake_ups"][name],
             "%.1f ms" % (1000 * case["cpu_seconds"][name]),
             "%d KiB" % case["resident_kib"][name],
             "%d KiB" % case["private_kib"][name])
            for name in case["wake_ups"]]
    sizes = [(name, "%d KiB" % size)
             for name, size in case["installed_kib"].items()]
    return (table(("", "wake-ups in a minute", "processor", "resident",
                   "of its own"), rows) +
            "From start to ready: %s ms.\n\n" % bounds(case["start_ms"],
                                                        "%.1f") +
            table(("installed", ""), sizes))


# In the order in which they are told.
SECTIONS = (
    ("ranges", "The server of images, beside nginx", ranges),
    ("profile", "What a range costs, counted", profile),
    ("steps", "What made it cost less", steps),
    ("thousand", "A thousand devices", thousand),
    ("one", "One device", one),
    ("growth", "Growth", growth),
    ("rest", "At rest", rest),
)


def versions(data):
    known = {name: version for name, version in data["versions"].items()
             if version}
    return ", ".join("%s %s" % item for item in known.items())


def section(folder, name, title, show):
    path = os.path.join(folder, name + ".json")
    if not os.path.exists(path):
        return ""
    with open(path) as f:
        data = json.load(f)
    out = "### %s\n\n%s%s" % (title, show(data), aims(data))
    if name in plot.PLOTS:
        with open(path.replace(".json", ".svg"), "w") as f:
            f.write(plot.PLOTS[name](data))
        out += "![%s](%s/%s.svg)\n\n" % (title, os.path.basename(folder),
                                         name)
    if data["doubts"]:
        out += "Too noisy to tell: %s.\n\n" % "; ".join(data["doubts"])
    return out + "<sub>%s, load %.2f at the start; %s</sub>\n\n" % (
        data["time"], data["machine"]["load"][0], versions(data))


def main(folder, document):
    folder = folder.rstrip("/")
    text = "".join(section(folder, *one) for one in SECTIONS)
    with open(document) as f:
        before, _, rest_of = f.read().partition(BEGIN)
    after = rest_of.partition(END)[2]
    with open(document, "w") as f:
        f.write(before + BEGIN + "\n" + text + END + after)


main(*sys.argv[1:])
