#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""How reflashd ends with each kind of new firmware, and with each thing that it
can do wrong, all at once.  Hooks hear of all of it, and bad hooks disturb nothing.

A row is what the device becomes, its image, what the policy says of it, and
how that ends: the state, its reason, a text in its detail, and what else must
be true of what the device saw.
"""
import base64
import json
import os
import urllib.parse

import lan

SECONDS = 170
MINI = ('{"NAME":"Sonoff Mini $ID","GPIO":[32,0,0,0,160,0,0,0,224,320,0,0,1,0],'
        '"FLAG":0,"BASE":1}')
SECRET = "so;geheim"
HALL = dict(Command="DeviceName Hall $ID")
FULL = dict(Upgrade="full.bin.gz")

ROWS = {}


def row(name, spec, policy, end, image="lite.bin", check=None):
    ROWS[name] = dict(spec=spec, policy=policy, end=end, image=image,
                      check=check)


def expecting(what, seconds=40, **finish):
    return dict(verify=dict(Expect=what, TimeoutSec=seconds), finish=finish)


def settings(seen, **want):
    for key, value in want.items():
        lan.expect(seen["tasmota"]["settings"].get(key), value, key)


# ------------------------------------------------- what it is to be in the end

def finished(device, seen):
    tasmota = seen["tasmota"]
    lan.expect((tasmota["version"], tasmota["variant"]),
               ("14.6.0", "tasmota"), "what runs")
    lan.expect((tasmota["template"], tasmota["module"]),
               ("Sonoff Mini " + seen["id"], 0), "template and module")
    settings(seen, DeviceName="Hall " + seen["id"])
    lan.expect([u["status"] for u in tasmota["upgrades"]], [200], "upgrades")
    # The order to upgrade, then all settings: one restart for them.
    lan.expect(len(tasmota["backlogs"]), 2, "Backlogs")


def by_minimal(device, seen):
    lan.expect([os.path.basename(u["url"]) for u in
                seen["tasmota"]["upgrades"]][-2:],
               ["fw-minimal.bin.gz", "fw.bin.gz"], "what it fetched")


def by_plain_minimal(device, seen):
    lan.expect([os.path.basename(u["url"]) for u in
                seen["tasmota"]["upgrades"]][-2:],
               ["fw-minimal.bin", "fw.bin"], "what it fetched")


def told_twice(device, seen):
    lan.expect(len([c for c in seen["tasmota"]["commands"]
                    if c.startswith("Upgrade 1")]), 2, "orders to upgrade")


def told_one_by_one(device, seen):
    told_twice(device, seen)
    lan.expect(len(seen["tasmota"]["backlogs"]), 1, "Backlogs")


def locked_up(device, seen):
    settings(seen, WebPassword=SECRET, DeviceName="Hall " + seen["id"])


def moved(device, seen):
    lan.expect(device["address"], seen["address"], "its address")


def still_lite(device, seen):
    lan.expect(seen["tasmota"]["variant"], "lite", "what runs")
    lan.expect([u["result"] for u in seen["tasmota"]["upgrades"]
                if u["result"] == "ok"], [], "upgrades that took")


def asked_nothing(device, seen):
    lan.expect(seen["tasmota"]["backlogs"], [], "Backlogs")


row("lite, finish, full", "after=tasmota",
    expecting("tasmota", Template=MINI, **HALL, **FULL),
    "verified - Tasmota 14.6.0 (tasmota)", check=finished)
row("no room, by minimal", "after=tasmota,free=400000",
    expecting("tasmota", **FULL), "verified - Tasmota 14.6.0 (tasmota)",
    check=by_minimal)
row("no room, by a plain minimal", "after=tasmota,free=400000",
    expecting("tasmota", Upgrade="plain.bin"),
    "verified - Tasmota 14.6.0 (tasmota)", check=by_plain_minimal)
row("to be left alone", "after=tasmota", expecting("tasmota"),
    "verified - Tasmota 14.2.0 (lite)", check=asked_nothing)
row("9.5 at another address", "after=tasmota,address=other",
    expecting("tasmota"), "verified - Tasmota 9.5.0 (lite)",
    image="old.bin", check=moved)
row("esphome", "after=esphome", expecting("esphome"),
    "verified - ESPHome 2024.10.3, as its native API says",
    image="esphome.bin", check=moved)
row("esphome, by its image", "after=esphome", expecting("auto"),
    "verified - ESPHome 2024.10.3", image="esphome.bin", check=moved)
row("esphome, heard once", "after=esphome,join-ms=200",
    expecting("esphome"), "verified - ESPHome 2024.10.3",
    image="esphome.bin")
row("access point", "after=ap", expecting("auto", **HALL),
    "flashed - access point")
row("never back", "after=ap", expecting("tasmota", 10),
    "failed not-seen-again nothing with the MAC")
row("stock again", "after=stock", expecting("tasmota"),
    "failed came-back-stock")
row("stock again, unheard", "after=stock", expecting("tasmota", 20),
    "failed came-back-stock")
row("another server", "after=other", expecting("tasmota", 10),
    "failed wrong-firmware its address answers")

# ------------------------------------------------------------ what goes wrong

row("password of nobody", "after=tasmota,fault=tasmota-401",
    expecting("tasmota"), "verified - with a password")
row("password of nobody, finish", "after=tasmota,fault=tasmota-401",
    expecting("tasmota", **HALL),
    "failed finish-failed the policy has none")
row("another password", "after=tasmota,password=other",
    expecting("tasmota", WebPasswordFile="PASSWORD", **HALL),
    "failed finish-failed another web password")
row("our password", "after=tasmota,password=" + SECRET,
    expecting("tasmota", WebPasswordFile="PASSWORD", **HALL),
    "verified - Tasmota", check=locked_up)
row("a password to set", "after=tasmota",
    expecting("tasmota", WebPasswordFile="PASSWORD", **HALL),
    "verified - Tasmota", check=locked_up)
row("nothing but a password", "after=tasmota",
    expecting("tasmota", WebPasswordFile="PASSWORD"), "verified - Tasmota")
row("cuts the password", "after=tasmota,fault=tasmota-cuts-password",
    expecting("tasmota", WebPasswordFile="PASSWORD"),
    "failed finish-failed WebPassword did not take")
row("another secret", "after=tasmota",
    expecting("tasmota", Command="MqttPassword geheim"),
    "verified - it cannot be asked whether MqttPassword took effect")
row("no password to read", "after=tasmota",
    expecting("tasmota", WebPasswordFile="/nowhere", **HALL),
    "refused finish-not-ready WebPasswordFile=/nowhere")
row("slow", "after=tasmota,fault=tasmota-slow",
    expecting("tasmota", **HALL), "verified - Tasmota")
row("loses a command", "after=tasmota,fault=tasmota-loses-command",
    expecting("tasmota", Template=MINI, **HALL), "verified - Tasmota")
row("loses it for ever", "after=tasmota,tasmota-loses-always=DeviceName",
    expecting("tasmota", **HALL),
    "failed finish-failed DeviceName did not take")
row("restarts in the middle", "after=tasmota,fault=tasmota-restarts",
    expecting("tasmota", Template=MINI, **HALL), "verified - Tasmota")
row("loses its module", "after=tasmota,fault=module-lost",
    expecting("tasmota", Template=MINI),
    "failed finish-failed Module did not take")
row("another MAC", "after=tasmota,fault=tasmota-other-mac",
    expecting("tasmota", 10), "failed wrong-firmware says that its MAC is")
row("a page", "after=tasmota,fault=tasmota-html",
    expecting("tasmota", 10), "failed wrong-firmware not as Tasmota")
row("upgrade in vain", "after=tasmota,fault=upgrade-fails",
    expecting("tasmota", 20, **FULL),
    "failed finish-failed Upgrade: it still runs 14.2.0 (lite)")
row("upgrade never fetched", "after=tasmota,fault=upgrade-never-fetches",
    expecting("tasmota", **FULL),
    "failed finish-failed never downloaded the image")
row("stuck in minimal",
    # Of 11.1 and later: it knows no Status, and only the kernel can tell.
    "after=tasmota,free=400000,fault=upgrade-stuck-minimal",
    expecting("tasmota", 20, **FULL),
    "verified - Tasmota 14.6.0 (tasmota)", check=told_one_by_one)
row("stuck in a minimal that talks",
    "after=tasmota,free=400000,fault=upgrade-stuck-minimal+minimal-talks",
    expecting("tasmota", 20, **FULL),
    "verified - Tasmota 14.6.0 (tasmota)", check=told_twice)
row("cannot unpack", "after=tasmota,tasmota-version=8.1.0",
    expecting("tasmota", **FULL),
    "failed finish-failed Upgrade: only Tasmota 8.2 and later",
    check=asked_nothing)
row("too far", "after=tasmota,tasmota-version=8.5.0",
    expecting("tasmota", **FULL),
    "failed finish-failed the way to 14.6.0 goes by 9.1",
    check=asked_nothing)
row("no way by the minimal", "after=tasmota",
    expecting("tasmota", Upgrade="large.bin"),
    "failed finish-failed do not even fit beside tasmota-minimal.bin",
    check=still_lite)
row("template of later ones", "after=tasmota,tasmota-version=8.5.0",
    expecting("tasmota", Template=MINI),
    "failed finish-failed Template is one of Tasmota 9.1 and later",
    check=asked_nothing)
row("emptied", "after=tasmota", expecting("tasmota", Command="MqttUser 0"),
    "verified - Tasmota 14.2.0 (lite)")
row("no upgrade there", "after=tasmota",
    expecting("tasmota", Upgrade="missing.bin.gz"),
    "refused image-missing Upgrade=missing.bin.gz")
row("esphome, left", "after=esphome", expecting("leave"),
    "verified - ESPHome 2024.10.3", image="esphome.bin")
row("esphome, encrypted", "after=esphome,fault=esphome-encrypted",
    expecting("esphome"), "verified - ESPHome 2024.10.3, as it announces "
    "itself, and its native API wants encryption", image="esphome.bin")
row("esphome, web server", "after=esphome,fault=esphome-web",
    expecting("esphome"), "verified - ESPHome 2024.10.3, as it announces "
    "itself, and its web server has the page", image="esphome.bin")
row("esphome, updates only", "after=esphome,fault=esphome-only-ota",
    expecting("esphome"), "verified - ESPHome 2024.10.3, as it announces "
    "itself, and its port for updates", image="esphome.bin")
row("esphome, mute", "after=esphome,fault=esphome-mute",
    expecting("esphome", 20), "failed not-seen-again", image="esphome.bin")
row("esphome of another", "after=esphome,fault=esphome-other-mac",
    expecting("esphome", 10), "failed not-seen-again",
    image="esphome.bin")
row("esphome without API", "after=esphome,fault=esphome-no-api",
    expecting("esphome", 10), "failed not-seen-again", image="esphome.bin")
row("tasmota for esphome", "after=tasmota", expecting("esphome", 20),
    "failed wrong-firmware it runs Tasmota", image="own.bin")
row("tasmota's image for esphome", "after=tasmota", expecting("esphome", 20),
    "refused finish-not-ready it is Tasmota, and Expect=esphome")

NAMES = list(ROWS)


def ident(name):
    return "10001%05x" % NAMES.index(name)


def devices():
    return " ".join("--device=id=%s,chunk-ms=15,reboot-ms=500,%s" % (
        ident(name), r["spec"].replace(" ", "+")) for name, r in ROWS.items())


# ---------------------------------------------------------------------- hooks

def put_hooks(daemon):
    hooks = {
        "10-record": "(cat; echo \" $REFLASHD_OLD_STATE\") >>%s/record" %
                     daemon.folder,
        "20-hang": "while :; do wait; sleep 9; done",
        "30-fail": 'echo "about $REFLASHD_DEVICE"; exit 7',
        "40-flood": "exec yes $REFLASHD_DEVICE",
        "50-plain": "exit 0",
        "60-open": "exit 0",
        "70-env": "env >>%s/env" % daemon.folder,
    }
    for name, script in hooks.items():
        path = os.path.join(daemon.hooks, name)
        with open(path, "w") as f:
            f.write("#!/bin/sh\n%s\n" % script)
        os.chmod(path, {"50-plain": 0o644, "60-open": 0o757}.get(name, 0o755))


def hook_records(daemon):
    """(device, old state) in the order in which the hook was told."""
    with open(os.path.join(daemon.folder, "record")) as f:
        for line in f:
            record, old = line.rsplit(" ", 1)
            yield json.loads(record), old.strip()


def told_of_all(daemon, devices):
    last = {}
    for record, _ in hook_records(daemon):
        last[record["id"]] = record
    return all(last.get(i, {}).get("state") == d["state"]
               for i, d in devices.items())


def check_hooks(daemon, devices):
    lan.wait(lambda: told_of_all(daemon, devices), 20,
             "the hook is told of every end")
    state = {}
    for record, old in hook_records(daemon):
        if state.setdefault(record["id"], old) != old:
            raise lan.Failure("hook: %s was %s, not %s" % (
                record["id"], state[record["id"]], old))
        state[record["id"]] = record["state"]
    for pattern in ("hook 20-hang: .*it hangs; ended after 30 s",
                    r"hook 30-fail: .*failed \(exit status 7\)",
                    "hook 40-flood: .*more than 20 lines",
                    "hook 40-flood: .*it floods",
                    "hook 50-plain: .*not executable",
                    "hook 60-open: .*everybody may write"):
        lan.wait(lambda: daemon.logged(pattern), 40, pattern)
        lan.expect(len(daemon.logged(pattern)), 1, "lines: " + pattern)
    lan.expect(daemon.logged(r"hook (50-plain|60-open): \w+ is "), [], "refused hooks")
    if not daemon.logged("hook 30-fail: .*: about 1000100000"):
        raise lan.Failure("the output of a hook is not in the log")


# --------------------------------------------------------------------- the run

def check_end(device, seen, r):
    state, reason, text = (r["end"] + " ").split(" ", 2)
    lan.expect((device["state"], device["reason"] or "-"), (state, reason),
               "the end")
    if text.strip() not in device["detail"]:
        raise lan.Failure("%r has no %r" % (device["detail"], text.strip()))
    lan.expect(seen["flash_told"], state != "refused", "told to flash")
    lan.expect(seen["breaches"], [], "breaches")
    if state == "verified" and "Upgrade" in r["policy"]["finish"]:
        settings(seen, OtaUrl=None)  # its own again
    if r["check"] is not None:
        r["check"](device, seen)


def is_over(device, r):
    return device is not None and (
        device["state"] in ("verified", "failed") or
        r["end"].startswith(device["state"] + " "))


def compare(daemon, devices, folder):
    seen = lan.report(folder + "/report")
    wrong = 0
    for name, r in ROWS.items():
        try:
            check_end(devices[ident(name)], seen[ident(name)], r)
        except (lan.Failure, KeyError, TypeError) as e:
            print("%s (%s): %s [%s]" % (
                name, ident(name), e, devices.get(ident(name))))
            wrong += 1
    return wrong


def access_point(seen):
    low = int(seen["mac"].replace(":", "")[6:], 16)
    return "tasmota-%06X-%04d" % (low, low & 0x1fff)


def join_later(daemon, folder):
    """What was flashed long ago is verified and finished by itself."""
    name = ident("access point")
    point = access_point(lan.report(folder + "/report")[name])
    for where, text in (("show", daemon.ctl("show", name)),
                        ("history", daemon.ctl("--json", "history", name)),
                        ("log", "\n".join(daemon.logged(name + ".*flashed")))):
        for part in point, "http://192.168.4.1", "six times on and off":
            # reflashctl wraps its lines
            if part not in " ".join(text.split()):
                raise lan.Failure("%s has no %s: %s" % (where, part, text))
    lan.expect([r["state"] for r, _ in hook_records(daemon)
                if r["id"] == name][-1], "flashed", "what the hook was told")
    lan.sim("join", name)
    device = daemon.wait_for(name, "verified", 40)
    settings(lan.report(folder + "/report")[name], DeviceName="Hall " + name)
    return point, device["detail"]


def mute(daemon, name, fault):
    """How it announces itself from now on."""
    lan.wait(lambda: daemon.logged(name + ".*told to download"), 60,
             "an offer for " + name)
    lan.sim("set", name, "fault=" + fault)


def prepare(folder):
    daemon = lan.Daemon(
        folder, discovery=dict(Backend="embedded", RequerySec=3),
        limits=dict(MaxParallel=100, FirstFetchSec=12, FlashTimeoutSec=120))
    for name, kind, *options in (
            ("lite.bin", "small", "--payload", "tasmota-lite"),
            ("old.bin", "small", "--payload", "tasmota-9.5"),
            ("own.bin", "unknown"),
            ("esphome.bin", "small", "--payload", "esphome"),
            ("full.bin.gz", "tasmota-full-gz"),
            ("tasmota-minimal.bin.gz", "minimal-gz"),
            ("plain.bin", "small", "--payload", "tasmota-14.6",
             "--size", "450000"),
            ("large.bin", "valid", "--payload", "tasmota-14.6",
             "--size", "653000"),
            ("tasmota-minimal.bin", "minimal")):
        lan.make_image(os.path.join(daemon.images, name), kind, *options)
    password = os.path.join(folder, "password")
    with open(password, "w") as f:
        f.write(SECRET + "\n")
    for name, r in ROWS.items():
        finish = {k: password if v == "PASSWORD" else v
                  for k, v in r["policy"]["finish"].items()}
        daemon.policy("p" + ident(name), dict(Image=r["image"], Attempts=1),
                      match=dict(DeviceId=ident(name)),
                      verify=r["policy"]["verify"], finish=finish)
    put_hooks(daemon)
    return daemon


def texts(daemon):
    """Whatever others can read of it: (where, text)."""
    pid = str(daemon.process.pid)
    with open("/proc/%s/task/%s/children" % (pid, pid)) as f:
        pids = [pid] + f.read().split()
    paths = [daemon.log] + ["/proc/%s/%s" % (one, what) for one in pids
                            for what in ("cmdline", "environ")]
    paths += [os.path.join(daemon.folder, name) for name in ("record", "env")]
    paths += [os.path.join(at, name) for at, _, names in os.walk(daemon.state)
              for name in names]
    for path in paths:
        try:
            with open(path, errors="replace") as f:
                yield path, f.read()
        except (FileNotFoundError, ProcessLookupError):
            if not path.startswith("/proc/"):
                raise  # a hook may have ended meanwhile, nothing else
    for words in (["devices"], ["plan"], ["history"], ["status"],
                  ["show", ident("our password")]):
        yield " ".join(words), daemon.ctl("--json", *words)


def check_secrets(daemon):
    """The password is nowhere, nor in the form in which it is sent."""
    sent = base64.b64encode(b"admin:" + SECRET.encode()).decode()
    places = 0
    for where, text in texts(daemon):
        places += 1
        if SECRET in text or urllib.parse.quote(SECRET) in text or \
                sent in text:
            raise lan.Failure("the password is in " + where)
    lan.expect(places > len(ROWS), True, "places that were looked at")


def run(folder):
    daemon = prepare(folder)
    with lan.stopped_at_end(daemon):
        daemon.start("-D", "all")
        mute(daemon, ident("esphome, heard once"), "query-mute")
        mute(daemon, ident("stock again, unheard"), "mdns-mute")
        try:
            lan.wait(lambda: all(is_over(d.get(ident(n)), r)
                                 for d in [daemon.devices()]
                                 for n, r in ROWS.items()),
                     SECONDS, "all end")
        except lan.Failure as e:
            print(e)
        devices = daemon.devices()
        wrong = compare(daemon, devices, folder)
        check_hooks(daemon, devices)
        point, detail = join_later(daemon, folder)
        check_secrets(daemon)
    print("%d devices after their flash, %d not as they should; %s joined "
          "later: %s" % (len(ROWS), wrong, point, detail))
    return 1 if wrong else 0


lan.run(run, devices())
