"""Downloads of one file, from mirrors that misbehave. The oracle is the file's own bytes and what the server was asked."""

import errno
import hashlib
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from bad_mirrors import CONTENT, HTML, OTHER, accept
from places import ROOT

from rnn_tf1.data.files import download
from rnn_tf1.data.files.download import fetch, looks_like_html
from rnn_tf1.errors import DataError, DownloadError, OutputError


def check(path):
    with open(path, "rb") as file:
        found = hashlib.md5(file.read()).hexdigest()
    if found != hashlib.md5(CONTENT).hexdigest():
        raise DataError("the checksum is " + found)


def run(site, path, *pages, **options):
    options = dict({"timeout": 5.0, "progress": False}, **options)
    fetch("the file", site.urls(*pages), path, options.pop("check", check), **options)


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


def put_part(path, content):
    os.makedirs(os.path.dirname(path))
    with open(path + ".part", "wb") as file:
        file.write(content)


@pytest.mark.parametrize("page", ["good", "without_length", "to_good"])
def test_fetches_whole_files_in_one_request(site, path, page):
    """Catches bytes lost at the edge of a chunk, a part left behind, and a mirror asked twice."""
    run(site, path, page, "missing")
    assert_fetched(path)
    assert ("missing", None) not in site.requests


def test_a_file_that_is_there_is_left_as_it_is(site, path):
    """Catches a user's own file replaced."""
    os.makedirs(os.path.dirname(path))
    with open(path, "wb") as file:
        file.write(b"mine")
    run(site, path, "good")
    assert site.requests == []
    with open(path, "rb") as file:
        assert file.read() == b"mine"


def test_a_break_goes_on_at_the_next_mirror_from_the_same_byte(site, path):
    """Catches a break taken for the end of the file, and bytes fetched twice."""
    run(site, path, "broken", "good")
    assert site.requests == [("broken", None), ("good", "bytes=40000-")]
    assert_fetched(path)


def test_a_break_is_resumed_by_the_next_run(site, path):
    """Catches a part that is thrown away with the error, or an error that does not tell what is kept."""
    message = failure(site, path, "broken")
    assert "broke off after 40000 of 102400 bytes" in message
    assert "the 40000 bytes that came are kept" in message
    assert os.listdir(os.path.dirname(path)) == ["file.bin.part"]
    run(site, path, "good")
    assert site.requests[-1] == ("good", "bytes=40000-")
    assert_fetched(path)


def test_a_stall_is_noticed_and_the_part_kept(site, path):
    """Catches a download that hangs for ever, and one that loses the bytes that came before the stall."""
    started = time.monotonic()
    run(site, path, "stalled", "good", timeout=2.0)  # a busy machine keeps the good one waiting too
    assert time.monotonic() - started < 15  # the server lets go after 20
    assert site.requests == [("stalled", None), ("good", "bytes=30000-")]
    assert_fetched(path)


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
        ("range_not_named", "HTTP 206"),
        ("other", "the checksum is"),
    ],
)
def test_a_bad_mirror_is_named_with_its_reason_and_the_next_one_asked(site, path, page, reason):
    """Catches an answer that is not the file taken for it, a reason swallowed, and another exception than DownloadError."""
    timeout = 0.3 if page == "silent" else 5.0
    message = failure(site, path, page, timeout=timeout, check=accept if "html" in page else check)
    assert reason in message
    assert "are kept" not in message
    assert os.listdir(os.path.dirname(path)) == [], "nothing of a wrong file is kept"
    run(site, path, page, "good", timeout=2.0)
    assert_fetched(path)


def test_only_web_addresses_are_opened(path, tmp_path):
    """Catches file:// and ftp:// addresses, which urllib would open."""
    (tmp_path / "secret").write_bytes(CONTENT)
    urls = ["file://" + str(tmp_path / "secret"), "ftp://127.0.0.1/x", "no address", "http://[bad/x", "http://a b/"]
    with pytest.raises(DownloadError, match="neither an http nor an https address") as caught:
        fetch("the file", urls, path, check, progress=False)
    assert all(url in str(caught.value) for url in urls)


@pytest.mark.parametrize(
    ("part", "page", "ranges"),
    [
        (CONTENT[:1000], "without_range", ["bytes=1000-"]),
        (CONTENT[:1000], "wrong_range", ["bytes=1000-", None]),
        (CONTENT, "good", ["bytes=102400-"]),
        (CONTENT + b"more", "good", ["bytes=102404-", None]),
        (OTHER[:1000], "good", ["bytes=1000-", None]),
        (OTHER[:1000], "without_range", ["bytes=1000-"]),
        (HTML, "good", ["bytes=%d-" % len(HTML), None]),
        (bytes(300000), "good", [None]),
    ],
    ids=[
        "range ignored",
        "another range sent",
        "killed before the renaming",
        "longer than the file",
        "of another file",
        "of another file, range ignored",
        "of a web page",
        "above the maximum",
    ],
)
def test_whatever_the_part_was_the_file_is_right(site, path, part, page, ranges):
    """Catches a file put together from two, and a part that spoils every later run."""
    put_part(path, part)
    run(site, path, page, maximum=200000)
    assert [asked for _, asked in site.requests] == ranges
    assert_fetched(path)


def test_another_range_is_not_put_together_with_the_part(site, path):
    """Catches bytes put at the wrong place, which a check that only looks at the first line would let pass."""
    put_part(path, CONTENT[:1000])
    run(site, path, "wrong_range", check=accept)
    assert_fetched(path)


def test_a_mirror_with_other_content_is_started_over_only_once(site, path):
    """Catches an endless loop, and a wrong file left under the final name."""
    put_part(path, CONTENT[:1000])
    assert failure(site, path, "other", "other").count("the checksum is") == 2
    assert [asked for _, asked in site.requests] == ["bytes=1000-", None, None]
    assert os.listdir(os.path.dirname(path)) == []


@pytest.mark.parametrize("page", ["good", "huge", "endless"])
def test_a_file_above_the_maximum_is_refused(site, path, page):
    """Catches a disk filled by a mirror, with a stated length or without."""
    assert "longer than the 99999 bytes allowed" in failure(site, path, page, maximum=99999)
    assert os.listdir(os.path.dirname(path)) == []


def test_a_full_disk_is_told_from_a_broken_net(site, path, monkeypatch):
    """Catches ENOSPC taken for a mirror's fault: the other mirrors would be asked, and blamed."""

    class Full:
        def __init__(self, file):
            self.file = file

        def __getattr__(self, name):
            return getattr(self.file, name)

        def __enter__(self):
            return self

        def __exit__(self, *error):
            self.file.close()

        def write(self, chunk):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    opened = os.fdopen
    monkeypatch.setattr(download.os, "fdopen", lambda *a, **k: Full(opened(*a, **k)))
    with pytest.raises(OutputError, match=r"file\.bin\.part: the disk is full.*another path"):
        run(site, path, "good", "missing")
    assert site.requests == [("good", None)]
    assert os.listdir(os.path.dirname(path)) == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links")
def test_a_part_that_is_a_link(site, path, tmp_path):
    """Bytes of a download that are appended to whatever file a link in the folder names."""
    mine = tmp_path / "mine.txt"
    mine.write_text("precious")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.symlink(str(mine), path + ".part")
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


@pytest.mark.skipif(sys.platform == "win32", reason="a part outlives its run only where the system has file locks")
def test_a_kill_leaves_a_part_only_and_the_next_run_goes_on(site, path):
    """Catches a file written under its final name, a lock that outlives its process, and bytes held back in memory."""
    program = "import sys; from rnn_tf1.data.files.download import fetch; fetch('x', [sys.argv[1]], sys.argv[2], print)"
    process = subprocess.Popen(
        [sys.executable, "-c", program, site.urls("slow")[0], path], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    wait_for(lambda: os.path.exists(path + ".part") and os.path.getsize(path + ".part") == 50000)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert os.listdir(os.path.dirname(path)) == ["file.bin.part"]
    run(site, path, "good")
    assert site.requests[-1] == ("good", "bytes=50000-")
    assert_fetched(path)


@pytest.mark.skipif(sys.platform == "win32", reason="there each process fetches for itself")
def test_of_two_that_fetch_at_once_one_waits(site, path):
    """Catches two writers in one part, and the same bytes fetched twice."""
    errors = []

    def fetch_it():
        try:
            run(site, path, "slow")
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=fetch_it) for _ in range(3)]
    for thread in threads:
        thread.start()
    wait_for(lambda: site.requests and os.path.getsize(path + ".part") == 50000)
    time.sleep(0.3)
    site.server.released.set()
    for thread in threads:
        thread.join(10)
    assert errors == []
    assert site.requests == [("slow", None)]
    assert_fetched(path)


@pytest.mark.skipif(sys.platform == "win32", reason="there each process fetches for itself")
def test_the_one_that_waits_goes_on_where_the_other_failed(site, path):
    """Catches a waiter that waits for ever, or gives up with the other."""
    results = []

    def fetch_it(page):
        try:
            run(site, path, page, timeout=2.0)
            results.append(page)
        except DownloadError:
            results.append("failed")

    first = threading.Thread(target=fetch_it, args=("stalled",))
    first.start()
    wait_for(lambda: site.requests)
    fetch_it("good")
    first.join(10)
    assert results == ["failed", "good"]
    assert site.requests == [("stalled", None), ("good", "bytes=30000-")]
    assert_fetched(path)


def test_a_file_that_comes_while_the_lock_is_taken_is_left_as_it_is(site, path, monkeypatch):
    """Catches a second download, over the file that the other process has made in this very moment."""

    def come(held, part):
        with open(path, "wb") as file:
            file.write(CONTENT)
        return True

    monkeypatch.setattr(download, "try_lock", come)
    run(site, path, "missing")
    assert site.requests == []
    assert_fetched(path)


def wait_for(condition):
    deadline = time.monotonic() + 10
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
