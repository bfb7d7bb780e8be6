#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Another Tasmota has the address of the device after its flash, or seems to
have its MAC: it is sent nothing, no password either, and proves nothing.

The others are flashed and verified first.  Then each device swaps addresses
with its other one at a restart of its own, or before it is on the LAN.
"""
import contextlib
import json
import subprocess

import lan

MINI = ('{"NAME":"Sonoff Mini","GPIO":[32,0,0,0,160,0,0,0,224,320,0,0,1,0],'
        '"FLAG":0,"BASE":1}')
SECRET = "geheim"
OTHERS = "other-set", "other-full", "other-locked"
NAMES = OTHERS + ("set", "full", "late", "shared", "waited", "claimed")
IDS = {name: "10003%05x" % n for n, name in enumerate(NAMES)}
TASMOTA = "after=tasmota"
SPECS = {
    "other-set": TASMOTA,
    "other-full": TASMOTA,
    "other-locked": TASMOTA + ",password=other",
    "set": TASMOTA + ",swap=" + IDS["other-set"],
    # By way of the minimal, which only asks: the swap is between the two.
    "full": TASMOTA + ",free=400000,retry-ms=4000,fault=upgrade-mute-minimal"
            ",swap=" + IDS["other-full"],
    "late": "after=tasmota-later",
    "shared": TASMOTA + ",fault=tasmota-401",
    "waited": "after=tasmota-later,fault=tasmota-401",
    "claimed": TASMOTA + ",fault=tasmota-repeated*1",
}
NOBODY = "192.168.77.250"


class Stage(lan.Daemon):
    def __init__(self, folder):
        super().__init__(
            folder, discovery=dict(Backend="embedded", RequerySec=2),
            limits=dict(FirstFetchSec=15, FlashTimeoutSec=120))
        lan.make_image(self.images + "/lite.bin", "small",
                       "--payload", "tasmota-lite")
        lan.make_image(self.images + "/full.bin.gz", "tasmota-full-gz")
        lan.make_image(self.images + "/tasmota-minimal.bin.gz", "minimal-gz")
        with open(folder + "/password", "w") as f:
            f.write(SECRET + "\n")
        hall = dict(Command="DeviceName Hall", Template=MINI)
        full = dict(Upgrade="full.bin.gz")
        self.write("other-set", **hall)
        self.write("other-full", **full)
        self.write("other-locked")
        self.write("set", **hall)
        self.write("full", **full)
        self.write("late", WebPasswordFile=folder + "/password", **hall)
        self.write("shared", seconds=20)
        self.write("waited", "auto", 10)
        self.write("claimed", seconds=20,
                   WebPasswordFile=folder + "/password", **hall)

    def write(self, name, expect="tasmota", seconds=60, **finish):
        self.policy(name, dict(Image="lite.bin", Action="ask"),
                    match=dict(DeviceId=IDS[name]), finish=finish,
                    verify=dict(Expect=expect, TimeoutSec=seconds))

    def seen(self, name):
        return lan.report(self.folder + "/report")[IDS[name]]

    def tasmota(self, name):
        return self.seen(name)["tasmota"] or {}

    def approve(self, *names):
        for name in names:
            self.wait_for(IDS[name], "held", reason="approval")
            self.ctl("approve", IDS[name])

    def ends(self, name, state="verified", detail="", seconds=120):
        device = self.wait_for(IDS[name], state, seconds)
        print("%-12s %s: %s" % (name, state, device["detail"]))
        if detail not in device["detail"]:
            raise lan.Failure("%s: no %r" % (name, detail))
        lan.expect(device["address"], self.seen(name)["address"],
                   name + ": where it is")
        return device


def others_are_there(stage):
    stage.approve(*OTHERS)
    stage.ends("other-set")
    stage.ends("other-full", detail="14.6.0 (tasmota)")
    stage.ends("other-locked", detail="by the kernel's table of neighbours")
    return {name: stage.tasmota(name)["backlogs"] for name in OTHERS}


def swapped_at_a_restart(stage):
    """Found again by its MAC, and only it is set up and upgraded."""
    stage.approve("set", "full")
    stage.ends("set", detail="14.2.0 (lite)")
    stage.ends("full", detail="14.6.0 (tasmota)")
    now = stage.tasmota("set")
    lan.expect((now["template"], now["settings"].get("DeviceName")),
               ("Sonoff Mini", "Hall"), "the settings of set")
    lan.expect(len(now["backlogs"]), 1, "Backlogs for set")
    now = stage.tasmota("full")
    lan.expect([u["url"].split("/")[-1] for u in now["upgrades"]][-2:],
               ["fw-minimal.bin.gz", "fw.bin.gz"], "what full fetched")
    lan.expect(now["variant"], "tasmota", "what full runs")
    lan.expect(len([c for c in now["commands"] if c == "Upgrade 1"]), 1,
               "orders to upgrade")


def swapped_before_it_joins(stage):
    """The password is for nobody else, whoever asks for one."""
    stage.approve("late")
    lan.wait(lambda: stage.seen("late")["boots"] == 1, 60, "late boots")
    calls = stage.tasmota("other-locked")["web_calls"]
    lan.sim("swap", IDS["late"], IDS["other-locked"])
    stage.wait_for(IDS["late"], "verifying")
    lan.wait(lambda: stage.tasmota("other-locked")["web_calls"] > calls + 1,
             40, "who has the old address of late is asked")
    lan.sim("join", IDS["late"])
    stage.ends("late", detail="14.2.0 (lite)")
    lan.expect(stage.tasmota("late")["settings"].get("WebPassword"), SECRET,
               "the password of late")
    lan.expect(stage.tasmota("other-locked")["passwords"], 0,
               "passwords that other-locked was told")


@contextlib.contextmanager
def mac_at_two_addresses(stage, name):
    """As it would be behind a repeater that translates MACs."""
    subprocess.run(["ip", "neigh", "replace", NOBODY, "lladdr",
                    stage.seen(name)["mac"], "dev", "eth0", "nud",
                    "permanent"], check=True)
    yield
    subprocess.run(["ip", "neigh", "del", NOBODY, "dev", "eth0"], check=True)


def claimed(stage):
    """Who says the MAC of the device, and has another, is told nothing."""
    stage.approve("claimed")
    stage.wait_for(IDS["claimed"], "failed", reason="not-seen-again")
    stage.ends("claimed", "failed", "this machine sees another one there")
    asked = stage.tasmota("claimed")
    lan.expect((asked["backlogs"], asked["passwords"]), ([], 0),
               "what claimed was told")
    lan.sim("leave", IDS["claimed"])
    lan.sim("join", IDS["claimed"])
    print(stage.ctl("retry", IDS["claimed"]), end="")
    stage.ends("claimed", detail="14.2.0 (lite)")


def shared(stage):
    """That is not enough to know a locked one by."""
    with mac_at_two_addresses(stage, "shared"):
        stage.approve("shared")
        stage.wait_for(IDS["shared"], "failed", reason="not-seen-again")
        stage.ends("shared", "failed", "at several addresses")
    print(stage.ctl("retry", IDS["shared"]), end="")
    stage.ends("shared", detail="its firmware could not be read")


def shared_later(stage):
    """Nor for one that is given the Wi-Fi long after its flash."""
    def verifying():
        return len(stage.logged(IDS["waited"] + ".*: verifying"))

    stage.approve("waited")
    stage.ends("waited", "flashed")
    before = verifying()
    with mac_at_two_addresses(stage, "waited"):
        lan.sim("join", IDS["waited"])
        lan.wait(lambda: stage.tasmota("waited")["web_calls"] >= 3, 60,
                 "waited is asked")
        stage.ends("waited", "flashed")
        lan.expect(verifying(), before, "how often it was verifying")
    stage.ends("waited", detail="its firmware could not be read")
    lan.expect(verifying(), before + 1, "how often it was verifying")


def run(folder):
    stage = Stage(folder)
    with lan.stopped_at_end(stage):
        stage.start("-D", "device")
        before = others_are_there(stage)
        for act in swapped_at_a_restart, swapped_before_it_joins, \
                claimed, shared, shared_later:
            act(stage)
        lan.expect(json.dumps({n: stage.tasmota(n)["backlogs"]
                               for n in OTHERS}), json.dumps(before),
                   "what the others were told")
        lan.expect({n: stage.seen(n)["breaches"] for n in NAMES},
                   {n: [] for n in NAMES}, "breaches")


lan.run(run, " ".join("--device=id=%s,chunk-ms=10,reboot-ms=300,%s" % (
    IDS[name], SPECS[name]) for name in NAMES))
