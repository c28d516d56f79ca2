"""Which word is missing? Networks that guess it from the left and from both sides; see `models.missing_word`."""

import os
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1 import plotting
from rnn_tf1.data.ragged import RaggedBatch, RaggedBatches, of_length
from rnn_tf1.data.text import ptb
from rnn_tf1.errors import printable
from rnn_tf1.experiments.experiment import Experiment
from rnn_tf1.experiments.figures import Figure, Figures
from rnn_tf1.experiments.language import pictures
from rnn_tf1.experiments.language.language_model import check_finite
from rnn_tf1.layers.losses import perplexity
from rnn_tf1.models.missing_word import MissingWord, MissingWordConfig, build_missing_word, states_around
from rnn_tf1.ops.mode import Mode
from rnn_tf1.program.files import locked
from rnn_tf1.training import Feed, Recipe, Run, RunFolder

SIDES = {"from the left": "left", "from both sides": "both"}  # the networks; what their figures begin with
QUICK = 500  # sentences of each part in a quick run
FIGURES = Figures(
    "missing_word",
    Figure("left_test_perplexity", "perplexity from the left", "%.1f"),
    Figure("both_test_perplexity", "from both sides", "%.1f"),
    Figure("left_test_top_5", "word among the first five guesses, from the left", "%.1f %%"),
    Figure("both_test_top_5", "from both sides", "%.1f %%"),
)
ROWS = 100  # sentences that are scored at a time
SHOWN = 5  # guesses for a word


class Scored(NamedTuple):
    """How good guesses are, over all words of some sentences; their ends are not guessed."""

    perplexity: float
    top_1: float  # share of the words that were the first guess
    top_5: float  # share of the words that were among the first five
    words: int


def sentences(stream: np.ndarray, end: int) -> List[np.ndarray]:
    """The sentences of a text, ids [words] with `end` after each, as `build_missing_word` wants them: `end` on both sides.

    Sentences without a word are left out.
    """
    mark = np.array([end], np.int32)
    parts = np.split(stream.astype(np.int32), np.flatnonzero(stream == end) + 1)
    return [np.concatenate([mark, one[one != end], mark]) for one in parts if (one != end).any()]


def batches_of(found: List[np.ndarray], rows: int = ROWS, seed: int = 0) -> RaggedBatches:
    """Batches of those sentences; what is asked for is in them, and there are no labels."""
    return RaggedBatches(found, [0] * len(found), rows, seed)


class Guesser(NamedTuple):
    """A graph, with the likeliest guesses for each word."""

    loss: Any
    model: MissingWord
    likeliest: Any  # see `build_guesses`


class MissingWords(Experiment):
    """A network that guesses words from the left, or from both sides. The epoch of the lowest validation perplexity counts.

    Args:
      settings, recipe, folder: see `Experiment`.
      config: the sizes.
      parts: (to train on, validation, test): lists of sentences, as `sentences` gives them.
      batch_size: sentences in a training step.
      network: what surrounds each word; see `build_missing_word`.
    """

    figures = FIGURES
    monitor, lower_is_better = "valid_perplexity", True

    def __init__(
        self,
        settings: Any,
        recipe: Recipe,
        config: MissingWordConfig,
        parts: Sequence[List[np.ndarray]],
        batch_size: int,
        folder: Optional[RunFolder] = None,
        network: Callable[..., List[Any]] = states_around,
    ):
        super().__init__(settings, recipe, folder)
        self.config, self.parts, self.batch_size, self._network = config, parts, batch_size, network

    def load(self) -> None:
        train, validation, _ = self.parts
        self.rows = batches_of(train, self.batch_size, self.seed)
        self.held_out = list(batches_of(validation).in_order())
        self.steps_per_epoch = self.rows.count

    def network(self, mode: Mode) -> Guesser:
        model = build_missing_word(self.config, mode, self._network)
        return Guesser(model.loss, model, build_guesses(model))

    def batches(self, net: Guesser, epoch: int, start: int) -> Iterable[Feed]:
        return (feed(net.model, batch) for batch in self.rows.batches(epoch, start))

    def evaluate(self, session: Any, net: Guesser) -> Dict[str, float]:
        return {"valid_perplexity": score(session, net.model, net.likeliest, self.held_out)[0].perplexity}

    def train(self) -> Run:
        """See `Experiment.train`. Raises `TrainingError` where the lowest perplexity is not finite."""
        run = super().train()
        best = {"valid_perplexity": run.best["valid_perplexity"]}
        check_finite(best, "epoch %d" % run.best_epoch, self.advice)
        return run

    def report(self, run: Run) -> Dict[str, Any]:
        """ "scored" and "guesses": what `score` gives of the test sentences, with the best weights.

        Raises `TrainingError` where their perplexity is not finite.
        """
        with self.restored() as (session, net):
            scored, guesses = score(session, net.model, net.likeliest, batches_of(self.parts[2]).in_order())
        check_finite({"test_perplexity": scored.perplexity}, "the best epoch", self.advice)
        return {"scored": scored, "guesses": guesses}


def build_guesses(net: Any) -> Any:
    """int32 [words, SHOWN]: the likeliest guesses for each word, the likeliest first."""
    return tf.nn.top_k(net.logits, SHOWN).indices


def feed(net: Any, batch: RaggedBatch) -> Dict[Any, Any]:
    """A batch of sentences for a graph."""
    return {net.ids: batch.sequences, net.lengths: batch.lengths - 2}


def score(session: Any, net: Any, likeliest: Any, batches: Iterable[RaggedBatch]) -> Tuple[Scored, List[np.ndarray]]:
    """How good the guesses are, over all words; and for each sentence what was guessed for its words, [words, SHOWN].

    Args:
      likeliest: from `build_guesses`.
    """
    total, first, five, count = 0.0, 0, 0, 0
    found: List[np.ndarray] = []
    for batch in batches:
        losses, wanted, guesses = session.run([net.total, net.targets, likeliest], feed(net, batch))
        right = guesses == wanted[:, None]
        total, first, five = total + float(losses), first + int(right[:, 0].sum()), five + int(right.sum())
        count += len(wanted)
        found += np.split(guesses, np.cumsum(batch.lengths - 2)[:-1])
    return Scored(perplexity(total / count), first / count, five / count, count), found


def show_guesses(texts: Sequence[Sequence[str]], guesses: Dict[str, Sequence[Any]]) -> None:
    """Prints sentences with the word in their middle blanked, and what each network guesses there.

    Args:
      guesses: by the name of the network, for each word of each sentence a few words, the likeliest first.
    """
    for number, sentence in enumerate(texts):
        blank = len(sentence) // 2
        print(printable("\n%s" % " ".join([*sentence[:blank], "____", *sentence[blank + 1 :]])))
        for name, each in guesses.items():
            words = ", ".join(each[number][blank])
            print(printable("  %-16s %s   (%s)" % (name + ":", words, sentence[blank])))


def main(settings: Any, network: Callable[..., List[Any]]) -> None:
    """Trains a network for each of SIDES, shows and draws what they guess, and publishes.

    Args:
      settings: those of ``examples/missing_word.py``.
      network: see `build_missing_word`.
    """
    with locked(settings.out_dir):
        data = ptb.load(settings.data_dir)
        words, most = data.vocabulary, QUICK if settings.quick else None
        parts = [sentences(text, words.end)[:most] for text in (data.train, data.validation, data.test)]
        print("%d, %d and %d sentences, %d words" % (*map(len, parts), len(words)))
        recipe = Recipe(settings.epochs, settings.learning_rate)
        shown = of_length(parts[2], 9, 14, settings.examples)
        texts = [[words.words[word] for word in parts[2][place][1:-1]] for place in shown]
        values: Dict[str, Any] = {}
        runs: Dict[str, Run] = {}
        guesses: Dict[str, Sequence[Any]] = {}
        for name, short in SIDES.items():
            print("guessing %s" % name, flush=True)
            config = MissingWordConfig(
                vocabulary=len(words),
                both_sides=short == "both",
                cell=settings.cell,
                units=settings.units,
                layers=settings.layers,
                depth=settings.depth,
                keep_prob=settings.keep_prob,
                initializer="uniform",
            )
            made_of = settings.identity(data=data.identity, tensorflow=tf.__version__, both_sides=config.both_sides)
            folder = RunFolder(os.path.join(settings.out_dir, name.replace(" ", "_")), made_of)
            one = MissingWords(settings, recipe, config, parts, settings.batch_size, folder, network)
            one.load()
            runs[name] = one.train()
            scored, guessed = one.report(runs[name]).values()
            guesses[name] = [[[words.words[i] for i in few] for few in guessed[place]] for place in shown]
            for figure in ("perplexity", "top_1", "top_5"):
                values["%s_test_%s" % (short, figure)] = getattr(scored, figure)
            values[short + "_parameters"] = runs[name].parameters
            print("  the first guess is right for %.2f %% of the words" % (100 * scored.top_1))
        print("%d words of the test text, each blanked in turn" % scored.words)
        show_guesses(texts, guesses)
        histories: Dict[str, Any] = {name: run.history for name, run in runs.items()}
        plotting.perplexities(histories, os.path.join(settings.out_dir, "curves.png"))
        pictures.guessed_words(texts, guesses, os.path.join(settings.out_dir, "guesses.png"))
        FIGURES.publish(settings, data.origin, sum(run.seconds for run in runs.values()), values)
