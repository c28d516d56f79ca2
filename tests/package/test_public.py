"""What `import rnn_tf1` gives, costs and leaves alone."""

import ast
import subprocess
import sys

import pytest
from places import ROOT

import rnn_tf1


def answer(program):
    """What the program, run in a fresh interpreter, has printed as its last line."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return ast.literal_eval(done.stdout.strip().splitlines()[-1])


def test_import_alone_is_light():
    """--help that waits for TensorFlow, and a doctor that dies where TensorFlow does."""
    heavy = ["tensorflow", "numpy", "matplotlib", "tqdm", "filelock", "pooch", "requests", "urllib.request"]
    program = "import sys, rnn_tf1; dir(rnn_tf1); print([m for m in %r if m in sys.modules])" % heavy
    assert answer(program) == []


@pytest.mark.parametrize("name", rnn_tf1.__all__)
def test_every_name(name):
    """A public name that does not exist, or is another object than its module's."""
    value = getattr(rnn_tf1, name)
    assert value.__doc__
    assert name in dir(rnn_tf1)
    assert value.__module__.startswith("rnn_tf1.")
    assert value.__name__ == name or name == "bidirectional_dynamic_rnn"


def test_all_of_a_module_is_public():
    """A name that a room offers and that cannot be imported from rnn_tf1."""
    from rnn_tf1 import cells, wrappers
    from rnn_tf1.legacy import legacy_seq2seq
    from rnn_tf1.unrolling import loops

    for module in (cells, wrappers, loops, legacy_seq2seq):
        assert set(module.__all__) <= set(rnn_tf1.__all__)


def test_unknown_names():
    """A typing mistake that imports something."""
    with pytest.raises(AttributeError, match="no attribute 'LSTMCel'"):
        rnn_tf1.LSTMCel  # noqa: B018


SWITCHES = """
import importlib, logging, pkgutil, random, warnings
import numpy as np
import tensorflow.compat.v1 as tf
from tensorflow.python.framework import ops, random_seed
from tensorflow.python.ops import control_flow_util, variable_scope

def switches():
    return {
        "eager": tf.executing_eagerly(),
        "shapes": type(tf.TensorShape([1])[0]).__name__,
        "resources": tf.resource_variables_enabled(),
        "control flow": control_flow_util.ENABLE_CONTROL_FLOW_V2,
        "equality": getattr(tf.Tensor, "_USE_EQUALITY", None),
        "seed": random_seed.get_seed(None) if not tf.executing_eagerly() else ops.get_default_graph().seed,
        "variables": len(tf.get_default_graph().get_operations()) if not tf.executing_eagerly() else 0,
        "level": tf.get_logger().level,
        "verbosity": tf.logging.get_verbosity(),
        "handlers": len(tf.get_logger().handlers) + len(logging.getLogger().handlers),
        "numpy": hash(np.random.get_state()[1].tobytes()),
        "random": hash(random.getstate()),
        "warnings": [str(f) for f in warnings.filters],
        "static_rnn": id(tf.nn.static_rnn),
    }

before = switches()
import rnn_tf1
for module in pkgutil.walk_packages(rnn_tf1.__path__, "rnn_tf1."):
    importlib.import_module(module.name)
imported = switches()
with tf.Graph().as_default():
    cells = [
        rnn_tf1.DropoutWrapper(rnn_tf1.LSTMCell(3), 0.5, seed=1, step=tf.constant(1)),
        rnn_tf1.LayerNormBasicLSTMCell(4, dropout_keep_prob=0.5),
        rnn_tf1.ContextRNNCell(5, 2),
    ]
    outputs, _ = rnn_tf1.bidirectional_rnn(rnn_tf1.MultiRNNCell(cells), rnn_tf1.GRUCell(2), tf.zeros([2, 3, 4]))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(outputs)
after = switches()
print({k: (before[k], imported[k], after[k]) for k in before if not before[k] == imported[k] == after[k]})
"""


def test_no_global_switch_is_touched():
    """A program whose eager execution, seeds, logging or warnings are other ones after importing or building."""
    assert answer(SWITCHES) == {}


def test_types_are_in_the_wheel(tmp_path):
    """A type checker that takes every name of the package for Any, where it is installed and no clone."""
    pytest.importorskip("setuptools")
    build = ["egg_info", "--egg-base", str(tmp_path), "build", "--build-base", str(tmp_path)]
    subprocess.check_call([sys.executable, "setup.py", "-q"] + build, cwd=ROOT, stderr=subprocess.DEVNULL)
    assert (tmp_path / "lib" / "rnn_tf1" / "py.typed").exists()
