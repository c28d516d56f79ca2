"""Is a sentence of a film review for the film or against it? A recurrent network reads word by word, and names one of the two.

With no flags: 10,662 sentences, three networks on three splits, a minute on two CPU cores; a tenth of the sentences is held
out each time. A bag of words (naive Bayes), which does not know the order of the words, stands beside it. The picture shows how
the verdict moves, word by word, through six sentences that the network has never seen.

--vectors takes vectors of words from a text file (GloVe's, say) of --depth numbers, --freeze-vectors leaves them as they are.
"""

from rnn_tf1.program import cli

# isort: split
import os
import zlib


def parse_flags():
    parser = cli.make_parser("review_sentiment", __doc__)
    add = parser.add_argument
    add("--cell", choices=("lstm", "gru", "basic", "layer_norm", "peephole"), default="lstm", help="recurrent cell")
    add("--units", type=cli.whole(1), default=100, help="of each layer")
    add("--layers", type=cli.whole(1), default=1, help="cells, one above the other")
    add("--one-direction", action="store_true", help="read from left to right alone")
    add("--summary", choices=("last", "mean", "attention"), default="mean", help="what of the outputs the verdict is")
    add("--depth", type=cli.whole(1), default=100, help="numbers of a word's vector")
    add("--keep-prob", type=cli.real(0, 1), default=0.3, help="dropout of the outputs, and of the words' vectors")
    add("--vectors", type=cli.path, metavar="FILE", help="of words, to begin with, a line for each: word v1 v2 ...")
    add("--freeze-vectors", action="store_true", help="leave them as they begin")
    add("--least", type=cli.whole(1), default=2, help="how often a word comes that is known")
    add("--runs", type=cli.whole(1), default=3, help="networks: --seed, --seed + 1, ...; each has its own split")
    add("--epochs", type=cli.whole(1), default=4, help="passes over the training data")
    add("--batch-size", type=cli.whole(1), default=50, help="sentences side by side")
    add("--learning-rate", type=cli.real(0), default=0.002, help="at the start; it falls to 0 along a cosine")
    flags = cli.parse(parser)
    if flags.freeze_vectors and not flags.vectors:
        parser.error("argument --freeze-vectors: there are none to freeze: give --vectors FILE")
    if not flags.one_direction:
        cli.check_two_directions(parser, flags.units)
    if flags.quick:
        cli.at_most(flags, epochs=2, units=16, runs=1)
        if not flags.vectors:  # theirs are as long as they are
            cli.at_most(flags, depth=16)
    if flags.seed + flags.runs > 2**32:
        parser.error("argument --runs: %d: with --seed %d the last seed is above 4294967295" % (flags.runs, flags.seed))
    return flags


def main() -> None:
    flags = parse_flags()

    import numpy as np
    import tensorflow.compat.v1 as tf

    from rnn_tf1.data.ragged import RaggedBatches, of_length
    from rnn_tf1.data.text import reviews
    from rnn_tf1.data.text.text import make_vocabulary
    from rnn_tf1.data.text.vectors import read_vectors
    from rnn_tf1.errors import renamed
    from rnn_tf1.experiments import baselines
    from rnn_tf1.experiments.classification import classify, pictures
    from rnn_tf1.models.text_classifier import TextClassifierConfig, build_text_classifier
    from rnn_tf1.program.files import locked
    from rnn_tf1.training import runs

    accuracy, bag, seconds, parameters = [], [], 0.0, 0
    with locked(flags.out_dir):
        for seed in range(flags.seed, flags.seed + flags.runs):
            data = reviews.load(flags.data_dir, seed)
            parts = dict(train=data.train, validation=data.validation, test=data.test)
            if flags.quick:
                parts = {name: reviews.Labelled(p.sentences[:600], p.labels[:600]) for name, p in parts.items()}
            words = [word for sentence in parts["train"].sentences for word in sentence]
            vocabulary = make_vocabulary(words, least=flags.least)
            ids = {name: [vocabulary.encode(sentence) for sentence in p.sentences] for name, p in parts.items()}
            batches = {name: RaggedBatches(ids[name], p.labels, flags.batch_size, seed) for name, p in parts.items()}
            config = TextClassifierConfig(
                bidirectional=not flags.one_direction,
                vocabulary=len(vocabulary),
                input_keep_prob=flags.keep_prob,
                train_embedding=not flags.freeze_vectors,
                **{name: getattr(flags, name) for name in ("cell", "units", "layers", "summary", "depth", "keep_prob")},
            )
            more, made_of = {}, dict(data=data.identity, tensorflow=tf.__version__, seed=seed, vectors=None)
            if flags.vectors:
                with renamed(size="depth"):
                    more["vectors"], found = read_vectors(flags.vectors, vocabulary, flags.depth, seed)
                print("vectors: %d of %d words are in %s" % (found, len(vocabulary), flags.vectors))
                made_of["vectors"] = "crc32 %08x" % zlib.crc32(more["vectors"].tobytes())
            recipe = runs.Recipe(flags.epochs, flags.learning_rate)
            folder, settings = os.path.join(flags.out_dir, "seed_%d" % seed), cli.settings(flags, ["runs"], **made_of)
            held = list(batches["validation"].in_order(200))
            run = classify.train(
                build_text_classifier, config, batches["train"], held, recipe, folder, settings, seed, **more
            )
            best = classify.restored(build_text_classifier, config, folder, settings, **more)
            with best as (session, net):
                judged = classify.judge(session, net, batches["test"].in_order(200))
                if seed == flags.seed + flags.runs - 1:  # the last one, whose sentences are at hand below
                    shown = of_length(ids["test"], 8, 16, 6)
                    prefixes = [ids["test"][i][: n + 1] for i in shown for n in range(len(ids["test"][i]))]
                    moving = RaggedBatches(prefixes, np.zeros([len(prefixes)], np.int32), 200)
                    verdicts = classify.judge(session, net, moving.in_order())
            bayes = baselines.NaiveBayes(ids["train"], parts["train"].labels, len(vocabulary))
            accuracy.append(judged.accuracy)
            bag.append(float(np.mean(bayes(ids["test"]) == parts["test"].labels)))
            seconds, parameters = seconds + run.seconds, run.parameters
            print("seed %d: test accuracy %.2f %%, bag of words %.2f %%" % (seed, 100 * accuracy[-1], 100 * bag[-1]))
        picture = os.path.join(flags.out_dir, "verdicts.png")
        sentences, ends = [parts["test"].sentences[i] for i in shown], np.cumsum([len(ids["test"][i]) for i in shown])
        positive = np.split(np.array([p[1] for p in verdicts.probabilities]), ends[:-1])
        pictures.moving_verdicts(sentences, positive, parts["test"].labels[shown], reviews.CLASSES, picture)
        cli.write_metrics(
            os.path.join(flags.out_dir, "metrics.json"),
            "review_sentiment",
            flags,
            "%s: %s" % (data.kind, data.source),
            seconds,
            test_accuracy=float(np.mean(accuracy)),
            test_accuracies=accuracy,
            bag_of_words_accuracy=float(np.mean(bag)),
            parameters=parameters,
        )
        mean, words = 100 * np.mean(accuracy), 100 * np.mean(bag)
        print("mean of %d: %.2f %%, bag of words %.2f %%" % (len(accuracy), mean, words))
        print("metrics.json and verdicts.png are in %s" % flags.out_dir)


if __name__ == "__main__":
    cli.run_main(main)
