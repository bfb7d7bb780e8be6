# SPDX-License-Identifier: ISC
"""What the tests in here share: a mosquitto, reflash-mqtt, and who listens.

They run on a LAN of reflash-sim's devices, as those of tests/lan do, and the
broker is on the loopback of that LAN.
"""
import json
import os
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "lan"))
import lan  # noqa: E402

PROGRAM = os.path.join(lan.BUILD, "reflash-mqtt")
PORT = 18830
PREFIX = "reflashd/home/"
CONFIG = "homeassistant/device/reflashd_%s/config"
UPDATE = PREFIX + "device/%s/update"
STATE = PREFIX + "device/%s/state"
COMMAND = PREFIX + "command/%s"
STATUS = PREFIX + "status"
ANSWER = PREFIX + "answer"
MOSQUITTO_PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"
EIGHT = {"installed_version", "latest_version", "title", "release_summary",
         "release_url", "entity_picture", "in_progress", "update_percentage"}


def run(test, devices, ends=(0,)):
    """As lan.run(), where there is a mosquitto and a reflash-mqtt."""
    os.environ["PATH"] = MOSQUITTO_PATH
    for program in ("mosquitto", "mosquitto_sub", "mosquitto_pub"):
        lan.need_program(program)
    if not os.path.exists(PROGRAM):
        lan.skip("built without libmosquitto")
    lan.run(test, devices, ends)


def end(process, how=signal.SIGTERM):
    """Its exit code."""
    if process.poll() is None:
        process.send_signal(how)
    try:
        return process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise lan.Failure("%s does not end" % process.args[0])


class Broker:
    """mosquitto with the lines of a configuration."""

    def __init__(self, folder, name="broker", port=PORT, lines=()):
        self.folder = os.path.join(folder, name)
        os.makedirs(self.folder, exist_ok=True)
        self.port = port
        self.log = os.path.join(self.folder, "log")
        self.lines = list(lines) or ["allow_anonymous true"]
        self.process = None

    def start(self):
        conf = os.path.join(self.folder, "mosquitto.conf")
        with open(conf, "w") as f:
            f.write("\n".join(
                ["user root", "listener %d" % self.port,
                 "persistence false", "log_type all"] + self.lines) + "\n")
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(["mosquitto", "-c", conf],
                                            stdout=log, stderr=log)
        lan.wait(self.listens, 10, "mosquitto listens")
        return self

    def listens(self):
        if self.process.poll() is not None:
            with open(self.log) as f:
                raise lan.Failure("mosquitto: " + f.read()[-500:])
        with open("/proc/net/tcp") as f, open("/proc/net/tcp6") as g:
            rows = f.readlines() + g.readlines()
        return any(row.split()[1].endswith(":%04X" % self.port) and
                   row.split()[3] == "0A" for row in rows[1:]
                   if ":" in row.split()[1])

    def stop(self):
        if self.process is not None:
            end(self.process, signal.SIGKILL)
        self.process = None

    def listen(self, *filters, options=()):
        return Listener(self, filters, options)

    def retained(self, topic="#", seconds=2, options=()):
        """{topic: payload} of what a new subscriber gets within that time."""
        out = subprocess.run(
            ["mosquitto_sub", "-p", str(self.port), "-t", topic, "-W",
             str(seconds), "-F", "%j", *options], stdout=subprocess.PIPE,
            universal_newlines=True)
        messages = [json.loads(line) for line in out.stdout.splitlines()]
        return {m["topic"]: m["payload"] for m in messages if m["retain"]}

    def publish(self, topic, payload, *options):
        payload = payload if isinstance(payload, str) else json.dumps(payload)
        subprocess.run(["mosquitto_pub", "-p", str(self.port), "-t", topic,
                        "-q", "1", "-s" if payload else "-n", *options],
                       input=payload, universal_newlines=True, check=True)

    def publish_lines(self, topic, lines):
        """Each line is a message, over one connection."""
        subprocess.run(["mosquitto_pub", "-p", str(self.port), "-t", topic,
                        "-q", "1", "-l"], input=lines + "\n",
                       universal_newlines=True, check=True)


class Listener:
    """A subscriber, and all that has come: (topic, payload, retained)."""

    def __init__(self, broker, filters, options):
        words = ["stdbuf", "-oL", "mosquitto_sub", "-p", str(broker.port),
                 "-F", "%j", "-q",
                 "1", "-d", *options]
        for each in filters or ("#",):
            words += ["-t", each]
        self.heard, self.is_ready = [], False
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL,
                                        universal_newlines=True)
        threading.Thread(target=self.read, daemon=True).start()
        lan.wait(lambda: self.is_ready, 10, "the subscription")

    def read(self):
        for line in self.process.stdout:
            if line.startswith("{"):
                m = json.loads(line)
                self.heard.append((m["topic"], m["payload"] or "",
                                   m["retain"] == 1,
                                   time.monotonic()))
            elif "Subscribed" in line:
                self.is_ready = True

    def of(self, topic, since=0):
        """The payloads on a topic, from the one with that number on."""
        return [m[1] for m in self.heard[since:] if m[0] == topic]

    def json_of(self, topic, since=0):
        return [json.loads(p) for p in self.of(topic, since) if p]

    def wait_for(self, topic, test, seconds, what, since=0):
        """The first payload on the topic, as JSON, that passes the test."""
        def found():
            for value in self.json_of(topic, since):
                if test(value):
                    return value
        return lan.wait(found, seconds, what)

    def stop(self):
        end(self.process)


class Bridge:
    """reflash-mqtt for a daemon and a broker."""

    def __init__(self, folder, daemon, port=PORT, broker=None, topics=None,
                 commands=None, name="mqtt", env=None):
        self.conf = os.path.join(folder, name + ".conf")
        self.log = os.path.join(folder, name + ".log")
        self.env = dict(os.environ, REFLASHD_SOCKET=daemon.control,
                        **(env or {}))
        self.process = None
        sections = {
            "Broker": dict(dict(Host="127.0.0.1", Port=port), **(broker or {})),
            "Topics": dict(dict(Site="home"), **(topics or {})),
            "Commands": dict(dict(Allow="yes"), **(commands or {}))}
        self.text = lan.ini(sections)
        self.write()

    def write(self):
        with open(self.conf, "w") as f:
            f.write(self.text)

    def start(self, *options):
        with open(self.log, "a") as log:
            self.process = subprocess.Popen([PROGRAM, "-c", self.conf,
                                             *options], stderr=log,
                                            env=self.env)
        return self

    def check(self):
        """(exit code, what -t prints)."""
        done = subprocess.run([PROGRAM, "-t", "-c", self.conf],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              universal_newlines=True, env=self.env,
                              timeout=60)
        return done.returncode, done.stdout

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            lan.expect(end(self.process), 0, "exit code of reflash-mqtt")

    def kill(self):
        end(self.process, signal.SIGKILL)

    def memory(self):
        """Resident KiB."""
        with open("/proc/%d/status" % self.process.pid) as f:
            for line in f:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1])

    def cpu(self):
        """Seconds of processor time so far."""
        with open("/proc/%d/stat" % self.process.pid) as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def logged(self, text):
        with open(self.log) as f:
            return [line.rstrip("\n") for line in f if text in line]


class Parts:
    """Starts what it is given, and ends it in the reverse order."""

    def __init__(self):
        self.started = []

    def add(self, part):
        self.started.append(part)
        return part

    def __enter__(self):
        return self

    def __exit__(self, kind, *rest):
        failure = None
        for part in reversed(self.started):
            try:
                part.stop()
            except lan.Failure as why:
                failure = failure or why
        if kind is None and failure is not None:
            raise failure
