# SPDX-License-Identifier: ISC
"""The longest pause of reflashd's event loop: pause.py SOCKET PID [ID]

Asks for its status every few milliseconds until SIGTERM, or for that device,
which is less work where there are thousands, and takes the time to each answer.  What either process spent in the run queue, ready but without a
processor (/proc/PID/schedstat), is the machine's and not the event loop's, and
does not count; whatever the daemon computes, or waits for, does.  At the end
the daemon is stopped for a moment, to show that a pause would be seen.
"""
import os
import signal
import socket
import sys
import time

# A call that waits for a dead D-Bus or avahi-daemon costs seconds; the disk of a busy
# machine costs up to 100 ms.
LIMIT_MS = 250
PROOF_MS = 400
PROOFS = 10  # on a busy machine part of one is spent in the run queue
STATUS = b'{"v":1,"do":"status"}\n'
SHOW = b'{"v":1,"do":"show","args":{"id":"%s"}}\n'


class Watch:
    def __init__(self, path, pid, ident):
        self.pid = pid
        self.question = SHOW % ident.encode() if ident else STATUS
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        paths = ["/proc/%s/schedstat" % p for p in (pid, "self")]
        # Where the kernel does not tell, all of it counts.
        self.stats = [open(p) for p in paths if os.path.exists(p)]

    def queued(self):
        """Seconds that both have waited for a processor."""
        total = 0
        for stat in self.stats:
            stat.seek(0)
            total += int(stat.read().split()[1])
        return total / 1e9

    def ask(self):
        """Milliseconds to the answer, without and with those in the queue."""
        queued, start = self.queued(), time.monotonic()
        self.socket.sendall(self.question)
        answer = b""
        while not answer.endswith(b"\n"):
            answer += self.socket.recv(65536)
        taken = time.monotonic() - start
        queued = self.queued() - queued
        return max(0, taken - queued) * 1000, taken * 1000

    def prove(self):
        """A pause of that length is seen."""
        os.kill(self.pid, signal.SIGSTOP)
        child = os.fork()
        if child == 0:
            time.sleep(PROOF_MS / 1000)
            os.kill(self.pid, signal.SIGCONT)
            os._exit(0)
        seen = self.ask()[0]
        os.waitpid(child, 0)
        return seen


def main(path, pid, ident=None):
    ended = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(True))
    watch = Watch(path, int(pid), ident)
    asked, longest, raw = 0, 0, 0
    while not ended:
        pause, taken = watch.ask()
        asked, longest, raw = asked + 1, max(longest, pause), max(raw, taken)
        time.sleep(0.003)
    proof = 0
    for _ in range(PROOFS):
        proof = max(proof, watch.prove())
        if proof >= PROOF_MS * 0.9:
            break
    print("longest pause of the event loop: %.1f ms in %d answers (%.1f ms with"
          " what waited for a processor); one of %d ms was seen as %.1f ms" % (
              longest, asked, raw, PROOF_MS, proof))
    return longest > LIMIT_MS or proof < PROOF_MS * 0.9


sys.exit(main(*sys.argv[1:]))
