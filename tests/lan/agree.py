#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Answers, lists, plans and counts agree, whatever a person has decided.

AWAY is flashed and not on the Wi-Fi yet, BROKEN has failed, and SLOW takes three
seconds for each answer, so that it is being asked while a person decides.
"""

import lan

EACH = "chunk-ms=1,reboot-ms=200"
DEVICES = f"""
    --device id=1000ce0001,{EACH},after=tasmota-later,fw=3.6.0
    --device id=1000ce0002,{EACH},fault=verdict-410,fw=3.6.0
    --device id=1000ce0003,{EACH},fault=slow,fw=3.6.0
"""
AWAY, BROKEN, SLOW = ["1000ce000%d" % n for n in range(1, 4)]
ACTIONS = {"held": "hold", "refused": "refuse", "seen": "observe",
           "ignored": "ignore"}


def picture(daemon):
    """The devices, what is planned, and the counts: of one moment."""
    def still():
        devices = daemon.devices()
        plans = {p["id"]: p for p in daemon.ask("plan")[0]}
        counts = daemon.ask("status")[1]["counts"]
        return devices == daemon.devices() and (devices, plans, counts)
    return lan.wait(still, 20, "a moment in which nothing changes")


def agrees(daemon, ident, **want):
    """Of a device at rest everything that is said of it is the same."""
    devices, plans, counts = picture(daemon)
    device, plan = devices[ident], plans[ident]
    have = {key: device[key] for key in want}
    lan.expect(have, want, "device " + ident)
    lan.expect(plan["action"], ACTIONS.get(device["state"], device["state"]),
               "plan of a device that is " + device["state"])
    for key in "reason", "detail", "policy":
        lan.expect(plan[key], device[key], "%s in the plan" % key)
    for state in counts:
        lan.expect(counts[state], len([d for d in devices.values()
                                       if d["state"] == state]), state)
    return device


def ends_of(daemon, ident):
    return [(e["state"], e["reason"]) for e in daemon.history()
            if e["device"] == ident]


def says(daemon, *words, lacks, has):
    said = daemon.ctl(*words)
    print(said, end="")
    lan.expect((has in said, lacks in said), (True, False), said)


def let_go_while_asked(daemon):
    """A person has let it go: nothing says that it is cancelled any more."""
    lan.wait(lambda: daemon.device(SLOW), 20, "SLOW is there")
    daemon.ctl("cancel", SLOW)
    daemon.wait_for(SLOW, "held", 5, "cancelled")
    says(daemon, "retry", SLOW, has="to be tried again", lacks="cancelled")
    lan.expect(daemon.device(SLOW)["reason"] == "cancelled", False,
               "SLOW is cancelled: " + str(daemon.device(SLOW)))
    daemon.wait_for(SLOW, "flashed", 90)


def ordered_while_away(daemon):
    """Flashed already: it is known again, and then there is no order left."""
    daemon.wait_for(AWAY, "flashed", 30)
    says(daemon, "flash", AWAY, "--again", has="waiting for the device to "
         "appear", lacks="cancelled")
    agrees(daemon, AWAY, state="held", reason="absent")
    daemon.ctl("cancel", AWAY)
    agrees(daemon, AWAY, state="held", reason="cancelled")
    says(daemon, "retry", AWAY, has="waiting for the device to appear",
         lacks="cancelled")
    says(daemon, "flash", AWAY, "--again", has="waiting for the device to "
         "appear", lacks="cancelled")
    agrees(daemon, AWAY, state="held", reason="absent")
    lan.sim("join", AWAY)
    daemon.wait_for(AWAY, "verified", 60)
    lan.expect(len(daemon.logged("%s.*the order is dropped" % AWAY)), 1,
               "lines that say that the order is dropped")


def failed(daemon):
    """It stays so, whatever the policies do, until a person lets it go."""
    daemon.wait_for(BROKEN, "failed", 30, "device-error")
    for flash in dict(Action="observe"), dict(Action="ignore"), None:
        put(daemon, flash)
        agrees(daemon, BROKEN, state="failed", reason="device-error",
               policy="50-broken")
        lan.expect("only observed" in daemon.ctl("reload"), False,
                   "a device that has failed is only observed")
    daemon.ctl("cancel", BROKEN)
    device = agrees(daemon, BROKEN, state="failed", reason="device-error")
    print(device["detail"])
    lan.expect("cancelled by root: no other image" in device["detail"], True,
               device["detail"])
    put(daemon, dict(Action="ask", Image="other.bin"))
    agrees(daemon, BROKEN, state="held", reason="cancelled",
           policy="50-broken")
    lan.expect(ends_of(daemon, BROKEN), [("failed", "device-error")],
               "its history: nothing was cancelled in the middle")
    put(daemon, None)
    daemon.policy("60-other", dict(Action="ask", Image="other.bin"),
                  match=dict(DeviceId=BROKEN))
    daemon.ctl("reload")
    agrees(daemon, BROKEN, state="held", reason="cancelled",
           policy="60-other")


def put(daemon, flash):
    """The policy of BROKEN; None: it decides about something else."""
    daemon.policy("50-broken", flash or dict(Action="observe"), match=dict(
        DeviceId=BROKEN if flash else "1000ce0009"))
    daemon.ctl("reload")


def main(folder):
    daemon = lan.Daemon(folder, discovery=dict(Backend="embedded",
                                               RequerySec=2))
    lan.make_image(daemon.images + "/fw.bin", "valid", "--size", "81920",
                   "--payload", "tasmota-lite")
    lan.make_image(daemon.images + "/other.bin", "valid", "--size", "86016")
    for name, ident in (("40-away", AWAY), ("50-broken", BROKEN),
                        ("55-slow", SLOW)):
        daemon.policy(name, dict(Image="fw.bin", Attempts=1),
                      match=dict(DeviceId=ident))
    # It is asked about itself before anything is begun.
    daemon.policy("30-slow", dict(Action="ignore"),
                  match=dict(DeviceId=SLOW, Firmware="<3.0"))
    with lan.stopped_at_end(daemon):
        daemon.start()
        for act in let_go_while_asked, ordered_while_away, failed:
            act(daemon)
            print("%s: as it should be" % act.__name__)


lan.run(main, DEVICES)
