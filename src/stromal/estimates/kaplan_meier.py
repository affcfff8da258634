"""Kaplan-Meier survival: the curve, its value on a day, and the median time."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from stromal.estimates.estimate import Estimate
from stromal.estimates.intervals import (
    CURVE_INTERVAL_SOURCES,
    CurveInterval,
    FloatArray,
    estimate_curve_interval,
)
from stromal.estimates.times import (
    ENTRY_SOURCES,
    IntArray,
    Times,
    curve_table,
    name_entry,
    read_off,
    read_times,
    share_at_risk,
)
from stromal.tables.curve import Curve
from stromal.tables.outcomes import CENSORED

SURVIVAL_SOURCES = ("kaplan1958", "greenwood1926")
MEDIAN_TIME_SOURCES = ("kaplan1958", "brookmeyer1982")
FOLLOW_UP_SOURCES = ("schemper1996",)

FollowUpTies = Literal["events-last", "events-first"]

_ESTIMATOR = "Kaplan-Meier"


def estimate_survival(
    outcomes: pl.DataFrame,
    level: float = 0.95,
    event: int | None = None,
    *,
    interval: CurveInterval = "log-log",
) -> Curve:
    """Estimate the probability of being free of the event by day t.

    Kaplan-Meier estimator, Greenwood variance. [kaplan1958, greenwood1926, borgan1990] Patients who
    came under observation late are at risk from then on, and the curve is that of patients who have
    come as far as the first of them. [tsai1987] Where all who are at risk have the event, the curve
    is 0 and stays 0, even if others enter later; where nobody is at risk for some days without such
    an event, it stays where it is. Few at risk early on make both a matter of chance.

    Parameters
    ----------
    outcomes
        One row per patient: `day` [d], `status` (0 censored, 1.. causes), and `entry_day` [d]
        where patients entered late. Patients without a day or a status are left out, and so are
        those who are never at risk; `n` of the curve counts those who stay.
    level
        Level of the interval, between 0 and 1.
    event
        Status that is the event; others are then censored. Without it every status above 0 is.
    interval
        Scale on which the interval is symmetric: log-log, log or plain.

    Returns
    -------
    Curve
        `day` [d], `probability` [1], `low`, `high` (null where the probability is 0 or 1),
        `at_risk`, `events`, `censored`, `entered`; one row per day with an event, a censoring or an
        entry, from day 0; no rows without patients.

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
    curve = _estimate_curve(times, happened, times.at_risk, level, interval)
    if event is None:
        return curve
    others = pl.Series("censored", times.count(~happened))
    return replace(curve, table=curve.table.with_columns(others))


def _estimate_curve(
    times: Times,
    happened: npt.NDArray[np.bool_],
    at_risk: IntArray,
    level: float,
    interval: CurveInterval,
) -> Curve:
    """Return the curve of an event with its interval."""
    events = times.count(happened)
    probability: FloatArray = np.cumprod(1 - share_at_risk(events, at_risk), dtype=np.float64)
    surviving = at_risk - events
    # Where all who are at risk have the event the curve is 0 from then on and needs no variance.
    growth = np.divide(
        events,
        at_risk * surviving.astype(np.float64),
        out=np.zeros(events.size),
        where=surviving > 0,
    )
    limits = estimate_curve_interval(probability, np.sqrt(np.cumsum(growth)), level, interval)
    method, sources = name_entry(
        f"{_ESTIMATOR}, Greenwood variance, {interval} interval",
        (*SURVIVAL_SOURCES, *CURVE_INTERVAL_SOURCES[interval]),
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


def survival_at(curve: Curve, day: float) -> Estimate:
    """Return the survival probability on a day, with its interval.

    Null after the last day of follow-up unless the curve has come down to 0 by then: nobody was
    watched for so long.

    Parameters
    ----------
    curve
        As `estimate_survival` gives it.
    day
        Day [d] from day 0.

    Returns
    -------
    Estimate
        Probability of no event by the end of that day.

    Examples
    --------
    >>> curve = estimate_survival(pl.DataFrame({"day": [10.0, 20.0], "status": [1, 0]}))
    >>> survival_at(curve, 15).value, survival_at(curve, 21).value
    (0.5, None)
    """
    return read_off(curve, day, 1.0)


def median_time(curve: Curve) -> Estimate:
    """Return the median time to the event [d], with the interval read from the curve's limits.

    The first day on which the curve is below one half; where it runs exactly at one half for some
    days, the middle of them. The ends of the interval are the same days of the lower and the upper
    limit. [brookmeyer1982] None where the curve stays above one half. A lower limit may rise again
    where late entries make the curve surer; its first day below one half counts.

    Parameters
    ----------
    curve
        As `estimate_survival` gives it.

    Returns
    -------
    Estimate
        Median [d]; an end of the interval is None where its limit stays above one half.

    Examples
    --------
    >>> outcomes = pl.DataFrame({"day": [10.0, 20.0, 30.0, 40.0], "status": [1, 1, 1, 0]})
    >>> median_time(estimate_survival(outcomes)).value
    25.0

    Witness: R survival::quantile.survfit and, for late entries, the table of
    survival::print.survfit, tests/reference/kaplan_meier.
    """
    return _median(curve, "", ())


def _median(curve: Curve, reverse: str, sources: tuple[str, ...]) -> Estimate:
    table = curve.table
    day = table["day"].to_numpy()
    value, low, high = (
        _crossing(day, table[name].cast(pl.Float64).fill_null(math.nan).to_numpy())
        for name in ("probability", "low", "high")
    )
    method, sources = name_entry(
        f"{reverse}{_ESTIMATOR} median, interval from the {curve.interval} limits of the curve",
        (*MEDIAN_TIME_SOURCES, *sources),
        delayed=set(ENTRY_SOURCES) <= set(curve.sources),
    )
    return Estimate(
        value,
        low,
        high,
        curve.level,
        curve.n,
        int(table["events"].sum()),
        method,
        sources,
        curve.interval or None,
        never_at_risk=curve.never_at_risk,
    )


def median_follow_up(
    outcomes: pl.DataFrame,
    level: float = 0.95,
    *,
    interval: CurveInterval = "log-log",
    ties: FollowUpTies = "events-last",
) -> Estimate:
    """Estimate the median follow-up [d] by the reverse Kaplan-Meier method.

    Being censored is the event, and an event ends the wait for it: the time that half of the
    patients would have been followed if none had had an event. [schemper1996] None where fewer than
    half would have left.

    Parameters
    ----------
    outcomes
        One row per patient: `day` [d], `status` (0 censored, 1.. causes), and `entry_day` [d]
        where patients entered late.
    level
        Level of the interval, between 0 and 1.
    interval
        Scale on which the limits of the curve are symmetric: log-log, log or plain.
    ties
        Which comes first on a day that has both: `events-last` keeps patients with an event at risk
        of being censored on that day, as R's survfit of the censoring does; with `events-first`
        they have left before, as on the Kaplan-Meier curve itself.

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
    times = read_times(outcomes)
    left = times.status == CENSORED
    first = times.count(~left) if ties == "events-first" else np.zeros(times.days.size, np.int64)
    curve = _estimate_curve(times, left, times.at_risk - first, level, interval)
    reverse = "reverse " if ties == "events-last" else "reverse (events first) "
    return _median(curve, reverse, FOLLOW_UP_SOURCES)


def _crossing(day: FloatArray, probability: FloatArray) -> float | None:
    """Return the day on which a falling step function passes one half; nan values pass nothing."""
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
