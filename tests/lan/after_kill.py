#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Kill reflashd in each step after a flash: the work goes on after the restart,
and nothing is done twice that must not be.

One device after its flash: it is verified, upgraded and set up.  Each of the
conditions below is waited for, and then the daemon dies; the next one goes on.
"""
import json

import lan

DEVICES = """
    --devices 1 --each after=tasmota,join-ms=3000,chunk-ms=15,reboot-ms=300
"""
MINI = ('{"NAME":"Sonoff Mini","GPIO":[32,0,0,0,160,0,0,0,224,320,0,0,1,0],'
        '"FLAG":0,"BASE":1}')


class Run:
    def __init__(self, folder):
        self.folder = folder
        self.ident = lan.sim_devices()[0][1]
        self.daemon = lan.Daemon(
            folder, discovery=dict(Backend="embedded", RequerySec=3),
            limits=dict(FirstFetchSec=12, FlashTimeoutSec=120))

    def seen(self):
        return lan.report(self.folder + "/report")[self.ident]

    def tasmota(self):
        return self.seen()["tasmota"] or dict(
            backlogs=[], upgrades=[], commands=[], variant="")

    def state(self):
        return self.daemon.state_of(self.ident)

    def log(self, pattern):
        return self.daemon.logged(self.ident + ".*" + pattern)

    def ordered(self):
        return any(c.startswith("Upgrade 1")
                   for c in self.tasmota()["commands"])

    def set_up(self):
        return any("Template" in b for b in self.tasmota()["backlogs"])


STEPS = [
    ("verifying", lambda r: r.state() == "verifying"),
    ("finishing", lambda r: r.state() == "finishing"),
    ("its upgrade is there", lambda r: r.log("its upgrade is at")),
    ("it has the order", lambda r: r.ordered()),
    ("it is downloading the upgrade", lambda r: r.log("it is downloading the upgrade")),
    ("it has fetched it", lambda r: r.log("it has downloaded the upgrade")),
    ("it runs the upgrade", lambda r: r.tasmota()["variant"] == "tasmota"),
    ("it has the settings", lambda r: r.set_up()),
    ("set up", lambda r: r.tasmota().get("template") == "Sonoff Mini"),
]


def wait_for(r, what, condition):
    """False: it is over before."""
    lan.wait(lambda: condition(r) or r.state() in ("verified", "failed"), 60,
             what)
    return r.state() not in ("verified", "failed")


def check_end(r):
    device = r.daemon.wait_for(r.ident, "verified", 120)
    seen = r.seen()
    tasmota = seen["tasmota"]
    fetched = [u for u in tasmota["upgrades"] if u["result"] == "ok"]
    lan.expect(device["detail"], "Tasmota 14.6.0 (tasmota)", "detail")
    lan.expect((tasmota["template"], tasmota["module"],
                tasmota["settings"].get("DeviceName")),
               ("Sonoff Mini", 0, "Hall"), "settings")
    lan.expect((seen["flash_told"], seen["boots"]), (1, 1), "flashed")
    lan.expect(seen["breaches"], [], "breaches")
    lan.expect(len(fetched), 1, "upgrades that took")
    for command in "Upgrade 1", "Template {", "DeviceName H":
        lan.expect(len([c for c in tasmota["commands"]
                        if c.startswith(command)]), 1, command)
    lan.expect([e["state"] for e in r.daemon.history()], ["verified"],
               "history")
    return tasmota


def main(folder):
    r = Run(folder)
    daemon = r.daemon
    lan.make_image(daemon.images + "/lite.bin", "small",
                   "--payload", "tasmota-lite")
    lan.make_image(daemon.images + "/full.bin.gz", "tasmota-full-gz")
    daemon.policy("50-all", dict(Image="lite.bin", Attempts=1),
                  verify=dict(Expect="tasmota", TimeoutSec=60),
                  finish=dict(Template=MINI, Command="DeviceName Hall",
                              Upgrade="full.bin.gz"))
    killed = []
    with lan.stopped_at_end(daemon):
        daemon.start()
        for what, condition in STEPS:
            if wait_for(r, what, condition):
                killed.append("%s (%s)" % (what, r.state()))
                daemon.kill()
                daemon.start()
        tasmota = check_end(r)
    print("killed %d times: %s; then verified; told to upgrade once, tries: %s"
          % (len(killed), ", ".join(killed),
             json.dumps([u["result"] for u in tasmota["upgrades"]])))
    if len(killed) < len(STEPS) - 1:
        raise SystemExit("FAIL: only killed at: %s" % ", ".join(killed))


lan.run(main, DEVICES)
