"""Who can connect to a cluster on one machine: tried from outside, at every address that a stranger has."""

import errno
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import pytest
from filelock import FileLock
from places import ROOT

from rnn_tf1.cluster import local_cluster, loopback

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="network namespaces are Linux's")

# A task that listens on every address, as TensorFlow's server does, until the file "end" is there.
CHILD = """
import json, os, socket, sys, time
config = json.loads(os.environ["TF_CONFIG"])
task = config["task"]
server = socket.socket()
server.bind(("", int(config["cluster"][task["type"]][task["index"]].split(":")[1])))
server.listen(100)
for addresses in config["cluster"].values():
    for address in addresses:
        while True:
            try:
                socket.create_connection(address.split(":"), 5).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.05)
with open("%s %d.part" % (task["type"], task["index"]), "w") as file:
    json.dump(config["cluster"], file)
os.rename(file.name, file.name[:-5])
while not os.path.exists("end"):
    time.sleep(0.05)
"""
RUN = """
import sys, threading, time
from rnn_tf1.program import cli
from rnn_tf1.cluster import local_cluster, loopback
from rnn_tf1.errors import UserError
{before}
def prepare():
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()  # as NumPy and tqdm do
    {prepare}
cli.run_main(lambda: sys.exit(local_cluster.run_local([sys.executable, "child.py"], 2, prepare)))
"""
FORBIDDEN = """
def forbid():
    raise OSError(1, "Operation not permitted")
loopback._leave = forbid
"""
NOBODY = 65534


def become(user):
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)


def python_of(user):
    """A Python that this user may run, with this repository; root's own may be closed to others."""
    for python in (sys.executable, shutil.which("python3", path="/usr/local/bin:/usr/bin:/bin")):
        try:
            command = [python, "-c", "import rnn_tf1.cluster.local_cluster, rnn_tf1.program.cli"]
            environment = dict(os.environ, PYTHONPATH=ROOT)
            subprocess.check_output(
                command, env=environment, stderr=subprocess.STDOUT, cwd="/", preexec_fn=lambda: become(user)
            )
            return python
        except (OSError, TypeError, subprocess.CalledProcessError):
            continue
    return pytest.skip("no Python here that another user may run")


def run(folder, before="", prepare="pass", user=None):
    python = sys.executable if user is None else python_of(user)
    (folder / "child.py").write_text(CHILD)
    folder.chmod(0o777)

    return subprocess.Popen(
        [python, "-c", RUN.format(before=before, prepare=prepare)],
        cwd=str(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(os.environ, PYTHONPATH=ROOT, PYTHONDONTWRITEBYTECODE="1"),
        universal_newlines=True,
        start_new_session=True,
        preexec_fn=None if user is None else lambda: become(user),
    )


def outer_addresses():
    """This machine's own addresses, as another one would use them."""
    found = []
    for family, beyond in ((socket.AF_INET, "192.0.2.254"), (socket.AF_INET6, "2001:db8::1")):
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((beyond, 9))  # sends nothing
                found.append(probe.getsockname()[0])
            except OSError:
                pass
    return [address for address in found if not address.startswith(("127.", "::1", "0."))]


def connects(address, port):
    try:
        socket.create_connection((address, port), 5).close()
        return True
    except ConnectionRefusedError:  # nothing else is an answer here
        return False


def tried_from_outside(folder, process):
    """{address: which ports of the running cluster can be connected to}, and what the process wrote to stderr."""
    limit = time.monotonic() + 60
    names = ("ps 0", "worker 0", "worker 1")
    while not all((folder / name).exists() for name in names):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < limit
        time.sleep(0.05)
    jobs = json.loads((folder / "ps 0").read_text())
    ports = [int(address.split(":")[1]) for job in jobs.values() for address in job]
    assert len(ports) == 3
    addresses = ["127.0.0.1"] + [address for address in outer_addresses() if ":" not in address]
    found = {address: [port for port in ports if connects(address, port)] for address in addresses}
    (folder / "end").write_text("")
    _, told = process.communicate(timeout=60)
    assert process.returncode == 0, told
    return found, ports, told


def users():
    return [None, NOBODY] if sys.platform != "win32" and os.getuid() == 0 else [None]


@linux
@pytest.mark.parametrize("user", users())
def test_nobody_outside_can_connect(user, tmp_path):
    """A server of --local that another machine, or another user of this one, can connect to."""
    if loopback._in_child(loopback._leave):
        pytest.skip("no network namespaces here: %s" % loopback._in_child(loopback._leave))
    folder = tmp_path
    if user is not None:  # pytest's own folders are closed to others
        folder = pathlib.Path(tempfile.mkdtemp())
    try:
        found, ports, told = tried_from_outside(folder, run(folder, user=user))
    finally:
        if user is not None:
            shutil.rmtree(str(folder))
    assert all(reached == [] for reached in found.values()), found
    assert "WARNING" not in told


def test_without_a_namespace_everybody_can(tmp_path):
    """The control: the same connections succeed where the system has no lock. A danger of which nobody is told."""
    found, ports, told = tried_from_outside(tmp_path, run(tmp_path, FORBIDDEN))
    assert all(reached == ports for reached in found.values()), found
    warning = [line for line in told.splitlines() if line.startswith("WARNING: this cluster is open to the network")]
    assert len(warning) == 1
    assert all(str(port) in warning[0] for port in ports)
    assert "read and write all files" in warning[0] and "firewall" in warning[0]
    assert "Operation not permitted" in warning[0] or not sys.platform.startswith("linux")


def test_the_machine_has_an_outer_address():
    """The two tests above, run where there is no address but the inner one: they say less than they seem to."""
    if not outer_addresses():
        pytest.skip("this machine has no address but its inner one")


@linux
def test_a_start_that_is_refused_changes_nothing(monkeypatch):
    """A process left between two networks, or two users, where the second of three steps is forbidden."""
    before = [os.readlink("/proc/self/ns/" + name) for name in ("net", "user")]
    leave = loopback._leave

    def half_way():
        leave()
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(loopback, "_leave", half_way)
    assert loopback.leave_network()
    assert [os.readlink("/proc/self/ns/" + name) for name in ("net", "user")] == before
    monkeypatch.setattr(sys, "platform", "darwin")
    assert loopback.leave_network() == "darwin has no network namespaces"


def test_what_is_prepared_fails(tmp_path):
    """An error that is reported twice, or as a traceback; tasks that start without their data."""
    process = run(tmp_path, prepare='raise UserError("the data cannot be had")')
    out, told = process.communicate(timeout=60)
    assert process.returncode == 2
    assert told.count("the data cannot be had") == 1 and "Traceback" not in told
    assert not (tmp_path / "ps 0").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_while_it_prepares(number, tmp_path):
    """A download that goes on when the command has ended; two messages for one Ctrl-C."""
    prepare = 'lock = FileLock("held"); lock.acquire(blocking=False); open("ready", "w"); time.sleep(60)'
    before = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from filelock import FileLock"
    process = run(tmp_path, before, prepare)
    limit = time.monotonic() + 60
    while not (tmp_path / "ready").exists():
        assert time.monotonic() < limit
        time.sleep(0.02)
    os.kill(process.pid, number)
    out, told = process.communicate(timeout=60)
    assert process.returncode == 128 + number, told
    assert told.count("error: stopped") == 1 and "Traceback" not in told
    FileLock(str(tmp_path / "held")).acquire(blocking=False)  # Timeout: what prepares still runs


def test_one_line_at_every_start(capsys, monkeypatch):
    """A task on several machines that does not say it; a task of a closed cluster that does; a line that comes twice."""
    from rnn_tf1.cluster import addresses as cluster

    task = cluster.Cluster({"ps": ["10.0.0.1:2222"], "worker": ["10.0.0.2:2223"]}, "worker", 0)
    monkeypatch.setattr(local_cluster, "_said_open", False)
    monkeypatch.setenv("RNN_TF1_PARENT", str(os.getppid()))
    local_cluster.say_open(task)
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("RNN_TF1_PARENT", "1234567")
    for _ in range(2):
        local_cluster.say_open(task)
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert told.startswith(
        "worker 0: Anyone who can connect to port 2223 of this machine can read and write all files of"
    )
    assert "firewall" in told


@pytest.mark.once
@linux
@pytest.mark.slow
def test_nobody_outside_can_connect_to_tensorflow(tmp_path):
    """The same with TensorFlow's own servers."""
    from test_cluster import SIZES, start
    from test_examples import write_digits

    if loopback._in_child(loopback._leave):
        pytest.skip("no network namespaces here")
    data_dir = write_digits(tmp_path, 5200, 90)
    process = start("--local", 2, "--data-dir", data_dir, "--out-dir", tmp_path / "out", "--epochs", 500, *SIZES)
    try:
        limit = time.monotonic() + 200
        while not (tmp_path / "out" / "checkpoints" / "model.ckpt-0.index").exists():
            assert process.poll() is None and time.monotonic() < limit
            time.sleep(0.1)
        configs = []
        for name in os.listdir("/proc"):
            try:
                with open("/proc/%s/environ" % name) as file:
                    variables = dict(v.split("=", 1) for v in file.read().split("\0") if "=" in v)
            except (OSError, UnicodeDecodeError):
                continue
            if variables.get("RNN_TF1_PARENT") == str(process.pid):
                configs.append(json.loads(variables["TF_CONFIG"])["cluster"])
        assert len(configs) == 3 and configs.count(configs[0]) == 3
        for job in configs[0].values():
            for address in job:
                for host in ["127.0.0.1"] + outer_addresses():
                    assert not connects(host, int(address.split(":")[1])), (host, address)
    finally:
        process.kill()
        process.communicate()
