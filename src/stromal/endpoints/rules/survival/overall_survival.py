"""Overall survival: time from day 0 to death of any cause."""

from __future__ import annotations

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint
from stromal.endpoints.rules.survival.time_to_event import (
    DEATH,
    FollowedUntil,
    Words,
    derive_times,
    pick_occurrences,
    time_needs,
)
from stromal.tables.patients import Patients

_WORDS = Words(event="death")


class OverallSurvivalParameters(FollowedUntil):
    """The day [d] on which observation is closed, if any."""


def derive_overall_survival(
    patients: Patients, parameters: OverallSurvivalParameters
) -> pl.DataFrame:
    """Time to death of any cause, or to the end of follow-up.

    Examples
    --------
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1", "2"], "last_day": [50, 400]}),
    ...     events=pl.DataFrame({"subject": ["1"], "day": [50.0], "event": ["death"]}),
    ... )
    >>> derive_overall_survival(patients, OverallSurvivalParameters()).select(
    ...     "value", "status", "reason"
    ... ).rows()
    [(50.0, 1, 'death on day 50'),
     (400.0, 0, 'no death by the last day under observation, day 400')]
    """
    return derive_times(
        patients,
        pick_occurrences(patients, DEATH),
        _WORDS,
        read_criteria("time_to_event"),
        parameters.until_day,
    )


OVERALL_SURVIVAL: Endpoint[OverallSurvivalParameters] = Endpoint(
    name="overall_survival",
    title="Overall survival",
    kind="time",
    parameters=OverallSurvivalParameters,
    derive=derive_overall_survival,
    needs=lambda _: time_needs(*DEATH),
    criteria=lambda _: read_criteria("time_to_event"),
    labels=(_WORDS.event, _WORDS.censored),
)
