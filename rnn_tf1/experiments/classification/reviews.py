"""For or against a film: a recurrent network beside a bag of words, on several splits of the sentences."""

import os
import zlib
from typing import Any, Callable, Dict, List, Optional

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1.data.ragged import RaggedBatches, of_length
from rnn_tf1.data.text import reviews
from rnn_tf1.data.text.text import make_vocabulary
from rnn_tf1.data.text.vectors import read_vectors
from rnn_tf1.errors import renamed
from rnn_tf1.experiments import baselines
from rnn_tf1.experiments.classification import pictures
from rnn_tf1.experiments.classification.classify import Classification, judge
from rnn_tf1.experiments.figures import Figure, Figures
from rnn_tf1.models.text_classifier import TextClassifier, TextClassifierConfig, build_text_classifier
from rnn_tf1.ops.mode import Mode
from rnn_tf1.program.files import locked
from rnn_tf1.training import Recipe, Run, RunFolder

FIGURES = Figures(
    "review_sentiment",
    Figure("test_accuracy", "test accuracy", "percent"),
    Figure("bag_of_words_accuracy", "bag of words", "percent"),
)


class Reviews(Classification):
    """One network, on the split of its seed.

    Args:
      settings: those of ``examples/review_sentiment.py``.
      network: network(words, lengths, settings, mode) gives the outputs of the recurrence, [batch, time, units].
      seed: of the split, of the first weights and of the order of the sentences.
    """

    figures = FIGURES
    seed = 0

    def __init__(self, settings: Any, network: Callable[..., Any], seed: int):
        super().__init__(settings, Recipe(settings.epochs, settings.learning_rate))
        self.seed, self._network = seed, network
        self.vectors: Optional[np.ndarray] = None

    def load(self) -> None:
        settings, data = self.settings, reviews.load(self.settings.data_dir, self.seed)
        parts, most = (data.train, data.validation, data.test), 600 if settings.quick else None
        self.sentences = [part.sentences[:most] for part in parts]
        self.labels: List[Any] = [part.labels[:most] for part in parts]
        self.vocabulary = make_vocabulary([word for one in self.sentences[0] for word in one], least=settings.least)
        self.ids = [[self.vocabulary.encode(one) for one in sentences] for sentences in self.sentences]
        train, validation, test = [
            RaggedBatches(ids, labels, settings.batch_size, self.seed) for ids, labels in zip(self.ids, self.labels)
        ]
        self.use(train, validation.in_order(200), test.in_order(200))
        checksum = None
        if settings.vectors:
            with renamed(size="depth"):
                self.vectors, found = read_vectors(settings.vectors, self.vocabulary, settings.depth, self.seed)
            print("vectors: %d of %d words are in %s" % (found, len(self.vocabulary), settings.vectors))
            checksum = "crc32 %08x" % zlib.crc32(self.vectors.tobytes())
        self.origin = data.origin
        made_of = dict(data=data.identity, tensorflow=tf.__version__, seed=self.seed, vectors=checksum)
        self._folder = RunFolder(os.path.join(settings.out_dir, "seed_%d" % self.seed), settings.identity(**made_of))

    def network(self, mode: Mode) -> TextClassifier:
        settings = self.settings
        config = TextClassifierConfig(
            units=settings.units,
            bidirectional=not settings.one_direction,
            summary=settings.summary,
            keep_prob=settings.keep_prob,
            vocabulary=len(self.vocabulary),
            depth=settings.depth,
            input_keep_prob=settings.keep_prob,
            train_embedding=not settings.freeze_vectors,
        )

        def recurrence(words: Any, lengths: Any, mode: Mode) -> Any:
            return self._network(words, lengths, settings, mode)

        return build_text_classifier(config, mode, self.vectors, recurrence)

    def report(self, run: Run) -> Dict[str, float]:
        """The accuracy of the network and of the bag of words."""
        with self.restored() as (session, net):
            judged = judge(session, net, self.test)
        bayes = baselines.NaiveBayes(self.ids[0], self.labels[0], len(self.vocabulary))
        bag = float(np.mean(bayes(self.ids[2]) == self.labels[2]))
        values = {"test_accuracy": judged.accuracy, "bag_of_words_accuracy": bag}
        print("seed %d: %s" % (self.seed, self.figures.describe(values)), flush=True)
        return values

    def draw(self) -> None:
        """How the verdict moves, word by word, through six sentences of the test."""
        shown = of_length(self.ids[2], 8, 16, 6)
        prefixes = [self.ids[2][i][: n + 1] for i in shown for n in range(len(self.ids[2][i]))]
        moving = RaggedBatches(prefixes, [0] * len(prefixes), 200)
        with self.restored() as (session, net):
            verdicts = judge(session, net, moving.in_order())
        ends = np.cumsum([len(self.ids[2][i]) for i in shown])
        positive = np.split(np.array([p[1] for p in verdicts.probabilities]), ends[:-1])
        sentences, labels = [self.sentences[2][i] for i in shown], self.labels[2][shown]
        pictures.moving_verdicts(sentences, positive, labels, reviews.CLASSES, self.picture("verdicts.png"))


def main(settings: Any, network: Callable[..., Any]) -> None:
    """Trains a network for each seed, draws for the last one, and publishes the means."""
    runs: List[Run] = []
    reported: List[Dict[str, float]] = []
    with locked(settings.out_dir):
        for seed in range(settings.seed, settings.seed + settings.runs):
            one = Reviews(settings, network, seed)
            one.load()
            runs.append(one.train())
            reported.append(one.report(runs[-1]))
        one.draw()
        values: Dict[str, Any] = {name: float(np.mean([one[name] for one in reported])) for name in reported[0]}
        values.update(test_accuracies=[one["test_accuracy"] for one in reported], parameters=runs[-1].parameters)
        FIGURES.publish(settings, one.origin, sum(run.seconds for run in runs), values)
