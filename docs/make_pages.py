"""Makes the pages that are lists, when the site is built: results, gallery, reference. They are not kept."""

import glob
import html
import importlib
import json
import os
import pkgutil
import re

import make_results

DOCS = os.path.dirname(os.path.abspath(__file__))
MADE = os.path.join(DOCS, "made")  # the pages
# The pages of the reference, each with its rooms; a room with an `__all__` is shown as one.
SECTIONS = {
    "Cells, wrappers, unrolling": ("types", "cells", "wrappers", "unrolling", "ops", "attention", "layers"),
    "Losses and decoding": ("layers.losses", "layers.softmax", "decoding", "legacy"),
    "Networks": ("models",),
    "Training and use": ("training", "training.recipe", "training.optimize", "training.checkpoints", "bridge"),
    "Experiments": ("experiments",),
    "Data": ("data",),
    "Pictures": ("plotting", "plotting.graph_drawing.graph", "plotting.diagrams"),
    "Devices and machines": ("devices", "cluster"),
    "Errors": ("errors",),
}


def make_pages():
    os.makedirs(MADE, exist_ok=True)
    _write("results.md", results())
    _write("gallery.md", gallery())
    for number, (title, rooms) in enumerate(SECTIONS.items()):
        _write("reference_%d.md" % number, reference(title, rooms))


def results():
    lines = [
        "# Results",
        "",
        "Each row is a run of the command on two CPU cores; its figures are those that it wrote to",
    ]
    lines += ["`metrics.json`. Times of runs on a busy machine are upper bounds.", "", make_results.table()]
    return "\n".join(lines)


def gallery():
    """All pictures: those of the lessons, then those of full runs."""
    lines = ["# Gallery", "", "Every picture is made by code of this repository.", "", "## Of the lessons", ""]
    for path in sorted(glob.glob(os.path.join(DOCS, "figures", "*.svg"))):
        with open(path, encoding="utf-8") as file:
            words = html.unescape(re.search('aria-label="(.*?)"', file.read(4000), re.DOTALL).group(1))
        name = os.path.basename(path)
        (lesson,) = glob.glob(os.path.join(DOCS, "lessons", name[:2] + "_*.py"))
        lines += ["[![%s](../figures/%s)](../lessons/%s)" % (words, name, os.path.basename(lesson)), "", words, ""]
    lines += ["## Of full runs", ""]
    with open(os.path.join(DOCS, "pictures", "captions.json"), encoding="utf-8") as file:
        captions = json.load(file)
    for name, (command, words) in captions.items():
        lines += ["![%s](../pictures/%s.png)" % (words, name), "", "%s `%s`" % (words, command), ""]
    return "\n".join(lines)


def reference(title, rooms):
    """What the modules of some rooms hold, from their docstrings."""
    lines = ["# " + title, ""]
    for room in rooms:
        package = importlib.import_module("rnn_tf1." + room)
        names = [package.__name__]
        if not hasattr(package, "__all__"):  # else the room is shown as one, whatever files it has
            inside = pkgutil.walk_packages(getattr(package, "__path__", []), names[0] + ".")
            names += [found.name for found in inside if not found.ispkg]
        for name in names:
            lines += ["## %s" % name, "", "```{eval-rst}", ".. automodule:: %s" % name, "   :members:", "```", ""]
    return "\n".join(lines)


def _write(name, text):
    with open(os.path.join(MADE, name), "w", encoding="utf-8") as file:
        file.write(text + "\n")
