"""Trains and judges what writes captions under canvases; see `models.captioner`."""

from typing import Any, Dict, List, NamedTuple

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1 import training
from rnn_tf1.data.images import canvases
from rnn_tf1.models.captioner import CaptionerConfig, build_caption_writer, build_captioner
from rnn_tf1.ops.mode import Mode
from rnn_tf1.training import runs

ROWS = 100  # canvases that are read at a time


class Written(NamedTuple):
    """The captions of some canvases."""

    words: List[np.ndarray]  # of each: ids, without the end
    alignments: List[np.ndarray]  # of each: [words, places], the end left out; empty without attention
    right: np.ndarray  # bool [canvases]: whether it is the whole caption, word by word


def train(
    config: CaptionerConfig,
    batches: canvases.CanvasBatches,
    validation: canvases.Canvases,
    recipe: runs.Recipe,
    folder: str,
    settings: Dict[str, Any],
    seed: int = 0,
) -> runs.Trained:
    """Trains a captioner; see `training.runs.train`.

    After each epoch the captions of `validation` are written, always the likeliest word; the epoch with the most whole captions
    is kept.
    """

    def build(step: Any) -> runs.Net:
        net = build_captioner(config, Mode(True, seed, step))
        with tf.variable_scope(tf.get_variable_scope(), reuse=True):
            writer = build_caption_writer(config)

        def feed(batch: canvases.Batch) -> training.Feed:
            places = (net.images, net.inputs, net.targets, net.lengths)
            return dict(zip(places, (batch.images, batch.inputs, batch.outputs, batch.lengths)))

        return runs.Net(
            net.loss,
            {"loss": net.word_loss},
            lambda epoch, start: (feed(batch) for batch in batches.batches(epoch, start)),
            lambda session: {"valid_accuracy": float(write(session, writer, validation).right.mean())},
        )

    return runs.train(build, recipe, batches.count, folder, settings, seed)


def caption(
    config: CaptionerConfig, tested: canvases.Canvases, folder: str, settings: Dict[str, Any], width: int = 1
) -> Written:
    """The captions of `tested`, by the best weights of the run in `folder`, with beam search."""
    with runs.restored(lambda: build_caption_writer(config, width), folder, settings) as (session, writer):
        return write(session, writer, tested)


def write(session: Any, writer: Any, drawn: canvases.Canvases) -> Written:
    """The best caption of each canvas, compared with what is on it."""
    words, alignments, right = [], [], []
    captioned = canvases.captioned(drawn)
    for first in range(0, len(drawn.digits), ROWS):
        feed = {writer.images: drawn.images[first : first + ROWS], writer.count: canvases.MOST + 2}
        found = session.run(writer.beams._asdict(), feed)
        looked = found["alignments"]
        for row, (tokens, length) in enumerate(zip(found["tokens"][:, 0], found["lengths"][:, 0])):
            ended = length > 0 and tokens[length - 1] == canvases.STOP
            count = length - int(ended)
            words.append(tokens[:count])
            alignments.append(looked[row, 0, :count] if np.ndim(looked) == 4 else np.zeros([0, 0], np.float32))
            wanted = captioned.outputs[first + row, : captioned.lengths[first + row]]
            right.append(bool(ended) and tokens[:length].tolist() == wanted.tolist())
    return Written(words, alignments, np.array(right))


def by_count(written: Written, drawn: canvases.Canvases) -> Dict[int, float]:
    """The share of whole captions that are right, by the number of digits on the canvas."""
    counts = np.array([len(digits) for digits in drawn.digits])
    return {int(count): float(written.right[counts == count].mean()) for count in sorted(set(counts.tolist()))}
