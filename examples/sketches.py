"""What has been drawn? Pen strokes go through convolutions over the steps, then through LSTM units in both directions.

With no flags: 47,400 drawings of three classes, about two minutes on two CPU cores. The picture shows drawings of each class,
their strokes the darker, the more the network looked at them, and some that it took for something else.

--ndjson reads Quick, Draw!'s simplified files instead, a file for each class: --ndjson cat.ndjson dog.ndjson
"""

from rnn_tf1.program import cli

# isort: split
import os


def parse_flags():
    parser = cli.make_parser("sketches", __doc__)
    add = parser.add_argument
    add("--ndjson", nargs="+", metavar="FILE", help="Quick, Draw!'s files, two or more, a class each")
    add("--most", type=cli.whole(20), default=10000, help="drawings to take of each of them")
    add("--cell", choices=("lstm", "gru", "basic", "layer_norm"), default="lstm", help="recurrent cell")
    add("--units", type=cli.whole(2), default=96, help="of each layer")
    add("--layers", type=cli.whole(1), default=1, help="cells, one above the other")
    add("--one-direction", action="store_true", help="read from the first stroke to the last alone")
    add("--summary", choices=("last", "mean", "attention"), default="attention", help="what of the outputs is judged")
    add("--keep-prob", type=cli.real(0, 1), default=0.8, help="dropout of the convolutions, the outputs, the summary")
    add("--epochs", type=cli.whole(1), default=5, help="passes over the training data")
    add("--batch-size", type=cli.whole(1), default=64, help="drawings side by side")
    add("--learning-rate", type=cli.real(0), default=0.002, help="at the start; it falls to 0 along a cosine")
    flags = cli.parse(parser)
    if flags.ndjson and len(flags.ndjson) < 2:
        parser.error("argument --ndjson: one file is one class, and there must be two to choose from")
    if not flags.one_direction:
        cli.check_two_directions(parser, flags.units)
    if flags.quick:
        cli.at_most(flags, epochs=2, units=16)
    return flags


def main() -> None:
    flags = parse_flags()

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
        settings = cli.settings(flags, data=data.identity, tensorflow=tf.__version__)
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
            "%s: %s" % (data.kind, data.source),
            run.seconds,
            test_accuracy=judged.accuracy,
            test_loss=judged.loss,
            best_epoch=run.best_epoch,
            parameters=run.parameters,
        )
        print("metrics.json and the pictures are in %s" % flags.out_dir)


if __name__ == "__main__":
    cli.run_main(main)
