"""A recurrent network reads handwritten digits row by row: 28 steps of 28 pixels, then it says which digit it was.

With no flags: a basic cell of 150 units, about two minutes on two CPU cores, above 98 % of the test images right.
"""

from rnn_tf1.program import cli

# isort: split
import dataclasses

import rnn_tf1 as rnn
from rnn_tf1.program.settings import Settings, choice, real, whole


def network(images, flags, mode):
    """images [batch, 28 rows, 28 pixels] -> what the cell gives after each row, and the logits [batch, 10] of the digits."""
    cell = rnn.make_cell(flags.cell, flags.units, flags.layers, flags.keep_prob, mode)
    with rnn.initialized(flags):
        outputs, _ = rnn.unroll(flags.unroll, cell, images)  # [batch, 28, units]
        return outputs, rnn.dense(rnn.last_output(outputs), 10)


@dataclasses.dataclass
class Flags(Settings):
    cell: str = choice("basic", ["basic", "lstm", "peephole", "gru", "layer_norm", "context"], "the cell")
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

    from rnn_tf1.data.batches import batch_count, batches
    from rnn_tf1.data.images import mnist
    from rnn_tf1.experiments.digits.report import report_rows
    from rnn_tf1.program.files import locked
    from rnn_tf1.training import build_train_op, cosine_decay, fit, predict, session_config

    with locked(flags.out_dir), tf.Graph().as_default(), tf.Session(config=session_config()) as session:
        tf.set_random_seed(flags.seed)
        data = mnist.load(flags.data_dir).at_most(3000 if flags.quick else None)
        steps = batch_count(len(data.train.labels), flags.batch_size)
        step = tf.train.get_or_create_global_step()
        images, labels = tf.placeholder(tf.float32, [None, 28, 28]), tf.placeholder(tf.int32, [None])

        def build(mode):
            states, logits = network(images, flags, mode)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
            correct = tf.cast(tf.equal(tf.argmax(logits, 1, output_type=tf.int32), labels), tf.float32)
            return dict(loss=losses, accuracy=correct, states=states, probabilities=tf.nn.softmax(logits))

        def feeds(epoch, start):
            for batch in batches(data.train, flags.batch_size, flags.seed, epoch, start):
                yield dict(zip((images, labels), batch))

        def evaluate():
            return {"valid_" + name: look(data.validation, name).mean() for name in shown}

        def look(digits, name):
            return predict(session, {name: tested[name]}, dict(zip((images, labels), digits)))[name]

        trained = build(rnn.Mode(True, flags.seed, step))
        with tf.variable_scope(tf.get_variable_scope(), reuse=True):
            tested = build(rnn.Mode(False))
            tested["answers"] = tf.nn.softmax(rnn.dense(tested["states"], 10))  # if the reading stopped after each row
        shown = {name: tf.reduce_mean(trained[name]) for name in ("loss", "accuracy")}
        rate = cosine_decay(flags.learning_rate, step, steps * flags.epochs)
        train_op = build_train_op(shown["loss"], rate, step, flags.clip_norm)
        settings = flags.identity(data=data.identity, tensorflow=tf.__version__)
        loop = (feeds, steps, flags.epochs, evaluate, flags.out_dir, settings)
        fitted = fit(session, train_op, shown, *loop, patience=flags.patience)
        report_rows(flags, data, fitted, look)  # the one look at the test set


if __name__ == "__main__":
    cli.run_main(main)
