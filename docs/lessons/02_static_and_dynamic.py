# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Static and dynamic unrolling
#
# A recurrent layer takes the same step many times. A graph can say this in two ways. It can hold a copy of the step for every
# time step, wired one behind the other: this is *static* unrolling. Or it can hold the step once, inside a loop that is a part
# of the graph: this is *dynamic* unrolling. Weights, names and numbers are the same. What differs is how large the graph is,
# how long it takes to build, how fast it runs, and whether it must know the number of steps beforehand.

# %%
from lesson import goes_wrong, picture, print_difference
from rnn_tf1.plotting.diagrams.unrolled import plot_unrolled

picture(
    plot_unrolled(4),
    "02_unrolled",
    "One cell with a loop, equal to the same cell drawn four times in a row.",
)

# %% [markdown]
# This is the figure of lesson 1 with two more steps, and now both halves have names: the left one is the graph that
# `dynamic_rnn` builds, the right one that of `static_rnn`.
#
# ## The equation
#
# Both compute the same recurrence, with a cell $f$ (lesson 1: $f(x, h) = \tanh([x, h] W + b)$):
#
# $$h_t = f(x_t, h_{t-1}), \qquad t = 1, \dots, T$$
#
# Let one copy of $f$ be $s$ nodes. Then the graphs have
#
# $$N_\text{static}(T) = a + s\,T, \qquad N_\text{dynamic}(T) = c$$
#
# nodes: a straight line and a constant. The constant $c$ is larger than $a + s$, since a loop needs nodes of its own: a
# counter, a condition, an array for what comes out of each step.
#
# ## From scratch
#
# A graph is a list of operations, each with a name, a function, and the names of what it reads. To run it is to go through the
# list. That is all it takes to unroll in both ways. First the step of the plain cell, as a graph of four nodes:

# %%
import numpy as np

random = np.random.RandomState(2)
inputs = random.normal(size=[4, 8, 3]).astype(np.float32)  # [batch, time, depth]
kernel = random.normal(0, 0.3, [3 + 5, 5])
bias = random.normal(0, 0.3, [5])

STEP = [
    ("joined", lambda x, h: np.concatenate([x, h], axis=1), ["x", "h"]),
    ("product", lambda joined: joined @ kernel, ["joined"]),
    ("sum", lambda product: product + bias, ["product"]),
    ("h", np.tanh, ["sum"]),
]


def run(graph, values):
    """The values of all nodes, by name."""
    values = dict(values)
    for name, function, sources in graph:
        values[name] = function(*[values[source] for source in sources])
    return values


# %% [markdown]
# Static: the four nodes once for each step, with the number of the step in their names. `h_1` reads `h_0`, `h_2` reads `h_1`,
# and so on.


# %%
def unrolled(steps):
    graph = []
    for t in range(1, steps + 1):
        for name, function, sources in STEP:
            sources = [
                "%s_%d" % (source, t - 1 if source == "h" else t) for source in sources
            ]
            graph.append(("%s_%d" % (name, t), function, sources))
    return graph


fed = {"x_%d" % t: inputs[:, t - 1] for t in range(1, 9)}
fed["h_0"] = np.zeros([4, 5])
by_copies = run(unrolled(8), fed)["h_8"]

# %% [markdown]
# Dynamic: one node, whose function runs the four nodes as often as there are steps in what it is given:


# %%
def loop(inputs, h):
    for t in range(inputs.shape[1]):
        h = run(STEP, {"x": inputs[:, t], "h": h})["h"]
    return h


looped = [("h_end", loop, ["inputs", "h_0"])]
by_loop = run(looped, {"inputs": inputs, "h_0": np.zeros([4, 5])})["h_end"]

print_difference("copies and loop", by_copies, by_loop, most=0)
for steps in (1, 8, 64):
    nodes = len(unrolled(steps)), len(looped) + len(STEP)
    print("T = %2d: static %3d nodes, dynamic %d" % ((steps,) + nodes))

# %% [markdown]
# ## By the library
#
# There are three functions: `static_rnn`, `dynamic_rnn`, and `manual_rnn`, which is there to be read. It is a Python loop that
# builds one step after another. Here it is, without its docstring:

# %%
import inspect

from rnn_tf1 import BasicRNNCell, dynamic_rnn, manual_rnn, static_rnn

source = inspect.getsource(manual_rnn)
print(source[source.index("    steps, as_tensor") :])

# %% [markdown]
# The Python loop runs while the graph is built, and leaves one copy of the step behind for each turn. `lengths` are for the
# next lesson, `time_step` for dropout. All three get the weights from above:

# %%
import tensorflow.compat.v1 as tf

for unroll in (manual_rnn, static_rnn, dynamic_rnn):
    with tf.Graph().as_default(), tf.Session() as session:
        cell = BasicRNNCell(5)
        outputs, state = unroll(cell, tf.constant(inputs))
        for variable, value in zip(cell.variables, [kernel, bias]):
            variable.load(value, session)
        print_difference(
            "%s and from scratch" % unroll.__name__, session.run(state), by_copies
        )
        print("   ", [variable.name for variable in cell.variables])

# %% [markdown]
# Since the names are the same, a checkpoint of one restores into another: train with `static_rnn`, and go on with
# `dynamic_rnn`.
#
# ## What to look at
#
# **The graphs themselves.** `show_graph` draws what a function has built, with each call of a cell folded into one box. Three
# steps, static: the cell is called three times, and each call reads the state of the one before and the same variables.


# %%
from rnn_tf1.plotting.graph_drawing.graph import show_graph


def graph_of(unroll):
    with tf.Graph().as_default() as graph:
        unroll(BasicRNNCell(5), tf.placeholder(tf.float32, [None, 3, 3], name="inputs"))
    return graph


show_graph(graph_of(static_rnn))

# %% [markdown]
# Dynamic: one box, the loop, with the cell in it. Three steps or three thousand, this is the drawing. (The two transpositions
# put the time first and back again, since the loop takes its input apart along the first axis.)

# %%
show_graph(graph_of(dynamic_rnn))

# %% [markdown]
# **The number of nodes.** On TensorFlow 2 the body of a loop is kept beside the graph, as a function; a fair count includes
# it. A graph for training has the gradient too.


# %%
def count_nodes(graph):
    definition = graph.as_graph_def()
    bodies = definition.library.function
    return len(definition.node) + sum(len(body.node_def) for body in bodies)


def build(unroll, steps, gradient=True, cell=BasicRNNCell):
    """The state after `steps` steps of 5 units, or its gradient."""
    x = tf.placeholder(tf.float32, [None, steps, 3])
    outputs, state = unroll(cell(5), x)
    return tf.gradients(state, tf.trainable_variables()) if gradient else state


def nodes_of(unroll, steps, **options):
    with tf.Graph().as_default() as graph:
        build(unroll, steps, **options)
        return count_nodes(graph)


LENGTHS = [1, 2, 4, 8, 16, 32, 64]
counts = {}
for gradient in (False, True):
    for unroll in (manual_rnn, static_rnn, dynamic_rnn):
        name = unroll.__name__, gradient
        counts[name] = [nodes_of(unroll, T, gradient=gradient) for T in LENGTHS]
        print("%-11s %s" % (name[0], "with gradient" if gradient else ""), counts[name])

# %%
from rnn_tf1.plotting.page import SERIES, make_figure, plain

figure = make_figure(7.5, 3.2)
for place, gradient in enumerate((False, True)):
    axes = figure.add_axes([0.1 + 0.48 * place, 0.17, 0.4, 0.7])
    for color, marker, unroll in zip(
        SERIES, "osD", (manual_rnn, static_rnn, dynamic_rnn)
    ):
        name = unroll.__name__
        values = counts[name, gradient]
        axes.plot(LENGTHS, values, marker=marker, color=color, label=name, markersize=4)
    plain(axes)
    axes.set_title("with the gradient" if gradient else "outputs alone", fontsize=10)
    axes.set_xlabel("time steps T")
    axes.set_xticks([1, 16, 32, 64])
    axes.set_ylim(0, 1700)
    if not gradient:
        axes.set_ylabel("nodes")
        axes.legend(frameon=False)
picture(
    figure,
    "02_nodes",
    "Nodes against time steps: straight lines upwards for manual_rnn and static_rnn, flat for dynamic_rnn.",
)

# %% [markdown]
# Straight lines and a constant, as the equation has it. The slope is the size $s$ of one copy (on TensorFlow 2, each copy of
# `manual_rnn` has two more nodes: it reads the two variables anew, where `static_rnn` reads them once):

# %%
for name, values in counts.items():
    slope = (values[-1] - values[-2]) / (LENGTHS[-1] - LENGTHS[-2])
    what = "with the gradient" if name[1] else "outputs alone"
    print("%-11s %-17s %4.1f nodes for each step" % (name[0], what, slope))

# %% [markdown]
# **Time.** Nodes cost time when they are made, and once more at the first session call, when TensorFlow prepares the graph.
# After that, each step of a loop costs some bookkeeping that a copy does not:

# %%
import time


def measure(unroll, steps):
    """Seconds to build a training graph, of its first call, and of a later one."""
    with tf.Graph().as_default(), tf.Session() as session:
        start = time.perf_counter()
        gradients = build(unroll, steps)
        built = time.perf_counter()
        session.run(tf.global_variables_initializer())
        feed = {"Placeholder:0": np.ones([10, steps, 3])}
        times = []
        for _ in range(60):
            began = time.perf_counter()
            session.run(gradients, feed)
            times.append(time.perf_counter() - began)
        return built - start, times[0], min(times[1:])


for steps in (8, 64):
    for unroll in (static_rnn, dynamic_rnn):
        figures = tuple(1000 * seconds for seconds in measure(unroll, steps))
        text = "T = %2d  %-11s building %4.0f ms, first call %4.0f ms, later %5.2f ms"
        print(text % ((steps, unroll.__name__) + figures))

# %% [markdown]
# These figures are of the machine that built this page. The cells here are tiny, so that the bookkeeping shows; with hundreds
# of units the arithmetic outweighs it and the two come close. So: `static_rnn` where $T$ is fixed and below a hundred or so,
# for the fastest steps (lesson 4 reads 28 rows with it); `dynamic_rnn` for long sequences, for sequences of any length, and
# while you are still trying things out and build graphs all day.
#
# **Memory.** It is a common hope that a loop saves memory, because its graph is small. The graph is not what fills the memory.
# To train, the backward pass needs what every step computed, and both ways keep it: it grows with $T$ in both
# (`benchmarks/sequence_memory.py` measures it). What helps is truncation (lesson 7). `dynamic_rnn` has two switches.
# `swap_memory=True` moves what is kept from a GPU's memory to the host's, and back when it is needed. That was a switch of
# TensorFlow 1's loops: those of TensorFlow 2 take the argument and ignore it. `parallel_iterations`, 32 by default, is how
# many turns of the loop may be under way at once as far as they do not wait for each other; in a recurrence they mostly do,
# and a smaller number can save some memory.
#
# **Any number of steps.** The loop asks its input how long it is, at every session call. So one graph serves all:

# %%
with tf.Graph().as_default(), tf.Session() as session:
    cell = BasicRNNCell(5)
    x = tf.placeholder(tf.float32, [None, None, 3])
    outputs, state = dynamic_rnn(cell, x)
    for variable, value in zip(cell.variables, [kernel, bias]):
        variable.load(value, session)
    for steps in (1, 8, 1000):
        long = np.resize(inputs, [4, steps, 3])
        print(session.run(outputs, {x: long}).shape)
        print_difference(
            "T = %d and from scratch" % steps,
            session.run(state, {x: long}),
            loop(long, np.zeros([4, 5])),
        )

# %% [markdown]
# ## What goes wrong
#
# **Static unrolling of an unknown number of steps.** There is no telling how many copies to make:

# %%
with tf.Graph().as_default(), goes_wrong(ValueError):
    static_rnn(BasicRNNCell(5), tf.placeholder(tf.float32, [None, None, 3]))

# %% [markdown]
# **A static graph, fed with another length.** It was built for 8 steps and has 8:

# %%
with tf.Graph().as_default(), tf.Session() as session:
    x = tf.placeholder(tf.float32, [None, 8, 3])
    outputs, state = static_rnn(BasicRNNCell(5), x)
    session.run(tf.global_variables_initializer())
    with goes_wrong(ValueError):
        session.run(state, {x: inputs[:, :6]})

# %% [markdown]
# Shorter sequences can be padded: the next lesson. Longer ones cannot be read.
#
# **Python in the cell runs when the graph is built.** A `print` in a cell looks like a way to watch the steps. In a static
# graph it speaks once for each copy, and in a loop once, for the one step that there is. It never speaks in a session:


# %%
class Talking(BasicRNNCell):
    def call(self, inputs, state):
        print("  a step is built")
        return super().call(inputs, state)


for unroll in (static_rnn, dynamic_rnn):
    with tf.Graph().as_default(), tf.Session() as session:
        print("%s, building 3 steps:" % unroll.__name__)
        outputs, state = unroll(Talking(5), tf.constant(inputs[:, :3]))
        session.run(tf.global_variables_initializer())
        print("  running them:")
        session.run(state)

# %% [markdown]
# The same holds for a Python counter, a `time.time()` or a NumPy random number in a cell: it is computed while building, and
# stays what it was. What shall happen at every step has to be an operation: `tf.print`, `tf.random.uniform`.
#
# **A graph that grows while it trains.** Every call of a TensorFlow function adds nodes, also in the midst of a training loop.
# The program becomes slower step by step, and the memory fills:

# %%
with tf.Graph().as_default() as graph, tf.Session() as session:
    outputs, state = dynamic_rnn(BasicRNNCell(5), tf.constant(inputs))
    session.run(tf.global_variables_initializer())
    for step in range(3):
        session.run(tf.reduce_mean(state))  # wrong: builds the mean anew in each step
        print("after step %d: %d nodes" % (step + 1, count_nodes(graph)))
    graph.finalize()
    with goes_wrong(RuntimeError):
        session.run(tf.reduce_mean(state))

# %% [markdown]
# `graph.finalize()` behind the last line that builds turns this quiet mistake into a loud one.
#
# ## Exercises
#
# Try each of them first: its solution is folded away below it.
#
# 1. How many nodes has a static training graph of 128 steps? Compute it from the counts of 32 and 64 steps, then build it and
#    count.

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
of_32, of_64 = counts["static_rnn", True][-2:]
print(
    "expected:", of_64 + 2 * (of_64 - of_32)
)  # 64 more steps, at the price of 32 twice
print("counted: ", nodes_of(static_rnn, 128))

# %% [markdown]
# 2. An LSTM cell (lesson 8) computes more in each step. Guess: how much steeper is its line, and what happens to the constant
#    of the loop? And what changes with 500 units instead of 5?

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
from rnn_tf1 import LSTMCell

for unroll in (static_rnn, dynamic_rnn):
    plain_cell = [nodes_of(unroll, T) for T in (8, 16)]
    lstm_cell = [nodes_of(unroll, T, cell=LSTMCell) for T in (8, 16)]
    print("%-11s plain %s, LSTM %s" % (unroll.__name__, plain_cell, lstm_cell))

large = nodes_of(static_rnn, 8, cell=lambda units: BasicRNNCell(100 * units))
print("500 units:", large, "- a node is an operation, however large its matrices")

# %% [markdown]
# 3. You have a static graph of 8 steps and sequences of 64. Read them with it all the same, eight steps at a time, so that the
#    last state is that of the whole sequence.

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
long = random.normal(size=[4, 64, 3]).astype(np.float32)
with tf.Graph().as_default(), tf.Session() as session:
    cell = BasicRNNCell(5)
    x, h = (tf.placeholder(tf.float32, shape) for shape in ([4, 8, 3], [4, 5]))
    outputs, state = static_rnn(cell, x, initial_state=h)
    for variable, value in zip(cell.variables, [kernel, bias]):
        variable.load(value, session)
    carried = np.zeros([4, 5])
    for start in range(
        0, 64, 8
    ):  # each part begins with the state that the last one left
        carried = session.run(state, {x: long[:, start : start + 8], h: carried})
print_difference("eight parts and the whole", carried, loop(long, np.zeros([4, 5])))
