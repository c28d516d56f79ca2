"""Graphs as drawings: every op in one box, the arrows of the graph and no others, words that say what is there."""

import collections
import functools
import random
import re
import types
import xml.etree.ElementTree as ElementTree

import pytest
import tensorflow.compat.v1 as tf

from rnn_tf1 import BasicRNNCell, LSTMCell, Mode, MultiRNNCell, dynamic_rnn, static_rnn
from rnn_tf1.errors import GraphError
from rnn_tf1.models.classifier import ClassifierConfig, build_classifier
from rnn_tf1.models.language_model import LanguageModelConfig, build_language_model
from rnn_tf1.models.seq2seq import Seq2SeqConfig, build_seq2seq
from rnn_tf1.plotting.graph_drawing import folding, layered
from rnn_tf1.plotting.graph_drawing.graph import show_graph
from rnn_tf1.training.optimize import build_train_op

TIME, DEPTH, UNITS, ABOVE = 3, 4, 5, 6


def inputs(time=TIME):
    return tf.placeholder(tf.float32, [None, time, DEPTH], name="inputs")


def static():
    static_rnn(BasicRNNCell(UNITS), inputs())


def dynamic():
    dynamic_rnn(BasicRNNCell(UNITS), inputs(None))


def layers():
    dynamic_rnn(MultiRNNCell([LSTMCell(UNITS), LSTMCell(ABOVE)]), inputs())


def static_layers(time=TIME):
    static_rnn(MultiRNNCell([LSTMCell(UNITS), LSTMCell(ABOVE)]), inputs(time))


def language_model():
    build_language_model(
        LanguageModelConfig(vocabulary=50, units=8, steps=4, batch_size=2, unroll="dynamic"), Mode(True)
    )


def attention():
    sizes = Seq2SeqConfig(source_vocabulary=14, target_vocabulary=15, units=6, depth=5, cell="gru")
    build_seq2seq(sizes, Mode(False))


def trained():
    net = build_classifier(ClassifierConfig(units=8, steps=4, unroll="dynamic"), Mode(True))
    build_train_op(net.loss, 1e-3, tf.train.get_or_create_global_step(), 5.0)
    tf.summary.scalar("loss", net.loss)
    tf.train.Saver()
    tf.global_variables_initializer()


def branches():
    """A condition, a loop in a loop, and a constant of whole numbers."""
    x = tf.placeholder(tf.float32, [], name="x")
    y = tf.cond(x > 0, lambda: x * 2.0, lambda: x - 1.0)

    def inner(i, z):
        return i + 1, z + y

    def outer(i, z):
        return i + 1, tf.while_loop(lambda j, _: j < 3, inner, [0, z])[1]

    tf.while_loop(lambda i, _: i < 2, outer, [0, x], name="outer")
    tf.reduce_sum(tf.constant([[1, 2], [3, 4]], name="table"), name="total")


BUILDERS = (static, dynamic, layers, static_layers, language_model, attention, trained, branches)


@functools.lru_cache(maxsize=None)
def built(builder):
    with tf.Graph().as_default() as graph:
        builder()
    return graph


@functools.lru_cache(maxsize=None)
def drawn(builder):
    return show_graph(built(builder))


@pytest.fixture(params=[False, True], ids=["enter-exit", "while-op"])
def control_flow(request):
    """Loops in both of their forms, on either TensorFlow."""
    before = tf.control_flow_v2_enabled()
    (tf.enable_control_flow_v2 if request.param else tf.disable_control_flow_v2)()
    yield request.param
    (tf.enable_control_flow_v2 if before else tf.disable_control_flow_v2)()


def owners(drawing):
    found = collections.defaultdict(list)
    for place, box in enumerate(drawing.boxes):
        for op in box.ops:
            found[op.name].append(place)
    return found


def of_kind(drawing, kind):
    return [place for place, box in enumerate(drawing.boxes) if box.kind == kind]


def words(svg):
    """All that is written in the drawing, without what the pointer shows."""
    return [element.text for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def hints(svg):
    return [element.text for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}title")]


def check_whole(graph, drawing, most):
    """Every op is in one box or left out; arrows are those of the graph; no circle; not too many boxes."""
    found = owners(drawing)
    for op in graph.get_operations():
        assert len(found[op.name]) + (op.name in drawing.left_out) == 1, op.name
    expected = collections.defaultdict(set)
    for op in graph.get_operations():
        for tensor in op.inputs:
            ends = found[tensor.op.name] + found[op.name]
            if len(ends) == 2 and ends[0] != ends[1]:
                expected[tuple(ends)].add(tensor.name)
    assert {edge: {tensor.name for tensor in tensors} for edge, tensors in drawing.edges.items()} == expected
    assert all(len({tensor.name for tensor in tensors}) == len(tensors) for tensors in drawing.edges.values())
    assert all(source < target for source, target in drawing.edges)
    assert len(drawing.boxes) <= most


# ------------------------------------------------------------------------------------------------------ whole and true


@pytest.mark.parametrize("builder", BUILDERS)
def test_every_op_and_every_edge(builder):
    """An op that is lost or in two boxes, an arrow that the graph does not have, boxes in a circle, too many boxes."""
    check_whole(built(builder), drawn(builder), 24)


@pytest.mark.parametrize("most", [2, 7, 60])
@pytest.mark.parametrize("builder", [language_model, attention, trained])
def test_fewer_and_more_boxes(builder, most):
    """Boxes joined into a circle, or not joined enough, where there is little room."""
    check_whole(built(builder), show_graph(built(builder), most), most)


@pytest.mark.parametrize("builder", [dynamic, layers, trained, branches])
def test_both_forms_of_loops(builder, control_flow):
    """A loop that falls apart in the form that this TensorFlow does not use by default."""
    if builder is trained and control_flow and tf.version.VERSION.startswith("1."):
        pytest.skip("TensorFlow 1.15 cannot differentiate tf.custom_gradient in its new loops")
    with tf.Graph().as_default() as graph:
        builder()
    drawing = show_graph(graph)
    check_whole(graph, drawing, 24)
    assert len(of_kind(drawing, "loop")) == 1
    everything = show_graph(
        graph, 60, show=["gradients", "initializers", "savers", "summaries", "checks", "copies", "sizes"]
    )
    check_whole(graph, everything, 60)
    assert not everything.left_out
    assert len(of_kind(everything, "loop")) == (2 if builder is trained else 1)


@pytest.mark.parametrize("builder", BUILDERS)
def test_same_text_for_the_same_graph(builder):
    """An order that comes from a set, or from how often functions were made before: another drawing on each run."""
    with tf.Graph().as_default() as graph:
        builder()
    assert show_graph(graph).svg == drawn(builder).svg


@pytest.mark.parametrize("builder", BUILDERS)
def test_svg_is_whole_and_needs_nothing(builder):
    """Text that is no XML; scripts, fonts and pictures from elsewhere."""
    svg = drawn(builder).svg
    root = ElementTree.fromstring(svg)
    assert {element.tag.split("}")[1] for element in root.iter()} <= {"svg", "rect", "text", "g", "title", "path"}
    assert set(re.findall(r"https?://[^\"]*", svg)) == {"http://www.w3.org/2000/svg"}
    assert "url(" not in svg
    assert len(svg) < 120000
    boxes = len(drawn(builder).boxes) + len(drawn(builder).edges)
    assert len(hints(svg)) == boxes


# ------------------------------------------------------------------------------------------------------ what it looks like


def op(name, *sources):
    return types.SimpleNamespace(name=name, type="Op", inputs=[types.SimpleNamespace(op=source) for source in sources])


def test_an_op_joins_the_nearest_group_of_its_scope():
    """An op that is drawn in the first box of its scope, far from the op before it."""
    first = op("a/1")
    between = op("b/1", first)
    second, third = op("a/2", between), op("a/3")
    keys = {name: ("scope", name[0]) for name in ("a/1", "b/1", "a/2", "a/3")}
    groups = folding._convex([[first], [between], [second], [third]], keys)
    assert [members for _, members in groups] == [[first], [between], [second, third]]


@pytest.mark.parametrize("seed", range(20))
def test_joined_boxes_are_no_circle(seed):
    """Two boxes that become one although a third reads one of them and is read by the other."""
    chance, ops = random.Random(seed), []
    for number in range(7):
        ops.append(op("s%d/x" % number, *chance.sample(ops, min(len(ops), chance.randint(1, 2)))))
    chance.shuffle(ops)
    groups = [(("scope", one.name[:2]), [one]) for one in ops]
    after = folding._readers(groups)

    def reached(place):
        return {place}.union(*map(reached, after[place]))

    pair = folding._best_pair(groups, after)
    for place, other in (pair, pair[::-1]):
        assert not any(other in reached(third) for third in after[place] if third != other)


def test_static_calls():
    """Steps that are one box, so that nobody sees that a static graph has the cell once for each."""
    drawing = drawn(static)
    calls = of_kind(drawing, "layer")
    assert [drawing.boxes[place].calls for place in calls] == [(1, 1, 3), (2, 2, 3), (3, 3, 3)]
    (stored,) = of_kind(drawing, "variables")
    (fed,) = of_kind(drawing, "input")
    for before, call in zip([None] + calls, calls):
        read = {source for source, target in drawing.edges if target == call}
        assert stored in read
        assert before is None or before in read
    assert [len(drawing.edges[(stored, call)]) for call in calls] == [2, 2, 2]
    assert not any(source == fed and target in calls for source, target in drawing.edges)  # through the unstacking
    written = words(drawing.svg)
    assert ["call %d of 3" % step in written for step in range(1, 5)] == [True, True, True, False]
    assert written.count("basic_rnn_cell") == 4
    assert {"kernel [9, 5]", "bias [5]", "[?, 3, 4] float32", "[?, 3, 4]", "[?, 4]", "[?, 5]"} <= set(written)
    kinds = dict(drawing.boxes[calls[1]].kinds)
    assert kinds["MatMul"] == kinds["Tanh"] == kinds["BiasAdd"] == 1
    assert any(
        re.search(r"rnn/rnn/basic_rnn_cell\n5 ops: .*MatMul.*\ncall 2 of 3", hint) for hint in hints(drawing.svg)
    )


def test_static_layers():
    """Layers and steps that are mixed up: each call reads the layer below at the same step, and its own last step."""
    drawing = drawn(static_layers)
    place = {(drawing.boxes[p].scope[-16:-10], drawing.boxes[p].calls[0]): p for p in of_kind(drawing, "layer")}
    assert sorted(place) == [(cell, call) for cell in ("cell_0", "cell_1") for call in (1, 2, 3)]
    between = {(s, t) for s, t in drawing.edges if s in place.values() and t in place.values()}
    expected = {(place["cell_0", step], place["cell_1", step]) for step in (1, 2, 3)}
    expected |= {(place[cell, step], place[cell, step + 1]) for cell in ("cell_0", "cell_1") for step in (1, 2)}
    assert between == expected
    assert "cell_0/lstm_cell" in words(drawing.svg)
    assert "2 \u00d7 [?, 5]" in words(drawing.svg)  # c and h


def test_many_calls():
    """A graph of so many steps that no box is left for anything else."""
    with tf.Graph().as_default() as graph:
        static_layers(20)
    drawing = show_graph(graph)
    check_whole(graph, drawing, 24)
    written = words(drawing.svg)
    assert [written.count(text) for text in ("call 1 of 20", "calls 2 to 19 of 20", "call 20 of 20")] == [2, 2, 2]
    shorter = show_graph(graph, 8)
    assert words(shorter.svg).count("calls 1 to 20 of 20") == 2


def test_dynamic_loop(control_flow):
    """A loop whose inside is spread over the drawing, or that says nothing of what it runs."""
    with tf.Graph().as_default() as graph:
        state = dynamic_rnn(BasicRNNCell(UNITS), inputs(None))[1]
        tf.tanh(state, name="last")
    drawing = show_graph(graph)
    (loop,) = of_kind(drawing, "loop")
    assert drawing.boxes[loop].inside == ("basic_rnn_cell",)
    kinds = dict(drawing.boxes[loop].kinds)
    assert kinds["MatMul"] == kinds["Tanh"] == 1
    read = [drawing.boxes[source] for source, target in drawing.edges if target == loop]
    assert sorted(box.kind for box in read) == ["op", "scope", "variables"]
    assert {box.ops[0].type for box in read} >= {"Transpose", "Fill"}
    above = [drawing.boxes[target] for source, target in drawing.edges if source == loop]
    assert sorted(box.ops[0].type for box in above) == ["Tanh", "Transpose"]
    assert len(drawing.boxes) == 7
    written = words(drawing.svg)
    assert "while loop" in written
    assert "basic_rnn_cell" in written


def test_layers_in_a_loop(control_flow):
    """Layers of one loop that cannot be told apart."""
    with tf.Graph().as_default() as graph:
        layers()
    drawing = show_graph(graph)
    (loop,) = of_kind(drawing, "loop")
    assert drawing.boxes[loop].inside == ("multi_rnn_cell/cell_0/lstm_cell", "multi_rnn_cell/cell_1/lstm_cell")
    written = words(drawing.svg)
    assert written.index("cell_0/lstm_cell") < written.index("cell_1/lstm_cell")
    (stored,) = of_kind(drawing, "variables")
    assert "cell_1/lstm_cell/kernel [11, 24]" in written
    assert len(drawing.edges[(stored, loop)]) == 4


def test_two_directions_and_a_decoder():
    """Three loops of which nobody knows which is which; the parts of a translator that are not there."""
    drawing = drawn(attention)
    assert len(of_kind(drawing, "loop")) == 3
    written = words(drawing.svg)
    assert {"fw", "bw", "decoder", "attention_wrapper/bahdanau_attention"} <= set(written)
    assert {"source", "source_lengths", "inputs", "targets", "lengths"} <= set(written)
    assert {"encoder/embedding_lookup", "decoder/embedding_lookup"} <= set(written)
    assert "and 1 more" in written  # of seven variables


def test_language_model():
    """Feeds with a default that are taken for constants; carried state that is not there."""
    drawing = drawn(language_model)
    written = words(drawing.svg)
    assert {"inputs", "targets", "weights", "begins", "state_3 [2, 8]", "embedding", "softmax_w"} <= set(written)
    assert "scalar bool" in written


# ------------------------------------------------------------------------------------------------------------- left out


def test_left_out():
    """Gradients and savers that are drawn; a loss that is not."""
    graph, drawing = built(trained), drawn(trained)
    found = owners(drawing)
    kind = drawing.left_out
    for op in graph.get_operations():
        if op.name.startswith(("gradients/", "Adam", "clip_by_global_norm", "beta1_power", "global_step")):
            assert kind[op.name] in ("gradients", "initializers", "sizes", "savers"), op.name
        if op.name.startswith("save/"):
            assert kind[op.name] in ("savers", "sizes"), op.name
        if "/Adam" in op.name and not op.name.startswith(("Adam", "save")):
            assert op.name in kind, op.name
    assert (
        kind["dense/kernel/Initializer/random_uniform"] == kind["dense/kernel/Assign"] == kind["init"] == "initializers"
    )
    assert kind["loss"] == "summaries"
    for name in ("Mean", "Mean_1", "dense/MatMul", "dense/kernel", "inputs", "labels"):
        assert name in found, name
    (note,) = [text for text in words(drawing.svg) if text.startswith("Left out: ")]
    assert "gradients (%d)" % list(kind.values()).count("gradients") in note


def test_shown_when_asked_for():
    """Gradients that stay away when they are asked for."""
    graph = built(trained)
    with_gradients = show_graph(graph, show=["gradients"])
    check_whole(graph, with_gradients, 24)
    assert "gradients" not in with_gradients.left_out.values()
    assert "savers" in with_gradients.left_out.values()
    assert any(op.name.startswith("gradients/dense/MatMul_grad") for box in with_gradients.boxes for op in box.ops)


def test_checks_and_sizes(graph):
    """Assertions and shapes between the boxes; data and lengths that are left out with them."""
    x, lengths = inputs(None), tf.placeholder(tf.int32, [None], name="lengths")
    dynamic_rnn(BasicRNNCell(UNITS), x, lengths)
    tf.identity(tf.constant([[0.5, 1.5]]), name="answer")
    drawing = show_graph(graph)
    check_whole(graph, drawing, 24)
    reasons = collections.Counter(drawing.left_out.values())
    assert reasons["checks"] > 10
    assert reasons["sizes"] > 20
    types = {op.type for box in drawing.boxes if box.kind != "loop" for op in box.ops}
    assert not types & {"Assert", "Shape", "All", "LessEqual"}
    assert {"Const", "Placeholder"} <= types
    written = words(drawing.svg)
    assert {"lengths", "[?] int32", "Const", "[1, 2] float32", "answer"} <= set(written)


def test_unread_reading_does_not_keep_a_slot(graph):
    """The reading that TensorFlow makes with each variable taken for a use of it; a variable nobody uses left out."""
    with tf.variable_scope("alone"):
        tf.get_variable("kept", [2, 3])
    drawing = show_graph(graph)
    assert "alone/kept" in owners(drawing)
    assert "[2, 3]" in words(drawing.svg)


def test_opened_scope():
    """A cell that cannot be looked into."""
    drawing = show_graph(built(static), opened=["rnn/rnn/basic_rnn_cell"])
    check_whole(built(static), drawing, 24)
    assert {"MatMul", "MatMul_1", "MatMul_2", "Tanh", "BiasAdd_2", "concat"} <= set(words(drawing.svg))
    assert not of_kind(drawing, "layer")


def test_small_graph_is_not_folded(graph):
    """Three ops hidden in a box because they have a scope."""
    with tf.name_scope("all"):
        x = tf.placeholder(tf.float32, [2, 3], name="x")
        tf.tanh(tf.matmul(x, tf.ones([3, 4])) + x[:, :1], name="y")
    drawing = show_graph(graph)
    check_whole(graph, drawing, 24)
    assert {"x", "MatMul", "y"} <= set(words(drawing.svg))


def test_many_inputs_do_not_make_a_graph_large(graph):
    """Two ops hidden in the box of their scope because the inputs are counted with the boxes."""
    x = [tf.placeholder(tf.float32, [2, 3], name="x%d" % number) for number in range(5)]
    with tf.name_scope("all"):
        tf.tanh(tf.add_n(x), name="y")
    assert {"AddN", "y"} <= set(words(show_graph(graph).svg))


# ------------------------------------------------------------------------------------------- names, emptiness, mistakes


class FakeGraph(object):
    """Ops by name, in a row: no TensorFlow takes such names."""

    def __init__(self, names):
        kind = types.SimpleNamespace(name="float32", is_integer=False, is_bool=False)
        shape = types.SimpleNamespace(rank=2, as_list=lambda: [None, 3])
        self._ops = []
        for name in names:
            before = [op.outputs[0] for op in self._ops[-1:]]
            op = types.SimpleNamespace(name=name, type="Placeholder" if not before else "Op<%s>" % name, inputs=before)
            op.control_inputs = []
            op.outputs = [types.SimpleNamespace(name=name + ":0", op=op, dtype=kind, shape=shape)]
            self._ops.append(op)

    def get_operations(self):
        return self._ops


def test_hostile_names():
    """A name that ends the SVG and begins something else."""
    names = ['in<"put&', "</text><script>alert(1)</script>", "b\x01c'd]]>", "\u65e5\u672c"]
    svg = show_graph(FakeGraph(names)).svg
    assert "<script" not in svg
    written = words(svg)
    assert names[0] in written
    assert any("alert(1)" in hint for hint in hints(svg))
    assert "b\ufffdc'd]]>" in written
    assert names[3] in written
    label = ElementTree.fromstring(svg).get("aria-label")
    assert label.startswith('A graph of 4 boxes: in<"put&, ')


def test_empty_graph(tmp_path):
    """An empty picture, or an error, where there is nothing."""
    drawing = show_graph(tf.Graph())
    assert words(drawing.svg) == ["The graph is empty: it has no op."]
    assert drawing.boxes == []
    assert drawing.edges == {}


def test_only_left_out(graph):
    """A graph in which nothing is left to draw called empty."""
    tf.zeros([2, 3])
    written = words(show_graph(graph).svg)
    assert written == ["Left out: constants and sizes (%d)." % len(graph.get_operations())]


def test_saved_and_shown(tmp_path):
    """A file that is not the drawing; a notebook that shows nothing."""
    drawing = drawn(static)
    path = str(tmp_path / "graph.svg")
    assert drawing.save(path) == path
    with open(path, encoding="utf-8") as file:
        assert file.read() == drawing.svg == drawing._repr_svg_()
    assert drawing.svg in drawing._repr_html_()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"graph": None}, "NoneType is no graph. Give a tf.Graph: show_graph(tf.get_default_graph())"),
        ({"most": 1}, "most is 1; there must be room for at least 2"),
        ({"show": "gradients"}, "show is a list of names: show=['gradients']"),
        ({"show": ["gradient"]}, "there is no 'gradient' to show; there are: gradients, initializers, savers"),
        ({"opened": ["basic_rnn_cell"]}, "no op stands in the scope 'basic_rnn_cell'; near it are: rnn/basic_rnn_cell"),
        ({"opened": ["nowhere"]}, "no op stands in the scope 'nowhere'."),
    ],
)
def test_mistakes(arguments, text):
    """A mistake that draws something else than was asked for."""
    with pytest.raises(GraphError) as error:
        show_graph(**dict({"graph": built(static)}, **arguments))
    assert text in str(error.value)


# --------------------------------------------------------------------------------------------------------------- layout


def random_boxes(seed):
    choose = random.Random(seed)
    count = choose.randint(2, 25)
    edges = {(s, t) for t in range(count) for s in range(t) if choose.random() < 2.0 / count}
    sizes = [(choose.uniform(30, 200), choose.uniform(20, 120)) for _ in range(count)]
    sources = [node for node in range(count) if not any(target == node for _, target in edges)]
    return sizes, edges, sources[: choose.randint(0, 2)]


@pytest.mark.parametrize("seed", range(12))
def test_layout(seed):
    """Boxes that cover each other or stick out, arrows that run down, or through boxes."""
    sizes, edges, lowest = random_boxes(seed)
    layout = layered.lay_out(sizes, edges, lowest)
    spans = [(x - w / 2, y - h / 2, x + w / 2, y + h / 2) for (x, y), (w, h) in zip(layout.centers, sizes)]
    for left, top, right, bottom in spans:
        assert left >= -1e-6
        assert right <= layout.width + 1e-6
        assert top >= -1e-6
        assert bottom <= layout.height + 1e-6
    for one in range(len(spans)):
        for other in range(one):
            a, b = spans[one], spans[other]
            assert a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1], (one, other)
    assert set(layout.routes) == edges
    for (source, target), way in layout.routes.items():
        assert all(before[1] >= after[1] for before, after in zip(way, way[1:]))
        assert way[0][1] == pytest.approx(spans[source][1])
        assert way[-1][1] == pytest.approx(spans[target][3])
        assert spans[source][0] <= way[0][0] <= spans[source][2]
        assert spans[target][0] <= way[-1][0] <= spans[target][2]
        assert len(way) % 2 == 0
        for (x, low), (_, high) in zip(way[1:-1:2], way[2:-1:2]):  # the parts beside rows
            assert not any(a < x < c and b < low and high < d for a, b, c, d in spans)
    if lowest:
        bottoms = {round(layout.centers[node][1], 6) for node in lowest}
        assert len(bottoms) == 1
        assert max(y for _, y in layout.centers) == pytest.approx(bottoms.pop())


def test_late_sources_and_straight_ways():
    """A state of zeros far below the box that reads it; a long arrow that waves."""
    sizes = [(60.0, 30.0)] * 6
    edges = {(0, 1), (1, 2), (2, 3), (3, 5), (4, 5), (0, 5)}
    layout = layered.lay_out(sizes, edges, [0])
    assert layout.centers[4][1] == layout.centers[3][1]
    passing = layout.routes[(0, 5)][1:-1]
    assert max(x for x, _ in passing) - min(x for x, _ in passing) < layered.LANE


def test_arrows_are_uncrossed():
    """Boxes in the order in which they come, whatever crosses."""
    layout = layered.lay_out([(50.0, 20.0)] * 6, {(0, 5), (1, 4), (2, 3)}, [0, 1, 2])
    lower = sorted(range(3), key=lambda node: layout.centers[node][0])
    upper = sorted(range(3, 6), key=lambda node: layout.centers[node][0])
    assert [5 - node for node in lower] == upper


def test_rising():
    """Places that are pushed apart further than they have to be."""
    assert layered._rising([1.0, 3.0, 2.0, 4.0], [1.0] * 4) == [1.0, 2.5, 2.5, 4.0]
    assert layered._rising([3.0, 0.0], [3.0, 1.0]) == [2.25, 2.25]
    assert layered._rising([3.0, 2.0, 1.0], [1.0] * 3) == [2.0] * 3
