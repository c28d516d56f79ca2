"""Finds what is wrong with an installation, and the line that fixes it: ``python -m rnn_tf1.doctor``.

It must work where TensorFlow or NumPy cannot be imported, so nothing here imports them: `rnn_tf1.help.machine` examines the
machine from outside, `diagnose` judges the facts, and `main` prints one line per finding, which begins with "ok", "note" or
"wrong"; the line that fixes a problem is below it. The exit code is 1 if something is wrong.
"""

import argparse
import os
import re
import shlex
from typing import List, NamedTuple, Optional, Sequence, Tuple

from rnn_tf1.help.machine import DATA_SETS, PACKAGES, THREAD_VARIABLES, Facts, Package, gather_facts

_SHOWN = {"tensorflow": "TensorFlow", "numpy": "NumPy", "google.protobuf": "protobuf"}
_NEWEST_PYTHON = (3, 13)  # the newest for which TensorFlow is known to be published; a newer one that works is fine
_PYTHONS = "Python 3.9 to %d.%d (TensorFlow 2) or 3.7 (TensorFlow 1.15)" % _NEWEST_PYTHON
_PINS = ("tensorflow-gpu==1.15", "protobuf<3.21", "numpy<1.20", "h5py<3")  # as in requirements.txt

# What does not work with TensorFlow 1.15: package -> (the first version that is too new, what to install, why).
_TOO_NEW = {
    "numpy": ((1, 20), "numpy<1.20", "tf.zeros with a shape that holds a tensor fails with it"),
    "google.protobuf": ((3, 21), "protobuf<3.21", "importing TensorFlow 1.15 fails with it"),
    "h5py": ((3,), "h5py<3", "TensorFlow 1.15 cannot read its files"),
}


class Finding(NamedTuple):
    """One line of the report: `level` is "ok", "note" or "wrong"; `fix` is what to type or do, or ""."""

    level: str
    subject: str
    text: str
    fix: str = ""


def diagnose(facts: Facts) -> List[Finding]:
    """One finding per subject, in the order of the report."""
    packages = [_judge_package(facts, name) for name in ("numpy", "google.protobuf")]
    if _is_legacy(facts):
        packages.append(_judge_package(facts, "h5py"))
    ill = [finding.subject for finding in packages if finding.level == "wrong"]
    findings = [_judge_python(facts), _judge_tensorflow(facts, ill)] + packages
    findings += [_judge_package(facts, name) for name in ("matplotlib", "tqdm", "filelock", "pooch")]
    return findings + [_judge_sacrebleu(facts), _judge_devices(facts), _judge_threads(facts), _judge_data(facts)]


def _judge_python(facts: Facts) -> Finding:
    text = "%d.%d.%d (%s)" % (facts.python + (facts.executable,))
    if facts.python < (3, 7):
        return Finding("wrong", "Python", text + ": too old for rnn_tf1", "use " + _PYTHONS)
    if facts.bits < 64:
        return Finding("wrong", "Python", text + ": TensorFlow needs 64 bits, this has 32", "use a 64-bit Python")
    return Finding("ok", "Python", text)


def _judge_tensorflow(facts: Facts, ill: Sequence[str]) -> Finding:
    """`ill` are the broken packages that TensorFlow needs, which must be fixed first."""
    package = facts.packages.get("tensorflow", Package(status="missing"))
    version = _numbers(package.version)
    install = _pip(facts, *_tensorflow_requirements(facts, package.version))
    reinstall = install.replace("pip install", "pip install --force-reinstall")

    def wrong(text: str, fix: str) -> Finding:
        return Finding("wrong", "TensorFlow", (package.version + ": " if package.version else "") + text, fix)

    if package.status == "missing":
        if facts.beside:
            return wrong("not installed for this Python; there is an environment in this folder", facts.beside)
        if not (3, 7) <= facts.python[:2] <= _NEWEST_PYTHON:
            return wrong("not installed, and none is known for Python %d.%d" % facts.python[:2], "use " + _PYTHONS)
        return wrong("not installed", install)
    if package.status == "killed":
        text = "kills the process: " + package.detail
        if facts.avx is False or re.search("SIGILL|AVX", package.detail):
            cpu = "this CPU has no AVX" if facts.avx is False else "as on a CPU without AVX"
            fix = "use a machine whose CPU has AVX: TensorFlow's packages need it"
            return wrong("%s; %s, which pip's builds need" % (text, cpu), fix)
        if package.detail.startswith("SIGKILL"):
            return wrong(text + "; most likely the memory is full", "close other programs, or use more memory")
        return wrong(text, _after(ill) or reinstall)
    if package.status == "slow":
        watch = "import faulthandler as f; f.dump_traceback_later(30); import tensorflow"
        fix = '%s -c "%s"  (shows after 30 s where it hangs)' % (_quoted(facts), watch)
        return wrong("does not end: " + package.detail, fix)
    if package.status == "broken":
        text = "cannot be imported: " + package.detail
        if package.place.endswith("tensorflow.py"):
            return wrong(text, "rename %s: it hides the real TensorFlow" % package.place)
        if _after(ill):
            return wrong(text, _after(ill))
        if re.search("Descriptors cannot", package.detail):
            return wrong(text, _pip(facts, "protobuf<3.21"))
        if re.search("Gencode/Runtime|runtime_version", package.detail):
            return wrong(text, _pip(facts, "--upgrade", "tensorflow", "protobuf"))
        if re.search("DLL load failed", package.detail):
            return wrong(text, "install https://aka.ms/vs/17/release/vc_redist.x64.exe (Microsoft's C++ run time)")
        return wrong(text, reinstall)
    if version < (1, 15):
        return wrong("too old", _pip(facts, *_PINS))
    if (2,) <= version < (2, 13):
        return Finding("note", "TensorFlow", package.version + ": works perhaps; 1.15 and 2.13 or later are tested")
    return Finding("ok", "TensorFlow", package.version)


def _judge_package(facts: Facts, name: str) -> Finding:
    subject = _SHOWN.get(name, name)
    package = facts.packages.get(name, Package(status="missing"))
    requirement, why = PACKAGES[name][0], ""
    if _is_legacy(facts) and name in _TOO_NEW:
        first, requirement, reason = _TOO_NEW[name]
        if package.version and _numbers(package.version) >= first:
            why = "too new for TensorFlow 1.15: " + reason
    elif name == "numpy" and _numpy_pin(facts):
        requirement = _numpy_pin(facts)[0]
        if _numbers(package.version) >= (2,):
            why = "too new for this TensorFlow, which is built for NumPy 1"
    text = package.version or "unknown version"
    if package.status == "missing":
        return Finding("wrong", subject, "not installed", _pip(facts, requirement))
    if why:
        return Finding("wrong", subject, "%s: %s" % (text, why), _pip(facts, requirement))
    if package.status != "ok":
        below = () if name == "numpy" else _numpy_pin(facts)  # otherwise a reinstallation brings the newest NumPy
        fix = _pip(facts, "--force-reinstall", requirement, *below)
        return Finding("wrong", subject, "%s: cannot be imported: %s" % (text, package.detail), fix)
    return Finding("ok", subject, text)


def _judge_sacrebleu(facts: Facts) -> Finding:
    """Only translations need it: without it, everything else works."""
    if facts.packages.get("sacrebleu", Package(status="missing")).status != "missing":
        return _judge_package(facts, "sacrebleu")
    return Finding("note", "sacrebleu", "not installed; translations are scored by it: " + _pip(facts, "sacrebleu"))


def _judge_devices(facts: Facts) -> Finding:
    if facts.packages.get("tensorflow", Package(status="missing")).status != "ok":
        seen = "; the driver sees " + ", ".join(facts.gpus) if facts.gpus else ""
        return Finding("note", "devices", "unknown until TensorFlow can be imported" + seen)
    text = ", ".join(facts.devices)
    if not facts.gpus and facts.gpu_trouble:
        text += "; if there is a GPU, its driver is not running: " + facts.gpu_trouble
        return Finding("note", "devices", text)
    if not facts.gpus or any(device.startswith("GPU") for device in facts.devices):
        return Finding("ok", "devices", text)
    text += ": TensorFlow does not see the GPU (%s)" % ", ".join(facts.gpus)
    if facts.environment.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return Finding("note", "devices", text + ", which CUDA_VISIBLE_DEVICES hides")
    if facts.gpu_trouble:
        text += ", for " + facts.gpu_trouble
    version = _numbers(facts.packages["tensorflow"].version)
    current = "Python 3.10 or later with TensorFlow 2"
    if version < (2,):
        fix = "install CUDA 10.0 and cuDNN 7"
        fix += "; a GPU of 2020 or later wants %s" % current
    elif facts.system == "Windows" and version >= (2, 11):
        fix = "use WSL 2: TensorFlow 2.11 and later has no GPU on native Windows"
    elif version < (2, 14):
        fix = "install CUDA 11.8 and cuDNN 8.6, or use " + current
    else:
        fix = _pip(facts, "tensorflow[and-cuda]")
    return Finding("wrong", "devices", text, fix)


def _judge_threads(facts: Facts) -> Finding:
    text = "%d, of which this process may use %d" % (facts.cpus, facts.usable_cpus)
    settings = ["%s=%s" % (name, facts.environment[name]) for name in THREAD_VARIABLES if name in facts.environment]
    return Finding("ok", "CPU threads", ", ".join([text] + settings))


def _judge_data(facts: Facts) -> Finding:
    missing = ", ".join(name for name in DATA_SETS if name not in facts.data)
    available = ", ".join(facts.data) or "nothing yet"
    text = "%s in %s" % (available, facts.data_directory)
    if not missing:
        return Finding("ok", "data", text)
    place = os.path.join(facts.data_directory, "NAME")
    return Finding("note", "data", "%s; fetched at the first run, or put into %s: %s" % (text, place, missing))


def _is_legacy(facts: Facts) -> bool:
    """Whether this is a TensorFlow 1, or, if none is installed, the Python for one."""
    version = facts.packages.get("tensorflow", Package()).version
    return version.startswith("1.") if version else facts.python < (3, 8)


def _tensorflow_requirements(facts: Facts, version: str) -> Tuple[str, ...]:
    if _is_legacy(facts):
        plain = facts.system == "Darwin"  # tensorflow-gpu is not published for it
        return (("tensorflow==1.15",) + _PINS[1:]) if plain else _PINS
    return ("tensorflow==" + version,) if version else ("tensorflow>=2.13",)


def _numpy_pin(facts: Facts) -> Tuple[str, ...]:
    """A further requirement for pip, so that it does not install a NumPy that does not work with this TensorFlow."""
    if _is_legacy(facts):
        return ("numpy<1.20",)
    version = _numbers(facts.packages.get("tensorflow", Package()).version)
    return ("numpy<2",) if (2,) <= version < (2, 18) else ()


def _after(ill: Sequence[str]) -> str:
    return "first what is wrong with %s below, then run this again" % " and ".join(ill) if ill else ""


def _pip(facts: Facts, *requirements: str) -> str:
    """The pip command for this very interpreter, quoted for a shell."""
    words = ['"%s"' % word if re.search(r"[<>=\[]", word) else word for word in requirements]
    return "%s -m pip install %s" % (_quoted(facts), " ".join(words))


def _quoted(facts: Facts) -> str:
    if facts.system == "Windows":
        return '"%s"' % facts.executable if " " in facts.executable else facts.executable
    return shlex.quote(facts.executable)


def _numbers(version: str) -> Tuple[int, ...]:
    """The numbers at the beginning of a version, (1, 20, 0) for 1.20.0rc1; () if there are none."""
    match = re.match(r"\d+(\.\d+)*", version)
    return tuple(int(number) for number in match.group().split(".")) if match else ()


def report(findings: Sequence[Finding]) -> str:
    """The findings as aligned text, a line for each, and another one for its fix."""
    lines = []
    for finding in findings:
        lines.append("%-5s  %-11s  %s" % (finding.level, finding.subject, finding.text))
        if finding.fix:
            lines.append("       fix:        " + finding.fix)
    wrong = sum(finding.level == "wrong" for finding in findings)
    lines += ["", "Wrong: %d. Fix from the top, then run this again." % wrong if wrong else "All is well."]
    return "\n".join(lines)


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Prints the report. Returns 1 if something is wrong, otherwise 0."""
    about = "Finds what is wrong with this installation, and says what fixes it."
    more = "What an error text means: python -m rnn_tf1.explain 'TEXT'."
    parser = argparse.ArgumentParser(prog="python -m rnn_tf1.doctor", description=about, epilog=more)
    parser.add_argument("--data-dir", help="where the data sets are (default: $RNN_TF1_DATA, else ~/.cache/rnn_tf1)")
    parser.add_argument("--time-limit", type=float, default=120.0, help="seconds for one import (default: %(default)g)")
    options = parser.parse_args(arguments)
    findings = diagnose(gather_facts(options.data_dir, options.time_limit))
    print(report(findings))
    return int(any(finding.level == "wrong" for finding in findings))
