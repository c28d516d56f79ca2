"""Wrong lines for a trained translator in use, and what keeps a good one whole: limits, numbers that come back, refusals."""

from planted import Mutant

TRANSLATING, USE, RUNS = [
    "rnn_tf1/experiments/translation/%s.py" % name for name in ("translating", "command_line", "experiment")
]
CLI = "rnn_tf1/program/cli.py"

LINES = "tests/experiments/test_translating.py -k "
LIMIT, WIDE, MARKS = LINES + "limit_follows", LINES + "wide_search", LINES + "come_back"
SURFACE, BEFORE, LONG = LINES + "surface", LINES + "came_before", LINES + "too_long"
SIZES, SAVED, ORDER = LINES + "sizes_and_rules", LINES + "tensorflow_reads", LINES + "in_order"

ASKED = "tests/experiments/test_translation_use.py -k "
BLIND, WIDTH, STAY = ASKED + "attention_is_needed", ASKED + "above_the_vocabulary", ASKED + "marks_that_stay"
SHOWN, DONE, CUT = ASKED + "test_show", ASKED + "asked_for_is_done", ASKED + "cut_off"
FILES, TYPED, AGAIN = ASKED + "read_file", ASKED + "'test_typed or prompt'", ASKED + "asked_for_again"
CLOSED, UNKNOWN, WANTED = ASKED + "closed", ASKED + "unknown_words", ASKED + "wanted"

TRAINED = "tests/experiments/test_translation_runs.py -k "
WHOLE, NEVER, KIND = TRAINED + "stays_as_it_is", TRAINED + "never_began", TRAINED + "either_kind"
JUDGED, BESIDE, SACREBLEU = TRAINED + "judge", TRAINED + "test_beside", TRAINED + "sacrebleu"
RECIPE, REPORT = TRAINED + "test_the_recipe", TRAINED + "test_report"

COMMAND = "tests/program/test_cli.py -k "
GONE, STOPPED, EMPTY = COMMAND + "goes_away", COMMAND + "ctrl_c", COMMAND + "empty"

MUTANTS = [
    # How much is written.
    Mutant(TRANSLATING, "// _BAND * _BAND) + 10", "// _BAND * _BAND) * 0 + 100", LIMIT, "100 tokens for all"),
    Mutant(TRANSLATING, "(length + _BAND - 1) // _BAND * _BAND", "length", LIMIT, "a limit for each length of a batch"),
    Mutant(
        TRANSLATING,
        "end = min(end, start + int((limits[start:] == most).sum()))",
        "end = min(end, len(order))",
        LIMIT,
        "a limit that is a neighbour's",
    ),
    Mutant(TRANSLATING, "if not one.ended)", "if one.ended)", LIMIT, "whole ones counted as cut off"),
    Mutant(TRANSLATING, "scores[1], looked, ended)", "scores[1], looked)", LIMIT, "what is cut off taken for whole"),
    Mutant(
        TRANSLATING,
        "min(rows, NUMBERS // numbers)",
        "rows",
        WIDE,
        "a memory that is full",
    ),
    Mutant(TRANSLATING, "numbers = width * (", "numbers = (", WIDE, "beams that take no room"),
    Mutant(TRANSLATING, "(config.units + most))", "config.units)", WIDE, "alignments that take no room"),
    Mutant(TRANSLATING, "numbers = width * (config.target_vocabulary +", "numbers = width * (", WIDE, "words likewise"),
    Mutant(TRANSLATING, "start + max(1, min(", "start + max(0, min(", WIDE, "no end, where one row is too much"),
    # Numbers, addresses and names.
    Mutant(
        TRANSLATING,
        "if mark and token == word]",
        "if False]",
        MARKS,
        "a number that becomes the word beside it",
    ),
    Mutant(TRANSLATING, "token == word]", "token in (NUMBER, URL)]", MARKS, "an address for a number"),
    Mutant(
        TRANSLATING,
        "mark = surface is not None and",
        "mark =",
        MARKS,
        "numbers put back in what is compared with marks",
    ),
    Mutant(
        TRANSLATING,
        "kept.rules.order(list(source if surface is None else surface))",
        "kept.rules.order(list(source))",
        MARKS,
        "marks for marks",
    ),
    Mutant(
        TRANSLATING,
        "kept.rules.order(list(source if surface is None else surface))",
        "list(source if surface is None else surface)",
        MARKS,
        "words from the other end of the sentence",
    ),
    Mutant(TRANSLATING, "tokenize(text, lower=False)", "tokenize(text)", SURFACE, "names in small letters"),
    Mutant(TRANSLATING, "written if len(written) == len(tokens) else tokens", "written", SURFACE, "tokens out of step"),
    Mutant(
        TRANSLATING,
        "words(kept, one, some, replace, surface)",
        "words(kept, one, some, replace)",
        LINES + "replaced_in_a_text",
        "tokens where a person reads",
    ),
    # Lines.
    Mutant(
        TRANSLATING,
        "    except DataError as error:\n        wrong = error\n",
        "    finally:\n        pass\n",
        BEFORE,
        "lost",
    ),
    Mutant(TRANSLATING, "        raise wrong\n", "        pass\n", BEFORE, "a damaged file that just ends"),
    Mutant(TRANSLATING, "if len(line) > CHARACTERS * LONGEST:", "if False:", LONG, "a page that is taken apart first"),
    Mutant(TRANSLATING, "number + long + 1", "number + long", LONG, "another line named"),
    Mutant(TRANSLATING, "0 if one.ended else len(one.tokens)", "0", ORDER, "what is cut off not known of"),
    # What is kept, and the SavedModel.
    Mutant(
        TRANSLATING,
        "known = dict(dataclasses.asdict(config), **rules._asdict())",
        "known = dict(dataclasses.asdict(config), **self.rules._asdict())",
        SIZES,
        "weights that read from the other end",
    ),
    Mutant(TRANSLATING, "            if changes:\n", "            if False:\n", SIZES, "other sizes accepted"),
    Mutant(
        TRANSLATING, '"translate": (two, found)', '"translate": (dict(two, count=count), found)', SAVED, "three inputs"
    ),
    Mutant(TRANSLATING, "limit(tf.shape(source)[1]), []", "100, []", SAVED, "100 tokens, whatever the source"),
    # What is asked for.
    Mutant(USE, "    if width > words:", "    if width > words + 1:", WIDTH, "one beam too many"),
    Mutant(USE, "        if asked:\n", "        if False:\n", BLIND, "flags that do nothing"),
    Mutant(USE, "if put]\n", "if True]\n", STAY, "what nobody substitutes told"),
    Mutant(USE, "if kept.config.attention is not None:", "if False:", BLIND, "attention that is not seen"),
    # What is printed.
    Mutant(USE, "enumerate(translate(", "enumerate(start=1, iterable=translate(", SHOWN, "numbers from 1"),
    Mutant(USE, "number + 1, longest", "number, longest", CUT, "another line named"),
    Mutant(
        USE, "max(one.cut_off for one in found)", "found[0].cut_off", SHOWN, "the first of the best alone looked at"
    ),
    Mutant(USE, "replace, where, width, rows)):", "replace, where, 1, rows)):", DONE, "the width forgotten"),
    Mutant(USE, "n_best=n_best, **how)", "n_best=n_best)", DONE, "penalties lost"),
    Mutant(
        USE, "replace, where, width, rows)):", "replace, where, width)):", WANTED, "fifty lines before the first answer"
    ),
    Mutant(USE, "itertools.chain([first], lines)", "lines", FILES, "the first line lost"),
    # What is typed.
    Mutant(USE, 'sys.stdin.reconfigure(errors="surrogateescape")', "pass", AGAIN, "a traceback for a wrong byte"),
    Mutant(USE, '"\\udc80" <= letter <= "\\udcff"', "False", AGAIN, "half a letter translated"),
    Mutant(USE, "    if control:\n", "    if False:\n", AGAIN, "signs that command the terminal"),
    Mutant(USE, "            continue\n", "            pass\n", TYPED, "a long line that ends everything"),
    Mutant(USE, "except (EOFError, KeyboardInterrupt):", "except EOFError:", TYPED, "a traceback at Ctrl-C"),
    Mutant(
        USE, 'sys.stderr.write("> " * person)', 'sys.stdout.write("> " * person)', TYPED, "prompts among translations"
    ),
    Mutant(USE, 'sys.stderr.write("> " * person)', 'sys.stderr.write("> ")', TYPED, "prompts for a program"),
    Mutant(USE, '        return input("> ")\n', "        pass\n", TYPED, "a prompt that readline does not know"),
    Mutant(USE, '            say("Not in', '            str("Not in', TYPED, "unknown words in silence"),
    Mutant(USE, "    if sys.stdin is None:", "    if False:", CLOSED, "a traceback"),
    Mutant(USE, "    return _typed(kept)\n", "    yield from _typed(kept)\n", CLOSED, "a network that is built first"),
    Mutant(
        USE, "kept.source.ids.get(word, unknown) == unknown", "word not in kept.target.ids", UNKNOWN, "the other side"
    ),
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
    # The command line of all examples.
    Mutant(
        CLI,
        "    except BrokenPipeError:\n        _let_output_go()\n",
        "    except ArithmeticError:\n",
        GONE,
        "a traceback",
    ),
    Mutant(CLI, "        _let_output_go()\n        sys", "        sys", GONE, "an error when Python ends"),
    Mutant(CLI, "sys.stdout.flush()  # a", "pass  # a", GONE, "what is written last shows too late"),
    Mutant(CLI, "str(stopped) or _STOPPED", "_STOPPED", STOPPED, "a promise that is not kept"),
    Mutant(CLI, "    if not text:\n", "    if False:\n", EMPTY, "an empty name"),
    Mutant(CLI, '"--out-dir",\n        type=path,', '"--out-dir",', EMPTY, "likewise, of the run"),
]
