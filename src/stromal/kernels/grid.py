"""Times at which a run is read: those asked for, and those that reducers need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stromal.kernels.reducers import Reducer

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Grid:
    """Times of a run: what the solver is asked for, and which of it is whose.

    `times` [T] is sorted, no time twice; `asked` [len(asked)] says where the user's own times
    stand in it; `shared` [T] marks points that every patient's reducers read. The other points
    stand just before and at changes of some patient, or at a time of its own that a reducer reads,
    and only that patient's reducers read them.

    Examples
    --------
    >>> grid = make_grid(np.array([0.0, 2.0]), 0.0, 2, (), np.array([]), whole=False)
    >>> grid.times, grid.asked
    (array([0., 2.]), array([0, 1]))
    """

    times: Floats
    asked: NDArray[np.int64]
    shared: NDArray[np.bool_]


def make_grid(
    asked: Floats,
    start: float,
    intervals: int,
    reducers: Sequence[Reducer],
    changes: Floats,
    *,
    whole: bool,
    own: Floats | None = None,
) -> Grid:
    """The grid of a run.

    Parameters
    ----------
    asked
        The user's times, sorted.
    start
        Start of the run.
    intervals
        Into how many equal intervals the run is divided where all of it is read.
    reducers
        Reducers of the run.
    changes
        Times of changes of any patient in the chunk.
    whole
        Whether all of the run is read, and not only points that were asked for.
    own
        Times that reducers read of single patients, such as windows of their own; NaN is none.
    """
    end = asked[-1]
    points = [asked, *(np.asarray(reducer.points, dtype=np.float64) for reducer in reducers)]
    if whole:
        points.append(np.linspace(start, end, intervals + 1))
        inside = changes[(changes > start) & (changes <= end)]
        single = [inside, just_before(inside)]
    else:
        single = []
    if own is not None:
        single.append(own[np.isfinite(own)].ravel())
    shared = np.unique(np.concatenate(points))
    times = np.unique(np.concatenate([shared, *single]))
    return Grid(times, np.searchsorted(times, asked), np.isin(times, shared))


def just_before(times: Floats) -> Floats:
    """The last times that are before the given ones.

    Examples
    --------
    >>> float(1.0 - just_before(np.array([1.0]))[0])
    1.1102230246251565e-16
    """
    return np.nextafter(times, -np.inf)


def own_points(grid: Grid, changes: Floats, own: Floats | None = None) -> NDArray[np.int64]:
    """Which points of the grid the reducers of each patient read, (n, K).

    Parameters
    ----------
    grid
        The grid of a chunk of n patients.
    changes
        Times of changes of each patient, (n, C); NaN where a patient has fewer.
    own
        Times that reducers read of each patient by itself, (n, K); NaN where a patient has fewer.

    Returns
    -------
    array
        Indices into `grid.times`, rising along each row; rows that need fewer repeat their last.
    """
    mine = np.broadcast_to(grid.shared, (len(changes), len(grid.times))).copy()
    read = [changes, just_before(changes), *([] if own is None else [own])]
    for table in read:
        times, rows = table.ravel(), np.repeat(np.arange(len(table)), table.shape[1])
        place = np.minimum(np.searchsorted(grid.times, times), len(grid.times) - 1)
        found = grid.times[place] == times
        mine[rows[found], place[found]] = True
    count = mine.sum(axis=1)
    order = np.argsort(~mine, axis=1, kind="stable")[:, : int(count.max())]
    last = np.take_along_axis(order, count[:, None] - 1, axis=1)
    return np.where(np.arange(order.shape[1])[None, :] < count[:, None], order, last)


def own_times(reducers: Sequence[Reducer], patients: int) -> Floats:
    """Return the times that reducers read of each patient by itself, (n, K); NaN for none."""
    columns = [column for reducer in reducers for column in reducer.own_points()]
    return np.stack(columns, axis=1) if columns else np.empty((patients, 0))
