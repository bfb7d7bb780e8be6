#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# The model has the daemon's states, events and transitions: each name in
# tests/model/job.pml is one of src/core/state/state.h, each ROW a row of the
# table in src/core/state/state.c, and what the model leaves out is named here
# with the reason.
command -v python3 >/dev/null || { echo "needs python3"; exit 77; }
cd "${srcdir:-.}" || exit 1
python3 - <<'END'
import pathlib
import re
import sys

STATES_LEFT_OUT = {
    "IGNORED": "to a job it is what SEEN is: no policy wants the device",
    "FINISHING": "the device has its image; a new life makes it VERIFYING",
}
EVENTS_LEFT_OUT = {"IGNORE": "leads to IGNORED"}
STAYS = "the state stays"
CALLED_OFF = "the model calls a job off by OBSERVE or HOLD"
ONCE_MORE = "only by a person's order to flash the device once more"
ROWS_LEFT_OUT = {
    ("SEEN", "OBSERVE"): STAYS,
    ("REFUSED", "REFUSE"): STAYS,
    ("HELD", "HOLD"): STAYS,
    ("PROBING", "REFUSE"): CALLED_OFF,
    ("UNLOCKING", "REFUSE"): CALLED_OFF,
    ("CONFIRMING", "REFUSE"): CALLED_OFF,
    ("FAILED", "REFUSE"): "an image that was tried leaves the device FAILED",
    ("FLASHED", "HOLD"): ONCE_MORE,
    ("FLASHED", "START"): ONCE_MORE,
    ("VERIFIED", "HOLD"): ONCE_MORE,
    ("VERIFIED", "START"): ONCE_MORE,
}
wrong = []


def words(text, name):
    """The first words of a list of X macros."""
    body = re.search(r"#define %s\(X\)(.*?)\n(?:#define|enum|/\* clang)" % name,
                     text, re.S).group(1)
    return re.findall(r"^X\(([A-Z_]+)", body, re.M)


def of_model(text, first):
    """The names of the mtype that begins with this one."""
    body = re.search(r"mtype = \{ (%s\b.*?)\}" % first, text, re.S).group(1)
    return re.findall(r"[A-Z_]+", body)


def compare(what, mine, theirs, left_out):
    for name in mine:
        if name not in theirs:
            wrong.append(f"{what} {name} of the model: the daemon has none")
        if name in left_out:
            wrong.append(f"{what} {name} is in the model, and left out here")
    for name in theirs:
        if name not in mine and name not in left_out:
            wrong.append(f"{what} {name} of the daemon is not in the model")
    for name in left_out:
        if name not in theirs:
            wrong.append(f"{what} {name} is left out, but the daemon has none")


header = pathlib.Path("src/core/state/state.h").read_text()
source = pathlib.Path("src/core/state/state.c").read_text()
model = pathlib.Path("tests/model/job.pml").read_text()
decided = re.search(r"#define DECIDED\(from\)(.*?)\n\n", source, re.S).group(1)
table = re.search(r"\} transitions\[\] = \{(.*?)\n\};", source, re.S).group(1)
PAIR = r"STATE_EVENT_([A-Z_]+),\s*STATE_([A-Z]+) \}"
rows = {(old, event): new for old, event, new in
        re.findall(r"\{ STATE_([A-Z]+),\s*" + PAIR, table)}
for old in re.findall(r"DECIDED\(([A-Z]+)\),", table):
    rows.update({(old, event): new
                 for event, new in re.findall(PAIR, decided)})
if len(rows) < 60:
    sys.exit(f"only {len(rows)} rows of state.c were understood")
modelled = {(old, event): new for old, event, new in re.findall(
    r"^\tROW\(([A-Z]+), ([A-Z_]+), ([A-Z]+)\)", model, re.M)}

compare("state", of_model(model, "SEEN"), words(header, "STATES"),
        STATES_LEFT_OUT)
compare("event", of_model(model, "OBSERVE"), words(header, "STATE_EVENTS"),
        EVENTS_LEFT_OUT)
# A row with a state or an event that is left out needs no reason of its own.
compare("row", modelled,
        {row: new for row, new in rows.items()
         if not {row[0], new} & STATES_LEFT_OUT.keys()
         and row[1] not in EVENTS_LEFT_OUT}, ROWS_LEFT_OUT)
for row, new in modelled.items():
    if rows.get(row, new) != new:
        wrong.append(f"row {row} leads to {new} in the model, "
                     f"and to {rows[row]} in the daemon")
print("\n".join(wrong))
sys.exit(bool(wrong))
END
