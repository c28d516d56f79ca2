"""What an experiment trains, in a graph of its own: a line through points, of which every step is known in closed form; and
the figures that it publishes."""

import collections
import json

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from rnn_tf1 import Mode, training
from rnn_tf1.errors import CheckpointError, GraphError
from rnn_tf1.experiments.experiment import Experiment
from rnn_tf1.experiments.figures import Figure, Figures
from rnn_tf1.program.settings import Settings
from rnn_tf1.training import Recipe, RunFolder, StepDecay

STEPS, EPOCHS, RATE = 4, 3, 0.01
Net = collections.namedtuple("Net", "x y w loss carry is_training")


class Line(Experiment):
    """A line w x + b through batches of points, which is evaluated by `scores`, one an epoch."""

    figures = Figures("line", Figure("error", "error at the end", "%.2f"), Figure("share", "of it", "percent"))
    monitor, steps_per_epoch = "valid_error", STEPS

    def __init__(self, folder, seed=0, lower_is_better=False, recipe=None):
        recipe = recipe or Recipe(EPOCHS, RATE, clip_norm=0.5)
        super().__init__(Settings(seed=seed, out_dir=str(folder)), recipe, RunFolder(str(folder), {"seed": seed}))
        self.lower_is_better = lower_is_better
        self.weights, self.seen, self.scores = [], None, [1.0, 3.0, 2.0]

    def network(self, mode):
        x, y = tf.placeholder(tf.float32, [None], name="x"), tf.placeholder(tf.float32, [None], name="y")
        w = tf.get_variable("w", [2], initializer=tf.random_normal_initializer())
        seen = tf.get_variable("seen", [], initializer=tf.zeros_initializer(), trainable=False)
        loss = tf.reduce_mean((w[0] * x + w[1] - y) ** 2)
        return Net(x, y, w, loss, tf.assign_add(seen, 1.0), mode.is_training)

    def batches(self, net, epoch, start):
        assert net.is_training is True
        for number in range(start, STEPS):
            points = np.random.RandomState([epoch, number]).normal(size=3)
            yield {net.x: points, net.y: 300 * points - 100}

    def evaluate(self, session, net):
        assert net.is_training is False
        self.weights.append(session.run(net.w))
        (seen,) = [variable for variable in tf.global_variables() if variable.op.name == "seen"]
        self.seen = session.run(seen)
        return {"valid_error": self.scores.pop(0)}


def train(folder, seed=0, lower_is_better=False, **options):
    line = Line(folder, seed, lower_is_better, **options)
    return line.train(), line


def test_steps(tmp_path):
    """A rate that does not fall along the cosine of all steps, gradients of any length, a state that is not carried on, or
    too often; parameters that nobody trains counted."""
    run, line = train(tmp_path)
    assert [row["epoch"] for row in run.history] == [1, 2, 3]
    rates = 0.5 * RATE * (1 + np.cos(np.pi * np.arange(STEPS * EPOCHS) / (STEPS * EPOCHS)))
    learning_rates = [row["learning_rate"] for row in run.history]
    np.testing.assert_allclose(learning_rates, rates.reshape(EPOCHS, STEPS).mean(1), rtol=1e-5)
    assert all(row["gradient_norm"] > 10 and row["clipped_norm"] == pytest.approx(0.5) for row in run.history)
    assert line.seen == STEPS * EPOCHS
    assert run.parameters == 2 and run.seconds >= 0


@pytest.mark.parametrize(
    ("decay", "rates"),
    [
        ("none", [RATE] * 3),
        (StepDecay(1, 0.5), [RATE, RATE / 2, RATE / 4]),
        (StepDecay(2, 0.1), [RATE, RATE, RATE / 10]),
    ],
)
def test_decay(decay, rates, tmp_path):
    """A rate that falls although it should stay, one epoch early or late; a decay that nobody knows."""
    run, _ = train(tmp_path, recipe=Recipe(EPOCHS, RATE, None, decay, "sgd"))
    assert [row["learning_rate"] for row in run.history] == pytest.approx(rates, rel=1e-5)
    assert all(row["gradient_norm"] == row["clipped_norm"] for row in run.history)
    with pytest.raises(GraphError, match="decay is 'line'; it is 'cosine', 'none', or a StepDecay"):
        train(tmp_path / "other", recipe=Recipe(EPOCHS, RATE, decay="line"))


@pytest.mark.parametrize(("stop", "epochs"), [(dict(target=2.5), 2), (dict(patience=1), 3), ({}, 3)])
def test_the_recipe_says_when_to_stop(stop, epochs, tmp_path):
    """A target or a patience of the recipe that the loop never hears of."""
    assert len(train(tmp_path, recipe=Recipe(EPOCHS, RATE, **stop))[0].history) == epochs


@pytest.mark.parametrize(("lower_is_better", "best"), [(False, 2), (True, 1)])
def test_the_best_weights_come_back(lower_is_better, best, tmp_path):
    """Weights of the last epoch, or such as were never trained; another figure watched; a run of other settings restored."""
    run, line = train(tmp_path, lower_is_better=lower_is_better)
    assert run.best_epoch == best and run.best["epoch"] == best and len({tuple(w) for w in line.weights}) == 3
    with Line(tmp_path).restored() as (session, net):
        np.testing.assert_array_equal(session.run(net.w), line.weights[best - 1])
        assert len(tf.global_variables()) == 2, "nothing that trains"
    with Line(tmp_path).restored(lambda: line.network(Mode(False)).w) as (session, w):
        np.testing.assert_array_equal(session.run(w), line.weights[best - 1])
    other = Line(tmp_path, 1)
    with pytest.raises(CheckpointError, match="seed was 0 there and is 1 here"), other.restored():
        pass


def test_a_run_is_a_function_of_its_seed(tmp_path):
    """Weights that begin elsewhere in each process, or in the same place whatever the seed."""
    first, same, other = (train(tmp_path / str(n), seed)[1].weights[-1] for n, seed in enumerate((0, 0, 1)))
    np.testing.assert_array_equal(first, same)
    assert np.abs(first - other).max() > 0.01


def test_a_run_that_begins_with_the_weights_of_another(tmp_path):
    """Weights that are not taken, or are taken before the variables get their first values; a finished run that is begun
    again."""
    _, easier = train(tmp_path / "easier")
    begun = []

    class Harder(Line):
        def begin(self, session):
            training.restore_best(session, easier.folder)
            begun.append(session.run(tf.trainable_variables()[0]))

    harder = Harder(tmp_path / "harder", 1)
    harder.train()
    (first,) = begun
    np.testing.assert_array_equal(first, easier.weights[1])
    assert np.abs(harder.weights[0] - first).max() < 3 * RATE * STEPS
    harder.train()
    assert len(begun) == 1


def test_main(tmp_path, capsys):
    """A member that is not called, or called too early; figures that are not published, or not of this run."""
    called = []

    class Whole(Line):
        origin, identity = "generated: a line", "3 points"

        def __init__(self, folder):
            Experiment.__init__(self, Settings(seed=4, out_dir=str(folder)), Recipe(EPOCHS, RATE))
            self.weights, self.scores = [], [1.0, 3.0, 2.0]

        def load(self):
            called.append("load")

        def network(self, mode):
            called.append("network")
            return super().network(mode)

        def report(self, run):
            called.append(run.best_epoch)
            return {"error": run.best["valid_error"], "other": [1, 2], "share": None}

    Whole(tmp_path).main()
    assert called == ["load", "network", "network", 2]
    with open(str(tmp_path / "metrics.json")) as file:
        metrics = json.load(file)
    assert metrics["example"] == "line" and metrics["data"] == "generated: a line" and metrics["seed"] == 4
    assert metrics["error"] == 3.0 and metrics["other"] == [1, 2]
    with open(str(tmp_path / "config.json")) as file:
        assert json.load(file) == {"seed": 4, "quick": False, "data": "3 points", "tensorflow": tf.__version__}
    events = [event for path in tmp_path.glob("events/*") for event in tf.train.summary_iterator(str(path))]
    shown = {value.tag: value.simple_value for event in events for value in event.summary.value}
    assert shown["error"] == 3.0 and "share" not in shown and shown["valid_error"] == 2.0, "TensorBoard's"
    printed = capsys.readouterr().out.splitlines()
    assert printed == ["error at the end 3.00", "metrics.json and the pictures are in %s" % tmp_path]


def test_figures_in_words():
    """A share that is not in percent, figures in another order than they were declared, one that has no value."""
    assert Figures.of["line"] is Line.figures
    assert Line.figures.describe({"share": 0.12345, "error": 0.5, "more": 1}) == "error at the end 0.50; of it 12.35 %"
    assert Line.figures.describe({"share": 0.0}) == "of it 0.00 %"


def test_figures_of_two_runs():
    """The figure of another run that is not told, or told though it reads the same."""
    found = Line.figures.describe({"share": 0.5, "error": 1.001}, {"share": 0.25, "error": 1.002})
    assert found == "error at the end 1.00; of it 50.00 % (25.00 %)"
    assert Line.figures.describe({"share": 0.5}, {"error": 2.0}) == "of it 50.00 %"
