"""What every graph is built on: checks, the inputs of an unrolling, dropout masks, matrix products."""
