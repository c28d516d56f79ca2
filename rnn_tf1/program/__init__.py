"""A run as a process: its flags, its files, what it writes to the terminal, how it ends."""
