"""Limit slopes of cubic Hermite interpolants, so that they do not overshoot.

A cubic with the values of both ends stays between them where both slopes are between zero and
three times the slope of the straight line. That box is the simplest part of the region in which
Fritsch and Carlson prove a cubic to be monotone [fritsch1980]. Limiters of data without slopes of
their own force every slope into it. Here slopes are those of the output itself and nearly always
right, and a true peak between two points needs slopes outside the box. Only a slope that leads much
further than the output goes anywhere near is limited: beside a root at zero, a kink, or a decay
much faster than the grid. The steeper it is, the closer it is moved to the box, so that results do
not jump where a slope passes a bound.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEEP = 4.0
"""A slope is steep where it leads so many times further than the output goes anywhere near."""

AROUND = 4
"""Intervals on either side that are near; some of them may be of hardly any length."""

ROUNDING = 1e-12
"""What an output may go up and down at rest, as a share of it."""

MONOTONE = 3.0
"""Largest slope in the box of monotone cubics, as a multiple of the line's."""


def limit_slopes(times: Floats, values: Floats, slopes: Floats) -> tuple[Floats, Floats] | None:
    """Return limited slopes at the start and at the end of every interval.

    Parameters
    ----------
    times, values, slopes
        An output on a grid, (n, T) each, n patients.

    Returns
    -------
    tuple or None
        Two arrays (n, T - 1): a point between two intervals may get a slope for each. None where no
        slope is limited. A finite value whose slope is no finite number gets one that is.

    Examples
    --------
    >>> steep = [np.array([row]) for row in ([0.0, 2.0], [0.0, 2.0], [1e9, 0.5])]
    >>> limit_slopes(*steep)
    (array([[3.]]), array([[0.5]]))
    """
    with np.errstate(all="ignore"):
        length, rise = np.diff(times, axis=1), np.diff(values, axis=1)
        near, far = length * slopes[:, :-1], length * slopes[:, 1:]
        size = np.abs(rise) + ROUNDING * np.abs(values[:, :-1])
        # Nearly every output passes this quick test, which looks at single intervals alone.
        if not _may_be_steep(size, np.abs(near), np.abs(far)):
            return None
        around = _largest_near(size)
        ends = [_End(near, rise, _bound(around, far)), _End(far, rise, _bound(around, near))]
        steep = [end.steepness() for end in ends]
        # One share for both ends: a cubic with one limited slope could still overshoot.
        share = np.where(np.isfinite(rise), np.maximum(*steep), 0.0)
        if not share.any():
            return None
        limited = [end.moved(share, own) / length for end, own in zip(ends, steep, strict=True)]
        start, stop = (
            np.where(share > 0.0, np.nan_to_num(new), old)
            for new, old in zip(limited, (slopes[:, :-1], slopes[:, 1:]), strict=True)
        )
    return start, stop


def _may_be_steep(size: Floats, near: Floats, far: Floats) -> bool:
    """Say whether some slope may be steep, seen from its own interval alone."""
    steep = (near > STEEP * np.maximum(size, far)) | (far > STEEP * np.maximum(size, near))
    return bool(steep.any() or not np.isfinite(near.sum() + far.sum()))


def _largest_near(sizes: Floats) -> Floats:
    """Return the largest of each row within `AROUND` places, (n, T - 1)."""
    largest = sizes.copy()
    for shift in range(1, min(AROUND, sizes.shape[1] - 1) + 1):
        np.fmax(largest[:, shift:], sizes[:, :-shift], out=largest[:, shift:])
        np.fmax(largest[:, :-shift], sizes[:, shift:], out=largest[:, :-shift])
    return largest


def _bound(around: Floats, other: Floats) -> Floats:
    """Return how far a slope may lead that is not steep, `other` being the interval's other end."""
    return STEEP * np.fmax(around, np.where(np.isfinite(other), np.abs(other), 0.0))


@dataclass(frozen=True, slots=True)
class _End:
    """One end of every interval: its slope times its length, the rise, and the steepness bound."""

    slope: Floats
    rise: Floats
    bound: Floats

    def steepness(self) -> Floats:
        """Return 0 up to the bound, rising to 1 at a multiple of it; 1 for no finite number."""
        share = np.clip((np.abs(self.slope) / self.bound - 1.0) / (STEEP - 1.0), 0.0, 1.0)
        return np.where(np.isfinite(self.slope), np.nan_to_num(share), 1.0)

    def moved(self, share: Floats, steepness: Floats) -> Floats:
        """Return the slope, moved by a share of the way into the box of monotone cubics."""
        most = MONOTONE * self.rise
        bounded = np.clip(np.nan_to_num(self.slope), -self.bound, self.bound)
        monotone = np.clip(bounded, np.minimum(most, 0.0), np.maximum(most, 0.0))
        # A steep end keeps the largest slope of the box; one without any slope gets the line's.
        steepest = np.where(np.isnan(self.slope), self.rise, most)
        monotone = np.where(steepness > 0.0, steepest, monotone)
        return bounded + share * (monotone - bounded)
