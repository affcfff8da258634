"""Every column of days of patients, in one list."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from stromal.tables.patients import Patients

DAYS = (
    ("subjects", "first_day"),
    ("subjects", "last_day"),
    ("doses", "day"),
    ("labs", "day"),
    ("assessments", "day"),
    ("events", "day"),
)


def find_days(patients: Patients) -> Iterator[tuple[str, str, pl.Series]]:
    """Yield table, column and days of every column of days in which a day stands.

    Examples
    --------
    >>> patients = Patients.of(events=pl.DataFrame({"subject": ["1"], "day": [40.0]}))
    >>> [(table, column, days.to_list()) for table, column, days in find_days(patients)]
    [('events', 'day', [40.0])]
    """
    for name, column in DAYS:
        days = patients.table(name)[column]
        if days.null_count() < days.len():
            yield name, column, days
