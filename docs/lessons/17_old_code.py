# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Bringing old code and old checkpoints back to life
#
# Much of what is known about recurrent networks stands in programs for TensorFlow 1, which do not start any more. The
# equations in them are as good as ever, and so are the trained weights. A checkpoint is a table from names to arrays: whoever
# builds variables with the same names and the same meaning can read it. The cells of this library have the names of
# TensorFlow 1.15. So old code needs other imports, old checkpoints restore, and what is left are a few traps. Three of them
# raise no error.

# %%
from lesson import goes_wrong, picture, print_difference
from rnn_tf1.plotting.page import ORANGE, SERIES, make_figure, plain

figure = make_figure(7, 2.5)
axes = figure.add_axes([0.24, 0.05, 0.74, 0.72])
place = dict(ha="center", va="center", color="w", fontsize=13)
for column, (gate, color) in enumerate(zip("ijfo", SERIES)):
    axes.barh([1, 0], [0.98, 0.98], [0.96, 0.96], column, color=color)
    axes.barh([-1], [0.98], [0.3], column, color=color)
    axes.text(column + 0.49, 1, "$W_{x%s}$" % gate, **place)
    axes.text(column + 0.49, 0, "$W_{h%s}$" % gate, **place)
axes.set_xlim(0, 4)
axes.set_ylim(-1.2, 1.55)
axes.xaxis.tick_top()
axes.set_xticks([0.49, 1.49, 2.49, 3.49])
axes.set_xticklabels(
    ["i\ninput gate", "j\nnew input", "f\nforget gate", "o\noutput gate"]
)
axes.set_yticks([1, 0, -1])
axes.set_yticklabels(["kernel: rows of $x_t$", "rows of $h_{t-1}$", "bias"])
axes.tick_params(length=0)
for side in axes.spines.values():
    side.set_visible(False)
picture(
    figure,
    "17_kernel",
    "The kernel of an LSTM layer in a TensorFlow 1 checkpoint: rows of the input above rows of the old state, and four "
    "blocks of columns in the order i, j, f, o. The bias has the same four blocks.",
)

# %% [markdown]
# This is what a TensorFlow 1 checkpoint holds for one LSTM layer. The order of the blocks is a convention, and other
# libraries have other ones.
#
# ## The equation
#
# The LSTM of lesson 8, with the letters of TensorFlow's source. $j$ is what wants to come in, $\odot$ is number by number:
#
# $$[i, j, f, o] = [x_t, h_{t-1}]\, W + b$$
#
# $$c_t = \sigma(f + \beta) \odot c_{t-1} + \sigma(i) \odot \tanh(j)$$
#
# $$h_t = \sigma(o) \odot \tanh(c_t)$$
#
# $\beta$ is `forget_bias`. It is an argument of the cell and no variable, so **it is not in the checkpoint**. Its default is 1;
# TensorFlow's tutorial on language models set it to 0.
#
# ## From scratch
#
# First an old file. We make one here with plain variables, which have the names that the tutorial's model had for its
# embedding, two layers of LSTM units, and softmax:

# %%
import os
import tempfile

import numpy as np
import tensorflow.compat.v1 as tf

WORDS, SIZE, STEPS = 10, 5, 20
random = np.random.RandomState(1)
layer = "Model/RNN/multi_rnn_cell/cell_%d/basic_lstm_cell/"
old = {"Model/embedding": [WORDS, SIZE]}
for number in range(2):
    old[layer % number + "kernel"] = [SIZE + SIZE, 4 * SIZE]
    old[layer % number + "bias"] = [4 * SIZE]
old.update({"Model/softmax_w": [SIZE, WORDS], "Model/softmax_b": [WORDS]})
old = {name: random.normal(0, 0.8, shape) for name, shape in old.items()}


def write(values, file):
    path = os.path.join(tempfile.mkdtemp(), file)
    with tf.Graph().as_default(), tf.Session() as session:
        for name, value in values.items():
            tf.get_variable(name, initializer=tf.constant(value, tf.float32))
        session.run(tf.global_variables_initializer())
        return tf.train.Saver().save(session, path, write_meta_graph=False)


path = write(old, "old.ckpt")
for name, shape in tf.train.list_variables(path):
    print("%-58s %s" % (name, shape))

# %% [markdown]
# A checkpoint can be read without any graph. These are the names, and the arrays are one call away. So the network can run
# on NumPy:

# %%
reader = tf.train.load_checkpoint(path)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm(x, kernel, bias, beta):
    """The outputs [batch, time, units] of a layer for x [batch, time, depth]."""
    c = h = np.zeros([len(x), SIZE])
    outputs = []
    for t in range(x.shape[1]):
        i, j, f, o = np.split(
            np.concatenate([x[:, t], h], axis=1) @ kernel + bias, 4, axis=1
        )
        c = sigmoid(f + beta) * c + sigmoid(i) * np.tanh(j)
        h = sigmoid(o) * np.tanh(c)
        outputs.append(h)
    return np.stack(outputs, axis=1)


def run_by_hand(words, beta):
    x = reader.get_tensor("Model/embedding")[words]
    for number in range(2):
        names = [layer % number + name for name in ("kernel", "bias")]
        x = lstm(x, *map(reader.get_tensor, names), beta)
    return x @ reader.get_tensor("Model/softmax_w") + reader.get_tensor(
        "Model/softmax_b"
    )


words = random.randint(WORDS, size=[3, STEPS])
by_hand = run_by_hand(words, beta=0.0)
print("logits", by_hand.shape)

# %% [markdown]
# ## By the library
#
# The code that wrote such files began with `tf.contrib.rnn.MultiRNNCell([tf.contrib.rnn.BasicLSTMCell(...)])`. Its
# translation has the same lines and other imports. The scopes `Model` and `RNN` must be kept, since they are a part of the
# names:

# %%
from rnn_tf1 import BasicLSTMCell, MultiRNNCell, dynamic_rnn
from rnn_tf1.training import checkpoints


def build(forget_bias, words_known=WORDS):
    """(placeholder for words, logits)"""
    ids = tf.placeholder(tf.int32, [None, None])
    with tf.variable_scope("Model"):
        table = tf.get_variable("embedding", [words_known, SIZE])
        cell = MultiRNNCell([BasicLSTMCell(SIZE, forget_bias) for _ in range(2)])
        x = tf.nn.embedding_lookup(table, ids)
        outputs, _ = dynamic_rnn(cell, x, dtype=tf.float32, scope="RNN")
        w = tf.get_variable("softmax_w", [SIZE, words_known])
        b = tf.get_variable("softmax_b", [words_known])
        return ids, tf.tensordot(outputs, w, 1) + b


def run_restored(forget_bias):
    with tf.Graph().as_default(), tf.Session() as session:
        ids, logits = build(forget_bias)
        shapes = checkpoints.read_shapes(path)
        checkpoints.check_fits(path, shapes, tf.global_variables())
        tf.train.Saver().restore(session, path)
        return session.run(logits, {ids: words})


restored = run_restored(forget_bias=0.0)
print_difference("NumPy on the file and the restored network", by_hand, restored)

# %% [markdown]
# `check_fits` compares every name and shape before anything is read, in both directions. Below is why.
#
# **Files that are older still.** Before TensorFlow 1.2, a kernel was called `weights` and a bias `biases`. A saver can be
# told what a variable is called in the file:

# %%
older_path = write(
    {
        name.replace("/kernel", "/weights").replace("/bias", "/biases"): value
        for name, value in old.items()
    },
    "older.ckpt",
)


def older_name(variable):
    name = variable.op.name
    return name.replace("/kernel", "/weights").replace("/bias", "/biases")


with tf.Graph().as_default(), tf.Session() as session:
    ids, logits = build(forget_bias=0.0)
    names = {older_name(variable): variable for variable in tf.global_variables()}
    tf.train.Saver(names).restore(session, older_path)
    print_difference("the older file", by_hand, session.run(logits, {ids: words}))

# %% [markdown]
# From then on, save with `tf.train.Saver()`, and the file has today's names.
#
# **Old lines.** What does the TensorFlow that runs this page say to lines from old books? On TensorFlow 1.15 they run:

# %%
OLD_LINES = [
    "import tensorflow.contrib.rnn",
    "from tensorflow.examples.tutorials.mnist import input_data",
    "import tensorflow as tf; x = tf.placeholder(tf.float32, [None, 3])",
    "cell = tf.nn.rnn_cell.BasicLSTMCell(5)",
    "y = tf.layers.dense(tf.zeros([2, 3]), 5)",
]
print("TensorFlow", tf.__version__)
for line in OLD_LINES:
    try:
        with tf.Graph().as_default():
            exec(line, {"tf": tf})
        print("%s\n    runs" % line)
    except (ImportError, AttributeError) as error:
        print("%s\n    %s: %s" % (line, type(error).__name__, error))

# %% [markdown]
# The error finder knows them all: `python -m rnn_tf1.explain "TEXT"`. The same from Python, for the last one:

# %%
import textwrap

from rnn_tf1.help.explain import find

explanation = find("AttributeError: `dense` is not available with Keras 3.")[0]
print(textwrap.fill(explanation.cause, 88))
print()
print(textwrap.fill(explanation.fix, 88))

# %% [markdown]
# The page [What you typed in TF 1](../migration.md) has the whole list, and a test compares it with TensorFlow 1.15.
#
# ## What to look at
#
# The forget bias. Restore the same file into cells with the default. All names fit and all shapes fit, so no check can
# notice:

# %%
default = run_restored(forget_bias=1.0)

figure = make_figure(7, 3)
axes = figure.add_axes([0.1, 0.17, 0.88, 0.78])
steps = np.arange(1, STEPS + 1)
axes.plot(steps, by_hand[0, :, 0], color="black", label="NumPy")
axes.plot(
    steps, restored[0, :, 0], "o", color=SERIES[0], label="restored, forget_bias=0"
)
axes.plot(steps, default[0, :, 0], "o-", color=ORANGE, label="restored, default")
plain(axes)
axes.set_xlabel("step")
axes.set_ylabel("logit of the first word")
axes.set_xticks(range(1, STEPS + 1, 3))
axes.legend(frameon=False)
picture(
    figure,
    "17_forget_bias",
    "A logit over twenty steps: the restored network with forget_bias=0 lies on NumPy's curve, the one with the default goes "
    "its own way.",
)
print("largest difference with the default: %.2f" % np.abs(by_hand - default).max())

# %% [markdown]
# A trained network with the wrong forget bias still forecasts something, only worse. Compare the loss on known data with the
# one that was published before you trust a restored network. Other arguments that are not in a checkpoint: `activation`,
# `cell_clip`, dropout, and the order in which words were numbered.
#
# ## What goes wrong
#
# **A scope too many, or too few.** The names differ by it:

# %%
with tf.Graph().as_default(), tf.Session() as session:
    with tf.variable_scope("Valid"):
        build(forget_bias=0.0)
    with goes_wrong(tf.errors.NotFoundError):
        tf.train.Saver().restore(session, path)

# %% [markdown]
# **Another size.** The second trap without an error, after the forget bias. The file has 10 words, the new graph 12.
# TensorFlow 1.15 refuses. TensorFlow 2 says nothing, and the variable then has another shape in the session than in the
# graph:

# %%
with tf.Graph().as_default(), tf.Session() as session:
    build(forget_bias=0.0, words_known=12)
    table = tf.global_variables()[0]
    try:
        tf.train.Saver().restore(session, path)
        print("nothing was raised; %s is" % table.op.name)
        print("in the graph  ", table.shape)
        print("in the session", session.run(table).shape)
    except tf.errors.InvalidArgumentError as error:  # TensorFlow 1.15
        print([line for line in str(error).splitlines() if "Assign" in line][0])

    shapes = checkpoints.read_shapes(path)
    with goes_wrong(checkpoints.CheckpointError):
        checkpoints.check_fits("old.ckpt", shapes, tf.global_variables())

# %% [markdown]
# The error then comes later, from some product, or never. The training loops of this library make the check at every
# restore.
#
# **Arguments without names.** The third. Before TensorFlow 1.0, the loss was called with the logits first.
# Then the order was turned round, and 1.15 insists on names. TensorFlow 2 does not, and takes the logits for labels:

# %%
logits, labels = by_hand[0, :2], np.eye(WORDS)[words[0, 1:3]]
with tf.Graph().as_default(), tf.Session() as session:
    loss = tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    print("named  ", session.run(loss).round(3))
    try:
        loss = tf.nn.softmax_cross_entropy_with_logits(logits, labels)
        print("unnamed", session.run(loss).round(3))
    except ValueError as error:  # TensorFlow 1.15
        print(error)

# %% [markdown]
# A cross-entropy is never below zero. Where it is, or where it does not fall, look here first.
#
# ## Exercises
#
# Try each of them first: its solution is folded away below it.
#
# 1. Change the file instead of the code: which numbers must be changed, and how, so that cells with the default
#    `forget_bias=1` compute the same as the old network?

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
changed = {}
for name, value in old.items():
    changed[name] = value.copy()
    if name.endswith("/bias"):
        changed[name][2 * SIZE : 3 * SIZE] -= 1  # the block of f
path = write(changed, "changed.ckpt")
print_difference("the changed file", by_hand, run_restored(forget_bias=1.0))

# %% [markdown]
# 2. You find a checkpoint and nothing else. How many words, layers and units had the network?

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
found = checkpoints.read_shapes(path)
kernels = [shape for name, shape in found.items() if name.endswith("lstm_cell/kernel")]
print("words:", found["Model/embedding"][0])
print("layers:", len(kernels))
print("units:", {columns // 4 for _, columns in kernels})  # four blocks

# %% [markdown]
# 3. Keras keeps an LSTM layer as two kernels, one of the input and one of the state, with the blocks in the order i, f, j, o
#    (it calls j *c*), and adds no forget bias. Write a function that makes a TensorFlow 1 kernel and bias of these.

# %% tags=["hide-cell"] jupyter={"source_hidden": true}


def from_keras(kernel, recurrent_kernel, bias):
    """What `lstm` wants; beta is 0."""
    both = np.concatenate([kernel, recurrent_kernel])  # rows of x above rows of h
    return [swap(both), swap(bias)]


def swap(array):
    i, f, j, o = np.split(array, 4, axis=-1)
    return np.concatenate([i, j, f, o], axis=-1)


keras = [random.normal(size=shape) for shape in ([3, 4 * SIZE], [SIZE, 4 * SIZE])]
keras.append(random.normal(size=[4 * SIZE]))
x = random.normal(size=[2, 1, 3])
i, f, j, o = np.split(x[:, 0] @ keras[0] + keras[2], 4, axis=1)  # from a state of zeros
first_step = sigmoid(o) * np.tanh(sigmoid(i) * np.tanh(j))
kernel, bias = from_keras(*keras)
print_difference("one step", first_step, lstm(x, kernel, bias, 0.0)[:, 0], most=1e-12)
