#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Ids that somebody has invented do no harm to devices that a policy names.

Whoever speaks on the LAN may say of any number of ids that they are at the
address of a device, or are what a policy is for.
"""
import json
import time

import lan

EACH = "chunk-ms=10,reboot-ms=200"
DEVICES = f"""
    --device id=2000a00001,{EACH}
    --device id=2000a00002,{EACH}
"""
FIRST, SECOND, THIRD = ("2000a0000%d" % n for n in range(1, 4))
MAX_DEVICES = 100
AT_ITS_ADDRESS = 70  # more than are asked at a time


class Inventor(lan.Inventor):
    def say(self, ident, address, **txt):
        super().say(ident, address, "eth0", **txt)
        self.flush()


def flash(daemon, ident, begun=lambda: None):
    """The seconds that it takes."""
    start = time.monotonic()
    daemon.ctl("approve", ident)
    daemon.wait_for(ident, "downloading", 60)
    begun()
    daemon.wait_for(ident, "flashed", 120)
    return time.monotonic() - start


def beside(daemon, inventor, addresses, folder):
    """None asks a device that fetches who it is."""
    def invent():
        for n in range(3):
            inventor.say("1000b0000%d" % n, addresses[FIRST])
        lan.wait(lambda: daemon.device("1000b00002"), 20, "they are known")
    daemon.quiet = flash(daemon, FIRST, invent)
    lan.expect(lan.report(folder + "/report")[FIRST]["breaches"], [],
               "breaches")


def queue(daemon, inventor, addresses, folder):
    """Its calls go before questions of which nobody knows the answer."""
    for n in range(AT_ITS_ADDRESS):
        inventor.say("1000c%05x" % n, addresses[SECOND])
    lan.wait(lambda: daemon.device("1000c%05x" % (AT_ITS_ADDRESS - 1)), 20,
             "they are known")
    seconds = flash(daemon, SECOND)
    print("flashed in %.1f s, and in %.1f s" % (daemon.quiet, seconds))
    if seconds > 2 * daemon.quiet:
        raise lan.Failure("others hold it up")


def room(daemon, inventor, addresses, folder):
    """What fits a policy may be invented; an id in one is not."""
    def is_full():
        for n in range(MAX_DEVICES):
            inventor.say("1000d%05x" % n, "192.168.77.%d" % (100 + n),
                         type="strip")
        counts = daemon.ask("status")[1]["counts"]
        # All but the two that are flashed, and one that is being asked.
        return counts.get("refused", 0) >= MAX_DEVICES - 3
    lan.wait(is_full, 20, "it knows as many as it may")
    inventor.say(THIRD, "192.168.77.99")
    lan.wait(lambda: daemon.device(THIRD), 20, "one that is named is known")


def nowhere(daemon, inventor, addresses, folder):
    """A sighting needs an interface that this machine has."""
    places = ["", "nope0", "eth0 ", "ETH0", "eth", "x" * 40, None, 7]
    for n, interface in enumerate(places):
        lan.Inventor.say(inventor, "1000e0000%d" % n, addresses[FIRST],
                         interface)
    inventor.lines.write(json.dumps(dict(
        event="seen", service="_ewelink._tcp", instance="eWeLink_1000e00008",
        address=addresses[FIRST], port=8081,
        txt=dict(type="diy_plug", id="1000e00008"))) + "\n")
    inventor.say("1000e00009", addresses[FIRST])
    lan.wait(lambda: daemon.device("1000e00009"), 20, "the last line is read")
    lan.expect([ident for ident in daemon.devices()
                if ident.startswith("1000e")], ["1000e00009"], "seen")


def main(folder):
    inventor = Inventor(folder + "/inventor")
    lan.SCAN = inventor.program
    daemon = lan.Daemon(folder, discovery=dict(
        Backend="embedded", RequerySec=60, MaxDevices=MAX_DEVICES))
    lan.make_image(daemon.images + "/fw.bin", "valid")
    daemon.policy("10-mine", dict(Image="fw.bin", Action="ask"),
                  match=dict(DeviceId=" ".join((FIRST, SECOND, THIRD))))
    daemon.policy("20-any", dict(Image="fw.bin", Action="ask"),
                  match=dict(Type="strip"))
    addresses = {ident: address for address, ident in lan.sim_devices()}
    with lan.stopped_at_end(daemon):
        daemon.start()
        for ident in FIRST, SECOND:
            inventor.say(ident, addresses[ident])
            daemon.wait_for(ident, "held", 20, "approval")
        for act in beside, queue, nowhere, room:
            act(daemon, inventor, addresses, folder)
            print("%s: as it should be" % act.__name__)


lan.run(main, DEVICES)
