"""The table "what you typed in TensorFlow 1, what to type now", beside the TensorFlow that is there."""

import ast
import contextlib
import importlib
import inspect
import os
import re
import sys

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from places import ROOT

import rnn_tf1

DOCS = os.path.join(ROOT, "docs")
sys.path.append(DOCS)
TABLE = importlib.import_module("make_migration")
ROWS = [row for rows in TABLE.SECTIONS.values() for row in rows]
OLD = [(old, row.new) for row in ROWS for old in row.old]
CHOSEN = (("unroll", "static"), ("time_major", True), ("rate", 0.5))  # in calls; all other values are the defaults
tf1_only = pytest.mark.skipif(not tf.version.VERSION.startswith("1."), reason="compared with TensorFlow 1.15 itself")


def find(name):
    """What a dotted name stands for; "tf" is tensorflow.compat.v1, but for what only tensorflow itself has."""
    parts = name.split(".")
    if parts[0] == "tf":
        parts[:1] = ["tensorflow"] if parts[1] == "contrib" else ["tensorflow", "compat", "v1"]
    for end in range(len(parts), 0, -1):  # the longest beginning that is a module
        with contextlib.suppress(ImportError):
            found = importlib.import_module(".".join(parts[:end]))
            break
    for part in parts[end:]:
        found = getattr(found, part)
    return found


def arguments(thing):
    """The names of the arguments that can be given by place, of the first __init__ that names any."""
    if inspect.isclass(thing) and issubclass(thing, tuple):
        return list(thing._fields)
    for function in [base.__init__ for base in thing.__mro__] if inspect.isclass(thing) else [thing]:
        found = inspect.signature(function).parameters.values()
        names = [p.name for p in found if p.kind == p.POSITIONAL_OR_KEYWORD and p.name != "self"]
        if names:
            return names
    raise AssertionError("%s names no arguments" % thing)


def test_the_page_is_up_to_date():
    """A table that was changed, and a page that was not."""
    with open(os.path.join(DOCS, "migration.md"), encoding="utf-8") as file:
        assert file.read() == TABLE.page()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.old[-1])
def test_what_to_type_now(row):
    """A name that nobody can import; an argument that does not exist, or stands in another place."""
    if re.match(r"rnn_tf1\.\w+\b(?!\.)", row.new):
        assert row.new.split("(")[0].split(".")[1] in rnn_tf1.__all__  # `import rnn_tf1` is enough
    call = ast.parse(row.new, mode="eval").body
    if isinstance(call, ast.Call):
        thing = find(row.new.split("(")[0])
        known = list(inspect.signature(thing).parameters)
        given = [argument.id for argument in call.args]
        assert given == known[: len(given)]
        for keyword in call.keywords:
            assert keyword.arg in known[len(given) :]
            value = ast.literal_eval(keyword.value)
            if (keyword.arg, value) not in CHOSEN:
                assert inspect.signature(thing).parameters[keyword.arg].default == value
    else:
        assert callable(find(row.new))


def test_every_public_name_that_tensorflow_had_is_in_the_table():
    """A cell or function of ours that takes the place of one of TensorFlow's, and is not in the table."""
    new = {row.new.split("(")[0] for row in ROWS}
    ours = {
        "ContextRNNCell ContextStateTuple ConvolutionWrapper LayerNormRNNCell",
        "BeamOptions Beams Sampled SamplingOptions filter_logits sample_token",
        "Mode initialized make_cell bidirectional_stack unroll manual_rnn last_output",
        "perplexity sampled_softmax_losses softmax_losses",
        "CheckpointError DataError DownloadError GraphError OutputError TrainingError UserError",
    }
    ours = set(" ".join(ours).split())
    public = {name for name in rnn_tf1.__all__ if name not in ours}
    found = {name.split(".")[-1] for name in new if name.startswith("rnn_tf1.")}
    assert public <= found, public - found


def test_names_that_stay():
    """A name that is promised to be there on both TensorFlows, and is not."""
    for name in TABLE.STAYS:
        assert callable(find("tf." + name))
    with tf.Graph().as_default():  # what builds a thing out of Keras says so only here
        cell = rnn_tf1.LSTMCell(5)
        assert tf.nn.raw_rnn(cell, lambda time, output, state, _: loop(cell, time, output, state))


def loop(cell, time, output, state):
    state = cell.zero_state(4, tf.float32) if output is None else state
    return time >= 7, tf.zeros([4, 3]), state, output, None


# ------------------------------------------------------------------------------------------------- beside TensorFlow 1.15


@tf1_only
@pytest.mark.parametrize(("old", "new"), OLD, ids=[old for old, _ in OLD])
def test_what_was_typed(old, new):
    """A name that TensorFlow 1 never had; arguments that are promised to be the old ones, and are not."""
    thing = find(old)
    if "(" not in new:
        theirs, ours = arguments(thing), arguments(find(new))
        assert ours[: len(theirs)] == theirs


@tf1_only
def test_every_old_name_is_in_the_table():
    """Something that a program used, and a reader looks for in vain."""
    listed = {old for old, _ in OLD} | {
        "%s.%s" % (module, name) for module in TABLE.MISSING for name in TABLE.MISSING[module]
    }
    for module in ("tf.nn.rnn_cell", "tf.contrib.rnn", "tf.contrib.seq2seq", "tf.contrib.legacy_seq2seq"):
        for name, value in vars(find(module)).items():
            if not name.startswith("_") and not inspect.ismodule(value) and callable(value):
                assert "%s.%s" % (module, name) in listed
    for name in listed:
        find(name)


def test_nothing_missing_is_there():
    """A thing that was built since, and is still listed as missing."""
    for names in TABLE.MISSING.values():
        assert not set(names) & set(rnn_tf1.__all__)


@tf1_only
def test_sequence_loss_is_the_loss_in_the_table(graph):
    """Another loss than the one that it takes the place of."""
    random = np.random.RandomState(1)
    logits, targets = (
        tf.constant(random.normal(size=[4, 7, 5]), tf.float32),
        tf.constant(random.randint(5, size=[4, 7])),
    )
    weights = tf.sequence_mask([7, 2, 0, 5], 7, dtype=tf.float32)
    theirs = find("tf.contrib.seq2seq.sequence_loss")(logits, targets, weights)
    ours = tf.losses.sparse_softmax_cross_entropy(targets, logits, weights=weights)
    with tf.Session() as session:
        theirs, ours = session.run([theirs, ours])
    assert abs(theirs - ours) < 1e-5 * abs(ours)


@tf1_only
def test_block_cell_is_the_cell_in_the_table(graph):
    """A cell that is promised to give the same numbers from the same variables, and does not."""
    random = np.random.RandomState(1)
    x, c, h = (tf.constant(random.normal(size=[4, size]), tf.float32) for size in (3, 5, 5))
    results, variables = [], []
    for make in (find("tf.contrib.rnn.LSTMBlockCell"), rnn_tf1.LSTMCell):
        with tf.variable_scope("net%d" % len(results)):
            cell = make(5, forget_bias=0.7)
            state = rnn_tf1.LSTMStateTuple(c, h)
            results.append(cell(x, state))
            variables.append(cell.variables)
    names = [[re.sub("^net.", "", variable.name) for variable in found] for found in variables]
    assert names[0] == names[1]
    with tf.Session() as session:
        for pair in zip(*variables):
            value = random.normal(size=pair[0].shape.as_list())
            for variable in pair:
                variable.load(value, session)
        theirs, ours = session.run(results)
    np.testing.assert_allclose(ours[0], theirs[0], atol=1e-6)
    np.testing.assert_allclose(ours[1].c, theirs[1][0], atol=1e-6)


@tf1_only
def test_tf_layers_dropout_does_nothing_by_default(graph):
    """The warning in the table, if it is not so."""
    x = tf.ones([100])
    with tf.Session() as session:
        assert session.run(tf.layers.dropout(x, 0.5)).min() == 1
        assert session.run(rnn_tf1.dropout(x, rate=0.5)).min() == 0
