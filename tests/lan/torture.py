#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Kill reflashd at random moments while it flashes, and start it again.

torture.py [DEVICES KILLS SEED [RUNS-ARE-AT-MOST]]: runs reflash-sim with that
many devices until that many kills were done; prints the counts.
torture.py run FOLDER KILLS SEED: one such run, within the LAN; its last line
is its counts as JSON.

In the end each device must have booted the image once, be flashed in the
record, and have a whole history; a device notices if it is told to fetch
while it does, which is a breach.
"""
import collections
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

import lan

SECONDS = 240  # for a run
ATTEMPTS = 20  # three lost connections are the end of a download
# A device says nothing for 7 s if it has lost its connection three times.
LIMITS = dict(StallSec=12, FirstFetchSec=12, OfferTimeoutSec=10,
              GoneSec=1)
# What our death may do to a call of ours.
CUT_SHORT = "closed before the request was whole"


class Chaos:
    """Starts the daemon, and kills it again and again."""

    def __init__(self, daemon, chance, kills):
        self.daemon, self.chance, self.left = daemon, chance, kills
        self.killed_in = collections.Counter()

    def lifetime(self):
        """In its start, in the middle of things, or after some of them."""
        kind = self.chance.random()
        if kind < 0.2:
            return self.chance.uniform(0, 0.1)
        if kind < 0.7:
            return 0.05 + self.chance.expovariate(1.2)
        return self.chance.uniform(2, 6)

    def is_done(self):
        try:
            devices = self.daemon.devices()
        except (OSError, ValueError):
            return False
        self.states = {d["state"] for d in devices.values()}
        return len(devices) == len(lan.sim_devices()) and self.states <= {
            "flashed", "failed"}

    def run(self):
        until = time.monotonic() + SECONDS
        while True:
            self.states = {"starting"}
            self.daemon.launch()
            death = time.monotonic() + self.lifetime()
            while self.left == 0 or time.monotonic() < death:
                if self.is_done():
                    return
                if time.monotonic() > until:
                    raise lan.Failure("not done in %d s" % SECONDS)
                left = death - time.monotonic()
                time.sleep(lan.POLL if self.left == 0
                           else max(0, min(lan.POLL, left)))
            self.killed_in.update(self.states)
            self.daemon.kill()
            self.left -= 1
            time.sleep(self.chance.uniform(0, 0.8))


def check(daemon, sha, seen):
    """What each device must have seen, and what must be known of it."""
    history = daemon.history()
    for ident, saw in seen.items():
        ends = [e for e in history if e["device"] == ident]
        flashed = [e for e in ends if e["state"] == "flashed"]
        record = os.path.join(daemon.state, "devices", ident + ".json")
        with open(record) as f:
            lan.expect(json.load(f)["state"], "flashed", record)
        lan.expect((saw["boots"], saw["booted_sha256"]), (1, sha), ident)
        lan.expect([b for b in saw["breaches"] if b != CUT_SHORT], [], ident)
        lan.expect(len(flashed), 1, ident + ": flashed, in the history")
        lan.expect(ends[-1], flashed[0], ident + ": end of the history")
        if len(ends) < saw["flash_told"]:
            raise lan.Failure("%s: told %d times, %d ends in the history" % (
                ident, saw["flash_told"], len(ends)))
    lost = [name for name in os.listdir(os.path.join(daemon.state, "devices"))
            if "unreadable" in name]
    lan.expect(lost, [], "records set aside")
    return history


def run(folder, kills, seed):
    chance = random.Random(seed)
    daemon = lan.Daemon(folder, limits=dict(
        LIMITS, MaxParallel=chance.choice((8, 20, 50))))
    sha = lan.make_image(os.path.join(daemon.images, "image.bin"),
                         "valid", "--size", "163840")
    daemon.policy("10-all", dict(Image="image.bin", Attempts=ATTEMPTS))
    with lan.stopped_at_end(daemon):
        chaos = Chaos(daemon, chance, kills)
        chaos.run()
        seen = lan.report(os.path.join(folder, "report"))
        history = check(daemon, sha, seen)
    print(json.dumps(dict(
        devices=len(seen), kills=kills - chaos.left,
        boots=sum(d["boots"] for d in seen.values()),
        told=sum(d["flash_told"] for d in seen.values()),
        losses=sum(d["losses"] for d in seen.values()),
        history=len(history), states=chaos.killed_in)))


def start_run(folder, devices, kills, seed):
    """Its counts, or None after telling what was wrong."""
    chunk = random.Random(seed).choice((20, 100, 200))
    done = subprocess.run(
        [lan.SIM, "--quiet", "--report", os.path.join(folder, "report"),
         "--control", os.path.join(folder, "sim"), "--devices", str(devices),
         "--each", "chunk-ms=%d,reboot-ms=500" % chunk, "--",
         sys.executable, "-B", __file__, "run", folder, str(kills), str(seed)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        universal_newlines=True)
    if done.returncode not in (0, lan.BREACH):
        print(done.stdout, done.stderr[-2000:], sep="")
        print("FAIL: run with seed %d: exit code %d" % (
            seed, done.returncode))
        return None
    return json.loads(done.stdout.splitlines()[-1])


def torture(devices, kills, seed, most):
    total, states, runs = collections.Counter(), collections.Counter(), 0
    print("seed %d" % seed)
    while total["kills"] < kills:
        folder = tempfile.mkdtemp()
        counts = start_run(folder, devices, min(most, kills - total["kills"]),
                           seed + runs)
        if counts is None:
            print("what it wrote is in %s" % folder)
            return 1
        shutil.rmtree(folder)
        runs += 1
        states.update(counts.pop("states"))
        total.update(counts)
        print("run %d: %s" % (runs, ", ".join(
            "%d %s" % (n, word) for word, n in counts.items())), flush=True)
    print("%d runs: %s" % (runs, ", ".join(
        "%d %s" % (n, word) for word, n in total.items())))
    print("killed while some device was: " + ", ".join(
        "%s %d" % entry for entry in sorted(states.items())))
    return 0


def main():
    if sys.argv[1:2] == ["run"]:
        return run(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    numbers = [int(word) for word in
               sys.argv[1:] or (4, 6, os.environ.get("SEED") or 1)]
    return torture(*numbers[:3], *(numbers[3:] or [numbers[1]]))


if __name__ == "__main__":
    sys.exit(main())
