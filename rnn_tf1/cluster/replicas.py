"""The graph of one task among several machines, on TensorFlow's own runtime: parameter servers hold the variables, and each
worker computes gradients of its own part of every batch. `rnn_tf1.cluster.lifecycle` runs it.

Batches are a pure function of (seed, step), so that a worker that was killed continues as if it had never been away.
"""

import ctypes
import functools
from typing import Any, Callable, List, NamedTuple, Optional, Sequence

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1 import training
from rnn_tf1.cluster import local_cluster
from rnn_tf1.cluster.addresses import Cluster, ClusterError
from rnn_tf1.cluster.peers import bypass_proxy
from rnn_tf1.data.batches import batch_count, epoch_order
from rnn_tf1.errors import GraphError
from rnn_tf1.ops.checks import get_variable
from rnn_tf1.training.optimize import OPTIMIZERS, build_train_op
from rnn_tf1.types import Tensor

MODES = ("sync", "async")


def steps_per_epoch(rows: int, batch_size: int, replicas: int) -> int:
    """Batches of `replicas` times `batch_size` rows in one epoch; the few rows that are left over are not used."""
    return batch_count(rows, batch_size * replicas, drop_last=True)


def make_parts(arrays: Sequence[np.ndarray], batch_size: int, replicas: int, seed: int) -> Callable[[int, int], Any]:
    """part(step, replica): a pure function: the rows of each of the `arrays` that this replica trains on at this step.

    At step s the batch is rows s n .. (s + 1) n of the epochs' orders one after the other, n = replicas * batch_size, and
    replica w has rows w batch_size .. (w + 1) batch_size of it.
    """
    per_epoch = steps_per_epoch(len(arrays[0]), batch_size, replicas)
    order = functools.lru_cache(maxsize=2)(functools.partial(epoch_order, len(arrays[0]), seed))

    def part(step: int, replica: int) -> Any:
        epoch, number = divmod(step, per_epoch)
        start = (number * replicas + replica) * batch_size
        rows = order(epoch)[start : start + batch_size]
        return tuple(array[rows] for array in arrays)

    return part


class Updates(NamedTuple):
    """How the replicas change the weights.

    Args:
      mode: "sync", one update from all replicas together, or "async", an update from each.
      clip_norm: longer gradients are scaled down to this norm; default: none are.
      optimizer: a name in `training.optimize.OPTIMIZERS`.
    """

    mode: str = "sync"
    clip_norm: Optional[float] = None
    optimizer: str = "adam"


class Replica(NamedTuple):
    """The ops of one task's training step."""

    op: Any  # the step; in sync mode it returns after all replicas have taken theirs
    at: Tensor  # int32 scalar, a placeholder: the step whose batch is fed
    step: Tensor  # int64 scalar: the step to feed at first
    next_step: Tensor  # int64 scalar, to be fetched with `op`: the step to feed next
    next_token: Tensor  # sync mode: the same, from a token that is waiting; async mode: None
    put_back: Any  # sync mode: puts the last token back, for another replica; async mode: None
    losses: Tensor  # [replicas, total steps], NaN where a replica did not take the step
    hooks: List[Any]  # for the session


class ClippedOptimizer(tf.train.Optimizer):
    """`inner`, which scales the whole gradient down to `clip_norm`, if it is longer, when it is applied.

    Inside ``SyncReplicasOptimizer`` it therefore clips the average of the replicas' gradients, as one process clips the
    gradient of the whole batch, and not each replica's own.
    """

    def __init__(self, inner: Any, clip_norm: Optional[float]):
        super().__init__(use_locking=False, name="Clipped")
        self._inner, self._clip_norm = inner, clip_norm

    def compute_gradients(self, *args: Any, **kwargs: Any) -> Any:
        return self._inner.compute_gradients(*args, **kwargs)

    def apply_gradients(self, grads_and_vars: Any, global_step: Any = None, name: Optional[str] = None) -> Any:
        gradients, variables = zip(*grads_and_vars)
        if self._clip_norm is not None:
            gradients, _ = tf.clip_by_global_norm(gradients, self._clip_norm)
        return self._inner.apply_gradients(zip(gradients, variables), global_step, name)


class _Synced(tf.train.SyncReplicasOptimizer):
    """With a thread for the updates that ends quietly when the chief's session is closed, as it is at the end of a run."""

    def get_chief_queue_runner(self) -> Any:
        runner = super().get_chief_queue_runner()
        quiet = (tf.errors.OutOfRangeError, tf.errors.CancelledError)
        return tf.train.QueueRunner(runner.queue, runner.enqueue_ops, queue_closed_exception_types=quiet)


def start_server(cluster: Cluster) -> Any:
    """TensorFlow's server for this task. Raises `ClusterError` if it cannot listen on its address.

    It listens on every address of this machine, and obeys anyone who connects: one line on standard error says so, except in a
    cluster that `local_cluster.run_local` shut off.
    """
    local_cluster.say_open(cluster)
    bypass_proxy(cluster)  # before gRPC makes its first connection
    try:
        server = tf.train.Server(
            tf.train.ClusterSpec(cluster.jobs), cluster.job, cluster.number, config=training.session_config()
        )
    except tf.errors.OpError as error:
        raise ClusterError(
            "%s cannot listen on %s (%s). Change the address in TF_CONFIG, for all tasks alike."
            % (cluster.name, cluster.address, str(error).splitlines()[0])
        ) from error
    # It cannot be stopped, and on TensorFlow 1.15 it prints a traceback when Python deletes it at exit: so it is kept.
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(server))
    return server


def device_setter(cluster: Cluster) -> Any:
    """For ``tf.device``: variables go to the parameter servers in turn, everything else to this task."""
    return tf.train.replica_device_setter(
        worker_device=cluster.device, cluster=tf.train.ClusterSpec({"ps": cluster.jobs["ps"]})
    )


def session_config(cluster: Cluster) -> Any:
    """As `training.session_config`, for a session that needs and waits for the parameter servers and this task alone."""
    config = training.session_config()
    config.device_filters.extend(["/job:ps", cluster.device])
    return config


def build_replica(
    cluster: Cluster,
    loss: Tensor,
    learning_rate: Tensor,
    step: Tensor,
    total_steps: int,
    updates: Updates = Updates(),  # noqa: B008 - a tuple, which nobody can change
) -> Replica:
    """The training step of this task; call it under ``tf.device(device_setter(cluster))``.

    In sync mode one update is made of the gradients g_1 ... g_n of all n replicas at the same weights:
    clip((g_1 + ... + g_n) / n), which is the clipped gradient of the mean loss over all their rows (Chen et al. 2016,
    "Revisiting Distributed Synchronous SGD", without backup workers). In async mode each replica updates with its own
    gradient, taken at weights that others may have changed since (Dean et al. 2012, "Large Scale Distributed Deep Networks").

    Args:
      loss, learning_rate, step: as for `build_train_op`.
      total_steps: updates of the whole run, by all replicas together.
      updates: mode, clipping and optimizer.
    """
    mode, clip_norm, optimizer = updates
    if mode not in MODES:
        raise GraphError("There is no mode %r; there are: %s." % (mode, ", ".join(MODES)))
    count = len(cluster.replicas)
    losses = get_variable(
        "cluster/losses", [count, total_steps], initializer=tf.constant_initializer(np.nan), trainable=False
    )
    at = tf.placeholder(tf.int32, [], name="at")
    with tf.device(losses.device):
        record = tf.scatter_nd_update(losses, [[cluster.replica, at]], [loss])
    if mode == "async":
        update = build_train_op(loss, learning_rate, step, clip_norm, optimizer).op
        op = tf.group(update, record)
        with tf.control_dependencies([op]):
            next_step = step.read_value()
        return Replica(op, at, step, next_step, None, None, losses, [])
    if optimizer not in OPTIMIZERS:
        raise GraphError("There is no optimizer %r; there are: %s." % (optimizer, ", ".join(sorted(OPTIMIZERS))))
    synced = _Synced(ClippedOptimizer(OPTIMIZERS[optimizer](learning_rate), clip_norm), count, total_num_replicas=count)
    gradients, variables = zip(*[(g, v) for g, v in synced.compute_gradients(loss) if g is not None])
    gradients = tf.tuple(gradients, control_inputs=[record.op])  # a gradient that counts has its loss recorded
    known = {variable.name for variable in tf.local_variables()}
    op = synced.apply_gradients(zip(gradients, variables), step)
    local_step = [variable for variable in tf.local_variables() if variable.name not in known][0]
    with tf.control_dependencies([op]):
        next_step = local_step.read_value()
    tokens = token_queue(step.device)
    with tf.control_dependencies([tf.assign(local_step, tokens.dequeue())]):
        next_token = local_step.read_value()
    put_back = tokens.enqueue(local_step.read_value())
    # No tokens at the start: with TensorFlow's default a fast replica would give two gradients to the first update.
    hook = synced.make_session_run_hook(cluster.is_chief, num_tokens=0)
    return Replica(op, at, local_step, next_step, next_token, put_back, losses, [hook])


def token_queue(device: str) -> Any:
    """The queue of ``SyncReplicasOptimizer`` from which each replica takes the number of its next step."""
    with tf.device(device):
        return tf.FIFOQueue(-1, tf.int64, shapes=(), shared_name="sync_token_q")
