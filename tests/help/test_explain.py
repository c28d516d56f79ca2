"""The error finder: every program raises what its entry says, on the TensorFlow that is there, and is fixed by its line."""

import ast
import contextlib
import io
import os
import re
import subprocess
import sys
import traceback

import pytest
from places import ROOT

from rnn_tf1 import errors
from rnn_tf1.help import explain
from rnn_tf1.help.explanations import EXPLANATIONS, SECTIONS
from rnn_tf1.help.explanations.entry import fixed

RAISED_ON = ("both", "1.15", "2")
TITLES = [known.title for known in EXPLANATIONS]


def here():
    """The TensorFlow of this run, as `raised_on` calls it."""
    import tensorflow.compat.v1 as tf

    return "1.15" if tf.version.VERSION.startswith("1.") else "2"


def run(program):
    """What the program prints, and its traceback, as a person would paste both."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        try:
            exec(compile(program, "program.py", "exec"), {"__name__": "__main__"})
        except Exception:
            return printed.getvalue() + traceback.format_exc()
    return printed.getvalue()


def bare(text):
    return re.sub(r"[\s'\"`]", "", text)


def occurs(text, raised):
    """Whether the recorded text is in the raised one; "..." stands for anything."""
    pieces = [re.escape(bare(piece)) for piece in text.split("...")]
    return re.search(".*?".join(pieces), bare(raised)) is not None


def raised_here(known):
    return known.raised_on in ("both", here())


def check_raised(known):
    raised = run(known.show)
    assert "Traceback (most recent call last)" in raised, known.title
    assert any(occurs(text, raised) for text in known.texts), raised[-3000:]
    assert explain.find(raised)[0] is known
    assert "Traceback" not in run(fixed(known)), fixed(known)


def name_of(known):
    return bare(known.title)[:40]


FAST = [known for known in EXPLANATIONS if known.raised_on in RAISED_ON and not known.title.startswith("OOM")]


@pytest.mark.parametrize("known", FAST, ids=name_of)
def test_the_program_raises_what_its_entry_says_and_the_line_fixes_it(known):
    """A text that this TensorFlow words otherwise, a program that raises something else, an entry that is found before the
    right one, a line that fixes nothing."""
    if raised_here(known):
        check_raised(known)


@pytest.mark.slow  # TensorFlow 2 waits ten seconds for memory before it gives up
def test_memory_that_is_not_there():
    """The same, where the program asks for more memory than any machine has."""
    known = EXPLANATIONS[TITLES.index("OOM when allocating tensor with shape")]
    check_raised(known)


def test_a_checkpoint_of_another_shape_is_restored_without_a_word_on_tensorflow_2():
    """The entry on shapes in checkpoints tells of TensorFlow 2 what is no longer so."""
    if here() == "2":
        known = EXPLANATIONS[TITLES.index("Assign requires shapes of both tensors to match")]
        assert run(known.show) == "(3, 7) (3, 5)\n"


@pytest.mark.parametrize("known", EXPLANATIONS, ids=name_of)
def test_every_entry_is_whole(known):
    """An entry without a cause, a program that is no Python, a mark that is forgotten, one that is not found by its title or
    by a text that it quotes."""
    for words in (known.cause, known.fix):
        assert words.endswith(".") and words.count("`") % 2 == 0 and "  " not in words
        assert 1 <= len(re.findall(r"[.:](?= |$)", re.sub("`[^`]*`", "", words))) <= 6
    ast.parse(known.show)
    assert known.raised_on in RAISED_ON or re.match("neither: .", known.raised_on)
    if known.line.startswith("$ "):
        assert known.raised_on not in RAISED_ON
    else:
        assert "  # wrong" in known.show and "# wrong" not in fixed(known)
        ast.parse(fixed(known))
    for text in known.texts + (known.title,):
        assert explain.find(text)[0] is known, text
    assert max(map(len, known.show.splitlines())) <= 100


def test_there_are_enough_and_none_twice():
    """A section that is left out of the list; a title that is there twice, whose link on the page leads to the first."""
    assert len(TITLES) == len(set(TITLES)) == sum(map(len, SECTIONS.values())) >= 70


PASTED = {
    "Attempt to reuse RNNCell": "Attempt to reuse RNNCell",
    "ValueError: Attempt to have a second RNNCell use the weights of a variable scope": "Attempt to reuse RNNCell",
    "`tf.nn.rnn_cell.LSTMCell` is not available with Keras 3": "`LSTMCell` is not available",
    "Descriptors cannot not be created directly": "Descriptors cannot be created",
    "module 'tensorflow' has no attribute 'get_variable'": "module 'tensorflow' has no",
    "module ‘tensorflow’ has no attribute ‘Session’": "module 'tensorflow' has no",
    "module tensorflow has no attribute contrib": "No module named 'tensorflow.contrib'",
    "No module named tensorflow": "No module named 'tensorflow'",
    "Key rnn/basic_lstm_cell/kernel not found in checkpoint": "Key ... not found",
    "Cannot feed value of shape": "Cannot feed value",
    "NaN loss": "NaN loss",
    "step 100, loss = nan, accuracy = 0.1": "NaN loss",
    "Input must have a batch size": "Shape (...) must have rank at least 3",
    "The shape for while/Merge_1:0 is not an invariant for the loop.": "Input tensor '...' enters",
    "numpy has no attribute 'bool'; AttributeError: module 'numpy' has no attribute 'bool'": "module 'numpy' has no",
    "GraphDef cannot be larger than 2GB.": "GraphDef cannot",
    "indices[3,17] = 10000 is not in [0, 10000)": "indices[0] = 10001",
    "Cannot convert a symbolic Tensor (lstm/strided_slice:0) to a numpy array": "Cannot convert a symbolic",
    "'Tensor' object is not iterable": "Iterating over",
    "TypeError: 'Tensor' object is not iterable.": "Iterating over",
    "Could not load dynamic library 'libcudnn.so.8'": "Could not load dynamic library",
    "ERROR: No matching distribution found for tensorflow-gpu==1.15.0": "No matching distribution",
    "cannot pickle '_thread.RLock' object": "can't pickle",
}


@pytest.mark.parametrize("text", sorted(PASTED))
def test_short_and_other_forms_are_found(text):
    """Patterns that know a text only in full, or only with the names of the program that shows it."""
    assert explain.find(text)[0].title.startswith(PASTED[text])


FEED = "InvalidArgumentError: You must feed a value for placeholder tensor 'keep_prob' with dtype float\n"
CUDA = "2021-02-10 W dso_loader.cc:60] Could not load dynamic library 'libcudart.so.11.0'; dlerror: libcudart.so.11.0\n"
TRACEBACK = 'Traceback (most recent call last):\n  File "train.py", line 7, in <module>\n    session.run(loss)\n'
SHAPES = {
    "as it is": TRACEBACK + FEED + "\t [[node keep_prob]]\n",
    "with a log before it": CUDA + TRACEBACK + FEED,
    "with a log behind it": TRACEBACK + "tensorflow.python.framework.errors_impl." + FEED + CUDA,
    "after another error": TRACEBACK
    + "RuntimeError: Graph is finalized and cannot be modified.\n\n"
    + TRACEBACK
    + FEED,
    "broken by a terminal": TRACEBACK + FEED.replace("value for", "val\nue for"),
    "from pytest": ">       session.run(loss)\nE       %sE        [[node keep_prob]]\n"
    % FEED.replace("value", "\nE       value"),
    "in colours": TRACEBACK + "\x1b[0;31m" + FEED.replace("You", "\x1b[0m: You"),
    "from a web page": FEED.replace("'", "’").replace(" ", "\u00a0"),
    "in capitals": FEED.upper(),
    "in a frame": "│ %s │\n" % FEED.replace(" for ", " │\n│ for "),
}


@pytest.mark.parametrize("form", sorted(SHAPES))
def test_the_last_error_comes_first_in_any_form(form):
    """A traceback in which a log's line or an earlier error hides the last one; marks of terminals, notebooks and pytest that
    keep a text from being found."""
    found = [known.title for known in explain.find(SHAPES[form])]
    assert found[0] == "You must feed a value for placeholder tensor"
    assert len(found) == len(set(found)) <= 2


def test_what_stands_above_the_last_error_is_told_too():
    """A log's line, or the error that came first, that is lost."""
    titles = [known.title for known in explain.find(SHAPES["after another error"])]
    assert titles[1] == "Graph is finalized and cannot be modified"
    assert explain.find(SHAPES["with a log before it"])[1].title.startswith("Could not load dynamic library")


UNRELATED = [
    "",
    "   \n",
    "ZeroDivisionError: division by zero",
    "KeyError: 'checkpoint'",
    "FileNotFoundError: [Errno 2] No such file or directory: 'data.csv'",
    "ModuleNotFoundError: No module named 'pandas'",
    "AttributeError: module 'tensorflow' has no attribute 'frobnicate'",
    "AttributeError: 'NoneType' object has no attribute 'group'",
    "ValueError: operands could not be broadcast together with shapes (3,) (4,)",
    "SyntaxError: invalid syntax",
    "Epoch 1: loss 0.3, the variable weights exists and the session is open; shapes match.",
    "torch.cuda.OutOfMemoryError: CUDA out of memory.",
]


@pytest.mark.parametrize("text", UNRELATED)
def test_unrelated_texts_find_nothing(text):
    """Patterns so wide that they explain what they do not know."""
    assert explain.find(text) == []


def own_messages():
    """(file, text) of all that the package may say: its strings of several words that are no docstring."""
    for directory, _, names in os.walk(os.path.join(ROOT, "rnn_tf1")):
        for name in sorted(names):
            path = os.path.join(directory, name)
            if name.endswith(".py") and "explanations" not in path:
                with open(path, encoding="utf-8") as file:
                    nodes = list(ast.walk(ast.parse(file.read())))
                docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
                for node in nodes:
                    text = vars(node).get("s", vars(node).get("value"))  # "s" on Python 3.7
                    if isinstance(text, str) and text.count(" ") > 3 and id(node) not in docstrings:
                        yield os.path.relpath(path, ROOT), text


def test_messages_of_this_library_do_not_mislead():
    """A message of ours that begins like one of TensorFlow's, and would be explained as that one."""
    messages = list(own_messages())
    assert len(messages) > 150
    misled = [(path, text, known.title) for path, text in messages for known in explain.find(text)]
    assert misled == []


@pytest.mark.parametrize("name", [name for name in dir(errors) if name.endswith("Error")])
def test_an_error_of_this_library_is_known_as_such_whatever_it_quotes(name):
    """CheckpointError: ... Key ... not found in checkpoint: explained by TensorFlow's words before ours."""
    text = TRACEBACK + "rnn_tf1.errors.%s: runs/x is damaged (Key w not found in checkpoint). Choose another." % name
    assert [known.title for known in explain.find(text)][0] == TITLES[0]


# ----------------------------------------------------------------------------------------------------------- the command


def command(*arguments, **streams):
    """(exit code, output, errors) of the command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "rnn_tf1.explain"] + list(arguments),
        stdout=-1,
        stderr=-1,
        cwd=ROOT,
        timeout=60,
        **streams,
    )
    return done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")


def called(capsys, *arguments):
    code = explain.main(arguments)
    return (code,) + tuple(capsys.readouterr())


def test_the_command_explains_a_text(capsys):
    """An explanation without its cause, what fixes it, the program or the line; words that are passed without quotes."""
    known = EXPLANATIONS[TITLES.index("No variables to save")]
    code, output, complaint = called(capsys, "ValueError: No variables to save")
    assert (code, complaint) == (0, "")
    assert output.startswith("No variables to save\n====================\n\nCause: `tf.train.Saver()` was made before")
    assert "\nFix:  " + known.fix.split(". ")[0] in output.replace("\n       ", " ")
    assert "\n    with tf.Graph().as_default():\n        saver = tf.train.Saver()  # wrong\n" in output
    assert output.endswith('\n    weights = tf.get_variable("weights", [3])\n    saver = tf.train.Saver()\n')
    assert max(map(len, output.splitlines())) <= 104
    assert called(capsys, "No", "variables", "to", "save") == (0, output, "")


def test_a_command_for_the_shell_is_printed_as_one(capsys):
    """A line "$ pip ..." that cannot be copied."""
    code, output, _ = called(capsys, "TypeError: Descriptors cannot not be created directly.")
    assert code == 0 and output.endswith('\n    python -m pip install "protobuf<3.21"\n')
    assert "$" not in output and "program shows" not in output and "rnn_tf1.doctor" in output


def test_several_explanations_come_best_first_and_not_without_end(capsys):
    """All of a log explained at full length."""
    titles = ["No variables to save", "End of sequence [[", "ConcatOp : ", "Illegal instruction", "NaN loss"]
    code, output, _ = called(capsys, "\n".join(titles))
    assert code == 0 and output.count("Cause: ") == explain.MOST == 3
    assert output.rstrip().splitlines()[-1].startswith("Also: ")
    assert output.count("; ", output.rindex("Also: ")) >= 1


def test_a_traceback_comes_through_a_pipe_whatever_its_bytes():
    """Standard input that is not read, or a byte that is no UTF-8, on which the command falls over; TensorFlow imported, which
    takes seconds and may be what is broken."""
    traced = (TRACEBACK + FEED).encode("utf-8") + b"\xff\n"
    by_name, by_dash = command(input=traced), command("-", input=traced)
    assert by_name == by_dash and by_name[0] == 0
    assert by_name[1].startswith("You must feed a value for placeholder tensor\n")
    program = "import sys; from rnn_tf1.help.explain import main; main(['NaN loss']); "
    program += "sys.exit('tensorflow' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, stdout=-1).returncode == 0


def test_a_pipe_that_is_closed_is_no_error():
    """`--list | head -1` that ends in a traceback."""
    ours = subprocess.Popen([sys.executable, "-u", "-m", "rnn_tf1.explain", "--list"], stdout=-1, stderr=-1, cwd=ROOT)
    ours.stdout.close()
    assert ours.stderr.read() == b"" and ours.wait(60) == 141


def test_an_unknown_text_says_what_to_do_next(capsys):
    """A shrug."""
    code, output, complaint = called(capsys, "ZeroDivisionError: division by zero")
    assert (code, output) == (2, "")
    assert "No entry knows this text." in complaint
    for command_line in ("python -m rnn_tf1.doctor", "python -m rnn_tf1.explain --list"):
        assert command_line in complaint
    assert "There is no text." in called(capsys, " ")[2]


def test_without_text_at_a_terminal_it_helps_and_does_not_wait(capsys, monkeypatch):
    """A command that seems to hang."""
    monkeypatch.setattr(sys, "stdin", type("Terminal", (), {"isatty": staticmethod(lambda: True)}))
    code, output, _ = called(capsys)
    assert code == 2 and output.startswith("usage: python -m rnn_tf1.explain")


def test_the_list_has_every_title(capsys):
    """A title that nobody can look up."""
    code, output, _ = called(capsys, "--list")
    assert code == 0
    assert [line.strip() for line in output.splitlines() if line.startswith("    ")] == TITLES
    assert [line for line in output.splitlines() if not line.startswith("    ")] == list(SECTIONS)


def test_the_page_is_made_from_the_entries():
    """docs/errors.md that was typed, or not made anew."""
    script = os.path.join(ROOT, "docs", "make_errors.py")
    done = subprocess.run([sys.executable, script, "--check"], stdout=-1, stderr=-1)
    assert done.returncode == 0, done.stderr
    with open(os.path.join(ROOT, "docs", "errors.md"), encoding="utf-8") as file:
        page = file.read()
    assert page.count("\n### ") == len(EXPLANATIONS) and page.count("\n## ") == len(SECTIONS)


def test_doctor_and_explain_point_at_each_other():
    """One of the two that does not know the other."""
    assert "rnn_tf1.explain" in subprocess.run(
        [sys.executable, "-m", "rnn_tf1.doctor", "--help"], stdout=-1, cwd=ROOT
    ).stdout.decode("utf-8")
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        assert "python -m rnn_tf1.explain" in file.read()
