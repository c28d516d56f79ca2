"""Images: digits, canvases, clips, sketches."""
