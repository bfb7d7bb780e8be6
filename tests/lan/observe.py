#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Without a policy nothing is touched: devices are seen, explained, and asked
for their info at most.
"""
import json
import socket

import lan

DEVICES = """
    --devices 3
    --device id=1000e00001,fault=encrypted
    --device id=1000b00001,model=bridge
    --device id=1000c00001,fault=wrong-id
"""
PAIRED = "1000e00001"
BRIDGE = "1000b00001"
WRONG = "1000c00001"


def info(folder, ident):
    return lan.report(folder + "/report")[ident]["requests"]["info"]


def check_requests(seen):
    for ident, device in seen.items():
        asked = device["requests"]
        lan.expect((asked["ota_unlock"], asked["ota_flash"], asked["other"]),
                   (0, 0, 0), ident + ": calls besides info")
        if ident in (PAIRED, BRIDGE):
            lan.expect(asked["info"], 0, ident + ": calls for info")
        elif asked["info"] == 0:
            raise lan.Failure(ident + " was not asked what it is")
        lan.expect(device["breaches"], [], ident + ": breaches")


def expect_event(events, ident, address, present):
    """Waits for it, by the time limit of its socket."""
    for line in events:
        device = json.loads(line)["device"]
        if (device["id"], device["address"], device["present"]) == \
                (ident, address, present):
            return
    raise lan.Failure("the events of %s ended" % ident)


def check_events(daemon, folder, ident):
    """Neither its address nor its presence is a state."""
    with socket.socket(socket.AF_UNIX) as conn:
        conn.settimeout(20)
        conn.connect(daemon.control)
        conn.sendall(b'{"v":1,"do":"monitor"}\n')
        events = conn.makefile()
        while "ok" not in json.loads(events.readline()):
            pass
        lan.sim("move", ident)
        address = lan.report(folder + "/report")[ident]["address"]
        expect_event(events, ident, address, True)
        lan.sim("leave", ident)
        expect_event(events, ident, address, False)
    lan.wait(lambda: (daemon.devices()[ident]["detail"] or "").startswith(
        "it does not answer: "), 20, "that it does not answer")
    print("%s left: %s" % (ident, daemon.devices()[ident]["detail"]))


def main(folder):
    # One that is configured as well is asked at each requery, so that its
    # requests count them.
    address, counter = lan.sim_devices()[-1]
    daemon = lan.Daemon(folder, discovery=dict(
        Backend="embedded", RequerySec=1, Device=address + " " + counter))
    idents = {ident for _, ident in lan.sim_devices()} - {BRIDGE}
    with lan.stopped_at_end(daemon):
        daemon.start()
        daemon.wait_for_all({"seen"}, 30, idents)
        lan.wait(lambda: info(folder, counter) >= 5, 30, "five requeries")
        lan.expect({p["id"]: (p["action"], p["image"], p["detail"])
                    for p in daemon.ctl_json("plan")["plan"]},
                   {ident: ("observe", None, "no policy fits it")
                    for ident in idents}, "plan")
        lan.expect({i: d["state"] for i, d in daemon.devices().items()},
                   {ident: "seen" for ident in idents}, "states")
        lan.expect(len(daemon.logged("devices are only observed, nothing")),
                   1, "lines that say that there is no policy")
        check_requests(lan.report(folder + "/report"))
        lan.expect(daemon.devices()[WRONG]["detail"],
                   "its answer is of no use: it is another device", WRONG)
        print(daemon.ctl("plan"), end="")
        check_events(daemon, folder, min(idents - {PAIRED, counter}))


lan.run(main, DEVICES)
