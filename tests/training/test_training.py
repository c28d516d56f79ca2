"""The training loop, the train op and the checkpoints, on a tiny network with dropout."""

import errno
import functools
import glob
import json
import os
import shutil
import signal
import threading
import time

import helpers
import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from rnn_tf1 import Mode, training
from rnn_tf1.data.batches import batches
from rnn_tf1.errors import Argument, CheckpointError, GraphError, OutputError, TrainingError
from rnn_tf1.models.classifier import ClassifierConfig, build_classifier
from rnn_tf1.training import RunFolder, Schedule, checkpoints
from rnn_tf1.training.optimize import build_train_op, cosine_decay

CONFIG = ClassifierConfig(steps=3, depth=3, classes=3, units=5, cell="basic", keep_prob=0.7)
STEPS, EPOCHS = 5, 3  # 23 rows in batches of 5


class Killed(BaseException):
    """Stands for SIGKILL: nothing in the loop may catch it and save."""


def make_data(rows=23, seed=3):
    random = np.random.RandomState(seed)
    inputs = random.normal(size=[rows, 3, 3]).astype(np.float32)
    return inputs, np.argmax(inputs[:, -1], 1).astype(np.int32)


def train(
    out_dir, die_at=None, die=None, save_seconds=60.0, epochs=EPOCHS, config=CONFIG, rate=0.05, settings=None, **more
):
    """One run of the loop in a graph of its own; `die_at` is the step before which `die` is called."""
    data = make_data()
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(7)
        step = tf.train.get_or_create_global_step()
        model = build_classifier(config, Mode(True, 7, step))
        with tf.variable_scope(tf.get_variable_scope(), reuse=True):
            test = build_classifier(config, Mode(False))
        train_op = build_train_op(model.loss, cosine_decay(rate, step, STEPS * epochs), step, 1.0)

        def feeds(epoch, start):
            for number, (inputs, labels) in enumerate(batches(data, 5, 7, epoch, start), start):
                if die_at == epoch * STEPS + number:
                    die()
                yield {model.inputs: inputs, model.labels: labels}

        def evaluate():
            found = training.predict(
                session,
                {"accuracy": test.correct, "loss": test.losses},
                {test.inputs: data[0], test.labels: data[1]},
                7,
            )
            return {"valid_" + name: values.mean() for name, values in found.items()}

        fitted = training.fit(
            session,
            train_op,
            {"loss": model.loss, "accuracy": model.accuracy},
            feeds,
            evaluate,
            Schedule(STEPS, epochs, save_seconds=save_seconds, **more),
            RunFolder(str(out_dir), settings or {"units": config.units}),
        )
        newest = checkpoints.list_checkpoints(os.path.join(str(out_dir), "checkpoints"))[0]
        names = [name for name in sorted(checkpoints.read_shapes(newest)) if name != "training/progress"]
        values = {name: checkpoints.read(newest, name) for name in names}
        return fitted, values, session.run(tf.trainable_variables())


def kill():
    raise Killed()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return train(tmp_path_factory.mktemp("whole"))


def assert_same(found, wanted):
    """Bit for bit: weights, slots and step of the last checkpoint, the weights in the session, and the history."""
    assert sorted(found[1]) == sorted(wanted[1])
    for name in wanted[1]:
        assert found[1][name].tobytes() == wanted[1][name].tobytes(), name
    for a, b in zip(found[2], wanted[2]):
        assert a.tobytes() == b.tobytes()
    assert found[0].history == wanted[0].history
    assert found[0].best_epoch == wanted[0].best_epoch


# In the first step, at an epoch's border, within an epoch, at the last step: what was saved is the step before, or the epoch.
@pytest.mark.parametrize(("die_at", "save_seconds"), [(1, 60.0), (5, -1.0), (8, 60.0), (14, -1.0)])
def test_killed_and_resumed_equals_never_stopped(tmp_path, whole, die_at, save_seconds):
    """A resumed step lost or done twice, a batch order or dropout mask that depends on when the run was started."""
    with pytest.raises(Killed):
        train(tmp_path, die_at, kill, save_seconds)
    assert_same(train(tmp_path), whole)


def test_resumes_at_the_step_where_it_stopped(tmp_path, capsys):
    """A run that starts over, or repeats the epoch, although it saved within it."""
    with pytest.raises(Killed):
        train(tmp_path, 8, kill, save_seconds=-1.0)
    seen = []
    train(tmp_path, 8, lambda: seen.append(8))
    assert seen == [8]
    assert "Going on from step 8 of 15" in capsys.readouterr().err


def test_learns(tmp_path):
    """A loop that does not train: gradients of the wrong sign, updates not applied, the loss of another batch."""
    fitted, _, _ = train(tmp_path, epochs=20)
    assert abs(fitted.history[0]["train_loss"] - np.log(3)) < 0.5  # starts near chance
    assert fitted.history[-1]["valid_loss"] < 0.5
    assert fitted.history[fitted.best_epoch - 1]["valid_accuracy"] > 0.8


def test_history_has_means_over_the_epoch(whole):
    """Sums that are not divided or run on into the next epoch; a learning rate off the cosine."""
    history = whole[0].history
    assert [row["epoch"] for row in history] == [1, 2, 3]
    for epoch, row in enumerate(history):
        rates = [0.05 * (1 + np.cos(np.pi * (epoch * STEPS + i) / 15)) / 2 for i in range(STEPS)]
        assert row["learning_rate"] == pytest.approx(np.mean(rates), rel=1e-5)
        assert 0 <= row["train_accuracy"] <= 1
        assert {"valid_accuracy", "valid_loss", "gradient_norm"} <= set(row)


def test_step_counts_updates(whole):
    """A step that is not raised by the update."""
    assert whole[1]["global_step"] == STEPS * EPOCHS


def test_a_finished_run_is_not_trained_again(tmp_path, whole):
    """A run that goes on past its last epoch when it is started again."""
    train(tmp_path)
    assert_same(train(tmp_path, 15, kill), whole)


def test_best_epoch_is_kept(tmp_path):
    """The last weights taken for the best; early stopping that counts from the wrong epoch."""
    scores = iter([0.5, 0.9, 0.6, 0.7, 0.95])
    weights = []

    def run(**more):
        data = make_data()
        with tf.Graph().as_default(), tf.Session() as session:
            tf.set_random_seed(1)
            step = tf.train.get_or_create_global_step()
            model = build_classifier(CONFIG, Mode(False))
            op = build_train_op(model.loss, 0.05, step)

            def evaluate():
                weights.append(session.run(tf.trainable_variables()[0]))
                return {"score": next(scores)}

            feed = {model.inputs: data[0], model.labels: data[1]}
            fitted = training.fit(
                session,
                op,
                {"loss": model.loss},
                lambda e, s: [feed],
                evaluate,
                Schedule(1, 5, "score", **more),
                RunFolder(str(tmp_path), {}),
            )
            return fitted, session.run(tf.trainable_variables()[0])

    fitted, final = run(patience=2)
    assert [row["score"] for row in fitted.history] == [0.5, 0.9, 0.6, 0.7]  # two epochs without a better one: stopped
    assert fitted.best_epoch == 2
    np.testing.assert_array_equal(final, weights[1])
    fitted, final = run(patience=None)  # more patience goes on from there, and finds a better one
    assert fitted.best_epoch == 5
    np.testing.assert_array_equal(final, weights[4])


def test_two_newest_checkpoints_and_the_best_are_kept(tmp_path):
    """A folder that fills up; the one before the last thrown away."""
    train(tmp_path)
    folder = str(tmp_path / "checkpoints")
    assert [os.path.basename(path) for path in checkpoints.list_checkpoints(folder)] == ["step-15", "step-10"]
    assert len(checkpoints.list_checkpoints(folder, "best")) == 1
    assert len(glob.glob(os.path.join(folder, "*.index"))) == 3


@pytest.mark.parametrize("damage", ["flip", "truncate", "empty index", "no data"])
def test_damaged_checkpoint_falls_back(tmp_path, whole, damage, capsys):
    """A damaged latest checkpoint that stops the run, is believed, or is passed over without a word."""
    with pytest.raises(Killed):
        train(tmp_path, 14, kill)
    newest = checkpoints.list_checkpoints(str(tmp_path / "checkpoints"))[0]
    data = glob.glob(newest + ".data-*")[0]
    with open(data, "rb") as file:
        content = bytearray(file.read())
    if damage == "flip":
        content[len(content) // 2] ^= 255
        with open(data, "wb") as file:
            file.write(content)
    elif damage == "truncate":
        os.truncate(data, len(content) // 2)
    elif damage == "empty index":
        os.truncate(newest + ".index", 0)
    else:
        os.remove(data)
    assert_same(train(tmp_path), whole)
    error = capsys.readouterr().err
    assert "step-10 is damaged (" in error and "Graph execution error" not in error
    assert "Going on from step 5 of 15" in error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (tf.errors.PermissionDeniedError(None, None, "x; Permission denied"), "Permission denied"),
        (OSError(errno.EIO, os.strerror(errno.EIO)), "the disk reports an error"),
    ],
)
def test_a_checkpoint_that_cannot_be_read_now_is_kept(tmp_path, whole, error, told, monkeypatch):
    """Steps that are lost, or a whole run, since a disk was away for a moment or another user started the run."""
    with pytest.raises(Killed):
        train(tmp_path, 8, kill, save_seconds=-1.0)
    before = sorted(os.listdir(str(tmp_path / "checkpoints")))

    def away(path):
        raise error

    monkeypatch.setattr(checkpoints, "_shapes", away)
    with pytest.raises(CheckpointError, match="step-8 cannot be read .*%s.*run the same command again" % told):
        train(tmp_path)
    with pytest.raises(CheckpointError, match="best-5 cannot be read"):
        weights_of(tmp_path)
    monkeypatch.undo()
    assert sorted(os.listdir(str(tmp_path / "checkpoints"))) == before
    assert_same(train(tmp_path), whole)


def test_all_checkpoints_damaged_starts_over(tmp_path, whole, capsys):
    """Weights that were read in part from a damaged checkpoint and then trained on."""
    with pytest.raises(Killed):
        train(tmp_path, 12, kill)
    for path in glob.glob(str(tmp_path / "checkpoints" / "step-*.data-*")):
        os.truncate(path, os.path.getsize(path) - 40)
    assert_same(train(tmp_path), whole)
    assert "No checkpoint in" in capsys.readouterr().err


def test_a_damaged_best_checkpoint_is_named(tmp_path):
    """TensorFlow's traceback, or the last weights taken for the best without a word."""
    train(tmp_path)
    os.truncate(glob.glob(str(tmp_path / "checkpoints" / "best-*.data-*"))[0], 10)
    with pytest.raises(CheckpointError, match=r"best-\d+ is damaged .*Choose another out_dir to train anew"):
        train(tmp_path)


def test_leftovers_of_a_killed_save_are_removed(tmp_path, whole):
    """A half-written checkpoint that is picked up, or stays for ever."""
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    leftover = folder / "step-15.data-00000-of-00001.tempstate1234"
    leftover.write_bytes(b"half")
    assert_same(train(tmp_path), whole)
    assert not leftover.exists()


def weights_of(out_dir):
    """The step of what `restore_best` reads, and the weights."""
    with tf.Graph().as_default(), tf.Session() as session:
        build_classifier(CONFIG, Mode(False))
        return training.restore_best(session, RunFolder(str(out_dir), {"units": CONFIG.units})), session.run(
            tf.trainable_variables()
        )


def test_checkpoints_of_a_run_that_was_given_up(tmp_path, whole, capsys):
    """Weights of the old run that are kept for the newest, and so for the best; a new run that goes on from the old one."""
    train(tmp_path, epochs=5, rate=0.01)
    folder = tmp_path / "checkpoints"
    for path in folder.glob("step-*.index"):
        path.write_bytes(b"")
    with pytest.raises(Killed):
        train(tmp_path, 12, kill)
    assert "starting from the beginning" in capsys.readouterr().err
    assert sorted(path.name for path in folder.glob("step-*.index")) == ["step-10.index", "step-5.index"]
    assert weights_of(tmp_path)[0] <= 10
    assert_same(train(tmp_path), whole)


@pytest.mark.once
@pytest.mark.parametrize("moment", ["best saved", "step saved", "state not written"])
def test_killed_between_the_two_checkpoints_of_an_epoch(tmp_path, moment, monkeypatch):
    """The weights of two epochs that stay where one is kept; a state file that names the checkpoint before."""
    real, last = checkpoints.save, STEPS * EPOCHS
    run = functools.partial(train, tmp_path / "run", monitor="epoch")  # the last epoch is the best
    whole = train(tmp_path / "whole", monitor="epoch")

    def save(session, saver, directory, step, prefix="step"):
        if step == last and moment == "state not written":
            monkeypatch.setattr(checkpoints, "_write_state", lambda directory, newest: None)
        made = real(session, saver, directory, step, prefix)
        if step == last and (prefix == "best" if moment == "best saved" else prefix == "step"):
            raise Killed()
        return made

    monkeypatch.setattr(checkpoints, "save", save)
    with pytest.raises(Killed):
        run()
    monkeypatch.undo()
    assert_same(run(), whole)
    names = os.listdir(str(tmp_path / "run" / "checkpoints"))
    assert sorted(name for name in names if name.endswith(".index")) == [
        "best-15.index",
        "step-10.index",
        "step-15.index",
    ]
    assert os.path.basename(tf.train.latest_checkpoint(str(tmp_path / "run" / "checkpoints"))) == "step-15"


def test_leftovers_of_a_killed_removal_are_removed(tmp_path, whole):
    """Data without an index, and half-written settings, that no start ever removes."""
    left = [
        "step-3.data-00000-of-00001",
        "best-2.data-00001-of-00002",
        "checkpoint.tmp1a2b",
        "checkpoint.999999.unfinished",
    ]
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "config.999999.unfinished.json").write_text("half")
    for name in left:
        (tmp_path / "checkpoints" / name).write_text("half")
    assert_same(train(tmp_path), whole)
    assert not set(left) & set(os.listdir(str(tmp_path / "checkpoints")))
    assert not list(tmp_path.glob("*.unfinished*"))


NAMES = ["lstm [2]", "a*b?", "back\\slash", "x:/y", "caf\udce9", "ünï", "new\nline", "-$HOME {0} %d"]


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="no names for opened folders there")
@pytest.mark.parametrize("name", helpers.by_default(NAMES, ["lstm [2]", "x:/y", "caf\udce9"]))
def test_a_folder_of_any_name(tmp_path, whole, name, capsys):
    """A name that TensorFlow reads as a pattern, or cannot read: trained to the end, then damaged; the second start anew."""
    folder = os.path.join(str(tmp_path), name)
    with pytest.raises(Killed):
        train(folder, 8, kill, save_seconds=-1.0)
    assert_same(train(folder), whole)
    err = capsys.readouterr().err
    assert "Going on from step 8 of 15" in err and "damaged" not in err
    assert os.listdir(str(tmp_path)) == [name.split("/")[0]]
    assert len(os.listdir(os.path.join(folder, "events"))) == 2
    assert weights_of(folder)[0] == STEPS * whole[0].best_epoch
    newest = checkpoints.list_checkpoints(os.path.join(folder, "checkpoints"))[0]
    os.truncate(newest + ".index", 10)
    with pytest.raises(CheckpointError, match="step-15 is damaged"):
        checkpoints.read_shapes(newest)


def test_where_no_opened_folder_has_a_name(tmp_path, monkeypatch):
    """A system without /proc, where TensorFlow would train to the end and then find nothing."""
    monkeypatch.setattr(checkpoints.os.path, "isdir", lambda path: False)
    with pytest.raises(OutputError, match=r"a \[2\]: TensorFlow takes the brackets.*Choose another directory\."):
        with checkpoints.for_tensorflow(str(tmp_path / "a [2]")):
            pass
    with checkpoints.for_tensorflow(str(tmp_path / "a")) as name:
        assert name == str(tmp_path / "a")


def test_other_programs_find_the_newest(tmp_path):
    """A state file that TensorFlow cannot read, or that holds the folder's old name."""
    train(tmp_path / "run")
    (tmp_path / "run").rename(tmp_path / "moved")
    folder = str(tmp_path / "moved" / "checkpoints")
    assert tf.train.latest_checkpoint(folder) == os.path.join(folder, "step-15")


def test_a_folder_that_is_removed_under_the_run(tmp_path):
    """A run that makes the folder again, and goes on without its lock and its settings."""
    with pytest.raises(OutputError, match="run was removed or replaced|checkpoints was removed or replaced"):
        train(tmp_path / "run", 6, lambda: shutil.rmtree(str(tmp_path / "run")), save_seconds=-1.0)
    assert not (tmp_path / "run").exists()


def test_a_clock_that_is_set_back(tmp_path, monkeypatch):
    """Negative seconds, and no saves within the epoch until the clock is where it was."""
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() - 1e6 * (1 + len(os.listdir(str(tmp_path)))))
    saved = []
    monkeypatch.setattr(training.checkpoints, "save", lambda *args, **kwargs: saved.append(args[-1]))
    with pytest.raises(Killed):
        train(tmp_path, 4, kill, save_seconds=-1.0)
    assert saved == [1, 2, 3, 4]
    monkeypatch.undo()
    assert 0 <= train(tmp_path)[0].seconds < 100


def test_the_best_weights_beside_a_run_that_goes_on(tmp_path, monkeypatch):
    """A reader that says "damaged" where the run has meanwhile replaced the weights by better ones."""
    train(tmp_path)
    folder = str(tmp_path / "checkpoints")
    old = checkpoints.list_best(str(tmp_path))[0]
    read = checkpoints.read_shapes

    def replaced(path):
        if path == old:
            for part in glob.glob(glob.escape(old) + ".*"):
                os.rename(part, part.replace(os.path.basename(old), "best-99"))
        return read(path)

    monkeypatch.setattr(checkpoints, "read_shapes", replaced)
    assert weights_of(tmp_path)[0] == 99
    for path in glob.glob(os.path.join(folder, "best-99.data*")):
        os.truncate(path, 10)
    with pytest.raises(CheckpointError, match="best-99 is damaged"):
        weights_of(tmp_path)


def test_other_shape_names_variable_shapes_and_flag(tmp_path):
    """A checkpoint of another network that fails without saying which variable, which shapes and what to change."""
    train(tmp_path, epochs=1)
    other = ClassifierConfig(steps=3, depth=3, classes=3, units=6, cell="basic", keep_prob=0.7)
    with pytest.raises(CheckpointError) as caught:
        train(tmp_path, config=other)
    text = str(caught.value)
    assert "rnn/basic_rnn_cell/kernel is [8, 5] in the checkpoint and [9, 6] in this graph" in text
    assert "units was 5 there and is 6 here. Use what was there, or choose another out_dir." in text


@pytest.mark.parametrize(("shapes", "more"), [({"a": [3]}, ""), ({"a": [3], "b": [2], "c": [1]}, " (and 2 more)")])
@pytest.mark.parametrize("hint", ["", "--units"])
def test_all_that_does_not_fit_is_counted(shapes, more, hint, graph):
    """A message that names one variable as if it were the only one, or counts it among the others."""
    a = tf.get_variable("a", [4])
    with pytest.raises(CheckpointError) as caught:
        checkpoints.check_fits("here", shapes, [a], hint)
    assert "a is [3] in the checkpoint and [4] in this graph%s." % more in str(caught.value)


def test_missing_variable_is_named(tmp_path):
    """A one-layer checkpoint in a two-layer graph that fails with TensorFlow's hundred lines."""
    train(tmp_path, epochs=1, settings={"layers": 1})
    two = ClassifierConfig(steps=3, depth=3, classes=3, units=5, layers=2, cell="basic", keep_prob=0.7)
    with pytest.raises(CheckpointError, match=r"layers was 1 there and is 2.*cell_0/basic.* is not in the checkpoint"):
        train(tmp_path, config=two, settings={"layers": 2})


def test_other_settings_are_refused_and_nothing_is_lost(tmp_path, whole):
    """A run that goes on with another learning rate as if it were the same run."""
    with pytest.raises(Killed):
        train(tmp_path, 7, kill, settings={"units": 5, "learning_rate": 0.05})
    with pytest.raises(CheckpointError, match="learning_rate was 0.05 there and is 0.1 here"):
        train(tmp_path, rate=0.1, settings={"units": 5, "learning_rate": 0.1})
    assert_same(train(tmp_path, settings={"units": 5, "learning_rate": 0.05}), whole)


def test_loss_that_is_not_finite_stops(tmp_path):
    """A run that trains on after NaN, saves the broken weights, or does not say where they broke."""
    data = make_data()
    with tf.Graph().as_default(), tf.Session() as session:
        step = tf.train.get_or_create_global_step()
        model = build_classifier(ClassifierConfig(steps=3, depth=3, classes=3, units=5), Mode(True))
        op = build_train_op(model.loss, 0.05, step)
        feeds = [{model.inputs: data[0], model.labels: data[1]}] * 4
        feeds[2] = {model.inputs: np.full([23, 3, 3], np.nan, np.float32), model.labels: data[1]}
        with pytest.raises(TrainingError) as caught:
            training.fit(
                session,
                op,
                {"loss": model.loss},
                lambda e, s: feeds[s:],
                dict,
                Schedule(4, 2, save_seconds=-1),
                RunFolder(str(tmp_path), {}),
            )
    text = str(caught.value)
    assert "nan at step 3" in text and "rnn/basic_rnn_cell/kernel" in text and "step-2" in text
    assert os.path.basename(checkpoints.list_checkpoints(str(tmp_path / "checkpoints"))[0]) == "step-2"


def test_a_gradient_that_is_not_finite_stops_before_the_weights_are_saved(tmp_path):
    """A finite loss whose update makes the weights NaN: the newest checkpoint would hold them."""
    with tf.Graph().as_default(), tf.Session() as session:
        step = tf.train.get_or_create_global_step()
        x = tf.placeholder(tf.float32, [])
        w = tf.get_variable("w", initializer=1.0)
        loss = tf.sqrt(tf.nn.relu(w - x))  # its slope at 0 is infinite times 0
        op = build_train_op(loss, 0.1, step)
        feeds = [{x: 0.0}, {x: 0.5}, {x: 100.0}, {x: 0.0}]
        with pytest.raises(TrainingError, match="gradient norm is nan at step 3; .* not finite is w.*step-2"):
            schedule, folder = Schedule(4, 1, save_seconds=-1), RunFolder(str(tmp_path), {})
            training.fit(session, op, {"loss": loss}, lambda e, s: feeds[s:], dict, schedule, folder)


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({}, "Try a lower learning_rate."),
        ({"advice": ["Try another ", Argument("seed"), "."]}, "Try another seed."),
    ],
)
def test_what_to_do_where_the_loss_is_not_finite(more, text, tmp_path):
    """An error that does not say what to change, or not what the caller knows better."""
    with tf.Graph().as_default(), tf.Session() as session:
        loss = tf.get_variable("w", initializer=np.float32(np.nan)) * 1.0
        op = build_train_op(loss, 0.1, tf.train.get_or_create_global_step())._replace(**more)
        with pytest.raises(TrainingError, match="The loss is nan at step 1.* %s$" % text.replace(".", "[.]")):
            training.fit(
                session, op, {"loss": loss}, lambda e, s: [{}], dict, Schedule(1, 1), RunFolder(str(tmp_path), {})
            )


@pytest.mark.parametrize("lower_is_better", [True, False])
def test_an_epoch_whose_score_is_not_a_number_is_never_the_best(lower_is_better, tmp_path):
    """NaN, which nothing is above, kept as the best score of all: the weights of a broken epoch would be those of the run."""
    scores = iter([np.nan, 3.0, 2.0, np.nan, 4.0])
    with tf.Graph().as_default(), tf.Session() as session:
        loss = tf.square(tf.get_variable("w", initializer=1.0))
        op = build_train_op(loss, 0.1, tf.train.get_or_create_global_step())
        run = training.fit(
            session,
            op,
            {"loss": loss},
            lambda e, s: [{}],
            lambda: {"score": next(scores)},
            Schedule(1, 5, "score", lower_is_better),
            RunFolder(str(tmp_path), {}),
        )
        assert run.best_epoch == (3 if lower_is_better else 5)


@pytest.mark.parametrize("lower_is_better", [True, False])
def test_without_a_monitor_the_last_epoch_is_kept(lower_is_better):
    """The first epoch kept where nothing decides, since a lower number is better of an error."""
    schedule = Schedule(1, 3, None, lower_is_better)
    scores = [schedule.score({"epoch": epoch, "valid_accuracy": 1.0 / epoch}) for epoch in (1, 2, 3)]
    assert scores == sorted(scores) and len(set(scores)) == 3


OLD = {"units": 5, "data": "real, 9 tokens, crc32 1", "tensorflow": "2"}


@pytest.mark.parametrize(
    ("there", "here", "text"),
    [
        ({}, {}, ""),
        ({"units": 6}, {}, "units was 6 there and is 5 here. Use what was there, or choose another out_dir."),
        ({}, {"data": "real, 9 tokens, crc32 1; test 7 tokens, crc32 2"}, ""),
        ({"data": "real, 9 tokens, crc32 1; test 7"}, {"data": "real, 9 tokens, crc32 1; test 8"}, "data was real, 9 "),
        ({"data": "real, 9 tokens, crc32 1; test 7"}, {}, "data was real, 9 tokens, crc32 1; test 7 there"),
        (
            {},
            {"data": "real, 9 tokens, crc32 12"},
            "data was real, 9 tokens, crc32 1 there and is real, 9 tokens, crc32 12",
        ),
        ({}, {"vocabulary_hash": "ab"}, ""),
        ({"vocabulary_hash": "ab"}, {}, ""),
        (
            {"vocabulary_hash": "ab"},
            {"vocabulary_hash": "cd"},
            "vocabulary_hash was ab there and is cd here. Use what was there, or choose another out_dir.",
        ),
        ({"tensorflow": "1"}, {}, "tensorflow was 1 there and is 2 here. Use what was there"),
        (
            {"cell": "gru", "a": 1},
            {},
            "a was 1 there and is not given here; cell was gru there and is not given here. Use",
        ),
    ],
)
def test_what_a_run_may_differ_in(there, here, text, tmp_path):
    """Another vocabulary or test text taken for the same run; a run of an older version, which did not tell them, refused; an
    entry that is lacking taken for one that may."""
    (tmp_path / "config.json").write_text(json.dumps(dict(OLD, **there)))
    found = training.differences(str(tmp_path / "config.json"), dict(OLD, **here), ["vocabulary_hash"])
    assert "".join(map(str, found)).startswith(text) and bool(found) == bool(text)


@pytest.mark.parametrize("content", ["", "[1]", "{", "[" * 200000, "\udcff", "null"])
def test_damaged_files_beside_a_run_tell_nothing(content, tmp_path):
    """A traceback for a file that is cut off, is no object, or was made to break whoever reads it."""
    for name in ("config.json", "result.json"):
        (tmp_path / name).write_bytes(content.encode("utf-8", "surrogateescape"))
    assert training.differences(str(tmp_path / "config.json"), OLD) == ()
    assert training.read_finished(str(tmp_path), OLD) is None


def test_other_version_of_tensorflow_is_refused(tmp_path):
    """Figures of a run on one TensorFlow, credited to another."""
    train(tmp_path, settings={"tensorflow": "1.15.0"})
    with pytest.raises(CheckpointError, match="tensorflow was 1.15.0 there and is 2.21.0 here. Use what was there, or"):
        train(tmp_path, settings={"tensorflow": "2.21.0"})


def test_full_disk_keeps_the_last_checkpoint(tmp_path, whole, monkeypatch):
    """A checkpoint that replaces the good one before it is whole, or an error without a way out."""
    real = tf.train.Saver.save

    def save(self, session, path, global_step=None, **more):
        if global_step == 10:
            with open("%s-10.data-00000-of-00001.tempstate99" % path, "wb") as file:
                file.write(b"half")
            raise tf.errors.ResourceExhaustedError(None, None, "No space left on device")
        return real(self, session, path, global_step, **more)

    monkeypatch.setattr(tf.train.Saver, "save", save)
    with pytest.raises(OutputError, match="step 10 could not be written .the disk is full"):
        train(tmp_path)
    monkeypatch.undo()
    assert not glob.glob(str(tmp_path / "checkpoints" / "*tempstate*"))
    assert_same(train(tmp_path), whole)


@pytest.mark.once
@pytest.mark.parametrize(
    ("number", "at"),
    [(signal.SIGINT, 7), (signal.SIGTERM, 9), (signal.SIGINT, 14), (signal.SIGHUP, 7)],
)
def test_a_signal_leaves_a_clean_checkpoint(tmp_path, whole, number, at):
    """Ctrl-C that loses the epoch, breaks off in the middle of a save, or loses an epoch's figures at its last step."""
    ours = (
        signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
    )  # it may be ignored: nohup, or a shell
    before = signal.signal(number, ours)
    with pytest.raises(KeyboardInterrupt if number == signal.SIGINT else SystemExit):
        train(tmp_path, at, lambda: os.kill(os.getpid(), number))
    newest = checkpoints.list_checkpoints(str(tmp_path / "checkpoints"))[0]
    assert os.path.basename(newest) == "step-%d" % (at + 1)
    assert signal.signal(number, before) is ours
    assert_same(train(tmp_path), whole)


def test_trains_outside_the_main_thread(tmp_path, whole):
    """Signal handlers that can be set in the main thread alone: a notebook server's thread would fail."""
    results = []
    thread = threading.Thread(target=lambda: results.append(train(tmp_path)))
    thread.start()
    thread.join()
    assert_same(results[0], whole)


def test_events_on_a_full_disk(tmp_path, monkeypatch):
    """An error that comes from a thread as a traceback, or not at all, where TensorBoard's events cannot be written."""
    writes = []

    def full(self, record):
        writes.append(record)
        raise tf.errors.ResourceExhaustedError(None, None, "events.out.tfevents.1; No space left on device")

    monkeypatch.setattr(tf.io.TFRecordWriter, "write", full)
    with pytest.raises(OutputError, match="events: the disk is full.*another out_dir"):
        train(tmp_path)
    assert len(writes) == 1


def test_events_hold_the_figures(tmp_path):
    """Curves that TensorBoard cannot find, or at the wrong step."""
    fitted, _, _ = train(tmp_path)
    files = glob.glob(str(tmp_path / "events" / "*"))
    seen = {
        (event.step, value.tag): value.simple_value
        for file in files
        for event in tf.train.summary_iterator(file)
        for value in event.summary.value
    }
    for name in ("valid_loss", "gradient_norm", "clipped_norm"):
        assert seen[10, name] == pytest.approx(fitted.history[1][name], rel=1e-6)
    assert seen[10, "clipped_norm"] < seen[10, "gradient_norm"]


def test_config_is_saved_beside_the_checkpoint(tmp_path):
    """Nobody knows afterwards what the run was made of."""
    train(tmp_path, epochs=1, settings={"units": 5, "cell": "gru"})
    with open(str(tmp_path / "config.json"), encoding="utf-8") as file:
        assert json.load(file) == {"units": 5, "cell": "gru"}


def test_predict_covers_every_row_in_order():
    """The last short batch dropped, or rows out of order."""
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None, 2])
        rows = np.arange(46, dtype=np.float32).reshape(23, 2)
        found = training.predict(session, {"y": 3 * x}, {x: rows}, batch_size=7)
    np.testing.assert_array_equal(found["y"], 3 * rows)


def test_a_row_that_comes_often_is_updated_once(monkeypatch):
    """Rows of a table that the optimizer adds up itself, in an order that the threads choose: then a resumed run ends
    elsewhere. Each row must come to it once, as the sum of all that was asked of it."""
    random, given = np.random.RandomState(0), []
    ids, weights = random.randint(40, size=3000), random.randn(3000, 16).astype(np.float32)
    genuine = tf.train.GradientDescentOptimizer.apply_gradients

    def apply_gradients(self, pairs, **more):
        given.extend(pairs)
        return genuine(self, given, **more)

    monkeypatch.setattr(tf.train.GradientDescentOptimizer, "apply_gradients", apply_gradients)
    with tf.Graph().as_default(), tf.Session() as session:
        table = tf.get_variable("table", [40, 16], initializer=tf.ones_initializer())
        loss = tf.reduce_sum(tf.nn.embedding_lookup(table, ids) * weights)
        op = build_train_op(loss, 0.5, tf.train.get_or_create_global_step(), optimizer="sgd").op
        session.run(tf.global_variables_initializer())
        rows, values = session.run([given[0][0].indices, given[0][0].values])
        session.run(op)
        end = session.run(table)
    assert sorted(rows.tolist()) == list(range(40)), "each row once"
    sums = np.stack([weights[ids == i].astype(np.float64).sum(0) for i in range(40)])
    np.testing.assert_allclose(values, sums[rows], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(end, 1 - 0.5 * sums, rtol=1e-4, atol=1e-4)


def test_clipping_scales_the_whole_gradient():
    """Clipping by value or by variable, a norm that is reported after clipping, or none at all."""
    with tf.Graph().as_default(), tf.Session() as session:
        a = tf.get_variable("a", initializer=[1.0, 2.0])
        b = tf.get_variable("b", initializer=[3.0])
        step = tf.train.get_or_create_global_step()
        op = build_train_op(tf.reduce_sum(3 * a) + tf.reduce_sum(4 * b), 0.1, step, clip_norm=2.0, optimizer="sgd")
        session.run(tf.global_variables_initializer())
        norm, clipped, _ = session.run([op.gradient_norm, op.clipped_norm, op.op])
        assert norm == pytest.approx(np.sqrt(9 + 9 + 16)) and clipped == pytest.approx(2.0)
        scale = 0.1 * 2.0 / np.sqrt(34)
        np.testing.assert_allclose(session.run(a), np.array([1, 2]) - 3 * scale, rtol=1e-6)
        np.testing.assert_allclose(session.run(b), [3 - 4 * scale], rtol=1e-6)


def test_adam_gets_the_clipped_gradient():
    """A clip that gradient descent alone knows of: Adam's first mean is a tenth of the gradient that it was given."""
    with tf.Graph().as_default(), tf.Session() as session:
        a, b = tf.get_variable("a", initializer=[1.0, 2.0]), tf.get_variable("b", initializer=[3.0])
        loss = tf.reduce_sum(3 * a) + tf.reduce_sum(4 * b)
        op = build_train_op(loss, 0.1, tf.train.get_or_create_global_step(), clip_norm=2.0)
        session.run(tf.global_variables_initializer())
        session.run(op.op)
        means = {v.op.name: session.run(v) for v in tf.global_variables() if v.op.name in ("a/Adam", "b/Adam")}
    scale = 0.1 * 2.0 / np.sqrt(34)
    np.testing.assert_allclose(means["a/Adam"], [3 * scale] * 2, rtol=1e-5)
    np.testing.assert_allclose(means["b/Adam"], [4 * scale], rtol=1e-5)


def test_cosine_decay_in_closed_form():
    """A schedule that does not start at the rate, end at zero, or stay there."""
    with tf.Graph().as_default(), tf.Session() as session:
        step = tf.placeholder(tf.int64, [])
        rate = cosine_decay(0.4, step, 8)
        found = [session.run(rate, {step: s}) for s in (0, 2, 4, 6, 8, 11)]
    np.testing.assert_allclose(found, [0.4, 0.2 * (1 + np.sqrt(0.5)), 0.2, 0.2 * (1 - np.sqrt(0.5)), 0, 0], atol=1e-7)


def test_cosine_decay_is_what_it_was_to_the_last_bit():
    """Rates that differ in the last bit from those that the published figures were made with: products in another order."""
    with tf.Graph().as_default(), tf.Session() as session:
        step = tf.placeholder(tf.int64, [])
        for total, rate in [(1, 0.4), (7, 0.1), (999, 0.002), (17180, 0.001)]:
            done = tf.minimum(tf.cast(step, tf.float32) / total, 1.0)
            expected = rate * 0.5 * (1.0 + tf.cos(3.141592653589793 * done))
            both = cosine_decay(rate, step, total), expected
            for at in {*range(0, 12), total // 3, total // 2, total - 1, total, total + 1}:
                found, wanted = session.run(both, {step: at})
                assert found.tobytes() == wanted.tobytes(), (total, rate, at)


def test_mistakes_are_refused():
    """A loss that trains nothing, an optimizer that does not exist."""
    with tf.Graph().as_default():
        step = tf.train.get_or_create_global_step()
        with pytest.raises(GraphError, match="depends on no trainable variable"):
            build_train_op(tf.constant(1.0), 0.1, step)
        with pytest.raises(GraphError, match="no optimizer 'adamm'; there are: adam, sgd"):
            build_train_op(tf.constant(1.0), 0.1, step, optimizer="adamm")
        with pytest.raises(GraphError, match="total_steps is 0"):
            cosine_decay(0.1, step, 0)
