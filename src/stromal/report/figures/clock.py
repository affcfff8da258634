"""Time axes: the unit that a length of follow-up is read in, its ticks, and numbers at risk."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import polars as pl

_STEPS = (1, 2, 5, 7, 10, 14, 20, 25, 30, 50, 60, 90, 100, 120, 150, 180, 200, 250, 365)


@dataclass(frozen=True, slots=True)
class Clock:
    """A unit of time for an axis: its name, its length [day], and the ticks in that unit."""

    unit: str
    days: float
    ticks: tuple[float, ...]

    @property
    def end(self) -> float:
        """The last tick, in the unit."""
        return self.ticks[-1]


def choose_clock(last_day: float) -> Clock:
    """Days up to 400 days, months up to four years, years beyond.

    Examples
    --------
    >>> choose_clock(28).ticks
    (0, 5, 10, 15, 20, 25, 30)
    >>> choose_clock(2640).unit, choose_clock(2640).ticks
    ('years', (0, 1, 2, 3, 4, 5, 6, 7, 8))
    """
    if last_day <= 400:
        unit, days = "days", 1.0
    elif last_day <= 4 * 365.25:
        unit, days = "months", 365.25 / 12
    else:
        unit, days = "years", 365.25
    last = max(last_day / days, 1.0)
    steps = (3, 6, 12) if unit == "months" else _STEPS
    step = next((step for step in steps if last / step <= 8), steps[-1])
    return Clock(unit, days, tuple(step * k for k in range(ceil(last / step - 1e-9) + 1)))


def count_at_risk(table: pl.DataFrame, day: float) -> int:
    """Patients under observation just before a day [d], from the rows of a curve.

    Examples
    --------
    >>> table = pl.DataFrame({"day": [0.0, 5.0, 9.0], "at_risk": [3, 3, 1]})
    >>> [count_at_risk(table, day) for day in (0, 5, 6, 10)]
    [3, 3, 1, 0]
    """
    rows = table.filter(pl.col("day") >= day).sort("day")
    return int(rows["at_risk"][0]) if rows.height else 0


def read_steps(table: pl.DataFrame, column: str, end: float) -> tuple[list[float], list[float]]:
    """Days and values of a step function, carried on to `end` [d].

    Examples
    --------
    >>> table = pl.DataFrame({"day": [0.0, 5.0], "probability": [1.0, 0.5]})
    >>> read_steps(table, "probability", 8)
    ([0.0, 5.0, 8.0], [1.0, 0.5, 0.5])
    """
    rows = table.sort("day")
    days = [float(day) for day in rows["day"]]
    values = [float("nan") if value is None else float(value) for value in rows[column]]
    if days and days[-1] < end:
        days, values = [*days, float(end)], [*values, values[-1]]
    return days, values
