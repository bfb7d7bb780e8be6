#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""More devices than have their turn at once.

Lists of them are whole and in order, requests behind them are answered behind
them, and who hangs up in the middle of one does no harm.  Jobs for all of them
start, although nothing ends that could remind of those that have to wait.
"""
import json
import socket

import lan

DEVICES = "--devices 200 --each fault=never-fetch"


def ask(daemon, *words):
    """A connection on which all that was sent, and nothing read."""
    conn = socket.socket(socket.AF_UNIX)
    conn.settimeout(20)
    conn.connect(daemon.control)
    conn.sendall(b"".join(json.dumps({"v": 1, "do": word}).encode() + b"\n"
                          for word in words))
    return conn


def check_order(daemon, idents):
    with ask(daemon, "devices", "plan", "status") as conn:
        answers = [json.loads(next(lines)) for lines in [conn.makefile()]
                   for _ in range(2 * len(idents) + 3)]
    for first in 0, len(idents) + 1:
        lan.expect([answer["item"]["id"] for answer in
                    answers[first:first + len(idents)]], idents, "a list")
        lan.expect(answers[first + len(idents)]["ok"], True, "its end")
    lan.expect("version" in answers[-1], True, "the status comes last")


def main(folder):
    idents = sorted(ident for _, ident in lan.sim_devices())
    daemon = lan.Daemon(
        folder, limits=dict(MaxParallel=len(idents), FirstFetchSec=600),
        discovery=dict(Backend="none", RequerySec=3600, Device=[
            " ".join(device) for device in lan.sim_devices()]))
    lan.make_image(daemon.images + "/first.bin")
    with lan.stopped_at_end(daemon):
        daemon.start()
        lan.wait(lambda: len(daemon.devices()) == len(idents), 60,
                 "all devices are known")
        check_order(daemon, idents)
        for _ in range(20):
            ask(daemon, "devices", "plan", "devices").close()
        check_order(daemon, idents)
        daemon.policy("50-all", dict(Image="first.bin"))
        daemon.ctl("reload")
        daemon.wait_for_all({"downloading"}, 60)
    print("%d devices are listed in order, and told to download" % len(idents))


lan.run(main, DEVICES)
