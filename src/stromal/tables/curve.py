"""A curve: a step function of time with its interval and the numbers at risk."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class Curve:
    """A step function of time with its interval and the numbers at risk.

    `table` has one row per distinct day on which somebody entered, had an event or was censored,
    starting with day 0: `day` [d], `probability` [1], `low` [1], `high` [1], `at_risk` [1] just
    before the day, `events` [1], `censored` [1] and `entered` [1] on it. `estimator` and `interval`
    are the names of both. `n` leaves out patients who are never at risk, because they came under
    observation on their last day or after it; `never_at_risk` counts them. `endpoint` and `by` tell
    the curves of one analysis of several endpoints or groupings apart.
    """

    table: pl.DataFrame
    method: str
    level: float
    n: int
    group: str | None = None
    label: str = ""
    analysis: str = ""
    endpoint: str = ""
    by: str | None = None
    estimator: str = ""
    interval: str = ""
    sources: tuple[str, ...] = ()
    never_at_risk: int = 0
