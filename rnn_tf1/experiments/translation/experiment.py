"""Training a translator, and judging it: recipes, BLEU by the length of the sentence, the best and the worst."""

import dataclasses
import os
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1 import training
from rnn_tf1.data.pairs.pair_batches import TokenBatches, in_order
from rnn_tf1.data.pairs.translation import (
    Lines,
    Pairs,
    Tokens,
    Translation,
    encode,
    identify,
    make_sentence_vocabulary,
    tokenize_lines,
)
from rnn_tf1.data.text.tokenizer import detokenize
from rnn_tf1.data.text.vectors import read_vectors
from rnn_tf1.errors import Argument, CheckpointError, DataError, printable, renamed
from rnn_tf1.experiments.translation import pictures
from rnn_tf1.experiments.translation.bleu import bleu, check_installed, groups_by_length, sentence_scores
from rnn_tf1.experiments.translation.translating import Kept, Rules, Written, cut_off, restore, words, write
from rnn_tf1.layers.losses import perplexity
from rnn_tf1.models.seq2seq import Seq2Seq, Seq2SeqConfig, build_seq2seq, build_translator
from rnn_tf1.ops.mode import Mode
from rnn_tf1.program.files import atomic_path, read_json
from rnn_tf1.training import checkpoints
from rnn_tf1.training.optimize import build_train_op, cosine_decay

SCORED_ROWS = 100  # sentences that are scored at a time
SHOWN = 4  # of the worst and of the best translations


class Recipe(NamedTuple):
    """How a translator is trained, by Adam, at a learning rate that falls to 0 along a cosine."""

    epochs: int
    tokens: int  # of a side of a batch, padding counted
    learning_rate: float
    least: int  # how often a word must come in the training text to be known
    longest: int  # tokens of a side; longer pairs are left out of training
    clip_norm: float = 1.0  # longer gradients are scaled down to this norm
    target: Optional[float] = None  # validation BLEU that is good enough to stop at


class Parts(NamedTuple):
    """Training, validation and test as ids, and what they were made of."""

    train: Pairs
    validation: Pairs
    test: Pairs
    kept: Kept
    tokens: Dict[str, Tokens]  # "validation" and "test": the sentences in their own order
    raw: Dict[str, Lines]  # the same: the lines as they stand in the files

    def describe(self) -> str:
        """Lines: how many pairs and tokens each part has, and what is left out."""
        sizes = "vocabularies: %d and %d words" % (len(self.kept.source), len(self.kept.target))
        parts = [(name, getattr(self, name)) for name in ("train", "validation", "test")]
        return "\n".join(["%s: %s" % (name, pairs.describe()) for name, pairs in parts] + [sizes])


def prepare(
    data: Translation,
    recipe: Recipe,
    rules: Rules,
    sizes: Callable[..., Seq2SeqConfig],
    size: Optional[int] = None,
) -> Parts:
    """Tokens, vocabularies and ids of parallel text.

    Args:
      sizes: a function of source_vocabulary and target_vocabulary that gives the model's config.
      size: words of each vocabulary at most; default: all that come recipe.least times.

    Raises `DataError` where no pair is left to train on, or a vocabulary is empty.
    """

    parts = {
        name: tokenize_lines(getattr(data, name), numbers=rules.numbers, urls=rules.urls)
        for name in ("train", "validation", "test")
    }
    source, target = (make_sentence_vocabulary(side, size, least=recipe.least) for side in parts["train"])
    pairs = {
        name: encode(
            tokens,
            source,
            target,
            longest=recipe.longest,
            reverse_source=rules.reverse,
            evaluation=name != "train",
        )
        for name, tokens in parts.items()
    }
    kept = Kept(sizes(source_vocabulary=len(source), target_vocabulary=len(target)), rules, source, target)
    raw = {name: getattr(data, name) for name in ("validation", "test")}
    return Parts(pairs["train"], pairs["validation"], pairs["test"], kept, parts, raw)


class Trained(NamedTuple):
    """What `train` returns."""

    history: List[Dict[str, float]]  # one row an epoch
    best_epoch: int  # whose weights are kept
    seconds: float  # of training, over all resumed parts
    words_per_second: Optional[int]  # of the target; see `training.last_speed`
    parameters: int


@renamed(out_dir="folder", path="folder")
def train(
    parts: Parts,
    recipe: Recipe,
    folder: str,
    settings: Dict[str, Any],
    seed: int = 0,
    source_vectors: Optional[str] = None,
    target_vectors: Optional[str] = None,
) -> Trained:
    """Trains a translator in a graph of its own, and goes on where it was stopped; see `training.fit`.

    After each epoch the validation part is scored (perplexity) and translated (BLEU of the tokens, always the likeliest
    word); the epoch with the highest BLEU is kept.

    Args:
      source_vectors, target_vectors: files of word vectors that the embeddings begin with.

    Raises `CheckpointError` where `folder` holds the checkpoint of a run with other settings, sizes, rules or vocabularies:
    all that is kept of it stays as it is. What a run has left that never came to a checkpoint is written over.
    """
    check_installed()
    hint = training.differences(os.path.join(folder, "config.json"), settings)
    kinds = ("step", "best")
    if any(checkpoints.list_checkpoints(os.path.join(folder, "checkpoints"), kind) for kind in kinds):
        if hint:
            raise CheckpointError("%s holds a run with other settings: " % folder, *hint)
        parts.kept.check(folder)
    vectors = [
        _vectors(path, vocabulary, parts.kept.config.depth)
        for path, vocabulary in ((source_vectors, parts.kept.source), (target_vectors, parts.kept.target))
    ]
    batches = TokenBatches(parts.train, recipe.tokens, seed)
    steps = recipe.epochs * batches.count
    config = dataclasses.replace(parts.kept.config, scheduled_sampling_steps=steps)
    parts.kept.save(folder)  # not before all that may be refused has been looked at
    print("training: %s" % batches.describe(), flush=True)
    with tf.Graph().as_default(), tf.Session(config=training.session_config()) as session:
        tf.set_random_seed(seed)
        step = tf.train.get_or_create_global_step()
        with tf.variable_scope("Model"):
            net = build_seq2seq(config, Mode(True, seed, step), *vectors)
        with tf.variable_scope("Model", reuse=True):
            scored, translator = build_seq2seq(config, Mode(False)), build_translator(config)
        rate = cosine_decay(recipe.learning_rate, step, steps)
        train_op = build_train_op(net.loss, rate, step, recipe.clip_norm)
        speed = training.Speed()

        def feeds(epoch: int, start: int) -> Iterator[training.Feed]:
            speed.pause()
            for batch in batches.batches(epoch, start):
                speed.step(int(batch.target_lengths.sum()))
                yield feed(net, batch)

        def evaluate() -> Dict[str, float]:
            found = [best[0] for best in write(session, translator, parts.validation.source, config)]
            figures = judge(parts, "validation", found)
            return {
                "valid_perplexity": score(session, scored, parts.validation),
                "valid_bleu": figures["bleu"].score,
                "valid_exact": figures["exact"],
                "valid_cut_off": figures["cut_off"],
                "words_per_second": speed.words_per_second,
            }

        fitted = training.fit(
            session,
            train_op,
            {"loss": net.loss, "word_loss": net.word_loss},
            feeds,
            batches.count,
            recipe.epochs,
            evaluate,
            folder,
            settings,
            monitor="valid_bleu",
            target=recipe.target,
        )
        parameters = training.count_parameters()
    rate_of_words = training.last_speed(fitted.history)
    return Trained(fitted.history, fitted.best_epoch, fitted.seconds, rate_of_words, parameters)


def feed(net: Seq2Seq, batch: Any) -> Dict[Any, Any]:
    """A batch of `data.pair_batches` for a graph."""
    return {
        net.source: batch.source,
        net.source_lengths: batch.source_lengths,
        net.inputs: batch.target_inputs,
        net.targets: batch.target_outputs,
        net.lengths: batch.target_lengths,
    }


def score(session: Any, net: Seq2Seq, pairs: Pairs) -> float:
    """The perplexity of the targets, given the sources: exp of the mean of -log p over all tokens, their ends counted."""
    total, count = 0.0, 0
    for batch in in_order(pairs, SCORED_ROWS):
        total += float(session.run(net.total, feed(net, batch)))
        count += int(batch.target_lengths.sum())
    return perplexity(total / count)


def judge(parts: Parts, name: str, found: Sequence[Written], replace: bool = False) -> Dict[str, Any]:
    """How good the translations of a part are.

    Args:
      name: "validation" or "test".
      replace: see `translating.words`.

    Returns a dict: bleu, of lower-cased tokens against the equally treated reference; raw_bleu, of the text that people are
    given, capital letters, numbers and addresses put back, against the reference as it stands, case told apart; exact, the
    share of sentences that are the reference, token by token; cut_off, the number of those that did not end; by_length, names
    of the groups, the BLEU of each, and their numbers of sentences; hypotheses, lists of words.
    """
    sources, targets = parts.tokens[name]
    kept, raw = parts.kept, parts.raw[name]
    hypotheses = [words(kept, one, source, replace) for one, source in zip(found, sources)]
    given = [
        detokenize(words(kept, one, source, replace, kept.rules.surface(line)), capital=True)
        for one, source, line in zip(found, sources, raw.source)
    ]
    lines, references = [" ".join(some) for some in hypotheses], [" ".join(some) for some in targets]
    names, places = groups_by_length([len(source) for source in sources])
    grouped = [bleu([lines[i] for i in some], [references[i] for i in some], tokenized=True).score for some in places]
    return {
        "bleu": bleu(lines, references, tokenized=True),
        "raw_bleu": bleu(given, raw.target),
        "exact": float(np.mean([one == other for one, other in zip(lines, references)])),
        "cut_off": sum(not one.ended for one in found),
        "by_length": (names, grouped, [len(some) for some in places]),
        "hypotheses": hypotheses,
    }


class Beside(NamedTuple):
    """Another run's BLEU by the length of the sentence."""

    name: str
    folder: str
    scores: List[float]  # one for each group of lengths


def read_beside(beside: str, parts: Parts) -> Beside:
    """What metrics.json of the run in the folder `beside` says. Raises `DataError` where it was judged on other test
    sentences."""
    names, _ = groups_by_length([len(source) for source in parts.tokens["test"].source])
    path = os.path.join(beside, "metrics.json")
    try:
        metrics = read_json(path)
        found, own = metrics["bleu_by_length"], identify(parts.raw["test"])
        if metrics.get("test_set") != own:
            raise ValueError("its test set is %s, and this one %s" % (metrics.get("test_set", "unknown"), own))
        if sorted(found) != sorted(names):
            raise ValueError("it has the groups %s" % ", ".join(found))
        return Beside(str(metrics["attention"]), beside, [float(found[name]) for name in names])
    except (OSError, ValueError, KeyError, TypeError, OverflowError) as error:
        raise DataError(
            "%s gives no BLEU for the same groups of lengths (%s). Name the folder of a finished run on the same sentences "
            "with " % (path, error),
            Argument("beside"),
            ".",
        ) from error


def report(
    parts: Parts,
    folder: str,
    trained: Trained,
    replace: bool = False,
    beside: Optional[Beside] = None,
    width: int = 1,
    **how: Any,
) -> Dict[str, Any]:
    """Translates the test sentences with the best weights of the run in `folder`, prints how good that is, and draws it.

    Writes translations.txt (all of them, the worst first), bleu_by_length.png, learning.png, and with attention
    attention.png. Returns the figures for metrics.json.

    Args:
      replace: see `translating.words`.
      beside: a run to be drawn in the same picture, from `read_beside`.
      width, how: beams and penalties of the search: see `models.seq2seq.build_translator`.
    """
    with tf.Graph().as_default(), tf.Session(config=training.session_config()) as session:
        net = restore(session, folder, parts.kept, n_best=1, width=width, **how)
        found = [best[0] for best in write(session, net, parts.test.source, parts.kept.config, width)]
    judged = judge(parts, "test", found, replace)
    for name, title in (("bleu", "lower-cased tokens"), ("raw_bleu", "raw text, case told apart")):
        print("BLEU, %s: %.2f  (%s)" % (title, judged[name].score, judged[name].signature))
    print("exactly right: %.1f %% of %d sentences" % (100 * judged["exact"], len(found)))
    print("cut off: %s" % cut_off(found))
    names, scores, counts = judged["by_length"]
    for name, one, count in zip(names, scores, counts):
        print("  %-12s %6.2f  (%d sentences)" % (name + " tokens", one, count))
    longest = scores[-1] / judged["bleu"].score if judged["bleu"].score else 0.0
    print("  the longest have %.0f %% of the whole; lower-cased tokens, signature as above" % (100 * longest))
    table = _table(parts, judged["hypotheses"])
    shown = ["", "the worst and the best, by chrF:"] + table[: 3 * SHOWN] + ["..."] + table[-3 * SHOWN :]
    print(printable("\n".join(shown)))
    path = os.path.join(folder, "translations.txt")
    with atomic_path(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
        file.write("\n".join(table) + "\n")
    drawn = {_name(parts.kept.config.attention): scores}
    if beside is not None:
        drawn[beside.name if beside.name not in drawn else "%s, %s" % (beside.name, beside.folder)] = beside.scores
    pictures.score_by_length(drawn, names, counts, os.path.join(folder, "bleu_by_length.png"))
    pictures.translation_curves(trained.history, os.path.join(folder, "learning.png"), trained.best_epoch)
    looked = _looked(parts, found, judged["hypotheses"])
    if looked:
        pictures.attention_maps(looked, os.path.join(folder, "attention.png"))
    best = trained.history[trained.best_epoch - 1]
    return {
        "bleu": judged["bleu"].score,
        "bleu_signature": judged["bleu"].signature,
        "raw_bleu": judged["raw_bleu"].score,
        "raw_bleu_signature": judged["raw_bleu"].signature,
        "exact": judged["exact"],
        "cut_off": judged["cut_off"],
        "test_set": identify(parts.raw["test"]),
        "bleu_by_length": dict(zip(names, scores)),
        "longest_share": longest,
        "attention": _name(parts.kept.config.attention),
        "valid_bleu": best["valid_bleu"],
        "valid_perplexity": best["valid_perplexity"],
        "best_epoch": trained.best_epoch,
        "words_per_second": trained.words_per_second,
        "parameters": trained.parameters,
        "train_pairs": len(parts.train.source),
        "left_out": parts.train.too_long + parts.train.empty,
        "vocabulary": [len(parts.kept.source), len(parts.kept.target)],
    }


def beginning(data: Translation, train: int, other: int) -> Translation:
    """The first `train` training pairs of `data`, and the first `other` of the other parts."""

    def cut(lines: Lines, count: int) -> Lines:
        return Lines(lines.source[:count], lines.target[:count])

    train_part, validation, test = cut(data.train, train), cut(data.validation, other), cut(data.test, other)
    return data._replace(train=train_part, validation=validation, test=test)


def _vectors(path: Optional[str], vocabulary: Any, depth: int) -> Optional[np.ndarray]:
    if path is None:
        return None
    with renamed(size="depth"):
        vectors, found = read_vectors(path, vocabulary, depth)
    print("vectors: %d of %d words are in %s" % (found, len(vocabulary), path))
    return vectors


def _table(parts: Parts, hypotheses: Sequence[Sequence[str]]) -> List[str]:
    """Three lines for each test sentence, the worst translation first: the source, what was written, the reference."""
    sources, targets = parts.tokens["test"]
    scores = sentence_scores([" ".join(some) for some in hypotheses], [" ".join(some) for some in targets])
    lines = []
    for place in np.argsort(scores, kind="stable"):
        lines.append("%5.1f  source     %s" % (scores[place], " ".join(sources[place])))
        lines.append("       written    %s" % " ".join(hypotheses[place]))
        lines.append("       reference  %s" % " ".join(targets[place]))
    return lines


def _looked(parts: Parts, found: Sequence[Written], hypotheses: Sequence[Sequence[str]]) -> List[Any]:
    """Four sentences of middling length, as `pictures.attention_maps` wants them, or the shortest; none where there is no
    attention, or no word has been written."""
    if parts.kept.config.attention is None:
        return []
    sources = parts.tokens["test"].source
    fit = [i for i, some in enumerate(sources) if 7 <= len(some) <= 14 and 4 <= len(hypotheses[i]) <= 16]
    short = sorted((i for i, some in enumerate(hypotheses) if some), key=lambda i: len(sources[i]))
    chosen = fit[:: max(1, len(fit) // 4)][:4] or short[:4]
    order = slice(None, None, -1 if parts.kept.rules.reverse else 1)
    return [pictures.Looked(sources[i], hypotheses[i], found[i].alignments[:, order]) for i in chosen]


def _name(attention: Optional[str]) -> str:
    return "no attention" if attention is None else "attention (%s)" % attention
