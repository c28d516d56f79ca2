"""Where the files of a data set are: in a folder, fetched into it, or, without a network, generated as a stand-in."""

import os
from typing import Callable, List, NamedTuple, Optional, Tuple

from rnn_tf1.data.files.download import data_directory, network_available, without_home
from rnn_tf1.data.files.outside import holds
from rnn_tf1.errors import Argument, DataError, renamed
from rnn_tf1.program.files import atomic_path, make_directory
from rnn_tf1.program.terminal import say

NOTE = "generated.txt"  # written last into a folder of generated files; it says by what


class DataSet(NamedTuple):
    """What is known of a data set before it is read."""

    folder: str  # its name in the data directory; that of the stand-in ends with "-generated"
    names: Tuple[str, ...]  # of the files, all of which are needed
    fetch: Optional[
        Callable[[str, List[str]], None]
    ]  # (folder, missing names): fetches them; None: nobody gives them away
    mirrors: Tuple[str, ...]  # addresses, one of whose hosts must answer for `fetch` to be tried
    generate: Callable[[str], None]  # writes the files of the stand-in into a folder
    note: str  # one line, another one whenever `generate` would write other files
    stand_in: str  # what these are: "GENERATED sentences, written by a grammar, not film reviews"


@renamed(path="data_dir")
def locate(data_set: DataSet, data_dir: Optional[str] = None, generated: bool = False) -> Tuple[str, str]:
    """(the folder with the files, "real" or "generated").

    data_dir   default: ``$RNN_TF1_DATA``, else ``~/.cache/rnn_tf1``
    generated  asks for the stand-in, whatever there is

    Missing files are fetched. Where there is no network, or nobody gives them away, the stand-in is generated, and one line on
    stderr says so; where a part of the files is there, nothing is generated, for it would be taken for the rest of them.

    Raises `DataError` where a part of the files is missing and nothing can give it, `DownloadError` where there is a network
    but no mirror gives the files, and `OutputError` where the folder cannot be written to.
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
            f"{without_home(folder)}: {', '.join(missing)} missing, beside files that are there. Put all files of the data "
            "set there, or name their folder's parent with ",
            Argument("data_dir"),
            ".",
        )
    if not generated:
        why = "" if data_set.fetch is None else "no network, and "
        say(
            f"WARNING: {why}{', '.join(missing)} missing in {without_home(folder)}: these are "
            f"{data_set.stand_in}. Put the files there, or name their folder's parent with ",
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
