#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""This machine is cut off, in every way and at every step of a flash, and no
device is blamed for it.

STAYS should leave, and stays, and nobody can see that.  ASKED is being unlocked,
SLOW fetches and goes on, BROKEN has stopped fetching, JOINS is to come back and
NEXT waits for a person.  None of them may lose an attempt, or end as if it were
to blame.
"""
import contextlib
import re

import lan

EACH = "reboot-ms=200,join-ms=200"
DEVICES = f"""
    --device id=1000cb0001,{EACH},chunk-ms=5,fault=does-not-leave
    --device id=1000cb0002,{EACH},fault=unlock-hang
    --device id=1000cb0003,{EACH},chunk-ms=250
    --device id=1000cb0004,{EACH},chunk-ms=5,fault=stall-half
    --device id=1000cb0005,{EACH},chunk-ms=1,after=tasmota-later
    --device id=1000cb0006,{EACH},chunk-ms=1
"""
STAYS, ASKED, SLOW, BROKEN, JOINS, NEXT = ["1000cb000%d" % n
                                           for n in range(1, 7)]
LONG = 7    # seconds: more than anything here may take
NET = "192.168.77.0/24"


def other_way():
    """The address is gone, and a default route leads elsewhere."""
    lan.ip("link", "add", "other0", "type", "veth", "peer", "name", "other1")
    lan.ip("link", "set", "other0", "up")
    lan.ip("link", "set", "other1", "up")
    lan.ip("address", "add", "10.99.0.1/24", "dev", "other0")
    lan.ip("address", "del", "192.168.77.1/24", "dev", "eth0")
    lan.ip("route", "add", "default", "dev", "other0", "src", "10.99.0.1")


def no_other_way():
    lan.ip("link", "del", "other0")
    lan.ip("address", "add", "192.168.77.1/24", "dev", "eth0")


# (how it begins, how it ends, what the daemon says of it)
OUTAGES = [
    (lambda: lan.sim("cable", "out"), lambda: lan.sim("cable", "in"),
     "eth0 has no carrier"),
    (lambda: lan.ip("link", "set", "eth0", "down"),
     lambda: lan.ip("link", "set", "eth0", "up"), "eth0 is switched off"),
    (lambda: lan.ip("address", "del", "192.168.77.1/24", "dev", "eth0"),
     lambda: lan.ip("address", "add", "192.168.77.1/24", "dev", "eth0"),
     "no interface of this machine has an address there"),
    (lambda: (lan.ip("route", "flush", "dev", "eth0"),
              lan.ip("route", "add", "unreachable", "192.168.77.0/24")),
     lambda: (lan.ip("route", "del", "unreachable", "192.168.77.0/24"),
              lan.ip("route", "add", NET, "dev", "eth0")),
     "there is no route by eth0"),
    (other_way, no_other_way,
     "no interface of this machine has an address there"),
]


@contextlib.contextmanager
def outage(daemon, which, times=1):
    """Of which it is said once when it begins, and once when it ends."""
    begin, end, why = OUTAGES[which]
    out = "network: this machine cannot reach %s: %s" % (NET, why)
    before = len(daemon.logged(re.escape(out)))
    back = "network: this machine can reach %s again" % re.escape(NET)
    been = len(daemon.logged(back))
    begin()
    lan.wait(lambda: daemon.logged(re.escape(out))[before:], 20, out)
    lan.expect(out in "\n".join(daemon.ask("status")[1]["problems"]), True,
               "status while " + why)
    yield
    lan.expect(len(daemon.logged(re.escape(out))) - before, times, out)
    end()
    lan.wait(lambda: daemon.logged(back)[been:], 20, back)
    lan.expect(len(daemon.logged(back)) - been, 1, back)


def last(daemon):
    """Until the daemon has run on for longer than any of its limits."""
    def uptime():
        return daemon.ask("status")[1]["uptime"]
    until = uptime() + LONG
    lan.wait(lambda: uptime() > until, 60, "it runs on")


def ends_of(daemon, ident):
    return [(e["state"], e["reason"]) for e in daemon.history()
            if e["device"] == ident]


def nothing_starts(daemon, which):
    """Before it is told to fetch: nothing counts, and it waits for us."""
    daemon.wait_for(ASKED, "unlocking")
    with outage(daemon, which):
        for ident in (ASKED, NEXT):
            device = daemon.wait_for(ident, "held", 10, "network")
            lan.expect("cannot reach " + NET in device["detail"], True,
                       "its detail")
        plan = daemon.ctl("plan")
        lan.expect("network" in plan, True, "plan: " + plan)
        last(daemon)
        lan.expect(daemon.device(ASKED)["attempt"], 0, "attempts of it")
    daemon.wait_for(ASKED, "unlocking")
    daemon.wait_for(NEXT, "held", 10, "approval")
    lan.expect(ends_of(daemon, ASKED), [], "its history")


def who_stays(daemon):
    daemon.wait_for(STAYS, "held", 30, "approval")
    daemon.ctl("approve", STAYS)
    daemon.wait_for(STAYS, "rebooting", 60)
    with outage(daemon, 1):
        last(daemon)
        lan.expect(daemon.state_of(STAYS), "rebooting", "without a cable")
    device = daemon.wait_for(STAYS, "failed", 90)
    lan.expect(device["reason"], "came-back-stock", "its reason")


def who_goes_on(daemon):
    """And who does not: that is stated as ours, and costs no attempt."""
    for ident in (SLOW, BROKEN):
        daemon.wait_for(ident, "held", 30, "approval")
    daemon.ctl("approve", SLOW, BROKEN)
    for ident in (SLOW, BROKEN):
        daemon.wait_for(ident, "downloading", 30)
    lan.wait(lambda: daemon.device(BROKEN)["progress"]["percent"] >= 50, 30,
             "BROKEN is at half")
    with outage(daemon, 0):
        last(daemon)
        for ident in (SLOW, BROKEN):
            device = daemon.device(ident)
            lan.expect(device["state"], "downloading", "without a cable")
            lan.expect("eth0 has no carrier" in device["detail"], True,
                       "what is in the way")
    lan.sim("set", BROKEN, "fault=none")
    daemon.wait_for(SLOW, "flashed", 120)
    lan.wait(lambda: ends_of(daemon, BROKEN), 120, "its first end")
    entry, = [e for e in daemon.history() if e["device"] == BROKEN][:1]
    print(entry["detail"])
    lan.expect((entry["state"], entry["reason"]), ("held", "stalled"),
               "how its download ended")
    lan.expect(bool(re.search(
        r"meanwhile this machine could not reach %s for \d+ s \(eth0 has no "
        r"carrier" % NET, entry["detail"])), True, entry["detail"])


def who_joins(daemon):
    daemon.ctl("approve", JOINS)
    daemon.wait_for(JOINS, "verifying", 60)
    with outage(daemon, 4, times=2):
        last(daemon)
        lan.expect(daemon.state_of(JOINS), "verifying", "without a cable")
        # The next one knows that it was on this link.
        daemon.kill()
        daemon.start("-D", "device")
        last(daemon)
        lan.expect(daemon.state_of(JOINS), "verifying", "and a restart")
        lan.sim("join", JOINS)
    daemon.wait_for(JOINS, "verified", 60)


def main(folder):
    daemon = lan.Daemon(folder, limits=dict(
        GoneSec=3, LeaveTimeoutSec=6, ProbeTimeoutSec=4,
        UnlockTimeoutSec=6, StallSec=5, FirstFetchSec=5))
    lan.make_image(daemon.images + "/fw.bin", "valid", "--size", "81920",
                   "--payload", "tasmota-lite")
    ask = dict(Image="fw.bin", Action="ask", Attempts=1)
    daemon.policy("10-joins", ask, match=dict(DeviceId=JOINS),
                  verify=dict(Expect="tasmota", TimeoutSec=5))
    daemon.policy("20-all", ask, rollout=dict(StopAfterFailures=0))
    with lan.stopped_at_end(daemon):
        daemon.start("-D", "device")
        daemon.wait_for_all({"held"}, 30)
        daemon.ctl("approve", ASKED)
        for which in range(len(OUTAGES)):
            nothing_starts(daemon, which)
        who_joins(daemon)
        who_goes_on(daemon)
        who_stays(daemon)
        told = lan.report(folder + "/report")
        lan.expect([told[i]["breaches"] for i in (STAYS, SLOW, JOINS)],
                   [[], [], []], "breaches")


lan.run(main, DEVICES)
