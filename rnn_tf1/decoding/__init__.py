"""Sequences of tokens from a model, the whole loop inside the graph: one session call for any number of tokens.

A model is given as one step, a function, and the logits and the state after the prompt::

    logits, state = advance(tokens, state)      tokens int32 [rows], logits [rows, vocabulary]

`advance` is called once while the graph is built, as the body of a loop, so that the size of the graph does not depend on the
number of tokens. Its variables must exist: the model has read the prompt with them, say, and `advance` uses them again. A
function that makes new variables is refused, because nothing has trained them::

    scope = tf.get_variable_scope()

    def advance(tokens, state):
        with tf.variable_scope(scope, reuse=True):
            output, state = cell(embedded(tokens), state)
            return dense(output, vocabulary), state

`sample` draws tokens at random, `greedy` takes the most likely one at each step, and `beam_search` looks for the most likely
sequences. There are as many rows as texts, and in `beam_search` `width` times as many.
"""

from rnn_tf1.decoding.beam import BeamOptions, Beams, beam_search
from rnn_tf1.decoding.loop import Sampled, greedy
from rnn_tf1.decoding.sampling import SamplingOptions, filter_logits, sample, sample_token

__all__ = [
    "BeamOptions",
    "Beams",
    "Sampled",
    "SamplingOptions",
    "beam_search",
    "filter_logits",
    "greedy",
    "sample",
    "sample_token",
]
