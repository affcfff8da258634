"""Vital status: alive or dead, at last follow-up or on a day."""

from __future__ import annotations

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Label, Parameters
from stromal.endpoints.records.follow_up import derive_follow_up
from stromal.endpoints.records.occurrences import read_conventions
from stromal.endpoints.records.times import time_needs
from stromal.endpoints.records.words import number_text, write_number
from stromal.endpoints.verdict import Case, decide
from stromal.tables.patients import Patients
from stromal.tables.windows import Window

CRITERIA = "time_to_event"
LABELS = (
    Label("dead", "dead", rank=1, tone="dead", verb="were"),
    Label("alive", "alive", rank=0, tone="good", verb="were"),
)
_VALUES = {"dead": 1.0, "alive": 0.0}


class VitalStatusParameters(Parameters):
    """The day on which the status is wanted.

    Parameters
    ----------
    window
        The day of the status, or the visit that gives it; follow-up may end by `before` days
        earlier and still show that the patient was alive. None: the end of follow-up.
    """

    window: Window | None = None


def derive_vital_status(
    patients: Patients, parameters: VitalStatusParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive whether each patient was dead (value 1) or alive (value 0).

    Nobody is called alive on a day that the follow-up does not reach.

    Examples
    --------
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1", "2"], "last_day": [50, 80]}),
    ...     events=pl.DataFrame({"subject": ["1"], "day": [50], "event": ["death"]}),
    ... )
    >>> on_day_100 = VitalStatusParameters(window={"day": 100})
    >>> derive_vital_status(patients, on_day_100).select("label", "reason").rows()
    [('dead', 'death on day 50'),
     (None, 'alive on the last day under observation, day 80, not followed until day 100')]
    """
    deaths = (
        patients.events.filter(pl.col("event").is_in(read_conventions()["death"]))
        .group_by("subject")
        .agg(pl.col("day").min().alias("death_day"), pl.lit(value=True).alias("died"))
    )
    rows = (
        derive_follow_up(patients)
        .join(deaths, on="subject", how="left", maintain_order="left")
        .with_columns(pl.col("died").fill_null(value=False))
    )
    decided = decide(rows, _cases(parameters.window), _VALUES, reasons=reasons)
    window = parameters.window
    alive_on = pl.col("last_day") if window is None else pl.lit(window.day, pl.Float64)
    day = pl.when(pl.col("label") == "dead").then("death_day").otherwise(alive_on)
    return decided.select(
        "subject",
        "value",
        "label",
        pl.when(pl.col("label").is_not_null()).then(day).alias("day"),
        "lowest",
        "highest",
        "reason",
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


def _cases(window: Window | None) -> list[Case]:
    died, death_day, last_day = pl.col("died"), pl.col("death_day"), pl.col("last_day")
    either = ("alive", "dead")
    death = pl.format("death on day {}", number_text("death_day"))
    contact = pl.format("alive on the {}, day {}", "followed_by", number_text("last_day"))
    undated = died & death_day.is_null()
    no_day = "death recorded without a day"
    if window is None:
        return [
            Case(undated, "dead", no_day),
            Case(died, "dead", death),
            Case(last_day.is_null(), None, "no follow-up is recorded", possible=either),
            Case(pl.lit(value=True), "alive", contact),
        ]
    short = pl.format(f"{{}}, not followed until day {write_number(window.first)}", contact)
    return [
        # A record after the day is of somebody alive, whenever the death was.
        Case(undated & (last_day > window.day), "alive", contact),
        Case(undated, None, no_day, possible=either),
        Case(death_day <= window.day, "dead", death),
        Case(died, "alive", death),
        Case(last_day.is_null(), None, "no follow-up is recorded", possible=either),
        Case(last_day >= window.first, "alive", contact),
        Case(pl.lit(value=True), None, short, possible=either),
    ]


VITAL_STATUS: Endpoint[VitalStatusParameters] = Endpoint(
    name="vital_status",
    title="Vital status",
    kind="flag",
    parameters=VitalStatusParameters,
    derive=derive_vital_status,
    needs=lambda _: time_needs(*read_conventions()["death"]),
    criteria=CRITERIA,
    labels=LABELS,
)
