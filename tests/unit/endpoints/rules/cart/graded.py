"""Counts by day, and one graded patient."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl
from tests.unit.endpoints.counted import Count, lab, table

from stromal.tables.patients import Patients


def graded(
    rule: Callable[..., pl.DataFrame],
    parameters: object,
    counts: Mapping[float, Count],
    analyte: str = "neutrophils",
    last_day: float | None = None,
    events: tuple[tuple[float, str], ...] = (),
) -> dict:
    """The outcome row of a patient with these counts and events."""
    labs = table(*(lab(analyte, count, "10^9/L", day=day) for day, count in counts.items()))
    patients = Patients.of(
        subjects=pl.DataFrame(
            {"subject": ["1"], "last_day": [last_day]}, schema_overrides={"last_day": pl.Float64}
        ),
        labs=labs,
        events=pl.DataFrame(
            [("1", *event) for event in events],
            schema={"subject": pl.String, "day": pl.Float64, "event": pl.String},
            orient="row",
        ),
    )
    return rule(patients, parameters).row(0, named=True)
