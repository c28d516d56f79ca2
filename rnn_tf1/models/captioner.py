"""Image captions: a convolutional network encodes the image, and a decoder writes the words, with attention to its positions.

::

    memory_p = the feature map of the image at position p, plus a vector for that position
    s_0      = tanh(W [the whole map] + b)
    p_t      = decoder(word_{t-1}, s_{t-1}, memory)         see `decoder`

Xu et al. 2015, "Show, Attend and Tell: Neural Image Caption Generation with Visual Attention". Without attention, the
decoder knows the image only through s_0: Vinyals et al. 2015, "Show and Tell: A Neural Image Caption Generator".
"""

import dataclasses
from typing import Any, Callable, NamedTuple, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.decoding import BeamOptions, Beams
from rnn_tf1.layers import dense, mode_dropout
from rnn_tf1.models.decoder import (
    DecoderConfig,
    Encoded,
    attending_cell,
    check_decoder,
    score_targets,
    target_placeholders,
    write_targets,
)
from rnn_tf1.models.image_encoder import encode_images
from rnn_tf1.models.stack import initialized, make_cell
from rnn_tf1.ops.checks import check_graph_mode, get_variable
from rnn_tf1.ops.mode import Mode
from rnn_tf1.types import Tensor


@dataclasses.dataclass(frozen=True)
class CaptionerConfig(DecoderConfig):
    """The sizes of encoder and decoder. The defaults are for canvases of 64 x 64 pixels with digits on them."""

    target_vocabulary: int = 13  # words, including the special ones
    units: int = 128  # of each layer of the decoder
    depth: int = 64  # of the word vectors, and of the input of the softmax
    size: int = 64  # pixels of an image's side
    filters: Tuple[int, ...] = (16, 32, 64)  # of the convolutions, each of which halves the side


class Captioner(NamedTuple):
    """The tensors of a graph that scores captions: the decoder reads the caption itself (teacher forcing)."""

    images: Tensor  # float32 [batch, size, size, 1], a placeholder
    inputs: Tensor  # int32 [batch, time], a placeholder: the start, and the caption without its last word
    targets: Tensor  # int32 [batch, time], a placeholder: the caption, and the end
    lengths: Tensor  # int32 [batch], a placeholder: of `targets`, including the end
    losses: Tensor  # float32 [batch, time], nats: -log p of each word; 0 after the end
    loss: Tensor  # scalar: their mean over all words, with `smoothing`; the training minimises it
    word_loss: Tensor  # scalar: their mean over all words, without
    total: Tensor  # scalar: their sum


class CaptionWriter(NamedTuple):
    """The tensors of a graph that writes captions."""

    images: Tensor  # float32 [batch, size, size, 1], a placeholder
    count: Tensor  # int32 scalar, a placeholder: the largest number of words to write, including the end
    beams: Beams  # of each row; alignments [batch, n best, time, positions], by rows of the map; () without attention


def build_captioner(config: CaptionerConfig, mode: Mode, decoder: Callable[..., Any] = attending_cell) -> Captioner:
    """Builds the graph that is trained and scored; with the same weights in every `mode`.

    Args:
      config: the sizes.
      mode: see `decoder.score_targets`.
      decoder: decoder(memory, None, config, mode) makes the decoder's cell; see `decoder.attending_cell`.

    Raises:
      GraphError: for sizes that do not fit.
    """
    check_graph_mode("build_captioner")
    check_decoder(config)
    images, targets = _image_placeholder(config), target_placeholders()
    with initialized(config):
        scored = score_targets(config, _encode(config, images, mode), targets, mode, decoder=decoder)
    return Captioner(images, *scored)


def build_caption_writer(
    config: CaptionerConfig,
    width: int = 1,
    length_penalty: Any = 0.0,
    decoder: Callable[..., Any] = attending_cell,
) -> CaptionWriter:
    """Builds the graph that writes: beam search, the whole loop in one session call; see `decoding.beam_search`.

    Build it in the graph of the model, under ``tf.variable_scope(tf.get_variable_scope(), reuse=True)``.
    """
    check_graph_mode("build_caption_writer")
    check_decoder(config)
    images, count = _image_placeholder(config), tf.placeholder(tf.int32, [], name="count")
    with initialized(config):
        seen = _encode(config, images, Mode(False))
        beams = write_targets(config, seen, count, BeamOptions(width, length_penalty), decoder)
    return CaptionWriter(images, count, beams)


def _image_placeholder(config: CaptionerConfig) -> Any:
    return tf.placeholder(tf.float32, [None, config.size, config.size, 1], name="images")


def _encode(config: CaptionerConfig, images: Any, mode: Mode) -> Encoded:
    """The map of the image, [batch, places, filters], and the state in which the decoder begins."""
    seen = encode_images(images, config.filters)
    rows, columns, depth = (int(size) for size in seen.shape[1:])
    memory = tf.reshape(seen, [-1, rows * columns, depth])
    flat = mode_dropout(tf.reshape(seen, [-1, rows * columns * depth]), config.keep_prob, "whole_image", mode)
    sizes = make_cell(config.cell, config.units, config.layers).state_size
    with tf.variable_scope("image"):
        if config.attention is not None:  # otherwise nothing reads the positions
            memory += get_variable(
                "place", [rows * columns, depth], initializer=tf.random_normal_initializer(stddev=0.1)
            )
        leaves = [
            dense(flat, int(size), tf.tanh, "state_%d" % number) for number, size in enumerate(tf.nest.flatten(sizes))
        ]
    return Encoded(memory, None, tf.nest.pack_sequence_as(sizes, leaves))
