"""The messages of this library."""

from rnn_tf1.help.explanations.entry import entry

ENTRIES = [
    entry(
        title="rnn_tf1.errors.GraphError, DataError, CheckpointError, ...",
        texts=(
            "rnn_tf1.errors.GraphError: MultiRNNCell: positions 0 and 1 hold the same LSTMCell object, so that both would "
            "share one set of weights. Make a cell for each: MultiRNNCell([LSTMCell(100) for _ in range(3)]).",
        ),
        pattern=r"rnn_tf1\.errors\.(User|Graph|Data|Download|Output|Checkpoint|Training)Error\b",
        cause="""A mistake that this library found before TensorFlow could accept it, or report it far from its cause. Here
            one cell object is used for two layers, which TensorFlow 1.15 accepts: both layers would train the same
            weights.""",
        fix="""The message names the place, and its last sentence is the line that fixes it. All such errors are a
            `UserError`, so that a program can tell them from others.""",
        show="""
            from rnn_tf1 import LSTMCell, MultiRNNCell

            cell = LSTMCell(5)
            MultiRNNCell([cell] * 2)  # wrong
            """,
        line="MultiRNNCell([LSTMCell(5) for _ in range(2)])",
    ),
]
