"""Newton's method for a concave log-likelihood, with a watch for effects that run to infinity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stromal.estimates.intervals import FloatArray

MOST_ITERATIONS = 60
MOST_HALVINGS = 30
SMALLEST_STEP = 1e-10
LEAST_RUN = 1e-4
SETTLED = 1e-9
"""A step that promises less than this to the log-likelihood changes nothing that can be seen."""
STEADY = 0.5
"""Near a maximum each step of Newton's method is far shorter than the one before. A step that
promises nothing and is still as long as this share of the last goes on for ever: along it the
likelihood only rises."""

Evaluate = Callable[[FloatArray], tuple[float, FloatArray, FloatArray]]
"""Log-likelihood, its gradient (terms,) and its information (terms, terms) at coefficients."""


@dataclass(frozen=True, slots=True)
class Maximum:
    """The maximum of a log-likelihood.

    `coefficients` (terms,), `covariance` (terms, terms); `infinite` (terms,) says which of the
    coefficients have no finite maximum. `reason` says why there is none at all; otherwise empty.
    """

    coefficients: FloatArray
    covariance: FloatArray
    value: float
    infinite: tuple[bool, ...]
    reason: str = ""


def maximise(evaluate: Evaluate, start: FloatArray) -> Maximum:
    """Return the maximum of a concave log-likelihood.

    Newton's steps, halved while the log-likelihood falls. Where the data separate what is compared,
    the likelihood rises for ever in some direction; the terms in it are marked, and the others are
    those of the limit.

    Parameters
    ----------
    evaluate
        Log-likelihood, gradient and information; terms in about standard deviations.
    start
        Coefficients to begin with, shape (terms,).

    Examples
    --------
    >>> def square(beta):
    ...     return -0.5 * float((beta - 3) @ (beta - 3)), 3 - beta, np.eye(1)
    >>> maximise(square, np.zeros(1)).coefficients.tolist()
    [3.0]
    """
    beta: FloatArray = np.array(start, dtype=np.float64)
    value, gradient, information = evaluate(beta)
    nothing = (False,) * beta.size
    before = np.full(beta.size, np.inf)
    for _ in range(MOST_ITERATIONS):
        # Far from the start a curvature is the difference of two large sums, and may be rounding.
        flat = np.diag(information) <= 0
        if flat.any() and beta.any():
            run = tuple(bool(term) for term in flat)
            return Maximum(beta, _invert_finite(information, run), value, run)
        try:
            step = np.linalg.solve(information, gradient)
        except np.linalg.LinAlgError:
            return Maximum(beta, information, value, nothing, "its information is singular")
        promised = float(gradient @ step)
        if not 0 <= promised < np.inf:
            why = "information is singular" if promised < 0 else "likelihood is not finite"
            return Maximum(beta, information, value, nothing, f"its {why}")
        length = np.abs(step)
        infinite = tuple(bool(far) for far in (length > STEADY * before) & (length > LEAST_RUN))
        if promised <= SETTLED and any(infinite):
            return Maximum(beta, _invert_finite(information, infinite), value, infinite)
        before = length
        if length.max(initial=0.0) <= SMALLEST_STEP:
            covariance = np.asarray(np.linalg.inv(information), np.float64)
            return Maximum(beta + step, covariance, value, nothing)
        for halving in range(MOST_HALVINGS):
            # A step so long that sums of weights lose their digits gives no number: it is halved.
            with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
                found = evaluate(beta + step / 2**halving)
            if found[0] >= value - 1e-12 * abs(value):
                break
        beta = beta + step / 2**halving
        value, gradient, information = found
    return Maximum(beta, information, value, nothing, "it did not converge")


def _invert_finite(information: FloatArray, infinite: tuple[bool, ...]) -> FloatArray:
    """Return the covariance of the finite terms; nan where a term runs to infinity."""
    finite = np.flatnonzero(~np.array(infinite))
    covariance = np.full_like(information, np.nan)
    block = np.ix_(finite, finite)
    covariance[block] = np.linalg.inv(information[block])
    return covariance
