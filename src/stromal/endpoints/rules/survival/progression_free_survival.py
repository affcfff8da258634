"""Progression-free survival: time from day 0 to relapse, progression or death."""

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

_WORDS = Words(event="relapse, progression or death")


def derive_progression_free_survival(
    patients: Patients, parameters: RelapseParameters
) -> pl.DataFrame:
    """Time to relapse, progression or death, whichever is first; the reason says which.

    Examples
    --------
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1"], "last_day": [200]}),
    ...     events=pl.DataFrame(
    ...         {"subject": ["1", "1"], "day": [200, 110], "event": ["death", "relapse"]}
    ...     ),
    ... )
    >>> derive_progression_free_survival(patients, RelapseParameters()).select(
    ...     "value", "status", "reason"
    ... ).rows()
    [(110.0, 1, 'relapse on day 110')]
    """
    return derive_times(
        patients,
        pick_occurrences(patients, (*parameters.relapse, *DEATH)),
        _WORDS,
        read_criteria("time_to_event"),
        parameters.until_day,
    )


PROGRESSION_FREE_SURVIVAL: Endpoint[RelapseParameters] = Endpoint(
    name="progression_free_survival",
    title="Progression-free survival",
    kind="time",
    parameters=RelapseParameters,
    derive=derive_progression_free_survival,
    needs=lambda parameters: time_needs(*parameters.relapse, *DEATH),
    criteria=lambda _: read_criteria("time_to_event"),
    labels=(_WORDS.event, _WORDS.censored),
)
