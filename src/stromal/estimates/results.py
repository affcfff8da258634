"""What estimators give: rows of the `estimates` table, curves, and where two sources disagree."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from stromal.tables.estimates import ESTIMATES


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


@dataclass(frozen=True, slots=True)
class Results:
    """Everything the analyses of a protocol gave.

    `disagreements` has one row per patient whose derived outcome differs from the reported one:
    `analysis`, `subject`, `ours`, `reported`, `reason`.
    """

    estimates: pl.DataFrame = field(default_factory=ESTIMATES.empty)
    curves: tuple[Curve, ...] = ()
    disagreements: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(
            schema=dict.fromkeys(("analysis", "subject", "ours", "reported", "reason"), pl.String)
        )
    )
