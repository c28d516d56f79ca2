"""MNIST's loader and its drawn stand-in. The small sets are written here byte by byte; the real one is known by its counts."""

import functools
import gzip
import hashlib
import http.server
import os
import struct
import subprocess
import sys
import threading

import numpy as np
import pytest
from places import ROOT

from rnn_tf1.data.files.download import data_directory, without_home
from rnn_tf1.data.files.idx import read_idx
from rnn_tf1.data.generated import digits
from rnn_tf1.data.images import mnist
from rnn_tf1.errors import DataError, DownloadError, OutputError

TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
NAMES = (TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS)


def idx(array):
    array = np.asarray(array)
    return struct.pack(">BBBB", 0, 0, 8, array.ndim) + struct.pack(">%dI" % array.ndim, *array.shape) + array.tobytes()


def make_set(train=20, test=8):
    """The uncompressed bytes of four small files; pixel (r, c) of image i is (50 i + 28 r + c) % 256, its label i % 10."""

    def images(count):
        first = 50 * np.arange(count)[:, None, None]
        return (first + np.arange(28 * 28).reshape(28, 28)).astype(np.uint8)

    labels = np.arange(train + test).astype(np.uint8) % 10
    contents = [images(train), labels[:train], images(train + test)[train:], labels[train:]]
    return dict(zip(NAMES, map(idx, contents)))


def put_set(data_dir, packed=True, **replaced):
    folder = os.path.join(str(data_dir), "mnist")
    os.makedirs(folder, exist_ok=True)
    for name, content in dict(make_set(), **replaced).items():
        if content is not None:
            with open(os.path.join(folder, name + ".gz" * packed), "wb") as file:
                file.write(gzip.compress(content) if packed else content)
    return folder


def names_in(folder):
    return sorted(os.listdir(folder))


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """No test reaches the net; one that should not even ask for it fails where it does."""

    def asked(urls):
        raise AssertionError("the network was asked for")

    monkeypatch.setattr(mnist, "network_available", asked)


@pytest.fixture
def offline(monkeypatch):
    monkeypatch.setattr(mnist, "network_available", lambda urls: False)


@pytest.fixture(scope="module")
def fields():
    return digits.glyph_fields()


@pytest.fixture
def small_stand_in(monkeypatch, fields):
    """The stand-in in 700 + 40 images, from glyphs that are drawn once for all tests."""
    monkeypatch.setattr(digits, "glyph_fields", lambda: fields)
    monkeypatch.setattr(digits, "generate", functools.partial(digits.generate, train=700, test=40))


@pytest.fixture
def mirror(monkeypatch, tmp_path):
    """Two mirrors, the first without any file; the small set is the published one. Gives the folder and the requests."""
    folder = tmp_path / "mirror"
    (folder / "full").mkdir(parents=True)
    for name, content in make_set().items():
        (folder / "full" / (name + ".gz")).write_bytes(gzip.compress(content, 1))
    requests = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_request(self, code="-", size="-"):
            requests.append((self.command, self.path, int(code)))

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    address = "http://127.0.0.1:%d/" % server.server_address[1]
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(mnist, "MIRRORS", (address + "empty/", address + "full/"))
    monkeypatch.setattr(
        mnist, "MD5", {name + ".gz": hashlib.md5(content).hexdigest() for name, content in make_set().items()}
    )
    monkeypatch.setattr(mnist, "network_available", lambda urls: True)
    yield folder / "full", requests
    server.shutdown()
    server.server_close()


def test_importing_is_cheap():
    """Catches TensorFlow, matplotlib or tqdm imported with the module: --help would take seconds."""
    program = "import sys, rnn_tf1.data.images.mnist; print({'tensorflow', 'matplotlib', 'tqdm'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", program], cwd=ROOT).strip() == b"set()"


@pytest.mark.parametrize("packed", [True, False], ids=["gz", "plain"])
def test_loads_the_files_of_a_folder(tmp_path, packed):
    """Catches images parted from their labels, a wrong scale or dtype, another validation split, and files touched."""
    folder = put_set(tmp_path, packed)
    before = names_in(folder)
    data = mnist.load(str(tmp_path), validation=6)
    assert (data.kind, data.source) == ("real", folder)
    numbers = {"train": range(14), "validation": range(14, 20), "test": range(20, 28)}
    for part, rows in numbers.items():
        images, labels = getattr(data, part)
        assert (images.dtype, labels.dtype) == (np.float32, np.int32)
        assert images.shape == (len(rows), 28, 28)
        assert labels.tolist() == [row % 10 for row in rows]
        for image, row in zip(images, rows):
            np.testing.assert_allclose(image[3, 5] * 255, (50 * row + 89) % 256, atol=1e-4)
    pixels = np.concatenate([data.train.images, data.validation.images])
    assert (pixels.min(), pixels.max()) == (0, 1)
    assert names_in(folder) == before
    assert names_in(str(tmp_path)) == ["mnist"]


def test_validation_may_be_empty_but_not_all(tmp_path):
    """Catches images[:-0], which is nothing, and a training set without images."""
    put_set(tmp_path)
    data = mnist.load(str(tmp_path), validation=0)
    assert (len(data.train.labels), len(data.validation.labels)) == (20, 0)
    assert len(mnist.load(str(tmp_path), validation=19).train.labels) == 1
    with pytest.raises(DataError, match="validation is 20, but .* has only 20 training images: pass 19 or less"):
        mnist.load(str(tmp_path), validation=20)
    with pytest.raises(DataError, match="validation is -1"):
        mnist.load(str(tmp_path), validation=-1)


def test_the_identity_tells_sets_apart(tmp_path):
    """A run that goes on with other images, whose labels are the same."""
    other = make_set()
    other[TRAIN_IMAGES] = other[TRAIN_IMAGES][:-1] + b"\x07"  # the last of the training files is of the validation part
    first = make_set()[TRAIN_IMAGES]
    sets = [{}, {TRAIN_IMAGES: other[TRAIN_IMAGES]}, {TRAIN_IMAGES: first[:16] + b"\x07" + first[17:]}]
    sets.append({TRAIN_LABELS: make_set()[TRAIN_LABELS][:-1] + b"\x07"})
    found = []
    for number, replaced in enumerate(sets):
        put_set(tmp_path / str(number), **replaced)
        found.append(mnist.load(str(tmp_path / str(number)), validation=5).identity)
    assert len(set(found)) == len(sets)
    assert len({one.split(";")[0] for one in found}) == 1, "what older versions called the identity: their runs go on"


def test_the_source_names_no_home(tmp_path, monkeypatch):
    """Catches a user's name published in metrics.json, and another folder than the default one."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.delenv("RNN_TF1_DATA", raising=False)
    put_set(tmp_path / ".cache" / "rnn_tf1")
    assert mnist.load(validation=1).source == os.path.join("~", ".cache", "rnn_tf1", "mnist")


IMAGES = np.zeros([20, 28, 28], np.uint8)
LABELS = np.zeros([20], np.uint8)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (TRAIN_IMAGES, idx(LABELS), ["mislabelled", "holds labels", "images belong"]),
        (TEST_LABELS, idx(IMAGES), ["mislabelled", "holds images", "labels belong"]),
        (TRAIN_LABELS, idx(np.zeros([4, 5], np.uint8)), ["mislabelled", "something else", "(4, 5)"]),
        (TRAIN_IMAGES, idx(np.zeros([20, 28, 29], np.uint8)), ["28x29 pixels", "28x28 expected"]),
        (TEST_IMAGES, idx(IMAGES[:0]), ["no images"]),
        (TEST_IMAGES, idx(IMAGES[:7]), ["7 images", TEST_LABELS + ".gz holds 8 labels"]),
        (TRAIN_LABELS, idx(LABELS[:19]), [TRAIN_IMAGES + ".gz holds 20 images", "19 labels"]),
        (TRAIN_LABELS, idx(np.array([0, 9, 10, 255] * 5, np.uint8)), ["row 2 is 10", "0 to 9"]),
        (TEST_IMAGES, b"PK\x03\x04zip", ["magic", "0x504b0304"]),
        (TRAIN_LABELS, b"", ["empty"]),
    ],
)
def test_bad_files_are_refused_and_kept(tmp_path, name, content, words):
    """Catches training on mixed-up files, a message that does not name the file, and a user's file replaced."""
    folder = put_set(tmp_path, **{name: content})
    with pytest.raises(DataError) as caught:
        mnist.load(str(tmp_path), validation=2)
    for word in [os.path.join(folder, name + ".gz"), "delete it and run again", *words]:
        assert word in str(caught.value)
    with open(os.path.join(folder, name + ".gz"), "rb") as file:
        assert gzip.decompress(file.read()) == content


def test_missing_files_are_downloaded_and_found_again(tmp_path, mirror):
    """Catches files stored where the next run does not look, and a second mirror not asked."""
    _, requests = mirror
    data = mnist.load(str(tmp_path), validation=2)
    assert (data.kind, data.source) == ("real", str(tmp_path / "mnist"))
    assert data.test.labels.tolist() == [row % 10 for row in range(20, 28)]
    assert names_in(data.source) == sorted(name + ".gz" for name in NAMES)
    count = len(requests)
    again = mnist.load(str(tmp_path), validation=2)
    np.testing.assert_array_equal(again.train.images, data.train.images)
    assert len(requests) == count


def test_only_what_is_missing_is_downloaded(tmp_path, mirror):
    """Catches a user's files fetched over, a plain file counted as missing among them."""
    _, requests = mirror
    folder = put_set(tmp_path, packed=False, **{TEST_IMAGES: None, TRAIN_LABELS: None})
    assert mnist.load(str(tmp_path), validation=2).kind == "real"
    assert [path for _, path, code in requests if code == 200] == [
        "/full/" + name + ".gz" for name in (TRAIN_LABELS, TEST_IMAGES)
    ]
    assert names_in(folder) == sorted([TRAIN_IMAGES, TRAIN_LABELS + ".gz", TEST_IMAGES + ".gz", TEST_LABELS])


@pytest.mark.parametrize("content", [gzip.compress(idx(IMAGES)), b"\0" * 30, gzip.compress(b"x" * 99)[:-4]])
def test_wrong_bytes_of_a_mirror_are_an_error_and_never_the_stand_in(tmp_path, mirror, content, capsys):
    """Catches a checksum that is not compared, and made data passed off where the network is there."""
    (mirror[0] / (TRAIN_IMAGES + ".gz")).write_bytes(content)
    with pytest.raises(DownloadError, match="HTTP 404") as caught:
        mnist.load(str(tmp_path), validation=2)
    assert all(address in str(caught.value) for address in mnist.MIRRORS)
    assert names_in(str(tmp_path)) == ["mirror", "mnist"]
    assert names_in(str(tmp_path / "mnist")) == []
    assert "GENERATED" not in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path, mirror, monkeypatch):
    """Catches files put elsewhere than the user said, or a bare PermissionError."""

    def refuse(**arguments):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("rnn_tf1.program.files.tempfile.TemporaryFile", refuse)
    with pytest.raises(OutputError, match="Read-only.*data_dir") as caught:
        mnist.load(str(tmp_path), validation=2)
    assert str(tmp_path / "mnist") in str(caught.value)


@pytest.mark.once
def test_without_a_network_the_stand_in_says_so_in_one_line(tmp_path, offline, small_stand_in, capfd):
    """Catches made data passed off as MNIST: in silence, in its folder, or in the figures; and a stand-in drawn anew."""
    data = mnist.load(str(tmp_path), validation=100)
    shown = capfd.readouterr().err
    loud = [line for line in shown.splitlines() if "GENERATED" in line]
    assert len(loud) == 1
    for word in ["WARNING", TRAIN_IMAGES, str(tmp_path / "mnist"), "not MNIST", "data_dir"]:
        assert word in loud[0]
    assert (data.kind, data.source) == ("generated", str(tmp_path / "mnist-generated"))
    assert names_in(str(tmp_path)) == ["mnist-generated"]
    assert names_in(data.source) == sorted(name + ".gz" for name in NAMES)
    assert [len(part.labels) for part in data[:3]] == [600, 100, 40]
    assert "drawing" in shown

    again = mnist.load(str(tmp_path), validation=100)
    shown = capfd.readouterr().err
    assert "GENERATED" in shown
    assert "drawing" not in shown
    np.testing.assert_array_equal(again.train.images, data.train.images)


def test_the_stand_in_on_request_asks_no_network_and_warns_nobody(tmp_path, small_stand_in, capsys):
    """Catches `generated=True` that loads the real files that are there."""
    put_set(tmp_path)
    data = mnist.load(str(tmp_path), validation=5, generated=True)
    assert (data.kind, len(data.test.labels)) == ("generated", 40)
    assert "WARNING" not in capsys.readouterr().err


def test_an_unfinished_stand_in_is_drawn_again(tmp_path, small_stand_in):
    """Catches a run killed between two of the files that spoils all later ones."""
    expected = mnist.load(str(tmp_path), validation=5, generated=True)
    os.remove(os.path.join(expected.source, TEST_LABELS + ".gz"))
    again = mnist.load(str(tmp_path), validation=5, generated=True)
    np.testing.assert_array_equal(again.test.labels, expected.test.labels)


def test_drawn_digits_depend_on_seed_and_index_alone(tmp_path, monkeypatch, fields):
    """Catches a stand-in that differs from run to run, or with its size; and a test set that repeats the training set."""
    monkeypatch.setattr(digits, "glyph_fields", lambda: fields)
    for name, train, test, seed in (("a", 600, 20, 0), ("b", 600, 20, 0), ("c", 30, 40, 0), ("d", 600, 20, 1)):
        np.random.seed(train)
        digits.generate(str(tmp_path / name), train, test, seed)
    for name in NAMES:
        one, same = [(tmp_path / folder / (name + ".gz")).read_bytes() for folder in "ab"]
        assert one == same
        assert one != (tmp_path / "d" / (name + ".gz")).read_bytes()
    large, small = (read_idx(str(tmp_path / folder / (TRAIN_IMAGES + ".gz"))) for folder in "ac")
    np.testing.assert_array_equal(small, large[:30])
    np.testing.assert_array_equal(
        read_idx(str(tmp_path / "a" / (TEST_IMAGES + ".gz"))),
        read_idx(str(tmp_path / "c" / (TEST_IMAGES + ".gz")))[:20],
    )
    assert len(np.unique(large.reshape(600, -1), axis=0)) == 600
    assert not np.array_equal(large[:20], read_idx(str(tmp_path / "a" / (TEST_IMAGES + ".gz"))))


def test_drawn_digits_look_like_mnist(fields):
    """Catches empty, inverted, clipped or unbalanced pictures; the bounds hold MNIST's own 0.13, 0.19, 0.10 amply."""
    images, labels = digits.draw_block(fields, np.random.RandomState(3))
    assert (images.shape, images.dtype, labels.dtype) == ((500, 28, 28), np.uint8, np.uint8)
    assert 0.08 < images.mean() / 255 < 0.18
    assert 0.12 < (images > 0).mean() < 0.30
    assert images.max(axis=(1, 2)).min() > 100, "every image has ink"
    assert (images[:, [0, -1]] > 127).mean() < 0.01, "hardly any ink at the border"
    assert np.bincount(labels, minlength=10).min() > 25
    rows = np.arange(28) - 13.5
    centre = (images.sum(axis=2) * rows).sum(axis=1) / images.sum(axis=(1, 2))
    assert abs(centre.mean()) < 1


def test_glyphs_are_filled_and_have_their_holes(fields):
    """Catches outlines filled wrongly: the eye of a 0 inked, the body of a 1 not, rows of stray ink above a digit."""
    middle = fields.shape[-1] // 2
    assert (fields[:, 0, middle, middle] < 0).all(), "the eye of the 0 is paper"
    assert (fields[:, [1, 8], middle, :].max(axis=-1) > 0).all(), "a line through 1 and 8 meets ink"
    assert (fields[:, :, [0, -1], :] < 0).all()
    assert (fields[:, :, :, [0, -1]] < 0).all()
    inside = fields > 0
    height = (inside.sum(axis=-1) * np.arange(fields.shape[-1])).sum(axis=-1) / inside.sum(axis=(-2, -1)) - middle
    assert (height[:, [7, 9]] < 0).all(), "7 and 9 have their ink above the middle"
    assert (height[:, 6] > height[:, 9]).all(), "6 has it lower than 9"
    tall = inside.any(axis=-1).sum(axis=-1) * 36.0 / 63
    np.testing.assert_allclose(tall, 20, atol=1.0)
    assert (inside.any(axis=-2).sum(axis=-1) * 36.0 / 63 < 20).all(), "no digit is wider than high"


def test_drawn_digits_can_be_read_but_are_no_gift(fields):
    """Catches labels that do not belong to the pictures, and pictures so alike that any model is right at once."""
    images, labels = [], []
    for block in range(5):
        drawn, drawn_labels = digits.draw_block(fields, np.random.RandomState([9, block]))
        images.append(drawn.reshape(500, -1) / 255.0)
        labels.append(drawn_labels)
    train, train_labels = np.concatenate(images[:4]), np.concatenate(labels[:4])
    means = np.stack([train[train_labels == digit].mean(axis=0) for digit in range(10)])
    nearest = ((images[4][:, None] - means) ** 2).sum(axis=-1).argmin(axis=1)
    points = np.rint(((np.arange(28) - 13.5) / 18 + 1) * 31.5).astype(int)
    glyphs = (fields[:, :, points][:, :, :, points] > 0).mean(axis=0).reshape(10, -1)
    assert (np.corrcoef(means, glyphs)[:10, 10:].argmax(axis=1) == np.arange(10)).sum() >= 9, "drawn as labelled"
    assert 0.5 < (nearest == labels[4]).mean() < 0.95


REAL = os.path.join(data_directory(), "mnist")


@pytest.mark.skipif(not os.path.isdir(REAL), reason="no MNIST in %s: set RNN_TF1_DATA" % REAL)
def test_real_mnist():
    """Catches rows lost or moved: the counts and the first digits of MNIST are known to everyone."""
    data = mnist.load()
    assert (data.kind, data.source) == ("real", without_home(REAL))
    assert [len(part.labels) for part in data[:3]] == [55000, 5000, 10000]
    labels = np.concatenate([data.train.labels, data.validation.labels])
    assert np.bincount(labels).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert data.test.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    np.testing.assert_allclose(data.train.images.mean(dtype=np.float64), 0.1307, atol=2e-4)
    for name, md5 in mnist.MD5.items():
        mnist._check_md5(md5, mnist._find(REAL, name))
