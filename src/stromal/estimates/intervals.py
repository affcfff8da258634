"""Intervals of the points of a curve, for survival probabilities and cumulative incidences."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

FloatArray = npt.NDArray[np.float64]
CurveInterval = Literal["log-log", "log", "plain"]

CURVE_INTERVAL_SOURCES: dict[CurveInterval, tuple[str, ...]] = {
    "log-log": ("borgan1990",),
    "log": ("borgan1990",),
    "plain": (),
}


def estimate_curve_interval(
    probability: FloatArray,
    error: FloatArray,
    level: float = 0.95,
    interval: CurveInterval = "log-log",
) -> tuple[FloatArray, FloatArray]:
    """Estimate the pointwise interval of the probabilities of a curve.

    The interval is symmetric around log(-log p) (`log-log`, which stays between 0 and 1 by itself),
    around log p (`log`), or around p itself (`plain`); the last two are cut off at 0 and 1.
    [borgan1990]

    Parameters
    ----------
    probability
        Probabilities [1], shape (days,).
    error
        Standard error of log(probability) [1], shape (days,).
    level
        Level of the interval, between 0 and 1.
    interval
        Scale on which the interval is symmetric.

    Returns
    -------
    low, high
        Bounds [1], shape (days,); nan where the probability is 0 or 1, for which there is no
        interval.

    Examples
    --------
    >>> low, high = estimate_curve_interval(np.array([0.8, 1.0]), np.array([0.2, 0.0]))
    >>> [float(bound) for bound in np.round(low, 4)], [float(bound) for bound in np.round(high, 4)]
    ([0.2745, nan], [0.9622, nan])

    Witness: R survival::survfit with each conf.type, tests/reference/kaplan_meier.
    """
    inside = (probability > 0) & (probability < 1)
    p = np.where(inside, probability, 0.5)
    step = ndtri(0.5 + level / 2) * np.where(inside, error, 0.0)
    low, high = _SCALES[interval](p, step)
    # A probability never leaves 0 to 1, and neither does its interval.
    return (
        np.where(inside, np.maximum(low, 0.0), np.nan),
        np.where(inside, np.minimum(high, 1.0), np.nan),
    )


def _loglog(p: FloatArray, step: FloatArray) -> tuple[FloatArray, FloatArray]:
    log = np.log(p)
    scale, step = np.log(-log), step / -log
    # Close below 1 the scale is so wide that the lower bound is 0; beyond 700 exp overflows.
    return np.exp(-np.exp(np.minimum(scale + step, 700.0))), np.exp(-np.exp(scale - step))


def _log(p: FloatArray, step: FloatArray) -> tuple[FloatArray, FloatArray]:
    # The upper bound is cut off at 1, which it reaches long before exp overflows.
    return p * np.exp(-step), p * np.exp(np.minimum(step, 700.0))


def _plain(p: FloatArray, step: FloatArray) -> tuple[FloatArray, FloatArray]:
    return p - p * step, p + p * step


_SCALES = {"log-log": _loglog, "log": _log, "plain": _plain}
