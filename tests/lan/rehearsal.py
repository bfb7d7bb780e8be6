#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""./run as a person sees it: the rehearsal on a terminal and in a pipe, ended by
Ctrl-C or q at any time, and the first look at a LAN without a policy.

The tree is a copy in which "make install" puts there what is built already.
"""
import os
import re
import subprocess
import sys
import tempfile
import time

import lan

sys.path.append(os.path.join(os.path.dirname(__file__), "../ctl"))
from terminal import Terminal  # noqa: E402

SOURCES = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
PROGRAMS = {"sbin": ["reflashd"], "bin": ["reflashctl", "reflash-sim"]}

CONFIGURE = """#!/bin/sh
cat >Makefile <<'END'
abs_top_srcdir = %s
install:
	%s
END
"""

WORKED = ["It worked: the virtual device was flashed, and saw nothing wrong.",
          "Nothing real was touched; the log is build/rehearsal/reflashd.log.",
          "Next, look at your own network, and only look: ./run --lan"]


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, mode)


def recipe(tree, wait=""):
    """What make install does: links to the programs, after it has waited."""
    root = os.path.join(tree, "build/root")
    commands = [wait] if wait else []
    for folder, names in PROGRAMS.items():
        commands.append("mkdir -p %s/%s" % (root, folder))
        commands += ["ln -sf %s/%s %s/%s/" % (lan.BUILD, name, root, folder)
                     for name in names]
    return " && ".join(commands)


def make_tree(folder, name, wait=""):
    """A copy of ./run that has nothing to install and nothing to compile."""
    tree = os.path.join(folder, name)
    os.makedirs(tree)
    for path in ("run", ".ci", "tests/lan/rehearse.sh"):
        os.makedirs(os.path.dirname(os.path.join(tree, path)), exist_ok=True)
        subprocess.run(["cp", "-r", os.path.join(SOURCES, path),
                        os.path.join(tree, path)], check=True)
    write(os.path.join(tree, "configure.ac"), "")
    write(os.path.join(tree, "Makefile.am"), "")
    write(os.path.join(tree, "Makefile.in"), "")
    write(os.path.join(tree, "configure"),
          CONFIGURE % (tree, recipe(tree, wait)), 0o755)
    write(os.path.join(tree, "bin/dpkg-query"), """#!/bin/bash
. %s/.ci/lib.sh
printf 'ii  %%s\\n' "${BUILD_PACKAGES[@]}" "${LAN_PACKAGES[@]}"
""" % tree, 0o755)
    return tree


def environment(tree):
    return {"PATH": tree + "/bin:" + os.environ["PATH"], "NO_COLOR": "1",
            "LC_ALL": "C.UTF-8"}


def on_terminal(tree, command):
    """The command in a shell that outlives it, and tells how it has ended."""
    return Terminal(80, 24, [
        "sh", "-c", "cd %s; trap : INT; %s; echo rc=$?; "
        "stty -a | grep -o ' -*icanon'; cat" % (tree, command)],
        environment(tree))


def nothing_left(tree):
    """No process of this tree runs on, and its sockets are gone."""
    lan.wait(lambda: subprocess.run(
        ["pgrep", "-f", "^(/bin/sh|bash|[^ ]*reflash)[^ ]* .*%s" % tree],
        stdout=subprocess.DEVNULL).returncode == 1, 10, "no process")


def ended(terminal, tree, code):
    """The picture after it has ended with this code, as a terminal should be."""
    lines = terminal.see("rc=%s$" % code, "^ icanon$")
    nothing_left(tree)
    return lines


def watch_until_the_end(folder):
    tree = make_tree(folder, "whole")
    with on_terminal(tree, "./run 1") as terminal:
        terminal.see("^1 device: 1 downloading$", r"^1000a05bf6 .* \d+ %")
        terminal.see("^1 device: 1 rebooting$")
        lines = ended(terminal, tree, 0)
    print("\n".join(lines))
    at = lines.index(WORKED[0])
    lan.expect(lines[at:at + 3], WORKED, "the last three lines")
    lan.expect(lines[0].startswith("Building: about "), True, lines[0])
    lan.expect(lines[1], "Flashing virtual devices on a virtual LAN: about "
               "25 s", "what follows")
    lan.expect(at < 12, True, "few lines: %s" % lines)


def in_a_pipe(folder):
    tree = make_tree(folder, "pipe")
    got = subprocess.run(["./run", "1"], cwd=tree, stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         env=dict(os.environ, **environment(tree)),
                         universal_newlines=True)
    print(got.stdout)
    lines = got.stdout.split("\n")
    lan.expect(got.returncode, 0, "exit code")
    lan.expect([line for line in lines if len(line) > 80], [], "long lines")
    lan.expect(len(lines) < 40, True, "not %d lines" % len(lines))
    lan.expect(lines[-4:], WORKED + [""], "the last three lines")
    for word in ("^Action=flash$", "accepted: tasmota", "^1000a05bf6 .*flashed",
                 "^No device saw a breach"):
        lan.expect(bool(re.search(word, got.stdout, re.M)), True, word)


def ended_while_it_builds(folder):
    tree = make_tree(folder, "building", "echo explained >&2; sleep 600")
    with on_terminal(tree, "./run 1") as terminal:
        terminal.see("^Building: ")
        lan.wait(lambda: os.path.exists(tree + "/build/run-make.log"), 10,
                 "make")
        terminal.type("C-c")
        lines = ended(terminal, tree, 130)
    lan.expect("explained" in "\n".join(lines), False, "make's output")


def ended_by(folder, key, code):
    """While a download is under way."""
    tree = make_tree(folder, "ended-" + key)
    with on_terminal(tree, "./run 1") as terminal:
        terminal.see("^1 device: 1 downloading$")
        terminal.type(key)
        lines = ended(terminal, tree, code)
    lan.expect("You have ended the rehearsal." in lines, key == "q", lines)


def ended_before_it_watches(folder):
    """Ctrl-C as soon as the virtual LAN is being made, ten times."""
    tree = make_tree(folder, "early")
    for n in range(10):
        with on_terminal(tree, "./run 1") as terminal:
            terminal.see("^Flashing virtual devices")
            time.sleep(n * 0.05)  # another moment each time
            terminal.type("C-c")
            lines = ended(terminal, tree, 130)
        lan.expect(re.findall("(?i)error|cannot|unbound|traceback",
                              "\n".join(lines)), [], lines)


def look_at_a_lan(folder):
    """./run --lan without a policy: no folder, and two commands to type."""
    tree = make_tree(folder, "lan")
    with on_terminal(tree, "%s --quiet --devices 2 -- ./run --lan" %
                     lan.SIM) as terminal:
        lines = terminal.see(r"^\d\d:\d\d:\d\d device 1000a05bf7 .*: seen")
        print("\n".join(lines))
        text = "\n".join(lines)
        lan.expect("Only looking: there is no policy.  Ctrl-C ends it." in
                   lines, True, "the first line")
        typed = re.findall("^  (build/reflashctl [a-z]+)  ", text, re.M)
        lan.expect(len(typed), 2, "commands to type")
        lan.expect(re.findall("policy.d|images|make it with|examples", text),
                   [], "folders")
        for command, said in zip(typed, ("1000a05bf6", "no image yet")):
            # A device that was just seen is asked first.
            lan.wait(lambda: said in subprocess.run(
                command.split(), cwd=tree, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, universal_newlines=True).stdout,
                30, "%s says: %s" % (command, said))
        terminal.type("C-c")
        # reflash-sim, which is told as well, may have ended first.
        ended(terminal, tree, "(0|130)")


if subprocess.call([lan.SIM, "--quiet", "--devices", "1", "--", "sh", "-c",
                    '[ "$REFLASH_SIM" = namespace ]']) != 0:
    lan.skip("no namespaces here for a virtual LAN")
with tempfile.TemporaryDirectory() as tmp:
    watch_until_the_end(tmp)
    in_a_pipe(tmp)
    ended_while_it_builds(tmp)
    ended_by(tmp, "q", 130)
    ended_by(tmp, "C-c", 130)
    ended_before_it_watches(tmp)
    look_at_a_lan(tmp)
