"""Ranks of groups: Mann-Whitney and Kruskal-Wallis tests, and shifts with their intervals."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import chdtrc, ndtr, ndtri
from scipy.stats import rankdata

from stromal.estimates.estimate import Estimate
from stromal.estimates.intervals import FloatArray
from stromal.estimates.number_comparison import (
    ALL_EQUAL,
    FEW_GROUPS,
    Difference,
    NumberComparison,
    Samples,
    split_numbers,
)

TWO_SOURCES = ("mann1947",)
MORE_SOURCES = ("kruskal1952",)
SHIFT_SOURCES = ("hodges1963",)

MOST_EXACT = 60
"""Patients of two groups up to which P is counted; the counts then fit in 64 bits."""

MOST_PAIRS = 4_000_000
"""Pairs of patients whose differences are all written down."""

LEAST_LEVEL = 0.5
"""Level that the interval of all differences must reach to be given; a choice."""

_HALVINGS = 200


def compare_ranks(
    values: pl.Series,
    groups: pl.Series,
    *,
    reference: str | None = None,
    level: float = 0.95,
) -> NumberComparison:
    """Test the hypothesis that numbers of groups have one distribution, by ranks.

    Two groups are compared by the Mann-Whitney test, more by the Kruskal-Wallis test. [mann1947,
    kruskal1952] With two groups of at most 60 patients together, P is counted over all ways in
    which the ranks that were seen, ties included, could have fallen to the groups: those at least
    as far from the middle. Beyond, the normal distribution is taken, with corrections for ties and
    continuity. Kruskal-Wallis takes the chi-squared distribution, corrected for ties.

    The effect is the Hodges-Lehmann shift: the median of all differences between a patient of the
    group and one of the reference. [hodges1963] Its interval ends at two of these differences; with
    ties it is wider than it need be. Groups too small for the level have the interval of all
    differences, at the level that it reaches, where that is above one half.

    Parameters
    ----------
    values
        Numbers in any unit, shape (patients,); null and nan are left out.
    groups
        Group of each patient, shape (patients,).
    reference
        Group that the others are compared with; by default the first.
    level
        Level of the intervals, between 0 and 1.

    Returns
    -------
    NumberComparison
        U of the group that is not the reference, or H with its degrees of freedom; P; the shift of
        each other group against the reference.

    Examples
    --------
    >>> values = pl.Series([1.0, 2.0, 3.0, 4.0, 7.0, 8.0, 9.0, 10.0])
    >>> found = compare_ranks(values, pl.Series(list("aaaabbbb")))
    >>> found.statistic, round(found.p_value, 4), found.differences[0].estimate.value
    (16.0, 0.0286, 6.0)

    Witness: R wilcox.test and kruskal.test, and for ties all ways counted one by one in R,
    tests/reference/numbers.
    """
    samples = split_numbers(values, groups, reference)
    differences = tuple(_shift(samples, place, level) for place in samples.others)
    few = len(samples.groups) <= 2
    together = samples.together
    reason = FEW_GROUPS if len(samples.groups) < 2 else ""
    if not reason and together.min() == together.max():
        reason = ALL_EQUAL
    statistic, degrees, p_value = None, None, None
    method = "Mann-Whitney test" if few else "Kruskal-Wallis test"
    if few:
        exact = together.size <= MOST_EXACT
        method += ", exact" if exact else ", normal approximation with continuity correction"
        if not reason:
            statistic, p_value = _mann_whitney(samples, exact=exact)
    elif not reason:
        statistic, degrees = _kruskal(samples)
        p_value = float(chdtrc(degrees, statistic))
    return NumberComparison(
        statistic,
        degrees,
        None,
        p_value,
        samples.groups,
        samples.n,
        differences,
        method,
        TWO_SOURCES if few else MORE_SOURCES,
        reason,
    )


def _mann_whitney(samples: Samples, *, exact: bool) -> tuple[float, float]:
    """Return U of the group that is not the reference, and P."""
    one, other = samples.values[samples.others[0]], samples.values[samples.reference]
    ranks = rankdata(np.concatenate([one, other]))
    u = float(ranks[: one.size].sum()) - one.size * (one.size + 1) / 2
    away = abs(u - one.size * other.size / 2)
    if not exact:
        error = math.sqrt(one.size * other.size / 12 * _ties(ranks) * (ranks.size + 1))
        return u, min(float(2 * ndtr(-max(away - 0.5, 0.0) / error)), 1.0)
    doubled = np.rint(2 * ranks).astype(np.int64)
    ways = count_sums(doubled, one.size)
    middle = one.size * (ranks.size + 1)
    far = np.abs(np.arange(ways.size) - middle) >= round(2 * away)
    return u, float(int(ways[far].sum()) / int(ways.sum()))


def count_sums(numbers: npt.NDArray[np.int64], chosen: int) -> npt.NDArray[np.int64]:
    """Count the ways to choose some of the numbers, by their sum.

    Parameters
    ----------
    numbers
        Whole numbers, none below 0.
    chosen
        How many are chosen.

    Returns
    -------
    numpy.ndarray
        Ways by sum, from 0 to the sum of all numbers.

    Examples
    --------
    >>> count_sums(np.array([1, 2, 3]), 2).tolist()
    [0, 0, 0, 1, 1, 1, 0]
    """
    ways = np.zeros((chosen + 1, int(numbers.sum()) + 1), np.int64)
    ways[0, 0] = 1
    for number in numbers:
        # Right sides are read before anything is written: each number is chosen at most once.
        ways[1:, number:] = ways[1:, number:] + ways[:-1, : ways.shape[1] - number]
    counted: npt.NDArray[np.int64] = ways[chosen]
    return counted


def _ties(ranks: FloatArray) -> float:
    """Return the share of the variance of ranks that ties leave."""
    _, counts = np.unique(ranks, return_counts=True)
    tied = counts.astype(np.float64)
    n = float(ranks.size)
    return 1 - float((tied**3 - tied).sum()) / (n**3 - n)


def _kruskal(samples: Samples) -> tuple[float, int]:
    """Return H, corrected for ties, and its degrees of freedom."""
    ranks = rankdata(samples.together)
    n = ranks.size
    ends = np.cumsum(samples.n)[:-1]
    sums = sum(
        part.size * (float(part.mean()) - (n + 1) / 2) ** 2 for part in np.split(ranks, ends)
    )
    return 12 * sums / (n * (n + 1)) / _ties(ranks), len(samples.groups) - 1


def _shift(samples: Samples, place: int, level: float) -> Difference:
    """Return the Hodges-Lehmann shift of a group against the reference."""
    one, other = samples.values[place], samples.values[samples.reference]
    pairs = one.size * other.size
    middle = [_difference(one, other, rank) for rank in {(pairs + 1) // 2, pairs // 2 + 1}]
    low, high, reason = None, None, ""
    rank = _end(one.size, other.size, level)
    if min(one[0], other[0]) == max(one[-1], other[-1]):
        reason = ALL_EQUAL
    else:
        if rank < 1:
            rank, level = 1, 1 - 2 / math.comb(one.size + other.size, one.size)
        if level < LEAST_LEVEL:
            reason = "the groups are too small for an interval"
    if not reason:
        low = _difference(one, other, rank)
        high = _difference(one, other, pairs + 1 - rank)
    exact = one.size + other.size <= MOST_EXACT
    interval = "exact rank" if exact else "normal rank"
    estimate = Estimate(
        sum(middle) / len(middle),
        low,
        high,
        level if not reason or reason == ALL_EQUAL else None,
        one.size + other.size,
        method=f"Hodges-Lehmann shift, {interval} interval",
        sources=SHIFT_SOURCES,
        interval=interval,
    )
    return Difference(samples.groups[place], samples.groups[samples.reference], estimate, reason)


def _end(one: int, other: int, level: float) -> int:
    """Return which of the ordered differences ends the interval; 0 where none reaches the level."""
    if one + other > MOST_EXACT:
        error = math.sqrt(one * other * (one + other + 1) / 12)
        return math.floor(one * other / 2 + 0.5 - float(ndtri(0.5 + level / 2)) * error)
    # U is the sum of the ranks of the group less the least that it can be.
    ways = count_sums(np.arange(1, one + other + 1), one)[one * (one + 1) // 2 :]
    tail = np.cumsum(ways) / math.comb(one + other, one)
    return int((tail <= (1 - level) / 2 + 1e-12).sum())


def _difference(one: FloatArray, other: FloatArray, rank: int) -> float:
    """Return the difference one - other of a rank among all pairs, from 1."""
    if one.size * other.size <= MOST_PAIRS:
        every = (one[:, None] - other[None, :]).ravel()
        return float(np.partition(every, rank - 1)[rank - 1])
    # Too many to write down: halve where it lies until the ends are neighbours.
    low, high = float(one[0] - other[-1]), float(one[-1] - other[0])
    for _ in range(_HALVINGS):
        middle = low + (high - low) / 2
        if not low < middle < high:
            break
        below = int((other.size - np.searchsorted(other, one - middle, side="left")).sum())
        low, high = (low, middle) if below >= rank else (middle, high)
    return high
