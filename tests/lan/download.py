#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""reflashctl download against good and bad servers: it puts the very file there
that was wanted, or says why not; and nothing is ever half there.
"""
import hashlib
import os
import re
import signal
import shutil
import socket
import subprocess
import time

import lan
import web

BUSY = "1000f00001"
DEVICES = "--device id=%s,chunk-ms=200,reboot-ms=100" % BUSY
MOMENTS = 10  # at which reflashctl is killed in a download


def entry(name, size, sha, *urls, note="for tests"):
    return "[Image]\nName=%s\nKind=tasmota\nSize=%d\nSha256=%s\nNote=%s\n%s" % (
        name, size, sha, note, "".join("Url=%s\n" % url for url in urls))


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


def blackhole():
    """A port to which no connection is ever made: its backlog is full."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=0)
    fillers = []
    for _ in range(3):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(listener.getsockname())
        fillers.append(filler)
    return listener, fillers


class World:
    def __init__(self, folder):
        self.folder = folder
        self.daemon = lan.Daemon(folder)
        made = os.path.join(folder, "made")
        self.sha = lan.make_image(made, "valid")
        with open(made, "rb") as f:
            self.data = f.read()
        self.rows = []
        self.catalog = [os.path.join(folder, name) for name in ("usr", "etc")]
        for path in self.catalog:
            os.mkdir(path)
        # Where it is and where its temporary files would be.
        self.elsewhere = os.path.join(folder, "elsewhere")
        os.mkdir(self.elsewhere)
        self.programs = lan.BUILD

    def files(self):
        return {name: lan.sha256(os.path.join(self.daemon.images, name))
                for name in os.listdir(self.daemon.images)}

    def entry(self, file, text, folder=0):
        with open("%s/%s.image" % (self.catalog[folder], file), "w") as f:
            f.write(text)

    def download(self, *words, how={}, **env):
        began = time.monotonic()
        done = subprocess.run(
            [os.path.join(self.programs, "reflashctl"), "--socket",
             self.daemon.control, "download", *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            universal_newlines=True, timeout=120, cwd=self.elsewhere,
            env=dict(dict(os.environ, TMPDIR=self.elsewhere, REFLASHD_CATALOG=
                          ":".join(self.catalog)), **env), **how)
        return done, time.monotonic() - began

    def row(self, name, words, code, *said, least=0, **env):
        """Run it; what it says must have these words, and where it fails all
        files must be as before, and nothing may be left in any other place."""
        before = self.files()
        done, seconds = self.download(*words, **env)
        text = done.stdout if code == 0 else done.stderr
        short = re.sub(r"http://127\.0\.0\.1:\d+", "http://HOST",
                       text.strip().split("\n")[0].replace("reflashctl: ", ""))
        self.rows.append((name, done.returncode, seconds, short))
        print("%-22s %d %5.1f s  %s" % self.rows[-1], flush=True)
        lan.expect(done.returncode, code, name + ": " + done.stderr)
        for word in said:
            if word not in done.stdout + done.stderr:
                raise lan.Failure("%s: %r is not in %r" % (
                    name, word, done.stdout + done.stderr))
        if code != 0:
            lan.expect(self.files(), before, name + ": the files")
        lan.expect(os.listdir(self.elsewhere), [], name + ": what is left")
        if seconds < least:
            raise lan.Failure("%s: after %.1f s only" % (name, seconds))
        return done


def urls(world):
    """Each way to answer, with the checksum that is wanted."""
    ways = {"/%s.bin" % name: way for name, way in vars(web).items()
            if callable(way) and name.islower()}
    ways.update({
        "/once.bin": web.redirect("/good.bin"),
        "/five.bin": web.redirect("/r4"), "/r4": web.redirect("/r3", "301 x"),
        "/r3": web.redirect("/r2", "307 x"), "/r2": web.redirect("/r1"),
        "/r1": web.redirect("/good.bin", "308 x"),
        "/six.bin": web.redirect("/five.bin"),
        "/circle.bin": web.redirect("/back"), "/back": web.redirect("/circle.bin"),
        "/itself.bin": web.redirect("/itself.bin"),
        "/tofile.bin": web.redirect("file:///etc/passwd"),
        "/toftp.bin": web.redirect("ftp://127.0.0.1/x.bin"),
        "/nowhere.bin": lambda c, data: c.sendall(
            web.head(0, status="302 Found")),
        "/packed.bin.gz": lambda c, data: c.sendall(
            web.head(len(data), "Content-Encoding: gzip") + data)})
    return web.Web(world.data, ways)


# What is said of each, and whether the file comes.
ROWS = (
    ("good", 0, "added: Tasmota"),
    ("without_length", 0, "added"),
    ("chunked", 0, "added"),
    ("once", 0, "added"),
    ("five", 0, "added"),
    ("slow", 1, "the server stalls", "1000 bytes a second"),
    ("silent", 1, "the server stalls"),
    ("halfway", 1, "the server stalls", "252424 of 504848 bytes"),
    ("cut_off", 1, "cut off when 252424 of 504848 bytes"),
    ("reset", 1, "cut off when 252424 of 504848 bytes"),
    ("longer", 1, "another file"),
    ("longer_without_length", 1, "another file"),
    ("endless", 1, "more than 4194304 bytes come"),
    ("shorter", 1, "another file"),
    ("another_byte", 1, "another file"),
    ("missing", 1, "404: it has no such file"),
    ("forbidden", 1, "403: it does not give"),
    ("broken", 1, "503: it has a fault, try again later"),
    ("six", 1, "redirects more than 5 times"),
    ("circle", 1, "redirects in a circle", "/back leads back to", "/circle.bin"),
    ("itself", 1, "redirects in a circle"),
    ("tofile", 1, "redirect: file:///etc/passwd", "only http: and https: are"),
    ("toftp", 1, "redirect: ftp://127.0.0.1/x.bin"),
    ("nowhere", 1, "does not say where to"),
    ("zipped", 1, "Content-Encoding: gzip"),
    ("zipped_on_the_way", 1, "the server packs the file on the way"),
    ("page", 1, "a web page comes instead of the file", "text/html"),
    ("page_as_file", 1, "a web page comes instead of the file"),
    ("empty", 1, "an empty file"),
    ("closes", 1, "closes the connection without an answer"),
    ("gibberish", 1, "is no web server"),
)


def expect_rows(world, server):
    for name, code, *said in ROWS:
        world.row(name, ["%s/%s.bin" % (server.url, name), "--sha256",
                         world.sha, "--as", name + ".bin"], code, *said)
    for path, request in server.asked:
        if "Accept-Encoding: identity" not in request:
            raise lan.Failure("%s: %r" % (path, request))
    for name, code, *_ in ROWS:
        lan.expect(world.files().get(name + ".bin"),
                   world.sha if code == 0 else None, name)


def expect_others(world, server):
    good = server.url + "/good.bin"
    world.row("dead", ["http://127.0.0.1:%d/x.bin" % closed_port()], 1,
              "refuses the connection")
    hole, fillers = blackhole()
    world.row("no answer", ["http://127.0.0.1:%d/x.bin" %
                            hole.getsockname()[1], "--timeout", "3s"], 1,
              "does not answer within 3 s")
    world.row("unknown host", ["http://nosuch.invalid/x.bin"], 1,
              "nosuch.invalid cannot be resolved")
    world.row("file:", ["file:///etc/passwd"], 1, "only http: and https: are")
    world.row("no URL", ["http://"], 1, "is no URL")
    world.row("time is up", [server.url + "/slow.bin", "--timeout", "2s"], 1,
              "longer than 2 s")
    world.row("packed where it lies", [server.url + "/packed.bin.gz"], 1,
              "--sha256 " + world.sha)
    key = web.certificate(world.folder)
    if key:
        secure = web.Web(world.data, {"/good.bin": web.good}, tls=key)
        world.row("foreign certificate", [secure.url + "/good.bin"], 1,
                  "is not to be trusted", "ca-certificates")
    done = world.row("without sha256", [good, "--as", "new.bin"], 1,
                     "downloaded: Tasmota", "It is not used yet")
    command = re.search(r"^ +reflashctl (download .*)$", done.stdout, re.M)
    words = command.group(1).split()[1:]
    lan.expect(words, [good, "--as", "new.bin", "--sha256", world.sha],
               "the command to type")
    world.row("that command", words, 0, "new.bin: added")
    world.row("by somebody", [good, "--as", "who.bin", "--sha256", world.sha,
                              "--who", "anna on her phone"], 0, "added")
    lan.expect(len(world.daemon.logged("image who.bin: added by anna on her "
                                       "phone")), 1, "who is in the log")
    world.row("once more", words, 0, "is there already, with these very bytes")
    world.row("sha256 in capitals", [good, "--as", "capitals.bin", "--sha256",
                                     world.sha.upper()], 0, "added")
    world.row("sha256 too short", [good, "--sha256", "5c1a"], 64,
              "not the 64 hex digits")
    server.ways["/?x"] = web.good
    world.row("a name that is bad", [server.url + "/?x", "--sha256", world.sha],
              1, "--as NAME")
    world.row("built without libcurl", [good], 1, "install libcurl4-openssl-dev",
              "reflashctl add FILE", REFLASHD_DOWNLOAD="/nowhere")


def expect_name_kept(world, server):
    """Another image has the name."""
    other = lan.make_image(world.daemon.images + "/other.bin", "valid",
                           "--size", "81920")
    words = [server.url + "/good.bin", "--sha256", world.sha, "--as", "other.bin"]
    world.row("another image there", words, 1, "is another image", "--replace")
    lan.expect(world.files()["other.bin"], other, "other.bin")
    world.row("with --replace", [*words, "--replace"], 0, "other.bin: added")
    lan.expect(world.files()["other.bin"], world.sha, "other.bin")


def expect_catalogue(world, server):
    """An entry is taken with its size and checksum alone, from any place."""
    dead = "http://127.0.0.1:%d/x.bin" % closed_port()
    size, good = len(world.data), server.url + "/good.bin"
    world.row("empty catalogue", [], 0, "the catalogue is empty", *world.catalog)
    for name, *urls in (
            ("second", dead, good), ("third", server.url + "/another_byte.bin",
                                     server.url + "/longer.bin", good),
            ("nowhere", dead, server.url + "/missing.bin"),
            ("long", server.url + "/longer.bin"),
            ("long2", server.url + "/longer_without_length.bin"),
            ("short", server.url + "/shorter.bin"),
            ("byte", server.url + "/another_byte.bin")):
        world.entry(name, entry(name, size, world.sha, *urls))
    world.row("second of two URLs", ["second", "--as", "second.bin"], 0,
              dead + ": 127.0.0.1 refuses", "second.bin: added")
    done = world.row("third of three", ["third", "--as", "third.bin"], 0,
                     "another_byte.bin: it is another file",
                     "by the catalogue it should be " + world.sha,
                     "longer.bin: the file has 505848 bytes there, and should "
                     "have 504848", "third.bin: added")
    lan.expect(len(done.stderr.splitlines()), 2, "each failure is named")
    world.row("none of them", ["nowhere"], 1, "none of its 2 places has the file",
              "refuses the connection", "404")
    world.row("longer than it says", ["long"], 1, "should have 504848")
    world.row("longer, no length", ["long2"], 1, "more than the 504848 bytes")
    world.row("shorter than it says", ["short"], 1, "should have 504848")
    world.row("another byte", ["byte"], 1, "it is another file")
    world.row("part of a name", ["sec", "--as", "second.bin"], 0, "there already")
    world.row("no such name", ["sceond"], 1, "no such image", "second")
    world.row("another --sha256", ["second", "--sha256", "0" * 64], 1,
              "by the catalogue", "and not 000")
    world.entry("second", "# off\n", folder=1)
    world.row("switched off", ["second"], 1, "no such image in the catalogue")
    os.remove(world.catalog[1] + "/second.image")
    os.symlink("/dev/null", world.catalog[1] + "/second.image")
    world.row("a link to /dev/null", ["second"], 1, "no such image")
    os.remove(world.catalog[1] + "/second.image")
    world.entry("second", entry("second", size, world.sha, good), folder=1)
    world.row("/etc wins", ["second", "--as", "etc.bin"], 0, "etc.bin: added")
    for name in "third", "nowhere", "long", "long2", "short", "byte":
        os.remove("%s/%s.image" % (world.catalog[0], name))
    world.entry("broken", "[Image]\nName=broken\nSize=0\n")
    done = world.row("a mistake in it", [], 1, "broken.image:3: Size=0",
                     "broken.image:1: Url= is missing")
    if "second" not in done.stdout or BUSY not in done.stdout:
        raise lan.Failure("not listed: %r" % done.stdout)
    os.remove(world.catalog[0] + "/broken.image")
    os.chmod(world.catalog[0], 0o777)
    world.row("a folder for everybody", [], 1, "everybody may write to")
    os.chmod(world.catalog[0], 0o755)
    print(world.download()[0].stdout.rstrip())


# A manifest, whether the image comes, and what is said.
BUILD = '{"name":"Garage","version":"2.0","builds":[{"chipFamily":"ESP8266",%s}]}'
MANIFESTS = (
    ("ota", BUILD % '"ota":{"path":"fw.bin","md5":"%(md5)s"},"parts":'
     '[{"path":"no.bin","offset":0}]', 0, "manifest: Garage 2.0: fw.bin"),
    ("one part", BUILD % '"parts":[{"path":"../good.bin","offset":0}]', 0,
     "good.bin: "),
    ("absolute URL", BUILD % '"parts":[{"path":"%(url)s/good.bin"}]', 0,
     "is there already"),
    ("ESP32 only", '{"builds":[{"chipFamily":"ESP32","parts":[]}]}', 1,
     "no build for the ESP8266, only for: ESP32"),
    ("several parts", BUILD % '"parts":[{"path":"a","offset":0},'
     '{"path":"b","offset":65536}]', 1, "has 2 parts"),
    ("another offset", BUILD % '"parts":[{"path":"a","offset":4096}]', 1,
     "does not begin at offset 0"),
    ("another md5", BUILD % '"ota":{"path":"fw.bin","md5":"%(md5)s"}', 1,
     "it is not the file of the manifest: its md5 is"),
    ("a file: path", BUILD % '"ota":{"path":"file:///etc/passwd"}', 1,
     "is no place on the web: file:///etc/passwd"),
    ("no such file", BUILD % '"ota":{"path":"none.bin"}', 1,
     "none.bin: the server answers 404"),
    ("no builds", '{"name":"x"}', 1, "none of ESP Web Tools"),
    ("half of it", BUILD[:40], 1, "the manifest: not JSON"),
)


def expect_manifests(world, server):
    """From a URL, and as a file beside the image."""
    server.ways["/m/fw.bin"] = web.good
    beside = os.path.join(world.folder, "beside")
    os.makedirs(beside + "/m")
    with open(beside + "/m/fw.bin", "wb") as f:
        f.write(world.data)
    for name, text, code, said in MANIFESTS:
        facts = dict(url=server.url, md5=hashlib.md5(
            b"x" if name == "another md5" else world.data).hexdigest())
        server.ways["/m/manifest.json"] = (text % facts).encode()
        world.row("manifest: " + name, [server.url + "/m/manifest.json",
                                        "--sha256", world.sha], code, said)
        path = beside + "/m/manifest.json"
        with open(path, "w") as f:
            f.write(text % facts)
        if name == "one part":
            code, said = 1, "leads out of its folder"
        elif name == "no such file":
            said = "there is no such file"
        world.row("as a file: " + name, [path, "--sha256", world.sha], code,
                  said.replace("fw.bin", "fw.bin"))
    server.ways["/m/manifest.json"] = (MANIFESTS[0][1] % dict(
        md5=hashlib.md5(world.data).hexdigest())).encode()
    done = world.row("manifest, no sha256", [server.url + "/m/manifest.json"], 1,
                     "It is not used yet", "--sha256 " + world.sha)
    if server.url + "/m/manifest.json --sha256" not in done.stdout:
        raise lan.Failure("another command: %r" % done.stdout)


def expect_used_name_kept(world, server):
    """A device is being flashed with the image of that name."""
    daemon = world.daemon
    lan.make_image(daemon.images + "/used.bin", "valid", "--size", "81920")
    daemon.policy("50-all", dict(Image="used.bin"))
    daemon.ask("reload")
    daemon.wait_for(BUSY, "downloading")
    words = [server.url + "/good.bin", "--sha256", world.sha, "--as", "used.bin"]
    world.row("a name in use", [*words, "--replace"], 1, "is needed as it is",
              BUSY, "under another name")
    daemon.wait_for(BUSY, "flashed")
    world.row("after the flash", [*words, "--replace"], 0, "used.bin: added")
    os.remove(daemon.policies + "/50-all.policy")
    daemon.ask("reload")


def expect_rights(world, server):
    """A member of the group may, a stranger may not."""
    import grp
    group = [g for g in grp.getgrall() if g.gr_gid not in (0, 65534)][0]
    with open(world.daemon.conf) as f:
        text = f.read()
    with open(world.daemon.conf, "w") as f:
        f.write(text.replace("ControlGroup=root",
                             "ControlGroup=" + group.gr_name))
    world.daemon.ask("reload")
    path = os.path.dirname(world.daemon.control)
    while path != "/":  # so that they get to the socket
        os.chmod(path, os.stat(path).st_mode | 0o055)
        path = os.path.dirname(path)
    os.chmod(world.elsewhere, 0o755)
    # The folder of the build may be one that only root may enter.
    world.programs = os.path.join(world.daemon.folder, "programs")
    os.mkdir(world.programs)
    for program in "reflashctl", "reflash-download":
        shutil.copy(os.path.join(lan.BUILD, program), world.programs)
    words = [server.url + "/good.bin", "--sha256", world.sha, "--as"]
    for name, groups, code, said in (
            ("a member of the group", [group.gr_gid], 0, "member.bin: added"),
            ("a stranger", [], 1, "is for root and the members of the control")):
        world.row(name, [*words, name.split()[1] + ".bin"], code, said, how=dict(
            user=12345, group=54321, extra_groups=groups))
    world.programs = lan.BUILD
    with open(world.daemon.conf, "w") as f:
        f.write(text)
    world.daemon.ask("reload")


def has_ended(pid):
    try:
        with open("/proc/%s/status" % pid) as f:
            return "zombie" in f.read()
    except (FileNotFoundError, ProcessLookupError):
        return True


def expect_killed_leaves_nothing(world, server):
    """reflashctl is killed at ten moments, from the start to the end."""
    outcome = []
    for moment in range(MOMENTS):
        before = world.files()
        name = "killed%d.bin" % moment
        gate = {"sent": 0}

        def way(c, data, moment=moment):
            c.sendall(web.head(len(data)) + data[:len(data) * moment // 8])
            gate["sent"] = 1
            if moment > 8:  # all of it: killed while it is handed over
                return
            c.recv(1)
        server.ways["/killed"] = way
        child = subprocess.Popen(
            [os.path.join(lan.BUILD, "reflashctl"), "--socket",
             world.daemon.control, "download", server.url + "/killed",
             "--sha256", world.sha, "--as", name],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        lan.wait(lambda: gate["sent"], 20, "the server was asked")
        helpers = subprocess.run(
            ["pgrep", "-P", str(child.pid)], stdout=subprocess.PIPE,
            universal_newlines=True).stdout.split()
        child.send_signal(signal.SIGKILL)
        child.wait()
        for helper in helpers:
            lan.wait(lambda: has_ended(helper), 20,
                     "reflash-download ends with reflashctl")
        for _ in range(3):  # what was handed over is carried out by then
            world.daemon.ask("status")
        there = world.files()
        outcome.append("whole" if name in there else "none")
        lan.expect(there.pop(name, world.sha), world.sha, name)
        lan.expect(there, before, "the files")
        if name in world.files():
            os.unlink(os.path.join(world.daemon.images, name))
    print("killed at %d moments: %s" % (MOMENTS, " ".join(outcome)))


def expect_progress_on_a_terminal(world, server):
    """A line with bytes, rate and time that is left; nothing in a pipe."""
    def way(c, data):
        c.sendall(web.head(len(data)))
        for at in range(0, len(data), 50000):
            c.sendall(data[at:at + 50000])
            time.sleep(0.15)
    server.ways["/bar.bin"] = way
    words = [os.path.join(lan.BUILD, "reflashctl"), "--socket",
             world.daemon.control, "download", server.url + "/bar.bin",
             "--sha256", world.sha]
    done = subprocess.run(
        ["script", "-qec", " ".join(words), "/dev/null"],
        stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
        env=dict(os.environ, LC_ALL="C.UTF-8", TERM="xterm", COLUMNS="100"))
    text = done.stdout.decode()
    for word in ("bar.bin", " of 504848 bytes", "KiB/s", " left", "\x1b[K"):
        if word not in text:
            raise lan.Failure("%r is not in %r" % (word, text))
    bars = [line for line in text.split("\r") if "left" in line]
    print("on a terminal:", re.sub(r"\x1b\[[0-9;]*[mK]", "", bars[-1]))
    piped = world.row("in a pipe", [server.url + "/bar.bin", "--sha256",
                                    world.sha], 0, "is there already")
    if "left" in piped.stdout + piped.stderr:
        raise lan.Failure("a bar in a pipe: %r" % piped.stdout)


def expect_disk_full_named(world, server):
    world.daemon.stop()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=65536,mode=700",
                    "tmpfs", world.daemon.images], check=True)
    world.daemon.start()
    world.row("disk full", [server.url + "/good.bin", "--sha256", world.sha], 1,
              "is full", "make room")
    lan.expect(world.files(), {}, "what is left on the full disk")
    world.daemon.stop()
    subprocess.run(["umount", world.daemon.images], check=True)
    world.daemon.start()


def may_be_others():
    """A user namespace may have no other users."""
    with open("/proc/self/uid_map") as f:
        return int(f.read().split()[2]) > 60000


def main(folder):
    if not os.path.exists(lan.BUILD + "/reflash-download"):
        lan.skip("built without libcurl")
    world = World(folder)
    with lan.stopped_at_end(world.daemon):
        world.daemon.start()
        server = urls(world)
        expect_rows(world, server)
        expect_others(world, server)
        expect_catalogue(world, server)
        expect_manifests(world, server)
        expect_name_kept(world, server)
        expect_used_name_kept(world, server)
        expect_killed_leaves_nothing(world, server)
        expect_progress_on_a_terminal(world, server)
        if os.geteuid() == 0 and may_be_others():
            expect_rights(world, server)
        if os.geteuid() == 0:
            expect_disk_full_named(world, server)


lan.run(main, DEVICES)
