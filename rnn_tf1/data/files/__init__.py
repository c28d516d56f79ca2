"""Files from outside: downloads, archives, data sets in folders, formats."""
