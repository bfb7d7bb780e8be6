#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Many ask for a history of years, all at once, and nobody waits for them.

Each gets all of it, in order, while others are answered in between.  Who asks
and does not read, or little at a time, keeps nobody waiting and no file open.
"""
import json
import os
import socket
import threading
import time

import lan

DEVICES = "--device id=1000f00002"
ASKERS = 6
PART_BYTES = 1 << 20  # as large as a file of it becomes
GONE, KNOWN = "1000f00001", "1000f00002"


def fill_history(state):
    """Five files; how many entries there are."""
    os.makedirs(state)
    number = 0
    for part in (".4", ".3", ".2", ".1", ""):
        with open(state + "/history.jsonl" + part, "w") as f:
            while f.tell() < PART_BYTES - 1000:
                f.write(json.dumps(dict(
                    time="2026-01-01T00:00:00Z", device=GONE, state="failed",
                    reason="stalled", policy="10-a", image="fw.bin",
                    sha256="0" * 64, bytes=number, seconds=3)) + "\n")
                number += 1
    return number


class Asker(threading.Thread):
    def __init__(self, daemon, **args):
        super().__init__(daemon=True)
        self.reflashd, self.args, self.numbers = daemon, args, None

    def run(self):
        items, self.answer = self.reflashd.ask("history", **self.args)
        self.numbers = [item["bytes"] for item in items]


def cpu_seconds(pid):
    with open("/proc/%d/stat" % pid) as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def open_parts(pid):
    folder = "/proc/%d/fd" % pid
    count = 0
    for name in os.listdir(folder):
        try:
            count += "history.jsonl" in os.readlink(
                os.path.join(folder, name))
        except FileNotFoundError:  # closed meanwhile
            pass
    return count


def ask_and_read(daemon, size):
    """So much of the history, and no more for now."""
    s = socket.socket(socket.AF_UNIX)
    s.connect(daemon.control)
    s.sendall(b'{"v":1,"do":"history"}\n')
    while size > 0:
        size -= len(s.recv(min(size, 65536)))
    return s


def expect_numbers(lines, total):
    numbers = []
    for line in lines:
        message = json.loads(line)
        if "ok" in message:
            break
        numbers.append(message["item"]["bytes"])
    lan.expect(numbers == list(range(total)), True, "all, in their order")


def slow_readers(daemon, total):
    """Each has a part of it, the first none; then they get the rest."""
    readers = [ask_and_read(daemon, size) for size in (0, 1, 300000, 2000000)]
    began = time.monotonic()
    for ident in GONE, KNOWN:
        lan.expect(daemon.ask("history", id=ident)[1]["ok"], True, "history")
    wait = time.monotonic() - began
    lan.expect(open_parts(daemon.process.pid), 0, "files that wait for them")
    cpu = cpu_seconds(daemon.process.pid)
    time.sleep(1)  # it is looked how much is done meanwhile
    if cpu_seconds(daemon.process.pid) - cpu > 0.5:
        raise lan.Failure("reflashd does not wait for who does not read")
    with readers[0], readers[0].makefile() as lines:
        expect_numbers(lines, total)
    for reader in readers[1:]:
        reader.close()
    print("beside %d who do not read, two histories in %.1f s" % (
        len(readers), wait))


def main(folder):
    daemon = lan.Daemon(folder)
    total = fill_history(daemon.state)
    with lan.stopped_at_end(daemon):
        daemon.start()
        slow_readers(daemon, total)
        askers = [Asker(daemon) for _ in range(ASKERS)]
        askers += [Asker(daemon, id=GONE), Asker(daemon, id=KNOWN)]
        for asker in askers:
            asker.start()
        most = between = 0
        while any(asker.is_alive() for asker in askers):
            lan.expect(daemon.ask("status")[1]["ok"], True, "status")
            most = max(most, open_parts(daemon.process.pid))
            between += 1
        for asker in askers[:-1]:
            lan.expect(asker.numbers == list(range(total)), True,
                       "all entries, in their order")
        lan.expect((askers[-1].numbers, askers[-1].answer["ok"]), ([], True),
                   "history of one that has none")
        lan.expect(daemon.ask("history", id="1000f00009")[1]["code"],
                   "ENOENT", "history of one that nobody knows")
        lan.expect(most <= 5, True, "the files are open for one at a time")
        lan.expect(open_parts(daemon.process.pid), 0, "files left open")
        if between < 100:  # of the 1500 parts that are sent
            raise lan.Failure("only %d others were answered" % between)
    print("%d times %d entries, and %d others were answered meanwhile" % (
        ASKERS + 1, total, between))


lan.run(main, DEVICES)
