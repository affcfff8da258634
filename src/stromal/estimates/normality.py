"""The Shapiro-Wilk test: are the numbers of each group like draws from a normal distribution."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from scipy import stats

from stromal.estimates.intervals import FloatArray
from stromal.estimates.number_comparison import split_numbers

NORMALITY_SOURCES = ("shapiro1965", "royston1995")

LEAST, MOST = 3, 5000
"""Patients of a group between which the test is defined. [royston1995]"""

_METHOD = "Shapiro-Wilk test"


@dataclass(frozen=True, slots=True)
class Normality:
    """The Shapiro-Wilk test of each group.

    `groups`, `n`, `statistics` (W), `p_values` and `reasons` are in the same order; statistic and P
    are None where a group cannot be tested, and its reason says why.
    """

    groups: tuple[str, ...]
    n: tuple[int, ...]
    statistics: tuple[float | None, ...]
    p_values: tuple[float | None, ...]
    reasons: tuple[str, ...]
    method: str = _METHOD
    sources: tuple[str, ...] = NORMALITY_SOURCES

    @property
    def least(self) -> float | None:
        """Smallest P of all groups; None where a group cannot be tested."""
        found = [value for value in self.p_values if value is not None]
        return min(found) if found and len(found) == len(self.p_values) else None


def check_normality(values: pl.Series, groups: pl.Series) -> Normality:
    """Test in each group whether numbers are like draws from a normal distribution.

    Shapiro-Wilk test with Royston's P. [shapiro1965, royston1995] A small P speaks against a normal
    distribution. In small groups a large one says little, in large groups a small one may not
    matter.

    Parameters
    ----------
    values
        Numbers in any unit, shape (patients,); null and nan are left out.
    groups
        Group of each patient, shape (patients,).

    Returns
    -------
    Normality
        W and P of each group, groups in alphabetical order.

    Examples
    --------
    >>> values = pl.Series([1.0, 2.0, 3.0, 4.0, 90.0, 7.0, 7.0])
    >>> found = check_normality(values, pl.Series(list("aaaaabb")))
    >>> round(found.p_values[0], 4), found.reasons[1]
    (0.0003, 'it has fewer than 3 patients')

    Witness: R shapiro.test, tests/reference/numbers.
    """
    samples = split_numbers(values, groups)
    judged = [_judge(sample) for sample in samples.values]
    return Normality(
        samples.groups,
        samples.n,
        tuple(statistic for statistic, _, _ in judged),
        tuple(p_value for _, p_value, _ in judged),
        tuple(reason for _, _, reason in judged),
    )


def _judge(sample: FloatArray) -> tuple[float | None, float | None, str]:
    """Return W, P and why there are none."""
    if sample.size < LEAST:
        return None, None, f"it has fewer than {LEAST} patients"
    if sample.size > MOST:
        return None, None, f"it has more than {MOST} patients"
    if sample[0] == sample[-1]:
        return None, None, "its numbers are all the same"
    # W knows neither unit nor origin; large numbers close together would lose their digits.
    scaled = (sample - sample[sample.size // 2]) / (sample[-1] - sample[0])
    found = stats.shapiro(scaled)
    return float(found.statistic), float(found.pvalue), ""
