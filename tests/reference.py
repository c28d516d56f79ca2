"""The cells in NumPy, float64, written from the papers: one weight matrix for each arrow of the drawing, one line for each
equation. Only the last part knows how the variables are laid out.

A step is a function of (x, state) that returns (output, new state); a state is a list of arrays.
"""

import numpy as np


def sigmoid(a):
    return 1.0 / (1.0 + np.exp(-a))


def softsign(a):
    return a / (1.0 + np.abs(a))


def clip(a, limit):
    return a if limit is None else np.maximum(-limit, np.minimum(limit, a))


def norm(a, gain, shift):
    """Ba et al. 2016, equations 3 and 4: the statistics of one layer of one row; 1e-12 as in tf.contrib."""
    mu = a.sum(axis=1, keepdims=True) / a.shape[1]
    sigma = np.sqrt(((a - mu) ** 2).sum(axis=1, keepdims=True) / a.shape[1] + 1e-12)
    return gain * (a - mu) / sigma + shift


# ----------------------------------------------------------------------------------------------------------- equations


def elman(x, h, W, U, b, f=np.tanh):
    """Elman 1990: h_t = f(W x_t + U h_t-1 + b)."""
    h = f(x @ W + h @ U + b)
    return h, [h]


def normed_elman(x, h, W, U, gain, shift, f=np.tanh):
    """Ba et al. 2016, equation 4: h_t = f(g / sigma_t * (a_t - mu_t) + b), a_t = W_hh h_t-1 + W_xh x_t."""
    h = f(norm(h @ U + x @ W, gain, shift))
    return h, [h]


def gru(x, h, W_r, U_r, b_r, W_z, U_z, b_z, W, U, b, f=np.tanh):
    """Cho et al. 2014, equations 5 to 8, with biases: the update gate z keeps the old state."""
    r = sigmoid(x @ W_r + h @ U_r + b_r)
    z = sigmoid(x @ W_z + h @ U_z + b_z)
    h_new = f(x @ W + (r * h) @ U + b)
    h = z * h + (1 - z) * h_new
    return h, [h]


def lstm(x, c, h, gates, forget_bias, f=np.tanh, peep=None, cell_clip=None, W_proj=None, proj_clip=None, drop=None):
    """Sak et al. 2014, equations 1 to 7, and Gers et al. 2002 for the peepholes: i and f see c_t-1, o sees c_t.

    `gates`: for each of i, f, o and the new input g, (W, U, b, post), where post acts on the sum (a norm, or nothing).
    """
    see = peep or dict(i=0.0, f=0.0, o=0.0)

    def total(name):
        W, U, b, post = gates[name]
        return post(x @ W + h @ U + b)

    i = sigmoid(total("i") + see["i"] * c)
    forget = sigmoid(total("f") + see["f"] * c + forget_bias)
    g = f(total("g"))
    c = clip(forget * c + i * g, cell_clip)
    if "c" in gates:  # Ba et al. 2016, equation 22: the norm of the memory
        c = gates["c"](c)
    o = sigmoid(total("o") + see["o"] * c)
    m = o * f(c)
    if W_proj is not None:
        m = clip(m @ W_proj, proj_clip)
    return m, [c, m]


def slow_context(x, h, s, A, B, P, R, alpha, f=sigmoid):
    """Mikolov et al. 2015, equations 4 to 6: s_t = (1-a) B x_t + a s_t-1; h_t = f(P s_t + A x_t + R h_t-1)."""
    s = (1 - alpha) * (x @ B) + alpha * s
    h = f(s @ P + x @ A + h @ R)
    return np.concatenate([h, s], axis=1), [h, s]


# ---------------------------------------------------------------------------------------------------------- unrolling


def unroll(step, inputs, state, lengths=None):
    """`step` over inputs [batch, time, depth], each row alone and only for its own length; zeros after that."""
    batch, time = inputs.shape[:2]
    lengths = [time] * batch if lengths is None else lengths
    outputs, finals = [], []
    for b in range(batch):
        row_state, row_outputs = [s[b : b + 1] for s in state], []
        for t in range(lengths[b]):
            output, row_state = step(inputs[b : b + 1, t], row_state)
            row_outputs.append(output[0])
        outputs.append(row_outputs)
        finals.append([s[0] for s in row_state])
    width = step(inputs[:1, 0], [s[:1] for s in state])[0].shape[1]
    padded = np.zeros([batch, time, width])
    for b, row_outputs in enumerate(outputs):
        for t, output in enumerate(row_outputs):
            padded[b, t] = output
    return padded, [np.stack([final[i] for final in finals]) for i in range(len(state))]


# ---------------------------------------------------------------------------------------------------------- attention


def additive_scores(q, m, W, U, v, g=None, b=0.0):
    """Bahdanau et al. 2015, A.1.2: e_i = v . tanh(W q + U m_i); with g, v = g v / |v| (Salimans and Kingma 2016, eq. 2)."""
    v = v if g is None else g / np.linalg.norm(v) * v
    return np.array([v @ np.tanh(q @ W + m_i @ U + b) for m_i in m])


def general_scores(q, m, W, g=1.0):
    """Luong et al. 2015, equation 8, "general": e_i = g q . (W m_i)."""
    return np.array([g * (q @ (m_i @ W)) for m_i in m])


def look(scores, m):
    """Bahdanau et al. 2015, equations 5 and 6: a = softmax(e), c = sum of a_i m_i; an empty memory gives zeros."""
    if not len(m):
        return np.zeros(0), np.zeros(m.shape[1])
    a = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
    return a, sum(a_i * m_i for a_i, m_i in zip(a, m))


def attending(step, looks):
    """`step` of one row, which also reads what it attended to at the step before: the first part of the state.

    `looks`: for each memory (memory [time, depth], score of (q, memory), W_c or None); Luong et al. 2015, equation 5 without
    its tanh: W_c [y; c].
    """

    def attending_step(x, state):
        y, inner = step(np.concatenate([x, state[0]], axis=1), state[1 + len(looks) :])
        attention, alignments = [], []
        for m, score, W_c in looks:
            a, c = look(score(y[0], m), m)
            alignments.append(a[None])
            attention.append(c if W_c is None else np.concatenate([y[0], c]) @ W_c)
        attention = np.concatenate(attention)[None]
        return attention, [attention] + alignments + inner

    return attending_step


# ------------------------------------------------------------------------------- the variables' layout, and the options


def _split(w, depth, kernel="kernel", parts=1):
    """The input rows and the state rows of a kernel, for each of its parts."""
    x_rows, h_rows = w[kernel][:depth], w[kernel][depth:]
    return list(zip(np.split(x_rows, parts, axis=1), np.split(h_rows, parts, axis=1)))


def basic_rnn(w, depth, f=np.tanh):
    ((W, U),) = _split(w, depth)
    return lambda x, state: elman(x, state[0], W, U, w["bias"], f)


def layer_norm_rnn(w, depth, f=np.tanh):
    ((W, U),) = _split(w, depth)
    return lambda x, state: normed_elman(x, state[0], W, U, w["gamma"], w["beta"], f)


def gru_cell(w, depth, f=np.tanh):
    (W_r, U_r), (W_z, U_z) = _split(w, depth, "gates/kernel", 2)
    ((W, U),) = _split(w, depth, "candidate/kernel")
    b_r, b_z = np.split(w["gates/bias"], 2)
    return lambda x, state: gru(x, state[0], W_r, U_r, b_r, W_z, U_z, b_z, W, U, w["candidate/bias"], f)


def _same(a):
    return a


def _lstm_gates(w, depth):
    biases = np.split(w["bias"], 4) if "bias" in w else [0.0] * 4
    names = ["i", "g", "f", "o"]
    return {n: (W, U, b, _same) for n, (W, U), b in zip(names, _split(w, depth, parts=4), biases)}


def _flat(step, units):
    """`step` with its two states side by side in one array."""

    def flat_step(x, state):
        output, new = step(x, [state[0][:, :units], state[0][:, units:]])
        return output, [np.concatenate(new, axis=1)]

    return flat_step


def lstm_cell(w, depth, forget_bias=1.0, f=np.tanh, peepholes=False, cell_clip=None, proj_clip=None, flat=None):
    gates = _lstm_gates(w, depth)
    peep = {k: w["w_%s_diag" % k] for k in "ifo"} if peepholes else None

    def step(x, state):
        return lstm(
            x, state[0], state[1], gates, forget_bias, f, peep, cell_clip, w.get("projection/kernel"), proj_clip
        )

    return step if flat is None else _flat(step, flat)


def layer_norm_lstm(w, depth, forget_bias=1.0, f=np.tanh, normed=True):
    gates = _lstm_gates(w, depth)
    if normed:
        for key, place in [("i", "input"), ("g", "transform"), ("f", "forget"), ("o", "output")]:
            gates[key] = gates[key][:3] + (_norm_of(w, place),)
        gates["c"] = _norm_of(w, "state")
    return lambda x, state: lstm(x, state[0], state[1], gates, forget_bias, f)


def _norm_of(w, place):
    return lambda a: norm(a, w[place + "/gamma"], w[place + "/beta"])


def context(w, depth, alpha, f=sigmoid, flat=None):
    def step(x, state):
        return slow_context(x, state[0], state[1], w["A"], w["B"], w["P"], w["R"], alpha, f)

    return step if flat is None else _flat(step, flat)


# The reference of each cell in helpers.CELLS: a function of (variables by short name, depth).
OF_CELL = {
    "basic_rnn": basic_rnn,
    "basic_rnn_sigmoid": lambda w, d: basic_rnn(w, d, sigmoid),
    "gru": gru_cell,
    "gru_options": lambda w, d: gru_cell(w, d, softsign),
    "basic_lstm": lstm_cell,
    "basic_lstm_options": lambda w, d: lstm_cell(w, d, -0.6, softsign),
    "basic_lstm_flat": lambda w, d: lstm_cell(w, d, flat=5),
    "lstm": lstm_cell,
    "lstm_peepholes": lambda w, d: lstm_cell(w, d, peepholes=True),
    "lstm_clip": lambda w, d: lstm_cell(w, d, cell_clip=0.4),
    "lstm_proj": lstm_cell,
    "lstm_proj_clip": lambda w, d: lstm_cell(w, d, proj_clip=0.3),
    "lstm_all": lambda w, d: lstm_cell(w, d, 0.3, softsign, True, 0.9, 0.7),
    "lstm_all_flat": lambda w, d: lstm_cell(w, d, 0.3, np.tanh, True, 0.9, 0.7, flat=5),
    "layer_norm_lstm": lambda w, d: layer_norm_lstm(w, d, 0.4),
    "layer_norm_lstm_without": lambda w, d: layer_norm_lstm(w, d, 1.0, softsign, normed=False),
    "layer_norm_rnn": layer_norm_rnn,
    "layer_norm_rnn_sigmoid": lambda w, d: layer_norm_rnn(w, d, sigmoid),
    "context": lambda w, d: context(w, d, 0.7),
    "context_options": lambda w, d: context(w, d, 0.2, np.tanh, flat=5),
}
