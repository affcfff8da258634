"""Rows of the `estimates` table, made from the records of the estimators."""

from __future__ import annotations

from collections.abc import Iterator

from stromal.analyses.groups import Group
from stromal.analyses.kind import Row
from stromal.estimates.estimate import Estimate
from stromal.tables.statistics import NEVER_AT_RISK, NOT_EVALUABLE, Statistic

WHOLE: dict[str, str | None] = {"by": None, "group": None}
"""Cells of a row about all patients."""


def make_row(
    group: Group | None,
    statistic: Statistic,
    found: Estimate,
    *,
    label: str | None = None,
    day: float | None = None,
    unit: str = "1",
) -> Row:
    """Return a row of an estimate; `group` None is all patients."""
    return {
        **(WHOLE if group is None else group.key),
        "statistic": statistic.name,
        "label": label,
        "day": day,
        "value": None if found.value is None else float(found.value),
        "unit": unit,
        "low": found.low,
        "high": found.high,
        "level": found.level,
        "n": found.n,
        "events": found.events,
        "degrees": found.degrees,
        "method": found.method,
        "sources": " ".join(found.sources),
    }


def count_not_evaluable(group: Group, evaluable: int) -> Iterator[Row]:
    """Yield how many patients of a group no estimate counts; nothing where all are counted."""
    patients = group.outcomes.height
    if evaluable < patients:
        found = Estimate(patients - evaluable, n=patients, method="patients without an outcome")
        yield make_row(group, NOT_EVALUABLE, found, unit="patient")


def count_never_at_risk(group: Group, judged: int, at_risk: int) -> Iterator[Row]:
    """Yield how many patients have a time and were never at risk; nothing where all were.

    A patient whose time is over by the day on which observation began (delayed entry) is in no
    risk set.
    """
    if at_risk < judged:
        method = "patients whose time ends by the day their observation began"
        found = Estimate(judged - at_risk, n=judged, method=method)
        yield make_row(group, NEVER_AT_RISK, found, unit="patient")
