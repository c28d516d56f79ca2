"""What an example publishes: a figure is declared once, for the terminal, metrics.json, TensorBoard and the README."""

import dataclasses
import os
from typing import Any, Dict, Mapping, Optional

from rnn_tf1.program import cli
from rnn_tf1.training.events import open_events


@dataclasses.dataclass(frozen=True)
class Figure:
    """A number that an example publishes.

    Attributes:
      name: in metrics.json.
      words: what it is, as a table says it.
      form: how it is written: a format such as "%.4f"; "percent" for a share with two decimals, "%.1f %%" for one with another
        number of them.
    """

    name: str
    words: str
    form: str = "%.4f"

    def show(self, value: Any) -> str:
        form = "%.2f %%" if self.form == "percent" else self.form
        return form % (100 * value if form.endswith("%%") else value)


class Figures(object):
    """Those of an example, in the order in which they are told.

    Args:
      example: the name of its file, without ".py".
    """

    of: Dict[str, "Figures"] = {}  # by example: all that have been declared

    def __init__(self, example: str, *figures: Figure):
        self.example, self.figures = example, figures
        self.of[example] = self

    def describe(self, values: Mapping[str, Any], others: Optional[Mapping[str, Any]] = None) -> str:
        """Those that have a value, in words, with that of another run in brackets if it differs: "error 0.12 (0.13)"."""
        texts = []
        for figure in self.figures:
            value, other = values.get(figure.name), (others or {}).get(figure.name)
            if value is not None:
                texts.append("%s %s" % (figure.words, figure.show(value)))
                if other is not None and figure.show(other) != figure.show(value):
                    texts[-1] += " (%s)" % figure.show(other)
        return "; ".join(texts)

    def publish(self, settings: Any, data: str, seconds: float, values: Mapping[str, Any]) -> None:
        """Prints them, and writes metrics.json and TensorBoard's events into the folder of the settings.

        Args:
          settings: the `Settings` of the run.
          data: "real" or "generated", and where from.
          seconds: of training.
          values: of these figures, and of what else metrics.json is to have.
        """
        named = {figure.name: values.get(figure.name) for figure in self.figures}
        with open_events(os.path.join(settings.out_dir, "events")) as write_events:
            write_events(0, {name: value for name, value in named.items() if isinstance(value, (int, float))})
        path = os.path.join(settings.out_dir, "metrics.json")
        cli.write_metrics(path, self.example, settings, data, seconds, **values)
        described = self.describe(values)
        if described:
            print(described)
        print("metrics.json and the pictures are in %s" % settings.out_dir)
