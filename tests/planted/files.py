"""Wrong lines for what is written to the disk and to the terminal: files, folders, checkpoints, messages."""

from planted import Mutant

FILES, CHECKPOINTS, TRAINING = "rnn_tf1/program/files.py", "rnn_tf1/training/checkpoints.py", "rnn_tf1/training/loop.py"
START = "rnn_tf1/program/quiet_start.py"
ERRORS, TERMINAL, CLI, EVENTS = (
    "rnn_tf1/errors.py",
    "rnn_tf1/program/terminal.py",
    "rnn_tf1/program/cli.py",
    "rnn_tf1/training/events.py",
)

OF_FILES, OF_TRAINING = "tests/program/test_files.py -k ", "tests/training/test_training.py -k "
LINKS, LEFT, SYSTEM = OF_FILES + "written_through", OF_FILES + "killed_run", OF_FILES + "error_of_the_system"
STATUS, ANY_NAME = OF_FILES + "status_of_tensorflow", OF_TRAINING + "any_name"
ARGUMENTS = "tests/program/test_arguments.py -k "
GIVEN_UP, BETWEEN = OF_TRAINING + "given_up", OF_TRAINING + "between_the_two"

MUTANTS = [
    Mutant(FILES, "        _make_anew(temporary)\n", "", LINKS, "a link that is written through"),
    Mutant(
        FILES,
        "        remove_unfinished(os.path.dirname(path) or os.curdir)\n",
        "        pass\n",
        OF_FILES + "left_below",
        "half-written files below",
    ),
    Mutant(
        FILES,
        'with atomic_path(holder) as temporary, open(temporary, "w", encoding="ascii") as file:',
        'with open(holder, "w", encoding="ascii") as file:',
        LINKS,
        "a number that is written through a link",
    ),
    Mutant(
        FILES, "            os.remove(holder)\n", "            pass\n", OF_FILES + "held_by_one", "a number that stays"
    ),
    Mutant(FILES, "lock.acquire(timeout=seconds)", "lock.acquire(timeout=0.0)", OF_FILES + "waited_for", "no wait"),
    Mutant(
        FILES, "if error.errno not in _WITHOUT_LOCKS:", "if False:", OF_FILES + "disk_without", "a lock that is none"
    ),
    Mutant(
        FILES,
        "    except NotImplementedError:",
        "    except ZeroDivisionError:",
        OF_FILES + "disk_without",
        "no runs there",
    ),
    Mutant(FILES, "if found and not _runs(int(found.group(1))):", "if found:", LEFT, "the file of a run that goes on"),
    Mutant(
        FILES,
        "if os.path.isdir(path) and not os.path.islink(path):",
        "if False:",
        LEFT,
        "half-written folders that stay",
    ),
    Mutant(
        FILES,
        "same = os.path.samestat(self._before, os.stat(self._directory))",
        "same = os.path.isdir(self._directory)",
        OF_FILES + "goes_away",
        "another folder of the same name",
    ),
    Mutant(
        FILES, "ours = error.errno is not None and", "ours = error.errno == errno.ENOSPC and", SYSTEM, "a traceback"
    ),
    Mutant(FILES, "lines = lines[after[0] :] if after else lines", "lines = lines", STATUS, "Detected at node"),
    Mutant(FILES, "    _refuse_address(path)\n    try:", "    try:", OF_FILES + "no_address", "a folder called ram:"),
    Mutant(FILES, "whole = os.path.expanduser(path)", "whole = path", OF_FILES + "shell_left", "a folder called ~"),
    Mutant(
        FILES,
        "    except RecursionError:",
        "    except ZeroDivisionError:",
        OF_FILES + "stranger",
        "a traceback for brackets",
    ),
    Mutant(
        FILES,
        "return value if isinstance(value, dict) else None",
        "return value",
        OF_FILES + "object",
        "a list for settings",
    ),
    Mutant(CHECKPOINTS, "    if not is_pattern(directory):", "    if True:", ANY_NAME, "a name read as a pattern"),
    Mutant(CHECKPOINTS, "if _step(path) <= last][:count]", "][:count]", GIVEN_UP, "the old run's weights for the best"),
    Mutant(
        CHECKPOINTS,
        "        left = parts and",
        "        left = False and",
        OF_TRAINING + "removal",
        "data without an index",
    ),
    Mutant(
        CHECKPOINTS,
        "            _write_state(directory, os.path.basename(path))",
        "            pass",
        BETWEEN,
        "a state file of the day before",
    ),
    Mutant(
        CHECKPOINTS,
        "if list_best(folder)[:1] == found[:1]:",
        "if True:",
        OF_TRAINING + "goes_on",
        "damaged beside a run",
    ),
    Mutant(
        TRAINING,
        "        checkpoints.keep_newest(folder, 2, step)  # what",
        "        pass  # what",
        BETWEEN,
        "three checkpoints",
    ),
    Mutant(
        TRAINING,
        '        checkpoints.keep_newest(folder, 1, int(best["step"]), prefix="best")\n        say',
        "        say",
        BETWEEN,
        "two best epochs",
    ),
    Mutant(
        TRAINING,
        "        place.check()\n        checkpoints.save(session, saver",
        "        checkpoints.save(session, saver",
        OF_TRAINING + "removed_under",
        "a folder that comes back",
    ),
    Mutant(
        TRAINING,
        "total = seconds + time.monotonic() - started",
        "total = seconds + time.time() - started",
        OF_TRAINING + "set_back",
        "seconds of a clock that can be set",
    ),
    Mutant(ERRORS, "code -= 0xDC00", "pass", OF_FILES + "safe_to_print", "half a character"),
    Mutant(ERRORS, "shortened(line) for line in", "line for line in", OF_FILES + "safe_to_print", "an endless line"),
    Mutant(
        TERMINAL, "safe, encoding = printable(text),", "safe, encoding = text,", OF_FILES + "steers", "escape codes"
    ),
    Mutant(TERMINAL, '"backslashreplace"', '"strict"', OF_FILES + "encoding", "a traceback for an accent"),
    Mutant(
        TERMINAL,
        'if status and kind not in ("InvalidArgumentError", "InternalError"):',
        "if status:",
        OF_FILES + "wrong_graph",
        "a bug told as an error of the machine",
    ),
    Mutant(START, "    os._exit(130)", "    pass", OF_FILES + "before_anything", "Ctrl-C that is not heard"),
    Mutant(
        START, "    sys.excepthook = _end_at_once", "    pass", OF_FILES + "before_anything", "a traceback at the start"
    ),
    Mutant(
        CLI,
        "        _flush()\n        sys.exit(_failed(error.text(terminal.shown), 2))",
        "        sys.exit(_failed(error.text(terminal.shown), 2))",
        OF_FILES + "full_standard",
        "exit code 120",
    ),
    Mutant(
        CHECKPOINTS,
        "            if of_the_machine(error):",
        "            if False:",
        OF_TRAINING + "read_now",
        "steps that are lost",
    ),
    Mutant(
        EVENTS,
        "    except (tf.errors.OpError, OSError) as error:",
        "    except ZeroDivisionError as error:",
        OF_TRAINING + "events_on_a_full",
        "a traceback",
    ),
    # Arguments and flags
    Mutant(ERRORS, "self.name if self.value is None else", "self.name if True else", ARGUMENTS + "reads", "no value"),
    Mutant(ERRORS, "name=names.get(part.name, part.name)", "name=part.name", ARGUMENTS + "caller", "never renamed"),
    Mutant(ERRORS, "names.get(part.name, part.name)", 'names.get("path", "")', ARGUMENTS + "caller", "all renamed"),
    Mutant(
        ERRORS,
        '        self.args = ("".join',
        '        ("".join',
        ARGUMENTS + "another_process",
        "two texts in one error",
    ),
    Mutant(
        ERRORS,
        '        super().__init__("".join',
        '        super().__init__(*"".join',
        ARGUMENTS + "process",
        "parts lost",
    ),
    Mutant(
        TERMINAL, "or part.name not in _flags", "or False", ARGUMENTS + "of_the_program", "a flag that there is not"
    ),
    Mutant(TERMINAL, "shlex.quote(str(value))", "str(value)", ARGUMENTS + "stay", "what a shell takes apart"),
    Mutant(TERMINAL, "    _flags.clear()\n", "", ARGUMENTS + "of_the_program", "flags of a program that has ended"),
    Mutant(
        TERMINAL, "printable(told(*parts))", "printable(str(parts[0]))", ARGUMENTS + "said", "the rest of a line lost"
    ),
    Mutant(CLI, "error.text(terminal.shown)", "error.text(str)", ARGUMENTS + "reads", "arguments at the command line"),
    Mutant(CLI, "        terminal.use_flags({})\n", "        pass\n", ARGUMENTS + "of_the_program", "flags for ever"),
    Mutant(
        CLI, "action.option_strings[-1] for", "action.dest for", ARGUMENTS + "of_the_program", "no flag but its name"
    ),
    Mutant(CLI, '"--out-dir"), **shown)', '"--out-dir"))', ARGUMENTS + "reads", "no flag but one"),
    Mutant(FILES, '(line + " ", Argument("path"), ".")', "(line,)", ARGUMENTS + "reads", "a sentence without an end"),
]
