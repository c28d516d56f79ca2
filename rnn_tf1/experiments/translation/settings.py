"""The settings of a translator that are not its network's: its sentences, and what is done with it when it is trained."""

from typing import Any, Dict, Optional, Sequence

from rnn_tf1.program import cli
from rnn_tf1.program.settings import Settings, choice, real, setting, switch, whole

DEFAULTS = {  # by where the sentences come from, or for a quick run
    "real": dict(units=512, depth=256, keep_prob=0.6, smoothing=0.1, epochs=20, learning_rate=0.001, least=2),
    "generated": dict(units=256, depth=128, keep_prob=1.0, smoothing=0.0, epochs=4, learning_rate=0.002, least=1),
    "quick": dict(units=64, depth=32, keep_prob=0.9, smoothing=0.0, epochs=12, learning_rate=0.01, least=2),
}


class TranslatorSettings(Settings):
    """Which sentences a translator learns from, and how it is used."""

    generated: bool = switch("sentences of a small grammar instead of captions")
    source: str = setting("en", "the language to translate from: how the names of its files end")
    target: str = setting("fr", "the language to translate into")
    substitute: Sequence[str] = choice(
        None, ("num", "url"), "every number becomes [NUM], every address [URL]", nargs="+"
    )
    reverse: bool = switch("read the source from its end")
    least: Optional[int] = whole(None, "how often a word comes that is known (default: 2, generated: 1)")
    longest: int = whole(60, "tokens of a side; longer pairs are left out of training")
    vectors: Sequence[str] = setting([None, None], "of words: source, target", nargs=2, type=cli.path, metavar="FILE")
    freeze_vectors: bool = switch("leave the word vectors as they begin")
    width: int = whole(5, "sentences in view; at most the vocabulary", flag="--beam-width", of_run=False)
    length_penalty: float = real(1.0, "above 0, long sentences lose less", above=-1e-09, most=10, of_run=False)
    coverage_penalty: float = real(0.0, "above 0, what leaves words out loses", above=-1e-09, of_run=False)
    n_best: int = whole(1, "above 1: n of each line: number from 0 ||| score ||| text", of_run=False)
    replace_unknown: bool = switch("an unknown word becomes the source word that was looked at", of_run=False)
    translate: Optional[str] = setting(
        None, "a sentence a line, by the network in --out-dir", either=True, type=cli.path, metavar="FILE", of_run=False
    )
    interactive: bool = switch("translate what is typed, with the network in --out-dir", either=True, of_run=False)
    export: Optional[str] = setting(
        None, "write the network in --out-dir as a SavedModel", type=cli.path, metavar="FOLDER", of_run=False
    )
    beside: Optional[str] = setting(
        None, "another run on these sentences, for the same picture", type=cli.path, metavar="FOLDER", of_run=False
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        self.substitute = sorted(set(self.substitute or []))
        few = "%d of %d beams: raise --beam-width" % (self.n_best, self.width)
        self.refuse(self.n_best > self.width, "n_best", few)
        no_vectors = self.freeze_vectors and not all(self.vectors)
        self.refuse(no_vectors, "freeze_vectors", "there are none to freeze: give --vectors FILE FILE")

    def fill_in(self, kind: str) -> None:
        """Gives each setting that is still open the value that it has for this kind of sentences, a name in DEFAULTS."""
        for name, value in DEFAULTS[kind].items():
            if getattr(self, name) is None:
                setattr(self, name, value)

    @property
    def search(self) -> Dict[str, Any]:
        """How translations are searched for; see `models.seq2seq.build_translator`."""
        return dict(width=self.width, length_penalty=self.length_penalty, coverage_penalty=self.coverage_penalty)

    @property
    def uses_a_network(self) -> bool:
        """Whether a trained network is used, and none trained."""
        return self.interactive or self.translate is not None or self.export is not None
