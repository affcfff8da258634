"""Loops over records that are sorted by series and day: grades, worst values, runs."""
