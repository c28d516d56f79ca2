"""Which way does the digit move? A small convolutional network sees each frame, a recurrent one reads what it saw.

With no flags: clips of 20 noisy frames, drawn from MNIST's training digits, about a quarter of an hour on two CPU cores.
Two networks are trained: one names the movement of a whole clip, one that of each frame in clips whose movement changes. The
second begins with the weights of the first: from random ones, the harder task is hardly learned in this time. Beside them
stands a network that sees one frame alone, for as many epochs: whatever the movement is, one frame looks the same, so it can
but guess. The test clips have digits that no network has seen.
"""

from rnn_tf1.program import cli

# isort: split
import dataclasses
import functools
import os

from rnn_tf1.program.settings import Settings, choice, real, whole

TASKS = ("one frame", "clips", "frames")


@dataclasses.dataclass
class Flags(Settings):
    cell: str = choice("gru", ("lstm", "gru", "basic", "layer_norm"), "recurrent cell")
    units: int = whole(256, "of each layer, half of them for each direction", least=2, quick=16)
    layers: int = whole(1, "cells, one above the other")
    depth: int = whole(48, "numbers that are handed on of each frame")
    convolution: int = whole(3, "frames that a convolution in front sees at once; 0: none", least=0)
    epochs: int = whole(20, "each with clips of its own", quick=2)
    steps: int = whole(100, "batches of an epoch", quick=10)
    batch_size: int = whole(64, "clips side by side", quick=16)
    learning_rate: float = real(0.002, "at the start; it falls to 0 along a cosine")

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check_two_directions()


def main() -> None:
    flags = Flags.parse("moving_digits_video", __doc__)

    import tensorflow.compat.v1 as tf

    from rnn_tf1 import plotting, training
    from rnn_tf1.data.images import mnist, moving_digits
    from rnn_tf1.experiments.classification import classify, pictures
    from rnn_tf1.models.video_classifier import VideoClassifierConfig, build_video_classifier
    from rnn_tf1.program.files import locked
    from rnn_tf1.training.runs import Recipe

    with locked(flags.out_dir):
        data = mnist.load(flags.data_dir)
        count, rows = (5, 16) if flags.quick else (20, 64)  # batches of the test, and clips of each
        runs, found, seconds, easier = {}, {}, 0.0, None
        for task in TASKS:
            changing, alone = task == "frames", task == "one frame"

            def clips(part, batches, rows, changing=changing, alone=alone):  # 0: training, 1: validation, 2: test
                drawn = moving_digits.ClipBatches(data[part], batches, rows, flags.seed, changing, part)
                return moving_digits.OneFrame(drawn, flags.seed) if alone else drawn

            config = VideoClassifierConfig(
                bidirectional=True,  # the frames after a change tell it as well as those before
                summary="each" if changing else "mean",
                **{name: getattr(flags, name) for name in ("cell", "units", "layers", "depth", "convolution")},
            )
            settings = flags.identity(data=data.identity, tensorflow=tf.__version__, task=task)
            folder = os.path.join(flags.out_dir, task.replace(" ", "_"))
            print("%s: %d x %d batches of %d clips" % (task, flags.epochs, flags.steps, flags.batch_size))
            runs[task] = classify.train(
                build_video_classifier,
                config,
                clips(0, flags.steps, flags.batch_size),
                list(clips(1, count // 4 + 1, rows).batches(0)),
                Recipe(flags.epochs, flags.learning_rate),
                folder,
                settings,
                flags.seed,
                begin=easier if changing else None,
            )
            easier = functools.partial(training.restore_best, out_dir=folder, config=settings)
            with classify.restored(build_video_classifier, config, folder, settings) as (session, net):
                tested = list(clips(2, count, rows).batches(0))
                found[task] = classify.judge(session, net, tested)
            seconds += runs[task].seconds
            shares = [runs[task].history[-1]["train_accuracy"], found[task].accuracy]
            print("%s: accuracy %.2f %% in training, %.2f %% in the test" % (task, *(100 * share for share in shares)))

        def picture(name):
            return os.path.join(flags.out_dir, name)

        curves = {task: run.history for task, run in runs.items()}
        plotting.accuracy_curves(curves, 1 / len(moving_digits.MOVEMENTS), picture("curves.png"))
        shown = tested[0].sequences[:4], tested[0].labels[:4], found["frames"].probabilities[:4]
        pictures.clips(*shown, moving_digits.MOVEMENTS, picture("clips.png"))
        figures = {"%s_test_accuracy" % task.replace(" ", "_"): found[task].accuracy for task in TASKS}
        figures["one_frame_train_accuracy"] = runs["one frame"].history[-1]["train_accuracy"]
        origin = data.origin
        parameters = runs["clips"].parameters
        path = picture("metrics.json")
        cli.write_metrics(path, "moving_digits_video", flags, origin, seconds, parameters=parameters, **figures)
        print("metrics.json, curves.png and clips.png are in %s" % flags.out_dir)


if __name__ == "__main__":
    cli.run_main(main)
