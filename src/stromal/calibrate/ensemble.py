"""Ensemble smoother with multiple data assimilation: a prior sample becomes a posterior sample.

[emerick2013] The forward runs here are trials of the size that was observed, so that what they give
has the noise of the data in it already; that noise is taken off again where it would count twice.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def update_ensemble(
    members: Floats,
    predicted: Floats,
    observed: Floats,
    noise: Floats,
    inflation: float,
    generator: np.random.Generator,
    *,
    noisy: bool = True,
    least_correlation: float | None = None,
) -> Floats:
    """Move members towards what was observed, by one assimilation.

    Parameters
    ----------
    members
        Vectors of parameters, (M, P).
    predicted
        What each foretells, (M, D).
    observed
        What was observed, (D,).
    noise
        Covariance of what is observed around what is true, (D, D).
    inflation
        By which the noise is multiplied; the inverses of all assimilations add to 1.
    generator
        Of the perturbations.
    noisy
        Whether `predicted` has the noise in it already; the inflation must then be above 1.
    least_correlation
        Correlations of a parameter with a datum below this count as none, so that chance
        correlations of a small ensemble do not narrow what the data say nothing of. By default
        twice the standard error of a correlation of nothing.

    Returns
    -------
    array
        The moved members, (M, P).

    Examples
    --------
    >>> generator = np.random.default_rng(1)
    >>> prior = generator.normal(0.0, 1.0, (4000, 1))
    >>> moved = prior
    >>> for _ in range(4):
    ...     moved = update_ensemble(
    ...         moved, moved, np.array([1.0]), np.eye(1), 4.0, generator, noisy=False
    ...     )
    >>> bool(abs(moved.mean() - 0.5) < 0.05), bool(abs(moved.var() - 0.5) < 0.05)
    (True, True)
    """
    count = len(members)
    own = members - members.mean(axis=0)
    theirs = predicted - predicted.mean(axis=0)
    cross = own.T @ theirs / (count - 1)
    within = theirs.T @ theirs / (count - 1)
    floor = 2.0 / np.sqrt(count) if least_correlation is None else least_correlation
    scale = np.outer(own.std(axis=0), theirs.std(axis=0))
    correlation = np.divide(cross, scale, out=np.zeros_like(cross), where=scale > 0)
    cross = np.where(np.abs(correlation) >= floor, cross, 0.0)
    left = (inflation - 1.0 if noisy else inflation) * noise
    perturbed = generator.multivariate_normal(np.zeros(len(observed)), left, size=count)
    gain = np.linalg.solve((within + left).T, cross.T).T
    return np.asarray(members + (observed + perturbed - predicted) @ gain.T, np.float64)
