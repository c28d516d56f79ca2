"""Installation: errors before the first line of a program runs, and harmless messages that look like errors."""

from rnn_tf1.help.explanations.entry import entry

ENTRIES = [
    entry(
        title="Descriptors cannot be created directly",
        texts=(
            "TypeError: Descriptors cannot not be created directly.\n"
            "If this call came from a _pb2.py file, your generated code is out of date and must be regenerated with protoc "
            ">= 3.19.0.",
            "TypeError: Descriptors cannot be created directly.",
        ),
        pattern=r"Descriptors cannot (not )?be created directly",
        cause="""The package protobuf is too new for this TensorFlow: 1.15 needs one before 3.21, and a bare pip install
            brings the newest.""",
        fix="Install one that fits. `python -m rnn_tf1.doctor` prints the command for your interpreter.",
        show="import tensorflow",
        line='$ python -m pip install "protobuf<3.21"',
        raised_on="neither: it needs an installation that is broken",
    ),
    entry(
        title="No matching distribution found for tensorflow==1.15",
        texts=(
            "ERROR: Could not find a version that satisfies the requirement tensorflow==1.15 (from versions: 2.16.1, 2.17.0)\n"
            "ERROR: No matching distribution found for tensorflow==1.15",
        ),
        pattern=r"""No matching distribution found for tensorflow
            | Could not find a version that satisfies the requirement tensorflow""",
        cause="""TensorFlow 1.15 was published for Python 3.7 and older, on 64-bit x86 processors; TensorFlow 2 for
            certain versions of Python as well. pip found none for yours.""",
        fix="""You may not need 1.15: this library runs old graph code on current TensorFlow. For 1.15 itself make an
            environment with Python 3.7. Where even a bare "tensorflow" is not found, Python is too new, too old or has
            32 bits, or pip is very old: `python -m rnn_tf1.doctor` tells which.""",
        show="import tensorflow.compat.v1 as tf  # the same code on both TensorFlows",
        line="$ python -m pip install tensorflow",
        raised_on="neither: pip says it",
    ),
    entry(
        title="Illegal instruction (core dumped)",
        texts=(
            "Illegal instruction (core dumped)",
            "The TensorFlow library was compiled to use AVX instructions, but these aren't available on your machine.",
        ),
        pattern=r"Illegal instruction|compiled to use AVX\w* instructions, but these aren.?t available|SIGILL",
        cause="""The processor has no AVX instructions, and TensorFlow's packages (since 1.6) are built with them. It
            happens on old machines and inside some virtual machines, which hide them.""",
        fix="""Use another machine, or let the virtual machine pass the processor through (CPU type "host"). `python -m
            rnn_tf1.doctor` says whether it is that.""",
        show="import tensorflow",
        line="$ python -m rnn_tf1.doctor",
        raised_on="neither: it needs a processor without AVX",
    ),
    entry(
        title="Could not load dynamic library 'libcudart.so'; Could not find cuda drivers",
        texts=(
            "Could not load dynamic library 'libcudart.so.11.0'; dlerror: libcudart.so.11.0: cannot open shared object file: "
            "No such file or directory\n"
            "Ignore above cudart dlerror if you do not have a GPU set up on your machine.",
            "Could not load dynamic library 'cudart64_110.dll'; dlerror: cudart64_110.dll not found",
            "Could not find cuda drivers on your machine, GPU will not be used.",
            "failed call to cuInit: UNKNOWN ERROR (303)",
        ),
        pattern=r"""Could not load dynamic library (lib)?(cu|nv) | Could not find cuda drivers | failed call to cuInit
            | Cannot dlopen some GPU libraries | Ignore above cudart dlerror | kernel driver does not appear to be running""",
        cause="""TensorFlow looks for a GPU at every start and says that it can use none. On a machine without
            a GPU this is harmless: everything runs on the CPU.""",
        fix="""Without a GPU: go on; `TF_CPP_MIN_LOG_LEVEL=3` in the environment silences most of it. With one: `python -m
            rnn_tf1.doctor` says what keeps TensorFlow from it.""",
        show="import tensorflow",
        line="$ TF_CPP_MIN_LOG_LEVEL=3 python program.py",
        raised_on="neither: it is a line of a log, on a machine without a GPU",
    ),
    entry(
        title="Your CPU supports instructions that this TensorFlow binary was not compiled to use",
        texts=(
            "Your CPU supports instructions that this TensorFlow binary was not compiled to use: AVX2 AVX512F FMA",
            "This TensorFlow binary is optimized to use available CPU instructions in performance-critical operations.",
            "oneDNN custom operations are on. You may see slightly different numerical results due to floating-point "
            "round-off errors from different computation orders.",
        ),
        pattern=r"""supports instructions that this TensorFlow binary was not compiled to use
            | TensorFlow binary is optimized .{0,80}?to use | oneDNN custom operations are on""",
        cause="A line of the log, and no error: the package is built for many processors, and yours could do a little more.",
        fix="""Go on. `TF_CPP_MIN_LOG_LEVEL=2` in the environment silences it. If your program failed, the reason is
            another line, further down.""",
        show="import tensorflow",
        line="$ TF_CPP_MIN_LOG_LEVEL=2 python program.py",
        raised_on="neither: it is a line of a log",
    ),
    entry(
        title="A module that was compiled using NumPy 1.x cannot be run in NumPy 2",
        texts=(
            "A module that was compiled using NumPy 1.x cannot be run in\nNumPy 2.0.0 as it may crash.",
            "AttributeError: _ARRAY_API not found",
        ),
        pattern=r"compiled using NumPy 1\.x cannot be run in NumPy 2|_ARRAY_API not found|numpy\.dtype size changed",
        cause="""NumPy is too new for this TensorFlow: versions before 2.18 are built for NumPy 1, and pip has brought
            NumPy 2 with some other package.""",
        fix="Install a NumPy that fits, or a newer TensorFlow. `python -m rnn_tf1.doctor` prints the command.",
        show="import tensorflow",
        line='$ python -m pip install "numpy<2"',
        raised_on="neither: it needs an installation that is broken",
    ),
    entry(
        title="No module named 'tensorflow'",
        texts=(
            "ModuleNotFoundError: No module named 'tensorflow'",
            "ImportError: DLL load failed while importing _pywrap_tensorflow_internal: The specified module was not found.",
        ),
        pattern=r"""No module named tensorflow(?!\.) | DLL load failed.{0,60}?tensorflow
            | Failed to load the native TensorFlow runtime""",
        cause="""The Python that runs has no TensorFlow, or one whose libraries cannot be loaded. Mostly pip and python
            belong to two installations: pip install went to the one, and the program (or Jupyter's kernel) runs on the
            other.""",
        fix="""Install with the Python that runs: `python -m pip install`. On Windows, "DLL load failed" is mostly
            Microsoft's C++ run time that is missing. `python -m rnn_tf1.doctor` tells these apart and prints the line.""",
        show="import tensorflow",
        line="$ python -m pip install tensorflow",
        raised_on="neither: it needs a Python without TensorFlow",
    ),
    entry(
        title="cannot import name 'LSTMCell' from 'rnn_tf1' (unknown location)",
        texts=(
            "ImportError: cannot import name 'LSTMCell' from 'rnn_tf1' (unknown location)",
            "ModuleNotFoundError: No module named 'rnn_tf1'",
        ),
        pattern=r"cannot import name \w+ from rnn_tf1[\w.]* \(unknown location\) | No module named rnn_tf1",
        cause="""This library is not installed for the Python that runs. "Unknown location" says that Python took a plain
            folder of that name for it: the clone, as seen from the folder in which the clone lies.""",
        fix="""Install the clone for that Python, with that Python's pip, from within the clone; from then on it is found from
            everywhere. Or start Python within the clone.""",
        show="from rnn_tf1 import LSTMCell",
        line="$ python -m pip install -e .",
        raised_on="neither: it needs a Python without this library",
    ),
    entry(
        title="FutureWarning: Passing (type, 1) or '1type' as a synonym of type is deprecated",
        texts=(
            "FutureWarning: Passing (type, 1) or '1type' as a synonym of type is deprecated; in a future version of numpy, it "
            "will be understood as (type, (1,)) / '(1,)type'.",
        ),
        pattern=r"Passing \(type, 1\) or 1type as a synonym of type is deprecated",
        cause="A warning of NumPy 1.17 to 1.19 about the code of TensorFlow 1.15. It is harmless.",
        fix="""Go on; `python -W ignore::FutureWarning` silences it. Do not follow it to a newer NumPy: TensorFlow 1.15
            needs one before 1.20.""",
        show="import tensorflow",
        line="$ python -W ignore::FutureWarning program.py",
        raised_on="neither: it is a warning, and only of some versions of NumPy",
    ),
]
