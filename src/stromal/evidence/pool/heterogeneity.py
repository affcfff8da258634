"""How far true effects differ between studies: tau squared, its interval, Q and I squared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import chdtrc, gammaincinv

from stromal.evidence.pool.effects import Floats
from stromal.evidence.pool.least_squares import Fit, fit_weighted

Tau2Method = Literal["REML", "DL", "PM"]

TAU2_SOURCES: dict[Tau2Method, tuple[str, ...]] = {
    "REML": ("viechtbauer2005",),
    "DL": ("dersimonian1986",),
    "PM": ("paule1982",),
}

MOST_ROUNDS = 200
CLOSE = 1e-13
"""Rounds of the scoring of REML, and the change, beside the size, at which they end."""

STARTS = 24
"""Values of tau squared at which the restricted likelihood is looked at beside where it ended."""


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """How much effects differ beyond chance.

    `q` has `degrees` degrees of freedom; `i2` [%] is the share of the differences that is not
    chance; `low` and `high` are the ends of the interval of tau squared, None where the data give
    none.
    """

    tau2: float
    low: float | None
    high: float | None
    q: float
    degrees: int
    p: float | None
    i2: float | None
    h2: float | None
    method: str


def estimate_tau2(
    values: Floats, variances: Floats, moderators: Floats, method: Tau2Method = "REML"
) -> float:
    """Estimate the variance of true effects between studies.

    `DL` is the method of moments of DerSimonian and Laird, `PM` that of Paule and Mandel, `REML`
    the maximum of the restricted likelihood; none is below zero.
    [dersimonian1986, paule1982, viechtbauer2005]

    Parameters
    ----------
    values, variances
        (k,) effects and their variances.
    moderators
        (k, p), with a column of ones.
    method
        Which estimator.

    Returns
    -------
    float
        tau squared, 0 or more; 0 where there are no more studies than moderators.

    Examples
    --------
    >>> y, v = np.array([0.0, 1.0, 2.0]), np.full(3, 0.25)
    >>> round(estimate_tau2(y, v, np.ones((3, 1))), 4)
    0.75

    Witness: R metafor::rma, tests/reference/pool.
    """
    if values.size <= moderators.shape[1]:
        return 0.0
    return _ESTIMATORS[method](values, variances, moderators)


def describe_heterogeneity(
    values: Floats,
    variances: Floats,
    moderators: Floats,
    tau2: float,
    level: float = 0.95,
    *,
    profile: bool = True,
) -> Heterogeneity:
    """Describe how effects differ: Q, I squared, and the Q-profile interval of tau squared.

    I squared sets tau squared beside the variance of a typical study. [higgins2002,
    viechtbauer2007]

    Parameters
    ----------
    values, variances, moderators
        As of `estimate_tau2`.
    tau2
        What was estimated.
    level
        Of the interval.
    profile
        False leaves out the interval.

    Examples
    --------
    >>> y, v = np.array([0.0, 1.0, 2.0]), np.full(3, 0.25)
    >>> found = describe_heterogeneity(y, v, np.ones((3, 1)), 0.75)
    >>> round(found.q, 1), round(found.i2, 1)
    (8.0, 75.0)

    Witness: R metafor::rma and confint, tests/reference/pool.
    """
    degrees = values.size - moderators.shape[1]
    if degrees < 1:
        return Heterogeneity(tau2, None, None, 0.0, max(degrees, 0), None, None, None, "Q-profile")
    fit = fit_weighted(values, variances, moderators)
    typical = degrees / _trace(fit)
    low, high = _profile(values, variances, moderators, level) if profile else (None, None)
    return Heterogeneity(
        tau2=tau2,
        low=low,
        high=high,
        q=fit.q,
        degrees=degrees,
        p=float(chdtrc(degrees, fit.q)),
        i2=100 * tau2 / (tau2 + typical),
        h2=1 + tau2 / typical,
        method="Q-profile",
    )


def _trace(fit: Fit) -> float:
    """Trace of the matrix that takes effects to weighted residuals."""
    return float(np.sum(fit.weights * (1 - fit.hat)))


def _moments(values: Floats, variances: Floats, moderators: Floats) -> float:
    fit = fit_weighted(values, variances, moderators)
    degrees = values.size - moderators.shape[1]
    return float(max(0.0, (fit.q - degrees) / _trace(fit)))


def _paule_mandel(values: Floats, variances: Floats, moderators: Floats) -> float:
    return _root_of_q(values, variances, moderators, values.size - moderators.shape[1])


def _restricted_likelihood(values: Floats, variances: Floats, moderators: Floats) -> float:
    """Fisher scoring from the moments, and a search where the likelihood stands higher.

    Where precise studies agree and others do not, it may have two maxima. [viechtbauer2005]
    """
    top = _score(values, variances, moderators, _moments(values, variances, moderators))
    spread = max(float(np.var(values)), float(np.mean(variances)))
    starts = [0.0, *np.geomspace(1e-3 * float(np.min(variances)), 4 * spread, STARTS)]
    heights = [_height(values, variances, moderators, start) for start in starts]
    best = int(np.argmax(heights))
    height = _height(values, variances, moderators, top)
    if heights[best] <= height + 1e-9 * max(1.0, abs(height)):
        return top
    if best == 0:
        return 0.0
    low, high = starts[best - 1], starts[min(best + 1, STARTS)]
    near = minimize_scalar(
        lambda one: -_height(values, variances, moderators, one),
        bounds=(low, high), method="bounded", options={"xatol": 1e-6 * high},
    ).x  # fmt: skip

    def slope(one: float) -> float:
        return _slope(values, variances, moderators, one)[0]

    low, high = max(low, 0.99 * near), min(high, 1.01 * near)
    if not slope(low) > 0 > slope(high):
        return float(near)
    return float(brentq(slope, low, high, xtol=1e-15 * high, rtol=8.9e-16))


def _height(values: Floats, variances: Floats, moderators: Floats, tau2: float) -> float:
    """The restricted log likelihood, less a constant."""
    fit = fit_weighted(values, variances + tau2, moderators)
    determinant = float(np.linalg.slogdet(fit.covariance)[1])
    return 0.5 * (float(np.sum(np.log(fit.weights))) + determinant - fit.q)


def _score(values: Floats, variances: Floats, moderators: Floats, tau2: float) -> float:
    """Climb the restricted likelihood; a step that would lead below zero is halved."""
    for _ in range(MOST_ROUNDS):
        first, squared = _slope(values, variances, moderators, tau2)
        step = first / squared
        while tau2 + step < 0 and abs(step) > CLOSE * (tau2 + 1e-300):
            step /= 2
        before, tau2 = tau2, max(0.0, tau2 + step)
        if abs(tau2 - before) <= CLOSE * max(tau2, float(np.mean(variances))):
            break
    return tau2


def _slope(
    values: Floats, variances: Floats, moderators: Floats, tau2: float
) -> tuple[float, float]:
    """Twice the slope of the restricted log likelihood, and twice its expected bend."""
    fit = fit_weighted(values, variances + tau2, moderators)
    # The projection is k x k; its trace and that of its square need p x p alone, so that a
    # hundred thousand studies cost time and no memory.
    second, third = (
        fit.covariance @ (moderators.T @ (fit.weights[:, None] ** power * moderators))
        for power in (2, 3)
    )
    trace = float(np.sum(fit.weights) - np.trace(second))
    squared = float(np.sum(fit.weights**2) - 2 * np.trace(third) + np.trace(second @ second))
    return float(np.sum((fit.weights * fit.residuals) ** 2)) - trace, squared


_ESTIMATORS: dict[Tau2Method, Callable[[Floats, Floats, Floats], float]] = {
    "REML": _restricted_likelihood,
    "DL": _moments,
    "PM": _paule_mandel,
}


def _root_of_q(values: Floats, variances: Floats, moderators: Floats, wanted: float) -> float:
    """Tau squared at which Q is what is wanted; 0 where it never is as large."""

    def over(tau2: float) -> float:
        return fit_weighted(values, variances + tau2, moderators).q - wanted

    if over(0.0) <= 0:
        return 0.0
    high = max(float(np.var(values)), float(np.mean(variances)))
    while over(high) > 0:
        high *= 4
    return float(brentq(over, 0.0, high, xtol=1e-15 * high, rtol=8.9e-16))


def _profile(
    values: Floats, variances: Floats, moderators: Floats, level: float
) -> tuple[float | None, float | None]:
    """Ends of the Q-profile interval; none where Q is too small for any tau squared."""
    degrees = values.size - moderators.shape[1]
    tail = (1 - level) / 2
    least = 2 * float(gammaincinv(degrees / 2, tail))
    if fit_weighted(values, variances, moderators).q < least:
        return None, None
    most = 2 * float(gammaincinv(degrees / 2, 1 - tail))
    return (
        _root_of_q(values, variances, moderators, most),
        _root_of_q(values, variances, moderators, least),
    )
