"""Cumulative incidence of one cause while others compete."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import polars as pl

from stromal.errors import UnknownCause
from stromal.estimates.estimate import Estimate
from stromal.estimates.intervals import (
    CURVE_INTERVAL_SOURCES,
    CurveInterval,
    FloatArray,
    estimate_curve_interval,
)
from stromal.estimates.times import (
    IntArray,
    curve_table,
    name_entry,
    read_off,
    read_times,
    share_at_risk,
)
from stromal.tables.curve import Curve

INCIDENCE_SOURCES = ("aalen1978", "aalen1978b")

_ESTIMATOR = "Aalen-Johansen"


def estimate_cumulative_incidence(
    outcomes: pl.DataFrame,
    cause: int = 1,
    level: float = 0.95,
    *,
    causes: Collection[int] = (),
    interval: CurveInterval = "log-log",
) -> Curve:
    """Estimate the probability that `cause` has happened by day t, other causes competing.

    Aalen-Johansen estimator; ties are kept, never jittered. The variance is Aalen's, in which the
    causes are independent and each has its hypergeometric variance. [aalen1978, aalen1978b,
    borgan1990] Patients who came under observation late are at risk from then on. [tsai1987] Where
    all who are at risk have an event, no incidence grows any more, even if others enter later.

    Parameters
    ----------
    outcomes
        One row per patient: `day` [d], `status` (0 censored, 1.. causes), and `entry_day` [d]
        where patients entered late. Patients without a day or a status are left out, and so are
        those who are never at risk; `n` of the curve counts those who stay.
    cause
        One of the statuses that occur.
    level
        Level of the interval, between 0 and 1.
    causes
        Causes known to be possible; one of them may be absent from `outcomes`, and its incidence
        is then 0.
    interval
        Scale on which the interval is symmetric: log-log, log or plain.

    Returns
    -------
    Curve
        `day` [d], `probability` [1], `low`, `high` (null where the probability is 0 or 1),
        `at_risk`, `events` (of the cause), `censored`, `entered`; one row per day on which anything
        happened, from day 0; no rows without patients.

    Raises
    ------
    UnknownCause
        `cause` never occurs in `outcomes` and is not among `causes`.

    Examples
    --------
    >>> outcomes = pl.DataFrame({"day": [10.0, 20.0, 20.0, 30.0], "status": [1, 2, 0, 1]})
    >>> estimate_cumulative_incidence(outcomes).table["probability"].to_list()
    [0.0, 0.25, 0.25, 0.75]

    Witness: R cmprsk::cuminc and, for late entries, survival::survfit of several states,
    tests/reference/cumulative_incidence.
    """
    times = read_times(outcomes)
    if cause < 1 or (cause not in causes and not (times.status == cause).any()):
        raise UnknownCause(f"cause {cause} never occurs in the outcomes")
    events = times.count(times.status == cause)
    others = times.count((times.status > 0) & (times.status != cause))
    at_risk = times.at_risk
    before = _before(np.cumprod(1 - share_at_risk(events + others, at_risk), dtype=np.float64))
    incidence = np.cumsum(before * share_at_risk(events, at_risk))
    variance = _aalen_variance(incidence, before, at_risk, events, others)
    error = np.sqrt(variance) / np.where(incidence > 0, incidence, 1.0)
    # A sum that is 1 may miss it by a hair on either side.
    probability = np.where(incidence > 1 - 1e-12, 1.0, incidence)
    limits = estimate_curve_interval(probability, error, level, interval)
    method, sources = name_entry(
        f"{_ESTIMATOR}, Aalen variance, {interval} interval",
        (*INCIDENCE_SOURCES, *CURVE_INTERVAL_SOURCES[interval]),
        delayed=times.delayed,
    )
    return Curve(
        curve_table(times, probability, limits, events),
        method,
        level,
        times.n,
        estimator=_ESTIMATOR,
        interval=interval,
        sources=sources,
        never_at_risk=times.never_at_risk,
    )


def incidence_at(curve: Curve, day: float) -> Estimate:
    """Return the cumulative incidence by a day, with its interval.

    Null after the last day of follow-up unless everybody has had an event by then.

    Parameters
    ----------
    curve
        As `estimate_cumulative_incidence` gives it.
    day
        Day [d] from day 0.

    Returns
    -------
    Estimate
        Probability that the event has happened by the end of that day.

    Examples
    --------
    >>> outcomes = pl.DataFrame({"day": [10.0, 20.0, 20.0, 30.0], "status": [1, 2, 0, 1]})
    >>> incidence_at(estimate_cumulative_incidence(outcomes), 20).value
    0.25
    """
    return read_off(curve, day, 0.0)


def _before(survival: FloatArray) -> FloatArray:
    """Return a step function just before each of its days."""
    return np.concatenate([np.ones(min(1, survival.size)), survival[:-1]])


def _aalen_variance(
    incidence: FloatArray,
    before: FloatArray,
    at_risk: IntArray,
    events: IntArray,
    others: IntArray,
) -> FloatArray:
    """Return the variance of the incidence F on each day t.

    It is the sum over days u <= t of (S(u-) - g)^2 v(events) + g^2 v(others), where g is
    (F(t) - F(u)) n / (n - d) and v(k) = k (n - k) / ((n - 1) n^2), with n at risk and d leaving by
    any cause. It is multiplied out here so that one pass gives it for every t.
    """
    n = at_risk.astype(np.float64)
    all_events = events + others
    left = n - all_events
    # After a day on which nobody is left F does not grow: F(t) - F(u) is 0 from then on and the
    # weight does not matter.
    weight = np.divide(n, left, out=np.zeros(n.size), where=left > 0)
    own, rest = _spread(events, n), _spread(others, n)
    reach = before + incidence * weight
    squares = np.cumsum(reach**2 * own + (incidence * weight) ** 2 * rest)
    products = np.cumsum(reach * weight * own + incidence * weight**2 * rest)
    weights = np.cumsum(weight**2 * (own + rest))
    variance: FloatArray = np.maximum(
        squares - 2 * incidence * products + incidence**2 * weights, 0.0
    )
    return variance


def _spread(events: IntArray, n: FloatArray) -> FloatArray:
    """Return the variance of events / n: hypergeometric, and 1 / n^2 for one event of any n."""
    shrink = np.divide(n - events, n - 1, out=np.ones(n.size), where=n > 1)
    return np.divide(events * shrink, n**2, out=np.zeros(n.size), where=n > 0)
