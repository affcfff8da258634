"""Explicit lanes: one patient per lane of a vector register, each with its own step."""
