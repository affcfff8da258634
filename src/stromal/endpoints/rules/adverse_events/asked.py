"""Adverse events that a protocol asks about: which surely count, and which may."""

from __future__ import annotations

from typing import Literal

import polars as pl
from pydantic import Field, model_validator

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Need, Parameters
from stromal.endpoints.records.watched import watch_window
from stromal.endpoints.records.words import number_text, window_words
from stromal.tables.events import EVENTS
from stromal.tables.patients import Patients
from stromal.tables.windows import Day

CRITERIA = "adverse_events"


class AskedParameters(Parameters):
    """The window, and which adverse events count.

    Parameters
    ----------
    from_day
        First day [d] on which an event may begin, included.
    to_day
        Last day [d] on which it may begin, included; none: the end of follow-up.
    terms
        Terms that count, whatever their capitals; none: all.
    serious
        Count serious events only.
    related
        Count events only that possibly, probably or definitely relate to the treatment.
    emergent
        Leave out an event whose term had its grade or a higher one before the window.
    unrecorded
        A relation or seriousness that was not recorded is missing, so that the event may count, or
        absent, so that it does not.
    """

    from_day: Day = 0.0
    to_day: Day | None = None
    terms: tuple[str, ...] = ()
    serious: bool = False
    related: bool = False
    emergent: bool = True
    unrecorded: Literal["missing", "absent"] = "missing"

    @model_validator(mode="after")
    def _in_order(self) -> AskedParameters:
        if self.to_day is not None and self.to_day < self.from_day:
            raise ValueError("`to_day` is before `from_day`; give the later day as `to_day`")
        return self

    @property
    def what(self) -> str:
        """Name the events that count."""
        serious = "serious " if self.serious else ""
        related = "treatment-related " if self.related else ""
        listed = f" of the terms {', '.join(self.terms)}" if self.terms else ""
        return f"{serious}{related}adverse event{listed}"

    @property
    def window(self) -> str:
        """Write the days of the window."""
        return window_words(self.from_day, self.to_day)


def find_asked(patients: Patients, parameters: AskedParameters) -> pl.DataFrame:
    """Find adverse events that count, or that may count where something was not recorded.

    Parameters
    ----------
    patients
        The five tables; `events` are read.
    parameters
        The window, and which adverse events count.

    Returns
    -------
    polars.DataFrame
        One row per event: `subject`, `day` [d], `term`, `grade`; `least` and `most`, the grades
        that it can have; `surely`, whether it counts whatever is missing.

    Examples
    --------
    >>> events = pl.DataFrame({"subject": "1", "day": [3.0, 5.0], "event": "adverse_event",
    ...                        "term": ["fever", "rash"], "grade": [2.0, None]})
    >>> found = find_asked(Patients.of(events=events), AskedParameters())
    >>> found.select("term", "least", "most", "surely").rows()
    [('fever', 2, 2, True), ('rash', 1, 5, True)]
    """
    p, rules = parameters, read_criteria(CRITERIA).rules
    events = patients.events.filter(pl.col("event").is_in(rules["events"]))
    lacking = [name for name in ("term", "grade", "relation", "serious") if name not in events]
    rows = events.with_columns(pl.lit(None, EVENTS.dtypes[name]).alias(name) for name in lacking)
    lowest, highest = rules["grades"]
    grade = pl.col("grade").cast(pl.Int64)
    rows = rows.with_columns(
        pl.col("term").str.to_lowercase().str.strip_chars().alias("_term"),
        grade.fill_null(lowest).alias("least"),
        grade.fill_null(highest).alias("most"),
    )
    day = pl.col("day")
    end = pl.lit(p.to_day, pl.Float64)
    inside = (day >= p.from_day) & (day <= end if p.to_day is not None else True)
    tests = [(inside, day.is_null())]
    if p.terms:
        asked = [term.lower().strip() for term in p.terms]
        tests.append((pl.col("_term").is_in(asked), pl.col("_term").is_null()))
    missing = pl.lit(p.unrecorded == "missing")
    if p.serious:
        named = pl.col("event") == rules["serious_event"]
        said = pl.col("serious")
        tests.append((named | (said == "yes").fill_null(value=False), said.is_null() & missing))
    if p.related:
        relation = pl.col("relation")
        tests.append((relation.is_in(rules["related"]), relation.is_null() & missing))
    if p.emergent:
        rows, test = _emerge(rows, p.from_day)
        tests.append(test)
    surely = pl.all_horizontal(holds.fill_null(value=False) for holds, _ in tests)
    possibly = pl.all_horizontal(holds.fill_null(value=False) | unknown for holds, unknown in tests)
    return rows.filter(possibly).select(
        "subject", "day", "term", "grade", "least", "most", surely.alias("surely")
    )


def _emerge(rows: pl.DataFrame, from_day: float) -> tuple[pl.DataFrame, tuple[pl.Expr, pl.Expr]]:
    """Join the grades that each term had before the window; whether an event is above them.

    An event without a day may have been before the window, and one without a term of any term.
    """
    numbered = rows.with_row_index("_event")
    named = pl.col("_before_term").is_not_null() & pl.col("_term").is_not_null()
    dated = pl.col("_before_day").is_not_null()
    earlier = numbered.filter(pl.col("day").is_null() | (pl.col("day") < from_day)).select(
        "subject",
        _other="_event",
        _before_term="_term",
        _before_day="day",
        _before_least="least",
        _before_most="most",
    )
    before = (
        numbered.select("subject", "_event", "_term")
        .join(earlier, on="subject")
        .filter(
            pl.col("_event") != pl.col("_other"),
            ~named | (pl.col("_term") == pl.col("_before_term")),
        )
        .group_by("_event")
        .agg(
            pl.col("_before_least").filter(named & dated).max().alias("_least"),
            pl.col("_before_most").max().alias("_most"),
        )
    )
    joined = numbered.join(before, on="_event", how="left", maintain_order="left")
    surely = pl.col("_most").is_null() | (pl.col("least") > pl.col("_most"))
    possibly = pl.col("_least").is_null() | (pl.col("most") > pl.col("_least"))
    return joined.drop("_event"), (surely, possibly)


def join_watched(
    patients: Patients, found: pl.DataFrame, parameters: AskedParameters
) -> pl.DataFrame:
    """Join the worst events that count to how far each patient was watched.

    Returns
    -------
    polars.DataFrame
        One row per subject, in order: the columns of `watch_window`, `least`, the worst grade that
        surely counts, `most`, the worst that may count (0 where there is none), `worst_day` [d] and
        `worst_term` of the first event of grade `least`, and `number` of events that surely count.
    """
    sure = found.filter("surely")
    worst = sure.sort("least", "day", "term", descending=[True, False, False]).unique(
        "subject", keep="first", maintain_order=True
    )
    rows = watch_window(patients, parameters.to_day)
    for frame in (
        sure.group_by("subject").agg(pl.col("least").max(), pl.len().alias("number")),
        found.group_by("subject").agg(pl.col("most").max()),
        worst.select(
            "subject", pl.col("day").alias("worst_day"), pl.col("term").alias("worst_term")
        ),
    ):
        rows = rows.join(frame, on="subject", how="left", maintain_order="left")
    return rows.with_columns(pl.col("least", "most", "number").fill_null(0))


def worst_words() -> pl.Expr:
    """Write the term and the day of the worst event: `fever on day 3`."""
    term = pl.col("worst_term").fill_null("term not recorded")
    return pl.format("{} on day {}", term, number_text("worst_day"))


def list_needs(parameters: AskedParameters) -> tuple[Need, ...]:
    """Return what a rule on adverse events reads: them, or the follow-up of those without."""
    del parameters
    names = tuple(read_criteria(CRITERIA).rules["events"])
    return (Need("events", (*names, "last_follow_up")),)


class LeastGradeParameters(AskedParameters):
    """Which adverse events count, and of which grade.

    Parameters
    ----------
    from_grade
        The least grade that counts.
    """

    from_grade: int = Field(1, ge=1, le=5)

    @property
    def what(self) -> str:
        """Name the events that count."""
        grade = f" of grade {self.from_grade} or more" if self.from_grade > 1 else ""
        return super().what + grade
