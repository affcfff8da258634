"""Laboratory values as rules read them: one a day, the nearest to a day, those of a window."""

from __future__ import annotations

from typing import Literal

import polars as pl

from stromal.tables.vocabulary.analytes import ANALYTES


def number_text(number: pl.Expr) -> pl.Expr:
    """A number as it is written in a reason: no trailing `.0`, at most six significant digits.

    Examples
    --------
    >>> import polars as pl
    >>> pl.Series([12.0, 4.9]).to_frame("x").select(number_text(pl.col("x")))["x"].to_list()
    ['12', '4.9']
    """
    return number.round_sig_figs(6).cast(pl.String).str.replace(r"\.0$", "")


def amount_text(number: pl.Expr, unit: pl.Expr) -> pl.Expr:
    """A number and its unit as they are written in a reason.

    Examples
    --------
    >>> import polars as pl
    >>> frame = pl.DataFrame({"x": [12.0, 9.5], "unit": ["10^9/L", "g/dL"]})
    >>> frame.select(amount_text(pl.col("x"), pl.col("unit")))["x"].to_list()
    ['12 x 10^9/L', '9.5 g/dL']
    """
    written = unit.str.replace(r"^10\^", "x 10^").fill_null("without a unit")
    return pl.concat_str(number_text(number), written, separator=" ")


def window_text(from_day: float | None, to_day: float | None) -> str:
    """A window in words.

    Examples
    --------
    >>> window_text(0, None), window_text(1, 28), window_text(0, 0), window_text(None, None)
    ('from day 0', 'from day 1 to day 28', 'on day 0', 'on any day')
    """
    if from_day is not None and from_day == to_day:
        return f"on day {from_day:g}"
    parts = [
        *([f"from day {from_day:g}"] if from_day is not None else []),
        *([f"to day {to_day:g}"] if to_day is not None else []),
    ]
    return " ".join(parts) or "on any day"


def within(from_day: float | None, to_day: float | None) -> pl.Expr:
    """Whether `day` lies from one day to the other, both included; None is open.

    Examples
    --------
    >>> import polars as pl
    >>> pl.DataFrame({"day": [0, 1, 2]}).filter(within(1, None)).height
    2
    """
    start = pl.lit(value=True) if from_day is None else pl.col("day") >= from_day
    end = pl.lit(value=True) if to_day is None else pl.col("day") <= to_day
    return start & end


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
    return (
        labs.filter(pl.col("analyte") == analyte, pl.col("unit") == ANALYTES[analyte].unit)
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


def derive_nearest_values(
    daily: pl.DataFrame, day: float, before: float, after: float
) -> pl.DataFrame:
    """The value nearest to `day` of every subject, within `before` and `after` days of it.

    Of two equally near values the earlier is taken, of two on one day the first row. Subjects
    without one have no row.

    Examples
    --------
    >>> daily = pl.DataFrame({"subject": ["1", "1"], "day": [-2.0, 1.0], "value": [9.0, 30.0]})
    >>> derive_nearest_values(daily, 0, 7, 0)["value"].to_list()
    [9.0]
    """
    return (
        daily.filter(within(day - before, day + after))
        .sort("subject", (pl.col("day") - day).abs(), "day", maintain_order=True)
        .unique("subject", keep="first", maintain_order=True)
    )
