"""Wrong lines for a trained translator in use, and what keeps a good one whole: limits, numbers that come back, refusals."""

from planted import Mutant

RUNS = "rnn_tf1/experiments/translation/experiment.py"

TRAINED = "tests/experiments/test_translation_runs.py -k "
WHOLE, NEVER, KIND = TRAINED + "stays_as_it_is", TRAINED + "never_began", TRAINED + "either_kind"
JUDGED, BESIDE, SACREBLEU = TRAINED + "judge", TRAINED + "test_beside", TRAINED + "sacrebleu"
RECIPE, REPORT = TRAINED + "test_the_recipe", TRAINED + "test_report"

MUTANTS = [
    # Training and judging.
    Mutant(RUNS, "        parts.kept.check(folder)\n", "        pass\n", WHOLE, "a good translator written over"),
    Mutant(RUNS, 'kinds = ("step", "best")', 'kinds = ("step",)', KIND, "the best weights alone are no run"),
    Mutant(
        RUNS,
        "    check_installed()\n",
        "    check_installed()\n    parts.kept.save(folder)\n",
        NEVER,
        "written before it is known to begin",
    ),
    Mutant(RUNS, "    check_installed()\n", "    pass\n", SACREBLEU, "an epoch for nothing"),
    Mutant(
        RUNS,
        "replace, kept.rules.surface(line)), capital=True)",
        "replace, kept.rules.surface(line)))",
        JUDGED,
        "no capital letters in what people are given",
    ),
    Mutant(RUNS, "kept.rules.surface(line))", "source)", JUDGED, "tokens in what people are given"),
    Mutant(RUNS, "bleu(given, raw.target)", "bleu(given, raw.target, lower=True)", JUDGED, "case left out of account"),
    Mutant(RUNS, "sum(not one.ended for one in found)", "0", RECIPE, "cut off uncounted"),
    Mutant(RUNS, '    print("cut off: %s" % cut_off(found))\n', "", REPORT, "cut off, and nobody told"),
    Mutant(RUNS, 'if metrics.get("test_set") != own:', "if False:", BESIDE, "another test set in the picture"),
    Mutant(RUNS, "parts.kept.config, width)", "parts.kept.config)", REPORT, "a memory that is full"),
]
