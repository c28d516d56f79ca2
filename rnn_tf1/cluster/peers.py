"""The other tasks of a cluster: whether they answer, how long to wait for them, and a direct connection past a proxy.

Imports no TensorFlow. Durations are measured with a monotonic clock.
"""

import contextlib
import errno
import os
import signal
import socket
import sys
import threading
import time
from typing import Any, Callable, Dict, Iterator, List, Optional, Set, Tuple

from rnn_tf1.cluster.addresses import Cluster, ClusterError, split_address
from rnn_tf1.errors import Argument
from rnn_tf1.program.terminal import say

# How HTTP/2 begins, in which TensorFlow's servers speak: a fixed text, and a frame with no settings.
_GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
_FRAME_HEADER, _SETTINGS = 9, 4
_SLOW = 10
_PROXY_EXCEPTIONS = (
    "no_proxy",
    "no_grpc_proxy",
)  # TensorFlow 1.15 reads the first alone; 2.x the second, where it is set


def check_free(cluster: Cluster) -> None:
    """Raises `ClusterError` if another program listens on this task's port.

    TensorFlow's own error comes seconds later and does not name the cause.
    """
    _, port = split_address(cluster.address)
    for family, every in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        try:
            probe = socket.socket(family, socket.SOCK_STREAM)
        except OSError:  # a system without IPv6
            continue
        with contextlib.closing(probe):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a task that was killed may come back at once
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                probe.bind((every, port))
                probe.listen(1)
            except OSError as error:
                if family == socket.AF_INET6 and error.errno == errno.EADDRNOTAVAIL:
                    continue  # IPv6 is switched off
                raise ClusterError(
                    "%s cannot listen on %s (%s). End the program that does, an earlier run for example, or change the "
                    "port in TF_CONFIG, for all tasks alike." % (cluster.name, cluster.address, error.strerror)
                ) from None


def bypass_proxy(cluster: Cluster) -> None:
    """Has gRPC, on which TensorFlow's servers run, connect to the tasks of the cluster directly.

    It would ask the proxy in ``http_proxy`` for each of them, even for this machine, and wait for ever. Every task's host is
    added to ``no_proxy``, so that downloads from elsewhere still go through the proxy. The hosts in ``NO_PROXY``, which gRPC
    does not read, are copied there.
    """
    hosts = ["localhost"] + [split_address(address)[0] for job in cluster.jobs.values() for address in job]
    for name in _PROXY_EXCEPTIONS:
        if name == "no_proxy" or name in os.environ:  # gRPC prefers the second even where it is empty
            given = [os.environ.get(name, ""), os.environ.get("NO_PROXY", "") if name == "no_proxy" else ""]
            listed = [host.strip() for text in given for host in text.split(",")]
            os.environ[name] = ",".join(dict.fromkeys(filter(None, listed + hosts)))


def answers(host: str, port: int, seconds: float = 2.0) -> bool:
    """Whether a program that speaks HTTP/2, as TensorFlow's servers do, answers there within `seconds`.

    A connection alone is no answer: the system accepts it for a process that is stopped, too.
    """
    end = time.monotonic() + seconds
    header = b""
    try:
        with socket.create_connection((host, port), timeout=seconds) as connection:
            connection.sendall(_GREETING)
            while len(header) < _FRAME_HEADER:
                connection.settimeout(max(end - time.monotonic(), 0.001))
                received = connection.recv(_FRAME_HEADER - len(header))
                if not received:
                    return False
                header += received
    except (OSError, UnicodeError):  # the latter: a host that no network has
        return False
    return header[3] == _SETTINGS


def silent(tasks: Dict[str, str], seconds: float = 2.0) -> Dict[str, str]:
    """Those of the `tasks` {name: address} that do not answer within `seconds`. All are asked at the same time."""
    answered: Set[str] = set()

    def ask(name: str, address: str) -> None:
        if answers(*split_address(address, name), seconds=seconds):
            answered.add(name)

    end = time.monotonic() + seconds
    threads = [threading.Thread(target=ask, args=item, daemon=True) for item in tasks.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(end - time.monotonic(), 0))  # looking up a name may take longer
    return {name: address for name, address in tasks.items() if name not in answered}


def wait_for(tasks: Dict[str, str], timeout: float, waiting: str = "") -> None:
    """Returns as soon as each of the `tasks` has answered.

    Args:
      tasks: {name: address}.
      timeout: seconds.
      waiting: who waits for what, for the message.

    Raises:
      ClusterError: it names those that have not answered within `timeout` seconds.
    """
    end = time.monotonic() + timeout
    missing = silent(tasks)
    while missing:
        if time.monotonic() > end:
            raise _unreachable(tasks, missing, timeout, waiting)
        time.sleep(0.2)
        missing = silent(missing)


def _unreachable(tasks: Dict[str, str], missing: Dict[str, str], timeout: float, waiting: str) -> ClusterError:
    names = ", ".join("%s at %s" % (name, address) for name, address in sorted(missing.items()))
    others = ", ".join(sorted(set(tasks) - set(missing)))
    return ClusterError(
        "%sno answer within %g s from %s%s. Start what is missing, fix its address in TF_CONFIG, for all tasks alike, or "
        "wait longer with "
        % (
            waiting and waiting + ": ",
            timeout,
            names,
            others and " (%s %s)" % (others, "answer" if "," in others else "answers"),
        ),
        Argument("timeout"),
        ".",
    )


class Watch(object):
    """Watches work that TensorFlow may block for ever, such as a step that waits for a machine that is gone.

    While there is no step, the tasks that the work needs are asked again and again whether they are there. If one has not
    answered for `timeout` seconds, the work ends; if it comes back earlier, the work goes on. Tasks that answer may be slow:
    they are waited for `_SLOW` times as long, so that no wait is endless.

    Args:
      tasks: {name: address} of those that the work needs.
      timeout: seconds.
      name: of this task, for the messages.
      any_of: a single answer is enough.
    """

    def __init__(self, tasks: Dict[str, str], timeout: float, name: str = "this task", any_of: bool = False):
        self._tasks, self._timeout, self._name, self._any_of = tasks, timeout, name, any_of
        self._interval = min(max(timeout / 10, 0.1), 2.0)  # between two looks, and the time that an answer may take
        self._looked = self._noted = self._began = time.monotonic()
        self._silence: Dict[str, float] = {}  # seconds
        self._stepped = False
        self.waits_for = "the others"  # for the messages; "" where the work is this task's own
        self.stopping = threading.Event()  # asks the work to end after its step

    def beat(self) -> None:
        """Says that there was a step."""
        self._stepped = True

    def check(self) -> None:
        """Raises `ClusterError` if there is no step, and a task has not answered for `timeout` seconds."""
        now = time.monotonic()
        if now - self._looked < self._interval:
            return
        if self._stepped:
            self._stepped, self._looked, self._noted, self._began = False, now, now, now
            self._silence.clear()
            return
        missing = silent(self._tasks, self._interval)
        asked = time.monotonic()
        # At most the time of a look: while this process itself was stopped, nobody else was silent.
        passed, self._looked = min(asked - self._looked, 3 * self._interval), asked
        self._silence = {name: self._silence.get(name, 0.0) + passed for name in missing}
        # One look more than the timeout, as a task may have gone away at any moment between two.
        lost = {name: self._tasks[name] for name, s in self._silence.items() if s > self._timeout + self._interval}
        if lost and (not self._any_of or len(lost) == len(self._tasks)):
            raise _unreachable(self._tasks, missing, self._timeout, "%s waited for %s" % (self._name, self.waits_for))
        if missing or self._any_of or not self.waits_for:
            return
        if asked - self._began > _SLOW * self._timeout:
            raise ClusterError(
                "%s waited for %s for %.0f s, although all that it needs answer. If that can take so long, wait longer with "
                % (self._name, self.waits_for, asked - self._began),
                Argument("timeout"),
                ", of which this is %d times." % _SLOW,
            )
        if asked - self._noted > self._timeout:
            self._noted = asked
            say("%s: waits for %s; all that it needs answer." % (self._name, self.waits_for))

    def run(self, work: Callable[[], Any], patience: float = 10.0) -> Any:
        """work(), in a thread of its own, so that Ctrl-C and SIGTERM are heard while TensorFlow waits for a machine.

        They ask the work to end after its step; if it has not within `patience` seconds, it is abandoned.
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
            except BaseException as stopped:
                self.stopping.set()
                if isinstance(stopped, (KeyboardInterrupt, SystemExit)):
                    ended.wait(patience)
                _abandoned[0] = _abandoned[0] or not ended.is_set()
                raise
        result, error = results[0]
        if error is not None:
            raise error
        return result


_abandoned = [False]  # whether a thread of `Watch.run` may still be in TensorFlow


def exit_at_once(main: Callable[[], Any]) -> None:
    """main(); if it exits while work was abandoned, the process ends without Python's own cleaning up.

    That aborts the process, with another exit code, if the work wakes up in the middle of it. It also takes seconds, in
    which TensorFlow's server still answers the others.
    """
    try:
        main()
    except SystemExit as stop:
        if not _abandoned[0] or not isinstance(stop.code, int):
            raise
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError, AttributeError):  # closed, or none
                stream.flush()
        os._exit(stop.code)


@contextlib.contextmanager
def terminated_as_exception() -> Iterator[None]:
    """Meanwhile SIGTERM raises ``SystemExit(143)``, and the SIGHUP of a closed terminal ``SystemExit(129)``, so that files and
    sockets are closed. A SIGHUP that is ignored (nohup) stays ignored."""
    before: Dict[int, Any] = {}

    def stop(number: int, frame: Any) -> None:
        raise SystemExit(128 + number)

    try:
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)  # Windows has no SIGHUP
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, stop)
    except ValueError:  # not in the main thread, which alone receives signals
        pass
    try:
        yield
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)
