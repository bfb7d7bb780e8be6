#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""A device that is forgotten and still there is found again at once.

Also if it says no more: it was announced once, and answers no question.
"""

import lan

DEVICES = "--devices 1 --each fault=query-mute"
MDNS_GROUP = "FB0000E0"  # 224.0.0.251, as the kernel writes it


def listens():
    """The stack joins the group after it has said that it looks for devices."""
    with open("/proc/net/igmp") as groups:
        return MDNS_GROUP in groups.read()


def main(folder):
    daemon = lan.Daemon(folder, discovery=dict(Backend="embedded"))
    ident = lan.sim_devices()[0][1]
    with lan.stopped_at_end(daemon):
        daemon.start()
        lan.wait(listens, 60, "the mDNS group is joined")
        lan.sim("announce", ident)
        for _ in range(3):
            lan.wait(lambda: daemon.device(ident), 60, "it is found")
            lan.expect(daemon.ask("forget", id=ident)[1]["ok"], True, "forget")
        lan.wait(lambda: daemon.device(ident), 60, "it is found again")
        lan.expect(len(daemon.logged(ident + ".*: forgotten")), 3, "forgotten")


lan.run(main, DEVICES)
