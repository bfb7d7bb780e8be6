# SPDX-License-Identifier: ISC
"""What the tests in here share: a LAN of reflash-sim's devices, and the daemon.

A test runs in the folder of the programs.  Every wait is for a condition, and
has an end.
"""
import contextlib
import hashlib
import json
import mmap
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time

BUILD = os.getcwd()
HERE = os.path.dirname(os.path.abspath(__file__))
SIM = os.path.join(BUILD, "reflash-sim")
SCAN = os.path.join(BUILD, "reflash-scan")
POLL = 0.05
MAX_PATIENCE = 10
BREACH, SKIPPED, NO_LAN = 70, 77, 78  # exit codes
DENY_ROUTE, DENY_CHANGES, DENY_ACCEPT = range(3)  # of Denials

# No longer than what is tested needs; the real ones fit real devices.
LIMITS = dict(MaxParallel=50, ProbeTimeoutSec=8, UnlockTimeoutSec=8,
              ConfirmTimeoutSec=8, OfferTimeoutSec=6, FirstFetchSec=10,
              StallSec=8, FlashTimeoutSec=60, VerdictSec=5, LeaveTimeoutSec=8,
              GoneSec=3, BackoffSec=1)


class Failure(Exception):
    """The test has failed, for the reason that it says."""


def run(test, devices, ends=(0,), loopback=False):
    """Call test(folder, argument...) on a LAN of devices, and exit.

    The devices are options of reflash-sim.  Outside of such a LAN the program
    starts again in one; reflash-sim must end with one of these codes then: with
    0, or BREACH.  Where there can be no LAN the test is skipped, if it does not
    run on the loopback, too.
    """
    if "REFLASH_SIM" in os.environ:
        if not loopback and not (os.environ["REFLASH_SIM"] ==
                                 os.environ["REFLASH_LAN"] == "namespace"):
            sys.exit(NO_LAN)
        sys.exit(test(os.environ["tmp"], *sys.argv[1:]))
    code = subprocess.call(
        [os.path.join(HERE, "in_lan.sh"), *devices.split(), "--",
         os.path.abspath(sys.argv[0]), *sys.argv[1:]])
    sys.exit(0 if code in ends else
             code or "reflash-sim ended with 0 instead of %d" % ends[0])


def skip(reason):
    print("SKIP: " + reason)
    sys.exit(SKIPPED)


def need_program(name):
    if not shutil.which(name):
        skip("no " + name)


def need_feature(name):
    if "+" + name not in subprocess.check_output(
            [os.path.join(BUILD, "reflashd"), "-V"], universal_newlines=True):
        skip("built without " + name)


def expect_row_for_each_fault(rows, ignored=()):
    """Each fault of reflash-sim has a row, but for those that begin so."""
    faults = subprocess.check_output([SIM, "--list-faults"],
                                     universal_newlines=True).splitlines()
    expect({name for row in rows for name in
            re.sub(r"[@*/][^+]*", "", row).split("+")} - {"none"},
           {line.split()[0] for line in faults if not line.startswith(ignored)},
           "faults with a row")


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def ips(lines):
    for line in lines.splitlines():
        ip(*line.split())


def strangers_up():
    """The namespace "evil": a net of its own, which is allowed like the other."""
    ips("""netns add evil
        link add eth1 type veth peer name eth0 netns evil
        address add 10.66.0.1/24 dev eth1
        link set eth1 up
        -n evil link set lo up
        -n evil link set eth0 up
        -n evil route add 224.0.0.0/4 dev eth0""")
    subprocess.run(["ip", "-n", "evil", "-batch", "-"], check=True, input="".join(
        "address add 10.66.0.%d/24 dev eth0\n" % n for n in range(2, 202)),
        universal_newlines=True)


def patience():
    """How many times as long everything may take on this machine just now."""
    return min(max(os.getloadavg()[0] / len(os.sched_getaffinity(0)), 1),
               MAX_PATIENCE)


def wait(condition, seconds, what):
    """The first true value of condition(), which may be called often.

    The time is that of a machine that has a processor for the test.
    """
    begun = time.monotonic()
    while True:
        value = condition()
        if value:
            return value
        took = time.monotonic() - begun
        if took > seconds and took > seconds * patience():
            raise Failure("not within %d s (on this machine, as busy as it is, "
                          "%d s): %s" % (seconds, took, what))
        time.sleep(POLL)


def has_multicast():
    return os.environ["REFLASH_SIM"] == "namespace" and os.path.exists(SCAN)


def has_sanitizer():
    """It keeps what was freed."""
    with open(os.path.join(BUILD, "reflashd"), "rb") as f:
        return b"__asan_init" in f.read()


def sim_devices():
    """(address, id) of each device, as reflash-sim has begun."""
    with open(os.environ["REFLASH_SIM_DEVICES_CONF"]) as f:
        return [tuple(line[len("Device="):].split()) for line in f
                if line.startswith("Device=")]


def sim(*request):
    subprocess.run([SIM, "control", os.environ["REFLASH_SIM_CONTROL"],
                    *request], check=True)


def make_image(path, kind="small", *options):
    """Its sha256."""
    subprocess.run([SIM, "image", *options, kind, path], check=True)
    return sha256(path)


def sha256(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def ini(sections):
    """{"Section": {"Key": value or list}} as text; a list repeats the key."""
    lines = []
    for name, keys in sections.items():
        lines.append("[%s]" % name)
        for key, value in keys.items():
            for one in value if isinstance(value, list) else [value]:
                lines.append("%s=%s" % (key, one))
    return "\n".join(lines) + "\n"


class Inventor:
    """Stands in for reflash-scan (see SCAN), and tells what the test says."""

    def __init__(self, folder):
        os.makedirs(folder)
        self.lines = open(os.path.join(folder, "lines"), "w")
        self.program = os.path.join(folder, "scan")
        with open(self.program, "w") as f:
            f.write("#!/bin/sh\nexec tail -n +1 -s 0.05 -f %s\n" %
                    self.lines.name)
        os.chmod(self.program, 0o755)

    def say(self, ident, address, interface, **txt):
        self.line(dict(
            event="seen", service="_ewelink._tcp", instance="eWeLink_" + ident,
            interface=interface, address=address, port=8081,
            txt=dict(dict(type="diy_plug", id=ident), **txt)))

    def line(self, what):
        """Told with the next flush()."""
        self.lines.write(json.dumps(what) + "\n")

    def flush(self):
        self.lines.flush()


class Daemon:
    """reflashd with everything it writes below a folder."""

    def __init__(self, folder, limits=None, server=None, discovery=None,
                 state="state"):
        self.folder = folder
        self.state = os.path.join(folder, state)
        self.images = os.path.join(folder, "images")
        self.policies = os.path.join(folder, "policy.d")
        self.hooks = os.path.join(folder, "hooks.d")
        self.conf = os.path.join(folder, "reflashd.conf")
        # In a folder of its own: where the daemon may write no hook is run.
        self.control = os.path.join(folder, "socket", "control")
        self.log = os.path.join(folder, "log")
        self.process, self.env = None, {}
        for path in (self.images, self.policies, self.hooks,
                     os.path.dirname(self.control)):
            os.makedirs(path, exist_ok=True)
        self.write_conf(limits or {}, server or {}, discovery)

    def write_conf(self, limits, server, discovery):
        if discovery is None:
            discovery = dict(Backend="none", RequerySec=2, Device=[
                " ".join(device) for device in sim_devices()])
        if os.environ["REFLASH_SIM"] == "loopback":
            discovery["AllowNetworks"] = "127.0.0.0/8"
            server.setdefault("AdvertiseAddress",
                              os.environ["REFLASH_SIM_SERVER"])
        with open(self.conf, "w") as f:
            f.write(ini({
                "Paths": dict(PolicyDirectories=self.policies,
                              ImageDirectory=self.images,
                              StateDirectory=self.state,
                              HookDirectory=self.hooks,
                              ControlSocket=self.control, ControlGroup="root"),
                "Discovery": discovery, "Server": server,
                "Limits": {**LIMITS, **limits}}))

    def policy(self, name, flash, match=None, rollout=None, verify=None,
               finish=None):
        with open(os.path.join(self.policies, name + ".policy"), "w") as f:
            f.write(ini({
                "Match": match or dict(DeviceId="*"),
                "Flash": {"Action": "flash", **flash},
                "Rollout": rollout or {},
                "Verify": verify or dict(Expect="leave"),
                "Finish": finish or {}}))

    def launch(self, *options):
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                [os.path.join(BUILD, "reflashd"), "-c", self.conf, *options],
                stderr=log,
                env=dict(os.environ, REFLASHD_SCAN=SCAN, **self.env))

    def start(self, *options):
        """And wait until it answers."""
        self.launch(*options)
        wait(self.answers, 20, "reflashd starts")

    def answers(self):
        if self.process.poll() is not None:
            raise Failure("reflashd ended with %d" % self.process.returncode)
        try:
            self.ask("status")
        except OSError:
            return False
        return True

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            code = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failure("reflashd does not stop")
        if code != 0:
            raise Failure("reflashd stopped with %d" % code)

    def ask(self, what, **args):
        """The items and the last line of the answer."""
        items = []
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(60)
            s.connect(self.control)
            s.sendall(json.dumps(
                {"v": 1, "do": what, "args": args}).encode() + b"\n")
            with s.makefile() as lines:
                for line in lines:
                    answer = json.loads(line)
                    if "ok" in answer:
                        return items, answer
                    if answer["event"] == "item":
                        items.append(answer["item"])
        raise ConnectionError("reflashd closed before the end of its answer")

    def devices(self):
        return {device["id"]: device for device in self.ask("devices")[0]}

    def device(self, ident):
        answer = self.ask("show", id=ident)[1]
        return answer["device"] if answer["ok"] else None

    def state_of(self, ident):
        device = self.device(ident)
        return device["state"] if device else None

    def wait_for(self, ident, state, seconds=60, reason=None):
        """Until the device is in that state, held for that reason, say."""
        def there():
            device = self.device(ident)
            return device and device["state"] == state and (
                reason is None or device["reason"] == reason) and device
        try:
            return wait(there, seconds, "")
        except Failure:
            now = self.device(ident) or dict(state=None, reason=None)
            raise Failure("%s: %s (%s) after %d s instead of %s (%s)" % (
                ident, now["state"], now["reason"], seconds, state, reason))

    def wait_for_all(self, states, seconds, idents=None):
        """Until every device is in one of the states: {id: device}."""
        idents = idents or {ident for _, ident in sim_devices()}

        def others():
            devices = self.devices()
            return {ident: devices[ident]["state"] if ident in devices
                    else None for ident in idents if ident not in devices or
                    devices[ident]["state"] not in states}
        try:
            wait(lambda: not others(), seconds, "")
        except Failure:
            raise Failure("not %s after %d s: %s" % (
                " or ".join(states), seconds, others()))
        return self.devices()

    def ctl(self, *words, code=0):
        """What reflashctl prints; its exit code must be that."""
        done = subprocess.run(
            [os.path.join(BUILD, "reflashctl"), "--socket", self.control,
             *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            universal_newlines=True, timeout=120)
        if done.returncode != code:
            raise Failure("reflashctl %s: exit code %d instead of %d: %s" % (
                " ".join(words), done.returncode, code, done.stdout.strip()))
        return done.stdout

    def ctl_json(self, *words, code=0):
        return json.loads(self.ctl("--json", *words, code=code))

    def logged(self, pattern):
        """Its lines that have the pattern."""
        with open(self.log) as f:
            return [line.rstrip("\n") for line in f
                    if re.search(pattern, line)]

    def history(self):
        """As it is in the file; a line that is not whole is a failure."""
        entries = []
        path = os.path.join(self.state, "history.jsonl")
        for part in [path + ".%d" % n for n in range(9, 0, -1)] + [path]:
            if not os.path.exists(part):
                continue
            with open(part) as f:
                for number, line in enumerate(f, 1):
                    try:
                        entries.append(json.loads(line))
                    except ValueError:
                        raise Failure("%s:%d: torn: %r" % (
                            part, number, line))
        return entries


class Denials:
    """What deny_shim.so denies: an errno for each kind of call; 0 for none."""

    def __init__(self, path):
        self.path = path
        with open(path, "wb") as f:
            f.write(bytes(8 * 3))
        with open(path, "r+b") as f:
            self.page = mmap.mmap(f.fileno(), 8 * 3)

    def __setitem__(self, which, code):
        self.page[8 * which:8 * which + 8] = struct.pack("<q", code)

    def env(self):
        return dict(LD_PRELOAD=os.path.join(BUILD, "deny_shim.so"),
                    DENY_SHIM=self.path,
                    ASAN_OPTIONS="verify_asan_link_order=0")


def expect(have, want, what):
    if have != want:
        raise Failure("%s: %r instead of %r" % (what, have, want))


def report(path):
    """What the devices saw until now, by id; of twins the first."""
    sim("report")
    seen = {}
    with open(path) as f:
        for device in json.load(f)["devices"]:
            seen.setdefault(device["id"], device)
    return seen


@contextlib.contextmanager
def stopped_at_end(daemon):
    """Whatever happens; and its log is shown if it was nothing good."""
    try:
        yield daemon
        daemon.stop()
    except BaseException as e:
        if daemon.process is not None and daemon.process.poll() is None:
            daemon.kill()
        if os.path.exists(daemon.log):
            with open(daemon.log) as f:
                sys.stdout.write("".join(f.readlines()[-40:]))
        if isinstance(e, Failure):
            sys.exit("FAIL: %s" % e)
        raise
