"""Endpoints that would compare a patient's baseline with itself."""

from __future__ import annotations

import polars as pl

from stromal.errors import Issue, Severity
from stromal.protocol.protocol import Protocol
from stromal.tables.fold import SHOWN, fold_issues
from stromal.tables.patients import Patients
from stromal.tables.windows import Window, find_nearest


def check_baselines(patients: Patients, protocol: Protocol) -> tuple[Issue, ...]:
    """Subjects whose baseline and visit are the same day of the same scale or analyte.

    It happens where the windows of the two visits overlap and the day nearest to both is one.
    """
    issues: list[Issue] = []
    uses = [
        (use, protocol.visit(use.visit), protocol.visit(use.baseline))
        for use in protocol.endpoints
        if use.visit is not None and use.baseline is not None
    ]
    if not uses:
        return ()
    days = _days(patients)
    for use, visit, baseline in uses:
        same = (
            _nearest(days, visit.window)
            .join(_nearest(days, baseline.window), on=("subject", "table", "series", "day"))
            .sort("table", "position")
            .group_by("subject", maintain_order=True)
            .agg(pl.col("day", "table", "position").first(), pl.col("series").unique().sort())
        )
        found = []
        for subject, day, table, position, series in same.head(SHOWN).iter_rows():
            name, row = patients.place(table, position)
            message = (
                f"`{use.name}` compares day {day:g} of subject {subject} with itself: it is both "
                f"`{baseline.name}` and `{visit.name}` for {', '.join(series[:5])}"
            )
            hint = "set the windows of the two visits apart, or add the missing assessment"
            found.append(Issue(message, name, row, hint=hint, severity=Severity.WARNING))
        issues += fold_issues(found, same.height)
    return tuple(issues)


def _days(patients: Patients) -> pl.DataFrame:
    """Every day of every scale and analyte of a subject, and the position of its first record."""
    tables = [("assessments", "scale"), ("labs", "analyte")]
    return pl.concat(
        patients.table(table)
        .with_row_index("position")
        .group_by("subject", pl.lit(table).alias("table"), pl.col(column).alias("series"), "day")
        .agg(pl.col("position").min())
        for table, column in tables
    )


def _nearest(days: pl.DataFrame, window: Window) -> pl.DataFrame:
    """The days of each series that the rules take: the earlier of two values, both assessments."""
    series = ("subject", "table", "series")
    values = pl.col("table") == "labs"
    return pl.concat(
        [
            find_nearest(days.filter(~values), window, series, ties="all"),
            find_nearest(days.filter(values), window, series),
        ]
    )
