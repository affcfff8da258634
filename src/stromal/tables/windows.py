"""Windows of days: a day with the days around it that count, and the records nearest to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

Day = Annotated[float, Field(ge=-36500, le=36500, allow_inf_nan=False)]
Days = Annotated[float, Field(ge=0, le=36500, allow_inf_nan=False)]


class Window(BaseModel):
    """A day and the days around it that still count, both ends included.

    Parameters
    ----------
    day
        Day [d] that is looked at.
    before
        Days [d] before it that still count.
    after
        Days [d] after it that still count.

    Examples
    --------
    >>> window = Window(day=28, before=3, after=3)
    >>> window.first, window.last
    (25.0, 31.0)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    day: Day
    before: Days = 0.0
    after: Days = 0.0

    @property
    def first(self) -> float:
        """First day that counts [d]."""
        return self.day - self.before

    @property
    def last(self) -> float:
        """Last day that counts [d]."""
        return self.day + self.after

    @property
    def written(self) -> str:
        """The window as a protocol writes it: `{ day = 28, before = 3 }`."""
        around = {"before": self.before, "after": self.after}
        days = [("day", self.day), *((key, days) for key, days in around.items() if days)]
        return "{ " + ", ".join(f"{key} = {days:g}" for key, days in days) + " }"


def within(first: float | None, last: float | None) -> pl.Expr:
    """Select rows whose `day` lies between two days, both included; None leaves an end open.

    A row without a day is selected only where both ends are open.

    Examples
    --------
    >>> pl.DataFrame({"day": [0, 1, 2, None]}).filter(within(1, None)).height
    2
    >>> pl.DataFrame({"day": [0, 1, 2, None]}).filter(within(None, None)).height
    4
    """
    day = pl.col("day")
    start = pl.lit(value=True) if first is None else day >= first
    end = pl.lit(value=True) if last is None else day <= last
    return start & end


def find_nearest(
    rows: pl.DataFrame,
    window: Window,
    by: Sequence[str] = ("subject",),
    *,
    ties: Literal["earlier", "all"] = "earlier",
) -> pl.DataFrame:
    """Find the rows nearest to the day of a window, inside it.

    Every rule and every check that looks for a record near a day asks here, so that all of them
    find the same one.

    Parameters
    ----------
    rows
        Any columns, among them `day` [d]; a row without a day is in no window.
    window
        The day and the days around it that count.
    by
        Columns that name a series; each series has its own nearest row.
    ties
        `earlier` gives one row per series: of two equally near days the earlier, of two rows of one
        day the first. `all` gives all rows that are equally near.

    Returns
    -------
    polars.DataFrame
        The rows found, columns as given; `earlier` sorts them by series.

    Examples
    --------
    >>> rows = pl.DataFrame({"subject": ["1"] * 3, "day": [-2.0, 1.0, 2.0], "value": [9, 30, 31]})
    >>> find_nearest(rows, Window(day=0, before=2, after=2))["value"].to_list()
    [30]
    >>> find_nearest(rows, Window(day=1.5, before=2, after=2), ties="all")["value"].to_list()
    [30, 31]
    """
    inside = rows.filter(within(window.first, window.last))
    # 27.9 and 28.1 are equally near to 28, whatever a double makes of them.
    distance = (pl.col("day") - window.day).abs().round(9)
    if ties == "all":
        return inside.filter(distance == distance.min().over(by))
    return inside.sort(*by, distance, "day", maintain_order=True).unique(
        by, keep="first", maintain_order=True
    )
