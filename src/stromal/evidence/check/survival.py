"""Survival that cannot be: estimates taken for counts, curves that rise, medians off the curve."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from stromal.evidence.check.grim import describe_miss, list_counts
from stromal.evidence.check.printed import Flag, Printed, gather

DAYS = {"day": 1.0, "week": 7.0, "month": 30.4375, "year": 365.25}


def check_survival(rows: Sequence[Printed]) -> tuple[Flag, ...]:
    """Flag survival that is no count of its patients, rises, or contradicts its median.

    A survival percentage that no whole number gives is an estimate with censoring, or has another
    denominator; either way it is not to be turned into a count.

    Examples
    --------
    >>> early = Printed("E1", "A", scale="survival", day=365, value="71.4")
    >>> later = Printed("E2", "A", scale="survival", day=420, value="78.57")
    >>> check_survival([early, later])[0].message
    'survival rises from 71.4 % on day 365 to 78.57 % on day 420'
    """
    flags = [
        Flag("survival", (row.row,), f"not to be counted: {describe_miss(row.value, total)}")
        for row in rows
        if row.scale == "survival" and row.unit == "%" and row.value
        if (total := row.denominator) and not list_counts(row.value, total)
    ]
    for curve in gather(rows, "study", "arm", "subgroup", "outcome").values():
        shares = [row for row in curve if row.scale == "survival" and row.day is not None]
        shares = [row for row in shares if row.number is not None and row.unit == "%"]
        flags += _rises(sorted(shares, key=lambda row: row.day or 0.0))
        flags += _medians(curve, shares)
    return tuple(flags)


def _rises(shares: Sequence[Printed]) -> list[Flag]:
    flags = []
    for one, two in pairwise(shares):
        before, after = one.number or 0.0, two.number or 0.0
        if one.day != two.day and after - two.slack > before + one.slack:
            message = (
                f"survival rises from {before:.4g} % on day {one.day:g} "
                f"to {after:.4g} % on day {two.day:g}"
            )
            flags.append(Flag("survival", (one.row, two.row), message))
    return flags


def _medians(curve: Sequence[Printed], shares: Sequence[Printed]) -> list[Flag]:
    flags = []
    for row in curve:
        if row.scale != "median" or row.value is None or row.unit not in DAYS:
            continue
        median = float(row.value) * DAYS[row.unit]
        for share in shares:
            alive, day = share.number or 0.0, share.day or 0.0
            if (day > median and alive > 50) or (day < median and alive < 50):
                message = f"median survival day {median:.0f}, {alive:.4g} % alive on day {day:g}"
                flags.append(Flag("survival", (row.row, share.row), message))
    return flags
