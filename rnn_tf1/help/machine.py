"""The facts about this machine for the doctor: its Python, packages, devices, threads and data.

Imports the standard library only. Every package is imported in a process of its own, with a time limit: an import that
raises, kills its process or hangs is just another fact.
"""

import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

DATA_SETS = ("mnist", "ptb", "multi30k", "grimm", "chorales", "reviews", "sketches")

# Import name -> the names under which pip may have installed it.
PACKAGES = {
    "tensorflow": (
        "tensorflow",
        "tensorflow-gpu",
        "tensorflow-cpu",
        "tensorflow-macos",
        "tensorflow-intel",
        "tf-nightly",
    ),
    "numpy": ("numpy",),
    "google.protobuf": ("protobuf",),
    "h5py": ("h5py",),
    "matplotlib": ("matplotlib",),
    "tqdm": ("tqdm",),
    "filelock": ("filelock",),
    "pooch": ("pooch",),
    "sacrebleu": ("sacrebleu",),
}
THREAD_VARIABLES = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
_VARIABLES = THREAD_VARIABLES + ("CUDA_VISIBLE_DEVICES",)

# Runs in a process of its own: imports the package named by its argument and prints facts, one JSON line each.
_PROBE = r"""
import importlib, json, sys, traceback
from importlib.machinery import PathFinder
def tell(**facts):
    print("\n@doctor " + json.dumps(facts))
    sys.stdout.flush()
name = sys.argv[1]
try:
    tell(version=str(importlib.import_module(name).__version__).lstrip("v"))
    if name == "tensorflow":
        import tensorflow.compat.v1 as tf
        tell(version=str(tf.__version__), stage="looking for devices")
        tell(devices=[device.name.split(":", 1)[1] for device in tf.config.experimental.list_physical_devices()])
except BaseException as error:
    missing = isinstance(error, ImportError) and error.name in (name, name.split(".")[0])
    spec = PathFinder.find_spec(name.split(".")[0])
    place = spec.origin if spec else None
    tell(error="".join(traceback.format_exception_only(type(error), error)), missing=missing, place=place)
"""


class Package(NamedTuple):
    """The result of importing a package. `status`: "ok", "missing", "broken" (raised), "killed", "slow" (no end in time)."""

    version: str = ""  # "" if unknown
    status: str = "ok"
    detail: str = ""  # the line of the error, or the signal or time and the current stage
    place: str = ""  # the file that is imported


class Facts(NamedTuple):
    """The results of `gather_facts`. The defaults are those of a machine without known problems."""

    python: Tuple[int, int, int]
    executable: str
    packages: Mapping[str, Package]  # by import name; other packages are missing
    devices: Sequence[str] = ("CPU:0",)  # as TensorFlow sees them
    system: str = "Linux"
    bits: int = 64
    gpus: Sequence[str] = ()  # names, as the driver sees them
    gpu_trouble: str = ""  # why TensorFlow cannot use them, if known
    avx: Optional[bool] = None  # None: unknown
    cpus: int = 1
    usable_cpus: int = 1
    environment: Mapping[str, str] = {}
    data_directory: str = ""
    data: Sequence[str] = ()  # the available data sets
    beside: str = ""  # the command to activate a virtual environment in this folder, if this Python is not in one


def gather_facts(data_dir: Optional[str] = None, time_limit: float = 120.0) -> Facts:
    """Examines the machine. `time_limit` is for the import of one package, in seconds. Raises no error."""
    from rnn_tf1.data.files.download import data_directory

    directory = data_directory(data_dir)
    with ThreadPoolExecutor(len(PACKAGES)) as pool:  # TensorFlow takes longer than all the others together
        answers = dict(zip(PACKAGES, pool.map(lambda name: _probe(name, time_limit), PACKAGES)))
    reported = answers["tensorflow"][1]
    gpus, gpu_trouble = _gpus()
    affinity = getattr(os, "sched_getaffinity", None)  # Linux only
    cpus = os.cpu_count() or 1
    return Facts(
        python=sys.version_info[:3],
        executable=sys.executable,
        packages={name: package for name, (package, _) in answers.items()},
        devices=[
            name for name in reported.get("devices", ()) if not name.startswith("XLA_")
        ],  # duplicates, in TensorFlow 1
        system=platform.system(),
        bits=64 if sys.maxsize > 2**32 else 32,
        gpus=gpus,
        gpu_trouble=(reported.get("trouble") if gpus else gpu_trouble) or "",
        avx=_has_avx(),
        cpus=cpus,
        usable_cpus=len(affinity(0)) if affinity else cpus,
        environment={name: os.environ[name] for name in _VARIABLES if name in os.environ},
        data_directory=directory,
        data=[name for name in DATA_SETS if _entries(os.path.join(directory, name))],
        beside=_environment_beside() if sys.prefix == sys.base_prefix else "",
    )


def _environment_beside() -> str:
    for name in (".venv", "venv", "env"):
        if os.path.isfile(os.path.join(name, "pyvenv.cfg")):
            return name + r"\Scripts\activate" if os.name == "nt" else "source %s/bin/activate" % name
    return ""


def _probe(name: str, time_limit: float) -> Tuple[Package, Dict[str, Any]]:
    """Imports a package in a process of its own. Returns the result, and the facts that the process reported."""
    code: Optional[int] = None
    try:
        command = [sys.executable, "-c", _PROBE, name]
        pipe = subprocess.PIPE
        # Not capture_output, which Python 3.6 lacks: the doctor should still tell its user that it is too old.
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, timeout=time_limit)  # noqa: UP022
        code, output, log = done.returncode, done.stdout, done.stderr.decode(errors="replace")
    except subprocess.TimeoutExpired as error:
        output, log = error.stdout or b"", ""
    reported: Dict[str, Any] = {}
    for line in output.decode(errors="replace").splitlines():
        if line.startswith("@doctor "):
            reported.update(json.loads(line[len("@doctor ") :]))
    unloaded = re.search("[Cc]ould not load dynamic library '([^']+)'", log)
    if unloaded:
        reported["trouble"] = "it cannot load " + unloaded.group(1)
    version = reported.get("version") or _installed_version(PACKAGES[name])
    doing = " while " + reported.get("stage", "importing it")
    if code is None:
        return Package(version, "slow", "stopped after %g s%s" % (time_limit, doing)), reported
    if "error" in reported:
        status = "missing" if reported["missing"] else "broken"
        line = _error_line(reported["error"]) + (doing if "stage" in reported else "")
        return Package(version, status, line, reported["place"] or ""), reported
    if code != 0 or "version" not in reported:
        last = log.strip().splitlines()[-1:] if _signal(code) == "SIGABRT" else []
        return Package(version, "killed", ": ".join([_signal(code) + doing] + last)), reported
    return Package(version), reported


def _signal(code: int) -> str:
    """The signal that ended a process, from its exit code: negative, above 128 from a shell, or Windows' own."""
    number = {0xC000001D: signal.SIGILL, 0xC0000005: signal.SIGSEGV}.get(code, -code if code < 0 else code - 128)
    try:
        return signal.Signals(number).name
    except ValueError:
        return "exit code %d" % code


def _error_line(text: str) -> str:
    """The most informative line of an exception's text: the last one that names an error, otherwise the first."""
    lines = [line.strip() for line in text.splitlines() if line.strip()] or ["no message"]
    telling = [line for line in lines if re.match(r"(\w+(Error|Exception)|Original error was): *\S", line)]
    return (telling or lines)[-1 if telling else 0][:300]


def _installed_version(names: Sequence[str]) -> str:
    """The version that pip or conda recorded at installation, also for a package that cannot be imported; "" if unknown."""
    wanted = {name.replace("-", "_") for name in names}
    for folder in sys.path:
        for entry in _entries(folder):
            match = re.match(r"(.+?)-([^-]+)(-.*)?\.(dist|egg)-info$", entry)
            if match and match.group(1).replace("-", "_").lower() in wanted:
                return match.group(2)
    return ""


def _gpus() -> Tuple[List[str], str]:
    """The names of NVIDIA's GPUs, or why the driver does not report any."""
    output = ""
    if shutil.which("nvidia-smi"):
        try:
            done = subprocess.run(["nvidia-smi", "-L"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20)
            output = done.stdout.decode(errors="replace")
        except (OSError, subprocess.TimeoutExpired) as error:
            output = str(error)
    names = re.findall(r"^GPU \d+: (.+?)(?: \(UUID.*)?$", output, re.MULTILINE)
    if not names and os.path.exists("/dev/nvidia0"):
        names = ["/dev/nvidia0"]
    return names, "" if names else output.strip().split("\n")[0]


def _has_avx() -> Optional[bool]:
    """Whether the CPU has AVX; None if Linux does not say, or on another kind of CPU."""
    try:
        with open("/proc/cpuinfo") as file:
            flags = re.search(r"^flags\s*:(.*)$", file.read(), re.MULTILINE)
    except OSError:
        return None
    return "avx" in flags.group(1).split() if flags else None


def _entries(folder: str) -> List[str]:
    """The names in `folder`; none if it is missing or not readable."""
    try:
        return os.listdir(folder)
    except OSError:
        return []
