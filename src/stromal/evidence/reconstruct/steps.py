"""Which patients a curve and its numbers at risk are made of: events at its steps, censorings.

The inverted Kaplan-Meier equations of Guyot et al. [guyot2012], solved for many repetitions at
once: every array has a first axis of R repetitions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Wholes = npt.NDArray[np.int64]

EVEN = None
"""Censorings evenly spread over an interval, as the paper has them, instead of drawn places."""

INSIDE = 1.0 - 1e-9
"""Largest share of an interval at which somebody leaves it who is not at risk when it ends."""


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Points of a curve as R repetitions see them, and the numbers at risk that cut it.

    `days`, `survival` are (R, K); `first` (I + 1,) is the first point of each interval, then K;
    `edges` (I + 1,) [d] are the days of the numbers at risk and the end of the curve; `at_risk`
    (I,); `events` in all or None; `places` (R, n) in 0..1 where each patient would be censored in
    the interval in which they leave, `EVEN` for an even spread.
    """

    days: Floats
    survival: Floats
    first: Wholes
    edges: Floats
    at_risk: Wholes
    events: int | None
    places: Floats | None


@dataclass(frozen=True, slots=True, eq=False)
class _Interval:
    """One interval: where it lies, its points, and the share of it at which patients may leave."""

    start: float
    end: float
    days: Floats
    survival: Floats
    places: Floats | None

    def censorings(self, count: Wholes) -> Floats:
        """Return the days of the first `count` (R,) censorings, (R, most), nan beyond them."""
        most = int(count.max(initial=0))
        slot = np.arange(most)
        share = (slot + 1) / (count[:, None] + 1) if self.places is None else self.places[:, :most]
        days = self.start + np.minimum(share, INSIDE) * (self.end - self.start)
        return np.where(slot < count[:, None], days, np.nan)

    def between(self, count: Wholes) -> Wholes:
        """Count censorings before, between and after the points, (R, K + 1)."""
        days = self.censorings(count)
        # A censoring on the day of a step comes after it.
        gap = np.sum(self.days[:, None, :] <= days[:, :, None], axis=2)
        counts = np.zeros((count.size, self.days.shape[1] + 1), np.int64)
        row, slot = np.nonzero(~np.isnan(days))
        np.add.at(counts, (row, gap[row, slot]), 1)
        return counts


def invert_curve(points: Points) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return when each patient leaves [d] and whether by an event, both (R, n).

    From interval to interval: the number of censorings with which the events that the curve asks
    for leave as many at risk as the next number says. Each event count is rounded against the curve
    reconstructed so far, so that rounding does not add up. Behind the last number the events in all
    decide; without them patients are censored at the rate of the intervals before, and without
    such intervals only at the end.

    Parameters
    ----------
    points
        The curve; shapes as there.

    Examples
    --------
    >>> points = Points(
    ...     days=np.array([[0.0, 2.0, 6.0]]), survival=np.array([[1.0, 0.9, 0.45]]),
    ...     first=np.array([0, 2, 3]), edges=np.array([0.0, 5.0, 8.0]),
    ...     at_risk=np.array([10, 8]), events=None, places=EVEN,
    ... )
    >>> days, happened = invert_curve(points)
    >>> days[0, happened[0]].tolist(), bool((days[0] >= 5).sum() == 8)
    ([2.0, 6.0, 6.0, 6.0, 6.0], True)
    """
    repetitions, n = points.days.shape[0], int(points.at_risk[0])
    level, found = np.ones(repetitions), np.zeros(repetitions, np.int64)
    censored = np.zeros(repetitions, np.int64)
    days, happened = np.empty((repetitions, n)), np.zeros((repetitions, n), bool)
    last = points.at_risk.size - 1
    for at, number in enumerate(points.at_risk.tolist()):
        leaving = number - (int(points.at_risk[at + 1]) if at < last else 0)
        slots = slice(n - number, n - number + leaving)
        span = slice(int(points.first[at]), int(points.first[at + 1]))
        interval = _Interval(
            float(points.edges[at]),
            float(points.edges[at + 1]),
            points.days[:, span],
            points.survival[:, span],
            None if points.places is None else points.places[:, slots],
        )
        room = np.full(repetitions, n) if points.events is None else points.events - found
        if at < last:
            count = _count_censorings(interval, level, number, leaving)
        elif points.events is not None:
            count = _count_last(interval, level, number, room)
        else:
            count = np.minimum(
                _count_by_rate(points, censored, number),
                _count_censorings(interval, level, number, number),
            )
        most = np.minimum(room, leaving - count)
        events, level = _play(interval, level, number, count, most)
        found, censored = found + events.sum(axis=1), censored + leaving - events.sum(axis=1)
        rest = _middle_of_rest(interval) if at < last else np.full(repetitions, interval.end)
        days[:, slots], happened[:, slots] = _leave(interval, events, count, leaving, rest)
    return days, happened


def _play(
    interval: _Interval, level: Floats, number: int, count: Wholes, most: Wholes
) -> tuple[Wholes, Floats]:
    """Return events at each point (R, K) and the level of the curve after them (R,).

    `most` (R,) caps the events of the interval.
    """
    gaps = interval.between(count)
    at_risk = number - gaps[:, 0]
    events = np.zeros(interval.days.shape, np.int64)
    left = most.copy()
    for k in range(interval.days.shape[1]):
        share = np.divide(interval.survival[:, k], level, out=np.ones(level.size), where=level > 0)
        asked = np.floor(at_risk * (1 - share) + 0.5).astype(np.int64)
        here = np.clip(asked, 0, np.clip(np.minimum(at_risk, left), 0, None))
        events[:, k] = here
        left = left - here
        level = level * (1 - np.divide(here, at_risk, out=np.zeros(level.size), where=at_risk > 0))
        at_risk = at_risk - here - gaps[:, k + 1]
    return events, level


def _bisect(fits: Callable[[Wholes], npt.NDArray[np.bool_]], low: Wholes, high: Wholes) -> Wholes:
    """Return the last count that fits, from `low`, which is taken to fit, up to `high`."""
    while bool(np.any(low < high)):
        middle = (low + high + 1) // 2
        fit = fits(middle)
        low, high = np.where(fit, middle, low), np.where(fit, high, middle - 1)
    return low


def _count_censorings(interval: _Interval, level: Floats, number: int, leaving: int) -> Wholes:
    """Return the most censorings (R,) that leave room for the events the curve then asks for."""
    free = np.full(level.size, number)

    def fits(count: Wholes) -> npt.NDArray[np.bool_]:
        events, _ = _play(interval, level, number, count, free)
        return np.asarray(events.sum(axis=1) + count <= leaving)

    zero = np.zeros(level.size, np.int64)
    return _bisect(fits, zero, np.full(level.size, leaving))


def _count_last(interval: _Interval, level: Floats, number: int, room: Wholes) -> Wholes:
    """Return the most censorings (R,) with which the events in all are still reached.

    Fewer censorings mean more at risk and more events; where even none gives too few events, the
    curve has fewer steps than events were told.
    """
    free = np.full(level.size, number)

    def fits(count: Wholes) -> npt.NDArray[np.bool_]:
        events, _ = _play(interval, level, number, count, free)
        return np.asarray(events.sum(axis=1) >= room)

    zero = np.zeros(level.size, np.int64)
    count = _bisect(fits, zero, np.full(level.size, number))
    return np.asarray(np.minimum(count, number - np.minimum(room, number)))


def _count_by_rate(points: Points, censored: Wholes, number: int) -> Wholes:
    """Return the censorings (R,) behind the last number at risk, at the rate of those before."""
    before = points.edges[-2] - points.edges[0]
    if before <= 0:
        return np.zeros(censored.size, np.int64)
    share = (points.edges[-1] - points.edges[-2]) / before
    return np.asarray(np.minimum(np.rint(censored * share).astype(np.int64), number))


def _middle_of_rest(interval: _Interval) -> Floats:
    """Return the day (R,) halfway between the last point and the end of an interval."""
    if not interval.days.shape[1]:
        return np.full(interval.days.shape[0], (interval.start + interval.end) / 2)
    return np.asarray((interval.days[:, -1] + interval.end) / 2)


def _leave(
    interval: _Interval, events: Wholes, count: Wholes, leaving: int, rest: Floats
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return day and event of the patients who leave in an interval, both (R, leaving).

    Whoever is left over, by the rounding of events or at the end of the curve, is censored on the
    day `rest` (R,).
    """
    days = np.repeat(rest[:, None], leaving, axis=1)
    happened = np.zeros(days.shape, bool)
    censorings = interval.censorings(count)
    for row in range(count.size):
        steps = np.repeat(interval.days[row], events[row])
        own = censorings[row, : count[row]]
        days[row, : steps.size] = steps
        happened[row, : steps.size] = True
        days[row, steps.size : steps.size + own.size] = own
    return days, happened
