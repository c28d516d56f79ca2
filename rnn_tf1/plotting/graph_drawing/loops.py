"""The while-loops of a graph, in both of their forms: ops between Enter and Exit, or one op with a body of its own.

Imports no TensorFlow; see `left_out`.
"""

from typing import Any, Collection, Dict, List, Tuple

from rnn_tf1.plotting.graph_drawing.left_out import consumers_of, scope_of

WHILE = ("While", "StatelessWhile")
_PRODUCTS = ("MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3", "Conv2D", "Einsum")


def ops_in_loops(ops: Collection[Any]) -> Dict[str, str]:
    """For the name of each op in a loop, the name of the outermost loop around it.

    The lists that a loop reads its inputs from and writes its outputs to (`TensorArray`) belong to it.
    """
    loop_of = _between_enter_and_exit(ops)
    whiles = {op.name for op in ops if op.type in WHILE}
    for op in ops:
        if op.name in whiles:
            loop_of[op.name] = op.name
        elif scope_of(op.name) in whiles and op.type in ("Identity", "Const"):
            loop_of[op.name] = scope_of(op.name)
    homes: Dict[str, List[str]] = {}
    for loop in sorted(set(loop_of.values())):
        homes.setdefault(scope_of(loop), []).append(loop)
    for op in ops:
        scope = ("/" + op.name).partition("/TensorArray")[0][1:]
        loops = homes.get(scope, [])
        if op.name.startswith(scope + "/TensorArray" if scope else "TensorArray") and len(loops) == 1:
            loop_of.setdefault(op.name, loops[0])
    return loop_of


def _between_enter_and_exit(ops: Collection[Any]) -> Dict[str, str]:
    after = consumers_of(ops, controls=True)
    frames: Dict[str, Tuple[str, ...]] = {}
    waiting = []
    for op in ops:
        if not op.inputs and not op.control_inputs:
            frames[op.name] = ()
            waiting.append(op)
    while waiting:
        op = waiting.pop()
        for reader in after[op.name]:
            if reader.name in frames:
                continue
            around = frames[op.name]
            if op.type in ("Exit", "RefExit"):
                around = around[:-1]
            if reader.type in ("Enter", "RefEnter"):
                around += (_text(reader.get_attr("frame_name")),)
            frames[reader.name] = around
            waiting.append(reader)
    return {name: _without_context(around[0]) for name, around in frames.items() if around}


def _without_context(frame: str) -> str:
    """rnn/rnn/while/while_context is the frame of the loop rnn/rnn/while."""
    return scope_of(frame) or frame


def layers_inside(graph: Any, ops: Collection[Any], loops: Dict[str, str]) -> Dict[str, Tuple[List[str], List[str]]]:
    """For each loop: the scopes in it that multiply by a matrix, and the types of the ops in its body of its own."""
    names: Dict[str, List[Tuple[str, str]]] = {}
    for op in ops:
        if op.name in loops:
            names.setdefault(loops[op.name], []).append((op.name[len(loops[op.name]) + 1 :], op.type))
    inside = {loop: (_layers(pairs), []) for loop, pairs in names.items()}  # type: Dict[str, Tuple[List[str], List[str]]]
    whiles = [op for op in ops if op.type in WHILE]
    if whiles:
        functions = {function.signature.name: function for function in graph.as_graph_def().library.function}
        for op in whiles:
            bodies = [op.get_attr(part).name for part in ("body", "cond")]
            nodes: List[Tuple[str, str]] = []
            for name in bodies:
                nodes += _nodes(functions, name, ())
            layers, types = inside[loops[op.name]]
            layers += [layer for layer in _layers(nodes) if layer not in layers]
            types += [kind for _, kind in nodes]
    return inside


def _nodes(functions: Dict[str, Any], name: str, known: Tuple[str, ...]) -> List[Tuple[str, str]]:
    """The name and type of each op in a function, and in those that it calls."""
    nodes: List[Tuple[str, str]] = []
    if name in functions and name not in known:
        for node in functions[name].node_def:
            nodes.append((node.name, node.op))
            for key in sorted(node.attr):
                if node.attr[key].func.name:
                    nodes += _nodes(functions, node.attr[key].func.name, known + (name,))
    return nodes


def _layers(pairs: Collection[Tuple[str, str]]) -> List[str]:
    scopes: List[str] = []
    for name, kind in pairs:
        parts = [part for part in scope_of(name).split("/") if part and not part.endswith("_grad")]
        if kind in _PRODUCTS and parts and "/".join(parts) not in scopes:
            scopes.append("/".join(parts))
    return scopes


def _text(value: Any) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)
