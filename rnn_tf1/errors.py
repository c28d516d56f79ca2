"""The few exception types that a user meets.

Every one is a mistake that a person can mend, and its text says how: what was wrong, where, and the line that mends it.
A command-line program prints the text without a traceback and exits with code 2 (``cli.run_main``).
"""


class UserError(Exception):
    """A mistake that its text tells how to mend; the base of all the others."""


class GraphError(UserError, ValueError):
    """A graph cannot be built as asked. A ``ValueError`` too, which is what TensorFlow raises in such places."""


class DataError(UserError, ValueError):
    """A data file's content is wrong. Names the file, and the row or byte where there is one."""


class DownloadError(UserError, OSError):
    """A file could not be fetched whole and unchanged from any of its sources."""


class OutputError(UserError, OSError):
    """A file or folder cannot be written, or another run is using it."""


class CheckpointError(UserError):
    """A checkpoint cannot be restored into this graph."""


class TrainingError(UserError):
    """Training cannot go on (a loss that is not finite, for example). Names the step and the variable."""
