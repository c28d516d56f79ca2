"""A deep recurrent network, trained with dropout and without: digits row by row, or the next value of a time series.

With no flags: 3 layers of LSTM units read MNIST, once with dropout and once without: about ten minutes on two CPU cores.
--task series takes two minutes.

--mode train trains, then builds a test graph without any dropout, restores the best epoch into it and tests. --mode test
does the latter alone, in a process of its own. While it trains, the graph has two towers over the same variables, one to
train and one to validate, or, with --graph switch, one network whose dropout is switched on by a placeholder.
"""

from rnn_tf1.program import cli

# isort: split
import argparse
import os

CELLS = ["basic", "irnn", "lstm", "peephole", "gru", "layer_norm", "context"]
DEFAULTS = {
    "rows": dict(units=100, keep_prob=[0.8, 1.0], learning_rate=0.004, batch_size=150, epochs=8),
    "series": dict(units=50, keep_prob=[0.9, 1.0], learning_rate=0.01, batch_size=50, epochs=60),
}
STACK = ("cell", "units", "layers", "unroll", "recurrent_keep_prob", "variational", "initializer")


def parse_flags():
    parser = cli.make_parser("deep_rnn", __doc__)
    add = parser.add_argument
    add("--mode", choices=["train", "test"], default="train", help="train and test, or only test what was trained")
    add(
        "--task", choices=["rows", "series"], default="rows", help="MNIST row by row, or time series with carried state"
    )
    add("--graph", choices=["towers", "switch"], default="towers", help="how training and validation share the weights")
    add("--cell", choices=CELLS, default="lstm", help="the cell")
    add("--layers", type=cli.whole(1), default=3, help="cells, one above the other")
    add("--units", default=argparse.SUPPRESS, type=cli.whole(1), help="units of each layer" + by_task("units"))
    add("--unroll", choices=["manual", "static", "dynamic"], default="static", help="how the steps are laid out")
    add(
        "--keep-prob",
        default=argparse.SUPPRESS,
        type=cli.real(0, 1),
        nargs="+",
        help="dropout, by layer; a run for each" + by_task("keep_prob"),
    )
    add("--recurrent-keep-prob", type=cli.real(0, 1), default=1.0, help="dropout of what the gates read")
    add("--variational", action="store_true", help="one dropout mask for all time steps")
    add("--initializer", choices=["glorot", "he", "orthogonal", "uniform"], default="glorot", help="of the kernels")
    add(
        "--learning-rate",
        default=argparse.SUPPRESS,
        type=cli.real(0),
        help="it falls to 0 along a cosine" + by_task("learning_rate"),
    )
    add("--clip-norm", type=cli.real(0), default=1.0, help="longer gradients are scaled down to this norm")
    add(
        "--batch-size",
        default=argparse.SUPPRESS,
        type=cli.whole(1),
        help="images, or series side by side" + by_task("batch_size"),
    )
    add(
        "--epochs",
        default=argparse.SUPPRESS,
        type=cli.whole(1),
        help="passes over the training data" + by_task("epochs"),
    )
    flags = cli.parse(parser)
    for name, value in DEFAULTS[flags.task].items():
        setattr(flags, name, getattr(flags, name, value))
    if flags.quick:
        cli.at_most(flags, epochs=2, units=16, batch_size=30)
    return flags


def by_task(name):
    return " (default: %s)" % ", ".join("%s for %s" % (found[name], task) for task, found in DEFAULTS.items())


def main() -> None:
    flags = parse_flags()

    import tensorflow.compat.v1 as tf

    from rnn_tf1 import plotting
    from rnn_tf1.experiments.digits import two_tasks
    from rnn_tf1.program.files import locked

    with locked(flags.out_dir):
        task = two_tasks.TASKS[flags.task](flags.batch_size, flags.seed, flags.data_dir, flags.quick)
        fitted, tested = {}, {}
        for keep_prob in flags.keep_prob:
            config = dict({name: getattr(flags, name) for name in STACK}, keep_prob=keep_prob)
            settings = cli.settings(flags, data=task.identity, tensorflow=tf.__version__, mode="train", **config)
            name = "keep_prob %g" % keep_prob
            folder = os.path.join(flags.out_dir, name.replace(" ", "_"))
            if flags.mode == "train":
                print("%s: %d epochs, in %s" % (name, flags.epochs, folder))
                fitted[name] = two_tasks.train(task, config, folder, settings, flags)
            tested[name] = two_tasks.test(task, config, folder, settings)
            print("%s: %s" % (name, ", ".join("test %s %.5g" % item for item in sorted(tested[name].items()))))
        if fitted:
            plotting.compared_curves(
                {name: run.history for name, run in fitted.items()},
                {name: run.best_epoch for name, run in fitted.items()},
                tested,
                os.path.join(flags.out_dir, "curves.png"),
            )
            figures = task.metrics(tested[next(iter(fitted))])
            seconds = sum(run.seconds for run in fitted.values())
            path = os.path.join(flags.out_dir, "metrics.json")
            cli.write_metrics(path, "deep_rnn", flags, task.source, seconds, runs=tested, **figures)
            print("curves.png and metrics.json are in %s" % flags.out_dir)


if __name__ == "__main__":
    cli.run_main(main)
