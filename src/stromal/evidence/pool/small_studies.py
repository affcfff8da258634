"""Whether small studies say something else: Egger's regression, and trim and fill."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import stdtr

from stromal.evidence.pool.effects import Effects, Floats
from stromal.evidence.pool.inverse_variance import (
    ROUNDING,
    Pooled,
    pool_effects,
    regress_effects,
)
from stromal.evidence.pool.least_squares import fit_weighted

FEWEST = 3
TOO_FEW = "fewer than three studies: the funnel has no shape"
STRAIGHT = "effects and errors lie on one line: there is no test"
ALIKE = "all studies are of one size: the funnel has no shape"
CIRCLING = "trimming goes in a circle: the number of missing studies is that of its last round"
MOST_ROUNDS = 100


@dataclass(frozen=True, slots=True)
class Asymmetry:
    """Slope of the effects on their standard errors, with its test; None where there is none."""

    slope: float | None
    statistic: float | None
    degrees: int | None
    p: float | None
    limit: float | None
    method: str = "Egger's regression"
    sources: tuple[str, ...] = ("egger1997",)
    reason: str | None = None


def assess_asymmetry(effects: Effects) -> Asymmetry:
    """Assess the asymmetry of the funnel by Egger's regression.

    Effects are regressed on their standard errors with weights of inverse variances, and t has
    k - 2 degrees of freedom. `limit` is the effect where the error is zero. With fewer than ten
    studies it hardly finds anything. [egger1997]

    Examples
    --------
    >>> y, v = np.array([0.1, 0.5, 0.9, 1.6]), np.array([0.01, 0.04, 0.09, 0.25])
    >>> found = assess_asymmetry(Effects(y, v, "log odds ratio", "log"))
    >>> f"{found.slope:.2f}, P {found.p:.3f}"
    '3.86, P 0.001'

    Witness: R metafor::regtest(model = "lm"), tests/reference/pool.
    """
    y, v = effects.values[effects.known], effects.variances[effects.known]
    if y.size < FEWEST:
        return Asymmetry(None, None, None, None, None, reason=TOO_FEW)
    errors = np.sqrt(v)
    if np.ptp(errors) <= 1e-12 * errors.max():
        return Asymmetry(None, None, None, None, None, reason=ALIKE)
    fit = fit_weighted(y, v, np.column_stack([np.ones(y.size), errors]))
    degrees = y.size - 2
    error = float(np.sqrt(fit.covariance[1, 1] * fit.q / degrees))
    slope = float(fit.coefficients[1])
    # what rounding leaves of equal effects has a ratio too, and it would be of noise
    if fit.q <= ROUNDING * float(np.sum(fit.weights * y**2)):
        limit = float(fit.coefficients[0])
        return Asymmetry(slope, None, degrees, None, limit, reason=STRAIGHT)
    statistic = slope / error
    p = float(2 * stdtr(degrees, -abs(statistic)))
    return Asymmetry(slope, statistic, degrees, p, float(fit.coefficients[0]))


@dataclass(frozen=True, slots=True, eq=False)
class Filled:
    """A funnel made symmetric: how many studies are missing on which side, and the pooled effect.

    `values` and `variances` are of the studies that were filled in; `reason` says why nothing is,
    or what to mind.
    """

    missing: int
    side: str
    values: Floats
    variances: Floats
    pooled: Pooled
    sources: tuple[str, ...] = ("duval2000",)
    reason: str | None = None


def trim_and_fill(effects: Effects, **how: Any) -> Filled:  # noqa: ANN401 - as pooled
    """Fill in the studies that a symmetric funnel would have, by the estimator L0.

    What it adds are no data: the result says how much the pooled effect leans on the funnel's
    shape. Studies are missing on the side to which the slope of effects on errors points, in the
    model by which they are pooled. [duval2000]

    Parameters
    ----------
    effects
        k studies.
    how
        Arguments of `pool_effects`.

    Examples
    --------
    >>> y, v = np.array([0.1, 0.5, 0.9, 1.6]), np.array([0.01, 0.04, 0.09, 0.25])
    >>> found = trim_and_fill(Effects(y, v, "log odds ratio", "log"))
    >>> found.missing, found.side
    (2, 'left')

    Witness: R metafor::trimfill, tests/reference/pool.
    """
    y, v = effects.values[effects.known], effects.variances[effects.known]
    whole = pool_effects(effects, **how)
    funnel = assess_asymmetry(effects)
    if funnel.slope is None:
        return Filled(0, "left", y[:0], y[:0], whole, reason=funnel.reason)
    # Studies are missing on the left where small ones say more: there the slope is positive.
    sign = 1.0 if _slope(effects, how) >= 0 else -1.0
    side = "left" if sign > 0 else "right"
    order = np.argsort(sign * y, kind="stable")
    y, v = sign * y[order], v[order]
    missing, before, reason = 0, -1, None
    for _ in range(MOST_ROUNDS):
        if missing == before:
            break
        before = missing
        centre = _centre(effects, y[: y.size - missing], v[: y.size - missing], how)
        missing = _missing(y - centre)
    else:
        reason = CIRCLING
    if missing == 0:
        return Filled(0, side, y[:0], y[:0], whole, reason=reason)
    centre = _centre(effects, y[: y.size - missing], v[: y.size - missing], how)
    mirrored = 2 * centre - y[-missing:]
    filled = replace(
        effects,
        values=sign * np.concatenate([y, mirrored]),
        variances=np.concatenate([v, v[-missing:]]),
        reasons=(),
        sizes=None,
    )
    pooled = pool_effects(filled, **how)
    return Filled(missing, side, sign * mirrored, v[-missing:], pooled, reason=reason)


def _slope(effects: Effects, how: dict[str, Any]) -> float:
    """Slope of the effects on their errors, in the model by which they are pooled."""
    known = effects.known
    y, v = effects.values[known], effects.variances[known]
    errors = np.sqrt(v)[:, None]
    if how.get("model") == "common":
        return float(fit_weighted(y, v, np.column_stack([np.ones(y.size), errors])).coefficients[1])
    part = replace(effects, values=y, variances=v, reasons=(), sizes=None)
    tau2 = how.get("tau2", "REML")
    return float(regress_effects(part, errors, ["error"], tau2=tau2).values[1])


def _centre(effects: Effects, y: Floats, v: Floats, how: dict[str, Any]) -> float:
    part = replace(effects, values=y, variances=v, reasons=(), sizes=None)
    value = pool_effects(part, **how).value
    return 0.0 if value is None else value


def _missing(centred: Floats) -> int:
    """The estimator L0, from the ranks of the studies right of the centre."""
    k = centred.size
    sizes = np.abs(centred)
    ordered = np.sort(sizes)
    # equal sizes share the mean of their ranks
    below, upto = (np.searchsorted(ordered, sizes, side) for side in ("left", "right"))
    ranks = (below + upto + 1) / 2
    right = float(ranks[centred > 0].sum())
    return min(k - 1, max(0, round((4 * right - k * (k + 1)) / (2 * k - 1))))
