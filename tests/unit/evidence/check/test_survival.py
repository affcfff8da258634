"""Survival that cannot be."""

from __future__ import annotations

import pytest

from stromal.evidence.check.printed import Printed
from stromal.evidence.check.survival import check_survival


def _alive(row: str, day: float | None, value: str, **fields: object) -> Printed:
    return Printed(row, "A", scale="survival", day=day, value=value, **fields)


@pytest.mark.parametrize(
    ("value", "total", "flagged"), [("38.6", 40, True), ("50.0", 40, False), ("77.7", 19, True)]
)
def test_estimates_are_not_counts(value, total, flagged):
    assert bool(check_survival([_alive("E1", 365, value, total=total)])) is flagged


@pytest.mark.parametrize(
    ("early", "late", "flagged"),
    [("71.4", "78.57", True), ("78.57", "71.4", False), ("71", "71.4", False)],
)
def test_curves_do_not_rise(early, late, flagged):
    rows = [_alive("E2", 420, late), _alive("E1", 365, early)]
    assert bool(check_survival(rows)) is flagged


@pytest.mark.parametrize(
    ("median", "unit", "flagged"),
    [("45.3", "week", True), ("90", "week", False), ("9", "month", True), ("2", "year", False)],
)
def test_median_against_the_curve(median, unit, flagged):

    alive = _alive("E2", 365, "71.4", outcome="overall_survival")
    row = Printed("E1", "A", scale="median", value=median, unit=unit, outcome="overall_survival")
    assert bool(check_survival([row, alive])) is flagged


def test_median_beyond_a_day_with_fewer_alive():
    row = Printed("E1", "A", scale="median", value="24", unit="month")
    assert check_survival([row, _alive("E2", 365, "40")])
