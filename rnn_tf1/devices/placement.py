"""Where the parts of a graph ran: what ``tf.device`` requested, and what the runtime really did.

`placement_report` runs one step with tracing on and reads the partition graph of each device: after soft placement, pruning
and the rewriting of the graph, not from the requests.
"""

import re
import sys
from collections import Counter
from typing import Any, Dict, List, NamedTuple, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.devices.requests import RequestedDevices, fits, short
from rnn_tf1.program.terminal import say

_VARIABLES = ("VariableV2", "VarHandleOp", "Variable")
_SENDS = ("_Send", "_HostSend")
_SHOWN = 12  # ops that were moved, in the printed report


class Placed(NamedTuple):
    """One op of the graph that ran."""

    layer: str  # "cell_0", "cell_0/fw"; "" outside every layer
    part: str  # "forward", "gradient" or "update"
    op: str  # its name in the partition graph
    kind: str  # its type; fused ops have types of the runtime
    variable: str  # the name of the variable that it holds, otherwise ""
    bytes: int  # of that variable
    wanted: str  # the requested device, otherwise ""
    given: str  # the device where it ran
    times: Tuple[Tuple[int, int], ...]  # start and end of each run, microseconds since 1970

    @property
    def moved(self) -> bool:
        return not fits(self.wanted, self.given)


class Group(NamedTuple):
    """All ops of a layer and part with the same requested and the same actual device."""

    layer: str
    part: str
    wanted: str
    given: str
    ops: int
    variables: Tuple[str, ...]


class Transfer(NamedTuple):
    """The tensors that were sent from one device to another in one step."""

    source: str
    target: str
    tensors: int
    bytes: int


class Placement(NamedTuple):
    """The result of `placement_report`."""

    rows: List[Placed]
    transfers: List[Transfer]
    own: Dict[str, int]  # device: the number of nodes that the runtime added there, which are not in the graph
    text: str  # what was printed

    @property
    def moved(self) -> List[Placed]:
        return [row for row in self.rows if row.moved]

    @property
    def groups(self) -> List[Group]:
        return _groups(self.rows)

    @property
    def overlap(self) -> float:
        """0 to 1: the share of the time with any running layer in which layers ran on two or more devices at once."""
        events = sorted(
            event
            for row in self.rows
            if row.layer
            for start, end in row.times
            for event in ((start, 1, row.given), (end, -1, row.given))
        )
        running: Dict[str, int] = {}
        busy = several = before = 0
        for moment, change, device in events:
            count = sum(number > 0 for number in running.values())
            busy += (moment - before) * (count > 0)
            several += (moment - before) * (count > 1)
            running[device] = running.get(device, 0) + change
            before = moment
        return several / busy if busy else 0.0


def placement_report(graph: Any, session: Any, fetches: Any, feed: Any = None, file: Any = None) -> Placement:
    """Runs `fetches` once, with tracing on, and prints where each layer's ops and variables were.

    Ops that pruning and rewriting have removed do not appear, and a fused op has the name of its last part. The body of a
    loop appears once, with the times of all its steps.

    Args:
      graph: the graph of the session.
      session: a session with initialized variables.
      fetches: what to run: a train op shows forward, gradient and update; outputs show only forward.
      feed: the feed of that run.
      file: where to print; default: standard output. If soft placement has moved something, a line in capitals also goes to
        standard error.
    """
    options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE, output_partition_graphs=True)
    trace = tf.RunMetadata()
    session.run(fetches, feed, options=options, run_metadata=trace)
    requested, stats = RequestedDevices(graph), _stats(trace)
    rows, own = [], {}  # type: List[Placed], Dict[str, int]
    for partition in trace.partition_graphs:
        for node in partition.node:
            request = requested.find(node.name)
            if request is None or node.op in ("_Recv", "_HostRecv") + _SENDS:
                own[node.device] = own.get(node.device, 0) + 1
                continue
            times = tuple(
                (run.all_start_micros + run.op_start_rel_micros, run.all_start_micros + run.op_end_rel_micros)
                for run in stats.get((node.device, node.name), ())
            )
            holds = node.op in _VARIABLES
            rows.append(
                Placed(
                    layer=layer_of(node.name),
                    part=_part_of(node.name),
                    op=node.name,
                    kind=node.op,
                    variable=node.name if holds else "",
                    bytes=_bytes(node.attr["shape"].shape, node.attr["dtype"].type) if holds else 0,
                    wanted=request.device,
                    given=node.device,
                    times=times,
                )
            )
    rows.sort(key=lambda row: (row.layer == "", row.layer, row.part, row.op))
    transfers = _transfers(trace, stats)
    text = _text(rows, transfers, own)
    print(text, file=file or sys.stdout)
    if any(row.moved for row in rows):
        say(_loud(rows))
    return Placement(rows, transfers, own, text)


def layer_of(name: str) -> str:
    """The layer in an op's name: "rnn/multi_rnn_cell/cell_1/lstm_cell/MatMul" to "cell_1"; "" where there is none."""
    return "/".join(part for part in name.split("/") if re.match(r"(cell_\d+|fw|bw)$", part))


def drawn(found: Placement) -> Tuple[List[Tuple[str, str]], List[Tuple[int, str, float, float]], Dict]:
    """What `picture.placement` draws: the layers with what they have, when they ran (ms), and what was sent (bytes)."""
    names = sorted({row.layer for row in found.rows}, key=lambda name: (name == "", name))
    first = min([start for row in found.rows for start, _ in row.times] or [0])
    layers, spans = [], []
    for place, name in enumerate(names):
        rows = [row for row in found.rows if row.layer == name]
        counts = Counter(short(row.given) for row in rows)
        where = ", ".join("%s: %d ops" % pair for pair in counts.most_common(2))
        weights = sum(row.bytes for row in rows)
        layers.append((name or "the rest", "%s\nvariables: %.4g kB" % (where, weights / 1e3)))
        spans += [
            (place, row.part, (start - first) / 1e3, (end - first) / 1e3) for row in rows for start, end in row.times
        ]
    return layers, spans, {(short(t.source), short(t.target)): t.bytes for t in found.transfers}


def _stats(trace: Any) -> Dict[Tuple[str, str], List[Any]]:
    """(device, node): what was recorded of each of its runs."""
    stats: Dict[Tuple[str, str], List[Any]] = {}
    for device in trace.step_stats.dev_stats:
        for run in device.node_stats:
            stats.setdefault((device.device, run.node_name), []).append(run)
    return stats


def _transfers(trace: Any, stats: Dict[Tuple[str, str], List[Any]]) -> List[Transfer]:
    totals: Dict[Tuple[str, str], List[int]] = {}
    for partition in trace.partition_graphs:
        for node in partition.node:
            if node.op not in _SENDS:
                continue
            name, _, slot = node.input[0].partition(":")
            sizes = [
                _bytes(output.tensor_description.shape, output.tensor_description.dtype)
                for run in stats.get((node.device, name), ())
                for output in run.output
                if output.slot == int(slot or 0)
            ]
            ends = [node.attr[end].s.decode("utf-8") for end in ("send_device", "recv_device")]
            total = totals.setdefault((ends[0], ends[1]), [0, 0])
            total[0] += len(sizes)
            total[1] += sum(sizes)
    return [Transfer(source, target, *total) for (source, target), total in sorted(totals.items())]


def _bytes(shape: Any, number: int) -> int:
    dtype = tf.as_dtype(number) if number else tf.variant
    count = 1
    for size in shape.dim:
        count *= size.size
    return count * dtype.size if dtype.is_floating or dtype.is_integer or dtype.is_bool or dtype.is_complex else 0


def _part_of(name: str) -> str:
    if re.search(r"(^|/)gradients(_\d+)?/", name):
        return "gradient"
    return "update" if re.search(r"(^|/)update_", name) else "forward"


def _groups(rows: List[Placed]) -> List[Group]:
    groups: Dict[Tuple[str, str, str, str], List[Placed]] = {}
    for row in rows:
        groups.setdefault((row.layer, row.part, row.wanted, row.given), []).append(row)
    return [
        Group(*key, ops=len(members), variables=tuple(row.variable for row in members if row.variable))
        for key, members in groups.items()
    ]


def _text(rows: List[Placed], transfers: List[Transfer], own: Dict[str, int]) -> str:
    table = [("layer", "part", "wanted", "given", "ops", "variables")]
    for group in _groups(rows):
        names = ", ".join(name.split(group.layer + "/")[-1] if group.layer else name for name in group.variables)
        devices = short(group.wanted), short(group.given)
        table.append((group.layer or "-", group.part) + devices + (str(group.ops), names))
    widths = [max(len(row[i]) for row in table) for i in range(5)]
    lines = [("  ".join("%-*s" % pair for pair in zip(widths, row)) + "  " + row[5]).rstrip() for row in table]
    for transfer in transfers:
        ends = short(transfer.source), short(transfer.target)
        lines.append("from %s to %s: tensors %d, bytes %d" % (ends + (transfer.tensors, transfer.bytes)))
    for device, count in sorted(own.items()):
        lines.append("%s: nodes that the runtime added itself: %d" % (short(device), count))
    moved = [row for row in rows if row.moved]
    if moved:
        lines.append(_loud(rows))
        lines += [
            "  %s (%s): wanted %s, given %s" % (row.op, row.kind, short(row.wanted), short(row.given))
            for row in moved[:_SHOWN]
        ]
        if len(moved) > _SHOWN:
            lines.append("  and %d more: the rows whose `moved` is true" % (len(moved) - _SHOWN))
    return "\n".join(lines)


def _loud(rows: List[Placed]) -> str:
    counts = Counter((row.layer, short(row.wanted), short(row.given)) for row in rows if row.moved)
    each = [
        "%d OF %s FROM %s TO %s" % (count, layer or "NO LAYER", wanted, given)
        for (layer, wanted, given), count in sorted(counts.items(), key=lambda pair: (pair[0][0] == "", pair[0]))
    ]
    return ("WARNING: SOFT PLACEMENT MOVED %d OPS: %s." % (sum(counts.values()), "; ".join(each))).upper()
