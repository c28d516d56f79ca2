"""The wrong lines that tests/mutants.py plants."""

import collections

Mutant = collections.namedtuple("Mutant", "file old new tests why")
Mutant.__doc__ = """One wrong line.

file: path from the repository's root; old: text that occurs in it exactly once; new: what is planted there;
tests: arguments for pytest, the narrowest that kill it; why: what the slip is, in a few words.
"""
