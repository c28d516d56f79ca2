"""A trained translator in use: what is kept of it, sentences in, sentences out."""

import dataclasses
import itertools
import json
import os
import sys
from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Sequence

import numpy as np
import tensorflow.compat.v1 as tf
from tqdm import tqdm

from rnn_tf1 import checkpoints, training
from rnn_tf1.data.lines import read_lines
from rnn_tf1.data.pair_batches import pad
from rnn_tf1.data.text import UNKNOWN
from rnn_tf1.data.tokenizer import detokenize, tokenize
from rnn_tf1.data.translation import SentenceVocabulary
from rnn_tf1.errors import CheckpointError, DataError, UserError
from rnn_tf1.export import export_model
from rnn_tf1.files import make_directory, write_json
from rnn_tf1.models.seq2seq import Seq2SeqConfig, Translator, build_translator

LONGEST = 200  # tokens of a sentence that is read; what has more is refused
COUNT = 100  # tokens that are written at most, the end counted; twice the longest sentence of Multi30k
ROWS = 50  # sentences at a time
_FILES = {"source": "source_vocabulary.json", "target": "target_vocabulary.json", "about": "translator.json"}


class Rules(NamedTuple):
    """How a source sentence becomes tokens."""

    numbers: bool = False  # every number becomes [NUM]
    urls: bool = False  # every address becomes [URL]
    reverse: bool = False  # the last word is read first

    def read(self, text: str) -> List[str]:
        """The tokens of a sentence, in its own order."""
        return tokenize(text, numbers=self.numbers, urls=self.urls)

    def order(self, tokens: List[str]) -> List[str]:
        """The tokens in the order in which the encoder reads them; from that, the sentence's own again."""
        return tokens[::-1] if self.reverse else tokens


class Kept(NamedTuple):
    """What a translator is, beside its weights."""

    config: Seq2SeqConfig
    rules: Rules
    source: SentenceVocabulary
    target: SentenceVocabulary

    def save(self, folder: str) -> None:
        """Writes the vocabularies and the sizes into the folder of a run, or checks that they are those there.

        Raises `CheckpointError` where the run there was made with another vocabulary.
        """
        make_directory(folder)
        for name in ("source", "target"):
            path, vocabulary = os.path.join(folder, _FILES[name]), getattr(self, name)
            if os.path.exists(path):
                vocabulary.check(path)
            else:
                vocabulary.save(path)
        write_json(os.path.join(folder, _FILES["about"]), self._about())

    def _about(self) -> Dict[str, Any]:
        hashes = {"source": self.source.hash, "target": self.target.hash}
        return {"sizes": dataclasses.asdict(self.config), "rules": self.rules._asdict(), "vocabularies": hashes}


def load(folder: str) -> Kept:
    """What `Kept.save` has written.

    Raises `CheckpointError` where there is no translator, or its vocabularies are not those it was trained with.
    """
    path = os.path.join(folder, _FILES["about"])
    try:
        with open(path, encoding="utf-8") as file:
            about = json.load(file)
        config, rules = Seq2SeqConfig(**about["sizes"]), Rules(**about["rules"])
        hashes = {name: str(about["vocabularies"][name]) for name in ("source", "target")}
    except OSError as error:
        raise CheckpointError(
            "%s holds no translator (%s: %s). Train one first: python examples/translate.py --out-dir %s"
            % (folder, path, error.strerror, folder)
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(
            "%s is damaged (%s: %s). Train anew in another folder: --out-dir." % (path, type(error).__name__, error)
        ) from error
    found = {name: SentenceVocabulary.load(os.path.join(folder, _FILES[name])) for name in hashes}
    for name, vocabulary in found.items():
        if vocabulary.hash != hashes[name]:
            raise CheckpointError(
                "%s: the translator was trained with another vocabulary: %s, and this one is %s. Put back the file that "
                "was there." % (os.path.join(folder, _FILES[name]), hashes[name][:16], vocabulary.hash[:16])
            )
    return Kept(config, rules, found["source"], found["target"])


def files(folder: str) -> Dict[str, str]:
    """The paths of all that is kept beside the weights, by name."""
    return {name: os.path.join(folder, name) for name in _FILES.values()}


def restore(session: Any, folder: str, kept: Kept, **how: Any) -> Translator:
    """The translator of a finished run in the session's graph, with its weights.

    Args:
      how: width, length_penalty, coverage_penalty, n_best: see `build_translator`.

    Raises `CheckpointError` where no epoch has been finished, or weights and sizes do not fit.
    """
    if not checkpoints.list_checkpoints(os.path.join(folder, "checkpoints"), prefix="best"):
        raise CheckpointError(
            "%s holds no finished epoch yet, and so no weights to translate with. Train first, with the flags of that run: "
            "python examples/translate.py --out-dir %s" % (folder, folder)
        )
    with tf.variable_scope("Model"):
        net = build_translator(kept.config, **how)
    try:
        with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
            settings = json.load(file)
    except (OSError, ValueError):
        settings = {}
    training.restore_best(session, folder, settings)
    return net


class Written(NamedTuple):
    """One translation of a sentence."""

    tokens: np.ndarray  # int32 [count], without the end
    score: float
    log_probability: float  # the end counted
    alignments: (
        np.ndarray
    )  # [count, source], of the source in the order in which it was read; [count, 0] without attention


def write(
    session: Any, net: Translator, sources: Sequence[np.ndarray], end: int, rows: int = ROWS, count: int = COUNT
) -> List[List[Written]]:
    """For each source, ids [tokens], its n best translations, the best first. With a progress bar.

    Sentences of like length go together; which ones changes no translation.
    """
    found: List[List[Written]] = [[] for _ in sources]
    order = np.argsort([-len(ids) for ids in sources], kind="stable")
    parts = [order[start : start + rows] for start in range(0, len(order), rows)]
    for part in tqdm(parts, desc="translating", unit="batch", leave=False, disable=len(parts) < 2):
        ids, lengths = pad([sources[place] for place in part])
        feed = {net.source: ids, net.source_lengths: lengths, net.count: count}
        beams = session.run(net.beams, feed)
        for row, place in enumerate(part):
            for n, (tokens, length) in enumerate(zip(beams.tokens[row], beams.lengths[row])):
                length -= int(length > 0 and tokens[length - 1] == end)
                looked = np.zeros([length, 0])
                if len(beams.alignments):
                    looked = beams.alignments[row, n, :length, : lengths[row]]
                scores = float(beams.scores[row, n]), float(beams.log_probabilities[row, n])
                if np.isfinite(scores[0]):  # there may be fewer sentences than beams
                    found[place].append(Written(tokens[:length], scores[0], scores[1], looked))
    return found


def words(kept: Kept, one: Written, source: Sequence[str], replace: bool = False) -> List[str]:
    """The words of a translation.

    Args:
      source: the tokens of its source sentence, in their own order.
      replace: whether each unknown word becomes the source token that was looked at most while it was written: Luong et al.
        2015, "Addressing the Rare Word Problem in Neural Machine Translation". Names and numbers are right this way.
    """
    found = kept.target.decode(one.tokens)
    if replace and one.alignments.shape[1]:
        read = kept.rules.order(list(source))
        for place in np.flatnonzero(one.tokens == kept.target.unknown):
            found[place] = read[int(one.alignments[place].argmax())]
    return found


def translate(
    session: Any,
    net: Translator,
    kept: Kept,
    sentences: Iterable[str],
    replace: bool = False,
    where: str = "line",
    rows: int = ROWS,
) -> Iterator[List[str]]:
    """The n best translations of each sentence as a person writes them, in order, `rows` sentences at a time.

    A blank line gives a blank line.

    Raises:
      DataError: for a sentence of more than `LONGEST` tokens, which names its number; what came before has been translated.
    """
    for number, part in _parts(sentences, rows):
        tokens = [kept.rules.read(line) for line in part]
        too_long = [i for i, some in enumerate(tokens) if len(some) > LONGEST]
        tokens = tokens[: too_long[0]] if too_long else tokens
        full = [some for some in tokens if some]
        sources = [kept.source.encode(kept.rules.order(some)) for some in full]
        found = iter(write(session, net, sources, kept.target.end) if full else [])
        for some in tokens:
            if some:
                yield [detokenize(words(kept, one, some, replace), capital=True) for one in next(found)]
            else:
                yield [""]
        if too_long:
            raise DataError(
                "%s %d has more than %d tokens, the most that are translated: part it into sentences."
                % (where, number + too_long[0] + 1, LONGEST)
            )


def check_attention(kept: Kept, replace: bool, coverage_penalty: float) -> None:
    """Raises `UserError` where something is asked for that a network without attention cannot tell."""
    for flag, asked in (("--replace-unknown", replace), ("--coverage-penalty", coverage_penalty)):
        if asked and kept.config.attention is None:
            raise UserError(
                "%s asks what the network looks at, and this one has no attention: leave it out, or train one with "
                "--attention bahdanau." % flag
            )


def show(
    folder: str, kept: Kept, lines: Iterable[str], replace: bool, where: str, rows: int = ROWS, **how: Any
) -> Iterator[str]:
    """The translations of lines as they come, `rows` at a time, with the weights of the run in `folder`; see `restore` and
    `translate`."""
    with tf.Graph().as_default(), tf.Session(config=training.session_config()) as session:
        net = restore(session, folder, kept, **how)
        for found in translate(session, net, kept, lines, replace, where, rows):
            yield from found


def typed(kept: Kept) -> Iterator[str]:
    """The lines that a person types, up to the end of the input or Ctrl-C; says which of their words are unknown, and asks
    again where a line is too long."""
    while True:
        try:
            line = input("> ")
        except (EOFError, KeyboardInterrupt):
            sys.stderr.write("\n")
            return
        if len(kept.rules.read(line)) > LONGEST:
            sys.stderr.write("That has more than %d tokens, the most that are translated.\n" % LONGEST)
            continue
        unknown = unknown_words(kept, line)
        if unknown:
            sys.stderr.write("Not in the vocabulary, read as %s: %s\n" % (UNKNOWN, ", ".join(unknown)))
        yield line


def read_file(path: str) -> Iterator[str]:
    """The lines of a file, as they are wanted. Raises `DataError` at the call where it cannot be read, or is empty."""
    lines = read_lines(path)
    try:
        first = next(lines)
    except StopIteration:
        raise DataError("%s: the file is empty, there is no sentence in it." % path) from None
    return itertools.chain([first], lines)


def export(folder: str, target: str, kept: Kept, **how: Any) -> str:
    """Writes the translator of a finished run as a SavedModel to the folder `target`, and returns its name.

    Signature ``translate``: source [batch, source time] int32, source_lengths [batch] int32 and count int32 give tokens
    [batch, count], lengths [batch], scores [batch], and with attention alignments [batch, count, source time], of the best
    translation of each row. The vocabularies are in the folder ``assets.extra``.
    """
    with tf.Graph().as_default(), tf.Session(config=training.session_config()) as session:
        net = restore(session, folder, kept, n_best=1, **how)
        inputs = {"source": net.source, "source_lengths": net.source_lengths, "count": net.count}
        names = ["tokens", "lengths", "scores"] + ["alignments"] * (kept.config.attention is not None)
        outputs = {name: getattr(net.beams, name)[:, 0] for name in names}
        return export_model(session, target, "translate", inputs, outputs, files(folder))


def unknown_words(kept: Kept, sentence: str) -> List[str]:
    """The words of a sentence that the source vocabulary lacks."""
    unknown = kept.source.unknown
    return sorted({word for word in kept.rules.read(sentence) if kept.source.ids.get(word, unknown) == unknown})


def _parts(sentences: Iterable[str], rows: int) -> Iterator[Any]:
    """(number of the first, up to `rows` sentences), one part after the other."""
    part: List[str] = []
    number = 0
    for sentence in sentences:
        part.append(sentence)
        if len(part) == rows:
            yield number, part
            number, part = number + rows, []
    if part:
        yield number, part
