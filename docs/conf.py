"""The tutorial as pages: `make docs`. Every lesson is run anew; a lesson that fails, or a warning, ends the build."""

import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), HERE]

os.environ["RNN_TF1_FIGURES"] = "check"  # a stale picture ends the build

project = "rnn_tf1"
author = "the authors of rnn_tf1"
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx-mathjax-offline",
]
highlight_language = "none"  # equations in docstrings; lessons and marked blocks have their own
html_theme = "furo"
html_title = "rnn_tf1"
html_favicon = "static/favicon.svg"
html_static_path = ["static"]
html_css_files = ["lessons.css"]
templates_path = ["templates"]
exclude_patterns = [
    "_build",
    "**/*.ipynb",
    "*.py",
    "lessons/lesson.py",
    "results",
    "series_benchmark.md",
]

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


autodoc_inherit_docstrings = False  # TensorFlow's have other marks
napoleon_use_rtype = False  # what is returned is told in words
napoleon_use_ivar = True  # the fields of a tuple are shown once


def setup(app):
    import make_pages

    make_pages.make_pages()
    app.connect("autodoc-process-docstring", link_public_names)
    app.connect("autodoc-process-docstring", list_arguments)
    app.connect("build-finished", keep_notebooks)


def link_public_names(app, what, name, obj, options, lines):
    """`BasicRNNCell` in a docstring leads to it; other words in such marks are code."""
    import rnn_tf1

    def linked(found):
        word = found.group(1)
        if word in rnn_tf1.__all__:
            module = getattr(rnn_tf1, word).__module__
            return ":py:obj:`~rnn_tf1.%s.%s`" % (module.split(".")[1], word)
        return "``%s``" % word

    lines[:] = [re.sub(r"(?<![:`])`([^`]+)`(?!`)", linked, line) for line in lines]


def list_arguments(app, what, name, obj, options, lines):
    """Lines such as "size   how many words it has" become a list of fields."""
    made, within = [], False
    for line in lines:
        field = re.match(r"(\w+(?:, \w+)*) {2,}(\S.*)", line)
        if field:
            made += [] if within else [""]
            made.append(":%s: %s" % field.groups())
        elif within and line.startswith("  "):
            made.append("    " + line.strip())
        else:
            made += ["", line] if within and line else [line]
        within = bool(field) or within and line.startswith("  ")
    lines[:] = made


def keep_notebooks(app, error):
    """Each lesson as it was run, beside its page: LESSON.ipynb."""
    import shutil

    ran = os.path.join(app.outdir, os.pardir, "jupyter_execute", "lessons")
    if error is None and app.builder.format == "html":
        for name in os.listdir(ran):
            if name.endswith(".ipynb"):
                shutil.copy(os.path.join(ran, name), os.path.join(app.outdir, "lessons"))
