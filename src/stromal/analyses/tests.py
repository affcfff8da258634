"""The test of groups among the estimates of an analysis: statistic, degrees of freedom and P."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from stromal.report.words import MINUS, SPACE, render_p_value
from stromal.tables.statistics import (
    CHI_SQUARED,
    GRAY,
    GRAY_P,
    LOG_RANK,
    LOG_RANK_P,
    STATISTICS,
    TEST_P,
    TREND_Z,
)

_PAIRS = ((LOG_RANK, LOG_RANK_P), (GRAY, GRAY_P), (CHI_SQUARED, TEST_P))
_NAMED = (LOG_RANK, GRAY)
_TESTS = [name for name, item in STATISTICS.items() if item.scale in ("test", "P")]


@dataclass(frozen=True, slots=True)
class GroupTest:
    """A test of groups as it is printed; without a statistic where the method has none."""

    name: str
    chi_squared: float | None
    p_value: float
    degrees: float | None
    events: int
    n: int
    deviate: float | None = None

    @property
    def words(self) -> str:
        """Statistic, degrees of freedom and P.

        Examples
        --------
        >>> GroupTest("log-rank test", 13.8037, 0.001006, 2, 83, 137).words.replace(SPACE, " ")
        'χ² = 13.80, 2 df, P = 0.001'
        """
        parts = []
        if self.chi_squared is not None:
            parts.append(f"χ² = {self.chi_squared:.2f}")
            parts += [f"{self.degrees:g}{SPACE}df"] if self.degrees else []
        parts += [] if self.deviate is None else [f"z = {self.deviate:.2f}".replace("-", MINUS)]
        text = ", ".join([*parts, render_p_value(self.p_value)])
        return text.replace(" = ", f"{SPACE}={SPACE}").replace(" < ", f"{SPACE}<{SPACE}")


def is_test() -> pl.Expr:
    """Return whether an estimate belongs to a test and not to a group."""
    return pl.col("statistic").is_in(_TESTS)


def find_test(rows: pl.DataFrame) -> GroupTest | None:
    """Return the first test among the estimates of one analysis; None where there is none.

    Parameters
    ----------
    rows
        Rows of the `estimates` table.
    """
    return next((test for _, test in find_tests(rows)), None)


def find_tests(rows: pl.DataFrame) -> list[tuple[str | None, GroupTest]]:
    """Return every test among the estimates of one analysis, with the label that it is about.

    Parameters
    ----------
    rows
        Rows of the `estimates` table.
    """
    tests = rows.filter(is_test() & pl.col("term").is_null())
    labelled = "label" in tests.columns
    found: dict[str | None, dict[str, dict[str, Any]]] = {}
    for row in tests.iter_rows(named=True):
        found.setdefault(row["label"] if labelled else None, {})[row["statistic"]] = row
    return [(label, test) for label, own in found.items() if (test := _read_test(own)) is not None]


def _read_test(found: Mapping[str, dict[str, Any]]) -> GroupTest | None:
    for statistic, p in _PAIRS:
        chi, p_value = found.get(statistic.name), found.get(p.name)
        if p_value is None or p_value["value"] is None:
            continue
        name = statistic.words if statistic in _NAMED else p_value["method"]
        return GroupTest(
            name,
            None if chi is None else chi["value"],
            p_value["value"],
            p_value["degrees"],
            p_value["events"] or 0,
            p_value["n"] or 0,
            None if statistic is not CHI_SQUARED else found.get(TREND_Z.name, {}).get("value"),
        )
    return None
