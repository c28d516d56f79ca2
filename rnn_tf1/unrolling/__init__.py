"""Many time steps: loops, the fused loop, state that is carried from batch to batch."""
