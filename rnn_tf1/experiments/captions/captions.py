"""Trains and judges what writes captions under canvases, with attention and without; see `models.captioner`."""

import os
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1 import plotting
from rnn_tf1.data.images import canvases, mnist
from rnn_tf1.experiments.captions import pictures
from rnn_tf1.experiments.experiment import Experiment
from rnn_tf1.experiments.figures import Figure, Figures
from rnn_tf1.models.captioner import Captioner, CaptionerConfig, CaptionWriter, build_caption_writer, build_captioner
from rnn_tf1.ops.mode import Mode
from rnn_tf1.program.files import locked
from rnn_tf1.training import Feed, Recipe, Run, RunFolder

ROWS = 100  # canvases that are read at a time
TESTED, TESTED_QUICKLY = 2000, 100  # canvases
PLAIN, LOOKING = "without attention", "with attention"
FIGURES = Figures(
    "caption_digits",
    Figure("attention_test_accuracy", "whole captions right: with attention", "percent"),
    Figure("attention_seconds", "trained in", "%.0f s"),
    Figure("plain_test_accuracy", "without", "percent"),
)


class Captions(NamedTuple):
    """The captions of some canvases."""

    words: List[np.ndarray]  # of each: ids, without the end
    alignments: List[np.ndarray]  # of each: [words, places], the end left out; empty without attention
    right: np.ndarray  # bool [canvases]: whether it is the whole caption, word by word


class Captioning(Experiment):
    """One of the networks. After each epoch the captions of the validation canvases are written, always the likeliest word; the
    epoch with the most whole captions is kept.

    Args:
      settings: those of ``examples/caption_digits.py``.
      decoder: decoder(memory, lengths, config, mode) makes the decoder's cell; see `models.decoder.attending_cell`.
      name: of the network, and of its folder.
      attention: how it looks, see `models.decoder.DecoderConfig`.
      digits: MNIST.
    """

    figures = FIGURES

    def __init__(
        self, settings: Any, decoder: Callable[..., Any], name: str, attention: Optional[str], digits: mnist.Mnist
    ):
        made_of = settings.identity(data=digits.identity, tensorflow=tf.__version__, attention=attention)
        folder = RunFolder(os.path.join(settings.out_dir, name.replace(" ", "_")), made_of)
        super().__init__(settings, Recipe(settings.epochs, settings.learning_rate), folder)
        self.decoder, self.digits, self.origin = decoder, digits, digits.origin
        self.config = CaptionerConfig(
            target_vocabulary=len(canvases.WORDS),
            attention=attention,
            cell=settings.cell,
            units=settings.units,
            layers=settings.layers,
            keep_prob=settings.keep_prob,
        )

    def load(self) -> None:
        settings, count = self.settings, TESTED_QUICKLY if self.settings.quick else TESTED
        self.validation = canvases.draw(self.digits.validation, count // 4, self.seed, canvases.VALIDATION)
        self.test = canvases.draw(self.digits.test, count, self.seed, canvases.TEST)
        self.drawn = canvases.CanvasBatches(self.digits.train, settings.steps, settings.batch_size, self.seed)
        self.steps_per_epoch = self.drawn.count

    def network(self, mode: Mode) -> Any:
        return build_captioner(self.config, mode, self.decoder) if mode.is_training else self.writer()

    def writer(self, width: int = 1) -> CaptionWriter:
        return build_caption_writer(self.config, width, decoder=self.decoder)

    def shown(self, net: Captioner) -> Dict[str, Any]:
        return {"loss": net.word_loss}

    def batches(self, net: Captioner, epoch: int, start: int) -> Iterator[Feed]:
        for batch in self.drawn.batches(epoch, start):
            yield {
                net.images: batch.images,
                net.inputs: batch.inputs,
                net.targets: batch.outputs,
                net.lengths: batch.lengths,
            }

    def evaluate(self, session: Any, net: CaptionWriter) -> Dict[str, float]:
        return {"valid_accuracy": float(write(session, net, self.validation).right.mean())}

    def report(self, run: Run) -> Dict[str, Captions]:
        """The captions of the test canvases, by the best weights, with beam search."""
        with self.restored(lambda: self.writer(self.settings.width)) as (session, writer):
            return {"captions": write(session, writer, self.test)}


def main(settings: Any, decoder: Callable[..., Any]) -> None:
    """Trains both networks, draws, and publishes."""
    runs, written = {}, {}  # by name
    with locked(settings.out_dir):
        digits = mnist.load(settings.data_dir)
        for name, attention in ((PLAIN, None), (LOOKING, settings.attention)):
            one = Captioning(settings, decoder, name, attention, digits)
            one.load()
            sizes = (name, settings.epochs, settings.steps, settings.batch_size)
            print("%s: %d x %d steps of %d canvases" % sizes, flush=True)
            runs[name] = one.train()
            written[name] = one.report(runs[name])["captions"]
        counts = {name: by_count(found, one.test) for name, found in written.items()}
        for count in counts[LOOKING]:
            shares = ", ".join("%s %.2f %%" % (name, 100 * counts[name][count]) for name in counts)
            print("  %d digit%s: %s" % (count, "s" * (count > 1), shares))
        histories: Dict[str, Sequence[Dict[str, float]]] = {name: run.history for name, run in runs.items()}
        plotting.accuracy_curves(histories, None, one.picture("curves.png"))
        pictures.shares_by_count(counts, one.picture("by_count.png"))
        draw_looks(written[LOOKING], one.test, one.picture("attention.png"))
        values = dict(
            attention_test_accuracy=float(written[LOOKING].right.mean()),
            plain_test_accuracy=float(written[PLAIN].right.mean()),
            by_count={name: {str(count): share for count, share in some.items()} for name, some in counts.items()},
            attention_seconds=runs[LOOKING].seconds,
            parameters={name: run.parameters for name, run in runs.items()},
        )
        FIGURES.publish(settings, one.origin, sum(run.seconds for run in runs.values()), values)


def draw_looks(found: Captions, drawn: canvases.Canvases, path: str) -> None:
    """Draws where the network looked: at three canvases with the most digits, and two others whose captions are wrong."""
    shown = [i for i, digits in enumerate(drawn.digits) if len(digits) == canvases.MOST][:3]
    wrong = [i for i, right in enumerate(found.right) if not right and len(found.words[i]) and i not in shown]
    shown += wrong[:2]
    words = [[canvases.WORDS[word] for word in found.words[i]] for i in shown]
    looked = [found.alignments[i] for i in shown]
    pictures.looks(drawn.images[shown, :, :, 0], words, looked, found.right[shown].tolist(), path)


def write(session: Any, writer: Any, drawn: canvases.Canvases) -> Captions:
    """The best caption of each canvas, compared with what is on it."""
    words, alignments, right = [], [], []
    captioned = canvases.captioned(drawn)
    for first in range(0, len(drawn.digits), ROWS):
        feed = {writer.images: drawn.images[first : first + ROWS], writer.count: canvases.MOST + 2}
        found = session.run(writer.beams._asdict(), feed)
        looked = found["alignments"]
        for row, (tokens, length) in enumerate(zip(found["tokens"][:, 0], found["lengths"][:, 0])):
            ended = length > 0 and tokens[length - 1] == canvases.STOP
            count = length - int(ended)
            words.append(tokens[:count])
            alignments.append(looked[row, 0, :count] if np.ndim(looked) == 4 else np.zeros([0, 0], np.float32))
            wanted = captioned.outputs[first + row, : captioned.lengths[first + row]]
            right.append(bool(ended) and tokens[:length].tolist() == wanted.tolist())
    return Captions(words, alignments, np.array(right))


def by_count(written: Captions, drawn: canvases.Canvases) -> Dict[int, float]:
    """The share of whole captions that are right, by the number of digits on the canvas."""
    counts = np.array([len(digits) for digits in drawn.digits])
    return {int(count): float(written.right[counts == count].mean()) for count in sorted(set(counts.tolist()))}
