"""Wrong lines for the devices: where layers and their gradients are put, and what the report says of it."""

from planted import Mutant

DEVICES, PLACEMENT = "rnn_tf1/devices/requests.py", "rnn_tf1/devices/placement.py"
OPTIMIZE = "rnn_tf1/training/optimize.py"
LAYERS_AROUND = "rnn_tf1/wrappers/layers.py"
STACK = "rnn_tf1/models/stack.py"

HOME = "tests/devices/test_placement.py -k 'layers_device and (static or dynamic) and lstm'"
SENT, LISTS = "tests/devices/test_placement.py -k what_is_sent", "tests/devices/test_placement.py -k lists"
REPORT, MOVED = "tests/devices/test_placement.py -k runtime_did", "tests/devices/test_placement.py -k loud"
MISSING, SMALL = (
    "tests/devices/test_placement.py -k missing",
    "tests/devices/test_placement.py -k 'advice or overlap or drawn or names'",
)

MUTANTS = [
    Mutant(
        OPTIMIZE,
        "with tf.device(beside_their_ops(loss.graph)):",
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
    Mutant(
        DEVICES,
        'if op.type == "AddN":',
        'if op.type == "NoSuchOp":',
        SENT,
        "sums of gradients that go round by the default device",
    ),
    Mutant(
        PLACEMENT,
        "wanted=wish.device,",
        "wanted=node.device,",
        MOVED,
        "what was given taken for what was wanted",
    ),
    Mutant(
        PLACEMENT,
        "given=node.device,",
        "given=wish.device,",
        MOVED,
        "a report that repeats the wish",
    ),
    Mutant(
        PLACEMENT,
        "        say(_loud(rows)",
        "        str(_loud(rows)",
        MOVED,
        "nothing on standard error where ops were moved",
    ),
    Mutant(
        PLACEMENT,
        "if output.slot == int(slot or 0)",
        "if output.slot != int(slot or 0)",
        SENT,
        "bytes of another output",
    ),
    Mutant(
        PLACEMENT,
        'for end in ("send_device", "recv_device")',
        'for end in ("recv_device", "send_device")',
        SENT,
        "the direction of what is sent",
    ),
    Mutant(
        PLACEMENT,
        'return "update" if',
        'return "forward" if',
        REPORT,
        "updates counted as forward",
    ),
    Mutant(
        DEVICES,
        "for nodes in [self.top] + list(self.functions.values()):",
        "for nodes in [self.top]:",
        MISSING,
        "the bodies of loops not looked into",
    ),
    Mutant(
        DEVICES,
        '("job", "replica", "task", "device_type", "device_index")',
        '("job", "replica", "task", "device_type")',
        MISSING,
        "any GPU taken for the one that was asked for",
    ),
    Mutant(
        PLACEMENT,
        "several += (moment - before) * (count > 1)",
        "several += (moment - before) * (count > 0)",
        SMALL,
        "one device at work counted as two",
    ),
    Mutant(
        DEVICES, "ratio = seconds_on_one / seconds\n", "ratio = seconds / seconds_on_one\n", SMALL, "advice reversed"
    ),
]
