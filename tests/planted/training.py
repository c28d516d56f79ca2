"""Wrong lines for the classifier, the train op, the loop, the checkpoints and the data."""

from planted import Mutant

CLASSIFIER, STACK, LAYERS = "rnn_tf1/models/classifier.py", "rnn_tf1/models/stack.py", "rnn_tf1/layers/basic.py"
FOLDER = "rnn_tf1/training/folder.py"
OPTIMIZE, TRAINING, CHECKPOINTS = (
    "rnn_tf1/training/optimize.py",
    "rnn_tf1/training/loop.py",
    "rnn_tf1/training/checkpoints.py",
)
BATCHES = "rnn_tf1/data/batches.py"
STEPS = "rnn_tf1/unrolling/loops.py"

TEST_DIFFER, TEST_ADVICE = (
    "tests/training/test_training.py -k may_differ",
    "tests/training/test_training.py -k what_to_do",
)
TEST_CLASSIFIER, TEST_TRAINING = "tests/models/test_classifier.py", "tests/training/test_training.py"
TEST_BATCHES = "tests/data/test_batches.py"

MUTANTS = [
    # The classifier and what stands around it.
    Mutant(
        CLASSIFIER,
        "logits = dense(last_output(outputs)",
        "logits = dense(outputs[:, 0]",
        TEST_CLASSIFIER,
        "the first output instead of the last",
    ),
    Mutant(CLASSIFIER, "tf.argmax(logits, 1,", "tf.argmin(logits, 1,", TEST_CLASSIFIER, "the unlikeliest class"),
    Mutant(
        CLASSIFIER,
        "loss=tf.reduce_mean(losses)",
        "loss=tf.reduce_sum(losses)",
        TEST_CLASSIFIER,
        "a sum instead of a mean",
    ),
    Mutant(
        CLASSIFIER,
        "step_logits = dense(outputs,",
        "step_logits = dense(outputs[:, ::-1],",
        TEST_CLASSIFIER,
        "the steps' answers reversed",
    ),
    Mutant(
        STACK,
        "is_training=mode.is_training",
        "is_training=True",
        TEST_CLASSIFIER,
        "dropout left on at the test",
    ),
    Mutant(
        STACK,
        "step=mode.step",
        "step=None",
        TEST_CLASSIFIER,
        "masks that do not depend on the step",
    ),
    Mutant(
        STACK,
        "is_training=mode.is_training,",
        "is_training=False,",
        TEST_CLASSIFIER,
        "dropout never on",
    ),
    Mutant(
        STACK,
        "**options) for _ in range(config.layers)]",
        "**options) for _ in range(1)]",
        TEST_CLASSIFIER,
        "one layer whatever is asked for",
    ),
    Mutant(STACK, '"lstm": BasicLSTMCell', '"lstm": GRUCell', TEST_CLASSIFIER, "a GRU under the LSTM's name"),
    Mutant(STACK, "use_peepholes=True", "use_peepholes=False", TEST_CLASSIFIER, "peepholes left out"),
    Mutant(
        STACK,
        "tf.variance_scaling_initializer(2.0)",
        "tf.variance_scaling_initializer(1.0)",
        TEST_CLASSIFIER,
        "half of He's variance",
    ),
    Mutant(
        LAYERS,
        "tf.nn.bias_add(tf.matmul(x, kernel), bias)",
        "tf.matmul(x, kernel)",
        TEST_CLASSIFIER,
        "a bias that is not added",
    ),
    Mutant(
        LAYERS,
        "tf.nn.bias_add(tf.matmul(x, kernel), bias)\n        return y if activation is None else activation(y)",
        "tf.nn.bias_add(tf.matmul(x, kernel), bias)\n        return y",
        TEST_CLASSIFIER,
        "an activation that is left out",
    ),
    # The train op.
    Mutant(
        OPTIMIZE,
        "(learning_rate, tf.cast(step, tf.float32)",
        "(learning_rate, 1.0 - tf.cast(step, tf.float32)",
        "tests/training/test_training.py -k closed_form",
        "a learning rate that rises",
    ),
    Mutant(
        OPTIMIZE,
        "tf.cast(step, tf.float32) / total_steps, 1)",
        "step, total_steps)",
        "tests/training/test_training.py -k last_bit",
        "rates that differ in the last bit from those of the published figures",
    ),
    Mutant(
        OPTIMIZE,
        "tf.clip_by_global_norm(gradients, clip_norm, norm)",
        "tf.clip_by_global_norm(gradients, clip_norm * norm, norm)",
        "tests/training/test_training.py -k clip",
        "a clip that clips nothing",
    ),
    Mutant(
        OPTIMIZE,
        "zip(gradients, variables), global_step=step)",
        "zip(gradients, variables))",
        TEST_TRAINING,
        "updates that are not counted",
    ),
    Mutant(
        OPTIMIZE,
        "norm = tf.global_norm(gradients)",
        "norm = tf.global_norm(gradients[:1])",
        TEST_TRAINING,
        "the norm of one variable for that of all",
    ),
    # The loop and its checkpoints.
    Mutant(
        TRAINING,
        "in feeds(epoch, start):",
        "in feeds(epoch, 0):",
        TEST_TRAINING,
        "the first batches of an epoch seen twice after a resume",
    ),
    Mutant(
        TRAINING,
        "epoch, start = divmod(step, per_epoch)",
        "epoch, start = divmod(step + (restored is not None and step % per_epoch), per_epoch)",
        TEST_TRAINING,
        "a resumed step lost",
    ),
    Mutant(
        TRAINING,
        'sums: Dict[str, float] = known.get("sums", {})',
        "sums: Dict[str, float] = {}",
        TEST_TRAINING,
        "the sums of a half epoch forgotten",
    ),
    Mutant(
        TRAINING,
        "total / per_epoch for name",
        "total for name",
        TEST_TRAINING,
        "sums in the history instead of means",
    ),
    Mutant(TRAINING, "            sums.clear()\n", "", TEST_TRAINING, "sums that run on into the next epoch"),
    Mutant(
        TRAINING,
        'score > best["score"]',
        'score < best["score"]',
        TEST_TRAINING,
        "the worst epoch kept as the best",
    ),
    Mutant(
        TRAINING,
        'len(history) - best["epoch"] >= self.patience',
        'len(history) - best["epoch"] > self.patience',
        TEST_TRAINING,
        "early stopping one epoch late",
    ),
    Mutant(TRAINING, "if not np.isfinite(values[name])", "if False", TEST_TRAINING, "NaN that is trained on"),
    Mutant(
        TRAINING,
        "        checkpoints.restore(session, best_saver,",
        "        str(",
        TEST_TRAINING,
        "the last weights instead of the best",
    ),
    Mutant(TRAINING, "    elif hint:\n", "    elif False:\n", TEST_TRAINING, "another config taken for the same run"),
    Mutant(
        TRAINING,
        "        checkpoints.keep_newest(kept, 2, step)\n\n",
        "        checkpoints.keep_newest(kept, 1, step)\n\n",
        TEST_TRAINING,
        "no checkpoint to fall back to",
    ),
    Mutant(TRAINING, "stopping or time.monotonic()", "time.monotonic()", TEST_TRAINING, "Ctrl-C without a checkpoint"),
    Mutant(
        TRAINING,
        "start + batch_size] for key",
        "start + batch_size - 1] for key",
        TEST_TRAINING,
        "a row of each batch left out of the evaluation",
    ),
    Mutant(
        CHECKPOINTS,
        "for match, _ in found if match), reverse=True)",
        "for match, _ in found if match))",
        TEST_TRAINING,
        "the oldest checkpoint taken for the newest",
    ),
    Mutant(
        CHECKPOINTS,
        "elif list(shapes[name]) != shape:",
        "elif False:",
        TEST_TRAINING,
        "a wrong shape that TensorFlow complains about",
    ),
    Mutant(
        CHECKPOINTS, '".tempstate" in path', '".nothing" in path', TEST_TRAINING, "leftovers of a killed save that stay"
    ),
    # Batching and data.
    Mutant(
        BATCHES,
        "np.random.RandomState([seed, epoch])",
        "np.random.RandomState([seed, 0])",
        TEST_BATCHES,
        "the same order in every epoch",
    ),
    Mutant(
        BATCHES,
        "np.random.RandomState([seed, epoch])",
        "np.random.RandomState(seed + epoch)",
        TEST_BATCHES,
        "neighbouring seeds that share their orders",
    ),
    Mutant(
        BATCHES,
        "for number in range(start, total)",
        "for number in range(0, total)",
        TEST_BATCHES,
        "a start that is ignored",
    ),
    Mutant(
        BATCHES,
        "(number + 1) * batch_size]",
        "(number + 1) * batch_size - 1]",
        TEST_BATCHES,
        "the last row of each batch lost",
    ),
    Mutant(
        STEPS,
        "return outputs.op.inputs[-1]",
        "return outputs.op.inputs[0]",
        TEST_CLASSIFIER,
        "the first of the stacked steps for the last",
    ),
    Mutant(
        TRAINING,
        "return -np.inf if np.isnan(score) else score",
        "return float(score)",
        "tests/training/test_training.py -k not_a_number",
        "NaN kept as the best score",
    ),
    Mutant(
        TRAINING,
        "if self.monitor is None:",
        "if False:",
        "tests/training/test_training.py -k without_a_monitor",
        "the first epoch kept where the last one is to be",
    ),
    Mutant(FOLDER, 'startswith(old + "; ")', "startswith(old)", TEST_DIFFER, "a checksum that begins like another"),
    Mutant(
        FOLDER,
        "if name in may_lack and None in (old, new):",
        "if name in may_lack:",
        TEST_DIFFER,
        "any vocabulary accepted",
    ),
    Mutant(FOLDER, "if name in may_lack and", "if", TEST_DIFFER, "any entry may lack"),
    Mutant(TRAINING, "kept), *train_op.advice)", "kept))", TEST_ADVICE, "the advice lost"),
]
