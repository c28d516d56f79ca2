"""Wrong lines for attention: scores, masks, rows that share a memory row, the wrapper and its state."""

from planted import Mutant

MECHANISMS, ROWS, WRAPPER = ("rnn_tf1/attention/%s.py" % name for name in ("mechanisms", "rows", "wrapper"))

TESTS = "tests/attention/test_attention.py -k "
TEST_GOLDEN, TEST_FIRST = TESTS + "'golden and two'", TESTS + "first_values"
TEST_NUMPY = TESTS + "'beside_numpy and two'"
TEST_EMPTY, TEST_BEYOND = TESTS + "of_an_empty_row", TESTS + "'never_read and fed'"
TEST_MASK_VALUE, TEST_LENGTHS = TESTS + "score_mask_value", TESTS + "lengths_beyond"
TEST_BEAMS, TEST_FED_BEAMS = TESTS + "'memory_row and two'", TESTS + "'memory_row and normed'"
TEST_ROWS, TEST_NOTHING, TEST_TILE = TESTS + "do_not_divide", TESTS + "no_row", TESTS + "tile_batch"
TEST_PIECES, TEST_UNROLLINGS = TESTS + "in_pieces", TESTS + "'unrollings and luong'"
TEST_INITIAL, TEST_CLONE, TEST_LAYERS = TESTS + "initial_cell", TESTS + "clone", TESTS + "ones_own"
TEST_MISTAKES, TEST_GRAPH, TEST_WRAPPERS = TESTS + "wrong_wrappers", TESTS + "another_graph", TESTS + "inside_other"

MUTANTS = [
    Mutant(MECHANISMS, "tf.reduce_sum(tf.square(v))", "tf.reduce_mean(tf.square(v))", TEST_NUMPY, "another norm of v"),
    Mutant(MECHANISMS, "math.sqrt(1.0 / self._num_units)", "1.0", TEST_FIRST, "attention_g begins at one"),
    Mutant(
        MECHANISMS,
        'q = q * self.weight("attention_g", [], tf.ones_initializer())',
        'self.weight("attention_g", [], tf.ones_initializer())',
        TEST_NUMPY,
        "a scale that is not used",
    ),
    Mutant(
        MECHANISMS,
        'q = q + self.weight("attention_b"',
        'self.weight("attention_b"',
        TEST_NUMPY,
        "a shift of the scores that is not used",
    ),
    Mutant(MECHANISMS, 'Linear(num_units, "query_layer"', 'Linear(num_units, "query"', TEST_GOLDEN, "another name"),
    Mutant(
        MECHANISMS,
        "tf.where(tf.reshape(below, [-1]), flat, tf.zeros_like(flat))",
        "flat * tf.reshape(tf.cast(below, flat.dtype), [-1, 1])",
        TEST_BEYOND,
        "NaN beyond a length that goes through a product",
    ),
    Mutant(
        MECHANISMS, "            scores += self._beyond\n", "            pass\n", TEST_NUMPY, "scores without a mask"
    ),
    Mutant(
        MECHANISMS,
        "            scores *= self._scored\n",
        "            pass\n",
        TEST_MASK_VALUE,
        "a score beyond the length that adds to its mask",
    ),
    Mutant(
        MECHANISMS,
        "            below = below | ~not_empty\n",
        "            pass\n",
        TEST_EMPTY,
        "the softmax of nothing",
    ),
    Mutant(
        MECHANISMS,
        "            weights *= self._not_empty\n",
        "            pass\n",
        TEST_EMPTY,
        "an empty row that looks somewhere",
    ),
    Mutant(
        MECHANISMS,
        'checked_lengths(lengths, time, memory, where + ", memory")',
        "tf.convert_to_tensor(lengths)",
        TEST_LENGTHS,
        "lengths beyond the memory",
    ),
    Mutant(
        MECHANISMS,
        "return tf.reshape(query, [batch, rows // max(batch, 1), self.keys.shape.as_list()[2]])",
        "return tf.transpose(tf.reshape(query, [rows // batch, batch, -1]), [1, 0, 2])",
        TEST_BEAMS,
        "row r that looks at memory row r % batch",
    ),
    Mutant(
        MECHANISMS,
        "return tf.reshape(query, self._grouped_shape)",
        "return tf.reverse(tf.reshape(query, self._grouped_shape), [1])",
        TEST_FED_BEAMS,
        "beams in another order",
    ),
    Mutant(MECHANISMS, "if width != units:", "if False:", TEST_MISTAKES, "a query of another width than num_units"),
    Mutant(MECHANISMS, "if outer_graph() is not self._graph:", "if False:", TEST_GRAPH, "another graph"),
    Mutant(
        ROWS,
        "tf.tile(tf.expand_dims(x, 1), [1, multiplier]",
        "tf.tile(tf.expand_dims(x, 0), [multiplier, 1]",
        TEST_TILE,
        "a, b, a, b instead of a, a, b, b",
    ),
    Mutant(ROWS, "if rows % max(batch, 1):", "if rows < batch:", TEST_ROWS, "rows that do not divide"),
    Mutant(ROWS, "rows % tf.maximum(batch, 1), 0", "rows % batch, 0", TEST_NOTHING, "a division by no rows"),
    Mutant(ROWS, "rows % tf.maximum(batch, 1), 0", "rows - rows, 0", TEST_ROWS, "fed rows that do not divide"),
    Mutant(WRAPPER, "[cell_output, context], 1", "[context, cell_output], 1", TEST_GOLDEN, "the layer's rows swapped"),
    Mutant(WRAPPER, "[inputs, attention], -1", "[attention, inputs], -1", TEST_GOLDEN, "the cell's rows swapped"),
    Mutant(
        WRAPPER,
        "self._cell_input_fn(inputs, state.attention)",
        "self._cell_input_fn(inputs, tf.zeros_like(state.attention))",
        TEST_GOLDEN,
        "what was attended to does not go into the next step",
    ),
    Mutant(
        WRAPPER,
        "(attention if self._output_attention else output)",
        "(output if self._output_attention else attention)",
        TEST_GOLDEN,
        "the cell's output and the attention swapped",
    ),
    Mutant(
        WRAPPER, "history.write(state.time, ", "history.write(state.time * 0, ", TEST_PIECES, "a history of one step"
    ),
    Mutant(WRAPPER, "time=state.time + 1", "time=state.time", TEST_UNROLLINGS, "a time that stands still"),
    Mutant(
        WRAPPER,
        "            cell_state = self._initial_cell_state\n",
        "            cell_state = None\n",
        TEST_INITIAL,
        "an initial state that is not used",
    ),
    Mutant(
        WRAPPER, "        if rows != batch_size:\n", "        if False:\n", TEST_INITIAL, "rows of an initial state"
    ),
    Mutant(
        WRAPPER,
        "or not new.shape.is_compatible_with(old.shape)",
        "or False",
        TEST_CLONE,
        "a state of another width",
    ),
    Mutant(
        WRAPPER,
        "    return input_depth(shape, ",
        "    return input_width or input_depth(shape, ",
        TEST_LAYERS,
        "the width of a layer's input taken for that of its result",
    ),
    Mutant(
        "rnn_tf1/wrappers/dropout.py",
        "and not (tf.is_tensor(value) and value.dtype.is_floating)",
        "and False",
        TEST_WRAPPERS,
        "dropout on a counter",
    ),
    Mutant(
        "rnn_tf1/ops/checks.py", "if isinstance(state, tf.TensorArray):", "if False:", TEST_GOLDEN, "a history refused"
    ),
]
