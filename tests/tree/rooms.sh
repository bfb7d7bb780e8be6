#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# A module needs only those below it: base, core, io and then reflashd,
# and within each of these the rooms in the order of the map in
# doc/architecture.md, the lowest first.
command -v python3 >/dev/null || { echo "needs python3"; exit 77; }
python3 - "${srcdir:-.}" <<'END'
import collections
import os
import pathlib
import re
import subprocess
import sys

FLOORS = ["base", "core", "io", "reflashd"]
top = pathlib.Path(sys.argv[1])
page = (top / "doc/architecture.md").read_text()
rows = re.findall(r"^\| `([a-z/]+)/` *\|", page[page.index("\n## The map"):],
                  re.M)
order = {room: (FLOORS.index(room.split("/")[0]), at)
         for at, room in enumerate(rows) if room.split("/")[0] in FLOORS}
objects = sorted(str(path) for path in pathlib.Path("src").rglob("*.o")
                 if path.with_suffix("").parts[1] in FLOORS and
                 (top / path.with_suffix(".c")).exists())
if len(objects) < 100:
    sys.exit("only %d files are built here: make first" % len(objects))


def module(name):
    return name[len("src/"):-len(".o")]


defined, needed = {}, collections.defaultdict(set)
out = subprocess.run(["nm", "-A", "-g", *objects], check=True, text=True,
                     stdout=subprocess.PIPE).stdout
for line in out.splitlines():
    name, rest = line.split(":", 1)
    kind, symbol = rest.split()[-2:]
    if kind == "U":
        needed[module(name)].add(symbol)
    else:
        defined[symbol] = module(name)

upwards = set()
for user, symbols in needed.items():
    for symbol in symbols & defined.keys():
        room, other = (os.path.dirname(m) for m in (user, defined[symbol]))
        if order[other] > order[room]:
            upwards.add((user, defined[symbol], symbol))
for user, owner, symbol in sorted(upwards):
    print("src/%s.c needs %s() of src/%s.c: upwards, as the map in "
          "doc/architecture.md has it" % (user, symbol, owner))
sys.exit(len(upwards) > 0)
END
