"""One time step: the equations of the recurrent cells.

x [batch, depth] is the input, h [batch, units] the state, and [x, h] the two concatenated along the columns. A kernel
[depth + units, n] has the rows of x first, then those of h. sigma is the logistic function, * the elementwise product.
Names, arguments, defaults and variables are those of TensorFlow 1.15.
"""

from rnn_tf1.cells.base import RNNCell
from rnn_tf1.cells.layer_norm import LayerNormBasicLSTMCell, LayerNormRNNCell
from rnn_tf1.cells.lstm import BasicLSTMCell, LSTMCell, LSTMStateTuple
from rnn_tf1.cells.plain import BasicRNNCell, ContextRNNCell, ContextStateTuple, GRUCell

__all__ = [
    "BasicLSTMCell",
    "BasicRNNCell",
    "ContextRNNCell",
    "ContextStateTuple",
    "GRUCell",
    "LSTMCell",
    "LSTMStateTuple",
    "LayerNormBasicLSTMCell",
    "LayerNormRNNCell",
    "RNNCell",
]
