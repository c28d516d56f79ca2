"""Whether there is a network, and the way out through proxies; and where data lies. Hosts are a server on this machine."""

import os
import socket
import subprocess
import sys
import threading
import time

import pytest
from bad_mirrors import CONTENT, accept
from places import ROOT

from rnn_tf1.data.files.download import data_directory, fetch, network_available
from rnn_tf1.errors import DownloadError


def test_proxies_of_the_environment_are_used(site, path, monkeypatch):
    """Catches a direct connection where only the proxy leads out."""
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, site.address)
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("NO_PROXY", "")
    fetch("the file", ["http://nowhere.invalid/good"], path, accept, progress=False)
    with open(path, "rb") as file:
        assert file.read() == CONTENT
    assert network_available(["http://nowhere.invalid/good"])


def test_a_proxy_that_refuses_and_a_bad_certificate_are_a_network(site, path, monkeypatch):
    """Catches a network with an obstacle taken for none: the stand-in would hide what the user can fix."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert network_available([site.address.replace("http:", "https:")]), "no TLS is spoken there"
    for name in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, site.address)
    assert network_available(["https://nowhere.invalid/good"])
    with pytest.raises(DownloadError, match="Tunnel connection failed: 403"):
        fetch("the file", ["https://nowhere.invalid/good"], path, accept, progress=False)


def closed_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return "http://127.0.0.1:%d/x" % listener.getsockname()[1]


def test_any_answer_is_a_network(site):
    """Catches a mirror's 404 taken for a missing network: the stand-in would silently take the data's place."""
    assert network_available(site.urls("missing"))
    assert network_available([closed_port(), *site.urls("missing")])


def test_no_network_is_noticed_at_once(site):
    """Catches a refused connection or an address of another kind counted as a network."""
    assert not network_available([closed_port()])
    assert not network_available(["file:///etc/hostname", "no address"])
    assert not network_available([])


def test_a_look_up_that_hangs_is_bounded(site, monkeypatch):
    """Catches getaddrinfo, which knows no time-out, and hosts asked one after the other."""
    released = threading.Event()
    genuine = socket.getaddrinfo

    def hang(host, *arguments, **options):
        if host == "127.0.0.1":
            return genuine(host, *arguments, **options)
        released.wait(20)
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    started = time.monotonic()
    assert not network_available(["http://a.invalid/x", "http://b.invalid/x", "http://c.invalid/x"], seconds=0.4)
    assert time.monotonic() - started < 10
    assert network_available(["http://0.invalid/x", "http://z.invalid/x", *site.urls("missing")], seconds=15)
    assert time.monotonic() - started < 19
    released.set()


def test_a_look_up_that_hangs_does_not_keep_the_program_alive():
    """Catches a thread that the interpreter waits for at its end."""
    program = (
        "import socket, time; socket.getaddrinfo = lambda *a, **k: time.sleep(30)\n"
        "from rnn_tf1.data.files.download import network_available; print(network_available(['http://a.invalid/x'], 0.1))"
    )
    assert subprocess.check_output([sys.executable, "-c", program], cwd=ROOT, timeout=25).strip() == b"False"


def test_a_host_that_never_answers_is_bounded():
    """Catches a connection that is taken but not answered, as by a captive portal."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(5)
        started = time.monotonic()
        assert not network_available(["http://127.0.0.1:%d/x" % listener.getsockname()[1]], seconds=0.4)
        assert time.monotonic() - started < 10


def test_data_directory_takes_the_argument_then_the_environment_then_the_cache(monkeypatch):
    """Catches a wrong order, an empty variable taken for a folder, and a ~ that is not the home."""
    monkeypatch.setenv("HOME", "/users/someone")
    monkeypatch.setenv("USERPROFILE", "/users/someone")
    monkeypatch.setenv("RNN_TF1_DATA", "~/sets")
    assert data_directory("given") == "given"
    assert data_directory(None) == os.path.join("/users/someone", "sets")
    monkeypatch.setenv("RNN_TF1_DATA", "")
    assert data_directory("") == os.path.join("/users/someone", ".cache", "rnn_tf1")
    monkeypatch.delenv("RNN_TF1_DATA")
    assert data_directory() == os.path.join("/users/someone", ".cache", "rnn_tf1")
