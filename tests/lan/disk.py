#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""A state directory with which something is wrong: disk.py WHAT."""
import os
import re
import shutil
import subprocess
import sys

import lan

DEVICES = {
    "full": "--devices 3 --each chunk-ms=15,reboot-ms=500",
    "read-only": "--devices 4 --each chunk-ms=15,reboot-ms=500",
    "records": """--devices 2 --each chunk-ms=40,reboot-ms=500
        --device id=1000f00001,reboot-ms=500,fault=never-fetch*1"""}
LOST = "1000f00001"  # it was told to fetch, and does not
BROKEN = r"state: it cannot be saved: "
MENDED = r"state: it can be saved again"


def make_daemon(folder, name, devices, **limits):
    folder = os.path.join(folder, name)
    daemon = lan.Daemon(folder, limits=dict(GoneSec=1, **limits), discovery=dict(
        Backend="none", RequerySec=1,
        Device=[" ".join(device) for device in devices]))
    lan.make_image(daemon.images + "/first.bin", "valid")
    daemon.policy("50-all", dict(Image="first.bin"))
    return daemon


def mount(path, size):
    os.makedirs(path, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%d,mode=700" % size, "tmpfs",
                    path], check=True)


def remount(path, how):
    subprocess.run(["mount", "-o", "remount," + how, path], check=True)


def fill(path, leave=0):
    """But for so many bytes."""
    st = os.statvfs(path)
    with open(path + "/filler", "wb", buffering=0) as f:
        left = st.f_bavail * st.f_frsize - leave
        while left > 0:
            left -= f.write(bytes(min(left, 65536)))


def progress(daemon, ident):
    now = (daemon.device(ident) or dict(progress=None))["progress"]
    return now["bytes"] if now else 0


def requeries(folder, ident):
    return lan.report(folder + "/report")[ident]["requests"]["info"]


def expect_booted(folder, idents):
    seen = lan.report(folder + "/report")
    for ident in idents:
        have = seen[ident]
        lan.expect((have["boots"], have["flash_told"], have["breaches"]),
                   (1, 1, []), ident)


def expect_said(daemon, broken, mended, why):
    said = daemon.logged(BROKEN)
    lan.expect((len(said), len(daemon.logged(MENDED))), (broken, mended),
               "lines that say that it is broken, and that it is not")
    if why not in said[-1]:
        raise lan.Failure("%r is not in %r" % (why, said[-1]))
    print(re.sub(r"disk that holds \S+", "disk that holds ...", said[-1]))


def expect_history(daemon, idents):
    """Each is flashed once; what else was tried is there as well."""
    def flashed():
        return sorted(e["device"] for e in daemon.history()
                      if e["state"] == "flashed")
    lan.wait(lambda: len(flashed()) >= len(idents), 10, "history")
    lan.expect(flashed(), sorted(idents), "flashed in the history")


def expect_waits(daemon, folder, ident):
    """It is not begun, for as long as it is asked three times whether it
    is there."""
    daemon.wait_for(ident, "held", 20, "disk")
    asked = requeries(folder, ident)
    lan.wait(lambda: requeries(folder, ident) >= asked + 3, 20, "requeries")
    device = daemon.wait_for(ident, "held", 1, "disk")
    if "cannot be saved" not in device["detail"]:
        raise lan.Failure("%s is held: %s" % (ident, device["detail"]))


def begin_one(daemon, idents):
    """The one of the two that fetches, and the one that waits for it."""
    def busy():
        return [i for i in idents if progress(daemon, i) > 0]
    first, = lan.wait(busy, 30, "one of them fetches")
    second, = set(idents) - {first}
    lan.expect(daemon.wait_for(second, "held", 10, "slot")["detail"],
               "1 at a time", "what it waits for")
    return first, second


def full(folder, devices):
    """As it fills up: one is under way, and goes on to its end."""
    daemon = make_daemon(folder, "full", devices, MaxParallel=1)
    mount(daemon.state, 2 << 20)
    idents = [ident for _, ident in devices]
    with lan.stopped_at_end(daemon):
        daemon.start()
        first, second = begin_one(daemon, idents)
        fill(daemon.state)
        daemon.wait_for(first, "flashed")
        expect_waits(daemon, folder, second)
        expect_said(daemon, 1, 0, "is full")
        os.remove(daemon.state + "/filler")
        daemon.wait_for(second, "flashed")
        expect_said(daemon, 1, 1, "is full")
        expect_history(daemon, idents)
        expect_booted(folder, idents)


def nearly_full(folder, devices):
    """There is room for records, and none for a copy of the image."""
    daemon = make_daemon(folder, "nearly", devices)
    mount(daemon.state, 2 << 20)
    fill(daemon.state, 256 << 10)
    ident = devices[0][1]
    with lan.stopped_at_end(daemon):
        daemon.start()
        expect_waits(daemon, folder, ident)
        expect_said(daemon, 1, 0, "is full")
        lan.expect(len(daemon.logged("probing")), 1, "jobs that were begun")
        lan.expect(len(daemon.logged("this attempt is not counted: not-off")),
                   1, "lines that say that it was no attempt")
        os.remove(daemon.state + "/filler")
        daemon.wait_for(ident, "flashed")
        expect_said(daemon, 1, 1, "is full")
        expect_history(daemon, [ident])
        expect_booted(folder, [ident])


def read_only(folder, devices):
    """So it is found after a death in the middle of a flash."""
    daemon = make_daemon(folder, "read-only", devices, MaxParallel=1)
    mount(daemon.state, 4 << 20)
    idents = [ident for _, ident in devices]
    with lan.stopped_at_end(daemon):
        daemon.start()
        first, second = begin_one(daemon, idents)
        daemon.kill()
        remount(daemon.state, "ro")
        daemon.start()
        daemon.wait_for(first, "flashed")
        expect_waits(daemon, folder, second)
        expect_said(daemon, 1, 0, "is mounted read-only")
        remount(daemon.state, "rw")
        daemon.wait_for(second, "flashed")
        expect_said(daemon, 1, 1, "is mounted read-only")
        expect_history(daemon, idents)
        expect_booted(folder, idents)


def replaced(folder, devices):
    """By a copy of itself, and put back."""
    daemon = make_daemon(folder, "replaced", devices, MaxParallel=1)
    idents = [ident for _, ident in devices]
    with lan.stopped_at_end(daemon):
        daemon.start()
        first, second = begin_one(daemon, idents)
        os.rename(daemon.state, daemon.state + ".old")
        shutil.copytree(daemon.state + ".old", daemon.state)
        daemon.wait_for(first, "flashed")
        expect_waits(daemon, folder, second)
        expect_said(daemon, 1, 0, "was replaced by another while reflashd was "
                    "running: restart it")
        shutil.rmtree(daemon.state)
        os.rename(daemon.state + ".old", daemon.state)
        daemon.wait_for(second, "flashed")
        expect_said(daemon, 1, 1, "replaced by another")
        expect_history(daemon, idents)
        expect_booted(folder, idents)


def second(daemon):
    """Another daemon on the same directory ends at once."""
    done = subprocess.run(
        [lan.BUILD + "/reflashd", "-c", daemon.conf],
        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
        universal_newlines=True, timeout=30)
    want = ("%s is in use by process %d: a state directory is for one "
            "reflashd" % (daemon.state, daemon.process.pid))
    if done.returncode == 0 or want not in done.stderr:
        raise lan.Failure("the second daemon ends with %d: %r" % (
            done.returncode, done.stderr))
    daemon.ask("status")
    print(want.replace(daemon.state, "..."))


def damaged(folder, devices):
    """One record of three is garbage, and its device in the middle."""
    daemon = make_daemon(folder, "damaged", devices)
    idents = [ident for _, ident in devices]
    lost, others = LOST, [ident for ident in idents if ident != LOST]
    record = daemon.state + "/devices/%s.json" % lost
    with lan.stopped_at_end(daemon):
        daemon.start()
        second(daemon)
        daemon.wait_for(lost, "downloading", 30)
        for ident in others:
            lan.wait(lambda: progress(daemon, ident) > 0, 30, "bytes")
        daemon.kill()
        with open(record, "r+b") as f:
            f.write(b"\0garbage")
        daemon.start()
        daemon.wait_for(lost, "failed", 5, "record-lost")
        lan.expect(os.path.exists(record + ".unreadable-1"), True, "set aside")
        daemon.wait_for_all({"flashed"}, 60, others)
        expect_booted(folder, others)
        lan.expect(len(daemon.logged("set aside as")), 1, "lines that say so")
        print(daemon.logged("set aside as")[0])
        leave_alone(daemon, folder, lost)
        daemon.ctl("retry", lost)
        daemon.wait_for(lost, "flashed")
        expect_history(daemon, others + [lost])
        lan.expect(lan.report(folder + "/report")[lost]["breaches"], [], lost)


def leave_alone(daemon, folder, ident):
    """Also by the next daemon."""
    told = lan.report(folder + "/report")[ident]["flash_told"]
    daemon.stop()
    daemon.start()
    daemon.wait_for(ident, "failed", 5, "record-lost")
    lan.wait(lambda: lan.report(folder + "/report")[ident]["state"] == "stock",
             40, ident + " gives up")
    daemon.wait_for(ident, "failed", 5, "record-lost")
    lan.expect(lan.report(folder + "/report")[ident]["flash_told"], told,
               "how often it was told to download")


def main(folder, what):
    devices = lan.sim_devices()
    if what == "full":
        full(folder, devices[0:2])
        nearly_full(folder, devices[2:3])
    elif what == "read-only":
        read_only(folder, devices[0:2])
        replaced(folder, devices[2:4])
    else:
        damaged(folder, devices)


lan.run(main, DEVICES[sys.argv[1]])
