"""Wrong lines for what strangers write into files: numbers that are none, bombs, patterns that take the square of a text."""

from planted import Mutant

OUTSIDE, ARCHIVE, TABLE = (
    "rnn_tf1/data/files/outside.py",
    "rnn_tf1/data/files/archive.py",
    "rnn_tf1/data/series/table.py",
)
SKETCHES, MUSIC, VECTORS = (
    "rnn_tf1/data/images/sketches.py",
    "rnn_tf1/data/music/scores.py",
    "rnn_tf1/data/text/vectors.py",
)
TALES, TRANSLATING, PAGE = (
    "rnn_tf1/data/text/fairy_tales.py",
    "rnn_tf1/experiments/translation/translating.py",
    "rnn_tf1/plotting/page.py",
)
RUNS = "rnn_tf1/experiments/translation/experiment.py"

TEST = "tests/data/test_outside.py -k "
NUMBERS, SIZES = TEST + "whole_numbers", "tests/experiments/test_translating.py -k sizes_of_a_translator"

MUTANTS = [
    Mutant(OUTSIDE, "text.isascii() and ", "", NUMBERS, "a superscript read as a number"),
    Mutant(OUTSIDE, ' or len(text.lstrip("0")) > len(str(most))', "", NUMBERS, "5,000 digits read"),
    Mutant(OUTSIDE, "number if number <= most else None", "number", NUMBERS, "a number above the most"),
    Mutant(OUTSIDE, "min(most, max(ALWAYS, MOST_TIMES * packed))", "most", TEST + "unpacked", "bombs unpacked"),
    Mutant(
        OUTSIDE, 'replace(b"\\r\\n", b"\\n") == content', "strip() == content", TEST + "beside", "another note taken"
    ),
    Mutant(ARCHIVE, "if _DIGITS.search(found):", "if False:", TEST + "headers_of_archives", "the square of the digits"),
    Mutant(ARCHIVE, "if self.headers > MOST_HEADERS:", "if False:", TEST + "headers_of_archives", "a list without end"),
    Mutant(ARCHIVE, "else MOST_HEADER\n", "else self.maximum\n", TEST + "headers_of_archives", "a header of any size"),
    Mutant(TABLE, "if width > MOST_COLUMNS:", "if False:", TEST + "wide", "any number of columns"),
    Mutant(TABLE, "[printable(cell.strip())", "[cell.strip()", TEST + "wide", "names that steer a terminal"),
    Mutant(TABLE, "if max(map(len, names)) > LONGEST_NAME:", "if False:", TEST + "wide", "a name as long as a book"),
    Mutant(
        SKETCHES, "and length > _LONGEST_HEADER:", "and False:", TEST + "headers_of_arrays", "a program for the parser"
    ),
    Mutant(
        SKETCHES, "if len(steps) > MOST_DRAWINGS:", "if False:", TEST + "headers_of_arrays", "any number of drawings"
    ),
    Mutant(SKETCHES, ' or np.array(stroke[:2]).dtype.kind not in "if"', "", TEST + "points", "texts as numbers"),
    Mutant(MUSIC, "if _ENDLESS.search(content):", "if False:", TEST + "tracks", "a number without end"),
    Mutant(VECTORS, "whole_number(field, _MOST_PROMISED)", "int(field)", TEST + "header_of_vectors", "int() of a word"),
    Mutant(TALES, '" % LONGEST_TITLE)', '" % 10**7)', TEST + "titles", "the square of a line"),
    Mutant(TRANSLATING, "if not right or (", "if (", SIZES, "sizes of another kind"),
    Mutant(TRANSLATING, "0 <= value <= most)", "0 <= value)", SIZES, "sizes without a bound"),
    Mutant(TRANSLATING, "if len(vocabulary) != size:", "if False:", SIZES, "a vocabulary of another size"),
    Mutant(PAGE, 'shown.replace("$", r"\\$")', "shown", TEST + "labels", "a class that begins a formula"),
    Mutant(
        RUNS,
        "TypeError, OverflowError)",
        "TypeError)",
        "tests/experiments/test_translation_runs.py -k beside",
        "10**400 for a score",
    ),
]
