# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Language models, perplexity and carried state
#
# A *language model* reads a text word by word, and after each word it says what may come next: a chance for every word
# that it knows. It is judged by the chance that it gave to the word that came. Nobody has to label anything, since every
# text is its own answer. And what can say how likely each next word is can also write: draw one of them, read it, go on.
#
# The text of this lesson is written by a small grammar, `rnn_tf1.data.generated.grammar`, which stands in for real text where
# there is no network. It has one advantage over a newspaper: since we know how it was written, we know how well anybody could
# guess its next word.

# %%
import itertools

import numpy as np

from lesson import full_run, goes_wrong, picture, print_difference
from rnn_tf1 import Mode
from rnn_tf1.data.generated import grammar
from rnn_tf1.plotting.page import BLUE, INK, ORANGE, make_figure, plain


def write(tokens, seed):
    sentences = grammar.sentences(np.random.RandomState(seed))
    return list(itertools.islice(itertools.chain.from_iterable(sentences), tokens))


train, test = write(120000, seed=1), write(2000, seed=2)
print(" ".join(test[:40]))

# %% [markdown]
# The grammar is always in one of a few states. In each of them, every word has a chance, and leads to another state. Who has
# read the text so far knows the state, and so the chance of each next word. The less it was expected, the longer is the bar:

# %%
states = grammar.automaton()


def expect(words):
    """The chance that the grammar gave to each word of a text; 0 where the word was impossible."""
    state, chances = grammar.START, []
    for word in words:
        arcs = {name: (chance, behind) for name, chance, behind in states[state]}
        chance, state = arcs.get(word, (0.0, grammar.START))
        chances.append(chance)
    return np.array(chances)


surprise = -np.log(expect(test))
ends = [place for place, word in enumerate(test) if word == "<eos>"]
begin, end = next(
    (a + 1, b + 1)
    for a, b in zip(ends, ends[1:])
    if "who" in test[a:b] and 12 <= b - a <= 14
)

figure = make_figure(7.2, 3.1)
axes = figure.add_axes([0.09, 0.31, 0.89, 0.65])
places = range(end - begin)
axes.bar(
    places, surprise[begin:end], color=BLUE, width=0.7, label="surprise, $-\\ln p$"
)
axes.axhline(surprise.mean(), color=ORANGE, label="mean of all 2,000 words")
plain(axes)
axes.set_xticks(list(places))
axes.set_xticklabels(test[begin:end], rotation=40, ha="right", fontsize=10)
axes.set_ylabel("nats")
axes.legend(frameon=False, loc="upper center", ncol=2)
axes.set_ylim(0, 1.2 * surprise[begin:end].max())
picture(
    figure,
    "12_surprise",
    "A sentence of the grammar with a bar for each word, which is long where the word was not expected, and the mean.",
)

# %% [markdown]
# "the" and `<eos>` are short bars, nouns and verbs long ones: even who knows everything about how this text was written is
# surprised at most words. And a second verb has to agree with a subject that stands several words back, not with the noun
# before it. To guess its ending takes memory.
#
# ## The equation
#
# The chance of a whole text is a product, a factor for each word, given all words before it:
#
# $$p(w_1, \dots, w_n) = \prod_{t=1}^{n} p(w_t \mid w_1, \dots, w_{t-1})$$
#
# A product of thousands of chances is too small a number to compute with. So one takes the mean of the logarithms, and this
# is the loss; its exponential is the *perplexity* (Jelinek, Mercer, Bahl and Baker 1977):
#
# $$L = -\frac{1}{n} \sum_{t=1}^{n} \ln p(w_t \mid w_1, \dots, w_{t-1})$$
#
# $$\text{perplexity} = e^L$$
#
# Who guesses among $V$ words, all equally likely, has $p = 1/V$ at each step, $L = \ln V$, and the perplexity $V$. So the
# number can be read: a model of perplexity 30 is as much at a loss as if it had to throw a die of 30 faces for each word. The
# end of a sentence, `<eos>`, is a word like the others. A model that once gives a word the chance 0 has the perplexity
# $\infty$.
#
# In a recurrent network the words before $w_{t+1}$ are in the state. Each word has a vector, a row of the table $E$ (lesson
# 13), and what the LSTM (lesson 8) has in its output is compared with all of them:
#
# $$x_t = E[w_t], \qquad h_t = \mathrm{LSTM}(x_t, h_{t-1})$$
#
# $$p(\,\cdot \mid w_1, \dots, w_t) = \mathrm{softmax}\left(h_t E^\top + b\right)$$
#
# That the same table is used twice, to read and to answer, is called *tied weights* (Press and Wolf 2017; Inan et al. 2017).
# Where the softmax has a matrix of its own, that is one more table to train, as large as the first.
#
# ## From scratch
#
# First, words become numbers: the most frequent word is 0. Then three models that need no network. The first knows how many
# words there are. The second, the *unigram* model, knows how often each comes. The third, a *bigram* model, has counted which
# word comes after which; where it has counted little, it listens to the second one.

# %%
from rnn_tf1.data.text.text import make_vocabulary

vocabulary = make_vocabulary(train)
V, end_id = len(vocabulary), vocabulary.end
ids, test_ids = vocabulary.encode(train), vocabulary.encode(test)
print("%d words; the first: %s" % (V, " ".join(vocabulary.words[:9])))
print("%s = %s" % (" ".join(test[:7]), test_ids[:7]))


def perplexity(chances):
    return np.exp(-np.log(chances).mean())


counts = np.bincount(ids, minlength=V) + 1  # no word has the chance 0
unigram = counts / counts.sum()

pairs = np.zeros([V, V])
np.add.at(pairs, (np.append(end_id, ids[:-1]), ids), 1)  # a text begins after an end
bigram = (pairs + 30 * unigram) / (pairs.sum(axis=1, keepdims=True) + 30)

before = np.append(end_id, test_ids[:-1])
baselines = {
    "a guess among all words": np.full(len(test), 1 / V),
    "unigram": unigram[test_ids],
    "bigram": bigram[before, test_ids],
    "the grammar itself": expect(test),
}
for name, chances in baselines.items():
    print("%-24s perplexity %6.2f" % (name, perplexity(chances)))
print("the grammar on a text without end: %.2f" % np.exp(grammar.entropy()))

# %% [markdown]
# The fourth line is the bound. Below it one comes by luck or by mistake, and never on a long text. The last line is what it
# tends to; for a given text, the bound on that very text is the one to compare with. On real text nobody knows the bound,
# which is why a baseline belongs beside every perplexity.
#
# ## By the library
#
# `build_language_model` makes the network, and `Batches` what it reads: the text is cut into 50 stretches of equal length, and
# each row of a batch goes on where the same row of the batch before ended. So the state can be carried on from batch to
# batch, and truncated back-propagation (lesson 7) is all that is cut.

# %%
import tensorflow.compat.v1 as tf

from rnn_tf1.data.text.text import Batches, Windows
from rnn_tf1.models.language_model import (
    LanguageModelConfig,
    build_language_model,
    build_sampler,
)
from rnn_tf1.training.optimize import build_train_op

config = LanguageModelConfig(
    vocabulary=V,
    units=64,
    layers=1,
    tied=True,
    batch_size=50,
    steps=20,
    forget_bias=1.0,
)
batches = Batches(ids, config.batch_size, config.steps, first=end_id)
updates = 3 * batches.count

graph = tf.Graph()
with graph.as_default():
    tf.set_random_seed(1)
    session = tf.Session()
    net = build_language_model(config, Mode(True))
    step = tf.train.get_or_create_global_step()
    rate = 0.02 * (1 - tf.cast(step, tf.float32) / updates)
    op = build_train_op(net.word_loss, rate, step, clip_norm=5.0, optimizer="adam").op
    with tf.variable_scope(tf.get_variable_scope(), reuse=True):
        long = build_language_model(
            config, Mode(False), batch_size=1, steps=200, name="long"
        )
        short = build_language_model(
            config, Mode(False), batch_size=1, steps=1, name="short"
        )
        rows = build_language_model(
            config, Mode(False), batch_size=40, steps=1, name="rows"
        )
    session.run(tf.global_variables_initializer())
    weights = tf.trainable_variables()
    for variable in weights:
        print("%-48s %s" % (variable.op.name, variable.shape.as_list()))


def score(net, ids):
    """-ln p of every word of a text, read as one stream in pieces as long as `net` has steps."""
    windows = Windows(ids, int(net.inputs.shape[1]), first=end_id)
    losses = []
    for number in range(windows.count):
        inputs, targets, scored = windows.batch(number)
        feed = {net.inputs: inputs, net.targets: targets, net.weights: scored}
        feed[net.begins] = number == 0  # the state before the first piece is zero
        losses.append(session.run([net.losses, net.carry], feed)[0][0])
    return np.concatenate(losses)[: len(ids)]


first_loss = score(long, test_ids).mean()
print("the first loss: %.3f; ln V = %.3f" % (first_loss, np.log(V)))

# %% [markdown]
# The first loss is close to $\ln V$: a network with small random weights has no preference. This is the cheapest test of a
# language model there is. Where the first loss is something else, it may be a sum over steps and not a mean, the vocabulary may
# have another size than you think, or the weights are too large.

# %%
for number in range(updates):
    inputs, targets = batches.batch(number % batches.count)
    feed = {net.inputs: inputs, net.targets: targets}
    feed[net.begins] = number % batches.count == 0
    session.run([op, net.carry], feed)
    if (number + 1) % batches.count == 0:
        losses = score(long, test_ids)
        print("after %3d batches: %.2f" % (number + 1, np.exp(losses.mean())))

# %% [markdown]
# It is well below the bigram model, so it has learned something of more than one word back, and above the bound, so there is
# more to learn. Now the same network in NumPy, with the weights that it has learned:

# %%


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def read(ids, table, kernel, bias, softmax_bias):
    """-ln p of each of the words `ids`, in one stream."""
    h, c, losses = np.zeros(64), np.zeros(64), []
    for word, following in zip(np.append(end_id, ids[:-1]), ids):
        i, j, f, o = np.split(np.concatenate([table[word], h]) @ kernel + bias, 4)
        c = sigmoid(f + 1.0) * c + sigmoid(i) * np.tanh(j)
        h = sigmoid(o) * np.tanh(c)
        logits = h @ table.T + softmax_bias
        losses.append(np.log(np.exp(logits).sum()) - logits[following])
    return np.array(losses)


by_hand = read(test_ids, *[v.astype(np.float64) for v in session.run(weights)])
print_difference("2,000 words by hand and by the graph", by_hand, losses, most=1e-3)
print("perplexity: %.3f and %.3f" % (np.exp(by_hand.mean()), np.exp(losses.mean())))

# %% [markdown]
# ## What to look at: the state that is carried
#
# Beside the network that is trained, the graph holds three that test it, over the same weights. `long` reads 200 words in one
# call, and its last state is kept in variables (`StateKeeper`) until the next call. `short` reads a single word per call, and
# must therefore find the same numbers:

# %%
one_by_one = score(short, test_ids[:600])
print_difference("1 word a call, 200 words a call", one_by_one, losses[:600], 1e-4)

# %% [markdown]
# What is it worth? Set the state to zero after every $k$ words, and the network has at most $k$ words to go by. `rows` reads 40
# stretches of the test text side by side, a word of each per call.

# %%
stretches = test_ids.reshape(40, -1)
befores = np.append(end_id, test_ids[:-1]).reshape(40, -1)


def reset_every(k):
    found = []
    for place in range(stretches.shape[1]):
        feed = {rows.inputs: befores[:, [place]], rows.targets: stretches[:, [place]]}
        feed[rows.begins] = place % k == 0
        found.append(session.run([rows.losses, rows.carry], feed)[0])
    return np.exp(np.mean(found))


every = [1, 2, 5, 10, 25, 50]
cut = [reset_every(k) for k in every]

figure = make_figure(7.2, 3.3)
axes = figure.add_axes([0.1, 0.17, 0.87, 0.79])
axes.plot(every, cut, "o-", color=BLUE, label="state zero after every k words")
axes.axhline(np.exp(losses.mean()), color=ORANGE, label="state carried")
axes.axhline(
    perplexity(baselines["bigram"]), color=INK, linewidth=1, ls="--", label="bigram"
)
axes.axhline(
    perplexity(baselines["the grammar itself"]),
    color=INK,
    linewidth=1,
    ls=":",
    label="the grammar itself",
)
plain(axes)
axes.set_xscale("log")
axes.set_xticks(every)
axes.set_xticklabels([str(k) for k in every])
axes.minorticks_off()
axes.set_xlabel("k: words until the state is set to zero")
axes.set_ylabel("perplexity")
axes.set_ylim(15, None)
axes.legend(frameon=False)
picture(
    figure,
    "12_carried",
    "The perplexity falls with the number of words between two resets of the state, from that of a bigram model and above "
    "toward the line of a state that is always carried.",
)

# %% [markdown]
# At $k = 1$ the network knows what the bigram model knows, one word, and is much worse at using it: in its training it has
# met a state of zero only in the first batch of each epoch, and has not learned what to do with it. With more words it finds
# its feet. A perplexity that was measured with resets is a right number, of a weaker model. This
# grammar forgets everything at the end of a sentence; a newspaper does not.
#
# ## Sampling
#
# To write, draw a word from $p$, read it, and go on. Three numbers change what is drawn from. The *temperature* divides the
# logits: below 1, likely words become likelier. *Top-k* keeps the $k$ likeliest words. *Top-p*, or *nucleus* (Holtzman et al.
# 2020), keeps the fewest words that together have the chance $p$. `build_sampler` has the whole loop in the graph; here
# it goes on with the first three words of 20 test sentences, by 100 words each.

# %%
with graph.as_default(), tf.variable_scope(tf.get_variable_scope(), reuse=True):
    temperature = tf.placeholder(tf.float32, [])
    top_k = tf.placeholder(tf.int32, [])
    top_p = tf.placeholder(tf.float32, [])
    sampler = build_sampler(config, temperature, top_k, top_p)

prompts = [["<eos>"] + test[place + 1 : place + 4] for place in ends[:20]]
feed = {sampler.prompts: [vocabulary.encode(words) for words in prompts]}
feed.update({sampler.lengths: [4] * 20, sampler.count: 100})


def sample(t=1.0, k=V, p=1.0):
    """20 texts, and the mean surprise of the network at its own words."""
    drawn = session.run(sampler.sampled, {**feed, temperature: t, top_k: k, top_p: p})
    texts = [
        words[1:] + vocabulary.decode(row) for words, row in zip(prompts, drawn.tokens)
    ]
    return texts, -drawn.log_probabilities.mean()


def distinct(texts, n=4):
    """The share of different phrases of n words among all phrases of a text; mean over texts."""
    shares = []
    for words in texts:
        phrases = list(zip(*[words[start:] for start in range(n)]))
        shares.append(len(set(phrases)) / len(phrases))
    return 100 * np.mean(shares)


def lawful(texts):
    """The share of sentences that the grammar could have written."""
    sentences = " ".join(" ".join(words + ["<eos>"]) for words in texts).split("<eos>")
    return 100 * np.mean(
        [(expect(s.split()) > 0).all() for s in sentences if s.strip()]
    )


ways = {
    "likeliest word": dict(k=1),
    "temperature 0.5": dict(t=0.5),
    "top-k, k = 10": dict(k=10),
    "nucleus, p = 0.9": dict(p=0.9),
    "as it is": dict(),
    "temperature 1.5": dict(t=1.5),
}
print("%-18s %8s %8s %9s" % ("", "distinct", "lawful", "surprise"))
row = "%-18s %6.0f %% %6.0f %% %9.2f"
for name, how in ways.items():
    texts, surprised = sample(**how)
    print(row % (name, distinct(texts), lawful(texts), surprised))
    if name in ("likeliest word", "nucleus, p = 0.9"):
        print("    " + " ".join(texts[0][:16]))
original = [test[place + 1 : place + 104] for place in ends[:20]]
print(row % ("the test text", distinct(original), lawful(original), losses.mean()))

# %% [markdown]
# `distinct` is the share of different phrases of four words, a measure for going round in circles; `lawful` is the share of
# sentences that the grammar could have written; `surprise` is the mean of $-\ln p$ under the network.

# %%
temperatures = np.array([0.1, 0.3, 0.5, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0])
found = [sample(t=t)[0] for t in temperatures]

figure = make_figure(7.2, 3.2)
axes = figure.add_axes([0.1, 0.17, 0.87, 0.79])
axes.plot(temperatures, [lawful(t) for t in found], "o-", color=BLUE, label="lawful")
axes.plot(
    temperatures, [distinct(t) for t in found], "s--", color=ORANGE, label="distinct"
)
plain(axes)
axes.set_ylim(0, 104)
axes.set_xlabel("temperature")
axes.set_ylabel("share (%)")
axes.legend(frameon=False, loc="center right")
picture(
    figure,
    "12_temperature",
    "Over the temperature: the share of sentences that follow the grammar falls, the share of different phrases rises.",
    tolerance=0.12,  # a few hundred sentences drawn by chance
)

# %% [markdown]
# Cold text is lawful and says the same again and again; hot text is new and wrong. There is no best temperature, only one for a
# purpose. At 1, where the network writes what it believes, a part of the sentences is unlawful: it gives some chance to words
# that are impossible, and in a whole sentence there are many occasions. Top-k and nucleus cut that tail off.
#
# Why does the likeliest word loop? Taking it is a function of the state, without any chance in it. As soon as a state comes
# back, or nearly so, everything after it comes back too. And look at the surprise in the table: the likeliest words are far
# less surprising than those of a real text, which are, on average, as surprising as the loss says. So the likeliest text is not
# a typical text. Holtzman et al. found that a beam (lesson 14), which looks harder for it, loops as well.
#
# On real text, the small model of Zaremba et al. 2014 by `examples/ptb.py` on the newspaper of Penn Treebank, and a compact one
# of ours, with tied weights and dropout; and Grimm's tales by pairs of characters, with the same measure for the pages that
# were written:

# %%
full_run("ptb_tf2")
full_run("ptb_compact_tf2")
full_run("fairy_tales_tf2")

# %% [markdown]
# These numbers cannot be set beside each other, nor beside those of the grammar: to guess a pair of characters is not to guess
# a word.
#
# ## What goes wrong
#
# **The mean of perplexities.** The mean belongs inside the exponential, over all words. To take the perplexity of each
# batch, or of each sentence, and then their mean, gives another number. Of pieces of equal length it is always larger,
# since the exponential is convex; how much larger depends on how the text is cut:

# %%
pieces = losses.reshape(-1, 20).mean(axis=1)
sentences = np.split(losses, np.array(ends) + 1)
means = np.array([sentence.mean() for sentence in sentences if len(sentence)])
print("over all words:                  %.2f" % np.exp(losses.mean()))
print("mean over pieces of 20 words:    %.2f" % np.exp(pieces).mean())
print("mean over sentences:             %.2f" % np.exp(means).mean())
print("exp of the mean over sentences:  %.2f" % np.exp(means.mean()))

# %% [markdown]
# The last line is no better: there each sentence counts the same, and so a word of a short sentence more than one of a long
# sentence. The same happens to a short last batch that counts like a full one. Add up losses and words, and divide once.
#
# **Another vocabulary.** Whoever knows fewer words, and calls all others `<unk>`, has a lower perplexity and no better
# model. Compare perplexities only on the same text, cut into the same words, with the same vocabulary:

# %%
for size in (V, 100, 30, 3):
    small = make_vocabulary(train, size)
    small_counts = np.bincount(small.encode(train), minlength=size) + 1
    chances = (small_counts / small_counts.sum())[small.encode(test)]
    print("a unigram model that knows %3d words: %6.2f" % (size, perplexity(chances)))

# %% [markdown]
# **The state is not carried.** `net.carry` is an operation of its own, and nothing runs that is not fetched. Without it the
# state before each batch is zero, there is no error, and the perplexity is that of the picture above.
#
# **A temperature of zero.** The limit exists, but not the division:

# %%
from rnn_tf1 import GraphError

with tf.Graph().as_default(), goes_wrong(GraphError):
    build_sampler(config, temperature=0)

# %% [markdown]
# **A text too short for its batches.** With 50 rows of 20 steps, 600 words are not even one batch:

# %%
from rnn_tf1 import DataError

with goes_wrong(DataError):
    Batches(test_ids[:600], config.batch_size, config.steps, first=end_id)

# %% [markdown]
# ## Exercises
#
# Try each of them first: its solution is folded away below it.
#
# 1. Some papers give bits per word, or bits per character. Convert the perplexity of the network into both. How many
#    characters, the space after it included, has a word of the test text?

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
bits = losses.mean() / np.log(2)
length = np.mean([len(word) + 1 for word in test])
print("%.2f bits per word, %.2f characters per word" % (bits, length))
print("%.2f bits per character" % (bits / length))

# %% [markdown]
# 2. How many numbers does tying save here, and with the 10,000 words and 320 units of the compact model? Build both graphs to
#    check the first.

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
import dataclasses

for tied in (True, False):
    with tf.Graph().as_default():
        build_language_model(dataclasses.replace(config, tied=tied), Mode(True))
        count = sum(v.shape.num_elements() for v in tf.trainable_variables())
    print("tied=%-5s %6d numbers" % (tied, count))
print("saved: %d here, %d there" % (V * 64, 10000 * 320))

# %% [markdown]
# 3. At which kinds of words is the network still worse than the grammar? Compare their surprise, word by word: at the end of
#    sentences, at words that end in "s", at the others.

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
loss_of_network = losses - surprise
kinds = np.array(
    ["<eos>" if w == "<eos>" else "-s" if w[-1] == "s" else "other" for w in test]
)
for kind in ("<eos>", "-s", "other"):
    here = kinds == kind
    print(
        "%-6s %4d words, the network loses %.3f nats a word"
        % (kind, here.sum(), loss_of_network[here].mean())
    )
