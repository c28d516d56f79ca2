"""What a language model learns about words: nothing tells it that Monday and Tuesday are alike, and yet it finds out, since
the same words stand around them.

The words' vectors are read from the run of `examples/ptb.py` that --run-dir names. Where none is named and runs/ptb has none,
a small LSTM is trained here, one table of words for its input and its softmax, on Penn Treebank: three epochs, about two
minutes on two CPU cores. It prints the nearest words by cosine, draws the words in the plane of their first two principal
components, and writes the vectors for other programs: vectors.txt (a word and its numbers a line, as word2vec and GloVe
write them; `examples/ptb.py --vectors` begins with them where a vector has as many numbers as its model has units: make them
with --units 200 for the small one), and projector/ for TensorBoard.
"""

from rnn_tf1.program import cli

# isort: split
from rnn_tf1.program.settings import Settings, choice, setting, switch, whole

import dataclasses
import os
from typing import Optional, Sequence

DEFAULT_RUN = os.path.join("runs", "ptb")


@dataclasses.dataclass
class Flags(Settings):
    run_dir: Optional[str] = setting(
        None, "a language model's run (default: %s, where that is one)" % DEFAULT_RUN, of_run=False
    )
    train: bool = switch("train a small one, though there is such a run", of_run=False)
    table: str = choice("embedding", ("embedding", "softmax"), "of the input, or of the answer", of_run=False)
    epochs: Optional[int] = whole(None, "of training (default: 3)")
    units: int = whole(128, "numbers of a vector, and the LSTM's units, in training", least=2)
    vocabulary: int = whole(10000, "words, the most frequent; the others become <unk>", least=3)
    words: Sequence[str] = setting(
        None, "whose nearest words are shown (default: company president japan ...)", nargs="+", of_run=False
    )
    neighbours: int = whole(8, "words to show for each", of_run=False)
    plane_words: int = whole(300, "words of the picture, the most frequent", least=3, of_run=False)
    labels: int = whole(50, "of the picture, beside those of the coloured words", least=0, of_run=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.refuse(self.run_dir is not None and self.train, "train", "not with --run-dir, which names the run to read")


def main() -> None:
    flags = Flags.parse("embeddings", __doc__)

    from rnn_tf1.program.files import locked

    import tensorflow.compat.v1 as tf
    from rnn_tf1.data.text import ptb
    from rnn_tf1.data.text.text import END, UNKNOWN
    from rnn_tf1.data.text.vectors import write_vectors
    from rnn_tf1.errors import printable
    from rnn_tf1.experiments.language import language_model, pictures, word_vectors

    run_dir, figures, seconds = flags.run_dir, {}, 0.0
    if (
        run_dir is None
        and not (flags.train or flags.quick)
        and os.path.exists(os.path.join(DEFAULT_RUN, "metrics.json"))
    ):
        run_dir = DEFAULT_RUN
    with locked(flags.out_dir):
        if run_dir is None:
            data = ptb.load(flags.data_dir, size=flags.vocabulary)
            if flags.quick:
                data = language_model.beginning(data, 20000, 2000)
            word_vectors.check_known(flags.words or [], data.vocabulary)
            config = word_vectors.make_config(len(data.vocabulary), flags.units)
            recipe = word_vectors.RECIPE
            recipe = recipe._replace(epochs=flags.epochs or (1 if flags.quick else recipe.epochs))
            settings = flags.identity(data=data.identity, tensorflow=tf.__version__)
            folder = os.path.join(flags.out_dir, "model")
            made = word_vectors.train_table(data, config, recipe, folder, settings, flags.seed)
            figures, seconds = made.figures, made.seconds
            table = word_vectors.read_table(folder, flags.table, data.origin)
        else:
            print("the words of %s" % run_dir)
            table = word_vectors.read_table(run_dir, flags.table)
        words, vocabulary = table.vocabulary.words, table.vocabulary
        probes = flags.words or [word for word in word_vectors.PROBES if word in vocabulary.ids]
        probes = probes or [word for word in words if word not in (UNKNOWN, END)][:6]
        word_vectors.check_known(probes, vocabulary)
        for word in probes:
            found = word_vectors.nearest(table, word, flags.neighbours)
            print(printable("%s: %s" % (word, ", ".join("%s %.2f" % pair for pair in found))))
            figures["nearest_" + word] = " ".join(near for near, _ in found)
        figures.update(word_vectors.relatedness(table), words=table.vectors.shape[0], size=table.vectors.shape[1])
        if figures["related_pairs"]:
            line = (
                "%(related_pairs)d related pairs: mean cosine %(related_cosine).3f, of all other pairs of these words "
            )
            line += "%(other_cosine).3f; the other one is at place %(related_rank)g among all words, in the median"
            print(line % figures)
        groups = word_vectors.GROUPS
        shown = word_vectors.shown_words(vocabulary, flags.plane_words, groups)
        points, share = word_vectors.plane(table.vectors[vocabulary.encode(shown)])
        figures["plane_share"] = share
        note = "%d words of %d; the plane holds %.0f %% of the variance of their directions." % (
            len(shown),
            len(words),
            100 * share,
        )
        pictures.word_plane(points, shown, groups, flags.labels, os.path.join(flags.out_dir, "words.png"), note)
        write_vectors(os.path.join(flags.out_dir, "vectors.txt"), words, table.vectors, header=True)
        projector = os.path.join(flags.out_dir, "projector")
        word_vectors.write_projector(projector, words, table.vectors, groups)
        path = os.path.join(flags.out_dir, "metrics.json")
        cli.write_metrics(path, "embeddings", flags, table.data, seconds, **figures)
        print(
            "words.png, vectors.txt and metrics.json are in %s; see also: tensorboard --logdir %s"
            % (flags.out_dir, projector)
        )


if __name__ == "__main__":
    cli.run_main(main)
