"""The rows of handwritten digits, and a series: the two tasks of deep_rnn."""
