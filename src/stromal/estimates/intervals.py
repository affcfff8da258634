"""Intervals on the log-log scale, for survival probabilities and cumulative incidences."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

FloatArray = npt.NDArray[np.float64]

LOGLOG_SOURCES = ("borgan1990",)


def estimate_loglog_interval(
    probability: FloatArray, error: FloatArray, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Pointwise interval that is symmetric for log(-log p) and so stays between 0 and 1.

    The log-log transformation of a probability. [borgan1990]

    Parameters
    ----------
    probability
        Probabilities [1], shape (days,).
    error
        Standard error of log(probability) [1], shape (days,).
    level
        Level of the interval, between 0 and 1.

    Returns
    -------
    low, high
        Bounds [1], shape (days,); nan where the probability is 0 or 1, for which the scale has no
        interval.

    Examples
    --------
    >>> low, high = estimate_loglog_interval(np.array([0.8, 1.0]), np.array([0.2, 0.0]))
    >>> [float(bound) for bound in np.round(low, 4)], [float(bound) for bound in np.round(high, 4)]
    ([0.2745, nan], [0.9622, nan])

    Witness: R survival::survfit with conf.type = "log-log", tests/reference/kaplan_meier.
    """
    inside = (probability > 0) & (probability < 1)
    log = np.log(np.where(inside, probability, 0.5))
    scale = np.log(-log)
    step = ndtri(0.5 + level / 2) * np.where(inside, error, 0.0) / -log
    # Close below 1 the scale is so wide that the lower bound is 0; beyond 700 exp overflows.
    low = np.where(inside, np.exp(-np.exp(np.minimum(scale + step, 700.0))), np.nan)
    high = np.where(inside, np.exp(-np.exp(scale - step)), np.nan)
    return low, high
