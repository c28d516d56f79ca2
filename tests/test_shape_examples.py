"""The examples for the other shapes of sequence, quick runs on small data: they end, leave what they promise, and resume."""

import json
import os

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from test_examples import data_dir as digits_dir  # noqa: F401
from test_series_examples import call  # noqa: F401

from rnn_tf1 import plotting
from rnn_tf1.data import chorales, mnist, moving_digits, music, ptb, reviews, sketches

PICTURES = {
    "bach": ["chorale.png", "curves.png"],
    "caption_digits": ["attention.png", "by_count.png", "curves.png"],
    "missing_word": ["curves.png"],
    "moving_digits_video": ["clips.png", "curves.png"],
    "reber": ["curves.png"],
    "review_sentiment": ["verdicts.png"],
    "sketches": ["drawings.png", "learning_curves.png"],
}


@pytest.fixture(scope="module")
def folder(digits_dir):  # noqa: F811
    """A folder with generated data for all of them, in the place of the real."""
    for module, name in ((reviews, "reviews"), (sketches, "sketches"), (chorales, "chorales"), (ptb, "ptb")):
        module.load(digits_dir, generated=True)
        os.rename(os.path.join(digits_dir, name + "-generated"), os.path.join(digits_dir, name))
    return digits_dir


def quick(call, name, folder, out, *flags):  # noqa: F811
    code, printed, errors = call(name, "--quick", "--data-dir", folder, "--out-dir", out, *flags)
    assert code == 0 and "Traceback" not in errors, errors[-2000:]
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["example"] == name and metrics["tensorflow"] == tf.__version__ and metrics["seconds"] >= 0
    assert metrics["command"].startswith("python examples/%s.py" % name)
    for picture in PICTURES[name]:
        content = (out / picture).read_bytes()
        assert content[:8] == b"\x89PNG\r\n\x1a\n" and len(content) > 8000, picture
    return metrics, printed, errors


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(PICTURES))
def test_quick_runs(name, call, folder, tmp_path):  # noqa: F811
    """An example that does not run to its end, loses a figure or a picture, or trains again what is trained."""
    first, _, _ = quick(call, name, folder, tmp_path)
    again, _, errors = quick(call, name, folder, tmp_path)
    assert "Going on from step" in errors and "epoch 1/" not in errors

    def kept(metrics):
        return {name: value for name, value in metrics.items() if name not in ("seconds", "command")}

    assert kept(first) == kept(again)


@pytest.mark.slow
def test_what_the_composer_leaves(call, folder, tmp_path):  # noqa: F811
    """A MIDI file of other notes than the picture's, a start that is not the asked chorale's; a chorale that is not there."""
    quick(call, "bach", folder, tmp_path, "--start", 6, "--chorale", 2, "--chords", 8)
    written = music.read_midi(str(tmp_path / "chorale.mid"))
    np.testing.assert_array_equal(written[:6], chorales.load(folder).test[2][:6])
    assert 6 <= len(written) <= 14 and (tmp_path / "chorale.wav").stat().st_size > 40000
    code, _, err = call("bach", "--quick", "--data-dir", folder, "--out-dir", tmp_path, "--chorale", 99)
    assert code == 2 and "--chorale 99: there are 5, counted from 0" in err


@pytest.mark.slow
def test_vectors_of_words(call, folder, tmp_path):  # noqa: F811
    """Vectors that are not taken; a row of another width whose line is not named."""
    text = "".join("%s %s\n" % (word, " ".join(["0.5"] * 16)) for word in ("film", "movie", "not"))
    (tmp_path / "glove.txt").write_text(text)
    flags = ["--vectors", tmp_path / "glove.txt", "--freeze-vectors", "--summary", "attention", "--cell", "gru"]
    _, printed, _ = quick(call, "review_sentiment", folder, tmp_path / "out", *flags)
    assert "vectors: 3 of" in printed
    (tmp_path / "glove.txt").write_text(text + "story 1 2 3\n")
    code, _, err = call("review_sentiment", "--quick", "--data-dir", folder, "--out-dir", tmp_path / "new", *flags)
    assert code == 2 and "line 4" in err and "Traceback" not in err


@pytest.mark.slow
def test_drawings_of_quick_draw(call, folder, tmp_path):  # noqa: F811
    """Files that are named and not read; a file with a line that is no drawing."""
    random = np.random.RandomState(0)
    for word in ("cat", "dog"):
        lines = [
            json.dumps({"word": word, "drawing": [random.randint(0, 255, [2, 6]).tolist() for _ in range(2)]})
            for _ in range(60)
        ]
        (tmp_path / (word + ".ndjson")).write_text("\n".join(lines) + "\n")
    flags = ["--ndjson", tmp_path / "cat.ndjson", tmp_path / "dog.ndjson"]
    metrics, printed, _ = quick(call, "sketches", folder, tmp_path / "out", *flags)
    assert "train: 96 drawings" in printed and "cat" in printed and metrics["data"].startswith("real: ")
    with open(str(tmp_path / "dog.ndjson"), "a") as file:
        file.write('{"word": "dog"}\n')
    code, _, err = call("sketches", "--quick", "--out-dir", tmp_path / "new", *flags)
    assert code == 2 and "dog.ndjson: line 61" in err


@pytest.mark.slow
def test_clips_are_shown_with_their_own_labels(call, folder, tmp_path, monkeypatch):  # noqa: F811
    """Frames of one clip over the movements of another: the batches come in a mixed order."""
    caught = []
    monkeypatch.setattr(plotting, "clips", lambda *args: caught.append(args))
    flags = ["--quick", "--data-dir", folder, "--out-dir", tmp_path, "--steps", 2, "--epochs", 1, "--seed", 3]
    assert call("moving_digits_video", *flags)[0] == 0
    frames, labels = caught[0][:2]
    first = moving_digits.ClipBatches(mnist.load(folder).test, 5, 16, 3 + 2, True).batch(0)
    np.testing.assert_array_equal(frames, first.sequences[:4])
    np.testing.assert_array_equal(labels, first.labels[:4])


def test_mistakes(call, tmp_path):  # noqa: F811
    """A traceback, or silence, where a sentence says what to change; before anything is loaded or trained."""
    for name, flags, text in (
        ("review_sentiment", ["--freeze-vectors"], "give --vectors FILE"),
        ("sketches", ["--ndjson", "one.ndjson"], "there must be two"),
        ("sketches", ["--units", 7], "make them even"),
        ("moving_digits_video", ["--units", 9], "make them even"),
        ("caption_digits", ["--width", 0], "at least 1"),
        ("bach", ["--temperature", 0], "should be a number above"),
        ("reber", ["--strings", 3], "at least 100"),
        ("missing_word", ["--epochs", "many"], "a whole number"),
    ):
        code, _, err = call(name, "--out-dir", tmp_path, *flags)
        assert code == 2 and text in err and "Traceback" not in err, err
