# SPDX-License-Identifier: ISC
"""reflash-web in front of a daemon, for the tests of the page: it is asked by raw
sockets, as a browser, a script or an attacker would ask.
"""
import fcntl
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "ctl"))

TOKEN = "0123456789abcdef0123456789abcdef0123456789abcdef"
LIMIT = 30  # seconds that anything may take
GIVE = """import os, sys
count = int(sys.argv[1])
for i in range(count):
    os.dup2(int(sys.argv[2 + i]), 3 + i)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(count))
os.execv(sys.argv[2 + count], sys.argv[2 + count:])
"""


def own_net():
    """Begin again in a network of our own, with a loopback; False: not to be had."""
    if "PAGE_NET" in os.environ:
        return True
    new = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-rn"]
    try:
        if subprocess.call(new + ["ip", "link", "set", "lo", "up"],
                           stderr=subprocess.DEVNULL):
            return False
    except FileNotFoundError:
        return False
    os.environ["PAGE_NET"] = "1"
    os.execvp(new[0], new + ["sh", "-c", 'ip link set lo up; exec "$0" "$@"',
                             sys.executable, "-B", *sys.argv])


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Page:
    """reflash-web with a token, at a port of the loopback and at a path; or at
    sockets that are given to it as systemd gives them, which are at that address.
    """

    def __init__(self, control, token=TOKEN, address="127.0.0.1",
                 descriptors=None, given=None, **keys):
        self.folder = tempfile.TemporaryDirectory()
        os.chmod(self.folder.name, 0o755)
        self.path = os.path.join(self.folder.name, "web.sock")
        self.given = given or []
        self.address = address
        self.port = self.given[0].getsockname()[1] if given else free_port()
        self.host = ("[%s]:%d" if ":" in address else "%s:%d") % (
            address, self.port)
        self.origin = "http://" + self.host
        self.token_file = os.path.join(self.folder.name, "token")
        self.conf = os.path.join(self.folder.name, "web.conf")
        self.control, self.limit = control, descriptors
        self.log = os.path.join(self.folder.name, "log")
        if token:
            self.write_token(token)
        with open(self.conf, "w") as f:
            f.write("[Server]\nTokenFile=%s\n" % self.token_file)
            if not given:
                f.write("Listen=%s %s\n" % (self.host, self.path))
            for key, value in keys.items():
                f.write("%s=%s\n" % (key, value))
        self.start()

    def write_token(self, token):
        with open(self.token_file, "w") as f:
            f.write(token + "\n")
        os.chmod(self.token_file, 0o600)

    def start(self):
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                self.give() + [os.path.join(os.getcwd(), "reflash-web"), "-c",
                               self.conf],
                stderr=log, preexec_fn=self.limit_descriptors,
                pass_fds=self.high,
                env=dict(os.environ, REFLASHD_SOCKET=self.control))
        try:
            wait(lambda: self.process.poll() is None and self.answers(),
                 "reflash-web answers, and knows the devices")
        except AssertionError:
            self.process.kill()
            self.process.wait()
            raise

    def give(self):
        """What hands the sockets over, from 3 on."""
        self.high = [fcntl.fcntl(s.fileno(), fcntl.F_DUPFD, 20)
                     for s in self.given]
        return [sys.executable, "-c", GIVE, str(len(self.high)),
                *map(str, self.high)] if self.high else []

    def limit_descriptors(self):
        if self.limit:
            resource.setrlimit(resource.RLIMIT_NOFILE,
                               (self.limit, self.limit))

    def answers(self):
        try:
            return self.get("/api/v1/devices", Host=self.host)[0] == 200
        except OSError:
            return False

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.stop()

    def stop(self):
        self.process.terminate()
        code = self.process.wait(LIMIT)
        said = self.said()
        for fd in self.high:
            os.close(fd)
        self.folder.cleanup()
        assert code == 0, "reflash-web ended with %d: %s" % (code, said)
        assert "ERROR:" not in said, said  # of a sanitizer

    def connect(self):
        return socket.create_connection((self.address, self.port), LIMIT)

    def connect_by_path(self, path=None):
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(LIMIT)
        s.connect(path or self.path)
        return s

    def said(self):
        with open(self.log) as f:
            return f.read()

    def raw(self, data, sock=None):
        """The status, the headers and the body of the answer to these bytes."""
        with sock or self.connect() as s:
            s.sendall(data)
            return read_reply(s, data.startswith(b"HEAD"))

    def ask(self, method, path, headers=None, body=b"", sock=None):
        """headers: a value of None leaves a header out."""
        all_headers = {"Host": self.host, "Connection": "close"}
        if body or method == "POST":
            all_headers["Content-Length"] = str(len(body))
        all_headers.update(headers or {})
        lines = ["%s %s HTTP/1.1" % (method, path)]
        for name, value in all_headers.items():
            for one in value if isinstance(value, list) else [value]:
                if one is not None:
                    lines.append("%s: %s" % (name, one))
        return self.raw("\r\n".join(lines + ["", ""]).encode() + body, sock)

    def get(self, path, **headers):
        return self.ask("GET", path, headers)

    def get_json(self, path, **headers):
        status, _, body = self.get(path, **headers)
        assert status == 200, (path, status, body)
        return json.loads(body)

    def order(self, verb, body=None, token=TOKEN, sock=None, **headers):
        """The status and the JSON of the answer to an order of the page."""
        all_headers = {"Origin": self.origin,
                       "Content-Type": "application/json",
                       "Authorization": "Bearer " + token if token else None}
        all_headers.update({name.replace("_", "-"): value
                            for name, value in headers.items()})
        status, _, answer = self.ask("POST", "/api/v1/" + verb, all_headers,
                                     json.dumps(body or {}).encode(), sock)
        return status, json.loads(answer)

    def cpu_seconds(self):
        with open("/proc/%d/stat" % self.process.pid) as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")

    def memory(self):
        with open("/proc/%d/status" % self.process.pid) as f:
            for line in f:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1])

    def descriptors(self):
        return len(os.listdir("/proc/%d/fd" % self.process.pid))


def wait(condition, what, seconds=LIMIT):
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, "never came true: " + what
        time.sleep(0.02)


def read_reply(s, is_head=False):
    """(status, headers, body); status 0: closed without a word."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = s.recv(65536)
        if not part:
            return 0, {}, data
        data += part
    head, body = data.split(b"\r\n\r\n", 1)
    lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines[1:]:
        name, value = line.split(":", 1)
        assert name.lower() not in headers, "twice: " + name
        headers[name.lower()] = value.strip()
    length = 0 if is_head else int(headers.get("content-length", 1 << 40))
    while len(body) < length:
        part = s.recv(65536)
        if not part:
            break
        body += part
    assert "content-length" not in headers or len(body) == length
    return int(lines[0].split()[1]), headers, body


class Stream:
    """Server-sent events, one after the other."""

    def __init__(self, page, path="/api/v1/events"):
        self.socket = page.connect()
        self.socket.sendall(("GET %s HTTP/1.1\r\nHost: %s\r\n\r\n" % (
            path, page.host)).encode())
        self.data, self.text = b"", b""
        while b"\r\n\r\n" not in self.data:
            self.receive()
        head, self.data = self.data.split(b"\r\n\r\n", 1)
        self.status = int(head.split()[1])
        self.headers = head.decode("latin-1").lower()

    def receive(self):
        part = self.socket.recv(65536)
        if not part:
            raise EOFError
        self.data += part

    def chunk(self):
        while b"\r\n" not in self.data:
            self.receive()
        size, rest = self.data.split(b"\r\n", 1)
        length = int(size, 16)
        while len(rest) < length + 2:
            self.receive()
            rest = self.data.split(b"\r\n", 1)[1]
        self.data = rest[length + 2:]
        if length == 0:
            raise EOFError
        return rest[:length]

    def event(self):
        """(name, data); comments and retry are passed over."""
        while True:
            while b"\n\n" not in self.text:
                self.text += self.chunk()
            block, self.text = self.text.split(b"\n\n", 1)
            fields = dict(line.split(": ", 1)
                          for line in block.decode().split("\n")
                          if not line.startswith(":"))
            if "event" in fields:
                return fields["event"], json.loads(fields["data"])

    def until(self, name):
        while True:
            event = self.event()
            if event[0] == name:
                return event[1]

    def close(self):
        self.socket.close()
