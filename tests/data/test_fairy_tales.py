"""Fairy tales as pairs of characters. Small books are written here in each form that a download may have."""

import os
import tracemalloc

import numpy as np
import pytest
from bad_mirrors import Handler
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tf1.data.files.download import data_directory
from rnn_tf1.data.text import fairy_tales
from rnn_tf1.data.text.text import END, UNKNOWN
from rnn_tf1.errors import DataError, DownloadError

HEADER = """The Project Gutenberg eBook of Grimms' Fairy Tales

This ebook is for the use of anyone anywhere.

*** START OF THE PROJECT GUTENBERG EBOOK GRIMMS' FAIRY TALES ***




FAIRY TALES

By the Brothers Grimm




CONTENTS:

     THE GOLDEN BIRD
     HANS IN LUCK
     THE LAST




THE BROTHERS GRIMM FAIRY TALES




"""
AFTERWORD = """

     *****


The Brothers Grimm, Jacob (1785-1863) and Wilhelm (1786-1859), were born
in Hanau.
"""
FOOTER = """



*** END OF THE PROJECT GUTENBERG EBOOK GRIMMS' FAIRY TALES ***

THE FULL PROJECT GUTENBERG LICENSE

Please read this.
"""
OLD_FOOTER = FOOTER.replace("\n\n\n\n*** END", "\n\n\n\nEnd of Project Gutenberg's Grimms' Fairy Tales\n\n*** END")


def book(count=3, repeat=1, width=4):
    """The text of so many stories, as it is printed, and what should be found in it."""
    titles = [
        "THE GOLDEN BIRD",
        "HANS IN LUCK",
        *(f"TALE NUMBER {number}, [THE OTHER]" for number in range(3, count + 1)),
    ]
    printed, expected = [], []
    for number, title in enumerate(titles[:count]):
        body = f"A king had a garden,\nand in it a TREE.\n\n 'Sing,  merry\n  sing!'\n\n\n1. PART TWO\n\nNo {number}. THE END\n"
        printed.append(f"{title}\n\n" + "\n".join([body] * repeat))
        text = f"a king had a garden, and in it a tree.\n'sing, merry sing!'\n1. part two\nno {number}. the end"
        expected.append((title, "\n".join([text] * repeat)))
    return ("\n" * width).join(printed), expected


def put(data_dir, content, newline="\n"):
    folder = os.path.join(str(data_dir), "grimm")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "grimm.txt"), "wb") as file:
        file.write(content if isinstance(content, bytes) else content.replace("\n", newline).encode("utf-8"))
    return folder


def text_of(data, ids):
    return fairy_tales.join(data.vocabulary.decode(ids))


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """No test reaches the net; one that should not even ask for it fails where it does."""

    def asked(urls):
        raise AssertionError("the network was asked for")

    monkeypatch.setattr(fairy_tales, "network_available", asked)


@pytest.fixture
def offline(monkeypatch):
    monkeypatch.setattr(fairy_tales, "network_available", lambda urls: False)


@pytest.mark.parametrize("footer", ["", AFTERWORD, FOOTER, AFTERWORD + FOOTER, OLD_FOOTER], ids=range(5))
@pytest.mark.parametrize("header", ["", HEADER, "\n\n\n\n"], ids=["bare", "licence", "blank"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["unix", "windows"])
def test_stories_are_parted_whatever_stands_around_them(header, footer, newline):
    """Catches a licence, a table of contents or an afterword taken for a story, a part taken for one, and text lost."""
    printed, expected = book()
    found = fairy_tales.split((header + printed + footer).replace("\n", newline), "THE GOLDEN BIRD")
    assert found == expected


def test_other_forms_of_the_book():
    """Catches quotes of another kind as other pairs, blank lines with spaces, more of them, and another first story."""
    printed, expected = book(width=9)
    curly = "\ufeff" + printed.replace("'Sing", "\u2018Sing").replace("sing!'", "sing!\u2019").replace(
        "\n\n", "\n \t\n"
    )
    assert fairy_tales.split(curly, "THE GOLDEN BIRD") == expected
    assert fairy_tales.split(printed) == expected
    assert fairy_tales.split(printed, "HANS IN LUCK") == expected[1:]
    assert fairy_tales.split(printed, "THE SILVER BIRD") == []
    assert fairy_tales.split("") == []
    assert fairy_tales.characters("\u201cOh\u2014") == "\u201coh\u2014"
    assert fairy_tales.split("TALE\n\n\u201cOh\u201d\u2014no\n") == [("TALE", '"oh"--no')]


@pytest.mark.once
@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=9))
def test_pairs_do_not_overlap_and_join_again(text):
    """Catches overlapping pairs, a last character lost or alone, and a text that changes on the way."""
    found = fairy_tales.pairs(text)
    assert {len(pair) for pair in found} <= {2}
    assert "".join(found) == text + " " * (len(text) % 2)
    assert fairy_tales.join([*found, END, "xx"]) == "".join(found)


def test_unknown_pairs_are_shown():
    """Catches unknown pairs left out, of which the reader would know nothing."""
    assert fairy_tales.join(["ab", UNKNOWN, "c "]) == "ab[?]c "


@pytest.mark.parametrize(
    ("stories", "train", "held_out"),
    [
        (None, [*range(9), *range(10, 19), 20, 21, 22], [9, 19]),
        (20, [*range(9), *range(10, 19)], [9, 19]),
        (10, list(range(9)), [9]),
        (4, [0, 1, 2], [3]),
        (2, [0], [1]),
    ],
)
def test_whole_stories_are_held_out(tmp_path, stories, train, held_out):
    """Catches a story on both sides, others than the first ones, ids that are not of their story, and a missing end."""
    printed, expected = book(23, repeat=12)
    folder = put(tmp_path, HEADER + printed + FOOTER)
    data = fairy_tales.load(str(tmp_path), stories)
    assert (data.kind, data.source, data.available) == ("real", folder, 23)
    for ids, titles, rows in (
        (data.train, data.train_titles, train),
        (data.validation, data.validation_titles, held_out),
    ):
        assert titles == [expected[row][0] for row in rows]
        assert len(ids) == len(rows)
        for story, row in zip(ids, rows):
            assert story.dtype == np.int32
            text = expected[row][1]
            assert story.tolist().count(data.vocabulary.end) == 1
            assert story[-1] == data.vocabulary.end
            assert len(story) == (len(text) + 1) // 2 + 1
            for place, token in enumerate(data.vocabulary.decode(story[:-1])):
                assert token in (UNKNOWN, text[2 * place : 2 * place + 2].ljust(2))


def test_the_vocabulary_is_of_frequent_pairs_of_the_training_stories(tmp_path):
    """Catches pairs of the held-out story in it, pairs too rare to learn, and pairs counted over one story alone."""
    stories = ["ab" * 5 + "cd" * 9, "ab" * 5 + "ef" * 10, "gh" * 50]
    titles = ["THE GOLDEN BIRD", "SECOND", "THIRD"]
    put(tmp_path, "\n\n\n\n\n".join(f"{title}\n\n{story}" for title, story in zip(titles, stories)))
    data = fairy_tales.load(str(tmp_path))
    assert set(data.vocabulary.words) == {"ab", "ef", UNKNOWN, END}
    assert text_of(data, data.train[0]) == "ab" * 5 + "[?]" * 9
    assert text_of(data, data.validation[0]) == "[?]" * 50


def test_fewer_stories_than_asked_for_are_told(tmp_path, capsys):
    """Catches a run that says it trained on a hundred stories where there are but three."""
    put(tmp_path, book()[0])
    data = fairy_tales.load(str(tmp_path), 100)
    assert (len(data.train), len(data.validation), data.available) == (2, 1, 3)
    shown = capsys.readouterr().err.splitlines()
    assert len(shown) == 1
    for word in (
        "100 stories were asked for",
        os.path.join(str(tmp_path), "grimm", "grimm.txt"),
        "has 3:",
        "all of them",
    ):
        assert word in shown[0]
    fairy_tales.load(str(tmp_path), 3)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ["0 stories found", "THE GOLDEN BIRD the first"]),
        (b"THE GOLDEN BIRD\n\ntext", ["1 stories found, 2 or more"]),
        (book()[0].replace("THE GOLDEN BIRD", "THE SILVER BIRD"), ["0 stories found"]),
        (b"THE GOLDEN BIRD\n\n\n\n\n\nNEXT\n\ntext\n", ["the story THE GOLDEN BIRD has no text"]),
        (b"THE GOLDEN BIRD\n\ncaf\xe9", ["line 3: byte 20 of the file is not UTF-8"]),
        (b"\xef\xbb\xbfTHE GOLDEN BIRD\n\ncaf\xe9", ["line 3: byte 23 of the file is not UTF-8"]),
    ],
    ids=range(6),
)
def test_bad_files_are_refused_and_kept(tmp_path, content, words):
    """Catches training on a login page or on nothing, and a user's file replaced."""
    folder = put(tmp_path, content)
    with pytest.raises(DataError) as caught:
        fairy_tales.load(str(tmp_path))
    for word in [os.path.join(folder, "grimm.txt"), "delete it and run again", *words]:
        assert word in str(caught.value)
    assert os.listdir(folder) == ["grimm.txt"]
    with open(os.path.join(folder, "grimm.txt"), "rb") as file:
        assert file.read() == (content if isinstance(content, bytes) else content.encode())


@pytest.mark.parametrize("fetched", [False, True])
def test_a_large_file_is_not_read(tmp_path, fetched, monkeypatch):
    """Catches a file of a gigabyte, which is not the book, read into memory; and the largest that is allowed refused."""
    printed, _ = book(40)
    folder = put(tmp_path, printed)
    path = os.path.join(folder, "grimm.txt")
    monkeypatch.setattr(fairy_tales, "MAX_BYTES", len(printed))
    assert fairy_tales.load(str(tmp_path)).available == 40
    with open(path, "ab") as file:
        file.truncate(1 << 30)  # takes no room on the disk
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="more than %s bytes, the most allowed.*delete it" % f"{len(printed):,}"):
            fairy_tales._check(path) if fetched else fairy_tales.load(str(tmp_path))
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_one_story_cannot_be_parted():
    """Catches a run without anything to train on, or to validate with."""
    for stories in (1, 0, -5):
        with pytest.raises(DataError, match=f"stories is {stories}, .*: pass stories=2 or more"):
            fairy_tales.load(stories=stories)


def test_the_identity_tells_sets_of_stories_apart(tmp_path):
    """Catches a run continued with more stories, with a changed one, or with one held out that was trained on."""
    printed, _ = book(21, repeat=12)
    put(tmp_path / "a", printed)
    put(tmp_path / "b", printed.replace("No 18", "No 17"))
    put(tmp_path / "c", printed.replace("king", "cook"))
    found = [fairy_tales.load(str(tmp_path / name), stories).identity for name in "abc" for stories in (20, 21, None)]
    assert len(set(found)) == 6
    assert found[1] == found[2]
    assert found[0].startswith("real, 20 stories, crc32 ")


@pytest.fixture
def pages(site, monkeypatch):
    """Two mirrors of the book, the first without it; gives a function that puts a page on the second."""
    monkeypatch.setattr(fairy_tales, "network_available", lambda urls: True)
    monkeypatch.setattr(fairy_tales, "MIRRORS", tuple(site.urls("missing", "book")))

    def put_page(content):
        monkeypatch.setattr(Handler, "book", lambda self: self.file(content.encode()), raising=False)

    return put_page


def test_a_missing_book_is_downloaded_as_it_is(tmp_path, pages):
    """Catches a second mirror not asked, the licence cut from the file that is kept, and a book fetched twice."""
    content = HEADER + book(40)[0] + AFTERWORD + FOOTER
    pages(content)
    data = fairy_tales.load(str(tmp_path))
    assert (data.kind, data.available) == ("real", 40)
    with open(os.path.join(data.source, "grimm.txt"), encoding="utf-8") as file:
        assert file.read() == content
    pages("")
    assert fairy_tales.load(str(tmp_path)).identity == data.identity


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (HEADER + book(39)[0] + FOOTER, "not the whole book: 39 stories found, 40 or more expected"),
        (book(50)[0].replace("GOLDEN", "SILVER"), "0 stories found"),
    ],
)
def test_another_book_is_an_error_and_never_the_stand_in(tmp_path, pages, content, reason, capsys):
    """Catches half a book kept as the whole one, and made tales passed off where the network is there."""
    pages(content)
    with pytest.raises(DownloadError, match="HTTP 404") as caught:
        fairy_tales.load(str(tmp_path))
    for word in (reason, "data_dir", *fairy_tales.MIRRORS):
        assert word in str(caught.value)
    assert os.listdir(str(tmp_path)) == ["grimm"]
    assert os.listdir(str(tmp_path / "grimm")) == []
    assert "GENERATED" not in capsys.readouterr().err


def test_without_a_network_the_stand_in_says_so_in_one_line(tmp_path, offline, capsys):
    """Catches made tales passed off as Grimms': in silence, in their folder, or in the figures; and tales made anew."""
    data = fairy_tales.load(str(tmp_path))
    shown = capsys.readouterr().err
    assert len(shown.splitlines()) == 1
    for word in ["WARNING", "GENERATED", "grimm.txt", str(tmp_path / "grimm"), "not Grimms'", "data_dir"]:
        assert word in shown
    assert (data.kind, data.source) == ("generated", str(tmp_path / "grimm-generated"))
    assert os.listdir(str(tmp_path)) == ["grimm-generated"]
    assert os.listdir(data.source) == ["grimm.txt"]
    assert (data.available, len(data.train), len(data.validation)) == (30, 27, 3)
    with open(os.path.join(data.source, "grimm.txt"), encoding="utf-8") as file:
        stories = fairy_tales.split(file.read())
    assert [title for title, _ in stories if title not in data.validation_titles] == data.train_titles
    for _, text in stories:
        paragraphs = text.split("\n")
        assert len(paragraphs) == 20
        assert all(paragraph.count(".") == 8 and paragraph.endswith(".") for paragraph in paragraphs)
        assert "<" not in text
    assert len(set(dict(stories).values())) == len(stories) == 30
    unknown = np.concatenate(data.validation) == data.vocabulary.unknown
    assert unknown.mean() < 0.02

    before = os.stat(os.path.join(data.source, "grimm.txt")).st_mtime_ns
    assert fairy_tales.load(str(tmp_path)).identity == data.identity
    assert os.stat(os.path.join(data.source, "grimm.txt")).st_mtime_ns == before


def test_the_stand_in_on_request_asks_no_network_and_warns_nobody(tmp_path, capsys):
    """Catches `generated=True` that loads the real file that is there."""
    put(tmp_path, book()[0])
    assert fairy_tales.load(str(tmp_path), generated=True).kind == "generated"
    assert capsys.readouterr().err == ""


REAL = os.path.join(data_directory(), "grimm")


@pytest.mark.skipif(not os.path.isdir(REAL), reason="no fairy tales in %s: set RNN_TF1_DATA" % REAL)
def test_real_fairy_tales():
    """Catches stories cut at their parts, run together, or without some of their words: all words of the file are counted."""
    with open(os.path.join(REAL, "grimm.txt"), encoding="utf-8") as file:
        whole = file.read()
    stories = fairy_tales.split(whole, "THE GOLDEN BIRD")
    titles = [title for title, _ in stories]
    assert len(titles) == len(set(titles)) == 62
    assert (titles[0], titles[-1]) == ("THE GOLDEN BIRD", "SNOW-WHITE AND ROSE-RED")
    for title in (
        "LITTLE RED-CAP [LITTLE RED RIDING HOOD]",
        "THE SALAD",
        "THE WEDDING OF MRS FOX",
        "RAPUNZEL",
        "TOM THUMB",
    ):
        assert title in titles
    texts = dict(stories)
    for title, part in (
        ("THE WEDDING OF MRS FOX", "second story"),
        ("THE ADVENTURES OF CHANTICLEER AND PARTLET", "3. how"),
    ):
        assert "\n" + part in texts[title]
        assert all(other.startswith(part.upper()) is False for other in titles)
    found = " ".join(title.lower() + " " + text for title, text in stories)
    assert found.split() == whole.lower().split()
    assert min(map(len, texts.values())) > 1000

    data = fairy_tales.load()
    assert (data.kind, data.available, len(data.train), len(data.validation)) == ("real", 62, 56, 6)
    assert 400 < len(data.vocabulary) < 700
    assert sum(map(len, data.train)) > 200000
    unknown = np.mean(np.concatenate(data.validation) == data.vocabulary.unknown)
    assert 0 < unknown < 0.01
    some = text_of(data, data.validation[0])
    assert some.startswith("there was once a fisherman who lived with his wife in a pigsty")
    assert titles[9] == "THE FISHERMAN AND HIS WIFE"
