"""Checks while the graph is built, for mistakes that TensorFlow accepts or reports far from their cause."""

import numbers
from typing import Any, Dict, List, Optional, Sequence

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError
from rnn_tf1.types import Cell, Nest

# The attributes in which wrappers of TensorFlow itself, and of old programs that derive from them, hold their inner cells.
_INNER_CELL_ATTRIBUTES = ("_cells", "cells", "cell", "_cell")
_CLONE_HINT = "; to put another cell state in it: cell.zero_state(batch_size, dtype).clone(cell_state=...)"


def inner_cells(cell: Any) -> List[Any]:
    """The cells directly inside `cell`, as its `inner_cells` shows them."""
    if "inner_cells" in dir(cell):  # not hasattr, which takes a mistake inside the property for its absence
        if not isinstance(cell.inner_cells, (list, tuple)):
            raise GraphError(
                "%s.inner_cells must be a list of cells, or a property that returns one, but it is %r. Write:\n"
                "    @property\n"
                "    def inner_cells(self):\n"
                "        return [self.base]" % (type(cell).__name__, cell.inner_cells)
            )
        return list(cell.inner_cells)
    if any(kind.__module__.startswith("tensorflow") for kind in type(cell).__mro__):
        for attribute in _INNER_CELL_ATTRIBUTES:
            inner = getattr(cell, attribute, None)
            if inner is not None:
                return list(inner) if isinstance(inner, (list, tuple)) else [inner]
    return []


def all_cells(cell: Cell) -> List[Any]:
    """`cell` and every cell inside it, at any depth."""
    return [cell] + [deeper for inner in inner_cells(cell) for deeper in all_cells(inner)]


def check_cell(cell: Any, where: str) -> Cell:
    """Returns `cell`; raises `GraphError` if it is not a cell: see `rnn_tf1.types.Cell`."""
    missing = [m for m in ("state_size", "output_size", "zero_state") if not hasattr(cell, m)]
    if isinstance(cell, type) or missing or not callable(cell):
        what = "the class %s, not a cell; write %s(...)" % ((cell.__name__,) * 2) if isinstance(cell, type) else None
        lacks = ", ".join(missing + ([] if callable(cell) else ["__call__(inputs, state)"]))
        raise GraphError(
            "%s got %s." % (where, what or "a %s, which is not a cell: it lacks %s" % (type(cell).__name__, lacks))
        )
    return cell


def check_distinct(cells: Sequence[Any], where: str, remedy: str) -> None:
    """Refuses a cell object that is used twice, also inside wrappers (seen through their `inner_cells`).

    TensorFlow would silently share the weights of the two.
    """
    positions: Dict[int, int] = {}
    for i, cell in enumerate(cells):
        for inner in all_cells(cell):
            if id(inner) in positions:
                raise GraphError(
                    "%s: positions %d and %d hold the same %s object, so that both would share one set of weights. "
                    "Make a cell for each: %s" % (where, positions[id(inner)], i, type(inner).__name__, remedy)
                )
            positions[id(inner)] = i


def check_graph_mode(what: str) -> None:
    """Raises `GraphError` where eager execution is on."""
    if tf.executing_eagerly():
        raise GraphError(
            "%s builds a graph, but eager execution is on. Either build in a graph:\n"
            "    with tf.Graph().as_default():\n"
            "        ...\n"
            "or switch eager execution off once, at the top of the program:\n"
            "    import tensorflow.compat.v1 as tf\n"
            "    tf.disable_eager_execution()" % what
        )


def get_variable(name: str, *args: Any, **kwargs: Any) -> Any:
    """``tf.get_variable``, with a clear error where the same code has run twice in one graph."""
    try:
        return tf.get_variable(name, *args, **kwargs)
    except ValueError as error:
        if "already exists" not in str(error):
            raise
        raise GraphError(
            "The variable %s already exists in this graph: the same code has built it twice, which happens when a notebook "
            "cell is run again. Build in a new graph:\n"
            "    with tf.Graph().as_default():\n"
            "        ...\n"
            "or call tf.reset_default_graph() first. Two networks in one graph need different scopes: "
            "dynamic_rnn(..., scope='encoder'). To share the weights on purpose, build the second time under "
            "tf.variable_scope(tf.get_variable_scope(), reuse=True)."
            % "/".join(filter(None, [tf.get_variable_scope().name, name]))
        ) from None


def check_dtype(dtype: Any, where: str) -> Any:
    """`dtype` as a ``tf.DType``; raises `GraphError` where there is no such type or it is not a floating point type."""
    try:
        known = tf.as_dtype(dtype)
    except TypeError:
        known = None
    if known is None or not (known.is_floating or known.is_complex):
        raise GraphError("%s: dtype %r is not a floating point type. Use tf.float32, for example." % (where, dtype))
    return known


def check_probability(value: Any, name: str, where: str) -> None:
    """Refuses a keep probability outside (0, 1]; a tensor whose value is not known passes."""
    known = tf.get_static_value(value) if tf.is_tensor(value) else value
    if known is None and value is not None:
        return
    known = known.item() if getattr(known, "shape", None) == () else known
    if not isinstance(known, numbers.Real) or not 0.0 < float(known) <= 1.0:
        raise GraphError("%s: %s is %r; a keep probability must be above 0 and at most 1." % (where, name, known))


def input_depth(inputs_shape: Any, where: str) -> int:
    """The last dimension of the inputs, on which the shape of the weights depends."""
    rank = tf.TensorShape(inputs_shape).rank
    if rank is not None and rank < 2:
        raise GraphError(
            "%s: the inputs have shape %s; the inputs of one step must be [batch, depth]." % (where, inputs_shape)
        )
    depth = inputs_shape[-1]
    depth = getattr(depth, "value", depth)  # a tf.Dimension on TF 1.15
    if depth is None:
        raise GraphError(
            "%s: the depth of the inputs is unknown (their shape is %s), but the shape of the weights depends on it. "
            "Set it: inputs.set_shape([None, None, depth]), or give the placeholder its last dimension."
            % (where, inputs_shape)
        )
    return int(depth)


def check_state(state_size: Nest, state: Nest, where: str) -> None:
    """Raises `GraphError`, which names the layer, where `state` does not have the structure and widths of `state_size`."""
    problem = _state_problem(state_size, state, "state")
    if problem:
        raise GraphError(
            "%s: wrong state: %s. The whole state must be %s, as cell.zero_state(batch_size, dtype) returns it%s."
            % (where, problem, _describe(state_size), _CLONE_HINT if hasattr(state_size, "clone") else "")
        )


def _state_problem(size: Any, state: Nest, path: str) -> Optional[str]:
    if isinstance(size, int):
        if isinstance(state, tf.TensorArray):
            return None  # one tensor [batch, size] for each step
        if isinstance(state, (tuple, list)):
            return "%s should be a tensor %s but is a %s" % (path, _describe(size), type(state).__name__)
        shape = tf.convert_to_tensor(state).shape
        if shape.rank not in (None, 2) or not shape[-1:].is_compatible_with([size]):
            return "%s should be a tensor %s but has shape %s" % (path, _describe(size), shape)
        return None
    if not isinstance(size, (tuple, list)) or not size:
        return None  # another kind of size, or () for a counter or a tensor array: the cell itself checks it
    fields = getattr(size, "_fields", None)
    if not isinstance(state, (tuple, list)) or len(state) != len(size):
        got = "a %s of %d" % (type(state).__name__, len(state)) if isinstance(state, (tuple, list)) else "one tensor"
        return "%s should be %s but is %s" % (path, _describe(size), got)
    for i, (inner_size, inner) in enumerate(zip(size, state)):
        inner_path = "%s.%s" % (path, fields[i]) if fields else "%s[%d] (layer cell_%d)" % (path, i, i)
        problem = _state_problem(inner_size, inner, inner_path)
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
