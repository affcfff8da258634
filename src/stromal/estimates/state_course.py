"""Courses of patients through states, and the probabilities that follow from them day by day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from stromal.estimates.group_comparison import code_groups
from stromal.estimates.intervals import FloatArray
from stromal.estimates.times import IntArray, round_day

_LATE = "somebody came under observation after the start, so that nobody knows all states there"


@dataclass(frozen=True, slots=True)
class Courses:
    """Stays of patients in states, and where their probabilities begin.

    Shape (stays,): `patient`, `state`, `entry` and `end` [d], `into` the next state or -1. `first`
    is the state in which everybody begins; None is the shares of those under observation on
    `begun` [d]. `left_out` counts rows that cannot be used, `reason` says why nothing can be
    estimated.
    """

    patient: IntArray
    state: IntArray
    entry: FloatArray
    end: FloatArray
    into: IntArray
    states: tuple[str, ...]
    begun: float
    first: int | None
    left_out: int = 0
    reason: str = ""

    @property
    def n(self) -> int:
        """Patients who were under observation after the start."""
        return int(np.unique(self.patient).size)

    @property
    def moves(self) -> int:
        """Transitions after the start."""
        return int((self.into >= 0).sum())


@dataclass(frozen=True, slots=True)
class StateDay:
    """Probabilities after a day, shape (states,), and what each patient adds, (patients, states).

    `at_risk` counts patients in each state just before the day, `entered` those who moved into it.
    """

    day: float
    probability: FloatArray
    influence: FloatArray
    at_risk: IntArray
    entered: IntArray


def read_courses(stays: pl.DataFrame, start_day: float = 0.0, start: str | None = None) -> Courses:
    """Read the stays of patients in states, and find what contradicts itself.

    Parameters
    ----------
    stays, start_day, start
        As for `estimate_state_occupation`.

    Examples
    --------
    >>> stays = pl.DataFrame({"subject": [1, 1], "entry_day": [0.0, 4], "day": [4.0, 9],
    ...     "state": ["well", "ill"], "into": ["ill", None]})
    >>> found = read_courses(stays)
    >>> found.states, found.n, found.moves
    (('ill', 'well'), 1, 1)
    """
    begun = round_day(start_day)
    kept, left_out = _read_stays(stays, begun)
    coded = code_groups(pl.concat([kept["state"], kept["into"]]).cast(pl.String))
    size = kept.height
    entry = kept["entry_day"].to_numpy()
    reason = _find_contradiction(kept)
    if not size:
        reason = "nobody was under observation after the start"
    elif reason:
        pass
    elif start is not None and start not in coded.names:
        reason = f"nobody was ever in state {start}"
    elif start is None and not (entry <= begun).any():
        reason = _LATE
    known = start is not None and start in coded.names
    return Courses(
        code_groups(kept["subject"]).member,
        coded.member[:size],
        entry,
        kept["day"].to_numpy(),
        coded.member[size:],
        coded.names,
        begun,
        coded.names.index(str(start)) if known else None,
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


def follow_states(courses: Courses, *, sampled: bool = False) -> Iterator[StateDay]:
    """Yield the probabilities of all states after each day on which anybody moved or left.

    With H the matrix of one day's transitions, p becomes p H, and the influence U of a patient
    becomes U H + p dH, where dH is what the patient adds to H: in the row of the state that the
    patient was in, (where to - H) / n.

    Parameters
    ----------
    courses
        Courses without a reason against them.
    sampled
        Whether the shares of the start are those of a sample, so that patients have an influence on
        them too; else they are taken as they are.

    Examples
    --------
    >>> stays = pl.DataFrame({"subject": [1, 2], "entry_day": [0.0, 0], "day": [4.0, 9],
    ...     "state": ["well", "well"], "into": ["ill", None]})
    >>> [found.probability.tolist() for found in follow_states(read_courses(stays))]
    [[0.0, 1.0], [0.5, 0.5], [0.5, 0.5]]
    """
    size = len(courses.states)
    here = courses.entry <= courses.begun
    days = np.unique(np.concatenate([[courses.begun], courses.end]))
    influence = np.zeros((int(courses.patient.max()) + 1, size))
    p = np.zeros(size)
    if courses.first is None:
        p = np.bincount(courses.state[here], minlength=size) / np.count_nonzero(here)
    else:
        p[courses.first] = 1.0
    if sampled and courses.first is None:
        own = np.eye(size)[courses.state[here]] - p
        influence[courses.patient[here]] += own / np.count_nonzero(here)
    for place, day in enumerate(days):
        risk = np.flatnonzero((courses.entry < day) & (courses.end >= day))
        if not place:
            risk = np.flatnonzero(here)
        at_risk = np.bincount(courses.state[risk], minlength=size)
        into = np.where(courses.end[risk] == day, courses.into[risk], -1)
        moved = np.zeros(size, np.int64)
        if place and (into >= 0).any():
            state = courses.state[risk]
            to = np.where(into >= 0, into, state)
            moved = np.bincount(into[into >= 0], minlength=size)
            matrix = np.eye(size)
            there = at_risk > 0
            counts = np.bincount(state * size + to, minlength=size**2).reshape(size, size)
            matrix[there] = counts[there] / at_risk[there, None]
            influence = influence @ matrix
            share = (p / np.maximum(at_risk, 1))[state]
            influence[courses.patient[risk]] += share[:, None] * (np.eye(size)[to] - matrix[state])
            p = p @ matrix
        yield StateDay(float(day), p, influence.copy(), at_risk, moved)
