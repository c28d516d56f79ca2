"""Makes the package and the test modules importable, and gives every test that asks for it a graph of its own."""

import gc
import importlib.util
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

if importlib.util.find_spec("rnn_tf1") is None:
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import places  # noqa: F401
import pytest


def pytest_make_parametrize_id(val):
    """Bytes name no test: a gzip file holds the time, and two processes that collected other names would both give up."""
    return "%d bytes" % len(val) if isinstance(val, bytes) else None


SLOW_ON_1 = ("devices", "experiments", "plotting")


@pytest.hookimpl(tryfirst=True)  # before -m "not slow" is looked at
def pytest_collection_modifyitems(config, items):
    """TensorFlow 1.15 takes a third longer: there, tests of the rooms that only use the others are slow, but for a file that
    is named. They run on TensorFlow 2, and in CI on both but for those marked `once`."""
    if sys.version_info < (3, 8) and not any(".py" in argument for argument in config.args):
        for item in items:
            if os.path.basename(os.path.dirname(str(item.fspath))) in SLOW_ON_1:
                item.add_marker("slow")


def pytest_collection_finish():
    """TensorFlow 1.15 looks through the arguments of every op that it makes for one that nobody passes, in a quarter of the
    time that the op takes: not here."""
    tf = sys.modules.get("tensorflow.compat.v1")
    if tf and tf.version.VERSION.startswith("1."):
        tf.Graph.create_op = tf.Graph.create_op.__wrapped__


def pytest_sessionfinish():
    """pytest's own last collections of garbage would go through all of TensorFlow five times: more than the five
    seconds after which xdist sends a process of its own an interrupt, whose traceback looks like a failure."""
    gc.freeze()


@pytest.fixture
def graph():
    """A fresh ``tf.Graph``, the default one while the test runs; its variables begin the same on every run."""
    import tensorflow.compat.v1 as tf

    with tf.Graph().as_default() as fresh:
        tf.set_random_seed(1)
        yield fresh


@pytest.fixture
def site(monkeypatch):
    """A web server on this machine whose pages misbehave, reached without a proxy."""
    from bad_mirrors import PROXIES, Site

    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
    with Site() as started:
        yield started


@pytest.fixture
def path(tmp_path):
    """A file to be fetched, in a folder that is not there yet."""
    return str(tmp_path / "data" / "file.bin")


@pytest.fixture
def call(monkeypatch, capsys):
    """Runs an example in this process, where TensorFlow is imported already: (exit code, output, errors)."""
    from places import ROOT

    from rnn_tf1.program import cli

    monkeypatch.setattr(cli, "quiet_tensorflow", lambda: None)  # it would keep other tests' warnings off too

    def run(name, *flags):
        path = os.path.join(ROOT, "examples", name + ".py")
        monkeypatch.setattr(sys, "argv", [path] + [str(flag) for flag in flags])
        spec = importlib.util.spec_from_file_location("example_" + name, path)
        example = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(example)
        code = 0
        try:
            cli.run_main(example.main)
        except SystemExit as stop:
            code = stop.code
        return (code,) + tuple(capsys.readouterr())

    return run
