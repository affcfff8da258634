"""Logistic regression: odds ratios, by maximum likelihood or with Firth's penalty."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri, expit

from stromal.estimates.design_matrix import DesignMatrix, build_design, is_known
from stromal.estimates.estimate import Estimate
from stromal.estimates.intervals import FloatArray
from stromal.estimates.newton import Maximum, maximise
from stromal.estimates.regression import (
    Effect,
    ModelTest,
    Regression,
    begin_regression,
    no_effects,
    report_effects,
    standardise,
)

LOGISTIC_SOURCES = ("cox1958",)
FIRTH_SOURCES = ("firth1993", "heinze2002")
PROFILE_SOURCES = ("venzon1988",)

Penalty = Literal["none", "firth"]
RegressionInterval = Literal["profile", "wald"]

FARTHEST = 40.0
"""Standard errors (at least one unit of the logit) within which a limit is looked for."""


@dataclass(frozen=True, slots=True)
class Likelihood:
    """The log-likelihood of a logistic regression on counted patients.

    `values` (cells, terms) begin with the intercept; `n` and `events` (cells,) are patients and
    those with the event. With Firth's penalty, half the logarithm of the determinant of the
    information is added: estimates are then finite even where groups are separated, and less
    biased in small samples. [firth1993]
    """

    values: FloatArray
    n: FloatArray
    events: FloatArray
    penalty: Penalty = "none"

    def __call__(self, beta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        """Return the log-likelihood, its gradient and its information."""
        score = self.values @ beta
        share = expit(score)
        weight = self.n * share * (1 - share)
        value = float(self.events @ score - self.n @ np.logaddexp(0.0, score))
        information: FloatArray = self.values.T @ (self.values * weight[:, None])
        rest = self.events - self.n * share
        if self.penalty == "firth":
            sign, size = np.linalg.slogdet(information)
            if sign <= 0:
                return -math.inf, np.zeros_like(beta), information
            # How much each patient decides its own fit: h of the hat matrix.
            leverage = weight * np.einsum(
                "ij,ij->i", self.values @ np.linalg.inv(information), self.values
            )
            value += 0.5 * float(size)
            rest = rest + leverage * (0.5 - share)
        gradient: FloatArray = self.values.T @ rest
        return value, gradient, information

    def profile(self, term: int, held: float, start: FloatArray) -> float:
        """Return the largest log-likelihood with one coefficient held."""
        others = np.delete(np.arange(start.size), term)

        def whole(part: FloatArray) -> FloatArray:
            beta = np.empty(start.size)
            beta[others], beta[term] = part, held
            return beta

        def evaluate(part: FloatArray) -> tuple[float, FloatArray, FloatArray]:
            value, gradient, information = self(whole(part))
            return value, gradient[others], information[np.ix_(others, others)]

        return maximise(evaluate, start[others]).value


def fit_logistic(
    happened: pl.Series,
    covariates: pl.DataFrame,
    *,
    level: float = 0.95,
    penalty: Penalty = "none",
    interval: RegressionInterval = "profile",
    references: Mapping[str, str] | None = None,
) -> Regression:
    """Estimate odds ratios by logistic regression.

    Intervals are those of the profile likelihood, which need not be symmetric and hold what they
    promise in small groups [venzon1988]; P values of terms are Wald's. Where groups are separated,
    the maximum of the likelihood is at infinity: the term says so, and Firth's penalty gives a
    finite ratio with an honest interval. [firth1993, heinze2002]

    Parameters
    ----------
    happened
        Whether each patient had the event, shape (patients,); truths, or 0 and 1. Patients without
        it are left out.
    covariates
        Covariates in the order of the rows, as for `build_design`, shape (patients, covariates).
    level
        Level of the intervals, between 0 and 1.
    penalty
        Maximum likelihood (`none`) or Firth's penalised likelihood (`firth`).
    interval
        `profile`, or `wald`.
    references
        Reference level of each category, as for `build_design`.

    Returns
    -------
    Regression
        Odds ratios in the order of the terms; the likelihood-ratio test of all of them.

    Examples
    --------
    >>> happened = pl.Series([1, 1, 0, 0, 1, 0, 0, 0])
    >>> covariates = pl.DataFrame({"arm": list("aaaabbbb")})
    >>> found = fit_logistic(happened, covariates)
    >>> round(found.effects[0].ratio.value, 6), found.n, found.events
    (0.333333, 8, 3)

    Witness: R glm with MASS::confint, and R optim of the penalised likelihood,
    tests/reference/logistic.
    """
    known = is_known(covariates.iter_columns(), happened.is_not_null())
    judged = happened.drop_nulls().len()
    events = happened.filter(known).cast(pl.Int64).to_numpy()
    design = build_design(covariates.filter(known), references)
    whole = _describe(events, level, penalty, interval)
    answer = begin_regression(whole, judged - int(known.sum()))
    reason = ""
    if not events.any() or events.all():
        reason = "nobody had the event" if not events.any() else "everybody had the event"
    if reason or not design.usable.size:
        return replace(answer, effects=no_effects(design, whole, reason), reason=reason)
    values, _, spread = standardise(design, design.values)
    likelihood = _count(values, events, penalty)
    found = maximise(likelihood, _start(likelihood))
    null = _null(likelihood)
    without = replace(
        found,
        coefficients=found.coefficients[1:],
        covariance=found.covariance[1:, 1:],
        infinite=found.infinite[1:],
    )
    effects, covariance = report_effects(design, without, without.covariance, spread, whole)
    if interval == "profile":
        effects = _profile(likelihood, found, design, spread, effects)
    ratio = max(2 * (found.value - null), 0.0) if not found.reason else None
    degrees = spread.size
    p_value = None if ratio is None else float(chdtrc(degrees, ratio))
    return replace(
        answer,
        effects=effects,
        tests=(ModelTest("likelihood ratio", ratio, degrees, p_value),),
        log_likelihood=(null, found.value),
        covariance=covariance,
        reason=found.reason,
    )


def _describe(
    events: FloatArray, level: float, penalty: Penalty, interval: RegressionInterval
) -> Estimate:
    """Return what is said of every ratio: level, n, events, method, sources."""
    name = "profile" if interval == "profile" else "Wald"
    firth = " with Firth's penalty" if penalty == "firth" else ""
    return Estimate(
        None,
        level=level,
        n=events.size,
        events=int(events.sum()),
        method=f"logistic regression{firth}, {name} interval",
        sources=(
            *LOGISTIC_SOURCES,
            *(FIRTH_SOURCES if firth else ()),
            *(PROFILE_SOURCES if interval == "profile" else ()),
        ),
        interval=name,
    )


def _count(values: FloatArray, events: FloatArray, penalty: Penalty) -> Likelihood:
    """Count patients who are alike, in one order whatever that of the rows."""
    names = [f"x{index}" for index in range(values.shape[1])]
    frame = pl.DataFrame({name: values[:, i] + 0.0 for i, name in enumerate(names)})
    counted = (
        frame.with_columns(pl.Series("event", events))
        .group_by(names)
        .agg(pl.len().alias("n"), pl.col("event").sum())
        .sort(names)
    )
    cells = counted.select(names).to_numpy()
    return Likelihood(
        np.column_stack([np.ones(counted.height), cells]),
        counted["n"].to_numpy().astype(np.float64),
        counted["event"].to_numpy().astype(np.float64),
        penalty,
    )


def _start(likelihood: Likelihood) -> FloatArray:
    """Return the coefficients without any effect: the logit of the share, and zeros."""
    share = likelihood.events.sum() / likelihood.n.sum()
    start = np.zeros(likelihood.values.shape[1])
    start[0] = math.log(share / (1 - share))
    return start


def _null(likelihood: Likelihood) -> float:
    """Return the log-likelihood of the intercept alone, with the penalty of all terms if any.

    Penalised likelihoods compare only where the penalty is of the same information. [heinze2002]
    """
    start = _start(likelihood)

    def evaluate(part: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        beta = start.copy()
        beta[0] = part[0]
        value, gradient, information = likelihood(beta)
        return value, gradient[:1], information[:1, :1]

    return maximise(evaluate, start[:1]).value


def _profile(
    likelihood: Likelihood,
    found: Maximum,
    design: DesignMatrix,
    spread: FloatArray,
    effects: tuple[Effect, ...],
) -> tuple[Effect, ...]:
    """Return the effects with the limits of the profile likelihood."""
    places = {int(term): place for place, term in enumerate(design.usable)}
    limited = []
    for index, effect in enumerate(effects):
        if effect.coefficient is None or effect.error is None:
            limited.append(effect)
            continue
        place = places[index]
        fall = 0.5 * float(chdtri(1, 1 - (effect.ratio.level or 0.95)))
        error = effect.error * spread[place]
        ends = [_limit(likelihood, found, place + 1, side * error, fall) for side in (-1.0, 1.0)]
        low, high = (None if end is None else math.exp(end / spread[place]) for end in ends)
        limited.append(replace(effect, ratio=replace(effect.ratio, low=low, high=high)))
    return tuple(limited)


def _limit(
    likelihood: Likelihood, found: Maximum, term: int, step: float, fall: float
) -> float | None:
    """Return where the profile has fallen by so much, to the side of the step; None if nowhere."""
    best = float(found.coefficients[term])

    def above(reach: float) -> float:
        held = best + reach * step
        return likelihood.profile(term, held, found.coefficients) - found.value + fall

    far = 2.0
    while above(far) > 0:
        far *= 2
        if far > FARTHEST:
            return None
    return best + float(brentq(above, 0.0, far, xtol=1e-11, rtol=1e-12)) * step
