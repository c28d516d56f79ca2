# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Encoder, decoder, attention, beam
#
# A translation has another number of words than its source, and another order. So it takes two networks. The *encoder* reads
# the source and answers nothing; what it leaves is its last state. The *decoder* begins in that state and is a language model
# (lesson 12) of the other language: it writes a word, reads it, writes the next one, until it writes the end. Sutskever et al.
# 2014 ("Sequence to Sequence Learning with Neural Networks") and Cho et al. 2014 ("Learning Phrase Representations using RNN
# Encoder-Decoder") built translators so. All that the decoder knows of the source has gone through one vector, the orange
# arrow, which is as wide for twenty words as for two. This lesson is about that arrow, and about the way around it.

# %% tags=["hide-input"]
from lesson import full_run, goes_wrong, picture, print_difference
from rnn_tf1 import Mode
from rnn_tf1.plotting.page import BLUE, FAINT, INK, ORANGE, make_figure, plain

figure = make_figure(8, 2.3)
axes = figure.add_axes([0, 0, 1, 1])
axes.set_xlim(-0.6, 10.2)
axes.set_ylim(-1.3, 1.3)
axes.set_axis_off()


def arrow(start, end, color=INK, width=1.2, style="-"):
    way = dict(arrowstyle="-|>", color=color, linewidth=width, linestyle=style)
    axes.annotate("", xy=end, xytext=start, arrowprops=dict(way, shrinkA=0, shrinkB=0))


def word(x, y, text, color=INK):
    axes.text(x, y, text, ha="center", va="center", fontsize=11, color=color)


read, written = (
    ["the", "black", "cat", "sleeps"],
    ["le", "chat", "noir", "dort", "</s>"],
)
places = [1.05 * step for step in range(4)] + [5.4 + 1.05 * step for step in range(5)]
for place, x in enumerate(places):
    color = BLUE if place < 4 else ORANGE
    axes.plot(x, 0, "s", markersize=31, color="white", markeredgecolor=color, mew=1.6)
    word(x, -1.0, (read + ["<s>"] + written[:-1])[place], INK if place < 5 else FAINT)
    arrow((x, -0.82), (x, -0.3))
    if place > 3:
        word(x, 1.0, written[place - 4])
        arrow((x, 0.3), (x, 0.82))
    if place not in (3, 8):
        arrow((x + 0.3, 0), (places[place + 1] - 0.3, 0))
arrow((places[3] + 0.3, 0), (places[4] - 0.3, 0), ORANGE, 3.5)
word(4.27, 0.32, "$s_0$")
for x in places[4:8]:
    arrow((x + 0.2, 0.9), (x + 0.85, -0.82), FAINT, 0.9, ":")
picture(
    figure,
    "14_fixed",
    "Four cells of an encoder read the black cat sleeps; one thick arrow leads to five cells of a decoder that write le "
    "chat noir dort and the end; each word written is read in the next step.",
)

# %% [markdown]
# ## The equation
#
# With the source $x$ and the target $y_1 \ldots y_n$, of which the last one is the end, `</s>`:
#
# $$s_0 = \text{encoder}(x), \qquad s_t = \text{cell}(y_{t-1}, s_{t-1}), \qquad
# p(y \mid x) = \prod_t p(y_t \mid s_t)$$
#
# It is trained by the mean of $-\ln p(y_t \mid s_t)$, with the right words as $y_{t-1}$: *teacher forcing*.
#
# Bahdanau et al. 2015 ("Neural Machine Translation by Jointly Learning to Align and Translate") let the decoder look back. The
# encoder's states at all source steps are kept as a *memory*, $m_1 \ldots m_T$. At each step, the decoder's state is a
# *query*. A *score* says how well each part of the memory fits it; a softmax makes shares of the scores, the *alignments*; and
# what the decoder gets is the mean of the memory with these shares, the *context*:
#
# $$e_i = v \cdot \tanh(s_t W_q + m_i W_m), \qquad a = \text{softmax}(e), \qquad \text{context}_t = \sum_i a_i m_i$$
#
# Luong et al. 2015 ("Effective Approaches to Attention-based Neural Machine Translation") score by a product,
# $e_i = s_t \cdot (m_i W_m)$, which has fewer weights and is faster. Nobody tells the network which words belong together. The
# softmax has a gradient, and so the looking is trained with all the rest.
#
# Sentences of a batch have different lengths, and the softmax may only go over the steps that a sentence has: before it, the
# scores of padding are set to $-\infty$.
#
# ## From scratch
#
# Three sentences, padded to five steps; a memory of width 4, a query of width 6, compared in width 7.

# %%
import numpy as np

random = np.random.RandomState(1)
memory = random.normal(size=[3, 5, 4])
lengths = np.array([5, 3, 2])
query = random.normal(size=[3, 6])


def softmax(scores, lengths):
    """Shares of a row's first steps, as many as its length says; 0 for what stands behind them."""
    there = np.arange(scores.shape[1]) < lengths[:, None]
    scores = np.where(there, scores, -np.inf)
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


def bahdanau_scores(query, memory, query_kernel, memory_kernel, v):
    return np.tanh((query @ query_kernel)[:, None] + memory @ memory_kernel) @ v


def luong_scores(query, memory, memory_kernel):
    return np.einsum("bu,btu->bt", query, memory @ memory_kernel)


def context_of(alignments, memory):
    return np.einsum("bt,btd->bd", alignments, memory)


# %% [markdown]
# ## By the library
#
# `BahdanauAttention` and `LuongAttention` are given the memory once, with its lengths, and are then asked with queries. Both
# sides get the same random weights:

# %%
import tensorflow.compat.v1 as tf

from rnn_tf1 import AttentionWrapper, BahdanauAttention, LuongAttention


def load_random(session):
    """Gives every variable random values, and returns them by the ends of their names."""
    weights = {}
    for variable in tf.trainable_variables():
        name, shape = variable.op.name, variable.shape.as_list()
        print("  %-48s %s" % (name, shape))
        value = weights["/".join(name.split("/")[-2:])] = random.normal(0, 0.5, shape)
        variable.load(value, session)
    return weights


def align(kind, units):
    print(kind.__name__)
    with tf.Graph().as_default(), tf.Session() as session:
        mechanism = kind(units, tf.constant(memory), tf.constant(lengths))
        state = mechanism.initial_state(3, tf.float64)
        alignments, _ = mechanism(tf.constant(query), state)
        weights = load_random(session)
        return session.run(alignments), weights


theirs, weights = align(BahdanauAttention, 7)
kernels = [weights["query_layer/kernel"], weights["memory_layer/kernel"]]
v = weights["bahdanau_attention/attention_v"]
scores = bahdanau_scores(query, memory, *kernels, v)
print_difference("alignments", softmax(scores, lengths), theirs, most=1e-12)

luong, weights = align(LuongAttention, 6)
luong_ours = softmax(
    luong_scores(query, memory, weights["memory_layer/kernel"]), lengths
)
print_difference("alignments", luong_ours, luong, most=1e-12)
print(theirs.round(3))

# %% [markdown]
# Each row adds up to 1, and behind its length there are zeros. To look at every step, a cell is wrapped: `AttentionWrapper`
# runs the cell, asks with its output, and makes a layer of the output and the context. The result is the output of the
# whole, and is also handed to the cell at the next step, beside the next word: so the decoder knows where it has looked. Two
# steps of it:

# %%
from rnn_tf1 import BasicRNNCell, dynamic_rnn

x = random.normal(size=[3, 2, 3])
s = random.normal(size=[3, 6])

with tf.Graph().as_default(), tf.Session() as session:
    mechanism = BahdanauAttention(7, tf.constant(memory), tf.constant(lengths))
    cell = AttentionWrapper(BasicRNNCell(6), mechanism, attention_layer_size=5)
    state = cell.zero_state(3, tf.float64).clone(cell_state=tf.constant(s))
    outputs, _ = dynamic_rnn(cell, tf.constant(x), initial_state=state)
    weights = load_random(session)
    outputs = session.run(outputs)

kernels = [weights["query_layer/kernel"], weights["memory_layer/kernel"]]
v = weights["bahdanau_attention/attention_v"]
attention, by_hand = np.zeros([3, 5]), []
for t in range(2):
    read = np.concatenate([x[:, t], attention, s], axis=1)
    s = np.tanh(
        read @ weights["basic_rnn_cell/kernel"] + weights["basic_rnn_cell/bias"]
    )
    alignments = softmax(bahdanau_scores(s, memory, *kernels, v), lengths)
    seen = np.concatenate([s, context_of(alignments, memory)], axis=1)
    attention = seen @ weights["attention_layer/kernel"]
    by_hand.append(attention)
print_difference("two steps", np.stack(by_hand, axis=1), outputs, most=1e-12)

# %% [markdown]
# The query is the state *after* the step, as in Luong et al.; Bahdanau et al. ask with the state before it. TensorFlow's
# wrapper has always done it in this order, with either score.
#
# ## A translator
#
# Now the whole, on English and French sentences of a small grammar, `rnn_tf1.data.generated.bilingual`. It knows the one right
# translation of each sentence, so we can count. Two to five noun phrases stand around a verb:

# %%
from rnn_tf1.data.generated.bilingual import translate
from rnn_tf1.data.pairs.translation import Tokens, encode, make_sentence_vocabulary

NOUNS = ["cat", "dog", "horse", "cow", "goat", "mouse"]
ADJECTIVES = ["black", "white", "red", "green", "small", "big"]


def noun_phrase(random):
    adjective = [random.choice(ADJECTIVES)] if random.rand() < 0.6 else []
    return [random.choice(["the", "my"])] + adjective + [random.choice(NOUNS)]


def sentence(random, phrases):
    before = random.randint(1, phrases)  # the verb stands behind so many
    words = noun_phrase(random)
    for number in range(1, phrases):
        verb = random.choice(["sees", "loves", "finds", "follows"])
        words += [verb if number == before else "of"] + noun_phrase(random)
    return " ".join(words)


def pairs_of(sentences):
    french = [translate(text).lower().rstrip(".") for text in sentences]
    return Tokens(*[[text.split() for text in side] for side in (sentences, french)])


random = np.random.RandomState(1)
texts = [sentence(random, random.randint(2, 6)) for _ in range(5000)]
known = set(texts)
train = pairs_of(texts)
tests = [sentence(random, phrases) for phrases in [2, 3, 4, 5] * 100]
tests = [text for text in tests if text not in known]
test = pairs_of(tests)
english, french = [make_sentence_vocabulary(side) for side in train]
train_ids = encode(train, english, french)
test_ids = encode(test, english, french, evaluation=True)
print("%d and %d words, %d new sentences" % (len(english), len(french), len(tests)))
for side in test:
    print(" ".join(side[2]))

# %% [markdown]
# The words are few; the order and the agreement are French. "black" follows its noun and has its gender, "small" stands before
# it, "of the" is "du" or "de la". `build_seq2seq` is the graph that is trained, `build_translator` the one that writes, with
# the same weights. The encoder reads in both directions (lesson 3). One function trains all the networks of this lesson:

# %%
import itertools

from rnn_tf1.data.pairs.pair_batches import TokenBatches, make_batch
from rnn_tf1.models.seq2seq import Seq2SeqConfig, build_seq2seq, build_translator
from rnn_tf1.training.optimize import build_train_op, cosine_decay

sizes = dict(source_vocabulary=len(english), target_vocabulary=len(french))
batches = TokenBatches(train_ids, 900)


def learn(attention, updates, shifted=True):
    """A session with a trained network, the graph that scores and the graph that writes."""
    config = Seq2SeqConfig(units=64, depth=32, attention=attention, **sizes)
    with tf.Graph().as_default() as graph:
        tf.set_random_seed(1)
        step = tf.train.get_or_create_global_step()
        net = build_seq2seq(config, Mode(True, 1, step))
        with tf.variable_scope(tf.get_variable_scope(), reuse=True):
            writer = build_translator(config)
        rate = cosine_decay(0.01, step, updates)
        train = build_train_op(net.loss, rate, step, clip_norm=1.0)
        session = tf.Session(graph=graph)
        session.run(tf.global_variables_initializer())
    epochs = itertools.chain.from_iterable(map(batches.batches, itertools.count()))
    for number, batch in enumerate(itertools.islice(epochs, updates), 1):
        feed = scored(net, batch)
        if not shifted:
            feed[net.inputs] = batch.target_outputs
        loss, _ = session.run([net.loss, train.op], feed)
        if number % (updates // 5) == 0:
            print("%-9s update %3d: loss %.3f" % (attention, number, loss))
    return session, net, writer


def scored(net, batch):
    return {
        net.source: batch.source,
        net.source_lengths: batch.source_lengths,
        net.inputs: batch.target_inputs,
        net.targets: batch.target_outputs,
        net.lengths: batch.target_lengths,
    }


def write(trained, batch, source_lengths=None):
    """What the network writes for a batch by itself, the likeliest word at each step."""
    session, _, writer = trained
    lengths = batch.source_lengths if source_lengths is None else source_lengths
    feed = {writer.source: batch.source, writer.source_lengths: lengths}
    return session.run(writer.beams, {**feed, writer.count: 30})


fixed = learn(None, 350)

# %%
looking = learn("bahdanau", 200)

# %% [markdown]
# ## What to look at
#
# How many of the new sentences are translated without any mistake, by the length of the source:

# %%
batch = make_batch(test_ids, np.arange(len(tests)))
inside = np.arange(batch.target_outputs.shape[1]) < batch.target_lengths[:, None]


def right_words(beams):
    """For each place of each translation, whether the right word stands there."""
    written = beams.tokens[:, 0, : inside.shape[1]]
    return (written == batch.target_outputs) & inside


def right(beams):
    return right_words(beams).sum(axis=1) == batch.target_lengths


edges = np.array([5, 8, 11, 14, 17])
group = np.searchsorted(edges, batch.source_lengths, side="right") - 1
names = ["%d-%d" % (edge, edge + 2) for edge in edges]
shares = {}
for name, trained in (("fixed vector", fixed), ("attention", looking)):
    good = right(write(trained, batch))
    shares[name] = [100 * good[group == number].mean() for number in range(len(edges))]
    shown = ["%s: %3.0f %%" % pair for pair in zip(names, shares[name])]
    print("%-12s  %s" % (name, "  ".join(shown)))

figure = make_figure(7.2, 3.2)
axes = figure.add_axes([0.1, 0.17, 0.87, 0.79])
for (name, values), color, mark in zip(shares.items(), (ORANGE, BLUE), "os"):
    axes.plot(range(len(edges)), values, mark + "-", color=color, label=name)
plain(axes)
axes.set_xticks(range(len(edges)))
axes.set_xticklabels(names)
axes.set_ylim(-3, 104)
axes.set_xlabel("words of the source")
axes.set_ylabel("sentences without a mistake (%)")
axes.legend(frameon=False, loc="center right")
picture(
    figure,
    "14_length",
    "Sentences without a mistake by length of the source: near all with attention at every length; with a "
    "fixed vector many of the short ones and none of the longest, after more updates.",
    tolerance=0.2,
)

# %% [markdown]
# The network with the fixed vector has been trained for more updates; after as many as the other, it knows hardly any sentence.
# The fixed vector is no law: wider and trained for longer still, it holds longer sentences, and Sutskever et al. translated
# well with four layers of a thousand units. But it has to hold everything before the first word is written, and to learn how is
# slow. With attention, the decoder fetches what it needs when it needs it, and a long sentence is little more difficult than a
# short one.
#
# Where does it look? The alignments of each word that it wrote, a row for each:

# %%
from rnn_tf1.experiments.translation.pictures import Looked, attention_maps


def looked(text):
    one = pairs_of([text])
    beams = write(looking, make_batch(encode(one, english, french), [0]))
    target = french.decode(beams.tokens[0, 0, : beams.lengths[0, 0]])
    print(" ".join(target))
    shares = beams.alignments[0, 0, : len(target), : len(one.source[0])]
    return Looked(one.source[0], target, shares)


figure = attention_maps(
    [
        looked("the black cat of my small goat sees the green mouse"),
        looked("my white dog follows the red cow of the big horse"),
    ],
    None,
)
picture(
    figure,
    "14_attention",
    "Two tables, French words against English words: dark cells run along the diagonal and cross where adjective and noun "
    "change places.",
    tolerance=0.25,
)

# %% [markdown]
# The dark cells go down the diagonal, and step aside where French has another order: "souris verte" looks at "mouse", then at
# "green". The articles look ahead at a noun, for they need its gender. Read such pictures with some care: each state of the
# encoder has read the whole sentence, in both directions, so that a neighbour may hold what is wanted.
#
# ## Greedy or beam
#
# So far the likeliest word was taken at each step. That is *greedy*, and need not give the likeliest sentence. A table
# made by hand, the chance of each word after the one before it:

# %%
words = ["</s>", "a", "the", "cat", "dog", "fox", "sleeps"]
start = {"a": 0.6, "the": 0.4}
after = {
    "a": {"cat": 0.4, "dog": 0.3, "fox": 0.3},
    "the": {"dog": 0.9, "cat": 0.1},
    "cat": {"</s>": 0.7, "sleeps": 0.3},
    "dog": {"</s>": 0.7, "sleeps": 0.3},
    "fox": {"sleeps": 1.0},
    "sleeps": {"</s>": 1.0},
    "</s>": {"</s>": 1.0},
}


def row(chances):
    return [chances.get(word, 0.0) for word in words]


def every_sentence(start, after):
    """(chance, sentence) of all sentences of up to four tokens, by brute force: the likeliest first."""
    found = []
    for tokens in itertools.product(words, repeat=4):
        ends = tokens.index("</s>") + 1 if "</s>" in tokens else 4
        chance = start.get(tokens[0], 0)
        for before, word in zip(tokens[:ends], tokens[1:ends]):
            chance *= after[before].get(word, 0)
        found.append((chance, " ".join(tokens[:ends])))
    return sorted(set(found), reverse=True)


for chance, text in every_sentence(start, after)[:4]:
    print("%.3f  %s" % (chance, text))

# %% [markdown]
# A *beam search* keeps several beginnings in view, `width` of them. Each is continued by every word, and the best `width` of
# all these go on. `beam_search` needs a function that says what comes after a word; here it looks into the table:

# %%
from rnn_tf1 import BeamOptions, beam_search


def search(start, after, width):
    with tf.Graph().as_default(), tf.Session() as session, np.errstate(divide="ignore"):
        first = tf.constant(np.log([row(start)]))
        table = tf.constant(np.log([row(after[word]) for word in words]))
        beams = beam_search(
            lambda tokens, state: (tf.gather(table, tokens), state),
            first,
            (),
            4,
            0,
            BeamOptions(width),
        )
        return session.run(beams)


def show(start, after, widths):
    for width in widths:
        beams = search(start, after, width)
        for tokens, length, log_p in zip(
            beams.tokens[0], beams.lengths[0], beams.log_probabilities[0]
        ):
            text = " ".join(words[token] for token in tokens[:length])
            print("width %d: %.3f  %s" % (width, np.exp(log_p), text))


show(start, after, [1, 2])
best = np.exp(search(start, after, 2).log_probabilities[0, 0])
print_difference("brute force, width 2", every_sentence(start, after)[0][0], best)

# %% [markdown]
# Width 1 is greedy: it takes "a", and is left with three animals that share the chance. Width 2 still has "the" in view. Each
# further word makes a sentence less likely, so a beam likes short ones; Wu et al. 2016 divide the sum of logarithms by a power
# of the length (`length_penalty`; 0 is off, 0.6 to 1 is usual).
#
# Real sentences have more than one right translation. They are judged by *BLEU* (Papineni et al. 2002): the geometric mean of
# the shares of words, and of phrases of two, three and four words, that a reference has too, made smaller where the whole is
# too short. `python examples/translate.py` trains this model, with 512 units, on the 29,000 picture captions of Multi30k, and
# scores it by sacrebleu; with `--attention none` it is the fixed vector. `--generated` takes sentences of a small grammar,
# whose one right translation is known, and counts those that are exactly right:

# %%
full_run("translate_tf2")
full_run("translate_none_tf2")
full_run("translate_generated_tf2")

# %% [markdown]
# ## What goes wrong
#
# **Padding that is looked at.** The lengths are optional, and without them padding is a part of the memory. With the random
# weights from above, and with the translator, which is told that all sentences are as long as the longest:

# %%
shares = softmax(scores, np.array([5, 5, 5]))
for length, share in zip(lengths, shares):
    print(
        "length %d: padding gets %.2f of the attention" % (length, share[length:].sum())
    )

full = np.full(len(tests), batch.source.shape[1], np.int32)
good, padded = right(write(looking, batch)), right(write(looking, batch, full))
for number, name in enumerate(names):
    here = group == number
    print(
        "%5s words: right %3.0f %%, padding read %3.0f %%"
        % (name, 100 * good[here].mean(), 100 * padded[here].mean())
    )

# %% [markdown]
# No error is raised, and a translation depends on which other sentences are in its batch: only the longest come out as before.
#
# **The decoder's inputs are not shifted.** `inputs` is the start and the target without its end; `targets` is the target and
# the end. Feed the same to both, and the answer stands in the question:

# %%
copying = learn(None, 100, shifted=False)
beams = write(copying, batch)
print("sentences without a mistake: %.0f %%" % (100 * right(beams).mean()))
print("asked for: " + " ".join(test.target[2]))
print("written:   " + " ".join(french.decode(beams.tokens[2, 0, :12])))

# %% [markdown]
# A loss near zero after a few updates is a reason to be suspicious. It has learned to copy its input. When it writes, its input
# is its own word of the step before.
#
# **Judging by teacher forcing.** In training the decoder always reads the right word before, and so it is never shown what
# follows a mistake of its own. The same network, without attention, judged in both ways. A word counts as known where more than
# half of the chance is on it, after the *right* words; it counts as written where it stands in what the network wrote:

# %%
session, net, _ = fixed
losses = session.run(net.losses, scored(net, batch))
known_words = (np.exp(-losses) > 0.5) & inside
written_words = right_words(write(fixed, batch))
print("place in the sentence     1-4   5-8  9-12  13-16")
for name, found in (("known", known_words), ("written", written_words)):
    parts = [
        100 * found[:, a : a + 4].sum() / inside[:, a : a + 4].sum()
        for a in (0, 4, 8, 12)
    ]
    print("%-20s %6.0f%6.0f%6.0f%7.0f %%" % ((name,) + tuple(parts)))

# %% [markdown]
# The first row is a lower bound, since a word can be the likeliest with less than half of the chance; still it is the higher
# one from the fifth word on. Bengio et al. 2015 ("Scheduled Sampling for Sequence Prediction with Recurrent Neural Networks")
# therefore let the network read some of its own words in training: `scheduled_sampling` of the config. In any case, judge a
# translator by what it writes.
#
# **The encoder's state is handed to the wrapper.** The wrapper's state has more parts: the alignments, and what was seen last.
# Begin with its `zero_state`, and put the encoder's state into it by `clone`, as above:

# %%
from rnn_tf1 import GraphError

with tf.Graph().as_default(), goes_wrong(GraphError):
    mechanism = BahdanauAttention(7, tf.constant(memory), tf.constant(lengths))
    cell = AttentionWrapper(BasicRNNCell(6), mechanism, attention_layer_size=5)
    dynamic_rnn(cell, tf.constant(x), initial_state=tf.constant(s))

# %% [markdown]
# ## Exercises
#
# Try each of them first: its solution is folded away below it.
#
# 1. The longest sentences in training have five noun phrases. Give both networks sentences of seven. What happens, and why?

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
longer = [sentence(random, 7) for _ in range(100)]
longer_ids = encode(pairs_of(longer), english, french, evaluation=True)
batch = make_batch(longer_ids, np.arange(len(longer)))
inside = np.arange(batch.target_outputs.shape[1]) < batch.target_lengths[:, None]
for name, trained in (("fixed vector", fixed), ("attention", looking)):
    beams = write(trained, batch)
    print(
        "%-12s  %3.0f %% without a mistake, %4.1f words; %.1f are right"
        % (
            name,
            100 * right(beams).mean(),
            beams.lengths.mean(),
            batch.target_lengths.mean(),
        )
    )
# both stop too early: looking back is not enough to go on for longer than any sentence that was ever seen

# %% [markdown]
# 2. How many numbers does attention add to the translator? Which of its variables do they belong to?

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
counts = {}
for name, (session, _, _) in (("fixed vector", fixed), ("attention", looking)):
    with session.graph.as_default():
        counts[name] = {
            v.op.name: v.shape.num_elements() for v in tf.trainable_variables()
        }
    print("%-12s %6d numbers" % (name, sum(counts[name].values())))
for name in sorted(set(counts["attention"]) - set(counts["fixed vector"])):
    print("  %-60s %6d" % (name, counts["attention"][name]))
# with attention, the cell's own kernels grow too: they read the attention of the step before

# %% [markdown]
# 3. Make a table in which width 2 loses and width 3 wins.

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
start = {"a": 0.4, "the": 0.35, "dog": 0.25}
after["a"] = {"cat": 0.5, "fox": 0.5}
after["the"] = {"cat": 0.5, "fox": 0.5}
after["dog"] = {"</s>": 1.0}
after["cat"] = {"</s>": 1.0}
print("brute force: %.3f  %s" % every_sentence(start, after)[0])
for width in (2, 3):
    beams = search(start, after, width)
    print("width %d: %.3f" % (width, np.exp(beams.log_probabilities[0, 0])))
