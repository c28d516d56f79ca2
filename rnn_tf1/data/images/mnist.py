"""MNIST: 60,000 + 10,000 handwritten digits, from a folder, from the internet, or as a generated stand-in."""

import functools
import hashlib
import os
import zlib
from typing import List, NamedTuple, Optional, Tuple

import numpy as np

from rnn_tf1.data.files.download import data_directory, fetch, network_available, without_home
from rnn_tf1.data.files.idx import FIX, idx_header, read_idx
from rnn_tf1.data.generated import digits
from rnn_tf1.errors import Argument, DataError, renamed
from rnn_tf1.program.terminal import say

MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)
MD5 = {  # of the uncompressed bytes, because mirrors may compress differently
    "train-images-idx3-ubyte.gz": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte.gz": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte.gz": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte.gz": "27ae3e4e09519cfbb04c329615203637",
}
MAX_BYTES = 64 << 20  # the largest of the four is 47 MB uncompressed


class Digits(NamedTuple):
    """Pictures of digits: `images` float32 [n, 28, 28] from 0 (paper) to 1 (ink), `labels` int32 [n] from 0 to 9."""

    images: np.ndarray
    labels: np.ndarray

    def at_most(self, count: Optional[int]) -> "Digits":
        """The first `count` of them; None: all."""
        return Digits(self.images[:count], self.labels[:count])


class Mnist(NamedTuple):
    """The three parts, the `kind` of data ("real" or "generated"), and its folder as `source`."""

    train: Digits
    validation: Digits
    test: Digits
    kind: str
    source: str

    def at_most(self, count: Optional[int]) -> "Mnist":
        """The first `count` images of each part; None: all."""
        parts = {name: getattr(self, name).at_most(count) for name in ("train", "validation", "test")}
        return self._replace(**parts)

    @property
    def origin(self) -> str:
        """The kind and the folder, for metrics.json."""
        return "%s: %s" % (self.kind, self.source)

    @property
    def identity(self) -> str:
        """Identifies the data set: the kind, the number of training images, and checksums of their labels, of
        the images, and of the validation part."""
        labels, images = (zlib.crc32(array.tobytes()) for array in (self.train.labels, self.train.images))
        validation = zlib.crc32(self.validation.images.tobytes(), zlib.crc32(self.validation.labels.tobytes()))
        values = (self.kind, len(self.train.labels), labels, images, validation)
        return "%s, %d images, crc32 %08x; images %08x, validation %08x" % values


@renamed(path="data_dir")
def load(data_dir: Optional[str] = None, validation: int = 5000, generated: bool = False) -> Mnist:
    """Loads MNIST, or any data set in its four files, from the folder ``mnist`` in `data_dir`.

    A file may be gzipped or not (then its name lacks ``.gz``). Missing files are downloaded. Only without a network, digits
    drawn from fonts stand in, in the folder ``mnist-generated``, and a line on stderr says so.

    Args:
      data_dir: the folder of the data; default: ``$RNN_TF1_DATA``, else ``~/.cache/rnn_tf1``.
      validation: the number of images, the last ones of the training files, that are set apart; at least one must be left.
      generated: True uses the generated stand-in, even if the real data are there.

    Raises:
      DataError: for files with wrong content (they are never replaced).
      DownloadError: if there is a network but no mirror provides the file.
      OutputError: if files are missing and the folder is not writable.
    """
    if validation < 0:
        raise DataError("validation is %s, but must not be negative: pass 0 or more." % validation)
    folder = os.path.join(data_directory(data_dir), "mnist")
    source = without_home(folder)
    missing = [name for name in MD5 if _find(folder, name) is None]
    if missing and not generated:
        if network_available(MIRRORS):
            _download(folder, missing)
        else:
            generated = True
            say(
                "WARNING: no network, and %s missing in %s: these are GENERATED digits, drawn from "
                "fonts, not MNIST. Put the files there, or name their folder's parent with "
                % (", ".join(missing), source),
                Argument("data_dir"),
                ".",
            )
    if generated:
        folder += "-generated"
        source = without_home(folder)
        if any(_find(folder, name) is None for name in MD5):
            digits.generate(folder)
    train, test = _read_pair(folder, "train"), _read_pair(folder, "t10k")
    count = len(train.labels)
    if validation >= count:
        raise DataError(
            "validation is %s, but %s has only %s training images: pass %s or less."
            % (validation, source, count, count - 1)
        )
    return Mnist(
        train=Digits(train.images[: count - validation], train.labels[: count - validation]),
        validation=Digits(train.images[count - validation :], train.labels[count - validation :]),
        test=test,
        kind="generated" if generated else "real",
        source=source,
    )


def _find(folder: str, name: str) -> Optional[str]:
    """The path of one of the four files, gzipped or not, or None if it is missing."""
    paths = [os.path.join(folder, name), os.path.join(folder, name[: -len(".gz")])]
    return next((path for path in paths if os.path.exists(path)), None)


def _download(folder: str, names: List[str]) -> None:
    for name in names:
        urls = [mirror + name for mirror in MIRRORS]
        check = functools.partial(_check_md5, MD5[name])
        fetch(name, urls, os.path.join(folder, name), check, maximum=MAX_BYTES)


def _check_md5(expected: str, path: str) -> None:
    array = read_idx(path)
    found = hashlib.md5(idx_header(array.shape) + array.tobytes()).hexdigest()
    if found != expected:
        raise DataError(
            "not the published file: the md5 of its uncompressed bytes is %s, %s expected" % (found, expected)
        )


def _read_pair(folder: str, part: str) -> Digits:
    """Reads and checks the images and labels of one part ("train" or "t10k")."""
    images, images_path = _read(folder, "%s-images-idx3-ubyte.gz" % part, 3)
    labels, labels_path = _read(folder, "%s-labels-idx1-ubyte.gz" % part, 1)
    if images.shape[1:] != (28, 28):
        raise DataError(
            "%s: its images have %sx%s pixels, 28x28 expected. %s"
            % (images_path, images.shape[1], images.shape[2], FIX)
        )
    if not len(images):
        raise DataError("%s: it holds no images. %s" % (images_path, FIX))
    if len(images) != len(labels):
        raise DataError(
            "%s holds %s images, but %s holds %s labels. They are not of one set. %s"
            % (images_path, len(images), labels_path, len(labels), FIX)
        )
    wrong = np.flatnonzero(labels > 9)
    if len(wrong):
        raise DataError(
            "%s: the label of row %s is %s, 0 to 9 expected. %s" % (labels_path, wrong[0], labels[wrong[0]], FIX)
        )
    scaled = images.astype(np.float32)
    scaled /= 255
    return Digits(scaled, labels.astype(np.int32))


def _read(folder: str, name: str, rank: int) -> Tuple[np.ndarray, str]:
    path = _find(folder, name) or os.path.join(folder, name)
    array = read_idx(path)
    if array.ndim == rank:
        return array, path
    kinds = {1: "labels", 3: "images"}
    content = kinds.get(array.ndim, "something else")
    raise DataError(
        "%s: mislabelled, it holds %s (shape %s) where %s belong. %s" % (path, content, array.shape, kinds[rank], FIX)
    )
