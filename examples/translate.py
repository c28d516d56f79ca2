"""Translate English into French, and see what the network looks at: an encoder, a decoder, and attention between them.

With no flags: Multi30k's 29,000 captions, about an hour on two CPU cores; it goes on where it was stopped. The score is BLEU
on unseen captions, by sacrebleu, with beam search. --attention none is the network that must put a whole sentence into one
vector; --beside draws its BLEU by the length of the sentence together with that of another run. --generated takes sentences
of a small grammar: some minutes. A trained network is used from its folder: --translate FILE, --interactive, --export FOLDER.
"""

from rnn_tf1.program import cli

# isort: split
import os

SIZES = ("cell", "units", "layers", "depth", "keep_prob", "smoothing", "own_tokens", "tied", "sampled")
SEARCH = ("width", "length_penalty", "coverage_penalty")
OTHER = ("translate", "interactive", "export", "beside", "n_best", "replace_unknown")  # flags that do not train


def parse_flags():
    parser = cli.make_parser("translate", __doc__)
    add, either = parser.add_argument, parser.add_mutually_exclusive_group().add_argument
    add("--generated", action="store_true", help="sentences of a small grammar instead of captions")
    add("--source", default="en", help="the language to translate from: how the names of its files end")
    add("--target", default="fr", help="the language to translate into")
    add("--attention", choices=("bahdanau", "luong", "none"), default="bahdanau", help="how the decoder looks back")
    add("--cell", choices=("gru", "lstm", "basic", "layer_norm"), default="gru", help="recurrent cell")
    add("--units", type=cli.whole(2), help="of each layer (default: 512, generated: 256)")
    add("--depth", type=cli.whole(1), help="of the words' vectors (default: 256, generated: 128)")
    add("--layers", type=cli.whole(1), default=1, help="of the encoder and of the decoder")
    add("--one-direction", action="store_true", help="an encoder that reads from left to right alone")
    add("--keep-prob", type=cli.real(0, 1), help="dropout keeps so much (default: 0.6, generated: 1)")
    add("--smoothing", type=cli.real(-1e-9, 1), help="of the targets (default: 0.1, generated: 0)")
    add("--own-tokens", type=cli.real(-1e-9, 1), default=0.0, help="how often it reads its own at the end of training")
    add("--tied", action="store_true", help="one table for the target words' vectors and the softmax")
    add("--sampled-softmax", dest="sampled", type=cli.whole(1), default=0, metavar="N", help="against N drawn words")
    add("--vectors", nargs=2, type=cli.path, metavar="FILE", default=[None, None], help="of words: source, target")
    add("--freeze-vectors", action="store_true", help="leave the word vectors as they begin")
    add("--epochs", type=cli.whole(1), help="of training (default: 20, generated: 4)")
    add("--tokens", type=cli.whole(1), default=1000, help="of a side of a batch")
    add("--learning-rate", type=cli.real(0), help="at the start (default: 0.001, generated: 0.002)")
    add("--least", type=cli.whole(1), help="how often a word comes that is known (default: 2, generated: 1)")
    add("--longest", type=cli.whole(1), default=60, help="tokens of a side; longer pairs are left out of training")
    add("--substitute", nargs="+", choices=("num", "url"), help="every number becomes [NUM], every address [URL]")
    add("--reverse", action="store_true", help="read the source from its end")
    add("--beam-width", dest="width", type=cli.whole(1), default=5, help="sentences in view; at most the vocabulary")
    add("--length-penalty", type=cli.real(-1e-9, 10), default=1.0, help="above 0, long sentences lose less")
    add("--coverage-penalty", type=cli.real(-1e-9), default=0.0, help="above 0, what leaves words out loses")
    add("--n-best", type=cli.whole(1), default=1, help="above 1: n of each line: number from 0 ||| score ||| text")
    add("--replace-unknown", action="store_true", help="an unknown word becomes the source word that was looked at")
    either("--translate", type=cli.path, metavar="FILE", help="a sentence a line, by the network in --out-dir")
    either("--interactive", action="store_true", help="translate what is typed, with the network in --out-dir")
    add("--export", type=cli.path, metavar="FOLDER", help="write the network in --out-dir as a SavedModel")
    add("--beside", type=cli.path, metavar="FOLDER", help="another run on these sentences, for the same picture")
    flags = cli.parse(parser)
    flags.substitute = sorted(set(flags.substitute or []))
    if flags.n_best > flags.width:
        parser.error("argument --n-best: %d of %d beams: raise --beam-width" % (flags.n_best, flags.width))
    if flags.freeze_vectors and not all(flags.vectors):
        parser.error("argument --freeze-vectors: there are none to freeze: give --vectors FILE FILE")
    return flags


DEFAULTS = {  # by where the sentences come from, or for --quick
    "real": dict(units=512, depth=256, keep_prob=0.6, smoothing=0.1, epochs=20, learning_rate=0.001, least=2),
    "generated": dict(units=256, depth=128, keep_prob=1.0, smoothing=0.0, epochs=4, learning_rate=0.002, least=1),
    "quick": dict(units=64, depth=32, keep_prob=0.9, smoothing=0.0, epochs=12, learning_rate=0.01, least=2),
}


def use(flags) -> None:
    """Translates with a trained network, or exports it."""
    from rnn_tf1.experiments.translation import command_line, translating

    kept = translating.load(flags.out_dir)
    command_line.check_search(kept, flags.width, flags.coverage_penalty, flags.replace_unknown)
    search = {name: getattr(flags, name) for name in SEARCH}
    if flags.export is not None:
        command_line.export(flags.out_dir, flags.export, kept, **search)
    how = dict(search, n_best=flags.n_best, replace=flags.replace_unknown)
    if flags.interactive:
        command_line.interact(flags.out_dir, kept, **how)
    if flags.translate is not None:
        command_line.translate_file(flags.out_dir, kept, flags.translate, **how)


def main() -> None:
    flags = parse_flags()
    if flags.interactive or flags.translate is not None or flags.export is not None:
        with cli.begins_anew():
            use(flags)
        return

    from rnn_tf1.data.pairs import translation
    from rnn_tf1.program.files import locked

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
    settings = cli.settings(flags, SEARCH + OTHER, data=data.identity, tensorflow=tf.__version__)
    search = {name: getattr(flags, name) for name in SEARCH}
    with locked(flags.out_dir):
        trained = experiment.train(parts, recipe, flags.out_dir, settings, flags.seed, *flags.vectors)
        figures = experiment.report(parts, flags.out_dir, trained, flags.replace_unknown, beside, **search)
        origin, path = "%s: %s" % (data.kind, data.source), os.path.join(flags.out_dir, "metrics.json")
        cli.write_metrics(path, "translate", flags, origin, trained.seconds, **figures)
    print("metrics.json, translations.txt and the pictures are in %s" % flags.out_dir)


if __name__ == "__main__":
    cli.run_main(main)
