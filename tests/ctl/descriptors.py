#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Descriptors that come with requests: the right one is taken, with its own
request, and all others are closed."""
import fcntl
import hashlib
import os
import socket
import sys
import tempfile

from fake import Client, Fake, request

SEALS = (fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW |
         fcntl.F_SEAL_SEAL)

tmp = tempfile.TemporaryDirectory()
path = os.path.join(tmp.name, "control.sock")


def memory(data, seals=SEALS):
    fd = os.memfd_create("test", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.write(fd, data)
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, seals)
    return fd


def sum_of(data):
    return hashlib.sha256(data).hexdigest()


def args(data, name="a.bin"):
    return {"name": name, "size": len(data), "sha256": sum_of(data)}


class World:
    """A fake daemon that must end without a leak, and a client of it."""

    def __enter__(self):
        self.fake = Fake(path)
        assert self.fake.is_ready
        self.client = Client(path)
        self.client.ask("status")
        assert self.client.reply()["ok"]
        self.before = self.fake.descriptors()
        return self.fake, self.client

    def __exit__(self, kind, *_):
        if kind is None:
            self.client.ask("status")
            while self.client.reply() is not None and \
                    self.fake.descriptors() != self.before:
                self.client.ask("status")
        self.client.close()
        code, said = self.fake.end()
        assert code == 0, said


def an_image_comes_with_its_request():
    with World() as (fake, client):
        data = b"x" * 1000
        fd = memory(data)
        client.ask_with([fd], "image-add", **args(data))
        reply = client.reply()
        assert reply["ok"] and reply["image"]["sha256"] == sum_of(data), reply
        client.ask("images")
        names = []
        while "ok" not in (line := client.line()):
            names.append(line["item"]["name"])
        assert "a.bin" in names, names


def without_a_descriptor_it_is_refused():
    with World() as (fake, client):
        client.ask("image-add", **args(b"x"))
        reply = client.reply()
        assert reply["code"] == "EINVAL" and "no descriptor" in reply["error"]


def each_of_many_requests_gets_its_own():
    """Sent at once, between others that have none, and read in any pieces."""
    with World() as (fake, client):
        datas = [b"%d" % n * 100 for n in range(40)]
        for n, data in enumerate(datas):
            client.ask("status")
            fd = memory(data)
            client.ask_with([fd], "image-add", **args(data, "%d.bin" % n))
            os.close(fd)
        for data in datas:
            assert "version" in client.reply()
            reply = client.reply()
            assert reply["ok"] and reply["image"]["sha256"] == sum_of(data)


def it_may_come_with_any_part_of_its_line():
    with World() as (fake, client):
        data = b"abc"
        line = request("image-add", **args(data))
        for at in (1, len(line) // 2, len(line) - 1):
            fd = memory(data)
            client.send(line[:at])
            socket.send_fds(client.socket, [line[at:]], [fd])
            assert client.reply()["image"]["sha256"] == sum_of(data)
            socket.send_fds(client.socket, [line[:at]], [fd])
            client.send(line[at:])
            assert client.reply()["image"]["sha256"] == sum_of(data)
            os.close(fd)


def one_that_is_not_wanted_is_closed():
    with World() as (fake, client):
        for _ in range(50):
            fd = memory(b"x")
            client.ask_with([fd], "status")
            assert client.reply()["ok"]
            client.ask_with([fd], "nonsense")
            assert client.reply()["code"] == "EOPNOTSUPP"
            client.ask("image-add", **args(b"x"))
            assert "no descriptor" in client.reply()["error"]
            os.close(fd)
        fake.do("")


def more_than_one_is_refused():
    with World() as (fake, client):
        data = b"x"
        fd = memory(data)
        for count in (2, 3, 100, 253):
            client.ask_with([fd] * count, "image-add", **args(data))
            reply = client.reply()
            assert reply["code"] == "EINVAL", reply
            assert "more than one descriptor" in reply["error"], reply
        line = request("image-add", **args(data))
        socket.send_fds(client.socket, [line[:5]], [fd])
        socket.send_fds(client.socket, [line[5:]], [fd])
        assert "more than one descriptor" in client.reply()["error"]
        client.ask_with([fd], "image-add", **args(data))
        assert client.reply()["ok"]


def a_flood_of_them_leaves_the_daemon_with_its_own():
    with World() as (fake, client):
        before = fake.descriptors()
        fd = memory(b"x")
        clients = [Client(path) for _ in range(20)]
        for one in clients:
            for _ in range(10):
                socket.send_fds(one.socket, [b"{"], [fd] * 200)
            one.ask("status")
        for one in clients:
            assert one.reply()["code"] == "EPROTO"
        assert fake.descriptors() <= before + len(clients)
        for one in clients:
            one.close()


def one_that_waits_goes_with_its_client():
    with World() as (fake, client):
        before = fake.descriptors()
        for _ in range(100):
            one = Client(path)
            fd = memory(b"x")
            socket.send_fds(one.socket, [b"{\"v\":1"], [fd])
            os.close(fd)
            one.close()
            client.ask("status")
            assert client.reply()["ok"]
        while fake.descriptors() > before:
            fake.do("")


def what_is_no_sealed_memory_is_refused():
    with World() as (fake, client):
        reader, writer = os.pipe()
        pair = socket.socketpair()
        listener = socket.socket(socket.AF_UNIX)
        with tempfile.TemporaryFile() as file:
            file.write(b"x")
            file.flush()
            for fd, why in ((memory(b"x", 0), "could still be changed"),
                            (memory(b"x", SEALS & ~fcntl.F_SEAL_WRITE),
                             "could still be changed"),
                            (memory(b""), "it is empty"),
                            (reader, "memfd_create"), (writer, "memfd_create"),
                            (pair[0].fileno(), "memfd_create"),
                            (listener.fileno(), "memfd_create"),
                            (file.fileno(), "F_SEAL_WRITE|memfd_create"),
                            (os.open("/", os.O_RDONLY), "memfd_create"),
                            (os.open("/", os.O_PATH), "memfd_create"),
                            (os.open("/dev/zero", os.O_RDWR), "memfd_create"),
                            (client.socket.fileno(), "memfd_create")):
                client.ask_with([fd], "image-add", **args(b"x"))
                reply = client.reply()
                assert reply["code"] == "EINVAL" or \
                    reply["error"] == "it is empty", reply
                assert any(w in reply["error"] or
                           w == "memfd_create" and
                           "still be changed" in reply["error"]
                           for w in why.split("|")), (why, reply)
        huge = os.memfd_create("huge", os.MFD_ALLOW_SEALING)
        os.ftruncate(huge, 1 << 40)
        fcntl.fcntl(huge, fcntl.F_ADD_SEALS, SEALS)
        client.ask_with([huge], "image-add", **args(b"x"))
        assert "are the most it may have" in client.reply()["error"]


def who_may_not_change_anything_sends_none():
    if os.geteuid() != 0:
        print("  (skipped: only root can be somebody else)")
        return
    os.chmod(tmp.name, 0o755)
    with World() as (fake, client):
        before = fake.descriptors()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                os.setgroups([])
                os.setgid(54321)
                os.setuid(54321)
                other = Client(path)
                fd = memory(b"x")
                for _ in range(20):
                    other.ask_with([fd] * 10, "image-add", **args(b"x"))
                    assert other.reply()["code"] == "EPERM"
                socket.send_fds(other.socket, [b"{"], [fd] * 10)
                other.ask("status")
                other.reply()
                code = 0
            except PermissionError:
                code = 77
            finally:
                os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code == 77:
            print("  (skipped: this namespace has no other users)")
        assert code in (0, 77)
        assert fake.descriptors() <= before + 1


tests = [t for name, t in list(globals().items())
         if callable(t) and name.count("_") >= 3]
failed = 0
for test in tests:
    try:
        test()
        print("ok", test.__name__.replace("_", " "))
    except Exception:
        import traceback
        traceback.print_exc()
        print("FAIL", test.__name__.replace("_", " "))
        failed = 1
        if os.path.exists(path):
            os.unlink(path)
sys.exit(failed)
