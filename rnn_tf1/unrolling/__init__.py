"""Unrolling a cell over many time steps: loops, the fused loop, state that is carried from batch to batch."""
