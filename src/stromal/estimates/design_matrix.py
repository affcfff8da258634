"""Covariates as numbers: the design matrix of a regression."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from stromal.estimates.intervals import FloatArray

SAME = "it is the same in all patients"
SMALLEST_REST = 1e-7
"""Share of a column's length that must be left when the columns before it are taken out; below it
the column says nothing of its own. R's `coxph` and `glm` draw the line near here too."""

FAR = 1e-3
"""Share of a column's length that is left beyond doubt."""


@dataclass(frozen=True, slots=True)
class Term:
    """A column of a design matrix.

    A number has neither `level` nor `reference` and its effect is that of one unit more; a level of
    a category is compared with `reference`. `reason` says why the term has no effect of its own.

    Examples
    --------
    >>> Term("sex", "male", "female").name, Term("age").name
    ('sex: male against female', 'age')
    """

    covariate: str
    level: str | None = None
    reference: str | None = None
    reason: str = ""

    @property
    def name(self) -> str:
        """The term in words."""
        if self.level is None:
            return self.covariate
        return f"{self.covariate}: {self.level} against {self.reference}"


@dataclass(frozen=True, slots=True)
class DesignMatrix:
    """Terms of a regression with their values.

    `values` have the shape (patients, terms) and hold usable terms and those that are not alike;
    `kept` says which rows of the covariates they are: those without a missing value.
    """

    terms: tuple[Term, ...]
    values: FloatArray
    kept: npt.NDArray[np.int64]

    @property
    def usable(self) -> npt.NDArray[np.int64]:
        """Places of the terms that have an effect of their own."""
        return np.array([i for i, term in enumerate(self.terms) if not term.reason], np.int64)


def is_known(columns: Iterable[pl.Series], among: pl.Series) -> pl.Series:
    """Return which patients of some have a value in every column; nan is none.

    Examples
    --------
    >>> everybody = pl.Series([True, True, False])
    >>> is_known([pl.Series([1.0, float("nan"), 2.0])], everybody).to_list()
    [True, False, False]
    """
    known = among
    for column in columns:
        missing = column.is_null()
        if column.dtype.is_float():
            missing |= column.is_nan().fill_null(value=True)
        known = known & ~missing
    return known


def build_design(
    covariates: pl.DataFrame, references: Mapping[str, str] | None = None
) -> DesignMatrix:
    """Return the design matrix of covariates, categories by treatment contrasts.

    A number is one term. A category has a term for each level that occurs, but its reference; a
    flag is a category of no and yes. A term that is constant, or a sum of others before it, keeps
    its place and says so. Patients with a missing value are left out.

    Parameters
    ----------
    covariates
        One row per patient; numbers, flags or text, shape (patients, covariates).
    references
        Reference level of a category; by default the first of an enumeration, else the first in
        the alphabet. A reference that does not occur gives way to the default.

    Returns
    -------
    DesignMatrix
        Terms in the order of the covariates and of their levels.

    Examples
    --------
    >>> rows = pl.DataFrame({"age": [40.0, 50.0, None], "arm": ["msc", "control", "msc"]})
    >>> design = build_design(rows)
    >>> [term.name for term in design.terms], design.kept.tolist()
    (['age', 'arm: msc against control'], [0, 1])
    >>> [term.reason for term in design.terms]
    ['', 'its value follows from the covariates before it']
    """
    chosen = references or {}
    numbers = [name for name in covariates.columns if covariates[name].dtype.is_numeric()]
    known = covariates.with_columns(pl.col(numbers).cast(pl.Float64).fill_nan(None))
    kept, rows = np.arange(known.height), known
    if any(column.null_count() for column in known.iter_columns()):
        there = pl.all_horizontal(pl.all().is_not_null())
        kept, rows = known.select(there.arg_true()).to_series().to_numpy(), known.filter(there)
    terms: list[Term] = []
    columns: list[FloatArray] = []
    for column in rows.iter_columns():
        for term, values in _code(column, chosen.get(column.name)):
            terms.append(term)
            columns.append(values)
    # Column after column in memory, as regressions read them.
    values = np.stack(columns).T if columns else np.zeros((rows.height, 0))
    return DesignMatrix(_judge(terms, values), values, kept.astype(np.int64))


def _code(column: pl.Series, reference: str | None) -> list[tuple[Term, FloatArray]]:
    """Return the terms of one covariate with their values."""
    if column.dtype.is_numeric():
        return [(Term(column.name), column.to_numpy().astype(np.float64))]
    if column.dtype == pl.Boolean:
        words = pl.when(column).then(pl.lit("yes")).otherwise(pl.lit("no"))
        column = pl.select(words.alias(column.name)).to_series()
    levels = [str(level) for level in column.unique().sort().to_list()]
    base = reference if reference in levels else next(iter(levels), None)
    held = column.cast(pl.String)
    return [
        (Term(column.name, level, base), (held == level).to_numpy().astype(np.float64))
        for level in levels
        if level != base or len(levels) == 1
    ]


def _judge(terms: list[Term], values: FloatArray) -> tuple[Term, ...]:
    """Say of each term whether it is constant or follows from those before it."""
    if _are_apart(values):
        return tuple(terms)
    judged: list[Term] = []
    directions: list[FloatArray] = []
    for term, column in zip(terms, values.T, strict=True):
        reason = ""
        centred = column - column.mean() if column.size else column
        length = float(np.linalg.norm(centred))
        if not column.size or length <= SMALLEST_REST * float(np.linalg.norm(column)):
            reason = SAME
        else:
            rest = centred / length
            # Twice, because one pass leaves rounding in the directions that are taken out.
            for _ in range(2):
                for direction in directions:
                    rest = rest - direction * float(direction @ rest)
            left = float(np.linalg.norm(rest))
            if left <= SMALLEST_REST:
                reason = "its value follows from the covariates before it"
            else:
                directions.append(rest / left)
        judged.append(Term(term.covariate, term.level, term.reference, reason))
    return tuple(judged)


def _are_apart(values: FloatArray) -> bool:
    """Say whether columns are so far from constants and from sums of others that no doubt is left.

    Products of columns lose half of the digits, so that doubtful columns are looked at one by one.
    """
    if not values.size:
        return False
    centred = np.stack([column - column.mean() for column in values.T])
    products = centred @ centred.T
    length = np.sqrt(np.diag(products))
    if (length <= FAR * np.array([np.linalg.norm(column) for column in values.T])).any():
        return False
    try:
        rest = np.diag(np.linalg.cholesky(products / np.outer(length, length)))
    except np.linalg.LinAlgError:
        return False
    return bool((rest > FAR).all())
