# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Word embeddings
#
# A network computes with numbers, and the number of a word is only its name: word 17 is not half of word 34. So each word gets
# a *vector*, a row of a table, and the table is trained like all other weights. At first the rows are random. A network that
# has to say which word comes next gains by treating words alike that are used alike, and so their vectors move together.
# Nobody tells it that Monday and Tuesday are days. The table is called an *embedding*; that a language model learns one on
# the way was shown by Bengio et al. 2003 ("A Neural Probabilistic Language Model").

# %%
import numpy as np

from lesson import full_run, goes_wrong, picture, print_difference
from rnn_tf1 import Mode
from rnn_tf1.plotting.page import SERIES, make_figure, plain

words = ["the", "old", "king", "queen", "sees"]
ids = np.array([0, 1, 2, 4, 0, 3])
table = np.random.RandomState(1).normal(size=[5, 4])
one_hot = np.eye(5)[ids]

figure = make_figure(7.2, 2.8)
read = [words[i] for i in ids]
parts = [
    ("one-hot words", one_hot, read, words, 0.09, 0.25),
    ("table", table, words, range(1, 5), 0.49, 0.17),
    ("vectors", one_hot @ table, read, range(1, 5), 0.8, 0.17),
]
for title, values, down, across, left, width in parts:
    axes = figure.add_axes([left, 0.2, width, 0.66])
    colors = "Greys" if title == "one-hot words" else "RdBu"
    axes.imshow(values, cmap=colors, vmin=-2.2 * (colors == "RdBu"), vmax=2.2)
    axes.set_title(title, fontsize=11)
    axes.set_yticks(range(len(down)))
    axes.set_yticklabels(down)
    axes.set_xticks(range(len(across)))
    axes.set_xticklabels(across, rotation=40 if title == "one-hot words" else 0)
    axes.set_aspect("auto")
figure.text(0.37, 0.5, r"$\times$", fontsize=16)
figure.text(0.69, 0.5, r"$=$", fontsize=16)
picture(
    figure,
    "13_lookup",
    "A table of six words by five, with a single one in each row, times a table of five words by four numbers, is six rows "
    "of that table.",
)

# %% [markdown]
# The product at the left picks rows: "the" is read twice, and its vector is there twice.
#
# ## The equation
#
# Let $o_t$ be the *one-hot* vector of the word $w_t$: as long as the vocabulary, 1 at the place of the word, else 0. With the
# table $E$, one row for each word:
#
# $$x_t = o_t E = E[w_t]$$
#
# A lookup is a product, and nobody computes the product. The same holds for the gradient:
#
# $$\frac{\partial L}{\partial E} = \sum_t o_t^\top\, \frac{\partial L}{\partial x_t}$$
#
# The row of a word is the sum over the steps at which the word was read. The rows of all other words are zero.
#
# How alike are two words? By the *cosine* of the angle between their vectors, which does not ask how long they are:
#
# $$\cos(a, b) = \frac{a \cdot b}{\lVert a \rVert\, \lVert b \rVert}$$
#
# ## From scratch
#
# The loss is a stand-in here: the sum of the sines of all numbers that were read, whose gradient is a cosine.

# %%
x = table[ids]
print_difference("a product and a lookup", one_hot @ table, x, most=0)

by_product = one_hot.T @ np.cos(x)
by_rows = np.zeros([5, 4])
np.add.at(by_rows, ids, np.cos(x))  # unlike by_rows[ids] += ..., it adds "the" twice
print_difference("gradient by product and by rows", by_product, by_rows, most=1e-12)

# %% [markdown]
# ## By the library
#
# `embedding` makes the table as a variable, and looks up:

# %%
import tensorflow.compat.v1 as tf

from rnn_tf1.layers import embedding

with tf.Graph().as_default(), tf.Session() as session:
    vectors, variable = embedding(ids, 5, 4, initializer=table, dtype=tf.float64)
    gradient = tf.gradients(tf.reduce_sum(tf.sin(vectors)), variable)[0]
    session.run(tf.global_variables_initializer())
    found, sparse, full = session.run(
        [vectors, gradient, tf.convert_to_tensor(gradient)]
    )

print_difference("lookup", x, found, most=0)
print("the gradient is of the type", type(gradient).__name__)
print("its rows are of the words", sparse.indices)
print_difference("its sum", by_rows, full, most=1e-12)

# %% [markdown]
# TensorFlow keeps the rows that were read and the ids that they belong to, and no zeros. With 10,000 words and a batch of
# 1,000 this saves most of the work. Plain gradient descent then moves only rows that were read. TensorFlow's Adam does not keep
# to that: in the first step below, the words 0 and 1 are read, in the second step the words 2 and 3.

# %%
for make in (tf.train.GradientDescentOptimizer, tf.train.AdamOptimizer):
    with tf.Graph().as_default(), tf.Session() as session:
        places = tf.placeholder(tf.int32, [2])
        vectors, variable = embedding(places, 5, 4, initializer=table)
        op = make(0.1).minimize(tf.reduce_sum(tf.sin(vectors)))
        session.run(tf.global_variables_initializer())
        session.run(op, {places: [0, 1]})
        before = session.run(variable)
        session.run(op, {places: [2, 3]})
        moved = np.abs(session.run(variable) - before).max(axis=1) > 0
    print("%-25s moves the rows" % make.__name__, np.flatnonzero(moved))

# %% [markdown]
# Adam's mean of past gradients still pushes words 0 and 1. It does no harm, but who compares it with another program should
# know of it.
#
# ## What to look at: what the vectors have learned
#
# A text whose words have known kinds: the grammar of lesson 12 (`rnn_tf1.data.generated.grammar`). Two words are of one kind
# when the grammar uses them in the same places. The network is told nothing of it. It reads words and guesses the next one.

# %%
import itertools

from rnn_tf1.data.generated import grammar
from rnn_tf1.data.text.text import Batches, make_vocabulary


def write(tokens, seed):
    sentences = grammar.sentences(np.random.RandomState(seed))
    return list(itertools.islice(itertools.chain.from_iterable(sentences), tokens))


text = write(100000, seed=1)
vocabulary = make_vocabulary(text)

places_of = {word: set() for word in vocabulary.words}
for state, arcs in grammar.automaton().items():
    for word, _, behind in arcs:
        places_of[word].add((state, behind))
kind_of = {word: frozenset(places) for word, places in places_of.items()}
kinds = {}
for word in vocabulary.words:  # the most frequent first
    kinds.setdefault(kind_of[word], []).append(word)
for members in sorted(kinds.values(), key=len)[::-1][:8]:
    print("%3d words: %s ..." % (len(members), " ".join(members[:6])))

# %%
from rnn_tf1.experiments.language import word_vectors
from rnn_tf1.experiments.language.word_vectors import Table
from rnn_tf1.models.language_model import LanguageModelConfig, build_language_model
from rnn_tf1.training.optimize import build_train_op


def train(text, vocabulary, epochs, rows, rate, vectors=None, **sizes):
    """Trains a small language model. Its table and its perplexity on other text, before training and after each epoch."""
    batches = Batches(vocabulary.encode(text), rows, 20, vocabulary.end)
    held_out = Batches(vocabulary.encode(write(2000, seed=2)), 20, 20, vocabulary.end)
    config = LanguageModelConfig(
        units=32, layers=1, vocabulary=len(vocabulary), batch_size=rows, **sizes
    )
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(1)
        net = build_language_model(config, Mode(True), vectors=vectors)
        step = tf.train.get_or_create_global_step()
        op = build_train_op(net.word_loss, rate, step, 5.0, "adam").op
        with tf.variable_scope(tf.get_variable_scope(), reuse=True):
            test = build_language_model(config, Mode(False), batch_size=20, name="test")
        session.run(tf.global_variables_initializer())

        def perplexity(shift=0):
            losses = []
            for number in range(held_out.count):
                both = np.array(held_out.batch(number)) + shift
                inputs, targets = both % len(vocabulary)
                feed = {test.inputs: inputs, test.targets: targets}
                feed[test.begins] = number == 0
                losses.append(session.run([test.word_loss, test.carry], feed)[0])
            return np.exp(np.mean(losses))  # all pieces are of the same length

        tables, perplexities = [session.run(net.embedding)], [perplexity()]
        for _ in range(epochs):
            for number in range(batches.count):
                inputs, targets = batches.batch(number)
                feed = {net.inputs: inputs, net.targets: targets}
                feed[net.begins] = number == 0
                session.run([op, net.carry], feed)
            tables.append(session.run(net.embedding))
            perplexities.append(perplexity())
        return tables, perplexities, perplexity(shift=1)


def same_kind(vectors):
    """The share of words whose nearest word, by cosine, is of their own kind."""
    directions = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = directions @ directions.T
    np.fill_diagonal(cosines, -1)
    nearest = cosines.argmax(axis=1)
    judged = [i for i, w in enumerate(vocabulary.words) if len(kinds[kind_of[w]]) > 1]
    names = vocabulary.words
    return np.mean([kind_of[names[i]] == kind_of[names[nearest[i]]] for i in judged])


tables, perplexities, shifted = train(
    text, vocabulary, 4, rows=50, rate=0.01, tied=True, forget_bias=1.0
)
for epoch, (vectors, found) in enumerate(zip(tables, perplexities)):
    share = 100 * same_kind(vectors)
    print("epoch %d: perplexity %6.2f" % (epoch, found), end=", ")
    print("nearest word of the same kind: %2.0f %%" % share)

# %% [markdown]
# Before training the share is what chance gives, large kinds being hit more often than small ones. Then it rises, though no
# word of the training was about kinds. The nearest words, and their cosines:

# %%
learned = Table(vocabulary, tables[-1], "generated")
for word in ("king", "kings", "sees", "hans", "old", "slowly"):
    near = word_vectors.nearest(learned, word, 4)
    print("%-7s %s" % (word, ", ".join("%s %.2f" % pair for pair in near)))

# %% [markdown]
# Number has been found too: "king" is with words for one, "kings" with words for many, since a verb has to agree with them.
#
# A vector of 32 numbers cannot be drawn, but the plane can in which the vectors differ most: their first two *principal
# components*. `word_vectors.plane` computes it of the vectors' directions, and says how much of the differences it holds.

# %%
firsts = ("king", "kings", "sees", "see", "sleeps", "hans", "old")
groups = {word: kinds[kind_of[word]][:40] for word in firsts}
names = [word for group in groups.values() for word in group]
shown = vocabulary.encode(names)

figure = make_figure(7.2, 3.9)
for panel, (vectors, title) in enumerate(
    [(tables[0], "before training"), (tables[-1], "after it")]
):
    points, share = word_vectors.plane(vectors[shown])
    # A component may point either way: here "sees" is at the right, and "old" above.
    points *= np.sign(points[[names.index("sees"), names.index("old")], [0, 1]])
    print("%s: %.0f %% of the variance is in the plane" % (title, 100 * share))
    axes = figure.add_axes([0.09 + 0.49 * panel, 0.24, 0.41, 0.68])
    for group, color, mark in zip(groups.values(), SERIES, "osD^vP*"):
        here, points = points[: len(group)], points[len(group) :]
        label = "%s, %s ..." % tuple(group[:2])
        axes.plot(*here.T, mark, color=color, markersize=3.5, label=label)
    plain(axes)
    axes.set_title(title, loc="left", fontsize=11)
    axes.set_xlabel("first component")
    if not panel:
        axes.set_ylabel("second component")
        figure.legend(loc="lower center", ncol=4, frameon=False, fontsize=9)
picture(
    figure,
    "13_plane",
    "Words as points of a plane, each kind in its colour: before training all mixed up, after it the words of a kind lie "
    "together, apart from other kinds.",
)

# %% [markdown]
# Out of one cloud came a few small ones: nouns for one and for many, verbs, names, adjectives. "sees" and "see" lie close, as
# both want an object, and "sleeps", which wants none, lies elsewhere. The rest is in directions that the plane does not show,
# so that words may lie on top of each other here and still be apart. Measure in the full space, and take the picture for what
# it is, a shadow.
#
# ## Vectors from elsewhere
#
# Where there is little text for a task, vectors that were trained on much other text help. They are kept as text: a word and
# its numbers in a line, as word2vec and GloVe write them. Here a model that has seen only 4,000 words begins with the table
# from above. It is read by words, not by ids: the small text has a vocabulary and ids of its own.

# %%
import os
import tempfile

from rnn_tf1.data.text.vectors import read_vectors, write_vectors

few = text[:4000]
few_words = make_vocabulary(few)
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "vectors.txt")
    write_vectors(path, vocabulary.words, tables[-1], header=True)
    with open(path) as file:
        print(file.readline() + file.readline()[:50] + " ...")
    ready, count = read_vectors(path, few_words, size=32)
print("%d of the %d words of the small text have a vector" % (count, len(few_words)))

runs = {
    "random, trained": dict(),
    "from elsewhere, trained": dict(vectors=ready),
    "from elsewhere, frozen": dict(vectors=ready, train_embedding=False),
}
curves = {
    name: train(few, few_words, 6, rows=10, rate=0.01, **how)[1]
    for name, how in runs.items()
}

figure = make_figure(7.2, 3.2)
axes = figure.add_axes([0.1, 0.17, 0.87, 0.79])
for (name, found), color, style in zip(curves.items(), SERIES, ("-", "--", ":")):
    axes.plot(range(1, 7), found[1:], style, marker="o", color=color, label=name)
plain(axes)
axes.set_xlabel("epoch on 4,000 words")
axes.set_ylabel("perplexity on other text")
axes.legend(frameon=False)
picture(
    figure,
    "13_pretrained",
    "The perplexity over the epochs: vectors from elsewhere are below random ones from the first epoch on.",
)
for name, found in curves.items():
    print("%-25s after one epoch %6.1f, after six %5.1f" % (name, found[1], found[-1]))

# %% [markdown]
# *Frozen* means `train_embedding=False`: the table stays as it begins. That leaves fewer numbers to overfit, and the price is
# that the vectors cannot adapt to the task. Here, where both texts have one author, it makes little difference; on your own
# text, try both. Words that the file does not have get random numbers of the same spread.
#
# ## The full run
#
# `examples/embeddings.py` does the same on the newspaper text of Penn Treebank, writes the vectors for other programs, and a
# folder for TensorBoard's projector, which turns the cloud of words around on the screen:

# %%
import json

from lesson import DOCS

full_run("embeddings_tf2")
with open(os.path.join(DOCS, "results", "embeddings_tf2.json")) as file:
    full = json.load(file)
for name in ("company", "monday", "said"):
    print("%-8s %s" % (name, ", ".join(full["nearest_" + name].split()[:6])))

with tempfile.TemporaryDirectory() as folder:
    word_vectors.write_projector(folder, vocabulary.words, tables[-1], groups)
    print("\ntensorboard --logdir FOLDER reads", ", ".join(sorted(os.listdir(folder))))

# %% [markdown]
# The related words were chosen before anything was trained, sixteen pairs. Opposites are among them, such as "rose" and
# "fell": they stand in the same places, after the same words. A table of vectors knows about use, not about meaning.
#
# ## What goes wrong
#
# **An id beyond the table.** With $V$ rows, the last id is $V - 1$. On a CPU this is an error when the graph runs:

# %%
with tf.Graph().as_default(), tf.Session() as session:
    places = tf.placeholder(tf.int32, [None])
    vectors, _ = embedding(places, 5, 4, initializer=table)
    session.run(tf.global_variables_initializer())
    with goes_wrong(tf.errors.InvalidArgumentError):
        session.run(vectors, {places: [0, 5]})

# %% [markdown]
# On a GPU it is none: TensorFlow's documentation of `tf.gather` says that zeros come back. So check ids where they are made.
#
# **All ids shifted by one.** Somebody puts a padding symbol at 0, and all words move up. Every id is still within the table;
# there is no error, only nonsense. The model from above, with its own words and with each of them shifted:

# %%
print("perplexity %.1f; shifted by one: %.0f" % (perplexities[-1], shifted))
print("a guess among all words: %d" % len(vocabulary))

# %% [markdown]
# Worse than knowing nothing is the mark of a model that reads with another vocabulary than it was trained with. That is why
# a vocabulary has a hash, which is kept beside the weights:

# %%
from rnn_tf1 import CheckpointError

here = os.getcwd()
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    vocabulary.save("vocabulary.json")
    with goes_wrong(CheckpointError):
        few_words.check("vocabulary.json")
    os.chdir(here)

# %% [markdown]
# **Cosines of a cloud that is not at the origin.** Add the same vector $c$ to all rows of a softmax's table. All logits grow
# by the same $h \cdot c$, and the softmax does not change. In a table that is read, a bias behind it can make up for $c$. So
# training does not care where the middle of the cloud is, but every cosine does:

# %%
learned_table = tables[-1].astype(np.float64)
cloud = learned_table - learned_table.mean(axis=0)
c = np.full(32, 2 * cloud.std())
h = np.random.RandomState(3).normal(size=32)


def softmax(z):
    return np.exp(z - z.max()) / np.exp(z - z.max()).sum()


def mean_cosine(vectors):
    directions = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return (directions @ directions.T).mean()


print_difference("softmax", softmax(cloud @ h), softmax((cloud + c) @ h), most=1e-12)
for name, vectors in [
    ("as trained", learned_table),
    ("mean taken off", cloud),
    ("shifted", cloud + c),
]:
    print("%-15s mean cosine of all pairs %5.2f" % (name, mean_cosine(vectors)))

# %% [markdown]
# In the shifted cloud everything seems to be like everything else. A cosine of 0.9 means something only beside what other pairs
# have. Take the mean off before you compare (Mu and Viswanath 2018, "All-but-the-Top").
#
# ## Exercises
#
# Try each of them first: its solution is folded away below it.
#
# 1. How large is the cosine of a random vector with the nearest of 379 others, in 4, 32 and 320 dimensions? What does that say
#    about the numbers above?

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
for size in (4, 32, 320):
    cloud = np.random.RandomState(1).normal(size=[379, size])
    cloud /= np.linalg.norm(cloud, axis=1, keepdims=True)
    cosines = cloud @ cloud.T - 2 * np.eye(379)
    print("%3d dimensions: %.2f" % (size, cosines.max(axis=1).mean()))

# %% [markdown]
# 2. Mikolov et al. 2013 ("Linguistic Regularities in Continuous Space Word Representations") found that the vector of king,
#    less that of queen, and that of queens added, lies near kings. What comes out here? And what could tie "kings" to "king" in
#    this text?

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
king, queen, queens = tables[-1][vocabulary.encode(["king", "queen", "queens"])]
wanted = king - queen + queens
cosines = tables[-1] @ wanted / np.linalg.norm(tables[-1], axis=1)
best = [vocabulary.words[i] for i in np.argsort(-cosines)[:6]]
print(", ".join(best))
# Words for many, frequent ones first, "queens" itself among them. Nothing here ties "kings" to
# "king" but that both come often: the grammar treats all nouns alike.

# %% [markdown]
# 3. How many megabytes has a batch of 50 rows of 20 words, from a vocabulary of 10,000, as ids and as one-hot vectors?

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
print("%.3f MB and %.0f MB" % (50 * 20 * 4 / 1e6, 50 * 20 * 10000 * 4 / 1e6))
