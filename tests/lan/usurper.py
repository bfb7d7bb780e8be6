#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""While a device restarts with its new firmware, another one with another MAC
takes its address and its id, and remains another device.

Both are played by this program in the namespace of strangers, one after the
other: usurper.py play ADDRESS ID
"""
import http.client
import http.server
import json
import re
import subprocess
import sys
import threading
import urllib.parse

import lan

DEVICES = "--device id=1000b00001"
IDENT, ADDRESS = "1000a00001", "10.66.0.5"
OTHER_MAC = "02:00:00:66:66:66"
CHUNK = 4096
LOOKS = 4  # at the usurper, once the device has ended


class Stock(http.server.BaseHTTPRequestHandler):
    """Firmware 3.6.0, as far as a flash needs it."""
    protocol_version = "HTTP/1.1"
    unlocked, told = False, threading.Event()
    name, offer = "device", None

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        call = self.path.rsplit("/", 1)[1]
        print(self.name, call, flush=True)
        data = None
        if call == "info":
            data = dict(switch="off", startup="off", pulse="off",
                        pulseWidth=500, ssid="home", fwVersion="3.6.0",
                        otaUnlock=self.unlocked, deviceid=IDENT,
                        bssid="0:1:2:3:4:5", signalStrength=-50)
        elif call == "ota_unlock":
            Stock.unlocked = True
        elif call == "ota_flash":
            Stock.offer = body["data"]["downloadUrl"]
        answer = dict(seq=1, error=0)
        if data:
            answer["data"] = data
        text = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(text)
        self.close_connection = True
        if Stock.offer:
            self.told.set()

    def log_message(self, *_):
        pass


def fetch(url):
    where = urllib.parse.urlsplit(url)
    conn = http.client.HTTPConnection(where.hostname, where.port,
                                      source_address=(ADDRESS, 0))
    first, size = 0, 1
    while first < size:
        conn.request("GET", where.path, headers={
            "Range": "bytes=%d-%d" % (first, first + CHUNK - 1)})
        reply = conn.getresponse()
        first += len(reply.read())
        size = int(re.search(r"/(\d+)$", reply.headers["Content-Range"])[1])
    conn.request("POST", "/api/device/otaFlash", '{"error":0}')
    conn.getresponse().read()


def serve(address):
    server = http.server.ThreadingHTTPServer((address, 8081), Stock)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def play(address):
    server = serve(address)
    print("ready", flush=True)
    Stock.told.wait()
    fetch(Stock.offer)
    server.shutdown()
    server.server_close()
    Stock.name, Stock.unlocked, Stock.offer = "usurper", False, None
    Stock.told.clear()
    subprocess.run(["sysctl", "-qw", "net.ipv4.conf.eth0.arp_notify=1"],
                   check=True)
    for words in (["down"], ["address", OTHER_MAC], ["up"]):
        subprocess.run(["ip", "link", "set", "eth0", *words], check=True)
    server = serve(address)
    print("taken", flush=True)
    Stock.told.wait()
    fetch(Stock.offer)


def main(folder):
    lan.strangers_up()
    inventor = lan.Inventor(folder + "/inventor")
    lan.SCAN = inventor.program
    daemon = lan.Daemon(folder, discovery=dict(Backend="embedded",
                                               RequerySec=1))
    lan.make_image(daemon.images + "/fw.bin", "small")
    daemon.policy("10-all", dict(Image="fw.bin", Attempts=3),
                  match=dict(DeviceId=IDENT), verify=dict(Expect="leave"))
    log = folder + "/played"
    with open(log, "w") as out:
        player = subprocess.Popen(
            ["ip", "netns", "exec", "evil", sys.executable, "-B", __file__,
             "play", ADDRESS], stdout=out)

    def seen(what):
        with open(log) as f:
            return f.read().split("\n").count(what)

    def told():
        return seen("device ota_flash") + seen("usurper ota_flash")

    def announced():
        inventor.say(IDENT, ADDRESS, "eth1")
        inventor.flush()
        return seen("usurper info") >= LOOKS

    try:
        lan.wait(lambda: seen("ready"), 30, "the device listens")
        with lan.stopped_at_end(daemon):
            daemon.start("-D", "device")
            inventor.say(IDENT, ADDRESS, "eth1")
            inventor.flush()
            mac = lan.wait(lambda: (daemon.device(IDENT) or {}).get("mac"),
                           30, "its MAC")
            lan.wait(lambda: seen("taken"), 60, "the address is taken")
            daemon.wait_for(IDENT, "flashed", 60)
            lan.wait(announced, 120, "the usurper is looked at")
            device = daemon.device(IDENT)
            lan.expect((device["state"], device["mac"], told()),
                       ("flashed", mac, 1), "the device, and who was told")
    finally:
        player.kill()
        player.wait()
    print("flashed, and the usurper was asked %d times and told nothing" %
          seen("usurper info"))


if sys.argv[1:2] == ["play"]:
    play(sys.argv[2])
else:
    lan.run(main, DEVICES)
