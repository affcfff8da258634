"""Time from day 0 to the first of several events, others competing: the engine and its free rule.

Every named rule of survival, relapse and engraftment hands its events to `derive_times`, so that
ties, unknown days, censoring and the end of observation are decided in one place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl
from pydantic import Field, model_validator

from stromal.endpoints.criteria import Criteria, read_criteria
from stromal.endpoints.endpoint import Endpoint, Need, Parameters
from stromal.endpoints.records.follow_up import derive_follow_up
from stromal.tables.outcomes import CENSORED, COMPETING, EVENT
from stromal.tables.patients import Patients

RULES = read_criteria("time_to_event").rules
RELAPSE_EVENTS: tuple[str, ...] = tuple(RULES["relapse"])
DEATH: tuple[str, ...] = tuple(RULES["death"])
OCCURRENCES = {
    "subject": pl.String(),
    "day": pl.Float64(),
    "event": pl.String(),
    "status": pl.Int64(),
    "rank": pl.Int64(),
}


@dataclass(frozen=True, slots=True)
class Words:
    """Labels of the three statuses."""

    event: str
    competing: str = ""
    censored: str = "censored"

    @property
    def neither(self) -> str:
        """What a censored patient did not have."""
        return " or ".join(filter(None, (self.event, self.competing)))


class FollowedUntil(Parameters):
    """The parameter of every time: the day on which observation is closed, if any.

    Parameters
    ----------
    until_day
        Day [d] on which observation is closed, an event on it included; none: the end of follow-up.
    """

    until_day: float | None = Field(None, gt=0, allow_inf_nan=False)


class RelapseParameters(FollowedUntil):
    """Which events are a relapse.

    Parameters
    ----------
    relapse
        Names of the events that count as relapse or progression.
    """

    relapse: tuple[str, ...] = Field(RELAPSE_EVENTS, min_length=1)


class TimeToEventParameters(FollowedUntil):
    """Events by name, those that compete, and what the three statuses are called.

    Parameters
    ----------
    events
        Names of the events of which the first is counted, status 1.
    competing
        Names of the events after which it can no longer happen, status 2.
    event_label
        What status 1 is called; empty: the names of the events.
    competing_label
        What status 2 is called; empty: the names of the competing events.
    censored_label
        What status 0 is called.
    """

    events: tuple[str, ...] = Field(min_length=1)
    competing: tuple[str, ...] = ()
    event_label: str = ""
    competing_label: str = ""
    censored_label: str = Field("censored", min_length=1)

    @model_validator(mode="after")
    def _apart(self) -> TimeToEventParameters:
        both = set(self.events) & set(self.competing)
        if both:
            raise ValueError(f"{', '.join(sorted(both))} cannot be event and competing event")
        return self

    @property
    def words(self) -> Words:
        """Labels as given, or made of the names of the events."""
        return Words(
            self.event_label or name_events(self.events),
            self.competing_label or name_events(self.competing),
            self.censored_label,
        )


def name_events(names: Iterable[str]) -> str:
    """Event names as words: `relapse, progression or death`.

    Examples
    --------
    >>> name_events(["relapse", "second_transplant", "death"])
    'relapse, second transplant or death'
    """
    words = [RULES["words"].get(name, name.replace("_", " ")) for name in names]
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def name_event(column: str = "event") -> pl.Expr:
    """An event name as words: `grade III-IV acute GVHD`."""
    return pl.col(column).replace(RULES["words"]).str.replace_all("_", " ", literal=True)


def name_day(column: str) -> pl.Expr:
    """A day as words, without decimals where it has none."""
    day = pl.col(column)
    whole = day == day.floor()
    return (
        pl.when(whole)
        .then(day.cast(pl.Int64).cast(pl.String))
        .otherwise(day.round(2).cast(pl.String))
    )


def pick_occurrences(
    patients: Patients, events: Iterable[str], competing: Iterable[str] = ()
) -> pl.DataFrame:
    """Rows of `events` that are the event (status 1) or compete with it (status 2).

    Returns
    -------
    polars.DataFrame
        `subject`, `day` [d] (null where unknown), `event`, `status`, `rank` (order on one day:
        as listed, events before competing ones, death last).
    """
    statuses = dict.fromkeys(events, EVENT) | dict.fromkeys(competing, COMPETING)
    names = sorted(statuses, key=lambda name: name == RULES["last_on_a_day"])
    listed = pl.DataFrame(
        {
            "event": names,
            "status": [statuses[name] for name in names],
            "rank": list(range(1, len(names) + 1)),
        },
        schema={name: OCCURRENCES[name] for name in ("event", "status", "rank")},
    )
    rows = patients.events.select("subject", "day", "event").join(listed, on="event", how="inner")
    return rows.select(list(OCCURRENCES))


def derive_first(subjects: pl.DataFrame, occurrences: pl.DataFrame) -> pl.DataFrame:
    """The first thing that happened to each patient, and why it cannot be told where it cannot.

    Parameters
    ----------
    subjects
        One row per patient: `subject`.
    occurrences
        `subject`, `day` [d], `event`, `status`, `rank`, as from `pick_occurrences`.

    Returns
    -------
    polars.DataFrame
        `subject`, `day` [d], `event`, `status` of the first occurrence from day 0 on (null where
        there is none), `unknown` (words; null where the first occurrence is certain).
    """
    death = pl.col("event") == RULES["last_on_a_day"]
    in_order = occurrences.sort("day", "rank", nulls_last=True)
    first = _one_each(in_order.filter(pl.col("day") >= 0)).drop("rank")
    # A death whose day is unknown still comes after everything else that happened.
    undated = _one_each(in_order.filter(pl.col("day").is_null() & ~death))
    undated_death = _one_each(in_order.filter(pl.col("day").is_null() & death))
    early_death = _one_each(in_order.filter((pl.col("day") < 0) & death))
    no_day = name_event() + " recorded without a day"
    before = pl.lit("death on day ") + name_day("day") + ", before day 0"
    rows = subjects.select("subject")
    for frame in (
        first,
        undated.select("subject", no_day.alias("undated")),
        undated_death.select("subject", no_day.alias("undated_death")),
        early_death.select("subject", before.alias("early_death")),
    ):
        rows = rows.join(frame, on="subject", how="left", maintain_order="left")
    hidden = pl.when(pl.col("day").is_null()).then(pl.col("undated_death"))
    unknown = pl.coalesce("early_death", "undated", hidden).alias("unknown")
    return rows.select("subject", "day", "event", "status", unknown)


def derive_times(
    patients: Patients,
    occurrences: pl.DataFrame,
    words: Words,
    criteria: Criteria,
    until_day: float | None = None,
    excluded: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Time from day 0 to the first occurrence, or to the end of follow-up.

    Parameters
    ----------
    patients
        The five tables.
    occurrences
        What happened: `subject`, `day` [d], `event`, `status` (1 event, 2 competing), `rank`.
    words
        Labels of the three statuses.
    criteria
        What was applied; its title is kept in the outcome.
    until_day
        Day [d] on which observation is closed; an event on that day still counts.
    excluded
        `subject` and `excluded`, the reason in words, of patients who cannot be judged.

    Returns
    -------
    polars.DataFrame
        Outcome rows in the order of `subjects`: `value` and `day` [d] are the time, `status` 0
        censored, 1 event, 2 competing; all null with a reason where the time is unknown.
    """
    rows = derive_first(patients.subjects, occurrences)
    rows = rows.join(
        derive_follow_up(patients).unique("subject", keep="first"),
        on="subject",
        how="left",
        maintain_order="left",
    )
    if excluded is None:
        rows = rows.with_columns(pl.lit(None, pl.String).alias("excluded"))
    else:
        rows = rows.join(
            excluded.select("subject", "excluded"),
            on="subject",
            how="left",
            maintain_order="left",
        )
    return _judge(rows, until_day, words).with_columns(
        pl.lit("day").alias("unit"), pl.lit(criteria.title).alias("criteria")
    )


def _judge(rows: pl.DataFrame, until_day: float | None, words: Words) -> pl.DataFrame:
    until = pl.lit(until_day, pl.Float64)
    earliest = float(RULES["earliest_day"])
    happened = pl.col("day").is_not_null() & (until.is_null() | (pl.col("day") <= until))
    # An event after the end of observation proves follow-up to that end.
    followed = pl.when(pl.col("day").is_not_null()).then(until).otherwise(pl.col("last_day"))
    # A minimum over columns skips nulls; unknown follow-up must stay unknown.
    end = pl.when(followed.is_not_null()).then(pl.min_horizontal(followed, until))
    closed = until.is_not_null() & (end == until)
    why_not = pl.coalesce(
        "excluded",
        "unknown",
        pl.when(~happened & end.is_null()).then(pl.lit("no follow-up is recorded")),
        pl.when(~happened & (end < 0)).then(
            pl.lit("follow-up ends on day ") + name_day("last_day") + ", before day 0"
        ),
    )
    early = pl.when(pl.col("day") < earliest).then(pl.lit(f", counted at day {earliest}"))
    event_reason = name_event() + " on day " + name_day("day") + early.otherwise(pl.lit(""))
    censored_reason = (
        pl.when(closed)
        .then(
            pl.lit(f"no {words.neither} until day {until_day:g}" if until_day is not None else "")
        )
        .otherwise(
            pl.lit(f"no {words.neither} by the ")
            + pl.col("followed_by")
            + ", day "
            + name_day("last_day")
        )
    )
    known = rows.with_columns(
        why_not.alias("why_not"),
        pl.when(happened).then("status").otherwise(pl.lit(CENSORED, pl.Int64)).alias("status"),
        pl.when(happened)
        .then(pl.max_horizontal("day", pl.lit(earliest)))
        .otherwise(end)
        .alias("time"),
        pl.when(happened).then(event_reason).otherwise(censored_reason).alias("why"),
    )
    judged = pl.col("why_not").is_null()
    label = pl.col("status").replace_strict(
        {CENSORED: words.censored, EVENT: words.event, COMPETING: words.competing},
        return_dtype=pl.String,
    )
    return known.select(
        "subject",
        pl.when(judged).then("time").alias("value"),
        pl.when(judged).then(label).alias("label"),
        pl.when(judged).then("time").alias("day"),
        pl.when(judged).then("status").alias("status"),
        pl.coalesce("why_not", "why").alias("reason"),
    )


def _one_each(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.unique("subject", keep="first", maintain_order=True)


def derive_time_to_event(patients: Patients, parameters: TimeToEventParameters) -> pl.DataFrame:
    """Time to the first of the events named in the protocol.

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
    return derive_times(
        patients,
        pick_occurrences(patients, parameters.events, parameters.competing),
        parameters.words,
        read_criteria("time_to_event"),
        parameters.until_day,
    )


def time_needs(*names: str) -> tuple[Need, ...]:
    """What a time reads: one of its events, or the follow-up of those who had none."""
    return (Need("events", (*names, "last_follow_up")),)


TIME_TO_EVENT: Endpoint[TimeToEventParameters] = Endpoint(
    name="time_to_event",
    title="Time to the first of the named events",
    kind="time",
    parameters=TimeToEventParameters,
    derive=derive_time_to_event,
    needs=lambda parameters: time_needs(*parameters.events, *parameters.competing),
    criteria=lambda _: read_criteria("time_to_event"),
)
