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
    # Subjects become numbers here: text is slow to sort and to group by the million.
    numbers = patients.subjects.select(pl.col("subject").unique()).with_row_index("number")
    daily = _daily(patients, analyte, numbers).with_columns(
        (pl.col("value") >= cut).alias("reached")
    )
    given = _whole_days(transfusions, numbers)
    after = pl.col("day") >= 0
    below = (
        daily.filter(~pl.col("reached"))
        .group_by("number")
        .agg(pl.col("day").min().alias("first_below"), pl.col("day").max().alias("last_below"))
    )
    last = daily.group_by("number").agg(pl.col("day").max().alias("last_count"))
    transfused = given.filter(after).group_by("number").agg(pl.col("day").min().alias("given"))
    rows = last.join(below, on="number", how="left").join(transfused, on="number", how="left")
    rows = rows.with_columns(pl.min_horizontal("first_below", "given").alias("start"))
    confirmed = _confirmed(daily, values).join(rows, on="number")
    recovered = (
        _untransfused(confirmed.filter(pl.col("day") >= pl.col("start")), given, free_days)
        .group_by("number")
        .agg(pl.col("day").min().alias("recovery_day"))
    )
    rows = rows.join(recovered, on="number", how="left")
    unrecovered = rows.filter(pl.col("recovery_day").is_null())
    rising = (
        daily.join(unrecovered, on="number")
        .filter(pl.col("day") > pl.col("last_below"))
        .group_by("number")
        .agg(pl.col("day").min().alias("rising_from"))
    )
    return (
        rows.join(rising, on="number", how="left")
        .join(numbers, on="number")
        .select(
            "subject",
            "recovery_day",
            pl.col("start").is_not_null().alias("below"),
            "last_below",
            "rising_from",
            "last_count",
        )
    )


def _daily(patients: Patients, analyte: str, numbers: pl.DataFrame) -> pl.DataFrame:
    """The lowest count of each day from day 0 on, in order: `number`, `day`, `value`."""
    counts = patients.labs.lazy().filter(
        (pl.col("analyte") == analyte) & pl.col("value").is_not_null() & (pl.col("day") >= 0)
    )
    numbered = counts.select("subject", "day", "value").join(numbers.lazy(), on="subject")
    ordered = (
        numbered.select("number", pl.col("day").floor(), pl.col("value").round_sig_figs(15))
        .sort("number", "day", "value")
        .collect()
    )
    first = (pl.col("number") != pl.col("number").shift()) | (
        pl.col("day") != pl.col("day").shift()
    )
    return ordered.filter(first.fill_null(value=True))


def _confirmed(daily: pl.DataFrame, values: int) -> pl.DataFrame:
    """Days that begin `values` successive counts at or above the cut: `number`, `day`, `until`."""
    run = pl.col("reached")
    for ahead in range(1, values):
        same = pl.col("number").shift(-ahead) == pl.col("number")
        run = run & same & pl.col("reached").shift(-ahead)
    return (
        daily.with_columns(
            run.fill_null(value=False).alias("run"), pl.col("day").shift(1 - values).alias("until")
        )
        .filter("run")
        .select("number", "day", "until")
    )


def _untransfused(
    confirmed: pl.DataFrame, transfusions: pl.DataFrame, free_days: float
) -> pl.DataFrame:
    """Those whose last transfusion, up to the last confirming day, lies `free_days` back."""
    last = confirmed.sort("until").join_asof(
        transfusions.select("number", "day", pl.col("day").alias("transfused")).sort("day"),
        left_on="until",
        right_on="day",
        by="number",
        strategy="backward",
        check_sortedness=False,
        suffix="_transfusion",
    )
    clear = pl.col("transfused").is_null() | (pl.col("day") - pl.col("transfused") >= free_days)
    return last.filter(clear)


def _whole_days(transfusions: pl.DataFrame | None, numbers: pl.DataFrame) -> pl.DataFrame:
    if transfusions is None:
        return pl.DataFrame(schema={"number": numbers.schema["number"], "day": pl.Float64()})
    days = transfusions.select("subject", pl.col("day").floor()).drop_nulls()
    return days.join(numbers, on="subject").select("number", "day")
