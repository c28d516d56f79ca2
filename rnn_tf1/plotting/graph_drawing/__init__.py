"""A drawing of a TensorFlow graph.

By hand, because Graphviz is a program that has to be installed besides Python.
"""
