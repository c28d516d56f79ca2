"""Wrong lines for what comes from the net: mirrors that send too much, too little, too slowly, or something else."""

from planted import Mutant

DOWNLOAD, WEB = "rnn_tf1/data/files/download.py", "rnn_tf1/data/files/web.py"
TEST = "tests/data/test_download.py -k "
CRAWLS, FAULT, BAD = TEST + "crawls", TEST + "not_its_fault", TEST + "bad_mirror"
MOST, ONCE, KILL = TEST + "above_the_maximum", TEST + "at_once", TEST + "kill"

MUTANTS = [
    Mutant(WEB, "< self._patience.least:", "< 0:", CRAWLS, "a mirror that crawls is waited for"),
    Mutant(WEB, "functools.partial(_Answer, self._patience)", "http.client.HTTPResponse", CRAWLS, "nobody watches"),
    Mutant(WEB, "if count and self._came", "if self._came", FAULT, "the end of a small file taken for crawling"),
    Mutant(
        WEB,
        "            self._waited, self._came = 0.0, 0\n        return",
        "            self._waited = 0.0\n        return",
        FAULT,
        "bytes of the first minute that count for ever",
    ),
    Mutant(
        WEB,
        "        began = self._patience.clock()\n        count = self._source.readinto(buffer)\n"
        "        self._waited += self._patience.clock() - began\n",
        "        count = self._source.readinto(buffer)\n"
        "        self._began = getattr(self, '_began', self._patience.clock())\n"
        "        self._waited = self._patience.clock() - self._began\n",
        FAULT,
        "the time between the reads counted, too",
    ),
    Mutant(WEB, "if answer.status != 200:", "if False:", BAD, "HTTP 204 or 206 taken for the file"),
    Mutant(WEB, 'if answer.headers.get_content_type() == "text/html":', "if False:", BAD, "a login page kept"),
    Mutant(WEB, "if not _is_web(newurl):", "if False:", BAD, "redirected to ftp"),
    Mutant(WEB, "    if not _is_web(url):", "    if False:", TEST + "only_web", "file:// opened"),
    Mutant(WEB, "if total is not None and total > maximum:", "if False:", MOST, "a stated length that is believed"),
    Mutant(WEB, "            if came > maximum:", "            if False:", MOST, "bytes without end"),
    Mutant(WEB, "    if total is not None and came < total:", "    if False:", TEST + "break", "half a file"),
    Mutant(
        WEB,
        "        if os.path.lexists(to):\n"
        "            os.remove(to)  # pooch's file, which nobody but this user could read\n"
        '        file = open(to, "xb", buffering=0)',
        '        file = open(to, "wb", buffering=0)',
        TEST + "everybody",
        "a file that only one user can read",
    ),
    Mutant(
        WEB,
        "    except OutputError:\n        raise\n    except (OSError,",
        "    except (OSError,",
        TEST + "full_disk",
        "a full disk blamed on a mirror",
    ),
    Mutant(DOWNLOAD, "        _refuse_html(to)\n", "", BAD, "a login page that calls itself a file"),
    Mutant(DOWNLOAD, "            check(to)", "            pass", BAD, "another file taken"),
    Mutant(DOWNLOAD, "retrieve(url, known_hash, name", "retrieve(url, None, name", TEST + "checksum", "no checksum"),
    Mutant(DOWNLOAD, "        remove_unfinished(folder)\n", "        pass\n", KILL, "half a file that stays"),
    Mutant(
        DOWNLOAD,
        'TemporaryDirectory(unfinished(""), name, folder)',
        'TemporaryDirectory("", name, folder)',
        KILL,
        "half a file without an owner",
    ),
    Mutant(
        DOWNLOAD,
        "        if os.path.exists(path):  # another run has just fetched it\n            return\n",
        "",
        ONCE,
        "the same file fetched three times",
    ),
    Mutant(
        DOWNLOAD,
        '        lock = take_lock(path + ".lock")\n        if lock is None:',
        "        lock = None\n        if False:",
        ONCE,
        "no lock",
    ),
    Mutant(
        DOWNLOAD,
        '                os.remove(path + ".lock")',
        "                pass",
        TEST + "one_request",
        "a lock that stays",
    ),
    Mutant(
        DOWNLOAD,
        "        if lock is not None:\n            with",
        "        if True:\n            with",
        TEST + "long_enough",
        "the lock of another taken away",
    ),
]
