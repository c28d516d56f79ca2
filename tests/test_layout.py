"""The arrows of the design, held by reading the imports of every file."""

import ast
import os

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PACKAGE = "rnn_tf1"
MOST_LINES = {PACKAGE: 400, "examples": 130}

# What a room may import from the package; a room that is not listed may import anything that is no example.
ARROWS = {
    "errors": (),
    "files": ("errors",),
    "cluster": ("errors", "files"),
    "peers": ("cluster", "terminal"),
    "loopback": (),
    "local_cluster": ("cluster", "loopback", "peers", "terminal"),
    "checks": ("errors",),
    "devices": ("errors",),
    "placement": ("devices", "errors", "terminal"),
    "masks": ("checks", "errors"),
    "products": (),
    "cells": ("cells", "checks", "errors", "masks", "products"),
    "wrappers": ("cells", "checks", "errors", "masks", "wrappers"),
    "sequences": ("cells", "checks", "errors"),
    "unroll": ("cells", "checks", "errors", "masks", "sequences"),
    "fused": ("cells", "checks", "errors", "masks", "products", "sequences", "wrappers"),
    "losses": ("checks", "errors", "masks"),
    "state": ("checks", "errors", "masks", "sequences"),
    "attention": ("attention", "cells", "checks", "errors", "products", "sequences"),
    "layers": ("cells", "checks", "errors", "masks"),
    "decoding": (
        "cells",
        "checks",
        "decoding",
        "errors",
        "layers",
        "losses",
        "masks",
        "sequences",
        "state",
        "unroll",
        "wrappers",
    ),
    "legacy_seq2seq": (
        "cells",
        "checks",
        "errors",
        "legacy_seq2seq",
        "masks",
        "sequences",
        "unroll",
        "wrappers",
    ),
    "data": ("data", "errors", "files", "terminal"),
    "models": (
        "attention",
        "cells",
        "checks",
        "decoding",
        "errors",
        "fused",
        "layers",
        "legacy_seq2seq",
        "losses",
        "masks",
        "models",
        "optimize",
        "sequences",
        "state",
        "unroll",
        "wrappers",
    ),
    "plotting": ("errors", "files", "plotting"),
    "bleu": ("errors",),
    "explain": ("cli", "explanations"),
    "explanations": ("explanations",),
    "export": ("errors", "files"),
    "translation_use": ("data", "errors", "terminal", "training", "translating"),
    "translating": ("checkpoints", "data", "errors", "export", "files", "models", "training"),
}
WITHOUT_TENSORFLOW = (
    "bleu",
    "cluster",
    "data",
    "errors",
    "explain",
    "explanations",
    "files",
    "local_cluster",
    "loopback",
    "peers",
    "plotting",
)


def sources(folder):
    """The Python files under `folder`, as paths from the repository's root."""
    found = []
    for directory, _, names in os.walk(os.path.join(ROOT, folder)):
        found += [os.path.relpath(os.path.join(directory, name), ROOT) for name in names if name.endswith(".py")]
    return sorted(found)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def imports(text):
    """Every module that the text imports, at any depth, as (module, name it gets here)."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [(alias.name, alias.asname) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            found += [("%s.%s" % (base, alias.name), alias.asname) for alias in node.names]
    return found


def room(module):
    """The room of a module inside the package: "cells" for rnn_tf1.cells.base, "" for the package itself."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


MODULES, EXAMPLES = sources(PACKAGE), sources("examples")


def test_something_is_read():
    """A walk that finds no file, after which every test below would pass."""
    assert len(MODULES) > 15
    assert len(EXAMPLES) >= 2
    text = "import tensorflow.compat.v1 as tf\ndef f():\n    from rnn_tf1.data import idx as i\n    from . import x\n"
    assert imports(text) == [("tensorflow.compat.v1", "tf"), ("rnn_tf1.data.idx", "i"), ("..x", None)]


@pytest.mark.parametrize("path", MODULES)
def test_arrows(path):
    """A room that reaches into one it must not know, at the top of the file or inside a function."""
    here = room(path[: -len(".py")].replace(os.sep, "."))
    for module, _ in imports(read(path)):
        assert not module.startswith("."), "%s: write %s as rnn_tf1..." % (path, module)
        assert not module.startswith(("examples", "tests", "benchmarks")), path
        if module.split(".")[0] == PACKAGE and here in ARROWS:
            assert room(module) in ARROWS[here], "%s must not import %s" % (path, module)
        if here in WITHOUT_TENSORFLOW:
            assert module.split(".")[0] not in ("tensorflow", "keras"), "%s knows no TensorFlow" % path


def test_rooms_exist():
    """A rule above for a room that was renamed, and so holds nobody."""
    rooms = {room(path[: -len(".py")].replace(os.sep, ".")) for path in MODULES}
    assert set(ARROWS) <= rooms


@pytest.mark.parametrize("path", MODULES + EXAMPLES)
def test_one_way_to_import_tensorflow(path):
    """TensorFlow's internals, contrib or Keras, which one of the two TensorFlows does not have."""
    for module, name in imports(read(path)):
        if module.split(".")[0] in ("tensorflow", "tensorflow_core", "keras", "tf_keras"):
            assert (module, name) == ("tensorflow.compat.v1", "tf"), path


@pytest.mark.parametrize("path", EXAMPLES)
def test_ctrl_c_is_heard_from_the_first_import_on(path):
    """A traceback where Ctrl-C comes while an example imports the rest."""
    assert imports(read(path))[0][0] == "rnn_tf1.cli" and imports(read("rnn_tf1/cli.py"))[0][0] == "rnn_tf1.quiet_start"


@pytest.mark.parametrize("path", MODULES + EXAMPLES)
def test_lines(path):
    """A file that is two rooms; an example that holds what belongs in the package."""
    count, most = len(read(path).splitlines()), MOST_LINES[path.split(os.sep)[0]]
    assert count <= most, "%s has %d lines, and %d is the most" % (path, count, most)


def test_wrong_lines_have_their_place():
    """A wrong line of tests/planted whose place was edited: it would be planted nowhere, or in the wrong one of two."""
    from mutants import MUTANTS, occurrences

    assert [(mutant.file, mutant.old) for mutant in MUTANTS if occurrences(mutant) != 1] == []
