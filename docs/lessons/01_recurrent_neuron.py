# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A recurrent neuron, two steps by hand
#
# A plain neuron maps what it is shown to what it answers, and forgets both. A *recurrent* neuron is shown one thing after
# another, and at each step it also gets its own answer of the step before. That answer is its memory: it is called the
# *state*. Nothing else is new. All that follows in this course, up to a translator, is this one idea with better memories.

# %%
from lesson import goes_wrong, picture, print_difference
from rnn_tf1.plotting.diagrams.unrolled import plot_unrolled

picture(
    plot_unrolled(2),
    "01_unrolled",
    "One cell whose state loops back into it; the same cell drawn twice, its state h_1 passed from step 1 to step 2.",
)

# %% [markdown]
# At the left the network as it is, at the right what it does in two steps: it is drawn twice and is one network, with the
# same weights at both steps. Drawing it so is called *unrolling through time*.
#
# ## The equation
#
# A layer has several such neurons, its *units*. They are shown a vector $x_t$ at step $t$; their states together are the
# vector $h_t$:
#
# $$h_t = \tanh\left([x_t, h_{t-1}]\, W + b\right), \qquad h_0 = 0$$
#
# $[x_t, h_{t-1}]$ is the input with the old state written behind it, $W$ is the *kernel* with one row for each input and each
# unit, and one column for each unit. The output of the layer at step $t$ is $h_t$ itself. Jeffrey Elman described this layer in
# 1990 ("Finding Structure in Time"), and TensorFlow calls it `BasicRNNCell`.
#
# Many texts write the product as two, $x_t W_x + h_{t-1} W_h$. It is the same sum: $W_x$ is the upper part of $W$, and
# $W_h$ the lower one.
#
# ## From scratch
#
# Four sequences of two steps, each step a vector of three numbers: the shape is `[batch, time, depth]`, here `[4, 2, 3]`. The
# second sequence has only zeros at its second step; keep an eye on it. Five units need a kernel of $3 + 5 = 8$ rows and 5
# columns.

# %%
import numpy as np

inputs = np.array(
    [
        [[0, 1, 2], [9, 8, 7]],
        [[3, 4, 5], [0, 0, 0]],
        [[6, 7, 8], [6, 5, 4]],
        [[9, 0, 1], [3, 2, 1]],
    ],
    np.float32,
)
random = np.random.RandomState(1)
kernel = random.normal(0, 0.3, [3 + 5, 5])
bias = random.normal(0, 0.3, [5])

h0 = np.zeros([4, 5])
h1 = np.tanh(np.concatenate([inputs[:, 0], h0], axis=1) @ kernel + bias)
h2 = np.tanh(np.concatenate([inputs[:, 1], h1], axis=1) @ kernel + bias)

print("state after the second step, [batch 4, units 5]:")
print(h2.round(3))

# %% [markdown]
# The second row is not $\tanh(b)$, what a plain layer would say to zeros: the state of the first step is in it.
#
# ## By the library
#
# A *cell* is one step; an *unroll* takes it through all of them. TensorFlow 1 first builds a graph, in which nothing has a
# value yet, and then computes parts of it in a session:

# %%
import tensorflow.compat.v1 as tf

from rnn_tf1 import BasicRNNCell, static_rnn

with tf.Graph().as_default():
    cell = BasicRNNCell(5)
    outputs, state = static_rnn(cell, tf.constant(inputs))
    with tf.Session() as session:
        for variable, value in zip(cell.variables, [kernel, bias]):
            print(variable.name, variable.shape.as_list())
            variable.load(value, session)
        library_outputs, library_state = session.run([outputs, state])

print_difference(
    "two steps by hand and static_rnn", np.stack([h1, h2], axis=1), library_outputs
)
print_difference(
    "the last output and the state", library_outputs[:, -1], library_state, most=0
)

# %% [markdown]
# The difference is that of 32-bit and 64-bit numbers. `outputs` has all steps, `[batch, time, units]`; `state` is what the
# layer remembers after the last one. For this cell they are the same vector; for others (lesson 8) they are not.
#
# ## What to look at
#
# What a state remembers: let the network see the same second step after different first ones. A layer without memory would
# answer the same four times.

# %%
from rnn_tf1.plotting.page import SERIES, make_figure, plain


def second_state(first, second):
    before = np.tanh(np.concatenate([first, np.zeros(5)]) @ kernel + bias)
    return np.tanh(np.concatenate([second, before]) @ kernel + bias)


figure = make_figure(7, 3)
axes = figure.add_axes([0.1, 0.18, 0.62, 0.76])
for number, (first, color) in enumerate(zip(inputs[:, 0], SERIES)):
    state = second_state(first, np.zeros(3))
    axes.plot(
        range(1, 6), state, "o", color=color, label="after %s" % first.astype(int)
    )
    axes.plot(
        range(1, 6),
        np.tanh(bias),
        "_",
        color="black",
        markersize=16,
        label=None if number else "without memory",
    )
plain(axes)
axes.set_xlabel("unit")
axes.set_ylabel("state $h_2$ after zeros")
axes.set_xticks(range(1, 6))
figure.legend(loc="center right", frameon=False)
picture(
    figure,
    "01_memory",
    "The five units' states after a step of zeros: different after each of four first steps.",
)

# %% [markdown]
# ## What goes wrong
#
# **The sequence has no time axis.** A batch of vectors is not a batch of sequences:

# %%
with tf.Graph().as_default(), goes_wrong(ValueError):
    static_rnn(BasicRNNCell(5), tf.constant(inputs[:, 0]))

# %% [markdown]
# **Variables have no values.** A graph is a plan; its variables get their values from an initializer, from a checkpoint or
# from `load`, in each session anew:

# %%
with tf.Graph().as_default(), tf.Session() as session:
    outputs, state = static_rnn(BasicRNNCell(5), tf.constant(inputs))
    with goes_wrong(tf.errors.FailedPreconditionError):
        session.run(outputs)

# %% [markdown]
# **The same cell, built twice.** Called a second time, a cell reads with the variables that it has: this is what makes two
# sequences share one network. Two cells in one graph are two networks, and TensorFlow tells their variables apart by name:

# %%
with tf.Graph().as_default():
    first, second = BasicRNNCell(5), BasicRNNCell(5)
    for name, cell in (("a", first), ("a_again", first), ("b", second)):
        static_rnn(cell, tf.constant(inputs), scope=name)
    print([variable.name for variable in tf.global_variables()])

# %% [markdown]
# ## Exercises
#
# Try each of them first: its solution is folded away below it.
#
# 1. How many numbers has the kernel of a layer of 100 units that reads vectors of length 28? Check it with a cell.

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
with tf.Graph().as_default():
    cell = BasicRNNCell(100)
    cell(
        tf.zeros([1, 28]), tf.zeros([1, 100])
    )  # one step on one row: variables are made when a cell is first called
    print("(28 + 100) * 100 =", cell.variables[0].shape.num_elements())

# %% [markdown]
# 2. Swap the two steps of every sequence. Which rows of the last state change? Why would the mean of both inputs, fed to a
#    plain layer, not notice?

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
swapped = np.stack([second_state(sequence[1], sequence[0]) for sequence in inputs])
print(
    np.abs(swapped - h2).max(axis=1).round(3)
)  # every row: the order counts, and a mean has no order

# %% [markdown]
# 3. Set the lower five rows of the kernel, those of the old state, to zero. What does the layer still remember?

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
upper = np.where(np.arange(8)[:, None] < 3, kernel, 0)
after = np.tanh(np.concatenate([inputs[:, 1], h1], axis=1) @ upper + bias)
print_difference(
    "without memory and a plain layer",
    after,
    np.tanh(inputs[:, 1] @ kernel[:3] + bias),
    most=1e-12,
)
