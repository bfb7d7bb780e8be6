# SPDX-License-Identifier: ISC
"""What a new user meets, and reads: newuser.py FOLDER."""
import os
import re
import subprocess
import sys

import lan


class Fresh(lan.Daemon):
    """Nothing is there but a configuration that says where it would be."""

    def __init__(self, folder):
        super().__init__(folder, discovery=dict(Backend="embedded"),
                         state="var/state")
        self.control = os.path.join(folder, "run/control.sock")
        with open(self.conf) as f:
            text = f.read().replace(folder + "/control", self.control)
        with open(self.conf, "w") as f:
            f.write(text)
        for path in self.images, self.policies:
            os.rmdir(path)

    def says(self, text):
        """As a person reads it: with short paths, without our name."""
        return re.sub(r"^reflashd: ", "", text.replace(
            self.folder + "/", "/"), flags=re.M)

    def check(self, code=0):
        """What reflashd -t says."""
        done = subprocess.run(
            [lan.BUILD + "/reflashd", "-c", self.conf, "-t"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, universal_newlines=True, timeout=30)
        lan.expect(done.returncode, code, "exit code of reflashd -t")
        return self.says(done.stdout)

    def log_lines(self, subject):
        return [line for line in self.says(
            "\n".join(self.logged(""))).split("\n")
            if line.startswith(subject)]


def version():
    """As in "reflashd 0.1.0"."""
    return subprocess.run([lan.BUILD + "/reflashd", "-V"], check=True,
                          stdout=subprocess.PIPE, universal_newlines=True
                          ).stdout.split("\n")[0]


def do_as_told(text):
    """Type each command that it names."""
    commands = re.findall(r"make it with: (.*)$", text, flags=re.M)
    for command in commands:
        subprocess.run(command, shell=True, check=True)
    return len(commands)


def no_state_directory(fresh):
    """It cannot start without, and says what to do."""
    fresh.launch()
    lan.expect(fresh.process.wait(20), 1, "exit code")
    said = fresh.logged("StateDirectory")
    lan.expect(fresh.says("\n".join(said)),
               "StateDirectory: /var/state: No such file or directory; make "
               "it with: install -d -o root -m 755 /var/state", "first words")
    lan.expect(do_as_told("\n".join(said)), 1, "commands")


def first_words(fresh):
    fresh.start()
    lan.expect(fresh.log_lines("reflashd "),
               [version() + ": devices fetch from TCP port 8266, reflashctl "
                "asks at /run/control.sock"], "what it listens on")
    lan.expect(fresh.log_lines("policies: "),
               ["policies: none in /policy.d: devices are only observed, "
                "nothing is flashed",
                "policies: there is no /policy.d; make it with: install -d "
                "/policy.d"], "policies")
    lan.expect(fresh.log_lines("images: "),
               ["images: there is no /images; make it with: install -d "
                "/images"], "images")
    ctl = "reflashctl --socket /run/control.sock "
    said, = fresh.log_lines("next: ")
    where = re.search(r"\((see reflashd-policy\(5\)|"
                      r"examples are in /[^ ]*/examples)\)", said)
    lan.expect(said, 'next: "%sdevices" tells who is there; put a policy into '
               '/policy.d %s, then "%sreload", and "%splan" tells what it '
               'would do' % (ctl, where and where.group(), ctl, ctl), "next")
    print("\n".join(fresh.log_lines("")))
    lan.expect(do_as_told("\n".join(fresh.logged("make it"))), 3, "commands")
    fresh.ctl("reload")
    lan.expect(len(fresh.logged("make it")), 3, "folders that are missed")


def main(folder):
    fresh = Fresh(folder)
    with lan.stopped_at_end(fresh):
        no_state_directory(fresh)
        first_words(fresh)


main(*sys.argv[1:])
