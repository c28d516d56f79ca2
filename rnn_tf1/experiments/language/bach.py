"""How good a model of chorales is, and what it writes. It is trained as a language model of notes, see `language_model`."""

import dataclasses
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence

import numpy as np

from rnn_tf1 import plotting
from rnn_tf1.data.music import chorales, scores
from rnn_tf1.data.text.text import END, Vocabulary, Windows
from rnn_tf1.errors import Argument, DataError, UserError
from rnn_tf1.experiments.figures import Figure, Figures
from rnn_tf1.experiments.language import pictures
from rnn_tf1.experiments.language.language_model import SCORED_STEPS, LanguageModelling, check_finite
from rnn_tf1.models.language_model import LanguageModelConfig, Recurrence
from rnn_tf1.program.terminal import say
from rnn_tf1.training import Recipe, Run, StepDecay


class Judged(NamedTuple):
    """How well the next notes are predicted, each from all notes before it, over whole chorales; their ends are not counted.

    The voices come one after the other: of the same chord the soprano is predicted from nothing, the alto from the soprano, the
    tenor from both, the bass from all three. Repeating is given the chord before alone.
    """

    accuracy: float  # share of the notes that are the likeliest one
    by_voice: List[float]  # the same for soprano, alto, tenor, bass
    nats: float  # mean of -log p of the notes
    nats_of_chords: float  # the same of whole chords: the sum over their four notes
    repeated: float  # share of the notes that are those of the chord before: what needs no network
    repeated_by_voice: List[float]  # the same for soprano, alto, tenor, bass
    notes: int


def judge(session: Any, net: Any, parts: Sequence[np.ndarray], vocabulary: Vocabulary) -> Judged:
    """See `Judged`.

    Args:
      net: a test graph of one row and `SCORED_STEPS` steps.
      parts: chorales. The first chord of each is read and not counted, since nothing stands before it.
    """
    words = [[*chorales.to_words(chorale), END] for chorale in parts]
    ids = [vocabulary.encode(some) for some in words]
    windows = Windows(np.concatenate(ids), SCORED_STEPS, vocabulary.end)
    right, losses = [], []
    for number in range(windows.count):
        inputs, targets, weights = windows.batch(number)
        feed = {net.inputs: inputs, net.targets: targets, net.weights: weights, net.begins: number == 0}
        p, loss, _ = session.run([net.probabilities, net.losses, net.carry], feed)
        kept = np.ravel(weights) > 0
        right.append((p.argmax(2) == targets).ravel()[kept])
        losses.append(loss.ravel()[kept])
    ends = np.cumsum([len(one) for one in ids])[:-1]
    counted = slice(len(chorales.VOICES), -1)
    hits, nats = (
        np.concatenate([one[counted] for one in np.split(np.concatenate(found), ends)]).reshape(
            -1, len(chorales.VOICES)
        )
        for found in (right, losses)
    )
    again = np.concatenate([chorale[1:] == chorale[:-1] for chorale in parts])
    return Judged(
        float(hits.mean()),
        hits.mean(0).tolist(),
        float(nats.mean()),
        float(nats.sum(1).mean()),
        float(again.mean()),
        again.mean(0).tolist(),
        hits.size,
    )


class Bach(LanguageModelling):
    """A language model of notes, which goes on with a chorale that it has never heard.

    Args:
      settings: those of ``examples/bach.py``.
      make_cell, network: see `models.language_model.Recurrence`.
    """

    figures = Figures(
        "bach",
        Figure("note_accuracy", "next notes predicted", "percent"),
        Figure("repeated_accuracy", "by repeating the last chord", "percent"),
        Figure("soprano_accuracy", "soprano alone", "percent"),
        Figure("repeated_soprano_accuracy", "by repeating its last note", "percent"),
        Figure("nats_per_chord", "nats per chord", "%.3f"),
    )

    def __init__(self, settings: Any, make_cell: Callable[..., Any], network: Callable[..., Any]):
        decay = StepDecay(max(1, settings.epochs // 2), 0.5)
        recipe = Recipe(settings.epochs, settings.learning_rate, 5.0, decay)
        config = LanguageModelConfig(
            cell=settings.cell,
            units=settings.units,
            layers=settings.layers,
            keep_prob=settings.keep_prob,
            convolution=settings.convolution,
            input_keep_prob=settings.keep_prob,
            unroll="dynamic",
            forget_bias=None,
            steps=128,
            batch_size=32,
        )
        super().__init__(settings, recipe, config, recurrence=Recurrence(make_cell, network))
        self.no_midi: Optional[UserError] = None  # why chorale.mid has not been written

    def load(self) -> None:
        self.chorales = chorales.load(self.settings.data_dir)
        if self.settings.quick:
            train, validation, test = self.chorales[:3]
            self.chorales = self.chorales._replace(train=train[:20], validation=validation[:5], test=test[:5])
        count = len(self.chorales.test)
        if self.settings.chorale >= count:
            raise DataError(Argument("chorale", self.settings.chorale), ": there are %d, counted from 0." % count)
        self.origin, self.identity = self.chorales.origin, self.chorales.identity
        self.data = chorales.streams(self.chorales, self.settings.keys, self.seed)
        self.config = dataclasses.replace(self.config, vocabulary=len(self.data.vocabulary))
        super().load()

    def report(self, run: Run) -> Dict[str, Any]:
        with self.restored() as (session, net):
            judged = judge(session, net, self.chorales.test, self.data.vocabulary)
        check_finite({"nats of a note": judged.nats}, "the best epoch", self.advice)
        print("notes of %d test chorales: %d" % (len(self.chorales.test), judged.notes))
        for voice, share, again in zip(chorales.VOICES, judged.by_voice, judged.repeated_by_voice):
            print("    %-8s %.2f %%; the last note again: %.2f %%" % (voice, 100 * share, 100 * again))
        start = self.chorales.test[self.settings.chorale][: self.settings.start]
        written = self.compose(start)
        scores.write_wav(self.picture("chorale.wav"), written)
        pictures.piano_roll(written, len(start), chorales.VOICES, self.picture("chorale.png"))
        plotting.perplexities({"notes": run.history}, self.picture("curves.png"), "note")
        print("%d chords written, %d of them given" % (len(written), len(start)))
        try:
            scores.find_mido()
        except UserError as missing:
            self.no_midi = missing
        else:
            scores.write_midi(self.picture("chorale.mid"), written)
        return {
            "note_accuracy": judged.accuracy,
            "note_accuracy_by_voice": judged.by_voice,
            "repeated_accuracy": judged.repeated,
            "soprano_accuracy": judged.by_voice[0],
            "repeated_accuracy_by_voice": judged.repeated_by_voice,
            "repeated_soprano_accuracy": judged.repeated_by_voice[0],
            "nats_per_note": judged.nats,
            "nats_per_chord": judged.nats_of_chords,
            "parameters": run.parameters,
        }

    def compose(self, start: np.ndarray) -> np.ndarray:
        """A chorale that goes on from `start` by some chords, in one session call, int32 [chords, 4]; shorter where it ends."""
        prompt = " ".join(chorales.to_words(start))
        count = self.settings.chords * len(chorales.VOICES)
        how = dict(temperature=self.settings.temperature, stop=self.data.vocabulary.end)
        return chorales.from_words(self.write_on([prompt], count, **how)[0].split())

    def main(self) -> Mapping[str, Any]:
        """See `Experiment.main`; says last of all what a missing module has cost."""
        values = super().main()
        if self.no_midi is not None:
            say("chorale.mid has not been written: ", *self.no_midi.parts)
        return values
