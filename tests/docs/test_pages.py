"""docs/check_pages.py: what is broken on a page is found, and nothing else."""

import os
import subprocess
import sys

import pytest
from places import ROOT

SCRIPT = os.path.join(ROOT, "docs", "check_pages.py")
GOOD = """<link href="looks.css?v=1"><a href="#top">up</a> <a href="sub/b.html#x%20y">b</a> <a href="https://example.org">out</a>
<a href="sub/">all</a> <img src="data:image/png;base64,AA"> <h1 id="top">a</h1>"""


def check(folder, page):
    (folder / "sub").mkdir()
    (folder / "looks.css").write_text("")
    (folder / "sub" / "b.html").write_text('<img src="../looks.css"><p id="x y">b</p><a href="../a.html">back</a>')
    (folder / "a.html").write_text(GOOD + "\n" + page)
    done = subprocess.run([sys.executable, SCRIPT, str(folder)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout.decode("utf-8")


def test_whole_pages(tmp_path):
    """A good link that is called broken."""
    assert check(tmp_path, "") == (0, "2 pages, 0 broken links\n")


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ('<a href="c.html">', "line 3: c.html is not there"),
        ('<a href="sub/b.html#z">', "line 3: sub/b.html#z has no such anchor"),
        ('<a href="#z">', "line 3: #z has no such anchor"),
        ('<img src="none.svg">', "line 3: none.svg is not there"),
        (
            '<script src="https://example.org/x.js"></script>',
            "line 3: https://example.org/x.js would be loaded from another site",
        ),
        (
            '<object data="//example.org/x.svg"></object>',
            "line 3: //example.org/x.svg would be loaded from another site",
        ),
    ],
)
def test_what_is_broken(tmp_path, page, told):
    """A broken link, anchor or picture that nobody hears of; a page that needs a network."""
    assert check(tmp_path, page) == (1, "a.html, %s\n2 pages, 1 broken links\n" % told)


def test_no_pages(tmp_path):
    """No page, and so no broken link."""
    done = subprocess.run([sys.executable, SCRIPT, str(tmp_path)], stdout=-1, stderr=-1)
    assert done.returncode == 1 and b"run make docs" in done.stderr
