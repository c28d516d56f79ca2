"""The small classic by the book: translation by `embedding_rnn_seq2seq`, as Sutskever et al. 2014 did it.

One recurrent network reads an English sentence, from its last word to its first; another one begins in the state in which the
first has ended, and writes the French sentence word by word, reading its own words (feed_previous). All that it knows of the
English is that one state. Each sentence is a list with one tensor of ids for each step, and the graph has a part for each.

With no flags: short sentences of a small grammar, whose one right translation is known, about two minutes on two CPU cores. It
prints how many sentences that it has never seen are translated exactly right. --real takes Multi30k's captions instead, in
which most sentences are longer. `examples/translate.py` is how it is done today.
"""

from rnn_tf1.program import cli

# isort: split
import os


def parse_flags():
    parser = cli.make_parser("embedding_rnn_seq2seq", __doc__)
    add = parser.add_argument
    add("--real", action="store_true", help="Multi30k's captions instead of the grammar's sentences")
    add("--longest", type=cli.whole(3, 40), default=10, help="tokens of a side; longer pairs are left out")
    add("--cell", choices=("gru", "lstm", "basic"), default="gru", help="recurrent cell")
    add("--units", type=cli.whole(1), default=192, help="of the cell of either side")
    add("--layers", type=cli.whole(1), default=1, help="cells, one above the other, on either side")
    add("--depth", type=cli.whole(1), default=64, help="of the words' vectors")
    add(
        "--keep-prob",
        type=cli.real(0, 1),
        default=0.7,
        help="dropout keeps so much of what the cells write, in training",
    )
    add("--batch-size", type=cli.whole(1), default=64, help="pairs of an update")
    add("--learning-rate", type=cli.real(0), default=0.004, help="of Adam at the start; it falls to 0 along a cosine")
    add("--epochs", type=cli.whole(1), help="of training (default: 20, with --quick 2)")
    add("--examples", type=cli.whole(0), default=8, help="translations to show")
    flags = cli.parse(parser)
    flags.epochs = flags.epochs or (2 if flags.quick else 20)
    return flags


def main() -> None:
    flags = parse_flags()

    from rnn_tf1.data.pairs import translation
    from rnn_tf1.experiments.translation import buckets
    from rnn_tf1.program.files import locked

    data = translation.load(flags.data_dir, generated=not flags.real)
    if flags.quick:
        data = buckets.beginning(data, 3000, 200)
    sentences = buckets.prepare(data, flags.longest, least=2 if flags.real else 1)
    print(sentences.describe(), flush=True)

    import tensorflow.compat.v1 as tf

    from rnn_tf1 import embedding_rnn_seq2seq, plotting, sequence_loss_by_example, training
    from rnn_tf1.models.stack import make_cell
    from rnn_tf1.training.optimize import build_train_op, cosine_decay

    batches = sentences.batches("train", flags.batch_size, flags.seed)
    settings = cli.settings(flags, ["examples"], data=data.identity, tensorflow=tf.__version__)
    with locked(flags.out_dir), tf.Graph().as_default(), tf.Session(config=training.session_config()) as session:
        tf.set_random_seed(flags.seed)
        places = buckets.make_places(flags.longest)
        step, is_training = tf.train.get_or_create_global_step(), tf.placeholder_with_default(False, [])
        sizes = flags.cell, flags.units, flags.layers, flags.keep_prob
        cells = {side: make_cell(*sizes, is_training, flags.seed, step) for side in ("cell", "encoder_cell")}

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
    path, origin = os.path.join(flags.out_dir, "metrics.json"), "%s: %s" % (data.kind, data.source)
    figures = dict(test_accuracy=right, best_epoch=fitted.best_epoch)
    cli.write_metrics(path, "embedding_rnn_seq2seq", flags, origin, fitted.seconds, **figures)
    print("learning_curves.png and metrics.json are in %s" % flags.out_dir)


if __name__ == "__main__":
    cli.run_main(main)
