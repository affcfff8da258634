"""One effect and one test of numbers between groups, as rows of estimates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import polars as pl

from stromal.analyses.kind import Row
from stromal.analyses.rows import make_row
from stromal.analyses.share_effects import choose_reference
from stromal.analyses.trends import list_trend
from stromal.estimates.estimate import Estimate
from stromal.estimates.number_comparison import NumberComparison
from stromal.estimates.numbers import Scale, compare_numbers
from stromal.estimates.rank_trend import compare_trend_of_numbers
from stromal.tables.statistics import (
    LOCATION_SHIFT,
    MEAN_DIFFERENCE,
    ORDERED_PAIRS,
    TEST_P,
    Statistic,
)

NUMBER_EFFECTS = (LOCATION_SHIFT, MEAN_DIFFERENCE)
"""Effects that stand beside numbers of groups; which one it is follows from the test."""

NO_NUMBER = "; not estimable: "


def compare_groups_of_numbers(
    numbers: pl.DataFrame,
    by: str,
    labels: Mapping[str, str],
    *,
    scale: Scale | Literal["trend"] = "gate",
    reference: str = "",
    level: float = 0.95,
    unit: str = "1",
    bounds: int = 0,
) -> Iterator[Row]:
    """Yield how numbers of every group differ from the reference, and the test of all groups.

    Parameters
    ----------
    numbers
        `group` and `value` of the patients who have a number.
    by, labels
        What makes the groups, and their names in the order of the protocol with their labels.
    scale
        `gate` lets a test of normality choose between means and ranks; else what was planned, of
        which `trend` is a test over the groups in their order.
    reference
        Group that others are compared with; empty: the last that has a number.
    level
        Level of the intervals.
    unit
        Of the numbers, and so of the differences.
    bounds
        Patients of whom only a limit is known: with any of them, nothing is compared.

    Examples
    --------
    >>> numbers = pl.DataFrame({"group": list("aaaabbbb"), "value": [1.0, 2, 3, 4, 8, 9, 10, 12]})
    >>> rows = list(compare_groups_of_numbers(numbers, "arm", {"a": "A", "b": "B"}, scale="ranks"))
    >>> [(row["statistic"], row["value"]) for row in rows][0]
    ('location shift', -7.0)
    >>> rows[1]["method"].partition(";")[0]
    'Mann-Whitney test, exact'
    """
    order = tuple(labels)
    known = set(numbers["group"])
    base = choose_reference(tuple(name for name in order if name in known), reference)
    if len(known) < 2 or base is None:
        return
    if bounds:
        told = f"comparison of numbers{NO_NUMBER}of {bounds} patients only a limit is known"
        row = make_row(None, TEST_P, Estimate(None, n=numbers.height, method=told))
        yield row | {"by": by}
        return
    if scale == "trend":
        places = numbers["group"].replace_strict({name: at for at, name in enumerate(order)})
        trend = compare_trend_of_numbers(numbers["value"], places, level)
        yield from list_trend(trend, ORDERED_PAIRS, by, order)
        return
    # A sentence on normality names groups, so that they carry their labels where these differ.
    words = dict(labels) if len(set(labels.values())) == len(labels) else {n: n for n in labels}
    found = compare_numbers(
        numbers["value"],
        numbers["group"].replace(words),
        scale=scale,
        reference=words[base],
        level=level,
    )
    yield from _list_effects(found, by, words, unit)
    yield _write_test(found) | {"by": by}


def _list_effects(
    found: NumberComparison, by: str, words: Mapping[str, str], unit: str
) -> Iterator[Row]:
    """Rows of the differences in the order of the protocol; one without a number says why."""
    own = {item.group: item for item in found.differences}
    names = {label: name for name, label in words.items()}
    for name, label in words.items():
        if label not in own:
            continue
        item = own[label]
        row = make_row(None, _name_effect(item.estimate), item.estimate, unit=unit)
        if item.reason:
            row |= {"method": f"{row['method']}{NO_NUMBER}{item.reason}"}
        yield row | {"by": by, "term": name, "reference": names[item.reference]}


def _name_effect(found: Estimate) -> Statistic:
    return MEAN_DIFFERENCE if "mean" in found.method.lower() else LOCATION_SHIFT


def _write_test(found: NumberComparison) -> Row:
    """The row of the test; its method says why it was taken, or why there is no P."""
    words = "; ".join(filter(None, (found.method, found.choice)))
    if found.p_value is None:
        words += f"{NO_NUMBER}{found.reason}"
    test = Estimate(
        found.p_value,
        n=sum(found.n),
        method=words,
        sources=found.sources,
        degrees=found.degrees,
    )
    return make_row(None, TEST_P, test)
