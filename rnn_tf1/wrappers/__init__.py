"""Wrappers: cells around other cells. Each wrapper is itself a cell, so that they nest in any order.

Names, arguments, defaults and variables are those of TensorFlow 1.15; what is new is keyword-only and last.
"""

from rnn_tf1.wrappers.dropout import DropoutWrapper
from rnn_tf1.wrappers.layers import DeviceCellWrapper, MultiRNNCell, ResidualWrapper
from rnn_tf1.wrappers.projections import (
    ConvolutionWrapper,
    EmbeddingWrapper,
    InputProjectionWrapper,
    OutputProjectionWrapper,
)

__all__ = [
    "ConvolutionWrapper",
    "DeviceCellWrapper",
    "DropoutWrapper",
    "EmbeddingWrapper",
    "InputProjectionWrapper",
    "MultiRNNCell",
    "OutputProjectionWrapper",
    "ResidualWrapper",
]
