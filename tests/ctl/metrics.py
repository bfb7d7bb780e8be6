#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""reflashctl metrics in front of fake_reflashd: with no, one and a thousand
devices the same series, each documented; promtool, where there is one, finds
nothing wrong, and the alerts do what they say.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

from fake import Fake

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.join(HERE, "..", "..")
EXAMPLES = os.path.join(TOP, "etc", "prometheus")
HELP = re.compile(r"# HELP (reflashd_[a-z_]+) (\S.*)")
TYPE = re.compile(r"# TYPE (reflashd_[a-z_]+) (gauge|counter|histogram)")
SERIES = re.compile(r'(reflashd_[a-z_]+)(\{([a-z]+)="((?:[^"\\]|\\.)*)"\})? '
                    r"(-?[0-9]+)")


def metrics(path, code=0):
    done = subprocess.run([os.path.join(os.getcwd(), "reflashctl"), "--socket",
                           path, "metrics"], capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == code, done
    return done.stdout


def parse(text):
    """{family: type} and {(name, label, value): number} of a whole text."""
    types, series, family = {}, {}, None
    assert text.endswith("\n")
    for line in text.splitlines():
        if HELP.fullmatch(line):
            family = HELP.fullmatch(line).group(1)
            assert family not in types, "%s is there twice" % family
        elif TYPE.fullmatch(line):
            name, kind = TYPE.fullmatch(line).groups()
            assert name == family, line
            types[name] = kind
        else:
            match = SERIES.fullmatch(line)
            assert match, "not a series: %r" % line
            name, _, label, value, number = match.groups()
            assert name == family or types[family] == "histogram" and \
                name in (family + end for end in ("_bucket", "_sum", "_count"))
            assert (name, label, value) not in series, "twice: " + line
            series[name, label, value] = int(number)
    return types, series


def check_names(types):
    for name, kind in types.items():
        assert name.endswith("_total") == (kind == "counter"), name


def check_documented(types):
    with open(os.path.join(TOP, "doc", "metrics.md")) as f:
        page = set(re.findall(r"^\| `(reflashd_\w+)` \|", f.read(), re.M))
    assert page == set(types), page ^ set(types)


def check_used(types):
    """Rules and dashboard speak of no metric that there is not."""
    known = set(types) | {name + end for name in types
                          for end in ("_bucket", "_sum", "_count")}
    for name in os.listdir(EXAMPLES):
        with open(os.path.join(EXAMPLES, name)) as f:
            used = set(re.findall(r"\breflashd_[a-z_]+", f.read()))
        assert used <= known, (name, used - known)


def check_by_promtool(texts):
    promtool = shutil.which("promtool")
    if not promtool:
        return "without promtool"
    for text in texts:
        done = subprocess.run([promtool, "check", "metrics"], input=text,
                              capture_output=True, text=True)
        assert done.returncode == 0, done
    for words in (["check", "rules", "reflashd-rules.yml"],
                  ["test", "rules", "reflashd-rules-test.yml"]):
        done = subprocess.run([promtool, *words], cwd=EXAMPLES,
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    return "promtool finds nothing wrong"


def main():
    texts, parsed = [], []
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "s")
        for count in (0, 1, 1000):
            with Fake(path, count):
                texts.append(metrics(path))
            types, series = parse(texts[-1])
            parsed.append((types, series))
            states = {value: n for (name, label, value), n in series.items()
                      if name == "reflashd_devices"}
            assert sum(states.values()) == count and len(states) == 15, states
            assert min(states.values()) == count // 15, states
            assert series["reflashd_devices_present", None, None] == count
        assert metrics(path, 5) == "", "without a daemon"
    names = [set(series) for _, series in parsed]
    assert names[0] == names[1] == names[2], "the series depend on the devices"
    check_names(parsed[0][0])
    check_documented(parsed[0][0])
    check_used(parsed[0][0])
    print("%d series with 0, 1 and 1000 devices; %s" % (
        len(names[0]), check_by_promtool(texts)))


sys.exit(main())
