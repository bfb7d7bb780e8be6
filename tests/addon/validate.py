#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The add-on as Home Assistant's Supervisor judges it: its own validators read
config.yaml, the translations and repository.yaml, without a word of advice, and its own
check of options takes those that tests/addon/start.py uses, and refuses others.

    make check-addon [SUPERVISOR=FOLDER]

FOLDER is a clone of github.com/home-assistant/supervisor; without it, one is made.  Of
the Supervisor, only what validates is used, and the rest is left empty.  Needs the
index of Python packages, and Git.
"""
import logging
import os
import re
import subprocess
import sys
import tempfile
import types

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
ADDON = os.path.join(TOP, "addon")
URL = "https://github.com/home-assistant/supervisor"
PACKAGES = ["aiohttp", "awesomeversion", "pyyaml", "voluptuous"]
BARE = ("jobs", "store", "utils")  # packages without what is in their __init__.py
EMPTY = {"coresys": ("CoreSys", "CoreSysAttributes"),
         "hardware.data": ("Device",), "utils.dt": ("get_time_zone",),
         "utils.sentry": ("async_capture_exception",)}
GOOD = [dict(mode="observe"), dict(mode="ask", devices=["1000a0*"]),
        dict(mode="flash", devices=["1000a00001"], window="01:00-05:00"),
        dict(mode="policies", mqtt_host="broker.example", mqtt_port=8883,
             mqtt_user="x", mqtt_password="y", mqtt_tls=True, mqtt_site="home"),
        dict(approvers=["alice"], mqtt=False, debug=True)]
BAD = [dict(mode="flush"), dict(mode=None), dict(devices="1000a00001"),
       dict(mqtt="perhaps"), dict(mqtt_port=70000), dict(image=""),
       dict(devices=["x" * 30])]


class Words(logging.Handler):
    """What the Supervisor has to say besides."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.said = []

    def emit(self, record):
        self.said.append(record.getMessage())


def with_packages(cache):
    """Begin again where the packages are, if they are not here."""
    python = os.path.join(cache, "supervisor-venv", "bin", "python3")
    if sys.prefix == os.path.dirname(os.path.dirname(python)):
        return
    if not os.path.exists(python):
        subprocess.run([sys.executable, "-m", "venv",
                        os.path.dirname(os.path.dirname(python))], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES],
                       check=True)
    os.execv(python, [python, "-B", *sys.argv])


def take_supervisor(folder):
    """A copy, in which this Python finds nothing that is too new for it."""
    given = os.environ.get("SUPERVISOR")
    if not given:
        given = os.path.join(folder, "clone")
        subprocess.run(["git", "clone", "-q", "--depth", "1", URL, given],
                       check=True)
    copy = os.path.join(folder, "copy")
    os.makedirs(copy)
    subprocess.run(["cp", "-R", os.path.join(given, "supervisor"), copy],
                   check=True)
    for path, _, names in os.walk(copy):
        for name in names:
            if name.endswith(".py"):
                adapt(os.path.join(path, name))
    sys.path.insert(0, copy)


def adapt(path):
    """Without brackets, several exceptions are for Python 3.14."""
    with open(path) as f:
        text = f.read()
    with open(path, "w") as f:
        f.write(re.sub(r"except ((?:\w+, )+\w+):", r"except (\1):", text))


def leave_the_rest_empty():
    import supervisor
    for name in BARE:
        module = types.ModuleType("supervisor." + name)
        module.__path__ = [os.path.join(supervisor.__path__[0], name)]
        sys.modules[module.__name__] = module
    for name, members in EMPTY.items():
        module = types.ModuleType("supervisor." + name)
        for member in members:
            setattr(module, member, type(member, (), {}))
        sys.modules[module.__name__] = module


def load(name):
    import yaml
    with open(os.path.join(ADDON, name)) as f:
        return yaml.safe_load(f)


def check_files():
    from supervisor.apps import validate
    from supervisor.store.validate import SCHEMA_REPOSITORY_CONFIG
    config = validate.SCHEMA_APP_CONFIG(load("config.yaml"))
    unknown = set(load("config.yaml")) - set(config)
    assert not unknown, "keys that the Supervisor does not know: %s" % unknown
    print("config.yaml: good: %s %s for %s" % (
        config["slug"], config["version"], ", ".join(config["arch"])))
    for name in sorted(os.listdir(ADDON + "/translations")):
        text = validate.SCHEMA_APP_TRANSLATIONS(load("translations/" + name))
        assert set(text["configuration"]) == set(config["schema"]), name
        print("translations/%s: good: %d options" % (
            name, len(text["configuration"])))
    print("repository.yaml: good: %s" % SCHEMA_REPOSITORY_CONFIG(
        load("../repository.yaml"))["name"])
    return config


def check_options(config):
    import voluptuous
    from supervisor.apps.options import AppOptions, UiOptions
    options = AppOptions(None, config["schema"], "reflashd", "reflashd")
    for given in GOOD:
        have = options.validate(dict(config["options"], **given))
        assert given.items() <= have.items(), (given, have)
    for given in BAD:
        try:
            options.validate(dict(config["options"], **given))
        except voluptuous.Invalid as why:
            print("refused, as it should be: %s: %s" % (given, why))
        else:
            raise AssertionError("taken: %s" % given)
    shown = UiOptions(None)(config["schema"])
    assert [one["name"] for one in shown] == list(config["schema"])
    print("options: %d sets are taken, %d refused, %d shown" % (
        len(GOOD), len(BAD), len(shown)))


def main():
    cache = os.path.abspath(os.environ.get("FRESH_CACHE", "build/fresh"))
    os.makedirs(cache, exist_ok=True)
    with_packages(cache)
    words = Words()
    logging.getLogger().addHandler(words)
    with tempfile.TemporaryDirectory() as folder:
        take_supervisor(folder)
        leave_the_rest_empty()
        check_options(check_files())
    # That it knows no newer name of a folder is said; see config.yaml.
    left = [one for one in words.said if "legacy map type" not in one]
    assert left == [], left


main()
