"""The next value of a series, forecast at every step: 20 values are read by 100 ReLU units, as in Geron 2017, "Hands-On
Machine Learning", chapter 14.

The series is t sin(t) / 3 + 2 sin(5 t), a value every 0.1. The forecasts are made in two ways with equal results: by an
`OutputProjectionWrapper`, a small matrix product at every step, and by one dense layer over the stacked outputs of all steps.
With no flags: both are trained, about half a minute on two CPU cores.
"""

from rnn_tf1.program import cli

# isort: split
import dataclasses
import os
from typing import Sequence

from rnn_tf1.program.settings import Settings, choice, real, whole

VALIDATION = 1000  # fixed windows
EPOCH = 100  # iterations between two looks at them


@dataclasses.dataclass
class Flags(Settings):
    head: Sequence[str] = choice(["projection", "dense"], ["projection", "dense"], "a run for each", nargs="+")
    cell: str = choice("relu", ["relu", "basic", "lstm", "gru"], "the cell")
    units: int = whole(100, "of each layer")
    layers: int = whole(1, "cells, one above the other")
    steps: int = whole(20, "values that are read", most=250)
    unroll: str = choice("dynamic", ["manual", "static", "dynamic"], "how the steps are laid out")
    batch_size: int = whole(50, "windows in an iteration")
    learning_rate: float = real(0.001, "of Adam")
    iterations: int = whole(1500, "of training, rounded down to hundreds", least=EPOCH, quick=2 * EPOCH)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.iterations -= self.iterations % EPOCH


def main() -> None:
    flags = Flags.parse("time_series", __doc__)

    import numpy as np
    import tensorflow.compat.v1 as tf

    from rnn_tf1 import training
    from rnn_tf1.data.series import generators
    from rnn_tf1.experiments import baselines
    from rnn_tf1.experiments.forecasting import fitting, pictures
    from rnn_tf1.models.forecaster import ForecasterConfig, build_forecaster
    from rnn_tf1.program.files import locked

    interval, length = 0.1, flags.steps + 1
    valid = generators.growing_windows_everywhere(VALIDATION, length)
    begin = min(12.2, generators.GROWING_END - interval * flags.steps)
    t = begin + interval * np.arange(length)  # the window of the picture
    shown = generators.growing(t)
    recipe = fitting.Recipe(
        flags.learning_rate, flags.iterations // EPOCH, flags.batch_size, decay=False, clip_norm=None, seed=flags.seed
    )
    predictions, figures, seconds = {}, {}, 0.0

    def pieces(epoch):
        count = EPOCH * flags.batch_size
        return generators.growing_windows(count, length, flags.seed, first=epoch * count)

    def run(head):
        """(mean squared error, the predictions of the picture, seconds)"""
        folder = os.path.join(flags.out_dir, head)
        print("%s: %d iterations, in %s" % (head, flags.iterations, folder), flush=True)
        config = ForecasterConfig(flags.cell, flags.units, flags.layers, flags.unroll, steps=flags.steps, head=head)
        settings = flags.identity(head=head, tensorflow=tf.__version__)
        with tf.Graph().as_default(), tf.Session(config=training.session_config()) as session:
            tf.set_random_seed(flags.seed)
            net = build_forecaster(config)

            def evaluate():
                return {"valid_mse": fitting.error(session, net, config, valid, last=False)}

            fitted = fitting.train(session, net, config, pieces, evaluate, recipe, folder, settings, "epoch")
            found = session.run(net.predictions, {net.inputs: shown[np.newaxis, :-1, np.newaxis]})
            return evaluate()["valid_mse"], found[0, :, 0], fitted.seconds

    with locked(flags.out_dir):
        for head in flags.head:
            mse, predictions[head], taken = run(head)
            print("%s: mean squared error %.4f on %d windows" % (head, mse, VALIDATION))
            figures[head + "_valid_mse"] = mse
            seconds += taken
        figures["naive_mse"] = baselines.mean_squared_error(valid[:, :-1], valid[:, 1:])
        print("the last value again: %.4f" % figures["naive_mse"])
        whole = interval * np.arange(int(generators.GROWING_END / interval) + 1)
        pictures.forecast_window(
            (whole, generators.growing(whole)), (t, shown), predictions, os.path.join(flags.out_dir, "forecast.png")
        )
        path = os.path.join(flags.out_dir, "metrics.json")
        cli.write_metrics(path, "time_series", flags, "generated: growing_windows", seconds, **figures)
        print("forecast.png and metrics.json are in %s" % flags.out_dir)


if __name__ == "__main__":
    cli.run_main(main)
