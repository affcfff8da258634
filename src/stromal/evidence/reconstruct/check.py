"""What can be wrong with a digitised curve, with its numbers at risk, and with both together."""

from __future__ import annotations

import math

import polars as pl

from stromal.errors import Issue
from stromal.tables.fold import fold_rows
from stromal.tables.patients import TableFile

FEWEST = 2
MOST_PERCENT = 100.0

CLOSE_SHARE, CLOSE_COUNT = 0.05, 2
"""How far numbers at risk may be from the curve, of all patients or as patients: digitising errs,
and so do the hands that copy a figure. More is another arm, another unit or a misread number."""


def check_curve(points: pl.DataFrame, file: TableFile) -> tuple[Issue, ...]:
    """Check that a curve has two points, that times do not go back, and that survival falls.

    Parameters
    ----------
    points
        Columns `time` and `survival`; rows with a null have issues of their own.
    file
        Where they were read.

    Examples
    --------
    >>> points = pl.DataFrame({"time": [0.0, 3.0, 2.0], "survival": [1.0, 0.8, 0.7]})
    >>> print(check_curve(points, TableFile("curve.csv", 2))[0])
    curve.csv row 4 column time: time goes back from 3 to 2.
    hint: sort the points by time; two arms stand in two files
    """
    time, survival = points["time"], points["survival"]
    issues = [*_few(points, file), *_negative(time, file)]

    def say_back(at: int) -> Issue:
        message = f"time goes back from {time[at - 1]:g} to {time[at]:g}"
        hint = "sort the points by time; two arms stand in two files"
        return Issue(message, file.name, file.row(at), "time", hint)

    def say_outside(at: int) -> Issue:
        value = survival[at]
        hint = "survival is a share, and no point lies outside the axis"
        if 1 < value <= MOST_PERCENT:
            hint = f"write the share, {value / 100:g}, if this is in percent"
        message = f"survival is {value:g}, not between 0 and 1"
        return Issue(message, file.name, file.row(at), "survival", hint)

    def say_rise(at: int) -> Issue:
        message = f"survival rises from {survival[at - 1]:g} to {survival[at]:g}"
        hint = "survival never rises; correct the point or leave it out"
        return Issue(message, file.name, file.row(at), "survival", hint)

    issues += fold_rows(time < time.shift(1), say_back)
    issues += fold_rows((survival < 0) | (survival > 1), say_outside)
    issues += fold_rows(survival > survival.shift(1), say_rise)
    return tuple(issues)


def check_at_risk(numbers: pl.DataFrame, file: TableFile) -> tuple[Issue, ...]:
    """Check that numbers at risk begin at time 0, come in order of time, and never grow.

    Examples
    --------
    >>> numbers = pl.DataFrame({"time": [0.0, 6.0], "at_risk": [20, 21]})
    >>> print(check_at_risk(numbers, TableFile("at_risk.csv", 2))[0])
    at_risk.csv row 3 column at_risk: the number at risk grows from 20 to 21.
    hint: numbers at risk never grow; look whether the rows of two arms were exchanged
    """
    time, number = numbers["time"], numbers["at_risk"]
    issues = [*_negative(time, file)]

    def say_back(at: int) -> Issue:
        message = f"time {time[at]:g} is not after {time[at - 1]:g}"
        hint = "one row for each time, in order"
        return Issue(message, file.name, file.row(at), "time", hint)

    def say_growth(at: int) -> Issue:
        message = f"the number at risk grows from {number[at - 1]} to {number[at]}"
        hint = "numbers at risk never grow; look whether the rows of two arms were exchanged"
        return Issue(message, file.name, file.row(at), "at_risk", hint)

    def say_negative(at: int) -> Issue:
        message = f"{number[at]} patients at risk"
        return Issue(
            message, file.name, file.row(at), "at_risk", "a number of patients is 0 or more"
        )

    issues += fold_rows(time <= time.shift(1), say_back)
    issues += fold_rows(number > number.shift(1), say_growth)
    issues += fold_rows(number < 0, say_negative)
    if numbers.height and time[0] is not None and time[0] > 0:
        hint = "add a row for time 0 with the patients of the arm"
        message = f"the first number at risk is of time {time[0]:g}"
        issues.append(Issue(message, file.name, file.row(0), "time", hint))
    if numbers.height and number[0] == 0:
        hint = "write how many patients the arm has"
        issues.append(Issue("nobody is at risk", file.name, file.row(0), "at_risk", hint))
    return tuple(issues)


def check_together(
    points: pl.DataFrame,
    numbers: pl.DataFrame,
    files: tuple[TableFile, TableFile],
    events: int | None,
) -> tuple[Issue, ...]:
    """Check that numbers at risk lie within the curve and that curve and events allow them.

    Examples
    --------
    >>> points = pl.DataFrame({"time": [0.0, 12.0], "survival": [1.0, 0.5]})
    >>> numbers = pl.DataFrame({"time": [0.0, 24.0], "at_risk": [20, 5]})
    >>> files = TableFile("curve.csv", 2), TableFile("at_risk.csv", 2)
    >>> for issue in check_together(points, numbers, files, 21):
    ...     print(issue)
    at_risk.csv row 3 column time: time 24 is after the curve's end, 12.
    hint: add the last point of the curve, or leave the row out; look whether both have one unit
    at_risk.csv row 2 column at_risk: 21 events of 20 patients.
    hint: look both numbers up; events of two arms may be added up
    """
    end, file = float(points["time"][-1]), files[1]
    time, number = numbers["time"], numbers["at_risk"]

    def say_outside(at: int) -> Issue:
        hint = (
            "add the last point of the curve, or leave the row out; look whether both have one unit"
        )
        message = f"time {time[at]:g} is after the curve's end, {end:g}"
        return Issue(message, file.name, file.row(at), "time", hint)

    before = _survival_before(points, time)
    most = number.shift(1) * (before / before.shift(1).replace(0.0, math.nan))
    slack = number.shift(1) * CLOSE_SHARE + CLOSE_COUNT

    def say_many(at: int) -> Issue:
        message = f"{number[at]} at risk, and the curve leaves {most[at]:.0f} of {number[at - 1]}"
        hint = "look whether curve and numbers are of one arm and times of one unit"
        return Issue(message, file.name, file.row(at), "at_risk", hint)

    outside = fold_rows(time > end, say_outside)
    many = () if outside else fold_rows((number > most + slack).fill_null(value=False), say_many)
    return (*outside, *many, *_check_events(points, numbers, file, events))


def _check_events(
    points: pl.DataFrame, numbers: pl.DataFrame, file: TableFile, events: int | None
) -> tuple[Issue, ...]:
    """Check the events in all: each takes 1 / n or more from the curve, so n (1 - S) is most."""
    n, lowest = int(numbers["at_risk"][0]), float(points["survival"][-1])
    if events is None:
        return ()
    place = (file.name, file.row(0), "at_risk")
    if events < 0:
        return (Issue(f"{events} events in all", *place, "a number of events is 0 or more"),)
    if events > n:
        hint = "look both numbers up; events of two arms may be added up"
        return (Issue(f"{events} events of {n} patients", *place, hint),)
    if events > n * (1 - lowest) + CLOSE_SHARE * n + CLOSE_COUNT:
        message = f"{events} events of {n} patients, and the curve ends at {lowest:g}"
        hint = f"it leaves room for {n * (1 - lowest):.0f}; the events may be of another outcome"
        return (Issue(message, *place, hint),)
    return ()


def _survival_before(points: pl.DataFrame, time: pl.Series) -> pl.Series:
    """Return survival just before each time: whoever has the event on it is still at risk."""
    places = points["time"].search_sorted(time, side="left")
    known = [float(points["survival"][at - 1]) if at else 1.0 for at in places.to_list()]
    return pl.Series("before", known)


def _few(points: pl.DataFrame, file: TableFile) -> tuple[Issue, ...]:
    if points.height >= FEWEST:
        return ()
    hint = "a point for each corner of the curve, and one where it ends"
    return (Issue(f"{points.height} point, and a curve has two or more", file.name, hint=hint),)


def _negative(time: pl.Series, file: TableFile) -> tuple[Issue, ...]:
    def say(at: int) -> Issue:
        message = f"time is {time[at]:g}"
        return Issue(message, file.name, file.row(at), "time", "time begins at 0")

    return fold_rows(time < 0, say)
