#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Streams of events: each reader has the truth in the end, however slow it is; 64
at once, of which one never reads; the daemon goes and comes; an idle stream lives;
the memory stays below 16 MiB.
"""
import os
import socket
import sys
import tempfile
import time

from page import Page, Stream, own_net, wait
from fake import Fake

DEVICES = 200
STREAMS = 64
MEMORY_KIB = 16 * 1024


def has_sanitizer():
    with open(os.path.join(os.getcwd(), "reflash-web"), "rb") as f:
        return b"__asan_init" in f.read()


def a_snapshot_comes_first(page):
    stream = Stream(page)
    assert stream.status == 200
    assert "content-type: text/event-stream" in stream.headers
    assert "x-accel-buffering: no" in stream.headers
    name, told = stream.event()
    assert name == "snapshot" and told["format"] == 1, name
    assert len(told["devices"]) == DEVICES
    listed = page.get_json("/api/v1/devices")["devices"]
    key = lambda device: device["id"]
    assert sorted(told["devices"], key=key) == sorted(listed, key=key)
    status = stream.until("status")
    assert status["format"] == 1 and sum(status["counts"].values()) == DEVICES
    return stream


def changes_follow(fake, stream):
    fake.do("set 1000000000 downloading 4096")
    told = stream.until("change")
    assert told["id"] == told["device"]["id"] == "1000000000"
    assert told["device"]["progress"]["bytes"] == 4096, told
    fake.do("drop 1000000001")
    assert stream.until("forgotten") == {
        "format": 1, "event": "forgotten", "id": "1000000001", "device": None}


def many_changes_become_few(fake, stream):
    """A hundred a second: the last is told, and not each one before it."""
    count = 0
    for n in range(1, 300):
        fake.do("set 1000000000 downloading %d" % (n * 1000))
    while True:
        told = stream.until("change")
        count += 1
        if told["device"]["progress"]["bytes"] == 299000:
            break
    assert count < 100, count
    return count


def the_daemon_goes_and_comes(fake_path, fake, stream):
    fake.end()
    assert "error" in stream.until("down")
    fake = Fake(fake_path, 2)
    told = stream.until("snapshot")
    assert len(told["devices"]) == 2, told
    fake.do("set 1000000000 verified")
    assert stream.until("change")["device"]["state"] == "verified"
    return fake


def sixty_four_at_once(fake, page):
    """One of them never reads; one more than there may be is refused."""
    streams = [Stream(page) for _ in range(STREAMS - 1)]
    deaf = page.connect()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.sendall(("GET /api/v1/events HTTP/1.1\r\nHost: %s\r\n\r\n" %
                  page.host).encode())
    wait(lambda: page.get("/api/v1/events")[0] == 503, "one more is refused")
    for n in range(1, 2000):
        fake.do("set %s downloading %d" % (
            "100000%04x" % (2 + n % (DEVICES - 2)), n))
    fake.do("set 1000000000 failed")
    for stream in streams:
        while True:
            name, told = stream.event()
            if name == "change" and told["id"] == "1000000000" and \
                    told["device"]["state"] == "failed":
                break
    assert page.get("/api/v1/session")[0] == 200
    return streams, deaf


def main():
    own_net()
    folder = tempfile.TemporaryDirectory()
    path = os.path.join(folder.name, "s")
    fake = Fake(path, DEVICES)
    with Page(path) as page:
        stream = a_snapshot_comes_first(page)
        changes_follow(fake, stream)
        few = many_changes_become_few(fake, stream)
        fake = the_daemon_goes_and_comes(path, fake, stream)
        stream.close()
        fake.end()
        fake = Fake(path, DEVICES)
        wait(lambda: page.get("/api/v1/devices")[0] == 200 and len(
            page.get_json("/api/v1/devices")["devices"]) == DEVICES, "all")
        streams, deaf = sixty_four_at_once(fake, page)
        begun = time.monotonic()
        alive = [s.until("alive") for s in streams[:3]]
        assert alive == [{}] * 3 and time.monotonic() - begun < 45
        assert page.process.poll() is None
        wait(lambda: page.descriptors() < STREAMS + 10, "the deaf one is ended",
             90)
        for s in streams + [deaf]:
            s.close()
        wait(lambda: page.descriptors() < 15, "all are gone")
        memory = page.memory()
        if not has_sanitizer():
            assert memory < MEMORY_KIB, "%d KiB" % memory
    fake.end()
    print("299 changes were told as %d, %d streams, at most %d KiB" % (
        few, STREAMS, memory))


sys.exit(main())
