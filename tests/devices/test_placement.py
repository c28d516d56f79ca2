"""Where layers run: on several virtual CPU devices, read from the partition graphs that the runtime hands out."""

import functools
import json
import os
import re

import helpers
import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from helpers import BATCH, DEPTH, TIME, UNITS

import rnn_tf1
from rnn_tf1.devices import picture, placement, requests
from rnn_tf1.errors import GraphError
from rnn_tf1.models import stack
from rnn_tf1.training.optimize import build_train_op

LAYERS = 3
PLACES = ["/cpu:0", "/cpu:1", "/cpu:2"]
KEEPERS = re.compile("Stack|TensorList|Enter|Const|Shape|NoOp|Identity|Switch")  # hold values; they compute nothing


def build(how, cell="lstm", places=PLACES):
    """(inputs, outputs, train op) of three layers, with a loss in which every output counts differently."""
    inputs = tf.placeholder(tf.float32, [None, TIME, DEPTH])
    made = stack.make_cell(cell, UNITS, len(places), devices=places)
    outputs, _ = stack.UNROLLS[how](made, inputs)
    loss = tf.reduce_sum(outputs * tf.constant(helpers.values("weights", [BATCH, TIME, UNITS]), tf.float32))
    return inputs, outputs, build_train_op(loss, 0.1, tf.train.get_or_create_global_step(), optimizer="sgd")


def new_session(cpus=LAYERS):
    return tf.Session(config=tf.ConfigProto(device_count={"CPU": cpus}, allow_soft_placement=True))


def traced(session, fetches, feed):
    """The nodes that ran, with their devices, as the runtime hands them out."""
    trace = tf.RunMetadata()
    options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE, output_partition_graphs=True)
    session.run(fetches, feed, options=options, run_metadata=trace)
    return [node for partition in trace.partition_graphs for node in partition.node]


def start(session):
    helpers.set_variables(session, tf.global_variables()[:-1])
    session.run(tf.global_variables()[-1].initializer)  # the step, which is an integer


def layer(node):
    found = re.findall(r"cell_(\d)/", node.name)
    return int(found[-1]) if found else None


def is_transfer(node):
    return node.op.endswith(("Send", "Recv"))


def on(node):
    return int(node.device[-1])


SLOWLY = functools.partial(pytest.param, marks=pytest.mark.slow)


@pytest.mark.parametrize(
    ("how", "cell"),
    [
        SLOWLY("manual", "basic"),
        ("static", "lstm"),
        SLOWLY("static", "gru"),
        SLOWLY("dynamic", "basic"),
        ("dynamic", "lstm"),
        SLOWLY("dynamic", "gru"),
    ],
)
def test_forward_gradient_and_variables_on_the_layers_device(how, cell, graph):
    """A kernel, a gradient or a variable of a layer that runs on the default device or on another layer's."""
    inputs, _, train = build(how, cell)
    with new_session() as session:
        start(session)
        nodes = traced(session, train.op, {inputs: helpers.make_sequence()})
    products = {(i, part): 0 for i in range(LAYERS) for part in ("forward", "gradient")}
    variables = {i: set() for i in range(LAYERS)}
    for node in nodes:
        if layer(node) is None or is_transfer(node) or "update_" in node.name:
            continue
        if not KEEPERS.search(node.op):
            assert on(node) == layer(node), (node.name, node.op)
        if "MatMul" in node.op:
            products[layer(node), "gradient" if "gradients" in node.name else "forward"] += 1
        if node.op in ("VariableV2", "VarHandleOp"):
            assert on(node) == layer(node), node.name
            variables[layer(node)].add(node.name)
    assert min(products.values()) >= 1
    assert [sorted(variables[i]) for i in range(LAYERS)] == [
        sorted(v.op.name for v in tf.trainable_variables() if "cell_%d/" % i in v.name) for i in range(LAYERS)
    ]


@pytest.mark.parametrize("how", ["static", "dynamic"])
def test_report_says_what_the_runtime_did(how, graph, capsys):
    """Rows that repeat the wish, that miss a loop's body, or that count wrong; a report that is not printed."""
    inputs, _, train = build(how)
    feed = {inputs: helpers.make_sequence()}
    with new_session() as session:
        start(session)
        truth = {node.name: node for node in traced(session, train.op, feed)}
        found = placement.placement_report(graph, session, train.op, feed)
    rows = {row.op: row for row in found.rows}
    assert all((row.given, row.kind) == (truth[row.op].device, truth[row.op].op) for row in found.rows)
    for name, node in truth.items():
        if "MatMul" in node.op and layer(node) is not None:
            assert rows[name].layer == "cell_%d" % layer(node)
            assert rows[name].part == ("gradient" if "gradients" in name else "forward")
            assert rows[name].wanted == "/device:CPU:%d" % layer(node)
            assert len(rows[name].times) == (TIME if how == "dynamic" else 1)
            assert all(0 <= end - start < 1e7 for start, end in rows[name].times)
    assert {row.variable: row.bytes for row in found.rows if row.variable.endswith(("kernel", "bias"))} == {
        v.op.name: 4 * v.shape.num_elements() for v in tf.trainable_variables()
    }
    assert {row.part for row in found.rows} == {"forward", "gradient", "update"}
    assert len(found.rows) + sum(found.own.values()) == len(truth)
    assert not found.moved
    assert sum(group.ops for group in found.groups) == len(found.rows)
    of_layer_1 = [group for group in found.groups if group.layer == "cell_1" and group.variables]
    assert [(group.part, group.given[-5:], len(group.variables)) for group in of_layer_1] == [("forward", "CPU:1", 2)]
    printed = capsys.readouterr()
    assert found.text in printed.out
    assert re.search(
        r"cell_1 +forward +CPU:1 +CPU:1 +%d +basic_lstm_cell/bias, basic_lstm" % of_layer_1[0].ops, found.text
    )
    assert "MOVED" not in printed.out + printed.err


def test_what_is_sent(graph):
    """Outputs or gradients that go round by a third device, weights that travel, bytes that are counted wrong."""
    inputs, outputs, train = build("static")
    one_way = 4 * TIME * BATCH * UNITS  # every step's h up, and its gradient down
    feed = {inputs: helpers.make_sequence()}
    with new_session() as session:
        start(session)
        names = [node.name for node in traced(session, train.op, feed) if is_transfer(node)]
        forward = placement.placement_report(graph, session, outputs, feed)
        both = placement.placement_report(graph, session, train.op, feed)
    sent = {(t.source[-1], t.target[-1]): t for t in forward.transfers}
    assert (sent["1", "2"].tensors, sent["1", "2"].bytes) == (TIME, one_way)
    assert sent["2", "0"].bytes == one_way  # the outputs are stacked on the default device
    assert ("1", "0") not in sent and ("2", "1") not in sent
    sent = {(t.source[-1], t.target[-1]): t for t in both.transfers}
    assert sent["1", "2"].bytes == sent["2", "1"].bytes == one_way
    assert one_way <= sent["1", "0"].bytes < 1.2 * one_way
    assert "from CPU:2 to CPU:1: tensors %d, bytes %d" % (sent["2", "1"].tensors, one_way) in both.text
    assert not [name for name in names if re.search("cell_./.*(kernel|bias)", name) and "update_" not in name]


@pytest.mark.parametrize("how", ["static", "dynamic"])
def test_whole_lists_are_not_sent(how, graph):
    """The lists of a loop, which hold all steps so far, sent to another device at every step."""
    inputs, _, train = build(how, "gru")
    with new_session() as session:
        start(session)
        nodes = traced(session, train.op, {inputs: helpers.make_sequence()})
    sent = {tf.as_dtype(node.attr["T"].type) for node in nodes if node.op in ("_Send", "_HostSend")}
    assert tf.float32 in sent
    assert tf.variant not in sent and tf.resource not in sent


@pytest.mark.parametrize(("how", "cell"), [SLOWLY("static", "lstm"), ("dynamic", "gru")])
def test_equal_to_one_device(how, cell):
    """Outputs, or weights after three updates, that depend on where the layers are."""
    results = []
    for places in (["/cpu:2", "/cpu:0", "/cpu:1"], PLACES[:1] * LAYERS):
        with tf.Graph().as_default(), new_session() as session:
            inputs, outputs, train = build(how, cell, places)
            start(session)
            feed = {inputs: helpers.make_sequence()}
            before = session.run(outputs, feed)
            for _ in range(3):
                session.run(train.op, feed)
            results.append([before] + session.run(tf.trainable_variables()))
    for other in results[1:]:
        for mine, theirs in zip(results[0], other):
            helpers.assert_near(mine, theirs, 1e-5)


def test_two_directions_on_two_devices(graph):
    """Two loops whose bodies have ops of the same names on different devices: the gradient is refused, or wrong."""
    results = []
    for places in (PLACES[:2], PLACES[:1] * 2):
        with tf.Graph().as_default(), new_session() as session:
            cells = [stack.make_cell("gru", UNITS, 2, devices=[place] * 2) for place in places]
            x = tf.constant(helpers.make_sequence(), tf.float32)
            outputs, _ = rnn_tf1.bidirectional_rnn(*cells, inputs=x, dtype=tf.float32)
            train = build_train_op(helpers.loss_of(outputs), 0.1, tf.train.get_or_create_global_step())
            start(session)
            rows = placement.placement_report(session.graph, session, [train.gradient_norm], {}).rows
            results.append(session.run(train.gradient_norm))
            for row in rows:
                if "MatMul" in row.kind and row.part == "forward":
                    assert row.given[-1] == ("1" if row.layer.startswith("bw") and places == PLACES[:2] else "0"), row
    helpers.assert_near(results[0], results[1], 1e-6)


def test_gradients_without_devices_are_left_alone(graph):
    """A graph that asks for no device, and gets one."""
    inputs = tf.placeholder(tf.float32, [None, TIME, DEPTH])
    outputs, _ = rnn_tf1.dynamic_rnn(stack.make_cell("basic", UNITS, 2), inputs)
    build_train_op(tf.reduce_sum(outputs), 0.1, tf.train.get_or_create_global_step())
    assert not {node.device for node in requests.RequestedDevices(graph).nodes()} - {""}


# ----------------------------------------------------------------------------------------------------- moved, or missing


def test_what_soft_placement_moves_is_loud(graph, capsys):
    """A layer that was asked for on a GPU that is not there, runs elsewhere, and nobody says so."""
    inputs, outputs, _ = build("dynamic", places=["/cpu:0", "/gpu:7", "/cpu:2"])
    feed = {inputs: helpers.make_sequence()}
    with new_session() as session:
        start(session)
        truth = [node for node in traced(session, outputs, feed) if "MatMul" in node.op]
        found = placement.placement_report(graph, session, outputs, feed)
    assert {node.device[-5:] for node in truth if layer(node) == 1} == {"CPU:0"}
    assert {row.layer for row in found.moved if row.layer} == {"cell_1"}
    assert {node.name for node in truth if layer(node) == 1} <= {row.op for row in found.moved}
    assert [row.variable.split("/")[-1] for row in found.moved if row.variable] == ["bias", "kernel"]
    assert {(row.wanted, row.given[-5:]) for row in found.moved} == {("/device:GPU:7", "CPU:0")}
    inside = sum(row.layer == "cell_1" for row in found.moved)
    outside = len(found.moved) - inside
    line = "WARNING: SOFT PLACEMENT MOVED %d OPS: %d OF CELL_1 FROM GPU:7 TO CPU:0" % (len(found.moved), inside)
    line += "; %d OF NO LAYER FROM GPU:7 TO CPU:0" % outside if outside else ""
    printed = capsys.readouterr()
    assert line + ".\n" in printed.err and line + ".\n" in printed.out
    assert "%s (%s): wanted GPU:7, given CPU:0" % (found.moved[0].op, found.moved[0].kind) in printed.out
    assert "and %d more" % (len(found.moved) - 12) in printed.out


def test_a_missing_device_is_named(graph):
    """A run that fails in the middle, or goes on elsewhere, for a device that does not exist."""
    build("static", places=["/cpu:0", "/gpu:7", "/cpu:2"])
    with new_session() as session:
        message = r"no device /device:GPU:7, which the op (\S+) requests\. There are: CPU:0, CPU:1, CPU:2\b.*-m rnn_tf1.doctor"
        with pytest.raises(GraphError, match=message) as caught:
            requests.check_devices(graph, session)
        assert graph.get_operation_by_name(re.search(message, str(caught.value)).group(1)).device == "/device:GPU:7"


@pytest.mark.parametrize("inside", ["loop", "function"])
def test_a_missing_device_in_a_body(inside, graph):
    """A device that only the body of a loop, or a function, asks for."""

    def body(x):
        with tf.device("/cpu:4"):
            return tf.tanh(x)

    if inside == "loop":
        tf.while_loop(lambda x: x < 3.0, body, [tf.constant(1.0)])
    else:
        tf.function(body)(tf.constant(1.0))
    with new_session() as session, pytest.raises(GraphError, match=r'device:CPU:4.*device_count=\{"CPU": 5\}'):
        requests.check_devices(graph, session)
    with new_session(5) as session:
        requests.check_devices(graph, session)


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (["/cpu:0", "/cpu:3"], r'no device /cpu:3\. There are: CPU:0, CPU:1, CPU:2\. .*device_count=\{"CPU": 4\}'),
        (["/device:TPU:0"], "no device /device:TPU:0.*doctor"),
        (["/job:worker/task:1"], "no device /job:worker/task:1.*Add that task to the cluster"),
        (["/cpu:x"], "'/cpu:x' is not a device"),
    ],
)
def test_a_list_of_devices(wanted, text, graph):
    """A wrong device that is let through, or a message without the line that fixes it."""
    with new_session() as session:
        requests.check_devices(["/cpu:2", "/job:localhost", "", "/replica:0/task:0/device:CPU:1"], session)
        with pytest.raises(GraphError, match=text):
            requests.check_devices(wanted, session)


def test_short_names():
    """Devices of two tasks that look alike."""
    full = "/job:%s/replica:0/task:1/device:CPU:2"
    assert requests.short(full % "localhost") == "CPU:2"
    assert requests.short(full % "worker") == "worker:1/CPU:2"
    assert requests.short("/gpu:3") == "GPU:3"
    assert requests.short("/job:ps") == "ps:*"
    assert requests.short("") == "anywhere"


def test_layers_of_names():
    """Ops of another layer or direction under one name."""
    assert placement.layer_of("gradients/rnn/while/multi_rnn_cell/cell_1/lstm_cell/MatMul_grad/MatMul") == "cell_1"
    assert placement.layer_of("stack_bidirectional_rnn/cell_2/bidirectional_rnn/bw/bw/gru_cell/add") == "cell_2/bw/bw"
    assert placement.layer_of("my_cell_1/dense/MatMul") == ""


# ------------------------------------------------------------------------------------------- advice, picture and example


def row(layer, given, *times):
    return placement.Placed(layer, "forward", "op", "Op", "", 0, "", given, times)


def test_overlap():
    """Layers on one device counted as running at once, or ops outside the layers; time in which nothing runs."""

    def overlap(*rows):
        return placement.Placement(list(rows), [], {}, "").overlap

    assert overlap() == 0
    assert overlap(row("cell_0", "a", (10, 20)), row("cell_1", "b", (15, 30), (40, 50))) == 5 / 30
    assert overlap(row("cell_0", "a", (10, 20)), row("cell_1", "a", (15, 30)), row("", "b", (0, 90))) == 0
    assert overlap(row("cell_0", "a", (0, 4)), row("cell_1", "b", (0, 4)), row("cell_2", "c", (2, 5))) == 4 / 5


def test_advice_follows_the_measurement():
    """Advice that says the same whatever was measured."""
    gpus = ["/gpu:0", "/gpu:1"]
    assert "Here that pays off: a step is 1.50 times as fast" in requests.advice(0.2, 0.3, gpus)
    assert "a step takes as long as on one device. Layer 2" in requests.advice(0.2, 0.2, gpus)
    slower = requests.advice(0.3, 0.2, ["/cpu:0", "/cpu:1"])
    assert "a step takes 1.50 times as long as on one device" in slower and "virtual devices" in slower
    assert "virtual" not in requests.advice(0.3, 0.2, gpus)


def test_count_of_cpus():
    """A session with fewer devices than are named, or with as many as there are GPUs."""
    assert requests.cpu_count(["/cpu:0", "/cpu:3", "/gpu:6"]) == 4
    assert requests.cpu_count(["/gpu:6"]) == 1


def test_what_is_drawn(tmp_path):
    """Layers in another order, times of another unit, or bytes of another direction in the picture; a picture that fails."""
    rows = [row("", "/cpu:0", (1000, 2000)), row("cell_1", "/cpu:1", (3000, 7500))]
    rows += [rows[1]._replace(layer="cell_0", given="/cpu:0", variable="v", bytes=2500, times=())]
    layers, spans, crossing = placement.drawn(
        placement.Placement(rows, [placement.Transfer("/cpu:1", "/cpu:0", 3, 70)], {}, "")
    )
    assert [name for name, _ in layers] == ["cell_0", "cell_1", "the rest"]
    assert layers[0][1] == "CPU:0: 1 ops\nvariables: 2.5 kB"
    assert sorted(spans) == [(1, "forward", 2.0, 6.5), (2, "forward", 0.0, 1.0)]
    assert crossing == {("CPU:1", "CPU:0"): 70}
    for number, sent in enumerate([crossing, {}]):
        path = str(tmp_path / ("%d.png" % number))
        assert picture.placement(layers, spans, sent, path) == path
        assert os.path.getsize(path) > 5000


@pytest.mark.slow
@pytest.mark.parametrize(
    "flags", [["--layers", 2, "--cell", "basic"], ["--unroll", "dynamic", "--devices", "/cpu:2,/cpu:0,/cpu:2"]]
)
def test_example(flags, call, tmp_path):
    """A crash; figures or a picture that are missing; figures of another run than the flags say."""
    code, out, err = call("multi_device", "--quick", "--out-dir", tmp_path, *flags)
    assert code == 0, err
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert metrics["devices"] == (["/cpu:0", "/cpu:1"] if "--layers" in flags else ["/cpu:2", "/cpu:0", "/cpu:2"])
    ratio = metrics["one_device_step_milliseconds"] / metrics["step_milliseconds"]
    assert abs(metrics["ratio"] - ratio) < 1e-9 and 0.05 < ratio < 20
    assert metrics["loss_difference"] < 1e-5
    assert metrics["moved_ops"] == 0 and metrics["bytes_sent"] > 28 * 30 * 32 * 4
    assert metrics["data"] == "generated: random inputs"
    assert re.search(r"cell_1 +forward +CPU:%d +CPU:%d " % ((1, 1) if "--layers" in flags else (0, 0)), out)
    assert "ratio %.2f" % metrics["ratio"] in out
    assert (tmp_path / "placement.png").stat().st_size > 5000
    assert "rounds" in err and "Traceback" not in err


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (["--layers", 1, "--cell", "basic", "--devices", "/gpu:7"], "There is no device /device:GPU:7"),
        pytest.param(["--devices", "/cpu:0,/cpu:1"], "There are 3 layers but 2 devices", marks=pytest.mark.slow),
        pytest.param(["--devices", "/cpu:0,cpu;1,/cpu:1"], "is not a device", marks=pytest.mark.slow),
    ],
)
def test_mistakes_end_with_one_message_and_code_2(flags, text, call, tmp_path):
    """A traceback for a person's mistake."""
    code, _, err = call("multi_device", "--quick", "--out-dir", tmp_path, *flags)
    assert code == 2
    assert text in err and "Traceback" not in err


def test_no_state_is_left_on_another_device():
    """The states before the first step of a layer on the default device."""
    with tf.Graph().as_default() as graph:
        cell = stack.make_cell("lstm", UNITS, LAYERS, devices=PLACES)
        state = cell.zero_state(BATCH, tf.float32)
        wanted = [tensor.device for tensor in tf.nest.flatten(state)]
        assert wanted == ["/device:CPU:%d" % i for i in range(LAYERS) for _ in "ch"]
        with tf.Session(graph=graph, config=tf.ConfigProto(device_count={"CPU": LAYERS})) as session:
            assert all(np.array_equal(part, np.zeros([BATCH, UNITS])) for part in session.run(tf.nest.flatten(state)))
