"""Wrong lines for time series: the generated ones, windows, baselines, forecasters, WaveNet and generators."""

from planted import Mutant

WINDOWS, BASELINES = ("rnn_tf1/data/series/windows.py", "rnn_tf1/experiments/baselines.py")
FORECASTER, WAVENET, LINEAR = "rnn_tf1/models/forecaster.py", "rnn_tf1/models/wavenet.py", "rnn_tf1/models/linear.py"
GENERATOR, LAYERS = "rnn_tf1/models/generator.py", "rnn_tf1/layers/basic.py"

DATA = "tests/data/test_series.py -k 'not book'"
LOSSES = "tests/models/test_forecaster.py -k 'losses or vector'"
EQUATIONS = "tests/models/test_forecaster.py -k equations"
FUTURE = "tests/models/test_forecaster.py -k 'future and (wavenet or convolution)'"
CONV = "tests/models/test_forecaster.py -k conv1d"
GENERATED = "tests/models/test_forecaster.py -k 'sliding or stateful or chunks'"
SMALL = "tests/models/test_forecaster.py -k 'linear or monte or equal'"

MUTANTS = [
    # The series and their windows.
    Mutant(WINDOWS, "count = len(series) - steps + 1", "count = len(series) - steps", DATA, "the last window lost"),
    Mutant(WINDOWS, "pieces[:, j + 1 : j + 1 + steps]", "pieces[:, j : j + steps]", DATA, "targets that were read"),
    Mutant(WINDOWS, "[:, reach - 1 :: stride]", "[:, ::stride]", DATA, "targets out of step with the convolution"),
    Mutant(BASELINES, "np.arange(ahead) % season", "np.arange(ahead)[::-1] % season", DATA, "a season run backwards"),
    Mutant(BASELINES, "np.concatenate([triangle, rows]), mode", "rows, mode", DATA, "the last block alone"),
    Mutant(BASELINES, "np.ones([len(rows), 1])", "np.zeros([len(rows), 1])", DATA, "no bias"),
    # The forecasters.
    Mutant(FORECASTER, "squares[:, -1]", "squares[:, 0]", LOSSES, "the first step for the last"),
    Mutant(
        FORECASTER, "tf.expand_dims(last_output(outputs), 1)", "outputs[:, :1]", LOSSES, "a forecast after one value"
    ),
    Mutant(FORECASTER, "tf.tile(inputs, [passes, 1, 1])", "tf.repeat(inputs, passes, 0)", SMALL, "rows for passes"),
    Mutant(FORECASTER, "tf.sqrt(variance)", "variance", SMALL, "the variance for the deviation"),
    Mutant(
        FORECASTER,
        "OutputProjectionWrapper(cell, width) if",
        "OutputProjectionWrapper(cell, width, tf.tanh) if",
        SMALL,
        "a projection that is not linear",
    ),
    Mutant(
        LINEAR,
        "tf.reshape(inputs, [-1, config.steps * config.depth])",
        "tf.reshape(inputs[:, ::-1], [-1, config.steps * config.depth])",
        SMALL,
        "the window turned round",
    ),
    Mutant(
        LAYERS,
        "[(kernel_size - 1) * dilation_rate, 0]",
        "[0, (kernel_size - 1) * dilation_rate]",
        FUTURE,
        "a causal convolution that reads the future",
    ),
    Mutant(LAYERS, "strides=[strides], dilation_rate=[dilation_rate]", "strides=[strides]", CONV, "no dilation"),
    Mutant(LAYERS, "dilation_rate=[dilation_rate]) + bias", "dilation_rate=[dilation_rate])", CONV, "no bias"),
    Mutant(
        WAVENET,
        "x = _causal(x, config.filters, dilation,",
        "x = _causal(x, config.filters, 1,",
        FUTURE,
        "a smaller receptive field",
    ),
    Mutant(
        WAVENET,
        'g *= _causal(z, config.filters, dilation, tf.sigmoid, "gate")',
        'g *= conv1d(z[:, ::-1], config.filters, 1, activation=tf.sigmoid, name="gate")',
        FUTURE,
        "gates that read the future",
    ),
    Mutant(WAVENET, "z += conv1d(g", "z = conv1d(g", EQUATIONS, "no residual connection"),
    Mutant(WAVENET, "tf.add_n(skips)", "skips[-1]", EQUATIONS, "the last skip connection alone"),
    Mutant(WAVENET, 'dilation, tf.tanh, "filter"', 'dilation, tf.nn.relu, "filter"', EQUATIONS, "another activation"),
    Mutant(
        WAVENET, "conv1d(tf.nn.relu(tf.add_n", "conv1d(tf.identity(tf.add_n", EQUATIONS, "no ReLU before the output"
    ),
    Mutant(WAVENET, 'dilation, tf.nn.relu, "layer', 'dilation, tf.tanh, "layer', EQUATIONS, "another activation"),
    Mutant(WAVENET, "< len(config.dilations) - 1", "< len(config.dilations)", EQUATIONS, "weights that nothing reads"),
    Mutant(FORECASTER, "config.stride, activation=tf.nn.relu)", "config.stride)", EQUATIONS, "a linear convolution"),
    Mutant(
        FORECASTER,
        "x = inputs[:, config.reach - config.kernel_size :]",
        "x = inputs[:, : config.steps - config.reach + config.kernel_size]",
        EQUATIONS,
        "the newest values left out",
    ),
    # Generation.
    Mutant(
        GENERATOR,
        "predictions[:, -1, : config.depth]",
        "predictions[:, -1, -config.depth :]",
        GENERATED,
        "the farthest forecast for the next value",
    ),
    Mutant(
        GENERATOR,
        "tf.concat([window[:, 1:],",
        "tf.concat([window[:, :1] * 0, window[:, 2:],",
        GENERATED,
        "a window that loses a value",
    ),
    Mutant(
        GENERATOR,
        "value, (_next_value(config, predictions), state)",
        "value, (_next_value(config, predictions), carried[1])",
        GENERATED,
        "the state of the window for ever",
    ),
    Mutant(
        GENERATOR, "count - i * CHUNK, CHUNK)", "count - i * CHUNK, CHUNK - 1)", GENERATED, "values lost between chunks"
    ),
    Mutant(
        GENERATOR,
        "_, values, carried = tf.while_loop",
        "_, values, _ = tf.while_loop",
        GENERATED,
        "each chunk begins anew",
    ),
]
