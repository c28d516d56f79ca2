"""The examples as a person runs them."""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from places import ROOT

from rnn_tf1.data.files.idx import read_idx, write_idx

EXAMPLES = sorted(name for name in os.listdir(os.path.join(ROOT, "examples")) if name.endswith(".py"))
PICTURES = ["learning_curves.png", "predictions.png", "confusion_matrix.png", "hidden_states.png"]


def command(name, *flags):
    return [sys.executable, os.path.join(ROOT, "examples", name)] + [str(flag) for flag in flags]


def start(name, *flags, **more):
    environment = dict(os.environ, PYTHONPATH=ROOT)
    return subprocess.Popen(
        command(name, *flags),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        universal_newlines=True,
        **more,
    )


def run(name, *flags, **more):
    process = start(name, *flags, **more)
    out, err = process.communicate(timeout=600)
    return process.returncode, out, err


def write_digits(folder, train, test):
    """Four small idx files in folder/mnist: each digit a band of its own, with noise. Returns the folder."""
    os.mkdir(str(folder / "mnist"))
    noise = np.random.RandomState(0)
    for part, count in (("train", train), ("t10k", test)):
        labels = noise.randint(0, 10, count).astype(np.uint8)
        images = noise.randint(0, 60, [count, 28, 28]).astype(np.uint8)
        for image, label in zip(images, labels):
            image[4 + 2 * label : 6 + 2 * label, 4:24] = 255
        write_idx(str(folder / "mnist" / (part + "-images-idx3-ubyte.gz")), images)
        write_idx(str(folder / "mnist" / (part + "-labels-idx1-ubyte.gz")), labels)
    return str(folder)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    return write_digits(tmp_path_factory.mktemp("data"), 5400, 300)


@pytest.mark.once
@pytest.mark.parametrize("name", EXAMPLES)
def test_help_is_quick(name):
    """An example that imports TensorFlow before it parses its flags."""
    seconds = []
    for _ in range(10):  # the processor's own time, which other work on the machine stretches but little
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        code, out, _ = run(name, "--help")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        assert code == 0
        assert "--out-dir" in out and "--quick" in out
        if seconds[-1] < 0.5:
            break
    assert min(seconds) < 0.5


def test_two_steps_agree(call, tmp_path):
    """The first example of the tutorial does not say that all three unrollings agree."""
    code, out, _ = call("two_step_unroll", "--out-dir", tmp_path)
    assert code == 0
    assert "all three agree" in out
    assert json.loads((tmp_path / "metrics.json").read_text())["largest_difference"] < 1e-6


CHOICES = [
    ("basic", "static"),
    ("lstm", "dynamic"),
    ("peephole", "manual"),
    ("gru", "dynamic"),
    ("layer_norm", "static"),
    ("context", "manual"),
]


def test_every_choice_is_run():
    """An option that nobody ran."""
    _, out, _ = run("mnist_rows.py", "--help")
    assert "{%s}" % ",".join(cell for cell, _ in CHOICES) in out
    assert "{manual,static,dynamic}" in out
    assert "{he,glorot,uniform}" in out


# The others on one of the two TensorFlows each.
SLOW_CHOICES = CHOICES[1 + tf.version.VERSION.startswith("1.") :: 2]


@pytest.mark.parametrize(
    ("cell", "unroll"), CHOICES[:1] + [pytest.param(*choice, marks=pytest.mark.slow) for choice in SLOW_CHOICES]
)
def test_mnist_rows(cell, unroll, call, data_dir, tmp_path):
    """A flag that crashes; figures or pictures that are missing; figures that do not say what they were made of."""
    flags = [
        "--cell",
        cell,
        "--unroll",
        unroll,
        "--initializer",
        {"basic": "he", "lstm": "uniform"}.get(cell, "glorot"),
    ]
    flags += ["--layers", 2, "--keep-prob", 0.9] if unroll == "dynamic" else []
    out_dir = tmp_path / "out"
    code, out, err = call(
        "mnist_rows",
        "--quick",
        "--data-dir",
        data_dir,
        "--out-dir",
        out_dir,
        "--seed",
        3,
        "--learning-rate",
        0.01,
        *flags,
    )
    assert code == 0, err
    metrics = json.loads((out_dir / "metrics.json").read_text())
    assert metrics["example"] == "mnist_rows"
    assert metrics["tensorflow"] == tf.__version__
    assert metrics["seed"] == 3
    assert metrics["data"].startswith("real: ")
    assert metrics["config"]["cell"] == cell and metrics["config"]["unroll"] == unroll
    assert 0.15 < metrics["test_accuracy"] <= 1.0
    assert "test accuracy %.2f %%" % (100 * metrics["test_accuracy"]) in out
    assert all((out_dir / picture).stat().st_size > 5000 for picture in PICTURES)
    assert "epoch 2/2" in err  # the progress bar
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (["--cell", "lstmm"], "invalid choice: 'lstmm'"),
        (["--units", "0"], "'0' should be a whole number of at least 1"),
        (["--units", "many"], "'many' should be a whole number"),
        (["--keep-prob", "0"], "'0' should be a number above 0 and at most 1"),
        (["--keep-prob", "1.5"], "'1.5' should be a number above 0 and at most 1"),
        (["--learning-rate", "nan"], "'nan' should be a number above 0"),
        (["--learning-rate", "inf"], "'inf' should be a number above 0"),
        (["--epoch-count", "3"], "unrecognized arguments"),
        (["--data-dir", "{damaged}"], "train-labels-idx1-ubyte"),
        (["--out-dir", "{file}/runs"], "cannot write there (Not a directory). Choose another --out-dir."),
    ],
)
def test_mistakes_end_with_one_message_and_code_2(flags, text, call, data_dir, tmp_path):
    """A traceback for a person's mistake, or a run that goes on in spite of it."""
    (tmp_path / "file").write_text("a file, where a folder should be")
    (tmp_path / "mnist").mkdir()
    for name in os.listdir(os.path.join(data_dir, "mnist")):
        with open(os.path.join(data_dir, "mnist", name), "rb") as file:
            content = file.read()
        (tmp_path / "mnist" / name).write_bytes(content[: len(content) // 2] if "train-labels" in name else content)
    flags = [flag.format(damaged=tmp_path, file=tmp_path / "file") for flag in flags]
    if "--out-dir" not in flags:
        flags += ["--out-dir", str(tmp_path / "out")]
    if "--data-dir" not in flags:
        flags += ["--data-dir", data_dir]
    code, _, err = call("mnist_rows", "--quick", *flags)
    assert code == 2
    assert text in err
    assert "Traceback" not in err


@pytest.mark.once
@pytest.mark.slow
def test_a_finished_run_is_not_credited_to_other_data(call, data_dir, tmp_path):
    """Figures of one data set, written beside the name of another."""
    flags = ["--quick", "--epochs", 1, "--units", 5, "--out-dir", tmp_path / "out"]
    assert call("mnist_rows", "--data-dir", data_dir, *flags)[0] == 0
    shutil.copytree(os.path.join(data_dir, "mnist"), str(tmp_path / "mnist"))
    labels = read_idx(str(tmp_path / "mnist" / "train-labels-idx1-ubyte.gz"))
    write_idx(str(tmp_path / "mnist" / "train-labels-idx1-ubyte.gz"), labels[::-1].copy())
    code, _, err = call("mnist_rows", "--data-dir", tmp_path, *flags)
    assert code == 2
    assert "data was real, 400 images, crc32" in err and "choose another --out-dir." in err


def test_a_disk_that_takes_nothing(call, data_dir, tmp_path):
    """A traceback where nothing can be written, before the run has begun."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))  # what Python tries its folders with is shorter
    try:
        code, _, err = call("mnist_rows", "--quick", "--data-dir", data_dir, "--out-dir", tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert code == 2
    told = "a file may not grow that large. Raise the limit (ulimit -f unlimited), or use another disk with another --out-dir."
    assert told in err and "Traceback" not in err


def test_without_tensorflow_the_doctor_is_named(tmp_path):
    """An ImportError's traceback for a person who has not installed TensorFlow."""
    (tmp_path / "tensorflow.py").write_text("raise ImportError('no TensorFlow here', name='tensorflow')")
    done = subprocess.run(
        command("two_step_unroll.py"),
        capture_output=True,
        text=True,
        env=dict(os.environ, PYTHONPATH=os.pathsep.join([str(tmp_path), ROOT])),
    )
    assert done.returncode == 2
    assert "-m rnn_tf1.doctor" in done.stderr and "Traceback" not in done.stderr


HOLDER = """
import sys
from rnn_tf1.program.files import locked
with locked(sys.argv[1]):
    print("locked", flush=True)
    sys.stdin.read()
"""


def test_two_runs_in_one_folder(call, data_dir, tmp_path):
    """Two runs that write each other's checkpoints."""
    pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(os.environ, PYTHONPATH=ROOT))
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], **pipes) as holder:
        assert holder.stdout.readline() == b"locked\n"
        code, _, err = call("mnist_rows", "--quick", "--data-dir", data_dir, "--out-dir", tmp_path)
        holder.stdin.close()
    assert code == 2
    assert "in use by another run (process %d). Wait until it ends, or choose another --out-dir." % holder.pid in err


@pytest.mark.once
@pytest.mark.slow
def test_another_cell_in_the_same_folder(call, data_dir, tmp_path):
    """A checkpoint of one network that is trained on as another."""
    flags = ["--quick", "--data-dir", data_dir, "--out-dir", tmp_path]
    assert call("mnist_rows", *flags)[0] == 0
    code, _, err = call("mnist_rows", *flags, "--units", 7)
    assert code == 2
    assert "rnn/basic_rnn_cell/kernel is [60, 32] in the checkpoint and [35, 7] in this graph" in err
    assert "--units was 32 there and is 7 here" in err


@pytest.mark.once
@pytest.mark.slow
def test_sigkill_at_two_random_moments(data_dir, tmp_path):
    """A killed run that, started again, ends with other weights than one that was never killed; needs POSIX signals."""
    flags = ["--data-dir", data_dir, "--units", 24, "--epochs", 30, "--keep-prob", 0.8]

    def weights(folder):
        newest = tf.train.latest_checkpoint(os.path.join(str(folder), "checkpoints"))
        reader = tf.train.load_checkpoint(newest)
        names = sorted(set(reader.get_variable_to_shape_map()) - {"training/progress"})
        return {name: reader.get_tensor(name).tobytes() for name in names}

    def newest():
        return tf.train.latest_checkpoint(str(tmp_path / "killed" / "checkpoints"))

    code, _, err = run("mnist_rows.py", "--out-dir", tmp_path / "whole", *flags)
    assert code == 0, err
    moments = random.Random(11)
    for _ in range(2):
        before, process = newest(), start("mnist_rows.py", "--out-dir", tmp_path / "killed", *flags)
        while newest() == before and process.poll() is None:  # however slow the machine is, one epoch is kept each time
            time.sleep(0.02)
        time.sleep(moments.uniform(0, 1))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    code, _, err = run("mnist_rows.py", "--out-dir", tmp_path / "killed", *flags)
    assert code == 0, err
    assert "Going on from step" in err
    assert weights(tmp_path / "killed") == weights(tmp_path / "whole")


@pytest.mark.once
@pytest.mark.slow
@pytest.mark.skipif(
    "RNN_TF1_DATA" not in os.environ, reason="reads real MNIST: set RNN_TF1_DATA to the folder that has mnist/"
)
def test_mnist_rows_learns_real_digits(call, tmp_path):
    """Everything runs, and yet nothing is learnt."""
    code, _, err = call("mnist_rows", "--out-dir", tmp_path, "--epochs", 2)
    assert code == 0, err
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert metrics["data"].startswith("real: ")
    assert metrics["test_accuracy"] > 0.94
