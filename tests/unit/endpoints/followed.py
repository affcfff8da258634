"""Patients for the tests of times: follow-up, events and counts in a few words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl
from tests.unit.endpoints.counted import Count as Written
from tests.unit.endpoints.counted import read_count

from stromal.tables.patients import Patients

Happened = tuple[str, float | None, str]
Count = tuple[str, float, Written]


def followed(
    last_days: Mapping[str, float | None],
    events: Iterable[Happened] = (),
    counts: Iterable[Count] = (),
    analyte: str = "neutrophils",
) -> Patients:
    """Patients with their last days, events (subject, day, event) and counts of one analyte."""
    return Patients.of(
        subjects=pl.DataFrame(
            {"subject": list(last_days), "last_day": list(last_days.values())},
            schema={"subject": pl.String, "last_day": pl.Float64},
        ),
        events=pl.DataFrame(
            list(events),
            schema={"subject": pl.String, "day": pl.Float64, "event": pl.String},
            orient="row",
        ),
        labs=pl.DataFrame(
            [(subject, day, *read_count(count)) for subject, day, count in counts],
            schema={
                "subject": pl.String,
                "day": pl.Float64,
                "value": pl.Float64,
                "bound": pl.String,
            },
            orient="row",
        ).with_columns(analyte=pl.lit(analyte)),
    )


def times(rows: pl.DataFrame) -> list[tuple[float | None, int | None]]:
    """Value and status of every row."""
    return rows.select("value", "status").rows()
