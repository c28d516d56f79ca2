"""The matmul of a time step: the same numbers as TensorFlow's own, with one transposed kernel for all steps."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from rnn_tf1.ops.matmul import matmul

BATCH, TIME, DEPTH, WIDTH = 3, 5, 4, 2


def gradients_of(multiply, looped):
    """The gradients of a recurrence h' = tanh([x, h] kernel), with respect to x and kernel; and the graph's ops."""
    random = np.random.RandomState(1)
    with tf.Graph().as_default() as graph, tf.Session() as session:
        x = tf.constant(random.randn(TIME, BATCH, DEPTH))
        kernel = tf.get_variable("kernel", initializer=random.randn(DEPTH + WIDTH, WIDTH), use_resource=True)
        h = tf.constant(random.randn(BATCH, WIDTH))
        if looped:
            _, h = tf.while_loop(
                lambda t, h: t < TIME, lambda t, h: (t + 1, tf.tanh(multiply(tf.concat([x[t], h], 1), kernel))), (0, h)
            )
        else:
            for t in range(TIME):
                h = tf.tanh(multiply(tf.concat([x[t], h], 1), kernel))
        found = tf.gradients(tf.reduce_sum(h * h), [x, kernel])
        session.run(tf.global_variables_initializer())
        return session.run(found), graph.get_operations()


@pytest.mark.parametrize("looped", [False, True])
def test_the_gradient_of_matmul(looped):
    """A gradient that is turned the wrong way, that misses a step, or that cannot leave a loop."""
    found, operations = gradients_of(matmul, looped)
    for one, other in zip(found, gradients_of(tf.matmul, looped)[0]):
        np.testing.assert_allclose(one, other, rtol=1e-12)
    turned = [op for op in operations if op.type == "EnsureShape"]
    assert len(turned) == 1, "the kernel is transposed once, whatever the number of steps, and outside the loop"


def test_a_kernel_that_is_no_variable(graph):
    """A matrix that differs from step to step, whose first transposition would serve for all."""
    x, random = tf.ones([BATCH, DEPTH], tf.float64), np.random.RandomState(2)
    for _ in range(2):
        kernel = random.randn(DEPTH, WIDTH)
        (gradient,) = tf.gradients(matmul(x, tf.constant(kernel)), [x])
        with tf.Session() as session:
            np.testing.assert_allclose(session.run(gradient), np.tile(kernel.sum(1), [BATCH, 1]), rtol=1e-12)
