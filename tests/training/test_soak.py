"""A short part of the crash test (tests/soak.py), and whether it notices what it is there for."""

import json
import os
import re
import subprocess
import sys

import pytest
import soak
import tensorflow.compat.v1 as tf
from places import ROOT

needs_shim = pytest.mark.skipif(
    not sys.platform.startswith("linux") or soak.find_compiler() is None, reason="needs Linux and a C compiler"
)


def test_every_example_that_trains_is_in_it():
    """An example that is new, and that nobody kills."""
    names = {name[: -len(".py")] for name in os.listdir(os.path.join(ROOT, "examples")) if name.endswith(".py")}
    assert names - set(soak.TINY) == {"two_step_unroll"}


def leave(folder, weight=1.5, loss=0.25, seconds=1.0, picture=b"png", more=()):
    """What a run might leave."""
    (folder / "checkpoints").mkdir(parents=True)
    with tf.Graph().as_default(), tf.Session() as session:
        tf.get_variable("w", initializer=weight)
        progress = json.dumps({"history": [{"loss": loss, "words_per_second": seconds}], "seconds": seconds})
        tf.get_variable("training/progress", initializer=progress)
        session.run(tf.global_variables_initializer())
        tf.train.Saver().save(
            session, str(folder / "checkpoints" / "step"), 5, write_meta_graph=False, write_state=False
        )
    (folder / "metrics.json").write_text(
        json.dumps({"accuracy": 0.5, "seconds": seconds, "table": [{"speed": seconds}]})
    )
    (folder / "a.png").write_bytes(picture)
    for name in more:
        (folder / name).write_text("left")
    return soak.outcome(str(folder))


def test_what_is_compared(tmp_path):
    """A crash test that takes any end for the right one; one that compares what the clock says."""
    wanted = leave(tmp_path / "wanted")
    assert soak.differences(leave(tmp_path / "later", seconds=7.0), wanted) == []
    index = os.path.join("checkpoints", "step-5.index")
    assert soak.differences(leave(tmp_path / "weight", weight=1.25), wanted) == [index + ": w"]
    assert soak.differences(leave(tmp_path / "loss", loss=0.5), wanted) == [index + ": training/progress"]
    assert soak.differences(leave(tmp_path / "picture", picture=b"gif"), wanted) == ["a.png"]
    left = leave(tmp_path / "left", more=["config.7.unfinished.json"])
    assert soak.differences(left, wanted) == ["config.7.unfinished.json is too much"]
    (tmp_path / "later" / "metrics.json").unlink()
    assert soak.differences(soak.outcome(str(tmp_path / "later")), wanted) == ["metrics.json is missing"]
    assert soak.newest_steps(str(tmp_path / "left")) == {str(tmp_path / "left" / "checkpoints"): 5}


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return soak.build_shim(str(tmp_path_factory.mktemp("shim")))


WRITER = """
import os
with open("a", "w") as file:
    file.write("12345678")
os.rename("a", "b")
os.remove("b")
"""


@needs_shim
@pytest.mark.parametrize(
    ("at", "how", "code", "left"),
    [
        (1, soak.BEFORE, -9, {}),
        (1, soak.AFTER, -9, {"a": ""}),
        (2, soak.BEFORE, -9, {"a": ""}),
        (2, soak.HALF, -9, {"a": "1234"}),
        (2, soak.AFTER, -9, {"a": "12345678"}),
        (3, soak.BEFORE, -9, {"a": "12345678"}),
        (3, soak.HALF, -9, {"b": "12345678"}),
        (4, soak.BEFORE, -9, {"b": "12345678"}),
        (4, soak.AFTER, -9, {}),
        (5, soak.BEFORE, 0, {}),
        (1, soak.FAIL, 1, {}),
        (2, soak.FAIL, 1, {"a": ""}),
        (3, soak.FAIL, 0, {}),  # a full disk renames and removes
        (3, soak.RAISE, -15, {"a": "12345678"}),
    ],
)
def test_the_last_operation(at, how, code, left, library, tmp_path):
    """A crash test that kills somewhere else than it says, or not at all."""
    number = {soak.FAIL: 28, soak.RAISE: 15}.get(how, 0)
    environment = dict(os.environ, LD_PRELOAD=library, FAULTS="%d %d %d %s" % (at, how, number, tmp_path))
    done = subprocess.run([sys.executable, "-c", WRITER], cwd=str(tmp_path), env=environment, stderr=subprocess.PIPE)
    assert done.returncode == code
    assert {name: (tmp_path / name).read_text() for name in os.listdir(str(tmp_path))} == left
    assert (b"No space left" in done.stderr) == (code == 1)


def crash(folder, *flags, **environment):
    return subprocess.run(
        [sys.executable, os.path.join(ROOT, "tests", "soak.py"), str(folder)] + list(flags),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=dict(os.environ, **environment),
    )


@needs_shim
@pytest.mark.slow
def test_a_short_part(tmp_path):
    """A run that is killed at a file operation, has a full disk or gets a signal, and ends otherwise than undisturbed."""
    example = "deep_rnn" if tf.version.VERSION.startswith("1.") else "mnist_rows"
    done = crash(tmp_path, "--examples", example, "--kills", "2", "--faults", "2", "--signals", "3")
    assert done.returncode == 0, done.stdout[-5000:]
    found = re.search(r"(\d+) kills, (\d+) disk faults, (\d+) signals; 0 wrong", done.stdout)
    assert found and int(found.group(1)) == 2 and int(found.group(2)) > 0 and int(found.group(3)) > 0, done.stdout
