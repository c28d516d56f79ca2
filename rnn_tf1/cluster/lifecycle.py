"""A task's life in a cluster: it waits for the others, trains with them, joins again when something was lost, and ends."""

import contextlib
import sys
import time
from typing import Any, Callable, Dict, NamedTuple, Optional, Set

import numpy as np
import tensorflow.compat.v1 as tf
from tqdm import tqdm

from rnn_tf1 import training
from rnn_tf1.cluster.addresses import Cluster, ClusterError, task_device
from rnn_tf1.cluster.peers import Watch, wait_for
from rnn_tf1.cluster.replicas import Replica, Updates, build_replica, device_setter, session_config, token_queue
from rnn_tf1.errors import OutputError, TrainingError, renamed
from rnn_tf1.ops.checks import get_variable
from rnn_tf1.program.files import WatchedFolder, make_directory, reason, write_json
from rnn_tf1.program.terminal import say
from rnn_tf1.training import checkpoints
from rnn_tf1.types import Feed, Session, Tensor

_GONE = (  # raised by a run if a server, or what it held, is gone
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.FailedPreconditionError,
    tf.errors.NotFoundError,
    tf.errors.OutOfRangeError,
    tf.errors.UnavailableError,
)
_RESET_SECONDS = 3
_REJOINS = 20  # in a row without a step between them: then no machine was just away


class Work(NamedTuple):
    """What a task of the cluster trains: the result of the caller's builder, with tensors of the graph that it built."""

    loss: Tensor  # scalar
    learning_rate: Tensor  # scalar or float
    feed: Callable[[int, int], Feed]  # feed(step, replica): this replica's part of the batch of that step
    evaluate: Callable[[Session], Dict[str, float]]  # evaluate(session): by the chief, after the last step


class Trained(NamedTuple):
    """What `train` returns to the chief."""

    losses: np.ndarray  # [replicas, total steps], nats; NaN where a replica did not take the step
    figures: Dict[str, float]  # of `Work.evaluate`
    steps: int  # since this process started
    seconds: float  # that they took


@renamed(path="out_dir", directory="out_dir")
def train(
    cluster: Cluster,
    server: Any,
    build: Callable[[Tensor], Work],
    total_steps: int,
    folder: training.RunFolder,
    updates: Updates = Updates(),  # noqa: B008 - a tuple, which nobody can change
    save_steps: int = 100,
    timeout: float = 60.0,
) -> Optional[Trained]:
    """Trains as this task of the cluster until `total_steps`; resumes by itself. None for all but the chief.

    The chief initializes the variables, or restores them from the run's folder, where it writes them every
    `save_steps` steps; the others wait for it and write nothing. A worker that was killed and started again joins
    at the step where the others are; in sync mode they wait for it, and the one step in which it was killed may count its
    part twice. If the chief or a parameter server was killed, all go back to the last checkpoint, so that in sync mode the
    result does not change.

    Args:
      build: build(step) gives the `Work`; called under the device setter, and again when the task joins again.
      folder: the folder of the run, and what the run is made of.
      updates: as for `build_replica`.
      timeout: seconds. If a task that this one needs does not answer for that long while there is no step, the run ends.

    Ctrl-C and SIGTERM end the run after the step; the chief writes a checkpoint.

    Raises:
      ClusterError: if a task that this one needs does not answer: a parameter server or the chief, and in sync mode any.
      CheckpointError: if the folder holds another run.
      TrainingError: if the loss is not finite, or the task joins again and again without making a step.
    """
    watch = Watch(cluster.others if updates.mode == "sync" else cluster.servers, timeout, cluster.name)
    progress = _Progress(total_steps, watch, cluster)

    def work() -> Optional[Trained]:
        return _join_until_done(cluster, server.target, build, folder, updates, save_steps, timeout, progress)

    return watch.run(work)


def _join_until_done(
    cluster: Cluster,
    target: str,
    build: Callable[[Tensor], Work],
    folder: training.RunFolder,
    updates: Updates,
    save_steps: int,
    timeout: float,
    progress: "_Progress",
) -> Optional[Trained]:
    failures, steps = 0, 0
    while failures < _REJOINS:
        progress.watch.waits_for = "the others to start"
        wait_for(cluster.servers, timeout, "%s waited for the others to start" % cluster.name)
        progress.watch.waits_for = "the parameter servers"
        with tf.Graph().as_default():
            with tf.device(device_setter(cluster)):
                step = tf.train.get_or_create_global_step()
                work = build(step)
                replica = build_replica(cluster, work.loss, work.learning_rate, step, progress.total_steps, updates)
                finished = get_variable("cluster/finished", initializer=tf.constant(False), trainable=False)
                with tf.device(finished.device):
                    finish = tf.assign(finished, True)
            run = _Run(cluster, target, work, replica, step, finished, finish, progress)
            try:
                trained = run.as_chief(folder, save_steps) if cluster.is_chief else run.as_worker()
                if not progress.watch.stopping.is_set():
                    _tell_servers(cluster, target)
                return trained
            except (_Rejoin,) + _GONE as error:
                reason = str(error) if isinstance(error, _Rejoin) else type(error).__name__
        progress.say("a task or what it held is gone (%s): joining again." % reason)
        failures, steps = (failures + 1 if progress.steps == steps else 0), progress.steps
    raise TrainingError("%s joined %d times and made no step (%s)." % (cluster.name, failures, reason))


def serve(cluster: Cluster, server: Any, timeout: float = 60.0) -> None:
    """A parameter server's work: holds the variables until every replica has said that it is done.

    A replica that was killed may come back meanwhile. If none has answered for `timeout` seconds, the server ends: normally if
    the chief has said that the run is done, and otherwise with a `ClusterError`.
    """
    replicas = {"%s %d" % task: cluster.jobs[task[0]][task[1]] for task in cluster.replicas}
    watch = Watch(replicas, timeout, cluster.name, any_of=True)
    watch.waits_for = "the workers to say that the run is done"
    done: Set[int] = set()
    try:
        watch.run(lambda: _serve(cluster, server.target, done))
    except ClusterError:
        if 0 not in done:
            raise
        missing = [name for number, name in enumerate(replicas) if number not in done]
        say("%s: the run is done. Not waited for any longer: %s." % (cluster.name, ", ".join(missing)))


def _serve(cluster: Cluster, target: str, done: Set[int]) -> None:
    config = training.session_config()
    config.device_filters.append(cluster.device)
    with tf.Graph().as_default(), tf.Session(target, config=config) as session:
        next_done = _done_queue(cluster.job, cluster.number).dequeue()
        while len(done) < len(cluster.replicas):
            done.add(int(session.run(next_done)))
    time.sleep(1)  # so that the last one gets its answer


def _tell_servers(cluster: Cluster, target: str) -> None:
    with tf.Graph().as_default(), tf.Session(target, config=session_config(cluster)) as session:
        for index in range(len(cluster.jobs["ps"])):
            with contextlib.suppress(*_GONE):  # a server that has ended knows
                session.run(_done_queue("ps", index).enqueue(cluster.replica))


def _done_queue(job: str, index: int) -> Any:
    with tf.device(task_device(job, index)), tf.container("done"):  # not emptied with the rest
        return tf.FIFOQueue(-1, tf.int32, shapes=(), shared_name="done")


class _Rejoin(Exception):
    """The session was lost."""


class _OneSession(tf.train.SessionRunHook):
    """TensorFlow makes a new session if the old one is lost, after up to 30 s, and runs the step again with the old feed.

    Here the task joins again instead, and asks for the step to feed.
    """

    def __init__(self) -> None:
        self._created = False

    def after_create_session(self, session: Session, coord: Any) -> None:
        if self._created:
            raise _Rejoin("the session was lost")
        self._created = True


class _Saver(tf.train.Saver):
    """For checkpoints in `folder`, with one message if one cannot be written."""

    def __init__(self, folder: str):
        super().__init__(max_to_keep=2, save_relative_paths=True)  # another process may know the folder by another name
        self._folder, self._place = folder, WatchedFolder(folder)

    def save(self, session: Session, path: str, *args: Any, **kwargs: Any) -> str:
        self._place.check()
        try:
            return super().save(session, path, *args, **kwargs)
        except (tf.errors.OpError, OSError, ValueError) as error:
            if isinstance(error, (tf.errors.AbortedError, tf.errors.CancelledError, tf.errors.UnavailableError)):
                raise
            raise OutputError(
                "%s: the checkpoint could not be written (%s). Make room, or repair the folder, and run the same command again."
                % (self._folder, reason(error))
            ) from error


class _Progress(object):
    """The progress bar, and steps and seconds since the process started."""

    def __init__(self, total_steps: int, watch: Watch, cluster: Cluster):
        self.total_steps, self.watch, self.cluster = total_steps, watch, cluster
        self.steps, self.seconds = 0, 0.0
        self.bar: Any = None

    def say(self, line: str) -> None:
        say("%s: %s" % (self.cluster.name, line))


class _Run(NamedTuple):
    """One life of a task: from its joining until the run ends or the session is lost."""

    cluster: Cluster
    target: str
    work: Work
    replica: Replica
    step: Tensor  # the global step
    finished: Tensor
    finish: Any
    progress: _Progress

    def as_chief(self, folder: training.RunFolder, save_steps: int) -> Optional[Trained]:
        saved = make_directory(folder.checkpoints)
        with checkpoints.for_tensorflow(saved) as safe:
            return self._as_chief(folder, save_steps, saved, safe)

    def _as_chief(self, folder: training.RunFolder, save_steps: int, saved: str, safe: str) -> Optional[Trained]:
        newest = tf.train.latest_checkpoint(safe)
        _check_same_run(folder, newest)
        if newest:
            checkpoints.check_fits(newest, checkpoints.read_shapes(newest), tf.global_variables())
        self._clear_servers()
        checkpoints.remove_leftovers(saved)
        scaffold = tf.train.Scaffold(saver=_Saver(saved))
        options = dict(checkpoint_dir=safe, save_checkpoint_steps=save_steps)
        with self._session(scaffold=scaffold, **options) as session:
            if not self._steps(session):
                return None
            self.progress.watch.waits_for = ""
            figures = self.work.evaluate(session)
            losses = session.run(self.replica.losses)
        with tf.Session(self.target, config=session_config(self.cluster)) as session:
            session.run(self.finish)
        return Trained(losses, figures, self.progress.steps, self.progress.seconds)

    def as_worker(self) -> None:
        self.progress.watch.waits_for = "the chief to set the variables"
        ready = tf.report_uninitialized_variables(tf.global_variables())
        with tf.Session(self.target, config=session_config(self.cluster)) as session:
            while not self.progress.watch.stopping.is_set():  # TensorFlow itself would look every 30 s
                with contextlib.suppress(*_GONE):
                    if not session.run(ready).size:
                        break
                time.sleep(0.2)
        with self._session() as session:
            if self._steps(session):
                self.progress.watch.waits_for = "the chief to end the run"
                while not self.progress.watch.stopping.is_set() and not self._guarded(session, self.finished):
                    time.sleep(0.2)  # a chief that is killed now goes back to its checkpoint and needs this worker

    def _session(self, **options: Any) -> Any:
        return tf.train.MonitoredTrainingSession(
            self.target,
            self.cluster.is_chief,
            hooks=[_OneSession()] + self.replica.hooks,
            config=session_config(self.cluster),
            save_summaries_steps=None,
            save_summaries_secs=None,
            log_step_count_steps=None,
            stop_grace_period_secs=1,  # the thread that makes the updates waits for gradients that will not come
            **dict(dict(save_checkpoint_secs=None), **options),
        )

    def _guarded(self, session: Session, fetches: Any, feed: Any = None) -> Any:
        """session.run, without TensorFlow's own way to continue if the session is lost: see `_OneSession`."""

        def step(step_context: Any) -> Any:
            try:
                return step_context.run_with_hooks(fetches, feed)
            except _GONE as error:
                raise _Rejoin(type(error).__name__) from error

        return session.run_step_fn(step)

    def _steps(self, session: Session) -> bool:
        """Trains until the last step; False if it was stopped before."""
        total, watch = self.progress.total_steps, self.progress.watch
        step = int(self._guarded(session, self.replica.step))
        if step:
            self.progress.say("going on from step %d of %d." % (step, total))
        fetches = [self.work.loss, self.replica.next_step, self.replica.op]
        chief = self.cluster.is_chief
        with tqdm(total=total, initial=step, desc="steps", file=sys.stderr, disable=not chief) as bar:
            while step < total and not watch.stopping.is_set():
                watch.waits_for = "step %d of %d" % (step + 1, total)
                started = time.monotonic()
                feed = dict(self.work.feed(step, self.cluster.replica))
                feed[self.replica.at] = step
                loss, after, _ = self._guarded(session, fetches, feed)
                after = self._newer_token(session, step, after)
                if not np.isfinite(loss):
                    raise TrainingError("The loss is %s at step %d. " % (loss, step + 1), *training.LOWER_RATE)
                self.progress.steps += int(after) - step
                self.progress.seconds += time.monotonic() - started
                bar.update(int(after) - step)
                step = int(after)
                watch.beat()
        return step >= total

    def _newer_token(self, session: Session, step: int, token: int) -> int:
        """In sync mode, waits for a token that was given after `step` was taken.

        A worker that was killed has perhaps left one behind. A replica that took it would give two gradients to one
        update. One of a step that is over is thrown away; any other may be that of a replica that is slow to fetch it.
        """
        while self.replica.put_back is not None and token <= step:
            if token >= self._guarded(session, self.step):
                self._guarded(session, self.replica.put_back)
                time.sleep(0.01)
            token = self._guarded(session, self.replica.next_token)
        return token

    def _clear_servers(self) -> None:
        """Clears what a killed chief has left on the parameter servers, and wakes up those that wait for it."""
        config = session_config(self.cluster)
        with tf.Graph().as_default(), tf.Session(self.target, config=config) as session:
            session.run(token_queue(task_device("ps", 0)).close(cancel_pending_enqueues=True))
        # It asks every task of the cluster at the same time, whatever the filters say, and one that is stopped never answers.
        config.operation_timeout_in_ms = 1000 * _RESET_SECONDS
        with contextlib.suppress(tf.errors.DeadlineExceededError):
            tf.Session.reset(self.target, config=config)


def _check_same_run(folder: training.RunFolder, newest: Optional[str]) -> None:
    differences = folder.differences()
    if differences and newest:
        raise folder.holds_another(differences)
    write_json(folder.config, folder.settings)
