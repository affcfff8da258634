"""CTCAE grades of single laboratory values, on the cut of the unit they were reported in."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from stromal.endpoints.records.labs import is_below, keep_first_of_day, write_bound
from stromal.endpoints.records.words import amount_text, number_text
from stromal.endpoints.rules.cytopenia.lineages import (
    CytopeniaCriteria,
    LineageRule,
    check_lineage,
)
from stromal.errors import UnknownUnit
from stromal.tables.labs import LABS
from stromal.tables.vocabulary.analytes import ANALYTES
from stromal.units import find_unit

SIGNIFICANT_DIGITS = 15
_GRADED = {
    "graded_unit": pl.String(),
    "graded_value": pl.Float64(),
    "graded_limit": pl.Float64(),
    "grade": pl.Int64(),
    "grade_at_least": pl.Int64(),
    "grade_at_most": pl.Int64(),
}


def derive_cytopenia_grades(
    labs: pl.DataFrame, lineage: str, criteria: CytopeniaCriteria = "ctcae_v5"
) -> pl.DataFrame:
    """Return every laboratory value of one lineage with its CTCAE grade.

    A value is graded as it was reported, on the cut of its own unit, where the criteria print that
    unit; otherwise it is converted, as the lower limit is. Numbers are compared at 15 significant
    digits. A value equal to a cut takes the lower grade. A bound is graded where it decides: `<0.1`
    is below every cut from 0.1 up. [nci2017, nci2025, admiral2026]

    Parameters
    ----------
    labs
        The `labs` table: `value` and `lower_limit` in `unit`, `reported_value` in `reported_unit`
        as in the report (missing: as `unit`), `bound` where the truth lies below or above.
    lineage
        Which low count.
    criteria
        Version of CTCAE.

    Returns
    -------
    polars.DataFrame
        The rows of `labs` of that analyte, in order, with `graded_value` and `graded_limit` in
        `graded_unit` (null where the unit is unknown), `grade` (null where it cannot be told), and
        `grade_at_least` and `grade_at_most`, which bounds, a missing lower limit of normal, an
        unknown unit and an empty value leave apart.

    Examples
    --------
    >>> labs = pl.DataFrame({"subject": "1", "day": [1.0, 8.0, 9.0], "analyte": "platelets",
    ...                      "value": [12.0, 90.0, 60.0], "bound": [None, None, "below"],
    ...                      "unit": "10^9/L"})
    >>> graded = derive_cytopenia_grades(labs, "thrombocytopenia")
    >>> graded.select("grade", "grade_at_least", "grade_at_most").rows()
    [(4, 4, 4), (None, 0, 1), (None, 2, 4)]
    """
    rule = check_lineage(criteria, lineage)
    kept = LABS.conform(labs.filter(pl.col("analyte") == rule.analyte)).with_columns(
        pl.col("value", "lower_limit", "reported_value").fill_nan(None)
    )
    # A study spells a unit in a few ways; each is graded on its own cuts, without a join.
    spellings = kept.select("unit", "reported_unit").unique(maintain_order=True).rows()
    if len(spellings) == 1:
        return _grade_spelling(kept, rule, *spellings[0])
    numbered = kept.with_row_index("_row")
    parts = [
        _grade_spelling(
            numbered.filter(
                pl.col("unit").eq_missing(pl.lit(unit, pl.String))
                & pl.col("reported_unit").eq_missing(pl.lit(reported, pl.String))
            ),
            rule,
            unit,
            reported,
        )
        for unit, reported in spellings
    ]
    if not parts:
        return kept.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in _GRADED.items())
    return pl.concat(parts).sort("_row").drop("_row")


def _grade_spelling(
    rows: pl.DataFrame, rule: LineageRule, unit: str | None, reported: str | None
) -> pl.DataFrame:
    """Grade rows that share their units."""
    found = _printed_unit(rule, unit, reported)
    value, limit, original = pl.col("value"), pl.col("lower_limit"), pl.col("reported_value")
    if found is None:
        printed, factor, own = None, pl.lit(None, pl.Float64), False
        least, most = pl.lit(0), pl.lit(rule.highest_grade)
    else:
        printed, factor, own = found.name, pl.lit(found.factor), found.name == found.reported
        least, most = _grade(rule, printed, at_least=True), _grade(rule, printed, at_least=False)
    converted = value * factor
    told = pl.coalesce(pl.when(value.is_not_null()).then(original), converted)
    graded = rows.with_columns(
        pl.lit(printed, pl.String).alias("graded_unit"),
        (told if own else converted).round_sig_figs(SIGNIFICANT_DIGITS).alias("graded_value"),
        (limit * factor).round_sig_figs(SIGNIFICANT_DIGITS).alias("graded_limit"),
    ).with_columns(
        least.cast(pl.Int64).alias("grade_at_least"), most.cast(pl.Int64).alias("grade_at_most")
    )
    grade = pl.when(pl.col("grade_at_least") == pl.col("grade_at_most")).then("grade_at_least")
    return graded.with_columns(grade.alias("grade")).select(
        pl.exclude("grade_at_least", "grade_at_most"), "grade_at_least", "grade_at_most"
    )


@dataclass(frozen=True, slots=True)
class _Printed:
    """The printed unit to grade in, the factor from `unit` to it, and the name as reported."""

    name: str
    factor: float
    reported: str


def _printed_unit(rule: LineageRule, unit: str | None, reported: str | None) -> _Printed | None:
    """Find the printed unit to grade in; None where the unit is unknown."""
    if unit is None:
        return None
    analyte = ANALYTES[rule.analyte]
    try:
        own = analyte.find_unit(unit if reported is None else reported)
        printed = (
            own.name
            if own.name in rule.below
            else next(name for name in rule.below if find_unit(name).dimension == own.dimension)
        )
        return _Printed(printed, float(analyte.factor(unit, printed)), own.name)
    except (UnknownUnit, StopIteration):
        return None


def _grade(rule: LineageRule, printed: str, *, at_least: bool) -> pl.Expr:
    """The lowest or the highest grade that a value, a bound or an empty value can have."""
    value, limit, bound = pl.col("graded_value"), pl.col("graded_limit"), pl.col("bound")
    grades = sorted(rule.below[printed].items(), reverse=True)

    # A condition that cannot be told holds for the highest grade, and not for the lowest.
    def holds(cut: pl.Expr) -> pl.Expr:
        return is_below(cut, value, bound).fill_null(value=not at_least)

    steps = [pl.when(holds(pl.lit(cut))).then(pl.lit(grade)) for grade, cut in grades]
    if rule.below_lower_limit is not None:
        steps.append(pl.when(holds(limit)).then(pl.lit(rule.below_lower_limit)))
    return pl.coalesce(*steps, pl.lit(0))


def derive_lowest_of_day(graded: pl.DataFrame, subject: str = "subject") -> pl.DataFrame:
    """Return the lowest value of every subject and whole day, sorted by them.

    An empty value beside another one of its day is left out.

    Parameters
    ----------
    graded
        Rows from `derive_cytopenia_grades`.
    subject
        Column that names the series.

    Examples
    --------
    >>> labs = pl.DataFrame({"subject": "1", "day": [1.0, 1.5], "analyte": "platelets",
    ...                      "value": [60.0, 40.0], "unit": "10^9/L"})
    >>> graded = derive_cytopenia_grades(labs, "thrombocytopenia")
    >>> derive_lowest_of_day(graded).select("day", "grade").rows()
    [(1.5, 3)]
    """
    return keep_first_of_day(
        graded.sort(
            subject,
            pl.col("day").floor(),
            pl.col("value").is_null(),
            -pl.col("grade_at_most"),
            -pl.col("grade_at_least"),
            "value",
            "day",
            nulls_last=True,
        ),
        subject,
    )


def derive_daily_grades(
    labs: pl.DataFrame, numbers: pl.DataFrame, lineage: str, criteria: CytopeniaCriteria
) -> pl.DataFrame:
    """Return the lowest value of every patient and day, graded, by the number of the patient.

    Text is slow to sort and to group by the million, so that patients become numbers here.

    Parameters
    ----------
    labs
        The `labs` table.
    numbers
        `subject` and `number`.
    lineage, criteria
        As for `derive_cytopenia_grades`.
    """
    analyte = check_lineage(criteria, lineage).analyte
    numbered = labs.filter(pl.col("analyte") == analyte).join(numbers, on="subject")
    return derive_lowest_of_day(derive_cytopenia_grades(numbered, lineage, criteria), "number")


def write_graded(name: str) -> pl.Expr:
    """Write a graded value: `neutrophils < 0.1 x 10^9/L on day 4`.

    Examples
    --------
    >>> labs = pl.DataFrame({"subject": "1", "day": [1.0, 8.0], "analyte": "platelets",
    ...                      "value": [12.0, None], "bound": ["below", None], "unit": "10^9/L"})
    >>> graded = derive_cytopenia_grades(labs, "thrombocytopenia")
    >>> graded.select(write_graded("platelets"))["literal"].to_list()
    ['platelets < 12 x 10^9/L on day 1', 'platelets on day 8']
    """
    amount = amount_text(
        pl.coalesce("graded_value", "value"), pl.coalesce("graded_unit", "reported_unit", "unit")
    )
    signed = pl.concat_str(pl.lit(" "), write_bound(pl.col("bound")), amount)
    return pl.concat_str(
        pl.lit(name),
        pl.when(pl.col("value").is_not_null()).then(signed).otherwise(pl.lit("")),
        pl.lit(" on day "),
        number_text(pl.col("day")),
    )


def write_ungraded() -> pl.Expr:
    """Write why a value has no grade; null where it has one."""
    return (
        pl.when(pl.col("grade").is_not_null())
        .then(None)
        .when(pl.col("value").is_null())
        .then(pl.lit("its value is missing"))
        .when(pl.col("graded_value").is_null())
        .then(pl.lit("its unit is unknown"))
        .when(pl.col("bound").is_not_null())
        .then(pl.lit("it is a bound"))
        .otherwise(pl.lit("the lower limit of normal is missing"))
    )
