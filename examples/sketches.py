"""What has been drawn? Pen strokes go through convolutions over the steps, then through LSTM units in both directions.

With no flags: 47,400 drawings of three classes, about two minutes on two CPU cores. The picture shows drawings of each class,
their strokes the darker, the more the network looked at them, and some that it took for something else.

--ndjson reads Quick, Draw!'s simplified files instead, a file for each class: --ndjson cat.ndjson dog.ndjson
"""

from rnn_tf1.program import cli

# isort: split
import dataclasses
import os
from typing import Sequence

from rnn_tf1.program.settings import Settings, choice, real, setting, switch, whole


@dataclasses.dataclass
class Flags(Settings):
    ndjson: Sequence[str] = setting(None, "Quick, Draw!'s files, two or more, a class each", nargs="+", metavar="FILE")
    most: int = whole(10000, "drawings to take of each of them", least=20)
    cell: str = choice("lstm", ("lstm", "gru", "basic", "layer_norm"), "recurrent cell")
    units: int = whole(96, "of each layer", least=2, quick=16)
    layers: int = whole(1, "cells, one above the other")
    one_direction: bool = switch("read from the first stroke to the last alone")
    summary: str = choice("attention", ("last", "mean", "attention"), "what of the outputs is judged")
    keep_prob: float = real(0.8, "dropout of the convolutions, the outputs, the summary", most=1)
    epochs: int = whole(5, "passes over the training data", quick=2)
    batch_size: int = whole(64, "drawings side by side")
    learning_rate: float = real(0.002, "at the start; it falls to 0 along a cosine")

    def __post_init__(self) -> None:
        super().__post_init__()
        one = self.ndjson and len(self.ndjson) < 2
        self.refuse(one, "ndjson", "one file is one class, and there must be two to choose from")
        if not self.one_direction:
            self.check_two_directions()


def main() -> None:
    flags = Flags.parse("sketches", __doc__)

    import tensorflow.compat.v1 as tf

    from rnn_tf1 import plotting
    from rnn_tf1.data.images import sketches
    from rnn_tf1.data.ragged import RaggedBatches
    from rnn_tf1.experiments.classification import classify, pictures
    from rnn_tf1.models.sketch_classifier import SketchClassifierConfig, build_sketch_classifier
    from rnn_tf1.program.files import locked
    from rnn_tf1.training import runs

    with locked(flags.out_dir):
        files = flags.ndjson and sketches.load_ndjson(flags.ndjson, flags.most, flags.seed)
        data = files or sketches.load(flags.data_dir)
        parts = dict(train=data.train, validation=data.validation, test=data.test)
        if flags.quick:
            parts = {name: sketches.some(part, 600, flags.seed) for name, part in parts.items()}
        print(", ".join("%s: %d drawings" % (name, len(part.labels)) for name, part in parts.items()))
        batches = {
            name: RaggedBatches([sketches.scaled(one) for one in p.strokes], p.labels, flags.batch_size, flags.seed)
            for name, p in parts.items()
        }
        config = SketchClassifierConfig(
            classes=len(data.classes),
            bidirectional=not flags.one_direction,
            **{name: getattr(flags, name) for name in ("cell", "units", "layers", "summary", "keep_prob")},
        )
        settings = flags.identity(data=data.identity, tensorflow=tf.__version__)
        run = classify.train(
            build_sketch_classifier,
            config,
            batches["train"],
            list(batches["validation"].in_order(200)),
            runs.Recipe(flags.epochs, flags.learning_rate),
            flags.out_dir,
            settings,
            flags.seed,
        )
        with classify.restored(build_sketch_classifier, config, flags.out_dir, settings) as (session, net):
            judged = classify.judge(session, net, batches["test"].in_order(200))
        print("test accuracy %.2f %% of %d drawings" % (100 * judged.accuracy, len(judged.labels)))
        guesses = [int(chances.argmax()) for chances in judged.probabilities]

        def picture(name):
            return os.path.join(flags.out_dir, name)

        plotting.learning_curves(run.history, picture("learning_curves.png"), run.best_epoch)
        counts = plotting.confusion_counts(judged.labels, guesses, config.classes)
        print("of each class, how many were taken for which, in the same order:")
        for line, name in zip(counts, data.classes):
            print("  %-20s %s" % (name, " ".join("%6d" % count for count in line)))
        strokes, found = parts["test"].strokes, (judged.labels, guesses, judged.looked)
        pictures.drawings(strokes, *found, data.classes, picture("drawings.png"), config.strides)
        cli.write_metrics(
            picture("metrics.json"),
            "sketches",
            flags,
            data.origin,
            run.seconds,
            test_accuracy=judged.accuracy,
            test_loss=judged.loss,
            best_epoch=run.best_epoch,
            parameters=run.parameters,
        )
        print("metrics.json and the pictures are in %s" % flags.out_dir)


if __name__ == "__main__":
    cli.run_main(main)
