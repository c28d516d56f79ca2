"""Trains and judges what writes captions under canvases; see `models.captioner`."""

from typing import Any, Dict, Iterator, List, NamedTuple, Sequence

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1 import training
from rnn_tf1.data import canvases
from rnn_tf1.data.mnist import Digits
from rnn_tf1.models.captioner import CaptionerConfig, build_caption_writer, build_captioner
from rnn_tf1.optimize import build_train_op, cosine_decay

ROWS = 100  # canvases that are read at a time


class Recipe(NamedTuple):
    """How a captioner is trained, by Adam, at a learning rate that falls to 0 along a cosine."""

    epochs: int
    steps: int  # of an epoch; each has canvases of its own
    rows: int  # canvases of a step
    learning_rate: float
    clip_norm: float = 1.0  # longer gradients are scaled down to this norm


class Written(NamedTuple):
    """The captions of some canvases."""

    words: List[np.ndarray]  # of each: ids, without the end
    alignments: List[np.ndarray]  # of each: [words, places], the end left out; empty without attention
    right: np.ndarray  # bool [canvases]: whether it is the whole caption, word by word


def train(
    config: CaptionerConfig,
    source: Digits,
    validation: canvases.Canvases,
    recipe: Recipe,
    folder: str,
    settings: Dict[str, Any],
    seed: int = 0,
) -> training.Trained:
    """Trains a captioner in a graph of its own, and goes on where it was stopped; see `training.fit`.

    Every step has canvases that were never there before, a pure function of (seed, step). After each epoch the captions of
    `validation` are written, always the likeliest word; the epoch with the most whole captions is kept.
    """
    with tf.Graph().as_default(), tf.Session(config=training.session_config()) as session:
        tf.set_random_seed(seed)
        step = tf.train.get_or_create_global_step()
        net = build_captioner(config, True, seed, step)
        with tf.variable_scope(tf.get_variable_scope(), reuse=True):
            writer = build_caption_writer(config)
        rate = cosine_decay(recipe.learning_rate, step, recipe.epochs * recipe.steps)
        train_op = build_train_op(net.loss, rate, step, recipe.clip_norm)

        def feeds(epoch: int, start: int) -> Iterator[training.Feed]:
            for number in range(start, recipe.steps):
                drawn = canvases.draw(source, recipe.rows, seed, 1 + epoch * recipe.steps + number)
                batch = canvases.captioned(drawn)
                yield {
                    net.images: batch.images,
                    net.inputs: batch.inputs,
                    net.targets: batch.outputs,
                    net.lengths: batch.lengths,
                }

        fitted = training.fit(
            session,
            train_op,
            {"loss": net.word_loss},
            feeds,
            recipe.steps,
            recipe.epochs,
            lambda: {"valid_accuracy": float(write(session, writer, validation).right.mean())},
            folder,
            settings,
        )
        return training.summed_up(fitted)


def caption(
    config: CaptionerConfig, tested: canvases.Canvases, folder: str, settings: Dict[str, Any], width: int = 1
) -> Written:
    """The captions of `tested`, by the best weights of the run in `folder`, with beam search."""
    with tf.Graph().as_default(), tf.Session(config=training.session_config()) as session:
        writer = build_caption_writer(config, width)
        session.run(tf.global_variables_initializer())
        training.restore_best(session, folder, settings)
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


def captions(written: Written, which: Sequence[int]) -> List[str]:
    """Those captions as text."""
    return [canvases.read_aloud(written.words[place]) for place in which]
