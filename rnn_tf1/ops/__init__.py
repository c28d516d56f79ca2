"""The ground of every graph: checks, the inputs of an unrolling, dropout masks, matrix products."""
