"""Language models on fairy tales: how they are trained and scored, the stories that they write, and whether these loop."""

import dataclasses
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1 import training
from rnn_tf1.data.text import fairy_tales
from rnn_tf1.data.text.text import END, UNKNOWN, Batches, Vocabulary
from rnn_tf1.errors import Argument, DataError, renamed
from rnn_tf1.experiments.language.language_model import HASH, check_finite, keep_vocabulary, score, tied_to
from rnn_tf1.layers.losses import perplexity
from rnn_tf1.models.language_model import LanguageModelConfig, build_language_model, build_sampler
from rnn_tf1.ops.mode import Mode
from rnn_tf1.program.terminal import say
from rnn_tf1.training.optimize import build_train_op, cosine_decay

EVERY = 100  # iterations between two looks at the validation stories
SCORED_STEPS = 200  # pairs that a scoring graph reads at a time; the perplexity is the same for any number
CLIP_NORM = 5.0
# Of the first weights: about that of Glorot and Bengio 2010 for 64 units; at 0.1, some seeds start late
INIT_SCALE = 0.2
PROMPT = 30  # pairs of a held-out story that a page begins with
GRAM = 4  # words of a phrase, in the judgement of a page
LONGEST, PIECE = 30, 5  # characters: a longer word is none, and is judged as words of so many
BREAK = "\n\n* * *\n\n"  # between two stories of a page

History = List[Dict[str, float]]


class Whole(object):
    """Whole stories side by side, for evaluation: every pair is scored once, after all that came before it in its story.

    Row r of each window goes on in story r; behind the end of a story nothing is scored.

    stories  lists of ids, with that of `END` at their ends
    steps    pairs of a row in a window
    first    the id before each story

    `count` is the number of windows, and `scored` that of the pairs.

    Raises `DataError` where there is no story.
    """

    def __init__(self, stories: Sequence[np.ndarray], steps: int, first: int) -> None:
        if not stories or not all(len(story) for story in stories):
            raise DataError("There is no story to score, or an empty one: use longer texts.")
        self.rows, self.steps = len(stories), steps
        self.scored = sum(len(story) for story in stories)
        self.count = -(-max(len(story) for story in stories) // steps)
        shape = [self.rows, self.count * steps]
        self._inputs = np.full(shape, first, np.int32)
        self._targets, self._weights = self._inputs.copy(), np.zeros(shape, np.float32)
        for row, story in enumerate(stories):
            self._targets[row, : len(story)] = story
            self._inputs[row, 1 : len(story)] = story[:-1]
            self._weights[row, : len(story)] = 1

    def batch(self, number: int) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Inputs, targets and weights [stories, steps] of that window, counted from 0."""
        here = np.s_[:, number * self.steps : (number + 1) * self.steps]
        return self._inputs[here], self._targets[here], self._weights[here]

    def describe(self) -> str:
        """One line: how many pairs there are, and how they are scored."""
        return f"{self.scored:,} pairs in {self.rows} whole stories, all of them scored, each story from a zero state"


class Kind(NamedTuple):
    """What networks that differ in their seed alone have in common."""

    cell: str
    part: str  # of the stories
    one_step: bool = False  # whether it was trained without unrolling

    @property
    def slug(self) -> str:
        """For files and figures."""
        return "%s_%s%s" % (self.cell, self.part, "_one_step" if self.one_step else "")


class Trained(NamedTuple):
    """A network after its last iteration."""

    history: History  # one row for each EVERY iterations: train_perplexity, valid_perplexity
    valid_perplexity: float  # after the last iteration
    seconds: float
    parameters: int


def make_config(
    tales: fairy_tales.FairyTales, cell: str, layers: int, units: int, unroll: str, batch_size: int, steps: int
) -> LanguageModelConfig:
    """The sizes of a network for these stories; an LSTM's forget bias is 1."""
    return LanguageModelConfig(
        cell=cell,
        layers=layers,
        units=units,
        unroll=unroll,
        batch_size=batch_size,
        steps=steps,
        vocabulary=len(tales.vocabulary),
        forget_bias=None,
        init_scale=INIT_SCALE,
    )


def describe(tales: fairy_tales.FairyTales, batch_size: int, steps: int) -> str:
    """A line: how many pairs of characters each part has, and how many of them are scored."""
    first = tales.vocabulary.end
    batches = Batches(np.concatenate(tales.train), batch_size, steps, first).describe()
    whole = Whole(tales.validation, SCORED_STEPS, first).describe()
    return f"{len(tales.train)} stories to train on: {batches}. To validate: {whole}. {len(tales.vocabulary)} kinds of pairs"


@renamed(out_dir="folder", path="folder")
def train(
    session: Any,
    config: LanguageModelConfig,
    tales: fairy_tales.FairyTales,
    iterations: int,
    learning_rate: float,
    folder: str,
    seed: int = 0,
) -> Trained:
    """Trains a network in the session's graph by Adam, and goes on where it was stopped; see `training.fit`.

    The training stories are one stream, cut into config.batch_size rows, whose state is carried from batch to batch.

    Args:
      iterations: of training, a multiple of EVERY.
      learning_rate: of the first iteration; it falls to 0 along a cosine.

    Raises:
      TrainingError: where the loss, or one of the perplexities at the end, is not finite.
    """
    first = tales.vocabulary.end
    batches = Batches(np.concatenate(tales.train), config.batch_size, config.steps, first)
    stories = Whole(tales.validation, SCORED_STEPS, first)
    keep_vocabulary(tales.vocabulary, folder)
    step = tf.train.get_or_create_global_step()
    with tf.variable_scope("Model"):
        net = build_language_model(config, Mode(True, seed, step))
    with tf.variable_scope("Model", reuse=True):
        scored = dataclasses.replace(config, unroll="dynamic")  # a graph of one step, not of SCORED_STEPS
        test = build_language_model(scored, Mode(False), batch_size=stories.rows, steps=SCORED_STEPS, name="scored")
    rate = cosine_decay(learning_rate, step, iterations)  # without a decay, the seeds differ by more than the cells
    train_op = build_train_op(net.word_loss, rate, step, CLIP_NORM)
    train_op = train_op._replace(op=tf.group(train_op.op, net.carry))

    def feeds(epoch: int, start: int) -> Iterator[training.Feed]:
        for iteration in range(epoch * EVERY + start, (epoch + 1) * EVERY):
            number = iteration % batches.count
            inputs, targets = batches.batch(number)
            yield {net.inputs: inputs, net.targets: targets, net.begins: number == 0}

    settings = dict(dataclasses.asdict(config), seed=seed, iterations=iterations, learning_rate=learning_rate)
    settings.update(data=tales.identity, tensorflow=tf.__version__, devices=[])
    fitted = training.fit(
        session,
        train_op,
        {"loss": net.word_loss},
        feeds,
        EVERY,
        iterations // EVERY,
        lambda: {"valid_perplexity": score(session, test, stories, "validation")},
        folder,
        tied_to(settings, tales.vocabulary),
        monitor="epoch",  # the last: all networks are compared after the same number of iterations
        may_lack=[HASH],
    )
    history = [
        {
            "step": row["epoch"] * EVERY,
            "train_perplexity": perplexity(row["train_loss"]),
            "valid_perplexity": row["valid_perplexity"],
        }
        for row in fitted.history
    ]
    end = {name: value for name, value in history[-1].items() if name != "step"}
    check_finite(end, "epoch %d (iteration %d)" % (len(history), iterations), training.LOWER_RATE)
    parameters = training.count_parameters()
    return Trained(history, history[-1]["valid_perplexity"], fitted.seconds, parameters)


def encode_prompt(text: str, vocabulary: Vocabulary) -> np.ndarray:
    """The ids of a prompt, in small letters; one line on stderr names the pairs that the vocabulary lacks.

    Raises `DataError` for a text without any character that is no white space.
    """
    pairs = fairy_tales.pairs(fairy_tales.characters(text))
    if not pairs:
        example = Argument("prompt", "once upon a time")
        raise DataError("The prompt is empty: pass the beginning of a story, such as ", example, ".")
    unknown = sorted({pair for pair in pairs if pair not in vocabulary.ids})
    if unknown:
        shown = ", ".join(repr(pair) for pair in unknown)
        say("Not among the pairs of the training stories, read as %s: %s" % (UNKNOWN, shown))
    return vocabulary.encode(pairs)


def write_pages(
    session: Any,
    config: LanguageModelConfig,
    tales: fairy_tales.FairyTales,
    prompt: Optional[str],
    count: int,
    seed: int,
    **how: float,
) -> Dict[str, str]:
    """Three pages: what the trained network of the session's graph writes after the prompt, in one session call each, drawn
    from what it says ("sampled") and the most likely pairs ("argmax"); and "held out", a page of the validation stories.

    Args:
      prompt: a text; default: the first PROMPT pairs of the first validation story.
      count: pairs to write; `END` is followed by another story.
      how: temperature, top_p: see `decoding.filter_logits`.

    Returns:
      The pages, each as long, and "prompt", the text before the first two.
    """
    stories, vocabulary = np.concatenate(tales.validation), tales.vocabulary
    ids = stories[:PROMPT] if prompt is None else encode_prompt(prompt, vocabulary)
    pages = {"prompt": ids, "held out": stories[PROMPT : PROMPT + count]}
    for way, filters in (("sampled", how), ("argmax", {"top_k": 1})):
        with tf.variable_scope("Model", reuse=True):
            sampler = build_sampler(config, log_probabilities=False, **filters)
        feed = {sampler.prompts: [ids], sampler.lengths: [len(ids)], sampler.count: count, sampler.seed: seed}
        pages[way] = session.run(sampler.sampled.tokens, feed)[0]
    return {name: as_text(vocabulary.decode(page)) for name, page in pages.items()}


def as_text(pairs: Sequence[str]) -> str:
    """The text of pairs, with a row of asterisks where one story ends and another begins."""
    stories: List[List[str]] = [[]]
    for pair in pairs:
        if pair == END:
            stories.append([])
        else:
            stories[-1].append(pair)
    return BREAK.join(fairy_tales.join(story) for story in stories)


def distinct(pages: Dict[str, str]) -> Dict[str, float]:
    """By page: the share of different phrases of GRAM words among all its phrases, in no more words than "held out" has.

    A text that goes round in a circle comes close to 0, and one of fewer words than a phrase has counts as 0. What has more
    than LONGEST characters without white space is no word but a circle itself, "hahaha...": it is cut into words of PIECE
    characters. Empty, with a line on stderr, where "held out" has no such phrase.
    """
    words = {name: _words(page) for name, page in pages.items()}
    held_out = len(words["held out"])
    if held_out < GRAM:
        told = "A held-out page of %d words has no phrase of %d to judge by: try a longer "
        say(told % (held_out, GRAM), Argument("count"), ".")
        return {}
    shares = {}
    for name, found in words.items():
        most = min(len(found), held_out)
        grams = list(zip(*(found[start : most - GRAM + 1 + start] for start in range(GRAM)))) if most >= GRAM else []
        shares[name] = len(set(grams)) / len(grams) if grams else 0.0
    return shares


def _words(page: str) -> List[str]:
    found: List[str] = []
    for word in page.split():
        cut = len(word) > LONGEST
        found += [word[start : start + PIECE] for start in range(0, len(word), PIECE)] if cut else [word]
    return found


def summary(histories: Dict[Kind, List[History]]) -> Dict[str, Any]:
    """Figures: the mean perplexities of each kind after the last iteration, and in how many seeds a cell's validation
    perplexity is below that of the basic cell."""
    figures: Dict[str, Any] = {}
    for kind, runs in histories.items():
        for part in ("train", "valid"):
            figures["%s_%s_perplexity" % (kind.slug, part)] = float(
                np.mean([run[-1][part + "_perplexity"] for run in runs])
            )
        basic = histories.get(kind._replace(cell="basic"))
        if basic is not None and kind.cell != "basic":
            below = [run[-1]["valid_perplexity"] < other[-1]["valid_perplexity"] for run, other in zip(runs, basic)]
            figures[kind.slug + "_below_basic"] = "%d of %d" % (sum(below), len(below))
    return figures


def panels(histories: Dict[Kind, List[History]], parts: Dict[str, fairy_tales.FairyTales]) -> Dict[str, Any]:
    """What `pictures.perplexity_by_steps` draws: a panel for each part of the stories, with the cells side by side, and one
    for the networks that were trained without unrolling."""
    drawn: Dict[str, Any] = {}
    for kind, runs in histories.items():
        tales = parts[kind.part]
        title = "%d stories" % (len(tales.train) + len(tales.validation))
        title = ("all " if kind.part == "all" else "") + title + (", 1 step" if kind.one_step else "")
        drawn.setdefault(title, {})[kind.cell] = runs
    return drawn
