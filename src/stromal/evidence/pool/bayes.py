"""Bayesian random effects of studies, worked out on a grid of tau: no sampler, no chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri, roots_legendre

from stromal.evidence.pool.effects import Effects, Floats

TauPrior = Literal["half-normal", "half-cauchy"]

BAYES_SOURCES = ("rover2020", "gelman2006")

POINTS = 400
"""Points of the Gauss-Legendre rule over tau."""

FAINT = 50.0
"""Log density below its maximum at which the law of tau is taken to end: 2e-22."""

FURTHEST = 1e14
"""Where the search for the end of the law of tau begins, beside the scale of its prior."""

MOST_ROUNDS = 40
AT_ONCE = 2_000_000
"""Numbers of points times studies that are held in memory at once."""

NOTHING = "no study has an effect and a variance"


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """A mixture of normal laws: the posterior of the mean effect, or of a new study's.

    `weights`, `means`, `errors` are (P,), one for each tau of the grid.
    """

    weights: Floats
    means: Floats
    errors: Floats

    def below(self, value: float) -> float:
        """Return the probability of less than a value."""
        return float(np.sum(self.weights * ndtr((value - self.means) / self.errors)))

    def quantile(self, probability: float) -> float:
        """Return the value below which so much probability lies, 0 < `probability` < 1."""
        reach = ndtri(min(probability, 1 - probability)) - 1.0
        low = float(np.min(self.means + reach * self.errors))
        high = float(np.max(self.means - reach * self.errors))
        while self.below(low) > probability:
            low -= high - low
        while self.below(high) < probability:
            high += high - low
        return float(brentq(lambda one: self.below(one) - probability, low, high, xtol=1e-12))

    @property
    def mean(self) -> float:
        """Mean of the law."""
        return float(np.sum(self.weights * self.means))

    @property
    def error(self) -> float:
        """Standard deviation of the law."""
        second = float(np.sum(self.weights * (self.errors**2 + self.means**2)))
        return float(np.sqrt(max(0.0, second - self.mean**2)))


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """What is known after the studies, on the scale of the effects.

    Parameters
    ----------
    mean, new
        Laws of the mean effect, and of the true effect of a new study.
    tau, tau_weights
        (P,) points of the grid, and their posterior probability.
    level
        Of `interval` and `prediction`, which are central.
    """

    effects: Effects
    mean: Mixture
    new: Mixture
    tau: Floats
    tau_weights: Floats
    level: float
    studies: int
    method: str
    sources: tuple[str, ...] = BAYES_SOURCES

    @property
    def interval(self) -> tuple[float, float]:
        """Central interval of the mean effect."""
        return self._central(self.mean)

    @property
    def prediction(self) -> tuple[float, float]:
        """Central interval of a new study's true effect."""
        return self._central(self.new)

    @property
    def tau_mean(self) -> float:
        """Posterior mean of tau."""
        return float(np.sum(self.tau * self.tau_weights))

    def tau_below(self, value: float) -> float:
        """Return the posterior probability of a tau below a value, to a point of the grid."""
        return float(self.tau_weights[self.tau < value].sum())

    def _central(self, law: Mixture) -> tuple[float, float]:
        tail = (1 - self.level) / 2
        return law.quantile(tail), law.quantile(1 - tail)


def pool_bayesian(
    effects: Effects,
    *,
    scale: float,
    prior: TauPrior = "half-normal",
    centre: float = 0.0,
    spread: float = np.inf,
    level: float = 0.95,
) -> Posterior:
    """Work out the posterior of the mean effect and of a new study's effect.

    Effects are normal around true effects, these around the mean with deviation tau. Given tau
    everything is normal; tau is integrated by a Gauss-Legendre rule over where its law lies.
    [rover2020, gelman2006]

    Parameters
    ----------
    effects
        k studies, one at least.
    scale
        Of the prior of tau, on the scale of the effects, above zero: 0.5 is moderate for log odds
        ratios.
    prior
        Its shape.
    centre, spread
        Normal prior of the mean; an infinite spread is flat.
    level
        Of the intervals.

    Raises
    ------
    ValueError
        No study, or a scale or spread that is not positive.

    Examples
    --------
    >>> studies = Effects(np.array([-0.9, -0.2, -0.5]), np.array([0.1, 0.2, 0.1]), "log odds ratio")
    >>> found = pool_bayesian(studies, scale=0.5)
    >>> low, high = found.interval
    >>> f"{found.mean.mean:.2f} ({low:.2f} to {high:.2f})"
    '-0.58 (-1.16 to 0.03)'

    Witness: a second implementation by scipy.integrate, and the closed form at tau 0,
    tests/unit/evidence/pool/test_bayes.py.
    """
    known = effects.known
    y, v = effects.values[known], effects.variances[known]
    if not y.size:
        raise ValueError(NOTHING)
    if not (scale > 0 and spread > 0):
        raise ValueError("the scale of tau and the spread of the mean are positive")
    tau, weight, means, precision = _explore(
        lambda one: _weigh(y, v, one, centre, spread, _PRIORS[prior](one / scale)),
        near=min(scale, float(np.sqrt(v.min()))),
        furthest=FURTHEST * scale,
    )
    share = np.exp(weight - weight.max())
    share /= share.sum()
    error = np.sqrt(1 / precision)
    return Posterior(
        effects=effects,
        mean=Mixture(share, means, error),
        new=Mixture(share, means, np.hypot(error, tau)),
        tau=tau,
        tau_weights=share,
        level=level,
        studies=int(y.size),
        method=f"Bayesian random effects, {prior} prior of tau with scale {scale:g}",
    )


Weighed = tuple[Floats, Floats, Floats]


def _weigh(
    y: Floats, v: Floats, tau: Floats, centre: float, spread: float, prior: Floats
) -> Weighed:
    """Log density of each tau, and the mean effect and its precision given it, (P,) each."""
    found = []
    step = max(1, AT_ONCE // y.size)
    for first in range(0, tau.size, step):
        total = v + tau[first : first + step, None] ** 2
        precision = np.sum(1 / total, axis=1) + spread**-2.0
        means = (np.sum(y / total, axis=1) + centre * spread**-2.0) / precision
        # the likelihood with the mean integrated out, told around its mode so that nothing cancels
        fit = np.sum((y - means[:, None]) ** 2 / total, axis=1)
        fit += (means - centre) ** 2 * spread**-2.0
        weight = -0.5 * (np.sum(np.log(total), axis=1) + np.log(precision) + fit)
        found.append((weight, means, precision))
    weight, means, precision = (np.concatenate(column) for column in zip(*found, strict=True))
    return weight + prior, means, precision


def _explore(
    weigh: Callable[[Floats], Weighed], near: float, furthest: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """Points of tau where its law lies, their log weights, and what `weigh` says of the mean there.

    The rule runs over log(1 + tau / near), which is even close to zero and wide far from it, so
    that neither studies of a million patients nor thousands of them leave the law between two
    points. Ends move in until the law fills the rule.
    """
    nodes, weights = _rule()
    low, high = 0.0, float(np.log1p(furthest / near))
    for _ in range(MOST_ROUNDS):
        half = (high - low) / 2
        at = low + half * (nodes + 1)
        tau = near * np.expm1(at)
        weight, means, precision = weigh(tau)
        weight = weight + at + np.log(weights)
        seen = np.flatnonzero(weight > weight.max() - FAINT)
        first, last = int(seen[0]), int(seen[-1])
        ends = (
            (low if first == 0 else float(at[first - 1])),
            (high if last == at.size - 1 else float(at[last + 1])),
        )
        if ends[1] - ends[0] > 0.8 * (high - low):
            break
        low, high = ends
    return tau, weight, means, precision


@cache
def _rule() -> tuple[Floats, Floats]:
    """The rule of Gauss and Legendre, which takes longer to find than all that is done with it."""
    nodes, weights = roots_legendre(POINTS)
    return nodes, weights


def _half_normal(ratio: Floats) -> Floats:
    return np.asarray(-0.5 * ratio**2)


def _half_cauchy(ratio: Floats) -> Floats:
    return np.asarray(-np.log1p(ratio**2))


_PRIORS: dict[TauPrior, Callable[[Floats], Floats]] = {
    "half-normal": _half_normal,
    "half-cauchy": _half_cauchy,
}
