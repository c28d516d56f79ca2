"""Help: a doctor for the installation, and explanations of error messages."""
