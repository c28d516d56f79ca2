"""The arrows of the design, held by reading the imports of every file."""

import ast
import itertools
import os
import re
import sys

import pytest
from places import ROOT

PACKAGE = "rnn_tf1"
MOST_LINES = {PACKAGE: 400, "examples": 130}

# What each room may import from the package. Rooms of one line are on one floor: they know the floors below.
FLOORS = (
    {"errors": (), "types": ()},
    {"program": ("errors",), "ops": ("errors", "types")},
    {
        "cells": ("errors", "ops", "types"),
        "layers": ("errors", "ops", "types"),
        "decoding": ("errors", "ops"),
        "data": ("errors", "program"),
        "plotting": ("errors", "program"),
        "bridge": ("errors", "program"),
    },
    {
        "wrappers": ("cells", "errors", "ops", "types"),
        "attention": ("cells", "errors", "ops"),
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
        "models": ("attention", "cells", "decoding", "errors", "layers", "ops", "types", "unrolling", "wrappers"),
        "cluster": ("data", "errors", "ops", "plotting", "program", "training"),
    },
    {
        "legacy": ("cells", "errors", "layers", "models", "ops", "unrolling", "wrappers"),
        "experiments": ("bridge", "data", "errors", "layers", "models", "ops", "plotting", "program", "training"),
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
# The modules that are a command line. Elsewhere a message names the argument, which `program.cli` shows as the flag.
WITH_FLAGS = (
    "rnn_tf1/experiments/translation/command_line.py",
    "rnn_tf1/help/",
    "rnn_tf1/program/cli.py",
    "rnn_tf1/program/settings.py",
)
FLAG = re.compile(r"(?<![\w-])--[a-z][\w-]*")
COMMAND = re.compile(
    r"\b(?:python|pip install|tensorboard)(?: [^\s,;).]+(?:\.[^\s,;).]+)*)*"
)  # to be copied as a whole
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


def test_the_page_of_the_house():
    """A page that puts a room on another floor, or leaves one out."""
    rows = re.findall(r"^\| (\d) \| (.*) \|$", read("docs/house.md"), re.M)
    assert {int(number): set(re.findall("`(.*?)`", row)) for number, row in rows} == {
        number: set(floor) for number, floor in enumerate(FLOORS, 1)
    }


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


def flags_in(text):
    """The flags in the strings of a module, docstrings among them, but those in a command."""
    values = [getattr(node, "value", getattr(node, "s", None)) for node in ast.walk(ast.parse(text))]  # s: Python 3.7
    strings = [value for value in values if isinstance(value, str)]
    return sorted({flag for string in strings for flag in FLAG.findall(COMMAND.sub("", string))})


def test_flags_are_found():
    """A search that finds no flag, one that takes a dash or a line for a flag, and a command that hides what follows it."""
    code = "def f(a):\n    '''Passes --out-dir=~.'''\n    return f'{a} --b-c ' + 'or (--d) -- --- x--y -e' + a  # --g\n"
    assert flags_in(code) == ["--b-c", "--d", "--out-dir"]
    said = "x = 'Train one: %s a/b.py --out-dir %%s, or pass --data-dir.'"
    for command in ("python", "pip install", "tensorboard"):
        assert flags_in(said % command) == ["--data-dir"]
        assert flags_in("x = '%s b.py --out-dir 1. Pass --seed.'" % command) == ["--seed"]
    assert flags_in(said % "it") == ["--data-dir", "--out-dir"]


@pytest.mark.parametrize("path", [path for path in MODULES if not path.startswith(WITH_FLAGS)])
def test_messages_name_arguments(path):
    """A message that tells a person in a notebook to pass a flag."""
    assert flags_in(read(path)) == [], "%s: name the argument; see errors.Argument" % path


@pytest.mark.parametrize("start", WITH_FLAGS)
def test_command_lines_name_flags(start):
    """A module that may name flags and does not, and so would let one in one day."""
    assert any(flags_in(read(path)) for path in MODULES if path.startswith(start))


def test_wrong_lines_have_their_place():
    """A wrong line of tests/planted whose place was edited: it would be planted nowhere, or in the wrong one of two."""
    from mutants import MUTANTS, occurrences

    assert [(mutant.file, mutant.old) for mutant in MUTANTS if occurrences(mutant) != 1] == []


# Where mathematics is, and so where wrong lines are typed by hand: whole rooms, and files that judge or feed a training.
MATHEMATICS = (
    "attention",
    "cells",
    "decoding",
    "layers",
    "legacy",
    "models",
    "ops",
    "training",
    "unrolling",
    "wrappers",
)
JUDGES = ("cluster/replicas", "data/batches", "data/pairs/pair_batches", "data/series/windows", "experiments")


def test_wrong_lines_are_typed_where_mathematics_is():
    """A wrong line typed for a flag, a text, a table or a picture: tests/ast_mutants.py draws those."""
    from mutants import MUTANTS

    allowed = tuple("rnn_tf1/%s/" % name for name in MATHEMATICS) + tuple("rnn_tf1/" + name for name in JUDGES)
    for file in {mutant.file for mutant in MUTANTS}:
        assert file.startswith(allowed) and not file.endswith("pictures.py"), file


def test_drawn_lines_change_the_code():
    """A draw that differs in nothing but white space or brackets, is no Python, or cannot be made again."""
    if sys.version_info < (3, 9):
        pytest.skip("ast.unparse came with Python 3.9")
    import ast_mutants

    first = list(itertools.islice(ast_mutants.draw("1"), 50))
    assert (
        first == list(itertools.islice(ast_mutants.draw("1"), 50)) != list(itertools.islice(ast_mutants.draw("2"), 50))
    )
    for mutant in first:
        assert ast.dump(ast.parse(mutant.old)) != ast.dump(ast.parse(mutant.new)), mutant.why
        assert read(mutant.file) == mutant.old and "drawn with 1: line " in mutant.why
    assert all(os.path.exists(os.path.join(ROOT, path)) for path in ast_mutants.TESTS.values())


def test_what_was_judged_is_still_there():
    """A judgement of a line that has changed since, and so of another line."""
    import ast_mutants

    for path, _operator, line in ast_mutants.judged():
        assert line in [source.strip() for source in read(path).splitlines()], (path, line)
