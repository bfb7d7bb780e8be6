#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The daemon's end of the control socket, as good and bad clients see it."""
import os
import socket
import stat
import sys
import tempfile
import time

from fake import Client, Fake, request

CLIENTS = 32      # that one user may have
LINE = 65536      # bytes of a request

tmp = tempfile.TemporaryDirectory()
path = os.path.join(tmp.name, "control.sock")


def with_fake(**options):
    """The test gets a fake daemon, which must end well and without a leak."""
    def wrap(test):
        def run():
            fake = Fake(path, **options)
            assert fake.is_ready
            test(fake)
            code, said = fake.end()
            assert code == 0, said
            assert not os.path.exists(path)
        run.__name__ = test.__name__
        return run
    return wrap


@with_fake()
def pipelined_requests_are_all_answered_in_order(fake):
    client = Client(path)
    words = ["status", "devices", "nonsense", "show"] * 50
    client.send(b"".join(
        request(word, **({"id": "1000000001"} if word == "show" else {}))
        for word in words))
    client.half_close()
    for word in words:
        reply = client.reply()
        assert reply["ok"] == (word != "nonsense"), (word, reply)
        assert ("version" in reply) == (word == "status")
        assert ("device" in reply) == (word == "show")
    assert client.line() is None
    client.close()


@with_fake()
def a_last_line_without_newline_counts(fake):
    client = Client(path)
    client.send(request("status")[:-1])
    client.half_close()
    assert client.reply()["ok"]
    assert client.line() is None
    client.close()


@with_fake()
def a_byte_at_a_time_is_a_request_too(fake):
    client = Client(path)
    for byte in request("status"):
        client.send(bytes([byte]))
    assert client.reply()["ok"]
    client.close()


@with_fake()
def nonsense_is_answered_and_the_next_request_as_well(fake):
    client = Client(path)
    for line in (b"", b"{}", b"\0", b"\xff\xfe", b"[" * 5000, b"{\"v\":1}",
                 b"{\"v\":2,\"do\":\"status\"}", b"GET / HTTP/1.1"):
        client.send(line + b"\n")
        reply = client.reply()
        assert not reply["ok"] and reply["code"] and reply["error"], line
    client.ask("status")
    assert client.reply()["ok"]
    client.close()


@with_fake()
def a_request_may_be_so_long_and_no_longer(fake):
    client = Client(path)
    line = request("status")[:-1]
    for length, code in ((LINE, None), (LINE + 1, "EMSGSIZE")):
        client.send(line + b" " * (length - len(line)) + b"\n")
        assert client.reply().get("code") == code
    try:
        client.send(b"x" * 4 * LINE)
    except OSError:
        pass  # it may hang up before it has read it all
    assert client.reply()["code"] == "EMSGSIZE"
    try:
        assert client.line() is None
    except ConnectionResetError:
        pass
    client.close()


@with_fake()
def one_user_has_so_many_clients_and_no_more(fake):
    clients = [Client(path) for _ in range(CLIENTS)]
    for client in clients:
        client.ask("monitor")
        assert client.reply()["ok"]
    late = Client(path)
    assert late.line()["code"] == "EAGAIN"
    assert late.line() is None
    late.close()
    for _ in range(3):
        Client(path).line()
    fake.log.seek(0)
    assert fake.log.read().count("too many connections") == 1
    # Listeners that closed after half-closing leave their places, too.
    for client in clients:
        client.half_close()
    fake.do("set 1000000001 seen")
    for client in clients:
        assert client.line()["event"] == "change"
        client.close()
    for _ in range(3):
        client = Client(path)
        client.ask("status")
        assert client.reply()["ok"]
        client.close()


@with_fake()
def listeners_hear_changes_beside_their_answers(fake):
    client = Client(path)
    client.ask("monitor")
    assert client.line() == {"ok": True}
    fake.do("set 1000000001 downloading 252424")
    event = client.line()
    assert event["event"] == "change"
    assert event["device"]["progress"]["percent"] == 50
    client.ask("show", id="1000000002")
    assert client.line()["device"]["id"] == "1000000002"
    fake.do("drop 1000000001")
    assert client.line() == {"event": "forgotten", "id": "1000000001"}
    client.close()


@with_fake()
def who_does_not_read_is_dropped_and_nobody_else(fake):
    deaf, good = Client(path), Client(path)
    for client in (deaf, good):
        client.ask("monitor")
        assert client.reply()["ok"]
    for _ in range(100):  # some 60 MB in all
        fake.do("flood 1000")
        for _ in range(1000):
            assert good.line()["event"] == "change"
    assert fake.memory() < 64 * 1024
    heard = 0
    while deaf.line() is not None:
        heard += 1
    assert 0 < heard < 100000
    good.ask("status")
    assert good.reply()["ok"]
    deaf.close()
    good.close()


@with_fake()
def many_answers_that_nobody_reads_stay_bounded(fake):
    fake.do("big 60000")
    clients = [Client(path) for _ in range(CLIENTS - 1)]
    for client in clients:
        client.send(request("devices") * 500)
    good = Client(path)
    good.ask("status")
    assert good.reply()["ok"]
    assert fake.memory() < 64 * 1024, fake.memory()
    # Who reads at last gets everything that was asked for.
    for _ in range(500):
        assert clients[0].reply()["ok"]
    for client in clients + [good]:
        client.close()


@with_fake()
def requests_of_many_leave_each_turn_time_for_others(fake):
    clients = [Client(path) for _ in range(CLIENTS - 2)]
    fake.do("slow 5")
    for client in clients:
        client.send(request("show", id="1000000001") * 200)
    late = Client(path)
    late.ask("show", id="1000000002")
    longest = 0
    for _ in range(40):
        began = time.monotonic()
        fake.do("")
        longest = max(longest, time.monotonic() - began)
    assert longest < 0.3, longest  # 240 requests at once are 1.2 s
    assert late.reply()["device"]["id"] == "1000000002"
    fake.do("slow 0")
    for client in clients:
        for _ in range(200):
            assert client.reply()["ok"]
    for client in clients + [late]:
        client.close()


@with_fake(descriptors=20)
def without_descriptors_connections_wait_and_nothing_spins(fake):
    clients = [Client(path) for _ in range(30)]
    for client in clients:
        client.ask("status")
    served = 0
    for client in clients:
        client.socket.settimeout(0.5 if served else 20)
        try:
            assert client.reply()["ok"]
            served += 1
        except TimeoutError:
            break
    assert 0 < served < 30, served
    before = fake.cpu()
    clients[-1].socket.settimeout(1)
    try:
        clients[-1].socket.recv(1)
        raise AssertionError("it was served without a descriptor")
    except TimeoutError:
        pass
    assert fake.cpu() - before < 0.3
    for client in clients[:-1]:
        client.close()
    clients[-1].socket.settimeout(20)
    late = Client(path)
    late.ask("status")
    assert late.reply()["ok"]
    late.close()
    clients[-1].close()


@with_fake()
def the_socket_is_open_to_all_and_is_removed(fake):
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o666


def a_second_daemon_keeps_out(_=None):
    first, second = Fake(path), Fake(path)
    assert first.is_ready and not second.is_ready
    code, said = second.end()
    assert code == 1 and "is another reflashd running" in said, said
    client = Client(path)
    client.ask("status")
    assert client.reply()["ok"]
    client.close()
    assert first.end()[0] == 0


def a_stale_socket_is_replaced_and_nothing_else_is(_=None):
    first = Fake(path)
    first.kill()
    assert os.path.exists(path)
    second = Fake(path)
    assert second.is_ready
    assert second.end()[0] == 0
    with open(path, "w") as f:
        f.write("precious")
    third = Fake(path)
    code, said = third.end()
    assert code == 1 and "not a socket" in said, said
    with open(path) as f:
        assert f.read() == "precious"
    os.unlink(path)


def the_socket_of_a_successor_stays(_=None):
    first = Fake(path)
    os.unlink(path)
    second = Fake(path)
    assert first.end()[0] == 0
    client = Client(path)
    client.close()
    assert second.end()[0] == 0


def an_inherited_socket_is_served_and_left(_=None):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    for word in ("fd:%d" % listener.fileno(), "fd:0"):
        fake = Fake(word, pass_fds=(listener.fileno(),))
        assert fake.is_ready == (word != "fd:0")
        if fake.is_ready:
            client = Client(path)
            client.ask("status")
            assert client.reply()["ok"]
            client.close()
        assert fake.end()[0] == (0 if word != "fd:0" else 1)
        assert os.path.exists(path)
    os.unlink(path)


def as_user(uid, gid, groups, word):
    """The code of the reply that this user gets; "" where it is ok."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups(groups)
            os.setgid(gid)
            os.setuid(uid)
            client = Client(path)
            try:
                client.ask(word)
            except BrokenPipeError:
                pass  # it was turned away, and reads why
            os.write(writer, (client.reply().get("code") or "ok").encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    said = os.read(reader, 64).decode()
    os.close(reader)
    assert said, "no reply"
    return said if said != "ok" else ""


def only_root_and_the_group_may_change_things(_=None):
    if os.geteuid() != 0:
        print("  (skipped: only root can be somebody else)")
        return
    os.chmod(tmp.name, 0o755)
    import grp
    group = [g for g in grp.getgrall() if g.gr_gid not in (0, 65534)][0]
    fake = Fake(path, group=group.gr_name)
    assert os.stat(path).st_gid == group.gr_gid
    try:
        as_user(12345, 12345, [], "status")
    except PermissionError:
        print("  (skipped: this namespace has no other users)")
    other = 54321
    for uid, gid, groups, code in (
            (0, 0, [], ""),
            (12345, other, [], "EPERM"),
            (12345, other, [other, other + 1], "EPERM"),
            (12345, group.gr_gid, [], ""),
            (12345, other, [other, group.gr_gid], ""),
            (12345, other, list(range(20000, 20200)) + [group.gr_gid], "")):
        assert as_user(uid, gid, groups, "status") == ""
        assert as_user(uid, gid, groups, "reload") == \
            (code or "EINVAL"), (uid, gid, groups)
    assert fake.end()[0] == 0


def its_own_user_may_change_things_only_without_a_group(_=None):
    if os.geteuid() != 0:
        print("  (skipped: only root can be somebody else)")
        return
    import grp
    os.chmod(tmp.name, 0o777)
    group = [g for g in grp.getgrall() if g.gr_gid not in (0, 65534)][0]
    for name, gid, code in ((group.gr_name, group.gr_gid, "EPERM"),
                            (group.gr_name, 54321, "EPERM"),
                            (None, 54321, "EINVAL"),
                            ("no-such-group-here", 54321, "EINVAL")):
        fake = Fake(path, group=name, user=(12345, gid))
        assert fake.is_ready
        assert as_user(12345, gid, [group.gr_gid], "status") == ""
        said = as_user(12345, gid, [group.gr_gid], "reload")
        assert said == code, (name, gid, said)
        assert as_user(0, 0, [], "reload") == "EINVAL"
        assert fake.end()[0] == 0
    os.chmod(tmp.name, 0o755)


def occupy(uid, count):
    """A child of that user with so many idle connections, and a pipe that
    ends it."""
    ready, said = os.pipe()
    end, stop = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(stop)
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
            clients = []
            for _ in range(count):
                client = Client(path)
                client.ask("status")
                clients.append(client.reply()["ok"] and client)
            os.write(said, b"x")
            os.read(end, 1)
        finally:
            os._exit(0)
    os.close(said)
    os.close(end)
    assert os.read(ready, 1) == b"x", "user %d has no room" % uid
    os.close(ready)
    return child, stop


def many_users_leave_room_for_those_who_may_change_things(_=None):
    if os.geteuid() != 0:
        print("  (skipped: only root can be somebody else)")
        return
    os.chmod(tmp.name, 0o755)
    import grp
    group = [g for g in grp.getgrall() if g.gr_gid not in (0, 65534)][0]
    fake = Fake(path, group=group.gr_name)
    try:
        as_user(12345, 12345, [], "status")
    except PermissionError:
        print("  (skipped: this namespace has no other users)")
    held = []
    try:
        for n in range(3):
            held.append(occupy(20000 + n, CLIENTS))
        assert as_user(20003, 20003, [], "status") == "EAGAIN"
        assert as_user(12345, 54321, [group.gr_gid], "status") == ""
        assert as_user(0, 0, [], "status") == ""
    finally:
        for child, stop in reversed(held):  # the later have the pipes, too
            os.close(stop)
            os.waitpid(child, 0)
    assert as_user(20003, 20003, [], "status") == ""
    assert fake.end()[0] == 0


def a_missing_group_is_said_and_grants_nothing(_=None):
    fake = Fake(path, group="no-such-group-here")
    assert fake.is_ready
    if os.geteuid() == 0:
        os.chmod(tmp.name, 0o755)
        assert as_user(12345, 12345, [], "pause") == "EPERM"
    code, said = fake.end()
    assert code == 0 and said.count("no-such-group-here") == 1, said


tests = [t for name, t in list(globals().items())
         if callable(t) and name.count("_") >= 3 and name != "with_fake"]
failed = 0
for test in tests:
    try:
        test()
        print("ok", test.__name__.replace("_", " "))
    except Exception as e:
        import traceback
        traceback.print_exc()
        print("FAIL", test.__name__.replace("_", " "))
        failed = 1
        if os.path.exists(path):
            os.unlink(path)
sys.exit(failed)
