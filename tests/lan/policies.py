#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""What reflashctl policies and policy say, while policies ask, stop, wait for
their hours, lack their image and fit nothing; how long it takes; and for what
reason a policy does not fit, which plan says of one device.
"""
import os
import sys
import time

import lan

sys.path.insert(0, os.path.join(lan.HERE, "..", "ctl"))
import schema  # noqa: E402

ASK, STOP, HOURS, LACKS, SEEN = "1000a5", "10005a", "100040", "1000ac", "1000ee"
NAMES = {ASK: "10-ask", STOP: "20-stop", HOURS: "30-hours", LACKS: "40-lacks"}


def devices():
    for prefix, count, spec in ((ASK, 3, ""), (STOP, 3, ",fault=verdict-410"),
                                (HOURS, 2, ""), (LACKS, 2, ""), (SEEN, 1, "")):
        for n in range(count):
            yield ("--device=id=%s000%d,fw=3.6.0,chunk-ms=10,reboot-ms=200,"
                   "hang-s=5%s" % (prefix, n, spec))


def closed_window():
    """Hours that begin in three hours, by the local clock."""
    hour = time.localtime(time.time() + 3 * 3600).tm_hour
    return "%02d:00-%02d:30" % (hour, hour)


def write_policies(daemon):
    flash = dict(Image="image.bin", Attempts=1)
    daemon.policy(NAMES[ASK], dict(flash, Action="ask"),
                  match=dict(DeviceId=ASK + "*"))
    daemon.policy(NAMES[STOP], flash, match=dict(DeviceId=STOP + "*"),
                  rollout=dict(Canary=1))
    daemon.policy(NAMES[HOURS], dict(flash, Window=closed_window()),
                  match=dict(DeviceId=HOURS + "*"))
    daemon.policy(NAMES[LACKS], dict(flash, Image="lacks.bin"),
                  match=dict(DeviceId=LACKS + "*"))
    daemon.policy("50-nobody", flash, match=dict(DeviceId="1000dd*"))


def policies(daemon):
    answer = daemon.ctl_json("policies")
    schema.check(answer, "policies")
    return {one["name"]: one for one in answer["policies"]}


def policy(daemon, name):
    answer = daemon.ctl_json("policy", name)
    schema.check(answer, "policy")
    lan.expect(answer["policy"]["name"], name, "the name of the policy")
    lan.expect({one["policy"] for one in answer["devices"]}, {name},
               "the policy of each of its devices")
    lan.expect(len(answer["devices"]), answer["policy"]["devices"],
               "devices of " + name)
    return answer["policy"]


def counts(one):
    return {key: one[key] for key in (
        "devices", "done", "at_work", "waiting", "failed", "refused", "idle")
        if one[key]}


def holds(one):
    return {wait["hold"]: wait["devices"] for wait in one["waiting_for"]}


def expect_text(daemon, words, *parts):
    text = " ".join(daemon.ctl(*words).split())
    for part in parts:
        if part not in text:
            raise lan.Failure("%s: no %r in: %s" % (words, part, text))


def before(daemon):
    """One canary has failed, and the others wait for what they wait for."""
    lan.wait(lambda: policies(daemon)[NAMES[STOP]]["paused"], 60,
             "the policy stops")
    lan.wait(lambda: [counts(policies(daemon)[NAMES[prefix]]) for prefix in
                      (ASK, HOURS, LACKS)] == [
        dict(devices=3, waiting=3), dict(devices=2, waiting=2),
        dict(devices=2, refused=2)], 30, "all have been decided about")
    found = policies(daemon)
    stop = found[NAMES[STOP]]
    lan.expect(counts(stop), dict(devices=3, waiting=2, failed=1), "the stop")
    lan.expect(holds(stop), dict(paused=2), "waits of the stop")
    lan.expect([(one["reason"], one["devices"]) for one in stop["failed_for"]],
               [("device-error", 1)], "failures of the stop")
    if "resume 20-stop" not in stop["stopped"]:
        raise lan.Failure("stopped: %s" % stop["stopped"])
    ask = found[NAMES[ASK]]
    lan.expect(holds(ask), dict(approval=3), "waits for approval")
    lan.expect((ask["estimate"]["devices"], ask["estimate"]["measured"],
                ask["stopped"]), (3, False, None), "the estimate")
    hours = found[NAMES[HOURS]]
    lan.expect(holds(hours), dict(window=2), "waits for the hours")
    begin = hours["estimate"]["not_before"]
    if not 2 * 3600 - 60 < hours["estimate"]["seconds"] < 4 * 3600 or not begin:
        raise lan.Failure("estimate: %s" % hours["estimate"])
    lacks = found[NAMES[LACKS]]
    lan.expect((lacks["image"], [one["reason"] for one in lacks["faults"]]),
               (None, ["image-missing"]), "the image that is not there")
    nobody = found["50-nobody"]
    lan.expect((counts(nobody), nobody["estimate"]), ({}, None), "nobody")
    if "no device fits it: DeviceId= fits 0 of 11" not in nobody["note"]:
        raise lan.Failure("note: %s" % nobody["note"])
    for name, one in found.items():
        if one["devices"]:
            lan.expect(policy(daemon, name)["devices"], one["devices"], name)


def texts(daemon):
    print(daemon.ctl("policies"))
    print(daemon.ctl("policy", NAMES[STOP]))
    expect_text(daemon, ["policies"], "10-ask ask 3 0 0 3 0",
                "waiting: 3 approval; about", "once approved",
                "20-stop flash 3 0 0 2 1 stopped: 1 device of policy 20-stop",
                "40-lacks flash 2 0 0 0 0 stopped: Image=lacks.bin:",
                "50-nobody flash 0 0 0 0 0 no device fits it")
    expect_text(daemon, ["policy", NAMES[HOURS]], "not before",
                "2 window: outside the policy's hours",
                "assumed: none has been flashed yet")
    expect_text(daemon, ["policy", "40"], "fault Image=lacks.bin:",
                "what to do Put it there under the name that the policy has",
                "2 image-missing:")


def fits(daemon, ident):
    """What each policy makes of a device, of which plan has one."""
    answer = daemon.ctl_json("plan", ident)
    schema.check(answer, "plan")
    return answer["plan"][0]["policies"]


def why_not(daemon):
    """Every key that does not fit is named, with what the device says."""
    ident = SEEN + "0000"
    for name, match in (("60-id", dict(DeviceId="1000dd* !1000dd0000")),
                        ("61-type", dict(Type="diy_light")),
                        ("62-firmware", dict(Firmware=">=3.7 <3.9")),
                        ("63-address", dict(Address="192.168.78.0/24")),
                        ("64-two", dict(Type="diy_light", Firmware="<3.5")),
                        ("65-fits", dict(DeviceId=ident)),
                        ("66-fits", dict(Type="diy_*"))):
        daemon.policy(name, dict(Action="observe"), match=match)
    daemon.ctl("reload")
    daemon.wait_for(ident, "seen")
    lan.wait(lambda: daemon.device(ident)["firmware"], 30, "the firmware")
    address = daemon.device(ident)["address"]
    found = {one["policy"]: one for one in fits(daemon, ident)}
    want = {"60-id": [("DeviceId", "1000dd* !1000dd0000", ident)],
            "61-type": [("Type", "diy_light", "diy_plug")],
            "62-firmware": [("Firmware", ">=3.7 <3.9", "3.6.0")],
            "63-address": [("Address", "192.168.78.0/24", address)],
            "64-two": [("Type", "diy_light", "diy_plug"),
                       ("Firmware", "<3.5", "3.6.0")],
            "65-fits": [], "66-fits": []}
    for name, misfits in want.items():
        one = found[name]
        lan.expect([(m["key"], m["wanted"], m["device"])
                    for m in one["misfits"]], misfits, name)
        lan.expect((one["fits"], one["decides"]),
                   (not misfits, name == "65-fits"), name)
    print(daemon.ctl("plan", ident))
    expect_text(daemon, ["plan", ident],
                "policy 60-id: DeviceId=1000dd* !1000dd0000 does not fit: the "
                "device is 1000ee0000",
                "policy 61-type: Type=diy_light does not fit: the device says "
                "diy_plug",
                "policy 62-firmware: Firmware=>=3.7 <3.9 does not fit: the "
                "device says 3.6.0",
                "policy 63-address: Address=192.168.78.0/24 does not fit: the "
                "device is at 192.168.77.",
                "diy_plug; Firmware=<3.5 does not fit: the device says 3.6.0",
                "policy 65-fits: fits, and decides",
                "policy 66-fits: fits as well, but policy 65-fits decides")
    lan.expect({one["policies"] for one in daemon.ctl_json("plan")["plan"]},
               {None}, "what the plan of all says of the policies")


def after(daemon):
    """Those that were approved are done, and tell how long it takes."""
    daemon.ctl("approve", "--all")
    daemon.wait_for_all({"flashed"}, 60, {
        ident for _, ident in lan.sim_devices() if ident.startswith(ASK)})
    found = policies(daemon)
    ask = found[NAMES[ASK]]
    lan.expect(counts(ask), dict(devices=3, done=3), "those approved")
    lan.expect((ask["joining"], ask["estimate"]), (3, None), "what is left")
    # What devices of one policy took is a measure for those of another.
    lan.expect(found[NAMES[HOURS]]["estimate"]["measured"], True, "measured")
    each = found[NAMES[HOURS]]["estimate"]["seconds_each"]
    took = [entry["seconds"] for entry in daemon.history()
            if entry["device"].startswith(ASK)]
    lan.expect(min(took) <= each <= max(took) + 1, True,
               "%d s each, when it took %s" % (each, took))
    # A restart knows it as well.
    daemon.stop()
    daemon.start()
    lan.wait(lambda: holds(policies(daemon)[NAMES[HOURS]]) == dict(window=2),
             30, "the devices are known again")
    lan.expect(policies(daemon)[NAMES[HOURS]]["estimate"]["seconds_each"],
               each, "what is measured, after a restart")
    daemon.ctl("pause")
    lan.expect(policies(daemon)[NAMES[HOURS]]["stopped"] is None, False,
               "all are paused")
    daemon.ctl("policy", "99", code=3)


def main(folder):
    daemon = lan.Daemon(folder, limits=dict(MaxParallel=2))
    lan.make_image(daemon.images + "/image.bin")
    write_policies(daemon)
    with lan.stopped_at_end(daemon):
        daemon.start()
        before(daemon)
        texts(daemon)
        why_not(daemon)
        after(daemon)
    print("policies stop, ask, wait and lack, and each says so")


lan.run(main, " ".join(devices()))
