#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Does the world notice a fault of the daemon?  mutants.py SOURCE

Run in the folder of a build that has tests/world/world.  Makes each fault that
tests/world/mutations lists, one at a time, in a copy of its file, and runs the
cases and then random scripts until one fails.  Prints for each fault which rule
was broken, and after how many runs.

Settings are variables of the environment: WORLD_SEEDS is how many random
scripts (600), ONLY a pattern for the names of faults.  Exits 1 where a fault is
not found that the list does not say to be out of the world's sight.
"""
import fnmatch
import glob
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

MAKE = "include Makefile\nprint-%:\n\t$(info $($*))@:\n"
FOLDER = tempfile.mkdtemp(prefix="mutants.", dir="tests/world")


class Mutation:
    """A block of the list: "## name: what it breaks", a file, replacements."""

    def __init__(self, text):
        head, self.file, rest = text.split("\n", 2)
        self.name, self.rule = head.split(": ", 1)
        self.is_unseen = self.rule.startswith("UNSEEN ")
        self.changes = re.findall(
            r"^<<<<\n(.*?\n)====\n(.*?\n)>>>>\n", rest, re.S | re.M)

    def apply(self, source):
        with open(os.path.join(source, self.file)) as f:
            text = f.read()
        for old, new in ((o[:-1], n[:-1]) for o, n in self.changes):
            if text.count(old) != 1:
                sys.exit("mutations: %s: found %d times in %s:\n%s" % (
                    self.name, text.count(old), self.file, old))
            text = text.replace(old, new)
        if not self.changes:
            sys.exit("mutations: %s changes nothing" % self.name)
        return text


def read(source):
    with open(os.path.join(source, "tests/world/mutations")) as f:
        blocks = re.split(r"^## ", f.read(), flags=re.M)[1:]
    pattern = os.environ.get("ONLY") or "*"
    return [m for m in map(Mutation, blocks) if fnmatch.fnmatch(m.name, pattern)]


def values(*names):
    with open(FOLDER + "/print.mk", "w") as f:
        f.write(MAKE)
    done = subprocess.run(
        ["make", "-s", "-f", FOLDER + "/print.mk"] + ["print-" + n for n in names],
        check=True, stdout=subprocess.PIPE, text=True)
    return shlex.split(done.stdout)


class Build:
    """An object of its own goes before the libraries, which then lack it."""

    def __init__(self):
        self.compiler = [w for w in values("COMPILE") if w != "-Werror"]
        world = "tests_world_world_"
        self.link = values("CCLD", "AM_CFLAGS", "CFLAGS", world + "LDFLAGS")
        self.objects = values(world + "OBJECTS", world + "LDADD", "LIBS")

    def make(self, text, file):
        place = "%s/%s" % (FOLDER, os.path.basename(file))
        with open(place, "w") as f:
            f.write(text)
        mutant = place[:-2] + ".o"
        subprocess.run(self.compiler + ["-w", "-c", "-o", mutant, place],
                       check=True)
        subprocess.run(self.link + ["-o", FOLDER + "/world", mutant]
                       + self.objects, check=True)


def run(world, *args):
    return subprocess.run([world, *args], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True).stdout


def find(world, cases, seeds):
    """The rule that is broken, and after how many runs; or None."""
    failed = re.search(r"^FAILED: \S+?([^/\s]+): (.*)", run(world, *cases), re.M)
    if failed:
        return "%s: %s" % failed.groups(), cases.index(next(
            c for c in cases if c.endswith(failed.group(1)))) + 1
    failed = re.search(r"^FAILED: seed (\d+): (.*)",
                       run(world, "--seeds", str(seeds), "--first"), re.M)
    if failed:
        return failed.group(2), len(cases) + int(failed.group(1))
    return None


def main():
    source = sys.argv[1]
    seeds = int(os.environ.get("WORLD_SEEDS") or 600)
    cases = sorted(glob.glob(source + "/tests/world/cases/*.script"))
    build, found, missed, unseen = Build(), 0, 0, 0
    if find("tests/world/world", cases, seeds):
        sys.exit("mutants: a run fails as it is: make world")
    for mutation in read(source):
        build.make(mutation.apply(source), mutation.file)
        begin = time.time()
        result = find(FOLDER + "/world", cases, seeds)
        seconds = time.time() - begin
        if result:
            found += 1
            print("%-28s %4d runs %4.0f s  %s" % (
                mutation.name, result[1], seconds, result[0]), flush=True)
            continue
        unseen += mutation.is_unseen
        missed += not mutation.is_unseen
        print("%-28s NOT FOUND %4.0f s  %s" % (
            mutation.name, seconds, mutation.rule), flush=True)
    print("%d of %d found; %d are out of the world's sight" % (
        found, found + missed + unseen, unseen))
    return 1 if missed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    finally:
        shutil.rmtree(FOLDER)
