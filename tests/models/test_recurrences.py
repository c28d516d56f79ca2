"""A recurrence of one's own in the place of that of the config: where it says the same, the graph is the same, op by op."""

import dataclasses

import pytest
import tensorflow.compat.v1 as tf

from rnn_tf1 import Mode, bidirectional_stack, dynamic_rnn, make_cell, unroll
from rnn_tf1.models.classifier import ClassifierConfig, build_classifier
from rnn_tf1.models.forecaster import ForecasterConfig, build_carried_forecaster
from rnn_tf1.models.sketch_classifier import SketchClassifierConfig, build_sketch_classifier
from rnn_tf1.models.text_classifier import TextClassifierConfig, build_text_classifier
from rnn_tf1.models.video_classifier import VideoClassifierConfig, build_video_classifier

SIZES = dict(cell="gru", units=6, layers=2, keep_prob=0.5)
MODE = Mode(True, 3)


def one_way(x, lengths, mode):
    return dynamic_rnn(make_cell("gru", 6, 2, 0.5, mode), x, lengths)[0]


def both_ways(x, lengths, mode):
    cells = [[make_cell("gru", 3, 1, 0.5, mode) for _ in range(2)] for _ in range(2)]
    return bidirectional_stack(*cells, x, lengths)[0]


def by_rows(x, mode):
    return unroll("static", make_cell("gru", 6, 2, 0.5, mode), x)[0]


def carried(x, initial_state, mode):
    cell = make_cell("gru", 6, 2, 0.5, mode)
    return unroll("static", cell, x, initial_state=initial_state(cell))


def forecaster(config, mode, recurrence=None):
    return build_carried_forecaster(config, 4, mode, recurrence=recurrence)


def ops(build, config, **more):
    """(type and name of each op in order, what the variables are called): a seed's first weights hang on them."""
    with tf.Graph().as_default() as graph:
        build(config, MODE, **more)
        return [(op.type, op.name) for op in graph.get_operations()], [v.op.name for v in tf.global_variables()]


@pytest.mark.parametrize(
    ("build", "config", "recurrence"),
    [
        (build_text_classifier, TextClassifierConfig(**SIZES), one_way),
        (build_text_classifier, TextClassifierConfig(bidirectional=True, **SIZES), both_ways),
        (build_sketch_classifier, SketchClassifierConfig(**SIZES), both_ways),
        (build_video_classifier, VideoClassifierConfig(**SIZES), one_way),
        (build_classifier, ClassifierConfig(**SIZES), by_rows),
        (forecaster, ForecasterConfig(steps=5, **SIZES), carried),
    ],
)
def test_the_same_graph(build, config, recurrence):
    """A recurrence that is not taken, or read without the mode, the lengths or the state that was carried; a seed that gives
    other first weights, for an op was built before them or left out."""
    theirs = dataclasses.replace(config, cell="basic", layers=1)  # what says nothing any more
    assert ops(build, theirs, recurrence=recurrence) == ops(build, config) != ops(build, theirs)
