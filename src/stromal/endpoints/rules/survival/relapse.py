"""Relapse: time from day 0 to relapse or progression, death without it competing."""

from __future__ import annotations

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint
from stromal.endpoints.rules.survival.time_to_event import (
    DEATH,
    RelapseParameters,
    Words,
    derive_times,
    pick_occurrences,
    time_needs,
)
from stromal.tables.patients import Patients

_WORDS = Words(event="relapse", competing="death without relapse")


def derive_relapse(patients: Patients, parameters: RelapseParameters) -> pl.DataFrame:
    """Time to relapse (status 1) or to death without relapse (status 2).

    Estimate it as cumulative incidence; one minus Kaplan-Meier is not the probability of relapse.

    Examples
    --------
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1", "2"], "last_day": [50, 80]}),
    ...     events=pl.DataFrame(
    ...         {"subject": ["1", "2", "2"], "day": [50, 80, 80],
    ...          "event": ["death", "death", "relapse"]}
    ...     ),
    ... )
    >>> derive_relapse(patients, RelapseParameters()).select("value", "status", "label").rows()
    [(50.0, 2, 'death without relapse'), (80.0, 1, 'relapse')]
    """
    return derive_times(
        patients,
        pick_occurrences(patients, parameters.relapse, DEATH),
        _WORDS,
        read_criteria("time_to_event"),
        parameters.until_day,
    )


RELAPSE: Endpoint[RelapseParameters] = Endpoint(
    name="relapse",
    title="Relapse",
    kind="time",
    parameters=RelapseParameters,
    derive=derive_relapse,
    needs=lambda parameters: time_needs(*parameters.relapse, *DEATH),
    criteria=lambda _: read_criteria("time_to_event"),
    labels=(_WORDS.event, _WORDS.competing, _WORDS.censored),
)
