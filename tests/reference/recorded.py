"""What the R scripts wrote, and the patients they read."""

from __future__ import annotations

from pathlib import Path

import polars as pl

FOLDER = Path(__file__).parent


def read_recorded(topic: str) -> pl.DataFrame:
    """Rows of `output.csv`: case, quantity, day, value."""
    types = {"case": pl.String, "quantity": pl.String, "day": pl.Float64, "value": pl.Float64}
    return pl.read_csv(FOLDER / topic / "output.csv", comment_prefix="#", schema=types)


def read_data(name: str) -> pl.DataFrame:
    """A file of `data`, with NA as null."""
    return pl.read_csv(FOLDER / "data" / f"{name}.csv", null_values="NA", infer_schema_length=None)


def outcomes_of(day: object, status: object, entry_day: object = None) -> pl.DataFrame:
    """Outcomes with a day and a status; anything that a frame can be made of."""
    frame = pl.DataFrame({"day": day, "status": status})
    frame = frame.with_columns(pl.col("day").cast(pl.Float64), pl.col("status").cast(pl.Int64))
    if entry_day is None:
        return frame
    return frame.with_columns(pl.Series("entry_day", entry_day).cast(pl.Float64))


def enter_late(outcomes: pl.DataFrame) -> pl.DataFrame:
    """The made-up entries of the scripts: a share of each time that goes round with the rows."""
    share = (pl.int_range(1, pl.len() + 1) * 7 % 10) / 10
    return outcomes.with_columns((pl.col("day") * share).floor().alias("entry_day"))


def split_at(outcomes: pl.DataFrame, share: float) -> pl.DataFrame:
    """Each patient as two: one censored after a share of the time, one who enters then."""
    cut = (pl.col("day") * share).floor()
    early = outcomes.with_columns(cut.alias("day"), pl.lit(0).alias("status"))
    late = outcomes.with_columns(cut.alias("entry_day"))
    return pl.concat([early, late], how="diagonal_relaxed")


def transplants() -> pl.DataFrame:
    """The 137 transplants: group, and day and status of disease-free survival (`free`)
    and of relapse (1) against death without relapse (2) (`cause`)."""
    bmt = read_data("KMsurv_bmt")
    cause = pl.when(pl.col("d2") == 1).then(1).when(pl.col("d1") == 1).then(2).otherwise(0)
    return bmt.select(
        "group", pl.col("t2").alias("day"), pl.col("d3").alias("free"), cause.alias("cause")
    )
