"""The old namespaces of TensorFlow 1."""
