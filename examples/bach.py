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
import os


def parse_flags():
    parser = cli.make_parser("bach", __doc__)
    add = parser.add_argument
    add("--cell", choices=("gru", "lstm", "basic", "peephole"), default="lstm", help="recurrent cell")
    add("--units", type=cli.whole(1), default=192, help="of each layer, and numbers of a note's vector")
    add("--layers", type=cli.whole(1), default=1, help="cells, one above the other")
    add("--convolution", type=cli.whole(0), default=16, help="notes that the convolution sees; 0: there is none")
    add("--keep-prob", type=cli.real(0, 1), default=0.7, help="dropout of the notes' vectors and of the outputs")
    add("--keys", type=cli.whole(0, 6), default=2, help="semitones up and down by which chorales are moved in training")
    add("--epochs", type=cli.whole(1), default=8, help="passes over the chorales in all keys")
    add(
        "--learning-rate",
        type=cli.real(0),
        default=0.002,
        help="of Adam, for half of the epochs; then it is halved after each",
    )
    add("--start", type=cli.whole(1), default=16, help="chords of the test chorale to go on from")
    add("--chorale", type=cli.whole(0), default=0, help="which test chorale that is")
    add("--chords", type=cli.whole(1, 4000), default=160, help="to write")
    add("--temperature", type=cli.real(0.01), default=0.8, help="below 1: rather the likely notes")
    flags = cli.parse(parser)
    if flags.quick:
        cli.at_most(flags, epochs=1, units=24, keys=0, chords=32, convolution=4)
    return flags


def main() -> None:
    flags = parse_flags()

    from rnn_tf1.data.music import chorales, scores

    scores.find_mido()  # it is needed last, after the training

    import tensorflow.compat.v1 as tf

    from rnn_tf1 import plotting, training
    from rnn_tf1.errors import DataError
    from rnn_tf1.experiments.language import bach, language_model, pictures
    from rnn_tf1.models.language_model import LanguageModelConfig, build_language_model
    from rnn_tf1.program.files import locked

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
        afterwards = ("start", "chorale", "chords", "temperature")
        settings = cli.settings(flags, afterwards, data=data.identity, tensorflow=tf.__version__)
        with tf.Graph().as_default(), tf.Session(config=training.session_config()) as session:
            tf.set_random_seed(flags.seed)
            run = language_model.train(session, config, recipe, streams, flags.out_dir, settings, flags.seed)
            steps = dict(batch_size=1, steps=language_model.SCORED_STEPS, name="judged")
            with tf.variable_scope("Model", reuse=True):
                net = build_language_model(config, False, **steps)
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
            "%s: %s" % (data.kind, data.source),
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
