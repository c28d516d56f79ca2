"""Wrong lines for what reads steps and names a class."""

from planted import Mutant

MODEL, STACK = "rnn_tf1/models/sequence_classifier.py", "rnn_tf1/models/stack.py"
IMAGES, LAYERS = "rnn_tf1/models/image_encoder.py", "rnn_tf1/layers.py"
CONV, SEEN = ["tests/test_image_encoder.py -k " + name for name in ("conv2d", "encode")]
GRAPH = "tests/test_sequence_classifier.py -k "
NUMPY, PADDING, DROPPED = GRAPH + "numpy", GRAPH + "padding", GRAPH + "'dropout or dropped'"
MISTAKES = GRAPH + "mistakes"

MUTANTS = [
    Mutant(
        MODEL,
        "return last_output(outputs, lengths), ()",
        "return last_output(outputs), ()",
        NUMPY,
        "the padding's output",
    ),
    Mutant(MODEL, "last_output(forward, lengths)", "last_output(forward)", NUMPY, "the first direction's padding"),
    Mutant(
        MODEL, "backward[:, 0]]", "last_output(backward, lengths)]", NUMPY, "the second direction before it has read"
    ),
    Mutant(
        MODEL, "tf.cast(tf.expand_dims(lengths, 1)", "tf.cast(tf.shape(outputs)[1]", NUMPY, "a mean over the padding"
    ),
    Mutant(
        MODEL,
        "share = tf.cast(read, tf.float32)",
        "share = tf.ones_like(outputs[:, :, 0])",
        NUMPY,
        "the padding's share",
    ),
    Mutant(MODEL, "tf.fill(tf.shape(scores), -1e30)", "tf.zeros_like(scores)", NUMPY, "attention on the padding"),
    Mutant(MODEL, 'config.units, tf.tanh, "hidden"', 'config.units, None, "hidden"', NUMPY, "no tanh"),
    Mutant(MODEL, "losses * read, correct * read,", "losses * read, correct,", NUMPY, "right answers to the padding"),
    Mutant(MODEL, "= losses * read,", "= losses,", NUMPY, "losses of the padding"),
    Mutant(MODEL, "tf.reduce_sum(lengths)\n", "tf.size(labels)\n", NUMPY, "a mean over the padding, for each"),
    Mutant(MODEL, "tf.argmax(logits, -1", "tf.argmin(logits, -1", NUMPY, "the least likely class"),
    Mutant(
        MODEL,
        '        summary = dropout(summary, config.keep_prob, None, seed, "summary", is_training=is_training, step=step)\n',
        "",
        DROPPED,
        "what the softmax reads is not dropped",
    ),
    Mutant(MODEL, 'message="a sequence of length 0")]', 'message="")] * 0', MISTAKES, "rows without a step"),
    Mutant(MODEL, "if config.classes < 2:", "if False:", MISTAKES, "one class"),
    Mutant(
        STACK,
        "dynamic_rnn(cell, x, lengths, dtype=x",
        "dynamic_rnn(cell, x, None, dtype=x",
        NUMPY,
        "the padding is read",
    ),
    Mutant(
        LAYERS,
        "[1, strides, strides, 1], padding.upper()",
        '[1, strides, strides, 1], "SAME"',
        CONV,
        "zeros around all",
    ),
    Mutant(
        LAYERS, "kernel, [1, strides, strides, 1]", "kernel, [1, 1, strides, 1]", CONV, "a stride over columns alone"
    ),
    Mutant(
        LAYERS,
        'bias = get_variable("bias", [filters], x.dtype, tf.zeros_initializer())\n        y = tf.nn.bias_add',
        'bias = 0 * get_variable("bias", [filters], x.dtype)\n        y = tf.nn.bias_add',
        CONV,
        "no bias",
    ),
    Mutant(IMAGES, "tf.nn.max_pool2d(images, 2, 2", "tf.nn.avg_pool2d(images, 2, 2", SEEN, "a mean, not the maximum"),
    Mutant(IMAGES, "activation=tf.nn.relu, ", "", SEEN, "no ReLU"),
    Mutant(
        IMAGES,
        "rows % once or columns % once",
        "rows % once",
        "tests/test_image_encoder.py -k mistakes",
        "columns lost",
    ),
]
