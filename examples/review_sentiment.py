"""Is a sentence of a film review for the film or against it? A recurrent network reads word by word, and names one of the two.

With no flags: 10,662 sentences, three networks on three splits, a minute on two CPU cores; a tenth of the sentences is held
out each time. A bag of words (naive Bayes), which does not know the order of the words, stands beside it. The picture shows how
the verdict moves, word by word, through six sentences that the network has never seen.
--vectors takes vectors of words from a text file (GloVe's, say) of --depth numbers, --freeze-vectors leaves them as they are.
"""

from rnn_tf1.program import cli

# isort: split
import dataclasses
import os
import zlib
from typing import Optional

from rnn_tf1.program.settings import Settings, choice, real, setting, switch, whole


@dataclasses.dataclass
class Flags(Settings):
    cell: str = choice("lstm", ("lstm", "gru", "basic", "layer_norm", "peephole"), "recurrent cell")
    units: int = whole(100, "of each layer", quick=16)
    layers: int = whole(1, "cells, one above the other")
    one_direction: bool = switch("read from left to right alone")
    summary: str = choice("mean", ("last", "mean", "attention"), "what of the outputs the verdict is")
    depth: int = whole(100, "numbers of a word's vector")
    keep_prob: float = real(0.3, "dropout of the outputs, and of the words' vectors", most=1)
    vectors: Optional[str] = setting(
        None, "of words, to begin with, a line for each: word v1 v2 ...", type=cli.path, metavar="FILE"
    )
    freeze_vectors: bool = switch("leave them as they begin")
    least: int = whole(2, "how often a word comes that is known")
    runs: int = whole(3, "networks: --seed, --seed + 1, ...; each has its own split", quick=1, of_run=False)
    epochs: int = whole(4, "passes over the training data", quick=2)
    batch_size: int = whole(50, "sentences side by side")
    learning_rate: float = real(0.002, "at the start; it falls to 0 along a cosine")

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check_seeds("runs")
        no_vectors = self.freeze_vectors and not self.vectors
        self.refuse(no_vectors, "freeze_vectors", "there are none to freeze: give --vectors FILE")
        if not self.one_direction:
            self.check_two_directions()
        if self.quick and not self.vectors:  # theirs are as long as they are
            self.depth = min(self.depth, 16)


def main() -> None:
    flags = Flags.parse("review_sentiment", __doc__)

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

    accuracy, bag, seconds = [], [], 0.0
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
                vocabulary=len(vocabulary),
                bidirectional=not flags.one_direction,
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
            folder, settings = os.path.join(flags.out_dir, "seed_%d" % seed), flags.identity(**made_of)
            held = list(batches["validation"].in_order(200))
            run = classify.train(
                build_text_classifier, config, batches["train"], held, recipe, folder, settings, seed, **more
            )
            with classify.restored(build_text_classifier, config, folder, settings, **more) as (session, net):
                judged = classify.judge(session, net, batches["test"].in_order(200))
                if seed == flags.seed + flags.runs - 1:  # the last one, whose sentences are at hand below
                    shown = of_length(ids["test"], 8, 16, 6)
                    prefixes = [ids["test"][i][: n + 1] for i in shown for n in range(len(ids["test"][i]))]
                    moving = RaggedBatches(prefixes, np.zeros([len(prefixes)], np.int32), 200)
                    verdicts = classify.judge(session, net, moving.in_order())
            bayes = baselines.NaiveBayes(ids["train"], parts["train"].labels, len(vocabulary))
            accuracy.append(judged.accuracy)
            bag.append(float(np.mean(bayes(ids["test"]) == parts["test"].labels)))
            seconds += run.seconds
            print("seed %d: test accuracy %.2f %%, bag of words %.2f %%" % (seed, 100 * accuracy[-1], 100 * bag[-1]))
        picture = os.path.join(flags.out_dir, "verdicts.png")
        sentences, ends = [parts["test"].sentences[i] for i in shown], np.cumsum([len(ids["test"][i]) for i in shown])
        positive = np.split(np.array([p[1] for p in verdicts.probabilities]), ends[:-1])
        pictures.moving_verdicts(sentences, positive, parts["test"].labels[shown], reviews.CLASSES, picture)
        cli.write_metrics(
            os.path.join(flags.out_dir, "metrics.json"),
            "review_sentiment",
            flags,
            data.origin,
            seconds,
            test_accuracy=float(np.mean(accuracy)),
            test_accuracies=accuracy,
            bag_of_words_accuracy=float(np.mean(bag)),
            parameters=run.parameters,
        )
        means = 100 * np.mean(accuracy), 100 * np.mean(bag)
        print("mean of %d: %.2f %%, bag of words %.2f %%" % (len(bag), *means))
        print("metrics.json and verdicts.png are in %s" % flags.out_dir)


if __name__ == "__main__":
    cli.run_main(main)
