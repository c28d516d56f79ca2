"""Recurrent networks in TensorFlow-1 graph mode, on TF 1.15 and on current TensorFlow with the same code.

Every public name can be imported from here. A name's module is loaded when the name is first used, so that
``import rnn_tf1`` alone imports no TensorFlow: a program's help is there at once, and the doctor works where TensorFlow does
not.
"""

TYPE_CHECKING = False  # as typing's, which takes a moment to import: a program's first lines should be quick
if TYPE_CHECKING:
    from typing import Any, List

__version__ = "0.1.0"

_MODULES = {
    "cells": [
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
    ],
    "wrappers": [
        "ConvolutionWrapper",
        "DeviceCellWrapper",
        "DropoutWrapper",
        "EmbeddingWrapper",
        "InputProjectionWrapper",
        "MultiRNNCell",
        "OutputProjectionWrapper",
        "ResidualWrapper",
    ],
    "attention": ["AttentionWrapper", "AttentionWrapperState", "BahdanauAttention", "LuongAttention", "tile_batch"],
    "layers": ["conv1d", "conv2d", "dense", "dropout", "embedding"],
    "layers.losses": ["perplexity", "sampled_softmax_losses", "softmax_losses"],
    "decoding": [
        "BeamOptions",
        "Beams",
        "Sampled",
        "SamplingOptions",
        "beam_search",
        "filter_logits",
        "greedy",
        "sample",
        "sample_token",
    ],
    "unrolling.fused": ["fused_rnn"],
    "legacy.legacy_seq2seq": [
        "attention_decoder",
        "basic_rnn_seq2seq",
        "embedding_attention_decoder",
        "embedding_attention_seq2seq",
        "embedding_rnn_decoder",
        "embedding_rnn_seq2seq",
        "model_with_buckets",
        "rnn_decoder",
        "sequence_loss",
        "sequence_loss_by_example",
    ],
    "unrolling.loops": [
        "bidirectional_dynamic_rnn",
        "bidirectional_rnn",
        "dynamic_rnn",
        "last_output",
        "manual_rnn",
        "stack_bidirectional_dynamic_rnn",
        "static_rnn",
    ],
    "unrolling.state": ["StateKeeper"],
    "ops.mode": ["Mode"],
    "models.stack": ["initialized", "make_cell", "bidirectional_stack", "unroll"],
    "errors": [
        "CheckpointError",
        "DataError",
        "DownloadError",
        "GraphError",
        "OutputError",
        "TrainingError",
        "UserError",
    ],
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}

__all__ = sorted(_MODULE_OF)  # noqa: PLE0605


def __getattr__(name: str) -> "Any":
    import importlib

    if name not in _MODULE_OF:
        raise AttributeError("module 'rnn_tf1' has no attribute %r" % name)
    value = getattr(importlib.import_module("rnn_tf1." + _MODULE_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> "List[str]":
    return sorted(set(globals()) | set(__all__))
