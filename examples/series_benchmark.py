"""How good must a forecast be? Every model on the two-wave series, beside the figures of the book.

10,000 series of 50 values (7,000 to train, 2,000 to validate, 1,000 to test), the very series of Geron 2019, "Hands-On
Machine Learning", chapter 15. Each model learns for 20 epochs from each of three seeds and forecasts the next value, or the
next ten; naive forecasts and exact least squares stand beside them. With no flags: about twenty minutes on two CPU cores.
The same command goes on where it was stopped, and a finished run is read back.
"""

from rnn_tf1.program import cli
from rnn_tf1.program.settings import Settings, choice, whole

import os
from typing import Sequence


class Flags(Settings):
    seeds: int = whole(3, "runs of each model: seed, seed + 1, ...", quick=1)
    epochs: int = whole(20, "passes over the training series", quick=1)
    ahead: Sequence[int] = choice([1, 10], [1, 10], "values to forecast", type=int, nargs="+")

    def __post_init__(self) -> None:
        self.check_seeds("seeds")
        super().__post_init__()


def main() -> None:
    flags = Flags.parse("series_benchmark", __doc__)

    from rnn_tf1.program.files import atomic_path, make_directory

    import tensorflow.compat.v1 as tf
    from rnn_tf1.data.series.generators import NOISE_VARIANCE
    from rnn_tf1.experiments.forecasting import comparison, pictures

    make_directory(flags.out_dir)
    data = {ahead: comparison.pieces(ahead, flags.quick) for ahead in flags.ahead}
    models = [model for model in comparison.MODELS if model.ahead in flags.ahead]
    if flags.quick:
        models = [comparison.quick_model(model) for model in models]
    found = []
    for number, model in enumerate(models, 1):
        print("%d of %d: %d ahead, %s" % (number, len(models), model.ahead, model.name), flush=True)
        seeds = [flags.seed] if model.baseline else range(flags.seed, flags.seed + flags.seeds)
        found.append([])
        for seed in seeds:
            folder = os.path.join(flags.out_dir, "%d_%s_%d" % (model.ahead, model.slug, seed))
            settings = dict(
                model=repr(model.config), recipe=model.recipe, seed=seed, epochs=flags.epochs, quick=flags.quick
            )
            settings.update(tensorflow=tf.__version__)
            found[-1].append(comparison.run(model, data[model.ahead], seed, flags.epochs, folder, settings))
        print(comparison.table([model], found[-1:]).splitlines()[-1], flush=True)

    panels, figures = {}, {}
    for model, runs in zip(models, found):
        panel = panels.setdefault("%d value%s ahead" % (model.ahead, "s" * (model.ahead > 1)), {})
        panel[model.name] = dict(values=[one["valid"] for one in runs], book=model.book)
        for part in ("valid", "test"):
            figures["%d_%s_%s_mse" % (model.ahead, model.slug, part)] = sum(one[part] for one in runs) / len(runs)
    pictures.model_errors(panels, NOISE_VARIANCE, os.path.join(flags.out_dir, "errors.png"))
    table = comparison.table(models, found)
    with atomic_path(os.path.join(flags.out_dir, "table.md")) as temporary, open(temporary, "w") as file:
        file.write(table + "\n")
    for ahead in flags.ahead:
        best = min(
            (sum(one["valid"] for one in runs) / len(runs), model.name)
            for model, runs in zip(models, found)
            if model.ahead == ahead
        )
        figures["best_%d_ahead" % ahead], figures["best_%d_ahead_valid_mse" % ahead] = best[1], best[0]
    cli.write_metrics(
        os.path.join(flags.out_dir, "metrics.json"),
        "series_benchmark",
        flags,
        data="generated: two_waves_of_the_book, 10000 series",
        seconds=sum(one["seconds"] for runs in found for one in runs),
        noise_mse=NOISE_VARIANCE,
        **figures,
    )
    print(table)
    print("errors.png, table.md and metrics.json are in %s" % flags.out_dir)


if __name__ == "__main__":
    cli.run_main(main)
