"""`acute_gvhd_response_duration`: from the first day of a response to its loss."""

from __future__ import annotations

from typing import Literal

import polars as pl
from pydantic import Field

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Need, Statuses
from stromal.endpoints.records.occurrences import read_conventions
from stromal.endpoints.records.words import number_text, write_number
from stromal.endpoints.rules.gvhd.ends import UNDATED, find_ends
from stromal.endpoints.rules.gvhd.response_days import (
    ResponseDayParameters,
    derive_response_days,
    find_uninvolved,
)
from stromal.endpoints.rules.gvhd.time_to_response import CRITERIA
from stromal.endpoints.verdict import Case, decide
from stromal.tables.outcomes import CENSORED, COMPETING, EVENT
from stromal.tables.patients import Patients

LOSS, DEATH, ONGOING = "loss of response", "death in response", "in response"
_STATUS = {LOSS: EVENT, DEATH: COMPETING, ONGOING: CENSORED}


class ResponseDurationParameters(ResponseDayParameters):
    """Which response, and until when.

    Parameters
    ----------
    response
        A complete or partial response (`overall`), or a `complete` one.
    death
        Death in response competes with its loss (`competing`), or is one (`loss`), as a survival
        curve of responders takes it.
    until_days
        Days [d] of response after which observation is closed; None: the last assessment.
    """

    response: Literal["overall", "complete"] = "overall"
    death: Literal["competing", "loss"] = "competing"
    until_days: float | None = Field(None, gt=0, allow_inf_nan=False)


def derive_response_duration(
    patients: Patients, parameters: ResponseDurationParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive the duration of the first response, from its first day on.

    It is lost on the first later assessment that does not show it, or with additional systemic
    treatment; death in response competes. Patients without a response have no duration.

    Parameters
    ----------
    patients
        The five tables; `assessments` with organ stages, signs or the investigator's response,
        `events` with `death` and `systemic_gvhd_treatment`.
    parameters
        Which response, baseline, and for how long [d].
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        Outcome rows in the order of `subjects`: `value` and `day` [d] are the duration, counted
        from the first day of response; `lowest` and `highest` hold it where assessments of only
        some organs leave it open.

    Examples
    --------
    >>> rows = pl.DataFrame({"day": [0.0, 9.0, 28.0], "item": "skin", "value": ["3", "1", "3"]})
    >>> rows = rows.with_columns(subject=pl.lit("1"), scale=pl.lit("acute_gvhd_stage"))
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), assessments=rows)
    >>> derive_response_duration(patients, ResponseDurationParameters()).select(
    ...     "value", "status", "reason"
    ... ).row(0)
    (19.0, 1, 'response from day 9, last shown on day 9, lost on day 28')
    """
    p = parameters
    days, ends = derive_response_days(patients, p), find_ends(patients, p.baseline.day)
    rows = patients.subjects.select("subject")
    for frame in (_course(days, ends, p), ends, find_uninvolved(patients, p)):
        rows = rows.join(frame, on="subject", how="left", maintain_order="left")
    rows = rows.with_columns(_end(p))
    decided = decide(rows, _cases(p), reasons=reasons)
    judged = pl.col("label").is_not_null()
    open_ = judged & (
        (pl.col("maybe_first") < pl.col("first")) | (pl.col("maybe_lost") < pl.col("end"))
    )
    shortest = pl.min_horizontal("maybe_lost", "end") - pl.col("first")
    longest = pl.col("end") - pl.min_horizontal("maybe_first", "first")
    return decided.select(
        "subject",
        pl.when(judged).then("time").alias("value"),
        pl.lit("day").alias("unit"),
        "label",
        pl.when(judged).then("time").alias("day"),
        pl.when(judged)
        .then(pl.col("label").replace_strict(_STATUS, default=None, return_dtype=pl.Int64))
        .alias("status"),
        pl.when(open_).then(pl.min_horizontal(shortest, "time")).alias("lowest"),
        pl.when(open_).then(pl.max_horizontal(longest, "time")).alias("highest"),
        "reason",
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


def name_statuses(parameters: ResponseDurationParameters) -> Statuses:
    """Name the statuses; death is none of its own where it is a loss."""
    return Statuses(LOSS, DEATH if parameters.death == "competing" else "", ONGOING)


def _course(days: pl.DataFrame, ends: pl.DataFrame, p: ResponseDurationParameters) -> pl.DataFrame:
    """The first day of response and its loss, surely and possibly, and the last days [d]."""
    day, shown, maybe = pl.col("day"), pl.col(p.response), pl.col(f"maybe_{p.response}")
    treated = ends.select("subject", "treatment_day")
    # on the day of an assessment treatment comes after it
    own = days.join(treated, on="subject", how="left").filter(
        pl.col("treatment_day").is_null() | (day <= pl.col("treatment_day"))
    )
    starts = own.group_by("subject").agg(
        day.filter(shown).min().alias("first"),
        day.filter(maybe).min().alias("maybe_first"),
        day.max().alias("last"),
    )
    after = own.join(starts.select("subject", "first"), on="subject").filter(day > pl.col("first"))
    course = after.group_by("subject").agg(
        day.filter(~maybe).min().alias("lost"),
        day.filter(~shown).min().alias("maybe_lost"),
    )
    rows = starts.join(course, on="subject", how="left")
    before = own.join(rows.select("subject", "first", "lost"), on="subject").filter(
        shown, day >= pl.col("first"), pl.col("lost").is_null() | (day < pl.col("lost"))
    )
    last_shown = before.group_by("subject").agg(day.max().alias("last_shown"))
    return rows.join(last_shown, on="subject", how="left")


def _end(p: ResponseDurationParameters) -> list[pl.Expr]:
    """The day [d] on which the response ended or was last seen, the time, and whether it closed."""
    least = float(read_conventions()["earliest_day"])
    lost = pl.min_horizontal("lost", "treatment_day")
    end = pl.coalesce(pl.min_horizontal(lost, "death_day"), "last")
    closed = pl.lit(value=False)
    if p.until_days is not None:
        limit = pl.col("first") + p.until_days
        closed, end = (end > limit).fill_null(value=False), pl.min_horizontal(end, limit)
    return [
        end.alias("end"),
        closed.alias("closed"),
        pl.max_horizontal(end - pl.col("first"), pl.lit(least)).alias("time"),
    ]


def _cases(p: ResponseDurationParameters) -> list[Case]:
    """Every patient is one of these, in this order."""
    what = "complete response" if p.response == "complete" else "response"
    lost, treated = pl.col("lost"), pl.col("treatment_day")
    death, end = pl.col("death_day"), pl.col("end")
    since = pl.format(
        f"{what} from day {{}}, last shown on day {{}}",
        number_text("first"),
        number_text("last_shown"),
    )
    may = pl.when(pl.col("maybe_lost") < end).then(
        pl.format("; not every organ was staged on day {}", number_text("maybe_lost"))
    )

    def told(words: pl.Expr | str) -> pl.Expr:
        said = words if isinstance(words, pl.Expr) else pl.lit(words)
        return pl.concat_str(since, said, may.otherwise(pl.lit("")))

    possible = pl.format(
        f"not every organ was staged on day {{}}: a {what} is possible", number_text("maybe_first")
    )
    days = "" if p.until_days is None else f", still after {write_number(p.until_days)} days"
    undated_death = pl.col("death_undated").fill_null(value=False) & lost.is_null()
    return [
        Case(pl.col("uninvolved"), None, "no organ involved at baseline"),
        Case(pl.col("treatment_undated"), None, UNDATED),
        Case(
            pl.col("last").is_null() & treated.is_not_null(),
            None,
            pl.format(
                "additional systemic treatment on day {} before any assessment",
                number_text("treatment_day"),
            ),
        ),
        Case(pl.col("last").is_null(), None, f"no {p.judged_words} after baseline"),
        Case(pl.col("first").is_null() & pl.col("maybe_first").is_not_null(), None, possible),
        Case(pl.col("first").is_null(), None, f"no {what}"),
        Case(pl.col("closed"), ONGOING, told(days)),
        Case(lost == end, LOSS, told(pl.format(", lost on day {}", number_text("lost")))),
        Case(
            treated == end,
            LOSS,
            told(pl.format(", additional systemic treatment on day {}", number_text(treated))),
        ),
        Case(
            death == end,
            DEATH if p.death == "competing" else LOSS,
            told(pl.format(", died on day {}", number_text("death_day"))),
        ),
        Case(undated_death & treated.is_null(), None, "death recorded without a day"),
        Case(pl.lit(value=True), ONGOING, told(", the last assessment")),
    ]


def _needs(parameters: ResponseDurationParameters) -> tuple[Need, ...]:
    return parameters.response_needs


RESPONSE_DURATION: Endpoint[ResponseDurationParameters] = Endpoint(
    name="acute_gvhd_response_duration",
    title="Duration of the response of acute GVHD",
    kind="time",
    parameters=ResponseDurationParameters,
    derive=derive_response_duration,
    needs=_needs,
    criteria=CRITERIA,
    statuses=name_statuses,
)
