"""Log hazard ratios from what papers print of two survival curves."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from stromal.evidence.pool.effects import Effects

HAZARD_SOURCES = ("parmar1998", "tierney2007")


def hazards_of_intervals(
    ratio: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike, level: float = 0.95
) -> Effects:
    """Compute log hazard ratios from printed ratios with their intervals.

    The error is read from the width of the interval on the log scale. [parmar1998]

    Parameters
    ----------
    ratio, low, high
        (k,) hazard ratios and the ends of their intervals.
    level
        Of the intervals.

    Raises
    ------
    ValueError
        A ratio that is not positive, an interval that does not hold its ratio.

    Examples
    --------
    >>> found = hazards_of_intervals([0.55], [0.36], [0.84])
    >>> found.values.round(3), np.sqrt(found.variances).round(3)
    (array([-0.598]), array([0.216]))
    """
    value, lower, upper = (np.atleast_1d(np.asarray(one, float)) for one in (ratio, low, high))
    if not np.all((lower > 0) & (lower <= value) & (value <= upper)):
        raise ValueError("an interval does not hold its hazard ratio")
    error = (np.log(upper) - np.log(lower)) / (2 * ndtri(0.5 + level / 2))
    return _effects(np.log(value), error**2)


def hazards_of_counts(observed_less_expected: npt.ArrayLike, variance: npt.ArrayLike) -> Effects:
    """Compute log hazard ratios from observed less expected events and their variance.

    Parameters
    ----------
    observed_less_expected, variance
        (k,) of the group, by the log-rank test. [parmar1998]

    Raises
    ------
    ValueError
        A variance that is not positive.

    Examples
    --------
    >>> hazards_of_counts([-4.2], [8.0]).values.round(3)
    array([-0.525])
    """
    difference = np.atleast_1d(np.asarray(observed_less_expected, float))
    spread = np.atleast_1d(np.asarray(variance, float))
    if not np.all(spread > 0):
        raise ValueError("the variance of observed less expected events is not positive")
    return _effects(difference / spread, 1 / spread)


def hazards_of_tests(
    p: npt.ArrayLike, events: npt.ArrayLike, share: npt.ArrayLike, sign: npt.ArrayLike
) -> Effects:
    """Compute log hazard ratios from the P value of a log-rank test and the number of events.

    Observed less expected events are z times the root of their variance, which is the events times
    the shares of patients in both groups. [parmar1998, tierney2007]

    Parameters
    ----------
    p
        (k,) two-sided P values; a bound such as `< 0.001` is no value.
    events
        (k,) events in both groups together.
    share
        (k,) of the patients who were in the group, between 0 and 1.
    sign
        (k,) -1 where the group had fewer events than expected, 1 where more.

    Raises
    ------
    ValueError
        P values, shares or signs that are none.

    Examples
    --------
    >>> hazards_of_tests([0.04], [40], [0.5], [-1]).values.round(3)
    array([-0.649])
    """
    chance, count, part, way = (
        np.atleast_1d(np.asarray(one, float)) for one in (p, events, share, sign)
    )
    if not np.all((chance > 0) & (chance <= 1) & (part > 0) & (part < 1) & (np.abs(way) == 1)):
        raise ValueError("P is between 0 and 1, a share too, and a sign is -1 or 1")
    if not np.all(count > 0):
        raise ValueError("without events there is no hazard ratio")
    spread = count * part * (1 - part)
    return _effects(way * -ndtri(chance / 2) / np.sqrt(spread), 1 / spread)


def _effects(values: npt.NDArray[np.float64], variances: npt.NDArray[np.float64]) -> Effects:
    return Effects(values, variances, "log hazard ratio", "log", sources=HAZARD_SOURCES)
