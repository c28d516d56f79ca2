"""The training loop. A run is a pure function of (config, seed, data, step): killed at any moment and started again, it
ends with the same weights, bit for bit, as one that was never stopped."""

import contextlib
import dataclasses
import json
import os
import signal
import sys
import time
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple

import numpy as np
import tensorflow.compat.v1 as tf
from tqdm import tqdm

from rnn_tf1.errors import TrainingError, renamed
from rnn_tf1.ops.checks import get_variable
from rnn_tf1.ops.mode import Mode
from rnn_tf1.program.files import WatchedFolder, locked, make_directory, write_json
from rnn_tf1.program.terminal import say
from rnn_tf1.training import checkpoints
from rnn_tf1.training.events import open_events
from rnn_tf1.training.folder import RunFolder
from rnn_tf1.training.optimize import TrainOp

Feed = Dict[Any, Any]

_HANG_UP = (signal.SIGHUP,) if hasattr(signal, "SIGHUP") else ()  # Windows has none


@dataclasses.dataclass(frozen=True)
class Schedule:
    """How long `fit` trains, and which epoch it keeps.

    Attributes:
      steps_per_epoch: batches that an epoch has.
      epochs: the most that are trained.
      monitor: the figure of `evaluate` that says which epoch is best; None: the last one is.
      lower_is_better: whether `monitor` is an error; by default it is a score.
      patience: epochs without a better one, after which it stops; default: no early stopping.
      target: a value of `monitor` that is good enough to stop at; default: none.
      save_seconds: between two checkpoints within an epoch.
    """

    steps_per_epoch: int
    epochs: int
    monitor: Optional[str] = "valid_accuracy"
    lower_is_better: bool = False
    patience: Optional[int] = None
    target: Optional[float] = None
    save_seconds: float = 60.0

    @property
    def steps(self) -> int:
        return self.steps_per_epoch * self.epochs

    def score(self, row: Dict[str, float]) -> float:
        """Of an epoch: the higher, the better; minus infinity where its figure is not a number, for nothing is above NaN."""
        if self.monitor is None:
            return row["epoch"]
        score = -row[self.monitor] if self.lower_is_better else row[self.monitor]
        return -np.inf if np.isnan(score) else score

    def is_over(self, history: Sequence[Dict[str, float]], best: Dict[str, float]) -> bool:
        """Whether training stops before the last epoch."""
        if not history:
            return False
        if self.target is not None and best["score"] >= (-self.target if self.lower_is_better else self.target):
            return True
        return self.patience is not None and len(history) - best["epoch"] >= self.patience


@dataclasses.dataclass(frozen=True)
class Run:
    """What a run was: `fit` returns it."""

    history: List[Dict[str, float]]  # one row an epoch
    best_epoch: int  # whose weights are kept
    seconds: float  # of training, over all resumed parts
    parameters: int  # numbers that were trained

    @property
    def best(self) -> Dict[str, float]:
        """The row of the best epoch."""
        return self.history[self.best_epoch - 1]


def count_parameters() -> int:
    """How many numbers the trainable variables of the default graph have."""
    return sum(int(np.prod(v.shape.as_list())) for v in tf.trainable_variables())


def session_config() -> Any:
    """The configuration for ``tf.Session``: an op that a device lacks runs on another; GPU memory is taken as needed."""
    config = tf.ConfigProto(allow_soft_placement=True)
    config.gpu_options.allow_growth = True
    return config


@contextlib.contextmanager
def new_session(seed: int = 0, directory: Optional[str] = None) -> Iterator[Any]:
    """A session in a graph of its own, whose first weights come from `seed`; no other run can use `directory` meanwhile."""
    with contextlib.ExitStack() as stack:
        if directory is not None:
            stack.enter_context(locked(directory))
        stack.enter_context(tf.Graph().as_default())
        tf.set_random_seed(seed)
        yield stack.enter_context(tf.Session(config=session_config()))


def towers(build: Callable[[Mode], Any], seed: int) -> Tuple[Any, Any]:
    """(build with dropout, build without it): what is trained and what is evaluated, over the same variables."""
    trained = build(Mode(True, seed, tf.train.get_or_create_global_step()))
    with tf.variable_scope(tf.get_variable_scope(), reuse=True):
        return trained, build(Mode(False))


def predict(session: Any, tensors: Dict[str, Any], feed: Feed, batch_size: int = 1000) -> Dict[str, np.ndarray]:
    """The values of `tensors`, whose first axis is the batch, over all rows of the arrays in `feed`, in order."""
    count = min(len(array) for array in feed.values())
    parts = [
        session.run(tensors, {key: array[start : start + batch_size] for key, array in feed.items()})
        for start in range(0, count, batch_size)
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in tensors}


@renamed(path="out_dir", directory="out_dir")
def fit(
    session: Any,
    train_op: TrainOp,
    figures: Dict[str, Any],
    feeds: Callable[[int, int], Iterable[Feed]],
    evaluate: Callable[[], Dict[str, float]],
    schedule: Schedule,
    folder: RunFolder,
    begin: Optional[Callable[[Any], Any]] = None,
) -> Run:
    """Trains until the last epoch, or until `schedule` says that it is over; resumes by itself.

    At the end of every epoch, and every `save_seconds` within one, a checkpoint goes to `folder`: weights, slots, step, and
    the history with the best score. The two newest are kept, and the weights of the best epoch, which the session has when
    this returns.

    Args:
      session: of the graph in which everything has been built; its variables are initialized here.
      train_op: from `build_train_op`.
      figures: scalars of the training graph to show and to average over the epoch; "loss" must be one of them.
      feeds: feeds(epoch, start) gives the feed of each batch of that epoch (counted from 0), from batch `start` on; a pure
        function of its arguments.
      evaluate: called after each epoch; its figures go to the history.
      schedule: see `Schedule`.
      folder: of this run alone, with what it is made of; a run there with other settings is refused.
      begin: called with the session when a new run has initialized its variables; it may give them other values.

    Raises:
      CheckpointError: where `folder` holds another run.
      TrainingError: where the loss is not finite. The last good checkpoint is kept.
      OutputError: where a checkpoint cannot be written. The one before is kept.
    """
    kept = make_directory(folder.checkpoints)
    place = WatchedFolder(kept)
    with tf.device("/cpu:0"):  # text has no place on a GPU
        record = _TextVariable("training/progress")
    saver = tf.train.Saver(max_to_keep=None)
    best_saver = tf.train.Saver(_weights(), max_to_keep=None)
    hint = folder.differences()
    restored = checkpoints.restore_newest(session, saver, tf.global_variables(), kept, hint)
    if restored is None:
        session.run(tf.global_variables_initializer())
        if begin is not None:
            begin(session)
    elif hint:
        raise folder.holds_another(hint)
    elif not os.path.exists(folder.config):
        say("%s is missing, so that nothing tells whether this run has the settings of the one before." % folder.config)
    write_json(folder.config, folder.settings)
    known = json.loads(record.read(session) or "{}")
    history: List[Dict[str, float]] = known.get("history", [])
    sums: Dict[str, float] = known.get("sums", {})
    best: Dict[str, float] = known.get("best", {"epoch": 0, "step": 0})
    seconds, started = known.get("seconds", 0.0), time.monotonic()
    step, per_epoch = int(session.run(train_op.step)), schedule.steps_per_epoch
    if restored is not None:
        checkpoints.keep_newest(kept, 2, step)  # what a kill came before
        checkpoints.keep_newest(kept, 1, int(best["step"]), prefix="best")
        say("Going on from step %d of %d (%s)." % (step, schedule.steps, restored))
    tensors = dict(
        figures,
        gradient_norm=train_op.gradient_norm,
        clipped_norm=train_op.clipped_norm,
        learning_rate=train_op.learning_rate,
    )

    def save() -> None:
        total = seconds + time.monotonic() - started
        record.write(session, json.dumps(dict(history=history, sums=sums, best=best, seconds=total)))
        place.check()
        checkpoints.save(session, saver, kept, step)
        checkpoints.keep_newest(kept, 2, step)

    with open_events(folder.events) as write_events, _signals_wait() as stopping:
        while step < schedule.steps and not schedule.is_over(history, best):
            epoch, start = divmod(step, per_epoch)
            saved = time.monotonic()
            title = "epoch %*d/%d" % (len(str(schedule.epochs)), epoch + 1, schedule.epochs)
            with tqdm(total=per_epoch, initial=start, desc=title, unit="batch", file=sys.stderr) as bar:
                for feed in feeds(epoch, start):
                    values, _ = session.run([tensors, train_op.op], feed)
                    step += 1
                    for name in ("loss", "gradient_norm"):  # the second says that the update has broken the weights
                        if not np.isfinite(values[name]):
                            raise TrainingError(_not_finite(session, step, name, values[name], kept), *train_op.advice)
                    for name, value in values.items():
                        sums[name] = sums.get(name, 0.0) + float(value)
                    bar.update(1)
                    if step % 20 == 0 or step % per_epoch == 0:
                        done = step - epoch * per_epoch
                        _show(bar, {name: sums[name] / done for name in figures})
                    if step % per_epoch == 0:
                        break  # the epoch's figures come before its checkpoint
                    if stopping or time.monotonic() - saved > schedule.save_seconds:
                        save()
                        saved = time.monotonic()
                    if stopping:
                        raise stopping[0]
                row = {"epoch": epoch + 1, **{name: total / per_epoch for name, total in sorted(sums.items())}}
                row = {("train_" + name if name in figures else name): value for name, value in row.items()}
                row.update({name: float(value) for name, value in evaluate().items()})
                _show(bar, {name: value for name, value in row.items() if name.startswith(("train_", "valid_"))})
            history.append(row)
            sums.clear()
            write_events(step, row)
            score = schedule.score(row)
            if "score" not in best or score > best["score"]:
                best.update(epoch=epoch + 1, step=step, score=score)
                place.check()
                checkpoints.save(session, best_saver, kept, step, prefix="best")
            save()
            checkpoints.keep_newest(kept, 1, int(best["step"]), prefix="best")
            if stopping:
                raise stopping[0]
    if history:
        checkpoints.restore(session, best_saver, os.path.join(kept, "best-%d" % best["step"]))
    seconds = json.loads(record.read(session) or "{}").get("seconds", 0.0)
    return Run(history, int(best["epoch"]), seconds, count_parameters())


def _show(bar: Any, figures: Dict[str, float]) -> None:
    """What the progress bar says beside the count."""
    bar.set_postfix({name: "%.4f" % value for name, value in figures.items()})


def _weights() -> List[Any]:
    """What a model computes with: the trainable variables, and those that are left as they began, such as word vectors."""
    trained = tf.trainable_variables()
    return trained + [v for v in tf.model_variables() if all(v is not other for other in trained)]


class _TextVariable(object):
    """A piece of text that is saved with the checkpoint, so that both are written whole or not at all."""

    def __init__(self, name: str):
        self._variable = get_variable(name, initializer=tf.constant(""), trainable=False)
        self._text = tf.placeholder(tf.string, [])
        self._assign = tf.assign(self._variable, self._text)

    def read(self, session: Any) -> str:
        return session.run(self._variable).decode("utf-8")

    def write(self, session: Any, text: str) -> None:
        session.run(self._assign, {self._text: text})


@contextlib.contextmanager
def _signals_wait() -> Iterator[List[BaseException]]:
    """Ctrl-C, SIGTERM and the SIGHUP of a terminal that is closed wait for the end of the step: they are put into the list, and
    the next one is not waited for. A SIGHUP that is ignored (nohup) stays ignored."""
    stopping: List[BaseException] = []
    before: Dict[int, Any] = {}

    def stop(number: int, frame: Any) -> None:
        stopping.append(KeyboardInterrupt() if number == signal.SIGINT else SystemExit(128 + number))
        signal.signal(number, before[number])

    try:
        for number in (signal.SIGINT, signal.SIGTERM) + _HANG_UP:
            if number not in _HANG_UP or signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, stop)
    except ValueError:  # not in the main thread, which alone receives signals
        pass
    try:
        yield stopping
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)


@renamed(path="out_dir", directory="out_dir")
def restore_best(session: Any, folder: RunFolder) -> int:
    """Restores the weights of the best epoch of the run in `folder` into the session's graph, a test graph for example; returns
    the step that they are from.

    Raises:
      CheckpointError: where there is no such epoch yet, or its weights do not fit this graph.
    """
    hint = folder.differences()
    variables = _weights()
    saver = tf.train.Saver(variables)

    def restore(path: str) -> int:
        checkpoints.check_fits(path, checkpoints.read_shapes(path), variables, hint)
        if hint:
            raise folder.holds_another(hint)
        checkpoints.restore(session, saver, path)
        return int(path.rsplit("-", 1)[1])

    return checkpoints.use_best(folder.path, restore)


def _not_finite(session: Any, step: int, name: str, value: float, folder: str) -> str:
    variables = tf.trainable_variables()
    bad = [v.op.name for v, value in zip(variables, session.run(variables)) if not np.isfinite(value).all()]
    kept = checkpoints.list_checkpoints(folder)
    return "The %s is %s at step %d; %s. %s " % (
        name.replace("_", " "),
        value,
        step,
        "the first variable that is not finite is %s" % bad[0] if bad else "all variables are still finite",
        "The last good checkpoint is %s." % kept[0] if kept else "There was no checkpoint yet.",
    )
