#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The parts of the add-on fit together: each option has a type, a default or a ?, words
in each language and in DOCS.md, and is used by addon/start, which uses no other; the
version is that of the tree, and the ports are those of the page.  In a checkout, what
addon/local.sh makes fits, too.
"""
import json
import os
import re
import struct
import subprocess
import sys
import tempfile

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def read(name):
    with open(os.path.join(TOP, name), encoding="utf-8") as f:
        return f.read()


def mapping(text, name):
    """{key: value} of a mapping of one level; a list is [] with its first item."""
    block = re.search(r"^%s:\n((?:  .*\n)*)" % name, text, re.MULTILINE).group(1)
    return {key: value.strip() or items.strip()
            for key, value, items in re.findall(
                r"^  (\w+):(.*)\n((?:    .*\n)*)", block, re.MULTILINE)}


def value(config, key):
    return re.search(r'^%s: "?(.*?)"?$' % key, config, re.MULTILINE).group(1)


def options_fit(config, start):
    schema, defaults = mapping(config, "schema"), mapping(config, "options")
    needed = {name for name, kind in schema.items() if not kind.endswith("?")}
    yield "options with a default", set(defaults), needed
    yield "options that are used", set(
        re.findall(r"\$\(option (\w+)", start)) | set(re.findall(
            r"\(option (\w+)\)", start)), set(schema)
    yield "options that can be wrong", set(
        re.findall(r"\bwrong (\w+) ", start)) - set(schema), set()
    yield "options in DOCS.md", set(re.findall(
        r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", read(
            "addon/DOCS.md"), re.MULTILINE)))) & set(schema), set(schema)
    for name in os.listdir(os.path.join(TOP, "addon/translations")):
        yield name, set(mapping(read("addon/translations/" + name),
                                "configuration")), set(schema)
        for key, words in mapping(read("addon/translations/" + name),
                                  "configuration").items():
            yield "%s: %s" % (name, key), re.findall(
                r"(?:^|\n    )(\w+):", words), ["name", "description"]
    modes = re.search(r"list\((.*)\)", schema["mode"]).group(1).split("|")
    yield "modes", set(re.findall(r"\b(?:ask|observe|flash|policies)\b", re.search(
        r"case \$mode in(.*?)esac", start, re.DOTALL).group(1))), set(modes)
    test = re.search(r"^OPTIONS = (\{.*?\})", read("tests/addon/addon.py"),
                     re.MULTILINE | re.DOTALL).group(1)
    test = json.loads(re.sub(r"\s+", " ", test).replace("True", "true")
                      .replace("False", "false"))
    yield "defaults of the tests", {
        name: one if isinstance(one, str) else json.dumps(one)
        for name, one in test.items()}, defaults


def versions_fit(config):
    version = re.search(r"AC_INIT\(\[reflashd\], \[(.*?)\]",
                        read("configure.ac")).group(1)
    yield "the version", value(config, "version"), version
    yield "the version of the image", re.search(
        r"^ARG BUILD_VERSION=(.*)$", read("Containerfile"),
        re.MULTILINE).group(1), version
    yield "the newest changes", re.search(
        r"^## (.*)$", read("addon/CHANGELOG.md"), re.MULTILINE).group(1), version


def ports_fit(config, start):
    port = re.search(r"^PAGE=[\d.]+:(\d+)", start, re.MULTILINE).group(1)
    yield "ingress_port", value(config, "ingress_port"), port
    yield "watchdog", value(config, "watchdog"), (
        "http://[HOST]:[PORT:%s]/api/v1/status" % port)


def the_local_one_fits(folder):
    """What local.sh makes, from which Home Assistant builds the last stage."""
    made = os.path.join(folder, "reflashd")
    subprocess.run([os.path.join(TOP, "addon/local.sh"), made], check=True)
    yield "files of the local add-on", {
        "config.yaml", "Dockerfile", "DOCS.md", "icon.png", "translations"} - set(
            os.listdir(made)), set()
    yield "configurations in it", [
        os.path.relpath(os.path.join(path, name), made)
        for path, _, names in os.walk(made) for name in names
        if name == "config.yaml"], ["config.yaml"]
    with open(made + "/config.yaml") as f:
        yield "its image", re.findall("^image:", f.read(), re.MULTILINE), []
    with open(made + "/Dockerfile") as f:
        yield "its last stage", re.findall(
            "^FROM .* AS (.*)$", f.read(), re.MULTILINE | re.IGNORECASE)[-1], "addon"


def is_checkout():
    return subprocess.call(["git", "-C", TOP, "ls-files", "--error-unmatch",
                            "addon/start"], stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL) == 0


def pictures_fit():
    for name, want in (("icon", (128, 128)), ("logo", (250, 100))):
        with open(os.path.join(TOP, "addon", name + ".png"), "rb") as f:
            head = f.read()
        yield name, struct.unpack(">II", head[16:24]), want
        yield name + " is small", len(head) < 10000, True


def main():
    config = read("addon/config.yaml")
    start = re.sub(r"^\s*#.*", "", read("addon/start"), flags=re.MULTILINE)
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        rows = [*options_fit(config, start), *versions_fit(config),
                *ports_fit(config, start), *pictures_fit(),
                *(the_local_one_fits(folder) if is_checkout() else ())]
    for what, have, want in rows:
        if have != want:
            wrong += 1
            print("%s: %s instead of %s" % (what, have, want))
    sys.exit(min(wrong, 1))


main()
