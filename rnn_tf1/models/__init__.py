"""Whole models, a file for each kind of problem: placeholders in, a named tuple of tensors out."""
