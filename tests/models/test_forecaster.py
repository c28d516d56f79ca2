"""Forecasters of every kind, what they share with each other, and the series they generate."""

import dataclasses

import helpers
import numpy as np
import pytest
import reference
import tensorflow.compat.v1 as tf
from helpers import BATCH, UNITS, make_sequence

from rnn_tf1 import conv1d
from rnn_tf1.data.series.windows import inputs_and_targets
from rnn_tf1.errors import GraphError
from rnn_tf1.models import generator, linear, wavenet
from rnn_tf1.models.forecaster import ForecasterConfig, build_carried_forecaster, build_forecaster, build_monte_carlo

STEPS = 9
CONFIG = ForecasterConfig(cell="gru", units=UNITS, layers=2, unroll="dynamic", steps=STEPS, depth=2, ahead=3)
KINDS = {
    "to every step": CONFIG,
    "to a vector": dataclasses.replace(CONFIG, every_step=False),
    "projection": dataclasses.replace(CONFIG, head="projection", unroll="static"),
    "output": dataclasses.replace(CONFIG, head="none", units=6),
    "convolution": dataclasses.replace(CONFIG, filters=4, kernel_size=3, stride=2),
    "convolution that does not fit": dataclasses.replace(CONFIG, filters=4, kernel_size=4, stride=2),
    "layer norm": dataclasses.replace(CONFIG, cell="layer_norm", layers=1),
    "relu": dataclasses.replace(CONFIG, cell="relu", unroll="manual"),
}


def weights(session):
    """By name, the values of all variables."""
    return {helpers.plain_name(v): session.run(v) for v in tf.global_variables()}


def pieces(ahead=3, seed=0):
    return make_sequence(time=STEPS + ahead, depth=2, seed=seed)


def reused():
    return tf.variable_scope(tf.get_variable_scope(), reuse=True)


# ------------------------------------------------------------------------------------------------------------ the models


def test_projection_and_dense_are_equal(graph):
    """A dense layer over the stacked outputs that does not do what the wrapper does at every step."""
    config = dataclasses.replace(CONFIG, cell="lstm", layers=1)
    net = build_forecaster(config)
    names = {helpers.plain_name(v) for v in tf.global_variables()}
    with tf.Graph().as_default():
        other = build_forecaster(dataclasses.replace(config, head="projection"))
        variables = {helpers.plain_name(v): v for v in tf.global_variables()}
        with helpers.session() as s:
            found = weights(s)
            x = pieces()[:, :STEPS]
            wanted = s.run(other.predictions, {other.inputs: x})
    assert wanted.shape == (BATCH, STEPS, 6)
    cell = next(name for name in names if name.startswith("rnn/") and name.endswith("kernel"))
    assert cell == "rnn/basic_lstm_cell/kernel" and "rnn/output_projection_wrapper/kernel" in variables
    with helpers.session() as s:
        names = {
            "rnn/basic_lstm_cell/": "rnn/output_projection_wrapper/basic_lstm_cell/",
            "dense/": "rnn/output_projection_wrapper/",
        }
        for v in tf.global_variables():
            name = helpers.plain_name(v)
            for mine, theirs in names.items():
                if name.startswith(mine):
                    helpers.set_values(s, {v: found[theirs + name[len(mine) :]]})
        helpers.assert_near(s.run(net.predictions, {net.inputs: x}), wanted, 1e-6)


def test_against_the_equations(graph):
    """Another head, another step; a recurrence that does not begin with zeros."""
    config = dataclasses.replace(CONFIG, layers=1, cell="basic")
    net = build_forecaster(config)
    x = pieces()[:, :STEPS]
    with helpers.session() as s:
        w = weights(s)
        found = s.run(net.predictions, {net.inputs: x})
    cell = {name[len("rnn/basic_rnn_cell/") :]: value for name, value in w.items() if name.startswith("rnn/")}
    outputs, _ = reference.unroll(reference.basic_rnn(cell, 2), x, [np.zeros([BATCH, UNITS])])
    helpers.assert_near(found, outputs @ w["dense/kernel"] + w["dense/bias"], 1e-6)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_losses(graph, kind):
    """A mean over the wrong axes; targets that are trimmed or strided otherwise than the forecasts."""
    config = KINDS[kind]
    net = build_forecaster(config)
    inputs, targets = inputs_and_targets(pieces(), config.ahead, config.every_step, config.reach, config.jump)
    with helpers.session() as s:
        found = s.run(net._asdict(), {net.inputs: inputs, net.targets: targets})
    outputs = {"to a vector": 1, "convolution": 4, "convolution that does not fit": 3}.get(kind, STEPS)
    assert found["predictions"].shape == targets.shape == (BATCH, outputs, 6)
    squares = (found["predictions"].astype(np.float64) - targets) ** 2
    helpers.assert_near(found["losses"], squares.mean((1, 2)), 1e-6)
    helpers.assert_near(found["loss"], squares.mean(), 1e-6)
    helpers.assert_near(found["last_losses"], squares[:, -1].mean(1), 1e-6)
    helpers.assert_near(found["last_loss"], squares[:, -1].mean(), 1e-6)


def test_to_a_vector_is_the_last_of_every_step(graph):
    """A forecast to a vector that is not made from the last output."""
    net = build_forecaster(KINDS["to every step"])
    with reused():
        last = build_forecaster(KINDS["to a vector"])
    with helpers.session() as s:
        x = pieces()[:, :STEPS]
        every, one = s.run([net.predictions, last.predictions], {net.inputs: x, last.inputs: x})
    np.testing.assert_array_equal(every[:, -1:], one)


READING = ["convolution", "convolution that does not fit", "to every step", "wavenet, gated"]


@pytest.mark.parametrize(
    "kind", helpers.by_default(sorted(set(KINDS) - {"to a vector"}) + ["wavenet", "wavenet, gated"], READING)
)
def test_no_forecast_reads_the_future(graph, kind):
    """A forecast that depends on what it should forecast: then every figure would be wrong."""
    gated = kind.endswith("gated")
    if kind.startswith("wavenet"):
        net = wavenet.build_wavenet(wavenet.WavenetConfig(STEPS, 2, 3, 4, (1, 2, 1), gated))
        reach, jump = 1, 1
    else:
        net = build_forecaster(KINDS[kind])
        reach, jump = KINDS[kind].reach, KINDS[kind].jump
    outputs = net.predictions.shape.as_list()[1]
    looked_at = (0, outputs // 2, outputs - 1)
    gradients = [tf.gradients(net.predictions[:, t], net.inputs)[0] for t in looked_at]
    with helpers.session() as s:
        x = pieces()[:, :STEPS]
        for t, gradient in zip(looked_at, s.run(gradients, {net.inputs: x})):
            newest = reach - 1 + t * jump
            assert t < outputs - 1 or newest == STEPS - 1, "the last forecast does not read the last value"
            assert (gradient[:, newest + 1 :] == 0).all(), "forecast %d reads what comes after it" % t
            assert (np.abs(gradient[:, newest]).max() > 0).all(), "forecast %d does not read its own step" % t
            if kind.startswith("wavenet"):  # 1 + (1 + 2 + 1) inputs
                assert (gradient[:, : max(newest - 4, 0)] == 0).all()
                assert newest < 4 or np.abs(gradient[:, newest - 4]).max() > 0, "a smaller receptive field"


def test_mistakes_of_sizes(graph):
    """A head, sizes or a dropout that are not there, noticed late or never."""
    for config, text in (
        (dataclasses.replace(CONFIG, head="tail"), "There is no head 'tail'; there are: dense, projection, none"),
        (dataclasses.replace(CONFIG, head="none"), r"units must be ahead \* depth = 6, but is 5"),
        (dataclasses.replace(CONFIG, ahead=0), "ahead is 0"),
        (dataclasses.replace(CONFIG, filters=2, steps=3), "steps is 3, but a convolution of 4 values is in front"),
        (
            dataclasses.replace(CONFIG, filters=2, steps=None),
            "steps is None, but a convolution of 4 values is in front",
        ),
    ):
        with pytest.raises(GraphError, match=text):
            build_forecaster(config)
    with pytest.raises(GraphError, match="loses values at the border"):
        build_carried_forecaster(KINDS["convolution"], 2)
    with pytest.raises(GraphError, match="without dropout all passes are equal"):
        build_monte_carlo(CONFIG, 5)
    with pytest.raises(GraphError, match="passes is 1"):
        build_monte_carlo(dataclasses.replace(CONFIG, keep_prob=0.5), 1)
    with pytest.raises(GraphError, match="at least one layer"):
        wavenet.build_wavenet(wavenet.WavenetConfig(STEPS, dilations=()))


def causal(x, w, dilation):
    """bias + x[t - dilation] kernel[0] + x[t] kernel[1], with zeros before the first step."""
    before = np.concatenate([np.zeros_like(x[:, :dilation]), x[:, : x.shape[1] - dilation]], 1)
    return before @ w["kernel"][0] + x @ w["kernel"][1] + w["bias"]


def pointwise(x, w):
    return x @ w["kernel"][0] + w["bias"]


def layer(w, name):
    return {part: w["wavenet/%s/%s" % (name, part)] for part in ("kernel", "bias")}


def test_receptive_field():
    """One value too few or too many; the test of the future has measured 5 by gradient."""
    assert wavenet.WavenetConfig(dilations=(1, 2, 1)).receptive_field == 5
    assert wavenet.WavenetConfig().receptive_field == 31


@pytest.mark.parametrize("gated", [False, True])
def test_wavenet_against_the_equations(graph, gated):
    """A residual or skip connection that is lost, another activation, the gate for the filter."""
    dilations = (1, 2, 4)
    net = wavenet.build_wavenet(wavenet.WavenetConfig(STEPS, 2, 3, 4, dilations, gated))
    x = pieces()[:, :STEPS]
    with helpers.session() as s:
        w = weights(s)
        found = s.run(net.predictions, {net.inputs: x})
        trained = tf.gradients(net.predictions, tf.trainable_variables())
        assert None not in trained, "weights that nothing reads"
    y = x
    if gated:
        y, skips = pointwise(x, layer(w, "input")), 0
        for i, dilation in enumerate(dilations):
            g = np.tanh(causal(y, layer(w, "layer_%d/filter" % i), dilation))
            g = g * reference.sigmoid(causal(y, layer(w, "layer_%d/gate" % i), dilation))
            skips = skips + pointwise(g, layer(w, "layer_%d/skip" % i))
            if i < 2:
                y = y + pointwise(g, layer(w, "layer_%d/residual" % i))
        y = np.maximum(pointwise(np.maximum(skips, 0), layer(w, "after_skips")), 0)
    else:
        for i, dilation in enumerate(dilations):
            y = np.maximum(causal(y, layer(w, "layer_%d" % i), dilation), 0)
    helpers.assert_near(found, pointwise(y, layer(w, "output")), 1e-5)


@pytest.mark.parametrize(("size", "starts"), [(4, (1, 3, 5)), (STEPS, (0,))])
def test_a_convolution_in_front_against_the_equations(size, starts, graph):
    """No ReLU after the convolution; the values that do not fit left out at the end, where the newest are; one as long
    as the piece, refused."""
    config = dataclasses.replace(KINDS["convolution that does not fit"], layers=1, cell="basic", kernel_size=size)
    net = build_forecaster(config)
    x = pieces()[:, :STEPS]
    with helpers.session() as s:
        w = weights(s)
        found = s.run(net.predictions, {net.inputs: x})
    kernel = w["conv1d/kernel"]
    y = [sum(x[:, t + i] @ kernel[i] for i in range(size)) + w["conv1d/bias"] for t in starts]
    cell = {name[len("rnn/basic_rnn_cell/") :]: value for name, value in w.items() if name.startswith("rnn/")}
    states = [np.zeros([BATCH, UNITS])]
    outputs, _ = reference.unroll(reference.basic_rnn(cell, 4), np.maximum(np.stack(y, 1), 0), states)
    helpers.assert_near(found, outputs @ w["dense/kernel"] + w["dense/bias"], 1e-6)


def test_linear(graph):
    """Weights of other steps or columns."""
    net = linear.build_linear(linear.LinearConfig(STEPS, 2, 3))
    x, y = inputs_and_targets(pieces(), 3, every_step=False)
    with helpers.session() as s:
        w = weights(s)
        found, loss = s.run([net.predictions, net.last_loss], {net.inputs: x, net.targets: y})
    expected = x.reshape(BATCH, -1) @ w["dense/kernel"] + w["dense/bias"]
    helpers.assert_near(found, expected[:, np.newaxis], 1e-6)
    helpers.assert_near(loss, ((expected - y[:, 0]) ** 2).mean(), 1e-6)


# ----------------------------------------------------------------------------------------------------------- convolution


@pytest.mark.parametrize(
    ("size", "stride", "padding", "dilation"),
    [
        (4, 2, "valid", 1),
        (3, 1, "valid", 2),
        (2, 1, "causal", 4),
        (3, 1, "causal", 1),
        (3, 2, "causal", 1),
        (1, 1, "valid", 1),
    ],
)
def test_conv1d(graph, size, stride, padding, dilation):
    """A kernel that is turned round, padding on the wrong side, another dilation."""
    x = make_sequence(time=STEPS, depth=2)
    y = conv1d(tf.constant(x, tf.float32), 3, size, stride, padding, dilation, tf.tanh)
    with helpers.session() as s:
        w = weights(s)
        found = s.run(y)
    kernel, bias = w["conv1d/kernel"], w["conv1d/bias"]
    assert kernel.shape == (size, 2, 3)
    before = (size - 1) * dilation
    padded = np.concatenate([np.zeros([BATCH, before, 2]), x], 1) if padding == "causal" else x
    steps = range(0, padded.shape[1] - before, stride)
    expected = [np.tanh(bias + sum(padded[:, t + i * dilation] @ kernel[i] for i in range(size))) for t in steps]
    helpers.assert_near(found, np.stack(expected, 1), 1e-6)


def test_mistakes_of_a_convolution(graph):
    """Sizes that TensorFlow would refuse in other words, or not at all."""
    x = tf.zeros([2, STEPS, 2])
    for options, text in (
        (dict(filters=0, kernel_size=2), "filters is 0"),
        (dict(filters=2, kernel_size=2, padding="same"), 'it must be "valid" or "causal"'),
        (dict(filters=2, kernel_size=2, strides=2, dilation_rate=2), "one of them must be 1"),
    ):
        with pytest.raises(GraphError, match=text):
            conv1d(x, **options)


# ------------------------------------------------------------------------------------------------------------ generation

COUNT = 2 * STEPS + 3  # the window has moved on by more than its length
GENERATING = {
    "gru": CONFIG,
    "lstm, projection": dataclasses.replace(CONFIG, cell="lstm", head="projection"),
    "output": dataclasses.replace(CONFIG, cell="basic", head="none", layers=1, units=6, unroll="static"),
    "to a vector": dataclasses.replace(CONFIG, cell="peephole", every_step=False, keep_prob=0.5),
}


@pytest.mark.parametrize("kind", sorted(GENERATING) + ["convolution", "convolution that does not fit", "wavenet"])
def test_sliding_is_the_loop_of_the_book(graph, kind):
    """A window that does not move, or moves by another step; a forecast of another step than the next one."""
    if kind == "wavenet":
        config = wavenet.WavenetConfig(STEPS, 2, 3, 4, (1, 2))
        net, build = wavenet.build_wavenet(config), wavenet.forecast
    else:
        config = GENERATING.get(kind) or KINDS[kind]
        net, build = build_forecaster(config), None
    with reused():
        made = generator.build_sliding_generator(config, *([build] if build else []))
    window = pieces()[:, :STEPS]
    with helpers.session() as s:
        found = s.run(made.values, {made.window: window, made.count: COUNT})
        grown = window.astype(np.float32)
        for _ in range(COUNT):
            after = s.run(net.predictions, {net.inputs: grown[:, -STEPS:]})[:, -1, :2]
            grown = np.concatenate([grown, after[:, np.newaxis]], 1)
    assert found.shape == (BATCH, COUNT, 2)
    helpers.assert_near(found, grown[:, STEPS:], 1e-5)


@pytest.mark.parametrize("kind", sorted(GENERATING))
def test_stateful_is_a_window_that_grows(graph, kind):
    """A state that is not carried on, or is of another step; dropout while generating."""
    config = dataclasses.replace(GENERATING[kind], unroll="dynamic")
    net = build_forecaster(dataclasses.replace(config, steps=None))
    with reused():
        made, slid = generator.build_stateful_generator(config), generator.build_sliding_generator(config)
    window = pieces()[:, :STEPS]
    with helpers.session() as s:
        found = s.run(made.values, {made.window: window, made.count: COUNT})
        first = s.run(slid.values, {slid.window: window, slid.count: 1})
        grown = window.astype(np.float32)
        for _ in range(COUNT):
            after = s.run(net.predictions, {net.inputs: grown})[:, -1, :2]
            grown = np.concatenate([grown, after[:, np.newaxis]], 1)
    helpers.assert_near(found, grown[:, STEPS:], 1e-5)
    helpers.assert_near(found[:, :1], first, 1e-6)


@pytest.mark.once
@pytest.mark.parametrize("way", ["sliding", "stateful"])
def test_chunks_make_no_difference(graph, way, monkeypatch):
    """Values lost or made twice where one chunk ends; a count that fills chunks exactly."""
    build = {"sliding": generator.build_sliding_generator, "stateful": generator.build_stateful_generator}[way]
    made = build(CONFIG)
    monkeypatch.setattr(generator, "CHUNK", 5)
    with reused():
        chunked = build(CONFIG)
    window = pieces()[:, :STEPS]
    with helpers.session() as s:
        for count in (1, 5, 13):
            whole = s.run(made.values, {made.window: window, made.count: count})
            parts = s.run(chunked.values, {chunked.window: window, chunked.count: count})
            assert whole.shape == (BATCH, count, 2)
            np.testing.assert_array_equal(whole, parts)
        with pytest.raises(tf.errors.InvalidArgumentError, match="must be at least 1"):
            s.run(made.values, {made.window: window, made.count: 0})


def test_mistakes_of_a_generator(graph):
    """What cannot be generated from, noticed by TensorFlow in its own words."""
    with pytest.raises(GraphError, match="does not support a convolution in front: use build_sliding_generator"):
        generator.build_stateful_generator(KINDS["convolution"])
    with pytest.raises(GraphError, match="set steps in the config"):
        generator.build_sliding_generator(dataclasses.replace(CONFIG, steps=None))


# ----------------------------------------------------------------------------------------------------------- Monte Carlo


@pytest.mark.parametrize("unroll", ["static", "dynamic"])
def test_monte_carlo(graph, unroll):
    """Rows and passes mixed up; passes that are all alike; a mean that is not the network's."""
    config = dataclasses.replace(CONFIG, layers=1, keep_prob=0.9, variational=True, unroll=unroll)
    net = build_forecaster(config)
    with reused():
        made = build_monte_carlo(config, 400, seed=3)
    x = pieces()[:, :STEPS]
    with helpers.session() as s:
        samples, mean, deviation = s.run(made[1:], {made.inputs: x})
        plain = s.run(net.predictions, {net.inputs: x})
    assert samples.shape == (400, BATCH, STEPS, 6)
    helpers.assert_near(mean, samples.astype(np.float64).mean(0), 1e-5)
    helpers.assert_near(deviation, samples.astype(np.float64).std(0), 1e-5)
    assert deviation.min() > 1e-3
    # Dropout acts on the outputs alone, before a linear head: the mean over the masks is the network without them.
    assert (np.abs(mean - plain) < 5 * deviation / np.sqrt(400) + 1e-6).mean() > 0.99
