"""Shapes that do not fit together."""

from rnn_tf1.help.explanations.entry import entry

ENTRIES = [
    entry(
        title="ConcatOp : Dimensions of inputs should match",
        texts=(
            "ConcatOp : Dimensions of inputs should match: shape[0] = [2,3] vs. shape[1] = [6,5]",
            "ConcatOp : Dimension 0 in both shapes must be equal: shape[0] = [2,3] vs. shape[1] = [6,5]",
        ),
        pattern=r"ConcatOp",
        cause="""Two tensors are concatenated, and differ in another dimension than that one. In a
            recurrent cell it is inputs `[batch, depth]` and state `[batch, units]`: the state belongs to a batch of
            another size, mostly the last batch of an epoch, which is smaller.""",
        fix="""Take the batch size from the inputs: `cell.zero_state(tf.shape(inputs)[0], tf.float32)`, or no initial
            state at all. Where state is carried from batch to batch, leave out the last, smaller one.""",
        show="""
            import tensorflow.compat.v1 as tf
            import rnn_tf1

            with tf.Graph().as_default(), tf.Session() as session:
                inputs = tf.placeholder_with_default(tf.zeros([2, 4, 3]), [None, 4, 3])
                cell = rnn_tf1.BasicRNNCell(5)
                state = tf.placeholder_with_default(tf.zeros([6, 5]), [None, 5])  # wrong
                outputs, _ = tf.nn.dynamic_rnn(cell, inputs, initial_state=state)
                session.run(tf.global_variables_initializer())
                session.run(outputs)
            """,
        line="state = cell.zero_state(tf.shape(inputs)[0], tf.float32)",
    ),
    entry(
        title="Dimension 0 in both shapes must be equal, but are 6 and 4",
        texts=("ValueError: Dimension 0 in both shapes must be equal, but are 6 and 4. Shapes are [6] and [4].",),
        pattern=r"Dimension \d+ in both shapes must be equal",
        cause="""Tensors that are concatenated, stacked or assigned to one another differ in a dimension that must
            agree. The axis may be the wrong one: axis 0 is the batch, 1 the time, 2 the depth.""",
        fix="""Print `x.shape` of each part, and count the axes. The text after "with input shapes:" is what
            TensorFlow saw.""",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default():
                first, second = tf.zeros([6, 3]), tf.zeros([4, 3])
                tf.concat([first, second], axis=1)  # wrong
            """,
        line="tf.concat([first, second], axis=0)",
    ),
    entry(
        title="Dimensions must be equal, but are 5 and 7 for 'MatMul'",
        texts=(
            "ValueError: Dimensions must be equal, but are 5 and 7 for ... with input shapes: [6,5], [7,10].",
            "Matrix size-incompatible: In[0]: [1,5], In[1]: [7,10]",
        ),
        pattern=r"Dimensions must be equal|Matrix size-incompatible|Inner dimensions .{0,60}?must match",
        cause="""A product needs as many columns on the left as rows on the right; a sum, a difference or a mask needs
            equal sizes, or a 1. In a recurrent network: weights were made for another number of units than the cell's,
            or a checkpoint with other sizes was restored (TensorFlow 2 does not check that).""",
        fix="""Take sizes from the tensors instead of writing them twice: `[outputs.shape[-1], classes]`.
            `rnn_tf1.layers.dense` does so.""",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default():
                outputs = tf.zeros([6, 5])
                weights = tf.zeros([7, 10])  # wrong
                tf.matmul(outputs, weights)
            """,
        line="weights = tf.zeros([outputs.shape[-1], 10])",
    ),
    entry(
        title="Shape must be rank 2 but is rank 3 for 'MatMul'",
        texts=("ValueError: Shape must be rank 2 but is rank 3 for ... with input shapes: [6,4,5], [5,10].",),
        pattern=r"Shape must be (at least )?rank \d but is rank \d|Shape \(.{0,60}?\) must have rank \d",
        cause="""An operation for matrices got the outputs of all steps, `[batch, time, units]`. Old code, in which
            concat's axis came first, ends here too.""",
        fix="""For the last step take `outputs[:, -1]` (or `rnn_tf1.last_output`, which knows the lengths). For all
            steps use `rnn_tf1.layers.dense`, `tf.tensordot(outputs, weights, 1)`, or reshape to `[batch * time, units]`
            and back.""",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default():
                outputs = tf.zeros([6, 4, 5])
                weights = tf.zeros([5, 10])
                tf.raw_ops.MatMul(a=outputs, b=weights)  # wrong
            """,
        line="tf.raw_ops.MatMul(a=outputs[:, -1], b=weights)",
    ),
    entry(
        title="Incompatible shapes: [6,5] vs. [6,3]",
        texts=("Incompatible shapes: [6,5] vs. [6,3]",),
        pattern=r"Incompatible shapes: ?\[[\d,]*\] ?vs\.? ?\[[\d,]*\]|required broadcastable shapes",
        cause="""Two tensors whose sizes were unknown while building meet in a sum, product or comparison when the graph
            runs: predictions and targets of different length, or a mask `[batch, time]` for losses of another time.""",
        fix="""Print both shapes in the session: `session.run([tf.shape(a), tf.shape(b)])`. Beware of the opposite:
            `[6]` and `[6, 1]` are compatible and give `[6, 6]`, with no error and a wrong loss.""",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default(), tf.Session() as session:
                outputs = tf.placeholder_with_default(tf.zeros([6, 5]), [None, None])
                targets = tf.placeholder_with_default(tf.zeros([6, 3]), [None, None])
                session.run(tf.reduce_mean(tf.square(outputs - targets)))  # wrong
            """,
        line="session.run(tf.reduce_mean(tf.square(outputs[:, :3] - targets)))",
    ),
    entry(
        title="Input to reshape is a tensor with 12 values, but the requested shape has 10",
        texts=(
            "Input to reshape is a tensor with 12 values, but the requested shape has 10",
            "Input to reshape is a tensor with 12 values, but the requested shape requires a multiple of 5",
            "ValueError: Cannot reshape a tensor with 12 elements to shape [2,5] (10 elements)",
        ),
        pattern=r"Input to reshape is a tensor|Cannot reshape a tensor with \d+ elements",
        cause="""Reshaping keeps every number, and the sizes of the new shape make another product. A batch size that
            was written as a number meets the last, smaller batch of the epoch here.""",
        fix="""Write -1 for the one dimension that follows from the others, and take the rest from the tensor:
            `tf.reshape(x, [-1, time, depth])`.""",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default(), tf.Session() as session:
                outputs = tf.placeholder_with_default(tf.zeros([12]), [None])
                session.run(tf.reshape(outputs, [2, 5]))  # wrong
            """,
        line="session.run(tf.reshape(outputs, [-1, 6]))",
    ),
    entry(
        title="slice index 0 of dimension 0 out of bounds",
        texts=("slice index 0 of dimension 0 out of bounds.",),
        pattern=r"slice index -?\d+ of dimension \d+ out of bounds",
        cause="""`x[i]` asks for a row that is not there; index 0 of dimension 0 means that the tensor is empty. An
            empty batch was fed, a file gave no examples, or a filter kept none. `outputs[-1]` of time-major code, on
            batch-major outputs, takes the last sequence and no error tells.""",
        fix="Look at the shape of what is fed. The last step of batch-major outputs is `outputs[:, -1]`.",
        show="""
            import numpy as np
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default(), tf.Session() as session:
                outputs = tf.placeholder(tf.float32, [None, 3])
                batch = np.zeros([0, 3])  # wrong
                session.run(outputs[0], {outputs: batch})
            """,
        line="batch = np.zeros([1, 3])",
    ),
]
