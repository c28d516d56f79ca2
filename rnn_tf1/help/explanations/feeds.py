"""What is fed to a session and what is fetched from it."""

from rnn_tf1.help.explanations.entry import entry

ENTRIES = [
    entry(
        title="You must feed a value for placeholder tensor",
        texts=("You must feed a value for placeholder tensor 'inputs' with dtype float and shape [?,3]",),
        pattern=r"You must feed a value",
        cause="""What is fetched depends on a placeholder that is not in the `feed_dict`. Often it is not the one you
            think of: a keep probability, an "`is_training`", a second network in the same graph, or a merged summary
            that reads everything.""",
        fix="""The message names the placeholder. Feed it; one that nearly always has the same value is better a
            `tf.placeholder_with_default(1.0, [])`. Names end in `_1` where a notebook cell has built the network twice:
            begin the cell with `tf.reset_default_graph()`.""",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default(), tf.Session() as session:
                inputs = tf.placeholder(tf.float32, [None, 3], name="inputs")
                total = tf.reduce_sum(inputs)
                session.run(total)  # wrong
            """,
        line="session.run(total, {inputs: [[1.0, 2.0, 3.0]]})",
    ),
    entry(
        title="Cannot feed value of shape (...) for Tensor '...', which has shape (...)",
        texts=(
            "ValueError: Cannot feed value of shape (1, 784) for Tensor 'inputs:0', which has shape '(?, 28, 28)'",
            "ValueError: Cannot feed value of shape (1, 784) for Tensor inputs:0, which has shape (None, 28, 28)",
        ),
        pattern=r"Cannot feed value of shape",
        cause="""The array has another number of dimensions than the placeholder, or another size where the
            placeholder's is fixed. ? and `None` stand for any size.""",
        fix="""Reshape the array: a recurrent network wants `[batch, time, depth]`, so that a batch of MNIST images
            becomes `[batch, 28, 28]`, and one series of plain numbers `[1, time, 1]`.""",
        show="""
            import numpy as np
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default(), tf.Session() as session:
                inputs = tf.placeholder(tf.float32, [None, 28, 28], name="inputs")
                images = np.zeros([1, 784])
                session.run(inputs, {inputs: images})  # wrong
            """,
        line="session.run(inputs, {inputs: images.reshape([-1, 28, 28])})",
    ),
    entry(
        title="setting an array element with a sequence",
        texts=(
            "ValueError: setting an array element with a sequence.",
            "ValueError: setting an array element with a sequence. The requested array has an inhomogeneous shape after 1 "
            "dimensions.",
        ),
        pattern=r"setting an array element with a sequence",
        cause="Sequences of different length were fed as one list of lists. NumPy cannot make a rectangle of them.",
        fix="""Fill up the short ones with a number of your choice, and tell the network the true lengths by
            `sequence_length`: later steps then change nothing. `rnn_tf1.data.ragged` makes such batches.""",
        show="""
            import tensorflow.compat.v1 as tf
            from rnn_tf1.data.ragged import pad

            with tf.Graph().as_default(), tf.Session() as session:
                ids = tf.placeholder(tf.int32, [None, None])
                sentences = [[1, 2, 3], [4, 5]]
                session.run(ids, {ids: sentences})  # wrong
            """,
        line="""
            padded, lengths = pad(sentences)
            session.run(ids, {ids: padded})
            """,
    ),
    entry(
        title="The value of a feed cannot be a tf.Tensor object",
        texts=("TypeError: The value of a feed cannot be a tf.Tensor object.",),
        pattern=r"The value of a feed cannot be a tf\.Tensor",
        cause="""A tensor is a value of the `feed_dict`. Only numbers, lists and arrays can be fed: a
            tensor has no value before it runs.""",
        fix="Run the tensor first and feed what comes back, or build it into the graph in the placeholder's place.",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default(), tf.Session() as session:
                inputs = tf.placeholder(tf.float32, [3])
                zeros = tf.zeros([3])
                session.run(inputs + 1.0, {inputs: zeros})  # wrong
            """,
        line="session.run(inputs + 1.0, {inputs: session.run(zeros)})",
    ),
    entry(
        title="Cannot interpret feed_dict key as Tensor",
        texts=(
            "TypeError: Cannot interpret feed_dict key as Tensor: The name 'inputs' refers to an Operation, not a Tensor.",
            "TypeError: Cannot interpret feed_dict key as Tensor: Can not convert a NoneType into a Tensor.",
        ),
        pattern=r"Cannot interpret feed_dict key",
        cause="""The left side of the `feed_dict` is no tensor: `None`, a number, a name without ":0". A name that was
            given to the placeholder and later to the data (`inputs = next(batches)`) ends here too.""",
        fix="Feed the placeholder itself, or its whole name with the output's number.",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default(), tf.Session() as session:
                inputs = tf.placeholder(tf.float32, [3], name="inputs")
                session.run(inputs + 1.0, {"inputs": [1.0, 2.0, 3.0]})  # wrong
            """,
        line='session.run(inputs + 1.0, {"inputs:0": [1.0, 2.0, 3.0]})',
    ),
    entry(
        title="Fetch argument None has invalid type <class 'NoneType'>",
        texts=(
            "TypeError: Fetch argument None has invalid type <class 'NoneType'>",
            'TypeError: Argument `fetch` = None has invalid type "NoneType". Cannot be None',
        ),
        pattern=r"Fetch argument None|Fetch argument .{1,300}? has invalid type|Argument fetch = .{1,300}? has invalid type",
        cause="""What `session.run` is asked for is no tensor. `None` is what `tf.summary.merge_all()` returns where no
            summary was made, and what `tf.gradients` returns where no path leads to the variable. A NumPy array is
            there where the result of the last run has taken the tensor's name: `loss = session.run(loss)`.""",
        fix="Give results other names than tensors, and fetch only what is there.",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default(), tf.Session() as session:
                loss = tf.constant(1.0)
                summaries = tf.summary.merge_all()
                session.run([loss, summaries])  # wrong
            """,
        line="""
            tf.summary.scalar("loss", loss)
            session.run([loss, tf.summary.merge_all()])
            """,
    ),
    entry(
        title="Fetch argument 'logits:0' cannot be interpreted as a Tensor",
        texts=(
            "ValueError: Fetch argument 'logits:0' cannot be interpreted as a Tensor. (\"The name 'logits:0' refers to a "
            "Tensor which does not exist. The operation, 'logits', does not exist in the graph.\")",
            "ValueError: Argument `fetch` = logits:0 cannot be interpreted as a Tensor.",
        ),
        pattern=r"(Argument fetch|Fetch argument) .{1,300}? cannot be interpreted as|refers to a Tensor which does not exist",
        cause="""No operation of the graph has this name. Scopes come before a name and numbers after it:
            `"network/logits:0"`, `"logits_1:0"`.""",
        fix="""Keep the tensor in a Python variable and fetch that. For a graph that was loaded, list what it has:
            `[operation.name for operation in graph.get_operations()]`.""",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default(), tf.Session() as session:
                with tf.variable_scope("network"):
                    logits = tf.zeros([6, 10], name="logits")
                session.run("logits:0")  # wrong
            """,
        line='session.run("network/logits:0")',
    ),
]
