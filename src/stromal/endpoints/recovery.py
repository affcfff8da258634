"""Recovery of a blood count: the first of several successive values at or above a cut."""

from __future__ import annotations

import polars as pl

from stromal.tables.patients import Patients


def derive_recovery(
    patients: Patients,
    analyte: str,
    cut: float,
    values: int,
    transfusions: pl.DataFrame | None = None,
    free_days: float = 0,
) -> pl.DataFrame:
    """First of `values` successive counts at or above `cut`, after the count was below it.

    One count a day is used, the lowest. Counting starts after the first value below the cut from
    day 0 on, or after the first transfusion; a recovery that was confirmed is never moved by what
    follows it. [cibmtr_manual]

    Parameters
    ----------
    patients
        The five tables; counts are in the internal unit of the analyte.
    analyte
        Name of the analyte in `labs`.
    cut
        What the counts must reach [unit of the analyte].
    values
        How many successive counts, on different days, confirm it.
    transfusions
        `subject` and `day` [d] of transfusions that lift the count; one in the `free_days` before
        the first of the values, or among them, cancels them.
    free_days
        Days [d] without a transfusion before the first value.

    Returns
    -------
    polars.DataFrame
        One row per subject with a count from day 0 on: `subject`, `recovery_day` [d] (null where
        there is none), `below` (whether counting ever started), `last_below` [d], `rising_from`
        [d] (first day of a rise that was still unconfirmed at the last count), `last_count` [d].

    Examples
    --------
    >>> counts = [(9, 0.3), (10, 0.5), (11, 0.5), (12, 0.5)]
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1"]}),
    ...     labs=pl.DataFrame(
    ...         [("1", day, "neutrophils", value) for day, value in counts],
    ...         schema=["subject", "day", "analyte", "value"],
    ...         orient="row",
    ...     ),
    ... )
    >>> derive_recovery(patients, "neutrophils", cut=0.5, values=3)["recovery_day"].to_list()
    [10.0]
    """
    daily = _daily(patients, analyte).with_columns((pl.col("value") >= cut).alias("reached"))
    given = _whole_days(transfusions)
    started = (
        pl.concat(
            [
                daily.filter(~pl.col("reached")).select("subject", "day"),
                given.filter(pl.col("day") >= 0),
            ]
        )
        .group_by("subject")
        .agg(pl.col("day").min().alias("start"))
    )
    confirmed = _confirmed(daily, values).join(started, on="subject", how="inner")
    recovered = (
        _untransfused(confirmed.filter(pl.col("day") >= pl.col("start")), given, free_days)
        .group_by("subject")
        .agg(pl.col("day").min().alias("recovery_day"))
    )
    summary = daily.group_by("subject").agg(
        pl.col("day").filter(~pl.col("reached")).max().alias("last_below"),
        pl.col("day").max().alias("last_count"),
    )
    rising = (
        daily.join(summary, on="subject")
        .filter(pl.col("day") > pl.col("last_below"))
        .group_by("subject")
        .agg(pl.col("day").min().alias("rising_from"))
    )
    rows = summary.join(recovered, on="subject", how="left")
    rows = rows.join(started, on="subject", how="left").join(rising, on="subject", how="left")
    return rows.select(
        "subject",
        "recovery_day",
        pl.col("start").is_not_null().alias("below"),
        "last_below",
        pl.when(pl.col("recovery_day").is_null()).then("rising_from").alias("rising_from"),
        "last_count",
    )


def _daily(patients: Patients, analyte: str) -> pl.DataFrame:
    """The lowest count of each day from day 0 on, in order."""
    counts = patients.labs.filter(
        (pl.col("analyte") == analyte) & pl.col("value").is_not_null() & (pl.col("day") >= 0)
    )
    return (
        counts.group_by("subject", pl.col("day").floor())
        .agg(pl.col("value").min().round_sig_figs(15))
        .sort("subject", "day")
    )


def _confirmed(daily: pl.DataFrame, values: int) -> pl.DataFrame:
    """Days that begin `values` successive counts at or above the cut: `subject`, `day`, `until`."""
    run = pl.col("reached")
    for ahead in range(1, values):
        same = pl.col("subject").shift(-ahead) == pl.col("subject")
        run = run & same & pl.col("reached").shift(-ahead)
    return (
        daily.with_columns(
            run.fill_null(value=False).alias("run"), pl.col("day").shift(1 - values).alias("until")
        )
        .filter("run")
        .select("subject", "day", "until")
    )


def _untransfused(
    confirmed: pl.DataFrame, transfusions: pl.DataFrame, free_days: float
) -> pl.DataFrame:
    """Those whose last transfusion, up to the last confirming day, lies `free_days` back."""
    last = confirmed.sort("until").join_asof(
        transfusions.select("subject", "day", pl.col("day").alias("transfused")).sort("day"),
        left_on="until",
        right_on="day",
        by="subject",
        strategy="backward",
        check_sortedness=False,
        suffix="_transfusion",
    )
    clear = pl.col("transfused").is_null() | (pl.col("day") - pl.col("transfused") >= free_days)
    return last.filter(clear)


def _whole_days(transfusions: pl.DataFrame | None) -> pl.DataFrame:
    if transfusions is None:
        return pl.DataFrame(schema={"subject": pl.String(), "day": pl.Float64()})
    return transfusions.select("subject", pl.col("day").floor()).drop_nulls()
