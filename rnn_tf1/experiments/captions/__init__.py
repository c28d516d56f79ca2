"""The digits on a canvas, read out in order."""
