"""Layers: dense, convolution, embedding, dropout; the softmax over a vocabulary; losses."""

from rnn_tf1.layers.basic import conv1d, conv2d, dense, dropout, embedding, mode_dropout

__all__ = ["conv1d", "conv2d", "dense", "dropout", "mode_dropout", "embedding"]
