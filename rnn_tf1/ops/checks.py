"""Mistakes that TensorFlow lets pass, or reports far from their place, refused while the graph is built."""

import numbers
from typing import Any, Dict, List, Optional, Sequence

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError
from rnn_tf1.types import Cell, Nest

# Where cells and wrappers of TensorFlow itself, and of old programs that derive from them, keep the cells inside.
_KEPT_BY_TENSORFLOW = ("_cells", "cells", "cell", "_cell")
_HOW_TO_CLONE = "; with another state inside: cell.zero_state(batch_size, dtype).clone(cell_state=...)"


def inner_cells(cell: Any) -> List[Any]:
    """The cells directly inside `cell`, as its `inner_cells` shows them."""
    if "inner_cells" in dir(cell):  # not hasattr, which takes a mistake inside the property for its absence
        if not isinstance(cell.inner_cells, (list, tuple)):
            raise GraphError(
                "%s.inner_cells must be a list of cells, or a property that returns one, and is %r. Write:\n"
                "    @property\n"
                "    def inner_cells(self):\n"
                "        return [self.base]" % (type(cell).__name__, cell.inner_cells)
            )
        return list(cell.inner_cells)
    if any(kind.__module__.startswith("tensorflow") for kind in type(cell).__mro__):
        for attribute in _KEPT_BY_TENSORFLOW:
            inner = getattr(cell, attribute, None)
            if inner is not None:
                return list(inner) if isinstance(inner, (list, tuple)) else [inner]
    return []


def all_cells(cell: Cell) -> List[Any]:
    """`cell` and every cell inside it, at any depth."""
    return [cell] + [deeper for inner in inner_cells(cell) for deeper in all_cells(inner)]


def check_cell(cell: Any, where: str) -> Cell:
    """Returns `cell`; raises `GraphError` where it does not keep the contract."""
    missing = [m for m in ("state_size", "output_size", "zero_state") if not hasattr(cell, m)]
    if isinstance(cell, type) or missing or not callable(cell):
        what = "the class %s, not a cell: write %s(...)" % ((cell.__name__,) * 2) if isinstance(cell, type) else None
        lacks = ", ".join(missing + ([] if callable(cell) else ["__call__(inputs, state)"]))
        raise GraphError(
            "%s got %s." % (where, what or "a %s, which is no cell: it lacks %s" % (type(cell).__name__, lacks))
        )
    return cell


def check_distinct(cells: Sequence[Any], where: str, remedy: str) -> None:
    """Refuses one cell object in two places, also inside wrappers: TensorFlow would share its weights silently.

    It sees into a wrapper through its `inner_cells`.
    """
    places: Dict[int, int] = {}
    for i, cell in enumerate(cells):
        for inner in all_cells(cell):
            if id(inner) in places:
                raise GraphError(
                    "%s: the same %s object is in place %d and in place %d, so that both would share one set of weights. "
                    "Make one for each: %s" % (where, type(inner).__name__, places[id(inner)], i, remedy)
                )
            places[id(inner)] = i


def check_graph_mode(what: str) -> None:
    if tf.executing_eagerly():
        raise GraphError(
            "%s builds a graph, and eager execution is on. Either build in a graph:\n"
            "    with tf.Graph().as_default():\n"
            "        ...\n"
            "or switch eager execution off, once, at the top of the program:\n"
            "    import tensorflow.compat.v1 as tf\n"
            "    tf.disable_eager_execution()" % what
        )


def get_variable(name: str, *args: Any, **kwargs: Any) -> Any:
    """``tf.get_variable``, with an error for the same code that has run twice in one graph."""
    try:
        return tf.get_variable(name, *args, **kwargs)
    except ValueError as error:
        if "already exists" not in str(error):
            raise
        raise GraphError(
            "The variable %s exists in this graph already: the same code has built it twice, as happens when a notebook "
            "cell is run again. Build in a graph of its own:\n"
            "    with tf.Graph().as_default():\n"
            "        ...\n"
            "or call tf.reset_default_graph() first. Two networks in one graph need scopes of their own: "
            "dynamic_rnn(..., scope='encoder'). To share the weights on purpose, build the second time under "
            "tf.variable_scope(tf.get_variable_scope(), reuse=True)."
            % "/".join(filter(None, [tf.get_variable_scope().name, name]))
        ) from None


def check_dtype(dtype: Any, where: str) -> Any:
    """`dtype` as a ``tf.DType``; raises `GraphError` where there is none of that name or it is not floating."""
    try:
        found = tf.as_dtype(dtype)
    except TypeError:
        found = None
    if found is None or not (found.is_floating or found.is_complex):
        raise GraphError("%s: dtype %r is no floating point type. Use tf.float32, for example." % (where, dtype))
    return found


def check_probability(value: Any, name: str, where: str) -> None:
    """Refuses a keep probability outside (0, 1]; a tensor whose value is not known passes."""
    known = tf.get_static_value(value) if tf.is_tensor(value) else value
    if known is None and value is not None:
        return
    known = known.item() if getattr(known, "shape", None) == () else known
    if not isinstance(known, numbers.Real) or not 0.0 < float(known) <= 1.0:
        raise GraphError("%s: %s is %r; a probability of keeping lies above 0 and at most at 1." % (where, name, known))


def input_depth(inputs_shape: Any, where: str) -> int:
    """The last dimension of the inputs, which the weights' shape needs."""
    rank = tf.TensorShape(inputs_shape).rank
    if rank is not None and rank < 2:
        raise GraphError("%s: the inputs have shape %s; those of a step are [batch, depth]." % (where, inputs_shape))
    depth = inputs_shape[-1]
    depth = getattr(depth, "value", depth)  # a tf.Dimension on TF 1.15
    if depth is None:
        raise GraphError(
            "%s: the depth of the inputs is unknown (their shape is %s), and the weights' shape depends on it. "
            "Say it: inputs.set_shape([None, None, depth]), or give the placeholder its last dimension."
            % (where, inputs_shape)
        )
    return int(depth)


def check_state(state_size: Nest, state: Nest, where: str) -> None:
    """Raises `GraphError` where `state` has not the structure and widths of `state_size`; names the layer."""
    problem = _state_problem(state_size, state, "state")
    if problem:
        raise GraphError(
            "%s: wrong state: %s. The whole state must be %s, as cell.zero_state(batch_size, dtype) gives it%s."
            % (where, problem, _describe(state_size), _HOW_TO_CLONE if hasattr(state_size, "clone") else "")
        )


def _state_problem(size: Any, state: Any, path: str) -> Optional[str]:
    if isinstance(size, int):
        if isinstance(state, tf.TensorArray):
            return None  # one tensor [batch, size] for each step
        if isinstance(state, (tuple, list)):
            return "%s should be a tensor %s and is a %s" % (path, _describe(size), type(state).__name__)
        shape = tf.convert_to_tensor(state).shape
        if shape.rank not in (None, 2) or not shape[-1:].is_compatible_with([size]):
            return "%s should be a tensor %s and has shape %s" % (path, _describe(size), shape)
        return None
    if not isinstance(size, (tuple, list)) or not size:
        return None  # a size of another kind, or (), a counter or a tensor array: the cell that has it checks it
    fields = getattr(size, "_fields", None)
    if not isinstance(state, (tuple, list)) or len(state) != len(size):
        got = "a %s of %d" % (type(state).__name__, len(state)) if isinstance(state, (tuple, list)) else "one tensor"
        return "%s should be %s and is %s" % (path, _describe(size), got)
    for i, (inner_size, inner) in enumerate(zip(size, state)):
        place = "%s.%s" % (path, fields[i]) if fields else "%s[%d] (layer cell_%d)" % (path, i, i)
        problem = _state_problem(inner_size, inner, place)
        if problem:
            return problem
    return None


def _describe(size: Any) -> str:
    if isinstance(size, int):
        return "[batch, %d]" % size
    if not isinstance(size, (tuple, list)):
        return "a scalar" if getattr(size, "rank", None) == 0 else "one tensor"
    if hasattr(size, "_fields"):
        return "%s(%s)" % (
            type(size).__name__,
            ", ".join("%s=%s" % (f, _describe(s)) for f, s in zip(size._fields, size)),
        )
    return "(%s,)" % ", ".join(_describe(s) for s in size) if size else "()"
