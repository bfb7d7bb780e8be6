#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Two devices are flashed, and somebody else claims to be each of them.

One is to come back as Tasmota, the other as ESPHome, and neither ever does.
"""
import os
import subprocess
import sys

import lan

EACH = "chunk-ms=5,reboot-ms=200"
DEVICES = f"""
    --device id=1000a00001,{EACH}
    --device id=1000a00002,{EACH}
"""
TASMOTA, ESPHOME = "1000a00001", "1000a00002"
SECONDS = 12  # for which each is awaited
LIAR = "10.66.0.5"
HERE = os.path.dirname(os.path.abspath(__file__))


def lie(device, folder):
    """Announced as an ESPHome with the MAC of the device, again and again."""
    path = os.path.join(folder, "lie." + device["id"])
    with open(path, "w") as out:
        process = subprocess.Popen(
            ["ip", "netns", "exec", "evil", sys.executable, "-B",
             os.path.join(HERE, "mdns_say.py"), LIAR,
             "--service", "_esphomelib._tcp", "--name", device["id"],
             "--txt", "mac=" + device["mac"].replace(":", ""),
             "--txt", "version=2024.10.3"], stdout=out)
    lan.wait(lambda: os.path.getsize(path) > 0, 20, "a lie is told")
    return process


def main(folder):
    lan.strangers_up()
    daemon = lan.Daemon(folder, discovery=dict(Backend="embedded"))
    for ident, kind, options in ((TASMOTA, "tasmota", []),
                                 (ESPHOME, "esphome",
                                  ["--payload", "esphome"])):
        lan.make_image(daemon.images + "/%s.bin" % kind, "small", *options)
        daemon.policy("10-" + kind, dict(Image=kind + ".bin", Attempts=1),
                      match=dict(DeviceId=ident),
                      verify=dict(Expect=kind, TimeoutSec=SECONDS))
    liars = []
    with lan.stopped_at_end(daemon):
        daemon.start("-D", "device")
        try:
            for ident in TASMOTA, ESPHOME:
                liars.append(lie(daemon.wait_for(ident, "verifying"), folder))
            heard = "%s: another device has announced its MAC"
            lan.wait(lambda: all(daemon.logged(heard % ident)
                                 for ident in (TASMOTA, ESPHOME)), 30,
                     "the lies are heard")
            for ident in TASMOTA, ESPHOME:
                device = daemon.wait_for(ident, "failed", 3 * SECONDS,
                                         "not-seen-again")
                lan.expect(device["present"], False,
                           "%s is on the LAN" % ident)
                if LIAR in device["address"]:
                    raise lan.Failure("%s is at the liar's" % ident)
        finally:
            for liar in liars:
                liar.kill()
                liar.wait()


lan.run(main, DEVICES)
