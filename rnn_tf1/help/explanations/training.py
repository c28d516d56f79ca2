"""Gradients, losses that are not numbers, memory, the end of the data."""

from rnn_tf1.help.explanations.entry import entry

ENTRIES = [
    entry(
        title="No gradients provided for any variable",
        texts=(
            "ValueError: No gradients provided for any variable, check your graph for ops that do not support gradients",
        ),
        pattern=r"No gradients provided for any variable",
        cause="""No path leads from the loss back to a variable. argmax, round, comparisons, casts to integers and a
            loss of the labels alone have no gradient, and neither has what came in through NumPy or a placeholder.""",
        fix="""Compute the loss from the logits, before argmax: accuracy can be measured and not descended. To find the
            break, walk backwards: `tf.gradients(tensor, variables)` is `[None, ...]` as long as the break is before the
            tensor.""",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default():
                logits = tf.get_variable("logits", [6, 10])
                labels = tf.zeros([6], tf.int64)
                wrong = tf.not_equal(tf.argmax(logits, 1), labels)
                loss = tf.reduce_mean(tf.cast(wrong, tf.float32))  # wrong
                tf.train.AdamOptimizer().minimize(loss)
            """,
        line="""
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
            loss = tf.reduce_mean(losses)
            """,
    ),
    entry(
        title="None values not supported",
        texts=("ValueError: None values not supported.",),
        pattern=r"None values not supported",
        cause="""An operation got `None`. With gradients: a variable that the loss does not depend on has the gradient
            `None`, and `clip_by_value` and `clip_by_norm` do not take it.""",
        fix="""Leave out what has no gradient, or clip all by their common norm: `tf.clip_by_global_norm` lets `None`
            through. And ask why the variable plays no part: a layer may be cut off.""",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default():
                used, unused = tf.get_variable("used", [3]), tf.get_variable("unused", [3])
                gradients = tf.gradients(tf.reduce_sum(tf.square(used)), [used, unused])
                clipped = [tf.clip_by_norm(gradient, 1.0) for gradient in gradients]  # wrong
            """,
        line="clipped, norm = tf.clip_by_global_norm(gradients, 1.0)",
    ),
    entry(
        title="No variables to optimize",
        texts=("ValueError: No variables to optimize.",),
        pattern=r"No variables to optimize",
        cause="""The graph has no trainable variable: `minimize()` is called in another graph than the network, or before
            it, or all variables were made with `trainable=False`.""",
        fix="Build the network, then the optimizer, in one graph.",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default():
                weights = tf.get_variable("weights", [3], trainable=False)  # wrong
                tf.train.AdamOptimizer().minimize(tf.reduce_sum(tf.square(weights)))
            """,
        line='weights = tf.get_variable("weights", [3])',
    ),
    entry(
        title="NaN loss during training / Nan in summary histogram",
        texts=(
            "Nan in summary histogram for: entropy",
            "NanLossDuringTrainingError: NaN loss during training.",
            "ERROR:tensorflow:Model diverged with loss = NaN.",
            "the loss : Tensor had NaN values",
        ),
        pattern=r"""Nan in summary histogram | NaN loss | Model diverged with loss = NaN
            | Tensor had (NaN|Inf) | Found Inf or NaN global norm | loss (is|:|=) nan""",
        cause="""A number has become larger than a float holds, or is 0/0 or `log(0)`. In recurrent networks it is
            mostly a gradient that explodes over many steps; else a learning rate that is too high, a division by a
            length or a sum of weights that is zero, a logarithm of a probability that was rounded to 0, or a NaN in the
            data.""",
        fix="""Look at the data first: `np.isfinite(data).all()`. Then clip the gradients' norm (`rnn_tf1.training.optimize`
            does), take a tenth of the learning rate, and let TensorFlow take the logarithm: `log_softmax`, or
            `softmax_cross_entropy_with_logits` on logits, instead of `log(softmax)`. `loss = tf.check_numerics(loss,
            "loss")`, on this tensor and on those before it, shows where it begins.""",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default(), tf.Session() as session:
                logits = tf.constant([[200.0, 0.0]])
                entropy = -tf.nn.softmax(logits) * tf.log(tf.nn.softmax(logits))  # wrong
                session.run(tf.summary.histogram("entropy", entropy))
            """,
        line="entropy = -tf.nn.softmax(logits) * tf.nn.log_softmax(logits)",
    ),
    entry(
        title="OOM when allocating tensor with shape",
        texts=(
            "OOM when allocating tensor with shape[100000000,100,10000] and type float on "
            "/job:localhost/replica:0/task:0/device:CPU:0 by allocator ...cpu",
        ),
        pattern=r"OOM when allocating tensor|ran out of memory trying to allocate|Resource exhausted: ?OOM|bad_alloc",
        cause="""The memory is full. Training a recurrent network keeps the activations of every step, so memory grows
            with batch times steps; logits `[batch, time, vocabulary]` are often the largest tensor of all. A graph
            unrolled by `static_rnn` also needs memory for its thousands of operations.""",
        fix="""Multiply the shape in the message by 4 bytes and see which factor is too large. Cut long sequences into
            pieces with carried state (`rnn_tf1.StateKeeper`): memory then no longer grows with length. Smaller batches
            and a sampled softmax for large vocabularies help too.""",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default(), tf.Session() as session:
                batch, time, vocabulary = tf.placeholder(tf.int32, []), 100, 10000
                logits = tf.fill(tf.stack([batch, time, vocabulary]), 0.0)
                session.run(tf.reduce_sum(logits), {batch: 10**8})  # wrong
            """,
        line="session.run(tf.reduce_sum(logits), {batch: 2})",
    ),
    entry(
        title="OutOfRangeError: End of sequence / queue is closed and has insufficient elements",
        texts=(
            "OutOfRangeError: ...End of sequence",
            "FIFOQueue '_1_fifo_queue' is closed and has insufficient elements (requested 1, current size 0)",
        ),
        pattern=r"OutOfRange\w*:.{0,4000}?End of sequence|End of sequence \[\[|is closed and has insufficient elements",
        cause="""The data are at their end. For a `tf.data` iterator this is the ordinary way to say so. A queue that is
            closed before its first element had an error in the thread that fills it: a file that is not there.""",
        fix="""Catch `tf.errors.OutOfRangeError` as the end of an epoch, or let the data repeat: `dataset.repeat()`.
            With queues, look above for the first error.""",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default(), tf.Session() as session:
                data = tf.data.Dataset.range(2)  # wrong
                batch = tf.data.make_one_shot_iterator(data).get_next()
                for step in range(3):
                    session.run(batch)
            """,
        line="data = tf.data.Dataset.range(2).repeat()",
    ),
]
