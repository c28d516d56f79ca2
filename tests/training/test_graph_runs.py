"""Runs in graphs of their own: a line through points, of which every step is known in closed form."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from rnn_tf1 import training
from rnn_tf1.errors import CheckpointError
from rnn_tf1.training import runs

STEPS, EPOCHS, RATE = 4, 3, 0.01
RECIPE = runs.Recipe(EPOCHS, RATE, clip_norm=0.5)


def line(scores=(1.0, 3.0, 2.0)):
    """(build, {what the graph has}): a line w x through batches of points, which is validated by `scores`, one an epoch."""
    kept, left = {}, list(scores)

    def build(step):
        x, y = tf.placeholder(tf.float32, [None], name="x"), tf.placeholder(tf.float32, [None], name="y")
        w = tf.get_variable("w", [2], initializer=tf.random_normal_initializer())
        seen = tf.get_variable("seen", [], initializer=tf.zeros_initializer(), trainable=False)
        loss = tf.reduce_mean((w[0] * x + w[1] - y) ** 2)

        def feeds(epoch, start):
            for number in range(start, STEPS):
                points = np.random.RandomState([epoch, number]).normal(size=3)
                yield {x: points, y: 300 * points - 100}

        def evaluate(session):
            kept.setdefault("weights", []).append(session.run(w))
            kept["seen"] = session.run(seen)
            return {"valid_error": left.pop(0)}

        kept["w"] = w
        return runs.Net(loss, {"loss": loss}, feeds, evaluate, [tf.assign_add(seen, 1.0)])

    return build, kept


def run(folder, seed=0, lower_is_better=False, **more):
    build, kept = line()
    how = dict(monitor="valid_error", lower_is_better=lower_is_better, **more)
    trained = runs.train(build, RECIPE, STEPS, str(folder), {"seed": seed}, seed, **how)
    return trained, kept


def test_steps(tmp_path):
    """A rate that does not fall along the cosine of all steps, gradients of any length, ops beside the step that are not run,
    or run too often; parameters that nobody trains counted."""
    trained, kept = run(tmp_path)
    assert [row["epoch"] for row in trained.history] == [1, 2, 3]
    rates = 0.5 * RATE * (1 + np.cos(np.pi * np.arange(STEPS * EPOCHS) / (STEPS * EPOCHS)))
    found = [row["learning_rate"] for row in trained.history]
    np.testing.assert_allclose(found, rates.reshape(EPOCHS, STEPS).mean(1), rtol=1e-5)
    assert all(row["gradient_norm"] > 10 and row["clipped_norm"] == pytest.approx(0.5) for row in trained.history)
    assert kept["seen"] == STEPS * EPOCHS
    assert trained.parameters == 2 and trained.seconds >= 0


@pytest.mark.parametrize(("lower_is_better", "best"), [(False, 2), (True, 1)])
def test_the_best_weights_come_back(lower_is_better, best, tmp_path):
    """Weights of the last epoch, or such as were never trained; another figure watched; a run of other settings restored."""
    trained, kept = run(tmp_path, lower_is_better=lower_is_better)
    assert trained.best_epoch == best and len({tuple(w) for w in kept["weights"]}) == 3
    build, again = line()

    def build_test():
        build(None)
        return again["w"]

    with runs.restored(build_test, str(tmp_path), {"seed": 0}) as (session, w):
        np.testing.assert_array_equal(session.run(w), kept["weights"][best - 1])
        assert len(tf.global_variables()) == 2, "nothing that trains"
    with pytest.raises(CheckpointError, match="seed was 0 there and is 1 here"), runs.restored(
        build_test, str(tmp_path), {"seed": 1}
    ):
        pass


def test_a_run_is_a_function_of_its_seed(tmp_path):
    """Weights that begin elsewhere in each process, or in the same place whatever the seed."""
    first, same, other = (run(tmp_path / str(n), seed)[1]["weights"][-1] for n, seed in enumerate((0, 0, 1)))
    np.testing.assert_array_equal(first, same)
    assert np.abs(first - other).max() > 0.01


def test_a_run_that_begins_with_the_weights_of_another(tmp_path):
    """Weights that are not taken, or are taken before the variables get their first values; a finished run that is begun
    again."""
    _, easier = run(tmp_path / "easier")
    folder, begun = str(tmp_path / "easier"), []

    def begin(session):
        training.restore_best(session, folder, {"seed": 0})
        begun.append(session.run(tf.trainable_variables()[0]))

    _, kept = run(tmp_path / "harder", 1, begin=begin)
    (found,) = begun
    np.testing.assert_array_equal(found, easier["weights"][1])
    assert np.abs(kept["weights"][0] - found).max() < 2 * STEPS * RATE, "what it began with is what it went on from"
    assert np.abs(run(tmp_path / "cold", 1)[1]["weights"][0] - found).max() > 2 * STEPS * RATE
    run(tmp_path / "harder", 1, begin=begin)
    assert len(begun) == 1
