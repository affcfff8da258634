"""Times from day 0 to the first of several events, others competing.

Every rule of survival, relapse and engraftment hands its events to `derive_times`, so that ties,
unknown days, late entry, censoring and the end of observation are decided in one place.
"""

from __future__ import annotations

import polars as pl
from pydantic import Field

from stromal.endpoints.criteria import Criteria
from stromal.endpoints.endpoint import Need, Parameters, Statuses
from stromal.endpoints.records.follow_up import derive_follow_up
from stromal.endpoints.records.numbered import empty_rows
from stromal.endpoints.records.occurrences import (
    derive_first,
    is_unknown,
    name_event,
    read_conventions,
    unknown_words,
)
from stromal.endpoints.records.words import number_text, write_number
from stromal.endpoints.verdict import Case, decide
from stromal.tables.outcomes import CENSORED, COMPETING, EVENT
from stromal.tables.patients import Patients


class FollowedUntil(Parameters):
    """The parameters of every time: what ends observation before the last record does.

    Parameters
    ----------
    until_day
        Day [d] on which observation is closed, an event on it included; none: the end of follow-up.
    censor_events
        Names of events on whose first day the patient is censored, such as `next_therapy`; an event
        of the endpoint on the same day still counts.
    """

    until_day: float | None = Field(None, gt=0, allow_inf_nan=False)
    censor_events: tuple[str, ...] = ()


def derive_times(
    patients: Patients,
    occurrences: pl.DataFrame,
    statuses: Statuses,
    criteria: Criteria,
    parameters: FollowedUntil,
    excluded: pl.DataFrame | None = None,
    *,
    reasons: bool = True,
) -> pl.DataFrame:
    """Derive the time from day 0 to the first occurrence, or to the end of follow-up.

    Parameters
    ----------
    patients
        The five tables.
    occurrences
        Occurrences, as from `pick_occurrences`.
    statuses
        Labels of the three statuses.
    criteria
        Criteria that were applied; their title is kept in the outcome.
    parameters
        Day on which observation is closed [d], and events that censor.
    excluded
        `subject` and `excluded`, the reason in words, of patients who cannot be judged; with
        `from_day` [d], only of those whose time is later than that day.
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        Outcome rows in the order of `subjects`: `value` and `day` [d] are the time, `entry_day` [d]
        the first day at risk where observation began after day 0, `status` 0 censored, 1 event, 2
        competing; all null with a reason where the time is unknown, and where the patient was never
        at risk because observation began after the event or after its own end.
    """
    rows = derive_first(patients.subjects, occurrences)
    entry = pl.when(pl.col("first_day") > 0).then("first_day").alias("entry")
    for frame in (
        derive_follow_up(patients),
        patients.subjects.select("subject", entry),
        _censorings(patients, parameters),
        _excluded(patients.subjects, excluded),
    ):
        each = frame.unique("subject", keep="first")
        rows = rows.join(each, on="subject", how="left", maintain_order="left")
    rows = rows.with_columns(_end(parameters.until_day)).with_columns(_time())
    decided = decide(rows, _cases(statuses, parameters.until_day), reasons=reasons)
    judged = pl.col("label").is_not_null()
    return decided.select(
        "subject",
        pl.when(judged).then("time").alias("value"),
        pl.lit("day").alias("unit"),
        "label",
        pl.when(judged).then("entry").alias("entry_day"),
        pl.when(judged).then("time").alias("day"),
        pl.when(judged)
        .then(pl.when("happened").then("status").otherwise(pl.lit(CENSORED, pl.Int64)))
        .alias("status"),
        "reason",
        pl.lit(criteria.title).alias("criteria"),
    )


def time_needs(*names: str) -> tuple[Need, ...]:
    """Return what a time reads: one of its events, or the follow-up of those who had none."""
    return (Need("events", (*names, "last_follow_up")),)


def _excluded(subjects: pl.DataFrame, excluded: pl.DataFrame | None) -> pl.DataFrame:
    """Patients who cannot be judged, and the day [d] after which they cannot: null where never."""
    schema = {"subject": pl.String(), "excluded": pl.String(), "from_day": pl.Float64()}
    if excluded is None:
        return empty_rows(subjects, schema)
    if "from_day" not in excluded.columns:
        excluded = excluded.with_columns(from_day=pl.lit(None, pl.Float64))
    return excluded.select(list(schema))


def _censorings(patients: Patients, parameters: FollowedUntil) -> pl.DataFrame:
    """The first censoring event of each patient from day 0 on, and one that has no day."""
    found = patients.events.filter(pl.col("event").is_in(parameters.censor_events))
    first = found.filter(pl.col("day") >= 0).sort("day").unique("subject", keep="first")
    undated = found.filter(pl.col("day").is_null()).unique("subject", keep="first")
    return first.select(
        "subject", pl.col("day").alias("censor_day"), pl.col("event").alias("censored_at")
    ).join(
        undated.select("subject", pl.col("event").alias("undated_censoring")),
        on="subject",
        how="full",
        coalesce=True,
    )


def _end(until_day: float | None) -> list[pl.Expr]:
    """Tell where the first occurrence counts, and the day on which observation ended."""
    day, censor = pl.col("day"), pl.col("censor_day")
    until = pl.lit(until_day, pl.Float64)
    counts = day.is_not_null() & ~(day > until).fill_null(value=False)
    # An event after the end of observation proves follow-up to that end.
    followed = pl.max_horizontal("last_day", "day")
    return [
        (counts & ~(day > censor).fill_null(value=False)).alias("happened"),
        # A minimum over columns skips nulls; unknown follow-up must stay unknown.
        pl.when(followed.is_not_null())
        .then(pl.min_horizontal(followed, until, censor))
        .alias("end"),
    ]


def _time() -> pl.Expr:
    """The time, half a day after the start at least, so that nobody leaves before being at risk."""
    least = float(read_conventions()["earliest_day"])
    start = pl.col("entry").fill_null(0.0)
    last = pl.when("happened").then("day").otherwise("end")
    return pl.when(last.is_not_null()).then(pl.max_horizontal(last, start + least)).alias("time")


def _cases(statuses: Statuses, until_day: float | None) -> list[Case]:
    """Every patient is one of these, in this order."""
    happened, end, entry = pl.col("happened"), pl.col("end"), pl.col("entry")
    last = pl.when("happened").then("day").otherwise("end")
    day, moved = number_text("day"), pl.col("time") > last
    at_start = pl.when(moved).then(pl.format(", counted at day {}", number_text("time")))
    early = at_start.otherwise(pl.lit(""))
    occurred = pl.concat_str(
        name_event(), pl.lit(" on day "), day, early, pl.col("note").fill_null("")
    )
    none = f"no {statuses.neither} "
    late = pl.format(
        "{} on day {}, before observation began on day {}: never at risk",
        name_event(),
        day,
        number_text("entry"),
    )
    over = pl.format(
        "observation ended on day {}, before it began on day {}: never at risk",
        number_text("end"),
        number_text("entry"),
    )
    before = pl.format("follow-up ends on day {}, before day 0", number_text("last_day"))
    closed = "" if until_day is None else f"{none}until day {write_number(until_day)}"
    censored = pl.concat_str(
        pl.lit(f"{none}until "),
        name_event("censored_at"),
        pl.lit(" on day "),
        number_text("censor_day"),
        early,
    )
    followed = pl.concat_str(
        pl.lit(f"{none}by the "),
        "followed_by",
        pl.lit(", day "),
        number_text("last_day"),
        early,
    )
    undated = pl.format("{} recorded without a day", name_event("undated_censoring"))
    # What may have happened on a day changes nothing where the time had ended by then.
    since = pl.col("from_day")
    open_ = since.is_null() | pl.when("happened").then(since < pl.col("day")).otherwise(
        end.is_null() | (since <= end)
    )
    return [
        Case(pl.col("excluded").is_not_null() & open_, None, pl.col("excluded")),
        Case(is_unknown(), None, unknown_words()),
        Case(pl.col("undated_censoring").is_not_null(), None, undated),
        Case(~happened & end.is_null(), None, "no follow-up is recorded"),
        Case(~happened & (end < 0), None, before),
        Case(happened & (pl.col("day") < entry), None, late),
        Case(~happened & (end < entry), None, over),
        Case(happened & (pl.col("status") == EVENT), statuses.event, occurred),
        Case(happened & (pl.col("status") == COMPETING), statuses.competing, occurred),
        Case(end == pl.lit(until_day, pl.Float64), statuses.censored, closed),
        Case(end == pl.col("censor_day"), statuses.censored, censored),
        Case(pl.lit(value=True), statuses.censored, followed),
    ]
