"""Digits row by row on several machines, with TensorFlow's own runtime: parameter servers and workers.

Here:       python examples/cluster.py --local 2
On several: the same command on each, without --local and with the TF_CONFIG that Kubernetes training operators and other
cluster managers set. The first worker (or the "chief") writes to --out-dir; a parameter server ends by itself, with exit
code 0, when all workers are done. A task that was killed may be started again with the same TF_CONFIG.

TensorFlow's servers ask for no password: anyone who can connect to their ports can read and write your files. Use them in a
private network, behind a firewall, or through SSH tunnels (lesson 16). With --local, nobody outside can connect (on Linux).
"""

from rnn_tf1.program import cli
from rnn_tf1.program.settings import Settings, choice, real, whole

from typing import Optional

import rnn_tf1 as rnn
from rnn_tf1.cluster.peers import exit_at_once


def network(rows, settings):
    """rows [batch, 28, 28 pixels] -> what the cell gives after each, [batch, 28, units]; the last one names the digit."""
    cell = rnn.make_cell(settings.cell, settings.units, settings.layers)
    outputs, _ = rnn.static_rnn(cell, rows)
    return outputs


class Flags(Settings):
    local: Optional[int] = whole(None, "a parameter server and N workers on this machine", metavar="N", of_run=False)
    mode: str = choice("sync", ["sync", "async"], "one update from all workers, or from each")
    cell: str = choice("lstm", ["basic", "lstm", "peephole", "gru", "layer_norm", "context"], "cell")
    units: int = whole(100, "units of each layer", quick=16)
    layers: int = whole(1, "cells, one above the other")
    learning_rate: float = real(0.004, "at the start; it falls to 0 along a cosine")
    clip_norm: float = real(1.0, "longer gradients are scaled down to this norm")
    batch_size: int = whole(75, "images in a step, of each worker", quick=30)
    epochs: int = whole(3, "passes over the training images", quick=2)
    save_steps: int = whole(100, "steps between checkpoints", of_run=False)
    timeout: float = real(60.0, "longest wait for a task that does not answer, in seconds", of_run=False)


def main() -> None:
    settings = Flags.parse("cluster", __doc__)
    from rnn_tf1.experiments.digits import cluster

    cluster.main(settings, network)


if __name__ == "__main__":
    exit_at_once(lambda: cli.run_main(main))
