"""How many records each series has from a day on, and when its last was."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stromal.kernels.series.loops import choose_loop

Numbers = NDArray[np.float64]


class Tally(NamedTuple):
    """Records of S series: how many, and the last day [d]; NaN where there is none.

    `clear` and `last_clear` are of those that could be told.
    """

    records: NDArray[np.int64]
    last: Numbers
    clear: NDArray[np.int64]
    last_clear: Numbers


def tally_records(
    series: NDArray[np.uint32],
    day: Numbers,
    clear: NDArray[np.bool_],
    count: int,
    from_day: float = 0.0,
) -> Tally:
    """Tally the records of each series from a day on.

    Parameters
    ----------
    series, day
        (N,) sorted by both; days [d].
    clear
        (N,) whether each record could be told.
    count
        Number of series, S.
    from_day
        First day that counts [d].

    Examples
    --------
    >>> day, clear = np.array([-1.0, 2.0, 5.0]), np.array([True, True, False])
    >>> tally = tally_records(np.zeros(3, np.uint32), day, clear, 1)
    >>> tally.records.item(), tally.last.item(), tally.clear.item(), tally.last_clear.item()
    (2, 5.0, 1, 2.0)
    """
    found = Tally(
        np.zeros(count, np.int64),
        np.full(count, np.nan),
        np.zeros(count, np.int64),
        np.full(count, np.nan),
    )
    choose_loop(_tally, day.size)(series, day, clear, float(from_day), found)
    return found


def _tally(
    series: NDArray[np.uint32],
    day: Numbers,
    clear: NDArray[np.bool_],
    from_day: float,
    found: Tally,
) -> None:
    records, last, told, last_told = found
    for i in range(day.size):
        if day[i] >= from_day:
            one = series[i]
            records[one] += 1
            last[one] = day[i]
            if clear[i]:
                told[one] += 1
                last_told[one] = day[i]
