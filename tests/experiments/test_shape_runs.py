"""How classifiers, captions, missing words and chorales are trained and judged: with networks whose answers are known."""

import collections
import itertools
import math
import re
import types

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from rnn_tf1 import BasicRNNCell, Mode, dynamic_rnn
from rnn_tf1.data.images import canvases, mnist
from rnn_tf1.data.images.mnist import Digits
from rnn_tf1.data.music import chorales
from rnn_tf1.data.ragged import RaggedBatches
from rnn_tf1.errors import DataError, TrainingError
from rnn_tf1.experiments import baselines
from rnn_tf1.experiments.captions import captions
from rnn_tf1.experiments.classification import classify
from rnn_tf1.experiments.language import bach, missing_word
from rnn_tf1.experiments.language.missing_word import MissingWords
from rnn_tf1.models.decoder import attending_cell
from rnn_tf1.models.missing_word import MissingWordConfig, build_missing_word
from rnn_tf1.models.text_classifier import TextClassifierConfig, build_text_classifier
from rnn_tf1.program.settings import Settings
from rnn_tf1.training import Recipe, RunFolder

Places = collections.namedtuple("Places", "sequences lengths classifier")
Found = collections.namedtuple("Found", "labels probabilities losses correct step_weights")


class Session(object):
    """A session whose answers are made by a function of the feed."""

    def __init__(self, answer):
        self.answer = answer

    def run(self, wanted, feed):
        found = self.answer(feed)
        return (
            {key: found[value] for key, value in wanted.items()}
            if isinstance(wanted, dict)
            else [found[w] for w in wanted]
        )


# ---------------------------------------------------------------------------------------------------------- classifiers

SEQUENCES = [np.full([length], number, np.float32) for number, length in enumerate([3, 1, 5, 2, 4, 2, 1])]


def says(looks):
    """A net that finds class 1 as likely as a tenth of the sequence's number, and looks at all steps alike."""

    def answer(feed):
        numbers, lengths, labels = feed["sequences"][:, 0], feed["lengths"], feed["labels"]
        p = np.stack([1 - numbers / 10, numbers / 10], 1)
        read = np.arange(feed["sequences"].shape[1]) < lengths[:, None]
        if np.ndim(labels) > 1:
            p = np.repeat(p[:, None], labels.shape[1], 1)
        chosen = np.take_along_axis(p, labels[..., None], -1)[..., 0]
        losses, correct = -np.log(np.maximum(chosen, 1e-6)), (p.argmax(-1) == labels) * 1.0
        if np.ndim(labels) > 1:
            losses, correct = losses * read, correct * read
        return dict(probabilities=p, losses=losses, correct=correct, step_weights=read / lengths[:, None])

    found = Found("labels", "probabilities", "losses", "correct", "step_weights" if looks else ())
    return Session(answer), Places("sequences", "lengths", found)


@pytest.mark.parametrize("looks", [False, True])
def test_judging(looks):
    """Answers of another sequence, an accuracy that is a mean of batches of different sizes, steps of the padding."""
    labels = np.array([0, 1, 1, 0, 1, 1, 1])
    batches = RaggedBatches(SEQUENCES, labels, 3).batches(2)
    judged = classify.judge(*says(looks), batches)
    np.testing.assert_allclose([p[1] for p in judged.probabilities], np.arange(7) / 10, rtol=1e-6)
    assert judged.labels == labels.tolist()
    assert [len(one) for one in judged.looked] == ([3, 1, 5, 2, 4, 2, 1] if looks else [0] * 7)
    assert judged.accuracy == pytest.approx(3 / 7)
    chances = [1, 0.1, 0.2, 0.7, 0.4, 0.5, 0.6]
    assert judged.loss == pytest.approx(-np.log(chances).mean(), rel=1e-5)


def test_judging_each_step():
    """A mean over the padding, or over sequences where steps are counted."""
    labels = [np.arange(len(one)) % 2 for one in SEQUENCES]
    judged = classify.judge(*says(False), RaggedBatches(SEQUENCES, labels, 3).in_order())
    assert [len(p) for p in judged.probabilities] == [3, 1, 5, 2, 4, 2, 1]
    right = [(1 if number > 5 else 0) == label for number, some in enumerate(labels) for label in some]
    assert judged.accuracy == pytest.approx(np.mean(right)) and len(right) == 18


class Parity(classify.Classification):
    """Whether the last of some numbers is odd: 120 sequences to learn from, 40 to validate."""

    def load(self):
        random = np.random.RandomState(0)
        sequences = [random.randint(2, 8, size=random.randint(1, 6)) for _ in range(160)]
        labels = np.array([int(one[-1] % 2) for one in sequences])
        train, held = [RaggedBatches(sequences[a:b], labels[a:b], 16, 3) for a, b in ((0, 120), (120, 160))]
        self.use(train, held.in_order(), held.in_order())

    def network(self, mode):
        def read(x, lengths, mode):
            return dynamic_rnn(BasicRNNCell(8), x, lengths)[0]

        return build_text_classifier(TextClassifierConfig(vocabulary=8, depth=6, units=8), mode, recurrence=read)


def test_a_classifier_learns_and_is_restored(tmp_path):
    """Labels that do not belong to their sequences; weights of another epoch than the best; a test graph of other weights."""
    parity = Parity(Settings(seed=2), Recipe(6, 0.03), RunFolder(str(tmp_path), {"a": 1}))
    parity.load()
    assert parity.steps_per_epoch == 8 and len(parity.validation) == len(parity.test) == 3
    result = parity.train()
    assert result.history[-1]["epoch"] == 6
    best = max(result.history, key=lambda row: row["valid_accuracy"])
    assert best["valid_accuracy"] > 0.9 and result.best == best
    with parity.restored() as (session, net):
        judged = classify.judge(session, net, parity.test)
    assert judged.accuracy == pytest.approx(best["valid_accuracy"]) and judged.loss == pytest.approx(best["valid_loss"])
    assert result.parameters == 8 * 6 + 14 * 8 + 8 + 8 * 2 + 2


# -------------------------------------------------------------------------------------------------------- a bag of words


def test_naive_bayes():
    """Words counted as often as they come, a share of the wrong class, the classes' own shares forgotten."""
    texts, labels = [[1, 1, 2], [2, 3], [3], [3, 3, 1]], np.array([1, 1, 0, 0])
    bayes = baselines.NaiveBayes([np.array(text) for text in texts], labels, 4)
    #  of class 1: word 1 once, 2 twice, 3 once; of class 0: 1 once, 3 twice; all of them plus 1
    shares = {1: [1 / 8, 2 / 8, 3 / 8, 2 / 8], 0: [1 / 7, 2 / 7, 1 / 7, 3 / 7]}
    for text in itertools.chain.from_iterable(itertools.product(range(4), repeat=n) for n in (1, 2, 3)):
        odds = sum(math.log(shares[1][word] / shares[0][word]) for word in set(text))
        assert bayes([np.array(text)])[0] == (odds > 0), text
    wide = baselines.NaiveBayes([np.array(t) for t in ([0], [0], [1, 2, 3])], np.array([1, 1, 0]), 4)
    assert math.log(2) + 2 * math.log((1 / 6) / (2 / 7)) < 0 and wide([np.array([1, 2])])[0] == 0, (
        "one is added, not more"
    )
    often = baselines.NaiveBayes([np.array([1])] * 5, np.array([1, 1, 1, 1, 0]), 2)
    assert often([np.array([0])])[0] == 1, "a word that tells nothing: the class that comes more often"
    with pytest.raises(DataError, match=re.escape("[2, 0] of each")):
        baselines.NaiveBayes([np.array([1])] * 2, np.array([0, 0]), 2)


# --------------------------------------------------------------------------------------------------------------- captions


class CaptionSettings(Settings):
    cell: str = "gru"
    units: int = 4
    layers: int = 1
    keep_prob: float = 1.0
    epochs: int = 1
    steps: int = 3
    batch_size: int = 2
    learning_rate: float = 0.01
    quick: bool = True


Writer = collections.namedtuple("Writer", "images count beams")
Beams = collections.namedtuple("Beams", "tokens lengths alignments")
DIGITS = [[7], [2, 9], [0, 0, 1], [4, 3, 2, 1]]


def drawn(count):
    digits = [np.array(DIGITS[place % 4], np.int32) for place in range(count)]
    images = np.zeros([count, 2, 2, 1], np.float32) + np.arange(count)[:, None, None, None]
    return canvases.Canvases(images, digits, [np.zeros([len(some), 3]) for some in digits])


def test_captions_are_compared_word_by_word(monkeypatch):
    """A caption that goes on, or breaks off, taken for a right one; the second best; captions of another canvas."""
    monkeypatch.setattr(captions, "ROWS", 3)

    def answer(feed):
        rows = feed["images"][:, 0, 0, 0].astype(int)
        tokens, lengths = np.zeros([len(rows), 2, 6], np.int32), np.zeros([len(rows), 2], np.int32)
        for row, number in enumerate(rows):
            words = [digit + canvases.WORDS.index("zero") for digit in DIGITS[number % 4]]
            written = {4: [*words, words[0], 2], 5: words, 6: [*words[1:], words[0], 2]}.get(number, [*words, 2])
            tokens[row, 0, : len(written)], lengths[row, 0] = written, len(written)
        assert feed["count"] == canvases.MOST + 2
        return dict(tokens=tokens, lengths=lengths, alignments=np.ones([len(rows), 2, 6, 9]))

    canvas = drawn(8)
    written = captions.write(
        Session(answer), Writer("images", "count", Beams("tokens", "lengths", "alignments")), canvas
    )
    assert written.right.tolist() == [True, True, True, True, False, False, False, True]
    assert [len(words) for words in written.words] == [1, 2, 3, 4, 2, 2, 3, 4]
    assert [one.shape for one in written.alignments][:2] == [(1, 9), (2, 9)]
    assert captions.by_count(written, canvas) == {1: 0.5, 2: 0.5, 3: 0.5, 4: 1.0}


def test_captions_are_fed_as_they_are_drawn(tmp_path):
    """A decoder that reads the word it should write, another batch's canvases, an epoch that is resumed at its beginning; the
    example's own decoder that is not the one which is trained, or not the one which writes."""
    source = Digits(np.random.RandomState(0).rand(5, 28, 28).astype(np.float32), np.arange(5))
    settings = CaptionSettings(seed=7, out_dir=str(tmp_path))
    made = []

    def decoder(memory, lengths, config, mode):
        made.append((mode.is_training, lengths))
        return attending_cell(memory, lengths, config, mode)

    one = captions.Captioning(settings, decoder, "a b", "luong", mnist.Mnist(source, source, source, "real", "here"))
    assert one.folder.path == str(tmp_path / "a_b") and one.folder.settings["attention"] == "luong"
    one.load()
    assert one.steps_per_epoch == 3 and len(one.test.digits) == 100 and len(one.validation.digits) == 25
    expected = list(canvases.CanvasBatches(source, 3, 2, 7).batches(1))[2]
    with tf.Graph().as_default():
        net, writer = one.towers()
        assert made == [(True, None), (False, None)] and writer.beams.alignments.shape.ndims == 4
        (feed,) = one.batches(net, 1, 2)
    found = {place.op.name: value for place, value in feed.items()}
    assert one.shown(net) == {"loss": net.word_loss}
    for name, value in zip(("images", "inputs", "targets", "lengths"), expected):
        np.testing.assert_array_equal(found.pop(name), value)
    assert not found


# ---------------------------------------------------------------------------------------------------------- missing words


def test_sentences():
    """A mark lost or doubled, the rest of a text without one, a sentence without a word."""
    found = missing_word.sentences(np.array([5, 6, 1, 1, 7, 1, 8, 9], np.int32), 1)
    assert [one.tolist() for one in found] == [[1, 5, 6, 1], [1, 7, 1], [1, 8, 9, 1]]
    assert {one.dtype for one in found} == {np.dtype("int32")}


def test_scores_are_over_words(monkeypatch):
    """A perplexity that is a mean over sentences or batches; a word that is found too far behind counted; guesses that are not
    the likeliest, or those of another sentence."""
    monkeypatch.setattr(missing_word, "SHOWN", 4)
    sentences = [np.array([1, *words, 1]) for words in ([4, 5, 6], [3], [2, 2, 5, 4], [6, 6])]
    with tf.Graph().as_default(), tf.Session() as session:
        net = build_missing_word(MissingWordConfig(vocabulary=7, units=5, depth=4, tied=False), Mode(False))
        session.run(tf.global_variables_initializer())
        for v in tf.trainable_variables():
            v.load(np.random.RandomState(len(v.op.name)).normal(0, 1, v.shape.as_list()), session)
        logits = []
        for one in sentences:
            logits.append(session.run(net.logits, {net.ids: [one], net.lengths: [len(one) - 2]}))
        likeliest, batches = missing_word.build_guesses(net), missing_word.batches_of(sentences, 3)
        scored, guesses = missing_word.score(session, net, likeliest, batches.in_order())
    wanted = np.concatenate([one[1:-1] for one in sentences])
    z = np.concatenate(logits)
    ranks = (z > z[np.arange(len(z)), wanted][:, None]).sum(1)
    nats = np.log(np.exp(z).sum(1)) - z[np.arange(len(z)), wanted]
    assert scored.words == 10 and scored.perplexity == pytest.approx(np.exp(nats.mean()), rel=1e-5)
    assert (scored.top_1, scored.top_5) == (
        (ranks < 1).mean(),
        (ranks < 4).mean(),
    ) and 0 < scored.top_1 < scored.top_5 < 1
    for one, found in zip(logits, guesses):
        np.testing.assert_array_equal(found, np.argsort(-one, 1)[:, :4])


def guesser(folder, config, parts, epochs, rate=0.03, batch_size=10):
    """A network that would be trained in that folder."""
    made = MissingWords(
        types.SimpleNamespace(seed=2), Recipe(epochs, rate), config, parts, batch_size, RunFolder(str(folder), {"a": 1})
    )
    made.load()
    return made


@pytest.mark.once
def test_missing_words_are_learnt(tmp_path, monkeypatch):
    """A network that is trained on the wrong words: here each word stands between two like it; a graph that grows with every
    epoch, and a text that is read twice."""
    random = np.random.RandomState(1)
    words = [np.repeat(random.randint(2, 6, size=random.randint(2, 4)), 3) for _ in range(60)]
    sentences = [np.concatenate([[1], some, [1]]).astype(np.int32) for some in words]
    config = MissingWordConfig(vocabulary=6, cell="basic", units=8, depth=6)
    sizes, score = [], missing_word.score

    def counting(*args):
        sizes.append(len(tf.get_default_graph().get_operations()))
        return score(*args)

    monkeypatch.setattr(missing_word, "score", counting)
    made = guesser(tmp_path, config, (sentences[:50], sentences[50:], sentences[50:]), 8)
    run = made.train()
    assert len(sizes) == 8 and len(set(sizes)) == 1
    scored, guesses = made.report(run).values()
    assert len(sizes) == 9
    best = min(row["valid_perplexity"] for row in run.history)
    assert scored.perplexity == pytest.approx(best, rel=1e-5) and best < 2.2
    assert [one.shape for one in guesses] == [(len(one) - 2, 5) for one in sentences[50:]]
    first = np.concatenate([some[:, 0] for some in guesses]) == np.concatenate([one[1:-1] for one in sentences[50:]])
    assert first.mean() == pytest.approx(scored.top_1)


def test_a_perplexity_that_is_infinite(tmp_path, monkeypatch):
    """A network that has learned nothing, and a file of figures that cannot hold what it scored, found after the training."""
    sentences = [np.array([1, 2, 3, 1], np.int32)] * 4
    config = MissingWordConfig(vocabulary=6, cell="basic", units=4, depth=3)
    score = missing_word.score
    told, values = "The %s of %s is inf: .* Try a lower learning_rate", [np.inf, np.inf]

    def scored(*args):
        found, guesses = score(*args)
        return found._replace(perplexity=values.pop(0) if values else found.perplexity), guesses

    monkeypatch.setattr(missing_word, "score", scored)
    parts = (sentences, sentences, sentences)
    with pytest.raises(TrainingError, match=told % ("valid perplexity", "epoch 1")):
        guesser(tmp_path / "a", config, parts, 2, 0.01, 2).train()
    made = guesser(tmp_path / "b", config, parts, 1, 0.01, 2)
    run = made.train()
    values.append(np.inf)
    with pytest.raises(TrainingError, match=told % ("test perplexity", "the best epoch")):
        made.report(run)


# --------------------------------------------------------------------------------------------------------------- chorales

Net = collections.namedtuple("Net", "inputs targets weights begins probabilities losses carry")


def test_chorales_are_judged_by_their_notes(monkeypatch):
    """Ends, first chords or fillers that are counted; notes taken for another voice's; a mean over windows."""
    monkeypatch.setattr(bach, "SCORED_STEPS", 7)
    random = np.random.RandomState(0)
    parts = [random.randint(50, 54, size=[length, 4]).astype(np.int32) for length in (3, 5, 2)]
    vocabulary = chorales.make_vocabulary()
    alto = {vocabulary.ids["a%d" % note] for note in range(50, 54)}

    def answer(feed):
        """Knows every note but the alto's; -log p is the note's own number."""
        targets = feed["targets"]
        p = np.zeros(targets.shape + (len(vocabulary),))
        for place in np.ndindex(targets.shape):
            p[place][targets[place] if targets[place] not in alto else 0] = 1
        return dict(probabilities=p, losses=targets * feed["weights"], carry=None)

    net = Net("inputs", "targets", "weights", "begins", "probabilities", "losses", "carry")
    judged = bach.judge(Session(answer), net, parts, vocabulary)
    ids = np.concatenate([vocabulary.encode(chorales.to_words(one[1:])) for one in parts])
    assert judged.notes == len(ids) == 28 and judged.accuracy == 0.75 and judged.by_voice == [1, 0, 1, 1]
    assert judged.nats == pytest.approx(ids.mean()) and judged.nats_of_chords == pytest.approx(4 * ids.mean())
    again = np.concatenate([one[1:] == one[:-1] for one in parts])
    assert judged.repeated == pytest.approx(again.mean()) and len(set(judged.repeated_by_voice)) > 1
    assert judged.repeated_by_voice == [pytest.approx(share) for share in again.T.mean(1)]


def test_a_reading_that_forgets_is_noticed(monkeypatch):
    """A state that begins anew at every window, or goes on from what was read before."""
    monkeypatch.setattr(bach, "SCORED_STEPS", 3)
    begun = []

    def answer(feed):
        begun.append(bool(feed["begins"]))
        shape = np.shape(feed["targets"])
        return dict(probabilities=np.ones(shape + (2,)), losses=np.ones(shape), carry=None)

    net = Net("inputs", "targets", "weights", "begins", "probabilities", "losses", "carry")
    bach.judge(Session(answer), net, [np.full([2, 4], 60, np.int32)] * 2, chorales.make_vocabulary())
    assert begun == [True] + [False] * 5


def test_composing(monkeypatch):
    """The given chords lost, another number of notes asked for, a chorale that goes on beyond its end."""
    start = np.array([[74, 70, 65, 58]], np.int32)
    vocabulary, asked = chorales.make_vocabulary(), {}

    def write_on(self, prompts, count, **how):
        asked.update(how, prompts=prompts, count=count)
        return [prompts[0] + " s72 a69 t65 b57"]

    monkeypatch.setattr(bach.Bach, "write_on", write_on)
    composer = bach.Bach(bach_settings(chords=3, temperature=0.5), None, None)
    composer.data = types.SimpleNamespace(vocabulary=vocabulary)
    assert composer.compose(start).tolist() == [[74, 70, 65, 58], [72, 69, 65, 57]]
    assert asked == dict(prompts=["s74 a70 t65 b58"], count=12, temperature=0.5, stop=vocabulary.end)


def bach_settings(**more):
    sizes = dict(cell="gru", units=5, layers=1, convolution=2, keep_prob=0.9, epochs=5, learning_rate=0.01)
    return types.SimpleNamespace(seed=9, **dict(sizes, **more))


def test_how_chorales_are_learnt():
    """A rate that falls at once, or never; sizes of another setting; an LSTM's forget bias of 0."""
    composer = bach.Bach(bach_settings(), None, None)
    recipe, config = composer.recipe, composer.config
    assert (recipe.epochs, recipe.learning_rate, recipe.optimizer, recipe.clip_norm) == (5, 0.01, "adam", 5.0)
    assert (recipe.decay.constant_epochs, recipe.decay.factor) == (2, 0.5)
    found = (config.cell, config.units, config.layers, config.convolution, config.keep_prob, config.input_keep_prob)
    assert (
        found == ("gru", 5, 1, 2, 0.9, 0.9)
        and config.forget_bias is None
        and (config.steps, config.batch_size) == (128, 32)
    )
