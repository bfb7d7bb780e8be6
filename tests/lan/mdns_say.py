#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""mdns_say -- speaks multicast DNS as devices do, and as they should not.

mdns_say.py ADDRESS [OPTION...]: announces one service from ADDRESS when it
starts and at SIGUSR1, and answers queries for it.  Says "ready" first.

  --id ID          the eWeLink id (1000a05bf6)
  --txt K=V        a TXT string, in the order of the wire; \\xNN is a byte
  --service TYPE   (_ewelink._tcp), with --name NAME and --port N
  --a ADDRESS      the A record; may be repeated, "none" for no A at all
  --mute           answer no query
  --once           say goodbye (TTL 0) at the end of stdin
  --raw HEX        send this packet instead, and end
  --flood N        announce N devices that answer nothing
"""
import argparse
import itertools
import re
import select
import signal
import socket
import struct
import sys

GROUP = ("224.0.0.251", 5353)
PTR, TXT, SRV, A = 12, 16, 33, 1


def name(*labels):
    wire = b"".join(bytes([len(l)]) + l for l in labels)
    return wire + b"\0"


def dotted(text):
    return [label.encode() for label in text.split(".")]


def record(owner, kind, data, ttl=120, flush=True):
    klass = 0x8001 if flush else 1
    return owner + struct.pack(">HHIH", kind, klass, ttl, len(data)) + data


def unescape(text):
    return re.sub(rb"\\x([0-9a-fA-F]{2})",
                  lambda m: bytes([int(m[1], 16)]), text.encode())


class Device:
    def __init__(self, o):
        instance = unescape(o.name) if o.name else b"eWeLink_" + o.id.encode()
        self.type = name(*dotted(o.service), b"local")
        self.name = name(instance, *dotted(o.service), b"local")
        self.host = name(instance.replace(b".", b"-")[:63], b"local")
        self.port = o.port
        self.addresses = [a for a in o.a or [o.address] if a != "none"]
        strings = [unescape(t) for t in o.txt or self.defaults(o.id)]
        self.txt = b"".join(bytes([len(s)]) + s for s in strings) or b"\0"

    @staticmethod
    def defaults(ident):
        return ["txtvers=1", "id=" + ident, "type=diy_plug", "apivers=1",
                "seq=1", 'data1={"switch":"off","fwVersion":"3.6.0"}']

    def records(self, ttl=120):
        srv = struct.pack(">HHH", 0, 0, self.port) + self.host
        all = [record(self.type, PTR, self.name, ttl, False)]
        if self.port != 0:
            all.append(record(self.name, SRV, srv, ttl))
        all.append(record(self.name, TXT, self.txt, ttl))
        return all

    def hosts(self, ttl=120):
        return [record(self.host, A, socket.inet_aton(a), ttl)
                for a in self.addresses]

    def knows(self, packet):
        """The first label is enough: the rest may be compressed."""
        return any(n[:n[0] + 1].lower() in packet.lower()
                   for n in (self.type, self.name, self.host))


def response(records):
    head = struct.pack(">HHHHHH", 0, 0x8400, 0, len(records), 0, 0)
    return head + b"".join(records)


def open_socket(address):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    s.bind(("", 5353))
    local = socket.inet_aton(address)
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, local)
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
    s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                 socket.inet_aton(GROUP[0]) + local)
    return s


def flood(s, o):
    for n in itertools.count():  # again and again, for those that get lost
        if n % 20 == 0:  # more would be lost in the sockets' buffers
            select.select([], [], [], 0.05)
        o.id = "1fff%06x" % (n % o.flood)
        device = Device(o)
        s.sendto(response(device.records() + device.hosts()), GROUP)


def serve(s, o):
    device = Device(o)

    def announce(*_):
        s.sendto(response(device.records()), GROUP)

    signal.signal(signal.SIGUSR1, announce)
    announce()
    watched = [s, sys.stdin] if o.once else [s]
    while True:
        for ready in select.select(watched, [], [])[0]:
            if ready is sys.stdin:
                s.sendto(response(device.records(ttl=0)), GROUP)
                return
            packet = s.recv(9000)
            is_query = packet[2] & 0x80 == 0
            if is_query and not o.mute and device.knows(packet):
                s.sendto(response(device.records() + device.hosts()), GROUP)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("address")
    p.add_argument("--id", default="1000a05bf6")
    p.add_argument("--txt", action="append")
    p.add_argument("--service", default="_ewelink._tcp")
    p.add_argument("--name")
    p.add_argument("--port", type=int, default=8081)
    p.add_argument("--a", action="append")
    p.add_argument("--mute", action="store_true")
    p.add_argument("--once", action="store_true")
    p.add_argument("--raw", action="append")
    p.add_argument("--flood", type=int, default=0)
    o = p.parse_args()
    s = open_socket(o.address)
    print("ready", flush=True)
    for packet in o.raw or []:
        s.sendto(bytes.fromhex(packet), GROUP)
    if o.flood:
        flood(s, o)
    elif not o.raw:
        serve(s, o)


if __name__ == "__main__":
    main()
