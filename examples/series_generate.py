"""A network that reads what it said: series of any length, each from one session call, and why most of them drift off.

The series is t sin(t) / 3 + 2 sin(5 t), a value every 0.1. The plain recipe of Geron 2017, "Hands-On Machine Learning",
chapter 14, 100 ReLU units that read 20 values, learns to forecast the next value and never sees its own mistakes: read back,
they carry it away, to a size it never saw or to another period. The steady recipe, 64 LSTM units, reads 100 values, with noise
on them and none on the targets, and so learns the way back to the curve.

Each network begins with zeros and with the first values of the series, and goes on in two ways: "sliding", each value the
forecast after the newest window, as the book does it, and "stateful", one step of the recurrence for each value. With no
flags: two recipes, three seeds each, about four minutes on two CPU cores.
"""

from rnn_tf1.program import cli
from rnn_tf1.program.settings import Settings, choice, whole

from typing import Sequence

import rnn_tf1 as rnn

RECIPES = ("plain", "steady")


def network(values, config, state):
    """values [batch, steps, 1] -> the next value at every step, [batch, steps, 1], and the last state.

    state: the first one, where one value is read after those before it; None: zeros, where a window is read.
    """
    cell = rnn.make_cell(config.cell, config.units)
    unroll = (
        rnn.dynamic_rnn if state is None else rnn.static_rnn
    )  # a loop around one step would cost more than the step
    outputs, state = unroll(cell, values, initial_state=state)
    return rnn.dense(outputs, 1), state


class Flags(Settings):
    recipes: Sequence[str] = choice(RECIPES, RECIPES, "how the network is trained", nargs="+")
    seeds: int = whole(3, "networks by each recipe: seed, seed + 1, ...", quick=1)
    iterations: int = whole(1500, "of training, rounded down to hundreds", least=100, quick=100)
    count: int = whole(3000, "values to generate", least=300, quick=300)

    def __post_init__(self) -> None:
        self.check_seeds("seeds")
        super().__post_init__()


def main() -> None:
    settings = Flags.parse("series_generate", __doc__)
    from rnn_tf1.experiments.forecasting import generation

    generation.main(settings, network)


if __name__ == "__main__":
    cli.run_main(main)
