"""How good must a forecast be? Every model on the two-wave series, beside the figures of the book.

10,000 series of 50 values (7,000 to train, 2,000 to validate, 1,000 to test), the very series of Geron 2019, "Hands-On
Machine Learning", chapter 15. Each model learns for 20 epochs from each of three seeds and forecasts the next value, or the
next ten; naive forecasts and exact least squares stand beside them. With no flags: about twenty minutes on two CPU cores.
The same command goes on where it was stopped, and a finished run is read back.
"""

from rnn_tf1.program import cli
from rnn_tf1.program.settings import Settings, choice, whole

from typing import Sequence

import rnn_tf1 as rnn


def network(values, config):
    """values [batch, 50, 1], with a convolution in front [batch, 24, 20] -> the output of every step, [batch, steps, units].

    A dense layer forecasts from all of them, or from the last. `config` is that of a recurrent model in the table.
    """
    cell = rnn.make_cell(config.cell, config.units, config.layers)
    outputs, _ = rnn.unroll(config.unroll, cell, values)
    return outputs


class Flags(Settings):
    seeds: int = whole(3, "runs of each model: seed, seed + 1, ...", quick=1)
    epochs: int = whole(20, "passes over the training series", quick=1)
    ahead: Sequence[int] = choice([1, 10], [1, 10], "values to forecast", type=int, nargs="+")

    def __post_init__(self) -> None:
        self.check_seeds("seeds")
        super().__post_init__()


def main() -> None:
    settings = Flags.parse("series_benchmark", __doc__)
    from rnn_tf1.experiments.forecasting import comparison

    comparison.main(settings, network)


if __name__ == "__main__":
    cli.run_main(main)
