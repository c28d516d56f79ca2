"""Gives damaged files to everything that reads files, and says what neither reads them nor refuses them in words::

    python tests/fuzz.py [--cases N] [--first N] [--loader NAME]    # N cases in all, shared out by what they cost
    python tests/fuzz.py --loader NAME --case NUMBER [--keep FOLDER]    # that case alone, and its files in FOLDER

A case is a valid file with something wrong in it (tests/mutations.py), a function of its number. The loader must return, or
raise an error of the project: printable, not endless, with the name of a file in it; in 10 seconds and 500 MB. Cases run in
forked processes, so that a crash, a hang or a full memory costs one case and is told by its number.

Whoever writes a loader adds a line to `LOADERS`, with how a valid file is made; tests/data/test_fuzz.py fails for one that is
forgotten. Needs ``os.fork``.
"""

import argparse
import collections
import contextlib
import hashlib
import importlib
import io
import json
import mmap
import os
import random
import re
import resource
import select
import signal
import struct
import sys
import tempfile
import time
import traceback
from typing import Any, Callable, Dict, List, NamedTuple, Sequence, Tuple

import mutations
import numpy as np
from mutations import joined, member, zipped

SECONDS, MEGABYTES = 10.0, 500  # the most that a case may take
STUCK = 60.0  # seconds without a sign, after which a process is ended
ADDRESSES = 4 << 30  # bytes of addresses that a process may take beyond those it begins with, for the machine's sake
LONGEST = 6000  # characters of a message
BATCH = 500  # cases of one process
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # where files are quick to make and to remove
FULL = 3  # exit code of a process whose memory has grown

Files = Dict[str, bytes]


class Loader(NamedTuple):
    """Something that reads files."""

    name: str
    covers: Tuple[str, ...]  # the functions of the package that it calls
    files: Callable[[], Sequence[Files]]  # valid ones, {name in the folder: bytes}; each case begins with one of these
    read: Callable[[str, Any], Any]  # of (the folder, a `random.Random`)
    share: float = 1.0  # of all cases
    shallow: str = (
        "cannot be read|not UTF-8|gzip data|not a .tgz|CRC|Error -|Compressed file"  # in messages of the first checks
    )
    says: str = ""  # what every message names where it names no file
    imports: Tuple[str, ...] = ()  # modules; default: the valid files are read once before any process is forked


class Result(NamedTuple):
    """What came of a case: "loaded", "refused", or what went wrong."""

    what: str
    text: str
    seconds: float
    deep: bool = False  # past the first check


class TooSlow(BaseException):
    """A case has taken all the seconds it may."""


# --------------------------------------------------------------------------------------------------- the valid files


def _csv() -> List[Files]:
    rows = ["%d-%02d-01,%d,%.1f" % (2000 + n // 12, 1 + n % 12, n * n * 37 % 61, n % 7) for n in range(60)]
    plain = "date,sales,warm\n" + "\n".join(rows) + "\n"
    spread = "sep=;\nTag;Wert\n" + "\n".join('%02d.01.2020;"%d,5"' % (n + 1, n) for n in range(31)) + "\n"
    bare = "\n".join("%d %d" % (n * n * 7 % 31, n * n % 17) for n in range(50)).replace(" ", "\t")
    return [{"a.csv": text.encode("utf-8")} for text in (plain, spread, bare)]


def _read_csv(folder: str, random: Any) -> Any:
    from rnn_tf1.data.series import table

    columns = random.choice((None, None, None, ["sales"], ["1"], ["Wert", "Tag"]))
    ways = random.choice(table.WAYS), random.choice(table.MARKS)
    return table.read_csv(os.path.join(folder, "a.csv"), columns, *ways)


def _forecast(folder: str, random: Any) -> Any:
    from rnn_tf1.data.series import table as tables
    from rnn_tf1.experiments.forecasting import own_series

    path = os.path.join(folder, "a.csv")
    if random.random() < 0.05:
        return own_series.write_example(path, 0)
    table = tables.read_csv(path, missing=random.choice(tables.WAYS))
    with np.errstate(all="ignore"):
        data = own_series.prepare(
            table, random.choice((1, 5)), random.choice((1, 3)), random.choice(((), (1,), (1, 12))), 0.2, 0.2
        )
    if table.dates is not None:
        own_series.next_dates(table.dates, 3)
    assert np.isfinite(data.scaled).all() and data.identity
    one = data.undo(data.scaled[np.newaxis, : data.ahead], data.differences.needed)
    own_series.write_forecast(os.path.join(folder, "out.csv"), table, own_series.Forecast(one[0], one[0], one[0]))
    return data


TEXT = b"the cat sat on the mat .\nthe  dog , a caf\xc3\xa9 N <unk> .\n\na rose is a rose\n" * 3


def _text() -> List[Files]:
    return [{"a.txt": TEXT}, {"a.txt": b"\xef\xbb\xbf" + TEXT.replace(b"\n", b"\r\n")}]


def _read_text(folder: str, random: Any) -> Any:
    from rnn_tf1.data.text import text

    path = os.path.join(folder, "a.txt")
    vocabulary = text.make_vocabulary(text.read_words(path), random.choice((None, 3, 8)), least=random.choice((1, 2)))
    ids = text.encode_file(path, vocabulary)
    vocabulary.decode(ids[:50])
    return text.Windows(ids, 5, vocabulary.end).batch(0)


def _lines() -> List[Files]:
    return [{"a.txt": TEXT}, {"a.txt.gz": zipped(TEXT)}]


def _read_lines(folder: str, random: Any) -> Any:
    from rnn_tf1.data.files import lines
    from rnn_tf1.data.text import tokenizer

    path = _one(folder)
    found = [tokenizer.tokenize(line, numbers=True, urls=True) for line in lines.read_lines(path)]
    return [tokenizer.detokenize(tokens) for tokens in found if len(tokens) <= 400]  # a translation has no more


def _one(folder: str) -> str:
    """The first file of a folder; one that is missing where there is none."""
    return os.path.join(folder, (sorted(os.listdir(folder)) or ["a.gone"])[0])


def _ptb() -> List[Files]:
    from rnn_tf1.data.text import ptb

    parts = {name: TEXT * 3 for name in ptb.SHA256}
    archive = joined([member((ptb.ARCHIVE_FOLDER + name).encode(), parts[name]) for name in parts])
    plain = {"ptb/" + name: content for name, content in parts.items()}
    return [plain, plain, {"ptb/" + ptb.ARCHIVE: zipped(archive)}]


def _read_ptb(folder: str, random: Any) -> Any:
    from rnn_tf1.data.text import ptb

    published = hashlib.sha256(TEXT * 3).hexdigest()
    with _instead(ptb, SHA256=dict.fromkeys(ptb.SHA256, published)):
        return ptb.load(folder, size=random.choice((None, 10))).identity


def _fairy_tales() -> List[Files]:
    tale = (
        "\n\nOnce upon a time there was a king,\nand he had a \u201cgolden\u201d bird.\n\nThe end came soon.\n\n\n\n\n"
    )
    book = "Contents\n\n\n\n\nTHE GOLDEN BIRD" + tale
    book += "".join("TALE OF %s%s" % ("ABCDEFGHIJKLMNOP"[n], tale) for n in range(12)) + "*****\n*** END OF THE BOOK\n"
    return [{"grimm/grimm.txt": book.encode("utf-8")}]


def _read_fairy_tales(folder: str, random: Any) -> Any:
    from rnn_tf1.data.text import fairy_tales

    return fairy_tales.load(folder, random.choice((None, 2, 40))).identity


def _reviews() -> List[Files]:
    from rnn_tf1.data.text import reviews

    texts = {name: ("a %s film , \x97 it is .\n" % name).encode("latin-1") * 12 for name in reviews.NAMES}
    archive = joined([member((reviews.ARCHIVE_FOLDER + name).encode(), text) for name, text in texts.items()])
    plain = {"reviews/" + name: text.replace(b"\x97", b"-") for name, text in texts.items()}
    return [plain, plain, {"reviews/" + reviews.ARCHIVE: zipped(archive)}]


def _read_reviews(folder: str, random: Any) -> Any:
    from rnn_tf1.data.text import reviews

    with _instead(reviews, SENTENCES=12):
        return reviews.load(folder).identity


def _vectors() -> List[Files]:
    rows = "".join("%s %s\n" % (word, " ".join("%.3f" % (n * 0.37 - 1) for n in range(4))) for word in VECTOR_WORDS)
    return [{"a.txt": rows.encode("utf-8")}, {"a.txt": ("%d 4\n%s" % (len(VECTOR_WORDS), rows)).encode("utf-8")}]


VECTOR_WORDS = ("the", "of", "caf\u00e9", "7", "new york", "<unk>")


def _read_vectors(folder: str, random: Any) -> Any:
    from rnn_tf1.data.text import text, vectors

    vocabulary = text.Vocabulary(["the", "7", "caf\u00e9", "absent", "<unk>", "<eos>"])
    found, count = vectors.read_vectors(os.path.join(folder, "a.txt"), vocabulary, random.choice((4, 4, 4, 4, 1, 3)))
    assert np.isfinite(found).all()
    return count


def _translation() -> List[Files]:
    sides = {"en": b"The dog sees 12 cats.\nA man's house, www.a.com/b\n\xc3\x89t\xc3\xa9 &amp; l'homme\n"}
    sides["fr"] = b"Le chien voit 12 chats.\nLa maison d'un homme\n\xe2\x80\x9cOui\xe2\x80\x9d\n"
    parts = ("train", "val", "test_2016_flickr")
    plain = {"multi30k/%s.%s" % (part, end): sides[end] * 2 for part in parts for end in sides}
    return [plain, {name + ".gz": zipped(text) for name, text in plain.items()}]


def _read_translation(folder: str, random: Any) -> Any:
    from rnn_tf1.data.pairs import translation

    data = translation.load(folder)
    tokens = translation.tokenize_lines(data.train, numbers=True, urls=True)
    sides = [translation.make_sentence_vocabulary(side, random.choice((None, 6))) for side in tokens]
    return data.identity, translation.encode(tokens, *sides, longest=50).describe()


def _vocabulary() -> List[Files]:
    words = ["<pad>", "<s>", "</s>", "<unk>", "<eos>", "the", "caf\u00e9", "\x1b[31m"]
    told = hashlib.sha256(json.dumps(words).encode("ascii")).hexdigest()
    return [{"a.json": json.dumps({"hash": told, "words": words}).encode("utf-8")}]


def _read_vocabulary(folder: str, random: Any) -> Any:
    """The hash is made right for most of the mutants that have words: it protects against accidents alone."""
    from rnn_tf1.data.pairs import translation
    from rnn_tf1.data.text import text

    path = os.path.join(folder, "a.json")
    kind = random.choice((text.Vocabulary, translation.SentenceVocabulary))
    if random.random() < 0.8:
        with contextlib.suppress(Exception), open(path, encoding="utf-8") as file:
            words = json.load(file)["words"]
            told = hashlib.sha256(json.dumps(list(words)).encode("ascii")).hexdigest()
            with open(path, "w", encoding="utf-8") as file:
                json.dump({"hash": told, "words": words}, file)
    found = kind.load(path)
    found.check(path)
    return found.decode(found.encode(["the", "x"]))


def _drawings(count: int = 4) -> bytes:
    arrays = dict(
        strokes=np.array([[1, 2, 0], [3, -4, 1]] * count, np.int16),
        offsets=np.arange(0, 2 * count + 1, 2, dtype=np.int32),
        labels=np.arange(count, dtype=np.int32) % 2,
        classes=np.array(["cat", "$x$ dog"]),
    )
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)
    return packed.getvalue()


def _sketches() -> List[Files]:
    return [{"sketches/%s.npz" % part: _drawings() for part in ("train", "valid", "test")}]


def _read_sketches(folder: str, random: Any) -> Any:
    from rnn_tf1.data.images import sketches

    return sketches.load(folder).identity


def _read_npz(folder: str, random: Any) -> Any:
    from rnn_tf1.data.images import sketches

    drawings, classes = sketches.read_npz(os.path.join(folder, "a.npz"))
    sketches.write_npz(os.path.join(folder, "b.npz"), drawings, classes)
    return [sketches.scaled(one) for one in drawings.strokes[:10]]


def _ndjson() -> List[Files]:
    def lines(word: str) -> bytes:
        one = {"word": word, "key_id": "5", "drawing": [[[0, 5, 255], [3, 4, 0], [0, 10, 20]], [[7], [9]]]}
        return (json.dumps(one) + "\n").encode("utf-8") * 21

    return [{"a.ndjson": lines("cat"), "b.ndjson": lines("dog")}]


def _read_ndjson(folder: str, random: Any) -> Any:
    from rnn_tf1.data.images import sketches

    paths = [os.path.join(folder, name) for name in ("a.ndjson", "b.ndjson")]
    return sketches.load_ndjson(paths, 100).identity


CHORALE = b"note0,note1,note2,note3\n" + b"74,70,65,58\n75,70,58,55\n0,0,0,0\n74,70,65,58\n"


def _chorales() -> List[Files]:
    names = [b"%s/c%d.csv" % (part, n) for part in (b"train", b"valid", b"test") for n in range(2)]
    archive = joined([member(name, CHORALE) for name in names])
    return [{"chorales/jsb_chorales.tgz": zipped(archive)}]


def _read_chorales(folder: str, random: Any) -> Any:
    from rnn_tf1.data.music import chorales

    data = chorales.load(folder)
    return data.identity, chorales.streams(data, random.choice((0, 2)))


def _read_chorale(folder: str, random: Any) -> Any:
    from rnn_tf1.data.music import chorales

    path = os.path.join(folder, "a.csv")
    with open(path, "rb") as file:
        notes = chorales.parse(file.read(), path)
    words = chorales.to_words(notes)
    return chorales.from_words(words + [random.choice("satb") + random.choice(mutations.TEXTS)])


def _midi() -> List[Files]:
    from rnn_tf1.data.music import scores

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.mid")
        scores.write_midi(path, np.array([[74, 0, 65], [74, 70, 65], [75, 70, 0]], np.int32))
        with open(path, "rb") as file:
            return [{"a.mid": file.read()}]


def _read_midi(folder: str, random: Any) -> Any:
    from rnn_tf1.data.music import scores

    return scores.read_midi(os.path.join(folder, "a.mid"))


def _idx(shape: Sequence[int], most: int = 255) -> bytes:
    count = int(np.prod(shape))
    items = (np.arange(count) * 7 % (most + 1)).astype(np.uint8)
    return struct.pack(">HBB%dI" % len(shape), 0, 8, len(shape), *shape) + items.tobytes()


def _idx_files() -> List[Files]:
    return [{"a-ubyte": _idx([3, 4, 5])}, {"a-ubyte.gz": zipped(_idx([3, 4, 5]))}, {"a-ubyte": _idx([0])}]


def _read_idx(folder: str, random: Any) -> Any:
    from rnn_tf1.data.files import idx

    return idx.read_idx(_one(folder)).sum()


def _mnist() -> List[Files]:
    sizes = {"train": 5, "t10k": 3}
    plain = {"mnist/%s-images-idx3-ubyte" % part: _idx([count, 28, 28]) for part, count in sizes.items()}
    plain.update({"mnist/%s-labels-idx1-ubyte" % part: _idx([count], 9) for part, count in sizes.items()})
    return [plain, {name + ".gz": zipped(content) for name, content in plain.items()}]


def _read_mnist(folder: str, random: Any) -> Any:
    from rnn_tf1.data.images import mnist

    return mnist.load(folder, validation=2).identity


def _archive() -> List[Files]:
    found = [member(b"./a.txt", TEXT), member(b"train/x.csv", CHORALE), member(b"train/y.csv", CHORALE * 40)]
    return [{"a.tgz": zipped(joined(found))}]


def _read_archive(folder: str, random: Any) -> Any:
    from rnn_tf1.data.files import archive

    path = os.path.join(folder, "a.tgz")
    if random.random() < 0.5:
        return archive.read_members(path, ["a.txt", "train/x.csv"], 1 << 20)
    return archive.read_all(path, r"train/\w[\w .-]*[.]csv", 1 << 20)


def _notes() -> List[Files]:
    from rnn_tf1.data.files import sets
    from rnn_tf1.data.generated import bilingual, grammar

    return [{grammar.NOTE: b"Written by", sets.NOTE: b"Written by", bilingual.NOTE: "\u00e9 2\n".encode("utf-8")}]


def _read_notes(folder: str, random: Any) -> Any:
    from rnn_tf1.data.generated import bilingual, grammar
    from rnn_tf1.data.images import sketches

    found = sketches.locate(sketches._SET._replace(folder="a", generate=lambda folder: None), folder, generated=True)
    return grammar.is_current(folder), bilingual.is_current(folder, {"train": 5}), found


def _cluster() -> List[Files]:
    jobs = {"ps": ["10.0.0.1:2222"], "worker": ["10.0.0.2:2222", "[::1]:2223"], "chief": ["a.b-c:65535"]}
    return [{"a.json": json.dumps({"cluster": jobs, "task": {"type": "worker", "index": 1}}).encode("ascii")}]


def _read_cluster(folder: str, random: Any) -> Any:
    from rnn_tf1.cluster import addresses

    with open(os.path.join(folder, "a.json"), encoding="utf-8", errors="surrogateescape") as file:
        found = addresses.parse_tf_config(file.read())
    return found.name, found.address, found.others, found.servers, found.replica


def _flags() -> List[Files]:
    return [{"a.flag": text.encode("ascii")} for text in ("12", "0.5", "a,b", "3,4,5")]


def _read_flags(folder: str, random: Any) -> Any:
    from rnn_tf1.errors import UserError
    from rnn_tf1.program import cli

    with open(os.path.join(folder, "a.flag"), encoding="utf-8", errors="surrogateescape") as file:
        text = file.read()
    kind = random.choice(
        (cli.whole(1, 9), cli.whole(0), cli.real(0), cli.real(0, 1), cli.path, cli.listed(cli.whole(1)))
    )
    try:
        return kind(text)
    except argparse.ArgumentTypeError as error:
        raise UserError("argument --flag: %s" % error) from error  # argparse prints it as it is, see cli


RUN = {"seed": 3, "units": 8, "data": "real, 5 lines", "cells": ["lstm", "gru"], "tensorflow": "2.1"}


def _run() -> List[Files]:
    metrics = {"attention": "luong", "bleu_by_length": {"1-5": 2.5}, "test_set": "", "data": "real"}
    values = {
        "config.json": RUN,
        "result.json": {"settings": RUN, "valid": 0.5, "curve": [1, 2]},
        "metrics.json": metrics,
    }
    return [{name: json.dumps(value).encode("ascii") for name, value in values.items()}]


def _read_run(folder: str, random: Any) -> Any:
    from rnn_tf1 import training
    from rnn_tf1.data.pairs.translation import Lines, Tokens
    from rnn_tf1.experiments.language import word_vectors
    from rnn_tf1.experiments.translation import judging

    hint = training.differences(os.path.join(folder, "config.json"), RUN)
    found = training.read_finished(folder, RUN)
    assert isinstance(hint, tuple) and (found is None or found["settings"] == RUN)
    word_vectors._origin(folder)
    parts = collections.namedtuple("Parts", "tokens raw")(
        {"test": Tokens([["a", "b"]], [["c"]])}, {"test": Lines(["a b"], ["c"])}
    )
    path = os.path.join(folder, "metrics.json")
    with contextlib.suppress(Exception), open(path, encoding="utf-8") as file:  # most of them of the same sentences
        metrics = json.load(file)
        names = judging.groups_by_length([2])[0]
        metrics["bleu_by_length"] = dict(zip(names, metrics["bleu_by_length"].values()))
        metrics["test_set"] = judging.identify(parts.raw["test"])
        with open(path, "w", encoding="utf-8") as file:
            json.dump(metrics, file)
    return judging.read_other_run(folder, parts)


def _from_child(make: Callable[[str], Any]) -> Files:
    """The files that make(folder) writes, in a process of its own: one with a session of TensorFlow cannot be forked."""
    with tempfile.TemporaryDirectory() as folder:
        child = os.fork()
        if not child:
            code = 1
            try:
                make(folder)
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(code)
        assert os.waitpid(child, 0)[1] == 0, "no valid files"
        found = {}
        for directory, _, names in os.walk(folder):
            for name in names:
                with open(os.path.join(directory, name), "rb") as file:
                    found[os.path.relpath(os.path.join(directory, name), folder)] = file.read()
        return found


def _variables() -> Any:
    """(a graph, its saver, its variables), once in a process."""
    import tensorflow.compat.v1 as tf

    if not _built:
        graph = tf.Graph()
        with graph.as_default(), tf.device("/cpu:0"):
            shapes = {"Model/embedding": [9, 4], "Model/softmax_w": [4, 9], "bias": [3], "step": []}
            made = [tf.get_variable(name, shape, initializer=tf.ones_initializer()) for name, shape in shapes.items()]
            made.append(tf.get_variable("text", initializer=tf.constant("words")))
            _built.extend([graph, tf.train.Saver(max_to_keep=None), made])
    return _built


_built: List[Any] = []
_sessions: Dict[int, Any] = {}  # by process


def _session() -> Any:
    import tensorflow.compat.v1 as tf

    if os.getpid() not in _sessions:
        config = tf.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)
        _sessions[os.getpid()] = tf.Session(graph=_variables()[0], config=config)
    return _sessions[os.getpid()]


def _save_checkpoints(folder: str) -> None:
    import tensorflow.compat.v1 as tf

    from rnn_tf1.training import checkpoints

    graph, saver, _ = _variables()
    with graph.as_default(), tf.Session() as session:
        session.run(tf.global_variables_initializer())
        checkpoints.save(session, saver, folder, 8, prefix="best")
        for step in (4, 8):
            checkpoints.save(session, saver, folder, step)


def _checkpoints() -> List[Files]:
    return [_from_child(_save_checkpoints)]


def _read_checkpoints(folder: str, random: Any) -> Any:
    from rnn_tf1.training import checkpoints

    graph, saver, made = _variables()
    with graph.as_default():
        session = _session()
        if random.random() < 0.5:
            restored = checkpoints.restore_newest(session, saver, made, folder)
        else:
            restored = os.path.join(folder, "best-8")
            checkpoints.check_fits(restored, checkpoints.read_shapes(restored), made)
            checkpoints.restore(session, saver, restored)
        if restored and not folder.endswith("forged"):
            for value in session.run(made):
                right = value == b"words" if isinstance(value, bytes) else bool((np.asarray(value) == 1).all())
                assert right, "other weights than those that were saved"


def _forged() -> List[Files]:
    return [_from_child(lambda folder: _save_checkpoints(os.path.join(folder, "forged")))]


def _read_forged(folder: str, random: Any) -> Any:
    return _read_checkpoints(os.path.join(folder, "forged"), random)


def _language_run() -> List[Files]:
    files = _from_child(lambda folder: _save_checkpoints(os.path.join(folder, "checkpoints")))
    files["vocabulary.json"] = json.dumps(
        {"hash": hashlib.sha256(json.dumps(WORDS).encode()).hexdigest(), "words": WORDS}
    ).encode()
    files["config.json"] = json.dumps(dict(RUN, vocabulary_hash=json.loads(files["vocabulary.json"])["hash"])).encode(
        "ascii"
    )
    return [{name: content for name, content in files.items() if "step-" not in name}]


WORDS = ["the", "<unk>", "<eos>", "a", "b", "c", "d", "e", "f"]


def _read_language_run(folder: str, random: Any) -> Any:
    from rnn_tf1.experiments.language import word_vectors

    table = word_vectors.read_table(folder, random.choice(("embedding", "softmax")))
    return word_vectors.nearest(table, table.vocabulary.words[0], 2)


def _translator() -> List[Files]:
    import translators

    return [_from_child(translators.train)]


def _read_translator(folder: str, random: Any) -> Any:
    import tensorflow.compat.v1 as tf
    import translators

    from rnn_tf1.experiments.translation import translating, translator_files

    kept = translator_files.load(folder)
    kept.check(folder)
    translators.KEPT.check(folder)
    if random.random() < 0.02:
        with tf.Graph().as_default(), tf.Session() as session:
            net = translating.restore(session, folder, kept)
            return [one[0].text for one in translating.translate(session, net, kept, ["the dog", "a cat ."])]
    return kept


def _saved_model() -> List[Files]:
    def make(folder: str) -> None:
        import tensorflow.compat.v1 as tf

        from rnn_tf1.bridge import saved_model

        with tf.Graph().as_default(), tf.Session() as session:
            x = tf.placeholder(tf.float32, [None, 3], "x")
            y = tf.matmul(x, tf.get_variable("w", [3, 2]))
            session.run(tf.global_variables_initializer())
            saved_model.export_model(session, os.path.join(folder, "model"), {"run": ({"x": x}, {"y": y})}, {})

    return [_from_child(make)]


def _read_saved_model(folder: str, random: Any) -> Any:
    import tensorflow.compat.v1 as tf

    from rnn_tf1.errors import UserError

    try:
        with tf.Graph().as_default(), tf.Session() as session:
            model = tf.saved_model.load(session, ["serve"], os.path.join(folder, "model"))
            signature = model.signature_def["run"]
            return session.run(signature.outputs["y"].name, {signature.inputs["x"].name: np.ones([1, 3])})
    except Exception as error:
        raise UserError("%s: %s" % (folder, type(error).__name__)) from error


LOADERS = [
    Loader("idx", ("idx.read_idx",), _idx_files, _read_idx, 8, "gzip data|not an idx file|empty"),
    Loader("mnist", ("mnist.load",), _mnist, _read_mnist, 2, "gzip data|not an idx file|empty"),
    Loader("table", ("table.read_csv",), _csv, _read_csv, 5, "not in UTF-8|NUL byte|is empty|not a row of a table"),
    Loader("forecast", (), _csv, _forecast, 2, "not in UTF-8|NUL byte|is empty|not a row of a table", says=" "),
    Loader("text", ("text.read_words", "text.encode_file"), _text, _read_text, 6, "not UTF-8|NUL|empty"),
    Loader("lines", ("lines.read_lines",), _lines, _read_lines, 4, "not UTF-8|NUL|gzip data|control"),
    Loader("ptb", ("ptb.load",), _ptb, _read_ptb, 1),
    Loader("fairy_tales", ("fairy_tales.load",), _fairy_tales, _read_fairy_tales, 2, "not UTF-8|NUL"),
    Loader("reviews", ("reviews.load",), _reviews, _read_reviews, 2),
    Loader("archive", ("archive.read_members", "archive.read_all"), _archive, _read_archive, 2),
    Loader("vectors", ("vectors.read_vectors",), _vectors, _read_vectors, 8, "not UTF-8"),
    Loader("translation", ("translation.load",), _translation, _read_translation, 2),
    Loader(
        "vocabulary",
        ("text.Vocabulary.load", "text.Vocabulary.check", "translation.SentenceVocabulary.load"),
        _vocabulary,
        _read_vocabulary,
        8,
        "codec|Expecting|nested|its hash is not",
    ),
    Loader("sketches", ("sketches.load",), _sketches, _read_sketches, 1, "no .npz file of plain arrays"),
    Loader(
        "npz", ("sketches.read_npz",), lambda: [{"a.npz": _drawings()}], _read_npz, 3, "no .npz file of plain arrays"
    ),
    Loader(
        "ndjson", ("sketches.read_ndjson", "sketches.load_ndjson"), _ndjson, _read_ndjson, 3, "UTF-8|Expecting|Delim"
    ),
    Loader("chorales", ("chorales.load",), _chorales, _read_chorales, 0.7),
    Loader("chorale", ("chorales.parse",), lambda: [{"a.csv": CHORALE}], _read_chorale, 8, "no CSV of whole numbers"),
    Loader("midi", ("scores.read_midi",), _midi, _read_midi, 1.5, "not a MIDI file"),
    Loader("notes", ("sets.locate", "grammar.is_current", "bilingual.is_current"), _notes, _read_notes, 0.03),
    Loader("cluster", (), _cluster, _read_cluster, 10, "not JSON", says="TF_CONFIG"),
    Loader("flags", (), _flags, _read_flags, 6, says="--flag"),
    Loader("run", (), _run, _read_run, 4, "codec|Expecting|nested"),
    Loader(
        "checkpoints",
        (),
        _checkpoints,
        _read_checkpoints,
        0.3,
        "NotFound|missing",
        imports=("rnn_tf1.training.checkpoints",),
    ),
    Loader(
        "language_run",
        (),
        _language_run,
        _read_language_run,
        0.3,
        imports=("rnn_tf1.experiments.language.word_vectors",),
    ),
    Loader("translator", (), _translator, _read_translator, 0.3, "Expecting|codec", imports=("translators",)),
]
# What TensorFlow reads as it was written on purpose: a process that dies is TensorFlow's fault, see SECURITY.md. Only by name.
THEIRS = [
    Loader("saved_model", (), _saved_model, _read_saved_model, imports=("rnn_tf1.bridge.saved_model",)),
    Loader("forged", (), _forged, _read_forged, imports=("rnn_tf1.training.checkpoints",)),
]


@contextlib.contextmanager
def _instead(module: Any, **names: Any) -> Any:
    """Other values for names of a module meanwhile."""
    before = {name: getattr(module, name) for name in names}
    for name, value in names.items():
        setattr(module, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(module, name, value)


@contextlib.contextmanager
def _no_network() -> Any:
    """A file that is missing is fetched from nowhere, and no stand-in is generated."""
    from rnn_tf1.data.files import sets
    from rnn_tf1.data.images import mnist
    from rnn_tf1.data.music import chorales
    from rnn_tf1.data.pairs import translation
    from rnn_tf1.data.text import fairy_tales, ptb, reviews
    from rnn_tf1.errors import DownloadError

    def fetch(name: str, urls: Any, path: str, *rest: Any, **more: Any) -> None:
        raise DownloadError("%s: there is no network here" % path)

    with contextlib.ExitStack() as stack:
        for module in (chorales, fairy_tales, mnist, ptb, reviews, sets, translation):
            names = {"fetch": fetch, "network_available": lambda *rest: True}
            stack.enter_context(_instead(module, **{name: new for name, new in names.items() if hasattr(module, name)}))
        yield


# ---------------------------------------------------------------------------------------------------------- one case


def files_of(loader: Loader, case: int) -> Tuple[Files, Any]:
    """The files of a case, and the generator that has made them."""
    draw = random.Random("%s %d" % (loader.name, case))
    valid = _valid(loader)
    return mutations.mutate(draw, valid[draw.randrange(len(valid))]), draw


_made: Dict[str, Sequence[Files]] = {}


def _valid(loader: Loader) -> Sequence[Files]:
    if loader.name not in _made:
        _made[loader.name] = loader.files()
    return _made[loader.name]


def warm_up(loader: Loader) -> List[Result]:
    """Imports what the loader imports, so that forked processes need not; what came of its valid files."""
    for module in loader.imports:
        importlib.import_module(module)
    return [] if loader.imports else [_run_files(loader, files, random.Random(0)) for files in _valid(loader)]


def run_case(loader: Loader, case: int, keep: str = "") -> Result:
    """Runs one case in this process."""
    return _run_files(loader, *files_of(loader, case), keep=keep)


def _run_files(loader: Loader, files: Files, draw: Any, keep: str = "") -> Result:
    folder = keep or tempfile.mkdtemp(prefix="fuzz", dir=MEMORY)
    try:
        for name, content in files.items():
            path = os.path.join(folder, name)
            if os.sep in name or keep:
                os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)
        return _judged(loader, folder, list(files), draw)
    finally:
        if not keep:
            _remove(folder)


def _remove(folder: str) -> None:
    """As ``shutil.rmtree``, in a third of its time."""
    for entry in os.scandir(folder):
        (_remove if entry.is_dir(follow_symlinks=False) else os.remove)(entry.path)
    os.rmdir(folder)


def _judged(loader: Loader, folder: str, names: Sequence[str], draw: Any) -> Result:
    from rnn_tf1.errors import UserError

    said = io.StringIO()
    started, before = time.process_time(), signal.signal(signal.SIGPROF, _too_slow)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            loader.read(folder, draw)
        what, text = "loaded", ""
    except UserError as error:
        what, text = "refused", str(error)
    except TooSlow:
        what, text = "slow", "more than %g seconds\n%s" % (SECONDS, traceback.format_exc())
    except Exception as error:
        what, text = type(error).__name__, traceback.format_exc()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    seconds = time.process_time() - started
    if what == "refused":
        wrong = _wrong(text, loader.says, [*names, folder])
        if wrong:
            what, text = "message", "%s: %.500r" % (wrong, text)
    if what in ("loaded", "refused"):
        wrong = _wrong(said.getvalue())
        if wrong:
            what, text = "output", "%s: %.500r" % (wrong, said.getvalue())
    return Result(what, text, seconds, what == "loaded" or not re.search(loader.shallow, text))


def _wrong(text: str, says: str = "", names: Sequence[str] = ()) -> str:
    """What is wrong with what a person would read; "" where nothing is."""
    from rnn_tf1.errors import printable

    if printable(text) != text:
        return "it commands a terminal"
    if len(text) > LONGEST:
        return "it has %d characters" % len(text)
    if names and not (says and says in text) and not any(name in text for name in names):
        return "it names no file"
    return ""


def _too_slow(number: int, frame: Any) -> None:
    raise TooSlow


# --------------------------------------------------------------------------------------------------------- many cases


class Tally(object):
    """What came of the cases of one loader."""

    def __init__(self, name: str) -> None:
        self.name, self.cases, self.slowest, self.memory = name, 0, (0.0, 0), 0.0
        self.seconds = 0.0
        self.counts: Dict[str, int] = collections.Counter()  # of "loaded", "refused", "deep"
        self.faults: List[Tuple[int, str, str]] = []  # (case, what, text)

    def add(self, case: int, result: Result) -> None:
        self.cases += 1
        self.seconds += result.seconds
        self.slowest = max(self.slowest, (result.seconds, case))
        if result.what not in ("loaded", "refused"):
            self.faults.append((case, result.what, result.text))
            return
        self.counts[result.what] += 1
        self.counts["deep"] += result.deep

    def line(self) -> str:
        share = [100.0 * self.counts[what] / max(1, self.cases) for what in ("loaded", "deep")]
        told = (self.name, self.cases, *share, *self.slowest, self.memory, len(self.faults))
        return (
            "%-12s %7d cases, %5.1f %% load, %5.1f %% past the first check, slowest %5.2f s (%d), %4.0f MB, %d faults"
            % told
        )


def run_cases(
    loader: Loader, cases: Sequence[int], tally: Tally, done: Callable[[int], Any] = lambda count: None
) -> None:
    """Runs cases in processes of their own, `BATCH` at a time; a process that ends before its cases costs the one it was at."""
    warm_up(loader)
    left = list(cases)
    while left:
        some, left = left[:BATCH], left[BATCH:]
        while some:
            count = _run_some(loader, some, tally, done)
            some = some[count:]


def _run_some(loader: Loader, cases: Sequence[int], tally: Tally, done: Callable[[int], Any]) -> int:
    """Runs cases in one process; returns how many of them have been run, or have been its end."""
    out, into = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if not child:
        code = 1
        try:
            os.close(out)
            _work(loader, cases, into)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(into)
    count, rest, wrong = 0, b"", ""
    with os.fdopen(out, "rb", buffering=0) as results:
        while True:
            if not select.select([results], [], [], STUCK)[0]:
                os.kill(child, signal.SIGKILL)
                wrong = "hang"
                break
            some = results.read(1 << 16)
            if not some:
                break
            *lines, rest = (rest + some).split(b"\n")
            for line in lines:
                *told, memory = json.loads(line.decode("ascii"))
                tally.memory = max(tally.memory, memory)
                tally.add(cases[count], Result(*told))
                count += 1
            done(len(lines))
            time.sleep(0.05)  # so that many come at a time
    _, status = os.waitpid(child, 0)
    if count == len(cases) or (os.WIFEXITED(status) and os.WEXITSTATUS(status) == FULL):
        return count
    if not wrong:
        wrong = "crash" if os.WIFSIGNALED(status) else "end"
    told = "signal %d" % os.WTERMSIG(status) if os.WIFSIGNALED(status) else "exit code %d" % os.WEXITSTATUS(status)
    tally.add(cases[count], Result(wrong, "the process ended: %s" % told, 0.0))
    done(1)
    return count + 1


def _work(loader: Loader, cases: Sequence[int], into: int) -> None:
    """The life of a process that runs cases: a line of JSON for each."""
    limit = _address_space() + ADDRESSES
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    begin = _memory()
    with _no_network():
        for case in cases:
            result = run_case(loader, case)
            grown = _memory() - begin
            if grown > MEGABYTES and result.what in ("loaded", "refused"):
                result = Result("memory", "%.0f MB more than before" % grown, result.seconds)
            text = "" if result.what in ("loaded", "refused") else result.text[-4000:]
            told = json.dumps([*result._replace(text=text), grown]).encode("ascii") + b"\n"
            while told:
                told = told[os.write(into, told) :]
            if result.what == "memory":  # the most that there was stays the most; the next cases need a new process
                os._exit(FULL)


def _memory() -> float:
    """The most MB that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024.0 if sys.platform != "darwin" else 1 << 20)


def _address_space() -> int:
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[0]) * mmap.PAGESIZE
    except OSError:
        return 0


def shared_out(loaders: Sequence[Loader], cases: int) -> List[int]:
    """How many of the cases each loader gets: by their shares, and at least one."""
    whole = sum(loader.share for loader in loaders)
    counts = [max(1, int(loader.share / whole * cases)) for loader in loaders]
    counts[counts.index(max(counts))] += cases - sum(counts)
    return counts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cases", type=int, default=20000, help="in all (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="number of each loader's first case")
    parser.add_argument("--loader", action="append", help="only this one; may come more than once")
    parser.add_argument("--case", type=int, help="only this one, in this process")
    parser.add_argument("--keep", default="", help="with --case: an empty folder for its files, which stay there")
    flags = parser.parse_args()
    names = [loader.name for loader in LOADERS + THEIRS]
    for name in flags.loader or ():
        if name not in names:
            parser.error("there is no loader %r; there are: %s" % (name, ", ".join(names)))
    chosen = [loader for loader in LOADERS + THEIRS if loader.name in (flags.loader or names[: len(LOADERS)])]
    if flags.case is not None:
        if len(chosen) != 1:
            parser.error("--case needs the --loader it is of")
        with _no_network():
            result = run_case(chosen[0], flags.case, flags.keep)
        print("%s in %.2f s\n%s" % (result.what, result.seconds, result.text))
        return int(result.what not in ("loaded", "refused"))
    from tqdm import tqdm

    bad = 0
    with tqdm(total=flags.cases, unit="case", mininterval=2) as bar:
        for loader, count in zip(chosen, shared_out(chosen, flags.cases)):
            tally = Tally(loader.name)
            bar.set_description(loader.name)
            run_cases(loader, range(flags.first, flags.first + count), tally, bar.update)
            bar.write("%s; %.0f s" % (tally.line(), tally.seconds))
            for case, what, text in tally.faults[:5]:
                bar.write(
                    "  --loader %s --case %d: %s\n    %s"
                    % (loader.name, case, what, "\n    ".join(text.split("\n")[-12:]))
                )
            bad += len(tally.faults)
    print("%d faults in %d cases" % (bad, flags.cases))
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
