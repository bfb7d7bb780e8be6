# SPDX-License-Identifier: ISC
"""Container images without a container engine: the instructions of a Containerfile are
carried out in folders, and programs are started in those as an engine would start them.
Needs root.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.abspath(os.path.join(HERE, "..", ".."))
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LIMIT = 120  # seconds that anything may take

# A command in the root $1, with mounts and processes of its own, which end with it;
# $2 is "SOURCE:TARGET ..." to mount, $3 the folder where it begins.
INSIDE = r"""
mount --make-rprivate / && mount --bind "$1" "$1" && cd "$1" &&
mount -t proc proc proc && mount --rbind /sys sys && mount --rbind /dev dev &&
mkdir -p mnt || exit 70
for volume in $2; do
	source=${volume%%:*} target=$1${volume#*:}
	if [ -d "$source" ]; then mkdir -p "$target"; else : >>"$target"; fi
	mount --bind "$source" "$target" || exit 70
done
where=$3
shift 3
pivot_root . mnt && cd "$where" && umount -l /mnt && exec "$@"
"""


class Failure(Exception):
    """It has failed, for the reason that it says."""


def skip(reason):
    print("SKIP: " + reason)
    sys.exit(77)


def need_root():
    if os.geteuid():
        skip("needs root")
    for name in ("debootstrap", "git", "setpriv", "unshare"):
        if not shutil.which(name):
            skip("needs " + name)


def wait(condition, what):
    end = time.monotonic() + LIMIT
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure("never came true: " + what)
        time.sleep(0.1)


def pristine(suite):
    """The tarball of a bare Debian, which is made if it is not there."""
    done = subprocess.run(
        ["bash", "-c", '. tests/fresh/lib.sh; prepare_roots; pristine "$1" >&2;'
         'echo "$cache"', "image.py", suite], cwd=TOP, stdout=subprocess.PIPE,
        text=True)
    if done.returncode:
        sys.exit(done.returncode)
    return os.path.join(done.stdout.split("\n")[-2], suite + ".tar")


def inside(root, mounts=(), folder="/"):
    return ["unshare", "--mount", "--pid", "--fork", "--kill-child", "bash",
            "-c", INSIDE, "bash", root, " ".join(mounts), folder]


def rows(root, name):
    with open(os.path.join(root, "etc", name)) as f:
        return [line.rstrip("\n").split(":") for line in f]


def identity(root, user):
    """Options of setpriv for a user of the image, and no capability."""
    for name, _, uid, gid, *_ in rows(root, "passwd"):
        if user in (name, uid):
            groups = [number for _, _, number, members in rows(root, "group")
                      if name in members.split(",")]
            return ["setpriv", "--reuid", uid, "--regid", gid, "--groups",
                    ",".join([gid] + groups), "--bounding-set=-all",
                    "--inh-caps=-all", "--no-new-privs", "--"]
    raise Failure("no user %s in the image" % user)


def process_1(process):
    """The first process of the namespace of an inside()."""
    with open("/proc/%d/task/%d/children" % (process.pid, process.pid)) as f:
        return int(f.read().split()[0])


def end(process, how=signal.SIGTERM):
    """The exit code of an inside(), after a signal to what runs in it."""
    if process.poll() is None:
        os.kill(process_1(process), how)
    return process.wait(LIMIT)


class Stage:
    """A stage of a Containerfile, and its folder."""

    def __init__(self, root, start):
        self.root = root
        self.variables = dict(start.variables) if start else {}
        self.user, self.folder = "root", "/"
        self.command, self.health = None, None


class Build:
    """Carries out a Containerfile; an instruction that it does not know fails."""

    def __init__(self, folder, base, context):
        self.folder, self.base, self.context = folder, base, context
        self.stages, self.stage, self.arguments = {}, None, {}

    def run(self, text):
        """The stages by name."""
        text = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE)
        for line in text.replace("\\\n", "").splitlines():
            if not line.strip():
                continue
            word, rest = line.split(None, 1)
            print("# %s %s" % (word, " ".join(rest.split())[:66]), flush=True)
            getattr(self, "do_" + word.lower())(rest.strip())
        return self.stages

    def do_from(self, rest):
        start, _, name = rest.split()
        root = os.path.join(self.folder, name)
        before = self.stages.get(start)
        if before:
            subprocess.run(["cp", "-a", before.root, root], check=True)
        elif start == "$BASE":
            self.unpack(root)
        else:
            raise Failure("no stage " + start)
        self.stage = self.stages[name] = Stage(root, before)

    def unpack(self, root):
        os.makedirs(root)
        subprocess.run(["tar", "--numeric-owner", "-C", root, "-xf",
                        self.base], check=True)
        shutil.copy("/etc/resolv.conf", root + "/etc/resolv.conf")
        with open(root + "/etc/dpkg/dpkg.cfg.d/slim", "w") as f:
            for name in ("doc", "man"):  # as in the slim image
                f.write("path-exclude /usr/share/%s/*\n" % name)

    def do_arg(self, rest):
        name, _, value = rest.partition("=")
        to = self.stage.variables if self.stage else self.arguments
        to[name] = os.environ.get(name, value)

    def do_workdir(self, rest):
        self.stage.folder = rest
        os.makedirs(self.stage.root + rest, exist_ok=True)

    def do_copy(self, rest):
        *sources, target = rest.split()
        start = self.context
        if sources[0].startswith("--from="):
            start = self.stages[sources.pop(0).partition("=")[2]].root
        to = os.path.join(self.stage.root + self.stage.folder, target)
        if target.startswith("/"):
            to = self.stage.root + target
        os.makedirs(to if target[-1] in "/." else os.path.dirname(to),
                    exist_ok=True)
        for source in sources:
            # The shell takes the stars; what is a folder is copied as its content.
            subprocess.run(
                ["sh", "-ec", 'cd "$1"; for one in $2; do [ -e "$one" ]; '
                 '[ ! -d "$one" ] || one=$one/.; cp -a "$one" "$3"; done',
                 "sh", start, source.lstrip("/"), to], check=True)

    def do_run(self, rest):
        archives = self.base[:-len("tar")] + "archives"
        os.makedirs(archives, exist_ok=True)
        variables = dict(self.stage.variables, HOME="/root", PATH=PATH,
                         http_proxy=os.environ.get("http_proxy", ""))
        done = subprocess.run(
            inside(self.stage.root, [archives + ":/var/cache/apt/archives"],
                   self.stage.folder) +
            ["env", "-i", *("%s=%s" % one for one in variables.items()),
             "sh", "-c", rest], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace")
        if done.returncode:
            raise Failure("RUN ended with %d:\n%s" % (
                done.returncode, done.stdout[-3000:]))

    def do_user(self, rest):
        self.stage.user = rest

    def do_cmd(self, rest):
        self.stage.command = json.loads(rest)

    def do_healthcheck(self, rest):
        self.stage.health = rest.partition(" CMD ")[2]

    def ignore(self, rest):
        """It says something to the engine, and does nothing."""

    do_expose = do_label = do_volume = ignore
