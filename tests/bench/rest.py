#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What it costs to have it: rest.py RESULT

A hundred devices are known and there is nothing to do.  Over a minute strace
tells how often the daemon and the scanner wake up, and for what; beside it are
their memory, the time from start to ready, and what is installed.
"""
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import bench

DEVICES = 100
SECONDS = 60
REQUERY = 60
WATCHDOG = 20   # half of WatchdogSec in the unit
STARTS = 10
WAITS = "epoll_wait,epoll_pwait,poll,ppoll,select"


def wake_ups(pids):
    """{name: wake-ups in a minute}, each pid traced at once."""
    tracers = {}
    for name, pid in pids.items():
        out = "/tmp/bench-strace-%d" % pid
        calls = "recvmsg" if name == "starter" else WAITS
        tracers[name] = out, subprocess.Popen(
            ["strace", "-qq", "-e", "trace=" + calls, "-o", out, "-p",
             str(pid)], stderr=subprocess.DEVNULL)
    time.sleep(SECONDS)
    counts = {}
    for name, (out, tracer) in tracers.items():
        tracer.send_signal(signal.SIGINT)
        tracer.wait()
        with open(out) as f:
            # The one that was interrupted by us has no result.
            counts[name] = sum(1 for line in f
                               if re.search(r"\) += \d+", line))
        os.unlink(out)
    return counts


class Manager(threading.Thread):
    """As much of a service manager as sd_notify(3) needs: it always reads."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.path = folder + "/notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.ready = threading.Event()
        self.start()

    def run(self):
        while True:
            if b"READY=1" in self.socket.recv(4096):
                self.ready.set()

    def wait_ready(self):
        if not self.ready.wait(20):
            sys.exit("reflashd did not say that it is ready")
        self.ready.clear()


def start_ms(daemon, manager):
    """From exec to READY=1."""
    began = time.monotonic()
    daemon.launch()
    manager.wait_ready()
    took = (time.monotonic() - began) * 1000
    daemon.stop()
    return took


def installed_kib(folder):
    """What make install-strip leaves, and what dpkg says of the others."""
    subprocess.run(["make", "-s", "install-strip", "DESTDIR=" + folder],
                   check=True, cwd=bench.BUILD, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    own = 0
    for top, _, files in os.walk(folder):
        own += sum(os.path.getsize(os.path.join(top, name)) for name in files)
    sizes = {"reflashd (make install-strip)": own // 1024}
    for names in (("nginx-light",), ("nginx-light", "nginx", "nginx-common"),
                  ("lldpd",)):
        kib = [bench.output_of("dpkg-query", "-W", "-f", "${Installed-Size}",
                               name) for name in names]
        if all(size and size.isdigit() for size in kib):
            sizes[" + ".join(names)] = sum(map(int, kib))
    return sizes


def main(path):
    folder = bench.enter_lan("--devices", str(DEVICES))
    import lan
    result = bench.Result("rest", "nginx-light", "nginx", "nginx-common",
                          "lldpd", "libevent-core-2.1-7")
    manager = Manager(folder)
    os.environ.update(NOTIFY_SOCKET=manager.path,
                      WATCHDOG_USEC=str(2 * WATCHDOG * 1000000))
    daemon = lan.Daemon(folder, discovery=dict(Backend="embedded",
                                               RequerySec=REQUERY))
    starts = bench.summary([start_ms(daemon, manager)
                            for _ in range(STARTS)])
    with lan.stopped_at_end(daemon):
        daemon.start()
        lan.wait(lambda: len(daemon.logged("seen")) >= DEVICES, 60,
                 "all are known")
        lan.wait(lambda: all(d["firmware"] or d["present"]
                             for d in daemon.devices().values()), 60, "quiet")
        time.sleep(REQUERY + 10)    # their first questions are answered
        pid = daemon.process.pid
        pids = dict(daemon=pid, scanner=bench.child(pid, "reflash-scan"),
                    starter=bench.child(pid, "reflash-starter"))
        cpu = {name: bench.cpu_seconds(pid) for name, pid in pids.items()}
        counts = wake_ups(pids)
        cpu = {name: bench.cpu_seconds(pid) - cpu[name]
               for name, pid in pids.items()}
        kib = {name: bench.kib(pid, "VmRSS") for name, pid in pids.items()}
        own = {name: bench.kib(pid, "RssAnon") for name, pid in pids.items()}
    sizes = installed_kib(folder + "/installed")
    result.case("a minute at rest", devices=DEVICES, wake_ups=counts,
                cpu_seconds=cpu, resident_kib=kib, private_kib=own,
                start_ms=starts, installed_kib=sizes)
    for name in pids:
        bench.say("  %s: %d wake-ups in %d s, %.1f ms of a processor, %d KiB "
                  "resident, %d KiB of them its own" % (
                      name, counts[name], SECONDS, cpu[name] * 1000,
                      kib[name], own[name]))
    bench.say("  ready %.1f ms after its start" % starts["median"])
    for name, size in sizes.items():
        bench.say("  installed: %-40s %6d KiB" % (name, size))
    result.aim("wake-ups of the daemon that are not the watchdog's, in a "
               "minute", counts["daemon"] - SECONDS // WATCHDOG, 4)
    result.write(path)


main(*sys.argv[1:])
