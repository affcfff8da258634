"""The restricted likelihood of a linear mixed model, a function of variances alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize, minimize_scalar

from stromal.estimates.intervals import FloatArray
from stromal.estimates.times import IntArray

SMALLEST_FACTOR = 1e-5
"""Standard deviation between patients, in residual ones, below which there is none."""

LARGEST_FACTOR = 5e3
"""Standard deviation between patients, in residual ones, beyond which the rest is rounding."""

ROUNDING = 1e-15
"""Share of the squares of values below which what is left of them is rounding."""

LEAST_REST = 1e-10
"""Share of the squares that must be left around the patients' lines."""

STEP = 1e-3
"""Relative step of the differences from which degrees of freedom are taken."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Sums of squares and products of a mixed model, from which its likelihood follows.

    With W = [X y] and Z the columns of which patients have own coefficients, q of them: `products`
    is W'W, `own` (patients, q, q) are Z'Z and `mixed` (patients, q, terms + 1) Z'W of each patient.
    """

    products: FloatArray
    own: FloatArray
    mixed: FloatArray
    n: int

    @property
    def whole(self) -> float:
        """Squares left by the effects if patients have no own coefficients."""
        x, y = self.products[:-1, :-1], self.products[:-1, -1]
        return float(self.products[-1, -1] - y @ np.linalg.solve(x, y))

    @classmethod
    def of(cls, x: FloatArray, y: FloatArray, z: FloatArray, member: IntArray) -> Profile:
        """Return the sums of terms (n, terms), values (n,), own columns (n, q), patients (n,)."""
        w = np.column_stack([x, y])
        patients = int(member.max()) + 1

        def add(columns: FloatArray) -> FloatArray:
            sums = [np.bincount(member, column, patients) for column in columns.T]
            return np.stack(sums, axis=1)

        q, width = z.shape[1], w.shape[1]
        own = add((z[:, :, None] * z[:, None, :]).reshape(-1, q * q)).reshape(-1, q, q)
        mixed = add((z[:, :, None] * w[:, None, :]).reshape(-1, q * width)).reshape(-1, q, width)
        return cls(w.T @ w, own, mixed, y.size)

    @property
    def terms(self) -> int:
        """Effects of the model, the level of all among them."""
        return int(self.products.shape[0]) - 1

    def factor(self, theta: FloatArray) -> FloatArray:
        """Return the triangular factor of the covariance between patients."""
        q = self.own.shape[1]
        lower = np.zeros((q, q))
        lower[np.tril_indices(q)] = theta
        return lower

    def solve(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, float, float]:
        """Return effects, their covariance, squares left, log det V; the residual variance is 1."""
        lower = self.factor(theta)
        inner = np.eye(lower.shape[0]) + lower.T @ self.own @ lower
        turned = lower.T @ self.mixed
        taken = np.einsum("iqa,iqb->ab", turned, np.linalg.solve(inner, turned))
        left = self.products - taken
        inverse = np.linalg.inv(left[:-1, :-1])
        beta: FloatArray = inverse @ left[:-1, -1]
        # Where lines of patients pass through all values, what is left is rounding.
        squares = max(float(left[-1, -1] - left[:-1, -1] @ beta), ROUNDING * self.products[-1, -1])
        return beta, inverse, squares, float(np.linalg.slogdet(inner)[1].sum())

    def deviance(self, theta: FloatArray, variance: float | None = None) -> float:
        """Return -2 log restricted likelihood, by default at the best residual variance."""
        _, inverse, squares, log_det = self.solve(theta)
        degrees = self.n - self.terms
        variance = squares / degrees if variance is None else variance
        fixed = log_det - float(np.linalg.slogdet(inverse)[1])
        return fixed + degrees * math.log(2 * math.pi * variance) + squares / variance


@dataclass(frozen=True, slots=True)
class Fit:
    """The maximum: effects with covariance and degrees of freedom, and variances.

    `between` (q, q) is the covariance of patients' own coefficients, `variance` that of the rest.
    `slopes` (parameters, terms, terms) say how the covariance of the effects changes with the
    variance parameters, `doubt` (parameters, parameters) how well these are known.
    """

    coefficients: FloatArray
    covariance: FloatArray
    slopes: FloatArray
    doubt: FloatArray
    between: FloatArray
    variance: float
    log_likelihood: float
    reason: str = ""
    note: str = ""

    def count_degrees(self, contrast: FloatArray) -> float:
        """Return Satterthwaite's degrees of freedom of a sum of effects: 2 v^2 / var(v).

        Parameters
        ----------
        contrast
            Weight of each effect, shape (terms,).
        """
        variance = float(contrast @ self.covariance @ contrast)
        slopes = np.einsum("a,iab,b->i", contrast, self.slopes, contrast)
        return float(2 * variance**2 / (slopes @ self.doubt @ slopes))


def maximise_restricted(profile: Profile) -> Fit:
    """Return the maximum of the restricted likelihood.

    Parameters
    ----------
    profile
        The model.

    Examples
    --------
    >>> y = np.array([1.0, 2.0, 5.0, 6.0])
    >>> one = np.ones((4, 1))
    >>> found = maximise_restricted(Profile.of(one, y, one, np.array([0, 0, 1, 1])))
    >>> round(found.variance, 4), round(float(found.between[0, 0]), 3)
    (0.5, 7.75)
    """
    q = profile.own.shape[1]
    diagonal = [row == column for row, column in zip(*np.tril_indices(q), strict=True)]
    theta, converged = _search(profile) if q == 1 else _descend(profile, diagonal)
    edge = np.array(
        [on and value < SMALLEST_FACTOR for on, value in zip(diagonal, theta, strict=True)]
    )
    theta = np.where(edge, 0.0, theta)
    beta, inverse, squares, _ = profile.solve(theta)
    variance = squares / (profile.n - profile.terms)
    lower = profile.factor(theta)
    deviance = profile.deviance(theta)
    reason = ""
    if profile.whole <= LEAST_REST * profile.products[-1, -1]:
        reason = "its terms explain all values"
    elif not converged:
        reason = "it did not converge"
    elif np.abs(theta).max() > LARGEST_FACTOR or variance * profile.n <= LEAST_REST * profile.whole:
        reason = "nothing is left to spread around the patients' lines"
    note = "patients do not spread more than their measurements explain" if edge.any() else ""
    free = np.flatnonzero(~edge)
    slopes, doubt = np.zeros((1, *inverse.shape)), np.zeros((1, 1))
    if not reason:
        try:
            slopes, doubt = _doubt_variances(profile, theta, free, variance)
        except np.linalg.LinAlgError:
            reason = "its likelihood is flat"
    between: FloatArray = variance * lower @ lower.T
    covariance: FloatArray = variance * inverse
    return Fit(beta, covariance, slopes, doubt, between, variance, -deviance / 2, reason, note)


def _search(profile: Profile) -> tuple[FloatArray, bool]:
    """Return the best factor where patients have own levels alone, looked for between 0 and 1e4."""

    def ask(share: float) -> float:
        return profile.deviance(np.array([share / (1 - share)]))

    best = minimize_scalar(ask, bounds=(0.0, 0.9999), method="bounded", options={"xatol": 1e-10})
    share = float(best.x)
    # The edge itself is not among the points that are tried.
    share = 0.0 if ask(0.0) <= float(best.fun) else share
    return np.array([share / (1 - share)]), bool(best.success)


def _descend(profile: Profile, diagonal: list[bool]) -> tuple[FloatArray, bool]:
    """Return the best factor of own levels and slopes."""
    start = np.array([1.0 if on else 0.0 for on in diagonal])
    bounds = [(0.0, None) if on else (None, None) for on in diagonal]

    def ask(theta: FloatArray) -> float:
        return profile.deviance(theta)

    best = minimize(ask, start, method="L-BFGS-B", bounds=bounds)
    best = minimize(
        ask,
        np.array(best.x, np.float64),
        method="Nelder-Mead",
        bounds=bounds,
        options={"xatol": 1e-9, "fatol": 1e-11, "maxiter": 2000, "maxfev": 2000},
    )
    return np.asarray(best.x, np.float64), bool(best.success)


def _doubt_variances(
    profile: Profile, theta: FloatArray, free: IntArray, variance: float
) -> tuple[FloatArray, FloatArray]:
    """Return slopes of the covariance of effects in the variance parameters, and their covariance.

    The first are central differences, the second follows from the curvature of the likelihood.
    """
    point = np.append(theta[free], math.log(variance))
    step = STEP * np.maximum(np.abs(point), 0.1)

    def whole(part: FloatArray) -> FloatArray:
        moved = theta.copy()
        moved[free] = part[:-1]
        return moved

    def deviance(part: FloatArray) -> float:
        return profile.deviance(whole(part), math.exp(part[-1]))

    def variances(part: FloatArray) -> FloatArray:
        return profile.solve(whole(part))[1] * math.exp(part[-1])

    size = point.size
    shifts = np.diag(step)
    slopes = np.stack(
        [
            (variances(point + shift) - variances(point - shift)) / (2 * size_)
            for shift, size_ in zip(shifts, step, strict=True)
        ]
    )
    curvature = np.zeros((size, size))
    middle = deviance(point)
    for i in range(size):
        for j in range(i + 1):
            if i == j:
                around = deviance(point + shifts[i]) + deviance(point - shifts[i])
                curvature[i, i] = (around - 2 * middle) / step[i] ** 2
                continue
            same = deviance(point + shifts[i] + shifts[j]) + deviance(point - shifts[i] - shifts[j])
            other = deviance(point + shifts[i] - shifts[j]) + deviance(
                point - shifts[i] + shifts[j]
            )
            curvature[i, j] = curvature[j, i] = (same - other) / (4 * step[i] * step[j])
    doubt = np.asarray(2 * np.linalg.inv(curvature), np.float64)
    return slopes, doubt
