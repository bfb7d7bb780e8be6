#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Who has approved on the page is in the history: the name that a server in front of
the Unix socket gives, and no name that comes over the network or is none.
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "lan")]

import lan  # noqa: E402
from page import Page  # noqa: E402

DEVICES = "--devices 5 --each chunk-ms=5,reboot-ms=500"
# (by the Unix socket?, X-Remote-User, who it is in the history)
CASES = [(True, "alice", "web:alice"),
         (True, None, "web"),
         (True, "a\u202eecila", "web"),
         (True, "x" * 5000, "web"),
         (False, "mallory", "web")]


def approve(page, device, by_path, user):
    headers = {} if user is None else {
        "X-Remote-User": user.encode().decode("latin-1")}
    return page.order("approve", {
        "id": device["id"], "sha256": device["image"]["sha256"]},
        sock=page.connect_by_path() if by_path else None, **headers)


def main(folder):
    daemon = lan.Daemon(folder, limits=dict(MaxParallel=len(CASES)))
    lan.make_image(daemon.images + "/fw.bin", "small")
    daemon.policy("10-all", dict(Action="ask", Image="fw.bin"))
    with lan.stopped_at_end(daemon):
        daemon.start()
        with Page(daemon.control) as page:
            def waiting():
                return [device for device in page.get_json(
                    "/api/v1/devices")["devices"]
                    if device["reason"] == "approval"]
            lan.wait(lambda: len(waiting()) == len(CASES), 60,
                     "all wait for an approval")
            want = {}
            for device, (by_path, user, who) in zip(waiting(), CASES):
                status, answer = approve(page, device, by_path, user)
                lan.expect(status, 200, answer)
                want[device["id"]] = who
            daemon.wait_for_all({"flashed"}, 120)
            told = daemon.ctl_json("history")["history"]
            lan.expect({entry["device"]: entry["who"] for entry in told},
                       want, "who approved")
            lan.expect(page.get_json("/api/v1/history")["history"], told,
                       "the history of the page")
    print("the history says who approved: " + ", ".join(
        sorted(set(want.values()))))


lan.run(main, DEVICES)
