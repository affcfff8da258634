"""CTCAE grades of single laboratory values, on the cut of the unit they were reported in."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from stromal.endpoints.rules.cytopenia.lineages import (
    CytopeniaCriteria,
    LineageRule,
    check_lineage,
    read_lineage_rules,
)
from stromal.errors import UnknownUnit
from stromal.tables.labs import LABS
from stromal.tables.vocabulary.analytes import ANALYTES
from stromal.units import find_unit

SIGNIFICANT_DIGITS = 15
GRADES = (4, 3, 2, 1)


def derive_cytopenia_grades(
    labs: pl.DataFrame,
    criteria: CytopeniaCriteria = "ctcae_v5",
    lineages: tuple[str, ...] | None = None,
) -> pl.DataFrame:
    """The grade of every laboratory value that a term for low blood counts covers.

    A value is graded on the cut of the unit it was reported in, where the criteria print that unit:
    value and lower limit are brought back to it and compared at 15 significant digits. A value
    equal to a cut takes the lower grade. [nci2017, nci2025, admiral2026]

    Parameters
    ----------
    labs
        The `labs` table: `value` and `lower_limit` in `unit`, `reported_unit` as in the report
        (missing: as `unit`).
    criteria
        Version of CTCAE.
    lineages
        Which lineages; None for all that the version has.

    Returns
    -------
    polars.DataFrame
        The rows of `labs` with a value of these analytes, in order, with `lineage`, `graded_value`
        and `graded_limit` in `graded_unit` (null where the unit is unknown), `grade` (null where it
        cannot be told) and `grade_at_most` (what it can be at most when only the lower limit of
        normal is missing).

    Examples
    --------
    >>> labs = pl.DataFrame({"subject": ["1", "1"], "day": [1.0, 8.0], "analyte": ["platelets"] * 2,
    ...                      "value": [12.0, 90.0], "unit": ["10^9/L"] * 2})
    >>> derive_cytopenia_grades(labs).select("grade", "grade_at_most").rows()
    [(4, 4), (None, 1)]
    """
    rules = read_lineage_rules(criteria)
    chosen = {name: check_lineage(criteria, name) for name in (lineages or tuple(rules))}
    kept = (
        LABS.conform(labs)
        .with_columns(pl.col("value", "lower_limit").fill_nan(None))
        .filter(
            pl.col("analyte").is_in([rule.analyte for rule in chosen.values()]),
            pl.col("value").is_not_null(),
        )
    )
    spellings = kept.select("analyte", "unit", "reported_unit").unique()
    cuts = pl.DataFrame(
        [_cuts(spelling, chosen) for spelling in spellings.iter_rows()],
        schema=_CUTS,
        orient="row",
    )
    digits = SIGNIFICANT_DIGITS
    return (
        kept.join(
            cuts,
            on=["analyte", "unit", "reported_unit"],
            how="left",
            nulls_equal=True,
            maintain_order="left",
        )
        .with_columns(
            (pl.col("value") * pl.col("_factor")).round_sig_figs(digits).alias("graded_value"),
            (pl.col("lower_limit") * pl.col("_factor"))
            .round_sig_figs(digits)
            .alias("graded_limit"),
        )
        .with_columns(_grade(None).alias("grade"), _grade("_limit_grade").alias("grade_at_most"))
        .select(pl.exclude("^_.*$"))
    )


_CUTS: dict[str, pl.DataType] = {
    "analyte": pl.String(),
    "unit": pl.String(),
    "reported_unit": pl.String(),
    "lineage": pl.String(),
    "graded_unit": pl.String(),
    "_factor": pl.Float64(),
    "_limit_grade": pl.Int64(),
    **{f"_below_{grade}": pl.Float64() for grade in GRADES},
}


def _cuts(
    spelling: tuple[str, str | None, str | None], rules: Mapping[str, LineageRule]
) -> tuple[object, ...]:
    """The cuts for one analyte in one pair of units: a row of `_CUTS`."""
    analyte, unit, reported = spelling
    lineage, rule = next((name, rule) for name, rule in rules.items() if rule.analyte == analyte)
    found = _printed_unit(analyte, unit, reported, rule)
    if found is None:
        return (*spelling, lineage, None, None, rule.below_lower_limit, *(None for _ in GRADES))
    printed, factor = found
    cuts = (rule.below[printed].get(grade) for grade in GRADES)
    return (*spelling, lineage, printed, factor, rule.below_lower_limit, *cuts)


def _printed_unit(
    analyte: str, unit: str | None, reported: str | None, rule: LineageRule
) -> tuple[str, float] | None:
    """The printed unit to grade in and the factor from `unit` to it; None where unknown."""
    if unit is None:
        return None
    try:
        own = ANALYTES[analyte].find_unit(unit if reported is None else reported)
        printed = (
            own.name
            if own.name in rule.below
            else next(name for name in rule.below if find_unit(name).dimension == own.dimension)
        )
        return printed, float(ANALYTES[analyte].factor(unit, printed))
    except (UnknownUnit, StopIteration):
        return None


def _grade(without_limit: str | None) -> pl.Expr:
    """Grade from 4 down; `without_limit` is the column that holds where the limit is missing."""
    value, limit = pl.col("graded_value"), pl.col("graded_limit")
    below = [pl.when(value < pl.col(f"_below_{grade}")).then(pl.lit(grade)) for grade in GRADES]
    needs_limit = pl.col("_limit_grade").is_not_null()
    unknown = pl.lit(None) if without_limit is None else pl.col(without_limit)
    above = (
        pl.when(value.is_null())
        .then(None)
        .when(needs_limit & limit.is_null())
        .then(unknown)
        .when(needs_limit & (value < limit))
        .then(pl.col("_limit_grade"))
        .otherwise(pl.lit(0))
    )
    return pl.coalesce(*below, above).cast(pl.Int64)


def derive_lowest_of_day(graded: pl.DataFrame) -> pl.DataFrame:
    """The lowest value of every subject, lineage and whole day, sorted by them.

    Examples
    --------
    >>> labs = pl.DataFrame({"subject": ["1", "1"], "day": [1.0, 1.5], "analyte": ["platelets"] * 2,
    ...                      "value": [60.0, 40.0], "unit": ["10^9/L"] * 2})
    >>> derive_lowest_of_day(derive_cytopenia_grades(labs)).select("day", "grade").rows()
    [(1.5, 3)]
    """
    return (
        graded.with_columns(pl.col("day").floor().alias("_day"))
        .sort("subject", "lineage", "_day", "value", "day")
        .unique(["subject", "lineage", "_day"], keep="first", maintain_order=True)
        .drop("_day")
    )
