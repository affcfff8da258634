"""Shared reading of patient records, below every rule."""
