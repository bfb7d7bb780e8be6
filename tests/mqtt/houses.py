#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Houses in namespaces, each with a broker that is bridged to that of a centre by
the examples in etc/mqtt: the centre sees all, none can speak for another, a cut
line shows, and a command that comes too late is refused.

    houses.py [HOUSES DEVICES]     2 houses with 3 devices; more for figures
"""
import json
import os
import re
import signal
import subprocess
import sys
import time

import certificates
import mqtt
import lan

sys.path.insert(0, os.path.join(lan.HERE, "..", "ctl"))
import fake  # noqa: E402

ETC = os.path.join(lan.HERE, "..", "..", "etc", "mqtt")
CENTRE = "10.77.0.1"
PORT = 8883
# mosquitto looks every 5 s for who has been silent for one and a half of these.
KEEPALIVE = 12
FIRST = "1000000000"


def namespace(name, address):
    """A namespace at the common cable."""
    lan.ips("""netns add {0}
        link add v{0} type veth peer name eth0 netns {0}
        link set v{0} master cable up
        -n {0} link set lo up
        -n {0} address add {1}/16 dev eth0
        -n {0} link set eth0 up""".format(name, address))


def inside(name, *words):
    return ["ip", "netns", "exec", name, *words]


class Mosquitto:
    """A broker in a namespace, with the text of a configuration."""

    def __init__(self, name, folder, text):
        self.name, self.conf = name, os.path.join(folder, "mosquitto.conf")
        self.log = os.path.join(folder, "mosquitto.log")
        with open(self.conf, "w") as f:
            f.write("user root\nlog_type all\n" + text)
        self.start()

    def start(self):
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                inside(self.name, "mosquitto", "-c", self.conf), stdout=log,
                stderr=log)

    def stop(self):
        mqtt.end(self.process, signal.SIGKILL)


def example(name, *changes):
    """The text of an example, changed where a person changes it."""
    with open(os.path.join(ETC, name)) as f:
        text = f.read()
    for old, new in changes:
        if old not in text:
            raise lan.Failure("%s: there is no %r" % (name, old))
        text = text.replace(old, new)
    return text


class House:
    def __init__(self, number, folder, count, authority, clean=True):
        self.site, self.is_clean = "house-%c" % (ord("a") + number), clean
        self.folder = os.path.join(folder, self.site)
        os.makedirs(self.folder)
        self.ns = "h%d" % number
        self.address = "10.77.1.%d" % (number + 1)
        namespace(self.ns, self.address)
        bridge = example(
            "mosquitto-bridge.conf", ("house-a", self.site),
            ("centre.example:8883", "%s:%d" % (CENTRE, PORT)),
            ("/etc/mosquitto/centre-ca.pem", authority.path),
            ("CHANGE-ME", "secret-" + self.site),
            ("keepalive_interval 30", "keepalive_interval %d" % KEEPALIVE),
            ("cleansession true", "cleansession true" if clean else
             "cleansession false"))
        self.broker = Mosquitto(
            self.ns, self.folder, "listener 1883 127.0.0.1\n"
            "allow_anonymous true\nmax_queued_messages 5000\n" + bridge)
        self.control = os.path.join(self.folder, "s")
        self.daemon = fake.Fake(self.control, count)
        self.conf = os.path.join(self.folder, "mqtt.conf")
        with open(self.conf, "w") as f:
            f.write(lan.ini({"Topics": dict(Site=self.site),
                             "Commands": dict(Allow="yes")}))
        self.log = os.path.join(self.folder, "log")
        with open(self.log, "w") as log:
            self.program = subprocess.Popen(
                inside(self.ns, mqtt.PROGRAM, "-c", self.conf), stderr=log,
                env=dict(os.environ, REFLASHD_SOCKET=self.control))

    def cut(self):
        lan.ip("link", "set", "v" + self.ns, "down")

    def join(self):
        lan.ip("link", "set", "v" + self.ns, "up")

    def stop(self):
        mqtt.end(self.program)
        self.daemon.end()
        self.broker.stop()


class Centre:
    def __init__(self, folder, authority, sites):
        self.folder = os.path.join(folder, "centre")
        os.makedirs(self.folder)
        namespace("centre", CENTRE)
        self.authority = authority
        cert, key = authority.sign("centre", ["IP:" + CENTRE])
        passwords = os.path.join(self.folder, "passwords")
        with open(passwords, "w") as f:
            f.write("operator:secret-operator\n")
            for site in sites:
                f.write("%s:secret-%s\n" % (site, site))
        subprocess.run(["mosquitto_passwd", "-U", passwords], check=True)
        acl = os.path.join(self.folder, "acl")
        with open(acl, "w") as f:
            f.write(example("mosquitto-centre.acl"))
        self.broker = Mosquitto("centre", self.folder, example(
            "mosquitto-centre.conf",
            ("/etc/mosquitto/ca.pem", authority.path),
            ("/etc/mosquitto/centre.pem", cert),
            ("/etc/mosquitto/centre.key", key),
            ("/etc/mosquitto/passwords", passwords),
            ("/etc/mosquitto/reflashd.acl", acl),
            ("persistence true", "persistence false")))

    def words(self, program, user):
        return inside("centre", program, "-h", CENTRE, "-p", str(PORT),
                      "--cafile", self.authority.path, "-u", user, "-P",
                      "secret-" + user)

    def retained(self, topic, seconds=2):
        out = subprocess.run(
            [*self.words("mosquitto_sub", "operator"), "-t", topic, "-W",
             str(seconds), "-F", "%j", "--retained-only"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            universal_newlines=True)
        return {m["topic"]: m["payload"] for m in map(
            json.loads, out.stdout.splitlines())}

    def publish(self, topic, payload, user="operator", *options):
        subprocess.run(
            [*self.words("mosquitto_pub", user), "-t", topic, "-m",
             payload if isinstance(payload, str) else json.dumps(payload),
             "-q", "1", *options], check=True)

    def follow(self, topic):
        """A subscriber, and a function: [(time of arrival, payload)]."""
        path = os.path.join(self.folder, topic.replace("/", "-"))
        with open(path, "w") as out:
            process = subprocess.Popen(
                ["stdbuf", "-oL", *self.words("mosquitto_sub", "operator"),
                 "-t", topic, "-F", ">%U %p", "-d"], stdout=out)

        def lines(begin):
            with open(path) as f:
                return [line for line in f
                        if line.startswith(begin) and line[-1] == "\n"]

        def read():
            pairs = [line[1:].split(" ", 1) for line in lines(">")]
            return [(float(when), text.strip()) for when, text in pairs]
        lan.wait(lambda: lines("Subscribed"), 10, "the subscription")
        return process, read

    def stop(self):
        self.broker.stop()


def sees_all(centre, houses, count):
    begun = time.monotonic()

    def missing():
        seen = centre.retained("reflashd/#", 2)
        return [h.site for h in houses if
                seen.get("reflashd/%s/status" % h.site) != "online" or
                str(seen.get("reflashd/%s/link" % h.site)) != "1" or
                len([t for t in seen if t.startswith(
                    "reflashd/%s/device/" % h.site)]) != 2 * count]
    lan.wait(lambda: not missing(), 60, "the centre sees all")
    return time.monotonic() - begun


def answers_to(read, transaction):
    return [a for a in map(json.loads, (text for _, text in read()))
            if a["transaction"] == transaction]


def lies(centre, houses):
    """One house about another one."""
    liar, other = houses[0].site, houses[1].site
    reader, read = centre.follow("reflashd/%s/answer" % other)
    command = "reflashd/%s/command/%s" % (other, FIRST)
    centre.publish("reflashd/%s/status" % other, "offline", liar, "-r")
    centre.publish("reflashd/%s/device/%s/state" % (other, FIRST), "{}", liar,
                   "-r")
    centre.publish(command, dict(do="cancel", transaction="lie"), liar)
    centre.publish(command, dict(do="cancel", transaction="truth"))
    lan.wait(lambda: answers_to(read, "truth"), 10, "the operator's answer")
    lan.expect(answers_to(read, "lie"), [], "the answer to another house")
    mqtt.end(reader)
    seen = centre.retained("reflashd/%s/#" % other)
    lan.expect(seen["reflashd/%s/status" % other], "online", "after the lie")
    state = json.loads(seen["reflashd/%s/device/%s/state" % (other, FIRST)])
    lan.expect(state["id"], FIRST, "after the lie")
    print("a house can say nothing about another one")


def lines_are_cut(centre, houses):
    followed = [centre.follow("reflashd/%s/link" % h.site) for h in houses]
    lan.wait(lambda: all(read()[-1:] and read()[-1][1] == "1"
                         for _, read in followed), 10, "the lines are there")
    begun = time.time()
    for house in houses:
        house.cut()
    for house, (reader, read) in zip(houses, followed):
        lan.wait(lambda: read()[-1][1] == "0", 2 * KEEPALIVE + 5,
                 "the centre knows that the line is cut")
        mqtt.end(reader)
        took = read()[-1][0] - begun
        status = "reflashd/%s/status" % house.site
        lan.expect(centre.retained(status, 1), {status: "online"},
                   "the status of who is cut off")
        lan.expect(took < 2 * KEEPALIVE * lan.patience(), True,
                   "shown after %.1f s" % took)
        print("a cut line shows after %.0f s, with a keep-alive of %d s" % (
            took, KEEPALIVE))


def command_while_away(centre, house):
    """A command that was sent meanwhile is dropped, or comes too late."""
    reader, read = centre.follow("reflashd/%s/answer" % house.site)
    topic = "reflashd/%s/command/%s" % (house.site, FIRST)
    until = time.time() + 1
    late = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(until))
    centre.publish(topic, dict(do="cancel", not_after=late, transaction="old"))
    lan.wait(lambda: time.time() > until, 5, "the command is too old")
    house.join()
    link = "reflashd/%s/link" % house.site
    lan.wait(lambda: str(centre.retained(link, 1).get(link)) == "1", 60,
             "the line is back")
    centre.publish(topic, dict(do="cancel", transaction="new"))
    lan.wait(lambda: answers_to(read, "new"), 20, "the answer")
    old = [(a["ok"], a["code"]) for a in answers_to(read, "old")]
    lan.expect(old, [] if house.is_clean else [(False, "ETIME")],
               "the answer to what was sent meanwhile")
    mqtt.end(reader)
    print("a command that was sent meanwhile %s" % (
        "was dropped" if house.is_clean else "came too late and was refused"))


def figures(houses, seconds, count):
    def rss(pid):
        with open("/proc/%d/status" % pid) as f:
            return int(re.search(r"VmRSS:\s*(\d+)", f.read()).group(1))
    print("%d houses with %d devices each: the centre has %d retained "
          "messages %.1f s after the last house has begun; reflash-mqtt has "
          "%d KiB in a house" % (
              len(houses), count, len(houses) * (3 + 2 * count), seconds,
              max(rss(h.program.pid) for h in houses)))


def main(folder, number="2", count="3"):
    number, count = int(number), int(count)
    lan.ips("""link add cable type bridge
        link set cable up""")
    authority = certificates.Authority(folder + "/tls", "test")
    with mqtt.Parts() as parts:
        sites = ["house-%c" % (ord("a") + n) for n in range(number)]
        centre = parts.add(Centre(folder, authority, sites))
        houses = [parts.add(House(n, folder, count, authority, n != 1))
                  for n in range(number)]
        figures(houses, sees_all(centre, houses, count), count)
        lies(centre, houses)
        lines_are_cut(centre, houses[:2])
        for house in houses[:2]:
            command_while_away(centre, house)


mqtt.run(main, "--device id=1000f00001")
