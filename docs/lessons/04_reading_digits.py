# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Reading digits row by row
#
# A picture of a digit has 28 rows of 28 pixels. A recurrent network can read it like a page, from top to bottom, one row at
# each step. What it has seen so far is in its state. After the last row, a layer of ten outputs looks at the state and says
# which digit it was. The network is never shown the picture as a whole.
#
# The digits here are drawn from fonts, bent, turned and blurred, so that the lesson needs no network and sees the same images
# everywhere. For the handwritten ones of MNIST, write `data = mnist.load()` in the place of the `with` block.

# %%
import os
import tempfile

from lesson import full_run, goes_wrong, picture, print_difference  # lesson.py, here
from rnn_tf1 import Mode
from rnn_tf1.data.generated import digits
from rnn_tf1.data.images import mnist
from rnn_tf1.plotting.page import SERIES, make_figure, plain

with tempfile.TemporaryDirectory() as folder:
    drawn = os.path.join(folder, "mnist-generated")
    digits.generate(drawn, train=6000, test=1000)
    data = mnist.load(folder, validation=1000, generated=True)
train, valid, test = data.train, data.validation, data.test

for name in ("train", "validation", "test"):
    part = getattr(data, name)
    print("%-10s images %s, labels %s" % (name, part.images.shape, part.labels.shape))

# %%
image, rows = valid.images[list(valid.labels).index(5)], (7, 14, 21)

figure = make_figure(7.5, 2.9)
seen = figure.add_axes([0.08, 0.17, 0.3, 0.77])
seen.imshow(image, cmap="gray_r", extent=(0.5, 28.5, 28.5, 0.5))
seen.set_ylabel("row: time step")
seen.set_xlabel("pixel: depth")
seen.set_xticks([1, 14, 28])
seen.set_yticks([1, 7, 14, 21, 28])
steps = figure.add_axes([0.49, 0.17, 0.48, 0.77])
for row, color in zip(rows, SERIES):
    seen.axhspan(row - 0.5, row + 0.5, fill=False, edgecolor=color, linewidth=1.5)
    steps.plot(range(1, 29), image[row - 1], color=color, label="$x_{%d}$" % row)
plain(steps)
steps.set_xlabel("pixel")
steps.set_xticks([1, 7, 14, 21, 28])
steps.set_ylabel("ink, from 0 to 1")
steps.set_ylim(-0.05, 1.05)
steps.legend(framealpha=1, edgecolor="none")
picture(
    figure,
    "04_rows",
    "A digit with three of its rows framed, and the 28 numbers that each of these rows is.",
)

# %% [markdown]
# ## The equation
#
# The plain cell of lesson 1 reads the rows $x_1, \dots, x_{28}$; a softmax makes ten probabilities of the last state:
#
# $$h_t = \tanh\left([x_t, h_{t-1}]\, W + b\right), \qquad z = h_{28} V + c, \qquad
# p_k = \frac{e^{z_k}}{\sum_{j=0}^{9} e^{z_j}}$$
#
# The ten numbers $z$ are called *logits*. With the right digit $k$, its label, the loss is
#
# $$L = -\ln p_k$$
#
# the *cross-entropy*, in nats. It is zero for a network that is certain and right, and without limit for one that is certain
# and wrong. A network that knows nothing gives each digit about $1/10$. So there is a number to check before anything is
# trained: **the first loss should be about $\ln 10$**.
#
# ## From scratch
#
# 100 units, random weights, 200 images:

# %%
import numpy as np

random = np.random.RandomState(4)
W, b = random.normal(0, 0.1, [28 + 100, 100]), random.normal(0, 0.1, [100])
V, c = random.normal(0, 0.05, [100, 10]), random.normal(0, 0.05, [10])


def read(images):
    """The state after each row: [batch, 28, 100]."""
    h, states = np.zeros([len(images), 100]), []
    for t in range(28):
        h = np.tanh(np.concatenate([images[:, t], h], axis=1) @ W + b)
        states.append(h)
    return np.stack(states, axis=1)


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


images, labels = valid.images[:200], valid.labels[:200]
p = softmax(read(images)[:, -1] @ V + c)
loss = -np.log(p[np.arange(200), labels]).mean()

print("loss %.3f, ln 10 = %.3f" % (loss, np.log(10)))
print("right: %.0f %% of the images" % (100 * np.mean(p.argmax(axis=1) == labels)))

# %% [markdown]
# ## By the library
#
# `build_classifier` is this graph, with a placeholder for images and one for labels:

# %%
import tensorflow.compat.v1 as tf

from rnn_tf1.models.classifier import ClassifierConfig, build_classifier

config = ClassifierConfig(cell="basic", units=100, unroll="static")
with tf.Graph().as_default(), tf.Session() as session:
    model = build_classifier(config, Mode(False))
    for variable, value in zip(tf.trainable_variables(), [W, b, V, c]):
        print(variable.name, variable.shape.as_list())
        variable.load(value, session)
    feed = {model.inputs: images, model.labels: labels}
    by_library = session.run([model.probabilities, model.loss], feed)

print_difference("probabilities", p, by_library[0])
print_difference("loss", loss, by_library[1])

# %% [markdown]
# Now it shall learn. `build_train_op` adds the gradient of the loss, clips it where it is too long (lesson 7), and makes
# Adam's update (Kingma and Ba, 2015). The learning rate falls from its first value to zero along a cosine:

# %%
from rnn_tf1.data.batches import batch_count, batches
from rnn_tf1.training.optimize import build_train_op, cosine_decay

EPOCHS, BATCH = 8, 50
steps_per_epoch = batch_count(len(train.labels), BATCH)


def build_training():
    tf.set_random_seed(1)  # the same weights at the beginning of every graph
    step = tf.train.get_or_create_global_step()
    model = build_classifier(config, Mode(True))
    rate = cosine_decay(0.002, step, steps_per_epoch * EPOCHS)
    return model, build_train_op(model.loss, rate, step, clip_norm=1.0)


# %% [markdown]
# A training loop is short. One *epoch* sees every training image once, in a new order; `batches` makes the order from the seed
# (here 0) and the number of the epoch. Behind each epoch we look at images that are never trained on, the *validation* images:


# %%
def train_by_hand(turn=lambda images: images, epochs=2):
    found = []
    with tf.Graph().as_default(), tf.Session() as session:
        model, train_op = build_training()
        session.run(tf.global_variables_initializer())
        asked = {model.inputs: turn(valid.images), model.labels: valid.labels}
        print("before training: loss %.3f" % session.run(model.loss, asked))
        for epoch in range(epochs):
            for images, labels in batches(train, BATCH, 0, epoch):
                feed = {model.inputs: turn(images), model.labels: labels}
                session.run(train_op.op, feed)
            found.append(session.run([model.loss, model.accuracy], asked))
            text = "epoch %d: validation loss %.3f, accuracy %.1f %%"
            print(text % (epoch + 1, found[-1][0], 100 * found[-1][1]))
    return found


by_hand = train_by_hand()

# %% [markdown]
# `fit` is the same loop with what one misses in the second week: it shows how far it is, writes checkpoints, goes on by itself
# after it was killed, stops when the loss is no number any more, and gives back the weights of the best epoch. It is told what
# to feed, and what to look at after each epoch:

# %%
from rnn_tf1.training import RunFolder, Schedule, fit

graph = tf.Graph()
with graph.as_default(), tempfile.TemporaryDirectory() as folder:
    session = tf.Session()
    model, train_op = build_training()
    asked = {model.inputs: valid.images, model.labels: valid.labels}

    def feeds(epoch, start):
        for images, labels in batches(train, BATCH, 0, epoch, start):
            yield {model.inputs: images, model.labels: labels}

    def evaluate():
        loss, accuracy = session.run([model.loss, model.accuracy], asked)
        return {"valid_loss": loss, "valid_accuracy": accuracy}

    fitted = fit(
        session,
        train_op,
        {"loss": model.loss, "accuracy": model.accuracy},
        feeds,
        evaluate,
        Schedule(steps_per_epoch, EPOCHS),
        RunFolder(folder, {"units": config.units, "epochs": EPOCHS}),
    )

both = [row["valid_loss"] for row in fitted.history[:2]]
print_difference(
    "two epochs by hand and by fit", [row[0] for row in by_hand], both, 1e-3
)
print("best epoch: %d of %d" % (fitted.best_epoch, EPOCHS))

# %% [markdown]
# ## What to look at
#
# **Two curves, and how far they are apart.** The network is judged by images that it has not been trained on. Where the
# training curve goes on falling and the validation curve does not, it has begun to learn its training images by heart. The
# same output layer can also be asked after each row, as if the picture ended there:

# %%
answers, states = session.run([model.step_probabilities, model.outputs], asked)
by_row = (answers.argmax(axis=2) == valid.labels[:, None]).mean(axis=0)

figure = make_figure(7.5, 3)
axes = figure.add_axes([0.09, 0.17, 0.38, 0.72])
epochs = [row["epoch"] for row in fitted.history]
for name, label, color in (("train", "training", 0), ("valid", "validation", 1)):
    values = [100 * (1 - row[name + "_accuracy"]) for row in fitted.history]
    axes.plot(
        epochs, values, marker="o", markersize=4, color=SERIES[color], label=label
    )
axes.set_xlabel("epoch")
axes.set_ylabel("wrong answers (%)")
axes.set_ylim(0, 70)
axes.legend(frameon=False)
plain(axes)
axes = figure.add_axes([0.59, 0.17, 0.38, 0.72])
axes.plot(range(1, 29), 100 * by_row, color=SERIES[1])
axes.axhline(10, color="black", linewidth=1, linestyle="--", label="guessing")
axes.set_xlabel("rows read")
axes.set_xticks([1, 7, 14, 21, 28])
axes.set_ylabel("right answers (%)")
axes.set_ylim(0, 100)
axes.legend(frameon=False, loc="upper left")
plain(axes)
picture(
    figure,
    "04_curves",
    "Wrong answers fall over the epochs, in training and validation; right answers rise with the rows read.",
    tolerance=0.15,
)

# %% [markdown]
# At the left, both curves still fall together: longer training would help, and more images. The training curve lies above the
# other because it is the mean over an epoch in which the network was still getting better.
#
# At the right, the answers are guesses until the last few rows. This is not because half a digit cannot be told. The output
# layer has been trained on $h_{28}$ alone, and that is the only kind of state that it can read. Exercise 2 fixes it.
#
# **The network while it reads.** One validation image: what it sees, what its units hold after each row, and what it would
# answer if the picture ended there:

# %%
from rnn_tf1.plotting import hidden_states

chosen = int(np.flatnonzero(valid.labels == 3)[0])
picture(
    hidden_states(
        valid.images[chosen], states[chosen], answers[chosen], label=3, path=None
    ),
    "04_reading",
    "A digit, the activation of the hidden units after each row, and the probability of each class after each row.",
    tolerance=0.15,
)

# %% [markdown]
# While the rows are empty paper, the units rest. From the first ink on, each has rows at which it is most active. The answers
# before the last rows are what the state looks like to a layer that expects the end: a digit that has ended here.
#
# **The test, once.** The validation images have told us which epoch is best, so they are no strangers any more. For the figure
# that you report, there is a third set:

# %%
asked = {model.inputs: test.images, model.labels: test.labels}
accuracy = session.run(model.accuracy, asked)
print("test accuracy: %.1f %% of %d images" % (100 * accuracy, len(test.labels)))

# %% [markdown]
# **With all of MNIST**, more units and more epochs, `examples/mnist_rows.py` gets this far; first with the plain cell, then
# with the LSTM of lesson 8:

# %%
full_run("mnist_rows_basic_tf2")
full_run("mnist_rows_lstm_tf2")

# %% [markdown]
# ## What goes wrong
#
# **One-hot labels for a loss that wants numbers.** `sparse_softmax_cross_entropy_with_logits` takes the digit itself;
# `softmax_cross_entropy_with_logits` takes a row with a one in its place:

# %%
one_hot = np.eye(10, dtype=np.int32)[labels]
with tf.Graph().as_default(), goes_wrong(ValueError):
    tf.nn.sparse_softmax_cross_entropy_with_logits(
        labels=one_hot, logits=tf.zeros([200, 10])
    )

# %% [markdown]
# **Softmax twice.** These losses take logits and apply the softmax themselves. If they are given probabilities, nothing
# complains. The network even learns, slowly, because no answer is good enough. This is the loss of a perfect one:

# %%
perfect = np.eye(10)[:1]  # certain of the digit 0, and right
print("loss that it should have: %.3f" % np.log(1 / perfect[0, 0]))
print("softmax applied again:    %.3f" % np.log(1 / softmax(perfect)[0, 0]))

# %% [markdown]
# So a loss of ten classes that gets stuck a little below 1.5 is worth a look at the line that computes it.
#
# **Pixels from 0 to 255.** Image files hold whole numbers up to 255. Fed as they are, they push every tanh to its end, where
# it is flat and has no gradient. How many outputs are at their ends, within one in a thousand?

# %%
for largest in (1, 255):
    saturated = np.abs(read(largest * images)[:, 10:20]) > 0.999
    print("pixels up to %3d: %4.1f %% at the ends" % (largest, 100 * saturated.mean()))

# %% [markdown]
# `mnist.load` divides by 255. Whoever reads the files otherwise has to do it.
#
# **Choosing by the test set.** Try 200 settings, test each on the 1,000 test images, report the best. It looks careful. Let
# all 200 be equally good, each right on 90 % of all digits there are:

# %%
found = np.random.RandomState(0).binomial(1000, 0.9, size=200) / 1000
print("true accuracy of every setting: 90.0 %")
print("accuracy of the best on the test: %.1f %%" % (100 * found.max()))

# %% [markdown]
# The difference is luck, and it was reported as progress. Choose by the validation images, and look at the test images once.
#
# ## Exercises
#
# Try each of them first: its solution is folded away below it.
#
# 1. Let the network read columns instead of rows, from left to right. Is that harder?

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
by_column = train_by_hand(turn=lambda images: images.transpose(0, 2, 1), epochs=EPOCHS)
print("by columns: %.1f %%" % (100 * max(accuracy for _, accuracy in by_column)))
print("by rows: %.1f %%" % (100 * max(row["valid_accuracy"] for row in fitted.history)))
# It is: the same network, trained as long, gets fewer of them right.

# %% [markdown]
# 2. Let the network answer as early as it can: train it with the mean of the losses after all 28 rows. How good are its
#    answers after 7, 14, 21 and 28 rows?


# %% tags=["hide-cell"] jupyter={"source_hidden": true}
def learn_to_answer_early():
    """[images, 28, 10]: what a network so trained says of the validation images."""
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(1)
        step = tf.train.get_or_create_global_step()
        model = build_classifier(config, Mode(True))
        wanted = tf.expand_dims(tf.one_hot(model.labels, 10), 1)  # [batch, 1, 10]
        p = tf.reduce_sum(model.step_probabilities * wanted, axis=2)  # [batch, 28]
        rate = cosine_decay(0.002, step, steps_per_epoch * EPOCHS)
        train_op = build_train_op(-tf.reduce_mean(tf.log(p + 1e-9)), rate, step, 1.0)
        session.run(tf.global_variables_initializer())
        for epoch in range(EPOCHS):
            for images, labels in batches(train, BATCH, 0, epoch):
                feed = {model.inputs: images, model.labels: labels}
                session.run(train_op.op, feed)
        return session.run(model.step_probabilities, {model.inputs: valid.images})


early = learn_to_answer_early()
early_by_row = (early.argmax(axis=2) == valid.labels[:, None]).mean(axis=0)
for row in (7, 14, 21, 28):
    figures = (row, 100 * by_row[row - 1], 100 * early_by_row[row - 1])
    print("%2d rows: %4.1f %%, with all losses %4.1f %%" % figures)
# Half a digit tells much. The price is a worse last answer: the same units now have 28
# questions to serve, and the last one is no longer the only one that counts. After the
# last rows, mostly paper, it can even get worse again; longer training closes the gap.

# %% [markdown]
# 3. How many numbers does this network learn? And with `cell="lstm"`? Compute both by hand first; an LSTM layer has four
#    kernels and biases of the plain size.

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
import dataclasses

from rnn_tf1.training import count_parameters

softmax_layer = 100 * 10 + 10
for cell, kernels in (("basic", 1), ("lstm", 4)):
    with tf.Graph().as_default():
        build_classifier(dataclasses.replace(config, cell=cell), Mode(True))
        expected = kernels * ((28 + 100) * 100 + 100) + softmax_layer
        print("%-5s %d, expected %d" % (cell, count_parameters(), expected))
