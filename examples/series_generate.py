"""A network that reads what it said: series of any length, each from one session call, and why most of them drift off.

The series is t sin(t) / 3 + 2 sin(5 t), a value every 0.1. The plain recipe of Geron 2017, "Hands-On Machine Learning",
chapter 14, learns to forecast the next value and never sees its own mistakes: read back, they carry it away, to a size it
never saw or to another period. The steady recipe reads more values, with noise on them and none on the targets, and so learns
the way back to the curve.

Each network begins with zeros and with the first values of the series, and goes on in two ways: "sliding", each value the
forecast after the newest window, as the book does it, and "stateful", one step of the recurrence for each value. With no
flags: two recipes, three seeds each, about four minutes on two CPU cores.
"""

from rnn_tf1.program import cli
from rnn_tf1.program.settings import Settings, choice, whole

import os
from typing import Sequence

RECIPES = ("plain", "steady")
SHORT = 300  # values, as in the book


class Flags(Settings):
    recipes: Sequence[str] = choice(RECIPES, RECIPES, "how the network is trained", nargs="+")
    seeds: int = whole(3, "networks by each recipe: seed, seed + 1, ...", quick=1)
    iterations: int = whole(1500, "of training, rounded down to hundreds", least=100, quick=100)
    count: int = whole(3000, "values to generate", least=SHORT, quick=SHORT)

    def __post_init__(self) -> None:
        self.check_seeds("seeds")
        super().__post_init__()


def main() -> None:
    flags = Flags.parse("series_generate", __doc__)

    from rnn_tf1.program.files import locked

    from rnn_tf1.experiments.forecasting import generation, pictures

    data = generation.DATA
    figures, curves, seconds = {}, {}, 0.0
    lengths = sorted({SHORT, flags.count})
    with locked(flags.out_dir):
        for name in flags.recipes:
            stay = {(way, length): 0 for way in ("sliding", "stateful") for length in lengths}
            for seed in range(flags.seed, flags.seed + flags.seeds):
                folder = os.path.join(flags.out_dir, "%s_%d" % (name, seed))
                how = generation.RECIPES[name]
                found, taken = generation.run(how, seed, flags.iterations, flags.count, folder)
                seconds += taken
                for (start, way), (begin, values) in found.items():
                    for length in lengths:
                        verdict = generation.judge(values[:length])
                        stay[way, length] += verdict.stays
                        curve = "_".join([name, str(seed), start, way, str(length)])
                        finite = verdict.size < float("inf")
                        figures[curve + "_size"] = verdict.size if finite else None
                        line = "%s, seed %d, from %s, %s, %d values: %.3g times the data's range, period %.4g%s"
                        facts = (
                            name,
                            seed,
                            start,
                            way,
                            length,
                            verdict.size,
                            verdict.period,
                            "" if verdict.stays else " !",
                        )
                        print(line % facts, flush=True)
                    if way == "sliding" and seed < flags.seed + 2:
                        curves["%s, seed %d, from %s" % (name, seed, start)] = begin, values
            for (way, length), count in stay.items():
                figures["%s_%s_%d_stay" % (name, way, length)] = "%d of %d" % (count, 2 * flags.seeds)
        for length in lengths:
            pictures.generated_series(
                {title: (begin, values[:length]) for title, (begin, values) in curves.items()},
                data,
                (data.min(), data.max()),
                os.path.join(flags.out_dir, "generated_%d.png" % length),
            )
        path = os.path.join(flags.out_dir, "metrics.json")
        cli.write_metrics(path, "series_generate", flags, "generated: growing_windows", seconds, **figures)
        for name, value in figures.items():
            if name.endswith("_stay"):
                print("%s: %s" % (name.replace("_", " "), value))
        print("the pictures and metrics.json are in %s" % flags.out_dir)


if __name__ == "__main__":
    cli.run_main(main)
