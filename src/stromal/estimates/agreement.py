"""Derived outcomes against the ones that were reported, patient by patient."""

from __future__ import annotations

import polars as pl


def compare_reported(
    outcomes: pl.DataFrame, assessments: pl.DataFrame, scale: str, item: str
) -> pl.DataFrame:
    """The derived and the reported label of every patient.

    Where a patient has several assessments of the item, the one on the day of the outcome counts,
    else the last one.

    Parameters
    ----------
    outcomes
        Outcomes of one endpoint, one row per patient: `subject`, `label`, `day` [d], `reason`.
    assessments
        The `assessments` table.
    scale, item
        Which assessment is the report.

    Returns
    -------
    polars.DataFrame
        `subject`, `ours`, `reported`, `reason`, one row per patient in the order of `outcomes`; a
        label that is not there is null.

    Examples
    --------
    >>> outcomes = pl.DataFrame(
    ...     {"subject": ["1"], "label": ["III"], "day": [0.0], "reason": ["gut stage 3"]}
    ... )
    >>> assessments = pl.DataFrame(
    ...     {"subject": ["1"], "day": [0.0], "scale": ["x"], "item": ["grade"], "value": ["IV"]}
    ... )
    >>> compare_reported(outcomes, assessments, "x", "grade").row(0)
    ('1', 'III', 'IV', 'gut stage 3')
    """
    reported = assessments.filter(
        (pl.col("scale") == scale) & (pl.col("item") == item) & pl.col("value").is_not_null()
    ).select("subject", pl.col("value").alias("reported"), pl.col("day").alias("reported_day"))
    both = outcomes.select("subject", pl.col("label").alias("ours"), "day", "reason").join(
        reported, on="subject", how="left", maintain_order="left_right"
    )
    same_day = (pl.col("reported_day") == pl.col("day")).fill_null(value=False)
    return (
        both.with_row_index("place")
        .with_columns(same_day.alias("same_day"))
        .sort("same_day", "reported_day", "place", nulls_last=False)
        .group_by("subject", maintain_order=True)
        .agg(
            pl.col("place").min(),
            pl.col("ours", "reported", "reason").last(),
        )
        .sort("place")
        .select("subject", "ours", "reported", "reason")
    )
