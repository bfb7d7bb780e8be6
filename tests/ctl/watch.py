#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""reflashctl watch on a terminal, which tmux plays: what a person sees."""
import os
import re
import sys
import tempfile

from fake import Fake
from terminal import Terminal

tmp = tempfile.TemporaryDirectory()
path = os.path.join(tmp.name, "control.sock")
HERE = r"^q: quit"


def start(columns, rows, **environment):
    return Terminal(columns, rows, [
        "sh", "-c", "trap : INT; %s/reflashctl watch; echo rc=$?; cat" %
        os.getcwd()], dict(dict(LC_ALL="C", NO_COLOR="1",
                                REFLASHD_SOCKET=path), **environment))


def table(lines):
    """The ids in the table, from top to bottom."""
    top = [bool(re.match("(  )?ID ", line)) for line in lines].index(True)
    return re.findall("^(?:  |> )?([12]000[0-9a-f]{6}) ",
                      "\n".join(lines[top + 1:]), re.M)


def end(terminal, key="q"):
    terminal.type(key)
    return terminal.see("^rc=0$")


def it_goes_on_whatever_happens():
    with start(80, 24) as terminal:
        # There is no daemon yet.
        lines = terminal.see("^waiting for reflashd .*: the daemon does not "
                             "answer")
        assert lines[0] == "", lines
        fake = Fake(path, 5)
        terminal.see("^5 devices: 1 probing, 1 held, 1 refused, 1 seen, "
                     "1 ignored$", "^state directory: no space left", HERE)
        for i in range(5):
            fake.do("set 100000000%d downloading %d" % (i, i * 100000))
        lines = terminal.see("^5 devices: 5 downloading$",
                             r" 79 % +21\.3 KiB/s +5 s$")
        bars = re.findall(r"(#*)(-+) +(\d+) %", "\n".join(lines))
        assert len(bars) == 5, lines
        for full, empty, percent in bars:
            whole = len(full) + len(empty)
            assert len(full) == whole * int(percent) // 100, bars
        # Devices that do not move are called so, though the daemon is there.
        terminal.see(r" 79 % +nothing for \d+ s$", "^1000000000 .*nothing for")
        fake.do("set 1000000004 downloading 450000")
        terminal.see(r"^1000000004 .* 89 % +21\.3 KiB/s +3 s$")
        # No line is broken in two, however narrow it gets.
        for columns, rows, summary in (
                (140, 40, "5 devices: 5 downloading$"), (40, 8, "5 devices:"),
                (20, 4, r"5 devices: 5 down\.\.\."), (3, 2, "5 d$"),
                (1, 1, "5$")):
            terminal.resize(columns, rows)
            lines = terminal.see(r"\A" + summary)
            assert all(re.match(r"5|ID|1000|\.\.\.|q:|state dir", line)
                       for line in lines), lines
        terminal.resize(80, 24)
        terminal.see("^5 devices: 5 downloading$", HERE)
        fake.do("set 1000000000 flashed")
        fake.do("set 1000000001 failed")
        fake.do("drop 1000000002")
        lines = terminal.see("^4 devices: 1 failed, 2 downloading, 1 flashed$",
                             "failed: never-fetched", unless="1000000002")
        assert table(lines) == ["1000000001", "1000000003", "1000000004",
                               "1000000000"], "what is urgent is on top"
        # The daemon goes away, and another one comes.
        fake.kill()
        terminal.see(r"^reflashd is away for \d+ s; waiting for it",
                     "^1000000003 .*downloading", unless="KiB/s")
        terminal.see("^reflashd is away for [1-9]")  # it counts
        fake = Fake(path, 2)
        terminal.see("^2 devices: 1 seen, 1 ignored$", HERE,
                     unless="1000000003")
        # The last picture stays.
        lines = end(terminal)
        assert any(line.startswith("1000000001 ") for line in lines), lines
        fake.end()


def long_ids_are_whole():
    long = "130034000f50432030333633"
    with Fake(path, 3) as fake, start(80, 12) as terminal:
        fake.do("twin 1000000001 " + long)
        lines = terminal.see("^%s  10.9.0.2 +ignored" % long)
        assert len({line.index("10.9.0.") for line in lines
                    if "10.9.0." in line}) == 1, lines
        fake.do("set %s downloading 250000" % long)
        terminal.see("^%s  10.9.0.2 +downloading .* 49 %%" % long)
        terminal.resize(40, 12)
        terminal.see("^%s  downloading" % long)
        end(terminal)


def more_than_fit():
    with Fake(path, 100), start(80, 24) as terminal:
        seen = set()
        # Below two lines of counts, and three of what is to be done.
        for first in range(1, 100, 16):
            lines = terminal.see(
                r"^\.\.\. %d to %d of" % (first, min(first + 15, 100)),
                "space: next page", "^state directory", "^join: ")
            assert len(lines) <= 24, lines
            seen.update(table(lines))
            terminal.type("Space")
        assert len(seen) == 100, seen
        terminal.type("PPage")
        terminal.see(r"^\.\.\. 81 to 96 of 100$")
        # Keys that come at once are as many keys.
        terminal.type("PPage", "b", "x", "PPage")
        terminal.see(r"^\.\.\. 33 to 48 of 100$")
        end(terminal, "C-c")


def a_device_can_be_looked_at():
    """Selected by arrows, with its details behind Enter."""
    with Fake(path, 15) as fake, start(80, 24) as terminal:
        lines = terminal.see("^100000000e  10.9.0.15 +failed: never", HERE)
        order = table(lines)
        terminal.type("Down")
        terminal.see("^> %s" % order[0], "^  %s" % order[1], "^  ID ")
        terminal.type("Down", "Down", "Up")
        terminal.see("^> %s" % order[1], unless="^> %s" % order[0])
        # The mark stays on the device when the order changes.
        fake.do("set %s failed" % order[5])
        lines = terminal.see("^> %s" % order[1], "^  %s .*failed" % order[5])
        assert table(lines)[0] == order[5] or table(lines)[1] == order[5], lines
        terminal.type("End")
        terminal.see("^> %s" % order[-1])
        terminal.type("Home", "Enter")
        first = table(lines)[0]
        terminal.see(r"\Adevice %s\n  state +failed: never-fetched\n" % first,
                     "^  what to do Open TCP port 8266 ", "^  sha256 +5c1a",
                     "^q: back to the table$", unless="^ID")
        # It changes while it is looked at, and may be forgotten.
        fake.do("set %s downloading 100000" % first)
        terminal.see(r"\Adevice %s\n  state +downloading 19 %%$" % first)
        fake.do("drop %s" % first)
        terminal.see(r"\Adevice %s was forgotten$" % first)
        terminal.type("Escape")
        lines = terminal.see("^14 devices: ", unless=first)
        assert len(table(lines)) == 14, lines
        # Escape takes the mark back; Enter without one takes the first.
        terminal.type("Escape")
        terminal.see("^%s" % table(lines)[0], unless="^[> ] 1000")
        terminal.type("Enter")
        terminal.see(r"\Adevice %s$" % table(lines)[0])
        # What is longer than the screen can be scrolled.
        terminal.resize(40, 10)
        lines = terminal.see(r"\Adevice ", "space: next")
        assert len(lines) == 10, lines
        terminal.type("Down")
        terminal.see(r"\A  state ")
        terminal.type("Space", "Space", "Space", "Space")
        terminal.see("^  attempt +1 of 3$", "^q: back")
        terminal.type("PPage", "PPage", "PPage", "PPage", "PPage")
        terminal.see(r"\Adevice ")
        terminal.type("q")
        terminal.see("^14 devices: ", HERE)
        end(terminal)


def some_devices_can_be_shown():
    """By words that are typed behind a slash."""
    with Fake(path, 45) as fake, start(80, 24) as terminal:
        terminal.see("^45 devices: ", HERE)
        terminal.type("/", "fail")
        lines = terminal.see("^3 of 45 devices: 3 failed$", "^/fail_  enter")
        assert table(lines) == ["100000000e", "100000001d", "100000002c"], lines
        terminal.type("Space", "02c")
        lines = terminal.see("^1 of 45 devices: 1 failed$", "^/fail 02c_")
        # A device that comes to fit is shown.
        fake.do("twin 100000002c 200000002c")
        terminal.see("^2 of 46 devices: 2 failed$")
        terminal.type("BSpace", "BSpace", "BSpace", "BSpace", "x")
        terminal.see("^0 of 46 devices$", "^/failx_")
        terminal.type("C-u", "10.9.0.7", "Enter")
        lines = terminal.see("^1 of 46 devices: 1 confirming$",
                             "^q: quit, enter: details, escape: all again; "
                             "only these are shown: 10.9.0.7$")
        terminal.type("Enter")
        terminal.see(r"\Adevice 1000000006$")
        terminal.type("q", "Escape")
        terminal.see("^1 of 46 devices", unless="^>")
        terminal.type("Escape")
        terminal.see("^46 devices: 4 failed, ", "filter$|back$")
        terminal.type("/", "q", "u", "Escape")
        terminal.see("^46 devices: ", HERE)
        # A label stands where the id was.
        fake.do("label 100000000e Hall lamp")
        terminal.see("^Hall lamp   10.9.0.15 +failed", unless="^100000000e")
        terminal.type("/", "hall", "Enter")
        terminal.see("^1 of 46 devices: 1 failed$", "^Hall lamp ")
        end(terminal)


def blocks_and_colours_where_there_are_any():
    with Fake(path, 9), start(80, 24, LC_ALL="C.UTF-8", NO_COLOR="") \
            as terminal:
        terminal.see("\u2588[\u2589-\u258f]?\u2591+ +64 %")
        picture = "\n".join(terminal.picture("-e"))
        assert re.search("\033\\[36mdownloading", picture), repr(picture)
        end(terminal)


def many_are_taken_in_at_once():
    """Also where nothing moves, which would have it look again."""
    with Fake(path, 300) as fake:
        for i in range(300):
            fake.do("set 1000%06x flashed" % i)
        with start(80, 24) as terminal:
            terminal.see("^300 devices: 300 flashed$", "1 to 18 of 300$")
            end(terminal)


def it_can_be_stopped_for_a_while():
    with Fake(path, 2), Terminal(
            80, 24, ["sh", "-i"], dict(LC_ALL="C", PS1="here> ", ENV="",
                                       REFLASHD_SOCKET=path)) as terminal:
        terminal.see("^here> *$")
        terminal.type("%s/reflashctl watch" % os.getcwd(), "Enter")
        terminal.see("^2 devices: ", HERE)
        terminal.type("C-z")
        terminal.see("Stopped", "^here> *$", unless=HERE)
        terminal.type("fg", "Enter")
        terminal.see("^2 devices: ", HERE, unless="here>")
        terminal.type("q")
        terminal.see("^1000000001", "^here> *$", unless=HERE)
        terminal.type("stty -a | tr ' ' '\\n'", "Enter")
        terminal.see("^icanon", "^echo")


def wait_tells_how_it_goes():
    with Fake(path, 5) as fake, Terminal(78, 20, [
            "sh", "-c", "%s/reflashctl wait 1000000004; echo rc=$?; cat" %
            os.getcwd()], dict(LC_ALL="C", NO_COLOR="1",
                               REFLASHD_SOCKET=path)) as terminal:
        terminal.see(r"\A1000000004  10.9.0.5 +probing \d+ d  asking the device .*\Z")
        fake.do("set 1000000004 downloading 250000")
        terminal.see(r"\A1000000004 .*downloading .* 49 % +21.3 KiB/s +12 s\Z")
        fake.do("set 1000000004 flashed")
        lines = terminal.see("^rc=0$")
        assert lines[0] == "device 1000000004", lines


for test in (it_goes_on_whatever_happens, long_ids_are_whole, more_than_fit,
             many_are_taken_in_at_once, a_device_can_be_looked_at,
             some_devices_can_be_shown,
             it_can_be_stopped_for_a_while, wait_tells_how_it_goes,
             blocks_and_colours_where_there_are_any):
    test()
    print("ok", test.__name__.replace("_", " "), flush=True)
sys.exit(0)
