#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Images come into ImageDirectory as a whole, or not at all.

The daemon is sent good and bad ones, while it flashes, while its disk is full or
read-only, and while it is killed; no name that a flash uses gets another file.
"""
import fcntl
import hashlib
import json
import os
import socket
import subprocess

import lan

BUSY = "1000f00001"
DEVICES = ("--device id=%s,chunk-ms=300,reboot-ms=100 "
           "--device id=1000f00002,fault=encrypted" % BUSY)
SEALS = (fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW |
         fcntl.F_SEAL_SEAL)
KEYS = {"name", "kind", "version", "variant", "label", "size", "sha256",
        "verdict", "upgrade", "use", "reason", "detail", "advice", "notes",
        "policies"}
MOMENTS = 10  # at which it is killed: one for each call of an addition


def image(folder, kind="valid", *options):
    path = folder + "/made"
    lan.make_image(path, kind, *options)
    with open(path, "rb") as f:
        return f.read()


def add(daemon, name, data, size=None, sha256=None, **args):
    """The last line of the answer; None where the daemon died."""
    fd = os.memfd_create("test", os.MFD_ALLOW_SEALING)
    try:
        os.write(fd, data)
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, SEALS)
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(60)
            s.connect(daemon.control)
            args.update(name=name, size=len(data) if size is None else size,
                        sha256=sha256 or hashlib.sha256(data).hexdigest())
            socket.send_fds(s, [json.dumps(
                {"v": 1, "do": "image-add", "args": args}).encode() + b"\n"],
                [fd])
            with s.makefile() as lines:
                line = lines.readline()
                return json.loads(line) if line else None
    finally:
        os.close(fd)


def files(daemon):
    """The sha256 of each, also of those that are hidden."""
    return {name: lan.sha256(os.path.join(daemon.images, name))
            for name in os.listdir(daemon.images)}


def refused(answer, code, *words):
    if answer["ok"] or answer["code"] != code or \
            not all(word in answer["error"] for word in words):
        raise lan.Failure("%r instead of %s with %r" % (answer, code, words))
    print("%-7s %s" % (code, answer["error"]))


def listed(daemon):
    items, answer = daemon.ask("images")
    lan.expect(answer["ok"], True, "images")
    for item in items:
        lan.expect(set(item), KEYS, "keys")
    return {item["name"]: item for item in items}


def expect_added(daemon, folder):
    good = image(folder, "valid", "--size", "81920")
    lan.expect(listed(daemon), {}, "an empty folder")
    answer = add(daemon, "first.bin", good)
    lan.expect((answer["ok"], answer["changed"], answer["image"]["use"]),
               (True, True, "first"), "added")
    path = daemon.images + "/first.bin"
    lan.expect(os.stat(path).st_mode & 0o7777, 0o640, "mode")
    answer = add(daemon, "first.bin", good)
    lan.expect((answer["ok"], answer["changed"]), (True, False), "once more")
    daemon.policy("50-all", dict(Image="first.bin", Action="ask"))
    daemon.ask("reload")
    item = listed(daemon)["first.bin"]
    lan.expect((item["sha256"], item["policies"], item["verdict"]),
               (lan.sha256(path), ["50-all"], "accept"), "listed")
    return good


def expect_one_listed(daemon):
    lan.expect([i["name"] for i in daemon.ask("images", name="first.bin")[0]],
               ["first.bin"], "one by its name")
    lan.expect(daemon.ask("images", name="none.bin"),
               ([], dict(ok=True, folder=daemon.images)), "one that is not there")
    refused(daemon.ask("images", name="../x")[1], "EINVAL", "does not begin")


def expect_bad_ones_refused(daemon, folder, good):
    before = files(daemon)
    wrong = dict(name="x.bin", data=good)
    for args, code, *words in (
            (dict(wrong, size=len(good) - 1), "EINVAL", "were to come"),
            (dict(wrong, sha256="0" * 64), "EINVAL", "the checksum of"),
            (dict(wrong, name="../x.bin"), "EINVAL", "does not begin with"),
            (dict(wrong, name="a/x.bin"), "EINVAL", "has only letters"),
            (dict(wrong, name=".x"), "EINVAL", "does not begin with"),
            (dict(wrong, data=good[:-1]), "EACCES", "image-invalid"),
            (dict(wrong, data=b"<html>"), "EACCES", "image-invalid"),
            (dict(wrong, data=b""), "EINVAL", "it is empty"),
            (dict(wrong, data=bytes(5 << 20)), "EINVAL", "the most it may"),
            (dict(wrong, data=image(folder, "valid", "--size", "81920",
                                    "--seed", "5"), name="first.bin"),
             "EEXIST", "is another image (Tasmota")):
        refused(add(daemon, **args), code, *words)
    lan.expect(files(daemon), before, "the files after that")


def expect_replaced(daemon, folder):
    other = image(folder, "valid", "--size", "90112", "--seed", "6")
    add(daemon, "other.bin", image(folder, "valid", "--size", "102400"))
    refused(add(daemon, "other.bin", other), "EEXIST")
    lan.expect(add(daemon, "other.bin", other, replace=True)["changed"], True,
               "replaced")
    lan.expect(files(daemon)["other.bin"], hashlib.sha256(other).hexdigest(),
               "sha256")


def expect_busy_kept(daemon, folder, good):
    """While it is downloaded, and by the daemon that goes on with that."""
    other = image(folder, "valid", "--size", "98304", "--seed", "7")
    daemon.wait_for(BUSY, "held", reason="approval")
    lan.expect(daemon.ask("approve", id=BUSY)[1]["ok"], True, "approved")
    daemon.wait_for(BUSY, "downloading")
    refused(add(daemon, "first.bin", other, replace=True), "EBUSY", BUSY)
    lan.expect(add(daemon, "first.bin", good, replace=True)["changed"], False,
               "the same bytes")
    daemon.kill()
    daemon.start()
    refused(add(daemon, "first.bin", other, replace=True), "EBUSY", BUSY)
    daemon.wait_for(BUSY, "flashed")
    lan.expect(add(daemon, "first.bin", other, replace=True)["changed"], True,
               "replaced after the flash")


def expect_killed_leaves_nothing(daemon, folder):
    """Killed at each call: the old file or the new one, and nothing else."""
    old, new = (image(folder, "valid", "--size", "81920", "--seed", str(n))
                for n in (8, 9))
    sums = {hashlib.sha256(data).hexdigest(): what
            for data, what in ((old, "old"), (new, "new"))}
    add(daemon, "killed.bin", old)
    before = files(daemon)
    outcome = []
    for moment in range(MOMENTS):
        daemon.stop()
        daemon.env = dict(
            LD_PRELOAD=lan.BUILD + "/die_shim.so", DIE_AT=str(moment),
            ASAN_OPTIONS="verify_asan_link_order=0")
        daemon.start()
        answer = add(daemon, "killed.bin", new, replace=True)
        if answer is not None:
            raise lan.Failure("it was not killed at call %d" % moment)
        daemon.process.wait()
        daemon.env = {}
        daemon.start()
        after = files(daemon)
        outcome.append(sums[after["killed.bin"]])
        lan.expect(dict(after, **{"killed.bin": 0}),
                   dict(before, **{"killed.bin": 0}), "the other files")
        add(daemon, "killed.bin", old, replace=True)
    print("killed at call 0 to %d of an addition: %s" % (
        MOMENTS - 1, " ".join(outcome)))
    lan.expect(outcome, sorted(outcome, reverse=True), "first old, then new")
    lan.expect(set(outcome), {"old", "new"}, "both outcomes")


def mount(path, size):
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%d,mode=700" % size,
                    "tmpfs", path], check=True)


def expect_disks_named(daemon, folder):
    """On a small disk of its own, which is full and then read-only."""
    good = image(folder)
    daemon.stop()
    mount(daemon.images, 64 * 1024)
    daemon.start()
    refused(add(daemon, "full.bin", good), "ENOSPC", "is full", "make room")
    lan.expect(files(daemon), {}, "what is left on the full disk")
    subprocess.run(["mount", "-o", "remount,size=1m", daemon.images], check=True)
    lan.expect(add(daemon, "full.bin", good)["ok"], True, "with more room")
    subprocess.run(["mount", "-o", "remount,ro", daemon.images], check=True)
    refused(add(daemon, "ro.bin", good), "EROFS", "can only read")
    subprocess.run(["umount", daemon.images], check=True)


def expect_moved_folder_named(daemon, folder):
    """After a reload the sandbox still has the folder of the start only."""
    good = image(folder)
    elsewhere = folder + "/elsewhere"
    os.mkdir(elsewhere)
    with open(daemon.conf) as f:
        text = f.read()
    with open(daemon.conf, "w") as f:
        f.write(text.replace(daemon.images, elsewhere))
    lan.expect(daemon.ask("reload")[1]["ok"], True, "reload")
    if daemon.logged("sandboxed: Landlock"):
        refused(add(daemon, "a.bin", good), "EBUSY", "restart the daemon")
    with open(daemon.conf, "w") as f:
        f.write(text.replace(daemon.images, daemon.folder))
    daemon.ask("reload")
    refused(add(daemon, "a.bin", good), "EACCES", "a folder of its own")
    with open(daemon.conf, "w") as f:
        f.write(text.replace(daemon.images, elsewhere + "/none"))
    daemon.ask("reload")
    refused(daemon.ask("images")[1], "EIO", "make it with: install -d")
    with open(daemon.conf, "w") as f:
        f.write(text)
    daemon.ask("reload")


def main(folder):
    daemon = lan.Daemon(folder)
    with lan.stopped_at_end(daemon):
        daemon.start()
        good = expect_added(daemon, folder)
        expect_one_listed(daemon)
        expect_bad_ones_refused(daemon, folder, good)
        expect_replaced(daemon, folder)
        expect_busy_kept(daemon, folder, good)
        expect_killed_leaves_nothing(daemon, folder)
        if os.geteuid() == 0:
            expect_disks_named(daemon, folder)
        expect_moved_folder_named(daemon, folder)


lan.run(main, DEVICES)
