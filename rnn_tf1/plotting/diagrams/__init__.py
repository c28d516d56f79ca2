"""Diagrams of a network unrolled in time, and of the gates of a cell."""
