"""Language models on fairy tales: cells side by side, trained for equally many iterations, scored on whole stories."""

import dataclasses
import os
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Sequence, Tuple

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1 import training
from rnn_tf1.data.text import fairy_tales
from rnn_tf1.data.text.text import Batches
from rnn_tf1.errors import DataError, printable, renamed
from rnn_tf1.experiments.experiment import Experiment
from rnn_tf1.experiments.figures import Figure, Figures
from rnn_tf1.experiments.language import pictures, story_pages
from rnn_tf1.experiments.language.language_model import HASH, check_finite, keep_vocabulary, score, tied_to
from rnn_tf1.layers.losses import perplexity
from rnn_tf1.models.language_model import (
    RECURRENCE,
    LanguageModel,
    LanguageModelConfig,
    Recurrence,
    build_language_model,
)
from rnn_tf1.ops.mode import TESTING, Mode
from rnn_tf1.program.files import locked
from rnn_tf1.training import Feed, Recipe, Run, RunFolder

EVERY = 100  # iterations between two looks at the validation stories
SCORED_STEPS = 200  # pairs that a scoring graph reads at a time; the perplexity is the same for any number
CLIP_NORM = 5.0
# Of the first weights: about that of Glorot and Bengio 2010 for 64 units; at 0.1, some seeds start late
INIT_SCALE = 0.2
FIGURES = Figures(
    "fairy_tales",
    Figure("basic_all_valid_perplexity", "validation perplexity on all stories: basic cell", "%.2f"),
    Figure("context_all_valid_perplexity", "context cell", "%.2f"),
    Figure("basic_20_valid_perplexity", "on 20 stories: basic cell", "%.2f"),
    Figure("context_20_valid_perplexity", "context cell", "%.2f"),
    Figure("distinct_sampled", "distinct 4-word phrases on a sampled page", "%.0f %%"),
    Figure("distinct_argmax", "on one of likeliest words", "%.0f %%"),
)

History = List[Dict[str, float]]


class Whole(object):
    """Whole stories side by side, for evaluation: every pair is scored once, after all that came before it in its story.

    Row r of each window goes on in story r; past the end of a story nothing is scored.

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


class Stories(Experiment):
    """One network. The training stories are one stream, cut into rows, whose state is carried from batch to batch.

    Args:
      settings: those of ``examples/fairy_tales.py``.
      kind: what it has in common with those of other seeds.
      tales: the stories of that part.
      seed: of its weights.
      recurrence: what stands between the pairs' vectors and the softmax; default: what the settings say.
    """

    figures, monitor = FIGURES, None  # the last epoch: all networks are compared after the same number of iterations

    def __init__(
        self,
        settings: Any,
        kind: Kind,
        tales: fairy_tales.FairyTales,
        seed: int,
        recurrence: Recurrence = RECURRENCE,
    ):
        rows, steps = settings.batch_size, settings.steps
        sizes = (rows * steps, 1) if kind.one_step else (rows, steps)
        self.config = make_config(tales, kind.cell, settings.layers, settings.units, settings.unroll, *sizes)
        made_of = dict(dataclasses.asdict(self.config), seed=seed, data=tales.identity, tensorflow=tf.__version__)
        made_of.update(iterations=settings.iterations, learning_rate=settings.learning_rate, devices=[])
        path = os.path.join(settings.out_dir, "%s_%d" % (kind.slug, seed))
        # A cosine: without a decay, the seeds differ by more than the cells.
        recipe = Recipe(settings.iterations // EVERY, settings.learning_rate, clip_norm=CLIP_NORM)
        super().__init__(settings, recipe, RunFolder(path, tied_to(made_of, tales.vocabulary), [HASH]))
        self.kind, self.tales, self.recurrence, self._seed = kind, tales, recurrence, seed

    @property
    def seed(self) -> int:
        return self._seed

    def load(self) -> None:
        first = self.tales.vocabulary.end
        stream = np.concatenate(self.tales.train)
        self.stretches = Batches(stream, self.config.batch_size, self.config.steps, first)
        self.stories = Whole(self.tales.validation, SCORED_STEPS, first)
        self.steps_per_epoch = EVERY

    def network(self, mode: Mode) -> LanguageModel:
        if mode.is_training:
            net = self.build(self.config, mode)
            return net._replace(loss=net.word_loss)
        config = dataclasses.replace(self.config, unroll="dynamic")  # a graph of one step, not of SCORED_STEPS
        return self.build(config, mode, batch_size=self.stories.rows, steps=SCORED_STEPS, name="scored")

    def build(self, config: LanguageModelConfig, mode: Mode, **sizes: Any) -> LanguageModel:
        """`build_language_model`, under ``Model``; `sizes`: batch_size, steps, name."""
        with tf.variable_scope("Model"):
            return build_language_model(config, mode, recurrence=self.recurrence, **sizes)

    def batches(self, net: LanguageModel, epoch: int, start: int) -> Iterator[Feed]:
        for iteration in range(epoch * EVERY + start, (epoch + 1) * EVERY):
            number = iteration % self.stretches.count
            inputs, targets = self.stretches.batch(number)
            yield {net.inputs: inputs, net.targets: targets, net.begins: number == 0}

    def evaluate(self, session: Any, net: LanguageModel) -> Dict[str, float]:
        return {"valid_perplexity": score(session, net, self.stories, "validation")}

    @renamed(out_dir="folder", path="folder")
    def train(self) -> Run:
        """See `Experiment.train`; keeps the vocabulary, too."""
        keep_vocabulary(self.tales.vocabulary, self.folder.path)
        return super().train()

    def report(self, run: Run) -> Dict[str, Any]:
        """Its history, a row for each EVERY iterations: step, train_perplexity, valid_perplexity.

        Raises `TrainingError` where a perplexity after the last iteration is not finite.
        """
        history = [
            {
                "step": row["epoch"] * EVERY,
                "train_perplexity": perplexity(row["train_loss"]),
                "valid_perplexity": row["valid_perplexity"],
            }
            for row in run.history
        ]
        end = {name: value for name, value in history[-1].items() if name != "step"}
        check_finite(end, "epoch %d (iteration %d)" % (len(history), history[-1]["step"]), training.LOWER_RATE)
        return {"history": history}

    def write_pages(self) -> Dict[str, str]:
        """See `story_pages.write_pages`."""
        settings = self.settings
        with self.restored(lambda: self.build(self.config, TESTING, batch_size=1, steps=1)) as (session, _):
            return story_pages.write_pages(
                session,
                dict(config=self.config, recurrence=self.recurrence),
                self.tales,
                settings.prompt,
                settings.count,
                self.seed,
                temperature=settings.temperature,
                top_p=settings.top_p,
            )


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


def load_parts(settings: Any) -> Dict[str, fairy_tales.FairyTales]:
    """The stories of each comparison, by their number; "all" where the book has no more. Says what they have."""
    parts = {}
    for count in settings.stories:
        tales = fairy_tales.load(settings.data_dir, count)
        used = len(tales.train) + len(tales.validation)
        name = "all" if used == tales.available else str(used)
        parts[name] = tales
        print("%s: %s" % (name, describe(tales, settings.batch_size, settings.steps)), flush=True)
    return parts


def main(settings: Any, make_cell: Callable[..., Any], network: Callable[..., Any]) -> None:
    """Trains all networks; the last cell named, of the first seed, writes a story. Draws, and publishes."""
    with locked(settings.out_dir):
        parts = load_parts(settings)
        *_, last = parts  # the part that the writer has read
        if settings.prompt is not None:
            story_pages.encode_prompt(settings.prompt, parts[last].vocabulary)  # a mistake in it is told now
        seeds = range(settings.seed, settings.seed + settings.seeds)
        runs = [(Kind(cell, part), seed) for part in parts for seed in seeds for cell in settings.cell]
        if not settings.no_one_step:
            runs += [(Kind(cell, last, one_step=True), settings.seed) for cell in settings.cell]
        values: Dict[str, Any] = {}
        histories: Dict[Kind, List[History]] = {}
        pages, seconds = {}, 0.0
        for kind, seed in runs:
            one = Stories(settings, kind, parts[kind.part], seed, Recurrence(make_cell, network))
            one.load()
            run = one.train()
            history = one.report(run)["history"]
            if (kind, seed) == (Kind(settings.cell[-1], last), settings.seed):
                pages = one.write_pages()
            end = history[-1]["valid_perplexity"]
            print("%s, seed %d: validation perplexity %.2f" % (kind.slug, seed, end), flush=True)
            histories.setdefault(kind, []).append(history)
            values["%s_seed_%d_valid_perplexity" % (kind.slug, seed)] = end
            values[kind.slug + "_parameters"] = run.parameters
            seconds += run.seconds
        prompt = pages.pop("prompt")
        story_pages.write_files(settings.out_dir, prompt, pages)
        for name, share in story_pages.distinct(pages).items():
            values["distinct_%s" % name.replace(" ", "_")] = share
        means = summary(histories)
        values.update(means)
        pictures.perplexity_by_steps(panels(histories, parts), os.path.join(settings.out_dir, "perplexity.png"))
        for name, value in means.items():
            print("%s: %s" % (name.replace("_", " "), value if isinstance(value, str) else "%.2f" % value))
        print(printable("\n%s ...\n" % (prompt + pages["sampled"])[:600]))
        FIGURES.publish(settings, parts[last].origin, seconds, values)
