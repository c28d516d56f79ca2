"""The flags that all examples share, and how errors are shown. Imports no TensorFlow, so that --help is fast."""

from rnn_tf1.program import quiet_start  # first: Ctrl-C may come while the rest is imported

# isort: split
import argparse
import contextlib
import functools
import logging
import os
import platform
import shlex
import signal
import sys
import warnings
from typing import Any, Callable, Dict, Iterator, List, Sequence

from rnn_tf1.errors import UserError
from rnn_tf1.program import terminal
from rnn_tf1.program.files import local_path, write_json

_STOPPED = "stopped. The same command goes on from the last checkpoint."
_SIGNALS = [128 + getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
_ANEW = "stopped. The same command begins anew."
_FOLDER_ARGUMENTS = ("directory", "folder", "path")  # shown as --out-dir, below which a program writes everything


class _Help(argparse.ArgumentDefaultsHelpFormatter):
    """Adds the default of a flag to its help, unless the text has it already."""

    def _get_help_string(self, action: Any) -> Any:
        default, text = action.default, action.help or ""
        none = default is None or default is False or (isinstance(default, list) and not any(default))
        return text if none or "default:" in text else super()._get_help_string(action)


def make_parser(name: str, description: str) -> argparse.ArgumentParser:
    """A parser with --data-dir, --out-dir, --seed and --quick; `name` is the example's."""
    parser = argparse.ArgumentParser(
        prog=name + ".py",
        description=description,
        formatter_class=_Help,
        allow_abbrev=False,  # --data for --data-dir would be published in metrics.json
    )
    add = functools.partial(parser.add_argument, default=argparse.SUPPRESS)
    add(
        "--data-dir", type=path, help="where the data is or will be put (default: $RNN_TF1_DATA, else ~/.cache/rnn_tf1)"
    )
    add(
        "--out-dir",
        type=path,
        help="for figures, pictures and checkpoints (default: runs/%s, with --quick runs/%s-quick)" % (name, name),
    )
    parser.add_argument("--seed", type=whole(0, 2**32 - 1), default=0, help="of everything random")
    parser.add_argument("--quick", action="store_true", help="a run of seconds on a part of the data, as a test")
    parser.set_defaults(data_dir=None, out_dir=None)
    return parser


def parse(
    parser: argparse.ArgumentParser, input_name: Callable[[argparse.Namespace], str] = lambda flags: ""
) -> argparse.Namespace:
    """Parses the flags, and fills in the default of --out-dir, which differs for a quick run.

    From now on, messages show a flag instead of the argument of that name.

    Args:
      parser: from `make_parser`.
      input_name: a function of the flags that returns a name for the input, so that runs on different inputs have different
        folders.
    """
    flags = parser.parse_args()
    # argparse has no public list of its actions. Those without an option string are positional, not flags.
    shown = {action.dest: action.option_strings[-1] for action in parser._actions if action.option_strings}
    terminal.use_flags(dict(dict.fromkeys(_FOLDER_ARGUMENTS, "--out-dir"), **shown))
    if flags.out_dir is None:
        names = [parser.prog[: -len(".py")], input_name(flags), "quick" if flags.quick else ""]
        flags.out_dir = os.path.join("runs", "-".join(name for name in names if name))
    return flags


def whole(least: int, most: float = float("inf")) -> Callable[[str], int]:
    """An argparse type: an int of at least `least` and at most `most`."""

    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if not least <= value <= most:
            upto = "" if most == float("inf") else " and at most %d" % most
            raise argparse.ArgumentTypeError("%r should be a whole number of at least %d%s" % (text, least, upto))
        return value

    return parse


def real(above: float, at_most: float = float("inf")) -> Callable[[str], float]:
    """An argparse type: a float above `above` and not more than `at_most`."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = above
        if not above < value <= at_most or value == float("inf"):
            upto = "" if at_most == float("inf") else " and at most %g" % at_most
            raise argparse.ArgumentTypeError("%r should be a number above %g%s" % (text, above, upto))
        return value

    return parse


def path(text: str) -> str:
    """An argparse type: the name of a file or folder. Refuses an empty one, as from an unset shell variable, and what
    `local_path` refuses."""
    if not text:
        raise argparse.ArgumentTypeError("it is empty, but should name a file or folder")
    try:
        return local_path(text)
    except UserError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def one_of(names: Sequence[str]) -> Callable[[str], str]:
    """An argparse type: one of `names`."""

    def parse(text: str) -> str:
        if text not in names:
            raise argparse.ArgumentTypeError("%r is none of %s" % (text, ", ".join(names)))
        return text

    return parse


def listed(kind: Callable[[str], Any]) -> Callable[[str], List[Any]]:
    """An argparse type: values of the type `kind`, separated by commas."""
    return lambda text: [kind(part.strip()) for part in text.split(",")]


def run_main(main: Callable[[], Any]) -> None:
    """Runs `main`. A user's mistake, or a system error, gives a message and exit code 2; Ctrl-C gives exit code 130, SIGHUP
    129, SIGTERM 143, and a closed output 141, without a message."""
    quiet_tensorflow()
    try:
        quiet_start.finished()
        with terminal.printable_output():
            main()
            if sys.stdout is not None:
                sys.stdout.flush()  # a closed pipe or a full disk raises here, not when Python exits
    except BrokenPipeError:
        _let_output_go()
        sys.exit(141)  # 128 + SIGPIPE, which shells expect of a program whose output is closed
    except UserError as error:
        _flush()
        sys.exit(_failed(error.text(terminal.shown), 2))
    except ImportError as error:
        if (error.name or "").startswith("rnn_tf1"):
            raise
        sys.exit(_failed("%s. %s -m rnn_tf1.doctor says what to install." % (error, sys.executable), 2))
    except KeyboardInterrupt as stopped:
        sys.exit(_failed(str(stopped) or _STOPPED, 130))
    except SystemExit as stop:
        if stop.code not in _SIGNALS:
            raise
        sys.exit(_failed(_STOPPED, int(stop.code or 0)))
    except Exception as error:
        message = terminal.describe(error)
        if message is None:
            raise
        _flush()
        sys.exit(_failed(message, 2))
    finally:
        terminal.use_flags({})


@contextlib.contextmanager
def without_checkpoints() -> Iterator[None]:
    """For code that keeps no checkpoints: the message after Ctrl-C does not promise to continue from one."""
    try:
        yield
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_ANEW) from None


def _flush() -> None:
    """Writes the output from before an error, if that is possible."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except (OSError, ValueError):
        _let_output_go()


def _let_output_go() -> None:
    """The reader has closed the output (| head -1): the rest is discarded, without an error."""
    with contextlib.suppress(OSError, ValueError):  # stdout may have no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _failed(message: str, code: int) -> int:
    with contextlib.suppress(OSError):  # stderr may be closed
        terminal.say("%s: error: %s" % (os.path.basename(sys.argv[0]), message))
    return code


def quiet_tensorflow() -> None:
    """Keeps TensorFlow's start-up notes off the screen of a program that is run from the command line."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", category=FutureWarning, module="tensor")


def given_flags(arguments: Sequence[str]) -> List[str]:
    """The flags that were given, without the folders, which are specific to a machine."""
    given: List[str] = []
    skip = False
    for argument in arguments:
        folder = argument.split("=")[0] in ("--data-dir", "--out-dir")
        if not folder and not skip:
            given.append(argument)
        skip = folder and "=" not in argument
    return given


def write_metrics(path: str, example: str, flags: Any, data: str, seconds: float, **figures: Any) -> Dict[str, Any]:
    """Writes metrics.json and returns it: one flat object; `figures` are the example's own.

    Args:
      flags: the `Settings`.
      data: "real" or "generated", and the source.
      seconds: of training.
    """
    import tensorflow.compat.v1 as tf

    given = given_flags(sys.argv[1:])
    metrics = {
        "example": example,
        "command": " ".join(["python", "examples/%s.py" % example] + [shlex.quote(flag) for flag in given]),
        "tensorflow": tf.__version__,
        "python": platform.python_version(),
        "seed": flags.seed,
        "data": data,
        "config": flags.entries(),
        "seconds": round(seconds, 1),
    }
    metrics.update(figures)
    write_json(path, metrics)
    return metrics
