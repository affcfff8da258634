"""How long an output is on one side of a threshold, and when it first crosses it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stromal.kernels.reducers.checks import Direction
from stromal.kernels.reducers.integrals import add_up
from stromal.kernels.reducers.window import Windowed
from stromal.kernels.track import Places, Track

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TimeBelow(Windowed):
    """How long an output is below a threshold.

    Examples
    --------
    >>> line = Track(np.array([[0.0, 2.0]]), np.array([[0.0, 2.0]]), np.array([[1.0, 1.0]]))
    >>> TimeBelow("ANC", 0.5).reduce(line)
    array([0.5])
    """

    threshold: float

    def _word(self) -> str:
        return f"time_below_{self.threshold:g}"

    def _within(self, track: Track) -> Floats:
        return _time_below(track, self.threshold)


@dataclass(frozen=True, slots=True)
class TimeAbove(Windowed):
    """How long an output is at or above a threshold.

    Examples
    --------
    >>> line = Track(np.array([[0.0, 2.0]]), np.array([[0.0, 2.0]]), np.array([[1.0, 1.0]]))
    >>> TimeAbove("ANC", 0.5).reduce(line)
    array([1.5])
    """

    threshold: float

    def _word(self) -> str:
        return f"time_above_{self.threshold:g}"

    def _within(self, track: Track) -> Floats:
        below = _time_below(track, self.threshold)
        return (track.times[:, -1] - track.times[:, 0]) - below


@dataclass(frozen=True, slots=True)
class FirstCrossing(Windowed):
    """First time at which an output crosses a threshold; NaN where it never does.

    To cross upwards is to come from below the threshold to it or above it; a jump counts. An output
    that is above from the start has not crossed.

    Examples
    --------
    >>> line = Track(np.array([[0.0, 2.0]]), np.array([[0.0, 2.0]]), np.array([[1.0, 1.0]]))
    >>> FirstCrossing("ANC", 0.5).reduce(line)
    array([0.5])
    >>> FirstCrossing("ANC", 0.5, "down").reduce(line)
    array([nan])
    """

    threshold: float
    direction: Direction = "up"

    def _word(self) -> str:
        return f"first_crossing_{self.direction}_{self.threshold:g}"

    def _within(self, track: Track) -> Floats:
        rows, columns = find_candidates(track, self.threshold)
        places, _, over = track.cubics(rows, columns).crossings(self.threshold)
        rises = over[:, :-1] < 0
        if self.direction != "either":
            places = np.where(rises == (self.direction == "up"), places, np.nan)
        time = track.times_within(rows, columns, np.fmin.reduce(places, axis=1))
        first = np.full(len(track.times), np.inf)
        np.fmin.at(first, rows, time)
        return np.where(np.isinf(first), np.nan, first)


def find_candidates(track: Track, threshold: float) -> tuple[Places, Places]:
    """Find intervals whose cubic may cross a threshold: rows and columns, in order.

    Examples
    --------
    >>> line = Track(np.array([[0.0, 2.0]]), np.array([[0.0, 2.0]]), np.array([[1.0, 1.0]]))
    >>> find_candidates(line, 0.5)
    (array([0]), array([0]))
    """
    low, high = track.reach()
    rows, columns = np.nonzero((low < threshold) & (high >= threshold))
    return rows, columns


def _time_below(track: Track, threshold: float) -> Floats:
    """Return the time below a threshold, (n,)."""
    length = np.diff(track.times, axis=1)
    below = np.where(track.values[:, :-1] < threshold, length, 0.0)
    rows, columns = find_candidates(track, threshold)
    if len(rows):
        places, turns, over = track.cubics(rows, columns).crossings(threshold)
        begins, ends = turns[:, :-1], turns[:, 1:]
        starts_below = over[:, :-1] < 0
        # A piece that crosses is below on one side of the crossing; one that does not, throughout
        # or nowhere.
        until = np.where(np.isnan(places), ends, places)
        share = np.where(starts_below, until - begins, ends - until)
        below[rows, columns] = length[rows, columns] * share.sum(axis=1)
    return add_up(below)
