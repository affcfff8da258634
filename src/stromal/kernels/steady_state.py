"""Doses at steady state: the implied doses before the start, as NONMEM's `SS` and `II` mean them.

A steady-state dose is the last of a series of equal doses, given at equal intervals for ever, the
lag and the fraction being those of each. With a rate and no amount it is an infusion without
beginning that ends when the dose is due. Both as in NONMEM's help, under SS dose event record.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stromal.errors import Issue
from stromal.kernels.regimen import Given, Regimen

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
MOST_OVERLAPPING = 10_000
"""Doses of a series that may be on their way at once."""

_EVERY = "give `every`, the time from one dose to the next; an infusion without end is a `rate`, "
_CONSTANT = "a steady infusion ends at the dose: write `rate` alone, with an amount of 0"


class Implied(NamedTuple):
    """Parts of implied doses, (D,) each: whose row, from when to when, and how much in all."""

    row: Places
    start: Floats
    end: Floats
    amount: Floats


def check_steady_state(regimen: Regimen, what: str, start: float) -> Iterator[Issue]:
    """Yield the first thing that is wrong with doses at steady state, in a run from `start`."""
    if not regimen.steady_state.any():
        return
    steady, constant = regimen.steady_state != 0.0, regimen.every == 0.0
    rated, nothing = regimen.rate > 0.0, regimen.amount == 0.0
    late = steady & (regimen.time > start)
    if np.any(late):
        day = float(np.broadcast_to(regimen.time, late.shape)[late].min())
        hint = "let the run start there, with Schedule(start=...), or write the doses before it"
        yield Issue(f"{what}: steady state at {day:g} is after the start at {start:g}", hint=hint)
        return
    span = (regimen.lag + regimen.lasts) / np.where(constant, np.inf, regimen.every)
    for wrong, message, hint in (
        (
            span > MOST_OVERLAPPING,
            f"more than {MOST_OVERLAPPING:,} doses of the series are given at once",
            "give a longer `every`, or the whole as one rate with an amount of 0",
        ),
        (constant & ~(rated & nothing), "steady_state without every", _EVERY + "with no amount"),
        (~constant & rated & nothing, "a steady infusion is given with every", _CONSTANT),
        (constant & (regimen.number > 1), "a steady infusion is given with a count", _CONSTANT),
        (constant & (regimen.lag > 0.0), "a steady infusion is given with a lag", _CONSTANT),
        (
            constant & (regimen.fraction != 1.0),
            "a steady infusion is given with a fraction",
            "write the rate that arrives",
        ),
    ):
        if np.any(steady & wrong):
            yield Issue(f"{what}: {message}", hint=hint)
            return


def spread_doses(regimen: Regimen, plan: Places) -> Given:
    """Single doses of the regimens of these plans (n,), and what is still to come of implied ones.

    Examples
    --------
    >>> from stromal.kernels.timeline import Dose
    >>> late = Dose(0.0, "drug", 5.0, every=2.0, count=1, lag=3.0, steady_state=1)
    >>> spread_doses(late.regimen, np.zeros(1, np.int64)).start
    array([3., 1.])
    """
    own = regimen.spread(plan)
    if not regimen.steady_state.any():
        return own
    before = carry_over(regimen.over(plan))
    more = Given(plan[before.row], before.start, before.end, before.amount)
    return Given(*(np.concatenate(both) for both in zip(own, more, strict=True)))


def find_phase(lag: Floats, every: Floats) -> tuple[Places, Floats]:
    """Whole intervals in a lag, and what is left of it: 0 or more, and less than one interval.

    Examples
    --------
    >>> find_phase(np.array([0.5, 50.0]), np.array([24.0, 24.0]))
    (array([0, 2]), array([0.5, 2. ]))
    """
    whole = np.floor(lag / every)
    whole -= lag - whole * every < 0.0
    whole += lag - whole * every >= every
    return whole.astype(np.int64), lag - whole * every


def carry_over(regimen: Regimen) -> Implied:
    """What implied doses still give after a steady-state dose is due; of rows of shape (n,).

    A lag longer than the interval lets some arrive later, and infusions may still be running.
    """
    rows = np.flatnonzero((regimen.steady_state != 0.0) & (regimen.every > 0.0))
    time, amount, lag = regimen.time[rows], regimen.given[rows], regimen.lag[rows]
    every, lasts = regimen.every[rows], regimen.lasts[rows]
    whole, _ = find_phase(lag, every)
    most = np.where(lasts > 0.0, np.ceil((lag + lasts) / every), whole).astype(np.int64)
    own = np.repeat(np.arange(rows.size), most)
    turn = np.arange(own.size) - np.repeat(np.cumsum(most) - most, most) + 1
    begin = lag[own] - turn * every[own]
    end = begin + lasts[own]
    rate = amount[own] / np.where(lasts[own] > 0.0, lasts[own], 1.0)
    left = np.where(lasts[own] > 0.0, rate * (end - np.maximum(begin, 0.0)), amount[own])
    start, stop = time[own] + np.maximum(begin, 0.0), time[own] + np.maximum(end, 0.0)
    works = (lasts[own] == 0.0) | (stop > start)
    return Implied(rows[own][works], start[works], stop[works], left[works])


def repeat_within(regimen: Regimen, length: Floats) -> Implied:
    """What is given within one interval of the series, from 0 to its `length`; of rows (n,).

    Infusions longer than the interval, and those that run on into the next, are cut where it ends.
    """
    steady = (regimen.steady_state != 0.0) & (length > 0.0)
    constant = np.flatnonzero(steady & (regimen.every == 0.0))
    rows = np.flatnonzero(steady & (regimen.every > 0.0))
    every, lasts, amount = regimen.every[rows], regimen.lasts[rows], regimen.given[rows]
    _, phase = find_phase(regimen.lag[rows], every)
    copies = np.floor((phase + lasts) / every).astype(np.int64) + 1
    own = np.repeat(np.arange(rows.size), copies)
    turn = np.arange(own.size) - np.repeat(np.cumsum(copies) - copies, copies)
    begin = phase[own] - turn * every[own]
    end = np.clip(begin + lasts[own], 0.0, every[own])
    begin = np.where(lasts[own] > 0.0, np.clip(begin, 0.0, every[own]), begin)
    at_once = lasts[own] == 0.0
    rate = amount[own] / np.where(at_once, 1.0, lasts[own])
    works = np.where(at_once, turn == 0, end > begin) & (amount[own] != 0.0)
    parts = Implied(
        rows[own][works],
        begin[works],
        np.where(at_once, begin, end)[works],
        np.where(at_once, amount[own], rate * (end - begin))[works],
    )
    zeros, whole = np.zeros(constant.size), length[constant]
    steadily = Implied(constant, zeros, whole, regimen.rate[constant] * whole)
    return Implied(*(np.concatenate(both) for both in zip(parts, steadily, strict=True)))
