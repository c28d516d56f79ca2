"""A recurrent network reads handwritten digits row by row: 28 steps of 28 pixels, then it says which digit it was.

With no flags: a basic cell of 150 units, about two minutes on two CPU cores, above 98 % of the test images right.
"""

from rnn_tf1.program import cli
from rnn_tf1.program.settings import Settings, choice, real, whole

import rnn_tf1 as rnn


def network(images, settings, mode):
    """images [batch, 28 rows, 28 pixels] -> the output after each row, and the logits [batch, 10] of the digits."""
    cell = rnn.make_cell(settings.cell, settings.units, settings.layers, settings.keep_prob, mode)
    with rnn.initialized(settings):  # the kernels begin as settings.initializer says
        outputs, _ = rnn.unroll(settings.unroll, cell, images)  # [batch, 28, units]
        return outputs, rnn.dense(rnn.last_output(outputs), 10)


class Flags(Settings):
    cell: str = choice("basic", ["basic", "lstm", "peephole", "gru", "layer_norm", "context"], "the cell")
    unroll: str = choice("static", ["manual", "static", "dynamic"], "how the steps are laid out")
    layers: int = whole(1, "cells, one above the other")
    units: int = whole(150, "units of each layer", quick=32)
    keep_prob: float = real(1.0, "dropout keeps so much of each layer's output", most=1)
    learning_rate: float = real(0.002, "at the start; it falls to 0 along a cosine")
    clip_norm: float = real(1.0, "longer gradients are scaled down to this norm")
    batch_size: int = whole(150, "images in a step", quick=30)
    epochs: int = whole(20, "passes over the training images", quick=2)
    patience: int = whole(10, "stop after so many epochs without a better validation accuracy")
    initializer: str = choice("glorot", ["he", "glorot", "uniform"], "of the kernels")


def main() -> None:
    settings = Flags.parse("mnist_rows", __doc__)
    import tensorflow.compat.v1 as tf
    from rnn_tf1.data.batches import batch_count, batches
    from rnn_tf1.data.images import mnist
    from rnn_tf1.experiments.digits.report import report_rows
    from rnn_tf1.training import Recipe, RunFolder, fit, new_session, predict, towers

    with new_session(settings.seed, settings.out_dir) as session:
        data = mnist.load(settings.data_dir).at_most(3000 if settings.quick else None)
        images, labels = tf.placeholder(tf.float32, [None, 28, 28]), tf.placeholder(tf.int32, [None])

        def build(mode):
            outputs, logits = network(images, settings, mode)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
            right = tf.cast(tf.equal(tf.argmax(logits, 1, output_type=tf.int32), labels), tf.float32)
            return dict(images=images, outputs=outputs, logits=logits, loss=losses, accuracy=right)

        def feeds(epoch, start):
            for batch in batches(data.train, settings.batch_size, settings.seed, epoch, start):
                yield dict(zip((images, labels), batch))

        def evaluate(digits=data.validation, part="valid_"):
            rows = predict(session, {name: tested[name] for name in means}, dict(zip((images, labels), digits)))
            return {part + name: values.mean() for name, values in rows.items()}

        trained, tested = towers(build, settings.seed)  # the same weights, with dropout and without
        means = {name: tf.reduce_mean(trained[name]) for name in ("loss", "accuracy")}
        recipe = Recipe(settings.epochs, settings.learning_rate, settings.clip_norm, patience=settings.patience)
        train_op, schedule = recipe.plan(means["loss"], batch_count(len(data.train.labels), settings.batch_size))
        run = fit(session, train_op, means, feeds, evaluate, schedule, RunFolder.of(settings, data.identity))
        report_rows(session, tested, settings, data, run, evaluate(data.test, "test_"))


if __name__ == "__main__":
    cli.run_main(main)
