"""A small translator with random weights, left in a folder as a training leaves it."""

import contextlib
import importlib.util
import json
import os

import tensorflow.compat.v1 as tf
from helpers import session, set_values, values
from places import ROOT

from rnn_tf1 import Mode
from rnn_tf1.data.pairs.translation import SentenceVocabulary
from rnn_tf1.experiments.translation import translating
from rnn_tf1.experiments.translation.translator_files import SourceRules, TranslatorFiles
from rnn_tf1.models.seq2seq import Seq2SeqConfig, build_seq2seq
from rnn_tf1.training import checkpoints

SPECIAL = list(SentenceVocabulary.special)
SOURCE = SentenceVocabulary(SPECIAL + ["dog", "cat", "sees", "the", "a", ".", ",", "never", "big", "[NUM]"])
TARGET = SentenceVocabulary(SPECIAL + ["chien", "chat", "voit", "le", "un", ".", ",", "jamais", "gros", "l'", "n'"])
SIZES = Seq2SeqConfig(source_vocabulary=len(SOURCE), target_vocabulary=len(TARGET), units=6, depth=5, cell="gru")
KEPT = TranslatorFiles(SIZES, SourceRules(), SOURCE, TARGET)
SETTINGS = {"units": 6}
LINES = [
    "The dog sees a cat.",
    "",
    "A cat",
    "big big big, the dog never sees the cat",
    " \t ",
    "the zebra sees 12 cats.",
    ".",
    "Never!",
    "",
    "the big dog",
    "a cat, a dog, the cat.",
]

_SPEC = importlib.util.spec_from_file_location("example_translate", os.path.join(ROOT, "examples", "translate.py"))
EXAMPLE = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(EXAMPLE)


def train(folder, kept=KEPT, end=1.0):
    """Leaves a run in `folder` as a training does, with random weights; `end` is added to the bias of the end."""
    kept.save(folder)
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump(SETTINGS, file)
    with tf.Graph().as_default():
        with tf.variable_scope("Model"):
            build_seq2seq(kept.config, Mode(False))
        with session() as s:
            weights = {v: values(v.op.name, v.shape.as_list()) for v in tf.trainable_variables()}
            for v in weights:
                if v.op.name.endswith("softmax_b"):
                    weights[v][TARGET.end] += end
                    weights[v][TARGET.unknown] += 1.5
            set_values(s, weights)
            checkpoints.save(s, tf.train.Saver(), os.path.join(folder, "checkpoints"), 8, prefix="best")
    return folder


@contextlib.contextmanager
def translator(folder, kept=KEPT, **how):
    """(session, net) with the weights of the run in `folder`."""
    with tf.Graph().as_default(), tf.Session() as s:
        yield s, translating.restore(s, folder, kept, **how)


def encoded(lines, kept=KEPT):
    """The ids of those lines that are not blank."""
    return [kept.source.encode(kept.rules.order(kept.rules.read(line))) for line in lines if line.strip()]
