"""Named times: each is a row of `criteria/times.json` and needs no code of its own."""

from __future__ import annotations

from typing import Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator

from stromal.endpoints.criteria import Criteria, read_criteria
from stromal.endpoints.endpoint import Derive, Endpoint, Need, Statuses
from stromal.endpoints.records.occurrences import name_events, pick_occurrences
from stromal.endpoints.records.open_events import find_open_events
from stromal.endpoints.records.shown_events import derive_shown_events
from stromal.endpoints.records.stages import StageParameters
from stromal.endpoints.records.times import FollowedUntil, derive_times, time_needs
from stromal.tables.patients import Patients


class TimeParameters(FollowedUntil):
    """Which events are counted, which compete, and whether organ stages show any of them.

    Parameters
    ----------
    events
        Names of the events of which the first is counted, status 1.
    competing
        Names of the events after which it can no longer happen, status 2.
    stages
        Organ stages that show acute GVHD of a grade beside the recorded event, whichever is
        earlier: recorded stages, stages derived from signs, or none.
    unrecorded_signs
        A sign of stage 4 that nobody wrote down is missing, so that the event is open where the
        sign would show it, or absent; only for derived stages.
    """

    events: tuple[str, ...] = Field(min_length=1)
    competing: tuple[str, ...] = ()
    stages: Literal["recorded", "derived", "none"] = "recorded"
    unrecorded_signs: Literal["missing", "absent"] = "missing"

    @model_validator(mode="after")
    def _apart(self) -> TimeParameters:
        uses = (("competing event", self.competing), ("event that censors", self.censor_events))
        for use, names in uses:
            both = set(self.events) & set(names)
            if both:
                raise ValueError(f"{', '.join(sorted(both))} cannot be event and {use}")
        both = set(self.competing) & set(self.censor_events)
        if both:
            raise ValueError(f"{', '.join(sorted(both))} cannot both compete and censor")
        return self


class TimeRow(BaseModel):
    """A row of `criteria/times.json`: a time with a name of its own.

    Parameters
    ----------
    name, title, meaning
        Name of the rule, its title, and the sentences that document it.
    criteria
        The criteria file that says where the events were read.
    events, competing
        Names of events.
    event_label, competing_label, censored_label
        Names of the three statuses; empty: the names of the events.
    until_day
        Day [d] on which observation is closed unless the protocol says otherwise.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    meaning: str
    criteria: str
    events: tuple[str, ...] = Field(min_length=1)
    competing: tuple[str, ...] = ()
    event_label: str = ""
    competing_label: str = ""
    censored_label: str = "censored"
    until_day: float | None = None


def derive_time(
    patients: Patients,
    parameters: TimeParameters,
    statuses: Statuses,
    criteria: Criteria,
    *,
    reasons: bool = True,
) -> pl.DataFrame:
    """Derive the time to the first of the events that the parameters name.

    Examples
    --------
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1", "2"], "last_day": [50, 400]}),
    ...     events=pl.DataFrame({"subject": ["1"], "day": [50.0], "event": ["death"]}),
    ... )
    >>> parameters = TimeParameters(events=("death",))
    >>> derive_time(patients, parameters, Statuses("death"), read_criteria("time_to_event")).select(
    ...     "value", "status", "reason"
    ... ).rows()
    [(50.0, 1, 'death on day 50'),
     (400.0, 0, 'no death by the last day under observation, day 400')]
    """
    shown = open_ = None
    if parameters.stages != "none":
        read = StageParameters(
            stages=parameters.stages, unrecorded_signs=parameters.unrecorded_signs
        )
        names = (*parameters.events, *parameters.competing)
        shown = derive_shown_events(patients, names, read)
        open_ = find_open_events(patients, names, read)
    return derive_times(
        patients,
        pick_occurrences(patients, parameters.events, parameters.competing, shown),
        statuses,
        criteria,
        parameters,
        open_,
        reasons=reasons,
    )


def event_needs(parameters: TimeParameters) -> tuple[Need, ...]:
    """Return what a time reads: its events, or the follow-up of those who had none."""
    return time_needs(*parameters.events, *parameters.competing)


def name_statuses(row: TimeRow, parameters: TimeParameters) -> Statuses:
    """Name the statuses of a time: as its row says, or by the names of the events."""
    competing = row.competing_label or name_events(parameters.competing)
    return Statuses(
        row.event_label or name_events(parameters.events),
        competing if parameters.competing else "",
        row.censored_label,
    )


def name_time(row: TimeRow) -> Endpoint[TimeParameters]:
    """Make the rule of a row.

    Examples
    --------
    >>> row = TimeRow(name="eye", title="Eye-free survival", meaning="Time to bleeding or death.",
    ...               criteria="time_to_event", events=("bleeding", "death"))
    >>> name_time(row).read_parameters({}).events
    ('bleeding', 'death')
    """
    defaults: dict[str, Any] = {
        "events": (tuple[str, ...], Field(row.events, min_length=1)),
        "competing": (tuple[str, ...], row.competing),
        "until_day": (float | None, Field(row.until_day, gt=0, allow_inf_nan=False)),
    }
    model: type[TimeParameters] = create_model(row.name, __base__=TimeParameters, **defaults)
    return Endpoint(
        name=row.name,
        title=row.title,
        kind="time",
        parameters=model,
        derive=_rule(row),
        needs=event_needs,
        criteria=lambda _: _criteria(row),
        statuses=lambda parameters: name_statuses(row, parameters),
    )


def read_times() -> tuple[Endpoint[TimeParameters], ...]:
    """Read the named times of the library, in the order of `criteria/times.json`."""
    rows = read_criteria("times").rules["times"]
    return tuple(name_time(TimeRow.model_validate(row)) for row in rows)


def _rule(row: TimeRow) -> Derive[TimeParameters]:
    def derive(
        patients: Patients, parameters: TimeParameters, /, *, reasons: bool = True
    ) -> pl.DataFrame:
        statuses = name_statuses(row, parameters)
        return derive_time(patients, parameters, statuses, _criteria(row), reasons=reasons)

    derive.__doc__ = row.meaning
    return derive


def _criteria(row: TimeRow) -> Criteria:
    """The criteria that a row names, with the row's own events and what stages show of them."""
    criteria, times = read_criteria(row.criteria), read_criteria("times")
    own = row.model_dump(mode="json", include={"events", "competing", "until_day"})
    shown = {
        name: rule for name, rule in times.rules["shown_by_stages"].items() if name in own["events"]
    }
    if not shown:
        return criteria.model_copy(update={"rules": criteria.rules | own})
    return criteria.model_copy(
        update={
            "rules": criteria.rules | own | {"shown_by_stages": shown},
            "choices": criteria.choices + times.choices,
        }
    )
