"""Locates the files of a data set: in a folder, downloaded into it, or, without a network, a generated stand-in."""

import os
from typing import Callable, List, NamedTuple, Optional, Tuple

from rnn_tf1.data.files.download import data_directory, network_available, without_home
from rnn_tf1.data.files.outside import holds
from rnn_tf1.errors import Argument, DataError, renamed
from rnn_tf1.program.files import atomic_path, make_directory
from rnn_tf1.program.terminal import say

NOTE = "generated.txt"  # written last into a folder of generated files; names what wrote them


class DataSet(NamedTuple):
    """The description of a data set."""

    folder: str  # its name in the data directory; the stand-in's ends with "-generated"
    names: Tuple[str, ...]  # of the files, all of which are needed
    # Downloads the files: a function of the folder and the missing names; None: they are not published.
    fetch: Optional[Callable[[str, List[str]], None]]
    mirrors: Tuple[str, ...]  # addresses; `fetch` is tried if one of their hosts answers
    generate: Callable[[str], None]  # writes the files of the stand-in into a folder
    note: str  # one line, which changes whenever `generate` would write other files
    stand_in: str  # a description of these files: "GENERATED sentences, written by a grammar, not film reviews"


@renamed(path="data_dir")
def locate(data_set: DataSet, data_dir: Optional[str] = None, generated: bool = False) -> Tuple[str, str]:
    """(the folder with the files, "real" or "generated").

    Missing files are downloaded. Without a network, or if they are not published, the stand-in is generated, and a line on
    stderr says so. If some of the files are there, nothing is generated, because it would be taken for the rest of them.

    Args:
      data_dir: the folder of the data; default: ``$RNN_TF1_DATA``, else ``~/.cache/rnn_tf1``.
      generated: True uses the generated stand-in, even if the real data are there.

    Raises:
      DataError: if some of the files are missing and cannot be downloaded.
      DownloadError: if there is a network but no mirror provides the files.
      OutputError: if the folder is not writable.
    """
    folder = os.path.join(data_directory(data_dir), data_set.folder)
    missing = [name for name in data_set.names if not os.path.exists(os.path.join(folder, name))]
    if not missing and not generated:
        return folder, "real"
    if not generated and data_set.fetch is not None and network_available(data_set.mirrors):
        data_set.fetch(folder, missing)
        return folder, "real"
    if not generated and len(missing) < len(data_set.names):
        raise DataError(
            "%s: %s missing, beside files that are there. Put all files of the data "
            "set there, or name their folder's parent with " % (without_home(folder), ", ".join(missing)),
            Argument("data_dir"),
            ".",
        )
    if not generated:
        why = "" if data_set.fetch is None else "no network, and "
        say(
            "WARNING: %s%s missing in %s: these are "
            "%s. Put the files there, or name their folder's parent with "
            % (why, ", ".join(missing), without_home(folder), data_set.stand_in),
            Argument("data_dir"),
            ".",
        )
    folder += "-generated"
    if not _is_current(folder, data_set):
        make_directory(folder)
        data_set.generate(folder)
        with atomic_path(os.path.join(folder, NOTE)) as temporary:
            with open(temporary, "w", encoding="utf-8") as file:
                file.write(data_set.note + "\n")
    return folder, "generated"


def _is_current(folder: str, data_set: DataSet) -> bool:
    current = holds(os.path.join(folder, NOTE), data_set.note + "\n")
    return current and all(os.path.exists(os.path.join(folder, name)) for name in data_set.names)
