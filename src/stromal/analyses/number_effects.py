"""One effect and one test of numbers between groups, as rows of estimates."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from stromal.analyses.kind import Row
from stromal.analyses.rows import make_row
from stromal.analyses.share_effects import choose_reference
from stromal.estimates.estimate import Estimate
from stromal.estimates.number_comparison import NumberComparison
from stromal.estimates.numbers import Scale, compare_numbers
from stromal.tables.statistics import LOCATION_SHIFT, MEAN_DIFFERENCE, TEST_P, Statistic

NUMBER_EFFECTS = (LOCATION_SHIFT, MEAN_DIFFERENCE)
"""Effects that stand beside numbers of groups; which one it is follows from the test."""

NO_NUMBER = "; not estimable: "


def compare_groups_of_numbers(
    numbers: pl.DataFrame,
    by: str,
    order: tuple[str, ...],
    *,
    scale: Scale = "gate",
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
    by, order
        What makes the groups, and their names in the order of the protocol.
    scale
        `gate` lets a test of normality choose between means and ranks; else what was planned.
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
    >>> rows = list(compare_groups_of_numbers(numbers, "arm", ("a", "b"), scale="ranks"))
    >>> [(row["statistic"], row["value"]) for row in rows][0]
    ('location shift', -7.0)
    >>> rows[1]["method"].partition(";")[0]
    'Mann-Whitney test, exact'
    """
    known = set(numbers["group"])
    base = choose_reference(tuple(name for name in order if name in known), reference)
    if len(known) < 2 or base is None:
        return
    if bounds:
        told = f"comparison of numbers{NO_NUMBER}of {bounds} patients only a limit is known"
        row = make_row(None, TEST_P, Estimate(None, n=numbers.height, method=told))
        yield row | {"by": by}
        return
    found = compare_numbers(
        numbers["value"], numbers["group"], scale=scale, reference=base, level=level
    )
    yield from _list_effects(found, by, order, unit)
    yield _write_test(found) | {"by": by}


def _list_effects(
    found: NumberComparison, by: str, order: tuple[str, ...], unit: str
) -> Iterator[Row]:
    """Rows of the differences in the order of the protocol; one without a number says why."""
    own = {item.group: item for item in found.differences}
    for name in order:
        if name not in own:
            continue
        item = own[name]
        row = make_row(None, _name_effect(item.estimate), item.estimate, unit=unit)
        if item.reason:
            row |= {"method": f"{row['method']}{NO_NUMBER}{item.reason}"}
        yield row | {"by": by, "term": name, "reference": item.reference}


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
