# SPDX-License-Identifier: ISC
"""Web servers for tests: each path has its own way to answer, good or bad."""
import gzip
import os
import socket
import ssl
import struct
import subprocess
import threading
import time


def head(length, *more, status="200 OK", kind="application/octet-stream"):
    lines = ["HTTP/1.1 " + status, "Content-Type: " + kind,
             "Connection: close", *more]
    if length is not None:
        lines.append("Content-Length: %d" % length)
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def redirect(to, status="302 Found"):
    return lambda c, data: c.sendall(head(0, "Location: " + to, status=status))


def good(c, data):
    c.sendall(head(len(data)) + data)


def without_length(c, data):
    c.sendall(head(None) + data)


def chunked(c, data):
    c.sendall(head(None, "Transfer-Encoding: chunked"))
    for at in range(0, len(data), 60000):
        part = data[at:at + 60000]
        c.sendall(b"%x\r\n%s\r\n" % (len(part), part))
    c.sendall(b"0\r\n\r\n")


def slow(c, data):
    """A byte a second."""
    c.sendall(head(len(data)))
    for byte in data:
        c.sendall(bytes([byte]))
        time.sleep(1)


def silent(c, data):
    c.recv(1)  # until the other side has had enough


def halfway(c, data):
    """Then nothing more comes, and the connection stays."""
    c.sendall(head(len(data)) + data[:len(data) // 2])
    c.recv(1)


def cut_off(c, data):
    c.sendall(head(len(data)) + data[:len(data) // 2])


def reset(c, data):
    c.sendall(head(len(data)) + data[:len(data) // 2])
    time.sleep(0.2)  # or the reset would overtake the bytes
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def longer(c, data):
    c.sendall(head(len(data) + 1000) + data + bytes(1000))


def longer_without_length(c, data):
    c.sendall(head(None) + data + bytes(1000))


def endless(c, data):
    c.sendall(head(None))
    while True:
        c.sendall(b"\xe9" * 65536)


def shorter(c, data):
    c.sendall(head(len(data) - 100) + data[:-100])


def another_byte(c, data):
    c.sendall(head(len(data)) + data[:-1] + bytes([data[-1] ^ 1]))


def missing(c, data):
    c.sendall(head(3, status="404 Not Found", kind="text/plain") + b"no\n")


def broken(c, data):
    c.sendall(head(0, status="503 Service Unavailable"))


def forbidden(c, data):
    c.sendall(head(0, status="403 Forbidden"))


def zipped(c, data):
    packed = gzip.compress(data)
    c.sendall(head(len(packed), "Content-Encoding: gzip") + packed)


def zipped_on_the_way(c, data):
    packed = gzip.compress(data)
    c.sendall(head(None, "Transfer-Encoding: gzip") + packed)


PAGE = b"<!DOCTYPE html>\n<html><title>Sign in to the Wi-Fi</title></html>\n"


def page(c, data):
    c.sendall(head(len(PAGE), kind="text/html; charset=utf-8") + PAGE)


def page_as_file(c, data):
    c.sendall(head(len(PAGE)) + PAGE)


def empty(c, data):
    c.sendall(head(0))


def closes(c, data):
    pass


def gibberish(c, data):
    c.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")


class Web:
    """A server that answers each path as its function says."""

    def __init__(self, data, ways, tls=None):
        self.data, self.ways, self.asked = data, dict(ways), []
        self.context = None
        if tls:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*tls)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.port = self.listener.getsockname()[1]
        self.url = "http%s://127.0.0.1:%d" % ("s" if tls else "", self.port)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            threading.Thread(target=self.answer, daemon=True,
                             args=(self.listener.accept()[0],)).start()

    def answer(self, connection):
        try:
            if self.context:
                connection = self.context.wrap_socket(connection,
                                                      server_side=True)
            with connection:
                request = b""
                while b"\r\n\r\n" not in request:
                    part = connection.recv(4096)
                    if not part:
                        return
                    request += part
                path = request.split()[1].decode()
                self.asked.append((path, request.decode()))
                way = self.ways.get(path, missing)
                if isinstance(way, bytes):
                    good(connection, way)
                else:
                    way(connection, self.data)
        except (OSError, ssl.SSLError):
            pass  # whoever asked has gone


def certificate(folder):
    """A certificate that nobody trusts; None without openssl."""
    paths = [os.path.join(folder, name) for name in ("cert.pem", "key.pem")]
    try:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
             "-subj", "/CN=127.0.0.1", "-out", paths[0], "-keyout", paths[1]],
            check=True, stderr=subprocess.DEVNULL)
    except OSError:
        return None
    return paths
