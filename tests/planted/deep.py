"""Wrong lines for what a deep network adds: recurrent dropout, carried state, the forecaster, tasks and test graphs."""

from planted import Mutant

MASKS, PLAIN, AROUND = "rnn_tf1/ops/dropout.py", "rnn_tf1/cells/plain.py", "rnn_tf1/wrappers/dropout.py"
STATE, LAYERS, TASKS = (
    "rnn_tf1/unrolling/state.py",
    "rnn_tf1/layers/basic.py",
    "rnn_tf1/experiments/digits/two_tasks.py",
)
FORECASTER, STACK = ("rnn_tf1/models/forecaster.py", "rnn_tf1/models/stack.py")
TRAINING, CHECKPOINTS = ("rnn_tf1/training/loop.py", "rnn_tf1/training/checkpoints.py")

BASE, NORM, CHECKS = "rnn_tf1/cells/base.py", "rnn_tf1/cells/layer_norm.py", "rnn_tf1/ops/checks.py"
LOOPS, INPUTS, MULTI = "rnn_tf1/unrolling/loops.py", "rnn_tf1/ops/inputs.py", "rnn_tf1/wrappers/layers.py"

DROPOUT, CONTRACT = "tests/ops/test_dropout.py", "tests/ops/test_contract.py"
READS, GOLDEN = DROPOUT + " -k 'subclass or helper or outside or nested or cannot'", DROPOUT + " -k golden"
GROWS = "tests/ops/test_errors.py -k 'state_dropout'"
STATES = "tests/unrolling/test_unroll.py -k 'whole_numbers or asked_for or tensor_array'"
BY_HAND = "tests/cells/test_cells.py -k by_hand"
CARRIED = "tests/unrolling/test_state.py -k 'not static'"
DEEP = "tests/experiments/test_deep.py -k 'not deep_rnn and not signal'"
OWN = "tests/models/test_recurrences.py"
CLIPPING = "tests/training/test_training.py -k clipping"
TEST_CLASSIFIER = "tests/models/test_classifier.py -k 'initializers or identity'"

MUTANTS = [
    # Recurrent dropout.
    Mutant(
        PLAIN, "read = self.read(state)", "read = state = self.read(state)", DROPOUT, "the GRU's h dropped for ever"
    ),
    Mutant(PLAIN, "linear([inputs, r * read]", "linear([inputs, r * state]", DROPOUT, "the candidate reads all of h"),
    Mutant(PLAIN, "self.read(h), self._R", "h, self._R", DROPOUT, "the context cell reads all of h"),
    Mutant(
        BASE,
        "            h = drop(h)\n",
        "            drop(h)\n",
        DROPOUT,
        "recurrent dropout without effect",
    ),
    Mutant(
        AROUND,
        '"%s/%s" % (tf.get_variable_scope().name, salt)  # each inner',
        "salt  # each inner",
        DROPOUT,
        "one variational mask for all cells in a wrapper",
    ),
    Mutant(LAYERS, "if not ids.dtype.is_integer:", "if False:", "tests/layers/test_basic.py", "ids that are floats"),
    Mutant(LAYERS, "keep_prob = 1 - rate", "keep_prob = rate", DROPOUT, "the rate taken for the keep probability"),
    Mutant(LAYERS, "mask_key(seed, step, place, 0)", "mask_key(seed, 0, place, 0)", DROPOUT, "one mask at all steps"),
    Mutant(LAYERS, "place, key, noise_shape)", "place, key)", DROPOUT, "noise_shape ignored"),
    Mutant(BASE, "        self._was_read = True\n", "", READS, "a cell that reads h is refused"),
    Mutant(BASE, "if inner_cells(self) or self._was_read:", "if True:", READS, "a cell that never reads h is taken"),
    Mutant(
        BASE,
        "if self._was_called or type(self)",
        "if self._was_called and type(self)",
        READS,
        "own equations are taken",
    ),
    Mutant(BASE, "            self._drops.pop()\n", "            pass\n", READS, "a cell is dropped for ever"),
    Mutant(
        AROUND,
        "for inner in all_cells(self.cell):",
        "for inner in [self.cell]:",
        READS,
        "cells in wrappers not dropped",
    ),
    Mutant(
        MASKS, "class _TimeSteps(threading.local):", "class _TimeSteps(object):", CONTRACT, "threads share their time"
    ),
    Mutant(
        MASKS, "if graph is not _outer_graph():", "if not _time_steps.stack:", CONTRACT, "the time of another graph"
    ),
    Mutant(MASKS, "hexdigest()[:8]", "hexdigest()[8:16]", GOLDEN, "other masks than last year: the place"),
    Mutant(MASKS, "MAX_TIME_STEPS = 2**20", "MAX_TIME_STEPS = 2**21", GOLDEN, "other masks than last year: the step"),
    Mutant(CHECKS, '"inner_cells" in dir(cell)', 'hasattr(cell, "inner_cells")', CONTRACT, "a mistake hides the cell"),
    Mutant(CHECKS, 'startswith("tensorflow")', 'startswith("")', CONTRACT, "attributes of any cell are looked at"),
    Mutant(LOOPS, "        self._calls += 1\n", "", CONTRACT, "static_rnn always tells step 0"),
    Mutant(LOOPS, "for inner in all_cells(cell))", "for inner in [cell])", CONTRACT, "needs_time unseen in wrappers"),
    Mutant(
        LOOPS, "with time_step(None):", "with tf.name_scope(None):", CONTRACT, "an outer loop's time in an inner one"
    ),
    Mutant(
        AROUND, "if dropped and carried is not False:", "if dropped and carried:", GROWS, "an unknown state dropped"
    ),
    Mutant(
        AROUND,
        "size._replace(c=True, h=False)",
        "size._replace(c=True, h=True)",
        GROWS,
        "the h of an LSTM of one's own",
    ),
    Mutant(
        AROUND, "not None and self._is_training is not False", "not None", CONTRACT, "steps counted in a test graph"
    ),
    Mutant(
        BASE, '        if ("call" in vars(kind)', '        if False and ("call" in vars(kind)', GROWS, "inherited words"
    ),
    Mutant(PLAIN, "carried_state = True  # u", "carried_state = False  # u", GROWS, "a GRU's state grows"),
    Mutant(
        PLAIN, "ContextStateTuple(h=False, s=True)", "ContextStateTuple(h=False, s=False)", GROWS, "a context grows"
    ),
    Mutant(NORM, "LSTMStateTuple(c=True, h=False)", "LSTMStateTuple(c=False, h=False)", GROWS, "a memory grows"),
    Mutant(MULTI, "return True if True in parts", "return False if True in parts", GROWS, "a flat GRU in layers grows"),
    Mutant(INPUTS, "return tf.as_dtype(dtype)", "pass", STATES, "the caller's dtype dropped"),
    Mutant(
        INPUTS,
        "if x.dtype.is_floating or x.dtype.is_complex), parts",
        "), parts",
        STATES,
        "outputs in a counter's type",
    ),
    Mutant(INPUTS, "list)) or not size:  # ()", "list)):  # ()", STATES, "a tensor array where the size is ()"),
    Mutant(
        CHECKS, "list)) or not size:\n        return None", "list)):\n        return None", STATES, "the same, refused"
    ),
    Mutant(
        BASE, "self._open_scope(None) if not self._is_open", "self._open_scope(None) if False", BY_HAND, "another scope"
    ),
    Mutant(BASE, "reuse=exists or None", "reuse=None", BY_HAND, "built by hand, built again"),
    # Carried state.
    Mutant(
        STATE, "trainable=False, use_resource=True", "trainable=True, use_resource=True", CARRIED, "a trained state"
    ),
    Mutant(STATE, "select_rows(rows, fresh,", "select_rows(~rows, fresh,", CARRIED, "the other rows reset"),
    Mutant(STATE, "fresh = noise * tf.random.state", "fresh = tf.random.state", CARRIED, "noise of deviation 1"),
    Mutant(STATE, '"%s/state_%d" % (self._name, i)', "self._name", CARRIED, "the same noise in c and h"),
    Mutant(
        STATE,
        "zip(self.variables, flat)])",
        "zip(self.variables, flat[:1])])",
        CARRIED,
        "the first part of the state carried alone",
    ),
    Mutant(
        STATE,
        "for v, part in zip(self.variables, flat)",
        "for v, part in zip(self.variables, tf.nest.flatten(self.state))",
        CARRIED,
        "the state that the piece began with carried on",
    ),
    # The forecaster and its data.
    Mutant(FORECASTER, "select_rows(begins, cell", "select_rows(~begins, cell", DEEP, "rows that go on begin anew"),
    Mutant(FORECASTER, "axis=[1, 2])", "axis=[1, 2]) / 2", DEEP, "half the squared error"),
    Mutant(
        FORECASTER,
        "mode)\n            predictions, state",
        "Mode(True))\n            predictions, state",
        DEEP,
        "dropout at the test",
    ),
    Mutant(TASKS, "[place == 0]", "[number == 0]", DEEP, "groups that begin with the state of others"),
    Mutant(
        TASKS,
        "place * piece : (place + 1) * piece + 1]",
        "place * piece + 1 : (place + 1) * piece + 2]",
        DEEP,
        "one late",
    ),
    Mutant(TASKS, "net.targets: values[:, 1:]", "net.targets: values[:, :-1]", DEEP, "the present value as the target"),
    Mutant(TASKS, "first += count", "first = count", DEEP, "test series that were trained on"),
    Mutant(TASKS, "self._training = {switch: True}", "self._training = {}", DEEP, "dropout that is never on"),
    Mutant(TASKS, "keep_prob=self.keep_prob)", "keep_prob=1.0)", DEEP, "runs with other dropout taken for one"),
    Mutant(
        FORECASTER,
        "state = recurrence(inputs, initial_state, mode)",
        "state = recurrence(inputs, initial_state, TESTING)",
        OWN,
        "never dropped",
    ),
    # Restoring, and what is drawn.
    Mutant(
        CHECKPOINTS, "sorted(set(shapes) - set(names))", "sorted(set())", DEEP, "a layer of the checkpoint left out"
    ),
    Mutant(TRAINING, "        checkpoints.restore(session, saver, path)", "        pass", DEEP, "nothing restored"),
    Mutant(
        STACK,
        "tf.eye(units, dtype=dtype)], 0)",
        "tf.eye(units, dtype=dtype)][::-1], 0)",
        TEST_CLASSIFIER,
        "upside down",
    ),
    Mutant(
        "rnn_tf1/training/optimize.py",
        "tf.minimum(norm, clip_norm)",
        "norm",
        CLIPPING,
        "the norm before clipping for that after",
    ),
]
