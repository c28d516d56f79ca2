"""Kills a training at random moments, and compares what it ends with to one that was never killed::

    python tests/soak.py FOLDER [--kills N] [--seed N]

A deep network with dropout, learning-rate decay and carried state. A quarter of the kills come while a checkpoint is being
written. Prints what happened; the exit code is 1 where one bit of the weights, slots, carried state or history differs.
Needs ``os.fork``: TensorFlow is imported once, and every attempt is a process of its own.
"""

import argparse
import glob
import json
import os
import random
import signal
import sys
import threading
import time
import types

import tensorflow.compat.v1 as tf

from rnn_tf1 import checkpoints, tasks, training
from rnn_tf1.files import make_directory

EPOCHS = 120  # of 4 steps
CONFIG = dict(cell="lstm", units=8, layers=3, unroll="dynamic", keep_prob=0.7, recurrent_keep_prob=0.8)
FLAGS = types.SimpleNamespace(seed=3, graph="towers", learning_rate=0.02, clip_norm=1.0, epochs=EPOCHS)


class Task(tasks.Series):
    """The series, and a byte in a pipe before each step, so that the killer knows how far it is."""

    steps = None

    def feeds(self, net, more):
        made = super().feeds(net, more)

        def feeds(epoch, start):
            for feed in made(epoch, start):
                os.write(self.steps, b"x")
                yield feed

        return feeds


def train(folder, steps, die_in_save):
    """One attempt, which ends with the training or is killed. Saves after every step."""
    if die_in_save:
        save, saves = checkpoints.save, []

        def counted(*args, **kwargs):
            saves.append(args)
            if len(saves) == die_in_save:
                threading.Thread(target=kill_in_save, args=(folder,), daemon=True).start()
            return save(*args, **kwargs)

        checkpoints.save = counted
    task = Task(batch_size=6, seed=3, quick=True)
    task.steps = steps
    fit = training.fit
    training.fit = lambda *args, **kwargs: fit(*args, save_seconds=-1.0, **kwargs)
    tasks.train(task, CONFIG, folder, dict(CONFIG), FLAGS)


def kill_in_save(folder):
    """Kills this very process when it sees the temporary file of a checkpoint that is being written."""
    folder = make_directory(os.path.join(folder, "checkpoints"))
    while True:
        if any(".tempstate" in name for name in os.listdir(folder)):
            os.kill(os.getpid(), signal.SIGKILL)


def attempt(folder, kill_at=None, wait=0.0, die_in_save=0):
    """Forks one attempt; kills it `wait` seconds after its step `kill_at` began. Returns the signal that ended it, or 0."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            train(folder, writes, die_in_save)
            code = 0
        finally:
            os._exit(code)
    os.close(writes)
    begun, got = 0, b"x"
    while got and begun != kill_at:
        got = os.read(reads, 1)  # empty when the child has ended
        begun += len(got)
    if begun == kill_at:
        time.sleep(wait)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(reads)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise SystemExit("an attempt failed by itself, with exit code %d" % os.WEXITSTATUS(status))
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def outcome(folder):
    """{name: bytes} of every variable in the last checkpoint, and the history; the seconds of training may differ."""
    reader = tf.train.load_checkpoint(checkpoints.list_checkpoints(os.path.join(folder, "checkpoints"))[0])
    found = {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}
    progress = json.loads(found.pop("training/progress").decode("utf-8"))
    progress.pop("seconds")
    return dict({name: value.tobytes() for name, value in found.items()}, progress=json.dumps(progress, sort_keys=True))


def newest_step(folder):
    found = checkpoints.list_checkpoints(os.path.join(folder, "checkpoints"))
    return int(found[0].rsplit("-", 1)[1]) if found else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    flags = parser.parse_args()
    draw = random.Random(flags.seed)
    whole, killed = os.path.join(flags.folder, "whole"), os.path.join(flags.folder, "killed")
    attempt(whole)
    wanted = outcome(whole)
    kills, in_save, steps = 0, 0, []
    for number in range(flags.kills):
        if number % 4 == 1:
            ended = attempt(killed, die_in_save=draw.randint(1, 8))
        else:
            ended = attempt(killed, draw.randint(1, 20), draw.uniform(0, 0.03))
        kills += ended == signal.SIGKILL
        left = glob.glob(os.path.join(killed, "checkpoints", "*.tempstate*"))
        in_save += bool(left)
        steps.append(newest_step(killed))
    attempt(killed)
    found = outcome(killed)
    different = sorted(name for name in set(wanted) | set(found) if wanted.get(name) != found.get(name))
    print(
        "%d kills, %d of them while a checkpoint was written, at steps %s of %d" % (kills, in_save, steps, 4 * EPOCHS)
    )
    print("%d variables and the history compared: %s" % (len(wanted) - 1, different or "all equal, bit for bit"))
    sys.exit(1 if different or kills < flags.kills or not in_save else 0)


if __name__ == "__main__":
    main()
