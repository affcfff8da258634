"""Common and random effects by inverse variances, with moderators or without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.special import chdtrc, fdtrc, ndtr, ndtri, stdtr, stdtrit

from stromal.evidence.pool.effects import Effects, Floats
from stromal.evidence.pool.heterogeneity import (
    TAU2_SOURCES,
    Heterogeneity,
    Tau2Method,
    describe_heterogeneity,
    estimate_tau2,
)
from stromal.evidence.pool.least_squares import Fit, fit_weighted

Model = Literal["random", "common"]
PooledInterval = Literal["knapp-hartung", "wald"]

NOTHING = "no study has an effect and a variance"
EXACT = "a study whose variance is zero has no weight that can be told, and is left out"
ONE = "one study: how studies differ is not estimable"
ROUNDING = 1e-24
"""Scatter beside the effects themselves that rounding alone leaves."""

EQUAL = "all effects are equal: the Knapp-Hartung interval has no width, so Wald's stands here"


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """A pooled effect with everything that a reader asks of it; numbers are on `effects.scale`.

    `value`, `low`, `high` and `error` are None where there is nothing to pool; `prediction` is the
    interval in which the true effect of a new study lies, None where it cannot be told. `reasons`
    say in words why something is missing. `weights` [%] are NaN for studies without an effect.
    """

    effects: Effects
    value: float | None
    error: float | None
    low: float | None
    high: float | None
    level: float
    p: float | None
    studies: int
    prediction: tuple[float, float] | None
    heterogeneity: Heterogeneity | None
    weights: Floats
    method: str
    sources: tuple[str, ...]
    reasons: tuple[str, ...] = ()

    def shown(self) -> tuple[float | None, float | None, float | None]:
        """Value and interval as readers know them: ratios, shares."""
        value, low, high = (
            None if number is None else self.effects.show(number)
            for number in (self.value, self.low, self.high)
        )
        return value, low, high


def pool_effects(
    effects: Effects,
    model: Model = "random",
    *,
    tau2: Tau2Method = "REML",
    interval: PooledInterval = "knapp-hartung",
    level: float = 0.95,
    described: bool = True,
) -> Pooled:
    """Pool the effects of studies.

    `common` takes all true effects as one; `random` lets them differ with variance tau squared. The
    Knapp-Hartung interval takes its width from how effects scatter, and t with k - 1 degrees of
    freedom; Wald's takes the variances as known. The prediction interval is that of a new study's
    true effect, with the quantile of the interval. [dersimonian1986, knapp2003, higgins2009]

    Parameters
    ----------
    effects
        k studies; those without an effect are left out and named in `effects.reasons`.
    model, tau2, interval
        Which model, which estimator of tau squared, which interval.
    level
        Of the intervals.
    described
        False leaves out the interval of tau squared, which takes longer than all the rest.

    Returns
    -------
    Pooled
        On the scale of the effects.

    Examples
    --------
    >>> studies = Effects(np.array([0.0, 1.0, 2.0]), np.full(3, 0.25), "difference")
    >>> found = pool_effects(studies)
    >>> f"{found.value:.2f} ({found.low:.2f} to {found.high:.2f})"
    '1.00 (-1.48 to 3.48)'

    Witness: R metafor::rma, tests/reference/pool.
    """
    known = effects.known
    values, variances = effects.values[known], effects.variances[known]
    method = _method(model, tau2, interval)
    sources = _sources(effects, model, tau2, interval)
    weights = np.full(effects.values.shape, np.nan)
    exact = (EXACT,) if np.any(np.isfinite(effects.values) & (effects.variances == 0)) else ()
    if not values.size:
        return Pooled(
            effects, None, None, None, None, level, None, 0, None, None, weights, method, sources,
            (NOTHING, *exact),
        )  # fmt: skip
    ones = np.ones((values.size, 1))
    between = estimate_tau2(values, variances, ones, tau2) if model == "random" else 0.0
    fit = fit_weighted(values, variances + between, ones)
    weights[known] = 100 * fit.weights / fit.weights.sum()
    reasons = [*exact, *([ONE] if values.size == 1 else [])]
    widened = model == "random" and interval == "knapp-hartung" and values.size > 1
    # equal effects leave rounding behind, and an interval of its width would be a lie
    if widened and fit.q <= ROUNDING * float(np.sum(fit.weights * values**2)):
        widened = False
        reasons.append(EQUAL)
    error = float(np.sqrt(fit.covariance[0, 0] * (_scatter(fit) if widened else 1.0)))
    around = _reach(
        float(fit.coefficients[0]), error, between, level, values.size - 1 if widened else None
    )
    told = model == "random" and values.size > 1
    spread = describe_heterogeneity(values, variances, ones, between, level, profile=described)
    return Pooled(
        effects=effects,
        value=float(fit.coefficients[0]),
        error=error,
        low=around.low,
        high=around.high,
        level=level,
        p=around.p,
        studies=int(values.size),
        prediction=around.prediction if told else None,
        heterogeneity=spread,
        weights=weights,
        method=method,
        sources=sources,
        reasons=tuple(reasons),
    )


@dataclass(frozen=True, slots=True)
class _Around:
    """The interval of a value, its P, and the prediction interval."""

    low: float
    high: float
    p: float
    prediction: tuple[float, float]


def _reach(
    value: float, error: float, between: float, level: float, degrees: int | None
) -> _Around:
    """Intervals by t with `degrees` of freedom, by the normal law where they are None."""
    at = 0.5 + level / 2
    reach = float(ndtri(at) if degrees is None else stdtrit(degrees, at))
    ratio = -abs(value / error)
    chance = ndtr(ratio) if degrees is None else stdtr(degrees, ratio)
    away = reach * float(np.hypot(error, np.sqrt(between)))
    return _Around(
        value - reach * error,
        value + reach * error,
        2 * float(chance),
        (value - away, value + away),
    )


def as_wald(pooled: Pooled) -> Pooled:
    """Return pooled random effects with Wald's interval and prediction, tau squared as it is.

    Examples
    --------
    >>> studies = Effects(np.array([0.0, 1.0, 2.0]), np.full(3, 0.25), "difference")
    >>> found = as_wald(pool_effects(studies))
    >>> again = pool_effects(studies, interval="wald")
    >>> (found.low, found.high, found.p) == (again.low, again.high, again.p)
    True
    """
    if pooled.value is None or pooled.heterogeneity is None:
        return pooled
    known, between = pooled.effects.known, pooled.heterogeneity.tau2
    values, variances = pooled.effects.values[known], pooled.effects.variances[known]
    fit = fit_weighted(values, variances + between, np.ones((values.size, 1)))
    error = float(np.sqrt(fit.covariance[0, 0]))
    around = _reach(pooled.value, error, between, pooled.level, None)
    return replace(
        pooled,
        error=error,
        low=around.low,
        high=around.high,
        p=around.p,
        prediction=around.prediction if pooled.studies > 1 else None,
        method=pooled.method.replace(_INTERVALS["knapp-hartung"], _INTERVALS["wald"]),
        sources=tuple(one for one in pooled.sources if one not in _KNAPP),
        reasons=tuple(one for one in pooled.reasons if one != EQUAL),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Regression:
    """Effects of moderators on effects of studies.

    `names`, `values`, `errors`, `low`, `high`, `p` are of the p coefficients; `test` and `test_p`
    are of all but the intercept together, with `test_degrees`; `explained` [%] is how much smaller
    tau squared is than without moderators, None where it was zero.
    """

    names: tuple[str, ...]
    values: Floats
    errors: Floats
    low: Floats
    high: Floats
    p: Floats
    level: float
    studies: int
    test: float | None
    test_degrees: tuple[int, int | None]
    test_p: float | None
    heterogeneity: Heterogeneity
    explained: float | None
    covariance: Floats
    method: str
    sources: tuple[str, ...]


def regress_effects(
    effects: Effects,
    moderators: Floats,
    names: Sequence[str],
    *,
    tau2: Tau2Method = "REML",
    interval: PooledInterval = "knapp-hartung",
    level: float = 0.95,
) -> Regression:
    """Regress effects of studies on moderators: dose, year, source (mixed effects).

    Parameters
    ----------
    effects
        k studies.
    moderators
        (k, p - 1) numbers, without the intercept; categories as columns of 0 and 1. A study in
        which one is missing is left out.
    names
        Of the moderators.
    tau2, interval, level
        As of `pool_effects`; t with k - p degrees of freedom.

    Raises
    ------
    ValueError
        Fewer studies than coefficients and one more, or moderators that follow from each other.

    Examples
    --------
    >>> studies = Effects(np.array([0.0, 1.0, 2.5]), np.full(3, 0.25), "difference")
    >>> found = regress_effects(studies, np.array([[1.0], [2.0], [3.0]]), ["dose"])
    >>> found.names, found.values.round(3)
    (('intercept', 'dose'), array([-1.333,  1.25 ]))

    Witness: R metafor::rma(mods = ), tests/reference/pool.
    """
    known = effects.known & np.isfinite(moderators).all(axis=1)
    values, variances = effects.values[known], effects.variances[known]
    design = np.column_stack([np.ones(values.size), moderators[known]])
    degrees = values.size - design.shape[1]
    if degrees < 1:
        raise ValueError(f"{values.size} studies for {design.shape[1]} coefficients")
    between = estimate_tau2(values, variances, design, tau2)
    fit = fit_weighted(values, variances + between, design)
    widened = interval == "knapp-hartung"
    covariance = fit.covariance * (_scatter(fit) if widened else 1.0)
    errors = np.sqrt(np.diag(covariance))
    reach = float(stdtrit(degrees, 0.5 + level / 2) if widened else ndtri(0.5 + level / 2))
    ratio = np.abs(fit.coefficients / errors)
    before = estimate_tau2(values, variances, design[:, :1], tau2)
    test, test_degrees, test_p = _test_all(fit, covariance, degrees if widened else None)
    return Regression(
        names=("intercept", *names),
        values=fit.coefficients,
        errors=errors,
        low=fit.coefficients - reach * errors,
        high=fit.coefficients + reach * errors,
        p=2 * (stdtr(degrees, -ratio) if widened else ndtr(-ratio)),
        level=level,
        studies=int(values.size),
        test=test,
        test_degrees=test_degrees,
        test_p=test_p,
        heterogeneity=describe_heterogeneity(values, variances, design, between, level),
        explained=max(0.0, 100 * (before - between) / before) if before > 0 else None,
        covariance=covariance,
        method=f"mixed-effects regression, {_method('random', tau2, interval)}",
        sources=_sources(effects, "random", tau2, interval),
    )


def _test_all(
    fit: Fit, covariance: Floats, degrees: int | None
) -> tuple[float | None, tuple[int, int | None], float | None]:
    """The test of all coefficients but the intercept."""
    rest = fit.coefficients[1:]
    if not rest.size:
        return None, (0, degrees), None
    wald = float(rest @ np.linalg.solve(covariance[1:, 1:], rest))
    if degrees is None:
        return wald, (rest.size, None), float(chdtrc(rest.size, wald))
    ratio = wald / rest.size
    return ratio, (rest.size, degrees), float(fdtrc(rest.size, degrees, ratio))


def _scatter(fit: Fit) -> float:
    """How far effects scatter beyond what their variances say."""
    return fit.q / (fit.residuals.size - fit.coefficients.size)


_INTERVALS: dict[PooledInterval, str] = {"knapp-hartung": "Knapp-Hartung", "wald": "Wald"}
_INTERVAL_SOURCES: dict[PooledInterval, tuple[str, ...]] = {
    "knapp-hartung": ("knapp2003",),
    "wald": (),
}
_KNAPP = _INTERVAL_SOURCES["knapp-hartung"]


def _method(model: Model, tau2: Tau2Method, interval: PooledInterval) -> str:
    if model == "common":
        return "common effect, inverse variance, Wald interval"
    return f"random effects, tau2 by {tau2}, {_INTERVALS[interval]} interval"


def _sources(
    effects: Effects, model: Model, tau2: Tau2Method, interval: PooledInterval
) -> tuple[str, ...]:
    if model == "common":
        return effects.sources
    more = (*TAU2_SOURCES[tau2], *_INTERVAL_SOURCES[interval], "higgins2009", "viechtbauer2007")
    return (*effects.sources, *more)
