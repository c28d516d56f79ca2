# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Context features: memory by slow units
#
# Gates are one way to a longer memory. There is a simpler one: beside the ordinary units, give the layer a few that change
# slowly, because they are built so. Each keeps, at every step, most of what it had, and adds a little of what comes in. No
# gate is needed, and hardly any weights. What such units hold is the drift of the last dozens of steps: the topic of a text
# and not its last word. Mikolov et al. 2014 ("Learning Longer Memory in Recurrent Neural Networks") called them *context
# features*.

# %%
import numpy as np

from lesson import full_run, goes_wrong, picture, print_difference
from rnn_tf1.plotting.page import BLUE, ORANGE, SERIES, make_figure, plain

figure = make_figure(7.2, 3)
axes = figure.add_axes([0.1, 0.18, 0.86, 0.76])
steps = np.arange(101)
for alpha, color in zip((0.5, 0.9, 0.95, 0.99), SERIES):
    axes.plot(steps, alpha**steps, color=color, label=r"$\alpha$ = %g" % alpha)
    half = np.log(0.5) / np.log(alpha)
    axes.plot([half], [0.5], "o", color=color)
plain(axes)
axes.set_xlabel("steps ago")
axes.set_ylabel("share that is left")
axes.legend(frameon=False)
picture(
    figure,
    "09_decay",
    "What is left of an input after so many steps, for four values of alpha; a dot where one half is left.",
)

# %% [markdown]
# Each curve is what is left of one input, step after step. The dot is its *half-life*.
#
# ## The equation
#
# The slow units $s_t$ take a fixed share $\alpha$ of themselves, and what is missing to 1 from the input. The fast units
# $h_t$ are a plain cell that also sees the slow ones:
#
# $$s_t = (1 - \alpha)\, x_t B + \alpha\, s_{t-1}$$
#
# $$h_t = g\left(s_t P + x_t A + h_{t-1} R\right)$$
#
# The output is both side by side, $[h_t, s_t]$. $A$, $B$, $P$ and $R$ are trained; $\alpha$ is not, and the paper sets it to
# 0.95. $g$ is the sigmoid in the paper, and the default; tanh often trains better. There are no biases.
#
# The first line has no activation, so that it can be written out: a slow unit is a sum over the past, in which a step that
# is $k$ steps ago has the weight $(1 - \alpha)\,\alpha^k$:
#
# $$s_t = (1 - \alpha) \sum_{k=0}^{t-1} \alpha^k\, x_{t-k} B$$
#
# This is an *exponential moving average* of the inputs. Half of a word is left after $\ln 0.5 / \ln \alpha$ steps. The
# gradient goes back along the same line, times $\alpha$ at each step, whatever the weights are: it neither explodes nor
# vanishes faster than that.
#
# ## From scratch

# %%
random = np.random.RandomState(1)
inputs = random.normal(size=[4, 7, 3])  # [batch, time, depth]
A = random.normal(0, 0.5, [3, 5])
B = random.normal(0, 0.5, [3, 2])
P = random.normal(0, 0.5, [2, 5])
R = random.normal(0, 0.5, [5, 5])
alpha = 0.95

s, h = np.zeros([4, 2]), np.zeros([4, 5])
for t in range(7):
    s = (1 - alpha) * inputs[:, t] @ B + alpha * s
    h = np.tanh(s @ P + inputs[:, t] @ A + h @ R)

weights = (1 - alpha) * alpha ** np.arange(7)[::-1]
print_difference(
    "step by step, and as one sum", s, np.tensordot(inputs, weights, (1, 0)) @ B, 1e-12
)
for alpha in (0.5, 0.9, 0.95, 0.99):
    half = np.log(0.5) / np.log(alpha)
    print("alpha %.2f: half is left after %.1f steps" % (alpha, half))

# %% [markdown]
# ## By the library
#
# `ContextRNNCell(num_units, num_context_units)`; its state is a `ContextStateTuple(h, s)`:

# %%
import tensorflow.compat.v1 as tf

from rnn_tf1 import ContextRNNCell, GraphError, dynamic_rnn

with tf.Graph().as_default(), tf.Session() as session:
    cell = ContextRNNCell(5, 2, activation=tf.tanh)
    outputs, state = dynamic_rnn(cell, tf.constant(inputs))
    for variable, value in zip(cell.variables, [A, B, P, R]):
        print(variable.name, variable.shape.as_list())
        variable.load(value, session)
    library_outputs, library_state = session.run([outputs, state])

print_difference("h", h, library_state.h, most=1e-12)
print_difference("s", s, library_state.s, most=1e-12)
print("outputs", library_outputs.shape)

# %% [markdown]
# ## What to look at
#
# A task where drift counts: texts about one of four topics. There are twelve words, three for each topic. A word is drawn from
# all twelve three times out of four, and from the topic's own three else. What is the topic? One word says little; sixty say
# nearly all. Since we made the texts, we know how well anybody could do: Bayes' rule adds up the logarithms of the words'
# chances under each topic, and takes the topic with the largest sum.

# %%
TOPICS, WORDS, STEPS = 4, 12, 60
chances = np.full([TOPICS, WORDS], 0.75 / WORDS)
for topic in range(TOPICS):
    chances[topic, 3 * topic : 3 * topic + 3] += 0.25 / 3


def write(topics, random):
    """Words [texts, steps] for `topics` [texts, steps]."""
    shares = chances.cumsum(axis=1)[topics]
    return (random.uniform(size=topics.shape)[..., None] > shares).sum(axis=-1)


def write_texts(count, random):
    topics = random.randint(TOPICS, size=[count, 1])
    return write(np.repeat(topics, STEPS, axis=1), random), topics[:, 0]


held_out, held_out_topics = write_texts(2000, np.random.RandomState(2))
evidence = np.log(chances)[:, held_out].cumsum(axis=2)
bayes = (evidence.argmax(axis=0) == held_out_topics[:, None]).mean(axis=0)
print("by Bayes' rule, after 1, 10 and 60 words:", bayes[[0, 9, 59]].round(2))

# %% [markdown]
# Three networks with 24 units each say after every word what the topic is: a plain cell, one of whose units 8 are slow, and
# an LSTM. All are trained on the same 200 batches, by the same optimizer.

# %%
from rnn_tf1 import BasicLSTMCell, BasicRNNCell
from rnn_tf1.layers import dense


def train(cell):
    """The share of held-out texts that are judged right after each word, and a reader of texts."""
    random = np.random.RandomState(3)
    graph = tf.Graph()
    with graph.as_default():
        tf.set_random_seed(1)
        words = tf.placeholder(tf.int32, [None, STEPS])
        topics = tf.placeholder(tf.int32, [None])
        outputs, _ = dynamic_rnn(cell, tf.one_hot(words, WORDS, dtype=tf.float64))
        logits = dense(outputs, TOPICS)
        labels = tf.tile(topics[:, None], [1, STEPS])
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
            labels=labels, logits=logits
        )
        op = tf.train.AdamOptimizer(0.01).minimize(tf.reduce_mean(losses))
        right = tf.equal(tf.argmax(logits, 2, output_type=tf.int32), labels)
        count = sum(v.shape.num_elements() for v in tf.trainable_variables())
        session = tf.Session()
        session.run(tf.global_variables_initializer())
    for _ in range(200):
        text, topic = write_texts(50, random)
        session.run(op, {words: text, topics: topic})
    judged = session.run(right, {words: held_out, topics: held_out_topics}).mean(axis=0)
    print("%-14s %4d numbers to train" % (type(cell).__name__, count), end=", ")
    print("right after 10, 30, 60 words:", judged[[9, 29, 59]].round(2))
    return judged, lambda text: session.run(outputs, {words: text})


plain_share, read_plain = train(BasicRNNCell(24))
context_share, read_context = train(ContextRNNCell(16, 8, activation=tf.tanh))
lstm_share, _ = train(BasicLSTMCell(24))

figure = make_figure(7.2, 3.4)
axes = figure.add_axes([0.1, 0.16, 0.86, 0.8])
after = np.arange(1, STEPS + 1)
axes.plot(after, 100 * bayes, color="black", linewidth=1, label="Bayes' rule")
axes.plot(after, 100 * lstm_share, "--", color=SERIES[2], label="LSTM")
axes.plot(after, 100 * context_share, color=ORANGE, label="plain and slow units")
axes.plot(after, 100 * plain_share, color=BLUE, label="plain units alone")
plain(axes)
axes.set_ylim(25, 100)
axes.set_xlabel("words read")
axes.set_ylabel("topic named right (%)")
axes.legend(frameon=False, loc="lower right")
picture(
    figure,
    "09_topics",
    "The share of texts whose topic is named right, over the number of words read: the network with slow units stays near "
    "Bayes' rule, the plain one falls behind.",
)

# %% [markdown]
# The plain cell falls behind early, though the task is only a count. It can do better than here: with more training its curve
# goes on rising, but it stays below. Eight slow units of no great cleverness go most of the way to the best that can be done,
# with fewer numbers to train. The LSTM gets there too, with several times as many. Bayes' rule is a running sum, and a running
# mean comes near to it: slow units are made for such a task.
#
# Now a text whose topic changes in the middle, and what two units make of it:

# %%
topics = np.repeat([[0, 2]], STEPS // 2, axis=1)
texts = np.repeat(topics, 2000, axis=0)
states = read_context(write(texts, random))  # [texts, steps, 16 fast and 8 slow]
slow = 16 + np.abs(states[:, 29] - states[:, 59]).mean(axis=0)[16:].argmax()
jumps = np.abs(np.diff(states[:, :, :16], axis=1)).mean(axis=(0, 1))
fast = jumps.argmax()

figure = make_figure(7.2, 3.6)
for place, (unit, name) in enumerate([(fast, "a fast unit"), (slow, "a slow unit")]):
    axes = figure.add_axes([0.1, 0.58 - 0.43 * place, 0.86, 0.36])
    for text in range(3):
        axes.plot(after, states[text, :, unit], color=SERIES[4], linewidth=0.8)
    axes.plot(after, states[:, :, unit].mean(axis=0), color=BLUE, linewidth=2)
    axes.axvline(STEPS // 2 + 0.5, color="black", linewidth=1, linestyle=":")
    plain(axes)
    axes.set_ylabel(name)
axes.set_xlabel("words read; the topic changes at the dotted line")
picture(
    figure,
    "09_units",
    "Above a fast unit, which jumps at every word; below a slow one, which drifts from one level to another after the topic "
    "has changed. Three texts, and the mean of many.",
)

# %% [markdown]
# Thin lines are three texts, the thick one is the mean of 2,000. The fast unit, the one with the widest jumps, goes up and down
# with the words; the slow one drifts to another level, with the half-life that $\alpha$ gives it. Slow cuts both ways: for many
# words after the dotted line, the old topic is still in there.
#
# On real text the gain is smaller. This is the full run of `examples/fairy_tales.py`, Grimm's tales by pairs of characters:

# %%
import json
import os

from lesson import DOCS

full_run("fairy_tales_tf2")
with open(os.path.join(DOCS, "results", "fairy_tales_tf2.json")) as file:
    found = json.load(file)
for part in ("20", "all"):
    print(
        "stories: %3s  seeds where the context cell was better: %s"
        % (part, found["context_%s_below_basic" % part])
    )

# %% [markdown]
# With all stories the context cell is a little better, for every seed; with twenty, which both learn too well, it is worse for
# every seed. So it is no magic: its four matrices can overfit as well as one. The paper's own finding on language models is
# that such a network does about as well as an LSTM, which is far more complex.
#
# ## What goes wrong
#
# **Asking it for one thing, long ago.** A mean of the past has everything in it, and a single step hardly at all. In the adding
# problem (lesson 7), two marked numbers out of 50 must be added. The context cell does not learn it, and is no better than a
# plain one. These are the squared errors of `examples/long_memory.py`; who remembers nothing has 1/6:

# %%
with open(os.path.join(DOCS, "results", "long_memory_tf2.json")) as file:
    found = json.load(file)
for name in ("basic", "context", "lstm"):
    print("%-8s %.4f" % (name, found["adding_%s_50_error" % name]))

# %% [markdown]
# **The beginning counts for less than it should.** $s_0$ is zero, and the weights of the first $t$ steps add up to
# $1 - \alpha^t$ and not to 1. After a cold start everything looks small. So carry the state on where texts go on (lesson 12),
# and do not judge by the first words:

# %%
for t in (1, 10, 20, 60):
    print("after %2d steps the weights add up to %.2f" % (t, 1 - 0.95**t))

# %% [markdown]
# **An $\alpha$ that is none.** It is a share, not a percentage:

# %%
with goes_wrong(GraphError):
    ContextRNNCell(16, 8, alpha=95)

# %% [markdown]
# At exactly 1, which is allowed, nothing is ever written, and $s$ stays where it began; at 0 there is no memory in $s$ at all.
#
# **The state of a plain cell.** There are two parts, and `zero_state` makes both:

# %%
with tf.Graph().as_default(), goes_wrong(GraphError):
    ContextRNNCell(16, 8)(tf.zeros([4, 12]), tf.zeros([4, 24]))

# %% [markdown]
# ## Exercises
#
# Try each of them first: its solution is folded away below it.
#
# 1. Which $\alpha$ gives a half-life of 100 steps? And how much of a word is left of it after 1,000?

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
alpha = 0.5 ** (1 / 100)
print("alpha %.4f; after 1,000 steps %.4f is left" % (alpha, alpha**1000))

# %% [markdown]
# 2. Replace the sum in Bayes' rule by a moving average, as a slow unit would. How much is lost after 60 words, for which
#    $\alpha$? Use `np.log(chances)` as $B$.

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
words = np.log(chances)[:, held_out]  # [topics, texts, steps]
for alpha in (0.5, 0.8, 0.9, 0.95, 0.99):
    weights = alpha ** np.arange(STEPS)[::-1]
    share = ((words @ weights).argmax(axis=0) == held_out_topics).mean()
    print("alpha %.2f: %.3f right, by the sum %.3f" % (alpha, share, bayes[-1]))
# At 0.99 it is as good as the sum: what differs there is the luck of 2,000 texts.

# %% [markdown]
# 3. How much does $s$ know of the order of words? Compare it after a text, after the same text with two neighbours in the
#    middle swapped, and after the text backwards.

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
text = held_out[:1]
swapped = text.copy()
middle = 30 + np.flatnonzero(text[0, 30:-1] != text[0, 31:])[0]  # two that differ
swapped[0, [middle, middle + 1]] = text[0, [middle + 1, middle]]
last = [read_context(one)[0, -1, 16:] for one in (text, swapped, text[:, ::-1])]
print("two words swapped: s changes by %.4f" % np.abs(last[1] - last[0]).max())
print("backwards:         s changes by %.4f" % np.abs(last[2] - last[0]).max())
# Of neighbours it hardly knows who came first; early and late it tells apart.
