#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Thousands of devices are nothing but announcements, and nobody waits because
of them.

What is measured is how long somebody with a connection of the HTTP server, a
device in the middle of a flash say, waits for his answer meanwhile.
"""
import json
import os
import selectors
import socket
import subprocess
import threading
import time

import lan

DEVICES = "--device id=1000f10001"
COUNT = 4096       # MaxDevices
POLICIES = 60
READERS = 30       # of 32 that a user may have
STATUS_SECONDS = 4
ASKING, MORE = 100, 50  # devices that wait for an approval
FLIPPING, FLIPS = 50, 80
LAST = 200         # nobody has heard of it before
LINES = 17         # of one device: 16, and that more are left out
LONGEST = 0.5      # without the bounds: seconds, each time


class Inventor(lan.Inventor):
    def say(self, number, **txt):
        super().say("10%08x" % number, "10.66.0.%d" % (2 + number % 200),
                    "eth1", **txt)

    def say_all(self, count, **txt):
        for number in range(count):
            self.say(number, **txt)
        self.flush()


def mount(path, size):
    os.makedirs(path)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%d,mode=700" % size,
                    "tmpfs", path], check=True)


class Waiter(threading.Thread):
    """Asks the HTTP server until it is told to stop; the longest wait."""

    def __init__(self):
        super().__init__(daemon=True)
        self.longest, self.count, self.stopped = 0, 0, False
        self.server = socket.create_connection(
            (os.environ["REFLASH_SIM_SERVER"], 8266), 60)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *what):
        self.stopped = True
        self.join()

    def run(self):
        while not self.stopped:
            began = time.monotonic()
            self.server.sendall(b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
            if not self.server.recv(4096):
                return
            self.longest = max(self.longest, time.monotonic() - began)
            self.count += 1


def expect_prompt(waiter, what):
    print("%s: %d answers of the HTTP server, the longest after %.0f ms" % (
        what, waiter.count, waiter.longest * 1000))
    if waiter.longest > LONGEST:
        raise lan.Failure("%s: others wait for %.1f s" % (
            what, waiter.longest))


class Pipeliner:
    """Sends one request after the other, and reads what comes."""

    def __init__(self, daemon, word):
        self.text = json.dumps(dict(v=1, do=word)).encode() + b"\n"
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(daemon.control)
        self.socket.setblocking(False)
        self.sent = self.answers = 0

    def go_on(self, what):
        if what & selectors.EVENT_READ:
            self.answers += self.socket.recv(1 << 20).count(b'"ok":true')
        if what & selectors.EVENT_WRITE:
            at = self.sent % len(self.text)
            self.sent += self.socket.send((self.text * 100)[at:])


def pipeline(daemon, word, count, seconds):
    """How many answers they get; on a busy machine the first takes longer."""
    readers = [Pipeliner(daemon, word) for _ in range(count)]
    until = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        for reader in readers:
            selector.register(reader.socket, selectors.EVENT_READ |
                              selectors.EVENT_WRITE, reader)
        while time.monotonic() < until or (
                not any(reader.answers for reader in readers) and
                time.monotonic() < until + 60):
            for key, what in selector.select(1):
                key.data.go_on(what)
            time.sleep(0.01)  # the two cores are for the daemon
    for reader in readers:
        reader.socket.close()
    return sum(reader.answers for reader in readers)


def many_look(daemon):
    """All that status and plan know of the policies, for many at once."""
    for word in "status", "plan":
        with Waiter() as waiter:
            answers = pipeline(daemon, word, READERS, STATUS_SECONDS)
            lan.expect(daemon.ask("status")[1]["ok"], True, "status")
        lan.expect(answers > 0, True, "answers to " + word)
        expect_prompt(waiter, "%d answers to %s" % (answers, word))


def look(folder):
    inventor = Inventor(folder)
    lan.SCAN = inventor.program
    daemon = lan.Daemon(folder, discovery=dict(Backend="embedded"))
    for n in range(POLICIES):
        daemon.policy("%02d" % n, dict(Action="observe"), match=dict(
            DeviceId="2%03d* 3%03d*" % (n, n), Type="diy_plug"))
    daemon.policy("99", dict(Action="observe"),
                  match=dict(DeviceId="10000007*"))
    inventor.say_all(COUNT, encrypt="true")
    with lan.stopped_at_end(daemon):
        daemon.start()
        lan.wait(lambda: daemon.ask("status")[1]["counts"]["seen"] == COUNT,
                 30, "all are known")
        policies = daemon.ask("status")[1]["policies"]
        lan.expect((len(policies), policies[-1]["devices"]),
                   (POLICIES + 1, 256), "policies, and what the last decides")
        lan.expect(len(daemon.ask("plan")[1]["notes"]), POLICIES, "notes")
        many_look(daemon)


def approved(daemon):
    """How many are, on the disk."""
    count = 0
    for name in os.listdir(daemon.state + "/devices"):
        if name.endswith(".json"):
            with open(daemon.state + "/devices/" + name) as f:
                count += json.load(f)["approved"] is not None
    return count


def await_held(daemon, count):
    lan.wait(lambda: daemon.ask("status")[1]["counts"]["held"] == count, 30,
             "%d wait" % count)


def approve_all(daemon):
    """What is answered is on the disk by then."""
    with Waiter() as waiter:
        answer = daemon.ask("approve", all=True)[1]
    lan.expect((answer["ok"], answer["count"]), (True, ASKING), "approved")
    lan.expect(approved(daemon), ASKING, "approvals on the disk")
    expect_prompt(waiter, "approve --all on a slow disk")
    lan.expect(daemon.ask("approve", all=True)[1]["code"], "EALREADY",
               "approved again")


def approve_and_leave(daemon):
    """It is done all the same."""
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(daemon.control)
        s.sendall(b'{"v":1,"do":"approve","args":{"all":true}}\n')
    lan.wait(lambda: approved(daemon) == ASKING + MORE, 30, "all approvals")


def memory(daemon):
    with open("/proc/%d/status" % daemon.process.pid) as f:
        return next(int(line.split()[1]) for line in f
                    if line.startswith("VmRSS:"))


def records_in_state(daemon, state):
    count = 0
    for number in range(FLIPPING):
        with open("%s/devices/10%08x.json" % (daemon.state, number)) as f:
            count += json.load(f)["state"] == state
    return count


def lines_of_flipping(daemon):
    """Others may be missed on a busy machine, and have a line of their own."""
    ids = {"10%08x" % number for number in range(FLIPPING)}
    return sum(not ids.isdisjoint(line.split())
               for line in daemon.logged(r"10000000\w\w "))


def flip(daemon, inventor):
    """They are announced as encrypted, and not, faster than the disk writes."""
    before, kib = lines_of_flipping(daemon), memory(daemon)
    for _ in range(FLIPS // 2):
        inventor.say_all(FLIPPING)
        inventor.say_all(FLIPPING, encrypt="true")
    inventor.say(LAST, encrypt="true")
    inventor.flush()
    lan.wait(lambda: daemon.device("10%08x" % LAST), 60, "the last one")
    lan.wait(lambda: records_in_state(daemon, "refused") == FLIPPING, 60,
             "how it is in the end is on the disk")
    count, kib = lines_of_flipping(daemon) - before, memory(daemon) - kib
    print("%d changes: %d lines in the log, %d KiB more" % (
        FLIPPING * FLIPS, count, kib))
    if count > FLIPPING * LINES or kib > 4096 and not lan.has_sanitizer():
        raise lan.Failure("whoever announces fills log or memory")
    lan.expect(len(daemon.logged("it changes again and again")), FLIPPING,
               "lines that say that others are left out")


def fill(daemon):
    """Also what a write that was under way has left."""
    with open(daemon.state + "/filler", "ab", buffering=0) as f:
        try:
            while f.write(bytes(4096)):
                pass
        except OSError:
            return


def fill_and_mend(daemon, inventor):
    """What a disk that was full has missed is written in turns, too."""
    fill(daemon)
    inventor.say_all(ASKING + MORE, encrypt="true")
    lan.wait(lambda: fill(daemon) or
             daemon.logged("state: it cannot be saved"), 20, "full")
    os.remove(daemon.state + "/filler")
    with Waiter() as waiter:
        lan.wait(lambda: daemon.logged("state: it can be saved again"), 60,
                 "it is mended")
    expect_prompt(waiter, "%d records that were missed" % (ASKING + MORE))


def write(folder):
    """The disk takes its time, and everybody else has his."""
    inventor = Inventor(folder)
    lan.SCAN = inventor.program
    daemon = lan.Daemon(folder, discovery=dict(Backend="embedded",
                                               RequerySec=1))
    daemon.env = dict(LD_PRELOAD=lan.BUILD + "/slow_shim.so",
                      ASAN_OPTIONS="verify_asan_link_order=0")
    lan.make_image(daemon.images + "/fw.bin")
    daemon.policy("10", dict(Action="ask", Image="fw.bin"),
                  match=dict(DeviceId="10000*"))
    mount(daemon.state, 4 << 20)
    inventor.say_all(ASKING)
    with lan.stopped_at_end(daemon):
        daemon.start()
        daemon.ctl("pause")
        await_held(daemon, ASKING)
        approve_all(daemon)
        inventor.say_all(ASKING + MORE)
        await_held(daemon, ASKING + MORE)
        approve_and_leave(daemon)
        flip(daemon, inventor)
        fill_and_mend(daemon, inventor)


def main(folder):
    lan.strangers_up()
    look(os.path.join(folder, "look"))
    write(os.path.join(folder, "write"))


lan.run(main, DEVICES)
