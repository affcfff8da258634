"""`time_to_acute_gvhd_response`: the first day of a response, death and treatment competing."""

from __future__ import annotations

from typing import Literal

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Need, Statuses
from stromal.endpoints.records.occurrences import OCCURRENCES, pick_occurrences, read_conventions
from stromal.endpoints.records.times import FollowedUntil, derive_times
from stromal.endpoints.records.words import number_text
from stromal.endpoints.rules.gvhd.response_days import (
    ResponseDayParameters,
    derive_response_days,
    find_uninvolved,
)
from stromal.tables.outcomes import CENSORED, EVENT
from stromal.tables.patients import Patients

CRITERIA = "acute_gvhd_response_times"
_EVENT = "response"


class TimeToResponseParameters(ResponseDayParameters, FollowedUntil):
    """Which response, and until when.

    Parameters
    ----------
    response
        A complete or partial response (`overall`), or a `complete` one.
    """

    response: Literal["overall", "complete"] = "overall"


def derive_time_to_response(
    patients: Patients, parameters: TimeToResponseParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive the time from day 0 to the first assessment that shows a response.

    Additional systemic treatment and death before it are competing events: estimate it as
    cumulative incidence. Observation ends with the last assessment.

    Parameters
    ----------
    patients
        The five tables; `assessments` with organ stages, signs or the investigator's response,
        `events` with `death` and `systemic_gvhd_treatment`.
    parameters
        Which response, baseline, and until when [d].
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        Outcome rows in the order of `subjects`. `lowest` and `highest` are the days [d] between
        which the response began where assessments of only some organs leave that open.

    Examples
    --------
    >>> rows = pl.DataFrame({"day": [0.0, 9.0, 28.0], "item": "skin", "value": ["3", "3", "1"]})
    >>> rows = rows.with_columns(subject=pl.lit("1"), scale=pl.lit("acute_gvhd_stage"))
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), assessments=rows)
    >>> derive_time_to_response(patients, TimeToResponseParameters())["reason"].item()
    'response on day 28'
    """
    p = parameters
    days = derive_response_days(patients, p).filter(pl.col("day") >= 0)
    seen = _seen(days, p)
    begun = seen.drop_nulls("first").select(
        "subject",
        pl.col("first").alias("day"),
        pl.lit(_EVENT).alias("event"),
        pl.lit(EVENT, OCCURRENCES["status"]).alias("status"),
        pl.lit(0, OCCURRENCES["rank"]).alias("rank"),
        _note().alias("note"),
    )
    competing = pick_occurrences(patients, (), read_criteria(CRITERIA).rules["competing"])
    # treatment before the baseline is what the response is to
    competing = competing.filter(pl.col("day").is_null() | (pl.col("day") > p.baseline.last))
    times = derive_times(
        patients,
        pl.concat([begun, competing]),
        name_statuses(p),
        read_criteria(CRITERIA),
        p,
        _excluded(patients, p, seen, competing),
        reasons=reasons,
    )
    return _end_with_assessments(times, seen, p)


def name_statuses(parameters: TimeToResponseParameters) -> Statuses:
    """Name the statuses by the response that is asked for."""
    label = "complete response" if parameters.response == "complete" else "response"
    return Statuses(label, f"systemic treatment of GVHD or death without {label}")


def _seen(days: pl.DataFrame, p: TimeToResponseParameters) -> pl.DataFrame:
    """The first day of a response (`first`), of a possible one (`maybe`), the last assessment."""
    day = pl.col("day")
    return days.group_by("subject").agg(
        day.filter(pl.col(p.response)).min().alias("first"),
        day.filter(pl.col(f"maybe_{p.response}")).min().alias("maybe"),
        day.max().alias("last"),
    )


def _note() -> pl.Expr:
    earlier = pl.format(
        "; not every organ was staged on day {}, when it may have begun", number_text("maybe")
    )
    return pl.when(pl.col("maybe") < pl.col("first")).then(earlier)


def _excluded(
    patients: Patients,
    p: TimeToResponseParameters,
    seen: pl.DataFrame,
    competing: pl.DataFrame,
) -> pl.DataFrame:
    """Patients whose time cannot be told, and from which day on."""
    never = f"no {p.judged_words} after baseline"
    ended = (
        competing.filter(pl.col("day") >= 0)
        .group_by("subject")
        .agg(pl.col("day").min().alias("ended"))
    )
    unseen = (
        patients.subjects.select(pl.col("subject").unique())
        .join(seen, on="subject", how="anti")
        .join(ended, on="subject", how="anti")
    )
    first, maybe, end = pl.col("first"), pl.col("maybe"), pl.col("ended")
    # what may have begun before a competing event would have come first
    hidden = (maybe <= end) & (first.is_null() | (end < first))
    open_ = seen.join(ended, on="subject", how="left").filter(
        (first.is_null() & maybe.is_not_null() & end.is_null()) | hidden.fill_null(value=False)
    )
    may = pl.format(
        "not every organ was staged on day {}: a response is possible", number_text("maybe")
    )
    unknown = pl.lit(None, pl.Float64)
    return pl.concat(
        [
            find_uninvolved(patients, p).select(
                "subject",
                pl.lit("no organ involved at baseline").alias("excluded"),
                unknown.alias("from_day"),
            ),
            unseen.select("subject", pl.lit(never).alias("excluded"), unknown.alias("from_day")),
            open_.select("subject", may.alias("excluded"), pl.col("maybe").alias("from_day")),
        ]
    )


def _end_with_assessments(
    times: pl.DataFrame, seen: pl.DataFrame, p: TimeToResponseParameters
) -> pl.DataFrame:
    """End observation with the last assessment, and add the days between which a response began."""
    least = float(read_conventions()["earliest_day"])
    rows = times.join(seen, on="subject", how="left", maintain_order="left")
    event, last = pl.col("status") == EVENT, pl.col("last")
    short = ((pl.col("status") == CENSORED) & (last < pl.col("value"))).fill_null(value=False)
    # who was under observation only after the last assessment was never seen at risk
    late = short & (last <= pl.col("entry_day")).fill_null(value=False)
    time = pl.when(short).then(pl.max_horizontal(last, pl.lit(least))).otherwise("value")
    told = pl.format(
        f"no {name_statuses(p).event} by the last assessment, day {{}}", number_text("last")
    )
    never = pl.format(
        "the last assessment, on day {}, is before observation began on day {}: never at risk",
        number_text("last"),
        number_text("entry_day"),
    )
    open_day = event & (pl.col("maybe") < pl.col("first"))
    return rows.select(
        "subject",
        *(pl.when(~late).then(time).alias(name) for name in ("value", "day")),
        "unit",
        *(pl.when(~late).then(name).alias(name) for name in ("label", "entry_day", "status")),
        pl.when(open_day).then("maybe").alias("lowest"),
        pl.when(open_day).then("value").alias("highest"),
        pl.when(pl.col("reason").is_null())
        .then(None)
        .when(late)
        .then(never)
        .when(short)
        .then(told)
        .otherwise("reason")
        .alias("reason"),
        "criteria",
    )


def _needs(parameters: TimeToResponseParameters) -> tuple[Need, ...]:
    return parameters.response_needs


TIME_TO_RESPONSE: Endpoint[TimeToResponseParameters] = Endpoint(
    name="time_to_acute_gvhd_response",
    title="Time to the response of acute GVHD",
    kind="time",
    parameters=TimeToResponseParameters,
    derive=derive_time_to_response,
    needs=_needs,
    criteria=CRITERIA,
    statuses=name_statuses,
)
