"""Times of patients cut where a covariate changes, so that it may change in a regression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class CountingProcess:
    """Intervals of patients between the changes of their covariates.

    `outcomes` has a row per interval: `entry_day` and `day` [d], and `status`, which is 0 but in
    the last. `covariates` has a flag for each covariate, null where it is not known; `row` is the
    row of the patient that each interval is of.
    """

    outcomes: pl.DataFrame
    covariates: pl.DataFrame
    row: pl.Series


def split_times(
    outcomes: pl.DataFrame, switches: pl.DataFrame, ends: pl.DataFrame | None = None
) -> CountingProcess:
    """Cut times where covariates switch on, in the style of a counting process.

    A covariate is off up to the day of its event and on after it, so that an event of the outcome
    on the same day happened while it was off. Patients without a time keep one row. [therneau2000]

    Parameters
    ----------
    outcomes
        One row per patient: `day` [d], `status` (0 censored, 1.. causes), and `entry_day` [d] where
        patients entered late.
    switches
        Day [d] on which each covariate switches on, a column for each, in the order of the rows;
        null where it never does.
    ends
        Day [d] up to which each covariate that has not switched on is known, same shape; null where
        it is known to the end.

    Returns
    -------
    CountingProcess
        Intervals patient by patient, in the order of days.

    Examples
    --------
    >>> outcomes = pl.DataFrame({"day": [90.0, 40.0], "status": [1, 0]})
    >>> found = split_times(outcomes, pl.DataFrame({"gvhd": [30.0, None]}))
    >>> found.outcomes.select("entry_day", "day", "status").rows()
    [(None, 30.0, 0), (30.0, 90.0, 1), (None, 40.0, 0)]
    >>> found.covariates["gvhd"].to_list()
    [False, True, False]

    Witness: R survival::tmerge and coxph, tests/reference/counting_process.
    """
    names = switches.columns
    known = switches.clear(switches.height) if ends is None else ends
    entry = pl.col("entry_day") if "entry_day" in outcomes.columns else pl.lit(None)
    rows = outcomes.with_columns(entry.cast(pl.Float64).alias("entry_day")).with_row_index("_row")
    rows = rows.with_columns(
        *(switches[name].cast(pl.Float64).alias(f"_on {name}") for name in names),
        *(known[name].cast(pl.Float64).alias(f"_end {name}") for name in names),
    )
    cuts = _list_cuts(rows, names)
    whole = rows.select("_row", "day", "status")
    inner = cuts.with_columns(status=pl.lit(0, pl.Int64))
    last = whole.with_columns(pl.col("day").cast(pl.Float64), pl.col("status").cast(pl.Int64))
    parts = pl.concat([inner, last])
    parts = parts.sort("_row", "day", nulls_last=True)
    before = pl.col("day").shift(1).over("_row")
    held = parts.join(rows.drop("day", "status"), on="_row", maintain_order="left")
    held = held.with_columns(pl.coalesce(before, "entry_day").alias("entry_day"))
    flags = [_flag(name) for name in names]
    kept = [name for name in outcomes.columns if name not in ("day", "status", "entry_day")]
    return CountingProcess(
        held.select(*kept, "entry_day", "day", "status"), held.select(flags), held["_row"]
    )


def _list_cuts(rows: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Return the days within the time of each patient on which something changes."""
    changes = [
        rows.select("_row", "day", "entry_day", cut=f"_{what} {name}")
        for name in names
        for what in ("on", "end")
    ]
    late = pl.col("cut") > pl.max_horizontal(pl.col("entry_day").fill_null(0.0), pl.lit(0.0))
    found = pl.concat(changes).filter(late & (pl.col("cut") < pl.col("day")))
    return found.select("_row", day="cut").unique()


def _flag(name: str) -> pl.Expr:
    """The covariate in an interval: on after its day, unknown after what is known of it."""
    start = pl.max_horizontal(pl.col("entry_day").fill_null(0.0), pl.lit(0.0))
    on, end = pl.col(f"_on {name}"), pl.col(f"_end {name}")
    return (
        pl.when(on <= start)
        .then(pl.lit(value=True))
        .when(on.is_null() & (end <= start))
        .then(pl.lit(None, pl.Boolean))
        .otherwise(pl.lit(value=False))
        .alias(name)
    )
