"""GRIM: whether any whole number of patients prints as a percentage."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor

from stromal.evidence.check.printed import Flag, Printed


def list_counts(value: str, total: int) -> tuple[int, ...]:
    """Every k for which k of `total` in percent rounds to `value` at its digits.

    [brown2017] A tie may be rounded up or down: both count.

    Examples
    --------
    >>> list_counts("65.50", 16), list_counts("84.85", 33), list_counts("58", 163)
    ((), (28,), (94, 95))
    """
    half = Fraction(1, 2 * 10 ** len(value.partition(".")[2]))
    shown = Fraction(value)
    first = max(0, ceil((shown - half) * total / 100))
    last = min(total, floor((shown + half) * total / 100))
    return tuple(range(first, last + 1))


def check_grim(rows: Sequence[Printed]) -> tuple[Flag, ...]:
    """Flag percentages of patients that no whole number of them gives.

    Estimated shares (survival, cumulative incidence) are looked at by `check_survival`.

    Examples
    --------
    >>> check_grim([Printed("E0146", "MaciasSanchez2022", value="65.50", total=16)])[0].message
    '65.50 % is no count of 16: 10 of 16 are 62.50 %, 11 are 68.75 %'
    """
    return tuple(
        Flag("grim", (row.row,), describe_miss(row.value, row.denominator))
        for row in rows
        if row.scale == "proportion" and row.unit == "%" and row.value and row.denominator
        if not list_counts(row.value, row.denominator)
    )


def describe_miss(value: str, total: int) -> str:
    """Say between which counts a percentage lies.

    Examples
    --------
    >>> describe_miss("7", 77)
    '7 % is no count of 77: 5 of 77 are 6.49 %, 6 are 7.79 %'
    """
    below = floor(Fraction(value) * total / 100)
    near = [f"{below} of {total} are {100 * below / total:.2f} %"]
    if below < total:
        near.append(f"{below + 1} are {100 * (below + 1) / total:.2f} %")
    return f"{value} % is no count of {total}: {', '.join(near)}"
