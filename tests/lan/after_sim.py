#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""What devices of reflash-sim are once they have booted an image: each kind of
it, the web server and the updater of Tasmota, and what can be wrong with them.

Each device is flashed and has its story, all at once.
"""
import base64
import hashlib
import http.client
import http.server
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
import traceback
import urllib.parse

import faults
import lan

MINI = ('{"NAME":"Sonoff Mini","GPIO":[32,0,0,0,160,0,0,0,224,320,0,0,1,0],'
        '"FLAG":0,"BASE":1}')
FINISH = "Template %s;Module 0;DeviceName Hall;MqttHost b" % MINI

STORIES = []


def story(spec="", image="tasmota-lite"):
    def add(function):
        STORIES.append((function, spec, image))
        return function
    return add


class Gone(Exception):
    """Nobody answers."""


class Device:
    def __init__(self, name, address, world):
        self.id = name
        self.address = address
        self.world = world

    def report(self):
        return self.world.report(self.id)

    def tasmota(self):
        return self.report()["tasmota"]

    def control(self, verb, *rest):
        self.world.control(verb, self.id, *rest)

    def get(self, path, headers=None, timeout=3):
        """status, headers, body"""
        conn = http.client.HTTPConnection(self.address, 80, timeout=timeout)
        try:
            conn.request("GET", path, headers=headers or {})
            reply = conn.getresponse()
            return reply.status, reply.headers, reply.read().decode()
        except OSError as why:
            raise Gone(str(why)) from why
        finally:
            conn.close()

    def cm(self, cmnd, extra="", **options):
        return self.get("/cm?cmnd=" + urllib.parse.quote(cmnd, safe="")
                        + extra, **options)

    def ask(self, cmnd, **options):
        return json.loads(self.cm(cmnd, **options)[2])

    def version(self):
        return self.ask("Status 2")["StatusFWR"]["Version"]

    def wait_web(self, limit=15):
        return until(lambda: self.get("/"), limit)

    def wait_version(self, version):
        until(lambda: self.version() == version)

    def order_upgrade(self, name):
        url = self.world.url(name)
        same(self.ask("OtaUrl " + url), {"OtaUrl": url})
        reply = self.ask("Upgrade 1")["Upgrade"]
        same(reply.endswith(" from " + url), True)

    def tries(self):
        return [(t["url"].rsplit("/", 1)[1], t["status"], t["result"])
                for t in self.tasmota()["upgrades"]]


def until(function, limit=15):
    """What it returns once that is true; Gone counts as not yet."""
    end = time.monotonic() + limit
    while True:
        try:
            value = function()
        except Gone:
            value = None
        if value:
            return value
        assert time.monotonic() < end, "never came true"
        time.sleep(0.1)


def same(have, want):
    assert have == want, "%r instead of %r" % (have, want)


def gone(device):
    try:
        device.get("/", timeout=0.5)
    except Gone:
        return True
    return False


# --------------------------------------------------------------- who it is

@story()
def ap_stays_away(d):
    until(lambda: d.report()["state"] == "booted")
    same([d.report()[k] for k in ("after", "after_state")], ["ap", "away"])
    assert gone(d)
    d.control("join")
    d.wait_web()
    same(d.version(), "14.2.0(release-lite)")


@story("after=tasmota")
def tasmota_joins(d):
    status, headers, body = d.wait_web()
    same(status, 200)
    assert "Tasmota" in body
    same(headers["Server"], "Tasmota/14.2.0 (ESP8285N08)")
    same(headers["Transfer-Encoding"], "chunked")
    net = d.ask("Status 5")["StatusNET"]
    mac = d.report()["mac"]
    same(net["Mac"], mac.upper())
    same(net["IPAddress"], d.address)
    low = int(mac.replace(":", "")[6:], 16)
    same(net["Hostname"], "tasmota-%06X-%04d" % (low, low & 0x1fff))
    neighbours = subprocess.run(["ip", "neigh", "show", d.address],
                                stdout=subprocess.PIPE, check=True).stdout
    assert mac in neighbours.decode(), neighbours


@story("after=tasmota")
def tasmota_speaks_both_versions(d):
    d.wait_web()
    with socket.create_connection((d.address, 80), timeout=3) as conn:
        conn.sendall(b"GET /cm?cmnd=Status+2 HTTP/1.0\r\n\r\n")
        reply = b""
        while part := conn.recv(4096):
            reply += part
    head, body = reply.split(b"\r\n\r\n")
    assert b"chunked" not in head and b"Content-Length" not in head, head
    same(json.loads(body), d.ask("Status 2"))
    whole = d.ask("Status 0")
    for part in "Status StatusPRM StatusFWR StatusMEM StatusNET".split():
        assert part in whole, part
    same(whole, d.ask("status0"))
    same(d.ask("Status 4")["StatusMEM"]["Free"], 496)
    same(d.ask("Bogus 1"), {"Command": "Unknown"})
    same(d.ask("Template"), {"NAME": "Generic", "GPIO": [1] * 14, "FLAG": 0,
                             "BASE": 18})
    same(d.ask("Template {nonsense}"), {"Template": "Invalid JSON"})
    same(d.ask("Module"), {"Module": {"1": "Sonoff Basic"}})
    same(d.ask("DeviceName A & B; 100%"), {"DeviceName": "A & B; 100%"})
    same(d.ask("DeviceName 1"), {"DeviceName": "Tasmota"})
    same(d.ask('DeviceName "'), {"DeviceName": ""})
    same(d.ask("SetOption65 1"), {"SetOption65": "ON"})
    same(d.ask("TelePeriod 60"), {"TelePeriod": 60})
    same(d.ask("Upgrade"), {"Upgrade": "1 or >14.2.0 to upgrade"})


@story("after=tasmota", "tasmota-9.5")
def old_tasmota_differs(d):
    headers = d.wait_web()[1]
    same(headers["Server"], "Tasmota/9.5.0 (ESP8285N08)")
    same(d.version(), "9.5.0(lite)")
    net = d.ask("Status 5")["StatusNET"]
    assert "HTTP_API" not in net
    assert net["Hostname"].startswith("tasmota_"), net
    same(d.ask("Bogus"), {"Command": "Unknown"})


@story("after=tasmota,tasmota-version=12.2.0")
def version_can_be_told(d):
    d.wait_web()
    same(d.version(), "12.2.0(lite)")


@story("after=tasmota,tasmota-version=5.12.0h")
def version_with_a_letter(d):
    d.wait_web()
    same(d.version(), "5.12.0h")


@story("after=tasmota,mac=other")
def mac_changes_with_the_firmware(d):
    d.wait_web()
    mac = d.ask("Status 5")["StatusNET"]["Mac"].lower()
    same(mac, d.report()["mac"])
    neighbours = subprocess.run(["ip", "neigh", "show", d.address],
                                stdout=subprocess.PIPE, check=True).stdout
    assert mac in neighbours.decode(), neighbours
    d.control("come")
    same(d.report()["mac"][9:], mac[9:])
    assert d.report()["mac"] != mac


@story("after=tasmota", "tasmota-minimal")
def minimal_knows_next_to_nothing(d):
    d.wait_web()
    same(d.ask("Status 2"), {"Command": "Unknown"})
    same(d.ask("OtaUrl http://x/y"), {"OtaUrl": "http://x/y"})


@story("after=tasmota,fault=minimal-talks", "tasmota-minimal")
def minimal_takes_no_template(d):
    d.wait_web()
    same(d.version(), "14.2.0(release-minimal)")
    d.ask("Template " + MINI)
    same(d.ask("Template")["NAME"], "Generic")


@story("after=tasmota-later,address=other")
def joins_when_told(d):
    until(lambda: d.report()["after_state"] == "away")
    d.control("join")
    until(lambda: d.report()["after_state"] == "lan")
    assert gone(d)
    old, d.address = d.address, d.report()["address"]
    assert old != d.address
    d.wait_web()
    d.control("leave")
    assert gone(d)
    d.control("join")
    d.wait_web()


@story("after=stock")
def stock_again(d):
    until(lambda: d.report()["state"] == "away")
    until(lambda: d.report()["state"] == "stock")
    same(d.report()["boots"], 0)


@story("after=other")
def somebody_else(d):
    status, headers, body = d.wait_web()
    same((status, headers["Server"]), (200, "nginx/1.22.1"))
    assert "Tasmota" not in body
    same(d.cm("Status 2")[0], 404)


@story("after=esphome", "esphome")
def esphome_announces_itself(d):
    until(lambda: d.report()["after_state"] == "lan")
    report = d.report()
    assert report["address"] != d.address
    mac = report["mac"].replace(":", "").encode()
    heard = until(lambda: d.world.heard(report["address"]))
    for text in (b"mac=" + mac, b"version=2024.10.3", b"platform=ESP8266",
                 b"network=wifi", b"\x0b_esphomelib\x04_tcp",
                 struct.pack(">HHH", 0, 0, 6053)):
        assert text in heard, text


@story("after=esphome,fault=esphome-other-mac", "esphome")
def esphome_of_another(d):
    until(lambda: d.report()["after_state"] == "lan")
    heard = until(lambda: d.world.heard(d.report()["address"]))
    mac = d.report()["mac"].replace(":", "").encode()
    assert b"mac=" + mac not in heard and b"mac=" + mac[:10] in heard


@story("after=esphome,fault=esphome-no-api", "esphome")
def esphome_without_api(d):
    until(lambda: d.report()["after_state"] == "lan")
    heard = until(lambda: d.world.heard(d.report()["address"]))
    assert b"\x05_http\x04_tcp" in heard and b"mac=" not in heard


# ------------------------------------------------------------- set-up of it

@story("after=tasmota")
def backlog_restarts_once(d):
    d.wait_web()
    same(d.ask("Backlog " + FINISH), {})
    until(lambda: gone(d), 5)
    d.wait_web()
    same(d.ask("Template"), json.loads(MINI))
    same(d.ask("Module"), {"Module": {"0": "Sonoff Mini"}})
    seen = d.tasmota()
    same((seen["restarts"], seen["bad_calls"]), (1, 0))
    same([c for c in seen["commands"] if " " in c],
         ["Template " + MINI, "Module 0", "DeviceName Hall", "MqttHost b"])
    same(seen["settings"], {"DeviceName": "Hall", "MqttHost": "b"})
    same((seen["template"], seen["module"]), ("Sonoff Mini", 0))
    # It is in the flash: neither a restart nor a power cut changes it.
    d.control("leave")
    d.control("join")
    d.wait_web()
    same(d.ask("DeviceName"), {"DeviceName": "Hall"})


@story("after=tasmota,password=secret")
def password_is_asked_for(d):
    same(d.wait_web()[0], 401)
    status, _, body = d.cm("Status 2")
    same((status, json.loads(body)), (401, {
        "WARNING": "Need user=<username>&password=<password>"}))
    same(d.cm("Status 2", "&user=admin&password=wrong")[0], 401)
    same(d.cm("Status 2", "&user=admin&password=secret")[0], 200)
    basic = {"Authorization": "Basic "
             + base64.b64encode(b"admin:secret").decode()}
    same(d.cm("Status 2", headers=basic)[0], 200)
    same(json.loads(d.cm("WebPassword 0", headers=basic)[2]),
         {"WebPassword": ""})
    same(d.cm("Status 2")[0], 200)
    same(d.ask("WebPassword new"), {"WebPassword": "new"})
    same(d.cm("Status 2")[0], 401)
    same(d.tasmota()["bad_calls"], 3)


@story("after=tasmota,password=secret,tasmota-version=8.5.0")
def old_one_wants_its_password_in_the_address(d):
    d.wait_web()
    basic = {"Authorization": "Basic "
             + base64.b64encode(b"admin:secret").decode()}
    same(d.get("/", headers=basic)[0], 200)
    same(d.cm("Status 2", headers=basic)[0], 401)
    known = "&user=admin&password=secret"
    same(json.loads(d.cm("DeviceName x", known)[2]), {"DeviceName": "x"})
    # It looks at as much of a password as its own has.
    same(d.cm("Status 2", known + "s")[0], 200)
    same(json.loads(d.cm("Backlog DeviceName y;", known)[2]), {
        "WARNING": "Enable weblog 2 if response expected"})
    until(lambda: d.tasmota()["settings"].get("DeviceName") == "y")


@story("after=tasmota,password=secret,tasmota-version=8.2.0")
def older_one_refuses_with_200(d):
    d.wait_web()
    same(d.cm("Status 2")[:3:2], (200, '{"WARNING":"Need user=<username>'
                                  '&password=<password>"}'))


@story("after=tasmota")
def only_its_own_pages_may_ask(d):
    d.wait_web()
    same(d.ask("SetOption128 0"), {"SetOption128": "OFF"})
    with socket.create_connection((d.address, 80), timeout=3) as conn:
        conn.sendall(b"GET /cm?cmnd=Status HTTP/1.0\r\n\r\n")
        same(conn.recv(4096), b"")
    own = {"Referer": "http://%s/" % d.address}
    same(json.loads(d.cm("DeviceName z", headers=own)[2]),
         {"DeviceName": "z"})


@story("after=tasmota,tasmota-drops=DeviceName,set=MqttHost=old%2Cbroker,"
       "tasmota-stores=FriendlyName1=Hall%20(old),tasmota-answers=Sleep=7")
def errs_about_settings(d):
    d.wait_web()
    same(d.ask("MqttHost"), {"MqttHost": "old,broker"})
    same(d.ask("DeviceName x"), {"DeviceName": "x"})
    same(d.ask("DeviceName"), {"DeviceName": "Tasmota"})
    same(d.ask("FriendlyName1 Hall"), {"FriendlyName1": "Hall"})
    same(d.ask("FriendlyName1"), {"FriendlyName1": "Hall (old)"})
    same(d.ask("Sleep 50"), {"Sleep": 7})


@story("after=tasmota")
def braces_swallow_what_follows(d):
    d.wait_web()
    d.ask("Backlog FriendlyName1 a{b;DeviceName x;Module 0")
    until(lambda: "FriendlyName1" in d.tasmota()["settings"])
    same(d.tasmota()["settings"],
         {"FriendlyName1": "a{b;DeviceName x;Module 0"})


@story("after=tasmota,fault=tasmota-401")
def password_of_nobody(d):
    d.wait_web()
    same(d.cm("Status 2", "&user=admin&password=")[0], 401)


@story("after=tasmota,fault=tasmota-slow")
def slow(d):
    until(lambda: d.report()["after_state"] == "lan")
    begin = time.monotonic()
    same(d.cm("Status 2", timeout=6)[0], 200)
    assert 3.9 < time.monotonic() - begin < 5.5


@story("after=tasmota,fault=tasmota-loses-command")
def loses_one_the_first_time(d):
    d.wait_web()
    d.ask("Backlog DeviceName A;FriendlyName1 B;FriendlyName2 C")
    until(lambda: "FriendlyName2 C" in d.tasmota()["commands"])
    same(d.tasmota()["lost"], ["FriendlyName1 B"])
    same("FriendlyName1" in d.tasmota()["settings"], False)
    d.ask("Backlog DeviceName A;FriendlyName1 B;FriendlyName2 C")
    until(lambda: d.tasmota()["settings"].get("FriendlyName1") == "B")


@story("after=tasmota,tasmota-loses-always=Module")
def loses_one_always(d):
    d.wait_web()
    for _ in range(2):
        d.ask("Backlog " + FINISH)
        until(lambda: gone(d), 5)
        d.wait_web()
    same(d.tasmota()["lost"], ["Module 0", "Module 0"])
    same(d.tasmota()["module"], 1)


@story("after=tasmota,tasmota-loses-always=Rule1")
def loses_one_that_comes_alone(d):
    rule = " ON Power1#State DO Var1 2 ENDON"
    d.wait_web()
    d.ask("Rule1" + rule)
    d.ask("Rule2" + rule)
    same(d.ask("Rule1")["Rule1"]["Rules"], "")
    same(d.ask("Rule2")["Rule2"]["Rules"], rule.strip())
    same(d.tasmota()["lost"], ["Rule1" + rule])


@story("after=tasmota,fault=tasmota-restarts")
def restarts_in_the_middle(d):
    d.wait_web()
    d.ask("Backlog DeviceName A;FriendlyName1 B;FriendlyName2 C;Hostname D")
    until(lambda: gone(d), 5)
    d.wait_web()
    same(d.tasmota()["settings"], {"DeviceName": "A", "FriendlyName1": "B"})
    d.ask("Backlog DeviceName A;FriendlyName1 B;FriendlyName2 C;Hostname D")
    until(lambda: gone(d), 5)
    d.wait_web()
    same(d.tasmota()["settings"]["Hostname"], "D")


@story("after=tasmota,fault=module-lost*1")
def module_does_not_stay(d):
    d.wait_web()
    for module in (1, 0):
        d.ask("Module 0")
        until(lambda: gone(d), 5)
        d.wait_web()
        same(d.tasmota()["module"], module)


@story("after=tasmota,fault=tasmota-other-mac")
def another_mac(d):
    d.wait_web()
    mac = d.ask("Status 5")["StatusNET"]["Mac"].lower()
    assert mac != d.report()["mac"] and mac[:15] == d.report()["mac"][:15]


@story("after=tasmota,fault=tasmota-html")
def pages_instead_of_json(d):
    d.wait_web()
    same(d.cm("Status 2")[1]["Content-Type"], "text/html")


@story("after=tasmota,tasmota-version=12.2.0")
def breaches(d):
    d.wait_web()
    d.cm("DeviceName " + "x" * 1300)
    d.ask("Backlog " + ";".join(["Status 2"] * 31))
    same(d.get("/cm?cmnd=")[2], '{"WARNING":"Enter command cmnd=}')
    same(d.ask("Backlog Reset 5"), {})
    until(lambda: len(d.tasmota()["commands"]) == 28)
    found = d.report()["breaches"]
    same(len(found), 3)
    d.world.expected += found


# ------------------------------------------------------------- the next one

@story("after=tasmota")
def upgrade_to_the_full_build(d):
    d.wait_web()
    d.order_upgrade("full/tasmota.bin.gz")
    d.wait_version("14.6.0(release-tasmota)")
    same(d.tries(), [("tasmota.bin.gz", 200, "ok")])
    line, asked = d.world.requests[d.address]
    assert line.endswith(" HTTP/1.0"), line
    mac = d.report()["mac"].upper()
    for name, value in {
            "User-Agent": "ESP8266-http-Update", "Connection": "close",
            "x-ESP8266-STA-MAC": mac, "x-ESP8266-mode": "sketch",
            "x-ESP8266-free-space": "507904",
            "x-ESP8266-version": "14.2.0(release-lite)"}.items():
        same(asked[name], value)
    assert "Range" not in asked and "Accept-Encoding" not in asked


@story("after=tasmota,free=400000,fault=minimal-talks")
def upgrade_by_way_of_minimal(d):
    d.wait_web()
    d.order_upgrade("full/tasmota.bin.gz")
    d.wait_version("14.2.0(release-minimal)")
    d.wait_version("14.6.0(release-tasmota)")
    same(d.tries(), [("tasmota.bin.gz", 200, "not enough space"),
                     ("tasmota-minimal.bin.gz", 200, "ok"),
                     ("tasmota.bin.gz", 200, "ok")])


@story("after=tasmota,free=400000,"
       "fault=upgrade-stuck-minimal*1+minimal-talks")
def upgrade_stops_at_minimal(d):
    d.wait_web()
    d.order_upgrade("full/tasmota.bin.gz")
    d.wait_version("14.2.0(release-minimal)")
    time.sleep(1.5)
    same(d.version(), "14.2.0(release-minimal)")
    d.order_upgrade("full/tasmota.bin.gz")
    d.wait_version("14.6.0(release-tasmota)")


@story("after=tasmota")
def upgrade_not_there(d):
    d.wait_web()
    d.order_upgrade("none/a.bin")
    until(lambda: d.tasmota()["restarts"] == 1)
    same(d.tries(), [("a.bin", 404, "file not found")] * 5
         + [("a.bin.gz", 404, "file not found")] * 4)
    d.wait_version("14.2.0(release-lite)")


@story("after=tasmota")
def upgrade_in_wrong_replies(d):
    d.wait_web()
    for name, status, result in (
            ("range", 206, "wrong HTTP code"), ("moved", 302,
                                                "wrong HTTP code"),
            ("chunked", 200, "server does not tell the size"),
            ("md5", 200, "MD5 does not fit"),
            ("short", 200, "the stream ends too early"),
            ("page", 200, "no magic byte")):
        before = d.tasmota()
        d.order_upgrade(name + "/a.bin.gz")
        until(lambda: d.tasmota()["restarts"] > before["restarts"])
        same(d.tries()[len(before["upgrades"]):],
             [("a.bin.gz", status, result)] * 6)
        d.wait_version("14.2.0(release-lite)")


@story("after=tasmota,fault=upgrade-fails")
def upgrade_without_effect(d):
    d.wait_web()
    d.order_upgrade("full/tasmota.bin.gz")
    until(lambda: d.tasmota()["restarts"] == 1)
    d.wait_version("14.2.0(release-lite)")
    same(d.tries(), [("tasmota.bin.gz", 200, "ok")])


@story("after=tasmota,fault=upgrade-never-fetches")
def upgrade_never_begun(d):
    d.wait_web()
    d.order_upgrade("full/tasmota.bin.gz")
    time.sleep(1)
    same((d.version(), d.tries()), ("14.2.0(release-lite)", []))


# ------------------------------------------------------------------ machinery

class Files(http.server.BaseHTTPRequestHandler):
    """/HOW/NAME: the file as told, right or wrong."""

    def log_message(self, *args):
        pass

    def do_GET(self):
        how, name = self.path[1:].split("/")
        self.server.requests[self.client_address[0]] = (
            self.requestline, dict(self.headers.items()))
        kind = "minimal-gz" if "-minimal" in name else "tasmota-full-gz"
        data = self.server.images[kind]
        status = {"none": 404, "range": 206, "moved": 302}.get(how, 200)
        if how == "page":
            data = b"<html>" * 1000
        md5 = hashlib.md5(data).hexdigest()
        self.send_response(status)
        if how == "chunked":
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(data)))
        self.send_header("x-MD5", md5 if how != "md5" else "0" * 32)
        self.end_headers()
        try:
            self.wfile.write(data[:-9] if how == "short" else data)
        except OSError:
            pass


class World:
    def __init__(self, folder, sim, path):
        self.sim, self.path = sim, path
        self.lock = threading.Lock()
        self.images = {}
        self.expected = []
        for name in os.listdir(folder):
            if os.path.isfile(os.path.join(folder, name)):
                with open(os.path.join(folder, name), "rb") as f:
                    self.images[name] = f.read()
        self.files = http.server.ThreadingHTTPServer(("0.0.0.0", 0), Files)
        self.files.images = self.images
        self.requests = self.files.requests = {}
        threading.Thread(target=self.files.serve_forever, daemon=True).start()
        self.said = {}
        threading.Thread(target=self.listen, daemon=True).start()

    def url(self, name):
        return "http://%s:%d/%s" % (os.environ["REFLASH_SIM_SERVER"],
                                    self.files.server_address[1], name)

    def listen(self):
        """All that is said by mDNS, by address."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("224.0.0.251", 5353))
        sock.setsockopt(
            socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
            socket.inet_aton("224.0.0.251")
            + socket.inet_aton(os.environ["REFLASH_SIM_SERVER"]))
        while True:
            data, (address, _) = sock.recvfrom(9000)
            self.said[address] = self.said.get(address, b"") + data

    def heard(self, address):
        return self.said.get(address)

    def control(self, *words):
        subprocess.run([self.sim, "control",
                        os.environ["REFLASH_SIM_CONTROL"], *words],
                       check=True)

    def all_devices(self):
        with self.lock:
            self.control("report")
            with open(self.path) as f:
                return json.load(f)["devices"]

    def report(self, name):
        return [d for d in self.all_devices() if d["id"] == name][0]


def tell(d, function, image, wrong):
    row = {}
    try:
        faults.flash(d.address, d.id, d.world.images[image], row)
        same(row["flash"], "0")
        until(lambda: row["verdicts"] == [0], 40)
        function(d)
    except Exception:  # a story may end in any way but this one
        wrong.append("%s: %s" % (function.__name__, traceback.format_exc()))


def make_images(folder):
    os.mkdir(folder)
    for payload in ("unknown", "tasmota-lite", "tasmota-9.5", "tasmota-minimal",
                    "esphome"):
        lan.make_image(os.path.join(folder, payload), "small",
                       "--payload", payload)
    for kind in "tasmota-full", "tasmota-full-gz", "minimal", "minimal-gz":
        lan.make_image(os.path.join(folder, kind), kind)


def run(folder):
    images = os.path.join(folder, "images")
    make_images(images)
    world = World(images, lan.SIM, os.path.join(folder, "report"))
    addresses = {ident: address for address, ident in lan.sim_devices()}
    wrong, threads = [], []
    for i, (function, _, image) in enumerate(STORIES):
        d = Device(faults.ident(i), addresses[faults.ident(i)], world)
        threads.append(threading.Thread(
            target=tell, args=(d, function, image, wrong)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for device in world.all_devices():
        for breach in device["breaches"]:
            if breach not in world.expected:
                wrong.append("%s: %s" % (device["id"], breach))
    print("\n".join(wrong), file=sys.stderr)
    print("%d stories, %d wrong" % (len(STORIES), len(wrong)))
    return 1 if wrong else 0


# One of them is spoken to as nobody should.
lan.run(run, " ".join(
    "--device=id=%s,chunk-ms=0,reboot-ms=100,join-ms=300,retry-ms=150,%s" % (
        faults.ident(i), spec) for i, (_, spec, _) in enumerate(STORIES)),
    ends=[lan.BREACH])
