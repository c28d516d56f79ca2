"""The devices that a graph requests: whether they exist, where gradients run, and when several devices pay off."""

import re
import sys
from typing import Any, Callable, Dict, Iterator, List, Sequence, Set

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError

_BRANCHES = {
    "body": "body",
    "cond": "cond",
    "then": "then_branch",
    "else": "else_branch",
}  # in a node's name: the attribute


def check_devices(wanted: Any, session: Any) -> None:
    """Raises `GraphError` for a device that the session does not have, with the line that fixes it.

    Args:
      wanted: a graph, whose ops request devices, or a list of devices.
      session: the session with the available devices.
    """
    available = [device.name for device in session.list_devices()]
    if isinstance(wanted, tf.Graph):
        requests = [(node.device, node.name) for node in RequestedDevices(wanted).nodes()]
    else:
        requests = [(device, "") for device in wanted]
    seen: Set[str] = set()
    for device, name in requests:
        if device in seen:
            continue
        seen.add(device)
        if not any(fits(device, known) for known in available):
            listed = ", ".join(short(known) for known in available if "XLA_" not in known)  # which are duplicates
            by = ", which the op %s requests" % name if name else ""
            raise GraphError(
                "There is no device %s%s. There are: %s. %s" % (device, by, listed, _fix(device, available))
            )


def cpu_count(devices: Sequence[str]) -> int:
    """How many CPU devices a session needs for `devices`: ``tf.ConfigProto(device_count={"CPU": ...})``."""
    specs = [_spec(device) for device in devices]
    return 1 + max([spec.device_index or 0 for spec in specs if spec.device_type == "CPU"] or [0])


def gradients_beside_ops(graph: Any) -> Callable[[Any], str]:
    """A function for ``tf.device`` that places the gradient of each op on the device that was requested for the op.

    Without it, TensorFlow runs the gradients of all layers on the default device, and sends what they need of the forward
    pass there. ``colocate_gradients_with_ops=True`` is no solution: around a loop of TensorFlow 1 it moves forward ops to
    the device of another layer, and it does not reach into a loop of TensorFlow 2.

    With `static_rnn`, little more is sent than each step's h, up, and its gradient, down; the loop of `dynamic_rnn` also sends
    what it carries from step to step (7 to 16 times as many bytes in examples/multi_device.py).

    Args:
      graph: with the complete forward pass.
    """
    if not any(op.device for op in graph.get_operations()):
        return lambda op: op.device
    requests = RequestedDevices(graph)
    outer = {node.name: node.device for node in requests.top.values() if node.device}
    order = {device: index for index, device in enumerate(dict.fromkeys(outer.values()))}
    inner: Dict[str, Set[str]] = {}  # in the bodies of loops
    for function in requests.functions.values():
        for node in function.values():
            inner.setdefault(node.name, set()).add(node.device)

    def device_of(name: str) -> str:
        """The device requested for the op of that name, or for the op whose gradient it is; "" for none."""
        devices = {outer[name]} if name in outer else inner.get(name, set())
        if len(devices) == 1:
            return next(iter(devices))
        gradient = re.search(r"(?:^|/)gradients(?:_\d+)?/(.*)_grad/", name)
        return device_of(gradient.group(1)) if gradient and not devices else ""  # two loops may differ

    def choose(op: Any) -> str:
        if op.device or any(value.dtype == tf.resource for value in op.inputs):  # TensorFlow 1's stacks stay together
            return op.device
        if op.type == "EmptyTensorList":  # as do the lists in which a loop of TensorFlow 2 saves values for a gradient,
            forward = re.search(r"(?:^|/)gradients(?:_\d+)?/.*?_grad/(.*)_\d+/accumulator$", op.name)
            return device_of(forward.group(1)) if forward else ""  # with the op whose values they hold
        if op.type == "TensorListPushBack" and op.graph is not graph:
            return op.inputs[1].op.device
        if op.type == "TensorListPopBack" and op.graph is not graph:
            return next((outside.op.device for outside, inside in op.graph.captures if inside is op.inputs[0]), "")
        if op.type == "AddN":  # a sum of gradients from a layer and the one above: on the lower layer's device
            return min((value.op.device for value in op.inputs), key=lambda device: order.get(device, len(order)))
        return device_of(op.name)

    return choose


def advice(seconds: float, seconds_on_one: float, devices: Sequence[str]) -> str:
    """Explains the time of a step over `devices` compared with one device: when one layer per device pays off."""
    ratio = seconds_on_one / seconds
    explanation = (
        "Layer 2 can work on step t while layer 1 works on step t + 1: with static unrolling, and with dynamic over as "
        "many steps as parallel_iterations (32). "
    )
    if ratio > 1.1:
        return explanation + "Here that pays off: a step is %.2f times as fast as on one device." % ratio
    what = "takes as long as" if ratio > 0.9 else "takes %.2f times as long as" % (1 / ratio)
    verdict = "Here it does not pay off: a step %s on one device. " % what
    if all(_spec(device).device_type == "CPU" for device in devices):
        return verdict + (
            "These are virtual devices on the same cores, all of which TensorFlow uses with one device too: they are "
            "only good for testing the placement. " + explanation + "For that, each layer needs its own processor."
        )
    return (
        verdict
        + explanation
        + (
            "It pays off if the work of one layer for one step takes much longer than sending [batch, units] to the next "
            "device: with wider layers or larger batches; or if one device lacks the memory for all layers."
        )
    )


def short(device: str) -> str:
    """ "/job:localhost/replica:0/task:0/device:CPU:1" as "CPU:1", on another task as "worker:1/CPU:1"; "" as "anywhere"."""
    spec = _spec(device)
    kind = "%s:%s" % (spec.device_type, "*" if spec.device_index is None else spec.device_index)
    task = "" if spec.job in (None, "localhost") else "%s:%s" % (spec.job, "*" if spec.task is None else spec.task)
    return "/".join(part for part in (task, kind if spec.device_type else "") if part) or "anywhere"


def fits(wanted: str, given: str) -> bool:
    """Whether `given`, a full name, satisfies `wanted`; parts that `wanted` leaves out may be anything."""
    asked, got = _spec(wanted), _spec(given)
    return all(
        getattr(asked, field) in (None, getattr(got, field))
        for field in ("job", "replica", "task", "device_type", "device_index")
    )


class RequestedDevices(object):
    """The nodes of a graph with the devices that they request, also in the bodies of its loops and branches."""

    def __init__(self, graph: Any):
        definition = graph.as_graph_def()
        self.top = {node.name: node for node in definition.node}
        functions = definition.library.function
        self.functions = {f.signature.name: {node.name: node for node in f.node_def} for f in functions}

    def nodes(self) -> Iterator[Any]:
        for nodes in [self.top] + list(self.functions.values()):
            yield from nodes.values()

    def find(self, name: str) -> Any:
        """The node that is named `name` once its loop has been inlined, LOOP/body/_1/NAME; None if there is none."""
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
            "%r is not a device (%s). Write '/cpu:0', '/gpu:1' or '/job:worker/task:1'." % (device, error)
        ) from error


def _fix(device: str, available: List[str]) -> str:
    spec = _spec(device)
    tasks = {(known.job, known.task) for known in map(_spec, available)}
    if not any(spec.job in (None, job) and spec.task in (None, task) for job, task in tasks):
        return "Add that task to the cluster in TF_CONFIG, or name one that is in it."
    if spec.device_type == "CPU":
        count = 1 + (spec.device_index or 0)
        return 'Create it: tf.Session(config=tf.ConfigProto(device_count={"CPU": %d})).' % count
    return "Name one of these, or find out what is missing: %s -m rnn_tf1.doctor" % sys.executable
