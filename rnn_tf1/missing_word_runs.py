"""Trains and judges what guesses missing words; see `models.missing_word`."""

from typing import Any, Dict, Iterable, List, NamedTuple, Tuple

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1 import training
from rnn_tf1.data.ragged import RaggedBatch, RaggedBatches
from rnn_tf1.losses import perplexity
from rnn_tf1.models.missing_word import MissingWordConfig, build_missing_word
from rnn_tf1.optimize import build_train_op, cosine_decay

ROWS = 100  # sentences that are scored at a time
SHOWN = 5  # guesses for a word


class Recipe(NamedTuple):
    """How a network is trained, by Adam, at a learning rate that falls to 0 along a cosine."""

    epochs: int
    rows: int  # sentences side by side
    learning_rate: float
    clip_norm: float = 1.0  # longer gradients are scaled down to this norm


class Scored(NamedTuple):
    """How good guesses are, over all words of some sentences; their ends are not guessed."""

    perplexity: float
    top_1: float  # share of the words that were the first guess
    top_5: float  # share of the words that were among the first five
    words: int


def sentences(stream: np.ndarray, end: int) -> List[np.ndarray]:
    """The sentences of a text, ids [words] with `end` behind each, as `build_missing_word` wants them: `end` on both sides.

    Sentences without a word are left out.
    """
    mark = np.array([end], np.int32)
    parts = np.split(stream.astype(np.int32), np.flatnonzero(stream == end) + 1)
    return [np.concatenate([mark, one[one != end], mark]) for one in parts if (one != end).any()]


def train(
    config: MissingWordConfig,
    parts: Tuple[List[np.ndarray], List[np.ndarray]],
    recipe: Recipe,
    folder: str,
    settings: Dict[str, Any],
    seed: int = 0,
) -> training.Trained:
    """Trains a network in a graph of its own, and goes on where it was stopped; see `training.fit`.

    Args:
      parts: sentences for training and for validation, from `sentences`.
    """
    batches, validation = _batches(parts[0], recipe.rows, seed), list(_batches(parts[1], ROWS).in_order())
    with tf.Graph().as_default(), tf.Session(config=training.session_config()) as session:
        tf.set_random_seed(seed)
        step = tf.train.get_or_create_global_step()
        net = build_missing_word(config, True, seed, step)
        with tf.variable_scope(tf.get_variable_scope(), reuse=True):
            scored = build_missing_word(config, False)
        rate = cosine_decay(recipe.learning_rate, step, recipe.epochs * batches.count)
        train_op = build_train_op(net.loss, rate, step, recipe.clip_norm)
        fitted = training.fit(
            session,
            train_op,
            {"loss": net.loss},
            lambda epoch, start: (feed(net, batch) for batch in batches.batches(epoch, start)),
            batches.count,
            recipe.epochs,
            lambda: {"valid_perplexity": score(session, scored, validation).perplexity},
            folder,
            settings,
            monitor="valid_perplexity",
            lower_is_better=True,
        )
        return training.summed_up(fitted)


def guess(
    config: MissingWordConfig, tested: List[np.ndarray], folder: str, settings: Dict[str, Any]
) -> Tuple[Scored, List[np.ndarray]]:
    """How good the best weights of the run in `folder` are on other sentences; and for each of these the `SHOWN` likeliest
    guesses for each of its words, [words, SHOWN]."""
    with tf.Graph().as_default(), tf.Session(config=training.session_config()) as session:
        net = build_missing_word(config, False)
        session.run(tf.global_variables_initializer())
        training.restore_best(session, folder, settings)
        guesses = tf.nn.top_k(net.logits, SHOWN).indices
        batches = list(_batches(tested, ROWS).in_order())
        found: List[np.ndarray] = []
        for batch in batches:
            flat = session.run(guesses, feed(net, batch))
            found += np.split(flat, np.cumsum(batch.lengths - 2)[:-1])
        return score(session, net, batches), found


def feed(net: Any, batch: RaggedBatch) -> Dict[Any, Any]:
    """A batch of sentences for a graph."""
    return {net.ids: batch.sequences, net.lengths: batch.lengths - 2}


def score(session: Any, net: Any, batches: Iterable[RaggedBatch]) -> Scored:
    """Perplexity, and how often the word was the first guess or among the first five, over all words."""
    total, first, five, count = 0.0, 0, 0, 0
    places = tf.nn.in_top_k(net.logits, net.wanted, 1), tf.nn.in_top_k(net.logits, net.wanted, SHOWN)
    for batch in batches:
        losses, one, some = session.run([net.total, *places], feed(net, batch))
        total, first, five = total + float(losses), first + int(one.sum()), five + int(some.sum())
        count += len(one)
    return Scored(perplexity(total / count), first / count, five / count, count)


def _batches(found: List[np.ndarray], rows: int, seed: int = 0) -> RaggedBatches:
    return RaggedBatches(found, [0] * len(found), rows, seed)
