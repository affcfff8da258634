"""The smallest and the largest value of an output, and when they are reached."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stromal.kernels.reducers.window import Windowed
from stromal.kernels.track import Places, Track

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Minimum(Windowed):
    """Smallest value of an output, between the points of the grid too.

    Examples
    --------
    >>> fall = Track(np.array([[0.0, 2.0]]), np.array([[1.0, 1.0]]), np.array([[-1.0, 1.0]]))
    >>> Minimum("ANC").name, Minimum("ANC").reduce(fall)
    ('minimum(ANC)', array([0.5]))
    """

    def _word(self) -> str:
        return "minimum"

    def _within(self, track: Track) -> Floats:
        return _smallest(track)


@dataclass(frozen=True, slots=True)
class Maximum(Windowed):
    """Largest value of an output, between the points of the grid too.

    Examples
    --------
    >>> Maximum("CRP", window=(0.0, 14.0)).name
    'maximum(CRP)'
    """

    def _word(self) -> str:
        return "maximum"

    def _within(self, track: Track) -> Floats:
        return -_smallest(_negated(track))


@dataclass(frozen=True, slots=True)
class TimeOfMinimum(Windowed):
    """Time at which an output is smallest, the first one where it is so more than once.

    Where the smallest value is the one just before a change, this is the time of the change.

    Examples
    --------
    >>> fall = Track(np.array([[0.0, 2.0]]), np.array([[1.0, 1.0]]), np.array([[-1.0, 1.0]]))
    >>> TimeOfMinimum("ANC").name, TimeOfMinimum("ANC").reduce(fall)
    ('time_of_minimum(ANC)', array([1.]))
    """

    def _word(self) -> str:
        return "time_of_minimum"

    def _within(self, track: Track) -> Floats:
        return time_of_smallest(track)


@dataclass(frozen=True, slots=True)
class TimeOfMaximum(Windowed):
    """Time at which an output is largest, the first one where it is so more than once.

    Where the largest value is the one just before a change, this is the time of the change.

    Examples
    --------
    >>> TimeOfMaximum("CRP").name
    'time_of_maximum(CRP)'
    """

    def _word(self) -> str:
        return "time_of_maximum"

    def _within(self, track: Track) -> Floats:
        return time_of_smallest(_negated(track))


def time_of_smallest(track: Track) -> Floats:
    """Return the first time at which each row is smallest, (n,).

    Examples
    --------
    >>> fall = Track(np.array([[0.0, 2.0]]), np.array([[1.0, 0.0]]), np.array([[-0.5, -0.5]]))
    >>> time_of_smallest(fall)
    array([2.])
    """
    smallest = track.values.min(axis=1)
    at = np.argmin(track.values, axis=1)
    everyone = np.arange(len(at))
    first = track.times[everyone, at]
    following = track.times[everyone, np.minimum(at + 1, track.times.shape[1] - 1)]
    # The last point before a jump stands for its instant, of which it is the limit from the left.
    first = np.where(np.nextafter(first, following) == following, following, first)
    rows, columns = _dips(track, smallest)
    if len(rows):
        cubics = track.cubics(rows, columns)
        places = cubics.turns()
        values = cubics.at(places)
        lowest = values.argmin(axis=1)
        value = values[np.arange(len(rows)), lowest]
        time = track.times_within(rows, columns, places[np.arange(len(rows)), lowest])
        deepest = smallest.copy()
        np.minimum.at(deepest, rows, value)
        first = np.where(deepest < smallest, np.inf, first)
        reached = value == deepest[rows]
        np.minimum.at(first, rows[reached], time[reached])
    return np.asarray(first)


def _negated(track: Track) -> Track:
    return Track(track.times, -track.values, -track.slopes)


def _dips(track: Track, smallest: Floats) -> tuple[Places, Places]:
    """Find intervals whose cubic may go below the smallest value on the grid: rows, columns."""
    low, _ = track.reach()
    rows, columns = np.nonzero(low < smallest[:, None])
    return rows, columns


def _smallest(track: Track) -> Floats:
    """Return the smallest value on the grid and between its points, (n,)."""
    smallest = track.values.min(axis=1)
    rows, columns = _dips(track, smallest)
    if len(rows):
        cubics = track.cubics(rows, columns)
        np.minimum.at(smallest, rows, cubics.at(cubics.turns()).min(axis=1))
    return np.asarray(smallest)
