"""Exports models for other programs."""
