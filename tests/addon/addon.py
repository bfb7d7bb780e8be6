# SPDX-License-Identifier: ISC
"""The add-on of Home Assistant without Home Assistant: addon/start as the first process
of a root, with the files that the Supervisor would give it, and a server that answers
as http://supervisor does.  On a virtual LAN; needs root, as it has users of its own.
"""
import http.client
import http.server
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.abspath(os.path.join(HERE, "..", ".."))
sys.path[:0] = [os.path.join(HERE, "..", name)
                for name in ("lan", "mqtt", "package")]

import image  # noqa: E402
import lan  # noqa: E402

TOKEN = "supervisor-token-of-a-test"
SUPERVISOR, PAGE = "172.30.32.2", ("172.30.32.1", 8267)
USERS = {"reflashd": 8266, "reflash-web": 8267, "reflash-mqtt": 8268}
PROGRAMS = ("reflashd", "reflashctl", "reflash-scan", "reflash-web",
            "reflash-mqtt", "reflash-download", "reflash-sim")
ALICE = {"X-Remote-User-Id": "a11ce", "X-Remote-User-Name": "alice"}
OPTIONS = {"mode": "observe", "image": "tasmota-lite", "devices": [],
           "approvers": [], "mqtt": True, "debug": False}  # of config.yaml
FAST = """[Discovery]
RequerySec=2
[Limits]
GoneSec=3
LeaveTimeoutSec=20
BackoffSec=1
"""


def run(test, devices, ends=(0,)):
    """As lan.run(), where the add-on can be started."""
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    if os.geteuid():
        lan.skip("needs root, for users of its own")
    for name in ("curl", "jq", "mosquitto", "mosquitto_passwd", "setpriv"):
        lan.need_program(name)
    for name in PROGRAMS:
        if not os.path.exists(os.path.join(lan.BUILD, name)):
            lan.skip("built without " + name)
    lan.need_feature("embedded-mdns")
    lan.run(test, devices, ends)


def be_home_assistant():
    """The network of the Supervisor, as far as this machine has it."""
    for address in (SUPERVISOR, PAGE[0]):
        lan.ip("address", "add", address + "/23", "dev", "lo")


class Supervisor(http.server.ThreadingHTTPServer):
    """http://supervisor; service is what it tells of the MQTT broker, if any."""
    daemon_threads = True

    def __init__(self, service=None):
        super().__init__(("127.0.0.1", 80), Answers)
        self.service, self.asked = service, []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()


class Answers(http.server.BaseHTTPRequestHandler):
    def log_message(self, *what):
        pass

    def do_GET(self):
        service = self.server.service
        self.server.asked.append(self.path)
        if self.headers["Authorization"] != "Bearer " + TOKEN:
            self.answer(401, {"result": "error", "message": "unauthorized"})
        elif self.path == "/services/mqtt" and service:
            self.answer(200, {"result": "ok", "data": service})
        else:
            self.answer(400, {"result": "error",
                              "message": "Service not enabled"})

    def answer(self, status, told):
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Root:
    """A root with the system of this machine, our programs, and two volumes."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("data", "config", "etc", "usr", "run", "tmp", "opt/bin",
                     "proc", "sys", "dev", "opt/catalog", "mnt"):
            os.makedirs(os.path.join(folder, name))
        self.mounts = ["/usr:/usr"]
        for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
            self.take("/" + name)
        for name in ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "ssl",
                     "alternatives", "localtime"):
            self.take("/etc/" + name)
        for name in PROGRAMS:
            shutil.copy(os.path.join(lan.BUILD, name), folder + "/opt/bin")
        shutil.copy(TOP + "/addon/start", folder + "/opt/start")
        self.write_etc()

    def take(self, path):
        """What this machine has at the path."""
        if os.path.islink(path):
            os.symlink(os.readlink(path), self.folder + path)
        elif os.path.exists(path):
            self.mounts.append("%s:%s" % (path, path))

    def write_etc(self):
        passwd, group = ["root:x:0:0::/:/bin/sh"], ["root:x:0:"]
        for name, number in USERS.items():
            passwd.append("%s:x:%d:%d::/:/usr/sbin/nologin" % (
                name, number, number))
            group.append("%s:x:%d:%s" % (
                name, number, ",".join(list(USERS)[1:])
                if name == "reflashd" else ""))
        self.write("etc/passwd", "\n".join(passwd) + "\n")
        self.write("etc/group", "\n".join(group) + "\n")
        self.write("etc/hosts", "127.0.0.1 localhost supervisor core-mosquitto\n")
        self.write("etc/nsswitch.conf", "passwd: files\ngroup: files\n"
                   "hosts: files\n")

    def write(self, path, text):
        path = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)
        return path

    def inside(self, *words, environment=()):
        return image.inside(self.folder, self.mounts) + [
            "env", "-i", "PATH=/opt/bin:" + image.PATH,
            "SUPERVISOR_TOKEN=" + TOKEN, "REFLASHD_CATALOG=/opt/catalog",
            "REFLASHD_SCAN=/opt/bin/reflash-scan",
            "REFLASHD_DOWNLOAD=/opt/bin/reflash-download", *environment, *words]

    def call(self, *words):
        """(code, output) of a command."""
        done = subprocess.run(self.inside(*words), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=60)
        return done.returncode, done.stdout


class AddOn(lan.Daemon):
    """addon/start with these options; as for the daemon in it, it is one."""

    def __init__(self, folder, name, **options):
        self.root = Root(os.path.join(folder, name))
        self.options = dict(OPTIONS, **options)
        self.root.write("data/options.json", json.dumps(self.options))
        self.root.write("config/reflashd.conf.d/fast.conf", FAST)
        self.control = self.root.folder + "/run/reflashd/control.sock"
        self.images = self.root.folder + "/config/images"
        self.state = self.root.folder + "/data/state"
        self.log = os.path.join(folder, name + ".log")
        self.process = None

    def __enter__(self):
        return self

    def __exit__(self, kind, *rest):
        if kind:
            print("--- %s\n%s" % (self.log, self.said()))
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def launch(self, *options):
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                self.root.inside("/opt/start"), stdin=subprocess.DEVNULL,
                stdout=log, stderr=log)

    def stop(self):
        code = image.end(self.process)
        lan.expect(code, 0, "the code after SIGTERM; " + self.said()[-500:])

    def said(self):
        with open(self.log) as f:
            return f.read()

    def wait_said(self, text, seconds=30, count=1):
        lan.wait(lambda: self.said().count(text) >= count, seconds,
                 "it says: " + text)

    def make_image(self, name):
        """As somebody puts a file there from outside; its checksum."""
        os.makedirs(self.images, exist_ok=True)
        return lan.make_image(os.path.join(self.images, name), "small")

    def made(self, name):
        with open(self.root.folder + "/run/reflashd-addon/" + name) as f:
            return f.read()

    def takes(self, program, file, user):
        """What PROGRAM -t says of a file that was made, as its user."""
        code, said = self.root.call(
            "setpriv", "--reuid", user, "--regid", user, "--init-groups", "--",
            program, "-c", "/run/reflashd-addon/" + file, "-t")
        lan.expect(code, 0, "%s -t: %s" % (program, said))
        return said

    def processes(self):
        """{name: process} of what runs in it, as this machine counts them."""
        found = {}
        try:
            first = image.process_1(self.process)
            with open("/proc/%d/task/%d/children" % (first, first)) as f:
                for pid in f.read().split():
                    with open("/proc/%s/comm" % pid) as comm:
                        found[comm.read().strip()] = int(pid)
        except (OSError, IndexError):
            pass  # one has just ended, or the first has not begun yet
        return found

    def kill_program(self, name):
        os.kill(self.processes()[name], signal.SIGKILL)

    def ask_page(self, method, path, order=None, source=SUPERVISOR, who=ALICE):
        """(status, JSON) as ingress asks for it, for somebody."""
        page = http.client.HTTPConnection(*PAGE, timeout=30,
                                          source_address=(source, 0))
        headers = {"Host": "ha.test:8123", "Origin": "http://ha.test:8123",
                   "Content-Type": "application/json", **who}
        try:
            page.request(method, path, order and json.dumps(order), headers)
            reply = page.getresponse()
            return reply.status, json.loads(reply.read())
        finally:
            page.close()

    def page_answers(self):
        try:
            return self.ask_page("GET", "/api/v1/status")[0] == 200
        except (OSError, http.client.HTTPException):
            return False


def is_closed(address):
    with socket.socket() as s:
        return s.connect_ex(address) != 0
