#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What people write for this: by_python.py FOLDER ADDRESS

zeroconf finds the device, requests talks to it, and http.server, taught about
ranges, has the image.  The device wants 200 ms between two calls.
"""
import hashlib
import http.server
import re
import sys
import threading
import time

import requests
import zeroconf

PORT = 8001
FOLDER, ADDRESS = sys.argv[1:]
with open(FOLDER + "/fw.bin", "rb") as image:
    DATA = image.read()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        match = re.match(r"bytes=(\d+)-(\d+)", self.headers["Range"] or "")
        first, last = map(int, match.groups()) if match else (0, len(DATA))
        body = DATA[first:last + 1]
        self.send_response(206)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Range", "bytes %d-%d/%d" % (
            first, first + len(body) - 1, len(DATA)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")


class Listener(zeroconf.ServiceListener):
    def __init__(self):
        self.found = threading.Event()

    def add_service(self, zc, kind, name):
        self.info = zc.get_service_info(kind, name)
        if self.info:
            self.found.set()

    update_service = add_service

    def remove_service(self, zc, kind, name):
        pass


def call(info, what, data):
    url = "http://%s:%d/zeroconf/%s" % (info.parsed_addresses()[0], info.port,
                                        what)
    ident = info.properties[b"id"].decode()
    return requests.post(url, json=dict(deviceid=ident, data=data),
                         headers={"Connection": "close"}, timeout=20).json()


def main():
    server = http.server.ThreadingHTTPServer((ADDRESS, PORT), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    listener = Listener()
    zc = zeroconf.Zeroconf(ip_version=zeroconf.IPVersion.V4Only)
    zeroconf.ServiceBrowser(zc, "_ewelink._tcp.local.", listener)
    open(FOLDER + "/ready", "w").close()
    listener.found.wait()
    call(listener.info, "info", {})
    time.sleep(0.2)
    call(listener.info, "ota_unlock", {})
    time.sleep(0.2)
    call(listener.info, "ota_flash", dict(
        downloadUrl="http://%s:%d/fw.bin" % (ADDRESS, PORT),
        sha256sum=hashlib.sha256(DATA).hexdigest()))
    threading.Event().wait()


main()
