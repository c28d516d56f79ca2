"""Wrong lines for what is written to the disk and to the terminal: files, folders, checkpoints, messages."""

from planted import Mutant

CHECKPOINTS, TRAINING = ("rnn_tf1/training/checkpoints.py", "rnn_tf1/training/loop.py")
EVENTS = "rnn_tf1/training/events.py"

OF_TRAINING = "tests/training/test_training.py -k "
ANY_NAME = OF_TRAINING + "any_name -m ''"
GIVEN_UP, BETWEEN = OF_TRAINING + "given_up", OF_TRAINING + "between_the_two"

MUTANTS = [
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
        "        checkpoints.keep_newest(kept, 2, step)  # what",
        "        pass  # what",
        BETWEEN,
        "three checkpoints",
    ),
    Mutant(
        TRAINING,
        '        checkpoints.keep_newest(kept, 1, int(best["step"]), prefix="best")\n        say',
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
    Mutant(
        CHECKPOINTS,
        "            if is_system_error(error):",
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
]
