"""Laboratory values as rules read them: bounds, and one value a day."""

from __future__ import annotations

import math
from typing import Literal

import polars as pl

from stromal.tables.labs import DOWN, UP
from stromal.tables.vocabulary.analytes import ANALYTES
from stromal.tables.windows import within

SIGNS = {"below": "<", "at most": "≤", "above": ">", "at least": "≥"}
"""The sign of each bound, as it is printed."""


def is_below(cut: pl.Expr, value: pl.Expr, bound: pl.Expr) -> pl.Expr:
    """Tell whether the truth lies below a cut; null where value and bound do not decide it.

    Parameters
    ----------
    cut, value
        In one unit; a null decides nothing.
    bound
        Where the truth lies from the value: `below`, `at most`, `above`, `at least`; null where
        the value is the truth.

    Examples
    --------
    >>> frame = pl.DataFrame({"x": [0.4, 0.1, 0.7, 1.0], "b": [None, "below", "below", "above"]})
    >>> below = is_below(pl.lit(0.5), pl.col("x"), pl.col("b"))
    >>> frame.select(below)["literal"].to_list()
    [True, True, None, False]
    """
    return (
        pl.when(bound.is_null())
        .then(value < cut)
        .when(bound == "below")
        .then(pl.when(value <= cut).then(pl.lit(value=True)))
        .when(bound == "at most")
        .then(pl.when(value < cut).then(pl.lit(value=True)))
        .when(bound.is_in(UP))
        .then(pl.when(value >= cut).then(pl.lit(value=False)))
    ).alias("literal")


def least_and_most(value: pl.Expr, bound: pl.Expr, floor: float = 0.0) -> tuple[pl.Expr, pl.Expr]:
    """Return the least and the most that a value can be; blood counts are never below 0.

    Examples
    --------
    >>> frame = pl.DataFrame({"x": [0.4, 0.1, 1000.0, None], "b": [None, "below", "above", None]})
    >>> least, most = least_and_most(pl.col("x"), pl.col("b"))
    >>> frame.select(least.alias("least"), most.alias("most")).rows()
    [(0.4, 0.4), (0.0, 0.1), (1000.0, inf), (0.0, inf)]
    """
    empty = value.is_null()
    return (
        pl.when(empty | bound.is_in(DOWN).fill_null(value=False)).then(floor).otherwise(value),
        pl.when(empty | bound.is_in(UP).fill_null(value=False)).then(math.inf).otherwise(value),
    )


def write_bound(bound: pl.Expr) -> pl.Expr:
    """Write the sign of a bound, with a blank after it; nothing where the value is the truth.

    Examples
    --------
    >>> frame = pl.DataFrame({"bound": ["below", "above", None]})
    >>> frame.select(write_bound(pl.col("bound")))["literal"].to_list()
    ['< ', '> ', '']
    """
    sign = bound.replace_strict(SIGNS, default=None, return_dtype=pl.String) + " "
    return sign.fill_null("").alias("literal")


def keep_first_of_day(ordered: pl.DataFrame, series: str = "subject") -> pl.DataFrame:
    """Keep the first row of every whole day; rows are sorted by series and day.

    Examples
    --------
    >>> rows = pl.DataFrame({"subject": "1", "day": [1.2, 1.7, 2.0], "value": [3, 4, 5]})
    >>> keep_first_of_day(rows)["value"].to_list()
    [3, 5]
    """
    day, name = pl.col("day").floor(), pl.col(series)
    return ordered.filter((name.ne_missing(name.shift())) | day.ne_missing(day.shift()))


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
    labs: pl.DataFrame,
    analyte: str,
    same_day: Literal["lowest", "highest"] = "lowest",
    *,
    empty: bool = False,
    inside: tuple[float | None, float | None] = (None, None),
) -> pl.DataFrame:
    """Return one value per subject and day of one analyte, sorted by subject and day.

    Parameters
    ----------
    labs
        The `labs` table; days may be fractional, and a day is a whole day.
    analyte
        Name of the analyte.
    same_day
        Which of several values on one day is kept; a bound counts as the least or the most that it
        can be.
    empty
        Whether days are kept whose values are all unknown: `value` is null there.
    inside
        First and last day [d] of the values that count; None leaves an end open. A value of the
        last day that lies after it is left out before the worst of the day is taken.

    Returns
    -------
    polars.DataFrame
        Rows of `labs` with `least` and `most`, what the value can be. Where an exact value of the
        day is beyond what a bound lets be known, the bound is that value. A NaN is no value, and a
        number without a unit or in another one than the internal is not read as if it were.

    Examples
    --------
    >>> from stromal.tables.labs import LABS
    >>> labs = pl.DataFrame({"subject": ["1", "1"], "day": [3.2, 3.7], "analyte": ["platelets"] * 2,
    ...                      "value": [20.0, 15.0], "unit": ["10^9/L"] * 2})
    >>> derive_daily_values(LABS.conform(labs), "platelets")["value"].to_list()
    [15.0]
    """
    known = ANALYTES.get(analyte)
    # A study's own analyte is in the unit that its protocol declares, which readers see to; what it
    # counts may be below 0.
    unit = pl.col("unit").is_not_null() if known is None else pl.col("unit") == known.unit
    value = pl.when(unit).then(pl.col("value").fill_nan(None))
    floor = -math.inf if known is None else 0.0
    least, most = least_and_most(pl.col("value"), pl.col("bound"), floor)
    rows = (
        labs.filter(pl.col("analyte") == analyte, pl.col("day").is_not_null(), within(*inside))
        .with_columns(value.alias("value"))
        .with_columns(least.alias("least"), most.alias("most"))
    )
    if not empty:
        rows = rows.drop_nulls("value")
    highest = same_day == "highest"
    ordered = rows.sort(
        "subject",
        pl.col("day").floor(),
        pl.col("value").is_null(),
        *(("most", "least") if highest else ("least", "most")),
        "value",
        pl.col("bound").fill_null(""),
        "day",
        descending=[False, False, False, highest, highest, highest, True, False],
    )
    return keep_first_of_day(
        ordered if ordered["bound"].is_null().all() else _tighten(ordered, same_day)
    )


def _tighten(ordered: pl.DataFrame, same_day: Literal["lowest", "highest"]) -> pl.DataFrame:
    """Tighten bounds by other values of their day: of 0.8 and `<1.5` the lowest is 0.8 at most."""
    end, open_, told = (
        ("most", DOWN, "at most") if same_day == "lowest" else ("least", UP, "at least")
    )
    best = pl.col(end).min() if same_day == "lowest" else pl.col(end).max()
    best = best.over("subject", pl.col("day").floor())
    looser = pl.col("bound").is_in(open_).fill_null(value=False) & (pl.col(end) != best)
    return ordered.with_columns(
        pl.when(looser).then(best).otherwise("value").alias("value"),
        pl.when(looser).then(best).otherwise(end).alias(end),
        pl.when(looser).then(pl.lit(told)).otherwise("bound").alias("bound"),
    )
