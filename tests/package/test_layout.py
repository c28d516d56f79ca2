"""The arrows of the design, held by reading the imports of every file."""

import ast
import itertools
import os
import re
import sys

import pytest
from places import ROOT

pytestmark = pytest.mark.once  # files are read, nothing is run

PACKAGE = "rnn_tf1"
MOST_LINES = {PACKAGE: 400, "examples": 70}

# What each room may import from the package. Rooms of one line are on one floor: they know the floors below.
FLOORS = (
    {"errors": (), "types": ()},
    {"program": ("errors",), "ops": ("errors", "types")},
    {
        "cells": ("errors", "ops", "types"),
        "layers": ("errors", "ops", "types"),
        "decoding": ("errors", "ops", "types"),
        "data": ("errors", "program"),
        "plotting": ("errors", "program"),
        "bridge": ("errors", "program"),
    },
    {
        "wrappers": ("cells", "errors", "ops", "types"),
        "attention": ("cells", "errors", "ops", "types"),
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
        "cluster": ("data", "errors", "ops", "plotting", "program", "training", "types"),
    },
    {
        "legacy": ("cells", "errors", "layers", "models", "ops", "types", "unrolling", "wrappers"),
        "experiments": (
            "bridge",
            "cluster",
            "data",
            "devices",
            "errors",
            "layers",
            "models",
            "ops",
            "plotting",
            "program",
            "training",
        ),
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
    "rnn_tf1/experiments/translation/settings.py",
    "rnn_tf1/program/files.py",
    "rnn_tf1/program/quiet_start.py",
    "rnn_tf1/program/terminal.py",
)
# The modules that are a command line. Elsewhere a message names the argument, which `program.cli` shows as the flag.
WITH_FLAGS = (
    "rnn_tf1/experiments/translation/command_line.py",
    "rnn_tf1/experiments/translation/settings.py",
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
MOST_PARAMETERS = 8
# Functions with more, because they keep the signature of this one of TensorFlow 1.15.
SIGNATURES_OF_TENSORFLOW = {
    "rnn_tf1/attention/mechanisms.py BahdanauAttention.__init__": "tf.contrib.seq2seq.BahdanauAttention",
    "rnn_tf1/attention/mechanisms.py LuongAttention.__init__": "tf.contrib.seq2seq.LuongAttention",
    "rnn_tf1/attention/wrapper.py AttentionWrapper.__init__": "tf.contrib.seq2seq.AttentionWrapper",
    "rnn_tf1/cells/layer_norm.py LayerNormBasicLSTMCell.__init__": "tf.contrib.rnn.LayerNormBasicLSTMCell",
    "rnn_tf1/cells/lstm.py LSTMCell.__init__": "tf.nn.rnn_cell.LSTMCell",
    "rnn_tf1/legacy/legacy_seq2seq/decoders.py attention_decoder": "tf.contrib.legacy_seq2seq.attention_decoder",
    "rnn_tf1/legacy/legacy_seq2seq/decoders.py embedding_attention_decoder": (
        "tf.contrib.legacy_seq2seq.embedding_attention_decoder"
    ),
    "rnn_tf1/legacy/legacy_seq2seq/decoders.py embedding_rnn_decoder": "tf.contrib.legacy_seq2seq.embedding_rnn_decoder",
    "rnn_tf1/legacy/legacy_seq2seq/models.py embedding_attention_seq2seq": (
        "tf.contrib.legacy_seq2seq.embedding_attention_seq2seq"
    ),
    "rnn_tf1/legacy/legacy_seq2seq/models.py embedding_rnn_seq2seq": "tf.contrib.legacy_seq2seq.embedding_rnn_seq2seq",
    "rnn_tf1/legacy/legacy_seq2seq/models.py model_with_buckets": "tf.contrib.legacy_seq2seq.model_with_buckets",
    "rnn_tf1/unrolling/loops.py bidirectional_rnn": "tf.nn.bidirectional_dynamic_rnn",
    "rnn_tf1/unrolling/loops.py dynamic_rnn": "tf.nn.dynamic_rnn",
    "rnn_tf1/unrolling/loops.py stack_bidirectional_dynamic_rnn": "tf.contrib.rnn.stack_bidirectional_dynamic_rnn",
    "rnn_tf1/wrappers/dropout.py DropoutWrapper.__init__": "tf.nn.rnn_cell.DropoutWrapper",
}


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


def test_lines_of_all_examples():
    """Examples that grow, each within its limit, until nobody reads them."""
    assert sum(len(read(path).splitlines()) for path in EXAMPLES) <= 1400


@pytest.mark.parametrize("name", ["mnist_rows", "time_series", "ptb", "translate", "review_sentiment"])
def test_the_network_comes_first(name):
    """An example whose reader meets flags and files before the recurrent network, or never meets it."""
    lines = read("examples/%s.py" % name).splitlines()
    last_import = max(number for number, line in enumerate(lines) if re.match("(import|from) ", line))
    text = "\n".join(lines[last_import + 1 : last_import + 26])
    assert re.search(r"rnn\.(make_cell|\w+Cell)\(", text), "%s shows no cell" % name
    assert re.search(r"rnn\.(unroll|\w+_rnn|bidirectional_stack)\(", text), "%s shows no unrolling" % name


def parameter_counts(text):
    """{qualified name: number of parameters} of every function of the text; neither self nor *args and **kwargs count."""
    counts = {}

    def visit(node, names, in_class):
        for child in ast.iter_child_nodes(node):
            name = getattr(child, "name", "<lambda>")
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                arguments = getattr(child.args, "posonlyargs", []) + child.args.args + child.args.kwonlyargs
                static = any(getattr(d, "id", "") == "staticmethod" for d in getattr(child, "decorator_list", ()))
                count = len(arguments) - (in_class and not static and bool(child.args.args))
                qualified = ".".join(names + [name])
                counts[qualified] = max(count, counts.get(qualified, 0))
                visit(child, names + [name], False)
            else:
                is_class = isinstance(child, ast.ClassDef)
                visit(child, names + [name] if is_class else names, is_class or in_class)

    visit(ast.parse(text), [], False)
    return counts


def test_parameters_are_counted():
    """A count that misses a function, the keyword-only parameters, or one that stands in a class or in another function."""
    text = (
        "def f(a, b=1, *args, c, d=2, **kwargs):\n    def g(x): return lambda x, y: x\nclass A(object):\n"
        "    def h(self, a): pass\n    @staticmethod\n    def s(a, b): pass\n    if True:\n        async def k(this, a): pass\n"
    )
    assert parameter_counts(text) == {"f": 4, "f.g": 1, "f.g.<lambda>": 2, "A.h": 1, "A.s": 2, "A.k": 1}


@pytest.mark.parametrize("path", MODULES + EXAMPLES)
def test_parameters(path):
    """A function that nobody can call without counting: what belongs together is one argument."""
    for name, count in parameter_counts(read(path)).items():
        function = "%s %s" % (path, name)
        if function not in SIGNATURES_OF_TENSORFLOW:
            assert count <= MOST_PARAMETERS, "%s has %d parameters, and %d is the most" % (
                function,
                count,
                MOST_PARAMETERS,
            )


def test_exceptions_have_more_parameters():
    """An exception that nobody needs; one that keeps no signature which tests/docs/test_migration.py compares."""
    for function in SIGNATURES_OF_TENSORFLOW:
        path, name = function.split()
        assert parameter_counts(read(path)).get(name, 0) > MOST_PARAMETERS, function
    for name in SIGNATURES_OF_TENSORFLOW.values():
        assert "`%s`" % name in read("docs/migration.md"), name


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

    first, again, others = (list(itertools.islice(ast_mutants.draw(seed), 15)) for seed in "112")
    assert first == again != others
    for mutant in first:
        assert ast.dump(ast.parse(mutant.old)) != ast.dump(ast.parse(mutant.new)), mutant.why
        assert read(mutant.file) == mutant.old and "drawn with 1: line " in mutant.why
    assert all(os.path.exists(os.path.join(ROOT, path)) for path in ast_mutants.TESTS.values())


def test_what_was_judged_is_still_there():
    """A judgement of a line that has changed since, and so of another line."""
    import ast_mutants

    for path, _operator, line in ast_mutants.judged():
        assert line in [source.strip() for source in read(path).splitlines()], (path, line)
