"""A program on several machines: the tasks that TF_CONFIG names, with their addresses.

`peers` asks them whether they answer, `local_cluster` starts them all on one machine, and `replicas` trains on them. These
files import no TensorFlow, so that a wrong TF_CONFIG is reported at once.
"""

import ipaddress
import json
import re
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from rnn_tf1.errors import UserError
from rnn_tf1.program.files import parse_json

JOBS = ("ps", "chief", "master", "worker")  # a "master" is what older cluster managers call the chief
EXAMPLE = (
    """TF_CONFIG='{"cluster": {"ps": ["10.0.0.1:2222"], "worker": ["10.0.0.2:2222", "10.0.0.3:2222"]}, """
    """"task": {"type": "worker", "index": 0}}'"""
)
_HOST = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?\Z")
# Neither str.isdigit, which accepts digits that are no number, nor int, which accepts any number of them.
_PORT = re.compile(r"[1-9][0-9]{0,4}\Z")


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
        """The number of this task among the replicas, 0 for the chief; -1 for a parameter server."""
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

    Raises:
      ClusterError: for a text that is missing or malformed; it names the fault.
    """
    if not (text or "").strip():
        raise _wrong("it is not set")
    try:
        value = parse_json(text or "")
    except ValueError as error:
        raise _wrong("it is not JSON (%s)" % error) from None
    if not isinstance(value, dict) or not isinstance(value.get("cluster"), dict):
        raise _wrong('it has no "cluster"')
    jobs = value["cluster"]
    for job, addresses in jobs.items():
        if job not in JOBS:
            raise _wrong("there is no job %r; there are: %s" % (job, ", ".join(JOBS)))
        if not isinstance(addresses, list) or not addresses:
            raise _wrong("the job %r should be a list of addresses and is %s" % (job, _shown(addresses)))
    for missing in [job for job in ("ps", "worker") if job not in jobs]:
        raise _wrong("its cluster has no %r" % missing)
    if sum(len(jobs.get(job, ())) for job in ("chief", "master")) > 1:
        raise _wrong("its cluster has more than one chief")
    seen: Dict[str, str] = {}
    for job, addresses in jobs.items():
        for i, address in enumerate(addresses):
            name = "%s %d" % (job, i)
            split_address(address, name)
            if address.lower() in seen:
                raise _wrong("%s and %s have the same address %s" % (seen[address.lower()], name, address))
            seen[address.lower()] = name
    task = value.get("task")
    if not isinstance(task, dict) or "type" not in task or "index" not in task:
        raise _wrong('it has no "task" with a "type" and an "index"')
    job, index = task["type"], task["index"]
    if not isinstance(job, str) or job not in jobs:
        raise _wrong("its task is of type %r, and its cluster has: %s" % (job, ", ".join(jobs)))
    if type(index) is not int or not 0 <= index < len(jobs[job]):
        raise _wrong(
            "its task's index is %s, and its cluster has %d of type %r, counted from 0"
            % (_shown(index), len(jobs[job]), job)
        )
    return Cluster(jobs, job, index)


def _wrong(what: str) -> ClusterError:
    return ClusterError(
        "TF_CONFIG says which task of the cluster this process is, and %s. Try everything on this machine (python "
        "examples/cluster.py --local 2), or set it like this:\n%s" % (what, EXAMPLE)
    )


def _shown(value: Any) -> str:
    try:
        return json.dumps(value)
    except (RecursionError, ValueError):  # json.dumps cannot always write what json.loads could just read
        return "nested too deeply, or too long, to be shown"


def split_address(address: Any, name: str = "this task") -> Tuple[str, int]:
    """("host", port) of "host:port"; an IPv6 address is written "[::1]:2222", and its brackets are left out of the host.

    Raises:
      ClusterError: for everything else; it says that this is the address of the task `name`.
    """
    host, _, port = address.rpartition(":") if isinstance(address, str) else ("", "", "")
    if not _PORT.match(port) or int(port) >= 1 << 16 or not (_HOST.match(host) or _is_ipv6(host)):
        raise _wrong("the address of %s is %s, not host:port" % (name, _shown(address)))
    return host.strip("[]"), int(port)


def _is_ipv6(host: str) -> bool:
    """Whether it is an IPv6 address in brackets, perhaps with the network interface after a "%"."""
    if not (host.startswith("[") and host.endswith("]")):
        return False
    number, _, interface = host[1:-1].partition("%")
    try:
        ipaddress.IPv6Address(number)
    except ValueError:
        return False
    return "%" not in host or bool(_HOST.match(interface))
