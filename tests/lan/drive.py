#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Flash one virtual device by hand: drive.py SERVER ADDRESS ID IMAGE

SERVER is one of the file servers below, right or wrong in one way.  Prints
the device's verdict.  This shares nothing with reflashd, so that reflash-sim
is not tested with the thing that it tests.
"""
import hashlib
import http.server
import json
import os
import queue
import socket
import sys
import threading
import time

LIMIT = 30  # seconds for everything


def header(first, last, total, **change):
    lines = {
        "status": "HTTP/1.1 206 Partial Content",
        "type": "Content-Type: application/octet-stream",
        "length": "Content-Length: %d" % (last - first + 1),
        "range": "Content-Range: bytes %d-%d/%d" % (first, last, total),
    }
    lines.update(change)
    return ("\r\n".join(lines.values()) + "\r\n\r\n").encode()


def good(data, first, last):
    return header(first, last, len(data)) + data[first:last + 1]


def http10(data, first, last):
    return header(first, last, len(data),
                  status="HTTP/1.0 206 Partial Content") + data[first:last + 1]


def lower(data, first, last):
    return header(first, last, len(data),
                  length="content-length: %d" % (last - first + 1)
                  ) + data[first:last + 1]


def whole(data, first, last):
    return ("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
            % len(data)).encode() + data


def chunked(data, first, last):
    body = data[first:last + 1]
    return header(first, last, len(data), length="Transfer-Encoding: chunked"
                  ) + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


def long_header(data, first, last):
    return header(first, last, len(data), pad="X-Pad: " + "x" * 1000
                  ) + data[first:last + 1]


def extra(data, first, last):
    return good(data, first, last) + b"\r\n"


def off_by_one(data, first, last):
    return header(first, last + 1, len(data)) + data[first:last + 1]


def corrupt(data, first, last):
    return good(data, first, last)[:-1] + b"\0"


def closing(data, first, last):
    return good(data, first, last)


SERVERS = {f.__name__.replace("_", "-"): f for f in (
    good, http10, lower, whole, chunked, long_header, extra, off_by_one,
    corrupt, closing)}


class Server(threading.Thread):
    """One thread for each connection; requests may come in any pieces."""

    def __init__(self, answer, data):
        super().__init__(daemon=True)
        self.answer, self.data = answer, data
        self.verdicts = queue.Queue()
        self.listener = socket.create_server(("0.0.0.0", 0))
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        while True:
            conn, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(conn,),
                             daemon=True).start()

    def serve(self, conn):
        pending = b""
        try:
            while True:
                part = conn.recv(4096)
                if not part:
                    return
                pending += part
                while b"\r\n\r\n" in pending:
                    pending = self.take(conn, pending)
        except OSError:
            pass
        finally:
            conn.close()

    def take(self, conn, pending):
        head, rest = pending.split(b"\r\n\r\n", 1)
        fields = dict(line.split(": ", 1)
                      for line in head.decode().split("\r\n")[1:])
        length = int(fields.get("Content-Length", 0))
        if head.startswith(b"POST /api/device/otaFlash "):
            while len(rest) < length:
                rest += conn.recv(4096)
            conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            self.verdicts.put(json.loads(rest[:length])["error"])
            return rest[length:]
        first, last = fields["Range"][len("bytes="):].split("-")
        last = min(int(last), len(self.data) - 1)
        conn.sendall(self.answer(self.data, int(first), last))
        if self.answer is closing:
            raise OSError("closed on purpose")
        return rest


def call(address, ident, command, data):
    body = json.dumps({"deviceid": ident, "data": data})
    text = ("POST /zeroconf/%s HTTP/1.1\r\nHost: %s:8081\r\n"
            "Content-Type: application/json\r\nContent-Length: %d\r\n"
            "Connection: close\r\n\r\n%s" % (command, address, len(body), body))
    with socket.create_connection((address, 8081), timeout=LIMIT) as conn:
        conn.sendall(text.encode())
        reply = b""
        while True:
            part = conn.recv(4096)
            if not part:
                break
            reply += part
    time.sleep(0.25)  # the device wants 200 ms between two calls
    return json.loads(reply.split(b"\r\n\r\n", 1)[1])["error"]


class Quiet(http.server.SimpleHTTPRequestHandler):
    verdicts = queue.Queue()

    def log_message(self, *args):
        pass

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        self.verdicts.put(json.loads(self.rfile.read(length))["error"])
        self.send_error(501)


def start_stock_server(image):
    """What people try first: python3 -m http.server."""
    os.chdir(os.path.dirname(os.path.abspath(image)))
    server = http.server.ThreadingHTTPServer(("0.0.0.0", 0), Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1], Quiet.verdicts


def main():
    kind, address, ident, image = sys.argv[1:]
    with open(image, "rb") as f:
        data = f.read()
    if kind == "http.server":
        port, verdicts = start_stock_server(image)
    else:
        server = Server(SERVERS[kind], data)
        port, verdicts = server.port, server.verdicts
    url = "http://%s:%d/%s" % (os.environ["REFLASH_SIM_SERVER"], port,
                               os.path.basename(image))
    for command, args in (
            ("info", {}), ("ota_unlock", {}),
            ("ota_flash", {"downloadUrl": url,
                           "sha256sum": hashlib.sha256(data).hexdigest()})):
        error = call(address, ident, command, args)
        if error != 0:
            sys.exit("%s: error %d" % (command, error))
    print(verdicts.get(timeout=LIMIT))


main()
