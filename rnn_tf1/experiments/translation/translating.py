"""A trained translator: sentences in, sentences out; a SavedModel."""

import functools
import os
from typing import Any, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np
import tensorflow.compat.v1 as tf
from tqdm import tqdm

from rnn_tf1 import training
from rnn_tf1.bridge.saved_model import export_model
from rnn_tf1.data.ragged import pad
from rnn_tf1.data.text.tokenizer import NUMBER, URL, detokenize
from rnn_tf1.errors import CheckpointError, DataError, printable, renamed
from rnn_tf1.experiments.translation.translator_files import TranslatorFiles, paths
from rnn_tf1.models.seq2seq import Seq2SeqConfig, Translator, build_translator
from rnn_tf1.program.files import read_object
from rnn_tf1.training import checkpoints

LONGEST = 200  # tokens of a sentence that is read; what has more is refused
CHARACTERS = 100  # of a sentence, for each of these tokens; what has more is refused before it is taken apart
ROWS = 50  # sentences at a time, at most
NUMBERS = 1 << 25  # that the largest arrays of a search hold: 128 MiB each
_BAND = 20  # source lengths that share one limit, and may be searched together


@renamed(out_dir="folder")
def restore(session: Any, folder: str, files: TranslatorFiles, **how: Any) -> Translator:
    """The translator of a finished run in the session's graph, with its weights.

    Args:
      how: width, length_penalty, coverage_penalty, n_best, recurrence: see `build_translator`.

    Raises `CheckpointError` where no epoch has been finished, or weights and sizes do not fit.
    """
    if not checkpoints.list_best(folder):
        raise CheckpointError(
            "%s holds no finished epoch yet, and so no weights to translate with. Train first, as that run was begun: "
            "python examples/translate.py --out-dir %s" % (folder, folder)
        )
    with tf.variable_scope("Model"):
        net = build_translator(files.config, **how)
    settings = read_object(os.path.join(folder, "config.json")) or {}
    training.restore_best(session, training.RunFolder(folder, settings))
    return net


class Hypothesis(NamedTuple):
    """One translation of a sentence."""

    tokens: np.ndarray  # int32 [count], without the end
    score: float
    log_probability: float  # the end counted
    # [count, source], of the source in the order in which it was read; [count, 0] without attention
    alignments: np.ndarray
    ended: bool = True  # False: cut off at the limit


def most_tokens(length: Any) -> Any:
    """The most tokens that are written for a source of `length` tokens, the end counted: 50 up to 20 tokens, 90 up to 40, and
    so on: twice the longest length of the band, and 10. A number or an integer tensor, as `length` is."""
    return 2 * ((length + _BAND - 1) // _BAND * _BAND) + 10


def write(
    session: Any,
    net: Translator,
    sources: Sequence[np.ndarray],
    config: Seq2SeqConfig,
    width: int = 1,
    rows: int = ROWS,
    count: Optional[int] = None,
) -> List[List[Hypothesis]]:
    """For each source, ids [tokens], its n best translations, the best first. With a progress bar.

    Sentences of like length go together; which ones changes no translation.

    Args:
      net: of sizes `config`, with beams of this `width`.
      rows: sentences that are searched together, at most; fewer where `NUMBERS` says so.
      count: tokens to write at most, the end counted; default: `most_tokens` of each source.
    """
    found: List[List[Hypothesis]] = [[] for _ in sources]
    parts = _parts_of_like_length([len(ids) for ids in sources], config, width, rows, count)
    for part, most in tqdm(parts, desc="translating", unit="batch", leave=False, disable=len(parts) < 2):
        ids, lengths = pad([sources[place] for place in part])
        beams = session.run(net.beams, {net.source: ids, net.source_lengths: lengths, net.count: most})
        for row, place in enumerate(part):
            for n, (tokens, length) in enumerate(zip(beams.tokens[row], beams.lengths[row])):
                ended = bool(length > 0 and tokens[length - 1] == config.end)
                length -= ended
                looked = np.zeros([length, 0])
                if len(beams.alignments):
                    looked = beams.alignments[row, n, :length, : lengths[row]]
                scores = float(beams.scores[row, n]), float(beams.log_probabilities[row, n])
                if np.isfinite(scores[0]):  # there may be fewer sentences than beams
                    found[place].append(Hypothesis(tokens[:length], scores[0], scores[1], looked, ended))
    return found


def _parts_of_like_length(
    lengths: Sequence[int], config: Seq2SeqConfig, width: int, rows: int, count: Optional[int]
) -> List[Tuple[np.ndarray, int]]:
    """(places of sources, tokens to write at most): parts of one limit each, the longest sources first."""
    order, parts = np.argsort([-length for length in lengths], kind="stable"), []
    limits = np.array([most_tokens(lengths[place]) if count is None else count for place in order])
    start = 0
    while start < len(order):
        most, longest = int(limits[start]), lengths[order[start]]
        # What a row's beams hold: a step's logits, what attention adds up for each place of the source (units), and the
        # alignments of all steps. rows * width * (vocabulary + longest * (units + most)) numbers are at most NUMBERS.
        numbers = width * (config.target_vocabulary + longest * (config.units + most))
        end = start + max(1, min(rows, NUMBERS // numbers))
        end = min(end, start + int((limits[start:] == most).sum()))
        parts.append((order[start:end], most))
        start = end
    return parts


def cut_off(found: Sequence[Hypothesis]) -> str:
    """How many of the translations are cut off, in words: "3 of 1,000 translations, at 50 to 90 tokens"."""
    counts = sorted(len(one.tokens) for one in found if not one.ended)
    text = "%s of %s translations" % (format(len(counts), ","), format(len(found), ","))
    if not counts:
        return text
    between = "%d" % counts[0] if counts[0] == counts[-1] else "%d to %d" % (counts[0], counts[-1])
    return "%s, at %s tokens" % (text, between)


def hypothesis_words(
    files: TranslatorFiles,
    one: Hypothesis,
    source: Sequence[str],
    replace: bool = False,
    surface: Optional[Sequence[str]] = None,
) -> List[str]:
    """The words of a translation.

    Args:
      source: the tokens of its source sentence, in their own order.
      replace: whether each unknown word becomes the source token that was looked at most while it was written: Luong et al.
        2015, "Addressing the Rare Word Problem in Neural Machine Translation". Names and numbers are right this way.
      surface: the same tokens as they stand in the text, see `SourceRules.surface`: for words that a person reads. Unknown
        words are taken from them, and each [NUM] and [URL] becomes the number or address that was looked at most. Default: for
        words that are compared with tokens.

    Without attention nothing is replaced.
    """
    found = files.target.decode(one.tokens)
    if not one.alignments.shape[1]:
        return found
    read = files.rules.order(list(source))
    shown = files.rules.order(list(source if surface is None else surface))
    for place, word in enumerate(found):
        mark = surface is not None and word in (NUMBER, URL)
        if mark or (replace and one.tokens[place] == files.target.unknown):
            alike = [i for i, token in enumerate(read) if mark and token == word]  # a number stands for a number
            among = np.array(alike or range(len(read)))
            found[place] = shown[among[one.alignments[place][among].argmax()]]
    return found


class Answer(NamedTuple):
    """A translation as a person reads it."""

    text: str
    score: float
    cut_off: int  # the number of tokens after which it was cut off; 0 where it has ended


def translate(
    session: Any,
    net: Translator,
    files: TranslatorFiles,
    sentences: Iterable[str],
    replace: bool = False,
    where: str = "line",
    width: int = 1,
    rows: int = ROWS,
) -> Iterator[List[Answer]]:
    """The n best translations of each sentence as a person writes them, in order, `rows` sentences at a time.

    A blank line gives a blank line.

    Args:
      net: from `restore`, with beams of this `width`.
      replace: see `hypothesis_words`.
      where: what stands before the number of a line in a message.

    Raises:
      DataError: for a sentence of more than `LONGEST` tokens, which names its number. What came before has been translated,
        as it has before any `DataError` that `sentences` raises.
    """
    for number, part in _parts(sentences, rows):
        much = [too_long(files, line) for line in part]
        long = next((place for place, text in enumerate(much) if text), len(part))
        part = part[:long]
        tokens = [files.rules.read(line) for line in part]
        full = [some for some in tokens if some]
        sources = [files.source.encode(files.rules.order(some)) for some in full]
        found = iter(write(session, net, sources, files.config, width, rows) if full else [])
        for line, some in zip(part, tokens):
            if some:
                surface = files.rules.surface(line)
                yield [_answer(one, hypothesis_words(files, one, some, replace, surface)) for one in next(found)]
            else:
                yield [Answer("", 0.0, 0)] * net.beams.scores.shape.as_list()[1]
        if long < len(much):
            raise DataError("%s %d has %s: part it into sentences." % (where, number + long + 1, much[long]))


def _answer(one: Hypothesis, found: List[str]) -> Answer:
    return Answer(printable(detokenize(found, capital=True)), one.score, 0 if one.ended else len(one.tokens))


def too_long(files: TranslatorFiles, line: str) -> str:
    """What the line has too much of to be translated, in words; "" where it is not too long."""
    if len(line) > CHARACTERS * LONGEST:
        return "more than %d characters, the most that are translated" % (CHARACTERS * LONGEST)
    if len(files.rules.read(line)) > LONGEST:
        return "more than %d tokens, the most that are translated" % LONGEST
    return ""


def _parts(sentences: Iterable[str], rows: int) -> Iterator[Tuple[int, List[str]]]:
    """(number of the first, up to `rows` sentences), one part after the other; what was read before an error comes first."""
    part: List[str] = []
    number = 0
    wrong: Optional[DataError] = None
    try:
        for sentence in sentences:
            part.append(sentence)
            if len(part) == rows:
                yield number, part
                number, part = number + rows, []
    except DataError as error:
        wrong = error
    if part:
        yield number, part
    if wrong is not None:
        raise wrong


def export(folder: str, target: str, files: TranslatorFiles, **how: Any) -> str:
    """Writes the translator of a finished run as a SavedModel to the folder `target`, and returns its name.

    Signature ``translate``: source [batch, source time] int32 and source_lengths [batch] int32 give tokens [batch, count],
    lengths [batch], scores [batch], and with attention alignments [batch, count, source time], of the best translation of each
    row. count, the most tokens that are written, is `most_tokens` of source time; signature ``translate_count`` takes it as a
    third input, int32. (One signature does not do for both: TensorFlow 2 knows no input that may be left out.) The vocabularies
    are in the folder ``assets.extra``.
    """
    names = ["tokens", "lengths", "scores"] + ["alignments"] * (files.config.attention is not None)
    with tf.Graph().as_default(), tf.Session(config=training.session_config()) as session:
        net = restore(session, folder, files, n_best=1, **how)
        outputs = {name: getattr(net.beams, name).name for name in names}
        built = tf.train.export_meta_graph()
    # The same graph once more, with a count that has a default in the place of its placeholder.
    with tf.Graph().as_default() as graph, tf.Session(config=training.session_config()) as session:
        source = tf.placeholder(tf.int32, [None, None], "source")
        lengths = tf.placeholder(tf.int32, [None], "source_lengths")
        count = tf.placeholder_with_default(most_tokens(tf.shape(source)[1]), [], "count")
        places = {net.source.name: source, net.source_lengths.name: lengths, net.count.name: count}
        tf.train.import_meta_graph(built, input_map=places)
        saver = tf.train.Saver(tf.global_variables())
        checkpoints.use_best(folder, functools.partial(checkpoints.restore, session, saver))
        found = {name: graph.get_tensor_by_name(tensor)[:, 0] for name, tensor in outputs.items()}
        two = {"source": source, "source_lengths": lengths}
        signatures = {"translate": (two, found), "translate_count": (dict(two, count=count), found)}
        with renamed(folder="target"):
            return export_model(session, target, signatures, paths(folder))
