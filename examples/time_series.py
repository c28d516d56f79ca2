"""The next value of a series, forecast at every step: 20 values are read by 100 ReLU units, as in Geron 2017, "Hands-On
Machine Learning", chapter 14.

The series is t sin(t) / 3 + 2 sin(5 t), a value every 0.1. The forecasts are made in two ways with equal results: by an
`OutputProjectionWrapper`, a small matrix product at every step, and by one dense layer over the stacked outputs of all steps.
With no flags: both are trained, about half a minute on two CPU cores.
"""

from rnn_tf1.program import cli

# isort: split
import os

VALIDATION = 1000  # fixed windows
EPOCH = 100  # iterations between two looks at them


def parse_flags():
    parser = cli.make_parser("time_series", __doc__)
    add = parser.add_argument
    add("--head", choices=["projection", "dense"], nargs="+", default=["projection", "dense"], help="a run for each")
    add("--cell", choices=["relu", "basic", "lstm", "gru"], default="relu", help="the cell")
    add("--units", type=cli.whole(1), default=100, help="of each layer")
    add("--layers", type=cli.whole(1), default=1, help="cells, one above the other")
    add("--steps", type=cli.whole(1, 250), default=20, help="values that are read")
    add("--unroll", choices=["manual", "static", "dynamic"], default="dynamic", help="how the steps are laid out")
    add("--batch-size", type=cli.whole(1), default=50, help="windows in an iteration")
    add("--learning-rate", type=cli.real(0), default=0.001, help="of Adam")
    add("--iterations", type=cli.whole(EPOCH), default=1500, help="of training, rounded down to hundreds")
    flags = cli.parse(parser)
    flags.iterations -= flags.iterations % EPOCH
    if flags.quick:
        flags.iterations = 2 * EPOCH
    return flags


def main() -> None:
    flags = parse_flags()

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
        settings = cli.settings(flags, head=head, tensorflow=tf.__version__)
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
