"""Simulated patients: a protocol and a model become the five tables."""
