"""The flags that every example shares, and how its mistakes are shown. Imports no TensorFlow, so that --help is quick."""

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
from rnn_tf1.program.files import local, write_json

_STOPPED = "stopped. The same command goes on from the last checkpoint."
_SIGNALS = [128 + getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
_ANEW = "stopped. The same command begins anew."
_PLACES = ("directory", "folder", "path")  # arguments: all that a program writes lies below --out-dir


class _Help(argparse.ArgumentDefaultsHelpFormatter):
    """Tells the default of a flag, where it has one and its text does not tell it."""

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
    parser: argparse.ArgumentParser, of_what: Callable[[argparse.Namespace], str] = lambda flags: ""
) -> argparse.Namespace:
    """The flags, with the default of --out-dir filled in: a quick run does not stand in the way of the real one.

    From now on messages show a flag in the place of the argument of that name.

    of_what  a name for what is read, made of the flags: such runs do not stand in each other's way either
    """
    flags = parser.parse_args()
    # argparse has no public list of them. What has no option string is positional, and no flag.
    shown = {action.dest: action.option_strings[-1] for action in parser._actions if action.option_strings}
    terminal.use_flags(dict(dict.fromkeys(_PLACES, "--out-dir"), **shown))
    if flags.out_dir is None:
        names = [parser.prog[: -len(".py")], of_what(flags), "quick" if flags.quick else ""]
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
    """An argparse type: the name of a file or folder. Refuses an empty one, which a shell variable that is not set gives, and
    what `local` refuses."""
    if not text:
        raise argparse.ArgumentTypeError("it is empty, and should name a file or folder")
    try:
        return local(text)
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
    """An argparse type: values of the type `kind` with commas between them."""
    return lambda text: [kind(part.strip()) for part in text.split(",")]


def run_main(main: Callable[[], Any]) -> None:
    """Runs `main`. A person's mistake, or an error of the machine, is one message and exit code 2; Ctrl-C is exit code 130,
    SIGHUP 129, SIGTERM 143, and 141 where nobody reads the output any more, without a message."""
    quiet_tensorflow()
    try:
        quiet_start.ended()
        with terminal.printable_output():
            main()
            if sys.stdout is not None:
                sys.stdout.flush()  # a closed pipe or a full disk shows here, and not when Python ends
    except BrokenPipeError:
        _let_output_go()
        sys.exit(141)  # 128 + SIGPIPE: as if that had ended it, which shells expect of a program before head
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
        told = terminal.describe(error)
        if told is None:
            raise
        _flush()
        sys.exit(_failed(told, 2))
    finally:
        terminal.use_flags({})


@contextlib.contextmanager
def begins_anew() -> Iterator[None]:
    """Around what keeps no checkpoints: Ctrl-C does not promise there that the command goes on from one."""
    try:
        yield
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_ANEW) from None


def _flush() -> None:
    """What was said before an error still comes out, if it can."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except (OSError, ValueError):
        _let_output_go()


def _let_output_go() -> None:
    """Whoever read the output has closed it (| head -1): what is still to be flushed goes nowhere, and not into an error."""
    with contextlib.suppress(OSError, ValueError):  # there may be no file behind it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _failed(message: str, code: int) -> int:
    with contextlib.suppress(OSError):  # nobody may be there to read it
        terminal.say("%s: error: %s" % (os.path.basename(sys.argv[0]), message))
    return code


def quiet_tensorflow() -> None:
    """Keeps TensorFlow's start-up notes off the screen of a program that is run from the command line."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", category=FutureWarning, module="tensor")


def given_flags(arguments: Sequence[str]) -> List[str]:
    """The flags that were given, without the folders: these are the affair of one machine."""
    kept: List[str] = []
    skip = False
    for argument in arguments:
        folder = argument.split("=")[0] in ("--data-dir", "--out-dir")
        if not folder and not skip:
            kept.append(argument)
        skip = folder and "=" not in argument
    return kept


def write_metrics(path: str, example: str, flags: Any, data: str, seconds: float, **figures: Any) -> Dict[str, Any]:
    """Writes metrics.json and returns it: one flat object; `figures` are the example's own.

    Args:
      flags: the `Settings`.
      data: "real" or "generated", and where from.
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
