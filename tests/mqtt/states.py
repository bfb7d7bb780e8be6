#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""What a subscriber of a real broker sees: everything, retained, and in the form
that Home Assistant takes; and the same after a death, a restart and a birth.
"""
import json
import os
import subprocess
import sys
import time

import mqtt
import lan

sys.path.insert(0, os.path.join(lan.HERE, "..", "ctl"))
import schema  # noqa: E402

IDS = ["1000a0000%d" % n for n in (1, 2, 3)]
DEVICES = " ".join("--device id=%s,chunk-ms=20,reboot-ms=200" % i for i in IDS)


def expect_whole(retained):
    """Status, configs, states and updates, each as its schema says."""
    want = {mqtt.STATUS, mqtt.PREFIX + "daemon", mqtt.CONFIG % "home"}
    for ident in IDS:
        want |= {mqtt.CONFIG % ident, mqtt.STATE % ident, mqtt.UPDATE % ident}
    lan.expect(set(retained), want, "retained topics")
    lan.expect(retained[mqtt.STATUS], "online", "status")
    for topic, payload in retained.items():
        if topic.endswith("/config"):
            schema.check(json.loads(payload), "mqttconfig", topic)
        elif topic.endswith("/update"):
            schema.check(json.loads(payload), "mqttupdate", topic)
            lan.expect(set(json.loads(payload)), mqtt.EIGHT, topic)
        elif topic.endswith("/state"):
            schema.check(json.loads(payload), "device", topic)


def late_subscriber(broker, daemon):
    retained = broker.retained(seconds=2)
    expect_whole(retained)
    for ident in IDS:
        lan.expect(json.loads(retained[mqtt.STATE % ident])["state"],
                   daemon.state_of(ident), "state of " + ident)
        update = json.loads(retained[mqtt.UPDATE % ident])
        lan.expect((update["in_progress"], update["update_percentage"]),
                   (False, None), "progress of " + ident)
        lan.expect(update["installed_version"].startswith("eWeLink "), True,
                   update)
        install = json.loads(retained[mqtt.CONFIG % ident])["cmps"]["fw"]
        lan.expect(json.loads(install["pl_inst"])["do"], "approve", install)
    print("a late subscriber has %d retained messages" % len(retained))


def dies_and_ends(broker, bridge):
    """The will for who is killed, and the own word for who ends."""
    listener = broker.listen(mqtt.STATUS)
    bridge.kill()
    lan.wait(lambda: listener.of(mqtt.STATUS)[-1:] == ["offline"], 10,
             "the will")
    bridge.start()
    lan.wait(lambda: listener.of(mqtt.STATUS)[-1:] == ["online"], 10,
             "online again")
    bridge.stop()
    lan.wait(lambda: listener.of(mqtt.STATUS)[-1:] == ["offline"], 5,
             "offline, said by itself")
    lan.expect(broker.retained(mqtt.STATUS), {mqtt.STATUS: "offline"},
               "status of who has ended")
    listener.stop()


def progress_of_a_former_life(broker, bridge):
    """What was killed in the middle of a flash is right again at once, and before
    anybody is told that it is online."""
    stuck = dict.fromkeys(sorted(mqtt.EIGHT), "x")
    stuck.update(in_progress=True, update_percentage=40)
    broker.publish(mqtt.UPDATE % IDS[0], stuck, "-r")
    listener = broker.listen()
    bridge.start()

    def live():
        return [m[:2] for m in listener.heard if not m[2]]
    lan.wait(lambda: mqtt.PREFIX + "daemon" in [t for t, _ in live()], 10,
             "all is published")
    topics = [t for t, _ in live()]
    online = live().index((mqtt.STATUS, "online"))
    first = json.loads(live()[topics.index(mqtt.UPDATE % IDS[0])][1])
    lan.expect(first["in_progress"], False, "the first update")
    for ident in IDS:
        lan.expect(topics.index(mqtt.UPDATE % ident) < online, True,
                   "update before online: %s" % topics)
    lan.wait(lambda: all(mqtt.CONFIG % i in [t for t, _ in live()]
                         for i in IDS), 10, "the configs")
    topics = [t for t, _ in live()]
    lan.expect(topics.index(mqtt.CONFIG % "home") <
               min(topics.index(mqtt.CONFIG % i) for i in IDS), True,
               "the hub before its devices")
    listener.stop()


def birth(broker):
    """All again, spread over five seconds, when Home Assistant says it is up."""
    listener = broker.listen()
    lan.wait(lambda: len(listener.heard) >= 12, 5, "what is retained")
    begun, at = len(listener.heard), time.monotonic()
    broker.publish("homeassistant/status", "online")
    lan.wait(lambda: len({m[0] for m in listener.heard[begun:]
                          if not m[2]}) >= 13, 8, "all again")
    times = [m[3] - at for m in listener.heard[begun:]]
    lan.expect(2.5 < max(times) < 7, True, "seconds until the last: %s" % times)
    lan.expect(len([t for t in times if t < 2.5]) <= 9, True,
               "spread: %s" % times)
    count = len(listener.heard)
    broker.publish("homeassistant/status", "offline")
    print("a birth brings %d messages within %.1f s" % (
        count - begun, max(times)))
    listener.stop()


def ghosts(broker, bridge, daemon):
    """Devices that are gone, from now and from before the start."""
    gone = "1000fffff1"
    old = {"o": {"name": "reflashd"}, "avty": [{"t": mqtt.STATUS}]}
    foreign = {"o": {"name": "reflashd"},
               "avty": [{"t": "reflashd/other/status"}]}
    other = "homeassistant/device/zigbee_1/config"
    bridge.stop()
    broker.publish(mqtt.CONFIG % gone, old, "-r")
    broker.publish(mqtt.STATE % gone, {"state": "seen"}, "-r")
    broker.publish(mqtt.UPDATE % gone, {"in_progress": True}, "-r")
    broker.publish(mqtt.CONFIG % "1000fffff2", foreign, "-r")
    broker.publish(other, {"o": {"name": "zigbee2mqtt"}}, "-r")
    bridge.start()
    lan.wait(lambda: bridge.logged("1 devices that are gone"), 20,
             "the ghost is found")
    listener = broker.listen()
    daemon.ctl("forget", IDS[2])
    for topic in (mqtt.CONFIG, mqtt.STATE, mqtt.UPDATE):
        lan.wait(lambda: "" in listener.of(topic % IDS[2]), 5,
                 "the end of %s" % topic % IDS[2])
    listener.stop()
    retained = broker.retained(seconds=2)
    left = [t for t in retained if gone in t]
    lan.expect(left, [], "what is left of the ghost")
    for topic in (mqtt.CONFIG % "1000fffff2", other):
        lan.expect(topic in retained, True, topic)
        broker.publish(topic, "", "-r")


def rules_of_the_example(folder, daemon):
    """The rules for a house in etc/mqtt are enough, and not too much."""
    def etc(name):
        with open(os.path.join(lan.HERE, "..", "..", "etc", "mqtt", name)) as f:
            return f.read()
    path = os.path.join(folder, "rules")
    os.mkdir(path)
    users = ("reflashd", "homeassistant", "guest")
    for name, text in (("acl", etc("mosquitto-house.acl")), ("passwords", "".join(
            "%s:secret\n" % user for user in users)), ("password", "secret\n")):
        with open(os.path.join(path, name), "w") as f:
            f.write(text)
        os.chmod(os.path.join(path, name), 0o600)
    subprocess.run(["mosquitto_passwd", "-U", path + "/passwords"], check=True)
    lines = etc("mosquitto-house.conf")
    for old, new in (("listener 1883\n", ""),
                     ("/etc/mosquitto/reflashd.acl", path + "/acl"),
                     ("/etc/mosquitto/passwords", path + "/passwords")):
        lan.expect(old in lines, True, old)
        lines = lines.replace(old, new)
    login = {u: ("-u", u, "-P", "secret") for u in users}
    with mqtt.Parts() as parts:
        broker = parts.add(mqtt.Broker(path, "house", mqtt.PORT + 1,
                                       lines.splitlines())).start()
        bridge = mqtt.Bridge(path, daemon, broker.port, dict(
            User="reflashd", PasswordFile=path + "/password"),
            commands=dict(Allow="auto"))
        code, said = bridge.check()
        lan.expect((code, "may not" in said, said.count("rights: may:")),
                   (0, False, 5), said)
        parts.add(bridge.start())
        home = login["homeassistant"]
        topic = mqtt.CONFIG % IDS[0]
        lan.wait(lambda: topic in broker.retained("#", 1, home), 20, topic)
        lan.expect(broker.retained("#", 1, login["guest"]), {}, "for a guest")
        answers = broker.listen(mqtt.ANSWER, options=home)
        for user in ("guest", "homeassistant"):
            broker.publish(mqtt.COMMAND % IDS[0], dict(
                do="cancel", transaction=user), *login[user])
        answers.wait_for(mqtt.ANSWER, lambda a: a["transaction"] ==
                         "homeassistant", 10, "the answer")
        lan.expect(len(answers.heard), 1, "answers")
        answers.stop()
    print("the rules of the example: enough, and nothing for a guest")


def main(folder):
    daemon = lan.Daemon(folder)
    lan.make_image(daemon.images + "/first.bin", "valid")
    daemon.policy("50-all", dict(Action="ask", Image="first.bin"))
    with mqtt.Parts() as parts:
        parts.add(daemon).start()
        broker = parts.add(mqtt.Broker(folder)).start()
        bridge = parts.add(mqtt.Bridge(folder, daemon)).start()
        daemon.wait_for_all({"held"}, 30)
        lan.wait(lambda: len(broker.retained(seconds=1)) >= 12, 20,
                 "all is published")
        late_subscriber(broker, daemon)
        birth(broker)
        dies_and_ends(broker, bridge)
        progress_of_a_former_life(broker, bridge)
        rules_of_the_example(folder, daemon)
        ghosts(broker, bridge, daemon)


mqtt.run(main, DEVICES)
