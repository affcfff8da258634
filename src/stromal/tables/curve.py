"""A curve: a step function of time with its interval and the numbers at risk."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class Curve:
    """A step function of time with its interval and the numbers at risk.

    `table` has one row per distinct day on which somebody had an event or was censored, starting
    with day 0: `day` [d], `probability` [1], `low` [1], `high` [1], `at_risk` [1] just before the
    day, `events` [1] and `censored` [1] on it.
    """

    table: pl.DataFrame
    method: str
    level: float
    n: int
    group: str = "all"
    label: str = ""
    analysis: str = ""
