#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Nothing but the address of three devices is known, and what each of them
answers.

One is a plug, whose first download is damaged.  The second takes longer than
a device may take to begin one, and must be left to it, and nobody asks it
anything meanwhile.  The others are a dimmer and a bulb, which have a switch and
a lock as well: they are told nothing.
"""
import os

import lan

EACH = "chunk-ms=300,reboot-ms=200"
DEVICES = f"""
    --device id=1000d00001,{EACH},fault=verdict-409*1
    --device id=1000d00002,model=dimmer
    --device id=1000d00003,model=bulb
"""
PLUG, DIMMER, BULB = ("1000d0000%d" % n for n in range(1, 4))


def main(folder):
    daemon = lan.Daemon(
        folder, limits=dict(FirstFetchSec=3), discovery=dict(
            Backend="none", RequerySec=1,
            Device=[address for address, _ in lan.sim_devices()]))
    lan.make_image(daemon.images + "/fw.bin", "valid", "--size", "81920")
    daemon.policy("10-plugs", dict(Image="fw.bin"),
                  match=dict(Type="diy_plug"))
    daemon.policy("20-rest", dict(Image="fw.bin"))
    with lan.stopped_at_end(daemon):
        daemon.start()
        for ident in DIMMER, BULB:
            daemon.wait_for(ident, "refused", 20, "wrong-type")
        device = daemon.wait_for(PLUG, "flashed", 60)
        print("%s: flashed, attempt %d" % (PLUG, device["attempt"]))
        lan.expect(device["attempt"], 2, "attempt")
        seen = lan.report(os.path.join(folder, "report"))
        lan.expect({ident: one["flash_told"] for ident, one in seen.items()},
                   {PLUG: 2, DIMMER: 0, BULB: 0}, "times told to download")
        lan.expect([b for one in seen.values() for b in one["breaches"]], [],
                   "breaches")


lan.run(main, DEVICES)
