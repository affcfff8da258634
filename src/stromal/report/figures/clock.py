"""Time axes: the unit that a length of follow-up is read in, its ticks, and numbers at risk."""

from __future__ import annotations

from collections.abc import Sequence
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


def choose_clock(last_day: float, wanted: Sequence[float] = (), most: int = 8) -> Clock:
    """Days up to 400 days, months up to four years, years beyond.

    Parameters
    ----------
    last_day
        The last day [d] that is drawn.
    wanted
        Days [d] that are ticks where the axis counts days and ends with the last of them; those too
        near to the one before are left out.
    most
        Steps from the first to the last tick, at most.

    Examples
    --------
    >>> choose_clock(28).ticks
    (0, 5, 10, 15, 20, 25, 30)
    >>> choose_clock(100, (30, 60, 100)).ticks
    (0, 30, 60, 100)
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
    if unit == "days" and wanted and last == max(wanted):
        return Clock(unit, days, _space(wanted, max(wanted), 1 / (most + 1)))
    steps = (3, 6, 12, 24) if unit == "months" else _STEPS
    step = next((step for step in steps if last / step <= most), steps[-1])
    return Clock(unit, days, tuple(step * k for k in range(ceil(last / step - 1e-9) + 1)))


def _space(wanted: Sequence[float], last: float, room: float) -> tuple[float, ...]:
    """Zero and the days wanted, from the last one backwards as far as their numbers have room."""
    kept = [last]
    for day in sorted({*wanted, 0}, reverse=True):
        if 0 <= day <= kept[0] - room * last and (day == 0 or day >= room * last):
            kept = [day, *kept]
    return tuple(kept)


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
