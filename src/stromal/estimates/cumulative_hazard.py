"""Cumulative hazard of an event, or of one cause among several, by Nelson and Aalen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import ndtri

from stromal.estimates.times import name_entry, read_times

HAZARD_SOURCES = ("nelson1972", "aalen1978c")

_METHOD = "Nelson-Aalen, Poisson variance, log interval"


@dataclass(frozen=True, slots=True)
class CumulativeHazard:
    """The cumulative hazard of an event on each day.

    `table` has one row per day on which anything happened: `day` [d], `hazard` (expected events of
    a patient who stays at risk throughout), `error`, `low`, `high` (null where the hazard is 0),
    `at_risk`, `events`. `n` counts patients, `events` theirs.
    """

    table: pl.DataFrame
    n: int
    events: int
    method: str
    sources: tuple[str, ...]
    level: float
    interval: str = "log"
    never_at_risk: int = 0


def estimate_cumulative_hazard(
    outcomes: pl.DataFrame, event: int | None = None, level: float = 0.95
) -> CumulativeHazard:
    """Estimate the cumulative hazard of an event.

    Nelson-Aalen estimator. [nelson1972, aalen1978c] With `event` it is the cause-specific hazard:
    other causes end the time at risk, as a censoring does. It says how often the event comes among
    those who are free of every event, and not who will have had it: for that, ask for the
    cumulative incidence. Ratios of cause-specific hazards are those of a Cox regression of the
    cause.

    Parameters
    ----------
    outcomes
        One row per patient: `day` [d], `status` (0 censored, 1.. causes), and `entry_day` [d]
        where patients entered late.
    event
        Status that is the event; without it every status above 0 is.
    level
        Level of the interval, between 0 and 1.

    Returns
    -------
    CumulativeHazard
        Hazard on each day; the variance is the sum of events / at risk^2, the interval symmetric
        around the logarithm.

    Examples
    --------
    >>> outcomes = pl.DataFrame({"day": [10.0, 20.0, 20.0, 30.0], "status": [1, 2, 1, 0]})
    >>> found = estimate_cumulative_hazard(outcomes, event=1)
    >>> [round(hazard, 4) for hazard in found.table["hazard"]]
    [0.0, 0.25, 0.5833, 0.5833]

    Witness: R survival::survfit with ctype = 1, tests/reference/cumulative_hazard.
    """
    times = read_times(outcomes)
    happened = times.status > 0 if event is None else times.status == event
    events, at_risk = times.count(happened), times.at_risk
    whole = np.maximum(at_risk, 1).astype(np.float64)
    hazard = np.cumsum(events / whole)
    error = np.sqrt(np.cumsum(events / whole**2))
    there = hazard > 0
    reach = float(ndtri(0.5 + level / 2)) * np.divide(
        error, hazard, out=np.zeros_like(error), where=there
    )
    method, sources = name_entry(_METHOD, HAZARD_SOURCES, delayed=times.delayed)
    table = pl.DataFrame(
        {
            "day": times.days,
            "hazard": hazard,
            "error": error,
            "low": np.where(there, hazard * np.exp(-reach), np.nan),
            "high": np.where(there, hazard * np.exp(reach), np.nan),
            "at_risk": at_risk,
            "events": events,
        }
    ).with_columns(pl.col("low", "high").fill_nan(None))
    return CumulativeHazard(
        table,
        times.n,
        int(events.sum()),
        method,
        sources,
        level,
        never_at_risk=times.never_at_risk,
    )
