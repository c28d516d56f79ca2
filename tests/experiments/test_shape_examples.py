"""The examples for the other shapes of sequence, quick runs on small data: they end, leave what they promise, and resume."""

import json
import os
import sys

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from test_examples import data_dir as digits_dir  # noqa: F401

from rnn_tf1 import plotting, training
from rnn_tf1.data.images import mnist, moving_digits, sketches
from rnn_tf1.data.music import chorales, scores
from rnn_tf1.data.text import ptb, reviews
from rnn_tf1.experiments.captions import captions
from rnn_tf1.experiments.captions import pictures as captions_pictures
from rnn_tf1.experiments.classification import pictures as classification_pictures

PICTURES = {
    "bach": ["chorale.png", "curves.png"],
    "caption_digits": ["attention.png", "by_count.png", "curves.png"],
    "missing_word": ["curves.png", "guesses.png"],
    "moving_digits_video": ["clips.png", "curves.png"],
    "reber": ["curves.png"],
    "review_sentiment": ["verdicts.png"],
    "sketches": ["drawings.png", "learning_curves.png"],
}
SHARED = "example command tensorflow python seed data config seconds"
FIGURES = {
    "bach": "note_accuracy note_accuracy_by_voice repeated_accuracy repeated_accuracy_by_voice nats_per_note nats_per_chord "
    "soprano_accuracy repeated_soprano_accuracy parameters",
    "caption_digits": "attention_test_accuracy attention_seconds plain_test_accuracy by_count parameters",
    "missing_word": " ".join(
        "%s_%s" % (side, figure)
        for side in ("left", "both")
        for figure in ("test_perplexity", "test_top_1", "test_top_5", "parameters")
    ),
    "moving_digits_video": "one_frame_train_accuracy one_frame_test_accuracy clips_test_accuracy frames_test_accuracy "
    "parameters",
    "reber": "test_accuracy test_strings memory_accuracy memory_strings longest_test_string written_valid written_new "
    "letter_perplexity best_perplexity",
    "review_sentiment": "test_accuracy test_accuracies bag_of_words_accuracy parameters",
    "sketches": "test_accuracy test_loss best_epoch parameters",
}


@pytest.fixture(scope="module")
def folder(digits_dir):  # noqa: F811
    """A folder with generated data for all of them, in the place of the real."""
    for module, name in ((reviews, "reviews"), (sketches, "sketches"), (chorales, "chorales"), (ptb, "ptb")):
        module.load(digits_dir, generated=True)
        os.rename(os.path.join(digits_dir, name + "-generated"), os.path.join(digits_dir, name))
    return digits_dir


def numbers(value):
    """All numbers in a figure, however deep."""
    if isinstance(value, dict):
        value = list(value.values())
    return [number for one in value for number in numbers(one)] if isinstance(value, list) else [value]


def quick(call, name, folder, out, *flags):
    code, printed, errors = call(name, "--quick", "--data-dir", folder, "--out-dir", out, *flags)
    assert code == 0 and "Traceback" not in errors, errors[-2000:]
    metrics = json.loads((out / "metrics.json").read_text())
    assert set(metrics) == set((SHARED + " " + FIGURES[name]).split())
    assert all(np.isfinite(number) for figure in FIGURES[name].split() for number in numbers(metrics[figure]))
    assert metrics["example"] == name and metrics["tensorflow"] == tf.__version__ and metrics["seconds"] >= 0
    assert metrics["command"].startswith("python examples/%s.py" % name)
    for picture in PICTURES[name]:
        content = (out / picture).read_bytes()
        assert content[:8] == b"\x89PNG\r\n\x1a\n" and len(content) > 8000, picture
    return metrics, printed, errors


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(PICTURES)[1 - tf.version.VERSION.startswith("1.") :: 2])
def test_quick_runs(name, call, folder, tmp_path):
    """An example that does not run to its end, with the largest seed there is, loses a figure or a picture, or trains again
    what is trained; every other one on each TensorFlow. Below, TensorFlow 2 runs those of 1.15 with other flags."""
    first, _, _ = quick(call, name, folder, tmp_path, "--seed", 2**32 - 1)
    again, _, errors = quick(call, name, folder, tmp_path, "--seed", 2**32 - 1)
    assert "Going on from step" in errors and "epoch 1/" not in errors

    def kept(metrics):
        return {name: value for name, value in metrics.items() if name not in ("seconds", "command")}

    assert kept(first) == kept(again)


@pytest.mark.once
@pytest.mark.slow
def test_what_the_composer_leaves(call, folder, tmp_path):
    """A MIDI file of other notes than the picture's, a start that is not the asked chorale's; a chorale that is not there; a
    baseline that is not by voice."""
    metrics, printed, _ = quick(call, "bach", folder, tmp_path, "--start", 6, "--chorale", 2, "--chords", 8)
    written = scores.read_midi(str(tmp_path / "chorale.mid"))
    np.testing.assert_array_equal(written[:6], chorales.load(folder).test[2][:6])
    assert 6 <= len(written) <= 14 and (tmp_path / "chorale.wav").stat().st_size > 40000
    again = np.concatenate([one[1:] == one[:-1] for one in chorales.load(folder).test[:5]]).mean(0)
    assert metrics["repeated_accuracy_by_voice"] == pytest.approx(again.tolist())
    assert all("%s; the last note again: %.2f %%" % ("%", 100 * share) in printed for share in again)
    code, _, err = call("bach", "--quick", "--data-dir", folder, "--out-dir", tmp_path, "--chorale", 99)
    assert code == 2 and "--chorale 99: there are 5, counted from 0" in err


@pytest.mark.slow
def test_what_the_composer_can_do_without(call, folder, tmp_path, monkeypatch):
    """A missing module that costs the whole run, or whose cost comes to light nowhere."""
    monkeypatch.setitem(sys.modules, "mido", None)
    _, _, err = quick(call, "bach", folder, tmp_path, "--chords", 8)
    last = err.rstrip().split("\n")[-1]
    assert "chorale.mid has not been written" in last and "pip install -e '.[music]'" in last
    assert (tmp_path / "chorale.wav").exists() and not (tmp_path / "chorale.mid").exists()


@pytest.mark.once
@pytest.mark.slow
def test_vectors_of_words(call, folder, tmp_path):
    """Vectors that are not taken; a row of another width whose line is not named; a run that goes on with other vectors."""
    path = tmp_path / "glove.txt"

    def write(number, more=""):
        lines = ["%s %s\n" % (word, " ".join([number] * 20)) for word in ("film", "movie", "not")]
        path.write_text("".join(lines) + more)

    write("0.5")
    flags = ["--vectors", path, "--freeze-vectors", "--summary", "attention", "--cell", "gru"]
    begin = ["review_sentiment", "--quick", "--data-dir", folder, "--out-dir"]
    code, _, err = call(*begin, tmp_path / "new", *flags)
    assert code == 2 and "20 numbers after the word, but 100 are needed. Pass --depth 20" in err
    flags += ["--depth", 20]
    _, printed, _ = quick(call, "review_sentiment", folder, tmp_path / "out", *flags)
    assert "vectors: 3 of" in printed
    write("0.25")
    code, _, err = call(*begin, tmp_path / "out", *flags)
    assert code == 2 and "--vectors was crc32 " in err and " there and is crc32 " in err
    code, _, err = call(*begin, tmp_path / "out", "--summary", "attention", "--cell", "gru", "--depth", 20)
    assert code == 2 and "--vectors was crc32 " in err and " there and is not given here" in err
    write("0.5")
    _, _, err = quick(call, "review_sentiment", folder, tmp_path / "out", *flags)
    assert "Going on from step" in err
    write("0.5", "story 1 2 3\n")
    code, _, err = call(*begin, tmp_path / "new", *flags)
    assert code == 2 and "line 4" in err and "Traceback" not in err


@pytest.mark.once
@pytest.mark.slow
def test_sentences_that_are_all_short(call, tmp_path):
    """A crash when all is trained, for no sentence is of a length that looks well in the picture."""
    (tmp_path / "reviews").mkdir()
    for name, word in zip(reviews.NAMES, ("dull", "fine")):
        (tmp_path / "reviews" / name).write_text("".join("it is %s %d\n" % (word, n % 7) for n in range(60)))
    quick(call, "review_sentiment", str(tmp_path), tmp_path / "out")


@pytest.mark.once
@pytest.mark.slow
def test_two_halves_of_one_example(call, folder, tmp_path):
    """Flags of one half, or such as matter when all is trained, that lock both; a test of which one kind is the larger part."""
    metrics, printed, _ = quick(call, "reber", folder, tmp_path)
    assert metrics["test_strings"] == 300 and 5 < metrics["memory_strings"] < 75
    assert "of the %d that are broken in the last letter but one alone" % metrics["memory_strings"] in printed
    _, printed, err = quick(call, "reber", folder, tmp_path, "--write", 20)
    assert "of 20 strings are valid" in printed and "epoch " not in err
    begin = ["reber", "--quick", "--data-dir", folder, "--out-dir", tmp_path]
    code, printed, err = call(*begin, "--writing-epochs", 1)
    assert code == 2 and "--writing-epochs was 2 there" in err and "reading: " in printed
    code, printed, err = call(*begin, "--epochs", 1)
    assert code == 2 and "--epochs was 2 there" in err and "reading: " not in printed


@pytest.mark.once
@pytest.mark.slow
def test_canvases_are_shown_once(call, folder, tmp_path, monkeypatch):
    """A canvas that stands in the picture as one with many digits, and again as one whose caption is wrong."""
    caught = []

    def zero(session, writer, tested):
        count = len(tested.digits)
        words, looked = [np.array([3])] * count, [np.zeros([1, 64])] * count
        return captions.Captions(words, looked, np.zeros([count], bool))

    monkeypatch.setattr(captions, "write", zero)
    monkeypatch.setattr(captions_pictures, "looks", lambda *args: caught.append(args))
    assert call("caption_digits", "--quick", "--data-dir", folder, "--out-dir", tmp_path)[0] == 0
    images = caught[0][0]
    assert len({image.tobytes() for image in images}) == len(images) == 5


@pytest.mark.once
@pytest.mark.slow
def test_drawings_of_quick_draw(call, folder, tmp_path):
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


@pytest.mark.once
@pytest.mark.slow
def test_clips_are_shown_with_their_own_labels(call, folder, tmp_path, monkeypatch):
    """Frames of one clip over the movements of another; other test clips for batches of another size; a network of one frame
    that is trained for a shorter time than the others, and not drawn beside them; one of frames that begins at random."""
    caught, curves, restored = [], [], []
    restore = training.restore_best
    monkeypatch.setattr(
        training,
        "restore_best",
        lambda session, folder: (restored.append(os.path.basename(folder.path)), restore(session, folder)),
    )
    monkeypatch.setattr(classification_pictures, "clips", lambda *args: caught.append(args))
    monkeypatch.setattr(plotting, "accuracy_curves", lambda *args: curves.append(args))
    for rows in (16, 8):
        flags = ["--quick", "--data-dir", folder, "--out-dir", tmp_path / str(rows), "--steps", 2, "--seed", 3]
        code, printed, _ = call("moving_digits_video", *flags, "--batch-size", rows)
        assert code == 0 and printed.count(": 2 x 2 batches of %d clips" % rows) == 3
        assert {name: len(history) for name, history in curves[-1][0].items()} == {
            "one frame": 2,
            "clips": 2,
            "frames": 2,
        }
        frames, labels = caught[-1][:2]
        first = moving_digits.ClipBatches(mnist.load(folder).test, 5, 16, 3, True, 2).batch(0)
        np.testing.assert_array_equal(frames, first.sequences[:4])
        np.testing.assert_array_equal(labels, first.labels[:4])
    assert restored == 2 * ["one_frame", "clips", "clips", "frames"], "the frames begin with the weights of the clips"


@pytest.mark.once
def test_mistakes(call, tmp_path):
    """A traceback, or silence, where a sentence says what to change; before anything is loaded or trained."""
    for name, flags, text in (
        ("review_sentiment", ["--freeze-vectors"], "give --vectors FILE"),
        ("review_sentiment", ["--vectors", ""], "it is empty, but should name a file"),
        ("ptb", ["--vectors", ""], "it is empty, but should name a file"),
        ("sketches", ["--ndjson", "one.ndjson"], "there must be two"),
        ("sketches", ["--units", 7], "make them even"),
        ("review_sentiment", ["--units", 7], "make them even"),
        ("review_sentiment", ["--seed", 2**32 - 2], "with seed 4294967294 the last is above 4294967295"),
        ("moving_digits_video", ["--units", 9], "make them even"),
        ("caption_digits", ["--width", 0], "at least 1"),
        ("bach", ["--temperature", 0], "should be a number above"),
        ("reber", ["--strings", 3], "at least 100"),
        ("missing_word", ["--epochs", "many"], "a whole number"),
    ):
        code, _, err = call(name, "--out-dir", tmp_path, *flags)
        assert code == 2 and text in err and "Traceback" not in err, err


def test_digits_that_are_generated(call, digits_dir, tmp_path, monkeypatch):  # noqa: F811
    """An accuracy on a stand-in that reads as if it were MNIST's."""
    load = mnist.load
    monkeypatch.setattr(mnist, "load", lambda *args, **more: load(*args, **more)._replace(kind="generated"))
    code, printed, err = call("mnist_rows", "--quick", "--data-dir", digits_dir, "--out-dir", tmp_path)
    assert code == 0 and "images, not MNIST's" in printed and "GENERATED" in printed, err
