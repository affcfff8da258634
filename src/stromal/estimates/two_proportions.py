"""A share of patients beside that of a reference group: difference, risk ratio, odds ratio."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtri

from stromal.estimates.estimate import Estimate
from stromal.estimates.intervals import FloatArray
from stromal.estimates.proportion import estimate_proportion

Counts = tuple[int, int]
"""Patients with the event, and patients in all."""

DifferenceInterval = Literal["newcombe", "wald"]
OddsRatioInterval = Literal["woolf", "exact"]

DIFFERENCE_SOURCES: dict[DifferenceInterval, tuple[str, ...]] = {
    "newcombe": ("newcombe1998", "wilson1927"),
    "wald": ("newcombe1998",),
}
RISK_RATIO_SOURCES = ("katz1978",)
ODDS_RATIO_SOURCES: dict[OddsRatioInterval, tuple[str, ...]] = {
    "woolf": ("woolf1955",),
    "exact": ("cornfield1956",),
}

_DIFFERENCE_NAMES: dict[DifferenceInterval, str] = {
    "newcombe": "Newcombe hybrid score",
    "wald": "Wald",
}


@dataclass(frozen=True, slots=True)
class TwoProportions:
    """The share of a group beside that of a reference group, on three scales.

    Each estimate counts the patients and events of both groups in `n` and `events`.
    """

    difference: Estimate
    risk_ratio: Estimate
    odds_ratio: Estimate


def compare_two_proportions(
    group: Counts,
    reference: Counts,
    level: float = 0.95,
    *,
    difference: DifferenceInterval = "newcombe",
    odds_ratio: OddsRatioInterval = "woolf",
) -> TwoProportions:
    """Estimate how the share of a group differs from that of a reference group.

    Parameters
    ----------
    group, reference
        Patients with the event and patients in all, of each group.
    level
        Level of the intervals, between 0 and 1.
    difference, odds_ratio
        Which interval of the difference and of the odds ratio.

    Returns
    -------
    TwoProportions
        `difference` [1], `risk_ratio` [1], `odds_ratio` [1], each with its interval.

    Raises
    ------
    ValueError
        More events than patients, or fewer than none.

    Examples
    --------
    >>> found = compare_two_proportions((82, 99), (70, 99))
    >>> for estimate in (found.difference, found.risk_ratio, found.odds_ratio):
    ...     print(f"{estimate.value:.2f} ({estimate.low:.2f} to {estimate.high:.2f})")
    0.12 (0.00 to 0.24)
    1.17 (1.00 to 1.37)
    2.00 (1.01 to 3.94)

    Witness: R prop.test and fisher.test, and printed tables, tests/reference/two_proportions.
    """
    return TwoProportions(
        estimate_difference(group, reference, level, difference),
        estimate_risk_ratio(group, reference, level),
        estimate_odds_ratio(group, reference, level, odds_ratio),
    )


def estimate_difference(
    group: Counts,
    reference: Counts,
    level: float = 0.95,
    interval: DifferenceInterval = "newcombe",
) -> Estimate:
    """Estimate the share of the group less that of the reference.

    Newcombe's interval is made from the Wilson intervals of both shares and holds its level in
    small groups. Wald's, from the variances of both shares, does not, and has no interval where
    each share is 0 or 1. [newcombe1998, wilson1927]

    Parameters
    ----------
    group, reference
        Patients with the event and patients in all, of each group.
    level
        Level of the interval, between 0 and 1.
    interval
        Which interval.

    Returns
    -------
    Estimate
        `value` [1] between -1 and 1; all None where a group has no patients.

    Examples
    --------
    >>> found = estimate_difference((56, 70), (48, 80))
    >>> f"{found.value:.4f} ({found.low:.4f} to {found.high:.4f})"
    '0.2000 (0.0524 to 0.3339)'
    """
    one, other = (
        estimate_proportion(events, n, level, "wilson") for events, n in (group, reference)
    )
    value, bounds = None, None
    if one.value is not None and other.value is not None:
        value = one.value - other.value
        if interval == "wald":
            bounds = _wald(group, reference, level)
        elif None not in (one.low, one.high, other.low, other.high):
            bounds = _newcombe(one, other)
    method = f"difference of proportions, {_DIFFERENCE_NAMES[interval]} interval"
    named = (_DIFFERENCE_NAMES[interval], method, DIFFERENCE_SOURCES[interval])
    return _settle(group, reference, level, value, bounds, named)


def estimate_risk_ratio(group: Counts, reference: Counts, level: float = 0.95) -> Estimate:
    """Estimate the share of the group divided by that of the reference.

    Katz's interval is symmetric for the logarithm of the ratio. [katz1978] There is none where a
    group has no event or everybody in both has it, and no ratio where the reference has no event:
    nothing is added to an empty cell.

    Parameters
    ----------
    group, reference
        Patients with the event and patients in all, of each group.
    level
        Level of the interval, between 0 and 1.

    Returns
    -------
    Estimate
        `value` [1], `low`, `high`; None where they are not defined.

    Examples
    --------
    >>> found = estimate_risk_ratio((21, 28), (8, 19))
    >>> f"{found.value:.2f} ({found.low:.2f} to {found.high:.2f})"
    '1.78 (1.01 to 3.15)'
    >>> estimate_risk_ratio((3, 28), (0, 19)).value is None
    True
    """
    (a, n), (c, m) = _checked(group, reference)
    value = (a / n) / (c / m) if n and c else None
    variance = 1 / a - 1 / n + 1 / c - 1 / m if a and c else 0.0
    bounds = _around_log(value, variance, level) if value and variance > 0 else None
    named = ("Katz log", "risk ratio, Katz log interval", RISK_RATIO_SOURCES)
    return _settle(group, reference, level, value, bounds, named)


def estimate_odds_ratio(
    group: Counts,
    reference: Counts,
    level: float = 0.95,
    interval: OddsRatioInterval = "woolf",
) -> Estimate:
    """Estimate the odds of the event in the group divided by those in the reference.

    Woolf's interval is symmetric for the logarithm of the ratio. [woolf1955] There is none where a
    cell of the table is empty: nothing is added to it. The exact interval, given the margins of
    the table, holds there too; with it comes the ratio that is most likely given the margins,
    which is a little nearer to 1. [cornfield1956] A bound without end is None.

    Parameters
    ----------
    group, reference
        Patients with the event and patients in all, of each group.
    level
        Level of the interval, between 0 and 1.
    interval
        Which interval.

    Returns
    -------
    Estimate
        `value` [1], `low`, `high`; None where they are not defined or without end.

    Examples
    --------
    >>> found = estimate_odds_ratio((56, 163), (34, 81))
    >>> f"{found.value:.2f} ({found.low:.2f} to {found.high:.2f})"
    '0.72 (0.42 to 1.25)'
    >>> found = estimate_odds_ratio((3, 10), (0, 12), interval="exact")
    >>> found.value, round(found.low, 3), found.high
    (None, 0.539, None)
    """
    (a, n), (c, m) = _checked(group, reference)
    b, d = n - a, m - c
    if interval == "exact":
        value, *limits = _condition(a, n, c, m, level)
        named = (
            "exact conditional",
            "conditional odds ratio, exact conditional interval",
            ODDS_RATIO_SOURCES["exact"],
        )
        return _settle(group, reference, level, value, (limits[0], limits[1]), named)
    value = a * d / (b * c) if b * c else None
    bounds = _around_log(value, 1 / a + 1 / b + 1 / c + 1 / d, level) if value else None
    named = ("Woolf log", "odds ratio, Woolf log interval", ODDS_RATIO_SOURCES["woolf"])
    return _settle(group, reference, level, value, bounds, named)


def _checked(*groups: Counts) -> tuple[Counts, ...]:
    for events, n in groups:
        if not 0 <= events <= n:
            raise ValueError(f"{events} events of {n} patients")
    return groups


def _settle(
    group: Counts,
    reference: Counts,
    level: float,
    value: float | None,
    bounds: tuple[float | None, float | None] | None,
    named: tuple[str, str, tuple[str, ...]],
) -> Estimate:
    """Return the estimate, with patients and events of both groups."""
    interval, method, sources = named
    low, high = bounds or (None, None)
    n, events = group[1] + reference[1], group[0] + reference[0]
    return Estimate(value, low, high, level, n, events, method, sources, interval)


def _newcombe(one: Estimate, other: Estimate) -> tuple[float, float]:
    """Return the interval of a difference, made from the Wilson intervals of both shares."""
    p, low_p, high_p = _numbers(one)
    q, low_q, high_q = _numbers(other)
    down = float(np.hypot(p - low_p, high_q - q))
    up = float(np.hypot(high_p - p, q - low_q))
    return p - q - down, p - q + up


def _numbers(share: Estimate) -> tuple[float, float, float]:
    assert share.value is not None  # noqa: S101  (shares of nobody are sorted out before)
    assert share.low is not None  # noqa: S101
    assert share.high is not None  # noqa: S101
    return share.value, share.low, share.high


def _wald(group: Counts, reference: Counts, level: float) -> tuple[float, float] | None:
    """Return the interval of a difference from the variances of both shares."""
    p, q = group[0] / group[1], reference[0] / reference[1]
    variance = p * (1 - p) / group[1] + q * (1 - q) / reference[1]
    if variance == 0:
        return None
    half = float(ndtri(0.5 + level / 2)) * variance**0.5
    return max(p - q - half, -1.0), min(p - q + half, 1.0)


def _around_log(value: float, variance: float, level: float) -> tuple[float, float]:
    """Return the interval of a ratio that is symmetric for its logarithm."""
    factor = float(np.exp(ndtri(0.5 + level / 2) * variance**0.5))
    return value / factor, value * factor


def _condition(
    a: int, n: int, c: int, m: int, level: float
) -> tuple[float | None, float | None, float | None]:
    """Return the odds ratio and its limits, given how many had the event in both groups.

    The events of the group then follow the noncentral hypergeometric distribution.
    """
    events = np.arange(max(0, a + c - m), min(n, a + c) + 1, dtype=np.float64)
    if events.size < 2:
        return None, None, None
    weights = _log_weights(events, n, a + c, m)
    tail = (1 - level) / 2

    def spread(log_ratio: float) -> FloatArray:
        weight = weights + events * log_ratio
        chance = np.exp(weight - weight.max())
        shares: FloatArray = chance / chance.sum()
        return shares

    at_least, at_most = events >= a, events <= a
    value: float | None = 0.0 if a == events[0] else None
    if events[0] < a < events[-1]:
        value = _solve(lambda x: float(spread(x) @ events) - a)
    low, high = 0.0, None
    if a > events[0]:
        low = _solve(lambda x: float(spread(x)[at_least].sum()) - tail)
    if a < events[-1]:
        high = _solve(lambda x: tail - float(spread(x)[at_most].sum()))
    return value, low, high


def _log_weights(events: FloatArray, n: int, total: int, m: int) -> FloatArray:
    """Return log(choose(n, k) choose(m, total - k)) for consecutive k, less that of the first."""
    k = events[:-1]
    steps = np.log((n - k) * (total - k)) - np.log((k + 1) * (m - total + k + 1))
    weights: FloatArray = np.concatenate([[0.0], np.cumsum(steps)])
    return weights


def _solve(rising: Callable[[float], float]) -> float:
    """Return exp(x) where a rising function of x is 0, by bisection to the last bit."""
    low, high = -1.0, 1.0
    while rising(low) > 0:
        low *= 2
    while rising(high) < 0:
        high *= 2
    while low < (middle := (low + high) / 2) < high:
        low, high = (low, middle) if rising(middle) > 0 else (middle, high)
    return float(np.exp(middle))
