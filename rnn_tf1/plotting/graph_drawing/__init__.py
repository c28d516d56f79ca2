"""A graph of TensorFlow as a drawing.

By hand, since Graphviz is a program that has to be installed beside Python.
"""
