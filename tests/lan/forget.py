# SPDX-License-Identifier: ISC
"""What is forgotten and still there is found again: forget.py FOLDER

Also if it says no more: it was announced once, and answers no question.
"""
import sys

import lan


def main(folder):
    daemon = lan.Daemon(folder, discovery=dict(Backend="embedded"))
    ident = lan.sim_devices()[0][1]
    with lan.stopped_at_end(daemon):
        daemon.start()
        lan.wait(lambda: daemon.logged("discovery: looking"), 60, "discovery")
        lan.sim("announce", ident)
        for _ in range(3):
            lan.wait(lambda: daemon.device(ident), 60, "it is found")
            lan.expect(daemon.ask("forget", id=ident)[1]["ok"], True, "forget")
        lan.wait(lambda: daemon.device(ident), 60, "it is found again")
        lan.expect(len(daemon.logged(ident + ".*: forgotten")), 3, "forgotten")


main(*sys.argv[1:])
