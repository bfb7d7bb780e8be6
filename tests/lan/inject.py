#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Make each call of reflashd fail in turn, through a whole flash of one device,
and each of reflash-scan, which finds that device.

inject.py all JOBS [CALL...]: every call site, its first, second and last call
(for memory and in reflash-scan the first), in each way that it can fail; a CALL
may be the name of one of the programs.
inject.py sample COUNT: so many of them, the same ones as long as the program is
the same, and those that once ended badly.
inject.py: sample 10, as make check calls it.
inject.py one POINT: a single one, and what reflashd had to say.
inject.py run FOLDER POINT: one of these runs, within the LAN; its last line is
its end.

A run is from the start of reflashd over a question, an approval, a flash and
the set-up of a Tasmota to its end and one more start.  It is good if the device
booted the image once and the record says so, or did not and the record says
why; reflashd may refuse to start, or end when memory is out, if it said so and
the next start leads to a good end.  reflash-scan may end, if reflashd says how.
In the end the LAN is listened to, or reflashd says that it is not.  Memory or a
descriptor that is left over when reflashd has ended, and was not when nothing
failed, is a leak.
"""
import collections
import concurrent.futures
import errno
import json
import os
import random
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

import lan

PROGRAMS = ("reflashd", "reflash-scan")
SHIM = os.path.join(lan.BUILD, "inject_shim.so")
SEED = 20
JOBS = 10
SECONDS = 240  # for one wait
DEVICE = ("fw=3.6.0,chunk-ms=0,reboot-ms=100,after=tasmota,join-ms=200,"
          "restart-ms=100")
# The clock of reflashd runs four times as fast; a device whose reply was lost waits
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

# libavahi-core 0.8 has it so where it gets no socket for netlink; reflash-scan
# is a process of its own for this.
THEIRS = re.compile(r"^reflash-scan: .*: avahi_\w+: Assertion")

# How a call can fail: errno, "half" of the bytes, or the "end" of the file.
HALF, END = "half", "end"
MEMORY_FRAMES = 4  # xmalloc(), and three that led there
NO_MEMORY = ("ENOMEM",)
HOWS = {
    **dict.fromkeys(("malloc", "calloc", "realloc", "reallocarray", "mmap",
                     "mmap64"), NO_MEMORY),
    **dict.fromkeys(("open", "open64", "openat", "openat64", "__open_2",
                     "__openat_2", "__open64_2", "__openat64_2", "fopen",
                     "fopen64"), ("EMFILE", "EACCES", "ENOSPC")),
    **dict.fromkeys(("opendir", "fdopendir", "eventfd", "dup2", "pipe2",
                     "socketpair", "socket", "memfd_create", "pidfd_open",
                     "epoll_create1", "timerfd_create", "getifaddrs",
                     "signalfd"),
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
    "execve": ("ENOENT",),
    "dup3": ("EMFILE",),
    # openat2(2), landlock(7), clone(2) and the like, which libc has not.
    "syscall": ("ENOSYS", "EACCES", "EAGAIN"),
}
OTHERS = ("EIO",)

# What once ended badly: a call, how it failed, and functions on its stack.
REMEMBERED = (
    ("recv", "EINTR", "starter_run"),  # nothing was started ever after
    ("send", "ENOBUFS", "start_stack"),  # it listened to no interface
    ("malloc", "ENOMEM", "xmalloc", "report_device"),  # a key less in JSON
    ("malloc", "ENOMEM", "xmalloc", "registry_get"),  # it exited in silence
    ("malloc", "ENOMEM", "xmalloc", "digest_new"),  # it crashed
    ("malloc", "ENOMEM", "xmalloc", "watch"),  # likewise
    ("signalfd", "EMFILE", "catch_signals"),  # it could not be stopped
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

Site = collections.namedtuple("Site", "program call hash count left stack")
Point = collections.namedtuple("Point", "program call hash nth how")
Table = collections.namedtuple("Table", "fired ended descriptors sites")


def number(how):
    return {HALF: 0, END: -1}.get(how) if how in (HALF, END) else getattr(
        errno, how)


def order(point):
    return "%s:%s:%x:%d:%d" % (point.program, point.call, point.hash,
                               point.nth, number(point.how))


# ---- the table of the shim ------------------------------------------------
def read_table(path, program):
    with open("%s.%s" % (path, program), "rb") as f:
        data = f.read()
    head = struct.Struct("7I")
    fired, calls, sites, frames, modules, ended, descriptors = \
        head.unpack_from(data)

    def names(at, count, size):
        return [data[at + i * size:at + (i + 1) * size].split(b"\0")[0].decode()
                for i in range(count)]
    call = names(head.size, calls, 32)
    module = names(head.size + 32 * calls, modules, 128)
    row = struct.Struct("@QIIII%dI%dQ" % (frames, frames))
    at = -(-(head.size + 32 * calls + 128 * modules) // 8) * 8
    found = []
    for i in range(sites):
        if not any(data[at + i * row.size:at + i * row.size + 8]):
            continue
        hash_, count, which, depth, left, *rest = row.unpack_from(
            data, at + i * row.size)
        stack = tuple(
            (module[m] if m < len(module) else "?", offset) for m, offset
            in zip(rest[:depth], rest[frames:]))
        found.append(Site(program, call[which], hash_, count, left, stack))
    return Table(fired, ended, descriptors, found)


def points_of(sites):
    """Without memory a program ends there and then, so it does not matter who
    has called those who ask for it; and reflash-scan has no more to lose at its
    last call than at its first."""
    points, asked = [], set()
    for site in sites:
        calls = {1, min(2, site.count), site.count}
        if HOWS.get(site.call) == NO_MEMORY:
            who = (site.program, site.call, site.stack[:MEMORY_FRAMES])
            calls = set() if who in asked else {1}
            asked.add(who)
        if site.program == "reflash-scan":
            calls &= {1}
        for nth in sorted(calls):
            points += [Point(site.program, site.call, site.hash, nth, how)
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
        path = module or os.path.join(lan.BUILD, site.program)
        if not os.path.exists(path):
            continue
        for line in addr2line(path, [offset])[0]:
            print("    %s %s %s" % (os.path.basename(path), *line))


def called_by(sites, call, *names):
    """The sites of a call that have all these functions on their stack."""
    functions = {}
    for program in PROGRAMS:
        offsets = sorted({offset for site in sites if site.program == program
                          for module, offset in site.stack if module == ""})
        lines = addr2line(os.path.join(lan.BUILD, program), offsets)
        functions.update({(program, offset): {name for name, _ in line}
                          for offset, line in zip(offsets, lines)})
    found = [site for site in sites if site.call == call and set().union(*(
        functions[site.program, offset] for module, offset in site.stack
        if module == "")) >= set(names)]
    if not found:
        raise lan.Failure("%s is never called by %s" % (call, names[-1]))
    return found


def remembered(sites):
    for call, how, *names in REMEMBERED:
        site = called_by(sites, call, *names)[0]
        yield Point(site.program, call, site.hash, 1, how)


def may_crash(sites):
    """The hashes of the sites of CRASHES."""
    return {site.hash for names in CRASHES for site in called_by(sites, *names)}


# ---- one run, within the LAN ----------------------------------------------
class Run:
    def __init__(self, folder, point, may_crash):
        self.folder, self.point, self.may_crash = folder, point, may_crash
        self.ident = lan.sim_devices()[0][1]
        # What reflash-scan must find is not told.
        known = [] if point.startswith("reflash-scan:") else lan.sim_devices()
        self.daemon = lan.Daemon(folder, limits=LIMITS, discovery=dict(
            Backend="embedded", RequerySec=1,
            Device=[" ".join(device) for device in known]))
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
        self.manager = os.path.join(folder, "manager")
        self.told = []
        threading.Thread(target=self.listen, daemon=True, args=(
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM),)).start()
        self.deaths = []
        self.resumed = self.deaf = False

    def listen(self, end):
        """As the service manager does."""
        end.bind(self.manager)
        while True:
            self.told += end.recv(4096).decode().splitlines()

    def launch(self, **env):
        daemon = self.daemon
        with open(daemon.log, "a") as log:
            daemon.process = subprocess.Popen(
                [os.path.join(lan.BUILD, "reflashd"), "-c", daemon.conf],
                stderr=log, env=dict(os.environ, REFLASHD_SCAN=lan.SCAN,
                                     ASAN_OPTIONS="verify_asan_link_order=0",
                                     NOTIFY_SOCKET=self.manager,
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
        self.launch()

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
            time.sleep(8 * lan.POLL)

    def await_discovery(self):
        """Whatever failed: it listens again, or it says that it cannot."""
        def settled():
            if self.daemon.process.poll() is not None:
                self.died()
            try:
                problems = self.daemon.ask("status")[1]["problems"]
            except (OSError, ValueError):
                return False
            # A flash may be over before anybody has said a word by mDNS.
            trouble = [p for p in problems if p.startswith("discovery: ") and
                       "no other machine has been heard" not in p]
            self.deaf = any("restart reflashd" in p for p in trouble)
            return self.deaf or not trouble
        lan.wait(settled, SECONDS, "it listens to the LAN")

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
        bad = [line for line in self.lines() if NONSENSE.search(line) and
               not THEIRS.search(line)]
        lan.expect(bad, [], "in the log")

    def end(self, device):
        program = self.point.split(":")[0]
        if program and not read_table(
                os.path.join(self.folder, "table"), program).fired:
            return "not reached"
        if device["state"] == "failed":
            return "failed: " + device["reason"]
        if self.deaths:
            return self.deaths[0]
        if self.was_deaf and self.point.endswith(":%d" % errno.EINTR):
            raise lan.Failure("an interruption made it deaf")
        if self.was_deaf:
            return "flashed, but it was deaf and said so"
        if program == "reflash-scan":
            for line in self.lines():
                found = re.search(r"reflash-scan (ended|fell silent) \((.*)\);",
                                  line)
                if found:
                    return "flashed, reflash-scan %s: %s" % found.groups()
        if self.resumed:
            return "flashed, when a person had resumed it"
        if device["attempt"] > 1:
            return "flashed at another attempt"
        return "flashed"

    def run(self):
        table = os.path.join(self.folder, "table")
        self.launch(INJECT_TABLE=table, **(
            dict(INJECT=self.point) if self.point else {}))
        self.await_end()
        lan.wait(lambda: "READY=1" in self.told, SECONDS, "it says it is ready")
        self.await_discovery()
        self.was_deaf = self.deaf
        self.stop()
        # What it believes must be what it wrote.
        self.launch()
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
def left_over(table):
    """How much, by who asked for it, whatever he did that for: what is kept for
    good may be asked for at different times."""
    left = collections.Counter()
    for site in table.sites:
        left[site.call, site.stack[:2]] += site.left
    return left


def leaks(folder, quiet):
    """The sites that have more left over than when nothing failed, and whether
    there are more descriptors."""
    if not os.path.exists(os.path.join(folder, "table.reflashd")):
        return [], False
    table = read_table(os.path.join(folder, "table"), "reflashd")
    more = left_over(table) - left_over(quiet)
    return ([site for site in table.sites if site.left and
             (site.call, site.stack[:2]) in more and not is_kept(site)],
            table.descriptors > quiet.descriptors)


def is_kept(site):
    """By libc, of the users and groups that it has read."""
    offset = site.stack[0][1]
    path = os.path.join(lan.BUILD, site.program)
    return addr2line(path, [offset])[0][0][0] == "own_name"


def start_run(point, crashes=(), quiet=None):
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
    if quiet and not end.startswith("BAD"):
        blocks, descriptors = leaks(folder, quiet)
        if blocks:
            end = "BAD: memory is left over from %d places" % len(blocks)
        if descriptors:
            end = "BAD: a descriptor is left over"
    return end, folder


def run_point(point, crashes, quiet):
    """(the point, its end, its folder or None); as there may be fewer calls
    than there were, the last one that there was is as good."""
    end, folder = start_run(point, crashes, quiet)
    if end == "not reached":
        sites = read_table(os.path.join(folder, "table"), point.program).sites
        calls = [site.count for site in sites if site.hash == point.hash]
        if calls:
            shutil.rmtree(folder)
            point = point._replace(nth=calls[0])
            end, folder = start_run(point, crashes, quiet)
    if not end.startswith("BAD"):
        shutil.rmtree(folder)
        folder = None
    return point, end, folder


def count():
    """The table of each program in a run in which nothing fails."""
    end, folder = start_run(None)
    if end != "flashed":
        sys.exit("FAIL: with nothing failing: %s (%s)" % (end, folder))
    tables = {program: read_table(os.path.join(folder, "table"), program)
              for program in PROGRAMS}
    if not tables["reflashd"].ended:
        sys.exit("FAIL: what is left over was not counted")
    shutil.rmtree(folder)
    return tables


def kind_of(end):
    return re.sub(r"^(refused to start|BAD):.*", r"\1", end)


def complain(point, end, folder, tables):
    print("%s:%s:%x:%d:%s: %s (%s)" % (*point, end, folder))
    for site in tables[point.program].sites:
        if site.hash == point.hash:
            show_stack(site)
    if "left over" in end:
        for site in leaks(folder, tables["reflashd"])[0]:
            print("  %s, left over: %d" % (site.call, site.left))
            show_stack(site)
    sys.stdout.flush()


def walk(points, tables, jobs):
    """True if none ended badly.  One that did has another chance, alone: so
    many at a time may be too many for the machine."""
    quiet = tables["reflashd"]
    ends, again, crashes = [], [], may_crash(quiet.sites)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for n, (point, end, folder) in enumerate(pool.map(
                lambda point: run_point(point, crashes, quiet), points), 1):
            if n % 100 == 0:
                print("%d of %d" % (n, len(points)), flush=True)
            if folder is not None:
                complain(point, end, folder, tables)
                again.append(point)
            else:
                ends.append((point, kind_of(end)))
    for point in again:
        point, end, folder = run_point(point, crashes, quiet)
        ends.append((point, kind_of(end)))
        if folder is not None:
            print("and alone:")
            complain(point, end, folder, tables)
    tell(ends)
    if again:
        print("%d ended badly in company, and were tried again" % len(again))
    return all(kind != "BAD" for _, kind in ends)


def tell(ends):
    kinds = collections.Counter(kind for _, kind in ends)
    calls = collections.Counter((point.program, point.call)
                                for point, _ in ends)
    both = collections.Counter((point.program, point.call, kind)
                               for point, kind in ends)
    print("\n%-12s %-18s %6s  %s" % ("program", "call", "points", "ends"))
    for call, n in calls.most_common():
        print("%-12s %-18s %6d  %s" % (*call, n, ", ".join(
            "%s %d" % (kind, both[(*call, kind)])
            for kind, _ in kinds.most_common() if both[(*call, kind)])))
    print("\n%d points, %d bad ends" % (len(ends), kinds["BAD"]))
    for kind, n in kinds.most_common():
        print("%6d  %s" % (n, kind))


def sample(points, size):
    """At least one of each call, as long as there is room."""
    chance = random.Random(SEED)
    by_call = collections.defaultdict(list)
    for point in sorted(points):
        by_call[point.program, point.call].append(point)
    chosen = [chance.choice(by_call[call]) for call in sorted(by_call)]
    chance.shuffle(chosen)
    return chosen[:size]


def one(text):
    program, call, hash_, nth, how = text.split(":")
    point = Point(program, call, int(hash_, 16), int(nth), how)
    tables = count()
    end, folder = start_run(point, (), tables["reflashd"])
    with open(os.path.join(folder, "log")) as f:
        print(f.read())
    complain(point, end, folder, tables)


def skip_without_all():
    for feature in "systemd", "embedded-mdns":
        lan.need_feature(feature)
    if os.sysconf("SC_LONG_BIT") != 64:
        lan.skip("the shim is for 64-bit machines")
    if "no virtual LAN" in subprocess.run(
            [lan.SIM, "--quiet", "--devices", "1", "--", "true"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            universal_newlines=True).stdout:
        lan.skip("no namespaces here, and one LAN is not enough")


def main():
    mode, *args = sys.argv[1:] or ("sample", "10")
    if len(sys.argv) == 1:
        skip_without_all()
    if mode == "run":
        return run(*args)
    if mode == "one":
        return one(*args)
    tables = count()
    sites = [site for program in PROGRAMS for site in tables[program].sites]
    points = points_of(sites)
    print("%d sites, %d points" % (len(sites), len(points)))
    jobs = JOBS
    if mode == "sample":
        points = sample(points, int(args[0])) + list(remembered(sites))
    else:
        jobs = int(args[0])
        points = [p for p in points
                  if not args[1:] or {p.program, p.call} & set(args[1:])]
    return 0 if walk(points, tables, jobs) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except lan.Failure as failure:
        sys.exit("FAIL: %s" % failure)
