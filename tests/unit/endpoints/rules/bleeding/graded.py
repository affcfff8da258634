"""Patients with grades by day for the tests of bleeding."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from stromal.tables.patients import Patients

ITEMS = {"bleeding": "who", "haematuria": "grade"}


def graded(
    scale: str, grades: Mapping[float, int], death: float | None = None, last: float | None = None
) -> Patients:
    """Patient 1 with recorded grades of a scale by day."""
    rows = pl.DataFrame(
        {"day": list(grades), "value": [str(grade) for grade in grades.values()]},
        {"day": pl.Float64, "value": pl.String},
    )
    events = pl.DataFrame({"day": [] if death is None else [death]}, {"day": pl.Float64})
    return Patients.of(
        subjects=pl.DataFrame({"subject": ["1"], "last_day": [last]}),
        assessments=rows.with_columns(
            subject=pl.lit("1"), scale=pl.lit(scale), item=pl.lit(ITEMS[scale])
        ),
        events=events.with_columns(subject=pl.lit("1"), event=pl.lit("death")),
    )


def row(frame: pl.DataFrame) -> dict:
    """The one outcome row."""
    return frame.row(0, named=True)


def result(found: dict) -> tuple:
    """Label, value and what stays possible."""
    return found["label"], found["lowest"], found["highest"]
