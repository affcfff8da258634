"""The state that repeats itself: the fixed point of what one interval of a regimen does to states.

Intervals are integrated one after the other, as the patient would live through them, and after a
window of them the limit is extrapolated from the differences between successive states (reduced
rank extrapolation, [sidi1986]); the next window goes on from there. For rates that are linear in
the states the limit is exact once a window is longer than there are states.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stromal.kernels.status import Status

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

MOST_INTERVALS = 1000
"""Intervals after which a patient is given up."""

LEAD = 2
"""Intervals of a window before its differences are taken, in which what is fast dies out."""

MOST_RANK = 8
"""Most modes of the approach that one window removes."""

CLOSE = 0.1
"""Share of the tolerance within which the limit must lie, and the last interval move the states."""

STILL = 1e-3
"""Share of the tolerance that a state may move in an interval without moving less and less."""

LEAST_SINGULAR = 1e-11
"""Singular values of the differences below this share of the largest are rounding."""


class Repeated(NamedTuple):
    """States (n, S) that repeat themselves, codes of `Status` (n,) and attempted steps (n,)."""

    states: Floats
    status: NDArray[np.int8]
    steps: NDArray[np.int64]


Interval = Callable[[Places, Floats], Repeated]
"""What one interval makes of some patients' states: their numbers and states to those after it."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How near the limit must be: `rtol` of each state's size, which is at least `floor` (n, S)."""

    rtol: float
    atol: Floats
    floor: Floats

    def weigh(self, patients: Places, largest: Floats) -> Floats:
        """Tolerated error of each state (n, S) of some patients."""
        return self.atol + self.rtol * np.maximum(largest, self.floor[patients])


def repeat_for_ever(interval: Interval, first: Floats, tolerance: Tolerance) -> Repeated:
    """States that an interval brings back, reached from the first ones.

    Parameters
    ----------
    interval
        Integrates one interval.
    first
        States to begin with, (n, S).
    tolerance
        How near to the limit states must come.

    Returns
    -------
    Repeated
        `DONE` where the limit was found; the status of an interval that failed; `NO_STEADY_STATE`
        where `MOST_INTERVALS` did not do. States are NaN but where all is done.

    Examples
    --------
    >>> def halve(patients, states):
    ...     zeros = np.zeros(len(patients), np.int64)
    ...     return Repeated(0.5 * (states + 3.0), zeros.astype(np.int8), zeros)
    >>> limits = Tolerance(1e-6, np.full(1, 1e-12), np.zeros((1, 1)))
    >>> repeat_for_ever(halve, np.zeros((1, 1)), limits).states.round(9)
    array([[3.]])
    """
    search = _Search(interval, tolerance, first)
    for _ in range(MOST_INTERVALS // search.span):
        if not search.active.size:
            break
        search.live_through_window()
    return search.found


class _Search:
    """Patients on the way to their limits."""

    def __init__(self, interval: Interval, tolerance: Tolerance, first: Floats) -> None:
        count, size = first.shape
        self.interval, self.tolerance = interval, tolerance
        self.span = LEAD + min(size, MOST_RANK) + 1
        self.active = np.arange(count)
        self.states = first.copy()
        self.followed = first.copy()  # where a leap began, to come back to
        self.leapt = np.zeros(count, np.bool_)
        self.measure = np.ones(first.shape)
        self.moved = np.full(count, np.inf)
        self.length = np.full(count, np.inf)  # of the leap
        self.found = Repeated(
            np.full(first.shape, np.nan),
            np.full(count, Status.NO_STEADY_STATE, np.int8),
            np.zeros(count, np.int64),
        )

    def live_through_window(self) -> None:
        """Go on by a window of intervals, then look for the limit and leap to it."""
        course = self._follow()
        here = self.active
        weights = self.tolerance.weigh(here, np.abs(course).max(axis=1))
        last, steps = course[:, -1], np.abs(np.diff(course[:, LEAD:], axis=1))
        limit = extrapolate(course[:, LEAD:], weights)
        # a leap has led nearer only where states move much less than before it, and where what is
        # left to the limit is less than it was; what runs away more and more slowly fails this
        moved = (steps[:, -1] / self.measure[here]).max(axis=1)
        length = (np.abs(limit - last) / self.measure[here]).max(axis=1)
        nearer = (moved <= 0.5 * self.moved[here]) & (length < self.length[here])
        worse = self.leapt[here] & ~nearer
        left = np.maximum(np.abs(limit - last), steps[:, -1]) / weights
        shrinks = (steps[:, -1] < 0.999 * steps[:, 0]) | (steps[:, -1] <= STILL * weights)
        done = ((left <= CLOSE) & shrinks).all(axis=1) & ~worse
        self.found.states[here[done]] = last[done]
        self.found.status[here[done]] = Status.DONE
        leaps = _may_leap(course[:, LEAD:], limit, weights) & ~worse
        self.followed[here[~worse]] = last[~worse]
        self.states[here] = np.where(leaps[:, None], limit, self.followed[here])
        self.leapt[here] = leaps
        self.measure[here], self.moved[here] = weights, (steps[:, -1] / weights).max(axis=1)
        self.length[here] = (np.abs(limit - last) / weights).max(axis=1)
        self.active = np.union1d(here[~done], self._come_back())

    def _follow(self) -> Floats:
        """States of who comes through a window after each interval, (n, span + 1, S)."""
        states = self.states[self.active]
        course = states[:, None]
        self.lost = self.active[:0]
        for _ in range(self.span):
            if not self.active.size:
                break
            after = self.interval(self.active, states)
            self.found.steps[self.active] += after.steps
            fine = after.status == Status.DONE
            self.lost = np.append(self.lost, self.active[~fine])
            self.found.status[self.active[~fine]] = after.status[~fine]
            self.active, states = self.active[fine], after.states[fine]
            course = np.concatenate([course[fine], states[:, None]], axis=1)
        return course

    def _come_back(self) -> Places:
        """Who failed after a leap, and goes on from where it began."""
        back = self.lost[self.leapt[self.lost]]
        self.found.status[back] = Status.NO_STEADY_STATE
        self.states[back], self.leapt[back] = self.followed[back], False
        return back


def extrapolate(course: Floats, weights: Floats) -> Floats:
    """Limit of states that come nearer in at most K ways, from K + 2 of them, (n, S).

    Parameters
    ----------
    course
        States after successive intervals, (n, K + 2, S).
    weights
        What each state is measured in, (n, S).

    Examples
    --------
    >>> course = np.array([[[0.0], [1.5], [2.25]]])  # halves its distance to 3
    >>> extrapolate(course, np.ones((1, 1)))
    array([[3.]])
    """
    steps = np.diff(course, axis=1)
    scaled = np.swapaxes(np.diff(steps, axis=1) / weights[:, None], 1, 2)
    left, size, right = np.linalg.svd(scaled, full_matrices=False)
    kept = size > LEAST_SINGULAR * size[:, :1]
    inverse = np.where(kept, 1.0, 0.0) / np.where(kept, size, 1.0)
    turned = np.einsum("nsk,ns->nk", left, -steps[:, -1] / weights)
    shares = np.einsum("nkj,nk->nj", right, inverse * turned)
    limit: Floats = course[:, -2] + np.einsum("nj,njs->ns", shares, steps[:, :-1])
    return limit


def _may_leap(course: Floats, limit: Floats, weights: Floats) -> NDArray[np.bool_]:
    """Who may go on from the extrapolated limit, (n,).

    What still grows from interval to interval may be leaving a state that repeats itself but is not
    stable: there the patient is followed as it is. So it is where the limit has another sign.
    """
    steps = np.abs(np.diff(course, axis=1))
    calm = (steps[:, -1] < steps[:, 0]) | (steps[:, -1] <= 0.01 * weights)
    same = (limit >= 0.0) | (course < 0.0).any(axis=1)
    return np.asarray((calm & same & np.isfinite(limit)).all(axis=1))
