#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""reflashctl doctor on installations that are broken in one way each: it names
what is wrong, and after the commands that it prints were typed, nothing is.

The installation is as the package makes it, with a user of its own, in the
folders that are built in; nothing of this machine is changed.
"""
import contextlib
import email.utils
import fcntl
import http.server
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import lan

sys.path.insert(0, os.path.join(lan.HERE, "..", "ctl"))
import schema  # noqa: E402

DEVICES = """
    --device id=1000d00001,fw=3.6.0
    --device id=1000d00002,fw=3.7.6
"""
USERS = {"reflashd": 1990, "anna": 1992}
POLICY = """[Match]
Type=diy_plug
[Flash]
Action=ask
Image=first.bin
"""
# What a firewall has that lets in nothing but answers.
RULES = """
table inet filter {
    chain input {
        type filter hook input priority 0; policy drop;
        iif lo accept
        ct state vmap { established : accept, related : accept, invalid : drop }
        ip protocol icmp accept
        tcp dport { 22, 80-90 } accept
    }
}
"""


def sh(command, **more):
    return subprocess.run(command, shell=True, check=True, text=True, **more)


def existing(path):
    while not os.path.isdir(path):
        path = os.path.dirname(path)
    return path


class Patient(lan.Daemon):
    """reflashd as it is installed, run by its user."""

    def __init__(self, folder):
        self.folder, self.env, self.process = folder, {}, None
        self.log = os.path.join(folder, "log")
        os.chmod(folder, 0o755)
        self.bin = os.path.join(folder, "bin")
        os.makedirs(self.bin)
        for name in "reflashd", "reflashctl", "reflash-scan":
            shutil.copy(os.path.join(lan.BUILD, name), self.bin)
        self.path = self.bin + ":" + os.environ["PATH"]
        self.find_folders()
        self.replace_folders()
        self.add_users()
        self.control = os.path.join(self.run, "control.sock")

    def find_folders(self):
        text = subprocess.run([self.bin + "/reflashd", "-p"], check=True,
                              capture_output=True, text=True).stdout

        def built_in(key):
            return re.search(r"^%s=(?:.* )?(\S+)$" % key, text,
                             flags=re.M).group(1)
        self.policies = built_in("PolicyDirectories")
        self.etc = os.path.dirname(self.policies)
        self.state = built_in("StateDirectory")
        self.images = built_in("ImageDirectory")
        self.run = os.path.dirname(built_in("ControlSocket"))
        self.conf = os.path.join(self.etc, "reflashd.conf")

    def replace_folders(self):
        """Nothing below them is written to the disk of this machine."""
        kept = os.path.join(self.folder, "etc")
        shutil.copytree("/etc", kept, symlinks=True, ignore=lambda *_: [],
                        ignore_dangling_symlinks=True)
        mounted = []
        for path in ["/etc", self.etc, self.state, self.run]:
            at = existing(path)
            if any((path + "/").startswith(m + "/") for m in mounted):
                continue
            sh("mount -t tmpfs -o mode=755 tmpfs " + at)
            mounted.append(at)
            if at == "/etc":
                shutil.copytree(kept, "/etc", symlinks=True,
                                dirs_exist_ok=True)

    def add_users(self):
        for name, number in USERS.items():
            sh("sed -i '/^%s:/d' /etc/passwd /etc/group /etc/shadow; "
               "groupadd -g %d %s && useradd -u %d -g %d -d / -s /bin/sh %s" % (
                   name, number, name, number, number, name))

    def install(self):
        """All anew, as it should be."""
        for path in self.etc, self.state, self.run:
            if os.path.isdir(path):
                for name in os.listdir(path):
                    sub = os.path.join(path, name)
                    if os.path.isdir(sub) and not os.path.ismount(sub):
                        shutil.rmtree(sub)
                    elif not os.path.isdir(sub):
                        os.remove(sub)
        sh("install -d -m 755 %s %s && install -d -o reflashd -g reflashd "
           "-m 750 %s && install -d -o reflashd -g reflashd -m 2770 %s && "
           "install -d -o reflashd -g reflashd %s" % (
               self.etc, self.policies, self.state, self.images, self.run))
        self.configure(Discovery=dict(Backend="embedded", RequerySec=1))
        self.write_policy(POLICY)
        image = os.path.join(self.images, "first.bin")
        lan.make_image(image, "valid")
        sh("chown reflashd:reflashd %s; chmod 640 %s" % (image, image))

    def configure(self, **sections):
        with open(self.conf, "w") as f:
            f.write(lan.ini(sections))

    def write_policy(self, text):
        with open(os.path.join(self.policies, "50-plug.policy"), "w") as f:
            f.write(text)

    def launch(self, *options):
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                ["runuser", "-u", "reflashd", "--", self.bin + "/reflashd"],
                stderr=log, env=dict(os.environ, PATH=self.path, **self.env))

    def stop(self):
        """Also one that a cure has started."""
        self.end(signal.SIGTERM)

    def pids(self):
        """The processes of this very program."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                if os.readlink("/proc/%s/exe" % pid) == \
                        os.path.join(self.bin, "reflashd"):
                    found.append(int(pid))
        return found

    def end(self, number):
        for pid in self.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        if self.process is not None:
            self.process.wait(20)
        self.process = None
        lan.wait(lambda: not self.pids(), 20, "reflashd ends")

    def answers(self):
        try:
            self.ask("status")
        except OSError:
            return False
        return True

    def run_ctl(self, *words, user=None, code=None):
        """The exit code and the output; as a user who has just logged in."""
        as_user = {}
        if user is not None:
            groups = os.getgrouplist(user, USERS[user])
            as_user = dict(user=USERS[user], group=USERS[user],
                           extra_groups=groups)
        done = subprocess.run(
            [self.bin + "/reflashctl", *words], stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=120, cwd="/",
            env=dict(os.environ, PATH=self.path, **self.env), **as_user)
        if code is not None and done.returncode != code:
            raise lan.Failure("reflashctl %s: exit code %d: %s%s" % (
                words, done.returncode, done.stdout, done.stderr))
        return done.returncode, done.stdout

    def examine(self, user=None):
        """What doctor finds, and whether its exit code says the same."""
        code, out = self.run_ctl("--json", "doctor", user=user)
        answer = json.loads(out)
        schema.check(answer, "doctor")
        found = answer["doctor"]
        lan.expect(code, 4 if failures(found) else 0, "exit code of: " + out)
        return found

    def type(self, command):
        """As a person in a shell; sudo is not needed, and not here."""
        print("    $ " + command, flush=True)
        command = re.sub(r"(^|&& )sudo (?!-u)", r"\1", command)
        with open(self.log, "a") as log:
            done = subprocess.run(
                ["sh", "-c", command], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, timeout=60, start_new_session=True, cwd="/",
                env=dict(os.environ, PATH=self.path, **self.env))
        if done.returncode != 0:
            with open(self.log) as f:
                print("".join(f.readlines()[-10:]))
            raise lan.Failure("exit code %d of: %s" % (
                done.returncode, command))
        if command.endswith("&"):
            lan.wait(self.answers, 20, "what was typed has an effect")


def failures(found):
    return [one for one in found if one["verdict"] == "failure"]


def tell(found):
    for one in failures(found):
        print("  %s: %s" % (one["check"], one["detail"]))


def named(found, check, pattern):
    """The failures of this check that say so."""
    return [one for one in failures(found)
            if one["check"] == check and re.search(pattern, one["detail"])]


def settled(patient, user):
    """What is found once the effects of a command are there: a link needs a
    moment after it was switched on, and the daemon to see that."""
    found = patient.examine(user)
    until = time.monotonic() + 20
    while failures(found) and failures(found)[0]["command"] is None and \
            time.monotonic() < until:
        found = patient.examine(user)
    return found


def heal(patient, check, pattern, user=None, rounds=5):
    """It is named, and once all commands were typed in turn, nothing is."""
    found = patient.examine(user)
    tell(found)
    if not named(found, check, pattern):
        raise lan.Failure("no failure of %s that says %s: %s" % (
            check, pattern, found))
    while failures(found) and rounds > 0:
        first = failures(found)[0]
        if first["command"] is None:
            raise lan.Failure("nothing to type: %s" % first)
        patient.type(first["command"])
        found = settled(patient, user)
        rounds -= 1
    if failures(found):
        raise lan.Failure("still broken: %s" % failures(found))
    print("    nothing is in the way", flush=True)


# ---- what is broken ---------------------------------------------------------

def healthy(patient):
    """And what it prints for a person."""
    found = patient.examine()
    if failures(found):
        raise lan.Failure("nothing is broken: %s" % failures(found))
    lan.expect({one["check"] for one in found} >= {
        "clock", "configuration", "policies", "images", "folders", "disk",
        "group", "port", "interface", "firewall", "multicast", "daemon", "devices"},
        True, "what is looked at: %s" % found)
    out = patient.run_ctl("doctor", code=0)[1]
    print(out)
    lan.expect(all(len(line) <= 80 or line.startswith(" " * 24 + "date ")
                   for line in out.splitlines()), True, "80 columns")


def daemon_dead(patient):
    patient.end(signal.SIGKILL)
    heal(patient, "daemon", "does not answer at")


@contextlib.contextmanager
def taken_by_another(patient, opening):
    """The port that these lines of Python open is taken: the program."""
    patient.stop()
    thief = subprocess.Popen(
        [sys.executable, "-c", "import socket, sys\n%s\n"
         "print('ready', flush=True)\nsys.stdin.read()" % opening],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        thief.stdout.readline()
        yield thief
    finally:
        thief.kill()
        thief.wait()


def port_taken(patient):
    with taken_by_another(
            patient, "s = socket.create_server(('0.0.0.0', 8266))") as thief:
        heal(patient, "port",
             r"TCP port 8266 is taken by \S+ \(process %d\)" % thief.pid)


def mdns_port_taken(patient):
    """By a program that does not share it."""
    with taken_by_another(
            patient, "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
            "s.bind(('', 5353))"):
        heal(patient, "port", "UDP port 5353 is taken by ")


def firewall(patient):
    sh("nft -f -", input=RULES)
    try:
        heal(patient, "firewall", "closes UDP port 5353")
        found = patient.examine()
        lan.expect([one["verdict"] for one in found
                    if one["check"] == "multicast"], ["ok"], "multicast")
        lan.expect("udp dport 5353 accept" in
                   sh("nft list ruleset", capture_output=True).stdout, True,
                   "the rule that was typed")
    finally:
        sh("nft flush ruleset")


def firewall_of_images(patient):
    """Only the port of the images is closed, in a chain of a chain."""
    sh("nft -f -", input="""
        table inet mine {
            chain lan { udp dport 5353 accept; }
            chain input {
                type filter hook input priority 0; policy accept;
                iifname lo accept
                ct state established,related accept
                jump lan
                ip saddr 192.168.0.0/16 counter reject
            }
        }""")
    try:
        found = patient.examine()
        lan.expect([len(named(found, "firewall", p)) for p in
                    ("the port of the images", "5353")], [1, 0],
                   "what is closed")
        heal(patient, "firewall", "closes the port of the images.*table inet "
             "mine, chain input")
    finally:
        sh("nft flush ruleset")


def wrong_group(patient):
    found = patient.examine("anna")
    lan.expect(len(named(found, "group", "anna is not in the group reflashd")),
               1, "the group")
    heal(patient, "group", "anna is not in the group", user="anna")
    sh("gpasswd -d anna reflashd >/dev/null")


def missing_group(patient):
    patient.configure(Paths=dict(ControlGroup="lampen"),
                      Discovery=dict(Backend="embedded", RequerySec=1))
    patient.run_ctl("reload", code=0)
    heal(patient, "group", "there is no group lampen")
    sh("groupdel lampen")


def multicast_off(patient):
    sh("ip link set %s multicast off" % interface())
    heal(patient, "interface", "multicast is switched off on")


def interface_down(patient):
    sh("ip link set %s down" % interface())
    heal(patient, "interface", "is switched off")


def image_unreadable(patient):
    image = os.path.join(patient.images, "first.bin")
    sh("chown root:root %s; chmod 600 %s" % (image, image))
    heal(patient, "images", "the daemon may not read .*first.bin")


def image_unreadable_without_daemon(patient):
    patient.stop()
    image_unreadable(patient)


def image_unused(patient):
    """No policy names it, and the daemon cannot read it."""
    image = os.path.join(patient.images, "other.bin")
    lan.make_image(image, "valid")
    sh("chown root:root %s; chmod 600 %s" % (image, image))
    heal(patient, "images", "other.bin")


class Server(http.server.BaseHTTPRequestHandler):
    """Says what time it is, as web servers do."""

    def do_HEAD(self):
        self.send_response_only(200)
        self.send_header("Date", email.utils.formatdate(usegmt=True))
        self.end_headers()


def clock_in_1970(patient):
    """As after a start without a battery; a server knows the time."""
    page = os.path.join(patient.folder, "clock")
    with open(page, "wb") as f:
        f.write((0).to_bytes(8, "little") +
                (-int(time.time()) + 4711).to_bytes(8, "little", signed=True))
    os.chmod(page, 0o666)
    with open("/etc/hosts", "a") as f:
        f.write("127.0.0.1 deb.debian.org\n")
    server = http.server.HTTPServer(("127.0.0.1", 80), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    patient.stop()
    shim = os.path.join(patient.bin, "sleep_shim.so")
    shutil.copy(os.path.join(lan.BUILD, "sleep_shim.so"), shim)
    patient.env = dict(LD_PRELOAD=shim, SLEEP_SHIM=page,
                       ASAN_OPTIONS="verify_asan_link_order=0")
    try:
        patient.start()
        heal(patient, "clock", "1970-01-01T0.*never been set")
    finally:
        server.shutdown()
        server.server_close()
        patient.stop()
        patient.env = {}


def folder_of_another(patient):
    patient.stop()
    sh("chown -R anna %s" % patient.state)
    heal(patient, "folders", "StateDirectory=.*may not write to it")


def policy_folder_of_another(patient):
    sh("chown anna:anna %s" % patient.policies)
    heal(patient, "policies", "belongs to user id 1992")


def policy_with_a_mistake(patient):
    patient.write_policy(POLICY.replace("Image=", "Imgae="))
    heal(patient, "policies", r"50-plug.policy:5: there is no Imgae= in "
         r"\[Flash\]; did you mean Image=\?")


def disk_full(patient):
    """The state is on the same disk as the packages that were downloaded."""
    patient.stop()
    cache = "/var/cache/apt/archives"
    disk = os.path.join(patient.folder, "disk")
    os.makedirs(disk)
    sh("mount -t tmpfs -o size=48m,mode=755 tmpfs %s; mkdir %s/apt %s/state; "
       "cp -a %s/. %s/state; mount --bind %s/state %s; mount --bind %s/apt %s"
       % (disk, disk, disk, patient.state, disk, disk, patient.state, disk,
          cache))
    try:
        with contextlib.suppress(OSError), \
                open(cache + "/huge.deb", "wb", buffering=0) as f:
            while f.write(bytes(1 << 16)):
                pass
        heal(patient, "disk", "is full: there is room for 0 MiB")
    finally:
        patient.stop()
        sh("umount %s; umount %s; umount %s; rmdir %s" % (
            cache, patient.state, disk, disk))


def unit_masked(patient):
    os.makedirs("/etc/systemd/system", exist_ok=True)
    os.symlink("/dev/null", "/etc/systemd/system/reflashd.service")
    heal(patient, "unit", "reflashd.service is masked")
    lan.expect(os.path.lexists("/etc/systemd/system/reflashd.service"), False,
               "the mask")


BUS = """<busconfig><type>system</type>
<listen>unix:path=/run/dbus/system_bus_socket</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/>
<allow send_destination="*" eavesdrop="true"/><allow receive_sender="*"/>
</policy></busconfig>
"""
AVAHI = """[server]
use-ipv4=yes
use-ipv6=no
[publish]
publish-hinfo=no
publish-workstation=no
[rlimits]
"""


def avahi_dead(patient):
    """It is what the configuration asks for."""
    if not (shutil.which("avahi-daemon") and shutil.which("dbus-daemon")):
        print("  (skipped: no avahi-daemon)")
        return
    bus = os.path.join(patient.folder, "bus.conf")
    with open(bus, "w") as f:
        f.write(BUS)
    with open("/etc/avahi/avahi-daemon.conf", "w") as f:
        f.write(AVAHI)
    os.makedirs("/run/dbus", exist_ok=True)
    dbus = subprocess.Popen(["dbus-daemon", "--config-file=" + bus, "--nofork"])
    try:
        lan.wait(lambda: os.path.exists("/run/dbus/system_bus_socket"), 10,
                 "the bus")
        patient.stop()
        patient.configure(Discovery=dict(Backend="avahi", RequerySec=1))
        patient.start()
        heal(patient, "avahi", "does not run, and nothing else looks")
        lan.wait(lambda: len(patient.devices()) == 2, 30,
                 "devices are found over it")
    finally:
        subprocess.run(["avahi-daemon", "--kill"], stderr=subprocess.DEVNULL)
        patient.stop()
        dbus.kill()
        dbus.wait()


def interface():
    """That of this side of the LAN."""
    for line in sh("ip -o -4 address show", capture_output=True
                   ).stdout.splitlines():
        if " 192.168.77." in line:
            return line.split()[1]
    raise lan.Failure("no interface on the LAN")


def who_may_look(patient):
    """A user who is no root is told what only root can see."""
    found = patient.examine("anna")
    unseen = [one for one in found if one["check"] == "firewall"]
    lan.expect([(one["verdict"], one["command"]) for one in unseen],
               [("warning", "sudo reflashctl doctor")], "the firewall")


CASES = [daemon_dead, port_taken, mdns_port_taken, firewall,
         firewall_of_images, wrong_group, missing_group, multicast_off,
         interface_down, image_unreadable, image_unreadable_without_daemon,
         image_unused, clock_in_1970, folder_of_another,
         policy_folder_of_another, policy_with_a_mistake, disk_full,
         unit_masked, avahi_dead, who_may_look]


def main(folder, *wanted):
    patient = Patient(folder)
    with lan.stopped_at_end(patient):
        for case in [healthy] + [c for c in CASES
                                 if not wanted or c.__name__ in wanted]:
            print(case.__name__.replace("_", " "), flush=True)
            patient.install()
            patient.start()
            lan.wait(lambda: len(patient.devices()) == 2, 30,
                     "the devices are found")
            case(patient)
            patient.stop()


lan.need_program("nft")
lan.need_program("runuser")
lan.run(main, DEVICES)
