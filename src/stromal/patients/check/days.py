"""Days that cannot be: before follow-up, after it, after death."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from stromal.errors import Issue, Severity
from stromal.protocol.protocol import Protocol
from stromal.tables.fold import fold_rows
from stromal.tables.patients import Patients

_RECORDS = ("doses", "labs", "assessments", "events")
_WHICH_DAY = "correct the day, or that of last_follow_up: the last day known alive"


def check_follow_up(patients: Patients, _protocol: Protocol) -> tuple[Issue, ...]:
    """Subjects whose last day lies before their first."""
    first, last = patients.subjects["first_day"], patients.subjects["last_day"]

    def say(position: int) -> Issue:
        table, row = patients.place("subjects", position)
        message = f"last day {last[position]:g} is before first day {first[position]:g}"
        return Issue(message, table, row, "last_day")

    return fold_rows(last < first, say)


def check_records_in_follow_up(patients: Patients, _protocol: Protocol) -> tuple[Issue, ...]:
    """Records before the first or after the last day of their subject."""
    span = patients.subjects.select("subject", "first_day", "last_day")
    span = span.unique("subject", keep="first")
    issues: list[Issue] = []
    for name in _RECORDS:
        frame = patients.table(name).select("subject", "day")
        days = frame.join(span, on="subject", how="left", maintain_order="left")
        day, first, last = days["day"], days["first_day"], days["last_day"]

        def say(position: int, name: str = name, days: pl.DataFrame = days) -> Issue:
            table, row = patients.place(name, position)
            record = days.row(position, named=True)
            early = record["first_day"] is not None and record["day"] < record["first_day"]
            limit = record["first_day"] if early else record["last_day"]
            end = "before the first" if early else "after the last"
            message = (
                f"day {record['day']:g} is {end} day of subject {record['subject']}, {limit:g}"
            )
            hint = "correct the day, or the subject's days in subjects"
            return Issue(message, table, row, "day", hint)

        outside = (day < first).fill_null(value=False) | (day > last).fill_null(value=False)
        issues += fold_rows(outside, say)
    return tuple(issues)


def check_records_after_contact(patients: Patients, _protocol: Protocol) -> tuple[Issue, ...]:
    """Records after the last follow-up of a subject whose last day is not in `subjects`.

    Such a record proves contact, so that follow-up goes on to it; which of the two days is right is
    asked. A death may be reported later than the last contact, and is no contradiction.
    """
    stated = patients.subjects.filter(pl.col("last_day").is_not_null()).select("subject")
    contacts = patients.events.filter(pl.col("event") == "last_follow_up").join(
        stated, on="subject", how="anti"
    )
    contact = contacts.group_by("subject").agg(pl.col("day").max().alias("contact"))
    if not contact["contact"].count():
        return ()

    def tell(record: dict[str, Any]) -> tuple[str, str, Severity]:
        message = (
            f"day {record['day']:g} is after the last follow-up of subject "
            f"{record['subject']} on day {record['contact']:g}; it counts as contact"
        )
        return message, _WHICH_DAY, Severity.WARNING

    return _find_later_records(patients, contact, tell)


def check_last_contact(patients: Patients, _protocol: Protocol) -> tuple[Issue, ...]:
    """Survivors whose last day lies after their last follow-up: one of the two is not the last."""
    dead = patients.events.filter(pl.col("event") == "death")
    survivors = patients.events.join(dead.select("subject"), on="subject", how="anti")
    contacts = survivors.filter(pl.col("event") == "last_follow_up").group_by("subject")
    contact = contacts.agg(pl.col("day").max().alias("contact"))
    days = patients.subjects.select("subject", "last_day").join(
        contact, on="subject", how="left", maintain_order="left"
    )

    def say(position: int) -> Issue:
        table, row = patients.place("subjects", position)
        record = days.row(position, named=True)
        message = (
            f"last day {record['last_day']:g} is after the last follow-up of subject "
            f"{record['subject']} on day {record['contact']:g}; it counts as contact"
        )
        return Issue(message, table, row, "last_day", _WHICH_DAY, Severity.WARNING)

    return fold_rows(days["last_day"] > days["contact"], say)


def check_deaths(patients: Patients, _protocol: Protocol) -> tuple[Issue, ...]:
    """Subjects who die more than once."""
    events = patients.events
    death = events["event"] == "death"
    again = events.select(
        (pl.col("event") == "death") & ~pl.struct("subject", "event").is_first_distinct()
    ).to_series()

    def say(position: int) -> Issue:
        table, row = patients.place("events", position)
        return Issue(f"subject {events['subject'][position]} dies a second time", table, row)

    return fold_rows(death & again, say)


def check_records_after_death(patients: Patients, _protocol: Protocol) -> tuple[Issue, ...]:
    """Records dated after the death of their subject."""
    deaths = patients.events.filter(pl.col("event") == "death").group_by("subject")
    death = deaths.agg(pl.col("day").min().alias("death"))

    def tell(record: dict[str, Any]) -> tuple[str, str, Severity]:
        message = (
            f"day {record['day']:g} is after the death of subject {record['subject']}"
            f" on day {record['death']:g}"
        )
        return message, "", Severity.ERROR

    return _find_later_records(patients, death, tell)


def _find_later_records(
    patients: Patients,
    limits: pl.DataFrame,
    tell: Callable[[dict[str, Any]], tuple[str, str, Severity]],
) -> tuple[Issue, ...]:
    """Records after the day of their subject in `limits`: `subject` and one column of days."""
    (limit,) = (column for column in limits.columns if column != "subject")
    issues: list[Issue] = []
    for name in _RECORDS:
        frame = patients.table(name).select("subject", "day")
        days = frame.join(limits, on="subject", how="left", maintain_order="left")
        after = days["day"] > days[limit]
        if name == "events":
            # A death may be reported after the last contact; a second one is said by its own check.
            after &= patients.events["event"] != "death"

        def say(position: int, name: str = name, days: pl.DataFrame = days) -> Issue:
            table, row = patients.place(name, position)
            message, hint, severity = tell(days.row(position, named=True))
            return Issue(message, table, row, "day", hint, severity)

        issues += fold_rows(after, say)
    return tuple(issues)
