"""Patients whose derived outcome is not the reported one, with what they were assessed to have."""

from __future__ import annotations

import polars as pl

from stromal.report.view import Cell, Heading, View, view_of
from stromal.report.words import MISSING, render_name
from stromal.tables.assessments import SCALES

_ITEMS = 8


def render_disagreements(
    disagreements: pl.DataFrame,
    outcomes: pl.DataFrame,
    assessments: pl.DataFrame,
    *,
    of_scale: str | None,
    but_scale: str,
    title: str,
) -> View:
    """Return one row per patient who differs: assessed, reported, derived, and derived from what.

    Parameters
    ----------
    disagreements
        Patients who differ: `subject`, `ours`, `reported`, `reason`.
    outcomes
        Outcomes of the endpoint: `subject`, `day` [d].
    assessments
        The `assessments` table of the cohort.
    of_scale, but_scale
        Scale that the outcome rests on; without it every scale but the reported one.
    title
        Caption of the table.

    Returns
    -------
    View
        The column of assessments is left out where none was made on the day of the outcome.
    """
    scale = pl.col("scale")
    rested = scale == of_scale if of_scale is not None else scale != but_scale
    seen = assessments.drop_nulls("value").filter(rested)
    day_of = dict(zip(outcomes["subject"], outcomes["day"], strict=True))
    found = {
        subject: describe_assessments(seen, subject, day_of.get(subject))
        for subject in disagreements["subject"]
    }
    assessed = any(found.values())
    cells = [
        [
            Cell(str(row["subject"])),
            *([Cell(found[row["subject"]] or MISSING)] if assessed else []),
            Cell(row["reported"] or MISSING),
            Cell(row["ours"] or MISSING),
            Cell(row["reason"] or ""),
        ]
        for row in disagreements.iter_rows(named=True)
    ]
    headings = [
        Heading("Patient"),
        *([Heading("Assessed", wide=True)] if assessed else []),
        Heading("Reported"),
        Heading("Derived"),
        Heading("Derived from", wide=True),
    ]
    return view_of(title, headings, cells, wordy=True)


def describe_assessments(assessments: pl.DataFrame, subject: str, day: float | None) -> str:
    """Items and values of one patient on a day, in the order of their scale.

    Examples
    --------
    >>> rows = pl.DataFrame(
    ...     {"subject": ["1", "1"], "day": [0.0, 0.0], "scale": ["acute_gvhd_stage"] * 2,
    ...      "item": ["gut", "skin"], "value": ["0", "4"]}
    ... )
    >>> describe_assessments(rows, "1", 0.0)
    'skin 4, gut 0'
    """
    same = pl.col("day").is_null() if day is None else pl.col("day") == day
    own = assessments.filter((pl.col("subject") == subject) & same)
    order = [item for scale in SCALES.values() for item in scale]
    lines = sorted(
        own.select("item", "value").unique().iter_rows(),
        key=lambda line: (order.index(line[0]) if line[0] in order else len(order), line),
    )
    words = [f"{render_name(item)} {value}" for item, value in lines[:_ITEMS]]
    return ", ".join([*words, *(["…"] if len(lines) > _ITEMS else [])])
