"""What stands before the recurrence of a classifier: words, frames, strokes. Behind it, see test_sequence_classifier.py."""

import contextlib
import dataclasses

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from helpers import assert_near, session, set_values, values
from test_image_encoder import convolved

from rnn_tf1 import Mode
from rnn_tf1.errors import GraphError
from rnn_tf1.models.sketch_classifier import SketchClassifierConfig, build_sketch_classifier
from rnn_tf1.models.text_classifier import TextClassifierConfig, build_text_classifier
from rnn_tf1.models.video_classifier import VideoClassifierConfig, build_video_classifier

LENGTHS, TIME = np.array([7, 2, 5, 4], np.int32), 7
LABELS = np.array([2, 0, 1, 1], np.int32)
SHARED = dict(classes=3, cell="basic", units=6)
TEXT = TextClassifierConfig(vocabulary=9, depth=4, **SHARED)
VIDEO = VideoClassifierConfig(size=8, filters=(2, 3), depth=5, summary="last", **SHARED)
SKETCH = SketchClassifierConfig(filters=(4, 5), kernel_size=3, bidirectional=False, summary="last", **SHARED)
IDS = np.random.RandomState(0).randint(9, size=[4, TIME])
FRAMES = np.random.RandomState(1).normal(size=[4, TIME, 8, 8])
STROKES = np.random.RandomState(2).normal(size=[4, TIME, 3])


@contextlib.contextmanager
def built(build, config, **more):
    """(net, session with random weights, weights)"""
    net = build(config, Mode(False), **more)
    with session() as s:
        weights = {v: values(v.op.name, v.shape.as_list()) for v in tf.trainable_variables()}
        set_values(s, weights)
        yield net, s, {v.op.name: value for v, value in weights.items()}


def logits(x, w):
    """Of one row: what a plain cell says after the last step of x."""
    h = np.zeros(w["rnn/basic_rnn_cell/bias"].shape)
    for one in x:
        h = np.tanh(np.concatenate([one, h]) @ w["rnn/basic_rnn_cell/kernel"] + w["rnn/basic_rnn_cell/bias"])
    return h @ w["dense/kernel"] + w["dense/bias"]


def test_words(graph):
    """Another table, ids of another row, the padding read."""
    with built(build_text_classifier, TEXT) as (net, s, w):
        found = s.run(net.classifier.logits, {net.ids: IDS, net.lengths: LENGTHS, net.classifier.labels: LABELS})
    assert_near(found, [logits(w["embedding"][ids[:n]], w) for ids, n in zip(IDS, LENGTHS)], 1e-5)


@pytest.mark.parametrize("trainable", [True, False])
def test_words_of_elsewhere(graph, trainable):
    """Vectors that are not taken, or trained though they should stay."""
    vectors = np.random.RandomState(3).normal(size=[9, 4]).astype(np.float32)
    net = build_text_classifier(dataclasses.replace(TEXT, train_embedding=trainable), Mode(False), vectors=vectors)
    assert ("embedding" in [v.op.name for v in tf.trainable_variables()]) == trainable
    assert "embedding" in [v.op.name for v in tf.trainable_variables() + tf.model_variables()]
    with tf.Session() as s:
        s.run(tf.global_variables_initializer())
        table = next(v for v in tf.global_variables() if v.op.name == "embedding")
        np.testing.assert_array_equal(s.run(table), vectors)
        assert s.run(
            net.classifier.logits, {net.ids: IDS, net.lengths: LENGTHS, net.classifier.labels: LABELS}
        ).shape == (4, 3)


@pytest.mark.parametrize("convolution", [0, 1, 3])
def test_frames(convolution, graph):
    """Frames of other clips or in another order, no ReLU; a convolution over time that sees what comes, or turned around."""
    with built(build_video_classifier, dataclasses.replace(VIDEO, convolution=convolution)) as (net, s, w):
        found = s.run(net.classifier.logits, {net.frames: FRAMES, net.lengths: LENGTHS, net.classifier.labels: LABELS})
    expected = []
    for clip, n in zip(FRAMES, LENGTHS):
        x = clip[:n, :, :, None]
        for layer in range(2):
            name = "image/conv2d_%d/" % layer
            x = convolved(x, w[name + "kernel"], w[name + "bias"], 1, "same")
            _, rows, columns, depth = x.shape
            x = x.reshape(n, rows // 2, 2, columns // 2, 2, depth).max((2, 4))
        x = np.maximum(x.reshape(n, -1) @ w["frame/kernel"] + w["frame/bias"], 0)
        if convolution:
            known = [[(back, x[t - back]) for back in range(convolution) if back <= t] for t in range(n)]
            kernel = w["conv1d/kernel"][::-1]  # the last of them is for the frame itself
            x = np.maximum(w["conv1d/bias"] + [sum(one @ kernel[back] for back, one in near) for near in known], 0)
        expected.append(logits(x, w))
    assert_near(found, expected, 1e-4)


def test_strokes(graph):
    """A convolution that looks ahead, a stride at another layer, what lies behind a drawing, a step too many or too few."""
    with built(build_sketch_classifier, SKETCH) as (net, s, w):
        found = s.run(
            net.classifier.logits, {net.strokes: STROKES, net.lengths: LENGTHS, net.classifier.labels: LABELS}
        )
    expected = []
    for strokes, n in zip(STROKES, LENGTHS):
        x = list(strokes[:n])
        for layer, ends in enumerate((range(n), range(1, n + 1, 2))):  # of each output: the last stroke that it sees
            kernel, bias = w["conv1d_%d/kernel" % layer], w["conv1d_%d/bias" % layer]
            seen = [[(i, x[end - 2 + i]) for i in range(3) if 0 <= end - 2 + i < n] for end in ends]
            x = [np.maximum(bias + sum(one @ kernel[i] for i, one in window), 0) for window in seen]
        expected.append(logits(x, w))
    assert_near(found, expected, 1e-4)


@pytest.mark.parametrize("strides", [1, 2, 3])
def test_every_stroke_is_read(strides, graph):
    """A last stroke that is never read, in drawings of an even or an odd number; one behind the end that is."""
    config = dataclasses.replace(SKETCH, strides=strides, filters=(16, 16))
    net = build_sketch_classifier(config, Mode(False))
    slope = tf.gradients(net.classifier.logits, net.strokes)[0]
    with session() as s:
        set_values(s, {v: values(v.op.name, v.shape.as_list(), 0.4) for v in tf.trainable_variables()})
        for lengths in ([7, 2, 5, 4], [1, 6, 3, 7]):
            depends = s.run(slope, {net.strokes: STROKES, net.lengths: lengths}).any(2)
            np.testing.assert_array_equal(depends, np.arange(TIME) < np.array(lengths)[:, None])
        outputs = s.run(net.classifier.outputs, {net.strokes: STROKES, net.lengths: [7, 2, 5, 4]})
    assert outputs.any(2).sum(1).tolist() == [-(-n // strides) for n in (7, 2, 5, 4)]


@pytest.mark.parametrize("strides", [0, 4])
def test_strokes_between_the_windows(strides, graph):
    """Windows so far apart that strokes between them are never read."""
    with pytest.raises(GraphError, match="strides is %d and kernel_size is 3.*at most kernel_size" % strides):
        build_sketch_classifier(dataclasses.replace(SKETCH, strides=strides), Mode(False))


@pytest.mark.parametrize(
    ("build", "config", "x", "places"),
    [
        (build_text_classifier, dataclasses.replace(TEXT, input_keep_prob=0.5), "ids", ["words"]),
        (
            build_sketch_classifier,
            dataclasses.replace(SKETCH, keep_prob=0.5, summary="mean"),
            "strokes",
            ["conv1d_0", "conv1d_1"],
        ),
    ],
)
def test_dropout(build, config, x, places, graph):
    """Dropout that does nothing in training, or something in the test graph."""
    step = tf.placeholder(tf.int64, [])
    net = build(config, Mode(True, 3, step))
    outputs = net.classifier.outputs
    masks = [op.name for op in graph.get_operations() if "StatelessRandomUniform" in op.type]
    assert all(any(place in name for name in masks) for place in places), masks
    with session() as s:
        feed = {getattr(net, x): IDS if x == "ids" else STROKES, net.lengths: LENGTHS}
        one, same, other = (s.run(outputs, {**feed, step: at}) for at in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 1e-3
    with tf.Graph().as_default() as test:
        build(config, Mode(False))
        assert not [op for op in test.get_operations() if "andom" in op.type and "Initializer" not in op.name]
