#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""What a real systemd-journald keeps of a flash, a failure, a refusal and a wait,
and what journalctl -x says about them.
"""
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess

import lan

EACH = "chunk-ms=1,reboot-ms=200"
DEVICES = f"""
    --device id=1000a00001,{EACH}
    --device id=1000b00002,fault=unlock-500
    --device id=1000c00003,fault=encrypted
    --device id=1000d00004
"""
JOURNALD = "/lib/systemd/systemd-journald"
MACHINE = "/etc/machine-id"
FLASHED, FAILED, REFUSED, HELD = (
    "1000a00001", "1000b00002", "1000c00003", "1000d00004")

# A newline would begin a field of its own, if it were not sent with care.
STRANGE = "10-strange\nINJECTED=1"

NO_FILE = "/nowhere: there is no such file"

OURS = {"MESSAGE_ID", "PRIORITY", "SYSLOG_IDENTIFIER", "MESSAGE",
        "REFLASHD_DEVICE", "REFLASHD_STATE", "REFLASHD_REASON",
        "REFLASHD_POLICY", "REFLASHD_SHA256", "REFLASHD_ADDRESS"}


def journal_up(folder):
    """A journal of this test alone, with only our catalog beside it."""
    root = os.path.join(folder, "root")
    for path in "usr/lib/systemd/catalog", "var/lib/systemd/catalog":
        os.makedirs(os.path.join(root, path))
    shutil.copy(os.path.join(lan.BUILD, "systemd/reflashd.catalog"),
                os.path.join(root, "usr/lib/systemd/catalog"))
    subprocess.run(["journalctl", "--root=" + root, "--update-catalog"],
                   check=True)
    with open(os.path.join(folder, "machine-id"), "w") as f:
        f.write("0123456789abcdef0123456789abcdef\n")
    for mine, place in ((root + "/var/lib/systemd", "/var/lib/systemd"),
                        (f.name, MACHINE), ("/dev/null", "/dev/kmsg")):
        subprocess.run(["mount", "--bind", mine, place], check=True)
    with open(os.path.join(folder, "journald"), "w") as f:
        subprocess.Popen([JOURNALD], stdout=f, stderr=f)
    # Its sockets are there before it listens on each of them; this it answers.
    lan.wait(lambda: subprocess.call(["journalctl", "--sync"],
                                     stderr=subprocess.DEVNULL) == 0,
             15, "systemd-journald answers")


def journalctl(*options):
    subprocess.run(["journalctl", "--sync"], check=True)
    return subprocess.check_output(
        ["journalctl", "--no-pager", "--directory=/run/log/journal", *options],
        universal_newlines=True)


def entries(*matches):
    return [json.loads(line) for line in
            journalctl("-o", "json", *matches).splitlines()]


def stream():
    """A stderr as the service manager gives it, and how it says so.

    A service manager holds that socket itself, so that nobody is refused.
    """
    s = socket.socket(socket.AF_UNIX)
    lan.wait(lambda: s.connect_ex("/run/systemd/journal/stdout") == 0, 20,
             "journald listens")
    s.sendall(b"stream\n\n6\n1\n0\n0\n0\n")
    st = os.fstat(s.fileno())
    return s, dict(os.environ, JOURNAL_STREAM="%d:%d" % (
        st.st_dev, st.st_ino))


@contextlib.contextmanager
def kept_in(path):
    """What the journal has in the end, for whoever looks for a failure."""
    try:
        yield
    finally:
        with open(path, "w") as f:
            f.write(journalctl())


class Service(lan.Daemon):
    """reflashd as a service that writes into the journal."""

    def launch(self, *options):
        err, env = stream()
        with err:
            self.process = subprocess.Popen(
                [os.path.join(lan.BUILD, "reflashd"), "-c", self.conf,
                 *options], stderr=err, env=env)


def refused_to_start(env=None):
    """What is on stderr of a reflashd that ends at once, if no journal is."""
    err, fits = stream()
    with err:
        done = subprocess.run(
            [os.path.join(lan.BUILD, "reflashd"), "-c", "/nowhere"],
            stderr=subprocess.PIPE if env else err, env=env or fits,
            universal_newlines=True)
    lan.expect(done.returncode, 78, "exit code without a configuration")
    return done.stderr


def names():
    """What each id of the catalog stands for: the last word of its subject."""
    return {line.split()[0]: line.split()[-1] for line in
            journalctl("--list-catalog").splitlines()}


def check_line(entry, name_of):
    """A line says its state first, and its id is of what it says."""
    ident, text = entry["REFLASHD_DEVICE"], entry["MESSAGE"]
    said = re.match(r"device %s \([\d.]+\): (.*)" % ident, text, re.S).group(1)
    foreign = {field for field in entry if not field.startswith("_")} - OURS
    lan.expect(foreign, set(), "other fields of %r" % text)
    lan.expect((entry["SYSLOG_IDENTIFIER"], entry["_TRANSPORT"]),
               ("reflashd", "journal"), "where %r comes from" % text)
    name = name_of.get(entry["MESSAGE_ID"])
    if name is None:
        return "-" + entry["MESSAGE_ID"]
    found = re.match(r"(?:refused: |failed: |held: |attempt .* failed: )?"
                     r"([a-z-]+)", said).group(1)
    lan.expect(found, name, "the id of %r" % text)
    return name


def check_fields(ident, address, **want):
    """Of the last line about a device."""
    entry = entries("REFLASHD_DEVICE=" + ident)[-1]
    want["REFLASHD_ADDRESS"] = address
    lan.expect({key: entry.get(key) for key in want}, want, ident)


def check_journal(sha, address):
    name_of, lines = names(), entries("SYSLOG_IDENTIFIER=reflashd")
    seen = {}
    for entry in lines:
        if "REFLASHD_DEVICE" in entry:
            seen.setdefault(entry["REFLASHD_DEVICE"], []).append(
                check_line(entry, name_of))
    lan.expect([name for name in seen[FLASHED] if name[0] != "-"],
               ["seen", "probing", "unlocking", "confirming", "offering",
                "downloading", "rebooting", "flashed"], "lines of " + FLASHED)
    lan.expect(len({name for name in seen[FLASHED] if name[0] == "-"}), 2,
               "ids of progress and of notes")
    lan.expect(seen[FAILED].count("unlock-refused"), 2, "failures told")
    lan.expect([entry["MESSAGE"] for entry in entries("_TRANSPORT=stdout")][:3],
               [], "lines of stderr as well")
    check_fields(FLASHED, address[FLASHED], REFLASHD_STATE="flashed",
                 REFLASHD_REASON=None, REFLASHD_POLICY="50-all",
                 REFLASHD_SHA256=sha, PRIORITY="5")
    check_fields(FAILED, address[FAILED], REFLASHD_STATE="failed",
                 REFLASHD_REASON="unlock-refused", REFLASHD_POLICY="50-all",
                 REFLASHD_SHA256=sha, PRIORITY="3")
    check_fields(REFUSED, address[REFUSED], REFLASHD_STATE="refused",
                 REFLASHD_REASON="not-diy-mode", REFLASHD_POLICY="50-all",
                 REFLASHD_SHA256=sha, PRIORITY="4")
    check_fields(HELD, address[HELD], REFLASHD_STATE="held",
                 REFLASHD_REASON="approval", REFLASHD_POLICY="40-ask",
                 REFLASHD_SHA256=sha, PRIORITY="6")
    return len(lines)


def check_explained(ident, state, *said):
    """By the catalog, with its fields filled in."""
    text = journalctl("-x", "REFLASHD_DEVICE=" + ident,
                      "REFLASHD_STATE=" + state)
    for part in said + ("Documentation: man:reflashd(8)",):
        if part not in text:
            raise lan.Failure("%s: %r does not say %r" % (ident, text, part))
    if "@" in text or "REFLASHD_" in text:
        raise lan.Failure("%s: a field is left in %r" % (ident, text))
    return text


def check_strange_name(daemon):
    """The name of a file that is a policy, or that looks like a field."""
    daemon.policy(STRANGE, dict(Action="observe"))
    daemon.launch()
    lan.expect(daemon.process.wait(20), 78, "exit code with a strange name")
    os.remove(os.path.join(daemon.policies, STRANGE + ".policy"))
    lines = [entry for entry in entries() if STRANGE in entry["MESSAGE"]]
    if not lines or any("INJECTED" in entry for entry in lines):
        raise lan.Failure("a text became a field")


def check_without_socket():
    """Not a line is lost: it goes to stderr, with its priority."""
    os.rename("/run/systemd/journal/socket", "/run/systemd/journal/gone")
    refused_to_start()
    os.rename("/run/systemd/journal/gone", "/run/systemd/journal/socket")
    check_stderr()


def check_stderr():
    texts = [entry["MESSAGE"] for entry in
             entries("_TRANSPORT=stdout", "PRIORITY=3")]
    lan.expect([text[:len(NO_FILE)] for text in texts][:1], [NO_FILE],
               "lines of stderr")


def check_elsewhere():
    """A stderr that is not the journal's gets plain lines."""
    text = refused_to_start(dict(os.environ, JOURNAL_STREAM="1:1"))
    if not text.startswith("reflashd: " + NO_FILE):
        raise lan.Failure("on a stderr that is no journal: %r" % text)


def main(folder):
    journal_up(folder)
    check_elsewhere()
    if b"+systemd" not in subprocess.check_output(
            [os.path.join(lan.BUILD, "reflashd"), "-V"]):
        refused_to_start()
        check_stderr()
        print("without libsystemd: lines with their priority")
        return
    daemon = Service(folder, limits=dict(LeaveTimeoutSec=3, GoneSec=1))
    sha = lan.make_image(daemon.images + "/image.bin")
    daemon.policy("40-ask", dict(Action="ask", Image="image.bin"),
                  match=dict(DeviceId=HELD))
    daemon.policy("50-all", dict(Image="image.bin", Attempts=2))
    with lan.stopped_at_end(daemon), kept_in(daemon.log):
        check_strange_name(daemon)
        daemon.start()
        for ident, state in ((FLASHED, "flashed"), (FAILED, "failed"),
                             (REFUSED, "refused"), (HELD, "held")):
            daemon.wait_for(ident, state)
        count = check_journal(sha, {
            ident: address for address, ident in lan.sim_devices()})
    check_explained(FLASHED, "flashed", "Device 1000a00001: flashed",
                    "open http://192.168.4.1")
    check_explained(REFUSED, "refused", "access point ITEAD-1000c00003")
    check_explained(HELD, "held", "reflashctl approve 1000d00004")
    print(check_explained(FAILED, "failed",
                          "Device 1000b00002: failed: unlock-refused",
                          "refused to unlock the device."))
    last = entries("REFLASHD_DEVICE=" + FLASHED)[-1]
    print(json.dumps({key: last[key] for key in sorted(OURS & last.keys())},
                     indent=1))
    check_without_socket()
    print("%d lines in the journal, each once" % count)


if not (os.access(JOURNALD, os.X_OK) and os.path.isfile(MACHINE)):
    lan.skip("no systemd-journald, or no %s for it" % MACHINE)
lan.run(main, DEVICES)
