"""CTCAE grades of single laboratory values, on the cut of the unit they were reported in."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stromal.endpoints.records.lab_series import LabSeries, read_lab_series
from stromal.endpoints.records.labs import is_below, write_bound
from stromal.endpoints.records.shared import share
from stromal.endpoints.records.words import amount_text, number_text
from stromal.endpoints.rules.cytopenia.lineages import (
    CytopeniaCriteria,
    LineageRule,
    check_lineage,
)
from stromal.errors import UnknownUnit
from stromal.kernels.series.grades import Scale, grade_values, pick_worst_of_days
from stromal.tables.labs import LABS
from stromal.tables.patients import Patients
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
_TOLD = (
    "value",
    "bound",
    "unit",
    "reported_unit",
    "graded_unit",
    "graded_value",
    "grade",
)
"""What the words of a graded value are made of."""


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


@dataclass(frozen=True, slots=True, eq=False)
class DailyGrades:
    """One lineage of every patient: the lowest value of each whole day, and its grades.

    An empty value beside another one of its day is left out.

    Parameters
    ----------
    number, day
        (N,) number of the patient and day [d], sorted by both.
    least, most
        (N,) the grades that the value can have.
    row
        (N,) its place in `series`.
    series
        The values of the analyte.
    lineage, criteria
        What was graded, and by which version.
    """

    number: NDArray[np.uint32]
    day: NDArray[np.float64]
    least: NDArray[np.int8]
    most: NDArray[np.int8]
    row: NDArray[np.int64]
    series: LabSeries
    lineage: str
    criteria: CytopeniaCriteria

    def frame(self, chosen: NDArray[np.intp] | None = None) -> pl.DataFrame:
        """Return all days or those at some positions as rows.

        The columns are `number`, `day` [d], `grade_at_least`, `grade_at_most`, `row`.
        """
        at = slice(None) if chosen is None else chosen
        return pl.DataFrame(
            {
                "number": self.number[at],
                "day": self.day[at],
                "grade_at_least": self.least[at].astype(np.int64),
                "grade_at_most": self.most[at].astype(np.int64),
                "row": self.row[at],
            }
        )

    def tell(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Add what words are made of to rows of `frame`; a null `row` has none of it."""
        known = frame["row"].drop_nulls().unique()
        rows = self.series.rows(known.to_numpy())
        graded = derive_cytopenia_grades(rows, self.lineage, self.criteria)
        words = graded.select(_TOLD).with_columns(known.alias("row"))
        return frame.join(words, on="row", how="left", maintain_order="left")


def derive_daily_grades(
    patients: Patients,
    lineage: str,
    criteria: CytopeniaCriteria,
    inside: tuple[float, float] = (-math.inf, math.inf),
) -> DailyGrades:
    """Derive the lowest value of every patient and day, graded.

    All endpoints of a run that ask for the same lineage and version share it.

    Parameters
    ----------
    patients
        As from `as_numbered`.
    lineage, criteria
        As for `derive_cytopenia_grades`.
    inside
        First and last day [d] of a window: where days are fractions, a value of its last day that
        lies after it is left out before the lowest of the day is taken.

    Examples
    --------
    >>> from stromal.endpoints.records.lab_series import as_numbered
    >>> labs = pl.DataFrame({"subject": "1", "day": [1.0, 1.5], "analyte": "platelets",
    ...                      "value": [60.0, 40.0], "unit": "10^9/L"})
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), labs=labs)
    >>> daily = derive_daily_grades(as_numbered(patients), "thrombocytopenia", "ctcae_v5")
    >>> daily.day.tolist(), daily.most.tolist()
    ([1.5], [3])
    """
    days = read_lab_series(patients, check_lineage(criteria, lineage).analyte).day
    # whole days are inside a window or outside it as one, so that all windows share their grades
    ends = inside if (days != np.floor(days)).any() else (-math.inf, math.inf)
    return share(
        patients.labs,
        ("daily grades", lineage, criteria, *ends),
        lambda: _derive_daily(patients, lineage, criteria, ends),
    )


def _derive_daily(
    patients: Patients, lineage: str, criteria: CytopeniaCriteria, ends: tuple[float, float]
) -> DailyGrades:
    rule = check_lineage(criteria, lineage)
    series = read_lab_series(patients, rule.analyte)
    least, most, near = grade_values(series.values, _scale(rule, series.spellings))
    if near.any():
        careful = np.flatnonzero(near)
        graded = derive_cytopenia_grades(series.rows(careful), lineage, criteria)
        least[careful] = graded["grade_at_least"].to_numpy()
        most[careful] = graded["grade_at_most"].to_numpy()
    inside = np.flatnonzero((series.day >= ends[0]) & (series.day <= ends[1]))
    own = slice(None) if inside.size == least.size else inside
    values = series.values.value
    at = pick_worst_of_days(series.number[own], series.day[own], values[own], least[own], most[own])
    at = inside[at] if inside.size < least.size else at
    chosen = slice(None) if at.size == least.size else at
    return DailyGrades(
        series.number[chosen],
        series.day[chosen],
        least[chosen],
        most[chosen],
        at,
        series,
        lineage,
        criteria,
    )


def _scale(rule: LineageRule, spellings: tuple[tuple[str | None, str | None], ...]) -> Scale:
    """The cuts of a lineage in each spelling of its unit."""
    highest = rule.highest_grade
    cuts = np.full((len(spellings), highest), np.nan)
    factors, own = np.full(len(spellings), np.nan), np.zeros(len(spellings), bool)
    for place, (unit, reported) in enumerate(spellings):
        found = _printed_unit(rule, unit, reported)
        if found is not None:
            factors[place], own[place] = found.factor, found.name == found.reported
            for grade, cut in rule.below[found.name].items():
                cuts[place, grade - 1] = cut
    return Scale(cuts, factors, own, rule.below_lower_limit or 0, highest)


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
