#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""reflash-notify: one message for a burst, none twice, none about progress, and
at once where a device must not be switched off; and what has happened while the
daemon was away.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time

from fake import Fake

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(HERE, "..", "..", "etc", "notify", "reflash-notify")
SENDER = """#!/bin/sh
n=$(ls "%s" | grep -c text)
cat >"%s/$n.text"
printf '%%s\\n' "$PRIORITY" "$TITLE" >"%s/$n.head"
"""

if not shutil.which("jq"):
    print("SKIP: no jq")
    sys.exit(77)


class Messages:
    def __init__(self, folder, path, quiet="1"):
        self.folder = os.path.join(folder, "sent")
        os.mkdir(self.folder)
        sender = os.path.join(folder, "sender")
        with open(sender, "w") as f:
            f.write(SENDER % ((self.folder,) * 3))
        os.chmod(sender, 0o755)
        self.process = subprocess.Popen(
            [PROGRAM, sender], env=dict(
                os.environ, REFLASHD_SOCKET=path, REFLASH_NOTIFY_QUIET=quiet,
                PATH=os.getcwd() + ":" + os.environ["PATH"]))

    def all(self):
        """(priority, title, text) of each, in order."""
        found = []
        for n in range(len(os.listdir(self.folder)) // 2):
            base = os.path.join(self.folder, str(n))
            with open(base + ".head") as head, open(base + ".text") as text:
                found.append((*head.read().splitlines(), text.read()))
        return found

    def wait(self, count):
        until = time.monotonic() + 20
        while len(self.all()) < count:
            assert time.monotonic() < until, self.all()
            time.sleep(0.05)
        assert len(self.all()) == count, self.all()
        return self.all()[-1]

    def end(self):
        self.process.terminate()
        self.process.wait()


with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "s")
    with Fake(path, 40) as fake:
        fake.do("set 1000000000 failed")  # is no news
        for n in range(1, 40):
            fake.do("set 10000000%02x seen" % n)
        messages = Messages(folder, path)
        fake.await_requests(2)  # for changes, and for what is so now
        fake.do("set 1000000000 failed")

        # A burst is one message, with the highest priority of all.
        for command in ("set 1000000001 failed", "set 1000000002 flashed",
                        "set 1000000003 held"):
            fake.do(command)
        priority, title, text = messages.wait(1)
        assert (priority, title) == ("high", "reflashd: 3 devices"), title
        lines = text.splitlines()
        assert len(lines) == 3, text
        assert "(1000000001): failed (never-fetched): Open TCP" in lines[0], text
        assert "Tasmota 9.5.0 lite" in lines[1], lines[1]
        assert "(1000000003) waits for your approval: Tasmota" in lines[2]

        # Progress, and the same once more, are no news; one device is named.
        fake.do("set 1000000004 downloading 1000")
        fake.do("set 1000000004 downloading 2000")
        fake.do("set 1000000001 failed")
        fake.do("set 1000000004 verified")
        priority, title, text = messages.wait(2)
        assert title == "reflashd: eWeLink_1000000004 (1000000004)", title
        assert priority == "normal", priority

        # Many are counted.
        for n in range(5, 35):
            fake.do("set 10000000%02x failed" % n)
        priority, title, text = messages.wait(3)
        assert title == "reflashd: 30 devices", title
        assert text.splitlines()[-1] == "and 10 more devices", text

    # The daemon starts again, and one has failed meanwhile.
    with Fake(path, 4) as fake:
        fake.do("set 1000000003 failed")
        priority, title, text = messages.wait(4)
        assert title.endswith("(1000000003)"), title
        assert priority == "high", priority
        messages.end()

bad = subprocess.run([PROGRAM, "/nowhere"], stderr=subprocess.PIPE, text=True)
assert bad.returncode == 64 and "usage" in bad.stderr, bad
