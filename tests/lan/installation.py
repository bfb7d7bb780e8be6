# SPDX-License-Identifier: ISC
"""An installation, whose files belong to whom they may or may not: installation.py
FOLDER, as root in a mount namespace of its own."""
import itertools
import os
import re
import shutil
import socket
import subprocess
import sys

BUILD = os.environ["REFLASH_BUILD"]
SOURCE = os.environ.get("srcdir", ".")

# The daemon's user, a member of its group, and somebody else.
USERS = {"root": (0, 0, []), "reflashd": (1990, 1990, []),
         "berta": (1991, 1991, [1990]), "anna": (1992, 1992, [])}
UID = {name: ids[0] for name, ids in USERS.items()}


class Failure(Exception):
    pass


def expect(have, want, what):
    if have != want:
        raise Failure("%s: %r instead of %r" % (what, have, want))


# ------------------------------------------------- a machine of its own

def add_users(folder):
    """To the files of this mount namespace."""
    for name, lines in (
            ("passwd", ["%s:x:%d:%d::/:/bin/sh" % (n, u, g)
                        for n, (u, g, _) in USERS.items() if u]),
            ("group", ["%s:x:%d:%s" % (n, g, "berta" if n == "reflashd" else "")
                       for n, (_, g, _) in USERS.items() if g])):
        with open("/etc/" + name) as f:
            old = [line for line in f.read().splitlines()
                   if line.split(":")[0] not in USERS or
                   line.startswith("root:")]
        with open(os.path.join(folder, name), "w") as f:
            f.write("\n".join(old + lines) + "\n")
        os.chmod(os.path.join(folder, name), 0o644)
        subprocess.run(["mount", "--bind", os.path.join(folder, name),
                        "/etc/" + name], check=True)


def existing(path):
    """The folder itself, or the lowest one above that is there."""
    while not os.path.isdir(path):
        path = os.path.dirname(path)
    return path


def make_room(path, mounted):
    """An empty folder, and nothing of it on the disk of this machine."""
    at, kept = existing(path), None
    if any((at + "/").startswith(other + "/") for other in mounted):
        os.makedirs(path, exist_ok=True)
        return
    mounted.append(at)
    if at == "/etc":
        kept = os.path.join(sys.argv[1], "etc")
        shutil.copytree(at, kept, symlinks=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", at],
                   check=True)
    if kept is not None:
        shutil.copytree(kept, at, symlinks=True, dirs_exist_ok=True)
    os.makedirs(path, exist_ok=True)


class Machine:
    def __init__(self, folder):
        self.folder = folder
        self.program = os.path.join(folder, "reflashd")
        shutil.copy(os.path.join(BUILD, "reflashd"), self.program)
        self.image = os.path.join(folder, "image")
        subprocess.run([os.path.join(BUILD, "reflash-sim"), "image", "valid",
                        self.image], check=True)
        with open(os.path.join(SOURCE, "systemd/reflashd.tmpfiles")) as f:
            self.tmpfiles = [line.split() for line in f
                             if line.startswith("d ")]
        text = subprocess.run([self.program, "-p"], check=True,
                              stdout=subprocess.PIPE, text=True).stdout

        def built_in(key):
            return re.search(r"^%s=(?:.* )?(\S+)$" % key, text,
                             flags=re.M).group(1)
        self.policies = built_in("PolicyDirectories")
        self.etc = os.path.dirname(self.policies)
        self.hooks = built_in("HookDirectory")
        self.state = built_in("StateDirectory")
        self.images = built_in("ImageDirectory")
        self.socket = built_in("ControlSocket")
        add_users(folder)
        mounted = []
        for path in sorted((self.etc, self.state, os.path.dirname(
                self.socket)), key=lambda path: len(existing(path))):
            make_room(path, mounted)

    def run(self, who, *options):
        """The exit code, and all that it says."""
        uid, gid, groups = USERS[who]
        env = {k: v for k, v in os.environ.items()
               if not k.startswith(("NOTIFY_", "CREDENTIALS_"))}
        done = subprocess.run(
            [self.program, *options], stdin=subprocess.DEVNULL, user=uid,
            group=gid, extra_groups=groups, env=env, cwd="/", text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        return done.returncode, done.stdout

    def put(self, path, text, owner, mode):
        with open(path, "w" if isinstance(text, str) else "wb") as f:
            f.write(text)
        own(path, owner, mode)

    def install(self, conf="root:root 644", policy_d="root:root 755",
                etc="root:root 755", state="reflashd:reflashd 750",
                images="reflashd:reflashd 2770", image="berta:reflashd 640",
                password="reflashd:reflashd 600", hooks=None):
        """All anew, as it should be but for what is said."""
        for top in self.etc, self.state:
            for name in os.listdir(top):
                path = os.path.join(top, name)
                shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)
        for path, how in ((self.etc, etc), (self.policies, policy_d),
                          (self.state, state), (self.images, images)):
            os.makedirs(path, exist_ok=True)
            own(path, *how.split())
        if hooks is not None:
            os.makedirs(self.hooks)
            own(self.hooks, *hooks.split())
        self.put(self.etc + "/reflashd.conf", "# all as it is built in\n",
                 *conf.split())
        self.put(self.etc + "/password", "geheim\n", *password.split())
        self.put(self.policies + "/50-all.policy",
                 "[Flash]\nAction=ask\nImage=first.bin\n[Verify]\n"
                 "Expect=tasmota\n[Finish]\nWebPasswordFile=%s/password\n"
                 % self.etc, *conf.split())
        with open(self.image, "rb") as f:
            self.put(self.images + "/first.bin", f.read(), *image.split())

    def install_by_package(self):
        """The folders with the owners and modes of its tmpfiles."""
        self.install()
        for _, path, mode, user, group in self.tmpfiles:
            path = path.replace("/var/lib/reflashd", self.state)
            own(path, "%s:%s" % (user, group), mode)


def own(path, owner, mode):
    user, group = owner.split(":")
    os.chown(path, UID[user], UID[group])
    os.chmod(path, int(mode, 8))


# ------------------------------------------------------------------ the tables

GOOD = dict(
    conf=["root:root 644", "root:reflashd 640", "reflashd:reflashd 600"],
    policy_d=["root:root 755", "root:reflashd 750", "root:reflashd 2775"],
    etc=["root:root 755", "root:reflashd 750"],
    state=["reflashd:reflashd 700", "reflashd:reflashd 750"],
    image=["berta:reflashd 640", "root:root 644"])

ALSO_GOOD = [
    dict(images="root:root 755"), dict(images="root:reflashd 2775"),
    dict(image="reflashd:reflashd 600"), dict(password="root:reflashd 640"),
    dict(hooks="root:root 755"), dict(hooks="root:reflashd 750"),
    dict(conf="berta:reflashd 640"),
]

# What is wrong, the file that must be named, and what is said of it.
WRONG = [
    (dict(conf="berta:berta 644"), "50-all.policy", "belongs to user id 1991"),
    (dict(conf="berta:berta 600"), "reflashd.conf", "belongs to user id 1991"),
    (dict(conf="root:root 666"), "50-all.policy", "everybody may write to"),
    (dict(conf="root:anna 664"), "50-all.policy", "group 1992 may write to"),
    (dict(conf="root:root 600"), "50-all.policy", "the daemon may not read"),
    (dict(conf="anna:anna 666"), "50-all.policy", "belongs to user id 1992"),
    (dict(policy_d="root:root 777"), "policy.d", "everybody may write to"),
    (dict(policy_d="root:root 700"), "policy.d", "the daemon may not"),
    (dict(policy_d="berta:berta 755"), "policy.d", "belongs to user id 1991"),
    (dict(policy_d="root:anna 2775"), "policy.d", "group 1992 may write to"),
    (dict(etc="root:root 700"), "", "the daemon may not enter"),
    (dict(state="root:root 755"), "StateDirectory", "may not write to it"),
    (dict(state="berta:berta 755"), "StateDirectory", "may not write to it"),
    (dict(state="reflashd:reflashd 500"), "StateDirectory",
     "may not write to it"),
    (dict(state="reflashd:reflashd 757"), "", "everybody may write to"),
    (dict(images="root:root 700"), "images", "the daemon may not"),
    (dict(images="berta:berta 755"), "images", "belongs to user id 1991"),
    (dict(images="root:root 777"), "images", "everybody may write to"),
    (dict(image="berta:berta 644"), "first.bin", "belongs to user id 1991"),
    (dict(image="berta:reflashd 600"), "first.bin", "the daemon may not read"),
    (dict(image="root:root 640"), "first.bin", "the daemon may not read"),
    (dict(password="root:root 600"), "password", "the daemon may not read"),
    (dict(password="berta:berta 600"), "password", "belongs to user id 1991"),
    (dict(password="reflashd:reflashd 602"), "password",
     "everybody may write to"),
    (dict(hooks="root:root 777"), "hooks.d", "everybody may write to"),
    (dict(hooks="root:root 700"), "hooks.d", "the daemon may not"),
    (dict(hooks="anna:anna 755"), "hooks.d", "belongs to user id 1992"),
]


def is_good(machine, what):
    """For each who may ask, and the more he may look, the more he is told."""
    for who in USERS:
        code, text = machine.run(who, "-t")
        expect(code, 0, "reflashd -t as %s of %s: %s" % (who, what, text))
        if who in ("root", "reflashd"):
            expect("is good.\n" in text, True, "what %s is told: %s" % (
                who, text))
        elif "you may not look at it" in text:
            expect("sudo reflashd -t looks at everything" in text, True,
                   "what %s is told: %s" % (who, text))


def good(machine):
    count = 0
    for values in itertools.product(*GOOD.values()):
        how = dict(zip(GOOD, values))
        machine.install(**how)
        is_good(machine, how)
        count += 1
    for how in ALSO_GOOD:
        machine.install(**how)
        is_good(machine, how)
        count += 1
    machine.install_by_package()
    is_good(machine, "the package's")
    print("%d good installations are good for %d users" % (
        count + 1, len(USERS)))


def do_as_told(text):
    """Type each command; how many there are."""
    commands = set(re.findall(r"correct it with: (.*)$", text,
                              flags=re.M))
    for command in sorted(commands):
        subprocess.run(command, shell=True, check=True)
    return len(commands)


def wrong(machine, how, name, said):
    machine.install(**how)
    code, text = machine.run("root", "-t")
    expect(code, 1, "exit code of reflashd -t of %s: %s" % (how, text))
    expect([line for line in text.splitlines() if name in line and
            said in line] != [], True, "%s is told of %s: %s" % (
                said, how, text))
    print("\n".join(text.splitlines()[:1]))
    # What others may see they are told alike, with sudo.
    for who in "berta", "anna":
        other_code, other = machine.run(who, "-t")
        if other_code == 0:
            expect("you may not look at it" in other, True,
                   "what %s is told of %s: %s" % (who, how, other))
        else:
            expect("correct it with: sudo ch" in other, True,
                   "what %s is told of %s: %s" % (who, how, other))
    for _ in range(3):
        if do_as_told(text) == 0:
            raise Failure("%s: no command in: %s" % (how, text))
        code, text = machine.run("root", "-t")
        if code == 0:
            break
    is_good(machine, "%s as told" % how)


def by_hand(machine):
    """Not beside the service, and not in its folders."""
    machine.install()
    before = sorted(os.listdir(machine.state))
    for who in "root", "berta", "anna":
        code, text = machine.run(who)
        expect((code, "these folders are the service's" in text,
                "reflashd -c FILE" in text), (78, True, True),
               "%s starts it by hand: %s" % (who, text))
        expect("chown" in text, False, "no such advice: " + text)
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(machine.socket)
        s.listen()
        os.chmod(machine.socket, 0o666)
        for who in "root", "berta", "anna":
            code, text = machine.run(who)
            expect((code, "it runs already, as the service" in text),
                   (78, True), "%s starts a second one: %s" % (who, text))
    expect(sorted(os.listdir(machine.state)), before, "the state directory")
    print(text, end="")


def main(folder):
    machine = Machine(folder)
    good(machine)
    for case in WRONG:
        wrong(machine, *case)
    by_hand(machine)


try:
    main(*sys.argv[1:])
except Failure as e:
    sys.exit("FAIL: %s" % e)
