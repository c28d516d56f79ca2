"""Files of word vectors: written and read to the last bit, one line at a time, and refused by line where they are damaged."""

import tracemalloc

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from rnn_tf1 import Mode
from rnn_tf1.data.text.text import END, UNKNOWN, Vocabulary
from rnn_tf1.data.text.vectors import LONGEST_LINE, read_vectors, write_vectors
from rnn_tf1.errors import DataError
from rnn_tf1.models.language_model import LanguageModelConfig, build_language_model

WORDS = ["the", "caf\u00e9", UNKNOWN, END, "N", "7", "a&b"]
VOCABULARY = Vocabulary(WORDS)
SIZE = 3
VALUES = (np.random.RandomState(3).standard_normal([len(WORDS), SIZE]) * [1e-30, 1, 1e30]).astype(np.float32)


def write(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "vectors.txt"
    path.write_bytes(text.encode(encoding))
    return str(path)


@pytest.mark.parametrize("header", [True, False])
def test_what_is_written_is_read_to_the_last_bit(header, tmp_path):
    """Numbers that are rounded on the way, a header that is taken for a word or left out, words in another order."""
    path = str(tmp_path / "vectors.txt")
    write_vectors(path, WORDS, VALUES, header)
    lines = (tmp_path / "vectors.txt").read_bytes().decode("utf-8").split("\n")
    assert lines[-1] == "" and lines[0] == "7 3" or not header
    assert [line.split(" ")[0] for line in lines[:-1]][int(header) :] == WORDS
    mixed = Vocabulary(WORDS[::-1])
    vectors, found = read_vectors(path, mixed, SIZE)
    assert found == 7 and vectors.dtype == np.float32 and vectors.tobytes() == VALUES[::-1].tobytes()


def test_a_file_of_others(tmp_path):
    """A second line of a word that wins; other words, words with spaces, blank lines, tabs or carriage returns that are
    refused or counted; a byte order mark that becomes a part of the first word; a whole word's number taken for a header."""
    text = "\ufeffthe 1 2 -3e-1 \r\n\nother 4 5 6\n7\t7 8 9\nat the end 1 2 3\n. . 1 2 3\nthe 9 9 9\n N 0 0 0\nN 5 5 5"
    vectors, found = read_vectors(write(tmp_path, text), VOCABULARY, SIZE)
    assert found == 3
    np.testing.assert_array_equal(vectors[[0, 4, 5]], np.float32([[1, 2, -0.3], [5, 5, 5], [7, 8, 9]]))
    vectors, found = read_vectors(write(tmp_path, "7 3\nthe 5\n"), VOCABULARY, 1)
    assert found == 2 and vectors[5, 0] == 3 and vectors[0, 0] == 5


def test_words_that_are_missing(tmp_path):
    """Zeros or uniform numbers for them, numbers of another size than those found, or such as depend on the file's order."""
    words = ["w%d" % i for i in range(2000)]
    vocabulary = Vocabulary(words + [UNKNOWN, END])
    known = 5 + 0.25 * np.random.RandomState(1).standard_normal([40, 10])
    lines = ["w%d %s" % (i, " ".join("%.6f" % value for value in row)) for i, row in enumerate(known)]
    path = write(tmp_path, "\n".join(lines))
    vectors, found = read_vectors(path, vocabulary, 10)
    missing = vectors[40:]
    assert found == 40
    np.testing.assert_allclose(vectors[:40], known, rtol=1e-5)
    deviation = known.std()
    assert missing.std() == pytest.approx(deviation, rel=0.02) and abs(missing.mean()) < 0.02 * deviation
    assert np.mean(missing**4) / missing.var() ** 2 == pytest.approx(3, rel=0.05)  # normal
    assert len(np.unique(missing)) > 0.99 * missing.size
    again, _ = read_vectors(write(tmp_path, "\n".join(lines[::-1])), vocabulary, 10)
    np.testing.assert_array_equal(again, vectors)
    other, _ = read_vectors(path, vocabulary, 10, seed=1)
    assert (other[40:] != missing).all() and (other[:40] == vectors[:40]).all()
    vectors, _ = read_vectors(write(tmp_path, "w0 3e38 -3e38"), vocabulary, 2)
    assert np.isfinite(vectors).all() and np.abs(vectors[1:]).max() > 3.4e38, "at the largest number, and not beyond"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("the 1 2 3\nN 1 2\n", "line 2: 2 numbers after the word, but 3 are needed"),
        ("the 1 2 3\n\nother 1 2\n", "line 3: 2 numbers after the word, but 3 are needed"),
        ("the 1 2 3 4\n", "line 1: 4 numbers after the word, but 3 are needed"),
        ("N\n", "line 1: 0 numbers after the word"),
        ("the 1 two 3\n", "line 1: 'two', number 2 after the word, is not a number"),
        ("the 1 2 1_0\n", "line 1: '1_0', number 3 after the word, is not a number"),
        ("the 1  3\n", "line 1: '', number 2 after the word, is not a number"),
        ("x 1 2 3\nthe nan 2 3\n", "line 2: 'nan', number 1 after the word, is not finite"),
        ("the 1 2 -inf\n", "line 1: '-inf', number 3 after the word, is not finite"),
        ("the 1 1e39 3\n", "line 1: '1e39', number 2 after the word, is not finite"),
        ("2 4\nthe 1 2 3 4\n", "line 1: the file says that its vectors have 4 numbers, but 3 are needed"),
        ("3 3\nthe 1 2 3\nN 1 2 3\n", "the first line promises 3 words, but there are 2: is it cut off?"),
        ("x 1 2 3\ny 1 2 3\n", "none of the 7 words of the vocabulary is in it"),
        ("", "none of the 7 words"),
        ("the 1 2 3\n" + LONGEST_LINE * "x", "line 2: it has more than 1048576 bytes"),
    ],
)
def test_what_is_refused(text, message, tmp_path):
    """A damaged line that is read as something, or one that the message does not lead to."""
    path = write(tmp_path, text)
    with pytest.raises(DataError, match="vectors.txt: ") as caught:
        read_vectors(path, VOCABULARY, SIZE)
    assert message in str(caught.value) and path in str(caught.value)


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("the 1 2 3 4\nN 1 2 3 4\n", "4 numbers after the word, but 3 are needed. Pass size=4, or another file."),
        ("other 1 2\n", "2 numbers after the word, but 3 are needed. Pass size=2, or another file."),
        ("2 5\nthe 1 2 3 4 5\n", "have 5 numbers, but 3 are needed. Pass size=5, or another file."),
        ("the 1 2 3\nN 1 2\n", "2 numbers after the word, but 3 are needed. Fix that line, or pass another file."),
        ("the\n", "0 numbers after the word, but 3 are needed. Fix that line, or pass another file."),
    ],
)
def test_vectors_of_another_size(text, fix, tmp_path):
    """A file refused line by line where the size is what has to be changed; a size blamed for a damaged line."""
    with pytest.raises(DataError) as caught:
        read_vectors(write(tmp_path, text), VOCABULARY, SIZE)
    assert str(caught.value).endswith(fix)


def test_no_text_and_no_file(tmp_path):
    """A traceback for a file in another encoding, or for a wrong path; a byte that is counted within its line, or without the
    mark of the byte order."""
    for mark in (b"", b"\xef\xbb\xbf"):
        for before in (b"", b"the 1 2 3\n\nN 4 5 6\r\n"):
            (tmp_path / "vectors.txt").write_bytes(mark + before + b"caf\xe9 1 2 3\n")
            line, byte = 1 + before.count(b"\n"), len(mark + before) + 3
            with pytest.raises(DataError, match="line %d: byte %d of the file is not UTF-8" % (line, byte)):
                read_vectors(str(tmp_path / "vectors.txt"), VOCABULARY, SIZE)
    for missing in (str(tmp_path / "none.txt"), str(tmp_path)):
        with pytest.raises(DataError, match="cannot be read"):
            read_vectors(missing, VOCABULARY, SIZE)


def test_one_line_at_a_time(tmp_path):
    """A file that is read whole: published ones have some gigabytes."""
    path = write(tmp_path, "the %s\n" % " ".join(["0.12345"] * 50) + 6000 * ("x %s\n" % " ".join(["0.12345"] * 50)))
    tracemalloc.start()
    try:
        read_vectors(path, VOCABULARY, 50)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (tmp_path / "vectors.txt").stat().st_size > 2e6 and peak < 5e5


@pytest.mark.parametrize(
    ("words", "vectors", "message"),
    [
        (["a", "b c"], VALUES[:2], "'b c' is empty or has white space"),
        (["a", ""], VALUES[:2], "'' is empty"),
        (["a", "b\u2028"], VALUES[:2], "white space"),
        (["a"], VALUES[:2], "1 words need as many rows of finite numbers; got [2, 3]"),
        (["a", "b"], VALUES[:2] * np.inf, "finite"),
    ],
)
def test_what_is_not_written(words, vectors, message, tmp_path):
    """A file that says something else when it is read, or half of one."""
    with pytest.raises(DataError) as caught:
        write_vectors(str(tmp_path / "vectors.txt"), words, vectors)
    assert message in str(caught.value) and not list(tmp_path.iterdir())


def test_a_language_model_begins_with_them(graph, tmp_path):
    """Vectors that stand in other rows than the ids of their words."""
    path = str(tmp_path / "vectors.txt")
    write_vectors(path, WORDS[::-1], VALUES[::-1])
    vectors, _ = read_vectors(path, VOCABULARY, SIZE)
    config = LanguageModelConfig("basic", SIZE, 1, "dynamic", vocabulary=len(VOCABULARY), steps=2, batch_size=1)
    net = build_language_model(config, Mode(False), vectors=vectors)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        np.testing.assert_array_equal(session.run(net.embedding), VALUES)
