#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Print how much of each module the tests have run: coverage.py SOURCE BUILD

Lines and branches of each file in src/, as gcovr counts them.  Exits 1 if a
branch of COMPLETE was never taken, and says where.  The side of an assert()
that ends the program does not count.
"""
import collections
import json
import subprocess
import sys

# What decides about a device or sends bytes to it: every branch is tested.
COMPLETE = [
    "src/core/http/conditional.c",
    "src/core/image/esp8266.c",
    "src/core/http/filereply.c",
    "src/core/image/image.c",
    "src/core/image/image_release.c",
    "src/core/image/imageforeign.c",
    "src/core/image/imageform.c",
    "src/core/image/imagekind.c",
    "src/core/flash/job.c",
    "src/core/flash/job_answer.c",
    "src/core/flash/job_ask.c",
    "src/core/flash/job_end.c",
    "src/core/flash/job_flash.c",
    "src/core/state/state.c",
    "src/core/config/glob.c",
    "src/core/config/network.c",
    "src/core/config/version.c",
    "src/core/policy/policy.c",
    "src/core/http/range.c",
    "src/core/config/value.c",
    "src/core/config/value_list.c",
]


def measure(source, build):
    done = subprocess.run(
        ["gcovr", "--root", source, "--object-directory", build, "--filter",
         ".*/src/.*", "--exclude-branches-by-pattern", r".*\bassert\(.*",
         "--json", "-", build], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)["files"]


def percent(part, whole):
    return "%5.1f %%" % (100 * part / whole) if whole else "      -"


def tell(name, count):
    print("%-32s %6d %s  %6d %s" % (
        name, count["lines"], percent(count["lines run"], count["lines"]),
        count["branches"], percent(count["branches taken"],
                                   count["branches"])))


def main():
    total = collections.defaultdict(collections.Counter)
    missing = []
    for file in sorted(measure(*sys.argv[1:]), key=lambda f: f["file"]):
        name = file["file"][file["file"].index("src/"):]
        count = collections.Counter()
        for line in file["lines"]:
            taken = [b["count"] > 0 for b in line["branches"]]
            if not line.get("gcovr/noncode"):
                count["lines"] += 1
                count["lines run"] += line["count"] > 0
            count["branches"] += len(taken)
            count["branches taken"] += sum(taken)
            if name in COMPLETE and not all(taken):
                missing.append("%s:%d" % (name, line["line_number"]))
        for group in (name, name.rsplit("/", 1)[0] + "/", "all"):
            total[group].update(count)
    print("%-32s %6s %7s  %6s %7s" % ("", "lines", "run", "branches",
                                      "taken"))
    for name in sorted(total):
        tell(name, total[name])
    for name in COMPLETE:
        if name not in total:
            missing.append(name + " is not there")
    for place in missing:
        print("%s: a branch that no test takes" % place)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
