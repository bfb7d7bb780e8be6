#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What one range costs the daemon: profile.py RESULT

Counted rather than timed, so it tells the same on a busy machine: system calls
for each request (strace), instructions outside of the kernel, and in which
functions (callgrind).
"""
import collections
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile

import bench

REQUESTS = 2000
TOP = 24    # functions


def ask_one(conn, path, first, close):
    """The length of the reply's head."""
    conn.sendall(b"GET %s HTTP/1.1\r\nHost: dl.itead.cn\r\n%s"
                 b"Range: bytes=%d-%d\r\n\r\n" % (
                     path.encode(), b"Connection: close\r\n" * close, first,
                     first + 4095))
    got, want = b"", None
    while want is None or len(got) < want:
        got += conn.recv(65536)
        if want is None and b"\r\n\r\n" in got:
            want = got.index(b"\r\n\r\n") + 4 + 4096
    if close:
        conn.recv(1)
    return want - 4096


def ask(url, count, close):
    """Ranges as a device asks for them, on one connection or on many."""
    host, port, path = re.match(r"http://([^:]+):(\d+)(.*)", url).groups()
    conn = None
    for n in range(count):
        if close or conn is None:
            conn = socket.create_connection((host, int(port)))
        head = ask_one(conn, path, n % 123 * 4096, close)
        if close:
            conn.close()
    conn.close()
    return head


def count_calls(url, pid, folder, close):
    """{system call: how often for each request}"""
    out = folder + "/strace"
    tracer = subprocess.Popen(["strace", "-f", "-c", "-o", out, "-p", str(pid)],
                              stderr=subprocess.PIPE)
    tracer.stderr.readline()    # it is attached
    ask(url, REQUESTS, close)
    tracer.send_signal(signal.SIGINT)
    tracer.wait()
    calls = {}
    with open(out) as f:
        for line in f:
            words = line.split()
            if len(words) >= 5 and words[3].isdigit() and words[-1] != "total":
                calls[words[-1]] = int(words[3]) / REQUESTS
    return {name: n for name, n in calls.items() if n >= 0.01}


def count_instructions(url, pid, folder, close):
    """Of each request, and (share, function) of the most costly ones."""
    def control(*what):
        subprocess.run(["callgrind_control", *what, str(pid)], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    ask(url, 200, close)    # what is done once is done
    control("-i", "on")
    ask(url, REQUESTS, close)
    control("-d")
    dump = folder + "/callgrind.1"
    control("-i", "off")
    text = subprocess.run(
        ["callgrind_annotate", "--auto=no", "--threshold=99", dump],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        universal_newlines=True).stdout
    total, costs = 0, collections.Counter()
    for line in text.split("\n"):
        m = re.match(r"\s*([\d,]+) \(\s*[\d.]+%\)\s+(?:\S*?:)?(\S+)", line)
        if m and m.group(2) == "PROGRAM":
            total = int(m.group(1).replace(",", "")) / REQUESTS
        elif m:    # one function may be in several files
            costs[m.group(2)] += int(m.group(1).replace(",", "")) / REQUESTS
    return total, [(count, name) for name, count in costs.most_common(TOP)]


def start(lan, folder, tool):
    daemon = lan.Daemon(
        folder, limits=dict(FirstFetchSec=86400, FlashTimeoutSec=86400,
                            VerdictSec=86400), server=dict(CheckSource="no"))
    lan.make_image(daemon.images + "/fw.bin", "valid")
    daemon.policy("50-all", dict(Image="fw.bin"))
    with open(daemon.log, "a") as log:
        daemon.process = subprocess.Popen(
            [*tool, os.path.join(bench.BUILD, "reflashd"), "-c", daemon.conf],
            stderr=log)
    lan.wait(lambda: daemon.logged("told to download http"), 60, "an offer")
    line = daemon.logged("told to download http")[-1]
    url = re.search(r"http://\S+", line).group(0)
    ask(url, 200, False)    # what is done once is done
    return daemon, url


def count(lan, top, tool, how, *arguments):
    """What how() says of a daemon that is run by that tool."""
    folder = tempfile.mkdtemp(dir=top)
    daemon, url = start(lan, folder, [
        word.replace("FOLDER", folder) for word in tool])
    try:
        return how(url, daemon.process.pid, folder, *arguments)
    finally:
        daemon.kill()


CALLGRIND = ["valgrind", "-q", "--tool=callgrind", "--instr-atstart=no",
             "--callgrind-out-file=FOLDER/callgrind"]


def main(path):
    top = bench.enter_lan("--devices", "1", "--each", "fault=never-fetch")
    import lan
    result = bench.Result("profile", "libevent-core-2.1-7", "libc6",
                          "valgrind")
    for name, close in ("a range", False), ("a connection and a range", True):
        calls = count(lan, top, [], count_calls, close)
        total, costly = count(lan, top, CALLGRIND,
                           count_instructions, close)
        bench.say("  %s: %.1f system calls (%s), %d instructions" % (
            name, sum(calls.values()), ", ".join(
                "%.1f %s" % (n, name) for name, n in calls.items()), total))
        for share, function in costly:
            bench.say("    %6d %s" % (share, function))
        result.case(name, calls=calls, instructions=total, top=costly)
    result.write(path)


main(*sys.argv[1:])
