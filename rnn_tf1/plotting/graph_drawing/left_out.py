"""The ops of a graph that say nothing about what it computes: initializers, savers, gradients, sizes.

Imports no TensorFlow: only the `name`, `type`, `inputs`, `outputs` and `control_inputs` of an op are read.
"""

import re
from typing import Any, Collection, Dict, List

KINDS = (
    "gradients",
    "initializers",
    "savers",
    "summaries",
    "checks",
    "copies",
    "sizes",
)  # in the order in which they are searched for
VARIABLES = ("VarHandleOp", "VariableV2", "Variable")
PLACEHOLDERS = ("Placeholder", "PlaceholderWithDefault", "PlaceholderV2")
_GRADIENT = re.compile(r"(^|/)gradients(_\d+)?(/|$)")
_APPLY = re.compile(r"^(Resource)?(Sparse)?Apply")
WRITES = re.compile(r"^(Resource)?(Sparse)?(Apply|Scatter)|^Assign")
_ZEROS = re.compile(r"(^|/)(zeros|ones)(_like)?(_\d+)?$")
_CHECK = re.compile(r"(^|/)(assert_[a-z_]+(_\d+)?|Assert(_\d+)?)(/|$)")


def scope_of(name: str) -> str:
    return name.rpartition("/")[0]


def consumers_of(ops: Collection[Any], controls: bool = False) -> Dict[str, List[Any]]:
    """For each op's name the ops that read it, and with `controls` those that wait for it."""
    consumers: Dict[str, List[Any]] = {op.name: [] for op in ops}
    for op in ops:
        sources = [tensor.op for tensor in op.inputs] + (list(op.control_inputs) if controls else [])
        for source in sources:
            if op not in consumers.setdefault(source.name, [])[-1:]:
                consumers[source.name].append(op)
    return consumers


def left_out_ops(ops: Collection[Any], shown: Collection[str] = (), inside: Collection[str] = ()) -> Dict[str, str]:
    """{name of an op that is left out: its kind, of `KINDS`}; the kinds in `shown` stay.

    An op that only such ops read is left out with them. Exceptions: what is fed; a variable, unless only updates and
    savers read it; and what gradients or summaries start from: the loss, and everything that depends on inputs. Of the ops
    named in `inside`, those of loops, only gradients are left out.
    """
    after = consumers_of(ops, controls=True)
    kinds: Dict[str, str] = {}
    for kind in [kind for kind in KINDS if kind not in shown]:
        for op in _SEEDS[kind](ops, after):
            if kind == "gradients" or op.name not in inside:
                kinds.setdefault(op.name, kind)
    fed = {op.name for op in _forward(ops, after, [op for op in ops if _is_fed(op)])}
    waiting = [op for op in reversed(list(ops)) if op.name in kinds]
    while waiting:
        op = waiting.pop()
        for source in [tensor.op for tensor in op.inputs] + list(op.control_inputs):
            if source.name in kinds or source.name in inside:
                continue
            readers = {kinds.get(reader.name, "") for reader in after[source.name] if not _idle(reader, source, after)}
            if (
                "" in readers
                or source.type in PLACEHOLDERS
                or (source.type in VARIABLES and "gradients" not in readers)
            ):
                continue
            if source.name in fed and readers & {"gradients", "summaries"}:
                continue
            kinds[source.name] = min(readers, key=KINDS.index)
            waiting.append(source)
    for op in ops:
        for tensor in list(op.inputs)[:1]:
            if tensor.op.name in kinds and _idle(op, tensor.op, after):
                kinds.setdefault(op.name, kinds[tensor.op.name])
    return kinds


def _idle(op: Any, source: Any, after: Dict[str, List[Any]]) -> bool:
    """Whether `op` reads a variable, was made together with it by TensorFlow, and is used by nobody."""
    if source.type not in VARIABLES or op.type not in ("ReadVariableOp", "Identity"):
        return False
    return op.name.startswith(source.name + "/") and all(
        reader.type == "Identity" and not after[reader.name] for reader in after[op.name]
    )


def _forward(ops: Collection[Any], after: Dict[str, List[Any]], seeds: List[Any]) -> List[Any]:
    """The seeds, and all later ops that depend on them: a gradient may add to a loop that was built before it."""
    position = {op.name: number for number, op in enumerate(ops)}
    known, waiting = {op.name for op in seeds}, list(seeds)
    while waiting:
        op = waiting.pop()
        for reader in after[op.name]:
            if reader.name not in known and position[reader.name] > position[op.name]:
                known.add(reader.name)
                waiting.append(reader)
    return [op for op in ops if op.name in known]


def _gradients(ops: Collection[Any], after: Dict[str, List[Any]]) -> List[Any]:
    return _forward(ops, after, [op for op in ops if _GRADIENT.search(op.name) or _APPLY.search(op.type)])


def _initializers(ops: Collection[Any], after: Dict[str, List[Any]]) -> List[Any]:
    variables = {op.name for op in ops if op.type in VARIABLES}
    seeds = [
        op
        for op in ops
        if op.type in ("VarIsInitializedOp", "IsVariableInitialized")
        or (op.name.endswith("/Assign") and scope_of(op.name) in variables)
    ]
    return seeds + _groups(ops, {op.name for op in seeds})


def _savers(ops: Collection[Any], after: Dict[str, List[Any]]) -> List[Any]:
    writers = [op for op in ops if op.type in ("SaveV2", "SaveSlices", "Save", "MergeV2Checkpoints")]
    readers = _forward(ops, after, [op for op in ops if op.type in ("RestoreV2", "Restore")])
    folders = {scope_of(op.name) for op in writers} - {""}
    return [op for op in ops if op in writers or op in readers or scope_of(op.name) in folders]


def _summaries(ops: Collection[Any], after: Dict[str, List[Any]]) -> List[Any]:
    return [op for op in ops if op.type.endswith("Summary") or op.type.endswith("SummaryV2")]


def _checks(ops: Collection[Any], after: Dict[str, List[Any]]) -> List[Any]:
    asserts = [op for op in ops if op.type == "Assert" or "/AssertGuard" in op.name]
    folders = {_CHECK.split(op.name)[0] for op in asserts if _CHECK.search(op.name)}
    named = [op for op in ops if _CHECK.search(op.name) and _CHECK.split(op.name)[0] in folders]
    return asserts + named + _groups(ops, {op.name for op in asserts + named})


def _copies(ops: Collection[Any], after: Dict[str, List[Any]]) -> List[Any]:
    """The unread copies of its inputs that ``tf.custom_gradient`` makes besides its IdentityN."""
    return [
        op
        for op in ops
        if op.type == "Identity"
        and not after[op.name]
        and re.match(r"Identity(_\d+)?$", op.name.rpartition("/")[2])
        and any(reader.type == "IdentityN" for reader in after[op.inputs[0].op.name])
    ]


def _sizes(ops: Collection[Any], after: Dict[str, List[Any]]) -> List[Any]:
    """Integers and booleans computed from constants and shapes; and whatever is computed from them and never read."""
    known: Dict[str, Any] = {}
    for op in ops:
        if op.type in ("Shape", "ShapeN", "Size", "Rank"):
            known[op.name] = op
        elif op.type == "Const":
            if _is_small(op.outputs[0]) or _ZEROS.search(op.name):
                known[op.name] = op
        elif (
            op.type not in PLACEHOLDERS
            and op.inputs
            and op.outputs
            and all(tensor.op.name in known for tensor in op.inputs)
        ):
            unread = not after[op.name]
            if unread or all(tensor.dtype.is_integer or tensor.dtype.is_bool for tensor in op.outputs):
                known[op.name] = op
    return list(known.values())


def _is_fed(op: Any) -> bool:
    return op.type in PLACEHOLDERS or (
        op.type == "Const" and not _is_small(op.outputs[0]) and not _ZEROS.search(op.name)
    )


def _is_small(constant: Any) -> bool:
    """Whether it is a single number, or a list of integers: a size, an axis, a factor; not data."""
    dtype, rank = constant.dtype, constant.shape.rank
    return rank == 0 or (rank == 1 and (dtype.is_integer or dtype.is_bool))


def _groups(ops: Collection[Any], names: Collection[str]) -> List[Any]:
    """The ops that only wait for the named ones, and for each other."""
    known, groups = set(names), []
    for op in ops:
        if op.type == "NoOp" and op.control_inputs and all(before.name in known for before in op.control_inputs):
            known.add(op.name)
            groups.append(op)
    return groups


_SEEDS = {
    "gradients": _gradients,
    "initializers": _initializers,
    "savers": _savers,
    "summaries": _summaries,
    "checks": _checks,
    "copies": _copies,
    "sizes": _sizes,
}
