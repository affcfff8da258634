"""A track: the dense output of a run, on a grid of times, as reducers read it.

Between two points of the grid the output is taken to be the cubic that has its values and slopes
there (cubic Hermite interpolation). The error of that cubic is at most h^4 / 384 times the output's
fourth derivative, h being the length of an interval: a grid twice as fine makes it sixteen times
smaller. Every change of a patient (dose, jump, parameter change) stands on the grid twice, just
before and at it, so that no cubic runs across a jump.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from stromal.kernels.hermite import Cubics
from stromal.kernels.slope_limiter import limit_slopes

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Mask = NDArray[np.bool_]

ROWS = 32
"""Patients looked at together, so that what is computed of them stays near the processor."""


@dataclass(frozen=True, slots=True)
class Track:
    """An output on a grid: `times` (n, T), `values` and `slopes` (n, T), n patients.

    `limited` says that slopes have been limited, or are not to be read.
    """

    times: Floats
    values: Floats
    slopes: Floats
    limited: bool = False

    def finite(self) -> Mask:
        """Patients whose output is a finite number at every point of the grid, (n,)."""
        return np.asarray(np.isfinite(self.values).all(axis=1))

    def window(self, after: float | Floats, until: float | Floats) -> Track:
        """Return the part between two times; points outside are moved onto its nearest end.

        Parameters
        ----------
        after, until
            Both ends, which stand on the grid: numbers, or arrays (n,) of numbers.
        """
        times = self.times
        first = np.sum(times < _column(after), axis=1)
        last = np.sum(times <= _column(until), axis=1) - 1
        wanted = np.clip(np.arange(times.shape[1])[None, :], first[:, None], last[:, None])
        low, high = int(first.min()), int(last.max()) + 1
        if np.all(first == low) and np.all(last == high - 1):
            part = slice(low, high)
            return Track(
                times[:, part], self.values[:, part], self.slopes[:, part], limited=self.limited
            )
        wanted = wanted[:, low:high]
        times, values, slopes = (pick(one, wanted) for one in (times, self.values, self.slopes))
        return Track(times, values, slopes, limited=self.limited)

    def limit_slopes(self) -> Track:
        """Return the track with limited slopes; itself where none has to be limited.

        Points of a limited track stand twice, as the end of one interval and the start of the next,
        each with a slope of its own; the intervals of length zero between them change nothing.

        Examples
        --------
        >>> steep = Track(np.array([[0.0, 2.0]]), np.array([[0.0, 2.0]]), np.array([[1e9, 0.5]]))
        >>> steep.limit_slopes().slopes
        array([[3. , 0.5]])
        """
        if self.limited:
            return self
        parts = [slice(first, first + ROWS) for first in range(0, len(self.times), ROWS)]
        found = [limit_slopes(self.times[p], self.values[p], self.slopes[p]) for p in parts]
        if not any(found):
            return replace(self, limited=True)
        twice = np.repeat(np.arange(self.times.shape[1]), 2)[1:-1]
        times, values, slopes = (one[:, twice] for one in (self.times, self.values, self.slopes))
        for part, both in zip(parts, found, strict=True):
            if both:
                slopes[part, ::2], slopes[part, 1::2] = both
        return Track(times, values, slopes, limited=True)

    def cubics(self, rows: Places, columns: Places) -> Cubics:
        """Return the cubics of chosen intervals."""
        length = self.times[rows, columns + 1] - self.times[rows, columns]
        return Cubics(
            self.values[rows, columns],
            self.values[rows, columns + 1],
            length * self.slopes[rows, columns],
            length * self.slopes[rows, columns + 1],
        )

    def reach(self) -> tuple[Floats, Floats]:
        """Return bounds of the cubic of every interval, from its control points: two (n, T - 1)."""
        length = np.diff(self.times, axis=1) / 3.0
        near = self.values[:, :-1] + length * self.slopes[:, :-1]
        far = self.values[:, 1:] - length * self.slopes[:, 1:]
        low = np.minimum(np.minimum(near, far), np.minimum(self.values[:, :-1], self.values[:, 1:]))
        high = np.maximum(
            np.maximum(near, far), np.maximum(self.values[:, :-1], self.values[:, 1:])
        )
        return low, high

    def times_within(self, rows: Places, columns: Places, places: Floats) -> Floats:
        """Return times of places (0 to 1) within intervals, (K,) or (K, P).

        An interval between two neighbouring numbers is a jump: all of it happens at its end.
        """
        start, end = self.times[rows, columns], self.times[rows, columns + 1]
        if places.ndim > 1:
            start, end = start[:, None], end[:, None]
        inside = start + places * (end - start)
        return np.where(np.nextafter(start, end) == end, end + 0.0 * places, inside)


def pick(array: Floats, columns: Places) -> Floats:
    """Return chosen columns of each row: (n, K) of an array (n, T)."""
    return np.asarray(np.take_along_axis(array, columns, axis=1))


def _column(times: float | Floats) -> float | Floats:
    """Return times of patients as a column beside the grid; one number as it is."""
    return times[:, None] if isinstance(times, np.ndarray) and times.ndim else times
