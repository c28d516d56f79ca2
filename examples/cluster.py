"""Digits row by row on several machines, with TensorFlow's own runtime: parameter servers and workers.

Here:       python examples/cluster.py --local 2
On several: the same command on each, without --local and with the TF_CONFIG that Kubernetes training operators and other
cluster managers set. The first worker (or the "chief") writes to --out-dir; a parameter server ends by itself, with exit
code 0, when all workers are done. A task that was killed may be started again with the same TF_CONFIG.

TensorFlow's servers ask for no password: anyone who can connect to their ports can read and write your files. Use them in a
private network, behind a firewall, or through SSH tunnels (lesson 16). With --local, nobody outside can connect (on Linux).
"""

from rnn_tf1.program import cli

# isort: split
import contextlib
import dataclasses
import os
import sys
from typing import Optional

from rnn_tf1.cluster import addresses, local_cluster, peers
from rnn_tf1.data.images import mnist
from rnn_tf1.program.settings import Settings, choice, real, whole


@dataclasses.dataclass
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
    flags = Flags.parse("cluster", __doc__)
    if not local_cluster.follow_parent() and flags.local:
        sys.exit(local_cluster.run_local([sys.executable] + sys.argv, flags.local, lambda: mnist.load(flags.data_dir)))
    task = addresses.parse_tf_config(os.environ.get("TF_CONFIG"))
    peers.check_free(task)

    import tensorflow.compat.v1 as tf

    from rnn_tf1 import Mode, training
    from rnn_tf1.cluster import lifecycle, picture, replicas
    from rnn_tf1.models.classifier import ClassifierConfig, build_classifier
    from rnn_tf1.program.files import locked
    from rnn_tf1.training.optimize import cosine_decay

    server = replicas.start_server(task)
    if task.job == "ps":
        lifecycle.serve(task, server, flags.timeout)
        return
    data = mnist.load(flags.data_dir)
    size = 3000 if flags.quick else None
    train, test = (mnist.Digits(part.images[:size], part.labels[:size]) for part in (data.train, data.test))
    count = len(task.replicas)
    part = replicas.make_parts(train, flags.batch_size, count, flags.seed)
    steps = flags.epochs * replicas.steps_per_epoch(len(train.labels), flags.batch_size, count)
    steps *= count if flags.mode == "async" else 1
    fields = [field.name for field in dataclasses.fields(ClassifierConfig)]
    config = ClassifierConfig(**{name: value for name, value in vars(flags).items() if name in fields})

    def build(step):
        tf.set_random_seed(flags.seed)
        trained = build_classifier(config, Mode(True))
        with tf.variable_scope(tf.get_variable_scope(), reuse=True):
            tested = build_classifier(config, Mode(False))

        def feed(at, replica):
            return dict(zip((trained.inputs, trained.labels), part(at, replica)))

        def evaluate(session):
            feed = {tested.inputs: test.images, tested.labels: test.labels}
            found = training.predict(session, {"loss": tested.losses, "accuracy": tested.correct}, feed)
            return {"test_" + name: float(values.mean()) for name, values in found.items()}

        rate = cosine_decay(flags.learning_rate, step, steps)
        return lifecycle.Work(trained.loss, rate, feed, evaluate)

    settings = flags.identity(data=data.identity, tensorflow=tf.__version__, workers=count)
    with locked(flags.out_dir) if task.is_chief else contextlib.nullcontext():
        trained = lifecycle.train(
            task,
            server,
            build,
            steps,
            lifecycle.RunFolder(flags.out_dir, settings, flags.save_steps),
            replicas.Updates(flags.mode, flags.clip_norm),
            flags.timeout,
        )
        if trained is None:
            return
        title = "Losses of %d workers, %s" % (count, {"sync": "synchronous", "async": "asynchronous"}[flags.mode])
        picture.replica_losses(trained.losses, os.path.join(flags.out_dir, "losses.png"), title)
        cli.write_metrics(
            os.path.join(flags.out_dir, "metrics.json"),
            "cluster",
            flags,
            data=data.origin,
            seconds=trained.seconds,
            mode=flags.mode,
            workers=count,
            steps=steps,
            steps_per_second=trained.steps / trained.seconds if trained.steps else None,
            **trained.figures,
        )
    print("test accuracy %.2f %% of %d images" % (100 * trained.figures["test_accuracy"], len(test.labels)))
    print("the picture and metrics.json are in %s" % flags.out_dir)


if __name__ == "__main__":
    peers.exit_at_once(lambda: cli.run_main(main))
