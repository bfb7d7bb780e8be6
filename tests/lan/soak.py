#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A long life in short: soak.py FOLDER AVAHI-CONF RESULT

One reflashd, never started again, makes $SOAK flashes.  In each round the same
devices are flashed, again or as if they had never been here.  Meanwhile the
file server is asked a thousand times for each of them, and strangers with ids
of their own come and go.  In every fifth round avahi-daemon ends and begins,
and interfaces go down, away and come back.  In the rounds of the first half
the configuration is loaded, again and again; with each load reflash-scan begins
anew, so the second half is the life of that one.  At rest after each round
they must hold what they held before: soak_look.py says what, and how that is
judged.

soak.py devices: the options of reflash-sim.
"""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import lan
import soak_look

HERE = os.path.dirname(os.path.abspath(__file__))
EACH = "chunk-ms=0,reboot-ms=200"
STRANGERS = 40      # in a round
MAX_DEVICES = 80    # of which strangers take what is left
TTL = 5             # of what they announce, seconds: less than a round
HISTORY = 1024 * 1024   # STORE_LINES_MAX_FILE
CALLS_SEC = 20      # the questions to those that were flashed are over by then
GUEST = "1000c00001"    # has its image offered all the time, and fetches none

# What a device is, and how it ends, for ten of them.
KINDS = (
    [("0", "fw=3.3.0", "flashed"), ("0", "fw=3.6.0", "flashed"),
     ("0", "fw=3.7.6", "flashed"), ("0", "fault=repeats-range", "flashed"),
     ("0", "fault=verdict-new-connection", "flashed"),
     ("0", "fault=flash-empty-works", "flashed")] +
    [("1", "after=tasmota,join-ms=200,restart-ms=200", "verified")] * 3 +
    [("2", "fault=verdict-404", "failed")])
FLASHES = int(os.environ["SOAK"])
# A thousand flashes are 25 rounds, and no number is less than ten.
ROUND = [("1000a%s%04d" % (group, number), EACH + "," + spec, end)
         for number, (group, spec, end) in enumerate(
             KINDS * max(1, FLASHES // (25 * len(KINDS))))]
ROUNDS = FLASHES // len(ROUND)
LOADS = -(-FLASHES // (ROUNDS // 2))    # in a round of the first half
REQUESTS = 1000 * len(ROUND)            # in a round


def devices():
    options = ["--device id=%s,%s" % (ident, spec) for ident, spec, _ in ROUND]
    print(" ".join(options + ["--device id=%s,fault=never-fetch" % GUEST]))


class Changes(threading.Thread):
    """Who has reached an end behind an attempt of its own."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.socket.sendall(b'{"v":1,"do":"monitor"}\n')
        self.begun, self.ended = set(), {}

    def run(self):
        for line in self.socket.makefile():
            device = json.loads(line).get("device")
            if device is None:
                continue
            ident, state = device["id"], device["state"]
            if state == "offering":
                self.begun.add(ident)
            elif state in ("flashed", "verified", "failed") and \
                    ident in self.begun:
                self.ended[ident] = state

    def forget(self):
        self.begun.clear()
        self.ended.clear()


class Avahi:
    """An avahi-daemon, on the D-Bus of the test."""

    def __init__(self, conf):
        self.conf, self.process = conf, None

    def start(self):
        os.makedirs("/run/avahi-daemon", exist_ok=True)
        for name in os.listdir("/run/avahi-daemon"):
            os.unlink("/run/avahi-daemon/" + name)
        self.process = subprocess.Popen(
            ["avahi-daemon", "-f", self.conf, "--no-drop-root",
             "--no-chroot", "--no-rlimits"], stderr=subprocess.DEVNULL)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def plug_strangers():
    lan.ip("netns", "add", "strangers")
    lan.ip("link", "add", "eth1", "type", "veth", "peer", "name", "eth0", "netns",
       "strangers")
    lan.ip("address", "add", "10.66.0.1/24", "dev", "eth1")
    lan.ip("link", "set", "eth1", "up")
    for words in (("address", "add", "10.66.0.2/24", "dev", "eth0"),
                  ("link", "set", "eth0", "up"),
                  ("route", "add", "224.0.0.0/4", "dev", "eth0")):
        lan.ip("-n", "strangers", *words)


def unplug_strangers():
    lan.ip("link", "del", "eth1")
    lan.ip("netns", "del", "strangers")


def interrupt():
    """The LAN of the devices goes down and up; routes are gone with it."""
    lan.ip("link", "set", "eth0", "down")
    lan.ip("link", "set", "eth0", "up")
    lan.ip("route", "add", "default", "dev", "eth0")
    lan.ip("route", "add", "224.0.0.0/4", "dev", "eth0")


STRANGER = """
import sys
import time
sys.path.insert(0, %r)
import mdns_say
class Options:
    port, address, name, txt, a = 8081, "10.66.0.2", None, None, ["10.66.0.2"]
    service = "_ewelink._tcp"
s = mdns_say.open_socket("10.66.0.2")
for n in range(%d, %d):
    Options.id = "1fff%%06x" %% n
    device = mdns_say.Device(Options)
    s.sendto(mdns_say.response(device.records(ttl=%d) + device.hosts(ttl=%d)),
             mdns_say.GROUP)
    time.sleep(0.002)  # more at once would be lost in the sockets' buffers
"""


def strangers_come(number):
    subprocess.run(
        ["ip", "netns", "exec", "strangers", sys.executable, "-B", "-c",
         STRANGER % (HERE,
                     number * STRANGERS, (number + 1) * STRANGERS, TTL, TTL)],
        check=True)


class Life:
    def __init__(self, folder, conf):
        self.folder, self.avahi = folder, Avahi(conf)
        self.shim = folder + "/shim"
        os.mkdir(self.shim)
        self.rows, self.statuses = [], {}
        self.loads = self.outages = 0
        self.daemon = daemon = lan.Daemon(
            folder, limits=dict(GoneSec=1, FirstFetchSec=86400,
                                FlashTimeoutSec=86400, VerdictSec=86400),
            server=dict(CheckSource="no"),
            discovery=dict(Backend="auto", RequerySec=2,
                           MaxDevices=MAX_DEVICES))
        for name, payload in ("fw", "unknown"), ("lite", "tasmota-lite"):
            lan.make_image("%s/%s.bin" % (daemon.images, name), "small",
                           "--payload", payload)
        self.write_policies(0)
        self.fill_history()

    def write_policies(self, number):
        """Each time somewhat different."""
        self.daemon.policy(
            "10-leave", dict(Image="fw.bin"),
            match=dict(DeviceId="1000a0* " + GUEST))
        self.daemon.policy(
            "10-failing", dict(Image="fw.bin", Attempts=1),
            match=dict(DeviceId="1000a2*"))
        self.daemon.policy(
            "20-tasmota", dict(Image="lite.bin"),
            match=dict(DeviceId="1000a1*"),
            verify=dict(Expect="tasmota", TimeoutSec=60),
            finish=dict(Command="DeviceName Hall %d" % number))
        self.daemon.policy(
            "30-%d" % (number % 7), dict(Action="ignore"),
            match=dict(DeviceId="1000d%d*" % (number % 10)))

    def fill_history(self):
        """As it is after years: full, so that each line drives others out."""
        os.makedirs(self.daemon.state, exist_ok=True)
        line = json.dumps(dict(
            time="2026-01-01T00:00:00Z", device="1000a00000", state="flashed",
            reason=None, policy="10-leave", image="fw.bin", sha256="0" * 64,
            bytes=40960, seconds=3)) + "\n"
        for part in ("", ".1", ".2", ".3", ".4"):
            with open(self.daemon.state + "/history.jsonl" + part, "w") as f:
                f.write(line * (HISTORY // len(line)))

    # ---- at rest --------------------------------------------------------

    def pids(self):
        """With the one reflash-scan; its name is that of the program."""
        scanner, = [pid for pid in soak_look.children(self.daemon.process.pid)
                    if soak_look.read("/proc/%d/comm" % pid) ==
                    "reflash-scan\n"]
        return {"reflashd": self.daemon.process.pid, "reflash-scan": scanner}

    def settle(self):
        """Until both have next to nothing to do for a second."""
        pids = self.pids().values()
        until = time.monotonic() + 60
        while time.monotonic() < until:
            before = [soak_look.cpu_seconds(pid) for pid in pids]
            time.sleep(1)
            if all(soak_look.cpu_seconds(pid) - was < 0.02
                   for pid, was in zip(pids, before)):
                return
        raise lan.Failure("it does not come to rest")

    def await_calls(self):
        """Devices that were flashed are asked now and then whether they are
        back, all six at a time.  Wait until no more is pending than before."""
        fewest = min((row["reflashd events"] for row in self.rows[1:]),
                     default=None)
        until = time.monotonic() + CALLS_SEC
        while fewest is not None and time.monotonic() < until:
            row = soak_look.process(
                self.shim, "reflashd", self.daemon.process.pid)
            if row["reflashd events"] <= fewest:
                return
            time.sleep(0.2)

    def look(self):
        self.settle()
        self.await_calls()
        row = {}
        for name, pid in self.pids().items():
            row.update(soak_look.process(self.shim, name, pid))
        row.update(soak_look.state(self.daemon.state))
        self.rows.append(row)

    # ---- a round --------------------------------------------------------

    def begin(self):
        for ident, _, _ in ROUND:
            lan.sim("leave", ident)
        self.avahi.start()
        plug_strangers()
        shim = dict(SOAK_SHIM=self.shim,
                    LD_PRELOAD=lan.BUILD + "/soak_shim.so",
                    GLIBC_TUNABLES="glibc.malloc.tcache_count=0")
        os.environ.update(shim)
        self.daemon.start()
        for key in shim:
            del os.environ[key]
        line = lan.wait(lambda: self.daemon.logged(
            GUEST + ".*told to download http"), 60, "an offer")[0]
        self.url = re.search(r"http://\S+", line).group(0)
        self.changes = Changes(self.daemon.control)
        self.changes.start()

    def load(self):
        size = os.path.getsize(self.daemon.images + "/fw.bin")
        return subprocess.Popen(
            [sys.executable, "-B", HERE + "/soak_load.py", self.url,
             str(size), str(REQUESTS)], stdout=subprocess.PIPE,
            universal_newlines=True)

    def served(self, process):
        out = process.communicate()[0]
        lan.expect(process.returncode, 0, "exit code of the requests")
        for status, count in json.loads(out).items():
            self.statuses[status] = self.statuses.get(status, 0) + count

    def switch_on(self, is_anew):
        """With their stock firmware; anew: as if they had never been here."""
        self.changes.forget()
        for ident, _, _ in ROUND:
            lan.sim("leave", ident)
            if is_anew:
                self.daemon.ask("forget", id=ident)
            lan.sim("come", ident)
        if not is_anew:
            seen = lan.report(self.folder + "/report")
            for ident, _, _ in ROUND:
                self.flash_again(ident, seen[ident]["address"])

    def flash_again(self, ident, address):
        """Once it is known to be where it is now."""
        def is_ordered():
            device = self.daemon.device(ident)
            return device["present"] and device["address"] == address and \
                self.daemon.ask("flash", id=ident, again=True)[1]["ok"]
        lan.wait(is_ordered, 60, ident + " is flashed again")

    def reload(self, number):
        for n in range(LOADS):
            self.write_policies(LOADS * number + n)
            lan.expect(self.daemon.ask("reload")[1]["ok"], True, "reload")
            self.loads += 1

    def looks(self, how):
        lan.wait(lambda: how in self.daemon.ask("status")[1]["discovery"],
                 90, "it looks for devices " + how)

    def outage(self):
        self.avahi.stop()
        unplug_strangers()
        interrupt()
        self.looks("with the embedded")

    def recover(self):
        plug_strangers()
        self.avahi.start()
        self.looks("through avahi-daemon")
        self.outages += 1

    def await_ends(self):
        want = {ident: end for ident, _, end in ROUND}
        try:
            lan.wait(lambda: self.changes.ended == want, 120, "")
        except lan.Failure:
            raise lan.Failure("not as they should have ended: %r" % [
                self.daemon.device(ident) for ident in want
                if self.changes.ended.get(ident) != want[ident]])

    def round(self, number, has_loads):
        strangers_come(number)
        has_outage = number % 5 == 0
        if has_outage:
            self.outage()
        self.switch_on(number % 2 == 0)
        load = self.load()
        if has_loads:
            self.reload(number)
        if has_outage:
            self.recover()
        self.await_ends()
        self.served(load)
        self.daemon.ask("history", id=ROUND[0][0])
        self.daemon.ask("devices")
        self.look()

    def live(self):
        start = time.monotonic()
        self.begin()
        self.look()
        for number in range(ROUNDS):
            self.round(number, number < ROUNDS // 2)
            row = self.rows[-1]
            print("round %d of %d after %d s: %d KiB; held are %d and %d "
                  "bytes, %d and %d descriptors" % (
                      number + 1, ROUNDS, time.monotonic() - start,
                      row["reflashd resident_kib"],
                      row["reflashd heap_bytes"],
                      row["reflash-scan heap_bytes"], row["reflashd fds"],
                      row["reflash-scan fds"]), flush=True)


def main(folder, conf, path):
    if ROUNDS < 10:
        sys.exit("SOAK is at least 100: fewer rounds tell nothing")
    life = Life(folder, conf)
    with lan.stopped_at_end(life.daemon):
        life.live()
        verdicts = soak_look.judge(life.rows, len(ROUND))
        with open(path, "w") as f:
            json.dump(dict(rows=life.rows, verdicts=verdicts,
                           statuses=life.statuses), f, indent=1)
        print("%d flashes, %d loads of the configuration, %d requests, %d "
              "outages" % (ROUNDS * len(ROUND), life.loads,
                           sum(life.statuses.values()), life.outages))
        for line in soak_look.table(verdicts):
            print(line)
        if not all(verdict["met"] for verdict in verdicts.values()):
            raise lan.Failure("something grows")


if sys.argv[1] == "devices":
    devices()
else:
    main(*sys.argv[1:])
