"""Which way does the digit move? A small convolutional network sees each frame, a recurrent one reads what it saw.

With no flags: 6,400 clips of 20 noisy frames, drawn from MNIST's training digits, some ten minutes on two CPU cores.
Two networks are trained: one names the movement of a whole clip, one that of each frame in clips whose movement changes. Beside
them stands a network that sees one frame alone: whatever the movement is, one frame looks the same, so it can but guess.
The test clips have digits that no network has seen.
"""

import os

from rnn_tf1 import cli

TASKS = ("one frame", "clips", "frames")


def parse_flags():
    parser = cli.make_parser("moving_digits_video", __doc__)
    add = parser.add_argument
    add("--cell", choices=("lstm", "gru", "basic", "layer_norm"), default="gru", help="recurrent cell")
    add("--units", type=cli.whole(2), default=128, help="of each layer")
    add("--layers", type=cli.whole(1), default=1, help="cells, one above the other")
    add("--depth", type=cli.whole(1), default=48, help="numbers that are handed on of each frame")
    add("--epochs", type=cli.whole(1), default=12, help="passes over the clips")
    add("--steps", type=cli.whole(1), default=100, help="batches of clips")
    add("--batch-size", type=cli.whole(1), default=64, help="clips side by side")
    add("--learning-rate", type=cli.real(0), default=0.002, help="at the start; it falls to 0 along a cosine")
    flags = cli.parse(parser)
    if flags.units % 2:
        parser.error("argument --units: %d: half of them read backwards; make them even" % flags.units)
    if flags.quick:
        for name, most in (("epochs", 2), ("units", 16), ("steps", 10), ("batch_size", 16)):
            setattr(flags, name, min(most, getattr(flags, name)))
    return flags


def main() -> None:
    flags = parse_flags()

    import tensorflow.compat.v1 as tf

    from rnn_tf1 import classification_runs, plotting
    from rnn_tf1.data import mnist, moving_digits
    from rnn_tf1.files import locked
    from rnn_tf1.models.video_classifier import VideoClassifierConfig, build_video_classifier

    with locked(flags.out_dir):
        data, count = mnist.load(flags.data_dir), 5 if flags.quick else 20
        runs, found, seconds = {}, {}, 0.0
        for task in TASKS:
            changing, alone = task == "frames", task == "one frame"

            def clips(digits, batches, seed, changing=changing, alone=alone):
                drawn = moving_digits.ClipBatches(digits, batches, flags.batch_size, seed, changing)
                return moving_digits.OneFrame(drawn, seed) if alone else drawn

            config = VideoClassifierConfig(
                bidirectional=changing,  # the frame after a change tells it better than the frames before
                summary="each" if changing else "mean",
                **{name: getattr(flags, name) for name in ("cell", "units", "layers", "depth")},
            )
            settings = cli.settings(flags, data=data.identity, tensorflow=tf.__version__, task=task)
            folder = os.path.join(flags.out_dir, task.replace(" ", "_"))
            epochs = 1 if alone else flags.epochs
            print("%s: %d x %d batches of %d clips" % (task, epochs, flags.steps, flags.batch_size))
            runs[task] = classification_runs.train(
                build_video_classifier,
                config,
                clips(data.train, flags.steps, flags.seed),
                list(clips(data.validation, count // 4 + 1, flags.seed + 1).batches(0)),
                classification_runs.Recipe(epochs, flags.learning_rate),
                folder,
                settings,
                flags.seed,
            )
            with classification_runs.restored(build_video_classifier, config, folder, settings) as (session, net):
                tested = list(clips(data.test, count, flags.seed + 2).batches(0))
                found[task] = classification_runs.judge(session, net, tested)
            seconds += runs[task].seconds
            print("%s: test accuracy %.2f %%" % (task, 100 * found[task].accuracy))

        def picture(name):
            return os.path.join(flags.out_dir, name)

        curves = {task: runs[task].history for task in TASKS[1:]}
        plotting.accuracy_curves(curves, 1 / len(moving_digits.MOVEMENTS), picture("curves.png"))
        first = min(tested, key=lambda batch: batch.places[0])  # the batches come mixed, what is found does not
        shown = first.sequences[:4], first.labels[:4], found["frames"].probabilities[:4]
        plotting.clips(*shown, moving_digits.MOVEMENTS, picture("clips.png"))
        figures = {"%s_test_accuracy" % task.replace(" ", "_"): found[task].accuracy for task in TASKS}
        origin = "%s: %s" % (data.kind, data.source)
        parameters = runs["clips"].parameters
        path = picture("metrics.json")
        cli.write_metrics(path, "moving_digits_video", flags, origin, seconds, parameters=parameters, **figures)
        print("metrics.json, curves.png and clips.png are in %s" % flags.out_dir)


if __name__ == "__main__":
    cli.run_main(main)
