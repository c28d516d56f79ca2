"""Writes docs/speed.md from the figures of the benchmarks in docs/speed; --check only compares."""

import json
import os
import statistics
import sys

from up_to_date import ROOT, write_or_check

sys.path.insert(0, os.path.join(ROOT, "benchmarks"))

from language_model import MFLOP  # noqa: E402

PAGE = os.path.join(ROOT, "docs", "speed.md")
TENSORFLOWS = {"tf2": "TensorFlow 2.21, Python 3.11", "tf1": "TensorFlow 1.15, Python 3.7"}
BEGINNING = """\
<!-- made by docs/make_speed.py from docs/speed -->

# How fast is it?

Every table is one run of one command on two CPU cores with nothing beside it: the candidates take turns, each in a process
of its own, in several rounds, and the medians stand here. Cores differ, so look at the ratios. Beside TensorFlow 1.15 too,
PyTorch and Keras are the current ones on Python 3.11 (`--peers`).
"""
TRAIN = """\
## Training a language model

The networks of Zaremba et al. 2014, on random words: an embedding, two LSTM layers, a softmax over 10,000 words, 20 rows,
plain gradient descent, the gradient clipped. "published" is what the tutorial that came with TensorFlow 1 does. The last
column is the share of what a product of two 4,096 x 4,096 matrices reaches in the same process.

```sh
python benchmarks/language_model.py
```
"""
PROFILE = """\
## Where the rest of the time goes

A training step of "ours, fused" by TensorFlow's trace, all threads added up. The products of cells and softmax are what the
count of operations knows of; the rest is memory that is read and written.

```sh
python benchmarks/language_model.py --task profile
```
"""
USE = """\
## Reading and writing texts

A text that is read as one stream, its state carried, 100 words in a session call against one; and words drawn from the model
in one session call, all as one text or as ten at once, against a call for each word with state and word fed from Python. A
single text is written word after word, and each word costs the product with the whole softmax: there the calls are the
smaller part, and little is to be gained.

```sh
python benchmarks/language_use.py --task score
python benchmarks/language_use.py --task sample
```
"""
TRANSLATION = """\
## Training and using a translator

An encoder in both directions and a decoder with Bahdanau's attention, 512 units; 1,000 sentences are decoded.

```sh
python benchmarks/translation.py
```
"""


def read(name):
    """{"tf2": figures, "tf1": figures} of the files docs/speed/NAME_tf2.json and NAME_tf1.json that are there."""
    found = {}
    for version in TENSORFLOWS:
        path = os.path.join(ROOT, "docs", "speed", "%s_%s.json" % (name, version))
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                found[version] = json.load(file)
    return found


def table(heads, rows):
    """A Markdown table; all columns but the first are numbers."""
    lines = ["| %s |" % " | ".join(heads), "|---|" + "---:|" * (len(heads) - 1)]
    return "\n".join(lines + ["| %s |" % " | ".join(row) for row in rows]) + "\n"


def median_ratio(ours, others):
    return statistics.median(a / b for a, b in zip(ours, others))


def trained(found):
    """Tables of benchmarks/language_model.py."""
    for version, sizes in found.items():
        for size, candidates in sizes.items():
            speeds = {name: [one["words_per_second"] for one in rounds] for name, rounds in candidates.items()}
            fused, peaks = speeds["ours, fused"], [one["peak_gflops"] for one in candidates["ours, fused"]]
            rows = []
            for name, rounds in candidates.items():
                share = statistics.median(s * MFLOP[size] / 1000 / peak for s, peak in zip(speeds[name], peaks))
                megabytes = statistics.median(one["mb"] for one in rounds)
                median = "{:,.0f}".format(statistics.median(speeds[name]))
                ratio = "%.2f" % median_ratio(fused, speeds[name])
                rows.append([name, median, ratio, "%.0f" % megabytes, "%.2f" % share])
            yield "**%s, %s model** (the peak is %.0f GFLOP/s)\n" % (
                TENSORFLOWS[version],
                size,
                statistics.median(peaks),
            )
            yield table(["", "words a second", "fused is so many times as fast", "MB", "share of the peak"], rows)


def profiled(found):
    """One table of benchmarks/language_model.py --task profile: the share of each part in per cent."""
    columns = {(version, size): parts for version, sizes in found.items() for size, parts in sizes.items()}
    names = sorted({name for parts in columns.values() for name in parts}, key=lambda n: -columns[("tf2", "small")][n])
    heads = [""] + ["%s, %s" % (size, TENSORFLOWS[version].split(",")[0]) for version, size in columns]
    yield table(
        heads,
        [
            [name] + ["%.1f %%" % (100 * parts.get(name, 0) / sum(parts.values())) for parts in columns.values()]
            for name in names
        ],
    )


def used(scored, sampled):
    """One table of benchmarks/language_use.py."""
    rows = []
    for version, sizes in scored.items():
        for size, found in sizes.items():
            seconds, ways = found["seconds"], sampled[version][size]
            one_by_one = ways["by a call for each"]
            row = [median_ratio(seconds["1"], seconds["100"])]
            row += [median_ratio(one_by_one, ways[way]) for way in ("in one call", "as ten texts")]
            rows.append(
                ["%s, %s" % (TENSORFLOWS[version].split(",")[0], size)] + ["%.1f times" % ratio for ratio in row]
            )
    yield table(["", "read: 100 words a call", "written: one text", "written: ten texts"], rows)


def translated(found):
    """Tables of benchmarks/translation.py."""
    tasks = {
        "train": "training, target words a second",
        "1": "1 beam, sentences a second",
        "5": "5 beams, sentences a second",
    }
    for version, figures in found.items():
        rows = []
        for task, title in tasks.items():
            ours = [one["value"] for one in figures[task]["ours"]]
            for name, rounds in figures[task].items():
                values = [one["value"] for one in rounds]
                ratio = "%.2f" % median_ratio(ours, values)
                rows.append(["%s: %s" % (title, name), "{:,.0f}".format(statistics.median(values)), ratio])
        yield "**%s** (%s)\n" % (TENSORFLOWS[version], figures["train"]["ours"][0]["of"])
        yield table(["", "median", "ours is so many times as fast"], rows)


def page():
    parts = [BEGINNING, TRAIN, *trained(read("language_train")), PROFILE, *profiled(read("language_profile"))]
    parts += [USE, *used(read("language_score"), read("language_sample"))]
    translation = read("translation")
    parts += [TRANSLATION, *translated(translation)] if translation else []
    return "\n".join(parts)


if __name__ == "__main__":
    write_or_check(PAGE, page(), __doc__)
