"""Days that no patient can have: dates in disguise, and more years than a life has."""

from __future__ import annotations

import polars as pl

from stromal.errors import Issue, Severity
from stromal.patients.check.day_columns import find_days
from stromal.patients.check.day_words import (
    FROM_1960,
    FROM_1970,
    YEAR,
    count_years,
    explain_day,
    name_date,
)
from stromal.protocol.protocol import Protocol
from stromal.tables.fold import fold_rows, fold_values
from stromal.tables.patients import Patients

FARTHEST = 60 * YEAR
"""No patient is followed for longer: the first transplantations are no older."""
LATE, NEAR = 12_000, 3_000
"""Days beyond `LATE` are questioned where all others lie before `NEAR`: R and SAS count so."""
LIFETIME = {"human": 120.0, "mouse": 6.0}


def check_spans(patients: Patients, _protocol: Protocol) -> tuple[Issue, ...]:
    """Days more than 60 years from day 0, with what they look like: a date, seconds, a code."""
    issues: list[Issue] = []
    for name, column, days in find_days(patients):
        far = days.abs() > FARTHEST
        if not far.any():
            continue
        kinds = pl.Series([None], dtype=pl.String).new_from_index(0, days.len())
        places = far.arg_true()
        kinds.scatter(places, [explain_day(day)[0] for day in days.gather(places).to_list()])

        def say(
            _kind: str,
            position: int,
            name: str = name,
            column: str = column,
            days: pl.Series = days,
        ) -> Issue:
            table, row = patients.place(name, position)
            day = days[position]
            message = f"day {day:.15g} is {count_years(day)} day 0"
            return Issue(message, table, row, column, explain_day(day)[1])

        issues += fold_values(far, kinds, say)
    return tuple(issues)


def check_late_days(patients: Patients, _protocol: Protocol) -> tuple[Issue, ...]:
    """Days decades after day 0 that stand alone, as days counted from 1960 or 1970 do."""
    rest = [days.filter(days <= LATE).max() for _, _, days in find_days(patients)]
    latest = max((float(str(day)) for day in rest if day is not None), default=0.0)
    if latest > NEAR:
        return ()
    issues: list[Issue] = []
    for name, column, days in find_days(patients):

        def say(
            _text: str,
            position: int,
            name: str = name,
            column: str = column,
            days: pl.Series = days,
        ) -> Issue:
            table, row = patients.place(name, position)
            day = days[position]
            message = (
                f"day {day:.15g} is {count_years(day)} day 0, and no other day is beyond {latest:g}"
            )
            hint = (
                f"is it {name_date(FROM_1970, day)} as R counts days, or "
                f"{name_date(FROM_1960, day)} as SAS and Stata do? write days counted from day 0"
            )
            return Issue(message, table, row, column, hint, Severity.WARNING)

        late = (days > LATE) & (days <= FARTHEST)
        if late.any():
            issues += fold_values(late, days.is_null().cast(pl.String), say)
    return tuple(issues)


def check_lifetimes(patients: Patients, _protocol: Protocol) -> tuple[Issue, ...]:
    """Days after the longest life and before birth, by the age on day 0."""
    subjects = patients.subjects.select(
        "subject",
        age=pl.col("age_years"),
        life=pl.col("species").replace_strict(LIFETIME, default=120.0, return_dtype=pl.Float64),
    ).unique("subject", keep="first")
    # An age in whole years may be up to a year too low; impossible ages are said by their check.
    born = subjects.filter(pl.col("age").is_between(0, pl.col("life"))).select(
        "subject", "age", first=-(pl.col("age") + 1), last=pl.col("life") - pl.col("age")
    )
    low, high = born["first"].max(), born["last"].min()
    if low is None or high is None:
        return ()
    issues: list[Issue] = []
    for name, column, days in find_days(patients):
        years = days / YEAR
        if not ((years < low) | (years > high)).any():
            continue
        lives = (
            patients.table(name)
            .select("subject")
            .join(born, on="subject", how="left", maintain_order="left")
        )

        def say(
            position: int,
            name: str = name,
            column: str = column,
            days: pl.Series = days,
            lives: pl.DataFrame = lives,
        ) -> Issue:
            table, row = patients.place(name, position)
            day, life = days[position], lives.row(position, named=True)
            born_later = day < 0
            message = f"day {day:g} is before the birth of subject {life['subject']}"
            if not born_later:
                age = life["age"] + day / YEAR
                message = f"subject {life['subject']} would be {age:.0f} years old on day {day:g}"
            hint = f"age on day 0 is {life['age']:g}; check it and the day"
            return Issue(message, table, row, column, hint)

        near = days.abs() <= FARTHEST
        issues += fold_rows(near & ((years < lives["first"]) | (years > lives["last"])), say)
    return tuple(issues)
