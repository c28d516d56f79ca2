"""Runs every example with --quick at another commit and here, and compares the figures in their metrics.json::

    python tests/same_figures.py OLD_COMMIT [--examples NAME,NAME]

Both run on the TensorFlow of this Python, with the data that $RNN_TF1_DATA names. Times and speeds may differ, and what the
settings are called; every other figure must be equal, to the bit. The exit code is 1 where one is not.
"""

import argparse
import glob
import json
import os
import subprocess
import sys
import tempfile

from places import ROOT
from tqdm import tqdm

TIMES = (
    "seconds",
    "per_second",
    "overlap",
    "ratio",
    "milliseconds",
)  # ends of the names of what is measured by a clock
TOLD = ("command", "config", "python", "data")  # what a run says of itself


def figures(root, name, folder):
    """The figures of an example in the tree at `root`; None where it fails."""
    out = os.path.join(folder, name)
    command = [sys.executable, os.path.join(root, "examples", name + ".py"), "--quick", "--out-dir", out]
    environment = dict(os.environ, PYTHONPATH=root, TF_CPP_MIN_LOG_LEVEL="3", MPLBACKEND="Agg")
    if name == "cluster":
        command += ["--local", "2"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True)
    if done.returncode:
        print("%s ends with %d in %s:\n%s" % (name, done.returncode, root, done.stderr.decode()[-1500:]))
        return None
    with open(os.path.join(out, "metrics.json"), encoding="utf-8") as file:
        found = json.load(file)
    return {key: value for key, value in found.items() if key not in TOLD and not key.endswith(TIMES)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commit", help="to compare with")
    parser.add_argument("--examples", help="with commas between; default: all")
    flags = parser.parse_args()
    names = sorted(os.path.basename(path)[: -len(".py")] for path in glob.glob(os.path.join(ROOT, "examples", "*.py")))
    names = flags.examples.split(",") if flags.examples else names
    different = []
    with tempfile.TemporaryDirectory() as folder:
        old, place = os.path.join(folder, "tree"), {}
        subprocess.run(["git", "-C", ROOT, "worktree", "add", "--quiet", "--detach", old, flags.commit], check=True)
        try:
            for which, root in (("old", old), ("new", ROOT)):
                place[root] = os.path.join(folder, which)
                os.mkdir(place[root])
            for name in tqdm(names, unit="example"):
                before, after = (figures(root, name, place[root]) for root in (old, ROOT))
                if before is None or after is None or before != after:
                    different.append(name)
                    keys = sorted(set(before or {}) | set(after or {}))
                    for key in keys if before and after else []:
                        if before.get(key) != after.get(key):
                            print("%s: %s was %s and is %s" % (name, key, before.get(key), after.get(key)))
        finally:
            subprocess.run(["git", "-C", ROOT, "worktree", "remove", "--force", old], check=True)
    print("%d examples, %d differ%s" % (len(names), len(different), ": " + ", ".join(different) if different else ""))
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
