"""Writes the table of results in README.md from the metrics.json files in docs/results; --check only compares."""

import glob
import importlib
import json
import os
import pkgutil

from up_to_date import ROOT, write_or_check

from rnn_tf1 import experiments
from rnn_tf1.experiments.figures import Figures

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


def describe(found, other=None):
    """The figures of a run in words; where that of the same command on the other TensorFlow differs, it is in brackets."""
    for module in pkgutil.walk_packages(experiments.__path__, "rnn_tf1.experiments."):
        importlib.import_module(module.name)  # each declares the figures of its examples
    return Figures.of[found["example"]].describe(found, other)


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
