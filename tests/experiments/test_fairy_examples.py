"""The examples on fairy tales and on word vectors, what they run and what they draw."""

import json
import os
import re
import types

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from helpers import by_default
from matplotlib.image import imread
from test_examples import run as run_process
from test_plotting import figures  # noqa: F401

from rnn_tf1 import Mode, training
from rnn_tf1.data.text import fairy_tales, ptb
from rnn_tf1.data.text.text import END, UNKNOWN, Vocabulary
from rnn_tf1.data.text.vectors import read_vectors
from rnn_tf1.errors import CheckpointError, DataError, TrainingError
from rnn_tf1.experiments.language import pictures, story_models, story_pages, word_vectors
from rnn_tf1.experiments.language.story_models import Kind, Stories
from rnn_tf1.experiments.language.word_vectors import Table
from rnn_tf1.models.language_model import build_language_model
from rnn_tf1.training import checkpoints

RANDOM = np.random.RandomState(4)
PAIRS = Vocabulary(["ab", "c ", "de", "f\n", ". ", UNKNOWN, END])


def story(length):
    return np.append(RANDOM.randint(0, 6, length - 1), PAIRS.end).astype(np.int32)


def tales(train, validation):
    """Stories of these lengths."""
    parts = [[story(length) for length in lengths] for lengths in (train, validation)]
    return fairy_tales.FairyTales(parts[0], parts[1], [], [], PAIRS, len(train + validation), "generated", "here")


TALES = tales([23, 31, 18, 40], [37, 11, 52])


# ------------------------------------------------------------------------------------------------- a reference, in float64


def weights_of(session):
    return {v.op.name.split("/", 1)[1]: value.astype(np.float64) for v, value in valued(session)}


def valued(session):
    variables = tf.trainable_variables()
    return zip(variables, session.run(variables))


def read_on(weights, word, state):
    """(log of the next pair's distribution, state) of a basic or a context network, written from the papers' equations."""
    x = weights["embedding"][word]
    if "RNN/context_rnn_cell/A" in weights:
        A, B, P, R = (weights["RNN/context_rnn_cell/" + name] for name in "ABPR")
        h, s = state or (np.zeros(R.shape[0]), np.zeros(B.shape[1]))
        s = 0.05 * x @ B + 0.95 * s
        h = np.tanh(s @ P + x @ A + h @ R)
        output, state = np.concatenate([h, s]), (h, s)
    else:
        kernel, bias = weights["RNN/basic_rnn_cell/kernel"], weights["RNN/basic_rnn_cell/bias"]
        h = state[0] if state else np.zeros(len(bias))
        output = np.tanh(np.concatenate([x, h]) @ kernel + bias)
        state = (output,)
    z = output @ weights["softmax_w"] + weights["softmax_b"]
    return z - np.log(np.exp(z - z.max()).sum()) - z.max(), state


def small_config(cell="context", units=5, unroll="dynamic", rows=3, steps=4):
    return story_models.make_config(TALES, cell, 1, units, unroll, rows, steps)


def randomized(session):
    """Weights of about one, so that the state matters."""
    session.run(tf.global_variables_initializer())
    for variable in tf.trainable_variables():
        variable.load(RANDOM.standard_normal(variable.shape.as_list()).astype(np.float32), session)


# -------------------------------------------------------------------------------------------------------------- fairy_runs


@pytest.mark.parametrize("cell", ["basic", "context"])
def test_perplexity_of_whole_stories(graph, cell):
    """A perplexity that depends on how many pairs are read at a time; a story that begins in the state of another one; pairs
    behind a story's end that count, or a mean of the stories' means; a softmax that does not see the context."""
    nets = {}
    for steps in (1, 7, 50, 60):
        config = small_config(cell)
        with tf.variable_scope("Model", reuse=bool(nets)):
            nets[steps] = build_language_model(config, Mode(False), batch_size=3, steps=steps, name="by_%d" % steps)
    with tf.Session() as session:
        randomized(session)
        weights = weights_of(session)
        assert weights["softmax_w"].shape == ({"basic": 5, "context": 45}[cell], 7)
        total = 0.0
        for ids in TALES.validation:
            state, before = None, PAIRS.end
            for word in ids:
                logs, state = read_on(weights, before, state)
                total -= logs[word]
                before = word
        expected = np.exp(total / (37 + 11 + 52))
        for steps, net in nets.items():
            for _ in range(2):  # the second begins where the first ended, unless it begins anew
                found = story_models.score(session, net, story_models.Whole(TALES.validation, steps, PAIRS.end))
                assert found == pytest.approx(expected, rel=1e-5), steps


def test_windows_of_whole_stories():
    """A story's first pair that is not scored, or its last; a count of what is scored that counts what is not."""
    windows = story_models.Whole([np.array([3, 1, 6]), np.array([2, 6])], 2, 6)
    assert (windows.count, windows.scored, windows.rows) == (2, 5, 2)
    inputs, targets, weights = (np.concatenate(part, 1) for part in zip(windows.batch(0), windows.batch(1)))
    np.testing.assert_array_equal(inputs, [[6, 3, 1, 6], [6, 2, 6, 6]])
    np.testing.assert_array_equal(targets, [[3, 1, 6, 6], [2, 6, 6, 6]])
    np.testing.assert_array_equal(weights, [[1, 1, 1, 0], [1, 1, 0, 0]])
    assert windows.describe().startswith("5 pairs in 2 whole stories, all of them scored")
    for none in ([], [np.array([], np.int32)]):
        with pytest.raises(DataError, match="no story to score"):
            story_models.Whole(none, 2, 6)


CONTEXT = Kind("context", "20")


def network_in(folder, data=TALES, iterations=4, learning_rate=0.01, unroll="dynamic", kind=CONTEXT):
    """A small network that would be trained in the folder context_20_1 there."""
    sizes = dict(batch_size=3, steps=4, layers=1, units=5, unroll=unroll)
    settings = types.SimpleNamespace(out_dir=folder, iterations=iterations, learning_rate=learning_rate, **sizes)
    made = Stories(settings, kind, data, 1)
    made.load()
    return made


def test_the_order_of_training(monkeypatch, tmp_path):
    """Batches that begin anew after each look at the validation stories, state that is never or always set to zero, stories in
    another order, a network chosen by the perplexity that is then published, a graph of as many steps as are scored."""
    caught = {}

    def fit(session, train_op, shown, feeds, evaluate, schedule, folder, begin):
        session.run(tf.global_variables_initializer())
        for number, expected in ((0, 0.01), (5, 0.005), (10, 0.0)):
            train_op.step.load(number, session)
            assert session.run(train_op.learning_rate) == pytest.approx(expected, abs=1e-8)
        caught.update(schedule=schedule, folder=folder, size=len(session.graph.get_operations()))
        caught.update(feeds=[list(feeds(*place)) for place in ((0, 0), (1, 0), (0, 4))])
        rows = [{"epoch": n, "train_loss": np.log(10.0 / n), "valid_perplexity": 7.0 + n} for n in (1, 2)]
        return training.Run(rows, 2, 1.5, training.count_parameters())

    monkeypatch.setattr(training, "fit", fit)
    monkeypatch.setattr(story_models, "EVERY", 5)
    made = network_in(str(tmp_path), iterations=10, unroll="static")
    run = made.train()
    schedule, settings = caught["schedule"], caught["folder"].settings
    assert (schedule.steps_per_epoch, schedule.epochs, schedule.monitor) == (5, 2, None)
    assert caught["folder"].path == str(tmp_path / "context_20_1")
    assert json.loads(json.dumps(settings))["vocabulary_hash"] == PAIRS.hash
    assert (settings["units"], settings["seed"], settings["iterations"]) == (5, 1, 10)
    assert made.report(run)["history"] == [
        {"step": 5, "train_perplexity": pytest.approx(10), "valid_perplexity": 8.0},
        {"step": 10, "train_perplexity": pytest.approx(5), "valid_perplexity": 9.0},
    ]
    # embedding, A, R, B, P, softmax_w, softmax_b
    assert run.parameters == 7 * 5 + 2 * 5 * 5 + 2 * 5 * 40 + 45 * 7 + 7
    stream = np.concatenate(TALES.train)
    rows = stream[: 9 * 12].reshape(3, 36)  # 112 pairs, 9 batches of 3 rows of 4
    number = 0
    for feed in caught["feeds"][0] + caught["feeds"][1]:
        values = {tensor.op.name.split("/")[-1]: value for tensor, value in feed.items()}
        at = number % 9 * 4
        np.testing.assert_array_equal(values["targets"], rows[:, at : at + 4])
        np.testing.assert_array_equal(values["inputs"][:, 1:], rows[:, at : at + 3])
        assert values["begins"] == (number % 9 == 0)
        number += 1
    assert number == 10
    (feed,) = caught["feeds"][2]
    assert any(np.array_equal(value, rows[:, 16:20]) for value in feed.values())
    assert caught["size"] < 3000  # 200 steps laid out would have more than 4,000


def test_networks_without_unrolling(tmp_path):
    """Networks of one step that are trained on fewer pairs an iteration, or into the folder of the others."""
    one = network_in(str(tmp_path), kind=Kind("basic", "all", one_step=True))
    assert (one.config.batch_size, one.config.steps, one.config.cell) == (12, 1, "basic")
    assert one.folder.path == str(tmp_path / "basic_all_one_step_1")


def trained(folder, data=TALES, learning_rate=0.01):
    made = network_in(folder, data, learning_rate=learning_rate)
    return made.report(made.train())["history"]


@pytest.mark.once
def test_the_pairs_of_a_network_are_kept_and_checked(monkeypatch, tmp_path):
    """A network that goes on with the pairs of other stories, or one whose pairs are not to be had again; a run of an older
    version, which kept none, refused."""
    monkeypatch.setattr(story_models, "EVERY", 2)
    folder = str(tmp_path)
    first = trained(folder)
    path = os.path.join(folder, "context_20_1", "vocabulary.json")
    assert Vocabulary.load(path).hash == PAIRS.hash and len(first) == 2
    other = Vocabulary(PAIRS.words[:4] + ("xy", UNKNOWN, END))
    with pytest.raises(CheckpointError, match="another vocabulary: %s.* gives %s" % (PAIRS.hash[:16], other.hash[:16])):
        trained(folder, TALES._replace(vocabulary=other))
    other.save(path)
    with pytest.raises(CheckpointError, match="%s.*, and this one is %s" % (PAIRS.hash[:16], other.hash[:16])):
        trained(folder)
    os.remove(path)
    with pytest.raises(CheckpointError, match="vocabulary.json is missing"):
        trained(folder)
    config_path = os.path.join(os.path.dirname(path), "config.json")
    with open(config_path) as file:
        config = json.load(file)
    with open(config_path, "w") as file:
        json.dump({name: value for name, value in config.items() if name != "vocabulary_hash"}, file)
    assert trained(folder) == first and Vocabulary.load(path).hash == PAIRS.hash
    with open(config_path, "w") as file:
        json.dump(dict(config, vocabulary=9, init_scale=0.3, learning_rate=0.5), file)
    with pytest.raises(CheckpointError) as caught:
        trained(folder)
    for part in ("; vocabulary was 9 there", "init_scale was 0.3", "learning_rate was 0.5", "choose another folder."):
        assert part in str(caught.value)


@pytest.mark.parametrize(("part", "broken"), [("valid", np.inf), ("valid", np.nan), ("train", 800.0)])
def test_perplexities_that_are_not_finite_end_a_run(part, broken, tmp_path):
    """A traceback of the picture after the training, or a network that has learned nothing among the published ones."""

    rows = [{"epoch": n, "train_loss": 2.0, "valid_perplexity": 7.0} for n in (1, 2)]
    rows[1]["train_loss" if part == "train" else "valid_perplexity"] = broken
    message = r"The %s perplexity of epoch 2 \(iteration 200\) is (inf|nan): .* Try a lower learning_rate." % part
    with pytest.raises(TrainingError, match=message):
        network_in(str(tmp_path), iterations=200).report(training.Run(rows, 2, 1.5, 1))


@pytest.mark.once
@pytest.mark.parametrize("cell", by_default(["basic", "context"], ["context"]))
def test_pages(graph, cell, monkeypatch):
    """A page that goes on from another state than the prompt's, or repeats the prompt; sampled and most likely text mixed up;
    a held-out page that is not what follows the prompt."""
    monkeypatch.setattr(story_pages, "PROMPT", 6)
    config = small_config(cell)
    with tf.variable_scope("Model"):
        build_language_model(config, Mode(False))
    with tf.Session() as session:
        randomized(session)
        model = dict(config=config)
        pages = story_pages.write_pages(session, model, TALES, None, 40, 3, temperature=1.0, top_p=1.0)
        told = story_pages.write_pages(session, model, TALES, " ABc\n \tde", 40, 3, temperature=1.0, top_p=1.0)
        sharp = story_pages.write_pages(session, model, TALES, None, 40, 3, temperature=1e-4, top_p=1.0)
        weights = weights_of(session)
    stream = np.concatenate(TALES.validation)

    def greedy(prompt):
        state, drawn = None, list(prompt)
        for place in range(len(prompt) + 40 - 1):
            logs, state = read_on(weights, drawn[place], state)
            if place >= len(prompt) - 1:
                drawn.append(int(np.argmax(logs)))
        return story_pages.as_text(PAIRS.decode(drawn[len(prompt) :]))

    assert pages["prompt"] == story_pages.as_text(PAIRS.decode(stream[:6]))
    assert pages["held out"] == story_pages.as_text(PAIRS.decode(stream[6:46]))
    assert pages["argmax"] == greedy(stream[:6]) == sharp["sampled"] != pages["sampled"]
    assert told["prompt"] == "abc de" and told["argmax"] == greedy([0, 1, 2])


def test_prompts(capsys):
    """A pair that is passed over without a word, a prompt of nothing that is taken for one."""
    np.testing.assert_array_equal(story_pages.encode_prompt("ABc ab", PAIRS), [0, 1, 0])
    assert capsys.readouterr().err == ""
    np.testing.assert_array_equal(story_pages.encode_prompt("abXYabxy\u00e9", PAIRS), [0, 5, 0, 5, 5])
    err = capsys.readouterr().err
    assert err == "Not among the pairs of the training stories, read as <unk>: 'xy', '\u00e9 '\n"
    for empty in ("", " \n\t"):
        with pytest.raises(DataError, match="The prompt is empty"):
            story_pages.encode_prompt(empty, PAIRS)


def test_text_of_pairs():
    """Stories that run into each other, or a page that ends with its first story."""
    text = story_pages.as_text(["ab", "c ", END, "de", UNKNOWN, END])
    assert text == "abc \n\n* * *\n\nde[?]\n\n* * *\n\n" and story_pages.as_text(["ab"]) == "ab"


def test_distinct_phrases(capsys):
    """Words counted for phrases, phrases of another length, a page longer than the held-out one that is judged in full: its
    share is lower; a short held-out page that ends a finished training with an error."""
    pages = {"circle": "a b c " * 10, "held out": " ".join(map(str, range(30))), "one": "x " * 31}
    # 27 phrases in 30 words: the circle has those that begin with a, b and c.
    assert story_pages.distinct(pages) == {"circle": 3 / 27, "held out": 1.0, "one": 1 / 27}
    assert story_pages.distinct({"held out": "a a a a b"}) == {"held out": 1.0}
    assert story_pages.distinct({"long": "a b c d a b c d e", "held out": "a b c d e f"})["long"] == 1.0
    assert capsys.readouterr().err == ""
    assert story_pages.distinct({"a": "a b c d", "held out": "a b c"}) == {}
    assert "A held-out page of 3 words has no phrase of 4" in capsys.readouterr().err


def test_pages_that_loop_without_a_space(capsys):
    """A page that is one endless word, and takes the judgement of all others away; a page too short to loop that is called
    varied; a word that goes round between others; long words of a story cut up."""
    held_out = " ".join("w%d" % (n % 90) for n in range(180))  # 177 phrases, 90 of them different
    pages = {
        "held out": held_out,
        "laughs": "ha" * 450,
        "three": "one two three",
        "none": "",
        "varied": held_out + " x y",
    }
    pages["laughs on"] = "then he said %s and went" % ("hahahah-" * 110)
    pages["tale"] = " ".join("pocket-handkerchief-%d" % n for n in range(40))
    pages["bounds"] = "a b c %s" % ("x" * 30)
    found = story_pages.distinct(pages)
    assert found["held out"] == found["varied"] == 90 / 177
    assert found["three"] == found["none"] == 0.0
    assert found["laughs"] == 2 / 177
    assert found["laughs on"] < 0.1
    assert found["tale"] == found["bounds"] == 1.0
    assert capsys.readouterr().err == ""


def history(train, valid):
    rows = enumerate(zip(train, valid), 1)
    return [{"step": 100 * n, "train_perplexity": one, "valid_perplexity": other} for n, (one, other) in rows]


HISTORIES = {
    Kind("basic", "20"): [history([60.0, 20], [50.0, 30]), history([58.0, 22], [52.0, 28])],
    Kind("context", "20"): [history([70.0, 12], [49.0, 31]), history([71.0, 10], [47.0, 27])],
    Kind("lstm", "all"): [history([80.0, 30], [75.0, 35])],
    Kind("context", "all", True): [history([61.0, 21], [51.0, 32])],
    Kind("basic", "all", True): [history([62.0, 22], [52.0, 33])],
}


def test_summary():
    """The first figures for the last, training for validation, a cell that is judged by other stories or by the best seed."""
    found = story_models.summary(HISTORIES)
    assert found == {
        "basic_20_train_perplexity": 21.0,
        "basic_20_valid_perplexity": 29.0,
        "context_20_train_perplexity": 11.0,
        "context_20_valid_perplexity": 29.0,
        "context_20_below_basic": "1 of 2",
        "lstm_all_train_perplexity": 30.0,
        "lstm_all_valid_perplexity": 35.0,
        "context_all_one_step_train_perplexity": 21.0,
        "context_all_one_step_valid_perplexity": 32.0,
        "context_all_one_step_below_basic": "1 of 1",
        "basic_all_one_step_train_perplexity": 22.0,
        "basic_all_one_step_valid_perplexity": 33.0,
    }


def test_panels():
    """Networks with and without unrolling in one panel, or a title that tells another number of stories."""
    panels = story_models.panels(HISTORIES, {"20": tales([9] * 18, [9] * 2), "all": tales([9] * 5, [9])})
    assert {title: sorted(cells) for title, cells in panels.items()} == {
        "20 stories": ["basic", "context"],
        "all 6 stories": ["lstm"],
        "all 6 stories, 1 step": ["basic", "context"],
    }
    assert panels["20 stories"]["context"] is HISTORIES[Kind("context", "20")]


# ---------------------------------------------------------------------------------------------------------- embedding_runs


NAMES = ["the", UNKNOWN, "monday", "is", "tuesday", END, "was", "far", "zero", "january"]
ROWS = np.float32([[1, 0], [3, 4], [3, 4.1], [0, 2], [30, 40], [0, 1], [0.1, 5], [-3, -4], [0, 0], [1, 1]])
WORDS = Table(Vocabulary(NAMES), ROWS, "here")


def test_nearest():
    """The word itself or <unk> as its own neighbour; long vectors that come first; cosines out of order; a row of zeros that
    makes NaN; more neighbours than there are."""
    found = word_vectors.nearest(WORDS, "monday", 3)
    assert [word for word, _ in found] == ["tuesday", "january", "was"]
    near = [9.0 + 16.4, 7.1, 0.3 + 20.5]
    lengths = [5 * np.hypot(3, 4.1), np.sqrt(2) * np.hypot(3, 4.1), np.hypot(0.1, 5) * np.hypot(3, 4.1)]
    assert [cosine for _, cosine in found] == pytest.approx(np.divide(near, lengths), rel=1e-6)
    everything = word_vectors.nearest(WORDS, "monday", 99)
    assert len(everything) == 8 and everything[-1][0] == "far" and np.isfinite([c for _, c in everything]).all()


def test_relatedness():
    """A pair's cosine among those of the others, words that are paired with themselves, a rank that counts the word itself."""
    found = word_vectors.relatedness(WORDS)
    vector = dict(zip(NAMES, ROWS.astype(np.float64)))

    def cosine(one, other):
        lengths = np.linalg.norm(vector[one]) * np.linalg.norm(vector[other])
        return vector[one] @ vector[other] / lengths if lengths else 0.0

    pairs = [("monday", "tuesday"), ("is", "was")]
    mates = dict(pairs + [pair[::-1] for pair in pairs])
    others = [cosine(a, b) for a in mates for b in mates if b not in (a, mates[a])]
    ranks = [
        sorted((-cosine(a, b), b != mates[a]) for b in NAMES if b != a).index((-cosine(a, mates[a]), False))
        for a in mates
    ]
    assert len(others) == 8 and found["related_pairs"] == 2
    assert found["related_cosine"] == pytest.approx(np.mean([cosine(*pair) for pair in pairs]))
    assert found["other_cosine"] == pytest.approx(np.mean(others))
    assert found["related_rank"] == np.median(ranks) + 1
    none = Table(Vocabulary([UNKNOWN, END, "x"]), np.ones([3, 2]), "here")
    assert word_vectors.relatedness(none) == {"related_pairs": 0}


@pytest.mark.parametrize("seed", range(2, 8))  # of either sign in either component
def test_plane(seed):
    """Components of what is not centred or not of length one, the last ones for the first, a share of something else, a picture
    that is turned over from one machine to the next."""
    vectors = np.random.RandomState(seed).standard_normal([30, 6]) * [9, 1, 5, 1, 3, 1] + 2
    points, share = word_vectors.plane(vectors)
    rows = vectors / np.sqrt((vectors**2).sum(1, keepdims=True))
    values, axes = np.linalg.eigh(np.cov(rows.T))
    expected = (rows - rows.mean(0)) @ axes[:, [-1, -2]]
    for k in range(2):
        sign = np.sign(expected[np.abs(expected[:, k]).argmax(), k])
        np.testing.assert_allclose(points[:, k], sign * expected[:, k], atol=1e-10)
    assert share == pytest.approx(values[-2:].sum() / values.sum())
    flat, share = word_vectors.plane(np.ones([4, 1]))
    assert flat.shape == (4, 2) and not flat.any() and share == 1.0


def test_words_of_the_picture():
    """Words that stand for no word, or grouped ones that are too rare to be drawn."""
    found = word_vectors.shown_words(WORDS.vocabulary, 3, {"a": ("january", "none"), "b": ("is",)})
    assert found == ["the", "monday", "is", "january"]


def test_projector_files(tmp_path):
    """Files of different lengths, a line of names that is taken for a word, a group at another word, names that differ from
    those of the files."""
    words, vectors = ["a", "\u00e9", "c"], np.float32([[1.5, -2], [0.1, 3e-20], [4, 5]])
    word_vectors.write_projector(str(tmp_path / "p"), words, vectors, {"group": ("c", "z"), "more": ("a",)})
    folder = tmp_path / "p"
    assert sorted(os.listdir(str(folder))) == ["metadata.tsv", "projector_config.pbtxt", "vectors.tsv"]
    assert (folder / "metadata.tsv").read_bytes().decode("utf-8") == "word\tgroup\na\tmore\n\u00e9\tother\nc\tgroup\n"
    np.testing.assert_allclose(np.loadtxt(str(folder / "vectors.tsv"), delimiter="\t"), vectors, rtol=1e-5)
    text = (folder / "projector_config.pbtxt").read_text()
    for name in ("vectors.tsv", "metadata.tsv"):
        assert '_path: "%s"' % name in text
    for words, wrong in (
        (["a", "b\tc", "d"], "white space"),
        (["a", "b\n", "d"], "white space"),
        (["a"], "1 words need"),
    ):
        with pytest.raises(DataError, match=wrong):
            word_vectors.write_projector(str(tmp_path / "q"), words, vectors, {})
    assert not (tmp_path / "q").exists()


def test_tensorboard_reads_them(tmp_path):
    """A configuration that TensorBoard does not take."""
    projector = pytest.importorskip("tensorboard.plugins.projector")
    from google.protobuf import text_format

    word_vectors.write_projector(str(tmp_path), ["a"], np.ones([1, 2]), {})
    config = text_format.Parse((tmp_path / "projector_config.pbtxt").read_text(), projector.ProjectorConfig())
    assert [(e.tensor_path, e.metadata_path) for e in config.embeddings] == [("vectors.tsv", "metadata.tsv")]


@pytest.mark.parametrize("tied", [True, False])
def test_reading_a_run(graph, tied, tmp_path):
    """The other table, or the softmax's unturned; a vocabulary of other words; the newest epoch for the best."""
    table = tf.get_variable("Model/embedding", initializer=RANDOM.standard_normal([4, 3]))
    softmax = table if tied else tf.get_variable("Model/softmax_w", initializer=RANDOM.standard_normal([3, 4]))
    saver = tf.train.Saver([table] if tied else [table, softmax])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        expected, kernel = session.run([table, softmax])
        checkpoints.save(session, saver, str(tmp_path / "checkpoints"), 8, prefix="best")
        session.run([tf.assign(table, -table)])
        checkpoints.save(session, saver, str(tmp_path / "checkpoints"), 9)
    vocabulary = Vocabulary([UNKNOWN, END, "a", "b"])
    vocabulary.save(str(tmp_path / "vocabulary.json"))
    read = word_vectors.read_table(str(tmp_path))
    np.testing.assert_array_equal(read.vectors, expected)
    assert read.vocabulary.hash == vocabulary.hash and read.data == "unknown"
    (tmp_path / "metrics.json").write_text('{"data": "real: there"}')
    read = word_vectors.read_table(str(tmp_path), "softmax")
    np.testing.assert_array_equal(read.vectors, kernel if tied else kernel.T)
    assert read.data == "real: there" and word_vectors.read_table(str(tmp_path), data="here").data == "here"
    Vocabulary([UNKNOWN, END, "a"]).save(str(tmp_path / "vocabulary.json"))
    with pytest.raises(CheckpointError, match="is .4, 3. there, and vocabulary.json has 3 words"):
        word_vectors.read_table(str(tmp_path))
    os.remove(str(tmp_path / "vocabulary.json"))
    with pytest.raises(CheckpointError, match="vocabulary.json is missing: .* Put back the file of that run"):
        word_vectors.read_table(str(tmp_path))


def test_figures_in_words():
    """A share that is not told in per cent, or with other decimals; a figure without a value that is told."""
    values = dict(basic_all_valid_perplexity=18.456, distinct_sampled=0.994, distinct_argmax=0.16, context_20=None)
    assert story_models.FIGURES.describe(values) == (
        "validation perplexity on all stories: basic cell 18.46; distinct 4-word phrases on a sampled page 99 %; "
        "on one of likeliest words 16 %"
    )


# ---------------------------------------------------------------------------------------------------------------- pictures


PANELS = {"20 stories": {"basic": HISTORIES[Kind("basic", "20")], "context": HISTORIES[Kind("context", "20")]}}
PANELS["all"] = {"lstm": HISTORIES[Kind("lstm", "all")], "context": HISTORIES[Kind("context", "all", True)]}
POINTS = np.array([[0, 0], [1, 0.5], [2, 3], [3, 1], [4.0, 2]])
PLANE = ["one", "two", "$x$", "four", "five"]
COLOURED = {"first": ("two", "none"), "empty": ("none",), "second": ("five", "$x$")}


@pytest.mark.parametrize(
    "draw",
    [
        lambda path: pictures.perplexity_by_steps(PANELS, path),
        lambda path: pictures.word_plane(POINTS, PLANE, COLOURED, 5, path, "a note"),
    ],
)
def test_a_whole_png_at_readme_size(draw, tmp_path):
    """A blank canvas, another size, a wrong return value, temporary files that stay."""
    path = str(tmp_path / "picture.png")
    assert draw(path) == path and os.listdir(str(tmp_path)) == ["picture.png"]
    image = imread(path)
    assert image.shape[1] == 1200 and 300 <= image.shape[0] <= 1200
    assert (image[:, :, :3] < 0.8).any(axis=2).mean() > 0.01


def test_perplexity_by_steps(figures):  # noqa: F811
    """Training drawn as validation, one seed for the mean, a cell in another's colour, curves that the axes cut off."""
    pictures.perplexity_by_steps(PANELS, "unused.png")
    colors = {}
    for axes, (title, networks) in zip(figures[0].axes, PANELS.items()):
        assert axes.get_title(loc="left") == title and axes.get_xlabel() == "iteration"
        assert axes.get_yscale() == "log" and len(axes.lines) == 2 * len(networks) == len(axes.collections)
        for place, (name, runs) in enumerate(networks.items()):
            for offset, (part, style) in enumerate((("train", "--"), ("valid", "-"))):
                line = axes.lines[2 * place + offset]
                values = np.array([[row[part + "_perplexity"] for row in run] for run in runs])
                np.testing.assert_array_equal(line.get_xdata(), [100, 200])
                np.testing.assert_allclose(line.get_ydata(), values.mean(0))
                assert line.get_linestyle() == style
                assert colors.setdefault(name, line.get_color()) == line.get_color()
                heights = axes.collections[2 * place + offset].get_paths()[0].vertices[:, 1]
                assert heights.min() == values.min() and heights.max() == values.max()
            ends = np.mean([run[-1]["valid_perplexity"] for run in runs])
            assert axes.get_ylim()[0] < ends < axes.get_ylim()[1]
            assert "%s %.2f" % (name, ends) in [text.get_text() for text in axes.texts]
    assert len(set(colors.values())) == 3
    broken = {"a": {"b": [history([np.inf, 30, 20], [np.inf, 40, 33]), history([50, 30, 20], [60, 40, 33.0])]}}
    pictures.perplexity_by_steps(broken, "unused.png")
    np.testing.assert_array_equal(figures[1].axes[0].lines[1].get_ydata(), [np.nan, 40, 33])
    assert np.allclose(figures[1].axes[0].get_ylim(), [0.97 * 20, pictures.HIGHEST * 33])
    pictures.perplexity_by_steps({"a": {"b": [history([9.0], [np.inf])]}}, "unused.png")
    (legend,) = figures[0].legends
    assert [text.get_text() for text in legend.get_texts()] == ["basic", "context", "lstm", "training", "validation"]


def test_word_plane(figures):  # noqa: F811
    """A word beside another's point or in another group's colour, labels that lie upon each other, a formula in the picture."""
    pictures.word_plane(POINTS, PLANE, COLOURED, 1, "unused.png", "a note")
    (axes,) = figures[0].axes
    drawn = {line.get_label(): np.transpose(line.get_data()).tolist() for line in axes.lines}
    assert drawn == {"other words": [[0, 0], [3, 1]], "first": [[1, 0.5]], "second": [[4, 2], [2, 3]]}
    labels = {text.get_text(): (tuple(text.xy), text.get_color()) for text in axes.texts}
    color = {line.get_label(): line.get_color() for line in axes.lines}
    assert labels[r"\$x\$"] == ((2, 3), color["second"]) and labels["two"] == ((1, 0.5), color["first"])
    assert sorted(labels) == sorted(["one", "two", r"\$x\$", "five"]) and labels["one"][0] == (0, 0)
    assert "a note" in [text.get_text() for text in figures[0].texts]
    same = ["word%d" % number for number in range(12)]
    pictures.word_plane(np.eye(12)[:, :2] * 0 + [3, 4], same, {"g": ("word7",)}, 11, "unused.png")
    labels = figures[1].axes[0].texts
    boxes = [text.get_window_extent(figures[1].canvas.get_renderer()) for text in labels]
    assert 2 <= len(labels) <= 4 and labels[0].get_text() == "word7"
    assert not any(one.overlaps(other) for k, one in enumerate(boxes) for other in boxes[:k])


@pytest.mark.parametrize(
    ("draw", "text"),
    [
        (lambda: pictures.perplexity_by_steps({}, "unused.png"), "nothing to draw"),
        (lambda: pictures.perplexity_by_steps({"a": {}}, "unused.png"), "nothing to draw"),
        (lambda: pictures.perplexity_by_steps({"a": {"b": []}}, "unused.png"), "b: histories"),
        (
            lambda: pictures.perplexity_by_steps(
                {"a": {"b": [history([1], [1]), history([1, 2], [1, 2])]}}, "unused.png"
            ),
            "different steps",
        ),
        (lambda: pictures.word_plane(POINTS[:4], PLANE, {}, 5, "unused.png"), "5 words need points"),
        (lambda: pictures.word_plane(POINTS.T, PLANE, {}, 5, "unused.png"), "5 words need points"),
    ],
)
def test_what_does_not_fit_is_refused(draw, text):
    """A blank picture, or a picture of other data than its labels say."""
    with pytest.raises(ValueError, match=text):
        draw()


# ---------------------------------------------------------------------------------------------------------------- examples


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    """A folder with generated stories and sentences."""
    folder = str(tmp_path_factory.mktemp("data"))
    fairy_tales.load(folder, generated=True)
    return folder


@pytest.fixture
def offline(monkeypatch):
    for module in (fairy_tales, ptb):
        monkeypatch.setattr(module, "network_available", lambda urls: False)


def finished(name, result, folder):
    """The metrics of a run that went well."""
    code, out, err = result
    assert code == 0 and "Traceback" not in err, err[-2000:]
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics["example"] == name and metrics["tensorflow"] == tf.__version__
    return metrics


SMALL = ["--quick", "--units", 6, "--steps", 5, "--batch-size", 4, "--count", 60]


@pytest.mark.slow
def test_fairy_tales(call, data_dir, offline, tmp_path):
    """Figures of other networks than were trained, a finished run that is trained again, a story without its prompt."""
    flags = SMALL + ["--data-dir", data_dir, "--out-dir", tmp_path, "--cell", "basic", "context", "--stories", "100"]
    flags.append("--no-one-step")
    result = call("fairy_tales", *(flags + ["--prompt", "The \u017b", "--seed", 4]))
    metrics = finished("fairy_tales", result, tmp_path)
    assert "100 stories were asked for" in result[2] and "read as <unk>: '\u017c '" in result[2]
    assert result[1].startswith("all: 27 stories to train on: ") and metrics["data"].startswith("generated: ")
    for kind in ("basic_all", "context_all"):
        assert 2 < metrics[kind + "_valid_perplexity"] == metrics[kind + "_seed_4_valid_perplexity"] < 1000
        assert (tmp_path / (kind + "_4") / "config.json").exists()
    assert not any("one_step" in name for name in metrics) and metrics["context_all_below_basic"] == "%d of 1" % (
        metrics["context_all_valid_perplexity"] < metrics["basic_all_valid_perplexity"]
    )
    assert 0 < metrics["distinct_argmax"] <= 1 and 0.3 < metrics["distinct_held_out"] <= 1
    story, loop = ((tmp_path / name).read_text() for name in ("story.txt", "story_argmax.txt"))
    assert story.startswith("the [?]") and loop.startswith("the [?]") and story != loop
    assert (tmp_path / "perplexity.png").stat().st_size > 15000
    again = call("fairy_tales", *(flags + ["--prompt", "The \u017b", "--seed", 4]))
    assert "epoch" not in again[2] and finished("fairy_tales", again, tmp_path) == metrics
    assert (tmp_path / "story.txt").read_text() == story


@pytest.mark.once
@pytest.mark.slow
@pytest.mark.parametrize(("cell", "unroll"), [("lstm", "static"), ("context", "manual")])
def test_every_choice(call, data_dir, offline, tmp_path, cell, unroll):
    """A choice that crashes."""
    flags = SMALL + ["--data-dir", data_dir, "--out-dir", tmp_path, "--cell", cell, "--unroll", unroll, "--layers", 2]
    metrics = finished("fairy_tales", call("fairy_tales", *flags), tmp_path)
    assert metrics[cell + "_20_parameters"] == metrics[cell + "_20_one_step_parameters"]
    assert min(metrics[cell + kind] for kind in ("_20_valid_perplexity", "_20_one_step_valid_perplexity")) > 2
    with open(str(tmp_path / (cell + "_20_one_step_0") / "config.json")) as file:
        config = json.load(file)
    assert (config["steps"], config["batch_size"], config["unroll"]) == (1, 20, unroll)


EMBEDDINGS = ["--quick", "--units", 6, "--vocabulary", 80, "--neighbours", 3]


@pytest.mark.slow
def test_embeddings(call, data_dir, offline, tmp_path):
    """Files of other vectors than the model's, a run that is read otherwise than the model that was trained, a person's mistake
    that ends in a traceback or after the training."""
    flags = EMBEDDINGS + ["--data-dir", data_dir, "--out-dir", tmp_path / "a"]
    code, _, err = call("embeddings", *(flags + ["--words", "xqz"]))
    assert code == 2 and "The model has no word 'xqz'" in err and "Traceback" not in err
    assert not (tmp_path / "a" / "model").exists()
    result = call("embeddings", *flags)
    metrics = finished("embeddings", result, tmp_path / "a")
    assert metrics["words"] == 80 and metrics["size"] == 6 and metrics["data"].startswith("generated: ")
    model = tmp_path / "a" / "model"
    table = word_vectors.read_table(str(model), data="here")
    vectors, found = read_vectors(str(tmp_path / "a" / "vectors.txt"), table.vocabulary, 6)
    assert found == 80 and vectors.tobytes() == table.vectors.tobytes()
    lines = (tmp_path / "a" / "projector" / "metadata.tsv").read_text().splitlines()
    assert [line.split("\t")[0] for line in lines[1:]] == list(table.vocabulary.words)
    assert len((tmp_path / "a" / "projector" / "vectors.tsv").read_text().splitlines()) == 80
    assert (tmp_path / "a" / "words.png").stat().st_size > 15000
    words = [word for word in table.vocabulary.words if word not in (UNKNOWN, END)][:2]
    read = ["--run-dir", model, "--out-dir", tmp_path / "b", "--neighbours", 3]
    result = call("embeddings", *(read + ["--words"] + words))
    other = finished("embeddings", result, tmp_path / "b")
    near = [word for word, _ in word_vectors.nearest(table, words[1], 3)]
    assert other["nearest_" + words[1]].split() == near and len(near) == 3 and other["seconds"] == 0
    assert (tmp_path / "b" / "vectors.txt").read_bytes() == (tmp_path / "a" / "vectors.txt").read_bytes()
    wrong = table.vocabulary.words[5][:-1] + "x"
    code, _, err = call("embeddings", *(read + ["--words", wrong]))
    assert code == 2 and "has no word %r" % wrong in err and "Spelled alike: " in err
    Vocabulary(table.vocabulary.words + ("new",)).save(str(model / "vocabulary.json"))
    code, _, err = call("embeddings", *read)
    assert code == 2 and "the checkpoints beside it know another vocabulary" in err and "Traceback" not in err


@pytest.mark.once
@pytest.mark.parametrize(
    ("name", "flags", "text"),
    [
        ("fairy_tales", ["--prompt", ""], "The prompt is empty"),
        ("fairy_tales", ["--seed", 2**32 - 1, "--seeds", 2], "the last is above 4294967295"),
        ("fairy_tales", ["--cell", "gru"], "invalid choice: 'gru'"),
        ("fairy_tales", ["--unroll", "fused"], "invalid choice: 'fused'"),
        ("fairy_tales", ["--stories", 1], "at least 2"),
        ("fairy_tales", ["--count", 49], "at least 50"),
        ("fairy_tales", ["--top-p", 0], "'0' should be a number above 0 and at most 1"),
        ("fairy_tales", ["--temperature", 0], "'0' should be a number above 0"),
        ("fairy_tales", ["--batch-size", 10**6], "use a longer text, or fewer rows or steps"),
        ("fairy_tales", ["--count", 3 * 10**9], "at least 50 and at most 1000000"),
        ("fairy_tales", SMALL[1:] + ["--learning-rate", 1e4, "--cell", "basic"], "--learning-rate"),
        ("embeddings", ["--run-dir", "none"], "none holds no trained language model"),
        ("embeddings", ["--run-dir", "none", "--train"], "not with --run-dir"),
        ("embeddings", ["--table", "output"], "invalid choice: 'output'"),
        ("embeddings", ["--units", 1], "at least 2"),
    ],
)
def test_mistakes(call, data_dir, offline, tmp_path, name, flags, text):
    """A traceback for a person's mistake, or a run that goes on in spite of it."""
    code, _, err = call(name, "--quick", "--data-dir", data_dir, "--out-dir", tmp_path / "out", *flags)
    assert code == 2 and text in err and err.count("error:") == 1 and "Traceback" not in err
    assert not (tmp_path / "out" / "metrics.json").exists()
    assert flags_in(err[err.index("error:") :]) <= set(flags_in(call(name, "--help")[1]))


def flags_in(said):
    return set(re.findall(r"--[a-z][a-z-]*", said))


@pytest.mark.once
@pytest.mark.slow
@pytest.mark.parametrize("name", ["fairy_tales"])
@pytest.mark.skipif("RNN_TF1_DATA" not in os.environ, reason="reads Grimm: set RNN_TF1_DATA")
def test_quick_runs_of_a_process(name, tmp_path):
    """A quick run that only goes well in a process where something else has been run."""
    metrics = finished(name, run_process(name + ".py", "--quick", "--out-dir", tmp_path), tmp_path)
    assert metrics["config"]["quick"] is True and metrics["data"].startswith("real: ")
