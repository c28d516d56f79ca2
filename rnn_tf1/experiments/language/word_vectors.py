"""What the table of words in a language model has learned: which words lie together, in numbers, in a plane, as files."""

import dataclasses
import difflib
import os
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1.data.text import ptb
from rnn_tf1.data.text.text import END, UNKNOWN, Vocabulary
from rnn_tf1.data.text.vectors import check_words, write_vectors
from rnn_tf1.errors import Argument, CheckpointError, DataError, printable, renamed
from rnn_tf1.experiments.figures import Figure, Figures
from rnn_tf1.experiments.language import pictures
from rnn_tf1.experiments.language.language_model import LanguageModelling, beginning, read_vocabulary
from rnn_tf1.models.language_model import LanguageModelConfig, Recurrence
from rnn_tf1.program.files import atomic_path, locked, make_directory, read_object
from rnn_tf1.program.terminal import say
from rnn_tf1.training import Recipe, RunFolder, StepDecay, checkpoints

TABLES = {"embedding": "Model/embedding", "softmax": "Model/softmax_w"}
SAMPLED = 1000  # words that the softmax compares with in training
RECIPE = Recipe(3, 1.0, 5.0, StepDecay(2, 0.5), "sgd")
QUICK = (20000, 2000)  # tokens of a quick run: to train on, and of the other parts
DEFAULT_RUN = os.path.join("runs", "ptb")
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
FIGURES = Figures(
    "embeddings",
    Figure("valid_perplexity", "perplexity: validation", "%.2f"),
    Figure("test_perplexity", "test", "%.2f"),
    Figure("related_cosine", "mean cosine of related words", "%.2f"),
    Figure("other_cosine", "of other pairs", "%.2f"),
)
GROUPS = {name: tuple(words.split()) for name, words in _GROUPS.items()}


class Table(NamedTuple):
    """The words of a model, the most frequent first, and their vectors float32 [words, size]."""

    vocabulary: Vocabulary
    vectors: np.ndarray
    data: str  # what it was trained on: "real" or "generated", and where from


def make_config(vocabulary: int, size: int) -> LanguageModelConfig:
    """A small LSTM for a vocabulary of that many words. One table for its input and its softmax has the better neighbours, and
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
    vocabulary = read_vocabulary(run_dir)
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


def train_table(settings: Any, recurrence: Recurrence) -> Tuple[Table, Dict[str, Any], float]:
    """(the table of a language model that is trained here, its figures, seconds of training).

    Args:
      settings: those of ``examples/embeddings.py``.
      recurrence: what stands between the words' vectors and the softmax.
    """
    data = ptb.load(settings.data_dir, size=settings.vocabulary)
    if settings.quick:
        data = beginning(data, *QUICK)
    check_known(settings.words or [], data.vocabulary)
    epochs = settings.epochs or (1 if settings.quick else RECIPE.epochs)
    made_of = settings.identity(data=data.identity, tensorflow=tf.__version__)
    folder = RunFolder(os.path.join(settings.out_dir, "model"), made_of)
    config, recipe = make_config(len(data.vocabulary), settings.units), dataclasses.replace(RECIPE, epochs=epochs)
    model = LanguageModelling(settings, recipe, config, data, folder, recurrence)
    model.load()
    run = model.train()
    return read_table(folder.path, settings.table, data.origin), model.report(run), run.seconds


def show_nearest(table: Table, words: Optional[Sequence[str]], count: int) -> Dict[str, str]:
    """Prints the `count` nearest words of each of `words`, by default of PROBES, and gives them as figures."""
    vocabulary = table.vocabulary
    probes = words or [word for word in PROBES if word in vocabulary.ids]
    probes = probes or [word for word in vocabulary.words if word not in (UNKNOWN, END)][:6]
    check_known(probes, vocabulary)
    figures = {}
    for word in probes:
        near = nearest(table, word, count)
        print(printable("%s: %s" % (word, ", ".join("%s %.2f" % pair for pair in near))))
        figures["nearest_" + word] = " ".join(other for other, _ in near)
    return figures


def draw_plane(table: Table, count: int, labels: int, path: str) -> float:
    """Draws the `count` most frequent words and those of GROUPS; gives the share of the variance that the plane holds."""
    shown = shown_words(table.vocabulary, count, GROUPS)
    points, share = plane(table.vectors[table.vocabulary.encode(shown)])
    note = "%d words of %d; the plane holds %.0f %% of the variance of their directions."
    note %= (len(shown), len(table.vocabulary), 100 * share)
    pictures.word_plane(points, shown, GROUPS, labels, path, note)
    return share


def main(settings: Any, make_cell: Callable[..., Any], network: Callable[..., Any]) -> None:
    """Reads or trains a table of words; shows, draws and writes it, and publishes."""
    run_dir, seconds = settings.run_dir, 0.0
    values: Dict[str, Any] = {}
    may_read = not (settings.train or settings.quick)
    if run_dir is None and may_read and os.path.exists(os.path.join(DEFAULT_RUN, "metrics.json")):
        run_dir = DEFAULT_RUN
    with locked(settings.out_dir):
        if run_dir is None:
            table, values, seconds = train_table(settings, Recurrence(make_cell, network))
        else:
            print("the words of %s" % run_dir)
            table = read_table(run_dir, settings.table)
        values.update(show_nearest(table, settings.words, settings.neighbours))
        values.update(relatedness(table), words=table.vectors.shape[0], size=table.vectors.shape[1])
        if values["related_pairs"]:
            line = (
                "%(related_pairs)d related pairs; in the median, the other word of a pair is at place %(related_rank)g"
            )
            print(line % values + " among all words")
        picture = os.path.join(settings.out_dir, "words.png")
        values["plane_share"] = draw_plane(table, settings.plane_words, settings.labels, picture)
        words, projector = table.vocabulary.words, os.path.join(settings.out_dir, "projector")
        write_vectors(os.path.join(settings.out_dir, "vectors.txt"), words, table.vectors, header=True)
        write_projector(projector, words, table.vectors, GROUPS)
        FIGURES.publish(settings, table.data, seconds, values)
        print("vectors.txt is there too; see also: tensorboard --logdir %s" % projector)
