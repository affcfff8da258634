"""One effect and one test of a share between groups, as rows of estimates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from stromal.analyses.kind import Row
from stromal.analyses.rows import make_row
from stromal.analyses.trends import list_trend
from stromal.estimates.equal_proportions import ProportionTestName, compare_proportions
from stromal.estimates.estimate import Estimate
from stromal.estimates.proportion_trend import compare_trend_of_proportions
from stromal.estimates.two_proportions import Counts, compare_two_proportions
from stromal.tables.statistics import (
    CHI_SQUARED,
    ODDS_RATIO,
    RISK_DIFFERENCE,
    RISK_RATIO,
    SHARE_SLOPE,
    TEST_P,
    Statistic,
)

ShareEffect = Literal["risk_difference", "risk_ratio", "odds_ratio"]
"""Which effect stands beside shares of groups."""

EFFECTS: dict[ShareEffect, Statistic] = {
    "risk_difference": RISK_DIFFERENCE,
    "risk_ratio": RISK_RATIO,
    "odds_ratio": ODDS_RATIO,
}
_FIELDS: dict[ShareEffect, str] = {
    "risk_difference": "difference",
    "risk_ratio": "risk_ratio",
    "odds_ratio": "odds_ratio",
}


ShareTest = ProportionTestName | Literal["trend"]
"""Test of a share between groups: that all are alike, or that it does not rise or fall."""


def choose_reference(names: tuple[str, ...], asked: str) -> str | None:
    """Return the group that others are compared with: the one asked for, else the last.

    Examples
    --------
    >>> choose_reference(("msc", "control"), "")
    'control'
    """
    if asked:
        return asked if asked in names else None
    return names[-1] if names else None


def compare_shares(
    counts: Mapping[str, Counts],
    by: str,
    *,
    label: str | None = None,
    reference: str = "",
    effect: ShareEffect = "risk_difference",
    test: ShareTest = "pearson",
    level: float = 0.95,
) -> Iterator[Row]:
    """Yield the effect of every group against the reference, and the test of all groups.

    A test for trend has one effect, the change of the share from group to group. Nothing is
    compared where fewer than two groups have patients.

    Parameters
    ----------
    counts
        Patients with the event and patients in all, of each group in order.
    by
        What makes the groups.
    label
        What the event is called among the labels of the analysis.
    reference, effect, test, level
        Group that others are compared with, which effect, which test, level of intervals.

    Examples
    --------
    >>> for row in compare_shares({"msc": (82, 99), "control": (70, 99)}, "arm"):
    ...     print(row["statistic"], row["term"] if "term" in row else "-", round(row["value"], 3))
    risk difference msc 0.121
    chi-squared - 4.078
    p - 0.043
    """
    if sum(n > 0 for _, n in counts.values()) < 2:
        return
    if test == "trend":
        trend = compare_trend_of_proportions(list(counts.values()), level=level)
        yield from list_trend(trend, SHARE_SLOPE, by, tuple(counts), label=label)
        return
    # Without a reference of its own, the last group that has patients.
    there = tuple(name for name, (_, n) in counts.items() if n or reference)
    base = choose_reference(there, reference)
    for term in counts if base in counts else ():
        if term != base:
            found = compare_two_proportions(counts[term], counts[str(base)], level)
            row = make_row(None, EFFECTS[effect], getattr(found, _FIELDS[effect]), label=label)
            yield row | {"by": by, "term": term, "reference": base}
    tested = compare_proportions(list(counts.values()), test)
    for statistic, value in ((CHI_SQUARED, tested.statistic), (TEST_P, tested.p_value)):
        if value is not None:
            found_p = Estimate(
                value,
                n=sum(tested.n),
                events=sum(tested.events),
                method=tested.method,
                sources=tested.sources,
                degrees=tested.degrees,
            )
            yield make_row(None, statistic, found_p, label=label) | {"by": by}
