"""Each wrong curve and each wrong number at risk has its own words."""

from __future__ import annotations

import polars as pl
import pytest

from stromal.evidence.reconstruct.check import check_at_risk, check_curve, check_together
from stromal.tables.patients import TableFile

CURVE, AT_RISK = TableFile("curve.csv", 2), TableFile("at_risk.csv", 2)


def curve(*points):
    return pl.DataFrame(points, schema={"time": pl.Float64, "survival": pl.Float64}, orient="row")


def numbers(*rows):
    return pl.DataFrame(rows, schema={"time": pl.Float64, "at_risk": pl.Int64}, orient="row")


def told(issues):
    return [(issue.row, issue.column, issue.message) for issue in issues]


@pytest.mark.parametrize(
    ("points", "issue"),
    [
        ([(0, 1), (2, 0.8), (3, 0.81)], (4, "survival", "survival rises from 0.8 to 0.81")),
        ([(0, 1), (3, 0.8), (2, 0.7)], (4, "time", "time goes back from 3 to 2")),
        ([(-1, 1), (2, 0.8)], (2, "time", "time is -1")),
        ([(0, 1), (2, -0.1)], (3, "survival", "survival is -0.1, not between 0 and 1")),
        ([(0, 1)], (None, None, "1 point, and a curve has two or more")),
    ],
)
def test_a_wrong_curve(points, issue):
    assert told(check_curve(curve(*points), CURVE)) == [issue]


def test_percent_is_told_as_such():
    found = check_curve(curve((0, 100), (2, 98.5), (4, 60)), CURVE)
    assert [issue.row for issue in found] == [2, 3, 4]
    assert "0.985" in found[1].hint
    assert "percent" in found[1].hint


def test_a_curve_in_order_is_right():
    assert not check_curve(curve((0, 1), (2, 1), (2, 0.8), (5, 0.8)), CURVE)


@pytest.mark.parametrize(
    ("rows", "issue"),
    [
        ([(0, 20), (6, 21)], (3, "at_risk", "the number at risk grows from 20 to 21")),
        ([(0, 20), (6, 18), (6, 17)], (4, "time", "time 6 is not after 6")),
        ([(0, 20), (6, -1)], (3, "at_risk", "-1 patients at risk")),
        ([(3, 20)], (2, "time", "the first number at risk is of time 3")),
        ([(0, 0)], (2, "at_risk", "nobody is at risk")),
    ],
)
def test_wrong_numbers_at_risk(rows, issue):
    assert told(check_at_risk(numbers(*rows), AT_RISK)) == [issue]


POINTS = curve((0, 1), (6, 0.8), (12, 0.5))


@pytest.mark.parametrize(
    ("rows", "events", "issue"),
    [
        ([(0, 100), (13, 9)], None, (3, "time", "time 13 is after the curve's end, 12")),
        (
            [(0, 100), (12, 95)],
            None,
            (3, "at_risk", "95 at risk, and the curve leaves 80 of 100"),
        ),
        ([(0, 100)], 101, (2, "at_risk", "101 events of 100 patients")),
        ([(0, 100)], 70, (2, "at_risk", "70 events of 100 patients, and the curve ends at 0.5")),
        ([(0, 100)], -1, (2, "at_risk", "-1 events in all")),
    ],
)
def test_a_curve_that_its_numbers_contradict(rows, events, issue):
    assert told(check_together(POINTS, numbers(*rows), (CURVE, AT_RISK), events)) == [issue]


@pytest.mark.parametrize("events", [None, 0, 50])
def test_a_curve_that_fits_its_numbers(events):
    rows = numbers((0, 100), (6, 99), (12, 80))
    assert not check_together(POINTS, rows, (CURVE, AT_RISK), events)


def test_numbers_behind_a_curve_at_zero_are_no_division():
    points = curve((0, 1), (6, 0), (12, 0))
    assert not check_together(points, numbers((0, 9), (7, 0), (12, 0)), (CURVE, AT_RISK), 9)
