"""Laboratory values for the tests of rules, as a reader makes them."""

from __future__ import annotations

from typing import Any

import polars as pl

from stromal.tables.labs import LABS
from stromal.tables.vocabulary.analytes import ANALYTES


def lab(
    analyte: str, value: float, unit: str, limit: float | None = None, day: float = 1
) -> dict[str, Any]:
    """One row of `labs` of patient 1."""
    internal = ANALYTES[analyte].unit
    return {
        "subject": "1",
        "day": day,
        "analyte": analyte,
        "value": ANALYTES[analyte].convert(value, unit),
        "unit": internal,
        "lower_limit": None if limit is None else ANALYTES[analyte].convert(limit, unit),
        "reported_unit": unit,
    }


def table(*rows: dict[str, Any]) -> pl.DataFrame:
    """The `labs` table of these rows."""
    return LABS.conform(pl.DataFrame(list(rows), infer_schema_length=None))


def platelets(*series: tuple[float, float], limit: float | None = 150) -> pl.DataFrame:
    """Platelet counts of patient 1: day and count."""
    return table(*(lab("platelets", count, "10^9/L", limit, day) for day, count in series))
