"""Whole graphs, one file for each shape of problem: placeholders in, a named tuple of tensors out."""
