"""The folder of a run: the settings it holds (config.json), and the result of a finished one (result.json)."""

import json
import os
from typing import Any, Dict, Optional, Sequence

from rnn_tf1.program.files import read_object

HASH = "vocabulary_hash"  # the entry of a run's config.json that says what its ids mean
NOT_FLAGS = ("data", "tensorflow", HASH)  # what a run is made of beside its flags


def read_finished(folder: str, settings: Dict[str, Any]) -> Optional[Dict[str, Any]]:
    """The result of the finished run in `folder`; None where there is none, or one with other settings."""
    result = read_object(os.path.join(folder, "result.json"))
    return result if result and result.get("settings") == json.loads(json.dumps(settings)) else None


def differences(path: str, config: Dict[str, Any], not_flags: Sequence[str] = ()) -> str:
    """What to change where the run in the folder has another config: "" where it has the same, or there is none.

    Args:
      not_flags: entries that no flag sets, beside NOT_FLAGS.
    """
    known, not_flags = read_object(path), tuple(not_flags) + NOT_FLAGS
    if known is None:
        return ""
    names = sorted(name for name in set(known) | set(config) if not _alike(name, known.get(name), config.get(name)))
    if not names:
        return ""
    shown = {name: name if name in not_flags else flag_of(name) for name in names}
    changes = [
        "%s was %s there and is %s here" % (shown[name], _told(known, name), _told(config, name)) for name in names
    ]
    again = "" if set(names) & set(not_flags) else "Pass what was there, or "
    advice = again + "choose another folder with --out-dir."
    return "%s. %s" % ("; ".join(changes), advice[0].upper() + advice[1:])


def _told(config: Dict[str, Any], name: str) -> Any:
    return "not given" if config.get(name) in (None, []) else config[name]


def _alike(name: str, known: Any, new: Any) -> bool:
    """Whether two values of that entry of config.json can be of one run. Older versions told less of the data."""
    if name == HASH and None in (known, new):
        return True
    if name == "data" and isinstance(known, str) and str(new).startswith(known + "; "):
        return True
    return known == new


def flag_of(name: str) -> str:
    return "--" + name.replace("_", "-")
