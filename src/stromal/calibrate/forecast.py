"""How good a forecast was: whether its interval holds what was observed, and two proper scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEVEL = 0.90
"""Level of the intervals that are compared with what was observed."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """A forecast as its middle and central interval, and how it met what was observed.

    `interval_score` and `crps` are in the unit of the number; less is better.
    """

    middle: float
    low: float
    high: float
    holds: bool
    interval_score: float
    crps: float


def judge_forecast(drawn: Floats, observed: float, level: float = LEVEL) -> Forecast:
    """Compare numbers that were drawn with the one that was observed.

    Parameters
    ----------
    drawn
        Numbers that a study of this size might have had, (K,).
    observed
        What it had.
    level
        Of the central interval.

    Returns
    -------
    Forecast
        The interval score is the width, and 2/(1 - level) times how far the number lies outside.
        The continuous ranked probability score is the mean distance to the number, less half of the
        mean distance between two draws. [gneiting2007]

    Examples
    --------
    >>> found = judge_forecast(np.array([0.2, 0.4, 0.6]), 0.4)
    >>> found.holds, round(found.crps, 4), round(found.interval_score, 2)
    (True, 0.0444, 0.36)
    """
    low, middle, high = np.quantile(drawn, [(1 - level) / 2, 0.5, (1 + level) / 2])
    outside = max(low - observed, observed - high, 0.0)
    between = np.abs(drawn[:, None] - drawn[None, :]).mean()
    return Forecast(
        middle=float(middle),
        low=float(low),
        high=float(high),
        holds=bool(low <= observed <= high),
        interval_score=float(high - low + 2 / (1 - level) * outside),
        crps=float(np.abs(drawn - observed).mean() - between / 2),
    )
