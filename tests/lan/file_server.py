# SPDX-License-Identifier: ISC
# What the file server puts on the wire, and what it tells the daemon of it.
# Run by server.sh.  Each function is one test; its name says what must hold.
import hashlib
import os
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import threading

TIMEOUT = 20
VERDICT = "/api/device/otaFlash"


class Server:
    """serve_file with its URL; its lines are what the daemon would be told."""

    def __init__(self, *options, path="image.bin", **how):
        self.data = open(path, "rb").read()
        self.process = subprocess.Popen(
            [os.environ.get("SERVE_FILE", "./serve_file"), *options, path],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            **how)
        self.url = self.process.stdout.readline().strip()
        match = re.fullmatch(r"http://127.0.0.1:(\d+)(/\w+/.+)", self.url)
        self.port, self.path = int(match[1]), match[2]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.read()
        same(self.process.wait(TIMEOUT), 0)

    def told(self):
        ready, _, _ = select.select([self.process.stdout], [], [], TIMEOUT)
        assert ready, "the daemon was told nothing"
        return os.read(self.process.stdout.fileno(), 1).decode() + \
            self.line()

    def line(self):
        text = ""
        while not text.endswith("\n"):
            text += os.read(self.process.stdout.fileno(), 1).decode()
        return text.strip()

    def connect(self, source="127.0.0.1"):
        conn = socket.socket()
        conn.settimeout(TIMEOUT)
        conn.bind((source, 0))
        conn.connect(("127.0.0.1", self.port))
        return conn

    def raw(self, request, **where):
        """Send bytes, read until the server closes."""
        with self.connect(**where) as conn:
            conn.sendall(request)
            conn.shutdown(socket.SHUT_WR)
            return read_all(conn)

    def get(self, *headers, path=None, method="GET", version="HTTP/1.1",
            body=b"", **where):
        lines = [f"{method} {path or self.path} {version}", *headers]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        request = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
        data = self.raw(request, **where)
        if not data:
            raise NoReply(f"closed without a reply to {request[:200]!r}")
        return Reply(data)


class NoReply(Exception):
    """The server closed without a byte."""


class Reply:
    def __init__(self, data):
        head, _, self.body = data.partition(b"\r\n\r\n")
        self.head_size = len(head) + 4
        self.status_line, *lines = head.decode().split("\r\n")
        self.status = int(self.status_line.split()[1])
        self.headers = dict(line.split(": ", 1) for line in lines)


def read_all(conn):
    pieces = []
    while piece := conn.recv(1 << 16):
        pieces.append(piece)
    return b"".join(pieces)


def read_reply(stream):
    """One reply of a kept-alive connection, from its makefile()."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = stream.readline()
        assert line, f"closed after {head!r}"
        head += line
    reply = Reply(head)
    reply.body = stream.read(int(reply.headers["Content-Length"]))
    return reply


def same(got, want):
    assert got == want, f"{got!r}, not {want!r}"


def parts_of(reply):
    """A reply in the words of the table of ranges."""
    if reply.status != 206:
        return str(reply.status)
    ranges = re.findall(rb"bytes (\d+)-(\d+)/1000", reply.body)
    if "Content-Range" in reply.headers:
        ranges = re.findall(r"bytes (\d+)-(\d+)/1000",
                            reply.headers["Content-Range"])
    return " ".join(f"{int(a)}+{int(b) - int(a) + 1}" for a, b in ranges)


def table():
    program = os.environ.get("SERVE_FILE", "./serve_file")
    text = subprocess.check_output([program, "-t"], text=True)
    return [line.split("|") for line in text.splitlines()]


# --- what a stock device needs ---

def a_url_fits_the_60_characters_of_a_device():
    with Server("-n", "f.bin.gz") as server:
        longest = server.url.replace(f"127.0.0.1:{server.port}",
                                     "255.255.255.255:65535")
        same(len(longest), 60)


def a_device_fetches_chunk_by_chunk_and_says_so_on_one_connection():
    with Server() as server, server.connect() as conn:
        stream = conn.makefile("rb")
        size, got = len(server.data), b""
        for at in range(0, size, 4096):
            last = min(at + 4096, size) - 1
            conn.sendall(f"GET {server.path} HTTP/1.1\r\nHost: dl.itead.cn\r\n"
                         f"Range: bytes={at}-{last}\r\n\r\n".encode())
            reply = read_reply(stream)
            same(reply.status_line, "HTTP/1.1 206 Partial Content")
            same(reply.headers["Content-Range"], f"bytes {at}-{last}/{size}")
            same("Transfer-Encoding" in reply.headers, False)
            same("Connection" in reply.headers, False)
            assert reply.head_size < 400, reply.head_size
            got += reply.body
            if at == 0:
                same(server.told(), "started job 127.0.0.1")
            same(server.told(),
                 f"served job {at}+{last - at + 1} 127.0.0.1")
        same(got, server.data)
        body = b'{"error":0}'
        conn.sendall(f"POST {VERDICT} HTTP/1.1\r\nContent-Length: {len(body)}"
                     "\r\n\r\n".encode() + body)
        reply = read_reply(stream)
        same((reply.status, reply.body), (200, b"{}"))
        same(server.told(), "verdict job 0 127.0.0.1")


def a_thousand_requests_do_not_tire_a_connection():
    with Server("-o", "-a", "127.0.0.9") as server, server.connect() as conn:
        stream = conn.makefile("rb")
        for i in range(1000):
            conn.sendall(f"GET {server.path} HTTP/1.1\r\n"
                         f"Range: bytes={i}-{i}\r\n\r\n".encode())
            same(read_reply(stream).body, server.data[i:i + 1])


def header_names_are_in_title_case_and_nothing_follows_the_body():
    with Server() as server:
        data = server.raw(f"GET {server.path} HTTP/1.1\r\nRange: bytes=0-3\r\n"
                          "Connection: close\r\n\r\n".encode())
        for text in (b"HTTP/1.1 206 Partial Content\r\n",
                     b"\r\nContent-Length: 4\r\n",
                     b"\r\nContent-Range: bytes 0-3/%d\r\n"
                     % len(server.data)):
            assert text in data, data
        same(data[-8:], b"\r\n\r\n" + server.data[:4])


def host_and_query_do_not_matter():
    with Server() as server:
        for path in (server.path + "?deviceid=1&ts=2&sign=3",
                     "http://dl.itead.cn" + server.path, server.path + "?"):
            reply = server.get("Host: dl.itead.cn", "Range: bytes=1-2",
                               path=path)
            same((reply.status, reply.body), (206, server.data[1:3]))


def a_request_without_a_slash_is_understood():
    # B02-BL, firmware 1.4.1: itead/Sonoff_Devices_DIY_Tools#129
    with Server() as server:
        same(server.get(path=server.path[1:]).status, 200)
        same(server.get(path="fw.bin").status, 404)
        same(server.get().status, 200)
        same([server.told() for _ in range(4)],
             ["started job 127.0.0.1", "served job 0+504848 127.0.0.1",
              "stray path 127.0.0.1", "served job 0+504848 127.0.0.1"])
        same(server.get(method="POST", path=VERDICT[1:],
                        body=b'{"error":0}').status, 200)
        same(server.told(), "verdict job 0 127.0.0.1")


def a_reply_reaches_whoever_closes_his_half():
    with Server(path="large.bin") as server:
        for _ in range(5):
            same(len(server.get().body), len(server.data))


def pipelined_requests_are_answered_in_order():
    with Server() as server:
        request = b"".join(
            f"GET {server.path} HTTP/1.1\r\nRange: bytes={i}-{i + 9}"
            "\r\n\r\n".encode() for i in range(100))
        with server.connect() as conn:
            conn.sendall(request)
            stream = conn.makefile("rb")
            for i in range(100):
                same(read_reply(stream).body, server.data[i:i + 10])


# --- what Tasmota's updater needs ---

def an_http_1_0_get_is_200_with_length_and_md5_and_ends():
    with Server("-n", "f.bin.gz") as server:
        with server.connect() as conn:
            conn.sendall(f"GET {server.path} HTTP/1.0\r\nConnection: close\r\n"
                         "x-ESP8266-mode: sketch\r\n\r\n".encode())
            reply = Reply(read_all(conn))
        same(reply.status, 200)
        same(reply.headers["Content-Length"], str(len(server.data)))
        same(reply.headers["x-MD5"], hashlib.md5(server.data).hexdigest())
        same(reply.headers["Connection"], "close")
        same(reply.body, server.data)


def http_1_0_may_keep_alive_and_may_ask_for_a_range():
    with Server() as server, server.connect() as conn:
        stream = conn.makefile("rb")
        for _ in range(2):
            conn.sendall(f"GET {server.path} HTTP/1.0\r\nRange: bytes=0-0\r\n"
                         "Connection: keep-alive\r\n\r\n".encode())
            reply = read_reply(stream)
            same(reply.status_line, "HTTP/1.1 206 Partial Content")
            same(reply.headers["Connection"], "keep-alive")


def close_in_a_list_closes():
    with Server() as server, server.connect() as conn:
        conn.sendall(f"GET {server.path} HTTP/1.1\r\nRange: bytes=0-0\r\n"
                     "Connection: TE, Close\r\n\r\n".encode())
        same(Reply(read_all(conn)).headers["Connection"], "close")


def a_future_version_gets_ours():
    with Server() as server:
        same(server.get(version="HTTP/1.7").status_line, "HTTP/1.1 200 OK")


def head_has_the_headers_and_no_body():
    with Server() as server:
        get, head = server.get(), server.get(method="HEAD")
        for reply in get, head:
            del reply.headers["Date"]
        same(head.headers, get.headers)
        same(head.body, b"")
        head = server.get("Range: bytes=0-1", method="HEAD")
        same((head.status, head.body), (200, b""))
        same(server.get(method="HEAD", path="/x").body, b"")


def only_who_gets_bytes_has_begun_to_fetch():
    with Server() as server:
        server.get(method="HEAD")
        same(server.get("If-None-Match: *").status, 304)
        same(server.get("If-Match: \"x\"").status, 412)
        same(server.get("Range: bytes=9999999-").status, 416)
        same(server.get(path="/").status, 404)
        same(server.told(), "stray path 127.0.0.1")
        server.get("Range: bytes=0-0")
        same(server.told(), "started job 127.0.0.1")


# --- ranges ---

def each_range_of_the_table_is_answered_as_it_says():
    with Server(path="thousand.bin") as server:
        for header, want, _, _ in table():
            reply = server.get("Range: " + header)
            same((header, parts_of(reply)), (header, want))
            if reply.status == 416:
                same(reply.headers["Content-Range"], "bytes */1000")


def several_ranges_come_as_multipart():
    with Server() as server:
        reply = server.get("Range: bytes=0-1,7-9", "Connection: close")
        kind, boundary = reply.headers["Content-Type"].split("; boundary=")
        same(kind, "multipart/byteranges")
        same(reply.headers["Content-Length"], str(len(reply.body)))
        same("Content-Range" in reply.headers, False)
        parts = reply.body.split(f"\r\n--{boundary}".encode())
        same(len(parts), 4)
        same(parts[0], b"")
        same(parts[1].partition(b"\r\n\r\n")[2], server.data[0:2])
        same(parts[2].partition(b"\r\n\r\n")[2], server.data[7:10])
        same(parts[3], b"--\r\n")
        same([server.told() for _ in range(3)],
             ["started job 127.0.0.1", "served job 0+2 127.0.0.1",
              "served job 7+3 127.0.0.1"])


def conditions_count():
    with Server() as server:
        etag = server.get().headers["ETag"]
        assert etag.startswith('"'), etag
        part = "Range: bytes=0-1"
        for headers, status in (
                ((f"If-Range: {etag}", part), 206),
                (("If-Range: \"x\"", part), 200),
                ((f"If-Range: W/{etag}", part), 200),
                ((f"If-None-Match: {etag}",), 304),
                ((f"If-None-Match: \"x\", {etag}", part), 304),
                (("If-Match: \"x\"", part), 412),
                (("If-Match: *", part), 206)):
            reply = server.get(*headers)
            same((headers, reply.status), (headers, status))
            if status == 304:
                same(reply.body, b"")
                same(reply.headers["ETag"], etag)


# --- what is refused ---

def everything_else_is_404():
    with Server() as server:
        token = server.path.split("/")[1]
        for path in ("/", "/" + token, f"/{token}/", server.path + "x",
                     server.path[:-1], server.path + "/", "/" + server.path,
                     "/%" + "%02x" % ord(token[0]) + server.path[2:],
                     server.path + "%00", server.path + "#x",
                     "/" + token.swapcase() + "/fw.bin", "/../etc/passwd",
                     VERDICT, "*", "//127.0.0.1" + server.path):
            same((path, server.get(path=path).status), (path, 404))
            same(server.told(), "stray path 127.0.0.1")
        for path in "/", server.path, VERDICT + "/":
            reply = server.get(path=path, method="POST", body=b"{}")
            same((path, reply.status), (path, 404))


def other_methods_are_404_and_keep_the_connection():
    with Server() as server, server.connect() as conn:
        stream = conn.makefile("rb")
        for method in "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "BREW":
            conn.sendall(f"{method} {server.path} HTTP/1.1\r\n\r\n".encode())
            reply = read_reply(stream)
            same((method, reply.status), (method, 404))


def a_head_that_can_be_read_in_two_ways_is_400():
    with Server() as server:
        for headers in (("Content-Length: 0", "Content-Length: 0"),
                        ("Transfer-Encoding: gzip, chunked\r\n\r\n0",),
                        ("Content-Length: 3", "Transfer-Encoding: chunked"),
                        ("Content-Length : 3",),
                        ("Range: bytes=0-1", "Range: bytes=5-6"),
                        ("Host: a", "Host: a"), ("Content-Length: +0",),
                        ("Range : bytes=0-1",), ("no colon",)):
            try:
                reply = server.get(*headers)
            except NoReply:
                # evhttp of libevent 2.1.12, before a patch of Debian's, waits
                # for the body that is promised; it is closed at its end.
                same(headers[-1], "Transfer-Encoding: chunked")
                continue
            same((headers, reply.status), (headers, 400))
            same(reply.body.endswith(b"0\r\n\r\n"), False)
        for request in b"\r\n\r\n\r\n", b"GET\r\n\r\n", b"\0" * 100 + b"\n":
            server.raw(request)
        same(server.get().status, 200)


def a_folded_line_belongs_to_the_one_before():
    # RFC 9112 5.2: to refuse it, or to read the fold as a blank
    with Server() as server:
        same(server.get("X: a\r\n Range: bytes=0-1").status, 200)
        same(server.get("Range: bytes=0-1,\r\n\t4-5").status, 206)


def heads_and_bodies_have_a_limit():
    with Server() as server:
        for headers, body in ((("X: " + "x" * 5000,), b""),
                              (("X: " + "x" * 9000000,), b""),
                              ((), b"x" * 9000)):
            try:
                reply = server.get(*headers, body=body, path=VERDICT,
                                   method="POST")
                assert reply.status in (400, 413), reply.status
            except (OSError, NoReply):
                pass
        same(server.get("X: " + "x" * 3000).status, 200)


def only_the_jobs_device_may_fetch():
    with Server("-a", "127.0.0.2") as server:
        same(server.get().status, 404)
        same(server.told(), "stray address 127.0.0.1")
        same(server.get(source="127.0.0.2").status, 200)
        same(server.told(), "started job 127.0.0.2")
    with Server("-a", "127.0.0.2", "-o") as server:
        same(server.get().status, 200)


def the_device_may_turn_up_where_it_is_expected():
    with Server("-a", "127.0.0.2", "-e", "127.0.0.3") as server:
        same(server.get(source="127.0.0.4").status, 404)
        same(server.get(source="127.0.0.2").status, 200)
        same(server.get(path="/x/fw.bin", source="127.0.0.3").status, 404)
        same(server.get(source="127.0.0.2").status, 200)
        same(server.get(source="127.0.0.3").status, 200)
        same(server.get(source="127.0.0.2").status, 404)


def strangers_cannot_keep_it_out_there_either():
    with Server("-a", "127.0.0.2", "-e", "127.0.0.3", "-c", "8") as server:
        strangers = [server.connect() for _ in range(30)]
        with server.connect(source="127.0.0.3") as device:
            same(is_let_in(device), True)
        for conn in strangers:
            conn.close()


def expect_at(server, address):
    server.process.stdin.write(address + "\n")
    server.process.stdin.flush()
    while server.told() != "expects " + address:
        pass


def who_is_announced_everywhere_does_not_take_what_is_kept():
    """A stranger lets the id be announced at one address after another."""
    with Server("-a", "127.0.0.2", "-c", "64") as server:
        conns = [server.connect() for _ in range(32)]
        same(sum(map(is_let_in, conns)), 32)
        for last in range(10, 60):
            expect_at(server, f"127.0.0.{last}")
            conns.append(server.connect(source=f"127.0.0.{last}"))
            same(is_let_in(conns[-1]), True)
        same(sum(map(is_still_in, conns[32:])), 2)
        with server.connect(source="127.0.0.2") as device:
            same(is_let_in(device), True)
        for conn in conns:
            conn.close()


def nor_does_who_has_the_token():
    with Server("-a", "127.0.0.2", "-c", "64") as server:
        conns = [server.connect() for _ in range(32)]
        same(sum(map(is_let_in, conns)), 32)
        for _ in range(50):
            conns.append(server.connect(source="127.0.0.2"))
            conns[-1].sendall(f"HEAD {server.path} HTTP/1.1\r\n\r\n".encode())
            same(conns[-1].recv(12), b"HTTP/1.1 200")
        same(sum(map(is_still_in, conns[32:])), 2)
        for conn in conns:
            conn.close()


def a_verdict_is_always_200_and_believed_from_the_device_only():
    with Server("-a", "127.0.0.2", "-o") as server:
        for source, body, told in (
                ("127.0.0.1", b'{"error":0}', "stray verdict 127.0.0.1"),
                ("127.0.0.2", b'{"error":409}', "verdict job 409 127.0.0.2"),
                ("127.0.0.2", b"junk", "stray bad-verdict 127.0.0.2"),
                ("127.0.0.2", b"", "stray bad-verdict 127.0.0.2")):
            reply = server.get(path=VERDICT, method="POST", body=body,
                               source=source)
            same((reply.status, reply.body), (200, b"{}"))
            same(server.told(), told)


def a_verdict_is_not_that_of_a_device_known_to_be_elsewhere():
    """Each of two devices has got the address of the other; one has reported."""
    with Server("-w") as server:
        server.get(path=VERDICT, method="POST", body=b'{"error":409}')
        same(server.told(), "verdict job 409 127.0.0.1")


def a_verdict_may_come_in_chunks():
    """No device is known to do so; what is behind them is not looked at."""
    with Server() as server:
        reply = server.raw(
            f"POST {VERDICT} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
            '5\r\n{"err\r\n6\r\nor":0}\r\n0\r\n\r\n'
            f"GET {server.path} HTTP/1.1\r\n\r\n".encode())
        same(server.told(), "verdict job 0 127.0.0.1")
        head, _, body = reply.partition(b"\r\n\r\n")
        same((head.split()[1], body), (b"200", b"{}"))


def whoever_may_fetch_has_no_verdict_to_give():
    """With CheckSource=no the ranges may come from anywhere; the word does not."""
    with Server("-a", "127.0.0.2", "-o") as server, server.connect() as conn:
        stream = conn.makefile("rb")
        conn.sendall(f"GET {server.path} HTTP/1.1\r\n"
                     "Range: bytes=0-9\r\n\r\n".encode())
        same(read_reply(stream).status, 206)
        server.told(), server.told()
        conn.sendall(f"POST {VERDICT} HTTP/1.1\r\nContent-Length: 11"
                     '\r\n\r\n{"error":0}'.encode())
        same(read_reply(stream).status, 200)
        same(server.told(), "stray verdict 127.0.0.1")


# --- what is told ---

def a_reply_cut_short_is_not_told_as_served():
    with Server(path="large.bin") as server:
        for _ in range(20):
            with server.connect() as conn:
                conn.sendall(f"GET {server.path} HTTP/1.1\r\n\r\n".encode())
                conn.recv(1000)
                conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                struct.pack("ii", 1, 0))
        server.get("Range: bytes=0-0")
        same([server.told(), server.told()],
             ["started job 127.0.0.1", "served job 0+1 127.0.0.1"])


def what_the_kernel_holds_is_not_told_as_served():
    with Server(path="usual.bin") as server, server.connect() as conn:
        conn.sendall(f"GET {server.path} HTTP/1.1\r\n\r\n".encode())
        conn.recv(1000)
        for _ in range(100):  # the server has its turns meanwhile
            same(server.get(method="HEAD").status, 200)
        conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                        struct.pack("ii", 1, 0))
        conn.close()
        server.get("Range: bytes=0-0")
        same([server.told(), server.told()],
             ["started job 127.0.0.1", "served job 0+1 127.0.0.1"])


# --- time and number ---

def wait_for_end(conn, trickle):
    """Send a byte now and then until the server ends the connection."""
    conn.settimeout(0.1)
    for _ in range(int(TIMEOUT / 0.1)):
        try:
            conn.send(trickle)
            if conn.recv(1) == b"":
                return
        except socket.timeout:
            pass
        except ConnectionError:
            return
    raise AssertionError("the connection is still there")


def a_byte_now_and_then_does_not_hold_a_connection():
    with Server("-r", "1") as server:
        for start in b"", b"GET / HTTP/1.1\r\nX: ":
            with server.connect() as conn:
                conn.sendall(start)
                wait_for_end(conn, b"x")
        with server.connect() as conn:
            conn.sendall(f"POST {VERDICT} HTTP/1.1\r\nContent-Length: 900"
                         "\r\n\r\n".encode())
            wait_for_end(conn, b" ")


def reset(conn):
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack("ii", 1, 0))
    conn.close()


def open_files(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def a_request_may_be_cut_at_any_point():
    body = b'{"error":0}'
    post = (f"POST {VERDICT} HTTP/1.1\r\nContent-Length: {len(body)}"
            "\r\n\r\n").encode() + body
    with Server("-c", "64") as server:
        before = open_files(server)
        get = f"GET {server.path} HTTP/1.1\r\nRange: bytes=0-\r\n\r\n"
        for request in get.encode(), post:
            for cut in range(len(request)):
                for end in reset, socket.socket.close:
                    conn = server.connect()
                    conn.sendall(request[:cut])
                    end(conn)
        # The kernel may hold some that the server has not even seen.
        for _ in range(int(TIMEOUT / 0.1)):
            reply = server.raw(get.encode())
            if reply and open_files(server) <= before:
                break
            select.select([], [], [], 0.1)
        same(open_files(server), before)
        same(Reply(reply).body, server.data)


def a_reply_may_be_cut_at_any_point():
    with Server(path="large.bin") as server:
        before = open_files(server)
        for cut in (1, 10, 100, 1000, 10000, 100000, 1000000):
            conn = server.connect()
            conn.sendall(f"GET {server.path} HTTP/1.1\r\n\r\n".encode())
            assert conn.recv(cut)
            reset(conn)
        same(server.get("Range: bytes=1-2").body, server.data[1:3])
        for _ in range(int(TIMEOUT / 0.1)):
            if open_files(server) <= before:
                break
            select.select([], [], [], 0.1)
        same(open_files(server), before)


def a_silent_connection_ends_as_well():
    with Server("-r", "1") as server, server.connect() as conn:
        same(conn.recv(1), b"")


def who_does_not_read_is_dropped():
    with Server("-R", "1", "-d", "1", path="large.bin") as server:
        with server.connect() as conn:
            conn.sendall(f"GET {server.path} HTTP/1.1\r\n\r\n".encode())
            same(conn.recv(12), b"HTTP/1.1 200")
            for _ in range(int(TIMEOUT / 0.1)):
                with server.connect() as other:
                    other.sendall(b"HEAD / HTTP/1.1\r\n\r\n")
                    try:
                        if other.recv(12) == b"HTTP/1.1 404":
                            return
                    except ConnectionError:
                        pass
                    select.select([], [], [], 0.1)
            raise AssertionError("his place was never free again")


def is_let_in(conn):
    try:
        conn.sendall(b"HEAD / HTTP/1.1\r\n\r\n")
        return conn.recv(12) == b"HTTP/1.1 404"
    except ConnectionError:
        return False


def is_still_in(conn):
    """One that was let in, and of whose answer the start has been read."""
    while not conn.recv(4096).endswith(b"\r\n\r\n"):
        pass
    return is_let_in(conn)


def strangers_cannot_keep_the_device_out():
    with Server("-a", "127.0.0.2", "-c", "8") as server:
        strangers = [server.connect() for _ in range(30)]
        same(sum(map(is_let_in, strangers)), 4)
        with server.connect(source="127.0.0.2") as device:
            same(is_let_in(device), True)
        strangers[0].close()
        for conn in strangers:
            conn.close()


def an_address_has_a_limit_of_its_own():
    with Server("-d", "2") as server:
        conns = [server.connect() for _ in range(5)]
        same(sum(map(is_let_in, conns)), 2)
        for conn in conns:
            conn.close()


def without_descriptors_it_waits_and_goes_on():
    limit = "import resource as r; r.setrlimit(r.RLIMIT_NOFILE, (40, 40))"
    program = os.environ.get("SERVE_FILE", "./serve_file")
    command = [sys.executable, "-c", f"{limit}; import os; "
               f"os.execv({program!r}, [{program!r}, 'image.bin'])"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True,
                               stderr=subprocess.DEVNULL)
    url = process.stdout.readline()
    port, path = re.match(r"http://127.0.0.1:(\d+)(/\S+)", url).groups()
    conns = [socket.create_connection(("127.0.0.1", int(port)))
             for _ in range(100)]
    select.select([conns[-1]], [], [], 1)
    ticks = cpu_ticks(process.pid)
    select.select([conns[-1]], [], [], 1)
    assert cpu_ticks(process.pid) - ticks < 20, "it spins"
    for conn in conns:
        conn.close()
    with socket.create_connection(("127.0.0.1", int(port)), TIMEOUT) as conn:
        conn.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        assert read_all(conn).startswith(b"HTTP/1.1 200 OK\r\n")
    process.stdin.close()
    process.stdout.read()
    same(process.wait(TIMEOUT), 0)


def cpu_ticks(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def falls_asleep(pid):
    """A program that is woken by what it does not read never does."""
    for _ in range(int(TIMEOUT / 0.01)):
        if open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0] == "S":
            return True
        select.select([], [], [], 0.01)
    return False


def input_during_a_reply_does_not_pile_up():
    with Server(path="large.bin") as server, server.connect() as conn:
        conn.sendall(f"GET {server.path} HTTP/1.1\r\n\r\n".encode())
        conn.settimeout(0.5)
        try:
            for _ in range(1000):
                conn.sendall(b"x" * 65536)
        except socket.timeout:
            pass
        rss = open(f"/proc/{server.process.pid}/statm").read().split()[1]
        assert int(rss) * 4096 < 128 << 20, rss
        assert falls_asleep(server.process.pid), "it spins"


def resident(server):
    with open(f"/proc/{server.process.pid}/statm") as f:
        return int(f.read().split()[1]) * 4096


def send_unread(server, requests):
    """Nothing of the answers is read, and all is sent that goes."""
    conn = socket.socket()
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304)
    conn.connect(("127.0.0.1", server.port))
    conn.sendall(f"HEAD {server.path} HTTP/1.1\r\n\r\n".encode() * requests +
                 b"x\r\n\r\n")
    return conn


def send_more(conn):
    conn.setblocking(False)
    try:
        conn.send(b"x" * (1 << 20))
    except OSError:
        pass


def input_behind_an_error_does_not_pile_up():
    """For one of these numbers its page is the first that has no room."""
    with Server("-c", "100", "-d", "100") as server:
        for first in range(20, 1020, 50):
            conns = [send_unread(server, first + n) for n in range(50)]
            assert falls_asleep(server.process.pid)
            for conn in conns:
                send_more(conn)
            assert falls_asleep(server.process.pid), "it spins"
            for conn in conns:
                conn.close()


def a_line_before_a_chunk_has_a_limit():
    """That evhttp does not set: it would look at it for ever."""
    head = (f"POST {VERDICT} HTTP/1.1\r\nTransfer-Encoding: chunked"
            "\r\n\r\n").encode()
    with Server("-r", "600") as server:
        before = open_files(server)
        for more in 12288, 12289, 70000, 1000000:
            with server.connect() as conn:
                try:
                    conn.sendall(head + b"0" * more)
                    same(conn.recv(1), b"")
                except ConnectionError:
                    pass  # it does not read all of that
            assert falls_asleep(server.process.pid), "it spins"
        same(open_files(server), before)
        same(server.get().status, 200)


def what_many_leave_unfinished_is_little():
    """As much as fits of a line before a chunk, and not its end."""
    head = (f"POST {VERDICT} HTTP/1.1\r\nTransfer-Encoding: chunked"
            "\r\n\r\n").encode()
    with Server("-r", "600") as server:
        for size in 12000, 60000:
            before = resident(server)
            conns = [server.connect() for _ in range(512)]
            for conn in conns:
                conn.setblocking(False)
                conn.send(head + b"0" * size)
            assert falls_asleep(server.process.pid), "it spins"
            grown = resident(server) - before
            print(f"512 with {size} bytes of a line: {grown >> 10} KiB")
            # It is 8 MiB, and 12 under the sanitizers.
            assert grown < 16 << 20, grown
            for conn in conns:
                conn.close()


def nor_has_one_that_is_not_let_in_a_longer_life():
    """What it has sent by the time that it is looked at is not looked at."""
    head = (f"POST {VERDICT} HTTP/1.1\r\nTransfer-Encoding: chunked"
            "\r\n\r\n").encode()
    with Server("-r", "600", "-c", "16") as server:
        before = open_files(server)
        server.process.send_signal(signal.SIGSTOP)
        conns = [server.connect() for _ in range(60)]
        for conn in conns:
            conn.setblocking(False)
            conn.send(head + b"0" * 100000)
        server.process.send_signal(signal.SIGCONT)
        for conn in conns:
            conn.settimeout(TIMEOUT)
            try:
                same(conn.recv(1), b"")
            except ConnectionError:
                pass
        assert falls_asleep(server.process.pid), "it spins"
        same(open_files(server), before)


def an_inherited_socket_may_block_and_speak_both_families():
    with socket.create_server(("::", 0), family=socket.AF_INET6,
                              dualstack_ipv6=True) as listener:
        os.set_inheritable(listener.fileno(), True)
        fd = str(listener.fileno())
        with Server("-f", fd, pass_fds=[listener.fileno()]) as server:
            same(server.port, listener.getsockname()[1])
            same(server.get("Range: bytes=0-0").status, 206)
            same(server.told(), "started job 127.0.0.1")


def who_speaks_ipv6_is_nowhere_and_not_the_device():
    with socket.create_server(("::", 0), family=socket.AF_INET6,
                              dualstack_ipv6=True) as listener:
        os.set_inheritable(listener.fileno(), True)
        fd = str(listener.fileno())
        with Server("-o", "-f", fd, pass_fds=[listener.fileno()]) as server:
            with socket.create_connection(("::1", server.port)) as conn:
                conn.sendall(f"GET {server.path} HTTP/1.1\r\n"
                             "Connection: close\r\n\r\n".encode())
                same(Reply(read_all(conn)).status, 200)
            while not server.told().startswith("served"):
                pass
            server.get(path=VERDICT, method="POST", body=b'{"error":0}')
            same(server.told(), "verdict job 0 127.0.0.1")


def start_fails(option, value, **how):
    program = os.environ.get("SERVE_FILE", "./serve_file")
    done = subprocess.run([program, option, value, "image.bin"], timeout=TIMEOUT,
                          capture_output=True, text=True, check=False, **how)
    same(done.returncode, 1)
    return done.stderr


def a_port_in_use_is_named_with_what_to_do():
    with Server() as server:
        said = start_fails("-p", str(server.port))
        assert f"port {server.port} " in said and "Port=" in said, said


def a_socket_that_does_not_listen_is_refused():
    with socket.socket() as plain:
        said = start_fails("-f", str(plain.fileno()),
                           pass_fds=[plain.fileno()])
        assert "ListenStream=" in said, said


def many_at_once_each_get_their_bytes():
    wrong = []

    def fetch(server):
        if server.get().body != server.data:
            wrong.append(1)

    with Server() as server:
        threads = [threading.Thread(target=fetch, args=(server,))
                   for _ in range(32)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        same(wrong, [])


def main():
    tests = [f for name, f in globals().items()
             if callable(f) and f.__module__ == "__main__" and "_" in name
             and f.__code__.co_argcount == 0]
    failed = 0
    for test in tests:
        if len(sys.argv) > 1 and test.__name__ not in sys.argv[1:]:
            continue
        try:
            test()
            print("ok  ", test.__name__)
        except Exception as why:  # the next test may still tell something
            failed += 1
            print("FAIL", test.__name__, type(why).__name__, why)
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
