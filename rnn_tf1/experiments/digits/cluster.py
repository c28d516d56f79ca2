"""Digits row by row, on several machines: which task of the cluster this process is."""

import os
import sys
from typing import Any, Callable

from rnn_tf1.cluster import addresses, local_cluster, peers
from rnn_tf1.data.images import mnist


def main(settings: Any, network: Callable[..., Any]) -> None:
    """Takes part as the task that TF_CONFIG names, or starts a cluster on this machine.

    Args:
      settings: those of ``examples/cluster.py``.
      network: network(rows, settings) gives the outputs, [batch, 28, units].
    """
    if not local_cluster.follow_parent() and settings.local:
        command = [sys.executable] + sys.argv
        sys.exit(local_cluster.run_local(command, settings.local, lambda: mnist.load(settings.data_dir)))
    task = addresses.parse_tf_config(os.environ.get("TF_CONFIG"))
    peers.check_free(task)
    from rnn_tf1.experiments.digits import (
        replicated,
    )  # TensorFlow, whose threads would not let `run_local` leave the network

    replicated.take_part(task, settings, network)
