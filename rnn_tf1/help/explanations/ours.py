"""What this library says itself."""

from rnn_tf1.help.explanations.entry import entry

ENTRIES = [
    entry(
        title="rnn_tf1.errors.GraphError, DataError, CheckpointError, ...",
        texts=(
            "rnn_tf1.errors.GraphError: MultiRNNCell: the same LSTMCell object is in place 0 and in place 1, so that both "
            "would share one set of weights. Make one for each: MultiRNNCell([LSTMCell(100) for _ in range(3)]).",
        ),
        pattern=r"rnn_tf1\.errors\.(User|Graph|Data|Download|Output|Checkpoint|Training)Error\b",
        cause="""A mistake that this library found before TensorFlow could let it pass, or report it far from its place.
            Here one cell object is used for two layers, which TensorFlow 1.15 accepts: both layers would train one set
            of weights.""",
        fix="""The message itself names the place, and its last sentence is the line that fixes it. All such errors are
            `UserError`, so that a program can tell them from others.""",
        show="""
            from rnn_tf1 import LSTMCell, MultiRNNCell

            cell = LSTMCell(5)
            MultiRNNCell([cell] * 2)  # wrong
            """,
        line="MultiRNNCell([LSTMCell(5) for _ in range(2)])",
    ),
]
