"""The folder of a run: the settings it holds (config.json), and the result of a finished one (result.json)."""

import dataclasses
import json
import os
from typing import Any, Dict, List, Optional, Sequence, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import Argument, CheckpointError, Part
from rnn_tf1.program.files import read_object


@dataclasses.dataclass(frozen=True)
class RunFolder:
    """Where a run lives, and what it is made of.

    Attributes:
      path: of this run alone: config.json, checkpoints, events.
      settings: what the run is made of, by name, as JSON takes it; with other settings it is another run.
      may_lack: entries of `settings` that a run in the folder need not have: older versions did not write them down.
    """

    path: str
    settings: Dict[str, Any]
    may_lack: Sequence[str] = ()

    @classmethod
    def of(cls, settings: Any, data: str) -> "RunFolder":
        """That of an example's `Settings`: they, the data and the TensorFlow are what the run is made of.

        Args:
          data: its `identity`: a checksum, say.
        """
        return cls(settings.out_dir, settings.identity(data=data, tensorflow=tf.__version__))

    @property
    def checkpoints(self) -> str:
        return os.path.join(self.path, "checkpoints")

    @property
    def config(self) -> str:
        return os.path.join(self.path, "config.json")

    @property
    def events(self) -> str:
        return os.path.join(self.path, "events")

    def differences(self) -> Tuple[Part, ...]:
        """See `differences`."""
        return differences(self.config, self.settings, self.may_lack)

    def holds_another(self, changes: Sequence[Part]) -> CheckpointError:
        """What to raise where `differences` has found some."""
        return CheckpointError("%s holds a run with other settings: " % self.path, *changes)


def read_finished(folder: str, settings: Dict[str, Any]) -> Optional[Dict[str, Any]]:
    """The result of the finished run in `folder`; None where there is none, or one with other settings."""
    result = read_object(os.path.join(folder, "result.json"))
    return result if result and result.get("settings") == json.loads(json.dumps(settings)) else None


def differences(path: str, config: Dict[str, Any], may_lack: Sequence[str] = ()) -> Tuple[Part, ...]:
    """What to change where the run in the folder has another config, as parts of a message; none where it has the same, or
    there is none.

    Args:
      may_lack: entries whose lack, there or here, is no difference: what older versions did not write down.
    """
    known = read_object(path)
    if known is None:
        return ()
    changes: List[Part] = []
    for name in sorted(set(known) | set(config)):
        if not _alike(name, known, config, may_lack):
            values = " was %s there and is %s here" % (_told(known, name), _told(config, name))
            changes += ["; " if changes else "", Argument(name), values]
    if not changes:
        return ()
    return (*changes, ". Use what was there, or choose another ", Argument("out_dir"), ".")


def _told(config: Dict[str, Any], name: str) -> Any:
    return "not given" if config.get(name) in (None, []) else config[name]


def _alike(name: str, known: Dict[str, Any], config: Dict[str, Any], may_lack: Sequence[str]) -> bool:
    """Whether the values of that entry in two configs can be of one run. Older versions told less of the data."""
    old, new = known.get(name), config.get(name)
    if name in may_lack and None in (old, new):
        return True
    if name == "data" and isinstance(old, str) and str(new).startswith(old + "; "):
        return True
    return bool(old == new)
