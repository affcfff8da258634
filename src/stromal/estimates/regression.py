"""What every regression returns: the effect of each term, and tests of all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import chdtrc, ndtr, ndtri

from stromal.estimates.design_matrix import DesignMatrix, Term
from stromal.estimates.estimate import Estimate
from stromal.estimates.intervals import FloatArray
from stromal.estimates.newton import Evaluate, Maximum

INFINITE = "it separates those with the event from the others: the ratio has no finite value"
IDLE = "it never differed among patients at risk together when an event came"
LEAST_INFORMATION = 1e-12
"""Share of an event, in squared standard deviations, below which information is rounding."""


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of a term: a ratio with its interval, and the test that it is 1.

    `coefficient` is the logarithm of the ratio and `error` its standard error. All are None where
    the ratio cannot be estimated, and `reason` says why.
    """

    term: Term
    ratio: Estimate
    coefficient: float | None = None
    error: float | None = None
    p_value: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ModelTest:
    """A test that no term has an effect; numbers are None where it cannot be done."""

    name: str
    statistic: float | None
    degrees: int
    p_value: float | None


@dataclass(frozen=True, slots=True)
class Regression:
    """A regression: effects in the order of the terms, and tests of all of them.

    `log_likelihood` is that without and with the terms. `covariance` is that of the coefficients,
    shape (terms, terms), None where a term has none. `n` counts patients who stand in it, `events`
    theirs; `left_out` those with an outcome and a missing covariate, `never_at_risk` those
    who entered on their last day or later. `reason` says why nothing could be estimated.
    """

    effects: tuple[Effect, ...]
    tests: tuple[ModelTest, ...] = ()
    log_likelihood: tuple[float, float] | None = None
    covariance: tuple[tuple[float | None, ...], ...] = ()
    n: int = 0
    events: int = 0
    method: str = ""
    sources: tuple[str, ...] = ()
    left_out: int = 0
    never_at_risk: int = 0
    reason: str = ""


def standardise(
    design: DesignMatrix, rows: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return usable terms centred and in standard deviations, the centres, and the deviations.

    Newton's method then judges its steps alike for an age in years and a count in millions.

    Examples
    --------
    >>> import polars as pl
    >>> from stromal.estimates.design_matrix import build_design
    >>> design = build_design(pl.DataFrame({"x": [1.0, 3.0]}))
    >>> standardise(design, design.values)[0].tolist()
    [[-1.0], [1.0]]
    """
    values = rows[:, design.usable]
    # Sums in order of size are the same for any order of the rows.
    ordered = np.sort(values, axis=0)
    centre = ordered.mean(axis=0) if values.size else np.zeros(values.shape[1])
    spread = np.sqrt(((ordered - centre) ** 2).mean(axis=0)) if values.size else centre + 1.0
    spread = np.where(spread > 0, spread, 1.0)
    return (values - centre) / spread, centre, spread


def mark_idle(design: DesignMatrix, information: FloatArray, events: int) -> DesignMatrix:
    """Mark usable terms that never differ among patients who are compared.

    Parameters
    ----------
    design
        The terms of the regression.
    information
        Information of its usable terms without any effect, in standard deviations.
    events
        Events that the information comes from.
    """
    idle = {
        int(term)
        for term, own in zip(design.usable, np.diag(information), strict=True)
        if own <= LEAST_INFORMATION * events
    }
    terms = (
        replace(term, reason=IDLE) if index in idle else term
        for index, term in enumerate(design.terms)
    )
    return replace(design, terms=tuple(terms))


def judge_terms(
    evaluate: Evaluate, found: Maximum, covariance: FloatArray
) -> tuple[tuple[ModelTest, ...], tuple[float, float] | None]:
    """Return the likelihood-ratio, Wald and score test of all terms, and the two log-likelihoods.

    Where a term runs to infinity the likelihood ratio has its limit, and Wald's test cannot be
    done.
    """
    beta, degrees = found.coefficients, found.coefficients.size
    null, gradient, information = evaluate(np.zeros(degrees))
    fitted = found.value
    wald = None
    whole = not any(found.infinite) and not found.reason
    # A robust covariance of fewer clusters than terms has no inverse.
    if whole and np.linalg.matrix_rank(covariance) == degrees:
        wald = float(beta @ np.linalg.solve(covariance, beta))
    score = None
    if np.linalg.matrix_rank(information) == degrees:
        score = float(gradient @ np.linalg.solve(information, gradient))
    ratio = None if found.reason else max(2 * (fitted - null), 0.0)
    statistics = {"likelihood ratio": ratio, "Wald": wald, "score": score}
    tests = tuple(
        ModelTest(name, value, degrees, None if value is None else float(chdtrc(degrees, value)))
        for name, value in statistics.items()
    )
    return tests, (null, fitted)


def report_effects(
    design: DesignMatrix,
    found: Maximum,
    covariance: FloatArray,
    spread: FloatArray,
    whole: Estimate,
) -> tuple[tuple[Effect, ...], tuple[tuple[float | None, ...], ...]]:
    """Return the effect of every term, and the covariance of the coefficients.

    Parameters
    ----------
    design
        Its terms; those that are usable were fitted.
    found
        Coefficients in standard deviations.
    covariance
        Their covariance.
    spread
        Standard deviations of the usable terms, shape (usable,).
    whole
        Level, n, events, method and sources of every ratio.
    """
    places = {int(term): place for place, term in enumerate(design.usable)}
    scaled = covariance / np.outer(spread, spread)
    effects = []
    for index, term in enumerate(design.terms):
        place = places.get(index)
        if place is None or found.reason or found.infinite[place]:
            reason = term.reason or found.reason or INFINITE
            effects.append(Effect(term, whole, reason=reason))
            continue
        coefficient = float(found.coefficients[place] / spread[place])
        error = float(np.sqrt(scaled[place, place]))
        effects.append(_effect(term, coefficient, error, whole))
    size = range(len(design.terms))

    def cell(row: int, column: int) -> float | None:
        if found.reason or effects[row].error is None or effects[column].error is None:
            return None
        return float(scaled[places[row], places[column]])

    return tuple(effects), tuple(tuple(cell(row, column) for column in size) for row in size)


def begin_regression(whole: Estimate, left_out: int) -> Regression:
    """Return a regression before anything is estimated: who stands in it, and how."""
    return Regression(
        (),
        n=whole.n,
        events=whole.events or 0,
        method=whole.method,
        sources=whole.sources,
        left_out=left_out,
        never_at_risk=whole.never_at_risk,
    )


def end_regression(
    begun: Regression,
    design: DesignMatrix,
    evaluate: Evaluate,
    found: Maximum,
    covariance: FloatArray,
    spread: FloatArray,
    whole: Estimate,
) -> Regression:
    """Return a regression on hazards with its effects and tests.

    Parameters
    ----------
    begun
        Who stands in it, and how.
    evaluate
        The log-likelihood whose maximum was found.
    design, found, covariance, spread, whole
        As for `report_effects`.
    """
    tests, values = judge_terms(evaluate, found, covariance)
    effects, covariances = report_effects(design, found, covariance, spread, whole)
    return replace(
        begun,
        effects=effects,
        tests=tests,
        log_likelihood=values,
        covariance=covariances,
        reason=found.reason,
    )


def no_effects(design: DesignMatrix, whole: Estimate, reason: str) -> tuple[Effect, ...]:
    """Return the terms of a regression that could not be done, each with the reason."""
    return tuple(Effect(term, whole, reason=term.reason or reason) for term in design.terms)


def _effect(term: Term, coefficient: float, error: float, whole: Estimate) -> Effect:
    """Return the ratio of a coefficient with Wald's interval and test."""
    level = whole.level or 0.95
    reach = float(ndtri(0.5 + level / 2)) * error
    with np.errstate(over="ignore"):
        value, low, high = (
            float(np.exp(end)) for end in (coefficient, coefficient - reach, coefficient + reach)
        )
    ratio = replace(whole, value=value, low=low, high=high if np.isfinite(high) else None)
    p_value = float(2 * ndtr(-abs(coefficient) / error)) if error > 0 else None
    return Effect(term, ratio, coefficient, error, p_value)
