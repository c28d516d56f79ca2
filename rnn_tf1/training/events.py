"""TensorBoard's events of a run."""

import contextlib
import os
import time
from typing import Callable, Dict, Iterator

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import OutputError
from rnn_tf1.program.files import explain, make_directory
from rnn_tf1.training.checkpoints import for_tensorflow


@contextlib.contextmanager
def open_events(folder: str) -> Iterator[Callable[[int, Dict[str, float]], None]]:
    """write(step, row): TensorBoard's events, in a new file in `folder`. Raises `OutputError` where they cannot be written.

    Each is on the disk when `write` returns. ``tf.summary.FileWriter`` writes in a thread of its own, whose errors come as
    tracebacks, or on TensorFlow 1.15 not at all.
    """
    name = "events.out.tfevents.%.6f.%d" % (time.time(), os.getpid())
    with for_tensorflow(make_directory(folder)) as safe:
        with _explained(folder):
            file = tf.io.TFRecordWriter(os.path.join(safe, name))

        def add(**content: object) -> None:
            with _explained(folder):
                file.write(tf.Event(wall_time=time.time(), **content).SerializeToString())
                file.flush()

        def write(step: int, row: Dict[str, float]) -> None:
            values = [tf.Summary.Value(tag=name, simple_value=value) for name, value in row.items()]
            add(step=step, summary=tf.Summary(value=values))

        try:
            add(file_version="brain.Event:2")  # without it TensorBoard reads nothing
            yield write
        finally:
            with contextlib.suppress(tf.errors.OpError, OSError):  # what was written is on the disk
                file.close()


@contextlib.contextmanager
def _explained(folder: str) -> Iterator[None]:
    try:
        yield
    except (tf.errors.OpError, OSError) as error:
        raise OutputError(*explain(folder, error)) from error
