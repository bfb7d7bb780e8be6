#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The picture of reflashctl watch in README.md: picture.py FILE.

make picture runs it inside reflash-sim, on five devices of which three are
being flashed, one has been, and one must not be.  What the terminal then shows
becomes an SVG, cell by cell.
"""
import os
import re
import sys
import tempfile
from xml.sax.saxutils import escape

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests")
sys.path += [TESTS + "/lan", TESTS + "/ctl"]
import lan  # noqa: E402
from terminal import Terminal  # noqa: E402

COLUMNS, ROWS = 80, 8
CELL, LINE, SIZE, MARGIN, TITLE = 8.4, 19, 14, 16, 34
INK, DIM, PAPER, BAR = "#d8dee9", "#8892a5", "#1d2129", "#2b303b"
COLORS = {31: "#f07178", 32: "#a5d46a", 33: "#ffcb6b", 36: "#6cc7e6"}
FONT = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"


def cells(line):
    """(character, colour, is bold) of what tmux captured with its colours."""
    color, bold, dim = INK, False, False
    for escaped, char in re.findall("\033\\[([0-9;]*)m|(.)", line):
        if char:
            yield char, DIM if dim else color, bold
            continue
        for code in (int(c or 0) for c in escaped.split(";")):
            if code == 0:
                color, bold, dim = INK, False, False
            bold |= code == 1
            dim |= code == 2
            color = COLORS.get(code, INK if code == 39 else color)


def bar(text, x, y, color):
    """Block characters as rectangles: fonts leave gaps between them."""
    full = sum(8 if char == "\u2588" else 0x2590 - ord(char)
               for char in text if char != "\u2591")
    for part, shade in (len(text), ' opacity="0.25"'), (full / 8, ""):
        yield '<rect x="%.1f" y="%d" width="%.2f" height="%d" fill="%s"%s/>' % (
            x, y - 12, CELL * part, LINE - 5, color, shade)


def draw_line(line, y):
    """Words of one colour as text, each where it stands; bars as bars."""
    row = list(cells(line))
    for run in re.finditer("([\u2588-\u2591]+)|[^ ]+( [^ ]+)*",
                           "".join(char for char, _, _ in row)):
        start = run.start()
        while start < run.end():
            end = start
            while end < run.end() and row[end][1:] == row[start][1:]:
                end += 1
            color, bold = row[start][1:]
            x, text = MARGIN + start * CELL, run.string[start:end]
            if run.group(1):
                yield from bar(text, x, y, color)
            else:
                yield ('<text x="%.1f" y="%d" fill="%s" textLength="%.1f"%s>'
                       '%s</text>' % (x, y, color, len(text) * CELL,
                                      ' font-weight="bold"' if bold else "",
                                      escape(text)))
            start = end


def draw(lines):
    width = COLUMNS * CELL + 2 * MARGIN
    height = TITLE + len(lines) * LINE + MARGIN
    plain = "\n".join(re.sub("\033\\[[0-9;]*m", "", line) for line in lines)
    yield ('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" '
           'viewBox="0 0 %d %d" font-family="%s" font-size="%d" '
           'xml:space="preserve">' % (width, height, width, height, FONT,
                                      SIZE))
    yield "<title>reflashctl watch</title>"
    yield "<desc>%s</desc>" % escape(plain)
    yield '<rect width="%d" height="%d" rx="8" fill="%s"/>' % (
        width, height, PAPER)
    yield '<path d="M0 26V8a8 8 0 0 1 8-8H%da8 8 0 0 1 8 8v18z" fill="%s"/>' % (
        width - 8, BAR)
    yield ('<text x="%d" y="18" fill="%s" text-anchor="middle" font-size="12">'
           'reflashctl watch</text>' % (width / 2, DIM))
    for i, line in enumerate(lines):
        yield from draw_line(line, TITLE + 14 + i * LINE)
    yield "</svg>"


def take(folder):
    """Five devices in the middle of being flashed, as a terminal shows them."""
    daemon = lan.Daemon(folder, limits=dict(GoneSec=1),
                        discovery=dict(Backend="embedded"))
    lan.make_image(daemon.images + "/tasmota-lite.bin", "tasmota-9.5")
    daemon.policy("50-sonoff-mini", dict(Action="ask",
                                         Image="tasmota-lite.bin"))
    quick = lan.sim_devices()[0][1]
    command = [lan.BUILD + "/reflashctl", "watch"]
    with lan.stopped_at_end(daemon), Terminal(
            COLUMNS, ROWS, command, dict(REFLASHD_SOCKET=daemon.control,
                                         LC_ALL="C.UTF-8")) as terminal:
        daemon.start()
        terminal.see("^5 devices: 4 held, 1 refused$")
        daemon.ctl("approve", quick)
        daemon.wait_for(quick, "flashed")
        daemon.ctl("approve", "--all")
        terminal.see("3 downloading, 1 refused, 1 flashed$", "refused: not-diy-mode",
                     r" \d+ %.*KiB/s .* s$", unless=r" [ 123]\d %")
        return terminal.picture("-e")


def main(path):
    with tempfile.TemporaryDirectory() as folder:
        lines = take(folder)
    with open(path, "w") as f:
        f.write("\n".join(draw(lines)) + "\n")


main(*sys.argv[1:])
