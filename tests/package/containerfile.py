#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The Containerfile without a container engine: its instructions are carried out in
roots of debootstrap, and the services of the compose example in doc/container.md are
started from the result, each as its user, with its volumes and without a capability.
A device of a virtual LAN is approved on the page, the daemon flashes it, and MQTT
tells of it.

    make check-containerfile

SUITE is the Debian of the root, FRESH_CACHE is where it is kept.  Needs root and the
archive of Debian, and takes some minutes.
"""
import json
import os
import pickle
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

from image import (Build, Failure, LIMIT, PATH, TOP, end, identity, inside,
                   need_root, pristine, skip, wait)

SUITE = os.environ.get("SUITE", "trixie")
DEVICE = "1000a05bf6"
PAGE = "http://127.0.0.1:8267"
TOKEN = "0123456789abcdef0123456789abcdef"
POLICY = """[Match]
DeviceId=%s

[Flash]
Action=ask
Image=first.bin

[Verify]
Expect=leave
""" % DEVICE
PROGRAMS = ("reflashd", "reflashctl", "reflash-mqtt", "reflash-web",
            "reflash-sim", "/usr/libexec/reflashd/reflash-scan",
            "/usr/libexec/reflashd/reflash-download")


def compose():
    """The services of the example."""
    import yaml
    with open(TOP + "/doc/container.md") as f:
        block = re.search(r"\n## Compose\n\n((?:    .*\n|\n)+)",
                          f.read()).group(1)
    return yaml.safe_load(block)["services"]


class Services:
    """They share named volumes; places says where the folders of the host are."""

    def __init__(self, folder, stage, places):
        self.folder, self.stage, self.places = folder, stage, places
        self.services, self.processes = compose(), {}

    def volume(self, text):
        name, target = text.split(":")[:2]
        if name.startswith("/"):
            return "%s:%s" % (self.places[name], target)
        source = os.path.join(self.folder, "volumes", name)
        if not os.path.exists(source):  # it begins with what the image has there
            os.makedirs(self.folder + "/volumes", exist_ok=True)
            subprocess.run(["cp", "-a", self.stage.root + target, source],
                           check=True)
        return "%s:%s" % (source, target)

    def words(self, name, command):
        service = self.services[name]
        return inside(self.stage.root, map(self.volume, service["volumes"])) + [
            "env", "-i", "PATH=" + PATH,
            *identity(self.stage.root, service.get("user", self.stage.user)),
            *command]

    def start(self, name):
        command = self.services[name].get("command", self.stage.command)
        if isinstance(command, str):
            command = shlex.split(command)
        with open(os.path.join(self.folder, name + ".log"), "w") as log:
            self.processes[name] = subprocess.Popen(
                self.words(name, command), stdin=subprocess.DEVNULL,
                stdout=log, stderr=log)

    def call(self, name, *command):
        """The output of a command in the container of a service."""
        done = subprocess.run(self.words(name, command), text=True,
                              stdin=subprocess.DEVNULL, timeout=LIMIT,
                              capture_output=True)
        if done.returncode:
            raise Failure("%s: %s" % (command, done.stdout + done.stderr))
        return done.stdout

    def said(self, name):
        with open(os.path.join(self.folder, name + ".log")) as f:
            return f.read()

    def show(self):
        for name in self.processes:
            print("--- %s\n%s" % (name, self.said(name)))

    def stop(self):
        for name in list(self.processes)[::-1]:
            code = end(self.processes.pop(name))
            print("%s ends with %d" % (name, code))
            if code:
                raise Failure(name + ": " + self.said(name))


def write(path, text, mode=0o644, group=0):
    with open(path, "w") as f:
        f.write(text)
    os.chown(path, 0, group)
    os.chmod(path, mode)
    return path


def places(folder):
    """What the example takes from the host, as its page says to make it."""
    for name in ("policy.d", "mqtt.conf.d"):
        os.mkdir(os.path.join(folder, name))
    write(folder + "/policy.d/50-first.policy", POLICY)
    write(folder + "/mqtt.conf.d/site.conf", "[Topics]\nSite=home\n")
    return {"/etc/reflashd/policy.d": folder + "/policy.d",
            "/etc/reflashd/mqtt.conf.d": folder + "/mqtt.conf.d",
            "/etc/reflashd/web.token": write(folder + "/web.token",
                                             TOKEN + "\n", 0o640, 8267)}


def page(path, order=None):
    request = urllib.request.Request(PAGE + "/api/v1/" + path, order and
                                     json.dumps(order).encode(), {
                                         "Origin": PAGE,
                                         "Content-Type": "application/json",
                                         "Authorization": "Bearer " + TOKEN})
    try:
        with urllib.request.urlopen(request, timeout=LIMIT) as reply:
            return json.load(reply)
    except urllib.error.HTTPError as error:
        if error.code == 503:  # the daemon does not answer yet
            return {}
        raise Failure("%s: %s" % (path, error.read()))
    except OSError:
        return {}


def device():
    return next((one for one in page("devices").get("devices", [])
                 if one["id"] == DEVICE), {})


def mqtt_state():
    done = subprocess.run(
        ["mosquitto_sub", "-C", "1", "-W", "1", "-t",
         "reflashd/home/device/%s/state" % DEVICE], capture_output=True)
    return json.loads(done.stdout or "{}").get("state")


def see_the_device(services):
    """It waits for approval, once its image is there."""
    services.call("reflashd", "reflash-sim", "image", "valid",
                  "/var/lib/reflashd/images/first.bin")
    seen = wait(lambda: device().get("reason") == "approval" and device(),
                "the page shows that the device waits for approval")
    print("%s %s: %s" % (DEVICE, seen["state"], seen["reason"]))
    return seen


def use(services, health):
    """The whole example, from the start of its services to their end."""
    for name in services.services:
        services.start(name)
    wait(lambda: page("devices"), "the page answers")
    seen = see_the_device(services)
    services.call("reflashd", *shlex.split(health.partition("||")[0]))
    page("approve", {"id": DEVICE, "sha256": seen["image"]["sha256"]})
    wait(lambda: device()["state"] == "flashed", "the device is flashed")
    wait(lambda: mqtt_state() == "flashed", "MQTT tells of it")
    print("%s flashed: the page and MQTT tell of it" % DEVICE)
    services.stop()


def in_lan(folder, stage):
    if os.environ["REFLASH_SIM"] != "namespace":
        skip("no namespaces here for a virtual LAN")
    services = Services(folder, stage, places(folder))
    broker = subprocess.Popen(["mosquitto"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        use(services, stage.health)
    except Failure:
        services.show()
        raise
    finally:
        for process in services.processes.values():
            process.kill()
        broker.terminate()
        broker.wait()


def check_programs(stage):
    for name in PROGRAMS:
        words = inside(stage.root) + [
            "env", "-i", "PATH=" + PATH, *identity(stage.root, stage.user),
            name, "--version"]
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode:
            raise Failure("%s: %d, %s" % (name, done.returncode, done.stderr))
        print((done.stdout + done.stderr).split("\n")[0])


def check_addon(stage):
    """What the add-on needs is there: it reads its options, and says what is wrong."""
    os.mkdir(stage.root + "/data")
    write(stage.root + "/data/options.json", '{"mode":"flush"}\n')
    done = subprocess.run(
        inside(stage.root) + ["env", "-i", "PATH=" + PATH, "sh", "-c",
                              'curl --version >/dev/null && exec "$0"',
                              *stage.command], capture_output=True, text=True)
    print(done.stdout.strip())
    if done.returncode != 1 or '"flush" is none of' not in done.stdout:
        raise Failure("the add-on: %d, %s" % (
            done.returncode, done.stdout + done.stderr))


def build(folder):
    """The stages by name."""
    base = pristine(SUITE)
    context = os.path.join(folder, "context")
    os.mkdir(context)
    subprocess.run(["sh", "-ec", 'git -C "$0" ls-files -z | tar -C "$0" --null '
                    '-T - -c | tar -C "$1" -x', TOP, context], check=True)
    with open(TOP + "/Containerfile") as f:
        return Build(folder, base, context).run(f.read())


def need():
    need_root()
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    for name in ("mosquitto", "mosquitto_sub"):
        if not shutil.which(name):
            skip("needs " + name)
    try:
        import yaml  # noqa: F401
    except ImportError:
        skip("needs python3-yaml")


def main():
    """Build, and then begin again on a LAN; the stage goes by a file."""
    if len(sys.argv) > 1:
        with open(sys.argv[1] + "/stage", "rb") as f:
            in_lan(sys.argv[1], pickle.load(f))
        return
    need()
    cache = os.path.abspath(os.environ.get("FRESH_CACHE", "build/fresh"))
    os.makedirs(cache, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix="work.") as folder:
        os.chmod(folder, 0o755)
        stages = build(folder)
        stage = stages["reflashd"]
        check_programs(stage)
        check_addon(stages["addon"])
        with open(folder + "/stage", "wb") as f:
            pickle.dump(stage, f)
        code = subprocess.call(
            ["./reflash-sim", "--quiet", "--device", "id=" + DEVICE, "--",
             os.path.abspath(sys.argv[0]), folder])
    if code:
        sys.exit(code)
    print("1 passed, 0 failed")


try:
    main()
except Failure as failure:
    sys.exit("FAILED: %s" % failure)
