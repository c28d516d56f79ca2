"""A run as a process: its flags, its files, its messages, its exit."""
