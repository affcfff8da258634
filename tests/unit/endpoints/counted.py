"""Laboratory values for the tests of rules, as a reader makes them."""

from __future__ import annotations

from typing import Any

import polars as pl

from stromal.tables.labs import LABS
from stromal.tables.vocabulary.analytes import ANALYTES

Count = float | str | None
"""A count as it is written: a number, `<0.1`, `>1000`, or nothing."""


def read_count(count: Count) -> tuple[float | None, str | None]:
    """The number and the bound of a count."""
    if not isinstance(count, str):
        return count, None
    return float(count[1:]), {"<": "below", ">": "above"}[count[0]]


def lab(
    analyte: str, count: Count, unit: str, limit: float | None = None, day: float = 1
) -> dict[str, Any]:
    """One row of `labs` of patient 1."""
    internal = ANALYTES[analyte].unit
    value, bound = read_count(count)
    return {
        "subject": "1",
        "day": day,
        "analyte": analyte,
        "value": None if value is None else ANALYTES[analyte].convert(value, unit),
        "bound": bound,
        "unit": internal,
        "lower_limit": None if limit is None else ANALYTES[analyte].convert(limit, unit),
        "reported_unit": unit,
    }


def table(*rows: dict[str, Any]) -> pl.DataFrame:
    """The `labs` table of these rows."""
    return LABS.conform(pl.DataFrame(list(rows), infer_schema_length=None))


def platelets(*series: tuple[float, Count], limit: float | None = 150) -> pl.DataFrame:
    """Platelet counts of patient 1: day and count."""
    return table(*(lab("platelets", count, "10^9/L", limit, day) for day, count in series))


def open_between(row: dict[str, Any]) -> tuple[float, float] | None:
    """The least and the most that an outcome can be; None where it is exact."""
    least, most = row["lowest"], row["highest"]
    if least != most:
        assert row["value"] is None or least is None or least <= row["value"]
        return least, most
    assert row["value"] == least
    return None
