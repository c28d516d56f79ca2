# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Forecasting a series, and baselines that are hard to beat
#
# A forecast is a supervised task like any other: the values up to now are what is read, the next ones are the answer. So a
# network is soon built, it is soon trained, and its curve lies beautifully on the true one. Whether that means anything is a
# question of two other things: of what a forecast *without* a network would have been, and of whether the network had already
# seen, in some disguise, what it was asked to forecast. This lesson is mostly about these two.

# %%
from lesson import DOCS, full_run, goes_wrong, picture, print_difference
from rnn_tf1.experiments.forecasting import comparison
from rnn_tf1.plotting.page import FAINT, SERIES, make_figure, plain

STEPS, AHEAD = 50, 10  # values that are read, values to forecast
data = comparison.pieces(AHEAD)
print({part: pieces.shape for part, pieces in data.items()})


def three_series(draw):
    """A picture of three series side by side; draw(axes, place) draws one of them."""
    figure = make_figure(8, 2.6)
    for place in range(3):
        axes = figure.add_axes([0.07 + 0.315 * place, 0.2, 0.28, 0.66])
        draw(axes, place)
        plain(axes)
        axes.set_ylim(-1, 1)
        axes.set_xlabel("step")
        if place:
            axes.tick_params(labelleft=False)
    names = axes.get_legend_handles_labels()
    figure.axes[0].set_ylabel("value")
    figure.legend(*names, loc="upper center", ncol=len(names[0]), frameon=False)
    return figure


past, future = range(1, STEPS + 1), range(STEPS + 1, STEPS + AHEAD + 1)
dots = dict(color=SERIES[0], markersize=3)


def draw_task(axes, place):
    values = data["valid"][place, :, 0]
    axes.plot(past, values[:STEPS], color=FAINT, label="read")
    axes.plot(future, values[STEPS:], "o", label="to be forecast", **dots)


picture(
    three_series(draw_task),
    "05_task",
    "Three series of two waves each: fifty values that are read, ten that follow and are to be forecast.",
)

# %% [markdown]
# Each series is the sum of two sines and a little noise; frequencies and phases are drawn anew for each. They are those of
# Géron 2019, "Hands-On Machine Learning", chapter 15, drawn as that book's notebook draws them, so that our numbers can stand
# beside the printed ones. The first part is to train on, the second to choose by, the third is looked at once, at the end.
#
# ## The equation
#
# A recurrent layer reads $x_1 \ldots x_T$; after step $t$ its state is $h_t$. A dense layer makes $k$ forecasts of it:
#
# $$\hat y_t = h_t K + b, \qquad \hat y_t \text{ stands for } y_t = (x_{t+1}, \ldots, x_{t+k})$$
#
# There are two losses to choose from. The first asks for a forecast once, after the last step; the second asks after every
# step, where it can, because the next values are known there as well:
#
# $$L_\text{last} = \frac1k \left\| \hat y_T - y_T \right\|^2, \qquad
# L_\text{every} = \frac1T \sum_{t=1}^{T} \frac1k \left\| \hat y_t - y_t \right\|^2$$
#
# What has no network is shorter. The *naive* forecast says the last value again, *last season* says the value of $s$ steps
# before, and *least squares* takes the best linear map $W$ from the window to what follows:
#
# $$\hat x_{T+j} = x_T, \qquad \hat x_{T+j} = x_{T+j-s}, \qquad
# \hat y_T = [x_1, \ldots, x_T, 1]\, W$$
#
# They are judged alike, by the mean squared error after the last step.
#
# ## From scratch
#
# Least squares needs no training loop. Its $W$ is known exactly, after one call of `np.linalg.lstsq`:

# %%
import numpy as np

train, valid = data["train"][:, :, 0], data["valid"][:, :, 0]
inputs, answers = valid[:, :STEPS], valid[:, STEPS:]


def with_one(windows):
    return np.concatenate([windows, np.ones([len(windows), 1])], axis=1)


W = np.linalg.lstsq(
    with_one(train[:, :STEPS]).astype(np.float64), train[:, STEPS:], rcond=None
)[0]
by_hand = {
    "naive": np.repeat(inputs[:, -1:], AHEAD, axis=1),
    "last season": inputs[:, -20:][:, :AHEAD],  # if a season had 20 steps
    "least squares": with_one(inputs) @ W,
}
for name, forecasts in by_hand.items():
    print("%-14s %.5f" % (name, np.mean((forecasts - answers) ** 2)))

# %% [markdown]
# The naive forecast and last season are far off: these series turn within ten steps, and no season fits all of them. On
# sales by the day or power by the hour it is the other way round, and last season is often the one to fear. Least squares is
# good here for a reason: a sum of sines obeys a linear recurrence exactly, so that only the noise and the unknown frequencies
# are in its way.
#
# How far down can one get? The noise is drawn anew at each step and cannot be forecast by anybody. Its variance is a floor:

# %%
from rnn_tf1.data.series import generators

print("no forecast can be below %.5f" % generators.NOISE_VARIANCE)

# %% [markdown]
# ## By the library
#
# The baselines first: they are in `rnn_tf1.experiments.baselines`, for any number of columns.

# %%
from rnn_tf1.experiments import baselines

library = {
    "naive": baselines.naive(data["valid"][:, :STEPS], AHEAD),
    "last season": baselines.seasonal_naive(data["valid"][:, :STEPS], 20, AHEAD),
    "least squares": baselines.LeastSquares(data["train"], AHEAD)(
        data["valid"][:, :STEPS]
    ),
}
for name, forecasts in library.items():
    print_difference(name, by_hand[name], forecasts)

# %% [markdown]
# Now a network: one GRU layer and the dense layer of the equation, once with each loss. It sees 2,000 of the 7,000 series, to
# keep this page short. `inputs_and_targets`, which the training calls, cuts each piece into what is read and what follows;
# print the shapes when you feed a network of your own, for half of all mistakes with series are made there.

# %%
import dataclasses
import tempfile

import tensorflow.compat.v1 as tf

from rnn_tf1.data.series.windows import inputs_and_targets
from rnn_tf1.experiments.forecasting.experiment import Forecasting
from rnn_tf1.models.forecaster import ForecasterConfig, build_forecaster
from rnn_tf1.program.settings import Settings
from rnn_tf1.training import Recipe, RunFolder

few = data["train"][:2000]
for every_step in (True, False):
    read, targets = inputs_and_targets(few, AHEAD, every_step)
    print(
        "every_step=%-5s  reads %s, answers %s"
        % (every_step, read.shape, targets.shape)
    )


class Network(Forecasting):
    """Learns from the few series, and is validated on all that are for it."""

    def pieces(self, epoch):
        return few

    def network(self, mode):
        tf.set_random_seed(1)  # the first weights of this page
        return build_forecaster(self.config, mode)

    def evaluate(self, session, net):
        return {"valid_mse": self.error(session, net, data["valid"])}


def train_network(every_step):
    """The errors on the validation series by epoch, and the forecasts after every step."""
    config = ForecasterConfig(
        "gru", 32, unroll="fused", steps=STEPS, ahead=AHEAD, every_step=every_step
    )
    everywhere = dataclasses.replace(config, every_step=True)
    recipe = Recipe(epochs=15, learning_rate=0.01)
    with tempfile.TemporaryDirectory() as folder:
        network = Network(Settings(), recipe, config, RunFolder(folder, {}), 50)
        run = network.train()
        # the same weights, asked at every step
        with network.restored(lambda: build_forecaster(everywhere)) as (session, net):
            read = data["valid"][:, :STEPS]
            forecasts = session.run(net.predictions, {net.inputs: read})
    return [row["valid_mse"] for row in run.history], forecasts


curves, networks = {}, {}
for name, every_step in (("at every step", True), ("at the last step", False)):
    curves[name], networks[name] = train_network(every_step)
solved = baselines.LeastSquares(few, AHEAD)(data["valid"][:, :STEPS])
errors = {"least squares": np.mean((solved - answers) ** 2)}
for name, forecasts in networks.items():
    errors["GRU, trained " + name] = np.mean((forecasts[:, -1] - answers) ** 2)
for name, error in errors.items():
    print("%-30s %.5f" % (name, error))

# %% [markdown]
# All three have learned from the same 2,000 series. The networks win, and now we know by how much, and over what. Compared with
# the naive forecast alone, anything would have looked like a triumph; and in a picture of a few series, as good as everything
# does:


# %%
def draw_forecasts(axes, place):
    last = networks["at the last step"][place, -1]
    axes.plot(past[35:], inputs[place, 35:], color=FAINT, label="read")
    axes.plot(future, answers[place], "o", label="came", **dots)
    axes.plot(future, solved[place], color=SERIES[2], label="least squares")
    axes.plot(future, last, color=SERIES[1], label="GRU")


picture(
    three_series(draw_forecasts),
    "05_forecasts",
    "The end of three series, the ten values that came, and their forecasts by least squares and by the GRU layer.",
)

# %% [markdown]
# ## What to look at
#
# What is the difference between the two losses? Ask both networks for a forecast after every step, also the one that was
# trained to answer at the end:

# %%
from rnn_tf1.plotting.page import log_scale

_, targets = inputs_and_targets(data["valid"], AHEAD)
figure = make_figure(7.5, 3.2)
axes = figure.add_axes([0.1, 0.16, 0.52, 0.78])
for color, (name, forecasts) in zip(SERIES, networks.items()):
    found = np.mean((forecasts - targets) ** 2, axis=(0, 2))
    axes.plot(range(1, STEPS + 1), found, color=color, label="GRU, trained\n" + name)
axes.axhline(
    errors["least squares"], color=FAINT, label="least squares\non all 50 values"
)
axes.axhline(
    generators.NOISE_VARIANCE, color="black", linestyle=":", label="the noise alone"
)
log_scale(axes, np.array([generators.NOISE_VARIANCE, 1]))
plain(axes)
axes.set_xlabel("values read")
axes.set_ylabel("mean squared error, ten ahead")
figure.legend(loc="center right", frameon=False, labelspacing=1)
picture(
    figure,
    "05_every_step",
    "Error of both networks against the number of values read: the one trained at every step falls steadily; the one trained "
    "at the last step is useless before and better at the end.",
)

# %% [markdown]
# After three values nobody knows what comes. The loss at every step pays for such forecasts too, and a part of the network
# goes into making them less bad; the loss at the last step spends everything on the one forecast that is asked for, and says
# nonsense before. Texts often say that training at every step is better, because there is more error to learn from. It is so
# for many networks, and it is not a law: run it both ways. In the full run plain cells forecast ten values better when trained
# at every step, on the mean of three seeds; here a GRU layer does not.

# %%
import json
import os

with open(os.path.join(DOCS, "results", "series_benchmark_tf2.json")) as file:
    full = json.load(file)
for name in ("10_sequence_to_sequence", "10_sequence_to_vector"):
    print("plain cells, %-24s %.5f" % (name[3:], full[name + "_valid_mse"]))

# %% [markdown]
# Here is what all the models of the full run came to (`docs/series_benchmark.md` has the table, with the spread over seeds).
# Mind where least squares is: five lines of NumPy beat a network that is fed its own forecasts, and a linear model that was
# *trained* is behind the one that was *solved*.

# %%
full_run("series_benchmark_tf2")

found = {
    model.name: full["%d_%s_valid_mse" % (AHEAD, model.slug)]
    for model in comparison.MODELS
    if model.ahead == AHEAD
}
names = sorted(found, key=found.get, reverse=True)
figure = make_figure(7, 3.6)
axes = figure.add_axes([0.27, 0.14, 0.7, 0.83])
for row, name in enumerate(names):
    network = name not in ("naive", "least squares")
    axes.plot(found[name], row, "o", color=SERIES[0] if network else SERIES[1])
axes.axvline(full["noise_mse"], color="black", linestyle=":")
axes.set_xscale("log")
plain(axes)
axes.set_yticks(range(len(names)))
axes.set_yticklabels(names)
axes.set_xlabel("mean squared error ten ahead, validation (dotted: the noise alone)")
picture(
    figure,
    "05_full_run",
    "The error of each model of the full run, from the naive forecast down to a GRU of two times 64 units.",
)

# %% [markdown]
# **Error bars.** A forecast is half of an answer; how sure it is, is the other half. The library's way is Monte Carlo dropout
# (Gal and Ghahramani 2016): the same window is read many times, each time with other units left out; the spread of the answers,
# together with the noise that the validation part shows beyond it, gives a bar. Then count how many values of the test part lie
# within, as `examples/forecast_csv.py` does: bars that have not been counted are decoration.
#
# ![A forecast of bathers and temperature with error bars](../pictures/forecast_csv.png)
#
# ## What goes wrong
#
# **Windows are shuffled, and then parted.** Windows of one long series overlap. If they are shuffled first, each window of the
# test has near twins in the training part that hold its answer. Take a series that cannot be forecast, a random walk, for which
# the naive forecast is the best there is, and a model that can only look things up: the window most like this one, and what
# followed it.

# %%
from rnn_tf1.data.series.transform import Scaling, split
from rnn_tf1.data.series.windows import windows

walk = np.random.RandomState(0).normal(size=[3000, 1]).cumsum(axis=0)


def looked_up(known, asked, steps=20):
    """For each of the asked windows, what followed the most similar known one."""
    known, asked = known[:, :, 0], asked[:, :, 0]
    distances = [
        np.sum((known[:, :steps] - row) ** 2, axis=1) for row in asked[:, :steps]
    ]
    return known[np.argmin(distances, axis=1), steps:]


def compare(name, known, asked):
    truth = asked[:, 20:, 0]
    error = np.mean((looked_up(known, asked) - truth) ** 2)
    naive = np.mean((baselines.naive(asked[:, :20], AHEAD) - truth) ** 2)
    print("%-14s looked up %8.2f   naive %.2f" % (name, error, naive))


pieces = windows(walk, 20 + AHEAD)
shuffled = np.random.RandomState(1).permutation(len(pieces))
compare("shuffled", pieces[shuffled[:2000]], pieces[shuffled[2000:]])
past, _, future = split(walk, 0.1, 0.3)
compare("split in time", windows(past, 20 + AHEAD), windows(future, 20 + AHEAD))

# %% [markdown]
# The first line would be a sensation; the second is the truth. `split` parts a series in time: the past to train, what comes
# next to choose by, the last part to test. A window must not reach across a border with its *answers*; with what it reads it
# may.
#
# **The scale has seen the future.** Mean and deviation are learned, too, and belong to the training part alone:

# %%
for name, part in (("the whole series", walk), ("the training part", past)):
    scaled = Scaling(part).apply(future)
    print(
        "scaled by %-18s test values lie from %6.2f to %.2f"
        % (name, *(scaled.min(), scaled.max()))
    )

# %% [markdown]
# By the first line the network will be shown numbers such as it was trained on; by the second it will not. The second is what
# will happen to you. Where a series wanders like this one, forecast its changes instead
# (`rnn_tf1.data.series.transform.Differences`).
#
# **A number from a book is taken on trust.** The book prints an error for the naive forecast of ten values; its own code, run
# again, gives another, and so do we. This is a small thing, a number from an earlier draft maybe, but who measures a network
# against the printed number, measures it against a baseline that is better than it was:

# %%
naive = [
    model for model in comparison.MODELS if (model.ahead, model.name) == (10, "naive")
]
print("printed %.3f, its code %s" % (naive[0].book, naive[0].original))
print("here    %.3f" % np.mean((by_hand["naive"] - answers) ** 2))

# %% [markdown]
# **The columns are missing.** A series is `[batch, time, columns]`, also where there is one column. NumPy is quick to drop it:

# %%
with tf.Graph().as_default(), tf.Session() as session, goes_wrong(ValueError):
    net = build_forecaster(ForecasterConfig("gru", 32, unroll="dynamic", steps=STEPS))
    session.run(net.predictions, {net.inputs: inputs})

# %% [markdown]
# ## Exercises
#
# Try each of them first: its solution is folded away below it.
#
# 1. How much of the window does least squares need? Solve it for the last 5, 10, 20, 30 and 50 values alone.

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
for steps in (5, 10, 20, 30, 50):
    kept = slice(STEPS - steps, None)
    solved = baselines.LeastSquares(data["train"][:, kept], AHEAD)
    forecasts = solved(data["valid"][:, STEPS - steps : STEPS])
    print("the last %2d values: %.5f" % (steps, np.mean((forecasts - answers) ** 2)))

# %% [markdown]
# 2. Is the tenth value harder than the first? Print the error of each of the ten, by least squares and by the GRU layer that
#    was trained at the last step. For which of the two does it grow faster?

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
for name, forecasts in (
    ("least squares", by_hand["least squares"]),
    ("GRU", networks["at the last step"][:, -1]),
):
    print("%-14s" % name, np.mean((forecasts - answers) ** 2, axis=0).round(4))
# The linear map is the same for all series; the network can find a series' frequencies first and use them ten times.

# %% [markdown]
# 3. Forecast a series of your own: a CSV file with a row for each step of time. `python examples/forecast_csv.py FILE.csv` has
#    the flags that matter, among them `--steps`, `--ahead` and `--lags`. Below a year of a shop is made up, with quiet Sundays
#    and slow growth. Which line of the output says whether the network is worth its trouble?

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
import subprocess
import sys
import textwrap

days = np.arange(365)
random = np.random.RandomState(2)
sold = 80 + 0.1 * days + 25 * np.sin(2 * np.pi * days / 7) + random.normal(0, 4, 365)
sold[days % 7 == 6] *= 0.3
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "shop.csv")
    with open(path, "w") as file:
        file.write("day,sold\n")
        for day, number in zip(np.datetime64("2024-01-01") + days, sold):
            file.write("%s,%.0f\n" % (day, number))
    command = [os.path.join(os.path.dirname(DOCS), "examples", "forecast_csv.py"), path]
    command += ["--steps", "28", "--ahead", "7", "--epochs", "10", "--passes", "20"]
    done = subprocess.run(
        [sys.executable] + command + ["--out-dir", os.path.join(folder, "out")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
lines = done.stdout.decode().splitlines()
for line in lines:
    if folder not in line:
        print(textwrap.fill(line, 80, subsequent_indent="  "))
# The one with the three roots of mean squared errors: a network that least squares beats is not yet worth it.
