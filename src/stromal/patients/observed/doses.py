"""`doses` as read: cells in cell/kg, everything else in the registry's spelling of its unit."""

from __future__ import annotations

import polars as pl

from stromal.errors import Issue, UnknownUnit
from stromal.patients.observed.words import list_choices
from stromal.tables.cohorts import name_apart
from stromal.tables.fold import fold_rows, fold_values
from stromal.tables.patients import Patients, TableFile
from stromal.tables.vocabulary.products import DOSE_DIMENSIONS
from stromal.tables.vocabulary.units import list_units
from stromal.units import find_unit


def read_doses(
    frame: pl.DataFrame, file: TableFile, subjects: pl.DataFrame
) -> tuple[pl.DataFrame, tuple[Issue, ...]]:
    """Doses with cells as cell/kg: a number of cells is divided by the subject's `weight_kg`.

    Examples
    --------
    >>> from stromal.tables.doses import DOSES
    >>> from stromal.tables.subjects import SUBJECTS
    >>> subjects = SUBJECTS.conform(pl.DataFrame({"subject": ["1"], "weight_kg": [50.0]}))
    >>> frame = DOSES.conform(pl.DataFrame(
    ...     {"subject": ["1", "2"], "amount": [100.0, 100.0], "unit": ["10^6 cells"] * 2}
    ... ))
    >>> read, issues = read_doses(frame, TableFile("doses.csv", 2), subjects)
    >>> read.select("amount", "unit").rows()
    [(2000000.0, 'cell/kg'), (None, 'cell/kg')]
    >>> print(issues[0])
    doses.csv row 3 column amount: 100 10^6 cell needs the body weight of subject 2.
    hint: write `weight_kg` in subjects, or the dose per kg
    """
    kinds = frame.select("unit").unique(maintain_order=True)
    judged = frame.select("subject", "amount", "unit").join(
        pl.DataFrame(
            [(*row, *_judge(*row)) for row in kinds.iter_rows()],
            schema={
                "unit": pl.String(),
                "name": pl.String(),
                "internal": pl.String(),
                "times": pl.Float64(),
                "per": pl.Boolean(),
            },
            orient="row",
        ),
        on="unit",
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    judged = judged.with_columns(_weights(frame, subjects))
    weight = pl.when(pl.col("per")).then(pl.col("weight_kg")).otherwise(1.0)
    usable = pl.when(weight > 0).then(weight)
    amount = (
        pl.when(pl.col("times") == 1)
        .then(pl.col("amount"))
        .otherwise((pl.col("amount") * pl.col("times")).round_sig_figs(15))
    )
    read = judged.select(
        pl.when("per").then((amount / usable).round_sig_figs(15)).otherwise(amount),
        pl.col("internal").alias("unit"),
    )
    issues = _describe(judged, file)
    return frame.with_columns(read["amount"], read["unit"]), issues


def _weights(frame: pl.DataFrame, subjects: pl.DataFrame) -> pl.Series:
    """Return the body weight of each row's patient, who is of the row's origin and replicate."""
    apart = name_apart(Patients.of(subjects=subjects, doses=frame))
    known = apart.subjects.select("subject", "weight_kg").unique("subject", keep="first")
    rows = apart.doses.select("subject").join(
        known, on="subject", how="left", maintain_order="left"
    )
    return rows["weight_kg"]


def _judge(text: str | None) -> tuple[str | None, str | None, float | None, bool]:
    """The unit's name, the unit after reading, the factor to it, and whether weight is needed."""
    if text is None:
        return None, None, None, False
    try:
        unit = find_unit(text)
    except UnknownUnit:
        return None, None, None, False
    if unit.dimension not in DOSE_DIMENSIONS:
        return None, None, None, False
    if unit.dimension.startswith("cells"):
        return unit.name, "cell/kg", float(unit.factor), unit.dimension == "cells"
    return unit.name, unit.name, 1.0, False


def _describe(judged: pl.DataFrame, file: TableFile) -> tuple[Issue, ...]:
    names = list_units(*DOSE_DIMENSIONS)

    def say_unit(text: str, position: int) -> Issue:
        message = f"`{text[:40]}` is not a unit of a dose"
        hint = list_choices(text, names)
        return Issue(message, file.name, file.row(position), "unit", hint)

    def say_missing(position: int) -> Issue:
        message = f"dose {judged['amount'][position]:.15g} has no unit"
        hint = "write the unit, such as `10^6 cell/kg`"
        return Issue(message, file.name, file.row(position), "unit", hint)

    def say_weight(position: int) -> Issue:
        row = judged.row(position, named=True)
        dose = f"{row['amount']:.15g} {row['name']}"
        message = f"{dose} needs the body weight of subject {row['subject']}"
        hint = "write `weight_kg` in subjects, or the dose per kg"
        return Issue(message, file.name, file.row(position), "amount", hint)

    given, unit, known = (
        judged["amount"].is_not_null(),
        judged["unit"],
        judged["name"].is_not_null(),
    )
    light = judged["weight_kg"].is_null() | (judged["weight_kg"] <= 0)
    return (
        *fold_values(unit.is_not_null() & ~known, unit, say_unit),
        *fold_rows(given & unit.is_null(), say_missing),
        *fold_rows(given & judged["per"] & light, say_weight),
    )
