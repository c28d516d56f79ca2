"""What every lesson uses: pictures that are kept and compared, differences and errors as they are, figures of full runs.

A picture is drawn anew whenever a lesson runs. With RNN_TF1_FIGURES=check, as docs/run_lessons.py and the site have it, what it
shows (curves, bars, images, words) is compared with the one in docs/figures: how it is drawn changes with matplotlib.
RNN_TF1_FIGURES=write keeps the new picture instead. Who changes a lesson to see what happens needs neither.
"""

import contextlib
import html
import io
import json
import os
import re
import sys

import numpy as np


@contextlib.contextmanager
def _quietly():
    """Errors are raised as ever; what is written past Python, about processors, is left out."""
    stderr, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported
with _quietly():
    import tensorflow.compat.v1 as tf

from rnn_tf1.program.files import atomic_path  # noqa: E402

tf.logging.set_verbosity(tf.logging.ERROR)

DOCS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FIGURES = os.path.join(DOCS, "figures")
TOLERANCE = (
    0.06  # of an axis: a training ends elsewhere on another machine, but not far away
)
POINTS = 24  # of each curve that are compared


def picture(figure, name, description, tolerance=TOLERANCE):
    """Shows a matplotlib figure; with RNN_TF1_FIGURES=check, where docs/figures/NAME.svg still shows the same.

    The kept pictures are TensorFlow 2's; on 1.15 nothing is compared. `description` is for those who cannot see it.
    A larger `tolerance` (a share of an axis) is for what wavers in a training, the accuracy after its first epochs for example.
    """
    import matplotlib

    shown = _shown(figure)
    text = io.StringIO()
    with matplotlib.rc_context(
        {"svg.hashsalt": name}
    ):  # the same picture is the same file
        figure.savefig(text, format="svg", metadata={"Date": None}, facecolor="white")
    label = '<svg role="img" aria-label="%s" ' % html.escape(description)
    svg = text.getvalue().replace("<svg ", label, 1)
    note = "<desc>%s</desc>" % html.escape(
        json.dumps(shown, separators=(",", ":")), quote=False
    )
    svg = re.sub(
        r"<metadata>.*?</metadata>", lambda _: note, svg, count=1, flags=re.DOTALL
    )
    if tf.__version__.startswith("2."):
        path = os.path.join(FIGURES, name + ".svg")
        mode = os.environ.get("RNN_TF1_FIGURES")
        if mode == "write":
            os.makedirs(FIGURES, exist_ok=True)
            with atomic_path(path) as temporary, open(
                temporary, "w", encoding="utf-8"
            ) as file:
                file.write(svg)
        elif mode == "check":
            check_picture(shown, path, tolerance)
    try:
        from IPython.display import SVG
    except ImportError:  # run as a script
        return None
    return SVG(svg[svg.index("<svg") :])


def check_picture(shown, path, tolerance=TOLERANCE):
    """Raises RuntimeError where the picture at `path` shows something else than `shown`."""
    remedy = "look at it, and keep it by: RNN_TF1_FIGURES=write python docs/run_lessons.py %s"
    remedy %= os.path.basename(path)[:2]
    if not os.path.exists(path):
        raise RuntimeError("there is no picture %s; %s" % (path, remedy))
    with open(path, encoding="utf-8") as file:
        kept = json.loads(
            html.unescape(
                re.search("<desc>(.*?)</desc>", file.read(), re.DOTALL).group(1)
            )
        )
    if [part["words"] for part in kept] != [part["words"] for part in shown]:
        raise RuntimeError(
            "%s has other words than the picture drawn now; %s" % (path, remedy)
        )
    for old, new in zip(kept, shown):
        if old.get("legend", new["legend"]) != new["legend"]:  # older ones have none
            raise RuntimeError(
                "%s has another legend than the picture drawn now; %s" % (path, remedy)
            )
        for kind in ("curves", "images"):
            if [len(numbers) for numbers in old[kind]] != [
                len(numbers) for numbers in new[kind]
            ]:
                raise RuntimeError(
                    "%s has other %s than the picture drawn now; %s"
                    % (path, kind, remedy)
                )
            for old_numbers, new_numbers in zip(old[kind], new[kind]):
                apart = float(
                    np.abs(np.subtract(old_numbers, new_numbers)).max(initial=0)
                )
                if not apart <= tolerance:
                    message = "%s is stale: %s differ by %.0f %% of an axis; %s"
                    raise RuntimeError(message % (path, kind, 100 * apart, remedy))


def _shown(figure):
    """For each axes: its words without their numbers, points of its curves and bars as shares of the axes, its images."""
    figure.canvas.draw()
    found = []
    for axes in figure.axes:
        to_axes = axes.transData + axes.transAxes.inverted()
        curves = [
            line.get_xydata()
            for line in axes.lines
            if line.get_transform() == axes.transData
        ]
        curves += [
            np.asarray(marks.get_offsets())
            for marks in axes.collections
            if len(marks.get_offsets()) > 1
        ]
        for bars in axes.containers:
            curves.append(
                np.array(
                    [
                        [bar.get_x() + bar.get_width(), bar.get_y() + bar.get_height()]
                        for bar in bars.patches
                    ]
                )
            )
        points = []
        for curve in curves:
            curve = np.asarray(curve, float)
            if len(curve):
                curve = curve[
                    np.linspace(0, len(curve) - 1, min(len(curve), POINTS))
                    .round()
                    .astype(int)
                ]
                shares = np.nan_to_num(np.clip(to_axes.transform(curve), -1, 2), nan=-1)
                points.append(np.round(shares, 3).ravel().tolist())
        images = []
        for image in axes.images:
            values = np.asarray(image.get_array(), float)
            shares = (
                np.ma.filled(image.norm(values), 0)
                if values.ndim == 2
                else values / max(1.0, values.max())
            )
            rows, columns = [
                np.array_split(np.arange(size), min(size, 6))
                for size in shares.shape[:2]
            ]
            means = [
                [float(np.mean(shares[row][:, column])) for column in columns]
                for row in rows
            ]
            images.append(np.round(means, 3).ravel().tolist())
        words = [axes.get_title(), axes.get_xlabel(), axes.get_ylabel()] + [
            text.get_text() for text in axes.texts
        ]
        legends = [] if found else list(figure.legends)
        legends += [axes.get_legend()] if axes.get_legend() else []
        entries = [text.get_text() for legend in legends for text in legend.get_texts()]
        found.append(
            {
                "words": [re.sub(r"[-\d.,]+", "#", text) for text in words],
                "legend": [re.sub(r"[-\d.,]+", "#", text) for text in entries],
                "curves": points,
                "images": images,
            }
        )
    return found


def print_difference(name, ours, theirs, most=1e-5):
    """Prints the largest difference of two arrays. Raises AssertionError where it is above `most`."""
    difference = float(np.abs(np.asarray(ours) - np.asarray(theirs)).max())
    print("%s: they differ by at most %.1e" % (name, difference))
    assert difference <= most, "more than %.1e" % most


@contextlib.contextmanager
def goes_wrong(kind=Exception):
    """Prints the error that its block ends with, less the places in files that TensorFlow adds.

    Raises AssertionError where the block ends without an error; an error of another kind goes on.
    """
    try:
        yield
    except kind as error:
        text = re.split(
            r"\n+(?:Original stack trace|Errors may have originated)", str(error)
        )[0]
        text = re.sub(
            r"(?m)^(Graph execution error:|Detected at node.*| +File .*|Node: .*)?\n",
            "",
            text,
        )
        print("%s: %s" % (type(error).__name__, text))
    else:
        raise AssertionError("nothing went wrong")


def full_run(name):
    """Prints what the run docs/results/NAME.json was: its command, its result, and where it ran."""
    sys.path.insert(0, DOCS)
    from make_results import describe, read

    run = read(name)
    print("Figures kept from a full run of %s\n  %s" % (run["command"], describe(run)))
    where = "%.0f s of training, TensorFlow %s, Python %s"
    print("  " + where % (run["seconds"], run["tensorflow"], run["python"]))
