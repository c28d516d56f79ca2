"""The memory that training needs: what grows with the number of steps, and what must not."""

import json
import os
import subprocess
import sys

import pytest
from test_examples import ROOT


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak memory as Linux counts it")
def test_truncated_training_needs_no_more_memory_for_longer_sequences(tmp_path):
    """A graph, a state or a session that grows with every piece; a benchmark that measures nothing."""
    flags = [
        "--lengths",
        "100",
        "800",
        "--static-most",
        "100",
        "--truncated",
        "1000",
        "8000",
        "--out-dir",
        str(tmp_path),
    ]
    command = [sys.executable, os.path.join(ROOT, "benchmarks", "sequence_memory.py")] + flags
    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ, PYTHONPATH=ROOT))
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads((tmp_path / "metrics.json").read_text())["megabytes"]
    assert found["dynamic"]["800"] > 4 * found["dynamic"]["100"]
    assert found["static"]["100"] > 2 * found["dynamic"]["100"]
    assert set(found["static"]) == {"100"} and set(found["dynamic, swap_memory"]) == {"100", "800"}
    assert abs(found["truncated"]["8000"] - found["truncated"]["1000"]) < 20 < found["truncated"]["1000"]
    assert (tmp_path / "sequence_memory.png").stat().st_size > 5000
