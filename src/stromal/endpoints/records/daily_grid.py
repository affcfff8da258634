"""One count for each patient and day of a period, with short gaps filled between counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stromal.endpoints.records.lab_series import LabSeries, read_lab_series
from stromal.kernels.series.grades import AT_MOST, BELOW, UNREADABLE, UP
from stromal.tables.patients import Patients
from stromal.tables.vocabulary.analytes import ANALYTES

Grid = NDArray[np.float64]
Flags = NDArray[np.bool_]
_HUGE = 1e12
"""Stands for a count that nothing bounds, so that a line can be drawn to it."""


@dataclass(frozen=True, slots=True, eq=False)
class DailyGrid:
    """Counts of P patients on the D days of a period.

    Parameters
    ----------
    first
        First day [d].
    least, most
        (P, D) the least and the most that the count was [unit of the analyte]; NaN on days that
        were neither counted nor filled.
    counted
        (P, D) whether there was a count.
    open
        (P, D) whether the patient was under observation.
    """

    first: int
    least: Grid
    most: Grid
    counted: Flags
    open: Flags

    @property
    def last(self) -> NDArray[np.int64]:
        """Place of the last day under observation of each patient; -1 where there is none."""
        days: NDArray[np.int64] = self.open.sum(axis=1).astype(np.int64)
        return days - 1


def derive_daily_grid(
    patients: Patients,
    analyte: str,
    period: tuple[int, int],
    ends: Grid,
    fill_days: int = 0,
    round_filled: int | None = None,
) -> DailyGrid:
    """Derive the lowest count of each day of a period, and fill short gaps on a straight line.

    Parameters
    ----------
    patients
        As from `as_numbered`.
    analyte
        Name of the analyte; a count in another unit than the internal one is not known.
    period
        First and last day [d].
    ends
        (P,) last day under observation [d] of each patient.
    fill_days
        Days in a row without a count that are filled; before the first and after the last count
        with that count.
    round_filled
        Decimals of filled days; None: as they come.

    Examples
    --------
    >>> import polars as pl
    >>> from stromal.endpoints.records.lab_series import as_numbered
    >>> labs = pl.DataFrame({"subject": "1", "day": [1.0, 3.0], "analyte": "neutrophils",
    ...                      "value": [2.0, 1.0], "unit": "10^9/L"})
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), labs=labs)
    >>> ends = np.array([9.0])
    >>> grid = derive_daily_grid(as_numbered(patients), "neutrophils", (0, 4), ends, fill_days=7)
    >>> grid.least.tolist()
    [[2.0, 2.0, 1.5, 1.0, 1.0]]
    """
    first, last = period
    days = np.arange(first, last + 1)
    open_ = days[None, :] <= np.floor(ends)[:, None]
    series = read_lab_series(patients, analyte)
    least, most, counted = _lowest(series, analyte, (ends.size, days.size), first)
    counted &= open_
    least, most = np.where(counted, least, np.nan), np.where(counted, most, np.nan)
    filling = counted, open_, fill_days, round_filled
    return DailyGrid(first, _fill(least, *filling), _fill(most, *filling), counted, open_)


def _lowest(
    series: LabSeries, analyte: str, shape: tuple[int, int], first: int
) -> tuple[Grid, Grid, Flags]:
    """The lowest count of each day; an empty one beside others is none."""
    place = np.floor(series.day).astype(np.int64) - first
    inside = (place >= 0) & (place < shape[1])
    at = series.number[inside].astype(np.int64) * shape[1] + place[inside]
    known = [unit == ANALYTES[analyte].unit for unit, _ in series.spellings]
    values, bounds, spelling = series.values.value, series.values.bound, series.values.spelling
    value = values[inside]
    bound = np.broadcast_to(bounds, values.shape)[inside]
    read = np.array(known)[np.broadcast_to(spelling, values.shape)[inside]]
    empty = np.isnan(value) | ~read | (bound == UNREADABLE)
    low = np.where(np.isin(bound, (BELOW, AT_MOST)), 0.0, value)
    high = np.where(bound == UP, _HUGE, value)
    size = shape[0] * shape[1]
    least, most = np.full(size, np.inf), np.full(size, np.inf)
    np.minimum.at(least, at[~empty], low[~empty])
    np.minimum.at(most, at[~empty], high[~empty])
    counted = np.zeros(size, bool)
    counted[at] = True
    unknown = counted & np.isinf(least)
    least[unknown], most[unknown] = 0.0, _HUGE
    return least.reshape(shape), most.reshape(shape), counted.reshape(shape)


def _fill(grid: Grid, counted: Flags, open_: Flags, gap: int, decimals: int | None) -> Grid:
    """Fill gaps of up to `gap` days, column by column for all patients at once."""
    if gap <= 0:
        return grid
    people, size = grid.shape
    before, after = np.full(grid.shape, -1), np.full(grid.shape, size)
    near = np.full(people, -1)
    for day in range(size):
        near = np.where(counted[:, day], day, near)
        before[:, day] = near
    near = np.full(people, size)
    for day in reversed(range(size)):
        near = np.where(counted[:, day], day, near)
        after[:, day] = near
    # after the last count the gap ends with the observation
    end = np.where(after == size, open_.sum(axis=1)[:, None], after)
    fits = ~counted & open_ & (end - before - 1 <= gap) & ((before >= 0) | (after < size))
    who, when = np.nonzero(fits)
    left, right = before[who, when], after[who, when]
    from_, to = np.where(left < 0, right, left), np.where(right >= size, left, right)
    start, stop = grid[who, from_], grid[who, to]
    span = np.maximum(to - from_, 1)
    filled = start + (stop - start) * np.clip(when - from_, 0, None) / span
    result = grid.copy()
    result[who, when] = filled if decimals is None else np.round(filled, decimals)
    return result


@dataclass(frozen=True, slots=True, eq=False)
class LowDays:
    """Days on which the count of P patients was low.

    Parameters
    ----------
    longest, all
        (P,) days of the longest episode and of all; days of a recovery that did not last belong to
        the episode.
    throughout_from
        (P,) place of the first day of the episode that lasts to the last day; D where none does.
    """

    longest: NDArray[np.int64]
    all: NDArray[np.int64]
    throughout_from: NDArray[np.int64]


def count_low_days(low: Flags, last: NDArray[np.int64], stable_days: int) -> LowDays:
    """Count the days of episodes.

    Parameters
    ----------
    low
        (P, D) whether the count of a day was low.
    last
        (P,) place of the last day.
    stable_days
        Days in a row that make a recovery; a shorter one belongs to the episode around it.

    Examples
    --------
    >>> low = np.array([[True, True, False, True, False, False, False, True]])
    >>> found = count_low_days(low, np.array([7]), stable_days=3)
    >>> found.longest.item(), found.all.item(), found.throughout_from.item()
    (4, 5, 7)
    """
    people, size = low.shape
    start, latest = np.full(people, size), np.full(people, -size - stable_days)
    longest, total = np.zeros(people, np.int64), np.zeros(people, np.int64)
    for day in range(size):
        here = low[:, day]
        new = here & (day - latest - 1 >= stable_days)
        total += np.where(new, 1, np.where(here, day - latest, 0))
        start = np.where(new, day, start)
        latest = np.where(here, day, latest)
        longest = np.maximum(longest, np.where(here, day - start + 1, 0))
    throughout = np.where(latest == last, start, size)
    return LowDays(longest, total, np.where(last >= 0, throughout, size))
