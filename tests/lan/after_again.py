#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""A step after the flash that went wrong is tried again without another flash,
and a device that gets the Wi-Fi later is found wherever it is."""
import os

import lan

# No order to upgrade is followed before the daemon has died.
SLOW = "after=tasmota,fault=upgrade-never-fetches"
LATER = "after=tasmota-later,address=other"
SPECS = dict(module="after=tasmota", restart="after=tasmota",
             wrong="after=tasmota", moved=LATER, stock="after=ap",
             esphome="after=esphome", late=LATER, gone=LATER,
             kept=SLOW, lost=SLOW)
IDS = {name: "10002%05x" % n for n, name in enumerate(SPECS)}


class Stage(lan.Daemon):
    def __init__(self, folder):
        super().__init__(
            folder, discovery=dict(Backend="embedded", RequerySec=2),
            limits=dict(FirstFetchSec=15, FlashTimeoutSec=120))
        lan.make_image(self.images + "/lite.bin", "small",
                       "--payload", "tasmota-lite")
        lan.make_image(self.images + "/esphome.bin", "small",
                       "--payload", "esphome")
        # What it becomes nothing in it tells.
        lan.make_image(self.images + "/own.bin", "unknown")

    def write(self, name, expect="tasmota", seconds=30, image="lite.bin",
              **finish):
        # Once it runs Tasmota, the policy does not fit it any more.
        self.policy(name, dict(Image=image),
                    match=dict(DeviceId=IDS[name], Firmware="<3.9"),
                    verify=dict(Expect=expect, TimeoutSec=seconds),
                    finish=finish)

    def seen(self, name):
        return lan.report(self.folder + "/report")[IDS[name]]

    def ends(self, name, state, reason=None, detail="", seconds=60, told=1):
        device = self.wait_for(IDS[name], state, seconds, reason)
        if detail not in device["detail"]:
            raise lan.Failure("%s: %r has no %r" % (
                name, device["detail"], detail))
        lan.expect(self.seen(name)["flash_told"], told,
                   name + ": told to download")
        print("%-8s %s%s: %s" % (name, state, "/" + reason if reason else "",
                                 device["detail"]))
        return device

    def is_ordered(self, name):
        return any(c.startswith("Upgrade 1") for c in
                   (self.seen(name)["tasmota"] or {}).get("commands", []))

    def upgrade(self, name, payload):
        """The image of that device's second step; its sha256."""
        return lan.make_image("%s/%s.bin" % (self.images, name), "small",
                              "--payload", payload)

    def fails(self, name, reason, detail=""):
        return self.ends(name, "failed", reason, detail)

    def retry(self, name):
        print(self.ctl("retry", IDS[name]), end="")


def upgrade_changes(stage):
    """The daemon dies, and the files of the upgrades are others then."""
    for name in "kept", "lost":
        stage.write(name, Upgrade=name + ".bin")
    kept = stage.upgrade("kept", "tasmota-14.6")
    lost = stage.upgrade("lost", "tasmota-9.5")
    write_policies(stage)
    stage.start()
    lan.wait(lambda: stage.logged(IDS["esphome"] + ".*told to download"), 60,
             "an offer for esphome")
    lan.sim("set", IDS["esphome"], "fault=mdns-mute")
    for name in "kept", "lost":
        lan.wait(lambda: stage.is_ordered(name), 60, "order for " + name)
    stage.kill()
    lan.expect(set(os.listdir(stage.state + "/kept")) >= {kept, lost}, True,
               "copies of the upgrades")
    os.remove("%s/kept/%s" % (stage.state, lost))
    for name in "kept", "lost":
        stage.upgrade(name, "tasmota")
        lan.sim("set", IDS[name], "fault=none")
    stage.start()


def fetched(stage, name):
    """The URLs of the upgrades that took; others the daemon's end cut off."""
    return [u["url"] for u in stage.seen(name)["tasmota"]["upgrades"]
            if u["result"] == "ok"]


def upgraded(stage):
    """To what was offered; where that is gone, told anew, and says so."""
    stage.ends("kept", "verified", detail="Tasmota 14.6.0 (tasmota)")
    stage.ends("lost", "verified", detail="Tasmota 14.2.0 (tasmota)")
    told = {name: [line.split(" its upgrade is at ")[1] for line in
                   stage.logged(IDS[name] + ".*its upgrade is at")]
            for name in ("kept", "lost")}
    lan.expect(len(set(told["kept"])), 1, "URLs that kept was told")
    lan.expect(len(set(told["lost"])), 2, "URLs that lost was told")
    for name in "kept", "lost":
        lan.expect(fetched(stage, name), [told[name][-1]],
                   "where it was fetched")
        lan.expect(len(stage.logged(IDS[name] + ".*it is told anew")),
                   int(name == "lost"), "told anew")
    lan.wait(lambda: not os.listdir(stage.state + "/kept"), 20,
             "no copy is kept for ever")


def write_policies(stage):
    stage.upgrade("full", "tasmota-14.6")
    stage.write("module", Module=200, Upgrade="full.bin")
    stage.write("restart", Module=200)
    stage.write("wrong", expect="esphome", image="own.bin")
    stage.write("moved", seconds=3)
    stage.write("stock", seconds=3)
    stage.write("esphome", "esphome", 3, "esphome.bin")
    stage.write("late", expect="auto")
    stage.write("gone", expect="auto", Command="DeviceName Hall")


def first_end(stage):
    stage.fails("wrong", "wrong-firmware", "not ESPHome")
    for name in "moved", "stock", "esphome":
        stage.fails(name, "not-seen-again", "nothing with the MAC")
    for name in "module", "restart":
        stage.fails(name, "finish-failed", "Module did not take")
    stage.ends("late", "flashed", detail="six times on and off")
    stage.ends("gone", "flashed")


def corrected(stage):
    """The policy as it is now is what counts."""
    stage.ctl("retry", IDS["late"], code=2)  # it has not failed
    os.remove(stage.policies + "/wrong.policy")
    os.remove(stage.policies + "/gone.policy")
    stage.ctl("reload")
    text = stage.ctl("retry", IDS["wrong"], code=1)
    if "its policy wrong is gone" not in text:
        raise lan.Failure(text)
    stage.write("module", Module=0, Command="DeviceName Hall",
                Upgrade="full.bin")
    stage.write("wrong", image="own.bin")
    stage.ctl("reload")
    stage.retry("module")
    stage.retry("wrong")
    stage.ends("module", "verified", detail="Tasmota 14.6.0 (tasmota)")
    stage.ends("wrong", "verified", detail="Tasmota 14.2.0 (lite)")
    tasmota = stage.seen("module")["tasmota"]
    lan.expect((tasmota["module"], tasmota["settings"].get("DeviceName")),
               (0, "Hall"), "what it was set to")
    lan.expect(len(fetched(stage, "module")), 1, "upgrades")
    lan.expect([e["state"] for e in stage.history()
                if e["device"] == IDS["module"]], ["failed", "verified"],
               "history")


def restarted(stage):
    """That it was flashed is known to the next daemon, too."""
    stage.kill()
    stage.write("restart", Module=1)
    stage.start()
    stage.retry("restart")
    stage.ends("restart", "verified", detail="Tasmota 14.2.0 (lite)")


def joined(stage):
    """Given the Wi-Fi, wherever that has put them."""
    lan.sim("join", IDS["moved"])
    stage.write("moved", seconds=90)
    stage.write("esphome", "esphome", 40, "esphome.bin")
    stage.ctl("reload")
    stage.retry("moved")
    stage.retry("esphome")
    device = stage.ends("moved", "verified", seconds=100)
    lan.expect(device["address"], stage.seen("moved")["address"], "where")
    stage.ends("esphome", "verified", detail="ESPHome 2024.10.3", seconds=90)


def announced(stage):
    """Long before the retry, and not again."""
    lan.sim("set", IDS["esphome"], "fault=query-mute")
    lan.sim("announce", IDS["esphome"])


def stock_again(stage):
    """What runs its old firmware after all is flashed by a retry."""
    lan.sim("come", IDS["stock"])
    lan.sim("set", IDS["stock"], "after=tasmota")
    stage.fails("stock", "came-back-stock")
    stage.retry("stock")
    stage.ends("stock", "verified", told=2)


def found_late(stage):
    """By itself: it neither announces itself nor has its old address, and its
    policy has another image by now, which is to become something else."""
    stage.write("late", "esphome", 30, "esphome.bin")
    stage.ctl("reload")
    lan.sim("join", IDS["late"])
    device = stage.ends("late", "verified")
    lan.expect(device["address"], stage.seen("late")["address"], "where")


def not_finished(stage):
    """By the policy that it was flashed by, or it is not verified."""
    lan.sim("join", IDS["gone"])
    stage.fails("gone", "finish-failed", "its policy gone is gone")
    stage.write("gone", Command="DeviceName Hall")
    stage.ctl("reload")
    stage.retry("gone")
    stage.ends("gone", "verified")
    lan.expect(stage.seen("gone")["tasmota"]["settings"].get("DeviceName"),
               "Hall", "what it was set to")


def run(folder):
    stage = Stage(folder)
    with lan.stopped_at_end(stage):
        for act in (upgrade_changes, first_end, upgraded, corrected, restarted,
                    announced, stock_again, joined, found_late,
                    not_finished):
            act(stage)
        lan.expect({name: stage.seen(name)["breaches"] for name in IDS},
                   {name: [] for name in IDS}, "breaches")


lan.run(run, " ".join("--device=id=%s,chunk-ms=10,reboot-ms=300,%s" % (
    IDS[name], spec) for name, spec in SPECS.items()))
