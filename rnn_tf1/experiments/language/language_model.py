"""Training and scoring language models: the published configurations, their recipes, perplexity over a whole text."""

import math
import os
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence

import numpy as np
import tensorflow.compat.v1 as tf
from tqdm import tqdm

from rnn_tf1 import training
from rnn_tf1.data.text.text import END, UNKNOWN, Batches, Vocabulary, Windows
from rnn_tf1.errors import Argument, CheckpointError, Part, TrainingError, printable, renamed
from rnn_tf1.layers.losses import perplexity
from rnn_tf1.models.language_model import LanguageModel, LanguageModelConfig, build_language_model, build_sampler
from rnn_tf1.ops.mode import Mode
from rnn_tf1.program.files import make_directory, read_object
from rnn_tf1.program.terminal import say
from rnn_tf1.training import checkpoints
from rnn_tf1.training.optimize import build_train_op

VOCABULARY = "vocabulary.json"  # in the folder of a run
HASH = "vocabulary_hash"  # the entry of its config.json that says what the ids mean; older versions wrote none
SCORED_STEPS = 100  # words that a scoring graph reads at a time; the perplexity is the same for any number


class Recipe(NamedTuple):
    """How a language model is trained; the published ones by plain gradient descent."""

    epochs: int
    constant_epochs: int  # with the first learning rate
    decay: float  # what the learning rate is multiplied by after each epoch from then on
    clip_norm: float  # longer gradients are scaled down to this norm
    learning_rate: float = 1.0
    optimizer: str = "sgd"  # or "adam"; see `build_train_op`

    def rate(self, epoch: Any) -> Any:
        """The learning rate of an epoch, a float32 scalar tensor, counted from 0."""
        return self.learning_rate * tf.pow(self.decay, tf.maximum(epoch + 1.0 - self.constant_epochs, 0.0))


_SMALL = LanguageModelConfig()
_MEDIUM = LanguageModelConfig(units=650, steps=35, init_scale=0.05, input_keep_prob=0.5, keep_prob=0.5)
_LARGE = LanguageModelConfig(units=1500, steps=35, init_scale=0.04, input_keep_prob=0.35, keep_prob=0.35)
_TEST = LanguageModelConfig(units=2, layers=1, steps=2)
_COMPACT = LanguageModelConfig(
    units=320,
    steps=35,
    init_scale=0.05,
    tied=True,
    variational=True,
    input_keep_prob=0.75,
    keep_prob=0.65,
    recurrent_keep_prob=0.8,
)

# Zaremba et al. 2014, and the tutorial that came with TensorFlow 1. Compact is ours: so many units that 40 epochs take two
# hours on two cores, one table for words and softmax (Press and Wolf 2017; Inan et al. 2017), masks for all steps (Gal and
# Ghahramani 2016) on words, states and outputs, the first rate as long as the validation text gains by it, then a slow decay.
CONFIGS = {
    "small": (_SMALL, Recipe(13, 4, 0.5, 5.0)),
    "medium": (_MEDIUM, Recipe(39, 6, 0.8, 5.0)),
    "large": (_LARGE, Recipe(55, 14, 1 / 1.15, 10.0)),
    "test": (_TEST, Recipe(1, 1, 0.5, 1.0)),
    "compact": (_COMPACT, Recipe(40, 12, 0.85, 5.0)),
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


class Trained(NamedTuple):
    """What `train` returns."""

    history: List[Dict[str, float]]  # one row an epoch
    best_epoch: int  # whose weights the session now has
    seconds: float  # of training, over all resumed parts
    figures: Dict[str, Any]  # perplexities, words per second, tokens: for metrics.json


@renamed(out_dir="folder", path="folder")
def train(
    session: Any,
    config: LanguageModelConfig,
    recipe: Recipe,
    data: Any,
    folder: str,
    settings: Dict[str, Any],
    seed: int = 0,
    vectors: Optional[np.ndarray] = None,
) -> Trained:
    """Trains a language model in the session's graph, under the scope ``Model``, scores it, and says which tokens it scores.

    See `training.fit`, which resumes a run that was stopped, and `keep_vocabulary`.

    Args:
      data: with `train`, `validation` and `test`, ids [tokens], and `vocabulary`.
      vectors: what the embedding begins with.

    The training perplexity is that of the best epoch, with dropout, while the weights change.

    Raises:
      DataError: where a part is too short. Nothing has been written then.
      TrainingError: where the loss, or one of the perplexities at the end, is not finite.
    """
    first = data.vocabulary.end
    batches = Batches(data.train, config.batch_size, config.steps, first)
    parts = {"valid": Windows(data.validation, SCORED_STEPS, first), "test": Windows(data.test, SCORED_STEPS, first)}
    print("training: %s" % batches.describe())
    for name, windows in parts.items():
        print("%s: %s" % (name, windows.describe()), flush=True)
    keep_vocabulary(data.vocabulary, folder)
    step = tf.train.get_or_create_global_step()
    with tf.variable_scope("Model"):
        net = build_language_model(config, Mode(True, seed, step), vectors=vectors)
    with tf.variable_scope("Model", reuse=True):
        test = build_language_model(
            config, Mode(False), batch_size=1, steps=SCORED_STEPS, name="scored", vectors=vectors
        )
    rate = recipe.rate(tf.cast(step // batches.count, tf.float32))
    train_op = build_train_op(net.loss, rate, step, recipe.clip_norm, recipe.optimizer)
    train_op = train_op._replace(op=tf.group(train_op.op, net.carry))
    speed, words = training.Speed(), config.batch_size * config.steps

    def feeds(epoch: int, start: int) -> Iterator[training.Feed]:
        speed.pause()
        for number in range(start, batches.count):
            inputs, targets = batches.batch(number)
            speed.step(words)
            yield {net.inputs: inputs, net.targets: targets, net.begins: number == 0}

    def evaluate() -> Dict[str, float]:
        found = score(session, test, parts["valid"], "validation")
        return {"valid_perplexity": found, "words_per_second": speed.words_per_second}

    advice: List[Part] = ["Try "]
    if "learning_rate" in settings:
        advice += ["a lower ", Argument("learning_rate"), ", or "]
    if vectors is not None:
        advice += ["word vectors of smaller numbers, or "]
    advice += ["another ", Argument("seed"), "."]
    fitted = training.fit(
        session,
        train_op,
        {"loss": net.word_loss},
        feeds,
        batches.count,
        recipe.epochs,
        evaluate,
        folder,
        tied_to(settings, data.vocabulary),
        monitor="valid_perplexity",
        lower_is_better=True,
        may_lack=[HASH],
        advice=advice,
    )
    best = fitted.history[fitted.best_epoch - 1]
    figures = {"train_perplexity": perplexity(best["train_loss"]), "valid_perplexity": best["valid_perplexity"]}
    check_finite(figures, "epoch %d" % fitted.best_epoch, advice)
    figures["test_perplexity"] = score(session, test, parts["test"], "test")
    check_finite(figures, "epoch %d" % fitted.best_epoch, advice)
    more = {
        "words_per_second": training.last_speed(fitted.history),
        "parameters": training.count_parameters(),
        "vocabulary": len(data.vocabulary),
        "train_tokens": batches.tokens,
        "train_tokens_scored": batches.scored,
        "valid_tokens_scored": parts["valid"].scored,
        "test_tokens_scored": parts["test"].scored,
    }
    return Trained(fitted.history, fitted.best_epoch, fitted.seconds, dict(figures, **more))


@renamed(out_dir="folder", path="folder")
def restore_finished(
    session: Any, config: LanguageModelConfig, recipe: Recipe, data: Any, folder: str, settings: Dict[str, Any]
) -> bool:
    """Whether `train` has come to its end in `folder` and metrics.json is there; if so, the session gets its best weights, in a
    graph that `write_on` goes on from. Arguments as for `train`.

    Raises `CheckpointError` where the run there has other settings, or another vocabulary.
    """
    path = os.path.join(folder, "checkpoints")
    newest, best = checkpoints.list_checkpoints(path), checkpoints.list_checkpoints(path, prefix="best")
    if not newest or not best or not os.path.exists(os.path.join(folder, "metrics.json")):
        return False
    batches = Batches(data.train, config.batch_size, config.steps, data.vocabulary.end)
    if int(newest[0].rsplit("-", 1)[1]) < batches.count * recipe.epochs:
        return False
    keep_vocabulary(data.vocabulary, folder)
    with tf.variable_scope("Model"):
        build_language_model(config, Mode(False), batch_size=1, steps=1)
    training.restore_best(session, folder, tied_to(settings, data.vocabulary), may_lack=[HASH])
    return True


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
      session: of the graph that `train` has built.
      how: temperature, top_k, top_p, stop: see `build_sampler`.
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
