"""Wrong lines for a person's own series: what is read from a CSV file, and what is done to it and undone."""

from planted import Mutant

TABLE, TRANSFORM = "rnn_tf1/data/series/table.py", "rnn_tf1/data/series/transform.py"

TEST = "tests/data/test_table.py -k "
TEST_READ, TEST_DATES, TEST_BAD_DATES = TEST + "as_they_come", TEST + "test_dates", TEST + "bad_dates"
TEST_BAD, TEST_MISSING, TEST_CHOSEN = TEST + "bad_file", TEST + "missing", TEST + "are_chosen"
TEST_MEMORY = TEST + "small_multiple"
TRANSFORMED = "tests/data/test_transform.py -k "
TEST_UNDO, TEST_SHORT = TRANSFORMED + "undo_continues", TRANSFORMED + "too_short"
TEST_CONSTANT, TEST_SCALING = TRANSFORMED + "constant", TRANSFORMED + "deviation_of_the"
TEST_SPLIT = TRANSFORMED + "consecutive"

MUTANTS = [
    Mutant(
        TABLE, "compress(keys, numeric)) or there", "compress(keys, [])) or there", TEST + "offered", "text offered"
    ),
    Mutant(
        TABLE,
        "numeric[place] and place != index",
        "numeric[place]",
        TEST + "bad_file",
        "the column that is at fault offered",
    ),
    Mutant(TABLE, "1 if told else 0, 0, 0", "0, 0, 0", TEST + "bad_file", "a line too early below sep="),
    Mutant(TABLE, "told.group(1) if told else ", "", TEST + "spreadsheet", "a mark that is guessed where it is told"),
    Mutant(
        TABLE, 'if decimal == "," and \'"\' not in start', "if False", TEST + "comma", "a decimal comma parts cells"
    ),
    Mutant(TABLE, "and '\"' not in start", "", TEST + "comma", "a comma never parts cells in quotes"),
    Mutant(TABLE, 'maketrans(".,", ",.")', 'maketrans(",", ".")', TEST + "bad_file", "a point beside decimal commas"),
    Mutant(TABLE, ">= 2 * usual", "> 2 * usual", TEST + "told", "one lost row untold"),
    Mutant(TABLE, ">= 2 * usual", ">= 1 * usual", TEST + "told", "months as holes"),
    Mutant(
        TABLE,
        "np.median(np.diff(dates).view(np.int64), overwrite_input=True)",
        "np.median(np.diff(dates).astype(np.int64))",
        TEST_MEMORY,
        "copies of the dates",
    ),
    Mutant(TABLE, "self.readings.popitem()[1]", "self.readings.copy().popitem()[1]", TEST_MEMORY, "dates kept twice"),
    Mutant(
        TABLE,
        "itertools.chain([second], rows):",
        "list(itertools.chain([second], rows)):",
        TEST_MEMORY,
        "all rows held at once",
    ),
    Mutant(TABLE, 'rows = re.sub(\'"[^"]*"\', "", start)', "rows = start", TEST_READ, "a delimiter in quotes counted"),
    Mutant(
        TABLE,
        "            line = before + reader.line_num + 1\n",
        "            line += 1\n",
        TEST_MISSING,
        "a row taken for a line where a cell has two",
    ),
    Mutant(
        TABLE,
        "[places[name] for name in columns or there]",
        "[places[name] for name in there if not columns or name in columns]",
        TEST_CHOSEN,
        "the file's order, not the one asked for",
    ),
    Mutant(TABLE, "            if math.isinf(number):", "            if False:", TEST_BAD, "an infinity let through"),
    Mutant(
        TABLE,
        "timezone.utc if zone else None",
        "zone",
        TEST_DATES,
        "dates counted from the midnight of the first one's zone",
    ),
    Mutant(
        TABLE,
        "dates[1:] <= dates[:-1]",
        "dates[1:] < dates[:-1]",
        TEST_BAD_DATES,
        "a date that comes twice let through",
    ),
    Mutant(
        TABLE,
        "if len(self.readings) > 1:",
        "if False:",
        TEST_BAD_DATES,
        "day and month guessed where either may be meant",
    ),
    Mutant(
        TRANSFORM,
        "reversed(list(zip(self.lags, stages)))",
        "zip(self.lags, stages)",
        TEST_UNDO,
        "undone in the wrong order",
    ),
    Mutant(
        TRANSFORM, "stage[len(stage) - lag :]", "stage[:lag]", TEST_UNDO, "continued from the wrong end of the past"
    ),
    Mutant(TRANSFORM, "len(result) <= self.needed", "len(result) < self.needed", TEST_SHORT, "no difference at all"),
    Mutant(
        TRANSFORM,
        "        self.deviation[values.min(0) == values.max(0)] = 0",
        "        pass",
        TEST_CONSTANT,
        "a constant scaled by its rounding",
    ),
    Mutant(
        TRANSFORM,
        "return self._fitting(scaled) * self.deviation\n",
        "return self._fitting(scaled) * self.deviation + self.mean\n",
        TEST_SCALING,
        "error bars that are shifted by the mean",
    ),
    Mutant(
        TRANSFORM, "size = round(size * len(values))", "size = int(size * len(values))", TEST_SPLIT, "a row cut off"
    ),
]
