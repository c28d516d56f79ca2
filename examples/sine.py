"""A sine, read in windows of ten values: the next value, by two layers of LSTM units and by two weights.

10,000 windows of sin(t), a value every 0.01, to train on; the 1,000 windows after them to test. The same exercise is in
print with inputs [batch, 1, 10], one step of ten features, where nothing recurs; here they are [batch, 10, 1]. A sine is
2 cos(0.01) times its last value less the one before, so least squares forecasts it to the last digit, and a network that
comes near it has learned to compute that. With no flags: two minutes on two CPU cores.
"""

from rnn_tf1.program import cli

# isort: split
import dataclasses
import os

from rnn_tf1.program.settings import Settings, choice, real, whole

TRAIN, TEST = 10000, 1000  # windows


@dataclasses.dataclass
class Flags(Settings):
    cell: str = choice("lstm", ["basic", "lstm", "gru"], "the cell")
    units: int = whole(30, "of each layer")
    layers: int = whole(2, "cells, one above the other")
    steps: int = whole(10, "values that are read", least=2, most=1000)
    interval: float = real(0.01, "of t, between two values", most=1)
    batch_size: int = whole(32, "windows in a training step")
    learning_rate: float = real(0.005, "of Adam; it falls to 0 along a cosine")
    epochs: int = whole(32, "passes over the training windows; 313 training steps each", quick=1)


def main() -> None:
    flags = Flags.parse("sine", __doc__)

    import numpy as np
    import tensorflow.compat.v1 as tf

    from rnn_tf1 import training
    from rnn_tf1.data.series import generators, windows
    from rnn_tf1.experiments import baselines
    from rnn_tf1.experiments.forecasting import fitting, pictures
    from rnn_tf1.models.forecaster import ForecasterConfig, build_forecaster
    from rnn_tf1.program.files import locked

    train = windows.windows(generators.sine(TRAIN + flags.steps, flags.interval), flags.steps + 1)
    test_series = generators.sine(TEST + flags.steps, flags.interval, first=TRAIN + flags.steps)
    test = windows.windows(test_series, flags.steps + 1)
    config = ForecasterConfig(flags.cell, flags.units, flags.layers, steps=flags.steps, every_step=False)
    settings = flags.identity(tensorflow=tf.__version__)
    recipe = fitting.Recipe(flags.learning_rate, flags.epochs, flags.batch_size, seed=flags.seed)

    with locked(flags.out_dir):
        with tf.Graph().as_default(), tf.Session(config=training.session_config()) as session:
            tf.set_random_seed(flags.seed)
            net = build_forecaster(config)
            # The last epoch counts, and so the windows that are shown after each epoch may be those of the test.
            fitted = fitting.train(
                session,
                net,
                config,
                lambda epoch: train,
                lambda: {"valid_mse": fitting.error(session, net, config, test)},
                recipe,
                flags.out_dir,
                settings,
                monitor="epoch",
            )
            predictions = training.predict(session, {"next": net.predictions}, {net.inputs: test[:, :-1]})["next"]
        inputs, targets = windows.inputs_and_targets(test, every_step=False)
        errors = {
            "test_mse": baselines.mean_squared_error(predictions, targets),
            "naive_mse": baselines.mean_squared_error(baselines.naive(inputs), targets[:, 0]),
            "least_squares_mse": baselines.mean_squared_error(baselines.LeastSquares(train)(inputs), targets[:, 0]),
        }
        t = flags.interval * (TRAIN + flags.steps + np.arange(len(test_series)))
        first = flags.steps - 1
        pictures.forecast_window(
            (t, test_series[:, 0]),
            (t[first:], test_series[first:, 0]),
            {flags.cell: predictions[:, 0, 0]},
            os.path.join(flags.out_dir, "forecast.png"),
        )
        path = os.path.join(flags.out_dir, "metrics.json")
        cli.write_metrics(path, "sine", flags, "generated: sine", fitted.seconds, **errors)
        for name, value in errors.items():
            print("%s: %.3g" % (name.replace("_", " "), value))
        print("forecast.png and metrics.json are in %s" % flags.out_dir)


if __name__ == "__main__":
    cli.run_main(main)
