"""Absolute counts from leukocytes and percentages of the same sample, where none was counted."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from stromal.errors import Issue, Severity
from stromal.tables.cohort import KEY
from stromal.tables.labs import DOWN, LABS
from stromal.tables.patients import TableFile

METHOD = "leukocytes x percentage"
DERIVED = {"neutrophils": "neutrophil_percent", "lymphocytes": "lymphocyte_percent"}
"""Absolute count, and the percentage of leukocytes that it follows from."""

_SAMPLE = (*KEY, "day")


def derive_counts(
    labs: pl.DataFrame, file: TableFile
) -> tuple[pl.DataFrame, TableFile, tuple[Issue, ...]]:
    """Return the laboratory values with absolute counts that follow from percentages at their end.

    A sample is a subject and a day. The count is leukocytes [10^9/L] times the percentage; it is
    derived where the sample has one of each and no count of its own. A bound of either is one of
    the product, unless one is below and the other above.

    Parameters
    ----------
    labs
        Values in internal units.
    file
        The file they were read from; derived records have no row in it.

    Examples
    --------
    >>> labs = LABS.conform(pl.DataFrame({
    ...     "subject": "1", "day": 7.0, "analyte": ["leukocytes", "neutrophil_percent"],
    ...     "value": [0.8, 25.0], "unit": ["10^9/L", "%"],
    ... }))
    >>> derived, _, notes = derive_counts(labs, TableFile("labs.csv", 2))
    >>> derived.tail(1).select("analyte", "value", "unit", "method").row(0)
    ('neutrophils', 0.2, '10^9/L', 'leukocytes x percentage')
    >>> print(notes[0])
    labs.csv: 1 count of neutrophils was derived as leukocytes x percentage.
    """
    rows: list[pl.DataFrame] = []
    notes: list[Issue] = []
    for count, percent in DERIVED.items():
        shares = labs.filter(pl.col("analyte") == percent, pl.col("value").is_not_null())
        if shares.is_empty():
            continue
        found, doubtful = _derive(labs, shares, count)
        if found.height:
            rows.append(found)
            notes.append(_note(f"{_times(found.height, count)} derived as {METHOD}", file))
        if doubtful:
            text = f"{_times(doubtful, count)} not derived: a sample has several values of one kind"
            notes.append(_note(text, file))
    if not rows:
        return labs, file, tuple(notes)
    return pl.concat([labs, *rows]), replace(file, records=labs.height), tuple(notes)


def _derive(labs: pl.DataFrame, shares: pl.DataFrame, count: str) -> tuple[pl.DataFrame, int]:
    """Derived rows in the order of the percentages, and how many samples were ambiguous."""
    samples = labs.join(shares.select(_SAMPLE), on=_SAMPLE, how="semi", nulls_equal=True)
    counted = samples.filter(pl.col("analyte") == count, pl.col("value").is_not_null())
    totals = samples.filter(pl.col("analyte") == "leukocytes", pl.col("value").is_not_null())
    open_ones = shares.join(counted, on=_SAMPLE, how="anti", nulls_equal=True)
    pairs = open_ones.join(
        totals.select(*_SAMPLE, "value", "bound", "unit"),
        on=_SAMPLE,
        suffix="_total",
        nulls_equal=True,
        maintain_order="left",
    )
    # The product of a least and a most is neither; of two on one side it is strict if one is.
    low, low_total = (pl.col(name).is_in(DOWN) for name in ("bound", "bound_total"))
    against = (low != low_total).fill_null(value=False)
    both = pl.when(pl.col("bound").is_in(["below", "above"])).then("bound").otherwise("bound_total")
    several = pl.struct(_SAMPLE).is_duplicated()
    alone, ambiguous = pairs.filter(~several), pairs.filter(several)
    derived = alone.filter(~against).select(
        *_SAMPLE,
        analyte=pl.lit(count),
        value=(pl.col("value_total") * pl.col("value") / 100).round_sig_figs(15),
        bound=pl.when(pl.col("bound").is_not_null() & pl.col("bound_total").is_not_null())
        .then(both)
        .otherwise(pl.coalesce("bound", "bound_total")),
        unit=pl.col("unit_total"),
        method=pl.lit(METHOD),
        reported_unit=pl.col("unit_total"),
    )
    derived = derived.with_columns(reported_value=pl.col("value"))
    doubtful = ambiguous.select(_SAMPLE).n_unique() if ambiguous.height else 0
    return LABS.conform(derived).select(labs.columns), doubtful


def _times(number: int, count: str) -> str:
    if number == 1:
        return f"1 count of {count} was"
    return f"{number:,} counts of {count} were".replace(",", " ")


def _note(text: str, file: TableFile) -> Issue:
    return Issue(text, file.name, severity=Severity.NOTE)
