"""Wrong lines for the devices: where layers and their gradients are put, and what the report says of it."""

from planted import Mutant

OPTIMIZE = "rnn_tf1/training/optimize.py"
LAYERS_AROUND = "rnn_tf1/wrappers/layers.py"
STACK = "rnn_tf1/models/stack.py"

HOME = "tests/devices/test_placement.py -k 'layers_device and (static or dynamic) and lstm'"

MUTANTS = [
    Mutant(
        OPTIMIZE,
        "with tf.device(gradients_beside_ops(loss.graph)):",
        "with tf.device(None):",
        HOME,
        "gradients on the default device",
    ),
    Mutant(
        STACK,
        "DeviceCellWrapper(device, cell) for device, cell in zip(config.devices, cells)",
        "DeviceCellWrapper(devices[0], cell) for cell in cells",
        HOME,
        "all layers on the first device",
    ),
    Mutant(
        LAYERS_AROUND,
        "with tf.device(self._device), tf.variable_scope(",
        "with tf.device(None), tf.variable_scope(",
        HOME,
        "a wrapper that puts nothing anywhere",
    ),
]
