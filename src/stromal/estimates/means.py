"""Means of groups: t tests, analysis of variance, and differences with their intervals."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import polars as pl
from scipy.special import fdtrc, stdtr, stdtrit

from stromal.estimates.estimate import Estimate
from stromal.estimates.intervals import FloatArray
from stromal.estimates.number_comparison import (
    FEW_GROUPS,
    Difference,
    NumberComparison,
    Samples,
    split_numbers,
)

Variances = Literal["unequal", "equal"]

MEAN_SOURCES: dict[tuple[Variances, bool], tuple[str, ...]] = {
    ("unequal", True): ("welch1947",),
    ("unequal", False): ("welch1951",),
    ("equal", True): ("student1908",),
    ("equal", False): ("fisher1925",),
}
"""Sources by variances, and by whether there are only two groups."""

_METHODS: dict[tuple[Variances, bool], str] = {
    ("unequal", True): "Welch's t test",
    ("unequal", False): "Welch's analysis of variance",
    ("equal", True): "Student's t test",
    ("equal", False): "one-way analysis of variance",
}
_NO_SPREAD = "the numbers of each group are all the same"


def compare_means(
    values: pl.Series,
    groups: pl.Series,
    *,
    variances: Variances = "unequal",
    reference: str | None = None,
    level: float = 0.95,
) -> NumberComparison:
    """Test the hypothesis that the means of groups are the same, and estimate how they differ.

    Two groups are compared by Welch's t test, or Student's if variances are taken to be equal; more
    groups by Welch's analysis of variance, or the classical one. [welch1947, welch1951,
    student1908, fisher1925] Variances are not tested first: a choice by such a test spoils the
    level of the next.

    Parameters
    ----------
    values
        Numbers in any unit, shape (patients,); null and nan are left out.
    groups
        Group of each patient, shape (patients,).
    variances
        Whether groups are taken to have the same variance.
    reference
        Group that the others are compared with; by default the first.
    level
        Level of the intervals, between 0 and 1.

    Returns
    -------
    NumberComparison
        t or F with degrees of freedom and P; the mean of each other group less that of the
        reference. Intervals are those of t, with the variance of all groups where it is taken to be
        equal.

    Examples
    --------
    >>> values = pl.Series([4.0, 5.0, 6.0, 9.0, 7.0, 8.0])
    >>> found = compare_means(values, pl.Series(list("aaabbb")))
    >>> round(found.statistic, 4), found.degrees, found.differences[0].estimate.value
    (3.6742, 4.0, 3.0)

    Witness: R t.test and oneway.test, tests/reference/numbers.
    """
    samples = split_numbers(values, groups, reference)
    few = len(samples.groups) <= 2
    differences = tuple(_differ(samples, place, variances, level) for place in samples.others)
    statistic, degrees, rest, p_value = None, None, None, None
    reason = _refuse(samples, variances)
    if not reason and few:
        statistic, degrees = _t(samples, samples.others[0], variances)
        p_value = float(2 * stdtr(degrees, -abs(statistic)))
    elif not reason:
        statistic, degrees, rest = _f(samples) if variances == "equal" else _welch(samples)
        p_value = float(fdtrc(degrees, rest, statistic))
    return NumberComparison(
        statistic,
        degrees,
        rest,
        p_value,
        samples.groups,
        samples.n,
        differences,
        _METHODS[variances, few],
        MEAN_SOURCES[variances, few],
        reason,
    )


def _refuse(samples: Samples, variances: Variances) -> str:
    """Return why means cannot be compared; empty where they can."""
    if len(samples.groups) < 2:
        return FEW_GROUPS
    alone = next((name for name, n in zip(samples.groups, samples.n, strict=True) if n < 2), None)
    if variances == "unequal" and alone is not None:
        return f"group {alone} has one patient, and so no variance"
    if max(samples.n) < 2:
        return "each group has one patient, and so no variance"
    spread = [_variance(sample) for sample in samples.values]
    if max(spread) <= 0:
        return _NO_SPREAD
    if len(spread) > 2 and variances == "unequal" and min(spread) <= 0:
        still = samples.groups[spread.index(min(spread))]
        return f"the numbers of group {still} are all the same"
    return ""


def _variance(sample: FloatArray) -> float:
    """Return the variance of a group; 0 where all numbers are the same, or there is one."""
    # The mean of equal numbers may miss them by a rounding.
    return float(sample.var(ddof=1)) if sample.size > 1 and sample[0] < sample[-1] else 0.0


def _pooled(samples: Samples) -> tuple[float, int]:
    """Return the variance within all groups, and its degrees of freedom."""
    degrees = sum(samples.n) - len(samples.groups)
    squares = sum(_variance(sample) * (sample.size - 1) for sample in samples.values)
    return squares / degrees if degrees else 0.0, degrees


def _spread(samples: Samples, place: int, variances: Variances) -> tuple[float, float]:
    """Return the error of a difference of means from the reference, and its degrees of freedom."""
    both = [samples.values[index] for index in (place, samples.reference)]
    if variances == "equal":
        variance, degrees = _pooled(samples)
        return math.sqrt(variance * sum(1 / sample.size for sample in both)), float(degrees)
    if min(sample.size for sample in both) < 2:
        return 0.0, 0.0
    parts = [_variance(sample) / sample.size for sample in both]
    below = sum(part**2 / (sample.size - 1) for part, sample in zip(parts, both, strict=True))
    return math.sqrt(sum(parts)), sum(parts) ** 2 / below if below > 0 else 0.0


def _mean_difference(samples: Samples, place: int) -> float:
    return float(samples.values[place].mean() - samples.values[samples.reference].mean())


def _t(samples: Samples, place: int, variances: Variances) -> tuple[float, float]:
    error, degrees = _spread(samples, place, variances)
    return _mean_difference(samples, place) / error, degrees


def _f(samples: Samples) -> tuple[float, float, float]:
    """Return Fisher's F and its degrees of freedom."""
    within, rest = _pooled(samples)
    n = np.array(samples.n, np.float64)
    means = np.array([sample.mean() for sample in samples.values])
    degrees = means.size - 1
    between = float(n @ (means - n @ means / n.sum()) ** 2) / degrees
    return between / within, float(degrees), float(rest)


def _welch(samples: Samples) -> tuple[float, float, float]:
    """Return Welch's F and its degrees of freedom."""
    n = np.array(samples.n, np.float64)
    means = np.array([sample.mean() for sample in samples.values])
    weight = n / np.array([_variance(sample) for sample in samples.values])
    whole, k = float(weight.sum()), n.size
    between = float(weight @ (means - weight @ means / whole) ** 2) / (k - 1)
    doubt = float(((1 - weight / whole) ** 2 / (n - 1)).sum())
    scale = 1 + 2 * (k - 2) / (k**2 - 1) * doubt
    return between / scale, k - 1.0, (k**2 - 1) / (3 * doubt)


def _differ(samples: Samples, place: int, variances: Variances, level: float) -> Difference:
    """Return how the mean of a group differs from that of the reference."""
    error, degrees = _spread(samples, place, variances)
    value, low, high, reason = _mean_difference(samples, place), None, None, ""
    if error > 0:
        reach = float(stdtrit(degrees, 0.5 + level / 2)) * error
        low, high = value - reach, value + reach
    else:
        alone = degrees <= 0 and min(samples.n[place], samples.n[samples.reference]) < 2
        reason = "a group has one patient, and so no variance" if alone else _NO_SPREAD
    interval = "pooled t" if variances == "equal" else "Welch t"
    estimate = Estimate(
        value,
        low,
        high,
        level,
        samples.n[place] + samples.n[samples.reference],
        method=f"difference of means, {interval} interval",
        sources=MEAN_SOURCES[variances, True],
        interval=interval,
    )
    return Difference(samples.groups[place], samples.groups[samples.reference], estimate, reason)
