#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""What Install does, and what nothing else does: each command that is not quite
right changes nothing, and is answered with the reason.
"""
import datetime
import json

import mqtt
import lan

EACH = "chunk-ms=30,reboot-ms=200"
FIRST, SECOND, THIRD = IDS = ["1000b0000%d" % n for n in (1, 2, 3)]
DEVICES = " ".join("--device id=%s,%s" % (i, EACH) for i in IDS)
UNKNOWN = "1000bfffff"


def time_in(seconds):
    when = datetime.datetime.now(datetime.timezone.utc)
    return (when + datetime.timedelta(seconds=seconds)).isoformat()


class Desk:
    """Sends commands, and waits for their answers."""

    def __init__(self, broker):
        self.broker = broker
        self.listener = broker.listen(mqtt.ANSWER)
        self.number = 0

    def send(self, topic, payload, *options):
        """The answer."""
        since = len(self.listener.heard)
        self.broker.publish(topic, payload, *options)
        return self.listener.wait_for(mqtt.ANSWER, lambda a: True, 10,
                                      "an answer to %.60r" % payload, since)

    def order(self, ident, word, *options, **keys):
        self.number += 1
        keys.update(do=word, transaction="t%d" % self.number)
        answer = self.send(mqtt.COMMAND % ident, keys, *options)
        lan.expect(answer["transaction"], keys["transaction"], answer)
        return answer

    def stop(self):
        self.listener.stop()


def refused(answer, code, words):
    lan.expect((answer["ok"], answer["code"]), (False, code), answer)
    lan.expect(words in answer["error"], True, answer)


def wrong_commands(desk, sha, daemon):
    topic = mqtt.COMMAND % FIRST
    before = daemon.ctl_json("devices")
    refused(desk.order(FIRST, "approve", sha256="0" * 64), "ESTALE",
            "another image would be flashed now")
    refused(desk.order(FIRST, "approve", sha256=sha,
                       not_after=time_in(-60)), "ETIME", "came too late")
    refused(desk.order(FIRST, "approve"), "EINVAL", 'needs "sha256"')
    refused(desk.order(FIRST, "approve", sha256=sha, id=SECOND), "EINVAL",
            'no key "id"')
    refused(desk.order(FIRST, "explode"), "EOPNOTSUPP", "no such command")
    refused(desk.order(FIRST, "pause"), "EINVAL", "for the whole daemon")
    refused(desk.order(UNKNOWN, "approve", sha256=sha), "ENOENT",
            "no such device")
    refused(desk.send(topic, "{"), "EINVAL", "not a JSON object")
    refused(desk.send(topic, '{"do":"approve","do":"cancel"}'), "EINVAL",
            "not a JSON object")
    refused(desk.send(topic, "x" * (1 << 20)), "EMSGSIZE", "1048576 bytes")
    refused(desk.send(mqtt.PREFIX + "command/nobody/else",
                      dict(do="cancel")), "ENOENT", "not the id of a device")
    for ident in IDS:
        lan.expect(daemon.device(ident)["state"], "held", ident)
    lan.expect([d["reason"] for d in before["devices"]],
               ["approval"] * 3, "before")


def retained_command(broker, bridge, sha, daemon):
    """It would fire again with each connection."""
    bridge.stop()
    broker.publish(mqtt.COMMAND % FIRST, dict(do="approve", sha256=sha), "-r")
    listener = broker.listen(mqtt.ANSWER)
    bridge.start()
    answer = listener.wait_for(mqtt.ANSWER, lambda a: True, 15, "an answer")
    refused(answer, "EINVAL", "retained")
    broker.publish(mqtt.COMMAND % FIRST, "", "-r")
    lan.expect(daemon.device(FIRST)["reason"], "approval", "after it")
    listener.stop()


def too_fast(desk, daemon):
    """A second one for the same device within a second, and a flood."""
    listener = desk.listener
    since = len(listener.heard)
    topic = mqtt.COMMAND % THIRD
    flood = "\n".join(json.dumps(dict(do="retry", sha256="1" * 64))
                      for _ in range(400))
    desk.broker.publish_lines(topic, flood)
    lan.wait(lambda: any(a["code"] == "EAGAIN" for a in listener.json_of(
        mqtt.ANSWER, since)), 10, "too many at once")
    lan.expect(len(listener.heard) - since < 200, True, "answers to a flood")
    lan.expect(daemon.device(THIRD)["reason"], "approval", "after the flood")


def install(broker, desk, daemon):
    """The payload that Home Assistant sends when somebody clicks Install."""
    config = json.loads(broker.retained(mqtt.CONFIG % SECOND,
                                        1)[mqtt.CONFIG % SECOND])
    button = config["cmps"]["fw"]
    listener = broker.listen(mqtt.UPDATE % SECOND, mqtt.PREFIX + "event")
    since = len(desk.listener.heard)
    broker.publish(button["cmd_t"], button["pl_inst"])
    answer = desk.listener.wait_for(mqtt.ANSWER, lambda a: True, 10,
                                    "the answer to Install", since)
    lan.expect((answer["ok"], answer["do"], answer["id"]),
               (True, "approve", SECOND), answer)
    daemon.wait_for(SECOND, "flashed", 60)
    lan.expect([d["state"] for d in daemon.history()
                if d["device"] == SECOND], ["flashed"], "history")
    lan.expect(bool(daemon.logged("%s .*MQTT 127.0.0.1" % SECOND)), True,
               "who has approved is in the log")
    end = listener.wait_for(
        mqtt.UPDATE % SECOND, lambda u: not u["in_progress"] and
        u["installed_version"] == u["latest_version"], 10, "the end of it")
    lan.expect(end["installed_version"].split()[0] != "eWeLink", True, end)
    updates = listener.json_of(mqtt.UPDATE % SECOND)
    percents = [u["update_percentage"] for u in updates
                if u["update_percentage"] is not None]
    lan.expect(percents, sorted(percents), "percentages")
    lan.expect(len(percents) >= 2, True, "percentages: %s" % percents)
    lan.expect(all(u["in_progress"] for u in updates
                   if u["update_percentage"] is not None), True, "in progress")
    listener.wait_for(mqtt.PREFIX + "event",
                      lambda e: e["event"] == "flashed" and e["id"] == SECOND,
                      10, "the event")
    print("Install: %s, percentages %s" % (end["installed_version"], percents))
    listener.stop()
    refused(desk.order(SECOND, "approve", sha256=button_sha(button)),
            "EALREADY", "")


def button_sha(button):
    return json.loads(button["pl_inst"])["sha256"]


def whole_daemon(broker, desk, daemon):
    lan.expect(desk.send(mqtt.PREFIX + "command",
                         dict(do="pause"))["ok"], True, "pause")
    lan.wait(lambda: json.loads(broker.retained(
        mqtt.PREFIX + "daemon", 1)[mqtt.PREFIX + "daemon"])["paused"], 10,
        "paused is published")
    lan.expect(daemon.ask("status")[1]["paused"], True, "paused")
    # One a second is the limit.
    lan.wait(lambda: desk.send(mqtt.PREFIX + "command",
                               dict(do="resume"))["ok"], 10, "resume")
    lan.expect(daemon.ask("status")[1]["paused"], False, "paused")


def not_allowed(folder, broker, daemon, sha):
    """Without a login nobody may do anything, unless somebody says so; here with
    MQTT 5, by which the broker drops what is too large by itself."""
    shy = mqtt.Bridge(folder, daemon, broker=dict(Protocol="5"),
                      topics=dict(Site="shy"),
                      commands=dict(Allow="auto"), name="shy").start()
    topic = "reflashd/shy/answer"
    listener = broker.listen(topic)
    lan.wait(lambda: broker.retained("reflashd/shy/status", 1).get(
        "reflashd/shy/status") == "online", 10, "online")
    broker.publish("reflashd/shy/command/" + FIRST, "x" * (2 << 20))
    broker.publish("reflashd/shy/command/" + FIRST,
                   dict(do="approve", sha256=sha))
    refused(listener.wait_for(topic, lambda a: True, 10, "an answer"), "EPERM",
            "Allow=")
    config = json.loads(broker.retained(mqtt.CONFIG % FIRST,
                                        1)[mqtt.CONFIG % FIRST])
    lan.expect("cmd_t" in config["cmps"]["fw"], False, "a button")
    lan.expect(len(shy.logged("connected as")), 1, "connections of it")
    listener.stop()
    shy.stop()


def main(folder):
    daemon = lan.Daemon(folder)
    sha = lan.make_image(daemon.images + "/first.bin", "valid")
    daemon.policy("50-all", dict(Action="ask", Image="first.bin"))
    with mqtt.Parts() as parts:
        parts.add(daemon).start()
        broker = parts.add(mqtt.Broker(folder)).start()
        bridge = parts.add(mqtt.Bridge(folder, daemon)).start()
        daemon.wait_for_all({"held"}, 30)
        lan.wait(lambda: len(broker.retained(seconds=1)) >= 12, 20,
                 "all is published")
        desk = parts.add(Desk(broker))
        wrong_commands(desk, sha, daemon)
        retained_command(broker, bridge, sha, daemon)
        install(broker, desk, daemon)
        whole_daemon(broker, desk, daemon)
        too_fast(desk, daemon)
        not_allowed(folder, broker, daemon, sha)


mqtt.run(main, DEVICES)
