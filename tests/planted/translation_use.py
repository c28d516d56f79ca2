"""Wrong lines for a trained translator in use, and what keeps a good one whole: limits, numbers that come back, refusals."""

from planted import Mutant

RUNS, JUDGING = ["rnn_tf1/experiments/translation/%s.py" % name for name in ("experiment", "judging")]

TRAINED = "tests/experiments/test_translation_runs.py -k "
WHOLE, KIND = TRAINED + "stays_as_it_is", TRAINED + "either_kind"
JUDGED, BESIDE, WENT_AWAY = TRAINED + "judge", TRAINED + "test_beside", TRAINED + "went_away"
RECIPE, REPORT = TRAINED + "what_is_trained", TRAINED + "test_report"

MUTANTS = [
    # Training and judging.
    Mutant(RUNS, "            self.parts.files.check(folder.path)\n", "", WHOLE, "a good translator written over"),
    Mutant(RUNS, 'in ("step", "best"))', 'in ("step",))', KIND, "the best weights alone are no run"),
    Mutant(RUNS, "        if self.monitor == BLEU:\n", "        if False:\n", WENT_AWAY, "an epoch for nothing"),
    Mutant(
        JUDGING,
        "replace, files.rules.surface(line)), capital=True)",
        "replace, files.rules.surface(line)))",
        JUDGED,
        "no capital letters in what people are given",
    ),
    Mutant(JUDGING, "files.rules.surface(line))", "source)", JUDGED, "tokens in what people are given"),
    Mutant(
        JUDGING, "bleu(given, raw.target)", "bleu(given, raw.target, lower=True)", JUDGED, "case left out of account"
    ),
    Mutant(JUDGING, "sum(not one.ended for one in found)", "0", RECIPE, "cut off uncounted"),
    Mutant(RUNS, '        print("cut off: %s" % cut_off(found))\n', "", REPORT, "cut off, and nobody told"),
    Mutant(JUDGING, 'if metrics.get("test_set") != own:', "if False:", BESIDE, "another test set in the picture"),
    Mutant(RUNS, "parts.files.config, settings.width)", "parts.files.config)", REPORT, "a memory that is full"),
]
