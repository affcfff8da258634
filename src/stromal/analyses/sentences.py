"""Sentences that several kinds of analysis say: a number on a day, a median, an interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from stromal.analyses.kind import Answer
from stromal.analyses.tests import is_test
from stromal.errors import join_words
from stromal.report.groups import label_group
from stromal.report.words import (
    join_unit,
    render_interval,
    render_number,
    render_percent,
)

Row = Mapping[str, Any]
_YEAR = 365.0


def describe_at_day(answer: Answer[Any], what: str) -> list[str]:
    """Say the probability of the first cause in every group, after a year or on the last day."""
    dated = answer.estimates.filter(~is_test()).drop_nulls(["day", "value"])
    dated = dated.filter(pl.col("unit") == "1")
    if dated.is_empty():
        return []
    days = dated["day"].to_list()
    day = _YEAR if _YEAR in days else max(days)
    first = dated["label"][0]
    label = pl.col("label").is_null() if first is None else pl.col("label") == first
    at = dated.filter((pl.col("day") == day) & label).to_dicts()
    parts = [f"{render_with_interval(row)}{in_group(answer, row, at)}" for row in at]
    return [f"{what} at day {render_number(day)} was {join_words(parts)}."]


def render_with_interval(row: Row) -> str:
    """Return an estimate and its interval: `58 % (95 % CI 50 to 66)`."""
    interval = render_interval(row["low"], row["high"], row["unit"], row["n"])
    level = f"{100 * (row['level'] or 0.95):g}"
    share = row["unit"] == "1"
    number = render_percent(row["value"], row["n"]) if share else render_number(row["value"])
    number = number if share else join_unit(number, row["unit"], plural=row["value"] != 1)
    known = row["low"] is not None or row["high"] is not None
    return f"{number} ({level} % CI {interval})" if known else number


def in_group(answer: Answer[Any], row: Row, rows: Sequence[Row]) -> str:
    """Return ` in all patients` or ` in <group>`; empty where there is one row only."""
    return "" if len(rows) == 1 else f" in {name_group(answer, row)}"


def name_group(answer: Answer[Any], row: Row) -> str:
    """Return the group of a row inside a sentence."""
    if row["group"] is None:
        return "all patients"
    return label_group(answer.protocol, row["group"], row["by"])
