#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Runs benchmarks: run.py FOLDER [NAME...], and leaves FOLDER/NAME.json."""
import json
import os
import shutil
import subprocess
import sys

import bench

# Name, programs that it needs, what it is about.
BENCHES = (
    ("ranges", ("nginx", "wrk"), "the server of images, beside nginx"),
    ("thousand", (), "a thousand devices, flashed in one run"),
    ("one", ("avahi-daemon", "avahi-browse", "dbus-daemon", "nginx", "curl"),
     "one device, beside scripts"),
    ("growth", (), "memory and time beside the number of devices"),
    ("rest", ("strace",), "what it costs when there is nothing to do"),
    ("profile", ("strace", "valgrind"), "what one range costs, counted"),
)


def missing(programs):
    return [name for name in programs if shutil.which(name) is None]


def run(folder, name, programs, about):
    bench.say("%s: %s" % (name, about))
    lacks = missing(programs)
    if lacks:
        bench.say("  left out, for want of", ", ".join(lacks))
        return True
    path = os.path.join(folder, name + ".json")
    bench.come_to_rest()
    if subprocess.run([sys.executable, "-B", "%s/%s.py" % (bench.HERE, name),
                       path]).returncode != 0:
        bench.say("  FAILED")
        return False
    with open(path) as f:
        result = json.load(f)
    if result["doubts"]:
        bench.say("  This machine was too busy for a verdict; see NOISY.")
    return True


def main(folder, *names):
    known = [one[0] for one in BENCHES]
    for name in names:
        if name not in known:
            sys.exit("no benchmark %s, but: %s" % (name, " ".join(known)))
    os.makedirs(folder, exist_ok=True)
    folder = os.path.abspath(folder)
    facts = bench.machine()
    bench.say("%s, %d processors, %s, Linux %s, load %.1f" % (
        facts["cpu"], facts["processors"], facts["memory"], facts["kernel"],
        facts["load"][0]))
    done = [run(folder, *one) for one in BENCHES
            if not names or one[0] in names]
    bench.say("The results are in", folder)
    sys.exit(not all(done))


main(*sys.argv[1:])
