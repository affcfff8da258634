"""Numbers of groups compared by means or by ranks, as a test of normality says."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import polars as pl

from stromal.estimates.means import Variances, compare_means
from stromal.estimates.normality import NORMALITY_SOURCES, Normality, check_normality
from stromal.estimates.number_comparison import NumberComparison
from stromal.estimates.ranks import compare_ranks

Scale = Literal["gate", "means", "ranks"]

DOUBTFUL = 0.05
"""P of the Shapiro-Wilk test below which a group is not taken to be normal; a habit."""


def compare_numbers(
    values: pl.Series,
    groups: pl.Series,
    *,
    scale: Scale = "gate",
    variances: Variances = "unequal",
    reference: str | None = None,
    level: float = 0.95,
) -> NumberComparison:
    """Compare numbers of two or more groups by means, or by ranks where they are not normal.

    The gate: where the Shapiro-Wilk test speaks against a normal distribution in no group, means
    are compared (t test, analysis of variance); where it does in one, or a group cannot be tested,
    ranks are (Mann-Whitney, Kruskal-Wallis). [shapiro1965] The record says which in words. A gate
    is what many papers do; a test named before the data were seen is better, and `scale` asks for
    it.

    Parameters
    ----------
    values
        Numbers in any unit, shape (patients,); null and nan are left out.
    groups
        Group of each patient, shape (patients,).
    scale
        `gate`, or `means` or `ranks` as it was planned.
    variances, reference, level
        As for `compare_means` and `compare_ranks`.

    Returns
    -------
    NumberComparison
        The test, the differences from the reference, and the `choice` in words.

    Examples
    --------
    >>> values = pl.Series([1.0, 2.0, 3.0, 4.0, 90.0, 7.0, 8.0, 9.0, 11.0])
    >>> found = compare_numbers(values, pl.Series(list("aaaaabbbb")))
    >>> found.method
    'Mann-Whitney test, exact'
    >>> found.choice
    'ranks, because the Shapiro-Wilk test speaks against a normal distribution in a (P = 0.00034)'

    Witness: R shapiro.test, t.test, oneway.test, wilcox.test and kruskal.test,
    tests/reference/numbers.
    """
    by_means, choice = scale == "means", f"{scale}, as asked for"
    if scale == "gate":
        by_means, choice = _judge(check_normality(values, groups))
    if by_means:
        found = compare_means(values, groups, variances=variances, reference=reference, level=level)
    else:
        found = compare_ranks(values, groups, reference=reference, level=level)
    sources = (*found.sources, *(NORMALITY_SOURCES if scale == "gate" else ()))
    return replace(found, choice=choice, sources=sources)


def _judge(gate: Normality) -> tuple[bool, str]:
    """Say whether means are compared, and why."""
    rows = zip(gate.groups, gate.p_values, gate.reasons, strict=True)
    for group, p_value, reason in rows:
        if p_value is None:
            return False, f"ranks, because group {group} cannot be tested for normality: {reason}"
    if gate.least is None:
        return False, "ranks, because nobody has a number"
    if gate.least < DOUBTFUL:
        against = [
            f"{group} (P = {p_value:.2g})"
            for group, p_value in zip(gate.groups, gate.p_values, strict=True)
            if p_value is not None and p_value < DOUBTFUL
        ]
        words = ", ".join(against)
        return False, (
            f"ranks, because the Shapiro-Wilk test speaks against a normal distribution in {words}"
        )
    return True, (
        "means, because the Shapiro-Wilk test speaks against a normal distribution in no group "
        f"(least P = {gate.least:.2g})"
    )
