"""Recorded events of a window, and how far the window was watched."""

from __future__ import annotations

import polars as pl
from pydantic import Field, model_validator

from stromal.endpoints.endpoint import Need, Parameters
from stromal.endpoints.records.watched import watch_window
from stromal.endpoints.records.words import window_words
from stromal.errors import join_words
from stromal.tables.events import EVENT_NAMES
from stromal.tables.patients import Patients
from stromal.tables.windows import Day, within


class NamedEventParameters(Parameters):
    """Which events, and the window.

    Parameters
    ----------
    events
        Names of events, such as `infection`; any of them counts.
    from_day
        First day [d], included.
    to_day
        Last day [d], included; none: the end of follow-up.
    """

    events: tuple[str, ...] = Field(min_length=1)
    from_day: Day = 0.0
    to_day: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> NamedEventParameters:
        if self.to_day is not None and self.to_day < self.from_day:
            raise ValueError("`to_day` is before `from_day`; give the later day as `to_day`")
        return self

    @property
    def what(self) -> str:
        """Name the events in words."""
        return join_words(map(label_event, self.events), "or")

    @property
    def window(self) -> str:
        """Write the days of the window."""
        return window_words(self.from_day, self.to_day)


def label_event(name: str) -> str:
    """Return what sentences call an event; of one that a study declares, its name in words.

    Examples
    --------
    >>> label_event("lung_injury"), label_event("skin_rash")
    ('lung injury', 'skin rash')
    """
    return EVENT_NAMES.get(name, name.replace("_", " "))


def count_events(patients: Patients, parameters: NamedEventParameters) -> pl.DataFrame:
    """Count the events of every patient in the window.

    Returns
    -------
    polars.DataFrame
        One row per subject, in order: the columns of `watch_window`, `number` of events, `first`
        [d], the day of the first, and `undated`, how many have no day.

    Examples
    --------
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1"], "last_day": [60.0]}),
    ...     events=pl.DataFrame({"subject": "1", "day": [2.0, 9.0], "event": "infection"}),
    ... )
    >>> parameters = NamedEventParameters(events=["infection"])
    >>> count_events(patients, parameters).select("number", "first", "undated").row(0)
    (2, 2.0, 0)
    """
    p = parameters
    own = patients.events.filter(pl.col("event").is_in(list(p.events)))
    inside = own.filter(pl.col("day").is_not_null(), within(p.from_day, p.to_day))
    rows = watch_window(patients, p.to_day)
    for frame in (
        inside.group_by("subject").agg(
            pl.len().cast(pl.Int64).alias("number"), pl.col("day").min().alias("first")
        ),
        own.filter(pl.col("day").is_null())
        .group_by("subject")
        .agg(pl.len().cast(pl.Int64).alias("undated")),
    ):
        rows = rows.join(frame, on="subject", how="left", maintain_order="left")
    return rows.with_columns(pl.col("number", "undated").fill_null(0))


def list_needs(parameters: NamedEventParameters) -> tuple[Need, ...]:
    """Return what is read: the events, or the follow-up of those without."""
    return (Need("events", (*parameters.events, "last_follow_up")),)
