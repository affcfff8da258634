"""A regimen in numbers: when each of its doses begins and ends, and how much it gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stromal.errors import Issue

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


class Given(NamedTuple):
    """Single doses, (D,) each: whose, from when to when, and how much in all.

    A dose that ends when it begins is given at once.
    """

    plan: Places
    start: Floats
    end: Floats
    amount: Floats


class Regimen(NamedTuple):
    """Numbers of `Dose`, each of shape () or (of its patients,)."""

    time: Floats
    amount: Floats
    duration: Floats
    rate: Floats
    every: Floats
    number: Floats
    lag: Floats
    fraction: Floats
    steady_state: Floats

    @property
    def given(self) -> Floats:
        """Amount that arrives of each dose."""
        return self.amount * self.fraction

    @property
    def lasts(self) -> Floats:
        """How long each dose is infused; 0 where it is given at once."""
        rate = np.where(self.rate > 0.0, self.rate, 1.0)
        return np.where(self.rate > 0.0, self.given / rate, self.duration)

    def over(self, plan: Places) -> Regimen:
        """Numbers of shape (n,), one for each of these plans."""
        return Regimen(*(np.broadcast_to(number, plan.shape) for number in self))

    def spread(self, plan: Places) -> Given:
        """Single doses of the regimens of these plans (n,), the first of each plan first.

        Dose k begins at `time + k * every + lag` and gives `amount * fraction`. Where a rate is
        given, the fraction makes the infusion shorter and leaves the rate, as in NONMEM.
        """
        counts = np.broadcast_to(self.number, plan.shape).astype(np.int64)
        owner = np.repeat(np.arange(plan.size), counts)
        turn = np.arange(owner.size) - np.repeat(np.cumsum(counts) - counts, counts)
        start = _of(self.time, owner) + turn * _of(self.every, owner) + _of(self.lag, owner)
        end = start + _of(self.lasts, owner)
        return Given(plan[owner], start, end, np.broadcast_to(_of(self.given, owner), start.shape))

    def check(self, what: str, start: float, end: float | None) -> Iterator[Issue]:
        """Yield everything that is wrong with finite numbers, in a run from `start` to `end`."""
        if not self._is_at_once:
            wrong = next(self._check_series(what), None)
            if wrong is not None:
                yield wrong
                return
        yield from self._check_window(what, start, end)

    @property
    def _is_at_once(self) -> bool:
        """Whether it is one number that all share of each, of a single dose given at once."""
        if any(number.ndim for number in self[2:]):
            return False
        plain = self.number == 1.0 and self.fraction == 1.0
        return plain and not (self.duration or self.rate or self.every or self.lag)

    def _check_series(self, what: str) -> Iterator[Issue]:
        """Yield what is wrong with the infusions and intervals of a series."""
        infused = (self.duration > 0.0) | (self.rate > 0.0)
        whole = (self.number >= 1) & (self.number == np.floor(self.number))
        for wrong, message, hint in (
            (self.duration < 0.0, "duration is negative", "leave it out for a dose given at once"),
            (self.rate < 0.0, "rate is negative", "leave it out for a dose given at once"),
            (
                (self.duration > 0.0) & (self.rate > 0.0),
                "both duration and rate are given",
                "give one of them; the other follows from the amount",
            ),
            (
                infused & (self.amount < 0.0),
                "an infusion has a negative amount",
                "what leaves a state belongs into the model, or into a jump",
            ),
            (~whole, "count is not a whole number of at least 1", "count the first dose too"),
            (self.every < 0.0, "every is negative", "give the time from one dose to the next"),
            (
                (self.every == 0.0) & (self.number > 1),
                "count is more than 1 without a time between doses",
                "give `every`, the time from one dose to the next",
            ),
            (self.lag < 0.0, "lag is negative", "give an earlier time"),
            (
                (self.fraction < 0.0) | (self.fraction > 1.0),
                "fraction is not between 0 and 1",
                "it is the share of the amount that arrives; 60 % is 0.6",
            ),
        ):
            if wrong.any():
                yield Issue(f"{what}: {message}", hint=hint)

    def _check_window(self, what: str, start: float, end: float | None) -> Iterator[Issue]:
        """Doses before the start, after the end, and too short to be told from a moment."""
        first = self.time + self.lag
        last = self.time + (self.number - 1) * self.every + self.lag
        until = last + self.lasts
        if (first < start).any():
            yield Issue(
                f"{what} at {first.min():g} is before the start at {start:g}",
                hint="leave it out, or let the run start earlier",
            )
        if end is not None and (last > end).any():
            yield Issue(
                f"{what} at {last.max():g} is after the end at {end:g}",
                hint="leave it out, or let the output grid reach further",
            )
        elif end is not None and (until > end).any():
            yield Issue(
                f"{what} ends at {until.max():g}, after the end at {end:g}",
                hint="let the output grid reach further, or give what is infused until the end",
            )
        infused = ((self.duration > 0.0) | (self.rate > 0.0)) & (self.given > 0.0)
        if (infused & (until <= last)).any():
            yield Issue(
                f"{what}: an infusion is too short to be told from a moment",
                hint="leave `duration` out for a dose given at once",
            )


def _of(number: Floats, owner: Places) -> Floats:
    """A number for each dose, where owners differ in it; the one that all have else."""
    return number[owner] if number.ndim else number
