"""Language models trained, scored and asked to go on: the published recipes, resumed runs, and the example's mistakes."""

import collections
import dataclasses
import json
import os
import shutil
import types

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from helpers import learned
from test_plotting import figures  # noqa: F401

from rnn_tf1 import Mode, training
from rnn_tf1.data.text import ptb
from rnn_tf1.data.text.text import Vocabulary, make_vocabulary, read_words
from rnn_tf1.data.text.vectors import write_vectors
from rnn_tf1.errors import CheckpointError, DataError, TrainingError
from rnn_tf1.experiments.language import language_model, penn_treebank, pictures, word_vectors
from rnn_tf1.experiments.language.language_model import LanguageModelling
from rnn_tf1.models.language_model import RECURRENCE, LanguageModelConfig, build_language_model
from rnn_tf1.training import RunFolder, checkpoints
from rnn_tf1.training import speed as training_speed

Data = collections.namedtuple("Data", "train validation test vocabulary")
SMALL = LanguageModelConfig(units=6, vocabulary=9, steps=4, batch_size=3, keep_prob=0.8, init_scale=0.5)
LITTLE = dataclasses.replace(
    SMALL, cell="basic", layers=1, unroll="dynamic", keep_prob=1.0
)  # whose graphs are soon built
RECIPE = penn_treebank.published(2, 1, 0.5, 5.0)
ONE_EPOCH = dataclasses.replace(RECIPE, epochs=1)

# Zaremba et al. 2014, section 4.1, and the tutorial that came with TensorFlow 1:
# units, layers, steps, init_scale, keep_prob, epochs, epochs with the first rate, the rate's factor, clip
PUBLISHED = {
    "small": (200, 2, 20, 0.1, 1.0, 13, 4, 0.5, 5),
    "medium": (650, 2, 35, 0.05, 0.5, 39, 6, 0.8, 5),
    "large": (1500, 2, 35, 0.04, 0.35, 55, 14, 1 / 1.15, 10),
    "test": (2, 1, 2, 0.1, 1.0, 1, 1, 0.5, 1),
}


@pytest.fixture(autouse=True)
def _short_windows(monkeypatch):
    """A scoring graph of few steps: it is built sooner, and more windows have borders."""
    monkeypatch.setattr(language_model, "SCORED_STEPS", 7)


def small_data(tokens=61, words=9):
    ids = np.random.RandomState(2).randint(2, words, size=[3, tokens]).astype(np.int32)
    return Data(*ids, Vocabulary(["<unk>", "<eos>"] + ["w%d" % i for i in range(2, words)]))


def model_in(folder, data=None, config=SMALL, recipe=RECIPE, settings=None, vectors=None):
    """A language model that would be trained in that folder."""
    run_folder = RunFolder(str(folder), settings or {"a": 1})
    model = LanguageModelling(types.SimpleNamespace(seed=4), recipe, config, data or small_data(), run_folder)
    model.vectors = vectors
    return model


Result = collections.namedtuple("Result", "history best_epoch figures")


def trained(folder, *args, **more):
    """(what a run was, and its figures; all variables of its last step, by name, and the weights of its best one)"""
    model = model_in(folder, *args, **more)
    model.load()
    run = model.train()
    result = Result(run.history, run.best_epoch, model.report(run))
    kept = {}
    for prefix in ("step", "best"):
        path = checkpoints.list_checkpoints(model.folder.checkpoints, prefix)[0]
        names = [name for name in checkpoints.read_shapes(path) if "progress" not in name]
        kept.update({name: checkpoints.read(path, name) for name in names})
    return result, kept


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_the_published_configurations(name):
    """A size or a part of the recipe that is not the published one."""
    config, recipe = penn_treebank.CONFIGS[name]
    found = (config.units, config.layers, config.steps, config.init_scale, config.keep_prob, recipe.epochs)
    found += (recipe.decay.constant_epochs, recipe.decay.factor, recipe.clip_norm)
    assert found == PUBLISHED[name] and recipe.optimizer == "sgd"
    assert config.input_keep_prob == config.keep_prob and config.recurrent_keep_prob == 1 and not config.variational
    assert (config.batch_size, config.vocabulary, config.forget_bias, recipe.learning_rate) == (20, 10000, 0.0, 1.0)
    assert (config.cell, config.tied, config.sampled, config.train_embedding) == ("lstm", False, 0, True)


def test_compact_is_small():
    """More parameters than it may have: 7 million."""
    with tf.Graph().as_default():
        build_language_model(penn_treebank.CONFIGS["compact"][0], Mode(True, 0, tf.constant(0)))
        assert sum(np.prod(v.shape.as_list()) for v in tf.trainable_variables()) <= 7e6


def test_the_learning_rate_by_epoch():
    """A rate that falls an epoch too early or too late."""
    with tf.Graph().as_default(), tf.Session() as session:
        recipe = penn_treebank.CONFIGS["small"][1]
        rates = session.run([recipe.rate(tf.constant(7 * epoch + 6), 7) for epoch in range(13)])
    np.testing.assert_allclose(rates, [1] * 4 + [0.5**n for n in range(1, 10)], rtol=1e-6)


def test_a_run_says_what_it_is(tmp_path, capsys):
    """Perplexities of other parts or other weights than they say; tokens that are left out in silence; a wrong count."""
    data = small_data()
    result, weights = trained(tmp_path, data)
    found = result.figures
    assert [row["epoch"] for row in result.history] == [1, 2]
    np.testing.assert_allclose([row["learning_rate"] for row in result.history], [1.0, 0.5])
    assert (found["train_tokens"], found["train_tokens_scored"], found["valid_tokens_scored"]) == (61, 60, 61)
    said = capsys.readouterr().out
    assert "training: 61 tokens, 60 of them scored in 5 batches of 3 rows of 4; the last 1 are left out" in said
    assert "test: 61 tokens, all of them scored" in said
    names = [name for name in weights if name.startswith("Model/") and "RNN" in name or "softmax" in name]
    assert found["parameters"] == sum(weights[name].size for name in names) + weights["Model/embedding"].size
    assert found["valid_perplexity"] == min(row["valid_perplexity"] for row in result.history)
    assert found["words_per_second"] > 0
    assert np.abs(weights["Model/carried/state_0"]).min() > 0, "the state was carried"
    with tf.Graph().as_default(), tf.Session() as session:  # the test part, word by word, with the weights that were left
        with tf.variable_scope("Model"):
            net = build_language_model(SMALL, Mode(False), batch_size=1, steps=1)
        session.run(tf.global_variables_initializer())
        for v in tf.trainable_variables():
            v.load(weights[v.op.name], session)
        total, before = 0.0, data.vocabulary.end
        for word in data.test:
            total += session.run([net.total, net.carry], {net.inputs: [[before]], net.targets: [[word]]})[0]
            before = word
    assert found["test_perplexity"] == pytest.approx(np.exp(total / len(data.test)), rel=1e-5)


@pytest.mark.slow
def test_a_killed_run_ends_as_one_that_was_not(tmp_path, monkeypatch):
    """A state, a mask, a rate or an order of the batches that a resumed run does not take up where it was."""
    whole, expected = trained(tmp_path / "whole")
    genuine_fit, genuine_batch, calls = training.fit, language_model.Batches.batch, []

    def fit(*args):
        schedule = dataclasses.replace(args[5], save_seconds=0)
        return genuine_fit(*args[:5], schedule, *args[6:])

    monkeypatch.setattr(training, "fit", fit)

    def batch(self, number):
        calls.append(number)
        if len(calls) in (3, 11):  # in the middle of both epochs
            raise KeyboardInterrupt
        return genuine_batch(self, number)

    monkeypatch.setattr(language_model.Batches, "batch", batch)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            trained(tmp_path / "killed")
    resumed, found = trained(tmp_path / "killed")
    assert len(calls) == 12 and learned(resumed.history) == learned(whole.history)
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value, err_msg=name)


def test_frozen_vectors_are_kept_with_the_best_weights(tmp_path):
    """Vectors that are not trained, and so are not found again with the weights: a test graph would read noise."""
    config, vectors = dataclasses.replace(SMALL, train_embedding=False), np.random.RandomState(5).randn(9, 6)
    trained(tmp_path, config=config, vectors=vectors)
    with tf.Graph().as_default(), tf.Session() as session:
        with tf.variable_scope("Model"):
            net = build_language_model(config, Mode(False))
        training.restore_best(session, RunFolder(str(tmp_path), {"a": 1}, [language_model.HASH]))
        np.testing.assert_allclose(session.run(net.embedding), vectors, atol=1e-6)


def test_speed_leaves_the_first_step_and_the_pauses_out(monkeypatch):
    """Words per second that count the making of the graph, or the scoring between the epochs."""
    now = iter([100.0, 150.0, 152.0, 900.0, 904.0])
    clock = types.SimpleNamespace(perf_counter=lambda: next(now))  # not the module's own: others read it meanwhile
    monkeypatch.setattr(training_speed, "time", clock)
    speed = training_speed.Speed()
    speed.pause()
    assert speed.words_per_second == 0
    speed.step(7)  # at 100: the first, which takes 50 seconds
    for words in (30, 1000):
        speed.step(words)
    speed.pause()
    for words in (50, 1000):
        speed.step(words)
    assert speed.words_per_second == pytest.approx((30 + 50) / (2.0 + 4.0))


def test_the_last_epoch_tells_the_speed():
    """An earlier start's speed; a speed of 0 where there was nothing to measure, or a run of an older version."""
    assert training.last_speed([{"words_per_second": 9.0}, {"words_per_second": 123.6}]) == 124
    assert training.last_speed([{"words_per_second": 9.0}, {"words_per_second": 0.0}]) is None
    assert training.last_speed([{"epoch": 1}]) is None and training.last_speed([]) is None


@pytest.mark.once
def test_a_finished_run_still_knows_its_speed(tmp_path):
    """A speed that is lost when the example is started once more, to sample say."""
    first, again = (trained(tmp_path)[0].figures for _ in range(2))
    assert first == again and first["words_per_second"] > 0


def test_texts_are_gone_on_with(tmp_path, capsys):
    """A prompt that is cut or not shown; an unknown word that passes in silence; a stop that is passed over; texts of one
    prompt under another."""
    vocabulary = small_data().vocabulary
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(3)
        with tf.variable_scope("Model"):
            build_language_model(SMALL, Mode(False))
        session.run(tf.global_variables_initializer())
        prompts = ["w3 w4 w5", "w2 xyz", ""]
        texts = language_model.write_on(session, SMALL, vocabulary, prompts, 30, seed=1)
        again = language_model.write_on(session, SMALL, vocabulary, prompts, 30, seed=1)
        stopped = language_model.write_on(session, SMALL, vocabulary, ["w3"] * 5, 30, seed=1, stop=vocabulary.end)
    assert texts == again
    assert texts[0].startswith("w3 w4 w5 ") and texts[1].startswith("w2 <unk> ")
    assert [len(text.replace("\n", " x ").split()) for text in texts] == [33, 32, 30], "every token is shown"
    assert not any("<eos>" in text for text in texts) and any("\n" in text for text in texts)
    assert all(text.count("\n") <= 1 for text in stopped) and len({len(text) for text in stopped}) > 1
    assert capsys.readouterr().err.count("Not in the vocabulary, read as <unk>: xyz\n") == 2


OTHER = Vocabulary(["<unk>", "<eos>"] + ["v%d" % i for i in range(7)])  # as many words as the small data has


@pytest.fixture(scope="module")
def finished_run(tmp_path_factory):
    """The folder of a run of one epoch that has come to its end."""
    folder = tmp_path_factory.mktemp("run") / "run"
    trained(folder, config=LITTLE, recipe=ONE_EPOCH)
    (folder / "metrics.json").write_text("{}")
    return folder


@pytest.fixture
def run_there(finished_run, tmp_path):
    """A copy of it."""
    return shutil.copytree(str(finished_run), str(tmp_path / "run"))


def rewrite(folder, **changed):
    """Changes entries of config.json, or takes them away where they are None."""
    path = os.path.join(folder, "config.json")
    with open(path) as file:
        config = dict(json.load(file), **changed)
    with open(path, "w") as file:
        json.dump({name: value for name, value in config.items() if value is not None}, file)


def again(folder, data=None):
    return trained(folder, data, LITTLE, ONE_EPOCH)


def refusals(folder, data=None):
    """The messages with which the run is refused by who would go on with it, and by who would read its table."""
    with pytest.raises(CheckpointError) as caught:
        again(folder, data)
    yield str(caught.value)
    with pytest.raises(CheckpointError) as caught:
        word_vectors.read_table(folder)
    yield str(caught.value)


@pytest.mark.once
def test_the_vocabulary_is_tied_to_the_checkpoints(run_there):
    """A file of other words beside the checkpoints that is checked against itself alone: the weights would be read as nonsense,
    by the training and by who reads the word vectors; or one that is gone, and made anew in silence."""
    path = os.path.join(run_there, "vocabulary.json")
    own = small_data().vocabulary
    assert word_vectors.read_table(run_there).vocabulary.hash == own.hash
    OTHER.save(path)
    for data in (small_data(), small_data()._replace(vocabulary=OTHER)):
        for message in refusals(run_there, data):
            for part in (path, own.hash[:16], OTHER.hash[:16], "Put back the file of that run"):
                assert part in message
    os.remove(path)
    for message in refusals(run_there):
        assert path + " is missing" in message and "Put back the file of that run" in message
    assert not os.path.exists(path)
    own.save(path)
    assert again(run_there)[0].best_epoch == 1


def test_another_vocabulary_is_refused(run_there):
    """Weights that go on with the words of another text; a message that does not say which two differ, or what to do."""
    own, data = small_data().vocabulary, small_data()._replace(vocabulary=OTHER)
    with pytest.raises(CheckpointError) as caught:
        again(run_there, data)
    for part in (own.hash[:16], OTHER.hash[:16], "choose another folder to start", "vocabulary.json"):
        assert part in str(caught.value)
    os.remove(os.path.join(run_there, "vocabulary.json"))
    OTHER.save(os.path.join(run_there, "vocabulary.json"))
    rewrite(run_there, vocabulary_hash=OTHER.hash)  # a config.json of another run: fit itself has still to refuse
    with pytest.raises(CheckpointError, match="vocabulary_hash was %s there and is %s" % (OTHER.hash, own.hash)):
        with tf.Graph().as_default(), tf.Session() as session:
            tf.get_variable("Model/embedding", [9, 6])
            training.restore_best(session, RunFolder(run_there, language_model.tied_to({"a": 1}, own)))


def test_a_run_of_an_older_version_goes_on(run_there):
    """A run refused because the version that began it did not write down the hash; or one that is not tied from then on."""
    rewrite(run_there, vocabulary_hash=None)
    path = os.path.join(run_there, "vocabulary.json")
    assert word_vectors.read_table(run_there).vocabulary.hash == small_data().vocabulary.hash
    again(run_there)
    with open(os.path.join(run_there, "config.json")) as file:
        assert json.load(file) == {"a": 1, "vocabulary_hash": small_data().vocabulary.hash}
    rewrite(run_there, vocabulary_hash=None)
    os.remove(path)  # as for fairy tales, which had none
    again(run_there)
    assert Vocabulary.load(path).hash == small_data().vocabulary.hash


def test_a_run_that_could_not_begin_stands_in_nobodys_way(tmp_path):
    """A vocabulary kept of a text that was too short, or of a run without a checkpoint, which then refuses the fixed text."""
    folder = str(tmp_path / "run")
    short = small_data(tokens=11)._replace(vocabulary=OTHER)
    with pytest.raises(DataError, match="has 11 tokens, but one batch needs 12"):
        again(folder, short)
    assert not os.path.exists(os.path.join(folder, "vocabulary.json"))
    language_model.keep_vocabulary(OTHER, folder)  # of a run that was stopped before its first checkpoint
    again(folder)
    assert Vocabulary.load(os.path.join(folder, "vocabulary.json")).hash == small_data().vocabulary.hash


@pytest.mark.once
def test_perplexities_that_are_not_finite_end_a_run(tmp_path, monkeypatch):
    """A traceback of the JSON writer or the picture after the training, or an infinite figure that is published."""
    config, vectors = (
        dataclasses.replace(LITTLE, tied=True, input_keep_prob=0.9),
        np.random.RandomState(3).randn(9, 6) * 1e6,
    )
    message = (
        "The (train|valid) perplexity of epoch [12] is inf: .* Try word vectors of smaller numbers, or another seed"
    )
    with pytest.raises(TrainingError, match=message):
        trained(tmp_path / "huge", config=config, vectors=vectors)
    genuine = language_model.score
    for broken in (np.inf, np.nan):
        monkeypatch.setattr(
            language_model, "score", lambda *args, broken=broken: broken if args[-1] == "test" else genuine(*args)
        )
        with pytest.raises(
            TrainingError, match="The test perplexity of epoch [12] is %s: .* Try another seed" % broken
        ):
            trained(tmp_path / "test", config=LITTLE)
    monkeypatch.setattr(language_model, "score", lambda *args: np.inf)
    with pytest.raises(TrainingError, match="Try a lower learning_rate, or another seed"):
        trained(tmp_path / "rate", config=LITTLE, settings={"learning_rate": 1.0})


@pytest.mark.once
def test_a_finished_run_is_restored_without_scoring(run_there, monkeypatch, capsys):
    """Other weights than the best ones; a run taken for finished that is not, or whose figures nobody has written; one with
    other settings or another vocabulary that is sampled from all the same."""
    monkeypatch.setattr(language_model, "score", lambda *args: pytest.fail("it is scored"))
    prompts = ["w3 w4 w5", ""]

    def sampled(settings=None, data=None, recipe=ONE_EPOCH):
        model = model_in(run_there, data, LITTLE, recipe, settings)
        model.load()
        return model.write_on(prompts, 20) if model.is_finished() else None

    found = sampled()
    with tf.Graph().as_default(), tf.Session() as session:
        with tf.variable_scope("Model"):
            build_language_model(LITTLE, Mode(False))
        best = checkpoints.list_checkpoints(os.path.join(run_there, "checkpoints"), "best")[0]
        session.run(tf.global_variables_initializer())
        for v in tf.trainable_variables():
            v.load(checkpoints.read(best, v.op.name), session)
        assert found == language_model.write_on(session, LITTLE, small_data().vocabulary, prompts, 20, seed=4)
    with pytest.raises(CheckpointError, match="a was 1 there and is 2 here"):
        sampled({"a": 2})
    with pytest.raises(CheckpointError, match="another vocabulary"):
        sampled(data=small_data()._replace(vocabulary=OTHER))
    assert sampled(recipe=RECIPE) is None  # of two epochs
    for name in ("metrics.json", "checkpoints/best-5.index"):
        os.rename(os.path.join(run_there, name), os.path.join(run_there, "away"))
        assert sampled() is None
        os.rename(os.path.join(run_there, "away"), os.path.join(run_there, name))
    assert sampled() == found


def test_what_stands_between_words_and_softmax(tmp_path):
    """A recurrence of one's own that is passed over, by the training, or where a text is gone on with."""
    used = []

    def make_cell(config, mode):
        used.append("training" if mode.is_training else "test")
        return RECURRENCE.make_cell(dataclasses.replace(config, cell="gru"), mode)

    def network(cell, words, state, config):
        used.append(words.shape.as_list())
        return RECURRENCE.network(cell, words, state, config)

    model = model_in(tmp_path, config=LITTLE, recipe=ONE_EPOCH)
    model.recurrence = RECURRENCE._replace(make_cell=make_cell, network=network)
    model.load()
    model.train()
    assert used == ["training", [4, 3, 6], "test", [7, 1, 6]]
    path = checkpoints.list_checkpoints(model.folder.checkpoints, "best")[0]
    assert "Model/RNN/gru_cell/gates/kernel" in checkpoints.read_shapes(path)
    assert len(model.write_on(["w3"], 5)[0].split()) <= 6 and used[4:] == ["test", [1, 1, 6], "test"]


@pytest.mark.once
@pytest.mark.slow
def test_it_comes_near_what_is_possible(tmp_path):
    """A model that cannot learn what a state must be carried for, or that is better than possible, and so reads what it is to
    foretell. A model that knows the pairs of words alone is at 25."""
    data = ptb.load(str(tmp_path), generated=True)
    config = dataclasses.replace(
        SMALL, units=64, vocabulary=len(data.vocabulary), steps=20, batch_size=20, keep_prob=1.0
    )
    result, _ = trained(tmp_path / "run", data, config, penn_treebank.published(6, 3, 0.5, 5.0))
    assert 0.98 * data.perplexity < result.figures["test_perplexity"] < 1.1 * data.perplexity


# ------------------------------------------------------------------------------------------------------------- the example


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A folder of data with a small text in Penn Treebank's three files."""
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "ptb").mkdir()
    random = np.random.RandomState(0)
    for part, lines in (("train", 300), ("valid", 40), ("test", 40)):
        text = "\n".join(" ".join("w%d" % i for i in random.geometric(0.2, size=8)) for _ in range(lines)) + "\n"
        (folder / "ptb" / ("ptb.%s.txt" % part)).write_text(text)
    return str(folder)


@pytest.mark.slow
def test_the_example(call, corpus, tmp_path):
    """An example that does not run to its end, loses a figure, trains a finished run again, or mixes two texts up."""
    out = tmp_path / "out"
    corpus = shutil.copytree(corpus, str(tmp_path / "data"))  # a line is added to it below
    flags = ["--quick", "--config", "small", "--data-dir", corpus, "--out-dir", out]
    code, said, err = call("ptb", *flags)
    assert code == 0, err
    assert "2,700 tokens, 2,400 of them scored" in said and "perplexity: validation" in said
    metrics = json.loads((out / "metrics.json").read_text())
    words = len(make_vocabulary(read_words(os.path.join(corpus, "ptb", "ptb.train.txt"))))
    assert (
        metrics["vocabulary"] == words and 5 < metrics["test_perplexity"] < words and metrics["data"].startswith("real")
    )
    assert {"perplexity.png", "metrics.json", "vocabulary.json", "checkpoints"} <= set(os.listdir(str(out)))
    code, said, err = call(
        "ptb", *flags, "--sample", "w1 w2 nonsense", "--count", 9, "--top-k", 3, "--temperature", 0.5
    )
    assert code == 0 and "Not in the vocabulary, read as <unk>: nonsense" in err and "\nw1 w2 <unk>" in said
    assert "epoch 1/1" not in err, "a finished run is not trained again"
    vocabulary = Vocabulary.load(str(out / "vocabulary.json"))
    vectors = np.random.RandomState(1).randn(words, 200)
    write_vectors(str(tmp_path / "vectors.txt"), vocabulary.words, vectors)
    more = [
        "--cell",
        "gru",
        "--sampled-softmax",
        5,
        "--vectors",
        tmp_path / "vectors.txt",
        "--freeze-vectors",
        "--stop",
    ]
    code, said, err = call("ptb", *flags[:-1], tmp_path / "other", *more, "--sample", "w1", "--sample", "w2")
    assert (
        code == 0 and "vectors: %d of %d words are in" % (words, words) in said and "\nw1" in said and "\nw2" in said
    ), err
    table = word_vectors.read_table(str(tmp_path / "other"), "embedding").vectors
    np.testing.assert_allclose(table, vectors, atol=1e-5)
    with open(os.path.join(corpus, "ptb", "ptb.train.txt"), "a") as file:
        file.write("another word\n")
    code, _, err = call("ptb", *flags)
    assert code == 2 and "vocabulary" in err and "--out-dir" in err and "Traceback" not in err


TINY = ["--quick", "--config", "test"]


@pytest.mark.slow
def test_a_finished_run_is_only_sampled_from(call, corpus, tmp_path):
    """A test part that is scored once more for a text, or figures that then carry the command of the sampling; numbers at
    their limits that end in a traceback; a run of an older version that cannot be asked any more; another test text under the
    figures of this one."""
    data_dir, out = str(tmp_path / "data"), str(tmp_path / "out")
    shutil.copytree(corpus, data_dir)
    flags = TINY + ["--data-dir", data_dir, "--out-dir", out]
    asked = ["--sample", "w1 w2 nonsense", "--count", 9]
    code, first, err = call("ptb", *(flags + asked))
    assert code == 0 and "perplexity: validation" in first, err
    text = first[first.index("\nw1 w2 <unk> ") :]
    with open(os.path.join(out, "metrics.json")) as file:
        metrics = file.read()
    assert json.loads(metrics)["command"].endswith("--config test --sample 'w1 w2 nonsense' --count 9")
    old = json.loads(metrics)["config"]
    with open(os.path.join(out, "config.json")) as file:
        identity = json.load(file)["data"]
    older = dict(data=identity.split(";")[0], vocabulary_hash=None, generated=None)
    for change in ({}, older):
        rewrite(out, **change)
        code, said, err = call("ptb", *(flags + asked))
        assert (code, said[said.index("\nw1 w2 <unk> ") :]) == (0, text), err
        assert "This run has finished: its figures are in %s" % os.path.join(out, "metrics.json") in said
        assert "perplexity" not in said and "window" not in err and "epoch 1/1" not in err
    for extreme in (["--top-k", 3 * 10**9], ["--temperature", "1e-45"]):
        code, said, err = call("ptb", *(flags + asked + extreme))
        assert code == 0 and "\nw1 w2 <unk> " in said, err
    with open(os.path.join(out, "metrics.json")) as file:
        assert file.read() == metrics
    code, said, err = call("ptb", *flags)  # of an older version, without a text to sample
    assert code == 0 and "perplexity: validation" in said
    with open(os.path.join(out, "config.json")) as file:
        assert json.load(file)["data"] == identity
    assert "generated" not in json.dumps(identity) and old["generated"] is False
    with open(os.path.join(data_dir, "ptb", "ptb.test.txt"), "a") as file:
        file.write("w1 w2\n")
    for more in (asked, []):
        code, _, err = call("ptb", *(flags + more))
        assert code == 2 and "data was real, 2700 tokens" in err and "choose another --out-dir." in err


@pytest.mark.once
def test_the_stand_in_is_to_be_had_where_there_is_a_network(call, corpus, tmp_path, monkeypatch):
    """A best possible perplexity that nobody can see; a text that somebody has in the place of the asked one."""
    monkeypatch.setattr(ptb, "GENERATED", dict(zip(ptb.GENERATED, (30000, 300, 300))))
    data_dir = str(tmp_path / "data")
    shutil.copytree(corpus, data_dir)
    flags = TINY + ["--generated", "--data-dir", data_dir, "--out-dir", tmp_path / "out"]
    code, said, err = call("ptb", *flags)
    assert code == 0, err
    best = ptb.load(data_dir, generated=True).perplexity
    assert "the best possible perplexity: %.2f" % best in said
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert metrics["data"].startswith("generated: ") and metrics["best_possible_perplexity"] == best
    assert metrics["test_perplexity"] > best
    code, _, err = call("ptb", *(TINY + flags[4:]))
    assert code == 2 and "the run used another vocabulary" in err and "--out-dir" in err


def test_a_text_that_was_too_short_can_be_fixed(call, tmp_path):
    """A vocabulary of a run that never began, which refuses the text that could be trained on."""
    flags = TINY + ["--data-dir", tmp_path, "--out-dir", tmp_path / "out"]
    (tmp_path / "ptb").mkdir()
    for train, wanted in ((b"a few words\n", 2), (b"a few words and others\n" * 20, 0)):
        for part in ("train", "valid", "test"):
            (tmp_path / "ptb" / ("ptb.%s.txt" % part)).write_bytes(train if part == "train" else b"a b c\n" * 20)
        code, _, err = call("ptb", *flags)
        assert code == wanted, err
        assert ("4 tokens, but one batch needs 40" in err) == (code == 2) and "Traceback" not in err


MISTAKES = {
    "a count of billions": (["--sample", "a", "--count", "3000000000"], {}, "at least 1 and at most 1000000"),
    "candidates by the billion": (["--sampled-softmax", "3000000000"], {}, "at least 1 and at most 1000000"),
    "another text's parts": ([], {"test": None}, "ptb.test.txt missing beside it"),
    "temperature of 0": (["--temperature", "0"], {}, "above 0"),
    "negative temperature": (["--temperature", "-1"], {}, "above 0"),
    "top-k of 0": (["--top-k", "0"], {}, "at least 1"),
    "top-p of 0": (["--top-p", "0"], {}, "above 0"),
    "vectors that are not there": (["--freeze-vectors"], {}, "--vectors FILE"),
    "an empty file": ([], {"valid": b""}, "ptb.valid.txt: the file is empty"),
    "no UTF-8": ([], {"test": b"good line\nbad \xff line\n"}, "ptb.test.txt: line 2: byte 14 of the file is not UTF-8"),
    "a text shorter than a batch": ([], {"train": b"a few words\n"}, "4 tokens, but one batch needs 400"),
}


@pytest.mark.parametrize("name", sorted(MISTAKES))
def test_mistakes_at_the_command_line(name, call, tmp_path):
    """A traceback, or a run that begins, where a person has made a mistake."""
    flags, parts, message = MISTAKES[name]
    if parts:
        (tmp_path / "ptb").mkdir()
        for part in ("train", "valid", "test"):
            content = parts.get(part, b"a b c d\n" * 200)
            if content is not None:
                (tmp_path / "ptb" / ("ptb.%s.txt" % part)).write_bytes(content)
    code, _, err = call("ptb", "--data-dir", tmp_path, "--out-dir", tmp_path / "out", *flags)
    assert code == 2 and message in err and "Traceback" not in err, err


# ------------------------------------------------------------------------------------------------------------- the picture

HISTORY = [
    {"epoch": 1 + i, "train_loss": loss, "valid_perplexity": valid, "learning_rate": rate}
    for i, (loss, valid, rate) in enumerate(
        [(5.6, 177.0, 1.0), (4.9, 144.0, 1.0), (4.2, 119.5, 0.5), (3.9, 118.0, 0.25)]
    )
]


def test_the_picture(figures):  # noqa: F811
    """A curve in nats, or of the other part; a rate that is marked where it does not fall; a floor that is off the picture."""
    assert pictures.perplexity_curves(HISTORY, "x.png", 4, 113.2, floor=20.3) == "x.png"
    upper, lower = figures[0].axes
    drawn = {line.get_label(): line for line in upper.lines}
    np.testing.assert_allclose(drawn["training"].get_ydata(), np.exp([5.6, 4.9, 4.2, 3.9]))
    np.testing.assert_allclose(drawn["validation"].get_ydata(), [177.0, 144.0, 119.5, 118.0])
    assert list(drawn["best possible"].get_ydata()) == [20.3, 20.3] and list(drawn["test"].get_ydata()) == [113.2]
    low, high = upper.get_ylim()
    assert low < 20.3 and high > np.exp(5.6) and upper.get_yscale() == "log"
    falls = [line.get_xdata()[0] for line in lower.lines if len(line.get_xdata()) == 2]
    assert falls == [2.5, 3.5]
    assert list(lower.lines[0].get_ydata()) == [1.0, 1.0, 0.5, 0.25] and lower.get_xlabel() == "epoch"
    broken = [dict(HISTORY[0], train_loss=800.0, valid_perplexity=np.inf)] + HISTORY[1:]
    pictures.perplexity_curves(broken, "x.png", 4, 113.2)
    drawn = {line.get_label(): line.get_ydata() for line in figures[1].axes[0].lines}
    np.testing.assert_array_equal(drawn["validation"], [np.nan, 144.0, 119.5, 118.0])
    assert np.isnan(drawn["training"][0]) and figures[1].axes[0].get_ylim()[1] < 1000
    with pytest.raises(ValueError, match="no epoch"):
        pictures.perplexity_curves([], "x.png", 1, 1.0)
