"""GVHD-free, relapse-free survival: time to severe GVHD, relapse or death."""

from __future__ import annotations

import polars as pl
from pydantic import Field

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint
from stromal.endpoints.rules.survival.time_to_event import (
    FollowedUntil,
    Words,
    derive_times,
    pick_occurrences,
    time_needs,
)
from stromal.tables.patients import Patients

_CRITERIA = read_criteria("grfs_holtan_2015")
_WORDS = Words(event="GVHD, relapse or death")


class GvhdFreeRelapseFreeSurvivalParameters(FollowedUntil):
    """Events that end it, and the day on which observation is closed.

    Parameters
    ----------
    events
        Names of the events that end it, death among them.
    until_day
        Day [d] on which observation is closed: one year, as published; a later one counts later
        events too.
    """

    events: tuple[str, ...] = Field(tuple(_CRITERIA.rules["events"]), min_length=1)
    until_day: float | None = Field(_CRITERIA.rules["until_day"], gt=0, allow_inf_nan=False)


def derive_gvhd_free_relapse_free_survival(
    patients: Patients, parameters: GvhdFreeRelapseFreeSurvivalParameters
) -> pl.DataFrame:
    """Time to severe GVHD, relapse or death within the first year; the reason says which.

    Severe is grade III-IV acute GVHD, or chronic GVHD with systemic treatment. [holtan2015]

    Examples
    --------
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1", "2"], "last_day": [500, 500]}),
    ...     events=pl.DataFrame(
    ...         {"subject": ["1", "2"], "day": [34, 420],
    ...          "event": ["acute_gvhd_grade_3_4", "relapse"]}
    ...     ),
    ... )
    >>> derive_gvhd_free_relapse_free_survival(
    ...     patients, GvhdFreeRelapseFreeSurvivalParameters()
    ... ).select("value", "status", "reason").rows()
    [(34.0, 1, 'grade III-IV acute GVHD on day 34'),
     (365.0, 0, 'no GVHD, relapse or death until day 365')]
    """
    return derive_times(
        patients,
        pick_occurrences(patients, parameters.events),
        _WORDS,
        _CRITERIA,
        parameters.until_day,
    )


GVHD_FREE_RELAPSE_FREE_SURVIVAL: Endpoint[GvhdFreeRelapseFreeSurvivalParameters] = Endpoint(
    name="gvhd_free_relapse_free_survival",
    title="GVHD-free, relapse-free survival",
    kind="time",
    parameters=GvhdFreeRelapseFreeSurvivalParameters,
    derive=derive_gvhd_free_relapse_free_survival,
    needs=lambda parameters: time_needs(*parameters.events),
    criteria=lambda _: _CRITERIA,
    labels=(_WORDS.event, _WORDS.censored),
)
