"""Embedded Reber strings: a network that judges them, and another one that writes them; the automaton judges what it writes."""

import os
from typing import Any, Callable, Dict, List

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1 import plotting
from rnn_tf1.data.generated import reber
from rnn_tf1.data.ragged import RaggedBatches
from rnn_tf1.data.text.text import Vocabulary
from rnn_tf1.experiments.classification.classify import Classification, judge
from rnn_tf1.experiments.figures import Figure, Figures
from rnn_tf1.experiments.language.language_model import LanguageModelling
from rnn_tf1.models.language_model import LanguageModelConfig, Recurrence
from rnn_tf1.models.text_classifier import TextClassifier, TextClassifierConfig, build_text_classifier
from rnn_tf1.ops.mode import Mode
from rnn_tf1.program.files import locked
from rnn_tf1.training import Recipe, Run, RunFolder, StepDecay

FIGURES = Figures(
    "reber",
    Figure("test_accuracy", "test accuracy", "percent"),
    Figure("memory_accuracy", "on strings that need memory", "percent"),
    Figure("written_valid", "written strings that are valid", "%.1f %%"),
    Figure("letter_perplexity", "perplexity per letter", "%.4f"),
    Figure("best_perplexity", "the best possible", "%.4f"),
)


def folder(settings: Any, name: str, *without: str) -> RunFolder:
    """Of one of the two networks; the settings `without` are of the other one."""
    made_of = settings.identity(data="reber", tensorflow=tf.__version__)
    return RunFolder(os.path.join(settings.out_dir, name), {key: made_of[key] for key in made_of if key not in without})


class Reading(Classification):
    """The network that judges whether a string is valid.

    Args:
      settings, read: see `main`.
      train: the strings to learn from.
      vocabulary: of their letters.
    """

    figures = FIGURES
    origin = "generated: embedded Reber strings"

    def __init__(self, settings: Any, read: Callable[..., Any], train: reber.Strings, vocabulary: Vocabulary):
        recipe = Recipe(settings.epochs, settings.learning_rate)
        super().__init__(settings, recipe, folder(settings, "reading", "writing_epochs"))
        self.train_strings, self.vocabulary, self._read = train, vocabulary, read

    def load(self) -> None:
        seed, known, held_out = self.seed, self.train_strings.strings, 300 if self.settings.quick else 3000
        validation = reber.unseen(held_out // 3, seed, 3, known)
        self.test_strings = reber.unseen(held_out, seed, 4, known + validation.strings)
        parts = self.train_strings, validation, self.test_strings
        print("%d strings to learn from, %d and %d others" % tuple(len(p.strings) for p in parts), flush=True)

        def batches(part: Any) -> RaggedBatches:
            ids = [self.vocabulary.encode(list(string)) for string in part.strings]
            return RaggedBatches(ids, part.labels, self.settings.batch_size, seed)

        train, valid, test = (batches(part) for part in parts)
        self.use(train, valid.in_order(500), test.in_order(500))

    def network(self, mode: Mode) -> TextClassifier:
        config = TextClassifierConfig(vocabulary=len(self.vocabulary), depth=16, units=self.settings.units)

        def recurrence(letters: Any, lengths: Any, mode: Mode) -> Any:
            return self._read(letters, lengths, self.settings)

        return build_text_classifier(config, mode, recurrence=recurrence)

    def report(self, run: Run) -> Dict[str, Any]:
        with self.restored() as (session, net):
            judged = judge(session, net, self.test)
        strings = self.test_strings.strings
        hard = [number for number, text in enumerate(strings) if reber.needs_memory(text)]
        remembered = float(np.mean([judged.probabilities[number].argmax() == 0 for number in hard]))
        print("reading: %.3f %% of %d unseen strings are judged right" % (100 * judged.accuracy, len(strings)))
        print("  of the %d that are broken in the last letter but one alone: %.3f %%" % (len(hard), 100 * remembered))
        plotting.accuracy_curves({"reading": run.history}, 0.5, self.picture("curves.png"))
        return dict(
            test_accuracy=judged.accuracy,
            test_strings=len(strings),
            memory_accuracy=remembered,
            memory_strings=len(hard),
            longest_test_string=max(map(len, strings)),
        )


class Writing(LanguageModelling):
    """The network that learns which letter comes next, from the valid strings alone.

    Args:
      settings, make_cell, write: see `main`.
      data: from `reber.streams`.
    """

    figures = FIGURES

    def __init__(self, settings: Any, make_cell: Callable[..., Any], write: Callable[..., Any], data: reber.Streams):
        constant = max(1, settings.writing_epochs // 2)
        recipe = Recipe(settings.writing_epochs, 0.01, 5.0, StepDecay(constant, 0.7))
        config = LanguageModelConfig(
            units=settings.units, vocabulary=len(data.vocabulary), steps=60, batch_size=8, init_scale=0.2
        )
        recurrence = Recurrence(
            lambda config, mode: make_cell(settings), lambda cell, letters, state, config: write(cell, letters, state)
        )
        place = folder(settings, "writing", "epochs", "batch_size", "learning_rate")
        super().__init__(settings, recipe, config, data, place, recurrence)

    def judge(self, known: List[str]) -> Dict[str, Any]:
        """What the automaton says of new strings; `known`: those that it has learned from."""
        longest = max(map(len, known))
        texts = self.write_on([""] * self.settings.write, 4 * longest, stop=self.data.vocabulary.end)
        written = [text.replace(" ", "").strip() for text in texts]
        valid = [text for text in written if reber.is_valid(text)]
        new, wrong = set(valid) - set(known), [text for text in written if not reber.is_valid(text)]
        print("writing: %d of %d strings are valid, %d of them new, such as" % (len(valid), len(written), len(new)))
        print("  " + "\n  ".join(sorted(new, key=len)[-3:]))
        print("not valid: %s" % (", ".join(wrong[:3]) or "none"))
        return dict(written_valid=len(valid) / len(written), written_new=len(new))


def main(settings: Any, make_cell: Callable[..., Any], read: Callable[..., Any], write: Callable[..., Any]) -> None:
    """Trains the one network, then the other, and publishes.

    Args:
      settings: those of ``examples/reber.py``.
      make_cell: make_cell(settings) gives the cell of the network that writes.
      read: read(letters, lengths, settings) gives the outputs of the network that judges, [batch, time, units].
      write: write(cell, letters, state) gives the outputs of the network that writes, [time, batch, units], and the last state.
    """
    with locked(settings.out_dir):
        counts = settings.strings, settings.strings // 5, settings.strings
        drawn = [reber.generate(count, settings.seed, part) for part, count in enumerate(counts)]
        data = reber.streams(*drawn)
        reading = Reading(settings, read, drawn[0], data.vocabulary)
        writing = Writing(settings, make_cell, write, data)
        reading.load()
        runs = [reading.train()]
        values = reading.report(runs[0])
        writing.load()
        runs.append(writing.train())
        values["letter_perplexity"] = writing.report(runs[1])["test_perplexity"]
        values["best_perplexity"] = reber.best_perplexity(drawn[2].valid())
        values.update(writing.judge(drawn[0].strings))
        FIGURES.publish(settings, reading.origin, sum(run.seconds for run in runs), values)
