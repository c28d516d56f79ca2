"""Forecasting: generated series, and series from a file."""
