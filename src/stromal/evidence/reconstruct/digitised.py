"""A digitised survival curve with its numbers at risk: two small files, every issue at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

from stromal.errors import InvalidInput, Issue
from stromal.evidence.reconstruct.check import check_at_risk, check_curve, check_together
from stromal.tables.patients import TableFile
from stromal.tables.read_table import read_table
from stromal.tables.schema import Column, Kind, Presence, Schema

TimeUnit = Literal["day", "week", "month", "year"]

DAYS: dict[TimeUnit, float] = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25}
"""Length of each unit of a time axis [d]."""

CURVE = Schema(
    "curve",
    (
        Column(
            "time", Kind.NUMBER, "time of a point, as the axis has it", "1", Presence.EVERY_CELL
        ),
        Column("survival", Kind.NUMBER, "survival from 0 to 1", "1", Presence.EVERY_CELL),
    ),
    key=("time", "survival"),
)
AT_RISK = Schema(
    "at_risk",
    (
        Column("time", Kind.NUMBER, "time of the number", "1", Presence.EVERY_CELL),
        Column("at_risk", Kind.INTEGER, "patients at risk", "1", Presence.EVERY_CELL),
    ),
    key=("time",),
)


@dataclass(frozen=True, slots=True, eq=False)
class Digitised:
    """One arm's curve as it was read from a figure.

    Parameters
    ----------
    days, survival
        (K,) points, the days ascending, the survival falling from 1 at day 0.
    risk_days, at_risk
        (I,) numbers at risk under the figure; the first is of day 0.
    events
        Events of the arm in all, None where the paper does not tell.
    """

    days: np.ndarray[tuple[int], np.dtype[np.float64]]
    survival: np.ndarray[tuple[int], np.dtype[np.float64]]
    risk_days: np.ndarray[tuple[int], np.dtype[np.float64]]
    at_risk: np.ndarray[tuple[int], np.dtype[np.int64]]
    events: int | None = None

    @property
    def n(self) -> int:
        """Patients of the arm."""
        return int(self.at_risk[0])


def read_digitised(
    curve: Path, at_risk: Path, *, events: int | None = None, unit: TimeUnit = "day"
) -> Digitised:
    r"""Read a curve and its numbers at risk from two CSV files.

    Parameters
    ----------
    curve
        Columns `time` and `survival` (0 to 1): a point for each corner of the curve that can be
        seen, and one where it ends. The point (0, 1) may be left out.
    at_risk
        Columns `time` and `at_risk`. The first row is of time 0 and holds the patients of the arm;
        it is enough where the figure prints no other.
    events
        Events of the arm in all, where the paper tells them.
    unit
        Of both columns `time`.

    Raises
    ------
    InvalidInput
        With every issue of both files and of `events`: file, row, column and hint.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     curve, at_risk = Path(folder) / "curve.csv", Path(folder) / "at_risk.csv"
    ...     _ = curve.write_text("time,survival\n1,0.9\n2,0.95\n")
    ...     _ = at_risk.write_text("time,at_risk\n0,10\n")
    ...     try:
    ...         read_digitised(curve, at_risk)
    ...     except InvalidInput as error:
    ...         print(error)
    curve.csv row 3 column survival: survival rises from 0.9 to 0.95.
    hint: survival never rises; correct the point or leave it out
    """
    points, issues, place = read_table(curve, CURVE)
    numbers, more, other = read_table(at_risk, AT_RISK)
    return _judge(points, numbers, (place, other), [*issues, *more], (events, unit))


def digitise(
    curve: pl.DataFrame, at_risk: pl.DataFrame, *, events: int | None = None, unit: TimeUnit = "day"
) -> Digitised:
    """Check a curve and its numbers at risk that are tables already.

    Parameters
    ----------
    curve, at_risk, events, unit
        As `read_digitised` reads them; a null is an issue.

    Raises
    ------
    InvalidInput
        With every issue; rows are counted as in files.

    Examples
    --------
    >>> curve = pl.DataFrame({"time": [1, 2], "survival": [0.9, 0.8]})
    >>> found = digitise(curve, pl.DataFrame({"time": [0], "at_risk": [10]}))
    >>> found.days.tolist(), found.n
    ([0.0, 1.0, 2.0], 10)
    """
    places = (TableFile("curve", 2), TableFile("at_risk", 2))
    frames = (CURVE.conform(curve), AT_RISK.conform(at_risk))
    issues = [
        Issue("empty", place.name, place.row(at), name, "write the number, or leave the row out")
        for frame, place in zip(frames, places, strict=True)
        for name in frame.columns[:2]
        for at in frame[name].is_null().arg_true().to_list()
    ]
    return _judge(*frames, places, issues, (events, unit))


def _judge(
    points: pl.DataFrame | None,
    numbers: pl.DataFrame | None,
    places: tuple[TableFile, TableFile],
    issues: list[Issue],
    told: tuple[int | None, TimeUnit],
) -> Digitised:
    """Check both tables, first each by itself; together only where each is right."""
    events, unit = told
    if points is not None:
        issues += check_curve(points, places[0])
    if numbers is not None:
        issues += check_at_risk(numbers, places[1])
    if points is not None and numbers is not None and not issues:
        issues += check_together(points, numbers, places, events)
    if issues or points is None or numbers is None:
        raise InvalidInput(issues)
    days = points["time"].to_numpy() * DAYS[unit]
    survival = points["survival"].to_numpy()
    if days[0] > 0:
        days, survival = np.append(0.0, days), np.append(1.0, survival)
    return Digitised(
        days,
        survival,
        numbers["time"].to_numpy() * DAYS[unit],
        numbers["at_risk"].to_numpy(),
        events,
    )
