"""Tests of the hypothesis that groups have one share of patients with an event in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Literal

import numpy as np
from scipy.special import gammaincc

from stromal.estimates.unconditional import MOST_TABLES, unconditional_p

ProportionTestName = Literal["pearson", "yates", "fisher", "barnard", "boschloo"]

PROPORTION_TEST_SOURCES: dict[ProportionTestName, tuple[str, ...]] = {
    "pearson": ("pearson1900",),
    "yates": ("yates1934",),
    "fisher": ("fisher1935", "freeman1951"),
    "barnard": ("barnard1947",),
    "boschloo": ("boschloo1970",),
}

_METHODS: dict[ProportionTestName, str] = {
    "pearson": "chi-squared test without continuity correction",
    "yates": "chi-squared test with Yates continuity correction",
    "fisher": "Fisher exact test",
    "barnard": "Barnard's exact unconditional test",
    "boschloo": "Boschloo's exact unconditional test",
}
_MOST_TABLES = 200_000


@dataclass(frozen=True, slots=True)
class ProportionTest:
    """A test of the hypothesis that the share of patients with the event is the same in all groups.

    `p_value` is the probability, if the hypothesis holds, of a table at least as unlikely as the
    one observed. `statistic` and `degrees` are None for an exact test, and all three are None where
    there is nothing to test: fewer than two groups with patients, no event, or nothing but events.
    `least_expected` is the smallest count that the hypothesis expects in a cell of the table; where
    it is below 5 the chi-squared distribution may be a poor approximation. `n` and `events` are
    those of the groups, in their order.
    """

    statistic: float | None
    degrees: int | None
    p_value: float | None
    least_expected: float | None
    n: tuple[int, ...]
    events: tuple[int, ...]
    method: str
    sources: tuple[str, ...]


def compare_proportions(
    groups: Sequence[tuple[int, int]], test: ProportionTestName = "pearson"
) -> ProportionTest:
    """Test the hypothesis that the share of patients with the event is the same in all groups.

    Pearson's chi-squared test without continuity correction, Yates's with it (for two groups), or
    Fisher's exact test, which for more than two groups is that of Freeman and Halton.
    [pearson1900, yates1934, fisher1935, freeman1951] The exact test adds up the probabilities of
    all tables with the same margins that are no likelier than the one observed; it is counted in
    whole numbers, and given up beyond 200,000 tables. Barnard's and Boschloo's tests, for two
    groups, do not hold the total of events, and find more in small groups. [barnard1947,
    boschloo1970]

    Parameters
    ----------
    groups
        Patients with the event and patients in all, of each group. A group without patients takes
        no part.
    test
        Which test.

    Returns
    -------
    ProportionTest
        Statistic, degrees of freedom, p; a `p_value` of None with the reason in `method` where the
        test cannot be done.

    Raises
    ------
    ValueError
        More events than patients, or fewer than none.

    Examples
    --------
    >>> for test in ("pearson", "yates", "fisher", "boschloo"):
    ...     print(f"{compare_proportions([(82, 99), (70, 99)], test).p_value:.4f}")
    0.0435
    0.0642
    0.0635
    0.0497

    Witness: R chisq.test, fisher.test, and all tables written out in R,
    tests/reference/equal_proportions.
    """
    for events, n in groups:
        if not 0 <= events <= n:
            raise ValueError(f"{events} events of {n} patients")
    counts = [(events, n) for events, n in groups if n]
    total, everybody = (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0)
    method, expected = _METHODS[test], None
    statistic, degrees, p_value = None, None, None
    if len(counts) > 1:
        expected = min(n for _, n in counts) * min(total, everybody - total) / everybody
    if expected and test == "fisher":
        p_value, method = _exact(counts)
    elif expected and test != "pearson" and len(counts) > 2:
        method = f"{method}, for two groups only"
    elif expected and test in ("barnard", "boschloo"):
        p_value = unconditional_p(counts[0], counts[1], test)
        method += "" if p_value is not None else f", not done: more than {MOST_TABLES:,} tables"
    elif expected:
        statistic = _chi_squared(counts, correct=test == "yates")
        degrees = len(counts) - 1
        p_value = float(gammaincc(degrees / 2, statistic / 2))
    return ProportionTest(
        statistic,
        degrees,
        p_value,
        expected,
        tuple(n for _, n in groups),
        tuple(events for events, _ in groups),
        method,
        PROPORTION_TEST_SOURCES[test],
    )


def _chi_squared(counts: Sequence[tuple[int, int]], *, correct: bool) -> float:
    """Return the sum of (observed - expected)^2 / expected over all cells of the table."""
    events, n = np.array(counts, dtype=np.float64).T
    share = events.sum() / n.sum()
    apart = np.abs(events - n * share)
    # The correction never takes a difference beyond 0. In two groups all four are the same.
    apart -= min(0.5, float(apart.min())) if correct else 0.0
    return float((apart**2 / (n * share) + apart**2 / (n * (1 - share))).sum())


def _exact(counts: Sequence[tuple[int, int]]) -> tuple[float | None, str]:
    """Return the exact p and the name of the test."""
    name = _METHODS["fisher"] if len(counts) == 2 else "Fisher-Freeman-Halton exact test"
    *first, (_, last) = sorted(counts, key=lambda count: count[1])
    if prod(n + 1 for _, n in first) > _MOST_TABLES:
        return None, f"{name}, not done: more than 200,000 tables"
    total = sum(events for events, _ in counts)
    # How many ways lead to each pair of events so far and product of binomial coefficients.
    ways = Counter({(0, 1): 1})
    for _, n in first:
        row = _binomials(n)
        longer: Counter[tuple[int, int]] = Counter()
        for (events, weight), count in ways.items():
            for more, binomial in enumerate(row[: total - events + 1]):
                longer[events + more, weight * binomial] += count
        ways = longer
    row = _binomials(last)
    observed = prod(_binomials(n)[events] for events, n in counts)
    tail = whole = 0
    for (events, weight), count in ways.items():
        if total - events <= last:
            table = weight * row[total - events]
            whole += count * table
            tail += count * table if table <= observed else 0
    return tail / whole, name


def _binomials(n: int) -> list[int]:
    """Return all binomial coefficients of n."""
    row = [1]
    for k in range(n):
        row.append(row[-1] * (n - k) // (k + 1))
    return row
