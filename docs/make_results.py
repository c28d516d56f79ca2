"""Writes the table of results in README.md from the metrics.json files in docs/results; --check only compares."""

import argparse
import glob
import json
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
README = os.path.join(ROOT, "README.md")
BEGIN, END = "<!-- results: made by docs/make_results.py -->", "<!-- end of results -->"
FIGURES = {
    "test_accuracy": ("test accuracy", lambda value: "%.2f %%" % (100 * value)),
    "test_mse": ("test mean squared error", lambda value: "%.5f" % value),
    "naive_mse": ("of the naive forecast", lambda value: "%.5f" % value),
    "noise_mse": ("of the noise alone", lambda value: "%.5f" % value),
    "adding_solved": ("adding: solved", lambda value: "%d" % value),
    "copy_solved": ("copy: solved", lambda value: "%d" % value),
}


def table():
    """The Markdown table, a row for each file."""
    lines = ["| command | result | training | TensorFlow | Python |", "|---|---|---|---|---|"]
    rows = []
    for path in glob.glob(os.path.join(ROOT, "docs", "results", "*.json")):
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
        made = (
            found["example"] == "long_memory" or found["config"].get("task") == "series"
        )  # no real data exists for it
        if not (made or found["data"].startswith("real")):
            raise SystemExit("%s: a result on %s data does not go into the table" % (path, found["data"]))
        figures = ", ".join("%s %s" % (name, show(found[key])) for key, (name, show) in FIGURES.items() if key in found)
        rows.append((found["command"], figures, "%.0f s" % found["seconds"], found["tensorflow"], found["python"]))
    for command, *rest in sorted(rows, key=lambda row: (len(row[0]), row)):
        lines.append("| `%s` | %s |" % (command, " | ".join(rest)))
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="exit with 1 where the table is not up to date")
    flags = parser.parse_args()
    with open(README, encoding="utf-8") as file:
        text = file.read()
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    made = before + BEGIN + "\n" + table() + "\n" + END + after
    if flags.check:
        sys.exit(0 if made == text else "README.md: the table of results is not up to date; run docs/make_results.py")
    with open(README, "w", encoding="utf-8") as file:
        file.write(made)


if __name__ == "__main__":
    main()
