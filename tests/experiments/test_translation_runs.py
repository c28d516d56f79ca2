"""Translators trained and judged: resumed runs, figures that are recomputed, the pictures, and the example."""

import contextlib
import dataclasses
import json
import os
import shutil
import sys

import numpy as np
import pytest
import sacrebleu
import tensorflow.compat.v1 as tf
from helpers import learned
from matplotlib.image import imread
from test_examples import run as run_process
from test_plotting import figures  # noqa: F401
from translators import EXAMPLE

from rnn_tf1 import Mode, training
from rnn_tf1.data.generated import bilingual
from rnn_tf1.data.pairs import pair_batches, translation
from rnn_tf1.data.pairs.translation import Lines
from rnn_tf1.data.text.tokenizer import detokenize
from rnn_tf1.data.text.vectors import read_vectors, write_vectors
from rnn_tf1.errors import CheckpointError, DataError, UserError
from rnn_tf1.experiments.translation import (
    command_line,
    experiment,
    judging,
    pictures,
    translating,
    translator_files,
)
from rnn_tf1.experiments.translation import (
    parts as parallel,
)
from rnn_tf1.experiments.translation.experiment import Recurrence, TranslationExperiment
from rnn_tf1.experiments.translation.judging import OtherRun
from rnn_tf1.experiments.translation.translating import Hypothesis
from rnn_tf1.experiments.translation.translator_files import SourceRules
from rnn_tf1.models.seq2seq import Seq2SeqConfig, build_seq2seq
from rnn_tf1.training import Run

COUNTS = {"train": 250, "val": 13, "test_2016_flickr": 17}
SMALL = dict(units=8, depth=6, keep_prob=0.8, attention="luong", smoothing=0.0, seed=4)
RECIPE = dict(epochs=2, tokens=500, learning_rate=0.02, least=2, longest=14)
QUICKLY_BUILT = dict(attention="none", one_direction=True, cell="basic")


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    """A folder with some English sentences and their translations, in the files of Multi30k."""
    folder = tmp_path_factory.mktemp("data")
    bilingual.generate(str(folder / "multi30k"), COUNTS, seed=3)
    return str(folder)


@pytest.fixture(scope="module")
def data(data_dir):
    return translation.load(data_dir)


def small(data, folder="", recurrence=Recurrence(EXAMPLE.encoder, EXAMPLE.decoder), **more):  # noqa: B008
    """An experiment with these sentences and settings."""
    one = TranslationExperiment(EXAMPLE.Flags(**{**SMALL, **RECIPE, **more, "out_dir": str(folder)}), recurrence)
    one.take(data)
    return one


def other_words(data, folder=""):
    """One with the same settings and other vocabularies."""
    one = small(data, folder)
    files = one.parts.files
    one.parts = parallel.prepare(data, files.config, files.rules, 2, 14, size=20)
    return one


@pytest.fixture(scope="module")
def parts(data):
    return small(data).parts


def trained(one):
    """(what `train` returns, the newest checkpoint's variables by name)"""
    run = one.train()
    reader = tf.train.load_checkpoint(tf.train.latest_checkpoint(one.folder.checkpoints))
    return run, {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}


@pytest.fixture(scope="module")
def finished(data, tmp_path_factory):
    """(the experiment, its run, the folder)"""
    folder = str(tmp_path_factory.mktemp("runs") / "one")
    one = small(data, folder)
    return one, one.train(), folder


# --------------------------------------------------------------------------------------------------------------- the data


def test_prepare(data):
    """A vocabulary of the other side, or of validation words too; pairs that are left out of the evaluation; a target that is
    turned round with its source; references that are not as they stand in the file."""
    config = Seq2SeqConfig(units=8)
    parts = parallel.prepare(data, config, SourceRules(reverse=True), 2, 14)
    kept = parts.files
    sizes = dict(source_vocabulary=len(kept.source), target_vocabulary=len(kept.target))
    assert kept.config == dataclasses.replace(config, **sizes) and kept.rules.reverse
    for side, vocabulary in (("source", kept.source), ("target", kept.target)):
        words = [word for line in getattr(data.train, side) for word in kept.rules.read(line)]
        known = {word for word in words if words.count(word) >= 2}
        assert set(vocabulary.words) - set(vocabulary.special) == known
    long = [max(len(kept.rules.read(one)) for one in pair) > 14 for pair in zip(*data.train)]
    assert parts.train.too_long == sum(long) > 3 and len(parts.train.source) == 250 - sum(long)
    for name, count in (("validation", 13), ("test", 17)):
        pairs, lines = getattr(parts, name), getattr(data, name)
        assert len(pairs.source) == count
        for place, (source, target) in enumerate(zip(*lines)):
            assert parts.tokens[name].source[place] == kept.rules.read(source)
            assert pairs.source[place].tolist() == kept.source.encode(kept.rules.read(source)[::-1]).tolist()
            assert pairs.target[place].tolist() == kept.target.encode(kept.rules.read(target)).tolist()
        assert parts.raw[name] == lines
    told = parts.describe().splitlines()
    assert [line.split(":")[0] for line in told] == ["train", "validation", "test", "vocabularies"]
    assert told[3] == "vocabularies: %(source_vocabulary)d and %(target_vocabulary)d words" % sizes
    assert len(parallel.prepare(data, config, size=20).files.target) == 20


def test_prepare_needs_pairs(data):
    """A training on nothing."""
    with pytest.raises(DataError, match="No pair is left.*longer than 2 tokens.*Raise longest"):
        small(data, longest=2)
    with pytest.raises(DataError, match="no word occurs 9999 times.*Lower least"):
        small(data, least=9999)


def test_beginning(data):
    """Other sentences than the first, sides of different lengths, a part of a data set that is taken for the whole."""
    few = parallel.beginning(data, 11, 5)
    assert few.train == Lines(data.train.source[:11], data.train.target[:11])
    assert few.validation == Lines(data.validation.source[:5], data.validation.target[:5])
    assert few.test == Lines(data.test.source[:5], data.test.target[:5])
    assert few.kind == data.kind and few.identity != data.identity


def test_settings_that_follow_from_the_sentences():
    """A flag that is overruled by what it would be by default, or a default of other sentences."""
    for kind, expected in (("real", (512, 0.1, 2)), ("generated", (256, 0.0, 1)), ("quick", (64, 0.0, 2))):
        settings = EXAMPLE.Flags(epochs=3)
        assert settings.units is None
        settings.fill_in(kind)
        assert (settings.units, settings.smoothing, settings.least) == expected and settings.epochs == 3
        assert not [name for name, value in settings.identity().items() if value is None]


# --------------------------------------------------------------------------------------------------------------- training


def read_best(one):
    """(session, scoring net) in a new graph, with the best weights."""
    session = tf.Session()
    with tf.variable_scope("Model"):
        net = build_seq2seq(one.parts.files.config, Mode(False))
    training.restore_best(session, one.folder)
    return session, net


def test_a_run_says_what_it_is(finished, graph):
    """Figures of another part, or of other weights than those that are kept; a perplexity that is a mean over sentences or
    leaves the ends out; a wrong count."""
    one, run, _ = finished
    parts = one.parts
    assert [row["epoch"] for row in run.history] == [1, 2]
    best = max(run.history, key=lambda row: row["valid_bleu"])
    assert run.best_epoch == best["epoch"] and run.seconds > 0
    session, net = read_best(one)
    assert run.parameters == sum(int(np.prod(v.shape.as_list())) for v in tf.trainable_variables())
    total = count = 0
    for source, target in zip(parts.validation.source, parts.validation.target):
        losses = session.run(
            net.losses,
            {
                net.source: source[None],
                net.source_lengths: [len(source)],
                net.inputs: np.append(1, target)[None],
                net.targets: np.append(target, 2)[None],
                net.lengths: [len(target) + 1],
            },
        )
        total, count = total + losses.sum(), count + losses.size
    assert best["valid_perplexity"] == pytest.approx(np.exp(total / count), rel=1e-4)


@pytest.mark.once
def test_what_is_trained_and_how(data, tmp_path, monkeypatch):
    """A rate that does not fall to 0 at the last step, gradients that are not clipped, an epoch that is chosen by its
    perplexity; feeds of the wrong epoch; other sentences' translations judged; own tokens whose share does not grow up to the
    last step."""
    one, caught = small(data, tmp_path, **QUICKLY_BUILT), {}
    parts, one.recipe = one.parts, dataclasses.replace(one.recipe, clip_norm=0.1)

    def build(config, mode, *args, **more):
        caught.update({"grows_until": config.scheduled_sampling_steps} if mode.is_training else {})
        return build_seq2seq(config, mode, *args, **more)

    def fit(session, train_op, shown, feeds, evaluate, schedule, folder, begin):
        caught.update(schedule=schedule, folder=folder, shown=sorted(shown))
        steps = schedule.steps_per_epoch
        session.run(tf.global_variables_initializer())
        for number, rate in ((0, 0.02), (steps, 0.01), (2 * steps, 0.0)):
            train_op.step.load(number, session)
            assert session.run(train_op.learning_rate) == pytest.approx(rate, abs=1e-8)
        for epoch in range(2):
            batches = pair_batches.TokenBatches(parts.train, 500, 4).batches(epoch, 1)
            for feed, batch in zip(feeds(epoch, 1), batches):
                values = {tensor.op.name.split("/")[-1]: value for tensor, value in feed.items()}
                for name, value in (
                    ("source", batch.source),
                    ("source_lengths", batch.source_lengths),
                    ("inputs", batch.target_inputs),
                    ("targets", batch.target_outputs),
                    ("lengths", batch.target_lengths),
                ):
                    np.testing.assert_array_equal(values[name], value)
                norms = session.run([train_op.gradient_norm, train_op.clipped_norm], feed)
                assert norms[0] > 0.1 and norms[1] == pytest.approx(0.1)
        row = evaluate()
        assert sorted(row) == ["valid_bleu", "valid_cut_off", "valid_exact", "valid_perplexity", "words_per_second"]
        assert row["valid_cut_off"] == 2
        assert 1 < row["valid_perplexity"] < 1000 and row["words_per_second"] > 0
        assert row["valid_bleu"] == judged["bleu"].score and row["valid_exact"] == judged["exact"] > 0
        return Run([{"epoch": 1}], 1, 1.0, 2)

    def write(session, net, sources, config):
        assert sources is parts.validation.source and config.target_vocabulary == len(parts.files.target)
        return [[each, "another"] for each in found]

    found = written(parts, "validation")
    found = [each._replace(ended=place not in (1, 7)) for place, each in enumerate(found)]
    judged = judging.judge(parts, "validation", found)
    monkeypatch.setattr(experiment, "build_seq2seq", build)
    monkeypatch.setattr(experiment, "write", write)
    monkeypatch.setattr(training, "fit", fit)
    one.train()
    schedule = caught["schedule"]
    assert (schedule.monitor, schedule.lower_is_better, schedule.epochs) == ("valid_bleu", False, 2)
    assert schedule.steps_per_epoch == pair_batches.TokenBatches(parts.train, 500, 4).count
    assert caught["grows_until"] == 2 * schedule.steps_per_epoch and caught["shown"] == ["loss", "word_loss"]
    assert caught["folder"].settings == one.settings.identity(data=data.identity, tensorflow=tf.__version__)


def test_the_network_of_the_example_is_what_runs(data, tmp_path, capsys):
    """A function of the example that is only read by people: a change in it changes nothing, in training or in use."""

    def encoder(words, lengths, config, mode):
        return EXAMPLE.encoder(words + 1.0, lengths, config, mode)

    def decoder(memory, lengths, config, mode):
        return EXAMPLE.decoder(memory + 1.0, lengths, config, mode)

    def best(session, net, parts):
        return translating.write(session, net, parts.test.source, parts.files.config, 5)[0][0].score

    rows, networks = [], [(EXAMPLE.encoder, EXAMPLE.decoder), (encoder, EXAMPLE.decoder), (EXAMPLE.encoder, decoder)]
    for place, network in enumerate(networks):
        one = small(data, tmp_path / str(place), Recurrence(*network), epochs=1, keep_prob=1.0)
        loss = one.train().history[0]["train_loss"]
        with one.restored(one.translator) as (session, net):
            rows.append((loss, best(session, net, one.parts)))
    assert len({loss for loss, _ in rows}) == len({score for _, score in rows}) == 3
    folder, files = str(tmp_path / "2"), one.parts.files
    with tf.Graph().as_default(), tf.Session() as session:
        net = translating.restore(session, folder, files, width=5, length_penalty=1.0, recurrence=Recurrence(*network))
        assert best(session, net, one.parts) == pytest.approx(rows[2][1], rel=1e-5)
    (tmp_path / "text").write_text("the dog sleeps .\n")
    capsys.readouterr()
    experiment.main(EXAMPLE.Flags(out_dir=folder, translate=str(tmp_path / "text"), n_best=2), *network)
    printed = capsys.readouterr().out.splitlines()
    asked = folder, files, ["the dog sleeps ."]
    how = dict(width=5, n_best=2, length_penalty=1.0)
    assert printed == list(command_line.show(*asked, **how, recurrence=Recurrence(*network)))
    assert printed != list(command_line.show(*asked, **how))


@pytest.mark.once
@pytest.mark.slow
def test_a_killed_run_ends_as_one_that_was_not(data, tmp_path, monkeypatch):
    """A mask, a drawn word, drawn candidates, a rate or an order of the batches that a resumed run does not take up where it
    was."""
    flags = dict(scheduled_sampling=0.3, sampled=7, smoothing=0.1, one_direction=True)
    whole, expected = trained(small(data, tmp_path / "whole", **flags))
    genuine_fit, genuine_feed, calls = training.fit, experiment.feed, []
    steps = small(data, **flags).steps_per_epoch

    def fit(*args):
        return genuine_fit(*args[:5], dataclasses.replace(args[5], save_seconds=0), *args[6:])

    def feed(net, batch):
        if len(batch.source) and tf.get_default_graph().get_tensor_by_name("Model/inputs:0") is net.inputs:
            calls.append(1)
            if len(calls) == steps + 2:  # in the middle of the second epoch
                raise KeyboardInterrupt
        return genuine_feed(net, batch)

    monkeypatch.setattr(training, "fit", fit)
    monkeypatch.setattr(experiment, "feed", feed)
    with pytest.raises(KeyboardInterrupt):
        small(data, tmp_path / "killed", **flags).train()
    resumed, found = trained(small(data, tmp_path / "killed", **flags))
    assert len(calls) == 2 * steps + 1 and learned(resumed.history) == learned(whole.history)
    assert set(found) == set(expected)
    for name in set(expected) - {"training/progress"}:
        np.testing.assert_array_equal(found[name], expected[name], err_msg=name)


def test_another_run_is_refused_and_kept(data, finished, tmp_path):
    """A run whose sizes or rules are written over by one that is then refused: it would be read with other sizes, or from the
    other end, from then on."""
    folder = str(tmp_path / "run")
    shutil.copytree(finished[2], folder)
    with open(os.path.join(folder, "translator.json")) as file:
        before = file.read()
    with pytest.raises(
        CheckpointError, match="holds a run with other settings: reverse was False there and is True here"
    ):
        small(data, folder, reverse=True).train()
    with open(os.path.join(folder, "translator.json")) as file:
        assert file.read() == before


def test_a_run_without_a_checkpoint_is_begun_anew(data, tmp_path, monkeypatch):
    """A folder that is refused though nothing has been trained in it yet."""

    monkeypatch.setattr(experiment, "build_seq2seq", interrupted)
    small(data).parts.files.save(str(tmp_path))
    (tmp_path / "config.json").write_text(json.dumps({"units": 10}))
    with pytest.raises(KeyboardInterrupt):
        small(data, tmp_path, units=6).train()
    assert translator_files.load(str(tmp_path)).config.units == 6


@pytest.mark.parametrize("lost", ["config.json", "metrics.json"])
@pytest.mark.parametrize("other", ["units", "reverse"])
def test_a_good_translator_stays_as_it_is(other, lost, data, finished, tmp_path):
    """A translator that is read with other sizes, or from the other end, from the start of a run on that is refused, or that
    has the same shapes and is not: where config.json is lost, nothing else tells them apart."""
    folder = tmp_path / "run"
    shutil.copytree(finished[2], str(folder))
    with contextlib.suppress(OSError):
        os.remove(str(folder / lost))
    kept = ["translator.json", "source_vocabulary.json", "target_vocabulary.json"]
    before = {name: (folder / name).read_text() for name in kept}
    changed = small(data, folder, **({"units": 16} if other == "units" else {"reverse": True}))
    message = "units was 8 there and is 16 here" if other == "units" else "reverse was False there and is True here"
    with pytest.raises(CheckpointError, match=message):
        changed.train()
    assert before == {name: (folder / name).read_text() for name in kept}
    assert translator_files.load(str(folder)).config.units == 8


@pytest.mark.parametrize("kind", ["step", "best"])
def test_a_checkpoint_of_either_kind_is_a_run(kind, data, finished, tmp_path):
    """The best weights alone, as one copies them to another machine, with another vocabulary beside them."""
    folder = tmp_path / "run"
    shutil.copytree(finished[2], str(folder))
    for path in (folder / "checkpoints").iterdir():
        if not path.name.startswith(kind):
            path.unlink()
    with pytest.raises(CheckpointError, match="another vocabulary"):
        other_words(data, folder).train()
    with pytest.raises(CheckpointError, match="other settings"):
        small(data, folder, units=10).train()


def test_a_run_that_never_began_blocks_nothing(data, tmp_path, monkeypatch):
    """A folder that is refused for good, with "another vocabulary", because of a mistake in a flag; half a translator in it."""
    with pytest.raises(DataError, match="pass tokens="):
        small(data, tmp_path / "run", tokens=5).train()
    with pytest.raises(DataError, match="nowhere"):
        small(data, tmp_path / "run", vectors=[str(tmp_path / "nowhere"), None]).train()
    assert not (tmp_path / "run").exists()
    other_words(data).parts.files.save(str(tmp_path / "run"))

    monkeypatch.setattr(experiment, "build_seq2seq", interrupted)
    with pytest.raises(KeyboardInterrupt):
        small(data, tmp_path / "run").train()
    assert len(translator_files.load(str(tmp_path / "run")).target) > 20


def test_without_sacrebleu(data, tmp_path, monkeypatch, drawn, capsys):
    """A run that is refused, where only its BLEU need be missing; one that chooses its epoch by a figure that is not there, or
    by another when it goes on; a BLEU that never comes."""
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "sacrebleu", None)
        one = small(data, tmp_path, epochs=3, **QUICKLY_BUILT)
        without.setattr(one, "load", lambda: None)
        one.main()
    out = capsys.readouterr().out
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert not [name for name in metrics if "bleu" in name] and metrics["exact"] >= 0
    assert out.count("pip install sacrebleu") == 1 and out.splitlines()[-1].endswith("pip install sacrebleu"), (
        "in the last line"
    )
    assert "perplexity: validation" in out.splitlines()[-3] and "BLEU of" not in out
    assert "score_by_length" not in drawn and [row["epoch"] for row in drawn["translation_curves"][0]] == [1, 2, 3]
    texts = (tmp_path / "translations.txt").read_text(encoding="utf-8").splitlines()
    assert texts[::3] == [" " * 7 + "source     " + " ".join(some) for some in one.parts.tokens["test"].source]
    rows = drawn["translation_curves"][0]
    assert metrics["best_epoch"] == min(rows, key=lambda row: row["valid_perplexity"])["epoch"]
    again = small(data, tmp_path, epochs=3, **QUICKLY_BUILT)
    run = again.train()
    assert again.monitor == "valid_perplexity" and run.best_epoch == metrics["best_epoch"] and run.history == rows
    assert again.report(run)["bleu"] >= 0 and "install" not in capsys.readouterr().out
    with pytest.raises(CheckpointError, match="keep_prob was"):
        small(data, tmp_path, epochs=3, **QUICKLY_BUILT, keep_prob=0.9).train()


def test_sacrebleu_that_went_away(data, tmp_path, monkeypatch):
    """An epoch of training before it is said that nothing can be scored; a finished run that is refused."""
    one = small(data, tmp_path, **QUICKLY_BUILT)
    monkeypatch.setattr(TranslationExperiment, "evaluate", broken_off(TranslationExperiment.evaluate))
    with pytest.raises(KeyboardInterrupt):
        one.train()
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "sacrebleu", None)
    with pytest.raises(UserError, match="pip install sacrebleu"):
        small(data, tmp_path, **QUICKLY_BUILT).train()
    monkeypatch.undo()
    run = small(data, tmp_path, **QUICKLY_BUILT).train()
    monkeypatch.setitem(sys.modules, "sacrebleu", None)
    assert small(data, tmp_path, **QUICKLY_BUILT).train().history == run.history


def broken_off(evaluate):
    """An evaluation that Ctrl-C ends the second time."""
    calls = []

    def evaluated(*args):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return evaluate(*args)

    return evaluated


@pytest.mark.once
def test_vectors(data, parts, tmp_path, capsys):
    """Vectors of one side that go to the other; frozen ones that are trained, or lost with the best weights."""
    paths = []
    for side in ("source", "target"):
        words = getattr(parts.files, side).words
        paths.append(str(tmp_path / (side + ".txt")))
        write_vectors(paths[-1], words, np.random.RandomState(len(words)).randn(len(words), 6))
    frozen = small(data, tmp_path / "run", freeze_vectors=True, vectors=paths, epochs=1, **QUICKLY_BUILT)
    _, found = trained(frozen)
    for name, path, vocabulary in zip(("encoder", "decoder"), paths, (parts.files.source, parts.files.target)):
        vectors, count = read_vectors(path, vocabulary, 6)
        np.testing.assert_array_equal(found["Model/%s/embedding" % name], vectors)
        assert (
            "vectors: %d of %d words are in %s" % (count, count, path) in capsys.readouterr().out or name == "decoder"
        )
    with tf.Graph().as_default(), tf.Session() as session:
        translating.restore(session, str(tmp_path / "run"), frozen.parts.files)
        (table,) = [v for v in tf.model_variables() if v.op.name == "Model/decoder/embedding"]
        np.testing.assert_array_equal(session.run(table), found["Model/decoder/embedding"])


@pytest.mark.once
def test_score_does_not_depend_on_the_batches(finished, graph, monkeypatch):
    """A mean of the batches' means, padding that is scored."""
    session, net = read_best(finished[0])
    found = []
    for rows in (1, 4, 100):
        monkeypatch.setattr(experiment, "SCORED_ROWS", rows)
        found.append(experiment.score(session, net, finished[0].parts.test))
    np.testing.assert_allclose(found, found[0], rtol=1e-5)
    assert 1 < found[0] < 1000


# ------------------------------------------------------------------------------------------------------------------ judging


def written(parts, name="test", seed=0):
    """Translations made by hand, with what they looked at: references, two of three with words wrong, missing, or unknown."""
    random, found = np.random.RandomState(seed), []
    for place, (source, target) in enumerate(zip(getattr(parts, name).source, getattr(parts, name).target)):
        tokens = target
        if place % 3:
            others = random.randint(3, len(parts.files.target), len(target))
            tokens = np.where(random.rand(len(target)) < 0.15, others, target)[: len(target) - random.randint(3)]
        looked = random.rand(len(tokens), len(source))
        found.append(Hypothesis(tokens, -1.0, -2.0, looked / looked.sum(1, keepdims=True)))
    return found


@pytest.mark.parametrize("replace", [False, True])
def test_judge(replace, parts):
    """Hypotheses against the sources, or another part's references; text that is scored without its capital letters, or with
    the blanks of tokens; sentences in another's group; words that are not replaced where they should be."""
    found = written(parts)
    found[3] = found[3]._replace(ended=False)
    judged = judging.judge(parts, "test", found, replace)
    tokens, raw = parts.tokens["test"], parts.raw["test"]
    words = [translating.hypothesis_words(parts.files, one, some, replace) for one, some in zip(found, tokens.source)]
    assert judged["hypotheses"] == words and any("<unk>" in some for some in words) != replace
    lines, references = ([" ".join(some) for some in side] for side in (words, tokens.target))
    expected = sacrebleu.corpus_bleu(lines, [references], tokenize="none", force=True).score
    assert 10 < expected < 95 and judged["bleu"].score == pytest.approx(expected)
    given = [
        detokenize(
            translating.hypothesis_words(parts.files, one, some, replace, parts.files.rules.surface(line)), capital=True
        )
        for one, some, line in zip(found, tokens.source, raw.source)
    ]
    cased = sacrebleu.corpus_bleu(given, [raw.target]).score
    assert judged["raw_bleu"].score == pytest.approx(cased) and "case:mixed" in judged["raw_bleu"].signature
    assert cased != pytest.approx(sacrebleu.corpus_bleu([detokenize(some) for some in words], [raw.target]).score)
    assert judged["exact"] == np.mean([one == other for one, other in zip(words, tokens.target)])
    assert judged["cut_off"] == 1
    names, scores, counts = judged["by_length"]
    assert sum(counts) == 17 and len(names) > 2
    lengths = np.array([len(some) for some in tokens.source])
    for name, score, count in zip(names, scores, counts):
        low, high = name.split("-") if "-" in name else (name.split()[0], 999)
        places = np.flatnonzero((lengths >= int(low)) & (lengths <= int(high)))
        chosen = [lines[i] for i in places], [[references[i] for i in places]]
        assert len(places) == count
        assert score == pytest.approx(sacrebleu.corpus_bleu(*chosen, tokenize="none", force=True).score)


def test_what_people_are_given_is_judged(data):
    """Translations that are judged without the numbers and names that people read in them, or tokens that are compared with
    them: 100 must be possible in both."""
    lines = Lines(["In 1999 Obama saw 25 dogs."] * 2, ["En 1999 Obama a vu 25 chiens."] * 2)
    marked = data._replace(test=lines, train=Lines(lines.source * 9, lines.target * 9))
    parts = small(marked, substitute=["num"], least=1).parts
    sources, target = parts.tokens["test"].source, parts.files.target
    tokens = parts.test.target[0].copy()
    tokens[parts.tokens["test"].target[0].index("obama")] = target.unknown
    looked = np.zeros([len(tokens), len(sources[0])])
    for place, word in enumerate(["in", "[NUM]", "obama", "saw", "saw", "[NUM]", "dogs", "."]):
        looked[place, sources[0].index(word) + 3 * (place == 5)] = 1
    found = [Hypothesis(tokens, -1.0, -2.0, looked)] * 2
    judged = judging.judge(parts, "test", found, True)
    assert judged["hypotheses"][0] == ["en", "[NUM]", "obama", "a", "vu", "[NUM]", "chiens", "."]
    assert judged["bleu"].score == judged["raw_bleu"].score == pytest.approx(100)
    assert judging.judge(parts, "test", found, False)["raw_bleu"].score < 90


HISTORY = [
    {"epoch": 1, "valid_perplexity": 50.0, "valid_bleu": 3.0, "valid_exact": 0.0, "train_loss": 4.0},
    {"epoch": 2, "valid_perplexity": 20.0, "valid_bleu": 9.0, "valid_exact": 0.1, "train_loss": 3.0},
    {
        "epoch": 3,
        "valid_perplexity": 21.0,
        "valid_bleu": 8.0,
        "valid_exact": 0.1,
        "train_loss": 2.0,
        "words_per_second": 345.4,
    },
]
TRAINED = Run(HISTORY, 2, 12.5, 678)


@pytest.fixture
def drawn(monkeypatch):
    """What the pictures are asked to show, by the name of the function; nothing is drawn."""
    caught = {}
    for name in ("attention_maps", "score_by_length", "translation_curves"):
        monkeypatch.setattr(pictures, name, lambda *args, name=name: caught.update({name: args}))
    return caught


def reported(one, found, monkeypatch):
    """`report` of translations made by hand."""

    @contextlib.contextmanager
    def restored(build):
        assert build == one.translator
        yield "session", "net"

    def write(session, net, sources, config, width):
        assert net == "net" and width == 3
        assert sources is one.parts.test.source and config is one.parts.files.config
        return [[each, "the second"] for each in found]

    monkeypatch.setattr(one, "restored", restored)
    monkeypatch.setattr(experiment, "write", write)
    return one.report(TRAINED)


SEARCH = dict(width=3, length_penalty=0.7)


def test_the_search_is_the_one_that_was_asked_for(data, monkeypatch):
    """A penalty or a width that is lost on the way to the graph; the greedy search in the place of the beams."""
    one, caught = small(data, coverage_penalty=0.2, **SEARCH), {}
    monkeypatch.setattr(experiment, "build_translator", lambda config, **how: caught.update(how))
    one.translator()
    assert caught == dict(SEARCH, coverage_penalty=0.2, n_best=1, recurrence=one.recurrence)


def test_report(data, tmp_path, monkeypatch, drawn, capsys):
    """A figure of another part or another epoch, sentences that are lost or in another order than their scores, an epoch's
    figures under another name, attention beside other words."""
    one = small(data, tmp_path, **SEARCH)
    parts = one.parts
    found = written(parts)
    found[3] = found[3]._replace(ended=False)
    judged = judging.judge(parts, "test", found)
    made = reported(one, found, monkeypatch)
    json.dumps(made)
    names, scores, counts = judged["by_length"]
    expected = {
        "bleu": judged["bleu"].score,
        "bleu_signature": judged["bleu"].signature,
        "raw_bleu": judged["raw_bleu"].score,
        "raw_bleu_signature": judged["raw_bleu"].signature,
        "exact": judged["exact"],
        "cut_off": 1,
        "test_set": translation.identify(parts.raw["test"]),
        "bleu_by_length": dict(zip(names, scores)),
        "longest_share": scores[-1] / judged["bleu"].score,
        "attention": "attention (luong)",
        "valid_bleu": 9.0,
        "valid_perplexity": 20.0,
        "best_epoch": 2,
        "words_per_second": 345,
        "parameters": 678,
        "train_pairs": len(parts.train.source),
        "left_out": parts.train.too_long,
        "vocabulary": [len(parts.files.source), len(parts.files.target)],
    }
    assert made == expected
    lines = (tmp_path / "translations.txt").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3 * 17
    scores_of = [float(line[:5]) for line in lines[::3]]
    assert scores_of == sorted(scores_of) and scores_of[0] < scores_of[-1]
    shown = {tuple(line[18:] for line in lines[i : i + 3]) for i in range(0, 51, 3)}
    tokens = parts.tokens["test"]
    assert shown == {
        tuple(" ".join(some) for some in three) for three in zip(tokens.source, judged["hypotheses"], tokens.target)
    }
    for start in range(0, 51, 3):
        pair = lines[start + 1][18:], [lines[start + 2][18:]]
        assert float(lines[start][:5]) == pytest.approx(sacrebleu.sentence_chrf(*pair).score, abs=0.051)
    said = capsys.readouterr().out
    for line in lines[:12] + lines[-12:]:
        assert line in said
    assert lines[12] not in said
    assert "BLEU, lower-cased tokens: %.2f  (%s)" % judged["bleu"] in said
    assert "BLEU, raw text, case told apart: %.2f  (%s)" % judged["raw_bleu"] in said
    assert "cut off: 1 of 17 translations, at %d tokens\n" % len(found[3].tokens) in said
    for name, score, count in zip(names, scores, counts):
        assert "  %-12s %6.2f  (%d sentences)" % (name + " tokens", score, count) in said
    path = str(tmp_path / "bleu_by_length.png")
    assert drawn["score_by_length"] == ({"attention (luong)": scores}, names, counts, path)
    curves, path, best = drawn["translation_curves"]
    assert (path, best) == (str(tmp_path / "learning.png"), 2)
    assert [(row["epoch"], row["valid_perplexity"], row["valid_bleu"]) for row in curves] == [
        (1, 50, 3),
        (2, 20, 9),
        (3, 21, 8),
    ]
    maps, path = drawn["attention_maps"]
    assert path == str(tmp_path / "attention.png") and len(maps) == 4
    for one in maps:
        place = tokens.source.index(one.source)
        assert one.target == judged["hypotheses"][place] and 7 <= len(one.source) <= 14
        np.testing.assert_array_equal(one.weights, found[place].alignments)


def test_report_of_a_network_that_reads_backwards(data, tmp_path, monkeypatch, drawn):
    """Attention that is drawn on the words from the other end; words replaced by those at the other end."""
    one = small(data, tmp_path, reverse=True, replace_unknown=True, **SEARCH)
    parts = one.parts
    found = written(parts)
    made = reported(one, found, monkeypatch)
    assert made["bleu"] == judging.judge(parts, "test", found, replace=True)["bleu"].score
    for one in drawn["attention_maps"][0]:
        place = parts.tokens["test"].source.index(one.source)
        np.testing.assert_array_equal(one.weights, found[place].alignments[:, ::-1])


@pytest.mark.parametrize("kind", ["short", "silent", "blind"])
def test_sentences_to_be_drawn(kind, data, tmp_path, monkeypatch, drawn):
    """A crash where no sentence is of middling length, where nothing has been written, or without attention."""
    one = small(data, tmp_path, attention="none" if kind == "blind" else "bahdanau", **SEARCH)
    parts = one.parts
    found = written(parts)
    if kind != "blind":  # a word at most
        found = [one._replace(tokens=one.tokens[: kind == "short"]) for one in found]
        found = [one._replace(alignments=one.alignments[: len(one.tokens)]) for one in found]
    made = reported(one, found, monkeypatch)
    if kind == "short":
        lengths = [len(one.source) for one in drawn["attention_maps"][0]]
        assert lengths == sorted(len(some) for some in parts.tokens["test"].source)[:4]
    else:
        assert "attention_maps" not in drawn
    assert made["attention"] == {"blind": "no attention"}.get(kind, "attention (bahdanau)")


def test_beside(data, parts, tmp_path, monkeypatch, drawn):
    """Scores under another group's name, another run's curve that stands in the place of this one's; a run that was judged on
    other sentences, which are easier perhaps."""
    found = written(parts)
    names, scores, _ = judging.judge(parts, "test", found)["by_length"]
    other = tmp_path / "other"
    other.mkdir()
    by_length = {name: 10.0 + place for place, name in enumerate(names)}
    for name, label in (("no attention", "no attention"), ("attention (luong)", "attention (luong), %s" % other)):
        metrics = {"attention": name, "bleu_by_length": dict(reversed(list(by_length.items())))}
        metrics["test_set"] = translation.identify(parts.raw["test"])
        (other / "metrics.json").write_text(json.dumps(metrics))
        beside = judging.read_other_run(str(other), parts)
        assert beside == OtherRun(name, str(other), [10.0 + place for place in range(len(names))])
        one = small(data, tmp_path, beside=str(other), **SEARCH)
        assert one.other_run == beside
        reported(one, found, monkeypatch)
        assert drawn["score_by_length"][0] == {"attention (luong)": scores, label: beside.scores}
    metrics["bleu_by_length"]["99 and more"] = 3.0
    (other / "metrics.json").write_text(json.dumps(metrics))
    with pytest.raises(
        DataError, match="gives no BLEU for the same groups of lengths .it has the groups .*99 and more"
    ):
        judging.read_other_run(str(other), parts)
    del metrics["bleu_by_length"]["99 and more"]
    raw = parts.raw["test"]
    changed = Lines(raw.source, raw.target[:-1] + [raw.target[-1] + " !"])
    for lines in (changed, Lines(changed.target, changed.source), Lines(raw.source[1:], raw.target[1:])):
        metrics["test_set"] = translation.identify(lines)
        (other / "metrics.json").write_text(json.dumps(metrics))
        with pytest.raises(DataError, match="its test set is %s, and this one 17 pairs, " % metrics["test_set"]):
            judging.read_other_run(str(other), parts)
    metrics["test_set"], metrics["bleu_by_length"][names[0]] = translation.identify(raw), 10**400
    (other / "metrics.json").write_text(json.dumps(metrics))
    with pytest.raises(DataError, match="gives no BLEU for the same groups of lengths .int too large"):
        judging.read_other_run(str(other), parts)


@pytest.mark.parametrize(
    "content",
    [None, "{", "[]", "{}", '{"attention": "a"}', '{"attention": "a", "bleu_by_length": {"1-8": 3}}', '"text"']
    + ['{"attention": "a", "bleu_by_length": 3}'],
)
def test_beside_nothing(content, parts, tmp_path):
    """A traceback, or an hour of training before it is said."""
    if content is not None:
        (tmp_path / "metrics.json").write_text(content)
    with pytest.raises(
        DataError, match="metrics.json gives no BLEU for the same groups .* on the same sentences with beside"
    ):
        judging.read_other_run(str(tmp_path), parts)


# ---------------------------------------------------------------------------------------------------------------- pictures

RANDOM = np.random.RandomState(2)


def looked(source, target):
    weights = RANDOM.rand(len(target.split()), len(source.split()))
    return pictures.Looked(source.split(), target.split(), weights / weights.sum(1, keepdims=True))


MAPS = [
    looked("a dog is running through the tall grass .", "un chien court dans les hautes herbes ."),
    looked("two men", "deux hommes $en$ www.photographiquement.example.com"),
    looked("the photographers of the championship are smiling .", "les photographes du championnat sourient ."),
]
SCORES = {"attention": [30.5, 28.0, 27.5, 26.25], "none": [29.0, 20.0, 12.0, 7.5]}
LABELS, PLACES = ["1-8", "9-12", "13-16", "17 and more"], [120, 300, 1400, 7]
DRAW = {
    "attention_maps": lambda path: pictures.attention_maps(MAPS, path),
    "one attention map": lambda path: pictures.attention_maps(MAPS[:1], path),
    "score_by_length": lambda path: pictures.score_by_length(SCORES, LABELS, PLACES, path),
    "translation_curves": lambda path: pictures.translation_curves(HISTORY, path, 2),
    "curves without BLEU": lambda path: pictures.translation_curves(
        [{name: row[name] for name in ("epoch", "valid_perplexity")} for row in HISTORY], path, 2
    ),
}


@pytest.mark.parametrize("name", DRAW)
def test_a_whole_png_at_readme_size(name, tmp_path):
    """A blank canvas, another size, a wrong return value, temporary files that stay."""
    path = str(tmp_path / "picture.png")
    assert DRAW[name](path) == path and os.listdir(str(tmp_path)) == ["picture.png"]
    image = imread(path)
    assert image.shape[1] == 1200 and 300 <= image.shape[0] <= 1200
    assert (image[:, :, :3] == 1).all(axis=2).mean() > 0.2 and (image[:, :, :3] < 0.8).any(axis=2).mean() > 0.01


def test_attention_maps(figures):  # noqa: F811
    """Rows for columns, a word beside another's row, tables on one scale each, a table that is cut off by the picture or lies
    on another."""
    pictures.attention_maps(MAPS, "unused.png")
    (figure,) = figures
    tables = [axes for axes in figure.axes if axes.images]
    for place, (axes, one) in enumerate(zip(tables, MAPS)):
        (image,) = axes.images
        np.testing.assert_array_equal(image.get_array(), one.weights)
        assert image.get_clim() == (0, 1)
        assert [text.get_text() for text in axes.get_xticklabels()] == list(one.source)
        target = list(one.target) if place != 1 else ["deux", "hommes", r"\$en\$", "www.photographiquemen\u2026"]
        assert [text.get_text() for text in axes.get_yticklabels()] == target
        assert axes.xaxis.get_ticks_position() == "top" and axes.yaxis_inverted()
    assert len(tables) == 3 and len(figure.axes) == 4
    renderer = figure.canvas.get_renderer()
    boxes = [axes.get_tightbbox(renderer) for axes in figure.axes]
    for place, box in enumerate(boxes):
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1
        assert not any(box.overlaps(other) for other in boxes[:place])
    cells = {round(axes.get_position().width * 8 / len(one.source), 6) for axes, one in zip(tables, MAPS)}
    assert len(cells) == 1, "cells of one size"


def test_score_by_length(figures):  # noqa: F811
    """A curve under another's name, groups or counts in another order, a score that is off the picture."""
    pictures.score_by_length(SCORES, LABELS, PLACES, "unused.png")
    upper, lower = figures[0].axes
    drawn = {line.get_label(): line for line in upper.lines}
    assert sorted(drawn) == sorted(SCORES)
    for name, scores in SCORES.items():
        assert list(drawn[name].get_xdata()) == [0, 1, 2, 3] and list(drawn[name].get_ydata()) == scores
        assert "%.1f" % scores[-1] in [text.get_text() for text in upper.texts]
    assert len({line.get_color() for line in upper.lines}) == 2
    assert upper.get_ylim()[0] == 0 and upper.get_ylim()[1] > 30.5 and upper.get_xlim() == lower.get_xlim()
    assert [bar.get_height() for bar in lower.patches] == PLACES
    assert [text.get_text() for text in lower.texts] == ["120", "300", "1\u2009400", "7"]
    assert [text.get_text() for text in lower.get_xticklabels()] == LABELS
    assert "BLEU" in upper.get_title(loc="left") and upper.get_ylabel() == "BLEU"
    pictures.score_by_length({"nothing": [0.0, 0.0]}, LABELS[:2], [1, 2], "unused.png", what="chrF")
    assert figures[1].axes[0].get_ylim() == (0, 1) and figures[1].axes[0].get_ylabel() == "chrF"


def test_translation_curves(figures):  # noqa: F811
    """A curve of the other figure, a star at another epoch than the one that is kept."""
    pictures.translation_curves(HISTORY, "unused.png", 3)
    for axes, name, chosen in zip(figures[0].axes, ("valid_perplexity", "valid_bleu"), (21.0, 8.0)):
        line, star = axes.lines
        assert list(line.get_xdata()) == [1, 2, 3] and list(line.get_ydata()) == [row[name] for row in HISTORY]
        assert (list(star.get_xdata()), list(star.get_ydata())) == ([3], [chosen])
        assert axes.get_title(loc="right") == "epoch 3: %.2f" % chosen
    assert [axes.get_yscale() for axes in figures[0].axes] == ["log", "linear"]
    assert "Perplexity" in figures[0].axes[0].get_title(loc="left") and "BLEU" in figures[0].axes[1].get_title(
        loc="left"
    )


@pytest.mark.parametrize(
    ("draw", "text"),
    [
        (lambda: pictures.attention_maps([], "unused.png"), "no sentence"),
        (
            lambda: pictures.attention_maps([MAPS[0], MAPS[1]._replace(weights=MAPS[1].weights.T)], "unused.png"),
            r"sentence 1: weights are \[2, 4\], not \[4, 2\]",
        ),
        (lambda: pictures.attention_maps([looked("a b", "")], "unused.png"), "sentence 0"),
        (lambda: pictures.score_by_length({}, LABELS, PLACES, "unused.png"), "no score"),
        (lambda: pictures.score_by_length({"a": []}, [], [], "unused.png"), "no score"),
        (lambda: pictures.score_by_length(SCORES, LABELS[:3], PLACES, "unused.png"), "lengths differ"),
        (lambda: pictures.score_by_length({"a": [1.0]}, LABELS, PLACES, "unused.png"), "lengths differ"),
        (lambda: pictures.translation_curves([], "unused.png", 1), "no epoch"),
    ],
)
def test_what_does_not_fit_is_refused(draw, text):
    """A blank picture, or a picture of other data than its labels say."""
    with pytest.raises(ValueError, match=text):
        draw()


# ------------------------------------------------------------------------------------------------------------- the example

QUICK = ["--quick", "--units", 8, "--depth", 6, "--epochs", 2, "--tokens", 500, "--learning-rate", 0.02]


QUICKLY = ["--attention", "none", "--one-direction", "--cell", "basic"]


def metrics_of(result, folder):
    code, out, err = result
    assert code == 0 and "Traceback" not in err, err[-2000:]
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics["example"] == "translate" and metrics["tensorflow"] == tf.__version__
    return metrics


@pytest.fixture(scope="module")
def example(data_dir, tmp_path_factory):
    """The folder in which a quick run is left by the first test that asks for it."""
    return tmp_path_factory.mktemp("example") / "out"


def quick(call, data_dir, folder, *flags):
    return call("translate", *QUICK, "--data-dir", data_dir, "--out-dir", folder, *flags)


def test_the_example(call, data_dir, example):
    """An example that does not run to its end, loses a figure or a picture, or hides what it left out."""
    result = quick(call, data_dir, example)
    metrics = metrics_of(result, example)
    assert metrics["data"].startswith("real: ") and metrics["config"]["units"] == 8
    assert metrics["config"]["keep_prob"] == 0.9, "what a flag's default stands for"
    assert metrics["best_epoch"] in (1, 2) and 0 <= metrics["bleu"] <= 100 and "tok:none" in metrics["bleu_signature"]
    assert metrics["train_pairs"] == 250 and "train: 250 pairs" in result[1] and "epoch 2/2" in result[2]
    assert {"metrics.json", "translations.txt", "bleu_by_length.png", "learning.png", "translator.json"} <= set(
        os.listdir(str(example))
    )


@pytest.mark.once
@pytest.mark.slow
def test_a_finished_run_is_judged_again(call, data_dir, tmp_path):
    """A finished run that is trained again, or refused because it is searched in another way; another run's curve that is not
    drawn."""
    one, other = (metrics_of(quick(call, data_dir, tmp_path, *QUICKLY), tmp_path) for _ in range(2))
    assert one == other and one["words_per_second"] > 0, "the speed is that of the training, whenever it is asked for"
    flags = ["--beam-width", 2, "--length-penalty", 0, "--beside", tmp_path]
    again = quick(call, data_dir, tmp_path, *QUICKLY, *flags)
    found = metrics_of(again, tmp_path)
    assert "epoch" not in again[2] and found["config"]["width"] == 2
    assert [found[name] for name in ("valid_bleu", "seconds")] == [one[name] for name in ("valid_bleu", "seconds")]


@pytest.mark.slow
def test_the_network_in_use(call, data_dir, example, tmp_path, monkeypatch):
    """A trained network that cannot be used from the command line: with a file, with what is typed, as a SavedModel."""
    if not (example / "metrics.json").exists():
        metrics_of(quick(call, data_dir, example), example)
    (tmp_path / "text").write_text("the dog sleeps .\n\nthe cats eat .\n")
    ask = ["--translate", tmp_path / "text", "--beam-width", 3, "--n-best", 2]
    code, found, err = call("translate", "--out-dir", example, *ask)
    assert code == 0 and [line.split(" ||| ")[0] for line in found.splitlines()] == list("001122"), err
    lines = ["the dog sleeps .", "", "the cats eat ."]
    how = dict(width=3, length_penalty=1.0, coverage_penalty=0.0, n_best=2)
    kept = translator_files.load(str(example))
    assert found.splitlines() == list(command_line.show(str(example), kept, lines, **how))
    waiting = iter(lines + ["the xylophone"])

    def typed():
        for line in waiting:
            return line
        raise EOFError

    monkeypatch.setattr("builtins.input", typed)
    code, out, err = call("translate", "--out-dir", example, "--interactive", "--beam-width", 3)
    best = [line.split(" ||| ")[2] for line in found.splitlines()[::2]]
    assert code == 0 and out.splitlines()[:3] == best and "read as <unk>: xylophone" in err
    code, out, err = call("translate", "--out-dir", example, "--export", tmp_path / "saved")
    assert code == 0 and str(tmp_path / "saved") in out and (tmp_path / "saved" / "saved_model.pb").exists(), err
    code, _, err = call("translate", "--out-dir", example, "--export", tmp_path / "saved")
    assert code == 2 and "exists already" in err and "choose another --export." in err and "Traceback" not in err
    monkeypatch.setattr(translating, "write", interrupted)
    code, _, err = call("translate", "--out-dir", example, *ask)
    assert code == 130 and err.endswith("error: stopped. The same command begins anew.\n"), err


def interrupted(*args, **more):
    raise KeyboardInterrupt


MISTAKES = {
    "a network that is not there": (["--out-dir", "{new}", "--translate", "{text}"], "holds no translator"),
    "a file that is not there": (["--translate", "{new}"], "new: cannot be read"),
    "an empty file": (["--translate", "{empty}"], "empty: the file is empty"),
    "too many words": (["--translate", "{long}"], "long: line 2 has more than 200 tokens"),
    "more of the best than beams": (["--n-best", 6], "argument --n-best: 6 of 5 beams: raise --beam-width"),
    "two ways to ask": (["--translate", "{text}", "--interactive"], "not allowed with argument"),
    "vectors that are not there": (["--freeze-vectors"], "give --vectors FILE FILE"),
    "no width": (["--beam-width", 0], "at least 1"),
    "a width above the vocabulary": (
        ["--beam-width", 9999, "--out-dir", "{new}"],
        "--beam-width 9999: the target vocabulary",
    ),
    "a width above it, in use": (
        ["--beam-width", 9999, "--translate", "{text}"],
        "--beam-width 9999: the target vocabulary",
    ),
    "nothing to translate": (["--translate", ""], "argument --translate: it is empty"),
    "nowhere to export to": (["--export", ""], "argument --export: it is empty"),
    "beside an empty name": (["--beside", ""], "argument --beside: it is empty"),
    "an empty name of vectors": (["--vectors", "a", ""], "argument --vectors: it is empty"),
    "an unknown mark": (["--substitute", "num", "word"], "argument --substitute: invalid choice: 'word'"),
    "a penalty too high": (["--length-penalty", 11], "at most 10"),
    "no units": (["--units", 1], "at least 2"),
    "an odd number of units": (["--units", 7, "--out-dir", "{new}"], "--units: 7: half of them read backwards"),
    "the same language twice": (["--source", "fr"], "both 'fr'"),
    "a language that is not there": (["--source", "de"], "train.de.gz"),
    "nothing looked at": (
        ["--attention", "none", "--coverage-penalty", 0.2, "--out-dir", "{new}"],
        "--coverage-penalty",
    ),
    "nothing to replace by": (["--attention", "none", "--replace-unknown", "--out-dir", "{new}"], "--replace-unknown"),
    "beside nothing": (["--beside", "{new}"], "--beside"),
    "another network": (["--cell", "lstm"], "--cell was gru there and is lstm here"),
    "sentences too long for a batch": (["--tokens", 5, "--out-dir", "{new}"], "pass --tokens"),
    "words that are too rare": (["--least", 9999, "--out-dir", "{new}"], "Lower --least"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_at_the_command_line(name, call, data_dir, example, tmp_path):
    """A traceback for a person's mistake, a run that goes on in spite of it, or one that is damaged by it."""
    if not (example / "metrics.json").exists():
        metrics_of(quick(call, data_dir, example), example)
    flags, message = MISTAKES[name]
    (tmp_path / "empty").write_text("")
    (tmp_path / "text").write_text("a cat\n")
    (tmp_path / "long").write_text("a cat\n" + "cat " * 201 + "\n")
    flags = [str(flag).format(**{one: tmp_path / one for one in ("new", "empty", "text", "long")}) for flag in flags]
    before = {name: (example / name).read_text() for name in ("translator.json", "config.json", "metrics.json")}
    code, _, err = quick(call, data_dir, example, *flags)
    assert code == 2 and message in err and err.count("error:") == 1 and "Traceback" not in err, err
    assert not (tmp_path / "new" / "metrics.json").exists()
    assert before == {name: (example / name).read_text() for name in before}


@pytest.mark.once
@pytest.mark.slow
@pytest.mark.parametrize(
    "flags",
    [
        ["--attention", "none", "--reverse", "--one-direction", "--substitute", "url", "num"],
        [
            "--attention",
            "luong",
            "--cell",
            "lstm",
            "--layers",
            2,
            "--scheduled-sampling",
            0.3,
            "--coverage-penalty",
            0.2,
        ],
        ["--cell", "layer_norm", "--sampled-softmax", 20, "--replace-unknown", "--keep-prob", 0.7],
    ],
)
def test_every_choice(call, data_dir, tmp_path, flags):
    """A choice that crashes in training, in use, or as a SavedModel."""
    metrics = metrics_of(quick(call, data_dir, tmp_path / "out", *flags), tmp_path / "out")
    assert 0 <= metrics["bleu"] <= 100
    (tmp_path / "text").write_text("the dog sleeps .\n")
    code, out, err = call("translate", "--out-dir", tmp_path / "out", "--translate", tmp_path / "text")
    assert code == 0 and len(out.splitlines()) == 1, err
    code, out, err = call("translate", "--out-dir", tmp_path / "out", "--export", tmp_path / "saved")
    assert code == 0, err


@pytest.mark.once
@pytest.mark.slow
def test_it_learns(data_dir, tmp_path):
    """Everything runs, and yet nothing is learnt: a short run as a process of its own, in less than 30 seconds on two cores."""
    flags = ["--quick", "--generated", "--data-dir", tmp_path, "--out-dir", tmp_path / "out"]
    code, out, err = run_process("translate.py", *flags)
    metrics = metrics_of((code, out, err), tmp_path / "out")
    assert metrics["data"].startswith("generated: ") and metrics["config"]["quick"] is True
    assert metrics["bleu"] > 1 and metrics["valid_perplexity"] < 80
    assert (tmp_path / "out" / "attention.png").stat().st_size > 15000
