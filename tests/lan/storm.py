#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Devices of all kinds are flashed in a storm of forged announcements.

Half of the devices are flashed in quiet.  Then somebody on the same Ethernet
multicasts, in the name of all devices and with their own addresses and MACs,
whatever may be said of a device, and the other half is flashed.  Both halves
must end in the same way, and nobody may take twice as long.  The lies go on for
$STORM seconds, and no device that has ended may change its state; make storm
sets it, and there are 50 devices then instead of 12.

storm.py lie PLAN: what the liar does until its input ends
"""
import json
import os
import random
import re
import select
import socket
import subprocess
import sys
import threading
import time
import types

import lan
import mdns_say

NEVER_SEC = 6   # TimeoutSec= of those that never come back
SLOWER = 2      # than the slowest one of its kind in quiet, and
SPARE = 3       # seconds: the two cores are for other tests, too; and
SWEEP = 15      # until the network is swept for a device that has moved
SECONDS = int(os.environ.get("STORM") or 0)
A_SECOND = 6    # packets about each device
FORGED = "6.6.6"
STRANGER = "192.168.77.250"  # nobody is there
LIAR = "192.168.77.240"
NOBODY = ["1000e%05x" % n for n in range(8)]  # ids that nobody has

# What the device does, what its policy expects, how it must end, and how many
# of this kind there are: in the short form, and in the long one.
KINDS = {
    "tasmota": ("after=tasmota", "tasmota", "verified", None, 3, 11),
    "esphome": ("after=esphome", "esphome", "verified", None, 2, 6),
    "leaves": ("after=ap", "leave", "flashed", None, 2, 9),
    # It has another address once it is unlocked, or at half of its download.
    "moves": ("fault=address-changes", "leave", "flashed", None, 2, 4),
    "moves-late": ("fault=address-changes-in-flash", "leave", "flashed", None,
                   1, 3),
    "never": ("after=ap", "tasmota", "failed", "not-seen-again", 1, 5),
    "never-esphome": ("after=ap", "esphome", "failed", "not-seen-again", 0, 2),
    "wrong": ("after=tasmota", "esphome", "failed", "wrong-firmware", 1, 2),
    "reconnects": ("fault=reconnects", "leave", "flashed", None, 0, 1),
    "404": ("fault=verdict-404", "leave", "failed", "download-error", 1, 2),
    "406": ("fault=verdict-406", "leave", "failed", "device-error", 1, 2),
    "409": ("fault=verdict-409", "leave", "failed", "digest-error", 0, 1),
    "stock": ("fault=comes-back-stock", "leave", "failed", "came-back-stock",
              1, 2),
}
ENDS = ("flashed", "verified", "failed", "refused")
FIRMWARE = ("3.3.0", "3.6.0", "3.7.6")


def half(letter, seconds):
    """{id: name of its kind} of the devices of this half."""
    rows = [(kind, row[5 if seconds else 4]) for kind, row in KINDS.items()]
    kinds = [kind for kind, count in rows for _ in range(count)]
    return {"1000%s%05x" % (letter, n): kind for n, kind in enumerate(kinds)}


def devices(seconds):
    for letter in "ab":
        for n, (ident, kind) in enumerate(half(letter, seconds).items()):
            yield "--device=id=%s,fw=%s,chunk-ms=%d,reboot-ms=500,%s" % (
                ident, FIRMWARE[n % 3], 60 if seconds else 20, KINDS[kind][0])


# ---- the liar ---------------------------------------------------------------

def packet(address, goodbye=False, **what):
    """An announcement of that service at that address, in one packet."""
    o = types.SimpleNamespace(
        **{**dict(address=address, a=None, id=None, name=None, port=8081,
                  service="_ewelink._tcp", txt=None), **what})
    device = mdns_say.Device(o)
    ttl = 0 if goodbye else 120
    return mdns_say.response(device.records(ttl) + device.hosts(ttl))


def txt(ident, kind="diy_plug", seq="7", **more):
    keys = dict(dict(txtvers="1", id=ident, type=kind, apivers="1", seq=seq,
                     data1='{"switch":"off","fwVersion":"3.6.0"}'), **more)
    return ["%s=%s" % pair for pair in keys.items()]


def stock_lies(ident, own, other):
    """Of what its stock firmware announces, and of where it is."""
    said = [txt(ident, encrypt="true", iv="MDIzOTY5NjAyODg5MDYzMQ=="),
            txt(ident, "strip"), txt(ident, "light", encrypt="true"),
            txt(ident, data1='{"switch":"on","fwVersion":"4.1.0"}'),
            txt(ident, data1='{"switches":[{"switch":"on","outlet":0}]}'),
            txt(ident, seq="1"), txt(ident, seq="900")]
    for strings in said:
        yield own, packet(own, id=ident, txt=strings)
    for address in other, STRANGER:
        yield own, packet(address, id=ident, txt=txt(ident))
    yield own, packet(own, id=ident, txt=txt(ident), port=80)
    yield own, packet(own, id=ident, txt=txt(ident), goodbye=True)


def later_lies(ident, mac, own, other):
    """Of the firmware that it has now, and of where that is."""
    bare = mac.replace(":", "")
    strings = ["mac=" + bare, "version=" + FORGED, "platform=ESP8266",
               "network=wifi"]
    for service, port in (("_esphomelib._tcp", 6053), ("_http._tcp", 80)):
        for name in "sonoff-" + bare[6:], "liar-" + ident:
            for address in own, other:
                yield address, packet(address, service=service, port=port,
                                      name=name, txt=strings)
        yield own, packet(own, service=service, port=port, txt=strings,
                          name="sonoff-" + bare[6:], goodbye=True)


def lies(devices):
    """[(address that it is sent from, packet)] of {id: [address, mac]}."""
    found = []
    places = [address for address, _ in devices.values()]
    for n, (ident, (own, mac)) in enumerate(devices.items()):
        other = places[n - 1]
        found += stock_lies(ident, own, other)
        found += later_lies(ident, mac, own, other)
        # And where a device that gets another address is to be.
        new = "192.168.77.%d" % (10 + len(devices) + n % 20)
        found += list(later_lies(ident, mac, new, STRANGER))[:1]
        nobody = NOBODY[n % len(NOBODY)]
        found.append((LIAR, packet(own, id=nobody, txt=txt(nobody))))
    return found


def lie(plan):
    """All of them in another order each time; prints how many, now and then."""
    with open(plan) as f:
        devices = json.load(f)
    told = lies(devices)
    random.seed(18)
    s = mdns_say.open_socket(LIAR)
    a_second = A_SECOND * len(devices)
    count, begun = 0, time.monotonic()
    while True:
        random.shuffle(told)
        for source, data in told:
            s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
                         socket.inet_aton(source))
            s.sendto(data, mdns_say.GROUP)
            count += 1
            if count % 10 != 0:
                continue
            due = max(begun + count / a_second - time.monotonic(), 0)
            if select.select([sys.stdin], [], [], due)[0]:
                return
            if count % 100 == 0:
                print(count, flush=True)


class Liar:
    """The program above, in the namespace of the liar."""

    def __init__(self, folder, devices):
        plan, self.path = folder + "/plan", folder + "/lies"
        with open(plan, "w") as f:
            json.dump(devices, f)
        sources = {LIAR, STRANGER} | {
            "192.168.77.%d" % n for n in range(10, 30 + 2 * len(devices))}
        subprocess.run(["ip", "-n", "liar", "-batch", "-"], check=True,
                       universal_newlines=True, input="".join(
            "address add %s/24 dev eth0\n" % address for address in sources))
        with open(self.path, "w") as out:
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", "liar", sys.executable, "-B", __file__,
                 "lie", plan], stdin=subprocess.PIPE, stdout=out)

    def count(self):
        if self.process.poll() is not None:
            raise lan.Failure("the liar has ended")
        with open(self.path) as f:
            return int((f.read().split() or ["0"])[-1])

    def end(self):
        self.process.stdin.close()
        self.process.wait(20)


# ---- the daemon -------------------------------------------------------------

class Monitor(threading.Thread):
    """When each device began, and all ends that it has had since."""

    def __init__(self, daemon):
        super().__init__(daemon=True)
        self.began, self.ended, self.ends = {}, {}, {}
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(daemon.control)
        self.socket.sendall(b'{"v":1,"do":"monitor"}\n')
        self.start()

    def run(self):
        for line in self.socket.makefile():
            event = json.loads(line)
            if event.get("event") == "change":
                self.change(event["device"], time.monotonic())

    def change(self, device, now):
        ident, state = device["id"], device["state"]
        ends = self.ends.setdefault(ident, [])
        if state == "probing":
            self.began.setdefault(ident, now)
        # What may still come back has not ended: flashed, then verifying.
        if ident in self.began and (not ends or ends[-1] != state):
            ends.append(state)
            self.ended[ident] = now

    def has_heard(self, kinds):
        """Is it as far as the daemon is?"""
        return all(self.ends[ident][-1:] == [KINDS[kind][2]]
                   for ident, kind in kinds.items())

    def seconds(self, ident):
        return self.ended[ident] - self.began[ident]


def write_policies(daemon, kinds):
    for kind, (_, expect, state, reason, *_) in KINDS.items():
        idents = [ident for ident in kinds if kinds[ident] == kind]
        verify = dict(Expect=expect)
        if reason == "not-seen-again":
            verify["TimeoutSec"] = NEVER_SEC
        if idents:
            daemon.policy(
                kind, dict(Image=("esphome" if expect == "esphome" else
                                  "other") + ".bin",
                           Action="ask", Attempts=1),
                match=dict(DeviceId=" ".join(idents), Type="diy_plug",
                           Firmware=">=3.3 <3.9"),
                # One that is made to fail pauses all of its kind.
                rollout=dict(StopAfterFailures=0 if state == "failed" else 1),
                verify=verify)


def ends_of(daemon, idents):
    devices = daemon.devices()
    return {ident: (devices[ident]["state"], devices[ident]["reason"])
            for ident in idents}


def wanted(kinds):
    return {ident: KINDS[kind][2:4] for ident, kind in kinds.items()}


def check_ends(daemon, kinds, what):
    have, want = ends_of(daemon, kinds), wanted(kinds)
    wrong = ["%s (%s): %s instead of %s: %s" % (
        ident, kinds[ident], have[ident], want[ident],
        daemon.device(ident)["detail"])
        for ident in kinds if have[ident] != want[ident]]
    if wrong:
        raise lan.Failure("%s: %s" % (what, "; ".join(wrong)))


def flash(daemon, kinds, what):
    """Approves all of them, and waits until each has ended."""
    daemon.ctl("approve", *kinds)
    want = wanted(kinds)

    def all_ended():
        have = ends_of(daemon, kinds)
        return all(have[ident] == want[ident] or have[ident][0] == "failed"
                   for ident in kinds)
    try:
        lan.wait(all_ended, 120, "all have ended")
    except lan.Failure:
        check_ends(daemon, kinds, what)
        raise
    check_ends(daemon, kinds, what)


def check_lies(daemon):
    """Nothing of what was said is believed."""
    devices = daemon.devices()
    for ident in NOBODY:
        if ident not in devices:
            raise lan.Failure("nobody has heard of %s" % ident)
    for device in devices.values():
        # Nothing but its announcement tells what an ESPHome is.
        detail = (device["detail"] or "").replace(
            "ESPHome %s, as it announces itself" % FORGED, "")
        if FORGED in detail or device["firmware"] == "4.1.0":
            raise lan.Failure("%s: %s, firmware %s" % (
                device["id"], device["detail"], device["firmware"]))


def check_reports(daemon, idents, folder):
    seen = lan.report(folder + "/report")
    for ident in idents:
        lan.expect((seen[ident]["flash_told"], seen[ident]["breaches"]),
                   (1, []), ident + ": told to download, breaches")
    lan.expect([policy["name"] for policy in daemon.ask("status")[1]["policies"]
                if policy["paused"]], [], "policies that are paused")


def check_times(monitor, quiet, storm):
    """One line for each kind, and nobody twice as slow as its like."""
    slow = []
    print("%-14s %-26s %14s %14s" % ("", "", "quiet", "storm"))
    for kind, row in KINDS.items():
        times = [sorted(monitor.seconds(ident) for ident in kinds
                        if kinds[ident] == kind) for kinds in (quiet, storm)]
        if not times[0]:
            continue
        print("%-14s %-26s %s" % (
            "%d %s" % (len(times[0]), kind), "%s %s" % (row[2], row[3] or ""),
            " ".join("%6.1f %6.1f s" % (t[len(t) // 2], t[-1])
                     for t in times)))
        spare = SPARE + (SWEEP if kind == "esphome" else 0)
        if times[1][-1] > SLOWER * times[0][-1] + spare:
            slow.append(kind)
    if slow:
        raise lan.Failure("more than twice as slow: %s" % ", ".join(slow))


def storm(folder, daemon, monitor, quiet, stormy, seconds):
    devices = daemon.devices()
    liar = Liar(folder, {ident: [devices[ident]["address"],
                                 devices[ident]["mac"]]
                         for kinds in (quiet, stormy) for ident in kinds})
    ends = {ident: list(monitor.ends[ident]) for ident in quiet}
    try:
        begun = time.monotonic()
        lan.wait(lambda: set(NOBODY) <= set(daemon.devices()), 60,
                 "the lies are heard")
        before = liar.count()
        flash(daemon, stormy, "in the storm")
        lan.wait(lambda: monitor.has_heard(stormy), 20, "all ends are heard")
        ends.update({ident: list(monitor.ends[ident]) for ident in stormy})
        meanwhile = liar.count() - before
        lan.wait(lambda: time.monotonic() - begun > seconds, seconds + 1,
                 "the storm is over")
        after = liar.count()
        lan.wait(lambda: liar.count() >= after + 500, 60, "more lies")
        for kinds in quiet, stormy:
            check_ends(daemon, kinds, "after the storm")
        for ident, states in ends.items():
            lan.expect(monitor.ends[ident], states, ident + ": its states")
        check_lies(daemon)
        print("%d lies while they were flashed, %d in all, in %d s" % (
            meanwhile, liar.count(), time.monotonic() - begun))
    finally:
        liar.end()


def liar_up():
    """A liar on the same Ethernet as the daemon and the devices.

    The cable of this machine becomes one port of a bridge of that name, with
    the same MAC.  The liar answers no ARP: its addresses are to send from.
    """
    with open("/sys/class/net/eth0/address") as f:
        mac = f.read().strip()
    at = re.search(r"inet (\S+)", subprocess.check_output(
        ["ip", "-4", "address", "show", "dev", "eth0"],
        universal_newlines=True)).group(1)
    lan.ips("""link set eth0 down
        link set eth0 name cable
        address flush dev cable""")
    try:
        lan.ips("link add eth0 address %s type bridge mcast_snooping 0" % mac)
    except subprocess.CalledProcessError:
        lan.skip("no bridge")
    lan.ips("""netns add liar
        link add lies type veth peer name eth0 netns liar
        link set cable master eth0
        link set cable up
        link set lies master eth0
        link set lies up
        address add %s dev eth0
        link set eth0 up
        route add default dev eth0
        route add 224.0.0.0/4 dev eth0
        -n liar link set eth0 arp off up
        -n liar route add 224.0.0.0/4 dev eth0""" % at)

    def is_up():
        with open("/sys/class/net/eth0/operstate") as f:
            return f.read() == "up\n"
    lan.wait(is_up, 15, "the bridge is up")


def main(folder):
    liar_up()
    seconds = SECONDS
    quiet, stormy = half("a", seconds), half("b", seconds)
    daemon = lan.Daemon(folder, discovery=dict(Backend="embedded",
                                               RequerySec=5))
    kind = "valid" if seconds else "small"
    lan.make_image(daemon.images + "/esphome.bin", kind,
                   "--payload", "esphome")
    lan.make_image(daemon.images + "/other.bin", kind)
    write_policies(daemon, {**quiet, **stormy})
    with lan.stopped_at_end(daemon):
        daemon.start()
        lan.wait(lambda: {**quiet, **stormy}.keys() <= {
            ident for ident, device in daemon.devices().items()
            if device["reason"] == "approval" and device["mac"]}, 60,
            "all wait for an approval, with a MAC")
        monitor = Monitor(daemon)
        flash(daemon, quiet, "in quiet")
        lan.wait(lambda: monitor.has_heard(quiet), 20, "all ends are heard")
        storm(folder, daemon, monitor, quiet, stormy, seconds)
        check_reports(daemon, {**quiet, **stormy}, folder)
        check_times(monitor, quiet, stormy)
    print("%d devices ended in the storm as %d did in quiet" % (
        len(stormy), len(quiet)))


if sys.argv[1:2] == ["lie"]:
    lie(sys.argv[2])
else:
    lan.run(main, " ".join(devices(SECONDS)))
