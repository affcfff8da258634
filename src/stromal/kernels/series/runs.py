"""Runs of records that show something, with the recoveries that end them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stromal.kernels.series.loops import choose_loop

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Recovery:
    """What ends a run: so many records in a row, or so many days [d]; None, None: one record.

    Where both are given either is enough.
    """

    records: int | None = None
    days: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """E runs, in order of series and day.

    Parameters
    ----------
    series
        (E,) whose run.
    start, end
        (E,) first day [d], and the first day after it that ended it; of an open run, the last day.
    last
        (E,) last day [d] of the run.
    before
        (E,) day [d] of the record before the run; NaN where there is none.
    open
        (E,) whether nothing ended it.
    """

    series: NDArray[np.uint32]
    start: Numbers
    end: Numbers
    last: Numbers
    before: Numbers
    open: NDArray[np.bool_]


def find_runs(
    series: NDArray[np.uint32],
    day: Numbers,
    shows: NDArray[np.bool_],
    recovery: Recovery = Recovery(),
) -> Runs:
    """Find the runs of every series.

    A run starts on the first record that shows it, and ends on the first of those that make a
    recovery; what is too short for one belongs to the run.

    Parameters
    ----------
    series, day
        (N,) sorted by both; days [d].
    shows
        (N,) whether each record belongs to a run.
    recovery
        What ends a run.

    Examples
    --------
    >>> day = np.array([0.0, 3.0, 10.0, 14.0, 30.0])
    >>> shows = np.array([False, True, True, False, True])
    >>> runs = find_runs(np.zeros(5, np.uint32), day, shows)
    >>> runs.start.tolist(), runs.end.tolist(), runs.open.tolist()
    ([3.0, 30.0], [14.0, 30.0], [False, True])
    """
    size = day.size
    # runs are apart, so that every second record begins one at most, and every series one more
    most = size // 2 + (1 if size else 0) + int(np.count_nonzero(series[1:] != series[:-1]))
    whose = np.empty(most, np.uint32)
    numbers = np.empty((4, most))
    is_open = np.empty(most, np.bool_)
    at_once = recovery.records is None and recovery.days is None
    records = 1 if at_once else size + 1 if recovery.records is None else recovery.records
    days = math.inf if recovery.days is None else float(recovery.days)
    found = choose_loop(_find, size)(series, day, shows, records, days, whose, numbers, is_open)
    start, end, last, before = (each[:found].copy() for each in numbers)
    return Runs(whose[:found].copy(), start, end, last, before, is_open[:found].copy())


def _find(
    series: NDArray[np.uint32],
    day: Numbers,
    shows: NDArray[np.bool_],
    records: int,
    days: float,
    whose: NDArray[np.uint32],
    numbers: Numbers,
    is_open: NDArray[np.bool_],
) -> int:
    size, found = day.size, 0
    i = 0
    while i < size:
        one = series[i]
        inside, free = False, 0
        start, last, before, free_from = 0.0, 0.0, np.nan, 0.0
        previous = np.nan
        while i < size and series[i] == one:
            now = day[i]
            if shows[i]:
                if inside and free > 0 and (free >= records or now - free_from >= days):
                    whose[found] = one
                    numbers[0, found] = start
                    numbers[1, found] = free_from
                    numbers[2, found] = last
                    numbers[3, found] = before
                    is_open[found] = False
                    found += 1
                    inside = False
                if not inside:
                    inside, start, before = True, now, previous
                free = 0
                last = now
            elif inside:
                if free == 0:
                    free_from = now
                free += 1
            previous = now
            i += 1
        if inside:
            closed = free > 0 and (free >= records or previous - free_from >= days)
            whose[found] = one
            numbers[0, found] = start
            numbers[1, found] = free_from if closed else previous
            numbers[2, found] = last if closed else previous
            numbers[3, found] = before
            is_open[found] = not closed
            found += 1
    return found
