"""The order of records by series and day."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stromal.kernels.series.loops import choose_loop

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]


def find_order(series: NDArray[np.uint32], day: Numbers, count: int) -> Places | None:
    """Find the order that sorts records by series and whole day; None where they are sorted.

    Records of one series and day keep their order.

    Parameters
    ----------
    series
        (N,) whose record, below `count`.
    day
        (N,) days [d].
    count
        Number of series.

    Examples
    --------
    >>> find_order(np.array([1, 0, 1], np.uint32), np.array([3.0, 5.0, 2.0]), 2).tolist()
    [1, 2, 0]
    >>> find_order(np.array([0, 1, 1], np.uint32), np.array([3.0, 2.0, 2.0]), 2) is None
    True
    """
    if choose_loop(_is_sorted, day.size)(series, day):
        return None
    order = np.empty(day.size, np.int64)
    choose_loop(_gather, day.size)(series, np.zeros(count + 1, np.int64), order)
    if choose_loop(_is_sorted, day.size)(series[order], day[order]):
        return order
    keys = pl.DataFrame({"series": series, "day": np.floor(day)}).with_row_index("at")
    ordered = keys.sort("series", "day", maintain_order=True)["at"]
    return ordered.to_numpy().astype(np.int64)


def _is_sorted(series: NDArray[np.uint32], day: Numbers) -> bool:
    for i in range(1, day.size):
        if series[i] < series[i - 1]:
            return False
        if series[i] == series[i - 1] and np.floor(day[i]) < np.floor(day[i - 1]):
            return False
    return True


def _gather(series: NDArray[np.uint32], starts: Places, order: Places) -> None:
    """Put the records of each series together, in the order in which they stand."""
    for i in range(series.size):
        starts[series[i] + 1] += 1
    for s in range(1, starts.size):
        starts[s] += starts[s - 1]
    for i in range(series.size):
        order[starts[series[i]]] = i
        starts[series[i]] += 1
