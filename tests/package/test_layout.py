"""The arrows of the design, held by reading the imports of every file."""

import ast
import os

import pytest
from places import ROOT

PACKAGE = "rnn_tf1"
MOST_LINES = {PACKAGE: 400, "examples": 130}

# What each room may import from the package. Rooms of one line are on one floor: they know the floors below.
FLOORS = (
    {"errors": (), "types": ()},
    {"program": ("errors",), "ops": ("errors", "types")},
    {"cells": ("errors", "ops", "types"), "data": ("errors", "program"), "plotting": ("errors", "program")},
    {
        "wrappers": ("cells", "errors", "ops", "types"),
        "attention": ("cells", "errors", "ops"),
        "layers": ("errors", "ops"),
        "decoding": ("errors", "ops"),
        "bridge": ("errors", "program"),
        "devices": ("errors", "plotting", "program"),
        "help": ("data", "program"),
    },
    {
        "unrolling": ("cells", "errors", "ops", "types", "wrappers"),
        "training": ("devices", "errors", "ops", "program"),
        "doctor": ("help",),
        "explain": ("help",),
    },
    {
        "models": ("attention", "cells", "decoding", "errors", "layers", "ops", "unrolling", "wrappers"),
        "cluster": ("data", "errors", "ops", "plotting", "program", "training"),
    },
    {
        "legacy": ("cells", "errors", "layers", "models", "ops", "unrolling", "wrappers"),
        "experiments": ("bridge", "data", "errors", "layers", "models", "plotting", "program", "training"),
    },
)
ARROWS = {room: allowed for floor in FLOORS for room, allowed in floor.items()}
WITHOUT_TENSORFLOW = ("data", "doctor", "errors", "explain", "help", "plotting", "types")
# Files of other rooms that are needed where no TensorFlow is, or before it is imported.
FILES_WITHOUT_TENSORFLOW = (
    "rnn_tf1/cluster/__init__.py",
    "rnn_tf1/cluster/addresses.py",
    "rnn_tf1/cluster/local_cluster.py",
    "rnn_tf1/cluster/loopback.py",
    "rnn_tf1/cluster/peers.py",
    "rnn_tf1/experiments/translation/bleu.py",
    "rnn_tf1/program/files.py",
    "rnn_tf1/program/quiet_start.py",
    "rnn_tf1/program/terminal.py",
)
MODULES_AT_THE_ROOT = {"", "doctor", "errors", "explain", "types"}
MOST_ROOMS = 22


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
    text = "import tensorflow.compat.v1 as tf\ndef f():\n    from rnn_tf1.data.files import idx as i\n    from . import x\n"
    assert imports(text) == [("tensorflow.compat.v1", "tf"), ("rnn_tf1.data.files.idx", "i"), ("..x", None)]


def room_of(path):
    """The room that a file is in; "" for the package's face."""
    return room(path[: -len(".py")].replace(os.sep, ".").replace(PACKAGE + ".__init__", PACKAGE))


def imported_rooms(path):
    """The other rooms of the package that a file imports from."""
    inside = (module for module, _ in imports(read(path)) if module.split(".")[0] == PACKAGE)
    return {room(module) for module in inside} - {room_of(path)}


@pytest.mark.parametrize("path", MODULES)
def test_arrows(path):
    """A room that reaches into one it must not know, at the top of the file or inside a function."""
    here = room_of(path)
    for module, _ in imports(read(path)):
        assert not module.startswith("."), "%s: write %s as rnn_tf1..." % (path, module)
        assert not module.startswith(("examples", "tests", "benchmarks")), path
        if here in WITHOUT_TENSORFLOW or path in FILES_WITHOUT_TENSORFLOW:
            assert module.split(".")[0] not in ("tensorflow", "keras"), "%s knows no TensorFlow" % path
    if here:
        unknown = imported_rooms(path) - set(ARROWS[here])
        assert not unknown, "%s must not import %s" % (path, sorted(unknown))


def test_every_room_has_a_rule():
    """A new folder that may import anything, and a rule for a room that was renamed, which holds nobody."""
    rooms = {room_of(path) for path in MODULES}
    assert rooms - {""} == set(ARROWS)
    assert len(rooms - {""}) <= MOST_ROOMS
    assert {room_of(path) for path in MODULES if len(path.split(os.sep)) == 2} <= MODULES_AT_THE_ROOT


def test_permissions_are_used():
    """A permission that nobody needs, which would let an arrow in one day."""
    used = {here: set() for here in ARROWS}
    for path in MODULES:
        if room_of(path):
            used[room_of(path)] |= imported_rooms(path)
    assert {here: sorted(set(allowed) - used[here]) for here, allowed in ARROWS.items()} == {
        here: [] for here in ARROWS
    }


def test_arrows_run_down():
    """A rule that lets a room know one of its own floor or above, and so lets in a circle."""
    level = {here: number for number, floor in enumerate(FLOORS) for here in floor}
    for here, allowed in ARROWS.items():
        assert all(level[other] < level[here] for other in allowed), here


@pytest.mark.parametrize("path", MODULES + EXAMPLES)
def test_one_way_to_import_tensorflow(path):
    """TensorFlow's internals, contrib or Keras, which one of the two TensorFlows does not have."""
    for module, name in imports(read(path)):
        if module.split(".")[0] in ("tensorflow", "tensorflow_core", "keras", "tf_keras"):
            assert (module, name) == ("tensorflow.compat.v1", "tf"), path


@pytest.mark.parametrize("path", EXAMPLES)
def test_ctrl_c_is_heard_from_the_first_import_on(path):
    """A traceback where Ctrl-C comes while an example imports the rest."""
    assert (
        imports(read(path))[0][0] == "rnn_tf1.program.cli"
        and imports(read("rnn_tf1/program/cli.py"))[0][0] == "rnn_tf1.program.quiet_start"
    )


@pytest.mark.parametrize("path", MODULES + EXAMPLES)
def test_lines(path):
    """A file that is two rooms; an example that holds what belongs in the package."""
    count, most = len(read(path).splitlines()), MOST_LINES[path.split(os.sep)[0]]
    assert count <= most, "%s has %d lines, and %d is the most" % (path, count, most)


def test_wrong_lines_have_their_place():
    """A wrong line of tests/planted whose place was edited: it would be planted nowhere, or in the wrong one of two."""
    from mutants import MUTANTS, occurrences

    assert [(mutant.file, mutant.old) for mutant in MUTANTS if occurrences(mutant) != 1] == []
