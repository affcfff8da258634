"""The worst grade of each series in a period."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stromal.kernels.series.loops import choose_loop

Numbers = NDArray[np.float64]
Codes = NDArray[np.int8]


class Worst(NamedTuple):
    """The worst grade of S series.

    Parameters
    ----------
    least, most
        (S,) the least and the most that the worst grade can be; -1 where nothing was graded.
    at
        (S,) position of the first record that decides it, or may be worse; -1 where none is.
    known_day
        (S,) where it is open, the first day [d] of the worst grade that is certain; else NaN.
    """

    least: Codes
    most: Codes
    at: NDArray[np.int64]
    known_day: Numbers


def find_worst(
    series: NDArray[np.uint32],
    day: Numbers,
    least: Codes,
    most: Codes,
    count: int,
    period: tuple[float, float],
) -> Worst:
    """Find the worst grade of each series between two days, both included.

    Parameters
    ----------
    series, day
        (N,) sorted by both; days [d].
    least, most
        (N,) grades that each record can have.
    count
        Number of series, S.
    period
        First and last day [d].

    Examples
    --------
    >>> series, day = np.zeros(3, np.uint32), np.array([1.0, 2.0, 3.0])
    >>> grades = np.array([2, 3, 3], np.int8)
    >>> worst = find_worst(series, day, grades, grades, 2, (0.0, 9.0))
    >>> worst.most.tolist(), worst.at.tolist()
    ([3, -1], [1, -1])
    """
    found = Worst(
        np.full(count, -1, np.int8),
        np.full(count, -1, np.int8),
        np.full(count, -1, np.int64),
        np.full(count, np.nan),
    )
    first, last = period
    choose_loop(_find, day.size)(series, day, least, most, (float(first), float(last)), found)
    return found


def _find(
    series: NDArray[np.uint32],
    day: Numbers,
    least: Codes,
    most: Codes,
    period: tuple[float, float],
    found: Worst,
) -> None:
    worst_least, worst_most, at, known_day = found
    first, last = period
    size = day.size
    i = 0
    while i < size:
        one = series[i]
        j = i
        low, high = -1, -1
        while j < size and series[j] == one:
            if first <= day[j] <= last:
                low = max(low, least[j])
                high = max(high, most[j])
            j += 1
        if high >= 0:
            worst_least[one] = low
            worst_most[one] = high
            for k in range(i, j):
                if first <= day[k] <= last:
                    if at[one] < 0 and most[k] == high and (low < high or least[k] == high):
                        at[one] = k
                    if low < high and low > 0 and least[k] == low and np.isnan(known_day[one]):
                        known_day[one] = day[k]
        i = j
