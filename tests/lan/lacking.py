#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Machines that lack something: an old kernel, a container, no IPv6, a full /tmp.

In each of REHEARSALS a device is flashed as ./run does it, or it is said in one
sentence what is missing and what to do.  In each of PROGRAMS one program is begun.
Neither may crash, hang, or do less without a word.
"""
import concurrent.futures
import os
import re
import struct
import subprocess
import sys
import tempfile
import time

import lan

LACKING = os.path.join(lan.BUILD, "lacking")
SLEEP_SHIM = os.path.join(lan.BUILD, "sleep_shim.so")
DEVICE = "id=1000a05bf6,chunk-ms=0,reboot-ms=100"
AT_ONCE = 8
HANGS_SEC = 120

EPERM, EINVAL, ENOSPC, ENOSYS, EOPNOTSUPP, EAFNOSUPPORT = 1, 22, 28, 38, 95, 97

NO_LANDLOCK = "landlock_create_ruleset/%d" % ENOSYS
NO_SECCOMP = "seccomp/%d prctl,0=22/%d" % (ENOSYS, EINVAL)
NO_IPV6 = "socket,0=10/%d" % EAFNOSUPPORT
# What came after Linux 4.19; seccomp's flag 8 is a listener, and its operation 3
# asks for the size of what it hears.
LINUX_4_19 = NO_LANDLOCK + (
    " seccomp,1=8/%d seccomp,0=3/%d" % (EINVAL, EOPNOTSUPP) + "".join(
        " %s/%d" % (name, ENOSYS) for name in (
            "close_range", "pidfd_open", "openat2", "clone3", "faccessat2")))
IPV6_OFF = "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6"
TMP_READ_ONLY = "mount --bind /tmp /tmp && mount -o remount,bind,ro /tmp"
NOWHERE = "; ".join("mount -t tmpfs -o size=4k none %s && echo >%s/full" %
                    (folder, folder)
                    for folder in ("/tmp", "/var/tmp", "/dev/shm"))
BEFORE, AFTER = "1970-01-02", "2105-06-07"


def loopback(why):
    return r"no virtual LAN can be made here \(%s\), so the rehearsal is on " \
        "the loopback" % why


# (name, what, what is said); what has:
#   lacks   calls that the kernel has not
#   setup   a shell command that is run first, in namespaces of its own
#   within  a program that begins it
#   env     more variables; "-" before them: no others
#   date    what the clock shows
#   sim     more options of reflash-sim
#   code    0, if it must work
REHEARSALS = [
    ("a whole machine", {}, "sandboxed: "),
    ("no Landlock", dict(lacks=NO_LANDLOCK),
     r"sandboxed: no Landlock \(this kernel has none\)"),
    ("no seccomp", dict(lacks=NO_SECCOMP),
     r"sandboxed: .*no seccomp \(this kernel has none\)"),
    ("neither", dict(lacks=NO_LANDLOCK + " " + NO_SECCOMP),
     r"no Landlock \(this kernel has none\), no seccomp \(this kernel"),
    ("Linux 4.19", dict(lacks=LINUX_4_19),
     r"reflash-scan: sandboxed: .*(the connector takes Linux 5\.9|socketcall)"),
    ("no namespaces in a container", dict(lacks="unshare/%d" % EPERM),
     loopback("a user namespace: Operation not permitted")),
    ("a kernel without network namespaces", dict(lacks="unshare/%d" % EINVAL),
     loopback("a network namespace: Invalid argument")),
    ("user.max_user_namespaces=0", dict(lacks="unshare/%d" % ENOSPC),
     loopback("a network namespace: No space left on device")),
    ("/proc/sys of a container", dict(
        setup="mount --bind /proc/sys /proc/sys && "
              "mount -o remount,bind,ro /proc/sys"),
     loopback("/proc/sys/net/ipv4/.*: Read-only file system")),
    ("no /proc", dict(setup="mount -t tmpfs none /proc"),
     r"network: /proc/self/net/route is missing, .*mount -t proc proc /proc"),
    ("no /sys", dict(setup="mount -t tmpfs none /sys"), "sandboxed: "),
    ("a kernel without IPv6", dict(lacks=NO_IPV6), "embedded mDNS stack"),
    ("IPv6 switched off", dict(setup=IPV6_OFF), "embedded mDNS stack"),
    ("/tmp is read-only", dict(setup=TMP_READ_ONLY, env="TMPDIR=/var/tmp"),
     "sandboxed: "),
    ("/tmp is full", dict(
        setup="mount -t tmpfs -o size=64k none /tmp && "
              "dd if=/dev/zero of=/tmp/full bs=4k count=15 2>/dev/null"),
     "sandboxed: "),
    ("nowhere is room", dict(setup=NOWHERE, code=1),
     "reflash-sim: no file can be made in .*name a folder of yours"),
    ("an empty environment", dict(env="- PATH=/usr/sbin:/usr/bin:/sbin:/bin"),
     "sandboxed: "),
    ("the C locale", dict(env="LC_ALL=C"), "sandboxed: "),
    ("a locale that is not there", dict(env="LC_ALL=xx_YY.UTF-9"),
     "sandboxed: "),
    ("a time zone that is not there", dict(env="TZ=:/nonexistent"),
     "sandboxed: "),
    ("a time zone of half hours", dict(
        env="TZ=<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45"), "sandboxed: "),
    ("umask 077", dict(setup="umask 077"), "sandboxed: "),
    ("one processor", dict(within="taskset -c 0"), "sandboxed: "),
    ("64 open files", dict(within="prlimit --nofile=64:64"), "sandboxed: "),
    ("20 open files", dict(within="prlimit --nofile=20:20", code=1),
     "may open only 20 files at once, and needs 64: raise the limit"),
    ("the clock at 1970", dict(date=BEFORE), "sandboxed: "),
    ("the clock after 2038", dict(date=AFTER), "sandboxed: "),
]

# (name, what, program, its exit code, what it says)
PROGRAMS = [
    ("page on IPv6, a kernel without", dict(lacks=NO_IPV6),
     "reflash-web -c {conf}/web6", 1, "this machine has no IPv6.*IPv4 address"),
    ("page on IPv6, switched off", dict(setup=IPV6_OFF),
     "reflash-web -c {conf}/web6", 1, "this machine has no IPv6.*IPv4 address"),
    ("broker on IPv6, a kernel without", dict(lacks=NO_IPV6),
     "reflash-mqtt -t -c {conf}/mqtt6", 1, "this machine has no IPv6"),
    ("broker on IPv6, switched off", dict(setup=IPV6_OFF),
     "reflash-mqtt -t -c {conf}/mqtt6", 1, "this machine has no IPv6"),
    ("download over IPv6, a kernel without", dict(lacks=NO_IPV6),
     "reflashctl download http://[::1]:9/x.bin", 1, "this machine has no IPv6"),
    ("download over IPv6, switched off", dict(setup=IPV6_OFF),
     "reflashctl download http://[::1]:9/x.bin", 1, "this machine has no IPv6"),
    ("page, 20 open files", dict(within="prlimit --nofile=20:20"),
     "reflash-web -c {conf}/web4", 1, "may open only 20 files.*raise the lim"),
    ("MQTT, 20 open files", dict(within="prlimit --nofile=20:20"),
     "reflash-mqtt -c {conf}/mqtt6", 1, "may open only 20 files.*raise the lim"),
    ("discovery, 20 open files", dict(within="prlimit --nofile=20:20"),
     "reflash-scan --time 1", 1, "may open only 20 files.*raise the limit"),
    ("discovery without any network", dict(setup="ip link set lo down"),
     "reflash-scan --time 1", 0, '"ready":true'),
    ("doctor without /proc and /sys", dict(
        setup="mount -t tmpfs none /sys && mount -t tmpfs none /proc"),
     "reflashctl doctor", 4, "failure +daemon"),
    ("doctor, Linux 4.19", dict(lacks=LINUX_4_19),
     "reflashctl doctor", 4, "failure +daemon"),
    ("check without /dev", dict(setup="mount -t tmpfs none /dev"),
     "reflashd -t -c {conf}/reflashd", 0, "The configuration is good"),
    ("devices in a tiny environment", dict(env="-"),
     "reflashctl devices", 5, "the daemon does not answer at "),
]

CONF = {
    "web4": "[Server]\nListen=127.0.0.1:8267\n",
    "web6": "[Server]\nListen=[::1]:8267\n",
    "mqtt6": "[Broker]\nHost=::1\n",
    "reflashd": "[Paths]\nPolicyDirectories={conf}/p\nImageDirectory={conf}/i\n"
                "StateDirectory={conf}/s\nHookDirectory={conf}/h\n",
}


def clock_at(folder, date):
    """The words of env(1) for a clock that shows this day."""
    path = os.path.join(folder, "clock")
    with open(path, "wb") as f:
        ahead = time.mktime(time.strptime(date, "%Y-%m-%d")) - time.time()
        f.write(struct.pack("<qq", 0, int(ahead)))
    return ["LD_PRELOAD=" + SLEEP_SHIM, "SLEEP_SHIM=" + path,
            "ASAN_OPTIONS=verify_asan_link_order=0"]


def machine(folder, lacks="", setup="true", within="", env="", date=None):
    """The words that run a program on a machine that lacks so much."""
    words = ["unshare", "-nm", "sh", "-c",
             'ip link set lo up; { %s; } && exec "$@"' % setup, "sh"]
    words += within.split()
    if lacks:
        words += [LACKING, *lacks.split(), "--"]
    variables = env.split() + (clock_at(folder, date) if date else [])
    return words + (["env", *variables] if variables else [])


def run(words):
    """Its exit code, and all that it says."""
    try:
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, universal_newlines=True,
            errors="replace", timeout=HANGS_SEC * lan.patience())
    except subprocess.TimeoutExpired:
        return None, "it hangs"
    return done.returncode, done.stdout


def read(path):
    if not os.path.exists(path):
        return ""
    with open(path, errors="replace") as f:
        return f.read()


def rehearse(root, folder, what, said):
    """What is wrong, or None."""
    what = dict(what)
    code, sim = what.pop("code", 0), what.pop("sim", "").split()
    os.makedirs(folder)
    got, out = run(machine(folder, **what) + [
        lan.SIM, "--quiet", "--device", DEVICE, *sim, "--",
        os.path.join(lan.HERE, "rehearse.sh"), root, folder])
    out += read(folder + "/reflashd.log")
    if got != code:
        return "exit code %s instead of %d:\n%s" % (got, code, out)
    if code == 0 and not re.search("1000a05bf6 .* flashed ", out):
        return "it is not flashed:\n" + out
    return None if re.search(said, out) else "it does not say %s:\n%s" % (
        said, out)


def begin(folder, what, command, code, said):
    program, *words = command.format(conf=folder).split()
    if not os.path.exists(os.path.join(lan.BUILD, program)):
        return None
    got, out = run(machine(folder, **what) + [
        os.path.join(lan.BUILD, program), *words])
    text = " ".join(out.split())
    if got != code:
        return "exit code %s instead of %d:\n%s" % (got, code, out)
    return None if re.search(said, text) else "it does not say %s:\n%s" % (
        said, out)


def make_root(folder):
    """Where rehearse.sh finds the programs."""
    for where, names in (("sbin", ["reflashd"]),
                         ("bin", ["reflashctl", "reflash-sim"])):
        os.makedirs(os.path.join(folder, where))
        for name in names:
            os.symlink(os.path.join(lan.BUILD, name),
                       os.path.join(folder, where, name))
    return folder


def make_conf(folder):
    for name in ("p", "i", "s"):
        os.makedirs(os.path.join(folder, name))
    for name, text in CONF.items():
        with open(os.path.join(folder, name), "w") as f:
            f.write(text.format(conf=folder))
    return folder


def has_sandbox():
    with open(os.path.join(lan.BUILD, "reflashd"), "rb") as f:
        return b"no sandbox (built for coverage)" not in f.read()


def is_possible(what):
    """The address sanitizer knows no seccomp, and needs /proc."""
    if "lacks" in what and not has_sandbox():
        return False
    return not (lan.has_sanitizer() and (
        "seccomp" in what.get("lacks", "") or "/proc" in what.get("setup", "")))


def main(only):
    # Not in /tmp: that is what some of these machines lack.
    with tempfile.TemporaryDirectory(dir=lan.BUILD) as folder, \
            concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        os.chmod(folder, 0o755)
        os.environ["REFLASHD_SOCKET"] = folder + "/no.sock"
        root, conf = make_root(folder + "/root"), make_conf(folder + "/conf")
        tasks = [(name, pool.submit(rehearse, root, "%s/%d" % (folder, n),
                                    what, said))
                 for n, (name, what, said) in enumerate(REHEARSALS)
                 if only in name and is_possible(what)]
        tasks += [(name, pool.submit(begin, conf, what, *rest))
                  for name, what, *rest in PROGRAMS
                  if only in name and is_possible(what)]
        wrong = 0
        for name, task in tasks:
            fault = task.result()
            print("%s: %s" % (name, fault or "ok"), flush=True)
            wrong += fault is not None
    sys.exit("%d of %d are wrong" % (wrong, len(tasks)) if wrong else 0)


if "REFLASH_LAN" not in os.environ:
    in_lan = os.path.join(lan.HERE, "in_lan.sh")
    os.execv(in_lan, [in_lan, "env", os.path.abspath(sys.argv[0]),
                      *sys.argv[1:]])
if os.environ["REFLASH_LAN"] != "namespace":
    lan.skip("no namespaces here in which something could be taken away")
if subprocess.call([LACKING, "--", "true"]) != 0:
    lan.skip("no seccomp here, by which calls could be taken away")
main(sys.argv[1] if len(sys.argv) > 1 else "")
