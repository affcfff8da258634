"""The area under an output, and its mean over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stromal.kernels.reducers.window import Windowed
from stromal.kernels.track import Track

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Area(Windowed):
    """Area under an output (its integral over time).

    Examples
    --------
    >>> line = Track(np.array([[0.0, 2.0]]), np.array([[0.0, 2.0]]), np.array([[1.0, 1.0]]))
    >>> Area("drug").reduce(line)
    array([2.])
    """

    def _word(self) -> str:
        return "area"

    def _within(self, track: Track) -> Floats:
        return _area(track)


@dataclass(frozen=True, slots=True)
class Mean(Windowed):
    """Mean of an output over time: its area by the length of the window; NaN where that is zero.

    Examples
    --------
    >>> line = Track(np.array([[0.0, 4.0]]), np.array([[0.0, 2.0]]), np.array([[0.5, 0.5]]))
    >>> Mean("drug").reduce(line)
    array([1.])
    """

    def _word(self) -> str:
        return "mean"

    def _within(self, track: Track) -> Floats:
        length = track.times[:, -1] - track.times[:, 0]
        mean = np.full(len(length), np.nan)
        np.divide(_area(track), length, out=mean, where=length > 0.0)
        return mean


def add_up(parts: Floats) -> Floats:
    """Return sums of rows, added in order of time: intervals of length zero change nothing.

    Examples
    --------
    >>> add_up(np.array([[1.0, 2.0]]))
    array([3.])
    """
    if parts.shape[1] == 0:
        return np.zeros(len(parts))
    return np.asarray(np.cumsum(parts, axis=1)[:, -1])


def _area(track: Track) -> Floats:
    length = np.diff(track.times, axis=1)
    values = 0.5 * (track.values[:, :-1] + track.values[:, 1:])
    bend = (track.slopes[:, :-1] - track.slopes[:, 1:]) / 12.0
    return add_up(length * (values + length * bend))
