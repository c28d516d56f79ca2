"""The fuzzer of loaders: it knows every loader, finds what is planted for it, and finds nothing else in some seconds."""

import importlib
import inspect
import json
import os
import pkgutil
import re
import subprocess
import sys

import fuzz
import mutations
import pytest
from places import ROOT, TESTS

import rnn_tf1.data

WITH_TENSORFLOW = ("forecast", "run", "checkpoints", "language_run", "translator")
CASES = 600
# Public functions of rnn_tf1.data with a path that read no file of a stranger's.
NOT_LOADERS = {
    "idx.write_idx": "writes",
    "scores.write_midi": "writes",
    "scores.write_wav": "writes",
    "sketches.write_npz": "writes",
    "vectors.write_vectors": "writes",
    "text.Vocabulary.save": "writes",
    "bilingual.generate": "writes",
    "digits.generate": "writes",
    "grammar.generate": "writes",
    "download.data_directory": "names a folder",
    "download.fetch": "from the net: tests/bad_mirrors.py",
    "download.without_home": "a text from a text",
    "outside.holds": "compares",
    "web.download": "from the net: tests/bad_mirrors.py",
    "web.writing": "writes",
    "outside.packed_size": "of a descriptor",
    "cells.Dates.detect": "cells that have been read",
    "outside.decoded": "reads a file that another has opened: see read_words, read_lines",
    "translation.SentenceVocabulary.save": "writes",
    "translation.SentenceVocabulary.check": "see Vocabulary.check",
}
PATHS = ("path", "paths", "folder", "data_dir", "file", "where")


def public_functions():
    """{"module.function" or "module.Class.method"} of rnn_tf1.data that take a path."""
    found = set()
    for info in pkgutil.walk_packages(rnn_tf1.data.__path__, "rnn_tf1.data."):
        module, leaf = importlib.import_module(info.name), info.name.rsplit(".", 1)[1]
        for name, value in vars(module).items():
            if name.startswith("_") or getattr(value, "__module__", "") != module.__name__:
                continue
            named = {"%s.%s" % (leaf, name): value}
            if inspect.isclass(value):
                methods = inspect.getmembers(value, lambda one: inspect.isfunction(one) or inspect.ismethod(one))
                named = {"%s.%s.%s" % (leaf, name, k): one for k, one in methods if not k.startswith("_")}
            for full, one in named.items():
                if inspect.isroutine(one) and set(PATHS) & set(inspect.signature(one).parameters):
                    found.add(full)
    return found


def test_every_loader_is_in_the_table():
    """A loader that somebody has added, and that nobody gives damaged files to; an entry for one that is gone."""
    covered = {name for loader in fuzz.LOADERS for name in loader.covers}
    assert public_functions() == covered | set(NOT_LOADERS)
    assert not covered & set(NOT_LOADERS)
    assert len({loader.name for loader in fuzz.LOADERS + fuzz.THEIRS}) == len(fuzz.LOADERS + fuzz.THEIRS)


@pytest.mark.parametrize("loader", [one for one in fuzz.LOADERS if not one.imports], ids=lambda loader: loader.name)
def test_valid_files_are_read(loader):
    """A table whose files are all refused at once, so that nothing behind the first check is ever reached."""
    if loader.name == "midi":
        pytest.importorskip("mido")
    with fuzz._no_network():
        whats = [result.what for result in fuzz.warm_up(loader)]
    assert "loaded" in whats and set(whats) <= {"loaded", "refused"}, whats


def test_a_case_is_its_number():
    """Cases that cannot be run again: made by a clock, a hash of this process, or the case before."""
    loader = fuzz.LOADERS[0]
    first = [fuzz.files_of(loader, case)[0] for case in range(50)]
    assert [fuzz.files_of(loader, case)[0] for case in reversed(range(50))] == first[::-1]
    assert len({json.dumps(sorted((k, v.hex()) for k, v in files.items())) for files in first}) > 40
    assert fuzz.shared_out(fuzz.LOADERS, 500000) == fuzz.shared_out(fuzz.LOADERS, 500000)
    assert sum(fuzz.shared_out(fuzz.LOADERS, 500000)) == 500000


def test_tables_with_right_checksums():
    """Mutants of packed files that are all refused for their checksums."""
    import random

    valid = mutations.zipped(mutations.joined([mutations.member(b"a.csv", b"1,2\n")]))
    made = [mutations.tgz(random.Random(number), "a.tgz", valid) for number in range(100)]
    assert sum(mutations.unzipped(one) is not None for one in made) > 70
    assert mutations.crc32c(b"123456789") == 0xE3069283


PLANTED = """
import json, os, sys, time
import fuzz
from rnn_tf1.errors import DataError

kept = []

def planted(name, act, rare=b"\\xff\\xff\\xff\\xff"):
    def read(folder, random):
        path = os.path.join(folder, "a.bin")
        with open(path, "rb") as file:
            content = file.read()
        if rare in content:
            act(path)
        if len(content) < 90:
            raise DataError("%s: it is short" % path)
    return fuzz.Loader(name, (), lambda: [{"a.bin": bytes(100)}], read)

def fail(path):
    [][1]

def fill(path):
    kept.append(b"x" * (100 << 20))

def spin(path):
    while True:
        pass

def escape(path):
    sys.stderr.write("\\x1b[2J")

def blame(path):
    raise DataError("it is wrong")

acts = dict(IndexError=fail, memory=fill, slow=spin, crash=lambda path: os.abort(), output=escape, message=blame,
            hang=lambda path: time.sleep(100), end=lambda path: os._exit(0))
found = {}
for name in sys.argv[1].split(","):
    act = acts[name]
    loader, tally = planted(name, act), fuzz.Tally(name)
    rare = [case for case in range(150) if b"\\xff" * 4 in fuzz.files_of(loader, case)[0].get("a.bin", b"")]
    assert 1 < len(rare) < 30, (name, rare)
    cases = range(150) if name == "IndexError" else range(max(0, rare[0] - 5), rare[0] + 4)
    fuzz.SECONDS, fuzz.STUCK, fuzz.MEGABYTES = 0.3 if name == "slow" else 10, 2 if name == "hang" else 60, 80
    fuzz.run_cases(loader, cases, tally)
    told = [case for case, _, _ in tally.faults]
    assert tally.cases == len(cases)
    found[name] = [sorted({what for _, what, _ in tally.faults}), told == [case for case in rare if case in cases]]
print(json.dumps(found))
"""


def run_python(arguments, timeout=280):
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join([TESTS, ROOT]))
    environment["PYTHONPATH"] += os.pathsep + os.environ.get("PYTHONPATH", "")
    return subprocess.run([sys.executable, *arguments], capture_output=True, env=environment, timeout=timeout)


@pytest.mark.parametrize(
    "acts",
    ["IndexError,memory,output,message", pytest.param("slow,hang,crash,end", marks=pytest.mark.slow)],
)
def test_what_is_planted_is_found(acts):
    """A fuzzer that says nothing of a loader that fails, fills the memory, does not end, ends its process, or writes escape
    codes; or that names another case than the one."""
    ended = run_python(["-c", PLANTED, acts])
    assert ended.returncode == 0, ended.stderr.decode("utf-8", "replace")[-2000:]
    found = json.loads(ended.stdout.decode("ascii").splitlines()[-1])
    assert found == {name: [[name], True] for name in acts.split(",")}


def fuzzed(names, cases, first=0):
    """Runs the command; returns its lines."""
    flags = [flag for name in names for flag in ("--loader", name)]
    ended = run_python([os.path.join(TESTS, "fuzz.py"), *flags, "--cases", str(cases), "--first", str(first)])
    told = ended.stdout.decode("utf-8", "replace")
    assert ended.returncode == 0, told[-6000:] + ended.stderr.decode("utf-8", "replace")[-1000:]
    return told.splitlines()


def names(tensorflow):
    mido = importlib.util.find_spec("mido") is not None
    here = [one.name for one in fuzz.LOADERS if (one.name in WITH_TENSORFLOW) == tensorflow]
    return [name for name in here if mido or name != "midi"]


@pytest.mark.once
def test_some_cases_of_every_loader():
    """A loader that damaged files break; and mutants so broken that nothing but the first line of a loader is tried."""
    lines = fuzzed(names(False), CASES)
    told = [re.search(r"(\d+) cases,.* ([\d.]+) % past the first check", line) for line in lines]
    cases = [(int(one.group(1)), float(one.group(2))) for one in told if one]
    assert len(cases) == len(names(False)) and min(share for count, share in cases if count >= 20) > 5
    assert sum(count * share for count, share in cases) > 50 * CASES
    assert lines[-1] == "0 faults in %d cases" % CASES


@pytest.mark.once
@pytest.mark.slow
def test_some_cases_of_what_needs_tensorflow():
    """The same, of checkpoints, runs, translators and the series of a table."""
    assert fuzzed(names(True), 600)[-1] == "0 faults in 600 cases"


def test_one_case_again(tmp_path):
    """A number that another case belongs to, files that are not kept, a loader that is not there."""
    folder = str(tmp_path / "kept")
    ended = run_python([os.path.join(TESTS, "fuzz.py"), "--loader", "idx", "--case", "7", "--keep", folder])
    assert ended.returncode == 0 and ended.stdout.split()[0] in (b"loaded", b"refused")
    files = fuzz.files_of(fuzz.LOADERS[0], 7)[0]
    assert {name: open(os.path.join(folder, name), "rb").read() for name in os.listdir(folder)} == files  # noqa: SIM115
    ended = run_python([os.path.join(TESTS, "fuzz.py"), "--loader", "none"])
    assert ended.returncode == 2 and b"there is no loader 'none'" in ended.stderr
