"""Code written for TensorFlow 1 that meets TensorFlow 2, an old book's code, an old book's NumPy."""

from rnn_tf1.help.explanations.entry import entry

ENTRIES = [
    entry(
        title="No module named 'tensorflow.contrib'",
        texts=(
            "ModuleNotFoundError: No module named 'tensorflow.contrib'",
            "AttributeError: module 'tensorflow' has no attribute 'contrib'",
            "AttributeError: module 'tensorflow.compat.v1' has no attribute 'contrib'",
        ),
        pattern=r"No module named tensorflow\.contrib|module tensorflow[\w.]* has no attribute contrib",
        cause="""The contrib modules were removed in TensorFlow 2, and nothing in it takes their place: not
            `tensorflow.compat.v1` either.""",
        fix="""What recurrent networks need of them has the same name here, the same arguments and the same variables:
            the cells and wrappers of `contrib.rnn`, the attention and the beam search of `contrib.seq2seq`, the ten
            functions of `contrib.legacy_seq2seq`. Change the import.""",
        show="""
            from tensorflow.contrib.rnn import BasicLSTMCell  # wrong

            cell = BasicLSTMCell(5)
            """,
        line="from rnn_tf1 import BasicLSTMCell",
        raised_on="2",
    ),
    entry(
        title="`LSTMCell` is not available with Keras 3",
        texts=(
            "AttributeError: `LSTMCell` is not available with Keras 3.",
            "AttributeError: `dense` is not available with Keras 3.",
        ),
        pattern=r"is not available with Keras 3",
        cause="""`tf.nn.rnn_cell` and `tf.layers` are made of Keras inside. TensorFlow 2.16 and later come with Keras 3,
            which dropped what they were made of.""",
        fix="""The cells and wrappers are here under their old names, with the variables of TensorFlow 1.15, so that old
            checkpoints restore; so are `rnn_tf1.layers.dense`, conv1d, conv2d and dropout for `tf.layers`.""",
        show="""
            import tensorflow.compat.v1 as tf
            import rnn_tf1

            with tf.Graph().as_default():
                inputs = tf.placeholder(tf.float32, [None, 7, 3])
                cell = tf.nn.rnn_cell.LSTMCell(5)  # wrong
                outputs, state = rnn_tf1.dynamic_rnn(cell, inputs)
            """,
        line="cell = rnn_tf1.LSTMCell(5)",
        raised_on="2",
    ),
    entry(
        title="module 'tensorflow' has no attribute 'placeholder', 'Session', ...",
        texts=(
            "AttributeError: module 'tensorflow' has no attribute 'placeholder'",
            "AttributeError: module 'tensorflow' has no attribute 'Session'",
            "AttributeError: module 'tensorflow._api.v2.nn' has no attribute 'rnn_cell'",
        ),
        pattern=r"""module tensorflow[\w.]* has no attribute (placeholder|Session|InteractiveSession|ConfigProto|GPUOptions
            |get_variable|variable_scope|get_collection|global_variables|trainable_variables|initialize_all_variables
            |reset_default_graph|get_default_graph|set_random_seed|random_normal|random_uniform|truncated_normal|log|layers
            |flags|app|gfile|logging|AUTO_REUSE|assign|to_float|to_int32|train\.?\w*Optimizer|AdamOptimizer|Saver|FileWriter
            |rnn_cell|dynamic_rnn|static_rnn|bidirectional_dynamic_rnn|static_bidirectional_rnn|xw_plus_b|log_softmax_v1
            |sparse_placeholder|placeholder_with_default|ConfigProto|disable_v2_behavior|disable_eager_execution|enable_eager)""",
        cause="""The code is written for TensorFlow 1 and runs on TensorFlow 2, where these names are gone from the top
            level.""",
        fix="""They are all in `tensorflow.compat.v1`, on both TensorFlows. Import that as tf, and build inside a graph.
            For `tf.nn.rnn_cell` a second step is needed: import the cells from `rnn_tf1`.""",
        show="""
            import tensorflow as tf  # wrong

            with tf.Graph().as_default(), tf.compat.v1.Session() as session:
                inputs = tf.placeholder(tf.float32, [None, 3])
            """,
        line="import tensorflow.compat.v1 as tf",
        raised_on="2",
    ),
    entry(
        title="tf.placeholder() is not compatible with eager execution",
        texts=("RuntimeError: tf.placeholder() is not compatible with eager execution.",),
        pattern=r"is not compatible with eager execution|not supported when eager execution is enabled",
        cause="""TensorFlow 2 computes at once ("eagerly") unless a graph is built. A placeholder belongs to a
            graph, and there is none.""",
        fix="""Build in a graph of your own, as below. Or switch eager execution off for the whole program, once, right
            after the import: `tf.disable_eager_execution()`.""",
        show="""
            import tensorflow.compat.v1 as tf

            inputs = tf.placeholder(tf.float32, [None, 3])  # wrong
            """,
        line="""
            with tf.Graph().as_default():
                inputs = tf.placeholder(tf.float32, [None, 3])
            """,
        raised_on="2",
    ),
    entry(
        title="No module named 'tensorflow.examples'",
        texts=("ModuleNotFoundError: No module named 'tensorflow.examples'",),
        pattern=r"No module named tensorflow\.examples|module tensorflow[\w.]* has no attribute examples",
        cause="""The tutorials' readers of MNIST (`tensorflow.examples.tutorials.mnist.input_data`) were never a part of
            the library, and TensorFlow 2 does not contain them.""",
        fix="""`rnn_tf1.data.images.mnist` fetches the same four files, checks them and reads them. It needs no TensorFlow;
            `examples/mnist_rows.py` shows how batches are made of it.""",
        show="""
            from tensorflow.examples.tutorials.mnist import input_data  # wrong
            """,
        line="from rnn_tf1.data.images import mnist",
        raised_on="2",
    ),
    entry(
        title="module 'numpy' has no attribute 'object', 'bool', 'float'",
        texts=(
            "AttributeError: module 'numpy' has no attribute 'object'.\n"
            "`np.object` was a deprecated alias for the builtin `object`. To avoid this error in existing code, use `object` "
            "by itself.",
        ),
        pattern=r"module numpy has no attribute (object|bool|float|int|str|complex|typeDict)",
        cause="""`np.object`, `np.bool`, `np.int` and `np.float` were other names for Python's own types. NumPy 1.24
            removed them (`np.bool` came back in NumPy 2 as a type of NumPy's own).""",
        fix="""In your own code write object, bool, int or float. Where the line is inside TensorFlow, NumPy is too new
            for it: `python -m rnn_tf1.doctor` prints the pip command with the right version.""",
        show="""
            import numpy as np

            words = np.array(["the", "cat"], dtype=np.object)  # wrong
            """,
        line='words = np.array(["the", "cat"], dtype=object)',
        raised_on="2",
    ),
    entry(
        title='An op outside of the function building code is being passed a "Graph" tensor',
        texts=(
            "TypeError: An op outside of the function building code is being passed\n"
            'a "Graph" tensor. It is possible to have Graph tensors\n'
            "leak out of the function building context by including a\n"
            "tf.init_scope in your function building code.",
            "TypeError: <tf.Tensor 'Placeholder:0' shape=(3,) dtype=float32> is out of scope and cannot be used here. Use "
            "return values, explicit Python locals or TensorFlow collections to access it.",
        ),
        pattern=r"op outside of the function building code is being passed|is out of scope and cannot be used here",
        cause="""A tensor of a graph is used where TensorFlow 2 computes eagerly: after the graph's block has ended, or
            outside of the `tf.function` that made it. It is a place in that graph and has no value outside.""",
        fix="""Keep everything that uses the tensor inside the same `with tf.Graph().as_default():`, and let a session
            compute its value.""",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default():
                inputs = tf.placeholder(tf.float32, [3])
            doubled = inputs * 2.0  # wrong
            """,
        line="""
            with inputs.graph.as_default():
                doubled = inputs * 2.0
            """,
        raised_on="2",
    ),
    entry(
        title="Only call `softmax_cross_entropy_with_logits` with named arguments",
        texts=(
            "ValueError: Only call `softmax_cross_entropy_with_logits` with named arguments (labels=..., logits=..., ...)",
        ),
        pattern=r"Only call \w*softmax_cross_entropy_with_logits with named arguments",
        cause="""Before TensorFlow 1.0 the order of the arguments was (logits, labels). It was turned round, and so that
            old code does not silently exchange the two, TensorFlow 1.15 insists on names. TensorFlow 2 no longer does:
            there the first argument is taken for the labels.""",
        fix="Name both arguments. On TensorFlow 2 look twice: unnamed arguments raise nothing there.",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default():
                logits, labels = tf.zeros([6, 10]), tf.fill([6, 10], 0.1)
                tf.nn.softmax_cross_entropy_with_logits(logits, labels)  # wrong
            """,
        line="tf.nn.softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits)",
        raised_on="1.15",
    ),
]
