"""Wrong lines for what reads steps and names a class."""

from planted import Mutant

MODEL, STACK = "rnn_tf1/models/sequence_classifier.py", "rnn_tf1/models/stack.py"
IMAGES, LAYERS = "rnn_tf1/models/image_encoder.py", "rnn_tf1/layers/basic.py"
TEXT, VIDEO, SKETCH, CAPTION, MISSING = [
    "rnn_tf1/models/%s.py" % name
    for name in ("text_classifier", "video_classifier", "sketch_classifier", "captioner", "missing_word")
]
KINDS, OF_CAPTIONS, OF_WORDS = [
    "tests/models/test_%s.py" % name for name in ("classifiers", "captioner", "missing_word")
]
CONV, SEEN = ["tests/models/test_image_encoder.py -k " + name for name in ("conv2d", "encode")]
GRAPH = "tests/models/test_sequence_classifier.py -k "
NUMPY, DROPPED = (GRAPH + "numpy", GRAPH + "'dropout or dropped'")
OWN = "tests/models/test_recurrences.py"
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
        "weights = tf.cast(read, tf.float32)",
        "weights = tf.ones_like(outputs[:, :, 0])",
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
        '        summary = mode_dropout(summary, config.keep_prob, "summary", mode)\n',
        "",
        DROPPED,
        "what the softmax reads is not dropped",
    ),
    Mutant(MODEL, 'message="a sequence of length 0")]', 'message="")] * 0', MISTAKES, "rows without a step"),
    Mutant(
        MODEL,
        "= recurrence(x, lengths, mode)",
        "= recurrence(x, None, mode)",
        OWN,
        "a recurrence that reads the padding",
    ),
    Mutant(
        STACK,
        "x, dtype=x.dtype, sequence_length=lengths",
        "x, dtype=x.dtype, sequence_length=None",
        NUMPY,
        "the padding, both ways",
    ),
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
        "rows % factor or columns % factor",
        "rows % factor",
        "tests/models/test_image_encoder.py -k mistakes",
        "columns lost",
    ),
    Mutant(TEXT, "initializer=vectors, ", "", KINDS + " -k elsewhere", "vectors not taken"),
    Mutant(TEXT, ", trainable=config.train_embedding", "", KINDS + " -k elsewhere", "vectors that do not stay"),
    Mutant(TEXT, "config.input_keep_prob", "1.0", KINDS + " -k dropout", "words not dropped"),
    Mutant(VIDEO, "config.depth, tf.nn.relu", "config.depth, None", KINDS + " -k frames", "no ReLU"),
    Mutant(
        VIDEO,
        'padding="causal", activation=tf.nn.relu',
        'padding="causal"',
        KINDS + " -k frames",
        "a linear convolution",
    ),
    Mutant(VIDEO, "if config.convolution:", "if config.convolution > 1:", KINDS + " -k frames", "none of one frame"),
    Mutant(
        SKETCH,
        "read = (read - 1) // strides + 1",
        "read = read // strides",
        KINDS + " -k strokes",
        "the last step lost",
    ),
    Mutant(
        SKETCH,
        "config.strides if layer == len",
        "config.strides if layer != len",
        KINDS + " -k strokes",
        "another stride",
    ),
    Mutant(
        SKETCH,
        "[config.kernel_size - strides, strides - 1]",
        "[config.kernel_size - 1, 0]",
        KINDS + " -k every_stroke",
        "the last stroke of an even number",
    ),
    Mutant(
        SKETCH,
        "[config.kernel_size - strides, strides - 1]",
        "[0, config.kernel_size - 1]",
        KINDS + " -k strokes",
        "a convolution that looks ahead",
    ),
    Mutant(SKETCH, "            if strides > 1:", "            if False:", KINDS + " -k strokes", "what lies behind"),
    Mutant(
        SKETCH,
        "if not 1 <= config.strides <= config.kernel_size:",
        "if False:",
        KINDS + " -k between",
        "strokes between the windows",
    ),
    Mutant(
        SKETCH,
        "            x = mode_dropout(x, config.keep_prob, name, mode)\n",
        "",
        KINDS + " -k dropout",
        "strokes not dropped",
    ),
    Mutant(CAPTION, "memory += get_variable(", "get_variable(", OF_CAPTIONS + " -k numpy", "no places"),
    Mutant(
        CAPTION,
        "if config.attention is not None:",
        "if True:",
        OF_CAPTIONS + " -k every_weight",
        "places that nobody looks at, counted as trained",
    ),
    Mutant(CAPTION, "int(size), tf.tanh,", "int(size), None,", OF_CAPTIONS + " -k numpy", "no tanh"),
    Mutant(
        CAPTION,
        "BeamOptions(width, length_penalty)",
        "BeamOptions(width)",
        OF_CAPTIONS + " -k search",
        "no length penalty",
    ),
    Mutant(
        CAPTION,
        "    check_decoder(config)\n    images, targets",
        "    images, targets",
        OF_CAPTIONS + " -k mistakes",
        "no words",
    ),
    Mutant(MISSING, "left[:, :-2], right[:, 2:]", "left[:, :-2], right[:, 1:-1]", OF_WORDS, "the word itself is read"),
    Mutant(
        MISSING, "left[:, :-2], right[:, 2:]", "left[:, 1:-1], right[:, 2:]", OF_WORDS, "the word is read from the left"
    ),
    Mutant(
        MISSING,
        "network(x, lengths + 2, config, mode)",
        "network(x, None, config, mode)",
        OF_WORDS,
        "the padding read backwards",
    ),
    Mutant(
        MISSING,
        '        x = mode_dropout(x, config.keep_prob, "words", mode)\n',
        "",
        OF_WORDS + " -k dropout",
        "words not dropped",
    ),
    Mutant(
        MISSING,
        '        hidden = mode_dropout(hidden, config.keep_prob, "read", mode)\n',
        "",
        OF_WORDS + " -k dropout",
        "what was read not dropped",
    ),
    Mutant(
        CAPTION,
        '"whole_image", mode)',
        '"whole_image", Mode(False))',
        OF_CAPTIONS + " -k dropout",
        "an image",
    ),
    Mutant(MISSING, "[0][:, :-2]", "[0][:, 1:-1]", OF_WORDS, "a model of the left that reads the word"),
    Mutant(MISSING, "config.depth, tf.tanh,", "config.depth, None,", OF_WORDS + " -k numpy", "no tanh"),
    Mutant(MISSING, "table if config.tied else None", "None", OF_WORDS + " -k numpy", "never tied"),
]
