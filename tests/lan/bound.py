#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""An order is for the image that a person has seen, and says who gave it.

Files are replaced between the look and the order, and between the order and the
offer, also over a death of the daemon: no device gets another image than the one
that was meant.  A stranger orders nothing.
"""
import json
import os
import socket
import subprocess
import sys

import lan

ASKED, ORDERED, RETRIED, LATE, PLAIN = ("1000e2000%d" % n for n in range(1, 6))
DEVICES = " ".join("--device id=%s,chunk-ms=1,reboot-ms=200" % ident
                   for ident in (ASKED, ORDERED, LATE, PLAIN))
DEVICES += " --device id=%s,chunk-ms=1,reboot-ms=200,fault=verdict-410" % (
    RETRIED)
LIMITS = dict(MaxParallel=20, GoneSec=1, VerdictSec=3, LeaveTimeoutSec=5,
              FirstFetchSec=5)
STRANGER = 12345


class Files:
    """Two images, one of which has the name that the policies know."""

    def __init__(self, daemon):
        self.path = daemon.images + "/fw.bin"
        self.old = lan.make_image(daemon.folder + "/old", "valid", "--size",
                                  "81920")
        self.new = lan.make_image(daemon.folder + "/new", "valid", "--size",
                                  "86016")
        self.folder = daemon.folder

    def put(self, which):
        """In one step, as a person should."""
        with open("%s/%s" % (self.folder, which), "rb") as f:
            data = f.read()
        with open(self.path + ".tmp", "wb") as f:
            f.write(data)
        os.rename(self.path + ".tmp", self.path)


def refused(daemon, code, what, **args):
    answer = daemon.ask(what, **args)[1]
    lan.expect((answer["ok"], answer.get("code")), (False, code),
               "%s %s: %s" % (what, args, answer))
    return answer


def accepted(daemon, what, **args):
    answer = daemon.ask(what, **args)[1]
    lan.expect(answer["ok"], True, "%s %s: %s" % (what, args, answer))
    return answer


def ends(daemon, ident, state="flashed"):
    daemon.wait_for(ident, state, 30)
    return daemon.ctl_json("history", ident)["history"][-1]


def hears_of_the_other_image(daemon, files):
    """Who shows the image to a person must know of another one."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(20)
        s.connect(daemon.control)
        s.sendall(b'{"v":1,"do":"monitor"}\n')
        with s.makefile() as lines:
            lan.expect(json.loads(next(lines))["ok"], True, "monitor")
            accepted(daemon, "reload")
            for line in lines:
                device = json.loads(line).get("device")
                if device and device["id"] == ASKED and \
                        device["image"]["sha256"] == files.new:
                    return


def approve_what_was_seen(daemon, files):
    seen = daemon.wait_for(ASKED, "held", 20, "approval")["image"]
    lan.expect((seen["sha256"], seen["version"], bool(seen["label"])),
               (files.old, seen["version"], True), "what is shown")
    preview = accepted(daemon, "approve", id=ASKED, preview=True)
    lan.expect(preview["image"], seen, "preview")
    files.put("new")
    for verb in "approve", "flash":
        answer = refused(daemon, "ESTALE", verb, id=ASKED, sha256=files.old)
        for sha256 in files.old, files.new:
            lan.expect(sha256 in answer["error"], True, answer)
        lan.expect((answer["id"], answer["image"]["sha256"]),
                   (ASKED, files.new), verb)
    lan.expect(daemon.device(ASKED)["reason"], "approval", "nothing was done")
    hears_of_the_other_image(daemon, files)
    for bad in "", "abc", files.new[:-1], files.new + "0", "g" * 64:
        refused(daemon, "EINVAL", "approve", id=ASKED, sha256=bad)
    accepted(daemon, "pause")
    accepted(daemon, "approve", id=ASKED, sha256=files.new.upper(),
             who="web:alice")
    refused(daemon, "ESTALE", "approve", id=ASKED, sha256=files.old)
    refused(daemon, "EALREADY", "approve", id=ASKED, sha256=files.new)
    # Another file asks anew; with the first one back, the approval holds.
    files.put("old")
    accepted(daemon, "resume")
    daemon.wait_for(ASKED, "held", 20, "approval")
    daemon.kill()
    files.put("new")
    daemon.start()
    end = ends(daemon, ASKED)
    lan.expect((end["sha256"], end["who"]), (files.new, "web:alice"),
               "approved by")


def order_what_was_seen(daemon, files):
    """Ordered while all is paused; then the file is replaced."""
    accepted(daemon, "pause")
    refused(daemon, "ESTALE", "flash", id=ORDERED, image="fw.bin",
            sha256=files.old)
    preview = accepted(daemon, "flash", id=ORDERED, image="fw.bin",
                       preview=True)
    lan.expect((preview["image"]["sha256"], preview["held"]),
               (files.new, "paused"), "preview")
    lan.expect(daemon.device(ORDERED)["state"], "seen", "only a preview")
    accepted(daemon, "flash", id=ORDERED, image="fw.bin", sha256=files.new)
    daemon.kill()
    files.put("old")
    daemon.start()
    accepted(daemon, "resume")
    device = daemon.wait_for(ORDERED, "refused", 20, "image-changed")
    for sha256 in files.old, files.new:
        lan.expect(sha256 in device["detail"], True, device["detail"])
    refused(daemon, "EACCES", "retry", id=ORDERED)
    lan.expect(lan.report(daemon.folder + "/report")[ORDERED]["flash_told"], 0,
               "times told to download")
    files.put("new")
    daemon.ctl("reload")
    end = ends(daemon, ORDERED)
    lan.expect((end["sha256"], end["who"]), (files.new, "root"), "ordered by")


def retry_what_was_seen(daemon, files):
    daemon.wait_for(RETRIED, "failed", 30)
    lan.expect(daemon.ctl_json("history", RETRIED)["history"][-1]["who"], None,
               "a policy alone")
    lan.sim("set", RETRIED, "fault=none")
    refused(daemon, "ESTALE", "retry", id=RETRIED, sha256=files.old)
    lan.expect(daemon.device(RETRIED)["state"], "failed", "it stays so")
    accepted(daemon, "retry", id=RETRIED, sha256=files.new,
             who="J\u00fcrgen")
    end = ends(daemon, RETRIED)
    lan.expect((end["sha256"], end["who"]), (files.new, "J\u00fcrgen"),
               "retried by")


def replace_in_the_middle(daemon, files):
    """While the job asks the device, which has been told nothing yet."""
    lan.sim("set", LATE, "fault=unlock-hang")
    accepted(daemon, "flash", id=LATE, image="fw.bin", sha256=files.new)
    daemon.wait_for(LATE, "unlocking", 20)
    files.put("old")
    # Read anew for another device, so that the daemon knows of it.
    accepted(daemon, "flash", id=PLAIN, image="fw.bin", sha256=files.old)
    lan.sim("set", LATE, "fault=none")
    lan.wait(lambda: daemon.state_of(LATE) in ("refused", "flashed"), 30,
             "an end")
    device = daemon.device(LATE)
    if device["state"] == "refused":
        lan.expect(device["reason"], "image-changed", "refused")
    else:  # with the copy that the job has
        lan.expect(device["image"]["sha256"], files.new, "flashed")
    lan.expect(ends(daemon, PLAIN)["sha256"], files.old, "the other")


def say_who(daemon):
    for who, code in (("x" * 65, "EINVAL"), ("a\tb", "EINVAL"),
                      ("a\u202eb", "EINVAL"), (7, "EINVAL"),
                      ("x" * 64, "ok"), ("homeassistant", "ok"), ("", "ok")):
        answer = daemon.ask("label", id=PLAIN, label="l%s" % id(who),
                            who=who)[1]
        lan.expect("ok" if answer["ok"] else answer["code"], code, repr(who))
    lan.expect(len(daemon.logged("control: uid 0: label %s by homeassistant$" %
                                 PLAIN)), 1, "who and which user, in the log")
    lan.expect(bool(daemon.logged("control: uid 0: label %s by root$" % PLAIN)),
               True, "the user's name")
    os.environ["SUDO_USER"] = "anna"
    daemon.ctl("label", PLAIN, "hers")
    del os.environ["SUDO_USER"]
    lan.expect(len(daemon.logged("label %s by anna$" % PLAIN)), 1, "by sudo")


def a_stranger_orders_nothing(daemon):
    for path in (daemon.folder, os.path.dirname(daemon.control)):
        os.chmod(path, 0o755)
    before = daemon.devices()
    script = """
import json, os, socket, sys
s = socket.socket(socket.AF_UNIX)
os.setgroups([]); os.setgid(%d); os.setuid(%d)
s.connect(sys.argv[1])
for line in sys.stdin:
    s.sendall(line.encode())
    print(s.makefile().readline(), end="")
""" % (STRANGER, STRANGER)
    orders = [json.dumps(dict(v=1, do=verb, args=dict(id=PLAIN, who="root")))
              for verb in ("approve", "flash", "retry", "cancel", "forget",
                           "label")]
    orders += [json.dumps(dict(v=1, do=verb, args=dict(all=True)))
               for verb in ("approve", "flash", "cancel", "forget")]
    done = subprocess.run([sys.executable, "-c", script, daemon.control],
                          input="\n".join(orders) + "\n", check=True,
                          stdout=subprocess.PIPE, universal_newlines=True)
    lan.expect([json.loads(line).get("code") for line in
                done.stdout.splitlines()], ["EPERM"] * len(orders),
               "what a stranger is told")
    now = daemon.devices()
    lan.expect({i: d["state"] for i, d in now.items()},
               {i: d["state"] for i, d in before.items()}, "nothing was done")


def main(folder):
    daemon = lan.Daemon(folder, limits=LIMITS)
    files = Files(daemon)
    files.put("old")
    daemon.policy("10-ask", dict(Action="ask", Image="fw.bin"),
                  match=dict(DeviceId=ASKED))
    with lan.stopped_at_end(daemon):
        daemon.start()
        approve_what_was_seen(daemon, files)
        order_what_was_seen(daemon, files)
        daemon.policy("20-flash", dict(Image="fw.bin", Attempts=1),
                      match=dict(DeviceId=RETRIED))
        daemon.ctl("reload")
        retry_what_was_seen(daemon, files)
        replace_in_the_middle(daemon, files)
        say_who(daemon)
        a_stranger_orders_nothing(daemon)


lan.run(main, DEVICES)
