"""Images to words against NumPy in float64: what is seen, how the decoder begins, what it says and where it looks."""

import dataclasses

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from helpers import assert_near
from test_image_encoder import convolved
from test_seq2seq import END, START, Reference, ending_session, searched, weights_of

from rnn_tf1 import GraphError, Mode
from rnn_tf1.data.ragged import pad
from rnn_tf1.models.captioner import CaptionerConfig, build_caption_writer, build_captioner

BASE = CaptionerConfig(target_vocabulary=9, units=10, depth=6, size=8, filters=(3, 4))
CONFIGS = {
    "bahdanau": {},
    "luong, deep": dict(attention="luong", cell="lstm", layers=2),
    "no attention": dict(attention=None, cell="lstm"),
}
IMAGES = np.random.RandomState(0).normal(size=[3, 8, 8, 1]).astype(np.float32)
CAPTIONS = [[5, 8, 4, 3], [], [7, 3]]


class Seen(Reference):
    """What the model says of one image."""

    def __init__(self, weights, config, image):
        self.w, self.config = weights, config
        x = image[None].astype(np.float64)
        for layer in range(len(config.filters)):
            name = "image/conv2d_%d/" % layer
            x = convolved(x, weights[name + "kernel"], weights[name + "bias"], 1, "same")
            _, rows, columns, depth = x.shape
            x = x.reshape(1, rows // 2, 2, columns // 2, 2, depth).max((2, 4))
        states = []
        while "image/state_%d/kernel" % len(states) in weights:
            name = "image/state_%d/" % len(states)
            states.append(np.tanh(x.reshape(1, -1) @ weights[name + "kernel"] + weights[name + "bias"]))
        self.begin(x.reshape(-1, x.shape[3]) + (weights["image/place"] if config.attention else 0), states)


@pytest.fixture(scope="module", params=sorted(CONFIGS))
def built(request):
    """(config, session, scoring net, {width: writer}, weights)"""
    config = dataclasses.replace(BASE, **CONFIGS[request.param])
    with tf.Graph().as_default():
        net = build_captioner(config, Mode(False))
        with tf.variable_scope(tf.get_variable_scope(), reuse=True):
            writers = {width: build_caption_writer(config, width, 0.7) for width in (1, 3)}
        with ending_session() as s:
            yield config, s, net, writers, weights_of(s)


def feed_of(net):
    inputs, lengths = pad([np.array([START] + one, np.int32) for one in CAPTIONS])
    targets, _ = pad([np.array(one + [END], np.int32) for one in CAPTIONS])
    return {net.images: IMAGES, net.inputs: inputs, net.targets: targets, net.lengths: lengths}


def test_losses_against_numpy(built):
    """A map turned round or without its places, a state of another place, a decoder that does not see the image."""
    config, s, net, _, weights = built
    losses, loss, total = s.run([net.losses, net.word_loss, net.total], feed_of(net))
    expected = [Seen(weights, config, image).losses(caption) for image, caption in zip(IMAGES, CAPTIONS)]
    for row, one in enumerate(expected):
        assert_near(losses[row, : len(one)], one, 2e-5)
        assert not losses[row, len(one) :].any()
    assert_near([total, loss], [np.sum(np.concatenate(expected)), np.mean(np.concatenate(expected))], 2e-4)


@pytest.mark.parametrize("width", [1, 3])
def test_writing_against_a_search_in_python(built, width):
    """Another caption than the best one found, an alignment of another beam or place, a length penalty that is lost."""
    config, s, _, writers, weights = built
    net = writers[width]
    found = s.run(net.beams._asdict(), {net.images: IMAGES, net.count: 5})
    for row, image in enumerate(IMAGES):
        best = searched(Seen(weights, config, image), 5, width, (0.7, 0.0))[0]
        length = found["lengths"][row, 0]
        assert found["tokens"][row, 0, :length].tolist() == best[1]
        assert_near(found["scores"][row, 0], best[0], 2e-4)
        if config.attention:
            assert_near(found["alignments"][row, 0, :length], best[3][:length], 1e-4)


def test_dropout_of_the_image():
    """A decoder that begins with the whole image in training, or with a part of it in the test."""
    config = dataclasses.replace(BASE, keep_prob=0.5)
    for is_training in (True, False):
        with tf.Graph().as_default() as graph:
            build_captioner(config, Mode(is_training, 1, tf.train.get_or_create_global_step()))
            masks = [op.name for op in graph.get_operations() if "StatelessRandomUniform" in op.type]
            assert any("whole_image" in name for name in masks) == is_training, masks


@pytest.mark.parametrize("name", sorted(CONFIGS))
def test_every_weight_is_trained(name):
    """A part of the network that no gradient reaches."""
    with tf.Graph().as_default():
        config = dataclasses.replace(BASE, keep_prob=0.8, **CONFIGS[name])
        net = build_captioner(config, Mode(True, 1, tf.train.get_or_create_global_step()))
        variables = tf.trainable_variables()
        gradients = tf.gradients(net.loss, variables)
        assert all(g is not None for g in gradients)
        gradients = [tf.convert_to_tensor(g) for g in gradients]
        with ending_session() as s:
            s.run(tf.variables_initializer([tf.train.get_or_create_global_step()]))
            for variable, value in zip(variables, s.run(gradients, feed_of(net))):
                assert np.abs(value).max() > 0, variable.op.name


def test_mistakes():
    """Sizes that do not fit, refused in words of somebody else or not at all."""
    for more, text in ((dict(size=10), "10 x 10 cannot be halved 2 times"), (dict(target_vocabulary=0), "is 0")):
        with tf.Graph().as_default(), pytest.raises(GraphError, match=text):
            build_captioner(dataclasses.replace(BASE, **more), Mode(False))
