"""The README is true: its code runs, its commands are those that CI runs, its table is made from files."""

import json
import os
import re
import subprocess
import sys

import pytest
from places import ROOT


def read(name):
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        return file.read()


README = read("README.md")


def blocks(language):
    return re.findall(r"```%s\n(.*?)```" % language, README, re.DOTALL)


def test_python_blocks_run(capsys):
    """Code in the README that does not run, or prints something else than it says."""
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), {"__name__": "__main__"})
        printed = capsys.readouterr().out
        promised = re.findall(r"print\(.*\)  # (.*)", block)
        assert promised
        for text in promised:
            assert text in printed


def test_both_commands_set_everything_up():
    """A command that needs another one first, or an example that is not there."""
    run, test, lessons = blocks("sh")
    setup = r"python3 -m venv \.venv && \.venv/bin/pip install -e %s && \.venv/bin/python "
    assert re.fullmatch(setup % r"\." + r"examples/mnist_rows\.py\n", run)
    assert re.fullmatch(setup % r"'\.\[test\]'" + r"-m pytest -n 2 --dist loadfile\n", test)
    extras = re.findall(r"\.venv/bin/pip install -e '\.\[(\w+)\]' && ", lessons)
    assert extras == ["notebooks", "docs"] and all('"%s": [' % name in read("setup.py") for name in extras)
    assert "make docs PYTHON=.venv/bin/python" in lessons and re.search(r"(?m)^docs:$", read("Makefile"))
    assert re.findall(r"(?m)^```(\w*)", README)[:3] == ["sh", "", "sh"]  # .ci/run takes the first block and the second
    for fence in (1, 3):
        assert "awk '/^```/ { fence++; next } fence == %d' README.md" % fence in read(".ci/run")


def test_every_example_and_file_is_there():
    """A file that the README names and nobody has; an example that it does not name."""
    for path in re.findall(r"`((?:rnn_tf1|examples|benchmarks|tests|docs)/[\w./]*)`", README):
        assert os.path.exists(os.path.join(ROOT, path)), path
    for path in re.findall(r"\]\(([^)]+)\)", README):
        assert os.path.exists(os.path.join(ROOT, path)), path
    for name in os.listdir(os.path.join(ROOT, "examples")):
        assert not name.endswith(".py") or "examples/" + name in README


def test_every_picture_has_a_caption():
    """A picture that the gallery leaves out, or says nothing of; a command that is not there."""
    with open(os.path.join(ROOT, "docs", "pictures", "captions.json"), encoding="utf-8") as file:
        captions = json.load(file)
    drawn = {name[:-4] for name in os.listdir(os.path.join(ROOT, "docs", "pictures")) if name.endswith(".png")}
    assert set(captions) == drawn
    for command, words in captions.values():
        assert command.startswith("python ") and words.endswith(".")
        assert os.path.exists(os.path.join(ROOT, command.split()[1])), command


def test_it_stays_short():
    """A README that nobody reads to its end."""
    assert len(README.splitlines()) < 150


def test_every_public_cell_is_named():
    """A public name that the README does not know."""
    import rnn_tf1

    for name in rnn_tf1.__all__:
        if name.endswith(("Cell", "Wrapper")) and name != "RNNCell":
            assert "`%s`" % name in README, name


@pytest.mark.parametrize("script", ["make_results.py", "make_speed.py"])
def test_tables_are_made_from_files(script):
    """A figure in a table that was typed."""
    done = subprocess.run([sys.executable, os.path.join(ROOT, "docs", script), "--check"], capture_output=True)
    assert done.returncode == 0, done.stderr


def test_the_page_of_the_series_benchmark_says_what_the_runs_said():
    """A figure on the page that no run gave, in the tables or in the words above them."""
    page = read("docs/series_benchmark.md")
    tables = re.findall(r"(?m)^\| ahead .*\n(?:\|.*\n?)*", page)
    for version, table in zip(("tf2", "tf1"), tables):
        found = json.loads(read("docs/results/series_benchmark_%s.json" % version))
        rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]
        assert len(rows) == sum(key.endswith("_test_mse") for key in found)
        for ahead, model, _, _, valid, _, test, _ in rows:
            key = "%s_%s" % (ahead, re.sub(r"\W+", "_", model.lower()))
            assert (valid, test) == ("%.5f" % found[key + "_valid_mse"], "%.5f" % found[key + "_test_mse"]), model
    assert len(tables) == 2
    said, shown = page[: page.index("| ahead")], re.findall(r"0\.\d+", tables[0])
    for number in re.findall(r"0\.\d{3,}", said.replace("0.00083, the variance of the noise", "")):
        assert any("%.*f" % (len(number) - 2, float(one)) == number for one in shown), number


def test_requirements_begin_with_the_reference():
    """requirements.txt that does not install TensorFlow 1.15 on Python 3.7."""
    lines = read("requirements.txt").splitlines()
    assert lines[0].split(";")[0] == "tensorflow-gpu==1.15" and 'python_version < "3.8"' in lines[0]
    for pin in ("protobuf<3.21", "numpy<1.20", "h5py<3"):
        assert pin + '; python_version < "3.8"' in lines


def test_a_script_beside_the_clone_finds_the_package(tmp_path):
    """A folder with the package's name, as a clone has, that is taken for the package."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-c", "from rnn_tf1.errors import DataError"]
    if subprocess.run(command, cwd=str(tmp_path), env=environment).returncode:
        pytest.skip("rnn_tf1 is not installed")
    (tmp_path / "rnn_tf1").mkdir()
    assert subprocess.run(command, cwd=str(tmp_path), env=environment).returncode == 0
