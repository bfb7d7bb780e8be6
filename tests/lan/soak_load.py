#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Requests to the file server, one after the other: soak_load.py URL COUNT

Mostly ranges as a device asks for them, then all else that a server meets in
its life; prints how many had which status, as JSON.
"""
import collections
import json
import random
import socket
import sys

CHUNK = 4096


class Connection:
    def __init__(self, server):
        self.server, self.socket = server, None

    def fresh(self):
        """The next request has a connection of its own."""
        if self.socket:
            self.socket.close()
        self.socket = socket.create_connection(self.server, 20)
        self.file = self.socket.makefile("rb")

    def ask(self, method, path, body=b"", **header):
        """The status of the reply, and how long its body was."""
        lines = ["%s %s HTTP/1.1" % (method, path), "Host: reflashd"] + [
            "%s: %s" % pair for pair in header.items()]
        if body:
            lines.append("Content-Length: %d" % len(body))
        if self.socket is None:
            self.fresh()
        self.socket.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        status = int(self.file.readline().split()[1])
        length, keep = 0, True
        for line in self.file:
            key, _, value = line.rstrip().lower().partition(b": ")
            if key == b"content-length":
                length = int(value)
            elif (key, value) == (b"connection", b"close"):
                keep = False
            elif not key:
                break
        if method != "HEAD":
            assert len(self.file.read(length)) == length
        if not keep:
            self.socket.close()
            self.socket = None
        return status


def kinds(path, size):
    """(how many of a hundred, the status that it must have, the request)."""
    def part():
        first = random.randrange(0, size - CHUNK, CHUNK)
        return "bytes=%d-%d" % (first, first + CHUNK - 1)
    wrong = "/" + "x" * 22 + "/fw.bin"
    verdict = "/api/device/otaFlash"
    return (
        (70, 206, lambda c: c.ask("GET", path, Range=part())),
        (5, 206, lambda c: c.fresh() or c.ask("GET", path, Range=part())),
        (3, 206, lambda c: c.ask("GET", path, Range=part() + ",-16")),
        (3, 206, lambda c: c.ask("GET", path, Range=part(),
                                 Connection="close")),
        (3, 200, lambda c: c.ask("GET", path)),
        (3, 200, lambda c: c.ask("HEAD", path)),
        (3, 416, lambda c: c.ask("GET", path, Range="bytes=%d-" % size)),
        (6, 404, lambda c: c.ask("GET", wrong)),
        (2, 200, lambda c: c.ask("POST", verdict, b'{"error":0}')),
        (2, 200, lambda c: c.ask("POST", verdict, b"nonsense")))


def main(url, size, count):
    _, _, server, path = url.split("/", 3)
    host, port = server.split(":")
    conn = Connection((host, int(port)))
    table = kinds("/" + path, int(size))
    row = [kind for kind in table for _ in range(kind[0])]
    assert len(row) == 100
    seen = collections.Counter()
    for n in range(int(count)):
        if n % len(row) == 0:
            random.shuffle(row)
        _, want, ask = row[n % len(row)]
        status = ask(conn)
        if status != want:
            sys.exit("status %d instead of %d" % (status, want))
        seen[status] += 1
    print(json.dumps(seen))


main(*sys.argv[1:])
