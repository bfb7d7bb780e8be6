#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""reflashctl as people and scripts use it, in front of fake_reflashd: texts,
JSON, exit codes.
"""
import fcntl
import grp
import json
import os
import pty
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import traceback

import schema
from fake import Fake
from terminal import Terminal

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(os.getcwd(), "reflashctl")
LIMIT = 30  # seconds

tmp = tempfile.TemporaryDirectory()
path = os.path.join(tmp.name, "control.sock")
environment = dict(os.environ, REFLASHD_SOCKET=path, TZ="UTC", LC_ALL="C",
                   TERM="xterm")
environment.pop("NO_COLOR", None)


def ctl(*args, **change):
    """Exit code, stdout and stderr of one command line."""
    done = subprocess.run([PROGRAM, *args], capture_output=True, text=True,
                          timeout=LIMIT, env=dict(environment, **change),
                          stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def start(*args):
    return subprocess.Popen([PROGRAM, *args], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True,
                            env=environment, stdin=subprocess.DEVNULL)


def on_terminal(*args, columns=80, answer=None, **change):
    """What it prints on a terminal of so many columns; the answer is typed."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ,
                struct.pack("HHHH", 24, columns, 0, 0))
    child = subprocess.Popen([PROGRAM, *args], stdin=slave, stdout=slave,
                             stderr=slave, env=dict(environment, **change))
    os.close(slave)
    if answer is not None:
        os.write(master, answer.encode())
    out = b""
    while select.select([master], [], [], LIMIT)[0]:
        try:
            data = os.read(master, 65536)
        except OSError:
            break
        if not data:
            break
        out += data
    os.close(master)
    child.wait(LIMIT)
    return out.decode().replace("\r\n", "\n")


def expect(args, code, out="", err="", **change):
    """Run; the patterns must be found in what it says."""
    got = ctl(*args, **change)
    assert got[0] == code, (args, got)
    assert re.search(out, got[1]), (args, got)
    assert re.search(err, got[2]), (args, got)
    return got


def every_json_has_its_shape():
    for count in (0, 1, 100):
        fake = Fake(path, count)
        verbs = [("status", ["status"], 0), ("devices", ["devices"], 0),
                 ("joining", ["joining"], 0),
                 ("devices", ["devices", "--state", "held,failed",
                              "--policy", "50", "--attention"], 0),
                 ("plan", ["plan"], 0), ("history", ["history"], 0),
                 ("metrics", ["metrics"], 0),
                 ("policies", ["policies"], 0), ("images", ["images"], 0),
                 ("policy", ["policy", "50"], 0),
                 ("change", ["approve", "--all"], 2 if count < 4 else 0),
                 ("change", ["pause"], 0), ("change", ["pause"], 2),
                 ("change", ["resume", "50-sonoff-mini"], 0)]
        if count:
            device = "1000000000"
            verbs += [("show", ["show", device], 0),
                      ("plan", ["plan", device], 0),
                      ("history", ["history", device], 0),
                      ("change", ["approve", device], 2),
                      ("change", ["flash", device], 0),
                      ("change", ["flash", device, "--again", "--image",
                                  "x.bin"], 0),
                      ("change", ["retry", device], 0),
                      ("change", ["cancel", device], 0),
                      ("show", ["wait", device], 2),
                      ("show", ["wait", device, "--state", "held"], 0),
                      ("change", ["forget", device], 0)]
        for name, args, code in verbs:
            got = ctl("--json", *args)
            assert got[0] == code, (args, got)
            value = json.loads(got[1])
            assert list(value)[0] == "format"
            schema.check(value, name)
            if name in ("devices", "plan", "history", "images") and \
                    len(args) == 1:
                assert len(value[name]) == count
            if name == "policy":
                assert len(value["devices"]) == count
        fake.end()


def policies_say_how_far_they_are():
    fake = Fake(path, 100)
    out = expect(["policies"], 0, "^POLICY +ACTION +DEVICES +DONE +AT WORK +"
                 "WAITING +FAILED +NOTE\n50-sonoff-mini +ask +100 +5 +5 +5 +5 "
                 "+waiting: 5 approval; refused: 5 not-diy-mode; failed: 5 "
                 "stalled; about 4 min\n$")[1]
    lines = on_terminal("policies").splitlines()
    assert len(lines) > 2 and all(len(re.sub("\033.*?m", "", line)) <= 80
                                  for line in lines), lines
    out = expect(["policy", "50"], 0, "^policy 50-sonoff-mini\n  devices +100:"
                 " 5 done, 1 of these not back on your network yet, 5 at work,"
                 " 5\n +waiting, 5 failed, 5 refused, 75 only")[1]
    for line in ("  failed +5 stalled: ", "  waiting +5 approval: waiting for "
                 "your approval\n", "  time +about 4 min: 10 devices, 4 at a "
                 "time, 80 s each", "\nID +ADDRESS +TYPE +FIRMWARE +STATE"):
        assert re.search(line, out), (line, out)
    states = re.findall(r"^1000\w+ +10\S+ +diy_plug +\S+ +(\w+)", out, re.M)
    assert len(states) == 100 and states[:6] == ["failed"] * 6, states
    assert states[-1] in ("seen", "ignored"), states
    expect(["policy", "x"], 3, "^$", "no such policy; see: reflashctl policies")
    expect(["plan", "1000000000"], 0, "\n\npolicy 50-sonoff-mini: Firmware=<3.5 "
           "does not fit: the device does not say it\n$")
    assert "does not fit" not in expect(["plan"], 0)[1]
    fake.end()


def a_first_policy_is_proposed():
    for count in (0, 1, 100):
        fake = Fake(path, count)
        fake.do("images 0")
        expect(["propose"], 3 if count else 2, "^$",
               "reflashd has no image yet" if count else "no device has been seen")
        fake.do("images 3")
        got = expect(["--json", "propose"], 0 if count else 2)
        if count:
            value = json.loads(got[1])
            schema.check(value, "propose")
            assert list(value)[0] == "format"
            text = expect(["propose"], 0, "^# A first policy: ",
                          "Next: reflashctl reload")[1]
            assert text == value["proposal"]["text"]
        else:
            assert got[1] == "", got
        fake.end()


def doctor_has_its_shape_with_and_without_a_daemon():
    conf = os.path.join(tmp.name, "reflashd.conf")
    with open(conf, "w") as f:
        f.write("[Discovery]\nBackend=none\n[Paths]\nStateDirectory=%s\n"
                "ImageDirectory=%s\nControlSocket=%s\n" % (
                    tmp.name, tmp.name, path))
    for count in (None, 0, 1, 100):
        fake = Fake(path, count) if count is not None else None
        code, out, err = ctl("--json", "doctor", "--config", conf)
        value = json.loads(out)
        schema.check(value, "doctor")
        found = {one["check"]: one for one in value["doctor"]}
        failed = any(one["verdict"] == "failure" for one in value["doctor"])
        assert (code, err) == (4 if failed else 0, ""), (code, err, out)
        if count is None:
            assert found["daemon"]["verdict"] == "failure", out
            assert found["daemon"]["command"].endswith(
                "reflashd -c %s &" % conf), out
        else:
            assert found["devices"]["detail"] == (
                "no device is known yet", "1 device is known",
                "100 devices are known")[min(count, 2)], out
            fake.end()
    expect(["doctor"], 4, "The usual configuration names another\\n? *socket")
    expect(["doctor", "x"], 64, "^$", "takes no arguments")
    for line in on_terminal("doctor", "--config", conf).splitlines():
        line = re.sub("\033.*?m", "", line)
        assert len(line) <= 80 or line.startswith(" " * 24), line


def what_is_not_saved_is_done_and_said():
    fake = Fake(path, 20)
    fake.do("unsaved the state cannot be saved: the disk is full")
    why = ("^reflashctl: a restart of reflashd would forget this: the state "
           "cannot be saved: the disk is full. Make room on the disk")
    expect(["approve", "1000000003", "1000000012"], 0,
           "3: approved\n.*2: approved\n$", why + "[^\n]*\n$")
    expect(["pause"], 0, "^paused", why)
    expect(["cancel", "1000000001"], 0, "^device 1000000001: cancel", why)
    got = ctl("--json", "flash", "1000000001")
    assert got[0] == 0 and got[2] == "", got
    value = json.loads(got[1])
    schema.check(value, "change")
    assert value["unsaved"].startswith("the state cannot"), value
    fake.end()


def failures_print_nothing_for_programs():
    fake = Fake(path, 3)
    for args, code in ((["show", "1000ffffff"], 3), (["reload"], 1),
                       (["show", "1000"], 3), (["pause", "nix"], 3)):
        got = ctl("--json", *args)
        assert got[0] == code and got[1] == "" and got[2], (args, got)
    fake.end()


def image(name, kind):
    subprocess.run([os.path.join(os.getcwd(), "reflash-sim"), "image", kind,
                    name], check=True)


def what_check_says_has_its_shape():
    for kind in ("valid", "minimal", "big-warn"):
        image(os.path.join(tmp.name, kind), kind)
    name = {kind: os.path.join(tmp.name, kind)
            for kind in ("valid", "minimal", "big-warn", "missing")}
    got = expect(["--json", "check", name["valid"], name["minimal"],
                  name["big-warn"]], 4)
    value = json.loads(got[1])
    schema.check(value, "check")
    assert [i["verdict"] for i in value["images"]] == \
        ["accept", "refuse", "warn"]
    assert value["images"][1]["reason"] == "image-minimal"
    expect(["check", name["valid"], name["big-warn"]], 0,
           "valid: accepted: tasmota")
    expect(["check", name["minimal"]], 4, "REFUSED")
    expect(["check", name["missing"]], 3, "^$", "missing")
    got = expect(["--json", "check", name["missing"]], 3)
    assert json.loads(got[1]) == {"format": 1, "images": []}
    expect(["check", tmp.name], 1, "^$", "directory")


def images_are_listed_and_added():
    for count in (0, 1, 100):
        fake = Fake(path, count)
        good = os.path.join(tmp.name, "good.bin")
        image(good, "valid")
        value = json.loads(expect(["--json", "add", good], 0)[1])
        schema.check(value, "add")
        assert (value["verb"], value["changed"]) == ("add", True)
        assert value["image"]["name"] == "good.bin"
        expect(["add", good, "--as", "other.bin"], 0,
               r"^other.bin: added: Tasmota .* lite, \d+ bytes, good for: first")
        value = json.loads(expect(["--json", "images"], 0)[1])
        assert len(value["images"]) == count + 2
        expect(["images"], 0, "(?s)NAME .*GOOD FOR.*other.bin")
        fake.do("images 0")
        expect(["images"], 0, "no image is in .* yet; .*reflashctl add FILE")
        fake.end()


def catalogue_of(count):
    """So many entries; the environment in which they are found."""
    folder = os.path.join(tmp.name, "catalog-%d" % count)
    os.makedirs(folder, exist_ok=True)
    for n in range(count):
        with open("%s/%03d.image" % (folder, n), "w") as f:
            f.write("Name=entry-%d\nSize=%d\nSha256=%064d\nNote=Note %d\n"
                    "Url=http://127.0.0.1:1/%d.bin\n" % (n, n + 1, n, n, n))
    return dict(REFLASHD_CATALOG=folder)


def the_catalogue_is_listed():
    for count in (0, 1, 100):
        where = catalogue_of(count)
        value = json.loads(expect(["--json", "download"], 0, **where)[1])
        schema.check(value, "catalog")  # without a daemon
        assert [e["devices"] for e in value["catalog"]] == [None] * count
        fake = Fake(path, count)
        value = json.loads(expect(["--json", "download"], 0, **where)[1])
        schema.check(value, "download")
        assert len(value["catalog"]) == count
        assert [e["there"] for e in value["catalog"]] == [False] * count
        if count == 0:
            expect(["download"], 0, "the catalogue is empty", **where)
        else:
            expect(["download"], 0, "(?s)NAME .*entry-0 .*Note 0.*To get (it|one): reflashctl download (entry-0|NAME)$",
                   **where)
            expect(["download", "entry-0"], 1, "^$", "0.bin: 127.0.0.1 refuses"
                   if os.path.exists("reflash-download") else "libcurl",
                   **where)
        fake.end()
    where = catalogue_of(1)
    expect(["download", "entry-0"], 5, "^$", "does not answer", **where)
    expect(["download", "nothing"], 1, "^$", "no such image in the catalogue",
           **where)
    expect(["download", "a", "b"], 64, "^$", "takes fewer arguments")
    expect(["download", "--timeout", "x"], 64, "^$", "not a length of time")
    expect(["download", "--sha256", "12"], 64, "^$", "not the 64 hex digits")


def what_cannot_be_added_is_said():
    fake = Fake(path, 1)
    good, odd = (os.path.join(tmp.name, name) for name in ("good", "a (1).bin"))
    image(good, "valid")
    image(odd, "valid")
    expect(["add", os.path.join(tmp.name, "none.bin")], 3, "^$", "no such file")
    expect(["add", tmp.name], 1, "^$", "Is a directory")
    expect(["add", os.devnull], 1, "^$", "null: it is empty")
    expect(["add", "/dev/zero"], 1, "^$", "more than 4194304 bytes")
    expect(["add", odd], 1, "^$", r"(?s)a \(1\).bin: the name .*--as NAME")
    expect(["add", good, "--as", "../x"], 1, "^$", "does not begin with '.'")
    expect(["add", good, "--as"], 64, "^$", "--as needs a value")
    expect(["add"], 64, "^$", "usage: reflashctl add FILE")
    expect(["add", good, good], 64, "^$", "takes fewer arguments")
    expect(["images", "--replace"], 64, "^$", "has no such option")
    fifo = os.path.join(tmp.name, "fifo")
    os.mkfifo(fifo)
    child = start("add", fifo, "--as", "piped.bin")
    with open(good, "rb") as f, open(fifo, "wb") as pipe:
        pipe.write(f.read())
    assert child.communicate(timeout=LIMIT)[0].startswith("piped.bin: added")
    assert child.returncode == 0
    fake.end()


def exit_codes_and_sentences():
    expect(["devices"], 5, "^$", "(?s)does not answer at %s: No such file"
           ".*from REFLASHD_SOCKET.*systemctl start reflashd" % path)
    expect(["--socket", "/nonexistent/x", "status"], 5, "^$", "from --socket")
    expect(["devices"], 5, "^$", "(?s)answer at /.*/reflashd/control.sock: .*"
           "systemctl start", REFLASHD_SOCKET="")
    fake = Fake(path, 15)
    expect([], 64, "^$", "usage: reflashctl")
    expect(["--help"], 0, "usage: reflashctl")
    expect(["help"], 0, "usage: reflashctl")
    expect(["--version"], 0, r"^reflashd \d")
    expect(["--nonsense"], 64, "^$", "--nonsense: no such option; see")
    expect(["--tiemout", "status"], 64, "^$", "--tiemout: no such option; did you mean --timeout")
    expect(["--json=x"], 64, "^$", "--json takes no value")
    for option in ("--socket", "-s"):
        expect([option], 64, "^$", option + " needs a value")
    expect(["-q"], 64, "^$", "-q: no such option")
    for verb in ("status", "wait", "check"):
        expect([verb, "--help"], 0, "usage: reflashctl .*" + verb)
        expect(["help", verb], 0, "usage: reflashctl .*" + verb)
    expect(["stauts"], 64, "^$", "did you mean status")
    expect(["xyzzy"], 64, "^$", "no such verb; see: reflashctl help")
    expect(["re"], 64, "^$", "matches 3 verbs: retry, resume, reload$")
    expect(["dev"], 0, "^ID ")
    expect(["status"], 0, "^reflashd .*\n  problem +state directory: .*\n"
           "  to do +failed: reflashctl x\n  to do +approve: ")
    expect(["show"], 64, "^$", "needs more .*usage: reflashctl show ID")
    expect(["show", "1", "2"], 64, "^$", "fewer arguments; usage")
    expect(["status", "1"], 64, "^$", "no arguments; usage")
    expect(["devices", "--all"], 64, "^$", "no such option; usage")
    expect(["approve"], 64, "^$", "or --all")
    expect(["show", "1000000001"], 0, "device 1000000001")
    expect(["show", "100000000E"], 0, "device 100000000e")
    expect(["show", "100000000c"], 0, r"attempt +1 of 3")
    expect(["show", "100000000d"], 0, r"(?s)^(?!.*\n *attempt ).*verified")
    expect(["show", "10000"], 3, "^$", "matches 15 devices: 1000000000, "
           ".*1000000009 and 5 more$")
    expect(["show", "2"], 3, "^$", "no such device; see: reflashctl devices")
    expect(["show", "1000000091"], 3, "^$", "did you mean 1000000001")
    expect(["show", "100000000f"], 3, "^$", "no such device; see")
    expect(["pause", "50-sonof-mini"], 3, "^$", "did you mean 50-sonoff-mini")
    expect(["pause", "x"], 3, "^$", "no such policy; see: reflashctl policies")
    expect(["pause", "50"], 0, "policy 50-sonoff-mini: paused")
    expect(["pause"], 2, "^$", "nothing to do")
    got = expect(["reload"], 1, "^$", "2 mistakes in the configuration:\\n")
    assert got[2].count("reflashd.conf:3: ") == 1, got
    expect(["approve", "1000000003", "1000ffffff"], 4, "1000000003: approved",
           "1000ffffff: no such device")
    expect(["approve", "1000000003"], 2)
    expect(["flash", "1000000001", "--image", "./missing.bin"], 3, "^$",
           "missing.bin: No such file")
    expect(["--socket", "/nonexistent/x", "status"], 5)
    expect(["--socket", path, "status"], 0, "", "", REFLASHD_SOCKET="/x")
    fake.end()


def ids_in(text):
    return re.findall(r"^(1000[0-9a-f]{6})\b", text, re.M)


def who_needs_a_person_comes_first():
    fake = Fake(path, 15)
    text = expect(["devices"], 0, "^ID .*TYPE .*STATE .*NOTE ")[1]
    assert [i[-1] for i in ids_in(text)] == list("e3c2456789ab0d1"), text
    for args, want in (
            (["--attention"], "e3c2"), (["--state", "held,fa"], "e3"),
            (["--state=refused", "--attention"], "2"),
            (["--state", "seen", "--policy", "50"], "0"),
            (["1000000001", "100000000e", "--attention"], "e"),
            (["1000000001", "1000000002", "1000000001"], "21")):
        text = expect(["devices"] + args, 0)[1]
        assert "".join(i[-1] for i in ids_in(text)) == want, (args, text)
        value = json.loads(ctl("--json", "devices", *args)[1])
        assert {d["id"][-1] for d in value["devices"]} == set(want), value
    expect(["devices", "--state", "seen", "--attention"], 0,
           "^no device is like that$")
    expect(["devices", "1000000001", "--attention"], 0,
           "^no device needs you$")
    expect(["devices", "--state", "held,"], 64, "^$", "the state is empty")
    expect(["devices", "--state", "held,flahsed"], 64, "^$",
           "did you mean flashed")
    expect(["devices", "--policy", "5x"], 3, "^$", "no such policy")
    expect(["devices", "1000000001", "2"], 3, "^$", "no such device")
    text = on_terminal("devices", columns=80, NO_COLOR="1")
    assert "No policy" not in text, text
    assert text.endswith("15 devices: 14 can be flashed, 4 need you; see: "
                         "reflashctl status\n"), text
    fake.end()
    with Fake(path, 1) as fake:
        fake.do("unmatched")
        text = " ".join(on_terminal("devices", columns=80).split())
        assert "No policy flashes any yet. Get an image with reflashctl " \
            "download, then a policy with reflashctl propose." in text, text


def a_label_is_shown_in_each_list():
    with Fake(path, 15) as fake:
        fake.do("label 100000000e Hall lamp")
        for verb in "devices", "plan", "history":
            for text in (ctl(verb)[1], on_terminal(verb, columns=80,
                                                   NO_COLOR="1")):
                assert re.search(r"^(?:ID|TIME +DEVICE) +LABEL  ", text, re.M), \
                    text
                assert re.search("^.*100000000e  Hall lamp  ", text, re.M), \
                    text
        fake.do("label 100000000c Porch")
        expect(["joining"], 0, r"\nPorch \(100000000c\)\n")
        expect(["show", "100000000c"], 0, "\n  label +Porch\n")


def a_phone_in_the_other_hand_is_enough():
    with Fake(path, 0):
        expect(["joining"], 0, "^no device waits for your Wi-Fi$")
    with Fake(path, 30) as fake:
        text = expect(["joining"], 0, "^2 devices wait for your Wi-Fi.\n")[1]
        assert all(len(line) <= 40 for line in text.splitlines()), text
        assert ids_in(text) == ["100000000c", "100000001b"], text
        assert len(re.findall(r"^  Wi-Fi  tasmota-112233-0563\n"
                              r"  page   http://192.168.4.1\n"
                              r"  since  13:05 on Sat 31 Jan, \d+ d ago$",
                              text, re.M)) == 2, text
        value = json.loads(ctl("--json", "joining")[1])
        assert value["joining"][0] == dict(
            id="100000000c", label=None, access_point="tasmota-112233-0563",
            page="http://192.168.4.1", since="2026-01-31T13:05:09Z"), value
        expect(["show", "100000000c"], 0, r"(?s)its Wi-Fi +tasmota-112233-0563"
               r"\n  page +http://192.168.4.1\n")
        expect(["show", "100000001b"], 0, "signal +weak, -87 dBm: ")
        fake.do("set 100000001b verified")
        expect(["joining"], 0, "^1 device waits for your Wi-Fi.\n")


def ids_of_history(text):
    """The last two digits of each."""
    return re.findall(r"  10000000(..)  ", text)


def history_tells_what_happened():
    with Fake(path, 0):
        expect(["history"], 0, "^no flash has ended yet$")
    with Fake(path, 30) as fake:
        text = expect(["history"], 0)[1]
        assert len(ids_of_history(text)) == 30, text
        assert all(len(line) <= 120 for line in text.splitlines()), text
        assert re.search("100000000c .*31 s .*\n    504848 of 504848 bytes .* "
                         "its access point is tasmota-112233-0563: give it\n"
                         "    your Wi-Fi at http://192.168.4.1", text), text
        text = on_terminal("history", columns=80, NO_COLOR="1")
        assert re.search("100000000c .*\n    504848 of 504848 bytes downloaded"
                         ", it reported success and left\n", text), text
        assert re.search("100000000e .*\n    it accepted the order, .*\n"
                         "    of this machine is open, so the access point is "
                         "suspected\n", text), text
        for args, want in (
                (["--last", "2"], "1c 1d"), (["--failed"], "03 0e 12 1d"),
                (["--failed", "--last", "1"], "1d"),
                (["100000000e", "1000000001", "100000000e"], "0e 01"),
                (["100000000e", "1000000001", "--failed"], "0e"),
                (["--since", "2026-01-31 13:05", "--last=1"], "1d"),
                (["--since", "2026-01-31T13:05:09Z", "--last=1"], "1d"),
                (["--since", "2026-01-31T13:05:10Z"], ""),
                (["--since", "2026-02-01"], ""), (["--since", "2d"], ""),
                (["--since", "40000d", "--last", "1"], "1d")):
            got = expect(["history"] + args, 0)[1]
            assert " ".join(ids_of_history(got)) == want, (args, got)
            value = json.loads(ctl("--json", "history", *args)[1])
            schema.check(value, "history")
            assert len(value["history"]) == len(want.split()), value
        expect(["history", "--since", "1h"], 0, "^no flash has ended so$")
        for bad in "2x", "2026-02-31", "2026-01-31 ", "yesterday":
            expect(["history", "--since", bad], 64, "^$",
                   "^reflashctl: --since %s: neither a time" % bad)
        for bad in "0", "-1", "x", "1.5":
            expect(["history", "--last", bad], 64, "^$",
                   "^reflashctl: --last %s: not a number" % bad)
        expect(["history", "100000000e", "2"], 3, "^$", "no such device")


def near_misses_are_offered():
    fake = Fake(path, 4)
    expect(["show", "1000000009"], 3, "^$", "did you mean 1000000000, "
           "1000000001, 1000000002 or 1000000003\\?")
    expect(["approve", "--all"], 0, "^device 1000000003: approved$")
    fake.end()


def each_of_several_devices_has_a_line():
    fake = Fake(path, 100)
    held = ["1000%06x" % n for n in range(100) if n % 15 == 3]
    fake.do("label 1000000003 Hall")
    got = expect(["approve", "--all", "--policy", "50"], 0)
    assert got[1].splitlines() == \
        ["device 1000000003 (Hall): approved"] + \
        ["device %s: approved" % i for i in held[1:]] + \
        ["%d devices approved" % len(held)], got
    expect(["approve", "--all"], 2, "^$", "nothing to do")
    got = ctl("cancel", "Hall", "1000ffffff", "1000000001")
    assert got[0] == 4, got
    assert got[1].count(": cancelled.") == 2 and "1000ffffff: no such" in \
        got[2], got
    got = expect(["--json", "cancel", "Hall", "1000ffffff"], 4)
    value = json.loads(got[1])
    schema.check(value, "change")
    assert value["ids"] == ["1000000003"] and value["changed"] == 1, value
    assert [(o["id"], o["label"], o["ok"], o["code"])
            for o in value["outcomes"]] == [
                ("1000000003", "Hall", True, None),
                (None, None, False, "ENOENT")], value
    value = json.loads(expect(["--json", "flash", "--all"], 0)[1])
    schema.check(value, "change")
    assert value["changed"] == 100 == len(value["outcomes"])
    for args in ([], ["Hall", "--all"], ["Hall", "--policy", "50"]):
        for verb in "approve", "flash", "retry", "cancel", "forget":
            expect([verb] + args, 64, "^$", "which devices")
    expect(["cancel", "--policy", "nix"], 3, "^$", "no such policy")
    fake.end()


def a_label_may_have_several_words():
    fake = Fake(path, 3)
    for words in (["living room"], ["living", "room"]):
        expect(["label", "1000000001"] + words, 0,
               "^device 1000000001 \\(living room\\): labelled$")
        expect(["show", "living room"], 0, "label +living room")
        expect(["label", "living"], 0,
               "^device 1000000001: it has no label any more$")
    value = json.loads(ctl("--json", "label", "1000000001", "Hall")[1])
    schema.check(value, "change")
    assert value["outcomes"][0]["label"] == "Hall", value
    fake.end()


def an_order_is_for_the_image_that_is_named():
    fake = Fake(path, 4)
    device = "1000000003"
    sha = json.loads(ctl("--json", "show", device)[1])["device"]["image"][
        "sha256"]
    for verb in "approve", "flash", "retry":
        expect([verb, device, "--sha256", "0" * 64], 1, "^$", sha)
    got = ctl("--json", "flash", "1000000001", device, "--sha256", "0" * 64)
    value = json.loads(got[1])
    assert got[0] == 1 and [o["code"] for o in value["outcomes"]] == [
        "ESTALE", "ESTALE"], got
    expect(["approve", device, "--sha256", sha, "--who", "me"], 0, "approved")
    expect(["cancel", device, "--sha256", sha], 64, "^$", "no such option")
    fake.end()


def a_person_is_asked_before_a_flash():
    fake = Fake(path, 40)
    fake.do("label 1000000003 Hall")
    for answer in "\n", "n\n", "\x04", "yess\n", "yes please, do it now\n":
        text = " ".join(on_terminal(
            "approve", "Hall", answer=answer).split())
        for part in ("Tasmota 9.5.0 lite (tasmota-lite.bin, checksum "
                     "5c1aecd2a19a...) will be put on 1 device: "
                     "1000000003 (Hall) at 10.9.0.4 This",
                     "cannot be undone", "Go on? [y/N]",
                     "nothing was ordered"):
            assert part in text, (part, text)
        assert "approved" not in text, text
    assert ctl("show", "Hall")[1].count("held: approval") == 1
    text = on_terminal("approve", "--all", answer="y\n")
    assert "3 devices:" in " ".join(text.split()), text
    assert text.count(": approved\n") == 3, text
    text = on_terminal("flash", *["1000%06x" % n for n in range(30)],
                       answer="Yes\n")
    assert "30 devices:" in " ".join(text.split()) and "and 10 more" in text, text
    assert "30 devices to be flashed" in text, text
    # What is refused is said before; nothing is asked where nothing is left.
    text = on_terminal("approve", "1000000001")
    assert "nothing to do" in text and "Go on" not in text, text
    for args in (["--yes"], ["-y"]):
        text = on_terminal("flash", "Hall", *args)
        assert "Go on" not in text and "to be flashed" in text, text
    assert "Go on" not in on_terminal("retry", "Hall")
    # A document of programs stays one.
    text = on_terminal("--json", "flash", "Hall", answer="y\n")
    assert json.loads(text[text.index("{"):])["changed"] == 1, text
    fake.end()


def an_image_that_is_replaced_meanwhile_is_not_flashed():
    """While the question is on the terminal."""
    fake = Fake(path, 4)
    master, slave = pty.openpty()
    child = subprocess.Popen([PROGRAM, "flash", "1000000003"], stdin=slave,
                             stdout=slave, stderr=slave, env=environment)
    os.close(slave)
    out = b""
    while b"[y/N]" not in out:
        assert select.select([master], [], [], LIMIT)[0], out
        out += os.read(master, 65536)
    fake.do("replace " + "b" * 64)
    os.write(master, b"y\n")
    assert child.wait(LIMIT) == 1
    out += os.read(master, 65536)
    assert b"b" * 64 in out and b"to be flashed" not in out, out
    os.close(master)
    fake.end()


def what_was_ordered_is_followed_to_its_end():
    fake = Fake(path, 16)
    for end, code in (("flashed", 0), ("verified", 0), ("failed", 4),
                      ("refused", 4)):
        child = start("flash", "1000000003", "--wait")
        fake.await_listener()
        assert child.stdout.readline() == "device 1000000003: to be flashed\n"
        fake.do("set 1000000003 downloading 252424")
        # Of two changes at once it would show the second.
        assert child.stdout.readline() == "device 1000000003: probing\n"
        while child.stdout.readline() != \
                "device 1000000003: downloading 50 %\n":
            assert child.poll() is None
        fake.do("set 1000000003 %s" % end)
        out, err = child.communicate(timeout=LIMIT)
        assert child.returncode == code and err == "", (out, err)
        assert end in out, out
    # How it was before is no end.
    child = start("--json", "retry", "100000000e", "--wait")
    while "probing" not in ctl("show", "100000000e")[1]:
        pass
    fake.do("set 100000000e flashed")
    out, err = child.communicate(timeout=LIMIT)
    value = json.loads(out)
    schema.check(value, "change")
    assert child.returncode == 0 and \
        value["outcomes"][0]["device"]["state"] == "flashed", value
    # Several: all of them count, and so does what was refused.
    child = start("approve", "--all", "1000000001", "--wait")
    assert child.wait(LIMIT) == 64
    child.communicate()
    fake.do("set 1000000001 held")
    fake.do("set 1000000003 held")
    child = start("approve", "--all", "--wait")
    for _ in range(2):
        assert "approved" in child.stdout.readline()
    fake.do("set 1000000001 failed")
    fake.do("set 1000000003 flashed")
    out, err = child.communicate(timeout=LIMIT)
    assert child.returncode == 4, (out, err)
    assert "device 1000000001: failed" in out and \
        "device 1000000003: flashed" in out, out
    expect(["approve", "1000000000", "--timeout", "5"], 64, "^$", "--wait")
    got = expect(["flash", "1000000003", "--wait", "--timeout", "0"], 1, "",
                 "time is up, but it goes on")
    # A daemon that restarts, and a device that is gone.
    child = start("flash", "1000000003", "--wait")
    assert "to be flashed" in child.stdout.readline()
    fake.await_listener()
    fake.kill()
    fake = Fake(path, 16)
    fake.await_listener()
    fake.do("set 1000000003 probing")
    fake.do("drop 1000000003")
    out, err = child.communicate(timeout=LIMIT)
    assert child.returncode == 3 and "forgotten" in out, (out, err)
    fake.end()


def an_interrupt_leaves_the_flash_going():
    fake = Fake(path, 4)
    child = start("flash", "1000000003", "--wait")
    assert "to be flashed" in child.stdout.readline()
    assert "probing" in child.stdout.readline()
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=LIMIT)
    assert child.returncode == 130, (out, err)
    assert "goes on without this command" in err and \
        "reflashctl cancel 1000000003" in err, err
    assert "probing" in ctl("show", "1000000003")[1]
    fake.end()


def bars_show_on_a_terminal_how_it_goes():
    fake = Fake(path, 16)
    for ids in (["1000000003"], ["1000000003", "1000000001"]):
        with Terminal(80, 30, [PROGRAM, "flash", *ids, "--wait", "-y"],
                      environment) as terminal:
            terminal.see("probing")
            for ident in ids:
                fake.do("set %s downloading 252424" % ident)
            terminal.see(*[ident + r".* 50 %" for ident in ids])
            if len(ids) > 1:
                fake.do("set %s flashed" % ids[1])
                terminal.see("1 of 2 devices have ended")
            for ident in ids:
                fake.do("set %s flashed" % ident)
            lines = terminal.see("flashed", unless="50 %")
            assert not any("devices have ended" in line for line in lines)
    fake.end()


def what_is_empty_means_nothing():
    """As where a script's variable is not set; with one device, it would be
    the one that is meant."""
    fake = Fake(path, 1)
    for verb in ("show", "plan", "flash", "retry", "cancel", "forget",
                 "history", "wait", "approve", "pause", "resume", "check",
                 "help"):
        expect([verb, ""], 64, "^$", verb + " takes no empty argument; usage")
    expect([""], 64, "^$", "the verb is empty; see")
    expect(["flash", "1000000000", "--image", ""], 64, "^$",
           "--image needs a value")
    expect(["flash", "1000000000", "--image="], 64, "^$",
           "--image needs a value")
    for option in "--socket", "-s":
        expect([option, "", "status"], 64, "^$", "--socket needs a value")
    assert fake.do("")[1] == 0, "the daemon was asked"
    fake.end()


def options_may_stand_anywhere():
    fake = Fake(path, 1)
    for args in (["show", "1000000000", "--json"],
                 ["show", "--json", "1000000000"]):
        got = expect(args, 0, "", "", POSIXLY_CORRECT="1")
        assert json.loads(got[1])["device"]["id"] == "1000000000"
    fake.end()


def ids_may_begin_alike():
    long = "1000000000" + "50432030333633"
    fake = Fake(path, 2)
    fake.do("twin 1000000001 " + long)
    expect(["show", "1000000000"], 0, "^device 1000000000\n")
    expect(["show", long.upper()], 0, "^device %s\n" % long)
    expect(["show", "1000000000504"], 0, "^device %s\n" % long)
    fake.do("drop 1000000000")
    expect(["show", "1000000000"], 0, "^device %s\n" % long)
    expect(["cancel", "1000000000"], 0, "^device %s: cancelled" % long)
    fake.end()


def nothing_is_written_into_a_closed_output():
    """The socket must not get its number: all that is printed would be a
    request."""
    fake = Fake(path, 3)
    requests = 0
    for closed in (0,), (1,), (2,), (0, 1, 2):
        for args, count in ((["status"], 1), (["flash", "1000000000"], 1),
                            (["devices", "--json"], 1)):
            def close():
                for fd in closed:
                    os.close(fd)
            done = subprocess.run([PROGRAM, *args], preexec_fn=close,
                                  capture_output=True, env=environment,
                                  timeout=LIMIT)
            assert done.returncode == (1 if 1 in closed else 0), (closed, done)
            requests += count
            fake.do("")
            fake.do("")
            assert fake.do("")[1] == requests, (closed, args)
            if closed == (1,):
                assert b"cannot write all of the output" in done.stderr, done
    fake.end()


def who_may_not_is_told_who_may():
    if os.geteuid() != 0:
        print("  (skipped: only root can be somebody else)")
        return
    os.chmod(tmp.name, 0o755)
    group = [g.gr_name for g in grp.getgrall()
             if g.gr_gid not in (0, 65534)][0]
    fake = Fake(path, group=group)
    folder = tempfile.TemporaryDirectory()
    program = shutil.copy(PROGRAM, folder.name)
    os.chmod(folder.name, 0o755)

    def become():
        os.setgroups([])
        os.setgid(12345)
        os.setuid(12345)
    try:
        subprocess.run(["true"], preexec_fn=become, check=True)
    except subprocess.SubprocessError:
        print("  (skipped: this namespace has no other users)")
        fake.end()
        return
    for mode, code in ((0o755, 1), (0o750, 5)):
        os.chmod(tmp.name, mode)
        os.chown(tmp.name, 0, grp.getgrnam(group).gr_gid)
        done = subprocess.run([program, "pause"], preexec_fn=become, text=True,
                              capture_output=True, env=environment, cwd="/")
        assert done.returncode == code, done
        assert "usermod -aG %s YOU, then log in again" % group in done.stderr
    expect(["pause"], 0)
    fake.end()


def output_that_cannot_be_written_is_an_error():
    fake = Fake(path, 100)
    with open("/dev/full", "w") as full:
        done = subprocess.run([PROGRAM, "devices"], stdout=full,
                              stderr=subprocess.PIPE, env=environment,
                              timeout=LIMIT)
    assert done.returncode == 1 and b"output" in done.stderr
    fake.end()


def lines_fit_the_terminal():
    fake = Fake(path, 40)
    for name in "50-mini", "50-minis-in-the-hall-and-wherever-else-they-are" * 2:
        fake.do("names " + name)
        for columns in (30, 40, 60, 80, 140):
            for args in (["devices"], ["plan"], ["status"], ["history"],
                         ["show", "100000000e"], ["show", "1000000008"]):
                text = on_terminal(*args, columns=columns, NO_COLOR="1")
                assert "\033" not in text
                lines = text.splitlines()
                assert all(len(line) <= columns for line in lines), \
                    (args, columns, text)
                if args[0] in ("devices", "plan", "history"):
                    # half an id is none
                    assert len(re.findall(r"\b1000000[0-9a-f]{3}\b",
                                          text)) == 40, text
                assert columns < 80 or "never-fetched" in text or \
                    args[0] in ("status", "show"), text
    fake.end()


def colours_are_for_terminals_only():
    fake = Fake(path, 20)
    assert "\033[31m" in on_terminal("devices")
    assert "\033" not in on_terminal("devices", NO_COLOR="1")
    assert "\033" not in on_terminal("devices", TERM="dumb")
    assert "\033" not in ctl("devices")[1]
    fake.end()


def waiting_ends_as_it_should():
    fake = Fake(path, 16)
    expect(["wait", "1000000008", "--state", "downloading"], 0, "downloading")
    expect(["wait", "100000000d", "--state", "flashed"], 0, "verified")
    expect(["wait", "100000000e"], 4, "never-fetched")
    expect(["wait", "1000000002"], 4, "not-diy-mode")
    expect(["wait", "1000000004", "--timeout", "0"], 1, "probing",
           "not flashed within 0 s, but probing")
    expect(["wait", "1000ffffff", "--timeout", "0"], 3, "^$", "not seen")
    expect(["wait", "1000ffffff", "--timeout", "0h 0min"], 3, "^$",
           "not seen")
    expect(["wait", "1000ffffff", "--timeout", ""], 64, "^$",
           "--timeout needs a value")
    expect(["wait", "1000000004", "--timeout", "1x"], 64, "^$", "10m")
    expect(["wait", "1000000004", "--state", "flahsed"], 64, "^$",
           "did you mean flashed")
    expect(["wait", "1000000004", "--state", "x"], 64, "^$",
           "x: no such state; there are: seen, ignored, .*, verified and "
           "failed$")
    expect(["wait", "1000000004", "--state", "ver"], 64, "^$",
           "matches 2 states: verifying, verified")
    expect(["wait", "1000000004", "--state", "prob"], 0, "probing")
    for end, code in (("flashed", 0), ("failed", 4)):
        child = start("--json", "wait", "1000000004", "--timeout", "20")
        fake.do("set 1000000005 flashed")
        fake.do("set 1000000004 downloading 1000")
        fake.do("set 1000000004 %s" % end)
        out, err = child.communicate(timeout=LIMIT)
        assert child.returncode == code, err
        value = json.loads(out)
        schema.check(value, "show")
        assert value["device"]["state"] == end
        fake.do("set 1000000004 probing")
    fake.end()


def waiting_outlives_a_restart_of_the_daemon():
    fake = Fake(path, 16)
    child = start("wait", "100000000f", "--timeout", "20")
    fake.await_requests(2)
    fake.kill()
    fake = Fake(path, 16)
    fake.await_requests(2)
    fake.do("set 100000000f flashed")
    assert child.wait(LIMIT) == 0
    child.communicate()
    fake.await_listener(False)
    child = start("monitor")
    fake.await_requests(3)
    fake.kill()
    assert child.wait(LIMIT) == 5
    child.communicate()


def what_was_never_seen_is_waited_for():
    fake = Fake(path, 0)
    child = start("wait", "1000000001", "--timeout", "20")
    assert "waiting for it" in child.stderr.readline()
    fake.kill()
    fake = Fake(path, 14)
    fake.await_requests(2)
    fake.do("set 1000000001 flashed")
    assert child.wait(LIMIT) == 0
    child.communicate()
    fake.end()


def first_line(child, fake):
    """Its first line, of a change made once it listens."""
    fake.await_listener()
    fake.do("set 1000000001 seen")
    return child.stdout.readline()


def monitor_tells_each_change_in_a_line():
    fake = Fake(path, 16)
    child = start("--json", "monitor")
    value = json.loads(first_line(child, fake))
    schema.check(value, "monitor")
    fake.do("set 1000000002 downloading 50000")
    fake.do("drop 1000000003")
    while value.get("id") != "1000000003":
        value = json.loads(child.stdout.readline())
        schema.check(value, "monitor")
    child.terminate()
    child.communicate()
    fake.await_listener(False)
    child = start("monitor")
    line = first_line(child, fake)
    assert re.match(r"\d\d:\d\d:\d\d  1000000001  10\.9\.0\.2 +seen$", line), \
        line
    child.terminate()
    child.communicate()
    fake.end()


def watch_without_a_terminal_lists_and_goes_on():
    fake = Fake(path, 3)
    child = start("--json", "watch")
    ids = []
    for _ in range(3):
        value = json.loads(child.stdout.readline())
        schema.check(value, "monitor")
        ids.append(value["device"]["id"])
    assert ids == ["1000000000", "1000000001", "1000000002"]
    fake.do("set 1000000001 flashed")
    value = json.loads(child.stdout.readline())
    assert value["device"]["state"] == "flashed"
    child.terminate()
    child.communicate()
    fake.end()


class Liar:
    """Listens, and answers every connection with the same bytes."""

    def __init__(self, reply):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen()
        self.reply = reply
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                peer = self.listener.accept()[0]
            except OSError:
                return
            peer.recv(65536)
            try:
                peer.sendall(self.reply)
            except OSError:
                pass
            peer.close()

    def end(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        os.unlink(path)


def what_is_no_daemon_is_not_taken_for_one():
    for reply in (b"", b"HTTP/1.1 400 Bad\r\n\r\n", b"{\"ok\":", b"[]\n",
                  b"\xff\n", b"x" * (2 << 20)):
        liar = Liar(reply)
        for verb in (["status"], ["devices"], ["wait", "1000000001"],
                     ["monitor"]):
            expect(verb, 5, "^$", "reflashctl: ")
        liar.end()


def answers_with_holes_are_lived_with():
    for reply in (b'{"ok":true}\n',
                  b'{"event":"item","item":{}}\n{"ok":true}\n',
                  b'{"event":"item","item":{"id":7,"image":[]}}\n'
                  b'{"event":7}\n{}\n{"ok":true,"device":3,"counts":[]}\n',
                  b'{"ok":false}\n', b'{"ok":7}\n'):
        liar = Liar(reply)
        for verb in ("status", "devices", "plan", "history", "policies",
                     "show 1000000001", "approve --all", "pause x",
                     "wait 1000000001 --timeout 0", "watch", "monitor"):
            for args in (verb.split(), ["--json"] + verb.split()):
                code = ctl(*args)[0]
                assert code in (0, 1, 2, 3, 4, 5), (args, reply, code)
        liar.end()


def foreign_text_cannot_drive_the_terminal():
    evil = "\\u001b[2J\\u009b31m\\u202eevil\\n"
    item = '{"id":"1000000001","policy":"%s","reason":"%s","detail":"%s",' \
        '"name":"%s","state":"%s","type":"%s","advice":"%s","image":' \
        '{"name":"%s"},"action":"%s","time":"%s"}' % ((evil,) * 10)
    for reply in ('{"event":"item","item":%s}\n{"ok":true,"device":%s,'
                  '"text":"%s","version":"%s","problems":["%s"]}\n'
                  % (item, item, evil, evil, evil),
                  '{"ok":false,"code":"EIO","error":"%s","problems":["%s"]}\n'
                  % (evil, evil)):
        liar = Liar(reply.encode())
        for verb in ("status", "devices", "plan", "history", "policies",
                     "show 1000000001", "watch", "monitor", "reload",
                     "_complete show "):
            got = ctl(*verb.split(" "))
            for c in "\033\u009b\u202e":
                assert c not in got[1] + got[2], (verb, got)
        liar.end()


tests = [every_json_has_its_shape, policies_say_how_far_they_are,
         a_first_policy_is_proposed,
         doctor_has_its_shape_with_and_without_a_daemon,
         what_is_not_saved_is_done_and_said,
         failures_print_nothing_for_programs,
         what_check_says_has_its_shape, images_are_listed_and_added,
         the_catalogue_is_listed, what_cannot_be_added_is_said,
         exit_codes_and_sentences,
         what_is_empty_means_nothing, options_may_stand_anywhere,
         ids_may_begin_alike, nothing_is_written_into_a_closed_output,
         near_misses_are_offered, a_label_may_have_several_words,
         each_of_several_devices_has_a_line,
         an_order_is_for_the_image_that_is_named,
         a_person_is_asked_before_a_flash,
         an_image_that_is_replaced_meanwhile_is_not_flashed,
         what_was_ordered_is_followed_to_its_end,
         an_interrupt_leaves_the_flash_going,
         bars_show_on_a_terminal_how_it_goes, who_needs_a_person_comes_first,
         a_label_is_shown_in_each_list, a_phone_in_the_other_hand_is_enough, history_tells_what_happened, who_may_not_is_told_who_may,
         output_that_cannot_be_written_is_an_error, lines_fit_the_terminal,
         colours_are_for_terminals_only, waiting_ends_as_it_should,
         waiting_outlives_a_restart_of_the_daemon,
         what_was_never_seen_is_waited_for,
         monitor_tells_each_change_in_a_line,
         watch_without_a_terminal_lists_and_goes_on,
         what_is_no_daemon_is_not_taken_for_one,
         answers_with_holes_are_lived_with,
         foreign_text_cannot_drive_the_terminal]
failed = 0
for test in tests:
    began = time.monotonic()
    try:
        test()
        print("ok   %5.1f s " % (time.monotonic() - began), end="")
    except Exception:
        traceback.print_exc()
        print("FAIL         ", end="")
        failed = 1
        if os.path.exists(path):
            os.unlink(path)
    print(test.__name__.replace("_", " "), flush=True)
sys.exit(failed)
