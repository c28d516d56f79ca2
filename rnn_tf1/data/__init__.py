"""NumPy in, batches out. No TensorFlow."""
