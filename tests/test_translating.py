"""A translator in use: what is kept of it, lines in and lines out, BLEU, and a SavedModel that TensorFlow alone reads."""

import contextlib
import dataclasses
import errno
import gzip
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from helpers import IS_TF1, assert_near, session, set_values, values

from rnn_tf1 import checkpoints, translating
from rnn_tf1 import export as exporting
from rnn_tf1.bleu import bleu, groups_by_length, sentence_scores
from rnn_tf1.data.tokenizer import detokenize
from rnn_tf1.data.translation import SentenceVocabulary
from rnn_tf1.errors import CheckpointError, DataError, OutputError, UserError
from rnn_tf1.models.seq2seq import Seq2SeqConfig, build_seq2seq
from rnn_tf1.translating import Kept, Rules, Written

SPECIAL = list(SentenceVocabulary.special)
SOURCE = SentenceVocabulary(SPECIAL + ["dog", "cat", "sees", "the", "a", ".", ",", "never", "big", "[NUM]"])
TARGET = SentenceVocabulary(SPECIAL + ["chien", "chat", "voit", "le", "un", ".", ",", "jamais", "gros", "l'", "n'"])
SIZES = Seq2SeqConfig(source_vocabulary=len(SOURCE), target_vocabulary=len(TARGET), units=6, depth=5, cell="gru")
KEPT = Kept(SIZES, Rules(), SOURCE, TARGET)
SETTINGS = {"units": 6}
LINES = [
    "The dog sees a cat.",
    "",
    "A cat",
    "big big big, the dog never sees the cat",
    " \t ",
    "the zebra sees 12 cats.",
    ".",
    "Never!",
    "",
    "the big dog",
    "a cat, a dog, the cat.",
]


def train(folder, kept=KEPT):
    """Leaves a run in `folder` as a training does, with random weights."""
    kept.save(folder)
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump(SETTINGS, file)
    with tf.Graph().as_default():
        with tf.variable_scope("Model"):
            build_seq2seq(kept.config, False)
        with session() as s:
            weights = {v: values(v.op.name, v.shape.as_list()) for v in tf.trainable_variables()}
            for v in weights:
                if v.op.name.endswith("softmax_b"):
                    weights[v][TARGET.end] += 1.0
                    weights[v][TARGET.unknown] += 1.5
            set_values(s, weights)
            checkpoints.save(s, tf.train.Saver(), os.path.join(folder, "checkpoints"), 8, prefix="best")
    return folder


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


@contextlib.contextmanager
def translator(folder, kept=KEPT, **how):
    """(session, net) with the weights of the run in `folder`."""
    with tf.Graph().as_default(), tf.Session() as s:
        yield s, translating.restore(s, folder, kept, **how)


@pytest.fixture(scope="module")
def three(run):
    """A session and a translator that gives the three best."""
    with translator(run, width=4, n_best=3, length_penalty=0.5) as (s, net):
        yield s, net


# -------------------------------------------------------------------------------------------------------- what is kept


def test_what_is_kept(tmp_path):
    """A size, a rule or a word that is lost between the training and the use; a second start that is refused."""
    config = dataclasses.replace(SIZES, attention=None, layers=2, keep_prob=0.7, own_tokens=0.25, tied=True)
    kept = Kept(config, Rules(numbers=True, reverse=True), SOURCE, TARGET)
    for _ in range(2):
        kept.save(str(tmp_path / "run"))
    found = translating.load(str(tmp_path / "run"))
    assert found.config == config and found.rules == kept.rules
    assert found.source.words == SOURCE.words and found.target.words == TARGET.words
    assert all(os.path.isfile(path) for path in translating.files(str(tmp_path / "run")).values())
    assert len(translating.files("x")) == 3


@pytest.mark.parametrize("side", ["source", "target"])
def test_another_vocabulary_is_refused(side, tmp_path):
    """Weights that are read with the words of another text: at the next start of the training, and in use."""
    folder, other = str(tmp_path), SentenceVocabulary(SPECIAL + ["other"])
    KEPT.save(folder)
    before = (tmp_path / "translator.json").read_text()
    own = getattr(KEPT, side)
    with pytest.raises(CheckpointError) as caught:
        KEPT._replace(**{side: other, "config": dataclasses.replace(SIZES, units=8)}).save(folder)
    for part in (own.hash[:16], other.hash[:16], side + "_vocabulary.json", "--out-dir"):
        assert part in str(caught.value)
    assert (tmp_path / "translator.json").read_text() == before
    other.save(str(tmp_path / (side + "_vocabulary.json")))
    with pytest.raises(CheckpointError) as caught:
        translating.load(folder)
    for part in (own.hash[:16], other.hash[:16], side + "_vocabulary.json", "trained with another vocabulary"):
        assert part in str(caught.value)


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
    with pytest.raises(CheckpointError, match=r"translator\.json is damaged .*--out-dir"):
        translating.load(str(tmp_path))


def test_no_translator(tmp_path):
    """A traceback for a folder that holds none, or lacks a vocabulary."""
    with pytest.raises(CheckpointError, match="nowhere holds no translator .*python examples/translate.py --out-dir"):
        translating.load(str(tmp_path / "nowhere"))
    KEPT.save(str(tmp_path))
    os.remove(str(tmp_path / "target_vocabulary.json"))
    with pytest.raises(DataError, match="target_vocabulary.json: the vocabulary cannot be read"):
        translating.load(str(tmp_path))


def test_never_random_weights(copied, tmp_path):
    """Nonsense that is written by a network that has not been trained, or whose checkpoint is damaged or of other sizes."""
    KEPT.save(str(tmp_path / "new"))
    with pytest.raises(CheckpointError, match="new holds no finished epoch yet.*Train first"):
        list(translating.show(str(tmp_path / "new"), KEPT, ["the dog"], False, "line"))
    wide = KEPT._replace(config=dataclasses.replace(SIZES, units=8))
    with pytest.raises(CheckpointError, match=r"Model/.* is \[.*\] in the checkpoint and \[.*\] in this graph"):
        list(translating.show(copied, wide, ["the dog"], False, "line"))
    deep = KEPT._replace(config=dataclasses.replace(SIZES, attention=None))
    with pytest.raises(CheckpointError, match="is not in th"):
        list(translating.show(copied, deep, ["the dog"], False, "line"))
    (data,) = [name for name in os.listdir(os.path.join(copied, "checkpoints")) if ".data-" in name]
    os.truncate(os.path.join(copied, "checkpoints", data), 100)
    with pytest.raises(CheckpointError, match="best-8 is damaged"):
        list(translating.show(copied, KEPT, ["the dog"], False, "line"))


def test_the_settings_of_the_run_may_be_lost(copied):
    """A translator that needs a file which says nothing about it."""
    os.remove(os.path.join(copied, "config.json"))
    assert len(list(translating.show(copied, KEPT, LINES, False, "line"))) == len(LINES)


def test_attention_is_needed():
    """Flags that do nothing, in silence, where the network has no attention."""
    blind = KEPT._replace(config=dataclasses.replace(SIZES, attention=None))
    translating.check_attention(KEPT, True, 0.3)
    translating.check_attention(blind, False, 0.0)
    with pytest.raises(UserError, match="--replace-unknown asks what the network looks at"):
        translating.check_attention(blind, True, 0.0)
    with pytest.raises(UserError, match="--coverage-penalty asks"):
        translating.check_attention(blind, False, 0.2)


# ------------------------------------------------------------------------------------------------------- ids in, ids out


def encoded(lines, kept=KEPT):
    return [kept.source.encode(kept.rules.order(kept.rules.read(line))) for line in lines if line.strip()]


def test_write(three):
    """Translations in another order than their sources, the worst first, with their end, or cut by a neighbour's length;
    attention on the padding, or on the padding's place."""
    s, net = three
    sources = encoded(LINES)
    found = translating.write(s, net, sources, TARGET.end, rows=3, count=7)
    assert len(found) == len(sources) and {len(best) for best in found} == {3}
    lengths = set()
    for source, best in zip(sources, found):
        feed = {net.source: source[None], net.source_lengths: [len(source)], net.count: 7}
        beams = s.run(net.beams, feed)
        for n, one in enumerate(best):
            whole = beams.tokens[0, n, : beams.lengths[0, n]]
            ended = whole[-1] == TARGET.end
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
        (found,) = translating.write(s, net, encoded(LINES[:1]), TARGET.end, count=1)
    assert len(found) == len(TARGET) and all(np.isfinite(one.score) for one in found)


def test_write_without_attention(tmp_path):
    """A crash where there is nothing that was looked at."""
    kept = KEPT._replace(config=dataclasses.replace(SIZES, attention=None, bidirectional=False))
    folder = train(str(tmp_path / "blind"), kept)
    with translator(folder, kept, width=2) as (s, net):
        for best in translating.write(s, net, encoded(LINES), TARGET.end, count=5):
            for one in best:
                assert one.alignments.shape == (len(one.tokens), 0)


# ----------------------------------------------------------------------------------------------------------- words, lines

WRITTEN = Written(
    TARGET.encode(["le", "?", "voit", "?", "."]),
    -1.0,
    -2.0,
    np.array([[0.7, 0.1, 0.2], [0.1, 0.2, 0.7], [0.1, 0.8, 0.1], [0.5, 0.4, 0.1], [0, 0, 1]]),
)


def test_unknown_words_are_replaced():
    """A word that is put in the place of another, taken from the wrong step or from the wrong end of a sentence that was read
    from its end; words that were known; anything without attention."""
    source = ["zebra", "sees", "yeti"]
    assert translating.words(KEPT, WRITTEN, source) == ["le", "<unk>", "voit", "<unk>", "."]
    assert translating.words(KEPT, WRITTEN, source, True) == ["le", "yeti", "voit", "zebra", "."]
    backwards = KEPT._replace(rules=Rules(reverse=True))
    assert translating.words(backwards, WRITTEN, source, True) == ["le", "zebra", "voit", "yeti", "."]
    blind = WRITTEN._replace(alignments=np.zeros([5, 0]))
    assert translating.words(KEPT, blind, source, True) == ["le", "<unk>", "voit", "<unk>", "."]


def test_rules():
    """Numbers and addresses that are not substituted where it is asked for, or elsewhere."""
    text = "See www.example.com, 12 Dogs"
    assert Rules().read(text) == ["see", "www.example.com", ",", "12", "dogs"]
    assert Rules(numbers=True).read(text) == ["see", "www.example.com", ",", "[NUM]", "dogs"]
    assert Rules(urls=True, reverse=True).read(text) == ["see", "[URL]", ",", "12", "dogs"]
    assert Rules(reverse=True).order(["a", "b", "c"]) == ["c", "b", "a"] and Rules().order(["a", "b"]) == ["a", "b"]


@pytest.mark.parametrize("rows", [1, 2, 4, 50])
def test_lines_in_order(rows, three):
    """Lines that are mixed up at the border of parts, a blank line that is lost or translated, translations that depend on how
    many lines go together, or are not written as a person writes."""
    s, net = three
    found = list(translating.translate(s, net, KEPT, LINES, rows=rows))
    assert len(found) == len(LINES)
    for line, several in zip(LINES, found):
        if not line.strip():
            assert several == [""]
            continue
        (best,) = translating.write(s, net, encoded([line]), TARGET.end)
        assert several == [detokenize(TARGET.decode(one.tokens), capital=True) for one in best] and len(several) == 3
    assert list(translating.translate(s, net, KEPT, [], rows=rows)) == []


def test_replaced_in_a_text(three):
    """An unknown word replaced by that of another sentence, or not at all."""
    s, net = three
    plain = [best[0] for best in translating.translate(s, net, KEPT, LINES)]
    replaced = [best[0] for best in translating.translate(s, net, KEPT, LINES, replace=True)]
    assert any("<unk>" in line.lower() for line in plain) and not any("<unk>" in line.lower() for line in replaced)
    for line, one, other in zip(LINES, plain, replaced):
        if line.strip():
            (best,) = translating.write(s, net, encoded([line]), TARGET.end)
            expected = translating.words(KEPT, best[0], KEPT.rules.read(line), True)
            assert other == detokenize(expected, capital=True)
        assert "<unk>" in one.lower() or one == other


def test_sources_that_are_read_from_their_end(three):
    """A rule that is kept and not followed."""
    s, net = three
    backwards = KEPT._replace(rules=Rules(reverse=True))
    turned = [" ".join(line.split()[::-1]) for line in ("the dog sees a cat", "a big cat")]
    plain = list(translating.translate(s, net, KEPT, turned))
    assert list(translating.translate(s, net, backwards, ["the dog sees a cat", "a big cat"])) == plain
    assert list(translating.translate(s, net, KEPT, ["the dog sees a cat", "a big cat"])) != plain


def test_a_sentence_that_is_too_long(three, monkeypatch):
    """A sentence that is cut, a number that is another line's, what came before lost."""
    s, net = three
    monkeypatch.setattr(translating, "LONGEST", 6)
    lines = ["the dog", "", "a cat", "the dog sees a cat .", "a b c d e f g", "the cat"]
    expected = list(translating.translate(s, net, KEPT, lines[:4]))
    for rows in (1, 2, 50):
        answers, found = translating.translate(s, net, KEPT, lines, where="text.en: line", rows=rows), []
        with pytest.raises(DataError, match=r"^text.en: line 5 has more than 6 tokens, .*: part it into sentences\.$"):
            for one in answers:
                found.append(one)
        assert found == expected


def test_lines_are_read_as_they_are_wanted(run, three):
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
    del read[:]
    answers = translating.show(run, KEPT, lines(), False, "line", rows=1)
    for number in range(7):
        next(answers)
        assert len(read) == number + 1


def test_show_gives_the_n_best(run, three):
    """Translations of one sentence that are mixed with those of the next."""
    s, net = three
    expected = [line for several in translating.translate(s, net, KEPT, LINES) for line in several]
    found = translating.show(run, KEPT, LINES, False, "line", width=4, n_best=3, length_penalty=0.5)
    assert list(found) == expected


@pytest.mark.parametrize("end", [EOFError, KeyboardInterrupt])
def test_typed(end, monkeypatch, capsys):
    """A traceback at the end of the input or at Ctrl-C, an unknown word that passes in silence, a line that is too long and
    ends everything."""
    waiting = iter(["The zebra sees a yeti.", "the dog sees the cat", "the dog sees the cat .", ""])

    def typed(prompt):
        assert prompt == "> "
        for line in waiting:
            return line
        raise end

    monkeypatch.setattr("builtins.input", typed)
    monkeypatch.setattr(translating, "LONGEST", 6)
    try:
        found = list(translating.typed(KEPT))
    except KeyboardInterrupt:
        pytest.fail("Ctrl-C ends the program")
    assert found == ["The zebra sees a yeti.", "the dog sees the cat", "the dog sees the cat .", ""]
    assert capsys.readouterr().err == "Not in the vocabulary, read as <unk>: yeti, zebra\n\n"
    waiting = iter(["a a a a a a a", "the cat"])
    assert list(translating.typed(KEPT)) == ["the cat"]
    assert capsys.readouterr().err == "That has more than 6 tokens, the most that are translated.\n\n"


def test_unknown_words():
    """A known word that is named, or <unk> itself that is not."""
    assert translating.unknown_words(KEPT, "The Yeti, the dog.") == ["yeti"]
    assert translating.unknown_words(KEPT, "12 dogs") == ["12", "dogs"]
    assert translating.unknown_words(KEPT._replace(rules=Rules(numbers=True)), "12 dog") == []
    assert translating.unknown_words(KEPT, "") == []


def test_read_file(tmp_path):
    """A mistake that is found only when the network has been built; a line that is lost by looking for it."""
    for name, content in (
        ("plain.txt", b"one\n\ntwo"),
        ("packed.gz", gzip.compress(b"one\n\ntwo\n")),
        ("blank", b"\n"),
    ):
        (tmp_path / name).write_bytes(content)
    assert list(translating.read_file(str(tmp_path / "plain.txt"))) == ["one", "", "two"]
    assert list(translating.read_file(str(tmp_path / "packed.gz"))) == ["one", "", "two"]
    assert list(translating.read_file(str(tmp_path / "blank"))) == [""]
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "bad").write_bytes(b"\xff\xfe")
    for name, message in (("empty", "the file is empty"), ("bad", "is not UTF-8"), ("none", "cannot be read")):
        with pytest.raises(DataError, match="%s: .*%s" % (name, message)):
            translating.read_file(str(tmp_path / name))


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
tf = tensorflow.compat.v1
with tf.Graph().as_default(), tf.Session() as session:
    signature = tf.saved_model.load(session, ["serve"], folder).signature_def["translate"]
    outputs = {name: info.name for name, info in signature.outputs.items()}
    outputs = session.run(outputs, {signature.inputs[name].name: value for name, value in feed.items()})
np.savez(found + "_1", **outputs)
if not tensorflow.version.VERSION.startswith("1."):
    model = tensorflow.saved_model.load(folder)
    outputs = model.signatures["translate"](**{name: tensorflow.constant(value) for name, value in feed.items()})
    np.savez(found + "_2", **{name: value.numpy() for name, value in outputs.items()})
assert not [name for name in sys.modules if name.startswith("rnn_tf1")]
"""


def test_a_saved_model_that_tensorflow_reads(run, tmp_path):
    """A model that needs this package, gives something else than the network it was made from, or another of its beams;
    vocabularies that are not those of the run."""
    how = dict(width=3, length_penalty=0.7, coverage_penalty=0.1)
    folder = translating.export(run, str(tmp_path / "deep" / "model") + "/", KEPT, **how)
    with translator(run, **how) as (s, net):
        source, lengths = translating.pad(encoded(LINES))
        feed = {net.source: source, net.source_lengths: lengths, net.count: 6}
        beams = s.run(net.beams, feed)
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
    for way in ["1"] if IS_TF1 else ["1", "2"]:
        found = dict(np.load(str(tmp_path / ("found_%s.npz" % way))))
        assert sorted(found) == ["alignments", "lengths", "scores", "tokens"]
        np.testing.assert_array_equal(found["tokens"], beams.tokens[:, 0])
        np.testing.assert_array_equal(found["lengths"], beams.lengths[:, 0])
        assert_near(found["scores"], beams.scores[:, 0], 1e-5)
        assert_near(found["alignments"], beams.alignments[:, 0], 1e-5)
    extra = os.path.join(folder, "assets.extra")
    assert sorted(os.listdir(extra)) == ["source_vocabulary.json", "target_vocabulary.json", "translator.json"]
    for name, path in translating.files(run).items():
        with open(path, "rb") as one, open(os.path.join(extra, name), "rb") as other:
            assert one.read() == other.read()
    assert os.listdir(str(tmp_path / "deep")) == ["model"]


def little(s, folder, files=()):
    """Exports a graph of one variable."""
    x = tf.placeholder(tf.float32, [], name="x")
    y = x + tf.get_variable("v", [])
    s.run(tf.global_variables_initializer())
    return exporting.export_model(s, folder, "f", {"x": x}, {"y": y}, dict(files))


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
        with pytest.raises(OutputError, match="%s is there already.*--export" % name):
            exporting.export_model(s, str(tmp_path / name), "f", {}, {}, {})
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


def test_a_folder_that_cannot_be_made(s, tmp_path):
    """A traceback where the place for the model is a file."""
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot write there .*--export"):
        little(s, str(tmp_path / "file" / "model"))
