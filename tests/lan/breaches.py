#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""A device of reflash-sim notices each breach of the protocol, and then the
simulation itself fails.
"""
import json
import socket
import time

import lan

ID = "1000a05bf6"
GOOD = '{"deviceid":"%s","data":{}}' % ID
HOST = "Host: 127.0.0.3:8081\r\n"
SHA = "0" * 64
GIVE_UP_SEC = 10


def request(command="info", body=GOOD, headers=HOST, line=None, length=None):
    return ("%s\r\n%s%s\r\n%s" % (
        line or "POST /zeroconf/%s HTTP/1.1" % command, headers,
        length if length is not None
        else "Content-Length: %d\r\n" % len(body), body)).encode()


def flash(url="http://127.0.0.1:1/a", sha=SHA, **more):
    return request("ota_flash", json.dumps({"deviceid": ID, "data": dict(
        {"downloadUrl": url, "sha256sum": sha}, **more)}))


def send(address, *parts, close=False):
    """Sent with a pause between the parts; the reply, or b"" for none."""
    reply = b""
    try:
        with socket.create_connection((address, 8081), timeout=3) as conn:
            conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for i, part in enumerate(parts):
                if i > 0:
                    time.sleep(0.1)
                conn.sendall(part)
            while not close:
                part = conn.recv(4096)
                if not part:
                    break
                reply += part
    except OSError:
        pass
    return reply


def too_soon(address):
    send(address, request())
    send(address, request())


def two_at_once(address):
    with socket.create_connection((address, 8081), timeout=3):
        time.sleep(0.1)
        send(address, request())


def flash_twice(address):
    send(address, request("ota_unlock"))
    time.sleep(0.25)
    send(address, flash())
    time.sleep(0.25)
    send(address, flash())


def only(*parts, **more):
    return lambda address: send(address, *parts, **more)


def wrong(bytes_):
    return only(bytes_)


# What is done, and what the device must say of it; None: no breach at all.
CASES = [
    ("a right call", only(request()), None),
    ("an unknown id", only(request(body=GOOD.replace("5bf6", "0000"))), None),
    ("no id", only(request(body='{"data":{}}')), None),
    ("too soon", too_soon, "after the end of the last one"),
    ("two connections", two_at_once, "second connection"),
    ("lower case", wrong(request(headers="host: a\r\n")), "Title-Case"),
    ("no Host", wrong(request(headers="")), "Host"),
    ("Expect", wrong(request(headers=HOST + "Expect: 100-continue\r\n")),
     "Expect"),
    ("chunked", wrong(request(length="Transfer-Encoding: chunked\r\n")),
     "Transfer-Encoding"),
    ("no length", wrong(request(length="")), "Content-Length"),
    ("GET", wrong(request(line="GET /zeroconf/info HTTP/1.1")), "GET"),
    ("HTTP/1.0", wrong(request(line="POST /zeroconf/info HTTP/1.0")),
     "HTTP/1.1"),
    ("two pieces", only(request()[:-len(GOOD)], GOOD.encode()),
     "without its body"),
    ("half a header", only(request()[:20], request()[20:]),
     "more than one piece"),
    ("pipelined", only(request() + request()), "after the body"),
    ("given up", only(request()[:20], close=True), "before the request"),
    ("nothing said", only(close=True), None),
    ("not JSON", wrong(request(body="{}}")), "body is not"),
    ("data is text", wrong(request(
        body='{"deviceid":"%s","data":"{}"}' % ID)), "body is not"),
    ("empty id", wrong(request(body='{"deviceid":"","data":{}}')),
     "empty deviceid"),
    ("locked", wrong(flash()), "locked"),
    ("https", wrong(flash(url="https://127.0.0.1:1/a")), "http://"),
    ("a name", wrong(flash(url="http://localhost/a")), "IPv4"),
    ("a long URL", wrong(flash(url="http://127.0.0.1/" + "a" * 60)),
     "characters"),
    ("upper-case sum", wrong(flash(sha="A" * 64)), "lower-case"),
    ("short sum", wrong(flash(sha="0" * 63)), "lower-case"),
    ("wrong key", wrong(request("ota_flash", json.dumps({
        "deviceid": ID, "data": {"downloadURL": "http://127.0.0.1/a",
                                 "sha256sum": SHA}}))), "without downloadUrl"),
    ("told twice", flash_twice, "under way"),
]


def breaches(folder):
    """All that the device has noticed so far."""
    return lan.report(folder + "/report")[ID]["breaches"]


def noticed(folder, known, want):
    """What is new, with what is wanted in it unless that never comes."""
    give_up = time.monotonic() + GIVE_UP_SEC
    while True:
        new = breaches(folder)[known:]
        if (want is None or any(want in text for text in new) or
                time.monotonic() > give_up):
            return new
        time.sleep(0.02)


def main(folder):
    failed = 0
    known = 0
    (address, _), = lan.sim_devices()
    for name, act, want in CASES:
        time.sleep(0.25)
        act(address)
        new = noticed(folder, known, want)
        known += len(new)
        if want is None and new or want is not None and not any(
                want in text for text in new):
            print("%s: %s" % (name, new))
            failed = 1
    print("%d cases" % len(CASES))
    return failed


lan.run(main, "--loopback --device id=" + ID, ends=[lan.BREACH], loopback=True)
