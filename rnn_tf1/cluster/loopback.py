"""A network of this process alone, in which nobody outside can connect to the servers that it and its children start.

Linux offers one to any user: a network namespace, whose only interface is the loopback one. TensorFlow's server listens on
every address of the machine and asks for no password, so this is the only lock there is.
"""

import ctypes
import os
import signal
import socket
import struct
import sys
from typing import Any, Callable

if sys.platform != "win32":
    import fcntl

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # CLONE_NEWUSER, CLONE_NEWNET
_SET_FLAGS, _UP_AND_RUNNING = 0x8914, 0x1 | 0x40  # SIOCSIFFLAGS, IFF_UP | IFF_RUNNING


def leave_network() -> str:
    """Moves this process, and all that it starts from now on, into a network of their own.

    Call it before any thread is started. Returns "" on success, and otherwise the reason; then nothing has changed.
    """
    if not sys.platform.startswith("linux"):
        return "%s has no network namespaces" % sys.platform
    reason = _in_child(_leave)  # tried in a child first: a step that fails would leave this process half-way
    if not reason:
        _leave()
    return reason


def _leave() -> None:
    """Moves this process; raises `OSError` if the system does not allow it."""
    user, group = os.geteuid(), os.getegid()
    library = ctypes.CDLL(None, use_errno=True)
    # Not for root: in a user namespace it could no longer write to the files of others.
    if library.unshare(_NEW_NETWORK if user == 0 else _NEW_NETWORK | _NEW_USER):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    if user != 0:
        for name, text in (("setgroups", "deny"), ("uid_map", "%d %d 1"), ("gid_map", "%d %d 1")):
            number = user if name == "uid_map" else group
            with open("/proc/self/" + name, "w") as file:
                file.write(text % (number, number) if "%" in text else text)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sH14x", b"lo", _UP_AND_RUNNING))
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(1)
        socket.create_connection(server.getsockname(), 5).close()


def run_apart(work: Callable[[], Any]) -> None:
    """Runs `work` before `leave_network`: in a child, so that no thread that it starts is left here.

    An exception ends the child as it would end this process, which then ends with the same exit code.
    """
    if not sys.platform.startswith("linux"):
        work()
        return
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        try:
            work()  # any other exception goes its usual way, up to where it is reported
        except KeyboardInterrupt:
            os._exit(130)  # the parent reports it
        except SystemExit:
            os._exit(143)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
    try:
        _, status = os.waitpid(child, 0)
    except (KeyboardInterrupt, SystemExit):  # Ctrl-C reaches the child, too; SIGTERM does not
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)
        raise
    if status:
        sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))


def _in_child(work: Callable[[], None]) -> str:
    """Runs `work` in a child; returns "" on success, and otherwise the reason."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        reason = "it did not work"
        try:
            work()
            reason = ""
        except OSError as error:
            reason = error.strerror or str(error)
        finally:
            os.write(writing, reason.encode()[:500])
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        reason = file.read().decode()
    _, status = os.waitpid(child, 0)
    return reason or ("" if status == 0 else "it did not work")
