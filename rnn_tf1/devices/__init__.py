"""Devices: what a graph requests, and where it ran."""
