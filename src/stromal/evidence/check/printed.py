"""One printed number with its place, as the checks look at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from stromal.evidence.library.reader import Library
from stromal.evidence.library.schemas import ARMS


@dataclass(frozen=True, slots=True)
class Printed:
    """A number as printed: `value` with its digits, `n` the patients of the arm as printed.

    Examples
    --------
    >>> Printed(row="E0146", study="A", value="65.50", total=16).digits
    2
    """

    row: str
    study: str
    arm: str = "MSC"
    subgroup: str | None = None
    read_in: str = ""
    outcome: str = "overall_response"
    scale: str = "proportion"
    range_end: str | None = None
    day: float | None = None
    events: int | None = None
    total: int | None = None
    n: int | None = None
    value: str | None = None
    unit: str | None = "%"
    low: float | None = None
    high: float | None = None
    p: str | None = None

    @property
    def digits(self) -> int:
        """Digits behind the point of the printed value."""
        return len((self.value or "").partition(".")[2])

    @property
    def denominator(self) -> int | None:
        """Patients that a percentage is of: its total, else those of a whole arm."""
        return self.total if self.total is not None or self.subgroup else self.n

    @property
    def number(self) -> float | None:
        """The printed value; that of printed counts in percent where no value is printed."""
        if self.value is not None:
            return float(self.value)
        if self.events is None or not self.total:
            return None
        return 100 * self.events / self.total

    @property
    def slack(self) -> float:
        """How far the number may be from the printed one: half of its last digit."""
        return 0.5 * 10.0**-self.digits if self.value is not None else 0.0


@dataclass(frozen=True, slots=True)
class Flag:
    """What a check found: the rows that it is about, and what is wrong in words."""

    check: str
    rows: tuple[str, ...]
    message: str


def list_printed(library: Library) -> tuple[Printed, ...]:
    """Every row of the record as it was printed.

    Examples
    --------
    >>> from stromal.evidence.library.reader import read_library
    >>> list_printed(read_library())[145].value
    '65.50'
    """
    named = library.outcomes.select(
        *(name for name in ("row", *ARMS.key)),
        pl.coalesce("outcome_printed", "outcome").alias("outcome"),
        *("scale", "range_end", "day", "unit", "low", "high", "p"),
        pl.col("printed_events").alias("events"),
        pl.col("printed_total").alias("total"),
        pl.col("printed_n").alias("n"),
        pl.col("printed_value").alias("value"),
    )
    return tuple(Printed(**row) for row in named.iter_rows(named=True))


def gather(rows: Sequence[Printed], *names: str) -> dict[tuple[object, ...], list[Printed]]:
    """Rows by the named fields, in order.

    Examples
    --------
    >>> list(gather([Printed("E1", "A"), Printed("E2", "A")], "study"))
    [('A',)]
    """
    groups: dict[tuple[object, ...], list[Printed]] = {}
    for row in rows:
        groups.setdefault(tuple(getattr(row, name) for name in names), []).append(row)
    return groups
