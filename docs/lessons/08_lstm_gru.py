# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # LSTM, peephole and GRU, gate by gate
#
# A plain cell writes its whole state anew at every step: what it wants to keep, it must copy through a product and a tanh, step
# after step, and copies of copies fade. The *long short-term memory*, LSTM, has a second state beside the first, and leaves it
# alone unless there is a reason not to. Whether there is one is decided by *gates*: numbers between 0 and 1, one for each unit
# and step, that say how much is kept, how much is let in, and how much is shown. The gates are plain layers, and are trained
# like the rest.

# %%
from lesson import goes_wrong, picture, print_difference
from rnn_tf1.plotting.diagrams.gates import plot_lstm

picture(
    plot_lstm(peepholes=True),
    "08_lstm",
    "One step of an LSTM: the memory c runs from left to right, is multiplied by the forget gate, and gets the new input "
    "times the input gate added; its tanh times the output gate is h. Peepholes lead from the memory to the gates.",
)

# %% [markdown]
# The blue line is the memory, $c$. Between two steps it meets one product and one sum, and no matrix. The dashed lines are
# *peepholes*, an extra; without them, this is the LSTM that most people mean.
#
# ## The equation
#
# One product gives four vectors, each with a number for every unit. TensorFlow keeps them in the order $i, j, f, o$:
#
# $$i, j, f, o = \text{split}\left([x_t, h_{t-1}]\, W + b\right)$$
#
# $$c_t = \sigma(f + b_f) \odot c_{t-1} + \sigma(i) \odot \tanh(j)$$
#
# $$h_t = \sigma(o) \odot \tanh(c_t)$$
#
# $\sigma(x) = 1 / (1 + e^{-x})$ is the *sigmoid*, and $\odot$ is the product unit by unit.
#
# - $\sigma(i)$, the *input gate*: how much of the new input is written.
# - $\tanh(j)$, the *new input*: what would be written. It is no gate, and lies between -1 and 1.
# - $\sigma(f + b_f)$, the *forget gate*: how much of the old memory stays. At 1, all of it. (It should have been called
#   remember gate.)
# - $\sigma(o)$, the *output gate*: how much of the memory is shown, to the layer above and to the next step's gates.
#
# The state has two parts: the memory $c$ and the output $h$. Hochreiter and Schmidhuber 1997 ("Long Short-Term Memory") had
# no forget gate; it is that of Gers, Schmidhuber and Cummins 2000 ("Learning to Forget").
#
# $b_f$ is the *forget bias*, 1 by default. It is a constant beside the bias $b$ that is trained. This is what it is for:

# %%
import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


for forget_bias in (0, 1, 2):
    gate = sigmoid(forget_bias)
    print(
        "forget bias %d: a new network keeps %.2f of its memory in a step, %.6f in 20"
        % (forget_bias, gate, gate**20)
    )

# %% [markdown]
# A gradient comes back through the same products. With half of it lost at every step, a network has to learn to remember
# before it can learn from what it remembers. Jozefowicz et al. 2015 ("An Empirical Exploration of Recurrent Network
# Architectures") compared thousands of cells, and found that a forget bias of 1 makes up for most of what an LSTM lacked
# beside a GRU.
#
# **Peepholes** (Gers and Schmidhuber 2000, "Recurrent Nets that Time and Count") let the gates look at the memory itself,
# which they otherwise see only as far as the output gate shows it. Each unit's gates see that unit's memory alone, through one
# weight each. The output gate looks at the new memory, the others at the old one:
#
# $$c_t = \sigma(f + b_f + w_f \odot c_{t-1}) \odot c_{t-1} + \sigma(i + w_i \odot c_{t-1}) \odot \tanh(j)$$
#
# $$h_t = \sigma(o + w_o \odot c_t) \odot \tanh(c_t)$$
#
# **The gated recurrent unit**, GRU (Cho et al. 2014, "Learning Phrase Representations using RNN Encoder-Decoder"), has one
# state again, and one gate for what an LSTM decides by two: what is not kept is replaced.
#
# $$r, u = \text{split}\left(\sigma([x_t, h_{t-1}]\, W_g + b_g)\right)$$
#
# $$h_t = u \odot h_{t-1} + (1 - u) \odot \tanh\left([x_t, r \odot h_{t-1}]\, W_c + b_c\right)$$
#
# The *update gate* $u$ says how much stays; the *reset gate* $r$ says how much of the old state the new one is made from.
# The gates' bias $b_g$ begins at 1, for the same reason as the forget bias.
#
# ## From scratch
#
# One function is enough for the LSTM with peepholes and without. It also returns the gates, which a cell keeps to itself.


# %%
def lstm_step(x, c, h, kernel, bias, forget_bias=1.0, peepholes=(0.0, 0.0, 0.0)):
    w_f, w_i, w_o = peepholes
    i, j, f, o = np.split(np.concatenate([x, h], axis=-1) @ kernel + bias, 4, axis=-1)
    keep = sigmoid(f + forget_bias + w_f * c)
    write = sigmoid(i + w_i * c)
    c = keep * c + write * np.tanh(j)
    show = sigmoid(o + w_o * c)
    return c, show * np.tanh(c), (write, keep, show)


def gru_step(x, h, gate_kernel, gate_bias, kernel, bias):
    gates = sigmoid(np.concatenate([x, h], axis=-1) @ gate_kernel + gate_bias)
    r, u = np.split(gates, 2, axis=-1)
    candidate = np.tanh(np.concatenate([x, r * h], axis=-1) @ kernel + bias)
    return u * h + (1 - u) * candidate


# %% [markdown]
# ## By the library
#
# The cells are `BasicLSTMCell`, `LSTMCell`, which has peepholes and more, and `GRUCell`. Both sides get the same random
# weights, and a state that is not zero: at zero, a forget gate that does not work would not be noticed.

# %%
import tensorflow.compat.v1 as tf

from rnn_tf1 import BasicLSTMCell, GRUCell, LSTMCell, LSTMStateTuple

random = np.random.RandomState(1)
x = random.normal(size=[4, 3])
c = random.normal(size=[4, 5])
h = random.normal(size=[4, 5])


def one_step(cell, state):
    """The cell's new state, and the random values of its variables, by name."""
    with tf.Graph().as_default(), tf.Session() as session:
        _, new_state = cell(tf.constant(x), tf.nest.map_structure(tf.constant, state))
        weights = {}
        for variable in cell.variables:
            name = variable.op.name.split("/", 1)[1]
            print("  %-18s %s" % (name, variable.shape.as_list()))
            weights[name] = random.normal(0, 0.5, variable.shape.as_list())
            variable.load(weights[name], session)
        return session.run(new_state), weights


print("BasicLSTMCell")
state, weights = one_step(BasicLSTMCell(5), LSTMStateTuple(c, h))
new_c, new_h, _ = lstm_step(x, c, h, weights["kernel"], weights["bias"])
print_difference("c", new_c, state.c, most=1e-12)
print_difference("h", new_h, state.h, most=1e-12)

print("LSTMCell with peepholes")
state, weights = one_step(LSTMCell(5, use_peepholes=True), LSTMStateTuple(c, h))
peepholes = [weights["w_%s_diag" % gate] for gate in "fio"]
new_c, new_h, _ = lstm_step(
    x, c, h, weights["kernel"], weights["bias"], peepholes=peepholes
)
print_difference("c", new_c, state.c, most=1e-12)
print_difference("h", new_h, state.h, most=1e-12)

print("GRUCell")
state, weights = one_step(GRUCell(5), h)
names = ["gates/kernel", "gates/bias", "candidate/kernel", "candidate/bias"]
new_h = gru_step(x, h, *[weights[name] for name in names])
print_difference("h", new_h, state, most=1e-12)

# %% [markdown]
# The numbers here have 64 bits, so that almost nothing is left of the difference. The names are those of TensorFlow 1.15,
# and so are the shapes: 3 inputs and 5 units make a kernel of 8 rows, with 5 columns for each gate.
#
# The state of an LSTM is a named tuple: write `state.c` and `state.h`. `state.h` is the last output.
#
# ## What to look at
#
# A task that cannot be done without a memory: strings of a small automaton, the *embedded Reber grammar*. Each begins with B
# and with T or P; then comes a string of letters with rules of their own; then the same T or P again, and E. Whoever reads
# the string letter by letter and has forgotten the second one can only guess at the last but one. Hochreiter and Schmidhuber
# used these strings to show what an LSTM is for.

# %%
from rnn_tf1.data.generated import reber

strings = []
while len(strings) < 4000:
    text = reber.make_string(random)
    if len(text) <= 20:
        strings.append(text)
print("\n".join(strings[:3]))


def encode(strings):
    """The numbers of the letters [strings, longest], and the lengths."""
    lengths = np.array([len(text) for text in strings])
    ids = np.zeros([len(strings), lengths.max()], int)
    for row, text in zip(ids, strings):
        row[: len(text)] = [reber.LETTERS.index(letter) for letter in text]
    return ids, lengths


# %% [markdown]
# Ten units learn to predict the next letter, from 600 batches of 64 strings.

# %%
from rnn_tf1 import dynamic_rnn
from rnn_tf1.layers import dense

ids, lengths = encode(strings)
with tf.Graph().as_default(), tf.Session() as session:
    tf.set_random_seed(4)
    letters = tf.placeholder(tf.int32, [None, None])
    length = tf.placeholder(tf.int32, [None])
    cell = BasicLSTMCell(10)
    outputs, _ = dynamic_rnn(cell, tf.one_hot(letters, 7, dtype=tf.float64), length)
    logits = dense(outputs, 7)
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
        labels=letters[:, 1:], logits=logits[:, :-1]
    )
    there = tf.sequence_mask(length - 1, tf.shape(losses)[1], tf.float64)
    loss = tf.reduce_sum(losses * there) / tf.reduce_sum(there)
    train = tf.train.AdamOptimizer(0.02).minimize(loss)
    session.run(tf.global_variables_initializer())
    for number in range(600):
        rows = random.randint(len(ids), size=64)
        feed = {letters: ids[rows], length: lengths[rows]}
        reached, _ = session.run([loss, train], feed)
        if number % 200 in (0, 199):
            print("batch %3d: %.2f nats for each letter" % (number + 1, reached))
    kernel, bias, softmax_kernel, softmax_bias = session.run(tf.trainable_variables())

# %% [markdown]
# It will not fall to 0: inside, the automaton goes on by the toss of a coin. Now the trained weights go into our own step,
# which shows the gates. Two strings that differ in the second letter alone, the last but one left to the network:


# %%
def read(text):
    """Gates and states after each letter, and what the network says comes next."""
    c, h = np.zeros(10), np.zeros(10)
    found = []
    for letter in text:
        x = np.eye(7)[reber.LETTERS.index(letter)]
        c, h, gates = lstm_step(x, c, h, kernel, bias)
        logits = h @ softmax_kernel + softmax_bias
        found.append(gates + (c, np.exp(logits) / np.exp(logits).sum()))
    return [np.array(values) for values in zip(*found)]


inner = "BPTTTTTTTVPXVVE"
for outer in "TP":
    assert reber.is_valid("B" + outer + inner + outer + "E")
    *_, chances = read("B" + outer + inner)
    print(
        "after B%s%s:  T %.3f  P %.3f"
        % ((outer, inner) + tuple(chances[-1, reber.LETTERS.index(x)] for x in "TP"))
    )

# %% [markdown]
# It knows. Where does it keep that? In the unit whose memory differs most between the two strings, on the way:

# %%
from rnn_tf1.plotting.page import BLUE, ORANGE, color_bar, make_figure, plain

after_t, after_p = [read("B" + outer + inner) for outer in "TP"]
holder = np.abs(after_t[3] - after_p[3])[2:].mean(axis=0).argmax()
steps = np.arange(len(inner) + 2)

figure = make_figure(7.4, 4.6)
top = figure.add_axes([0.11, 0.58, 0.86, 0.38])
bottom = figure.add_axes([0.11, 0.12, 0.86, 0.32])
top.plot(steps, after_t[3][:, holder], "o-", color=BLUE, label="second letter T")
top.plot(steps, after_p[3][:, holder], "o-", color=ORANGE, label="second letter P")
for values, style, name in zip(
    after_t, ("s:", "o-", "^--"), ("input", "forget", "output")
):
    bottom.plot(steps, values[:, holder], style, markersize=4, label=name + " gate")
for axes in (top, bottom):
    plain(axes)
    axes.set_xticks(steps)
    axes.set_xlim(-0.5, len(steps) - 0.5)
top.set_xticklabels(["B", "T/P"] + list(inner))
bottom.set_xticklabels(list("BT" + inner))
bottom.set_ylim(-0.05, 1.05)
top.set_ylabel("memory $c$ of one unit")
bottom.set_ylabel("its gates, after T")
bottom.set_xlabel("letter read")
top.legend(frameon=False, fontsize=9)
bottom.legend(
    frameon=False, fontsize=9, ncol=3, loc="lower right", bbox_to_anchor=(1, 0.98)
)
picture(
    figure,
    "08_memory",
    "Above, the memory of one unit: after T it stays apart from what it is after P, through all letters between. Below, "
    "its gates.",
)

# %% [markdown]
# Above, the two lines part at the second letter and do not meet again: that is the memory. Below is how it is done. The
# forget gate stays near 1 while the inner string goes by. The output gate is small most of the time, since the letter is of
# no use yet, and opens at the E, when it is due. Nobody told the unit to do so. All ten units, on the first of the two
# strings:

# %%
figure = make_figure(7.4, 5.6)
names = ["input gate", "forget gate", "output gate", "memory c"]
for place, (name, values) in enumerate(zip(names, after_t)):
    row, column = divmod(place, 2)
    axes = figure.add_axes([0.05 + 0.5 * column, 0.55 - 0.48 * row, 0.37, 0.37])
    limits = dict(vmin=0, vmax=1, cmap="Blues")
    if name == "memory c":
        limits = dict(vmin=-3, vmax=3, cmap="RdBu")
    drawn = axes.imshow(values.T, aspect="auto", interpolation="nearest", **limits)
    axes.set_title(name, loc="left", fontsize=11)
    axes.set_xticks(steps)
    axes.set_xticklabels(list("BT" + inner), fontsize=8)
    axes.set_yticks([])
    axes.set_ylabel("units")
    axes.axhspan(
        holder - 0.5, holder + 0.5, fill=False, edgecolor=ORANGE, linewidth=1.5
    )
    box = [0.43 + 0.5 * column, 0.55 - 0.48 * row, 0.012, 0.37]
    color_bar(figure, drawn, box, "")
picture(
    figure,
    "08_gates",
    "Input, forget and output gates and the memory of ten units over the letters of a string, as four maps of colour.",
)

# %% [markdown]
# The unit from above is framed. Others forget at nearly every letter: the rules of the inner string are short, and need no
# long memory. A unit as clear as this one is luck. With another seed, the same knowledge is often spread over several units
# that say little when looked at alone; the predictions are as good.
#
# ## What goes wrong
#
# **The state is one tensor.** An LSTM needs both of its parts; `cell.zero_state` makes them:

# %%
from rnn_tf1 import GraphError

with tf.Graph().as_default(), goes_wrong(GraphError):
    BasicLSTMCell(5)(tf.zeros([4, 3]), tf.zeros([4, 5]))

# %% [markdown]
# **Weights from elsewhere, in another order.** PyTorch and Keras keep the same four blocks as $i, f, j, o$ (they call $j$
# `g` and `c`). A kernel copied as it is has the right shape, and no error is raised. The numbers are wrong:

# %%
foreign = random.normal(0, 0.5, [8, 20])  # its columns: i, f, j, o
zeros = np.zeros(20)
i, f, j, o = np.split(foreign, 4, axis=1)
right = np.concatenate([i, j, f, o], axis=1)
_, wrong_h, _ = lstm_step(x, c, h, foreign, zeros, forget_bias=0)
_, right_h, _ = lstm_step(x, c, h, right, zeros, forget_bias=0)
print("h is wrong by up to %.2f" % np.abs(wrong_h - right_h).max())

# %% [markdown]
# Two more traps on the same way. Neither library adds a forget bias at each step: Keras puts it into the trained bias
# (`unit_forget_bias=True`), PyTorch has none, but two biases, of which the sum is meant. So build the cell with
# `forget_bias=0`, or the bias counts twice. And both hand their states over as $(h, c)$; TensorFlow's tuple is $(c, h)$:

# %%
doubled, _, _ = lstm_step(x, c, h, right, zeros, forget_bias=1)
single, _, _ = lstm_step(x, c, h, right, zeros, forget_bias=0)
swapped, _, _ = lstm_step(x, h, c, right, zeros, forget_bias=0)
print(
    "forget bias added again: c is wrong by up to %.2f" % np.abs(doubled - single).max()
)
print(
    "c and h swapped:         c is wrong by up to %.2f" % np.abs(swapped - single).max()
)

# %% [markdown]
# **Two kinds of GRU.** The paper multiplies the state by the reset gate, and then by the matrix; so does `GRUCell`. cuDNN,
# PyTorch and, by default, Keras (`reset_after=True`) multiply by the matrix first. With the same weights these are two
# networks, and no reordering of columns makes one from the other:

# %%
names = ["gates/kernel", "gates/bias", "candidate/kernel", "candidate/bias"]
gate_kernel, gate_bias, kernel_c, bias_c = [weights[name] for name in names]
r, u = np.split(sigmoid(np.concatenate([x, h], 1) @ gate_kernel + gate_bias), 2, axis=1)
after = np.tanh(x @ kernel_c[:3] + r * (h @ kernel_c[3:]) + bias_c)
reset_after = u * h + (1 - u) * after
print("h differs by up to %.2f" % np.abs(reset_after - new_h).max())

# %% [markdown]
# Keras with `reset_after=False` computes what `GRUCell` does, with the gates in the order $u, r$. And beware of texts:
# Chung et al. 2014 ("Empirical Evaluation of Gated Recurrent Neural Networks on Sequence Modeling") write
# $(1 - u) \odot h_{t-1} + u \odot \ldots$, so that their $u$ is one minus ours. Nothing is wrong with it, as long as one
# knows which is meant.
#
# ## Exercises
#
# Try each of them first: its solution is folded away below it.
#
# 1. How many numbers do 100 units over inputs of length 28 train, in each of the four cells? Work it out from the equations
#    first.

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
from rnn_tf1 import BasicRNNCell

makers = [
    BasicRNNCell,
    BasicLSTMCell,
    lambda n: LSTMCell(n, use_peepholes=True),
    GRUCell,
]
formulas = [128 * 100 + 100, 4 * (128 * 100 + 100), 4 * (128 * 100 + 100) + 3 * 100]
formulas.append(3 * (128 * 100 + 100))
for make, formula in zip(makers, formulas):
    with tf.Graph().as_default():
        cell = make(100)
        cell(tf.zeros([1, 28]), cell.zero_state(1, tf.float32))
        count = sum(variable.shape.num_elements() for variable in cell.variables)
        print("%-14s %6d, by the equation %6d" % (type(cell).__name__, count, formula))

# %% [markdown]
# 2. The network has seen strings of at most 20 letters. Give it longer ones, with more T in the inner string. How long does it
#    remember?

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
for count in (5, 10, 20, 40, 80):
    right = []
    for outer in "TP":
        *_, chances = read("B" + outer + "BP" + "T" * count + "VVE")
        right.append(chances[-1, reber.LETTERS.index(outer)])
    print(
        "%2d T: the right letter has %.3f after T, %.3f after P"
        % ((count,) + tuple(right))
    )
# A forget gate near 1 is not 1: what is multiplied often enough fades, or what is added drowns it.

# %% [markdown]
# 3. Which forget bias lets a new LSTM keep half of its memory over 100 steps? Solve $\sigma(b_f)^{100} = 1/2$, and test it.

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
gate = 0.5 ** (1 / 100)
forget_bias = np.log(gate / (1 - gate))  # the sigmoid's inverse
memory, output = np.ones(1), np.zeros(1)
for _ in range(100):
    memory, output, _ = lstm_step(
        np.zeros(1), memory, output, np.zeros([2, 4]), np.zeros(4), forget_bias
    )
print("forget bias %.2f: after 100 steps %.3f is left" % (forget_bias, memory[0]))
