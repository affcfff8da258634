"""Trends over ordered groups, as rows of estimates, and the check that groups have an order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from stromal.analyses.kind import Row
from stromal.analyses.rows import make_row
from stromal.errors import Issue
from stromal.estimates.estimate import Estimate
from stromal.estimates.trend import Trend
from stromal.protocol.protocol import Protocol
from stromal.tables.statistics import TEST_P, TREND_Z, Statistic

NO_TREND = "; not estimable: "
_UNORDERED = ("sex", "species")


def list_trend(
    found: Trend,
    statistic: Statistic,
    by: str,
    order: Sequence[str],
    *,
    label: str | None = None,
) -> Iterator[Row]:
    """Yield the effect of a trend from the first group to the last, its deviate and its P.

    Parameters
    ----------
    found
        The trend.
    statistic
        What its effect is.
    by, order
        What makes the groups, and their names in order.
    label
        What the event is called among the labels of the analysis.

    Examples
    --------
    >>> from stromal.estimates.proportion_trend import compare_trend_of_proportions
    >>> from stromal.tables.statistics import SHARE_SLOPE
    >>> found = compare_trend_of_proportions([(2, 20), (5, 20), (9, 20)])
    >>> for row in list_trend(found, SHARE_SLOPE, "arm", ("none", "low", "high")):
    ...     print(row["statistic"], row.get("reference"), row.get("term"), round(row["value"], 3))
    share slope none high 0.175
    trend z None None 2.503
    p None None 0.012
    """
    who = {"by": by, "term": order[-1], "reference": order[0]}
    yield make_row(None, statistic, found.effect, label=label) | who
    method = f"{found.method}{NO_TREND}{found.reason}" if found.reason else found.method
    test = Estimate(
        None,
        n=sum(found.n),
        events=found.effect.events,
        method=method,
        sources=found.sources,
    )
    for own, value in ((TREND_Z, found.statistic), (TEST_P, found.p_value)):
        if value is not None or own is TEST_P:
            yield make_row(None, own, replace(test, value=value), label=label) | {"by": by}


def check_trend(column: str, by: str | None, protocol: Protocol) -> Iterator[Issue]:
    """Check that the groups of a test for trend have an order that the protocol declares.

    Parameters
    ----------
    column
        Key that asks for the trend.
    by, protocol
        What makes the groups, and the protocol.
    """
    grouping = protocol.grouping(by)
    hint = "name arms, a category with `levels`, or a grouping with `combine`, in their order"
    if by is None:
        yield Issue("there are no groups for a trend", column=column, hint=hint)
        return
    of = by if grouping is None or grouping.combine else grouping.of
    covariate = protocol.covariates.get(of)
    unordered = covariate is not None and (covariate.type == "flag" or not covariate.levels)
    if of in _UNORDERED or unordered:
        yield Issue(f"the groups of `{by}` have no order", column=column, hint=hint)
