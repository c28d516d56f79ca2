"""Where things are; importing it lets each test import what the others share, whatever folder it is in."""

import glob
import os
import sys

TESTS = os.path.dirname(os.path.abspath(__file__))
ROOT, GOLDEN = os.path.dirname(TESTS), os.path.join(TESTS, "golden")
sys.path += sorted({os.path.dirname(path) for path in glob.glob(os.path.join(TESTS, "*", "test_*.py"))})
