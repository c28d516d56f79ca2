"""The words in the boxes of a graph and at its arrows; see `graph`."""

from typing import Any, Dict, List, NamedTuple, Sequence

from rnn_tf1.plotting.graph_drawing.folding import Box
from rnn_tf1.plotting.graph_drawing.left_out import VARIABLES, scope_of

LINE, CHIP = 16, 26  # pixels, of a line of words and of a layer named in a loop
LONGEST = 36  # characters of a line in a box
MOST_VARIABLES = 6  # that a box names


class Shown(NamedTuple):
    """A box as it is drawn."""

    title: str
    lines: List[str]  # below the title
    chips: List[str]  # small boxes inside: the layers of a loop
    hint: str  # shown under the pointer
    width: float
    height: float


def shape_text(tensor: Any) -> str:
    """[?, 3] for a shape of which the first size is unknown; nothing for handles and lists, whose shape says nothing."""
    if tensor.dtype.name.startswith(("resource", "variant", "string")) or tensor.op.type.startswith("TensorArray"):
        return ""
    if tensor.shape.rank is None:
        return "any shape"
    return _sizes_text(tensor.shape.as_list())


def _sizes_text(sizes: Sequence[Any]) -> str:
    return "[%s]" % ", ".join("?" if size is None else str(size) for size in sizes) if sizes else "scalar"


def edge_text(tensors: Sequence[Any]) -> str:
    texts = [text for text in map(shape_text, tensors) if text]
    if not texts:
        return ""
    if len(set(texts)) == 1:
        return texts[0] if len(texts) == 1 else "%d \u00d7 %s" % (len(texts), texts[0])
    return "%d tensors" % len(texts)


def _cut(text: str, most: int = 0) -> str:
    """The end of a long name, which says more than its scopes; with `most`, the beginning of a long word."""
    if most:
        return text if len(text) <= most else text[: most - 1] + "\u2026"
    return text if len(text) <= LONGEST else "\u2026" + text[1 - LONGEST :]


def titles_of(boxes: Sequence[Box]) -> List[str]:
    """The end of each box's scope, long enough to tell it from the other scopes."""
    scopes = {box.scope for box in boxes if box.kind not in ("variables", "several")}
    titles = []
    for box in boxes:
        parts = box.scope.split("/")
        end = parts[-1]
        for count in range(1, len(parts) + 1):
            end = "/".join(parts[-count:])
            like = [scope for scope in scopes if scope == end or scope.endswith("/" + end)]
            if box.kind == "variables" or len(like) < 2:
                break
        titles.append(end)
    return titles


def described(box: Box, title: str) -> Shown:
    count = sum(number for _, number in box.kinds)
    total = "%d op%s" % (count, "" if count == 1 else "s")
    lines: List[str] = []
    chips: List[str] = []
    kind = box.ops[0].type
    if box.kind == "input":
        outputs = [op.outputs[0] for op in box.ops]
        title = title if len(box.ops) == 1 else "%d inputs" % len(box.ops)
        lines = [" ".join([shape_text(outputs[0]), outputs[0].dtype.name])] if len(outputs) == 1 else []
    elif box.kind == "variables":
        lines = _variables(box)
        if len(lines) == 1:
            name, _, shape = lines[0].partition(" ")
            title, lines = (title + "/" + name).lstrip("/"), [shape] if shape else []
        title = title or "variables"
    elif box.kind == "loop":
        around = scope_of(title)
        title, chips = "while loop", _chips(box.inside)
        lines = ([around] if around else []) + ([] if chips else [total])
    elif box.kind == "op":
        lines = [] if _plain(title) == _plain(kind) else [kind]
    elif box.kind == "several":
        types = [_cut(kind, 18) for kind in dict.fromkeys(op.type for op in box.ops)]
        title = ", ".join(types[:2]) + (", \u2026" if len(types) > 2 else "")
        lines = [total]
    elif box.calls[2] > 1:
        first, last, calls = box.calls
        lines = ["call %d of %d" % (first, calls) if first == last else "calls %d to %d of %d" % box.calls]
    else:
        lines = [total] if count > 1 else [] if _plain(title) == _plain(kind) else [kind]
    title, lines = _cut(title), [_cut(line) for line in lines]
    kinds = ", ".join("%s %d" % pair if pair[1] > 1 else pair[0] for pair in box.kinds)
    hint = "\n".join([box.scope or title, "%s: %s" % (total, kinds)] + (lines if box.kind == "layer" else []))
    widest = max([7.4 * len(title)] + [6.4 * len(line) for line in lines] + [6.2 * len(chip) + 16 for chip in chips])
    width = widest + (44 if box.kind == "loop" else 22)
    return Shown(title, lines, chips, hint, max(64.0, width), 28.0 + LINE * len(lines) + CHIP * len(chips))


def _chips(layers: Sequence[str]) -> List[str]:
    """The names of layers without the scopes around all of them."""
    while layers and len({layer.split("/")[0] for layer in layers}) == 1 and all("/" in layer for layer in layers):
        layers = [layer.partition("/")[2] for layer in layers]
    return [_cut(layer) for layer in layers]


def _plain(text: str) -> str:
    """StridedSlice and strided_slice_1 alike."""
    return "".join(letter for letter in text.lower() if letter.isalpha())


def _variables(box: Box) -> List[str]:
    shapes: Dict[str, str] = {}
    for op in box.ops:
        if op.type == "VarHandleOp":
            sizes = [dimension.size for dimension in op.get_attr("shape").dim]
            shapes[op.name] = _sizes_text([None if size < 0 else size for size in sizes])
        elif op.type in VARIABLES:
            shapes[op.name] = shape_text(op.outputs[0])
    lines = ["%s %s" % (name[len(box.scope) + 1 :] if box.scope else name, shape) for name, shape in shapes.items()]
    more = len(lines) - MOST_VARIABLES
    return lines if more <= 0 else lines[:MOST_VARIABLES] + ["and %d more" % more]
