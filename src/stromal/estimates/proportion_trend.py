"""The Cochran-Armitage test: does a share rise or fall over ordered groups."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import ndtr, ndtri

from stromal.estimates.estimate import Estimate
from stromal.estimates.trend import Trend

PROPORTION_TREND_SOURCES = ("cochran1954", "armitage1955")

_METHOD = "Cochran-Armitage test for trend"
_EFFECT = "slope of a proportion by least squares, Wald interval"


def compare_trend_of_proportions(
    groups: Sequence[tuple[int, int]],
    scores: Sequence[float] | None = None,
    level: float = 0.95,
) -> Trend:
    """Test the hypothesis that a share does not rise or fall over groups in an order.

    Cochran-Armitage test, without continuity correction. [cochran1954, armitage1955] The effect is
    the slope of a straight line through the shares, each patient counted alike: the change of the
    share for one unit of the score. Its variance is that of the shares as they are.

    Parameters
    ----------
    groups
        Patients with the event and patients in all, of each group in order. A group without
        patients takes no part.
    scores
        Dose, grade or other number of each group; by default 1, 2, 3 and so on.
    level
        Level of the interval, between 0 and 1.

    Returns
    -------
    Trend
        Deviate, P and slope [1 per unit of the score].

    Raises
    ------
    ValueError
        More events than patients, or fewer than none; not one score for each group.

    Examples
    --------
    >>> found = compare_trend_of_proportions([(2, 20), (5, 20), (9, 20)])
    >>> round(found.statistic, 4), round(found.p_value, 4), round(found.effect.value, 4)
    (2.5028, 0.0123, 0.175)

    Witness: R prop.trend.test, and lm with a sandwich variance, tests/reference/trend.
    """
    for events, n in groups:
        if not 0 <= events <= n:
            raise ValueError(f"{events} events of {n} patients")
    given = range(1, len(groups) + 1) if scores is None else scores
    if len(given) != len(groups):
        raise ValueError(f"{len(given)} scores of {len(groups)} groups")
    counts = [(count, score) for count, score in zip(groups, given, strict=True) if count[1]]
    happened = np.array([events for (events, _), _ in counts], np.float64)
    size = np.array([patients for (_, patients), _ in counts], np.float64)
    x = np.array([score for _, score in counts], np.float64)
    everybody, total = float(size.sum()), float(happened.sum())
    reason = ""
    if x.size < 2 or x.min() == x.max():
        reason = "there are no two groups of different score"
    elif total in (0.0, everybody):
        reason = "nobody had the event" if total == 0 else "everybody had the event"
    value = low = high = statistic = p_value = None
    if x.size > 1 and x.min() < x.max():
        away = x - float(size @ x) / everybody
        width = float(size @ away**2)
        value = float(away @ happened) / width
        share = happened / size
        error = math.sqrt(float((size * share * (1 - share)) @ away**2)) / width
        if error > 0:
            reach = float(ndtri(0.5 + level / 2)) * error
            low, high = value - reach, value + reach
        if not reason:
            common = total / everybody
            statistic = value * math.sqrt(width / (common * (1 - common)))
            p_value = float(2 * ndtr(-abs(statistic)))
    effect = Estimate(
        value,
        low,
        high,
        level,
        int(everybody),
        int(total),
        _EFFECT,
        PROPORTION_TREND_SOURCES,
        "Wald",
    )
    patients = tuple(count for _, count in groups)
    return Trend(statistic, p_value, effect, patients, _METHOD, PROPORTION_TREND_SOURCES, reason)
