#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Completion in bash, zsh and fish, as people press Tab in them."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

from fake import Fake
from terminal import Terminal

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
PROGRAM = os.path.join(os.getcwd(), "reflashctl")

tmp = tempfile.TemporaryDirectory()
path = os.path.join(tmp.name, "control.sock")
catalog = os.path.join(tmp.name, "catalog")
os.mkdir(catalog)
for name in "garage", "tasmota-lite":
    with open("%s/%s.image" % (catalog, name), "w") as f:
        f.write("Name=%s\nSize=1\nSha256=%064d\nUrl=http://h/x\n" % (name, 0))
environment = dict(REFLASHD_SOCKET=path, REFLASHD_CATALOG=catalog, LC_ALL="C.UTF-8", HOME=tmp.name,
                   PATH="%s:%s" % (os.getcwd(), os.environ["PATH"]),
                   XDG_CONFIG_HOME=tmp.name, XDG_DATA_HOME=tmp.name)


def offers(*words, **change):
    """The words that reflashctl itself offers for the last one."""
    done = subprocess.run([PROGRAM, "_complete", *words], text=True,
                          env=dict(environment, **change),
                          capture_output=True, timeout=30)
    assert done.returncode == 0 and done.stderr == "", (words, done)
    return [line.split("\t")[0] for line in done.stdout.splitlines()]


def every_place_has_its_words():
    with Fake(path, 15):
        ids = ["100000000%x" % i for i in range(15)]
        verbs = offers("")
        assert verbs[:3] == ["status", "devices", "show"], verbs
        assert offers("sh") == verbs  # the shell chooses among them
        assert offers("--json", "") == verbs
        assert offers("help", "") == verbs
        for verb in "show", "devices", "plan", "forget", "history", "wait":
            assert offers(verb, "") == ids, verb
        assert offers("sh", "") == ids  # show
        assert offers("re", "") == []   # which one?
        assert offers("show", ids[0], "") == []
        assert offers("status", "") == offers("reload", "") == []
        assert offers("approve", "") == [ids[3]]
        assert offers("approve", ids[3], "") == []
        assert offers("retry", "") == [ids[14]]
        assert offers("flash", "") == ids[:4] + ids[12:]
        assert offers("cancel", "") == ids[3:12]
        subprocess.run([PROGRAM, "cancel", ids[3]], env=environment,
                       check=True, capture_output=True, timeout=30)
        assert offers("retry", "") == [ids[3], ids[14]]
        assert offers("cancel", "") == ids[4:12]
        assert offers("pause", "") == ["50-sonoff-mini"]
        assert offers("resume", "") == []
        assert offers("policy", "") == ["50-sonoff-mini"]
        assert offers("policies", "") == []
        assert offers("doctor", "") == []
        assert offers("doctor", "--config", "") == [":files"]
        assert offers("propose", "") == [i for i in ids if i != ids[2]]
        assert offers("propose", "--image", "")[:1] == ["image-000.bin"]
        images = ["image-%03d.bin" % i for i in range(15)]
        assert offers("flash", "--image", "") == images
        assert offers("flash", "--image=im") == images
        assert offers("flash", "--image", "./x") == [":files"]
        assert offers("add", "") == [":files"]
        assert offers("add", "a.bin", "") == offers("images", "") == []
        assert offers("add", "--as", "") == []
        assert offers("download", "") == ["garage", "tasmota-lite"]
        assert offers("download", "./m") == [":files"]
        assert offers("download", "--sha256", "") == []
        assert offers("download", "garage", "") == []
        assert offers("check", "") == offers("check", "a.bin", "") == [":files"]
        common = offers("-")
        states = offers("wait", ids[0], "--state", "")
        assert offers("label", "") == ids
        assert offers("label", ids[0], "") == []
        assert states[0] == "seen" and states[-1] == "failed", states
        assert offers("wait", "--state=ver") == states
        assert offers("devices", "--state=held,f") == \
            offers("devices", "--state", "held,f") == \
            ["held," + state for state in states]
        assert offers("devices", "--policy", "") == ["50-sonoff-mini"]
        assert offers("devices", "--") == common + [
            "--state", "--policy", "--attention"]
        assert offers("wait", "--state", "seen", "") == ids
        assert offers("wait", ids[0], "--timeout", "") == ["30s", "10m", "1h"]
        # An image has its place; only a path leads elsewhere.
        assert offers("flash", "--image", "") == offers("flash", "--image=x") \
            == offers("propose", "--image", "") != []
        assert offers("flash", "--image=./x") == \
            offers("flash", "--image", "/tmp/") == offers("--socket", "") == \
            [":files"]
        assert offers("flash", "--sha256", "") == offers("flash", "--who", "") \
            == []
        assert offers("cancel", "--policy", "") == ["50-sonoff-mini"]
        assert common == ["--socket", "--json", "--help", "--version"]
        several = ["--all", "--policy"]
        order = ["--sha256", "--who", "--yes", "--wait"]
        assert set(offers("flash", "--")) == set(
            common + several + order + ["--image", "--again", "--timeout"])
        assert set(offers("approve", "--a")) == set(
            common + several + order + ["--timeout"])
        assert set(offers("retry", "--")) == set(offers("approve", "-")) - {
            "--yes"}
        assert set(offers("cancel", "--")) == set(
            common + several + ["--who"])
        # The daemon that is meant is the one that is asked.
        assert offers("--socket", "/none", "show", "") == []
        assert offers("--socket", path, "show", "",
                      REFLASHD_SOCKET="/none") == ids
        assert offers("-s", path, "show", "", REFLASHD_SOCKET="/none") == ids
        # A label is one word of the shell, or is not offered.
        for ident, label in (ids[0], "Hall"), (ids[1], "living room"):
            subprocess.run([PROGRAM, "label", ident, label], check=True,
                           env=environment, capture_output=True, timeout=30)
        assert offers("show", "") == ids[:1] + ["Hall"] + ids[1:]
        assert offers("forget", "Hall", "") == ids[1:]
    assert offers("show", "") == offers("pause", "") == []


BASH_COMPLETION = "/usr/share/bash-completion/bash_completion"
BASH = """PS1='$ '
. %s
bind 'set show-all-if-ambiguous on'
""" % BASH_COMPLETION
ZSH = """PS1='$ '
fpath=(%s/completions/zsh $fpath)
autoload -U compinit && compinit -u -D
setopt no_list_ambiguous
""" % TOP
FISH = """function fish_prompt; echo -n '$ '; end
function fish_greeting; end
set -g fish_autosuggestion_enabled 0
set -g fish_complete_path %s/completions/fish $fish_complete_path
""" % TOP


def start(shell):
    """The shell on a terminal, with nothing of a person's own."""
    if shell == "bash":
        # As it finds what a package has installed.
        folder = os.path.join(tmp.name, "share/bash-completion/completions")
        os.makedirs(folder)
        for name in "reflashctl", "reflashd", "reflash-sim":
            shutil.copy(os.path.join(TOP, "completions/bash", name), folder)
        with open(os.path.join(tmp.name, "bashrc"), "w") as f:
            f.write(BASH)
        command = ["bash", "--noprofile", "--rcfile", f.name, "-i"]
    elif shell == "zsh":
        with open(os.path.join(tmp.name, ".zshrc"), "w") as f:
            f.write(ZSH)
        command = ["zsh", "-i"]
    else:
        command = ["fish", "--no-config", "-C", FISH]
    return Terminal(100, 40, command, dict(
        environment, ZDOTDIR=tmp.name,
        XDG_DATA_DIRS=os.path.join(tmp.name, "share")))


def press_tab(terminal, typed, *patterns):
    """Typed and then Tab; what must be seen after it."""
    terminal.type("C-u", "C-l")
    terminal.see(r"\A\$ *\Z")
    terminal.type("-l", typed)
    terminal.see(r"^\$ " + re.escape(typed) + " *$")
    terminal.type("Tab")
    terminal.see(*patterns)


def in_the_shell(shell):
    with Fake(path, 5), start(shell) as terminal:
        terminal.see(r"^\$ *$")
        press_tab(terminal, "reflashctl stat", r"^\$ reflashctl status *$")
        press_tab(terminal, "reflashctl show 1000000000",
                  r"^\$ reflashctl show 1000000000 *$")
        press_tab(terminal, "reflashctl show 10", r"\b1000000000\b",
                  r"\b1000000001\b", r"\b1000000004\b")
        press_tab(terminal, "reflashctl --json app 10",
                  r"^\$ reflashctl --json app 1000000003 *$")
        press_tab(terminal, "reflashctl pause 50",
                  r"^\$ reflashctl pause 50-sonoff-mini *$")
        press_tab(terminal, "reflashctl policy 50",
                  r"^\$ reflashctl policy 50-sonoff-mini *$")
        press_tab(terminal, "reflashctl wait 1000000001 --state down",
                  r"--state downloading *$")
        press_tab(terminal, "reflashctl wait 1000000001 --state=reb",
                  r"--state=rebooting *$")
        press_tab(terminal, "reflashctl flash 1000000001 --ag",
                  r"^\$ reflashctl flash 1000000001 --again *$")
        image = os.path.join(tmp.name, "an image.bin")
        with open(image, "w"):
            pass
        press_tab(terminal, "reflashctl check %s/an" % tmp.name,
                  r"an\\ image.bin *$")
        the_other_programs(terminal)
        os.unlink(image)


def the_other_programs(terminal):
    press_tab(terminal, "reflashd --vers", r"^\$ reflashd --version *$")
    press_tab(terminal, "reflashd -D disc", r"^\$ reflashd -D discovery *$")
    press_tab(terminal, "reflashd -c %s/an" % tmp.name, r"an\\ image.bin *$")
    press_tab(terminal, "reflash-sim --list-f",
              r"^\$ reflash-sim --list-faults *$")
    press_tab(terminal, "reflash-sim ima", r"^\$ reflash-sim image *$")
    press_tab(terminal, "reflash-sim image tasmota-full-",
              r"^\$ reflash-sim image tasmota-full-gz *$")
    press_tab(terminal, "reflash-sim image --payload espho",
              r"^\$ reflash-sim image --payload esphome *$")
    press_tab(terminal, "reflash-sim --device fault=announce-l",
              r"^\$ reflash-sim --device fault=announce-late *$")
    press_tab(terminal, "reflash-sim --each fw=3.6.0,reb",
              r"^\$ reflash-sim --each fw=3.6.0,reboot-ms= *$")
    press_tab(terminal, "reflash-sim --report %s/an" % tmp.name,
              r"an\\ image.bin *$")


def main():
    every_place_has_its_words()
    print("ok every place has its words")
    missing = []
    for shell in "bash", "zsh", "fish":
        if shutil.which(shell) and os.path.exists(BASH_COMPLETION):
            in_the_shell(shell)
            print("ok in", shell, flush=True)
        else:
            missing.append(shell)
    if missing:
        print("SKIP: not here, or no bash-completion:", ", ".join(missing))
        return 77
    return 0


sys.exit(main())
