"""Training a translator, and judging it."""

import dataclasses
import os
from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1 import training
from rnn_tf1.data.pairs import translation
from rnn_tf1.data.pairs.pair_batches import TokenBatches, in_order
from rnn_tf1.data.pairs.translation import Pairs, identify
from rnn_tf1.data.text.vectors import read_vectors
from rnn_tf1.errors import printable, renamed
from rnn_tf1.experiments.experiment import Experiment
from rnn_tf1.experiments.figures import Figure, Figures
from rnn_tf1.experiments.translation import pictures
from rnn_tf1.experiments.translation.bleu import check_installed, is_installed
from rnn_tf1.experiments.translation.command_line import check_search, use
from rnn_tf1.experiments.translation.judging import attention_name, judge, looked_at, read_other_run, table
from rnn_tf1.experiments.translation.parts import beginning, prepare
from rnn_tf1.experiments.translation.translating import cut_off, write
from rnn_tf1.experiments.translation.translator_files import SourceRules
from rnn_tf1.layers.losses import perplexity
from rnn_tf1.models.seq2seq import (
    CONFIGURED,
    Recurrence,
    Seq2Seq,
    Seq2SeqConfig,
    Translator,
    build_seq2seq,
    build_translator,
)
from rnn_tf1.ops.mode import Mode
from rnn_tf1.program.cli import without_checkpoints
from rnn_tf1.program.files import atomic_path, read_object
from rnn_tf1.training import Feed, Recipe, Run, RunFolder, checkpoints

SCORED_ROWS = 100  # sentences that are scored at a time
SHOWN = 4  # of the worst and of the best translations
BLEU, PERPLEXITY = "valid_bleu", "valid_perplexity"  # one of them says which epoch is best
WITHOUT_BLEU = (
    "BLEU is left out, for sacrebleu is not installed. Run this, then the same command again: pip install sacrebleu"
)


class Scorer(NamedTuple):
    """The graphs of the evaluation."""

    scored: Seq2Seq
    translator: Translator  # which writes the likeliest word at each step


class TranslationExperiment(Experiment):
    """A translator. After each epoch the validation part is scored (perplexity) and translated (BLEU of the tokens); the epoch
    with the highest BLEU is kept. Without sacrebleu there is no BLEU, and the epoch with the lowest perplexity is kept.

    Args:
      settings: those of ``examples/translate.py``.
      recurrence: see `models.seq2seq.Recurrence`.
    """

    figures = Figures(
        "translate",
        Figure("valid_perplexity", "perplexity: validation", "%.2f"),
        Figure("bleu", "BLEU, lower-cased tokens", "%.2f"),
        Figure("raw_bleu", "raw text", "%.2f"),
        Figure("exact", "sentences exactly right", "%.1f %%"),
    )

    def __init__(self, settings: Any, recurrence: Recurrence = CONFIGURED):
        super().__init__(settings, _recipe(settings))
        self.recurrence, self.speed = recurrence, training.Speed()

    def load(self) -> None:
        settings = self.settings
        data = translation.load(settings.data_dir, settings.generated, settings.source, settings.target)
        settings.fill_in("quick" if settings.quick else data.kind)
        self.take(beginning(data, 2000, 100) if settings.quick else data)
        print(self.parts.describe(), flush=True)

    def take(self, data: translation.Translation) -> None:
        """Makes the parts of these sentences, and looks at all that may be refused."""
        settings = self.settings
        if not settings.one_direction:
            settings.check_two_directions()
        self.recipe, self.origin, self.identity = _recipe(settings), data.origin, data.identity
        rules = SourceRules("num" in settings.substitute, "url" in settings.substitute, settings.reverse)
        self.parts = parts = prepare(data, _config(settings), rules, settings.least, settings.longest)
        search = settings.width, settings.coverage_penalty, settings.replace_unknown
        check_search(parts.files, *search)
        self.other_run = None if settings.beside is None else read_other_run(settings.beside, parts)
        sides = zip(settings.vectors, (parts.files.source, parts.files.target))
        self.vectors = [_vectors(path, vocabulary, settings.depth) for path, vocabulary in sides]
        self.token_batches = TokenBatches(parts.train, settings.tokens, self.seed)
        self.steps_per_epoch = self.token_batches.count

    @property
    def folder(self) -> RunFolder:
        if self._folder is None:
            folder = super().folder
            is_begun = _is_begun(folder.path)
            old = (read_object(folder.config) or {}) if is_begun else {}
            if old.get("chosen_by") == PERPLEXITY if is_begun else not is_installed():
                # It stays so, whether sacrebleu is there one day or not.
                self.monitor, self.lower_is_better = PERPLEXITY, True
                folder = dataclasses.replace(folder, settings=dict(folder.settings, chosen_by=PERPLEXITY))
            else:
                self.monitor, self.lower_is_better = BLEU, False
            self._folder = folder
        return self._folder

    def network(self, mode: Mode) -> Any:
        steps = self.recipe.epochs * self.steps_per_epoch
        config = dataclasses.replace(self.parts.files.config, scheduled_sampling_steps=steps)
        with tf.variable_scope("Model"):
            if mode.is_training:
                return build_seq2seq(config, mode, self.vectors[0], self.vectors[1], self.recurrence)
            scored = build_seq2seq(config, mode, recurrence=self.recurrence)
            return Scorer(scored, build_translator(config, recurrence=self.recurrence))

    def shown(self, net: Seq2Seq) -> Dict[str, Any]:
        return {"loss": net.loss, "word_loss": net.word_loss}

    @renamed(out_dir="folder", path="folder")
    def train(self) -> Run:
        """See `Experiment.train`.

        Raises `CheckpointError` where the folder holds the checkpoint of a run with other settings, sizes, rules or
        vocabularies: all that is kept of it stays as it is. What is left of a run that never came to a checkpoint is written
        over.
        """
        folder = self.folder
        if _is_begun(folder.path):
            changes = folder.differences()
            if changes:
                raise folder.holds_another(changes)
            self.parts.files.check(folder.path)
        self.parts.files.save(folder.path)
        print("training: %s" % self.token_batches.describe(), flush=True)
        return super().train()

    def batches(self, net: Seq2Seq, epoch: int, start: int) -> Iterator[Feed]:
        if self.monitor == BLEU:
            check_installed()  # better before an epoch than after it
        self.speed.pause()
        for batch in self.token_batches.batches(epoch, start):
            self.speed.step(int(batch.target_lengths.sum()))
            yield feed(net, batch)

    def evaluate(self, session: Any, net: Scorer) -> Dict[str, float]:
        parts = self.parts
        found = [best[0] for best in write(session, net.translator, parts.validation.source, parts.files.config)]
        judged = judge(parts, "validation", found)
        scores = {BLEU: judged["bleu"].score} if "bleu" in judged else {}
        return {
            PERPLEXITY: score(session, net.scored, parts.validation),
            **scores,
            "valid_exact": judged["exact"],
            "valid_cut_off": judged["cut_off"],
            "words_per_second": self.speed.words_per_second,
        }

    def translator(self) -> Translator:
        """The graph that writes the test sentences, by the search of the settings."""
        with tf.variable_scope("Model"):
            return build_translator(
                self.parts.files.config, n_best=1, recurrence=self.recurrence, **self.settings.search
            )

    def report(self, run: Run) -> Mapping[str, Any]:
        """Translates the test sentences with the best weights, prints how good that is, and draws it.

        Writes translations.txt (all of them, the worst first), learning.png, bleu_by_length.png, and with attention
        attention.png.
        """
        parts, settings = self.parts, self.settings
        with self.restored(self.translator) as (session, net):
            beams = write(session, net, parts.test.source, parts.files.config, settings.width)
        found = [best[0] for best in beams]
        judged = judge(parts, "test", found, settings.replace_unknown)
        print("cut off: %s" % cut_off(found))
        scores = self._report_bleu(judged) if "bleu" in judged else {}
        self._show(table(parts, judged["hypotheses"]))
        pictures.translation_curves(run.history, self.picture("learning.png"), run.best_epoch)
        looked = looked_at(parts, found, judged["hypotheses"])
        if looked:
            pictures.attention_maps(looked, self.picture("attention.png"))
        return {
            **scores,
            "exact": judged["exact"],
            "cut_off": judged["cut_off"],
            "test_set": identify(parts.raw["test"]),
            "attention": attention_name(parts.files.config.attention),
            PERPLEXITY: run.best[PERPLEXITY],
            "best_epoch": run.best_epoch,
            "words_per_second": training.last_speed(run.history),
            "parameters": run.parameters,
            "train_pairs": len(parts.train.source),
            "left_out": parts.train.too_long + parts.train.empty,
            "vocabulary": [len(parts.files.source), len(parts.files.target)],
            **({BLEU: run.best[BLEU]} if BLEU in run.best else {}),
        }

    def _report_bleu(self, judged: Mapping[str, Any]) -> Dict[str, Any]:
        """Prints and draws BLEU, that of sentences of one length beside the whole; gives its figures."""
        names, scores, counts = judged["by_length"]
        for name, title in (("bleu", "lower-cased tokens"), ("raw_bleu", "raw text, case told apart")):
            print("BLEU, %s: %.2f  (%s)" % (title, judged[name].score, judged[name].signature))
        for name, one, count in zip(names, scores, counts):
            print("  %-12s %6.2f  (%d sentences)" % (name + " tokens", one, count))
        longest = scores[-1] / judged["bleu"].score if judged["bleu"].score else 0.0
        print("  the longest have %.0f %% of the whole; lower-cased tokens, signature as above" % (100 * longest))
        drawn, other = {attention_name(self.parts.files.config.attention): scores}, self.other_run
        if other is not None:
            drawn[other.name if other.name not in drawn else "%s, %s" % (other.name, other.folder)] = other.scores
        pictures.score_by_length(drawn, names, counts, self.picture("bleu_by_length.png"))
        return {
            "bleu": judged["bleu"].score,
            "bleu_signature": judged["bleu"].signature,
            "raw_bleu": judged["raw_bleu"].score,
            "raw_bleu_signature": judged["raw_bleu"].signature,
            "bleu_by_length": dict(zip(names, scores)),
            "longest_share": longest,
        }

    def _show(self, lines: List[str]) -> None:
        """Prints the ends of a table, and writes all of it."""
        title = "the worst and the best, by chrF:" if is_installed() else "the first and the last:"
        shown = ["", title] + lines[: 3 * SHOWN] + ["..."] + lines[-3 * SHOWN :]
        print(printable("\n".join(shown)))
        with atomic_path(self.picture("translations.txt")) as temporary, open(temporary, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")

    def main(self) -> Mapping[str, Any]:
        values = super().main()
        if not is_installed():
            print(WITHOUT_BLEU)
        return values


def main(settings: Any, encoder: Callable[..., Any], decoder: Callable[..., Any]) -> None:
    """Trains a translator, or uses the one in the folder of the settings; see `models.seq2seq.Recurrence`."""
    recurrence = Recurrence(encoder, decoder)
    if not settings.uses_a_network:
        TranslationExperiment(settings, recurrence).main()
        return
    with without_checkpoints():
        use(settings, recurrence)


def feed(net: Seq2Seq, batch: Any) -> Feed:
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


def _recipe(settings: Any) -> Recipe:
    return Recipe(settings.epochs, settings.learning_rate)


def _config(settings: Any) -> Seq2SeqConfig:
    """The sizes of the network, without those of the vocabularies."""
    return Seq2SeqConfig(
        attention=None if settings.attention == "none" else settings.attention,
        cell=settings.cell,
        units=settings.units,
        layers=settings.layers,
        depth=settings.depth,
        bidirectional=not settings.one_direction,
        keep_prob=settings.keep_prob,
        smoothing=settings.smoothing,
        scheduled_sampling=settings.scheduled_sampling,
        tied=settings.tied,
        sampled=settings.sampled,
        train_embedding=not settings.freeze_vectors,
    )


def _is_begun(folder: str) -> bool:
    """Whether a run has come to a checkpoint there."""
    kept = os.path.join(folder, "checkpoints")
    return any(checkpoints.list_checkpoints(kept, kind) for kind in ("step", "best"))


def _vectors(path: Optional[str], vocabulary: Any, depth: int) -> Optional[np.ndarray]:
    if path is None:
        return None
    with renamed(size="depth"):
        vectors, found = read_vectors(path, vocabulary, depth)
    print("vectors: %d of %d words are in %s" % (found, len(vocabulary), path))
    return vectors
