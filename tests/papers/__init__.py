"""Data of the studies against the sources they were copied from."""
