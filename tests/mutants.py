#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Are the tests good enough to notice a mistake?  mutants.py SOURCE BUILD

Makes small mistakes in src/core, one at a time, and runs the unit tests that
reach the changed line.  A mistake that no test notices has survived: either a
test is missing, or the mutant means the same as the original.  Those are in
tests/mutants.equal, each with the reason.

Settings are variables of the environment: MUTANTS is how many (2000; 0 all of
them), SEED which (1), ONLY a pattern for modules ("image*"), JOBS how many at a
time (2).  Exits 1 where a module is below MODULE_GOAL or all below GOAL.
"""
import collections
import concurrent.futures
import fnmatch
import glob
import json
import os
import random
import re
import resource
import shlex
import shutil
import subprocess
import sys
import threading

# What is pure, and tested by unit tests.
PLACES = ["src/core/**/*.c", "src/base/ratelimit.c", "src/base/strlist.c",
          "src/base/suggest.c"]
GOAL, MODULE_GOAL = 93, 85  # percent
SLOW_TEST = 4  # seconds of a CPU: what takes longer is left out
MIN_SECONDS, SLOWER = 1, 5  # what a mutant may take, beside the original
STUCK = 60  # seconds of the clock
# An index beyond a table is a mistake that is noticed.
FLAGS = ["-w", "-fsanitize=address"]
# Not by a shell, which would take the quotes off the paths.
MAKE = ("include Makefile\nprint-%:\n\t$(info $($*))@:\n"
        "mutants-tests: $(unit_tests)\n")

Mutant = collections.namedtuple(
    "Mutant", "file line last function old new kind")


# ---------------------------------------------------------- what can be wrong

def blank(text):
    """The same length, with comments and strings blanked out."""
    def spaces(found):
        return re.sub(r"[^\n]", " ", found.group(0))
    return re.sub(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\])'",
                  spaces, text, flags=re.S)


RELATIONS = {"<=": ["<"], ">=": [">"], "==": ["!="], "!=": ["=="],
             "<": ["<="], ">": [">="], "&&": ["||"], "||": ["&&"]}
OPERATOR = re.compile(r"->|<<=?|>>=?|<=|>=|==|!=|&&|\|\||<|>")
NUMBER = re.compile(r"(?<![\w.\"'])(0x[0-9a-fA-F]+|\d+)(?=(?:u|U|l|L)*\b)(?![\w.]*\.)")
CONDITION = re.compile(r"^(\s*(?:\} else )?(?:if|while) )(\(.*\))( \{|)$")
CALL = re.compile(r"^\s*[a-z_][\w>.\[\]()*+ -]*\(.*\);$")
ASSIGNMENT = re.compile(
    r"^\s*[*(]*[a-z_][^=!<>;]*(?:[-+*/|&^]|<<|>>)?=[^=].*;$|^\s*\S*(?:\+\+|--)\S*;$")
DECLARATION = re.compile(
    r"^\s*(?:static|const|struct|enum|union|unsigned|int|bool|char|size_t|"
    r"time_t|uint\w+|int\w+|json_\w+|va_list|double|long|void|FILE)\b")
NO_STATEMENT = re.compile(
    r"^\s*(?:_Static_assert|return|break|continue|goto|case|default|else|typedef|assert|"
    r"log_debug|free|va_end|json_decref|json_array_append_new \(|print)\b")
RETURN = re.compile(r"^(\s*return )(.*);$")


def operators(code):
    if re.match(r"\s*#\s*include|\s*assert\(", code):
        return
    for found in OPERATOR.finditer(code):
        for new in RELATIONS.get(found.group(0), []):
            yield found.start(), found.end(), new, "relation" \
                if found.group(0) not in ("&&", "||") else "and/or"


def constants(code):
    if re.match(r"\s*#\s*(if|include|el)|\s*assert\(", code):
        return
    for found in NUMBER.finditer(code):
        before = code[:found.start()]
        if DECLARATION.match(code) and "=" not in before and \
                re.search(r"\w\[[^]]*$", before):
            continue  # the size of an array
        if re.search(r"(char|bool|int|unsigned|size_t|_t|struct \w+) \*?\w+"
                     r"(\[\w*\])*\[[^]]*$", before):
            continue  # the size of an array
        if re.search(r"\bx(re|c)?alloc\([^)]*$", before):
            continue  # more room
        if re.search(r"sizeof\([^)]*$", before):
            continue  # of an element, whichever
        value = int(found.group(0), 0)
        for new in [value + 1] + ([value - 1] if value > 0 else []):
            yield found.start(), found.end(), str(new), "constant"


def replaced(line, start, end, new):
    return line[:start] + new + line[end:]


def within(line, code):
    """The line with one part of it changed."""
    for start, end, new, kind in operators(code):
        yield replaced(line, start, end, new), kind
    for start, end, new, kind in constants(code):
        yield replaced(line, start, end, new), kind


def negated(line, code):
    found = CONDITION.match(line)
    if found and code.count("(") == code.count(")"):
        yield "%s(!%s)%s" % found.groups(), "condition"


def is_whole(codes, at):
    """Does a statement begin on this line?"""
    before = next((c for c in reversed(codes[:at]) if c.strip()), "{").rstrip()
    return before.endswith((";", "{", "}", ":", ")")) or \
        before.strip() in ("else", "do")


def deleted(line, code, codes, at):
    if not is_whole(codes, at) or NO_STATEMENT.match(code) or \
            DECLARATION.match(code) or code.count("(") != code.count(")"):
        return
    if CALL.match(code) or ASSIGNMENT.match(code):
        yield re.match(r"\s*", line).group(0) + ";", "statement"


def returned(line, code, kind):
    found = RETURN.match(line)
    if not found or code.count("(") != code.count(")"):
        return
    head, value = found.groups()
    if value in ("true", "false"):
        yield head + ("false" if value == "true" else "true") + ";", "return"
    elif kind == "bool":
        yield "%s!(%s);" % (head, value), "return"
    elif kind in ("int", "size_t", "unsigned", "uint64_t", "uint32_t",
                  "time_t") and not value.isdigit():
        yield "%s(%s) + 1;" % (head, value), "return"


def rows(lines, codes):
    """Each row of a table, which may have several lines, left out."""
    depth, table, begin = 0, None, 0
    for at, code in enumerate(codes):
        if table is None and re.search(r"\bconst\b.*(\[\]|\[\w+\]).*= \{", code):
            table, begin = depth, None
        elif table is None and re.match(r"\} \w+\[.*\] = \{$", code):
            table, begin = depth - 1, None
        elif table is not None and depth == table + 1 and \
                re.match(r"\s*(\{|\[\w+\] =)", code) and begin is None:
            begin = at
        depth += code.count("{") - code.count("}")
        if table is not None and begin is not None and depth == table + 1:
            if at > begin or re.search(r"[},]\s*$", code):
                if code.rstrip().endswith(","):
                    yield begin, at, "", "row"
            begin = None
        if table is not None and depth <= table:
            table = None


def functions(codes):
    """Of the function around each line: its name, and the type it returns."""
    name, kind = "-", None
    for at, code in enumerate(codes):
        if code.startswith("{"):
            before = " ".join(codes[max(0, at - 8):at]).split(";")[-1]
            before = before.split("}")[-1]
            found = re.search(r"(?:static )?((?:const )?(?:struct |enum )?"
                              r"\w+(?: \*)?)\s+(\w+)\(", before)
            kind, name = found.groups() if found else (None, "-")
        yield name, kind
        if code.startswith("}"):
            name, kind = "-", None


def mutants_of(file, text):
    lines, codes = text.split("\n"), blank(text).split("\n")
    around = list(functions(codes))
    for at, (line, code) in enumerate(zip(lines, codes)):
        name, kind_of_function = around[at]
        changes = [*within(line, code), *negated(line, code),
                   *deleted(line, code, codes, at),
                   *returned(line, code, kind_of_function)]
        for new, kind in changes:
            yield Mutant(file, at, at, name, line, new, kind)
    for begin, end, new, kind in rows(lines, codes):
        yield Mutant(file, begin, end, around[begin][0],
                     "\n".join(lines[begin:end + 1]), new, kind)


# ------------------------------------------------------------------- building

class Build:
    """The unit tests, built once without and once with counters."""

    def __init__(self, source, folder):
        self.source, self.folder = source, folder
        self.plain = self.configure("plain", ["-O1"])
        self.counted = self.configure("counted", ["-O0", "--coverage"])
        self.tests = self.values("unit_tests")
        self.compiler = [w for w in self.values("COMPILE") if not re.match(
            r"-W|-O|-g$|-f|.*FORTIFY|ccache$", w)] + ["-O0", *FLAGS]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            self.links = dict(zip(self.tests, pool.map(self.link, self.tests)))

    def configure(self, name, flags):
        folder = os.path.join(self.folder, name)
        os.makedirs(folder, exist_ok=True)
        if not os.path.exists(folder + "/Makefile"):
            subprocess.run(
                [os.path.join(self.source, "configure"), "--quiet",
                 "CC=" + os.environ.get("CC", "gcc"),
                 "CFLAGS=" + " ".join(FLAGS + flags)],
                cwd=folder, check=True, stdout=subprocess.DEVNULL)
        with open(folder + "/print.mk", "w") as f:
            f.write(MAKE)
        subprocess.run(
            ["make", "-s", "-j2", "-f", "print.mk", "etc/reflashd.conf",
             "mutants-tests"],
            cwd=folder, check=True, stdout=subprocess.DEVNULL)
        return folder

    def values(self, *names):
        done = subprocess.run(
            ["make", "-s", "-f", "print.mk"] + ["print-" + n for n in names],
            cwd=self.plain, check=True, stdout=subprocess.PIPE, text=True)
        return shlex.split(done.stdout)

    def link(self, test):
        return self.values(*(re.sub(r"\W", "_", test) + n for n in (
            "_LDFLAGS", "_OBJECTS", "_LDADD")), "LIBS")

    def run(self, program, folder, seconds, **variables):
        """Its exit code; it is killed after so many seconds of a CPU."""
        env = dict(os.environ, srcdir=self.source, CC="gcc", QUICK="1",
                   **variables)
        try:
            return subprocess.run(
                ["sh", "-c", "ulimit -t %d; exec \"$0\"" % seconds, program],
                cwd=folder, env=env, timeout=STUCK, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL).returncode
        except subprocess.TimeoutExpired:
            return "stuck"


# ------------------------------------------------------- who runs which lines

def count_lines(build, test, place):
    """{file: {line: does the test run it?}} of src/core and src/base."""
    run = {}
    found = [data for floor in ("base", "core") for data in glob.glob(
        "%s/**/src/%s/**/*.gcda" % (place, floor), recursive=True)]
    for data in found:
        module = data[data.rindex("/src/") + 1:-5]
        notes = os.path.join(build.counted, module + ".gcno")
        shutil.copy(notes, os.path.dirname(data))
        done = subprocess.run(
            ["gcov", "--json-format", "--stdout", data],
            cwd=build.counted, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)
        for file in json.loads(done.stdout or b'{"files":[]}')["files"]:
            if file["file"].endswith(module + ".c"):
                run[module + ".c"] = {
                    one["line_number"] - 1: one["count"] > 0
                    for one in file["lines"]}
    return run


def spent():
    """Seconds of a CPU that all children have taken."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def survey(build):
    """{file: {line: [test]}}, the fast tests first; and their seconds."""
    seconds, reached = {}, collections.defaultdict(
        lambda: collections.defaultdict(list))
    lines = {}
    for test in build.tests:
        place = os.path.join(build.folder, "counts", test)
        shutil.rmtree(place, ignore_errors=True)
        begin = spent()
        if build.run("./" + test, build.plain, SLOW_TEST) != 0:
            print("%s fails as it is, or takes %d s: left out" % (
                test, SLOW_TEST))
            continue
        seconds[test] = spent() - begin
        build.run("./" + test, build.counted, STUCK, GCOV_PREFIX=place)
        lines[test] = count_lines(build, test, place)
    for test in sorted(lines, key=seconds.get):
        for file, numbers in lines[test].items():
            for number, is_run in numbers.items():
                tests = reached[file][number]
                if is_run:
                    tests.append(test)
    return reached, seconds


def tests_for(mutant, reached, tests):
    """Those that run the line; what no line counts for is tried with all."""
    lines = reached.get(mutant.file, {})
    first = mutant.line
    # A statement counts where it begins, or where it ends.
    while first not in lines and first > mutant.line - 8:
        first -= 1
    found = [t for n in range(first, mutant.last + 4) for t in lines.get(n, [])]
    if mutant.function == "-" or (not found and mutant.line not in lines):
        found = [t for numbers in lines.values() for t in numbers]
    return [t for t in tests if t in set(found)]


# ------------------------------------------------------------------- judgement

class Judge:
    def __init__(self, build, reached, seconds, sources):
        self.build, self.reached, self.seconds = build, reached, seconds
        self.sources = sources
        # Those of src/io wait for sockets, and are about something else.
        self.tests = sorted(seconds, key=lambda t: (
            "libio.a" in build.links[t], seconds[t]))
        self.places = threading.local()
        self.count = 0

    def place(self):
        if not hasattr(self.places, "path"):
            self.count += 1
            self.places.path = os.path.join(
                self.build.folder, "work%d" % self.count)
            os.makedirs(self.places.path, exist_ok=True)
        return self.places.path

    def compile(self, mutant, place):
        lines = self.sources[mutant.file].split("\n")
        lines[mutant.line:mutant.last + 1] = [mutant.new] + [""] * (
            mutant.last - mutant.line)
        source = os.path.join(place, os.path.basename(mutant.file))
        with open(source, "w") as f:
            f.write("\n".join(lines))
        done = subprocess.run(
            self.build.compiler + ["-c", "-o", place + "/mutant.o", source],
            cwd=self.build.plain, stderr=subprocess.DEVNULL)
        return done.returncode == 0

    def notices(self, test, place):
        program = place + "/" + os.path.basename(test)
        subprocess.run(
            ["gcc", *FLAGS, "-o", program, place + "/mutant.o"]
            + self.build.links[test], cwd=self.build.plain, check=True,
            stderr=subprocess.DEVNULL)
        return self.build.run(
            program, self.build.plain,
            MIN_SECONDS + int(SLOWER * self.seconds[test])) != 0

    def judge(self, mutant):
        """Who notices it; "" nobody; None: it cannot be compiled."""
        tests = tests_for(mutant, self.reached, self.tests)
        place = self.place()
        if not self.compile(mutant, place):
            return None
        for test in tests:
            if self.notices(test, place):
                return test
        return ""


# ------------------------------------------------------------------ the report

def same(text):
    return " ".join(text.split())


def read_equal(path):
    """{(module and function, old, new)}, of lines with a reason each."""
    known = set()
    with open(path) as f:
        for number, line in enumerate(f, 1):
            if not line.strip() or line.startswith("#"):
                continue
            parts = [same(p) for p in line.rstrip("\n").split(" ~ ")]
            if len(parts) != 4 or not parts[3]:
                sys.exit("%s:%d: not \"module function ~ old ~ new ~ reason\""
                         % (path, number))
            known.add(tuple(parts[:3]))
    return known


def module(mutant):
    return os.path.basename(mutant.file)[:-2]


def key(mutant):
    return (module(mutant) + " " + mutant.function, same(mutant.old),
            same(mutant.new) or "(nothing)")


def tell(name, counts):
    tried = counts["killed"] + counts["survived"]
    print("%-20s %7d %7d %9d %6d %7s" % (
        name, tried, counts["killed"], counts["survived"], counts["equal"],
        "%5.1f %%" % (100 * counts["killed"] / tried) if tried else "-"))
    return 100 * counts["killed"] / tried if tried else 100


def report(results, equal):
    """Tell each survivor at once, and a table behind the last."""
    modules = collections.defaultdict(collections.Counter)
    kinds = collections.defaultdict(collections.Counter)
    for mutant, killer in results:
        if killer is None:
            continue
        word = "killed" if killer else \
            "equal" if key(mutant) in equal else "survived"
        for group in (modules[module(mutant)], modules["all"],
                      kinds[mutant.kind]):
            group[word] += 1
        if word == "survived":
            where, old, new = key(mutant)
            print("%s:%d: %s, in %s\n    was  %s\n    now  %s" % (
                mutant.file, mutant.line + 1, mutant.kind, where, old, new),
                flush=True)
    heading = "%-20s %7s %7s %9s %6s %7s"
    print("\n" + heading % ("", "mutants", "killed", "survived", "equal",
                            "score"))
    for name in sorted(kinds):
        tell(name, kinds[name])
    print()
    scores = {name: tell(name, modules[name]) for name in sorted(modules)}
    return scores.pop("all", 100) >= GOAL and \
        min(scores.values(), default=100) >= MODULE_GOAL


def choose(sources):
    found = [m for name in sorted(sources)
             for m in mutants_of(name, sources[name])]
    many, seed = (int(os.environ.get(n) or d)
                  for n, d in (("MUTANTS", 2000), ("SEED", 1)))
    print("%d mutants of %d modules, seed %d" % (
        len(found), len(sources), seed))
    if 0 < many < len(found):
        found = random.Random(seed).sample(found, many)
    return sorted(found)


def main(source, folder):
    source, folder = os.path.abspath(source), os.path.abspath(folder)
    only = os.environ.get("ONLY") or "*"
    sources = {}
    for path in (path for place in PLACES
                 for path in glob.glob(source + "/" + place, recursive=True)):
        if any(fnmatch.fnmatch(os.path.basename(path)[:-2], o)
               for o in only.split()):
            with open(path) as f:
                sources[os.path.relpath(path, source)] = f.read()
    equal = read_equal(os.path.join(source, "tests/mutants.equal"))
    chosen = choose(sources)
    build = Build(source, folder)
    reached, seconds = survey(build)
    judge = Judge(build, reached, seconds, sources)
    with concurrent.futures.ThreadPoolExecutor(
            int(os.environ.get("JOBS") or 2)) as pool:
        good = report(zip(chosen, pool.map(judge.judge, chosen)), equal)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
