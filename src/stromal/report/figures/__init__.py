"""Figures: one file per kind of figure; the only door to matplotlib."""
