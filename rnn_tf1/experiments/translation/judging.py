"""How good translations are: BLEU by the length of the sentence, the best and the worst, and another run for comparison."""

import os
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

import numpy as np

from rnn_tf1.data.pairs.translation import identify
from rnn_tf1.data.text.tokenizer import detokenize
from rnn_tf1.errors import Argument, DataError
from rnn_tf1.experiments.translation import pictures
from rnn_tf1.experiments.translation.bleu import bleu, groups_by_length, is_installed, sentence_scores
from rnn_tf1.experiments.translation.parts import Parts
from rnn_tf1.experiments.translation.translating import Hypothesis, hypothesis_words
from rnn_tf1.program.files import read_json


def judge(parts: Parts, name: str, found: Sequence[Hypothesis], replace: bool = False) -> Dict[str, Any]:
    """How good the translations of a part are.

    Args:
      name: "validation" or "test".
      replace: see `translating.hypothesis_words`.

    Returns a dict: exact, the share of sentences that are the reference, token by token; cut_off, the number of those that did
    not end; hypotheses, lists of words. And, where sacrebleu is installed: bleu, of lower-cased tokens against the equally
    treated reference; raw_bleu, of the text that people are given, capital letters, numbers and addresses put back, against the
    reference as it stands, case told apart; by_length, names of the groups, the BLEU of each, and their numbers of sentences.
    """
    sources, targets = parts.tokens[name]
    files, raw = parts.files, parts.raw[name]
    hypotheses = [hypothesis_words(files, one, source, replace) for one, source in zip(found, sources)]
    lines, references = [" ".join(some) for some in hypotheses], [" ".join(some) for some in targets]
    judged = {
        "exact": float(np.mean([one == other for one, other in zip(lines, references)])),
        "cut_off": sum(not one.ended for one in found),
        "hypotheses": hypotheses,
    }
    if not is_installed():
        return judged
    given = [
        detokenize(hypothesis_words(files, one, source, replace, files.rules.surface(line)), capital=True)
        for one, source, line in zip(found, sources, raw.source)
    ]
    names, places = groups_by_length([len(source) for source in sources])
    grouped = [bleu([lines[i] for i in some], [references[i] for i in some], tokenized=True).score for some in places]
    judged["bleu"] = bleu(lines, references, tokenized=True)
    judged["raw_bleu"] = bleu(given, raw.target)
    judged["by_length"] = (names, grouped, [len(some) for some in places])
    return judged


class OtherRun(NamedTuple):
    """Another run's BLEU by the length of the sentence."""

    name: str
    folder: str
    scores: List[float]  # one for each group of lengths


def read_other_run(beside: str, parts: Parts) -> OtherRun:
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
        return OtherRun(str(metrics["attention"]), beside, [float(found[name]) for name in names])
    except (OSError, ValueError, KeyError, TypeError, OverflowError) as error:
        raise DataError(
            "%s gives no BLEU for the same groups of lengths (%s). Name the folder of a finished run on the same sentences "
            "with " % (path, error),
            Argument("beside"),
            ".",
        ) from error


def table(parts: Parts, hypotheses: Sequence[Sequence[str]]) -> List[str]:
    """Three lines for each test sentence: the source, what was written, the reference. The worst translation comes first;
    without sacrebleu, which says what is worse, they are in their own order."""
    sources, targets = parts.tokens["test"]
    scores, order = [""] * len(sources), list(range(len(sources)))
    if is_installed():
        chrf = sentence_scores([" ".join(some) for some in hypotheses], [" ".join(some) for some in targets])
        scores, order = ["%5.1f" % score for score in chrf], np.argsort(chrf, kind="stable").tolist()
    lines = []
    for place in order:
        lines.append("%5s  source     %s" % (scores[place], " ".join(sources[place])))
        lines.append("       written    %s" % " ".join(hypotheses[place]))
        lines.append("       reference  %s" % " ".join(targets[place]))
    return lines


def looked_at(parts: Parts, found: Sequence[Hypothesis], hypotheses: Sequence[Sequence[str]]) -> List[Any]:
    """Four sentences of middling length, as `pictures.attention_maps` wants them, or the shortest; none where there is no
    attention, or no word has been written."""
    if parts.files.config.attention is None:
        return []
    sources = parts.tokens["test"].source
    fit = [i for i, some in enumerate(sources) if 7 <= len(some) <= 14 and 4 <= len(hypotheses[i]) <= 16]
    short = sorted((i for i, some in enumerate(hypotheses) if some), key=lambda i: len(sources[i]))
    chosen = fit[:: max(1, len(fit) // 4)][:4] or short[:4]
    order = slice(None, None, -1 if parts.files.rules.reverse else 1)
    return [pictures.Looked(sources[i], hypotheses[i], found[i].alignments[:, order]) for i in chosen]


def attention_name(attention: Optional[str]) -> str:
    """How a picture calls a network with this attention."""
    return "no attention" if attention is None else "attention (%s)" % attention
