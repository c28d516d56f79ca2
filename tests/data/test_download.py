"""Downloads of one file, from mirrors that misbehave. The oracle is the file's own bytes and what the server was asked."""

import contextlib
import errno
import hashlib
import io
import os
import re
import signal
import subprocess
import sys
import threading
import time

import pytest
from bad_mirrors import CONTENT, OTHER, accept
from places import ROOT

from rnn_tf1.data.files import download, web
from rnn_tf1.data.files.download import fetch, looks_like_html
from rnn_tf1.data.files.web import Patience
from rnn_tf1.errors import DataError, DownloadError, OutputError
from rnn_tf1.program.files import take_lock


def check(path):
    with open(path, "rb") as file:
        found = hashlib.md5(file.read()).hexdigest()
    if found != hashlib.md5(CONTENT).hexdigest():
        raise DataError("the checksum is " + found)


def run(site, path, *pages, **options):
    options = dict({"patience": Patience(5.0), "progress": False, "check": check}, **options)
    fetch("the file", site.urls(*pages), path, **options)


def failure(site, path, *pages, **options):
    with pytest.raises(DownloadError) as caught:
        run(site, path, *pages, **options)
    assert not os.path.exists(path)
    for page in pages:
        assert site.address + page in str(caught.value), "every mirror is listed"
    assert "another path" in str(caught.value)
    assert os.path.dirname(path) in str(caught.value)
    return str(caught.value)


def assert_fetched(path):
    with open(path, "rb") as file:
        assert file.read() == CONTENT
    assert os.listdir(os.path.dirname(path)) == [os.path.basename(path)], "nothing else is left"


@pytest.mark.parametrize("page", ["good", "without_length", "to_good"])
def test_fetches_whole_files_in_one_request(site, path, page):
    """Catches bytes lost at the edge of a chunk, a part left behind, and a mirror asked twice."""
    run(site, path, page, "missing")
    assert_fetched(path)
    assert site.requests[-1:] == ["good" if page == "to_good" else page]


def test_a_fetched_file_is_for_everybody_who_may_read_there(site, path):
    """Catches the file of tempfile, which pooch uses: nobody but the user who fetched it can read a folder that is shared."""
    run(site, path, "good")
    with open(path + ".other", "wb"):
        pass
    assert os.stat(path).st_mode == os.stat(path + ".other").st_mode


def test_a_file_that_is_there_is_left_as_it_is(site, path):
    """Catches a user's own file replaced."""
    os.makedirs(os.path.dirname(path))
    with open(path, "wb") as file:
        file.write(b"mine")
    run(site, path, "good")
    assert site.requests == []
    with open(path, "rb") as file:
        assert file.read() == b"mine"


def test_a_break_is_noticed(site, path):
    """Catches a break taken for the end of the file, and a file put together from two mirrors."""
    assert "broke off after 40000 of 102400 bytes" in failure(site, path, "broken", check=accept)
    assert os.listdir(os.path.dirname(path)) == []
    run(site, path, "broken", "good")
    assert site.requests == ["broken", "broken", "good"]
    assert_fetched(path)


def test_a_stall_is_noticed(site, path):
    """Catches a download that hangs for ever."""
    started = time.monotonic()
    run(site, path, "stalled", "good", patience=Patience(2.0))  # a busy machine keeps the good one waiting too
    assert time.monotonic() - started < 15  # the server lets go after 20
    assert site.requests == ["stalled", "good"]
    assert_fetched(path)


class Clock:
    """A clock that goes on by a second whenever somebody looks at it: each wait for bytes takes one."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += 1.0
        return self.now


@pytest.mark.parametrize("page", ["crawling", "crawling_headers"])
def test_a_mirror_that_crawls_is_left(site, path, page):
    """Catches a mirror that sends a byte before each time-out, in the file or in the headers: it would take a year."""
    message = failure(site, path, page, patience=Patience(5.0, least=1000, period=9.0, clock=Clock()))
    count, seconds = re.search(r"only (\d+) bytes in (\d+) seconds", message).groups()
    assert 0 < int(count) < 1000 and seconds == "9"
    run(site, path, page, "good", patience=Patience(5.0, least=1000, period=9.0, clock=Clock()))
    assert_fetched(path)


def test_a_mirror_is_not_left_for_what_is_not_its_fault(site, path):
    """Catches a slow line that is given up, a small file whose end is taken for crawling, and a look at the whole time, in
    which this computer may have slept between two reads."""
    watched = web._Watched(io.BytesIO(bytes(100)), Patience(least=10, period=4.0, clock=Clock()))
    assert [len(watched.read(3)) for _ in range(12)] == [3] * 12
    watched = web._Watched(io.BytesIO(bytes(9)), Patience(least=100, period=4.0, clock=Clock()))
    assert [len(watched.read(3)) for _ in range(4)] == [3, 3, 3, 0]
    watched = web._Watched(io.BytesIO(bytes(100)), Patience(least=13, period=4.0, clock=Clock()))
    with pytest.raises(OSError, match="only 12 bytes in 4 seconds"):
        list(iter(lambda: watched.read(3), b""))
    watched = web._Watched(io.BytesIO(bytes(100)), Patience(least=10, period=4.0, clock=Clock()))
    assert [len(watched.read(count)) for count in (30, 1, 1, 1, 1, 1, 1)] == [30, 1, 1, 1, 1, 1, 1]
    with pytest.raises(OSError, match="only 4 bytes"):
        watched.read(1)
    clock = Clock()
    watched = web._Watched(io.BytesIO(bytes(10)), Patience(least=100, period=4.0, clock=clock))
    for _ in range(3):
        assert watched.read(1) == bytes(1)
        clock.now += 1000.0  # between the reads
    assert Patience().least / Patience().period < 2000, "bytes a second: a line that is slow, and works"


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ("missing", "HTTP 404"),
        ("silent", "no byte for 0.3 seconds"),
        ("nothing", "HTTP 204"),
        ("garbage", "what is this"),
        ("hung_up", "closed connection"),
        ("html", "HTML page"),
        ("html_bare", "HTML page"),
        ("html_unsaid", "HTML page"),
        ("to_html", "HTML page"),
        ("to_ftp", "neither http nor https"),
        ("to_file", "file:"),
        ("part", "HTTP 206"),
        ("other", "the checksum is"),
    ],
)
def test_a_bad_mirror_is_named_with_its_reason_and_the_next_one_asked(site, path, page, reason):
    """Catches an answer that is not the file taken for it, a reason swallowed, and another exception than DownloadError."""
    patience = Patience(0.3 if page == "silent" else 5.0)
    message = failure(site, path, page, patience=patience, check=accept if "html" in page else check)
    assert reason in message
    assert os.listdir(os.path.dirname(path)) == [], "nothing of a wrong file is kept"
    run(site, path, page, "good", patience=Patience(2.0))
    assert_fetched(path)


@pytest.mark.parametrize("kind", ["sha256", "md5"])
def test_the_published_checksum(site, path, kind):
    """Catches a checksum that nobody compares, and one of another kind."""
    known = hashlib.new(kind, CONTENT).hexdigest()
    known = known if kind == "sha256" else "md5:" + known
    message = failure(site, path, "other", check=None, known_hash=known)
    assert all(told in message for told in ("not the published file", known, hashlib.new(kind, OTHER).hexdigest()))
    assert os.listdir(os.path.dirname(path)) == []
    run(site, path, "other", "good", check=None, known_hash=known)
    assert_fetched(path)


def test_only_web_addresses_are_opened(path, tmp_path):
    """Catches file:// and ftp:// addresses, which urllib would open."""
    (tmp_path / "secret").write_bytes(CONTENT)
    urls = ["file://" + str(tmp_path / "secret"), "ftp://127.0.0.1/x", "no address", "http://[bad/x", "http://a b/"]
    with pytest.raises(DownloadError, match="neither an http nor an https address") as caught:
        fetch("the file", urls, path, check, progress=False)
    assert all(url in str(caught.value) for url in urls)


@pytest.mark.parametrize("page", ["good", "huge", "endless"])
def test_a_file_above_the_maximum_is_refused(site, path, page):
    """Catches a disk filled by a mirror, with a stated length or without."""
    assert "longer than the 99999 bytes allowed" in failure(site, path, page, maximum=99999)
    assert os.listdir(os.path.dirname(path)) == []


@pytest.mark.parametrize("when", ["open", "write", "sync"])
def test_a_full_disk_is_told_from_a_broken_net(site, path, monkeypatch, when):
    """Catches ENOSPC taken for a mirror's fault: the other mirrors would be asked, and blamed."""

    def fail(*arguments, **options):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    class Full(io.BytesIO):
        def __init__(self, *arguments, **options):
            super().__init__()

        write = fail

    monkeypatch.setattr(web, "sync" if when == "sync" else "open", Full if when == "write" else fail, raising=False)
    with pytest.raises(OutputError, match=r"file\.bin: the disk is full.*another path"):
        run(site, path, "good", "missing")
    assert site.requests == ["good"]
    assert os.listdir(os.path.dirname(path)) == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links")
def test_a_lock_that_is_a_link(site, path, tmp_path):
    """A file that a link in the folder names, and that is emptied to lock it."""
    mine = tmp_path / "mine.txt"
    mine.write_text("precious")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.symlink(str(mine), path + ".lock")
    with pytest.raises(OutputError, match="symbolic link.*another path"):
        run(site, path, "good")
    assert mine.read_text() == "precious" and site.requests == []


def test_a_folder_that_cannot_be_written_to_is_named_before_anything_is_asked(site, path, monkeypatch):
    """Catches a download whose bytes have nowhere to go, and a message that advises another folder than the file's."""

    def refuse(**arguments):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("rnn_tf1.program.files.tempfile.TemporaryFile", refuse)
    with pytest.raises(OutputError, match="Read-only.*another path") as caught:
        run(site, path, "good")
    assert os.path.dirname(path) in str(caught.value)
    assert site.requests == []


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be asked for there")
def test_a_kill_leaves_nothing_that_stays(site, path):
    """Catches a file written under its final name, a lock that outlives its process, and half a file that nobody removes."""
    program = "import sys; from rnn_tf1.data.files.download import fetch; fetch('x', [sys.argv[1]], sys.argv[2], print)"
    process = subprocess.Popen(
        [sys.executable, "-c", program, site.urls("slow")[0], path], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    wait_for(lambda: came(path) == 50000)
    process.send_signal(signal.SIGKILL)
    process.wait()
    left = set(os.listdir(os.path.dirname(path))) - {"file.bin.lock"}
    assert len(left) == 1 and left.pop().endswith(".%d.unfinished" % process.pid)
    run(site, path, "good")
    assert_fetched(path)


def came(path):
    """The bytes of `path` that are there, in whatever file below its folder."""
    total = 0
    for folder, _, names in os.walk(os.path.dirname(path)):
        for name in names:
            with contextlib.suppress(OSError):  # one that goes away meanwhile
                total += os.path.getsize(os.path.join(folder, name))
    return total


def test_of_two_that_fetch_at_once_one_waits(site, path):
    """Catches the same bytes fetched twice."""
    errors = []

    def fetch_it():
        try:
            run(site, path, "slow")
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=fetch_it) for _ in range(3)]
    for thread in threads:
        thread.start()
    wait_for(lambda: site.requests and came(path) == 50000)
    time.sleep(0.3)
    site.server.released.set()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert site.requests == ["slow"]
    assert_fetched(path)


def test_the_one_that_waits_goes_on_where_the_other_failed(site, path):
    """Catches a waiter that waits for ever, or gives up with the other."""
    results = []

    def fetch_it(page):
        try:
            run(site, path, page, patience=Patience(2.0))
            results.append(page)
        except DownloadError:
            results.append("failed")

    first = threading.Thread(target=fetch_it, args=("stalled",))
    first.start()
    wait_for(lambda: site.requests)
    fetch_it("good")
    first.join(60)
    assert results == ["failed", "good"]
    assert site.requests == ["stalled", "good"]
    assert_fetched(path)


def test_one_that_has_waited_long_enough_fetches_too(site, path, monkeypatch):
    """Catches a lock that another machine has left on a network disk, for which every later run waits for ever."""
    monkeypatch.setattr(download, "LONGEST_WAIT", 0.2)
    os.makedirs(os.path.dirname(path))
    lock = take_lock(path + ".lock")
    run(site, path, "good")
    assert site.requests == ["good"]
    assert take_lock(path + ".lock") is None, "the lock is still the other's"
    lock.release()


def test_a_file_that_comes_while_the_lock_is_taken_is_left_as_it_is(site, path, monkeypatch):
    """Catches a second download, over the file that the other process has made in this very moment."""

    def come(lock, seconds=0.0):
        with open(path, "wb") as file:
            file.write(CONTENT)
        return take_lock(lock, seconds)

    monkeypatch.setattr(download, "take_lock", come)
    run(site, path, "missing")
    assert site.requests == []
    assert_fetched(path)


def wait_for(condition):
    deadline = time.monotonic() + 60  # a busy machine takes long to start a process
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)


def test_the_bar_shows_the_name_only_when_asked(site, path, capsys):
    """Catches a silent download, and a bar in the output of a program that wants none."""
    run(site, path, "good")
    assert capsys.readouterr().err == ""
    os.remove(path)
    run(site, path, "broken", "good", progress=True)
    shown = capsys.readouterr().err
    assert "the file" in shown
    assert "100%" in shown


def test_looks_like_html():
    """Catches pages with a byte order mark or upper case, and data that merely begins with a bracket."""
    assert looks_like_html(b"\xef\xbb\xbf\n <!DocType HTML>")
    assert looks_like_html(b"<HTML lang=en>")
    assert not looks_like_html(b"< the first word")
    assert not looks_like_html(b"")
