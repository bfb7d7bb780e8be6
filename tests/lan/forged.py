#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Forged announcements in the name of a device, before and after its flash,
decide nothing about it.

Each forged announcement has the MAC and the address of the device itself, and
is repeated all the time, in every state.
"""
import random
import threading

import lan

EACH = "chunk-ms=5,reboot-ms=200,join-ms=3000"
DEVICES = f"""
    --device id=1000a00001,{EACH},after=tasmota
    --device id=1000a00002,{EACH},after=ap
    --device id=1000a00003,{EACH},after=ap
    --device id=1000a00004,{EACH},after=esphome
    --device id=1000a00005,{EACH},after=ap,fw=3.6.0
    --device id=1000a00007,{EACH},after=other
    --device id=1000a00008,{EACH},after=other,web-port=6053
    --device id=1000a00009,{EACH},after=esphome,fault=esphome-mute
    --device id=1000a0000a,fault=encrypted
    --device id=1000a0000b
"""
# id, what it is to come back as, and how it must end
TASMOTA, LATER, AWAY, ESPHOME = ("1000a0000%d" % n for n in range(1, 5))
WAITING = "1000a00005"  # for an approval
# Something else accepts connections: a web server, one at the port of ESPHome's
# API, and what says nothing.
OTHERS = ["1000a0000%d" % n for n in range(7, 10)]
EXPECT = {TASMOTA: "tasmota", LATER: "leave", AWAY: "esphome",
          ESPHOME: "esphome", **dict.fromkeys(OTHERS, "esphome")}
SECONDS = 15
FORGED = "6.6.6"
SERVICES = ("_esphomelib._tcp", "_http._tcp")
# The first that are free: each ESPHome gets a new lease.
MOVED = "192.168.77.20", "192.168.77.21"
PAIRED = "1000a0000a"  # answers each call with 401
OBSERVED = "1000a0000b"  # no policy fits it
NOWHERE = "192.168.77.250"  # nothing is there
STAYS = TASMOTA, ESPHOME  # on the LAN, with its new firmware


# In the name of a device that answers as a plug with firmware 3.6.0.
LIES = (dict(encrypt="true", iv="MDIzOTY5NjAyODg5MDYzMQ=="),
        dict(type="strip"), dict(type="light", encrypt="true"),
        dict(data1='{"switches":[{"switch":"on","outlet":0}]}'),
        dict(data1='{"switch":"on","fwVersion":"4.1.0"}'), dict(seq="1"))


def lied_to_before(daemon, inventor, address):
    """What the device has answered stands until the device answers otherwise."""
    inventor.say(WAITING, address, "eth0")
    inventor.flush()
    daemon.wait_for(WAITING, "held", 30, "approval")
    for n in range(20):
        for lie in LIES:
            inventor.say(WAITING, address, "eth0", **lie)
            inventor.flush()
        lan.expect(daemon.state_of(WAITING), "held", "round %d" % n)
    # A line that is read after all of these.
    inventor.say("1000a00006", address, "eth0")
    inventor.flush()
    lan.wait(lambda: daemon.device("1000a00006"), 30, "all are read")
    daemon.wait_for(WAITING, "held", 30, "approval")
    lan.expect(daemon.logged("%s .*: refused" % WAITING), [], "refused")
    daemon.ctl("approve", WAITING)
    daemon.wait_for(WAITING, "flashed", 60)
    print("%d lies before the flash: held, approved, flashed" % (20 * len(LIES)))


def asked_again(folder, inventor):
    """However often it is lied about, a device is not asked without end."""
    daemon = lan.Daemon(folder + "/observed", discovery=dict(
        Backend="embedded", RequerySec=600))
    address = {ident: a for a, ident in lan.sim_devices()}[OBSERVED]
    with lan.stopped_at_end(daemon):
        daemon.start()
        inventor.say(OBSERVED, address, "eth0")
        inventor.flush()
        lan.wait(lambda: (daemon.device(OBSERVED) or {}).get("firmware"), 30,
                 "it has been asked")
        for n in range(1000):
            inventor.say(OBSERVED, address, "eth0", data1='{"switch":"on",'
                         '"fwVersion":"3.%d.0"}' % (n % 2 + 5))
            # Of no type that would be asked.
            inventor.say("1000a1%04d" % n, NOWHERE, "eth0", type="strip")
            inventor.flush()
            lan.wait(lambda: daemon.device("1000a1%04d" % n), 30, "it is read")
    count = requests(folder, OBSERVED)
    print("1000 lies about a device: it was asked %d times" % count)
    lan.expect(1 < count <= 17, True, "as often as it was asked: %d" % count)


class Forger(threading.Thread):
    """Announces each device as an ESPHome until it is told to stop."""

    def __init__(self, inventor, macs, addresses):
        super().__init__(daemon=True)
        self.inventor, self.macs, self.addresses = inventor, macs, addresses
        self.random = random.Random(18)
        self.count, self.ended = 0, threading.Event()

    def run(self):
        while not self.ended.wait(0.2):
            for ident, mac in self.macs.items():
                for service in SERVICES:
                    self.say(ident, mac, service, self.addresses[ident])
            for address in MOVED:
                self.say(ESPHOME, self.macs[ESPHOME], SERVICES[0], address)
            for ident in self.macs:
                self.inventor.say(ident, self.random.choice(
                    (NOWHERE, self.addresses[PAIRED])), "eth0")
            self.inventor.flush()

    def say(self, ident, mac, service, address):
        self.inventor.line(dict(
            event="seen", service=service, instance="sonoff-" + ident[-6:],
            interface="eth0", address=address, port=6053,
            txt=dict(mac=mac.replace(":", ""), version=FORGED,
                     platform="ESP8266", network="wifi")))
        self.count += 1


def settle(daemon, ident, state, reason=None):
    device = daemon.wait_for(ident, state, 90, reason)
    print("%s: %s: %s" % (EXPECT[ident], state, device["detail"]))
    return device


def requests(folder, ident):
    """How often that device was asked for its info."""
    return lan.report(folder + "/report")[ident]["requests"]["info"]


def stays_as_it_is(daemon, folder):
    """What answers at another address, or does not, says nothing of it."""
    asked = requests(folder, PAIRED)
    lan.wait(lambda: requests(folder, PAIRED) >= asked + 8, 90,
             "another address is looked at")
    heard = len(daemon.logged(NOWHERE + ": "))
    lan.wait(lambda: len(daemon.logged(NOWHERE + ": ")) >= heard + 8, 90,
             "an address where nothing is is looked at")
    for ident in STAYS:
        device = daemon.device(ident)
        lan.expect((device["state"], device["present"], device["encrypted"]),
                   ("verified", True, False), "what is known of " + ident)


def main(folder):
    inventor = lan.Inventor(folder + "/inventor")
    lan.SCAN = inventor.program
    daemon = lan.Daemon(folder, discovery=dict(Backend="embedded",
                                               RequerySec=2))
    addresses = {ident: address for address, ident in lan.sim_devices()}
    lan.make_image(daemon.images + "/esphome.bin", "small",
                   "--payload", "esphome")
    lan.make_image(daemon.images + "/other.bin", "small")
    for ident, expect in EXPECT.items():
        image = "esphome.bin" if expect == "esphome" else "other.bin"
        daemon.policy(ident, dict(Image=image, Attempts=1, Action="flash"),
                      match=dict(DeviceId=ident),
                      verify=dict(Expect=expect, TimeoutSec=SECONDS))
    daemon.policy("10-ask", dict(Image="other.bin", Action="ask"),
                  match=dict(DeviceId=WAITING, Type="diy_plug",
                             Firmware=">=3.5 <3.9"),
                  verify=dict(Expect="leave"))
    with lan.stopped_at_end(daemon):
        daemon.start("-D", "device")
        lied_to_before(daemon, inventor, addresses[WAITING])
        for ident in EXPECT:
            inventor.say(ident, addresses[ident], "eth0")
        inventor.flush()
        macs = {ident: lan.wait(
            lambda i=ident: (daemon.device(i) or {}).get("mac"), 30,
            "the MAC of " + ident) for ident in EXPECT}
        forger = Forger(inventor, macs, addresses)
        forger.start()
        try:
            device = settle(daemon, TASMOTA, "verified")
            if FORGED in device["detail"]:
                raise lan.Failure("the version is forged")
            settle(daemon, AWAY, "failed", "not-seen-again")
            settle(daemon, LATER, "flashed")
            settle(daemon, ESPHOME, "verified")
            for ident in OTHERS:
                settle(daemon, ident, "failed")
            # What has ended is not begun anew by the same words.
            before = forger.count
            lan.wait(lambda: forger.count > before + 200, 60, "more of them")
            lan.expect([daemon.state_of(ident) for ident in EXPECT],
                       ["verified", "flashed", "failed", "verified"] +
                       ["failed"] * len(OTHERS),
                       "states")
            stays_as_it_is(daemon, folder)
        finally:
            forger.ended.set()
            forger.join()
    print("%d announcements were forged" % forger.count)
    asked_again(folder, inventor)


lan.run(main, DEVICES)
