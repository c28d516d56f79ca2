"""Where things are; importing it lets each test import what the others share, whatever folder it is in."""

import glob
import importlib.util
import os
import sys

TESTS = os.path.dirname(os.path.abspath(__file__))
ROOT, GOLDEN = os.path.dirname(TESTS), os.path.join(TESTS, "golden")
sys.path += sorted({os.path.dirname(path) for path in glob.glob(os.path.join(TESTS, "*", "test_*.py"))})


def example(name):
    """The module examples/NAME.py: its network and its settings."""
    spec = importlib.util.spec_from_file_location("example_" + name, os.path.join(ROOT, "examples", name + ".py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
