"""A recurrent network reads handwritten digits row by row: 28 steps of 28 pixels, then it says which digit it was.

With no flags: a basic cell of 150 units, about two minutes on two CPU cores, above 98 % of the test images right.
"""

from rnn_tf1.program import cli

# isort: split
import dataclasses
import functools
import os

from rnn_tf1.program.settings import Settings, choice, real, whole


@dataclasses.dataclass
class Flags(Settings):
    cell: str = choice("basic", ["basic", "lstm", "peephole", "gru", "layer_norm", "context"], "cell")
    unroll: str = choice("static", ["manual", "static", "dynamic"], "how the steps are laid out")
    layers: int = whole(1, "cells, one above the other")
    units: int = whole(150, "units of each layer", quick=32)
    keep_prob: float = real(1.0, "dropout: of each layer's output, in training", most=1)
    learning_rate: float = real(0.002, "at the start; it falls to 0 along a cosine")
    clip_norm: float = real(1.0, "longer gradients are scaled down to this norm")
    batch_size: int = whole(150, "images in a step", quick=30)
    epochs: int = whole(20, "passes over the training images", quick=2)
    patience: int = whole(10, "stop after so many epochs without a better validation accuracy")
    initializer: str = choice("glorot", ["he", "glorot", "uniform"], "of the kernels")


def main() -> None:
    flags = Flags.parse("mnist_rows", __doc__)

    import tensorflow.compat.v1 as tf

    from rnn_tf1 import Mode, plotting, training
    from rnn_tf1.data import batches
    from rnn_tf1.data.images import mnist
    from rnn_tf1.models.classifier import ClassifierConfig, build_classifier
    from rnn_tf1.program.files import locked
    from rnn_tf1.training.optimize import build_train_op, cosine_decay

    with locked(flags.out_dir):
        data = mnist.load(flags.data_dir)
        size = 3000 if flags.quick else None
        train, valid, test = (mnist.Digits(part.images[:size], part.labels[:size]) for part in data[:3])
        fields = [field.name for field in dataclasses.fields(ClassifierConfig)]
        config = ClassifierConfig(**{name: value for name, value in vars(flags).items() if name in fields})
        steps_per_epoch = batches.batch_count(len(train.labels), flags.batch_size)

        with tf.Graph().as_default():
            tf.set_random_seed(flags.seed)
            step = tf.train.get_or_create_global_step()
            trained = build_classifier(config, Mode(True, flags.seed, step))
            with tf.variable_scope(tf.get_variable_scope(), reuse=True):
                tested = build_classifier(config, Mode(False))
            rate = cosine_decay(flags.learning_rate, step, steps_per_epoch * flags.epochs)
            train_op = build_train_op(trained.loss, rate, step, flags.clip_norm)

            def feeds(epoch, start):
                for images, labels in batches.batches(train, flags.batch_size, flags.seed, epoch, start):
                    yield {trained.inputs: images, trained.labels: labels}

            def look(digits, **tensors):
                feed = {tested.inputs: digits.images, tested.labels: digits.labels}
                return training.predict(session, dict(tensors, loss=tested.losses, accuracy=tested.correct), feed)

            def evaluate():
                found = look(valid)
                return {"valid_" + name: found[name].mean() for name in ("loss", "accuracy")}

            with tf.Session(config=training.session_config()) as session:
                fitted = training.fit(
                    session,
                    train_op,
                    {"loss": trained.loss, "accuracy": trained.accuracy},
                    feeds,
                    steps_per_epoch,
                    flags.epochs,
                    evaluate,
                    flags.out_dir,
                    flags.identity(data=data.identity, tensorflow=tf.__version__),
                    patience=flags.patience,
                )
                found = look(test, probabilities=tested.probabilities)  # the one look at the test set
                first = look(
                    mnist.Digits(test.images[:1], test.labels[:1]),
                    states=tested.outputs,
                    answers=tested.step_probabilities,
                )

        picture = functools.partial(os.path.join, flags.out_dir)
        guesses = found["probabilities"].argmax(1)
        plotting.learning_curves(fitted.history, picture("learning_curves.png"), fitted.best_epoch)
        plotting.prediction_grid(test.images, test.labels, found["probabilities"], picture("predictions.png"))
        plotting.confusion_matrix(test.labels, guesses, config.classes, picture("confusion_matrix.png"))
        plotting.hidden_states(
            test.images[0], first["states"][0], first["answers"][0], test.labels[0], picture("hidden_states.png")
        )
        best = fitted.history[fitted.best_epoch - 1]
        cli.write_metrics(
            picture("metrics.json"),
            "mnist_rows",
            flags,
            data="%s: %s" % (data.kind, data.source),
            seconds=fitted.seconds,
            test_accuracy=float(found["accuracy"].mean()),
            test_loss=float(found["loss"].mean()),
            valid_accuracy=best["valid_accuracy"],
            best_epoch=fitted.best_epoch,
        )
        what = "images" if data.kind == "real" else "GENERATED images, not MNIST's"
        print("test accuracy %.2f %% of %d %s" % (100 * found["accuracy"].mean(), len(test.labels), what))
        print("metrics.json, hidden_states.png and three other pictures are in %s" % flags.out_dir)


if __name__ == "__main__":
    cli.run_main(main)
