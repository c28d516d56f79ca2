"""Translation as in 2014: short sentences as lists of steps, and one state between two networks."""

from typing import Any, Callable, Dict, Iterator, Mapping, NamedTuple, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1 import plotting
from rnn_tf1.data.pairs import translation
from rnn_tf1.experiments.experiment import Experiment
from rnn_tf1.experiments.figures import Figure, Figures
from rnn_tf1.experiments.translation import buckets
from rnn_tf1.experiments.translation.parts import beginning
from rnn_tf1.ops.mode import Mode
from rnn_tf1.training import Feed, Recipe, Run


class Classic(NamedTuple):
    """The tensors of a graph that is trained, and writes."""

    placeholders: buckets.Placeholders
    is_training: Any  # bool, a placeholder
    losses: Any  # float32 [batch]: of each translation, read by the decoder itself
    loss: Any  # scalar: their mean
    ids: Any  # int64 [batch, steps]: what is written where the decoder reads its own words


class ClassicTranslation(Experiment):
    """The epoch in which most validation sentences are translated exactly right is kept.

    Args:
      settings: those of ``examples/embedding_rnn_seq2seq.py``.
      network: network(source, inputs, settings, symbols, feed_previous, mode) gives the logits of each step.
      losses: losses(logits, targets, weights) of each pair, [batch]; all three are lists of steps.
    """

    figures = Figures("embedding_rnn_seq2seq", Figure("test_accuracy", "test accuracy", "percent"))

    def __init__(self, settings: Any, network: Callable[..., Any], losses: Callable[..., Any]):
        super().__init__(settings, Recipe(settings.epochs, settings.learning_rate))
        self._network, self._losses = network, losses

    def load(self) -> None:
        settings = self.settings
        data = translation.load(settings.data_dir, generated=not settings.real)
        if settings.quick:
            data = beginning(data, 3000, 200)
        self.origin, self.identity = data.origin, data.identity
        self.sentences = buckets.prepare(data, settings.longest, least=2 if settings.real else 1)
        print(self.sentences.describe(), flush=True)
        self.train_batches = self.sentences.batches("train", settings.batch_size, self.seed)
        self.steps_per_epoch = self.train_batches.count

    def network(self, mode: Mode) -> Classic:
        """One graph that is trained and writes; mode.is_training is a placeholder."""
        placeholders = buckets.make_placeholders(self.settings.longest)
        step, is_training = tf.train.get_or_create_global_step(), tf.placeholder_with_default(False, [])
        symbols = len(self.sentences.source), len(self.sentences.target)

        def logits(feed_previous: bool) -> Any:
            lists = placeholders.source, placeholders.inputs
            return self._network(*lists, self.settings, symbols, feed_previous, Mode(is_training, mode.seed, step))

        losses = self._losses(logits(False), placeholders.targets, placeholders.weights)
        with tf.variable_scope(tf.get_variable_scope(), reuse=True):
            ids = tf.argmax(tf.stack(logits(True), axis=1), 2)
        return Classic(placeholders, is_training, losses, tf.reduce_mean(losses), ids)

    def towers(self) -> Tuple[Classic, Classic]:
        net = self.network(Mode(True, self.seed))
        return net, net

    def batches(self, net: Classic, epoch: int, start: int) -> Iterator[Feed]:
        for batch in self.train_batches.batches(epoch, start):
            yield {**buckets.feed(net.placeholders, batch), net.is_training: True}

    def evaluate(self, session: Any, net: Classic) -> Dict[str, float]:
        held_out = self.sentences.batches("validation", buckets.SCORED_ROWS)
        written = buckets.translate(session, net.ids, net.placeholders, held_out)
        loss = buckets.mean_loss(session, net.losses, net.placeholders, held_out)
        return {"valid_loss": loss, "valid_accuracy": buckets.exact(written, self.sentences.validation)}

    def report(self, run: Run) -> Mapping[str, Any]:
        with self.restored() as (session, net):
            unseen = self.sentences.batches("test", buckets.SCORED_ROWS)
            written = buckets.translate(session, net.ids, net.placeholders, unseen)
        right = buckets.exact(written, self.sentences.test)
        print("exactly right: %.1f %% of %d sentences that it has never seen" % (100 * right, len(written)))
        print("\n".join(buckets.examples(written, self.sentences, self.settings.examples)))
        plotting.learning_curves(run.history, self.picture("learning_curves.png"), run.best_epoch)
        return dict(test_accuracy=right, best_epoch=run.best_epoch)
