#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""What the service manager hears: readiness, status, reloads, the end, and that
the event loop turns.
"""
import os
import re
import signal
import socket
import time

import lan

DEVICES = """
    --device id=1000a00001,chunk-ms=20,reboot-ms=200
    --device id=1000b00002,fault=unlock-500
"""
FLASHED, FAILED = "1000a00001", "1000b00002"
WATCHDOG_MS = 400


class Manager:
    """Its socket, and what has been said there."""

    def __init__(self, folder):
        path = os.path.join(folder, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        self.socket.setblocking(False)
        self.said = []
        os.environ.update(NOTIFY_SOCKET=path,
                          WATCHDOG_USEC=str(WATCHDOG_MS * 1000))

    def listen(self):
        try:
            while True:
                self.said.append(self.socket.recv(4096).decode())
        except BlockingIOError:
            return self.said

    def wait_for(self, pattern, start=0):
        """Where it was said, from there on."""
        def where():
            return [n for n, text in enumerate(self.listen())
                    if n >= start and re.fullmatch(pattern, text)]
        return lan.wait(where, 30, pattern)[0]

    def states(self):
        """Readiness and reloads: nothing that is said by the clock."""
        return [text for text in self.listen()
                if not text.startswith(("STATUS=", "WATCHDOG="))]


def check_reload(manager, reload):
    start, before = len(manager.listen()), time.monotonic()
    reload()
    at = manager.wait_for("READY=1", start)
    since = re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=(\d+)",
                         manager.said[at - 1])
    if not since or not (
            before <= int(since.group(1)) / 1e6 <= time.monotonic()):
        raise lan.Failure("at %r a reload was told by %r" % (
            before, manager.said[at - 1]))


def check_status(manager):
    """As a person reads it: what there is, how many, how far."""
    lines = [text[len("STATUS="):] for text in manager.listen()
             if text.startswith("STATUS=")]
    for line in lines:
        if not re.fullmatch(r"no device yet|"
                            r"(\d+ ([a-z]+|flashing \d+ %)(, |$))+", line):
            raise lan.Failure("status: %r" % line)
    percent = [int(n) for line in lines
               for n in re.findall(r"1 flashing (\d+) %", line)]
    lan.expect(percent, sorted(percent), "percentages")
    if not any(0 < n < 100 for n in percent):
        raise lan.Failure("no percentage between: %r" % lines)
    return lines


def main(folder):
    manager = Manager(folder)
    limits = dict(LeaveTimeoutSec=3, GoneSec=1)
    daemon = lan.Daemon(folder, limits=limits)
    daemon.policy("50-all", dict(Image="image.bin", Attempts=1))
    lan.make_image(daemon.images + "/image.bin", "valid")
    with lan.stopped_at_end(daemon):
        daemon.start()
        lan.expect(manager.states(), ["READY=1"], "said at the start")
        check_reload(manager, lambda: daemon.ctl("reload"))
        check_reload(manager,
                     lambda: daemon.process.send_signal(signal.SIGHUP))
        daemon.policy("60-bad", dict(Action="perhaps"))
        check_reload(manager, lambda: daemon.ctl("reload", code=1))
        manager.wait_for("STATUS=1 flashed, 1 failed")
        # With no Device= left in the configuration it is not found again.
        daemon.write_conf(limits, {}, dict(Backend="none"))
        os.remove(daemon.policies + "/60-bad.policy")
        daemon.ctl("reload")
        daemon.ctl("forget", FLASHED)
        manager.wait_for("STATUS=1 failed", len(manager.said))
        start = len(manager.said)
        for _ in range(3):
            start = 1 + manager.wait_for("WATCHDOG=1", start)
        daemon.stop()
    lan.expect(manager.states()[-1], "STOPPING=1", "said at the end")
    print("; ".join(check_status(manager)))


lan.need_feature("systemd")
lan.run(main, DEVICES)
