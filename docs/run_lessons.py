"""Runs lessons as plain scripts, one after another, on the TensorFlow that is installed.

python docs/run_lessons.py             all of them
python docs/run_lessons.py 01 08       those that begin so
RNN_TF1_FIGURES=write python ...       keeps the pictures drawn now (TensorFlow 2)
"""

import argparse
import glob
import os
import subprocess
import sys
import time

LESSONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lessons")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lessons", nargs="*", help="the first characters of their names; default: all")
    flags = parser.parse_args()
    paths = sorted(glob.glob(os.path.join(LESSONS, "[0-9]*.py")))
    for start in flags.lessons:
        if not any(os.path.basename(path).startswith(start) for path in paths):
            parser.error("no lesson begins with %r; there are %s" % (start, ", ".join(map(os.path.basename, paths))))
    os.environ.setdefault("RNN_TF1_FIGURES", "check")
    failed = 0
    for path in paths:
        name = os.path.basename(path)
        if flags.lessons and not name.startswith(tuple(flags.lessons)):
            continue
        started = time.time()
        done = subprocess.run(
            [sys.executable, path],
            cwd=LESSONS,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        print("%s %-32s %3.0f s" % ("FAILED" if done.returncode else "ok    ", name, time.time() - started), flush=True)
        if done.returncode:
            failed += 1
            print(done.stdout)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
