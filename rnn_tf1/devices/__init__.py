"""Which device holds what: requests, placement."""
