"""A program on several machines: what TF_CONFIG says, whether the others answer, and a whole cluster on one machine.

`rnn_tf1.replicas` trains on it. This file imports no TensorFlow, so that a wrong TF_CONFIG is told at once.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import IO, Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from rnn_tf1.errors import UserError

JOBS = ("ps", "chief", "master", "worker")  # a "master" is what older cluster managers call the chief
EXAMPLE = (
    """TF_CONFIG='{"cluster": {"ps": ["10.0.0.1:2222"], "worker": ["10.0.0.2:2222", "10.0.0.3:2222"]}, """
    """"task": {"type": "worker", "index": 0}}'"""
)
_PARENT = "RNN_TF1_PARENT"  # set for the processes of `run_local`: their standard input ends with their parent


class ClusterError(UserError):
    """TF_CONFIG is wrong, an address is in use, or a task of the cluster does not answer."""


class Cluster(NamedTuple):
    """The tasks of a cluster, and which of them this process is."""

    jobs: Dict[str, List[str]]  # the addresses "host:port" of each job's tasks
    job: str  # of this task
    number: int  # of this task in its job, from 0

    @property
    def name(self) -> str:
        return "%s %d" % (self.job, self.number)

    @property
    def address(self) -> str:
        return self.jobs[self.job][self.number]

    @property
    def device(self) -> str:
        return task_device(self.job, self.number)

    @property
    def replicas(self) -> List[Tuple[str, int]]:
        """The tasks that train, as (job, index), the chief first. Without a job "chief" it is worker 0."""
        return [(job, i) for job in JOBS[1:] for i in range(len(self.jobs.get(job, ())))]

    @property
    def replica(self) -> int:
        """The place of this task among the replicas, 0 for the chief; -1 for a parameter server."""
        return -1 if self.job == "ps" else self.replicas.index((self.job, self.number))

    @property
    def is_chief(self) -> bool:
        return self.replica == 0

    @property
    def others(self) -> Dict[str, str]:
        """{name: address} of all tasks but this one."""
        return {
            "%s %d" % (job, i): address
            for job, addresses in self.jobs.items()
            for i, address in enumerate(addresses)
            if (job, i) != (self.job, self.number)
        }

    @property
    def servers(self) -> Dict[str, str]:
        """{name: address} of those that every task needs: the parameter servers and the chief."""
        chief = "%s %d" % self.replicas[0]
        return {name: address for name, address in self.others.items() if name == chief or name.startswith("ps ")}


def task_device(job: str, index: int) -> str:
    return "/job:%s/task:%d" % (job, index)


def parse_tf_config(text: Optional[str]) -> Cluster:
    """The cluster that the environment variable TF_CONFIG describes.

    Args:
      text: its value: JSON with "cluster", the addresses of each job's tasks, and "task", which of them this process is.
        Jobs: "ps" and "worker" (at least one of each), and optionally one "chief" (or "master").

    Raises `ClusterError` for a text that is missing or malformed; it names what is wrong in it.
    """
    if not (text or "").strip():
        raise _wrong("it is not set")
    try:
        value = json.loads(text or "")
    except ValueError as error:
        raise _wrong("it is not JSON (%s)" % error) from None
    if not isinstance(value, dict) or not isinstance(value.get("cluster"), dict):
        raise _wrong('it has no "cluster"')
    jobs = value["cluster"]
    for job, addresses in jobs.items():
        if job not in JOBS:
            raise _wrong("there is no job %r; there are: %s" % (job, ", ".join(JOBS)))
        if not isinstance(addresses, list) or not addresses:
            raise _wrong("the job %r should be a list of addresses and is %s" % (job, json.dumps(addresses)))
    for missing in [job for job in ("ps", "worker") if job not in jobs]:
        raise _wrong("its cluster has no %r" % missing)
    if sum(len(jobs.get(job, ())) for job in ("chief", "master")) > 1:
        raise _wrong("its cluster has more than one chief")
    seen: Dict[str, str] = {}
    for job, addresses in jobs.items():
        for i, address in enumerate(addresses):
            name = "%s %d" % (job, i)
            _split(address, name)
            if address in seen:
                raise _wrong("%s and %s have the same address %s" % (seen[address], name, address))
            seen[address] = name
    task = value.get("task")
    if not isinstance(task, dict) or "type" not in task or "index" not in task:
        raise _wrong('it has no "task" with a "type" and an "index"')
    job, index = task["type"], task["index"]
    if not isinstance(job, str) or job not in jobs:
        raise _wrong("its task is of type %r, and its cluster has: %s" % (job, ", ".join(jobs)))
    if type(index) is not int or not 0 <= index < len(jobs[job]):
        raise _wrong(
            "its task's index is %s, and its cluster has %d of type %r, counted from 0"
            % (json.dumps(index), len(jobs[job]), job)
        )
    return Cluster(jobs, job, index)


def _wrong(what: str) -> ClusterError:
    return ClusterError(
        "TF_CONFIG says which task of the cluster this process is, and %s. Set it like this, or try everything on this "
        "machine with --local 2:\n%s" % (what, EXAMPLE)
    )


def _split(address: Any, name: str) -> Tuple[str, int]:
    host, _, port = address.rpartition(":") if isinstance(address, str) else ("", "", "")
    if not host or not (port.isdigit() and 0 < int(port) < 1 << 16):
        raise _wrong("the address of %s is %s, not host:port" % (name, json.dumps(address)))
    return host, int(port)


# --------------------------------------------------------------------------------------------------------- the others


def check_free(cluster: Cluster) -> None:
    """Raises `ClusterError` where another program listens on this task's port.

    TensorFlow's own error comes seconds later and does not name the cause.
    """
    _, port = _split(cluster.address, "this task")
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a task that was killed may come back at once
        try:
            probe.bind(("", port))
            probe.listen(1)
        except OSError as error:
            raise ClusterError(
                "%s cannot listen on %s (%s). End the program that does, an earlier run for example, or change the "
                "port in TF_CONFIG, for all tasks alike." % (cluster.name, cluster.address, error.strerror)
            ) from None


def silent(tasks: Dict[str, str], seconds: float = 2.0) -> Dict[str, str]:
    """Those of the `tasks` {name: address} where nothing answers within `seconds`."""
    found = {}
    for name, address in tasks.items():
        try:
            socket.create_connection(_split(address, name), timeout=seconds).close()
        except OSError:
            found[name] = address
    return found


def wait_for(tasks: Dict[str, str], timeout: float) -> None:
    """Returns as soon as all `tasks` answer; raises `ClusterError` that names those that do not within `timeout` seconds."""
    end = time.time() + timeout
    missing = silent(tasks)
    while missing:
        if time.time() > end:
            raise _unreachable(missing, timeout)
        time.sleep(0.2)
        missing = silent(missing)


def _unreachable(missing: Dict[str, str], timeout: float) -> ClusterError:
    names = ", ".join("%s at %s" % (name, address) for name, address in sorted(missing.items()))
    return ClusterError(
        "no answer within %g s from %s. Start what is missing, mend its address in TF_CONFIG, for all tasks alike, or "
        "wait longer with --timeout." % (timeout, names)
    )


class Watch(object):
    """Looks after work that TensorFlow may block for ever, such as a step that waits for a machine that is gone.

    Args:
      tasks: {name: address} of those that the work needs.
      timeout: seconds without a step after which they are asked for an answer.
    """

    def __init__(self, tasks: Dict[str, str], timeout: float):
        self._tasks, self._timeout = tasks, timeout
        self._last = time.time()
        self.stopping = threading.Event()  # asks the work to end after its step

    def beat(self) -> None:
        """Says that there was a step."""
        self._last = time.time()

    def check(self) -> None:
        """Raises `ClusterError` where there was no step for `timeout` seconds and a task does not answer."""
        if time.time() - self._last > self._timeout:
            missing = silent(self._tasks)
            if missing:
                raise _unreachable(missing, self._timeout)
            self.beat()

    def run(self, work: Callable[[], Any], patience: float = 10.0) -> Any:
        """work(), in a thread of its own, so that Ctrl-C and SIGTERM are heard while TensorFlow waits for a machine.

        They ask the work to end after its step; where it has not within `patience` seconds, it is left behind.
        """
        results: List[Tuple[Any, Optional[BaseException]]] = []
        ended = threading.Event()  # Thread.join takes a thread for ended where Ctrl-C interrupts it

        def target() -> None:
            try:
                results.append((work(), None))
            except BaseException as error:
                results.append((None, error))
            ended.set()

        with terminated_as_exception():
            try:
                threading.Thread(target=target, daemon=True).start()
                while not ended.wait(0.1):
                    self.check()
            except (KeyboardInterrupt, SystemExit):
                self.stopping.set()
                ended.wait(patience)
                raise
        result, error = results[0]
        if error is not None:
            raise error
        return result


@contextlib.contextmanager
def terminated_as_exception() -> Iterator[None]:
    """SIGTERM raises ``SystemExit(143)`` meanwhile, so that what is open is closed."""

    def stop(number: int, frame: Any) -> None:
        raise SystemExit(128 + number)

    try:
        before = signal.signal(signal.SIGTERM, stop)
    except ValueError:  # not in the main thread, which alone receives signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


# ------------------------------------------------------------------------------------------ a cluster on one machine


def free_ports(count: int) -> List[int]:
    """Ports of 127.0.0.1 on which nobody listens."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(contextlib.closing(socket.socket())) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def local_configs(workers: int) -> Dict[str, str]:
    """TF_CONFIG of each process of a cluster on this machine: {"ps 0": ..., "worker 0": ..., "worker 1": ...}."""
    addresses = ["127.0.0.1:%d" % port for port in free_ports(workers + 1)]
    jobs = {"ps": addresses[:1], "worker": addresses[1:]}
    return {
        "%s %d" % (job, i): json.dumps({"cluster": jobs, "task": {"type": job, "index": i}})
        for job in jobs
        for i in range(len(jobs[job]))
    }


def run_local(command: Sequence[str], workers: int, patience: float = 15.0) -> int:
    """Runs `command` as one parameter server and `workers` workers, and returns the exit code of the first that failed.

    Each line that they print has the task's name before it. They end when this process ends, however it does; Ctrl-C
    gives the chief `patience` seconds to write a checkpoint.
    """
    tasks: Dict[str, Any] = {}
    pumps: List[threading.Thread] = []
    lock = threading.Lock()
    with terminated_as_exception():
        try:
            for name, config in local_configs(workers).items():
                tasks[name] = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    env=_environment(config),
                    start_new_session=True,  # Ctrl-C comes to them from here
                )
                for source, to in ((tasks[name].stdout, sys.stdout), (tasks[name].stderr, sys.stderr)):
                    pumps.append(threading.Thread(target=_pump, args=(source, to, name, lock), daemon=True))
                    pumps[-1].start()
            return _first_failure(tasks)
        except (KeyboardInterrupt, SystemExit):
            tasks["worker 0"].terminate()  # not SIGINT, which a task started in the background ignores
            with contextlib.suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
                tasks["worker 0"].wait(patience)
            raise
        finally:
            for process in tasks.values():
                process.kill()  # nothing happens where it has ended
                process.wait()
            for pump in pumps:
                pump.join(5)


def _environment(config: str) -> Dict[str, str]:
    local = ",".join(filter(None, [os.environ.get("no_proxy"), "127.0.0.1"]))  # gRPC would ask a proxy for it
    return dict(os.environ, TF_CONFIG=config, no_proxy=local, PYTHONUNBUFFERED="1", **{_PARENT: str(os.getpid())})


def _first_failure(tasks: Dict[str, Any]) -> int:
    """Waits until all workers have ended well, or one of the tasks has not, and returns its exit code."""
    while True:
        codes = {name: process.poll() for name, process in tasks.items()}
        for name, code in codes.items():
            if code:
                sys.stderr.write("%s ended with exit code %d; the others are ended too.\n" % (name, code))
                return code if code > 0 else 128 - code
        if not any(code is None for name, code in codes.items() if name != "ps 0"):
            return 0
        time.sleep(0.1)


def _pump(source: IO[bytes], to: Any, name: str, lock: Any) -> None:
    """Copies lines from `source`, the task's name before each; of a progress bar, each state where somebody looks on."""
    bars = to.isatty()
    line = b""
    for byte in iter(lambda: source.read(1), b""):
        if byte not in b"\r\n":
            line += byte
            continue
        if line.strip() and (byte == b"\n" or bars):
            with lock:
                to.write("[%s] %s%s" % (name, line.decode("utf-8", "replace"), byte.decode()))
                to.flush()
        line = b""


def follow_parent() -> bool:
    """Whether `run_local` started this process; if so, it ends with the one that did, even where that one is killed."""
    if os.environ.get(_PARENT) != str(os.getppid()):
        return False

    def follow() -> None:
        while os.read(0, 1):
            pass
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
    return True
