#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""How devices end that are not as the others are.

Stock firmware 3.0 to 3.2 answers only what is written as the first tool of its
maker did, and mostly no info; two of them announce nothing.  Names were changed
after a conflict, an id has 24 digits, others are bridges; and a Tasmota has an
old version, or another MAC than the stock firmware had.  A sensor (SAWF-08P)
announces plain text as old DIY firmware does, but its type is plug; a Mini R3
says diylight or diy_plug, and answers 422 to its own id; and two devices announce
other ports, of which one is named in the configuration.
"""

import lan

EACH = "chunk-ms=5,reboot-ms=300"
DEVICES = f"""
    --device id=1000010001,fw=3.1.0,old-info=yes,{EACH}
    --device id=1000010002,fw=3.1.0,{EACH}
    --device id=1000010003,fw=3.0.1,old-info=yes,fault=mdns-mute,{EACH}
    --device id=1000010004,fw=3.2.0,fault=mdns-mute,{EACH}
    --device id=1000020001,suffix=-2,{EACH}
    --device id=1000020002,{EACH}
    --device id=130034000f50432030333633,model=spm
    --device id=1000030001,model=bridge
    --device id=1000030002,model=ihost
    --device id=1000040001,after=tasmota,tasmota-version=5.12.0h,{EACH}
    --device id=1000040002,after=tasmota,mac=other,{EACH}
    --device id=1000050001,type=plug,fw=3.1.0,old-info=yes,{EACH}
    --device id=1000050002,model=minir3,type=diylight,{EACH}
    --device id=1000050003,model=minir3,fault=all-422,{EACH}
    --device id=1000060001,port=9000,{EACH}
    --device id=1000060002,port=65535,{EACH}
"""
OLD, NO_INFO, OLD_MUTE, NO_INFO_MUTE = ("100001000%d" % n for n in range(1, 5))
RENAMED, USUAL = "1000020001", "1000020002"
SPM = "130034000f50432030333633"
BRIDGES = {"1000030001", "1000030002"}
LETTER, OTHER_MAC = "1000040001", "1000040002"
SENSOR, MINIR3_LIGHT, MINIR3_PLUG = ("100005000%d" % n for n in range(1, 4))
OTHER_PORT, NAMED_PORT = "1000060001", "1000060002"

TOO_OLD = ("refused", "firmware-out-of-range",
           "it needs firmware 3.3 or later")
ENDS = {
    OLD: ("flashed", None, ""),
    OLD_MUTE: ("flashed", None, ""),
    NO_INFO: TOO_OLD,
    NO_INFO_MUTE: TOO_OLD,
    RENAMED: ("flashed", None, ""),
    USUAL: ("flashed", None, ""),
    SPM: ("refused", "wrong-type", "its id has 24 digits"),
    LETTER: ("verified", None, "Tasmota 5.12.0h"),
    OTHER_MAC: ("failed", "not-seen-again",
                "a Tasmota with the MAC ec:fa:bc:"),
    SENSOR: ("refused", "wrong-type", "its type is plug"),
    MINIR3_LIGHT: ("refused", "wrong-type", "its type is diylight"),
    MINIR3_PLUG: ("refused", "wrong-chip", "it lists several switches"),
    OTHER_PORT: ("failed", "no-answer", "but the device announces port 9000"),
    NAMED_PORT: ("flashed", None, ""),
}


def check(devices, seen):
    lan.expect(set(devices), set(ENDS), "devices")
    for ident, (state, reason, detail) in ENDS.items():
        device = devices[ident]
        lan.expect((device["state"], device["reason"]), (state, reason), ident)
        if detail not in (device["detail"] or ""):
            raise lan.Failure("%s: %s" % (ident, device["detail"]))
        told = 0 if state == "refused" or reason == "no-answer" else 1
        lan.expect(seen[ident]["flash_told"], told, ident + ": told to download")
        lan.expect(seen[ident]["breaches"], [], ident + ": breaches")
        print("%s: %s %s: %s" % (ident, state, reason, device["detail"]))
    lan.expect(devices[OLD]["name"], "eWeLink_" + OLD, "name")
    lan.expect(devices[RENAMED]["name"], "eWeLink_%s-2" % RENAMED, "name")


def main(folder):
    address = {ident: at for at, ident in lan.sim_devices()}
    daemon = lan.Daemon(
        folder, limits=dict(MaxParallel=16), discovery=dict(
            Backend="embedded", RequerySec=5,
            Device=["%s %s" % (address[ident], ident)
                    for ident in (OLD_MUTE, NO_INFO_MUTE, NAMED_PORT)]))
    lan.make_image(daemon.images + "/fw.bin", "small",
                   "--payload", "tasmota-lite")
    # What is for 3.0 only, and what is for all that is newer.
    daemon.policy("10-old", dict(Image="fw.bin", Attempts=1),
                  match=dict(Firmware="<3.3"), verify=dict(Expect="leave"))
    daemon.policy("20-back", dict(Image="fw.bin", Attempts=1),
                  match=dict(DeviceId="10000400*"),
                  verify=dict(Expect="tasmota", TimeoutSec=20))
    daemon.policy("30-rest", dict(Image="fw.bin", Attempts=1),
                  verify=dict(Expect="leave"))
    with lan.stopped_at_end(daemon):
        daemon.start()
        lan.wait(lambda: set(daemon.devices()) == set(ENDS) and all(
            daemon.state_of(ident) == end[0] for ident, end in ENDS.items()),
            90, "all ends")
        check(daemon.devices(), lan.report(folder + "/report"))


lan.run(main, DEVICES)
