#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The first policy, as reflashctl propose prints it: reflashd -t has nothing to
say against it, it is piped into its place, and devices are flashed by it.  And
where there is nothing to propose, nothing is printed but the reason.
"""
import json
import os
import re
import subprocess
import sys

import lan

sys.path.insert(0, os.path.join(lan.HERE, "..", "ctl"))
import schema  # noqa: E402

DEVICES = """
    --device id=1000a00001,fw=3.6.0,chunk-ms=5,reboot-ms=200
    --device id=1000a00002,fw=3.3.0,chunk-ms=5,reboot-ms=200
    --device id=1000a00003,fw=3.7.6,chunk-ms=5,reboot-ms=200
    --device id=1000e00001,fault=encrypted
    --device id=1000e00002,model=minir3
    --device id=1000e00003,model=bulb
"""
PLUGS = ["1000a00001", "1000a00002", "1000a00003"]
UNFIT = ["1000e00001", "1000e00002", "1000e00003"]
FILE = "50-first.policy"


def propose(daemon, *words, code=0):
    """What it prints on its standard output, and the sentences for a person."""
    done = subprocess.run(
        [lan.BUILD + "/reflashctl", "--socket", daemon.control, "propose",
         *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=60)
    if done.returncode != code:
        raise lan.Failure("propose %s: exit code %d instead of %d: %s" % (
            words, done.returncode, code, done.stderr))
    if code:
        lan.expect(done.stdout, "", "standard output of a failure")
    return done.stdout, " ".join(done.stderr.split())


def expect_why(daemon, *parts, words=(), code):
    said = propose(daemon, *words, code=code)[1]
    for part in parts:
        if part not in said:
            raise lan.Failure("no %r in: %s" % (part, said))


def check(daemon):
    """reflashd -t has no warning: nothing comes before its last words."""
    done = subprocess.run(
        [lan.BUILD + "/reflashd", "-c", daemon.conf, "-t"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    lan.expect((done.returncode, done.stderr), (0, ""), "reflashd -t")
    if not done.stdout.startswith("The configuration is good.\npolicies: 1: "):
        raise lan.Failure("reflashd -t: " + done.stdout)


def put(daemon, text):
    with open(os.path.join(daemon.policies, FILE), "w") as f:
        f.write(text)
    check(daemon)


def ids_in(text):
    return [ident for line in re.findall(r"^DeviceId=(.*)", text, re.M)
            for ident in line.split()]


def nobody(daemon):
    """There is no device at all, and then none that can be flashed."""
    expect_why(daemon, "no device has been seen yet", "reflashctl doctor",
               code=2)
    expect_why(daemon, "no such device", words=["1000a00001"], code=3)


def nothing_fits(daemon):
    expect_why(daemon, "none of these devices can be flashed: 1000e00001 "
               "(eWeLink mode), 1000e00002 (ESP32 chip), 1000e00003 (",
               "reflashctl show 1000e00001", words=UNFIT, code=2)


def no_image(daemon):
    """What each image lacks, and the command that gets one."""
    expect_why(daemon, "reflashd has no image yet",
               "To get a first image: reflashctl download tasmota-lite", code=3)
    lan.make_image(daemon.images + "/minimal.bin", "minimal")
    lan.make_image(daemon.images + "/full.bin.gz", "tasmota-full-gz")
    expect_why(daemon, "none of the images that reflashd has can be a first "
               "image", code=3)
    expect_why(daemon, "minimal.bin cannot be the first image: ",
               "Use tasmota-lite as the first image",
               words=["--image", "minimal.bin"], code=1)
    expect_why(daemon, "nix.bin: there is no such image",
               words=["--image", "nix.bin"], code=3)
    lan.make_image(daemon.images + "/my lite.bin", "valid")
    expect_why(daemon, "a policy cannot name this file as it is",
               words=["--image", "my lite.bin"], code=1)


def every_kind_of_image(daemon):
    """Nothing to say against any of them that is accepted."""
    for kind in "valid", "esphome":
        name = kind + ".bin"
        sha = lan.make_image(daemon.images + "/" + name, kind)
        text, said = propose(daemon, "--image", name)
        put(daemon, text)
        lan.expect((ids_in(text), "Image=%s\n" % name in text,
                    "Sha256=%s\n" % sha in text), (PLUGS, True, True), kind)
        if "left out: 1000e00001 (eWeLink mode), 1000e0" not in said:
            raise lan.Failure("said: " + said)
        os.unlink(daemon.images + "/" + name)
    # Of an image with a warning, reflashd -t repeats just that, as it must.
    lan.make_image(daemon.images + "/big.bin", "valid-old")
    text = propose(daemon)[0]
    lan.expect("Image=big.bin\n" in text, True, "the only one there is")
    os.unlink(daemon.images + "/big.bin")


def some_devices(daemon):
    """By id, the start of it, a label or an address; the label is shown."""
    lan.make_image(daemon.images + "/tasmota-lite.bin", "valid")
    daemon.ctl("label", PLUGS[1], "hall")
    address = daemon.device(PLUGS[2])["address"]
    text, said = propose(daemon, "hall", address, UNFIT[0])
    put(daemon, text)
    lan.expect(ids_in(text), PLUGS[1:], "the devices that were named")
    lan.expect("# hall, 192.168.77." in text, True, "the label in a comment")
    if "2 devices, to be flashed with tasmota-lite.bin (Tasmota" not in said:
        raise lan.Failure("said: " + said)
    answer = json.loads(propose(daemon, "hall", "--json")[0])
    schema.check(answer, "propose")
    lan.expect(answer["proposal"]["ids"], [PLUGS[1]], "ids in JSON")
    text = propose(daemon, PLUGS[0])[0]
    put(daemon, text)
    lan.expect("Canary=" in text, False, "one device is no canary")


def an_earlier_policy(daemon):
    """It would go on deciding, and that is said."""
    daemon.policy("10-mine", dict(Action="observe"),
                  match=dict(DeviceId=PLUGS[0]))
    daemon.ctl("reload")
    lan.wait(lambda: daemon.device(PLUGS[0])["policy"] == "10-mine", 20,
             "the policy decides")
    said = propose(daemon)[1]
    if ("but policy 10-mine comes before 50-first and goes on deciding about "
            "1000a00001" not in said):
        raise lan.Failure("said: " + said)
    os.unlink(os.path.join(daemon.policies, "10-mine.policy"))
    daemon.ctl("reload")


def piped_into_its_place(daemon):
    """As the message says it, and then by its own words to the end."""
    path = os.path.join(daemon.policies, FILE)
    done = subprocess.run(
        "%s/reflashctl --socket %s propose | tee %s" % (
            lan.BUILD, daemon.control, path), shell=True, capture_output=True,
        text=True, timeout=60)
    print(done.stderr + done.stdout)
    with open(path) as f:
        lan.expect(f.read(), done.stdout, "what tee has written")
    lan.expect("Next: reflashctl reload, then reflashctl approve 1000a00001 "
               "(or --all)" in done.stderr, True, "what comes next")
    check(daemon)
    daemon.ctl("reload")
    for ident in PLUGS:
        daemon.wait_for(ident, "held", 20, "approval")
    daemon.ctl("approve", "--all")
    daemon.wait_for_all({"flashed"}, 90, PLUGS)
    order = [(entry["device"], entry["state"]) for entry in daemon.history()]
    lan.expect(sorted(order), [(ident, "flashed") for ident in PLUGS],
               "the history")
    for ident in UNFIT:
        lan.expect(daemon.state_of(ident), "seen", "state of " + ident)
    # What has its image is proposed no more.
    expect_why(daemon, "none of the known devices can be flashed", code=2)


def main(folder):
    daemon = lan.Daemon(folder, discovery=dict(Backend="none", RequerySec=1))
    with lan.stopped_at_end(daemon):
        daemon.start()
        nobody(daemon)
        daemon.stop()
        daemon.write_conf({}, {}, dict(Backend="embedded", RequerySec=2))
        daemon.start()
        lan.wait(lambda: [daemon.device(ident) and
                          daemon.device(ident)["flashable"]
                          for ident in PLUGS + UNFIT] ==
                 [True] * 3 + [False] * 3, 60, "all have said what they are")
        for step in (nothing_fits, no_image, every_kind_of_image, some_devices,
                     an_earlier_policy, piped_into_its_place):
            step(daemon)
    print("a first policy for those that can be flashed, without an editor")


lan.run(main, DEVICES)
