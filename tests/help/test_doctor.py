"""The doctor: what it says of machines with one thing wrong, made up or real."""

import os
import re
import stat
import subprocess
import sys

import pytest
from places import ROOT

from rnn_tf1.help import doctor, machine
from rnn_tf1.help.machine import Facts, Package

VERSIONS = {
    "1.15.0": {"numpy": "1.19.5", "google.protobuf": "3.20.3", "h5py": "2.10.0", "matplotlib": "3.5.3", "tqdm": "4.67"},
    "2.21.0": {"numpy": "2.4.6", "google.protobuf": "7.36.2", "h5py": "3.14.0", "matplotlib": "3.11.2", "tqdm": "4.67"},
}


def healthy(tensorflow, **changed):
    """The facts of a machine on which all is well, but for what `changed` says; a package that is None is not there."""
    packages = {name: Package(version) for name, version in VERSIONS[tensorflow].items()}
    packages.update(tensorflow=Package(tensorflow), filelock=Package("3.12.2"), pooch=Package("1.8.2"))
    packages.update(sacrebleu=Package("2.2.0"))
    packages.update(changed.pop("packages", {}))
    python = (3, 7, 16) if tensorflow.startswith("1.") else (3, 11, 7)
    facts = Facts(python, "/opt/py", {}, data_directory="/data", data=list(machine.DATA_SETS), cpus=8, usable_cpus=4)
    return facts._replace(packages={name: package for name, package in packages.items() if package}, **changed)


def old(**changed):
    return healthy("1.15.0", **changed)


def new(**changed):
    return healthy("2.21.0", **changed)


def broken(detail, version="2.21.0", place=""):
    return {"tensorflow": Package(version, "broken", detail, place)}


@pytest.mark.parametrize("facts", [old(), new(), new(avx=True, gpus=["H200"], devices=["CPU:0", "GPU:0"])])
def test_a_healthy_machine_has_nothing_wrong(facts):
    """Catches rules for one TensorFlow that are applied to the other: numpy 2 and protobuf 7 are right for TensorFlow 2."""
    findings = doctor.diagnose(facts)
    assert {finding.level for finding in findings} == {"ok"}
    assert not any(finding.fix for finding in findings)
    assert ("h5py" in [finding.subject for finding in findings]) == (facts.python < (3, 8))
    assert "wrong" not in doctor.report(findings)
    assert doctor.report(findings).endswith("All is well.")


OLD_INSTALL = '/opt/py -m pip install "tensorflow-gpu==1.15" "protobuf<3.21" "numpy<1.20" "h5py<3"'
PYTHONS = "use Python 3.9 to 3.13 (TensorFlow 2) or 3.7 (TensorFlow 1.15)"
DESCRIPTORS = "TypeError: Descriptors cannot not be created directly."
AVX = "use a machine whose CPU has AVX: TensorFlow's packages need it"
CUDA_10 = "install CUDA 10.0 and cuDNN 7; a GPU of 2020 or later wants Python 3.10 or later with TensorFlow 2"
WRONG = [
    # What TensorFlow 1.15 cannot live with.
    (old(packages={"numpy": Package("1.20rc1")}), "NumPy", '/opt/py -m pip install "numpy<1.20"'),
    (old(packages={"numpy": Package("1.21.6")}), "NumPy", '/opt/py -m pip install "numpy<1.20"'),
    (old(packages={"google.protobuf": Package("3.21.0")}), "protobuf", '/opt/py -m pip install "protobuf<3.21"'),
    (old(packages={"google.protobuf": Package("4.24.4")}), "protobuf", '/opt/py -m pip install "protobuf<3.21"'),
    (old(packages={"h5py": Package("3.0.0")}), "h5py", '/opt/py -m pip install "h5py<3"'),
    (old(packages={"h5py": None}), "h5py", '/opt/py -m pip install "h5py<3"'),
    (old(packages={"tensorflow": Package("1.14.0")}), "TensorFlow", OLD_INSTALL),
    # TensorFlow 2 before 2.18 is built for NumPy 1.
    (new(packages={"tensorflow": Package("2.17.1")}), "NumPy", '/opt/py -m pip install "numpy<2"'),
    # Missing packages.
    (old(packages={"tensorflow": None}), "TensorFlow", OLD_INSTALL),
    (old(packages={"tensorflow": None}, system="Darwin"), "TensorFlow", OLD_INSTALL.replace("-gpu", "")),
    (new(packages={"tensorflow": None}), "TensorFlow", '/opt/py -m pip install "tensorflow>=2.13"'),
    (new(packages={"tensorflow": None}, beside="source .venv/bin/activate"), "TensorFlow", "source .venv/bin/activate"),
    (new(packages={"tensorflow": None}, beside="X", python=(3, 14, 0)), "TensorFlow", "X"),
    (new(packages={"tensorflow": None}, python=(3, 14, 0)), "TensorFlow", PYTHONS),
    (new(packages={"tensorflow": None}, python=(3, 6, 9)), "TensorFlow", PYTHONS),
    (new(python=(3, 6, 9)), "Python", PYTHONS),
    (new(bits=32), "Python", "use a 64-bit Python"),
    (new(packages={"numpy": None}), "NumPy", "/opt/py -m pip install numpy"),
    (old(packages={"numpy": None}), "NumPy", '/opt/py -m pip install "numpy<1.20"'),
    (new(packages={"matplotlib": None}), "matplotlib", "/opt/py -m pip install matplotlib"),
    (new(packages={"tqdm": None}), "tqdm", "/opt/py -m pip install tqdm"),
    (new(packages={"filelock": None}), "filelock", "/opt/py -m pip install filelock"),
    (old(packages={"pooch": None}), "pooch", "/opt/py -m pip install pooch"),
    # A reinstallation must not bring a NumPy that TensorFlow 1.15 cannot live with.
    (
        old(packages={"matplotlib": Package("3.5.3", "broken", "ImportError: x")}),
        "matplotlib",
        '/opt/py -m pip install --force-reinstall matplotlib "numpy<1.20"',
    ),
    (
        new(packages={"numpy": Package("2.4.6", "broken", "ImportError: x")}),
        "NumPy",
        "/opt/py -m pip install --force-reinstall numpy",
    ),
    (
        new(packages={"sacrebleu": Package("2.2.0", "broken", "ImportError: x")}),
        "sacrebleu",
        "/opt/py -m pip install --force-reinstall sacrebleu",
    ),
    # An import that fails, ends the process or does not end.
    (new(packages=broken(DESCRIPTORS)), "TensorFlow", '/opt/py -m pip install "protobuf<3.21"'),
    (
        new(packages=broken("VersionError: Detected incompatible Protobuf Gencode/Runtime versions")),
        "TensorFlow",
        "/opt/py -m pip install --upgrade tensorflow protobuf",
    ),
    (
        new(packages=broken("ImportError: DLL load failed while importing _pywrap_tensorflow_internal")),
        "TensorFlow",
        "install https://aka.ms/vs/17/release/vc_redist.x64.exe (Microsoft's C++ run time)",
    ),
    (
        new(packages=broken("AttributeError: no compat", place="/elsewhere/tensorflow.py")),
        "TensorFlow",
        "rename /elsewhere/tensorflow.py: it hides the real TensorFlow",
    ),
    (
        new(packages=broken("ImportError: nobody has seen this before")),
        "TensorFlow",
        '/opt/py -m pip install --force-reinstall "tensorflow==2.21.0"',
    ),
    (
        old(packages=broken("ImportError: nobody has seen this before", "1.15.0")),
        "TensorFlow",
        OLD_INSTALL.replace("install", "install --force-reinstall"),
    ),
    (
        old(packages=dict(broken(DESCRIPTORS, "1.15.0"), **{"google.protobuf": Package("4.24.4")})),
        "TensorFlow",
        "first what is wrong with protobuf below, then run this again",
    ),
    (new(packages={"tensorflow": Package("2.21.0", "killed", "SIGILL while importing it")}), "TensorFlow", AVX),
    (new(packages={"tensorflow": Package("2.21.0", "killed", "SIGABRT: AVX")}), "TensorFlow", AVX),
    (new(packages={"tensorflow": Package("2.21.0", "killed", "SIGSEGV")}, avx=False), "TensorFlow", AVX),
    (
        new(packages={"tensorflow": Package("2.21.0", "killed", "SIGSEGV")}, avx=True),
        "TensorFlow",
        '/opt/py -m pip install --force-reinstall "tensorflow==2.21.0"',
    ),
    (
        old(packages={"tensorflow": Package("1.15.0", "killed", "SIGSEGV"), "numpy": Package("1.21.6")}),
        "TensorFlow",
        "first what is wrong with NumPy below, then run this again",
    ),
    (
        new(packages={"tensorflow": Package("2.21.0", "killed", "SIGKILL while importing it")}),
        "TensorFlow",
        "close other programs, or use more memory",
    ),
    (
        new(packages={"tensorflow": Package("2.21.0", "slow", "stopped after 9 s")}),
        "TensorFlow",
        '/opt/py -c "import faulthandler as f; f.dump_traceback_later(30); import tensorflow"'
        "  (shows after 30 s where it hangs)",
    ),
    # A GPU that TensorFlow does not see.
    (old(gpus=["Tesla V100"]), "devices", CUDA_10),
    (new(gpus=["H200"]), "devices", '/opt/py -m pip install "tensorflow[and-cuda]"'),
    (
        new(gpus=["RTX"], system="Windows"),
        "devices",
        "use WSL 2: TensorFlow 2.11 and later has no GPU on native Windows",
    ),
    (
        new(gpus=["RTX"], packages={"tensorflow": Package("2.13.1"), "numpy": Package("1.24.0")}),
        "devices",
        "install CUDA 11.8 and cuDNN 8.6, or use Python 3.10 or later with TensorFlow 2",
    ),
    # An interpreter whose path needs quotes.
    (new(executable="/my py/bin/py", packages={"tqdm": None}), "tqdm", "'/my py/bin/py' -m pip install tqdm"),
    (
        new(executable=r"C:\my py\py.exe", system="Windows", packages={"tqdm": None}),
        "tqdm",
        r'"C:\my py\py.exe" -m pip install tqdm',
    ),
]


@pytest.mark.parametrize(("facts", "subject", "fix"), WRONG)
def test_every_wrong_thing_has_the_line_that_fixes_it(facts, subject, fix):
    """Catches a missing rule, a rule with a wrong bound, and a line that does not fix (unquoted, another Python's)."""
    found = [finding for finding in doctor.diagnose(facts) if finding.subject == subject]
    assert [(finding.level, finding.fix) for finding in found] == [("wrong", fix)]
    shown = doctor.report(found).splitlines()
    assert shown[0].startswith("wrong  " + subject)
    assert shown[1].split(":", 1) == ["       fix", "        " + fix]


def test_every_other_subject_stays_well():
    """Catches a rule that blames what is right: one thing wrong must not make a second one so."""
    for facts, subject, _ in WRONG:
        if "first what is wrong" not in doctor.report(doctor.diagnose(facts)) and facts.python >= (3, 7):
            assert [finding.subject for finding in doctor.diagnose(facts) if finding.level == "wrong"] == [subject]


@pytest.mark.parametrize(
    ("facts", "subject", "words"),
    [
        (
            new(data=["mnist"]),
            "data",
            "mnist in /data; fetched at the first run, or put into /data/NAME: ptb, multi30k, ",
        ),
        (new(data=[]), "data", "nothing yet in /data; "),
        (new(gpus=["H200"], environment={"CUDA_VISIBLE_DEVICES": ""}), "devices", "CUDA_VISIBLE_DEVICES hides"),
        (new(gpu_trouble="NVIDIA-SMI has failed"), "devices", "its driver is not running: NVIDIA-SMI has failed"),
        (new(packages={"tensorflow": None}, gpus=["H200"]), "devices", "the driver sees H200"),
        (new(packages={"sacrebleu": None}), "sacrebleu", "scored by it: /opt/py -m pip install sacrebleu"),
        (old(packages={"tensorflow": Package("2.11.0"), "numpy": Package("1.21.6")}), "TensorFlow", "works perhaps"),
    ],
)
def test_what_is_no_fault_is_a_note(facts, subject, words):
    """Catches an exit code 1 for what needs no fixing, such as data that will be fetched."""
    (finding,) = [finding for finding in doctor.diagnose(facts) if finding.subject == subject]
    assert (finding.level, finding.fix) == ("note", "")
    assert words in finding.text


def test_threads_are_told_with_the_settings_that_rule_them():
    """Catches settings left out: OMP_NUM_THREADS=1 is why a run is slow."""
    (finding,) = [
        one for one in doctor.diagnose(new(environment={"OMP_NUM_THREADS": "1"})) if one.subject == "CPU threads"
    ]
    assert finding.text == "8, of which this process may use 4, OMP_NUM_THREADS=1"


def test_the_pins_are_those_of_requirements_txt():
    """Catches a doctor that prescribes other versions than the project installs."""
    with open(os.path.join(ROOT, "requirements.txt")) as file:
        lines = file.read().splitlines()
    lines = [line for line in lines if '< "3.8"' in line and not line.startswith("matplotlib")]
    for system, other in (("Linux", '== "darwin"'), ("Darwin", '!= "darwin"')):
        wanted = {line.split(";")[0] for line in lines if other not in line}
        fix = doctor.diagnose(old(packages={"tensorflow": None}, system=system))[1].fix
        assert set(re.findall(r'"(.+?)"', fix)) == wanted


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "TypeError: Descriptors cannot not be created directly.\nIf this call came from\n 1. Downgrade\n",
            DESCRIPTORS,
        ),
        (
            "ImportError: Traceback (most recent call last):\n  File x\nImportError: libfoo.so: no such file\n\n\n"
            "Failed to load the native TensorFlow runtime.\n\nSee https://example.org\n",
            "ImportError: libfoo.so: no such file",
        ),
        (
            "ImportError: \n\nIMPORTANT: PLEASE READ\n\nOriginal error was: No C file\n\n",
            "Original error was: No C file",
        ),
        ("KeyboardInterrupt\n", "KeyboardInterrupt"),
        ("", "no message"),
    ],
)
def test_the_telling_line_of_an_error_is_shown(text, line):
    """Catches a report that shows the advice below an error, or the empty line above it, instead of the error."""
    assert machine._error_line(text) == line


@pytest.mark.parametrize(
    ("code", "name"), [(-4, "SIGILL"), (132, "SIGILL"), (-6, "SIGABRT"), (0xC000001D, "SIGILL"), (3, "exit code 3")]
)
def test_exit_codes_name_their_signal(code, name):
    """Catches an illegal instruction that is told as a bare number."""
    assert machine._signal(code) == name


# Real runs.


def run(folder, *arguments, **environment):
    """Runs the doctor with the packages in `folder` before all others. Returns the exit code and the lines."""
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join([str(folder), ROOT]), **environment)
    command = [sys.executable, "-m", "rnn_tf1.doctor", "--data-dir", str(folder)] + list(arguments)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, cwd=str(folder))
    text = done.stdout.decode()
    assert "Traceback" not in text
    return done.returncode, text.splitlines()


def package(folder, name, text):
    path = folder / name / "__init__.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def lines_of(lines, subject):
    """The line of one subject, and the fixing line under it."""
    (at,) = [i for i, line in enumerate(lines) if line[7:].startswith(subject)]
    return lines[at], lines[at + 1]


@pytest.mark.slow  # CI runs the doctor itself, on both
def test_all_is_well_here(tmp_path):
    """Catches a doctor that calls the very installation of these tests wrong, or cannot see what is in it."""
    (tmp_path / "ptb").mkdir()
    (tmp_path / "ptb" / "ptb.train.txt").write_text("a b")
    (tmp_path / "grimm").mkdir()  # empty: not there
    code, lines = run(tmp_path, OMP_NUM_THREADS="2")
    assert code == 0, "\n".join(lines)
    assert re.match(r"ok     TensorFlow   \d+\.\d+", lines_of(lines, "TensorFlow")[0])
    assert re.match(r"ok     devices      CPU:0", lines_of(lines, "devices")[0])
    assert lines_of(lines, "CPU threads")[0].endswith("OMP_NUM_THREADS=2")
    assert lines_of(lines, "data")[0].startswith("note   data         ptb in " + str(tmp_path))
    assert lines[-1] == "All is well."


FAKES = {
    "raises": (
        "raise ImportError('libfoo.so.7: cannot open')",
        "cannot be imported: ImportError: libfoo.so.7",
        "--force",
    ),
    "protobuf": (
        "raise TypeError('Descriptors cannot not be created directly.\\nIf this call came from a _pb2.py file, ...')",
        "cannot be imported: TypeError: Descriptors cannot not be created directly.",
        '"protobuf<3.21"',
    ),
    "illegal": ("import os; os._exit(132)", "kills the process: SIGILL while importing it", "CPU has AVX"),
    "aborts": (
        "import os, sys; sys.stderr.write('compiled to use AVX instructions\\n'); sys.stderr.flush(); os.abort()",
        "kills the process: SIGABRT while importing it: compiled to use AVX instructions",
        "CPU has AVX",
    ),
    "hangs": ("import time; time.sleep(20)", "does not end: stopped after 2 s while importing it", "faulthandler"),
    "left over": ("", "cannot be imported: AttributeError", "--force-reinstall"),
}


@pytest.mark.once
@pytest.mark.parametrize(
    "fake", [fake if fake in ("raises", "illegal") else pytest.param(fake, marks=pytest.mark.slow) for fake in FAKES]
)
def test_an_import_that_goes_wrong_is_told_and_fixed(tmp_path, fake):
    """Catches a doctor that dies, hangs or shows a traceback together with the TensorFlow it examines."""
    text, told, fix = FAKES[fake]
    package(tmp_path, "tensorflow", text)
    code, lines = run(tmp_path, "--time-limit", "2" if fake == "hangs" else "60")
    line, below = lines_of(lines, "TensorFlow")
    assert code == 1
    assert line.startswith("wrong")
    assert told in line
    assert below.startswith("       fix:")
    assert fix in below


@pytest.mark.parametrize("name", [".venv", "venv", "env"])
def test_an_environment_in_the_folder_is_pointed_at(tmp_path, monkeypatch, name):
    """Catches a newcomer who forgot to activate it and is told to install all into the system's Python; and a folder of that
    name that is none."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).mkdir()
    assert machine._environment_beside() == ""
    (tmp_path / name / "pyvenv.cfg").write_text("home = /usr/bin")
    assert machine._environment_beside() == "source %s/bin/activate" % name


def test_a_missing_numpy_is_named_as_the_cause(tmp_path):
    """Catches a doctor that needs NumPy, and one that prescribes a new TensorFlow where NumPy is what is missing."""
    package(tmp_path, "numpy", "raise ModuleNotFoundError(\"No module named 'numpy'\", name='numpy')")
    package(tmp_path, "tensorflow", "import numpy")
    code, lines = run(tmp_path)
    assert code == 1
    assert lines_of(lines, "NumPy")[0].endswith("not installed")
    assert "first what is wrong with NumPy" in lines_of(lines, "TensorFlow")[1]


@pytest.mark.once
@pytest.mark.skipif(sys.platform == "win32", reason="the fake nvidia-smi is a shell script")
def test_a_gpu_without_its_libraries_is_noticed(tmp_path):
    """Catches a GPU that lies idle without a word: what nvidia-smi lists must be compared with what TensorFlow sees."""
    log = "import sys; sys.stderr.write(\"W: Could not load dynamic library 'libcudart.so.10.0'; dlerror: no\\n\")\n"
    package(tmp_path, "tensorflow", log + "__version__ = '1.15.0'")
    package(tmp_path, "tensorflow/compat", "")
    listed = "class config:\n class experimental:\n  list_physical_devices = staticmethod(lambda: [CPU, XLA])\n"
    devices = "class CPU: name = '/physical_device:CPU:0'\nclass XLA: name = '/physical_device:XLA_GPU:0'\n"
    package(tmp_path, "tensorflow/compat/v1", "__version__ = '1.15.0'\n" + devices + listed)
    script = tmp_path / "nvidia-smi"
    script.write_text("#!/bin/sh\necho 'GPU 0: Tesla V100-SXM2 (UUID: GPU-1234)'\n")
    script.chmod(script.stat().st_mode | stat.S_IEXEC)
    code, lines = run(tmp_path, PATH=str(tmp_path) + os.pathsep + os.environ["PATH"])
    line, below = lines_of(lines, "devices")
    assert code == 1
    assert line == (
        "wrong  devices      CPU:0: TensorFlow does not see the GPU (Tesla V100-SXM2), for it cannot load libcudart.so.10.0"
    )
    assert "CUDA 10.0 and cuDNN 7" in below


def test_the_doctor_needs_the_standard_library_only():
    """Catches an import of NumPy, tqdm or TensorFlow on the doctor's way: without site-packages it must still load."""
    program = "import rnn_tf1.doctor, rnn_tf1.data.files.download"
    environment = dict(os.environ, PYTHONPATH=ROOT)
    assert subprocess.call([sys.executable, "-S", "-c", program], env=environment) == 0
