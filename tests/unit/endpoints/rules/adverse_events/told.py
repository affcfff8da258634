"""Patients with adverse events in a few words, for the tests of rules."""

from __future__ import annotations

from typing import Any

import polars as pl

from stromal.tables.patients import Patients

_COLUMNS = {
    "subject": pl.String,
    "day": pl.Float64,
    "event": pl.String,
    "term": pl.String,
    "grade": pl.Float64,
    "relation": pl.String,
    "serious": pl.String,
}


def event(day: float | None = 3.0, grade: float | None = 2.0, **told: Any) -> dict[str, Any]:
    """An adverse event of patient 1."""
    given = {"subject": "1", "day": day, "event": "adverse_event", "term": "fever", "grade": grade}
    return given | told


def told(*events: dict[str, Any], last: float | None = 90.0) -> Patients:
    """Patient 1 with these events and this follow-up."""
    return Patients.of(
        subjects=pl.DataFrame({"subject": ["1"], "last_day": [last]}),
        events=pl.DataFrame(list(events), _COLUMNS),
    )


def result(row: dict[str, Any]) -> tuple[Any, ...]:
    """Label and what stays possible."""
    return row["label"], row["lowest"], row["highest"]
