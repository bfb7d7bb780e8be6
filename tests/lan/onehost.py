#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""One host that claims to be fifty devices, at one address or at fifty, has one
slot while it fetches, and the end of its devices stops no other device.

It answers as each of them, at one address or at one for each, and fetches their images a byte at a time.
"""
import contextlib
import os
import re
import subprocess
import sys
import time

import lan

EACH = "chunk-ms=5,reboot-ms=200"
DEVICES = f"""
    --device id=2000a00001,{EACH}
    --device id=2000a00002,{EACH},fault=verdict-410
    --device id=2000a00003,{EACH}
    --device id=2000a00004,{EACH},fault=verdict-410
    --device id=2000a00005,{EACH}
    --device id=2000a00006,{EACH}
"""
REAL, BESIDE = "2000a00001", "2000a00006"  # behind the others in every list
BAD, GOOD = ("2000a00002", "2000a00004"), ("2000a00003", "2000a00005")
HOST, PORTS, COUNT = "10.66.0.5", ("8081", "8082"), 50
ADDRESSES = ["10.66.0.%d" % n for n in range(10, 10 + COUNT)]
PAIR = "2000c00001", "2000c00002"  # behind one repeater; a policy names them
SHARED = "2000b00001", "2000b00002"  # at one address, each with its port
SLOTS, STALL, FLASH = 4, 2, 60  # StallSec and FlashTimeoutSec
ATTACKERS = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                         "attackers.py")
ENDS = "failed|flashed|held"


@contextlib.contextmanager
def host(folder, *words, address=HOST):
    with open(os.path.join(folder, "host"), "w") as out:
        process = subprocess.Popen(
            ["ip", "netns", "exec", "evil", sys.executable, "-B", ATTACKERS,
             "host", address, *words, *PORTS], stdout=out)
    try:
        yield
    finally:
        process.kill()
        process.wait()


class Stage(lan.Daemon):
    def __init__(self, folder, devices=(), action="flash", **rollout):
        self.inventor = lan.Inventor(folder)
        lan.SCAN = self.inventor.program
        super().__init__(
            folder, discovery=dict(Backend="embedded", RequerySec=2,
                                   Device=list(devices)),
            limits=dict(MaxParallel=SLOTS, StallSec=STALL,
                        FlashTimeoutSec=FLASH, GoneSec=1))
        self.where = {ident: at for at, ident in lan.sim_devices()}
        lan.make_image(self.images + "/first.bin", "small")
        self.policy("10-all", dict(Image="first.bin", Attempts=1,
                                   Action=action),
                    match=dict(Type="diy_plug"), rollout=rollout)

    def invent(self, addresses=(HOST,) * COUNT):
        for n, address in enumerate(addresses):
            self.inventor.say("1000%06x" % n, address, "eth1")
        self.inventor.flush()

    def say(self, ident):
        self.inventor.say(ident, self.where[ident], "eth0")
        self.inventor.flush()

    def story(self):
        """("began" or how it ended, id) in the order of the log."""
        found = [re.search(r"device (\w+) \(.*?\): (probing|%s)\b" % ENDS,
                           line) for line in self.logged("device ")]
        return [("began" if m.group(2) == "probing" else m.group(2),
                 m.group(1)) for m in found if m]

    def invented(self, state):
        return [ident for ident, device in self.devices().items()
                if device["state"] == state and ident not in self.where]


def most_at_once(story):
    """How many of the host were ever at work at once."""
    at_work, most = set(), 0
    for what, ident in story:
        if what != "began":
            at_work.discard(ident)
        elif not ident.startswith("2000"):
            at_work.add(ident)
        most = max(most, len(at_work))
    return most


def slots(folder):
    """A real device waits for none of them."""
    stage = Stage(folder)
    with lan.stopped_at_end(stage), host(folder, "0", "1"):
        stage.start()
        stage.invent()
        first, = lan.wait(lambda: stage.invented("downloading"), 20, "one")
        others = lan.wait(lambda: len(stage.invented("held")) == COUNT - 1 and
                          stage.invented("held"), 20, "the others wait")
        device = stage.wait_for(others[-1], "held", 5, "slot")
        lan.expect(device["detail"], "%s is at work at the same address and "
                   "port, %s:8081" % (first, HOST), "what it waits for")
        begin = time.monotonic()
        stage.say(REAL)
        stage.wait_for(REAL, "flashed", 2 * FLASH)
        print("a real device was flashed in %.1f s" % (
            time.monotonic() - begin))
        device = stage.wait_for(first, "failed", 3 * FLASH, "stalled")
        print("%s: %s" % (first, device["detail"]))
        lan.expect("and downloaded only" in device["detail"], True, "its rate")
        lan.wait(lambda: len(stage.invented("failed")) > 1, 3 * FLASH,
                 "the next one")
        lan.expect(most_at_once(stage.story()), 1, "of the host at work")


def slots_of_many_addresses(folder):
    """Its MAC is the same at each of its addresses."""
    stage = Stage(folder)
    with lan.stopped_at_end(stage), host(folder, "0", "1", address="0.0.0.0"):
        stage.start()
        stage.invent(ADDRESSES)
        lan.wait(lambda: stage.invented("downloading"), 20, "one")
        # Each has been asked, or nothing would tell whose MAC it has.
        lan.wait(lambda: len(stage.logged("probing")) >= 2 * SLOTS or
                 len(stage.invented("failed")) >= SLOTS, 60, "more of them")
        held = most_held(stage)
        begin = time.monotonic()
        stage.say(BESIDE)
        lan.wait(lambda: stage.logged(BESIDE + ".*probing"), 3 * FLASH,
                 "a real device has a slot")
        waited = time.monotonic() - begin
        stage.wait_for(BESIDE, "flashed", 3 * FLASH)
        print("a host with %d addresses held %d of %d slots; a real device "
              "waited %.1f s, and was flashed in %.1f s" % (
                  COUNT, held, SLOTS, waited, time.monotonic() - begin))
        waiting = lan.wait(lambda: [
            d["detail"] for d in stage.devices().values()
            if d["reason"] == "slot" and "the same MAC" in d["detail"]], 20,
            "one says for whom it waits")
        print(waiting[0])
        # They wait for their turn, and have not failed of it.
        lan.wait(lambda: len(stage.invented("failed")) > 1, 3 * FLASH,
                 "the next one")
        for ident in stage.invented("failed"):
            stage.wait_for(ident, "failed", 1, "stalled")
        lan.expect((held, most_told(stage)), (1, 1), "of the host at work")


def most_held(stage):
    """How many of the host fetch at once, for as long as one may stall."""
    most, until = 0, time.monotonic() + STALL
    while time.monotonic() < until:
        most = max(most, len(stage.invented("downloading")))
        time.sleep(lan.POLL)
    return most


def most_told(stage):
    """How many of the host were ever told to fetch at once, by the log."""
    at_work, most = set(), 0
    for line in stage.logged("device 1000"):
        found = re.search(r"device (\w+) \(.*?\): (told to download|%s)" % ENDS,
                          line)
        if found and found.group(2) == "told to download":
            at_work.add(found.group(1))
        elif found:
            at_work.discard(found.group(1))
        most = max(most, len(at_work))
    return most


def repeater(folder):
    """Those that a policy names do not wait for each other."""
    stage = Stage(folder)
    stage.policy("05-pair", dict(Image="first.bin", Attempts=1),
                 match=dict(DeviceId=" ".join(PAIR)))
    with lan.stopped_at_end(stage), host(folder, "0", "1", address="0.0.0.0"):
        stage.start()
        for ident, address in zip(PAIR, ADDRESSES):
            stage.inventor.say(ident, address, "eth1")
        stage.inventor.flush()
        lan.wait(lambda: sorted(stage.invented("downloading")) ==
                 sorted(PAIR), 20, "both are at work")


def is_paused(stage):
    policy, = stage.ask("status")[1]["policies"]
    return policy["paused"]


def canary(folder, error, reason, bad, good):
    """However its devices fail, that stops nobody, but a real failure does."""
    stage = Stage(folder, Canary=1, StopAfterFailures=1)
    with lan.stopped_at_end(stage), host(folder, error, "1"):
        stage.start()
        stage.invent()
        lan.wait(lambda: len(stage.invented("failed")) > 1, 6 * STALL, "two")
        for ident in stage.invented("failed"):
            stage.wait_for(ident, "failed", 1, reason)
        lan.expect(is_paused(stage), False, "paused by inventions")
        failed = len(stage.invented("failed"))
        stage.say(bad)
        stage.wait_for(bad, "failed", 60, "device-error")
        lan.wait(lambda: is_paused(stage), 10, "it is paused by a real one")
        story = stage.story()
        before = story[:story.index(("began", bad))]
        more = sum(what == "failed" for what, _ in before) - failed
        print("%d of the host had failed, and %d more until a real one had its "
              "turn" % (failed, more))
        lan.expect(more <= 2, True, "inventions before a real one")
        lan.expect([what for what, _ in
                    story[story.index(("failed", bad)):] if what == "began"],
                   [], "begun behind a real failure")
        stage.ctl("resume", "10-all")
        stage.say(good)
        stage.wait_for(good, "flashed", 60)
        lan.expect(is_paused(stage), False, "paused")


def shared(folder):
    """Behind a router: they do not wait for each other."""
    stage = Stage(folder, ["%s:%s %s" % (HOST, *pair) for pair in
                           zip(PORTS, SHARED)], "ask")
    with lan.stopped_at_end(stage), host(folder, "0", "1"):
        stage.start()
        for ident in SHARED:
            stage.wait_for(ident, "held", 20, "approval")
        stage.ctl("approve", "--all")
        lan.wait(lambda: sorted(stage.invented("downloading")) ==
                 sorted(SHARED), 20, "both are at work")


def main(folder):
    lan.strangers_up()
    shared(os.path.join(folder, "shared"))
    repeater(os.path.join(folder, "repeater"))
    slots_of_many_addresses(os.path.join(folder, "addresses"))
    slots(os.path.join(folder, "slots"))
    canary(os.path.join(folder, "refusing"), "413", "image-too-large",
           BAD[0], GOOD[0])
    canary(os.path.join(folder, "slow"), "0", "stalled", BAD[1], GOOD[1])


lan.run(main, DEVICES)
