"""The settings of a run: a dataclass whose fields are the flags of its command line::

    class Reber(settings.Settings):
        cell: str = choice("lstm", ["basic", "lstm", "gru"], "recurrent cell")
        units: int = whole(64, "of each layer", quick=16)
        learning_rate: float = real(0.01, "at the start; it falls to 0 along a cosine")

    chosen = Reber.parse("reber", __doc__)      # from the command line: --cell, --units, --learning-rate
    chosen = Reber(units=10)                    # from a notebook, with the same checks

A field is the flag, the entry in config.json and metrics.json, and the attribute that the code reads.
"""

import argparse
import dataclasses
import os
from typing import Any, Callable, Dict, Optional, Sequence, Type, TypeVar

from rnn_tf1.errors import Argument, UserError
from rnn_tf1.program import cli

_FOLDERS = ("data_dir", "out_dir")  # specific to a machine; two runs that differ only in them are the same run
_T = TypeVar("_T", bound="Settings")


class SettingError(UserError):
    """A setting with a wrong value, alone or together with others; `argument` is its name."""

    def __init__(self, argument: str, text: str):
        super().__init__(Argument(argument), ": " + text)
        self.argument, self.problem = argument, text


def whole(default: Any, help: str, least: int = 1, most: float = float("inf"), **more: Any) -> Any:
    """An int of at least `least` and at most `most`; `more`: see `setting`."""
    return setting(default, help, type=cli.whole(least, most), **more)


def real(default: Any, help: str, above: float = 0.0, most: float = float("inf"), **more: Any) -> Any:
    """A float above `above` and at most `most`; `more`: see `setting`."""
    return setting(default, help, type=cli.real(above, most), **more)


def choice(default: Any, choices: Sequence[str], help: str, **more: Any) -> Any:
    """One of `choices`; `more`: see `setting`."""
    return setting(default, help, choices=list(choices), **more)


def switch(help: str, **more: Any) -> Any:
    """False, or True where the flag is given; `more`: see `setting`."""
    return setting(False, help, action="store_true", **more)


def listed(default: Any, kind: Callable[[str], Any], help: str, **more: Any) -> Any:
    """A list of values, separated by commas on the command line; `kind` parses one value, as an ``argparse`` type."""
    return setting(default, help, type=cli.listed(kind), **more)


def setting(
    default: Any,
    help: str,
    quick: Any = None,
    flag: str = "",
    of_run: bool = True,
    either: bool = False,
    **argument: Any,
) -> Any:
    """A field of a `Settings`.

    Args:
      default: None if the value follows from others, in `__post_init__`.
      help: what --help shows.
      quick: with --quick, the value is at most this.
      flag: the name on the command line; default: that of the field, after two dashes. Without dashes: a positional argument.
      of_run: False for settings that only concern the use of a trained network; they are not part of a run's identity.
      either: the command line accepts only one of the settings with True.
      argument: further arguments for ``argparse``: type, choices, nargs, metavar, action.
    """
    metadata = {"help": help, "quick": quick, "flag": flag, "of_run": of_run, "either": either, "argument": argument}
    if isinstance(default, (list, dict)):
        return dataclasses.field(default_factory=lambda: type(default)(default), metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


@dataclasses.dataclass
class Settings:
    """The settings of all examples; a class that derives from it is a dataclass by itself.

    `cli.make_parser` adds the flags of these four.
    """

    seed: int = whole(0, "of everything random", least=0, most=2**32 - 1)
    quick: bool = switch("a run of seconds on a part of the data, as a test")
    data_dir: Optional[str] = None
    out_dir: str = "runs"

    def __init_subclass__(cls) -> None:
        dataclasses.dataclass(cls)

    def __post_init__(self) -> None:
        """Refuses values out of range, and applies the limits of `quick`."""
        for field in dataclasses.fields(self):
            value, argument = getattr(self, field.name), field.metadata.get("argument", {})
            for one in value if isinstance(value, (list, tuple)) else [value]:
                if one is not None and value != _default(field):
                    _check(field.name, one, argument)
            most = field.metadata.get("quick")
            if self.quick and most is not None and value is not None:
                setattr(self, field.name, min(value, most))

    def refuse(self, wrong: Any, argument: str, text: str) -> None:
        """Raises `SettingError` if `wrong` is true; for ``__post_init__``."""
        if wrong:
            raise SettingError(argument, text)

    def check_seeds(self, argument: str) -> None:
        """Refuses a number of seeds, from `seed` on, whose last one is too large."""
        count, last = getattr(self, argument), 2**32 - 1
        self.refuse(
            self.seed + count - 1 > last, argument, "%d: with seed %d the last is above %d" % (count, self.seed, last)
        )

    def check_two_directions(self) -> None:
        """Refuses an odd number of units where half of them read backwards."""
        units = getattr(self, "units")  # noqa: B009
        self.refuse(units % 2, "units", "%d: half of them read backwards; make them even" % units)

    @classmethod
    def parse(cls: Type[_T], name: str, about: str, input_name: str = "") -> _T:
        """The settings from the command line; a mistake ends the program with exit code 2.

        Args:
          name: the name of the example, without ".py".
          about: its docstring, for --help.
          input_name: the setting whose file name becomes part of the folder's name, so that runs on different files have
            different folders.
        """
        parser = cli.make_parser(name, about)
        fields = [field for field in dataclasses.fields(cls) if field.name not in ("seed", "quick") + _FOLDERS]
        either = parser.add_mutually_exclusive_group() if any(field.metadata["either"] for field in fields) else parser
        for field in fields:
            (either if field.metadata["either"] else parser).add_argument(cls.flag(field.name), **_argument(field))
        flags = cli.parse(parser, lambda flags: _stem(getattr(flags, input_name)) if input_name else "")
        try:
            return cls(**vars(flags))
        except SettingError as error:
            return parser.error("argument %s: %s" % (cls.flag(error.argument), error.problem))

    @classmethod
    def flag(cls, name: str) -> str:
        """The flag of a setting on the command line: --learning-rate."""
        fields = {field.name: field for field in dataclasses.fields(cls)}
        return fields[name].metadata.get("flag") or "--" + name.replace("_", "-")

    def entries(self) -> Dict[str, Any]:
        """All settings but the folders, by name, in the order of the flags."""
        return {
            field.name: getattr(self, field.name) for field in dataclasses.fields(self) if field.name not in _FOLDERS
        }

    def identity(self, **more: Any) -> Dict[str, Any]:
        """The identity of the run, for config.json: two runs with equal identities are the same run.

        Args:
          more: entries that are not settings, such as the checksum of the data.
        """
        names = [field.name for field in dataclasses.fields(self) if field.metadata.get("of_run", True)]
        return dict({name: value for name, value in self.entries().items() if name in names}, **more)


def _check(name: str, value: Any, argument: Dict[str, Any]) -> None:
    if "choices" in argument and value not in argument["choices"]:
        raise SettingError(
            name, "invalid choice: %r (choose from %s)" % (value, ", ".join(map(repr, argument["choices"])))
        )
    if "type" in argument:
        try:
            argument["type"](repr(value) if isinstance(value, float) else str(value))
        except argparse.ArgumentTypeError as error:
            raise SettingError(name, str(error)) from None


def _default(field: Any) -> Any:
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()


def _argument(field: Any) -> Dict[str, Any]:
    """The arguments of ``add_argument``."""
    argument, default = field.metadata["argument"], _default(field)
    if isinstance(default, list) and default and "nargs" not in argument and "action" not in argument:
        default = ",".join(map(str, default))  # as --help shows it and as one would type it
    more = {} if argument.get("action") == "store_true" else {"default": default}
    if field.metadata["flag"].startswith("--"):
        more["dest"] = field.name
    return dict(argument, help=field.metadata["help"], **more)


def _stem(path: Optional[str]) -> str:
    return os.path.splitext(os.path.basename(path))[0] if path else ""
