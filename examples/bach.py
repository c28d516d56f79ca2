"""What comes next in a chorale? A network foretells every note from all notes before it, and then writes chorales of its own.

With no flags: Bach's 229 chorales of the training part, each in five keys, some twenty minutes on two CPU cores. The four notes
of a chord come one after the other, soprano first; each is a vector, a causal convolution sees the last four chords, and a
recurrent network remembers the rest. To repeat the last chord is right for three notes in four; what counts is what lies above.
Of the chord itself the network is told the voices above the one that it foretells; repeating is told none of them. So the
soprano alone compares like with like.

Then it goes on from the first chords of a chorale that it has never heard: chorale.mid, chorale.wav, and a piano roll.

MIDI needs mido: pip install -e '.[music]'
"""

from rnn_tf1.program import cli

# isort: split
from rnn_tf1.program.settings import Settings, choice, real, whole

import dataclasses
import os


@dataclasses.dataclass
class Flags(Settings):
    cell: str = choice("lstm", ("gru", "lstm", "basic", "peephole"), "recurrent cell")
    units: int = whole(192, "of each layer, and numbers of a note's vector", quick=24)
    layers: int = whole(1, "cells, one above the other")
    convolution: int = whole(16, "notes that the convolution sees; 0: there is none", least=0, quick=4)
    keep_prob: float = real(0.7, "dropout of the notes' vectors and of the outputs", most=1)
    keys: int = whole(2, "semitones up and down by which chorales are moved in training", least=0, most=6, quick=0)
    epochs: int = whole(8, "passes over the chorales in all keys", quick=1)
    learning_rate: float = real(0.002, "of Adam, for half of the epochs; then it is halved after each")
    start: int = whole(16, "chords of the test chorale to go on from", of_run=False)
    chorale: int = whole(0, "which test chorale that is", least=0, of_run=False)
    chords: int = whole(160, "to write", most=4000, quick=32, of_run=False)
    temperature: float = real(0.8, "below 1: rather the likely notes", above=0.01, of_run=False)


def main() -> None:
    flags = Flags.parse("bach", __doc__)

    from rnn_tf1.data.music import chorales, scores

    scores.find_mido()  # it is needed last, after the training

    from rnn_tf1.program.files import locked

    import tensorflow.compat.v1 as tf
    from rnn_tf1 import Mode, plotting, training
    from rnn_tf1.errors import DataError
    from rnn_tf1.experiments.language import bach, language_model, pictures
    from rnn_tf1.models.language_model import LanguageModelConfig, build_language_model

    with locked(flags.out_dir):
        data = chorales.load(flags.data_dir)
        if flags.quick:
            data = data._replace(train=data.train[:20], validation=data.validation[:5], test=data.test[:5])
        if flags.chorale >= len(data.test):
            raise DataError("--chorale %d: there are %d, counted from 0." % (flags.chorale, len(data.test)))
        streams = chorales.streams(data, flags.keys, flags.seed)
        config = LanguageModelConfig(
            vocabulary=len(streams.vocabulary),
            unroll="dynamic",
            forget_bias=None,
            steps=128,
            batch_size=32,
            input_keep_prob=flags.keep_prob,
            **{name: getattr(flags, name) for name in ("cell", "units", "layers", "keep_prob", "convolution")},
        )
        constant = max(1, flags.epochs // 2)
        recipe = language_model.Recipe(flags.epochs, constant, 0.5, 5.0, flags.learning_rate, "adam")
        settings = flags.identity(data=data.identity, tensorflow=tf.__version__)
        with tf.Graph().as_default(), tf.Session(config=training.session_config()) as session:
            tf.set_random_seed(flags.seed)
            run = language_model.train(session, config, recipe, streams, flags.out_dir, settings, flags.seed)
            steps = dict(batch_size=1, steps=language_model.SCORED_STEPS, name="judged")
            with tf.variable_scope("Model", reuse=True):
                net = build_language_model(config, Mode(False), **steps)
            session.run([v.initializer for v in tf.global_variables() if "judged" in v.op.name])
            judged = bach.judge(session, net, data.test, streams.vocabulary)
            start = data.test[flags.chorale][: flags.start]
            how = dict(seed=flags.seed, temperature=flags.temperature)
            written = bach.compose(session, config, streams.vocabulary, start, flags.chords, **how)
        print("notes of %d test chorales: %d" % (len(data.test), judged.notes))
        print("  right: %.2f %%; the last chord again: %.2f %%" % (100 * judged.accuracy, 100 * judged.repeated))
        for voice, share, again in zip(chorales.VOICES, judged.by_voice, judged.repeated_by_voice):
            print("    %-8s %.2f %%; the last note again: %.2f %%" % (voice, 100 * share, 100 * again))
        print("  nats of a note %.3f, of a chord %.3f" % (judged.nats, judged.nats_of_chords))

        def path(name):
            return os.path.join(flags.out_dir, name)

        scores.write_midi(path("chorale.mid"), written)
        scores.write_wav(path("chorale.wav"), written)
        pictures.piano_roll(written, len(start), chorales.VOICES, path("chorale.png"))
        plotting.perplexities({"notes": run.history}, path("curves.png"), "note")
        print("%d chords written, %d of them given: chorale.mid, chorale.wav, chorale.png" % (len(written), len(start)))
        cli.write_metrics(
            path("metrics.json"),
            "bach",
            flags,
            data.origin,
            run.seconds,
            note_accuracy=judged.accuracy,
            note_accuracy_by_voice=judged.by_voice,
            repeated_accuracy=judged.repeated,
            soprano_accuracy=judged.by_voice[0],
            repeated_accuracy_by_voice=judged.repeated_by_voice,
            repeated_soprano_accuracy=judged.repeated_by_voice[0],
            nats_per_note=judged.nats,
            nats_per_chord=judged.nats_of_chords,
            parameters=run.figures["parameters"],
        )
        print("metrics.json and the rest are in %s" % flags.out_dir)


if __name__ == "__main__":
    cli.run_main(main)
