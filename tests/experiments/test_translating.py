"""A translator: what is kept of it, lines in and lines out, BLEU, and a SavedModel that TensorFlow alone reads."""

import dataclasses
import errno
import glob
import itertools
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from helpers import IS_TF1, assert_near
from translators import KEPT, LINES, SIZES, SOURCE, SPECIAL, TARGET, encoded, train, translator

from rnn_tf1.bridge import saved_model as exporting
from rnn_tf1.data.pairs.translation import SentenceVocabulary
from rnn_tf1.data.text.tokenizer import detokenize
from rnn_tf1.decoding import Beams
from rnn_tf1.errors import CheckpointError, DataError, OutputError, UserError
from rnn_tf1.experiments.translation import translating, translator_files
from rnn_tf1.experiments.translation.bleu import bleu, check_installed, groups_by_length, is_installed, sentence_scores
from rnn_tf1.experiments.translation.translating import Answer, Hypothesis
from rnn_tf1.experiments.translation.translator_files import SourceRules, TranslatorFiles
from rnn_tf1.models.seq2seq import Translator


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The folder of a finished run."""
    return train(str(tmp_path_factory.mktemp("runs") / "one"))


@pytest.fixture
def copied(run, tmp_path):
    """A copy of it, to be damaged."""
    folder = str(tmp_path / "copy")
    shutil.copytree(run, folder)
    return folder


@pytest.fixture(scope="module")
def three(run):
    """A session and a translator that gives the three best."""
    with translator(run, width=4, n_best=3, length_penalty=0.5) as (s, net):
        yield s, net


# -------------------------------------------------------------------------------------------------------- what is kept


def test_what_is_kept(tmp_path):
    """A size, a rule or a word that is lost between the training and the use; a second start that is refused; what a run has
    left there that never began, taken for this one's."""
    config = dataclasses.replace(SIZES, attention=None, layers=2, keep_prob=0.7, scheduled_sampling=0.25, tied=True)
    kept = TranslatorFiles(config, SourceRules(numbers=True, reverse=True), SOURCE, TARGET)
    KEPT._replace(source=SentenceVocabulary(SPECIAL + ["other"])).save(str(tmp_path / "run"))
    for _ in range(2):
        kept.save(str(tmp_path / "run"))
        kept.check(str(tmp_path / "run"))
    found = translator_files.load(str(tmp_path / "run"))
    assert found.config == config and found.rules == kept.rules
    assert found.source.words == SOURCE.words and found.target.words == TARGET.words
    assert all(os.path.isfile(path) for path in translator_files.paths(str(tmp_path / "run")).values())
    assert len(translator_files.paths("x")) == 3


def test_a_translator_of_an_older_version_is_read(tmp_path):
    """A trained network that is called damaged, since one of its sizes has another name today."""
    kept = KEPT._replace(config=dataclasses.replace(SIZES, scheduled_sampling=0.25, scheduled_sampling_steps=70))
    kept.save(str(tmp_path))
    path = translator_files.paths(str(tmp_path))["translator.json"]
    with open(path, encoding="utf-8") as file:
        text = file.read()
    assert text.count("scheduled_sampling") == 2
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace("scheduled_sampling", "own_tokens"))
    assert translator_files.load(str(tmp_path)).config == kept.config


@pytest.mark.parametrize("side", ["source", "target"])
def test_another_vocabulary_is_refused(side, tmp_path):
    """Weights that are read with the words of another text: at the next start of the training, and in use."""
    folder, other = str(tmp_path), SentenceVocabulary(SPECIAL + ["other"])
    KEPT.save(folder)
    own = getattr(KEPT, side)
    size = {side + "_vocabulary": len(other)}
    with pytest.raises(CheckpointError) as caught:
        KEPT._replace(**{side: other, "config": dataclasses.replace(SIZES, **size)}).check(folder)
    for part in (own.hash[:16], other.hash[:16], side + "_vocabulary.json", "choose another path to start"):
        assert part in str(caught.value)
    other.save(str(tmp_path / (side + "_vocabulary.json")))
    with pytest.raises(CheckpointError) as caught:
        translator_files.load(folder)
    for part in (own.hash[:16], other.hash[:16], side + "_vocabulary.json", "trained with another vocabulary"):
        assert part in str(caught.value)


def test_other_sizes_and_rules_are_refused(tmp_path):
    """A network of 16 units that takes the place of one of 6, or one that reads from the end: of the same shapes, so that
    nothing else would tell."""
    KEPT.check(str(tmp_path))
    assert os.listdir(str(tmp_path)) == [], "nothing is no difference"
    KEPT.save(str(tmp_path))
    wide = KEPT._replace(config=dataclasses.replace(SIZES, units=16, attention=None))
    message = (
        "units was 6 there and is 16 here; attention was bahdanau there and is None here. Use what was there, or choose "
        "another folder."
    )
    with pytest.raises(CheckpointError, match="translator.json: .*: " + message):
        wide.check(str(tmp_path))
    with pytest.raises(CheckpointError, match="rules: reverse was False there and is True here"):
        KEPT._replace(rules=SourceRules(reverse=True)).check(str(tmp_path))
    (tmp_path / "translator.json").write_text("{")
    with pytest.raises(CheckpointError, match="translator.json is damaged"):
        KEPT.check(str(tmp_path))


def changed(**parts):
    """translator.json with some parts changed; None leaves them out."""
    about = dict(KEPT._about(), **parts)
    return json.dumps({name: value for name, value in about.items() if value is not None})


DAMAGED = {
    "empty": "",
    "cut off": changed()[:-30],
    "a list": "[1]",
    "no sizes": changed(sizes=None),
    "an unknown size": changed(sizes=dict(dataclasses.asdict(SIZES), colour=3)),
    "an unknown rule": changed(rules={"upper": True}),
    "no rules": changed(rules=None),
    "no vocabularies": changed(vocabularies=None),
    "vocabularies without names": changed(vocabularies=["a", "b"]),
    "one vocabulary": changed(vocabularies={"source": SOURCE.hash}),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_is_refused(name, tmp_path):
    """A traceback, or a translator of other sizes."""
    KEPT.save(str(tmp_path))
    (tmp_path / "translator.json").write_text(DAMAGED[name])
    with pytest.raises(CheckpointError, match=r"translator\.json is damaged .*Choose another folder to train anew"):
        translator_files.load(str(tmp_path))


def test_no_translator(tmp_path):
    """A traceback for a folder that holds none, or lacks a vocabulary."""
    with pytest.raises(CheckpointError, match="nowhere holds no translator .*python examples/translate.py --out-dir"):
        translator_files.load(str(tmp_path / "nowhere"))
    KEPT.save(str(tmp_path))
    os.remove(str(tmp_path / "target_vocabulary.json"))
    with pytest.raises(DataError, match="target_vocabulary.json: the vocabulary cannot be read"):
        translator_files.load(str(tmp_path))


def restored(folder, kept=KEPT):
    with translator(folder, kept):
        pass


def test_never_random_weights(copied, tmp_path):
    """Nonsense that is written by a network that has not been trained, or whose checkpoint is damaged or of other sizes."""
    KEPT.save(str(tmp_path / "new"))
    with pytest.raises(CheckpointError, match="new holds no finished epoch yet.*Train first"):
        restored(str(tmp_path / "new"))
    wide = KEPT._replace(config=dataclasses.replace(SIZES, units=8))
    with pytest.raises(CheckpointError, match=r"Model/.* is \[.*\] in the checkpoint and \[.*\] in this graph"):
        restored(copied, wide)
    deep = KEPT._replace(config=dataclasses.replace(SIZES, attention=None))
    with pytest.raises(CheckpointError, match="is not in th"):
        restored(copied, deep)
    (data,) = [name for name in os.listdir(os.path.join(copied, "checkpoints")) if ".data-" in name]
    os.truncate(os.path.join(copied, "checkpoints", data), 100)
    with pytest.raises(CheckpointError, match="best-8 is damaged"):
        restored(copied)


def test_the_settings_of_the_run_may_be_lost(copied):
    """A translator that needs a file which says nothing about it."""
    os.remove(os.path.join(copied, "config.json"))
    with translator(copied) as (s, net):
        assert len(list(translating.translate(s, net, KEPT, LINES))) == len(LINES)


# ------------------------------------------------------------------------------------------------------- ids in, ids out


def test_write(three):
    """Translations in another order than their sources, the worst first, with their end, or cut by a neighbour's length;
    attention on the padding, or on the padding's place."""
    s, net = three
    sources = encoded(LINES)
    found = translating.write(s, net, sources, SIZES, 4, rows=3, count=7)
    assert len(found) == len(sources) and {len(best) for best in found} == {3}
    lengths = set()
    for source, best in zip(sources, found):
        feed = {net.source: source[None], net.source_lengths: [len(source)], net.count: 7}
        beams = s.run(net.beams, feed)
        for n, one in enumerate(best):
            whole = beams.tokens[0, n, : beams.lengths[0, n]]
            ended = whole[-1] == TARGET.end
            assert one.ended == ended
            np.testing.assert_array_equal(one.tokens, whole[:-1] if ended else whole)
            assert_near([one.score, one.log_probability], [beams.scores[0, n], beams.log_probabilities[0, n]], 1e-5)
            assert_near(one.alignments, beams.alignments[0, n, : len(one.tokens)], 1e-5)
            assert one.alignments.shape == (len(one.tokens), len(source))
            assert_near(one.alignments.sum(1), np.ones(len(one.tokens)), 1e-5)
            lengths.add((ended, len(one.tokens)))
        assert best[0].score > best[1].score > best[2].score and best[0].log_probability < 0
    assert (False, 7) in lengths and any(ended and length for ended, length in lengths)


def test_fewer_sentences_than_beams(run):
    """A beam that holds no sentence, shown as one."""
    with translator(run, width=30) as (s, net):
        (found,) = translating.write(s, net, encoded(LINES[:1]), SIZES, 30, count=1)
    assert len(found) == len(TARGET) and all(np.isfinite(one.score) for one in found)


def test_write_without_attention(tmp_path):
    """A crash where there is nothing that was looked at."""
    kept = KEPT._replace(config=dataclasses.replace(SIZES, attention=None, bidirectional=False))
    folder = train(str(tmp_path / "blind"), kept)
    with translator(folder, kept, width=2) as (s, net):
        for best in translating.write(s, net, encoded(LINES), kept.config, 2, count=5):
            for one in best:
                assert one.alignments.shape == (len(one.tokens), 0)


def test_the_limit_follows_the_source(tmp_path):
    """A long sentence whose translation is cut at a length that does for captions; one that is cut elsewhere because of those
    it goes with; a translation that is cut and taken for whole."""
    with translator(train(str(tmp_path), end=-1e4)) as (s, net):
        sources = [np.arange(length) % 6 + 4 for length in (3, 61, 20, 21, 199, 60)]
        alone = [translating.write(s, net, [source], SIZES)[0][0] for source in sources]
        assert [len(one.tokens) for one in alone] == [50, 170, 50, 90, 410, 130]
        for rows in (2, 50):
            found = [best[0] for best in translating.write(s, net, sources, SIZES, 1, rows)]
            assert not any(one.ended for one in found)
            for one, other in zip(found, alone):
                np.testing.assert_array_equal(one.tokens, other.tokens)
        assert translating.cut_off(found) == "6 of 6 translations, at 50 to 410 tokens"
        assert translating.cut_off(found[2:3] + [WRITTEN] * 1999) == "1 of 2,000 translations, at 50 tokens"
        assert translating.cut_off([WRITTEN]) == "0 of 1 translations"


def test_a_wide_search_takes_fewer_sentences_at_a_time(monkeypatch):
    """A memory that is full because the beams are many, or the vocabulary, or the places that attention looks at; sentences
    that are lost where parts are cut, or one a batch where none need be."""
    config, fed = dataclasses.replace(SIZES, units=30, target_vocabulary=1000), []

    class Session(object):
        def run(self, beams, feed):
            fed.append((feed["source"].shape, feed["count"]))
            rows, count = len(feed["source"]), feed["count"]
            tokens = feed["source"][:, None, :1] + np.zeros([1, 1, count], np.int32)
            zeros = np.zeros([rows, 1])
            return beams._replace(tokens=tokens, lengths=np.full([rows, 1], 1), scores=zeros, log_probabilities=zeros)

    net = Translator("source", "source_lengths", "count", Beams(*[None] * 4))
    sources = [np.full([length], place + 4) for place, length in enumerate([5] * 30 + [40] * 13)]

    def batches(numbers, width=1, rows=50):
        monkeypatch.setattr(translating, "NUMBERS", numbers)
        del fed[:]
        found = translating.write(Session(), net, sources, config, width, rows)
        assert [one[0].tokens.tolist() for one in found] == [[place + 4] for place in range(43)]
        return fed[:]

    assert batches(1 << 25) == [((13, 40), 90), ((30, 5), 50)]
    assert batches(1 << 25, rows=10) == [((10, 40), 90), ((3, 40), 90)] + [((10, 5), 50)] * 3
    row = 2 * (1000 + 40 * (30 + 90))  # with two beams
    assert batches(4 * row, 2) == [((4, 40), 90)] * 3 + [((1, 40), 90)] + [((16, 5), 50), ((14, 5), 50)]
    assert {shape[0] for (shape, _) in batches(4 * row - 1, 2)[:4]} == {3}
    assert {shape[0] for (shape, _) in batches(1, 2)} == {1}


# ----------------------------------------------------------------------------------------------------------- words, lines

WRITTEN = Hypothesis(
    TARGET.encode(["le", "?", "voit", "?", "."]),
    -1.0,
    -2.0,
    np.array([[0.7, 0.1, 0.2], [0.1, 0.2, 0.7], [0.1, 0.8, 0.1], [0.5, 0.4, 0.1], [0, 0, 1]]),
)


def test_unknown_words_are_replaced():
    """A word that is put in the place of another, taken from the wrong step or from the wrong end of a sentence that was read
    from its end; words that were known; anything without attention."""
    source = ["zebra", "sees", "yeti"]
    assert translating.hypothesis_words(KEPT, WRITTEN, source) == ["le", "<unk>", "voit", "<unk>", "."]
    assert translating.hypothesis_words(KEPT, WRITTEN, source, True) == ["le", "yeti", "voit", "zebra", "."]
    backwards = KEPT._replace(rules=SourceRules(reverse=True))
    assert translating.hypothesis_words(backwards, WRITTEN, source, True) == ["le", "zebra", "voit", "yeti", "."]
    blind = WRITTEN._replace(alignments=np.zeros([5, 0]))
    assert translating.hypothesis_words(KEPT, blind, source, True) == ["le", "<unk>", "voit", "<unk>", "."]


MARKED = TranslatorFiles(
    SIZES,
    SourceRules(numbers=True, urls=True),
    SOURCE,
    SentenceVocabulary(SPECIAL + ["[NUM]", "[URL]", "chiens", "."]),
)
NUMBERED = Hypothesis(
    MARKED.target.encode(["[NUM]", "?", "[NUM]", "[URL]", "chiens"]),
    -1.0,
    -2.0,
    # two 25 Obama www.X.com 3 .
    np.array(
        [
            [0.5, 0.2, 0.1, 0.1, 0.05, 0.05],
            [0.1, 0.1, 0.6, 0.1, 0.05, 0.05],
            [0.6, 0.1, 0.1, 0.05, 0.15, 0],
            [0.4, 0.3, 0.1, 0.1, 0.1, 0],
            [0, 1, 0, 0, 0, 0],
        ]
    ),
)


def test_numbers_and_addresses_come_back():
    """A number that is lost on the way, or another's; an address for a number; the small letters of the tokens; marks that are
    put back in what is compared with tokens that have them."""
    text = "Two 25 Obama www.X.com 3 ."
    source, surface = MARKED.rules.read(text), MARKED.rules.surface(text)
    assert source == ["two", "[NUM]", "obama", "[URL]", "[NUM]", "."]
    read = translating.hypothesis_words(MARKED, NUMBERED, source, True, surface)
    assert read == ["25", "Obama", "3", "www.X.com", "chiens"]
    assert translating.hypothesis_words(MARKED, NUMBERED, source, False, surface) == [
        "25",
        "<unk>",
        "3",
        "www.X.com",
        "chiens",
    ]
    assert translating.hypothesis_words(MARKED, NUMBERED, source, True) == [
        "[NUM]",
        "obama",
        "[NUM]",
        "[URL]",
        "chiens",
    ]
    backwards = MARKED._replace(rules=MARKED.rules._replace(reverse=True))
    turned = NUMBERED._replace(alignments=NUMBERED.alignments[:, ::-1])
    assert translating.hypothesis_words(backwards, turned, source, True, surface) == read
    plain = ["two", "dogs", "see", "Obama", "at", "noon"]
    found = translating.hypothesis_words(MARKED, NUMBERED, plain, True, plain)
    assert found == ["two", "see", "two", "two", "chiens"], "no number to be found: what was looked at"
    assert translating.hypothesis_words(MARKED, NUMBERED, plain, True) == ["[NUM]", "see", "[NUM]", "[URL]", "chiens"]
    blind = NUMBERED._replace(alignments=np.zeros([5, 0]))
    assert translating.hypothesis_words(MARKED, blind, source, True, surface) == MARKED.target.decode(NUMBERED.tokens)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("L'ATV 8 cost $2,500.75 in WWW.Shop.com", "L' ATV 8 cost $ 2,500.75 in WWW.Shop.com"),
        ("\u00abQ&amp;A\u00bb", '" Q&A "'),
        ("[NUM] x", "[NUM] x"),
        ("a.\u0130 Bob", "a . i\u0307 bob"),  # three tokens that are two with the large letter
        ("", ""),
    ],
)
def test_surface(text, expected):
    """A token that stands beside another one's surface, or that is small or substituted in it."""
    for rules in (SourceRules(), SourceRules(True, True, True)):
        assert rules.surface(text) == expected.split() and len(rules.read(text)) == len(expected.split())


def test_rules():
    """Numbers and addresses that are not substituted where it is asked for, or elsewhere."""
    text = "See www.example.com, 12 Dogs"
    assert SourceRules().read(text) == ["see", "www.example.com", ",", "12", "dogs"]
    assert SourceRules(numbers=True).read(text) == ["see", "www.example.com", ",", "[NUM]", "dogs"]
    assert SourceRules(urls=True, reverse=True).read(text) == ["see", "[URL]", ",", "12", "dogs"]
    assert SourceRules(reverse=True).order(["a", "b", "c"]) == ["c", "b", "a"] and SourceRules().order(["a", "b"]) == [
        "a",
        "b",
    ]


@pytest.mark.parametrize("rows", [1, 2, 4, 50])
def test_lines_in_order(rows, three):
    """Lines that are mixed up at the border of parts, a blank line that is lost or translated, translations that depend on how
    many lines go together, or are not written as a person writes."""
    s, net = three
    found = list(translating.translate(s, net, KEPT, LINES, rows=rows))
    assert len(found) == len(LINES)
    for line, several in zip(LINES, found):
        if not line.strip():
            assert several == [Answer("", 0.0, 0)] * 3
            continue
        (best,) = translating.write(s, net, encoded([line]), SIZES)
        for answer, one in zip(several, best):
            assert answer.text == detokenize(TARGET.decode(one.tokens), capital=True)
            assert answer.score == pytest.approx(one.score, abs=1e-4)
            assert answer.cut_off == (0 if one.ended else len(one.tokens))
        assert len(several) == 3
    assert list(translating.translate(s, net, KEPT, [], rows=rows)) == []


def test_replaced_in_a_text(three):
    """An unknown word replaced by that of another sentence, or not at all."""
    s, net = three
    plain = [best[0].text for best in translating.translate(s, net, KEPT, LINES)]
    replaced = [best[0].text for best in translating.translate(s, net, KEPT, LINES, replace=True)]
    assert any("<unk>" in line.lower() for line in plain) and not any("<unk>" in line.lower() for line in replaced)
    for line, one, other in zip(LINES, plain, replaced):
        if line.strip():
            (best,) = translating.write(s, net, encoded([line]), SIZES)
            expected = translating.hypothesis_words(
                KEPT, best[0], KEPT.rules.read(line), True, KEPT.rules.surface(line)
            )
            assert other == detokenize(expected, capital=True)
        assert "<unk>" in one.lower() or one == other


def test_sources_that_are_read_from_their_end(three):
    """A rule that is kept and not followed."""
    s, net = three
    backwards = KEPT._replace(rules=SourceRules(reverse=True))
    turned = [" ".join(line.split()[::-1]) for line in ("the dog sees a cat", "a big cat")]

    def texts(kept, lines):
        return [[one.text for one in best] for best in translating.translate(s, net, kept, lines)]

    plain = texts(KEPT, turned)
    assert texts(backwards, ["the dog sees a cat", "a big cat"]) == plain
    assert texts(KEPT, ["the dog sees a cat", "a big cat"]) != plain


LONG = "a b c d e f g"
HUGE = "a" * 601  # characters, where a sentence has 6 tokens at most


@pytest.mark.parametrize(("line", "much"), [(LONG, "6 tokens"), (HUGE, "600 characters")])
def test_a_sentence_that_is_too_long(line, much, three, monkeypatch):
    """A sentence that is cut, a number that is another line's, what came before lost; a page that is taken apart first."""
    s, net = three
    monkeypatch.setattr(translating, "LONGEST", 6)
    lines = ["the dog", "", "a cat", "the dog sees a cat .", line, "the cat"]
    expected = texts_of(translating.translate(s, net, KEPT, lines[:4]))
    assert translating.too_long(KEPT, lines[3]) == "" == translating.too_long(KEPT, HUGE[1:])
    if line is HUGE:
        monkeypatch.setattr(translator_files, "tokenize", lambda text, **how: text.split() if text != HUGE else 1 / 0)
    for rows in (1, 2, 50):
        answers, found = translating.translate(s, net, KEPT, lines, where="text.en: line", rows=rows), []
        with pytest.raises(DataError, match=r"^text.en: line 5 has more than %s, .*: part it into sentences\.$" % much):
            for one in answers:
                found.append(one)
        assert texts_of(found) == expected


def texts_of(answers):
    return [[one.text for one in several] for several in answers]


def test_what_came_before_a_damaged_line_is_translated(three):
    """Thirty-nine translations that are lost because line 40 of the file cannot be read."""
    s, net = three

    def lines():
        yield from LINES[:5]
        raise DataError("line 6 cannot be read")

    expected = texts_of(translating.translate(s, net, KEPT, LINES[:5]))
    for rows in (2, 5, 50):
        answers, found = translating.translate(s, net, KEPT, lines(), rows=rows), []
        with pytest.raises(DataError, match="line 6"):
            for one in answers:
                found.append(one)
        assert texts_of(found) == expected


def test_lines_are_read_as_they_are_wanted(three):
    """A file that is read whole before the first answer; a person who has to type fifty lines before the first answer."""
    read = []

    def lines():
        for number in range(7):
            read.append(number)
            yield "the dog %d" % number

    answers = translating.translate(*three, KEPT, lines(), rows=3)
    next(answers)
    assert len(read) == 3
    assert len(list(answers)) == 6


# ------------------------------------------------------------------------------------------------------------------- BLEU

HYPOTHESES = [
    "the cat sat on the mat today",
    "a Dog , it is said , sleeps .",
    "no",
    "The yellow bird sings a song for all of us .",
]
REFERENCES = [
    "the cat sat on a mat today",
    "a dog , it is told , sleeps long .",
    "not at all",
    "the yellow bird sings a song to all of us .",
]


def ngrams(words, n):
    found = {}
    for i in range(len(words) - n + 1):
        found[tuple(words[i : i + n])] = found.get(tuple(words[i : i + n]), 0) + 1
    return found


def bleu_by_hand(hypotheses, references):
    """Papineni et al. 2002, sections 2.1 to 2.3: clipped counts over the whole text, brevity penalty."""
    logs = []
    for n in range(1, 5):
        right = total = 0
        for one, other in zip(hypotheses, references):
            counts, allowed = ngrams(one.split(), n), ngrams(other.split(), n)
            right += sum(min(count, allowed.get(gram, 0)) for gram, count in counts.items())
            total += sum(counts.values())
        logs.append(np.log(right / total))
    c, r = (sum(len(line.split()) for line in lines) for lines in (hypotheses, references))
    return 100 * min(1, np.exp(1 - r / c)) * np.exp(np.mean(logs))


def test_bleu_by_hand():
    """A mean of sentences' scores, no penalty for what is too short, words that sacrebleu parts once more, another case."""
    assert bleu(HYPOTHESES, REFERENCES, tokenized=True).score == pytest.approx(bleu_by_hand(HYPOTHESES, REFERENCES))
    lower = [[line.lower() for line in lines] for lines in (HYPOTHESES, REFERENCES)]
    assert bleu(HYPOTHESES, REFERENCES, True, lower=True).score == pytest.approx(bleu_by_hand(*lower))
    assert bleu(REFERENCES, REFERENCES).score == pytest.approx(100)
    assert bleu(["x y z w"], ["a b c d"], tokenized=True).score == 0
    joined = ["isn't u.s. style?"]
    assert bleu(joined, joined, tokenized=True).score == 0, "three words have no four in a row"
    assert bleu(joined, joined).score == pytest.approx(100)


def test_bleu_is_that_of_sacrebleu():
    """Another tokenizer or smoothing than the signature says; a signature that does not say it."""
    import sacrebleu

    plain, tokens, lower = (
        bleu(HYPOTHESES, REFERENCES),
        bleu(HYPOTHESES, REFERENCES, tokenized=True),
        bleu(HYPOTHESES, REFERENCES, lower=True),
    )
    assert plain.score == sacrebleu.corpus_bleu(HYPOTHESES, [REFERENCES]).score
    assert tokens.score == sacrebleu.corpus_bleu(HYPOTHESES, [REFERENCES], tokenize="none", force=True).score
    assert lower.score == sacrebleu.corpus_bleu(HYPOTHESES, [REFERENCES], lowercase=True).score
    assert "tok:13a" in plain.signature and "case:mixed" in plain.signature and "version:" in plain.signature
    assert "tok:none" in tokens.signature and "case:lc" in lower.signature
    expected = [sacrebleu.sentence_chrf(*pair).score for pair in zip(HYPOTHESES, [[one] for one in REFERENCES])]
    assert sentence_scores(HYPOTHESES, REFERENCES) == expected and expected[2] < expected[1] < expected[3]


def test_bleu_of_nothing():
    """Sentences that are scored against others' references, or a score of no sentence."""
    for hypotheses, references in ((["a"], ["a", "b"]), ([], [])):
        with pytest.raises(DataError, match="BLEU of %d sentences against %d" % (len(hypotheses), len(references))):
            bleu(hypotheses, references)


def test_without_sacrebleu(monkeypatch):
    """A traceback that does not say what to install."""
    monkeypatch.setitem(sys.modules, "sacrebleu", None)
    with pytest.raises(UserError, match="pip install sacrebleu"):
        bleu(["a"], ["a"])
    with pytest.raises(UserError, match="pip install sacrebleu"):
        check_installed()
    assert not is_installed()
    monkeypatch.undo()
    assert is_installed()


def test_groups_by_length():
    """A length at the border of two groups in the wrong one; an empty group; places of another group."""
    names, places = groups_by_length([8, 9, 1, 30, 21, 20, 12, 8])
    assert names == ["1-8", "9-12", "17-20", "21 and more"]
    assert [part.tolist() for part in places] == [[0, 2, 7], [1, 6], [5], [3, 4]]


# ------------------------------------------------------------------------------------------------------------- SavedModel

# Reads the model as export_model's docstring says, in a process that knows TensorFlow and nothing of ours.
READ = """
import sys
import numpy as np
import tensorflow
folder, feed, found = sys.argv[1:]
feed = dict(np.load(feed))
two = {name: value for name, value in feed.items() if name != "count"}
tf = tensorflow.compat.v1
for name, fed in (("translate", two), ("translate_count", feed)):
    with tf.Graph().as_default(), tf.Session() as session:
        signature = tf.saved_model.load(session, ["serve"], folder).signature_def[name]
        assert sorted(signature.inputs) == sorted(fed)
        outputs = {name: info.name for name, info in signature.outputs.items()}
        outputs = session.run(outputs, {signature.inputs[name].name: value for name, value in fed.items()})
    np.savez(found + "_1_" + name, **outputs)
    if not tensorflow.version.VERSION.startswith("1."):
        model = tensorflow.saved_model.load(folder)
        outputs = model.signatures[name](**{name: tensorflow.constant(value) for name, value in fed.items()})
        np.savez(found + "_2_" + name, **{name: value.numpy() for name, value in outputs.items()})
assert not [name for name in sys.modules if name.startswith("rnn_tf1")]
"""


@pytest.mark.slow
def test_a_saved_model_that_tensorflow_reads(run, tmp_path):
    """A model that needs this package, gives something else than the network it was made from, or another of its beams; that
    must be told how many tokens to write, or cannot be; vocabularies that are not those of the run."""
    how = dict(width=3, length_penalty=0.7, coverage_penalty=0.1)
    folder = translating.export(run, str(tmp_path / "deep" / "model") + "/", KEPT, **how)
    with translator(run, **how) as (s, net):
        source, lengths = translating.pad(encoded(LINES))
        feed = {net.source: source, net.source_lengths: lengths}
        limits = {"translate": translating.most_tokens(source.shape[1]), "translate_count": 6}
        expected = {}
        for name, count in limits.items():
            feed[net.count] = count
            expected[name] = s.run(net.beams, feed)
    np.savez(str(tmp_path / "feed"), source=source, source_lengths=lengths, count=np.int32(6))
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", READ, folder, str(tmp_path / "feed.npz"), str(tmp_path / "found")],
        cwd=str(tmp_path),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    for way, (name, beams) in itertools.product(["1"] if IS_TF1 else ["1", "2"], expected.items()):
        found = dict(np.load(str(tmp_path / ("found_%s_%s.npz" % (way, name)))))
        assert sorted(found) == ["alignments", "lengths", "scores", "tokens"]
        assert found["tokens"].shape == (len(source), limits[name])
        np.testing.assert_array_equal(found["tokens"], beams.tokens[:, 0])
        np.testing.assert_array_equal(found["lengths"], beams.lengths[:, 0])
        assert_near(found["scores"], beams.scores[:, 0], 1e-5)
        assert_near(found["alignments"], beams.alignments[:, 0], 1e-5)
    extra = os.path.join(folder, "assets.extra")
    assert sorted(os.listdir(extra)) == ["source_vocabulary.json", "target_vocabulary.json", "translator.json"]
    for name, path in translator_files.paths(run).items():
        with open(path, "rb") as one, open(os.path.join(extra, name), "rb") as other:
            assert one.read() == other.read()
    assert os.listdir(str(tmp_path / "deep")) == ["model"]


@pytest.mark.once
def test_which_of_the_two_folders_of_an_export_is_wrong(run, copied, tmp_path):
    """The run's folder blamed where the model's is wrong, or the other way round."""
    with pytest.raises(OutputError, match="exists already.*choose another target[.]"):
        translating.export(run, str(tmp_path), KEPT)
    for path in glob.glob(os.path.join(copied, "checkpoints", "best-*.index")):
        os.truncate(path, 10)
    with pytest.raises(CheckpointError, match="is damaged .*Choose another folder to train anew"):
        translating.export(copied, str(tmp_path / "model"), KEPT)


def little(s, folder, files=()):
    """Exports a graph of one variable."""
    x = tf.placeholder(tf.float32, [], name="x")
    y = x + tf.get_variable("v", [])
    s.run(tf.global_variables_initializer())
    return exporting.export_model(s, folder, {"f": ({"x": x}, {"y": y})}, dict(files))


@pytest.fixture
def s(graph):
    with tf.Session() as new:
        yield new


def test_what_is_there_stays(s, tmp_path):
    """A folder or a file that is written over."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "model").write_text("precious")
    (tmp_path / "file").write_text("precious")
    for name in ("full", "file"):
        with pytest.raises(OutputError, match="%s exists already.*choose another folder" % name):
            exporting.export_model(s, str(tmp_path / name), {"f": ({}, {})}, {})
    assert (tmp_path / "full" / "model").read_text() == (tmp_path / "file").read_text() == "precious"
    assert sorted(os.listdir(str(tmp_path))) == ["file", "full"]


FAILURES = {
    "a full disk": (OSError(errno.ENOSPC, "No space left on device"), OutputError, "the disk is full"),
    "a full disk, seen by TensorFlow": (
        tf.errors.ResourceExhaustedError(None, None, "no space"),
        OutputError,
        "cannot write there",
    ),
    "Ctrl-C": (KeyboardInterrupt("enough"), KeyboardInterrupt, "enough"),
}


@pytest.mark.parametrize("name", FAILURES)
@pytest.mark.parametrize("where", ["copyfile", "rename", "save"])
def test_nothing_half_written_is_left(name, where, s, tmp_path, monkeypatch):
    """Half a model that looks like a whole one; a temporary folder that stays; a traceback."""
    error, kind, message = FAILURES[name]

    def fail(*args, **more):
        raise error

    place = {"copyfile": exporting.shutil, "rename": exporting.os, "save": tf.saved_model.Builder}[where]
    monkeypatch.setattr(place, where, fail)
    (tmp_path / "words").write_text("words")
    with pytest.raises(kind, match=message):
        little(s, str(tmp_path / "out" / "model"), {"words": str(tmp_path / "words")})
    monkeypatch.undo()
    assert os.listdir(str(tmp_path / "out")) == []


@pytest.mark.parametrize("name", ["model [2]", "a*", "caf\udce9"])
def test_a_folder_that_tensorflow_cannot_read(s, tmp_path, name):
    """A SavedModel that is written, and that no program can load."""
    with pytest.raises(OutputError, match="as a pattern.*Choose another folder"):
        little(s, os.path.join(str(tmp_path), name))
    assert os.listdir(str(tmp_path)) == []


def test_a_folder_that_cannot_be_made(s, tmp_path):
    """A traceback where the place for the model is a file."""
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="not a folder has its name.*another folder"):
        little(s, str(tmp_path / "file" / "model"))


def test_sizes_of_a_translator(tmp_path):
    """Sizes of another kind, or of which no machine has the memory, taken into a graph; a vocabulary of another size."""
    KEPT.save(str(tmp_path))
    path = tmp_path / "translator.json"
    about = json.loads(path.read_text())
    assert translator_files.load(str(tmp_path)).config == KEPT.config
    for part, name, value in (
        ("sizes", "units", "six"),
        ("sizes", "units", True),
        ("sizes", "units", 10**400),
        ("sizes", "layers", 10**6),
        ("sizes", "keep_prob", float("nan")),
        ("sizes", "attention", ["luong"]),
        ("sizes", "source_vocabulary", 15),
        ("sizes", "units", None),
        ("rules", "numbers", 1),
        ("rules", "nothing", True),
    ):
        path.write_text(json.dumps(dict(about, **{part: dict(about[part], **{name: value})})))
        with pytest.raises(CheckpointError, match="translator.json is damaged"):
            translator_files.load(str(tmp_path))
