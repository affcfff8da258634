"""The log-rank test among the estimates of an analysis: statistic, degrees of freedom and P."""

from __future__ import annotations

from dataclasses import dataclass
from re import search

import polars as pl

from stromal.report.words import SPACE, render_p_value

_STATISTIC, _P_VALUE = "log-rank chi-squared", "log-rank p"


@dataclass(frozen=True, slots=True)
class GroupTest:
    """A test of groups as it is printed; `freedom` is None where the method does not say it."""

    chi_squared: float
    p_value: float
    freedom: int | None
    events: int
    n: int

    @property
    def words(self) -> str:
        """Statistic, degrees of freedom and P.

        Examples
        --------
        >>> GroupTest(13.8037, 0.001006, 2, 83, 137).words.replace(SPACE, " ")
        'χ² = 13.80, 2 df, P = 0.001'
        """
        freedom = f", {self.freedom}{SPACE}df" if self.freedom else ""
        text = f"χ² = {self.chi_squared:.2f}{freedom}, {render_p_value(self.p_value)}"
        return text.replace(" = ", f"{SPACE}={SPACE}").replace(" < ", f"{SPACE}<{SPACE}")


def is_test() -> pl.Expr:
    """Whether an estimate belongs to a test and not to a group."""
    return pl.col("statistic").is_in([_STATISTIC, _P_VALUE])


def find_test(rows: pl.DataFrame) -> GroupTest | None:
    """The test among the estimates of one analysis; None where there is none.

    Parameters
    ----------
    rows
        Rows of the `estimates` table.
    """
    found = {row["statistic"]: row for row in rows.filter(is_test()).iter_rows(named=True)}
    statistic, p_value = found.get(_STATISTIC), found.get(_P_VALUE)
    if statistic is None or p_value is None or None in (statistic["value"], p_value["value"]):
        return None
    freedom = search(r"(\d+) degrees? of freedom", statistic["method"])
    return GroupTest(
        statistic["value"],
        p_value["value"],
        int(freedom[1]) if freedom else None,
        statistic["events"] or 0,
        statistic["n"] or 0,
    )
