"""Checkpoints that are written whole or not at all, and read only where they are undamaged and fit the graph."""

import glob
import os
import re
import sys
from typing import Any, Dict, List, Optional, Sequence

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import CheckpointError, OutputError
from rnn_tf1.files import make_directory


def list_checkpoints(directory: str, prefix: str = "step") -> List[str]:
    """The checkpoints ``prefix-123`` in `directory`, the newest first."""
    pattern = re.compile(r"%s-(\d+)\.index$" % re.escape(prefix))
    found = [
        (pattern.search(os.path.basename(path)), path) for path in glob.glob(os.path.join(glob.escape(directory), "*"))
    ]
    steps = sorted((int(match.group(1)) for match, _ in found if match), reverse=True)
    return [os.path.join(directory, "%s-%d" % (prefix, step)) for step in steps]


def save(session: Any, saver: Any, directory: str, step: int, prefix: str = "step") -> str:
    """Writes ``directory/prefix-step``. Raises `OutputError` on a full disk; what was there before stays."""
    path = os.path.join(make_directory(directory), prefix)
    try:
        return saver.save(session, path, step, write_meta_graph=False, write_state=prefix == "step")
    except (tf.errors.OpError, OSError, ValueError) as error:
        remove_leftovers(directory)
        raise OutputError(
            "%s: the checkpoint of step %d could not be written (%s). The one before is whole: make room, or mend the "
            "folder, and run the same command again." % (directory, step, first_line(error))
        ) from error


def keep_newest(directory: str, count: int, prefix: str = "step") -> None:
    """Removes all checkpoints but the newest `count`."""
    for path in list_checkpoints(directory, prefix)[count:]:
        os.remove(path + ".index")  # the index first: without it the rest is no checkpoint
        for part in glob.glob(glob.escape(path) + ".data-*"):
            os.remove(part)


def remove_leftovers(directory: str) -> None:
    """Removes what a save that was killed has left: it never had an index, so it was never a checkpoint."""
    for path in glob.glob(os.path.join(glob.escape(directory), "*.tempstate*")):
        os.remove(path)


def restore_newest(session: Any, saver: Any, variables: Sequence[Any], directory: str, hint: str = "") -> Optional[str]:
    """Restores the newest undamaged checkpoint and returns its path, or None where there is none.

    A damaged one is passed over, with a line on stderr that says so.

    Args:
      variables: those that `saver` saves.
      hint: the sentence that says what to change where the checkpoint does not fit.

    Raises:
      CheckpointError: where the newest undamaged one does not fit the graph; see `check_fits`.
    """
    remove_leftovers(directory)
    found = list_checkpoints(directory)
    for path in found:
        try:
            reader = tf.train.load_checkpoint(path)
            check_fits(path, reader.get_variable_to_shape_map(), variables, hint)
            saver.restore(session, path)
            return path
        except CheckpointError:
            raise
        except (tf.errors.OpError, OSError, ValueError) as error:
            sys.stderr.write("%s is damaged (%s).\n" % (path, first_line(error)))
    if found:
        sys.stderr.write("No checkpoint in %s is whole: starting from the beginning.\n" % directory)
    return None


def read_shapes(path: str) -> Dict[str, List[int]]:
    """{name: shape} of that checkpoint. Raises `CheckpointError` where it is damaged or missing."""
    try:
        return tf.train.load_checkpoint(path).get_variable_to_shape_map()
    except (tf.errors.OpError, OSError, ValueError) as error:
        raise CheckpointError(_damaged(path, error)) from error


def restore(session: Any, saver: Any, path: str) -> None:
    """Restores that one checkpoint. Raises `CheckpointError` where it is damaged or missing."""
    try:
        saver.restore(session, path)
    except (tf.errors.OpError, OSError, ValueError) as error:
        raise CheckpointError(_damaged(path, error)) from error


def _damaged(path: str, error: Exception) -> str:
    return "%s is damaged (%s). Choose another folder with --out-dir to train anew." % (path, first_line(error))


def check_fits(path: str, shapes: Any, variables: Sequence[Any], hint: str = "") -> None:
    """Raises `CheckpointError` where a variable is missing in the checkpoint or the graph, or has another shape.

    Args:
      shapes: {name: shape} of the checkpoint.
      variables: of the graph.
      hint: the sentence that says what to change.
    """
    problems = []
    for variable in variables:
        name, shape = variable.op.name, variable.shape.as_list()
        if name not in shapes:
            problems.append("%s %s is not in the checkpoint" % (name, shape))
        elif list(shapes[name]) != shape:
            problems.append("%s is %s in the checkpoint and %s in this graph" % (name, list(shapes[name]), shape))
    names = [variable.op.name for variable in variables]
    for name in sorted(set(shapes) - set(names)):  # of a third layer, for example: two would restore without a word
        problems.append("%s %s of the checkpoint is not in this graph" % (name, list(shapes[name])))
    if problems:
        more = " (and %d more)" % (len(problems) - 1) if len(problems) > 1 else ""
        if hint:
            raise CheckpointError(
                "%s is of other settings: %s (It does not fit: %s%s.)" % (path, hint, problems[0], more)
            )
        raise CheckpointError(
            "%s does not fit this graph: %s%s. Build the graph with the sizes that wrote it, or choose another folder."
            % (path, problems[0], more)
        )


def first_line(error: Exception) -> str:
    """The error's type and the first line of its text that tells something."""
    lines = str(getattr(error, "message", None) or error).strip().splitlines()
    told = [line for line in lines if line.strip() and line.strip() != "Graph execution error:"]
    return "%s: %s" % (type(error).__name__, told[0]) if told else type(error).__name__
