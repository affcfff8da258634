"""Patients with platelet counts for the tests of loss."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl
from tests.unit.endpoints.counted import Count, platelets

from stromal.tables.patients import Patients


def counted(
    counts: Mapping[float, Count],
    events: Iterable[tuple[float | None, str]] = (),
    bleeding: Mapping[float, int] | None = None,
    last: float | None = None,
) -> Patients:
    """Patient 1 with platelet counts, events and WHO grades by day."""
    graded = pl.DataFrame(
        [(day, str(grade)) for day, grade in (bleeding or {}).items()],
        {"day": pl.Float64, "value": pl.String},
        orient="row",
    )
    happened = pl.DataFrame(list(events), {"day": pl.Float64, "event": pl.String}, orient="row")
    return Patients.of(
        subjects=pl.DataFrame({"subject": ["1"], "last_day": [last]}),
        labs=platelets(*counts.items()),
        assessments=graded.with_columns(
            subject=pl.lit("1"), scale=pl.lit("bleeding"), item=pl.lit("who")
        ),
        events=happened.with_columns(subject=pl.lit("1")),
    )


RESPONSE = {0: 9, 7: 60, 14: 65}
COMPLETE = {0: 9, 7: 120, 14: 110}
