"""The columns that keep patients of different origin and replicate apart in every table."""

from __future__ import annotations

from stromal.tables.schema import Column, Kind

OBSERVED = "observed"
ORIGINS = (OBSERVED, "simulated", "reconstructed", "synthetic", "published")
"""Where patients and numbers come from; patients of different origin are never pooled."""

REAL = (OBSERVED, "reconstructed")
"""Origins of patients whom somebody treated."""

COHORT = (
    Column("origin", Kind.TEXT, "observed, simulated, reconstructed, synthetic or published"),
    Column("replicate", Kind.INTEGER, "number of the simulated trial; empty if real", "1"),
)
KEY = ("subject", "origin", "replicate")
"""What names a patient in every table."""
