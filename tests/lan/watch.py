#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""reflashctl watch on terminals of two sizes, while five devices are flashed;
the terminal changes its size and the daemon restarts meanwhile.

Its pictures are kept in FOLDER as text and are what this prints.
"""
import os
import re
import sys

import lan

sys.path.append(os.path.join(os.path.dirname(__file__), "../ctl"))
from terminal import Terminal  # noqa: E402

# Slow enough for all that is to be seen; the test makes them quick at the end.
DEVICES = "--devices 5 --each chunk-ms=400,reboot-ms=200"
HERE = "^q: quit"
BARS = re.compile(r"^(\w{10})  (\S+) +downloading  (\S+) +(\d+) %"
                  r"(?: +([\d.]+) KiB/s +(\d+) s)?$", re.M)


def set_all(spec):
    for _, ident in lan.sim_devices():
        lan.sim("set", ident, spec)


def keep(folder, name, lines):
    with open(os.path.join(folder, name), "w") as f:
        f.write("\n".join(lines) + "\n")
    print("%s:" % name)
    print("\n".join(lines) + "\n", flush=True)


def bars_of(lines):
    """{id: (bar, percent, rate, seconds left)} of those with a bar."""
    return {ident: (bar, int(percent), rate, left)
            for ident, _, bar, percent, rate, left in
            BARS.findall("\n".join(lines))}


def see_all_move(terminal, percent):
    """The picture, once each has a rate, a time left and so many percent."""
    def moving():
        lines = terminal.picture()
        bars = bars_of(lines)
        # Changes are told at each ten percent, and that is not enough.
        return len(bars) == 5 and all(
            done >= percent and done % 10 and rate and left
            for _, done, rate, left in bars.values()) and lines
    lines = lan.wait(moving, 60, "five bars that move")
    check(lines, terminal)
    return lines


def check(lines, terminal):
    """It fits, and what it shows of a device agrees in itself."""
    lan.expect(len(lines) <= terminal.rows and
               all(len(line) <= terminal.columns for line in lines), True,
               "a picture that fits: %s" % lines)
    for ident, (bar, percent, rate, left) in bars_of(lines).items():
        full = bar.count("\u2588")
        lan.expect(abs(full - len(bar) * percent / 100) <= 1, True,
                   "%s: a bar of %s for %d %%" % (ident, bar, percent))
        if rate:
            bytes_left = 504848 * (100 - percent) / 100
            guess = bytes_left / (float(rate) * 1024)
            lan.expect(abs(int(left) - guess) < 2 + guess / 10, True,
                       "%s: %s s for %d bytes at %s KiB/s" % (
                           ident, left, bytes_left, rate))


def agrees(daemon, lines):
    """No picture is ahead of what the daemon knows."""
    devices = daemon.devices()
    for ident, (_, percent, _, _) in bars_of(lines).items():
        known = devices[ident]["progress"]["percent"]
        lan.expect(percent <= known <= percent + 30, True,
                   "%s: %d %% shown, %d %% known" % (ident, percent, known))


def run(daemon, terminal, folder):
    lines = terminal.see("^5 devices: 5 held$", "held: approval", HERE)
    keep(folder, "waiting-80x24", lines)
    lan.expect(daemon.ctl("devices").count("reflashctl approve 1000"), 5,
               "devices that say how to approve them")
    daemon.ctl("approve", "--all")
    lines = see_all_move(terminal, 5)
    agrees(daemon, lines)
    keep(folder, "watch-80x24", lines)
    narrow = len(bars_of(lines).popitem()[1][0])

    terminal.resize(140, 40)
    lines = terminal.see("\u2591{20}", HERE)
    lines = see_all_move(terminal, 10)
    wide = len(bars_of(lines).popitem()[1][0])
    lan.expect(wide > 3 * narrow, True, "%d columns, then %d" % (narrow, wide))
    keep(folder, "watch-140x40", lines)

    daemon.stop()
    lines = terminal.see(r"^reflashd is away for \d+ s; waiting for it",
                         "^5 devices: 5 downloading$", unless="KiB/s")
    check(lines, terminal)
    keep(folder, "away-140x40", lines)
    daemon.start()
    terminal.resize(80, 24)
    terminal.see(HERE)
    lines = see_all_move(terminal, 10)
    keep(folder, "back-80x24", lines)

    set_all("chunk-ms=1")
    terminal.see("^5 devices: 5 flashed$", HERE)
    terminal.type("q")
    lines = terminal.see("^rc=0$", "^5 devices: 5 flashed$")
    keep(folder, "end-80x24", lines)


def main(folder):
    daemon = lan.Daemon(folder, limits=dict(GoneSec=1, FlashTimeoutSec=600))
    lan.make_image(daemon.images + "/rehearsal.bin", "valid")
    daemon.policy("50-rehearsal", dict(Action="ask", Image="rehearsal.bin"))
    with lan.stopped_at_end(daemon):
        daemon.start()
        daemon.wait_for_all({"held"}, 20)
        with Terminal(80, 24, [
                "sh", "-c", "%s/reflashctl watch; echo rc=$?; cat" % lan.BUILD
                ], dict(REFLASHD_SOCKET=daemon.control, NO_COLOR="1",
                        LC_ALL="C.UTF-8")) as terminal:
            run(daemon, terminal, folder)
    lan.expect(sorted(entry["state"] for entry in daemon.history()),
               ["flashed"] * 5, "history")


lan.run(main, DEVICES)
