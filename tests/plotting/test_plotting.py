"""The pictures: written whole, not blank, and showing what they say they show."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread
from places import ROOT

from rnn_tf1 import plotting
from rnn_tf1.errors import OutputError
from rnn_tf1.experiments.captions import pictures as captions_pictures
from rnn_tf1.experiments.classification import pictures as classification_pictures
from rnn_tf1.experiments.language import pictures as language_pictures
from rnn_tf1.plotting import page

pytestmark = pytest.mark.once  # matplotlib draws, TensorFlow has no part in it

NAN = float("nan")


def epoch(number, train_loss, train_accuracy, valid_loss, valid_accuracy):
    return {
        "epoch": number,
        "train_loss": train_loss,
        "train_accuracy": train_accuracy,
        "valid_loss": valid_loss,
        "valid_accuracy": valid_accuracy,
        "learning_rate": 1e-3,
    }


HISTORY = [
    epoch(1, 0.61, 0.80, 0.31, 0.91),
    epoch(2, 0.22, 0.93, 0.17, 0.95),
    epoch(3, 0.13, 0.96, 0.19, 0.97),
    epoch(4, 0.09, 0.97, 0.18, 0.97),
    epoch(5, 0.07, 0.98, 0.16, 0.96),
]


def classified(n, mistakes, classes=10, seed=3):
    """n random images with labels and probabilities: image i is a mistake exactly where i is a key of `mistakes`."""
    random = np.random.RandomState(seed)
    images = random.rand(n, 28, 28)
    labels = random.randint(0, classes, n)
    probabilities = np.full((n, classes), 0.01)
    for i in range(n):
        predicted = (labels[i] + 5) % classes if i in mistakes else labels[i]
        probabilities[i, predicted] = mistakes.get(i, 0.9)
    return images, labels, probabilities


def reading(steps=28, units=17, classes=10, seed=4):
    """An image, hidden states and probabilities: what a network that reads row by row leaves behind."""
    random = np.random.RandomState(seed)
    probabilities = random.rand(steps, classes)
    return (
        random.rand(steps, 28),
        np.tanh(random.randn(steps, units)),
        probabilities / probabilities.sum(1, keepdims=True),
    )


MEGABYTES = {"static": {100: 150.0, 300: 400.0}, "dynamic": {100: 30.0, 1000: 290.0}, "none": {}}


def compared():
    """The histories, best epochs and test figures of two runs."""
    other = [dict(row, train_loss=2 * row["train_loss"], valid_accuracy=0.5) for row in HISTORY[:3]]
    tests = {"first": {"loss": 0.123, "accuracy": 0.9654}, "second": {"loss": 0.456, "accuracy": 0.5}}
    return {"first": HISTORY, "second": other}, {"first": 2, "second": 3}, tests


PERPLEXITIES = {"one": [{"epoch": 1, "valid_perplexity": 90.0}, {"epoch": 2, "valid_perplexity": 50.0}]}
CHORALE = np.array([[72, 48]] * 4 + [[74, 0]] * 2 + [[76, 52]] * 3)


def verdicts():
    """Two sentences, the chances of their second class after each word, their labels, and the names of the classes."""
    sentences = [["not", "a", "good", "film", "."], ["good", "."]]
    return sentences, [np.array([0.5, 0.4, 0.8, 0.3, 0.2]), np.array([0.9, 0.4])], [0, 1], ("bad", "good")


def guessed():
    """Two sentences, and by the name of the network three guesses for each of their words."""
    sentences = [["the", "$", "fell"], ["it", "rose"]]
    left = [[["it", "the", "a"], ["$", "N", "a"], ["rose", "was", "is"]], [["it", "a", "b"], ["fell", "was", "rose"]]]
    both = [[few[::-1] for few in found] for found in left]
    return sentences, {"left": left, "both sides": both}


def pen():
    """Five drawings of two classes, the third taken for something else, and where was looked."""
    random = np.random.RandomState(5)
    strokes = [np.concatenate([random.normal(size=[9, 2]), (np.arange(9) == 4)[:, None]], 1) for _ in range(5)]
    looked = [random.dirichlet([1] * 5) for _ in range(4)] + [np.zeros([0])]
    return strokes, [0, 1, 1, 0, 1], [0, 1, 0, 0, 1], looked, ("a_circle", "b")


def moving():
    """Two clips of six frames, the class of each frame, and how likely each class is."""
    random = np.random.RandomState(6)
    labels = [np.array([0, 0, 1, 1, 1, 1]), np.array([1] * 6)]
    return random.rand(2, 6, 8, 8), labels, [random.dirichlet([1, 1], 6) for _ in range(2)], ("left", "right")


def looking():
    """Two images, what was written, where was looked, and whether it is right."""
    random = np.random.RandomState(7)
    words = [["one", "two"], ["nine"]]
    return random.rand(2, 8, 8), words, [random.dirichlet([1] * 4, len(some)) for some in words], [True, False]


DRAW = {
    "learning_curves": lambda path: plotting.learning_curves(HISTORY, path),
    "prediction_grid": lambda path: plotting.prediction_grid(*classified(90, {4: 0.8, 70: 0.7}), path=path),
    "confusion_matrix": lambda path: plotting.confusion_matrix([0, 1, 2, 2, 1], [0, 1, 2, 1, 1], 3, path),
    "hidden_states": lambda path: plotting.hidden_states(*reading(), label=7, path=path),
    "compared_curves": lambda path: plotting.compared_curves(*compared(), path=path),
    "memory_against_steps": lambda path: plotting.memory_against_steps(MEGABYTES, path),
    "moving_verdicts": lambda path: classification_pictures.moving_verdicts(*verdicts(), path=path),
    "drawings": lambda path: classification_pictures.drawings(*pen(), path=path, stretch=2),
    "accuracy_curves": lambda path: plotting.accuracy_curves({"one": HISTORY, "two": HISTORY[:3]}, 0.1, path),
    "guessed_words": lambda path: language_pictures.guessed_words(*guessed(), path=path),
    "perplexities": lambda path: plotting.perplexities(PERPLEXITIES, path),
    "clips": lambda path: classification_pictures.clips(*moving(), path=path),
    "shares_by_count": lambda path: captions_pictures.shares_by_count(
        {"a": {1: 0.5, 2: 1.0}, "b": {1: 0.25, 2: 0.75}}, path
    ),
    "looks": lambda path: captions_pictures.looks(*looking(), path=path),
    "piano_roll": lambda path: language_pictures.piano_roll(CHORALE, 4, ("high", "low"), path),
}
every_picture = pytest.mark.parametrize("draw", list(DRAW.values()), ids=list(DRAW))


@pytest.fixture
def figures(monkeypatch):
    """The figures drawn in this test, caught before they become pixels."""
    caught = []
    monkeypatch.setattr(page, "save", lambda figure, path: caught.append(figure) or path)
    return caught


def texts(axes):
    return [text.get_text() for text in axes.texts]


def pixels_of(path, color):
    """How many pixels of the picture have (nearly) this colour."""
    wanted = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return int((np.abs(imread(path)[:, :, :3] - wanted).max(axis=2) < 0.02).sum())


@every_picture
def test_a_whole_png_at_readme_size_is_left_and_nothing_else(draw, tmp_path):
    """Catches a blank canvas, another size, a wrong return value, and temporary files that stay."""
    path = str(tmp_path / "picture.png")
    assert draw(path) == path
    assert os.listdir(str(tmp_path)) == ["picture.png"]
    with open(path, "rb") as file:
        assert file.read(8) == b"\x89PNG\r\n\x1a\n"
    image = imread(path)
    assert image.shape[1] == 1200
    assert 300 <= image.shape[0] <= 1200
    assert (image[:, :, :3] == 1).all(axis=2).mean() > 0.1, "no white paper"
    assert (image[:, :, :3] < 0.8).any(axis=2).mean() > 0.01, "nearly blank"


@every_picture
def test_a_failing_save_leaves_the_old_picture(draw, tmp_path, monkeypatch):
    """Catches a save that writes in place: half a picture where a whole one was."""
    path = str(tmp_path / "picture.png")
    with open(path, "wb") as file:
        file.write(b"the old one")

    def half(self, name, **options):
        with open(name, "wb") as file:
            file.write(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(Figure, "savefig", half)
    with pytest.raises(KeyboardInterrupt):
        draw(path)
    with open(path, "rb") as file:
        assert file.read() == b"the old one"
    assert os.listdir(str(tmp_path)) == ["picture.png"]


def test_a_missing_folder_is_a_user_error(tmp_path):
    """Catches a raw FileNotFoundError where the user should read which folder to choose."""
    with pytest.raises(OutputError, match="picture.png"):
        plotting.learning_curves(HISTORY, str(tmp_path / "nowhere" / "picture.png"))


def test_no_global_state_is_touched():
    """Catches an import of pyplot or TensorFlow, and Matplotlib imported before anything is drawn."""
    program = (
        "import os, sys, tempfile, rnn_tf1.plotting as plotting\n"
        "assert 'matplotlib' not in sys.modules\n"
        "path = os.path.join(tempfile.mkdtemp(), 'a.png')\n"
        "plotting.confusion_matrix([0, 1, 1], [0, 1, 0], 2, path)\n"
        "plotting.learning_curves([{'epoch': 1, 'train_loss': 0.5}], path)\n"
        "assert os.path.getsize(path) > 1000\n"
        "print([name for name in ('matplotlib.pyplot', 'tensorflow') if name in sys.modules])\n"
    )
    environment = dict(os.environ, PYTHONPATH=ROOT, MPLBACKEND="svg")
    assert subprocess.check_output([sys.executable, "-c", program], env=environment).decode().strip() == "[]"


# Learning curves.


def test_curves_show_nats_and_the_error_rate_in_per_cent(figures):
    """Catches accuracy drawn as error, fractions drawn as per cent, and training drawn as validation."""
    plotting.learning_curves(HISTORY, "unused.png")
    loss, error = figures[0].axes
    drawn = {(axes, line.get_label()): list(line.get_ydata()) for axes in (loss, error) for line in axes.lines}
    assert drawn[loss, "training"] == [0.61, 0.22, 0.13, 0.09, 0.07]
    assert drawn[loss, "validation"] == [0.31, 0.17, 0.19, 0.18, 0.16]
    np.testing.assert_allclose(drawn[error, "training"], [20, 7, 4, 3, 2])
    np.testing.assert_allclose(drawn[error, "validation"], [9, 5, 3, 3, 4])
    assert (loss.get_yscale(), error.get_yscale()) == ("log", "log")


@pytest.mark.parametrize(("lowest", "highest"), [(1.004, 1.094), (0.99, 1.09), (4.9, 9.9), (1.9, 5.1), (21.0, 640.0)])
def test_a_logarithmic_axis_has_numbers(lowest, highest):
    """Catches an axis with a single number on it, or none."""
    axes = page.make_figure(4, 3).add_subplot(1, 1, 1)
    page.log_scale(axes, np.array([np.nan, highest, 0.0, lowest, np.inf]))
    axes.plot([lowest, highest])
    shown = [tick for tick in axes.get_yticks() if lowest <= tick <= highest]
    assert axes.get_yscale() == "log" and len(shown) >= 2, shown
    axes = page.make_figure(4, 3).add_subplot(1, 1, 1)
    page.log_scale(axes, np.array([-1.0, 0.0]))
    assert axes.get_yscale() == "linear"


@pytest.mark.parametrize(
    ("history", "loss_title", "error_title"),
    [
        (HISTORY, "in epoch 4: 0.180", "best epoch 4: 3.00 %"),
        (HISTORY[:2], "in epoch 2: 0.170", "best epoch 2: 5.00 %"),
        ([dict(row, valid_accuracy=NAN) for row in HISTORY], "best epoch 5: 0.160", "in epoch 5: 2.00 %"),
        ([{"epoch": 1, "train_loss": 0.3}, {"epoch": 2, "train_loss": 0.4}], "best epoch 1: 0.300", ""),
        ([{"epoch": 7, "valid_loss": None, "valid_accuracy": 0.5}], "", "best epoch 7: 50.00 %"),
        ([{"epoch": 1, "train_loss": NAN}], "", ""),
    ],
    ids=["accuracy then loss", "two epochs", "no accuracy", "no validation", "single epoch, no loss", "nothing"],
)
def test_the_best_epoch_is_marked(figures, history, loss_title, error_title):
    """Catches a best epoch chosen by the wrong figure, and NaN or missing figures that win or crash."""
    plotting.learning_curves(history, "unused.png")
    assert [axes.get_title(loc="right") for axes in figures[0].axes] == [loss_title, error_title]


def test_the_best_epoch_may_be_given(figures):
    """Catches a picture that marks another epoch than the one whose weights were kept."""
    rows = [
        {"epoch": e, "valid_accuracy": a, "valid_loss": v} for e, a, v in [(1, 0.5, 0.9), (2, 0.9, 0.4), (3, 0.9, 0.3)]
    ]
    plotting.learning_curves(rows, "unused.png", best_epoch=2)
    assert [axes.get_title(loc="right") for axes in figures[0].axes] == ["in epoch 2: 0.400", "best epoch 2: 10.00 %"]


def test_gaps_and_a_single_epoch_are_drawn(tmp_path):
    """Catches a crash, or an invisible single point, where a run has one epoch or figures are missing."""
    path = str(tmp_path / "a.png")
    plotting.learning_curves([epoch(1, 0.5, 0.8, NAN, 0.9)], path)
    assert pixels_of(path, page.BLUE) > 50
    assert pixels_of(path, page.ORANGE) > 50
    plotting.learning_curves([epoch(1, 0.5, 1.0, 0.3, 1.0), {"epoch": 2}, epoch(3, 0.0, 1.0, 0.2, 1.0)], path)


def test_an_empty_history_is_refused():
    """Catches an IndexError from the depths where there is nothing to draw."""
    with pytest.raises(ValueError, match="history is empty"):
        plotting.learning_curves([], "unused.png")


# Predictions.


def test_red_frames_appear_with_mistakes_only(tmp_path):
    """Catches frames around right answers, and mistakes that are not marked or not shown below."""
    path = str(tmp_path / "a.png")

    def red(mistakes):
        return pixels_of(plotting.prediction_grid(*classified(40, mistakes), path=path, columns=5, rows=4), page.RED)

    assert red({}) == 0
    one, three = red({30: 0.8}), red({30: 0.8, 31: 0.7, 32: 0.6})  # image 30 is not among the first 10: framed once
    assert one > 1000
    assert 2.8 < three / one < 3.2
    assert 1.9 < red({2: 0.8}) / one < 2.1  # image 2 is framed above and below


def test_the_grid_says_what_was_taken_for_what(figures):
    """Catches true and predicted exchanged, a wrong order of the mistakes, and wrong counts in the titles."""
    images, labels, probabilities = classified(30, {1: 0.61, 20: 0.872, 21: 0.7, 22: 0.9951, 23: 0.5})
    labels[20], probabilities[20] = 4, np.eye(10)[9] * 0.872
    labels[22], probabilities[22] = 3, np.eye(10)[8] * 0.9951
    plotting.prediction_grid(images, labels, probabilities, "unused.png", columns=3, rows=3)
    said = texts(figures[0].axes[0])
    assert said[0] == "The first 3 of 30 images: 2 right"
    assert said[1] == "%d" % labels[0]
    assert re.match(r"%d → %d \(0\.61\)$" % (labels[1], (labels[1] + 5) % 10), said[2])
    assert said[4] == "All 5 mistakes: true → predicted (probability)"
    assert said[5] == "3 → 8 (0.99)"  # 0.9951 must not be rounded to a certainty
    assert said[6] == "4 → 9 (0.87)"
    assert [text[-6:] for text in said[7:]] == ["(0.70)", "(0.61)", "(0.50)"]


def test_the_grid_shows_the_images_it_names(figures):
    """Catches pictures that do not belong to their captions, and a lower half that is not the most confident mistakes."""
    images, labels, probabilities = classified(30, {9: 0.5, 17: 0.7, 25: 0.9, 28: 0.6})
    plotting.prediction_grid(images, labels, probabilities, "unused.png", columns=2, rows=2)
    shown = [np.asarray(drawn.get_array()) for drawn in figures[0].axes[0].images]
    assert [int(np.argmax([(one == image).all() for image in images])) for one in shown] == [0, 1, 25, 17]
    assert "The 2 most confident of 4 mistakes: true → predicted (probability)" in texts(figures[0].axes[0])


@pytest.mark.parametrize(
    ("mistakes", "title"),
    [({}, "No mistake among 30 images"), ({7: 0.5}, "The only mistake: true → predicted (probability)")],
)
def test_the_lower_half_shrinks_where_mistakes_are_few(figures, mistakes, title):
    """Catches empty rows, and a title that speaks of mistakes that are not there."""
    plotting.prediction_grid(*classified(30, mistakes), path="unused.png")
    assert title in texts(figures[0].axes[0])
    assert len(figures[0].axes[0].images) == 30 + len(mistakes)


# Confusions.


def test_confusions_are_counted_by_true_row_and_predicted_column():
    """Catches a transposed table and pairs that are counted once only."""
    counts = plotting.confusion_counts(np.array([0, 0, 0, 1, 2, 2, 2, 2]), np.array([0, 2, 2, 1, 2, 2, 0, 2]), 4)
    assert counts.tolist() == [[1, 0, 2, 0], [0, 1, 0, 0], [1, 0, 3, 0], [0, 0, 0, 0]]
    assert np.issubdtype(counts.dtype, np.integer)


def test_the_matrix_shows_counts_and_colours_mistakes_by_their_share(figures):
    """Catches a transposed picture, column shares, a coloured diagonal, and a scale that hides the mistakes."""
    labels = [0] * 90 + [0] * 10 + [1] * 1995 + [1] * 5
    predictions = [0] * 90 + [2] * 10 + [1] * 1995 + [0] * 5
    plotting.confusion_matrix(labels, predictions, ["ant", "bee", "cow"], "unused.png", what="animal")
    axes = figures[0].axes[0]
    said = {tuple(int(x) for x in text.get_position()): text.get_text() for text in axes.texts}  # (column, row)
    assert said == {(0, 0): "90", (2, 0): "10", (1, 1): "1\u2009995", (0, 1): "5"}
    shares = axes.images[0].get_array()
    assert shares.mask.tolist() == np.eye(3, dtype=bool).tolist()
    np.testing.assert_allclose(shares.filled(-1), [[-1, 0, 10], [0.25, -1, 0], [0, 0, -1]])
    assert axes.images[0].get_clim() == (0, 10)
    assert axes.get_title(loc="left") == "Accuracy 99.29 %: 15 mistakes in 2\u2009100"
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted animal", "true animal")
    assert [label.get_text() for label in axes.get_yticklabels()] == ["ant", "bee", "cow"]


@pytest.mark.parametrize(("predictions", "said"), [([0, 1, 1], "no mistakes in 3"), ([0, 1, 0], "1 mistake in 3")])
def test_a_perfect_classifier_can_be_drawn(figures, predictions, said):
    """Catches a division by the number of mistakes, and a colour bar that measures nothing."""
    plotting.confusion_matrix([0, 1, 1], predictions, 2, "unused.png")
    assert figures[0].axes[0].get_title(loc="left").endswith(said)
    assert len(figures[0].axes) == (2 if "1 mistake" in said else 1)


# Hidden states.


def test_units_are_sorted_and_rows_are_not(figures):
    """Catches an order along the wrong axis, units lost or doubled, and probabilities that are sorted too."""
    image, states, probabilities = reading(units=7)
    states = np.zeros((28, 7))
    states[3, 0], states[20, 1], states[9, 2], states[9, 3], states[25, 4] = 0.9, -0.8, -0.7, 0.6, 0.5
    states[27, 5], states[27, 6] = 0.2, 0.3  # the same peak row: the stronger stands nearer to the middle
    plotting.hidden_states(image, states, probabilities, 2, "unused.png")
    seen, held, said = figures[0].axes[:3]
    assert np.array_equal(seen.images[0].get_array(), image)
    assert np.array_equal(held.images[0].get_array(), states[:, [2, 1, 6, 5, 4, 3, 0]])  # a valley
    assert np.array_equal(said.images[0].get_array(), probabilities)


def test_the_three_pictures_share_their_rows_and_the_true_class_is_framed(figures):
    """Catches rows that do not lie beside each other, a colour scale off its zero, and the wrong class framed."""
    image, states, probabilities = reading()
    states[5, 5] = -3.0
    plotting.hidden_states(image, states, probabilities, 6, "unused.png")
    pictures = figures[0].axes[:3]
    assert len({axes.get_ylim() for axes in pictures}) == 1
    assert len({tuple(axes.get_position().intervaly) for axes in pictures}) == 1
    assert pictures[0].get_ylim() == (28.5, 0.5)  # row 1 on top
    assert all(list(axes.images[0].get_extent()[2:]) == [28.5, 0.5] for axes in pictures)
    assert pictures[1].images[0].get_clim() == (-3.0, 3.0)
    (frame,) = pictures[2].patches
    assert (frame.get_x(), frame.get_width()) == (5.5, 1)
    answer = probabilities[-1].argmax()
    assert re.match(r"A true 6, read as %d \(0\.\d\d\)$" % answer, pictures[0].get_title(loc="left"))


def test_without_a_path_the_figure_is_returned(tmp_path, monkeypatch):
    """Catches a file that nobody asked for, and a notebook that gets no figure to show."""
    monkeypatch.chdir(tmp_path)
    figure = plotting.hidden_states(*reading(), label=7, path=None)
    assert sum(len(axes.images) for axes in figure.axes) >= 3
    assert not os.listdir(str(tmp_path))


@pytest.mark.parametrize("shape", [(5, 3, 2), (1, 1, 1), (7, 4, 30)], ids=str)
def test_any_number_of_steps_units_and_classes(tmp_path, shape):
    """Catches 28 rows, many units or 10 classes taken for granted, and all-zero or NaN states that divide by zero."""
    steps, units, classes = shape
    image, states, probabilities = reading(steps, units, classes)
    plotting.hidden_states(image, states * 0, probabilities, 0, str(tmp_path / "a.png"))
    states[0, 0] = NAN if steps > 1 else 0
    plotting.hidden_states(image, states, probabilities, 0, str(tmp_path / "a.png"))


# Arrays that do not fit.


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (lambda i, y, p: plotting.prediction_grid(i, y[:7], p, "no.png"), ["images [8, 28, 28]", "labels [7]"]),
        (lambda i, y, p: plotting.prediction_grid(i.reshape(8, 784), y, p, "no.png"), ["images [8, 784]"]),
        (lambda i, y, p: plotting.prediction_grid(i, y, p[:, 0], "no.png"), ["probabilities [8]"]),
        (lambda i, y, p: plotting.prediction_grid(i, y, p, "no.png", rows=1), ["rows=1"]),
        (lambda i, y, p: plotting.confusion_matrix(y, y[:5], 10, "no.png"), ["labels [8]", "predictions [5]"]),
        (lambda i, y, p: plotting.confusion_matrix(y[:0], y[:0], 10, "no.png"), ["nothing to count"]),
        (lambda i, y, p: plotting.confusion_counts(y, y, int(y.max())), ["labels", "0 to %d"]),
        (lambda i, y, p: plotting.confusion_counts(y, y - 20, 10), ["predictions", "0 to 9"]),
        (lambda i, y, p: plotting.confusion_counts(y, y + 0.5, 20), ["predictions float64"]),
        (lambda i, y, p: plotting.confusion_counts(p, p, 10), ["labels [8, 10]"]),
        (lambda i, y, p: plotting.hidden_states(i[0], p, p, 1, "no.png"), ["image [28, 28]", "states [8, 10]"]),
        (lambda i, y, p: plotting.hidden_states(i[0], i, i[0], 1, "no.png"), ["states [8, 28, 28]"]),
        (lambda i, y, p: plotting.hidden_states(i[0], i[0], i[0], 28, "no.png"), ["label 28", "28 classes"]),
    ],
)
def test_arrays_that_do_not_fit_are_refused_with_their_shapes(draw, said, tmp_path, monkeypatch):
    """Catches arrays that are cut to fit, and errors that do not name the shapes."""
    monkeypatch.chdir(tmp_path)
    images, labels, probabilities = classified(8, {})
    with pytest.raises(ValueError, match=".") as caught:
        draw(images, labels, probabilities)
    for words in said:
        assert words.replace("%d", str(labels.max() - 1)) in str(caught.value)
    assert os.listdir(str(tmp_path)) == []


# ------------------------------------------------------------------------------------------- several runs, and their cost


def lines_of(axes):
    """{label: (x, y)} of every line."""
    return {line.get_label(): tuple(np.asarray(v, float) for v in line.get_data()) for line in axes.lines}


def test_compared_curves_show_each_run_and_its_test(figures):
    """Catches curves of one run under the name of another, an accuracy drawn as an error, a test at another epoch."""
    histories, best, tests = compared()
    plotting.compared_curves(histories, best, tests, "unused.png")
    losses, errors = figures[0].axes
    assert losses.get_title("left") == "Cross-entropy (nats)" and errors.get_title("left") == "Error rate (%)"
    drawn = lines_of(losses)
    np.testing.assert_allclose(drawn["second, training"][1], [row["train_loss"] for row in histories["second"]])
    np.testing.assert_allclose(drawn["first, validation"][1], [row["valid_loss"] for row in HISTORY])
    assert (drawn["first, test: 0.123"][0], drawn["first, test: 0.123"][1]) == (2, 0.123)
    drawn = lines_of(errors)
    np.testing.assert_allclose(drawn["second, validation"][1], [50.0] * 3)
    assert drawn["first, test: 3.46"][1] == pytest.approx(3.46) and drawn["second, test: 50"][0] == 3
    plain = {name: {"loss": test["loss"]} for name, test in tests.items()}
    plotting.compared_curves(histories, best, plain, "unused.png")
    assert [axes.get_title("left") for axes in figures[1].axes] == ["Mean squared error"]


@pytest.mark.parametrize("wrong", [({}, {}, {}), ({"a": []}, {"a": 1}, {"a": {}}), ({"a": [1]}, {"a": 1}, {"b": {}})])
def test_nothing_to_compare(wrong):
    """Catches an empty picture, and a test without its run."""
    with pytest.raises(ValueError, match="there is nothing to draw"):
        plotting.compared_curves(*wrong, path="unused.png")


def test_memory_against_steps(figures):
    """Catches figures at other lengths, and a way without figures that is drawn."""
    plotting.memory_against_steps(MEGABYTES, "unused.png")
    drawn = lines_of(figures[0].axes[0])
    assert set(drawn) == {"static", "dynamic"}
    np.testing.assert_array_equal(drawn["dynamic"], ([100, 1000], [30, 290]))
    with pytest.raises(ValueError, match="there is nothing to draw"):
        plotting.memory_against_steps({"static": {}}, "unused.png")


# ------------------------------------------------------------------------------------------------- what reads sequences


def test_guesses_stand_under_their_words(figures):
    """Guesses of another word, sentence or network, in the colour of another; words that cover each other."""
    language_pictures.guessed_words(*guessed(), path="anywhere")
    texts = figures[0].texts
    drawn = [[text.get_text() for text in texts], [text.get_color() for text in texts]]
    blue, orange, grey = drawn[1][:3]
    assert len({blue, orange, grey}) == 3
    assert drawn[0][3:] == (
        ["the", r"\$", "fell", "left", "it", r"\$", "rose", "both sides", "a", "a", "is"]
        + ["it", "rose", "left", "it", "fell", "both sides", "b", "rose"]
    )
    assert drawn[1][7:10] == [orange, blue, grey] and drawn[1][11:14] == [orange, orange, grey]
    assert drawn[1][17:19] == [blue, orange] and drawn[1][20:22] == [orange, blue]
    columns = [[texts[row].get_position()[0] for row in (3 + n, 7 + n, 11 + n)] for n in range(3)]
    assert all(len(set(column)) == 1 for column in columns), "a guess stands under its word"
    long = [["n" * 9] * 13]
    language_pictures.guessed_words(long, {"one": [[["n" * 9]] * 13]}, "anywhere")
    figure = figures[1]
    boxes = [text.get_window_extent(figure.canvas.get_renderer()) for text in figure.texts if "nnn" in text.get_text()]
    assert len(boxes) == 26 and max(box.x1 for box in boxes) < figure.bbox.x1
    with pytest.raises(ValueError, match="left: a sentence of 3 words has guesses for 2"):
        language_pictures.guessed_words([["a", "b", "c"]], {"left": [[["a"], ["b"]]]}, "anywhere")


def test_verdicts_move_word_by_word(figures):
    """Chances of another sentence, words at other places, a wrong verdict drawn as a right one."""
    classification_pictures.moving_verdicts(*verdicts(), path="anywhere")
    first, second = figures[0].axes
    assert [label.get_text() for label in first.get_xticklabels()] == ["not", "a", "good", "film", "."]
    np.testing.assert_array_equal(first.lines[1].get_ydata(), [0.5, 0.4, 0.8, 0.3, 0.2])
    assert first.get_title(loc="left") == "it is bad; the verdict is right"
    assert second.get_title(loc="left") == "it is good; the verdict is wrong"
    classification_pictures.moving_verdicts(
        [["for", "$", "5", "or", "$6"]], [np.zeros(5)], [0], ("bad", "good"), "anywhere"
    )
    labels = figures[1].axes[0].get_xticklabels()
    assert [label.get_text() for label in labels] == ["for", r"\$", "5", "or", r"\$6"], "else they are a formula"
    with pytest.raises(ValueError, match="2 words has 5 chances"):
        classification_pictures.moving_verdicts([["a", "b"]], [np.zeros(5)], [0], ("bad", "good"), "anywhere")


def test_drawings_stand_where_they_belong(figures):
    """A mistake among what was recognised, lines where the pen was lifted, the side turned upside down."""
    classification_pictures.drawings(*pen(), path="anywhere", stretch=2)
    strokes = pen()[0]
    places = [np.cumsum(one[:, :2], 0) for one in strokes]
    drawn = [[np.array(line) for line in axes.collections[0].get_segments()] for axes in figures[0].axes]
    assert [next(i for i, p in enumerate(places) if np.allclose(p[:2], lines[0])) for lines in drawn] == [0, 3, 1, 4, 2]
    assert [axes.get_title() for axes in figures[0].axes] == ["", "", "", "", "a circle"]
    assert all(len(lines) == 7 for lines in drawn), "of eight steps one is with the pen lifted"
    np.testing.assert_allclose(drawn[0], [places[0][t - 1 : t + 1] for t in range(1, 9) if t != 5])
    bottom, top = figures[0].axes[0].get_ylim()
    assert bottom > top, "the pen's downwards is the picture's"
    told = [text.get_text() for text in figures[0].texts]
    assert "none of 2 taken for something else" in told and "taken for something else (1 of 5)" in told


def test_of_many_classes_the_first_are_drawn(figures):
    """A picture that is too high to be drawn, after the training."""
    strokes = [pen()[0][0]] * 15
    labels, guesses = list(range(15)), [14, *range(1, 15)]
    classification_pictures.drawings(
        strokes, labels, guesses, [np.zeros([0])] * 15, list("abcdefghijklmno"), "anywhere"
    )
    told = [text.get_text() for text in figures[0].texts]
    assert len(figures[0].axes) == 12 and figures[0].axes[0].get_title() == "o"
    assert {"l", "recognised (12 of 15 classes)", "taken for something else (1 of 15)"} <= set(told) and "m" not in told


def test_strokes_have_the_shade_of_their_own_step(figures):
    """Shades that sit a step early or late, or of another drawing; a share that underflowed, and so is not told, taken for the
    one before; strokes without attention that are not alike."""
    strokes, labels, guesses, looked, classes = pen()
    looked[1] = np.array([0.75, 0.25])  # the other three shares are 0
    classification_pictures.drawings(strokes, labels, guesses, looked, classes, "anywhere", stretch=2)
    dark, light = np.array([0.0, 0.25, 0.6]), np.array([0.8, 0.8, 0.8])
    steps = [step for step in range(1, 9) if step != 5]  # before the fifth, counted from 0, the pen was lifted
    for place, which in enumerate([0, 3, 1, 4, 2]):
        told = [share / max(looked[which]) for share in looked[which] for _ in "xx"] or [1.0] * 9
        shares = told + [0.0] * 9
        expected = [dark * shares[step] + light * (1 - shares[step]) for step in steps]
        np.testing.assert_allclose(figures[0].axes[place].collections[0].get_colors()[:, :3], expected, atol=1e-6)


def test_curves_of_several_runs(figures):
    """A run under another's name; a share that is drawn as a per cent; guessing that nobody does; notes called words."""
    plotting.accuracy_curves({"one": HISTORY, "two": HISTORY[:3]}, 0.1, "anywhere")
    axes = figures[0].axes[0]
    lines = {line.get_label(): line.get_ydata() for line in axes.lines}
    np.testing.assert_allclose(lines["one"], [91, 95, 97, 97, 96])
    assert len(lines["two"]) == 3 and set(lines["guessing"]) == {10.0}
    plotting.accuracy_curves({"one": HISTORY}, None, "anywhere")
    assert [line.get_label() for line in figures[1].axes[0].lines] == ["one"], "nobody guesses a whole caption"
    plotting.perplexities(PERPLEXITIES, "anywhere")
    plotting.perplexities(PERPLEXITIES, "anywhere", "note")
    np.testing.assert_allclose(figures[2].axes[0].lines[0].get_ydata(), [90, 50])
    assert [one.axes[0].get_title(loc="left").split()[-1] for one in figures[2:]] == ["word", "note"]


def test_clips_show_every_second_frame(figures):
    """A frame under another's label, the chances of another class or clip."""
    frames, labels, chances, classes = moving()
    classification_pictures.clips(frames, labels, chances, classes, "anywhere")
    images = [axes for axes in figures[0].axes if axes.images]
    assert [axes.get_title() for axes in images] == ["left", "right", "right", "right", "right", "right"]
    np.testing.assert_array_equal(images[4].images[0].get_array(), frames[1, 2])
    lines = [axes.lines for axes in figures[0].axes if not axes.images]
    np.testing.assert_array_equal(lines[1][0].get_ydata(), chances[1][:, 0])


def test_shares_and_looks(figures):
    """A bar of another number of digits; a word over a place that another word looked at."""
    captions_pictures.shares_by_count({"a": {1: 0.5, 2: 1.0}, "b": {1: 0.25, 2: 0.75}}, "anywhere")
    assert [bar.get_height() for bar in figures[0].axes[0].patches] == [50, 100, 25, 75]
    images, words, looked, right = looking()
    captions_pictures.looks(images, words, looked, right, "anywhere")
    axes = figures[1].axes
    assert [one.get_title() for one in axes] == ["right", "one", "two", "wrong", "nine"]
    np.testing.assert_allclose(axes[2].images[1].get_array(), (looked[0][1] / looked[0][1].max()).reshape(2, 2))
    np.testing.assert_array_equal(axes[3].images[0].get_array(), images[1])


def test_the_piano_roll_holds_notes(figures):
    """A held note drawn again and again, a silent voice that sounds, a pitch in another octave."""
    language_pictures.piano_roll(CHORALE, 4, ("high", "low"), "anywhere")
    axes = figures[0].axes[0]
    bars = [(round(b.get_y() + b.get_height() / 2), b.get_x()) for b in axes.patches if b.get_width()]
    assert bars == [(72, 0), (74, 4), (76, 6), (48, 0), (52, 6)]
    ticks = dict(zip([label.get_text() for label in axes.get_yticklabels()], axes.get_yticks()))
    assert ticks["C5"] == 72 and ticks["C3"] == 48 and axes.lines[0].get_xdata()[0] == 4


def test_the_lstm_is_drawn_with_its_gates_and_peepholes_only_where_they_are_asked_for():
    from rnn_tf1.plotting.diagrams.gates import plot_lstm

    for peepholes in (False, True):
        figure = plot_lstm(peepholes)
        axes = figure.axes[0]
        words = [text.get_text() for text in axes.texts]
        for gate in (r"$\sigma(f)$", r"$\sigma(i)$", r"$\tanh(j)$", r"$\sigma(o)$", "$c_t$", "$h_t$"):
            assert words.count(gate) == 1
        assert ("peepholes" in words) == peepholes
        dashed = [line for line in axes.lines if line.get_linestyle() == "--"]
        assert len(dashed) == (4 if peepholes else 0)  # to three gates, and in the legend
        for text in axes.texts:  # nothing is written beyond the edge
            box = text.get_window_extent(figure.canvas.get_renderer())
            assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1
