"""Trains and judges what names a class: of words, frames or strokes; see `models.sequence_classifier`."""

from typing import Any, Dict, Iterable, List, NamedTuple, Tuple

import numpy as np

from rnn_tf1.data.ragged import RaggedBatch
from rnn_tf1.experiments.experiment import Experiment
from rnn_tf1.training import Feed


class Judged(NamedTuple):
    """What a network says of some sequences, in their own order."""

    probabilities: List[np.ndarray]  # of each sequence: [classes], or [steps, classes] where each step has a class
    labels: List[np.ndarray]  # the same: a number, or [steps]
    looked: List[np.ndarray]  # the same: [steps of the recurrence], the share of each; empty where there is none
    loss: float  # nats: mean over all sequences, or over all steps
    accuracy: float


class Classification(Experiment):
    """A classifier. After each epoch the validation part is judged; the epoch with the highest accuracy is kept.

    `load` hands the three parts to `use`. What `network` returns has the placeholder of the sequences first, then `lengths`
    and `classifier`.
    """

    def use(self, train: Any, validation: Iterable[RaggedBatch], test: Iterable[RaggedBatch]) -> None:
        """Sets what it is trained, validated and tested on.

        Args:
          train: with `count`, and `batches(epoch, start)`, as `data.ragged.RaggedBatches`.
        """
        self.train_batches, self.validation, self.test = train, list(validation), list(test)
        self.steps_per_epoch = train.count

    def shown(self, net: Any) -> Dict[str, Any]:
        return {"loss": net.classifier.loss, "accuracy": net.classifier.accuracy}

    def batches(self, net: Any, epoch: int, start: int) -> Iterable[Feed]:
        return (feed(net, batch) for batch in self.train_batches.batches(epoch, start))

    def evaluate(self, session: Any, net: Any) -> Dict[str, float]:
        found = judge(session, net, self.validation)
        return {"valid_loss": found.loss, "valid_accuracy": found.accuracy}


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
