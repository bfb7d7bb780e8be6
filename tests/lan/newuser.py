#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The first day of a new user: what each program says, word for word, and that
the commands it names do what they say.
"""
import os
import re
import shutil
import subprocess

import lan

DEVICES = """
    --devices 2
    --device id=1000e00001,fault=encrypted
"""
PAIRED = "1000e00001"


class Fresh(lan.Daemon):
    """Nothing is there but a configuration that says where it would be."""

    def __init__(self, folder):
        super().__init__(folder, discovery=dict(Backend="embedded"),
                         state="var/state")
        usual = self.control
        self.control = os.path.join(folder, "run/reflashd/control.sock")
        with open(self.conf) as f:
            text = f.read().replace(usual, self.control)
        with open(self.conf, "w") as f:
            f.write(text)
        for path in self.images, self.policies, os.path.dirname(usual):
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
    """As in "reflashd 0.2.0"."""
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
               [version() + ": devices download from TCP port 8266; "
                "reflashctl connects to /run/reflashd/control.sock"], "what it listens on")
    lan.expect(fresh.log_lines("policies: "),
               ["policies: none: devices are only observed, nothing is flashed",
                "policies: there is no /policy.d; make it with: install -d "
                "/policy.d"], "policies")
    lan.expect(fresh.log_lines("images: "),
               ["images: there is no /images; make it with: install -d "
                "/images"], "images")
    ctl = "reflashctl --socket /run/reflashd/control.sock "
    said = fresh.log_lines("next: ")
    lan.expect(said, [
        "next: to see which devices can be flashed: %sdevices" % ctl,
        "next: to write a first policy for them: %spropose | sudo tee "
        "/policy.d/50-first.policy" % ctl,
        "next: to put it in force: %sreload" % ctl], "next")
    print("\n".join(fresh.log_lines("")))
    lan.expect(do_as_told("\n".join(fresh.logged("make it"))), 3, "commands")
    fresh.ctl("reload")
    lan.expect(len(fresh.logged("make it")), 3, "folders that are missed")


NEXT = ('next: "reflashctl reload" puts it in force, "reflashctl plan" shows '
        'what it means for each device\n')
GOOD = ("The configuration is good.\n"
        "policies: 1: /policy.d/50-mini.policy (flash)\n" + NEXT)
FLASH = dict(Action="flash", Image="tasmota-lite.bin")


def flat(text):
    """Without the breaks of lines."""
    return " ".join(text.split())


def expect_in(fresh, words, *said):
    """What reflashctl prints has all these texts."""
    text = fresh.ctl(*words)
    print("$ reflashctl %s\n%s" % (" ".join(words), fresh.says(text)), end="")
    for one in said:
        if one not in flat(text):
            raise lan.Failure("reflashctl %s: %r is not in: %s" % (
                " ".join(words), one, flat(text)))


def checked(fresh, want, code=0):
    text = fresh.check(code)
    lan.expect(text, want, "reflashd -t")
    print("$ reflashd -t\n" + text, end="")


def bad_key(fresh):
    """The key that was meant, or all that there are."""
    for key, instead in (
            ("Imgae", "did you mean Image=?"),
            ("Colour", "there is Action=, Image=, Sha256=, Attempts=, "
             "Window=")):
        fresh.policy("50-mini", {**FLASH, key: "x"})
        checked(fresh, "/policy.d/50-mini.policy:6: there is no %s= in "
                "[Flash]; %s\n" % (key, instead), 1)


def no_image(fresh):
    fresh.policy("50-mini", FLASH, match=dict(Type="diy_plug"))
    put = ('Put it there under the name that the policy has: "reflashctl '
           'add" takes a file of yours, "reflashctl download" lists what it '
           "can get. Or write another Image= into the policy, and run: "
           "reflashctl reload")
    checked(fresh, "/policy.d/50-mini.policy:5: Image=tasmota-lite.bin: there "
            "is no image /images/tasmota-lite.bin. %s\n" % put, 1)
    fresh.ctl("reload")
    plug = lan.sim_devices()[-1][1]
    fresh.wait_for(plug, "refused", 10, "image-missing")
    missing = "there is no image %s/tasmota-lite.bin" % fresh.images
    expect_in(fresh, ["plan"], "%s refuse tasmota-lite.bin 50-mini "
              "image-missing" % plug, "image-missing: the image file of the policy "
              "is not there (%s) %s" % (missing, put))
    expect_in(fresh, ["show", plug], "state refused: image-missing",
              "detail " + missing, "what to do " + put)
    fresh.policy("10-all", dict(Action="observe"))
    fresh.ctl("reload")  # or it would begin to flash
    os.remove(fresh.policies + "/10-all.policy")
    lan.make_image(fresh.images + "/tasmota-lite.bin", "unknown")
    checked(fresh, "/policy.d/50-mini.policy:5: Image=tasmota-lite.bin: it is "
            "of no project that is known here\n" + GOOD)
    lan.make_image(fresh.images + "/tasmota-lite.bin", "valid")
    checked(fresh, GOOD)


def no_match(fresh):
    """One that is not at home, and one that can be nowhere."""
    fresh.policy("50-mini", FLASH, match=dict(DeviceId="1000ffffff"))
    checked(fresh, GOOD)
    fresh.ctl("reload")
    why = ("no device fits it: DeviceId= fits 0 of 3; correct its [Match] "
           "(reflashctl devices says what they are)")
    said = fresh.ctl("flash", PAIRED, code=1)
    lan.expect(said.endswith("it is in eWeLink mode, in which it takes no image "
                             "from your network; to see how to change that: "
                             "reflashctl show %s\n" % PAIRED), True, said)
    expect_in(fresh, ["plan"], "no policy fits it",
              "policy 50-mini applies to no device: " + why)
    expect_in(fresh, ["status"], "50-mini: flash, 0 devices: " + why)
    fresh.policy("50-mini", FLASH, match=dict(DeviceId="eWeLink_1000ffffff"))
    checked(fresh, "/policy.d/50-mini.policy: DeviceId=eWeLink_1000ffffff "
            "fits no device: an id has ten hexadecimal digits, as in "
            "1000a05bf6\n" + GOOD)
    fresh.policy("10-all", dict(Action="observe"), match=dict(DeviceId="*"))
    fresh.policy("50-mini", FLASH, match=dict(Type="diy_plug"))
    fresh.ctl("reload")
    expect_in(fresh, ["plan"], "policy 50-mini applies to no device: it fits 2 devices, "
              "but 10-all comes before it and decides")
    os.remove(fresh.policies + "/10-all.policy")


def paired(fresh):
    """Still in eWeLink mode: how to change that."""
    fresh.policy("50-mini", dict(Action="ask", Image="tasmota-lite.bin"))
    fresh.ctl("reload")
    fresh.wait_for(PAIRED, "refused", 10, "not-diy-mode")
    how = ("Delete it from the eWeLink app. Hold its button for 5 s, release it, "
           "hold it again for 5 s. Join its access point ITEAD-%s (password "
           "12345678) and enter your Wi-Fi at http://10.10.7.1. The device is "
           "then found by itself" % PAIRED)
    expect_in(fresh, ["plan"], "not-diy-mode: the device is in eWeLink mode, "
              "where it accepts no firmware from your network", how)
    expect_in(fresh, ["show", PAIRED], "state refused: not-diy-mode",
              "what to do " + how, "in eWeLink mode")
    refused = fresh.ctl("flash", PAIRED, code=1)
    lan.expect("refused: not-diy-mode: the device is in eWeLink mode" in
               refused and how in refused, True, "flash: " + refused)
    lan.expect(fresh.ctl("retry", PAIRED, code=1), refused, "retry")
    fresh.ctl("flash", PAIRED, "--image", "missing.bin", code=1)


EXAMPLES = ["observe-everything", "sonoff-mini-esphome", "sonoff-mini-tasmota"]


def examples(fresh):
    """Each as a user copies it, with its images."""
    etc = os.path.join(os.environ.get("srcdir", "."), "etc")
    for kind, name in (("valid", "tasmota-lite.bin"),
                       ("esphome", "sonoff-mini-esphome.bin"),
                       ("tasmota-full-gz", "tasmota.bin.gz")):
        lan.make_image(os.path.join(fresh.images, name), kind)
    for name in EXAMPLES:
        for old in os.listdir(fresh.policies):
            os.remove(os.path.join(fresh.policies, old))
        shutil.copy(os.path.join(etc, name + ".policy"), fresh.policies)
        text = fresh.check()
        print("$ reflashd -t\n" + text, end="")
        if not text.startswith("The configuration is good.\n"
                               "policies: 1: /policy.d/%s.policy" % name):
            raise lan.Failure("reflashd -t says of %s: %s" % (name, text))
    os.remove(fresh.images + "/tasmota.bin.gz")
    with open(os.path.join(etc, "sonoff-mini-tasmota.policy")) as f:
        line = f.read().split("\n").index("Upgrade=tasmota.bin.gz") + 1
    lan.expect(fresh.check(1).split(". ")[0],
               "/policy.d/sonoff-mini-tasmota.policy:%d: Upgrade=tasmota.bin.gz: "
               "there is no image /images/tasmota.bin.gz" % line, "no upgrade")


# First image, Upgrade= and its size, the minimal beside it, and what is said.
WAYS = [
    ("valid", "tasmota-full-gz", None, None, None),
    ("valid", "small", 622112, None,
     "its 622112 bytes do not fit into the 520192 that the first image leaves: "
     "put tasmota-minimal.bin into the same folder, or take the .bin.gz"),
    ("valid", "small", 622112, "minimal", None),
    ("valid", "small", 655008, "minimal",
     "its 655008 bytes do not even fit beside tasmota-minimal.bin, which "
     "leaves "),
    ("valid-old", "tasmota-full-gz", None, None,
     "only Tasmota 8.2 and later can unpack a .bin.gz"),
]


def put_way(fresh, first, upgrade, size, minimal):
    """Its policy and images; the name of the upgrade."""
    name = "full.bin.gz" if size is None else "full.bin"
    more = [] if size is None else ["--payload", "tasmota-14.6",
                                    "--size", str(size)]
    for folder in fresh.images, fresh.policies:
        for old in os.listdir(folder):
            os.remove(os.path.join(folder, old))
    lan.make_image(fresh.images + "/first.bin", first)
    lan.make_image(fresh.images + "/" + name, upgrade, *more)
    if minimal is not None:
        lan.make_image(fresh.images + "/tasmota-minimal.bin", minimal)
    fresh.policy("50-way", dict(Image="first.bin"),
                 verify=dict(Expect="tasmota"), finish=dict(Upgrade=name))
    return name


def ways(fresh):
    """The second step must be possible from the first."""
    for *way, why in WAYS:
        name = put_way(fresh, *way)
        text = fresh.check(0 if why is None else 1)
        want = "The configuration is good." if why is None else \
            r"50-way.policy:\d+: Upgrade=%s: %s" % (name, re.escape(why))
        if not re.search(want, text):
            raise lan.Failure("%s: %s" % (way, text))


TEMPLATE = ('{"NAME":"Mini","GPIO":[32,0,0,0,160,0,0,0,224,320,0,0,1,0],'
            '"FLAG":0,"BASE":1}')

# The image, what is expected of it, its set-up, and what is said.
ENDS = [
    ("esphome", "tasmota", {}, "it is ESPHome, and Expect=tasmota"),
    ("valid", "esphome", {}, "it is Tasmota, and Expect=esphome"),
    ("esphome", "auto", dict(Module=0), "only Tasmota can be set up"),
    ("tasmota-9.5", "tasmota", dict(Template=TEMPLATE), None),
    ("tasmota-9.5", "tasmota", dict(WebPasswordFile="/missing/password"),
     "WebPasswordFile=/missing/password: No such file"),
    ("tasmota-9.5", "tasmota", dict(WebPasswordFile="/dev/null"),
     "WebPasswordFile=/dev/null: it is not a regular file"),
    ("tasmota-9.5", "tasmota", dict(WebPasswordFile="credential"), None),
]


def ends(fresh):
    """What follows the flash must be possible, as far as the image tells."""
    for image, expect, finish, why in ENDS:
        lan.make_image(fresh.images + "/first.bin", image)
        fresh.policy("50-way", dict(Image="first.bin"),
                     verify=dict(Expect=expect), finish=finish)
        text = fresh.check(0 if why is None else 1)
        if (why or "The configuration is good.") not in text:
            raise lan.Failure("%s, %s: %s" % (image, expect, text))


def main(folder):
    fresh = Fresh(folder)
    with lan.stopped_at_end(fresh):
        no_state_directory(fresh)
        first_words(fresh)
        fresh.wait_for_all({"seen"}, 30)
        for act in bad_key, no_image, no_match, paired, examples, ways, ends:
            act(fresh)


lan.run(main, DEVICES)
