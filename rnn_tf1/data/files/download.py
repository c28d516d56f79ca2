"""Downloads files with pooch: several mirrors, a progress bar, a checksum, whole or not at all.

By hand around pooch, which has none of it: trying the mirrors in turn, checking for a network, a lock, and a folder for
unfinished files, so that a run that is killed leaves nothing behind for good.
"""

import contextlib
import http.client
import os
import queue
import ssl
import tempfile
import threading
import time
import urllib.error
import urllib.parse
from typing import Any, Callable, Iterator, Optional, Sequence

from rnn_tf1.data.files.web import HTML, MirrorError, Patience, download, open_url, writing
from rnn_tf1.errors import Argument, DataError, DownloadError
from rnn_tf1.program.files import make_directory, remove_unfinished, sync, take_lock, unfinished

LONGEST_WAIT = 600.0  # seconds to wait for another run that fetches the same file; then this one fetches it too


def data_directory(data_dir: Optional[str] = None) -> str:
    """The folder of the data sets: `data_dir`, else ``$RNN_TF1_DATA``, else ``~/.cache/rnn_tf1``. It is not created."""
    chosen = data_dir or os.environ.get("RNN_TF1_DATA") or os.path.join("~", ".cache", "rnn_tf1")
    return os.path.expanduser(chosen)


def without_home(path: str) -> str:
    """`path` with ``~`` for the user's home, for files that are published."""
    home = os.path.expanduser("~") + os.sep
    return os.path.join("~", path[len(home) :]) if path.startswith(home) else path


def looks_like_html(start: bytes) -> bool:
    """Whether a file that begins with the bytes `start` is a web page, as login pages and dead mirrors send it."""
    return start.lstrip(b"\xef\xbb\xbf \t\r\n")[:9].lower().startswith((b"<!doctype", b"<html"))


def fetch(
    name: str,
    urls: Sequence[str],
    path: str,
    check: Optional[Callable[[str], None]] = None,
    known_hash: Optional[str] = None,
    progress: bool = True,
    maximum: int = 1 << 30,
    patience: Patience = Patience(),  # noqa: B008 - a tuple, which nobody can change
) -> None:
    """Downloads a file to `path`, from the first mirror that provides it whole and unchanged.

    A file that already exists at `path` is left as it is. If two processes need the same file, one fetches it and the other
    waits.

    Args:
      name: the name of the file in the progress bar and in errors.
      urls: the mirrors, tried in turn; http and https only.
      check: ``check(file)`` raises `DataError` if the fetched bytes are wrong.
      known_hash: the published checksum in pooch's notation: a sha256, or "md5:...", ...
      progress: whether to draw a progress bar on stderr.
      maximum: the largest allowed size in bytes.
      patience: when to give up a mirror that sends little or nothing.

    Raises:
      DownloadError: if no mirror provides it; lists every mirror with its reason.
      OutputError: if `path` cannot be written.
    """
    if os.path.exists(path):
        return
    path = os.path.abspath(path)
    folder = make_directory(os.path.dirname(path))
    from tqdm import tqdm

    def transfer(url: str, to: str, _: Any) -> None:
        download(url, to, path, maximum, bar, patience)
        _refuse_html(to)
        if check is not None:
            check(to)

    reasons = []
    with tqdm(desc=name, unit="B", unit_scale=True, disable=not progress) as bar, _alone(path, bar):
        if os.path.exists(path):  # another run has just fetched it
            return
        for url in urls:
            try:
                _retrieve(url, known_hash, path, transfer)
                return
            except (DataError, MirrorError) as error:
                reasons.append("  %s: %s\n" % (url, error))
    raise DownloadError(
        "%s could not be fetched:\n%sDownload it by hand into %s, or choose another "
        % (name, "".join(reasons), folder),
        Argument("path"),
        " that has it.",
    )


def network_available(urls: Sequence[str], seconds: float = 5.0) -> bool:
    """Whether the host of any of `urls` answers within `seconds`; an error page or a bad certificate counts as an answer.

    All hosts are asked at once, in daemon threads, because looking up a name may hang longer than any timeout.
    """
    answers: queue.Queue[bool] = queue.Queue()
    hosts = sorted({"%s://%s/" % urllib.parse.urlsplit(url)[:2] for url in urls})

    def ask(host: str) -> None:
        answers.put(_answers(host, seconds))

    for host in hosts:
        threading.Thread(target=ask, args=(host,), daemon=True).start()
    deadline = time.monotonic() + seconds
    for _ in hosts:
        try:
            if answers.get(timeout=max(0.0, deadline - time.monotonic())):
                return True
        except queue.Empty:
            break
    return False


def _answers(host: str, seconds: float) -> bool:
    try:
        with open_url(host, Patience(timeout=seconds), method="HEAD"):
            return True
    except urllib.error.HTTPError:
        return True
    except urllib.error.URLError as error:
        return isinstance(error.reason, ssl.SSLError) or "Tunnel connection failed" in str(error.reason)
    except (OSError, http.client.HTTPException, ValueError):
        return False


def _refuse_html(path: str) -> None:
    with open(path, "rb") as file:
        if looks_like_html(file.read(512)):
            raise DataError(HTML)


def _retrieve(url: str, known_hash: Optional[str], path: str, transfer: Callable[[str, str, Any], None]) -> None:
    """Moves the file of one mirror to `path` once it is whole and checked."""
    import pooch  # not at the top, because it takes a while

    folder, name = os.path.split(path)
    with contextlib.suppress(OSError):
        remove_unfinished(folder)
    with writing(path), tempfile.TemporaryDirectory(unfinished(""), name, folder) as private:
        try:
            with _quiet(pooch.get_logger()):
                fetched = pooch.retrieve(url, known_hash, name, private, downloader=transfer)
        except DataError:
            raise
        except ValueError as error:  # pooch's error for a wrong checksum
            raise DataError("not the published file: %s" % error) from error
        os.replace(fetched, path)
        sync(folder)


@contextlib.contextmanager
def _quiet(logger: Any) -> Iterator[None]:
    """Keeps pooch from writing a line for each file to stderr, and the checksums of files without a known one."""
    before = logger.level
    logger.setLevel("WARNING")
    try:
        yield
    finally:
        logger.setLevel(before)


@contextlib.contextmanager
def _alone(path: str, bar: Any) -> Iterator[None]:
    """Waits until no other run fetches `path`. If the disk has no locks, both fetch it, each to its own temporary file."""
    with writing(path):
        lock = take_lock(path + ".lock")
        if lock is None:
            bar.set_postfix_str("another run is fetching it, waiting")
            lock = take_lock(path + ".lock", LONGEST_WAIT)
    try:
        yield
    finally:
        if lock is not None:
            with contextlib.suppress(OSError):  # Windows removes no open file; there filelock does, after the lock
                os.remove(path + ".lock")
            lock.release()
