"""Variables: created twice, not created, not initialized."""

from rnn_tf1.help.explanations.entry import entry

ENTRIES = [
    entry(
        title="Attempting to use uninitialized value / Could not find variable",
        texts=(
            "FailedPreconditionError: Attempting to use uninitialized value weights",
            "Could not find variable weights. This could mean that the variable has been deleted. In TF1, it can also mean "
            "the variable is uninitialized.",
            "Error while reading resource variable weights from Container: localhost. This could mean that the variable was "
            "uninitialized.",
        ),
        pattern=r"""Attempting to use uninitialized value | Could not find variable
            | Error while reading resource variable""",
        cause="""The variable exists in the graph, and in this session nothing has given it a value. Optimizers make
            variables too, so an initializer that was built or run before `minimize()` leaves theirs out.""",
        fix="""Build everything, then run `tf.global_variables_initializer()` once at the beginning of each session, or
            restore a checkpoint. It must not be in the training loop, where it would reset the variables at each step.""",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default(), tf.Session() as session:
                weights = tf.get_variable("weights", [3])
                session.run(weights + 1.0)  # wrong
            """,
        line="""
            session.run(tf.global_variables_initializer())
            session.run(weights + 1.0)
            """,
    ),
    entry(
        title="Variable ... already exists, disallowed. Did you mean to set reuse=True",
        texts=(
            "ValueError: Variable weights already exists, disallowed. Did you mean to set reuse=True or reuse=tf.AUTO_REUSE "
            "in VarScope?",
        ),
        pattern=r"already exists, disallowed",
        cause="""The same code has run twice in one graph: a notebook cell that was run again, or two networks without
            scopes of their own.""",
        fix="""In a notebook, begin with a fresh graph. Two networks with weights of their own need two scopes, as
            below. Only where the same weights are meant (a training and a test network) is `reuse=tf.AUTO_REUSE` right:
            elsewhere it shares weights silently.""",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default():
                for name in ("encoder", "decoder"):
                    weights = tf.get_variable("weights", [3])  # wrong
            """,
        line="""
            with tf.variable_scope(name):
                weights = tf.get_variable("weights", [3])
            """,
    ),
    entry(
        title="Trying to share variable ..., but specified shape ... and found shape ...",
        texts=("ValueError: Trying to share variable weights, but specified shape (4, 5) and found shape (3, 5).",),
        pattern=r"Trying to share variable",
        cause="""A scope with reuse asks for a variable that is there, with another size. With recurrent cells: the
            kernel has `[depth + units, ...]` rows, so one cell on inputs of two depths, or `[cell] * 2` where the first
            layer's inputs and the second's differ in depth, ends here.""",
        fix="""One cell object for each layer and each direction, one scope for each network. Where sharing is meant,
            both inputs need the same depth.""",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default():
                first = tf.get_variable("weights", [3, 5])
                with tf.variable_scope("", reuse=True):  # wrong
                    second = tf.get_variable("weights", [4, 5])
            """,
        line='with tf.variable_scope("second"):',
    ),
    entry(
        title="Variable ... does not exist, or was not created with tf.get_variable()",
        texts=(
            "ValueError: Variable test/weights does not exist, or was not created with tf.get_variable(). Did you mean to "
            "set reuse=tf.AUTO_REUSE in VarScope?",
        ),
        pattern=r"does not exist, or was not created with",
        cause="""The scope says `reuse=True`, so that nothing new may be made, and no variable has this name. The scope
            is another one than at the first use, or `minimize()` of an optimizer with slots (Adam) is inside the
            scope.""",
        fix="Use the scope of the first time, letter by letter; take the optimizer out of it.",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default():
                with tf.variable_scope("network"):
                    weights = tf.get_variable("weights", [3, 5])
                with tf.variable_scope("test", reuse=True):  # wrong
                    the_same = tf.get_variable("weights", [3, 5])
            """,
        line='with tf.variable_scope("network", reuse=True):',
    ),
    entry(
        title="Attempt to reuse RNNCell ... with a different variable scope than its first use",
        texts=(
            "ValueError: Attempt to reuse RNNCell <tensorflow.contrib.rnn.python.ops.core_rnn_cell_impl.BasicLSTMCell object "
            "at 0x10210d5c0> with a different variable scope than its first use.",
        ),
        pattern=r"Attempt to (reuse RNNCell|have a second RNNCell)",
        cause="""One cell object is used in two places: `[cell] * 2` for two layers, the same cell forward and backward,
            or for encoder and decoder. TensorFlow 1.1 raised this. Later versions say nothing and share the weights, so
            that the network is smaller than it looks.""",
        fix="""Make one cell for each place. This library refuses one object in two layers or two directions, as the
            program shows.""",
        show="""
            from rnn_tf1 import LSTMCell, MultiRNNCell

            MultiRNNCell([LSTMCell(5)] * 2)  # wrong
            """,
        line="MultiRNNCell([LSTMCell(5) for _ in range(2)])",
        raised_on="neither: only TensorFlow 1.1 says so in these words",
    ),
]
