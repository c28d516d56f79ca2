"""The small classic by the book: translation by `embedding_rnn_seq2seq`, as Sutskever et al. 2014 did it.

One recurrent network reads an English sentence, from its last word to its first; another one begins in the state in which the
first has ended, and writes the French sentence word by word, reading its own words (feed_previous). All that it knows of the
English is that one state. Each sentence is a list with one tensor of ids for each step, and the graph has a part for each.

With no flags: short sentences of a small grammar, whose one right translation is known, about two minutes on two CPU cores. It
prints how many sentences that it has never seen are translated exactly right. --real takes Multi30k's captions instead, in
which most sentences are longer. `examples/translate.py` is how it is done today.
"""

from rnn_tf1.program import cli
from rnn_tf1.program.settings import Settings, choice, real, switch, whole

import os
from typing import Optional


class Flags(Settings):
    longest: int = whole(10, "tokens of a side; longer pairs are left out", least=3, most=40)
    cell: str = choice("gru", ("gru", "lstm", "basic"), "recurrent cell")
    units: int = whole(192, "of the cell of either side")
    layers: int = whole(1, "cells, one above the other, on either side")
    depth: int = whole(64, "of the words' vectors")
    keep_prob: float = real(0.7, "dropout keeps so much of what the cells write, in training", most=1)
    batch_size: int = whole(64, "pairs of an update")
    learning_rate: float = real(0.004, "of Adam at the start; it falls to 0 along a cosine")
    epochs: Optional[int] = whole(None, "of training (default: 20, with --quick 2)")
    examples: int = whole(8, "translations to show", least=0, of_run=False)
    real: bool = switch("Multi30k's captions instead of the grammar's sentences")

    def __post_init__(self) -> None:
        super().__post_init__()
        self.epochs = self.epochs or (2 if self.quick else 20)


def main() -> None:
    flags = Flags.parse("embedding_rnn_seq2seq", __doc__)

    from rnn_tf1.program.files import locked

    from rnn_tf1.data.pairs import translation
    from rnn_tf1.experiments.translation import buckets

    data = translation.load(flags.data_dir, generated=not flags.real)
    if flags.quick:
        data = buckets.beginning(data, 3000, 200)
    sentences = buckets.prepare(data, flags.longest, least=2 if flags.real else 1)
    print(sentences.describe(), flush=True)

    import tensorflow.compat.v1 as tf
    from rnn_tf1 import Mode, embedding_rnn_seq2seq, plotting, sequence_loss_by_example, training
    from rnn_tf1.models.stack import make_cell
    from rnn_tf1.training.optimize import build_train_op, cosine_decay

    batches = sentences.batches("train", flags.batch_size, flags.seed)
    settings = flags.identity(data=data.identity, tensorflow=tf.__version__)
    with locked(flags.out_dir), tf.Graph().as_default(), tf.Session(config=training.session_config()) as session:
        tf.set_random_seed(flags.seed)
        places = buckets.make_places(flags.longest)
        step, is_training = tf.train.get_or_create_global_step(), tf.placeholder_with_default(False, [])
        sizes = flags.cell, flags.units, flags.layers, flags.keep_prob
        cells = {side: make_cell(*sizes, Mode(is_training, flags.seed, step)) for side in ("cell", "encoder_cell")}

        def decode(feed_previous):
            """The logits of each step: where it reads the translation itself, and where it reads what it has written."""
            outputs, _ = embedding_rnn_seq2seq(
                places.source,
                places.inputs,
                num_encoder_symbols=len(sentences.source),
                num_decoder_symbols=len(sentences.target),
                embedding_size=flags.depth,
                feed_previous=feed_previous,
                **cells,
            )
            return outputs

        losses = sequence_loss_by_example(decode(feed_previous=False), places.targets, places.weights)
        with tf.variable_scope(tf.get_variable_scope(), reuse=True):
            ids = tf.argmax(tf.stack(decode(feed_previous=True), axis=1), 2)
        loss = tf.reduce_mean(losses)
        rate = cosine_decay(flags.learning_rate, step, flags.epochs * batches.count)
        train_op = build_train_op(loss, rate, step, clip_norm=1.0)

        def feeds(epoch, start):
            for batch in batches.batches(epoch, start):
                fed = buckets.feed(places, batch)
                fed[is_training] = True
                yield fed

        def evaluate():
            held_out = sentences.batches("validation", buckets.SCORED_ROWS)
            written = buckets.translate(session, ids, places, held_out)
            loss = buckets.mean_loss(session, losses, places, held_out)
            return {"valid_loss": loss, "valid_accuracy": buckets.exact(written, sentences.validation)}

        fitted = training.fit(
            session, train_op, {"loss": loss}, feeds, batches.count, flags.epochs, evaluate, flags.out_dir, settings
        )
        unseen = sentences.batches("test", buckets.SCORED_ROWS)
        written = buckets.translate(session, ids, places, unseen)
        right, count = buckets.exact(written, sentences.test), len(written)
        print("exactly right: %.1f %% of %d sentences that it has never seen" % (100 * right, count))
        print("\n".join(buckets.examples(written, sentences, flags.examples)))
        plotting.learning_curves(fitted.history, os.path.join(flags.out_dir, "learning_curves.png"), fitted.best_epoch)
    path, origin = os.path.join(flags.out_dir, "metrics.json"), data.origin
    figures = dict(test_accuracy=right, best_epoch=fitted.best_epoch)
    cli.write_metrics(path, "embedding_rnn_seq2seq", flags, origin, fitted.seconds, **figures)
    print("learning_curves.png and metrics.json are in %s" % flags.out_dir)


if __name__ == "__main__":
    cli.run_main(main)
