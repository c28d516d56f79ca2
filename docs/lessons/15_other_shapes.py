# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Other shapes: sentences, captions, video, strokes, music
#
# A recurrent network is a part, and parts can be put together in more than one way. Three questions settle the *shape*: at
# which steps does something come in, at which steps is an answer asked for, and which way does the state run? A sentence
# that gets one verdict, an image that gets a caption, a film in which every frame gets a name: the cells are the same, and
# only the arrows differ. Andrej Karpathy drew the shapes in a row in 2015 ("The Unreasonable Effectiveness of Recurrent
# Neural Networks"), and their names have stayed.
#
# **Many to one.** All steps come in, the last one answers: the verdict on a film review, the movement in a clip, the name
# of a drawing.

# %%
from lesson import full_run, goes_wrong, picture, print_difference
from rnn_tf1 import Mode
from rnn_tf1.plotting.diagrams.unrolled import plot_unrolled

picture(
    plot_unrolled(4, outputs=[4], folded=False),
    "15_many_to_one",
    "Four cells in a row; each has an input, the last one alone has an output.",
)

# %% [markdown]
# **One to many.** One thing comes in, and then the network is on its own: the caption of an image. It also reads each word
# that it has just written, as in lessons 6 and 12.

# %%
picture(
    plot_unrolled(4, inputs=[1], folded=False),
    "15_one_to_many",
    "Four cells in a row; the first one alone has an input, each has an output.",
)

# %% [markdown]
# **Many to many, aligned.** An answer at every step: the movement in each frame, or the next note of a chorale after each
# note.

# %%
picture(
    plot_unrolled(4, folded=False),
    "15_aligned",
    "Four cells in a row; each has an input and an output.",
)

# %% [markdown]
# **Encoder and decoder.** First all is read, then all is written, and the two may differ in length. This is a translator.
# Its two halves have weights of their own, and it is the subject of lesson 14.

# %%
picture(
    plot_unrolled(6, inputs=[1, 2, 3], outputs=[4, 5, 6], folded=False),
    "15_encoder_decoder",
    "Six cells in a row; the first three have inputs, the last three have outputs.",
)

# %% [markdown]
# **Both directions.** Where the whole sequence is there before the first answer is due, a second cell can read it from its
# end (Schuster and Paliwal 1997, "Bidirectional Recurrent Neural Networks"):

# %%
picture(
    plot_unrolled(4, both=True, folded=False),
    "15_both",
    "At each of four steps two cells: one hands its state to the right, the other to the left; both read and both answer.",
)

# %% [markdown]
# ## The equation
#
# Let $n$ be the length of *this* sequence, whatever else is in its batch. The two directions are two recurrences, and
# the backward one begins at step $n$:
#
# $$\overrightarrow{h}_t = f(x_t, \overrightarrow{h}_{t-1}), \qquad
# \overleftarrow{h}_t = g(x_t, \overleftarrow{h}_{t+1}), \qquad
# \overrightarrow{h}_0 = \overleftarrow{h}_{n+1} = 0$$
#
# In an aligned shape, the softmax at step $t$ reads $[\overrightarrow{h}_t, \overleftarrow{h}_t]$. In a many-to-one shape
# it reads one *summary* $s$ of all steps. There are three usual ones:
#
# $$s_\text{last} = [\overrightarrow{h}_n, \overleftarrow{h}_1], \qquad
# s_\text{mean} = \frac{1}{n} \sum_{t=1}^{n} h_t, \qquad
# s_\text{attention} = \sum_{t=1}^{n} a_t h_t$$
#
# with $h_t = [\overrightarrow{h}_t, \overleftarrow{h}_t]$ and shares $a = \text{softmax}_t(v \cdot \tanh(W h_t + b))$ that
# are learned (Yang et al. 2016, "Hierarchical Attention Networks for Document Classification"). Note the 1 in
# $\overleftarrow{h}_1$: the backward cell has read everything when it arrives at the first step.
#
# ## From scratch
#
# Three sequences of different length in one padded batch. The padding here is not zero but 9, so that nobody reads it
# unnoticed.

# %%
import numpy as np

random = np.random.RandomState(1)
lengths = np.array([3, 5, 2])
batch = random.normal(size=[3, 5, 4])
for row, n in zip(batch, lengths):
    row[n:] = 9.0
kernels = [random.normal(0, 0.5, [4 + 6, 6]) for _ in range(2)]
biases = [random.normal(0, 0.5, [6]) for _ in range(2)]


def read(sequence, kernel, bias):
    """The states after each step of one sequence, from its first row to its last."""
    h, states = np.zeros(6), []
    for x in sequence:
        h = np.tanh(np.concatenate([x, h]) @ kernel + bias)
        states.append(h)
    return np.array(states)


by_hand = np.zeros([3, 5, 12])
for place, n in enumerate(lengths):
    alone = batch[place, :n]
    forward = read(alone, kernels[0], biases[0])
    backward = read(alone[::-1], kernels[1], biases[1])[::-1]
    by_hand[place, :n] = np.concatenate([forward, backward], axis=1)

last = np.array([np.append(h[n - 1, :6], h[0, 6:]) for h, n in zip(by_hand, lengths)])
mean = np.array([h[:n].mean(axis=0) for h, n in zip(by_hand, lengths)])

# %% [markdown]
# Two reversals: the sequence is turned around to be read, and the states are turned back to stand at their own steps.
#
# ## By the library
#
# `bidirectional_rnn` is `tf.nn.bidirectional_dynamic_rnn` by a shorter name. `sequence_length` is what makes it begin
# at $n$:

# %%
import tensorflow.compat.v1 as tf

from rnn_tf1 import BasicRNNCell, bidirectional_rnn, last_output

with tf.Graph().as_default(), tf.Session() as session:
    cells = BasicRNNCell(6), BasicRNNCell(6)
    outputs, states = bidirectional_rnn(*cells, tf.constant(batch), lengths)
    both = tf.concat(outputs, 2)
    summaries = [
        tf.concat([last_output(outputs[0], lengths), outputs[1][:, 0]], 1),
        tf.reduce_sum(both, 1) / tf.constant(lengths[:, None], tf.float64),
    ]
    for cell, kernel, bias in zip(cells, kernels, biases):
        for variable, value in zip(cell.variables, [kernel, bias]):
            variable.load(value, session)
    library, (library_last, library_mean), states = session.run(
        [both, summaries, states]
    )

print_difference("all outputs, both directions", by_hand, library, most=1e-12)
print_difference("the last summary", last, library_last, most=1e-12)
print_difference("the mean summary", mean, library_mean, most=1e-12)
print_difference("the last summary and both states", last, np.hstack(states), 1e-12)

# %% [markdown]
# The last line is worth a thought: for a plain cell, the last summary is what `bidirectional_rnn` returns as its two
# states. One need not search for it in the outputs.
#
# A builder for each shape is in `rnn_tf1.models`. Below, `?` is a size that is known when the graph runs: the batch, and
# mostly the time.

# %%
from rnn_tf1.models.captioner import CaptionerConfig, build_captioner
from rnn_tf1.models.language_model import LanguageModelConfig, build_language_model
from rnn_tf1.models.missing_word import MissingWordConfig, build_missing_word
from rnn_tf1.models.seq2seq import Seq2SeqConfig, build_seq2seq
from rnn_tf1.models.sketch_classifier import (
    SketchClassifierConfig,
    build_sketch_classifier,
)
from rnn_tf1.models.text_classifier import TextClassifierConfig, build_text_classifier
from rnn_tf1.models.video_classifier import (
    VideoClassifierConfig,
    build_video_classifier,
)


def show(what, build, config, example):
    with tf.Graph().as_default():
        net = build(config, Mode(False))
        answers = getattr(net, "classifier", net)
        answers = answers.logits if hasattr(answers, "logits") else answers.losses
        sizes = [
            " x ".join(str(size or "?") for size in x.shape.as_list())
            for x in (net[0], answers)
        ]
    print("%-18s %-16s -> %-10s python examples/%s.py" % (what, *sizes, example))


chorales = LanguageModelConfig(vocabulary=60, convolution=16, unroll="dynamic")
translator = Seq2SeqConfig(source_vocabulary=50, target_vocabulary=60)
clips = VideoClassifierConfig(summary="each", bidirectional=True)
rows = [
    ("a sentence", build_text_classifier, TextClassifierConfig(), "review_sentiment"),
    ("a drawing", build_sketch_classifier, SketchClassifierConfig(), "sketches"),
    ("a clip", build_video_classifier, VideoClassifierConfig(), "moving_digits_video"),
    ("each frame", build_video_classifier, clips, "moving_digits_video"),
    ("each note", build_language_model, chorales, "bach"),
    ("an image's words", build_captioner, CaptionerConfig(), "caption_digits"),
    ("missing words", build_missing_word, MissingWordConfig(), "missing_word"),
    ("a translation", build_seq2seq, translator, "translate"),
]
for row in rows:
    show(*row)

# %% [markdown]
# At the left of the arrow is what comes in, at its right are the class scores (sentence, drawing, clip, frame, missing
# word), or one loss for each word or note that is predicted. `examples/reber.py` has two shapes for one task: it judges
# strings (many to one), and writes them (aligned, fed back). The examples train on real data for minutes. Here follow three
# small tasks that are generated, and done in seconds.
#
# ## What to look at
#
# **A missing letter, guessed from one side and from both.** The strings are those of lesson 8, the embedded Reber grammar:
# B, then T or P, a string of an automaton, the same T or P again, and E. `build_missing_word` blanks every letter in turn.
# Its softmax reads $[\overrightarrow{h}_{t-1}, \overleftarrow{h}_{t+1}]$, the states *before* and *behind* the letter:

# %%
from rnn_tf1.data.generated import reber
from rnn_tf1.data.ragged import RaggedBatches
from rnn_tf1.training.optimize import build_train_op

shown = "BTBPTVPXVVETE"
assert reber.is_valid(shown)
strings = [reber.make_string(random) for _ in range(6000)]
strings = [text for text in strings if len(text) <= 20 and text != shown]
train, known = strings[:1500], set(strings[:1500])
test = [shown] + sorted(set(strings[1500:]) - known)


def as_batches(strings):
    """Numbers of letters, with a 0 as a mark on both sides."""
    ids = [[0] + [1 + reber.LETTERS.index(x) for x in text] + [0] for text in strings]
    return RaggedBatches([np.array(row, np.int32) for row in ids], [0] * len(ids), 32)


batches = as_batches(train)
tested = next(as_batches(test).in_order(len(test)))


def guess_letters(both_sides, epochs=6, most=0.02):
    """The chances of the right letters of each test string; which letters each guess for the first string depends on."""
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(2)
        config = MissingWordConfig(
            vocabulary=8, both_sides=both_sides, units=20, depth=16, tied=False
        )
        net = build_missing_word(config, Mode(True))
        step = tf.train.get_or_create_global_step()
        rate = most * (1 - tf.cast(step, tf.float32) / (epochs * batches.count))
        op = build_train_op(net.loss, rate, step, clip_norm=1.0).op
        place = tf.placeholder(tf.int32, [])
        table = tf.trainable_variables()[0]
        slopes = tf.gradients(net.logits[place, 1], table)[0].values
        session.run(tf.global_variables_initializer())
        for epoch in range(epochs):
            for part in batches.batches(epoch):
                feed = {net.ids: part.sequences, net.lengths: part.lengths - 2}
                session.run(op, feed)
        feed = {net.ids: tested.sequences, net.lengths: tested.lengths - 2}
        losses = session.run(net.losses, feed)
        feed = {net.ids: tested.sequences[:1, : len(shown) + 2]}
        feed[net.lengths] = [len(shown)]
        depends = [
            np.abs(session.run(slopes, {**feed, place: t})).max(axis=1)
            for t in range(len(shown))
        ]
    return np.split(np.exp(-losses), np.cumsum(tested.lengths - 2)[:-1]), depends


def perplexity(chances):
    return np.exp(-np.log(np.concatenate(chances)).mean())


left, left_depends = guess_letters(both_sides=False)
both, both_depends = guess_letters(both_sides=True)
letters = sum(map(len, test))
bound = reber.best_perplexity(test) ** ((letters + len(test)) / letters)
print("%d strings that are not in training; perplexity of a letter:" % len(test))
print("  from the left    %.3f" % perplexity(left))
print("  from both sides  %.3f" % perplexity(both))
print("  nobody can do better from the left than %.3f" % bound)

# %% [markdown]
# The bound belongs to who knows the automaton: where it goes on by the toss of a coin, he too has to guess. From both
# sides the coin has been tossed already, and what stands behind tells how it fell. One string, letter by letter:

# %%
from rnn_tf1.plotting.page import BLUE, FAINT, INK, ORANGE, make_figure, plain

steps = np.arange(len(shown))
figure = make_figure(7.2, 3)
axes = figure.add_axes([0.1, 0.18, 0.87, 0.66])
axes.axhline(0.5, color=FAINT, linewidth=1, ls=":", label="a coin")
axes.plot(steps, left[0], "o", color=BLUE, label="from the left")
axes.plot(steps, both[0], "x", color=ORANGE, markersize=8, label="from both sides")
plain(axes)
axes.set_xticks(steps)
axes.set_xticklabels(list(shown))
axes.set_ylim(0, 1.05)
axes.set_xlabel("letter that is blanked")
axes.set_ylabel("chance it is given")
figure.legend(loc="upper center", ncol=3, frameon=False)
picture(
    figure,
    "15_missing",
    "For each letter of a string, the chance that two networks give it: from both sides nearly 1 everywhere, from the left "
    "about one half where the automaton has a choice.",
    tolerance=0.25,
)

# %% [markdown]
# Look at the second letter and the last but one. They are the same letter, so each tells the other. From the left, the last
# but one is known, by who has remembered the second one through all that is between; the second is a coin. From both sides,
# both are known.
#
# Which letters does a guess depend on? The gradient says it: it is exactly zero where no path leads from the letter to the
# guess.

# %%
figure = make_figure(7.4, 3.9)
for place, (name, depends) in enumerate(
    [("from the left", left_depends), ("from both sides", both_depends)]
):
    axes = figure.add_axes([0.08 + 0.5 * place, 0.14, 0.4, 0.76])
    seen = np.array(depends)[:, 1:-1] != 0  # without the two marks
    axes.imshow(seen, cmap="Blues", vmin=0, vmax=1.4, interpolation="nearest")
    axes.set_title(name, loc="left", fontsize=11)
    axes.set_xticks(steps)
    axes.set_yticks(steps)
    axes.set_xticklabels(list(shown))
    axes.set_yticklabels(list(shown))
    axes.tick_params(labelsize=9, length=0)
    axes.set_xlabel("letter that is read")
    axes.set_ylabel("letter that is guessed")
picture(
    figure,
    "15_depends",
    "Two maps, a row for each guess and a column for each letter. From the left, a guess depends on the letters before it; "
    "from both sides on all letters but the one that is guessed.",
)
print("gradient of the guesses by their own letters:")
print("  %.1f" % max(depends[1 + t] for t, depends in enumerate(both_depends)))

# %% [markdown]
# The white diagonal is what makes the numbers above honest. We come back to it below.
#
# **Frames: one cannot tell.** A spot moves to the left, to the right, up or down. The place of the *middle* frame is drawn
# first, the movement separately; so the middle frame alone says nothing about the movement. `build_video_classifier`
# has a small convolutional network that sees each frame, and a GRU that reads what it saw.

# %%
MOVES = dict(left=(0, -1), right=(0, 1), up=(-1, 0), down=(1, 0))
size, frames, middle = 16, 5, 2


def make_clips(centres, moves, random):
    """Clips [n, frames, size, size] of a spot at `centres` [n, 2] in the middle frame."""
    speeds = random.uniform(1, 2, size=[len(moves), 1, 1])
    ahead = (np.arange(frames) - middle)[None, :, None]
    places = centres[:, None] + speeds * ahead * np.array(list(MOVES.values()))[
        moves
    ].reshape(-1, 1, 2)
    near = np.exp(-((places[..., None] - np.arange(size)) ** 2) / 4)
    spots = near[:, :, 0, :, None] * near[:, :, 1, None, :]
    return spots + random.normal(0, 0.1, spots.shape)


def draw_clips(count, random):
    moves = random.randint(len(MOVES), size=count)
    centres = random.uniform(4, size - 5, size=[count, 2])
    return make_clips(centres, moves, random), moves


test_clips, test_moves = draw_clips(1000, np.random.RandomState(3))
same = make_clips(np.full([4, 2], 7.5), np.arange(4), np.random.RandomState(4))


def learn_movement(chosen, updates=90, most=0.01):
    """Accuracy on the test clips, and the answers to four clips, of a network that gets the `chosen` frames."""
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(1)
        config = VideoClassifierConfig(
            classes=4, size=size, cell="gru", units=32, filters=(4, 8), depth=32
        )
        net = build_video_classifier(config, Mode(True))
        step = tf.train.get_or_create_global_step()
        rate = most * (1 - tf.cast(step, tf.float32) / updates)
        op = build_train_op(net.classifier.loss, rate, step, clip_norm=1.0).op
        session.run(tf.global_variables_initializer())

        def feed(clips, moves):
            clips = clips[:, chosen]
            lengths = np.full(len(clips), clips.shape[1])
            return {
                net.frames: clips,
                net.lengths: lengths,
                net.classifier.labels: moves,
            }

        random = np.random.RandomState(5)
        for _ in range(updates):
            session.run(op, feed(*draw_clips(32, random)))
        accuracy = session.run(net.classifier.accuracy, feed(test_clips, test_moves))
        return accuracy, session.run(net.classifier.probabilities, feed(same, range(4)))


accuracy_alone, _ = learn_movement([middle])
accuracy_all, answers = learn_movement(range(frames))
print("the middle frame alone: %3.0f %% right" % (100 * accuracy_alone))
print("all frames:             %3.0f %% right" % (100 * accuracy_all))

# %% [markdown]
# Four clips with one middle frame, and what the second network says of them:

# %%
figure = make_figure(7.2, 5.2)
for row, (clip, chances) in enumerate(zip(same, answers)):
    for column, image in enumerate(clip):
        axes = figure.add_axes(
            [0.08 + 0.145 * column, 0.72 - 0.235 * row, 0.135, 0.187]
        )
        axes.imshow(image, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
        axes.set_xticks([])
        axes.set_yticks([])
        if column == middle:
            for side in axes.spines.values():
                side.set_color(ORANGE)
                side.set_linewidth(2)
        if row == 0:
            axes.set_title("frame %d" % (column + 1), fontsize=10)
        if column == 0:
            axes.set_ylabel(list(MOVES)[row], fontsize=11)
    said = "%s,\nchance %.2f" % (list(MOVES)[chances.argmax()], chances.max())
    figure.text(0.82, 0.81 - 0.235 * row, said, fontsize=11, color=INK, va="center")
picture(
    figure,
    "15_frames",
    "Four clips of five frames: a spot that moves left, right, up and down. The framed middle frames are alike; at the right, "
    "the network's answers, which are right.",
)

# %% [markdown]
# **Strokes: where does it look?** A drawing is a sequence of pen moves, $[x, y, \text{lifted}]$. The stand-in of
# `examples/sketches.py` draws circles, zigzags and ladders with a trembling hand. Two convolutions over time, an LSTM in both
# directions, and the attention summary, whose shares $a_t$ can be looked at:

# %%
import tempfile

from rnn_tf1.data.images import sketches

with tempfile.TemporaryDirectory() as folder:
    data = sketches.load(folder, generated=True)


def drawings(part, rows):
    scaled = [sketches.scaled(strokes) for strokes in part.strokes]
    return RaggedBatches(scaled, part.labels, rows, seed=1)


with tf.Graph().as_default(), tf.Session() as session:
    tf.set_random_seed(1)
    config = SketchClassifierConfig(units=32, filters=(16, 16))
    net = build_sketch_classifier(config, Mode(True))
    step = tf.train.get_or_create_global_step()
    op = build_train_op(net.classifier.loss, 0.01, step, clip_norm=1.0).op
    session.run(tf.global_variables_initializer())
    for part in drawings(sketches.some(data.train, 1500), 32).batches(0):
        feed = {net.strokes: part.sequences, net.lengths: part.lengths}
        session.run(op, {**feed, net.classifier.labels: part.labels})
    part = next(drawings(data.test, 300).in_order())
    feed = {net.strokes: part.sequences, net.lengths: part.lengths}
    feed[net.classifier.labels] = part.labels
    accuracy, looked = session.run(
        [net.classifier.accuracy, net.classifier.step_weights], feed
    )
print("%d drawings, %.1f %% right" % (len(part.labels), 100 * accuracy))

# %%
figure = make_figure(7.2, 4.2)
for row, name in enumerate(data.classes):
    for column, which in enumerate(np.flatnonzero(part.labels == row)[:4]):
        axes = figure.add_axes([0.13 + 0.215 * column, 0.69 - 0.325 * row, 0.2, 0.28])
        strokes = data.test.strokes[which]
        points = np.cumsum(strokes[:, :2], axis=0)
        ends = np.flatnonzero(strokes[:, 2]) + 1
        for line in np.split(points, ends):
            axes.plot(line[:, 0], line[:, 1], color=INK, linewidth=1)
        last_read = np.arange(
            config.strides, len(points) + config.strides, config.strides
        )
        read_points = points[np.minimum(last_read, len(points)) - 1]
        shares = looked[which, : len(read_points)]
        axes.scatter(
            read_points[:, 0],
            read_points[:, 1],
            s=300 * shares,
            color=ORANGE,
            alpha=0.6,
        )
        axes.set_aspect("equal", adjustable="datalim")
        axes.margins(0.12)
        axes.invert_yaxis()
        axes.set_axis_off()
    figure.text(0.02, 0.83 - 0.325 * row, name, fontsize=11, color=INK, va="center")
picture(
    figure,
    "15_strokes",
    "Four circles, four zigzags and four ladders, with dots where the network looked, the larger, the more.",
)

# %% [markdown]
# A step of the recurrence stands for two points, and its dot at the second. The larger the dot, the larger the share of that
# step in the summary. Do not read too much into it. In both directions, the state at one step knows of all the others: the
# network looks at a *step of the recurrence*, not at a point of the drawing.
#
# **At full size.** The examples train such networks, larger and for longer: on real reviews, on words missing in newspaper
# text, on canvases with MNIST's digits, on clips of them, on drawings, on Bach's chorales and on strings of Reber's automaton.
# What they left:

# %%
for name in (
    "review_sentiment",
    "missing_word",
    "caption_digits",
    "moving_digits_video",
    "sketches",
    "bach",
    "reber",
):
    full_run(name + "_tf2")

# %% [markdown]
# ## What goes wrong
#
# **The letter was read after all.** A bidirectional layer, an output at every step: it is tempting to guess the missing
# letter from $[\overrightarrow{h}_t, \overleftarrow{h}_t]$. But both states have read letter $t$ itself. Nothing is left
# to be guessed, and what is learned is to copy. No error is raised; the gradient tells:

# %%
with tf.Graph().as_default(), tf.Session() as session:
    tf.set_random_seed(1)
    x = tf.constant(batch[1:2])
    outputs, _ = bidirectional_rnn(BasicRNNCell(6), BasicRNNCell(6), x)
    leaky = tf.concat(outputs, 2)[:, 2]
    honest = tf.concat([outputs[0][:, 1], outputs[1][:, 3]], 1)
    reads = {"at t, t": leaky, "at t-1, t+1": honest}
    slopes = {name: tf.gradients(read_at, x)[0] for name, read_at in reads.items()}
    session.run(tf.global_variables_initializer())
    for name, slope in session.run(slopes).items():
        print("%-12s gradient by step t: %.3f" % (name, np.abs(slope[0, 2]).max()))

# %% [markdown]
# **The padding was reversed with the sequence.** `tf.reverse`, or `[:, ::-1]`, turns the whole rectangle around, and the
# backward cell begins with the padding:

# %%
wrong = np.array([read(row[::-1], kernels[1], biases[1])[-1] for row in batch])
for place, n in enumerate(lengths):
    off = np.abs(wrong[place] - by_hand[place, 0, 6:]).max()
    print("length %d of 5: the backward state is off by %.3f" % (n, off))

# %% [markdown]
# **The last column for the last output.** `outputs[:, -1]` of both directions side by side is wrong twice. In a shorter row,
# it is padding. In a row that has no padding, the forward half is right, and the backward half has read a single step:

# %%
one_step = read(batch[1, 4:], kernels[1], biases[1])[-1]
print(
    "length 3 of 5: largest number in outputs[:, -1]: %.1f" % abs(library[0, -1]).max()
)
print_difference(
    "length 5 of 5: backward half and one step alone", library[1, -1, 6:], one_step
)

# %% [markdown]
# **The mean over the padding.** Outputs behind the length are zero, so `tf.reduce_mean` looks harmless. But it divides by the
# longest length in the batch. The same sequence then has another summary beside longer ones, and a network that did well
# alone does worse in company:

# %%
for place, n in enumerate(lengths):
    shrunk = library[place].mean(axis=0)
    print(
        "length %d of 5: the mean is %.2f of what it is"
        % (n, (shrunk / mean[place])[0])
    )

# %% [markdown]
# **One cell for two directions.** TensorFlow lets it pass, and the two directions share their weights, which nobody meant.
# `bidirectional_rnn` refuses:

# %%
from rnn_tf1 import GraphError

with tf.Graph().as_default(), goes_wrong(GraphError):
    cell = BasicRNNCell(6)
    bidirectional_rnn(cell, cell, tf.constant(batch), lengths)

# %% [markdown]
# ## Exercises
#
# Try each of them first: its solution is folded away below it.
#
# 1. With `bidirectional=True` and `units=100`, the classifiers give 50 units to each direction. Has the LSTM then more
#    weights than one of 100 units in one direction, or fewer? Work it out for inputs of depth 100, then count.

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
for both_ways in (False, True):
    with tf.Graph().as_default():
        config = TextClassifierConfig(units=100, depth=100, bidirectional=both_ways)
        build_text_classifier(config, Mode(False))
        count = sum(
            variable.shape.num_elements()
            for variable in tf.trainable_variables()
            if "lstm" in variable.name
        )
    print("in both directions: %-5s %6d weights" % (both_ways, count))
print("by the equation: ", 4 * (200 * 100 + 100), "and", 2 * 4 * (150 * 50 + 50))
# Fewer: each unit is told of the 50 units of its own direction alone.

# %% [markdown]
# 2. From both sides, the network is nearly always certain. Could it be so always? Replace each letter of each test string by
#    the six others, and count where the string stays valid.

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
open_places = {}
for text in test:
    for t in range(len(text)):
        fit = [x for x in reber.LETTERS if reber.is_valid(text[:t] + x + text[t + 1 :])]
        if len(fit) > 1:
            open_places.setdefault(" or ".join(fit), []).append((text, t))
print("places where more than one letter fits:", sum(map(len, open_places.values())))
for fit, found in open_places.items():
    text, t = found[0]
    print("  %s: %s_%s" % (fit, text[:t], text[t + 1 :]))
# No place: from both sides the best perplexity is 1, and what is above it is left to be learned.

# %% [markdown]
# 3. Name the movement in *each* frame, in one direction and in both. What do the first frame's scores depend on?

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
for both_ways in (False, True):
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(1)
        config = VideoClassifierConfig(
            classes=4, size=size, units=8, summary="each", bidirectional=both_ways
        )
        net = build_video_classifier(config, Mode(False))
        slope = tf.gradients(net.classifier.logits[:, 0], net.frames)[0]
        session.run(tf.global_variables_initializer())
        feed = {net.frames: same, net.lengths: [frames] * 4}
        depends = np.abs(session.run(slope, feed)).max(axis=(0, 2, 3)) > 0
    name = "both directions" if both_ways else "one direction"
    print("%s: the first answer depends on frames" % name, 1 + np.flatnonzero(depends))
# In one direction the first frame alone, which cannot tell; in both directions all of them.
