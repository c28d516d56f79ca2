"""The adding problem and the copy task: their data, their graphs, the gradient that reaches each step, runs and pictures."""

import dataclasses
import json
import math
import os

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from helpers import assert_near, by_default, session, values
from places import example
from test_examples import run as run_example

from rnn_tf1 import training
from rnn_tf1.cells import BasicRNNCell
from rnn_tf1.data.generated import memory_tasks
from rnn_tf1.errors import CheckpointError, DataError, GraphError
from rnn_tf1.experiments.memory import experiment, pictures
from rnn_tf1.models import memory, stack
from rnn_tf1.models.memory import MemoryConfig, build_gradient_reach, build_memory_net
from rnn_tf1.plotting import page
from rnn_tf1.training import RunFolder, Schedule
from rnn_tf1.training.optimize import TrainOp

MAKE = {"adding": memory_tasks.adding_batch, "copy": memory_tasks.copy_batch}
BATCH, STEPS, UNITS = 6, 5, 7

# ------------------------------------------------------------------------------------------------------------------ data


def test_adding_marks_one_number_in_each_half():
    """A mark in the wrong half or at an end that is never drawn; a sum of numbers that were not marked."""
    inputs, sums = memory_tasks.adding_batch(2000, 7, 3, 5)
    assert inputs.dtype == sums.dtype == np.float32 and inputs.shape == (2000, 7, 2) and sums.shape == (2000,)
    numbers, marks = inputs[:, :, 0].astype(np.float64), inputs[:, :, 1]
    assert set(np.unique(marks)) == {0, 1}
    assert (marks[:, :3].sum(1) == 1).all() and (marks[:, 3:].sum(1) == 1).all()
    counts = marks.sum(0)
    np.testing.assert_allclose(counts[:3], 2000 / 3, atol=110)
    np.testing.assert_allclose(counts[3:], 2000 / 4, atol=100)
    np.testing.assert_allclose(sums, [sum(n for n, m in zip(*row) if m) for row in zip(numbers, marks)], atol=1e-6)
    assert 0 <= numbers.min() < 0.001 and 0.999 < numbers.max() <= 1
    assert numbers.mean() == pytest.approx(0.5, abs=0.01) and numbers.var() == pytest.approx(1 / 12, abs=0.002)


def test_adding_baseline_is_the_error_of_one():
    """A baseline that is not what a network without memory reaches."""
    sums = memory_tasks.adding_batch(100000, 2, 1, 0)[1].astype(np.float64)
    assert np.mean((sums - 1) ** 2) == pytest.approx(memory_tasks.ADDING_BASELINE, rel=0.01)


def test_copy_lays_out_the_symbols():
    """A delimiter one step early, an answer in another order or place, a symbol that is never drawn."""
    inputs, targets = memory_tasks.copy_batch(300, 13, 3, 5)
    assert inputs.dtype == targets.dtype == np.int32 and inputs.shape == targets.shape == (300, 33)
    assert set(np.unique(inputs[:, :10])) == set(range(8))
    assert (inputs[:, 10:22] == 8).all() and (inputs[:, 22] == 9).all() and (inputs[:, 23:] == 8).all()
    assert (targets[:, :23] == 8).all()
    np.testing.assert_array_equal(targets[:, 23:], inputs[:, :10])
    np.testing.assert_allclose(np.bincount(inputs[:, :10].ravel()), 375, atol=75)
    assert len({tuple(row) for row in inputs[:, :10]}) == 300


def test_copy_baseline_is_the_loss_of_a_guess():
    """A baseline per answer instead of per position, or with the delimiter among the symbols."""
    _, targets = memory_tasks.copy_batch(4, 30, 0, 0)
    guess = np.zeros([4, 50, 10])
    guess[:, :40, 8] = 1
    guess[:, 40:, :8] = 1 / 8
    nats = -np.log(np.take_along_axis(guess, targets[:, :, None], 2))
    assert memory_tasks.copy_baseline(30) == pytest.approx(nats.mean(), rel=1e-12)


@pytest.mark.parametrize("make", [memory_tasks.adding_batch, memory_tasks.copy_batch])
def test_batches_are_a_pure_function(make):
    """A resumed run that sees other batches; seeds or steps that share theirs; held-out sequences that are trained on."""
    first = make(9, 6, 3, 5)
    make(2, 4, 1, 1)
    np.random.seed(0)
    for a, b in zip(first, make(9, 6, 3, 5)):
        assert a.tobytes() == b.tobytes()
    others = [make(9, 6, 4, 5), make(9, 6, 3, 6), make(9, 6, 5, 3), make(9, 6, 3, 5, "valid")]
    assert len({batch[0].tobytes() for batch in [first] + others}) == 5


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((0, 5, 0, 0), "batch_size is 0"),
        ((4, 0, 0, 0), "pass steps="),
        ((4, 5, -1, 0), "seed is -1"),
        ((4, 5, 0, 1 << 32), "step is 4294967296"),
        ((4, 5, 0, 0, "test"), "no part 'test'; there are: train, valid"),
    ],
)
@pytest.mark.parametrize("make", [memory_tasks.adding_batch, memory_tasks.copy_batch])
def test_wrong_arguments_are_named(make, arguments, text):
    """NumPy's words for a person's mistake."""
    with pytest.raises(DataError, match=text):
        make(*arguments)


def test_adding_needs_two_steps():
    """An empty first half."""
    with pytest.raises(DataError, match="has 1 steps.*steps=2"):
        memory_tasks.adding_batch(4, 1, 0, 0)


def test_the_graph_and_the_data_agree():
    """Symbols that the data has and the graph does not."""
    assert memory.SYMBOLS == memory_tasks.DELIMITER + 1 == memory_tasks.ALPHABET + 2
    assert memory.RECALLED == memory_tasks.RECALLED


# ----------------------------------------------------------------------------------------------------------------- graphs


def config_of(task, cell="basic", **more):
    return MemoryConfig(task, STEPS, cell, UNITS, **more)


def evaluate(config, scale=0.7, reach=False):
    """(the network's values, or the norms; the variables' values by name; the batch), with random values in all variables."""
    batch = MAKE[config.task](BATCH, config.steps, 3, 5)
    with tf.Graph().as_default():
        net = build_memory_net(config)
        fetched = net
        if reach:
            with tf.variable_scope(tf.get_variable_scope(), reuse=True):
                net = build_gradient_reach(config)
            fetched = net.norms
        with session() as s:
            for variable in tf.global_variables():
                variable.load(values(variable.op.name, variable.shape.as_list(), scale).astype(np.float32), s)
            found = s.run(fetched, {net.inputs: batch[0], net.targets: batch[1]})
            return found, {v.op.name: s.run(v).astype(np.float64) for v in tf.global_variables()}, batch


def sigma(x):
    return 1 / (1 + np.exp(-x))


def start(cell, rows):
    """The parts of the first state: zeros."""
    widths = {"basic": {"h": UNITS}, "lstm": {"c": UNITS, "h": UNITS}, "context": {"h": UNITS, "s": 40}}[cell]
    return {name: np.zeros([rows, width]) for name, width in widths.items()}


def advance(cell, w, x, state):
    """(output, new state) of one step, in float64, from the papers."""
    if cell == "basic":
        h = np.tanh(np.concatenate([x, state["h"]], 1) @ w["rnn/basic_rnn_cell/kernel"] + w["rnn/basic_rnn_cell/bias"])
        return h, {"h": h}
    if cell == "lstm":
        a = np.concatenate([x, state["h"]], 1) @ w["rnn/basic_lstm_cell/kernel"] + w["rnn/basic_lstm_cell/bias"]
        i, j, f, o = np.split(a, 4, 1)
        c = sigma(f + 1) * state["c"] + sigma(i) * np.tanh(j)
        h = sigma(o) * np.tanh(c)
        return h, {"c": c, "h": h}
    a, b, p, r = (w["rnn/context_rnn_cell/" + name] for name in "ABPR")
    s = 0.05 * x @ b + 0.95 * state["s"]
    h = np.tanh(s @ p + x @ a + state["h"] @ r)
    return np.concatenate([h, s], 1), {"h": h, "s": s}


def recall_losses(cell, task, w, batch, after=0, state=None):
    """The loss of each row, and the states after each step; the steps up to `after` are replaced by `state`, and so is the
    output of step `after`."""
    x = batch[0].astype(np.float64) if task == "adding" else np.eye(10)[batch[0]]
    state = start(cell, BATCH) if state is None else state
    outputs, states = {}, [state]
    if after:
        outputs[after - 1] = state["h"] if cell != "context" else np.concatenate([state["h"], state["s"]], 1)
    for t in range(after, x.shape[1]):
        outputs[t], state = advance(cell, w, x[:, t], state)
        states.append(state)
    if task == "adding":
        answers = outputs[x.shape[1] - 1] @ w["dense/kernel"][:, 0] + w["dense/bias"][0]
        return (answers - batch[1]) ** 2, states
    losses = 0
    for t in range(STEPS + 10, STEPS + 20):
        if t in outputs:
            losses = losses + nats(outputs[t] @ w["dense/kernel"] + w["dense/bias"], batch[1][:, t]) / 10
    return losses, states


def nats(logits, targets):
    return np.log(np.exp(logits).sum(1)) - logits[np.arange(len(logits)), targets]


@pytest.mark.parametrize("cell", ["basic", "lstm", "context"])
@pytest.mark.parametrize("task", ["adding", "copy"])
def test_losses_against_numpy(task, cell):
    """The answer of another step; a loss over the wrong positions; a sum instead of a mean; symbols that are mixed up."""
    found, w, batch = evaluate(config_of(task, cell))
    losses, states = recall_losses(cell, task, w, batch)
    assert_near(found.recall_losses, losses, 1e-5)
    assert_near(found.loss, found.losses.mean(), 1e-6)
    assert_near(found.accuracy, found.correct.mean(), 1e-6)
    outputs = [s["h"] if cell != "context" else np.concatenate([s["h"], s["s"]], 1) for s in states[1:]]
    answers = np.stack(outputs, 1) @ w["dense/kernel"] + w["dense/bias"]
    if task == "adding":
        assert_near(found.losses, losses, 1e-5)
        assert_near(found.answers, answers[:, -1, 0], 1e-5)
        np.testing.assert_array_equal(found.correct, np.abs(answers[:, -1, 0] - batch[1]) < 0.04)
    else:
        assert_near(found.answers, answers, 1e-5)
        assert_near(found.losses, np.mean([nats(answers[:, t], batch[1][:, t]) for t in range(STEPS + 20)], 0), 1e-5)
        right = answers.argmax(2) == batch[1]
        assert_near(found.correct, right[:, -10:].mean(1), 1e-6)
        assert not np.array_equal(right[:, -10:].mean(1), right.mean(1))


def test_right_is_within_four_hundredths():
    """A sum that counts as right although it is far off, or never."""
    with tf.Graph().as_default():
        net = build_memory_net(config_of("adding"))
        with session() as s:
            inputs, _ = memory_tasks.adding_batch(BATCH, STEPS, 3, 5)
            answers = s.run(net.answers, {net.inputs: inputs})
            off = np.array([0.0, 0.03, -0.039, 0.041, -0.05, 1.0], np.float32)
            correct = s.run(net.correct, {net.inputs: inputs, net.targets: answers + off})
    np.testing.assert_array_equal(correct, [1, 1, 1, 0, 0, 0])


OF_OTHER_STATES = ["lstm", "gru", "context"]  # the state is a pair, the output, or wider than it


@pytest.mark.once
@pytest.mark.parametrize("cell", by_default(sorted(stack.CELLS), OF_OTHER_STATES))
@pytest.mark.parametrize("task", by_default(["adding", "copy"], ["copy"]))
def test_every_cell_and_unrolling(task, cell):
    """A cell that cannot be asked for; an unrolling with other numbers or other variables."""
    unrolls = [unroll for unroll in sorted(stack.UNROLLS) if unroll != "fused" or cell in stack.FUSED]
    results = [evaluate(config_of(task, cell, unroll=unroll)) for unroll in unrolls]
    for found, w, _ in results[1:]:
        assert sorted(w) == sorted(results[0][1])
        assert_near(found.losses, results[0][0].losses, 1e-5)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"task": "adder"}, "no task 'adder'; there are: adding, copy"),
        ({"cell": "lstmm"}, "no cell 'lstmm'"),
        ({"unroll": "loop"}, "no unrolling 'loop'"),
        ({"initializer": "xavier"}, "no initializer 'xavier'"),
    ],
)
def test_a_wrong_name_lists_the_right_ones(change, text):
    """A KeyError for a wrong name."""
    with tf.Graph().as_default(), pytest.raises(GraphError, match=text):
        build_memory_net(dataclasses.replace(config_of("adding"), **change))


def test_initializer_is_used():
    """--initializer without effect."""
    with tf.Graph().as_default():
        build_memory_net(config_of("copy", initializer="orthogonal"))
        with tf.Session() as s:
            s.run(tf.global_variables_initializer())
            kernel = s.run(tf.trainable_variables()[0])
    assert kernel.shape == (10 + UNITS, UNITS)
    assert_near(kernel.T @ kernel, np.eye(UNITS), 1e-5)


def test_the_recurrence_of_the_caller(graph):
    """A network shown in the example that is not the one that runs, or whose gradient is that of another."""

    def recurrence(x, config, probe):
        cell, x = probe(BasicRNNCell(3), x)
        return stack.unroll(config.unroll, cell, x)[0]

    net = build_memory_net(config_of("adding"), recurrence)
    with tf.variable_scope(tf.get_variable_scope(), reuse=True):
        reach = build_gradient_reach(config_of("adding"), recurrence)
    assert [v.shape.as_list() for v in tf.trainable_variables()] == [[5, 3], [3], [3, 1], [1]]
    inputs, targets = memory_tasks.adding_batch(BATCH, STEPS, 3, 5)
    with session() as s:
        assert s.run(net.losses, {net.inputs: inputs, net.targets: targets}).shape == (BATCH,)
        norms = s.run(reach.norms["h"], {reach.inputs: inputs, reach.targets: targets})
    assert norms.shape == (STEPS,) and (norms > 0).all()


# --------------------------------------------------------------------------------------------- the gradient at each step


@pytest.mark.once
@pytest.mark.parametrize(
    ("task", "cell"), [("adding", "basic"), ("adding", "lstm"), ("adding", "context"), ("copy", "context")]
)
def test_reach_against_differences_in_numpy(task, cell):
    """A path that is left out (the output's own, the context's into the next step), a norm of the wrong step, a mean over
    units, a gradient that depends on the batch size."""
    found, w, batch = evaluate(config_of(task, cell), reach=True)
    _, states = recall_losses(cell, task, w, batch)
    assert sorted(found) == sorted(states[0])
    for name, norms in found.items():
        wanted = []
        for t in range(1, len(states)):
            gradient = np.zeros_like(states[t][name])
            for unit in range(gradient.shape[1]):
                moved = []
                for change in (1e-5, -1e-5):
                    state = {part: array.copy() for part, array in states[t].items()}
                    state[name][:, unit] += change
                    moved.append(recall_losses(cell, task, w, batch, t, state)[0])
                gradient[:, unit] = (moved[0] - moved[1]) / 2e-5
            wanted.append(np.sqrt((gradient**2).sum(1)).mean())
        assert min(wanted) > 1e-6 or name == "c"
        np.testing.assert_allclose(norms, wanted, rtol=2e-4, atol=1e-8, err_msg=name)


def test_reach_of_a_linear_cell(monkeypatch):
    """Off by a step, or by a factor: for h_t = h_{t-1} R + ... the gradient is 2 (answer - sum) k (R^T)^(T - t)."""
    monkeypatch.setitem(stack.CELLS, "linear", lambda units: BasicRNNCell(units, "linear"))
    (net, w, (_, sums)) = evaluate(config_of("adding", "linear"), scale=0.3)
    found, _, _ = evaluate(config_of("adding", "linear"), scale=0.3, reach=True)
    gradient, wanted = w["dense/kernel"][:, 0], []
    for _ in range(STEPS):
        wanted.insert(0, np.linalg.norm(gradient) * np.abs(2 * (net.answers - sums)).mean())
        gradient = w["rnn/basic_rnn_cell/kernel"][2:] @ gradient
    np.testing.assert_allclose(found["h"], wanted, rtol=1e-4)


@pytest.mark.once
@pytest.mark.parametrize("cell", by_default(sorted(stack.CELLS), OF_OTHER_STATES))
def test_reach_against_the_states_of_an_unrolled_graph(cell):
    """A cell whose output is not its state, taken for one whose output is; weights of their own beside the network's."""
    found, w, batch = evaluate(config_of("copy", cell), reach=True)
    with tf.Graph().as_default():
        x = tf.one_hot(batch[0], 10)
        made = stack.make_cell(cell, UNITS)
        state, states, outputs = made.zero_state(BATCH, tf.float32), [], []
        with tf.variable_scope("rnn"):
            for t in range(STEPS + 20):
                output, state = made(x[:, t], state)
                state = tf.nest.map_structure(tf.identity, state)  # later steps and the output read this copy alone
                states.append(state)
                parts = {"h": state} if not hasattr(state, "_fields") else state._asdict()
                outputs.append(tf.concat([parts["h"], parts["s"]], 1) if cell == "context" else parts["h"])
        logits = tf.tensordot(tf.stack(outputs, 1), tf.constant(w["dense/kernel"], tf.float32), 1)
        logits += tf.constant(w["dense/bias"], tf.float32)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=batch[1], logits=logits)[:, -10:]
        names = getattr(state, "_fields", ("h",))
        gradients = tf.gradients(tf.reduce_mean(losses, 1), tf.nest.flatten(states), unconnected_gradients="zero")
        with session() as s:
            for variable in made.variables:
                variable.load(w[variable.op.name].astype(np.float32), s)
            gradients = s.run(gradients)
    assert sorted(found) == sorted(names)
    for place, name in enumerate(names):
        wanted = [np.linalg.norm(gradient, axis=1).mean() for gradient in gradients[place :: len(names)]]
        np.testing.assert_allclose(found[name], wanted, rtol=2e-3, atol=1e-7, err_msg=name)


# ------------------------------------------------------------------------------------------------------------------- runs


def fit(folder, figures, target, lower_is_better, epochs=5):
    """The number of epochs that `training.fit` makes where the evaluations give `figures` one after the other."""
    with tf.Graph().as_default(), tf.Session() as s:
        x = tf.get_variable("x", initializer=2.0)
        step = tf.train.get_or_create_global_step()
        loss = tf.square(x)
        op = tf.train.GradientDescentOptimizer(0.1).minimize(loss, step)
        train_op = TrainOp(op, step, tf.constant(0.1), loss, loss)

        def evaluate():
            return {"figure": figures[int(s.run(step)) // 2 - 1]}

        schedule = Schedule(2, epochs, "figure", lower_is_better, target=target)
        feeds, folder = [{}, {}], RunFolder(str(folder), {})
        return training.fit(s, train_op, {"loss": loss}, lambda _, start: feeds[start:], evaluate, schedule, folder)


@pytest.mark.parametrize(
    ("figures", "target", "lower_is_better", "epochs"),
    [
        ([0.5, 0.3, 0.2, 0.1, 0.05], 0.2, True, 3),
        ([0.5, 0.3, 0.2, 0.1, 0.05], 0.19, True, 4),
        ([0.1, 0.2, 0.3, 0.1, 0.05], 0.3, False, 3),
        ([0.1, 0.2, 0.3, 0.4, 0.5], 0.31, False, 4),
        ([0.1, 0.2, 0.3, 0.4, 0.5], None, False, 5),
        ([0.1, 0.2, 0.3, 0.4, 0.5], 0.6, False, 5),
        ([0.0, 0.0, 0.0, 0.0, 0.0], 0.0, False, 1),
    ],
)
def test_fit_stops_at_the_target(tmp_path, figures, target, lower_is_better, epochs):
    """A run that goes on although it is good enough, stops an epoch late, or compares an error as if it were a score."""
    assert len(fit(tmp_path, figures, target, lower_is_better).history) == epochs
    assert len(fit(tmp_path, figures, target, lower_is_better).history) == epochs  # started again


def memory_of(folder, task="adding", cell="lstm", steps=STEPS, **more):
    module = example("long_memory")
    sizes = dict(train_steps=200, batch_size=10, learning_rate=0.01, seed=3, units=UNITS, unroll="dynamic")
    settings = module.Flags(out_dir=str(folder), **dict(sizes, **more))
    return experiment.Memory(settings, module.network, task, cell, steps)


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """The folder and the result of two short runs, adding and copy; no curve of theirs can be solved."""
    folder = tmp_path_factory.mktemp("short")
    return folder, {task: memory_of(folder, task, learning_rate=1e-4).result() for task in MAKE}


@pytest.mark.once
@pytest.mark.parametrize("task", ["adding", "copy"])
def test_a_run_leaves_what_the_pictures_need(short, task):
    """A figure of another check than the best; a history without its training steps; a run without its settings."""
    folder, runs = short
    result = runs[task]
    assert json.loads((folder / (task + "_lstm_5") / "result.json").read_text()) == result
    assert (result["task"], result["cell"], result["steps"]) == (task, "lstm", STEPS)
    wanted = dict(task=task, cell="lstm", steps=STEPS, units=UNITS, learning_rate=1e-4, train_steps=200, seed=3)
    assert {name: result["settings"][name] for name in wanted} == wanted
    assert [step for step, _ in result["history"]] == [100, 200]
    assert result["trained"] == 200 and result["solved_at"] is None and result["diverged"] is None
    assert result["error"] in [error for _, error in result["history"]]
    assert result["baseline"] == (1 / 6 if task == "adding" else 10 * math.log(8) / (STEPS + 20))
    assert 0.9 * result["baseline"] < result["error"] and 0 <= result["accuracy"] < 0.5
    assert set(result["reach"]) == {"start", "end"}
    for norms in result["reach"].values():
        assert set(norms) == {"c", "h"}
        assert all(len(norm) == (STEPS if task == "adding" else STEPS + 20) for norm in norms.values())


def test_a_finished_run_is_read_back(short, monkeypatch):
    """A run of an hour, done twice; a run with other settings, taken for this one."""
    folder, runs = short
    monkeypatch.setattr(training, "fit", None)
    assert memory_of(folder, learning_rate=1e-4).result() == runs["adding"]
    monkeypatch.undo()
    with pytest.raises(CheckpointError, match="units was 7 there and is 8 here"):
        memory_of(folder, learning_rate=1e-4, units=8).result()
    assert training.read_finished(str(folder / "adding_lstm_5"), {"cell": "gru"}) is None
    (folder / "damaged").mkdir()
    (folder / "damaged" / "result.json").write_text("{")
    assert training.read_finished(str(folder / "damaged"), {"cell": "gru"}) is None


@pytest.mark.once
def test_the_start_is_where_training_starts(tmp_path):
    """Gradients "at the start" of weights that were never trained."""
    result = memory_of(tmp_path, "copy", "gru", unroll="static", train_steps=100, learning_rate=1e-30).result()
    assert result["reach"]["start"] == result["reach"]["end"]
    assert min(result["reach"]["start"]["h"]) > 0


@pytest.mark.once
@pytest.mark.parametrize(("task", "target"), [pytest.param("adding", 0.01, marks=pytest.mark.slow), ("copy", 0.25)])
def test_a_solved_run_stops(tmp_path, monkeypatch, task, target):
    """Everything runs, and yet nothing is learnt; a run that goes on although it is solved, or is not said to be."""
    monkeypatch.setitem(experiment.TASKS, task, experiment.TASKS[task]._replace(target=target))
    sizes = dict(units=32, train_steps=1000, batch_size=32, learning_rate=0.02)
    result = memory_of(tmp_path, task, "gru", {"adding": 6, "copy": 1}[task], **sizes).result()
    assert result["solved_at"] == result["trained"] == result["history"][-1][0] < 1000
    if task == "adding":
        assert result["error"] <= 0.01 < min([1.0] + [error for _, error in result["history"][:-1]])
    else:
        assert 0.25 <= result["accuracy"] < 0.6 and result["error"] < 0.9 * result["baseline"]


def test_what_counts_as_solved():
    """A target that the docstring of the example does not state."""
    assert (experiment.TASKS["adding"].monitor, experiment.TASKS["adding"].target) == ("valid_error", 0.01)
    assert (experiment.TASKS["copy"].monitor, experiment.TASKS["copy"].target) == ("valid_accuracy", 0.99)


def test_a_run_that_diverges_is_a_result(tmp_path):
    """One cell whose loss is not finite, which ends the other 47 runs; NaN in a JSON file."""
    result = memory_of(tmp_path / "run", "adding", "irnn", learning_rate=1e30).result()
    assert "not finite" in result["diverged"] or "nan" in result["diverged"] or "inf" in result["diverged"]
    assert result["error"] is result["solved_at"] is None and "end" not in result["reach"]
    assert "| adding | irnn | 5 | no, 0 steps | not finite | 0.1667 |" in experiment.table([result])
    assert memory_of(tmp_path / "run", "adding", "irnn", learning_rate=1e30).result() == result
    for draw in (pictures.solved_matrix, pictures.memory_curves, pictures.gradient_reach):
        assert os.path.getsize(draw([result], str(tmp_path / "picture.png"))) > 5000


def test_table():
    """A line that says solved of a run that was not; nats without the share that is right."""
    runs = [
        result_of("lstm", 50, solved_at=700, error=0.0081),
        result_of("basic", 400, error=0.1702),
        dict(result_of("gru", 100, task="copy", error=0.1), accuracy=0.4567),
    ]
    assert experiment.table(runs).splitlines()[2:] == [
        "| adding | lstm | 50 | 700 steps | 0.0081 | 0.1667 |",
        "| adding | basic | 400 | no, 900 steps | 0.1702 | 0.1667 |",
        "| copy | gru | 100 | no, 900 steps | 0.1000 (45.7 % right) | 0.1733 |",
    ]


def test_forecast(short, monkeypatch):
    """A length or a budget that is left out of the estimate; finished runs that are counted; a cell timed again and again."""
    folder, _ = short
    timed = []

    def time_per_step(self):
        timed.append((self.config.task, self.config.cell))
        return (0.5, 0.01) if self.config.task == "adding" else (0.25, 0.02)

    monkeypatch.setattr(experiment.Memory, "time_per_step", time_per_step)
    done = memory_of(folder, learning_rate=1e-4)
    new = [
        memory_of(folder / "1", "adding", "gru", 50),
        memory_of(folder / "2", "adding", "gru", 100, train_steps=300),
        memory_of(folder / "3", "copy", "gru", 30),
    ]
    seconds = 50 * (0.5 + 200 * 0.01) + 100 * (0.5 + 300 * 0.01) + 50 * (0.25 + 200 * 0.02)
    assert experiment.forecast([done] + new).startswith(
        "3 of them are left: at most about %.0f minutes" % (seconds / 60)
    )
    assert timed == [("adding", "gru"), ("copy", "gru")]
    assert "about 88 seconds" in experiment.forecast([memory_of(folder / "4", "adding", "gru", 35)])
    assert experiment.forecast([done]) == "All of them are finished."


def test_time_per_step_is_measured(tmp_path):
    """Seconds of the whole sequence taken for those of a step; the building counted with the training."""
    build, step = memory_of(tmp_path, "copy", "basic", 400, unroll="static").time_per_step()
    assert 1e-3 < build < 1 and 1e-6 < step < 1e-2 and build > 5 * step


def test_what_is_chosen_where_nothing_is_said():
    """A default that is not the one that --help states; training steps that are no hundreds."""
    sizes = dict(units=None, learning_rate=None, train_steps=None)
    chosen = [
        memory_of("unused", task, "gru", steps, **sizes) for task, steps in (("adding", 50), ("copy", 400), ("copy", 9))
    ]
    assert [(one.config.units, one.recipe.learning_rate, one.train_steps) for one in chosen] == [
        (64, 0.01, 4000),
        (128, 0.005, 800),
        (128, 0.005, 10000),
    ]
    assert chosen[1].folder.settings["train_steps"] == 800 and chosen[1].recipe.epochs == 8
    assert memory_of("unused", train_steps=299).train_steps == 200


# --------------------------------------------------------------------------------------------------------------- pictures


def result_of(cell, steps, task="adding", solved_at=None, error=0.2, length=None):
    """What a run leaves, with gradients that fall by a factor of their own at each step back."""
    length = length or (steps if task == "adding" else steps + 20)
    fall = {"basic": 0.5, "lstm": 0.9, "gru": 0.95}[cell]
    names = ("c", "h") if cell == "lstm" else ("h",)
    reach = {
        when: {name: [factor * fall ** (length - t) for t in range(1, length + 1)] for name in names}
        for when, factor in (("start", 1.0), ("end", 3.0))
    }
    return dict(
        task=task,
        cell=cell,
        steps=steps,
        solved_at=solved_at,
        trained=solved_at or 900,
        error=error,
        accuracy=0.5,
        diverged=None,
        baseline=1 / 6 if task == "adding" else memory_tasks.copy_baseline(steps),
        history=[[100, 0.17], [200, 0.15], [300, error]],
        reach=reach,
    )


@pytest.fixture
def figure(monkeypatch):
    """The figure that was saved last, in a list."""
    saved = []
    save = page.save
    monkeypatch.setattr(page, "save", lambda drawn, path: saved.append(drawn) or save(drawn, path))
    return saved


RUNS = [
    result_of("basic", 50),
    result_of("lstm", 50, solved_at=1300, error=0.009),
    result_of("basic", 400, error=0.1),
    result_of("lstm", 400, error=0.05),
]


def test_gradient_picture(figure, tmp_path):
    """A time axis that runs the wrong way; the start's curves under "after training"; values cut off that could be shown."""
    path = pictures.gradient_reach(RUNS, str(tmp_path / "gradient.png"))
    assert os.path.getsize(path) > 20000 and figure[-1].get_figwidth() == 8
    panels = figure[-1].axes
    assert [axes.get_title(loc="left") for axes in panels] == [
        "T = 50, at the start",
        "T = 50, after training",
        "T = 400, at the start",
        "T = 400, after training",
    ]
    for axes, length, factor in zip(panels, (50, 50, 400, 400), (1, 3, 1, 3)):
        lines = {line.get_label(): line for line in axes.get_lines()}
        assert sorted(lines) == ["basic", "lstm", "lstm, c"]
        for label, fall in (("basic", 0.5), ("lstm", 0.9), ("lstm, c", 0.9)):
            back, norms = lines[label].get_data()
            assert back[0] == length - 1 and back[-1] == 0
            shown = np.isfinite(norms)
            np.testing.assert_allclose(norms[shown], factor * fall ** back[shown], rtol=1e-6)
            assert (factor * fall ** back[~shown] < 1e-11).all() and shown[-1]
        assert lines["lstm"].get_linestyle() == "-" != lines["lstm, c"].get_linestyle()
        assert axes.get_yscale() == "log" and axes.get_ylim()[0] > 1e-13
        grey = axes.patches[0].get_extents().transformed(axes.transData.inverted())
        np.testing.assert_allclose([grey.x0, grey.x1], [length / 2, length])
    pictures.gradient_reach([result_of("gru", 30, "copy")], str(tmp_path / "copy.png"))
    grey = figure[-1].axes[0].patches[0].get_extents().transformed(figure[-1].axes[0].transData.inverted())
    np.testing.assert_allclose([grey.x0, grey.x1], [39.5, 49.5])  # the 10 symbols are 40 to 49 steps before the last


def test_curves_picture(figure, tmp_path):
    """A curve in the panel of another length; a dot on a run that solved nothing; a baseline in the wrong place."""
    path = pictures.memory_curves(RUNS, str(tmp_path / "curves.png"))
    assert os.path.getsize(path) > 20000
    for axes, length in zip(figure[-1].axes, (50, 400)):
        assert axes.get_title(loc="left") == "T = %d" % length
        lines = axes.get_lines()
        assert lines[0].get_ydata()[0] == pytest.approx(1 / 6)
        curves = {line.get_label(): line.get_data() for line in lines[1:] if not line.get_label().startswith("_")}
        for one in RUNS:
            if one["steps"] == length:
                np.testing.assert_array_equal(np.transpose(curves[one["cell"]]), one["history"])
        dots = [line.get_data() for line in lines if line.get_marker() == "o"]
        assert [tuple(map(float, np.ravel(dot))) for dot in dots] == ([(300, 0.009)] if length == 50 else [])


def test_solved_picture(figure, tmp_path):
    """Steps in the cell of another length or task; an error that is not in units of the baseline."""
    copies = [result_of("basic", 400, "copy", error=0.9 * memory_tasks.copy_baseline(400))]
    pictures.solved_matrix(RUNS + copies, str(tmp_path / "solved.png"))
    adding, copy = figure[-1].axes
    assert {(t.get_position(), t.get_text()) for t in adding.texts} == {
        ((0, 0), "1.20"),
        ((0, 1), "1\u2009300"),
        ((1, 0), "0.60"),
        ((1, 1), "0.30"),
    }
    assert {(t.get_position(), t.get_text()) for t in copy.texts} == {((1, 0), "0.90")}
    assert [t.get_text() for t in adding.get_yticklabels()] == ["basic", "lstm"]
    assert [t.get_text() for t in copy.get_xticklabels()] == ["50", "400"]
    green = [patch for patch in adding.patches if patch.get_facecolor()[1] > patch.get_facecolor()[0] + 0.1]
    assert [patch.get_xy() for patch in green] == [(-0.5, 0.5)]


@pytest.mark.parametrize("draw", [pictures.solved_matrix, pictures.memory_curves, pictures.gradient_reach])
def test_nothing_to_draw(draw, tmp_path):
    """A blank picture."""
    with pytest.raises(ValueError, match="runs is empty"):
        draw([], str(tmp_path / "picture.png"))


# ---------------------------------------------------------------------------------------------------------------- example


@pytest.mark.slow
def test_the_example_runs_and_reads_back(call, tmp_path):
    """A flag that crashes; figures or pictures that are missing; a finished grid that is trained again."""
    flags = [
        "--quick",
        "--cells",
        "layer_norm,irnn",
        "--steps",
        "4",
        "--initializer",
        "orthogonal",
        "--out-dir",
        tmp_path,
    ]
    code, out, err = call("long_memory", *flags)
    assert code == 0, err
    lines = out.splitlines()
    assert lines[0].startswith("4 runs") and lines[1].startswith("4 of them are left: at most about")
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    for task in ("adding", "copy"):
        for cell in ("layer_norm", "irnn"):
            name = "%s_%s_4" % (task, cell)
            result = json.loads((tmp_path / name / "result.json").read_text())
            assert metrics[name + "_error"] == result["error"] > 0
            assert metrics[name + "_accuracy"] == result["accuracy"]
            assert metrics[name + "_solved_at"] is result["solved_at"] is None
            assert (result["task"], result["cell"], result["steps"], result["trained"]) == (task, cell, 4, 100)
        assert metrics[task + "_solved"] == 0
        assert all((tmp_path / (task + name)).stat().st_size > 5000 for name in ("_curves.png", "_gradient.png"))
    assert (tmp_path / "solved.png").stat().st_size > 5000
    table = (tmp_path / "solved.md").read_text()
    assert table in out and len(table.splitlines()) == 6
    assert "epoch 1/1" in err and "Traceback" not in err
    code, again, err = call("long_memory", *flags)
    assert code == 0 and "All of them are finished." in again and "epoch" not in err
    assert (tmp_path / "solved.md").read_text() == table


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (["--cells", "gru,lstmm"], "'lstmm' is none of basic, context, gru, lstm, peephole, layer_norm, irnn"),
        (["--steps", "50,1"], "'1' should be a whole number of at least 2"),
        (["--task", "adder"], "invalid choice: 'adder'"),
        (["--train-steps", "99"], "at least 100"),
        (["--out-dir", "/dev/null/runs"], "cannot write there"),
    ],
)
def test_mistakes_end_with_one_message_and_code_2(flags, text, call, tmp_path):
    """A traceback for a person's mistake."""
    flags = flags if "--out-dir" in flags else flags + ["--out-dir", str(tmp_path)]
    code, _, err = call("long_memory", "--quick", *flags)
    assert code == 2
    assert text in err and "Traceback" not in err


def test_the_example_names_every_cell():
    """A cell that cannot be asked for."""
    _, out, _ = run_example("long_memory.py", "--help")
    assert sorted(example("long_memory").CELLS) == sorted(stack.CELLS)
    assert "{adding,copy,both}" in out and "{manual,static,dynamic}" in out
    assert all(name in out for name in stack.INITIALIZERS)
