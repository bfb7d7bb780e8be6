#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""This machine cannot accept the connections of devices that it told to fetch.

None of them may lose its only attempt by that.  COMES waits until it is let in,
GONE has given up by then, and LATE connects once the daemon has used up the file
descriptors that it may have.
"""
import errno
import os
import re
import resource
import socket
import time

import lan

EACH = "chunk-ms=1,reboot-ms=200"
DEVICES = f"""
    --device id=1000ce0001,{EACH}
    --device id=1000ce0002,{EACH},fault=never-fetch*1
    --device id=1000ce0003,{EACH},fault=fetch-late
"""
COMES, GONE, LATE = ["1000ce000%d" % n for n in range(1, 4)]
FIRST = 10  # seconds; fetch-late of reflash-sim takes 5
LONG = 13   # more than anything here may take
BEGINS = r"^reflashd: server: this machine has no .*no device can connect"
ENDS = (r"^reflashd: server: devices can connect again: "
        r"this machine had no %s for \d+ s$")


def last(daemon):
    """Until the daemon has run on for longer than any of its limits."""
    def uptime():
        return daemon.ask("status")[1]["uptime"]
    until = uptime() + LONG
    lan.wait(lambda: uptime() > until, 60, "it runs on")


def starves(daemon, idents, begin, end, of):
    """The devices are told to fetch meanwhile, and stay as they are; somebody
    knocks, who need not be one of them."""
    said = len(daemon.logged(BEGINS)), len(daemon.logged(ENDS % of))
    daemon.ctl("approve", *idents)
    begin()
    for ident in idents:
        daemon.wait_for(ident, "downloading", 30)
    knocking = socket.create_connection(("192.168.77.1", 8266), 20)
    lan.wait(lambda: len(daemon.logged(BEGINS)) > said[0], 20, BEGINS)
    problems = daemon.ask("status")[1]["problems"]
    lan.expect([of in p for p in problems if p.startswith("server: ")],
               [True], "problems of status")
    last(daemon)
    for ident in idents:
        lan.expect(daemon.state_of(ident), "downloading", ident)
    end()
    knocking.close()
    lan.wait(lambda: len(daemon.logged(ENDS % of)) > said[1], 20, ENDS % of)
    lan.expect((len(daemon.logged(BEGINS)), len(daemon.logged(ENDS % of))),
               (said[0] + 1, said[1] + 1), "how often it was said")
    lan.expect([p for p in daemon.ask("status")[1]["problems"]
                if p.startswith("server: ")], [], "problems of status")


def flashed(daemon, ident):
    device = daemon.wait_for(ident, "flashed", 120)
    lan.expect(device["attempt"], 1, "attempts of " + ident)


def denied(daemon, deny, idents, code, of):
    def set_to(value):
        return lambda: deny.__setitem__(lan.DENY_ACCEPT, value)
    starves(daemon, idents, set_to(code), set_to(0), of)


def excused(daemon, ident):
    entry = lan.wait(lambda: [e for e in daemon.history()
                              if e["device"] == ident], 90, "its first end")[0]
    print(entry["detail"])
    lan.expect((entry["state"], entry["reason"]), ("held", "never-fetched"),
               "how its attempt ended")
    lan.expect(bool(re.search("; meanwhile this machine had no memory for "
                              r"another connection for \d+ s$",
                              entry["detail"])), True, entry["detail"])


def used_up(daemon):
    """By a limit as small as what the daemon has open.  It answers nobody
    meanwhile, reflashctl neither."""
    pid = daemon.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    of = "free file descriptors"
    said = len(daemon.logged(BEGINS)), len(daemon.logged(ENDS % of))
    daemon.ctl("approve", LATE)
    daemon.wait_for(LATE, "downloading", 30)
    lan.wait(lambda: len(daemon.logged("%s: answer: ok" % LATE)) >= 4, 20,
             "its answer to the offer")
    until = time.monotonic() + LONG

    def begun():
        """What was open for a passing question is free in the next moment."""
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (lowest(pid), before[1]))
        return len(daemon.logged(BEGINS)) > said[0]
    lan.wait(begun, 30, BEGINS)
    lan.wait(lambda: time.monotonic() > until, 60, "that time")
    resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
    lan.wait(lambda: len(daemon.logged(ENDS % of)) > said[1], 20, ENDS % of)


def lowest(pid):
    """The limit that leaves it none."""
    used = {int(name) for name in os.listdir("/proc/%d/fd" % pid)}
    return min(n for n in range(1024) if n not in used)


def main(folder):
    deny = lan.Denials(folder + "/denials")
    daemon = lan.Daemon(folder, limits=dict(FirstFetchSec=FIRST, StallSec=5,
                                            GoneSec=2))
    daemon.env = deny.env()
    lan.make_image(daemon.images + "/fw.bin", "valid", "--size", "81920",
                   "--payload", "tasmota-lite")
    daemon.policy("10-all", dict(Image="fw.bin", Action="ask", Attempts=1))
    with lan.stopped_at_end(daemon):
        daemon.start("-D", "device")
        daemon.wait_for_all({"held"}, 30)
        denied(daemon, deny, [COMES], errno.ENFILE, "free file descriptors")
        flashed(daemon, COMES)
        denied(daemon, deny, [GONE], errno.ENOMEM,
               "memory for another connection")
        excused(daemon, GONE)
        used_up(daemon)
        flashed(daemon, LATE)
        flashed(daemon, GONE)  # once it cannot be busy any more
        told = lan.report(folder + "/report")
        lan.expect([told[i]["breaches"] for i in (COMES, GONE, LATE)],
                   [[], [], []], "breaches")


lan.run(main, DEVICES)
