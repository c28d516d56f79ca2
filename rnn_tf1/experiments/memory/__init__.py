"""How long a cell remembers: the adding and copying tasks."""
