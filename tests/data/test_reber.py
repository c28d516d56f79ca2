"""Reber strings. The oracle is a regular expression of the grammar, written by hand from its drawing."""

import collections
import itertools
import re

import numpy as np
import pytest

from rnn_tf1.data.generated import reber
from rnn_tf1.data.generated.reber import (
    LETTERS,
    Strings,
    broken,
    generate,
    is_valid,
    make_string,
    needs_memory,
    streams,
    unseen,
)

# The drawing: B, then an upper way T S* X or a lower way P T* V. From the upper corner S ends it, and X leads down; from the
# lower corner V ends it, and P leads up.
UP = "(?:XT*VP)*(?:S|XT*VV)"
VALID = re.compile(f"B([TP])B(?:TS*X{UP}|PT*V(?:V|P{UP}))E\\1E")


def oracle(text):
    return VALID.fullmatch(text) is not None


def strings(count, seed):
    random = np.random.RandomState(seed)
    return [make_string(random) for _ in range(count)]


def neighbours(text):
    """All strings that differ from it in one letter, as (place, string)."""
    return [
        (place, text[:place] + letter + text[place + 1 :])
        for place in range(len(text))
        for letter in LETTERS
        if letter != text[place]
    ]


def test_made_strings_are_of_the_grammar():
    """Catches a wrong arrow, an end too early, and a last letter but one that is drawn anew."""
    made = strings(2000, 1)
    assert all(map(oracle, made)) and all(map(is_valid, made))
    assert set("".join(made)) == set(LETTERS) == set("BEPSTVX")
    assert min(map(len, made)) == 9 and max(map(len, made)) > 25


def test_both_ways_are_equally_likely():
    """Catches a way that is never taken, or hardly: the lengths and the chances are those of a fair coin at each corner."""
    made = strings(8000, 2)
    inner = [text[2:-2] for text in made]
    for share, chance in (
        (np.mean([text[1] == "T" for text in made]), 1 / 2),
        (np.mean([text[1] == "T" for text in inner]), 1 / 2),
        (np.mean([text[1:3] == "TS" for text in inner]), 1 / 4),
        (np.mean([text[1:3] == "PT" for text in inner]), 1 / 4),
        (np.mean([text == "BTXSE" for text in inner]), 1 / 8),
        (np.mean([text == "BPVVE" for text in inner]), 1 / 8),
        (np.mean([text.startswith("BTXX") for text in inner]), 1 / 8),
        (np.mean([text.startswith("BPVP") for text in inner]), 1 / 8),
        (np.mean([text[2] == "S" for text in inner if text[:2] == "BT"]), 1 / 2),
    ):
        assert share == pytest.approx(chance, abs=4.5 * (chance / 8000) ** 0.5)


def test_is_valid_against_the_regular_expression():
    """Catches an arrow too many or too few, on all strings of 9 and 10 letters that begin and end as they must, and more."""
    found = 0
    for count in (4, 5):
        for letters in itertools.product(LETTERS, repeat=count):
            inner = "B" + "".join(letters)
            for outer, last in itertools.product("TP", repeat=2):
                text = "B" + outer + inner + last + "E"
                assert is_valid(text) == oracle(text), text
                found += oracle(text)
    assert found == 2 * (2 + 3), "of each second letter: TXS and PVV; TSXS, PTVV and PVPS"
    for text in strings(60, 3):
        assert all(is_valid(other) == oracle(other) for _, other in neighbours(text))
        for place in range(len(text) + 1):
            for other in (
                text[:place],
                text[place:],
                text[:place] + text[place + 1 :],
                text[:place] + text[place - 1 :],
            ):
                assert is_valid(other) == oracle(other), other
            for letter in "BEQ b\n":
                assert not is_valid(text[:place] + letter + text[place:])
    assert not any(map(is_valid, ["", "B", "BT", "BTE", "BTTE", "BTBTE", "BTBEPE", "BTBTXSETE\n", "btbtxsete"]))


def test_broken_strings_differ_in_one_letter_and_are_refused():
    """Catches a letter that breaks nothing, two letters, or a length that gives it away."""
    random = np.random.RandomState(4)
    for text in strings(3000, 5):
        other = broken(text, random)
        assert len(other) == len(text) and sum(a != b for a, b in zip(text, other)) == 1
        assert set(other) <= set(LETTERS) and not oracle(other)


def test_a_quarter_is_broken_where_only_the_second_letter_tells():
    """Catches strings that hardly ever ask for the memory that they are made for; and places or letters that never break."""
    random = np.random.RandomState(6)
    places, told, expected, count = collections.Counter(), 0, 0.0, 6000
    for text in strings(count, 7):
        other = broken(text, random)
        place = next(n for n in range(len(text)) if text[n] != other[n])
        places[place if place < 6 else place - len(text)] += 1
        turned = text[:-2] + "PT"["TP".index(text[-2])] + "E"
        told += other == turned
        wrong = [changed for _, changed in neighbours(text) if not oracle(changed)]
        expected += 1 / 4 + 3 / 4 / len(wrong)  # the others: any wrong neighbour, equally likely
    assert told / count == pytest.approx(expected / count, abs=4.5 * (0.25 * 0.75 / count) ** 0.5)
    assert 0.25 < expected / count < 0.27
    assert min(places[place] for place in (0, 1, 2, 3, 4, -3, -2, -1)) > 0.02 * count


def test_every_wrong_neighbour_comes():
    """Catches letters that are never put in, and places that never break: of one string, all of them."""
    random, text = np.random.RandomState(8), "BTBTXSETE"
    wrong = [changed for _, changed in neighbours(text) if not oracle(changed)]
    found = collections.Counter(broken(text, random) for _ in range(6000))
    assert set(found) == set(wrong)
    share = 6000 * 0.75 / len(wrong)
    found["BTBTXSEPE"] -= 1500
    assert all(
        abs(times - share) < 5 * share**0.5 + 5 * 34 * (changed == "BTBTXSEPE") for changed, times in found.items()
    )


@pytest.mark.parametrize("count", [0, 1, 7, 2000])
def test_one_half_is_valid_in_random_order(count):
    """Catches labels that are turned round, that are not those of their strings, or that come in turns."""
    found = generate(count, 3, 1)
    assert found.labels.dtype == np.int32 and len(found.strings) == len(found.labels) == count
    assert found.labels.sum() == count // 2
    assert [oracle(text) for text in found.strings] == (found.labels == 1).tolist()
    if count == 2000:
        assert abs(np.mean(found.labels[1:] == found.labels[:-1]) - 0.5) < 0.06
        assert found.labels[:1000].mean() == pytest.approx(0.5, abs=0.08)
        lengths = np.array([len(text) for text in found.strings])
        assert lengths[found.labels == 1].mean() == pytest.approx(lengths[found.labels == 0].mean(), abs=0.7)


def test_strings_are_a_pure_function():
    """Catches a state outside the arguments, and parts or seeds that share their strings."""
    first = generate(50, 3, 1)
    np.random.seed(0)
    again = generate(50, 3, 1)
    assert again.strings == first.strings and again.labels.tolist() == first.labels.tolist()
    others = [generate(50, 3), generate(50, 3, 2), generate(50, 1, 3), generate(50, 4, 1)]
    assert len({tuple(found.strings) for found in [first, *others]}) == 5
    assert generate(50, 3).strings == generate(50, 3, 0).strings


def test_best_perplexity():
    """Another bound than by hand, from the drawing: (1/2) T (1/2) X (1/2) S is the shorter way through the upper half, and
    (1/2) P (1/2) V (1/2) V that through the lower one; S and T may come again, for one half more each."""
    short, again, lower = "BTBTXSETE", "BTBTSSXSETE", "BPBPTVVEPE"
    assert reber.best_perplexity([short]) == pytest.approx(16 ** (1 / 10))
    assert reber.best_perplexity([again]) == pytest.approx(64 ** (1 / 12))
    assert reber.best_perplexity([short, lower]) == pytest.approx((16 * 32) ** (1 / 21))


@pytest.mark.parametrize("count", [0, 1, 7, 300])
def test_unseen_strings(count):
    """Catches test strings that were trained on, labels of other strings, and a test of which one kind is the larger part,
    since valid strings come again more often: who always says the same is then right for more than one half."""
    train = generate(3000, 0)
    found = unseen(count, 0, 3, train.strings)
    assert found.labels.dtype == np.int32 and len(found.strings) == len(found.labels) == count
    assert not set(found.strings) & set(train.strings)
    assert [oracle(text) for text in found.strings] == (found.labels == 1).tolist()
    assert found.labels.sum() == (count + 1) // 2
    if count == 300:
        again = generate(300, 0, 3)
        seen = [text in set(train.strings) for text in again.strings]
        assert np.mean(np.array(seen)[again.labels == 1]) > 0.5 > np.mean(np.array(seen)[again.labels == 0])
        assert len(set(found.strings)) > 250 and unseen(300, 0, 3, train.strings).strings == found.strings
        others = [unseen(300, 0, 4, train.strings), unseen(300, 1, 3, train.strings), unseen(300, 0, 3, [])]
        assert len({tuple(one.strings) for one in [found, *others]}) == 4


def test_needs_memory():
    """Catches valid strings, and those broken elsewhere too or elsewhere alone, taken for broken in the last letter but one."""
    assert needs_memory("BTBTXSEPE") and needs_memory("BPBPTVVETE")
    for text in ("BTBTXSETE", "BTBTXSEXE", "BTBTXSEPP", "BTBTXXEPE", "BTBTXSETXE", "", "E", "TE"):
        assert not needs_memory(text), text
    random, found = np.random.RandomState(9), 0
    for text in strings(400, 10):
        other = broken(text, random)
        (place,) = (n for n in range(len(text)) if text[n] != other[n])
        assert needs_memory(other) == (place in (1, len(text) - 2) and other[place] in "TP")
        found += needs_memory(other)
    assert 80 < found < 160


def test_streams_have_the_valid_strings_alone():
    """Catches broken strings that a language model learns to write, strings that run together, and parts mixed up."""
    parts = [
        Strings(["BTX", "VVE", "SP"], np.array([1, 0, 1])),
        Strings(["B"], np.array([1])),
        Strings(["E", "T"], np.array([0, 0])),
    ]
    made = streams(*parts)
    assert made.vocabulary.words == ("<unk>", "<eos>", *"BEPSTVX")
    assert [" ".join(made.vocabulary.decode(ids)) for ids in made[:3]] == ["B T X <eos> S P <eos>", "B <eos>", ""]
    assert {ids.dtype for ids in made[:3]} == {np.dtype(np.int32)}
