"""Wrong lines for the error finder: what finds a text, what tells of it, and the entries themselves."""

from planted import Mutant

EXPLAIN, ENTRY, PAGE = "rnn_tf1/help/explain.py", "rnn_tf1/help/explanations/entry.py", "docs/make_errors.py"
LINKS, BROKEN = "docs/check_pages.py", "tests/docs/test_pages.py -k what_is_broken"
GRAPHS, LOSSES, TRAINING = ("rnn_tf1/help/explanations/%s.py" % name for name in ("graphs", "mathematics", "training"))

TEST = "tests/help/test_explain.py -k "
FORMS, ABOVE, WHOLE = TEST + "any_form", TEST + "above_the_last", TEST + "entry_is_whole"
SHORT, UNRELATED, OURS = TEST + "short_and_other", TEST + "unrelated", TEST + "do_not_mislead"
SAYS, SHELL, SEVERAL = TEST + "explains_a_text", TEST + "for_the_shell", TEST + "several_explanations"
PIPE, UNKNOWN, TERMINAL, LIST = TEST + "pipe", TEST + "unknown_text", TEST + "at_a_terminal", TEST + "the_list"
RAISED = TEST + "'raises and %s'"

MUTANTS = [
    Mutant(
        EXPLAIN, "text[errors[-1].start() :]", "text[errors[0].start() :]", FORMS, "the first error taken for the last"
    ),
    Mutant(EXPLAIN, "return found + [known", "return found or [known", ABOVE, "what stands above the last error lost"),
    Mutant(EXPLAIN, " if known not in found]", "]", FORMS, "an entry told twice"),
    Mutant(EXPLAIN, 'text = _DECORATION.sub("", text)', "pass", FORMS, "frames, colours and pytest's marks kept"),
    Mutant(EXPLAIN, r"|^(E(?=\s|$)|[>|│┃])+", "", FORMS, "pytest's E kept"),
    Mutant(EXPLAIN, "(E(?=\\s|$)|", "(E|", WHOLE, "the first letter of Error cut off"),
    Mutant(EXPLAIN, "´‘’“”", "", SHORT, "the quotation marks of web pages kept"),
    Mutant(EXPLAIN, ", re.IGNORECASE))", "))", FORMS, "case that counts"),
    Mutant(EXPLAIN, 'bare = _IGNORED.sub("", text)', "bare = text", FORMS, "white space that counts"),
    Mutant(EXPLAIN, "found[:MOST])", "found)", SEVERAL, "all of a log explained at length"),
    Mutant(EXPLAIN, "if found[MOST:]:", "if False:", SEVERAL, "the others not even named"),
    Mutant(EXPLAIN, "_code(known.line[2:])", "_code(known.line)", SHELL, "a command with a dollar sign"),
    Mutant(EXPLAIN, '_code(known.show), ""]', '""]', SAYS, "the program left out"),
    Mutant(EXPLAIN, '" ".join(words)', "words[0]", SAYS, "the words after the first lost"),
    Mutant(EXPLAIN, 'decode("utf-8", "replace")', 'decode("utf-8")', PIPE, "a byte that is no text ends the command"),
    Mutant(EXPLAIN, "if not words and sys.stdin.isatty():", "if False:", TERMINAL, "a command that waits for nothing"),
    Mutant(EXPLAIN, "if not text.strip():", "if False:", UNKNOWN, "no text called an unknown one"),
    Mutant(
        EXPLAIN,
        "file=sys.stderr)\n        return 2",
        "file=sys.stderr)\n        return 0",
        UNKNOWN,
        "unknown, and all is well",
    ),
    Mutant(
        EXPLAIN,
        "for section, entries in SECTIONS.items():",
        "for section, entries in list(SECTIONS.items())[1:]:",
        LIST,
        "a section left out",
    ),
    Mutant(ENTRY, "elif not put:", "else:", RAISED % "NoOpKernel", "the mended line put for each wrong one"),
    Mutant(
        ENTRY,
        "lines += [margin + new for new",
        "lines += [new for new",
        RAISED % "uninitialized",
        "a mended line without its margin",
    ),
    Mutant(
        LOSSES,
        'line="logits = outputs[:, -1]"',
        'line="logits = outputs[:, 0:2]"',
        RAISED % "broadcastable",
        "a line that mends nothing",
    ),
    Mutant(LOSSES, "indices\\[[\\d,]*\\] =", "indices =", SHORT, "ids in a batch of sentences not found"),
    Mutant(TRAINING, "OutOfRange\\w*:.{0,4000}?End of sequence", "sequence", OURS, "a pattern that is a plain word"),
    Mutant(TRAINING, "loss (is|:|=) nan", "loss (is|:|=)?", UNRELATED, "every line on a loss explained as NaN"),
    Mutant(
        TRAINING,
        'logits = tf.get_variable("logits", [6, 10])',
        "logits = tf.zeros([6, 10])",
        RAISED % "gradients",
        "a program that raises something else",
    ),
    Mutant(GRAPHS, "because .{1,300}? is in a while loop |", "is in a loop |", WHOLE, "found as another entry"),
    Mutant(
        GRAPHS,
        '"ValueError: Cannot create a tensor proto whose content is larger than 2GB."',
        '"ValueError: GraphDef cannot be larger than 2GB."',
        RAISED % "2GB",
        "a text that TensorFlow does not print",
    ),
    Mutant(PAGE, "escaped(known.title)", "known.title", TEST + "the_page", "Markdown in a heading"),
    Mutant(LINKS, "elif anchor and target in pages", "elif False", BROKEN, "an anchor that is not there"),
    Mutant(LINKS, "if not os.path.exists(target):", "if False:", BROKEN, "a broken link"),
    Mutant(LINKS, "if (address, line) in page.loaded:", "if False:", BROKEN, "a page that needs a network"),
    Mutant(LINKS, "in page.loaded + page.linked:", "in page.linked:", BROKEN, "a broken picture"),
    Mutant(LINKS, "sys.exit(1 if found else 0)", "sys.exit(0)", BROKEN, "told, and passed"),
]
