"""Unrolling, cells and their states."""

from rnn_tf1.help.explanations.entry import entry

ENTRIES = [
    entry(
        title="Shape (...) must have rank at least 3 / Input must have rank",
        texts=(
            "ValueError: Shape (20, ?) must have rank at least 3",
            "ValueError: Shape (20, None) must have rank at least 3",
        ),
        pattern=r"must have rank at least 3|Inputs? (to \w+ )?must have (rank|at least|2 or greater|a batch)",
        cause="""A recurrent layer wants `[batch, time, depth]` and got two dimensions. Where every step is one number,
            its depth is 1, and that 1 is a dimension of its own.""",
        fix="""Add the missing dimension: `tf.expand_dims(inputs, -1)` for series of plain numbers `[batch, time]`; an
            embedding for ids; `tf.expand_dims(inputs, 0)` for one sequence without a batch.""",
        show="""
            import tensorflow.compat.v1 as tf
            import rnn_tf1

            with tf.Graph().as_default():
                inputs = tf.placeholder(tf.float32, [None, 20])
                cell = rnn_tf1.BasicRNNCell(5)
                tf.nn.dynamic_rnn(cell, inputs, dtype=tf.float32)  # wrong
            """,
        line="tf.nn.dynamic_rnn(cell, tf.expand_dims(inputs, -1), dtype=tf.float32)",
    ),
    entry(
        title="Input size (depth of inputs) must be accessible via shape inference",
        texts=("ValueError: Input size (depth of inputs) must be accessible via shape inference, but saw value None",),
        pattern=r"Input size \(?depth of inputs\)? must be accessible|last dimension of the inputs .{0,80}?should be defined",
        cause="""The number of rows of the cell's kernel is depth + units, so the depth has to be known while the graph
            is built. Batch and time may stay unknown. `tf.reshape` with a -1 in the last place, and many a data set,
            lose it.""",
        fix="Give the placeholder its last dimension, or tell a tensor's: `inputs.set_shape([None, None, 3])`.",
        show="""
            import tensorflow.compat.v1 as tf
            import rnn_tf1

            with tf.Graph().as_default():
                inputs = tf.placeholder(tf.float32, [None, None, None])  # wrong
                cell = rnn_tf1.BasicRNNCell(5)
                tf.nn.dynamic_rnn(cell, inputs, dtype=tf.float32)
            """,
        line="inputs = tf.placeholder(tf.float32, [None, None, 3])",
    ),
    entry(
        title="inputs must be a sequence",
        texts=(
            "TypeError: inputs must be a sequence",
            "TypeError: Argument `inputs` must be a sequence.",
        ),
        pattern=r"(Argument )?inputs must be a (sequence|list)",
        cause="""`tf.nn.static_rnn` takes a Python list with one tensor `[batch, depth]` for each step, and got one
            tensor with all of them.""",
        fix="""Take it apart with `tf.unstack`, whose number of steps has to be known. `rnn_tf1.static_rnn` takes both,
            the list and the tensor.""",
        show="""
            import tensorflow.compat.v1 as tf
            import rnn_tf1

            with tf.Graph().as_default():
                inputs = tf.placeholder(tf.float32, [None, 4, 3])
                cell = rnn_tf1.BasicRNNCell(5)
                tf.nn.static_rnn(cell, inputs, dtype=tf.float32)  # wrong
            """,
        line="tf.nn.static_rnn(cell, tf.unstack(inputs, axis=1), dtype=tf.float32)",
    ),
    entry(
        title="If there is no initial_state, you must give a dtype",
        texts=(
            "ValueError: If there is no initial_state, you must give a dtype.",
            "ValueError: If no initial_state is provided, argument `dtype` must be specified",
        ),
        pattern=r"If there is no initial_state, you must give a dtype|If no initial_state is provided, .{0,20}?dtype",
        cause="The first state is to be zeros, and the function does not guess of which type.",
        fix="Say `dtype=tf.float32`, or pass `initial_state`. `rnn_tf1.dynamic_rnn` takes the type of the inputs.",
        show="""
            import tensorflow.compat.v1 as tf
            import rnn_tf1

            with tf.Graph().as_default():
                inputs = tf.placeholder(tf.float32, [None, 4, 3])
                cell = rnn_tf1.BasicRNNCell(5)
                tf.nn.dynamic_rnn(cell, inputs)  # wrong
            """,
        line="tf.nn.dynamic_rnn(cell, inputs, dtype=tf.float32)",
    ),
    entry(
        title="Expected state to be a tuple of length 2, but received",
        texts=(
            'ValueError: Expected state to be a tuple of length 2, but received: Tensor("zeros_1:0", shape=(6, 5), '
            "dtype=float32)",
        ),
        pattern=r"Expected state to be a tuple",
        cause="""The state of a `MultiRNNCell` is a tuple with the state of each layer, and the state of an LSTM is a
            tuple (c, h). One tensor was passed, as code from the time of `state_is_tuple=False` does.""",
        fix="""Begin with `cell.zero_state(batch_size, tf.float32)`, and hand on the state that the call returns, whole.
            From another network, map it layer by layer: `tuple(LSTMStateTuple(c, h) for ...)`.""",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default():
                inputs = tf.zeros([6, 3])
                cell = tf.nn.rnn_cell.MultiRNNCell([tf.nn.rnn_cell.BasicRNNCell(5) for _ in range(2)])
                cell(inputs, tf.zeros([6, 5]))  # wrong
            """,
        line="cell(inputs, cell.zero_state(6, tf.float32))",
        raised_on="1.15",
    ),
    entry(
        title="The two structures don't have the same nested structure",
        texts=("ValueError: The two structures don't have the same nested structure.",),
        pattern=r"two structures don.?t have the same (nested structure|sequence type|number of elements)",
        cause="""What a loop's body or a cell returns as its state is nested otherwise than what it got: a tuple for a
            list, h alone for (c, h), one layer's state for all of them.""",
        fix="""Compare the two lines "Entire first structure" and "Entire second structure" at the end of the message:
            each dot is a tensor. Return the new state in the old one's form.""",
        show="""
            import tensorflow.compat.v1 as tf


            def body(i, state):
                return i + 1, (state, state)  # wrong


            with tf.Graph().as_default():
                tf.while_loop(lambda i, state: i < 5, body, (tf.constant(0), tf.zeros([2])))
            """,
        line="return i + 1, state * 2.0",
    ),
    entry(
        title="Input tensor '...' enters the loop with shape (...), but has shape (...) after one iteration",
        texts=(
            "ValueError: Input tensor 'zeros:0' enters the loop with shape (1,), but has shape (2,) after one iteration.",
        ),
        pattern=r"enters the loop with shape|is not an invariant for the loop",
        cause="""A loop variable must keep its shape from turn to turn, and this one grows (or its batch is fixed at the
            beginning and unknown later).""",
        fix="""Collect results in a `tf.TensorArray`, which may grow. Where only a dimension's knowledge differs, say
            which ones are open: `shape_invariants=[..., tf.TensorShape([None])]`.""",
        show="""
            import tensorflow.compat.v1 as tf


            def body(i, outputs):
                return i + 1, tf.concat([outputs, [0.0]], axis=0)


            with tf.Graph().as_default():
                start = [tf.constant(0), tf.zeros([1])]
                tf.while_loop(lambda i, outputs: i < 5, body, start)  # wrong
            """,
        line="""
            shapes = [tf.TensorShape([]), tf.TensorShape([None])]
            tf.while_loop(lambda i, outputs: i < 5, body, start, shape_invariants=shapes)
            """,
    ),
]
