"""Losses, labels and ids."""

from rnn_tf1.help.explanations.entry import entry

ENTRIES = [
    entry(
        title="logits and labels must be broadcastable / have the same first dimension",
        texts=(
            "logits and labels must be broadcastable: logits_size=[6,10] labels_size=[4,10]",
            "logits and labels must have the same first dimension, got logits shape [24,10] and labels shape [6]",
        ),
        pattern=r"logits and labels must (be broadcastable|be same size|have the same first dimension)",
        cause="""There is not one row of logits for each label. With sequences it is mostly time that was forgotten on
            one side: logits `[batch, classes]` of the last step beside labels `[batch, time]`; or both were flattened
            in another order.""",
        fix="""Make both `[batch, time]` in front, logits with the classes last:
            `sparse_softmax_cross_entropy_with_logits` takes any number of dimensions, so that nothing needs to be
            flattened.""",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default(), tf.Session() as session:
                outputs = tf.placeholder_with_default(tf.zeros([6, 4, 10]), [None, None, 10])
                labels = tf.placeholder_with_default(tf.zeros([6], tf.int32), [None])
                logits = tf.reshape(outputs, [-1, 10])  # wrong
                loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
                session.run(loss)
            """,
        line="logits = outputs[:, -1]",
    ),
    entry(
        title="logits and labels must have the same shape",
        texts=(
            "ValueError: logits and labels must have the same shape ((?, 1) vs (?,))",
            "ValueError: `logits` and `labels` must have the same shape, received ((None, 1) vs (None,)).",
        ),
        pattern=r"logits and labels must have the same shape",
        cause="""`sigmoid_cross_entropy_with_logits` compares number with number. A layer with one unit gives `[batch,
            1]`, and the labels are `[batch]`.""",
        fix="Take away the 1 with `tf.squeeze(logits, axis=-1)`, or add one to the labels.",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default():
                logits = tf.placeholder(tf.float32, [None, 1])
                labels = tf.placeholder(tf.float32, [None])
                tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)  # wrong
            """,
        line="tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=tf.squeeze(logits, axis=-1))",
    ),
    entry(
        title="Rank mismatch: Rank of labels (received 2) should equal rank of logits minus 1",
        texts=(
            "ValueError: Rank mismatch: Rank of labels (received 2) should equal rank of logits minus 1 (received 2).",
            "ValueError: `labels.shape.rank` must equal `logits.shape.rank - 1`. Received: labels.shape=(None, 10) of rank 2 "
            "and logits.shape=(None, 10) of rank 2",
        ),
        pattern=r"Rank of labels .{0,40}?should equal rank of logits|labels\.shape\.rank must equal logits\.shape\.rank",
        cause="""The sparse loss wants class numbers, and got one-hot rows (or class numbers with a dimension of size 1
            after them).""",
        fix="""Feed class numbers `[batch]`, or take the loss for one-hot rows, `softmax_cross_entropy_with_logits_v2`.
            A column `[batch, 1]` becomes `[batch]` by `tf.squeeze(labels, axis=-1)`.""",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default():
                logits = tf.placeholder(tf.float32, [None, 10])
                labels = tf.placeholder(tf.int32, [None, 10])  # wrong
                tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
            """,
        line="labels = tf.placeholder(tf.int32, [None])",
    ),
    entry(
        title="Received a label value of 10 which is outside the valid range of [0, 10)",
        texts=("Received a label value of 10 which is outside the valid range of [0, 10).  Label values: 10",),
        pattern=r"Received a label value of",
        cause="""Classes are counted from 0, so ten classes end at 9. Labels that begin with 1, and a vocabulary that is
            larger than the layer of logits, end here. On a GPU there is no error: the loss becomes NaN.""",
        fix="Make as many logits as there are classes, or move the labels: labels - 1.",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default(), tf.Session() as session:
                labels = tf.constant([10])
                logits = tf.zeros([1, 10])  # wrong
                session.run(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
            """,
        line="logits = tf.zeros([1, 11])",
    ),
    entry(
        title="indices[0] = 10001 is not in [0, 10000)",
        texts=("indices[0] = 10001 is not in [0, 10000)",),
        pattern=r"indices\[[\d,]*\] = -?\d+ is not in \[0, ?\d+\)",
        cause="""An id is looked up in a table that has fewer rows: the data's vocabulary is larger than the
            embedding's, or padding and unknown words were numbered after the last one, or an id is -1. On a GPU there
            is no error: the row is zeros.""",
        fix="""Take the table's size from the vocabulary, never from a constant: `len(words)`, with the special words
            counted. The number in the brackets is the place in the batch.""",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default(), tf.Session() as session:
                ids = tf.constant([10001])
                vectors = tf.zeros([10000, 4])  # wrong
                session.run(tf.nn.embedding_lookup(vectors, ids))
            """,
        line="vectors = tf.zeros([10002, 4])",
    ),
    entry(
        title="Value passed to parameter 'labels' has DataType float32 not in list of allowed values",
        texts=(
            "TypeError: Value passed to parameter 'labels' has DataType float32 not in list of allowed values: int32, int64",
        ),
        pattern=r"Value passed to parameter .{1,60}? has DataType .{1,30}? not in list of allowed values",
        cause="""The operation is not made for this type: class numbers and ids have to be integers, most mathematics
            wants floats.""",
        fix="Give the placeholder the right type, or convert: `tf.cast(labels, tf.int32)`.",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default():
                logits = tf.placeholder(tf.float32, [None, 10])
                labels = tf.placeholder(tf.float32, [None])  # wrong
                tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
            """,
        line="labels = tf.placeholder(tf.int32, [None])",
    ),
    entry(
        title="Input 'y' of 'Mul' Op has type float64 that does not match type float32 of argument 'x'",
        texts=(
            "TypeError: Input 'b' of 'MatMul' Op has type float32 that does not match type float64 of argument 'a'.",
            "ValueError: Tensor conversion requested dtype float32 for Tensor with dtype float64: <tf.Tensor 'zeros:0' "
            "shape=(3,) dtype=float64>",
        ),
        pattern=r"Op has type \w+ that does not match (expected )?type|Tensor conversion requested dtype \w+ for Tensor with",
        cause="""TensorFlow converts no type by itself. NumPy's arrays are float64, weights float32:
            `tf.constant(array)` is a float64 tensor, and no product of the two exists.""",
        fix="""Say the type where the array enters: `tf.constant(array, tf.float32)`, or `tf.cast(x, tf.float32)` later.
            Placeholders convert what is fed.""",
        show="""
            import numpy as np
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default():
                weights = tf.get_variable("weights", [3, 5])
                inputs = tf.constant(np.ones([6, 3]))  # wrong
                tf.matmul(inputs, weights)
            """,
        line="inputs = tf.constant(np.ones([6, 3]), tf.float32)",
    ),
]
