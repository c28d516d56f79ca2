"""What has been drawn: pen strokes to classes."""

from typing import Any, Callable, Dict

import numpy as np

from rnn_tf1 import plotting
from rnn_tf1.data.images import sketches
from rnn_tf1.data.ragged import RaggedBatches
from rnn_tf1.experiments.classification import pictures
from rnn_tf1.experiments.classification.classify import Classification, judge
from rnn_tf1.experiments.figures import Figure, Figures
from rnn_tf1.models.sketch_classifier import SketchClassifier, SketchClassifierConfig, build_sketch_classifier
from rnn_tf1.ops.mode import Mode
from rnn_tf1.training import Recipe, Run


class Sketches(Classification):
    """Generated drawings, or Quick, Draw!'s.

    Args:
      settings: those of ``examples/sketches.py``.
      network: network(seen, lengths, settings, mode) gives the outputs of the recurrence, [batch, time, units].
    """

    figures = Figures("sketches", Figure("test_accuracy", "test accuracy", "percent"))

    def __init__(self, settings: Any, network: Callable[..., Any]):
        super().__init__(settings, Recipe(settings.epochs, settings.learning_rate))
        self._network = network

    def load(self) -> None:
        settings = self.settings
        files = settings.ndjson and sketches.load_ndjson(settings.ndjson, settings.most, settings.seed)
        data = files or sketches.load(settings.data_dir)
        parts: Dict[str, Any] = dict(train=data.train, validation=data.validation, test=data.test)
        if settings.quick:
            parts = {name: sketches.some(part, 600, settings.seed) for name, part in parts.items()}
        print(", ".join("%s: %d drawings" % (name, len(part.labels)) for name, part in parts.items()), flush=True)
        train, validation, test = [
            RaggedBatches([sketches.scaled(one) for one in p.strokes], p.labels, settings.batch_size, self.seed)
            for p in parts.values()
        ]
        self.use(train, validation.in_order(200), test.in_order(200))
        self.strokes, self.classes = parts["test"].strokes, data.classes
        self.origin, self.identity = data.origin, data.identity
        self.config = SketchClassifierConfig(
            classes=len(data.classes),
            units=settings.units,
            bidirectional=not settings.one_direction,
            summary=settings.summary,
            keep_prob=settings.keep_prob,
        )

    def network(self, mode: Mode) -> SketchClassifier:
        def recurrence(seen: Any, lengths: Any, mode: Mode) -> Any:
            return self._network(seen, lengths, self.settings, mode)

        return build_sketch_classifier(self.config, mode, recurrence)

    def report(self, run: Run) -> Dict[str, Any]:
        with self.restored() as (session, net):
            judged = judge(session, net, self.test)
        guesses = np.array([chances.argmax() for chances in judged.probabilities])
        plotting.learning_curves(run.history, self.picture("learning_curves.png"), run.best_epoch)
        counts = plotting.confusion_counts(np.array(judged.labels), guesses, self.config.classes)
        print("of each class, how many were taken for which, in the same order:")
        for line, name in zip(counts, self.classes):
            print("  %-20s %s" % (name, " ".join("%6d" % count for count in line)))
        found = judged.labels, guesses.tolist(), judged.looked
        pictures.drawings(self.strokes, *found, self.classes, self.picture("drawings.png"), self.config.strides)
        return {
            "test_accuracy": judged.accuracy,
            "test_loss": judged.loss,
            "best_epoch": run.best_epoch,
            "parameters": run.parameters,
        }
