#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Make each call of reflashd fail in turn, through a whole flash of one device.

inject.py all JOBS [CALL...]: every call site, its first, second and last call,
in each way that it can fail.  inject.py sample COUNT: so many of them, always
the same as long as the program is, and what once ended badly.  inject.py one
POINT: a single one, and what reflashd had to say.
inject.py run FOLDER POINT: one of these runs, within the LAN; its last line is
its end.

A run is from the start of reflashd over a question, an approval, a flash and
the set-up of a Tasmota to its end and one more start.  It is good if the device
booted the image once and the record says so, or did not and the record says
why; reflashd may refuse to start, or end when memory is out, if it said so and
the next start leads to a good end.
"""
import collections
import concurrent.futures
import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time

import lan

SHIM = os.path.join(lan.BUILD, "inject_shim.so")
SEED = 20
JOBS = 10
SECONDS = 240  # for one wait
DEVICE = ("fw=3.6.0,chunk-ms=0,reboot-ms=100,after=tasmota,join-ms=200,"
          "restart-ms=100")
# The clock of reflashd runs twice as fast; a device whose reply was lost waits
# for 30 s of its own.
LIMITS = dict(ProbeTimeoutSec=20, UnlockTimeoutSec=20, ConfirmTimeoutSec=20,
              OfferTimeoutSec=20, FirstFetchSec=150, StallSec=150,
              FlashTimeoutSec=900, VerdictSec=20, LeaveTimeoutSec=40,
              GoneSec=3, BackoffSec=4)
# What a call of ours that failed, our death, or our fast clock may look like.
FORGIVEN = re.compile(r"closed before the request was whole|"
                      r"a second connection while the first is open|"
                      r"a call \d+ ms after the end of the last one")
ABORTS = re.compile("out of memory|libevent: fatal error")
NONSENSE = re.compile(r"Assertion|Sanitizer|runtime error|core dumped")

# How a call can fail: errno, "half" of the bytes, or the "end" of the file.
HALF, END = "half", "end"
HOWS = {
    **dict.fromkeys(("malloc", "calloc", "realloc", "reallocarray", "mmap",
                     "mmap64"), ("ENOMEM",)),
    **dict.fromkeys(("open", "open64", "openat", "openat64", "__open_2",
                     "__openat_2", "__open64_2", "__openat64_2", "fopen",
                     "fopen64"), ("EMFILE", "EACCES", "ENOSPC")),
    **dict.fromkeys(("opendir", "fdopendir", "eventfd", "dup2", "pipe2",
                     "socketpair", "socket", "memfd_create", "pidfd_open",
                     "epoll_create1", "timerfd_create", "getifaddrs"),
                    ("EMFILE",)),
    **dict.fromkeys(("read", "__read_chk", "pread", "pread64"),
                    ("EIO", "EINTR", HALF, END)),
    **dict.fromkeys(("readv", "recv", "recvfrom", "recvmsg"),
                    ("ECONNRESET", "EINTR", END)),
    **dict.fromkeys(("write", "pwrite", "pwrite64"),
                    ("ENOSPC", "EINTR", HALF)),
    **dict.fromkeys(("writev", "send", "sendto", "sendmsg", "sendfile"),
                    ("EPIPE", "EINTR", "ENOBUFS")),
    **dict.fromkeys(("posix_fallocate", "posix_fallocate64", "mkdirat",
                     "ftruncate", "ftruncate64"), ("ENOSPC",)),
    **dict.fromkeys(("epoll_wait", "poll", "ppoll", "nanosleep", "waitpid"),
                    ("EINTR",)),
    **dict.fromkeys(("fork", "posix_spawn"), ("EAGAIN",)),
    "accept": ("EMFILE", "ECONNABORTED"),
    "accept4": ("EMFILE", "ECONNABORTED"),
    "connect": ("ENETUNREACH", "EADDRNOTAVAIL"),
    "renameat": ("EIO", "ENOSPC"),
    "epoll_ctl": ("ENOSPC",),
    "bind": ("EADDRINUSE",),
    "listen": ("EADDRINUSE",),
    "flock": ("ENOLCK",),
    "kill": ("EPERM",),
    "execv": ("ENOENT",),
}
OTHERS = ("EIO",)

# What once ended badly: a call, how it failed, and functions on its stack.
REMEMBERED = (
    ("malloc", "ENOMEM", "xmalloc", "report_device"),  # a key less in JSON
    ("malloc", "ENOMEM", "xmalloc", "registry_get"),  # it exited in silence
    ("malloc", "ENOMEM", "xmalloc", "digest_new"),  # it crashed
    ("malloc", "ENOMEM", "xmalloc", "watch"),  # likewise
    ("sigaction", "EIO", "start_events"),  # it could not be stopped
    ("epoll_ctl", "ENOSPC", "listen_on"),  # no device was let in
    ("epoll_ctl", "ENOSPC", "control_gate_new"),  # no client was let in
    ("epoll_ctl", "ENOSPC", "control_client_new"),  # it was not answered
    ("epoll_ctl", "ENOSPC", "watch"),  # the hook never ended
    ("getsockname", "EIO", "listen_on"),  # a device was sent to port 0
    ("read", "end", "load_policy"),  # half a policy was in force
)

# Where a library crashes without memory and has no place for an allocator of
# ours: glibc 2.36 in getgrnam(3), nss_database.c:402.
CRASHES = (("malloc", "control_set_group"),)

Site = collections.namedtuple("Site", "call hash count stack")
Point = collections.namedtuple("Point", "call hash nth how")


def number(how):
    import errno
    return {HALF: 0, END: -1}.get(how) if how in (HALF, END) else getattr(
        errno, how)


def order(point):
    return "%s:%x:%d:%d" % (point.call, point.hash, point.nth,
                            number(point.how))


# ---- the table of the shim ------------------------------------------------
def read_table(path):
    """Whether a call has failed, and the sites."""
    with open(path, "rb") as f:
        data = f.read()
    fired, calls, sites, frames, modules = struct.unpack_from("5I", data)

    def names(at, count, size):
        return [data[at + i * size:at + (i + 1) * size].split(b"\0")[0].decode()
                for i in range(count)]
    call = names(20, calls, 32)
    module = names(20 + 32 * calls, modules, 128)
    row = struct.Struct("@QIII%dI%dQ" % (frames, frames))
    at = -(-(20 + 32 * calls + 128 * modules) // 8) * 8
    found = []
    for i in range(sites):
        hash_, count, which, depth, *rest = row.unpack_from(
            data, at + i * row.size)
        if hash_ != 0:
            stack = tuple(
                (module[m] if m < len(module) else "?", offset) for m, offset
                in zip(rest[:depth], rest[frames:]))
            found.append(Site(call[which], hash_, count, stack))
    return fired, found


def points_of(sites):
    points = []
    for site in sites:
        for nth in sorted({1, min(2, site.count), site.count}):
            points += [Point(site.call, site.hash, nth, how)
                       for how in HOWS.get(site.call, OTHERS)]
    return points


def addr2line(path, offsets):
    """For each, what leads there: (function, file:line), inlined ones first."""
    done = subprocess.run(
        ["addr2line", "-afise", path], stdout=subprocess.PIPE,
        input="".join("%x\n" % (offset - 1) for offset in offsets),
        universal_newlines=True)
    parts = re.split(r"^0x[0-9a-f]+\n", done.stdout, flags=re.MULTILINE)[1:]
    return [list(zip(*[iter(part.splitlines())] * 2)) for part in parts]


def show_stack(site):
    for module, offset in site.stack:
        path = module or os.path.join(lan.BUILD, "reflashd")
        if not os.path.exists(path):
            continue
        for line in addr2line(path, [offset])[0]:
            print("    %s %s %s" % (os.path.basename(path), *line))


def called_by(sites, call, *names):
    """The sites of a call that have all these functions on their stack."""
    offsets = sorted({offset for site in sites for module, offset
                      in site.stack if module == ""})
    functions = dict(zip(offsets, addr2line(
        os.path.join(lan.BUILD, "reflashd"), offsets)))
    found = [site for site in sites if site.call == call and {
        name for module, offset in site.stack if module == ""
        for name, _ in functions[offset]} >= set(names)]
    if not found:
        raise lan.Failure("%s is never called by %s" % (call, names[-1]))
    return found


def remembered(sites):
    for call, how, *names in REMEMBERED:
        yield Point(call, called_by(sites, call, *names)[0].hash, 1, how)


def may_crash(sites):
    """The hashes of the sites of CRASHES."""
    return {site.hash for names in CRASHES for site in called_by(sites, *names)}


# ---- one run, within the LAN ----------------------------------------------
class Run:
    def __init__(self, folder, point, may_crash):
        self.folder, self.point, self.may_crash = folder, point, may_crash
        self.ident = lan.sim_devices()[0][1]
        self.daemon = lan.Daemon(folder, limits=LIMITS, discovery=dict(
            Backend="embedded", RequerySec=1,
            Device=[" ".join(device) for device in lan.sim_devices()]))
        self.sha = lan.make_image(
            os.path.join(self.daemon.images, "i.bin"), "small", "--payload",
            "tasmota-lite")
        self.daemon.policy(
            "10-all", dict(Image="i.bin", Action="ask"),
            verify=dict(Expect="tasmota", TimeoutSec=200),
            finish=dict(Command="DeviceName Hall"))
        hook = os.path.join(self.daemon.hooks, "10-note")
        with open(hook, "w") as f:
            f.write("#!/bin/sh\necho noted\n")
        os.chmod(hook, 0o755)
        self.deaths = []
        self.resumed = False

    def launch(self, **env):
        daemon = self.daemon
        with open(daemon.log, "a") as log:
            daemon.process = subprocess.Popen(
                [os.path.join(lan.BUILD, "reflashd"), "-c", daemon.conf],
                stderr=log, env=dict(os.environ, REFLASHD_SCAN=lan.SCAN,
                                     ASAN_OPTIONS="verify_asan_link_order=0",
                                     LD_PRELOAD=SHIM, **env))

    def lines(self):
        with open(self.daemon.log, errors="replace") as f:
            return f.read().splitlines()

    def died(self):
        """It has, by what failed: it must have said why."""
        code = self.daemon.process.returncode
        last = self.lines()[-1:] or [""]
        said = last[0].startswith("reflashd: ") or last[0] == "out of memory"
        if code == -11 and self.may_crash:
            self.deaths.append("a library crashed, out of memory")
        elif not said or code not in (1, 78, -6) or (
                code == -6 and not ABORTS.search(last[0])):
            raise lan.Failure("it ended with %d, its last words: %s" % (
                code, last[0]))
        else:
            self.deaths.append(
                "refused to start: " + last[0] if code != -6 else
                "ended, " + ABORTS.search(last[0]).group())
        if len(self.deaths) > 1:
            raise lan.Failure("it ended twice")
        self.launch(INJECT_TABLE=os.path.join(self.folder, "later"))

    def device(self):
        """None as long as it does not tell."""
        if self.daemon.process.poll() is not None:
            self.died()
        try:
            device = self.daemon.device(self.ident)
        except (OSError, ValueError):
            return None
        reason = device and device["reason"]
        try:
            if reason == "approval":
                self.daemon.ask("approve", id=self.ident)
            elif reason == "paused":
                # daemon.json could not be read: who knows what was paused.
                self.daemon.ask("resume")
                self.resumed = True
        except (OSError, ValueError):
            pass
        return device

    def await_end(self):
        until = time.monotonic() + SECONDS
        while True:
            device = self.device()
            if device and device["state"] in ("verified", "failed"):
                return device
            if time.monotonic() > until:
                raise lan.Failure("it stays %s" % (
                    device and (device["state"], device["reason"]),))
            time.sleep(4 * lan.POLL)

    def stop(self):
        """Memory may run out in these last moments, too.  To look for leaks
        takes its time."""
        self.daemon.process.terminate()
        try:
            code = self.daemon.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            raise lan.Failure("it does not stop")
        if code != 0:
            self.died()
            self.await_end()
            self.stop()

    def check(self, device):
        saw = lan.report(os.path.join(self.folder, "report"))[self.ident]
        entries = self.daemon.history()
        with open(os.path.join(self.daemon.state, "devices",
                               self.ident + ".json")) as f:
            lan.expect(json.load(f)["state"], device["state"], "record")
        lan.expect([b for b in saw["breaches"] if not FORGIVEN.search(b)], [],
                   "breaches")
        lan.expect(entries[-1]["state"], device["state"], "history")
        if device["state"] == "verified":
            lan.expect((saw["boots"], saw["booted_sha256"]), (1, self.sha),
                       "what the device booted")
        elif saw["boots"] != 0:
            raise lan.Failure("it failed (%s), but the device booted" %
                              device["reason"])
        lan.expect([name for name in os.listdir(
            os.path.join(self.daemon.state, "devices"))
            if not re.fullmatch(r"\w+\.(json|progress)", name)], [],
            "files that should not be there")
        bad = [line for line in self.lines() if NONSENSE.search(line)]
        lan.expect(bad, [], "in the log")

    def end(self, device):
        fired, _ = read_table(os.path.join(self.folder, "table"))
        if not fired and self.point:
            return "not reached"
        if device["state"] == "failed":
            return "failed: " + device["reason"]
        if self.deaths:
            return self.deaths[0]
        if self.resumed:
            return "flashed, when a person had resumed it"
        if device["attempt"] > 1:
            return "flashed at another attempt"
        return "flashed"

    def run(self):
        table = os.path.join(self.folder, "table")
        self.launch(INJECT_TABLE=table, **(
            dict(INJECT=self.point) if self.point else {}))
        device = self.await_end()
        self.stop()
        # What it believes must be what it wrote.
        self.launch(INJECT_TABLE=os.path.join(self.folder, "last"))
        device = self.await_end()
        self.stop()
        self.check(device)
        return self.end(device)


def run(folder, point, *may_crash):
    it = Run(folder, point, bool(may_crash))
    try:
        print(it.run())
    except (lan.Failure, ValueError, KeyError, OSError) as why:
        process = it.daemon.process
        if process is not None and process.poll() is None:
            process.kill()
        print("BAD: %s" % why)


# ---- many of them ---------------------------------------------------------
def start_run(point, crashes=()):
    """Its end, and the folder."""
    folder = tempfile.mkdtemp(prefix="inject.")
    done = subprocess.run(
        [lan.SIM, "--quiet", "--report", os.path.join(folder, "report"),
         "--control", os.path.join(folder, "sim"), "--device", DEVICE, "--",
         sys.executable, "-B", __file__, "run", folder,
         order(point) if point else "",
         *(["may-crash"] if point and point.hash in crashes else [])],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        universal_newlines=True)
    lines = done.stdout.splitlines()
    end = lines[-1] if lines else "BAD: no end: " + done.stderr[-300:]
    return end, folder


def run_point(point, crashes):
    """(the point, its end, its folder or None); as there may be fewer calls
    than there were, the last one that there was is as good."""
    end, folder = start_run(point, crashes)
    if end == "not reached":
        _, sites = read_table(os.path.join(folder, "table"))
        calls = [site.count for site in sites if site.hash == point.hash]
        if calls:
            shutil.rmtree(folder)
            point = point._replace(nth=calls[0])
            end, folder = start_run(point, crashes)
    if not end.startswith("BAD"):
        shutil.rmtree(folder)
        folder = None
    return point, end, folder


def count():
    """All sites of a run in which nothing fails."""
    end, folder = start_run(None)
    if end != "flashed":
        sys.exit("FAIL: with nothing failing: %s (%s)" % (end, folder))
    _, sites = read_table(os.path.join(folder, "table"))
    shutil.rmtree(folder)
    return sites


def kind_of(end):
    return re.sub(r"^(refused to start|BAD):.*", r"\1", end)


def complain(point, end, folder, sites):
    print("%s:%x:%d:%s: %s (%s)" % (*point, end, folder))
    for site in sites:
        if site.hash == point.hash:
            show_stack(site)
    sys.stdout.flush()


def walk(points, sites, jobs):
    """True if none ended badly.  One that did has another chance, alone: so
    many at a time may be too many for the machine."""
    ends, again, crashes = [], [], may_crash(sites)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for point, end, folder in pool.map(
                lambda point: run_point(point, crashes), points):
            if folder is not None:
                complain(point, end, folder, sites)
                again.append(point)
            else:
                ends.append((point, kind_of(end)))
    for point in again:
        point, end, folder = run_point(point, crashes)
        ends.append((point, kind_of(end)))
        if folder is not None:
            print("and alone:")
            complain(point, end, folder, sites)
    tell(ends)
    if again:
        print("%d ended badly in company, and were tried again" % len(again))
    return all(kind != "BAD" for _, kind in ends)


def tell(ends):
    kinds = collections.Counter(kind for _, kind in ends)
    calls = collections.Counter(point.call for point, _ in ends)
    both = collections.Counter((point.call, kind) for point, kind in ends)
    print("\n%-18s %6s  %s" % ("call", "points", "ends"))
    for call, n in calls.most_common():
        print("%-18s %6d  %s" % (call, n, ", ".join(
            "%s %d" % (kind, both[call, kind])
            for kind, _ in kinds.most_common() if both[call, kind])))
    print("\n%d points, %d bad ends" % (len(ends), kinds["BAD"]))
    for kind, n in kinds.most_common():
        print("%6d  %s" % (n, kind))


def sample(points, size):
    """At least one of each call, as long as there is room."""
    chance = random.Random(SEED)
    by_call = collections.defaultdict(list)
    for point in sorted(points):
        by_call[point.call].append(point)
    chosen = [chance.choice(by_call[call]) for call in sorted(by_call)]
    chance.shuffle(chosen)
    return chosen[:size]


def one(text):
    call, hash_, nth, how = text.split(":")
    point = Point(call, int(hash_, 16), int(nth), how)
    end, folder = start_run(point)
    with open(os.path.join(folder, "log")) as f:
        print(f.read())
    _, sites = read_table(os.path.join(folder, "table"))
    for site in sites:
        if site.hash == point.hash:
            show_stack(site)
    print("%s (%s)" % (end, folder))


def main():
    mode, *args = sys.argv[1:]
    if mode == "run":
        return run(*args)
    if mode == "one":
        return one(*args)
    sites = count()
    points = points_of(sites)
    print("%d sites, %d points" % (len(sites), len(points)))
    jobs = JOBS
    if mode == "sample":
        points = sample(points, int(args[0])) + list(remembered(sites))
    else:
        jobs = int(args[0])
        points = [p for p in points if p.call in args[1:] or not args[1:]]
    return 0 if walk(points, sites, jobs) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except lan.Failure as failure:
        sys.exit("FAIL: %s" % failure)
