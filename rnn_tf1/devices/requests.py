"""The devices that a graph asks for: whether they exist, where the gradients go, and when several of them pay."""

import re
import sys
from typing import Any, Callable, Dict, Iterator, List, Sequence, Set

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError

_BRANCHES = {"body": "body", "cond": "cond", "then": "then_branch", "else": "else_branch"}  # in a name; as attribute


def check_devices(wanted: Any, session: Any) -> None:
    """Raises `GraphError` for a device that the session does not have, with the line that fixes it.

    Args:
      wanted: a graph, whose ops say what they want, or a list of devices.
      session: whose devices there are.
    """
    there = [device.name for device in session.list_devices()]
    if isinstance(wanted, tf.Graph):
        wishes = [(node.device, node.name) for node in Wishes(wanted).nodes()]
    else:
        wishes = [(device, "") for device in wanted]
    seen: Set[str] = set()
    for device, name in wishes:
        if device in seen:
            continue
        seen.add(device)
        if not any(fits(device, known) for known in there):
            listed = ", ".join(short(known) for known in there if "XLA_" not in known)  # these are doubles
            who = ", which the op %s wants" % name if name else ""
            raise GraphError("There is no device %s%s. There are: %s. %s" % (device, who, listed, _fix(device, there)))


def cpu_count(devices: Sequence[str]) -> int:
    """How many CPU devices a session needs for `devices`: ``tf.ConfigProto(device_count={"CPU": ...})``."""
    specs = [_spec(device) for device in devices]
    return 1 + max([spec.device_index or 0 for spec in specs if spec.device_type == "CPU"] or [0])


def beside_their_ops(graph: Any) -> Callable[[Any], str]:
    """A function for ``tf.device``: the gradient of an op goes to the device that was asked for that op.

    Without it, TensorFlow runs the gradients of all layers on the default device, and what they need of the forward pass
    is sent there. ``colocate_gradients_with_ops=True`` does not do it: around a loop of TensorFlow 1 it drags forward ops
    to another layer's device, and it does not reach into a loop of TensorFlow 2.

    With `static_rnn` each step's h goes up and its gradient down, and hardly anything else is sent; the loop of
    `dynamic_rnn` also sends what it carries from step to step (7 to 16 times as many bytes in examples/multi_device.py).

    Args:
      graph: with the forward pass, complete.
    """
    if not any(op.device for op in graph.get_operations()):
        return lambda op: op.device
    wishes = Wishes(graph)
    outer = {node.name: node.device for node in wishes.top.values() if node.device}
    order = {device: place for place, device in enumerate(dict.fromkeys(outer.values()))}
    inner: Dict[str, Set[str]] = {}  # in the bodies of loops
    for function in wishes.functions.values():
        for node in function.values():
            inner.setdefault(node.name, set()).add(node.device)

    def device_of(name: str) -> str:
        """The device asked for the op of that name, or for the one whose gradient it is; "": none."""
        found = {outer[name]} if name in outer else inner.get(name, set())
        if len(found) == 1:
            return next(iter(found))
        gradient = re.search(r"(?:^|/)gradients(?:_\d+)?/(.*)_grad/", name)
        return device_of(gradient.group(1)) if gradient and not found else ""  # two loops may disagree

    def choose(op: Any) -> str:
        if op.device or any(value.dtype == tf.resource for value in op.inputs):  # a stack of TensorFlow 1 stays whole
            return op.device
        if op.type == "EmptyTensorList":  # so do the lists in which a loop of TensorFlow 2 keeps what a gradient needs:
            kept = re.search(r"(?:^|/)gradients(?:_\d+)?/.*?_grad/(.*)_\d+/accumulator$", op.name)
            return device_of(kept.group(1)) if kept else ""  # each beside the op whose values it holds
        if op.type == "TensorListPushBack" and op.graph is not graph:
            return op.inputs[1].op.device
        if op.type == "TensorListPopBack" and op.graph is not graph:
            return next((outside.op.device for outside, inside in op.graph.captures if inside is op.inputs[0]), "")
        if op.type == "AddN":  # what reaches a layer from the one above and from itself: on the device of the earlier
            return min((value.op.device for value in op.inputs), key=lambda device: order.get(device, len(order)))
        return device_of(op.name)

    return choose


def advice(seconds: float, seconds_on_one: float, devices: Sequence[str]) -> str:
    """What to make of the time of a step over `devices` beside that on one: when one layer for each device pays."""
    ratio = seconds_on_one / seconds
    how = (
        "Layer 2 can work on step t while layer 1 works on step t + 1: with static unrolling, and with dynamic over as "
        "many steps as parallel_iterations (32). "
    )
    if ratio > 1.1:
        return how + "Here that pays: a step is %.2f times as fast as on one device." % ratio
    what = "takes as long as" if ratio > 0.9 else "takes %.2f times as long as" % (1 / ratio)
    told = "Here it does not pay: a step %s on one device. " % what
    if all(_spec(device).device_type == "CPU" for device in devices):
        return told + (
            "These are virtual devices on the same cores, and TensorFlow uses all cores on one device too: what they "
            "are good for is a test of the placement. " + how + "For that, each layer needs a processor of its own."
        )
    return (
        told
        + how
        + (
            "It pays where one layer's work for one step, on its device, takes much longer than sending [batch, units] to "
            "the next: wider layers, larger batches; or where one device has not the memory for all layers."
        )
    )


def short(device: str) -> str:
    """ "/job:localhost/replica:0/task:0/device:CPU:1" as "CPU:1", on another task as "worker:1/CPU:1"; "" as "anywhere"."""
    spec = _spec(device)
    kind = "%s:%s" % (spec.device_type, "*" if spec.device_index is None else spec.device_index)
    task = "" if spec.job in (None, "localhost") else "%s:%s" % (spec.job, "*" if spec.task is None else spec.task)
    return "/".join(part for part in (task, kind if spec.device_type else "") if part) or "anywhere"


def fits(wanted: str, given: str) -> bool:
    """Whether `given`, a full name, is what `wanted` asks for; what that leaves out fits anything."""
    asked, got = _spec(wanted), _spec(given)
    return all(
        getattr(asked, field) in (None, getattr(got, field))
        for field in ("job", "replica", "task", "device_type", "device_index")
    )


class Wishes(object):
    """The nodes of a graph, with the device that each wants, also in the bodies of its loops and branches."""

    def __init__(self, graph: Any):
        definition = graph.as_graph_def()
        self.top = {node.name: node for node in definition.node}
        functions = definition.library.function
        self.functions = {f.signature.name: {node.name: node for node in f.node_def} for f in functions}

    def nodes(self) -> Iterator[Any]:
        for nodes in [self.top] + list(self.functions.values()):
            yield from nodes.values()

    def find(self, name: str) -> Any:
        """The node that is called `name` when its loop has been put in place: LOOP/body/_1/NAME; None: there is none."""
        scope = self.top
        while name not in scope:
            for match in re.finditer(r"/(body|cond|then|else)/_\d+/", name):
                around = scope.get(name[: match.start()])
                branch = "" if around is None else around.attr[_BRANCHES[match.group(1)]].func.name
                if branch in self.functions:
                    scope, name = self.functions[branch], name[match.end() :]
                    break
            else:
                return None
        return scope[name]


def _spec(device: str) -> Any:
    try:
        return tf.DeviceSpec.from_string(device or "")
    except ValueError as error:
        raise GraphError(
            "%r is no device (%s). Write '/cpu:0', '/gpu:1' or '/job:worker/task:1'." % (device, error)
        ) from error


def _fix(device: str, there: List[str]) -> str:
    spec = _spec(device)
    tasks = {(known.job, known.task) for known in map(_spec, there)}
    if not any(spec.job in (None, job) and spec.task in (None, task) for job, task in tasks):
        return "Add that task to the cluster that TF_CONFIG describes, or name one that is in it."
    if spec.device_type == "CPU":
        count = 1 + (spec.device_index or 0)
        return 'Make it: tf.Session(config=tf.ConfigProto(device_count={"CPU": %d})).' % count
    return "Name one of these, or see what is missing: %s -m rnn_tf1.doctor" % sys.executable
