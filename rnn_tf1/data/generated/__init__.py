"""Data with a known answer: grammars, lexicons, glyphs, memory tasks."""
