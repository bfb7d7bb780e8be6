# SPDX-License-Identifier: ISC
"""fake_reflashd and clients of it, for the tests of the control socket."""
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import tempfile

LIMIT = 20  # seconds that anything may take

signal.alarm(300)  # a test that hangs is ended, and so fails


class Fake:
    """A fake_reflashd that listens; descriptors limits how many it has, user
    is the (uid, gid) as which it runs."""

    def __init__(self, path, count=3, group=None, descriptors=None,
                 pass_fds=(), user=None):
        def limit():
            if descriptors:
                resource.setrlimit(resource.RLIMIT_NOFILE,
                                   (descriptors, descriptors))
        program = os.path.join(os.getcwd(), "fake_reflashd")
        if user:  # who may not enter the home of whoever runs this
            program = shutil.copy(program, os.path.dirname(path))
        command = [program, path, str(count)] + ([group] if group else [])
        if user:  # who may not go where this was built
            self.copy = tempfile.TemporaryDirectory()
            os.chmod(self.copy.name, 0o755)
            command[0] = shutil.copy(command[0], self.copy.name)
        self.path = path
        self.log = tempfile.TemporaryFile("w+")
        # The address sanitizer keeps what was freed; memory() looks at the rest.
        keep_less = "quarantine_size_mb=1:" + os.environ.get("ASAN_OPTIONS", "")
        self.process = subprocess.Popen(
            command, env={**os.environ, "ASAN_OPTIONS": keep_less}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self.log, text=True, preexec_fn=limit, pass_fds=pass_fds,
            **(dict(user=user[0], group=user[1], extra_groups=[])
               if user else {}))
        self.is_ready = self.process.stdout.readline() == "ready\n"

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.end()

    def do(self, command):
        """Whether anybody listens, and how many requests there have been."""
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().split()
        assert answer and answer[0] == "ok", command
        return answer[1] == "1", int(answer[2])

    def await_listener(self, is_there=True):
        while self.do("")[0] != is_there:
            pass

    def await_requests(self, count):
        """So many have been answered, and the answers are on their way."""
        while self.do("")[1] < count:
            pass
        self.do("")
        self.do("")

    def cpu(self):
        """Seconds of processor time so far."""
        with open("/proc/%d/stat" % self.process.pid) as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self):
        """Resident KiB; 0 where a sanitizer keeps what was freed."""
        with open("/proc/%d/exe" % self.process.pid, "rb") as f:
            if b"__asan_init" in f.read():
                return 0
        with open("/proc/%d/status" % self.process.pid) as f:
            for line in f:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1])

    def descriptors(self):
        """How many it has open."""
        return len(os.listdir("/proc/%d/fd" % self.process.pid))

    def end(self):
        """Its exit code and what it said, after a regular end."""
        self.process.stdin.close()
        code = self.process.wait(LIMIT)
        self.process.stdout.close()
        self.log.seek(0)
        return code, self.log.read()

    def kill(self):
        self.process.kill()
        self.process.wait(LIMIT)


class Client:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(LIMIT)
        self.socket.connect(path)
        self.lines = self.socket.makefile("rb")

    def send(self, data):
        self.socket.sendall(data)

    def ask(self, word, **args):
        self.send(request(word, **args))

    def ask_with(self, fds, word, **args):
        """Descriptors go with the request, which is in one message."""
        socket.send_fds(self.socket, [request(word, **args)], fds)

    def line(self):
        """The next message; None at the end."""
        line = self.lines.readline()
        return json.loads(line) if line.endswith(b"\n") else None

    def reply(self):
        """The next {"ok":...}, past the items."""
        while True:
            message = self.line()
            if message is None or "ok" in message:
                return message

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def close(self):
        self.lines.close()
        self.socket.close()


def request(word, **args):
    return json.dumps({"v": 1, "do": word, "args": args}).encode() + b"\n"
