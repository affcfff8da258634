"""Probabilities of being in each of several states, by Aalen and Johansen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from stromal.estimates.group_comparison import code_groups
from stromal.estimates.intervals import (
    CURVE_INTERVAL_SOURCES,
    CurveInterval,
    FloatArray,
    estimate_curve_interval,
)
from stromal.estimates.times import IntArray, round_day

OCCUPATION_SOURCES = ("aalen1978b", "andersen1993")

_METHOD = "Aalen-Johansen, infinitesimal jackknife variance"
_LATE = "somebody came under observation after the start, so that nobody knows all states there"


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


@dataclass(frozen=True, slots=True)
class _Stays:
    """Stays in states, shape (stays,): patient, state, entry and end [d], next state or -1."""

    patient: IntArray
    state: IntArray
    entry: FloatArray
    end: FloatArray
    into: IntArray


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
    begun = round_day(start_day)
    kept, left_out = _read_stays(stays, begun)
    both = pl.concat([kept["state"], kept["into"]]).cast(pl.String)
    coded = code_groups(both)
    size = kept.height
    states = coded.names
    read = _Stays(
        code_groups(kept["subject"]).member,
        coded.member[:size],
        kept["entry_day"].to_numpy(),
        kept["day"].to_numpy(),
        coded.member[size:],
    )
    reason = _find_contradiction(kept)
    if not size:
        reason = "nobody was under observation after the start"
    elif reason:
        pass
    elif start is not None and start not in states:
        reason = f"nobody was ever in state {start}"
    elif start is None and not (read.entry <= begun).any():
        reason = _LATE
    method = f"{_METHOD}, {interval} interval"
    rows = _no_rows()
    if not reason:
        first = None if start is None else states.index(start)
        rows = _tabulate(read, states, begun, first, level, interval)
    return StateOccupation(
        rows,
        states,
        kept["subject"].n_unique(),
        int((read.into >= 0).sum()),
        f"{method}, from {start}" if start is not None else method,
        (*OCCUPATION_SOURCES, *CURVE_INTERVAL_SOURCES[interval]),
        level,
        interval,
        left_out,
        reason,
    )


def _read_stays(stays: pl.DataFrame, begun: float) -> tuple[pl.DataFrame, int]:
    """Return stays that reach beyond the start, in one order, and how many rows cannot be used."""
    days = pl.col("entry_day", "day").cast(pl.Float64).round_sig_figs(15)
    rows = stays.with_columns(days, pl.col("subject", "state", "into").cast(pl.String))
    rows = rows.with_columns(pl.col("entry_day").fill_null(-float("inf")))
    known = pl.col("subject").is_not_null() & pl.col("state").is_not_null()
    usable = known & pl.col("day").is_finite() & (pl.col("entry_day") < pl.col("day"))
    kept = rows.filter(usable.fill_null(value=False))
    order = ("subject", "entry_day", "day", "state", "into")
    return kept.filter(pl.col("day") > begun).sort(order), stays.height - kept.height


def _find_contradiction(stays: pl.DataFrame) -> str:
    """Return why the stays of some patient cannot all be true; empty where they can."""
    after = stays.shift(-1)
    told = stays.with_columns(
        same=stays["subject"] == after["subject"],
        next_entry=after["entry_day"],
        next_state=after["state"],
    ).filter(pl.col("same").fill_null(value=False) & (pl.col("next_entry") <= pl.col("day")))
    for row in told.iter_rows(named=True):
        who = f"patient {row['subject']}"
        if row["next_entry"] < row["day"]:
            return f"{who} is in two states at once on day {row['next_entry']:g}"
        if row["next_state"] != (row["into"] or row["state"]):
            moved = row["into"] or row["state"]
            return f"{who} is in {moved} and in {row['next_state']} on day {row['day']:g}"
    return ""


def _tabulate(
    stays: _Stays,
    states: tuple[str, ...],
    begun: float,
    first: int | None,
    level: float,
    interval: CurveInterval,
) -> pl.DataFrame:
    """Return the table of probabilities."""
    days, probability, error, at_risk, moved = _run(stays, len(states), begun, first)
    relative = np.divide(error, probability, out=np.zeros_like(error), where=probability > 0)
    flat = np.where(probability > 1 - 1e-12, 1.0, probability).ravel()
    low, high = estimate_curve_interval(flat, relative.ravel(), level, interval)
    size = len(states)
    return pl.DataFrame(
        {
            "day": np.repeat(days, size),
            "state": list(states) * days.size,
            "probability": flat,
            "error": error.ravel(),
            "low": low,
            "high": high,
            "at_risk": at_risk.ravel(),
            "entered": moved.ravel(),
        }
    ).with_columns(pl.col("low", "high").fill_nan(None))


def _run(
    stays: _Stays, size: int, begun: float, first: int | None
) -> tuple[FloatArray, FloatArray, FloatArray, IntArray, IntArray]:
    """Return days, and probabilities, errors, patients at risk and entries (days, states).

    With H the matrix of one day's transitions, p becomes p H, and the influence U of a patient
    becomes U H + p dH, where dH is what the patient adds to H: in the row of the state that the
    patient was in, (where to - H) / n.
    """
    here = stays.entry <= begun
    days = np.unique(np.concatenate([[begun], stays.end]))
    patients = int(stays.patient.max()) + 1
    influence = np.zeros((patients, size))
    p = np.zeros(size)
    if first is None:
        p = np.bincount(stays.state[here], minlength=size) / np.count_nonzero(here)
    else:
        p[first] = 1.0
    shape = (days.size, size)
    probability, error = np.zeros(shape), np.zeros(shape)
    at_risk, moved = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for place, day in enumerate(days):
        risk = np.flatnonzero((stays.entry < day) & (stays.end >= day))
        if not place:
            risk = np.flatnonzero(here)
        at_risk[place] = np.bincount(stays.state[risk], minlength=size)
        into = np.where(stays.end[risk] == day, stays.into[risk], -1)
        if place and (into >= 0).any():
            state = stays.state[risk]
            to = np.where(into >= 0, into, state)
            moved[place] = np.bincount(into[into >= 0], minlength=size)
            matrix = np.eye(size)
            there = at_risk[place] > 0
            counts = np.bincount(state * size + to, minlength=size**2).reshape(size, size)
            matrix[there] = counts[there] / at_risk[place][there, None]
            influence = influence @ matrix
            share = (p / np.maximum(at_risk[place], 1))[state]
            influence[stays.patient[risk]] += share[:, None] * (np.eye(size)[to] - matrix[state])
            p = p @ matrix
        probability[place] = p
        # Sums in order of size are the same for any order of the patients.
        error[place] = np.sqrt(np.sort(influence**2, axis=0).sum(axis=0))
    return days, probability, error, at_risk, moved


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
