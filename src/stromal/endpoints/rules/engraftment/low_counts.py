"""Runs of low counts: several successive values of one analyte below a cut."""

from __future__ import annotations

import polars as pl

from stromal.endpoints.records.labs import derive_daily_values, is_below
from stromal.tables.patients import Patients

_DIGITS = 15


def derive_low_days(patients: Patients, analyte: str, cut: float) -> pl.DataFrame:
    """Derive whether the count of each day was below a cut; the lowest of a day counts.

    Parameters
    ----------
    patients
        The five tables; `labs` is read, in the internal unit of the analyte.
    analyte
        Name of the analyte.
    cut
        The cut [unit of the analyte].

    Returns
    -------
    polars.DataFrame
        `subject`, `day` [d], `low` (null where a bound does not decide, or no value was recorded),
        `value`, sorted.

    Examples
    --------
    >>> from stromal.tables.labs import LABS
    >>> labs = pl.DataFrame({"subject": "1", "day": [3.0, 4.0], "analyte": "platelets",
    ...                      "value": [19.0, 20.0], "unit": "10^9/L"})
    >>> derive_low_days(Patients.of(labs=LABS.conform(labs)), "platelets", 20)["low"].to_list()
    [True, False]
    """
    value = pl.col("value").round_sig_figs(_DIGITS)
    return derive_daily_values(patients.labs, analyte, empty=True).select(
        "subject",
        pl.col("day").floor(),
        is_below(pl.lit(float(cut)), value, pl.col("bound")).alias("low"),
        "value",
    )


def find_low_runs(days: pl.DataFrame, values: int, *, possible: bool) -> pl.DataFrame:
    """Find runs of successive low days that are long enough.

    Parameters
    ----------
    days
        `subject`, `day` [d] and `low`, sorted by patient and day.
    values
        How many successive low days make a run.
    possible
        A day that may be low counts as low.

    Returns
    -------
    polars.DataFrame
        `subject`, `from`, `to` [d], the first and the last low day of each run.

    Examples
    --------
    >>> days = pl.DataFrame({"subject": "1", "day": [1, 2, 3, 4], "low": [True, None, True, False]})
    >>> find_low_runs(days, 3, possible=True).rows(), find_low_runs(days, 3, possible=False).rows()
    ([('1', 1, 3)], [])
    """
    low, subject = pl.col("low").fill_null(value=possible), pl.col("subject")
    begins = subject.ne_missing(subject.shift()) | low.ne_missing(low.shift())
    return (
        days.with_columns(begins.cum_sum().alias("_run"))
        .filter(low)
        .group_by("subject", "_run", maintain_order=True)
        .agg(
            pl.col("day").first().alias("from"),
            pl.col("day").last().alias("to"),
            pl.len().alias("_values"),
        )
        .filter(pl.col("_values") >= values)
        .drop("_run", "_values")
    )
