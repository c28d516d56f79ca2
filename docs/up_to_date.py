"""What the scripts docs/make_*.py share: write a file, or only say whether it is up to date."""

import argparse
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def write_or_check(path, text, description):
    """Writes `text` to the file `path`; with --check on the command line only compares, and exits with 1 where they differ."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument(
        "--check", action="store_true", help="write nothing, exit with 1 where the file is not up to date"
    )
    if not parser.parse_args().check:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return
    with open(path, encoding="utf-8") as file:
        if file.read() != text:
            here = os.path.relpath(path, ROOT)
            sys.exit("%s is not up to date; run docs/%s" % (here, os.path.basename(sys.argv[0])))
