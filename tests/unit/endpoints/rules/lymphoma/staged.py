"""Patients with lymphoma for the tests of rules: items of a day in a few words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from stromal.tables.patients import Patients


def assessed(scale: str, items: Mapping[str, Any], day: float | None = 0.0) -> pl.DataFrame:
    """Items of a scale of patient 1 on a day; True and False are yes and no."""
    said = {True: "yes", False: "no"}
    values = [said[v] if isinstance(v, bool) else str(v) for v in items.values()]
    return pl.DataFrame(
        {"item": list(items), "value": values}, {"item": pl.String, "value": pl.String}
    ).with_columns(subject=pl.lit("1"), day=pl.lit(day, pl.Float64), scale=pl.lit(scale))


def patient(*tables: pl.DataFrame, age: float | None = None, **others: pl.DataFrame) -> Patients:
    """Patient 1 with these assessments."""
    columns = ["subject", "day", "scale", "item", "value"]
    return Patients.of(
        subjects=pl.DataFrame({"subject": ["1"], "age_years": [age]}),
        **({"assessments": pl.concat([t.select(columns) for t in tables])} if tables else {}),
        **others,
    )
