"""Restricted mean survival time: the area under the Kaplan-Meier curve up to a day."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
from scipy.special import ndtr, ndtri

from stromal.estimates.estimate import Estimate
from stromal.estimates.intervals import FloatArray
from stromal.estimates.times import Times, name_entry, read_times, round_day, share_at_risk

RESTRICTED_MEAN_SOURCES = ("irwin1949", "royston2013")

_METHOD = "restricted mean survival time, Greenwood variance, Wald interval"
_DIFFERENCE = "difference of restricted mean survival times, Greenwood variance, Wald interval"


def estimate_restricted_mean(
    outcomes: pl.DataFrame, until: float, level: float = 0.95, event: int | None = None
) -> Estimate:
    """Estimate the mean time free of the event within the first `until` days [d].

    The area under the Kaplan-Meier curve from day 0 to `until`. [irwin1949, royston2013] It needs
    no proportional hazards. None where the last patient was censored before that day: nobody knows
    how the curve goes on.

    Parameters
    ----------
    outcomes
        One row per patient: `day` [d], `status` (0 censored, 1.. causes), and `entry_day` [d]
        where patients entered late.
    until
        Last day [d] of the time that is looked at.
    level
        Level of the interval, between 0 and 1.
    event
        Status that is the event; others are then censored. Without it every status above 0 is.

    Returns
    -------
    Estimate
        Days [d]; `events` counts those up to the day.

    Examples
    --------
    >>> outcomes = pl.DataFrame({"day": [10.0, 20.0, 30.0, 40.0], "status": [1, 1, 0, 0]})
    >>> estimate_restricted_mean(outcomes, 30).value
    22.5

    Witness: R survival::survfit with rmean, tests/reference/restricted_mean.
    """
    times = read_times(outcomes)
    found = _integrate(times, until, event)
    value, error, events = found
    reach = None if error is None else float(ndtri(0.5 + level / 2)) * error
    method, sources = name_entry(_METHOD, RESTRICTED_MEAN_SOURCES, delayed=times.delayed)
    return Estimate(
        value,
        None if value is None or reach is None else max(value - reach, 0.0),
        None if value is None or reach is None else min(value + reach, until),
        level,
        times.n,
        events,
        method,
        sources,
        "Wald",
        never_at_risk=times.never_at_risk,
    )


def compare_restricted_means(
    outcomes: pl.DataFrame,
    reference: pl.DataFrame,
    until: float,
    level: float = 0.95,
    event: int | None = None,
) -> tuple[Estimate, float | None]:
    """Estimate the difference of restricted means of two groups, and the P that there is none.

    Parameters
    ----------
    outcomes, reference
        The patients of each group, as for `estimate_restricted_mean`; the reference is taken away.
    until, level, event
        As for `estimate_restricted_mean`.

    Returns
    -------
    difference
        Days [d] gained.
    p_value
        P of the two-sided test that the difference is 0; None where there is no error.

    Examples
    --------
    >>> one = pl.DataFrame({"day": [10.0, 20.0, 30.0], "status": [1, 1, 0]})
    >>> other = pl.DataFrame({"day": [5.0, 10.0, 30.0], "status": [1, 1, 0]})
    >>> difference, p_value = compare_restricted_means(one, other, 30)
    >>> round(difference.value, 6), round(p_value, 3)
    (5.0, 0.522)

    Witness: R survival::survfit with rmean, tests/reference/restricted_mean.
    """
    both = [read_times(rows) for rows in (outcomes, reference)]
    (one, first, seen), (other, second, others) = (_integrate(each, until, event) for each in both)
    value = low = high = p_value = None
    if one is not None and other is not None:
        value = one - other
        if first is not None and second is not None:
            error = math.hypot(first, second)
            reach = float(ndtri(0.5 + level / 2)) * error
            low, high = value - reach, value + reach
            p_value = float(2 * ndtr(-abs(value) / error)) if error > 0 else None
    delayed = any(each.delayed for each in both)
    method, sources = name_entry(_DIFFERENCE, RESTRICTED_MEAN_SOURCES, delayed=delayed)
    found = Estimate(
        value,
        low,
        high,
        level,
        sum(each.n for each in both),
        seen + others,
        method,
        sources,
        "Wald",
        never_at_risk=sum(each.never_at_risk for each in both),
    )
    return found, p_value


def _integrate(
    times: Times, until: float, event: int | None
) -> tuple[float | None, float | None, int]:
    """Return the area under the curve, its standard error, and the events up to a day."""
    until = round_day(until)
    happened = times.status > 0 if event is None else times.status == event
    events, at_risk = times.count(happened), times.at_risk
    survival: FloatArray = np.cumprod(1 - share_at_risk(events, at_risk), dtype=np.float64)
    passed = times.days <= until
    counted = int(events[passed].sum())
    ended = not times.n or (times.days[-1] < until and survival[-1] > 0)
    if ended or until <= 0:
        return None, None, counted
    area = np.diff(np.append(times.days[passed], until)) * survival[passed]
    ahead = area[::-1].cumsum()[::-1]
    left = (at_risk - events)[passed]
    spread = np.divide(
        events[passed],
        at_risk[passed] * left.astype(np.float64),
        out=np.zeros(left.size),
        where=left > 0,
    )
    error = math.sqrt(float(np.sum(ahead**2 * spread)))
    return float(ahead[0]), error or None, counted
