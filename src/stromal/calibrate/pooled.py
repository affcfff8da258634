"""What the other studies of the same thing would have said: the pooled share as a forecast."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from scipy.special import expit

from stromal.calibrate.comparisons import Comparison
from stromal.calibrate.forecast import Floats
from stromal.evidence.pool.effects import logit_proportions
from stromal.evidence.pool.inverse_variance import pool_effects

FEWEST = 2
"""Other studies below which nothing is pooled."""

DRAWS = 2000


def find_others(comparison: Comparison, comparisons: Iterable[Comparison]) -> list[Comparison]:
    """Return the shares of the same outcome of the same treatment in other patients.

    Examples
    --------
    >>> from stromal.calibrate.comparisons import read_comparisons
    >>> known = {each.id: each for each in read_comparisons()}
    >>> [each.id for each in find_others(known["B4.3a"], known.values())]
    ['B4.1a', 'B4.5a', 'B4.6a', 'B4.7a', 'B4.9a']
    """
    return [
        each
        for each in comparisons
        if _quantity(each) == _quantity(comparison)
        and each.shares != comparison.shares
        and each.n is not None
        and each.value is not None
    ]


def _quantity(comparison: Comparison) -> tuple[object, ...]:
    return (
        comparison.trial,
        comparison.arms,
        comparison.endpoint,
        comparison.statistic,
        comparison.labels,
        comparison.day,
        comparison.among,
        comparison.observed_as,
    )


def forecast_pooled(
    comparison: Comparison, comparisons: Iterable[Comparison], seed: int = 1
) -> Floats | None:
    """Draw shares of a new study of this size, as a random-effects pool of the others foretells.

    Parameters
    ----------
    comparison
        The study that is to be foretold; it is not pooled.
    comparisons
        All that are known.
    seed
        Of the draws.

    Returns
    -------
    array, or None
        Shares in so many patients; None where fewer than two other studies print a share with its
        number of patients.
    """
    others = find_others(comparison, comparisons)
    if len(others) < FEWEST or comparison.observed_as != "proportion" or comparison.n is None:
        return None
    totals = [each.n for each in others if each.n is not None]
    events = [round((each.value or 0.0) * (each.n or 0)) for each in others]
    return draw_new_study(events, totals, comparison.n, seed)


def draw_new_study(events: Sequence[int], totals: Sequence[int], n: int, seed: int) -> Floats:
    """Draw shares of a new study: its true share from the prediction law, then its patients."""
    pooled = pool_effects(logit_proportions(events, totals, correction=0.5))
    generator = np.random.default_rng(seed)
    tau2 = 0.0 if pooled.heterogeneity is None else pooled.heterogeneity.tau2
    error = 0.0 if pooled.error is None else pooled.error
    spread = float(np.sqrt(tau2 + error * error))
    freedom = max(len(events) - 1, 1)
    true = expit((pooled.value or 0.0) + spread * generator.standard_t(freedom, DRAWS))
    return np.asarray(generator.binomial(n, true) / n, np.float64)
