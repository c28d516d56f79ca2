"""A whole cluster on one machine: a parameter server and some workers, each a process of its own.

Nobody outside can connect to it where the system allows that (`rnn_tf1.cluster.loopback`). Imports no TensorFlow.
"""

import contextlib
import getpass
import json
import os
import socket
import subprocess
import sys
import threading
import time
from typing import IO, Any, Callable, Dict, List, Optional, Sequence

from rnn_tf1.cluster import loopback
from rnn_tf1.cluster.addresses import Cluster, split_address
from rnn_tf1.cluster.peers import terminated_as_exception
from rnn_tf1.program.terminal import say

_PARENT = "RNN_TF1_PARENT"  # set for the processes of `run_local`: their standard input ends with their parent
_DANGER = (
    "Anyone who can connect to {ports} of this machine can read and write all files of {user} there and run programs as "
    "{user}: TensorFlow's servers listen on every address and ask for no password. "
)
_ADVICE = "Use a private network, or a firewall that lets only the cluster's machines connect (lesson 16)."


def free_ports(count: int) -> List[int]:
    """Free ports of 127.0.0.1."""
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


def run_local(
    command: Sequence[str],
    workers: int,
    prepare: Optional[Callable[[], Any]] = None,
    patience: float = 15.0,
) -> int:
    """Runs `command` as one parameter server and `workers` workers, and returns the exit code of the first that failed.

    Each line that they print has the task's name before it. They end when this process ends, however it does; Ctrl-C
    gives the chief `patience` seconds to write a checkpoint. Call it before any thread is started: this process moves into
    a network of its own, where only its children can connect to each other. If the system has none, a warning is printed.

    Args:
      command: the program and its arguments.
      workers: how many workers to start.
      prepare: called first, while there still is a network: to download what the tasks need.
      patience: seconds.
    """
    tasks: Dict[str, Any] = {}
    pumps: List[threading.Thread] = []
    lock = threading.Lock()
    with terminated_as_exception():
        if prepare is not None:
            loopback.run_apart(prepare)
        reason = loopback.leave_network()
        configs = local_configs(workers)
        if reason:
            say(_warning(configs, reason))
        try:
            for name, config in configs.items():
                tasks[name] = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    env=_environment(config),
                    start_new_session=True,  # this process passes Ctrl-C on
                )
                for source, sink in ((tasks[name].stdout, sys.stdout), (tasks[name].stderr, sys.stderr)):
                    pumps.append(threading.Thread(target=_pump, args=(source, sink, name, lock), daemon=True))
                    pumps[-1].start()
            return _first_failure(tasks)
        except (KeyboardInterrupt, SystemExit):
            tasks["worker 0"].terminate()  # not SIGINT, which a task started in the background ignores
            with contextlib.suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
                tasks["worker 0"].wait(patience)
            raise
        finally:
            for process in tasks.values():
                process.kill()  # nothing happens if it has ended
                process.wait()
            for pump in pumps:
                pump.join(5)


def _environment(config: str) -> Dict[str, str]:
    return dict(os.environ, TF_CONFIG=config, PYTHONUNBUFFERED="1", **{_PARENT: str(os.getpid())})


def _warning(configs: Dict[str, str], reason: str) -> str:
    addresses = [address for job in json.loads(configs["ps 0"])["cluster"].values() for address in job]
    ports = "the ports " + ", ".join(str(split_address(address)[1]) for address in addresses)
    danger = _DANGER.format(ports=ports, user=_user())
    return "WARNING: this cluster is open to the network (%s). %sClose these ports with a firewall, or stop it now." % (
        reason,
        danger,
    )


def say_open(cluster: Cluster) -> None:
    """Prints one line that says to whom this task's server is open; not in a task of `run_local`, which has said it."""
    global _said_open
    if not _said_open and not is_child():
        _said_open = True
        danger = _DANGER.format(ports="port %d" % split_address(cluster.address)[1], user=_user())
        say("%s: %s%s" % (cluster.name, danger, _ADVICE))


_said_open = False


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's user may have no name
        return "this user"


def _first_failure(tasks: Dict[str, Any]) -> int:
    """Waits until all workers have ended well, or one of the tasks has not, and returns its exit code."""
    while True:
        codes = {name: process.poll() for name, process in tasks.items()}
        for name, code in codes.items():
            if code:
                say("%s ended with exit code %d; the others are ended too." % (name, code))
                return code if code > 0 else 128 - code
        if not any(code is None for name, code in codes.items() if name != "ps 0"):
            return 0
        time.sleep(0.1)


def _pump(source: IO[bytes], sink: Any, name: str, lock: Any) -> None:
    """Copies lines from `source`, each after the task's name; of a progress bar every state, but only to a terminal."""
    bars = sink.isatty()
    line = b""
    for byte in iter(lambda: source.read(1), b""):
        if byte not in b"\r\n":
            line += byte
            continue
        if line.strip() and (byte == b"\n" or bars):
            with lock:
                sink.write("[%s] %s%s" % (name, line.decode("utf-8", "replace"), byte.decode()))
                sink.flush()
        line = b""


def is_child() -> bool:
    """Whether `run_local` started this process."""
    return os.environ.get(_PARENT) == str(os.getppid())


def follow_parent() -> bool:
    """Whether `run_local` started this process; if so, it ends when its parent does, even if that is killed."""
    if not is_child():
        return False

    def follow() -> None:
        while os.read(0, 1):
            pass
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
    return True
