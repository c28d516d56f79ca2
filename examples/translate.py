"""Translate English into French, and see what the network looks at: an encoder, a decoder, and attention between them.

With no flags: Multi30k's 29,000 captions, about an hour on two CPU cores; it goes on where it was stopped. The score is BLEU
on unseen captions, by sacrebleu, with beam search. --attention none is the network that must put a whole sentence into one
vector; --beside draws its BLEU by the length of the sentence together with that of another run. --generated takes sentences
of a small grammar: some minutes. A trained network is used from its folder: --translate FILE, --interactive, --export FOLDER.
"""

from rnn_tf1.program import cli
from rnn_tf1.program.settings import Settings, choice, real, setting, switch, whole

import os
from typing import Optional, Sequence

SIZES = ("cell", "units", "layers", "depth", "keep_prob", "smoothing", "scheduled_sampling", "tied", "sampled")
SEARCH = ("width", "length_penalty", "coverage_penalty")


class Flags(Settings):
    generated: bool = switch("sentences of a small grammar instead of captions")
    source: str = setting("en", "the language to translate from: how the names of its files end")
    target: str = setting("fr", "the language to translate into")
    attention: str = choice("bahdanau", ("bahdanau", "luong", "none"), "how the decoder looks back")
    cell: str = choice("gru", ("gru", "lstm", "basic", "layer_norm"), "recurrent cell")
    units: Optional[int] = whole(None, "of each layer (default: 512, generated: 256)", least=2)
    depth: Optional[int] = whole(None, "of the words' vectors (default: 256, generated: 128)")
    layers: int = whole(1, "of the encoder and of the decoder")
    one_direction: bool = switch("an encoder that reads from left to right alone")
    keep_prob: Optional[float] = real(None, "dropout keeps so much (default: 0.6, generated: 1)", most=1)
    smoothing: Optional[float] = real(None, "of the targets (default: 0.1, generated: 0)", above=-1e-09, most=1)
    scheduled_sampling: float = real(0.0, "how often it reads its own at the end of training", above=-1e-09, most=1)
    tied: bool = switch("one table for the target words' vectors and the softmax")
    sampled: int = whole(0, "against N drawn words", flag="--sampled-softmax", metavar="N")
    vectors: Sequence[str] = setting([None, None], "of words: source, target", nargs=2, type=cli.path, metavar="FILE")
    freeze_vectors: bool = switch("leave the word vectors as they begin")
    epochs: Optional[int] = whole(None, "of training (default: 20, generated: 4)")
    tokens: int = whole(1000, "of a side of a batch")
    learning_rate: Optional[float] = real(None, "at the start (default: 0.001, generated: 0.002)")
    least: Optional[int] = whole(None, "how often a word comes that is known (default: 2, generated: 1)")
    longest: int = whole(60, "tokens of a side; longer pairs are left out of training")
    substitute: Sequence[str] = choice(
        None, ("num", "url"), "every number becomes [NUM], every address [URL]", nargs="+"
    )
    reverse: bool = switch("read the source from its end")
    width: int = whole(5, "sentences in view; at most the vocabulary", flag="--beam-width", of_run=False)
    length_penalty: float = real(1.0, "above 0, long sentences lose less", above=-1e-09, most=10, of_run=False)
    coverage_penalty: float = real(0.0, "above 0, what leaves words out loses", above=-1e-09, of_run=False)
    n_best: int = whole(1, "above 1: n of each line: number from 0 ||| score ||| text", of_run=False)
    replace_unknown: bool = switch("an unknown word becomes the source word that was looked at", of_run=False)
    translate: Optional[str] = setting(
        None, "a sentence a line, by the network in --out-dir", either=True, type=cli.path, metavar="FILE", of_run=False
    )
    interactive: bool = switch("translate what is typed, with the network in --out-dir", either=True, of_run=False)
    export: Optional[str] = setting(
        None, "write the network in --out-dir as a SavedModel", type=cli.path, metavar="FOLDER", of_run=False
    )
    beside: Optional[str] = setting(
        None, "another run on these sentences, for the same picture", type=cli.path, metavar="FOLDER", of_run=False
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        self.substitute = sorted(set(self.substitute or []))
        few = "%d of %d beams: raise --beam-width" % (self.n_best, self.width)
        self.refuse(self.n_best > self.width, "n_best", few)
        no_vectors = self.freeze_vectors and not all(self.vectors)
        self.refuse(no_vectors, "freeze_vectors", "there are none to freeze: give --vectors FILE FILE")


DEFAULTS = {  # by where the sentences come from, or for --quick
    "real": dict(units=512, depth=256, keep_prob=0.6, smoothing=0.1, epochs=20, learning_rate=0.001, least=2),
    "generated": dict(units=256, depth=128, keep_prob=1.0, smoothing=0.0, epochs=4, learning_rate=0.002, least=1),
    "quick": dict(units=64, depth=32, keep_prob=0.9, smoothing=0.0, epochs=12, learning_rate=0.01, least=2),
}


def main() -> None:
    flags = Flags.parse("translate", __doc__)
    if flags.interactive or flags.translate is not None or flags.export is not None:
        from rnn_tf1.experiments.translation.command_line import use

        with cli.without_checkpoints():
            use(flags, **{name: getattr(flags, name) for name in SEARCH})
        return

    from rnn_tf1.program.files import locked

    from rnn_tf1.data.pairs import translation

    data = translation.load(flags.data_dir, flags.generated, flags.source, flags.target)
    own = DEFAULTS["quick" if flags.quick else data.kind]
    vars(flags).update({name: value for name, value in own.items() if getattr(flags, name) is None})

    import tensorflow.compat.v1 as tf
    from rnn_tf1.experiments.translation import command_line, experiment, translating
    from rnn_tf1.models.seq2seq import Seq2SeqConfig

    data = experiment.beginning(data, 2000, 100) if flags.quick else data
    config = dict(
        bidirectional=not flags.one_direction,
        attention=None if flags.attention == "none" else flags.attention,
        train_embedding=not flags.freeze_vectors,
        **{name: getattr(flags, name) for name in SIZES},
    )
    recipe = experiment.Recipe(*(getattr(flags, name) for name in experiment.Recipe._fields[:5]))
    rules = translating.Rules("num" in flags.substitute, "url" in flags.substitute, flags.reverse)
    parts = experiment.prepare(data, recipe, rules, lambda **sizes: Seq2SeqConfig(**sizes, **config))
    print(parts.describe(), flush=True)
    command_line.check_search(parts.kept, flags.width, flags.coverage_penalty, flags.replace_unknown)
    beside = None if flags.beside is None else experiment.read_beside(flags.beside, parts)
    settings = flags.identity(data=data.identity, tensorflow=tf.__version__)
    search = {name: getattr(flags, name) for name in SEARCH}
    with locked(flags.out_dir):
        trained = experiment.train(parts, recipe, flags.out_dir, settings, flags.seed, *flags.vectors)
        figures = experiment.report(parts, flags.out_dir, trained, flags.replace_unknown, beside, **search)
        origin, path = data.origin, os.path.join(flags.out_dir, "metrics.json")
        cli.write_metrics(path, "translate", flags, origin, trained.seconds, **figures)
    print("metrics.json, translations.txt and the pictures are in %s" % flags.out_dir)


if __name__ == "__main__":
    cli.run_main(main)
