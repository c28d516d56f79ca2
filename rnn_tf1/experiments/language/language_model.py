"""Language models: how they are trained and scored, what ties a run to its vocabulary, and texts that they go on with."""

import dataclasses
import math
import os
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence

import numpy as np
import tensorflow.compat.v1 as tf
from tqdm import tqdm

from rnn_tf1 import training
from rnn_tf1.data.text.text import END, UNKNOWN, Batches, Vocabulary, Windows
from rnn_tf1.errors import Argument, CheckpointError, Part, TrainingError, printable, renamed
from rnn_tf1.experiments.experiment import Experiment
from rnn_tf1.layers.losses import perplexity
from rnn_tf1.models.language_model import (
    RECURRENCE,
    LanguageModel,
    LanguageModelConfig,
    Recurrence,
    build_language_model,
    build_sampler,
)
from rnn_tf1.ops.mode import TESTING, Mode
from rnn_tf1.program.files import make_directory, read_object
from rnn_tf1.program.terminal import say
from rnn_tf1.training import Feed, Recipe, Run, RunFolder, checkpoints

VOCABULARY = "vocabulary.json"  # in the folder of a run
HASH = "vocabulary_hash"  # the entry of its config.json that says what the ids mean; older versions wrote none
SCORED_STEPS = 100  # words that a scoring graph reads at a time; the perplexity is the same for any number


class LanguageModelling(Experiment):
    """A language model of a text, with its variables under the scope ``Model``; every token of the validation part and of the
    test part is scored, each part as one stream.

    Args:
      settings, recipe, folder: see `Experiment`. config.json there gets the hash of the vocabulary, too.
      config: the sizes.
      data: with `train`, `validation` and `test`, ids [tokens], and `vocabulary`; None where `load` reads it.
      recurrence: what stands between the words' vectors and the softmax; default: what `config` describes.

    Attributes:
      vectors: [vocabulary, units], what the embedding begins with; None: random numbers.
    """

    monitor, lower_is_better = "valid_perplexity", True
    vectors: Optional[np.ndarray] = None

    def __init__(
        self,
        settings: Any,
        recipe: Recipe,
        config: LanguageModelConfig,
        data: Any = None,
        folder: Optional[RunFolder] = None,
        recurrence: Recurrence = RECURRENCE,
    ):
        super().__init__(settings, recipe, folder)
        self.config, self.data, self.recurrence = config, data, recurrence
        self.speed = training.Speed()

    @property
    def folder(self) -> RunFolder:
        """Tied to the vocabulary, whose hash config.json has."""
        folder = super().folder
        return dataclasses.replace(folder, settings=tied_to(folder.settings, self.data.vocabulary), may_lack=[HASH])

    def load(self) -> None:
        """Cuts the data up. Raises `DataError` where a part is too short; nothing has been written then."""
        first = self.data.vocabulary.end
        self.stretches = Batches(self.data.train, self.config.batch_size, self.config.steps, first)
        self.parts = {
            "valid": Windows(self.data.validation, SCORED_STEPS, first),
            "test": Windows(self.data.test, SCORED_STEPS, first),
        }
        self.steps_per_epoch = self.stretches.count

    def network(self, mode: Mode) -> LanguageModel:
        if mode.is_training:
            return self.build(mode)
        return self.build(mode, batch_size=1, steps=SCORED_STEPS, name="scored")

    def build(self, mode: Mode, **sizes: Any) -> LanguageModel:
        """`build_language_model` of this model, under ``Model``; `sizes`: batch_size, steps, name."""
        with tf.variable_scope("Model"):
            return build_language_model(self.config, mode, vectors=self.vectors, recurrence=self.recurrence, **sizes)

    def shown(self, net: LanguageModel) -> Dict[str, Any]:
        return {"loss": net.word_loss}

    def batches(self, net: LanguageModel, epoch: int, start: int) -> Iterator[Feed]:
        self.speed.pause()
        for number in range(start, self.stretches.count):
            inputs, targets = self.stretches.batch(number)
            self.speed.step(targets.size)
            yield {net.inputs: inputs, net.targets: targets, net.begins: number == 0}

    def evaluate(self, session: Any, net: LanguageModel) -> Dict[str, float]:
        scored = score(session, net, self.parts["valid"], "validation")
        return {"valid_perplexity": scored, "words_per_second": self.speed.words_per_second}

    @renamed(out_dir="folder", path="folder")
    def train(self) -> Run:
        """See `Experiment.train`; says which tokens it scores, and keeps the vocabulary: see `keep_vocabulary`.

        Raises `TrainingError` where the loss, or a perplexity of the best epoch, is not finite.
        """
        print("training: %s" % self.stretches.describe())
        for name, windows in self.parts.items():
            print("%s: %s" % (name, windows.describe()), flush=True)
        keep_vocabulary(self.data.vocabulary, self.folder.path)
        self.advice = self._advice()
        run = super().train()
        check_finite(_perplexities(run), "epoch %d" % run.best_epoch, self.advice)
        return run

    def report(self, run: Run) -> Dict[str, Any]:
        """Perplexities, words per second, and counts.

        The training perplexity is that of the best epoch, with dropout, while the weights change. Raises `TrainingError` where
        that of the test part is not finite.
        """
        with self.restored() as (session, net):
            tested = {"test_perplexity": score(session, net, self.parts["test"], "test")}
        check_finite(tested, "epoch %d" % run.best_epoch, self._advice())
        return dict(
            _perplexities(run),
            **tested,
            words_per_second=training.last_speed(run.history),
            parameters=run.parameters,
            vocabulary=len(self.data.vocabulary),
            train_tokens=self.stretches.tokens,
            train_tokens_scored=self.stretches.scored,
            valid_tokens_scored=self.parts["valid"].scored,
            test_tokens_scored=self.parts["test"].scored,
        )

    def is_finished(self) -> bool:
        """Whether the run in the folder has come to its end, and its metrics.json is there."""
        path = self.folder.checkpoints
        newest, best = checkpoints.list_checkpoints(path), checkpoints.list_checkpoints(path, prefix="best")
        if not newest or not best or not os.path.exists(os.path.join(self.folder.path, "metrics.json")):
            return False
        return int(newest[0].rsplit("-", 1)[1]) >= self.steps_per_epoch * self.recipe.epochs

    @renamed(out_dir="folder", path="folder")
    def write_on(self, prompts: Sequence[str], count: int, **how: Any) -> List[str]:
        """See `write_on`; with the best weights of the run.

        Raises `CheckpointError` where the run has other settings, or another vocabulary.
        """
        keep_vocabulary(self.data.vocabulary, self.folder.path)
        with self.restored(lambda: self.build(TESTING, batch_size=1, steps=1)) as (session, _):
            how["recurrence"] = self.recurrence
            return write_on(session, self.config, self.data.vocabulary, prompts, count, self.seed, **how)

    def _advice(self) -> List[Part]:
        """What to do where a loss or a perplexity is not finite."""
        advice: List[Part] = ["Try "]
        if "learning_rate" in self.folder.settings:
            advice += ["a lower ", Argument("learning_rate"), ", or "]
        if self.vectors is not None:
            advice += ["word vectors of smaller numbers, or "]
        return [*advice, "another ", Argument("seed"), "."]


def _perplexities(run: Run) -> Dict[str, float]:
    """Those of the best epoch."""
    return {
        "train_perplexity": perplexity(run.best["train_loss"]),
        "valid_perplexity": run.best["valid_perplexity"],
    }


def score(session: Any, net: LanguageModel, windows: Any, title: str = "scoring") -> float:
    """The perplexity of whole texts, the state carried from window to window: exp of the mean of -log p over all their tokens.

    Args:
      net: a test graph with as many rows and steps as the windows have.
      windows: `data.text.Windows`, one stream, or what gives batches with weights as it does.
    """
    total = 0.0
    for number in tqdm(range(windows.count), desc=title, unit="window", leave=False):
        inputs, targets, weights = windows.batch(number)
        feed = {net.inputs: inputs, net.targets: targets, net.weights: weights, net.begins: number == 0}
        total += float(session.run([net.total, net.carry], feed)[0])
    return perplexity(total / windows.scored)


def check_finite(figures: Mapping[str, float], where: str, advice: Sequence[Part]) -> None:
    """Raises `TrainingError`, with the parts of `advice`, where one of the figures after `where` is infinite or no number."""
    for name, value in figures.items():
        if not math.isfinite(value):
            raise TrainingError(
                "The %s of %s is %s: the network has not learned, and there is nothing to publish. "
                % (name.replace("_", " "), where, value),
                *advice,
            )


def tied_to(settings: Dict[str, Any], vocabulary: Vocabulary) -> Dict[str, Any]:
    """`settings`, with the hash of the vocabulary, by which config.json ties it to the checkpoints."""
    return dict(settings, **{HASH: vocabulary.hash})


def keep_vocabulary(vocabulary: Vocabulary, folder: str) -> None:
    """Writes vocabulary.json into the folder of a run; where that has checkpoints, checks that it is the one there.

    Raises `CheckpointError` where the run there was made with another vocabulary; see also `read_vocabulary`.
    """
    path = os.path.join(make_directory(folder), VOCABULARY)
    kept = os.path.join(folder, "checkpoints")
    begun = any(checkpoints.list_checkpoints(kept, prefix) for prefix in ("step", "best"))
    # Older versions wrote none beside some runs, and no hash: there, the checksum of the data says that it is the same.
    untold = _known_hash(folder) is None and not os.path.exists(path)
    if begun and not untold:
        read_vocabulary(folder)
        vocabulary.check(path)
    else:
        vocabulary.save(path)


def read_vocabulary(folder: str) -> Vocabulary:
    """The vocabulary of the run in that folder.

    Raises:
      CheckpointError: where it is missing, or is another than that of the checkpoints, whose hash is in config.json.
      DataError: where it is damaged.
    """
    path, known = os.path.join(folder, VOCABULARY), _known_hash(folder)
    if not os.path.exists(path):
        raise CheckpointError(
            "%s is missing: without it, nothing tells which words the checkpoints beside it know. Put back the file of that "
            "run, or train anew in another folder." % path
        )
    vocabulary = Vocabulary.load(path)
    if known not in (None, vocabulary.hash):
        raise CheckpointError(
            "%s: the checkpoints beside it know another vocabulary: %s, and this one is %s. Put back the file of that run, or "
            "train anew in another folder." % (path, str(known)[:16], vocabulary.hash[:16])
        )
    return vocabulary


def _known_hash(folder: str) -> Optional[str]:
    """That of the vocabulary in config.json; None where there is none, as in a run of an older version."""
    return (read_object(os.path.join(folder, "config.json")) or {}).get(HASH)


def write_on(
    session: Any,
    config: LanguageModelConfig,
    vocabulary: Vocabulary,
    prompts: Sequence[str],
    count: int,
    seed: int = 0,
    **how: Any,
) -> List[str]:
    """Goes on with each of `prompts` by `count` words, in one session call; gives the texts to be printed, a sentence a line.

    A word that the vocabulary lacks is read as ``<unk>``, and one line on stderr says so. A prompt is read as the
    beginning of a sentence.

    Args:
      session: of a graph in which the model has been built, under ``Model``.
      how: temperature, top_k, top_p, stop, recurrence: see `build_sampler`.
    """
    rows = []
    for prompt in prompts:
        words = prompt.split()
        unknown = sorted({word for word in words if word not in vocabulary.ids})
        if unknown:
            say("Not in the vocabulary, read as %s: %s" % (UNKNOWN, ", ".join(unknown)))
        rows.append(vocabulary.encode([END] + words))
    lengths = [len(row) for row in rows]
    padded = np.array([np.pad(row, (0, max(lengths) - len(row)), "constant") for row in rows])
    with tf.variable_scope("Model", reuse=True):
        sampler = build_sampler(config, log_probabilities=False, **how)
    feed = {sampler.prompts: padded, sampler.lengths: lengths, sampler.count: count, sampler.seed: seed}
    drawn = session.run(sampler.sampled, feed)
    texts = []
    for row, tokens, length in zip(rows, drawn.tokens, drawn.lengths):
        sentences: List[List[str]] = [[]]
        for word in vocabulary.decode(list(row[1:]) + list(tokens[:length])):
            if word == END:
                sentences.append([])
            else:
                sentences[-1].append(word)
        texts.append(printable("\n".join(" ".join(sentence) for sentence in sentences)))
    return texts


def beginning(data: Any, train: int, other: int) -> Any:
    """The first `train` training tokens of `data` and the first `other` of the other parts."""
    return data._replace(train=data.train[:train], validation=data.validation[:other], test=data.test[:other])
