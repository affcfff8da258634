"""Episodes: maximal runs of assessments that show something, with the recovery that ends them."""

from __future__ import annotations

import polars as pl


def derive_episodes(
    assessments: pl.DataFrame,
    series: str = "subject",
    recovery_assessments: int | None = None,
    recovery_days: float | None = None,
) -> pl.DataFrame:
    """Return the episodes of every series, in order.

    An episode starts on its first affected day, day 0 at the earliest, and ends on the first later
    day that is not affected. One without such a day is open and ends on the last assessment. One
    that ended by day 0 is left out.

    Parameters
    ----------
    assessments
        `day` [d] and `affected` (never null), sorted by series and day.
    series
        Column that names the series.
    recovery_assessments
        Assessments in a row that make a recovery; None, with `recovery_days`: one is enough.
    recovery_days
        Days [d] that make a recovery; where both are given either is enough.

    Returns
    -------
    polars.DataFrame
        One row per episode: the series, `start` [d], `end` [d], `open`; `before` and `last` [d],
        the assessment before the episode (null where there is none) and the last one in it. Days
        without assessments leave open when it began after the one and ended after the other.

    Examples
    --------
    >>> seen = {0: False, 3: True, 10: True, 14: False, 30: True}
    >>> assessments = pl.DataFrame(
    ...     {"subject": "1", "day": list(seen), "affected": list(seen.values())}
    ... )
    >>> derive_episodes(assessments).select("start", "end", "open", "before", "last").rows()
    [(3.0, 14.0, False, 0.0, 10.0), (30.0, 30.0, True, 14.0, 30.0)]
    """
    day = pl.col("day").cast(pl.Float64)
    runs = _runs(
        assessments.select(
            series, day.alias("start"), day.alias("last"), pl.lit(1).alias("size"), "affected"
        ),
        series,
    )
    if recovery_assessments is not None or recovery_days is not None:
        runs = _runs(_joined(runs, series, recovery_assessments, recovery_days), series)
    same = pl.col(series) == pl.col(series).shift()
    return (
        runs.with_columns(pl.when(same).then(pl.col("last").shift()).alias("before"))
        .filter("affected")
        .select(
            series,
            pl.max_horizontal("start", pl.lit(0.0)).alias("start"),
            pl.coalesce("next", "last").alias("end"),
            pl.col("next").is_null().alias("open"),
            "before",
            "last",
        )
        .filter(pl.col("end") > 0)
    )


def _runs(rows: pl.DataFrame, series: str) -> pl.DataFrame:
    """Maximal runs of equal `affected` per series: start, last day, size, start of the next run."""
    name, affected = pl.col(series), pl.col("affected")
    begins = name.ne_missing(name.shift()) | affected.ne_missing(affected.shift())
    counted = rows.with_row_index("_row").with_columns(pl.col("size").cum_sum().alias("_total"))
    starts = counted.filter(begins)
    ends = starts["_row"].shift(-1, fill_value=rows.height) - 1
    next_start = pl.col("start").shift(-1)
    return starts.with_columns(
        counted["last"].gather(ends),
        (counted["_total"].gather(ends) - starts["_total"] + starts["size"]).alias("size"),
        pl.when(name.shift(-1) == name).then(next_start).alias("next"),
    ).drop("_row", "_total")


def _joined(
    runs: pl.DataFrame, series: str, assessments: int | None, days: float | None
) -> pl.DataFrame:
    """Take runs that are no recovery as part of the episode before them."""
    enough = pl.lit(value=False)
    if assessments is not None:
        enough |= pl.col("size") >= assessments
    if days is not None:
        enough |= pl.coalesce("next", "last") - pl.col("start") >= days
    first = pl.col(series).ne_missing(pl.col(series).shift())
    return runs.with_columns(affected=pl.col("affected") | (~enough & ~first)).drop("next")
