#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""What each process of a running reflashd can never do, as /proc says of reflashd,
reflash-scan, the starter and a hook.
"""
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time

HOOK = """#!/bin/sh
cat /proc/self/status >%(out)s/status
env >%(out)s/env
"""
CONF = """[Paths]
PolicyDirectories=%(top)s/policy.d
ImageDirectory=%(top)s
StateDirectory=%(top)s/state
HookDirectory=%(top)s/hooks.d
ControlSocket=%(top)s/run/control
ControlGroup=root
[Discovery]
Backend=%(backend)s
Device=127.0.0.7 1000a05bf6
AllowNetworks=127.0.0.0/8
"""
POLICY = """[Match]
DeviceId=*
[Flash]
Action=flash
Image=first.bin
"""


def wait(condition, what):
    until = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < until, "never came: " + what
        time.sleep(0.05)


def write(path, text, mode=0o644):
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, mode)


def read(path):
    with open(path) as f:
        return f.read()


def status(text):
    """The fields of /proc/PID/status."""
    return dict(re.findall(r"(?m)^(\w+):\s*(.*)$", text))


def children(pid):
    """By name."""
    pids = read("/proc/%d/task/%d/children" % (pid, pid)).split()
    found = {}
    for child in pids:
        fields = status(read("/proc/%s/status" % child))
        found[fields["Name"]] = fields
    return found


def expect(have, want, what):
    assert have == want, "%s: %r instead of %r" % (what, have, want)
    print("%-16s %s" % (what, have))


def check(top):
    log = top + "/log"
    with open(log, "w") as out:
        daemon = subprocess.Popen(["./reflashd", "-c", top + "/conf"],
                                  stderr=out)
    try:
        wait(lambda: "sandboxed: " in read(log) or
             daemon.poll() is not None, "the line of the sandbox")
        wait(lambda: os.path.exists(top + "/out/env"), "the hook")
        said = re.search("sandboxed: (.*)", read(log))[1]
        seccomp = "2" if re.search(r"\bseccomp$", said) else "0"
        expect(said, said, "it says")
        fields = status(read("/proc/%d/status" % daemon.pid))
        expect((fields["NoNewPrivs"], fields["Seccomp"]), ("1", seccomp),
               "reflashd")
        names = ["reflash-scan", "reflash-starter"]
        wait(lambda: sorted(children(daemon.pid)) == names,
             "these children alone: %r" % names)
        wait(lambda: children(daemon.pid)["reflash-scan"]["Seccomp"] ==
             seccomp, "reflash-scan in its sandbox")
        processes = children(daemon.pid)
        for name, filtered in (("reflash-scan", seccomp),
                               ("reflash-starter", "0")):
            fields = processes[name]
            expect((fields["NoNewPrivs"], fields["Seccomp"]),
                   ("1", filtered), name)
        fields = status(read(top + "/out/status"))
        expect((fields["NoNewPrivs"], fields["Seccomp"]), ("1", "0"),
               "a hook")
        secret = [line for line in read(top + "/out/env").splitlines()
                  if "CREDENTIALS" in line or "NOTIFY" in line]
        expect(secret, [], "secrets of it")
    finally:
        daemon.terminate()
        code = daemon.wait()
        sys.stdout.write("" if code == 0 else read(log))
    expect(code, 0, "its end")


def dumps_core(top, command, is_ready):
    """Does it leave its memory behind when it crashes, where it may write?"""
    most = resource.getrlimit(resource.RLIMIT_CORE)[1]
    with open(top + "/log", "w") as out:
        process = subprocess.Popen(
            command, cwd=top + "/state", stderr=out, preexec_fn=lambda:
            resource.setrlimit(resource.RLIMIT_CORE, (most, most)))
    wait(is_ready, "the start of " + command[0])
    process.send_signal(signal.SIGSEGV)
    code = os.waitpid(process.pid, 0)[1]
    process.returncode = 0
    return os.WCOREDUMP(code)


def check_core(top):
    log = top + "/log"
    if not dumps_core(top, ["sleep", "1000"], lambda: True):
        print("no cores are written here")
        return
    cored = dumps_core(top, [os.path.abspath("reflashd"), "-c", top + "/conf"],
                       lambda: "sandboxed: " in read(log))
    if "sanitizer" not in read(log):
        expect(cored, False, "it leaves a core")


def main():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory() as top:
        backend = "embedded" if "+embedded-mdns" in subprocess.check_output(
            ["./reflashd", "-V"], text=True) else "avahi"
        for folder in "policy.d", "hooks.d", "run", "out":
            os.mkdir(top + "/" + folder)
        subprocess.run(["./reflash-sim", "image", "small", top + "/first.bin"],
                       check=True)
        write(top + "/conf", CONF % dict(top=top, backend=backend))
        write(top + "/policy.d/10-all.policy", POLICY)
        # It writes where the daemon may not.
        write(top + "/hooks.d/10-look", HOOK % dict(out=top + "/out"), 0o755)
        os.environ["CREDENTIALS_DIRECTORY"] = top
        check(top)
        check_core(top)


if "REFLASH_SANDBOX" not in os.environ:
    alone = ["unshare", "-rn", "--kill-child", "--fork"]
    if subprocess.call(alone + ["true"], stderr=subprocess.DEVNULL) != 0:
        print("SKIP: no user namespaces here")
        sys.exit(77)
    os.environ["REFLASH_SANDBOX"] = "1"
    os.execvp("unshare", alone + [os.path.abspath(__file__)])
main()
