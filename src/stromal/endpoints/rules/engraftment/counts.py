"""What counts cannot tell about a recovery: who is not judged, gaps, and where they end."""

from __future__ import annotations

import polars as pl

from stromal.endpoints.endpoint import Statuses
from stromal.endpoints.records.occurrences import read_conventions
from stromal.endpoints.records.words import number_text
from stromal.tables.outcomes import CENSORED, COMPETING, EVENT


def exclude_unjudged(
    subjects: pl.DataFrame,
    recovery: pl.DataFrame,
    ends: pl.DataFrame,
    words: tuple[str, str],
) -> pl.DataFrame:
    """List the patients whose counts do not tell when, or whether, they recovered.

    Parameters
    ----------
    subjects
        Patients.
    recovery
        As from `derive_recovery`.
    ends
        `subject` and `ends`, the day [d] after which a recovery no longer counts.
    words
        What was counted, and what is said of a count that never fell.

    Returns
    -------
    polars.DataFrame
        `subject`, `excluded` (words), and `earliest` and `latest` [d] of a recovery that lies
        between them.
    """
    analyte, never = words
    rows = (
        subjects.select(pl.col("subject").unique(maintain_order=True))
        .join(recovery, on="subject", how="left", maintain_order="left")
        .join(ends, on="subject", how="left", maintain_order="left")
    )
    matters = (pl.col("earliest") <= pl.col("ends")).fill_null(value=True)
    unsure = pl.col("earliest").is_not_null() & pl.col("recovery_day").is_null() & matters
    return rows.select(
        "subject",
        pl.when(pl.col("last_count").is_null())
        .then(pl.lit(f"no count of {analyte} from day 0 on"))
        .when(pl.col("below").is_null())
        .then(write_unclear(analyte, f"whether they were {never}"))
        .when(~pl.col("below"))
        .then(pl.lit(f"not applicable: {analyte} {never}"))
        .when(unsure)
        .then(write_unclear(analyte, "their recovery"))
        .alias("excluded"),
        pl.when(unsure | pl.col("below").is_null()).then("earliest").alias("earliest"),
        pl.when(unsure | pl.col("below").is_null()).then("latest").alias("latest"),
    ).drop_nulls("excluded")


def write_unclear(analyte: str, what: str) -> pl.Expr:
    """Write that a count which is a bound, or has no value, leaves a recovery open."""
    undecided = pl.format(
        f"cannot judge {what}: the count of {analyte} on day {{}} is missing, or a bound that does "
        "not decide",
        number_text("unclear_on"),
    )
    # bounds below the cut decide that the count was low, and not which was the lowest
    where = pl.coalesce(
        undecided,
        pl.lit(f"cannot judge {what}: bounds do not tell which count of {analyte} was lowest"),
    )
    between = pl.format(
        "; between day {} and day {}, if at all", number_text("earliest"), number_text("latest")
    )
    after = pl.format("; not before day {}, if at all", number_text("earliest"))
    return pl.concat_str(where, pl.coalesce(between, after, pl.lit("")))


def write_gap() -> pl.Expr:
    """Write that days without a count lie before a recovery; empty where none do."""
    gap = pl.format(
        "; no count between day {} and day {}, so it may have been earlier, from day {} on",
        number_text("gap_from"),
        number_text("recovery_day"),
        number_text("earliest"),
    )
    first = pl.format(
        "; no count before it, so it may have been on day {} already", number_text("earliest")
    )
    return (
        pl.when(pl.col("gap_from").is_not_null())
        .then(gap)
        .when(pl.col("earliest") < pl.col("recovery_day"))
        .then(first)
        .otherwise(pl.lit(""))
    )


def end_with_counts(
    times: pl.DataFrame,
    recovery: pl.DataFrame,
    unjudged: pl.DataFrame,
    statuses: Statuses,
    values: int,
) -> pl.DataFrame:
    """End observation with the last count, and add the days between which recovery lies.

    Parameters
    ----------
    times
        As from `derive_times`.
    recovery
        As from `derive_recovery`.
    unjudged
        As from `exclude_unjudged`.
    statuses
        Names of the statuses.
    values
        How many values confirm a recovery: as many days without a count can hide one.

    Returns
    -------
    polars.DataFrame
        Outcome rows with `lowest` and `highest`.
    """
    least = float(read_conventions()["earliest_day"])
    known = recovery.select(
        "subject", "recovery_day", "earliest", "rising_from", "last_count", "unclear_on"
    )
    left = unjudged.select(
        "subject", pl.col("earliest").alias("_from"), pl.col("latest").alias("_to")
    )
    rows = times.join(known, on="subject", how="left", maintain_order="left").join(
        left, on="subject", how="left", maintain_order="left"
    )
    event = pl.col("status") == EVENT
    open_day = event & (pl.col("earliest") < pl.col("recovery_day"))
    rows = rows.with_columns(
        pl.when(open_day).then("earliest").otherwise("_from").alias("lowest"),
        pl.when(open_day).then("recovery_day").otherwise("_to").alias("highest"),
    )
    last = pl.col("last_count")
    short = (pl.col("status") == CENSORED) & (last < pl.col("value"))
    rise = pl.when(pl.col("rising_from").is_not_null()).then(
        pl.format("; the rise from day {} is not confirmed", number_text("rising_from"))
    )
    ended = pl.concat_str(
        pl.format(f"no {statuses.neither} by the last count, day {{}}", number_text("last_count")),
        rise.otherwise(pl.lit("")),
    )
    unseen = (pl.col("status") == COMPETING) & (pl.col("value") - last > values)
    after = pl.format("{}; no count after day {}", "reason", number_text("last_count"))
    # who was under observation only after the last count was never seen at risk
    late = short & (last <= pl.col("entry_day"))
    capped = pl.when(short).then(pl.max_horizontal(last, pl.lit(least)))
    time = pl.when(late).then(None).otherwise(capped.otherwise("value"))
    never = pl.format(
        "the last count, on day {}, is before observation began on day {}: never at risk",
        number_text("last_count"),
        number_text("entry_day"),
    )
    return rows.with_columns(
        time.alias("value"),
        time.alias("day"),
        *(
            pl.when(~late.fill_null(value=False)).then(name).alias(name)
            for name in ("label", "status")
        ),
        pl.when(~late.fill_null(value=False)).then("entry_day").alias("entry_day"),
        pl.when(pl.col("reason").is_null())
        .then(None)
        .when(late)
        .then(never)
        .when(short)
        .then(ended)
        .when(unseen)
        .then(after)
        .otherwise("reason")
        .alias("reason"),
    ).select(*times.columns, "lowest", "highest")
