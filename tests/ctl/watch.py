#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""reflashctl watch on a terminal, which tmux plays: what a person sees."""
import atexit
import os
import re
import subprocess
import sys
import tempfile
import time

from fake import LIMIT, Fake

tmp = tempfile.TemporaryDirectory()
path = os.path.join(tmp.name, "control.sock")
servers = []  # of tmux; one that is ending must not be met again
shots = os.path.join(tmp.name, "shots")


def tmux(*args):
    return subprocess.run(["tmux", "-S", servers[-1], "-f", "/dev/null", *args],
                          check=True, capture_output=True, text=True).stdout


@atexit.register
def end_servers():
    for server in servers:
        subprocess.run(["tmux", "-S", server, "kill-server"],
                       capture_output=True)


def picture():
    return tmux("capture-pane", "-p").rstrip("\n").split("\n")


def see(*patterns, name=None):
    """The picture, as soon as all the patterns are in it."""
    until = time.monotonic() + LIMIT
    while True:
        lines = picture()
        text = "\n".join(lines)
        if all(re.search(p, text, re.M) for p in patterns):
            break
        assert time.monotonic() < until, "waiting for %s in\n%s" % (
            patterns, text)
    if name:
        with open(os.path.join(shots, name), "w") as f:
            f.write(text + "\n")
    return lines


def start(columns, rows, locale="C"):
    command = ("trap : INT; LC_ALL=%s NO_COLOR=1 REFLASHD_SOCKET=%s %s/reflashctl watch;"
               " echo rc=$?; cat" % (locale, path, os.getcwd()))
    servers.append(os.path.join(tmp.name, "tmux%d" % len(servers)))
    tmux("-u", "new-session", "-d", "-x", str(columns), "-y", str(rows),
         "env", "TERM=screen", "sh", "-c", command)


def check_size(lines, columns, rows):
    assert len(lines) <= rows, lines
    for line in lines:
        assert len(line) <= columns, line


def five_devices():
    fake = Fake(path, 5)
    start(80, 24)
    see("^1000000004 .* probing", "^q: quit$")
    for i in range(5):
        fake.do("set 100000000%d downloading %d" % (i, i * 100000))
    lines = see("^5 downloading$", " 79 % +21.3 KiB/s +5 s$",
                name="watch-80x24.txt")
    check_size(lines, 80, 24)
    bars = re.findall(r"\[(#*)(-*)\] +(\d+) %", "\n".join(lines))
    assert len(bars) == 5, lines
    for full, empty, percent in bars:
        whole = len(full) + len(empty)
        assert len(full) == whole * int(percent) // 100 and whole >= 6, bars
    # wider
    tmux("resize-window", "-x", "140", "-y", "40")
    lines = see(r"#{30}", "^5 downloading", name="watch-140x40.txt")
    check_size(lines, 140, 40)
    # narrow: no line is broken in two
    tmux("resize-window", "-x", "40", "-y", "8")
    lines = see("^5 downloading", "^1000000004 ", "^q: quit$")
    check_size(lines, 40, 8)
    assert len(lines) == 7, lines
    tmux("resize-window", "-x", "80", "-y", "24")
    # how it goes on
    fake.do("set 1000000000 flashed")
    fake.do("set 1000000001 failed")
    fake.do("drop 1000000002")
    lines = see("^2 downloading, 1 flashed, 1 failed$", "failed: never-fetch")
    assert "1000000002" not in "\n".join(lines)
    assert lines[1].startswith("1000000003"), "who works is on top"
    # the daemon is restarted
    fake.kill()
    see("daemon does not answer", "^1000000003 .*downloading")
    fake = Fake(path, 2)
    lines = see("^1 seen, 1 ignored$", "^q: quit$")
    assert "1000000003" not in "\n".join(lines), "what is gone is gone"
    # the last picture stays
    tmux("send-keys", "q")
    see("^1 seen, 1 ignored$", "^1000000001 ", "^rc=0$")
    tmux("kill-server")
    fake.end()


def more_than_fit():
    fake = Fake(path, 100)
    start(80, 24)
    lines = see(r"^\.\.\. and \d+ more$", "^q: quit$")
    check_size(lines, 80, 24)
    assert len(lines) == 24
    shown = sum(line.startswith("1000") for line in lines)
    assert "... and %d more" % (100 - shown) in lines
    tmux("send-keys", "C-c")
    see("^rc=0$")
    tmux("kill-server")
    fake.end()


def no_daemon_yet():
    start(80, 24)
    see("no device has been seen yet", "daemon does not answer")
    fake = Fake(path, 9)
    see("^1000000008 .*downloading", "^q: quit$")
    tmux("send-keys", "q")
    see("^rc=0$")
    tmux("kill-server")
    fake.end()


def blocks_where_the_locale_has_them():
    fake = Fake(path, 9)
    start(80, 24, "C.UTF-8")
    lines = see("\u2588+\u2591+\\] +64 %")
    check_size(lines, 80, 24)
    tmux("kill-server")
    fake.end()


os.makedirs(shots, exist_ok=True)
for test in (five_devices, more_than_fit, no_daemon_yet,
             blocks_where_the_locale_has_them):
    test()
    print("ok", test.__name__.replace("_", " "), flush=True)
for name in sorted(os.listdir(shots)):
    print("\n%s:" % name)
    with open(os.path.join(shots, name)) as f:
        print(f.read(), end="")
sys.exit(0)
