#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""A real Home Assistant finds the devices by itself, flashes one when Install is
clicked, shows how far it is, and has nothing to complain about.

    homeassistant.py ROOT [PICTURES]

ROOT is a folder that root.sh has made; PICTURES is the one for pictures of what a
person sees, see pictures.py.  It runs in namespaces on a LAN of reflash-sim's devices, with a mosquitto.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "mqtt"))
import mqtt  # noqa: E402
import lan  # noqa: E402
import pictures  # noqa: E402

FIRST, SECOND, THIRD = IDS = ["1000d0000%d" % n for n in (1, 2, 3)]
DEVICES = " ".join("--device id=%s,chunk-ms=150,reboot-ms=500" % i for i in IDS)
URL = "http://127.0.0.1:18123"
CLIENT = URL + "/"
CONFIGURATION = """\
http:
  server_host: 127.0.0.1
  server_port: 18123
api:
config:
frontend:
recorder:
logger:
  default: warning
automation: !include automations.yaml
"""
AUTOMATIONS = os.path.join(lan.HERE, "..", "..", "etc", "mqtt",
                           "home-assistant-automations.yaml")


class HomeAssistant:
    def __init__(self, root):
        self.root = root
        self.folder = os.path.join(root, "interop")
        self.log = os.path.join(self.folder, "home-assistant.log")
        self.process, self.token, self.tokens = None, None, None
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        with open(os.path.join(self.folder, "configuration.yaml"), "w") as f:
            f.write(CONFIGURATION)
        self.automate("[]\n")
        subprocess.run(["mount", "-t", "proc", "proc",
                        os.path.join(root, "proc")], check=True)
        subprocess.run(["mount", "--rbind", "/dev", os.path.join(root, "dev")],
                       check=True)

    def start(self):
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                ["chroot", self.root, "env", "-i", "HOME=/root", "LANG=C.UTF-8",
                 "PATH=/opt/ha/bin:/usr/bin:/bin", "/opt/ha/bin/hass", "-c",
                 "/interop", "--skip-pip"], stdout=log, stderr=log)
        lan.wait(self.answers, 180, "Home Assistant answers")
        return self

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def answers(self):
        if self.process.poll() is not None:
            raise lan.Failure("Home Assistant ended: " + self.tail())
        try:
            if self.token is None:
                self.ask("/api/onboarding")
            else:
                now = self.ask("/api/config")["state"]
                return now == "RUNNING"
            return True
        except OSError:
            return False

    def tail(self):
        with open(self.log) as f:
            return f.read()[-2000:]

    def ask(self, path, body=None, form=False):
        headers = {}
        if self.token:
            headers["Authorization"] = "Bearer " + self.token
        if body is not None:
            headers["Content-Type"] = ("application/x-www-form-urlencoded"
                                       if form else "application/json")
            body = (urllib.parse.urlencode(body) if form
                    else json.dumps(body)).encode()
        request = urllib.request.Request(URL + path, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.loads(answer.read() or "null")
        except urllib.error.HTTPError as e:
            raise lan.Failure("%s: %d: %s" % (path, e.code, e.read()[:500]))

    def onboard(self):
        code = self.ask("/api/onboarding/users", dict(
            client_id=CLIENT, name="Anna", username="anna", password="anna",
            language="en"))["auth_code"]
        self.tokens = self.ask("/auth/token", dict(
            grant_type="authorization_code", code=code, client_id=CLIENT),
            form=True)
        self.token = self.tokens["access_token"]
        self.ask("/api/onboarding/core_config", {})
        self.ask("/api/onboarding/analytics", {})
        self.ask("/api/onboarding/integration", dict(
            client_id=CLIENT, redirect_uri=CLIENT))

    def add_mqtt(self, port):
        flow = self.ask("/api/config/config_entries/flow",
                        dict(handler="mqtt", show_advanced_options=False))
        end = self.ask("/api/config/config_entries/flow/" + flow["flow_id"],
                       dict(broker="127.0.0.1", port=port))
        lan.expect(end["type"], "create_entry", "the entry for MQTT: %s" % end)

    def automate(self, text):
        """Have these automations, from the next start or reload on."""
        with open(os.path.join(self.folder, "automations.yaml"), "w") as f:
            f.write(text)

    def add_automations(self):
        """Those of the examples; before there is MQTT they could not begin."""
        with open(AUTOMATIONS) as f:
            self.automate(f.read().replace(
                "notify.notify", "notify.persistent_notification"))
        self.ask("/api/services/automation/reload", {})

    def states(self):
        return {s["entity_id"]: s for s in self.ask("/api/states")}

    def state(self, entity):
        return self.states().get(entity)

    def install(self, entity):
        self.ask("/api/services/update/install", dict(entity_id=entity))

    def complaints(self):
        """What it says of MQTT that is worse than information."""
        with open(self.log) as f:
            return [line for line in f if re.search(
                r"(WARNING|ERROR|CRITICAL) .*(mqtt|reflashd|sonoff)", line,
                re.I)]


def entity_of(ident):
    return "update.sonoff_" + ident


def found_by_itself(home):
    lan.wait(lambda: all((home.state(entity_of(i)) or {}).get("state") == "on"
                         for i in IDS), 60, "the three updates are on")
    for ident in IDS:
        now = home.state(entity_of(ident))["attributes"]
        lan.expect(now["installed_version"].startswith("eWeLink 3."), True,
                   now)
        lan.expect((now["in_progress"], now["update_percentage"]),
                   (False, None), now)
        lan.expect(now["title"].endswith("(instead of eWeLink)"), True, now)
        lan.expect("cannot be undone" in now["release_summary"], True, now)
        lan.expect(now["device_class"], "firmware", now)
    states = home.states()
    print("found by itself: %s" % ", ".join(sorted(
        e for e in states if "sonoff" in e or "reflashd" in e)))
    return states


def install(home, daemon):
    entity, seen = entity_of(FIRST), []
    home.install(entity)

    def ended():
        now = home.state(entity)
        step = (now["state"], now["attributes"]["in_progress"],
                now["attributes"]["update_percentage"])
        if step not in seen:
            seen.append(step)
        return now["state"] == "off" and now
    now = lan.wait(ended, 90, "the update ends off")["attributes"]
    percents = [p for _, _, p in seen if p is not None]
    lan.expect(percents, sorted(percents), "percentages")
    lan.expect(len(percents) >= 3, True, "percentages: %s" % seen)
    lan.expect(now["installed_version"], now["latest_version"], "versions")
    lan.expect(now["in_progress"], False, "at the end")
    lan.expect(daemon.state_of(FIRST), "flashed", FIRST)
    print("Install: %s, percentages %s" % (now["installed_version"],
                                           percents))


def failure(home, daemon):
    """A device that fails shows why, and Install tries it again."""
    lan.sim("set", SECOND, "fault=verdict-410")
    home.install(entity_of(SECOND))
    daemon.wait_for(SECOND, "failed", 90)
    now = lan.wait(lambda: home.state("binary_sensor.sonoff_%s_flash_problem"
                                      % SECOND)["state"] == "on" and
                   home.state(entity_of(SECOND)), 20, "the problem")
    lan.expect((now["state"], now["attributes"]["in_progress"]),
               ("on", False), now)
    lan.expect("an error of its own" in now["attributes"]["release_summary"],
               True, now)
    lan.sim("set", SECOND, "fault=none")
    time.sleep(1)  # one command a second
    home.install(entity_of(SECOND))
    daemon.wait_for(SECOND, "flashed", 90)
    lan.wait(lambda: home.state(entity_of(SECOND))["state"] == "off", 20,
             "the update is off")
    print("a failure shows why, and Install tries again")


def automations(home, broker):
    """The examples: each has run, and without an error."""
    device = json.loads(broker.retained(mqtt.STATE % THIRD, 1)[
        mqtt.STATE % THIRD])
    # All of them waited before it had started.
    broker.publish(mqtt.PREFIX + "event", dict(device, event="approval"))

    def silent():
        return [e for e, s in home.states().items()
                if e.startswith("automation.reflashd_") and
                "nobody_looks" not in e and
                s["attributes"]["last_triggered"] is None]
    lan.expect(len([e for e in home.states() if e.startswith("automation.")]),
               4, "automations")
    lan.wait(lambda: not silent(), 20, "the automations have run")
    print("the automations run: approval, failure, the end")


def restart(home):
    """After a restart everything is there again, by itself."""
    before = {e: s["state"] for e, s in home.states().items()
              if "sonoff" in e or "reflashd" in e}
    home.stop()
    home.start()

    def others():
        now = home.states()
        return {e: (s, now.get(e, {}).get("state")) for e, s in before.items()
                if now.get(e, {}).get("state") != s}
    try:
        lan.wait(lambda: not others(), 30, "all is as before")
    except lan.Failure:
        raise lan.Failure("after a restart: %s" % others())
    print("after a restart all %d entities are as before" % len(before))


def pause(home, daemon):
    home.ask("/api/services/switch/turn_on",
             dict(entity_id="switch.reflashd_home_flashing_paused"))
    lan.wait(lambda: daemon.ask("status")[1]["paused"], 10, "paused")
    lan.wait(lambda: home.state(
        "switch.reflashd_home_flashing_paused")["state"] == "on", 10,
        "the switch is on")
    time.sleep(1)  # one command a second
    home.ask("/api/services/switch/turn_off",
             dict(entity_id="switch.reflashd_home_flashing_paused"))
    lan.wait(lambda: not daemon.ask("status")[1]["paused"], 10, "resumed")
    lan.wait(lambda: home.state(
        "switch.reflashd_home_flashing_paused")["state"] == "off", 10,
        "the switch is off")


def take_pictures(browser, home, daemon):
    """The third device, from the question to the end."""
    entity = entity_of(THIRD)
    browser.show_dialog(entity)
    browser.wait_for("instead of eWeLink", "Install", "cannot be undone")
    browser.take("home-assistant-waits")
    home.install(entity)
    lan.wait(lambda: (home.state(entity)["attributes"]["update_percentage"]
                      or 0) >= 40, 60, "a part is downloaded")
    browser.take("home-assistant-works")
    daemon.wait_for(THIRD, "flashed", 90)
    lan.wait(lambda: home.state(entity)["state"] == "off", 20, "the end")
    browser.take("home-assistant-done")
    browser.show_device("reflashd_" + THIRD)
    browser.wait_for("Flash state", "Flash problem", "flashed")
    browser.take("home-assistant-device")


def main(folder, root, where=None):
    if where is not None and not pictures.have_all():
        lan.skip("pictures need chromium, its driver and selenium")
    daemon = lan.Daemon(folder, limits=dict(VerdictSec=10))
    lan.make_image(daemon.images + "/tasmota-lite.bin", "valid")
    daemon.policy("50-sonoff", dict(Action="ask", Image="tasmota-lite.bin",
                                    Attempts=1))
    with mqtt.Parts() as parts:
        parts.add(daemon).start()
        broker = parts.add(mqtt.Broker(folder)).start()
        parts.add(mqtt.Bridge(folder, daemon)).start()
        daemon.wait_for_all({"held"}, 30)
        home = parts.add(HomeAssistant(root)).start()
        home.onboard()
        home.add_mqtt(broker.port)
        home.add_automations()
        print("Home Assistant " + home.ask("/api/config")["version"])
        found_by_itself(home)
        install(home, daemon)
        failure(home, daemon)
        pause(home, daemon)
        automations(home, broker)
        if where is not None:
            take_pictures(parts.add(pictures.Browser(
                home, URL, folder + "/chromium", where)), home, daemon)
        restart(home)
        lan.expect(home.complaints(), [], "complaints of Home Assistant")


mqtt.run(main, DEVICES)
