"""Wrong lines for the adding problem and the copy task: data, graphs, gradients, runs and pictures."""

from planted import Mutant

MODEL, RUNS = ("rnn_tf1/models/memory.py", "rnn_tf1/experiments/memory/experiment.py")
TRAINING = "rnn_tf1/training/loop.py"

TESTS = "tests/experiments/test_memory_tasks.py -k "
TEST_NUMPY, TEST_REACH, TEST_LINEAR = TESTS + "losses_against", TESTS + "differences", TESTS + "linear_cell"
TEST_FIT, TEST_SOLVED, TEST_START = TESTS + "at_the_target", TESTS + "solved_run -m ''", TESTS + "start_is"
TEST_FORECAST = TESTS + "forecast"

MUTANTS = [
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
        "tf.gradients(net.recall_losses, ",
        "tf.gradients(net.loss, ",
        TEST_LINEAR,
        "a gradient that the batch size divides",
    ),
    Mutant(RUNS, "self.seed, number))", "self.seed, 0))", TEST_SOLVED, "one batch for ever"),
    Mutant(
        RUNS,
        '"end": self.look(session, reach)',
        '"end": session.run(tf.global_variables_initializer()) or self.look(session, reach)',
        TEST_START,
        "the start of weights that are not the training's",
    ),
    Mutant(
        RUNS, "config.length * (build", "config.steps * (build", TEST_FORECAST, "the copy task's 20 positions left out"
    ),
    Mutant(
        RUNS, 'self.task.monitor == "valid_error"', 'self.task.monitor != "valid_error"', TEST_SOLVED, "the worst kept"
    ),
    Mutant(
        TRAINING,
        'best["score"] >= (-self',
        'best["score"] > (-self',
        TEST_FIT,
        "a target that is reached and not noticed",
    ),
    Mutant(TRAINING, "-self.target if", "self.target if", TEST_FIT, "an error taken for a score"),
]
