"""Writes docs/cluster.md: what a cluster promises, whatever happens to one of its tasks.

``tests/cluster_soak.py`` does each of these things to real processes, and holds them to this very table.
"""

import os
from typing import Dict, NamedTuple, Tuple

from up_to_date import ROOT, write_or_check

PAGE = os.path.join(ROOT, "docs", "cluster.md")

MARGIN = 10.0  # seconds beyond --timeout that a process may need to notice, and to end

BACK = "killed, and started again within --timeout"
TWICE = "killed twice, and started again within --timeout"
PAUSED = "stopped for less than --timeout (SIGSTOP, SIGCONT)"
TWIN = "started a second time while it runs"
LATE = "killed, and started again too late"
FROZEN = "stopped until the others have given up, and continued"
NEVER = "not started"
IN_USE = "its port is in use"
AFTER = "started again after the run is done"

ALL, BOTH = ("ps", "chief", "worker"), ("sync", "async")

SAME = "Nothing: the weights are those of an undisturbed run, bit for bit."
ONE_PART = "Nothing; its part of one batch may count twice."
STEPS = "Steps since the last checkpoint, where ps or chief was killed; they are trained again. Gradients on their way."
RESUMES = (
    "Steps since the last checkpoint. All tasks, started again, go on from there; sync ends with the same weights."
)
ALONE = "The worker's gradients: the others make all steps."
UNCHANGED = "Nothing: the finished run stays as it is."


class Promise(NamedTuple):
    """One row of the table."""

    faults: Tuple[str, ...]  # any of them
    victims: Tuple[str, ...]  # what it happens to
    modes: Tuple[str, ...]
    codes: Dict[str, int]  # the exit code of each; of a victim that is started twice or late: of its last life
    timeouts: int  # all others have ended within so many times (--timeout and `MARGIN`); 0: they are not held up
    lost: str


def _codes(ps: int, chief: int, worker: int) -> Dict[str, int]:
    return {"ps": ps, "chief": chief, "worker": worker}


PROMISES = (
    Promise((BACK, TWICE), ("ps", "chief"), ("sync",), _codes(0, 0, 0), 0, SAME),
    Promise((BACK, TWICE), ("worker",), ("sync",), _codes(0, 0, 0), 0, ONE_PART),
    Promise((BACK, TWICE), ALL, ("async",), _codes(0, 0, 0), 0, STEPS),
    Promise((PAUSED, TWIN), ALL, ("sync",), _codes(0, 0, 0), 0, SAME),
    Promise((PAUSED, TWIN), ALL, ("async",), _codes(0, 0, 0), 0, STEPS),
    Promise((LATE, FROZEN, NEVER, IN_USE), ("ps",), BOTH, _codes(2, 2, 2), 1, RESUMES),
    Promise((LATE, FROZEN, NEVER, IN_USE), ("chief",), BOTH, _codes(2, 2, 2), 2, RESUMES),
    Promise((LATE, FROZEN, NEVER, IN_USE), ("worker",), ("sync",), _codes(2, 2, 2), 2, RESUMES),
    Promise((LATE, FROZEN, NEVER, IN_USE), ("worker",), ("async",), _codes(0, 0, 2), 1, ALONE),
    Promise((AFTER,), ALL, BOTH, _codes(2, 2, 2), 1, UNCHANGED),
)


def promise(fault: str, victim: str, mode: str) -> Promise:
    found = [each for each in PROMISES if fault in each.faults and victim in each.victims and mode in each.modes]
    assert len(found) == 1, (fault, victim, mode, found)
    return found[0]


def cases() -> Tuple[Tuple[str, str, str], ...]:
    """Everything that is promised, as (fault, victim, mode)."""
    return tuple(
        (fault, victim, mode)
        for each in PROMISES
        for fault in each.faults
        for victim in each.victims
        for mode in each.modes
    )


def table() -> str:
    """The promises as Markdown."""
    lines = [
        "| what happens | to the | mode | exit codes: ps, chief, worker | the others end within | what is lost |",
        "|---|---|---|---|---|---|",
    ]
    for each in PROMISES:
        waits = ("%d x " % each.timeouts if each.timeouts > 1 else "") + "(`--timeout` + %g s)" % MARGIN
        cells = [
            "; ".join(each.faults).replace("--timeout", "`--timeout`"),
            ", ".join(each.victims),
            ", ".join(each.modes),
            "%(ps)d, %(chief)d, %(worker)d" % each.codes,
            waits if each.timeouts else "the run goes on",
            each.lost,
        ]
        lines.append("| %s |" % " | ".join(cells))
    return "\n".join(lines)


BEGINNING = """\
<!-- made by docs/make_cluster.py -->

# What a cluster survives

A cluster of `examples/cluster.py` has a parameter server (*ps*), a *chief* (worker 0, which writes the checkpoints) and other
workers. Each row says what happens to one of them, how each ends then (0: well; 2: with one line that says who did not
answer), how long the others may live on, and what is lost. A test does all of it to real processes.

"""
NOTES = """

- "Within `--timeout`" means that the task answers again before the others have waited for so long. A task that is slow but
  answers is waited for ten times as long: once per `--timeout`, a line says for what.
- The time of the fifth column counts from the last step, or from the end of the chief where that ends well. Where the chief
  is gone, or a synchronous worker is, the parameter server is the last to end: it waits for the workers first.
- Exit code 2 of a task that comes too late is its own `--timeout` later. It changes nothing.
- With `--local`, the first task that fails ends all at once, and the command's exit code is that of the task (137 for one
  that was killed). The tasks end with the command, however that ends.
- Ctrl-C and SIGTERM end a task after its step, the chief with a checkpoint.
"""


def page() -> str:
    return BEGINNING + table() + NOTES


if __name__ == "__main__":
    write_or_check(PAGE, page(), __doc__)
