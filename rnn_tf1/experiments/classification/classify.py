"""Trains, judges and restores what names a class: of words, frames or strokes; see `models.sequence_classifier`."""

from typing import Any, Callable, ContextManager, Dict, Iterable, List, NamedTuple, Optional, Tuple

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1.data.ragged import RaggedBatch
from rnn_tf1.ops.mode import Mode
from rnn_tf1.training import runs


class Judged(NamedTuple):
    """What a network says of some sequences, in their own order."""

    probabilities: List[np.ndarray]  # of each sequence: [classes], or [steps, classes] where each step has a class
    labels: List[np.ndarray]  # the same: a number, or [steps]
    looked: List[np.ndarray]  # the same: [steps of the recurrence], the share of each; empty where there is none
    loss: float  # nats: mean over all sequences, or over all steps
    accuracy: float


def train(
    build: Callable[..., Any],
    config: Any,
    batches: Any,
    validation: Iterable[RaggedBatch],
    recipe: runs.Recipe,
    folder: str,
    settings: Dict[str, Any],
    seed: int = 0,
    begin: Optional[Callable[[Any], Any]] = None,
    **more: Any,
) -> runs.Trained:
    """Trains a classifier; see `training.runs.train`.

    After each epoch the validation part is judged; the epoch with the highest accuracy is kept.

    Args:
      build: a builder such as `build_text_classifier`, of ``(config, mode, **more)``; what it returns has
        the place of the sequences first, then `lengths` and `found`.
      batches: with `count`, and `batches(epoch, start)`, as `data.ragged.RaggedBatches`.
      validation: batches that are gone through again after each epoch: a list, say.
      begin: see `training.fit`.
    """

    def build_both(step: Any) -> runs.Net:
        net = build(config, Mode(True, seed, step), **more)
        with tf.variable_scope(tf.get_variable_scope(), reuse=True):
            judging = build(config, Mode(False), **more)

        def evaluate(session: Any) -> Dict[str, float]:
            found = judge(session, judging, validation)
            return {"valid_loss": found.loss, "valid_accuracy": found.accuracy}

        return runs.Net(
            net.classifier.loss,
            {"loss": net.classifier.loss, "accuracy": net.classifier.accuracy},
            lambda epoch, start: (feed(net, batch) for batch in batches.batches(epoch, start)),
            evaluate,
        )

    return runs.train(build_both, recipe, batches.count, folder, settings, seed, begin=begin)


def restored(
    build: Callable[..., Any], config: Any, folder: str, settings: Dict[str, Any], **more: Any
) -> ContextManager[Tuple[Any, Any]]:
    """(session, net): a test graph with the best weights of the run in `folder`; see `training.runs.restored`."""
    return runs.restored(lambda: build(config, Mode(False), **more), folder, settings)


def feed(net: Any, batch: RaggedBatch) -> Dict[Any, Any]:
    """A batch for a graph."""
    return {net[0]: batch.sequences, net.lengths: batch.lengths, net.classifier.labels: batch.labels}


def judge(session: Any, net: Any, batches: Iterable[RaggedBatch]) -> Judged:
    """What the network says of all sequences of the batches, put back into their order."""
    found: Dict[int, Tuple[np.ndarray, ...]] = {}
    wanted = [net.classifier.probabilities, net.classifier.losses, net.classifier.correct]
    wanted += [] if isinstance(net.classifier.step_weights, tuple) else [net.classifier.step_weights]
    loss = correct = count = 0.0
    for batch in batches:
        fetched = session.run(wanted, feed(net, batch))
        by_step = np.ndim(batch.labels) > 1
        loss, correct = loss + float(fetched[1].sum()), correct + float(fetched[2].sum())
        count += int(batch.lengths.sum()) if by_step else len(batch.lengths)
        for row, (place, length) in enumerate(zip(batch.indices.tolist(), batch.lengths)):
            look = np.trim_zeros(fetched[3][row], "b") if len(fetched) > 3 else np.zeros([0], np.float32)
            chances, label = fetched[0][row], np.asarray(batch.labels[row])
            found[place] = (chances[:length], label[:length], look) if by_step else (chances, label, look)
    probabilities, labels, looked = (list(column) for column in zip(*(found[place] for place in sorted(found))))
    return Judged(probabilities, labels, looked, loss / count, correct / count)
