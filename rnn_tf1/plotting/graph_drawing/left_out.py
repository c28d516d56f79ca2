"""Which ops of a graph say nothing about what it computes: initializers, savers, gradients, sizes.

Knows no TensorFlow: an op has a `name`, a `type`, `inputs`, `outputs` and `control_inputs`, and that is all that is asked.
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
)  # in the order in which they are found
VARIABLES = ("VarHandleOp", "VariableV2", "Variable")
PLACES = ("Placeholder", "PlaceholderWithDefault", "PlaceholderV2")
_GRADIENT = re.compile(r"(^|/)gradients(_\d+)?(/|$)")
_APPLY = re.compile(r"^(Resource)?(Sparse)?Apply")
WRITES = re.compile(r"^(Resource)?(Sparse)?(Apply|Scatter)|^Assign")
_ZEROS = re.compile(r"(^|/)(zeros|ones)(_like)?(_\d+)?$")
_CHECK = re.compile(r"(^|/)(assert_[a-z_]+(_\d+)?|Assert(_\d+)?)(/|$)")


def scope_of(name: str) -> str:
    return name.rpartition("/")[0]


def consumers_of(ops: Collection[Any], controls: bool = False) -> Dict[str, List[Any]]:
    """For each op's name the ops that read it, and with `controls` those that wait for it."""
    found: Dict[str, List[Any]] = {op.name: [] for op in ops}
    for op in ops:
        before = [tensor.op for tensor in op.inputs] + (list(op.control_inputs) if controls else [])
        for source in before:
            if op not in found.setdefault(source.name, [])[-1:]:
                found[source.name].append(op)
    return found


def left_out_ops(ops: Collection[Any], shown: Collection[str] = (), inside: Collection[str] = ()) -> Dict[str, str]:
    """For each op's name that is left out, the one of `KINDS` that it belongs to; those in `shown` stay.

    An op that is read by ops that are left out, and by no other, goes with them; but what is fed stays, a variable unless
    updates and savers alone read it, and what gradients or summaries begin with: the loss, and all that depends on inputs.
    Of the ops named in `inside`, those of loops, only gradients are left out.
    """
    after = consumers_of(ops, controls=True)
    found: Dict[str, str] = {}
    for kind in [kind for kind in KINDS if kind not in shown]:
        for op in _SEEDS[kind](ops, after):
            if kind == "gradients" or op.name not in inside:
                found.setdefault(op.name, kind)
    fed = {op.name for op in _forward(ops, after, [op for op in ops if _is_fed(op)])}
    waiting = [op for op in reversed(list(ops)) if op.name in found]
    while waiting:
        op = waiting.pop()
        for source in [tensor.op for tensor in op.inputs] + list(op.control_inputs):
            if source.name in found or source.name in inside:
                continue
            readers = {found.get(reader.name, "") for reader in after[source.name] if not _idle(reader, source, after)}
            if "" in readers or source.type in PLACES or (source.type in VARIABLES and "gradients" not in readers):
                continue
            if source.name in fed and readers & {"gradients", "summaries"}:
                continue
            found[source.name] = min(readers, key=KINDS.index)
            waiting.append(source)
    for op in ops:
        for tensor in list(op.inputs)[:1]:
            if tensor.op.name in found and _idle(op, tensor.op, after):
                found.setdefault(op.name, found[tensor.op.name])
    return found


def _idle(op: Any, source: Any, after: Dict[str, List[Any]]) -> bool:
    """Whether `op` is the reading of a variable that TensorFlow makes with it, and that nobody uses."""
    if source.type not in VARIABLES or op.type not in ("ReadVariableOp", "Identity"):
        return False
    return op.name.startswith(source.name + "/") and all(
        reader.type == "Identity" and not after[reader.name] for reader in after[op.name]
    )


def _forward(ops: Collection[Any], after: Dict[str, List[Any]], seeds: List[Any]) -> List[Any]:
    """The seeds, and all that was made from them later on: a loop may be told afterwards what its gradient needs of it."""
    places = {op.name: place for place, op in enumerate(ops)}
    known, waiting = {op.name for op in seeds}, list(seeds)
    while waiting:
        op = waiting.pop()
        for reader in after[op.name]:
            if reader.name not in known and places[reader.name] > places[op.name]:
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
    """What ``tf.custom_gradient`` leaves behind: a copy that nobody reads of what goes into its IdentityN."""
    return [
        op
        for op in ops
        if op.type == "Identity"
        and not after[op.name]
        and re.match(r"Identity(_\d+)?$", op.name.rpartition("/")[2])
        and any(reader.type == "IdentityN" for reader in after[op.inputs[0].op.name])
    ]


def _sizes(ops: Collection[Any], after: Dict[str, List[Any]]) -> List[Any]:
    """Whole numbers and truths that come from constants and shapes; and what is made of them and read by nobody."""
    known: Dict[str, Any] = {}
    for op in ops:
        if op.type in ("Shape", "ShapeN", "Size", "Rank"):
            known[op.name] = op
        elif op.type == "Const":
            if _is_small(op.outputs[0]) or _ZEROS.search(op.name):
                known[op.name] = op
        elif (
            op.type not in PLACES and op.inputs and op.outputs and all(tensor.op.name in known for tensor in op.inputs)
        ):
            unread = not after[op.name]
            if unread or all(tensor.dtype.is_integer or tensor.dtype.is_bool for tensor in op.outputs):
                known[op.name] = op
    return list(known.values())


def _is_fed(op: Any) -> bool:
    return op.type in PLACES or (op.type == "Const" and not _is_small(op.outputs[0]) and not _ZEROS.search(op.name))


def _is_small(constant: Any) -> bool:
    """A single number, or a list of whole ones: a size, an axis, a factor; not data."""
    dtype, rank = constant.dtype, constant.shape.rank
    return rank == 0 or (rank == 1 and (dtype.is_integer or dtype.is_bool))


def _groups(ops: Collection[Any], names: Collection[str]) -> List[Any]:
    """The ops that do nothing but wait for the named ones, and for each other."""
    known, found = set(names), []
    for op in ops:
        if op.type == "NoOp" and op.control_inputs and all(before.name in known for before in op.control_inputs):
            known.add(op.name)
            found.append(op)
    return found


_SEEDS = {
    "gradients": _gradients,
    "initializers": _initializers,
    "savers": _savers,
    "summaries": _summaries,
    "checks": _checks,
    "copies": _copies,
    "sizes": _sizes,
}
