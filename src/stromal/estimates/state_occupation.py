"""Probabilities of being in each of several states, by Aalen and Johansen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from stromal.estimates.intervals import (
    CURVE_INTERVAL_SOURCES,
    CurveInterval,
    estimate_curve_interval,
)
from stromal.estimates.state_course import Courses, follow_states, read_courses

OCCUPATION_SOURCES = ("aalen1978b", "andersen1993")

_METHOD = "Aalen-Johansen, infinitesimal jackknife variance"


@dataclass(frozen=True, slots=True)
class StateOccupation:
    """Probabilities of being in each state from a day on.

    `table` has one row per day and state: `day` [d], `state`, `probability` [1], `error`, `low`,
    `high` (null where the probability is 0 or 1), `at_risk` just before the day, `entered`
    transitions into the state on it. It is empty where nothing can be estimated, and `reason` says
    why. `n` counts patients, `events` transitions after the start; `left_out` counts rows whose day
    is not after their entry, or whose state at the beginning is not known.
    """

    table: pl.DataFrame
    states: tuple[str, ...]
    n: int
    events: int
    method: str
    sources: tuple[str, ...]
    level: float
    interval: str
    left_out: int = 0
    reason: str = ""


def estimate_state_occupation(
    stays: pl.DataFrame,
    *,
    start_day: float = 0.0,
    start: str | None = None,
    level: float = 0.95,
    interval: CurveInterval = "log-log",
) -> StateOccupation:
    """Estimate the probability of being in each state on each day.

    Aalen-Johansen estimator: the states of the start, times a matrix of transitions for each day on
    which anybody moved. [aalen1978b, andersen1993] It gives the shares of states whether or not the
    course so far matters. With `start`, everybody begins in that state: these are the transition
    probabilities from it, and hold if only the present state matters (Markov). The variance is that
    of the infinitesimal jackknife, with all stays of a patient together; shares of the start are
    taken as they are.

    Parameters
    ----------
    stays
        One row per stay of a patient in a state: `subject`, `entry_day` [d], `day` [d] (the end),
        `state`, and `into`, the state that the patient moved to, null where observation ended.
        Several rows tell a patient's course; states that nobody leaves may stand in `into` alone.
        A row that ends on or before its entry is left out, and counted.
    start_day
        Day [d] from which probabilities are taken.
    start
        State in which everybody begins; without it the shares of those under observation.
    level
        Level of the intervals, between 0 and 1.
    interval
        Scale on which the interval is symmetric: log-log, log or plain.

    Returns
    -------
    StateOccupation
        Days from `start_day` on; states in alphabetical order.

    Examples
    --------
    >>> stays = pl.DataFrame({"subject": [1, 1, 2, 3], "entry_day": [0.0, 4, 0, 0],
    ...     "day": [4.0, 9, 6, 8], "state": ["well", "ill", "well", "well"],
    ...     "into": ["ill", "dead", "dead", None]})
    >>> found = estimate_state_occupation(stays)
    >>> found.table.filter(pl.col("day") == 9).select("state", "probability").rows()
    [('dead', 0.6666666666666666), ('ill', 0.0), ('well', 0.3333333333333333)]

    Witness: R survival::survfit of several states, tests/reference/state_occupation.
    """
    courses = read_courses(stays, start_day, start)
    method = f"{_METHOD}, {interval} interval"
    return StateOccupation(
        _no_rows() if courses.reason else _tabulate(courses, level, interval),
        courses.states,
        courses.n,
        courses.moves,
        f"{method}, from {start}" if start is not None else method,
        (*OCCUPATION_SOURCES, *CURVE_INTERVAL_SOURCES[interval]),
        level,
        interval,
        courses.left_out,
        courses.reason,
    )


def _tabulate(courses: Courses, level: float, interval: CurveInterval) -> pl.DataFrame:
    """Return the table of probabilities."""
    steps = list(follow_states(courses))
    probability = np.stack([step.probability for step in steps])
    # Sums in order of size are the same for any order of the patients.
    squares = [np.sort(step.influence**2, axis=0).sum(axis=0) for step in steps]
    error = np.sqrt(np.stack(squares))
    relative = np.divide(error, probability, out=np.zeros_like(error), where=probability > 0)
    flat = np.where(probability > 1 - 1e-12, 1.0, probability).ravel()
    low, high = estimate_curve_interval(flat, relative.ravel(), level, interval)
    size = len(courses.states)
    return pl.DataFrame(
        {
            "day": np.repeat([step.day for step in steps], size),
            "state": list(courses.states) * len(steps),
            "probability": flat,
            "error": error.ravel(),
            "low": low,
            "high": high,
            "at_risk": np.concatenate([step.at_risk for step in steps]),
            "entered": np.concatenate([step.entered for step in steps]),
        }
    ).with_columns(pl.col("low", "high").fill_nan(None))


def _no_rows() -> pl.DataFrame:
    """Return a table without rows."""
    numbers = ("probability", "error", "low", "high")
    return pl.DataFrame(
        schema={
            "day": pl.Float64,
            "state": pl.String,
            **dict.fromkeys(numbers, pl.Float64),
            "at_risk": pl.Int64,
            "entered": pl.Int64,
        }
    )
