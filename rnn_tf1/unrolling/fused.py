"""A fast unrolling: it computes the same as `manual_rnn`, with most of the work in a few large matrix products.

In ``[x, h] kernel`` only h has to wait for the step before. So the products of all inputs are computed at once before the
first step, and the gradient of the kernel after the last one, in one product over all steps::

    g_t = (x_t kernel_x + bias) + h_{t-1} kernel_h           forward: one large product, then a small one for each step
    dL/dh_{t-1} = dL/dg_t kernel_h^T                         backward: a small one for each step, then
    dL/dkernel = sum over t of [x_t, h_{t-1}]^T dL/dg_t      one large product over all steps and rows

Large products use a processor's arithmetic units fully; those with the few rows of one step do not (Appleyard et al. 2016,
"Optimizing Performance of Recurrent Neural Networks on GPUs"). Variables, results and gradients are those of the plain
cells.
"""

from typing import Any, Callable, List, Sequence, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.cells.lstm import BasicLSTMCell, LSTMCell, LSTMStateTuple
from rnn_tf1.cells.plain import GRUCell
from rnn_tf1.errors import GraphError
from rnn_tf1.ops.inputs import checked_initial_state, checked_inputs, time_steps
from rnn_tf1.ops.matmul import transpose
from rnn_tf1.types import Cell, Nest, Tensor
from rnn_tf1.wrappers import DropoutWrapper, MultiRNNCell

__all__ = ["fused_rnn"]

_SUPPORTED = (
    "it supports BasicLSTMCell, LSTMCell and GRUCell with tanh and state_is_tuple, without peepholes, clipping and "
    "projection, inside DropoutWrapper (without state_keep_prob) and MultiRNNCell"
)


def fused_rnn(
    cell: Cell,
    inputs: Tensor,
    initial_state: Nest = None,
    dtype: Any = None,
    sequence_length: Tensor = None,
    scope: Any = None,
    *,
    time_major: bool = False,
) -> Tuple[Any, Any]:
    """`manual_rnn` for layers of LSTM and GRU cells, computed layer by layer instead of step by step.

    Args:
      cell: a `BasicLSTMCell`, an `LSTMCell` without peepholes, clipping and projection, or a `GRUCell`, all with tanh; such a
        cell in a `DropoutWrapper` without `state_keep_prob`; or a `MultiRNNCell` of these.
      inputs: [batch, time, depth] with a known number of steps, or a list of tensors [batch, depth].
      initial_state, dtype, scope: see `manual_rnn`.
      sequence_length: not supported; it is here so that all unrollings have the same arguments.
      time_major: True: inputs and outputs are tensors [time, batch, ...], which saves two transpositions.

    Returns:
      (outputs, final_state), as `manual_rnn`.

    Raises:
      GraphError: for any other cell, or if `sequence_length` is given.
    """
    if sequence_length is not None:
        raise GraphError("fused_rnn does not support sequence_length: use static_rnn or dynamic_rnn.")
    as_list = isinstance(inputs, (list, tuple))
    if time_major:
        x = checked_inputs(inputs, "fused_rnn")
        if x.shape[0:1].as_list()[0] is None:
            raise GraphError("fused_rnn: the number of steps is unknown (the inputs' shape is %s)." % x.shape)
        if x.shape[0:1].as_list()[0] == 0:
            raise GraphError("fused_rnn: the inputs have no time steps (their shape is %s)." % x.shape)
    else:
        steps, _ = time_steps(inputs, "fused_rnn")
        x = tf.stack(steps) if as_list else tf.transpose(inputs, [1, 0, 2])
    with tf.variable_scope(scope or "rnn"):
        state = checked_initial_state(cell, x[0], initial_state, dtype, "fused_rnn")
        outputs, state = _layer(cell, x, state, [])
    if as_list:
        return tf.unstack(outputs), state
    return (outputs if time_major else tf.transpose(outputs, [1, 0, 2])), state


def _layer(cell: Any, x: Tensor, state: Nest, drops: Sequence[Callable]) -> Tuple[Any, Any]:
    """(outputs [time, batch, units], final state) of `cell`, from x [time, batch, depth] and the initial state.

    Args:
      drops: functions that are applied to h where the gates read it, for all steps: [time, batch, units].
    """
    if type(cell) is DropoutWrapper:
        x = cell.drop_all_steps(x, "input")
        drops = list(drops) + [lambda h: cell.drop_all_steps(h, "recurrent")]
        outputs, state = _layer(cell.cell, x, state, drops)
        return cell.drop_all_steps(outputs, "output"), state
    if type(cell) is MultiRNNCell:
        with cell.in_scope(x[0], state):
            return cell.run_layers(lambda inner, x, state: _layer(inner, x, state, drops), x, state)
    if type(cell) in _LAYERS:  # but not derived classes, which may have their own equations
        with cell.in_scope(x[0], state):
            return _LAYERS[type(cell)](cell, x, state, _masks(drops, x, cell.output_size))
    raise GraphError("fused_rnn does not support %s: %s." % (type(cell).__name__, _SUPPORTED))


def _masks(drops: Sequence[Callable], x: Tensor, units: int) -> Any:
    """The dropout masks of h where the gates read it, [batch, units] for each step; None if nothing is dropped."""
    ones = tf.ones(tf.stack([int(x.shape[0]), tf.shape(x)[1], units]), x.dtype)
    masks = ones
    for drop in drops:
        masks = drop(masks)
    return None if masks is ones else tf.unstack(masks, int(x.shape[0]))


def _lstm(cell: Any, x: Tensor, state: Nest, masks: Any) -> Tuple[Any, Any]:
    """The equations are in `BasicLSTMCell`. The backward pass, with d... for dL/d...::

    dc_t += dh_t o (1 - tanh(c_t)^2)
    di, dj, df, do = dc_t j, dc_t i, dc_t c_{t-1}, dh_t tanh(c_t)         and through sigma and tanh to dg_t
    dc_{t-1} = dc_t f        dh_{t-1} = dg_t kernel_h^T
    """
    if type(cell) is LSTMCell and (cell._use_peepholes or cell._num_proj is not None or cell._cell_clip is not None):
        raise GraphError("fused_rnn does not support this LSTMCell: %s." % _SUPPORTED)
    if cell._activation is not tf.tanh or not cell._state_is_tuple:
        raise GraphError("fused_rnn does not support this %s: %s." % (type(cell).__name__, _SUPPORTED))
    time, depth, n = int(x.shape[0]), int(x.shape[2]), cell.output_size
    shift = tf.constant([0.0] * 2 * n + [float(cell._forget_bias)] * n + [0.0] * n, x.dtype)

    def unroll(x: Tensor, kernel: Tensor, bias: Tensor, c: Any, h: Tensor) -> Any:
        kernel_x, kernel_h = kernel[:depth], kernel[depth:]  # slices of rows share the memory, as tf.split does not
        products = tf.unstack(_all_steps(x, kernel_x, bias))
        reads, saved, outputs = [], [], []
        for t in range(time):
            reads.append(_masked(h, masks, t))
            i, j, f, o = tf.split(products[t] + tf.matmul(reads[t], kernel_h), 4, axis=1)
            i, j, f, o = tf.sigmoid(i), tf.tanh(j), tf.sigmoid(f), tf.sigmoid(o)
            before, c = c, f * c + i * j
            tanh_c = tf.tanh(c)
            h = o * tanh_c
            saved.append((i, j, f, o, before, tanh_c))
            outputs.append(h)

        def gradient(d_outputs: Any, dc: Any, dh: Any) -> Any:
            d_outputs, to_h = tf.unstack(d_outputs, time), transpose(kernel_h)
            dg: List[Any] = [None] * time
            for t in reversed(range(time)):
                i, j, f, o, before, tanh_c = saved[t]
                dh += d_outputs[t]
                dc += dh * o * (1 - tanh_c * tanh_c)
                di, dj, df, do = dc * j, dc * i, dc * before, dh * tanh_c
                dg[t] = tf.concat([di * i * (1 - i), dj * (1 - j * j), df * f * (1 - f), do * o * (1 - o)], 1)
                dc *= f
                dh = _masked(tf.matmul(dg[t], to_h), masks, t)
            dg = tf.stack(dg)
            dx = _all_steps(dg, tf.transpose(kernel_x))
            return dx, _kernel_gradient([x, reads], dg), tf.reduce_sum(dg, [0, 1]), dc, dh

        return (tf.stack(outputs), c, h), gradient

    bias = tf.convert_to_tensor(cell._bias) + shift
    outputs, c, h = tf.custom_gradient(unroll)(x, tf.convert_to_tensor(cell._kernel), bias, state[0], state[1])
    return outputs, LSTMStateTuple(c, h)


def _gru(cell: Any, x: Tensor, state: Nest, masks: Any) -> Tuple[Any, Any]:
    """The equations are in `GRUCell`. The backward pass, with d... for dL/d... and s = r * h_{t-1}::

    du, dc = dh_t (h_{t-1} - c), dh_t (1 - u)       through sigma and tanh to dg_t and da_t
    ds = da_t candidate_h^T        dr = ds h_{t-1}
    dh_{t-1} = dh_t u + ds r + dg_t gates_h^T
    """
    if cell._activation is not tf.tanh:
        raise GraphError("fused_rnn does not support this %s: %s." % (type(cell).__name__, _SUPPORTED))
    time, depth, n = int(x.shape[0]), int(x.shape[2]), cell.output_size

    def unroll(x: Tensor, gates: Any, gates_bias: Any, candidate: Any, candidate_bias: Any, h: Tensor) -> Any:
        gates_x, gates_h, candidate_x, candidate_h = gates[:depth], gates[depth:], candidate[:depth], candidate[depth:]
        kernel_x = tf.concat([gates_x, candidate_x], 1)
        products = tf.unstack(_all_steps(x, kernel_x, tf.concat([gates_bias, candidate_bias], 0)))
        reads, resets, saved, outputs = [], [], [], []
        for t in range(time):
            to_gates, to_candidate = tf.split(products[t], [2 * n, n], axis=1)
            reads.append(_masked(h, masks, t))
            r, u = tf.split(tf.sigmoid(to_gates + tf.matmul(reads[t], gates_h)), 2, axis=1)
            resets.append(r * reads[t])
            c = tf.tanh(to_candidate + tf.matmul(resets[t], candidate_h))
            before, h = h, u * h + (1 - u) * c
            saved.append((r, u, c, before))
            outputs.append(h)

        def gradient(d_outputs: Any, dh: Any) -> Any:
            d_outputs, to_h, to_s = tf.unstack(d_outputs, time), transpose(gates_h), transpose(candidate_h)
            dg: List[Any] = [None] * time
            da: List[Any] = [None] * time
            for t in reversed(range(time)):
                r, u, c, before = saved[t]
                dh += d_outputs[t]
                da[t] = dh * (1 - u) * (1 - c * c)
                ds = tf.matmul(da[t], to_s)
                dg[t] = tf.concat([ds * reads[t] * r * (1 - r), dh * (before - c) * u * (1 - u)], 1)
                dh = dh * u + _masked(ds * r + tf.matmul(dg[t], to_h), masks, t)
            dg, da = tf.stack(dg), tf.stack(da)
            dx = _all_steps(tf.concat([dg, da], 2), tf.transpose(kernel_x))
            d_gates, d_candidate = _kernel_gradient([x, reads], dg), _kernel_gradient([x, resets], da)
            return dx, d_gates, tf.reduce_sum(dg, [0, 1]), d_candidate, tf.reduce_sum(da, [0, 1]), dh

        return (tf.stack(outputs), h), gradient

    parameters = cell._gate_kernel, cell._gate_bias, cell._candidate_kernel, cell._candidate_bias
    return tf.custom_gradient(unroll)(x, *[tf.convert_to_tensor(p) for p in parameters], state)


_LAYERS = {BasicLSTMCell: _lstm, LSTMCell: _lstm, GRUCell: _gru}


def _masked(h: Tensor, masks: Any, t: int) -> Any:
    return h if masks is None else h * masks[t]


def _all_steps(x: Tensor, kernel: Tensor, bias: Tensor = None) -> Any:
    """x kernel + bias, for all steps and rows of x [time, batch, depth] in one product."""
    flat = tf.matmul(tf.reshape(x, [-1, int(x.shape[2])]), kernel)
    flat = flat if bias is None else tf.nn.bias_add(flat, bias)
    return tf.reshape(flat, tf.stack([int(x.shape[0]), -1, int(kernel.shape[1])]))


def _kernel_gradient(read: Sequence[Any], dg: Any) -> Any:
    """The sum over all steps and rows of [x, h]^T dg, in one product; `read` is [x [time, batch, depth], list of h]."""
    rows = tf.concat([read[0], tf.stack(read[1])], 2)
    flat = [tf.reshape(a, [-1, int(a.shape[2])]) for a in (rows, dg)]
    return tf.matmul(*flat, transpose_a=True)
