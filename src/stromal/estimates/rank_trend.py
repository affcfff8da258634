"""The Jonckheere-Terpstra test: do numbers rise or fall over ordered groups."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
from scipy.special import expit, logit, ndtr, ndtri

from stromal.estimates.estimate import Estimate
from stromal.estimates.intervals import FloatArray
from stromal.estimates.number_comparison import ALL_EQUAL, FEW_GROUPS, Samples, split_numbers
from stromal.estimates.trend import Trend

RANK_TREND_SOURCES = ("terpstra1952", "jonckheere1954")

MOST_EXACT = 60
"""Patients up to which P is counted, where no numbers are tied."""

_METHOD = "Jonckheere-Terpstra test"
_INTERVAL = "logit Wald"
_EFFECT = "share of pairs of patients in which the later group has the higher number, ties half"


def compare_trend_of_numbers(values: pl.Series, groups: pl.Series, level: float = 0.95) -> Trend:
    """Test the hypothesis that numbers do not rise or fall over groups in an order.

    Jonckheere-Terpstra test: pairs of patients of two groups in which the later group has the
    higher number, ties half. [terpstra1952, jonckheere1954] Up to 60 patients without ties P is
    counted over all orders; else it is that of the normal distribution with the variance of ties.

    Parameters
    ----------
    values
        Numbers in any unit, shape (patients,); null and nan are left out.
    groups
        Group of each patient, shape (patients,); in the order of an enumeration or of numbers, else
        of the alphabet.
    level
        Level of the interval of the share of pairs, between 0 and 1: Wald's on the logit, with the
        variance of the infinitesimal jackknife. It has none where no pair is in the other order.

    Returns
    -------
    Trend
        Deviate or exact test, P, and the share of such pairs [1] with its interval; the share is
        0.5 without a trend.

    Examples
    --------
    >>> doses = pl.Series([1, 1, 2, 2, 3, 3])
    >>> found = compare_trend_of_numbers(pl.Series([1.0, 3.0, 2.0, 4.0, 6.0, 5.0]), doses)
    >>> round(found.effect.value, 4), round(found.p_value, 4)
    (0.9167, 0.0667)

    Witness: R cor.test of Kendall, which is the same test, and all orders counted one by one in R;
    survival::concordance for the variance of the share, tests/reference/trend.
    """
    samples = split_numbers(values, groups)
    numbers = samples.together
    reason = FEW_GROUPS if len(samples.groups) < 2 else ""
    if not reason and numbers.min() == numbers.max():
        reason = ALL_EQUAL
    counted, pairs = _count_pairs(samples)
    exact = numbers.size <= MOST_EXACT and np.unique(numbers).size == numbers.size
    statistic, p_value = None, None
    if not reason and exact:
        ways = _count_orders(samples.n)
        far = np.abs(2 * np.arange(ways.size) - pairs) >= abs(2 * counted - pairs)
        p_value = float(ways[far].sum() / ways.sum())
    elif not reason:
        statistic = (counted - pairs / 2) / math.sqrt(_variance(samples, numbers))
        p_value = float(2 * ndtr(-abs(statistic)))
    method = f"{_METHOD}, {'exact' if exact else 'normal approximation'}"
    share = counted / pairs if pairs else None
    low, high = _estimate_interval(samples, counted, pairs, level)
    effect = Estimate(
        share,
        low,
        high,
        level,
        numbers.size,
        method=f"{_EFFECT}, {_INTERVAL} interval",
        sources=RANK_TREND_SOURCES,
        interval=_INTERVAL,
    )
    return Trend(statistic, p_value, effect, samples.n, method, RANK_TREND_SOURCES, reason)


def _count_pairs(samples: Samples) -> tuple[float, int]:
    """Return pairs in which the later group has the higher number, and all pairs of two groups."""
    higher, pairs = 0.0, 0
    for place, later in enumerate(samples.values):
        earlier = np.sort(np.concatenate([np.zeros(0), *samples.values[:place]]))
        below = np.searchsorted(earlier, later, side="left").sum()
        to = np.searchsorted(earlier, later, side="right").sum()
        higher += float(below + to) / 2
        pairs += earlier.size * later.size
    return higher, pairs


def _estimate_interval(
    samples: Samples, counted: float, pairs: int, level: float
) -> tuple[float | None, float | None]:
    """Return the interval of the share of pairs; no ends where all pairs are in one order."""
    if not pairs or counted in (0.0, float(pairs)):
        return None, None
    share = counted / pairs
    squares = 0.0
    for place, own in enumerate(samples.values):
        before = np.sort(np.concatenate([np.zeros(0), *samples.values[:place]]))
        after = np.sort(np.concatenate([np.zeros(0), *samples.values[place + 1 :]]))
        below, above = _count_below(before, own), after.size - _count_below(after, own)
        # What one patient adds to the share, in pairs.
        added = below + above - share * (before.size + after.size)
        squares += float(np.sort(added**2).sum())
    error = math.sqrt(squares) / pairs / (share * (1 - share))
    if error == 0:
        return None, None
    reach = float(ndtri(0.5 + level / 2)) * error
    low, high = expit([logit(share) - reach, logit(share) + reach])
    return float(low), float(high)


def _count_below(ordered: FloatArray, numbers: FloatArray) -> FloatArray:
    """Return how many of some ordered numbers are below each number, ties half."""
    below = np.searchsorted(ordered, numbers, side="left")
    half: FloatArray = (below + np.searchsorted(ordered, numbers, side="right")) / 2
    return half


def _count_orders(sizes: tuple[int, ...]) -> FloatArray:
    """Count the orders of patients by the number of pairs in which the later group is higher.

    The counts are the coefficients of the Gaussian multinomial, a product of Gaussian binomials.
    """
    ways = np.ones(1)
    before = 0
    for size in sizes:
        ways = np.convolve(ways, _gaussian(before + size, size))
        before += size
    return ways


def _gaussian(n: int, k: int) -> FloatArray:
    """Return the coefficients of the Gaussian binomial of n over k."""
    rows = [np.ones(1)] + [np.zeros(1)] * k
    for size in range(1, n + 1):
        for chosen in range(min(size, k), 0, -1):
            # Pascal's rule: n over k is n - 1 over k - 1, and q^k times n - 1 over k.
            moved = np.concatenate([np.zeros(chosen), rows[chosen]])
            length = max(moved.size, rows[chosen - 1].size)
            rows[chosen] = np.pad(moved, (0, length - moved.size)) + np.pad(
                rows[chosen - 1], (0, length - rows[chosen - 1].size)
            )
    return rows[k][: k * (n - k) + 1]


def _variance(samples: Samples, numbers: FloatArray) -> float:
    """Return the variance of the pairs if there is no trend, with ties."""
    n = float(numbers.size)
    sizes = np.array(samples.n, np.float64)
    _, counts = np.unique(numbers, return_counts=True)
    ties = counts.astype(np.float64)

    def first(k: float | FloatArray) -> float:
        return float(np.sum(k * (np.asarray(k) - 1) * (2 * np.asarray(k) + 5)))

    def second(k: FloatArray) -> float:
        return float(np.sum(k * (k - 1) * (k - 2)))

    def third(k: FloatArray) -> float:
        return float(np.sum(k * (k - 1)))

    variance = (first(n) - first(sizes) - first(ties)) / 72
    if n > 2:
        variance += second(sizes) * second(ties) / (36 * n * (n - 1) * (n - 2))
    return variance + third(sizes) * third(ties) / (8 * n * (n - 1))
