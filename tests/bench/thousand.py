#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A LAN of devices, flashed in one run: thousand.py RESULT [DEVICES]

At the pace of real devices: 100 ms for each 4 KiB, one connection at a time,
200 ms between two calls.  They are found by multicast DNS with the embedded
stack, then a policy is put there and the configuration loaded again.
reflashctl lists the devices all the while, a monitor follows each change, and
a third client asks for one of them every few milliseconds, to see pauses.
"""
import collections
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import bench

PARALLEL = 250
SIZE = 504848
CHUNK_MS = 100
REBOOT_MS = 3000
CALL_MS = 200       # between the end of one and the next
CALLS = 4           # info, unlock, info, flash
LIST_EVERY = 2      # seconds
SAMPLE_EVERY = 0.5


def bound_seconds(devices, gone):
    """What the devices' own pace allows, with so many at a time."""
    waves = -(-devices // PARALLEL)
    one = ((CALLS - 1) * CALL_MS + -(-SIZE // 4096) * CHUNK_MS +
           REBOOT_MS) / 1000
    return waves * (one + gone), one


class Sampler(threading.Thread):
    """Memory and processor time of programs, twice a second."""

    def __init__(self, pids):
        super().__init__(daemon=True)
        self.pids, self.rows = pids, []
        self.ended = threading.Event()
        self.began = time.monotonic()
        self.first = {name: bench.cpu_seconds(pid)
                      for name, pid in pids.items()}

    def run(self):
        while not self.ended.wait(SAMPLE_EVERY):
            row = dict(t=round(time.monotonic() - self.began, 2))
            for name, pid in self.pids.items():
                row[name + "_cpu"] = round(
                    bench.cpu_seconds(pid) - self.first[name], 3)
                row[name + "_kib"] = bench.kib(pid, "VmRSS")
            self.rows.append(row)


class Lister(threading.Thread):
    """How long reflashctl devices takes, every few seconds."""

    def __init__(self, daemon):
        super().__init__(daemon=True)
        self.daemon_, self.took = daemon, []
        self.ended = threading.Event()

    def run(self):
        while not self.ended.wait(LIST_EVERY):
            start = time.monotonic()
            subprocess.run(
                [os.path.join(bench.BUILD, "reflashctl"), "--socket",
                 self.daemon_.control, "devices"], check=True,
                stdout=subprocess.DEVNULL)
            self.took.append((time.monotonic() - start) * 1000)


class Monitor(threading.Thread):
    """Each device's state, and when so many were in it."""

    def __init__(self, daemon):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(daemon.control)
        self.socket.sendall(b'{"v":1,"do":"monitor"}\n')
        self.began = time.monotonic()
        self.states, self.bytes, self.rows = {}, {}, []
        self.changes = 0
        self.all_flashed = threading.Event()

    def follow(self, expected):
        self.expected = expected
        self.start()

    def note(self):
        count = collections.Counter(self.states.values())
        t = round(time.monotonic() - self.began, 2)
        if not self.rows or t - self.rows[-1]["t"] >= SAMPLE_EVERY:
            self.rows.append(dict(t=t, bytes=sum(self.bytes.values()),
                                  **count))
        if count["flashed"] == self.expected:
            self.end = time.monotonic()
            self.all_flashed.set()

    def run(self):
        for line in self.socket.makefile():
            device = json.loads(line).get("device")
            if device is None:
                continue
            self.changes += 1
            self.states[device["id"]] = device["state"]
            if device["progress"]:
                self.bytes[device["id"]] = device["progress"]["bytes"]
            self.note()


def save_ms(folder):
    """What it takes to write a small file so that it lasts, on this disk."""
    path, took = folder + "/try", []
    for _ in range(50):
        start = time.monotonic()
        with open(path + ".new", "w") as f:
            f.write("x" * 600)
            f.flush()
            os.fsync(f.fileno())
        os.rename(path + ".new", path)
        top = os.open(folder, os.O_RDONLY)
        os.fsync(top)
        os.close(top)
        took.append(1000 * (time.monotonic() - start))
    os.unlink(path)
    return bench.summary(took)


def status_count(daemon):
    return sum(daemon.ask("status")[1]["counts"].values())


def pause_of(watcher):
    """Milliseconds, as tests/lan/pause.py tells at its end."""
    watcher.send_signal(signal.SIGTERM)
    text = watcher.communicate()[0]
    return float(re.search(r"longest pause of the event loop: ([\d.]+) ms",
                           text).group(1)), text.strip()


def discover(lan, daemon, devices):
    """Seconds until all are known."""
    start = time.monotonic()
    daemon.start()
    lan.wait(lambda: status_count(daemon) == devices, 120,
             "all devices are known")
    return time.monotonic() - start


def scanner_pid(daemon):
    return bench.child(daemon.process.pid, "reflash-scan")


def flash(lan, daemon, devices):
    """From the reload that has a policy in it to the last device flashed."""
    monitor, lister = Monitor(daemon), Lister(daemon)
    pids = dict(daemon=daemon.process.pid, sim=os.getppid())
    own = sum(os.times()[:4])
    others, sampler = bench.Others(), Sampler(pids)
    watcher = subprocess.Popen(
        [sys.executable, "-B", lan.__file__.replace("lan.py", "pause.py"),
         daemon.control, str(daemon.process.pid), lan.sim_devices()[0][1]],
        stdout=subprocess.PIPE, universal_newlines=True)
    monitor.follow(devices)
    daemon.policy("50-all", dict(Image="fw.bin"),
                  rollout=dict(MaxParallel=PARALLEL))
    start = time.monotonic()
    daemon.ctl("reload")
    for thread in lister, sampler:
        thread.start()
    if not monitor.all_flashed.wait(1200):
        raise lan.Failure("not all are flashed: %s" % collections.Counter(
            monitor.states.values()))
    took = monitor.end - start
    for thread in lister, sampler:
        thread.ended.set()
        thread.join()
    pause, text = pause_of(watcher)
    for name, pid in pids.items():
        others.ran(bench.cpu_seconds(pid) - sampler.first[name])
    others.ran(sum(os.times()[:4]) - own)
    bench.say("   ", text)
    return dict(seconds=took, list_ms=bench.summary(lister.took),
                pause_ms=pause, samples=sampler.rows, progress=monitor.rows,
                changes=monitor.changes, others=others.share(),
                peak_kib=bench.kib(daemon.process.pid, "VmHWM"))


def check(lan, folder, devices):
    """Each was told once, fetched each byte once, and booted that image."""
    seen = lan.report(folder + "/report")
    sha = lan.sha256(folder + "/images/fw.bin")
    lan.expect(len(seen), devices, "devices")
    for device in seen.values():
        for key, want in dict(booted_sha256=sha, flash_told=1, boots=1,
                              breaches=[], verdict=0).items():
            lan.expect(device[key], want, "%s: %s" % (device["id"], key))
    return sum(device["ranges"] for device in seen.values())


def judge(result, name, facts, bound, devices):
    cpu = facts["samples"][-1]["daemon_cpu"] / facts["samples"][-1]["t"]
    facts.update(bound_seconds=bound, daemon_cpu=cpu, devices=devices)
    result.case(name, **facts)
    bench.say("  %s: %.1f s, bound %.1f s; daemon %.1f %% of a processor, "
              "%d KiB" % (name, facts["seconds"], bound, cpu * 100,
                          facts["peak_kib"]))
    result.aim(name + ": time beside the bound of the devices' own pace",
               facts["seconds"] / bound, 1.2)
    result.aim(name + ": processor of the daemon", cpu * 100, 40, "%")
    result.aim(name + ": resident set of the daemon",
               facts["peak_kib"] / 1024, 24, "MiB")
    result.aim(name + ": longest reflashctl devices",
               facts["list_ms"]["high"], 50, "ms")
    result.aim(name + ": longest pause of the event loop",
               facts["pause_ms"], 20, "ms")
    if facts["others"] > bench.MAX_OTHERS:
        result.doubt("%s: others had %.2f processors" % (
            name, facts["others"]))


def run(lan, result, folder, devices, gone):
    daemon = lan.Daemon(
        folder, limits=dict(MaxParallel=PARALLEL, ProbeTimeoutSec=15,
                            UnlockTimeoutSec=180, ConfirmTimeoutSec=30,
                            OfferTimeoutSec=30, FirstFetchSec=60, StallSec=60,
                            FlashTimeoutSec=600, VerdictSec=30,
                            LeaveTimeoutSec=90, GoneSec=gone, BackoffSec=30),
        discovery=dict(Backend="embedded"))
    lan.make_image(daemon.images + "/fw.bin", "valid")
    saved = save_ms(folder)
    with lan.stopped_at_end(daemon):
        known = discover(lan, daemon, devices)
        scanner_kib = bench.kib(scanner_pid(daemon), "VmHWM")
        bench.say("  %d devices known after %.1f s" % (devices, known))
        start = time.monotonic()
        daemon.ctl("plan")
        plan_ms = (time.monotonic() - start) * 1000
        facts = flash(lan, daemon, devices)
        ranges = check(lan, folder, devices)
        bound, one = bound_seconds(devices, gone)
        facts.update(known_seconds=known, save_ms=saved, parallel=PARALLEL,
                     plan_ms=plan_ms, ranges=ranges, scanner_kib=scanner_kib,
                     one_device_seconds=one)
        judge(result, "%d devices, GoneSec=%d" % (devices, gone), facts, bound,
              devices)


def main(path, devices="1000", gone="30"):
    folder = bench.enter_lan("--devices", devices, "--each",
                             "chunk-ms=%d,reboot-ms=%d" % (CHUNK_MS,
                                                           REBOOT_MS))
    import lan
    result = bench.Result("thousand", "libevent-core-2.1-7", "libjansson4",
                          "libavahi-core7")
    run(lan, result, folder, int(devices), int(gone))
    result.write(path)


main(*sys.argv[1:])
