# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Deep networks, and layers on devices
#
# A recurrent network is deep in time already: each step stands on the one before. It can be deep in a second direction, too.
# Put one layer above another, and let the upper one read what the lower one says, at every step. Each layer has a state and
# weights of its own. The lowest sees the input, the highest gives the output, and those between work on something that is
# neither. Layers may also live on different devices; whether that pays can be read off a picture.

# %%
from lesson import full_run, goes_wrong, picture, print_difference
from rnn_tf1.plotting.diagrams.unrolled import plot_unrolled

picture(
    plot_unrolled(4, layers=3),
    "10_deep",
    "Three layers, folded at the left and over four steps at the right: arrows lead upwards from layer to layer, and to the "
    "right from step to step.",
)

# %% [markdown]
# States go to the right, outputs go up. There is no other arrow: a layer hands its state to itself only.
#
# ## The equation
#
# Layer $l$ at step $t$ reads the layer below at the same step, and itself at the step before:
#
# $$h_t^{(l)} = \text{cell}_l\left(h_t^{(l-1)},\; h_{t-1}^{(l)}\right), \qquad h_t^{(0)} = x_t$$
#
# The output of the network is $h_t^{(L)}$, that of the highest layer. Its state has one part for each layer.
#
# ## From scratch
#
# Three layers of plain cells; the lowest reads 3 numbers, the others 5. There are two orders in which to go through the
# picture: all layers for one step, then the next step; or one layer through all steps, then the next layer.

# %%
import io

import numpy as np

random = np.random.RandomState(1)
LAYERS, STEPS, UNITS = 3, 7, 5
inputs = random.normal(size=[4, STEPS, 3])  # [batch, time, depth]
kernels = [random.normal(0, 0.4, [n + UNITS, UNITS]) for n in (3, UNITS, UNITS)]
biases = [random.normal(0, 0.4, [UNITS]) for _ in range(LAYERS)]


def step(layer, x, h):
    return np.tanh(np.concatenate([x, h], axis=1) @ kernels[layer] + biases[layer])


states = [np.zeros([4, UNITS]) for _ in range(LAYERS)]
outputs = []
for t in range(STEPS):  # all layers for one step, then the next step
    x = inputs[:, t]
    for layer in range(LAYERS):
        x = states[layer] = step(layer, x, states[layer])
    outputs.append(x)
outputs = np.stack(outputs, axis=1)

sequence = [inputs[:, t] for t in range(STEPS)]
for layer in range(LAYERS):  # one layer through all steps, then the next layer
    h = np.zeros([4, UNITS])
    for t in range(STEPS):
        h = sequence[t] = step(layer, sequence[t], h)

print_difference(
    "step by step, and layer by layer", outputs, np.stack(sequence, axis=1), most=0
)

# %% [markdown]
# ## By the library
#
# `MultiRNNCell` makes one cell from several; whatever takes a cell takes it. Its variables are numbered by layer:

# %%
import tensorflow.compat.v1 as tf

from rnn_tf1 import BasicRNNCell, GRUCell, LSTMCell, MultiRNNCell, static_rnn

with tf.Graph().as_default(), tf.Session() as session:
    cell = MultiRNNCell([BasicRNNCell(UNITS) for _ in range(LAYERS)])
    library = static_rnn(cell, tf.constant(inputs))
    values = [value for pair in zip(kernels, biases) for value in pair]
    for variable, value in zip(cell.variables, values):
        print(variable.name, variable.shape.as_list())
        variable.load(value, session)
    library_outputs, library_state = session.run(library)

print_difference("outputs", outputs, library_outputs, most=1e-12)
for layer in range(LAYERS):
    name = "state of layer %d" % layer
    print_difference(name, states[layer], library_state[layer], most=1e-12)

# %% [markdown]
# The state is a tuple with the state of each layer, the lowest first. Layers need not be of one kind. With an LSTM below a
# GRU, the first part is a pair and the second is not:

# %%
with tf.Graph().as_default():
    cell = MultiRNNCell([LSTMCell(5), GRUCell(4)])
    outputs, state = static_rnn(cell, tf.constant(inputs))
    print(cell.state_size)
    print("state[0].c", state[0].c.shape, " state[1]", state[1].shape)
    print("outputs", outputs.shape)

# %% [markdown]
# ## What to look at
#
# **Does depth help?** On a small task, a little. Digits read row by row, by three layers of LSTM units and by one:

# %%
full_run("deep_rnn_rows_tf2")
full_run("mnist_rows_lstm_tf2")

# %% [markdown]
# The first run trains two networks, with dropout (lesson 11) and without, and its time is that of both; the accuracy is
# that of the one with dropout. There are 10,000 test images: divide the difference by a hundredth of a percent to get it in
# images, and set the times of training beside it. Depth counts where there is much to learn: the language models and
# translators of later lessons have two layers and more.
#
# **What may happen at the same time?** A cell can start as soon as both arrows that lead into it are there. Let every cell
# take one moment:

# %%
moment = np.zeros([LAYERS, STEPS], int)
for layer in range(LAYERS):
    for t in range(STEPS):
        below = moment[layer - 1, t] if layer else 0
        before = moment[layer, t - 1] if t else 0
        moment[layer, t] = 1 + max(below, before)
print(
    "one after the other %d moments, at the same time %d" % (moment.size, moment.max())
)

from rnn_tf1.plotting.page import BLUE, ORANGE, SERIES, make_figure, plain

figure = make_figure(7.2, 2.6)
axes = figure.add_axes([0.12, 0.24, 0.86, 0.72])
axes.set_axisbelow(True)
for layer in range(LAYERS):
    for t in range(STEPS):
        axes.barh(layer, 0.96, 0.8, moment[layer, t] - 0.48, color=SERIES[layer])
        axes.text(
            moment[layer, t],
            layer,
            "t = %d" % (t + 1),
            ha="center",
            va="center",
            color="w",
        )
axes.set_xlim(0.4, moment.max() + 0.6)
axes.set_ylim(-0.6, LAYERS - 0.4)
axes.set_xticks(range(1, moment.max() + 1))
axes.set_yticks(range(LAYERS))
axes.set_yticklabels(["cell_%d" % layer for layer in range(LAYERS)])
axes.set_xlabel("moment")
for side in ("top", "right"):
    axes.spines[side].set_visible(False)
picture(
    figure,
    "10_moments",
    "Three rows of boxes, one for each layer; each row begins one moment after the one below it, so that most of the time all "
    "three layers work, on three different steps.",
)

# %% [markdown]
# While the lowest layer reads step 3, the next can be at step 2 and the highest at step 1. So three devices could do the
# work of one in little more than a third of the time. TensorFlow works like this by itself: whatever has its inputs may
# run. What is left to say is where. `DeviceCellWrapper(device, cell)` puts a layer's operations, variables and zero state
# on a device.
#
# A machine without GPUs can pretend to have several CPUs, which is good for a test. `placement_report` then runs the graph
# once with tracing on, and reads from the runtime what really happened:

# %%
from rnn_tf1 import DeviceCellWrapper
from rnn_tf1.devices.placement import placement_report

settings = tf.ConfigProto(device_count={"CPU": 3}, allow_soft_placement=True)


def three_layers(devices):
    cell = MultiRNNCell([DeviceCellWrapper(device, LSTMCell(5)) for device in devices])
    return static_rnn(cell, tf.constant(inputs))[0]


with tf.Graph().as_default() as graph, tf.Session(config=settings) as session:
    outputs = three_layers(["/cpu:0", "/cpu:1", "/cpu:2"])
    session.run(tf.global_variables_initializer())
    found = placement_report(graph, session, outputs)

# %% [markdown]
# Each line is a layer: the device that was asked for, the one that was given, and what was there. Between two layers, each
# step's output is sent, and nothing else:

# %%
print("%d steps of 4 rows of 5 numbers of 8 bytes: %d" % (STEPS, STEPS * 4 * 5 * 8))
print({transfer.bytes for transfer in found.transfers})

# %% [markdown]
# **When does it pay?** Where a layer's work for one step takes much longer than sending `[batch, units]` to the next
# device: wide layers, large batches, a processor of its own for each. Or where one device has not the memory for all
# layers. Virtual CPUs share the same cores, which one device would use as well, so there is nothing to gain. `python
# examples/multi_device.py` measures it on your machine: training steps over several devices beside the same steps on one,
# with the report and a picture of which layer ran when. Its training op comes from
# `rnn_tf1.training.optimize.build_train_op`, which puts each gradient beside the operation that it belongs to; TensorFlow
# alone runs all gradients on the default device.
#
# ## What goes wrong
#
# **The same cell three times.** In Python, `[cell] * 3` is a list with one object in three places:

# %%
from rnn_tf1 import GraphError

with tf.Graph().as_default(), goes_wrong(GraphError):
    MultiRNNCell([LSTMCell(5)] * 3)

# %% [markdown]
# TensorFlow 1.15 lets this line pass with a warning in the log, and builds three layers with one set of weights where the
# inputs are as wide as the layers. Where they are not, with 3 inputs and 5 units for example, it ends in *Dimensions must be
# equal, but are 10 and 8*: the rows that the kernels of the second layer and of the first should have. Here it is refused.
# Who wants layers that share their weights can call one cell several times.
#
# **One tensor for the state of all layers:**

# %%
with tf.Graph().as_default(), goes_wrong(GraphError):
    cell = MultiRNNCell([LSTMCell(5), GRUCell(4)])
    static_rnn(cell, tf.constant(inputs), initial_state=tf.zeros([4, 14], tf.float64))

# %% [markdown]
# **The state taken for the output.** What an upper layer or a classifier should read is `outputs`, or `state[-1]`, the highest
# layer's; `state[0]` is the lowest one's, and has the right shape where all layers are equally wide:

# %%
print(
    "state[-1] and the last output differ by %.2f"
    % np.abs(library_state[-1] - library_outputs[:, -1]).max()
)
print(
    "state[0] and the last output differ by %.2f"
    % np.abs(library_state[0] - library_outputs[:, -1]).max()
)

# %% [markdown]
# **A device that is not there.** Without soft placement, TensorFlow refuses at the first session call. With it, the layer
# is moved elsewhere in silence, and the program is slow for no visible reason. `check_devices` asks before that:

# %%
from rnn_tf1.devices.requests import check_devices

with tf.Graph().as_default() as graph, tf.Session(config=settings) as session:
    outputs = three_layers(["/cpu:0", "/cpu:1", "/cpu:7"])
    with goes_wrong(GraphError):
        check_devices(graph, session)
    session.run(tf.global_variables_initializer())
    found = placement_report(graph, session, outputs, file=io.StringIO())
    print("operations that were moved: %d" % len(found.moved))

# %% [markdown]
# ## Exercises
#
# Try each of them first: its solution is folded away below it.
#
# 1. How many numbers do three layers of 100 LSTM units train that read vectors of length 28?

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
with tf.Graph().as_default():
    cell = MultiRNNCell([LSTMCell(100) for _ in range(3)])
    cell(tf.zeros([1, 28]), cell.zero_state(1, tf.float32))
    print(sum(variable.shape.num_elements() for variable in cell.variables))
    print(4 * ((28 + 100) * 100 + 100) + 2 * 4 * ((100 + 100) * 100 + 100))

# %% [markdown]
# 2. How many moments do $L$ layers need for $T$ steps? How much faster can many devices be at most, for 28 steps, and 2, 3,
#    8 or 28 layers?

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
for layers in (2, 3, 8, 28):
    moments = 28 + layers - 1  # the highest layer begins after layers - 1 moments
    print("%2d layers: at most %4.1f times as fast" % (layers, 28 * layers / moments))

# %% [markdown]
# 3. `ResidualWrapper(cell)` adds the input of a layer to its output, so that the layer learns only what to change (Wu et al.
#    2016, "Google's Neural Machine Translation System", who stack eight layers of LSTM units). Build eight layers with it
#    and without, and compare the gradients of the layers' kernels. Why are they small in the upper layers, too?

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
from rnn_tf1 import ResidualWrapper


def gradient_norms(wrap):
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(1)
        x = tf.constant(random.normal(size=[20, 3, 20]))
        cell = MultiRNNCell([wrap(LSTMCell(20)) for _ in range(8)])
        outputs, _ = static_rnn(cell, x)
        loss = tf.reduce_mean(tf.square(outputs[:, -1] - x[:, -1]))
        kernels = [v for v in cell.variables if "kernel" in v.name]
        norms = [tf.norm(gradient) for gradient in tf.gradients(loss, kernels)]
        session.run(tf.global_variables_initializer())
        return session.run(norms)


figure = make_figure(7.2, 3)
axes = figure.add_axes([0.12, 0.18, 0.86, 0.78])
for wrap, name, color in (
    (lambda cell: cell, "plain", BLUE),
    (ResidualWrapper, "residual", ORANGE),
):
    axes.semilogy(range(8), gradient_norms(wrap), "o-", color=color, label=name)
plain(axes)
axes.set_xlabel("layer, the lowest at the left")
axes.set_ylabel("norm of the gradient")
axes.legend(frameon=False)
# A gate of about 0.5 and a tanh shrink what each layer hands up, and the error that it
# hands down. A kernel's gradient is a product of both: below the error is tiny, above
# the input is, and each layer has lost all the factors that there are.
picture(
    figure,
    "10_residual",
    "The norm of the gradient of each of eight layers' kernels: without residual connections it is many thousand times "
    "smaller, in every layer.",
)
