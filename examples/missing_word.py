"""Which word is missing? Guessed from what stands before it, and from both sides: what is behind a word tells a lot of it.

With no flags: Penn Treebank's sentences, two networks, about half an hour on two CPU cores; the one that reads from both sides
has as many units in each direction, and so more weights. Every word is blanked in turn, and no path leads from it to its own
guess. The table compares perplexity, and how often the word is the first guess or among the first five; some sentences are
printed with what both networks guess.
"""

from rnn_tf1.program import cli

# isort: split
from rnn_tf1.program.settings import Settings, choice, real, whole

import dataclasses
import os

SIDES = (("from the left", False), ("from both sides", True))


@dataclasses.dataclass
class Flags(Settings):
    cell: str = choice("lstm", ("lstm", "gru", "basic", "layer_norm"), "recurrent cell")
    units: int = whole(256, "of each layer and direction", quick=16)
    layers: int = whole(1, "cells, one above the other")
    depth: int = whole(256, "numbers of a word's vector", quick=16)
    keep_prob: float = real(0.7, "dropout of the words' vectors and of all outputs", most=1)
    epochs: int = whole(4, "passes over the training text", quick=1)
    batch_size: int = whole(32, "sentences side by side")
    learning_rate: float = real(0.005, "at the start; it falls to 0 along a cosine")
    examples: int = whole(4, "sentences to print and draw", of_run=False)


def main() -> None:
    flags = Flags.parse("missing_word", __doc__)

    from rnn_tf1.program.files import locked

    import tensorflow.compat.v1 as tf
    from rnn_tf1 import plotting
    from rnn_tf1.data.ragged import of_length
    from rnn_tf1.data.text import ptb
    from rnn_tf1.errors import printable
    from rnn_tf1.experiments.language import missing_word, pictures
    from rnn_tf1.models.missing_word import MissingWordConfig
    from rnn_tf1.training.runs import Recipe

    with locked(flags.out_dir):
        data = ptb.load(flags.data_dir)
        words, most = data.vocabulary, 500 if flags.quick else None
        texts = (data.train, data.validation, data.test)
        train, validation, test = (missing_word.sentences(text, words.end)[:most] for text in texts)
        print("%d, %d and %d sentences, %d words" % (len(train), len(validation), len(test), len(words)))
        recipe = Recipe(flags.epochs, flags.learning_rate)
        batches = missing_word.batches_of(train, flags.batch_size, flags.seed)
        held = list(missing_word.batches_of(validation).in_order())
        runs, scores, guesses = {}, {}, {}
        for name, both in SIDES:
            sizes = {size: getattr(flags, size) for size in ("cell", "units", "layers", "depth", "keep_prob")}
            config = MissingWordConfig(vocabulary=len(words), both_sides=both, initializer="uniform", **sizes)
            made_of = dict(data=data.identity, tensorflow=tf.__version__, both_sides=both)
            settings = flags.identity(**made_of)
            folder = os.path.join(flags.out_dir, name.replace(" ", "_"))
            print("guessing %s" % name, flush=True)
            runs[name] = missing_word.train(config, batches, held, recipe, folder, settings, flags.seed)
            scores[name], guesses[name] = missing_word.guess(config, test, folder, settings)
        print("\n%-16s %10s %12s %14s %12s" % ("", "perplexity", "first guess", "first five", "parameters"))
        for name, found in scores.items():
            row = (name, found.perplexity, 100 * found.top_1, 100 * found.top_5, runs[name].parameters)
            print("%-16s %10.2f %10.2f %% %12.2f %% %12d" % row)
        print("%d words of the test text, each blanked in turn" % scores["from the left"].words)
        shown = of_length(test, 9, 14, flags.examples)
        texts = [[words.words[word] for word in test[place][1:-1]] for place in shown]
        listed = {
            name: [[[words.words[i] for i in few] for few in found[n]] for n in shown]
            for name, found in guesses.items()
        }
        for place, sentence in enumerate(texts):
            blank = len(sentence) // 2
            print(printable("\n%s" % " ".join(sentence[:blank] + ["____"] + sentence[blank + 1 :])))
            for name in runs:
                told = "  %-16s %s   (%s)" % (name + ":", ", ".join(listed[name][place][blank]), sentence[blank])
                print(printable(told))
        histories = {name: run.history for name, run in runs.items()}
        plotting.perplexities(histories, os.path.join(flags.out_dir, "curves.png"))
        pictures.guessed_words(texts, listed, os.path.join(flags.out_dir, "guesses.png"))
        figures = {}
        for name, short in zip(runs, ("left", "both")):
            for figure in ("perplexity", "top_1", "top_5"):
                figures["%s_test_%s" % (short, figure)] = getattr(scores[name], figure)
            figures[short + "_parameters"] = runs[name].parameters
        seconds = sum(run.seconds for run in runs.values())
        origin, path = data.origin, os.path.join(flags.out_dir, "metrics.json")
        cli.write_metrics(path, "missing_word", flags, origin, seconds, **figures)
        print("\nmetrics.json, curves.png and guesses.png are in %s" % flags.out_dir)


if __name__ == "__main__":
    cli.run_main(main)
