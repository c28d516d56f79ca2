"""How good translations are, by sacrebleu: Papineni et al. 2002, "BLEU"; Post 2018, "A Call for Clarity in Reporting BLEU"."""

from typing import Any, List, NamedTuple, Sequence, Tuple

import numpy as np

from rnn_tf1.errors import DataError, UserError

GROUPS = (8, 12, 16, 20)  # the most tokens of a source in each group of lengths; the last group has those above


class Bleu(NamedTuple):
    """A score, 0 to 100, and the signature that says how it was made."""

    score: float
    signature: str


def bleu(hypotheses: Sequence[str], references: Sequence[str], tokenized: bool = False, lower: bool = False) -> Bleu:
    """BLEU of a whole text, a sentence a line.

    Args:
      tokenized: whether the sentences are tokens with blanks between; default: as people write, and sacrebleu's tokenizer
        ("13a") parts them.
      lower: whether upper and lower case are the same.

    Raises:
      UserError: where sacrebleu is not installed.
      DataError: where there are not as many hypotheses as references, or none.
    """
    if len(hypotheses) != len(references) or not len(references):
        raise DataError("BLEU of %d sentences against %d references." % (len(hypotheses), len(references)))
    # force: tokens with blanks between are what is wanted, not a mistake to be warned of
    metric = _metrics().BLEU(tokenize="none" if tokenized else "13a", lowercase=lower, force=True)
    score = metric.corpus_score(list(hypotheses), [list(references)]).score
    return Bleu(float(score), str(metric.get_signature()))


def sentence_scores(hypotheses: Sequence[str], references: Sequence[str]) -> List[float]:
    """chrF of each sentence, 0 to 100, which tells single sentences apart better than BLEU does: Popovic 2015."""
    metric = _metrics().CHRF()
    return [float(metric.sentence_score(one, [other]).score) for one, other in zip(hypotheses, references)]


def is_installed() -> bool:
    """Whether sacrebleu is, and so BLEU can be computed."""
    try:
        _metrics()
    except UserError:
        return False
    return True


def check_installed() -> None:
    """Raises `UserError` where sacrebleu is not installed."""
    _metrics()


def groups_by_length(lengths: Sequence[int]) -> Tuple[List[str], List[np.ndarray]]:
    """The names of the groups of `GROUPS` that are not empty, "1-8", ..., "21 and more", and the places of each."""
    least = [1] + [most + 1 for most in GROUPS]
    names = ["%d-%d" % pair for pair in zip(least, GROUPS)] + ["%d and more" % least[-1]]
    found = np.searchsorted(GROUPS, np.asarray(lengths))
    kept = [number for number in range(len(names)) if (found == number).any()]
    return [names[number] for number in kept], [np.flatnonzero(found == number) for number in kept]


def _metrics() -> Any:
    try:
        from sacrebleu import metrics
    except ImportError as error:
        raise UserError("BLEU is computed by sacrebleu, which is not installed: pip install sacrebleu") from error
    return metrics
