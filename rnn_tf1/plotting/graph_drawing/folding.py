"""The ops of a graph folded into a few boxes: loops, the calls of cells, layers, variables, and what stands between them.

Every op is in one box or left out. Boxes never form a cycle: if ops of one scope come before and after a loop, they are two
boxes. Imports no TensorFlow; see `left_out`.
"""

import heapq
import itertools
from collections import Counter
from typing import Any, Collection, Dict, Iterable, List, NamedTuple, Set, Tuple

from rnn_tf1.plotting.graph_drawing.left_out import (
    PLACEHOLDERS,
    VARIABLES,
    WRITES,
    consumers_of,
    left_out_ops,
    scope_of,
)
from rnn_tf1.plotting.graph_drawing.loops import layers_inside, ops_in_loops

FEWEST = 4  # boxes besides inputs and variables: if there are fewer, scopes are opened
Key = Tuple[Any, ...]


class Box(NamedTuple):
    """Some ops of a graph that are drawn as one."""

    kind: str  # "input", "variables", "loop", "layer", "scope", "op" or "several"
    scope: str  # the name scope that its ops have in common; of a loop or a single op, its name
    calls: Tuple[int, int, int]  # of a layer: the first and the last of its calls that are here, and how many there are
    ops: Tuple[Any, ...]  # in the order of the graph
    inside: Tuple[str, ...]  # of a loop: the layers in it
    kinds: Tuple[
        Tuple[str, int], ...
    ]  # the types of its ops, those of a loop's body too, and how many of each there are


class Folded(NamedTuple):
    """A graph of boxes."""

    boxes: List[Box]  # in an order in which each comes after those that it reads
    edges: Dict[Tuple[int, int], List[Any]]  # (from, to), indices into `boxes`: the tensors that go there
    left_out: Dict[str, str]  # the name of each op that is in no box: why


def fold(graph: Any, most: int, shown: Collection[str] = (), opened: Collection[str] = ()) -> Folded:
    """Folds `graph` into at most `most` boxes; see `show_graph`."""
    every = list(graph.get_operations())
    loops = ops_in_loops(every)
    left_out = left_out_ops(every, shown, loops)
    ops = [op for op in every if op.name not in left_out]
    order, wide, detail = _in_order(ops, loops), set(opened), 0
    while True:
        groups = _convex(order, _keys(ops, loops, wide, detail))
        inner = [key for key, _ in groups if key[0] not in ("input", "variables")]
        layers = [key for key in inner if key[0] == "layer"]
        if len(groups) > most and len(layers) > most // 2 and detail < 2:
            detail += 1
            continue
        closed = [(len(members), key[1]) for key, members in groups if key[0] == "scope" or key[2:] == (1, 1, 1)]
        if len(inner) >= FEWEST or not closed or max(closed)[0] < 2:
            break
        wide.add(max(closed)[1])
    position = {op.name: number for number, op in enumerate(ops)}
    bodies = layers_inside(graph, ops, loops)
    boxes = []
    for key, members in _merge(groups, most):
        boxes.append(_box(key, sorted(members, key=lambda op: position[op.name]), bodies))
    return Folded(boxes, _edges(boxes), left_out)


# ------------------------------------------------------------------------------------------------- the box of each op


def _keys(ops: List[Any], loops: Dict[str, str], opened: Set[str], detail: int) -> Dict[str, Key]:
    """For each op's name, its kind, its scope, and what else sets it apart.

    Calls of one layer are apart with detail 0; with 1 all but the first and the last are one, and with 2 all of them are.
    """
    after = consumers_of(ops)
    owners = _variable_reads(ops, loops)
    rest = [op for op in ops if op.name not in loops and op.name not in owners]
    layers = _layers(rest, owners, after, loops, opened)
    open_scopes = {""} | opened
    for name in (
        list(loops.values()) + list(layers) + [op.name for op in rest if op.type in PLACEHOLDERS] + list(opened)
    ):
        while name:
            name = scope_of(name)
            open_scopes.add(name)
    folders = _folders(rest)
    keys: Dict[str, Key] = {}
    calls: Dict[str, List[Any]] = {}
    for op in rest:
        layer = next((scope for scope in _scopes(op.name) if scope in layers), None)
        if op.type in PLACEHOLDERS or (op.type == "Const" and scope_of(op.name) in open_scopes):
            keys[op.name] = ("input", op.name)
        elif layer is not None:
            calls.setdefault(layer, []).append(op)
        else:
            around = [scope for scope in _scopes(op.name) if scope not in open_scopes]
            if around and (around[0] != op.name or op.name in folders):
                keys[op.name] = ("scope", around[0])
            else:
                keys[op.name] = ("op", op.name)
    for layer, members in calls.items():
        count = _repetitions([op.type for op in members])
        for place, op in enumerate(members):
            keys[op.name] = ("layer", layer) + _part_of_calls(1 + place * count // len(members), count, detail)
    for name, loop in loops.items():
        keys[name] = ("loop", loop)
    for name, variable in owners.items():
        keys[name] = ("variables", variable)
    return keys


def _part_of_calls(call: int, count: int, detail: int) -> Tuple[int, int, int]:
    """(first, last, count) of the calls that `call` is shown with."""
    if detail == 2:
        return 1, count, count
    return (call, call, count) if detail == 0 or call in (1, count) else (2, count - 1, count)


def _variable_reads(ops: List[Any], loops: Dict[str, str]) -> Dict[str, str]:
    """For the name of each variable and of each op that only hands it on, outside of loops: the variable's name."""
    owners: Dict[str, str] = {}
    for op in ops:
        if op.name in loops:
            continue
        source = owners.get(op.inputs[0].op.name) if len(op.inputs) == 1 else None
        if op.type in VARIABLES:
            owners[op.name] = op.name
        elif source and (op.type == "ReadVariableOp" or (op.type == "Identity" and op.name.startswith(source + "/"))):
            owners[op.name] = source
    return owners


def _layers(
    rest: List[Any], owners: Dict[str, str], after: Dict[str, List[Any]], loops: Dict[str, str], opened: Set[str]
) -> Set[str]:
    """The scopes whose ops read variables; of two around each other the outer one where both read those of one scope."""
    folders, inside = _folders(rest), {op.name for op in rest}
    variables_of: Dict[str, Set[str]] = {}
    for name, variable in owners.items():
        for reader in after.get(name, ()):
            if reader.name in inside and not WRITES.search(reader.type):
                scope = reader.name if reader.name in folders else scope_of(reader.name)
                variables_of.setdefault(scope, set()).add(scope_of(variable))
    around_loops = {scope for loop in loops.values() for scope in _scopes(loop)}
    for scope in sorted(variables_of):
        if scope in variables_of and scope and scope not in around_loops | opened:
            inner = [other for other in variables_of if other.startswith(scope + "/")]
            if all(variables_of[other] == variables_of[scope] for other in inner):
                for other in inner:
                    del variables_of[other]
                continue
        variables_of.pop(scope, None)
    return set(variables_of)


def _folders(ops: List[Any]) -> Set[str]:
    """The names of ops that are scopes of others."""
    names = {op.name for op in ops}
    return {scope_of(name) for name in names} & names


def _scopes(name: str) -> List[str]:
    """The scopes around a name, the outermost first, and the name itself."""
    parts = name.split("/")
    return ["/".join(parts[: depth + 1]) for depth in range(len(parts))]


def _repetitions(types: List[str]) -> int:
    """How often a list is one part of it after another; parts of less than three are none."""
    for length in range(3, len(types) // 2 + 1):
        if len(types) % length == 0 and types == types[:length] * (len(types) // length):
            return len(types) // length
    return 1


# ---------------------------------------------------------------------------------------------------- boxes, no cycles


def _in_order(ops: List[Any], loops: Dict[str, str]) -> List[List[Any]]:
    """The ops, each after those that it reads; those of a loop together."""
    together: Dict[str, List[Any]] = {}
    for op in ops:
        together.setdefault("loop " + loops[op.name] if op.name in loops else op.name, []).append(op)
    names = list(together)
    owner = {op.name: place for place, name in enumerate(names) for op in together[name]}
    after: List[Set[int]] = [set() for _ in names]
    for op in ops:
        for tensor in op.inputs:
            source = owner.get(tensor.op.name)
            if source is not None and source != owner[op.name]:
                after[source].add(owner[op.name])
    return [together[names[place]] for place in _sorted_places(after)]


def _sorted_places(after: List[Set[int]]) -> List[int]:
    """0, 1, ... so that each comes before those in its set `after`, in the given order otherwise; cycles come last."""
    waits = Counter(place for following in after for place in following)
    free = [place for place in range(len(after)) if not waits[place]]
    ordered: List[int] = []
    while free:
        place = heapq.heappop(free)
        ordered.append(place)
        for following in after[place]:
            waits[following] -= 1
            if not waits[following]:
                heapq.heappush(free, following)
    return ordered + sorted(set(range(len(after))) - set(ordered))


def _convex(order: List[List[Any]], keys: Dict[str, Key]) -> List[Tuple[Key, List[Any]]]:
    """One group for each key, or several if one would read its own results by way of others."""
    groups: List[Tuple[Key, List[Any]]] = []
    before: List[int] = []  # for each group, as bits, those from which something comes to it
    place_of: Dict[str, int] = {}
    for members in order:
        key = keys[members[0].name]
        sources = {place_of[t.op.name] for op in members for t in op.inputs if t.op.name in place_of}
        for place in reversed(range(len(groups))):
            if groups[place][0] == key and not any(before[s] >> place & 1 for s in sources if s != place):
                break
        else:
            place = len(groups)
            groups.append((key, []))
            before.append(0)
        groups[place][1].extend(members)
        for source in sources - {place}:
            before[place] |= before[source] | 1 << source
        for other in range(len(groups)):
            if before[other] >> place & 1:
                before[other] |= before[place]
        place_of.update((op.name, place) for op in members)
    return groups


def _merge(groups: List[Tuple[Key, List[Any]]], most: int) -> List[Tuple[Key, List[Any]]]:
    """Joins groups, two at a time, until there are at most `most`; returns them each after those that it reads.

    Variables that the same groups read are one group.
    """
    stored = [group for group in groups if group[0][0] == "variables"]
    groups = [group for group in groups if group[0][0] != "variables"]
    while True:
        after = _readers(groups)
        together = _variable_groups(stored, groups)
        if len(groups) + len(together) <= most or len(groups) < 2:
            break
        first, second = _best_pair(groups, after)
        (one, some), (other, others) = groups[first], groups[second]
        joined = ("joined " + one[0] if one[0] == other[0] == "input" else "several", _common(_home(one), _home(other)))
        groups[first] = (joined, some + others)
        del groups[second]
    everything = together + groups
    return [everything[place] for place in _sorted_places(_readers(everything))]


def _readers(groups: List[Tuple[Key, List[Any]]]) -> List[Set[int]]:
    """For each group, the places of those that read it."""
    owner = {op.name: place for place, (_, members) in enumerate(groups) for op in members}
    after: List[Set[int]] = [set() for _ in groups]
    for place, (_, members) in enumerate(groups):
        for op in members:
            for tensor in op.inputs:
                source = owner.get(tensor.op.name, place)
                if source != place:
                    after[source].add(place)
    return after


def _variable_groups(
    stored: List[Tuple[Key, List[Any]]], groups: List[Tuple[Key, List[Any]]]
) -> List[Tuple[Key, List[Any]]]:
    after = _readers(stored + groups)
    by_readers: Dict[Any, Tuple[Key, List[Any]]] = {}
    for place, (key, members) in enumerate(stored):
        readers = tuple(sorted(after[place]))
        if readers in by_readers:
            before = by_readers[readers]
            by_readers[readers] = (("variables", _common(before[0][1], scope_of(key[1]))), before[1] + members)
        else:
            by_readers[readers] = (("variables", scope_of(key[1])), list(members))
    return list(by_readers.values())


def _best_pair(groups: List[Tuple[Key, List[Any]]], after: List[Set[int]]) -> Tuple[int, int]:
    """The two groups that lose least by being one: alike beside each other, or small and one after the other."""
    count = len(groups)
    order = _sorted_places(after)
    before, beyond = (
        [0] * count,
        [0] * count,
    )  # as bits: all that a group reads, and all that read it, by way of others too
    for place in order:
        for following in after[place]:
            before[following] |= before[place] | 1 << place
    for place in reversed(order):
        for following in after[place]:
            beyond[place] |= beyond[following] | 1 << following
    types = [(_home(key), tuple(sorted(op.type for op in members))) for key, members in groups]
    same: Dict[Any, List[int]] = {}
    for place, kinds in enumerate(types):
        same.setdefault(kinds, []).append(place)
    near = {(min(place, other), max(place, other)) for place in range(count) for other in after[place]}
    near.update(pair for places in same.values() for pair in itertools.combinations(places, 2))
    pairs: Iterable[Tuple[int, int]] = itertools.combinations(range(count), 2)
    for candidates in (near, pairs):
        ranks = []
        for first, second in candidates:
            if beyond[first] & before[second] or beyond[second] & before[first]:
                continue  # something goes from one to the other by way of a third
            (one, some), (other, others) = groups[first], groups[second]
            weight = max(_WEIGHTS[one[0]], _WEIGHTS[other[0]])
            if (one[0] in _INPUTS) != (other[0] in _INPUTS):
                weight = 4
            homes = _home(one), _home(other)
            common = _common(*homes)
            apart = sum(len(home.split("/")) if home else 0 for home in homes) - 2 * (common.count("/") + bool(common))
            alike = types[first] == types[second]
            ranks.append((weight, (len(some) + len(others)) * (1 + 2 * apart) * (1 if alike else 2), first, second))
        if ranks and (min(ranks)[0] < 2 or candidates is pairs):
            break
    return min(ranks)[2:]


_INPUTS = ("input", "joined input")
_WEIGHTS = {"op": 0, "scope": 0, "several": 0, "input": 2, "joined input": 2, "layer": 3, "loop": 3}


def _home(key: Key) -> str:
    """The scope in which a box stands."""
    return key[1] if key[0] in ("several", "joined input") else scope_of(key[1])


def _common(one: str, other: str) -> str:
    parts: List[str] = []
    for left, right in zip(one.split("/"), other.split("/")):
        if left != right:
            break
        parts.append(left)
    return "/".join(parts)


def _box(key: Key, members: List[Any], bodies: Dict[str, Tuple[List[str], List[str]]]) -> Box:
    kind, scope = key[0].replace("joined ", ""), key[1]
    layers, types = bodies.get(scope, ([], [])) if kind == "loop" else ([], [])
    counts = Counter([op.type for op in members] + types)
    kinds = tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
    return Box(kind, scope, key[2:] or (1, 1, 1), tuple(members), tuple(layers), kinds)


def _edges(boxes: List[Box]) -> Dict[Tuple[int, int], List[Any]]:
    owner = {op.name: place for place, box in enumerate(boxes) for op in box.ops}
    edges: Dict[Tuple[int, int], List[Any]] = {}
    for place, box in enumerate(boxes):
        for op in box.ops:
            for tensor in op.inputs:
                source = owner.get(tensor.op.name, place)
                if source != place:
                    tensors = edges.setdefault((source, place), [])
                    if all(tensor.name != other.name for other in tensors):
                        tensors.append(tensor)
    return edges
