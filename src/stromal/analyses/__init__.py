"""Analyses: questions asked of outcomes, one kind a file."""
