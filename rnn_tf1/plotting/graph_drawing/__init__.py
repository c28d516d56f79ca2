"""A graph of TensorFlow as a drawing."""
