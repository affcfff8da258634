"""One run of each series: the first in an order, among those that show something."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stromal.kernels.series.loops import choose_loop

Numbers = NDArray[np.float64]
Truths = NDArray[np.bool_]


class Picked(NamedTuple):
    """The run of each of S series that was picked, and what is true of any run of it.

    Parameters
    ----------
    at
        (S,) position of the run; -1 where a series has none.
    shows, surely, maybe
        (S,) whether any run shows it, surely shows it, and may show it.
    """

    at: NDArray[np.int64]
    shows: Truths
    surely: Truths
    maybe: Truths


def pick_runs(
    series: NDArray[np.uint32],
    order: Numbers,
    shows: Truths,
    surely: Truths,
    maybe: Truths,
    count: int,
) -> Picked:
    """Pick one run of each series: of those that show it, or else of all, the first in the order.

    Parameters
    ----------
    series
        (E,) whose run, below `count`.
    order
        (E,) the least comes first; of equal ones the one that stands first.
    shows, surely, maybe
        (E,) whether each run shows it, surely shows it, and may show it.
    count
        Number of series, S.

    Examples
    --------
    >>> no, yes = np.array([False, False]), np.array([False, True])
    >>> picked = pick_runs(np.zeros(2, np.uint32), np.array([1.0, 5.0]), yes, no, yes, 2)
    >>> picked.at.tolist(), picked.shows.tolist(), picked.surely.tolist()
    ([1, -1], [True, False], [False, False])
    """
    found = Picked(
        np.full(count, -1, np.int64),
        np.zeros(count, np.bool_),
        np.zeros(count, np.bool_),
        np.zeros(count, np.bool_),
    )
    choose_loop(_pick, series.size)(series, order, shows, surely, maybe, found)
    return found


def _pick(
    series: NDArray[np.uint32],
    order: Numbers,
    shows: Truths,
    surely: Truths,
    maybe: Truths,
    found: Picked,
) -> None:
    at, any_shows, any_surely, any_maybe = found
    for i in range(series.size):
        one = series[i]
        best = at[one]
        better = best < 0
        if not better:
            better = shows[i] if shows[i] != shows[best] else order[i] < order[best]
        if better:
            at[one] = i
        any_shows[one] |= shows[i]
        any_surely[one] |= surely[i]
        any_maybe[one] |= maybe[i]
