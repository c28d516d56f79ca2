"""Wrong lines for graphs as drawings, for networks drawn unrolled, and for what the lessons notice."""

from planted import Mutant

LEFT_OUT, LOOPS, FOLDING = (
    "rnn_tf1/plotting/graph_drawing/left_out.py",
    "rnn_tf1/plotting/graph_drawing/loops.py",
    "rnn_tf1/plotting/graph_drawing/folding.py",
)
BOXES, LAYERED, GRAPH = (
    "rnn_tf1/plotting/graph_drawing/boxes.py",
    "rnn_tf1/plotting/graph_drawing/layered.py",
    "rnn_tf1/plotting/graph_drawing/graph.py",
)
UNROLLED, LESSON, RUN = "rnn_tf1/plotting/diagrams/unrolled.py", "docs/lessons/lesson.py", "docs/run_lessons.py"

WHOLE = "tests/plotting/test_graph_drawing.py -k every_op"
CALLS = "tests/plotting/test_graph_drawing.py -k 'static_calls or many_calls'"
LOOP = "tests/plotting/test_graph_drawing.py -k in_a_loop"
TITLES = "tests/plotting/test_graph_drawing.py -k 'static_layers or two_directions'"
DYNAMIC = "tests/plotting/test_graph_drawing.py -k dynamic_loop"
OUT, CHECKS = (
    "tests/plotting/test_graph_drawing.py -k left_out",
    "tests/plotting/test_graph_drawing.py -k checks_and_sizes",
)
HOSTILE, EMPTY = (
    "tests/plotting/test_graph_drawing.py -k hostile",
    "tests/plotting/test_graph_drawing.py -k 'empty or only'",
)
LAYOUT = "tests/plotting/test_graph_drawing.py -k 'layout or late or uncrossed or rising'"
STEPS, BOTH = (
    "tests/plotting/test_unrolled.py -k 'folded or layers or chosen'",
    "tests/plotting/test_unrolled.py -k both_directions",
)
STALE, HELPERS = (
    "tests/docs/test_lessons.py -k 'stale or otherwise'",
    "tests/docs/test_lessons.py -k 'goes_wrong or print_difference'",
)
COURSE = "tests/docs/test_lessons.py -k 'failing_lesson or by_number'"

MUTANTS = [
    Mutant(
        FOLDING, "and not any(before[s] >> place & 1 for s in sources if s != place)", "", WHOLE, "boxes in a circle"
    ),
    Mutant(
        FOLDING,
        "if source != place:\n                    tensors = edges",
        "if source < place - 1:\n                    tensors = edges",
        WHOLE,
        "arrows between neighbours that are not there",
    ),
    Mutant(FOLDING, "len(groups) + len(together) <= most", "len(groups) <= most", WHOLE, "more boxes than allowed"),
    Mutant(FOLDING, "1 + place * count // len(members)", "1", CALLS, "all calls are the first"),
    Mutant(FOLDING, "call in (1, count)", "call in (0, count)", CALLS, "the first call folded with the others"),
    Mutant(LOOPS, "around = around[:-1]", "around = around", DYNAMIC, "what comes behind a loop is in it"),
    Mutant(LOOPS, 'for part in ("body", "cond")', 'for part in ("cond", "cond")', LOOP, "the body not looked into"),
    Mutant(
        LOOPS,
        "found.setdefault(op.name, loops[0])",
        "str(op.name)",
        DYNAMIC,
        "the lists of a loop's inputs beside it",
    ),
    Mutant(
        LEFT_OUT,
        'if source.name in fed and readers & {"gradients", "summaries"}:',
        "if source.name in fed and readers & set():",
        OUT,
        "the loss left out with its gradient",
    ),
    Mutant(
        LEFT_OUT,
        'or (op.name.endswith("/Assign") and scope_of(op.name) in variables)',
        "",
        OUT,
        "initializers drawn",
    ),
    Mutant(
        LEFT_OUT,
        "op.type not in PLACES and op.inputs",
        "op.inputs",
        "tests/plotting/test_graph_drawing.py -k language_model",
        "a feed with a default taken for a constant",
    ),
    Mutant(
        LEFT_OUT, "return rank == 0 or (rank == 1 and", "return rank >= 0 or (rank == 1 and", CHECKS, "data left out"
    ),
    Mutant(BOXES, '"?" if size is None', '"1" if size is None', CALLS, "unknown sizes shown as known"),
    Mutant(BOXES, "range(1, len(parts) + 1)", "range(1, 2)", TITLES, "layers of the same title"),
    Mutant(GRAPH, "return escape(_visible(text))", "return _visible(text)", HOSTILE, "names that are not escaped"),
    Mutant(
        GRAPH, "if not folded.boxes and not texts:", "if not folded.boxes:", EMPTY, "a graph of constants called empty"
    ),
    Mutant(LAYERED, "max(levels[target], levels[node] + 1)", "levels[node] + 1", LAYOUT, "arrows that run down"),
    Mutant(LAYERED, "if crossings < fewest:", "if crossings > fewest:", LAYOUT, "the order with most crossings"),
    Mutant(LAYERED, "pools[-2][0] > pools[-1][0]", "pools[-2][0] > pools[-1][0] + 9", LAYOUT, "boxes on each other"),
    Mutant(UNROLLED, "ends[::-1] if backwards else ends", "ends", BOTH, "a second direction that runs forwards"),
    Mutant(UNROLLED, "input_name and (shift or row == 0)", "input_name", STEPS, "inputs into the upper layers"),
    Mutant(
        UNROLLED,
        "if outputs is None or step in outputs",
        "if outputs is None or step in (inputs or ())",
        STEPS,
        "outputs",
    ),
    Mutant(LESSON, "if not apart <= tolerance:", "if apart > 2:", STALE, "stale curves let pass"),
    Mutant(LESSON, 'for kind in ("curves", "images"):', 'for kind in ("curves",):', STALE, "stale images let pass"),
    Mutant(LESSON, "0.06  # of an axis", "0.01  # of an axis", STALE, "another machine's training taken for stale"),
    Mutant(
        LESSON,
        'raise AssertionError("nothing went wrong")',
        'print("nothing went wrong")',
        HELPERS,
        "no error let pass",
    ),
    Mutant(LESSON, "assert difference <= most", "assert not difference > most", HELPERS, "NaN let pass"),
    Mutant(RUN, "sys.exit(1 if failed else 0)", "sys.exit(0)", COURSE, "a failing lesson, and all is well"),
]
