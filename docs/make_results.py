"""Writes the table of results in README.md from the metrics.json files in docs/results; --check only compares."""

import glob
import json
import os

from up_to_date import ROOT, write_or_check

README = os.path.join(ROOT, "README.md")
BEGIN, END = "<!-- results: made by docs/make_results.py -->", "<!-- end of results -->"
GENERATED = (
    "long_memory",
    "reber",
    "series_benchmark",
    "series_generate",
    "sine",
    "time_series",
)  # no real data exists for them
FIGURES = {
    "test_accuracy": ("test accuracy", lambda value: "%.2f %%" % (100 * value)),
    "memory_accuracy": ("of strings that memory alone can judge", lambda value: "%.2f %%" % (100 * value)),
    "projection_valid_mse": ("mean squared error by projection", lambda value: "%.4f" % value),
    "dense_valid_mse": ("by dense", lambda value: "%.4f" % value),
    "best_1_ahead_valid_mse": ("least validation error one value ahead", lambda value: "%.5f" % value),
    "1_least_squares_valid_mse": ("least squares", lambda value: "%.5f" % value),
    "best_10_ahead_valid_mse": ("ten ahead", lambda value: "%.5f" % value),
    "10_least_squares_valid_mse": ("least squares", lambda value: "%.5f" % value),
    "plain_sliding_3000_stay": ("series that keep to the data: plain", str),
    "steady_sliding_3000_stay": ("steady", str),
    "test_mse": ("test mean squared error", lambda value: "%.3g" % value),
    "least_squares_mse": ("of least squares", lambda value: "%.3g" % value),
    "naive_mse": ("of the naive forecast", lambda value: "%.3g" % value),
    "noise_mse": ("of the noise alone", lambda value: "%.3g" % value),
    "valid_perplexity": ("perplexity: validation", lambda value: "%.2f" % value),
    "test_perplexity": ("test", lambda value: "%.2f" % value),
    "basic_all_valid_perplexity": ("validation perplexity on all stories: basic cell", lambda value: "%.2f" % value),
    "context_all_valid_perplexity": ("context cell", lambda value: "%.2f" % value),
    "basic_20_valid_perplexity": ("on 20 stories: basic cell", lambda value: "%.2f" % value),
    "context_20_valid_perplexity": ("context cell", lambda value: "%.2f" % value),
    "distinct_sampled": ("different among 4-word phrases: sampled page", lambda value: "%.0f %%" % (100 * value)),
    "distinct_argmax": ("likeliest words", lambda value: "%.0f %%" % (100 * value)),
    "related_cosine": ("mean cosine of related words", lambda value: "%.2f" % value),
    "other_cosine": ("of other pairs of them", lambda value: "%.2f" % value),
    "bleu": ("BLEU of lower-cased tokens", lambda value: "%.2f" % value),
    "raw_bleu": ("of raw text", lambda value: "%.2f" % value),
    "exact": ("sentences exactly right", lambda value: "%.1f %%" % (100 * value)),
    "bag_of_words_accuracy": ("of a bag of words", lambda value: "%.2f %%" % (100 * value)),
    "attention_test_accuracy": ("whole captions right: with attention", lambda value: "%.2f %%" % (100 * value)),
    "attention_seconds": ("trained in", lambda value: "%.0f s" % value),
    "plain_test_accuracy": ("without", lambda value: "%.2f %%" % (100 * value)),
    "clips_test_accuracy": ("movement of clips right", lambda value: "%.2f %%" % (100 * value)),
    "frames_test_accuracy": ("of frames", lambda value: "%.2f %%" % (100 * value)),
    "one_frame_test_accuracy": ("from one frame alone", lambda value: "%.2f %%" % (100 * value)),
    "left_test_perplexity": ("perplexity from the left", lambda value: "%.1f" % value),
    "both_test_perplexity": ("from both sides", lambda value: "%.1f" % value),
    "left_test_top_5": ("among the first five guesses from the left", lambda value: "%.1f %%" % (100 * value)),
    "both_test_top_5": ("from both sides", lambda value: "%.1f %%" % (100 * value)),
    "note_accuracy": ("next notes right", lambda value: "%.2f %%" % (100 * value)),
    "repeated_accuracy": ("the last chord again", lambda value: "%.2f %%" % (100 * value)),
    "soprano_accuracy": ("of the soprano's", lambda value: "%.2f %%" % (100 * value)),
    "repeated_soprano_accuracy": ("its last note again", lambda value: "%.2f %%" % (100 * value)),
    "nats_per_chord": ("nats of a chord", lambda value: "%.3f" % value),
    "written_valid": ("written strings that are valid", lambda value: "%.1f %%" % (100 * value)),
    "letter_perplexity": ("perplexity of its letters", lambda value: "%.4f" % value),
    "best_perplexity": ("of who knows the grammar", lambda value: "%.4f" % value),
    "adding_solved": ("adding: solved", lambda value: "%d" % value),
    "copy_solved": ("copy: solved", lambda value: "%d" % value),
}


def read(name):
    """The run docs/results/NAME.json."""
    path = os.path.join(ROOT, "docs", "results", name + ".json")
    with open(path, encoding="utf-8") as file:
        found = json.load(file)
    config = found["config"]
    made = found["example"] in GENERATED or config.get("task") == "series" or config.get("generated")
    if not (made or found["data"].startswith("real")):
        raise SystemExit("%s: a result on %s data does not go into the table" % (path, found["data"]))
    return found


def describe(found, other=None):
    """The figures of a run in words; where that of the same command on the other TensorFlow differs, it is in brackets."""
    words = []
    for key, (text, show) in FIGURES.items():
        if key in found:
            words.append("%s %s" % (text, show(found[key])))
            if other and show(other[key]) != show(found[key]):
                words[-1] += " (%s)" % show(other[key])
    return ", ".join(words)


def _join(words):
    return ", ".join(sorted(words))


def table():
    """The Markdown table, a row for each command."""
    commands, versions = {}, {"2": set(), "1": set()}
    for path in sorted(glob.glob(os.path.join(ROOT, "docs", "results", "*.json"))):
        found = read(os.path.splitext(os.path.basename(path))[0])
        runs = commands.setdefault(found["command"], {})
        kind = found["tensorflow"].split(".")[0]
        if kind in runs:
            raise SystemExit("docs/results has two runs of %s on TensorFlow %s" % (found["command"], kind))
        runs[kind] = found
        versions[kind].add("%s (Python %s)" % (found["tensorflow"], ".".join(found["python"].split(".")[:2])))
    lines = ["TensorFlow %s; in brackets %s where the figure differs." % tuple(map(_join, versions.values())), ""]
    lines += ["| command | result | training |", "|---|---|---|"]
    listed = _parts()[1].index  # as in the list of examples

    def order(command):
        return listed(command.split()[1]), len(command), command

    for command in sorted(commands, key=order):
        runs = commands[command]
        first, *rest = [runs[kind] for kind in ("2", "1") if kind in runs]
        seconds = "%.0f s" % first["seconds"] + "".join(" (%.0f s)" % other["seconds"] for other in rest)
        only = " on %s alone" % first["tensorflow"] if first["tensorflow"].startswith("1.") else ""
        lines.append("| `%s` | %s | %s |" % (command, describe(first, *rest) + only, seconds))
    return "\n".join(lines)


def _parts():
    """README.md before its table and after it."""
    with open(README, encoding="utf-8") as file:
        before, rest = file.read().split(BEGIN)
    return before, rest.split(END)[1]


def readme():
    """README.md with the table of today."""
    before, after = _parts()
    return before + BEGIN + "\n" + table() + "\n" + END + after


if __name__ == "__main__":
    write_or_check(README, readme(), __doc__)
