# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Dropout that knows train from test
#
# A network that has seen few examples learns them by heart. *Dropout* makes that harder: at each step of the training a
# part of the units, drawn at random, is silent. No unit can rely on a certain other one to be there, so that each has to be of
# use by itself. When the network is tested, all units speak. So there are two networks with the same weights, one for
# training and one for the test, and most of what goes wrong with dropout is that one of them is taken for the other.

# %%
import numpy as np

from lesson import goes_wrong, picture, print_difference
from rnn_tf1.plotting.page import BLUE, ORANGE, make_figure, plain

random = np.random.RandomState(1)
every_step = random.uniform(size=[12, 20]) < 0.7
once = np.repeat(random.uniform(size=[12, 1]) < 0.7, 20, axis=1)
figure = make_figure(7.2, 2.7)
names = ["a mask for each step", "one mask for all steps"]
for place, (mask, name) in enumerate(zip([every_step, once], names)):
    axes = figure.add_axes([0.07 + 0.49 * place, 0.2, 0.42, 0.66])
    axes.imshow(mask, cmap="Blues", vmin=-0.3, vmax=1.3, aspect="auto")
    axes.set_title(name, loc="left", fontsize=11)
    axes.set_xlabel("step")
    axes.set_ylabel("unit")
    axes.set_xticks([0, 4, 9, 14, 19])
    axes.set_xticklabels([1, 5, 10, 15, 20])
    axes.set_yticks([])
picture(
    figure,
    "11_masks",
    "Two tables of units and steps, dark where a unit is kept: at the left each step has a mask of its own, at the right a "
    "unit is kept at all steps or at none.",
)

# %% [markdown]
# Dark units are kept, pale ones dropped. A recurrent network has a choice that others have not: a new mask at each step,
# or one for the whole sequence. We come back to it.
#
# ## The equation
#
# $$y = \frac{x \odot m}{p}, \qquad m_i = 1 \text{ with probability } p, \text{ else } 0$$
#
# $p$ is `keep_prob`, the share that is kept. The division makes up for what is missing: the mean of $y$ over all masks is $x$.
# So what reads $y$ sees numbers of the same size as without dropout, and in the test nothing has to be done at all:
#
# $$y = x$$
#
# This is called *inverted* dropout. In the paper (Srivastava et al. 2014, "Dropout: A Simple Way to Prevent Neural Networks
# from Overfitting") it is the other way round: nothing is divided in training, and the weights are multiplied by $p$ in the
# test.
#
# ## From scratch

# %%


def drop(x, keep_prob, random):
    mask = random.uniform(size=x.shape) < keep_prob
    return x * mask / keep_prob


x = np.array([1.0, -2.0, 0.5, 3.0])
for _ in range(3):
    print(drop(x, 0.7, random).round(2))
mean = np.mean([drop(x, 0.7, random) for _ in range(20000)], axis=0)
print("mean of 20,000 masks:", mean.round(1))

# %% [markdown]
# The mean is kept. What comes after it is not linear, and there the mean is not kept exactly; this is the small price of
# testing with one network instead of the mean of all thinned ones.
#
# ## By the library
#
# `DropoutWrapper` puts dropout around a cell: on its inputs, its outputs, or on what its gates read. `is_training` says which
# of the two networks is built. Masks cannot be compared with ours, as they come from another generator; but what is not zero
# must be the cell's output divided by $p$:

# %%
import tensorflow.compat.v1 as tf

from rnn_tf1 import BasicLSTMCell, DropoutWrapper, GraphError, GRUCell, static_rnn

with tf.Graph().as_default(), tf.Session() as session:
    inputs = tf.constant(random.normal(size=[4, 7, 3]))
    cell = BasicLSTMCell(5)
    test, _ = static_rnn(
        DropoutWrapper(cell, output_keep_prob=0.7, is_training=False), inputs
    )
    train, _ = static_rnn(DropoutWrapper(cell, output_keep_prob=0.7, seed=1), inputs)
    session.run(tf.global_variables_initializer())
    y, dropped = session.run([test, train])
    again = session.run(train)

kept = dropped != 0
print_difference("what is kept, and x / p", y * kept / 0.7, dropped)
print("kept: %.2f of all" % kept.mean())
print("the same mask at the next call:", np.array_equal(kept, again != 0))

# %% [markdown]
# Train and test network can also stand in one graph, over the same variables: one to train, the other to look at new data.
# The second is built under `reuse=True`. Given `step`, the masks are a function of the seed and the step, so that a
# training that was interrupted goes on with the masks that it would have had:

# %%
from rnn_tf1.layers import dense


def two_networks(inputs, width, **keep_prob):
    """What the network to train and the one to test say after each step."""
    cell, said = BasicLSTMCell(24), []
    step = tf.train.get_or_create_global_step()
    for name in ("train", "test"):
        training = name == "train"
        wrapped = DropoutWrapper(
            cell, seed=1, step=step, is_training=training, **keep_prob
        )
        with tf.variable_scope("net", reuse=not training), tf.name_scope(name):
            outputs, _ = static_rnn(wrapped, inputs)
            said.append(dense(outputs, width))
    return said


with tf.Graph().as_default() as graph:
    two_networks(tf.zeros([4, 12, 3]), 2, input_keep_prob=0.5, output_keep_prob=0.5)
    print("variables:", [variable.op.name for variable in tf.trainable_variables()])
    for name in ("train", "test"):
        drawn = [
            op.type
            for op in graph.get_operations()
            if "RandomUniform" in op.type and op.name.startswith("net/%s/" % name)
        ]
        print("random operations of the %s network: %d" % (name, len(drawn)))

# %% [markdown]
# Two masks for each of twelve steps, and in the test network no random operation at all. It is not switched off by a
# placeholder that somebody forgets to feed; it is not there.
#
# ## What to look at
#
# A network that learns by heart: 150 short texts with four topics, of twelve words out of sixty. (Lesson 9 has such texts,
# and its reader had as many of them as it liked.) Forty passes over them, once without dropout, and once with half of the
# words and half of the units dropped. The words come as vectors with a single 1, so that an input that is dropped is a word
# that is left out.

# %%
WORDS, STEPS, TOPICS = 60, 12, 4
chances = np.full([TOPICS, WORDS], 0.5 / WORDS)
for topic in range(TOPICS):
    chances[topic, 15 * topic : 15 * topic + 15] += 0.5 / 15


def write_texts(count, random):
    topics = random.randint(TOPICS, size=count)
    shares = chances.cumsum(axis=1)[topics][:, None]
    words = (random.uniform(size=[count, STEPS, 1]) > shares).sum(axis=-1)
    return np.eye(WORDS)[words], topics


known = write_texts(150, random)
new = write_texts(1000, random)


def fit(**keep_prob):
    """Losses on known and new texts by the test network; and both networks' accuracy."""
    order, curves = np.random.RandomState(2), []
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(1)
        words = tf.placeholder(tf.float64, [None, STEPS, WORDS])
        topics = tf.placeholder(tf.int64, [None])
        logits = [said[:, -1] for said in two_networks(words, TOPICS, **keep_prob)]
        losses = [
            tf.losses.sparse_softmax_cross_entropy(topics, values) for values in logits
        ]
        op = tf.train.AdamOptimizer(0.01).minimize(
            losses[0], tf.train.get_global_step()
        )
        right = [
            tf.reduce_mean(tf.cast(tf.equal(tf.argmax(values, 1), topics), tf.float64))
            for values in logits
        ]
        session.run(tf.global_variables_initializer())
        for epoch in range(40):
            for rows in order.permutation(150).reshape(3, 50):
                session.run(op, {words: known[0][rows], topics: known[1][rows]})
            if epoch % 2:
                found = [
                    session.run(losses[1], {words: part[0], topics: part[1]})
                    for part in (known, new)
                ]
                curves.append([epoch + 1] + found)
        return np.array(curves), session.run(right, {words: new[0], topics: new[1]})


without, (_, right_without) = fit()
dropout, (left_on, right_with) = fit(input_keep_prob=0.5, output_keep_prob=0.5)

figure = make_figure(7.2, 3.4)
axes = figure.add_axes([0.1, 0.16, 0.86, 0.8])
for curves, name, color in (
    (without, "without dropout", BLUE),
    (dropout, "with dropout", ORANGE),
):
    axes.plot(curves[:, 0], curves[:, 2], color=color, label=name + ", new texts")
    axes.plot(
        curves[:, 0], curves[:, 1], ":", color=color, label=name + ", known texts"
    )
plain(axes)
axes.set_ylim(0, None)
axes.set_xlabel("passes over the training texts")
axes.set_ylabel("loss (nats)")
axes.legend(frameon=False)
picture(
    figure,
    "11_overfitting",
    "Without dropout the loss on known texts falls to zero and that on new texts rises; with dropout both stay closer "
    "together, and new texts are read better.",
)
print(
    "new texts right: %.3f without dropout, %.3f with it" % (right_without, right_with)
)

# %% [markdown]
# Dotted lines are the texts of the training, full lines new ones. Without dropout the network soon knows its 150 texts by
# heart and grows ever surer of itself; on new texts it is then wrong with great certainty, and the loss rises. With dropout
# it never sees a text twice: half of the words are missing, each time others. All lines are those of the test network. The
# loss that the training itself reports is that of the train network, and higher: who compares it with a validation loss
# wonders why a network should do better on what it has never seen.
#
# **One mask for all steps.** A mask drawn anew at every step is noise that a recurrence may average out, and on the state
# it wears the memory down, as we shall see. Gal and Ghahramani 2016 ("A Theoretically Grounded Application of Dropout in
# Recurrent Neural Networks") draw one mask for a sequence and keep it for all of its steps, and call it *variational*:

# %%
with tf.Graph().as_default(), tf.Session() as session:
    for variational in (False, True):
        cell = DropoutWrapper(
            BasicLSTMCell(50),
            output_keep_prob=0.7,
            variational_recurrent=variational,
            seed=1,
        )
        outputs, _ = static_rnn(
            cell, tf.constant(random.normal(size=[4, 7, 3])), scope="v%d" % variational
        )
        session.run(tf.global_variables_initializer())
        kept = session.run(outputs) != 0  # [batch, steps, units]
        same = (kept == kept[:, :1]).all()
        print(
            "variational_recurrent=%-5s  the same units at all steps: %s"
            % (variational, same)
        )

# %% [markdown]
# Each sequence of the batch has its own mask. (TensorFlow's wrapper draws one for all rows of the batch.)
#
# **Dropout in the recurrence.** `recurrent_keep_prob` drops the $h$ that the gates read. What the cell carries on, the $c$
# of an LSTM, is left alone, so that nothing is lost for good: this is the recurrent part of Gal and Ghahramani's method,
# with `variational_recurrent=True`, and close to Semeniuta et al. 2016 ("Recurrent Dropout without Memory Loss").
# `state_keep_prob`, on the other hand, drops the state itself, on its way to the next step. What has to be carried over
# many steps must be lucky at each of them:

# %%
for steps in (1, 5, 20):
    print(
        "keep_prob 0.9: a number in the state lives through %2d steps with chance %.2f"
        % (steps, 0.9**steps)
    )

# %% [markdown]
# ## What goes wrong
#
# **Dropout is left on in the test.** The network of the training judges the new texts, with random units silent. There
# is no error, and the result is not absurd; it is only worse than it should be:

# %%
print("new texts right: %.3f by the test network" % right_with)
print("                 %.3f with dropout left on" % left_on)

# %% [markdown]
# There is one good reason to do so on purpose: many runs with different masks give a spread, which serves as an error bar
# (Gal and Ghahramani 2016, "Dropout as a Bayesian Approximation"). `examples/forecast_csv.py` does that.
#
# **The only input is dropped.** A series has one number for each step. Dropout on the inputs replaces it by 0, which is a
# value like any other, or makes it larger by $1 / p$. The network cannot know which is which, and learns to believe
# neither:


# %%
def waves(count, random):
    t = np.arange(21) + random.uniform(0, 100, [count, 1])
    return (np.sin(0.5 * t) + np.sin(0.83 * t + random.uniform(0, 6, [count, 1])))[
        ..., None
    ]


def forecast_error(**keep_prob):
    """The squared error of one-step forecasts on new series, by the test network."""
    draws = np.random.RandomState(3)
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(1)
        series = tf.placeholder(tf.float64, [None, 21, 1])
        errors = [
            tf.reduce_mean(tf.square(said - series[:, 1:])[:, 5:])
            for said in two_networks(series[:, :-1], 1, **keep_prob)
        ]
        op = tf.train.AdamOptimizer(0.02).minimize(
            errors[0], tf.train.get_global_step()
        )
        session.run(tf.global_variables_initializer())
        for _ in range(120):
            session.run(op, {series: waves(50, draws)})
        return session.run(errors[1], {series: waves(500, draws)})


print("no dropout:       %.4f" % forecast_error())
print("outputs, 0.8:     %.4f" % forecast_error(output_keep_prob=0.8))
print("the input, 0.8:   %.4f" % forecast_error(input_keep_prob=0.8))

# %% [markdown]
# There are as many series here as one likes, so that any dropout only harms; on the input it harms most by far. (On the words
# above it helped: there, a dropped input is a word left out, and 0 means exactly that.)
#
# **The share that goes, for the share that stays.** `keep_prob` is what is kept. `rate`, in Keras and in `tf.nn.dropout` of
# TensorFlow 2, is what is dropped. A keep_prob of 0.2 that was meant as a rate passes, and cripples the network; this one
# does not pass:

# %%
with goes_wrong(GraphError):
    DropoutWrapper(BasicLSTMCell(5), output_keep_prob=0.0)

# %% [markdown]
# **One mask for all steps, on a state that is carried on.** A GRU hands on $u h$, a part of its old state. The division by
# $p$ would be repeated at each step for the same units, and they would grow by up to $1 / p$ each time. It is refused (not
# so for the $h$ of an LSTM, which is computed anew at each step):

# %%
with goes_wrong(GraphError):
    DropoutWrapper(GRUCell(5), state_keep_prob=0.8, variational_recurrent=True)

# %% [markdown]
# ## Exercises
#
# Try each of them first: its solution is folded away below it.
#
# 1. What is the variance of $y_i$ over all masks? Derive it, and check it on $x$ from above.

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
samples = np.array([drop(x, 0.7, random) for _ in range(20000)])
print("measured  ", samples.var(axis=0).round(1))
print("x^2 (1 - p) / p", (x**2 * 0.3 / 0.7).round(1))

# %% [markdown]
# 2. How many masks are drawn in one pass over a sequence of 12 steps, with dropout on the inputs, and with dropout on
#    inputs and outputs? Count the random operations. (The initializer of the weights is one, too, if it is random.)

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
for keep in (
    dict(input_keep_prob=0.5),
    dict(input_keep_prob=0.5, output_keep_prob=0.5),
):
    with tf.Graph().as_default() as graph:
        with tf.variable_scope("net", initializer=tf.zeros_initializer()):
            static_rnn(DropoutWrapper(BasicLSTMCell(5), **keep), tf.zeros([4, 12, 3]))
        kinds = [op.type for op in graph.get_operations()]
        print("%2d for %s" % (kinds.count("RandomUniform"), ", ".join(sorted(keep))))

# %% [markdown]
# 3. Measure the growth that the last error speaks of: a state of ones, 20 steps, the same mask at each, $p = 0.8$. And with
#    a new mask at each step: what is the mean, and what do most units look like?

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
mask = random.uniform(size=10000) < 0.8
same, fresh = np.ones(10000), np.ones(10000)
for _ in range(20):
    same = same * mask / 0.8
    fresh = drop(fresh, 0.8, random)
print("the same mask: the largest is %.1f" % same.max())
print("new masks: mean %.1f, zeros %.3f of all" % (fresh.mean(), (fresh == 0).mean()))
