"""The example of the small classic, and what it feeds, reads out and counts."""

import dataclasses
import json

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from rnn_tf1 import training
from rnn_tf1.data.generated import bilingual
from rnn_tf1.data.pairs import translation
from rnn_tf1.data.pairs.translation import Lines, Translation
from rnn_tf1.errors import DataError
from rnn_tf1.experiments.translation import buckets

ENGLISH = ["b a .", "c b a a .", "a .", "a b c a b a .", "c ."]
FRENCH = ["x y .", "x x z y .", "y .", "y .", "z x ."]


def small(longest=5, least=1):
    lines = Lines(ENGLISH, FRENCH)
    return buckets.prepare(
        Translation(lines, lines, Lines(ENGLISH[::-1], FRENCH[::-1]), "real", "here"), longest, least
    )


def test_short_sentences(capsys):
    """A longer sentence that is kept, or left out in silence; words of a sentence that is left out."""
    sentences = small()
    assert [len(pairs.source) for pairs in sentences[:3]] == [4, 4, 4]
    assert sentences.source.words[4:] == (".", "a", "b", "c") and sentences.target.words[4:] == (".", "x", "y", "z")
    said = sentences.describe()
    assert "train: 4 pairs; 12 source tokens" in said and said.count("left out: 1 longer than 5 tokens") == 3
    assert said.splitlines()[-1] == "vocabularies: 8 and 8 words"
    assert small(least=3).target.words[4:] == (".", "x", "y")
    with pytest.raises(DataError, match="No pair has at most 1 tokens.*pass a larger longest"):
        small(longest=1)


def test_lists(graph):
    """Steps and rows turned round; a source in its own order, or with its padding behind; targets that are the inputs; a row
    that only fills the batch up and has a weight."""
    sentences, places = small(), buckets.make_placeholders(5)
    assert [len(steps) for steps in places] == [5, 6, 6, 6]
    (batch,) = sentences.batches("train", 6).batches(0)
    fed = buckets.feed(places, batch)
    source, inputs, targets, weights = ([fed[step] for step in steps] for steps in places)
    assert set(fed) == {step for steps in places for step in steps}
    for row, place in enumerate(batch.places):
        filled = place if place >= 0 else batch.places[0]
        pair = sentences.train.source[filled], sentences.train.target[filled]
        assert [step[row] for step in source] == [0] * (5 - len(pair[0])) + list(pair[0][::-1])
        count = len(pair[1])
        assert [step[row] for step in inputs] == [1, *pair[1]] + [0] * (5 - count)
        assert [step[row] for step in targets] == [*pair[1], 2] + [0] * (5 - count)
        assert [step[row] for step in weights] == [float(place >= 0)] * (count + 1) + [0.0] * (5 - count)
    assert (batch.places < 0).sum() == 2


class Echo(object):
    """A session that has read the source: gives it back, in its own order, with an end and something behind."""

    def __init__(self, places):
        self.places = places

    def run(self, wanted, fed):
        rows = np.stack([fed[step] for step in self.places.source[::-1]], 1)
        if wanted == "losses":
            return rows.sum(1).astype(np.float32)
        return np.concatenate([np.where(rows == 0, 2, rows), np.full([len(rows), 1], 2), rows[:, :1]], 1)


def test_what_was_written(graph):
    """Translations in the order of the batches; what stands behind an end, or the end itself; rows that fill a batch up."""
    sentences, places = small(), buckets.make_placeholders(5)
    written = buckets.translate(Echo(places), "ids", places, sentences.batches("test", 3))
    assert [list(one) for one in written] == [list(one) for one in sentences.test.source]
    loss = buckets.mean_loss(Echo(places), "losses", places, sentences.batches("test", 3))
    assert loss == pytest.approx(np.mean([one.sum() for one in sentences.test.source]))
    written[1:3] = sentences.test.target[1:3]
    assert buckets.exact(written, sentences.test) == 0.5
    unknown = sentences.test._replace(target=[np.array([3])] + sentences.test.target[1:])
    assert buckets.exact(unknown.target, unknown) == 0.75, "an unknown word is no translation"
    assert buckets.exact([one[:1] for one in sentences.test.target], sentences.test) == 0.0
    assert list(buckets.examples(written, sentences, 2)) == [
        "    c .",
        "  = " + " ".join(sentences.target.decode(sentences.test.source[0])),
        "not z x .",
        "    a .",
        "  = y .",
    ]


# ------------------------------------------------------------------------------------------------------------- the example


SIZES = ["--units", 24, "--depth", 8, "--batch-size", 50]
COUNTS = {"train": 600, "val": 60, "test_2016_flickr": 40}


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    bilingual.generate(str(folder / "multi30k-generated"), COUNTS)
    return folder


@pytest.fixture
def example(call, data_dir, monkeypatch):
    monkeypatch.setattr(translation, "GENERATED", COUNTS)
    return lambda folder, *flags: call(
        "embedding_rnn_seq2seq", "--data-dir", data_dir, "--out-dir", folder, *SIZES, *flags
    )


@pytest.mark.slow
def test_example(example, tmp_path):
    """A flag that crashes; a network that learns nothing; figures or a picture that are missing; flags that only show
    something and yet make another run."""
    code, out, err = example(tmp_path, "--epochs", 4, "--learning-rate", 0.02)
    assert code == 0 and "Traceback" not in err, err[-2000:]
    assert "epoch 4/4" in err and "left out" in out.splitlines()[0]
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert metrics["example"] == "embedding_rnn_seq2seq" and metrics["tensorflow"] == tf.__version__
    assert metrics["data"].startswith("generated: ") and metrics["config"]["longest"] == 10
    assert 0 <= metrics["test_accuracy"] <= 1 and 1 <= metrics["best_epoch"] <= 4
    assert (tmp_path / "learning_curves.png").stat().st_size > 15000
    shown = [line for line in out.splitlines() if line.startswith("  = ")]
    assert len(shown) == 8 and "exactly right: " in out
    code, again, err = example(tmp_path, "--epochs", 4, "--learning-rate", 0.02, "--examples", 1)
    assert code == 0 and "epoch 1/4" not in err
    assert [line for line in again.splitlines() if line.startswith("  = ")] == shown[:1]


@pytest.mark.once
@pytest.mark.slow
def test_a_killed_run_ends_as_one_that_was_not(example, tmp_path, monkeypatch):
    """A network that learns nothing; an order of the batches, or a rate, that a resumed run does not take up where it was."""
    genuine_fit, genuine_feed, calls = training.fit, buckets.feed, []
    histories = []

    def fit(*args):
        histories.append(genuine_fit(*args[:5], dataclasses.replace(args[5], save_seconds=0), *args[6:]))
        return histories[-1]

    def feed(places, batch):
        calls.append(1)
        if len(calls) == 9:
            raise KeyboardInterrupt
        return genuine_feed(places, batch)

    monkeypatch.setattr(training, "fit", fit)
    flags = ["--epochs", 3, "--cell", "lstm", "--longest", 6, "--learning-rate", 0.05]
    assert example(tmp_path / "whole", *flags)[0] == 0
    monkeypatch.setattr(buckets, "feed", feed)
    assert example(tmp_path / "killed", *flags)[0] == 130
    assert example(tmp_path / "killed", *flags)[0] == 0
    assert histories[0].history == histories[1].history
    losses = [row["train_loss"] for row in histories[0].history]
    assert losses == sorted(losses, reverse=True) and losses[2] < 0.9 * losses[0]


def test_mistakes(example, tmp_path):
    """A traceback, or silence, where a sentence says what to change."""
    code, _, err = example(tmp_path, "--longest", 2)
    assert code == 2 and "argument --longest: '2' should be a whole number of at least 3" in err
    code, _, err = example(tmp_path, "--longest", 3)
    assert code == 2 and "No pair has at most 3 tokens on either side: pass a larger --longest." in err
    assert not (tmp_path / "metrics.json").exists()
