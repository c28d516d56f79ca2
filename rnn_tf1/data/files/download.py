"""Files fetched from the net: several mirrors, a progress bar, resumed where they broke off, checked, whole or not."""

import contextlib
import http.client
import os
import queue
import re
import socket
import ssl
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, Callable, Iterator, Optional, Sequence

from rnn_tf1.errors import Argument, DataError, DownloadError, OutputError
from rnn_tf1.program.files import explain, make_directory, open_own, sync, try_lock

_CHUNK = 1 << 16
_HTML = "sent an HTML page (a login page, perhaps) instead of the file"


def data_directory(data_dir: Optional[str] = None) -> str:
    """The folder of the data sets: `data_dir`, else ``$RNN_TF1_DATA``, else ``~/.cache/rnn_tf1``. Makes nothing."""
    chosen = data_dir or os.environ.get("RNN_TF1_DATA") or os.path.join("~", ".cache", "rnn_tf1")
    return os.path.expanduser(chosen)


def without_home(path: str) -> str:
    """`path` with the user's home as ``~``, for what is published."""
    home = os.path.expanduser("~") + os.sep
    return os.path.join("~", path[len(home) :]) if path.startswith(home) else path


def looks_like_html(start: bytes) -> bool:
    """Whether a file that begins with the bytes `start` is a web page: what login pages and dead mirrors send."""
    return start.lstrip(b"\xef\xbb\xbf \t\r\n")[:9].lower().startswith((b"<!doctype", b"<html"))


def fetch(
    name: str,
    urls: Sequence[str],
    path: str,
    check: Callable[[str], None],
    timeout: float = 15.0,
    progress: bool = True,
    maximum: int = 1 << 30,
) -> None:
    """Fetches one file to `path`, from the first of its mirrors that gives it whole and unchanged.

    What has come so far is in ``path + ".part"``; the next mirror, and the next run, go on from its end. A file that is
    at `path` already is left as it is. Where two processes want the same file, one fetches and the other waits.

    name      what the progress bar and the errors call the file
    urls      the mirrors, tried in turn; http and https only
    check     ``check(file)`` raises `DataError` where the fetched bytes are wrong
    timeout   seconds without an answer or a byte after which a mirror is given up
    progress  whether to draw a progress bar on stderr
    maximum   bytes; a longer file is refused

    Raises `DownloadError`, which lists every mirror with its reason, and `OutputError` where `path` cannot be written.
    """
    if os.path.exists(path):
        return
    folder = make_directory(os.path.dirname(os.path.abspath(path)))
    from tqdm import tqdm

    bar = tqdm(desc=name, unit="B", unit_scale=True, disable=not progress)
    with bar, _own_part(path, bar) as part:
        if part is None:  # another process has just made it
            return
        reasons = []
        for url in urls:
            try:
                _fetch_from(url, part, check, timeout, maximum, bar)
                with _writing(path):
                    _move(part, path)
                return
            except (DataError, _MirrorError) as error:
                reasons.append(f"  {url}: {error}")
    kept = os.path.getsize(part) if os.path.exists(part) else 0
    resume = f"Run again: the {kept} bytes that came are kept, and it goes on from there.\n" if kept else ""
    raise DownloadError(
        f"{name} could not be fetched:\n"
        + "".join(f"{reason}\n" for reason in reasons)
        + f"{resume}Or download it by hand into {folder}, or choose another ",
        Argument("path"),
        " that has it.",
    )


def network_available(urls: Sequence[str], seconds: float = 5.0) -> bool:
    """Whether the host of any of `urls` answers, an error page or a bad certificate included, within `seconds` in all.

    All hosts are asked at once, in daemon threads, since a look-up of a name may hang longer than any time-out.
    """
    answers: queue.Queue[bool] = queue.Queue()
    hosts = sorted({"{0.scheme}://{0.netloc}/".format(urllib.parse.urlsplit(url)) for url in urls})

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


class _MirrorError(Exception):
    """Why a mirror was given up."""


class _WebRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to http and https only; urllib alone would follow one to ftp."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if not _is_web(newurl):
            raise urllib.error.URLError(f"redirected to {newurl}, which is neither http nor https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _is_web(url: str) -> bool:
    return url.lower().startswith(("http://", "https://"))


def _answers(host: str, seconds: float) -> bool:
    try:
        with _open(host, {}, seconds, method="HEAD"):
            return True
    except urllib.error.HTTPError:
        return True
    except urllib.error.URLError as error:
        return isinstance(error.reason, ssl.SSLError) or "Tunnel connection failed" in str(error.reason)
    except (OSError, http.client.HTTPException, ValueError):
        return False


def _open(url: str, headers: dict, timeout: float, method: str = "GET") -> Any:
    if not _is_web(url):
        raise urllib.error.URLError("neither an http nor an https address")
    request = urllib.request.Request(url, headers=dict(headers, **{"User-Agent": "rnn_tf1"}), method=method)
    return urllib.request.build_opener(_WebRedirects).open(request, timeout=timeout)


def _fetch_from(url: str, part: str, check: Callable[[str], None], timeout: float, maximum: int, bar: Any) -> None:
    """Completes and checks `part` from one mirror; where a part of another file was completed, starts over once."""
    while True:
        resumed = _receive(url, part, timeout, maximum, bar)
        try:
            with open(part, "rb") as file:
                if looks_like_html(file.read(512)):
                    raise DataError(_HTML)
            check(part)
            return
        except DataError:
            _empty(part)
            if not resumed:
                raise


def _receive(url: str, part: str, timeout: float, maximum: int, bar: Any) -> bool:
    """Appends to `part` what it lacks. True where bytes that were there before are part of it now."""
    if os.path.getsize(part) > maximum:
        _empty(part)
    offset = os.path.getsize(part)
    try:
        with _open(url, {"Range": f"bytes={offset}-"} if offset else {}, timeout) as answer:
            if answer.headers.get_content_type() == "text/html":
                raise _MirrorError(_HTML)
            if answer.status == 200:  # the whole file, asked for or not
                length = answer.headers.get("Content-Length", "")
                _store(
                    answer, part, 0, int(length) if re.match(r"\d{1,18}\Z", length, re.ASCII) else None, maximum, bar
                )
                return False
            content_range = re.match(r"bytes (\d{1,18})-\d+/(\d{1,18})\Z", answer.headers.get("Content-Range", ""))
            if answer.status == 206 and content_range and int(content_range.group(1)) == offset:
                _store(answer, part, offset, int(content_range.group(2)), maximum, bar)
                return offset > 0
            if not offset:
                raise _MirrorError(f"answered with HTTP {answer.status} instead of the file")
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416 and offset:  # nothing follows the part: it is whole, or of another file; the check tells
            return True
        raise _MirrorError(f"HTTP {error.code} {error.reason}") from error
    except OutputError:
        raise
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _MirrorError(_reason(error, timeout)) from error
    _empty(part)  # another range than the one asked for
    return _receive(url, part, timeout, maximum, bar)


def _store(answer: Any, part: str, offset: int, total: Optional[int], maximum: int, bar: Any) -> None:
    """Writes the bytes of `answer` into `part` from `offset` on, as they come, up to the `total` size of the file."""
    too_long = f"longer than the {maximum} bytes allowed"
    if total is not None and total > maximum:
        raise _MirrorError(too_long)
    bar.reset()
    bar.total, bar.n, bar.initial = total, offset, offset
    with _writing(part):
        file = os.fdopen(open_own(part), "rb+", buffering=0)  # the two kinds of errors are told apart
        file.truncate(offset)
        file.seek(offset)
    with file:
        while total is None or offset < total:
            chunk = answer.read1(_CHUNK)  # what is there; read() would wait for a full chunk, and lose it at a stall
            if not chunk:
                break
            offset += len(chunk)
            if offset > maximum:
                _empty(part)
                raise _MirrorError(too_long)
            rest = memoryview(chunk)
            while rest:
                with _writing(part):
                    rest = rest[file.write(rest) :]
            bar.update(len(chunk))
    if total is not None and offset < total:
        raise _MirrorError(f"broke off after {offset} of {total} bytes")


def _reason(error: Exception, timeout: float) -> str:
    reason = getattr(error, "reason", error)  # URLError wraps the error that tells
    if isinstance(reason, socket.timeout):
        return f"no byte for {timeout:g} seconds"
    return str(reason) or type(reason).__name__


@contextlib.contextmanager
def _writing(path: str) -> Iterator[None]:
    """Tells the disk's errors from the net's: both are `OSError`."""
    try:
        yield
    except OSError as error:
        raise OutputError(*explain(path, error)) from error


def _move(part: str, path: str) -> None:
    sync(part)
    os.replace(part, path)
    sync(os.path.dirname(path))


def _empty(part: str) -> None:
    with _writing(part):
        os.truncate(part, 0)  # not removed: the lock hangs on it


@contextlib.contextmanager
def _own_part(path: str, bar: Any) -> Iterator[Optional[str]]:
    """Gives the part file of `path`, which no other process writes meanwhile; None where `path` is there, or comes.

    The lock is the kernel's, so that a killed process leaves none behind. Windows has no such lock and renames no open
    file: there the part is the process's own and does not outlive the call.
    """
    locks = sys.platform != "win32"
    part = path + (".part" if locks else f".{os.getpid()}.part")
    while not os.path.exists(path):
        with _writing(part):
            held = os.fdopen(open_own(part), "rb+")  # closed below; an error inside the caller's block is not ours
        if not locks:
            held.close()
        with held:
            if not locks or try_lock(held, part):
                try:
                    yield None if os.path.exists(path) else part
                finally:
                    with contextlib.suppress(OSError):
                        if not locks or not os.path.getsize(part):
                            os.remove(part)
                return
        bar.set_postfix_str("another run is fetching it, waiting")
        time.sleep(0.1)
    yield None
