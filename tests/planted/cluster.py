"""Wrong lines for several machines: TF_CONFIG, the parts of a batch, averaging, clipping, tokens, and who waits for whom."""

from planted import Mutant

CLUSTER, REPLICAS, TRAINING = (
    "rnn_tf1/cluster/addresses.py",
    "rnn_tf1/cluster/replicas.py",
    "rnn_tf1/cluster/lifecycle.py",
)
PEERS, LOCAL, LOOPBACK = "rnn_tf1/cluster/peers.py", "rnn_tf1/cluster/local_cluster.py", "rnn_tf1/cluster/loopback.py"

TEST = "tests/cluster/test_cluster.py -k '%s'"
TEST_CONFIG, TEST_PARTS, TEST_HAND = TEST % "tf_config and not wrong", TEST % "parts", TEST % "hand"
TEST_ASYNC, TEST_RUNS, TEST_LOST = TEST % "one_worker", TEST % "other_runs" + " -m slow", TEST % "lost"
TEST_IN_USE, TEST_LOCAL = TEST % "in_use", TEST % "fails_ends_all or their_parent"
TEST_FINITE = TEST % "not_finite"
TEST_WRONG, TEST_ANSWER, TEST_ENOUGH = TEST % "malformed", TEST % "what_is_an_answer", TEST % "is_enough"
TEST_OUTSIDE = "tests/cluster/test_loopback.py"
TEST_CLOCKS, TEST_PROXY = TEST % "clocks", TEST % "proxy and not slow"
TEST_END = TEST % "has_an_end"

MUTANTS = [
    Mutant(
        CLUSTER,
        "for job in JOBS[1:] for i",
        "for job in reversed(JOBS[1:]) for i",
        TEST_CONFIG,
        "a chief that is not the first replica",
    ),
    Mutant(CLUSTER, "if address.lower() in seen:", "if False:", TEST_CONFIG, "two tasks with one address"),
    Mutant(CLUSTER, "[1-9][0-9]{0,4}", r"\d+", TEST_WRONG, "a port that is no number"),
    Mutant(
        PEERS,
        "probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)",
        "probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)",
        TEST_IN_USE,
        "a port shared with another server",
    ),
    Mutant(PEERS, "if lost and (", "if False and (", TEST_LOST, "a lost task unnoticed"),
    Mutant(PEERS, "return header[3] == _SETTINGS", "return True", TEST_ANSWER, "any program taken for a task"),
    Mutant(
        PEERS,
        "            while len(header) < _FRAME_HEADER:",
        "            header = b'0004'\n            while False:",
        TEST_ANSWER,
        "a connection taken for an answer",
    ),
    Mutant(PEERS, "if asked - self._began > _SLOW * self._timeout:", "if False:", TEST_END, "a wait without end"),
    Mutant(PEERS, "or not self.waits_for:", "or False:", TEST_END, "an evaluation that is taken for a wait"),
    Mutant(PEERS, "len(lost) == len(self._tasks)", "True", TEST_ENOUGH, "workers left by their server"),
    Mutant(
        PEERS,
        "min(asked - self._looked, 3 * self._interval)",
        "asked - self._looked",
        TEST_CLOCKS,
        "others taken for gone by a process that was stopped",
    ),
    Mutant(PEERS, "or name in os.environ:", "or os.environ.get(name):", TEST_PROXY, "a proxy that is asked after all"),
    Mutant(REPLICAS, "    bypass_proxy(cluster)", "    pass", TEST_PROXY, "a cluster that a proxy holds up"),
    Mutant(LOCAL, "= loopback.leave_network()", "= ''", TEST_OUTSIDE, "a cluster that is open, and does not say so"),
    Mutant(
        LOOPBACK,
        "_NEW_NETWORK if user == 0 else",
        "0 if user == 0 else",
        TEST_OUTSIDE,
        "root's cluster open to everybody",
    ),
    Mutant(LOOPBACK, "reason = _in_child(_leave)", "reason = ''", TEST_OUTSIDE, "a process left between two networks"),
    Mutant(PEERS, "        os._exit(stop.code)", "        raise", TEST % "left_behind", "an abort in Python's own end"),
    Mutant(PEERS, '["localhost"] + [', "[] + [", TEST_PROXY, "the proxy asked for this machine"),
    Mutant(LOCAL, "return code if code > 0 else 128 - code", "return 0", TEST_LOCAL, "a failure that is lost"),
    Mutant(LOCAL, "        os._exit(1)", "        pass", TEST_LOCAL, "tasks that outlive a parent that was killed"),
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
