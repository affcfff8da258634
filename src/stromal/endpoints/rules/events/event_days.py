"""`event_days`: on how many days of a window something was recorded, such as a transfusion."""

from __future__ import annotations

import polars as pl
from pydantic import Field, model_validator

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Need, Parameters
from stromal.endpoints.records.follow_up import derive_follow_up
from stromal.endpoints.records.words import number_text, window_words, write_number
from stromal.endpoints.verdict import Case, decide
from stromal.errors import join_words
from stromal.tables.events import EVENT_NAMES
from stromal.tables.patients import Patients
from stromal.tables.windows import Day, within

CRITERIA = "event_days"


class EventDaysParameters(Parameters):
    """Which events, and the window.

    Parameters
    ----------
    events
        Names of events, such as `transfusion_platelets` or `g_csf`; a day with any of them counts.
    from_day
        First day [d], included.
    to_day
        Last day [d], included; none: the end of follow-up.
    """

    events: tuple[str, ...] = Field(min_length=1)
    from_day: Day = 0.0
    to_day: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> EventDaysParameters:
        if self.to_day is not None and self.to_day < self.from_day:
            raise ValueError("`to_day` is before `from_day`; give the later day as `to_day`")
        return self


def derive_event_days(
    patients: Patients, parameters: EventDaysParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive on how many days of a window any of the events was recorded, one row per patient.

    Parameters
    ----------
    patients
        The five tables; `subjects` and `events` are read, and all others for follow-up.
    parameters
        Events and window [d].
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `value` [d] the number of days, `lowest` and `highest` what stays
        possible, `reason`. Null where follow-up ends before the window does, or an event has no
        day.

    Examples
    --------
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1"], "last_day": [60.0]}),
    ...     events=pl.DataFrame({"subject": "1", "day": [2.0, 2.0, 9.0], "event": "g_csf"}),
    ... )
    >>> derive_event_days(patients, EventDaysParameters(events=["g_csf"]))["reason"].item()
    'granulocyte colony-stimulating factor on 2 days from day 0 on, followed until day 60'
    """
    p = parameters
    own = patients.events.filter(pl.col("event").is_in(list(p.events)))
    death = read_criteria(CRITERIA).rules["death"]
    inside = own.filter(pl.col("day").is_not_null(), within(p.from_day, p.to_day))
    frames = (
        derive_follow_up(patients).unique("subject", keep="first"),
        inside.group_by("subject").agg(pl.col("day").floor().n_unique().alias("days")),
        own.filter(pl.col("day").is_null()).group_by("subject").agg(pl.len().alias("undated")),
        patients.events.filter(pl.col("event") == death)
        .group_by("subject")
        .agg(pl.lit(value=True).alias("dead")),
    )
    rows = patients.subjects.select("subject")
    for frame in frames:
        rows = rows.join(frame, on="subject", how="left", maintain_order="left")
    last = pl.col("last_day") if p.to_day is None else pl.lit(p.to_day)
    unseen = (last.floor() - pl.max_horizontal(pl.col("last_day").floor(), p.from_day - 1)).clip(0)
    rows = rows.with_columns(
        pl.col("days").fill_null(0),
        pl.col("undated").fill_null(0),
        pl.when(pl.col("dead").is_null()).then(unseen).otherwise(0.0).alias("unseen"),
    )
    decided = decide(rows, _cases(p), reasons=reasons)
    known = pl.col("last_day").is_not_null()
    value = pl.when(known & (pl.col("unseen") == 0) & (pl.col("undated") == 0)).then("days")
    return decided.select(
        "subject",
        value.cast(pl.Float64).alias("value"),
        pl.lit("day").alias("unit"),
        pl.when(known).then("days").cast(pl.Float64).alias("lowest"),
        pl.when(known)
        .then(pl.col("days") + pl.col("undated") + pl.col("unseen"))
        .cast(pl.Float64)
        .alias("highest"),
        "reason",
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


def _cases(p: EventDaysParameters) -> list[Case]:
    named = [EVENT_NAMES.get(name, name.replace("_", " ")) for name in p.events]
    what, window = join_words(named, "or"), window_words(p.from_day, p.to_day)
    days = pl.when(pl.col("days") == 1).then(pl.lit("day")).otherwise(pl.lit("days"))
    said = pl.format(f"{what} on {{}} {{}} {window}", "days", days)
    followed = pl.format("followed until day {}", number_text("last_day"))
    short = pl.format("{}, {} only", said, followed)
    undated = pl.format("{}, and {} recorded without a day", said, "undated")
    until = f"day {write_number(p.to_day)}" if p.to_day is not None else "the end"
    died = pl.format(f"{{}}, died before {until}", said)
    return [
        Case(pl.col("last_day").is_null(), None, "no follow-up is recorded"),
        Case(pl.col("undated") > 0, None, undated),
        Case(pl.col("unseen") > 0, None, short),
        Case(
            pl.col("dead").fill_null(value=False)
            & (pl.col("last_day") < (p.to_day if p.to_day is not None else -1)),
            "days",
            died,
        ),
        Case(pl.lit(value=True), "days", pl.format("{}, {}", said, followed)),
    ]


def _needs(parameters: EventDaysParameters) -> tuple[Need, ...]:
    return (Need("events", (*parameters.events, "last_follow_up")),)


EVENT_DAYS = Endpoint(
    name="event_days",
    title="Days with recorded events",
    kind="value",
    parameters=EventDaysParameters,
    derive=derive_event_days,
    needs=_needs,
    criteria=CRITERIA,
)
