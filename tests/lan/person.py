#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""What people and policies decide: canaries, the stop after failures, approvals,
pauses, cancels and orders; and what reflashctl makes of them.

Seven daemons at once, each with devices and a port of its own.
"""
import collections
import contextlib
import fcntl
import json
import os
import re
import subprocess
import sys
import time
import traceback

import lan

CANARY, STOP, ASK, PERSON = "1000ca", "10005a", "1000a5", "1000b0"
SOAK, CANCELLED, VANISH = "100050", "1000cc", "1000fa"
LIMITS = dict(MaxParallel=20, GoneSec=1, VerdictSec=3, LeaveTimeoutSec=5,
              FirstFetchSec=5, BackoffSec=1)


def devices():
    """The options of reflash-sim: so many devices of each prefix."""
    for prefix, count, spec in (
            (CANARY, 10, ",fault=verdict-410"), (STOP, 10, ",fault=verdict-410"),
            (ASK, 3, ""), (SOAK, 3, ",chunk-ms=10"), (CANCELLED, 3, ""),
            (VANISH, 2, ""), (PERSON, 4, "")):
        for n in range(count):
            yield "--device=id=%s000%d,chunk-ms=1,reboot-ms=200,hang-s=5%s" % (
                prefix, n, spec)


def ids_of(prefix):
    return sorted(ident for _, ident in lan.sim_devices()
                  if ident.startswith(prefix))


class Stage(lan.Daemon):
    """A daemon that knows the devices of a prefix, and an image for them."""

    def __init__(self, folder, prefix, port):
        self.report_path = folder + "/report"
        self.ids = ids_of(prefix)
        folder = os.path.join(folder, prefix)
        os.makedirs(folder)
        super().__init__(folder, limits=LIMITS, server=dict(Port=port),
                         discovery=dict(Backend="none", RequerySec=1, Device=[
                             " ".join(device) for device in lan.sim_devices()
                             if device[1] in self.ids]))
        self.image = self.images + "/image.bin"
        self.sha = lan.make_image(self.image)

    def seen(self):
        with open(self.report_path + ".lock", "w") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX)
            report = lan.report(self.report_path)
        return {ident: report[ident] for ident in self.ids}

    def in_state(self, *states):
        """The ids of those that are."""
        return sorted(ident for ident, device in self.devices().items()
                      if device["state"] in states)

    def ends(self, *words):
        """(device, state, reason) as reflashctl history has it."""
        return [(e["device"], e["state"], e["reason"])
                for e in self.ctl_json("history", *words)["history"]]

    def heal(self):
        for ident in self.ids:
            lan.sim("set", ident, "fault=none")


def expect_untouched(stage, idents, what):
    """Asked who they are, at most, and nothing else."""
    seen = stage.seen()
    for ident in idents:
        asked = seen[ident]["requests"]
        lan.expect((asked["ota_unlock"], asked["ota_flash"], asked["other"],
                    seen[ident]["flash_told"], seen[ident]["bytes"]),
                   (0, 0, 0, 0, 0), "%s: %s: calls besides info" % (
                       what, ident))


def expect_said(stage, said, *words, code):
    text = stage.ctl(*words, code=code)
    if said not in text:
        raise lan.Failure("reflashctl %s: %r instead of %r" % (
            " ".join(words), text, said))
    return text


# ---- rollout --------------------------------------------------------------

def canary(stage):
    """The only one that goes fails; with another, that is well, all go."""
    stage.policy("50-all", dict(Image="image.bin", Attempts=1),
                 rollout=dict(Canary=1))
    stage.start()
    lost, = lan.wait(lambda: stage.in_state("failed"), 30, "a canary fails")
    rest = [ident for ident in stage.ids if ident != lost]
    for ident in rest:
        device = stage.wait_for(ident, "held", 10, "paused")
        if "resume 50-all" not in device["detail"]:
            raise lan.Failure("%s waits for: %s" % (ident, device["detail"]))
    expect_untouched(stage, rest, "canary failed")
    lan.expect(stage.ends(), [(lost, "failed", "device-error")], "history")
    print(stage.ctl("devices"), end="")

    stage.heal()
    stage.ctl("resume", "50-all")
    stage.wait_for_all({"flashed"}, 60, rest)
    lan.expect(stage.state_of(lost), "failed", "state of the first canary")
    order = [what for what, _ in begun_and_ended(stage) if what != "held"]
    lan.expect(order[:4],
               ["began", "ended", "began", "ended"], "one canary at a time")
    lan.expect(sum(s["boots"] for s in stage.seen().values()), len(rest),
               "boots")
    print("canary: 1 of 10 failed, 9 got nothing but info; after resume "
          "1 alone, then 8")


def begun_and_ended(stage):
    """("began", "ended" or "held", id) in the order of the log."""
    found = [re.search(
        r"device (\w+) \(.*?\): (probing|failed|flashed|held)\b", line)
             for line in stage.logged("device ")]
    return [(dict(probing="began", held="held").get(m.group(2), "ended"),
             m.group(1)) for m in found if m]


def expect_stopped(stage, parallel, failures):
    """
    No more than parallel at once, and none begun behind the failures; one that
    was not told to fetch by then is held again.
    """
    at_work, ended = set(), 0
    for what, ident in begun_and_ended(stage):
        if what == "held":
            at_work.discard(ident)
        elif what == "ended":
            at_work.discard(ident)
            ended += 1
            if ended == failures:
                lan.expect(len(at_work) < parallel, True, "others at work")
        elif ended >= failures:
            raise lan.Failure("%s began after %d failures" % (ident, ended))
        else:
            at_work.add(ident)
        if len(at_work) > parallel:
            raise lan.Failure("%d at work at once" % len(at_work))
    lan.expect(at_work, set(), "still at work")


def stop(stage):
    """All of them fail; those that have been told to fetch at the second
    failure are the last."""
    stage.policy("50-all", dict(Image="image.bin", Attempts=1),
                 rollout=dict(StopAfterFailures=2, MaxParallel=3))
    stage.start()
    lan.wait(lambda: len(stage.in_state("failed")) >= 2, 30, "two failures")
    stage.wait_for_all({"failed", "held"}, 30, stage.ids)
    lost = stage.in_state("failed")
    rest = stage.in_state("held")
    for ident in rest:
        stage.wait_for(ident, "held", 10, "paused")
    expect_stopped(stage, 3, 2)
    lan.expect(len(lost) in (2, 3, 4), True,
               "%s failed: 2 to 4" % len(lost))
    lan.expect(stage.in_state("failed"), lost, "failed, a while later")
    expect_untouched(stage, rest, "stopped")
    status = stage.ctl_json("status")
    lan.expect([(p["name"], p["paused"]) for p in status["policies"]],
               [("50-all", True)], "policies of status")
    resume_without_a_name(stage, lost, rest)

    stage.heal()
    stage.ctl("resume", "50-all")
    stage.wait_for_all({"flashed"}, 60, rest)
    lan.expect(stage.in_state("failed"), lost, "failed after resume")
    lan.expect(sorted(stage.ends()), sorted(
        [(i, "failed", "device-error") for i in lost] +
        [(i, "flashed", None) for i in rest]), "history")
    print("stop after 2 failures, 3 at a time: %d lost, %d held and flashed "
          "after resume" % (len(lost), len(rest)))


def pause_and_resume(stage, verb, *name):
    """What it says, and in JSON of what is paused then."""
    said = stage.ctl(verb, *name)
    undo = {"pause": "resume", "resume": "pause"}[verb]
    stage.ctl(undo, *name)
    paused = stage.ctl_json(verb, *name)["paused"]
    return said, paused["all"], paused["policies"]


def resume_without_a_name(stage, lost, rest):
    """It ends the pause without a name, and names what stays paused."""
    stays = "policy 50-all stays paused; to go on with it: reflashctl " \
        "resume 50-all\n"
    expect_said(stage, stays, "resume", code=2)
    lan.expect(stage.ask("resume")[1]["paused"],
               dict(all=False, policies=["50-all"]), "resume: paused")
    lan.expect(pause_and_resume(stage, "pause"),
               ("paused, no new flash is started\npolicy 50-all is paused, "
                "too; to go on with it: reflashctl resume 50-all\n", True,
                ["50-all"]), "pause")
    expect_said(stage, "it is paused already", "pause", code=2)
    expect_said(stage, "it is paused already", "pause", "50-all", code=2)
    stage.kill()
    stage.start()
    for ident in rest:
        stage.wait_for(ident, "held", 20)
    lan.expect(stage.ctl("resume"), "resumed\n" + stays, "resume")
    for ident in rest:
        device = stage.wait_for(ident, "held", 20, "paused")
        lan.expect(device["detail"].endswith(": reflashctl resume 50-all"),
                   True, device["detail"])
    lan.expect(stage.in_state("failed"), lost, "failed after that")
    stage.ctl("pause")
    lan.expect(stage.ctl("resume", "50-all"), "policy 50-all: resumed\n"
               "everything stays paused; to go on: reflashctl resume\n",
               "resume one")
    expect_said(stage, "everything stays paused", "resume", "50-all", code=2)
    lan.expect(stage.ctl("pause", "50-all"), "policy 50-all: paused, no new "
               "flash is started\neverything is paused, too; to go on: "
               "reflashctl resume\n", "pause one")
    stage.ctl("resume")
    lan.expect(stage.device(rest[0])["detail"], "policy 50-all is paused by "
               "root; to go on: reflashctl resume 50-all", "detail")
    expect_untouched(stage, rest, "resumed without a name")


def order_while_paused(stage, ident):
    """A pause of everything is for persons as well, and they are told."""
    stage.ctl("pause")
    said = stage.ctl("flash", ident)
    lan.expect(said, "device %s: to be flashed, but paused; to continue: reflashctl "
               "resume\n" % ident, "flash while everything is paused")
    stage.wait_for(ident, "held", 10, "paused")
    expect_untouched(stage, [ident], "paused")
    stage.ctl("resume")


def soak(stage):
    """What a person orders meanwhile does not let the others go."""
    stage.policy("50-all", dict(Image="image.bin", Attempts=1),
                 rollout=dict(Canary=1, SoakSec="1h"))
    stage.start()
    first, = lan.wait(lambda: stage.in_state("flashed"), 30, "a canary")
    ordered, *rest = [ident for ident in stage.ids if ident != first]
    for ident in [ordered] + rest:
        stage.wait_for(ident, "held", 10, "soak")
    order_while_paused(stage, ordered)
    stage.wait_for(ordered, "downloading", 20)
    for ident in rest:
        stage.wait_for(ident, "held", 10, "soak")
    stage.wait_for(ordered, "flashed", 30)
    asked = {i: stage.seen()[i]["requests"]["info"] for i in rest}
    lan.wait(lambda: all(stage.seen()[i]["requests"]["info"] > asked[i] + 1
                         for i in rest), 20, "requeries")
    for ident in rest:
        stage.wait_for(ident, "held", 10, "soak")
    expect_untouched(stage, rest, "soak")
    print("soak: an order went, and %d still wait" % len(rest))


def vanish(stage):
    """The canary goes away between two attempts: the next one takes its place,
    and it goes when that one has ended well."""
    for ident in stage.ids:
        lan.sim("set", ident, "fault=unlock-503")
    stage.policy("50-all", dict(Image="image.bin", Attempts=9),
                 rollout=dict(Canary=1))
    stage.start()
    first, = lan.wait(lambda: stage.in_state("unlocking"), 30, "a canary")
    other, = [ident for ident in stage.ids if ident != first]
    detail = stage.wait_for(other, "held", 10, "canary")["detail"]
    lan.expect(detail.startswith(first) and
               detail.endswith("; 0 of 1 has succeeded"), True, detail)
    stage.wait_for(first, "held", 30, "backoff")
    lan.sim("leave", first)
    stage.heal()
    stage.wait_for(other, "flashed", 60)
    lan.expect(stage.state_of(first), "held", "the first canary")
    lan.sim("come", first)
    stage.wait_for(first, "flashed", 30)
    print("vanish: the second of two was the canary, then the first went")


# ---- approval -------------------------------------------------------------

def ask(stage):
    """What was approved is one image, not a name."""
    first, second, third = stage.ids
    stage.policy("50-all", dict(Action="ask", Image="image.bin", Attempts=1))
    stage.start()
    for ident in stage.ids:
        device = stage.wait_for(ident, "held", 20, "approval")
        lan.expect(device["image"]["sha256"], stage.sha, "what is approved")
    expect_untouched(stage, stage.ids, "not approved")
    print(stage.ctl("approve", first), end="")
    stage.ctl("wait", first, "--state", "flashed", "--timeout", "30s")
    stage.ctl("approve", first, code=2)

    stage.ctl("pause")
    expect_said(stage, "it is paused already", "pause", code=2)
    lan.expect(stage.ctl_json("status")["paused"], True, "paused")
    stage.ctl("approve", second)
    stage.wait_for(second, "held", 10, "paused")
    sha = lan.make_image(stage.image, "small", "--seed", "7")
    lan.expect(sha == stage.sha, False, "the same image")
    stage.ctl("resume")
    expect_said(stage, "it is not paused", "resume", code=2)
    device = stage.wait_for(second, "held", 10, "approval")
    lan.expect(device["image"]["sha256"], sha, "what is approved")
    expect_untouched(stage, [second, third], "the image was replaced")
    lan.expect(stage.ctl_json("approve", "--all")["changed"], 2, "approved")
    stage.wait_for_all({"flashed"}, 30, stage.ids)
    expect_said(stage, "no device is waiting for approval", "approve", "--all",
                code=2)
    lan.expect({i: s["booted_sha256"] for i, s in stage.seen().items()},
               {first: stage.sha, second: sha, third: sha}, "booted")
    lan.expect({e["device"]: e["sha256"] for e in stage.history()},
               {first: stage.sha, second: sha, third: sha}, "history")
    print("approval: another file under the same name asked again")


# ---- a person -------------------------------------------------------------

@contextlib.contextmanager
def monitored(stage):
    """The events of reflashctl monitor meanwhile, which must be JSON."""
    events = []
    path = os.path.join(stage.folder, "monitor")
    with open(path, "w") as f:
        process = subprocess.Popen(
            [lan.BUILD + "/reflashctl", "--socket", stage.control, "--json",
             "monitor"], stdout=f)
    try:
        yield events
    finally:
        process.terminate()
        process.wait()
    with open(path) as f:
        events += [json.loads(line) for line in f]


def cancel_early(stage, ident):
    """While it unlocks: it is told nothing, and goes on with retry."""
    lan.sim("set", ident, "fault=unlock-hang")
    stage.ctl("flash", ident)
    stage.wait_for(ident, "unlocking", 20)
    print(stage.ctl("cancel", ident), end="")
    stage.wait_for(ident, "held", 5, "cancelled")
    lan.expect(stage.seen()[ident]["flash_told"], 0, "told to download")
    stage.ctl("wait", ident, "--state", "flashed", code=2)
    expect_said(stage, "nothing is under way", "cancel", ident, code=2)


def cancel_late(stage, ident):
    """Once it has been told to fetch, a cancel would be a lie."""
    lan.sim("set", ident, "chunk-ms=150")
    stage.ctl("flash", ident)
    stage.wait_for(ident, "downloading", 20)
    print(expect_said(
        stage, "told to download its image already; stopping now would not stop "
        "the device", "cancel", ident, code=1), end="")
    expect_said(stage, "it is being flashed", "flash", ident, code=2)
    expect_said(stage, "it is being flashed", "forget", ident, code=1)
    stage.ctl("wait", ident, "--state", "flashed", "--timeout", "0s", code=1)
    stage.ctl("pause")
    stage.ctl("wait", ident, "--state", "flashed", "--timeout", "60s")
    stage.ctl("resume")


def retry(stage, ident):
    """A failed one is left alone until a person says so."""
    lan.sim("set", ident, "fault=flash-424")
    stage.ctl("flash", ident)
    stage.ctl("wait", ident, "--timeout", "30s", code=4)
    stage.wait_for(ident, "failed", 1, "offer-refused")
    lan.sim("set", ident, "fault=none")
    expect_said(stage, "reflashctl retry " + ident, "flash", ident,
                code=2)
    print(stage.ctl("retry", ident), end="")
    device = json.loads(stage.ctl("--json", "wait", ident))["device"]
    lan.expect((device["state"], device["attempt"]), ("flashed", 1), "retry")
    expect_said(stage, "it has not failed", "retry", ident, code=2)


def again(stage, ident):
    """With an image of a person's own, although it was flashed already."""
    other = os.path.join(stage.folder, "other.bin")
    sha = lan.make_image(other, "small", "--seed", "9")
    expect_said(stage, "--again", "flash", ident, code=2)
    stage.ctl("flash", ident, "--image", other, "--again")
    lan.sim("come", ident)  # it may be found before it is held for absence
    stage.wait_for(ident, "downloading", 20)
    stage.ctl("wait", ident, "--timeout", "30s")
    seen = stage.seen()[ident]
    lan.expect(seen["booted_sha256"], sha, "booted")
    lan.expect([e["sha256"] for e in stage.history()
                if e["device"] == ident], [stage.sha, stage.sha, sha],
               "images: one refused, one flashed, one flashed again")


def no_image(stage, ident):
    """An order with a file of a person's own is not repeated with another."""
    expect_said(stage, "there is no image", "flash", ident, "--image",
                "missing.bin", code=3)
    lan.sim("set", ident, "fault=unlock-hang")
    stage.ctl("flash", ident, "--image", stage.image)
    stage.wait_for(ident, "unlocking", 20)
    stage.ctl("cancel", ident)
    expect_said(stage, "flash %s --image " % ident, "retry", ident, code=1)
    stage.wait_for(ident, "held", 5, "cancelled")


def forget(stage, ident):
    """It comes back as one that nothing is known of."""
    stage.ctl("forget", ident)
    device = stage.device(ident)  # it stands in the configuration
    lan.expect(device and device["image"], None, "image after forget")
    lan.sim("come", ident)
    stage.wait_for(ident, "seen", 20)


def not_found(stage):
    for words in (("show",), ("flash",), ("retry",), ("cancel",), ("forget",),
                  ("approve",)):
        expect_said(stage, "no such device", *words, "1000ffffff", code=3)
    for verb in "pause", "resume":
        expect_said(stage, "no such policy", verb, "60-none", code=3)
    stage.ctl("wait", "1000ffffff", "--timeout", "0s", code=3)


def expect_events(events, idents):
    """One for each change of a state, so each device has all of its steps."""
    states = collections.defaultdict(list)
    for event in events:
        if event["event"] == "change":
            states[event["device"]["id"]].append(event["device"]["state"])
    for ident in idents:
        for state in ("probing", "unlocking", "confirming", "offering",
                      "downloading", "rebooting", "flashed"):
            if state not in states[ident]:
                raise lan.Failure("monitor: %s was never %s, but %s" % (
                    ident, state, states[ident]))


def person(stage):
    early, late, failing, fresh = stage.ids
    stage.policy("50-all", dict(Action="observe", Image="image.bin",
                                Attempts=1))
    stage.start()
    stage.wait_for_all({"seen"}, 20, stage.ids)
    with monitored(stage) as events:
        cancel_early(stage, early)
        cancel_late(stage, late)
        lan.sim("set", early, "fault=none")
        stage.ctl("retry", early)
        retry(stage, failing)
        again(stage, failing)
        no_image(stage, fresh)
        not_found(stage)
        stage.ctl("wait", early)
        forget(stage, late)
    expect_events(events, [late, failing])
    lan.expect(sorted(stage.ends()), sorted([
        (early, "held", "cancelled"), (early, "flashed", None),
        (late, "flashed", None), (failing, "failed", "offer-refused"),
        (failing, "flashed", None), (failing, "flashed", None),
        (fresh, "held", "cancelled")]), "history")
    lan.expect(stage.ends(late), [(late, "flashed", None)], "history of one")
    lan.expect(("forgotten", late) in [(e["event"], e.get("id"))
                                       for e in events], True, "forgotten")
    print(stage.ctl("history"), end="")


# ---- what was cancelled ----------------------------------------------------

def expect_cancelled(stage, idents, what):
    """They are, and wait; nothing else is said of them anywhere."""
    for ident in idents:
        device = stage.wait_for(ident, "held", 20, "cancelled")
        lan.expect(device["detail"].startswith("cancelled by root"), True,
                   "%s: %s" % (what, device["detail"]))
        lan.expect([(p["action"], p["reason"]) for p in
                    stage.ctl_json("plan", ident)["plan"]],
                   [("hold", "cancelled")], what + ": plan")
    counts = stage.ctl_json("status")["counts"]
    lan.expect((counts["failed"], counts["held"]), (0, len(idents)), what)
    expect_untouched(stage, idents, what)


def look_again(stage):
    """Each answers who it is, and is decided about, with what is there now."""
    stage.ctl("reload")
    lan.wait(lambda: all(d["present"] for d in stage.devices().values()), 20,
             "all are there")


def cancelled(stage):
    """No image, no policy, no restart and no forgetting undoes it."""
    seen, waits, fresh = stage.ids
    ask = dict(Action="ask", Image="image.bin")
    stage.policy("50-ask", ask, match=dict(DeviceId=waits + " " + fresh))
    stage.start()
    stage.wait_for(seen, "seen", 20)
    for ident in waits, fresh:
        stage.wait_for(ident, "held", 20, "approval")
        stage.ctl("cancel", ident)
    stage.ctl("cancel", seen)
    expect_cancelled(stage, stage.ids, "at first")
    expect_said(stage, "is cancelled", "approve", waits, code=2)
    expect_said(stage, "cancelled already", "cancel", waits, code=2)

    stage.sha = lan.make_image(stage.image, "small", "--seed", "5")
    stage.policy("40-all", dict(Image="image.bin", Attempts=1),
                 rollout=dict(Canary=1, StopAfterFailures=1))
    look_again(stage)
    expect_cancelled(stage, stage.ids, "another image and policy")
    said = stage.ctl("forget", fresh)
    lan.expect("forgotten, but it stays cancelled" in said, True, said)
    look_again(stage)
    expect_cancelled(stage, stage.ids, "forgotten")
    stage.kill()
    stage.start()
    look_again(stage)
    expect_cancelled(stage, stage.ids, "another start")
    stage.ctl("wait", waits, code=2)

    stage.ctl("retry", seen)
    stage.wait_for(seen, "flashed", 30)
    stage.ctl("flash", fresh)
    stage.wait_for(fresh, "flashed", 30)
    expect_cancelled_alone(stage, waits)


def expect_cancelled_alone(stage, ident):
    """Behind the canary, where all others are done."""
    stage.wait_for(ident, "held", 5, "cancelled")
    lan.expect(stage.seen()[ident]["flash_told"], 0, "told to download")
    lan.expect([p["paused"] for p in stage.ctl_json("status")["policies"]],
               [False, False], "a policy is paused")
    print("cancelled: three stayed so through another image, policy and start")


def play(folder, act, prefix, port):
    """In a process of its own, whose output is kept for the end."""
    path = os.path.join(folder, act.__name__)
    pid = os.fork()
    if pid:
        return pid, path
    sys.stdout = open(path, "w")
    began, code = time.monotonic(), 1
    try:
        with lan.stopped_at_end(Stage(folder, prefix, port)) as stage:
            act(stage)
        print("%s: %.0f s" % (act.__name__, time.monotonic() - began))
        code = 0
    except SystemExit as e:
        print(e)
    except Exception:
        traceback.print_exc(file=sys.stdout)
    finally:
        sys.stdout.flush()
        os._exit(code)


def main(folder):
    plays = [play(folder, act, prefix, 8266 + n) for n, (act, prefix) in
             enumerate(((canary, CANARY), (stop, STOP), (ask, ASK),
                        (person, PERSON), (soak, SOAK),
                        (cancelled, CANCELLED), (vanish, VANISH)))]
    codes = [os.waitpid(pid, 0)[1] for pid, _ in plays]
    for _, path in plays:
        with open(path) as f:
            print(f.read())
    return max(codes) != 0


lan.run(main, " ".join(devices()))
