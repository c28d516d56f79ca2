# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Training through time: truncation, clipping, and gradients that vanish
#
# A recurrent network is trained like any other: unroll it, compute the loss, follow the gradient back. Unrolled over a hundred
# steps it is a network of a hundred layers, and all of them have the same weights. This has three consequences. The way back
# is long, so it is often *cut*. The same matrix is multiplied again and again, so the gradient may *explode*, and is clipped.
# Or it *vanishes*, and what happened early is never learned from. The first two have a remedy of one line. The third needs
# another cell.

# %%
from lesson import full_run, goes_wrong, picture, print_difference
from rnn_tf1.plotting.diagrams.unrolled import ROW, STEP, plot_unrolled
from rnn_tf1.plotting.page import FAINT, ORANGE, SERIES, make_figure, plain

figure = plot_unrolled(6, folded=False)
axes = figure.axes[0]
for ends in ([-0.9 * ROW, -0.04], [0.34, 0.9 * ROW]):  # h_3 stands between them
    axes.plot([2.5 * STEP] * 2, ends, color=ORANGE, linestyle="--")
for first in (0, 3):
    for step in (first, first + 1):
        axes.annotate(
            "",
            xy=(step * STEP + 0.4, -0.14),
            xytext=((step + 1) * STEP - 0.4, -0.14),
            arrowprops={"arrowstyle": "-|>", "color": ORANGE},
        )
picture(
    figure,
    "07_pieces",
    "Six steps in two pieces of three: the state is passed on through the cut, the gradient goes back within each piece alone.",
)

# %% [markdown]
# Black is the state on its way forward, orange the gradient on its way back. At the dashed line the sequence is cut in two
# pieces: the state passes, the gradient does not.
#
# ## The equation
#
# Take the plain cell of lesson 1, $h_t = \tanh(x_t W_x + h_{t-1} W_h + b)$, with $h_t$ a row. With $g_t$ for
# $\partial L / \partial h_t$, the gradient that reaches $h_t$, and $L_t$ for the part of the loss that is read off at step $t$,
#
# $$g_t = \frac{\partial L_t}{\partial h_t} + \left( g_{t+1} \odot (1 - h_{t+1}^2) \right) W_h^\top$$
#
# This is *back-propagation through time*. Each step back multiplies by a derivative of tanh, at most 1, and by $W_h$. After
# $k$ steps $W_h$ has come $k$ times: with $\rho$ for the size of its largest eigenvalue, the *spectral radius*, the gradient
# goes as $\rho^k$, and less where tanh is flat. Sepp Hochreiter saw it in 1991; Bengio et al. 1994 ("Learning Long-Term
# Dependencies with Gradient Descent is Difficult") showed that a plain cell that stores something safely is one whose gradient
# vanishes.
#
# ## From scratch
#
# Forward over 40 steps, and back again. The loss is the squared distance of the outputs from some targets, at every step.

# %%
import numpy as np

BATCH, STEPS, DEPTH, UNITS = 4, 40, 3, 20
random = np.random.RandomState(0)
inputs = random.normal(size=[BATCH, STEPS, DEPTH])
targets = random.uniform(-0.5, 0.5, [BATCH, STEPS, UNITS])
rotation, _ = np.linalg.qr(random.normal(size=[UNITS, UNITS]))  # eigenvalues of size 1
upper = random.normal(0, 0.3, [DEPTH, UNITS])


def weights(radius):
    return np.concatenate([upper, radius * rotation]), np.zeros(UNITS)


def back_through_time(kernel, bias):
    """The outputs [batch, time, units] and the gradient of the loss by the kernel."""
    h, outputs = np.zeros([BATCH, UNITS]), []
    for t in range(STEPS):
        h = np.tanh(np.concatenate([inputs[:, t], h], axis=1) @ kernel + bias)
        outputs.append(h)
    g, by_kernel = np.zeros([BATCH, UNITS]), np.zeros_like(kernel)
    for t in reversed(range(STEPS)):
        g = g + 2 * (outputs[t] - targets[:, t])
        inner = g * (1 - outputs[t] ** 2)
        before = outputs[t - 1] if t else np.zeros([BATCH, UNITS])
        by_kernel += np.concatenate([inputs[:, t], before], axis=1).T @ inner
        g = inner @ kernel[DEPTH:].T
    return np.stack(outputs, axis=1), by_kernel


outputs, by_kernel = back_through_time(*weights(0.9))
print("norm of the gradient by the kernel: %.3f" % np.linalg.norm(by_kernel))

# %% [markdown]
# ## By the library
#
# In TensorFlow the way back is `tf.gradients`. What needs a tool is the cut: `StateKeeper` holds the state in a variable from
# one session call to the next. `keeper.state` is where a piece begins, `keeper.assign(state)` keeps where it ended. A variable
# has no past for a gradient to follow, so that this is the cut, too.

# %%
import tensorflow.compat.v1 as tf

from rnn_tf1 import BasicRNNCell, StateKeeper, dynamic_rnn


def in_pieces(radius, piece, carried=True):
    """Outputs and gradient, read in pieces of so many steps."""
    with tf.Graph().as_default(), tf.Session() as session:
        cell = BasicRNNCell(UNITS)
        x = tf.placeholder(tf.float32, [BATCH, None, DEPTH])
        y = tf.placeholder(tf.float32, [BATCH, None, UNITS])
        keeper = StateKeeper(cell, BATCH)
        found, state = dynamic_rnn(cell, x, initial_state=keeper.state)
        gradient = tf.gradients(tf.reduce_sum(tf.square(found - y)), cell.variables)[0]
        carry = keeper.assign(state) if carried else tf.no_op()
        session.run(tf.global_variables_initializer())
        for variable, value in zip(cell.variables, weights(radius)):
            variable.load(value, session)
        parts, total = [], 0
        for start in range(0, STEPS, piece):
            now = slice(start, start + piece)
            feed = {x: inputs[:, now], y: targets[:, now]}
            values = session.run([found, gradient, carry], feed)
            parts.append(values[0])
            total = total + values[1]
    return np.concatenate(parts, axis=1), total


whole = in_pieces(0.9, STEPS)
print_difference("outputs, by hand and by the library", outputs, whole[0])
print_difference("gradient, by hand and by the library", by_kernel, whole[1], most=1e-3)
print_difference(
    "outputs at once and in pieces of ten", whole[0], in_pieces(0.9, 10)[0]
)

# %% [markdown]
# Cut or not, the outputs are the same: what was read long ago still counts. The gradients are not:

# %%
for piece in (40, 20, 10, 5, 2, 1):
    gradient = in_pieces(0.9, piece)[1]
    lost = np.linalg.norm(gradient - by_kernel) / np.linalg.norm(by_kernel)
    print(
        "pieces of %2d steps: %5.1f %% of the gradient is cut off" % (piece, 100 * lost)
    )

# %% [markdown]
# This is *truncated* back-propagation through time (Williams and Peng 1990). It is an approximation, and it pays: memory and
# the time of an update depend on the length of a piece, not on that of the sequence, which may be a whole book (lesson 12).
# The rule of thumb: a piece as long as what has to be learned reaches back. What lies further back can still be *used*, where
# the network happens to keep it; it can only not be learned to be kept.
#
# ## What to look at
#
# **The spectral radius.** How much of a gradient of size 1 is left, so many steps back? At the left without tanh, at the right
# with it:

# %%
LENGTH = 100


def reach(radius, linear):
    """The norm of the gradient 0, 1, 2, ... steps before the end."""
    draw = np.random.RandomState(1)
    turn = np.linalg.qr(draw.normal(size=[50, 50]))[0] * radius
    h, seen = np.zeros(50), []
    for _ in range(LENGTH):
        h = h @ turn + 0.1 * draw.normal(size=50)
        h = h if linear else np.tanh(h)
        seen.append(h)
    g, norms = np.full(50, 50**-0.5), []
    for h in reversed(seen):
        norms.append(np.linalg.norm(g))
        g = (g if linear else g * (1 - h**2)) @ turn.T
    return norms


def steps_back(panels, most):
    """Two panels, {title: {name: norms}}: the norms against the steps back."""
    figure = make_figure(7.5, 3)
    for place, (title, curves) in enumerate(panels.items()):
        axes = figure.add_axes([0.1 + 0.37 * place, 0.17, 0.33, 0.72])
        for (name, norms), color in zip(curves.items(), SERIES):
            axes.plot(norms, color=color, label=name)
        axes.set_yscale("log")
        axes.set_ylim(1e-12, most)
        plain(axes)
        axes.set_title(title, fontsize=10, loc="left")
        axes.set_xlabel("steps back")
    figure.axes[0].set_ylabel("norm of the gradient")
    figure.axes[1].tick_params(labelleft=False)
    figure.legend(*axes.get_legend_handles_labels(), loc="center right", frameon=False)
    return figure


def by_radius(linear):
    return {r"$\rho$ = %.1f" % rho: reach(rho, linear) for rho in (0.8, 1.0, 1.2)}


panels = {"without tanh": by_radius(True), "with tanh": by_radius(False)}
picture(
    steps_back(panels, 1e10),
    "07_radius",
    "The gradient's norm against the steps back: straight lines without tanh, falling, level, rising; with tanh lower ones.",
)

# %% [markdown]
# Without tanh it is $\rho^k$ exactly, a straight line. Tanh takes off more wherever it is flat. So above 1 the two work against
# each other: what the matrix stretches drives tanh to where it is flat. This is no balance that one could rely on; with other
# inputs, or after an update, the same cell explodes.
#
# **By cell.** Now the *adding problem* (Hochreiter and Schmidhuber 1997): 50 numbers, two of them marked; the answer, after
# the last, is the sum of these two. `build_gradient_reach` measures the norm of $\partial L / \partial h_t$ for every step; of
# an LSTM also that of its second state $c$ (lesson 8), which is its memory. First with the weights as they were drawn, then
# after some hundred training steps:

# %%
from rnn_tf1.data.generated.memory_tasks import ADDING_BASELINE, adding_batch
from rnn_tf1.models.memory import MemoryConfig, build_gradient_reach, build_memory_net
from rnn_tf1.training.optimize import build_train_op

BUDGET = {"basic": 300, "gru": 300, "lstm": 500}  # training steps


class Adder(object):
    """A network for the adding problem, and what its training needs, in one session."""

    def __init__(self, cell, unroll, clip_norm=1.0, rate=0.01, optimizer="adam"):
        config = MemoryConfig("adding", 50, cell, units=32, unroll=unroll)
        with tf.Graph().as_default():
            tf.set_random_seed(1)
            self.net = build_memory_net(config)
            step = tf.train.get_or_create_global_step()
            self.op = build_train_op(self.net.loss, rate, step, clip_norm, optimizer)
            with tf.variable_scope(tf.get_variable_scope(), reuse=True):
                self.measured = build_gradient_reach(config)
            self.session = tf.Session()
            self.session.run(tf.global_variables_initializer())

    def train(self, steps):
        """Losses and gradient norms, one for each step."""
        found = []
        for step in range(steps):
            batch = adding_batch(50, 50, 0, step)
            fetched = [self.net.loss, self.op.gradient_norm, self.op.op]
            feed = dict(zip([self.net.inputs, self.net.targets], batch))
            found.append(self.session.run(fetched, feed)[:2])
        return np.array(found).T

    def reach(self):
        """The norms, 0, 1, 2, ... steps before the end; of c where there is one."""
        batch = adding_batch(50, 50, 0, 0, "valid")
        feed = dict(zip([self.measured.inputs, self.measured.targets], batch))
        norms = self.session.run(self.measured.norms, feed)
        return norms.get("c", norms["h"])[::-1]


before, after = {}, {}
print("error without memory %.3f" % ADDING_BASELINE)
for cell, steps in BUDGET.items():
    adder = Adder(cell, "dynamic" if cell == "basic" else "fused")
    before[cell] = adder.reach()
    losses, _ = adder.train(steps)
    after[cell] = adder.reach()
    print("%-5s error after %d steps %.3f" % (cell, steps, losses[-50:].mean()))

# %%
# c says nothing after the last step: there its norm is 0, and is left out
panels = {
    title: {
        "lstm, c" if cell == "lstm" else cell: np.where(norm > 1e-12, norm, np.nan)
        for cell, norm in norms.items()
    }
    for title, norms in (("as drawn", before), ("trained", after))
}
picture(
    steps_back(panels, 10),
    "07_cells",
    "The gradient's norm by cell: before training all three reach back; after it the plain cell's vanishes within a few steps, "
    "those of GRU and LSTM are level.",
)

# %% [markdown]
# At the left is a surprise: as drawn, the LSTM's gradient falls *faster* than the plain cell's. Its forget gate begins at
# $\sigma(1)$, about three quarters a step, and that is all there is at first. An LSTM does not come without vanishing
# gradients, as one often reads; it comes with a gate that can *learn* to be open. At the right it has learned: the gradient of
# GRU and LSTM is about as large fifty steps back as five steps back. The plain cell's training has closed the way: a few steps
# back next to nothing is left, and it answers like a network without memory.
#
# The full run goes up to 400 steps and six cells (green: solved):

# %%
full_run("long_memory_tf2")

# %% [markdown]
# ![Which cell solved the adding problem and the copy task at which length](../pictures/long_memory.png)
#
# **Clipping.** Against explosion there is a remedy of one line (Pascanu et al. 2013, "On the Difficulty of Training Recurrent
# Neural Networks"): where the norm of the whole gradient is above some $c$, scale all of it down to $c$,
#
# $$g \leftarrow g \cdot \min\left(1, \frac{c}{\|g\|}\right)$$
#
# The direction stays, the step is no longer a leap. Below is a ReLU cell that begins as the identity (Le et al. 2015), for
# which nothing bounds the state, on the same problem, with $c = 1$ and without:

# %%
from matplotlib.collections import LineCollection

figure = make_figure(7.5, 3)
panels = [figure.add_axes([0.1 + 0.37 * place, 0.17, 0.29, 0.72]) for place in (0, 1)]
for color, (name, clip_norm) in zip(SERIES, (("clipped", 1.0), ("not clipped", None))):
    adder = Adder("irnn", "dynamic", clip_norm, optimizer="sgd")
    losses, norms = adder.train(120)
    left = adder.reach()[10]
    print("%-11s largest norm %7.1f" % (name, norms.max()), end=", ")
    print("error %.2f, gradient ten steps back %.1e" % (losses[-20:].mean(), left))
    for axes, values in zip(panels, (norms, losses)):
        # Not as a line: pictures are compared by their lines, and spikes come elsewhere on another machine.
        points = np.stack([np.arange(120), np.clip(values, 1e-3, 1e6)], axis=1)
        axes.add_collection(LineCollection([points], colors=[color], label=name))
for axes, label, limits in zip(
    panels, ("norm of the gradient", "loss"), ((1e-2, 1e5), (0.05, 1e3))
):
    plain(axes)
    axes.set_yscale("log")
    axes.set_xlim(0, 120)
    axes.set_ylim(*limits)
    axes.set_xlabel("training step")
    axes.set_title(label, fontsize=10, loc="left")
panels[0].axhline(1, color=FAINT, linestyle=":")
panels[1].axhline(ADDING_BASELINE, color=FAINT, linestyle=":")
handles = panels[0].get_legend_handles_labels()
figure.legend(*handles, loc="center right", frameon=False)
picture(
    figure,
    "07_clipping",
    "Norms of the gradient and losses over the training: without clipping both leap up once, and the network is ruined.",
)

# %% [markdown]
# The norms are those before clipping; dotted are $c$ at the left and the error without memory at the right. Without clipping,
# one update throws the loss up. What follows looks like learning and is not: the weights have landed where all units are 0,
# and only the bias of the last layer finds its way back. In the end both errors are those of a network without memory, but one
# of the two networks is dead: no gradient comes back through it, and none will. The clipped one has taken large gradients
# nearly all the time, and can go on. Watch the norm, which the library's events keep; and mind that where it is clipped at
# nearly *every* step, as here, the clipping has become a part of the learning rate.
#
# ## What goes wrong
#
# **The loss is not a number.** A rate that is too high and no clipping. TensorFlow goes on with NaN for as long as you pay for
# the machine; the library's training loop stops, and names the step and the variable:

# %%
import tempfile

from rnn_tf1 import TrainingError, training

adder = Adder("irnn", "dynamic", clip_norm=None, rate=10.0, optimizer="sgd")


def feeds(epoch, start):
    for step in range(start, 20):
        yield dict(
            zip([adder.net.inputs, adder.net.targets], adding_batch(50, 50, 0, step))
        )


with tempfile.TemporaryDirectory() as folder, adder.net.loss.graph.as_default():
    with goes_wrong(TrainingError):
        training.fit(
            adder.session,
            adder.op,
            {"loss": adder.net.loss},
            feeds,
            lambda: {},
            training.Schedule(20, 1, monitor=None),
            training.RunFolder(folder, {}),
        )

# %% [markdown]
# **The state is not carried.** The op that carries it was built and never run; nothing complains. The first piece is right, and
# each later one begins from zeros:

# %%
forgotten = in_pieces(0.9, 10, carried=False)[0]
for piece in range(4):
    now = slice(10 * piece, 10 * piece + 10)
    apart = np.abs(forgotten[:, now] - outputs[:, now]).max()
    print("piece %d: the outputs are off by %.4f" % (piece + 1, apart))

# %% [markdown]
# The same happens where batches are shuffled: row $i$ of a batch must go on where row $i$ of the batch before ended.
#
# **Train and test share a state.** Both graphs in one, each with its keeper, and the second finds the name taken:

# %%
from rnn_tf1 import GraphError

with tf.Graph().as_default(), goes_wrong(GraphError):
    for batch_size in (BATCH, 1):
        StateKeeper(BasicRNNCell(UNITS), batch_size)

# %% [markdown]
# **Clipped, but each number by itself.** `tf.clip_by_value` also bounds a gradient, and turns it: two numbers that were a
# hundred times apart are now ten times apart, or equal. `tf.clip_by_global_norm`, of all gradients together, keeps the
# direction.

# %%
long = np.array([100.0, 1.0, -0.1])
for name, clipped in (
    ("by value", np.clip(long, -1, 1)),
    ("by norm", long / np.linalg.norm(long)),
):
    cosine = clipped @ long / np.linalg.norm(clipped) / np.linalg.norm(long)
    print(
        "%-8s %s  angle to the gradient %.0f degrees"
        % (name, clipped, np.degrees(np.arccos(min(cosine, 1))))
    )

# %% [markdown]
# ## Exercises
#
# Try each of them first: its solution is folded away below it.
#
# 1. An LSTM's forget gate begins at $\sigma(b)$, $b = 1$ by default. What of a gradient is left after 50 steps for $b$ = 0, 1,
#    3 and 5? For which $b$ is it one half? (Jozefowicz et al. 2015 found $b = 1$ to matter; for long tasks it is set higher.)

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
for b in (0, 1, 3, 5):
    print("b = %d: %.1e" % (b, (1 / (1 + np.exp(-b))) ** 50))
gate = 0.5 ** (1 / 50)
print("one half at b = %.2f" % np.log(gate / (1 - gate)))

# %% [markdown]
# 2. By $\rho^k$, after how many steps is a gradient below a hundredth for $\rho = 0.9$? Count it with `reach`, without tanh and
#    with it.

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
print("computed %d" % np.ceil(np.log(0.01) / np.log(0.9)))
for linear in (True, False):
    print("counted %d" % np.argmax(np.array(reach(0.9, linear)) < 0.01))

# %% [markdown]
# 3. Pieces of five steps: how much of the gradient is cut off at $\rho$ = 0.3, 0.6, 0.9 and 1.1? When does truncation cost
#    nothing?

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
for radius in (0.3, 0.6, 0.9, 1.1):
    full = back_through_time(*weights(radius))[1]
    lost = np.linalg.norm(in_pieces(radius, 5)[1] - full) / np.linalg.norm(full)
    print("radius %.1f: %5.1f %%" % (radius, 100 * lost))
# Where the gradient vanishes anyhow, there is nothing to cut: what truncation costs, the network must be able to use.
