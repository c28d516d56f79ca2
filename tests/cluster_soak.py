"""Kills, stops and restarts the processes of a cluster at random moments, and compares what happens with what is promised::

    python tests/cluster_soak.py FOLDER [--cases N] [--seed N] [--timeout SECONDS] [--deaths] [--only TEXT]

Each case is a run of ``examples/cluster.py`` as a parameter server, a chief and a worker, with tiny sizes. The promises are
in ``docs/make_cluster.py``: exit codes, how long each process may live on, and the weights. Every case is done once
before one is done again. Prints a line for each; the exit code is 1 where a promise was broken.

Needs ``os.fork``: TensorFlow is imported once, and every task is a process of its own. What a task prints is in FOLDER.
"""

import argparse
import contextlib
import dataclasses
import glob
import hashlib
import json
import os
import random
import runpy
import shutil
import signal
import socket
import sys
import time

from places import ROOT

sys.path.append(os.path.join(ROOT, "docs"))

import make_cluster as promised  # noqa: E402
from make_cluster import AFTER, BACK, FROZEN, IN_USE, LATE, MARGIN, NEVER, PAUSED, TWICE, TWIN  # noqa: E402

from rnn_tf1.cluster import local_cluster, loopback  # noqa: E402

if __name__ == "__main__":  # before TensorFlow starts a thread
    loopback.leave_network()

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np  # noqa: E402
import tensorflow.compat.v1 as tf  # noqa: E402
from test_examples import write_digits  # noqa: E402

from rnn_tf1.cluster import picture, replicas  # noqa: E402
from rnn_tf1.data.images import mnist  # noqa: E402
from rnn_tf1.models import classifier  # noqa: E402

SCRIPT = os.path.join(ROOT, "examples", "cluster.py")
ROWS, EPOCHS, SAVE_STEPS = 200, 2, 10
FLAGS = [
    "--cell",
    "basic",
    "--units",
    16,
    "--batch-size",
    5,
    "--epochs",
    EPOCHS,
    "--save-steps",
    SAVE_STEPS,
    "--seed",
    3,
]
STEPS = {"sync": EPOCHS * ROWS // 10, "async": EPOCHS * ROWS // 5}
ROLES = {"ps": "ps 0", "chief": "worker 0", "worker": "worker 1"}
DEATHS = (BACK, TWICE, PAUSED, LATE, FROZEN)
LONGEST = 120.0  # seconds, of a run that is not held up


class Broken(Exception):
    """A promise that was not kept."""


class Tasks(object):
    """The processes of one run, by role; TensorFlow is imported once, here."""

    def __init__(self, folder, data_dir, mode, timeout, draw, starting=0.0):
        self.starting = starting  # seconds that a task of such a run needs, here and now, to begin a step
        self.folder, self.out_dir, self.timeout = folder, os.path.join(folder, "out"), timeout
        self.flags = [*FLAGS, "--mode", mode, "--timeout", timeout, "--data-dir", data_dir, "--out-dir", self.out_dir]
        self.draw = draw
        configs = local_cluster.local_configs(2)
        self.configs = {role: configs[name] for role, name in ROLES.items()}
        self.steps, self._writes = os.pipe()  # a byte for each step that a replica begins
        os.set_blocking(self.steps, False)
        self.pids, self.ended, self.count, self.begun = {}, {}, 0, 0
        self.last_step, self.slowest, self.deaths = 0.0, 0.0, 0

    def start(self, role, key=None):
        """Forks the task. `key`: its name here, where it is a second one."""
        key = key or role
        self.ended.pop(key, None)
        self.count += 1
        sys.stdout.flush()
        seed = self.draw.random()
        child = os.fork()
        if child:
            self.pids[key] = child
            return
        os.setsid()
        log = os.open(os.path.join(self.folder, "%02d-%s.log" % (self.count, key)), os.O_WRONLY | os.O_CREAT)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.environ["TF_CONFIG"] = self.configs[role]
        sys.argv = [SCRIPT] + [str(flag) for flag in self.flags]
        read_less()
        self._count_steps(random.Random(seed))
        runpy.run_path(SCRIPT, run_name="__main__")
        sys.exit(0)  # through the whole of Python's and TensorFlow's own end

    def _count_steps(self, draw):
        make_parts = replicas.make_parts

        def counted(*args):
            part = make_parts(*args)

            def feed(step, replica):
                os.write(self._writes, b"x")
                time.sleep(draw.uniform(0, 0.01))
                return part(step, replica)

            return feed

        replicas.make_parts = counted

    def poll(self):
        while True:
            with contextlib.suppress(BlockingIOError):
                self.begun += len(os.read(self.steps, 4096))
                self.last_step = time.monotonic()
                continue
            break
        for key, pid in list(self.pids.items()):
            if key not in self.ended:
                found, status = os.waitpid(pid, os.WNOHANG)
                if found:
                    code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
                    self.ended[key] = (code, time.monotonic())

    def wait(self, seconds, done, what):
        end = time.monotonic() + seconds
        while not done():
            if time.monotonic() > end:
                raise Broken("%s: not within %.0f s; ended: %s" % (what, seconds, self.codes()))
            time.sleep(0.005)
            self.poll()

    def wait_for_step(self, step):
        self.wait(LONGEST, lambda: self.begun >= step or self.ended, "step %d" % step)
        if self.ended:
            raise Broken("ended before anything happened: %s" % self.codes())

    def wait_for_end(self, keys, seconds):
        self.wait(seconds, lambda: set(keys) <= set(self.ended), "the end of %s" % ", ".join(keys))

    def send(self, role, number):
        self.poll()
        if role in self.ended:
            raise Broken("%s had ended: %s" % (role, self.codes()))
        os.kill(self.pids[role], number)
        self.deaths += number in (signal.SIGKILL, signal.SIGSTOP)
        if number == signal.SIGKILL:
            self.wait_for_end([role], 10)

    def codes(self):
        return {key: code for key, (code, _) in sorted(self.ended.items())}

    def close(self):
        for key in set(self.pids) - set(self.ended):
            os.kill(self.pids[key], signal.SIGKILL)
            os.waitpid(self.pids[key], 0)
        os.close(self.steps)
        os.close(self._writes)


def read_less():
    """Four rows of each image instead of 28, and no picture: a graph that is built in a second."""

    @dataclasses.dataclass(frozen=True)
    class Config(classifier.ClassifierConfig):
        steps: int = 4

    load = mnist.load

    def load_less(folder):
        data = load(folder)
        parts = {name: getattr(data, name) for name in ("train", "test")}
        return data._replace(**{name: part._replace(images=part.images[:, 4:24:5]) for name, part in parts.items()})

    classifier.ClassifierConfig, mnist.load = Config, load_less
    picture.replica_losses = lambda *args: None


def orphans(sessions):
    """Processes whose session is one of ours; zombies apart."""
    found = []
    for path in glob.glob("/proc/[0-9]*/stat"):
        with contextlib.suppress(OSError), open(path) as file:
            state, _, _, session = file.read().rsplit(")", 1)[1].split()[:4]
            if int(session) in sessions and state != "Z":
                found.append(path)
    return found


def outcome(out_dir):
    """{name: array} of every variable in the last checkpoint."""
    path = tf.train.latest_checkpoint(os.path.join(out_dir, "checkpoints"))
    if path is None:
        raise Broken("no checkpoint")
    reader = tf.train.load_checkpoint(path)
    return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}


def digest(folder):
    """Of every file under `folder`, but the lock."""
    found = {}
    for directory, _, names in os.walk(folder):
        for name in set(names) - {".lock"}:
            with open(os.path.join(directory, name), "rb") as file:
                found[os.path.join(directory, name)] = hashlib.md5(file.read()).hexdigest()
    return found


def run_whole(tasks, seconds=LONGEST):
    """A run to which nothing happens."""
    began = time.monotonic()
    for role in ROLES:
        tasks.start(role)
    tasks.wait(seconds, lambda: tasks.begun or tasks.ended, "the first step")
    tasks.starting = time.monotonic() - began
    tasks.wait_for_end(ROLES, seconds)
    if set(tasks.codes().values()) != {0}:
        raise Broken("an undisturbed run ended with %s" % tasks.codes())


def disturb(tasks, fault, victim, mode, promise):
    """One case; returns the step at which it happened. Raises `Broken` where a process does not end as promised."""
    draw, timeout = tasks.draw, tasks.timeout
    others = [role for role in ROLES if role != victim]
    if fault == AFTER:
        run_whole(tasks)
        before = digest(tasks.out_dir)
        tasks.start(victim)
        tasks.wait_for_end([victim], timeout + MARGIN)
        if digest(tasks.out_dir) != before:
            raise Broken("the finished run was changed")
        if tasks.codes() != dict({role: 0 for role in others}, **{victim: promise.codes[victim]}):
            raise Broken("ended with %s" % tasks.codes())
        return STEPS[mode]
    step = 0
    if fault in (NEVER, IN_USE):
        with socket.socket() as other:
            if fault == IN_USE:
                addresses = json.loads(tasks.configs[victim])
                task = addresses["task"]
                host, port = addresses["cluster"][task["type"]][task["index"]].split(":")
                other.bind((host, int(port)))
                other.listen(100)
                tasks.start(victim)
            for role in others:
                tasks.start(role)
            check_ends(tasks, others, promise)
            if fault == IN_USE:
                tasks.wait_for_end([victim], MARGIN)
    else:
        for role in ROLES:
            tasks.start(role)
        step = draw.randint(2, int(1.6 * STEPS["sync"]) if mode == "sync" else int(0.8 * STEPS["async"]))
        tasks.wait_for_step(step)
        time.sleep(draw.uniform(0, 0.03))
        if fault in (BACK, TWICE):
            for time_ in range(2 if fault == TWICE else 1):
                if time_:
                    tasks.wait(LONGEST, lambda seen=tasks.begun: tasks.begun > seen + 1 or tasks.ended, "the next step")
                tasks.send(victim, signal.SIGKILL)
                spare = max(
                    0.0, 0.9 * timeout - 1.5 * tasks.starting
                )  # it must be back, and at work, within the timeout
                time.sleep(draw.uniform(0, min(spare, 0.5 * timeout if fault == BACK else 0.2 * timeout)))
                tasks.start(victim)
        elif fault == PAUSED:
            tasks.send(victim, signal.SIGSTOP)
            time.sleep(draw.uniform(0.1, 0.8 * timeout))
            tasks.send(victim, signal.SIGCONT)
        elif fault == TWIN:
            tasks.start(victim, "twin")
            tasks.wait_for_end(["twin"], 2 * MARGIN)
            if tasks.ended.pop("twin")[0] != 2:
                raise Broken("the second %s ended with another exit code than 2" % victim)
            tasks.pids.pop("twin")
        elif fault in (LATE, FROZEN):
            tasks.send(victim, signal.SIGKILL if fault == LATE else signal.SIGSTOP)
            check_ends(tasks, others, promise)
            if fault == LATE:
                tasks.start(victim)
            else:
                os.kill(tasks.pids[victim], signal.SIGCONT)
            tasks.wait_for_end([victim], timeout + MARGIN)
    tasks.wait_for_end([role for role in ROLES if fault != NEVER or role != victim], LONGEST)
    wanted = {role: code for role, code in promise.codes.items() if fault != NEVER or role != victim}
    if tasks.codes() != wanted:
        raise Broken("ended with %s, and promised is %s" % (tasks.codes(), wanted))
    return step


def check_ends(tasks, others, promise):
    """Waits for the end of the others, now that the one they need is gone.

    The time counts from the last step that one of them began; where they make all steps without it, from the chief's end.
    """
    if promise.codes["chief"] == 0:
        tasks.wait_for_end(["chief"], LONGEST)
    began = time.monotonic()
    limit = promise.timeouts * (tasks.timeout + MARGIN)
    while not set(others) <= set(tasks.ended):
        if time.monotonic() > max(began, tasks.last_step) + limit:
            raise Broken("after %.0f s only these had ended: %s" % (limit, tasks.codes()))
        time.sleep(0.02)
        tasks.poll()
    tasks.slowest = max(tasks.ended[role][1] for role in others) - max(began, tasks.last_step)


def check_weights(found, mode, promise, whole):
    total = STEPS[mode]
    broken = sorted(name for name, value in found.items() if "losses" not in name and not np.isfinite(value).all())
    if broken:
        raise Broken("not finite: %s" % broken)
    if mode == "async":
        if not total <= found["global_step"] <= total + 1:
            raise Broken("%d steps instead of %d" % (found["global_step"], total))
        taken = np.isfinite(found["cluster/losses"]).any(0).sum()
        if taken < total / 2:
            raise Broken("only %d of %d steps have a loss" % (taken, total))
    elif promise.lost == promised.ONE_PART:
        if found["global_step"] != total or not np.isfinite(found["cluster/losses"]).all():
            raise Broken("steps are missing")
    else:
        different = [name for name, value in whole.items() if found[name].tobytes() != value.tobytes()]
        if different:
            raise Broken("not the weights of an undisturbed run: %s" % different)


def do(number, case, flags, data_dir, whole, starting):
    """One case: (a line that says how it went, with "BROKEN" in it where a promise was not kept; deaths)."""
    fault, victim, mode = case
    folder = os.path.join(flags.folder, "case-%03d" % number)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    draw = random.Random("%d %d" % (flags.seed, number))
    promise = promised.promise(*case)
    began, step, verdict = time.monotonic(), 0, "as promised"
    owner, lives = os.getpid(), []
    try:
        tasks = Tasks(folder, data_dir, mode, flags.timeout, draw, starting)
        lives.append(tasks)
        step = disturb(tasks, fault, victim, mode, promise)
        if promise.lost == promised.RESUMES and fault in DEATHS:
            lives.append(Tasks(folder, data_dir, mode, flags.timeout, draw))
            lives[-1].count = 10
            run_whole(lives[-1])
        if fault in DEATHS or promise.lost != promised.RESUMES:
            check_weights(outcome(tasks.out_dir), mode, promise, whole)
        left = orphans({pid for life in lives for pid in life.pids.values()})
        if left:
            raise Broken("still there: %s" % left)
    except Broken as error:
        verdict = "BROKEN: %s" % error
    finally:
        if os.getpid() == owner:  # not in a task that goes its own way
            for life in lives:
                life.close()
    slowest = "others ended after %4.1f s, " % lives[0].slowest if lives and lives[0].slowest else ""
    line = "%3d %-5s %-6s %-54s step %3d, %sin all %5.1f s: %s"
    return line % (number, mode, victim, fault, step, slowest, time.monotonic() - began, verdict), lives[0].deaths


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("--cases", type=int, default=len(promised.cases()))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--timeout", type=float, default=6.0)
    parser.add_argument("--deaths", action="store_true", help="only cases in which a task dies in mid-training")
    parser.add_argument("--only", default="", help="only those that begin so: sync, or async ps, ...")
    flags = parser.parse_args()
    flags.folder = os.path.abspath(flags.folder)
    shutil.rmtree(flags.folder, ignore_errors=True)
    os.makedirs(os.path.join(flags.folder, "whole"))
    from pathlib import Path

    data_dir = write_digits(Path(flags.folder), 5000 + ROWS, 90)
    draw, owner = random.Random(flags.seed), os.getpid()
    tasks = Tasks(os.path.join(flags.folder, "whole"), data_dir, "sync", 60.0, draw)
    try:
        run_whole(tasks)
        whole = outcome(tasks.out_dir)
    finally:
        if os.getpid() == owner:
            tasks.close()
    starting = tasks.starting
    if 1.5 * starting > flags.timeout:
        sys.exit("A task takes %.1f s to start here: pass --timeout %.0f or more." % (starting, 2 * starting + 1))
    known = [case for case in promised.cases() if ("%s %s %s" % (case[2], case[1], case[0])).startswith(flags.only)]
    known = [case for case in known if case[0] in DEATHS or not flags.deaths]
    todo = []
    while (
        len(todo) < flags.cases
    ):  # once all of them, and then those in which a task dies in the middle of the training
        todo += draw.sample(known, len(known))
        known = [case for case in known if case[0] in DEATHS] or known
    broken = deaths = 0
    for number, case in enumerate(todo[: flags.cases]):
        line, died = do(number, case, flags, data_dir, whole, starting)
        print(line, flush=True)
        broken += "BROKEN" in line
        deaths += died
    print(
        "%d cases, %d processes killed or stopped in mid-training, %d promises broken; a task starts in %.1f s"
        % (flags.cases, deaths, broken, starting)
    )
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
