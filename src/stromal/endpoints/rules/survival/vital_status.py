"""Vital status: alive or dead, at last follow-up or on a day."""

from __future__ import annotations

import polars as pl
from pydantic import Field

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Parameters
from stromal.endpoints.records.follow_up import derive_follow_up
from stromal.endpoints.rules.survival.time_to_event import DEATH, name_day, time_needs
from stromal.tables.patients import Patients

_LABELS = ("dead", "alive")


class VitalStatusParameters(Parameters):
    """The day on which the status is wanted.

    Parameters
    ----------
    day
        Day [d] of the status; none: the end of follow-up.
    before
        Days [d] by which follow-up may end before `day` and still show that the patient was alive.
    after
        Changes nothing; it is there so that the window of a visit fits.
    """

    day: float | None = Field(None, ge=0, allow_inf_nan=False)
    before: float = Field(0.0, ge=0, allow_inf_nan=False)
    after: float = Field(0.0, ge=0, allow_inf_nan=False)


def derive_vital_status(patients: Patients, parameters: VitalStatusParameters) -> pl.DataFrame:
    """Whether each patient was dead (value 1) or alive (value 0).

    Nobody is called alive on a day that the follow-up does not reach.

    Examples
    --------
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1", "2"], "last_day": [50, 80]}),
    ...     events=pl.DataFrame({"subject": ["1"], "day": [50], "event": ["death"]}),
    ... )
    >>> derive_vital_status(patients, VitalStatusParameters(day=100)).select(
    ...     "label", "reason"
    ... ).rows()
    [('dead', 'death on day 50'),
     (None, 'alive on the last day under observation, day 80, not followed until day 100')]
    """
    died = patients.events.filter(pl.col("event").is_in(DEATH))
    deaths = died.group_by("subject").agg(
        pl.col("day").min().alias("death_day"), pl.len().alias("deaths")
    )
    rows = (
        derive_follow_up(patients)
        .join(deaths, on="subject", how="left", maintain_order="left")
        .with_columns(pl.col("deaths").is_not_null().alias("died"))
    )
    return _judge(rows, parameters)


def _judge(rows: pl.DataFrame, parameters: VitalStatusParameters) -> pl.DataFrame:
    wanted = pl.lit(parameters.day, pl.Float64)
    enough = None if parameters.day is None else parameters.day - parameters.before
    died, death_day, last_day = pl.col("died"), pl.col("death_day"), pl.col("last_day")
    at_end = wanted.is_null()
    dead = died & (at_end | (death_day <= wanted).fill_null(value=False))
    undated = died & death_day.is_null() & ~at_end
    outlived = died & (death_day > wanted).fill_null(value=False)
    reached = last_day.is_not_null() & (at_end | (last_day >= pl.lit(enough, pl.Float64)))
    alive = outlived | (~died & reached)
    death = (
        pl.when(death_day.is_null())
        .then(pl.lit("death recorded without a day"))
        .otherwise(pl.lit("death on day ") + name_day("death_day"))
    )
    contact = pl.lit("alive on the ") + pl.col("followed_by") + ", day " + name_day("last_day")
    short = f", not followed until day {enough:g}" if enough is not None else ""
    reason = (
        pl.when(died)
        .then(death)
        .when(last_day.is_null())
        .then(pl.lit("no follow-up is recorded"))
        .when(reached)
        .then(contact)
        .otherwise(contact + short)
    )
    known = (dead | alive) & ~undated
    value = pl.when(known).then(dead.cast(pl.Float64))
    label = pl.when(known & dead).then(pl.lit(_LABELS[0])).when(known).then(pl.lit(_LABELS[1]))
    day = (
        pl.when(at_end)
        .then(pl.when(died).then(death_day).otherwise(last_day))
        .otherwise(pl.when(dead).then(death_day).otherwise(wanted))
    )
    return rows.select(
        "subject",
        value.alias("value"),
        pl.lit(None, pl.String).alias("unit"),
        label.alias("label"),
        pl.when(known).then(day).alias("day"),
        pl.lit(None, pl.Int64).alias("status"),
        reason.alias("reason"),
        pl.lit(read_criteria("time_to_event").title).alias("criteria"),
    )


VITAL_STATUS: Endpoint[VitalStatusParameters] = Endpoint(
    name="vital_status",
    title="Vital status",
    kind="flag",
    parameters=VitalStatusParameters,
    derive=derive_vital_status,
    needs=lambda _: time_needs(*DEATH),
    criteria=lambda _: read_criteria("time_to_event"),
    labels=_LABELS,
)
