#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Those who attack: attackers.py KIND ARGUMENT..., until they are killed.

announce COUNT	invents devices, at addresses that none has; prints the round
connect SERVER PORT HALF SLOW IDLE	keeps so many connections of each kind to
	the server: one that asks and closes its half, one that sends a byte a
	second, one that says nothing; prints how many have been made
pretend ADDRESS ID	is announced there, and answers as the device with this id
host ADDRESS ERROR SECONDS PORT...	is whatever device is asked for there: it
	answers the order to fetch with that error; if that is 0 it fetches a
	byte, and one more each SECONDS
watch	prints each address and port that this machine begins to speak to
"""
import collections
import ctypes
import http.client
import http.server
import itertools
import json
import resource
import select
import socket
import struct
import sys
import threading
import time
import urllib.parse

import mdns_say

SOURCES = ["10.66.0.%d" % n for n in range(2, 202)]
# Where nobody may be led: this host, a group, everybody, the way out of the
# LAN, the Internet, another interface's net; then addresses that are allowed.
LURES = ["127.0.0.1", "127.0.0.2", "10.66.0.1", "192.168.77.1", "224.0.0.1",
         "255.255.255.255", "10.66.0.255", "10.66.0.0", "0.0.0.0",
         "10.66.0.254", "8.8.8.8", "192.168.77.200", "192.168.77.1"]
PORTS = [8081, 22, 8266, 0, 631]


class Options:
    """What mdns_say.py wants to know of a device."""

    def __init__(self, ident, address, port):
        self.id, self.address, self.port = ident, address, port
        self.name, self.txt, self.service, self.a = None, None, \
            "_ewelink._tcp", [address]


def invented(count, clashing):
    """A packet for each, and some for ids that others have."""
    lures = itertools.cycle(LURES + SOURCES[:100])
    ports = itertools.cycle(PORTS)
    idents = ["1fff%06x" % n for n in range(count)]
    for n, ident in enumerate(idents):
        yield Options(ident, next(lures), next(ports))
        if n % 100 == 0:
            yield Options(next(clashing), next(lures), next(ports))


def announce(count, *clashing):
    s = mdns_say.open_socket(SOURCES[0])
    for number in itertools.count(1):
        sent = 0
        for o in invented(int(count), itertools.cycle(clashing)):
            device = mdns_say.Device(o)
            s.sendto(mdns_say.response(device.records() + device.hosts()),
                     mdns_say.GROUP)
            sent += 1
            if sent % 20 == 0:  # more would be lost in the sockets' buffers
                time.sleep(0.03)
        print(number, flush=True)


class Crowd:
    """Connections that are made again when the server ends them."""

    def __init__(self, server, port):
        self.server = (server, int(port))
        self.poll = select.epoll()
        self.open = {}
        self.made = collections.Counter()
        self.turned_away = []
        self.sources = itertools.cycle(SOURCES)

    def add(self, kind):
        s = socket.socket()
        s.setblocking(False)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((next(self.sources), 0))
        s.connect_ex(self.server)
        self.open[s.fileno()] = s, kind, True
        self.poll.register(s, select.EPOLLIN | select.EPOLLOUT |
                           select.EPOLLET)

    def begin(self, s, kind):
        s.getpeername()  # fails unless it is connected
        if kind == "half":
            s.send(b"GET /" + b"x" * 22 + b"/fw.bin HTTP/1.1\r\n\r\n")
            s.shutdown(socket.SHUT_WR)

    def event(self, fd, what):
        s, kind, is_new = self.open[fd]
        self.open[fd] = s, kind, False
        try:
            if is_new:
                self.begin(s, kind)
                self.made[kind] += 1
            while s.recv(4096):
                pass
            raise OSError("closed")
        except BlockingIOError:
            pass
        except OSError:
            del self.open[fd]
            s.close()
            self.turned_away.append(kind)

    def trickle(self):
        """What is done each second."""
        for s, kind, _ in self.open.values():
            try:
                if kind == "slow":
                    s.send(b"G")
            except OSError:
                pass
        again, self.turned_away = self.turned_away, []
        for kind in again:
            self.add(kind)

    def run(self):
        second = time.monotonic()
        while True:
            for fd, what in self.poll.poll(0.2, 256):
                self.event(fd, what)
            if time.monotonic() > second + 1:
                second = time.monotonic()
                self.trickle()
                print(" ".join("%s %d" % pair for pair in sorted(
                    self.made.items())), flush=True)


def connect(server, port, *counts):
    crowd = Crowd(server, port)
    for kind, count in zip(("half", "slow", "idle"), counts):
        for _ in range(int(count)):
            crowd.add(kind)
    crowd.run()


def pretend(address, ident):
    body = json.dumps({"seq": 1, "error": 0, "data": {
        "switch": "off", "otaUnlock": False, "fwVersion": "3.6.0",
        "deviceid": ident}}).encode()
    listener = socket.create_server((address, 8081))
    s = mdns_say.open_socket(address)
    device = mdns_say.Device(Options(ident, address, 8081))
    print("ready", flush=True)
    while True:
        s.sendto(mdns_say.response(device.records() + device.hosts()),
                 mdns_say.GROUP)
        if select.select([listener], [], [], 1)[0]:
            conn, _ = listener.accept()
            with conn:
                conn.recv(4096)
                conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
                             b"%s" % (len(body), body))
            print("asked", flush=True)


def trickle(url, address, seconds):
    url = urllib.parse.urlsplit(url)
    server = http.client.HTTPConnection(url.hostname, url.port,
                                        source_address=(address, 0))
    for n in itertools.count():
        server.request("GET", url.path,
                       headers={"Range": "bytes=%d-%d" % (n, n)})
        reply = server.getresponse()
        reply.read()
        if reply.status != 206:  # it is not served any more
            return
        time.sleep(seconds)


def host(address, error, seconds, *ports):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            call = json.loads(self.rfile.read(
                int(self.headers["Content-Length"])))
            data, told = {}, self.path.endswith("ota_flash")
            if self.path.endswith("info"):
                data = {"switch": "off", "startup": "off", "pulse": "off",
                        "otaUnlock": True, "fwVersion": "3.6.0",
                        "deviceid": call["deviceid"]}
            self.answer(json.dumps({"seq": 1, "data": data, "error": int(
                error) if told else 0}).encode())
            if told and error == "0":
                threading.Thread(target=trickle, daemon=True, args=(
                    call["data"]["downloadUrl"],
                    self.connection.getsockname()[0],
                    float(seconds))).start()

        def answer(self, body):
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        def log_message(self, *what):
            pass

    servers = [http.server.ThreadingHTTPServer((address, int(port)), Handler)
               for port in ports]
    for server in servers[1:]:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    servers[0].serve_forever()


def only_beginnings(s):
    """What we send that is UDP, or a SYN without ACK (bpf(4), in bytes)."""
    program = [(0x28, 0, 0, 0xfffff000), (0x15, 0, 10, 0x0800),  # IP
               (0x30, 0, 0, 0xfffff004), (0x15, 0, 8, 4),  # going out
               (0x30, 0, 0, 9), (0x15, 5, 0, 17), (0x15, 0, 5, 6),
               (0xb1, 0, 0, 0), (0x50, 0, 0, 13), (0x54, 0, 0, 0x12),
               (0x15, 0, 1, 2), (0x06, 0, 0, 100), (0x06, 0, 0, 0)]
    code = b"".join(struct.pack("HBBI", *line) for line in program)
    buffer = ctypes.create_string_buffer(code)
    s.setsockopt(socket.SOL_SOCKET, 26,  # SO_ATTACH_FILTER
                 struct.pack("HP", len(program), ctypes.addressof(buffer)))


def watch():
    s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM,
                      socket.htons(3))  # ETH_P_ALL, on every interface
    only_beginnings(s)
    print("ready", flush=True)
    told = set()
    while True:
        packet = s.recv(100)
        head = (packet[0] & 15) * 4
        to = ("tcp" if packet[9] == socket.IPPROTO_TCP else "udp",
              socket.inet_ntoa(packet[16:20]),
              struct.unpack(">H", packet[head + 2:head + 4])[0])
        if to not in told:
            told.add(to)
            print(*to, flush=True)


resource.setrlimit(resource.RLIMIT_NOFILE,
                   (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
{"announce": announce, "connect": connect, "pretend": pretend,
 "host": host, "watch": watch}[sys.argv[1]](*sys.argv[2:])
