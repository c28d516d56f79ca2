"""Wrong lines for several machines: TF_CONFIG, the parts of a batch, averaging, clipping, tokens, and who waits for whom."""

from planted import Mutant

REPLICAS = "rnn_tf1/cluster/replicas.py"

TEST = "tests/cluster/test_cluster.py -k '%s'"
TEST_PARTS, TEST_HAND = (TEST % "parts", TEST % "hand")
TEST_ASYNC = TEST % "one_worker"
TEST_PROXY = TEST % "proxy and not slow"

MUTANTS = [
    Mutant(REPLICAS, "    bypass_proxy(cluster)", "    pass", TEST_PROXY, "a cluster that a proxy holds up"),
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
        REPLICAS,
        "build_train_op(loss, learning_rate, step, clip_norm, optimizer)",
        "build_train_op(loss, learning_rate, step, None, optimizer)",
        TEST_ASYNC,
        "asynchronous gradients that are not clipped",
    ),
]
