"""Kaplan-Meier survival: the curve, its value on a day, and the median time."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl

from stromal.estimates.estimate import Estimate
from stromal.estimates.intervals import LOGLOG_SOURCES, FloatArray, estimate_loglog_interval
from stromal.estimates.times import curve_table, read_off, read_times
from stromal.tables.curve import Curve
from stromal.tables.outcomes import CENSORED

SURVIVAL_SOURCES = ("kaplan1958", "greenwood1926", *LOGLOG_SOURCES)
MEDIAN_TIME_SOURCES = ("kaplan1958", "brookmeyer1982")
FOLLOW_UP_SOURCES = (*MEDIAN_TIME_SOURCES, "schemper1996")

_METHOD = "Kaplan-Meier, Greenwood variance, log-log interval"
_MEDIAN_METHOD = "Kaplan-Meier median, interval from the log-log limits of the curve"
_FOLLOW_UP_METHOD = "reverse Kaplan-Meier median, interval from the log-log limits of the curve"


def estimate_survival(
    outcomes: pl.DataFrame, level: float = 0.95, event: int | None = None
) -> Curve:
    """Probability of being free of the event by day t.

    Kaplan-Meier estimator, Greenwood variance. [kaplan1958, greenwood1926, borgan1990]

    Parameters
    ----------
    outcomes
        One row per patient: `day` [d], `status` (0 censored, 1.. causes). Patients without a day
        or a status are left out; `n` of the curve counts those who stay.
    level
        Level of the interval, between 0 and 1.
    event
        Status that is the event; others are then censored. Without it every status above 0 is.

    Returns
    -------
    Curve
        `day` [d], `probability` [1], `low`, `high` (log-log; null where the probability is 0 or 1),
        `at_risk`, `events`, `censored`; one row per day with an event or a censoring, from day 0;
        no rows without patients.

    Examples
    --------
    >>> outcomes = pl.DataFrame({"day": [10.0, 20.0, 20.0, 30.0], "status": [1, 1, 0, 0]})
    >>> curve = estimate_survival(outcomes)
    >>> curve.table["probability"].to_list()
    [1.0, 0.75, 0.5, 0.5]

    Witness: R survival::survfit, tests/reference/kaplan_meier.
    """
    times = read_times(outcomes)
    happened = times.status > 0 if event is None else times.status == event
    events, at_risk = times.count(happened), times.at_risk
    probability: FloatArray = np.cumprod(1 - events / at_risk, dtype=np.float64)
    surviving = at_risk - events
    # Where all who are at risk have the event the curve is 0 and needs no variance.
    growth = np.divide(
        events,
        at_risk * surviving.astype(np.float64),
        out=np.zeros(events.size),
        where=surviving > 0,
    )
    interval = estimate_loglog_interval(probability, np.sqrt(np.cumsum(growth)), level)
    table = curve_table(times, probability, interval, events)
    if event is not None:
        table = table.with_columns(pl.Series("censored", times.count(~happened)))
    return Curve(table, _METHOD, level, times.n)


def survival_at(curve: Curve, day: float) -> Estimate:
    """Survival probability on a day, with its interval.

    Null after the last day of follow-up unless the curve has come down to 0 by then: nobody was
    watched for so long.

    Examples
    --------
    >>> curve = estimate_survival(pl.DataFrame({"day": [10.0, 20.0], "status": [1, 0]}))
    >>> survival_at(curve, 15).value, survival_at(curve, 21).value
    (0.5, None)
    """
    settled = Estimate(
        None, level=curve.level, n=curve.n, method=curve.method, sources=SURVIVAL_SOURCES
    )
    return read_off(curve.table, day, 1.0, settled)


def median_time(curve: Curve) -> Estimate:
    """Median time to the event [d], with the interval read from the limits of the curve.

    The first day on which the curve is below one half; where it runs exactly at one half for some
    days, the middle of them. The ends of the interval are the same days of the lower and the upper
    limit. [brookmeyer1982] None where the curve stays above one half.

    Examples
    --------
    >>> outcomes = pl.DataFrame({"day": [10.0, 20.0, 30.0, 40.0], "status": [1, 1, 1, 0]})
    >>> median_time(estimate_survival(outcomes)).value
    25.0

    Witness: R survival::quantile.survfit, tests/reference/kaplan_meier.
    """
    table = curve.table
    day = table["day"].to_numpy()
    value, low, high = (
        _crossing(day, table[name].cast(pl.Float64).fill_null(math.nan).to_numpy())
        for name in ("probability", "low", "high")
    )
    return Estimate(
        value,
        low,
        high,
        curve.level,
        curve.n,
        int(table["events"].sum()),
        _MEDIAN_METHOD,
        MEDIAN_TIME_SOURCES,
    )


def median_follow_up(outcomes: pl.DataFrame, level: float = 0.95) -> Estimate:
    """Median follow-up [d] by the reverse Kaplan-Meier method.

    Being censored is the event, and an event ends the wait for it: the time that half of the
    patients would have been followed if none had had an event. [schemper1996] None where fewer than
    half would have left.

    Parameters
    ----------
    outcomes
        One row per patient: `day` [d], `status` (0 censored, 1.. causes).
    level
        Level of the interval, between 0 and 1.

    Returns
    -------
    Estimate
        The day, with the interval of a median time; `events` counts the censored patients.

    Examples
    --------
    >>> outcomes = pl.DataFrame({"day": [5.0, 8.0, 9.0], "status": [1, 0, 0]})
    >>> median_follow_up(outcomes).value
    8.5

    Witness: R survival::survfit of the censoring, tests/reference/kaplan_meier.
    """
    median = median_time(estimate_survival(outcomes, level, event=CENSORED))
    return replace(median, method=_FOLLOW_UP_METHOD, sources=FOLLOW_UP_SOURCES)


def _crossing(day: FloatArray, probability: FloatArray) -> float | None:
    """Day on which a falling step function passes one half; nan values pass nothing."""
    # One half is often reached by rounding only: 1 - 1/3 - 1/6 is not exactly 0.5.
    tolerance = math.sqrt(np.finfo(np.float64).eps)
    reached = np.flatnonzero(probability <= 0.5 + tolerance)
    if not reached.size:
        return None
    first = reached[0]
    if probability[first] < 0.5 - tolerance:
        return float(day[first])
    passed = np.flatnonzero(probability < 0.5 - tolerance)
    end = passed[0] if passed.size else day.size - 1
    return float((day[first] + day[end]) / 2)
