"""A TensorFlow graph as a drawing: what is fed at the bottom, what comes out at the top, loops and layers as single boxes.

::

    from rnn_tf1.plotting.graph_drawing.graph import show_graph

    show_graph(tf.get_default_graph())                     # the last line of a notebook's cell
    show_graph(graph).save("graph.svg")

The drawing is SVG, made here: it needs no network, no JavaScript and no other program. Point at a box or an
arrow to see what is in it.
"""

from typing import Any, Collection, List, Optional, Sequence, Tuple
from xml.sax.saxutils import escape, quoteattr

from rnn_tf1.errors import GraphError
from rnn_tf1.plotting.graph_drawing.boxes import CHIP, LINE, Shown, described, edge_text, shape_text, titles_of
from rnn_tf1.plotting.graph_drawing.folding import Box, Folded, fold
from rnn_tf1.plotting.graph_drawing.layered import lay_out
from rnn_tf1.plotting.graph_drawing.left_out import KINDS, scope_of
from rnn_tf1.plotting.page import FAINT, INK
from rnn_tf1.program.files import atomic_path

MARGIN, FOOT = 16, 20  # pixels: around everything; from line to line below the drawing
_STYLES = {  # fill, edge, corner
    "input": ("#e3f1fa", "#0072b2", 14),
    "variables": ("#e2f4ee", "#009e73", 3),
    "loop": ("#fdeee2", "#d55e00", 8),
    "layer": ("#fff8dc", "#b38600", 8),
    "scope": ("#f5f5f5", "#767676", 8),
    "op": ("#ffffff", "#767676", 8),
}
_LEGEND = (
    ("input", "fed or constant"),
    ("variables", "variables"),
    ("layer", "layer: reads variables"),
    ("loop", "loop over the steps"),
    ("scope", "several ops"),
    ("op", "one op"),
)
_LEFT_OUT = {"checks": "checks", "copies": "unread copies", "sizes": "constants and sizes"}


class GraphDrawing(object):
    """What `show_graph` returns. A notebook shows it by itself.

    Attributes:
      boxes: list of `folding.Box`, each after those that it reads.
      edges: {(from, to): tensors}, indices into `boxes`.
      left_out: {name of an op that is in no box: why}.
      svg: the text of the drawing.
    """

    def __init__(self, folded: Folded):
        self.boxes = folded.boxes
        self.edges = folded.edges
        self.left_out = folded.left_out
        self.svg = _draw(folded)

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_html_(self) -> str:
        """Inline, not as a picture: only then does pointing at a box show what is in it."""
        return '<div style="overflow-x: auto">%s</div>' % self.svg

    def save(self, path: str) -> str:
        """Writes the SVG to `path`, whole or not at all, and returns `path`."""
        with atomic_path(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
            file.write(self.svg)
        return path


def show_graph(graph: Any, most: int = 24, show: Collection[str] = (), opened: Collection[str] = ()) -> GraphDrawing:
    """Draws a ``tf.Graph``, folded until a person can read it.

    A while-loop is one box, in which its layers are named, and so is each call of a cell or a layer. Where the calls are too
    many for the drawing, those between the first and the last are one box. Variables that are read together are one box.
    Control dependencies are not drawn.

    Args:
      graph: the graph, ``tf.get_default_graph()`` for example.
      most: the most boxes, at least 2. What stands between loops and layers is joined until there are no more.
      show: what is drawn although it is left out by default: "gradients" (updates, too), "initializers", "savers",
        "summaries", "checks" (assertions), "copies" (which nobody reads), "sizes" (constants and what is computed from
        shapes).
      opened: name scopes whose ops are drawn one by one, such as "rnn/rnn/basic_rnn_cell"; not those of a loop's inside.

    Returns:
      a `GraphDrawing`.

    Raises:
      GraphError: for something that is no graph, fewer than 2 boxes, and unknown names in `show` and `opened`.
    """
    if not hasattr(graph, "get_operations"):
        hint = "Give a tf.Graph: show_graph(tf.get_default_graph()), or show_graph(tensor.graph)."
        raise GraphError("show_graph: %s is no graph. %s" % (type(graph).__name__, hint))
    if most < 2:
        raise GraphError("show_graph: most is %r; there must be room for at least 2 boxes." % (most,))
    show, opened = _names(show, "show"), _names(opened, "opened")
    for name in show:
        if name not in KINDS:
            raise GraphError("show_graph: there is no %r to show; there are: %s." % (name, ", ".join(KINDS)))
    names = [op.name for op in graph.get_operations()] if opened else []
    for scope in opened:
        if not any(name.startswith(scope + "/") for name in names):
            scopes = sorted({scope_of(name) for name in names if scope.split("/")[-1] in name.split("/")[:-1]} - {""})
            near = "; near it are: %s" % ", ".join(scopes[:5]) if scopes else ""
            raise GraphError("show_graph: no op stands in the scope %r%s." % (scope, near))
    return GraphDrawing(fold(graph, most, show, opened))


def _names(names: Collection[str], argument: str) -> Tuple[str, ...]:
    if isinstance(names, str):
        raise GraphError("show_graph: %s is a list of names: %s=[%r]." % (argument, argument, names))
    return tuple(names)


# -------------------------------------------------------------------------------------------------------------- the drawing


def _draw(folded: Folded) -> str:
    shown = [described(box, title) for box, title in zip(folded.boxes, titles_of(folded.boxes))]
    lowest = [place for place, box in enumerate(folded.boxes) if box.kind == "input"]
    layout = lay_out([(box.width, box.height) for box in shown], folded.edges, lowest)
    legend = [(kind, text) for kind, text in _LEGEND if any(_looks(box) == kind for box in folded.boxes)]
    legend_rows, legend_width = _legend_rows(legend, max(layout.width, 420.0))
    notes = _wrapped(_note(folded), max(layout.width, legend_width, 420.0))
    width = max([layout.width, legend_width] + [5.6 * len(note) for note in notes])
    parts: List[str] = []
    left = MARGIN + (width - layout.width) / 2
    bottom = MARGIN + layout.height + 12
    taken: List[Tuple[float, float, float, float]] = []
    arrows, labels = [], []
    for edge in sorted(folded.edges):
        route = [(x + left, y + MARGIN) for x, y in layout.routes[edge]]
        stored = folded.boxes[edge[0]].kind == "variables"
        tensors = folded.edges[edge]
        arrows.append(_arrow(route, tensors, "#009e73" if stored else FAINT, _joined(shown, edge)))
        text = "" if stored else edge_text(tensors)
        if text:
            labels.append(_label(route, text, taken))
    parts += arrows + labels
    for box, words, (x, y) in zip(folded.boxes, shown, layout.centers):
        parts.append(_draw_box(_looks(box), words, x + left, y + MARGIN))
    for row in legend_rows:
        bottom += FOOT
        for at, kind, text in row:
            fill, color, corner = _STYLES[kind]
            swatch = '<rect x="%.1f" y="%.1f" width="14" height="10" rx="%d" fill="%s" stroke="%s"/>'
            parts.append(swatch % (MARGIN + at, bottom - 9, min(corner, 5), fill, color))
            parts.append(_text(MARGIN + at + 19, bottom, text, FAINT, 11, "start"))
    for note in notes:
        bottom += FOOT
        parts.append(_text(MARGIN, bottom, note, FAINT, 11, "start"))
    size = (width + 2 * MARGIN, bottom + MARGIN)
    summary = "A graph of %d boxes: %s" % (len(shown), ", ".join(box.title for box in shown)) if shown else notes[0]
    head = '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label=%s width="%.0f" height="%.0f" '
    head += 'viewBox="0 0 %.0f %.0f" font-family="Helvetica, Arial, sans-serif" '
    head += 'style="min-width: %.0fpx; max-width: 100%%; height: auto">'
    head %= (quoteattr(_visible(summary)),) + size + size + (0.7 * size[0],)
    background = '<rect width="100%" height="100%" rx="6" fill="white"/>'
    return "\n".join([head, background] + parts + ["</svg>"]) + "\n"


def _looks(box: Box) -> str:
    if box.kind in ("scope", "several"):
        return "scope" if len(box.ops) > 1 else "op"
    return box.kind


def _legend_rows(legend: Sequence[Tuple[str, str]], most: float) -> Tuple[List[List[Tuple[float, str, str]]], float]:
    rows: List[List[Tuple[float, str, str]]] = []
    at, widest = 0.0, 0.0
    for kind, text in legend:
        wide = 19 + 6.0 * len(text)
        if not rows or at + wide > most:
            rows.append([])
            at = 0.0
        rows[-1].append((at, kind, text))
        widest = max(widest, at + wide)
        at += wide + 18
    return rows, widest


def _note(folded: Folded) -> str:
    counts = {kind: list(folded.left_out.values()).count(kind) for kind in KINDS}
    texts = ["%s (%d)" % (_LEFT_OUT.get(kind, kind), count) for kind, count in counts.items() if count]
    if not folded.boxes and not texts:
        return "The graph is empty: it has no op."
    return "Left out: %s." % ", ".join(texts) if texts else "Nothing is left out."


def _wrapped(text: str, width: float) -> List[str]:
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and 5.6 * (len(lines[-1]) + 1 + len(word)) > width:
            lines.append("")
        lines[-1] = (lines[-1] + " " + word).strip()
    return lines


def _joined(shown: Sequence[Shown], edge: Tuple[int, int]) -> str:
    return "%s \u2192 %s" % (shown[edge[0]].title, shown[edge[1]].title)


def _arrow(route: Sequence[Tuple[float, float]], tensors: Sequence[Any], color: str, ends: str) -> str:
    x, y = route[-1]
    points = list(route[:-1]) + [(x, y + 6)]
    path = "M%.1f %.1f" % points[0]
    for place, ((from_x, from_y), (to_x, to_y)) in enumerate(zip(points, points[1:])):
        if place % 2:  # beside a row of boxes
            path += "L%.1f %.1f" % (to_x, to_y)
        else:
            middle = (from_y + to_y) / 2
            path += "C%.1f %.1f %.1f %.1f %.1f %.1f" % (from_x, middle, to_x, middle, to_x, to_y)
    names = ["%s %s" % (tensor.name, shape_text(tensor)) for tensor in tensors]
    hint = "\n".join([ends] + names[:8] + (["and %d more" % (len(names) - 8)] if len(names) > 8 else []))
    head = '<path d="M%.1f %.1fl-4 7h8z" fill="%s"/>' % (x, y, color)
    line = '<path d="%s" fill="none" stroke="%s" stroke-width="1.3"/>' % (path, color)
    wide = '<path d="%s" fill="none" stroke="white" stroke-opacity="0" stroke-width="9"/>' % path  # for the pointer
    return "<g><title>%s</title>%s%s%s</g>" % (_escaped(hint), line, head, wide)


def _label(route: Sequence[Tuple[float, float]], text: str, taken: List[Tuple[float, float, float, float]]) -> str:
    """The words on an arrow, between its last two rows, away from those already `taken`."""
    (from_x, from_y), (to_x, to_y) = route[-2:]
    half = 2.8 * len(text) + 2
    best: Optional[Tuple[int, float, float]] = None
    for t in (0.6, 0.45, 0.75, 0.3, 0.2):
        x = from_x + (to_x - from_x) * t * t * (3 - 2 * t)  # on the curve of `_arrow`
        y = from_y + (to_y - from_y) * (1.5 * t * (1 - t) + t * t * t)
        over = sum(
            left < x + half and x - half < right and high < y + 7 and y - 7 < low for left, high, right, low in taken
        )
        if best is None or over < best[0]:
            best = (over, x, y)
    assert best is not None
    _, x, y = best
    taken.append((x - half, y - 7, x + half, y + 7))
    ground = '<rect x="%.1f" y="%.1f" width="%.1f" height="12" fill="white" fill-opacity="0.9"/>'
    return ground % (x - half, y - 6, 2 * half) + _text(x, y + 3.5, text, FAINT, 10)


def _draw_box(kind: str, shown: Shown, x: float, y: float) -> str:
    fill, edge, corner = _STYLES[kind]
    left, top = x - shown.width / 2, y - shown.height / 2
    rect = '<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="%d" fill="%s" stroke="%s" stroke-width="%.1f"/>'
    parts = []
    if kind == "scope":  # a second box beneath the first: there is more in it
        parts.append(rect % (left + 3, top - 3, shown.width, shown.height, corner, fill, edge, 1.0))
    parts.append(rect % (left, top, shown.width, shown.height, corner, fill, edge, 2.2 if kind == "loop" else 1.3))
    parts.append(_text(x, top + 19, shown.title, INK, 13, weight="bold"))
    at = top + 19
    for line in shown.lines:
        at += LINE
        parts.append(_text(x, at, line, INK, 11))
    at = top + shown.height - 8
    for chip in shown.chips:  # the first layer at the bottom, as the arrows run upwards
        wide = 6.2 * len(chip) + 14
        layer = _STYLES["layer"]
        parts.append(rect % (x - wide / 2, at - 20, wide, 20, 5, layer[0], layer[1], 1.0))
        parts.append(_text(x, at - 6, chip, INK, 11))
        at -= CHIP
    if kind == "loop":
        parts.append(_circle_arrow(left + shown.width - 16, top + 15, edge))
    return "<g><title>%s</title>%s</g>" % (_escaped(shown.hint), "".join(parts))


def _circle_arrow(x: float, y: float, color: str) -> str:
    path = '<path d="M%.1f %.1fa6.5 6.5 0 1 1 -4 -5.6" fill="none" stroke="%s" stroke-width="2"/>'
    head = '<path d="M%.1f %.1fl7 -0.5l-4 6z" fill="%s"/>'
    return path % (x + 6.5, y, color) + head % (x + 0.6, y - 8.6, color)


def _text(x: float, y: float, text: str, color: str, size: int, anchor: str = "middle", weight: str = "normal") -> str:
    form = '<text x="%.1f" y="%.1f" font-size="%d" fill="%s" text-anchor="%s" font-weight="%s">%s</text>'
    return form % (x, y, size, color, anchor, weight, _escaped(text))


def _escaped(text: str) -> str:
    return escape(_visible(text))


def _visible(text: str) -> str:
    """Without characters that XML does not allow."""
    return "".join(letter if letter >= " " or letter == "\n" else "\ufffd" for letter in text)
