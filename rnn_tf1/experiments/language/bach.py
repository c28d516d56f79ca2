"""How good a model of chorales is, and what it writes. It is trained as a language model of notes, see `language_model`."""

from typing import Any, List, NamedTuple, Sequence

import numpy as np

from rnn_tf1.data.music import chorales
from rnn_tf1.data.text.text import END, Vocabulary, Windows
from rnn_tf1.experiments.language.language_model import SCORED_STEPS, write_on
from rnn_tf1.models.language_model import LanguageModelConfig


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


def compose(
    session: Any,
    config: LanguageModelConfig,
    vocabulary: Vocabulary,
    start: np.ndarray,
    chords: int,
    seed: int = 0,
    temperature: float = 1.0,
) -> np.ndarray:
    """A chorale that goes on from `start` by so many chords, in one session call, int32 [chords, 4]; shorter where it ends."""
    prompt = " ".join(chorales.to_words(start))
    count = chords * len(chorales.VOICES)
    text = write_on(session, config, vocabulary, [prompt], count, seed, temperature=temperature, stop=vocabulary.end)
    return chorales.from_words(text[0].split())
