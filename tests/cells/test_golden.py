"""Ours beside the files that TensorFlow 1.15's own cells have written (``tests/golden/make_golden.py``)."""

import glob
import os

import helpers
import numpy as np
import pytest
from places import GOLDEN

FOLDER = GOLDEN
FILES = sorted(os.path.basename(path)[: -len(".npz")] for path in glob.glob(os.path.join(FOLDER, "*.npz")))
OURS = helpers.Ours()


def load(file):
    with np.load(os.path.join(FOLDER, file + ".npz"), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def several(golden, kind):
    return [golden[key] for key in sorted(golden) if key.startswith(kind + "_")]


def test_every_net_of_tensorflow_has_a_golden_file():
    """A net that was added to helpers.py and never recorded, or a file that went missing."""
    assert set(helpers.NETS_OF_TF1) <= set(FILES)
    assert len(FILES) == len(helpers.NETS_OF_TF1) + 4


# On 1.15, test_as_tensorflow compares all of them with TensorFlow itself. In all three unrollings, one of each kind.
HERE_TOO = ["basic_rnn", "gru", "lstm_all", "nest", "residual", "stacked", "static_multi", "zeros_lstm_all"]


@pytest.mark.parametrize("file", helpers.by_default(FILES, HERE_TOO if helpers.IS_TF1 else FILES, pytest.mark.once))
def test_values_and_names(file, graph):
    """Any slip in an equation, a gradient, a variable's name, shape or place in the order, in any unrolling."""
    golden = load(file)
    assert np.abs(golden["result_00"]).max() > 0.1
    name, lengths = str(golden["net"]), golden.get("lengths")
    nets, grads = {}, {}
    unrolls = helpers.UNROLLS if file in HERE_TOO else ("manual", str(golden["how"]))
    for how in unrolls:
        with_state = not file.startswith("zeros")
        nets[how] = helpers.build(name, OURS, how, lengths, outer=how, with_state=with_state)
        names = [helpers.plain_name(v, outer=how) for v in nets[how].variables]
        assert names == golden["names"].tolist()
        assert [v.shape.as_list() for v in nets[how].variables] == [list(w.shape) for w in several(golden, "weight")]
        # static_rnn's gradients take the longest to build; the files whose own unrolling is static have them.
        grads[how] = helpers.gradients_of(nets[how]) if how in ("manual", str(golden["how"])) else []
    with helpers.session([]) as s:
        for how in unrolls:
            helpers.set_values(s, dict(zip(nets[how].variables, several(golden, "weight"))))
        found = s.run([(nets[how].inputs, nets[how].states, nets[how].results, grads[how]) for how in unrolls])
    for how, (inputs, states, results, gradients) in zip(unrolls, found):
        np.testing.assert_array_equal(inputs, golden["inputs"])
        for kind, got in [("state", states), ("result", results), ("gradient", gradients)]:
            expected = several(golden, kind)
            assert len(got) == len(expected) or (kind == "gradient" and not got)
            for i, (a, b) in enumerate(zip(got, expected)):
                helpers.assert_near(a, b, 1e-5, "%s, %s %d" % (how, kind, i))


def test_golden_gradients_reach_everything():
    """A golden file whose gradients are zeros would agree with a net that is cut off."""
    for file in FILES:
        for i, gradient in enumerate(several(load(file), "gradient")):
            assert np.abs(gradient).max() > 1e-3, (file, i)


def test_golden_files_are_small():
    """A repository that grows by megabytes."""
    paths = glob.glob(os.path.join(FOLDER, "**", "*"), recursive=True)
    assert sum(os.path.getsize(path) for path in paths if os.path.isfile(path)) < 400 * 1024
