"""Benchmarks (slow): every command of docs/speed.md runs, at the smallest sizes, and leaves figures that make its tables."""

import importlib.util
import json
import os
import re
import shlex
import subprocess
import sys

import pytest
from places import ROOT

LEAST = {
    "language_model.py": ["--sizes", "small", "--rounds", "1", "--seconds", "0.1"],
    "language_use.py": ["--sizes", "small", "--rounds", "1", "--count", "20"],
    "translation.py": ["--rounds", "1", "--seconds", "0.1", "--count", "60"],
}


def commands():
    """The command lines of docs/speed.md."""
    with open(os.path.join(ROOT, "docs", "speed.md"), encoding="utf-8") as file:
        return [line for block in re.findall("```sh\n(.*?)```", file.read(), re.DOTALL) for line in block.splitlines()]


def make_speed():
    """docs/make_speed.py, as a module."""
    sys.path.insert(0, os.path.join(ROOT, "docs"))
    try:
        spec = importlib.util.spec_from_file_location("make_speed", os.path.join(ROOT, "docs", "make_speed.py"))
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(os.path.join(ROOT, "docs"))
    return module


def test_the_commands_are_found():
    """A page whose commands nobody runs."""
    assert [os.path.basename(command.split()[1]) for command in commands()] == [
        "language_model.py",
        "language_model.py",
        "language_use.py",
        "language_use.py",
        "translation.py",
    ]


@pytest.mark.once
@pytest.mark.slow
@pytest.mark.parametrize("command", commands())
def test_the_command_runs(command, tmp_path):
    """A benchmark that fails, or whose figures are not those that its tables are made of."""
    python, script, *flags = shlex.split(command)
    assert python == "python"
    out = tmp_path / "figures.json"
    done = subprocess.run(
        [sys.executable, script] + flags + LEAST[os.path.basename(script)] + ["--out", str(out)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=dict(os.environ, PYTHONPATH=ROOT),
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.startswith("load before it begins: ")
    found = {"tf2": json.loads(out.read_text())}
    made = make_speed()
    if "profile" in flags:
        tables = made.profiled(found)
    elif "score" in flags:
        tables = made.used(found, made.read("language_sample"))
    elif "sample" in flags:
        tables = made.used({"tf2": {"small": made.read("language_score")["tf2"]["small"]}}, found)
    else:
        tables = (made.trained if script.endswith("language_model.py") else made.translated)(found)
    assert re.search(r"\| \d", "".join(tables))
