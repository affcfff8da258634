"""Patients whose derived outcome is not the reported one, with what they were assessed to have."""

from __future__ import annotations

import polars as pl

from stromal.protocol.protocol import AgreementAnalysis, StageMapAnalysis
from stromal.report.content import Content
from stromal.report.groups import label_analysis
from stromal.report.view import Cell, Heading, View, view_of
from stromal.report.words import MISSING, render_name
from stromal.tables.assessments import SCALES

_ITEMS = 8


def render_disagreements(content: Content, analysis: AgreementAnalysis) -> View:
    """One row per patient who differs: what was assessed, what was reported, what follows, why.

    Parameters
    ----------
    content
        Its `disagreements` say who differs.
    analysis
        Which comparison.

    Returns
    -------
    View
        The column of assessments is left out where none was made on the day of the outcome.
    """
    rows = content.disagreements.filter(pl.col("analysis") == analysis.name)
    days = content.outcomes.filter(pl.col("endpoint") == analysis.endpoint)
    day_of = dict(zip(days["subject"], days["day"], strict=True))
    seen = _assessed(content, analysis)
    found = {
        subject: describe_assessments(seen, subject, day_of.get(subject))
        for subject in rows["subject"]
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
        for row in rows.iter_rows(named=True)
    ]
    headings = [
        Heading("Patient"),
        *([Heading("Assessed", wide=True)] if assessed else []),
        Heading("Reported"),
        Heading("Derived"),
        Heading("Derived from", wide=True),
    ]
    title = f"Patients who differ: {label_analysis(content.protocol, analysis.name)}"
    return view_of(title, headings, cells)


def _assessed(content: Content, analysis: AgreementAnalysis) -> pl.DataFrame:
    """Assessments that the outcome may rest on: of the scale that is drawn with it, else of any."""
    rows = content.patients.assessments.drop_nulls("value")
    for other in content.protocol.analyses:
        if isinstance(other, StageMapAnalysis) and analysis.endpoint in other.endpoints:
            return rows.filter(pl.col("scale") == other.scale)
    return rows.filter(pl.col("scale") != analysis.scale)


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
