#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Ten mistakes: each is reported with its file and line, nothing starts with
them, a reload keeps what was in force, and a flash under way does not notice.
"""
import os
import shutil
import signal
import subprocess

import lan

DEVICES = "--devices 3 --each chunk-ms=80,reboot-ms=500"
# What is appended to which file, and what is said of it.
MISTAKES = [
    ("reflashd.conf", "[Server]\nPrt=8266",
     "there is no Prt= in [Server]; did you mean Port=?"),
    ("reflashd.conf", "Port=70000", "Port=70000: write a whole number from 1 to"),
    ("reflashd.conf", "[Limit]",
     "there is no section [Limit]; did you mean [Limits]?"),
    ("reflashd.conf.d/10-own.conf", "[Discovery]\nBackend=bonjour",
     "Backend=bonjour: write one of auto, avahi, embedded, none"),
    ("reflashd.conf.d/10-own.conf", "Device=192.168.1 1000a05bf6",
     "Device=192.168.1 1000a05bf6: 192.168.1 is not an IPv4 address"),
    ("policy.d/50-all.policy", "[Flash]\nAction=flush",
     "Action=flush: write one of flash, ask, observe, ignore"),
    ("policy.d/50-all.policy", "Sha256=abc",
     "Sha256=abc: not a SHA-256 checksum"),
    ("policy.d/50-all.policy", "Window=25:00-05:00",
     "Window=25:00-05:00: 25:00-05:00 is not a window"),
    ("policy.d/60-more.policy", "[Match]\nFirmware=>=",
     "Firmware=>=: there is no version after >="),
    ("policy.d/60-more.policy", "DeviceId",
     "DeviceId: neither [Section] nor Key=value; a comment begins with #"),
]
EX_CONFIG = 78  # systemd does not start it again
UNCHANGED = "reload: nothing has changed: %d mistakes in the configuration"


class Mistakes:
    """Made in the files of a daemon, and taken back."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.good = daemon.folder + "/good"

    def __enter__(self):
        """The beginnings of the lines that must be said."""
        shutil.copytree(self.daemon.policies, self.good)
        shutil.copy(self.daemon.conf, self.good)
        want = []
        for name, text, said in MISTAKES:
            path = os.path.join(self.daemon.folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "a+") as f:
                f.write(text + "\n")
                f.seek(0)
                want.append("%s:%d: %s" % (path, len(f.readlines()), said))
        return want

    def __exit__(self, *_):
        shutil.move(self.good + "/reflashd.conf", self.daemon.conf)
        shutil.rmtree(self.daemon.conf + ".d")
        shutil.rmtree(self.daemon.policies)
        shutil.move(self.good, self.daemon.policies)


def expect_told(lines, want, what):
    lines = [line.split("reflashd: ", 1)[-1] for line in lines]
    for beginning in want:
        found = [line for line in lines if line.startswith(beginning)]
        lan.expect(len(found), 1, "%s: lines that begin with %s" % (
            what, beginning))


def expect_no_start(daemon, code, *options):
    done = subprocess.run(
        [lan.BUILD + "/reflashd", "-c", daemon.conf, *options],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, universal_newlines=True, timeout=30)
    lan.expect(done.returncode, code, "exit code of reflashd")
    lan.expect(done.stdout, "", "output of reflashd")
    lan.expect(os.path.exists(daemon.control), False, "control socket")
    return done.stderr.splitlines()


def reload_by_signal(daemon, said):
    """Until it has said so once more."""
    before = len(daemon.logged(said))
    daemon.process.send_signal(signal.SIGHUP)
    lan.wait(lambda: len(daemon.logged(said)) > before, 20, said)


def expect_no_reload(daemon):
    """Neither by reflashctl nor by a signal."""
    with Mistakes(daemon) as want:
        unchanged = UNCHANGED % len(want)
        start = len(daemon.logged(""))
        text = daemon.ctl("reload", code=1)
        if "10 mistakes" not in text or want[0] not in text:
            raise lan.Failure("reflashctl reload says: " + text)
        expect_told(daemon.logged("")[start:], want + [unchanged], "reload")
        start = len(daemon.logged(""))
        reload_by_signal(daemon, unchanged)
        expect_told(daemon.logged("")[start:], want + [unchanged], "SIGHUP")


def plan(daemon):
    return {p["id"]: (p["action"], p["policy"])
            for p in daemon.ctl_json("plan")["plan"]}


def flash_through_reloads(daemon, folder, sha):
    """While they fetch: mistakes, and then another policy and image."""
    daemon.policy("50-all", dict(Image="first.bin"))
    daemon.ctl("reload")
    devices = daemon.wait_for_all({"downloading"}, 30)
    expect_no_reload(daemon)
    lan.make_image(daemon.images + "/first.bin", "valid-core3")
    daemon.policy("50-all", dict(Action="ignore"))
    daemon.ctl("reload")
    lan.expect({d["state"] for d in daemon.devices().values()},
               {"downloading"}, "states behind the reload")
    lan.expect({i: d["since"] for i, d in daemon.devices().items()},
               {i: d["since"] for i, d in devices.items()}, "since when")
    daemon.wait_for_all({"flashed"}, 60)
    for ident, seen in lan.report(folder + "/report").items():
        lan.expect((seen["booted_sha256"], seen["flash_told"],
                    seen["losses"], seen["breaches"]), (sha, 1, 0, []), ident)


def main(folder):
    daemon = lan.Daemon(folder, discovery=dict(Backend="embedded"))
    sha = lan.make_image(daemon.images + "/first.bin", "valid")
    daemon.policy("50-all", dict(Action="observe"))
    with Mistakes(daemon) as want:
        lines = expect_no_start(daemon, 1, "-t")
        expect_told(lines, want, "reflashd -t")
        lan.expect(len(lines), len(want), "lines of reflashd -t")
        print("\n".join(lines).replace(folder + "/", ""))
        expect_told(expect_no_start(daemon, EX_CONFIG), want, "reflashd")

    with lan.stopped_at_end(daemon):
        daemon.start()
        daemon.wait_for_all({"seen"}, 30)
        before = plan(daemon)
        expect_no_reload(daemon)
        lan.expect(plan(daemon), before, "plan behind a bad reload")
        daemon.policy("50-all", dict(Action="ignore"))
        reload_by_signal(daemon, "reload: the new configuration is in force")
        daemon.wait_for_all({"ignored"}, 10)
        flash_through_reloads(daemon, folder, sha)


lan.run(main, DEVICES)
