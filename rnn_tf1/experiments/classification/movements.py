"""Which way a digit moves: seen in a clip, in each frame of a clip, and from one frame alone."""

import os
from typing import Any, Callable, Dict, Optional, Sequence

import tensorflow.compat.v1 as tf

from rnn_tf1 import plotting, training
from rnn_tf1.data.images import mnist, moving_digits
from rnn_tf1.experiments.classification import pictures
from rnn_tf1.experiments.classification.classify import Classification, Judged, judge
from rnn_tf1.experiments.figures import Figure, Figures
from rnn_tf1.models.video_classifier import VideoClassifier, VideoClassifierConfig, build_video_classifier
from rnn_tf1.ops.mode import Mode
from rnn_tf1.program.files import locked
from rnn_tf1.training import Recipe, Run, RunFolder

TASKS = ("one frame", "clips", "frames")
FIGURES = Figures(
    "moving_digits_video",
    Figure("clips_test_accuracy", "movements recognised in clips", "percent"),
    Figure("frames_test_accuracy", "in each frame", "percent"),
    Figure("one_frame_test_accuracy", "from one frame alone", "percent"),
)


class Movements(Classification):
    """One of the tasks.

    Args:
      settings: those of ``examples/moving_digits_video.py``.
      network: network(frames, lengths, settings) gives the outputs of the recurrence, [batch, time, units].
      task: one of TASKS.
      easier: whose best weights this one begins with; default: random ones.
    """

    figures = FIGURES

    def __init__(self, settings: Any, network: Callable[..., Any], task: str, easier: Optional["Movements"] = None):
        super().__init__(settings, Recipe(settings.epochs, settings.learning_rate))
        self.task, self.easier, self._network = task, easier, network

    def load(self) -> None:
        settings, data = self.settings, mnist.load(self.settings.data_dir)
        digits = data.train, data.validation, data.test
        count, rows = (5, 16) if settings.quick else (20, 64)  # batches of the test, and clips of each

        def clips(part: int, count: int, rows: int) -> Any:
            drawn = moving_digits.ClipBatches(digits[part], count, rows, self.seed, self.task == "frames", part)
            return moving_digits.OneFrame(drawn, self.seed) if self.task == "one frame" else drawn

        train = clips(0, settings.steps, settings.batch_size)
        self.use(train, clips(1, count // 4 + 1, rows).batches(0), clips(2, count, rows).batches(0))
        self.origin = data.origin
        made_of = dict(data=data.identity, tensorflow=tf.__version__, task=self.task)
        path = os.path.join(settings.out_dir, self.task.replace(" ", "_"))
        self._folder = RunFolder(path, settings.identity(**made_of))

    def network(self, mode: Mode) -> VideoClassifier:
        settings = self.settings
        config = VideoClassifierConfig(
            units=settings.units,
            bidirectional=True,
            depth=settings.depth,
            convolution=settings.convolution,
            summary="each" if self.task == "frames" else "mean",
        )

        def recurrence(frames: Any, lengths: Any, mode: Mode) -> Any:
            return self._network(frames, lengths, settings)

        return build_video_classifier(config, mode, recurrence)

    def begin(self, session: Any) -> None:
        if self.easier is not None:
            training.restore_best(session, self.easier.folder)

    def judge(self) -> Judged:
        """What the best weights say of the test clips."""
        with self.restored() as (session, net):
            return judge(session, net, self.test)


def main(settings: Any, network: Callable[..., Any]) -> None:
    """Trains one network for each task, the last with the weights of the one before to begin with; draws, and publishes."""
    networks: Dict[str, Movements] = {}
    runs: Dict[str, Run] = {}
    values: Dict[str, Any] = {}
    with locked(settings.out_dir):
        for task in TASKS:
            one = networks[task] = Movements(settings, network, task, networks["clips"] if task == "frames" else None)
            one.load()
            size = settings.epochs, settings.steps, settings.batch_size
            print("%s: %d x %d batches of %d clips" % (task, *size), flush=True)
            runs[task], judged = one.train(), one.judge()
            values[task.replace(" ", "_") + "_test_accuracy"] = judged.accuracy
            trained = runs[task].history[-1]["train_accuracy"]
            said = task, 100 * trained, 100 * judged.accuracy
            print("%s: accuracy %.2f %% in training, %.2f %% in the test" % said, flush=True)
        values["one_frame_train_accuracy"] = runs["one frame"].history[-1]["train_accuracy"]
        curves: Dict[str, Sequence[Dict[str, float]]] = {task: run.history for task, run in runs.items()}
        plotting.accuracy_curves(curves, 1 / len(moving_digits.MOVEMENTS), one.picture("curves.png"))
        first, chances = one.test[0], judged.probabilities[:4]
        pictures.clips(
            first.sequences[:4], first.labels[:4], chances, moving_digits.MOVEMENTS, one.picture("clips.png")
        )
        values["parameters"] = runs["clips"].parameters
        FIGURES.publish(settings, one.origin, sum(run.seconds for run in runs.values()), values)
