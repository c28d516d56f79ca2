"""Packaging. The run-time requirements are those of requirements.txt, read from there so that they cannot differ."""

import os

from setuptools import find_packages, setup

HERE = os.path.dirname(os.path.abspath(__file__))


def read(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return file.read()


setup(
    name="rnn_tf1",
    version="0.1.0",
    description="Recurrent networks in TensorFlow-1 graph mode, on TF 1.15 and on current TensorFlow",
    long_description=read("README.md"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    package_dir={"": "."},  # pip install -e then writes a path, which comes before a folder that has the package's name
    packages=find_packages(include=["rnn_tf1", "rnn_tf1.*"]),
    package_data={"rnn_tf1": ["py.typed"]},
    python_requires=">=3.7",
    install_requires=read("requirements.txt").splitlines(),
    extras_require={
        "test": ["pytest>=7", "pytest-xdist>=3.2", "hypothesis>=6", "scikit-learn>=1.0.2", "sacrebleu>=2", "mido>=1.3"],
        "translate": ["sacrebleu>=2"],
        "music": ["mido>=1.3"],
        "notebooks": ["jupyterlab", "jupytext"],
        "docs": ["sphinx", "myst-nb", "jupytext", "furo", "sphinx-copybutton", "sphinx-mathjax-offline"],
        "lint": ["ruff", "mypy"],
    },
)
