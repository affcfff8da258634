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


def outcomes_of(day: object, status: object) -> pl.DataFrame:
    """Outcomes with a day and a status; anything that a frame can be made of."""
    frame = pl.DataFrame({"day": day, "status": status})
    return frame.with_columns(pl.col("day").cast(pl.Float64), pl.col("status").cast(pl.Int64))


def transplants() -> pl.DataFrame:
    """The 137 transplants: group, and day and status of disease-free survival (`free`)
    and of relapse (1) against death without relapse (2) (`cause`)."""
    bmt = read_data("KMsurv_bmt")
    cause = pl.when(pl.col("d2") == 1).then(1).when(pl.col("d1") == 1).then(2).otherwise(0)
    return bmt.select(
        "group", pl.col("t2").alias("day"), pl.col("d3").alias("free"), cause.alias("cause")
    )
