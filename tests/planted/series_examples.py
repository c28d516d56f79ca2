"""Wrong lines for the runs on series: a person's own table, the benchmark, what is read back, training and pictures."""

from planted import Mutant

CSV, FORECAST, RUNS, GENERATION = (
    "rnn_tf1/experiments/forecasting/own_series.py",
    "rnn_tf1/experiments/forecasting/own_forecast.py",
    "rnn_tf1/experiments/forecasting/comparison.py",
    "rnn_tf1/experiments/forecasting/generation.py",
)
TRAINING = "rnn_tf1/experiments/forecasting/experiment.py"

OWN = "tests/experiments/test_csv_forecast.py -k "
TEST_PARTS, TEST_LEAK = OWN + "follow_one_another", OWN + "later_parts"
TEST_UNDO, TEST_DATES = OWN + "undoing_the_truth", OWN + "next_dates"
TEST_HAND, TEST_LONG, TEST_BEST = OWN + "by_hand", OWN + "sampled_anew", OWN + "best_epoch"
EXAMPLES = "tests/experiments/test_series_examples.py -k "
TEST_LAST, TEST_RUN = EXAMPLES + "its_last_step", EXAMPLES + "a_run_and"
TEST_BASELINES, TEST_JUDGE, TEST_GENERATION = EXAMPLES + "numpy", EXAMPLES + "judge", EXAMPLES + "generation_run"
TEST_NOISE, TEST_ERROR = EXAMPLES + "noise_is", EXAMPLES + "test_error"

MUTANTS = [
    Mutant(CSV, "(self.borders[0], 1)", "(self.steps, 1)", TEST_PARTS, "validated on the rows that are trained on"),
    Mutant(CSV, "Scaling(parts[0], ", "Scaling(changes, ", TEST_LEAK, "scaled by what is to come"),
    Mutant(
        CSV,
        "self.table.values[origin : origin + self.differences.needed]",
        "self.table.values[: self.differences.needed]",
        TEST_UNDO,
        "every forecast goes on from the first rows",
    ),
    Mutant(
        FORECAST, "np.sqrt(variance + noise)", "np.sqrt(variance)", TEST_HAND, "error bars without the series' noise"
    ),
    Mutant(
        FORECAST,
        "RandomState([self.seed, epoch]).randint",
        "RandomState(self.seed).randint",
        TEST_LONG,
        "a long series of which most is never seen",
    ),
    Mutant(
        FORECAST,
        "    towers = Experiment.towers  # with dropout and without\n",
        "    towers = lambda self: (Experiment.towers(self)[0],) * 2\n",
        TEST_BEST,
        "the best epoch by the luck of dropout",
    ),
    Mutant(CSV, "for days in (1, 0):", "for days in (0,):", TEST_DATES, "ends of months 30 days apart"),
    Mutant(RUNS, "inputs)[:, -1]", "inputs)[:, 0]", TEST_LAST, "the first step's forecasts"),
    Mutant(
        RUNS,
        "monitor = None  # the last",
        'monitor = "valid_mse"  # the last',
        TEST_RUN,
        "an epoch chosen by the error that is then published",
    ),
    Mutant(
        RUNS,
        "baseline(train, inputs, ahead)",
        "baseline(self.data[part], inputs, ahead)",
        TEST_BASELINES,
        "least squares solved on what they are tested on",
    ),
    Mutant(
        GENERATION,
        "np.abs(values.astype(np.float64) - middle).max()",
        "(values.astype(np.float64) - middle).max()",
        TEST_JUDGE,
        "a series that may run away downwards",
    ),
    Mutant(
        GENERATION,
        "np.stack(list(starts.values()))",
        "np.stack(list(starts.values())[::-1])",
        TEST_GENERATION,
        "what came from zeros said to come from the data",
    ),
    Mutant(TRAINING, "RandomState([self.seed, epoch, number])", "RandomState(0)", TEST_NOISE, "one noise for ever"),
    Mutant(TRAINING, "net.last_losses if last", "net.last_losses if not last", TEST_ERROR, "all steps for the last"),
]
