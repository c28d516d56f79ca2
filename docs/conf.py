"""The tutorial as pages: `make docs`. Every lesson is run anew; a lesson that fails, or a warning, ends the build."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

project = "rnn_tf1"
author = "the authors of rnn_tf1"
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx-mathjax-offline",
]
html_theme = "furo"
html_title = "rnn_tf1"
html_static_path = ["static"]
html_css_files = ["lessons.css"]
templates_path = ["templates"]
exclude_patterns = ["conf.py", "make_*.py", "run_lessons.py", "lessons/lesson.py", "results", "series_benchmark.md"]

# Lessons are Python files in the percent format, which jupytext reads.
nb_custom_formats = {".py": ["jupytext.reads", {"fmt": "py:percent"}]}
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300  # seconds for one cell: a machine may be busy
nb_execution_show_tb = True
nb_output_stderr = "remove"  # what TensorFlow says about processors
nb_merge_streams = True  # one box for what a cell prints, also where it prints slowly
myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "none"


def setup(app):
    app.connect("build-finished", keep_notebooks)


def keep_notebooks(app, error):
    """Each lesson as it was run, beside its page: LESSON.ipynb."""
    import shutil

    ran = os.path.join(app.outdir, os.pardir, "jupyter_execute", "lessons")
    if error is None and app.builder.format == "html":
        for name in os.listdir(ran):
            if name.endswith(".ipynb"):
                shutil.copy(os.path.join(ran, name), os.path.join(app.outdir, "lessons"))
