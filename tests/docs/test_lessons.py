"""The lessons: what their helpers notice, how they are laid out, and (slow) that they run on the TensorFlow that is there."""

import ast
import glob
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from places import ROOT

from rnn_tf1.plotting.page import make_figure

DOCS = os.path.join(ROOT, "docs")
PATHS = sorted(glob.glob(os.path.join(DOCS, "lessons", "[0-9]*.py")))
NAMES = [os.path.basename(path)[:-3] for path in PATHS]
SECTIONS = ["The equation", "From scratch", "By the library", "What to look at", "What goes wrong", "Exercises"]
HIDDEN = ' tags=["hide-cell"] jupyter={"source_hidden": true}'
IS_TF1 = tf.version.VERSION.startswith("1.")
SECONDS = 300


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


@pytest.fixture
def lesson(monkeypatch, tmp_path):
    """docs/lessons/lesson.py, with an empty folder of kept pictures."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv("RNN_TF1_FIGURES", "check")
    verbosity = tf.logging.get_verbosity()
    spec = importlib.util.spec_from_file_location("lesson_of_a_test", os.path.join(DOCS, "lessons", "lesson.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    tf.logging.set_verbosity(verbosity)
    module.FIGURES = str(tmp_path / "figures")
    module.tf = FakeTensorFlow()
    return module


class FakeTensorFlow(object):
    """Pictures are compared on TensorFlow 2 alone; the comparison is tested on both."""

    __version__ = "2.0"


def draw(
    move=0.0, legend="trained", title="loss 0.25", style="-", image=0.0, second=True, bar=3.0, figure_legend="all"
):
    figure = make_figure(6, 4)
    axes = figure.add_subplot(1, 2, 1)
    x = np.linspace(0, 1, 200)
    axes.plot(x, 0.3 + 0.4 * x + move * (x > 0.5), style, color="red" if style == "-" else "blue", label=legend)
    if second:
        axes.plot(x, 1 - x)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_title(title)
    axes.set_xlabel("step")
    axes.legend()
    beside = figure.add_subplot(1, 2, 2)
    beside.imshow(np.linspace(0, 1, 64).reshape(8, 8) ** (1 + image))
    beside.bar([1, 4], [2.0, bar])
    beside.set_xlim(-0.5, 7.5)
    beside.set_ylim(-0.5, 7.5)
    figure.legend([beside.patches[0]], [figure_legend])
    return figure


def keep(lesson, monkeypatch, name="01_test", **how):
    monkeypatch.setenv("RNN_TF1_FIGURES", "write")
    lesson.picture(draw(**how), name, "a test & its <description>")
    monkeypatch.setenv("RNN_TF1_FIGURES", "check")


# -------------------------------------------------------------------------------------------------------- kept pictures


@pytest.mark.once
@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"move": 0.1}, "is stale: curves differ by 10 % of an axis"),
        ({"bar": 4.0}, "is stale: curves differ by"),
        ({"image": 3.0}, "is stale: images differ by"),
        ({"second": False}, "has other curves"),
        ({"title": "error 0.25"}, "has other words"),
        ({"legend": "untrained"}, "has another legend"),
        ({"figure_legend": "some"}, "has another legend"),
    ],
)
def test_a_stale_picture_is_noticed(changed, text, lesson, monkeypatch):
    """A page whose picture shows what the code no longer does."""
    keep(lesson, monkeypatch)
    with pytest.raises(RuntimeError) as error:
        lesson.picture(draw(**changed), "01_test", "")
    assert text in str(error.value)
    assert "RNN_TF1_FIGURES=write python docs/run_lessons.py 01" in str(error.value)


def test_a_reader_may_change_what_is_drawn(lesson, monkeypatch):
    """An error for who changes a number in a notebook, to see what happens."""
    keep(lesson, monkeypatch)
    monkeypatch.delenv("RNN_TF1_FIGURES")
    lesson.picture(draw(move=0.1), "01_test", "")
    lesson.picture(draw(), "01_another", "")
    assert os.listdir(lesson.FIGURES) == ["01_test.svg"]


@pytest.mark.once
@pytest.mark.parametrize("changed", [{}, {"style": "--"}, {"move": 0.03}, {"title": "loss 0.31"}, {"image": 0.02}])
def test_the_same_picture_drawn_otherwise(changed, lesson, monkeypatch):
    """A failure because of another matplotlib, another last digit, or another machine's training."""
    keep(lesson, monkeypatch)
    lesson.picture(draw(**changed), "01_test", "")


def test_a_picture_is_kept_whole(lesson, monkeypatch):
    """A kept picture without its description, or another file each time."""
    keep(lesson, monkeypatch)
    path = os.path.join(lesson.FIGURES, "01_test.svg")
    text = read(path)
    assert 'aria-label="a test &amp; its &lt;description&gt;"' in text
    assert "<dc:date>" not in text
    keep(lesson, monkeypatch)
    assert read(path) == text
    lesson.picture(draw(move=0.03), "01_test", "")
    assert read(path) == text  # compared, not written


def test_a_missing_picture(lesson):
    """A new picture that nobody looked at."""
    with pytest.raises(RuntimeError, match="there is no picture .*01_test.svg; look at it, and keep it by"):
        lesson.picture(draw(), "01_test", "")


def test_nothing_is_compared_on_tensorflow_1(lesson):
    """TensorFlow 1.15's other random numbers taken for a stale picture."""
    lesson.tf.__version__ = "1.15.0"
    lesson.picture(draw(), "01_test", "")
    assert not os.path.exists(lesson.FIGURES)


# ------------------------------------------------------------------------------------------------ errors and differences


def test_print_difference(lesson, capsys):
    """A difference that is printed and let pass; one of NaN."""
    lesson.print_difference("ours", [1.0, 2.0], [1.0, 2.000001])
    assert capsys.readouterr().out == "ours: they differ by at most 1.0e-06\n"
    for theirs in ([1.0, 2.1], [1.0, float("nan")]):
        with pytest.raises(AssertionError):
            lesson.print_difference("ours", [1.0, 2.0], theirs)
    with pytest.raises(AssertionError):
        lesson.print_difference("ours", [1.0], [1.5], most=0.4)


def test_goes_wrong(lesson, capsys):
    """An error that no longer happens, or another one, on a page that shows it."""
    with lesson.goes_wrong(ValueError):
        raise ValueError("the shapes differ\n\nOriginal stack trace for 'MatMul':\n  File \"x.py\", line 3")
    assert capsys.readouterr().out == "ValueError: the shapes differ\n"
    with pytest.raises(AssertionError, match="nothing went wrong"), lesson.goes_wrong():
        pass
    with pytest.raises(KeyError), lesson.goes_wrong(ValueError):
        raise KeyError("x")


def test_goes_wrong_in_a_session(lesson, graph, capsys):
    """Places in files that differ between machines, on a page."""
    variable = tf.get_variable("weights", [2])
    with tf.Session() as session, lesson.goes_wrong(tf.errors.FailedPreconditionError):
        session.run(variable + 1.0)
    text = capsys.readouterr().out
    assert text.startswith("FailedPreconditionError: ")
    assert "weights" in text
    assert "File " not in text
    assert "Original stack trace" not in text


def test_full_run(lesson, capsys):
    """A run on a page that is not the one in docs/results."""
    names = sorted(os.path.basename(path)[:-5] for path in glob.glob(os.path.join(DOCS, "results", "*.json")))
    name = next(name for name in names if name.startswith("mnist_rows_basic"))
    lesson.full_run(name)
    text = capsys.readouterr().out
    accuracy = json.loads(read(os.path.join(DOCS, "results", name + ".json")))["test_accuracy"]
    assert text.startswith("Figures kept from a full run of python examples/mnist_rows.py")
    assert "test accuracy %.2f %%" % (100 * accuracy) in text.replace("**", "")
    assert len(text.splitlines()) == 3


# ----------------------------------------------------------------------------------------------------------- run_lessons


@pytest.fixture
def course(tmp_path):
    """A function that runs lessons of its own: {name: text}, arguments -> (exit code, output)."""
    (tmp_path / "lessons").mkdir()
    shutil.copy(os.path.join(DOCS, "run_lessons.py"), str(tmp_path / "run_lessons.py"))

    def run(lessons, *arguments):
        for name, text in lessons.items():
            (tmp_path / "lessons" / name).write_text(text)
        command = [sys.executable, str(tmp_path / "run_lessons.py")] + list(arguments)
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        return done.returncode, done.stdout.decode("utf-8")

    return run


LESSONS = {
    "01_good.py": "import os\nprint('seen')\nassert os.path.basename(os.getcwd()) == 'lessons'\n",
    "02_bad.py": "print('as far as here')\nraise SystemExit('no further')\n",
    "lesson.py": "raise SystemExit('not a lesson')\n",
}


def test_a_failing_lesson_is_told(course):
    """A lesson that fails, and CI stays green or does not say why."""
    code, output = course(LESSONS)
    assert code == 1
    lines = output.splitlines()
    assert re.match(r"ok     01_good.py +\d+ s", lines[0])
    assert re.match(r"FAILED 02_bad.py +\d+ s", lines[1])
    assert "as far as here" in output
    assert "no further" in output
    assert "seen" not in output
    assert "not a lesson" not in output


def test_lessons_by_number(course):
    """A number that runs all lessons, or none without a word."""
    code, output = course(LESSONS, "01")
    assert code == 0
    assert "02_bad" not in output
    code, output = course(LESSONS, "01", "7")
    assert code == 2
    assert "no lesson begins with '7'; there are 01_good.py, 02_bad.py" in output


# ------------------------------------------------------------------------------------------------------ how they are laid out


def cells_of(path):
    """(what stands behind "# %%", the cell's text) of each cell."""
    parts = re.split(r"(?m)^# %%(.*)\n", read(path))
    return list(zip(parts[1::2], parts[2::2]))


def prose_of(path):
    return "\n".join(re.sub(r"(?m)^# ?", "", text) for kind, text in cells_of(path) if kind.startswith(" [markdown]"))


def pictures_of(path):
    """The names of the pictures that a lesson shows."""
    names = []
    for node in ast.walk(ast.parse(read(path))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "picture":
            names.append(ast.literal_eval(node.args[1]))
    return names


HEADER = """# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # """


@pytest.mark.once
@pytest.mark.parametrize("path", PATHS, ids=os.path.basename)
def test_a_lesson_saved_in_jupyter_is_unchanged(path):
    """A lesson that Jupyter writes otherwise than it is, so that whoever runs it has a change to undo."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    assert text.startswith(HEADER)
    jupytext = pytest.importorskip("jupytext")
    config = jupytext.config.load_jupytext_configuration_file(os.path.join(DOCS, "lessons", "jupytext.toml"))
    assert jupytext.writes(jupytext.reads(text, "py:percent"), "py:percent", config=config) == text


@pytest.mark.once
@pytest.mark.slow
def test_a_lesson_begins_without_a_log():
    """A red block of lines about processors at the top of a notebook; an import that hides what comes after it."""
    program = "import lesson, sys; sys.stderr.write('later')"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        cwd=os.path.join(DOCS, "lessons"),
        env=dict(os.environ, PYTHONPATH=ROOT, PYTHONWARNINGS="ignore"),
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"later")


def test_lessons_are_found():
    """A walk that finds no lesson, after which every test below would pass."""
    assert len(PATHS) >= 3
    assert [int(name[:2]) for name in NAMES] == list(range(1, len(NAMES) + 1))


@pytest.mark.parametrize("path", PATHS, ids=NAMES)
def test_layout(path):
    """A lesson without its equation, its mistakes or its exercises; sections in another order; another notebook format."""
    assert read(path).split("# %%")[0].strip() == read(PATHS[0]).split("# %%")[0].strip()
    kind, first = cells_of(path)[0]
    assert kind == " [markdown]"
    title, idea = re.match(r"# # (.+)\n#\n((?:# .+\n)+)", first).groups()
    assert len(title) < 80
    assert len(idea.split()) > 30
    headings = re.findall(r"(?m)^## (.*)$", prose_of(path))
    known = [heading for heading in headings if heading in SECTIONS]
    assert known == [section for section in SECTIONS if section in known]
    assert len(known) >= 4
    assert known[-2:] == SECTIONS[-2:]
    assert headings[-1] == "Exercises"
    assert "$$" in prose_of(path)
    assert (
        len(re.findall("goes_wrong|\\*\\*", read(path).split("# ## What goes wrong")[1].split("# ## Exercises")[0]))
        >= 4
    )


@pytest.mark.parametrize("path", PATHS, ids=NAMES)
def test_exercises(path):
    """An exercise whose solution is missing, or is not folded away."""
    cells = cells_of(path)
    begin = next(i for i, (_, text) in enumerate(cells) if "# ## Exercises" in text)
    assert not any("hide-cell" in kind for kind, _ in cells[:begin])
    exercises = re.findall(r"(?m)^# (\d)\. ", "".join(text for kind, text in cells[begin:] if "[markdown]" in kind))
    assert exercises in (["1", "2"], ["1", "2", "3"])
    solutions = [kind for kind, text in cells[begin:] if "[markdown]" not in kind]
    assert set(solutions) == {HIDDEN}
    assert len(solutions) >= len(exercises)


@pytest.mark.parametrize("path", PATHS, ids=NAMES)
def test_pictures_are_kept(path):
    """A page without a picture; a picture that was never kept, or of another lesson's name."""
    names = pictures_of(path)
    assert names
    assert len(set(names)) == len(names)
    for name in names:
        assert name[:3] == os.path.basename(path)[:3]
        kept = os.path.join(DOCS, "figures", name + ".svg")
        assert os.path.exists(kept), "keep it by: RNN_TF1_FIGURES=write python docs/run_lessons.py %s" % name[:2]
        assert os.path.getsize(kept) < 250000
        assert re.search(r'<svg role="img" aria-label="[^"]{20,}"', read(kept)[:2000])


def test_every_kept_picture_is_shown():
    """A picture that stays behind when its lesson changes."""
    kept = {os.path.basename(path)[:-4] for path in glob.glob(os.path.join(DOCS, "figures", "*.svg"))}
    assert kept == {name for path in PATHS for name in pictures_of(path)}


@pytest.mark.parametrize("path", PATHS, ids=NAMES)
def test_code(path):
    """TensorFlow's internals; a Python that 3.7 does not know; what needs a network."""
    text = read(path)
    if sys.version_info >= (3, 8):
        ast.parse(text, feature_version=(3, 7))
    for node in ast.walk(ast.parse(text)):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for module in modules:
            assert module == "tensorflow.compat.v1" or module.split(".")[0] not in ("tensorflow", "keras", "tf_keras")
            assert module.split(".")[0] not in ("requests", "urllib", "matplotlib.pyplot")


@pytest.mark.parametrize("path", PATHS, ids=NAMES)
def test_prose(path):
    """Hype, and words that make a reader feel slow."""
    plain = re.sub(r"\$\$.*?\$\$|\$[^$]*\$|`[^`]*`", "", prose_of(path), flags=re.DOTALL)
    assert not re.search(r"(?i)\b(simply|obviously|trivially|of course|as we all know|powerful|blazing)\b", plain)
    assert not re.search(r"\w!(\s|$)", plain)
    assert 400 < len(plain.split()) < 2500


def test_every_lesson_is_a_page():
    """A lesson that nobody finds."""
    listed = re.findall(r"(?m)^lessons/(\d\d_\w+)$", read(os.path.join(DOCS, "index.md")))
    assert listed == NAMES


# ----------------------------------------------------------------------------------------------------------------- slow

RUN = PATHS[1::8] if IS_TF1 else []


@pytest.mark.slow
@pytest.mark.parametrize("path", RUN, ids=[NAMES[PATHS.index(path)] for path in RUN])
def test_lesson_runs(path):
    """A lesson that fails, or whose kept pictures are stale. Every eighth one on TensorFlow 1.15; on TensorFlow 2 `make docs`
    runs them all. `docs/run_lessons.py` does on both."""
    command = [sys.executable, os.path.join(DOCS, "run_lessons.py"), os.path.basename(path)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS)
    assert done.returncode == 0, done.stdout.decode("utf-8", "replace")[-6000:]
