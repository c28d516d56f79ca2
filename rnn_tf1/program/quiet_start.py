"""A program imports this first: until `finished` is called, Ctrl-C ends it with one line and no traceback."""

import os
import sys


def finished() -> None:
    """From here on, the program itself handles Ctrl-C."""
    if sys.excepthook is _end_at_once:
        sys.excepthook = sys.__excepthook__


def _end_at_once(kind, error, trace):  # type: ignore[no-untyped-def] # typing takes a moment to import
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    sys.stderr.write("stopped. Nothing had begun.\n")
    sys.stderr.flush()
    os._exit(130)  # nothing is open yet, and Python 3.7 would end with 1


if sys.excepthook is sys.__excepthook__:  # nobody else's, such as a notebook's
    sys.excepthook = _end_at_once
