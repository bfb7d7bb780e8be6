# SPDX-License-Identifier: ISC
"""A terminal that tmux plays: what a person sees of a program, and types."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

LIMIT = 30  # seconds that anything may take
POLL = 0.02

if not shutil.which("tmux"):
    print("SKIP: no tmux to be the terminal")
    sys.exit(77)


class Terminal:
    """Runs the command, whose picture stays when it has ended."""

    def __init__(self, columns, rows, command, environment=None):
        self.folder = tempfile.TemporaryDirectory()
        self.columns, self.rows = columns, rows
        # It inherits the others; tmux takes no long command, and make sets
        # variables that name all tests.
        added = ["%s=%s" % pair for pair in (environment or {}).items()
                 if os.environ.get(pair[0]) != pair[1]]
        self.tmux("-u", "-f", "/dev/null", "new-session", "-d",
                  "-x", str(columns), "-y", str(rows),
                  "env", "-u", "TMUX", "TERM=screen-256color", *added,
                  *command, ";", "set", "status", "off",
                  ";", "set", "remain-on-exit", "on")

    def __enter__(self):
        return self

    def __exit__(self, *what):
        subprocess.run(["tmux", "-S", self.folder.name + "/s", "kill-server"],
                       capture_output=True)
        self.folder.cleanup()

    def tmux(self, *args):
        return subprocess.run(
            ["tmux", "-S", self.folder.name + "/s", *args], check=True,
            stdout=subprocess.PIPE, universal_newlines=True).stdout

    def type(self, *keys):
        """Keys as tmux names them; other words are typed as they are."""
        self.tmux("send-keys", *keys)

    def resize(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def picture(self, *options):
        """Its lines; none is longer than the terminal, by its nature."""
        text = self.tmux("capture-pane", "-p", *options)
        return text.rstrip("\n").split("\n")

    def see(self, *patterns, unless=None):
        """The picture, as soon as each pattern is in one of its lines."""
        until = time.monotonic() + LIMIT
        while True:
            lines = self.picture()
            text = "\n".join(lines)
            if all(re.search(p, text, re.M) for p in patterns) and not (
                    unless and re.search(unless, text, re.M)):
                return lines
            if time.monotonic() > until:
                raise AssertionError("%s are not in\n%s" % (patterns, text))
            time.sleep(POLL)
