"""Downloads a file from a web server, which may send anything: the ``downloader`` for pooch.

It uses Python's urllib, not pooch's own downloader, requests, which writes any number of bytes, takes HTTP 204, a part (206)
or a web page for the file, unpacks what the server calls packed, sends passwords from ~/.netrc, and waits as long as a byte
arrives now and then.
"""

import contextlib
import functools
import http.client
import io
import os
import re
import socket
import time
import urllib.error
import urllib.request
from typing import Any, Callable, Iterator, NamedTuple

from rnn_tf1.errors import OutputError
from rnn_tf1.program.files import explain, sync

HTML = "sent an HTML page (a login page, perhaps) instead of the file"
_CHUNK = 1 << 16


class MirrorError(Exception):
    """Why a mirror was given up."""


class Patience(NamedTuple):
    """When to give up a server: after `timeout` seconds without a byte, or `period` seconds with fewer than `least` bytes."""

    timeout: float = 15.0
    least: int = 1 << 16  # a telephone modem is six times as fast
    period: float = 60.0
    clock: Callable[[], float] = time.monotonic


def download(url: str, to: str, path: str, maximum: int, bar: Any, patience: Patience) -> None:
    """Downloads `url` to the new file `to`, and syncs it to the disk; `bar` shows the progress.

    Raises:
      MirrorError: for anything but a whole file of at most `maximum` bytes.
      OutputError: which names `path`, if it cannot be written.
    """
    try:
        with open_url(url, patience) as answer:
            if answer.headers.get_content_type() == "text/html":
                raise MirrorError(HTML)
            if answer.status != 200:
                raise MirrorError("answered with HTTP %s instead of the file" % answer.status)
            _store(answer, to, path, maximum, bar)
    except urllib.error.HTTPError as error:
        error.close()
        raise MirrorError("HTTP %s %s" % (error.code, error.reason)) from error
    except OutputError:
        raise
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise MirrorError(_reason(error, patience)) from error


def open_url(url: str, patience: Patience, method: str = "GET") -> Any:
    """The server's answer, an open file with `status` and `headers`; http and https only, also after a redirect."""
    if not _is_web(url):
        raise urllib.error.URLError("neither an http nor an https address")
    request = urllib.request.Request(url, headers={"User-Agent": "rnn_tf1"}, method=method)
    opener = urllib.request.build_opener(_WebRedirects, _Connections(patience))
    return opener.open(request, timeout=patience.timeout)


@contextlib.contextmanager
def writing(path: str) -> Iterator[None]:
    """Turns errors of the disk into `OutputError`, to tell them from those of the network: both are `OSError`."""
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(*explain(path, error)) from error


def _is_web(url: str) -> bool:
    return url.lower().startswith(("http://", "https://"))


class _WebRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to http and https only; urllib alone would follow one to ftp."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if not _is_web(newurl):
            raise urllib.error.URLError("redirected to %s, which is neither http nor https" % newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Connections(urllib.request.HTTPHandler, urllib.request.HTTPSHandler):
    """Connections whose speed is watched, also while headers and a proxy's answer arrive."""

    def __init__(self, patience: Patience) -> None:
        super().__init__()
        self._patience = patience

    def http_open(self, req: Any) -> Any:
        return self.do_open(functools.partial(self._connection, http.client.HTTPConnection), req)

    def https_open(self, req: Any) -> Any:
        return self.do_open(functools.partial(self._connection, http.client.HTTPSConnection), req)

    def _connection(self, kind: Any, host: str, **options: Any) -> Any:
        connection = kind(host, **options)
        connection.response_class = functools.partial(_Answer, self._patience)
        return connection


class _Answer(http.client.HTTPResponse):
    def __init__(self, patience: Patience, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fp: Any = io.BufferedReader(_Watched(self.fp.detach(), patience))  # type: ignore[has-type]


class _Crawls(OSError):
    """The server is too slow to ever send the whole file."""


class _Watched(io.RawIOBase):
    """What comes out of a socket. Raises `_Crawls` at a byte that comes when too little came in the seconds waited for it."""

    def __init__(self, source: Any, patience: Patience) -> None:
        self._source, self._patience = source, patience
        self._waited, self._came = 0.0, 0  # since the period began; what the reader does with the bytes takes no time

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        began = self._patience.clock()
        count = self._source.readinto(buffer)
        self._waited += self._patience.clock() - began
        self._came += count
        if self._waited >= self._patience.period:
            if count and self._came < self._patience.least:
                raise _Crawls("only %s bytes in %.0f seconds" % (self._came, self._waited))
            self._waited, self._came = 0.0, 0
        return count

    def close(self) -> None:
        self._source.close()
        super().close()


def _store(answer: Any, to: str, path: str, maximum: int, bar: Any) -> None:
    """Writes the bytes of `answer` to `to`, as they come, up to the size that the server names."""
    length = answer.headers.get("Content-Length", "")
    total = int(length) if re.match(r"\d{1,18}\Z", length, re.ASCII) else None
    too_long = "longer than the %s bytes allowed" % maximum
    if total is not None and total > maximum:
        raise MirrorError(too_long)
    bar.reset(total)
    came = 0
    with writing(path):
        if os.path.lexists(to):
            os.remove(to)  # pooch's file, which nobody but this user could read
        file = open(to, "xb", buffering=0)  # noqa: SIM115 - the two kinds of errors are told apart
    with file:
        while total is None or came < total:
            chunk = answer.read1(_CHUNK)  # what is there; read() would wait for a full chunk
            if not chunk:
                break
            came += len(chunk)
            if came > maximum:
                raise MirrorError(too_long)
            rest = memoryview(chunk)
            while rest:
                with writing(path):
                    rest = rest[file.write(rest) :]
            bar.update(len(chunk))
    if total is not None and came < total:
        raise MirrorError("broke off after %s of %s bytes" % (came, total))
    with writing(path):
        sync(to)


def _reason(error: Exception, patience: Patience) -> str:
    reason = getattr(error, "reason", error)  # URLError wraps the error that tells
    if isinstance(reason, socket.timeout):
        return "no byte for %g seconds" % patience.timeout
    return str(reason) or type(reason).__name__
