"""Courses of patients through states, made from the times of several endpoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from stromal.analyses.kind import Setting
from stromal.tables.outcomes import CENSORED, COMPETING, EVENT

_TYPES = {
    "subject": pl.String,
    "entry_day": pl.Float64,
    "day": pl.Float64,
    "state": pl.String,
    "into": pl.String,
}


@dataclass(frozen=True, slots=True)
class Stays:
    """Stays of patients in states, as `estimate_state_occupation` takes them.

    `unmatched` counts patients whose course ended by a competing event that is no state.
    """

    rows: pl.DataFrame
    unmatched: int


def read_stays(
    setting: Setting,
    people: pl.DataFrame,
    start: str,
    states: Mapping[str, str],
    final: Sequence[str],
) -> Stays:
    """Return the stays of patients in states.

    A patient moves into a state on the day of its endpoint's event; of several on one day into the
    last of them in the order of `states`. A final state ends the course. Observation ends with the
    first follow-up of a state that the patient has not entered. Patients of whom one of the times
    is not known are in no stay.

    Parameters
    ----------
    setting
        The cohort.
    people
        Patients: `subject`, and `entry_day` [d] from which they are observed, null for day 0.
    start
        Name of the state of the beginning.
    states
        Endpoint of each other state, by its name.
    final
        States that nobody leaves.

    Examples
    --------
    >>> from stromal.protocol.read import read_protocol
    >>> outcomes = pl.DataFrame({"subject": ["1", "1"], "endpoint": ["gvhd", "death"],
    ...     "day": [30.0, 90.0], "status": [1, 0]})
    >>> from stromal.tables.patients import Patients
    >>> setting = Setting(read_protocol("studies/itp-dose"), Patients.of(), outcomes)
    >>> people = pl.DataFrame({"subject": ["1"], "entry_day": [None]})
    >>> found = read_stays(setting, people, "well", {"GVHD": "gvhd", "dead": "death"}, ["dead"])
    >>> found.rows.drop("subject").rows()
    [(0.0, 30.0, 'well', 'GVHD'), (30.0, 90.0, 'GVHD', None)]
    """
    own = {
        name: {
            row["subject"]: (row["day"], row["status"])
            for row in setting.outcomes_of(endpoint)
            .select("subject", "day", "status")
            .iter_rows(named=True)
        }
        for name, endpoint in states.items()
    }
    rows: list[tuple[str, float, float, str, str | None]] = []
    unmatched = 0
    for subject, entry in people.select("subject", "entry_day").iter_rows():
        times = {name: own[name].get(subject, (None, None)) for name in states}
        if any(None in time for time in times.values()):
            continue
        stays, known = _follow(times, max(entry or 0.0, 0.0), start, final)
        unmatched += not known
        rows += [(subject, *stay) for stay in stays]
    return Stays(pl.DataFrame(rows, schema=_TYPES, orient="row"), unmatched)


def _follow(
    times: Mapping[str, tuple[float, int]], entry: float, start: str, final: Sequence[str]
) -> tuple[list[tuple[float, float, str, str | None]], bool]:
    """Return the stays of one patient, and whether the end of the course is a state or follow-up.

    Stays are entry, end, state and next state.
    """
    moves: dict[float, str] = {}
    for name, (day, status) in times.items():
        if status == EVENT:
            moves[day] = name
    # A competing event ends what is known of a state, unless it is itself a state.
    others = [day for day, status in times.values() if status == COMPETING and day not in moves]
    last = min(
        [day for day, status in times.values() if status == CENSORED or day in others],
        default=float("inf"),
    )
    state, begin = start, entry
    stays: list[tuple[float, float, str, str | None]] = []
    for day in sorted(moves):
        if day > last:
            break
        if day > entry:
            stays.append((begin, day, state, moves[day]))
            begin = day
        state = moves[day]
        if state in final:
            return stays, True
    if begin < last < float("inf"):
        stays.append((begin, last, state, None))
    return stays, last not in others
