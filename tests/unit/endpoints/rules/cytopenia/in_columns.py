"""The same rules on whole columns, written apart from the loops: a second implementation."""

from __future__ import annotations

import polars as pl

from stromal.endpoints.rules.cytopenia.grading import derive_cytopenia_grades
from stromal.endpoints.rules.cytopenia.lineages import check_lineage
from stromal.tables.patients import Patients


def daily_grades(patients: Patients, lineage: str, criteria: str) -> pl.DataFrame:
    """The lowest value of every patient and day, graded: `number`, `day`, the grades."""
    numbers = patients.subjects.select("subject").with_row_index("number")
    analyte = check_lineage(criteria, lineage).analyte
    labs = patients.labs.filter(pl.col("analyte") == analyte).join(numbers, on="subject")
    day = pl.col("day").floor()
    return (
        derive_cytopenia_grades(labs, lineage, criteria)
        .sort(
            "number",
            day,
            pl.col("value").is_null(),
            -pl.col("grade_at_most"),
            -pl.col("grade_at_least"),
            "value",
            "day",
            nulls_last=True,
        )
        .filter(pl.col("number").ne_missing(pl.col("number").shift()) | day.ne_missing(day.shift()))
        .select("number", "day", "grade_at_least", "grade_at_most")
    )


def worst_grades(daily: pl.DataFrame, first: float, last: float) -> pl.DataFrame:
    """The least and the most that the worst grade of each patient can be, and the first day."""
    rows = daily.filter(pl.col("day").is_between(first, last))
    least, most = pl.col("grade_at_least"), pl.col("grade_at_most")
    bounds = rows.group_by("number").agg(least.max().alias("least"), most.max().alias("worst"))
    marked = rows.join(bounds, on="number")
    deciding = (most == pl.col("worst")) & (
        (pl.col("least") < pl.col("worst")) | (least == pl.col("worst"))
    )
    return (
        marked.filter(deciding)
        .group_by("number")
        .agg(pl.col("least", "worst").first(), pl.col("day").min())
        .sort("number")
    )


def episodes(
    assessments: pl.DataFrame, records: int | None = None, days: float | None = None
) -> pl.DataFrame:
    """Runs of `affected` rows of each `number`, with the recoveries that end them."""
    rows = assessments.select(
        "number",
        pl.col("day").alias("start"),
        pl.col("day").alias("last"),
        pl.lit(1).alias("size"),
        "affected",
    )
    runs = _runs(rows)
    if records is not None or days is not None:
        enough = pl.lit(value=False)
        if records is not None:
            enough |= pl.col("size") >= records
        if days is not None:
            enough |= pl.coalesce("next", "last") - pl.col("start") >= days
        first = pl.col("number").ne_missing(pl.col("number").shift())
        joined = pl.col("affected") | (~enough & ~first)
        runs = _runs(runs.with_columns(affected=joined).drop("next"))
    same = pl.col("number") == pl.col("number").shift()
    return (
        runs.with_columns(pl.when(same).then(pl.col("last").shift()).alias("before"))
        .filter("affected")
        .select(
            "number",
            pl.max_horizontal("start", pl.lit(0.0)).alias("start"),
            pl.coalesce("next", "last").alias("end"),
            pl.col("next").is_null().alias("open"),
            "before",
            "last",
        )
        .filter(pl.col("end") > 0)
    )


def _runs(rows: pl.DataFrame) -> pl.DataFrame:
    name, affected = pl.col("number"), pl.col("affected")
    begins = name.ne_missing(name.shift()) | affected.ne_missing(affected.shift())
    same = name.shift(-1) == name
    return (
        rows.with_columns(begins.cum_sum().alias("_run"))
        .group_by("_run", maintain_order=True)
        .agg(
            pl.col("number", "start", "affected").first(),
            pl.col("last").last(),
            pl.col("size").sum(),
        )
        .with_columns(pl.when(same).then(pl.col("start").shift(-1)).alias("next"))
        .drop("_run")
    )
