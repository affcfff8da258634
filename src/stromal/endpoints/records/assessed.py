"""Assessments as rules read them: what was recorded of an item nearest to a day."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from stromal.tables.patients import Patients
from stromal.tables.windows import Window, find_nearest


def find_nearest_items(
    patients: Patients, scale: str, items: Sequence[str], window: Window
) -> pl.DataFrame:
    """Find what was recorded of each item nearest to the day of a window.

    Parameters
    ----------
    patients
        The five tables; `assessments` is read.
    scale, items
        The scale, and its items.
    window
        Day [d], and the days around it that still count; each item has its own nearest day.

    Returns
    -------
    polars.DataFrame
        One row per subject with a record: a text column per item, null where not recorded, and
        `day` [d], the last of their days.

    Examples
    --------
    >>> rows = pl.DataFrame({"day": [-3.0, -1.0], "item": ["stage", "bulky"],
    ...                      "value": ["II", "no"]})
    >>> rows = rows.with_columns(subject=pl.lit("1"), scale=pl.lit("lymphoma"))
    >>> patients = Patients.of(assessments=rows)
    >>> find_nearest_items(patients, "lymphoma", ["stage", "bulky"], Window(before=9, day=0)).rows()
    [('1', -1.0, 'II', 'no')]
    """
    item = pl.col("item")
    rows = patients.assessments.filter(
        pl.col("scale") == scale, item.is_in(list(items)), pl.col("value").is_not_null()
    )
    nearest = find_nearest(rows, window, ("subject", "item"))
    return nearest.group_by("subject", maintain_order=True).agg(
        pl.col("day").max(),
        *(pl.col("value").filter(item == name).first().alias(name) for name in items),
    )


def whole_number(item: str) -> pl.Expr:
    """Read an item as a whole number: `2` and `2.0` are 2; null where it is none.

    Examples
    --------
    >>> pl.DataFrame({"ecog": ["2", "1.0", "x"]}).select(whole_number("ecog"))["ecog"].to_list()
    [2, 1, None]
    """
    return pl.col(item).cast(pl.Float64, strict=False).cast(pl.Int64, strict=False)
