"""The crash test: any example in a process whose every file operation can be the last, or can fail::

    python tests/soak.py FOLDER [--examples NAME,NAME] [--kills N] [--faults N] [--signals N] [--seed N]

Each example is run once undisturbed. Then it is killed before, after or in the middle of its n-th file operation, those of
TensorFlow among them, and started again until it ends; its disk is full, or reports an error, from the n-th write on; it gets
SIGINT once or twice, SIGTERM, SIGHUP, SIGSTOP. Whatever came before, it must end with the same weights, slots, history,
figures and pictures, bit for bit, and leave no file that the undisturbed run does not leave. In the manner of SQLite's crash
tests (sqlite.org/testing.html).

Also, for some: a reader beside the writer, two starts at the same moment, the folder removed under the run.

Needs Linux and a C compiler, for tests/file_faults.c. TensorFlow is imported once, and every attempt is forked. The data are
small and generated. Prints one line for an example; the exit code is 1 where something differs.
"""

import argparse
import ctypes
import errno
import functools
import importlib
import json
import math
import os
import pathlib
import pkgutil
import random
import re
import runpy
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from typing import Any, Dict, List, NamedTuple

from places import ROOT

BEFORE, AFTER, HALF, FAIL, RAISE, RAISE_TWICE = range(6)
TINY = {  # what makes each example that trains small
    "bach": "--units 6 --convolution 2 --chords 4",
    "caption_digits": "--units 6 --steps 4 --batch-size 6 --epochs 2",
    "cluster": "--local 2 --units 4 --save-steps 5 --timeout 30",
    "deep_rnn": "--task rows --layers 2 --units 4 --unroll dynamic --batch-size 100",
    "embedding_rnn_seq2seq": "--units 6 --depth 4 --epochs 2",
    "embeddings": "--train --units 6 --vocabulary 50 --epochs 2 --plane-words 20",
    "fairy_tales": "--units 6 --stories 6 --iterations 100 --count 50 --cell basic --no-one-step",
    "forecast_csv": "DATA/series.csv --units 4 --steps 8 --passes 2 --epochs 2",
    "long_memory": "--task adding --cells basic --steps 5 --train-steps 100 --units 4",
    "missing_word": "--units 4 --depth 4",
    "mnist_rows": "--units 4 --batch-size 300 --epochs 3",
    "moving_digits_video": "--units 4 --steps 4 --batch-size 4 --epochs 2 --depth 4",
    "multi_device": "--units 4 --rounds 2 --layers 2 --unroll dynamic",
    "ptb": "--vocabulary 50 --sample the --count 5",
    "reber": "--units 4 --strings 200 --epochs 2 --write 10",
    "review_sentiment": "--units 4 --depth 4 --epochs 2",
    "series_benchmark": "--epochs 1 --seeds 1 --ahead 1",
    "series_generate": "--iterations 100 --seeds 1 --count 300",
    "sine": "--epochs 2",
    "sketches": "--units 4 --epochs 2 --batch-size 200",
    "time_series": "--units 4 --iterations 100 --head dense",
    "translate": "--generated --units 6 --depth 4 --epochs 2",
}
# Examples that read the folder of another, with their flags, and the one error that they may end with.
READERS = {
    "ptb": [
        ("embeddings", ["--run-dir", "OUT", "--plane-words", "20"], "holds no trained language model|cannot be read")
    ],
    "translate": [
        ("translate", ["--out-dir", "OUT", "--translate", "DATA/lines.txt"], "holds no (finished|translator)")
    ],
}
_TIMES = re.compile("second|speed|_ms|rate_of|duration")


class Ended(NamedTuple):
    """How an attempt ended."""

    code: int  # exit code, or minus the signal
    operations: int  # on files below its folder; 0 where it was killed
    log: str


class Clock(object):
    """For `loop.time`: a clock that goes 5 s at each look, one a step, so that timed saves come every 12 steps each time."""

    def __init__(self):
        self._now = 0.0
        self.perf_counter = time.perf_counter

    def monotonic(self):
        self._now += 5
        return self._now


class Outcome(NamedTuple):
    """What a finished run has left."""

    files: Dict[str, Any]  # by path: bytes, JSON without times, or for a checkpoint {variable: bytes}
    names: List[str]  # of all files, but TensorBoard's


# --------------------------------------------------------------------------------------------------- what is made ready


def find_compiler():
    return shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


def build_shim(folder):
    """The compiled tests/file_faults.c."""
    library = os.path.join(folder, "file_faults.so")
    source = os.path.join(ROOT, "tests", "file_faults.c")
    subprocess.check_call([find_compiler(), "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"])
    return library


def make_data(folder):
    """Small data for every example, generated where they are not written here. Returns `folder`."""
    from rnn_tf1.data.images import sketches
    from rnn_tf1.data.music import chorales
    from rnn_tf1.data.text import fairy_tales, ptb, reviews

    if not os.path.exists(folder):
        new = folder + ".new"
        os.makedirs(new)
        write_digits(pathlib.Path(new), 5300, 60)
        generated = {chorales: "chorales", fairy_tales: "grimm", ptb: "ptb", reviews: "reviews", sketches: "sketches"}
        for module, name in generated.items():
            module.load(new, generated=True)
            os.rename(os.path.join(new, name + "-generated"), os.path.join(new, name))
        tales = pathlib.Path(new, "grimm", fairy_tales.NAME)
        tales.write_text(tales.read_text().replace("TALE 1\n", fairy_tales.FIRST + "\n", 1))
        draw = random.Random(0)
        with open(os.path.join(new, "series.csv"), "w") as file:
            file.writelines(
                ["value\n"] + ["%.4f\n" % (math.sin(i / 5.0) + draw.uniform(-0.1, 0.1)) for i in range(200)]
            )
        with open(os.path.join(new, "lines.txt"), "w") as file:
            file.write("two bees sing .\n")
        os.rename(new, folder)
    return folder


# ------------------------------------------------------------------------------------------------------------- one attempt


class Crasher(object):
    """Runs examples in forked processes of which a file operation is the last, or fails.

    Args:
      folder: for the runs and what they print.
      data: the folder of `make_data`.
    """

    def __init__(self, folder, data):
        self._shim = ctypes.CDLL(os.environ["LD_PRELOAD"])
        self._shim.faults_arm.argtypes = [ctypes.c_char_p, ctypes.c_long, ctypes.c_int, ctypes.c_int]
        self._shim.faults_count.restype = ctypes.c_long
        self._data, self._log = data, os.path.join(folder, "log")

    def start(self, name, out, at=0, how=BEFORE, number=0, flags=()):
        """Forks an attempt; returns its process, for `end`."""
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            code = 70
            try:
                os.setsid()  # what a cluster starts is killed with it
                code = self._attempt(name, out, at, how, number, flags)
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(code)
        return child

    def _attempt(self, name, out, at, how, number, flags):
        log = os.open("%s.%d" % (self._log, os.getpid()), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        for standard in (1, 2):
            os.dup2(log, standard)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False, buffering=1)  # noqa: SIM115
        script = os.path.join(ROOT, "examples", name + ".py")
        tiny = (
            [] if flags else TINY[name].replace("DATA", self._data).split()
        )  # a reader has all of its flags from READERS
        more = [flag.replace("DATA", self._data) for flag in flags]
        sys.argv = [script, "--quick", "--data-dir", self._data, "--out-dir", out] + tiny + more
        loop.time = Clock()
        os.environ.pop("FAULTS", None)
        if name == "cluster":  # its tasks are processes of their own
            os.environ["FAULTS"] = "%d %d %d %s" % (at, how, number, os.path.realpath(out))
        else:
            self._shim.faults_arm(os.path.realpath(out).encode(), at, how, number)
        signal.signal(
            signal.SIGINT, signal.default_int_handler
        )  # a shell that starts this in the background has it ignored
        try:
            runpy.run_path(script, run_name="__main__")
            code = 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        sys.stdout.flush()
        print("@operations %d" % self._shim.faults_count())
        sys.stdout.flush()
        return code

    def end(self, child, seconds=180.0, meanwhile=lambda: time.sleep(0.3)):
        """How the attempt ended. One that is stopped goes on after `meanwhile`; one that takes too long is killed."""
        limit = time.monotonic() + seconds
        while True:
            process, status = os.waitpid(child, os.WNOHANG | os.WUNTRACED)
            if process and os.WIFSTOPPED(status):
                meanwhile()
                os.kill(child, signal.SIGCONT)
            elif process:
                break
            elif time.monotonic() > limit:
                os.killpg(child, signal.SIGKILL)
                raise AssertionError("an attempt took more than %g s:\n%s" % (seconds, self._read(child)))
            time.sleep(0.005)
        log = self._read(child)
        os.remove("%s.%d" % (self._log, child))
        code = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        counted = re.search(r"@operations (\d+)", log)
        return Ended(code, int(counted.group(1)) if counted else 0, log)

    def _read(self, child):
        with open("%s.%d" % (self._log, child), encoding="utf-8", errors="replace") as file:
            return file.read()

    def run(self, name, out, at=0, how=BEFORE, number=0, flags=()):
        return self.end(self.start(name, out, at, how, number, flags))


# ------------------------------------------------------------------------------------------------------ what is compared


def outcome(folder):
    """What a run has left in `folder`, without what depends on the clock."""
    import tensorflow.compat.v1 as tf

    files, names = {}, []
    for above, folders, found in os.walk(folder):
        folders[:] = [name for name in folders if name != "events"]
        for name in found:
            path = os.path.join(above, name)
            key = os.path.relpath(path, folder)
            names.append(key)
            if name.endswith(".index"):
                reader = tf.train.load_checkpoint(path[: -len(".index")])
                values = {variable: reader.get_tensor(variable) for variable in reader.get_variable_to_shape_map()}
                files[key] = {variable: _bytes(variable, value) for variable, value in values.items()}
            elif ".data-" not in name and name != ".lock":
                with open(path, "rb") as file:
                    content = file.read()
                files[key] = _without_times(json.loads(content.decode())) if _is_json(name, content) else content
    return Outcome(files, sorted(names))


def _is_json(name, content):
    try:
        return name.endswith(".json") and json.loads(content.decode()) is not None
    except ValueError:  # half of it
        return False


def _bytes(variable, value):
    if variable == "training/progress":
        return json.dumps(_without_times(json.loads(value.decode("utf-8"))), sort_keys=True)
    return value if isinstance(value, bytes) else value.tobytes()


def _without_times(value):
    if isinstance(value, dict):
        return {name: _without_times(one) for name, one in value.items() if not _TIMES.search(name)}
    return [_without_times(one) for one in value] if isinstance(value, list) else value


def differences(found, wanted):
    """Where two outcomes differ, as texts."""
    told = ["%s is too much" % name for name in sorted(set(found.names) - set(wanted.names))]
    told += ["%s is missing" % name for name in sorted(set(wanted.names) - set(found.names))]
    for name in sorted(set(found.files) & set(wanted.files)):
        one, other = found.files[name], wanted.files[name]
        if one != other and isinstance(one, dict) and isinstance(other, dict):
            told += ["%s: %s" % (name, key) for key in sorted(set(one) | set(other)) if one.get(key) != other.get(key)]
        elif one != other:
            told.append(name)
    return told


def newest_steps(folder):
    """{folder of checkpoints: its newest step}."""
    found = {}
    for above, _, names in os.walk(folder):
        steps = [int(name[len("step-") : -len(".index")]) for name in names if re.match(r"step-\d+\.index$", name)]
        if steps:
            found[above] = max(steps)
    return found


# ------------------------------------------------------------------------------------------------------------ the attacks


class Attack(object):
    """What is done to one example. Several attempts in a row are disturbed, each going on from where the last one ended, then
    one may end; what should not be is put into `faults`."""

    def __init__(self, crasher, name, folder, draw):
        self.crasher, self.name, self.out, self.draw = crasher, name, os.path.join(folder, name), draw
        self.faults, self._row = [], []
        shutil.rmtree(self.out, ignore_errors=True)
        first = self._whole()
        self.wanted, self.operations = outcome(self.out), first.operations or 100
        shutil.rmtree(self.out)
        self._whole()
        # What two undisturbed runs do not share (a picture of times, say) cannot be asked of a disturbed one.
        self.unlike = set(differences(outcome(self.out), self.wanted))
        shutil.rmtree(self.out)

    def _whole(self):
        ended = self.crasher.run(self.name, self.out)
        assert ended.code == 0, "%s failed by itself (%d):\n%s" % (self.name, ended.code, ended.log[-3000:])
        return ended

    def disturb(self, what, expected, at, how, number=0, flags=()):
        """One disturbed attempt. Returns whether it ended as `expected`, a function of how it ended, and not well."""
        before = newest_steps(self.out)
        ended = self.crasher.run(self.name, self.out, at, how, number, flags)
        self._row.append("%s at %d" % (what, at))
        after = newest_steps(self.out)
        self.faults += [
            "%s: %s has lost a checkpoint" % (self, one) for one in before if after.get(one, -1) < before[one]
        ]
        if ended.code == 0:
            self._compare()
            return False
        if not expected(ended):
            self.faults.append("%s: code %d:\n%s" % (self, ended.code, ended.log[-2000:]))
        if len(self._row) >= 6:
            self.finish()
        return expected(ended)

    def __str__(self):
        return ", ".join(self._row)

    def finish(self):
        """An attempt that nothing disturbs, after those that something did."""
        if self._row:
            ended = self.crasher.run(self.name, self.out)
            if ended.code:
                self.faults.append("the start after %s: code %d:\n%s" % (self, ended.code, ended.log[-2000:]))
            self._compare(ended.code == 0)

    def _compare(self, whole=True):
        if whole:
            found = set(differences(outcome(self.out), self.wanted)) - self.unlike
            self.faults += ["%s: %s" % (self, one) for one in sorted(found)]
        shutil.rmtree(self.out, ignore_errors=True)
        self._row = []

    def kill(self, count):
        """Kills it at `count` random file operations. Returns how often that was."""
        done = tried = 0
        while done < count and tried < 4 * count:
            at, how = self.draw.randint(1, max(2, self.operations // 2)), self.draw.choice([BEFORE, AFTER, HALF])
            done += self.disturb("killed %s" % ["before", "after", "within"][how], _was_killed, at, how)
            tried += 1
        self.finish()
        return done

    def fail(self, count):
        """From a random write on, the disk is full or reports an error. Returns how often the run noticed."""
        done = 0
        for number in range(count):
            code = [errno.ENOSPC, errno.EIO][number % 2]
            at = self._operation() if number else 1
            done += self.disturb(errno.errorcode[code], functools.partial(_told_why, code), at, FAIL, code)
        self.finish()
        return done

    def signals(self, count):
        """Signals at random operations: the run ends with a checkpoint, or goes on. Returns how often it ended."""
        done = 0
        for number in range(count):
            which, how, code = _SIGNALS[number % len(_SIGNALS)]
            what = "%s%s" % (signal.Signals(which).name, " twice" if how == RAISE_TWICE else "")
            done += self.disturb(what, functools.partial(_stopped, code, which), self._operation(), how, which)
        self.finish()
        return done

    def beside(self, what, meanwhile, expected=0):
        """Stops the run at a random operation, calls `meanwhile`, and lets it go on; it ends with the exit code `expected`."""
        at = self._operation()
        child = self.crasher.start(self.name, self.out, at, RAISE, signal.SIGSTOP)
        ended = self.crasher.end(child, meanwhile=meanwhile)
        self._row.append("%s at %d" % (what, at))
        if ended.code != expected or "Traceback" in ended.log:
            self.faults.append("%s: code %d:\n%s" % (self, ended.code, ended.log[-2000:]))
        self.finish()

    def read(self, name, flags, allowed):
        """Runs another example that reads this one's folder: it ends well, or with the error `allowed`."""

        def meanwhile():
            ended = self.crasher.run(
                name, self.out + "-reader", flags=[flag.replace("OUT", self.out) for flag in flags]
            )
            refused = ended.code == 2 and re.search(allowed, ended.log) and "damaged" not in ended.log
            if ended.code != 0 and not refused or "Traceback" in ended.log:
                self.faults.append("%s read by %s: code %d:\n%s" % (self, name, ended.code, ended.log[-2000:]))

        self.beside("%s reads" % name, meanwhile)

    def twice(self):
        """Two starts at the same moment: one of them is refused, unless it comes when the other has ended."""
        pair = [self.crasher.start(self.name, self.out) for _ in range(2)]
        ended = [self.crasher.end(child) for child in pair]
        self._row.append("two starts")
        refused = [one for one in ended if one.code == 2 and "in use by another run" in one.log]
        if [one.code for one in ended].count(0) + len(refused) != 2 or len(refused) == 2:
            self.faults += ["%s: code %d:\n%s" % (self, one.code, one.log[-2000:]) for one in ended]
        self.finish()

    def remove(self):
        """Removes the folder under the run, which ends with a line that says so, and makes no new one."""

        def meanwhile():
            shutil.rmtree(self.out, ignore_errors=True)

        child = self.crasher.start(self.name, self.out, self.operations // 2, RAISE, signal.SIGSTOP)
        ended = self.crasher.end(child, meanwhile=meanwhile)
        self._row.append("removed")
        if ended.code != 2 or "Traceback" in ended.log or os.path.exists(os.path.join(self.out, "checkpoints")):
            self.faults.append("%s: code %d:\n%s" % (self, ended.code, ended.log[-2000:]))
        self.finish()

    def _operation(self):
        return self.draw.randint(1, self.operations)


def _was_killed(ended):
    return ended.code == -signal.SIGKILL or "ended with exit code -9" in ended.log  # of a task of a cluster


def _told_why(code, ended):
    words = {errno.ENOSPC: "the disk is full", errno.EIO: "the disk reports an error"}[code]
    lines = [line for line in ended.log.splitlines() if re.search(r"\.py: error: ", line)]
    return ended.code == 2 and len(lines) == 1 and words in lines[0] and "Traceback" not in ended.log


def _stopped(code, which, ended):
    return ended.code in (code, -which) and "Traceback" not in ended.log


_SIGNALS = [
    (signal.SIGTERM, RAISE, 143),
    (signal.SIGINT, RAISE, 130),
    (signal.SIGINT, RAISE_TWICE, 130),
    (signal.SIGHUP, RAISE, 129),
    (signal.SIGSTOP, RAISE, 0),
]


def preloaded(arguments):
    """Starts this program again with the shim, where that is not there yet; returns where it is."""
    if "file_faults" in os.environ.get("LD_PRELOAD", ""):
        return
    if find_compiler() is None or not sys.platform.startswith("linux"):
        raise SystemExit("The crash test needs Linux and a C compiler: cc, gcc or clang.")
    library = build_shim(tempfile.mkdtemp())
    environment = dict(os.environ, LD_PRELOAD=library, PYTHONPATH=ROOT, MPLBACKEND="Agg")
    os.execve(sys.executable, [sys.executable, os.path.abspath(__file__)] + arguments, environment)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add = parser.add_argument
    add("folder")
    add("--examples", default=",".join(TINY), help="with commas between them (default: all that train)")
    add("--kills", type=int, default=20, help="of each example")
    add("--faults", type=int, default=4, help="of the disk, of each example")
    add("--signals", type=int, default=5, help="to each example")
    add("--seed", type=int, default=0)
    flags = parser.parse_args()
    os.makedirs(flags.folder, exist_ok=True)
    crasher = Crasher(flags.folder, make_data(os.path.join(flags.folder, "data")))
    wrong, totals = 0, [0, 0, 0]
    for name in flags.examples.split(","):
        started, counts, more = time.monotonic(), (0, 0, 0), ""
        try:
            draw = random.Random("%d %s" % (flags.seed, name))
            attack = Attack(crasher, name, os.path.join(flags.folder, "runs"), draw)
            counts = attack.kill(flags.kills), attack.fail(flags.faults), attack.signals(flags.signals)
            for reader, more_flags, allowed in READERS.get(name, ()):
                attack.read(reader, more_flags, allowed)
            if name != "cluster":  # whose own crash test is tests/cluster_soak.py
                attack.twice()
                attack.remove()
            faults = attack.faults
            if attack.unlike:
                more = "\n  (differs between undisturbed runs: %s)" % ", ".join(sorted(attack.unlike))
        except AssertionError as error:
            faults = [str(error)]
        totals = [total + count for total, count in zip(totals, counts)]
        wrong += len(faults)
        told = (name,) + counts + (len(faults), time.monotonic() - started)
        print("%-22s %2d kills, %d disk faults, %d signals, %d wrong, %.0f s%s" % (told + (more,)))
        for fault in faults:
            print("  " + fault)
        sys.stdout.flush()
    print(
        "TensorFlow %s: %d kills, %d disk faults, %d signals; %d wrong" % ((tf.__version__,) + tuple(totals) + (wrong,))
    )
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    preloaded(sys.argv[1:])
    import tensorflow.compat.v1 as tf
    from test_examples import write_digits

    import rnn_tf1
    from rnn_tf1.training import loop

    for module in pkgutil.walk_packages(rnn_tf1.__path__, "rnn_tf1."):  # once, and not in every attempt
        importlib.import_module(module.name)
    main()
