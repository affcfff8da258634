"""Non-relapse mortality: time from day 0 to death without relapse, relapse competing."""

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

_WORDS = Words(event="death without relapse", competing="relapse")


def derive_non_relapse_mortality(patients: Patients, parameters: RelapseParameters) -> pl.DataFrame:
    """Time to death without relapse (status 1) or to relapse (status 2).

    Estimate it as cumulative incidence; one minus Kaplan-Meier is not the probability of death
    without relapse.

    Examples
    --------
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1", "2"], "last_day": [50, 80]}),
    ...     events=pl.DataFrame(
    ...         {"subject": ["1", "2", "2"], "day": [50, 80, 60],
    ...          "event": ["death", "death", "relapse"]}
    ...     ),
    ... )
    >>> derive_non_relapse_mortality(patients, RelapseParameters()).select(
    ...     "value", "status", "label"
    ... ).rows()
    [(50.0, 1, 'death without relapse'), (60.0, 2, 'relapse')]
    """
    return derive_times(
        patients,
        pick_occurrences(patients, DEATH, parameters.relapse),
        _WORDS,
        read_criteria("time_to_event"),
        parameters.until_day,
    )


NON_RELAPSE_MORTALITY: Endpoint[RelapseParameters] = Endpoint(
    name="non_relapse_mortality",
    title="Non-relapse mortality",
    kind="time",
    parameters=RelapseParameters,
    derive=derive_non_relapse_mortality,
    needs=lambda parameters: time_needs(*DEATH, *parameters.relapse),
    criteria=lambda _: read_criteria("time_to_event"),
    labels=(_WORDS.event, _WORDS.competing, _WORDS.censored),
)
