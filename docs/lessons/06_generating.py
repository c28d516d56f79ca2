# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Generating a series, and why it drifts
#
# A network that forecasts the next value can write a whole series: append its forecast to what it has read, and ask again. It
# is one line of code, and often a disappointment. The network that was excellent one step ahead wanders off: to a flat line, to
# another rhythm, or to numbers that the data never had. The reason is not that the forecasts are bad. From the second value on,
# the network reads what nobody has shown it: its own small errors.

# %%
from matplotlib.patches import FancyArrowPatch
from matplotlib.path import Path

from lesson import full_run, goes_wrong, picture, print_difference
from rnn_tf1.plotting.diagrams.unrolled import ROW, STEP, plot_unrolled
from rnn_tf1.plotting.page import BLUE, FAINT, ORANGE, make_figure, plain

figure = plot_unrolled(4, inputs=[1], folded=False)
for text in figure.axes[0].texts:
    for step in range(1, 5):  # after step t comes the forecast of the next value
        if text.get_text() == "$y_{%d}$" % step:
            text.set_text(r"$\hat x_{%d}$" % (step + 1))
for x in (0, STEP, 2 * STEP):
    top, below = 0.78 * ROW, -0.31
    way = Path(
        [(x + 0.25, top), (x + 1.15, top), (x + 0.7, -1.2), (x + STEP, below)],
        [1, 4, 4, 4],
    )
    style = {"arrowstyle": "-|>", "mutation_scale": 11, "linewidth": 1.4}
    figure.axes[0].add_patch(
        FancyArrowPatch(path=way, color=ORANGE, fill=False, **style)
    )
picture(
    figure,
    "06_fed_back",
    "A network of four steps: only the first reads the data, each later one reads the forecast of the step before.",
)

# %% [markdown]
# ## The equation
#
# With $f$ for the network and a window of $n$ values,
#
# $$\hat x_{t+1} = f(\hat x_{t-n+1}, \ldots, \hat x_t), \qquad
# e_{t+1} \approx \frac{\partial f}{\partial \text{window}}\,
# (e_{t-n+1}, \ldots, e_t) + \varepsilon_{t+1}$$
#
# $e$ is how far the generated series is from the true one, $\varepsilon$ the error of a single forecast. Training makes
# $\varepsilon$ small. What becomes of a *past* error is another matter, and it is settled by the derivative of $f$. Write the
# window as one vector and the step as a matrix $A$: after $m$ steps an old error has become $A^m e$. With $\rho$ the size of
# the largest eigenvalue of $A$, it goes as $\rho^m$: below 1 errors die out, above 1 they explode, however small they were.
#
# ## From scratch
#
# A sine of frequency $\omega$ obeys $x_{t+1} = 2 \cos(\omega)\, x_t - x_{t-1}$ exactly: two weights, and both eigenvalues have
# the size 1. Now bend the weights by one part in a hundred, one way and the other, and let the three write 300 values each:

# %%
import numpy as np

omega, begun = 2 * np.pi / 25, 25  # a period of 25 steps; how many values are given
true = np.sin(omega * np.arange(begun + 300))


def generate_by_hand(weights, begin, count):
    """Each value is the product of the weights and the newest values, the last one first."""
    values = list(begin)
    for _ in range(count):
        values.append(weights @ values[: -len(weights) - 1 : -1])
    return np.array(values)


written = {}
for rho in (0.99, 1.0, 1.01):
    weights = np.array([2 * rho * np.cos(omega), -(rho**2)])
    step = np.array([weights, [1, 0]])  # [x_t, x_t-1] to [x_t+1, x_t]
    one_ahead = weights @ np.array([true[1:-1], true[:-2]]) - true[2:]
    written[rho] = generate_by_hand(weights, true[:begun], 300)
    print(
        "largest eigenvalue %.3f, one value ahead off by %.4f, at the end by %.3f"
        % (
            np.abs(np.linalg.eigvals(step)).max(),
            np.abs(one_ahead).max(),
            np.abs(written[rho] - true)[-50:].max(),
        )
    )

# %% [markdown]
# One step ahead, the first and the third are about equally good, and both are good. Look at what they write:

# %%
figure = make_figure(8, 2.5)
for place, (rho, values) in enumerate(written.items()):
    axes = figure.add_axes([0.06 + 0.32 * place, 0.2, 0.29, 0.66])
    axes.plot(true, color=FAINT, linewidth=0.8)
    axes.plot(
        np.arange(begun, len(values)), values[begun:], color=ORANGE, linewidth=1.2
    )
    plain(axes)
    axes.set_ylim(-5, 5)
    axes.set_title(r"$\rho$ = %.2f" % rho, fontsize=10)
    axes.set_xlabel("step")
    if place:
        axes.tick_params(labelleft=False)
figure.axes[0].set_ylabel("value")
picture(
    figure,
    "06_radius",
    "Three generated sines: with the largest eigenvalue below one it dies out, at one it goes on, above one it explodes.",
)

# %% [markdown]
# Only the middle one goes on, and it stands on a knife's edge: a linear map that is *learned* is never exactly at 1. From noisy
# data least squares finds weights below 1, and so what it writes fades (exercise 1).
#
# A network is not linear, and this is its chance. It can be above 1 for a small wave and below 1 for a large one. Then every
# start leads to the same wave, and errors that would change its size die out. Such a wave is called a *limit cycle*. The
# question is how to get one.
#
# ## By the library
#
# The series is that of Géron 2017, "Hands-On Machine Learning", chapter 14, and so is the first recipe: 100 ReLU units, windows
# of 20 values, each with its next. The second is the library's: LSTM units, windows of 100 values, and noise on what is read,
# none on the answer. (Fewer units and fewer steps than in `examples/series_generate.py`, to be done in time.)

# %%
import dataclasses
import tempfile

import tensorflow.compat.v1 as tf

from rnn_tf1 import training
from rnn_tf1.data.series import generators
from rnn_tf1.experiments.forecasting import generation
from rnn_tf1.experiments.forecasting.growing import Growing
from rnn_tf1.models.forecaster import ForecasterConfig, build_forecaster
from rnn_tf1.models.generator import build_sliding_generator, build_stateful_generator
from rnn_tf1.program.settings import Settings

plain_config = generation.CONFIGS["plain"]
steady_config = dataclasses.replace(
    generation.CONFIGS["steady"], units=32, unroll="fused"
)
for name, config in (("plain", plain_config), ("steady", steady_config)):
    sizes = (name, config.units, config.cell, config.steps, generation.NOISE[name])
    print("%-6s  %3d %s units, windows of %3d values, noise %.1f" % sizes)


class Network(Growing):
    """A forecaster that is trained, and its generators; all in one session."""

    def __init__(self, config, recipe, noise, iterations):
        recipe = dataclasses.replace(recipe, epochs=iterations // 100)
        self.valid = generators.growing_windows_everywhere(500, config.steps + 1)
        with tempfile.TemporaryDirectory() as path, tf.Graph().as_default():
            folder = training.RunFolder(path, {})
            super().__init__(Settings(), recipe, config, folder, 50, noise)
            self.train()
            self.session, self.net = tf.Session(), build_forecaster(config)
            with tf.variable_scope(tf.get_variable_scope(), reuse=True):
                self.sliding = build_sliding_generator(config)
                self.stateful = build_stateful_generator(config)
            training.restore_best(self.session, folder)
        self.mse = self.evaluate(self.session, self.net)["valid_mse"]

    def evaluate(self, session, net):
        return {"valid_mse": self.error(session, net, self.valid)}

    def write(self, way, begin, count):
        """[count] values in one session call."""
        feed = {way.window: begin[np.newaxis, :, np.newaxis], way.count: count}
        return self.session.run(way.values, feed)[0, :, 0]


networks = {
    "plain": Network(plain_config, generation.RECIPES["plain"], 0.0, 500),
    "steady": Network(steady_config, generation.RECIPES["steady"], 0.3, 400),
}
for name, network in networks.items():
    print("%-7s squared error of the next value %.4f" % (name, network.mse))

# %% [markdown]
# One value ahead, the plain network is far better: nobody put noise on what it read.
#
# Generating, as it is mostly written: a Python loop, a session call for each value, the newest window fed anew. The library's
# *generator* has the loop inside the graph, as a `tf.while_loop`: one session call for the whole series. *Sliding* does what
# the Python loop does. *Stateful* reads the window once and then takes one step of the recurrence for each value, with the
# state carried.

# %%
import time

count = 300
begin = generation.DATA[: plain_config.steps]
network = networks["plain"]


def loop(network, begin, count):
    values = list(begin)
    for _ in range(count):
        window = np.array(values[-len(begin) :])[np.newaxis, :, np.newaxis]
        feed = {network.net.inputs: window}
        values.append(network.session.run(network.net.predictions, feed)[0, -1, 0])
    return np.array(values[len(begin) :])


looped = {}
ways = {
    "300 session calls": lambda: loop(network, begin, count),
    "one call, sliding": lambda: network.write(network.sliding, begin, count),
    "one call, stateful": lambda: network.write(network.stateful, begin, count),
}
for name, way in ways.items():
    way()  # the first call of a session also prepares the graph
    started = time.time()
    looped[name] = way()
    print("%-19s %4.0f ms" % (name, 1000 * (time.time() - started)))

print_difference(
    "the first 20 values, 300 calls and one",
    looped["300 session calls"][:20],
    looped["one call, sliding"][:20],
    most=1e-3,
)

# %% [markdown]
# ## What to look at
#
# Both networks write 1,000 values, first from zeros, which the data have nowhere, then from the data's first values. The grey
# band is the range of the data; `judge` says whether a series keeps to it, and to the period of the data's stronger wave.

# %%
from matplotlib.collections import LineCollection

data = generation.DATA
figure = make_figure(8, 3.9)
written = {}
for row, (name, network) in enumerate(networks.items()):
    for column, start in enumerate(("zeros", "data")):
        steps = network.config.steps
        begin = data[:steps] if start == "data" else np.zeros(steps)
        values = network.write(network.stateful, begin, 1000)
        written[name, start] = values
        verdict = generation.judge(values)
        print(
            "%-6s from %-5s: %7.2g times the data's range, period %5.1f: %s"
            % (name, start, *verdict[:2], "stays" if verdict.stays else "does not stay")
        )
        axes = figure.add_axes([0.07 + 0.48 * column, 0.58 - 0.45 * row, 0.43, 0.33])
        axes.axhspan(data.min(), data.max(), color="#eeeeee")
        # Not as a line: pictures are compared by their lines, and a series that drifts is another one on every machine.
        points = np.stack([steps + np.arange(1000), np.clip(values, -99, 99)], axis=1)
        axes.add_collection(LineCollection([points], colors=[ORANGE], linewidths=0.8))
        axes.plot(np.arange(steps), begin, color=BLUE, linewidth=1.5)
        plain(axes)
        axes.set_xlim(0, 1100)
        axes.set_ylim(-30, 30)
        axes.set_title("%s, from %s" % (name, start), fontsize=10, loc="left")
        if row:
            axes.set_xlabel("step")
        else:
            axes.tick_params(labelbottom=False)
        if column:
            axes.tick_params(labelleft=False)
        else:
            axes.set_ylabel("value")
picture(
    figure,
    "06_generated",
    "Generated series: the plain recipe's leave the range of the data, the steady one's stay within, from both starts.",
)

# %% [markdown]
# Blue is what was given, orange what was written. The better forecaster is the worse generator. On another machine or with
# another seed the plain network goes wrong in another way, and now and then it does not. The full run has three networks by
# each recipe, more training and longer series, on both TensorFlows:

# %%
full_run("series_generate_tf2")
full_run("series_generate_tf1")

# %% [markdown]
# Why does the steady recipe stay? Three things are different, and two of them can be seen without any training.
#
# - **It cannot leave.** An LSTM unit's output lies between -1 and 1, so that the dense layer's answer is bounded: by the sum
#   of its weights' sizes. ReLU units have no bound: where $\rho$ is above 1, what is too large already comes out
#   larger still.
# - **It sees the wave.** The stronger wave has a period of $2\pi$, 63 steps. Of it 20 values show a third, from which a network
#   can hardly tell a wave that turns soon from one that goes on rising. 100 values show it all.
# - **It has met errors.** With noise on what is read and a clean answer, a network can learn to come back to the curve from
#   beside it. For a linear map such noise is the same as shrinking its weights (Bishop 1995, "Training with Noise is Equivalent
#   to Tikhonov Regularization"). Whether it is needed here is exercise 3.
#
# The first one as a number, and the test of the limit cycle: from zeros and from the data, is it the same wave in the end?

# %%
steady = networks["steady"]
variables = steady.session.graph.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES)
kernel, bias = steady.session.run(variables[-2:])
print("largest value in the data      %.1f" % np.abs(data).max())
print(
    "no answer can be larger than   %.1f" % (np.abs(kernel).sum() + np.abs(bias).sum())
)
for start in ("zeros", "data"):
    late = written["steady", start][-200:]
    print(
        "from %-5s  the last 200 values lie from %.2f to %.2f"
        % (start, late.min(), late.max())
    )

# %% [markdown]
# One thing no recipe fixes: a shift in *time*. An error that makes the wave a little late is not seen as an error, for a late
# wave looks like any other. So also the steady series is out of step with the data after some periods. Its size and rhythm can
# be trusted, its phase cannot. And the data grow with $t$, which is in no window: the network says what it knows, a wave of a
# size that it has seen.
#
# ## What goes wrong
#
# **It is chosen by the error one value ahead.** This error was on the screen all the time, and it preferred the wrong network.
# Choose a generator by what it writes: by its range, its period, its spectrum, over a length that you need.
#
# **Sliding and stateful are taken for the same.** Their first value is the same. Then the one forgets what has left the window,
# and the other does not:

# %%
begin = data[:100]
ways = [steady.write(way, begin, 20) for way in (steady.sliding, steady.stateful)]
plain_ways = [looped["one call, sliding"], looped["one call, stateful"]]
for value in (1, 2, 10, 20):
    apart = [np.abs(a - b)[value - 1] for a, b in (ways, plain_ways)]
    print(
        "value %2d: they differ by %.4f, of the plain network by %.4f" % (value, *apart)
    )

# %% [markdown]
# Trained on windows of 100 values from a zero state, a network has met no state that is 1,000 steps old. It often goes well,
# as above; where it does not, sliding is the one that stays with what was trained.
#
# **Nothing is to be written**, because a number of values was computed and came out as 0. TensorFlow would return an empty
# series and say nothing; the generator asks:

# %%
with goes_wrong(tf.errors.InvalidArgumentError):
    steady.write(steady.stateful, begin, 0)

# %% [markdown]
# **A window of another length.** The graph has been built for one length, and a network that was trained on 100 values should
# not be asked after 50:

# %%
with goes_wrong(ValueError):
    steady.write(steady.stateful, begin[:50], 10)

# %% [markdown]
# **One step is not one value.** With a convolution in front, a step of the recurrence reads several values, and no single value
# can be its next input:

# %%
from rnn_tf1 import GraphError

with tf.Graph().as_default(), goes_wrong(GraphError):
    build_stateful_generator(ForecasterConfig("gru", 8, steps=20, filters=4))

# %% [markdown]
# ## Exercises
#
# Try each of them first: its solution is folded away below it.
#
# 1. Learn the two weights of the sine by least squares from noisy data, and print $\rho$ for noise of deviation 0, 0.01, 0.1
#    and 0.3. Which way does the noise push it?

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
for deviation in (0, 0.01, 0.1, 0.3):
    noisy = np.sin(omega * np.arange(5000))
    noisy += np.random.RandomState(0).normal(size=5000) * deviation
    pairs = np.stack([noisy[1:-1], noisy[:-2]], axis=1)
    learned = np.linalg.lstsq(pairs, noisy[2:], rcond=None)[0]
    sizes = np.abs(np.linalg.eigvals([learned, [1, 0]]))
    print("noise %.2f: largest eigenvalue %.4f" % (deviation, sizes.max()))
# Below 1: to read noise is risky, so the weights shrink, and what such a map writes fades.

# %% [markdown]
# 2. After how many steps has the third generator of "From scratch" doubled its wave? First compute it from $\rho$, then count.

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
weights = np.array([2 * 1.01 * np.cos(omega), -(1.01**2)])
values = generate_by_hand(weights, true[:begun], 300)
print(
    "computed %.0f, counted %d"
    % (np.log(2) / np.log(1.01), np.argmax(np.abs(values) > 2) - begun)
)
# They differ by less than half a period: the wave reaches its height twice in each.

# %% [markdown]
# 3. Is it the noise that keeps the steady network steady? Train it without. Look at its error one value ahead,
#    too. (Half a minute or less.)

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
quiet = Network(steady_config, generation.RECIPES["steady"], 0.0, 400)
print("squared error of the next value %.4f, with noise %.4f" % (quiet.mse, steady.mse))
for start, begin in (("zeros", np.zeros(100)), ("data", data[:100])):
    verdict = generation.judge(quiet.write(quiet.stateful, begin, 1000))
    print("from %-5s: %s" % (start, "stays" if verdict.stays else "does not stay"))
# Where it stays without noise too, the bounded cell and the long window did the work: change one thing at a time
# before you say why something helps.
