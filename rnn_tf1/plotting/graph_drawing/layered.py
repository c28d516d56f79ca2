"""A layout of boxes in rows, each above all that it reads: where they stand, and the routes of the arrows between them.

Rows by the longest path from a source, the order within a row by the mean position of neighbours (Sugiyama, Tagawa and Toda
1981, "Methods for Visual Understanding of Hierarchical System Structures"), positions along a row as near as possible to the
neighbours' mean.
"""

from typing import Collection, Dict, List, NamedTuple, Sequence, Set, Tuple

GAP, LANE, BETWEEN = 20.0, 14.0, 50.0  # pixels: between boxes, for an arrow that passes a row, between rows
_SWEEPS = 12

Edge = Tuple[int, int]
Point = Tuple[float, float]


class Layout(NamedTuple):
    """Pixels, from the top left."""

    width: float
    height: float
    centers: List[Point]  # of the boxes
    routes: Dict[
        Edge, List[Point]
    ]  # from the upper edge of one box to the lower edge of another, and the ends of rows passed


def lay_out(sizes: Sequence[Tuple[float, float]], edges: Collection[Edge], lowest: Collection[int]) -> Layout:
    """Places boxes of the given (width, height); of an edge (from, to), `from` comes first and stands lower.

    The boxes in `lowest` stand in the lowest row; other sources just below the first that reads them.
    """
    if not sizes:
        return Layout(0.0, 0.0, [], {})
    levels = _levels(len(sizes), edges, lowest)
    rows, lanes, short = _rows(levels, edges)
    widths = {node: sizes[node][0] if node < len(sizes) else LANE for row in rows for node in row}
    neighbours = _neighbours(short)
    rows = _ordered(rows, neighbours)
    x = _along_rows(rows, neighbours, widths, lanes)
    heights = [max([sizes[node][1] for node in row if node < len(sizes)] or [0.0]) for row in rows]
    total = sum(heights) + BETWEEN * (len(rows) - 1)
    middles, below = [], 0.0
    for height in heights:
        middles.append(total - below - height / 2)
        below += height + BETWEEN
    left = min(x[node] - widths[node] / 2 for node in x)
    width = max(x[node] + widths[node] / 2 for node in x) - left
    centers = [(x[node] - left, middles[levels[node]]) for node in range(len(sizes))]
    ports = _ports(edges, lanes, x, sizes)
    routes: Dict[Edge, List[Point]] = {}
    for edge in edges:
        source, target = edge
        start, end = ports[edge]
        route = [(x[source] + start - left, centers[source][1] - sizes[source][1] / 2)]
        for step, lane in enumerate(lanes.get(edge, [])):
            row = levels[source] + 1 + step
            route += [(x[lane] - left, middles[row] + sign * heights[row] / 2) for sign in (1, -1)]
        routes[edge] = route + [(x[target] + end - left, centers[target][1] + sizes[target][1] / 2)]
    return Layout(width, total, centers, routes)


def _levels(count: int, edges: Collection[Edge], lowest: Collection[int]) -> List[int]:
    after: List[Set[int]] = [set() for _ in range(count)]
    read = set()
    for source, target in edges:
        after[source].add(target)
        read.add(target)
    levels = [0 if node in lowest or not lowest else 1 for node in range(count)]
    for node in range(count):  # each comes after those that it reads
        for target in after[node]:
            levels[target] = max(levels[target], levels[node] + 1)
    for node in reversed(range(count)):
        if node not in read and node not in lowest and after[node]:
            levels[node] = min(levels[target] for target in after[node]) - 1
    used = sorted(set(levels))
    return [used.index(level) for level in levels]


def _rows(levels: List[int], edges: Collection[Edge]) -> Tuple[List[List[int]], Dict[Edge, List[int]], List[Edge]]:
    """(the nodes of each row, the lanes of each edge that passes rows, all edges from one row to the next)."""
    rows: List[List[int]] = [[] for _ in range(max(levels) + 1)]
    for node, level in enumerate(levels):
        rows[level].append(node)
    lanes: Dict[Edge, List[int]] = {}
    short: List[Edge] = []
    fresh = len(levels)
    for source, target in sorted(edges):
        last = source
        for level in range(levels[source] + 1, levels[target]):
            rows[level].append(fresh)
            lanes.setdefault((source, target), []).append(fresh)
            short.append((last, fresh))
            last = fresh
            fresh += 1
        short.append((last, target))
    return rows, lanes, short


def _neighbours(short: List[Edge]) -> Tuple[Dict[int, List[int]], Dict[int, List[int]]]:
    """(those below, those above) of each node."""
    below: Dict[int, List[int]] = {}
    above: Dict[int, List[int]] = {}
    for source, target in short:
        above.setdefault(source, []).append(target)
        below.setdefault(target, []).append(source)
    return below, above


def _ordered(rows: List[List[int]], neighbours: Tuple[Dict[int, List[int]], Dict[int, List[int]]]) -> List[List[int]]:
    """The rows in the order, of those tried, in which the fewest arrows cross."""
    best, fewest = rows, _crossings(rows, neighbours[1])
    for sweep in range(_SWEEPS):
        upwards = sweep % 2 == 0
        rows = [list(row) for row in rows]
        for level in range(1, len(rows)) if upwards else range(len(rows) - 2, -1, -1):
            fixed = rows[level - 1 if upwards else level + 1]
            positions = {node: place for place, node in enumerate(fixed)}
            scale = (len(fixed) or 1) / len(rows[level])
            near = neighbours[0 if upwards else 1]
            means = {}
            for place, node in enumerate(rows[level]):
                known = [positions[other] for other in near.get(node, ()) if other in positions]
                means[node] = sum(known) / len(known) if known else place * scale
            rows[level].sort(key=lambda node: means[node])
        crossings = _crossings(rows, neighbours[1])
        if crossings < fewest:
            best, fewest = rows, crossings
    return best


def _crossings(rows: List[List[int]], above: Dict[int, List[int]]) -> int:
    count = 0
    for lower, upper in zip(rows, rows[1:]):
        positions = {node: place for place, node in enumerate(upper)}
        ends: List[int] = []
        for node in lower:
            own = [positions[other] for other in above.get(node, ()) if other in positions]
            count += sum(end > own_end for end in ends for own_end in own)
            ends += own
    return count


def _along_rows(
    rows: List[List[int]],
    neighbours: Tuple[Dict[int, List[int]], Dict[int, List[int]]],
    widths: Dict[int, float],
    lanes: Dict[Edge, List[int]],
) -> Dict[int, float]:
    """The middle of each node: rows in their order, no two nodes closer than `GAP`, boxes near their neighbours, and the lanes
    of an arrow above each other."""
    x: Dict[int, float] = {}
    chains = {lane: [edge[0], edge[1]] + chain for edge, chain in lanes.items() for lane in chain}
    read_by = {node: len(near) for node, near in neighbours[1].items()}
    for row in rows:
        at = -sum(widths[node] + GAP for node in row) / 2
        for node in row:
            x[node] = at + widths[node] / 2
            at += widths[node] + GAP
    for sweep in range(4 * _SWEEPS):
        for level in range(len(rows)) if sweep % 2 == 0 else reversed(range(len(rows))):
            row = rows[level]
            wanted, weights = [], []
            for node in row:
                if node in chains:  # straight, and near to both ends
                    near, heavy = chains[node], [1.0] * len(chains[node])
                else:  # an arrow counts the less the more of them begin where it begins
                    near = neighbours[0].get(node, []) + neighbours[1].get(node, [])
                    heavy = [1.0 / read_by[other] for other in neighbours[0].get(node, [])]
                    heavy += [1.0 / read_by.get(node, 1)] * (len(near) - len(heavy))
                wanted.append(sum(w * x[other] for w, other in zip(heavy, near)) / sum(heavy) if near else x[node])
                weights.append((30.0 if node in chains else 1.0) * sum(heavy) or 0.1)
            shifts, at = [], 0.0
            for place, node in enumerate(row):
                at += (widths[row[place - 1]] + widths[node]) / 2 + GAP if place else 0.0
                shifts.append(at)
            level_x = _rising([want - shift for want, shift in zip(wanted, shifts)], weights)
            x.update((node, value + shift) for node, value, shift in zip(row, level_x, shifts))
    return x


def _rising(values: List[float], weights: List[float]) -> List[float]:
    """The numbers nearest to `values` that never fall: neighbours that would are replaced by their mean."""
    pools: List[List[float]] = []  # mean, weight, how many
    for value, weight in zip(values, weights):
        pools.append([value, weight, 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            mean, heavy, count = pools.pop()
            total = pools[-1][1] + heavy
            pools[-1] = [(pools[-1][0] * pools[-1][1] + mean * heavy) / total, total, pools[-1][2] + count]
    return [mean for mean, _, count in pools for _ in range(int(count))]


def _ports(
    edges: Collection[Edge], lanes: Dict[Edge, List[int]], x: Dict[int, float], sizes: Sequence[Tuple[float, float]]
) -> Dict[Edge, Point]:
    """For each edge, how far from the middle of its boxes it begins and ends: in the order in which the arrows arrive."""
    ports: Dict[Edge, List[float]] = {edge: [0.0, 0.0] for edge in edges}
    for end in (0, 1):
        for node in range(len(sizes)):
            own = [edge for edge in edges if edge[end] == node]
            route = {edge: lanes.get(edge, [edge[1 - end]])[0 if end == 0 else -1] for edge in own}
            own.sort(key=lambda edge: (x[route[edge]], edge))
            step = min(18.0, 0.8 * sizes[node][0] / max(1, len(own)))
            for place, edge in enumerate(own):
                ports[edge][end] = step * (place - (len(own) - 1) / 2)
    return {edge: (start, stop) for edge, (start, stop) in ports.items()}
