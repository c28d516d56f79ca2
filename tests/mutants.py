"""Plants wrong lines in the package, one at a time, and fails where the tests stay green::

    python tests/mutants.py [--jobs N] [--only SUBSTRING] [--trusted] [--minutes N --seed TEXT] [--drawn N] [--list]

Each mutant is planted in a temporary copy of the repository, never in the tree itself. First every selection of tests
has to pass on an unchanged copy (--trusted: the whole suite has just passed, as in CI). With --minutes, as many mutants as fit
are run, in an order that --seed tells: CI passes the commit, so that another part of them comes first each time. The mutants
are in tests/planted; --drawn adds so many that tests/ast_mutants.py draws (--only "drawn with": those alone). A drawn one that
survives is printed for someone to judge and fails nothing: it may change nothing that matters.
"""

import argparse
import concurrent.futures
import itertools
import json
import os
import queue
import random
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

import ast_mutants
from planted import (
    attention,
    beam,
    cluster,
    core,
    decoding,
    deep,
    files,
    language,
    legacy,
    memory,
    placement,
    sequences,
    series,
    series_examples,
    shape_runs,
    tales,
    training,
    translation,
    translation_data,
    translation_use,
)
from tqdm import tqdm

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LEFT_OUT = (".git", ".venv*", "__pycache__", "runs", "build", "_build", "dist", "*.egg-info", ".*_cache", ".hypothesis")
SECONDS = 180  # a mutant that takes longer loops, and counts as killed

ROOMS = (
    attention,
    cluster,
    core,
    training,
    deep,
    decoding,
    beam,
    files,
    language,
    legacy,
    memory,
    placement,
    sequences,
    series,
    series_examples,
    shape_runs,
    translation,
    translation_data,
    translation_use,
    tales,
)
MUTANTS = [mutant for room in ROOMS for mutant in room.MUTANTS]


def is_drawn(mutant):
    return mutant.why.startswith("drawn with")


def occurrences(mutant):
    """How often the text to be replaced occurs in its file."""
    with open(os.path.join(ROOT, mutant.file), encoding="utf-8") as file:
        return file.read().count(mutant.old)


# What each copy's process does: TensorFlow is imported once, and each selection of tests runs in a fork of it.
STEM = """
import io, json, os, sys, time
import numpy, pytest, matplotlib.figure, matplotlib.backends.backend_agg, tensorflow.compat.v1
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
for line in iter(sys.stdin.readline, ""):
    tests, output, seconds = json.loads(line)
    child = os.fork()
    if not child:
        os.setsid()
        file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(file, 1)
        os.dup2(file, 2)
        code = 70
        try:
            code = int(pytest.main(["-x", "-q", "-p", "no:cacheprovider"] + tests))
        finally:
            sys.stdout.flush()
            os._exit(code)
    end, code = time.time() + seconds, None
    while code is None and time.time() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        code = None if not done else os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
        time.sleep(0 if done else 0.02)
    if code is None:
        os.killpg(child, 9)
        os.waitpid(child, 0)
    answers.write(json.dumps(code) + "\\n")
    answers.flush()
"""


class Copy(object):
    """A temporary copy of the repository, in which mutants are planted and tests run."""

    def __init__(self, folder):
        self.folder = folder
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*LEFT_OUT))
        environment = dict(os.environ, PYTHONPATH=self.folder, PYTHONDONTWRITEBYTECODE="1", TF_CPP_MIN_LOG_LEVEL="3")
        if "RNN_TF1_DATA" in os.environ:
            environment["RNN_TF1_DATA"] = os.path.abspath(os.environ["RNN_TF1_DATA"])
        options = dict(cwd=self.folder, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.stem = subprocess.Popen([sys.executable, "-c", STEM], stderr=subprocess.DEVNULL, **options)

    def run(self, tests, seconds=10 * SECONDS):
        """(output of pytest, its exit code); the code is None where it took longer than `seconds`."""
        path = self.folder + ".out"
        self.stem.stdin.write(json.dumps([shlex.split(tests), path, seconds]) + "\n")
        self.stem.stdin.flush()
        answer = self.stem.stdout.readline()
        if not answer:
            raise RuntimeError("the process that runs the tests has ended: %s" % self.stem.wait())
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(), json.loads(answer)

    def close(self):
        self.stem.stdin.close()
        self.stem.wait()

    def run_mutant(self, mutant, seconds):
        """As `run`, with the mutant planted meanwhile."""
        path = os.path.join(self.folder, mutant.file)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        try:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text.replace(mutant.old, mutant.new))
            return self.run(mutant.tests, seconds)
        finally:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)


def in_copies(copies, method, items, what):
    """[(item, method(copy, item)), ...], as many at a time as there are copies, with a progress bar."""
    free = queue.Queue()
    for copy in copies:
        free.put(copy)

    def work(item):
        copy = free.get()
        try:
            return item, method(copy, item)
        finally:
            free.put(copy)

    with concurrent.futures.ThreadPoolExecutor(len(copies)) as pool:
        futures = [pool.submit(work, item) for item in items]
        done = tqdm(concurrent.futures.as_completed(futures), total=len(futures), desc=what)
        return [future.result() for future in done]


def last_lines(output):
    return "\n".join("    " + line for line in output.strip().splitlines()[-15:])


LEFT = "no time left"


def run_until(end, copy, mutant):
    """As `Copy.run_mutant`, before `end`; after it nothing is begun, and a drawn one is broken off: a room has many tests."""
    seconds = end - time.time()
    if seconds <= 0:
        return "", LEFT
    output, code = copy.run_mutant(mutant, min(seconds, 10 * SECONDS) if is_drawn(mutant) else SECONDS)
    return output, LEFT if code is None and is_drawn(mutant) and time.time() >= end else code


def check(mutants, copies, trusted, end=float("inf")):
    """Runs everything, or up to `end`; returns (number killed, number not killed)."""
    selections = [] if trusted else sorted({mutant.tests for mutant in mutants})
    red = [r for r in in_copies(copies, Copy.run, selections, "unchanged") if r[1][1] != 0]
    for tests, (output, code) in red:
        print("The unchanged code does not pass: pytest %s (exit code %s)\n%s" % (tests, code, last_lines(output)))
    if red:
        return 0, len(mutants)
    killed = left = unjudged = 0
    for mutant, (output, code) in in_copies(copies, lambda copy, m: run_until(end, copy, m), mutants, "mutants"):
        if code in (1, None) or (
            code == 2 and is_drawn(mutant)
        ):  # a test failed, took too long, or could not be collected
            killed += 1
        elif code == LEFT:
            left += 1
        elif code == 0:
            unjudged += is_drawn(mutant)
            print("SURVIVED  %s: %s\n    pytest %s" % (mutant.file, mutant.why, mutant.tests))
        else:
            print("NOT RUN   %s: %s (exit code %s)\n%s" % (mutant.file, mutant.why, code, last_lines(output)))
    if left:
        print("%d of %d were not planted: no time was left" % (left, len(mutants)))
    if unjudged:
        print("%d drawn ones survived: judge them and note those that change nothing in tests/judged.txt" % unjudged)
    return killed, len(mutants) - killed - left - unjudged


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Plant wrong lines, one at a time; fail where the tests stay green.")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="mutants at a time (default: number of cores)")
    parser.add_argument("--only", default="", metavar="SUBSTRING", help="mutants whose file, tests or reason have it")
    parser.add_argument("--drawn", type=int, default=0, metavar="N", help="so many drawn ones, too")
    parser.add_argument("--list", action="store_true", help="print the mutants and stop")
    parser.add_argument("--trusted", action="store_true", help="the tests have passed on the unchanged code already")
    parser.add_argument("--minutes", type=float, help="no more are begun after so long (default: all are run)")
    parser.add_argument("--seed", help="mixes the mutants (default: they come as they are listed)")
    flags = parser.parse_args(arguments)

    drawn = list(itertools.islice(ast_mutants.draw(flags.seed or "0"), flags.drawn))
    mutants = [m for m in MUTANTS + drawn if any(flags.only in text for text in (m.file, m.tests, m.why))]
    wrong = [(m, occurrences(m)) for m in mutants if occurrences(m) != 1 or m.old == m.new]
    for mutant, count in wrong:
        print("%s: %s: this text occurs %d times, not once:\n%s" % (mutant.file, mutant.why, count, mutant.old))
    if flags.list:
        print("\n".join("%-28s %s" % (m.file, m.why) for m in mutants))
    if flags.list or wrong or not mutants:
        return 1 if wrong or not mutants else 0
    if flags.seed is not None:
        random.Random(flags.seed).shuffle(mutants)
    end = float("inf") if flags.minutes is None else time.time() + 60 * flags.minutes
    with tempfile.TemporaryDirectory() as folder:
        copies = [Copy(os.path.join(folder, str(i))) for i in range(max(1, min(flags.jobs, len(mutants))))]
        passed, failed = check(mutants, copies, flags.trusted, end)
        for copy in copies:
            copy.close()
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
