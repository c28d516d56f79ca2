"""What an example publishes: each figure is declared once, for the terminal, metrics.json and the README's table."""

import dataclasses
import os
from typing import Any, Dict, Mapping

from rnn_tf1.program import cli


@dataclasses.dataclass(frozen=True)
class Figure:
    """A number that an example publishes.

    Attributes:
      name: in metrics.json.
      words: what it is, as a table says it.
      form: how it is written: a format such as "%.4f", or "percent" for a share with two decimals.
    """

    name: str
    words: str
    form: str = "%.4f"

    def describe(self, value: Any) -> str:
        """The words and the value: "test accuracy 98.21 %"."""
        return "%s %s" % (self.words, "%.2f %%" % (100 * value) if self.form == "percent" else self.form % value)


class Figures(object):
    """Those of an example, in the order in which they are told.

    Args:
      example: the name of its file, without ".py".
    """

    of: Dict[str, "Figures"] = {}  # by example: all that have been declared

    def __init__(self, example: str, *figures: Figure):
        self.example, self.figures = example, figures
        self.of[example] = self

    def describe(self, values: Mapping[str, Any]) -> str:
        """Those that have a value, in words, with commas between them."""
        named = [(figure, values.get(figure.name)) for figure in self.figures]
        return ", ".join(figure.describe(value) for figure, value in named if value is not None)

    def publish(self, settings: Any, data: str, seconds: float, values: Mapping[str, Any]) -> None:
        """Prints them, and writes metrics.json into the folder of the settings.

        Args:
          settings: the `Settings` of the run.
          data: "real" or "generated", and where from.
          seconds: of training.
          values: of these figures, and of what else metrics.json is to have.
        """
        path = os.path.join(settings.out_dir, "metrics.json")
        cli.write_metrics(path, self.example, settings, data, seconds, **values)
        described = self.describe(values)
        if described:
            print(described)
        print("metrics.json and the pictures are in %s" % settings.out_dir)
