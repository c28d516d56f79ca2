"""Graphs and sessions: what belongs to which, and what may be done when."""

from rnn_tf1.help.explanations.entry import entry

ENTRIES = [
    entry(
        title="The Session graph is empty",
        texts=("RuntimeError: The Session graph is empty.  Add operations to the graph before calling run().",),
        pattern=r"The Session graph is empty",
        cause="""The session was opened on another graph than the one in which the network was built. A session takes
            the graph that is the default one where `tf.Session()` is called, and that one has no operation in it.""",
        fix="Open the session inside the graph's block, or name the graph: `tf.Session(graph=graph)`.",
        show="""
            import tensorflow.compat.v1 as tf

            graph = tf.Graph()
            with graph.as_default():
                total = tf.constant(1.0) + 2.0
            with tf.Graph().as_default():
                session = tf.Session()  # wrong
                session.run(total)
            """,
        line="session = tf.Session(graph=graph)",
    ),
    entry(
        title="Cannot use 'while/...' as input to '...' because it is in a while loop",
        texts=(
            "ValueError: Cannot use 'while/mul' as input to 'add' because 'while/mul' is in a while loop. See info log for "
            "more details.",
            'ValueError: Tensor("mul:0", shape=(), dtype=int32) must be from the same graph as '
            'Tensor("while/Identity_2:0", shape=(), dtype=int32) (graphs are FuncGraph(name=while_body...) and '
            "<tensorflow.python.framework.ops.Graph object at ...>).",
        ),
        pattern=r"""because .{1,300}? is in a while loop | must be from the same graph as .{1,400}?
            FuncGraph\(name=.{0,300}? while_(body|cond)""",
        cause="""A tensor that was made inside a loop (the body of `tf.while_loop`, the cell of a `dynamic_rnn`) is used
            outside. It has one value for each turn, and outside there is no turn.""",
        fix="""Let the loop return it: one more loop variable for the last value, a `TensorArray` for one value of each
            step. With `dynamic_rnn`, what every step computes belongs into the cell's output.""",
        show="""
            import tensorflow.compat.v1 as tf

            doubled = []


            def body(i, last):
                doubled.append(i * 2)
                return i + 1, i * 2


            with tf.Graph().as_default():
                start = [tf.constant(0), tf.constant(0)]
                end, last = tf.while_loop(lambda i, last: i < 5, body, start)
                total = end + doubled[0]  # wrong
            """,
        line="total = end + last",
    ),
    entry(
        title="Tensor(...) must be from the same graph as Tensor(...)",
        texts=(
            'ValueError: Tensor("Const:0", shape=(), dtype=float32) must be from the same graph as '
            'Tensor("Placeholder:0", shape=(3,), dtype=float32)',
        ),
        pattern=r"must be from the same graph as",
        cause="""Two tensors of one operation belong to two graphs. One was built before `tf.reset_default_graph()`, in
            another `with tf.Graph().as_default():`, or in an earlier cell of a notebook.""",
        fix="""Build the whole network in one graph, from its placeholders on. In a notebook, let one cell build all of
            it.""",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default():
                inputs = tf.placeholder(tf.float32, [3])
            with tf.Graph().as_default():  # wrong
                doubled = inputs * tf.constant(2.0)
            """,
        line="with inputs.graph.as_default():",
    ),
    entry(
        title="Tensor Tensor(...) is not an element of this graph",
        texts=(
            'TypeError: Cannot interpret feed_dict key as Tensor: Tensor Tensor("Placeholder:0", shape=(3,), dtype=float32) '
            "is not an element of this graph.",
        ),
        pattern=r"is not an element of this graph",
        cause="""The session runs one graph, and the tensor that is fed or fetched belongs to another. The usual ways to
            get there: a notebook cell was run again and built a second network; the session was opened before
            `tf.reset_default_graph()`; another thread has another default graph.""",
        fix="""Use tensors and session of one graph: `tf.Session(graph=inputs.graph)`. In a notebook, run the cell that
            builds and the cell that runs, both.""",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default():
                inputs = tf.placeholder(tf.float32, [3])
                doubled = inputs * 2.0
            with tf.Graph().as_default():
                other = tf.placeholder(tf.float32, [3])
                tripled = other * 3.0
                with tf.Session() as session:
                    session.run(tripled, {inputs: [1.0, 2.0, 3.0]})  # wrong
            """,
        line="session.run(tripled, {other: [1.0, 2.0, 3.0]})",
    ),
    entry(
        title="Graph is finalized and cannot be modified",
        texts=("RuntimeError: Graph is finalized and cannot be modified.",),
        pattern=r"Graph is finalized and cannot be modified",
        cause="""An operation is made after the graph was closed, which `MonitoredTrainingSession` does, and so does a
            careful training loop. Often it is hidden in the loop: `tf.argmax(...)`, a saver, an initializer, or the +
            of two tensors. Without the closing, the graph would grow with every step, and training would become slower
            and slower.""",
        fix="Make the operation once, before the session; in the loop only run it.",
        show="""
            import tensorflow.compat.v1 as tf

            graph = tf.Graph()
            with graph.as_default():
                logits = tf.zeros([6, 10])
                best = tf.argmax(logits, 1)
                graph.finalize()
                with tf.Session() as session:
                    session.run(tf.argmax(logits, 1))  # wrong
            """,
        line="session.run(best)",
    ),
    entry(
        title="Attempted to use a closed Session",
        texts=("RuntimeError: Attempted to use a closed Session.",),
        pattern=r"Attempted to use a closed Session|Session has been closed",
        cause="""The session's "with" block has ended, or `session.close()` was called, and `run()` is called
            afterwards. The values of the variables went with the session.""",
        fix="Move the call into the block. What is needed later has to be saved to a checkpoint, and restored.",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default():
                total = tf.constant(1.0) + 2.0
                with tf.Session() as session:
                    session.run(total)
                session.run(total)  # wrong
            """,
        line="""
            with tf.Session() as session:
                session.run(total)
            """,
    ),
    entry(
        title="Using a `tf.Tensor` as a Python `bool` is not allowed",
        texts=(
            "OperatorNotAllowedInGraphError: using a `tf.Tensor` as a Python `bool` is not allowed in Graph execution.",
            "OperatorNotAllowedInGraphError: Using a symbolic `tf.Tensor` as a Python `bool` is not allowed.",
        ),
        pattern=r"using a (symbolic )?tf\.Tensor as a Python bool is not allowed",
        cause="""`if`, `while`, `and`, `or` and `not` ask for a value while the graph is built, and a tensor gets its
            value only when the graph runs.""",
        fix="""Let the graph decide: `tf.cond` for one of two branches, `tf.where` element by element, `tf.logical_and`
            for `and`. To ask whether a tensor was given at all, write `if tensor is not None`.""",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default():
                loss = tf.placeholder(tf.float32, [])
                loss = loss if loss < 10.0 else 10.0  # wrong
            """,
        line="loss = tf.where(loss < 10.0, loss, 10.0)",
    ),
    entry(
        title="Iterating over a symbolic `tf.Tensor` is not allowed",
        texts=(
            "OperatorNotAllowedInGraphError: iterating over `tf.Tensor` is not allowed in Graph execution.",
            "OperatorNotAllowedInGraphError: Iterating over a symbolic `tf.Tensor` is not allowed.",
        ),
        pattern=r"""iterating over (a symbolic )?tf\.Tensor(objects)? is not allowed
            | Tensor objects are (not iterable|only iterable) when eager execution
            | (Symbolic)?Tensor object (is not iterable|cannot be interpreted as an integer)""",
        cause="""A Python loop, or an unpacking such as `c, h = state`, goes over a tensor. While the graph is built a
            tensor has no values to go over. A state that is one tensor where a tuple is wanted ends here too.""",
        fix="""Where the length is known, `tf.unstack` gives a Python list. Over the steps of a sequence, `dynamic_rnn`
            is the loop, and `tf.while_loop` or `tf.map_fn` are loops for everything else.""",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default():
                inputs = tf.placeholder(tf.float32, [None, 4, 3])
                sums = [tf.reduce_sum(step) for step in inputs]  # wrong
            """,
        line="sums = [tf.reduce_sum(step) for step in tf.unstack(inputs, axis=1)]",
    ),
    entry(
        title="Cannot convert a symbolic Tensor to a numpy array",
        texts=(
            "NotImplementedError: Cannot convert a symbolic Tensor (Placeholder:0) to a numpy array.",
            "NotImplementedError: Cannot convert a symbolic tf.Tensor (Placeholder:0) to a numpy array. This error may "
            "indicate that you're trying to pass a Tensor to a NumPy call, which is not supported.",
        ),
        pattern=r"Cannot convert a symbolic (tf\.)?Tensor",
        cause="""A NumPy function got a tensor of a graph, which has no value yet. With TensorFlow 1.15 and NumPy 1.20
            or later it also comes from TensorFlow itself: `tf.zeros([tf.shape(x)[0], 5])`, and so the zero state of its
            own cells, fails although the code is right.""",
        fix="""Use TensorFlow's function of the same name while building (`tf.tanh` for `np.tanh`), NumPy's on what
            `session.run` returns. Where the traceback ends inside TensorFlow 1.15, install the NumPy that fits it, `pip
            install "numpy<1.20"`: `python -m rnn_tf1.doctor` says whether that is it.""",
        show="""
            import numpy as np
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default():
                inputs = tf.placeholder(tf.float32, [3])
                outputs = np.tanh(inputs)  # wrong
            """,
        line="outputs = tf.tanh(inputs)",
    ),
    entry(
        title="'Tensor' object has no attribute 'numpy'",
        texts=(
            "AttributeError: 'Tensor' object has no attribute 'numpy'",
            "AttributeError: 'SymbolicTensor' object has no attribute 'numpy'",
        ),
        pattern=r"Tensor object has no attribute numpy",
        cause="""`x.numpy()` is how eager code reads a value. Inside a graph a tensor has no value before a session has
            run it.""",
        fix="Ask the session: `value = session.run(x)`.",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default(), tf.Session() as session:
                total = tf.constant(1.0) + 2.0
                print(total.numpy())  # wrong
            """,
        line="print(session.run(total))",
    ),
    entry(
        title="GraphDef cannot be larger than 2GB",
        texts=("ValueError: Cannot create a tensor proto whose content is larger than 2GB.",),
        pattern=r"""GraphDef (cannot|can not) be larger than 2 ?GB|tensor proto whose content is larger than 2GB
            |exceeded maximum protobuf size of 2GB""",
        cause="""A big array became a constant of the graph: all the data, or word vectors. The graph is one message of
            at most 2 GB, which is also written to every checkpoint's .meta file. A graph that grows in a loop ends here
            too.""",
        fix="""Feed data in batches. Word vectors become a variable that is filled once through its initializer, as
            below; the graph then holds only the operation.""",
        show="""
            import numpy as np
            import tensorflow.compat.v1 as tf

            vectors = np.zeros([2**20, 512], np.float32)
            with tf.Graph().as_default():
                embedding = tf.constant(vectors)  # wrong
            """,
        line="""
            start = tf.placeholder(tf.float32, vectors.shape)
            embedding = tf.get_variable("embedding", initializer=start)
            # once: session.run(embedding.initializer, {start: vectors})
            """,
    ),
    entry(
        title="Cannot assign a device for operation",
        texts=(
            "Cannot assign a device for operation add: ... was explicitly assigned to /device:GPU:7 but available devices are "
            "[ /job:localhost/replica:0/task:0/device:CPU:0",
        ),
        pattern=r"Cannot assign a device for operation|Could not satisfy explicit device specification",
        cause="""`tf.device(...)` names a device that this process does not have: a GPU on a machine without one, a
            number too high, a GPU that TensorFlow cannot use; or the operation exists for CPUs only.""",
        fix="""Let TensorFlow move what cannot stay: `tf.ConfigProto(allow_soft_placement=True)`. What was moved is reported
            by `rnn_tf1.devices.placement.placement_report`; why a GPU is not seen, by `python -m rnn_tf1.doctor`.""",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default():
                with tf.device("/device:GPU:7"):
                    total = tf.constant(1.0) + 2.0
                with tf.Session() as session:  # wrong
                    session.run(total)
            """,
        line="with tf.Session(config=tf.ConfigProto(allow_soft_placement=True)) as session:",
    ),
    entry(
        title="No OpKernel was registered to support Op 'CudnnRNN'",
        texts=("No OpKernel was registered to support Op 'CudnnRNN' used by ...",),
        pattern=r"No OpKernel was registered to support Op CudnnRNN",
        cause="""The graph contains cuDNN's own recurrent layer (`CudnnLSTM`, `CudnnGRU`), which runs on NVIDIA's GPUs
            only, and this process has none.""",
        fix="""Build the network from cells: `rnn_tf1.fused_rnn` takes the products of all steps at once and runs
            everywhere. Weights that cuDNN trained have another layout and have to be converted.""",
        show="""
            import tensorflow.compat.v1 as tf
            import rnn_tf1

            with tf.Graph().as_default(), tf.Session() as session:
                inputs, state = tf.zeros([4, 6, 3]), tf.zeros([1, 6, 5])
                weights = tf.zeros([200])
                outputs = tf.raw_ops.CudnnRNN(  # wrong
                    input=inputs, input_h=state, input_c=state, params=weights  # wrong
                )  # wrong
                session.run(tf.global_variables_initializer())
                session.run(outputs)
            """,
        line="outputs, state = rnn_tf1.fused_rnn(rnn_tf1.LSTMCell(5), tf.transpose(inputs, [1, 0, 2]))",
    ),
]
