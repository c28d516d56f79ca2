"""Wrong lines for the cells, the wrappers, the masks and the unrolling."""

from planted import Mutant

PAPERS = "tests/cells/test_cells.py -k as_papers"
CELLS = "tests/cells/test_cells.py -k 'first_values or names or variables or zero_state or not_trainable or dtype'"
GOLDEN = "tests/cells/test_golden.py -k 'values_and_names and (gru or lstm_all or nest or residual)'"
DIRECTIONS = "tests/unrolling/test_unroll.py -k 'directions and not stacked'"
STACKED, LAST = "tests/unrolling/test_unroll.py -k stacked", "tests/unrolling/test_unroll.py -k last_output"
LENGTHS, OPTIONS = (
    "tests/unrolling/test_unroll.py -k wrong_lengths",
    "tests/unrolling/test_unroll.py -k parallel_iterations",
)
LOOP = "tests/unrolling/test_unroll.py -k 'is_the_loop and (basic_rnn or lstm_all)'"
WRAPPERS = "tests/wrappers/test_wrappers.py"
ERRORS = "tests/ops/test_errors.py"

PLAIN, LSTM, NORM = "rnn_tf1/cells/plain.py", "rnn_tf1/cells/lstm.py", "rnn_tf1/cells/layer_norm.py"
BASE, CHECKS, MASKS = "rnn_tf1/cells/base.py", "rnn_tf1/ops/checks.py", "rnn_tf1/ops/dropout.py"
STEPS, SEQUENCES = "rnn_tf1/unrolling/loops.py", "rnn_tf1/ops/inputs.py"
LAYERS_AROUND, DROPOUT = "rnn_tf1/wrappers/layers.py", "rnn_tf1/wrappers/dropout.py"
PROJECTIONS = "rnn_tf1/wrappers/projections.py"

BASIC_H = "h = self._activation(linear([inputs, self.read(state)], self._kernel, self._bias))"
BASIC_LSTM_GATES = """i, j, f, o = tf.split(linear([inputs, self.read(h)], self._kernel, self._bias), 4, axis=1)
        c = tf.sigmoid"""
LSTM_MEMORY = """        c = tf.sigmoid(f) * c + tf.sigmoid(i) * self._activation(j)
        if self._cell_clip is not None:
            c = tf.clip_by_value(c, -self._cell_clip, self._cell_clip)
        if self._use_peepholes:
            o = o + self._w_o_diag * c
"""
CONTEXT_S = "s = (1 - self._alpha) * tf.matmul(inputs, self._B) + self._alpha * s"
NORMED_H = "h = self._activation(normalize(linear([inputs, self.read(state)], self._kernel), self._gamma, self._beta))"
GRU_H = "h = u * state + (1 - u) * c"

MUTANTS = [
    # Cells without a separate memory.
    Mutant(PLAIN, BASIC_H, BASIC_H.replace("(state)", "(state * 0)"), PAPERS, "recurrent weights times 0"),
    Mutant(PLAIN, BASIC_H, BASIC_H.replace(", self._bias", ""), PAPERS, "bias unused"),
    Mutant(
        PLAIN,
        BASIC_H,
        BASIC_H.replace("inputs, self.read(state)", "self.read(state), inputs"),
        PAPERS,
        "the kernel's rows as [h, x]",
    ),
    Mutant(
        PLAIN,
        BASIC_H,
        "h = linear([inputs, self._activation(state)], self._kernel, self._bias)",
        PAPERS,
        "activation on the wrong side",
    ),
    Mutant(PLAIN, "r, u = tf.split(gates", "u, r = tf.split(gates", PAPERS, "reset and update gate swapped"),
    Mutant(PLAIN, "r * read], self._cand", "state], self._cand", PAPERS, "reset gate ignored"),
    Mutant(PLAIN, GRU_H, "h = (1 - u) * state + u * c", PAPERS, "update gate the other way round"),
    Mutant(PLAIN, GRU_H, "h = u * state + (1 - r) * c", PAPERS, "reset gate in the update"),
    Mutant(
        PLAIN, "gate_bias = tf.ones_init", "gate_bias = tf.zeros_init", CELLS, "the gates' biases start at 0, not at 1"
    ),
    Mutant(PLAIN, '"gates/kernel"', '"gate/kernel"', GOLDEN, "a variable's name changed"),
    Mutant(
        PLAIN,
        '"candidate/kernel", [rows, n], initializer=self._kernel_initializer',
        '"candidate/kernel", [rows, n]',
        CELLS,
        "kernel_initializer ignored for the candidate",
    ),
    Mutant(
        PLAIN,
        CONTEXT_S,
        "s = self._alpha * tf.matmul(inputs, self._B) + (1 - self._alpha) * s",
        PAPERS,
        "alpha and 1 - alpha swapped",
    ),
    Mutant(
        PLAIN,
        CONTEXT_S + "\n        h = self._activation(tf.matmul(s, ",
        "old, " + CONTEXT_S.replace("s =", "s = s,") + "\n        h = self._activation(tf.matmul(old, ",
        PAPERS,
        "P acts on the old context",
    ),
    Mutant(PLAIN, " + tf.matmul(self.read(h), self._R))", ")", PAPERS, "R dropped: no recurrence"),
    Mutant(PLAIN, "output = tf.concat([h, s], 1)", "output = tf.concat([s, h], 1)", PAPERS, "output as [s, h]"),
    # Cells with a memory.
    Mutant(LSTM, BASIC_LSTM_GATES, BASIC_LSTM_GATES.replace("i, j,", "j, i,"), PAPERS, "gates i and j swapped"),
    Mutant(LSTM, BASIC_LSTM_GATES, BASIC_LSTM_GATES.replace("f, o =", "o, f ="), PAPERS, "gates f and o swapped"),
    Mutant(LSTM, BASIC_LSTM_GATES, BASIC_LSTM_GATES.replace("(h)", "(h * 0)"), PAPERS, "h does not recur"),
    Mutant(LSTM, "tf.sigmoid(f + self._forget_bias) * c", "tf.sigmoid(f) * c", PAPERS, "forget bias ignored"),
    Mutant(
        LSTM, "tf.sigmoid(f + self._forget_bias) * c", "tf.sigmoid(f - self._forget_bias) * c", PAPERS, "its sign wrong"
    ),
    Mutant(LSTM, "tf.split(state, 2, axis=1)", "tf.split(state, 2, axis=1)[::-1]", PAPERS, "one-tensor state: h first"),
    Mutant(LSTM, "f = f + self._forget_bias", "i = i + self._forget_bias", PAPERS, "forget bias on the input gate"),
    Mutant(
        LSTM,
        "f, i = f + self._w_f_diag * c, i + self._w_i_diag * c",
        "f, i = f + self._w_i_diag * c, i + self._w_f_diag * c",
        PAPERS,
        "two peepholes swapped",
    ),
    Mutant(
        LSTM,
        LSTM_MEMORY,
        "        old = c\n" + LSTM_MEMORY.replace("_w_o_diag * c", "_w_o_diag * old"),
        PAPERS,
        "the output gate's peephole on the old memory",
    ),
    Mutant(
        LSTM, "tf.clip_by_value(c, -self._cell_clip, self._cell_clip)", "tf.identity(c)", PAPERS, "cell_clip ignored"
    ),
    Mutant(LSTM, "clip_by_value(c, -self._cell_clip,", "clip_by_value(c, 0.0,", PAPERS, "memory clipped at 0"),
    Mutant(
        LSTM,
        LSTM_MEMORY,
        LSTM_MEMORY.replace("tf.sigmoid(f) * c", "tf.sigmoid(f) * tf.clip_by_value(c, -0.4, 0.4)").replace(
            "tf.clip_by_value(c, -self._cell_clip, self._cell_clip)", "c"
        ),
        PAPERS,
        "memory clipped before the step, not after",
    ),
    Mutant(LSTM, "h = linear([h], self._proj_kernel)", "h = h[:, : self._num_proj]", PAPERS, "projection left out"),
    Mutant(LSTM, "h = tf.clip_by_value(h, -self._proj_clip, self._proj_clip)", "pass", PAPERS, "proj_clip ignored"),
    Mutant(LSTM, '"w_o_diag", [n]', '"w_c_diag", [n]', GOLDEN, "a peephole's name changed"),
    Mutant(
        LSTM,
        '"bias", [4 * n], initializer=tf.zeros_initializer())\n        if',
        '"bias", [4 * n])\n        if',
        CELLS,
        "the bias starts with the scope's initializer",
    ),
    # Layer normalization.
    Mutant(NORM, "else 1e-12", "else 1e-3", PAPERS, "epsilon 1e-3"),
    Mutant(NORM, "tf.nn.moments(a, [-1]", "tf.nn.moments(a, [0]", PAPERS, "statistics over the batch"),
    Mutant(
        NORM,
        NORMED_H,
        "h = normalize(self._activation(linear([inputs, state], self._kernel)), self._gamma, self._beta)",
        PAPERS,
        "normalized after the activation",
    ),
    Mutant(
        NORM,
        'self._norm(f, "forget"), self._norm(o, "output")',
        'self._norm(f, "output"), self._norm(o, "forget")',
        PAPERS,
        "the norms of two gates swapped",
    ),
    Mutant(NORM, "tf.sigmoid(f + self._forget_bias)", "tf.sigmoid(f)", PAPERS, "forget bias ignored beside norms"),
    Mutant(
        NORM,
        "dropout(self._activation(j), self._keep_prob, **self._dropout)",
        "self._activation(dropout(j, self._keep_prob, **self._dropout))",
        WRAPPERS,
        "recurrent dropout before the activation",
    ),
    Mutant(
        NORM,
        "constant_initializer(self._norm_gain)",
        "ones_initializer()",
        "tests/cells/test_cells.py -k norm_gain",
        "norm_gain ignored",
    ),
    # What every cell does.
    Mutant(BASE, "_snake_case(type(self).__name__)", "type(self).__name__.lower()", GOLDEN, "scopes named otherwise"),
    Mutant(BASE, "zeros = tf.zeros(", "zeros = tf.ones(", CELLS, "zero_state is ones"),
    Mutant(BASE, "trainable = self.trainable and", "trainable = True and", CELLS, "trainable=False ignored"),
    Mutant(
        BASE, "reuse=True if self.built else self._reuse", "reuse=tf.AUTO_REUSE", ERRORS, "built twice, shared silently"
    ),
    Mutant(BASE, "elif graph is not self._graph:", "elif False:", ERRORS, "a cell of another graph is taken"),
    Mutant(CHECKS, "for inner in all_cells(cell):", "for inner in [cell]:", ERRORS, "one cell twice, inside wrappers"),
    # Dropout masks.
    Mutant(MASKS, "x / keep_prob", "x", WRAPPERS, "dropout not scaled"),
    Mutant(MASKS, "noise < keep_prob", "noise >= keep_prob", WRAPPERS, "keeps what it should drop"),
    Mutant(MASKS, "if is_training is False or (", "if (", WRAPPERS, "dropout left on at test"),
    Mutant(
        MASKS,
        "tf.where_v2(is_training, keep_prob, tf.ones_like(keep_prob))",
        "tf.where_v2(is_training, tf.ones_like(keep_prob), keep_prob)",
        WRAPPERS,
        "a tensor is_training the other way round",
    ),
    Mutant(
        MASKS,
        "mask_key(seed, step, salt, current_time())",
        "mask_key(seed, step, salt, 0)",
        WRAPPERS,
        "one mask for all time",
    ),
    Mutant(MASKS, "tf.cast(step, tf.int64) * MAX", "tf.cast(0, tf.int64) * MAX", WRAPPERS, "the step ignored"),
    Mutant(MASKS, "* MAX_TIME_STEPS + tf.cast", "+ tf.cast", WRAPPERS, "step 2 begins where step 1 has been"),
    Mutant(MASKS, '"%s/%s" % (tf.get_variable_scope().name, salt)  #', "salt  #", WRAPPERS, "one mask for all layers"),
    Mutant(MASKS, "_hash(0 if seed is None else seed, place)", "_hash(0, place)", WRAPPERS, "the seed ignored"),
    Mutant(MASKS, "_hash(seed, draw)", "_hash(seed, salt)", WRAPPERS, "a seed without step: one mask for all"),
    Mutant(
        MASKS,
        "with tf.init_scope():  # outside the loop",
        "with tf.name_scope(None):  # outside the loop",
        WRAPPERS,
        "variational mask drawn in the loop",
    ),
    # Wrappers.
    Mutant(
        LAYERS_AROUND,
        "new_states.append(new_state)",
        "new_states.append(cell_state)",
        WRAPPERS + " -k layers_by_hand",
        "layers' states not carried",
    ),
    Mutant(
        LAYERS_AROUND,
        "new_state = run(cell, inputs, cell_state)",
        "new_state = run(cell, inputs, state[0])",
        WRAPPERS,
        "every layer gets the first one's state",
    ),
    Mutant(
        LAYERS_AROUND,
        'variable_scope("cell_%d" % i)',
        'variable_scope("cell_%d" % (i + 1))',
        GOLDEN,
        "layers counted from 1",
    ),
    Mutant(
        DROPOUT,
        '         keep_prob = self._probabilities[place + "_keep_prob"]',
        '         keep_prob = self._probabilities[("output" if place == "input" else place) + "_keep_prob"]',
        WRAPPERS,
        "inputs dropped with the probability of the outputs",
    ),
    Mutant(DROPOUT, "state._replace(c=False, h=True)", "True", WRAPPERS, "the memory of an LSTM dropped"),
    Mutant(DROPOUT, "key = self._fixed_key(salt)", "key = None", WRAPPERS, "variational mask redrawn"),
    Mutant(
        LAYERS_AROUND,
        "with tf.device(self._device), tf.variable_scope(here",
        "with tf.variable_scope(here",
        WRAPPERS,
        "device ignored",
    ),
    Mutant(LAYERS_AROUND, "return inputs + output", "return output", WRAPPERS, "residual dropped"),
    Mutant(
        LAYERS_AROUND,
        "_sum_of_equal_widths)(inputs, output)",
        "_sum_of_equal_widths)(output, inputs)",
        WRAPPERS,
        "residual_fn's arguments swapped",
    ),
    Mutant(
        PROJECTIONS,
        "tf.reshape(inputs, [-1])",
        "(tf.reshape(inputs, [-1]) + 1) % self._shape[0]",
        WRAPPERS,
        "the embedding of the next id",
    ),
    Mutant(
        PROJECTIONS,
        "self._activation(linear([x], *self._weights))",
        "linear([x], *self._weights)",
        WRAPPERS,
        "a projection's activation ignored",
    ),
    # Unrolling.
    Mutant(STEPS, "running = t < lengths", "running = t <= lengths", LOOP, "mask off by one"),
    Mutant(
        STEPS,
        "output = select_rows(running, output, tf.nest.map_structure(tf.zeros_like, output))",
        "pass",
        LOOP,
        "outputs past the end not zeroed",
    ),
    Mutant(STEPS, "new_state = select_rows(running, new_state, state)", "pass", LOOP, "state not stopped at the end"),
    Mutant(STEPS, "            state = new_state\n", "", LOOP, "state not carried"),
    Mutant(
        STEPS,
        "steps, state, dtype, lengths, scope",
        "steps, state, dtype, None, scope",
        LOOP,
        "static_rnn ignores lengths",
    ),
    Mutant(
        STEPS,
        "cell, inputs, lengths, state, *options",
        "cell, inputs, None, state, *options",
        LOOP,
        "dynamic_rnn ignores lengths",
    ),
    Mutant(
        STEPS,
        "parallel_iterations, swap_memory, time_major, scope)",
        "None, swap_memory, time_major, scope)",
        OPTIONS,
        "parallel_iterations ignored",
    ),
    Mutant(
        STEPS,
        "tf.nest.map_structure(reverse, inputs), ini",
        "inputs, ini",
        DIRECTIONS,
        "the backward direction not reversed",
    ),
    Mutant(STEPS, "tf.nest.map_structure(reverse, outputs_bw)", "outputs_bw", DIRECTIONS, "its outputs left reversed"),
    Mutant(
        STEPS,
        "     if sequence_length is None:",
        "     if True:",
        DIRECTIONS,
        "it starts in the padding",
    ),
    Mutant(
        STEPS,
        "return (outputs_fw, tf.nest.map_structure(reverse, outputs_bw)), (state_fw, state_bw)",
        "return (outputs_fw, tf.nest.map_structure(reverse, outputs_bw)), (state_bw, state_fw)",
        DIRECTIONS,
        "final states of the two directions swapped",
    ),
    Mutant(STEPS, 'initial_state_fw, "fw")', 'None, "fw")', DIRECTIONS, "the forward direction's first state ignored"),
    Mutant(STEPS, 'initial_state_bw, "bw")', 'initial_state_bw, "back")', DIRECTIONS, "the backward scope renamed"),
    Mutant(
        STEPS,
        "inputs = tf.concat(outputs, 2)",
        "inputs = tf.concat(outputs[::-1], 2)",
        STACKED,
        "stacked: sides swapped",
    ),
    Mutant(
        STEPS, "initial_states_fw[i] if initial_states_fw else None", "None", STACKED, "stacked: first states ignored"
    ),
    Mutant(STEPS, "tf.maximum(lengths - 1, 0)", "tf.maximum(lengths - 2, 0)", LAST, "last_output one step early"),
    Mutant(STEPS, "return outputs[:, -1]", "return outputs[:, 0]", LAST, "last_output is the first"),
    Mutant(SEQUENCES, "0 <= length <= time:", "0 <= length <= time + 1:", LENGTHS, "lengths checked off by one"),
    Mutant(SEQUENCES, "less_equal(lengths, time,", "less_equal(lengths, time + 1,", LENGTHS, "the same at run time"),
    Mutant(STEPS, "(new_state, time + 1)", "(new_state, time)", WRAPPERS, "one mask for all time steps of a loop"),
    Mutant(
        "rnn_tf1/ops/matmul.py",
        "tf.matmul(x, d, transpose_a=True)",
        "tf.matmul(x, d, transpose_a=True) * 2",
        "tests/ops/test_products.py",
        "a kernel's gradient counted twice",
    ),
    Mutant(
        "rnn_tf1/ops/matmul.py",
        "transpose(tf.convert_to_tensor(kernel))",
        "tf.transpose(tf.convert_to_tensor(kernel))",
        "tests/ops/test_products.py",
        "a transposition that TensorFlow puts back into each product",
    ),
    Mutant(
        "rnn_tf1/ops/matmul.py",
        "if transposed is None:",
        "if True:",
        "tests/ops/test_products.py",
        "a transposition for each step",
    ),
]
