"""Linear mixed model of repeated measurements, by restricted maximum likelihood."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl
from scipy.special import fdtrc, stdtr, stdtrit

from stromal.estimates.design_matrix import DesignMatrix, Term, build_design, is_known
from stromal.estimates.estimate import Estimate
from stromal.estimates.group_comparison import code_groups
from stromal.estimates.intervals import FloatArray
from stromal.estimates.regression import standardise
from stromal.estimates.restricted_likelihood import Fit, Profile, maximise_restricted
from stromal.estimates.times import IntArray

MIXED_SOURCES = ("laird1982", "patterson1971", "satterthwaite1946")

Scale = Literal["log", "identity"]

FEWEST_DEGREES = 2.0
"""Degrees of freedom of a t whose square has no expectation, and then those of F."""

SAME_DEGREES = 1e-4
"""Relative difference of degrees of freedom below which they are the same number."""

_METHOD = "linear mixed model by REML"
_INTERVAL = "t with Satterthwaite's degrees of freedom"


@dataclass(frozen=True, slots=True)
class MixedEffect:
    """The effect of a term: with logarithms a ratio of geometric means, else a difference of means.

    `coefficient` and `error` are on the scale of the model; `degrees` of freedom are those of
    Satterthwaite. All are None where the effect cannot be estimated, and `reason` says why.
    """

    term: Term
    estimate: Estimate
    coefficient: float | None = None
    error: float | None = None
    degrees: float | None = None
    p_value: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class JointTest:
    """An F test that several terms together have no effect.

    `degrees` are how many independent terms there are and Satterthwaite's of the denominator; all
    are None where nothing can be tested, and `reason` says why.
    """

    statistic: float | None = None
    degrees: tuple[int, float] | None = None
    p_value: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MixedModel:
    """A mixed model: effects in the order of the terms, and how patients and measurements spread.

    `sd_patients` is the standard deviation of patients' own levels, `sd_slopes` that of their own
    slopes, `correlation` that of both, `sd_rest` that of a measurement around its patient's line,
    all on the scale of the model; None where the model has none. `n` counts measurements,
    `left_out` those without a covariate or a patient. `joint` is the test of the terms that were
    to be tested together. `reason` says why nothing is estimated, `note` what is odd about an
    estimate.
    """

    effects: tuple[MixedEffect, ...]
    method: str
    sources: tuple[str, ...]
    n: int
    patients: int
    sd_patients: float | None = None
    sd_slopes: float | None = None
    correlation: float | None = None
    sd_rest: float | None = None
    log_likelihood: float | None = None
    left_out: int = 0
    joint: JointTest | None = None
    reason: str = ""
    note: str = ""


def fit_mixed_model(
    values: pl.Series,
    covariates: pl.DataFrame,
    subjects: pl.Series,
    *,
    slopes: pl.Series | None = None,
    scale: Scale = "log",
    level: float = 0.95,
    references: Mapping[str, str] | None = None,
    together: Collection[str] = (),
) -> MixedModel:
    """Estimate effects on repeated measurements, of which each patient has several.

    Each patient has an own level, normally distributed, and with `slopes` an own slope as well;
    measurements spread around it. [laird1982] Variances are those of restricted maximum likelihood
    [patterson1971], intervals and P those of t with Satterthwaite's degrees of freedom.
    [satterthwaite1946] Measurements that are missing are taken to be missing at random.

    Parameters
    ----------
    values
        Measurements, shape (rows,), one row per measurement; null and nan are left out.
    covariates
        Covariates in the order of the rows, as for `build_design`, shape (rows, covariates).
    subjects
        Patient of each measurement, shape (rows,).
    slopes
        Number on which patients have slopes of their own, such as the day; it should be among the
        covariates too.
    scale
        Whether logarithms of the values are modelled, as is usual for counts, or the values.
    level
        Level of the intervals, between 0 and 1.
    references
        Reference level of each category, as for `build_design`.
    together
        Covariates whose terms are tested together, by an F test whose denominator has the degrees
        of freedom of Fai and Cornelius. [fai1996]

    Returns
    -------
    MixedModel
        Effects in the order of the terms, and standard deviations.

    Examples
    --------
    >>> values = pl.Series([4.0, 6.0, 9.0, 5.0, 20.0, 24.0, 30.0, 44.0])
    >>> arms = pl.DataFrame({"arm": list("aaaabbbb")})
    >>> found = fit_mixed_model(values, arms, pl.Series([1, 1, 2, 2, 3, 3, 4, 4]))
    >>> round(found.effects[0].estimate.value, 3), round(found.effects[0].degrees, 1)
    (4.922, 2.0)

    Witness: R lme4::lmer and nlme::lme, tests/reference/mixed_model;
    lmerTest::anova for terms together.
    """
    numbers = values.cast(pl.Float64)
    measured = (numbers.is_finite() & subjects.is_not_null()).fill_null(value=False)
    extra = () if slopes is None else (slopes,)
    known = is_known((*covariates.iter_columns(), *extra), measured)
    rows = _arrange(numbers, covariates, subjects, slopes, known)
    y = rows["__value"].to_numpy()
    member = code_groups(rows["__subject"]).member
    design = build_design(rows.select(covariates.columns), references)
    patients = int(member.max()) + 1 if member.size else 0
    method = f"{_METHOD}, {'logarithms of the values' if scale == 'log' else 'values as they are'}"
    if slopes is not None:
        method += ", slopes of patients"
    whole = Estimate(
        None,
        level=level,
        n=y.size,
        method=f"{method}, {_INTERVAL}",
        sources=MIXED_SOURCES,
        interval=_INTERVAL,
    )
    left_out = int(numbers.is_finite().fill_null(value=False).sum()) - y.size
    begun = MixedModel((), whole.method, MIXED_SOURCES, y.size, patients, left_out=left_out)
    reason = _refuse(y, member, scale)
    if not reason and y.size <= design.usable.size + 1:
        reason = "there are no more measurements than terms"
    if reason:
        return _refused(begun, design, whole, reason, together)
    own = np.ones((y.size, 1))
    unit = 1.0
    if slopes is not None:
        day = rows["__slope"].to_numpy().astype(np.float64)
        unit = float(np.abs(day).max()) or 1.0
        own = np.column_stack([own, day / unit])
    x, _, spread = standardise(design, design.values)
    modelled = np.log(y) if scale == "log" else y
    profile = Profile.of(np.column_stack([np.ones(y.size), x]), modelled, own, member)
    found = maximise_restricted(profile)
    if found.reason:
        return _refused(begun, design, whole, found.reason, together)
    told = _report(begun, design, whole, found, spread, unit, logarithms=scale == "log")
    return replace(told, joint=_test_together(design, found, together)) if together else told


def _arrange(
    values: pl.Series,
    covariates: pl.DataFrame,
    subjects: pl.Series,
    slopes: pl.Series | None,
    known: pl.Series,
) -> pl.DataFrame:
    """Return the measurements that are used, in one order whatever that of the rows."""
    slope = pl.Series([0.0]).new_from_index(0, values.len()) if slopes is None else slopes
    rows = covariates.with_columns(
        values.alias("__value"), subjects.cast(pl.String).alias("__subject"), slope.alias("__slope")
    )
    names = ("__subject", "__slope", "__value", *covariates.columns)
    return rows.filter(known).sort(names)


def _refuse(y: FloatArray, member: IntArray, scale: Scale) -> str:
    """Return why nothing can be estimated; empty where it can."""
    if scale == "log" and (y <= 0).any():
        return f"{int((y <= 0).sum())} values are 0 or below, and have no logarithm"
    counts = np.bincount(member)
    if counts.size < 2:
        return "there are no two patients"
    if counts.max() < 2:
        return "no patient has two measurements"
    return "all values are the same" if y.min() == y.max() else ""


def _refused(
    begun: MixedModel,
    design: DesignMatrix,
    whole: Estimate,
    reason: str,
    together: Collection[str],
) -> MixedModel:
    effects = tuple(MixedEffect(term, whole, reason=term.reason or reason) for term in design.terms)
    joint = JointTest(reason=reason) if together else None
    return replace(begun, effects=effects, joint=joint, reason=reason)


def _test_together(design: DesignMatrix, found: Fit, together: Collection[str]) -> JointTest:
    """Test that terms have no effect together, as a mean of independent squared t.

    Each t has its own degrees of freedom; those of the mean are chosen so that the expectation of F
    is right. [fai1996]
    """
    asked = [term for term in design.terms if term.covariate in together]
    places = [
        place + 1
        for place, term in enumerate(design.usable)
        if design.terms[int(term)].covariate in together
    ]
    if not places:
        reasons = dict.fromkeys(term.reason for term in asked)
        return JointTest(reason="; ".join(reasons) or "there are no two groups")
    covariance = found.covariance[np.ix_(places, places)]
    variances, axes = np.linalg.eigh(covariance)
    squares = (axes.T @ found.coefficients[places]) ** 2 / variances
    degrees = []
    for axis in axes.T:
        contrast = np.zeros(found.coefficients.size)
        contrast[places] = axis
        degrees.append(found.count_degrees(contrast))
    size = len(places)
    below = _join_degrees(np.array(degrees))
    statistic = float(squares.mean())
    return JointTest(statistic, (size, below), float(fdtrc(size, below, statistic)))


def _join_degrees(degrees: FloatArray) -> float:
    """Return degrees of freedom of the denominator of F from those of each t."""
    if degrees.max() - degrees.min() < SAME_DEGREES * degrees.max():
        return float(degrees.mean())
    if degrees.min() <= FEWEST_DEGREES:
        return FEWEST_DEGREES
    expected = float((degrees / (degrees - 2)).sum())
    return 2 * expected / (expected - degrees.size)


def _report(
    begun: MixedModel,
    design: DesignMatrix,
    whole: Estimate,
    found: Fit,
    spread: FloatArray,
    unit: float,
    *,
    logarithms: bool,
) -> MixedModel:
    """Return effects in the units of their covariates, and standard deviations."""
    places = {int(term): place for place, term in enumerate(design.usable)}
    effects = []
    for index, term in enumerate(design.terms):
        if index not in places:
            effects.append(MixedEffect(term, whole, reason=term.reason))
            continue
        place = places[index]
        coefficient = float(found.coefficients[place + 1] / spread[place])
        error = float(math.sqrt(found.covariance[place + 1, place + 1]) / spread[place])
        contrast = np.zeros(found.coefficients.size)
        contrast[place + 1] = 1.0
        degrees = found.count_degrees(contrast)
        reach = float(stdtrit(degrees, 0.5 + (whole.level or 0.95) / 2)) * error
        ends = (coefficient, coefficient - reach, coefficient + reach)
        with np.errstate(over="ignore"):
            value, low, high = (float(np.exp(end)) if logarithms else end for end in ends)
        estimate = replace(whole, value=value, low=low, high=high if np.isfinite(high) else None)
        p_value = float(2 * stdtr(degrees, -abs(coefficient) / error))
        effects.append(MixedEffect(term, estimate, coefficient, error, degrees, p_value))
    spreads = np.sqrt(np.diag(found.between))
    correlation = None
    if spreads.size > 1 and spreads.min() > 0:
        correlation = float(found.between[0, 1] / spreads[0] / spreads[1])
    return replace(
        begun,
        effects=tuple(effects),
        sd_patients=float(spreads[0]),
        sd_slopes=float(spreads[1] / unit) if spreads.size > 1 else None,
        correlation=correlation,
        sd_rest=math.sqrt(found.variance),
        # Of the covariates as they are, not in standard deviations.
        log_likelihood=found.log_likelihood - float(np.log(spread).sum()),
        note=found.note,
    )
