"""One label for each sequence: reviews, sketches, clips, strings."""
