"""`tumour_response_duration`: how long a response of the malignancy lasted."""

from __future__ import annotations

from typing import Literal

import polars as pl
from pydantic import Field

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Need, Parameters, Statuses
from stromal.endpoints.records.occurrences import read_conventions
from stromal.endpoints.records.words import number_text
from stromal.endpoints.rules.tumour.visits import (
    CRITERIA,
    NEEDS,
    find_first,
    find_undated,
    read_visits,
)
from stromal.endpoints.verdict import Case, decide
from stromal.tables.outcomes import CENSORED, EVENT
from stromal.tables.patients import Patients
from stromal.tables.windows import Day

STATUSES = Statuses("progression or death")
_STATUS = {STATUSES.event: EVENT, STATUSES.censored: CENSORED}


class TumourResponseDurationParameters(Parameters):
    """Which responses count, and from which day.

    Parameters
    ----------
    from_day
        First day [d] of the assessments, included.
    responses
        Categories that begin the time: `["CR"]` gives the duration of complete responses.
    """

    from_day: Day = 1.0
    responses: tuple[Literal["CR", "PR"], ...] = Field(("CR", "PR"), min_length=1)


def derive_tumour_response_duration(
    patients: Patients, parameters: TumourResponseDurationParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive the time from the first response to progression, relapse or death.

    Only responders have a time. It runs from the first day of the response, not from day 0.

    Parameters
    ----------
    patients
        The five tables; `subjects`, `assessments` and `events` are read.
    parameters
        Which responses count, and from which day [d].
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `value` and `day` [d] the time, `status` 0 censored, 1 progression or
        death; `lowest` and `highest` [d] where an assessment found the progression, which began
        after the one before; null for patients without a response.

    Examples
    --------
    >>> rows = pl.DataFrame({"subject": "1", "day": [28.0, 90.0, 180.0], "scale": "tumour",
    ...                      "item": "response", "value": ["PR", "CR", "PD"]})
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), assessments=rows)
    >>> derive_tumour_response_duration(patients, TumourResponseDurationParameters()).select(
    ...     "value", "status", "lowest", "reason"
    ... ).row(0)
    (152.0, 1, 62.0, 'PR on day 28, progression on day 180')
    """
    p = parameters
    rows = _follow(patients, p)
    least = float(read_conventions()["earliest_day"])
    ended = pl.col("end_day").is_not_null() & (
        pl.col("next_day").is_null() | (pl.col("end_day") <= pl.col("next_day"))
    )
    rows = rows.with_columns(ended.fill_null(value=False).alias("ended")).with_columns(
        pl.when("ended").then("end_day").otherwise("held").alias("last")
    )
    span = pl.max_horizontal(pl.col("last") - pl.col("start"), pl.lit(least))
    seen = pl.max_horizontal(pl.col("held") - pl.col("start"), pl.lit(least))
    rows = rows.with_columns(span.alias("time"), seen.alias("seen"))
    decided = decide(rows, _cases(p), reasons=reasons)
    label = pl.col("label")
    judged = pl.when(label.is_not_null())
    assessed = pl.when((label == STATUSES.event) & pl.col("by_visit"))
    return decided.select(
        "subject",
        judged.then("time").alias("value"),
        pl.lit("day").alias("unit"),
        "label",
        judged.then("time").alias("day"),
        label.replace_strict(_STATUS, default=None, return_dtype=pl.Int64).alias("status"),
        assessed.then("seen").alias("lowest"),
        assessed.then("time").alias("highest"),
        "reason",
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


def _follow(patients: Patients, p: TumourResponseDurationParameters) -> pl.DataFrame:
    """The first response of each patient, what ended it, and the last day on which it was seen."""
    rules = read_criteria(CRITERIA).rules
    visits = read_visits(patients, p.from_day)
    progressed = visits.filter(pl.col("rank") == 0).select(
        "subject",
        "day",
        pl.lit("progression").alias("what"),
        pl.lit(value=True).alias("by_visit"),
    )
    names = [*rules["progression"], *read_conventions()["death"]]
    happened = find_first(patients, names, p.from_day).with_columns(
        pl.lit(value=False).alias("by_visit")
    )
    ends = (
        pl.concat([happened, progressed])
        .sort("day", maintain_order=True)
        .unique("subject", keep="first", maintain_order=True)
        .rename({"day": "end_day"})
    )
    treated = find_first(patients, rules["next_treatment"], p.from_day)
    bounded = visits.join(ends.select("subject", "end_day"), on="subject", how="left").join(
        treated.select("subject", pl.col("day").alias("next_day")), on="subject", how="left"
    )
    stop = pl.min_horizontal("end_day", "next_day")
    before = bounded.filter((pl.col("day") <= stop).fill_null(value=True), pl.col("rank") > 0)
    starts = (
        before.filter(pl.col("response").is_in(list(p.responses)))
        .sort("subject", "day")
        .unique("subject", keep="first", maintain_order=True)
        .select("subject", pl.col("day").alias("start"), "response")
    )
    rows = patients.subjects.select("subject")
    for frame in (
        starts,
        before.group_by("subject").agg(pl.col("day").max().alias("held")),
        ends,
        treated.select("subject", pl.col("day").alias("next_day")),
        visits.group_by("subject").agg(pl.len().alias("visits")),
        find_undated(patients, [*names, *rules["next_treatment"]]),
    ):
        rows = rows.join(frame, on="subject", how="left", maintain_order="left")
    return rows


def _cases(p: TumourResponseDurationParameters) -> list[Case]:
    begun = pl.format("{} on day {}", "response", number_text("start"))
    ended = pl.format("{}, {} on day {}", begun, "what", number_text("end_day"))
    seen = pl.format("{}, no progression by day {}", begun, number_text("last"))
    treated = pl.format("{}, next treatment on day {}", seen, number_text("next_day"))
    none = f"no {' or '.join(p.responses)} was assessed"
    return [
        Case(pl.col("visits").is_null(), None, "no response of the malignancy was assessed"),
        Case(pl.col("start").is_null(), None, none),
        Case(
            pl.col("undated").is_not_null(),
            None,
            pl.format("{}, {} recorded without a day", begun, "undated"),
        ),
        Case(pl.col("ended"), STATUSES.event, ended),
        Case(pl.col("next_day").is_not_null(), STATUSES.censored, treated),
        Case(pl.lit(value=True), STATUSES.censored, seen),
    ]


def _needs(parameters: TumourResponseDurationParameters) -> tuple[Need, ...]:
    del parameters
    return NEEDS


TUMOUR_RESPONSE_DURATION = Endpoint(
    name="tumour_response_duration",
    title="Duration of response of the malignancy",
    kind="time",
    parameters=TumourResponseDurationParameters,
    derive=derive_tumour_response_duration,
    needs=_needs,
    criteria=CRITERIA,
    statuses=lambda _: STATUSES,
)
