"""What the table of words in a language model has learned: which words lie together, in numbers, in a plane, as files."""

import difflib
import os
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1 import training
from rnn_tf1.data.text.text import END, UNKNOWN, Vocabulary
from rnn_tf1.data.text.vectors import check_words
from rnn_tf1.errors import Argument, CheckpointError, DataError, renamed
from rnn_tf1.experiments.language import language_model
from rnn_tf1.models.language_model import LanguageModelConfig
from rnn_tf1.program.files import atomic_path, make_directory, read_object
from rnn_tf1.program.terminal import say
from rnn_tf1.training import checkpoints

TABLES = {"embedding": "Model/embedding", "softmax": "Model/softmax_w"}
SAMPLED = 1000  # words that the softmax compares with in training
RECIPE = language_model.Recipe(3, 2, 0.5, 5.0)
PROBES = ("company", "president", "japan", "monday", "million", "said")

# Chosen before anything was trained: words that a reader would put together.
RELATED = (
    ("monday", "tuesday"),
    ("january", "february"),
    ("million", "billion"),
    ("said", "says"),
    ("company", "firm"),
    ("president", "chairman"),
    ("two", "three"),
    ("he", "she"),
    ("rose", "fell"),
    ("buy", "sell"),
    ("japan", "germany"),
    ("will", "would"),
    ("is", "was"),
    ("year", "month"),
    ("higher", "lower"),
    ("bank", "banks"),
)
_GROUPS = {
    "days": "monday tuesday wednesday thursday friday",
    "months": "january march april june july august october november december jan. oct. sept.",
    "numbers": "one two three four five six seven eight nine ten million billion",
    "countries": "u.s. japan britain germany france canada mexico china",
    "people": "he she they who president chairman director officer analyst analysts traders investors",
    "moves": "rose fell gained dropped declined jumped climbed increased surged tumbled slipped",
}
GROUPS = {name: tuple(words.split()) for name, words in _GROUPS.items()}


class Table(NamedTuple):
    """The words of a model, the most frequent first, and their vectors float32 [words, size]."""

    vocabulary: Vocabulary
    vectors: np.ndarray
    data: str  # what it was trained on: "real" or "generated", and where from


def make_config(vocabulary: int, size: int) -> LanguageModelConfig:
    """A small LSTM for a vocabulary of so many words. One table for its input and its softmax has the better neighbours, and
    a sampled softmax is the faster."""
    return LanguageModelConfig(
        layers=1,
        units=size,
        vocabulary=vocabulary,
        batch_size=32,
        input_keep_prob=0.8,
        keep_prob=0.8,
        tied=True,
        sampled=min(SAMPLED, vocabulary - 1),
    )


@renamed(path="run_dir")
def read_table(run_dir: str, table: str = "embedding", data: Optional[str] = None) -> Table:
    """The table of the best epoch of a language model's run; builds no graph.

    Args:
      run_dir: with vocabulary.json and checkpoints, as `examples/ptb.py` leaves it.
      table: "embedding", what the words are read as, or "softmax", what they are told apart by in the answer.
      data: what it was trained on; default: as metrics.json there says.

    Raises:
      CheckpointError: where there is no such run, its table is not one of these words, or its vocabulary is missing or not
        that of its checkpoints.
      DataError: where its vocabulary is damaged.
    """
    if not checkpoints.list_best(run_dir):
        raise CheckpointError(
            "%s holds no trained language model. Train one: python examples/ptb.py --out-dir %s, or name another with "
            % (run_dir, run_dir),
            Argument("run_dir"),
            ".",
        )
    vocabulary = language_model.read_vocabulary(run_dir)
    vectors = checkpoints.use_best(run_dir, lambda path: _read_vectors(path, table, len(vocabulary)))
    return Table(vocabulary, vectors, data or _origin(run_dir))


def _read_vectors(path: str, table: str, words: int) -> np.ndarray:
    """That table of a checkpoint, float32 [words, depth]."""
    shapes = checkpoints.read_shapes(path)
    tied = table == "softmax" and TABLES[table] not in shapes  # then it is the embedding
    name = TABLES["embedding" if tied else table]
    shape = list(shapes.get(name, ()))
    turned = name == TABLES["softmax"] and shape[1:] == [words]
    if len(shape) != 2 or shape[int(turned)] != words:
        raise CheckpointError(
            "%s: %s is %s there, and vocabulary.json has %d words: they are not of one run. Put back the file of that run, "
            "or name another with " % (path, name, shape, words),
            Argument("run_dir"),
            ".",
        )
    vectors = checkpoints.read(path, name)
    return vectors.T if turned else vectors


@renamed(folder="out_dir")
def train_table(
    data: Any,
    config: LanguageModelConfig,
    recipe: language_model.Recipe,
    out_dir: str,
    settings: Dict[str, Any],
    seed: int,
) -> language_model.Trained:
    """Trains a language model on `data` into the folder `out_dir`, or goes on with it, so that `read_table` reads it."""
    with tf.Graph().as_default(), tf.Session(config=training.session_config()) as session:
        tf.set_random_seed(seed)
        return language_model.train(session, config, recipe, data, out_dir, settings, seed)


def check_known(words: Sequence[str], vocabulary: Vocabulary) -> None:
    """Raises `DataError`, which names words that are spelled alike, where one of `words` is not in the vocabulary."""
    for word in words:
        if word not in vocabulary.ids:
            alike = difflib.get_close_matches(word.lower(), vocabulary.words, 3, 0.6)
            hint = " Spelled alike: %s." % ", ".join(alike) if alike else ""
            raise DataError("The model has no word %r: choose others with " % word, Argument("words"), "." + hint)


def units(vectors: np.ndarray) -> np.ndarray:
    """The rows in float64, each of length 1; a row of zeros stays one."""
    vectors = np.asarray(vectors, np.float64)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1)


def nearest(table: Table, word: str, count: int) -> List[Tuple[str, float]]:
    """The `count` words of the greatest cosine with `word`, itself left out, and the cosines; `UNKNOWN` is none of them."""
    directions = units(table.vectors)
    here = table.vocabulary.ids[word]
    cosines = directions @ directions[here]
    cosines[[here, table.vocabulary.unknown]] = -np.inf
    best = np.argsort(-cosines, kind="stable")[: min(count, len(cosines) - 2)]
    return [(table.vocabulary.words[place], float(cosines[place])) for place in best]


def relatedness(table: Table) -> Dict[str, float]:
    """Whether words that belong together lie together: figures for metrics.json.

    related_pairs   how many of RELATED the vocabulary has; without any of them, the only figure
    related_cosine  their mean cosine
    other_cosine    that of all other pairs of the same words, so that it is not their frequency that tells
    related_rank    the median, over both words of each pair, of the place of the other among all words, the nearest at 1
    """
    ids = [[table.vocabulary.ids.get(word) for word in pair] for pair in RELATED]
    known = np.array([pair for pair in ids if None not in pair], np.int64).reshape(-1, 2)
    if not len(known):
        return {"related_pairs": 0}
    directions = units(table.vectors)
    cosines = directions @ directions[known].reshape(-1, directions.shape[1]).T  # [words, 2 pairs]
    words = known.ravel()
    partners = known[:, ::-1].ravel()
    places = np.arange(len(words))
    together = cosines[partners, places]
    among = cosines[words]
    others = (words[:, None] != words) & (partners[:, None] != words)
    cosines[words, places] = -np.inf  # a word is not its own neighbour
    ranks = 1 + (cosines > together).sum(axis=0)
    return {
        "related_pairs": len(known),
        "related_cosine": float(together.mean()),
        "other_cosine": float(among[others].mean()) if others.any() else 0.0,
        "related_rank": float(np.median(ranks)),
    }


def plane(vectors: np.ndarray) -> Tuple[np.ndarray, float]:
    """The first two principal components of the rows' directions, [rows, 2], and their share of all the variance.

    Of the two signs that each could have, it has that by which its entry of the greatest size is positive.
    """
    directions = units(vectors)
    directions -= directions.mean(axis=0)
    _, sizes, axes = np.linalg.svd(directions, full_matrices=False)
    points = directions @ axes[:2].T
    points = np.pad(points, [(0, 0), (0, 2 - points.shape[1])], "constant")
    points *= np.where(points[np.abs(points).argmax(axis=0), [0, 1]] < 0, -1, 1)
    total = float((sizes**2).sum())
    return points, float((sizes[:2] ** 2).sum()) / total if total else 1.0


def shown_words(vocabulary: Vocabulary, count: int, groups: Mapping[str, Sequence[str]]) -> List[str]:
    """The `count` most frequent words and those of the groups, in the order of the vocabulary, without `UNKNOWN`, `END`."""
    grouped = {word for group in groups.values() for word in group}
    words = enumerate(vocabulary.words)
    return [word for place, word in words if (place < count or word in grouped) and word not in (UNKNOWN, END)]


def write_projector(
    folder: str, words: Sequence[str], vectors: np.ndarray, groups: Mapping[str, Sequence[str]]
) -> None:
    """Writes what TensorBoard's projector reads, each file whole or not at all: vectors.tsv, metadata.tsv (a word and its
    group a line, below one line of names), projector_config.pbtxt. See them by ``tensorboard --logdir folder``.

    Raises `DataError` for a word with white space in it, and for vectors that are not as many as the words.
    """
    check_words(words)
    if len(words) != len(vectors):
        raise DataError("%d words need as many vectors; got %s." % (len(words), list(vectors.shape)))
    make_directory(folder)
    group_of = {word: name for name, group in groups.items() for word in group}
    contents = {
        "vectors.tsv": ("\t".join("%.6g" % value for value in row) for row in vectors),
        "metadata.tsv": ["word\tgroup"] + ["%s\t%s" % (word, group_of.get(word, "other")) for word in words],
        "projector_config.pbtxt": [
            "embeddings {",
            '  tensor_name: "embedding"',
            '  tensor_path: "vectors.tsv"',
            '  metadata_path: "metadata.tsv"',
            "}",
        ],
    }
    for name, lines in contents.items():  # the file that names the others comes last
        with atomic_path(os.path.join(folder, name)) as path, open(path, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(line + "\n" for line in lines)


def _origin(run_dir: str) -> str:
    """What the metrics of a run say about its data."""
    metrics = read_object(os.path.join(run_dir, "metrics.json")) or {}
    if "data" not in metrics:
        say("%s has no metrics.json that tells which data it was trained on." % run_dir)
    return str(metrics.get("data", "unknown"))
