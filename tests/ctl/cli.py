#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""reflashctl as people and scripts use it, in front of fake_reflashd."""
import fcntl
import grp
import json
import os
import pty
import re
import select
import shutil
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


def on_terminal(*args, columns=80, **change):
    """What it prints on a terminal of so many columns."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ,
                struct.pack("HHHH", 24, columns, 0, 0))
    child = subprocess.Popen([PROGRAM, *args], stdin=slave, stdout=slave,
                             stderr=slave, env=dict(environment, **change))
    os.close(slave)
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
                 ("plan", ["plan"], 0), ("history", ["history"], 0),
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
            if name in ("devices", "plan", "history") and len(args) == 1:
                assert len(value[name]) == count
        fake.end()


def failures_print_nothing_for_programs():
    fake = Fake(path, 3)
    for args, code in ((["show", "1000ffffff"], 3), (["reload"], 1),
                       (["show", "1000"], 3), (["pause", "nix"], 3)):
        got = ctl("--json", *args)
        assert got[0] == code and got[1] == "" and got[2], (args, got)
    fake.end()


def what_check_says_has_its_shape():
    for kind in ("valid", "minimal", "big-warn"):
        subprocess.run([os.path.join(os.getcwd(), "reflash-sim"), "image",
                        kind, os.path.join(tmp.name, kind)], check=True)
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
    expect(["--nonsense"], 64, "^$", "nonsense: no such option; see")
    expect(["--tiemout", "status"], 64, "^$", "did you mean timeout")
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
    expect(["status"], 0, "(?s)problem .*to do +1000000003 waits for approval:"
           " reflashctl approve 1000000003\n  to do +100000000e has failed: "
           "reflashctl show 100000000e\n.*1000000002 is refused: ")
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
    expect(["pause", "x"], 3, "^$", "no such policy; see: reflashctl status")
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


def near_misses_are_offered():
    fake = Fake(path, 4)
    expect(["show", "1000000009"], 3, "^$", "did you mean 1000000000, "
           "1000000001, 1000000002 or 1000000003\\?")
    expect(["approve", "--all"], 0, "^1 device approved$")
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
        for args, count in ((["status"], 2), (["flash", "1000000000"], 1),
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
        for verb in ("status", "devices", "plan", "history",
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
        for verb in ("status", "devices", "plan", "history",
                     "show 1000000001", "watch", "monitor", "reload",
                     "_complete show "):
            got = ctl(*verb.split(" "))
            for c in "\033\u009b\u202e":
                assert c not in got[1] + got[2], (verb, got)
        liar.end()


tests = [every_json_has_its_shape, failures_print_nothing_for_programs,
         what_check_says_has_its_shape, exit_codes_and_sentences,
         what_is_empty_means_nothing, options_may_stand_anywhere,
         ids_may_begin_alike, nothing_is_written_into_a_closed_output,
         near_misses_are_offered, who_may_not_is_told_who_may,
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
