"""What a new study will find: the predictive distribution that plans and priors use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, ndtr

from stromal.evidence.pool.bayes import Mixture, Posterior
from stromal.evidence.pool.effects import Floats

LEVELS = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)

STEPS = 2000
"""Points of probability by which moments on the shown scale are worked out."""


@dataclass(frozen=True, slots=True)
class Predictive:
    """The law of a new study's result, as readers know it: a share, a ratio.

    `quantiles` are by their probability; `low` and `high` the ends of the central interval of
    `level`; `mean` and `deviation` its moments. `size` is how many patients would tell a share as
    precisely (the beta law with those moments), None for what is no share.
    """

    value: float
    low: float
    high: float
    level: float
    quantiles: tuple[tuple[float, float], ...]
    mean: float
    deviation: float
    size: float | None
    method: str
    sources: tuple[str, ...]


def predict_study(
    posterior: Posterior,
    n: int | None = None,
    probabilities: Sequence[float] = LEVELS,
) -> Predictive:
    """Predict the result of a new study.

    Parameters
    ----------
    posterior
        What `pool_bayesian` gives.
    n
        Patients of the new study, for shares (log odds): what it will print then has the chance of
        its own patients too. None: its true effect.
    probabilities
        Of the quantiles.

    Raises
    ------
    ValueError
        `n` for effects that are not log odds of shares, or less than one.

    Examples
    --------
    >>> from stromal.evidence.pool.bayes import pool_bayesian
    >>> from stromal.evidence.pool.effects import logit_proportions
    >>> studies = logit_proportions([18, 21, 8, 30], [33, 28, 19, 34])
    >>> found = predict_study(pool_bayesian(studies, scale=1.0))
    >>> f"{found.value:.2f} ({found.low:.2f} to {found.high:.2f}), as of {found.size:.0f} patients"
    '0.67 (0.15 to 0.96), as of 4 patients'
    """
    shares = posterior.effects.scale == "logit"
    law = posterior.new
    if n is not None:
        if not shares or n < 1:
            raise ValueError("patients of a new study are asked of shares, one at least")
        law = _with_chance(law, n)
    show, tail = posterior.effects.show, (1 - posterior.level) / 2
    at = (np.arange(STEPS) + 0.5) / STEPS
    points = _many(law, at)
    told = np.array([show(float(one)) for one in points])
    mean, deviation = float(told.mean()), float(told.std())
    size = mean * (1 - mean) / deviation**2 - 1 if shares and deviation > 0 else None
    return Predictive(
        value=show(law.quantile(0.5)),
        low=show(law.quantile(tail)),
        high=show(law.quantile(1 - tail)),
        level=posterior.level,
        quantiles=tuple((one, show(law.quantile(one))) for one in probabilities),
        mean=mean,
        deviation=deviation,
        size=size,
        method=f"prediction of a new study; {posterior.method}",
        sources=posterior.sources,
    )


def _with_chance(law: Mixture, n: int) -> Mixture:
    """The law of the log odds that n patients show, each normal with its own chance."""
    share = expit(law.means)
    return Mixture(law.weights, law.means, np.sqrt(law.errors**2 + 1 / (n * share * (1 - share))))


def _many(law: Mixture, probabilities: Floats) -> Floats:
    """Quantiles at many probabilities, by interpolation of the distribution function."""
    low, high = law.quantile(float(probabilities[0])), law.quantile(float(probabilities[-1]))
    grid = np.linspace(low, high, 4001)
    below = np.concatenate(
        [
            ndtr((part[:, None] - law.means) / law.errors) @ law.weights
            for part in np.array_split(grid, 8)
        ]
    )
    return np.asarray(np.interp(probabilities, below, grid))
