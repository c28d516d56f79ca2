"""Checkpoints that are written whole or not at all, and read only where they are undamaged and fit the graph."""

import contextlib
import functools
import glob
import os
import re
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple, TypeVar

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import Argument, CheckpointError, OutputError, Part, UserError
from rnn_tf1.program.files import (
    atomic_path,
    explain,
    first_line,
    is_pattern,
    is_system_error,
    reason,
    remove_unfinished,
    sync,
)
from rnn_tf1.program.terminal import say

Result = TypeVar("Result")
# What TensorFlow raises where it reads a damaged checkpoint: 2.x also an IndexError, for one that is cut off.
READ_ERRORS = (tf.errors.OpError, OSError, ValueError, IndexError, RuntimeError)


def list_checkpoints(directory: str, prefix: str = "step") -> List[str]:
    """The checkpoints ``prefix-123`` in `directory`, the newest first."""
    pattern = re.compile(r"%s-(\d+)\.index$" % re.escape(prefix))
    found = [
        (pattern.search(os.path.basename(path)), path) for path in glob.glob(os.path.join(glob.escape(directory), "*"))
    ]
    steps = sorted((int(match.group(1)) for match, _ in found if match), reverse=True)
    return [os.path.join(directory, "%s-%d" % (prefix, step)) for step in steps]


@contextlib.contextmanager
def for_tensorflow(directory: str) -> Iterator[str]:
    """The folder's name for TensorFlow, which reads a name as a pattern, wants UTF-8, and takes what is before :// for a file
    system: a name that is not plain is replaced by that of the opened folder.

    Raises `OutputError` for such a name where the system has no names for opened folders (Linux has).
    """
    if not is_pattern(directory):
        yield directory
        return
    if not os.path.isdir("/proc/self/fd"):
        raise OutputError(
            "%s: TensorFlow takes the brackets, stars, question marks or backslashes in this name for a pattern. Choose "
            "another " % directory,
            Argument("directory"),
            ".",
        )
    try:
        opened = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise OutputError(*explain(directory, error)) from error
    try:
        yield "/proc/self/fd/%d" % opened
    finally:
        os.close(opened)


def _open_as(name: str, reader: Callable[[str], Any]) -> Any:
    """reader(path), with a path that TensorFlow can read for the checkpoint `name`."""
    directory, base = os.path.split(name)
    with for_tensorflow(directory or os.curdir) as safe:
        return reader(os.path.join(safe, base))


def save(session: Any, saver: Any, directory: str, step: int, prefix: str = "step") -> str:
    """Writes ``directory/prefix-step``. Raises `OutputError` on a full disk; what was there before stays."""
    name = "%s-%d" % (prefix, step)
    try:
        with for_tensorflow(directory) as safe:
            saver.save(session, os.path.join(safe, prefix), step, write_meta_graph=False, write_state=False)
        for path in _files(os.path.join(directory, name)):
            sync(path)
        sync(directory)
        if prefix == "step":
            _write_state(directory, name)
    except (tf.errors.OpError, OSError, ValueError) as error:
        if isinstance(error, OutputError):
            raise
        with contextlib.suppress(OSError):
            remove_leftovers(directory)
        raise OutputError(
            "%s: the checkpoint of step %d could not be written (%s). The one before is whole: make room, or repair the "
            "folder, and run the same command again." % (directory, step, reason(error))
        ) from error
    return os.path.join(directory, name)


def _write_state(directory: str, newest: str) -> None:
    """The file from which ``tf.train.latest_checkpoint`` reads the newest; ours, since TensorFlow's would hold whole paths."""
    path, content = os.path.join(directory, "checkpoint"), 'model_checkpoint_path: "%s"\n' % newest
    with contextlib.suppress(OSError, UnicodeDecodeError), open(path, encoding="ascii") as file:
        if file.read(1000) == content:
            return
    with atomic_path(path) as temporary, open(temporary, "w", encoding="ascii") as file:
        file.write(content)


def _step(path: str) -> int:
    return int(path.rsplit("-", 1)[1])


def _files(path: str) -> List[str]:
    """The files of that checkpoint, the index last."""
    return sorted(glob.glob(glob.escape(path) + ".data-*")) + [path + ".index"]


def keep_newest(directory: str, count: int, last: int, prefix: str = "step") -> None:
    """Removes all checkpoints but the newest `count` up to the step `last`: those after it are of a run that was given up as
    damaged, or of an epoch that was not finished."""
    kept = [path for path in list_checkpoints(directory, prefix) if _step(path) <= last][:count]
    for path in sorted(set(list_checkpoints(directory, prefix)) - set(kept)):
        for part in reversed(_files(path)):  # the index first: without it the rest is no checkpoint
            with contextlib.suppress(FileNotFoundError):
                os.remove(part)


def remove_leftovers(directory: str) -> None:
    """Removes what a save or a removal that was killed has left: without an index it is no checkpoint."""
    with contextlib.suppress(FileNotFoundError):
        remove_unfinished(directory)
    everything = glob.glob(os.path.join(glob.escape(directory), "*"))
    for path in everything:
        parts = re.match(r"(.*)\.data-\d+-of-\d+$", path)
        left = parts and parts.group(1) + ".index" not in everything
        if left or ".tempstate" in path or os.path.basename(path).startswith("checkpoint.tmp"):
            os.remove(path)


def restore_newest(
    session: Any, saver: Any, variables: Sequence[Any], directory: str, hint: Sequence[Part] = ()
) -> Optional[str]:
    """Restores the newest undamaged checkpoint and returns its path, or None where there is none.

    A damaged one is passed over, with a line on stderr that says so.

    Args:
      variables: those that `saver` saves.
      hint: the sentence, in parts, that says what to change where the checkpoint does not fit.

    Raises:
      CheckpointError: where the newest undamaged one does not fit the graph (see `check_fits`), or one cannot be read for a
        reason that may pass.
    """
    remove_leftovers(directory)
    found = list_checkpoints(directory)
    for path in found:
        try:
            check_fits(path, _open_as(path, _shapes), variables, hint)
            _open_as(path, functools.partial(saver.restore, session))
            _write_state(directory, os.path.basename(path))  # the run may have been killed before it was
            return path
        except UserError:
            raise
        except READ_ERRORS as error:
            if is_system_error(error):  # it may be whole: an older one in its place would cost the steps between
                raise CheckpointError(_unreadable(path, error)) from error
            say("%s is damaged (%s)." % (path, first_line(error)))
    if found:
        say("No checkpoint in %s is whole: starting from the beginning." % directory)
    return None


def _shapes(path: str) -> Dict[str, List[int]]:
    return tf.train.load_checkpoint(path).get_variable_to_shape_map()


def read(path: str, name: str) -> Any:
    """The value of that variable in a checkpoint. Raises `CheckpointError` where it is damaged, or has no such variable."""
    try:
        return _open_as(path, lambda safe: tf.train.load_checkpoint(safe).get_tensor(name))
    except READ_ERRORS as error:
        raise CheckpointError(*_damaged(path, error)) from error


def list_best(folder: str) -> List[str]:
    """The weights of the best epoch of the run in `folder`: one checkpoint, or none."""
    return list_checkpoints(os.path.join(folder, "checkpoints"), prefix="best")


def use_best(folder: str, use: Callable[[str], Result]) -> Result:
    """use(path) of the best weights of the run in `folder`; of the next ones where the run, which may be going on, has removed
    them meanwhile. Raises `CheckpointError` where there are none."""
    while True:
        found = list_best(folder)
        if not found:
            raise CheckpointError("%s holds no finished epoch to restore. Train first." % folder)
        try:
            return use(found[0])
        except CheckpointError:
            if list_best(folder)[:1] == found[:1]:
                raise


def read_shapes(path: str) -> Dict[str, List[int]]:
    """{name: shape} of that checkpoint. Raises `CheckpointError` where it is damaged or missing."""
    try:
        return _open_as(path, _shapes)
    except READ_ERRORS as error:
        raise CheckpointError(*_damaged(path, error)) from error


def restore(session: Any, saver: Any, path: str) -> None:
    """Restores that one checkpoint. Raises `CheckpointError` where it is damaged or missing."""
    try:
        _open_as(path, functools.partial(saver.restore, session))
    except READ_ERRORS as error:
        raise CheckpointError(*_damaged(path, error)) from error


def _unreadable(path: str, error: Exception) -> str:
    return "%s cannot be read (%s). When that has changed, run the same command again." % (path, reason(error))


def _damaged(path: str, error: Exception) -> Tuple[Part, ...]:
    if is_system_error(error):
        return (_unreadable(path, error),)
    return "%s is damaged (%s). Choose another " % (path, first_line(error)), Argument("directory"), " to train anew."


def check_fits(path: str, shapes: Any, variables: Sequence[Any], hint: Sequence[Part] = ()) -> None:
    """Raises `CheckpointError` where a variable is missing in the checkpoint or the graph, or has another shape.

    Args:
      shapes: {name: shape} of the checkpoint.
      variables: of the graph.
      hint: the sentence, in parts, that says what to change.
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
                "%s is of other settings: " % path, *hint, " (It does not fit: %s%s.)" % (problems[0], more)
            )
        raise CheckpointError(
            "%s does not fit this graph: %s%s. Build the graph with the sizes that wrote it, or choose another folder."
            % (path, problems[0], more)
        )
