"""Networks that learn the growing series and then read what they said: how they are trained, and whether they keep to it."""

import dataclasses
import os
from typing import Any, Callable, Dict, NamedTuple, Tuple

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1.data.series import generators
from rnn_tf1.experiments.figures import Figure, Figures
from rnn_tf1.experiments.forecasting import pictures
from rnn_tf1.experiments.forecasting.growing import EPOCH, INTERVAL, Growing
from rnn_tf1.models.forecaster import Forecaster, ForecasterConfig, series_placeholder, with_losses
from rnn_tf1.models.generator import Generator, build_sliding_generator, build_stateful_generator
from rnn_tf1.ops.mode import Mode
from rnn_tf1.program.files import locked
from rnn_tf1.training import Recipe, Run, RunFolder

DATA = generators.growing(np.arange(0, generators.GROWING_END, INTERVAL))
PERIOD = 2 * np.pi / INTERVAL  # steps: of t sin(t) / 3, the stronger of its two waves
MOST = 1.5  # times the range of the data
SHORT = 300  # values, as in the book
BATCH_SIZE = 50  # windows

# By recipe. The plain one is that of Geron 2017, "Hands-On Machine Learning", chapter 14.
CONFIGS = {
    "plain": ForecasterConfig("relu", 100, unroll="dynamic", steps=20),
    "steady": ForecasterConfig("lstm", 64, unroll="dynamic", steps=100),
}
RECIPES = {"plain": Recipe(15, 0.001, decay="none", clip_norm=None), "steady": Recipe(15, 0.005)}
NOISE = {"plain": 0.0, "steady": 0.3}

FIGURES = Figures(
    "series_generate",
    Figure("plain_sliding_3000_stay", "series that stay in the range of the data, by the plain recipe", "%s"),
    Figure("steady_sliding_3000_stay", "by the steady one", "%s"),
)


class Verdict(NamedTuple):
    """What became of a generated series."""

    size: float  # its greatest distance from the middle of the data, where 1 is the distance of the data themselves
    period: float  # steps
    stays: bool  # within MOST times the range of the data, and within a tenth of their period


def judge(values: np.ndarray) -> Verdict:
    """Whether the generated `values` [count] keep to the data's range and main period."""
    middle, half = (DATA.max() + DATA.min()) / 2, (DATA.max() - DATA.min()) / 2
    if not np.isfinite(values).all():
        return Verdict(float("inf"), float("nan"), False)
    size = float(np.abs(values.astype(np.float64) - middle).max() / half)
    period = generators.main_period(values) if np.ptp(values) else float("inf")
    return Verdict(size, period, size <= MOST and abs(period / PERIOD - 1) < 0.1)


class Generation(Growing):
    """A network by one of the recipes, from one seed.

    Args:
      settings: those of ``examples/series_generate.py``.
      network: network(values, config, state) gives the next value at every step and the last state; `state` is the first
        one, or None for zeros.
      name: of the recipe.
      seed: of the first weights, of the windows and of their noise.
    """

    figures = FIGURES

    def __init__(self, settings: Any, network: Callable[..., Any], name: str, seed: int):
        config, noise = CONFIGS[name], NOISE[name]
        recipe = dataclasses.replace(RECIPES[name], epochs=settings.iterations // EPOCH)
        made_of = dict(cell=config.cell, units=config.units, steps=config.steps, seed=seed)
        made_of["recipe"] = dict(dataclasses.asdict(recipe), batch_size=BATCH_SIZE, noise=noise)
        made_of.update(iterations=settings.iterations, tensorflow=tf.__version__)
        folder = RunFolder(os.path.join(settings.out_dir, "%s_%d" % (name, seed)), made_of)
        super().__init__(settings, recipe, config, folder, BATCH_SIZE, noise)
        self._network, self._seed = network, seed

    @property
    def seed(self) -> int:
        return self._seed

    def network(self, mode: Mode) -> Forecaster:
        inputs = series_placeholder(self.config)
        return with_losses(inputs, self.forecast(inputs)[0])

    def forecast(self, values: Any, state: Any = None) -> Tuple[Any, Any]:
        """(the next value at every step, the last state)"""
        return self._network(values, self.config, state)

    def generators(self) -> Dict[str, Generator]:
        """By way, "sliding" or "stateful": a graph with the weights of `network`."""
        sliding = build_sliding_generator(self.config, lambda config, window: self.forecast(window)[0])
        with tf.variable_scope(tf.get_variable_scope(), reuse=True):
            return {"sliding": sliding, "stateful": build_stateful_generator(self.config, self.forecast)}

    def evaluate(self, session: Any, net: Any) -> Dict[str, float]:
        return {"valid_mse": self.error(session, net, self.valid)}

    def report(self, run: Run) -> Dict[str, Tuple[np.ndarray, np.ndarray]]:
        """By start, zeros or the first values of the data, and way, as "data sliding": the values to begin with, and the
        generated ones."""
        starts = {"zeros": np.zeros(self.config.steps), "data": DATA[: self.config.steps]}
        windows = np.stack(list(starts.values()))[:, :, np.newaxis]
        found: Dict[str, Any] = {}
        with self.restored(self.generators) as (session, ways):
            for way, made in ways.items():
                values = session.run(made.values, {made.window: windows, made.count: self.settings.count})[:, :, 0]
                found.update({name + " " + way: (begin, row) for (name, begin), row in zip(starts.items(), values)})
        return found


def main(settings: Any, network: Callable[..., Any]) -> None:
    """Trains a network by each recipe from each seed, generates, judges, draws, and publishes."""
    values: Dict[str, Any] = {}
    curves, seconds, lengths = {}, 0.0, sorted({SHORT, settings.count})
    with locked(settings.out_dir):
        for name in settings.recipes:
            stay = {(way, length): 0 for way in ("sliding", "stateful") for length in lengths}
            for seed in range(settings.seed, settings.seed + settings.seeds):
                one = Generation(settings, network, name, seed)
                one.load()
                run = one.train()
                seconds += run.seconds
                for key, (begin, generated) in one.report(run).items():
                    start, way = key.split()
                    for length in lengths:
                        verdict = judge(generated[:length])
                        stay[way, length] += verdict.stays
                        curve = "%s_%d_%s_%s_%d_size" % (name, seed, start, way, length)
                        values[curve] = verdict.size if np.isfinite(verdict.size) else None
                        line = "%s, seed %d, from %s, %s, %d values: %.3g times the data's range, period %.4g%s"
                        end = "" if verdict.stays else " !"
                        print(line % (name, seed, start, way, length, *verdict[:2], end), flush=True)
                    if way == "sliding" and seed < settings.seed + 2:
                        curves["%s, seed %d, from %s" % (name, seed, start)] = begin, generated
            for (way, length), count in stay.items():
                values["%s_%s_%d_stay" % (name, way, length)] = "%d of %d" % (count, 2 * settings.seeds)
                print("%s, %s, %d values: %d of %d stay" % (name, way, length, count, 2 * settings.seeds))
        for length in lengths:
            pictures.generated_series(
                {title: (begin, generated[:length]) for title, (begin, generated) in curves.items()},
                DATA,
                (DATA.min(), DATA.max()),
                os.path.join(settings.out_dir, "generated_%d.png" % length),
            )
        FIGURES.publish(settings, one.origin, seconds, values)
