# SPDX-License-Identifier: ISC
"""What reflashd and reflash-scan hold, and whether it grows.

A row is taken at rest.  What counts is not two rows but all behind the
warm-up: the slope is the median of those between any two of them (Theil and
Sen), which a few odd rows do not move, and the growth is what it makes of the
whole time.
"""
import glob
import os
import statistics
import struct

# How much each may grow between the end of the warm-up and the end.  In bytes
# of malloc(), which gives 24 at least: less than one leak in a flash, and what
# rows differ by, in reflash-scan with whom the network has told last.  (Those of
# a daemon that leaks nothing were 556,000 to 575,000 bytes, in no order.)  In
# kibibytes of the kernel's: glibc keeps an end of the heap that is smaller than
# 128 (M_TRIM_THRESHOLD).  Of what is counted: one that is on its way when a row
# is taken, in the last as in no other.
BYTES_PER_FLASH = 23
BYTES = {"reflashd": 1024, "reflash-scan": 4096}
KIB = 128
COUNTS = ("events", "fds", "watches", "threads", "children")
COUNT = 1.5
# Numbers in records have more digits or fewer.
STATE_BYTES = 1024
# STORE_LINES_MAX_FILE, and one more than STORE_LINES_OLD
HISTORY_BYTES = 5 * 1024 * 1024
# Rounds until strangers have taken all room that there is; a tenth if more.
WARM = 4


def read(path):
    with open(path) as f:
        return f.read()


def status(pid, key):
    for line in read("/proc/%d/status" % pid).splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1])
    raise KeyError(key)


def children(pid):
    return [int(word) for word in
            read("/proc/%d/task/%d/children" % (pid, pid)).split()]


def cpu_seconds(pid):
    fields = read("/proc/%d/stat" % pid).rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def watches(pid):
    """What is in its epoll descriptors."""
    found = 0
    for path in glob.glob("/proc/%d/fdinfo/*" % pid):
        try:
            found += sum(line.startswith("tfd:")
                         for line in read(path).splitlines())
        except FileNotFoundError:
            pass
    return found


def process(shim, name, pid):
    """What one of them holds."""
    with open("%s/%d" % (shim, pid), "rb") as f:
        held, events = struct.unpack("QQ", f.read())
    row = dict(resident_kib=status(pid, "VmRSS"), own_kib=status(
        pid, "RssAnon"), heap_bytes=held, fds=len(os.listdir(
            "/proc/%d/fd" % pid)), threads=status(pid, "Threads"))
    if name == "reflashd":
        row.update(events=events, watches=watches(pid),
                   children=len(children(pid)))
    return {name + " " + key: value for key, value in row.items()}


def state(folder):
    """Files and bytes; of the history, and of all else."""
    sizes = {path: os.path.getsize(path) for path in
             glob.glob(folder + "/**", recursive=True)
             if os.path.isfile(path)}
    history = sum(size for path, size in sizes.items()
                  if os.path.basename(path).startswith("history.jsonl"))
    return {"state files": len(sizes),
            "state bytes": sum(sizes.values()) - history,
            "history bytes": history}


def slope(values):
    """For each row."""
    return statistics.median(
        (b - a) / (n - m) for m, a in enumerate(values)
        for n, b in enumerate(values) if m < n)


def bound(key, flashes):
    """How much it may grow in so many flashes; None: it is only told."""
    whose, what = key.split()
    if key == "history bytes":
        return HISTORY_BYTES
    if key == "state bytes":
        return STATE_BYTES
    if what in COUNTS or key == "state files":
        return COUNT
    if what == "heap_bytes":
        return BYTES[whose] + BYTES_PER_FLASH * flashes
    return KIB


def judge(rows, flashes):
    """{key: how it has grown}, with so many flashes between two rows."""
    verdicts = {}
    for key in rows[0]:
        # The reflash-scan that was begun last, behind its first outage.
        if key.startswith("reflash-scan"):
            first, least = len(rows) // 2, 1
        else:
            first, least = 0, WARM
        warm = first + max(least, (len(rows) - first) // 10)
        values = [row[key] for row in rows[warm:]]
        growth = slope(values) * (len(values) - 1)
        most = bound(key, flashes * (len(values) - 1))
        # What is written over from its beginning on is judged by its size.
        met = max(values) <= most if key == "history bytes" else growth <= most
        verdicts[key] = dict(
            start=rows[first][key], warm=values[0], end=values[-1],
            middle=values[len(values) // 2], growth=round(growth, 1),
            at_most=round(most, 1), met=met)
    return verdicts


def table(verdicts):
    """Its lines: at the start, behind the warm-up, in the middle, the end."""
    columns = ("start", "warm", "middle", "end", "growth", "at_most")
    yield "%-26s" % "" + "".join("%10s" % word for word in columns)
    for key, verdict in verdicts.items():
        yield "%-26s" % key + "".join(
            "%10.7g" % verdict[word] for word in columns) + (
                "" if verdict["met"] else "  GROWS")
