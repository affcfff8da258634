"""What happened to each patient, and what happened first: events, and grades that stages show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.records.words import number_text
from stromal.errors import join_words
from stromal.tables.outcomes import COMPETING, EVENT
from stromal.tables.patients import Patients
from stromal.tables.vocabulary.vocabulary import EVENT_WORDS

OCCURRENCES: dict[str, pl.DataType] = {
    "subject": pl.String(),
    "day": pl.Float64(),
    "event": pl.String(),
    "status": pl.Int64(),
    "rank": pl.Int64(),
    "note": pl.String(),
}


def read_conventions() -> Mapping[str, Any]:
    """Read the conventions that all times share, from `criteria/time_to_event.json`."""
    return read_criteria("time_to_event").rules


def name_events(names: Iterable[str]) -> str:
    """Name events in words.

    Examples
    --------
    >>> name_events(["relapse", "second_transplant", "death"])
    'relapse, second transplant or death'
    """
    return join_words([EVENT_WORDS.get(name, name.replace("_", " ")) for name in names], "or")


def name_event(column: str = "event") -> pl.Expr:
    """Name the event of a column in words: `grade III-IV acute GVHD`."""
    return pl.col(column).replace(dict(EVENT_WORDS)).str.replace_all("_", " ", literal=True)


def pick_occurrences(
    patients: Patients,
    events: Iterable[str],
    competing: Iterable[str] = (),
    shown: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Pick the rows of `events` that are the event (status 1) or compete with it (status 2).

    Parameters
    ----------
    patients
        The five tables.
    events, competing
        Names of events.
    shown
        Events that another table shows: `subject`, `day`, `event`, `note`, as from
        `derive_shown_events`; they stand in place of the recorded ones of the same patient and
        name.

    Returns
    -------
    polars.DataFrame
        `subject`, `day` [d] (null where unknown), `event`, `status`, `rank` (order on one day: as
        listed, events before competing ones, death last), `note` (words that follow the reason).
    """
    statuses = dict.fromkeys(events, EVENT) | dict.fromkeys(competing, COMPETING)
    last = read_conventions()["last_on_a_day"]
    names = sorted(statuses, key=lambda name: name == last)
    listed = pl.DataFrame(
        {
            "event": names,
            "status": [statuses[name] for name in names],
            "rank": list(range(1, len(names) + 1)),
        },
        schema={name: OCCURRENCES[name] for name in ("event", "status", "rank")},
    )
    rows = patients.events.select(
        "subject", "day", "event", pl.lit(None, pl.String).alias("note")
    ).join(listed, on="event", how="inner")
    if shown is not None:
        rows = pl.concat(
            [
                rows.join(shown, on=["subject", "event"], how="anti"),
                shown.join(listed, on="event", how="inner").select(rows.columns),
            ]
        )
    return rows.select(list(OCCURRENCES))


def derive_first(subjects: pl.DataFrame, occurrences: pl.DataFrame) -> pl.DataFrame:
    """Derive the first thing that happened to each patient, or why it cannot be told.

    Parameters
    ----------
    subjects
        One row per patient: `subject`.
    occurrences
        As from `pick_occurrences`.

    Returns
    -------
    polars.DataFrame
        `subject`; `day` [d], `event`, `status`, `note` of the first occurrence from day 0 on (null
        where there is none); `undated` (an event without a day that may have come first),
        `undated_death` (a death without a day), `early_death` (day of a death before day 0).
        `is_unknown` and `unknown_words` read the last three.
    """
    death = pl.col("event") == read_conventions()["last_on_a_day"]
    in_order = occurrences.sort("day", "rank", nulls_last=True)
    first = _one_each(in_order.filter(pl.col("day") >= 0)).drop("rank")
    # A death whose day is unknown still comes after everything else that happened.
    undated = _one_each(in_order.filter(pl.col("day").is_null() & ~death))
    undated_death = _one_each(in_order.filter(pl.col("day").is_null() & death))
    early_death = _one_each(in_order.filter((pl.col("day") < 0) & death))
    rows = subjects.select("subject")
    for frame in (
        first,
        undated.select("subject", pl.col("event").alias("undated")),
        undated_death.select("subject", pl.col("event").alias("undated_death")),
        early_death.select("subject", pl.col("day").alias("early_death")),
    ):
        rows = rows.join(frame, on="subject", how="left", maintain_order="left")
    return rows


def is_unknown() -> pl.Expr:
    """Tell patients of `derive_first` whose first occurrence cannot be told."""
    hidden = pl.col("day").is_null() & pl.col("undated_death").is_not_null()
    return pl.col("early_death").is_not_null() | pl.col("undated").is_not_null() | hidden


def unknown_words() -> pl.Expr:
    """Say why the first occurrence of a patient of `derive_first` cannot be told."""
    no_day = " recorded without a day"
    return (
        pl.when(pl.col("early_death").is_not_null())
        .then(pl.lit("death on day ") + number_text("early_death") + ", before day 0")
        .when(pl.col("undated").is_not_null())
        .then(name_event("undated") + no_day)
        .when(pl.col("day").is_null())
        .then(name_event("undated_death") + no_day)
    )


def _one_each(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.unique("subject", keep="first", maintain_order=True)
