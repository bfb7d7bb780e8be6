#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The file of an image changes while devices fetch it, even if the daemon is
killed in that moment: they boot what they were promised.
"""
import os

import lan

DEVICES = "--devices 8 --each chunk-ms=25,reboot-ms=500"
ATTEMPTS = 1  # another one would be promised what the file is then


def replace(path):
    lan.make_image(path + ".new", "valid-core3")
    os.rename(path + ".new", path)


def overwrite(path):
    lan.make_image(path + ".other", "esphome")
    with open(path + ".other", "rb") as source, open(path, "r+b") as f:
        f.write(source.read())


def truncate(path):
    os.truncate(path, 100000)


FATES = (replace, overwrite, truncate, os.remove)


def bytes_of(daemon, ident):
    progress = (daemon.device(ident) or dict(progress=None))["progress"]
    return progress["bytes"] if progress else 0


def promise(daemon, ident, fate):
    """A policy with an image of the device's own: its sha256."""
    name = "%s-%s.bin" % (fate.__name__, ident)
    sha = lan.make_image(os.path.join(daemon.images, name), "valid",
                         "--seed", str(int(ident, 16) % 1000))
    daemon.policy(ident, dict(Image=name, Attempts=ATTEMPTS),
                  dict(DeviceId=ident))
    return os.path.join(daemon.images, name), sha


def run(daemon, idents, killed):
    promised = {ident: promise(daemon, ident, fate)
                for ident, fate in zip(idents, FATES)}
    daemon.ctl("reload")
    for ident in idents:
        lan.wait(lambda: bytes_of(daemon, ident) > 0, 30, "bytes of " + ident)
    for (path, _), fate in zip(promised.values(), FATES):
        fate(path)
    lan.expect({daemon.state_of(ident) for ident in idents}, {"downloading"},
               "states as the files change")
    if killed:
        daemon.kill()
        daemon.start()
    daemon.wait_for_all({"flashed"}, 60, idents)
    return {ident: sha for ident, (_, sha) in promised.items()}


def check(folder, promised, killed):
    seen = lan.report(folder + "/report")
    for (ident, sha), fate in zip(promised.items(), FATES):
        have = seen[ident]
        lan.expect((have["booted_sha256"], have["boots"], have["flash_told"],
                    have["breaches"]), (sha, 1, 1, []), ident)
        print("%s: file %s%s: booted %.16s..., as promised" % (
            ident, {"replace": "replaced", "overwrite": "written over",
                    "truncate": "truncated", "remove": "deleted"}[
                        fate.__name__],
            ", reflashd killed" if killed else "", have["booted_sha256"]))


def main(folder):
    daemon = lan.Daemon(folder, limits=dict(GoneSec=1))
    idents = [ident for _, ident in lan.sim_devices()]
    rounds = (idents[:len(FATES)], False), (idents[len(FATES):], True)
    promised = {}
    with lan.stopped_at_end(daemon):
        daemon.start()
        for some, killed in rounds:
            now = run(daemon, some, killed)
            check(folder, now, killed)
            promised.update(now)
        for ident, device in daemon.devices().items():
            lan.expect(device["image"]["sha256"], promised[ident],
                       ident + ": the sha256 in its record")
        lan.expect({e["device"]: (e["state"], e["sha256"])
                    for e in daemon.history()},
                   {ident: ("flashed", sha)
                    for ident, sha in promised.items()}, "history")
        lan.expect(os.listdir(daemon.state + "/kept"), [], "kept copies")


lan.run(main, DEVICES)
