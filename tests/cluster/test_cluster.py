"""Several machines: TF_CONFIG, real processes that are killed and come back, and clusters inside this process."""

import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import helpers
import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from filelock import FileLock
from places import ROOT
from test_examples import write_digits

from rnn_tf1 import BasicLSTMCell, DeviceCellWrapper, Mode, MultiRNNCell, dynamic_rnn, training
from rnn_tf1.cluster import addresses, lifecycle, local_cluster, peers, picture, replicas
from rnn_tf1.cluster.picture import running_mean
from rnn_tf1.errors import CheckpointError, GraphError, OutputError, TrainingError
from rnn_tf1.models.classifier import ClassifierConfig, build_classifier

SCRIPT = os.path.join(ROOT, "examples", "cluster.py")
ROWS, BATCH, UNITS, CLIP, RATE, SEED = 200, 5, 16, 0.6, 0.01, 3
SIZES = ["--units", UNITS, "--batch-size", BATCH, "--clip-norm", CLIP, "--learning-rate", RATE, "--seed", SEED]


def tf_config(jobs, job, number):
    return json.dumps({"cluster": jobs, "task": {"type": job, "index": number}})


JOBS = {"ps": ["a:1"], "worker": ["b:1", "c:2"]}

# ------------------------------------------------------------------------------------------------------------ TF_CONFIG


def test_tf_config():
    """A chief that is not the first replica; a task that takes itself for one of the others; a wrong device."""
    jobs = dict(JOBS, chief=["d:1"], ps=["a:1", "e:1"])
    found = addresses.parse_tf_config(tf_config(jobs, "worker", 1))
    assert (found.name, found.address, found.device) == ("worker 1", "c:2", "/job:worker/task:1")
    assert found.replicas == [("chief", 0), ("worker", 0), ("worker", 1)]
    assert (found.replica, found.is_chief) == (2, False)
    assert found.others == {"ps 0": "a:1", "ps 1": "e:1", "worker 0": "b:1", "chief 0": "d:1"}
    assert found.servers == {"ps 0": "a:1", "ps 1": "e:1", "chief 0": "d:1"}
    chief = addresses.parse_tf_config(tf_config(jobs, "chief", 0))
    assert chief.is_chief and chief.servers == {"ps 0": "a:1", "ps 1": "e:1"}
    first = addresses.parse_tf_config(tf_config(JOBS, "worker", 0))
    assert first.is_chief and first.replica == 0
    server = addresses.parse_tf_config(tf_config(JOBS, "ps", 0))
    assert server.replica == -1 and not server.is_chief and server.servers == {"worker 0": "b:1"}


MALFORMED = [
    (None, "it is not set"),
    (" ", "it is not set"),
    ("{'cluster'}", "it is not JSON"),
    ("[1]", 'it has no "cluster"'),
    ('{"task": {"type": "worker", "index": 0}}', 'it has no "cluster"'),
    (tf_config(dict(JOBS, evaluator=["d:1"]), "worker", 0), "there is no job 'evaluator'"),
    (tf_config({"ps": ["a:1"], "worker": []}, "ps", 0), "the job 'worker' should be a list of addresses and is []"),
    (tf_config({"worker": ["b:1"]}, "worker", 0), "its cluster has no 'ps'"),
    (tf_config({"ps": ["b:1"]}, "ps", 0), "its cluster has no 'worker'"),
    (tf_config(dict(JOBS, chief=["d:1"], master=["e:1"]), "worker", 0), "more than one chief"),
    (tf_config(dict(JOBS, chief=["d:1", "e:1"]), "worker", 0), "more than one chief"),
    (tf_config({"ps": ["b:1"], "worker": ["a:2", "b:1"]}, "ps", 0), "ps 0 and worker 1 have the same address b:1"),
    (tf_config({"ps": ["a:1"], "worker": ["b"]}, "ps", 0), 'the address of worker 0 is "b", not host:port'),
    (tf_config({"ps": ["a:1"], "worker": ["b:65536"]}, "ps", 0), '"b:65536", not host:port'),
    (tf_config({"ps": ["a:0"], "worker": ["b:1"]}, "ps", 0), '"a:0", not host:port'),
    (tf_config({"ps": [7], "worker": ["b:1"]}, "ps", 0), "the address of ps 0 is 7, not host:port"),
    (tf_config({"ps": ["a:1"], "worker": ["A:1"]}, "ps", 0), "ps 0 and worker 0 have the same address A:1"),
    (tf_config(JOBS, "worker", 10**4000), "its task's index is 1000000"),
    ('{"cluster": {"ps": ["a:1"], "worker": %s}}' % ("[" * 10**5), "nested too deeply"),
    ('{"cluster": {"ps": {"a": "b:1"}, "worker": ["b:1"]}}', "the job 'ps' should be a list"),
    (json.dumps({"cluster": JOBS}), 'it has no "task"'),
    (json.dumps({"cluster": JOBS, "task": {"type": "worker"}}), 'it has no "task"'),
    (tf_config(JOBS, "chief", 0), "its task is of type 'chief', and its cluster has: ps, worker"),
    (tf_config(JOBS, ["ps"], 0), "its task is of type ['ps']"),
    (tf_config(JOBS, "worker", 2), "its task's index is 2, and its cluster has 2 of type 'worker'"),
    (tf_config(JOBS, "worker", -1), "its task's index is -1"),
    (tf_config(JOBS, "worker", "1"), 'its task\'s index is "1"'),
    (tf_config(JOBS, "worker", True), "its task's index is true"),
]


# What Python takes for a number, a name, or nothing, and no network does.
PORTS = [
    "²",
    "٣",
    "+1",
    "-1",
    "1 ",
    " 1",
    "1_0",
    "01",
    "1e3",
    "0x1",
    "",
    "99999",
    "9" * 5000,
    "1\n",
    "1\x00",
    "1.0",
    "None",
]
HOSTS = [
    "",
    " ",
    "a b",
    " a",
    "a ",
    "a\n",
    "\x1b[31m",
    "a\x00",
    "[]",
    "[a]",
    "[::1",
    "::1]",
    "::1",
    "[[::1]]",
    "[::1%]",
    "[::12345]",
]
HOSTS += [
    "a..b",
    ".a",
    "a:1",
    "http://a",
    "user@a",
    "ä",
    "\ud800",
    "\u202e",
    "a" * 64,
    "a." * 200 + "a",
    "a/b",
    "*",
    "10.0.0.0/8",
]
PLACES = [("b", port) for port in PORTS] + [(host, "1") for host in HOSTS]


@pytest.mark.parametrize(("host", "port"), PLACES, ids=lambda text: ascii(text)[:20])
def test_addresses_that_cannot_be(host, port):
    """A traceback of another kind, seconds later; a line for the terminal that steers it, or is endless."""
    text = tf_config({"ps": ["a:1"], "worker": ["%s:%s" % (host, port)]}, "ps", 0)
    for given in (text, json.dumps(json.loads(text), ensure_ascii=False)):
        with pytest.raises(addresses.ClusterError, match="the address of worker 0 is .*, not host:port") as caught:
            addresses.parse_tf_config(given)
        shown = str(caught.value)
        assert len(shown) < 3000 and all(char.isprintable() or char == "\n" for char in shown)


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("[::1]:1", "::1"),
        ("[fe80::1%eth0]:1", "fe80::1%eth0"),
        ("a_b-c.d.:1", "a_b-c.d."),
        ("127.0.0.1:1", "127.0.0.1"),
    ],
)
def test_addresses_that_can_be(address, host):
    """An address refused that TensorFlow knows; brackets taken for a part of the name."""
    assert addresses.parse_tf_config(tf_config({"ps": [address], "worker": ["b:1"]}, "ps", 0)).address == address
    assert addresses.split_address(address) == (host, 1)


def test_tf_config_of_a_stranger():
    """Any other error than ours, for whatever JSON there is; twenty thousand of them, each a little wrong."""
    draw = random.Random(1)
    leaves = [None, True, 0, -1, 1e999, 10**30, "", "ps", "worker", "a:1", [], {}, "\ud800", float("nan")]

    def spoiled(value):
        if draw.random() < 0.15:
            return draw.choice(leaves)
        if isinstance(value, dict):
            return {
                draw.choice(["ps", "x", "\x1b"]) if draw.random() < 0.05 else k: spoiled(v) for k, v in value.items()
            }
        return [spoiled(item) for item in value] if isinstance(value, list) else value

    good = longest = 0
    for _ in range(20000):
        text = json.dumps(spoiled(json.loads(tf_config(JOBS, "worker", 1))))
        if draw.random() < 0.2:
            at = draw.randrange(len(text))
            text = text[:at] + draw.choice(['"', "[", "}", "9", "\x00", "²"]) + text[at + draw.randrange(3) :]
        try:
            good += addresses.parse_tf_config(text).number == 1
        except addresses.ClusterError as error:
            longest = max(longest, len(str(error)))
    assert longest < 5000
    assert 1000 < good < 15000


@pytest.mark.parametrize("depth", range(100, 1100, 20))
def test_brackets_as_deep_as_can_be(depth):
    """JSON that can just be read, and not be written into the message."""
    with pytest.raises(addresses.ClusterError):
        addresses.parse_tf_config('{"cluster": {"ps": ["a:1"], "worker": {"a": %s}}}' % ("[" * depth + "]" * depth))


@pytest.mark.parametrize(("text", "told"), MALFORMED)
def test_malformed_tf_config(text, told):
    """A cluster that cannot be, believed."""
    with pytest.raises(addresses.ClusterError) as caught:
        addresses.parse_tf_config(text)
    assert told in str(caught.value)
    assert addresses.EXAMPLE in str(caught.value) and "--local 2" in str(caught.value)


def test_the_example_in_the_message_is_right():
    """An error whose advice is an error."""
    assert addresses.parse_tf_config(addresses.EXAMPLE[len("TF_CONFIG='") : -1]).is_chief


# -------------------------------------------------------------------------------------------------------------- batches


def test_parts_of_a_batch():
    """Two workers with the same rows; a row that comes twice in an epoch; an order that is the same in every epoch."""
    rows = np.arange(23)
    part = replicas.make_parts([rows, -rows], batch_size=3, replicas=2, seed=SEED)
    assert replicas.steps_per_epoch(23, 3, 2) == 3
    for epoch in (1, 0):
        order = np.random.RandomState([SEED, epoch]).permutation(23)
        for number in range(3):
            for replica in (1, 0):
                start = 6 * number + 3 * replica
                first, second = part(3 * epoch + number, replica)
                assert list(first) == list(order[start : start + 3]) and list(second) == list(-first)


# ----------------------------------------------------------------------------------------------------- one process each


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    """Small idx files of which `ROWS` digits are left for training."""
    return write_digits(tmp_path_factory.mktemp("data"), 5000 + ROWS, 90)


def hear_ctrl_c():
    """A shell that starts these tests in the background has them ignore Ctrl-C, nohup SIGHUP, and so would what they start."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def start(*flags, **environment):
    """The example as a process in a session of its own, so that nothing here is killed by mistake."""
    clean = {name: value for name, value in os.environ.items() if name != "TF_CONFIG"}
    return subprocess.Popen(
        [sys.executable, SCRIPT] + [str(flag) for flag in flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(clean, PYTHONPATH=ROOT, **dict(dict(no_proxy="127.0.0.1"), **environment)),
        universal_newlines=True,
        start_new_session=True,
        preexec_fn=hear_ctrl_c,
    )


def end(process, seconds=240):
    """(exit code, output)"""
    try:
        out, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        pytest.fail("no end after %g s:\n%s" % (seconds, process.communicate()[0][-3000:]))
    return process.returncode, out


def checkpoint(out_dir, step=None):
    folder = os.path.join(str(out_dir), "checkpoints")
    path = tf.train.latest_checkpoint(folder) if step is None else os.path.join(folder, "model.ckpt-%d" % step)
    reader = tf.train.load_checkpoint(path)
    return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}


def wait_for_step(out_dir, step, process, seconds=120):
    path = os.path.join(str(out_dir), "checkpoints", "model.ckpt-%d.index" % step)
    limit = time.time() + seconds
    while not os.path.exists(path):
        assert process.poll() is None and time.time() < limit, "no checkpoint of step %d" % step
        time.sleep(0.02)


def one_process(data_dir, weights, steps):
    """(losses, clipped norms, weights): plain TensorFlow on batches of both workers' rows, from the same weights."""
    from rnn_tf1.data.images import mnist

    train = mnist.load(data_dir).train
    orders = [np.random.RandomState([SEED, epoch]).permutation(ROWS) for epoch in range(20)]
    rows = np.concatenate(orders).reshape(-1, 2 * BATCH)
    losses, norms = [], []
    with tf.Graph().as_default(), tf.Session() as session:
        step = tf.train.get_or_create_global_step()
        model = build_classifier(ClassifierConfig(cell="lstm", units=UNITS), Mode(True))
        rate = RATE * (1 + tf.cos(np.pi * tf.cast(step, tf.float32) / steps)) / 2
        optimizer = tf.train.AdamOptimizer(rate)
        gradients = tf.gradients(model.loss, tf.trainable_variables())
        norm = tf.sqrt(tf.add_n([tf.reduce_sum(g**2) for g in gradients]))
        clipped = [g * tf.minimum(1.0, CLIP / norm) for g in gradients]
        update = optimizer.apply_gradients(zip(clipped, tf.trainable_variables()), step)
        session.run(tf.global_variables_initializer())
        for variable in tf.trainable_variables():
            variable.load(weights[variable.op.name], session)
        for at in range(steps):
            feed = {model.inputs: train.images[rows[at]], model.labels: train.labels[rows[at]]}
            loss, length, _ = session.run([model.loss, norm, update], feed)
            losses.append(loss)
            norms.append(length)
        names = [variable.op.name for variable in tf.global_variables()]
        return np.array(losses), np.array(norms), dict(zip(names, session.run(tf.global_variables())))


def assert_as_one_process(out_dir, data_dir, start_weights, steps):
    end_weights = checkpoint(out_dir)
    losses, norms, expected = one_process(data_dir, start_weights, steps)
    assert (norms > CLIP).any() and (norms < CLIP).any()  # both sides of the clipping are seen
    assert end_weights["global_step"] == steps
    np.testing.assert_allclose(end_weights["cluster/losses"].mean(0), losses, rtol=0, atol=1e-5)
    for name, value in expected.items():
        np.testing.assert_allclose(end_weights[name], value, rtol=0, atol=1e-5, err_msg=name)


@pytest.mark.once
@pytest.mark.slow
def test_two_synchronous_workers_are_one_process(data_dir, tmp_path):
    """Halves that overlap; gradients that are added instead of averaged, clipped before they are, used twice or dropped."""
    steps, out_dir = 2 * ROWS // BATCH // 2, tmp_path / "out"
    flags = SIZES + ["--epochs", 2, "--save-steps", 10 * steps]
    code, out = end(start("--local", 2, "--data-dir", data_dir, "--out-dir", out_dir, *flags))
    assert code == 0, out
    assert "[worker 0] test accuracy" in out and "Traceback" not in out and "Anyone who can connect" not in out
    assert_as_one_process(out_dir, data_dir, checkpoint(out_dir, 0), steps)
    metrics = json.loads((out_dir / "metrics.json").read_text())
    assert (metrics["mode"], metrics["workers"], metrics["steps"]) == ("sync", 2, steps)
    assert "--local 2" in metrics["command"]
    assert 0 <= metrics["test_accuracy"] <= 1 and metrics["steps_per_second"] > 0
    assert (out_dir / "losses.png").stat().st_size > 5000


def start_tasks(data_dir, out_dir, *flags):
    """({name: process}, start again): a parameter server and two workers, each with its TF_CONFIG."""
    configs = local_cluster.local_configs(2)

    def again(name):
        return start("--data-dir", data_dir, "--out-dir", out_dir, *flags, TF_CONFIG=configs[name])

    return {name: again(name) for name in configs}, again


def kill_and_start_again(name, data_dir, out_dir, steps):
    tasks, again = start_tasks(data_dir, out_dir, *SIZES, "--epochs", steps * 2 * BATCH // ROWS, "--save-steps", 10)
    try:
        wait_for_step(out_dir, 0, tasks["worker 0"])
        weights = checkpoint(out_dir, 0)
        wait_for_step(out_dir, 20, tasks["worker 0"])
        tasks[name].send_signal(signal.SIGKILL)
        killed, _ = end(tasks[name])
        assert killed == -signal.SIGKILL, "it had ended before it was killed"
        tasks[name] = again(name)
        ended = {task: end(process) for task, process in tasks.items()}
    finally:
        for process in tasks.values():
            process.kill()
    assert {task: code for task, (code, _) in ended.items()} == {"ps 0": 0, "worker 0": 0, "worker 1": 0}, ended
    assert "Traceback" not in "".join(out for _, out in ended.values())
    return weights, ended


@pytest.mark.slow
def test_a_killed_worker_rejoins(data_dir, tmp_path):
    """A run that hangs, fails or starts from the beginning where a worker was killed; a server that never ends."""
    steps = 60
    _, ended = kill_and_start_again("worker 1", data_dir, tmp_path, steps)
    assert "worker 1: going on from step" in ended["worker 1"][1]
    assert "going on" not in ended["worker 0"][1]
    saved = checkpoint(tmp_path)
    assert saved["global_step"] == steps
    assert np.isfinite(saved["cluster/losses"]).all()  # both took every step
    assert saved["cluster/losses"][:, -20:].mean() < saved["cluster/losses"][:, :20].mean()


@pytest.mark.slow
def test_a_killed_chief_resumes_from_its_checkpoint(data_dir, tmp_path):
    """Gradients, tokens or weights that outlive the chief: the run must end as one process that was never killed."""
    steps = 60
    weights, ended = kill_and_start_again("worker 0", data_dir, tmp_path, steps)
    assert "worker 0: going on from step" in ended["worker 0"][1]
    assert "worker 1: a task or what it held is gone" in ended["worker 1"][1]
    assert_as_one_process(tmp_path, data_dir, weights, steps)


@pytest.mark.slow
def test_a_killed_parameter_server_is_filled_again(data_dir, tmp_path):
    """Workers that hang, or go on with other weights, where the variables were lost."""
    weights, ended = kill_and_start_again("ps 0", data_dir, tmp_path, 60)
    assert "a task or what it held is gone" in ended["worker 0"][1]
    assert_as_one_process(tmp_path, data_dir, weights, 60)


@pytest.mark.once
@pytest.mark.slow
def test_local_and_asynchronous(data_dir, tmp_path):
    """A mode that nobody ran; a worker that does nothing."""
    sizes = ["--quick", "--units", 7, "--batch-size", 1]
    flags = ["--local", 2, "--mode", "async", "--data-dir", data_dir, "--out-dir", tmp_path] + sizes
    code, out = end(start(*flags))
    assert code == 0, out
    saved = checkpoint(tmp_path)["cluster/losses"]
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert metrics["mode"] == "async" and saved.shape == (2, metrics["steps"]) and metrics["steps"] == 2 * ROWS
    assert np.isfinite(saved).any(1).all()  # both have trained


# --------------------------------------------------------------------------------------------------------------- errors


def refused(process, seconds, *told):
    began = time.time()
    code, out = end(process, seconds)
    assert code == 2, out
    assert all(text in out for text in told), out
    assert out.count("cluster.py: error: ") == 1 and "Traceback" not in out
    return time.time() - began


def test_wrong_tf_config_ends_with_one_message(tmp_path):
    """A traceback, or a process that waits, where TF_CONFIG is missing or wrong."""
    refused(start("--out-dir", tmp_path), 30, "it is not set", "--local 2")
    refused(start("--out-dir", tmp_path, TF_CONFIG="{"), 30, "it is not JSON")
    refused(start("--out-dir", tmp_path, TF_CONFIG=tf_config(JOBS, "worker", 2)), 30, "index is 2")


def test_address_in_use(tmp_path):
    """A port that is shared with another program, each with a part of the messages; an error seconds later, without a cause."""
    with socket.socket() as other:
        if hasattr(socket, "SO_REUSEPORT"):
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # as servers that share a port do
        other.bind(("", 0))
        other.listen(1)
        address = "127.0.0.1:%d" % other.getsockname()[1]
        config = tf_config({"ps": ["127.0.0.1:1"], "worker": [address]}, "worker", 0)
        told = "worker 0 cannot listen on %s (Address already in use). End the program that does" % address
        refused(start("--out-dir", tmp_path, TF_CONFIG=config), 30, told)
    peers.check_free(addresses.parse_tf_config(config))  # and now it may


def test_address_that_tensorflow_finds_in_use():
    """TensorFlow's own error, where the port was taken after it was looked at."""
    with socket.socket() as other:
        other.bind(("", 0))
        other.listen(1)
        config = tf_config({"ps": ["127.0.0.1:1"], "worker": ["127.0.0.1:%d" % other.getsockname()[1]]}, "worker", 0)
        with pytest.raises(addresses.ClusterError, match="worker 0 cannot listen on"):
            replicas.start_server(addresses.parse_tf_config(config))


class Task(object):
    """A server at `address` that greets whoever connects, as TensorFlow's does, while it is not `stopped`."""

    def __enter__(self):
        self.stopped = False
        self._server = socket.socket()
        self._server.bind(("127.0.0.1", 0))
        self._server.listen(100)
        self.address = "127.0.0.1:%d" % self._server.getsockname()[1]
        threading.Thread(target=self._greet, daemon=True).start()
        return self

    def _greet(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                while self.stopped:
                    time.sleep(0.01)
                connection.sendall(b"\0\0\0\4\0\0\0\0\0")
                connection.close()

    def __exit__(self, *error):
        self.stopped = False
        self._server.close()


def nobody():
    return "127.0.0.1:%d" % local_cluster.free_ports(1)[0]


def test_what_is_an_answer():
    """A process that is stopped, or a program that is no task, taken for one that answers; many that are asked in turn."""
    with Task() as there, Task() as stopped, socket.socket() as mute:
        stopped.stopped = True
        mute.bind(("127.0.0.1", 0))
        mute.listen(1)
        muted = "127.0.0.1:%d" % mute.getsockname()[1]
        tasks = dict(
            {"worker %d" % i: stopped.address for i in range(20)}, ps=there.address, chief=muted, gone=nobody()
        )
        began = time.monotonic()
        assert sorted(set(tasks) - set(peers.silent(tasks, 0.5))) == ["ps"]
        assert time.monotonic() - began < 3
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        answer = threading.Thread(target=lambda: other.accept()[0].sendall(b"SSH-2.0-OpenSSH_9.2"))
        answer.start()
        assert not peers.answers("127.0.0.1", other.getsockname()[1], 5)
        answer.join()


def test_a_task_that_is_lost_later():
    """Work that TensorFlow blocks for ever, and nobody notices; or that is ended although all answer, or do again in time."""
    with Task() as there:
        assert peers.Watch({"worker 1": there.address}, 0.2).run(lambda: time.sleep(0.7) or "done") == "done"
        began = time.monotonic()
        watch = peers.Watch({"worker 1": there.address, "ps 0": nobody()}, 0.3, "worker 0")

        def work():
            watch.waits_for = "step 3 of 7"
            time.sleep(20)

        with pytest.raises(addresses.ClusterError) as caught:
            watch.run(work)
        assert time.monotonic() - began < 10
        text = str(caught.value)
        assert text.startswith("worker 0 waited for step 3 of 7: no answer within 0.3 s from ps 0 at 127.0.0.1:")
        assert "(worker 1 answers)" in text and " timeout" in text and "--timeout" not in text
        there.stopped = True  # as by SIGSTOP
        threading.Timer(0.6, setattr, (there, "stopped", False)).start()
        assert peers.Watch({"worker 1": there.address}, 1.0).run(lambda: time.sleep(1.6) or "done") == "done"
        there.stopped = True
        with pytest.raises(addresses.ClusterError, match="no answer within 0.5 s from worker 1"):
            peers.Watch({"worker 1": there.address}, 0.5).run(lambda: time.sleep(20))
    slow = peers.Watch({"worker 1": nobody()}, 0.5)

    def steps():
        for _ in range(6):
            time.sleep(0.2)
            slow.beat()
        return "done"

    assert slow.run(steps) == "done"
    with pytest.raises(ZeroDivisionError):
        slow.run(lambda: 1 // 0)


def test_a_wait_has_an_end_although_all_answer(capsys):
    """Work that is blocked for ever beside tasks that are all there; work of this task's own that is taken for a wait."""
    with Task() as there:
        watch = peers.Watch({"worker 1": there.address}, 0.1, "worker 0")
        watch.waits_for = "step 3 of 7"
        began = time.monotonic()
        with pytest.raises(
            addresses.ClusterError, match=r"worker 0 waited for step 3 of 7 for 1 s, although.*timeout.*10"
        ):
            watch.run(lambda: time.sleep(20))
        assert 1 < time.monotonic() - began < 10
        assert "worker 0: waits for step 3 of 7; all that it needs answer.\n" in capsys.readouterr().err
        watch = peers.Watch({"worker 1": there.address}, 0.1)
        watch.waits_for = ""
        assert watch.run(lambda: time.sleep(1.6) or "done") == "done"
        server = peers.Watch({"worker 1": there.address}, 0.1, any_of=True)
        assert server.run(lambda: time.sleep(1.6) or "done") == "done"


def test_work_that_is_left_behind():
    """Python's own end, which TensorFlow aborts with another exit code where a thread wakes up in it."""
    program = """
import atexit, sys, time
from rnn_tf1.cluster import peers
from rnn_tf1.program import cli
atexit.register(print, "cleared up")
work = lambda: time.sleep(float(sys.argv[1]))
peers.exit_at_once(lambda: cli.run_main(lambda: peers.Watch({"ps 0": sys.argv[2]}, 0.2, "worker 0").run(work)))
"""
    for seconds, code, cleared in (("30", 2, ""), ("0", 0, "cleared up\n")):
        done = subprocess.run(
            [sys.executable, "-c", program, seconds, nobody()],
            env=dict(os.environ, PYTHONPATH=ROOT),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (done.returncode, done.stdout) == (code, cleared), done.stderr
        assert ("no answer within 0.2 s from ps 0" in done.stderr) == (code == 2)


def test_one_that_answers_is_enough():
    """A parameter server that leaves workers that are still there, or stays when all have gone."""
    with Task() as there:
        tasks = {"worker 0": there.address, "worker 1": nobody()}
        assert peers.Watch(tasks, 0.3, any_of=True).run(lambda: time.sleep(1) or "done") == "done"
        there.stopped = True
        with pytest.raises(addresses.ClusterError, match="no answer within 0.3 s from worker 0 at .*, worker 1 at"):
            peers.Watch(tasks, 0.3, any_of=True).run(lambda: time.sleep(20))


def test_clocks_that_are_set(monkeypatch):
    """A clock that is set back, and a wait that ends years later; one that is set forward, and a wait that ends at once; a
    process that was stopped itself, and takes the others for gone."""
    with Task() as there:
        watch = peers.Watch({"worker 1": there.address}, 0.2)
        for now in (-1e9, 1e9):
            monkeypatch.setattr(time, "time", lambda now=now: now)
            assert watch.run(lambda: time.sleep(0.5) or "done") == "done"
            with pytest.raises(addresses.ClusterError):
                peers.Watch({"worker 1": nobody()}, 0.2).run(lambda: time.sleep(20))
            with pytest.raises(addresses.ClusterError):
                peers.wait_for({"worker 1": nobody()}, 0.2)
        watch = peers.Watch({"worker 1": nobody()}, 30)
        watch._looked -= 1000
        watch.check()


def test_the_way_past_a_proxy(monkeypatch):
    """A proxy that is asked for the tasks of the cluster; downloads that are not sent to the proxy any more."""
    jobs = {"ps": ["10.0.0.1:1"], "worker": ["[fd00::1]:2", "b:3"]}
    task = addresses.parse_tf_config(tf_config(jobs, "ps", 0))
    for name, value in (
        ("no_proxy", "one, b"),
        ("NO_PROXY", "two"),
        ("no_grpc_proxy", None),
        ("http_proxy", "http://p:1"),
    ):
        monkeypatch.delenv(name, raising=False)
        if value:
            monkeypatch.setenv(name, value)
    peers.bypass_proxy(task)
    assert os.environ["no_proxy"] == "one,b,two,localhost,10.0.0.1,fd00::1" and "no_grpc_proxy" not in os.environ
    monkeypatch.setenv("no_grpc_proxy", "three")
    monkeypatch.delenv("no_proxy")
    monkeypatch.delenv("NO_PROXY")
    peers.bypass_proxy(task)
    monkeypatch.setenv("no_grpc_proxy", "")
    peers.bypass_proxy(task)
    assert dict(os.environ)["no_grpc_proxy"].startswith("localhost,")  # gRPC takes it where it is set, even to nothing
    monkeypatch.setenv("no_grpc_proxy", "three")
    peers.bypass_proxy(task)
    assert dict(os.environ)["no_grpc_proxy"] == "three,localhost,10.0.0.1,fd00::1,b"
    assert os.environ["no_proxy"] == "localhost,10.0.0.1,fd00::1,b" and os.environ["http_proxy"] == "http://p:1"


CHILD = """
import os, socket, sys, time
from filelock import FileLock
from rnn_tf1.cluster import addresses, local_cluster
task = addresses.parse_tf_config(os.environ["TF_CONFIG"])
assert local_cluster.follow_parent()
sys.stdout.write("working\\rstill working\\rdone with %s\\n" % task.address)
sys.stderr.write("a warning\\n")
server = socket.socket()
server.bind(("127.0.0.1", int(task.address.split(":")[1])))
server.listen(100)
lock = FileLock(task.name + ".lock")
lock.acquire(blocking=False)
with open(task.name + ".part", "wb") as part:
    part.write(task.address.encode())
os.rename(task.name + ".part", task.name)
if task.name == "worker 1":
    while not (os.path.exists("ps 0") and os.path.exists("worker 0")):
        time.sleep(0.02)
    time.sleep({wait})
    sys.exit({code})
time.sleep(300)
"""


def run_children(folder, wait, code):
    """A process that runs three others as a local cluster."""
    (folder / "child.py").write_text(CHILD.format(wait=wait, code=code))
    run = "cli.run_main(lambda: sys.exit(local_cluster.run_local([sys.executable, 'child.py'], 2, patience=1)))"
    run = "import sys; from rnn_tf1.program import cli; from rnn_tf1.cluster import local_cluster; " + run
    return subprocess.Popen(
        [sys.executable, "-c", run],
        cwd=str(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(os.environ, PYTHONPATH=ROOT),
        universal_newlines=True,
        start_new_session=True,
        preexec_fn=hear_ctrl_c,
    )


@pytest.mark.once
def test_a_local_task_that_fails_ends_all(tmp_path):
    """An exit code that is lost; tasks that wait for one that has failed; lines of which nobody knows whose they are."""
    began = time.time()
    code, out = end(run_children(tmp_path, 0, 7))
    assert code == 7 and time.time() - began < 200
    assert "[ps 0] done with 127.0.0.1:" in out and "[worker 1] a warning" in out
    assert "still working" not in out  # a progress bar, and nobody looks on
    assert "worker 1 ended with exit code 7; the others are ended too." in out


@pytest.mark.once
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_local_tasks_end_with_their_parent(number, tmp_path):
    """Processes that nobody ends."""
    began = time.time()
    process = run_children(tmp_path, 300, 0)
    while not all((tmp_path / name).exists() for name in ("ps 0", "worker 0", "worker 1")):
        assert time.time() < began + 200
        time.sleep(0.02)
    process.send_signal(number)
    code, out = end(process, 200)
    assert code == {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGKILL: -9}[number], out
    for name in ("ps 0", "worker 0", "worker 1"):
        FileLock(str(tmp_path / (name + ".lock"))).acquire(timeout=60)  # Timeout: it still runs


@pytest.mark.once
@pytest.mark.slow
def test_ctrl_c_leaves_a_checkpoint(data_dir, tmp_path):
    """Steps that are lost where there was time to save them; a traceback for Ctrl-C."""
    flags = SIZES + ["--data-dir", data_dir, "--epochs", 5000, "--save-steps", 10**6]
    process = start("--local", 1, "--out-dir", tmp_path, *flags)
    wait_for_step(tmp_path, 0, process)
    time.sleep(10)  # the first steps take a while on a busy machine
    process.send_signal(signal.SIGINT)
    code, out = end(process)
    assert code == 130, out
    assert "[worker 0] cluster.py: error: stopped. The same command goes on" in out and "Traceback" not in out
    assert checkpoint(tmp_path)["global_step"] > 0  # of a step at which none is written otherwise


# ---------------------------------------------------------------------------------------------- inside this process

POINTS = np.random.RandomState(4).normal(size=[24, 3]).astype(np.float32)
TARGETS = POINTS.dot([0.5, -1.0, 2.0]).astype(np.float32) + 0.7
START = np.array([0.3, 0.2, -0.4])


def run_inside(out_dir, steps, workers=2, on_feed=lambda step, replica, target: None, seed=5, **updates):
    """What the chief returns: a cluster of threads fits a line, each worker with 4 points a step, and then all have ended."""
    tasks = {name: addresses.parse_tf_config(config) for name, config in local_cluster.local_configs(workers).items()}
    servers = {name: replicas.start_server(task) for name, task in tasks.items()}
    part = replicas.make_parts([POINTS, TARGETS], 4, workers, seed)
    ended = {}

    def work(name):
        task, target = tasks[name], servers[name].target

        def build(step):
            x, y = tf.placeholder(tf.float32, [None, 3]), tf.placeholder(tf.float32, [None])
            line = tf.get_variable("line", initializer=tf.constant(START, tf.float32))
            loss = tf.reduce_mean((tf.reduce_sum(x * line, 1) - y) ** 2)

            def feed(at, replica):
                on_feed(at, replica, target)
                return dict(zip((x, y), part(at, replica)))

            rate = 0.1 / (1 + tf.cast(step, tf.float32))
            return lifecycle.Work(loss, rate, feed, lambda session: {"line": session.run(line)})

        try:
            if task.job == "ps":
                ended[name] = lifecycle.serve(task, servers[name], 30)
            else:
                ended[name] = lifecycle.train(
                    task,
                    servers[name],
                    build,
                    steps,
                    training.RunFolder(str(out_dir), {"seed": seed}),
                    replicas.Updates(optimizer="sgd", **updates),
                    timeout=100,
                )
        except Exception as error:
            ended[name] = error

    threads = {name: threading.Thread(target=work, args=(name,), daemon=True) for name in tasks}
    for thread in threads.values():
        thread.start()
    limit = time.time() + 60
    while set(ended) != set(tasks) and time.time() < limit and not isinstance(ended.get("worker 0"), Exception):
        time.sleep(0.02)
    if isinstance(ended.get("worker 0"), Exception):
        raise ended["worker 0"]
    assert set(ended) == set(tasks) and not [e for e in ended.values() if isinstance(e, Exception)], ended
    return ended["worker 0"]


def fit_line(steps, clip_norm, workers=2, seed=5):
    """(losses [workers, steps], line): the same by hand, in float64."""
    line, losses = START.copy(), []
    for step in range(steps):
        epoch, number = divmod(step, len(POINTS) // (4 * workers))
        order = np.random.RandomState([seed, epoch]).permutation(len(POINTS)).reshape(-1, workers, 4)[number]
        errors = POINTS[order].astype(float).dot(line) - TARGETS[order]
        losses.append((errors**2).mean(1))
        gradient = 2 * (errors[..., None] * POINTS[order]).mean((0, 1))
        line = line - 0.1 / (1 + step) * gradient * min(1.0, clip_norm / np.linalg.norm(gradient))
    return np.array(losses).T, line


def test_a_task_that_makes_no_step_gives_up(tmp_path, monkeypatch):
    """A task that joins for ever, or one that has made steps meanwhile and gives up."""
    joined = []

    class Lost(object):
        """A life that ends before it has made a step, but for the first three."""

        def __init__(self, *fields):
            self.progress = fields[-1]

        def as_chief(self, *_):
            joined.append(1)
            assert len(joined) < 100, "it joins for ever"
            self.progress.steps += len(joined) <= 3
            raise lifecycle._Rejoin("the server has gone")

    monkeypatch.setattr(lifecycle, "_Run", Lost)
    monkeypatch.setattr(lifecycle, "wait_for", lambda *_: None)
    monkeypatch.setattr(lifecycle, "build_replica", lambda *_: None)
    task = addresses.parse_tf_config(tf_config({"ps": [nobody()], "worker": [nobody()]}, "worker", 0))
    progress = lifecycle._Progress(9, peers.Watch({}, 5.0, task.name), task)
    work = lifecycle.Work(None, 0.1, None, None)
    folder, updates = training.RunFolder(str(tmp_path), {}), replicas.Updates()
    with pytest.raises(TrainingError, match="worker 0 joined 20 times and made no step .the server has gone"):
        lifecycle._join_until_done(task, "", lambda step: work, folder, updates, 5, 1.0, progress)
    assert len(joined) == 3 + 20


def test_against_steps_by_hand(tmp_path):
    """A token left by a worker that was killed, of which a worker takes its step twice; and all that the pictures show."""
    fed = []

    def on_feed(step, replica, target):
        fed.append((step, replica))
        if (step, replica) == (5, 1):
            with tf.Graph().as_default(), tf.Session(
                target, config=tf.ConfigProto(device_filters=["/job:ps"])
            ) as session:
                session.run(replicas.token_queue("/job:ps/task:0").enqueue(np.int64(5)))

    trained = run_inside(tmp_path, 12, on_feed=on_feed, clip_norm=2.0)
    assert sorted(fed) == [(step, replica) for step in range(12) for replica in range(2)]
    losses, line = fit_line(12, 2.0)
    np.testing.assert_allclose(trained.losses, losses, rtol=1e-5)
    np.testing.assert_allclose(trained.figures["line"], line, rtol=1e-5)
    assert trained.steps == 12 and 0 < trained.seconds < 600


@pytest.mark.parametrize("host", ["127.0.0.1", pytest.param("[::1]", marks=[pytest.mark.slow, pytest.mark.once])])
def test_a_proxy_that_never_answers(host, tmp_path, monkeypatch):
    """A cluster that hangs for ever because gRPC asks a proxy for its tasks, or for this machine."""
    if host == "[::1]":
        try:
            with socket.socket(socket.AF_INET6) as probe:
                probe.bind(("::1", 0))
        except OSError:
            pytest.skip("no IPv6 here")
        configs = local_cluster.local_configs
        monkeypatch.setattr(
            local_cluster, "local_configs", lambda n: {k: v.replace("127.0.0.1", host) for k, v in configs(n).items()}
        )
    with socket.socket() as proxy:
        proxy.bind(("127.0.0.1", 0))
        proxy.listen(100)
        for name in ("no_proxy", "NO_PROXY", "no_grpc_proxy"):
            monkeypatch.setenv(name, "example.org" if name == "NO_PROXY" else "")
        for name in ("http_proxy", "https_proxy", "grpc_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:%d" % proxy.getsockname()[1])
        trained = run_inside(tmp_path, 3, clip_norm=2.0)
        proxy.settimeout(0.1)
        with pytest.raises(socket.timeout):
            proxy.accept()
    assert trained.steps == 3 and os.environ["no_proxy"].startswith("example.org,localhost,")


@pytest.mark.slow
def test_a_chief_that_goes_away_before_it_begins(tmp_path):
    """A worker that waits for ever for variables that nobody sets."""
    with Task() as chief:
        own, ps = ("127.0.0.1:%d" % port for port in local_cluster.free_ports(2))
        jobs = {"ps": [ps], "worker": [chief.address, own]}
        server, worker = (addresses.parse_tf_config(tf_config(jobs, job, i)) for job, i in (("ps", 0), ("worker", 1)))
        replicas.start_server(server)
        target = replicas.start_server(worker)

        def build(step):
            chief.stopped = True
            line = tf.get_variable("line", initializer=tf.constant(START, tf.float32))
            return lifecycle.Work(tf.reduce_sum(line), 0.1, None, None)

        with pytest.raises(
            addresses.ClusterError, match="worker 1 waited for .*: no answer within 1 s from worker 0 at"
        ):
            lifecycle.train(worker, target, build, 3, training.RunFolder(str(tmp_path), {}), timeout=1)


@pytest.mark.once
@pytest.mark.slow
def test_real_tasks_and_a_proxy(data_dir, tmp_path):
    """The same with real processes, where what is downloaded goes through the proxy."""
    with socket.socket() as proxy:
        proxy.bind(("127.0.0.1", 0))
        proxy.listen(100)
        url = "http://127.0.0.1:%d" % proxy.getsockname()[1]
        flags = [*SIZES, "--epochs", 1, "--data-dir", data_dir, "--out-dir", tmp_path]
        configs = local_cluster.local_configs(2).values()
        processes = [start(*flags, http_proxy=url, no_proxy="", TF_CONFIG=config) for config in configs]
        ended = [end(process) for process in processes]
    assert [code for code, _ in ended] == [0] * len(ended), ended
    assert "".join(out for _, out in ended).count("Anyone who can connect to port") == 3


@pytest.mark.once
@pytest.mark.slow
def test_what_a_cluster_survives(tmp_path):
    """A promise of docs/cluster.md that is broken; `tests/cluster_soak.py` tries all of them, and again."""
    soak = [sys.executable, os.path.join(ROOT, "tests", "cluster_soak.py"), str(tmp_path), "--timeout", "8"]
    environment = dict(os.environ, PYTHONPATH=ROOT)
    for seed, only, cases in (("1", "sync", 2), ("2", "async", 1)):
        done = subprocess.run(
            soak + ["--cases", str(cases), "--deaths", "--seed", seed, "--only", only],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=900,
        )
        assert done.returncode == 0, done.stdout[-3000:]
        assert done.stdout.count("as promised") == cases


def test_the_page_of_promises():
    """A table that was changed, and a page that was not; a case of which nothing is promised, or two things are."""
    sys.path.append(os.path.join(ROOT, "docs"))
    import make_cluster

    with open(make_cluster.PAGE, encoding="utf-8") as file:
        assert file.read() == make_cluster.page()
    faults = {case[0] for case in make_cluster.cases()}
    assert len(make_cluster.cases()) == len(faults) * 3 * 2 == 54
    for fault in faults:
        for victim in make_cluster.ALL:
            for mode in make_cluster.BOTH:
                make_cluster.promise(fault, victim, mode)


@pytest.mark.slow
def test_finished_stopped_and_other_runs(tmp_path):
    """A finished run that trains again; checkpoints of one run that another goes on from."""
    first = run_inside(tmp_path, 6, workers=1, clip_norm=2.0)
    again = run_inside(tmp_path, 6, workers=1, clip_norm=2.0)
    assert (first.steps, again.steps) == (6, 0)
    np.testing.assert_array_equal(first.losses, again.losses)
    np.testing.assert_array_equal(first.figures["line"], again.figures["line"])
    with pytest.raises(CheckpointError, match="seed was 5 there and is 6 here"):
        run_inside(tmp_path, 6, workers=1, seed=6)
    with pytest.raises(CheckpointError, match=r"cluster/losses is \[1, 6\] in the checkpoint and \[1, 7\]"):
        run_inside(tmp_path, 7, workers=1)


def test_asynchronous_by_one_worker(tmp_path):
    """An asynchronous update that is not the optimizer's; a step that is recorded in another's place."""
    trained = run_inside(tmp_path, 7, workers=1, mode="async", clip_norm=2.0)
    losses, line = fit_line(7, 2.0, workers=1)
    np.testing.assert_allclose(trained.losses, losses, rtol=1e-5)
    np.testing.assert_allclose(trained.figures["line"], line, rtol=1e-5)


def test_asynchronous_by_two_workers(tmp_path):
    """Workers that wait for each other; an update that is lost, or counted for another."""
    trained = run_inside(tmp_path, 60, mode="async", clip_norm=2.0)
    taken = np.isfinite(trained.losses).sum()
    assert 50 <= trained.steps <= 61  # the other worker may have made some before the chief looks for the first time
    assert 30 <= taken <= 61
    assert np.nanmean(trained.losses[:, -20:]) < np.nanmean(trained.losses[:, :10])


def test_a_loss_that_is_not_finite(tmp_path, monkeypatch):
    """Steps after the weights are lost."""
    monkeypatch.setattr(sys.modules[__name__], "TARGETS", np.full_like(TARGETS, np.nan))
    with pytest.raises(TrainingError, match="The loss is nan at step 1. Try a lower learning_rate"):
        run_inside(tmp_path, 6, workers=1)


@pytest.mark.parametrize("removed", [True, False])
def test_a_checkpoint_that_cannot_be_written(removed, tmp_path):
    """A traceback, or steps that are never saved, where the folder is gone or something is in the way."""
    folder = tmp_path / "checkpoints"

    def on_feed(step, replica, target):
        if step == 3 and removed:
            shutil.rmtree(str(folder))
            folder.write_text("a file, where a folder should be")
        elif step == 3:
            (folder / "model.ckpt-6.index").mkdir()

    told = (
        "was removed or replaced"
        if removed
        else "the checkpoint could not be written .a folder has the name of the file"
    )
    with pytest.raises(OutputError, match="checkpoints:? " + told):
        run_inside(tmp_path, 6, workers=1, on_feed=on_feed)


@pytest.mark.parametrize(("wrong", "text"), [({"mode": "synch"}, "sync, async"), ({"optimizer": "adamm"}, "adam")])
def test_unknown_names(wrong, text, graph):
    """A slip of the pen that is found after minutes, or never."""
    task = addresses.parse_tf_config(tf_config(JOBS, "worker", 0))
    line = tf.get_variable("line", initializer=tf.constant(START))
    with pytest.raises(GraphError, match="there are: .*" + text):
        step = tf.train.get_or_create_global_step()
        replicas.build_replica(task, tf.reduce_sum(line), 0.1, step, 3, replicas.Updates(**wrong))


def test_layers_on_two_tasks():
    """A layer that runs elsewhere than it was put, or gives other outputs there."""
    tasks = [addresses.parse_tf_config(config) for config in local_cluster.local_configs(2).values()][1:]
    servers = [replicas.start_server(task) for task in tasks]
    inputs = helpers.make_sequence()

    def outputs(devices):
        cells = [BasicLSTMCell(units) for units in (5, 7)]
        if devices:
            cells = [DeviceCellWrapper(device, cell) for device, cell in zip(devices, cells)]
        return dynamic_rnn(MultiRNNCell(cells), tf.constant(inputs, tf.float32))[0]

    with tf.Graph().as_default():
        expected = helpers.run(outputs(None))
    options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE, output_partition_graphs=True)
    config, metadata = tf.ConfigProto(device_filters=["/job:worker"]), tf.RunMetadata()
    with tf.Graph().as_default():
        found = outputs([task.device for task in tasks])
        with tf.Session(servers[0].target, config=config) as session:
            helpers.set_variables(session, tf.global_variables())
            got = session.run(found, options=options, run_metadata=metadata)
    helpers.assert_near(got, expected, 1e-6)
    planned = [
        (node.name, node.device) for part in metadata.partition_graphs for node in part.node if "MatMul" in node.op
    ]
    ran = [
        (stats.node_name, device.device)
        for device in metadata.step_stats.dev_stats
        if device.device.startswith("/job:")
        for stats in device.node_stats
    ]
    for seen in (planned, ran):
        for number in range(2):
            devices = {device for name, device in seen if "/cell_%d/" % number in name}
            assert devices == {"/job:worker/replica:0/task:%d/device:CPU:0" % number}


# --------------------------------------------------------------------------------------------------------- the picture


def test_picture_of_losses(tmp_path):
    """A mean over the wrong window; a worker that took no step, or one step, or a picture of nothing."""
    values = np.random.RandomState(2).normal(size=37)
    expected = [values[max(0, end - 7) : end].mean() for end in range(1, 38)]
    np.testing.assert_allclose(running_mean(values, 0.2), expected, atol=1e-12)
    losses = np.full([3, 37], np.nan)
    losses[0], losses[1, 5] = values**2 + 0.1, 0.5
    path = picture.replica_losses(losses, str(tmp_path / "losses.png"), "Losses")
    assert os.path.getsize(path) > 5000
    for wrong in (losses[2:], values):
        with pytest.raises(ValueError, match="with finite values"):
            picture.replica_losses(wrong, path)
