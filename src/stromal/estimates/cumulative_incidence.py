"""Cumulative incidence of one cause while others compete."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import polars as pl

from stromal.errors import UnknownCause
from stromal.estimates.estimate import Estimate
from stromal.estimates.intervals import LOGLOG_SOURCES, FloatArray, estimate_loglog_interval
from stromal.estimates.times import IntArray, curve_table, read_off, read_times
from stromal.tables.curve import Curve

INCIDENCE_SOURCES = ("aalen1978", "aalen1978b", *LOGLOG_SOURCES)

_METHOD = "Aalen-Johansen, Aalen variance, log-log interval"


def estimate_cumulative_incidence(
    outcomes: pl.DataFrame,
    cause: int = 1,
    level: float = 0.95,
    *,
    causes: Collection[int] = (),
) -> Curve:
    """Probability that `cause` has happened by day t, other causes competing.

    Aalen-Johansen estimator; ties are kept, never jittered. The variance is Aalen's, in which the
    causes are independent and each has its hypergeometric variance. [aalen1978, aalen1978b]

    Parameters
    ----------
    outcomes
        One row per patient: `day` [d], `status` (0 censored, 1.. causes). Patients without a day
        or a status are left out; `n` of the curve counts those who stay.
    cause
        One of the statuses that occur.
    level
        Level of the interval, between 0 and 1.
    causes
        Causes known to be possible; one of them may be absent from `outcomes`, and its incidence
        is then 0.

    Returns
    -------
    Curve
        `day` [d], `probability` [1], `low`, `high` (log-log; null where the probability is 0 or 1),
        `at_risk`, `events` (of the cause), `censored`; one row per day on which anything happened,
        from day 0; no rows without patients.

    Raises
    ------
    UnknownCause
        `cause` never occurs in `outcomes` and is not among `causes`.

    Examples
    --------
    >>> outcomes = pl.DataFrame({"day": [10.0, 20.0, 20.0, 30.0], "status": [1, 2, 0, 1]})
    >>> estimate_cumulative_incidence(outcomes).table["probability"].to_list()
    [0.0, 0.25, 0.25, 0.75]

    Witness: R cmprsk::cuminc, tests/reference/cumulative_incidence.
    """
    times = read_times(outcomes)
    if cause < 1 or (cause not in causes and not (times.status == cause).any()):
        raise UnknownCause(f"cause {cause} never occurs in the outcomes")
    events = times.count(times.status == cause)
    others = times.count((times.status > 0) & (times.status != cause))
    at_risk = times.at_risk
    before = _before(np.cumprod(1 - (events + others) / at_risk, dtype=np.float64))
    incidence = np.cumsum(before * events / at_risk)
    variance = _aalen_variance(incidence, before, at_risk, events, others)
    error = np.sqrt(variance) / np.where(incidence > 0, incidence, 1.0)
    # A sum that is 1 may miss it by a hair on either side.
    probability = np.where(incidence > 1 - 1e-12, 1.0, incidence)
    interval = estimate_loglog_interval(probability, error, level)
    return Curve(curve_table(times, probability, interval, events), _METHOD, level, times.n)


def incidence_at(curve: Curve, day: float) -> Estimate:
    """Cumulative incidence by a day, with its interval.

    Null after the last day of follow-up unless everybody has had an event by then.

    Examples
    --------
    >>> outcomes = pl.DataFrame({"day": [10.0, 20.0, 20.0, 30.0], "status": [1, 2, 0, 1]})
    >>> incidence_at(estimate_cumulative_incidence(outcomes), 20).value
    0.25
    """
    settled = Estimate(
        None, level=curve.level, n=curve.n, method=curve.method, sources=INCIDENCE_SOURCES
    )
    return read_off(curve.table, day, 0.0, settled)


def _before(survival: FloatArray) -> FloatArray:
    """A step function just before each of its days."""
    return np.concatenate([np.ones(min(1, survival.size)), survival[:-1]])


def _aalen_variance(
    incidence: FloatArray,
    before: FloatArray,
    at_risk: IntArray,
    events: IntArray,
    others: IntArray,
) -> FloatArray:
    """Variance of the incidence F on each day t.

    The sum over days u <= t of (S(u-) - g)^2 v(events) + g^2 v(others), where g is
    (F(t) - F(u)) n / (n - d) and v(k) = k (n - k) / ((n - 1) n^2), with n at risk and d leaving by
    any cause. It is multiplied out here so that one pass gives it for every t.
    """
    n = at_risk.astype(np.float64)
    all_events = events + others
    left = n - all_events
    # Nobody is left only on the last day, where F(t) - F(u) is 0 and the weight does not matter.
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
    """Hypergeometric variance of events / n; for one event it is 1 / n^2, also where n is 1."""
    shrink = np.divide(n - events, n - 1, out=np.ones(n.size), where=n > 1)
    return events * shrink / n**2
