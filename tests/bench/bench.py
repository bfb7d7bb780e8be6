# SPDX-License-Identifier: ISC
"""What the benchmarks share: pairs of runs, what they say, and to whom.

A case is measured in pairs, the rival and reflashd one right after the other
and the next pair the other way round, so that a machine that gets slower or
faster in the meantime does so for both.  What counts is the ratio within each
pair; its spread says how much of it is chance.
"""
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.getcwd()
SIM = os.path.join(BUILD, "reflash-sim")
TICK = os.sysconf("SC_CLK_TCK")

# A verdict needs a machine that does little else.
MAX_SPREAD = 0.25   # of a ratio: from the smallest to the largest
MAX_OTHERS = 0.15   # processors taken by programs that are not ours
MAX_LOAD = 0.7      # at the start, for each processor
MAX_REST = 180      # seconds that are waited for less than half of that


def say(*words):
    print(*words, flush=True)


# ---- the machine ----------------------------------------------------------

def output_of(*command):
    """The first line that a program prints, or None if it is not here."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT,
                              universal_newlines=True)
    except OSError:
        return None
    return done.stdout.split("\n")[0].strip()


def package(name):
    version = output_of("dpkg-query", "-W", "-f", "${Version}", name)
    return version if version and "no packages" not in version else None


def field(path, key):
    with open(path) as f:
        for line in f:
            name, _, value = line.partition(":")
            if name.strip() == key:
                return value.strip()
    return None


def machine():
    return dict(cpu=field("/proc/cpuinfo", "model name") or platform.machine(),
                processors=os.cpu_count(), kernel=platform.release(),
                memory=field("/proc/meminfo", "MemTotal"),
                load=list(os.getloadavg()))


def versions(*packages):
    found = {name: package(name) for name in packages}
    found["reflashd"] = output_of(os.path.join(BUILD, "reflashd"), "-V")
    found["commit"] = output_of("git", "-C", HERE, "describe", "--always",
                                "--dirty")
    found["python3"] = platform.python_version()
    return found


def child(pid, name):
    """The process of that name that pid has started."""
    with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
        for word in f.read().split():
            with open("/proc/%s/comm" % word) as comm:
                if comm.read().strip() == name:
                    return int(word)
    sys.exit("there is no " + name)


def cpu_seconds(pid):
    """On a processor until now.  A kernel may not tell more than in ticks."""
    with open("/proc/%d/schedstat" % pid) as f:
        spent = int(f.read().split()[0])
    if spent > 0:
        return spent / 1e9
    with open("/proc/%d/stat" % pid) as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def kib(pid, key):
    """VmRSS, or VmHWM for the most it ever was."""
    return int(field("/proc/%d/status" % pid, key).split()[0])


def busy_seconds():
    """Of all processors, whoever had them; what a host took away, too."""
    with open("/proc/stat") as f:
        user, nice, system, _, _, irq, softirq, steal = map(
            int, f.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICK


class Others:
    """How many processors programs had that are not ours."""

    def __init__(self):
        self.ours = 0.0
        self.busy, self.start = busy_seconds(), time.monotonic()

    def ran(self, cpu):
        self.ours += cpu

    def share(self):
        taken = busy_seconds() - self.busy - self.ours
        return max(0.0, taken) / (time.monotonic() - self.start)


def children_seconds():
    times = os.times()
    return times.children_user + times.children_system


def come_to_rest():
    """Until what ran before hardly counts in the load any more."""
    give_up = time.monotonic() + MAX_REST
    while (os.getloadavg()[0] > MAX_LOAD * os.cpu_count() / 2 and
           time.monotonic() < give_up):
        time.sleep(1)


# ---- numbers --------------------------------------------------------------

def summary(values):
    return dict(median=statistics.median(values), low=min(values),
                high=max(values), values=values)


def ratio(own, rival):
    """Of each pair, so that more than 1 is more than the rival."""
    return summary([a / b for a, b in zip(own, rival)])


def spread(of):
    return (of["high"] - of["low"]) / of["median"]


def in_pairs(pairs, rival, own):
    """[what rival() returned], [what own() returned]."""
    first, second = [], []
    for n in range(pairs):
        if n % 2 == 0:
            first.append(rival())
            second.append(own())
        else:
            second.append(own())
            first.append(rival())
    return first, second


# ---- what came of it ------------------------------------------------------

class Result:
    """One benchmark: its facts, its aims, and how sure it is."""

    def __init__(self, name, *packages):
        self.data = dict(bench=name, time=time.strftime("%FT%TZ",
                                                        time.gmtime()),
                         machine=machine(), versions=versions(*packages),
                         cases=[], aims=[], doubts=[])
        load = self.data["machine"]["load"][0]
        if load > MAX_LOAD * os.cpu_count():
            self.doubt("the load was %.1f at the start" % load)

    def doubt(self, why):
        say("  NOISY:", why)
        self.data["doubts"].append(why)

    def case(self, name, **facts):
        self.data["cases"].append(dict(name=name, **facts))

    def aim(self, what, got, limit, unit="", least=False):
        """got has to be at most the limit, or at least."""
        met = got >= limit if least else got <= limit
        self.data["aims"].append(dict(what=what, got=got, limit=limit,
                                      unit=unit, least=least, met=met))
        say("  %s: %s: %.3g %s (%s %.3g)" % (
            "met" if met else "NOT MET", what, got, unit,
            "at least" if least else "at most", limit))

    def write(self, path):
        with open(path, "w") as f:
            json.dump(self.data, f, indent=1)
            f.write("\n")


# ---- inside of reflash-sim ------------------------------------------------

# A /run of its own, and nothing that is left running.
PRIVATE = ["unshare", "-mp", "--fork", "--kill-child", "--mount-proc", "sh",
           "-c", 'mount -t tmpfs tmpfs /run && exec "$@"', "sh"]


EXIT_BREACH = 70    # of reflash-sim


def enter_lan(*options, private=(), strict=True):
    """Run this script again, on a virtual LAN; the folder it may use there.

    In it, reflash-sim has its control socket and writes its report.  private
    is what starts it in namespaces of its own, too: PRIVATE, or nothing.
    strict: it fails if a device saw a breach of protocol.
    """
    if "BENCH_FOLDER" in os.environ:
        if os.environ["REFLASH_SIM"] != "namespace":
            sys.exit("no namespaces here: run it as root")
        sys.path.insert(0, os.path.join(HERE, "..", "lan"))
        return os.environ["BENCH_FOLDER"]
    with tempfile.TemporaryDirectory() as folder:
        code = subprocess.run(
            [SIM, "--quiet", "--report", folder + "/report", "--control",
             folder + "/sim", *options, "--", *private, sys.executable, "-B",
             *sys.argv], env=dict(os.environ, BENCH_FOLDER=folder)).returncode
        sys.exit(0 if code == EXIT_BREACH and not strict else code)
