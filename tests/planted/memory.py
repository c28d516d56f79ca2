"""Wrong lines for the adding problem and the copy task: data, graphs, gradients, runs and pictures."""

from planted import Mutant

DATA, MODEL, RUNS = (
    "rnn_tf1/data/generated/memory_tasks.py",
    "rnn_tf1/models/memory.py",
    "rnn_tf1/experiments/memory/experiment.py",
)
PLOTTING, TRAINING = "rnn_tf1/experiments/memory/pictures.py", "rnn_tf1/training/loop.py"

TESTS = "tests/experiments/test_memory_tasks.py -k "
TEST_DATA = TESTS + "'adding_ or copy_ or pure'"
TEST_NUMPY, TEST_REACH, TEST_LINEAR = TESTS + "losses_against", TESTS + "differences", TESTS + "linear_cell"
TEST_FIT, TEST_SOLVED, TEST_START = TESTS + "at_the_target", TESTS + "solved_run", TESTS + "start_is"
TEST_FORECAST, TEST_PICTURES = TESTS + "forecast", TESTS + "picture"

MUTANTS = [
    Mutant(
        DATA,
        "((0, steps // 2), (steps // 2, steps))",
        "((0, steps // 2), (0, steps))",
        TEST_DATA,
        "both marks in the first half",
    ),
    Mutant(DATA, "(steps + 2 * RECALLED)\n\n\ndef _gen", "steps\n\n\ndef _gen", TEST_DATA, "a baseline per blank"),
    Mutant(
        DATA, "[seed, step, PARTS.index(part)]", "[seed, step]", TEST_DATA, "held-out sequences that are trained on"
    ),
    Mutant(
        MODEL,
        "tf.reduce_mean(nats[:, -RECALLED:], 1)",
        "tf.reduce_mean(nats[:, :RECALLED], 1)",
        TEST_NUMPY,
        "the loss of the symbols that are read, not of those that are recalled",
    ),
    Mutant(
        MODEL, "        totals[name] += part\n", "        pass\n", TEST_REACH, "the path through the output left out"
    ),
    Mutant(MODEL, "tf.concat([entering[:, 1:],", "tf.concat([entering[:, :-1],", TEST_LINEAR, "a gradient a step off"),
    Mutant(
        MODEL,
        "tf.gradients(net.recall_losses, seen)",
        "tf.gradients(net.loss, seen)",
        TEST_LINEAR,
        "a gradient that the batch size divides",
    ),
    Mutant(RUNS, "budget.seed, number))", "budget.seed, 0))", TEST_SOLVED, "one batch for ever"),
    Mutant(
        RUNS,
        "            session.run(tf.global_variables_initializer())\n            result",
        "            session.run(tf.global_variables_initializer())\n"
        "            session.run(tf.global_variables_initializer())\n            result",
        TEST_START,
        "the start of weights that are not the training's",
    ),
    Mutant(
        RUNS, "config.length * (build", "config.steps * (build", TEST_FORECAST, "the copy task's 20 positions left out"
    ),
    Mutant(RUNS, "lower_is_better=task.monitor ==", "lower_is_better=task.monitor !=", TEST_SOLVED, "the worst kept"),
    Mutant(
        TRAINING,
        'best["score"] >= goal',
        'best["score"] > goal',
        TEST_FIT,
        "a target that is reached and not noticed",
    ),
    Mutant(TRAINING, "-target if lower_is_better", "target if lower_is_better", TEST_FIT, "an error taken for a score"),
    Mutant(
        PLOTTING, "np.arange(len(norm))[::-1]", "np.arange(len(norm))", TEST_PICTURES, "time that runs the wrong way"
    ),
]
