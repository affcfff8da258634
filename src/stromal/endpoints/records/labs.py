"""Laboratory values as rules read them: one a day."""

from __future__ import annotations

from typing import Literal

import polars as pl

from stromal.tables.vocabulary.analytes import ANALYTES


def label_analyte(analyte: str) -> str:
    """Return what sentences call an analyte; of one that a study declares, its name in words.

    Examples
    --------
    >>> label_analyte("crp"), label_analyte("regulatory_t_cells")
    ('C-reactive protein', 'regulatory t cells')
    """
    known = ANALYTES.get(analyte)
    return analyte.replace("_", " ") if known is None else known.label


def derive_daily_values(
    labs: pl.DataFrame, analyte: str, same_day: Literal["lowest", "highest"] = "lowest"
) -> pl.DataFrame:
    """One value per subject and day of one analyte, sorted by subject and day.

    Parameters
    ----------
    labs
        The `labs` table; days may be fractional, and a day is a whole day.
    analyte
        Name of the analyte.
    same_day
        Which of several values on one day is kept.

    Returns
    -------
    polars.DataFrame
        Rows of `labs` that have a value in the internal unit; a NaN is no value, and a number
        without a unit or in another one is not read as if it were.

    Examples
    --------
    >>> from stromal.tables.labs import LABS
    >>> labs = pl.DataFrame({"subject": ["1", "1"], "day": [3.2, 3.7], "analyte": ["platelets"] * 2,
    ...                      "value": [20.0, 15.0], "unit": ["10^9/L"] * 2})
    >>> derive_daily_values(LABS.conform(labs), "platelets")["value"].to_list()
    [15.0]
    """
    known = ANALYTES.get(analyte)
    # A study's own analyte is in the unit that its protocol declares, which readers see to.
    unit = pl.col("unit").is_not_null() if known is None else pl.col("unit") == known.unit
    return (
        labs.filter(pl.col("analyte") == analyte, unit)
        .with_columns(pl.col("value").fill_nan(None))
        .drop_nulls(["value", "day"])
        .sort(
            "subject",
            pl.col("day").floor(),
            "value",
            "day",
            descending=[False, False, same_day == "highest", False],
        )
        .unique(["subject", pl.col("day").floor()], keep="first", maintain_order=True)
    )
