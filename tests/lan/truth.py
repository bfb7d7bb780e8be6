#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""What is true now decides about a device, until it is told to fetch.

What is found out in a job, and what a reload brings, is decided upon until the
device is told to fetch.  An attempt that ends by it does not count: each policy
here allows a single one.
"""
import os
import time

import lan

EACH = "chunk-ms=1,reboot-ms=200,hang-s=15"
FAULTS = {**{n: "unlock-hang" for n in range(10, 19)},
          20: "all-401", 21: "all-401", 22: "all-401@unlock",
          23: "abort-half*1", 24: "all-401", 30: "abort-half"}
DEVICES = f"""
    --device id=1000c30001,{EACH},fw=3.6.0
    --device id=1000c30002,{EACH},fw=3.3.0
    --device id=1000c30003,{EACH},fw=3.3.0
    --device id=1000c30004,{EACH},model=dimmer,type=diy_plug
    --device id=1000c30005,{EACH},fw=3.6.0
""" + " ".join("--device id=1000c300%d,%s,fault=%s" % (n, EACH, fault)
               for n, fault in FAULTS.items())
LIAR, UPDATED, RESTARTED, DIMMER, ORDERED = (
    "1000c3000%d" % n for n in range(1, 6))
# What a reload does to the policy of each, and what becomes of it.
RELOADED = {
    "1000c300%d" % (10 + i): row for i, row in enumerate((
        ("ignored", None, dict(Action="ignore"), {}),
        ("seen", None, dict(Action="observe"), {}),
        ("seen", None, None, {}),
        ("seen", None, {}, dict(Firmware=">=3.9")),
        ("held", "window", dict(Window="shut"), {}),
        ("held", "paused", {}, {}),
        ("held", "approval", dict(Action="ask"), {}),
        ("refused", "image-hash-mismatch", dict(Sha256="0" * 64), {}),
        ("flashed", None, dict(Image="other.bin"), {})))}
PAUSED, OTHER = "1000c30015", "1000c30018"
PAIRED, RESTART, UNLOCK, SECOND, RETRIED = (
    "1000c300%d" % n for n in range(20, 25))
TRIED = "1000c30030"
LIMITS = dict(ProbeTimeoutSec=40, UnlockTimeoutSec=60, BackoffSec=3)


def shut():
    """A window that is not open for hours."""
    hour = time.localtime().tm_hour
    return "%02d:00-%02d:00" % ((hour + 8) % 24, (hour + 10) % 24)


def policy(daemon, ident, flash=None, match=None):
    flash = dict(dict(Image="fw.bin", Attempts=1), **(flash or {}))
    if "Window" in flash:
        flash["Window"] = shut()
    daemon.policy("50-" + ident, flash,
                  match=dict(dict(DeviceId=ident), **(match or {})))


def told(daemon, *idents):
    seen = lan.report(daemon.folder + "/report")
    return [seen[ident]["flash_told"] for ident in idents]


def found_out(daemon):
    """Its info is not what it has announced, or what it was when approved."""
    for ident in LIAR, UPDATED, RESTARTED:
        daemon.wait_for(ident, "held", 30, "approval")
    for ident, now in ((LIAR, "fw=3.8.1,fault=mdns-mute"),
                       (UPDATED, "fw=3.5.0")):
        lan.sim("set", ident, now)
        daemon.ctl("approve", ident)
        device = daemon.wait_for(ident, "ignored", 30)
        lan.expect((device["attempt"], device["policy"]), (0, "20-new"), ident)
        print(device["detail"])
        lan.expect("does not fit firmware 3." in device["detail"], True,
                   device["detail"])
    # Nobody asks it before it has said that it has started again.
    lan.sim("leave", RESTARTED)
    lan.sim("set", RESTARTED, "fw=3.5.0")
    lan.sim("come", RESTARTED)
    daemon.wait_for(RESTARTED, "ignored", 30)
    device = daemon.wait_for(DIMMER, "refused", 30, "wrong-type")
    print(device["detail"])
    lan.expect(told(daemon, LIAR, UPDATED, RESTARTED, DIMMER), [0] * 4,
               "times told to download")


def ordered(daemon):
    """A person's word counts, whatever the policies say of its firmware."""
    daemon.wait_for(ORDERED, "ignored", 30)
    lan.sim("set", ORDERED, "fw=3.8.1")
    daemon.ctl("flash", ORDERED, "--image", "fw.bin")
    daemon.wait_for(ORDERED, "flashed", 30)


def reloaded(daemon, sha, other):
    """While they wait for the cloud; then everything is as it was."""
    daemon.wait_for_all({"unlocking"}, 30, RELOADED)
    lan.sim("set", OTHER, "fault=none")  # it begins anew at once
    for ident, (_, _, flash, match) in RELOADED.items():
        if flash is None:
            os.unlink("%s/50-%s.policy" % (daemon.policies, ident))
        else:
            policy(daemon, ident, flash, match)
    daemon.ctl("reload")
    daemon.ctl("pause", "50-" + PAUSED)
    for ident, (state, reason, _, _) in RELOADED.items():
        if ident != OTHER:
            device = daemon.wait_for(ident, state, 10, reason)
            print("%s: %s: %s" % (ident, state, device["detail"]))
            lan.expect(device["attempt"], 0, "attempts of " + ident)
    lan.expect(told(daemon, *(ident for ident in RELOADED if ident != OTHER)),
               [0] * (len(RELOADED) - 1), "told to download")
    for ident in RELOADED:
        lan.sim("set", ident, "fault=none")
        if ident != OTHER:
            policy(daemon, ident)
    daemon.ctl("reload")
    daemon.ctl("resume", "50-" + PAUSED)
    for ident, device in daemon.wait_for_all(
            {"flashed"}, 90, RELOADED).items():
        if ident in RELOADED:
            lan.expect((device["attempt"], device["image"]["sha256"]),
                       (1, other if ident == OTHER else sha), ident)


def attempts(daemon):
    """Fewer than it has had, and then more again."""
    policy(daemon, TRIED, dict(Attempts=3))
    daemon.ctl("reload")
    daemon.wait_for(TRIED, "held", 30, "backoff")
    lan.wait(lambda: daemon.device(TRIED)["attempt"] == 2 and
             daemon.state_of(TRIED) == "held", 60, "it has had two attempts")
    policy(daemon, TRIED, dict(Attempts=1))
    daemon.ctl("reload")
    device = daemon.wait_for(TRIED, "failed", 5, "download-error")
    print(device["detail"])
    policy(daemon, TRIED, dict(Attempts=5))
    daemon.ctl("reload")


def still_failed(daemon):
    """More attempts bring back none that had failed."""
    lan.expect((daemon.state_of(TRIED), told(daemon, TRIED)), ("failed", [2]),
               "a device that has failed")


def paired(daemon):
    """Each comes back by itself, and then has the attempt that it has left."""
    for ident in PAIRED, RESTART, UNLOCK, SECOND, RETRIED:
        policy(daemon, ident)
    daemon.ctl("reload")
    for ident in PAIRED, RESTART, RETRIED:
        device = daemon.wait_for(ident, "refused", 30, "not-diy-mode")
        lan.expect(device["attempt"], 0, "attempts of " + ident)
    # Its info says that it can, so it is tried again and again.
    lan.wait(lambda: len([e for e in daemon.history()
                          if e["device"] == UNLOCK and e["state"] == "refused"
                          and e["reason"] == "not-diy-mode"]) > 1, 30,
             "it is refused twice")
    daemon.wait_for(SECOND, "failed", 30, "download-error")
    lan.sim("set", SECOND, "fault=all-401")
    daemon.ctl("retry", SECOND)
    daemon.wait_for(SECOND, "refused", 30, "not-diy-mode")
    daemon.stop()
    lan.sim("set", RESTART, "fault=none")
    daemon.start()
    daemon.wait_for(RESTART, "flashed", 60)
    for ident in PAIRED, UNLOCK, SECOND:
        lan.sim("set", ident, "fault=none")
    for ident in PAIRED, UNLOCK, SECOND:
        device = daemon.wait_for(ident, "flashed", 60)
        lan.expect(device["attempt"], 1, "attempts of " + ident)
    daemon.ctl("retry", RETRIED, code=1)
    lan.sim("set", RETRIED, "fault=none")
    daemon.wait_for(RETRIED, "flashed", 60)
    lan.expect(told(daemon, PAIRED, RESTART, UNLOCK, SECOND, RETRIED),
               [1, 1, 1, 2, 1], "times told to download")


def main(folder):
    daemon = lan.Daemon(
        folder, limits=LIMITS, discovery=dict(Backend="embedded", RequerySec=5))
    sha = lan.make_image(daemon.images + "/fw.bin", "valid", "--size", "81920")
    other = lan.make_image(
        daemon.images + "/other.bin", "valid", "--size", "86016")
    some = "%s %s %s %s" % (LIAR, UPDATED, RESTARTED, ORDERED)
    daemon.policy("10-old", dict(Image="fw.bin", Action="ask"), match=dict(
        DeviceId="%s %s %s" % (LIAR, UPDATED, RESTARTED), Firmware="<3.5 "))
    daemon.policy("11-old", dict(Image="fw.bin", Action="ask"), match=dict(
        DeviceId=LIAR, Firmware="<3.7"))
    daemon.policy("20-new", dict(Action="ignore"), match=dict(DeviceId=some))
    for ident in RELOADED:
        policy(daemon, ident)
    policy(daemon, DIMMER)
    with lan.stopped_at_end(daemon):
        daemon.start()
        for act, args in ((reloaded, (sha, other)), (found_out, ()),
                          (ordered, ()), (attempts, ()), (paired, ()),
                          (still_failed, ())):
            act(daemon, *args)
            print("%s: as it should be" % act.__name__)


lan.run(main, DEVICES)
