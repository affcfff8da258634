"""Patients with responses by visit for the tests of tumour rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from stromal.tables.patients import Patients


def assessed(
    responses: Mapping[float, str | None], events: Iterable[tuple[float | None, str]] = ()
) -> Patients:
    """Patient 1 with the response of each day, and events."""
    rows = pl.DataFrame(
        list(responses.items()), {"day": pl.Float64, "value": pl.String}, orient="row"
    )
    happened = pl.DataFrame(list(events), {"day": pl.Float64, "event": pl.String}, orient="row")
    return Patients.of(
        subjects=pl.DataFrame({"subject": ["1"]}),
        assessments=rows.with_columns(
            subject=pl.lit("1"), scale=pl.lit("tumour"), item=pl.lit("response")
        ),
        events=happened.with_columns(subject=pl.lit("1")),
    )
