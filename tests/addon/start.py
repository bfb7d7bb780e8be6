#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The add-on of Home Assistant, started with one set of options after the other: to
look only; to ask, and the page behind ingress; to flash, with the MQTT broker of Home
Assistant and a policy of one's own; with a broker that is typed in. What it makes of
them is taken by each program, a device is flashed in three of them, and SIGTERM ends
all. Wrong options have one sentence each, and a program that dies is started again.
"""
import json
import os
import subprocess

import addon
import lan
import mqtt
import web

ONE, TWO, THREE = "1000a00001", "1000a00002", "1000a00003"
DEVICES = " ".join("--device id=%s,chunk-ms=%d,reboot-ms=200" % (ident, ms)
                   for ident, ms in ((ONE, 5), (TWO, 5), (THREE, 60)))
OWN = """[Match]
DeviceId=%s
[Flash]
Action=flash
Image=own.bin
[Verify]
Expect=leave
"""
SERVICE = {"addon": "core_mosquitto", "host": "core-mosquitto", "port": 1883,
           "ssl": False, "username": "addons", "password": "se cret$",
           "protocol": "3.1.1"}


def to_look_only(folder):
    with addon.AddOn(folder, "observe") as it:
        it.make_image("own.bin")
        it.root.write("config/policy.d/10-own.policy", OWN % ONE)
        it.start()
        it.wait_for(ONE, "seen")
        lan.wait(it.page_answers, 20, "the page answers")
        lan.expect({one["action"] for one in it.ctl_json("plan")["plan"]},
                   {"observe"}, "what would be done")
        lan.expect(it.made("policy.d/00-options.policy"),
                   "[Flash]\nAction=observe\n", "the policy")
        it.takes("reflashd", "reflashd.conf", "reflashd")
        said = it.takes("reflash-web", "web.conf", "reflash-web")
        assert "only for Home Assistant" in said, said
        it.wait_said("Home Assistant has no MQTT broker (Service not enabled)")
        lan.expect(sorted(it.processes()), ["reflash-web", "reflashd"],
                   "what runs")
        it.stop()
        assert addon.is_closed(addon.PAGE)
    print("to look only: nothing is flashed, whatever a policy says")


def to_ask(folder):
    with addon.AddOn(folder, "ask", mode="ask", image="first.bin", mqtt=False,
                     devices=[ONE], approvers=["alice", "Bob B."]) as it:
        sha = it.make_image("first.bin")
        it.start()
        it.wait_for(ONE, "held", reason="approval")
        lan.expect(it.state_of(TWO) in (None, "seen"), True, "the other")
        lan.wait(it.page_answers, 20, "the page answers")
        order = {"id": ONE, "sha256": sha}
        for source, who, status in (
                (addon.PAGE[0], addon.ALICE, 403),
                (addon.SUPERVISOR, {}, 403),
                (addon.SUPERVISOR, {"X-Remote-User-Id": "mallory"}, 403),
                (addon.SUPERVISOR, addon.ALICE, 200)):
            have = it.ask_page("POST", "/api/v1/approve", order, source, who)
            lan.expect(have[0], status, "%s %s: %s" % (source, who, have[1]))
        it.wait_for(ONE, "flashed", 120)
        lan.expect([one["who"] for one in it.ctl_json("history")["history"]],
                   ["web:alice"], "who approved")
        lan.expect(it.processes().keys(), {"reflashd", "reflash-web"},
                   "what runs")
        it.takes("reflashd", "reflashd.conf", "reflashd")
        it.takes("reflash-web", "web.conf", "reflash-web")
        it.stop()
    print("to ask: Alice has approved on the page, and nobody else could")


def broker(folder, user, password):
    made = mqtt.Broker(folder, "broker-" + user, port=1883, lines=[
        "allow_anonymous false", "password_file %s/%s.users" % (folder, user)])
    subprocess.run(["mosquitto_passwd", "-b", "-c",
                    "%s/%s.users" % (folder, user), user, password], check=True)
    return made.start()


def retained(user, password, topic):
    done = subprocess.run(
        ["mosquitto_sub", "-u", user, "-P", password, "-C", "1", "-W", "2",
         "-t", topic], capture_output=True, text=True)
    return done.stdout.strip()


def to_flash_by_the_service(folder, supervisor):
    supervisor.service = SERVICE
    login = SERVICE["username"], SERVICE["password"]
    house = broker(folder, *login)
    with addon.AddOn(folder, "flash", mode="flash", image="first.bin",
                     devices=[TWO], mqtt_site="home",
                     window="00:00-12:00 12:00-00:00") as it:
        it.make_image("first.bin")
        it.make_image("own.bin")
        it.root.write("config/policy.d/10-own.policy", OWN % THREE)
        it.start()
        lan.wait(lambda: retained(*login, "reflashd/home/status") == "online",
                 30, "reflash-mqtt is there")
        the_daemon_dies_in_the_middle(it)
        for ident in (TWO, THREE):
            it.wait_for(ident, "flashed", 120)
            lan.wait(lambda: '"flashed"' in retained(
                *login, "reflashd/home/device/%s/state" % ident), 20,
                "MQTT tells of " + ident)
        lan.expect(it.device(THREE)["policy"], "10-own", "its policy")
        it.takes("reflash-mqtt", "mqtt.conf", "reflash-mqtt")
        others_die(it, login)
        it.stop()
        lan.expect(retained(*login, "reflashd/home/status"), "offline",
                   "what MQTT says in the end")
    house.stop()
    supervisor.service = None
    print("to flash: both policies are used, and MQTT tells of it")


def the_daemon_dies_in_the_middle(it):
    """THREE is slow: its download goes on where it was."""
    lan.wait(lambda: it.state_of(THREE) == "downloading", 60, "a download")
    it.kill_program("reflashd")
    it.wait_said("add-on: reflashd has ended with the code 137; it is started")
    lan.wait(lambda: came_back(it), 30, "reflashd is back")


def came_back(it):
    try:
        return it.device(THREE) is not None
    except OSError:
        return False


def others_die(it, login):
    for name in ("reflash-web", "reflash-mqtt"):
        it.kill_program(name)
        it.wait_said("add-on: %s has ended with the code 137; it is started "
                     "again in 5 seconds, and no flash is disturbed" % name)
    lan.wait(it.page_answers, 30, "the page answers again")
    lan.wait(lambda: retained(*login, "reflashd/home/status") == "online", 30,
             "reflash-mqtt is back")


def with_a_broker_that_is_typed_in(folder):
    house = broker(folder, "plug", "x y$\"'\\")
    with addon.AddOn(folder, "typed", mode="policies", mqtt_host="localhost",
                     mqtt_port=1883, mqtt_user="plug", mqtt_site="garage",
                     mqtt_password="x y$\"'\\", debug=True) as it:
        it.start()
        lan.wait(lambda: retained("plug", "x y$\"'\\", "reflashd/garage/status")
                 == "online", 30, "reflash-mqtt is there")
        lan.expect(os.listdir(it.root.folder + "/run/reflashd-addon/policy.d"),
                   [], "policies that were made")
        it.takes("reflash-mqtt", "mqtt.conf", "reflash-mqtt")
        it.wait_said("reflash-mqtt: connecting to ")
        it.stop()
    house.stop()
    print("a broker that is typed in: its password may have any signs")


def the_image_is_fetched(folder):
    with addon.AddOn(folder, "image", mode="ask", image="lamp", mqtt=False,
                     devices=["*"]) as it:
        sha = lan.make_image(it.root.folder + "/opt/served", "valid")
        with open(it.root.folder + "/opt/served", "rb") as f:
            data = f.read()
        server = web.Web(data, {"/good.bin": web.broken})
        it.root.write("opt/catalog/test.image", "[Image]\nName=lamp\n"
                      "Kind=tasmota\nSize=%d\nSha256=%s\nUrl=%s/good.bin\n" % (
                          len(data), sha, server.url))
        it.start()
        it.wait_said("add-on: the image lamp could not be fetched; the next "
                     "try is in 10 minutes")
        it.stop()
        server.ways["/good.bin"] = web.good
        it.start()
        it.wait_for(ONE, "held", reason="approval")
        lan.expect(os.listdir(it.images), ["good.bin"], "the images")
        it.stop()
    print("the image of the catalogue is fetched")


WRONG = [
    (dict(mode="flush"), "mode", "none of observe"),
    (dict(mode="ask", image="nothing.bin"), "image", "nothing.bin"),
    (dict(mode="ask", image="../x"), "image", "catalogue"),
    (dict(mode="flash", image="own.bin"), "devices", "name the devices"),
    (dict(mode="ask", image="own.bin", devices=["kitchen"]), "devices",
     "kitchen"),
    (dict(mode="ask", image="own.bin", window="at night"), "window",
     "01:00-05:00"),
    (dict(mqtt_user="plug\nHost=evil"), "mqtt_user", "line break"),
    (dict(devices=[ONE, "\t"]), "devices", "cannot be seen"),
    (dict(mqtt=False, mqtt_host="x"), "mqtt_host", "no effect"),
    (dict(mqtt_user="x"), "mqtt_user", "mqtt_host"),
    (dict(mqtt_host="x", mqtt_password="x"), "mqtt_password", "mqtt_user"),
]


def wrong_options(folder):
    for number, (options, name, words) in enumerate(WRONG):
        with addon.AddOn(folder, "wrong%d" % number, **options) as it:
            it.make_image("own.bin")
            it.launch()
            code = it.process.wait(30)
            lines = it.said().strip().split("\n")
            assert code == 1 and len(lines) == 1 and lines[0].startswith(
                "add-on: the option %s: " % name) and words in lines[0], (
                    options, code, lines)
            print("%s\n    %s" % (json.dumps(options), lines[0]))


def the_daemon_dies_again_and_again(folder):
    """Then the add-on ends, so that Home Assistant shows it."""
    with addon.AddOn(folder, "dies", mqtt=False) as it:
        it.launch()
        for count in range(1, 7):
            lan.wait(lambda: "reflashd" in it.processes(), 30, "it is started")
            it.kill_program("reflashd")
            if count < 6:
                it.wait_said("add-on: reflashd has ended with the code 137; it "
                             "is started again", count=count)
        lan.expect(it.process.wait(30), 1, "the code of the add-on")
        it.wait_said("add-on: reflashd has ended 6 times within 10 minutes, so "
                     "the add-on ends, too")
    print("a daemon that dies again and again ends the add-on")


def wrong_files(folder):
    """A mistake in a file of one's own, and a site that cannot be one."""
    for name, options, file, text, program in (
            ("policy", {}, "config/policy.d/10-own.policy", "[Match]\nTyp=x\n",
             "reflashd"),
            ("site", dict(mqtt_host="localhost", mqtt_site="My House"), None,
             None, "reflash-mqtt")):
        with addon.AddOn(folder, "file-" + name, **options) as it:
            if file:
                os.chmod(it.root.write(file, text), 0o666)
            it.launch()
            lan.expect(it.process.wait(60), 1, "the code of " + name)
            assert text is None or "10-own.policy:2: " in it.said(), it.said()
            assert "add-on: %s does not start with these settings" % program \
                in it.said(), it.said()


def main(folder):
    os.chmod(folder, 0o755)
    addon.be_home_assistant()
    supervisor = addon.Supervisor()
    wrong_options(folder)
    wrong_files(folder)
    the_daemon_dies_again_and_again(folder)
    to_look_only(folder)
    the_image_is_fetched(folder)
    to_ask(folder)
    to_flash_by_the_service(folder, supervisor)
    with_a_broker_that_is_typed_in(folder)
    supervisor.close()


addon.run(main, DEVICES)
