"""Time from day 0 to the first of the events that a protocol names, others competing."""

from __future__ import annotations

import polars as pl
from pydantic import Field

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Statuses
from stromal.endpoints.records.occurrences import name_events
from stromal.endpoints.rules.survival.times import TimeParameters, derive_time, event_needs
from stromal.tables.patients import Patients

CRITERIA = "time_to_event"


class TimeToEventParameters(TimeParameters):
    """Names of the three statuses.

    Parameters
    ----------
    event_label
        Name of status 1; empty: the names of the events.
    competing_label
        Name of status 2; empty: the names of the competing events.
    censored_label
        Name of status 0.
    """

    event_label: str = ""
    competing_label: str = ""
    censored_label: str = Field("censored", min_length=1)


def name_statuses(parameters: TimeToEventParameters) -> Statuses:
    """Name the statuses as given, or by the names of the events."""
    return Statuses(
        parameters.event_label or name_events(parameters.events),
        parameters.competing_label or name_events(parameters.competing),
        parameters.censored_label,
    )


def derive_time_to_event(
    patients: Patients, parameters: TimeToEventParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive the time to the first of the events named in the protocol.

    Examples
    --------
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1", "2"], "last_day": [90, 120]}),
    ...     events=pl.DataFrame({"subject": ["1"], "day": [30.0], "event": ["bleeding"]}),
    ... )
    >>> parameters = TimeToEventParameters(events=("bleeding",), competing=("death",))
    >>> derive_time_to_event(patients, parameters).select("value", "status", "label").rows()
    [(30.0, 1, 'bleeding'), (120.0, 0, 'censored')]
    """
    return derive_time(
        patients, parameters, name_statuses(parameters), read_criteria(CRITERIA), reasons=reasons
    )


TIME_TO_EVENT: Endpoint[TimeToEventParameters] = Endpoint(
    name="time_to_event",
    title="Time to the first of the named events",
    kind="time",
    parameters=TimeToEventParameters,
    derive=derive_time_to_event,
    needs=event_needs,
    criteria=CRITERIA,
    statuses=name_statuses,
)
