"""A grade at baseline and at a later visit, side by side."""

from __future__ import annotations

from typing import Literal

import polars as pl

from stromal.endpoints.endpoint import Parameters
from stromal.endpoints.records.graded_signs import SignParameters, grade_days
from stromal.endpoints.records.occurrences import read_conventions
from stromal.endpoints.records.words import number_text
from stromal.tables.patients import Patients
from stromal.tables.windows import Window, find_nearest

FARTHEST = 36500.0
"""The farthest day [d] that a window can name."""


class ChangeParameters(Parameters):
    """The days that are compared, and what a sign that nobody recorded means.

    Parameters
    ----------
    baseline
        Day [d] of the baseline, and the days around it that still count; a visit gives it.
    window
        Day [d] of the assessment, and the days around it that still count; a visit gives it.
    unrecorded_signs
        A sign that was not recorded on a day is missing, so that the day has no grade where it
        would matter, or absent.
    """

    baseline: Window = Window(day=0.0, before=7.0)
    window: Window = Window(day=28.0, before=3.0, after=3.0)
    unrecorded_signs: Literal["missing", "absent"] = "missing"


def derive_grades(
    patients: Patients, unrecorded_signs: Literal["missing", "absent"], criteria: str
) -> pl.DataFrame:
    """Derive the grade of every day with a record, as `grade_days`, sorted by subject and day."""
    whole = SignParameters(from_day=-FARTHEST, unrecorded_signs=unrecorded_signs)
    return grade_days(patients, whole, criteria).sort("subject", "day")


def derive_nearest_grades(
    patients: Patients,
    unrecorded_signs: Literal["missing", "absent"],
    criteria: str,
    window: Window,
) -> pl.DataFrame:
    """Derive the grade of the day nearest to that of a window, as `grade_days`.

    The window cuts before the worst of a day is taken.
    """
    inside = SignParameters(
        from_day=max(window.first, -FARTHEST),
        to_day=min(window.last, FARTHEST),
        unrecorded_signs=unrecorded_signs,
    )
    return find_nearest(grade_days(patients, inside, criteria).sort("subject", "day"), window)


def compare_grades(patients: Patients, criteria: str, p: ChangeParameters) -> pl.DataFrame:
    """Put the grades at baseline and at the assessment side by side.

    Parameters
    ----------
    patients
        The five tables; `subjects` and deaths are read.
    criteria
        Name of the criteria of the grades.
    p
        The days that are compared.

    Returns
    -------
    polars.DataFrame
        One row per subject, in order: `before_least`, `before_most`, `before_day` [d], and the same
        with `now_`, null where not assessed; `death_day` [d], of a death by the end of the window.
    """
    deaths = patients.events.filter(
        pl.col("event").is_in(read_conventions()["death"]), pl.col("day") <= p.window.last
    )
    rows = patients.subjects.select("subject")
    for frame in (
        *(
            _name(derive_nearest_grades(patients, p.unrecorded_signs, criteria, window), name)
            for name, window in (("before", p.baseline), ("now", p.window))
        ),
        deaths.group_by("subject").agg(pl.col("day").min().alias("death_day")),
    ):
        rows = rows.join(frame, on="subject", how="left", maintain_order="left")
    return rows


def _name(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    return rows.select("subject", pl.col("day", "least", "most").name.prefix(f"{name}_"))


def grade_words(name: str, grades: tuple[str, ...]) -> pl.Expr:
    """Write a grade of `compare_grades`, or the grades that it may be: `0 to 4`.

    Examples
    --------
    >>> row = pl.DataFrame({"now_least": [1, 0], "now_most": [1, 3]})
    >>> row.select(grade_words("now", ("0", "I", "II", "III")))["literal"].to_list()
    ['I', '0 to III']
    """
    named = dict(enumerate(grades))
    least, most = (
        pl.col(f"{name}_{end}").replace_strict(named, default=None, return_dtype=pl.String)
        for end in ("least", "most")
    )
    return (
        pl.when(least == most)
        .then(least)
        .otherwise(pl.format("{} to {}", least, most))
        .alias("literal")
    )


def describe_change(grades: tuple[str, ...], scale: str = "grade") -> tuple[pl.Expr, pl.Expr]:
    """Write the grade at baseline, and that grade with the one at the assessment.

    Examples
    --------
    >>> days = {"before_day": [0.0], "now_day": [28.0]}
    >>> row = pl.DataFrame({"before_least": [2], "before_most": [2], "now_least": [0],
    ...     "now_most": [0], **days})
    >>> row.select(describe_change(("0", "I", "II"))[1])["literal"].to_list()
    ['grade II on day 0, 0 on day 28']
    """
    before, now = (
        pl.format(words, grade_words(name, grades), number_text(f"{name}_day"))
        for name, words in (("before", f"{scale} {{}} on day {{}}"), ("now", "{} on day {}"))
    )
    return before, pl.format("{}, {}", before, now)
