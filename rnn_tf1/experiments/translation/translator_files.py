"""What a translator is, beside its weights: its sizes, its vocabularies, and how a sentence becomes tokens."""

import dataclasses
import os
from typing import Any, Dict, List, NamedTuple, Tuple

from rnn_tf1.data.pairs.translation import SentenceVocabulary
from rnn_tf1.data.text.tokenizer import tokenize
from rnn_tf1.errors import Argument, CheckpointError, shortened
from rnn_tf1.models.seq2seq import Seq2SeqConfig
from rnn_tf1.program.files import make_directory, read_json, write_json

MOST_SIZE, MOST_LAYERS = 1 << 24, 100  # of the sizes in translator.json; more would be built until the memory is full
_RENAMED = {  # sizes that older versions wrote under another name
    "own_tokens": "scheduled_sampling",
    "own_tokens_steps": "scheduled_sampling_steps",
}
_FILES = {"source": "source_vocabulary.json", "target": "target_vocabulary.json", "about": "translator.json"}


class SourceRules(NamedTuple):
    """How a source sentence becomes tokens."""

    numbers: bool = False  # every number becomes [NUM]
    urls: bool = False  # every address becomes [URL]
    reverse: bool = False  # the last word is read first

    def read(self, text: str) -> List[str]:
        """The tokens of a sentence, in its own order."""
        return tokenize(text, numbers=self.numbers, urls=self.urls)

    def surface(self, text: str) -> List[str]:
        """The same tokens as they stand in the text: with its capital letters, its numbers and its addresses."""
        tokens, written = tokenize(text), tokenize(text, lower=False)
        return written if len(written) == len(tokens) else tokens  # a rare letter is parted otherwise when it is small

    def order(self, tokens: List[str]) -> List[str]:
        """The tokens in the order in which the encoder reads them; from that, the sentence's own again."""
        return tokens[::-1] if self.reverse else tokens


class TranslatorFiles(NamedTuple):
    """What a translator is, beside its weights."""

    config: Seq2SeqConfig
    rules: SourceRules
    source: SentenceVocabulary
    target: SentenceVocabulary

    def save(self, folder: str) -> None:
        """Writes the vocabularies, the sizes and the rules into the folder of a run, over what is there."""
        make_directory(folder)
        for name in ("source", "target"):
            getattr(self, name).save(os.path.join(folder, _FILES[name]))
        write_json(os.path.join(folder, _FILES["about"]), self._about())

    def _about(self) -> Dict[str, Any]:
        hashes = {"source": self.source.hash, "target": self.target.hash}
        return {"sizes": dataclasses.asdict(self.config), "rules": self.rules._asdict(), "vocabularies": hashes}

    def check(self, folder: str) -> None:
        """Raises `CheckpointError` where the folder's sizes, rules or vocabularies are not these: the weights there would be
        read as what they are not. A file that is missing is no difference."""
        path = os.path.join(folder, _FILES["about"])
        if os.path.exists(path):
            config, rules, _ = _read_about(path)
            known = dict(dataclasses.asdict(config), **rules._asdict())
            own = dict(dataclasses.asdict(self.config), **self.rules._asdict())
            for name in ("source_vocabulary", "target_vocabulary"):  # these have files of their own, see below
                del own[name]
            changes = ["%s was %s there and is %s here" % (n, known[n], own[n]) for n in own if known[n] != own[n]]
            if changes:
                raise CheckpointError(
                    "%s: the run was made with other sizes or rules: %s. Use what was there, or choose another "
                    % (path, "; ".join(changes)),
                    Argument("folder"),
                    ".",
                )
        for name in ("source", "target"):
            path = os.path.join(folder, _FILES[name])
            if os.path.exists(path):
                getattr(self, name).check(path)


def load(folder: str) -> TranslatorFiles:
    """What `TranslatorFiles.save` has written.

    Raises `CheckpointError` where there is no translator, or its vocabularies are not those it was trained with.
    """
    path = os.path.join(folder, _FILES["about"])
    try:
        config, rules, hashes = _read_about(path)
    except OSError as error:
        raise CheckpointError(
            "%s holds no translator (%s: %s). Train one first: python examples/translate.py --out-dir %s"
            % (folder, path, error.strerror, folder)
        ) from error
    found = {name: SentenceVocabulary.load(os.path.join(folder, _FILES[name])) for name in hashes}
    for name, vocabulary in found.items():
        if vocabulary.hash != hashes[name]:
            raise CheckpointError(
                "%s: the translator was trained with another vocabulary: %s, and this one is %s. Put back the file that "
                "was there." % (os.path.join(folder, _FILES[name]), hashes[name][:16], vocabulary.hash[:16])
            )
        size = getattr(config, name + "_vocabulary")
        if len(vocabulary) != size:
            raise CheckpointError(
                "%s is damaged: it tells of %d words, and %s has %d. Put back the file that was there, or choose another "
                % (path, size, os.path.join(folder, _FILES[name]), len(vocabulary)),
                Argument("folder"),
                " to train anew.",
            )
    return TranslatorFiles(config, rules, found["source"], found["target"])


def _read_about(path: str) -> Tuple[Seq2SeqConfig, SourceRules, Dict[str, str]]:
    """The sizes, the rules and the hashes of the vocabularies. Raises `OSError` where the file cannot be read."""
    try:
        about = read_json(path)
        hashes = {name: str(about["vocabularies"][name]) for name in ("source", "target")}
        sizes = {_RENAMED.get(name, name): value for name, value in about["sizes"].items()}
        config, rules = Seq2SeqConfig(**sizes), SourceRules(**about["rules"])
        _check_kinds(dataclasses.asdict(config), dataclasses.asdict(Seq2SeqConfig()))
        _check_kinds(rules._asdict(), SourceRules()._asdict())
        return config, rules, hashes
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(
            "%s is damaged (%s: %s). Choose another " % (path, type(error).__name__, error),
            Argument("folder"),
            " to train anew.",
        ) from error


def _check_kinds(values: Dict[str, Any], like: Dict[str, Any]) -> None:
    """Raises `ValueError` where a value is of another kind than that of its name in `like`, or no network can have it."""
    for name, value in values.items():
        most = MOST_SIZE if name != "layers" else MOST_LAYERS
        if name == "attention" and value is None:
            continue
        right = type(value) is type(like[name]) or (type(like[name]) is float and type(value) is int)
        if not right or (isinstance(value, (int, float)) and not 0 <= value <= most):
            raise ValueError("%s is %s" % (name, shortened(repr(value), 100)))


def paths(folder: str) -> Dict[str, str]:
    """The paths of all that is kept beside the weights, by name."""
    return {name: os.path.join(folder, name) for name in _FILES.values()}
