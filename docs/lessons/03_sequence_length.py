# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Sequences of different length
#
# Sentences, drawings and shopping carts have different lengths, and a batch is a rectangle. So the shorter sequences are
# *padded*: filled up with zeros behind their ends. The network is told the true lengths, and then it says about each sequence
# what it would say about that sequence alone. This is a promise that can be tested, and the lesson is this test: **padding
# must not change any number**.

# %%
import numpy as np

from lesson import goes_wrong, picture, print_difference
from rnn_tf1.plotting.page import GRID, SERIES, make_figure, plain

lengths = np.array([5, 2, 7, 1, 4])
time = lengths.max()

figure = make_figure(7, 2.4)
axes = figure.add_axes([0.09, 0.22, 0.66, 0.74])
rows = range(len(lengths))
axes.barh(rows, lengths, left=0.5, height=0.8, color=SERIES[0], label="steps")
axes.barh(
    rows,
    time - lengths,
    left=lengths + 0.5,
    height=0.8,
    color=GRID,
    label="padding",
)
for edge in range(1, time):
    axes.axvline(edge + 0.5, color="white", linewidth=2)
axes.set_xlabel("time step")
axes.set_ylabel("row of the batch")
axes.set_xticks(range(1, time + 1))
axes.set_yticks(rows)
axes.invert_yaxis()
axes.set_xlim(0.5, time + 0.5)
for spine in axes.spines.values():
    spine.set_visible(False)
axes.tick_params(length=0)
figure.legend(loc="center right", frameon=False)
picture(
    figure,
    "03_padded",
    "Five sequences of different length as rows of one batch; behind each, padding up to the longest.",
)

# %% [markdown]
# ## The equation
#
# Let a row have $n$ steps. At its steps the cell $f$ works as always. Behind them the state is copied, and the output is zero:
#
# $$h_t = \begin{cases} f(x_t, h_{t-1}) & t \le n \\ h_{t-1} & t > n \end{cases}
# \qquad\qquad y_t = \begin{cases} h_t & t \le n \\ 0 & t > n \end{cases}$$
#
# So the state after the last column is that after the row's own last step, $h_n$. The outputs are another matter: the one in
# the last column is $y_n$ for the longest rows, and zero for all others.
#
# ## From scratch
#
# Five sequences of vectors of three numbers, and what five units say of each of them alone, without any padding. This is the
# truth that all that follows is compared with:

# %%
random = np.random.RandomState(3)
sequences = [random.normal(size=[n, 3]).astype(np.float32) for n in lengths]
kernel = random.normal(0, 0.5, [3 + 5, 5])
bias = random.normal(0, 0.5, [5])


def step(x, h):
    return np.tanh(np.concatenate([x, h], axis=-1) @ kernel + bias)


def read_alone(sequence):
    h = np.zeros(5)
    for x in sequence:
        h = step(x, h)
    return h


alone = np.array([read_alone(sequence) for sequence in sequences])

# %% [markdown]
# The same as one batch. `np.where` is the brace of the equation:

# %%
padded = np.zeros([len(sequences), time, 3], np.float32)
for row, sequence in zip(padded, sequences):
    row[: len(sequence)] = sequence

h, outputs = np.zeros([5, 5]), []
for t in range(time):
    running = (t < lengths)[:, None]  # steps are counted from 0 here
    new = step(padded[:, t], h)
    outputs.append(np.where(running, new, 0))
    h = np.where(running, new, h)
outputs = np.stack(outputs, axis=1)

print_difference("in a padded batch and alone", h, alone, most=1e-12)

# %% [markdown]
# ## By the library
#
# `pad` makes the rectangle and the lengths. Every unrolling takes them as `sequence_length`, and `last_output` picks the
# output at each row's own last step:

# %%
import tensorflow.compat.v1 as tf

from rnn_tf1 import BasicRNNCell, dynamic_rnn, last_output
from rnn_tf1.data.ragged import pad

batch, n = pad(sequences)
print("batch", batch.shape, "lengths", n)

with tf.Graph().as_default(), tf.Session() as session:
    cell = BasicRNNCell(5)
    y, state = dynamic_rnn(cell, tf.constant(batch), sequence_length=n)
    last = last_output(y, n)
    ignored, _ = dynamic_rnn(cell, tf.constant(batch))  # without the lengths
    for variable, value in zip(cell.variables, [kernel, bias]):
        variable.load(value, session)
    y, state, last, ignored = session.run([y, state, last, ignored])

print_difference("outputs, by hand and dynamic_rnn", outputs, y)
print_difference("the state and each sequence alone", state, alone)
print_difference("last_output and each sequence alone", last, alone)

# %% [markdown]
# For the plain cell the state is the last output, so both ways to the end of a row give the same. For an LSTM (lesson 8) the
# state has a second part, and `last_output` is its $h$.
#
# ## What to look at
#
# **One unit, over all rows and steps.** With the lengths, the outputs end where the sequences end. Without them, the unit goes
# on and reads zeros as if they were data:

# %%
figure = make_figure(7.5, 2.6)
for place, (values, title) in enumerate(
    [(y, "with sequence_length"), (ignored, "without")]
):
    axes = figure.add_axes([0.08 + 0.41 * place, 0.2, 0.37, 0.66])
    drawn = axes.imshow(
        values[:, :, 0],
        cmap="RdBu_r",
        vmin=-1,
        vmax=1,
        extent=(0.5, time + 0.5, 4.5, -0.5),
        aspect="auto",
    )
    for row, length in enumerate(lengths):
        axes.plot([length + 0.5] * 2, [row - 0.5, row + 0.5], color="black")
    axes.set_xlim(0.5, time + 0.5)
    axes.set_title(title, fontsize=10)
    axes.set_xlabel("time step")
    axes.set_xticks(range(1, time + 1))
    axes.set_yticks(range(5))
    if place == 0:
        axes.set_ylabel("row of the batch")
bar = figure.colorbar(drawn, cax=figure.add_axes([0.89, 0.2, 0.02, 0.66]))
bar.set_label("output of unit 0")
picture(
    figure,
    "03_outputs",
    "The output of a unit by row and step: zero behind the end of each row with the lengths, not zero without.",
)

# %% [markdown]
# **How far padding leads astray.** A sequence of four steps, followed by more and more zeros that the cell takes for data.
# With random weights, the outputs of every cell move away from what they were. The LSTM's move more slowly, and end far off
# all the same:

# %%
from rnn_tf1 import GRUCell, LSTMCell

followed = np.zeros([1, 4 + 30, 3], np.float32)
followed[0, :4] = sequences[4]

figure = make_figure(7, 3)
axes = figure.add_axes([0.1, 0.18, 0.5, 0.76])
for color, make in zip(SERIES, (BasicRNNCell, GRUCell, LSTMCell)):
    with tf.Graph().as_default(), tf.Session() as session:
        cell = make(20)
        y, _ = dynamic_rnn(cell, tf.constant(followed))
        random = np.random.RandomState(4)
        for variable in cell.variables:
            variable.load(random.normal(0, 0.3, variable.shape.as_list()), session)
        h = session.run(y)[0, 3:]  # after the last step, and after each zero behind it
    off = np.abs(h - h[0]).max(axis=1)
    axes.plot(off, color=color, marker="o", markersize=3, label=make.__name__)
axes.axhline(0, color="black", label="any of them, with the length")
plain(axes)
axes.set_xlabel("padded steps that were read")
axes.set_ylabel("largest change of an output")
axes.set_ylim(-0.05, 1.6)
figure.legend(loc="center right", frameon=False, fontsize=8)
picture(
    figure,
    "03_astray",
    "The change of the outputs against the padded steps that were read: it grows at once for each of three cells.",
)

# %% [markdown]
# That padding is all zeros does not help: the bias and the state go on working. And a result that hangs on padding hangs on
# *which sequences happened to be in the batch*, since the longest one says how much is padded.
#
# **Two directions.** A second cell may read from the end to the beginning, so that each step knows what comes before it and
# what comes after it (Schuster and Paliwal, 1997):

# %%
from rnn_tf1.plotting.diagrams.unrolled import plot_unrolled

picture(
    plot_unrolled(3, both=True, folded=False),
    "03_both",
    "Two cells at each of three steps: one passes its state to the right, the other to the left; both see each input.",
)

# %% [markdown]
# "From the end" means from the row's own end. Turning the whole rectangle around would put the padding first:

# %%
with tf.Graph().as_default(), tf.Session() as session:
    numbered = tf.constant([[1, 2, 3, 0, 0], [1, 2, 3, 4, 5]])
    print("tf.reverse:")
    print(session.run(tf.reverse(numbered, [1])))
    print("tf.reverse_sequence:")
    print(session.run(tf.reverse_sequence(numbered, [3, 5], seq_axis=1)))

# %% [markdown]
# `bidirectional_rnn` does it right, and turns the backward outputs around again, so that both are in the order of the inputs.
# What the backward cell knows at its end is therefore at the *first* step:

# %%
from rnn_tf1 import bidirectional_rnn

with tf.Graph().as_default(), tf.Session() as session:
    forward, backward = BasicRNNCell(5), BasicRNNCell(5)
    both, states = bidirectional_rnn(forward, backward, tf.constant(batch), n)
    for cell in (forward, backward):
        for variable, value in zip(cell.variables, [kernel, bias]):
            variable.load(value, session)
    (_, outputs_back), (_, state_back) = session.run([both, states])

alone_back = [read_alone(sequence[::-1]) for sequence in sequences]
print_difference("backward state and each alone, reversed", state_back, alone_back)
print_difference("it and the backward output of step 1", state_back, outputs_back[:, 0])

# %% [markdown]
# **Batches by length.** Padding is right now, and still costs time. If sequences of about one length share a batch, there is
# little of it. `RaggedBatches` sorts by length within pools of 20 batches, and mixes the order of the batches:

# %%
from rnn_tf1.data.ragged import RaggedBatches

random = np.random.RandomState(5)
many = [np.zeros([3 + int(random.gamma(2, 8)), 1]) for _ in range(4000)]
ragged = RaggedBatches(many, np.zeros(len(many)), rows=32)


def padding(batches):
    """The share of padding in all that is computed."""
    steps = sum(part.lengths.sum() for part in batches)
    return 1 - steps / sum(part.sequences.size for part in batches)


print("lengths from %d to %d" % (ragged.lengths.min(), ragged.lengths.max()))
print("as they come:    %4.1f %% padding" % (100 * padding(list(ragged.in_order()))))
print("pools by length: %4.1f %% padding" % (100 * padding(list(ragged.batches(0)))))

# %% [markdown]
# ## What goes wrong
#
# **Taking the last column for the last output.** `outputs[:, -1]` is right while all sequences are equally long, and is often
# found in code that was written then. To see what it does, train a small network to tell whether the numbers of a sequence add
# up to more than zero, in three ways: with `last_output`; with lengths and `outputs[:, -1]`; and with `outputs[:, -1]` and no
# lengths at all:

# %%
from rnn_tf1.data.batches import batches
from rnn_tf1.layers import dense
from rnn_tf1.training.optimize import build_train_op

random = np.random.RandomState(6)
steps = random.randint(3, 21, 3000)
x, n = pad([random.normal(size=[count, 1]) for count in steps], dtype=np.float32)
labels = (x.sum(axis=(1, 2)) > 0).astype(np.int32)
train, test = slice(1000, None), slice(1000)


def train_and_test(use_lengths, use_last_output):
    """The share of right answers on the test sequences, and with 30 more padded steps."""
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(1)
        inputs = tf.placeholder(tf.float32, [None, None, 1])
        lengths, targets = (tf.placeholder(tf.int32, [None]) for _ in range(2))
        y, _ = dynamic_rnn(GRUCell(16), inputs, lengths if use_lengths else None)
        logits = dense(last_output(y, lengths) if use_last_output else y[:, -1], 2)
        loss = tf.losses.sparse_softmax_cross_entropy(targets, logits)
        train_op = build_train_op(loss, 0.01, tf.train.get_or_create_global_step())
        session.run(tf.global_variables_initializer())
        for epoch in range(3):
            for part in batches([x[train], n[train], labels[train]], 20, 0, epoch):
                session.run(train_op.op, dict(zip([inputs, lengths, targets], part)))
        found = []
        for more in (0, 30):
            longer = np.pad(x[test], [(0, 0), (0, more), (0, 0)], "constant")
            answers = session.run(logits, {inputs: longer, lengths: n[test]}).argmax(1)
            found.append(100 * np.mean(answers == labels[test]))
        return tuple(found)


for name, options in (
    ("lengths, last_output", (True, True)),
    ("lengths, outputs[:, -1]", (True, False)),
    ("no lengths, outputs[:, -1]", (False, False)),
):
    print(
        "%-26s  %3.0f %% right, with more padding %3.0f %%"
        % ((name,) + train_and_test(*options))
    )

# %% [markdown]
# The second line is the trap: no error, a training that runs to its end, and answers like those of a coin. Most rows are at
# zero in the last column, and zeros tell nothing. The third does well here. It was trained on padding, and has learned to wait
# through it; for that it spends units and training, and nothing promises that it always succeeds.
#
# **A length beyond the time axis.** Fed at run time, it is found at run time:

# %%
with tf.Graph().as_default(), tf.Session() as session:
    fed = tf.placeholder(tf.int32, [None])
    y, state = dynamic_rnn(BasicRNNCell(5), tf.constant(batch), fed)
    session.run(tf.global_variables_initializer())
    with goes_wrong(tf.errors.InvalidArgumentError):
        session.run(state, {fed: [5, 2, 8, 1, 4]})

# %% [markdown]
# **Padding in front.** `sequence_length` counts from the first step. Some tools put the zeros in front of a sequence (Keras's
# `pad_sequences` does so unless told otherwise); then the lengths cut off the end of the data:

# %%
in_front = np.zeros_like(batch)
for row, sequence in zip(in_front, sequences):
    row[time - len(sequence) :] = sequence
with tf.Graph().as_default(), tf.Session() as session:
    cell = BasicRNNCell(5)
    y, state = dynamic_rnn(cell, tf.constant(in_front), sequence_length=lengths)
    for variable, value in zip(cell.variables, [kernel, bias]):
        variable.load(value, session)
    off = np.abs(session.run(state) - alone).max(axis=1)
for length, difference in zip(lengths, off):
    print("a row of %d steps: off by %.2f" % (length, difference))

# %% [markdown]
# **A mean over padding.** With a loss at every step (lesson 5), the mean has to be over steps, not over the rectangle. Say
# that every step costs 1:

# %%
mask = (np.arange(time) < lengths[:, None]).astype(
    float
)  # in a graph: tf.sequence_mask
losses = np.ones([5, time]) * mask
print("mean over the rectangle:  %.3f" % losses.mean())
print("mean over the steps:      %.3f" % (losses.sum() / mask.sum()))

# %% [markdown]
# Worse, the first one changes with the company: the same row weighs less beside a longer one.
#
# ## Exercises
#
# Try each of them first: its solution is folded away below it.
#
# 1. What are the outputs and the state of a row of length 0? Think of the equation first.

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
with tf.Graph().as_default(), tf.Session() as session:
    begin = tf.fill([5, 5], 0.25)  # a state that is not zero, to tell it from an output
    y, state = dynamic_rnn(BasicRNNCell(5), tf.constant(batch), [0] * 5, begin)
    session.run(tf.global_variables_initializer())
    y, state = session.run([y, state])
print("outputs:", np.unique(y), "state:", np.unique(state), "- that of the beginning")

# %% [markdown]
# 2. Write `tf.reverse_sequence` in NumPy, for the padded batch from above, and check that doing it twice changes nothing.

# %% tags=["hide-cell"] jupyter={"source_hidden": true}


def reverse_sequence(rows, lengths):
    turned = rows.copy()
    for row, source, length in zip(turned, rows, lengths):
        row[:length] = source[:length][::-1]
    return turned


with tf.Graph().as_default(), tf.Session() as session:
    by_tf = session.run(tf.reverse_sequence(batch, lengths, seq_axis=1))
turned = reverse_sequence(batch, lengths)
print_difference("NumPy and TensorFlow", turned, by_tf, most=0)
print_difference("turned twice", reverse_sequence(turned, lengths), batch, most=0)

# %% [markdown]
# 3. Sort all 4000 sequences by length before making batches. How much padding is left, and why is training on such batches a
#    bad idea, if they come in that order?

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
ordered = sorted(many, key=len)
in_order = RaggedBatches(ordered, np.zeros(len(many)), rows=32).in_order()
print("all sorted: %.1f %% padding" % (100 * padding(list(in_order))))
# The network would see short sequences only, then long ones only, in every epoch alike.
# The pools cost a little padding, and keep the batches mixed.
