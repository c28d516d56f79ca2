"""Trains and judges what guesses missing words; see `models.missing_word`."""

from typing import Any, Dict, Iterable, List, NamedTuple, Tuple

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1 import training
from rnn_tf1.data.ragged import RaggedBatch, RaggedBatches
from rnn_tf1.experiments.language.language_model import check_finite
from rnn_tf1.layers.losses import perplexity
from rnn_tf1.models.missing_word import MissingWordConfig, build_missing_word
from rnn_tf1.ops.mode import Mode
from rnn_tf1.training import runs

ROWS = 100  # sentences that are scored at a time
SHOWN = 5  # guesses for a word


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


def batches_of(found: List[np.ndarray], rows: int = ROWS, seed: int = 0) -> RaggedBatches:
    """Batches of those sentences; what is asked for is in them, and there are no labels."""
    return RaggedBatches(found, [0] * len(found), rows, seed)


def train(
    config: MissingWordConfig,
    batches: RaggedBatches,
    validation: Iterable[RaggedBatch],
    recipe: runs.Recipe,
    folder: str,
    settings: Dict[str, Any],
    seed: int = 0,
) -> runs.Trained:
    """Trains a network; see `training.runs.train`. The epoch with the lowest perplexity of the validation part is kept.

    Args:
      batches, validation: from `batches_of`; the second are gone through again after each epoch: a list, say.

    Raises `TrainingError` where the lowest perplexity is not finite; see also `training.runs.train`.
    """

    def build(step: Any) -> runs.Net:
        net = build_missing_word(config, Mode(True, seed, step))
        with tf.variable_scope(tf.get_variable_scope(), reuse=True):
            scored = build_missing_word(config, Mode(False))
        likeliest = build_guesses(scored)
        return runs.Net(
            net.loss,
            {"loss": net.loss},
            lambda epoch, start: (feed(net, batch) for batch in batches.batches(epoch, start)),
            lambda session: {"valid_perplexity": score(session, scored, likeliest, validation)[0].perplexity},
        )

    how = dict(monitor="valid_perplexity", lower_is_better=True)
    trained = runs.train(build, recipe, batches.count, folder, settings, seed, **how)
    best = trained.history[trained.best_epoch - 1]
    check_finite({"valid_perplexity": best["valid_perplexity"]}, "epoch %d" % trained.best_epoch, training.LOWER_RATE)
    return trained


def guess(
    config: MissingWordConfig, tested: List[np.ndarray], folder: str, settings: Dict[str, Any]
) -> Tuple[Scored, List[np.ndarray]]:
    """What `score` finds in other sentences with the best weights of the run in `folder`.

    Raises `TrainingError` where their perplexity is not finite.
    """
    with runs.restored(lambda: build_missing_word(config, Mode(False)), folder, settings) as (session, net):
        scored, found = score(session, net, build_guesses(net), batches_of(tested).in_order())
    check_finite({"test_perplexity": scored.perplexity}, "the best epoch", training.LOWER_RATE)
    return scored, found


def build_guesses(net: Any) -> Any:
    """int32 [words, SHOWN]: the likeliest guesses for each word, the likeliest first."""
    return tf.nn.top_k(net.logits, SHOWN).indices


def feed(net: Any, batch: RaggedBatch) -> Dict[Any, Any]:
    """A batch of sentences for a graph."""
    return {net.ids: batch.sequences, net.lengths: batch.lengths - 2}


def score(session: Any, net: Any, likeliest: Any, batches: Iterable[RaggedBatch]) -> Tuple[Scored, List[np.ndarray]]:
    """How good the guesses are, over all words; and for each sentence what was guessed for its words, [words, SHOWN].

    Args:
      likeliest: from `build_guesses`.
    """
    total, first, five, count = 0.0, 0, 0, 0
    found: List[np.ndarray] = []
    for batch in batches:
        losses, wanted, guesses = session.run([net.total, net.targets, likeliest], feed(net, batch))
        right = guesses == wanted[:, None]
        total, first, five = total + float(losses), first + int(right[:, 0].sum()), five + int(right.sum())
        count += len(wanted)
        found += np.split(guesses, np.cumsum(batch.lengths - 2)[:-1])
    return Scored(perplexity(total / count), first / count, five / count, count), found
