"""Which word comes next? Language models on Penn Treebank's newspaper text, in the three sizes that the literature knows.

Small, medium and large are those of Zaremba et al. 2014, "Recurrent Neural Network Regularization", with their recipe; compact
is ours: as many weights as small, one table of words for the input and the softmax, and dropout masks that stay the same over
the time steps. The figure is perplexity, over all words of a part, read as one stream: between how many equally likely words
the network would be as much at a loss. --generated takes sentences of a small grammar instead, whose best possible perplexity
is known.

With no flags: the small model, 13 epochs, 20 to 40 minutes on two CPU cores. Compact takes two hours, medium more, large some
days; a run that was stopped goes on where it was. --sample goes on with a text, from the same command line as the training, at
once where that has finished.
"""

from rnn_tf1.program import cli

# isort: split
import dataclasses
import os
from typing import List, Optional

from rnn_tf1.program.settings import Settings, choice, real, setting, switch, whole


@dataclasses.dataclass
class Flags(Settings):
    generated: bool = switch("sentences of a small grammar instead of Penn Treebank", of_run=False)
    config: str = choice("small", ("small", "medium", "large", "compact", "test"), "sizes and recipe")
    epochs: Optional[int] = whole(None, "of training (default: those of the configuration)")
    cell: str = choice("lstm", ("lstm", "gru", "basic", "peephole", "layer_norm"), "recurrent cell")
    unroll: Optional[str] = choice(
        None, ("fused", "static", "dynamic", "manual"), "default: fused for lstm and gru, else static"
    )
    vocabulary: int = whole(10000, "words, the most frequent; the others become <unk>", least=3)
    sampled_softmax: Optional[int] = whole(None, "train against N drawn words instead of all", most=10**6, metavar="N")
    vectors: Optional[str] = setting(
        None, "of words, to begin with: a word and its numbers a line", type=cli.path, metavar="FILE"
    )
    freeze_vectors: bool = switch("leave the word vectors as they begin")
    sample: List[str] = setting(
        [], "go on with this text; may be given several times", metavar="TEXT", action="append", of_run=False
    )
    count: int = whole(60, "words to write for --sample", most=10**6, of_run=False)
    temperature: float = real(1.0, "of --sample: below 1 likely words become likelier", of_run=False)
    top_k: Optional[int] = whole(None, "of --sample: only the K likeliest words (default: all)", of_run=False)
    top_p: float = real(0.9, "of --sample: only the likeliest words that make up this share", most=1, of_run=False)
    stop: bool = switch("of --sample: stop at the end of the sentence", of_run=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.unroll is None:
            self.unroll = "fused" if self.cell in ("lstm", "gru") else "static"
        no_vectors = self.freeze_vectors and not self.vectors
        self.refuse(no_vectors, "freeze_vectors", "there are no vectors to freeze: give --vectors FILE")


def main() -> None:
    flags = Flags.parse("ptb", __doc__)

    from rnn_tf1.data.text import ptb
    from rnn_tf1.data.text.vectors import read_vectors

    # Before TensorFlow: what is wrong with it is said at once.
    data = ptb.load(flags.data_dir, flags.generated, flags.vocabulary)

    import tensorflow.compat.v1 as tf

    from rnn_tf1 import training
    from rnn_tf1.experiments.language import language_model, pictures
    from rnn_tf1.program.files import locked

    if flags.quick:
        data = language_model.beginning(data, 20000, 2000)
    config, recipe = language_model.CONFIGS[flags.config]
    config = dataclasses.replace(
        config,
        cell=flags.cell,
        unroll=flags.unroll,
        vocabulary=len(data.vocabulary),
        sampled=flags.sampled_softmax or 0,
        train_embedding=not flags.freeze_vectors,
    )
    recipe = recipe._replace(epochs=flags.epochs or (1 if flags.quick else recipe.epochs))
    vectors = None
    if flags.vectors:
        vectors, found = read_vectors(flags.vectors, data.vocabulary, config.units)
        print("vectors: %d of %d words are in %s" % (found, len(data.vocabulary), flags.vectors))
    settings = flags.identity(data=data.identity, tensorflow=tf.__version__)
    with locked(flags.out_dir), tf.Graph().as_default(), tf.Session(config=training.session_config()) as session:
        tf.set_random_seed(flags.seed)
        path = os.path.join(flags.out_dir, "metrics.json")
        run = (session, config, recipe, data, flags.out_dir, settings)
        if flags.sample and language_model.restore_finished(*run):
            print("This run has finished: its figures are in %s" % path)
        else:
            made = language_model.train(*run, flags.seed, vectors)
            figures, best = made.figures, made.best_epoch
            found = tuple(figures[part + "_perplexity"] for part in ("train", "valid", "test"))
            print("perplexity: training %.2f, validation %.2f, test %.2f" % found)
            if data.perplexity is not None:
                print("the best possible: %.2f" % data.perplexity)
                figures["best_possible_perplexity"] = data.perplexity
            picture = os.path.join(flags.out_dir, "perplexity.png")
            pictures.perplexity_curves(made.history, picture, best, figures["test_perplexity"], data.perplexity)
            origin = data.origin
            cli.write_metrics(path, "ptb", flags, origin, made.seconds, best_epoch=best, **figures)
            print("perplexity.png and metrics.json are in %s" % flags.out_dir)
        filters = {"temperature": flags.temperature, "top_k": flags.top_k, "top_p": flags.top_p}
        stop = data.vocabulary.end if flags.stop else None
        if flags.sample:
            texts = language_model.write_on(
                session, config, data.vocabulary, flags.sample, flags.count, flags.seed, stop=stop, **filters
            )
            print("\n\n".join(texts))


if __name__ == "__main__":
    cli.run_main(main)
