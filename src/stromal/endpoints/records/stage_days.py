"""Organ stages day by day: one row per patient and day on which any organ was assessed."""

from __future__ import annotations

import polars as pl

from stromal.endpoints.records.stages import ORGANS, StageParameters
from stromal.tables.patients import Patients

_APART = ("upper_gi", "lower_gi")


def derive_stage_days(patients: Patients, parameters: StageParameters) -> pl.DataFrame:
    """Derive the stages of every organ on every whole day on which one was assessed.

    Of several stages on one day the worst counts. An organ whose signs do not settle its stage has
    none on that day.

    Parameters
    ----------
    patients
        `assessments` with organ stages, or with signs and `labs` with bilirubin.
    parameters
        Where stages come from.

    Returns
    -------
    polars.DataFrame
        `subject`, `day` [d], a column per organ (null where not staged), sorted.

    Examples
    --------
    >>> rows = pl.DataFrame({"day": [7.0, 7.0], "item": ["skin", "liver"], "value": ["2", "0"]})
    >>> rows = rows.with_columns(subject=pl.lit("1"), scale=pl.lit("acute_gvhd_stage"))
    >>> days = derive_stage_days(Patients.of(assessments=rows), StageParameters())
    >>> days.select("day", "skin", "liver", "gut").rows()
    [(7.0, 2, 0, None)]
    """
    stages, unsettled = parameters.read_stages(patients), parameters.read_unsettled(patients)
    known = stages.select("subject", "day", "item", "stage", pl.col("stage").alias("most"))
    open_ = unsettled.select("subject", "day", "item", pl.lit(None, pl.Int8).alias("stage"), "most")
    rows = pl.concat([known, open_]).drop_nulls("day").with_columns(pl.col("day").floor())
    return (
        rows.group_by("subject", "day")
        .agg(
            *(_worst(item, "stage").alias(item) for item in ORGANS),
            *(_worst(item, "most").alias(f"_most_{item}") for item in ORGANS),
        )
        .select(
            "subject",
            "day",
            *(pl.when(pl.col(f"_most_{item}") <= pl.col(item)).then(item) for item in ORGANS),
        )
        .sort("subject", "day")
    )


def _worst(item: str, column: str) -> pl.Expr:
    return pl.col(column).filter(pl.col("item") == item).max()


def is_resolved() -> tuple[pl.Expr, pl.Expr]:
    """Tell days of `derive_stage_days` on which no organ is involved, surely and possibly.

    Surely: skin, liver and gut were staged, and all are at 0. Possibly: no organ that was staged is
    involved. One gut stage stands for upper and lower gut.

    Examples
    --------
    >>> organs = dict.fromkeys(ORGANS, 0)
    >>> days = pl.DataFrame([organs | {"liver": None}, organs | {"skin": 1, "gut": None}])
    >>> days.select(*(each.alias(name) for each, name in zip(is_resolved(), "ab"))).rows()
    [(False, True), (False, False)]
    """
    free = pl.all_horizontal((pl.col(item) == 0).fill_null(value=True) for item in ORGANS)
    gut = pl.col("gut").is_not_null() | pl.all_horizontal(pl.col(*_APART).is_not_null())
    every = pl.all_horizontal(pl.col("skin", "liver").is_not_null()) & gut
    return free & every, free
