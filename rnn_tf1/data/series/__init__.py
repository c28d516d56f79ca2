"""Time series: tables, windows, scaling, generators."""
