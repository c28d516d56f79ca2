"""Attention: at every step a decoder looks at all steps of a memory and takes their weighted mean.

Names, arguments, defaults, variables and state types are those of contrib.seq2seq of TensorFlow 1.15; what is new is
keyword-only and last. A translator's decoder::

    memory, encoder_state = dynamic_rnn(GRUCell(256), source, source_length)        # [batch, time, 256]
    mechanism = BahdanauAttention(128, memory, source_length)
    cell = AttentionWrapper(GRUCell(256), mechanism, attention_layer_size=256)
    state = cell.zero_state(batch, tf.float32).clone(cell_state=encoder_state)
    outputs, state = dynamic_rnn(cell, target, target_length, state)                # [batch, steps, 256]
"""

from rnn_tf1.attention.mechanisms import AttentionMechanism, BahdanauAttention, LuongAttention
from rnn_tf1.attention.rows import tile_batch
from rnn_tf1.attention.wrapper import AttentionWrapper, AttentionWrapperState

__all__ = [
    "AttentionMechanism",
    "AttentionWrapper",
    "AttentionWrapperState",
    "BahdanauAttention",
    "LuongAttention",
    "tile_batch",
]
