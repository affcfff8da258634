"""Patients with records of one item by day."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from stromal.tables.patients import Patients


def noted(values: Mapping[float | None, str | None], scale: str, item: str) -> Patients:
    """Patient 1 with the values of an item by day."""
    rows = pl.DataFrame(list(values.items()), {"day": pl.Float64, "value": pl.String}, orient="row")
    return Patients.of(
        subjects=pl.DataFrame({"subject": ["1"]}),
        assessments=rows.with_columns(subject=pl.lit("1"), scale=pl.lit(scale), item=pl.lit(item)),
    )
