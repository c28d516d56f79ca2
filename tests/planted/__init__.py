"""The wrong lines that tests/mutants.py plants: slips in mathematics, typed by hand. tests/ast_mutants.py draws the others."""

import collections

Mutant = collections.namedtuple("Mutant", "file old new tests why")
Mutant.__doc__ = """One wrong line.

file: path from the repository's root; old: the smallest text that occurs in it exactly once, so that nothing else in the
file breaks it; new: what is planted there;
tests: arguments for pytest, the narrowest that kill it; why: what the slip is, in a few words.
"""
