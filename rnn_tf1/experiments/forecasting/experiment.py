"""Training a forecaster on pieces of series, whatever the model is."""

from typing import Any, Iterable, Optional, Tuple

import numpy as np

from rnn_tf1 import training
from rnn_tf1.data import batches
from rnn_tf1.data.series import windows
from rnn_tf1.experiments.experiment import Experiment
from rnn_tf1.models.forecaster import build_forecaster
from rnn_tf1.ops.mode import TESTING, Mode
from rnn_tf1.training import Feed, Recipe, RunFolder

BLOCK = 500  # pieces whose targets are made at a time


class Forecasting(Experiment):
    """A forecaster without dropout, so that one graph is trained and evaluated.

    Args:
      settings, recipe, folder: see `Experiment`.
      config: of the model; see `models.forecaster.ForecasterConfig`.
      batch_size: pieces in a training step.
      noise: deviation of the normal noise that is added to what is read, never to the targets.
    """

    monitor: Optional[str] = "valid_mse"
    lower_is_better = True

    def __init__(
        self,
        settings: Any,
        recipe: Recipe,
        config: Any,
        folder: Optional[RunFolder] = None,
        batch_size: int = 32,
        noise: float = 0.0,
    ):
        super().__init__(settings, recipe, folder)
        self.config, self.batch_size, self.noise = config, batch_size, noise

    def pieces(self, epoch: int) -> np.ndarray:
        """Of an epoch, counted from 0: [count, steps + ahead, columns], as many in each; a pure function."""
        raise NotImplementedError

    @property
    def steps_per_epoch(self) -> int:  # type: ignore[override]
        return batches.batch_count(len(self.pieces(0)), self.batch_size)

    def network(self, mode: Mode) -> Any:
        return build_forecaster(self.config, mode)

    def towers(self) -> Tuple[Any, Any]:
        net = self.network(TESTING)
        return net, net

    def batches(self, net: Any, epoch: int, start: int) -> Iterable[Feed]:
        rows = batches.batches([self.pieces(epoch)], self.batch_size, self.seed, epoch, start)
        for number, (batch,) in enumerate(rows, start):
            inputs, targets = self.arrays(batch)
            if self.noise:
                draw = np.random.RandomState([self.seed, epoch, number])
                inputs = inputs + self.noise * draw.standard_normal(inputs.shape)
            yield {net.inputs: inputs, net.targets: targets}

    def arrays(self, pieces: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
        """(inputs, targets) for the model, from pieces [batch, steps + ahead, columns] of series."""
        config = self.config
        return windows.inputs_and_targets(pieces, config.ahead, config.every_step, config.reach, config.jump)

    def error(self, session: Any, net: Any, pieces: np.ndarray, last: bool = True) -> float:
        """The mean squared error on pieces of series: of the last step's forecasts, or, `last` False, of those of all steps."""
        losses, blocks = {"losses": net.last_losses if last else net.losses}, []
        for start in range(0, len(pieces), BLOCK):
            inputs, targets = self.arrays(pieces[start : start + BLOCK])
            blocks.append(training.predict(session, losses, {net.inputs: inputs, net.targets: targets})["losses"])
        return float(np.concatenate(blocks).mean())


def forecasts(session: Any, net: Any, inputs: np.ndarray) -> np.ndarray:
    """What the network forecasts after `inputs` [batch, steps, columns]."""
    return training.predict(session, {"next": net.predictions}, {net.inputs: inputs})["next"]
