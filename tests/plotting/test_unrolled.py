"""Networks drawn unrolled: the arrows and words that belong to the given arguments, no others, and none on top of another."""

import itertools

import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from rnn_tf1.plotting.diagrams.unrolled import BOX, Names, plot_unrolled
from rnn_tf1.plotting.page import BLUE, ORANGE


def drawn(*arguments, **how):
    """(cells as (x, y, colour), arrows as ((x, y), (x, y)), loops, {words: (x, y)})."""
    (axes,) = plot_unrolled(*arguments, **how).axes
    cells = [patch for patch in axes.patches if isinstance(patch, FancyBboxPatch)]
    loops = [patch for patch in axes.patches if isinstance(patch, FancyArrowPatch)]
    places = [(p.get_x() + BOX / 2, p.get_y() + BOX / 2, p.get_edgecolor()) for p in cells]
    arrows = [(text.xyann, text.xy) for text in axes.texts if getattr(text, "arrow_patch", None) is not None]
    words = [(text.get_text(), text.get_position()) for text in axes.texts if text.get_text()]
    assert len(dict(words)) == len(words) or how.get("layers", 1) > 1
    return places, arrows, loops, dict(words)


def touches(cell, point):
    """Whether an arrow's end is at the border of a cell."""
    away = max(abs(cell[0] - point[0]), abs(cell[1] - point[1]))
    return abs(away - BOX / 2) < 1e-6


def test_folded_and_unrolled():
    """A step too many, an input at the wrong step, a state that runs back or out of the last step."""
    cells, arrows, loops, words = drawn(3)
    assert set(words) == {"$x$", "$y$", "=", "$h_{1}$", "$h_{2}$"} | {
        "$%s_{%d}$" % (n, t) for n in "xy" for t in (1, 2, 3)
    }
    assert len(cells) == 4
    assert len(loops) == 1
    assert len(arrows) == 4 * 2 + 2
    steps = sorted(cells)[1:]
    for step, cell in enumerate(steps, 1):
        (into,) = [a for a in arrows if touches(cell, a[1]) and a[0][1] < a[1][1]]
        (out,) = [a for a in arrows if touches(cell, a[0]) and a[0][1] < a[1][1]]
        for place, (x, y) in (("$x_{%d}$" % step, into[0]), ("$y_{%d}$" % step, out[1])):
            assert words[place][0] == pytest.approx(x)
            assert abs(words[place][1] - y) < 0.1
    for step in (1, 2):
        (along,) = [a for a in arrows if touches(steps[step - 1], a[0]) and touches(steps[step], a[1])]
        assert along[0][1] == along[1][1]
        x = words["$h_{%d}$" % step][0]
        assert along[0][0] < x < along[1][0]


def test_unrolled_alone():
    """The folded network where it was not asked for."""
    cells, arrows, loops, words = drawn(4, folded=False)
    assert (len(cells), len(loops), len(arrows)) == (4, 0, 4 * 2 + 3)
    assert "=" not in words
    assert "$x$" not in words


def test_layers():
    """Layers beside each other, inputs into the upper ones, outputs of the lower ones."""
    cells, arrows, loops, words = drawn(3, layers=2)
    assert (len(cells), len(loops)) == (8, 2)
    assert len(arrows) == 4 * 3 + 2 * 2
    lower, upper = [sorted(c for c in cells if c[1] == y) for y in sorted({c[1] for c in cells})]
    for below, above in zip(lower, upper):
        assert below[0] == above[0]
        assert len([a for a in arrows if touches(below, a[0]) and touches(above, a[1])]) == 1
    fed = [a for a in arrows if a[0][1] < lower[0][1] - BOX / 2 - 0.01]
    assert len(fed) == 4
    assert all(any(touches(cell, end) for cell in lower) for _, end in fed)
    assert min(y for name, (_, y) in words.items() if name.startswith("$y")) > upper[0][1]


@pytest.mark.parametrize("name", ["inputs", "outputs"])
def test_chosen_steps(name):
    """A picture of sequence to vector that shows an output at every step."""
    letter = {"inputs": "x", "outputs": "y"}[name]
    cells, arrows, _, words = drawn(4, folded=False, **{name: [2, 4]})
    assert {word for word in words if word[1] == letter} == {"$%s_{2}$" % letter, "$%s_{4}$" % letter}
    assert len(arrows) == 4 + 2 + 3
    _, arrows, _, words = drawn(2, folded=False, **{name: []})
    assert not [word for word in words if word[1] == letter]
    assert len(arrows) == 2 + 1


def test_names():
    """Names that go to another arrow."""
    words = drawn(2, names=Names(input="w", output="p", state="s"))[3]
    assert set(words) == {"$w$", "$p$", "=", "$w_{1}$", "$w_{2}$", "$p_{1}$", "$p_{2}$", "$s_{1}$"}


def test_both_directions():
    """A second direction that runs forwards, or does not see the input, or is not read."""
    cells, arrows, loops, words = drawn(3, both=True)
    assert len(loops) == 2
    colours = {tuple(np.round(cell[2], 3)) for cell in cells}
    assert len(colours) == 2
    rows = sorted({cell[1] for cell in cells})
    forwards, backwards = [sorted(c for c in cells if c[1] == y)[1:] for y in rows]
    assert len(arrows) == 4 * 4 + 2 * 2
    for step in (0, 1):
        assert any(touches(forwards[step], a[0]) and touches(forwards[step + 1], a[1]) for a in arrows)
        assert any(touches(backwards[step + 1], a[0]) and touches(backwards[step], a[1]) for a in arrows)
        assert not any(touches(backwards[step], a[0]) and touches(backwards[step + 1], a[1]) for a in arrows)
    for cell in forwards + backwards:
        assert any(touches(cell, a[1]) and a[0][1] < a[1][1] for a in arrows)
        assert any(touches(cell, a[0]) and a[0][1] < a[1][1] for a in arrows)
    # the state that comes back from step 2 is named by step 2
    assert {r"$\overleftarrow{h}_{2}$", r"$\overleftarrow{h}_{3}$", "$h_{1}$", "$h_{2}$"} <= set(words)
    assert forwards[0][2] != backwards[0][2]
    assert forwards[0][2] == to_rgba(BLUE)
    assert backwards[0][2] == to_rgba(ORANGE)


@pytest.mark.parametrize(
    "how", [{}, {"layers": 3}, {"both": True}, {"steps": 9}, {"steps": 7, "layers": 2}, {"folded": False}, {"steps": 1}]
)
def test_nothing_on_top_of_another(how):
    """Words in a box, or outside of the picture."""
    how = dict({"steps": 3}, **how)
    figure = plot_unrolled(**how)
    figure.canvas.draw()
    (axes,) = figure.axes
    assert figure.get_size_inches()[0] <= 8.0 + 1e-9
    renderer = figure.canvas.get_renderer()
    words = [text.get_window_extent(renderer) for text in axes.texts if text.get_text()]
    boxes = [patch.get_window_extent(renderer) for patch in axes.patches if isinstance(patch, FancyBboxPatch)]
    width, height = figure.canvas.get_width_height()
    for extent in words + boxes:
        assert extent.x0 >= 0
        assert extent.y0 >= 0
        assert extent.x1 <= width
        assert extent.y1 <= height
    for one, other in itertools.combinations(words + boxes, 2):
        assert not one.overlaps(other)


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ({"steps": 0}, "steps and layers should be at least 1 and are 0 and 1"),
        ({"steps": 2, "layers": 0}, "steps and layers should be at least 1 and are 2 and 0"),
        ({"steps": 2, "layers": 2, "both": True}, "both directions are drawn for 1 layer, not for 2"),
        ({"steps": 2, "inputs": [1, 3]}, "inputs has the step 3; there are the steps 1 to 2"),
        ({"steps": 2, "outputs": [0]}, "outputs has the step 0; there are the steps 1 to 2"),
    ],
)
def test_mistakes(how, text):
    """A mistake that draws another network than was asked for."""
    with pytest.raises(ValueError, match=text):
        plot_unrolled(**how)
