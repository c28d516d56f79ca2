"""Wrong lines for several machines: TF_CONFIG, the parts of a batch, averaging, clipping, tokens, and who waits for whom."""

from planted import Mutant

CLUSTER, REPLICAS, TRAINING = "rnn_tf1/cluster.py", "rnn_tf1/replicas.py", "rnn_tf1/cluster_training.py"

TEST = "tests/test_cluster.py -k '%s'"
TEST_CONFIG, TEST_PARTS, TEST_HAND = TEST % "tf_config and not wrong", TEST % "parts", TEST % "hand"
TEST_ASYNC, TEST_RUNS, TEST_LOST = TEST % "one_worker", TEST % "other_runs" + " -m slow", TEST % "lost"
TEST_IN_USE, TEST_LOCAL = TEST % "in_use", TEST % "fails_ends_all or their_parent"
TEST_FINITE = TEST % "not_finite"

MUTANTS = [
    Mutant(
        CLUSTER,
        "for job in JOBS[1:] for i",
        "for job in reversed(JOBS[1:]) for i",
        TEST_CONFIG,
        "a chief that is not the first replica",
    ),
    Mutant(CLUSTER, "if address in seen:", "if False:", TEST_CONFIG, "two tasks with one address"),
    Mutant(
        CLUSTER,
        "probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)",
        "probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)",
        TEST_IN_USE,
        "a port shared with another server",
    ),
    Mutant(
        CLUSTER,
        "if missing:\n                raise",
        "if False:\n                raise",
        TEST_LOST,
        "a lost task unnoticed",
    ),
    Mutant(CLUSTER, "return code if code > 0 else 128 - code", "return 0", TEST_LOCAL, "a failure that is lost"),
    Mutant(CLUSTER, "        os._exit(1)", "        pass", TEST_LOCAL, "tasks that outlive a parent that was killed"),
    Mutant(
        REPLICAS,
        "(number * replicas + replica) * batch_size",
        "(number * replicas) * batch_size",
        TEST_PARTS,
        "both workers on the same rows",
    ),
    Mutant(
        REPLICAS,
        "        if self._clip_norm is not None:",
        "        if False:",
        TEST_HAND,
        "an averaged gradient that is not clipped",
    ),
    Mutant(
        REPLICAS,
        "gradients, variables = zip(*[(g, v) for g, v in synced",
        "gradients, variables = zip(*[(g * cluster.replica, v) for g, v in synced",
        TEST_HAND,
        "a worker whose gradient is lost",
    ),
    Mutant(
        REPLICAS,
        "count, total_num_replicas=count",
        "1, total_num_replicas=count",
        TEST_HAND,
        "an update by the first alone",
    ),
    Mutant(
        TRAINING,
        "while self.replica.put_back is not None and token <= step:",
        "while False:",
        TEST_HAND,
        "a token that was left behind, taken for a new one",
    ),
    Mutant(
        REPLICAS,
        "build_train_op(loss, learning_rate, step, clip_norm, optimizer)",
        "build_train_op(loss, learning_rate, step, None, optimizer)",
        TEST_ASYNC,
        "asynchronous gradients that are not clipped",
    ),
    Mutant(TRAINING, "if not np.isfinite(loss):", "if False:", TEST_FINITE, "steps after the weights are lost"),
    Mutant(TRAINING, "    if differences and", "    if False and", TEST_RUNS, "another run's checkpoint gone on from"),
]
