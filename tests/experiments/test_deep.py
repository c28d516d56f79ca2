"""Train and test graphs of one deep network, three ways; series with carried state; the example of both."""

import dataclasses
import glob
import json
import os
import signal

import helpers
import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from helpers import make_sequence, values
from test_examples import data_dir, run, start  # noqa: F401

import rnn_tf1
from rnn_tf1 import Mode, training
from rnn_tf1.data.series import generators
from rnn_tf1.errors import CheckpointError, DataError
from rnn_tf1.experiments.digits import two_tasks
from rnn_tf1.models.classifier import ClassifierConfig, build_classifier
from rnn_tf1.models.forecaster import ForecasterConfig, build_carried_forecaster
from rnn_tf1.program.settings import Settings
from rnn_tf1.training import RunFolder, checkpoints

CONFIG = ClassifierConfig(steps=4, depth=3, classes=11, units=5, layers=3, cell="lstm", keep_prob=0.5)


def look(session, net, x):
    return session.run(net.logits, {net.inputs: x})


def test_three_ways_of_a_test_graph_agree(tmp_path):
    """A test graph with a mask in it, with other variables, or with a batch size or a number of steps that is tied to the
    training's."""
    x = make_sequence(batch=9)
    with tf.Graph().as_default() as graph:  # two towers
        step = tf.train.get_or_create_global_step()
        trained = build_classifier(CONFIG, Mode(True, 2, step))
        with tf.variable_scope(tf.get_variable_scope(), reuse=True):
            longer = build_classifier(dataclasses.replace(CONFIG, steps=7, unroll="dynamic"), Mode(False))
            tested = build_classifier(CONFIG, Mode(False))
        assert len(tf.trainable_variables()) == 3 * 2 + 2
        with helpers.session() as session:
            path = tf.train.Saver(tf.trainable_variables()).save(session, str(tmp_path / "weights"))
            wanted = look(session, tested, x)
            np.testing.assert_array_equal(look(session, tested, x), wanted)
            assert np.abs(look(session, trained, x) - wanted).max() > 0.01
            more_steps = look(session, longer, make_sequence(batch=2, time=7))
    with tf.Graph().as_default() as graph:  # another graph, and the checkpoint between them
        with tf.variable_scope(tf.get_variable_scope(), initializer=tf.zeros_initializer()):
            tested = build_classifier(dataclasses.replace(CONFIG, initializer="uniform"), Mode(False))
        random_ops = {op.name for op in graph.get_operations() if "Random" in op.type}
        assert not any("nitializer" not in name for name in random_ops), random_ops
        with tf.Session() as session:
            tf.train.Saver().restore(session, path)
            np.testing.assert_array_equal(look(session, tested, x), wanted)
    with tf.Graph().as_default():  # one network, and a switch
        switch = tf.placeholder_with_default(False, [])
        both = build_classifier(CONFIG, Mode(switch, 2, tf.train.get_or_create_global_step()))
        with helpers.session() as session:
            np.testing.assert_array_equal(look(session, both, x), wanted)
            on = session.run(both.logits, {both.inputs: x, switch: True})
            assert np.abs(on - wanted).max() > 0.01
    with tf.Graph().as_default():  # seven steps against a loop of one step each
        seven = build_classifier(dataclasses.replace(CONFIG, steps=7, unroll="manual"), Mode(False))
        with helpers.session() as session:
            helpers.assert_near(more_steps, look(session, seven, make_sequence(batch=2, time=7)), 1e-6)


@pytest.mark.parametrize("unroll", ["static", "dynamic"])
def test_the_forecasters_test_graph_has_no_random_op(unroll):
    """Dropout left in the test graph of a network with carried state."""
    config = ForecasterConfig(steps=4, units=5, layers=2, keep_prob=0.5, recurrent_keep_prob=0.5, unroll=unroll)
    texts = []
    for is_training in (True, False):
        with tf.Graph().as_default() as graph:
            net = build_carried_forecaster(config, 3, Mode(is_training, 1, tf.constant(4)))
            kept = tf.graph_util.extract_sub_graph(graph.as_graph_def(), [net.losses.op.name, net.carry.name])
            # Where resource variables are read, their initializers are not part of this graph.
            texts.append(str([node.op for node in kept.node]) + str(kept.library))
    assert "Random" in texts[0]
    assert "Random" not in texts[1]


def test_the_forecaster_carries_its_state(graph):
    """Pieces that forget, rows that begin anew when they should go on, targets of another step."""
    config = ForecasterConfig(steps=4, units=5, layers=2, cell="lstm", unroll="dynamic")
    net = build_carried_forecaster(config, 6, Mode(False))
    with tf.variable_scope(tf.get_variable_scope(), reuse=True):
        whole = build_carried_forecaster(dataclasses.replace(config, steps=12), 6, Mode(False), name="whole")
    x, y = make_sequence(time=12, depth=1), values("targets", [6, 12, 1])
    begins = np.ones(6, bool)
    with helpers.session() as s:  # random values in the carried state too: the first piece must not see them
        wanted = s.run(whole.predictions, {whole.inputs: x, whole.begins: begins})
        pieces, losses = [], []
        for t in (0, 4, 8):
            feed = {net.inputs: x[:, t : t + 4], net.targets: y[:, t : t + 4], net.begins: begins & (t == 0)}
            prediction, loss, _ = s.run([net.predictions, net.losses, net.carry], feed)
            pieces.append(prediction)
            losses.append(loss)
        np.testing.assert_array_equal(np.concatenate(pieces, 1), wanted)
        helpers.assert_near(np.mean(losses, 0), ((wanted - y) ** 2).mean((1, 2)), 1e-6)
        # Some rows begin anew, and the others go on.
        some = np.array([True, False, True, False, False, True])
        feed = {net.inputs: x[:, :4], net.begins: some}
        again = s.run(net.predictions, feed)
        np.testing.assert_array_equal(again[some], wanted[some, :4])
        assert np.abs(again[~some] - wanted[~some, :4]).max() > 0.01


# ------------------------------------------------------------------------------------------------------------- the data


def test_two_waves_in_closed_form():
    """Other frequencies, offsets or noise than in the book; a series that depends on how many were asked for."""
    made = generators.two_waves(3, 60, seed=5, first=7)
    assert made.shape == (3, 60, 1) and made.dtype == np.float32
    for row in range(3):
        u = np.random.RandomState([5, 7 + row]).rand(64)
        for t in (0, 13, 59):
            expected = 0.5 * np.sin((t / 50 - u[2]) * (u[0] * 10 + 10))
            expected += 0.2 * np.sin((t / 50 - u[3]) * (u[1] * 20 + 20)) + 0.1 * (u[4 + t] - 0.5)
            assert made[row, t, 0] == pytest.approx(expected, abs=1e-6)
    np.testing.assert_array_equal(generators.two_waves(1, 20, seed=5, first=8)[0], made[1, :20])
    for wrong in ((0, 5), (5, 0)):
        with pytest.raises(DataError, match="both must be at least 1"):
            generators.two_waves(wrong[0], wrong[1], seed=0)


class Deep(Settings):
    """What the two tasks read of the settings of ``examples/deep_rnn.py``."""

    graph: str = "towers"
    initializer: str = "glorot"
    learning_rate: float = 0.01
    clip_norm: float = 1.0
    batch_size: int = 3
    epochs: int = 2


def recurrence(inputs, settings, keep_prob, mode, initial_state):
    cell = rnn_tf1.make_cell("gru", 4, 2, keep_prob, mode)
    return rnn_tf1.dynamic_rnn(cell, inputs, initial_state=initial_state(cell))


def series(**settings):
    task = two_tasks.Series(Deep(**settings), recurrence, 1.0)
    task.load()
    return task


def test_naive_forecasts_are_as_bad_as_in_the_book():
    """Another series than the book's, whose naive forecast has a squared error of 0.020; noise of another variance."""
    figures = series(batch_size=100).values({"loss": 0.5})
    assert figures["test_mse"] == 0.5 and figures["naive_mse"] == pytest.approx(0.0202, abs=0.0005)
    draw = np.random.RandomState(0).rand(10**6)
    assert figures["noise_mse"] == pytest.approx(np.var(0.1 * (draw - 0.5)), rel=0.01)


def test_the_series_are_read_whole_and_in_order():
    """A piece that is left out, read twice or out of order, in training or at the test; rows shared between the parts."""
    task = series(seed=4, quick=True)
    data = generators.two_waves(3 + 12 + 12, 201, 4)
    for is_training, part, rows in [
        (True, "train", data[:3]),
        (False, "valid", data[3:15]),
        (False, "test", data[15:]),
    ]:
        with tf.Graph().as_default():
            net = task.network(Mode(is_training, 5))
            feeds = list(task.batches(net, 0, 0)) if part == "train" else list(task.pieces(net, part))
            piece = 50 if is_training else 100
            assert len(feeds) == 200 // piece == (task.steps_per_epoch if is_training else 2)
            for number, feed in enumerate(feeds):
                here = slice(number * piece, (number + 1) * piece)
                np.testing.assert_array_equal(feed[net.inputs], rows[:, :-1][:, here])
                np.testing.assert_array_equal(feed[net.targets], rows[:, 1:][:, here])
                assert feed[net.begins] == [number == 0] * len(rows)


def test_a_test_in_groups_is_the_test_of_all():
    """Groups of series that are left out, or begin with the state of others, where the test has the training's batch."""
    task = series(seed=4, quick=True)
    with tf.Graph().as_default():
        groups = task.network(Mode(tf.placeholder_with_default(False, [])))
        with tf.variable_scope(tf.get_variable_scope(), reuse=True):
            everything = task.network(Mode(False))
        with helpers.session() as session:
            wanted = task.measure(session, everything, "test")["loss"]
            assert task.measure(session, groups, "test")["loss"] == pytest.approx(wanted, rel=1e-5)
            assert task.measure(session, everything, "test")["loss"] == wanted  # a second time, and no state left over
            assert task.measure(session, everything, "valid")["loss"] != pytest.approx(wanted, rel=1e-3)


def test_two_ways_to_train_and_to_validate(tmp_path):
    """A switch that stays off, towers that have one; a run that is taken for that of another keep probability."""
    for graph in ("towers", "switch"):
        task = two_tasks.Series(Deep(graph=graph, quick=True, out_dir=str(tmp_path)), recurrence, 0.5)
        task.load()
        with tf.Graph().as_default():
            trained, validated = task.towers()
            assert (trained is validated) == (graph == "switch")
            feed = next(iter(task.batches(trained, 0, 0)))
            assert [value for place, value in feed.items() if place.op.name == "training"] == [True] * (
                graph == "switch"
            )
    assert task.folder.path == str(tmp_path / "keep_prob_0.5") and task.folder.settings["keep_prob"] == 0.5
    assert task.folder.settings["mode"] == "train" and task.folder.settings["graph"] == "switch"


# ----------------------------------------------------------------------------------------------- restoring into a test


def saved(folder, layers=3):
    """Weights of `layers` layers as the best of a run in `folder`."""
    with tf.Graph().as_default():
        build_classifier(dataclasses.replace(CONFIG, layers=layers), Mode(False))
        with helpers.session() as session:
            checkpoints.save(session, tf.train.Saver(), os.path.join(str(folder), "checkpoints"), 40, prefix="best")
            return session.run(tf.trainable_variables())


def restored(folder, layers, settings):
    with tf.Graph().as_default(), tf.Session() as session:
        build_classifier(dataclasses.replace(CONFIG, layers=layers), Mode(False))
        step = training.restore_best(session, RunFolder(str(folder), settings))
        return step, session.run(tf.trainable_variables())


def test_the_best_weights_are_restored(tmp_path):
    """Other weights than those that were saved."""
    wanted = saved(tmp_path)
    step, found = restored(tmp_path, 3, {})
    assert step == 40
    for a, b in zip(found, wanted):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("layers", "text"),
    [
        (2, r"cell_2/basic_lstm_cell/bias \[20\] of the checkpoint is not in this graph"),
        (4, "cell_3/.* is not in the checkp"),
    ],
)
def test_another_number_of_layers_is_refused(layers, text, tmp_path):
    """Two layers that restore from three without a word: the third would be missing, and the answers wrong."""
    saved(tmp_path)
    with pytest.raises(CheckpointError, match=text):
        restored(tmp_path, layers, {})


def test_nothing_to_restore(tmp_path):
    """A test of weights that were never trained; a traceback for a damaged file; another run's settings."""
    with pytest.raises(CheckpointError, match="no finished epoch to restore. Train first."):
        restored(tmp_path, 3, {})
    saved(tmp_path)
    (tmp_path / "config.json").write_text('{"keep_prob": 0.5}')
    with pytest.raises(CheckpointError, match="keep_prob was 0.5 there and is 0.7 here"):
        restored(tmp_path, 3, {"keep_prob": 0.7})
    for path in glob.glob(str(tmp_path / "checkpoints" / "best-40.data*")):
        os.truncate(path, 10)
    with pytest.raises(CheckpointError, match=r"best-40 is damaged \("):
        restored(tmp_path, 3, {"keep_prob": 0.5})
    for path in glob.glob(str(tmp_path / "checkpoints" / "best-40.index")):
        os.truncate(path, 0)
    with pytest.raises(CheckpointError, match=r"best-40 is damaged \("):
        restored(tmp_path, 3, {"keep_prob": 0.5})


# ---------------------------------------------------------------------------------------------------------- the example


RUNS = [
    ("rows", "switch", ["--cell", "irnn", "--initializer", "orthogonal", "--layers", 1]),
    ("rows", "towers", ["--cell", "gru", "--unroll", "dynamic", "--variational", "--recurrent-keep-prob", 0.9]),
    ("series", "towers", ["--cell", "layer_norm", "--initializer", "he", "--unroll", "dynamic"]),
    ("series", "switch", ["--cell", "peephole", "--initializer", "uniform", "--unroll", "dynamic"]),
]


@pytest.mark.slow
@pytest.mark.parametrize(("task", "graph_kind", "more"), RUNS[tf.version.VERSION.startswith("1.") :: 2])
def test_deep_rnn_trains_and_tests(task, graph_kind, more, call, data_dir, tmp_path):  # noqa: F811
    """A flag that crashes; a test process that finds other figures than the training process found. Half of the runs on each
    TensorFlow."""
    flags = ["--quick", "--data-dir", data_dir, "--out-dir", tmp_path, "--task", task, "--graph", graph_kind] + more
    flags += ["--keep-prob", 0.7, 1.0]
    code, out, err = call("deep_rnn", *flags)
    assert code == 0, err
    assert (tmp_path / "curves.png").stat().st_size > 5000
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    figure, name = ("accuracy", "test_accuracy") if task == "rows" else ("loss", "test_mse")
    assert metrics[name] == metrics["runs"]["keep_prob 0.7"][figure]
    assert metrics["runs"]["keep_prob 1"] != metrics["runs"]["keep_prob 0.7"]
    code, again, err = call("deep_rnn", "--mode", "test", *flags)
    assert code == 0, err
    lines = [line for line in out.splitlines() if "test loss" in line]
    assert len(lines) == 2 and again.splitlines() == lines
    code, _, err = call("deep_rnn", "--mode", "test", *(flags + ["--layers", 2]))
    assert code == 2
    assert "--layers was" in err and "is 2 here" in err and "Traceback" not in err


def test_deep_rnn_without_a_checkpoint(call, data_dir, tmp_path):  # noqa: F811
    """A traceback for a person who tests before training; a keep probability for which there is no mask."""
    shared = ["--quick", "--task", "series", "--out-dir", tmp_path, "--data-dir", data_dir]
    code, _, err = call("deep_rnn", "--mode", "test", *shared)
    assert code == 2
    assert "Train first." in err and "Traceback" not in err
    for value in ("0", "1.5"):
        code, _, err = call("deep_rnn", "--keep-prob", value, *shared)
        assert code == 2
        assert "'%s' should be a number above 0 and at most 1" % value in err


@pytest.mark.once
@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143)])  # Ctrl-C's 130: test_ctrl_c_leaves_a_checkpoint
def test_a_signal_ends_with_a_line_that_says_how_to_go_on(number, code, call, tmp_path):
    """A traceback or silence after Ctrl-C or SIGTERM; a run that was stopped and starts over."""
    flags = ["--quick", "--task", "series", "--unroll", "dynamic", "--out-dir", tmp_path, "--keep-prob", 0.9]
    flags += ["--epochs", 2]
    process = start("deep_rnn.py", *flags)
    line = ""
    while "batch/s" not in line and "s/batch" not in line:  # it trains
        line = line[-20:] + process.stderr.read(1)
    process.send_signal(number)
    _, err = process.communicate(timeout=120)
    assert process.returncode == code
    assert "deep_rnn.py: error: stopped. The same command goes on from the last checkpoint." in err
    assert "Traceback" not in err
    code, _, err = call("deep_rnn", *flags)
    assert code == 0 and "Going on from step" in err


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs RLIMIT_FSIZE")
def test_a_disk_that_takes_no_more(call, tmp_path):
    """A traceback, or a lost checkpoint, where TensorFlow's own writer meets the end of the disk."""
    import resource

    flags = ["--quick", "--task", "series", "--unroll", "dynamic", "--out-dir", tmp_path, "--keep-prob", 0.9]
    limit = dict(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (30000, 30000)))
    code, _, err = run("deep_rnn.py", *flags, **limit)
    assert code == 2, err
    assert "could not be written" in err and "run the same command again" in err and "Traceback" not in err
    assert call("deep_rnn", *flags)[0] == 0
