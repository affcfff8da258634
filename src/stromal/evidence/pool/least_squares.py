"""Weighted least squares of study effects, on which common, random and mixed effects rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stromal.evidence.pool.effects import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Coefficients of k effects on p moderators, at given variances.

    Parameters
    ----------
    coefficients
        (p,).
    covariance
        (p, p), from the variances given.
    weights
        (k,) inverse variances.
    residuals
        (k,) effects less what is fitted.
    hat
        (k,) how much each effect weighs in its own fitted value.
    """

    coefficients: Floats
    covariance: Floats
    weights: Floats
    residuals: Floats
    hat: Floats

    @property
    def q(self) -> float:
        """Weighted sum of squared residuals."""
        return float(np.sum(self.weights * self.residuals**2))


def fit_weighted(values: Floats, variances: Floats, moderators: Floats) -> Fit:
    """Fit effects on moderators by weighted least squares.

    Parameters
    ----------
    values, variances
        (k,) effects and their variances, all positive.
    moderators
        (k, p); a column of ones is the intercept.

    Raises
    ------
    ValueError
        Moderators that follow from each other, or more of them than studies.

    Examples
    --------
    >>> fit = fit_weighted(np.array([1.0, 3.0]), np.array([1.0, 1.0]), np.ones((2, 1)))
    >>> f"{fit.coefficients[0]:.3f}, variance {fit.covariance[0, 0]:.3f}, Q {fit.q:.3f}"
    '2.000, variance 0.500, Q 2.000'
    """
    weights = 1 / variances
    roots = np.sqrt(weights)
    # An orthogonal factor keeps digits that the normal equations would lose where years and doses
    # stand beside ones.
    q, r = np.linalg.qr(moderators * roots[:, None])
    size = np.abs(np.diag(r))
    if moderators.shape[0] < moderators.shape[1] or size.min() <= 1e-10 * max(1.0, size.max()):
        raise ValueError("the moderators follow from each other")
    coefficients = np.linalg.solve(r, q.T @ (values * roots))
    inverse = np.linalg.inv(r)
    return Fit(
        coefficients,
        inverse @ inverse.T,
        weights,
        values - moderators @ coefficients,
        np.sum(q**2, axis=1),
    )
