"""Checks of patients: everything that cannot be, or that looks wrong, whoever made the tables."""
