"""Data sets, and batches of them, as NumPy arrays. No TensorFlow."""
