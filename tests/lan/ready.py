#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""What a policy needs after its flash is checked before it: where it is missing
the device is refused before it is asked anything, in the plan, in show and in
reflashd -t alike, and goes on by itself when that is put right.  What is lost
between the flash and its use is no failure of the device.
"""
import base64
import os
import signal
import subprocess
import urllib.error
import urllib.request

import lan

DEVICES = """
    --device id=1000d00001,after=tasmota
    --device id=1000d00002,after=tasmota,chunk-ms=200
    --device id=1000d00003,after=tasmota,chunk-ms=200
    --device id=1000d00004,after=tasmota,chunk-ms=200
    --device id=1000d00005,after=tasmota
    --device id=1000d00006,after=tasmota
"""
PLUG, GONE, RESTARTED, LOCKED_OUT, BY_ID, BY_MAC = (
    "1000d0000%d" % n for n in range(1, 7))


class Stage:
    def __init__(self, folder):
        self.daemon = lan.Daemon(folder)
        self.password = folder + "/password"
        self.put_password("geheim\n")
        for name, kind, *options in (
                ("lite.bin", "small", "--payload", "tasmota-lite"),
                ("old.bin", "valid-old"), ("esphome.bin", "esphome"),
                ("full.bin.gz", "tasmota-full-gz"),
                ("tasmota-minimal.bin", "minimal")):
            lan.make_image(self.image(name), kind, *options)

    def image(self, name):
        return os.path.join(self.daemon.images, name)

    def put_password(self, text, mode=0o600):
        # The daemon watches the file, and must not see it empty meanwhile.
        with open(self.password + ".new", "w") as f:
            f.write(text)
        os.chmod(self.password + ".new", mode)
        os.rename(self.password + ".new", self.password)

    def write(self, image="lite.bin", expect="tasmota", **finish):
        self.daemon.policy("50-plug", dict(Action="ask", Image=image),
                           match=dict(DeviceId=PLUG),
                           verify=dict(Expect=expect), finish=finish)

    def check(self):
        """The exit code of reflashd -t, and what it says."""
        done = subprocess.run(
            [lan.BUILD + "/reflashd", "-c", self.daemon.conf, "-t"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, universal_newlines=True, timeout=30)
        return done.returncode, done.stdout


def gone(path):
    """Missing, and put back."""
    def spoil(stage):
        os.rename(stage.image(path), stage.image(path) + ".away")
        return lambda: os.rename(stage.image(path) + ".away",
                                 stage.image(path))
    return spoil


def cut(path):
    """Half of it, and whole again."""
    def spoil(stage):
        with open(stage.image(path), "rb") as f:
            whole = f.read()

        def write(data):
            with open(stage.image(path), "wb") as f:
                f.write(data)
        write(whole[:len(whole) // 2])
        return lambda: write(whole)
    return spoil


def password(text, mode=0o600):
    def spoil(stage):
        stage.put_password(text, mode)
        return lambda: stage.put_password("geheim\n")
    return spoil


def no_password(stage):
    os.remove(stage.password)
    return lambda: stage.put_password("geheim\n")


def hooks(mode):
    def spoil(stage):
        os.chmod(stage.daemon.hooks, mode)
        return lambda: os.chmod(stage.daemon.hooks, 0o755)
    return spoil


def no_hooks(stage):
    os.rmdir(stage.daemon.hooks)
    return lambda: os.mkdir(stage.daemon.hooks)


def policy(**keys):
    """The policy itself is the fault: another one is put in its place."""
    def spoil(stage):
        stage.write(**keys)
        stage.daemon.ctl("reload")

        def mend():
            stage.write()
            stage.daemon.ctl("reload")
        return mend
    return spoil


FULL = dict(Upgrade="full.bin.gz")
LOCKED = dict(WebPasswordFile="PASSWORD")

# The [Finish], what becomes of its files, the reason and what is said.
CASES = [
    (FULL, gone("full.bin.gz"), "image-missing",
     "Upgrade=full.bin.gz: there is no image"),
    (FULL, cut("full.bin.gz"), "image-invalid", "Upgrade=full.bin.gz: "),
    (LOCKED, no_password, "finish-not-ready", "No such file or directory"),
    (LOCKED, password(""), "finish-not-ready", "it is empty"),
    (LOCKED, password("x" * 33), "finish-not-ready", "longer than 32 bytes"),
    (LOCKED, password("one\ntwo\n"), "finish-not-ready", "than one line"),
    (LOCKED, password("geheim\n", 0o606), "finish-not-ready",
     "everybody may write to "),
    ({}, hooks(0o757), "finish-not-ready", "everybody may write to "),
    ({}, no_hooks, "finish-not-ready", "there is no such folder"),
    ({}, policy(image="esphome.bin"), "finish-not-ready",
     "it is ESPHome, and Expect=tasmota"),
    ({}, policy(expect="esphome"), "finish-not-ready",
     "it is Tasmota, and Expect=esphome"),
    ({}, policy(image="esphome.bin", expect="auto", Module=0),
     "finish-not-ready", "only Tasmota can be set up"),
    ({}, policy(image="old.bin", **FULL), "finish-not-ready",
     "only Tasmota 8.2 and later can unpack"),
    ({}, policy(Upgrade="tasmota-minimal.bin"), "finish-not-ready",
     "Upgrade=tasmota-minimal.bin: "),
    ({}, policy(Upgrade="esphome.bin"), "finish-not-ready",
     "only a Tasmota can be put on a Tasmota"),
    ({}, policy(WebPasswordFile="no-such-credential"), "finish-not-ready",
     "that of a credential"),
]


def expect_in(text, part, where):
    if part not in " ".join(text.split()):
        raise lan.Failure("%s says nothing of %r: %s" % (where, part, text))


def lacks(stage, finish, spoil, reason, said):
    stage.write(**{k: stage.password if v == "PASSWORD" else v
                   for k, v in finish.items()})
    stage.daemon.ctl("reload")
    stage.daemon.wait_for(PLUG, "held", 10, "approval")
    mend = spoil(stage)
    # RequerySec=2 later at most, without a reload.
    stage.daemon.wait_for(PLUG, "refused", 10, reason)
    item, = [p for p in stage.daemon.ctl_json("plan")["plan"]
             if p["id"] == PLUG]
    lan.expect((item["action"], item["reason"]), ("refuse", reason), "plan")
    expect_in(item["detail"], said, "plan")
    expect_in(stage.daemon.ctl("show", PLUG), said, "show")
    expect_in(stage.daemon.ctl("flash", PLUG, code=1), said, "flash")
    code, text = stage.check()
    # Whether there is such a credential only the service knows.
    if "credential" not in said:
        lan.expect(code, 1, "exit code of reflashd -t: " + text)
        expect_in(text, said, "reflashd -t")
    print("%s: %s" % (reason, item["detail"].replace(
        stage.daemon.folder + "/", "/")))
    mend()
    stage.daemon.wait_for(PLUG, "held", 10, "approval")
    lan.expect(stage.check()[0], 0, "exit code of reflashd -t")


# --------------------------------------- what is lost once it has been flashed

def flash(stage, ident, **finish):
    """Until it fetches its first image."""
    stage.daemon.policy("60-" + ident, dict(Image="lite.bin", Attempts=1),
                        match=dict(DeviceId=ident),
                        verify=dict(Expect="tasmota", TimeoutSec=60),
                        finish=finish)
    stage.daemon.ctl("reload")
    stage.daemon.wait_for(ident, "downloading", 30)


def put_upgrade(stage, name):
    lan.make_image(stage.image(name), "tasmota-full-gz")
    return name


def upgraded(stage, ident):
    device = stage.daemon.wait_for(ident, "verified", 90)
    lan.expect(device["detail"], "Tasmota 14.6.0 (tasmota)", ident)


def lost(stage):
    """A file that vanishes, one that is spoilt before a restart, a password."""
    flash(stage, RESTARTED, Upgrade=put_upgrade(stage, "cut.bin.gz"))
    cut("cut.bin.gz")(stage)
    stage.daemon.kill()
    stage.daemon.start()
    flash(stage, GONE, Upgrade=put_upgrade(stage, "gone.bin.gz"))
    os.remove(stage.image("gone.bin.gz"))
    flash(stage, LOCKED_OUT, WebPasswordFile=stage.password)
    no_password(stage)
    device = stage.daemon.wait_for(LOCKED_OUT, "finishing", 60,
                                   "finish-not-ready")
    said = "its set-up waits: WebPasswordFile=%s: No such file" % \
        stage.password
    expect_in(device["detail"], said, "devices")
    expect_in(stage.daemon.ctl("plan"), said, "plan")
    print(device["detail"].replace(stage.daemon.folder + "/", "/"))
    upgraded(stage, RESTARTED)
    upgraded(stage, GONE)
    lan.expect(stage.daemon.state_of(LOCKED_OUT), "finishing", "still")
    stage.put_password("geheim\n")
    stage.daemon.wait_for(LOCKED_OUT, "verified", 40)


# ------------------------------------------------ a password for each device

def write_own(stage, ident, name):
    stage.daemon.policy("70-" + ident, dict(Image="lite.bin"),
                        match=dict(DeviceId=ident),
                        verify=dict(Expect="tasmota", TimeoutSec=60),
                        finish=dict(WebPasswordFile=name))


def refused_for(stage, ident, path):
    """Before anything is done to it, and the sentence names its file."""
    device = stage.daemon.wait_for(ident, "refused", 10, "finish-not-ready")
    expect_in(device["detail"], "%s: there is no such file: write the password "
              "of this device into it" % path, ident)
    return device


def answers(device, password):
    """The status that the pages of its Tasmota give to who has that."""
    http = urllib.request.Request(
        "http://%s/cm?cmnd=Status%%205" % device["address"], headers={
            "Authorization": "Basic " + base64.b64encode(
                b"admin:" + password.encode()).decode()})
    try:
        with urllib.request.build_opener(
                urllib.request.ProxyHandler({})).open(http, timeout=20) as r:
            return r.status
    except urllib.error.HTTPError as e:
        return e.code


def own(stage):
    folder = os.path.join(stage.daemon.folder, "own")
    write_own(stage, BY_ID, folder + "/$ID")
    write_own(stage, BY_MAC, folder + "/$MAC")
    code, text = stage.check()
    lan.expect(code, 1, "exit code of reflashd -t without the folder")
    expect_in(text, "70-%s.policy:11: WebPasswordFile=%s/$ID: %s: No such file"
              % (BY_ID, folder, folder), "reflashd -t")
    os.mkdir(folder, 0o700)
    lan.expect(stage.check()[0], 0, "exit code of reflashd -t")
    stage.daemon.ctl("reload")
    files = {BY_ID: os.path.join(folder, BY_ID)}
    refused_for(stage, BY_ID, files[BY_ID])
    device = stage.daemon.device(BY_MAC)
    files[BY_MAC] = os.path.join(folder, device["mac"].replace(":", ""))
    print(refused_for(stage, BY_MAC, files[BY_MAC])["detail"].replace(
        stage.daemon.folder + "/", "/"))
    for ident, other in (BY_ID, BY_MAC), (BY_MAC, None):
        with open(os.open(files[ident], os.O_CREAT | os.O_WRONLY, 0o600),
                  "w") as f:
            f.write("of " + ident)
        device = stage.daemon.wait_for(ident, "verified", 90)
        lan.expect([answers(device, "of " + i) for i in (BY_ID, BY_MAC)],
                   [200 if i == ident else 401 for i in (BY_ID, BY_MAC)],
                   "passwords of " + ident)
        if other is not None:
            refused_for(stage, other, files[other])


# ------------------------------------------------------- what a reload says

def policy_file(name, text):
    def put(stage):
        path = os.path.join(stage.daemon.policies, name)
        with open(path, "w") as f:
            f.write(text)
        return lambda: os.remove(path)
    return put


def setting(**keys):
    def put(stage):
        with open(stage.daemon.conf) as f:
            old = f.read()
        with open(stage.daemon.conf, "a") as f:
            f.write("\n[Server]\n" + "".join(
                "%s=%s\n" % item for item in keys.items()))

        def restore():
            with open(stage.daemon.conf, "w") as f:
                f.write(old)
        return restore
    return put


FLASH = "[Match]\nDeviceId=%s\n[Flash]\nAction=ask\nImage=%s\n"

OTHERS = ", 5 only observed"
WAITS = "1 device waits for approval" + OTHERS

# What is changed, what is said of it, as a problem or a warning, and what it
# means for the device; is it a matter of reflashd -t, too?
RELOADS = [
    (policy_file("10-x.policy", FLASH % (PLUG, "none.bin")), "problems",
     "10-x.policy:5: Image=none.bin: there is no image",
     "1 device refused: image-missing" + OTHERS, True),
    (policy_file("10-x.policy", FLASH % (PLUG, "tasmota-minimal.bin")),
     "problems", "Image=tasmota-minimal.bin: ",
     "1 device refused: image-minimal" + OTHERS, True),
    (policy_file("10-x.policy", FLASH % (PLUG, "~/x.bin")), "warnings",
     "Image=~/x.bin: ~ and $ stand for themselves here",
     "1 device refused: image-missing" + OTHERS, True),
    (policy_file("10-x.policy", FLASH % ("kitchen", "lite.bin")), "warnings",
     "DeviceId=kitchen fits no device", WAITS, True),
    (policy_file("90-x.policy", FLASH % (PLUG, "lite.bin")), "warnings",
     "90-x.policy: this policy is never used: 50-plug comes before it",
     WAITS, True),
    (policy_file("x.policy.txt", "?"), "warnings",
     "x.policy.txt: it is not read: only names that end in .policy",
     WAITS, True),
    (policy_file("50-plug.policy~", "?"), "warnings",
     "50-plug.policy~: it is not read", WAITS, True),
    (policy_file(".10-x.policy", "?"), "warnings",
     ".10-x.policy: it is not read", WAITS, True),
    (policy_file("10-x.policy", FLASH % (PLUG, "lite.bin") +
                 "[Match]\nAddress=8.8.8.8\n"), "warnings",
     "its Address= is outside of AllowNetworks=",
     WAITS, True),
    (policy_file("90-x.policy", "[Match]\nAddress=10.9.9.9\n[Flash]\n"
                 "Action=flash\nImage=lite.bin\n[Finish]\n"
                 "Command=MqttPassword geheim\n"), "warnings",
     "90-x.policy:7: Command=MqttPassword: anybody on the network can invent "
     "a device", WAITS, True),
    (setting(Port=8270), "warnings",
     "Port=8270 takes effect after: systemctl restart reflashd",
     WAITS, False),
    (setting(CheckSource="no"), None, "", WAITS,
     False),
    (policy_file("10-x.policy", "[Flash]\nAction=ignore\n"), "warnings",
     "50-plug.policy: this policy is never used: 10-x comes before it",
     "6 devices ignored", True),
]


def says_so(stage, put, kind, said, summary, by_check):
    restore = put(stage)
    before = len(stage.daemon.logged(""))
    text = stage.daemon.ctl("reload")
    found = stage.daemon.ctl_json("reload")
    lines = found["problems"] + found["warnings"]
    told = [line for line in found[kind] if said in line] if kind else []
    lan.expect(len(told), 1 if kind else 0, "%s of %s" % (kind, found))
    lan.expect(found["summary"], summary, "summary")
    lan.expect(text.splitlines(),
               ["configuration and policies read again", *lines, summary],
               "reflashctl reload")
    # systemctl reload of an installation without reflashctl.
    log = stage.daemon.logged("devices: ")
    stage.daemon.process.send_signal(signal.SIGHUP)
    lan.wait(lambda: len(stage.daemon.logged("devices: ")) > len(log), 10,
             "a reload by signal")
    logged = "\n".join(stage.daemon.logged("")[before:])
    for line in lines + ["devices: " + summary]:
        lan.expect(logged.count("reflashd: " + line), 3, "logged: " + line)
    code, text = stage.check()
    if by_check:
        lan.expect(code, 1 if found["problems"] else 0, "exit code of -t")
        lan.expect([line for line in lines if line not in text.splitlines()],
                   [], "what reflashd -t does not say: " + text)
    print("%s %s" % (told[0].replace(stage.daemon.folder + "/", "/")
                     if told else "nothing:", summary))
    restore()
    stage.daemon.ctl("reload")


def names_at_fault(stage):
    """What reflashd -t says of a hook and of a name that cannot be used."""
    hook = os.path.join(stage.daemon.hooks, "README")
    with open(hook, "w") as f:
        f.write("no program\n")
    code, text = stage.check()
    lan.expect(code, 0, "exit code of reflashd -t with an unfit hook")
    expect_in(text, "hook README: not run: it is not executable",
              "reflashd -t")
    os.remove(hook)
    for image, said in (
            ("../images/lite.bin", '".." leads out of the folder'),
            ("lite.bin/x", "lite.bin is a file, not a folder")):
        stage.write(image=image)
        code, text = stage.check()
        print(text.strip())
        lan.expect(code, 1, "exit code of reflashd -t with " + image)
        expect_in(text, said, "reflashd -t")
    stage.write()


def main(folder):
    stage = Stage(folder)
    stage.write()
    with lan.stopped_at_end(stage.daemon):
        stage.daemon.start()
        for case in CASES:
            lacks(stage, *case)
        stage.write()
        stage.daemon.ctl("reload")
        for case in RELOADS:
            says_so(stage, *case)
        names_at_fault(stage)
        own(stage)
        lost(stage)
        seen = lan.report(folder + "/report")[PLUG]
        lan.expect((seen["flash_told"], seen["unlocked"]), (0, False),
                   "what was done to it")


lan.run(main, DEVICES)
