#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""A device whose download was damaged goes at once, where the others wait for
the only place; and the log says what a device is before what it waits for.
"""
import lan

EACH = "reboot-ms=200"
DEVICES = f"""
    --device id=1000e00001,{EACH},chunk-ms=5,fault=verdict-409*1
    --device id=1000e00002,{EACH},chunk-ms=300
    --device id=1000e00003,{EACH},chunk-ms=5
"""
DAMAGED, SLOW, WAITS = ("1000e0000%d" % n for n in range(1, 4))


def main(folder):
    daemon = lan.Daemon(folder, limits=dict(MaxParallel=1, FlashTimeoutSec=600))
    lan.make_image(daemon.images + "/fw.bin", "valid", "--size", "204800")
    daemon.policy("10-first", dict(Image="fw.bin", Attempts=1),
                  match=dict(DeviceId=DAMAGED))
    daemon.policy("20-rest", dict(Image="fw.bin", Action="ask"))
    with lan.stopped_at_end(daemon):
        daemon.start()
        daemon.wait_for(DAMAGED, "failed", 60, "digest-error")
        device = daemon.device(DAMAGED)
        lan.expect((device["attention"], device["note"]),
                   ("keep-on", "do NOT unplug"), DAMAGED)
        todo = daemon.ask("status")[1]["todo"][0]
        lan.expect((todo["what"], todo["ids"], todo["command"]),
                   ("keep-on", [DAMAGED], "reflashctl retry " + DAMAGED),
                   "what is most urgent")
        for ident in SLOW, WAITS:
            daemon.wait_for(ident, "held", 20, "approval")
        daemon.ctl("approve", SLOW)
        daemon.wait_for(SLOW, "downloading", 30)
        daemon.ctl("approve", WAITS)
        daemon.wait_for(WAITS, "held", 20, "slot")
        daemon.ctl("retry", DAMAGED)
        daemon.wait_for(DAMAGED, "flashed", 60)
        lan.expect((daemon.state_of(SLOW), daemon.state_of(WAITS)),
                   ("downloading", "held"), "the others")
        lan.expect(daemon.device(DAMAGED)["attention"], "join", "then")
        print("%s went while %s had the only place" % (DAMAGED, SLOW))
        lines = daemon.logged("device " + WAITS)
        lan.expect([line.split(": ", 2)[2].split(" (")[0].split(",")[0]
                    for line in lines][:2], ["seen", "held: approval"],
                   "the first lines about it")


lan.run(main, DEVICES)
